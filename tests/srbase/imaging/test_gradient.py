import torch

from srbase.imaging.gradient import gradient_magnitude

FLOAT32 = 1e-6  # one subtraction of values in 0..1


def test_a_ramp_has_its_slope_everywhere():
    y, x = torch.meshgrid(torch.arange(31.0), torch.arange(37.0), indexing="ij")
    magnitude = gradient_magnitude(((3 * x + 4 * y) / 300).expand(3, -1, -1))
    torch.testing.assert_close(magnitude, torch.full((31, 37), 5 / 300), atol=FLOAT32, rtol=0)


def test_clipping_may_leave_nothing_of_a_single_point():
    point = torch.zeros(1, 37, 31)
    point[0, 18, 15] = 1.0
    assert float(gradient_magnitude(point).max()) == 0.5
    clipped = gradient_magnitude(point, 97.0)  # four pixels of 1147 are over the percentile, which is 0
    assert float(clipped.max()) == 0.0


def test_clipping_holds_down_the_largest(image):
    free, clipped = gradient_magnitude(image), gradient_magnitude(image, 90.0)
    limit = float(clipped.max())
    assert limit < float(free.max())
    torch.testing.assert_close(clipped, free.clamp(max=limit))
    assert abs(float((free > limit).float().mean()) - 0.1) < 0.002  # a pixel of 1147 is 0.0009
