"""What are the picks of each rule worth? Scored by training, against a true grid.

For each task thirteen peaks of a cosine are trained over several seeds: the truth. The regret of
a rule is the test accuracy, in points, that its pick loses against the best of them. Our default
rule was chosen on the first tasks below; the last ones were tried once, when it was fixed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from lrcourse.experiments import (
    Adam,
    AdamW,
    Bowls,
    ConvNet,
    Mlp,
    Momentum,
    Nesterov,
    Optimizer,
    Problem,
    RAdam,
    RMSprop,
    Sgd,
    bowls,
    digits,
    previous_token,
    signals,
    train,
)
from lrcourse.finder.ramps import RAMP
from lrcourse.finder.result import RangeTest
from lrcourse.finder.rules import (
    DEFAULT,
    RULES,
    Rule,
    minimum_over_ten,
    slide,
    smoothed,
    steepest_between_neighbours,
    steepest_over_rate,
    up_to_the_blow_up,
    valley,
)
from lrcourse.schedules import CosineDecay, Schedule, WarmupCosine

SWEEPS = 18  # six range tests of three sweeps each
REPEATS = 3
SEEDS = 6  # of each peak of the grid
CHANCE = 0.1  # ten classes: what a run that diverged is worth


class Task(NamedTuple):
    """Something to train, for which a peak rate is looked for."""

    name: str
    problem: Callable[[], Problem]
    optimizer: Optimizer
    lowest: float = 0.003  # of the peaks of the grid
    highest: float = 3.0
    batch_size: int = 32
    steps: int = 500


DEEP = (40, *[32] * 6, 10)
CHOSEN_ON = (
    Task("digits, momentum", digits, Momentum()),
    Task("digits, SGD", digits, Sgd(), 0.01, 10),
    Task("digits, Adam", digits, Adam(), 0.0003, 0.3),
    Task("digits with 20% label noise, momentum", partial(digits, 0.2), Momentum()),
    Task("signals, momentum", signals, Momentum()),
    Task("signals, SGD", signals, Sgd(), 0.01, 10),
    Task("signals, Adam", signals, Adam(), 0.0003, 0.3),
    Task("signals, six hidden layers", partial(signals, network=Mlp(DEEP)), Momentum(), 0.001, 1),
    Task("signals, conv net, momentum", partial(signals, network=ConvNet()), Momentum(), 0.001, 1),
    Task("signals, conv net, Adam", partial(signals, network=ConvNet()), Adam(), 0.0003, 0.3),
    Task("post-norm transformer, Adam", previous_token, Adam(), 0.0001, 0.1, 16),
)
TRIED_ONCE = (
    Task("digits, RMSprop", digits, RMSprop(), 0.0001, 0.1),
    Task("digits with 40% label noise, Adam", partial(digits, 0.4), Adam(), 0.0003, 0.3, 16),
    Task("signals, Nesterov, batch 8", signals, Nesterov(), 0.001, 1, 8),
    Task("signals, momentum, 1500 updates", signals, Momentum(), steps=1500),
    Task(
        "signals, two hidden layers, RAdam",
        partial(signals, network=Mlp((40, 32, 32, 10))),
        RAdam(),
        *(0.0003, 0.3, 64),
    ),
    Task(
        "signals, small conv net, AdamW",
        partial(signals, network=ConvNet(6)),
        AdamW(),
        *(0.0003, 0.3, 64),
    ),
)
TASKS = (*CHOSEN_ON, *TRIED_ONCE)


# Finders: a sweep, a way to smooth it, and a rule -----------------------------------------------


class Finder(NamedTuple):
    """How somebody picks a rate: all that decides it."""

    name: str
    rule: Rule
    sweep: tuple[float, float, int]  # the lowest and the highest rate, and the updates
    shown: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]  # (lrs, losses)

    def pick(self, lrs: np.ndarray, losses: np.ndarray) -> float:
        """From one sweep (S,), (S,). NaN where the rule finds nothing to judge."""
        lrs, losses = self.shown(lrs, losses)
        return self.rule(lrs, losses) if len(lrs) >= 3 else np.nan


def as_we_do(lrs: np.ndarray, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The curve of `RangeTest`."""
    return RangeTest(lrs, losses[None]).curves[0]


def as_fastai(lrs: np.ndarray, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Running means of 0.98, without the first tenth and the last five. callback/schedule.py."""
    lrs, losses = up_to_the_blow_up(lrs, smoothed(losses, 0.98))
    return lrs[10:-5], losses[10:-5]


def as_lightning(lrs: np.ndarray, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same means, without the first ten and the last. Lightning 2.6, tuner/lr_finder.py."""
    lrs, losses = up_to_the_blow_up(lrs, smoothed(losses, 0.98))
    return lrs[10:-1], losses[10:-1]


OURS = (RAMP.start_lr, RAMP.peak_lr, RAMP.steps)
FASTAI = (1e-7, 10.0, 100)
LIGHTNING = (1e-8, 1.0, 100)
FINDERS = (
    *(Finder(name, rule, OURS, as_we_do) for name, rule in RULES.items()),
    Finder("fastai valley", valley, FASTAI, as_fastai),
    Finder("fastai slide", slide, FASTAI, as_fastai),
    Finder("fastai steep", steepest_between_neighbours, FASTAI, as_fastai),
    Finder("fastai minimum", minimum_over_ten, FASTAI, as_fastai),
    Finder("Lightning", steepest_over_rate, LIGHTNING, as_lightning),
)
TRIED = (1 / 3, 1.0, 3.0)  # times our pick: three trainings decide
TRIALS = f"{DEFAULT}, a third, three times"
PUBLISHED = [finder.name for finder in FINDERS if not finder.name.startswith("onset")]


# The score -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Score:
    """What the picks of every finder lose on one task."""

    task: Task
    best_peak: float
    best: float  # accuracy at the best peak, in percent
    picks: Mapping[str, np.ndarray]  # (range tests,) by the name of the finder
    regrets: Mapping[str, float]  # points, the mean over the range tests
    after_warmup: float | None  # the regret of our rule when the cosine has a warmup; Adam only

    def factor(self, name: str) -> float:
        """The typical pick over the best peak."""
        return float(np.exp(np.median(np.log(self.picks[name])))) / self.best_peak


def score(task: Task, first_seed: int = 0) -> Score:
    """Train the grid, do the sweeps, and let every finder pick."""
    problem, peaks = task.problem(), np.geomspace(task.lowest, task.highest, 13)
    shapes: dict[str, Schedule] = {"cosine": CosineDecay(1, task.steps)}
    if "Adam" in task.name:
        shapes["warmup"] = WarmupCosine(1, task.steps // 10, task.steps)
    grid = bowls(
        problem,
        shapes,
        peaks,
        range(first_seed, first_seed + SEEDS),
        task.steps,
        optimizer=task.optimizer,
        batch_size=task.batch_size,
    )
    truth = {name: _accuracy(grid, name) for name in shapes}
    picks = _picks(task, problem, range(first_seed + SEEDS, first_seed + SEEDS + SWEEPS))
    lost = {name: _lost(truth["cosine"], peaks, each) for name, each in picks.items()}
    tried = [_lost(truth["cosine"], peaks, factor * picks[DEFAULT]) for factor in TRIED]
    lost[TRIALS] = np.min(tried, axis=0)
    warm = _lost(truth["warmup"], peaks, picks[DEFAULT]).mean() if "warmup" in truth else None
    return Score(
        task,
        float(peaks[truth["cosine"].argmax()]),
        float(truth["cosine"].max()),
        picks,
        {name: float(each.mean()) for name, each in lost.items()},
        None if warm is None else float(warm),
    )


def _accuracy(grid: Bowls, name: str) -> np.ndarray:
    """In percent, the mean over the seeds at each peak: (L,)"""
    return 100 * np.nan_to_num(grid.at_the_end(name), nan=CHANCE).mean(1)


def _picks(task: Task, problem: Problem, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """The pick of each range test, the median of three sweeps: (range tests,) by finder"""
    losses = {sweep: _sweeps(task, problem, sweep, seeds) for sweep in (OURS, FASTAI, LIGHTNING)}
    found = {}
    for finder in FINDERS:
        lrs = np.geomspace(*finder.sweep)
        picks = [finder.pick(lrs, each) for each in losses[finder.sweep]]
        found[finder.name] = np.exp(np.median(np.log(picks).reshape(-1, REPEATS), axis=1))
    return found


def _sweeps(
    task: Task, problem: Problem, sweep: tuple[float, float, int], seeds: Sequence[int]
) -> np.ndarray:
    """The losses of one sweep for each seed: (seeds, S)"""
    lrs = np.tile(np.geomspace(*sweep), (len(seeds), 1))
    return train(problem, lrs, seeds, task.optimizer, task.batch_size).losses


def _lost(accuracy: np.ndarray, peaks: np.ndarray, picks: np.ndarray) -> np.ndarray:
    """The points that each pick loses against the best peak; straight lines between the peaks.

    A pick outside the grid counts as its nearest end, and no pick at all as guessing.
    """
    reached = np.interp(np.log(picks), np.log(peaks), accuracy)
    return accuracy.max() - np.where(np.isnan(picks), 100 * CHANCE, reached)
