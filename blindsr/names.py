"""The names that a person may choose from; light, so that ``--help`` can list them.

:mod:`blindsr.configuration` says what each one is.
"""

from typing import Literal

PresetName = Literal["default", "paper", "instant"]
EstimatorName = Literal["spectral", "kernelgan"]
Layout = Literal["kernelgan", "fkp", "usrnet", "kair"]
Real = Literal["auto", "on", "off"]
KindName = Literal["photo", "drawing", "pixels"]
KindChoice = Literal["auto", "photo", "drawing", "pixels"]
