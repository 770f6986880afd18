"""``blindsr sample``."""


def test_the_sample_shows_the_whole_program(work, blindsr):
    options = ("--device", "cpu", "--preset", "instant")
    code, out, _ = blindsr("sample", "-o", "sample", *options)
    assert code == 0
    assert out[0].startswith("bicubic  PSNR-Y ")
    assert out[1].startswith("blindsr  PSNR-Y ")
    assert "sample/comparison.png" in out[2]
    assert {path.name for path in (work / "sample").iterdir()} == {
        "original.png",
        "small.png",
        "bicubic.png",
        "blindsr.png",
        "comparison.png",
        "kernel_true.png",
        "kernel_estimated.png",
    }
    assert blindsr("sample", "-o", "sample", *options)[0] == 2  # nothing is overwritten unasked
