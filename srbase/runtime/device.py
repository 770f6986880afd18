"""Which device the work runs on. The only file that knows accelerators by name."""

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

import torch

from srbase.errors import InputError
from srbase.progress import Notice

Result = TypeVar("Result")

WARM_UP: Final = 3
"""Steps before a capture, in which libraries choose their kernels and take their work space."""
WORTH: Final = 20
"""Steps from which on a capture, which costs a few itself, gains."""


def resolve_device(name: str = "auto") -> torch.device:
    """``auto`` (cuda, then mps, then cpu), ``cpu``, ``cuda``, ``cuda:N`` or ``mps`` as a device.

    Raises InputError for an unknown name or a device that is not there; never falls back silently.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError(f"device '{name}' is unknown; wanted auto, cpu, cuda, cuda:N or mps") from error
    if device.type not in {"cpu", "cuda", "mps"}:
        raise InputError(f"device '{name}' is unknown; wanted auto, cpu, cuda, cuda:N or mps")
    count = torch.cuda.device_count()
    if device.type == "cuda" and (device.index or 0) >= count:
        raise InputError(f"device '{name}' is not there; this machine has {count} CUDA device(s)")
    if device.type == "mps" and not _has_mps():
        raise InputError("device 'mps' is not there; it needs a Mac with Apple silicon")
    return device


def synchronise(device: torch.device) -> None:
    """Wait until the device has done what it was given, so that a clock tells the truth."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


@contextmanager
def timed(stage: str, seconds: dict[str, float], device: torch.device) -> Iterator[None]:
    """Note the wall time of the block, the device's work and all, under the stage's name."""
    synchronise(device)
    started = time.perf_counter()
    yield
    synchronise(device)
    seconds[stage] = time.perf_counter() - started


def can_replay(device: torch.device) -> bool:
    """Whether work can be captured there once and replayed."""
    return device.type == "cuda"


def replayed(
    step: Callable[[], Result], state: Sequence[torch.Tensor], device: torch.device, *, steps: int
) -> Callable[[], Result]:
    """A step that does the same with less of the host: on CUDA captured once as a graph, elsewhere (and where
    it is made fewer than WORTH times) itself.

    step: a program of tensors of fixed shapes that updates ``state`` in place, reads nothing back and keeps
    no other memory from call to call; what it returns lies in the same tensors each time. It is warmed up and
    captured on one stream, or autograd would wait for another in the middle of it. The state is as it
    was when this returns. Where the capture fails, that is said and the step itself is returned.
    Source: the rules of CUDA graphs in PyTorch's notes (warm up on another stream, static memory).
    """
    if not can_replay(device) or steps < WORTH:
        return step
    before = [tensor.clone() for tensor in state]
    graph: torch.cuda.CUDAGraph | None = torch.cuda.CUDAGraph()
    try:
        stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                step()
        torch.cuda.current_stream(device).wait_stream(stream)
        with torch.cuda.graph(graph, stream=stream):  # type: ignore[arg-type]
            result = step()
    except RuntimeError as error:
        torch.cuda.synchronize(device)
        graph = None
        reason = str(error).partition("\n")[0]
        warnings.warn(Notice(f"steps are not captured on {device}, which is slower: {reason}"), stacklevel=2)
    with torch.no_grad():
        for tensor, value in zip(state, before, strict=True):
            tensor.copy_(value)
    if graph is None:
        return step

    captured = graph

    def replay() -> Result:
        captured.replay()
        return result

    return replay


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 in hardware, about twice as fast as float32.

    CPUs with AVX-512 BF16 or AMX, and CUDA devices from compute capability 8 on.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    checks = (
        getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )
    return device.type == "cpu" and any(check is not None and check() for check in checks)


def describe(device: torch.device) -> str:
    """The device in words, as reports name it."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)


def _has_mps() -> bool:
    return torch.backends.mps.is_available()
