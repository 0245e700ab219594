"""What every schedule is: a value that turns steps into learning rates.

A schedule is a frozen dataclass of parameters with one method, `lr(t)`, written as its
docstring's formula. The base class adds what all of them share: evaluation on numbers and
arrays, the registry, and composition. `a >> b` is first a, then b; `a * b` is both at once;
`Repeat(a)` is a again and again. NumPy only: this floor also runs where no torch is installed.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from numbers import Real
from typing import Any

import numpy as np

from lrcourse.schedules.units import Count, CycleFactor, Measured, Period, Scale, Stretch, shown

BLOCK = 65_536  # times computed at once: the arrays in between stay in the cache
SCHEDULES: dict[str, type["Schedule"]] = {}  # name -> class; every subclass adds itself


class Schedule(Measured):
    """η = schedule(t): the learning rate of the update that follows t updates.

    `t` is a number, or an array of any shape, of at least 0; the rates have the same shape.
    The first update uses `schedule(0)`. Pure: the answer depends on t and on the parameters
    alone. After its last step a schedule keeps its final value.

    To write your own, decorate a subclass with `@dataclass(frozen=True)`, give each field a
    unit (`peak_lr: LR`) and define `lr(t)` on arrays, one rate for each t.
    """

    steps: int | None  # updates until the schedule ends; None: it never ends

    __array_ufunc__ = None  # np.float64(0.5) * schedule asks the schedule, not NumPy

    def __init_subclass__(cls, register: bool = True) -> None:
        if not hasattr(cls, "steps") and "steps" not in cls.__annotations__:
            cls.steps = None  # a field without a default must not find one in a base class
        if register:
            SCHEDULES[cls.__name__] = cls

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            self([0, 1])  # a composition with impossible parts fails here, not mid-training
        except ValueError as error:
            if "truth value of an array" not in str(error):
                raise
            raise ValueError(
                f"{type(self).__name__}: lr(t) is given an array of times; choose between "
                f"values with np.where(t < 5, a, b), not with if"
            ) from None

    def lr(self, t: np.ndarray) -> Any:
        """The formula, on a one-dimensional array of floats."""
        raise NotImplementedError(f"{type(self).__name__} has no formula yet: define lr(self, t)")

    def __call__(self, t: Any) -> Any:
        times = np.asarray(t)
        if times.dtype.kind not in "iuf":
            raise ValueError(
                f"{type(self).__name__}: t must be a number or an array of numbers, got {shown(t)}"
            )
        # one axis: NumPy's scalar power differs from its array power in the last bit
        flat = times.ravel()
        rates = np.empty(flat.shape)
        for start in range(0, flat.size, BLOCK):
            block = slice(start, start + BLOCK)
            rates[block] = self.lr(self._legal(flat[block]).astype(float))
        if isinstance(t, int | float):
            return float(rates[0])
        dtype = times.dtype if times.dtype.kind == "f" else float
        return rates.reshape(times.shape).astype(dtype, copy=False)

    def _legal(self, times: np.ndarray) -> np.ndarray:
        """`times`, or a sentence about the first that is no time."""
        if times.min() >= 0 and (times.dtype.kind != "f" or times.max() < math.inf):
            return times  # of NaN neither is true
        illegal = times[~((times >= 0) & np.isfinite(times))][0].item()
        raise ValueError(
            f"{type(self).__name__}: t (optimizer updates already made) must be finite and "
            f"at least 0, got {illegal!r}"
        )

    def __rshift__(self, later: "Schedule") -> "Sequential":
        """`a >> b`: first all steps of `a`, then `b` from its own t = 0."""
        if not isinstance(later, Schedule):
            return NotImplemented
        return Sequential((*_parts(self), *_parts(later)))

    def __mul__(self, other: "Schedule | float") -> "Product":
        """`a * b`: at each t the product of both rates; a number scales every rate."""
        if isinstance(other, Real) and not isinstance(other, bool):
            schedules, factor = _factors(self)
            return Product(schedules, factor * float(other))
        if not isinstance(other, Schedule):
            return NotImplemented
        (mine, my_factor), (theirs, their_factor) = _factors(self), _factors(other)
        return Product(mine + theirs, my_factor * their_factor)

    __rmul__ = __mul__

    def lasting(self, steps: int) -> "Lasting":
        """The first `steps` updates of this schedule, so that another can follow with `>>`."""
        return Lasting(self, steps)


class Phased(Schedule, register=False):
    """A schedule with a name of its own that is made of others, its `phases`."""

    steps: int | None

    @cached_property
    def phases(self) -> Schedule:
        """What this schedule is made of."""
        raise NotImplementedError(f"{type(self).__name__}: define the property phases")

    def lr(self, t: np.ndarray) -> Any:
        return self.phases.lr(t)

    def rest(self, **lengths: int) -> int:
        """The updates that these lengths leave of `steps`, for the last phase; at least 1."""
        rest = (self.steps or 0) - sum(lengths.values())
        if rest < 1:
            raise ValueError(
                f"{type(self).__name__}: {' + '.join(lengths)} must be smaller than "
                f"steps={self.steps!r}, got {' + '.join(map(str, lengths.values()))}; "
                f"each phase takes at least one update"
            )
        return rest


def progress(t: np.ndarray, steps: int) -> np.ndarray:
    """The share of `steps` that is over: t/T, and 1 from T on."""
    return np.minimum(t / steps, 1)


def cycle_of(
    t: np.ndarray, first_cycle: int, stretch: int, count: int | None = None
) -> tuple[Any, Any, Any]:
    """(k, start, length) of the cycle that each t lies in, of at most `count` cycles.

    Cycle 0 lasts `first_cycle` updates, every other `stretch` times as long as the one before.
    Starts are whole numbers, found by search: a logarithm would miss some restarts.
    """
    most = math.inf if count is None else count - 1
    if stretch == 1:
        k = np.minimum(np.floor(t / first_cycle), most)
        return k, k * first_cycle, first_cycle
    starts, lengths = [0.0], [float(first_cycle)]
    while len(starts) <= most and starts[-1] + lengths[-1] <= np.max(t):
        starts.append(starts[-1] + lengths[-1])
        lengths.append(lengths[-1] * stretch)
    k = np.searchsorted(starts, (np.min(t), np.max(t)), side="right") - 1
    k = k[:1] if k[0] == k[1] else np.searchsorted(starts, t, side="right") - 1
    return k, np.take(starts, k), np.take(lengths, k)


# Composition, from simple to composed -----------------------------------------------------------


@dataclass(frozen=True)
class Lasting(Schedule, register=False):
    """The first `steps` updates of `schedule`; then its value at t = steps is kept."""

    schedule: Schedule
    steps: Period

    def __post_init__(self) -> None:
        refuse_non_schedules("Lasting", (self.schedule,))
        super().__post_init__()

    def lr(self, t: np.ndarray) -> Any:
        return self.schedule.lr(np.minimum(t, self.steps))

    def __repr__(self) -> str:
        return f"{_bracketed(self.schedule, Sequential, Product)}.lasting({self.steps})"


@dataclass(frozen=True)
class Sequential(Schedule, register=False):
    """Schedules one after another, each from its own t = 0: what `a >> b >> c` makes.

    Part i takes over after the summed steps of the parts before it; every part but the last
    must have an end. PyTorch's SequentialLR takes the same points as `milestones`; it skips
    parts silently where they are not sorted, and goes wrong where it is nested.
    """

    parts: tuple[Schedule, ...]

    def __post_init__(self) -> None:
        refuse_non_schedules("Sequential", self.parts)
        for part in self.parts[:-1]:
            refuse_endless(part, "so nothing can follow it: put it last, or")
        super().__post_init__()

    @cached_property
    def milestones(self) -> tuple[int, ...]:
        """The updates at which the second, third, ... part takes over."""
        return tuple(accumulate(part.steps or 0 for part in self.parts[:-1]))

    @property
    def steps(self) -> int | None:  # type: ignore[override]
        last = self.parts[-1].steps
        return None if last is None else sum(self.milestones[-1:]) + last

    def lr(self, t: np.ndarray) -> Any:
        starts = (0, *self.milestones)
        first, last = np.searchsorted(self.milestones, (np.min(t), np.max(t)), side="right")
        lr = self.parts[first].lr(t - starts[first])
        for i in range(first + 1, last + 1):  # only the parts that t meets are computed
            lr = np.where(t < starts[i], lr, self.parts[i].lr(np.maximum(t - starts[i], 0)))
        return lr

    def __repr__(self) -> str:
        return " >> ".join(map(repr, self.parts))


@dataclass(frozen=True)
class Product(Schedule, register=False):
    """η(t) = c η_1(t) η_2(t) ...: what `c * a * b` makes; c is `factor`.

    It lasts as long as its longest schedule. PyTorch's ChainedScheduler is this product only
    while all its parts multiply the rate that they find; LambdaLR and the cosine do not.
    """

    schedules: tuple[Schedule, ...]
    factor: Scale = 1.0

    def __post_init__(self) -> None:
        refuse_non_schedules("Product", self.schedules)
        super().__post_init__()

    @property
    def steps(self) -> int | None:  # type: ignore[override]
        lengths = [schedule.steps for schedule in self.schedules]
        return None if None in lengths else max(filter(None, lengths))

    def lr(self, t: np.ndarray) -> Any:
        return math.prod((schedule.lr(t) for schedule in self.schedules), start=self.factor)

    def __repr__(self) -> str:
        number = [repr(self.factor)] if self.factor != 1 or len(self.schedules) == 1 else []
        return " * ".join(number + [_bracketed(s, Sequential) for s in self.schedules])


@dataclass(frozen=True)
class Repeat(Schedule, register=False):
    """η(t) = γ^k η_cycle(τ / m^k) in cycle k, τ updates after its start; k = 0, 1, 2, ...

    Each cycle lasts m (`stretch`) times as long as the one before and is γ (`gamma`) times as
    high. After `count` cycles the last value is kept; with None it goes on for ever.
    """

    schedule: Schedule
    count: Count | None = None
    stretch: Stretch = 1
    gamma: CycleFactor = 1.0

    def __post_init__(self) -> None:
        refuse_non_schedules("Repeat", (self.schedule,))
        refuse_endless(self.schedule, "so it cannot be repeated:")
        super().__post_init__()
        if self.count and self.count * math.log2(self.stretch) > 53:
            raise ValueError(
                f"Repeat: {self.count} cycles, each {self.stretch} times as long as the one "
                f"before, are more than 2**53 updates; give a smaller count, or None for no end"
            )

    @property
    def steps(self) -> int | None:  # type: ignore[override]
        if self.count is None or self.schedule.steps is None:
            return None
        m, n = self.stretch, self.count
        return self.schedule.steps * (n if m == 1 else (m**n - 1) // (m - 1))

    def lr(self, t: np.ndarray) -> Any:
        cycle = self.schedule.steps or 1
        k, start, length = cycle_of(t, cycle, self.stretch, self.count)
        return self.gamma**k * self.schedule.lr((t - start) / (length / cycle))


def _parts(schedule: Schedule) -> tuple[Schedule, ...]:
    return schedule.parts if isinstance(schedule, Sequential) else (schedule,)


def _factors(schedule: Schedule) -> tuple[tuple[Schedule, ...], float]:
    if isinstance(schedule, Product):
        return schedule.schedules, schedule.factor
    return (schedule,), 1.0


def _bracketed(schedule: Schedule, *loose: type[Schedule]) -> str:
    return f"({schedule!r})" if isinstance(schedule, loose) else repr(schedule)


def refuse_non_schedules(name: str, parts: tuple[Schedule, ...]) -> None:
    """ValueError unless `parts` is a tuple of at least one schedule."""
    if not (isinstance(parts, tuple) and parts):
        raise ValueError(f"{name}: a tuple of schedules is needed, got {shown(parts)}")
    for part in parts:
        if not isinstance(part, Schedule):
            raise ValueError(
                f"{name}: a schedule such as Constant(0.1) is needed, got {shown(part)}"
            )


def refuse_endless(part: Schedule, so: str) -> None:
    """ValueError if `part` has no last step; `so` says what follows from that."""
    if part.steps is None:
        raise ValueError(f"{part!r} never ends, {so} give it a length with .lasting(steps)")
