"""Questions that need many trainings: which schedule, and at which peak rate?

Everything here builds one table of rates, trains it at once, and sorts the rows by name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrcourse.experiments.optimizers import Momentum
from lrcourse.experiments.plan import refuse_below_one
from lrcourse.experiments.problems import Problem
from lrcourse.experiments.run import Run
from lrcourse.experiments.train import train
from lrcourse.schedules import Schedule
from lrcourse.schedules.units import shown


def compare(
    problem: Problem,
    schedules: Mapping[str, Schedule],
    seeds: Iterable[int],
    steps: int,
    momenta: Mapping[str, Schedule] | None = None,
    **options: Any,
) -> dict[str, Run]:
    """Under each name a Run with one row for each seed; paired, because all share the seeds.

    `momenta` gives some of the names a schedule of the momentum; the others keep the constant
    one of the optimizer. The other options are those of `train`.
    """
    seeds = list(seeds)
    refuse_below_one("compare", seeds=len(seeds), steps=steps)
    lrs = _rows(_named("compare", schedules), len(seeds), steps)
    if momenta is not None:
        own = getattr(options.get("optimizer", Momentum()), "momentum", 0.0)
        cycled = {name: momenta.get(name, own) for name in schedules}
        options["momenta"] = _rows(cycled, len(seeds), steps)
    run = train(problem, lrs, seeds * len(schedules), **options)
    groups = np.arange(len(run)).reshape(len(schedules), len(seeds))
    return {name: run[rows] for name, rows in zip(schedules, groups, strict=True)}


@dataclass(frozen=True)
class Bowls:
    """How good each shape of schedule is at each peak rate: accuracy over rate has a bowl's form.

    Schedules may only be compared at their own best peak: at the same peak they spend different
    budgets of rate.
    """

    peak_lrs: np.ndarray  # (L,)
    runs: dict[str, list[Run]]  # for each name one Run of all seeds for each peak

    def at_the_end(self, name: str, metric: str = "accuracy") -> np.ndarray:
        """The test metric after the last update: (L, seeds). A run that diverged has NaN."""
        return np.array(
            [np.where(run.diverged, np.nan, run.tests[metric][:, -1]) for run in self.runs[name]]
        )

    def best_peak(self, name: str, metric: str = "accuracy") -> float:
        """The peak rate with the best mean over seeds, among those where no run diverged."""
        return float(self.peak_lrs[np.argmax(self._goodness(name, metric).mean(1))])

    def tuned(self, name: str, metric: str = "accuracy") -> np.ndarray:
        """The metric of each seed, at the peak rate that was best for all *other* seeds: (seeds,)

        Choosing the rate on the seeds that are reported would flatter every schedule; this
        leaves the reported seed out of the choice (leave-one-out cross-validation).
        """
        goodness, values = self._goodness(name, metric), self.at_the_end(name, metric)
        others = goodness.sum(1, keepdims=True) - goodness
        return values[np.argmax(others, axis=0), np.arange(values.shape[1])]

    def _goodness(self, name: str, metric: str) -> np.ndarray:
        """(L, seeds), high is good; a diverged run is worse than everything else."""
        values = self.at_the_end(name, metric)
        return np.nan_to_num(values if metric == "accuracy" else -values, nan=-1e9)


def bowls(
    problem: Problem,
    shapes: Mapping[str, Schedule],
    peak_lrs: Iterable[float],
    seeds: Iterable[int],
    steps: int,
    **options: Any,
) -> Bowls:
    """Every shape at every peak rate. A shape is a schedule of peak 1: CosineDecay(1, 500)"""
    peaks, seeds = [float(peak) for peak in peak_lrs], list(seeds)
    refuse_below_one("bowls", peak_lrs=len(peaks))
    scaled = {
        f"{name} at {peak}": peak * shape
        for name, shape in _named("bowls", shapes).items()
        for peak in peaks
    }
    runs = compare(problem, scaled, seeds, steps, **options)
    return Bowls(
        np.array(peaks), {name: [runs[f"{name} at {peak}"] for peak in peaks] for name in shapes}
    )


def _named(function: str, schedules: Any) -> Mapping[str, Schedule]:
    if not isinstance(schedules, Mapping) or not schedules:
        raise ValueError(
            f'{function}: give schedules by name, as {{"cosine": CosineDecay(0.1, 500)}}, '
            f"got {shown(schedules)}"
        )
    for name, schedule in schedules.items():
        if not isinstance(schedule, Schedule):
            raise ValueError(f"{function}: {name} must be a schedule, got {shown(schedule)}")
    return schedules


def _rows(schedules: Mapping[Any, Any], seeds: int, steps: int) -> np.ndarray:
    """(schedules x seeds, steps): all seeds of the first, then of the next."""
    t = np.arange(steps)
    values = [s(t) if isinstance(s, Schedule) else np.full(steps, s) for s in schedules.values()]
    return np.repeat(values, seeds, axis=0)
