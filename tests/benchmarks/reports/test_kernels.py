"""The gallery of kernels."""

from contextlib import contextmanager

from matplotlib.figure import Figure

from benchmarks.kernel_store import KernelStore
from benchmarks.reports import kernels
from benchmarks.reports.results import chosen
from benchmarks.rows import Row
from srbase.kernels.kernel import SRKernel
from tests.benchmarks.reports.made_rows import OTHER, fingerprint_of, kernel_of, lay, results, with_ours


def test_the_gallery_shows_each_estimate_once(tmp_path, monkeypatch):
    made = list(with_ours(runs=1))
    label = f"paper:rcan:own-{OTHER}:{kernel_of('kernelgan+zssr')}"
    again = [
        Row(**{**vars(row), "method": "kernelgan+default", "settings_hash": label})
        for row in made
        if row.method == "kernelgan+zssr"
    ]
    found = chosen(results(tmp_path / "r.csv", [*made, *again]))[0]
    store = KernelStore(found.kernels, "kodak", 2)
    store.keep_true("im_1", SRKernel.bicubic(2))
    for finder in (fingerprint_of("paper"), "11111111", "22222222"):
        lay(store, finder)
    figures = []

    @contextmanager
    def kept(path, inches):
        figures.append(Figure())
        yield figures[-1]

    monkeypatch.setattr(kernels, "drawn", kept)
    (path,) = kernels.write_gallery(found, tmp_path / "kernels")
    assert path.name == "kernels-x2.png"
    lines = [axes.get_ylabel() for axes in figures[0].axes if axes.get_ylabel()]
    # of kernelgan+zssr, kernelgan-paper+zssr and kernelgan+default, which share it, the last
    assert lines == ["true", "kernelgan", "blindsr-instant", "blindsr"]
