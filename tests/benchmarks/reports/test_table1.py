"""Table 1."""

from benchmarks.reports import table1
from benchmarks.reports.results import chosen


def test_table_1_stands_beside_published_values(whole, tmp_path):
    text = table1.write(chosen(whole)[0], tmp_path)[1].read_text()
    ours = next(line for line in text.splitlines() if line.startswith("| **kernelgan+zssr**"))
    assert "32.05 ± 0.07" in ours
    assert "30.36 | 0.8669 | +1.63" in ours
    assert "_DualSR (zero-shot)_" in text
    assert "not re-read at the source" in text
    assert text.index("| bicubic |") < text.index("| EDSR+ |") < text.index("| **kernelgan+zssr**")
    assert "no-sparse" not in text
