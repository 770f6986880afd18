"""Options that several commands have."""

import torch


def test_threads_are_set_and_none_is_refused(work, blindsr):
    before = torch.get_num_threads()
    try:
        options = ("-o", "k.npy", "--device", "cpu", "--preset", "instant")
        assert blindsr("kernel", "lr.png", *options, "--threads", before + 1)[0] == 0
        assert torch.get_num_threads() == before + 1
        assert blindsr("kernel", "lr.png", *options, "--threads", 0)[0] == 2
    finally:
        torch.set_num_threads(before)
