"""One rate at a time, at the price of a list: the formulas are fast on arrays only."""

import numpy as np

from lrcourse.schedules import Schedule

BLOCK = 1024  # rates computed at once: a look-up costs under 1 µs, a scalar NumPy call about 20


class Lookup:
    """The rates of a schedule as plain floats, read from a table of BLOCK values.

    >>> from lrcourse.schedules import StepDecay
    >>> Lookup(StepDecay(1.0, step_size=30)).rate(31)
    0.1
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule, self._start = schedule, 0
        self._table: list[float] = []

    def rate(self, step: int) -> float:
        """The rate of the update that follows `step` updates."""
        place = step - self._start
        if not 0 <= place < len(self._table):
            place = step % BLOCK
            self._start = step - place
            self._table = self.schedule(np.arange(self._start, self._start + BLOCK)).tolist()
        return self._table[place]
