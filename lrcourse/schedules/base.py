"""What every schedule is: a value that turns steps into learning rates.

A schedule is a frozen dataclass of parameters with one method, `lr(t)`, written as its
docstring's formula. The base class adds what all of them share: validation from the units
of the fields, evaluation on numbers and arrays, the registry, and composition with `>>`.
NumPy only: this floor also runs where no torch is installed.
"""

from dataclasses import MISSING, dataclass, fields
from functools import cache
from itertools import accumulate
from typing import Any, get_type_hints

import numpy as np

from lrcourse.schedules.units import Period, Unit

SCHEDULES: dict[str, type["Schedule"]] = {}  # name -> class; every subclass adds itself


class Schedule:
    """η = schedule(t): the learning rate of the update that follows t updates.

    `t` is a number, or an array of any shape, of at least 0; the rates have the same shape.
    The first update uses `schedule(0)`. Pure: the answer depends on t and on the parameters
    alone. After its last step a schedule keeps its final value.

    To write your own, decorate a subclass with `@dataclass(frozen=True)`, give each field a
    unit (`peak_lr: LR`) and define `lr(t)` on arrays.
    """

    steps: int | None = None  # updates until the schedule ends; None: it never ends

    def __init_subclass__(cls, register: bool = True) -> None:
        if register:
            SCHEDULES[cls.__name__] = cls

    def __init__(self, *values: Any, **named_values: Any) -> None:
        name = type(self).__name__
        raise TypeError(
            f"{name} is not a dataclass yet: write @dataclass(frozen=True) above 'class {name}'"
        )

    def __post_init__(self) -> None:
        for name, unit in self.units().items():
            value = getattr(self, name)
            if value is None and self._default(name) is None:
                continue
            try:
                object.__setattr__(self, name, unit.checked(value))  # np.int64(3) becomes 3
            except ValueError as error:
                sentence = f"{type(self).__name__}: {name} ({unit.meaning}) {error}"
                raise ValueError(sentence) from None
        self(0)  # a composition with impossible parts fails here, not mid-training

    def lr(self, t: np.ndarray) -> Any:
        """The formula, on an array of floats."""
        raise NotImplementedError(f"{type(self).__name__} has no formula yet: define lr(self, t)")

    def __call__(self, t: Any) -> Any:
        times = np.asarray(t)
        if times.dtype.kind not in "iuf":
            raise ValueError(f"{type(self).__name__}: t must be a number or an array, got {t!r}")
        legal = (times >= 0) & np.isfinite(times)
        if not np.all(legal):
            raise ValueError(
                f"{type(self).__name__}: t (optimizer updates already made) must be finite and "
                f"at least 0, got {times[~legal].flat[0].item()!r}"
            )
        # at least one axis: NumPy's scalar power differs from its array power in the last bit
        flat = np.atleast_1d(times).astype(float)
        rates = (self.lr(flat) + np.zeros(flat.shape)).reshape(times.shape)
        if isinstance(t, int | float):
            return float(rates)
        return rates.astype(times.dtype) if times.dtype.kind == "f" else rates

    def __rshift__(self, later: "Schedule") -> "Sequential":
        """`a >> b`: first all steps of `a`, then `b` from its own t = 0."""
        if not isinstance(later, Schedule):
            return NotImplemented
        return Sequential((*_parts(self), *_parts(later)))

    def lasting(self, steps: int) -> "Lasting":
        """The first `steps` updates of this schedule, so that another can follow with `>>`."""
        return Lasting(self, steps)

    @classmethod
    @cache
    def units(cls) -> dict[str, Unit]:
        """Field name -> its Unit, in the order of the fields."""
        hints = get_type_hints(cls, include_extras=True)
        found = {f.name: _unit_of(hints[f.name]) for f in fields(cls)}  # type: ignore[arg-type]
        return {name: unit for name, unit in found.items() if unit is not None}

    @classmethod
    def example(cls) -> "Schedule":
        """The schedule at typical values, for galleries, sliders and tests."""
        typical = {n: u.typical for n, u in cls.units().items() if cls._default(n) is MISSING}
        return cls(**typical)

    @classmethod
    def _default(cls, name: str) -> Any:
        return next(f.default for f in fields(cls) if f.name == name)  # type: ignore[arg-type]


def _unit_of(hint: Any) -> Unit | None:
    """The Unit in `LR`, or in `Steps | None`."""
    candidates = (hint, *getattr(hint, "__args__", ()))
    marks = (mark for each in candidates for mark in getattr(each, "__metadata__", ()))
    return next((mark for mark in marks if isinstance(mark, Unit)), None)


def _refuse_non_schedules(name: str, parts: tuple[Schedule, ...]) -> None:
    if not (isinstance(parts, tuple) and parts):
        raise ValueError(f"{name}: parts must be a tuple of schedules, got {parts!r}")
    for part in parts:
        if not isinstance(part, Schedule):
            raise ValueError(f"{name}: a schedule such as Constant(0.1) is needed, got {part!r}")


def _parts(schedule: Schedule) -> tuple[Schedule, ...]:
    return schedule.parts if isinstance(schedule, Sequential) else (schedule,)


@dataclass(frozen=True)
class Lasting(Schedule, register=False):
    """The first `steps` updates of `schedule`; then its value at t = steps is kept."""

    schedule: Schedule
    steps: Period

    def __post_init__(self) -> None:
        _refuse_non_schedules(type(self).__name__, (self.schedule,))
        super().__post_init__()

    def lr(self, t: np.ndarray) -> Any:
        return self.schedule.lr(np.minimum(t, self.steps))

    def __repr__(self) -> str:
        return f"{self.schedule!r}.lasting({self.steps})"


@dataclass(frozen=True)
class Sequential(Schedule, register=False):
    """Schedules one after another, each from its own t = 0: what `a >> b >> c` makes.

    Part i takes over after the summed steps of the parts before it; every part but the last
    must have an end. PyTorch's SequentialLR takes the same points as `milestones`.
    """

    parts: tuple[Schedule, ...]

    def __post_init__(self) -> None:
        _refuse_non_schedules(type(self).__name__, self.parts)
        for part in self.parts[:-1]:
            if part.steps is None:
                raise ValueError(
                    f"{part!r} never ends, so nothing can follow it: put it last, or give it a "
                    f"length with .lasting(steps)"
                )
        super().__post_init__()

    @property
    def milestones(self) -> tuple[int, ...]:
        """The updates at which the second, third, ... part takes over."""
        return tuple(accumulate(part.steps or 0 for part in self.parts[:-1]))

    @property
    def steps(self) -> int | None:  # type: ignore[override]
        last = self.parts[-1].steps
        return None if last is None else sum(self.milestones[-1:]) + last

    def lr(self, t: np.ndarray) -> Any:
        lr = self.parts[0].lr(t)
        for part, start in zip(self.parts[1:], self.milestones, strict=True):
            lr = np.where(t < start, lr, part.lr(np.maximum(t - start, 0)))
        return lr

    def __repr__(self) -> str:
        return " >> ".join(map(repr, self.parts))
