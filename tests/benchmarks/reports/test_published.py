"""Published numbers have sources."""

from benchmarks.reports import published


def test_every_published_number_has_a_source():
    for entry in (*published.TABLE_1, *published.ABLATION, *published.BICUBIC, *published.ZSSR):
        assert entry.source
        assert 20 < entry.psnr < 40
    unread = {entry.words for entry in published.TABLE_1 if not entry.reread}
    assert "bicubic interpolation" in unread
    assert "KernelGAN + ZSSR" not in unread
