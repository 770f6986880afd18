"""The one place that holds the versions."""

from typing import Final

VERSION = "0.1.0"

ALGORITHM: Final = 10
"""Raised by hand when results change though no setting did: a formula, an order of steps, a constant that is
no setting. It is part of every fingerprint, so that no stored kernel or row outlives such a change."""
