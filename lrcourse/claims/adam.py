"""What the rate means to Adam. Sections 00 and 06."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
from torch import Tensor

from lrcourse.claims.base import AGAINST, DEPENDS, FAILS, FOR, HOLDS, Evidence, claim
from lrcourse.experiments import (
    Adam,
    Optimizer,
    compare,
    digits,
    mean_interval,
    paired_difference,
    quadratic,
    signals,
    train,
)
from lrcourse.experiments.optimizers import Moment, means
from lrcourse.schedules import Constant

RATE = 1e-6  # so low that the walkers stay where they start, and their gradients what they are


def updates(
    slope: float, noise: float, steps: int, first_seed: int, optimizer: Optimizer | None = None
) -> np.ndarray:
    """|Δw| / η of 200 walkers whose gradients are slope + noise: (200, steps)"""
    seeds = range(first_seed, first_seed + 200)
    bowl = quadratic([slope], noise)
    run = train(
        bowl,
        np.full((200, steps), RATE),
        seeds,
        optimizer or Adam(),
        batch_size=1,
        keep_every=1,
        chunk=200,
    )
    return np.abs(np.diff(bowl.paths(run)[:, :, 0])) / RATE


@claim(
    "adams-first-step-is-the-rate",
    "Adam's first step is as long as the rate, whatever the gradient.",
    section="00",
    ledger="D1 X5",
    verdict=HOLDS,
)
def adams_first_step_is_the_rate(first_seed: int) -> Iterator[Evidence]:
    """Gradients around 0.001, 1 and 1000."""
    for slope in (1e-3, 1.0, 1e3):
        first = updates(slope, slope / 5, steps=1, first_seed=first_seed)[:, 0]
        what = f"first step / rate, gradient about {slope:g}"
        yield Evidence(what, mean_interval(first), low=0.999, high=1.001)


@claim(
    "adams-steps-are-the-rate",
    "Each of Adam's steps is about as long as the rate.",
    section="00",
    ledger="D1 X5",
    verdict=DEPENDS,
)
def adams_steps_are_the_rate(first_seed: int) -> Iterator[Evidence]:
    """As long as the gradients agree; where they are noise alone, the mean of them is short."""
    for slope, noise, taught in ((1.0, 0.1, FOR), (1e-6, 1.0, AGAINST)):
        late = updates(slope, noise, steps=100, first_seed=first_seed)[:, 50:].mean(1)
        what = f"step / rate after 50 updates, gradients {slope:g} ± {noise:g}"
        yield Evidence(what, mean_interval(late), low=0.5, high=1.5, taught=taught)


@dataclass(frozen=True)
class Uncorrected(Adam):
    """w ← w − η a / (√b + ε): Adam without the bias correction."""

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        mean, square = means(gradient, now, self.beta2)
        weights -= now.lr * mean / (square.sqrt() + self.eps)


@claim(
    "bias-correction-tames-the-first-steps",
    "Without bias correction Adam's first steps are several times as long as the rate.",
    section="06",
    ledger="X5",
    verdict=HOLDS,
)
def bias_correction_tames_the_first_steps(first_seed: int) -> Iterator[Evidence]:
    """The longest of the first 60 steps, where the gradients agree."""
    for optimizer, low, high in ((Uncorrected(), 4, inf), (Adam(), 0, 1.5)):
        longest = updates(1.0, 0.1, 60, first_seed, optimizer).max(1)
        what = f"longest step / rate, {type(optimizer).__name__}"
        yield Evidence(what, mean_interval(longest), low, high)


@claim(
    "adams-scale-is-a-gamble-at-first",
    "Adam's scale 1/√v̂ is a gamble in the first update and settled by the 60th.",
    section="06",
    ledger="X5",
    verdict=HOLDS,
)
def adams_scale_is_a_gamble_at_first(first_seed: int) -> Iterator[Evidence]:
    """Gradients of variance 1, so it should be 1. Its variance is infinite: quantiles, then."""
    for t, low, high in ((1, 20, inf), (60, 0, 2)):
        shares = 0.999 ** np.arange(t)  # of the squares in v̂
        quantiles = []
        for seed in range(first_seed, first_seed + 20):
            squares = np.random.default_rng(seed).standard_normal((4000, t)) ** 2
            quantiles.append(np.quantile((squares @ shares / shares.sum()) ** -0.5, 0.99))
        what = f"1/√v̂ that one in a hundred exceeds, update {t}"
        yield Evidence(what, mean_interval(quantiles), low, high)


@claim(
    "adam-needs-no-tuning",
    "Adam needs no tuning: a rate ten times too low or too high costs less than a point.",
    section="00",
    ledger="D15 D35 X7",
    verdict=FAILS,
)
def adam_needs_no_tuning(first_seed: int) -> Iterator[Evidence]:
    """Around 0.01, constant, 500 updates."""
    rates = {lr: Constant(lr) for lr in (0.001, 0.01, 0.1)}
    seeds = range(first_seed, first_seed + 12)
    for problem, name in ((digits(), "digits"), (signals(), "signals")):
        runs = compare(problem, rates, seeds, steps=500, optimizer=Adam())
        end = {lr: 100 * run.test_accuracies[:, -1] for lr, run in runs.items()}
        for lr in (0.001, 0.1):
            what = f"test accuracy on {name}, rate 0.01 minus {lr:g} (points)"
            yield Evidence(what, paired_difference(end[0.01], end[lr]), high=1, taught=AGAINST)
