"""When to lower the learning rate, and when to stop (ZSSR, section 4)."""

from collections.abc import Sequence

import numpy as np

from zssr.config import ZSSRConfig


def has_stalled(steps: Sequence[int], errors: Sequence[float], config: ZSSRConfig) -> bool:
    """Whether the reconstruction error has stopped falling.

    A line is fitted to the errors of the last ``policy_window`` steps; the error has stalled when
    ``policy_ratio`` times its downward slope is under the slope's standard deviation. False while the
    window holds fewer points than a line with a deviation needs.
    """
    recent = [(s, e) for s, e in zip(steps, errors, strict=True) if s > steps[-1] - config.policy_window]
    if len(recent) < 4:  # np.polyfit scales the covariance by n - 2 - 2 degrees of freedom at least
        return False
    x, y = np.array(recent, dtype=np.float64).T
    (slope, _), covariance = np.polyfit(x - x.mean(), y / max(y.mean(), 1e-12), 1, cov=True)
    return bool(-config.policy_ratio * slope < np.sqrt(covariance[0, 0]))


class LearningRate:
    """The rate now; lowered at most once a window, so that each rate is judged on its own errors."""

    def __init__(self, config: ZSSRConfig) -> None:
        self.config = config
        self.value = config.learning_rate
        self._changed_at = 0

    @property
    def finished(self) -> bool:
        """Whether the rate has fallen under the one that ends the training."""
        return self.value < self.config.learning_rate_stop

    def judge(self, step: int, steps: Sequence[int], errors: Sequence[float]) -> None:
        """Look at the errors measured so far, at every ``policy_every``-th step, and lower the rate."""
        due = step % self.config.policy_every == 0
        if (
            due
            and step - self._changed_at >= self.config.min_steps
            and has_stalled(steps, errors, self.config)
        ):
            self.value *= self.config.learning_rate_factor
            self._changed_at = step
