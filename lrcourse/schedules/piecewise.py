"""Straight lines through points: the schedule that a hand can paint. Section 12 of the course."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from lrcourse.schedules.base import Schedule
from lrcourse.schedules.units import LR, IncreasingUnit, checked, shown

Times = Annotated[
    tuple[int, ...],
    IncreasingUnit("optimizer updates", 0, np.inf, typical=(0, 100), play=(0, 500), whole=True),
]


@dataclass(frozen=True)
class PiecewiseLinear(Schedule, register=False):
    """η(t) = η_i + (η_{i+1} - η_i) (t - t_i) / (t_{i+1} - t_i) between t_i and t_{i+1}

    t_i are the `times`, each larger than the one before, and η_i the `lrs`, one for each. Before
    the first time and after the last the rate stays. PyTorch has no such scheduler: use LambdaLR
    with np.interp. optax.piecewise_interpolate_schedule("linear") gives the same rates.

    >>> PiecewiseLinear(times=(0, 10, 100), lrs=(0.0, 0.1, 0.0))([0, 5, 10, 55])
    array([0.  , 0.05, 0.1 , 0.05])
    """

    times: Times
    lrs: tuple[float, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.lrs, list | tuple) or not self.lrs:
            raise ValueError(
                f"PiecewiseLinear: lrs must hold at least one rate, got {shown(self.lrs)}"
            )
        plain = tuple(checked("PiecewiseLinear", "lrs", LR, each) for each in self.lrs)
        object.__setattr__(self, "lrs", plain)
        super().__post_init__()

    @property
    def steps(self) -> int | None:  # type: ignore[override]
        """The last of the times; a schedule takes at least one update."""
        return max(self.times[-1], 1)

    def lr(self, t: np.ndarray) -> Any:
        if len(self.times) != len(self.lrs):
            raise ValueError(
                f"PiecewiseLinear: one rate for each time is needed, "
                f"got {len(self.times)} times and {len(self.lrs)} lrs"
            )
        return np.interp(t, self.times, self.lrs)


def corners(x: np.ndarray, y: np.ndarray, within: np.ndarray) -> list[int]:
    """Few indices i: straight lines through these points miss point j by at most `within[j]`.

    All arrays have the shape (n,), n >= 2. The point that is missed most becomes a corner, until
    none is (Douglas and Peucker, 1973, with distances along y).
    """
    missed = np.abs(y - np.interp(x, x[[0, -1]], y[[0, -1]])) / within
    k = int(missed.argmax())
    if missed[k] <= 1:
        return [0, len(x) - 1]
    left = corners(x[: k + 1], y[: k + 1], within[: k + 1])
    return [*left[:-1], *(k + i for i in corners(x[k:], y[k:], within[k:]))]
