"""The schedule that most first programs use without knowing it."""

from dataclasses import dataclass

from lrcourse.schedules.base import Schedule
from lrcourse.schedules.units import LR, Steps


@dataclass(frozen=True)
class Constant(Schedule):
    """η(t) = η_peak

    `steps` matters only in a composition: `Constant(0.1, steps=40) >> ...` holds the rate for
    40 updates. PyTorch has no class for it (its ConstantLR multiplies by `factor` for
    `total_iters` updates and then jumps back to the optimizer's rate).
    """

    peak_lr: LR
    steps: Steps | None = None

    def lr(self, t):
        return self.peak_lr
