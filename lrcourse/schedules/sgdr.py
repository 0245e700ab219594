"""Cosines that restart: SGDR, stochastic gradient descent with warm restarts. Section 04."""

from dataclasses import dataclass

import numpy as np

from lrcourse.schedules.base import Schedule, cycle_of
from lrcourse.schedules.units import LR, CycleFactor, Period, Stretch


@dataclass(frozen=True)
class CosineRestarts(Schedule):
    """η(t) = η_min + ½ (η_peak - η_min) γ^k (1 + cos(π τ/T_k)) in cycle k = 0, 1, 2, ...

    τ counts updates from the start of cycle k. T_0 is `first_cycle`, and each cycle lasts m
    (`stretch`) times as long as the one before: T_k = T_0 m^k. γ (`gamma`) lowers the peak of
    each cycle; 1 leaves it. The last rate of a cycle is a little above η_min: where η_min
    would be reached, the next cycle begins. It goes on for ever.

    PyTorch's CosineAnnealingWarmRestarts gives the same rates when it is stepped one by one;
    `step(epoch)` finds the cycle by a logarithm and misses some restarts by rounding. Keras
    calls m `t_mul` and γ `m_mul`. See https://arxiv.org/abs/1608.03983.

    >>> CosineRestarts(peak_lr=1.0, first_cycle=10, stretch=2).restarts(100).tolist()
    [10, 30, 70]
    """

    peak_lr: LR
    first_cycle: Period
    stretch: Stretch = 1
    min_lr: LR = 0.0
    gamma: CycleFactor = 1.0

    def restarts(self, steps: int) -> np.ndarray:
        """The updates t < `steps` that begin a new cycle."""
        t = np.arange(steps)
        return t[(t > 0) & (cycle_of(t, self.first_cycle, self.stretch)[1] == t)]

    def lr(self, t):
        k, start, length = cycle_of(t, self.first_cycle, self.stretch)
        half_wave = 0.5 * (1 + np.cos(np.pi * (t - start) / length))  # from 1 to 0
        return self.min_lr + (self.peak_lr - self.min_lr) * self.gamma**k * half_wave
