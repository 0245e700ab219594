"""Live training: two schedules train the same network before your eyes, over several seeds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import numpy as np

from lrcourse.experiments import (
    Adam,
    Interval,
    Momentum,
    Problem,
    Run,
    digits,
    mean_interval,
    momentum_table,
    paired_difference,
    rate_table,
    signals,
    watch,
)
from lrcourse.explore.scene import scene
from lrcourse.panels import (
    Axis,
    Band,
    Code,
    Curve,
    Mark,
    Panel,
    Rule,
    Table,
    View,
    rates,
    time_panel,
)
from lrcourse.schedules import Choice, Constant, CosineDecay, Schedule, Unit, WarmupCosine

STYLES = (0, 1)  # of the first and of the second schedule
FIRST, SECOND = Constant(0.1), CosineDecay(0.1, 600)
LARGEST = 20  # points: the difference axis ends there


@dataclass(frozen=True)
class Task:
    """A data set with its network, and the accuracy in percent where the axis ends."""

    make: Callable[..., Problem]
    options: tuple[tuple[str, Any], ...]
    best: float

    def __str__(self) -> str:
        options = ", ".join(f"{name}={value}" for name, value in self.options)
        return f"{self.make.__name__}({options})"


@cache
def made(task: Task) -> Problem:
    """Its data, which all matches share."""
    return task.make(**dict(task.options))


TASKS = {
    "signals, noisy labels": Task(signals, (("test_size", 1000), ("label_noise", 0.2)), 70),
    "signals": Task(signals, (("test_size", 1000),), 70),
    "digits": Task(digits, (), 100),
}
OPTIMIZERS: dict[str, Momentum | Adam] = {"SGD, momentum 0.9": Momentum(0.9), "Adam": Adam()}
What = Annotated[str, Choice("data", tuple(TASKS))]
How = Annotated[str, Choice("update rule", tuple(OPTIMIZERS))]
Seeds = Annotated[int, Unit("runs of each schedule", 2, 32, 8, (2, 16), whole=True)]
Updates = Annotated[int, Unit("how long they train", 10, 5000, 600, (50, 1500), whole=True)]


@dataclass(frozen=True)
class Match:
    """Two schedules under the same conditions, and what the training will need."""

    first: Schedule
    second: Schedule
    task: Task
    optimizer: Momentum | Adam
    seeds: int
    updates: int

    @property
    def names(self) -> tuple[str, str]:
        one, other = (type(schedule).__name__ for schedule in (self.first, self.second))
        return (one, other) if one != other else ("first", "second")

    @property
    def lrs(self) -> np.ndarray:
        """(2 x seeds, updates)"""
        return rate_table([self.first, self.second], self.seeds, self.updates)

    def watched(self) -> Iterator[Run]:
        """The runs of the first schedule and then those of the second, as they grow."""
        every = 8 if self.seeds <= 8 else 4  # a look must not take longer than a blink
        schedules, own = [self.first, self.second], self.optimizer.momentum
        return watch(
            made(self.task),
            self.lrs,
            [*range(self.seeds)] * 2,
            self.optimizer,
            every=every,
            test_every=every,
            momenta=momentum_table(schedules, self.seeds, self.updates, own),
        )

    def of_each(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The rows of the first schedule, and those of the second."""
        return values[: self.seeds], values[self.seeds :]


@dataclass(frozen=True)
class Look:
    """The test accuracies after t updates, in percent, and how far the second is above."""

    t: int
    accuracies: tuple[Interval, Interval]
    difference: Interval


@scene(
    "Live training",
    plays=True,
    presets={
        "constant against cosine": {},
        "right labels only": {"task": "signals"},
        "an easy task": {"task": "digits"},
        "half the rate": {"first": Constant(0.1), "second": Constant(0.05)},
        "one far too high": {"first": Constant(2.0)},
        "Adam": {
            "first": Constant(0.02),
            "second": WarmupCosine(0.02, 60, 600),
            "optimizer": "Adam",
        },
    },
)
def live_training(
    first: Schedule = FIRST,
    second: Schedule = SECOND,
    task: What = "signals, noisy labels",
    optimizer: How = "SGD, momentum 0.9",
    updates: Updates = 600,
    seeds: Seeds = 8,
) -> Iterator[View]:
    """The rates at once; accuracies with their intervals, and their difference, as they come."""
    match = Match(first, second, TASKS[task], OPTIMIZERS[optimizer], seeds, updates)
    yield view(match, [], f"press play: {seeds} seeds will train {updates} updates under each")
    looks: list[Look] = []
    for run in match.watched():
        looks.append(look(match, run))
        is_last = looks[-1].t == updates
        if not is_last:
            yield view(match, looks, so_far(match, looks[-1]))
    yield view(match, looks, verdict(match, looks[-1], run), table(match, looks[-1], run))


def look(match: Match, run: Run) -> Look:
    """The newest accuracies of both; of the same seeds, so their difference is paired."""
    one, other = match.of_each(100 * run.test_accuracies[:, -1])
    means = mean_interval(one), mean_interval(other)
    return Look(int(run.test_steps[-1]), means, paired_difference(other, one))


def view(match: Match, looks: list[Look], said: str, numbers: Table | None = None) -> View:
    """The three panels at the newest look."""
    return View(
        panels=(rates_panel(match), accuracy_panel(match, looks), difference_panel(match, looks)),
        said=said,
        codes=(Code("both", code(match)),),
        table=numbers,
        done=looks[-1].t / match.updates if looks else 0.0,
    )


# The panels --------------------------------------------------------------------------------------


def rates_panel(match: Match) -> Panel:
    """The rates that both use."""
    both = match.lrs[[0, -1]]
    curves = [rates(*each) for each in zip(match.names, both, STYLES, strict=True)]
    return time_panel(*curves, steps=match.updates, height=0.5)


def accuracy_panel(match: Match, looks: list[Look]) -> Panel:
    """The mean of each over its seeds, inside the 95% interval of that mean."""
    marks: list[Mark] = []
    for k in (0, 1):
        intervals = [look.accuracies[k] for look in looks]
        marks += growing(match.names[k], looks, intervals, STYLES[k])
    axis = Axis("test accuracy in %: mean and its 95% interval", low=0, high=match.task.best)
    return time_panel(*marks, y=axis, steps=match.updates)


def difference_panel(match: Match, looks: list[Look]) -> Panel:
    """How far the second is above the first, seed by seed; zero means that they are equal."""
    one, other = match.names
    differences = [look.difference for look in looks]
    marks = [Rule("no difference", y=0.0, style=4), *growing("difference", looks, differences, 2)]
    axis = Axis(f"{other} minus {one}, in points", -LARGEST, LARGEST)
    return time_panel(*marks, y=axis, steps=match.updates, height=0.6)


def growing(name: str, looks: list[Look], intervals: list[Interval], style: int) -> list[Mark]:
    """A curve inside its band; nothing yet before the first look."""
    if not looks:
        return []
    t = np.array([look.t for look in looks])
    mean, low, high = np.array([(each.mean, each.low, each.high) for each in intervals]).T
    return [Band(low, high, t, style), Curve(name, mean, t, style)]


# The words ---------------------------------------------------------------------------------------


def so_far(match: Match, now: Look) -> str:
    """Where both are now; nothing is judged before the end."""
    means = " and ".join(
        f"{name} {interval.mean:.1f}%"
        for name, interval in zip(match.names, now.accuracies, strict=True)
    )
    return f"after {now.t} of {match.updates} updates: {means}"


def verdict(match: Match, end: Look, run: Run) -> str:
    """The paired difference in words, and which runs have diverged."""
    one, other = match.names
    found = end.difference.in_words("points")
    said = f"test accuracy of {other} against {one} after {end.t} updates: {found}"
    if end.difference.is_clear:
        said += f" ({match.seeds} seeds)"
    lost = [
        f"{diverged.sum()} of {match.seeds} runs of {name} diverged, and only guess"
        for name, diverged in zip(match.names, match.of_each(run.diverged), strict=True)
        if diverged.any()
    ]
    return "; ".join([said, *lost])


def table(match: Match, end: Look, run: Run) -> Table:
    """The final numbers of each schedule."""
    lost, areas = match.of_each(run.diverged), match.of_each(run.lrs.sum(1))
    rows = tuple(
        (match.names[k], f"{end.accuracies[k]} %", f"{lost[k].sum()}", f"{areas[k][0]:.4g}")
        for k in (0, 1)
    )
    return Table(("", "test accuracy", "diverged", "area Σ η"), rows)


def code(match: Match) -> str:
    """What trains both."""
    one, other = match.names
    schedules = {one: match.first, other: match.second}
    moved = [f"{name!r}: {s!r}.momentum" for name, s in schedules.items() if hasattr(s, "momentum")]
    momenta = f", momenta={{{', '.join(moved)}}}" if moved else ""
    return (
        f"compare({match.task}, {schedules!r}, range({match.seeds}), {match.updates}, "
        f"optimizer={match.optimizer!r}{momenta})"
    )
