r"""Power spectrum of an LR image as a function of its kernel, and the fit of both.

With f in cycles per LR pixel, shrinking by two puts four HR frequencies g = (f + m) / 2 on top of
one another (aliasing), and rounding adds white noise N:

    P_LR(f) = sum_m P_HR(g_m) |K(g_m)|^2 + N

log P_HR is linear in a few content terms (:mod:`kernelgan.content_prior`), and K is either given
or a Gaussian of covariance V. With one band and N = 0 this is issue 4's linear fit,
``log P_LR = content - pi^2 f' V f``: the content's direction grows with log f at most, the
kernel's with f^2, and that is what tells them apart. A real kernel is never exactly Gaussian;
cells that deviate independently by a relative variance ``eta`` add a floor of ``eta sum k^2`` to
|K|^2. Without the floor, wide kernels are badly underestimated.

An LR image at x4 is that kernel applied twice (KernelGAN, section 4): the image that the second step
shrank had been blurred by the first one, so it is |K(g / 2)|^2 softer than a photograph, g being its
own frequency (its folds are left to the content terms). Without that factor V comes out up to a
quarter too large.

Fit: Levenberg-Marquardt on the log spectrum, Gaussian priors on content terms and V. ``tau``, the
deviation of a cell's log power, is above the periodogram's own because neighbouring cells err
together; it was chosen on development photographs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kernelgan.content_prior import ContentPrior, content_basis
from kernelgan.gaussian_kernel import clamp, gaussian_kernel, offsets
from kernelgan.welch import frequencies

Array = npt.NDArray[np.float64]

TINY = 1e-30  # power under anything an image in 0..1 can hold; keeps logarithms finite


@dataclass(frozen=True, kw_only=True)
class FitConfig:
    """Numbers of the fit."""

    low: float = 0.03  # cycles per LR pixel: below, the window's own width shows
    high: float = 0.5  # cycles per LR pixel: all but the corners
    tau: float = 1.5  # deviation of log power; see above
    eta: float = 0.25**2 / 3  # cell noise of DIV2KRK kernels, U(-0.25, 0.25) (KernelGAN, section 5.1)
    eta_shape: float = 0.002  # the same for exact shapes (disc, box ...), which are cleaner
    variance_mean: float = 2.5  # HR px^2: prior of an axis variance (DIV2KRK: 0.6 to 5)
    trace_std: float = 1.4  # HR px^2: prior deviation of half the trace
    noise_std: float = 0.3  # of log N: prior deviation from the value read in quiet windows
    anisotropy_std: float = 1.0  # HR px^2: prior deviation of (V_yy - V_xx) / 2 and of V_xy
    variance_low: float = 0.12  # HR px^2: a kernel narrower than this is one cell
    variance_high: float = 9.0  # HR px^2: wider ones leave the window
    steps: int = 15  # at most
    tolerance: float = 1e-4  # relative drop of the cost at which the fit stops

    def variance_precision(self) -> Array:
        """Inverse prior covariance of V = (yy, xx, xy), (3, 3)."""
        trace, part = self.trace_std**2, self.anisotropy_std**2
        covariance = np.array(
            [[trace + part, trace - part, 0.0], [trace - part, trace + part, 0.0], [0.0, 0.0, part]]
        )
        return np.asarray(np.linalg.inv(covariance), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Fit:
    """What a fit found.

    content (17,): the prior's 16 terms and log of the noise against its reading. v (3,), HR px^2, or
    None where the kernel was given. cost: minus twice the log posterior, up to a constant.
    covariance of v (3, 3) as the curvature says. gain (3, cells): how v answers to a change of each
    cell's log power. log_power (cells,): the model's.
    """

    content: Array
    v: Array | None
    cost: float
    covariance: Array
    gain: Array
    log_power: Array


class FoldedModel:
    """The model on the frequency cells of one window size, for an LR image at x2 or x4."""

    def __init__(self, window: int, fit: FitConfig, prior: ContentPrior, scale: int = 2) -> None:
        fy, fx = frequencies(window)
        radius = np.hypot(fy, fx)
        self.cells = (radius >= fit.low) & (radius <= fit.high) & ~((fx == 0) & (fy < 0))
        fy, fx = fy[self.cells], fx[self.cells]
        folds = [(a, b) for a in (0, 1) for b in (0, 1)]
        self.gy = np.stack([(fy - a * np.where(fy > 0, 1, -1)) / 2 for a, _ in folds])
        self.gx = np.stack([(fx - b * np.where(fx > 0, 1, -1)) / 2 for _, b in folds])
        self.config = fit
        self.basis = content_basis(self.gy, self.gx, prior.pivot)
        self.mean = np.append(prior.mean(), 0.0)
        self.precision = np.diag(np.full(len(self.mean), fit.noise_std**-2))
        self.precision[:-1, :-1] = prior.precision()
        axis = offsets()
        passes = (1.0,) if scale == 2 else (1.0, 0.5)  # the step at hand, and the one before it
        self._waves = [
            (
                np.exp(2j * np.pi * share * self.gy.reshape(-1, 1) * axis),
                np.exp(2j * np.pi * share * self.gx.reshape(-1, 1) * axis),
            )
            for share in passes
        ]
        self._y, self._x = np.meshgrid(axis, axis, indexing="ij")

    def log_cells(self, power: Array) -> Array:
        """Log of the power at the model's cells."""
        return np.asarray(np.log(np.maximum(power[self.cells], TINY)), dtype=np.float64)

    def kernel_power(self, kernel: Array, eta: float) -> Array:
        """|K|^2 with its floor at every cell and fold, (4, cells); of both steps at x4."""
        return self._power(kernel, (), eta)[0]

    def gaussian(self, v: Array) -> tuple[Array, Array]:
        """|K|^2 with its floor (4, cells), and its derivative by v (3, 4, cells); of both steps at x4."""
        kernel = gaussian_kernel(v)
        determinant = v[0] * v[1] - v[2] ** 2
        pull_y = (v[1] * self._y - v[2] * self._x) / determinant
        pull_x = (v[0] * self._x - v[2] * self._y) / determinant
        terms = (pull_y**2 / 2, pull_x**2 / 2, pull_y * pull_x)
        changes = tuple(kernel * (term - (kernel * term).sum()) for term in terms)
        return self._power(kernel, changes, self.config.eta)

    def _power(self, kernel: Array, changes: tuple[Array, ...], eta: float) -> tuple[Array, Array]:
        """Power (4, cells) of a kernel and its derivative along each change (n, 4, cells)."""
        power = np.ones(self.gy.size)
        slopes = np.zeros((len(changes), self.gy.size))
        for down, across in self._waves:
            spectrum = ((down @ kernel) * across).sum(axis=1)
            step = np.abs(spectrum) ** 2 + eta * (kernel**2).sum()
            for slope, change in zip(slopes, changes, strict=True):
                moved = ((down @ change) * across).sum(axis=1)
                own = 2 * (spectrum.conj() * moved).real + 2 * eta * (kernel * change).sum()
                slope[:] = slope * step + power * own
            power = power * step
        shape = self.gy.shape
        return power.reshape(shape), slopes.reshape(len(changes), *shape)

    def fit(
        self,
        log_power: Array,
        noise: float,
        *,
        kernel_power: Array | None = None,
        start: Array | None = None,
        steps: int | None = None,
    ) -> Fit:
        """Fit content and V (or, given ``kernel_power``, content alone) to the log spectrum (cells,).

        start: content to begin with, (17,). Never raises on finite input; the cost never rises.
        """
        problem = _Problem(self, log_power, noise, kernel_power)
        v = problem.v_mean.copy()
        content = np.append(0.0, self.mean) if start is None else start
        if start is None:
            content[0] = np.clip(np.median(problem.state(content, v).error), -40, 40)
        content, v, state = _descend(problem, content, v, steps or self.config.steps)
        log_model = np.log(state.total)
        if not problem.free:
            cells = len(log_power)
            return Fit(content, None, state.cost, np.zeros((3, 3)), np.zeros((3, cells)), log_model)
        hessian, _ = problem.normal(content, v, state)
        inverse: Array = np.asarray(np.linalg.inv(hessian + 1e-9 * np.eye(len(hessian))), dtype=np.float64)
        shape = slice(problem.size, None)
        gain = problem.weight * inverse[shape] @ state.jacobian
        return Fit(content, v, state.cost, inverse[shape, shape], gain, log_model)


@dataclass(frozen=True, eq=False)
class _State:
    """The model at a point: cost, error (cells,), its jacobian (unknowns, cells), power (cells,)."""

    cost: float
    error: Array
    jacobian: Array
    total: Array


class _Problem:
    """Minus twice the log posterior of content and V (or, given ``kernel_power``, of content alone)."""

    def __init__(
        self, model: FoldedModel, log_power: Array, noise: float, kernel_power: Array | None
    ) -> None:
        self.model, self.log_power, self.noise, self.kernel_power = model, log_power, noise, kernel_power
        self.free = kernel_power is None
        mean = model.config.variance_mean
        self.v_mean = np.array([mean, mean, 0.0])
        self.v_precision = model.config.variance_precision()
        self.weight = model.config.tau**-2
        self.size = len(model.basis) + 1  # of content: its terms and the noise

    def state(self, content: Array, v: Array) -> _State:
        """The model and its cost at a point."""
        model = self.model
        given, slopes = (
            model.gaussian(v)
            if self.kernel_power is None
            else (self.kernel_power, np.zeros((0, *model.gy.shape)))
        )
        folded = np.exp(np.clip(np.tensordot(content[:-1], model.basis, 1), -80, 80)) * given
        floor = self.noise * np.exp(np.clip(content[-1], -3, 3))
        total = folded.sum(axis=0) + floor + TINY
        shares = folded / total
        jacobian = np.concatenate(
            [
                (model.basis * shares).sum(axis=1),
                [floor / total],
                (slopes / (given + TINY) * shares).sum(axis=1),
            ]
        )
        error = self.log_power - np.log(total)
        pull = content[1:] - model.mean
        cost = self.weight * float(error @ error) + float(pull @ model.precision @ pull)
        if self.free:
            cost += float((v - self.v_mean) @ self.v_precision @ (v - self.v_mean))
        return _State(cost, error, jacobian, total)

    def normal(self, content: Array, v: Array, state: _State) -> tuple[Array, Array]:
        """Half the Gauss-Newton Hessian and the downhill gradient, priors included."""
        hessian = self.weight * state.jacobian @ state.jacobian.T
        gradient = self.weight * state.jacobian @ state.error
        size, model = self.size, self.model
        hessian[1:size, 1:size] += model.precision
        gradient[1:size] -= model.precision @ (content[1:] - model.mean)
        if self.free:
            hessian[size:, size:] += self.v_precision
            gradient[size:] -= self.v_precision @ (v - self.v_mean)
        return hessian, gradient


def _descend(problem: _Problem, content: Array, v: Array, steps: int) -> tuple[Array, Array, _State]:
    """Levenberg-Marquardt: at most so many steps, none of them uphill."""
    config, size = problem.model.config, problem.size
    state, damping = problem.state(content, v), 1e-2
    for _ in range(steps):
        hessian, gradient = problem.normal(content, v, state)
        for _ in range(6):
            damped = hessian + np.diag(damping * np.diag(hessian) + 1e-9)
            move = np.linalg.solve(damped, gradient)
            new_v = clamp(v + move[size:], config.variance_low, config.variance_high) if problem.free else v
            new = problem.state(content + move[:size], new_v)
            if new.cost <= state.cost:
                break
            damping = max(damping, 1e-3) * 8
        else:
            break
        settled = state.cost - new.cost <= config.tolerance * max(state.cost, 1.0)
        content, v, state = content + move[:size], new_v, new
        damping /= 5
        if settled:
            break
    return content, v, state
