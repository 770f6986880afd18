"""The results file as a page: its files, and what one does with them in a browser."""

import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from benchmarks.cli import main
from benchmarks.kernel_store import KernelStore
from benchmarks.page.groups import GROUPS, group_of, meaning_of
from benchmarks.page.marks import marks_of
from benchmarks.reports import table1
from benchmarks.reports.results import chosen
from benchmarks.run import kernels_folder
from blindsr.io.photo import Photo, write_photo
from tests.benchmarks.bench_fakes import photograph, small_set
from tests.benchmarks.reports.made_rows import fingerprint_of, lay, results, with_ours
from tests.browser import DESKTOP, PHONE, complaints

pytestmark = pytest.mark.slow

METHODS = ("blindsr", "kernelgan+zssr")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Three images of a small set, two methods kept, a true and an estimated kernel; one row failed."""
    root = tmp_path_factory.mktemp("page")
    data = small_set(root / "set", 3)
    rows = list(with_ours(dataset="set", images=3, runs=1, scales=(2, 4)))
    rows = [row for row in rows if row.method != "EDSR+"]
    rows.append(replace(rows[0], method="EDSR+").failed("out of <memory>"))
    path = results(root / "r.csv", rows)
    for number, method in enumerate(METHODS):
        folder = root / "kept" / "set_x2" / method / "run_1"
        folder.mkdir(parents=True)
        for n in (1, 2, 3):
            write_photo(folder / f"im_{n}.png", Photo(photograph(n).flip(number)))
    lay(KernelStore(kernels_folder(path), "set", 2), fingerprint_of("paper"))
    lay(KernelStore(kernels_folder(path), "set", 2), fingerprint_of("paper"))
    command = ["page", "--results", str(path), "--out", str(root / "out"), "--common"]
    assert main([*command, "--data", str(data), "--kept", str(root / "kept")]) == 0
    return root / "out" / "results.html"


def test_the_page_has_what_the_tables_have(made):
    text = made.read_text()
    (found,) = chosen(made.parents[1] / "r.csv", common=True)
    frame = table1.table(found)[1]
    for row in frame.to_dict("records"):
        if row["n"]:
            assert f"<td>{row['psnr_y_mean']:.2f}</td>" in text
    assert text.count('class="dot"') == 2 * 3 * (len(found.methods) - 1 - 1)  # neither bicubic nor failed
    assert "out of &lt;memory&gt;" in text


def test_pictures_lie_beside_the_page_and_are_what_was_kept(made):
    sources = set(re.findall(r'src="(results-files/[^"]+)"', made.read_text()))
    files = {path.relative_to(made.parent).as_posix() for path in made.parent.rglob("*.*") if path != made}
    assert sources == files
    crop = np.asarray(Image.open(made.parent / "results-files/set_x2/im_2/blindsr.webp"))
    gt = (photograph(2).flip(0).permute(1, 2, 0) * 255).round().numpy()
    assert crop.shape == (134, 134, 3)
    assert any(np.array_equal(crop, gt[top : top + 134]) for top in range(len(gt) - 133))
    assert (made.parent / "results-files/set_x2/im_1/kernel-kernelgan_zssr.png").exists() or (
        made.parent / "results-files/set_x2/im_1/kernel-kernelgan+zssr.png"
    ).exists()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_point_opens_the_crops_and_kernels_of_its_image(visit, made, size):
    with visit(made, size, dark=True) as opened:
        page = opened.page
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        assert page.evaluate("performance.getEntriesByType('resource').length") == 0  # loaded when looked at
        page.locator('.dot[data-method="blindsr"][data-open="set-x2-im_2"]').click()
        assert page.locator("#detail h2").inner_text() == "im_2 set x2"
        page.wait_for_function("[...document.querySelectorAll('#detail img')].every(i => i.naturalWidth > 0)")
        assert len(asked) >= 4
        assert all("/set_x2/im_2/" in url for url in asked)
        assert page.locator("#detail .stage").is_visible()
        assert page.locator("#detail [data-right]").input_value() == "blindsr"
        page.get_by_role("button", name="previous").click()
        assert page.locator("#detail h2").inner_text() == "im_1 set x2"
        assert page.locator("#detail .kernels figure").count() == 1
        page.keyboard.press("Escape")
        assert not page.locator("#detail").is_visible()
        wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window


def test_keys_go_from_image_to_image(visit, made):
    with visit(made) as opened:
        page = opened.page
        page.locator(".column").first.focus()
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.dataset.open") == "set-x2-im_2"
        page.keyboard.press("Enter")
        assert page.locator("#detail h2").inner_text() == "im_2 set x2"


def test_tables_are_sorted_by_numbers(visit, made):
    with visit(made) as opened:
        page = opened.page
        table = page.get_by_role("region", name="Table 1 of set x2")
        column = table.locator("thead th").all_inner_texts().index("over bicubic")

        def values():
            texts = table.locator(f"tbody td:nth-child({column + 1})").all_inner_texts()
            return [float(text) for text in texts if text != "-"]

        wanted = sorted(values())
        assert len(wanted) > 3
        for order in (wanted[::-1], wanted):
            table.get_by_role("button", name="over bicubic", exact=True).click()
            opened.eventually(values, order)


def test_filters_leave_out_methods_scales_and_sets_everywhere(visit, made):
    with visit(made) as opened:
        page = opened.page
        page.get_by_role("checkbox", name="x4").uncheck()
        assert page.locator('section[data-scale="4"]').is_visible() is False
        assert page.locator('tr[data-scale="4"]:visible').count() == 0
        for summary in page.locator("section summary", has_text="On how many").all()[:1]:
            summary.click()
        assert page.locator('.dot[data-method="gt+zssr"]:visible').count() == 3
        page.get_by_role("checkbox", name="gt+zssr").uncheck()
        assert page.locator('.dot[data-method="gt+zssr"]:visible').count() == 0
        assert page.locator('tr[data-baseline="gt+zssr"]:visible').count() == 0
        assert page.locator('tr[data-method="blindsr"]:visible').count() > 0
        page.get_by_role("button", name="none").click()
        assert page.locator("tbody tr[data-method]:visible").count() == 0
        page.get_by_role("button", name="all methods", exact=True).click()
        assert page.locator('.dot[data-method="gt+zssr"]:visible').count() == 3


def test_our_rows_are_marked_and_methods_are_grouped_and_explained(visit, made):
    with visit(made) as opened:
        page = opened.page
        rows = page.get_by_role("region", name="Table 1 of set x2").locator("tbody tr")
        groups = [row.get_attribute("class") for row in rows.all()]
        assert groups == sorted(groups, key=GROUPS.index)
        names = [row.locator(".name").inner_text() for row in rows.all()]
        assert {"blindsr", "blindsr-instant"} <= {
            name for name, kind in zip(names, groups, strict=True) if kind == "ours"
        }
        ours, other = (rows.nth(names.index(name)).locator("td").first for name in ("blindsr", "bicubic"))
        seen = [cell.evaluate("cell => getComputedStyle(cell).backgroundColor") for cell in (ours, other)]
        assert seen[0] != seen[1]
        oracle = rows.nth(names.index("gt+zssr")).locator("small").inner_text()
        assert oracle == "the true kernel; the papers' network, trained on the one image"
        for group in GROUPS:
            assert page.get_by_role("group", name=group, exact=True).is_visible()


def test_the_plot_is_above_the_tables_and_nothing_is_cut_or_broken(visit, made):
    with visit(made) as opened:
        page = opened.page
        section = page.locator("section[data-scale='2']")
        section.locator("summary").first.click()
        section.locator("summary").last.click()
        plot, table = section.locator(".dots").bounding_box(), section.locator("table").first.bounding_box()
        assert plot["y"] + plot["height"] <= table["y"]
        for box in section.locator(".scroll").all():
            wide, room = box.evaluate("box => [box.scrollWidth, box.clientWidth]")
            assert wide <= room
        heights = {round(name.bounding_box()["height"]) for name in section.locator(".method .name").all()}
        assert len(heights) == 1  # each on one line


@pytest.mark.parametrize(
    ("name", "group", "words"),
    [
        ("bicubic", "bicubic", "bicubic interpolation"),
        ("blindsr", "ours", "this program"),
        ("blindsr-instant", "ours", "no training"),
        ("kernelgan+default", "ours", "KernelGAN's kernel; this program's network"),
        ("kernelgan+zssr", "rivals", "KernelGAN's kernel; the papers' network"),
        ("michaeli-irani+zssr", "rivals", "Michaeli"),
        ("kernelgan-no-centre+zssr", "rivals", "without the constraint 'centre'"),
        ("mine+zssr", "rivals", "the kernel by mine; the papers' network"),
        ("mine", "rivals", ""),
        ("gt+zssr", "oracle", "the true kernel; the papers' network"),
        ("gt+instant", "oracle", "the true kernel; this program's inverse"),
        ("blindsr-gt", "oracle", "the true kernel"),
    ],
)
def test_every_name_has_a_kind_and_a_meaning(name, group, words):
    assert group_of(name) == group
    assert words in meaning_of(name)


@pytest.mark.parametrize("dark", [False, True])
def test_screen_readers_find_nothing_to_complain_of(visit, made, dark):
    with visit(made, dark=dark) as opened:
        opened.page.locator("details").first.locator("summary").click()
        for part in ("the page", "the dialog"):
            if part == "the dialog":
                opened.page.locator('.dot[data-method="blindsr"]').first.click()
            assert complaints(opened.page) == []


def test_one_image_without_pictures_is_enough(tmp_path, visit):
    rows = [row for row in with_ours(images=1, runs=1, scales=(2,)) if row.method in ("bicubic", "blindsr")]
    path = results(tmp_path / "r.csv", rows)
    assert main(["page", "--results", str(path), "--out", str(tmp_path / "out")]) == 0
    with visit(tmp_path / "out" / "results.html") as opened:
        opened.page.locator(".dot").click()
        assert opened.page.locator("#detail table tbody tr").count() == 2


def test_two_hundred_images_stay_quick(tmp_path, visit):
    kept = ("bicubic", "zssr-bicubic", "kernelgan+zssr", "gt+zssr", "blindsr")
    rows = [row for row in with_ours(images=200, runs=1, scales=(2,)) if row.method in kept]
    path = tmp_path / "r.csv"
    from benchmarks.ledger import HEADER, _line

    path.write_text(HEADER + "".join(map(_line, rows)))
    assert main(["page", "--results", str(path), "--out", str(tmp_path / "out")]) == 0
    page = tmp_path / "out" / "results.html"
    assert page.stat().st_size < 3_000_000
    with visit(page) as opened:
        assert opened.page.locator(".dot").count() == 200 * (len(kept) - 1)
        boxes = [opened.page.locator(".column").nth(n).bounding_box() for n in (0, 1)]
        assert boxes[1]["x"] - boxes[0]["x"] >= 8  # a pointer can tell columns apart
        assert opened.page.locator(".dots").first.evaluate("box => box.scrollWidth > box.clientWidth")


def test_methods_miss_images_only_where_that_is_allowed(tmp_path, capsys):
    rows = [
        r
        for r in with_ours(images=3, runs=1, scales=(2,))
        if not (r.method == "blindsr" and r.image == "im_2")
    ]
    path = results(tmp_path / "r.csv", rows)
    command = ["page", "--results", str(path), "--out", str(tmp_path / "out")]
    assert main(command) == 1
    assert "blindsr has no row of im_2" in capsys.readouterr().err
    assert not (tmp_path / "out" / "results.html").exists()
    assert main([*command, "--common"]) == 0


def test_no_two_methods_look_alike():
    marks = marks_of([f"method {n}" for n in range(64)])
    assert len({(mark.colour, mark.marker) for mark in marks.values()}) == 64
