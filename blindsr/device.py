"""Which device the work runs on. The only file that knows accelerators by name."""

import torch

from blindsr.errors import InputError


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
