"""Straight lines and powers of them, down to a floor at a known end."""

from dataclasses import dataclass

from lrcourse.schedules.base import Schedule, progress
from lrcourse.schedules.units import LR, Power, Steps


@dataclass(frozen=True)
class LinearDecay(Schedule):
    """η(t) = η_min + (η_peak - η_min) (1 - t/T),  η_min from T = `steps` on

    The last update, t = T-1, still uses a little more than η_min. PyTorch's LinearLR takes
    factors of the optimizer's rate in place of rates, and refuses to start a rise at 0.
    """

    peak_lr: LR
    steps: Steps
    min_lr: LR = 0.0

    def lr(self, t):
        return self.min_lr + (self.peak_lr - self.min_lr) * (1 - progress(t, self.steps))


@dataclass(frozen=True)
class PolynomialDecay(Schedule):
    """η(t) = η_min + (η_peak - η_min) (1 - t/T)^p,  η_min from T = `steps` on

    p is `power`: 1 is the straight line, 2 spends most of T at low rates, ½ at high ones.
    PyTorch's PolynomialLR has no floor; transformers' `lr_end` is the floor of one parameter
    group, and comes out scaled in every group whose rate differs from the optimizer's.
    """

    peak_lr: LR
    steps: Steps
    power: Power
    min_lr: LR = 0.0

    def lr(self, t):
        left = 1 - progress(t, self.steps)
        return self.min_lr + (self.peak_lr - self.min_lr) * left**self.power
