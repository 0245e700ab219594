"""What a range test can tell, and what it cannot. Section 09.

In a range test the rate rises exponentially from far too low to far too high, in one short run.
A rule then picks a rate from the curve of the losses. Whether a pick is good is decided by
training: the points that it loses against the best of thirteen rates.
"""

from collections.abc import Callable, Iterator, Sequence
from math import inf

import numpy as np
from scipy.signal import lfilter, savgol_filter

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
from lrcourse.schedules import Constant, CosineDecay, Schedule

# The range test -------------------------------------------------------------------------------

Curve = tuple[np.ndarray, np.ndarray]  # the rates of a range test and its smoothed losses: (S,)


def range_tests(
    problem: Classification,
    seeds: Sequence[int],
    optimizer: Optimizer | None = None,
    highest: float = 10.0,
) -> list[Curve]:
    """One curve for each seed: 150 updates from the rate 0.0001 to the highest."""
    rates = np.geomspace(1e-4, highest, 150)
    run = train(problem, np.tile(rates, (len(seeds), 1)), seeds, optimizer)
    return [up_to_the_blow_up(rates, losses) for losses in smoothed(run.losses)]


def smoothed(losses: np.ndarray, kept: float = 0.9) -> np.ndarray:
    """m ← k m + (1 − k) loss,  m / (1 − k^t): running means along the last axis."""
    t = np.arange(1, losses.shape[-1] + 1)
    return lfilter([1 - kept], [1, -kept], losses) / (1 - kept**t)


def up_to_the_blow_up(rates: np.ndarray, losses: np.ndarray) -> Curve:
    """The curve before the loss exceeds four times its lowest value so far."""
    fine = losses <= 4 * np.minimum.accumulate(losses)  # False for NaN
    end = len(fine) if fine.all() else fine.argmin()
    return rates[:end], losses[:end]


# The rules ------------------------------------------------------------------------------------


def steepest(rates: np.ndarray, losses: np.ndarray) -> float:
    """Where the loss falls fastest over log rate: the slopes of lines through 31 points each.

    Slopes between neighbours are noise, above all at the first points, which average little.
    """
    return rates[savgol_filter(losses, 31, 1, deriv=1).argmin()]


def valley(rates: np.ndarray, losses: np.ndarray) -> float:
    """fastai's default: the middle of the longest falling subsequence, its places counted as if
    they were neighbours."""
    length = np.ones(len(losses), dtype=int)
    for i in range(1, len(losses)):
        length[i] += np.max(length[:i], where=losses[:i] > losses[i], initial=0)
    end = length.argmax()
    return rates[end - length[end] // 2]


def lowest_over_ten(rates: np.ndarray, losses: np.ndarray) -> float:
    """A tenth of the rate with the lowest loss."""
    return rates[losses.argmin()] / 10


def turn_over_four(rates: np.ndarray, losses: np.ndarray) -> float:
    """A quarter of the rate where the loss has risen by a tenth above its lowest value."""
    lowest = losses.argmin()
    risen = losses[lowest:] > 1.1 * losses[lowest]
    return rates[lowest:][risen.argmax() if risen.any() else -1] / 4


def half_the_start(rates: np.ndarray, losses: np.ndarray) -> float:
    """Half of the rate where the loss has fallen by a twentieth of its first values."""
    return rates[(losses < 0.95 * losses[10:30].mean()).argmax()] / 2


# What their picks are worth -------------------------------------------------------------------


def points_lost(
    rule: Callable[..., float], problem: Classification, shape: Schedule, first_seed: int
) -> Interval:
    """By the picks of 20 range tests, against the best of 13 peaks; 500 updates, 6 seeds."""
    curves = range_tests(problem, range(first_seed, first_seed + 20))
    picks = [rule(*curve) for curve in curves]
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
    "The valley of a range test, fastai's default, is a constant rate within 3 points of the best.",
    section="09",
    ledger="X7 K18",
    verdict=DEPENDS,
)
def valley_finds_the_rate(first_seed: int) -> Iterator[Evidence]:
    """Digits and signals again."""
    for problem, name, taught in ((digits(), "digits", FOR), (signals(), "signals", AGAINST)):
        lost = points_lost(valley, problem, Constant(1), first_seed)
        yield Evidence(f"test accuracy lost on {name} (points)", lost, high=3, taught=taught)


@claim(
    "tenth-of-the-lowest-is-a-safe-peak",
    "A tenth of the rate with the lowest loss is within 3 points of the best peak of a cosine.",
    section="09",
    ledger="X7 K18 A60",
    verdict=DEPENDS,
)
def tenth_of_the_lowest_is_a_safe_peak(first_seed: int) -> Iterator[Evidence]:
    """Safe from diverging, yes; but on the signals it is more than ten times too low."""
    for problem, name, taught in ((digits(), "digits", FOR), (signals(), "signals", AGAINST)):
        lost = points_lost(lowest_over_ten, problem, CosineDecay(1, 500), first_seed)
        yield Evidence(f"test accuracy lost on {name} (points)", lost, high=3, taught=taught)


@claim(
    "quarter-of-the-turn-is-a-good-peak",
    "A quarter of the rate where the loss turns up is within 5 points of the best peak of a "
    "cosine.",
    section="09",
    ledger="X7 K18 D19",
    verdict=HOLDS,
)
def quarter_of_the_turn_is_a_good_peak(first_seed: int) -> Iterator[Evidence]:
    """The turn is an upper bound, and the rule comes down from it. With momentum 0.9; without
    any, it loses more on the signals."""
    for problem, name in ((digits(), "digits"), (signals(), "signals")):
        lost = points_lost(turn_over_four, problem, CosineDecay(1, 500), first_seed)
        yield Evidence(f"test accuracy lost on {name} (points)", lost, high=5)


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
    curves = range_tests(digits(), seeds, Sgd(), highest=0.1)
    blown_up = share_interval(sum(len(rates) < 150 for rates, _ in curves), len(curves))
    yield Evidence("share of the sweeps that blow up", blown_up, low=0.5, taught=AGAINST)
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
        picks = [steepest(*curve) for curve in range_tests(problem, seeds)]
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
