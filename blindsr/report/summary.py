"""The first sentence of a page: what was done to a photograph, how strongly, and what it gains.

The page reads nothing but a :class:`Summary`; :func:`summarise` alone knows which field of the analysis fills
which of its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from blindsr.report.change import Change
from blindsr.summary import DRAWN, kind_of

if TYPE_CHECKING:
    from blindsr.estimation import Analysis

TWO_SIDED_95: Final = 1.96
"""Standard deviations of a normal distribution: 95 % lie within."""
EQUAL: Final = 0.05
"""dB: a smaller gain is none that can be seen."""
LEAST_STD: Final = 0.05
"""dB: no expectation is more certain."""
USED: Final = 0.05
"""Share of the result from which a part of it is worth a word."""

GIVEN: Final = "a photograph made smaller by the kernel that was given"
LEARNED: Final = "a photograph made smaller by an unknown kernel"


@dataclass(frozen=True, kw_only=True)
class ExpectedGain:
    """PSNR over bicubic interpolation, dB, expected without an original: mean and standard deviation."""

    mean: float
    std: float

    @property
    def interval(self) -> tuple[float, float]:
        """The limits between which the gain lies with 95 % probability, dB."""
        return self.mean - TWO_SIDED_95 * self.std, self.mean + TWO_SIDED_95 * self.std


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a person wants to know first.

    Attributes:
        treated_as: the kind of picture, a noun with its article.
        blend: 0 is bicubic interpolation, 1 the full restoration.
        change: how much the result differs from bicubic interpolation.
        gain: expected over bicubic interpolation; None where it was not estimated.
        measured: PSNR over bicubic interpolation against the original, dB; None without an original.
        advice: what would give a better result, a sentence each.
        kernel_share: 0..1, the share of the result that inverts the kernel.
    """

    treated_as: str
    blend: float
    change: Change
    gain: ExpectedGain | None
    measured: float | None
    advice: tuple[str, ...]
    kernel_share: float

    @property
    def sentence(self) -> str:
        """What was done, and how strongly."""
        return f"Treated as {self.treated_as}, {self.change.words}, blend {self.blend:.2g}."

    @property
    def confidence(self) -> str:
        """How surely the result is better than bicubic interpolation."""
        if self.measured is not None:
            better = (
                "closer to the original than" if self.measured >= EQUAL else "farther from the original than"
            )
            if abs(self.measured) < EQUAL:
                better = "as close to the original as"
            return f"The result is {better} bicubic interpolation: {self.measured:+.2f} dB."
        if self.gain is None:
            return "How much it gains over bicubic interpolation was not estimated."
        low, high = self.gain.interval
        return (
            f"It is {_verdict(self.gain)} bicubic interpolation: {self.gain.mean:+.1f} dB expected, "
            f"between {low:+.1f} and {high:+.1f} dB with 95 % probability."
        )


def _verdict(gain: ExpectedGain) -> str:
    low, high = gain.interval
    if max(abs(low), abs(high)) < EQUAL or abs(gain.mean) < EQUAL:
        return "about as good as"
    if gain.mean > 0:
        return "almost certainly better than" if low > 0 else "probably better than"
    return "almost certainly worse than" if high < 0 else "probably worse than"


def summarise(
    analysis: Analysis | None, record: Mapping[str, Any], change: Change, measured: float | None = None
) -> Summary:
    """The summary of a result.

    Args:
        analysis: of the photograph; None where the kernel was given.
        record: the content of ``run.json``, of which the blend that was asked for is read.
        change: how much the result differs from bicubic interpolation.
        measured: gain over bicubic interpolation against the original, dB, where there is one.

    Returns:
        The summary.
    """
    chosen = None if analysis is None else analysis.combination
    asked = record["settings"]["restoration"]["trust"]
    blend = 1.0 if asked is None else float(asked)
    kind = _treated_as(analysis)
    gain = None
    if chosen is not None and chosen.gain is not None and chosen.deviation is not None:
        gain = ExpectedGain(mean=blend * chosen.gain, std=max(blend * chosen.deviation, LEAST_STD))
    return Summary(
        treated_as=kind,
        blend=blend,
        change=change,
        gain=gain,
        measured=measured,
        advice=_advice(analysis),
        kernel_share=blend * _kernel_share(analysis),
    )


def _kernel_share(analysis: Analysis | None) -> float:
    if analysis is not None and analysis.kind.name != "photo":
        return 0.0
    chosen = None if analysis is None else analysis.combination
    return 1.0 if chosen is None else chosen.kernel


def _treated_as(analysis: Analysis | None) -> str:
    if analysis is None:
        return GIVEN
    if analysis.kind.name != "photo":
        return DRAWN[analysis.kind.name].split(":")[0]
    return LEARNED if analysis.combination is None else kind_of(analysis.combination)


def _advice(analysis: Analysis | None) -> tuple[str, ...]:
    if analysis is None:
        return ()
    found = []
    if analysis.earlier_factor is not None:
        found.append(
            f"It was enlarged before by about {analysis.earlier_factor:.2g}; the original size, if you have "
            "it, is better input."
        )
    if analysis.jpeg is not None and not analysis.jpeg.tables.read:
        found.append("It was stored as JPEG before; the first file, if you have it, is better input.")
    if analysis.combination is not None and analysis.combination.reliance < 1:
        found.append("It is unlike the pictures that the program learned from, so it is changed little.")
    return tuple(found)
