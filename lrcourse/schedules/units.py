"""What the parameters of a schedule measure.

One line per quantity gives its meaning, the values it may take, the range worth playing
with and a typical value. Validation, error messages, sliders and tests all come from it.
NumPy only.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral, Real
from typing import Annotated, Any


@dataclass(frozen=True)
class Unit:
    """One quantity: `low` <= value <= `high`, and sliders move over `play`."""

    meaning: str
    low: float
    high: float
    typical: Any
    play: tuple[float, float]
    whole: bool = False  # a count: only whole numbers
    above_low: bool = False  # `low` itself is refused
    log: bool = False  # sliders move by equal factors, not by equal differences

    @property
    def interval(self) -> str:
        """The legal values in the notation of mathematics, such as "(0, 1]"."""
        left = "(" if self.above_low else "["
        right = ")" if math.isinf(self.high) else "]"
        return f"{left}{self.low:g}, {self.high:g}{right}"

    def checked(self, value: Any) -> Any:
        """`value` as a plain Python number; ValueError says in half a sentence what it must be."""
        if not _is_number(value):
            raise ValueError(f"must be a number, got {value!r}")
        if self.whole and value != math.inf and not _is_whole(value):
            raise ValueError(f"must be a whole number, got {_plain(value)!r}")
        inside = self.low < value if self.above_low else self.low <= value
        if not (inside and value <= self.high and math.isfinite(value)):  # False for NaN too
            raise ValueError(f"must lie in {self.interval}, got {_plain(value)!r}")
        return int(value) if self.whole else float(value)


@dataclass(frozen=True)
class IncreasingUnit(Unit):
    """A sequence of quantities, each larger than the one before."""

    def checked(self, value: Any) -> tuple[Any, ...]:
        """`value` as a tuple of plain Python numbers."""
        try:
            values = tuple(super(IncreasingUnit, self).checked(each) for each in value)
        except TypeError:
            raise ValueError(f"must be a sequence of numbers, got {value!r}") from None
        if not values:
            raise ValueError("must hold at least one number, got none")
        if any(later <= earlier for earlier, later in pairwise(values)):
            raise ValueError(f"must increase from one to the next, got {values!r}")
        return values


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) or float(value).is_integer()


def _plain(value: Any) -> float | int:
    """A NumPy number as the Python number that people would type."""
    return int(value) if isinstance(value, Integral) else float(value)


LR = Annotated[float, Unit("learning rate", 0, math.inf, typical=0.1, play=(1e-5, 10.0), log=True)]
Steps = Annotated[
    int, Unit("optimizer updates", 1, math.inf, typical=100, play=(1, 500), whole=True)
]
Period = Annotated[
    int, Unit("optimizer updates", 1, math.inf, typical=30, play=(1, 200), whole=True)
]
Milestones = Annotated[
    tuple[int, ...],
    IncreasingUnit(
        "optimizer updates", 1, math.inf, typical=(60, 120, 160), play=(1, 200), whole=True
    ),
]
Factor = Annotated[
    float, Unit("factor per drop", 0, 1, typical=0.1, play=(0.01, 1.0), above_low=True)
]
