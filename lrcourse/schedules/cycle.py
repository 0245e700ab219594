"""Rates that go up and down: cycles, and the one cycle. Section 07 of the course."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrcourse.schedules.base import Phased, Schedule
from lrcourse.schedules.cosine import CosineDecay
from lrcourse.schedules.polynomial import LinearDecay
from lrcourse.schedules.units import LR, CycleFactor, Momentum, Period, Shape, Shrink, Steps, Warmup
from lrcourse.schedules.warmup import CosineWarmup, LinearWarmup

RISES = {"cosine": CosineWarmup, "linear": LinearWarmup}
FALLS = {"cosine": CosineDecay, "linear": LinearDecay}


@dataclass(frozen=True)
class TriangularCycle(Schedule):
    """η(t) = η_min + (η_peak - η_min) min(τ/U, (U + D - τ)/D) γ_cycle^k γ^t in cycle k

    τ counts updates from the start of cycle k = 0, 1, 2, ...; U is `up_steps` and D is
    `down_steps`, the same as U where it is not given. Both factors shrink the triangle above
    η_min, not the rate: `cycle_gamma` once per cycle, `gamma` with every update. It never ends.

    PyTorch's CyclicLR calls the plain one "triangular", `cycle_gamma=0.5` "triangular2" and
    `gamma` below 1 "exp_range"; it ignores the optimizer's rate, cycles the momentum without
    being asked, and accepts a base above the peak. See Smith 2017,
    https://arxiv.org/abs/1506.01186.
    """

    peak_lr: LR
    up_steps: Period
    down_steps: Period | None = None
    min_lr: LR = 0.0
    cycle_gamma: CycleFactor = 1.0
    gamma: Shrink = 1.0

    def lr(self, t):
        up, down = self.up_steps, self.down_steps or self.up_steps
        k = np.floor(t / (up + down))
        tau = t - k * (up + down)
        triangle = np.minimum(tau / up, (up + down - tau) / down)  # from 0 to 1 to 0
        height = (self.peak_lr - self.min_lr) * self.cycle_gamma**k * self.gamma**t
        return self.min_lr + height * triangle


@dataclass(frozen=True)
class OneCycle(Phased):
    """One rise from η_start to η_peak in W updates, one long fall to η_min at t = T.

    W is `warmup_steps`, 30% of T = `steps` where it is not given; η_start is η_peak/25 and
    η_min is η_start/10 000 where they are not. With `down_steps` D there are three phases:
    up in W, down to η_start in D, and on to η_min in the rest. `shape` is that of every phase.

    PyTorch's OneCycleLR counts one update less, `OneCycle(steps=N - 1, warmup_steps=p N - 1)`
    is its `total_steps=N, pct_start=p`; it misses the peak where p N is not a whole number,
    and raises the rate again one step too late. It also schedules the momentum without being
    asked; here `momentum` is a schedule of its own, for those who want it.
    See Smith and Topin, https://arxiv.org/abs/1708.07120.
    """

    peak_lr: LR
    steps: Steps
    warmup_steps: Warmup | None = None
    down_steps: Warmup | None = None
    start_lr: LR | None = None
    min_lr: LR | None = None
    shape: Shape = "cosine"
    low_momentum: Momentum = 0.85
    high_momentum: Momentum = 0.95

    @cached_property
    def phases(self) -> Schedule:
        start = self.peak_lr / 25 if self.start_lr is None else self.start_lr
        end = start / 1e4 if self.min_lr is None else self.min_lr
        return self._there_and_back(start, self.peak_lr, end)

    @cached_property
    def momentum(self) -> Schedule:
        """The momentum at t, low where the rate is high; TorchScheduler uses it when given it."""
        high = self.high_momentum
        return self._there_and_back(high, self.low_momentum, high)

    def _there_and_back(self, start: float, turn: float, end: float) -> Schedule:
        up = self.warmup_steps or max(round(0.3 * self.steps), 1)
        there = self._ramp(start, turn, up)
        if self.down_steps is None:
            return there >> self._ramp(turn, end, self.rest(warmup_steps=up))
        rest = self.rest(warmup_steps=up, down_steps=self.down_steps)
        return there >> self._ramp(turn, start, self.down_steps) >> self._ramp(start, end, rest)

    def _ramp(self, start: float, end: float, steps: int) -> Schedule:
        if start <= end:
            return RISES[self.shape](end, steps, start)
        return FALLS[self.shape](start, steps, end)
