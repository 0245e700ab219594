"""Questions that need many trainings: which schedule, at which peak rate, with which budget?

Everything here builds one table of rates, trains it at once, and sorts the rows by name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from lrcourse.experiments.optimizers import Momentum
from lrcourse.experiments.plan import refuse_below_one
from lrcourse.experiments.problems import Problem
from lrcourse.experiments.run import Run
from lrcourse.experiments.stats import Interval, bootstrap_interval
from lrcourse.experiments.train import train
from lrcourse.schedules import Schedule
from lrcourse.schedules.units import shown

Name = TypeVar("Name")
Shape = Callable[[int], Schedule]  # lambda steps: CosineDecay(1, steps)
HIGH_IS_GOOD = ("accuracy",)  # of every other test metric, low is good


def at_the_end(run: Run) -> dict[str, np.ndarray]:
    """Each test metric after the last update: (R,). A run that diverged has NaN."""
    return {name: np.where(run.diverged, np.nan, each[:, -1]) for name, each in run.tests.items()}


# Which schedule? -------------------------------------------------------------------------------


def compare(
    problem: Problem,
    schedules: Mapping[Name, Schedule],
    seeds: Iterable[int],
    steps: int,
    momenta: Mapping[Name, Schedule] | None = None,
    **options: Any,
) -> dict[Name, Run]:
    """Under each name a Run with one row for each seed; paired, because all share the seeds.

    `momenta` gives some of the names a schedule of the momentum; the others keep the constant
    one of the optimizer. The other options are those of `train`.
    """
    schedules, seeds = _named("compare", schedules), _different_seeds("compare", seeds)
    refuse_below_one("compare", steps=steps)
    if momenta is not None:
        own = getattr(options.get("optimizer") or Momentum(), "momentum", 0.0)
        cycled = dict.fromkeys(schedules, own) | _some_of("compare", momenta, schedules)
        options["momenta"] = _rows(cycled.values(), len(seeds), steps)
    run = train(
        problem, _rows(schedules.values(), len(seeds), steps), seeds * len(schedules), **options
    )
    groups = np.arange(len(run)).reshape(len(schedules), len(seeds))
    return {name: run[rows] for name, rows in zip(schedules, groups, strict=True)}


# At which peak rate? ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Bowls:
    """How good each shape of schedule is at each peak rate: accuracy over rate has a bowl's form.

    Schedules may only be compared at their own best peak: at the same peak they spend different
    budgets of rate. Gaps smaller than that between neighbouring peaks say little: refine the
    grid before you believe them.
    """

    peak_lrs: np.ndarray  # (L,)
    runs: dict[str, list[Run]]  # for each name one Run of all seeds for each peak

    def at_the_end(self, name: str, metric: str = "accuracy") -> np.ndarray:
        """The test metric after the last update: (L, seeds). A run that diverged has NaN."""
        ends = [at_the_end(run) for run in _known("name", name, self.runs)]
        return np.array([_known("metric", metric, end) for end in ends])

    def diverged(self, name: str) -> np.ndarray:
        """Which runs diverged: (L, seeds), for `share_interval` and `paired_share_difference`."""
        return np.array([run.diverged for run in _known("name", name, self.runs)])

    def best_peak(self, name: str, metric: str = "accuracy") -> float:
        """The peak rate where the fewest runs diverged, and of those the best mean over seeds."""
        values = self.at_the_end(name, metric)
        return float(self.peak_lrs[_best(*_lost_and_sum(values, metric))])

    def is_at_the_edge(self, name: str, metric: str = "accuracy") -> bool:
        """Whether the best peak is the first or the last that was tried: a better one may lie
        beyond."""
        return self.best_peak(name, metric) in (self.peak_lrs[0], self.peak_lrs[-1])

    def tuned(self, name: str, metric: str = "accuracy") -> np.ndarray:
        """The metric of each seed, at the peak rate that was best for the *other half*: (seeds,)

        Choosing the rate on the seeds that are reported would flatter every schedule. So every
        second seed is a half, and each half chooses for the other (two-fold cross-validation).
        The mean then is that of tuning with half of the seeds: where the choice is hard, a
        little below that of the truly best peak. (Leaving out one seed at a time, all seeds
        choose alike, and intervals are far too narrow.) The strictest way is `compare` at the
        best peak with new seeds.
        """
        values = self.at_the_end(name, metric)  # (L, seeds)
        seeds = np.arange(values.shape[1])
        if len(seeds) < 2:
            raise ValueError(
                "Bowls.tuned: half of the seeds choose for the others, so it needs at least 2, "
                "got 1"
            )
        chosen = [_best(*_lost_and_sum(values[:, 1 - half :: 2], metric)) for half in (0, 1)]
        return values[np.take(chosen, seeds % 2), seeds]


def bowls(
    problem: Problem,
    shapes: Mapping[str, Schedule],
    peak_lrs: Iterable[float],
    seeds: Iterable[int],
    steps: int,
    momenta: Mapping[str, Schedule] | None = None,
    **options: Any,
) -> Bowls:
    """Every shape at every peak rate. A shape is a schedule of peak 1: CosineDecay(1, 500)

    `momenta` and the other options are those of `compare`.
    """
    refuse_below_one("bowls", steps=steps)
    shapes, peaks = _named("bowls", shapes), _peaks("bowls", peak_lrs)
    for name, shape in shapes.items():
        _refuse_another_peak(name, shape, steps)
    scaled = {(name, peak): peak * shape for name, shape in shapes.items() for peak in peaks}
    cycled = None
    if momenta is not None:
        some = _some_of("bowls", momenta, shapes)
        cycled = {(name, peak): some[name] for name, peak in scaled if name in some}
    runs = compare(problem, scaled, seeds, steps, cycled, **options)
    by_name = {name: [runs[name, peak] for peak in peaks] for name in shapes}
    return Bowls(np.array(peaks), by_name)


# With which budget? ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Budgets:
    """How good each shape of schedule is after so many updates, tuned and planned for each."""

    steps: np.ndarray  # (B,) the budgets, in optimizer updates
    bowls: list[Bowls]  # one for each budget

    def tuned(self, name: str, metric: str = "accuracy") -> np.ndarray:
        """`Bowls.tuned` at each budget: (B, seeds)"""
        return np.array([each.tuned(name, metric) for each in self.bowls])

    def updates_needed(
        self, name: str, like: str, steps: int, metric: str = "accuracy"
    ) -> Interval:
        """The updates that `name` needs to be as good as `like` is after `steps` updates.

        Read from left to right in the curve of the means, straight between the budgets on a
        logarithmic axis; the interval is a bootstrap over the seeds. An end of it may be 0
        (fewer than the smallest budget) or infinite (more than the largest).
        """
        goal, ours = self._goodness(like, metric), self._goodness(name, metric)
        if steps not in self.steps:
            raise ValueError(
                f"Budgets.updates_needed: steps must be one of the budgets "
                f"{self.steps.tolist()}, got {shown(steps)}"
            )
        at = np.flatnonzero(self.steps == steps)[0]

        def needed(seeds: np.ndarray) -> float:
            return first_reached(goal[at, seeds].mean(), self.steps, ours[:, seeds].mean(1))

        found = bootstrap_interval(needed, goal.shape[1])
        if not 0 < found.mean < np.inf:
            side = "larger" if found.mean else "smaller"
            raise ValueError(
                f"Budgets.updates_needed: {name} becomes as good as {like} after {steps} updates "
                f"outside the budgets from {self.steps[0]} to {self.steps[-1]}; add {side} ones"
            )
        return found

    def times_fewer(self, name: str, than: str, steps: int, metric: str = "accuracy") -> Interval:
        """steps / updates_needed: 5 where `name` needs a fifth of the updates of `than`."""
        needed = self.updates_needed(name, than, steps, metric)
        high = steps / needed.low if needed.low else np.inf
        return Interval.between(steps / needed.mean, steps / needed.high, high, needed.seeds)

    def _goodness(self, name: str, metric: str) -> np.ndarray:
        """`tuned` with the sign that makes high good; refuses runs that diverged."""
        values = self.tuned(name, metric)
        if np.isnan(values).any():
            raise ValueError(
                f"Budgets: {np.isnan(values).sum()} tuned runs of {name} diverged, and a mean "
                f"without them would flatter it; leave out the highest peak rates"
            )
        return values if metric in HIGH_IS_GOOD else -values


def budgets(
    problem: Problem,
    shapes: Mapping[str, Shape],
    peak_lrs: Iterable[float],
    steps: Iterable[int],
    seeds: Iterable[int],
    momenta: Mapping[str, Shape] | None = None,
    **options: Any,
) -> Budgets:
    """`bowls` at each of the budgets `steps`. A shape is a function of the budget:

    {"cosine": lambda steps: CosineDecay(1, steps)}; so is each of `momenta`.
    """
    steps, seeds, peaks = list(steps), list(seeds), list(peak_lrs)
    refuse_below_one("budgets", **{f"steps[{i}]": each for i, each in enumerate(steps)})
    if len(steps) < 2 or (np.diff(steps) <= 0).any():
        raise ValueError(
            f"budgets: steps must be at least 2 budgets in rising order, got {shown(steps)}"
        )
    planned = [
        bowls(
            problem,
            _planned_for(budget, shapes),
            peaks,
            seeds,
            budget,
            None if momenta is None else _planned_for(budget, momenta),
            **options,
        )
        for budget in steps
    ]
    return Budgets(np.array(steps), planned)


def first_reached(goal: float, steps: np.ndarray, values: np.ndarray) -> float:
    """Where `values` first come up to `goal`; straight lines over log(steps).

    0.0 if they lie above it from the start, inf if they never reach it.

    >>> round(first_reached(0.5, np.array([100, 400]), np.array([0.4, 0.6])))
    200
    """
    reached = np.flatnonzero(values >= goal)
    if not len(reached):
        return np.inf
    after = reached[0]
    if after == 0:
        return float(steps[0]) if values[0] == goal else 0.0
    around = slice(after - 1, after + 1)
    return float(np.exp(np.interp(goal, values[around], np.log(steps[around]))))


# What the names above share --------------------------------------------------------------------


def _lost_and_sum(values: np.ndarray, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """(L, seeds) -> for each rate how many runs diverged, and the sum of the others; high is
    good."""
    total = np.nansum(values, axis=1)
    return np.isnan(values).sum(1), total if metric in HIGH_IS_GOOD else -total


def _best(lost: np.ndarray, total: np.ndarray) -> int:
    """The rate that lost the fewest runs; of several the best; of equals the lowest."""
    return int(np.lexsort((-total, lost))[0])


def _known(what: str, name: str, things: Mapping[str, Any]) -> Any:
    if name not in things:
        raise ValueError(f"Bowls: {what} must be one of {list(things)}, got {shown(name)}")
    return things[name]


def _named(function: str, schedules: Any) -> Mapping[Any, Schedule]:
    if not isinstance(schedules, Mapping) or not schedules:
        raise ValueError(
            f'{function}: give schedules by name, as {{"cosine": CosineDecay(0.1, 500)}}, '
            f"got {shown(schedules)}"
        )
    for name, schedule in schedules.items():
        if not isinstance(schedule, Schedule):
            raise ValueError(f"{function}: {name} must be a schedule, got {shown(schedule)}")
    return schedules


def _some_of(function: str, momenta: Any, names: Any) -> dict[Any, Schedule]:
    """The momenta by name; a name that nothing else has would be ignored without a word."""
    momenta = dict(_named(function, momenta))
    for name in momenta:
        if name not in names:
            raise ValueError(
                f"{function}: momenta must have names of schedules, {shown(list(names))}, "
                f"got {shown(name)}"
            )
    return momenta


def _different_seeds(function: str, seeds: Any) -> list[int]:
    """A seed given twice would count as two runs that agree, and every interval would lie."""
    try:
        seeds = list(seeds)
    except TypeError:
        raise ValueError(
            f"{function}: seeds must be several numbers, such as range(12), got {shown(seeds)}"
        ) from None
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(
            f"{function}: seeds must be different numbers, at least one, got {shown(seeds)}"
        )
    return seeds


def _peaks(function: str, peak_lrs: Any) -> list[float]:
    peaks = np.atleast_1d(np.asarray(list(peak_lrs), dtype=float))
    rising = (np.diff(peaks) > 0).all()
    if not len(peaks) or not rising or not (np.isfinite(peaks) & (peaks > 0)).all():
        raise ValueError(
            f"{function}: peak_lrs must be rates above 0 in rising order, at least one, "
            f"got {shown(peaks.tolist())}"
        )
    return peaks.tolist()


def _refuse_another_peak(name: str, shape: Schedule, steps: int) -> None:
    """The peak of a shape is 1, or the axis of the peak rates would lie. It may be missed by a
    little, where it lies between two updates."""
    highest = np.max(shape(np.arange(steps)))
    if not 0.9 < highest < 1 + 1e-9:
        raise ValueError(
            f"bowls: {name} must have the peak 1, because it is multiplied by each peak rate, "
            f"as CosineDecay(1, {steps}) is; got the highest rate {shown(highest)}"
        )


def _planned_for(budget: int, shapes: Any) -> dict[str, Schedule]:
    """shape(budget) under each name. Schedules can be called too, with t; they are refused."""
    if not isinstance(shapes, Mapping) or not shapes:
        raise ValueError(
            f'budgets: give shapes by name, as {{"cosine": lambda steps: CosineDecay(1, steps)}}, '
            f"got {shown(shapes)}"
        )
    for name, shape in shapes.items():
        if isinstance(shape, Schedule) or not callable(shape):
            raise ValueError(
                f"budgets: {name} must be a function of the budget, as "
                f"lambda steps: CosineDecay(1, steps), got {shown(shape)}"
            )
    return {name: shape(budget) for name, shape in shapes.items()}


def _rows(schedules: Iterable[Schedule | float], seeds: int, steps: int) -> np.ndarray:
    """(schedules x seeds, steps): all seeds of the first, then of the next."""
    t = np.arange(steps)
    values = [s(t) if isinstance(s, Schedule) else np.full(steps, s) for s in schedules]
    return np.repeat(values, seeds, axis=0)
