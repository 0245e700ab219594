"""What must change with the batch size, and with which optimizer? Section 10."""

from collections.abc import Iterator

import numpy as np
import torch

from lrcourse.batch_size import noise_scale
from lrcourse.claims.base import AGAINST, DEPENDS, FAILS, FOR, HOLDS, Evidence, claim
from lrcourse.experiments import (
    Adam,
    Classification,
    Lamb,
    Lars,
    Mlp,
    Momentum,
    Optimizer,
    Sgd,
    compare,
    paired_difference,
    previous_token,
    rate_table,
    ratio_interval,
    signals,
    train,
)
from lrcourse.schedules import Constant, CosineDecay, LinearWarmup

EXAMPLES, EPOCHS = 2048, 12
SMALL = 16  # the batch size that the others are compared with


def epoch_losses(optimizer: Optimizer, lr: float, batch_size: int, seeds: range) -> np.ndarray:
    """The mean training loss of each epoch: (seeds, epochs)"""
    lrs = np.full((len(seeds), EPOCHS * EXAMPLES // batch_size), lr)
    run = train(signals(train_size=EXAMPLES), lrs, list(seeds), optimizer, batch_size)
    return run.losses.reshape(len(seeds), EPOCHS, -1).mean(2)


def distances(optimizer: Optimizer, lr: float, k: int, seeds: range) -> dict[str, np.ndarray]:
    """How far k times the batch leads from the curve of batch 16, under each rule: (seeds,)"""
    small = epoch_losses(optimizer, lr, SMALL, seeds)
    rates = {"none": lr, "sqrt": lr * k**0.5, "linear": lr * k}
    large = {rule: epoch_losses(optimizer, rates[rule], k * SMALL, seeds) for rule in rates}
    return {rule: np.abs(curve - small).mean(1) for rule, curve in large.items()}


@claim(
    "linear-scaling-for-sgd",
    "With SGD, k times the batch at k times the rate follows the same loss curve over the epochs.",
    section="10",
    ledger="X8 K1 A67 A68 A77 D12 D49",
    verdict=HOLDS,
)
def linear_scaling_for_sgd(first_seed: int) -> Iterator[Evidence]:
    """Batches of 64 and 256 instead of 16: what is left of the distance without a rule."""
    seeds = range(first_seed, first_seed + 6)
    for name, optimizer, lr in (("SGD", Sgd(), 0.01), ("momentum", Momentum(), 0.003)):
        for k in (4, 16):
            found = distances(optimizer, lr, k, seeds)
            left = ratio_interval(found["linear"], found["none"])
            what = f"{name}, {k} times the batch: distance from the curve, linear over no rule"
            yield Evidence(what, left, high=0.2)


@claim(
    "sqrt-scaling-for-adam",
    "With Adam, k times the batch needs about √k times the rate, not k times.",
    section="10",
    ledger="X8 K1 A68 A77 D49",
    verdict=HOLDS,
)
def sqrt_scaling_for_adam(first_seed: int) -> Iterator[Evidence]:
    """Batches of 64 and 256 instead of 16: the square root stays nearest to the curve."""
    seeds = range(first_seed, first_seed + 6)
    for k in (4, 16):
        found = distances(Adam(), 0.001, k, seeds)
        for rule in ("none", "linear"):
            nearer = ratio_interval(found["sqrt"], found[rule])
            what = f"{k} times the batch: distance from the curve, √k over {rule}"
            yield Evidence(what, nearer, high=0.7)


@claim(
    "one-rule-for-all-optimizers",
    "When the batch grows, the rate must grow in proportion to it.",
    section="10",
    ledger="K1 A68 A77 D12",
    verdict=DEPENDS,
)
def one_rule_for_all_optimizers(first_seed: int) -> Iterator[Evidence]:
    """Four times the batch: is the linear rule nearer to the curve than the square root?"""
    seeds = range(first_seed, first_seed + 6)
    for name, optimizer, lr, taught in (
        ("SGD", Sgd(), 0.01, FOR),
        ("momentum", Momentum(), 0.003, FOR),
        ("Adam", Adam(), 0.001, AGAINST),
    ):
        found = distances(optimizer, lr, 4, seeds)
        nearer = ratio_interval(found["linear"], found["sqrt"])
        what = f"{name}: distance from the curve, linear over √k"
        yield Evidence(what, nearer, high=0.7, taught=taught)


@claim(
    "layer-rates-help-large-batches",
    "At a large batch a deep network without normalization ends higher with LARS or LAMB than "
    "with momentum.",
    section="10",
    ledger="A72",
    verdict=HOLDS,
)
def layer_rates_help_large_batches(first_seed: int) -> Iterator[Evidence]:
    """Batches of 1024, six hidden layers, cosines at peaks that were best in a grid of factors 2.
    Half of LAMB's gain is Adam's."""
    problem = signals(network=Mlp((40, *[32] * 6, 10)))
    seeds, end = range(first_seed, first_seed + 20), {}
    for optimizer, peak in ((Momentum(), 0.2), (Lars(), 0.6), (Lamb(), 0.025)):
        cosine = {"": CosineDecay(peak, 120)}
        run = compare(problem, cosine, seeds, 120, optimizer=optimizer, batch_size=1024)[""]
        end[type(optimizer).__name__] = 100 * run.test_accuracies[:, -1]
    for name, low in (("Lars", 1), ("Lamb", 0.5)):
        gain = paired_difference(end[name], end["Momentum"])
        yield Evidence(f"test accuracy, {name} minus Momentum (points)", gain, low)


@claim(
    "lars-needs-no-tuning",
    "LARS finds the rate of every layer by itself, so its own rate needs no tuning.",
    section="10",
    ledger="A72",
    verdict=FAILS,
)
def lars_needs_no_tuning(first_seed: int) -> Iterator[Evidence]:
    """At a batch of 512, with a rate of 0.8 or an eighth of it."""
    seeds, rates = range(first_seed, first_seed + 12), (0.1, 0.8)
    schedules = {rate: CosineDecay(rate, 120) for rate in rates}
    runs = compare(signals(), schedules, seeds, 120, optimizer=Lars(), batch_size=512)
    low, high = (100 * runs[rate].test_accuracies[:, -1] for rate in rates)
    what = "test accuracy with LARS, at a rate of 0.8 minus at 0.1 (points)"
    yield Evidence(what, paired_difference(high, low), low=-2, high=2, taught=AGAINST)


@claim(
    "larger-batch-needs-warmup",
    "At the same rate, a larger batch needs a warmup more than a small one.",
    section="10",
    ledger="E31",
    verdict=FAILS,
)
def larger_batch_needs_warmup(first_seed: int) -> Iterator[Evidence]:
    """The post-norm transformer, Adam at 0.01, no warmup: it is the batch of 4 that is stuck."""
    problem, seeds = previous_token(), range(first_seed, first_seed + 12)
    ends = {}
    for size in (4, 16):
        lrs = rate_table([CosineDecay(0.01, 300)], len(seeds), 300)
        run = train(problem, lrs, list(seeds), Adam(), size)
        ends[size] = run.losses[:, -30:].mean(1)
    worse = paired_difference(ends[16], ends[4])
    yield Evidence("loss at the end without warmup, batch 16 minus 4", worse, 0, taught=AGAINST)


@claim(
    "adam-warmup-keeps-its-updates",
    "When the batch grows, Adam's warmup keeps its number of updates, not of examples.",
    section="10",
    ledger="E31 A71",
    verdict=HOLDS,
)
def adam_warmup_keeps_its_updates(first_seed: int) -> Iterator[Evidence]:
    """The post-norm transformer from batch 16 at 0.02, 300 updates and 60 of warmup, to 64 at 0.04:
    75 updates, with 60 of warmup or with the 15 that see as many examples as before."""
    seeds, ends = range(first_seed, first_seed + 20), {}
    for warmup in (60, 15):
        schedule = LinearWarmup(0.04, warmup) >> Constant(0.04)
        lrs = rate_table([schedule], len(seeds), 75)
        run = train(previous_token(), lrs, list(seeds), Adam(), 64)
        ends[warmup] = run.losses[:, -8:].mean(1)
    better = paired_difference(ends[60], ends[15])
    yield Evidence("loss at the end, 60 updates of warmup minus 15", better, high=-0.1)


# What the noise scale says -----------------------------------------------------------------------


def weights_after(problem: Classification, updates: int, seed: int, lr: float) -> torch.Tensor:
    """(1, P) of plain SGD at a batch of 16."""
    if not updates:
        return problem.start(seed)[None]
    run = train(problem, np.full((1, updates), lr), [seed], Sgd(), 16)
    return torch.tensor(run.weights[:, -1])


def gradients(problem: Classification, weights: torch.Tensor, batch: torch.Tensor) -> torch.Tensor:
    """The gradient of each batch of example numbers (R, B) at the same weights: (R, P)"""
    rows = weights.expand(len(batch), -1).clone().requires_grad_()
    return torch.autograd.grad(problem.loss(rows, batch).sum(), rows)[0]


def measured_scale(problem: Classification, weights: torch.Tensor, rng: torch.Generator) -> float:
    """From 32 groups of 8 batches of 32."""
    batches = torch.randint(len(problem.x_train), (256, 32), generator=rng)
    small = gradients(problem, weights, batches).view(32, 8, -1)
    small_norms, big_norms = small.square().sum(2).mean(1), small.mean(1).square().sum(1)
    return noise_scale(small_norms.numpy(), big_norms.numpy(), 32, 256).scale


def best_of_training(batch_size: int, rates: np.ndarray, seeds: range) -> np.ndarray:
    """The constant rate with the lowest mean loss over 8 epochs, for each seed by itself."""
    lrs = np.repeat(rates, len(seeds))[:, None] * np.ones(8 * 2048 // batch_size)
    run = train(signals(train_size=2048), lrs, [*seeds] * len(rates), Sgd(), batch_size)
    losses = np.nan_to_num(run.losses, nan=np.inf).mean(1).reshape(len(rates), len(seeds))
    return rates[losses.argmin(0)]


@claim(
    "noise-scale-promises-too-much",
    "The best constant rate of a training stops rising in proportion at a smaller batch than the "
    "noise scale in the middle of it, though at one of the same order.",
    section="10",
    ledger="A67 A68",
    verdict=HOLDS,
)
def noise_scale_promises_too_much(first_seed: int) -> Iterator[Evidence]:
    """Plain SGD, batches of 16 and 256. From η(B) = η_max / (1 + b/B) and the best rates at both
    follows b, the batch of the bend: it should be the noise scale."""
    problem = signals(train_size=2048, dtype=torch.float64)
    seeds = range(first_seed, first_seed + 8)
    small = best_of_training(16, 2.0 ** np.arange(-4, 0.1, 0.5), seeds)
    top = best_of_training(256, 2.0 ** np.arange(-2, 2.1, 0.5), seeds)
    times = top / small
    bends, scales = (times - 1) / (1 / 16 - times / 256), []
    for seed in seeds:
        weights = weights_after(problem, 512, seed, 0.25)
        scales.append(measured_scale(problem, weights, torch.Generator().manual_seed(seed)))
    what = "the batch of the bend over the noise scale"
    yield Evidence(what, ratio_interval(bends, scales), low=0.1, high=0.9)
