"""Options that several commands have."""

import torch


def test_threads_are_set_and_none_is_refused(work, blindsr):
    before = torch.get_num_threads()
    try:
        options = ("-o", "k.npy", "--device", "cpu", "--estimator", "spectral")
        assert blindsr("kernel", "lr.png", *options, "--threads", before + 1)[0] == 0
        assert torch.get_num_threads() == before + 1
        assert blindsr("kernel", "lr.png", *options, "--threads", 0)[0] == 2
    finally:
        torch.set_num_threads(before)


def test_a_kind_of_picture_has_no_effect_beside_a_kernel(blindsr):
    code, _, err = blindsr("upscale", "lr.png", "-k", "k.mat", "--kind", "drawing")
    assert code == 2
    assert "--kind has no effect with --kernel" in err[-1]
