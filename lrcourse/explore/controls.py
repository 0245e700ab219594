"""From units to the sliders, boxes and lists that change a value, and back.

A control is plain data that JavaScript turns into native inputs. A slider moves over `stops`,
the values worth visiting, so no formula of a unit is written a second time in JavaScript.
"""

from dataclasses import MISSING, dataclass
from functools import cache
from typing import Any

import numpy as np

from lrcourse.schedules import Choice, IncreasingUnit, Unit
from lrcourse.schedules.units import NEVER_ABOVE, shown

STOPS_PER_DECADE = 20
HAND_DRAWN = 10_000  # more points than anybody paints


@dataclass(frozen=True)
class Drawing:
    """A curve that a hand paints: the heights of evenly spaced points, each from low to high."""

    meaning: str
    low: float
    high: float
    typical: tuple[float, ...] = ()

    def checked(self, value: Any) -> tuple[float, ...]:
        """The heights as plain numbers; ValueError says in half a sentence what they must be."""
        if not isinstance(value, list | tuple) or not 2 <= len(value) <= HAND_DRAWN:
            raise ValueError(f"must be a list of at least two heights, got {shown(value)}")
        height = Unit(self.meaning, self.low, self.high, self.low, (self.low, self.high))
        return tuple(height.checked(each) for each in value)


def control(
    path: str, unit: Any, value: Any, default: Any = MISSING, heading: str = ""
) -> dict[str, Any]:
    """What changes the value at `path`, such as "schedule.peak_lr"; labelled by its last part."""
    name = path.rpartition(".")[2]
    about = {"path": path, "name": name, "meaning": unit.meaning, "heading": heading}
    if isinstance(unit, Choice):
        return {**about, "kind": "choice", "value": value, "words": list(unit.words)}
    if isinstance(unit, Drawing):
        return {**about, "kind": "drawing", "value": list(value), "ends": [unit.low, unit.high]}
    if isinstance(unit, IncreasingUnit):
        return {**about, "kind": "list", "value": ", ".join(map(str, value))}
    return {
        **about,
        "kind": "number",
        "value": value,
        "stops": stops(unit),
        "whole": unit.whole,
        "optional": default is None,
        "first": _first(name, unit),
    }


def switch(path: str, meaning: str, value: bool) -> dict[str, Any]:
    """A check box."""
    about = {"path": path, "name": path.replace("_", " "), "meaning": meaning, "heading": ""}
    return {**about, "kind": "switch", "value": value}


def read(unit: Any, value: Any) -> Any:
    """The text of a list as a tuple; what is no number stays a word, for the unit to refuse."""
    if isinstance(unit, IncreasingUnit) and isinstance(value, str):
        return tuple(_number(word) for word in value.replace(",", " ").split())
    return value


@cache  # asked for with every move, and a unit does not change
def stops(unit: Unit) -> list[float]:
    """The values of a slider, rising: whole numbers, equal factors or equal differences."""
    if unit.log:
        rising = _by_factors(*unit.play)
        zero = [0.0] if unit.low == 0 and not unit.above_low else []  # a log scale has no zero
        return zero + (sorted({round(x) for x in rising}) if unit.whole else rising)
    if unit.whole:
        return _whole(*unit.play)
    return _by_differences(*unit.play)


def _first(name: str, unit: Unit) -> Any:
    """What an optional field holds when it is given a value: the typical, or what always fits."""
    return unit.low if name in {small for small, _ in NEVER_ABOVE} else unit.typical


def _number(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word


def _whole(low: float, high: float) -> list[float]:
    """1, 2, 3, ...; of a wide range 1000 numbers at most, such as 10, 20, 30, ..."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if high - low <= 1000 * step)
    inside = range(-int(-low // step) * step, int(high) + 1, step)
    return sorted({int(low), *inside, int(high)})


def _by_factors(low: float, high: float) -> list[float]:
    """1, 1.1, 1.3, 1.4, 1.6, ... 10, in two digits, in every decade."""
    first, last = (round(STOPS_PER_DECADE * np.log10(end)) for end in (low, high))
    exponents = np.arange(first, last + 1) / STOPS_PER_DECADE
    return [float(f"{x:.2g}") for x in 10**exponents]


def _by_differences(low: float, high: float) -> list[float]:
    """Multiples of a power of ten, 50 to 500 of them."""
    digits = int(-np.floor(np.log10((high - low) / 50)))
    first, last = np.ceil(round(low * 10.0**digits, 6)), np.floor(round(high * 10.0**digits, 6))
    return [round(float(k) / 10.0**digits, digits) for k in np.arange(first, last + 1)]
