"""Regular scenes: what they are, and that a data set can be made of them."""

import csv

import torch

from benchmarks.cli import main
from benchmarks.data.patterns import patterns

NAMES = ["brick", "clock", "cell", "windows", "stars", "page", "retina", "text"]


def test_every_scene_is_an_image_and_comes_again():
    assert [source.name for source in patterns()] == NAMES
    for source in patterns():
        image = source.read()
        assert image.shape[0] in (1, 3)
        assert 0 <= float(image.min()) < float(image.max()) <= 1
        assert torch.equal(image, source.read())


def test_windows_are_regular_and_stars_are_not():
    found = {source.name: source.read() for source in patterns()}
    for name, regular in (("windows", True), ("stars", False)):
        line = found[name].mean(dim=(0, 1))
        line = line - line.mean()
        again = float((line[17:] * line[:-17]).mean() / line.square().mean())  # windows lie 17 pixels apart
        assert (again > 0.9) == regular


def test_a_data_set_of_patterns(tmp_path):
    out = tmp_path / "patterns"
    arguments = ["--patterns", "--limit", "2", "--scale", "2", "--protocol", "wide", "--out", str(out)]
    assert main(["make-dataset", *arguments]) == 0
    rows = list(csv.DictReader((out / "manifest.csv").read_text().splitlines()))
    assert [row["source"] for row in rows] == NAMES[:2]
    assert {float(row["variance_1"]) for row in rows} == {1.5}
