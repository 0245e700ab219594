"""From the units of a schedule to the sliders, boxes and lists that change it, and back.

A control is plain data that JavaScript turns into native inputs. A slider moves over `stops`,
the values worth visiting, so no formula of a unit is written a second time in JavaScript.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from lrcourse.schedules import Choice, IncreasingUnit, Schedule, Unit
from lrcourse.schedules.units import NEVER_ABOVE

STOPS_PER_DECADE = 20


def stops(unit: Unit) -> list[float]:
    """The values of a slider, rising: whole numbers, equal factors or equal differences."""
    if unit.log:
        rising = _by_factors(*unit.play)
        zero = [0.0] if unit.low == 0 and not unit.above_low else []  # a log scale has no zero
        return zero + (sorted({round(x) for x in rising}) if unit.whole else rising)
    if unit.whole:
        return list(range(int(unit.play[0]), int(unit.play[1]) + 1))
    return _by_differences(*unit.play)


def controls_of(schedule: Schedule) -> list[dict[str, Any]]:
    """One control per field that shapes the rates, in the order of the fields."""
    units = schedule.units().items()
    return [_control(schedule, name, unit) for name, unit in units if unit.meaning != "momentum"]


def moved(schedule: Schedule, values: dict[str, Any]) -> Schedule:
    """`schedule` with the values of its controls; ValueError where they are not legal."""
    units = schedule.units()
    read = {name: _read(units.get(name), value) for name, value in values.items()}
    return replace(schedule, **read)  # type: ignore[type-var]  # every schedule is a dataclass


def _control(schedule: Schedule, name: str, unit: Unit | Choice) -> dict[str, Any]:
    value = getattr(schedule, name)
    about = {"name": name, "meaning": unit.meaning}
    if isinstance(unit, Choice):
        return {**about, "kind": "choice", "value": value, "words": list(unit.words)}
    if isinstance(unit, IncreasingUnit):
        return {**about, "kind": "list", "value": ", ".join(map(str, value))}
    return {
        **about,
        "kind": "number",
        "value": value,
        "stops": stops(unit),
        "whole": unit.whole,
        "optional": schedule.default(name) is None,
        "first": _first(name, unit),
    }


def _first(name: str, unit: Unit) -> Any:
    """What an optional field holds when it is given a value: the typical, or what always fits."""
    return unit.low if name in {small for small, _ in NEVER_ABOVE} else unit.typical


def _read(unit: Any, value: Any) -> Any:
    """The text of a list as a tuple; what is no number stays a word, for the unit to refuse."""
    if isinstance(unit, IncreasingUnit) and isinstance(value, str):
        return tuple(_number(word) for word in value.replace(",", " ").split())
    return value


def _number(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word


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
