"""Who needs a warmup, and what can take its place? Section 06."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from torch import nn

from lrcourse.claims.base import AGAINST, DEPENDS, FAILS, HOLDS, Evidence, claim
from lrcourse.experiments import (
    Adam,
    ModuleNetwork,
    PreviousToken,
    RAdam,
    Sgd,
    compare,
    digits,
    mean_interval,
    paired_difference,
    paired_share_difference,
    previous_token,
    share_interval,
    signals,
)
from lrcourse.schedules import (
    Constant,
    CosineDecay,
    LinearWarmup,
    Schedule,
    WarmupCosine,
)

PEAK, STEPS, WARMUP = 0.03, 300, 100  # of the transformer, with Adam
LEARNED = 0.5  # the mean loss of the last 30 updates is below it; who guesses has 2.30 = ln 10


def end_losses(
    problem: PreviousToken, schedule: Schedule, seeds: range, **options: Any
) -> np.ndarray:
    """The transformer's mean loss in the last 30 of 300 updates, for each seed: (R,)"""
    options.setdefault("optimizer", Adam())
    run = compare(problem, {"": schedule}, seeds, STEPS, batch_size=16, **options)[""]
    return run.losses[:, -30:].mean(1)


def learned(losses: np.ndarray) -> Any:
    """The share of the runs that learned the task, with its interval."""
    return share_interval(int((losses < LEARNED).sum()), len(losses))


def tanh_network() -> nn.Module:
    """No batch norm, no layer norm: three linear layers."""
    return nn.Sequential(
        nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 10)
    )


def by_gradient_descent(schedule: Schedule, seeds: range) -> np.ndarray:
    """All 300 digits in every update, so no noise: the last training loss of each seed (R,)"""
    problem = digits(train_size=300, network=ModuleNetwork(tanh_network))
    run = compare(problem, {"": schedule}, seeds, 300, optimizer=Sgd(), batch_size=300)[""]
    return run.losses[:, -1]


@claim(
    "warmup-rescues-post-ln",
    "A post-norm transformer that learns nothing at this rate learns it after a warmup.",
    section="06",
    ledger="X12 K11 E7",
    verdict=HOLDS,
)
def warmup_rescues_post_ln(first_seed: int) -> Iterator[Evidence]:
    """Adam with a cosine from 0.03, with and without 100 updates of warmup before it."""
    problem, seeds = previous_token("post"), range(first_seed, first_seed + 12)
    without = end_losses(problem, CosineDecay(PEAK, STEPS), seeds)
    with_warmup = end_losses(problem, WarmupCosine(PEAK, WARMUP, STEPS), seeds)
    yield Evidence("share of the runs that learned, no warmup", learned(without), high=0.5)
    gain = paired_share_difference(with_warmup < LEARNED, without < LEARNED)
    yield Evidence("share that learned, with warmup minus without", gain, low=0.3)


@claim(
    "pre-ln-and-radam-need-no-warmup",
    "With pre-norm blocks, or with RAdam, the same transformer learns without a warmup.",
    section="06",
    ledger="X12 K11 E7 A25 E3",
    verdict=HOLDS,
)
def pre_ln_and_radam_need_no_warmup(first_seed: int) -> Iterator[Evidence]:
    """The rate at which post-norm with Adam learns nothing."""
    seeds = range(first_seed, first_seed + 12)
    for name, norm, optimizer in (
        ("pre-norm, Adam", "pre", Adam()),
        ("post-norm, RAdam", "post", RAdam()),
    ):
        losses = end_losses(previous_token(norm), Constant(PEAK), seeds, optimizer=optimizer)
        yield Evidence(f"share of the runs that learned, {name}", learned(losses), low=0.5)


@claim(
    "clipping-replaces-warmup",
    "Clipping the gradient takes the place of a warmup.",
    section="06",
    ledger="K10 A25",
    verdict=FAILS,
)
def clipping_replaces_warmup(first_seed: int) -> Iterator[Evidence]:
    """Adam divides by the gradient's size: its first steps are as long with a clipped one."""
    seeds = range(first_seed, first_seed + 12)
    losses = end_losses(previous_token("post"), Constant(PEAK), seeds, clip=0.5)
    what = "share of the runs that learned, clipped at 0.5, no warmup"
    yield Evidence(what, learned(losses), low=0.5, taught=AGAINST)


@claim(
    "without-warmup-the-loss-explodes",
    "Without the warmup that it needs, a run's loss explodes.",
    section="06",
    ledger="K10 X12 X13",
    verdict=DEPENDS,
)
def without_warmup_the_loss_explodes(first_seed: int) -> Iterator[Evidence]:
    """The transformer is stuck where guessing is, at ln 10 = 2.30: look for a flat line."""
    seeds = range(first_seed, first_seed + 12)
    transformer = mean_interval(end_losses(previous_token("post"), Constant(PEAK), seeds))
    what = "training loss at the end, post-norm transformer, Adam (nats)"
    yield Evidence(what, transformer, low=5, taught=AGAINST)
    tanh = mean_interval(by_gradient_descent(Constant(3), seeds))
    yield Evidence("training loss at the end, tanh network, gradient descent (nats)", tanh, low=5)


@claim(
    "warmup-without-batchnorm-adam-or-noise",
    "A warmup helps even without batch norm, without Adam and without noise in the gradient.",
    section="06",
    ledger="X13 A26 K10",
    verdict=HOLDS,
)
def warmup_without_batchnorm_adam_or_noise(first_seed: int) -> Iterator[Evidence]:
    """Full-batch gradient descent at 2, where 1 needs no warmup."""
    seeds = range(first_seed, first_seed + 12)
    low, high = (by_gradient_descent(Constant(lr), seeds) < LEARNED for lr in (1, 2))
    ramped = by_gradient_descent(LinearWarmup(2, 200), seeds) < LEARNED
    yield Evidence("share that learned at rate 1, no warmup", share_interval(low.sum(), 12), 0.5)
    gain = paired_share_difference(ramped, high)
    yield Evidence("share that learned at rate 2, with warmup minus without", gain, low=0.3)


@claim(
    "small-networks-need-warmup",
    "A small network gains a point of test accuracy from a warmup before the cosine.",
    section="06",
    ledger="K10 A26",
    verdict=FAILS,
)
def small_networks_need_warmup(first_seed: int) -> Iterator[Evidence]:
    """Two layers, SGD with momentum, at rates where it learns."""
    for peak in (0.05, 0.13):
        schedules = {"cosine": CosineDecay(peak, 1000), "warmup": WarmupCosine(peak, 100, 1000)}
        runs = compare(signals(), schedules, range(first_seed, first_seed + 20), 1000)
        ramped, plain = (100 * runs[name].test_accuracies[:, -1] for name in ("warmup", "cosine"))
        gain = paired_difference(ramped, plain)
        what = f"test accuracy, with warmup minus without, peak {peak} (points)"
        yield Evidence(what, gain, low=1, taught=AGAINST)
