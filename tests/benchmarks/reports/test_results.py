"""Which rows may stand in one table."""

import pytest

from benchmarks.reports.results import chosen
from benchmarks.rows import Row
from srbase.errors import InputError
from tests.benchmarks.reports.made_rows import NETWORK, OTHER, results, rows


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (f"quick:rcan:{NETWORK}:-", r"mixes settings in kodak: paper:rcan:.*, quick:rcan:"),
        (f"paper:vdsr:{NETWORK}:-", r"mixes protocols in kodak: paper:rcan:.*, paper:vdsr:"),
        (f"paper:rcan:{OTHER}:-", rf"mixes ZSSR settings in kodak: .*{NETWORK}.*{OTHER}"),
        ("nonsense", "has settings 'nonsense'; wanted SETTINGS:PROTOCOL:NETWORK:KERNEL"),
    ],
)
def test_mixed_tables_are_refused(tmp_path, other, message):
    odd = Row(dataset="kodak", image="im_9", scale=2, method="other", run=1, seed=0, settings_hash=other)
    path = results(tmp_path / "r.csv", [*rows(), odd])
    with pytest.raises(InputError, match=message):
        chosen(path)


def test_one_method_with_two_settings_is_refused(tmp_path):
    first = next(row for row in rows() if row.method == "kernelgan+zssr")
    odd = Row(**{**vars(first), "image": "im_9", "settings_hash": f"paper:rcan:{NETWORK}:paper-00000000"})
    with pytest.raises(InputError, match=r"mixes settings of kernelgan\+zssr"):
        chosen(results(tmp_path / "r.csv", [*rows(), odd]))


def test_each_data_set_has_its_table(tmp_path):
    path = results(tmp_path / "r.csv", [*rows(), *rows("quick", dataset="sample")])
    assert [one.dataset for one in chosen(path)] == ["kodak", "sample"]
    with pytest.raises(InputError, match="holds no rows of data set 'x'; it has kodak, sample"):
        chosen(path, "x")
