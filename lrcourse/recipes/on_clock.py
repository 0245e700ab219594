"""A schedule that is written in one clock, read in another."""

import math
from dataclasses import dataclass

import numpy as np

from lrcourse.recipes.clocks import Clock, ClockName
from lrcourse.schedules import Schedule
from lrcourse.schedules.base import refuse_non_schedules


@dataclass(frozen=True)
class OnClock(Schedule, register=False):
    """η(t) = schedule(n(t)): t counts `counts`, and the schedule reads what the clock makes of it.

    With counts="steps", reads="tokens" it is what a trainer needs of a recipe in tokens: n(t)
    is the number of tokens seen before update t, exact while the batch grows too.
    """

    schedule: Schedule
    clock: Clock
    counts: ClockName
    reads: ClockName

    def __post_init__(self) -> None:
        refuse_non_schedules("OnClock", (self.schedule,))
        if not isinstance(self.clock, Clock):
            raise ValueError(f"OnClock: clock must be a Clock, got {self.clock!r}")
        super().__post_init__()

    @property
    def steps(self) -> int | None:  # type: ignore[override]
        end = self.schedule.steps
        if end is None:
            return None
        return max(math.ceil(self.clock.convert(float(end), self.reads, self.counts)), 1)

    def lr(self, t: np.ndarray) -> np.ndarray:
        return self.schedule.lr(self.clock.convert(t, self.counts, self.reads))
