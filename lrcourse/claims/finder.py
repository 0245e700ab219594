"""What a range test can tell, and what it cannot. Section 09.

Whether a rule's pick is good is decided by training: the points that it loses against the best
of thirteen rates. `lrcourse find --regret` does that for more rules and more tasks.
"""

from collections.abc import Iterator, Sequence
from math import inf

import numpy as np

from lrcourse.claims.base import AGAINST, DEPENDS, FAILS, FOR, HOLDS, Evidence, claim
from lrcourse.experiments import (
    Classification,
    Interval,
    Optimizer,
    Sgd,
    bootstrap_interval,
    bowls,
    compare,
    digits,
    mean_interval,
    paired_difference,
    share_interval,
    signals,
    train,
)
from lrcourse.finder import (
    RangeTest,
    half_the_start,
    minimum_over_ten,
    onset_over_three,
    steepest,
    valley,
)
from lrcourse.finder.rules import Rule
from lrcourse.schedules import Constant, CosineDecay, Schedule

# The range test -------------------------------------------------------------------------------


def range_tests(
    problem: Classification,
    seeds: Sequence[int],
    optimizer: Optimizer | None = None,
    highest: float = 10.0,
) -> list[RangeTest]:
    """One sweep for each seed: 400 updates from the rate 0.000001 to the highest."""
    lrs = np.geomspace(1e-6, highest, 400)
    run = train(problem, np.tile(lrs, (len(seeds), 1)), seeds, optimizer)
    return [RangeTest(lrs, losses[None]) for losses in run.losses]


# What their picks are worth -------------------------------------------------------------------


def points_lost(rule: Rule, problem: Classification, shape: Schedule, first_seed: int) -> Interval:
    """By the picks of 20 range tests, against the best of 13 peaks; 500 updates, 6 seeds."""
    tests = range_tests(problem, range(first_seed, first_seed + 20))
    picks = [test.pick(rule).middle for test in tests]
    peaks = np.geomspace(0.001, 1, 13)
    tried = bowls(problem, {"shape": shape}, peaks, range(first_seed, first_seed + 6), steps=500)
    accuracy = 100 * np.nan_to_num(tried.at_the_end("shape"), nan=0.1).mean(1)  # 0.1: by chance
    return mean_interval(accuracy.max() - np.interp(np.log(picks), np.log(peaks), accuracy))


@claim(
    "range-test-finds-the-rate",
    "The steepest point of a range test is a constant rate within 2 points of the best.",
    section="09",
    ledger="X7 K18 A58 A61",
    verdict=DEPENDS,
)
def range_test_finds_the_rate(first_seed: int) -> Iterator[Evidence]:
    """It is on digits. On the signals, which are learned slowly, it is far too low."""
    for problem, name, taught in ((digits(), "digits", FOR), (signals(), "signals", AGAINST)):
        lost = points_lost(steepest, problem, Constant(1), first_seed)
        yield Evidence(f"test accuracy lost on {name} (points)", lost, high=2, taught=taught)


@claim(
    "valley-finds-the-rate",
    "The valley of a range test, fastai's default, is a constant rate within 8 points of the best.",
    section="09",
    ledger="X7 K18",
    verdict=DEPENDS,
)
def valley_finds_the_rate(first_seed: int) -> Iterator[Evidence]:
    """Digits and signals again."""
    for problem, name, taught in ((digits(), "digits", FOR), (signals(), "signals", AGAINST)):
        lost = points_lost(valley, problem, Constant(1), first_seed)
        yield Evidence(f"test accuracy lost on {name} (points)", lost, high=8, taught=taught)


@claim(
    "tenth-of-the-lowest-is-a-safe-peak",
    "A tenth of the rate with the lowest loss is within 5 points of the best peak of a cosine.",
    section="09",
    ledger="X7 K18 A60",
    verdict=DEPENDS,
)
def tenth_of_the_lowest_is_a_safe_peak(first_seed: int) -> Iterator[Evidence]:
    """Safe from diverging, yes; but on the signals it is more than ten times too low."""
    for problem, name, taught in ((digits(), "digits", FOR), (signals(), "signals", AGAINST)):
        lost = points_lost(minimum_over_ten, problem, CosineDecay(1, 500), first_seed)
        yield Evidence(f"test accuracy lost on {name} (points)", lost, high=5, taught=taught)


@claim(
    "third-of-the-onset-is-a-good-peak",
    "A third of the rate where the loss begins to rise is within 10 points of the best peak of a "
    "cosine.",
    section="09",
    ledger="X7 K18 D19",
    verdict=HOLDS,
)
def third_of_the_onset_is_a_good_peak(first_seed: int) -> Iterator[Evidence]:
    """The onset is an upper bound, and the rule comes down from it. With momentum 0.9; without
    any, it loses more on the signals."""
    for problem, name in ((digits(), "digits"), (signals(), "signals")):
        lost = points_lost(onset_over_three, problem, CosineDecay(1, 500), first_seed)
        yield Evidence(f"test accuracy lost on {name} (points)", lost, high=10)


@claim(
    "half-the-start-of-the-fall",
    "Half of the rate where the loss starts to fall is within 2 points of the best constant rate.",
    section="09",
    ledger="D20 A60 X7",
    verdict=FAILS,
)
def half_the_start_of_the_fall(first_seed: int) -> Iterator[Evidence]:
    """Where training has begun to work, it still works too slowly."""
    for problem, name in ((digits(), "digits"), (signals(), "signals")):
        lost = points_lost(half_the_start, problem, Constant(1), first_seed)
        yield Evidence(f"test accuracy lost on {name} (points)", lost, high=2, taught=AGAINST)


# How far, and how often? ----------------------------------------------------------------------


@claim(
    "sweep-to-a-tenth-is-enough",
    "A range test needs to go no further than to the rate 0.1.",
    section="09",
    ledger="D18 D46 K17 X7",
    verdict=FAILS,
)
def sweep_to_a_tenth_is_enough(first_seed: int) -> Iterator[Evidence]:
    """Plain SGD on digits: the sweep must pass the blow-up, and the best rate."""
    seeds = range(first_seed, first_seed + 20)
    tests = range_tests(digits(), seeds, Sgd(), highest=0.1)
    rising = share_interval(sum(test.curves[0].rises for test in tests), len(tests))
    yield Evidence("share of the sweeps in which the loss rises", rising, low=0.5, taught=AGAINST)
    rates = {lr: Constant(lr) for lr in (0.1, 0.7)}
    runs = compare(digits(), rates, seeds, steps=500, optimizer=Sgd())
    end = {lr: 100 * run.test_accuracies[:, -1] for lr, run in runs.items()}
    gain, what = paired_difference(end[0.7], end[0.1]), "test accuracy, rate 0.7 minus 0.1 (points)"
    yield Evidence(what, gain, high=0.5, taught=AGAINST)


def spread(picks: Sequence[float]) -> Interval:
    """How many times the lowest of the middle eight in ten the highest is."""

    def factor(rows: np.ndarray) -> float:
        low, high = np.quantile(np.log(picks)[rows], [0.1, 0.9])
        return float(np.exp(high - low))

    return bootstrap_interval(factor, len(picks))


@claim(
    "one-range-test-is-enough",
    "One range test is enough: eight in ten of them pick rates within a factor of 2.",
    section="09",
    ledger="A61 X7",
    verdict=DEPENDS,
)
def one_range_test_is_enough(first_seed: int) -> Iterator[Evidence]:
    """Other weights and other batches, the steepest point of each; 100 range tests."""
    seeds = range(first_seed, first_seed + 100)
    for problem, name, taught in ((digits(), "digits", FOR), (signals(), "signals", AGAINST)):
        picks = [test.pick(steepest).middle for test in range_tests(problem, seeds)]
        what = f"highest / lowest of the middle eight in ten picks, {name}"
        yield Evidence(what, spread(picks), high=2, taught=taught)


@claim(
    "cosine-wants-a-higher-peak",
    "The best peak of a cosine is higher than the best constant rate.",
    section="09",
    ledger="X7 X6",
    verdict=HOLDS,
)
def cosine_wants_a_higher_peak(first_seed: int) -> Iterator[Evidence]:
    """From 0.06 to 0.16 on the signals: the constant rate gets worse, the cosine better."""
    shapes = {"constant": Constant(1), "cosine": CosineDecay(1, 500)}
    seeds = range(first_seed, first_seed + 24)
    tried = bowls(signals(), shapes, [0.06, 0.16], seeds, steps=500)
    for name, low, high in (("constant", -inf, 0), ("cosine", 0, inf)):
        before, after = 100 * tried.at_the_end(name)
        what = f"test accuracy, {name}, peak 0.16 minus 0.06 (points)"
        yield Evidence(what, paired_difference(after, before), low, high)
