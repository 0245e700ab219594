"""The rising rates of a range test: schedules like all others, so that anything can be swept."""

from dataclasses import dataclass
from math import inf
from typing import Annotated

from lrcourse.schedules import Schedule, Unit
from lrcourse.schedules.base import progress

FIRST = Unit("learning rate", 0, inf, typical=1e-6, play=(1e-8, 1e-2), above_low=True, log=True)
LAST = Unit("learning rate", 0, inf, typical=10.0, play=(1e-2, 100), above_low=True, log=True)
LENGTH = Unit("optimizer updates", 2, inf, typical=400, play=(20, 1000), whole=True)

FirstLR = Annotated[float, FIRST]
LastLR = Annotated[float, LAST]
Updates = Annotated[int, LENGTH]


class Ramp(Schedule, register=False):
    """From `start_lr` at t = 0 to `peak_lr` at t = T - 1, the last of T = `steps` updates."""

    start_lr: float
    peak_lr: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.start_lr == self.peak_lr:
            raise ValueError(
                f"{type(self).__name__}: start_lr must lie below peak_lr={self.peak_lr!r}, "
                f"got {self.start_lr!r}; a range test rises"
            )


@dataclass(frozen=True)
class ExponentialRamp(Ramp, register=False):
    """η(t) = η_start (η_peak / η_start)^(t / (T - 1))

    Equal factors from update to update, so that every power of ten gets as many. The form of
    fastai's `lr_find`, which sweeps from 1e-7 to 10 in 100 updates.
    """

    start_lr: FirstLR
    peak_lr: LastLR
    steps: Updates = 400

    def lr(self, t):
        return self.start_lr * (self.peak_lr / self.start_lr) ** progress(t, self.steps - 1)


@dataclass(frozen=True)
class LinearRamp(Ramp, register=False):
    """η(t) = η_start + (η_peak - η_start) t / (T - 1)

    The first range test (Smith 2017, https://arxiv.org/abs/1506.01186, section 3.3): over
    several epochs, and he read the accuracy. Nine tenths of the updates are in the last power
    of ten, so it asks for a `peak_lr` that is nearly known.
    """

    start_lr: FirstLR
    peak_lr: LastLR
    steps: Updates = 400

    def lr(self, t):
        return self.start_lr + (self.peak_lr - self.start_lr) * progress(t, self.steps - 1)


RAMP = ExponentialRamp(start_lr=1e-6, peak_lr=10.0)  # the default of a range test
