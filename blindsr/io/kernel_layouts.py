"""What other programs expect in a ``.mat`` file of a kernel.

Programs agree neither on the variable's name nor on the side from which the kernel is laid on the image. With
k the kernel of this program (LR[i] = sum_j k[j] HR[s i + j - anchor], a correlation) and K its half turn:

=========  ========  ==================  ======================================================
layout     variable  value               read by
=========  ========  ==================  ======================================================
kernelgan  Kernel    k                   KernelGAN and its ZSSR, DIV2KRK, this program
fkp        Kernel    K                   FKP (kernels of its data sets, its USRNet)
usrnet     kernels   1x1 cell array, K   USRNet, DPIR, KAIR: ``loadmat(...)["kernels"][0, 0]``
kair       kernels   1x1 cell array, K   the same, by its other name
=========  ========  ==================  ======================================================

Those of the second kind convolve, LR = (HR * K)[::s], which comes to the same pixels: a convolution by the
half turn is the correlation, if the side is odd. Its centre of mass is at (side - s) / 2 then, which is what
FKP moves its own kernels to.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from blindsr.names import Layout as Layout
from srbase.errors import InputError
from srbase.kernels.kernel import SRKernel


def variables(kernel: SRKernel, layout: Layout = "kernelgan") -> dict[str, Any]:
    """The variables of the file. Raises InputError for an unknown layout.

    >>> kernel = SRKernel.bicubic(2)
    >>> variables(kernel)["Kernel"].shape, variables(kernel, "kair")["kernels"][0, 0].shape
    ((13, 13), (13, 13))
    """
    if layout not in LAYOUTS:
        raise InputError(f"kernel layout '{layout}' is unknown; wanted one of {', '.join(LAYOUTS)}")
    return LAYOUTS[layout](kernel)


def _correlated(kernel: SRKernel) -> dict[str, Any]:
    return {"Kernel": kernel.array}


def _convolved(kernel: SRKernel) -> dict[str, Any]:
    return {"Kernel": kernel.convolving()}


def _listed(kernel: SRKernel) -> dict[str, Any]:
    cell = np.empty((1, 1), dtype=object)
    cell[0, 0] = kernel.convolving()
    return {"kernels": cell}


LAYOUTS: Final[Mapping[str, Callable[[SRKernel], dict[str, Any]]]] = {
    "kernelgan": _correlated,
    "fkp": _convolved,
    "usrnet": _listed,
    "kair": _listed,
}
