"""Step decay: hold the rate, drop it, hold it again. Section 01 of the course."""

from dataclasses import dataclass

import numpy as np

from lrcourse.schedules.base import Schedule
from lrcourse.schedules.units import LR, Factor, Milestones, Period


@dataclass(frozen=True)
class StepDecay(Schedule):
    """η(t) = η_peak γ^⌊t/S⌋

    S is `step_size`, in optimizer updates; γ is `gamma`, the factor of each drop. The first
    drop happens at t = S: the updates 0 ... S-1 still use η_peak.

    PyTorch's StepLR gives the same rates, but counts calls of `scheduler.step()`, whatever
    your loop makes of them, and accepts γ > 1 and γ <= 0; this class refuses both.
    A fixed drop every 30 epochs: pytorch/examples, imagenet/main.py.

    >>> StepDecay(peak_lr=0.1, step_size=30, gamma=0.5)(75)
    0.025
    """

    peak_lr: LR
    step_size: Period
    gamma: Factor = 0.1

    def lr(self, t):
        return self.peak_lr * self.gamma ** np.floor(t / self.step_size)


@dataclass(frozen=True)
class MultiStepDecay(Schedule):
    """η(t) = η_peak γ^#{m : m <= t}, over the milestones m

    `milestones` are optimizer updates, each larger than the one before; the update number m
    (counted from 0) is the first with the lower rate.

    PyTorch's MultiStepLR gives the same rates; it also takes milestones in any order, counts
    a repeated one twice and silently ignores one that is not a whole number. This class
    refuses all three. Milestones 60, 120, 160 of 200 epochs with γ = 0.2 is the setting of
    szagoruyko/wide-residual-networks, scripts/train_cifar.sh.

    >>> MultiStepDecay(peak_lr=1.0, milestones=(10, 15), gamma=0.5)([9, 10, 15])
    array([1.  , 0.5 , 0.25])
    """

    peak_lr: LR
    milestones: Milestones
    gamma: Factor = 0.1

    def lr(self, t):
        return self.peak_lr * self.gamma ** np.searchsorted(self.milestones, t, side="right")
