"""What does a rule see that cuts the rate when a metric stops to improve? Section 05."""

from collections.abc import Iterator
from math import inf

import numpy as np

from lrcourse.claims.base import AGAINST, DEPENDS, FAILS, FOR, HOLDS, Evidence, claim
from lrcourse.experiments import (
    Classification,
    Interval,
    compare,
    digits,
    paired_difference,
    share_interval,
    signals,
)
from lrcourse.schedules import Constant, CosineDecay, ReduceOnPlateau

PEAK, STEPS, RUNS = 0.13, 2000, 400


def still_improving(noise: float, first_seed: int) -> np.ndarray:
    """400 metrics 1 + 2 e^(-t/25) + noise, t = 0 ... 59 epochs: a cut is too early. (400, 60)"""
    rng = np.random.default_rng(first_seed)
    return 1 + 2 * np.exp(-np.arange(60) / 25) + noise * rng.standard_normal((RUNS, 60))


def cut_too_early(noise: float, patience: int, first_seed: int) -> Interval:
    """The share of the 400 in which the rule cuts the rate all the same."""
    rule = ReduceOnPlateau(1, patience=patience)
    metrics = still_improving(noise, first_seed)
    return share_interval(sum(rule.replay(each)[-1] < 1 for each in metrics), RUNS)


def noisy_signals() -> Classification:
    """10% of the labels are wrong, so there is a floor to fall from."""
    return signals(label_noise=0.1, test_size=1000)


def end_accuracy(seeds: range, patience: int) -> np.ndarray:
    """The rule looks every 25 updates and cuts to a tenth; in points: (R,)"""
    rules = [ReduceOnPlateau(1, factor=0.1, patience=patience)] * len(seeds)
    constant = {"": Constant(PEAK)}  # times what the rule has left of 1
    runs = compare(noisy_signals(), constant, seeds, STEPS, plateaus=rules, test_every=25)
    return 100 * runs[""].test_accuracies[:, -1]


@claim(
    "plateau-cuts-on-noise",
    "On a noisy metric an impatient plateau rule cuts the rate while training still improves.",
    section="05",
    ledger="C45 X14",
    verdict=HOLDS,
)
def plateau_cuts_on_noise(first_seed: int) -> Iterator[Evidence]:
    """A metric that falls from 3 to 1.2 in 60 epochs."""
    for noise, patience, needed in (
        (0.05, 2, (0.9, inf)),
        (0.05, 10, (-inf, 0.1)),
        (0.0001, 2, (-inf, 0.1)),
    ):
        what = f"share of the runs with a cut, noise {noise:g}, patience {patience}"
        yield Evidence(what, cut_too_early(noise, patience, first_seed), *needed)


@claim(
    "patience-10-is-enough",
    "PyTorch's patience of 10 keeps a plateau rule from cutting on noise.",
    section="05",
    ledger="C45 X14",
    verdict=DEPENDS,
)
def patience_10_is_enough(first_seed: int) -> Iterator[Evidence]:
    """The metric falls by 0.08 to 0.007 in an epoch; compare that with the noise."""
    for noise, taught in ((0.05, FOR), (0.2, AGAINST)):
        share = cut_too_early(noise, 10, first_seed)
        what = f"share of the runs with a cut, noise {noise:g}"
        yield Evidence(what, share, high=0.1, taught=taught)


@claim(
    "patience-is-free",
    "A larger patience is always safer.",
    section="05",
    ledger="C45 X14",
    verdict=FAILS,
)
def patience_is_free(first_seed: int) -> Iterator[Evidence]:
    """Of 80 looks at the metric, 40 are too many to wait."""
    seeds = range(first_seed, first_seed + 12)
    gain = paired_difference(end_accuracy(seeds, 40), end_accuracy(seeds, 10))
    what = "test accuracy, patience 40 minus patience 10 (points)"
    yield Evidence(what, gain, low=-1, taught=AGAINST)


@claim(
    "plateau-beats-cosine",
    "A rule that listens ends two points above a cosine that was planned.",
    section="05",
    ledger="C45",
    verdict=FAILS,
)
def plateau_beats_cosine(first_seed: int) -> Iterator[Evidence]:
    """At the same peak, with a patience that suits the noise."""
    seeds = range(first_seed, first_seed + 24)
    cosine = compare(noisy_signals(), {"": CosineDecay(PEAK, STEPS)}, seeds, STEPS)[""]
    gain = paired_difference(end_accuracy(seeds, 5), 100 * cosine.test_accuracies[:, -1])
    what = "test accuracy, plateau with patience 5 minus cosine (points)"
    yield Evidence(what, gain, low=2, taught=AGAINST)


@claim(
    "plateau-rescues-a-high-rate",
    "A plateau rule makes a rate safe that is too high to start with.",
    section="05",
    ledger="C45",
    verdict=FAILS,
)
def plateau_rescues_a_high_rate(first_seed: int) -> Iterator[Evidence]:
    """Momentum at 1.5, looked at every 10 updates: what it destroys, no cut brings back."""
    seeds = range(first_seed, first_seed + 12)
    rules = [ReduceOnPlateau(1, patience=2)] * 12
    runs = compare(digits(), {"": Constant(1.5)}, seeds, 400, plateaus=rules, test_every=10)
    good = (runs[""].test_accuracies[:, -1] > 0.9).sum()
    what = "share of the runs that end above 90% test accuracy"
    yield Evidence(what, share_interval(good, 12), low=0.5, taught=AGAINST)
