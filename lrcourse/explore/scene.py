"""A scene is a function of sliders: its arguments have units, and it returns a `View`.

    @scene("Half a cosine")
    def half_cosine(peak_lr: LR = 0.1, steps: Steps = 100) -> View:
        lr = CosineDecay(peak_lr, steps)(np.arange(2 * steps))
        return View((time_panel(rates("cosine", lr)),), said=course(lr))

`explore(half_cosine)` is the explorer. An argument may be a unit, a `Choice`, a bool, a
`Drawing`, a `Schedule` (any class and all its fields) or `Schedule | None`. A function that
takes long *yields* views instead: the first at once, each next one better.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from types import NoneType
from typing import Any, get_args, get_type_hints

from lrcourse.explore.controls import Drawing, control, read, switch
from lrcourse.panels import View
from lrcourse.schedules import SCHEDULES, Choice, Schedule, Unit
from lrcourse.schedules.units import checked, shown

NONE = "none"  # the word for no schedule
Values = Mapping[str, Any]  # what the controls hold: path -> plain value


# The arguments of a scene ------------------------------------------------------------------------


@dataclass(frozen=True)
class Quantity:
    """An argument with a unit, a choice or a drawing."""

    name: str
    default: Any
    unit: Any

    def controls(self, value: Any) -> list[dict[str, Any]]:
        return [control(self.name, self.unit, value, self.default)]

    def read(self, owner: str, values: Values, before: Any) -> Any:
        value = read(self.unit, values.get(self.name, before))
        if value is None and self.default is None:
            return None
        return checked(owner, self.name, self.unit, value)


@dataclass(frozen=True)
class Switch:
    """An argument that is true or false."""

    name: str
    default: bool
    meaning: str = ""

    def controls(self, value: bool) -> list[dict[str, Any]]:
        return [switch(self.name, self.meaning, value)]

    def read(self, owner: str, values: Values, before: bool) -> bool:
        value = values.get(self.name, before)
        if not isinstance(value, bool):
            raise ValueError(f"{owner}: {self.name} must be true or false, got {shown(value)}")
        return value


@dataclass(frozen=True)
class AnySchedule:
    """An argument that is a schedule: its class is chosen, and each of its fields has a control.

    `fixed` leaves the class as it is; `optional` allows no schedule at all.
    """

    name: str
    default: Schedule | None
    optional: bool = False
    fixed: bool = False

    def controls(self, value: Schedule | None) -> list[dict[str, Any]]:
        label = "" if self.fixed else self.name.replace("_", " ")
        mine = [] if value is None else list(_fields_of(value, self.name, label))
        if self.fixed:
            return mine
        chosen = NONE if value is None else type(value).__name__
        words = Choice("", tuple(dict.fromkeys([*self._words(), chosen])))
        chooser = control(self.name, words, chosen)
        return [chooser | {"name": label}, *mine]

    def _words(self) -> list[str]:
        return [NONE, *SCHEDULES] if self.optional else list(SCHEDULES)

    def read(self, owner: str, values: Values, before: Schedule | None) -> Schedule | None:
        chosen = values.get(self.name)
        if chosen == NONE and self.optional:
            return None
        if chosen is not None and (before is None or chosen != type(before).__name__):
            if chosen not in SCHEDULES:
                raise ValueError(f"{owner}: there is no schedule {shown(chosen)}")
            return _returned(adopted(SCHEDULES[chosen], before), self.name, values)
        return None if before is None else _rebuilt(before, self.name, values)


Argument = Quantity | Switch | AnySchedule


def _argument(name: str, hint: Any, default: Any) -> Argument:
    options = get_args(hint) or (hint,)
    if Schedule in options:
        return AnySchedule(name, default, optional=NoneType in options)
    if hint is bool:
        return Switch(name, default)
    for mark in (m for each in (hint, *options) for m in getattr(each, "__metadata__", ())):
        if isinstance(mark, Unit | Choice | Drawing):
            return Quantity(name, default, mark)
    raise TypeError(
        f"explore: the argument {name} needs a unit, such as {name}: LR = 0.1; "
        f"it may also be a Choice, a bool, a Drawing or a Schedule"
    )


# Schedules as arguments --------------------------------------------------------------------------


def adopted(cls: type[Schedule], before: Schedule | None) -> Schedule:
    """An example of `cls` with the peak, the length and all else that it shares with `before`."""
    schedule = cls.example()
    for name, unit in cls.units().items():
        value = getattr(before, name, None)
        if value is not None and type(before).units().get(name) == unit:  # type: ignore[union-attr]
            try:
                schedule = replace(schedule, **{name: value})  # type: ignore[type-var]
            except ValueError:  # it does not fit beside the others: the example's stays
                continue
    return schedule


def _fields_of(schedule: Schedule, path: str, heading: str = "") -> Iterator[dict[str, Any]]:
    for name, unit in schedule.units().items():
        default = schedule.default(name)
        yield control(f"{path}.{name}", unit, getattr(schedule, name), default, heading)
    for place, part in _inside(schedule):
        of_part = f"{heading} {type(part).__name__}".strip()
        yield from _fields_of(part, f"{path}.{place}", of_part)


def _inside(schedule: Schedule) -> Iterator[tuple[str, Schedule]]:
    """The schedules that a composition is made of, and where each stands in it."""
    for field in fields(schedule):  # type: ignore[arg-type]  # every schedule is a dataclass
        value = getattr(schedule, field.name)
        if isinstance(value, Schedule):
            yield field.name, value
        elif isinstance(value, tuple) and value and isinstance(value[0], Schedule):
            yield from ((f"{field.name}.{i}", part) for i, part in enumerate(value))


def _rebuilt(schedule: Schedule, path: str, values: Values) -> Schedule:
    """`schedule` with the values of its controls; ValueError where they are not legal."""
    changed: dict[str, Any] = {
        name: read(unit, values[f"{path}.{name}"])
        for name, unit in schedule.units().items()
        if f"{path}.{name}" in values
    }
    for place, part in _inside(schedule):
        name, _, index = place.partition(".")
        new = _rebuilt(part, f"{path}.{place}", values)
        changed[name] = (*changed.get(name, ()), new) if index else new
    return replace(schedule, **changed)  # type: ignore[type-var]


def _returned(schedule: Schedule, path: str, values: Values) -> Schedule:
    """With the values that its controls had before, as `undo` brings them back; or as it is."""
    try:
        return _rebuilt(schedule, path, values)
    except ValueError:
        return schedule


# The scene ---------------------------------------------------------------------------------------


class Scene:
    """A function of sliders, its title, and positions of the sliders worth jumping to."""

    def __init__(
        self,
        function: Callable[..., Any],
        title: str = "",
        presets: Mapping[str, Mapping[str, Any]] | None = None,
        plays: bool = False,
    ) -> None:
        self.function = function
        self.name = getattr(function, "__name__", type(function).__name__)
        self.title = title or self.name.replace("_", " ")
        self._presets = presets or {}
        self.plays = plays
        self.parameters = {
            name: _argument(name, hint, default) for name, hint, default in _signature(function)
        }

    def start(self, **given: Any) -> dict[str, Any]:
        """The arguments at their defaults, or as given; TypeError names one that is unknown."""
        for name in given:
            if name not in self.parameters:
                raise TypeError(
                    f"explore: {self.name} has no argument {name}; it has "
                    f"{', '.join(self.parameters)}"
                )
        wanted = {name: given.get(name, p.default) for name, p in self.parameters.items()}
        return {name: self._checked(name, value) for name, value in wanted.items()}

    def _checked(self, name: str, value: Any) -> Any:
        parameter = self.parameters[name]
        if isinstance(parameter, AnySchedule):
            if isinstance(value, Schedule) or (value is None and parameter.optional):
                return value
            if isinstance(value, type) and issubclass(value, Schedule):
                return value.example()
            raise TypeError(f"explore: {name} must be a schedule, got {shown(value)}")
        return parameter.read(self.name, {name: value}, value)

    def controls(self, arguments: Values) -> list[dict[str, Any]]:
        """One control per value that can be moved, in the order of the arguments."""
        each = (p.controls(arguments[name]) for name, p in self.parameters.items())
        return [part for controls in each for part in controls]

    def arguments(self, values: Values, before: Values) -> dict[str, Any]:
        """The arguments that the controls hold; ValueError names the one that is not legal."""
        for path in values:
            if path.partition(".")[0] not in self.parameters:
                raise ValueError(f"{self.name}: there is no control {shown(path)}")
        return {
            name: parameter.read(self.name, values, before[name])
            for name, parameter in self.parameters.items()
        }

    def presets(self) -> list[dict[str, Any]]:
        """Positions to jump to: [{"label": ..., "values": {path: value}}, ...]"""
        return [
            {"label": label, "values": self.values(self.start(**given))}
            for label, given in self._presets.items()
        ]

    def values(self, arguments: Values) -> dict[str, Any]:
        """What the controls hold at these arguments."""
        return {control["path"]: control["value"] for control in self.controls(arguments)}

    def views(self, arguments: Values) -> Iterator[View]:
        """The views of these arguments, each better than the one before."""
        result = self.function(**arguments)
        if isinstance(result, Iterator):
            return result
        return iter((result,))


def scene(
    title: str, presets: Mapping[str, Mapping[str, Any]] | None = None, plays: bool = False
) -> Callable[[Callable[..., Any]], Scene]:
    """Make a scene of a function: `@scene("Half a cosine")`.

    `presets` are {label: {argument: value}}. A scene that `plays` shows its first view and
    waits for the play button before it goes on to the next.
    """
    return lambda function: Scene(function, title, presets, plays)


def _signature(function: Callable[..., Any]) -> Iterator[tuple[str, Any, Any]]:
    """(name, hint, default) of every argument."""
    hints = get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is parameter.empty:
            raise TypeError(
                f"explore: {function.__name__} needs a default for {name}, where its slider starts"
            )
        yield name, hints.get(name, parameter.annotation), parameter.default
