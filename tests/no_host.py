"""Watches that the host has no part in a step."""

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class NoHost(TorchDispatchMode):
    """Fails where the host reads a tensor or sends one: neither can be captured on a GPU."""

    HOST = (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.lift_fresh.default)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        assert func not in self.HOST, f"the host has part in it: {func}"
        return func(*args, **(kwargs or {}))
