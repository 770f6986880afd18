"""PyTorch's own state, whatever the program that calls has set.

Hosts (ComfyUI, chaiNNer, notebooks) call inside ``inference_mode`` or ``no_grad``, under ``autocast``, with
another default data type or another default device. Training needs gradients, and results must not depend on
the host.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import torch

AUTOCAST_DEVICES: Final = ("cpu", "cuda", "mps")


@contextmanager
def initial_torch_state() -> Iterator[None]:
    """The block runs as after ``import torch``: gradients, no autocast, float32, tensors on the CPU.

    The host's state is back on any exit. Threads that the block starts have this state too: of all this, only
    the default data type is shared among threads. Also a decorator. A tensor that was made in
    ``inference_mode`` stays what it is: :func:`usable` gives one for training.

    >>> with torch.inference_mode(), initial_torch_state():
    ...     torch.ones(1, requires_grad=True).is_inference()
    False
    """
    dtype = torch.get_default_dtype()
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        for kind in AUTOCAST_DEVICES:
            if torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False))
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        stack.callback(torch.set_default_dtype, dtype)
        torch.set_default_dtype(torch.float32)
        yield


def usable(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor, copied where it was made in ``inference_mode`` and gradients could not pass through it."""
    return tensor.clone() if tensor.is_inference() else tensor
