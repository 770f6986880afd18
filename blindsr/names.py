"""The names that a person may choose from; light, so that ``--help`` can list them.

:mod:`blindsr.configuration` says what each one is.
"""

from typing import Final, Literal

PresetName = Literal["default", "paper", "instant"]
EstimatorName = Literal["spectral", "kernelgan"]
Layout = Literal["kernelgan", "fkp", "usrnet", "kair"]
Real = Literal["auto", "on", "off"]
KindName = Literal["photo", "drawing", "pixels"]
KindChoice = Literal["auto", "photo", "drawing", "pixels"]

KERNELS_READ: Final = (".mat", ".npy", ".npz", ".txt", ".csv")
KERNELS_WRITTEN: Final = (".mat", ".npy", ".png")
"""Endings of kernel files, the usual one first. ``.png`` is a picture for people, which is not read again."""
