"""What kind of method each name is, and what the name means."""

from typing import Final, Literal

from benchmarks.methods.combination import COMBINATIONS, NAMED
from benchmarks.methods.zero_shot import ABLATIONS
from benchmarks.reports.figure import BOUNDS

Group = Literal["bicubic", "rivals", "ours", "oracle"]
GROUPS: Final[tuple[Group, ...]] = ("bicubic", "rivals", "ours", "oracle")
"""In the order in which a page has them."""
WORDS: Final[dict[Group, str]] = {
    "bicubic": "bicubic interpolation, over which gains are counted",
    "rivals": "other ways, the papers' own included",
    "ours": "this program",
    "oracle": "given the true kernel, which nobody has: how far a better kernel could lead",
}

KERNELS: Final = {
    "bicubic": "the bicubic kernel",
    "gt": "the true kernel",
    "spectral": "this program's kernel",
    "spectral-symmetric": "this program's kernel without its antisymmetric part",
    "guided": "KernelGAN guided by the spectrum",
    "kernelgan": "KernelGAN's kernel",
    "kernelgan-released": "the kernel of KernelGAN's released code",
    "michaeli-irani": "Michaeli and Irani's kernel",
}
SOLVERS: Final = {
    "zssr": "the papers' network, trained on the one image",
    "srmd": "a network trained on thousands of images",
    "usrnet": "a network trained on thousands of images",
    "default": "this program's network",
    "instant": "this program's inverse, no training",
}
PROGRAMS: Final = {
    "bicubic": "bicubic interpolation",
    "zssr-bicubic": "the bicubic kernel; the papers' network, trained on the one image",
    "blindsr": "this program, default preset",
    "blindsr-instant": "this program, instant preset: no training",
    "blindsr-gt": "the true kernel; this program's network",
    "blindsr-real": "this program, told that a camera took the image",
    "blindsr-off": "this program, told that the image was downscaled",
    "blindsr-instant-off": "the instant preset, told that the image was downscaled",
    "dat-light": "a network trained on thousands of bicubic images",
    "dat-light+": "the same, the mean over eight turned and mirrored images",
}


def group_of(method: str) -> Group:
    """The kind of a method.

    Args:
        method: its name in a results file.

    Returns:
        ``rivals`` for names that are not known.
    """
    if method == "bicubic":
        return "bicubic"
    if method in BOUNDS or method.startswith("gt+"):
        return "oracle"
    ours = method.startswith("blindsr") or method in NAMED or method in COMBINATIONS
    return "ours" if ours else "rivals"


def meaning_of(method: str) -> str:
    """What a name means, in words: the kernel, then what is made of it.

    Args:
        method: its name in a results file.

    Returns:
        An empty text for names that are not known.
    """
    if method in PROGRAMS:
        return PROGRAMS[method]
    kernel, _, solver = method.rpartition("+")
    if solver not in SOLVERS:
        return ""
    if method in ABLATIONS:
        without = kernel.removeprefix("kernelgan-no-").replace("-", " ")
        return f"KernelGAN's kernel without the constraint '{without}'; {SOLVERS[solver]}"
    return f"{KERNELS.get(kernel, f'the kernel by {kernel}')}; {SOLVERS[solver]}"
