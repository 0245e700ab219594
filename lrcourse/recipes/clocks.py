"""What a length is counted in: steps, samples, tokens or epochs, and the way from one to another.

A paper counts its warmup in one of them and its decay in another; a trainer counts updates
("steps"). The way between steps and the rest leads through the batch, and the batch may grow
while training runs.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from lrcourse.schedules.units import Choice, IncreasingUnit, Measured, Unit, checked, shown

CLOCKS = ("steps", "samples", "tokens", "epochs")
PREFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"))  # as the papers write them
COUNTED = {
    "steps": "optimizer update t",
    "samples": "training samples seen",
    "tokens": "training tokens seen",
    "epochs": "epochs over the training set",
}

ClockName = Annotated[str, Choice("what is counted", CLOCKS)]
BatchClock = Annotated[str, Choice("what a batch holds", ("samples", "tokens"))]
Amount = Annotated[float, Unit("length", 0, math.inf, 1000.0, play=(1.0, 1e6), log=True)]
BatchSize = Annotated[
    float, Unit("batch of one update", 1, math.inf, 256.0, play=(1, 65536), log=True)
]
BatchSizes = Annotated[
    tuple[float, ...],
    IncreasingUnit("batches of one update", 1, math.inf, (1e6, 2e6), play=(1, 1e7), log=True),
]
Starts = Annotated[
    tuple[float, ...],
    IncreasingUnit("seen before", 0, math.inf, (1e9,), play=(1, 1e13), above_low=True),
]
PerSample = Annotated[
    int, Unit("tokens in one sample", 1, math.inf, 1024, play=(1, 8192), whole=True)
]
PerEpoch = Annotated[
    int, Unit("samples in one epoch", 1, math.inf, 50_000, play=(1, 10**7), whole=True)
]


@dataclass(frozen=True)
class Length(Measured):
    """So many steps, samples, tokens or epochs; an amount of 0 is a published "none"."""

    amount: Amount
    clock: ClockName

    def __str__(self) -> str:
        unit = self.clock if self.amount != 1 else self.clock.removesuffix("s")
        return f"{short(self.amount)} {unit}" if self.amount else "none"


@dataclass(frozen=True)
class Batch(Measured):
    """The same number of samples, or of tokens, in every update."""

    amount: BatchSize
    clock: BatchClock = "samples"

    def seen(self, steps: Any) -> Any:
        """B t: what t updates have seen."""
        return self.amount * steps

    def steps(self, seen: Any) -> Any:
        """n / B: the updates that see n."""
        return seen / self.amount

    def __str__(self) -> str:
        return f"{short(self.amount)} {self.clock}"


@dataclass(frozen=True)
class Ramp(Measured):
    """A batch that grows in a straight line with what was seen: b(n) = b_0 + (B - b_0) n/R

    b_0 is `first`, B is `full`; from n = R = `over` on it is B. An update that has seen n
    before it sees b(n), so after t updates n = b_0 ((1 + a)^t - 1) / a with a = (B - b_0)/R:
    the updates before the full batch see geometrically more and more. Whole sequences are not
    rounded to.
    """

    first: BatchSize
    full: BatchSize
    over: Amount
    clock: BatchClock = "tokens"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.first < self.full:
            raise ValueError(
                f"Ramp: first must be smaller than full={self.full!r}, got {self.first!r}; "
                f"a batch that stays the same is Batch({self.full!r}, {self.clock!r})"
            )
        if not self.over:
            raise ValueError(
                f"Ramp: over ({self.clock} seen) must be more than 0, got {self.over!r}; without "
                f"a ramp write Batch({self.full!r}, {self.clock!r})"
            )

    @property
    def amount(self) -> float:
        """The full batch, which most of the training has."""
        return self.full

    @property
    def growth(self) -> float:
        """a: the share by which one update's batch exceeds that of the update before."""
        return (self.full - self.first) / self.over

    @property
    def ramp_steps(self) -> int:
        """The updates before the first with a full batch."""
        return math.ceil(math.log1p(self.over * self.growth / self.first) / math.log1p(self.growth))

    def seen(self, steps: Any) -> Any:
        """What t updates have seen, between whole t in the same curve."""
        full_steps = np.maximum(steps - self.ramp_steps, 0)
        return self._while_growing(np.minimum(steps, self.ramp_steps)) + full_steps * self.full

    def steps(self, seen: Any) -> Any:
        """The updates that see n: the inverse of `seen`."""
        grown = self._while_growing(self.ramp_steps)
        ramp = np.log1p(np.minimum(seen, grown) * self.growth / self.first)
        return ramp / math.log1p(self.growth) + np.maximum(seen - grown, 0) / self.full

    def _while_growing(self, steps: Any) -> Any:
        return self.first / self.growth * np.expm1(steps * math.log1p(self.growth))

    def __str__(self) -> str:
        return (
            f"{short(self.full)} {self.clock}, from {short(self.first)} in a straight line "
            f"over the first {short(self.over)}"
        )


@dataclass(frozen=True)
class Stages(Measured):
    """A batch that grows in jumps: `amounts[i]` from the first update that begins with at least
    `starts[i - 1]` seen; `amounts[0]` from the beginning."""

    amounts: BatchSizes
    starts: Starts
    clock: BatchClock = "tokens"

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.amounts) != len(self.starts) + 1:
            raise ValueError(
                f"Stages: amounts must hold one batch more than there are starts, got "
                f"{len(self.amounts)} and {len(self.starts)}"
            )

    @property
    def amount(self) -> float:
        """The last and largest batch."""
        return self.amounts[-1]

    @cached_property
    def jumps(self) -> tuple[list[float], list[float]]:
        """(steps, seen) at which each stage begins; the first begins at 0."""
        steps, seen = [0.0], [0.0]
        for start, batch in zip(self.starts, self.amounts, strict=False):
            updates = math.ceil((start - seen[-1]) / batch)
            steps.append(steps[-1] + updates)
            seen.append(seen[-1] + updates * batch)
        return steps, seen

    def seen(self, steps: Any) -> Any:
        """What t updates have seen."""
        starts, seen = map(np.array, self.jumps)
        stage = np.searchsorted(starts, steps, side="right") - 1
        return seen[stage] + (steps - starts[stage]) * np.array(self.amounts)[stage]

    def steps(self, seen: Any) -> Any:
        """The updates that see n: the inverse of `seen`."""
        steps, starts = map(np.array, self.jumps)
        stage = np.searchsorted(starts, seen, side="right") - 1
        return steps[stage] + (seen - starts[stage]) / np.array(self.amounts)[stage]

    def __str__(self) -> str:
        stages = zip(self.amounts[1:], self.starts, strict=True)
        later = (f"{short(batch)} from {short(start)} on" for batch, start in stages)
        return ", ".join([f"{short(self.amounts[0])} {self.clock}", *later])


@dataclass(frozen=True)
class Clock(Measured):
    """What ties steps, samples, tokens and epochs together in one training.

    What is None is not known; a conversion that needs it is refused.

    >>> Clock(Batch(256), samples_per_epoch=51_200).convert(3, "epochs", "steps")
    600.0
    """

    batch: Batch | Ramp | Stages | None = None
    tokens_per_sample: PerSample | None = None
    samples_per_epoch: PerEpoch | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch is not None and not isinstance(self.batch, Batch | Ramp | Stages):
            raise ValueError(
                f"Clock: batch must say what it counts, got {shown(self.batch)}; "
                f'write Batch(256, "samples"), Batch(4e6, "tokens"), a Ramp or Stages'
            )

    def convert(self, amount: Any, counted: str, wanted: str) -> Any:
        """`amount` of the one clock in the other; a number, or an array of any shape.

        Exact both ways for whole steps. Between them a growing batch is followed smoothly.
        """
        start = checked("Clock.convert", "from", ClockName, counted)
        end = checked("Clock.convert", "to", ClockName, wanted)
        amounts = _legal(amount, start)
        path = self._path(start, end)
        converted = _along(path, amounts)
        if end == "steps" != start:
            whole = np.rint(converted)  # a logarithm misses it in the last bit
            converted = np.where(_along(self._path(end, start), whole) == amounts, whole, converted)
        return float(converted) if isinstance(amount, int | float) else converted

    def missing(self, counted: str, wanted: str) -> str:
        """The first of the fields that the conversion needs and that is None; or nothing."""
        needed = [need for _, need in _route(counted, wanted, self.batch_clock)]
        return next((name for name in needed if getattr(self, name) is None), "")

    @property
    def batch_clock(self) -> str:
        """What the batch counts; samples where no batch is known."""
        return self.batch.clock if self.batch else "samples"

    def _path(self, start: str, end: str) -> list[Callable[[Any], Any]]:
        """The functions to apply one after another."""
        missing = self.missing(start, end)
        if missing:
            raise ValueError(
                f"Clock: {missing} is not known, so {start} cannot be converted to {end}; "
                f"give {MISSING[missing]}"
            )
        return [self._hop(hop) for hop, _ in _route(start, end, self.batch_clock)]

    def _hop(self, hop: tuple[str, str]) -> Callable[[Any], Any]:
        match hop:
            case ("steps", _):
                return self.batch.seen  # type: ignore[union-attr]
            case (_, "steps"):
                return self.batch.steps  # type: ignore[union-attr]
            case ("samples", "tokens"):
                return lambda n: n * self.tokens_per_sample
            case ("tokens", "samples"):
                return lambda n: n / self.tokens_per_sample
            case ("epochs", _):
                return lambda n: n * self.samples_per_epoch
        return lambda n: n / self.samples_per_epoch


MISSING = {
    "batch": 'batch=Batch(256, "samples") or batch=Batch(4e6, "tokens") with the batch you mean',
    "tokens_per_sample": "tokens_per_sample=... with the length of a sequence",
    "samples_per_epoch": "samples_per_epoch=... with the size of the training set",
}


def short(amount: float) -> str:
    """As papers write it: "375M", "2T", "10,000", "0.5"."""
    for size, letter in PREFIXES:
        if amount >= size:
            return f"{amount / size:.6g}{letter}"
    return f"{amount:,.0f}" if amount == round(amount) else f"{amount:,.4g}"


def _route(start: str, end: str, batch_clock: str) -> list[tuple[tuple[str, str], str]]:
    """The hops from clock to clock, each with the field that it needs.

    The clocks stand in a row, steps at the side of what the batch counts.
    """
    links = {
        ("steps", batch_clock): "batch",
        ("samples", "tokens"): "tokens_per_sample",
        ("samples", "epochs"): "samples_per_epoch",
    }
    both_ways = links | {(b, a): need for (a, b), need in links.items()}
    routes: list[list[str]] = [[start]]
    while routes[0][-1] != end:
        here = routes.pop(0)
        routes += [[*here, b] for a, b in both_ways if a == here[-1] and b not in here]
    hops = list(zip(routes[0], routes[0][1:], strict=False))
    return [(hop, both_ways[hop]) for hop in hops]


def _legal(amount: Any, clock: str) -> np.ndarray:
    """An array of amounts, or a sentence about what is none."""
    amounts = np.asarray(amount)
    if amounts.dtype.kind in "iuf" and np.all((amounts >= 0) & np.isfinite(amounts)):
        return amounts.astype(float)
    raise ValueError(
        f"Clock.convert: amount ({clock}) must be finite and at least 0, got {shown(amount)}"
    )


def _along(path: list[Callable[[Any], Any]], amounts: np.ndarray) -> np.ndarray:
    for step in path:
        amounts = step(amounts)
    return np.asarray(amounts)
