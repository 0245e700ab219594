"""What the parameters of a schedule measure.

One line per quantity gives its meaning, the values it may take, the range worth playing
with and a typical value. Validation, error messages, sliders, command-line options and tests
all come from it. NumPy only.
"""

import math
from collections.abc import Mapping, Set
from dataclasses import MISSING, dataclass, fields
from functools import cache
from itertools import pairwise
from numbers import Integral, Real
from typing import Annotated, Any, Self, get_type_hints

import numpy as np

EXACT = 2**53  # a float counts one by one up to here, and no training is longer


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
    below_high: bool = False  # `high` itself is refused
    log: bool = False  # sliders move by equal factors, not by equal differences

    @property
    def interval(self) -> str:
        """The legal values in the notation of mathematics, such as "(0, 1]"."""
        left = "(" if self.above_low else "["
        right = ")" if self.below_high or math.isinf(self.high) else "]"
        return f"{left}{self.low:g}, {self.high:g}{right}"

    def checked(self, value: Any) -> Any:
        """`value` as a plain Python number; ValueError says in half a sentence what it must be."""
        if not _is_number(value):
            raise ValueError(f"must be a number, got {shown(value)}")
        if self.whole and value != math.inf and value % 1 != 0:
            raise ValueError(f"must be a whole number, got {shown(value)}")
        above = self.low < value if self.above_low else self.low <= value
        below = value < self.high if self.below_high else value <= self.high
        if not (above and below and value < math.inf):  # False for NaN too
            raise ValueError(f"must lie in {self.interval}, got {shown(value)}")
        if self.whole and value > EXACT:
            raise ValueError(f"must be at most 2**53, got {shown(value)}")
        try:
            return int(value) if self.whole else float(value)
        except OverflowError:
            raise ValueError(f"must fit into a float, got {shown(value)}") from None


@dataclass(frozen=True)
class IncreasingUnit(Unit):
    """A sequence of quantities, each larger than the one before."""

    def checked(self, value: Any) -> tuple[Any, ...]:
        """`value` as a tuple of plain Python numbers."""
        try:
            if isinstance(value, str | Set | Mapping):  # no order, or no numbers
                raise TypeError
            members = iter(value)
        except TypeError:
            raise ValueError(f"must be a sequence of numbers, got {shown(value)}") from None
        values = tuple(map(super().checked, members))
        if not values:
            raise ValueError("must hold at least one number, got none")
        if any(later <= earlier for earlier, later in pairwise(values)):
            raise ValueError(f"must increase from one to the next, got {shown(values)}")
        return values


@dataclass(frozen=True)
class Choice:
    """One word out of a few."""

    meaning: str
    words: tuple[str, ...]

    @property
    def typical(self) -> str:
        """The first of the words."""
        return self.words[0]

    def checked(self, value: Any) -> str:
        """`value` as a plain word; ValueError says in half a sentence what it must be."""
        if not isinstance(value, str) or value not in self.words:
            raise ValueError(f"must be one of {', '.join(self.words)}, got {shown(value)}")
        return str(value)


class Measured:
    """A dataclass whose fields have units; every value is checked when it is made."""

    def __init__(self, *values: Any, **named_values: Any) -> None:
        name = type(self).__name__
        raise TypeError(
            f"{name} is not a dataclass yet: write @dataclass(frozen=True) above 'class {name}'"
        )

    def __post_init__(self) -> None:
        for name, unit in self.units().items():
            value = getattr(self, name)
            if value is None and self.default(name) is None:
                continue
            plain = checked(type(self).__name__, name, unit, value)
            object.__setattr__(self, name, plain)  # np.int64(3) becomes 3
        for small, large in NEVER_ABOVE:
            low, high = getattr(self, small, None), getattr(self, large, None)
            if low is not None and high is not None and low > high:
                raise ValueError(
                    f"{type(self).__name__}: {small} must not exceed {large}={high!r}, got {low!r}"
                )

    @classmethod
    @cache
    def units(cls) -> dict[str, Unit | Choice]:
        """Field name -> its unit, in the order of the fields."""
        hints = get_type_hints(cls, include_extras=True)
        found = {f.name: _unit_of(hints[f.name]) for f in fields(cls)}  # type: ignore[arg-type]
        return {name: unit for name, unit in found.items() if unit is not None}

    @classmethod
    def default(cls, name: str) -> Any:
        """The default of a field; dataclasses.MISSING where it must be given."""
        return next(f.default for f in fields(cls) if f.name == name)  # type: ignore[arg-type]

    @classmethod
    def example(cls) -> Self:
        """One with typical values, for galleries, sliders and tests."""
        typical = {n: u.typical for n, u in cls.units().items() if cls.default(n) is MISSING}
        return cls(**typical)


def checked(owner: str, name: str, unit: Any, value: Any) -> Any:
    """The legal value, plain; ValueError is one sentence that begins with `owner: name`."""
    unit = _unit_of(unit) or unit
    try:
        return unit.checked(value)
    except ValueError as error:
        raise ValueError(f"{owner}: {name} ({unit.meaning}) {error}") from None


def _unit_of(hint: Any) -> Unit | Choice | None:
    """The unit in `LR`, or in `Steps | None`."""
    candidates = (hint, *getattr(hint, "__args__", ()))
    marks = (mark for each in candidates for mark in getattr(each, "__metadata__", ()))
    return next((mark for mark in marks if isinstance(mark, Unit | Choice)), None)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def shown(value: Any) -> str:
    """The value as people would type it, on one short line; a NumPy number without its type."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        number = int(value)
        text = repr(number) if abs(number) < 10**80 else "a number of more than 80 digits"
    elif isinstance(value, np.floating | float):
        text = repr(float(value))
    else:
        text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."


# The same names mean the same quantities in every class, so these hold everywhere.
NEVER_ABOVE = (
    ("min_lr", "peak_lr"),
    ("start_lr", "peak_lr"),
    ("low_momentum", "high_momentum"),
)

LR = Annotated[float, Unit("learning rate", 0, math.inf, typical=0.1, play=(1e-5, 10.0), log=True)]
Steps = Annotated[
    int, Unit("optimizer updates", 1, math.inf, typical=100, play=(1, 500), whole=True)
]
Period = Annotated[
    int, Unit("optimizer updates", 1, math.inf, typical=30, play=(1, 200), whole=True)
]
Warmup = Annotated[
    int, Unit("optimizer updates", 1, math.inf, typical=10, play=(1, 200), whole=True)
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
Decay = Annotated[
    float, Unit("factor per period", 0, 1, typical=0.98, play=(0.9, 1.0), above_low=True)
]
Shrink = Annotated[
    float, Unit("factor per update", 0, 1, typical=0.98, play=(0.9, 1.0), above_low=True)
]
CycleFactor = Annotated[
    float, Unit("factor per cycle", 0, 1, typical=0.5, play=(0.01, 1.0), above_low=True)
]
DecayRate = Annotated[
    float, Unit("decay per optimizer update", 0, math.inf, typical=0.05, play=(1e-4, 1.0), log=True)
]
Power = Annotated[
    float, Unit("exponent", 0, math.inf, typical=2.0, play=(0.1, 5.0), above_low=True)
]
Stretch = Annotated[
    int, Unit("growth from cycle to cycle", 1, math.inf, typical=2, play=(1, 5), whole=True)
]
Count = Annotated[int, Unit("number of cycles", 1, math.inf, typical=3, play=(1, 20), whole=True)]
Scale = Annotated[float, Unit("factor", 0, math.inf, typical=0.5, play=(0.01, 10.0), log=True)]
Momentum = Annotated[float, Unit("momentum", 0, 1, typical=0.9, play=(0.0, 0.99), below_high=True)]
Shape = Annotated[str, Choice("curve of each phase", ("cosine", "linear"))]
CooldownShape = Annotated[str, Choice("curve of the cooldown", ("1-sqrt", "linear", "cosine"))]
Width = Annotated[int, Unit("width of the model", 1, math.inf, 512, play=(1, 4096), whole=True)]
Patience = Annotated[int, Unit("checks of the metric", 0, math.inf, 10, play=(0, 30), whole=True)]
Cut = Annotated[
    float,
    Unit("factor per cut", 0, 1, 0.1, play=(0.01, 0.99), above_low=True, below_high=True),
]
Threshold = Annotated[
    float, Unit("smallest improvement", 0, math.inf, 1e-4, play=(1e-6, 1.0), log=True)
]
Mode = Annotated[str, Choice("which metric is better", ("min", "max"))]
ThresholdMode = Annotated[str, Choice("measure of the improvement", ("rel", "abs"))]
