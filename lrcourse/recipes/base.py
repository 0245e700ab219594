"""What is known of one training: its rates, lengths and batch, each with the source of it.

A field that is None was not published, or not in what we could read. That is not the same as
"none": a warmup of length 0 is a published absence.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from lrcourse.recipes.card import card, markdown
from lrcourse.recipes.clocks import (
    CLOCKS,
    Batch,
    Clock,
    ClockName,
    Length,
    PerEpoch,
    PerSample,
    Ramp,
    Stages,
)
from lrcourse.recipes.on_clock import OnClock
from lrcourse.recipes.shapes import KINDS, NEED_AN_END, WARMUPS, Shape
from lrcourse.schedules import LR, Choice, Factor, Schedule
from lrcourse.schedules.units import Measured, checked, shown

Family = Annotated[str, Choice("which scaling rules hold", ("sgd", "adam"))]
Kind = Annotated[str, Choice("what the rate does after the warmup", KINDS)]
WarmupKind = Annotated[str, Choice("curve of the warmup", WARMUPS)]


EXAMPLES = {  # field -> how somebody would give it
    "peak_lr": "peak_lr=1e-4",
    "warmup": 'warmup=Length(0, "steps")',
    "length": 'length=Length(100_000, "steps")',
    "batch": 'batch=Batch(256, "samples")',
    "tokens_per_sample": "tokens_per_sample=1024",
    "samples_per_epoch": "samples_per_epoch=1_000_000",
}
LENGTHS = ("warmup", "length", "decay_start", "decay_end")


@dataclass(frozen=True)
class Source:
    """Where figures stand: a short name, the address, and what of it was read."""

    name: str
    address: str
    read: str
    quote: str = ""  # the words, or the line of code, on which the figures rest

    def __str__(self) -> str:
        return f"{self.name}, {self.address} (read: {self.read})"


@dataclass(frozen=True)
class Recipe(Measured):
    """What one model was trained with.

    `family` chooses the rules that scale a rate with the batch. Lengths count from the first
    update: `decay_start` None is the end of the warmup, `decay_end` None the end of `length`.
    At each of `drops` the rate is multiplied by `gamma`. Where `min_lr` is None the end of a
    decay is not published, and the schedule goes to 0.
    """

    name: str
    title: str
    year: int
    optimizer: str
    family: Family
    decay: Kind
    sources: tuple[Source, ...]
    peak_lr: LR | None = None
    min_lr: LR | None = None
    start_lr: LR = 0.0
    warmup: Length | None = None
    warmup_kind: WarmupKind = "linear"
    length: Length | None = None
    decay_start: Length | None = None
    decay_end: Length | None = None
    drops: tuple[Length, ...] = ()
    gamma: Factor | None = None
    batch: Batch | Ramp | Stages | None = None
    tokens_per_sample: PerSample | None = None
    samples_per_epoch: PerEpoch | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in LENGTHS:
            value = getattr(self, name)
            if not isinstance(value, Length | None):
                raise ValueError(
                    f"{self.name}: {name} must say what it counts, got {shown(value)}; "
                    f'write Length({shown(value)}, "steps")'
                )

    @property
    def clock(self) -> Clock:
        """What ties this training's steps, samples, tokens and epochs together."""
        return Clock(self.batch, self.tokens_per_sample, self.samples_per_epoch)

    @property
    def last_lr(self) -> float | None:
        """The rate at the end of the decay; None where it is not known."""
        if self.decay == "constant":
            return self.peak_lr
        if self.decay == "drops" and self.peak_lr and self.gamma:
            return self.peak_lr * self.gamma ** len(self.drops)
        return self.min_lr

    @property
    def clocks(self) -> tuple[str, ...]:
        """Those in which there is a schedule without knowing more."""
        return tuple(clock for clock in CLOCKS if not self.missing(clock))

    def amount(self, length: Length, clock: str) -> float:
        """`length` on another clock of this training, such as 375M tokens in steps."""
        missing = self.clock.missing(length.clock, clock) if length.amount else ""
        if missing:
            raise ValueError(
                f"{self.name}: {missing} is not published, so {length.clock} cannot become "
                f"{clock}; name the value you assume: recipe.knowing({EXAMPLES[missing]})"
            )
        return self.clock.convert(length.amount, length.clock, clock) if length.amount else 0.0

    def share(self, length: Length, clock: str) -> float:
        """`length` as a share of the whole training, on this clock; clocks may disagree."""
        if self.length is None:
            raise ValueError(
                f"{self.name}: the whole length is not published, so nothing is a share of it; "
                f"name the length you assume: knowing(length=...)"
            )
        return self.amount(length, clock) / self.amount(self.length, clock)

    def schedule(self, clock: str = "steps", **known: Any) -> Schedule:
        """The schedule whose t counts `clock`; in "steps" it is what a trainer uses.

        What is not published can be given as fields: schedule("steps", batch=Batch(256)).
        Without them a sentence says what is missing. Lengths are rounded to whole t.
        `steps` of the schedule is where its decay ends, on its own clock.
        """
        if known:
            return self.knowing(**known).schedule(clock)
        clock = checked(f"{self.name}.schedule", "clock", ClockName, clock)
        missing = self.missing(clock)
        if missing:
            raise ValueError(missing)
        base = self._base_for(clock)
        written = self._shaped_in(base)
        return written if base == clock else OnClock(written, self.clock, clock, base)

    def knowing(self, **known: Any) -> "Recipe":
        """This recipe with fields that were not published, or that you change."""
        unknown = [name for name in known if name not in self.__dataclass_fields__]
        if unknown:
            raise ValueError(
                f"{self.name}: a recipe has no field {unknown[0]}; it has "
                f"{', '.join(self.__dataclass_fields__)}"
            )
        return replace(self, **known)

    def missing(self, clock: str) -> str:
        """The sentence that says why there is no schedule on this clock; or nothing."""
        if self.decay == "unpublished":
            return f"{self.name}: {' '.join(self.notes)}"
        if self.decay == "plateau":
            return (
                f"{self.name}: the rate falls when the error stops falling, so it is no function "
                f"of t; ReduceOnPlateau({self.peak_lr!r}, factor={self.gamma!r}) listens like that"
            )
        field = self.lacking(clock)
        if not field:
            return ""
        return (
            f"{self.name}: {field} is not published, so there is no schedule in {clock}; "
            f'name what you assume: recipe("{self.name}").schedule("{clock}", {EXAMPLES[field]})'
        )

    def lacking(self, clock: str) -> str:
        """The first field that a schedule on this clock needs and that is None; or nothing."""
        return self._unpublished() or self._missing_for(clock)

    @property
    def native_clock(self) -> str:
        """The clock in which the published lengths are counted; steps where they disagree."""
        clocks = {length.clock for length in self._lengths}
        return clocks.pop() if len(clocks) == 1 else "steps"

    @property
    def _lengths(self) -> list[Length]:
        """Those that the schedule is made of."""
        found = [self.warmup, self.decay_start, self._end, *self.drops]
        return [length for length in found if length is not None and length.amount]

    @property
    def _end(self) -> Length | None:
        """Where the decay ends, if its curve depends on that."""
        return (self.decay_end or self.length) if self.decay in NEED_AN_END else None

    def _unpublished(self) -> str:
        """The first field without which there is no curve."""
        needed: dict[str, Any] = {"peak_lr": self.peak_lr, "warmup": self.warmup}
        if self.decay in NEED_AN_END:
            needed["length"] = self._end
        return next((name for name, value in needed.items() if value is None), "")

    def _missing_for(self, clock: str) -> str:
        """The first field without which the lengths cannot be counted in `clock`."""
        ways = [(length.clock, self.native_clock) for length in self._lengths]
        ways += [(self.native_clock, clock)]
        return next(filter(None, (self.clock.missing(*way) for way in ways)), "")

    def _base_for(self, clock: str) -> str:
        """The clock in which the schedule is written down, so that every length is whole."""
        native = self.native_clock
        if clock == native:
            return clock
        if isinstance(self.batch, Ramp | Stages) and "steps" in (clock, native):
            return native  # a line on the one clock is a curve on the other
        return "samples" if clock == "epochs" else clock

    def _shaped_in(self, clock: str) -> Schedule:
        def whole(length: Length | None) -> int:
            return round(self.amount(length, clock)) if length else 0

        return Shape(
            kind=self.decay,
            peak_lr=self.peak_lr or 0.0,
            min_lr=self.min_lr or 0.0,
            start_lr=self.start_lr,
            warmup_kind=self.warmup_kind,
            warmup_steps=whole(self.warmup),
            steps=whole(self._end),
            decay_start=whole(self.decay_start) or None,
            drops=tuple(map(whole, self.drops)),
            gamma=self.gamma or 1.0,
        ).schedule()

    def __str__(self) -> str:
        return card(self)

    def _repr_markdown_(self) -> str:
        return markdown(self)
