"""Section 09, the range test with a pick of your own, and the truth behind it.

Panel 1 is one sweep of rising rates, smoothed, and what four rules pick from it. Panel 2 is what
trainings at each rate of a grid come to, and those at the picks. Every result is kept, so a move
computes only what no move before has asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any

import numpy as np

from lrcourse.experiments import Interval, Problem, mean_interval, ratio_interval, train
from lrcourse.explore.scene import scene
from lrcourse.finder import RULES, smoothed
from lrcourse.finder.regret import CHOSEN_ON, Task
from lrcourse.finder.rules import kept_over, up_to_the_blow_up
from lrcourse.panels import Axis, Band, Code, Curve, Dots, Mark, Panel, Rule, Table, View
from lrcourse.schedules import LR, Choice, Constant, CosineDecay, Schedule, Unit, WarmupCosine

TASKS: dict[str, Task] = {task.name: task for task in CHOSEN_ON[:7]}  # the quick ones
STEPS = 100  # of a training
SCHEDULES: dict[str, Any] = {
    "cosine": CosineDecay(1.0, STEPS),
    "constant": Constant(1.0),
    "warmup, cosine": WarmupCosine(1.0, STEPS // 10, STEPS),
}
SHOWN_RULES = ("onset/3", "minimum/10", "steepest", "valley")
RAMP = np.geomspace(1e-5, 10, 240)  # the rates of the sweep
GRID = 13  # rates
SEEDS = 5  # of each training
GUESSING = float(np.log(10))  # the loss of who knows nothing of ten classes
MOST_KEPT = 2000  # results
SMOOTHING = round(kept_over(len(RAMP)), 2)  # the same share of the sweep as in `RangeTest`
NOW = Axis("learning rate η of the update", low=RAMP[0], high=RAMP[-1], log=True)
PEAK = Axis("peak learning rate of the training", low=RAMP[0], high=RAMP[-1], log=True)

TaskName = Annotated[str, Choice("what is trained", tuple(TASKS))]
Kind = Annotated[str, Choice("rate of the trainings", tuple(SCHEDULES))]
Kept = Annotated[
    float,
    Unit("kept by the running mean", 0, 1, SMOOTHING, play=(0, 0.99), below_high=True),
]
Seed = Annotated[int, Unit("of the sweep", 0, 1000, 0, play=(0, 20), whole=True)]


def with_peak(kind: str, peak_lr: float) -> Schedule:
    """The rates of a training."""
    return replace(SCHEDULES[kind], peak_lr=peak_lr)


# What is computed, and kept ----------------------------------------------------------------------


@dataclass(frozen=True)
class Sweep:
    """One training in which the rate rises."""

    task: str
    seed: int

    def result(self) -> np.ndarray:
        """The loss of each batch: (S,)"""
        task = TASKS[self.task]
        return train(
            _problem(task), RAMP[None], [self.seed], task.optimizer, task.batch_size
        ).losses[0]


@dataclass(frozen=True)
class Training:
    """The same trainings, one for each seed, with one peak rate."""

    task: str
    schedule: str
    peak_lr: float

    def result(self) -> np.ndarray:
        """The loss on the test set at the end: (SEEDS,)"""
        task, t = TASKS[self.task], np.arange(STEPS)
        lrs = np.tile(with_peak(self.schedule, self.peak_lr)(t), (SEEDS, 1))
        run = train(_problem(task), lrs, range(SEEDS), task.optimizer, task.batch_size)
        return run.test_losses[:, -1]


Work = Sweep | Training
RESULTS: dict[Work, np.ndarray] = {}


@lru_cache(maxsize=4)
def _problem(task: Task) -> Problem:
    return task.problem()


def computed(work: Work) -> np.ndarray:
    """The result, kept for the next move; the oldest are forgotten."""
    if work not in RESULTS:
        while len(RESULTS) >= MOST_KEPT:
            del RESULTS[next(iter(RESULTS))]
        RESULTS[work] = work.result()
    return RESULTS[work]


@lru_cache(maxsize=64)
def curve(sweep: Sweep, kept: float) -> tuple[np.ndarray, np.ndarray]:
    """(rates, losses): running means of both, without the first tenth, up to the blow-up."""
    lrs, first = np.exp(smoothed(np.log(RAMP), kept)), len(RAMP) // 10
    return up_to_the_blow_up(lrs[first:], smoothed(computed(sweep), kept)[first:])


@lru_cache(maxsize=64)
def picks(sweep: Sweep, kept: float) -> dict[str, float]:
    """What the rules pick from the curve."""
    return {name: RULES[name](*curve(sweep, kept)) for name in SHOWN_RULES}


# The scene ---------------------------------------------------------------------------------------


@scene(
    "The range test, and what a pick costs",
    presets={
        "ten times too low": {"pick": 0.01},
        "Adam wants another rate": {"task": "digits, Adam", "pick": 0.01},
        "noisy labels": {"task": "digits with 20% label noise, momentum"},
        "hardly smoothed": {"smoothing": 0.3},
        "a constant rate": {"schedule": "constant"},
    },
)
def lr_finder(
    pick: LR = 0.1,
    task: TaskName = "digits, momentum",
    schedule: Kind = "cosine",
    smoothing: Kept = SMOOTHING,
    seed: Seed = 0,
) -> Iterator[View]:
    """One range test, the picks of four rules and yours, and the true final loss of all of them."""
    bench = Bench(pick, task, schedule, smoothing, seed)
    yield bench.view()
    for work in bench.missing():
        computed(work)
        yield bench.view()


@dataclass(frozen=True)
class Bench:
    """The arguments of the scene, and what is known for them so far."""

    pick: float
    task: str
    schedule: str
    smoothing: float
    seed: int

    def training(self, peak_lr: float) -> Training:
        return Training(self.task, self.schedule, float(peak_lr))

    @property
    def grid(self) -> list[Training]:
        """As in the regret of the rules: the same number of rates for each factor of ten."""
        task = TASKS[self.task]
        return [self.training(lr) for lr in np.geomspace(task.lowest, task.highest, GRID)]

    @property
    def sweep(self) -> Sweep:
        """The one whose curve is shown."""
        return Sweep(self.task, self.seed)

    @property
    def picks(self) -> dict[str, float]:
        """What the rules pick, once the sweep is done."""
        return picks(self.sweep, self.smoothing) if self.sweep in RESULTS else {}

    def missing(self) -> Iterator[Work]:
        """What is still to be computed: the sweep, your pick, the grid, the picks of the rules."""
        asked: list[Work] = [self.sweep, self.training(self.pick), *self.grid]
        yield from (work for work in asked if work not in RESULTS)
        picked = [self.training(lr) for lr in self.picks.values()]
        yield from (work for work in picked if work not in RESULTS)

    def view(self) -> View:
        """Everything that is known."""
        trained = [work for work in [*self.grid, self.training(self.pick)] if work in RESULTS]
        found = [work for work in map(self.training, self.picks.values()) if work in RESULTS]
        share = (len(trained) + len(found) + bool(self.picks)) / (GRID + 2 + len(SHOWN_RULES))
        return View(
            (_sweep_panel(self), _truth_panel(self)),
            "; ".join(_said(self)),
            (Code("your pick", repr(with_peak(self.schedule, self.pick)), 1),),
            _table(self),
            done=share,
        )


# Panels ------------------------------------------------------------------------------------------


def _sweep_panel(bench: Bench) -> Panel:
    """One sweep, and where each rule would stop."""
    pick = Rule("your pick", x=bench.pick, style=1, moves="pick")
    y = Axis("loss of the batch", low=0)
    if bench.sweep not in RESULTS:
        return Panel(NOW, y, (pick,))
    raw = RESULTS[bench.sweep]
    lrs, losses = curve(bench.sweep, bench.smoothing)
    marks: list[Mark] = [
        Curve("one batch each", raw, RAMP, faint=True),
        Curve("running mean", losses, lrs),
        pick,
    ]
    for style, (name, lr) in enumerate(bench.picks.items(), start=2):
        marks.append(Dots(name, np.array([lr]), np.interp([lr], lrs, losses), style))
    return Panel(NOW, Axis(y.label, low=0, high=1.5 * float(raw[0])), tuple(marks))


def _truth_panel(bench: Bench) -> Panel:
    """The mean over the seeds with its interval, where a training ends better than guessing."""
    good = [(work.peak_lr, end) for work in bench.grid if (end := ending(work)) is not None]
    lrs, means, lows, highs = np.array(
        [(lr, e.mean, e.low, e.high) for lr, e in good] or np.zeros((0, 4))
    ).T
    lost = [work.peak_lr for work in bench.grid if work in RESULTS and ending(work) is None]
    marks: list[Mark] = [
        Band(lows, highs, lrs),
        Curve("trained at each rate", means, lrs),
        Dots("", lrs, means),
        Dots("no better than guessing", np.array(lost), np.full(len(lost), GUESSING)),
        Rule("", x=bench.pick, style=1, moves="pick"),
    ]
    for style, (name, lr) in enumerate({"your pick": bench.pick, **bench.picks}.items(), start=1):
        end = ending(bench.training(lr))
        if end is not None:
            label = name if name == "your pick" else ""  # the rules are named in panel 1
            marks.append(Dots(label, np.array([lr]), np.array([end.mean]), style))
    return Panel(PEAK, Axis("test loss at the end", low=0, high=1.1 * GUESSING), tuple(marks))


# What a training is worth ------------------------------------------------------------------------


def ending(work: Training) -> Interval | None:
    """The mean final loss; None where it is not known, or no better than guessing."""
    return _interval(tuple(RESULTS[work])) if work in RESULTS else None


@lru_cache(maxsize=MOST_KEPT)
def _interval(ends: tuple[float, ...]) -> Interval | None:
    if not np.isfinite(ends).all() or np.mean(ends) >= GUESSING:
        return None
    return mean_interval(ends)


def against_the_best(work: Training, grid: list[Training]) -> str:
    """ "12% above the best of the grid, 0.3", where the seeds agree about the sign."""
    known = [each for each in grid if ending(each) is not None]
    if not known or ending(work) is None:
        return ""
    best = min(known, key=lambda each: RESULTS[each].mean())
    times = ratio_interval(RESULTS[work], RESULTS[best])
    if times.low <= 1 <= times.high:
        return f"no clear difference from the best of the grid, {best.peak_lr:.2g}"
    if times.mean >= 2:
        return f"{times.mean:.2g} times the best of the grid, {best.peak_lr:.2g}"
    side = "above" if times.mean > 1 else "below"
    return f"{abs(times.mean - 1):.0%} {side} the best of the grid, {best.peak_lr:.2g}"


def _said(bench: Bench) -> Iterator[str]:
    mine = bench.training(bench.pick)
    if mine not in RESULTS:
        yield f"your pick {bench.pick:.3g} is being tried"
    elif ending(mine) is None:
        yield f"your pick {bench.pick:.3g} ends no better than guessing"
    else:
        yield f"your pick {bench.pick:.3g} ends at {ending(mine)}"
        if all(work in RESULTS for work in bench.grid):
            yield against_the_best(mine, bench.grid)
    if bench.picks:
        yield f"onset/3 would take {bench.picks['onset/3']:.2g}"


def _table(bench: Bench) -> Table:
    """Every pick, and what it comes to."""
    rows = {"your pick": bench.pick, **bench.picks}
    return Table(
        ("", "picks", "test loss at the end", "against the best of the grid"),
        tuple((name, f"{lr:.2g}", *_worth(bench, lr)) for name, lr in rows.items()),
    )


def _worth(bench: Bench, lr: float) -> tuple[str, str]:
    work = bench.training(lr)
    if work not in RESULTS:
        return "…", ""
    end = ending(work)
    if end is None:
        return "no better than guessing", ""
    is_done = all(each in RESULTS for each in bench.grid)
    return str(end), against_the_best(work, bench.grid).partition(" the best")[0] if is_done else ""
