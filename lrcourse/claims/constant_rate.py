"""What a constant rate can do and what it cannot. Section 00."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from lrcourse.claims.base import AGAINST, DEPENDS, FAILS, FOR, HOLDS, Evidence, claim
from lrcourse.experiments import (
    Momentum,
    Optimizer,
    Run,
    Sgd,
    bowls,
    digits,
    mean_interval,
    paired_difference,
    quadratic,
    slope_interval,
    train,
)
from lrcourse.schedules import Constant, CosineDecay

WALKERS = 2000


def walk(lrs: Any, first_seed: int, optimizer: Optimizer) -> Run:
    """2000 walkers in a bowl of curvature 1, each update with the noise of one example."""
    seeds = range(first_seed, first_seed + WALKERS)
    return train(
        quadratic(),
        np.tile(lrs, (WALKERS, 1)),
        seeds,
        optimizer,
        batch_size=1,
        test_every=20,
        chunk=WALKERS,
    )


def late_loss(run: Run) -> np.ndarray:
    """The mean loss of each walker over the second half: (2000,)"""
    return run.test_losses[:, len(run.test_steps) // 2 :].mean(1)


@claim(
    "noise-floor",
    "At a constant rate η SGD does not arrive: the loss stays at a floor of η σ² / (2 (2 - η)).",
    section="00",
    ledger="A1 X2 K12",
    verdict=HOLDS,
)
def noise_floor(first_seed: int) -> Iterator[Evidence]:
    """What is measured over what the formula says, for three rates."""
    for lr in (0.5, 0.1, 0.02):
        loss = late_loss(walk([lr] * 600, first_seed, Sgd()))
        ratio = mean_interval(loss / quadratic().floor(lr, batch_size=1))
        yield Evidence(f"loss / floor, at η = {lr:g}", ratio, low=0.9, high=1.1)


@claim(
    "momentum-variance",
    "With momentum m the weights scatter with η σ² (1 + m) / ((1 - m) (2 (1 + m) - η)).",
    section="00",
    ledger="D9 X2",
    verdict=HOLDS,
)
def momentum_variance(first_seed: int) -> Iterator[Evidence]:
    """The loss is half the variance, because the curvature is 1."""
    for momentum, lr in ((0.5, 0.1), (0.9, 0.1), (0.9, 1.9)):
        scatter = 2 * late_loss(walk([lr] * 600, first_seed, Momentum(momentum)))
        theory = quadratic().stationary_variance(lr, momentum, batch_size=1)
        what = f"variance / formula, at m = {momentum:g} and η = {lr:g}"
        yield Evidence(what, mean_interval(scatter / theory), low=0.9, high=1.1)


@claim(
    "momentum-calms",
    "More momentum at the same rate averages the noise away.",
    section="00",
    ledger="D9 D51 K25",
    verdict=FAILS,
)
def momentum_calms(first_seed: int) -> Iterator[Evidence]:
    """It multiplies the noise: momentum m is a rate of η / (1 - m) in disguise."""
    plain = late_loss(walk([0.05] * 600, first_seed, Sgd()))
    heavy = late_loss(walk([0.05] * 600, first_seed, Momentum(0.9)))
    difference = paired_difference(heavy, plain)
    yield Evidence("loss, m = 0.9 minus m = 0", difference, high=0, taught=AGAINST)


@claim(
    "momentum-is-a-rate",
    "Momentum m at rate η ends where plain SGD at rate η / (1 - m) does.",
    section="00",
    ledger="D9 X2",
    verdict=HOLDS,
)
def momentum_is_a_rate(first_seed: int) -> Iterator[Evidence]:
    """Three pairs of the same effective rate, 0.1."""
    plain = late_loss(walk([0.1] * 600, first_seed, Sgd())).mean()
    for momentum in (0.5, 0.8, 0.9):
        lr = 0.1 * (1 - momentum)
        heavy = late_loss(walk([lr] * 600, first_seed, Momentum(momentum)))
        what = f"loss of m = {momentum:g}, η = {lr:.2g}, over that of m = 0, η = 0.1"
        yield Evidence(what, mean_interval(heavy / plain), low=0.85, high=1.15)


@claim(
    "robbins-monro",
    "Rates that fall like 1/t^p let the loss fall like 1/t^p; at p = 2 the walk freezes midway.",
    section="00",
    ledger="A1",
    verdict=HOLDS,
)
def robbins_monro(first_seed: int) -> Iterator[Evidence]:
    """The slope of log loss over log t is -p, or 0 where the walk is frozen."""
    t = np.arange(1000)
    for p, low, high in ((0, -0.15, 0.15), (0.5, -0.65, -0.35), (1, -1.2, -0.8), (2, -0.4, 0)):
        slope = late_slope(walk(0.5 * (1 + t / 10) ** -float(p), first_seed, Sgd()))
        yield Evidence(f"slope of log loss over log t, p = {p:g}", slope, low=low, high=high)


def late_slope(run: Run) -> Any:
    """Of log loss over log (t + 10) from t = 200 on, in 20 groups of 100 walkers."""
    late = run.test_steps >= 200
    groups = run.test_losses[:, late].reshape(20, 100, -1).mean(1)
    return slope_interval(run.test_steps[late] + 10, groups)


@claim(
    "stability-edge",
    "Without noise gradient descent in a bowl arrives below the rate 2 / λ_max, not above it.",
    section="00",
    ledger="B3 D2 D13 K12",
    verdict=HOLDS,
)
def stability_edge(first_seed: int) -> Iterator[Evidence]:
    """Decimal powers that the loss gains in 300 updates, from 12 random starts; λ = 1 and 20."""
    rng, edge = np.random.default_rng(first_seed), 2 / 20
    starts = [quadratic((1, 20), noise=0, start=rng.normal(size=2)) for _ in range(12)]
    for share, low, high in ((0.6, -np.inf, -3), (0.98, -np.inf, -3), (1.02, 3, np.inf)):
        runs = [train(bowl, np.full((1, 300), share * edge), [0], Sgd()) for bowl in starts]
        gained = [np.log10(run.test_losses[0, -1] / run.losses[0, 0]) for run in runs]
        what = f"powers of ten that the loss gains at {share:g} · 2/λ_max"
        yield Evidence(what, mean_interval(gained), low=low, high=high)


@claim(
    "input-offset",
    "Adding a constant to every input changes nothing: the first bias takes it up.",
    section="00",
    ledger="D8 X4",
    verdict=FAILS,
)
def input_offset(first_seed: int) -> Iterator[Evidence]:
    """Digits, and the same digits plus 5: the curvature grows, so the same rate is too high."""
    near, seeds = digits(), range(first_seed, first_seed + 12)
    far = replace(near, x_train=near.x_train + 5, x_test=near.x_test + 5)
    runs = [train(data, np.full((12, 400), 0.1), seeds) for data in (far, near)]
    after, before = (100 * run.test_accuracies[:, -1] for run in runs)
    difference = paired_difference(after, before)
    yield Evidence("test accuracy, shifted minus not (points)", difference, low=-5, taught=AGAINST)


@claim(
    "label-noise-moves-the-rate",
    "Wrong labels call for a lower rate.",
    section="00",
    ledger="D8 X6",
    verdict=DEPENDS,
)
def label_noise_moves_the_rate(first_seed: int) -> Iterator[Evidence]:
    """A tenth of the best rate for clean digits, against that rate itself."""
    seeds = range(first_seed, first_seed + 24)
    for noise, shape, taught in (
        (0.2, Constant(1), FOR),
        (0.0, Constant(1), AGAINST),
        (0.2, CosineDecay(1, 500), AGAINST),
    ):
        found = bowls(digits(noise), {"": shape}, [0.02, 0.2], seeds, steps=500)
        low, high = 100 * found.at_the_end("")
        what = f"test accuracy, {noise:.0%} wrong labels, {type(shape).__name__}, 0.02 minus 0.2"
        yield Evidence(f"{what} (points)", paired_difference(low, high), low=0.3, taught=taught)
