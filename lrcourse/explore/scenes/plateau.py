"""The schedule that listens: a painted metric, noise, and when the rate is cut. Section 05."""

from typing import Annotated, Any, NamedTuple

import numpy as np

from lrcourse.explore.controls import Drawing
from lrcourse.explore.scene import scene
from lrcourse.panels import RATE, Axis, Band, Code, Curve, Dots, Panel, View
from lrcourse.schedules import LR, ReduceOnPlateau, Unit
from lrcourse.schedules.units import Cut, Mode, Patience, Threshold, ThresholdMode
from lrcourse.torch_twins import plateau_twin, rates_heard

POINTS = 61  # that a hand paints
SHARE = np.linspace(0, 1, POINTS)
CHECK = "check of the metric k"

Painted = Annotated[tuple[float, ...], Drawing("before noise and offset", 0, 1)]
Noise = Annotated[float, Unit("standard deviation", 0, 10, 0.0, play=(0.0, 0.1))]
Offset = Annotated[float, Unit("added to the metric", -100, 100, 0.0, play=(-1.0, 1.0))]
Peak = Annotated[
    float, Unit("learning rate", 0, 1e3, 0.1, play=(1e-3, 10.0), above_low=True, log=True)
]
Checks = Annotated[int, Unit("checks of the metric", 10, 500, 60, play=(10, 200), whole=True)]
Seed = Annotated[int, Unit("of the noise", 0, 2**32, 0, play=(0, 20), whole=True)]


def painted(heights: np.ndarray) -> tuple[float, ...]:
    """Heights as a hand would paint them."""
    return tuple(heights.round(4).tolist())


FALLING = painted((1 + 2 * np.exp(-60 * SHARE / 25)) / 3)
THEN_FLAT = painted(0.3 + 0.65 * np.maximum(np.exp(-5 * SHARE) - np.exp(-2), 0))
SLOWLY = painted(0.9 * 0.997 ** (60 * SHARE))
RISING = painted(0.95 - 0.85 * np.exp(-3 * SHARE))

PRESETS: dict[str, dict[str, Any]] = {
    "a clean plateau": {"metric": THEN_FLAT},
    "slow progress called a plateau": {"metric": SLOWLY, "threshold": 0.01, "patience": 2},
    "noise cuts too soon": {"metric": FALLING, "noise": 0.02, "patience": 2},
    "accuracy with mode=min": {"metric": RISING, "mode": "min", "patience": 5},
    "accuracy with mode=max": {"metric": RISING, "mode": "max", "patience": 5},
    "a negative metric": {"metric": THEN_FLAT, "offset": -1.0},
}


class Heard(NamedTuple):
    """A history of checks and what the rule made of it; every array has one entry per check."""

    clean: np.ndarray  # the metric as it was painted
    metric: np.ndarray  # with noise: what the rule hears
    best: np.ndarray
    rates: np.ndarray  # after each check
    cuts: np.ndarray  # whether this check has lowered the rate


def heard(rule: ReduceOnPlateau, clean: np.ndarray, noise: float, seed: int) -> Heard:
    """The rule at every check of `clean` + noise."""
    metric = clean + noise * np.random.default_rng(seed).standard_normal(clean.shape)
    rates, best = [], []
    for each in metric:
        rates.append(rule.update(each))
        best.append(rule.best)
    cuts = np.diff(rates, prepend=rule.peak_lr) < 0
    return Heard(clean, metric, np.array(best, dtype=float), np.array(rates), cuts)


def still_improving(history: Heard, rule: ReduceOnPlateau) -> int:
    """The number of cuts at which the painted metric was better than patience + 1 checks before."""
    checks = np.flatnonzero(history.cuts)
    gain = history.clean[checks] - history.clean[checks - rule.patience - 1]
    return int(np.sum(gain < 0 if rule.mode == "min" else gain > 0))


def _margin(rule: ReduceOnPlateau) -> str:
    if rule.threshold_mode == "abs":
        return f"{rule.threshold:g}"
    return f"{100 * rule.threshold:.4g}%"


def _told(history: Heard, rule: ReduceOnPlateau, torchs: np.ndarray) -> str:
    """How many cuts, why the first, how many too early, and where PyTorch differs."""
    count = int(history.cuts.sum())
    said = "no cut"
    if count:
        first = int(np.argmax(history.cuts)) + 1
        many = f"{rule.patience + 1} check{'s in a row' if rule.patience else ''}"
        early = still_improving(history, rule)
        said = (
            f"{_times(count)}, the first at check {first}, after {many} without an improvement "
            f"of more than {_margin(rule)}"
        )
        if early:
            said += f"; {early} of {count} while the painted metric still got better"
    return f"{said}; {_torch_told(history, rule, torchs)}"


def _times(count: int) -> str:
    return f"{count} cut{'' if count == 1 else 's'}"


def _torch_told(history: Heard, rule: ReduceOnPlateau, torchs: np.ndarray) -> str:
    same = np.isclose(history.rates, torchs, rtol=1e-9, atol=0)
    if same.all():
        return "PyTorch agrees"
    first = int(np.argmin(same))
    count = int(np.sum(np.diff(torchs, prepend=rule.peak_lr) < 0))
    why = "its margin has the wrong sign below zero"
    if history.rates[: first + 1].min() < torchs[: first + 1].min() < 2e-8:
        why = "it makes no cut smaller than 1e-8"
    return f"PyTorch makes {_times(count)}, different from check {first + 1} on: {why}"


def _metric_panel(history: Heard, rule: ReduceOnPlateau, hand: np.ndarray, offset: float) -> Panel:
    checks = np.arange(1, len(history.metric) + 1)
    sign = 1 if rule.mode == "min" else -1
    size = np.abs(history.best) if rule.threshold_mode == "rel" else 1.0
    to_beat = history.best - sign * rule.threshold * size
    line = Curve("", hand, np.linspace(0, len(checks), len(hand)), faint=True)
    marks = (
        line,
        Band(np.minimum(to_beat, history.best), np.maximum(to_beat, history.best), checks, 2),
        Curve("heard", history.metric, checks),
        Curve("best", history.best, checks, style=2, held=True),
    )
    y = Axis("metric", low=offset, high=offset + 1)
    return Panel(_checks(len(checks)), y, marks, cursor=True, draws="metric")


def _rate_panel(history: Heard, rule: ReduceOnPlateau, torchs: np.ndarray) -> Panel:
    at = np.flatnonzero(history.cuts)
    ours, theirs = (np.insert(each, 0, rule.peak_lr) for each in (history.rates, torchs))
    marks = (
        Curve("ours", ours, held=True),
        Curve("PyTorch", theirs, style=1, held=True),
        Dots("cut" if len(at) else "", at + 1, history.rates[at], style=3),
    )
    low = max(min(ours.min(), theirs.min(), rule.peak_lr / 100) / 2, 1e-14 * rule.peak_lr)
    y = Axis(RATE, low=low, high=2 * rule.peak_lr, log=True)
    return Panel(_checks(len(history.cuts)), y, marks, 0.8, True)


def _checks(count: int) -> Axis:
    return Axis(CHECK, low=0, high=count, tight=True)


@scene("Reduce on plateau, and what it hears", presets=PRESETS)
def plateau(
    noise: Noise = 0.0,
    patience: Patience = 10,
    threshold: Threshold = 1e-4,
    mode: Mode = "min",
    metric: Painted = THEN_FLAT,
    offset: Offset = 0.0,
    factor: Cut = 0.1,
    cooldown: Patience = 0,
    threshold_mode: ThresholdMode = "rel",
    seed: Seed = 0,
    checks: Checks = 60,
    peak_lr: Peak = 0.1,
    min_lr: LR = 0.0,
) -> View:
    """Paint a metric in the upper panel; the rate below is cut where the rule hears no progress."""
    rule = ReduceOnPlateau(
        peak_lr, factor, patience, threshold, mode, threshold_mode, cooldown, min_lr
    )
    twin, code = plateau_twin(rule), repr(rule)
    hand = offset + np.array(metric)
    clean = np.interp(np.arange(1, checks + 1), np.linspace(0, checks, len(metric)), hand)
    history = heard(rule, clean, noise, seed)
    torchs = rates_heard(twin, history.metric)
    return View(
        (_metric_panel(history, rule, hand, offset), _rate_panel(history, rule, torchs)),
        said=_told(history, rule, torchs),
        codes=(Code("ours", code), Code("PyTorch", twin.code, 1)),
    )
