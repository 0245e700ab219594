"""The schedules of large models, and what replaces a decay. Section 11."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from lrcourse.claims.base import AGAINST, DEPENDS, FAILS, FOR, HOLDS, Evidence, claim
from lrcourse.experiments import compare, paired_difference, signals
from lrcourse.schedules import (
    Constant,
    CosineDecay,
    InverseSqrt,
    LinearDecay,
    Schedule,
    WarmupStableDecay,
)


def accuracies(
    schedules: Mapping[Any, Schedule], first_seed: int, steps: int
) -> dict[Any, np.ndarray]:
    """Of 24 runs on the signals, in points, for each schedule: (24,)"""
    runs = compare(signals(), schedules, range(first_seed, first_seed + 24), steps)
    return {name: 100 * run.test_accuracies[:, -1] for name, run in runs.items()}


def stable(peak_lr: float, steps: int, share: float, shape: str = "1-sqrt") -> WarmupStableDecay:
    """A constant rate that cools down over this share of the steps; no warmup to speak of."""
    return WarmupStableDecay(peak_lr, 1, round(share * steps), steps, shape=shape)


@claim(
    "wsd-stops-anywhere",
    "WSD can be stopped at any time; a cosine has to be planned for its end.",
    section="11",
    ledger="A22 A49",
    verdict=HOLDS,
)
def wsd_stops_anywhere(first_seed: int) -> Iterator[Evidence]:
    """Cooled down at 500 or 1000 of 2000 updates; both near their own best peaks. Against the
    cosine that knew its end, it loses at most a point and a half."""
    for steps in (500, 1000):
        cosines = {planned: CosineDecay(0.175, planned) for planned in (2000, steps)}
        end = accuracies({"WSD": stable(0.125, steps, 0.2), **cosines}, first_seed, steps)
        for planned, low in ((2000, 0.5), (steps, -1.5)):
            gain = paired_difference(end["WSD"], end[planned])
            what = f"after {steps} updates, WSD minus a cosine planned for {planned} (points)"
            yield Evidence(what, gain, low)


@claim(
    "longer-cooldown-helps",
    "A cooldown over 20% of the updates ends better than one over 5%.",
    section="11",
    ledger="A49",
    verdict=HOLDS,
)
def longer_cooldown_helps(first_seed: int) -> Iterator[Evidence]:
    """At a peak where the short one has to cool down from a high noise floor."""
    shapes = {"5%": stable(0.125, 1000, 0.05), "20%": stable(0.125, 1000, 0.2)}
    end = accuracies(shapes, first_seed, 1000)
    what = "test accuracy, cooldown over 20% minus 5% (points)"
    yield Evidence(what, paired_difference(end["20%"], end["5%"]), low=1)


@claim(
    "cooldown-shape-matters",
    "A 1-sqrt cooldown ends a point better than a straight one.",
    section="11",
    ledger="A49",
    verdict=FAILS,
)
def cooldown_shape_matters(first_seed: int) -> Iterator[Evidence]:
    """Over 20% of 1000 updates, at two peaks."""
    for peak in (0.08, 0.125):
        names = ("1-sqrt", "linear")
        end = accuracies({s: stable(peak, 1000, 0.2, s) for s in names}, first_seed, 1000)
        what = f"test accuracy at peak {peak:g}, 1-sqrt minus linear (points)"
        gain = paired_difference(end["1-sqrt"], end["linear"])
        yield Evidence(what, gain, low=1, taught=AGAINST)


@claim(
    "linear-to-zero-beats-cosine-to-a-tenth",
    "A straight line to zero ends a point better than a cosine to a tenth of the peak.",
    section="11",
    ledger="A22 A49",
    verdict=DEPENDS,
)
def linear_to_zero_beats_cosine_to_a_tenth(first_seed: int) -> Iterator[Evidence]:
    """No difference at a moderate peak; the line forgives one that is too high."""
    for peak, taught in ((0.08, AGAINST), (0.3, FOR)):
        shapes = {"line": LinearDecay(peak, 1000), "cosine": CosineDecay(peak, 1000, peak / 10)}
        end = accuracies(shapes, first_seed, 1000)
        gain = paired_difference(end["line"], end["cosine"])
        what = f"test accuracy at peak {peak:g}, line minus cosine (points)"
        yield Evidence(what, gain, low=1, taught=taught)


@claim(
    "averaging-replaces-decay",
    "The mean of the last weights at a constant rate recovers most of what a decay gives.",
    section="11",
    ledger="A2",
    verdict=HOLDS,
)
def averaging_replaces_decay(first_seed: int) -> Iterator[Evidence]:
    """Ten weights of the last 200 updates; the cosine has its own, higher best peak."""
    problem, seeds = signals(), range(first_seed, first_seed + 16)
    schedules = {"constant": Constant(0.15), "cosine": CosineDecay(0.2, 1000)}
    runs = compare(problem, schedules, seeds, steps=1000, keep_every=20)
    constant, cosine = (100 * run.test_accuracies[:, -1] for run in runs.values())
    mean = torch.tensor(runs["constant"].weights[:, -10:].mean(1))  # (R, K, P) -> (R, P)
    averaged = 100 * problem.test(mean)["accuracy"].numpy()
    gain = paired_difference(averaged, (constant + cosine) / 2)
    yield Evidence("test accuracy, averaged minus halfway to the cosine (points)", gain, low=0)
    yield Evidence("averaged minus constant (points)", paired_difference(averaged, constant), low=3)


@claim(
    "inverse-sqrt-needs-no-end",
    "An inverse square root needs no end and beats a constant rate, but not a cosine.",
    section="11",
    ledger="A29 A49",
    verdict=HOLDS,
)
def inverse_sqrt_needs_no_end(first_seed: int) -> Iterator[Evidence]:
    """Each at its best peak, after 1000 updates."""
    shapes = {
        "root": InverseSqrt(0.25, 50),
        "constant": Constant(0.1),
        "cosine": CosineDecay(0.2, 1000),
    }
    end = accuracies(shapes, first_seed, 1000)
    gain = paired_difference(end["root"], end["constant"])
    yield Evidence("test accuracy, inverse square root minus constant (points)", gain, low=1)
    gain = paired_difference(end["root"], end["cosine"])
    yield Evidence("inverse square root minus cosine (points)", gain, high=0)
