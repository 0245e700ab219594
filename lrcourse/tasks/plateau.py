"""Section 05, reduce on plateau: seven tasks, their right answers and the wrong ones we know."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lrcourse.schedules import LinearWarmup, ReduceOnPlateau
from lrcourse.tasks.base import Case, FunctionTask, Mistake, ValuesTask, Within, choice
from lrcourse.torch_twins import plateau_twin, rates_heard

CHECKS = tuple(f"check {check}" for check in range(1, 101))  # here the first check is check 1


def _mistakes(wrong: Callable[..., Any], *rows: tuple[str, str, str]) -> tuple[Mistake, ...]:
    """The bugs of one wrong program: the name of each, what `wrong` calls it, and the lesson."""
    return tuple(Mistake(name, partial(wrong, bug=bug), lesson) for name, bug, lesson in rows)


# 05.1 -----------------------------------------------------------------------------------------


def first_cut(metrics: list[float], needed: int, bug: str = "") -> int:
    """The check, counted from 1, at which so many bad ones are together; 0 where there is none."""
    best, bad = math.inf, 0
    for check, metric in enumerate(metrics, start=1):
        if metric < best or (bug == "equal is better" and metric == best):
            best, bad = metric, bad if bug == "all bad checks" else 0
        else:
            bad += 1
        if bug == "the last":
            best = metric
        if bad == needed:
            return check
    return 0


BUGS = ("the last", "equal is better", "all bad checks")


def heard_numbers(rng: np.random.Generator) -> dict[str, Any]:
    """A patience, and sixteen losses on which every way of counting cuts at another check."""
    while True:
        patience = int(rng.integers(2, 4))
        metrics = _sixteen_losses(rng, patience)
        torchs, keras = first_cut(metrics, patience + 1), first_cut(metrics, patience)
        others = [first_cut(metrics, patience + 1, bug) for bug in BUGS]
        distinct = {torchs, torchs - 1, torchs + 1, *others}
        if keras == torchs - 1 and all(others) and len(distinct) == 6:
            return {"patience": patience, "metrics": metrics}


def _sixteen_losses(rng: np.random.Generator, patience: int) -> list[float]:
    """A fall with two bad checks; a best that comes twice; then losses above it, up at the end."""
    falls = np.cumsum(rng.integers(3, 12, int(rng.integers(4, 6))))  # hundredths
    fall = (95 - falls).tolist()
    for place in rng.choice(np.arange(1, len(fall)), 2, replace=False):
        fall.insert(int(place), fall[int(place) - 1] + int(rng.integers(1, 6)))
    best = fall[-1]
    again = best + rng.integers(3, 9, patience + 1)
    again[int(rng.integers(1, min(patience, 3)))] = best  # not the first: see "one late"
    lower = int(again[-1]) - int(rng.integers(1, 3))
    rise = lower + np.cumsum(rng.integers(0, 4, 16))
    whole = [*fall, *again.tolist(), lower, *rise.tolist()][:16]
    return [round(loss / 100, 2) for loss in whole]


def first_cuts(patience: int, metrics: list[float]) -> dict[str, int]:
    """torch cuts when bad > patience, Keras when bad >= patience."""
    return {"torch": first_cut(metrics, patience + 1), "keras": first_cut(metrics, patience)}


def _both(patience: int, metrics: list[float], bug: str) -> dict[str, int]:
    """A wrong way of counting shows in torch's cut; of the same slip in Keras' we ask nothing."""
    return {"torch": first_cut(metrics, patience + 1, bug)}


FIRST_CUT_MISTAKES = (
    Mistake(
        "torch taken for Keras",
        lambda patience, metrics: {"torch": first_cut(metrics, patience)},
        "That is where Keras cuts, at bad = patience. PyTorch tolerates `patience` bad checks and "
        "cuts at the next one.",
    ),
    Mistake(
        "Keras taken for torch",
        lambda patience, metrics: {"keras": first_cut(metrics, patience + 1)},
        "That is where PyTorch cuts, at bad > patience. Keras does not wait for one more: it cuts "
        "at bad = patience.",
    ),
    Mistake(
        "Keras one check after PyTorch",
        lambda patience, metrics: {"keras": first_cut(metrics, patience + 1) + 1},
        "It is the other way round: Keras cuts one check before PyTorch.",
    ),
    Mistake(
        "as if the metric were flat",
        lambda patience, metrics: {"torch": patience + 2, "keras": patience + 1},
        "That is right where the first loss stays the best. Here better ones come later, and each "
        "new best sets the count of bad checks back to 0.",
    ),
    Mistake(
        "patience counted from check 1",
        lambda patience, metrics: {"torch": patience + 1, "keras": patience},
        "You counted the checks themselves. Only bad ones count, and each new best sets their "
        "count back to 0.",
    ),
    Mistake(
        "torch and Keras swapped",
        lambda patience, metrics: {
            "torch": first_cut(metrics, patience),
            "keras": first_cut(metrics, patience + 1),
        },
        "The two stand in each other's place: Keras cuts at bad = patience, PyTorch one check "
        "later.",
    ),
    Mistake(
        "checks counted from 0",
        lambda patience, metrics: {
            name: check - 1 for name, check in first_cuts(patience, metrics).items()
        },
        "Both come one check early. If you counted the checks from 0, as an index does: here the "
        "first is check 1.",
    ),
    Mistake(
        "one check too many tolerated",
        lambda patience, metrics: {
            name: check + 1 for name, check in first_cuts(patience, metrics).items()
        },
        "Both come one check late. The bad check that is one too many cuts at once, and the first "
        "one after the best already counts.",
    ),
    Mistake(
        "the cut seen one check late",
        lambda patience, metrics: {"torch": first_cut(metrics, patience + 1) + 1},
        "That is the check after the cut. The bad check that is one too many cuts at once.",
    ),
    Mistake(
        "compares with the last metric",
        partial(_both, bug="the last"),
        "You compared each loss with the one before it. The rule compares with the best so far: a "
        "loss that only beats the last one is still bad.",
    ),
    Mistake(
        "an equal loss taken for a better one",
        partial(_both, bug="equal is better"),
        "A loss that equals the best is no improvement: it counts as a bad check.",
    ),
    Mistake(
        "all bad checks counted, not those in a row",
        partial(_both, bug="all bad checks"),
        "You counted every bad check since the start. Each new best sets the count back to 0.",
    ),
)

# 05.2 -----------------------------------------------------------------------------------------


def plateau_rates(
    metrics: list[float], lr: float, factor: float, patience: int, cooldown: int, min_lr: float
) -> list[float]:
    """bad > p:  η ← max(f η, η_min),  bad ← 0;  then bad stays 0 for `cooldown` checks"""
    best, bad, resting, rates = math.inf, 0, 0, []
    for metric in metrics:
        if metric < best:
            best, bad = metric, 0
        else:
            bad += 1
        if resting > 0:
            resting, bad = resting - 1, 0
        if bad > patience:
            lr, bad, resting = max(lr * factor, min_lr), 0, cooldown
        rates.append(lr)
    return rates


TINY_STEPS = [round(2 - k / 10**5, 5) for k in range(8)]  # each is better, by very little


def plateau_cases(rng: np.random.Generator) -> list[Case]:
    """Without a rest or a floor first; then with both; then losses that nobody can guess.

    Six losses are few enough to be shown whole: with a rest, a best in it, and a floor. Others
    fall from far above 1, or by very little.
    """
    losses = [3.0, 2.0, 2.5, 2.0, 1.0, 1.5, 1.2, 1.1, 0.9, 1.0, 0.95, 1.0, 1.0, 1.0, 1.0]
    rest = [3.0, 2.0, 2.5, 2.4, 2.3, 1.0, 1.0, 1.0, 1.5, 1.0, 1.2, 1.1, 1.3, 1.2, 1.1, 1.2, 1.1]
    best_in_rest = [2.0, 3.0, 3.0, 1.0, 1.5, 1.5, 2.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5]
    return [
        _plateau_case(losses, 1.0, 0.5, 1, 0, 0.0),
        _plateau_case(losses, 1.0, 0.5, 0, 0, 0.0),
        _plateau_case([2.0, 3.0, 3.0, 3.0, 3.0, 3.0], 1.0, 0.5, 1, 1, 0.0),
        _plateau_case([2.0, 3.0, 3.0, 1.0, 1.5, 1.5], 1.0, 0.5, 1, 1, 0.0),
        _plateau_case([1.0] * 6, 1.0, 0.5, 0, 0, 0.3),
        _plateau_case(rest, 1.0, 0.5, 1, 2, 0.0),
        _plateau_case(best_in_rest, 1.0, 0.5, 1, 3, 0.0),
        _plateau_case([1.0] * 20, 0.1, 0.1, 2, 4, 0.002),
        _plateau_case([3000.0, 2000.0, 900.0, 950.0, 800.0, *losses], 1.0, 0.5, 1, 1, 0.1),
        _plateau_case(TINY_STEPS, 1.0, 0.5, 1, 1, 0.1),
        *(_plateau_case(*_plateau_arguments(rng)) for _ in range(3)),
    ]


def _plateau_case(*values: Any) -> Case:
    names = ("metrics", "lr", "factor", "patience", "cooldown", "min_lr")
    return Case(dict(zip(names, values, strict=True)), places=CHECKS)


def _plateau_arguments(rng: np.random.Generator) -> tuple[Any, ...]:
    metrics = 1 + 2 * np.exp(-np.arange(50) / 12) + rng.normal(0, 0.1, 50)
    lr = round(rng.uniform(0.05, 1), 3)
    factor = round(rng.uniform(0.2, 0.7), 2)
    patience, cooldown = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    return np.round(metrics, 1).tolist(), lr, factor, patience, cooldown, float(lr / 20)


def _wrong_rule(
    metrics: list[float],
    lr: float,
    factor: float,
    patience: int,
    cooldown: int,
    min_lr: float,
    bug: str,
) -> list[float]:
    """The rule with one of its bugs."""
    best, bad, resting, rates = math.inf, 0, 0, []
    if bug == "first is bad":
        best = metrics[0]
    best = {"best begins at 0": 0.0, "at 1": 1.0, "at 100": 100.0, "at 1000": 1e3}.get(bug, best)
    tolerated = patience + {"one early": -1, "one late": 1}.get(bug, 0)
    for metric in metrics:
        if bug == "recorded before":
            rates.append(lr)
        if bug == "deaf while it rests" and resting > 0:
            resting -= 1
            rates.append(lr)
            continue
        if metric < best or (bug == "equal is better" and metric == best):
            best, bad = metric, bad if bug == "all bad checks" else 0
        else:
            bad += 1
        if bug == "the last":
            best = metric
        if bug == "a best ends the rest" and bad == 0:
            resting = 0
        ends_now = resting == 1 and bug == "rest counts to its end"
        can_cut = resting == 0 or ends_now or not bug.startswith("rest counts")
        if bug == "stops at the floor" and lr * factor < min_lr:
            can_cut = False
        if resting > 0 and (bad > 0 or bug != "rest waits"):
            resting -= 1
            bad = bad if bug.startswith("rest counts") else 0
        if bad > tolerated and can_cut:
            before = lr
            lr = lr / factor if bug == "divides" else lr * factor
            lr = lr if bug in ("no floor", "divides") else max(lr, min_lr)
            bad = bad if bug == "bad is kept" else 0
            rests = {"no rest": 0, "longer": cooldown + 1, "shorter": max(cooldown - 1, 0)}
            resting = rests.get(bug, cooldown)
            if bug == "smaller of both":
                lr = min(before * factor, min_lr)
            if bug == "best forgotten":
                best = math.inf
            if bug == "best is the last":
                best = metric
        if bug != "recorded before":
            rates.append(lr)
    return rates


def _with_torch(*values: Any) -> np.ndarray:
    metrics, lr, factor, patience, cooldown, min_lr = values
    rule = ReduceOnPlateau(lr, factor, patience, 0.0, cooldown=cooldown, min_lr=min_lr)
    return rates_heard(plateau_twin(rule), metrics)


def _with_indices(
    metrics: list[float], lr: float, factor: float, patience: int, cooldown: int, min_lr: float
) -> np.ndarray:
    """No counter of bad checks: the check where the count began is remembered."""
    lowest = np.minimum.accumulate(metrics)
    is_best = np.diff(lowest, prepend=np.inf) < 0
    rates, began, heard_from = np.empty(len(metrics)), -1, 0
    for check in range(len(metrics)):
        if is_best[check] or check < heard_from:
            began = check
        if check - began > patience:
            lr, began, heard_from = max(lr * factor, min_lr), check, check + cooldown + 1
        rates[check] = lr
    return rates


def _fold(metrics: list[float], lr: float, factor: float, patience: int) -> list[float]:
    """The rule of the lesson, with its threshold of 0.0001."""
    return ReduceOnPlateau(lr, factor, patience).replay(metrics).tolist()


PLATEAU_RIGHT = (
    lambda metrics, lr, factor, patience, cooldown, min_lr: ReduceOnPlateau(
        lr, factor, patience, threshold=0.0, cooldown=cooldown, min_lr=min_lr
    ).replay(metrics),
    _with_torch,
    _with_indices,
)

THRESHOLD_LESSON = (
    "Your rule has the default threshold: a metric must beat the best by one part in ten thousand. "
    "Here the threshold is 0, so any metric below the best is better."
)
INFINITY_LESSON = (
    "Your best begins at a number, and where the losses lie above it every check is bad. Begin "
    "with infinity: then the first metric is the first best."
)
PLATEAU_MISTAKES = (
    *_mistakes(
        _wrong_rule,
        (
            "cuts one check early",
            "one early",
            "Each cut comes one check early: you ask for bad >= patience, as Keras does. Here "
            "`patience` bad checks are tolerated, so the cut needs bad > patience.",
        ),
        (
            "cuts one check late",
            "one late",
            "Each cut comes one check late. With a patience of 1 one bad check is tolerated, and "
            "the second one cuts: count the check first, then ask for bad > patience.",
        ),
        (
            "compares with the last metric",
            "the last",
            "You compare each metric with the one before it. Keep the best of all so far; it "
            "changes only when a metric beats it.",
        ),
        (
            "the best is forgotten at a cut",
            "best forgotten",
            "You reset the best when you cut, so the next metric counts as an improvement, "
            "however bad it is. Only the count of bad checks goes back to 0.",
        ),
        (
            "an equal metric counts as better",
            "equal is better",
            "A metric that equals the best is no improvement. With <= a flat loss is never cut; "
            "ask for metric < best.",
        ),
        (
            "all bad checks counted, not those in a row",
            "all bad checks",
            "A new best must set the count of bad checks back to 0: they count in a row.",
        ),
        (
            "the count is kept after a cut",
            "bad is kept",
            "You do not set the count back to 0 when you cut, so the next bad check cuts again.",
        ),
        (
            "no rest",
            "no rest",
            "Your rule counts bad checks right after a cut. During the cooldown they do not count.",
        ),
        (
            "bad checks of the rest count afterwards",
            "rest counts",
            "Your rule makes no cut while it rests, but it counts the bad checks of the rest, so "
            "it cuts too soon after it. During the cooldown the count stays at 0.",
        ),
        (
            "deaf while it rests",
            "deaf while it rests",
            "Your rule skips the checks of the cooldown as a whole. A new best that comes then "
            "must still be noted; only bad checks are not counted.",
        ),
        (
            "rests one check too long",
            "longer",
            "The rest is one check too long. It begins with the check after the cut and lasts "
            "`cooldown` checks; the cut itself is not one of them.",
        ),
        (
            "rests one check too short",
            "shorter",
            "The rest is one check too short. It begins with the check after the cut: do not take "
            "one off it in the same check that cuts.",
        ),
        (
            "a new best does not use up the rest",
            "rest waits",
            "In your rule the rest gets shorter at bad checks only. Every check after the cut uses "
            "up one of it, a new best as well.",
        ),
        (
            "the first check counts as bad",
            "first is bad",
            "You begin with the first metric as the best, and then it does not beat itself. The "
            "first check only sets the best: begin with infinity.",
        ),
        (
            "no cut that would reach the floor",
            "stops at the floor",
            "You leave the cut out where factor · lr would fall below min_lr. The rate is set to "
            "min_lr then.",
        ),
        (
            "no floor",
            "no floor",
            "Your rate falls below min_lr. Take the larger one of factor · lr and min_lr.",
        ),
        (
            "divides by the factor",
            "divides",
            "Your rate grows: you divide by the factor. A cut multiplies the rate by it.",
        ),
        (
            "the rate before the check",
            "recorded before",
            "You record the rate before the check is heard, so everything comes one check late. "
            "Append the rate at the end of the loop.",
        ),
        (
            "the best begins at 0",
            "best begins at 0",
            "Your best begins at 0, which no loss beats, so every check is bad. Begin with "
            "infinity: then the first metric is the first best.",
        ),
        (
            "the smaller one of rate and floor",
            "smaller of both",
            "Your rate falls to min_lr at the first cut, or below. min_lr is the lowest rate: take "
            "the larger one of factor · lr and min_lr.",
        ),
        (
            "the metric of the cut is the new best",
            "best is the last",
            "You take the metric at the cut as the new best. The best stays as it is at a cut; "
            "only the count of bad checks goes back to 0.",
        ),
        (
            "bad checks of the rest count, and the last one cuts",
            "rest counts to its end",
            "Your rule counts the bad checks of the rest, so it cuts in the last check of it. "
            "During the cooldown the count stays at 0.",
        ),
        (
            "a new best ends the rest",
            "a best ends the rest",
            "A new best ends the rest in your rule. The rest lasts `cooldown` checks, whatever "
            "comes.",
        ),
        ("the best begins at 1", "at 1", INFINITY_LESSON),
        ("the best begins at 100", "at 100", INFINITY_LESSON),
        ("the best begins at 1000", "at 1000", INFINITY_LESSON),
    ),
    Mistake(
        "the rule of the lesson",
        lambda metrics, lr, factor, patience, cooldown, min_lr: _fold(
            metrics, lr, factor, patience
        ),
        "That is the rule of the lesson. Three things are new: the rest after a cut, the floor "
        "min_lr, and a threshold of 0.",
    ),
    Mistake(
        "no rest and no floor",
        lambda metrics, lr, factor, patience, cooldown, min_lr: plateau_rates(
            metrics, lr, factor, patience, 0, 0.0
        ),
        "The rule without its two new parts. After a cut bad checks do not count for `cooldown` "
        "checks, and the rate never falls below min_lr.",
    ),
    Mistake(
        "the default threshold",
        lambda metrics, lr, factor, patience, cooldown, min_lr: ReduceOnPlateau(
            lr, factor, patience, cooldown=cooldown, min_lr=min_lr
        ).replay(metrics),
        THRESHOLD_LESSON,
    ),
    Mistake(
        "the rate before the first check",
        lambda metrics, lr, factor, patience, cooldown, min_lr: [
            lr,
            *plateau_rates(metrics, lr, factor, patience, cooldown, min_lr),
        ],
        "Your list has one rate too many: it begins with the rate before the first check. Give "
        "the rate after each check.",
    ),
)

# 05.3 -----------------------------------------------------------------------------------------


def bar_to_beat(best: float, threshold: float, mode: str, threshold_mode: str) -> float:
    """best - margin ("min") or best + margin ("max");  margin = ε |best| ("rel") or ε ("abs")"""
    margin = threshold * abs(best) if threshold_mode == "rel" else threshold
    return best - margin if mode == "min" else best + margin


def bar_cases(rng: np.random.Generator) -> list[Case]:
    """The loss of the lesson first; every mode; metrics above and below zero, and zero itself."""
    cases = [
        Case({"best": 2.0, "threshold": 0.1, "mode": "min", "threshold_mode": "rel"}),
        Case({"best": 0.5, "threshold": 0.1, "mode": "max", "threshold_mode": "rel"}),
        Case({"best": 2.0, "threshold": 0.1, "mode": "min", "threshold_mode": "abs"}),
        Case({"best": -3.0, "threshold": 0.01, "mode": "min", "threshold_mode": "rel"}),
    ]
    for mode in ("min", "max"):
        for threshold_mode in ("rel", "abs"):
            for sign in (1, -1):
                best = round(sign * rng.uniform(0.2, 5), 3)
                share = round(rng.uniform(0.001, 0.2), 4)
                arguments = {"best": best, "threshold": share, "mode": mode}
                cases.append(Case({**arguments, "threshold_mode": threshold_mode}))
    zero = Case({"best": 0.0, "threshold": 0.01, "mode": "min", "threshold_mode": "abs"})
    return [*cases, zero]


def _torchs_bar(best: float, threshold: float, mode: str, threshold_mode: str) -> float:
    """As torch has it: best (1 - ε), with the sign of best."""
    sign = -1 if mode == "min" else 1
    return best * (1 + sign * threshold) if threshold_mode == "rel" else best + sign * threshold


def _bar_by_bisection(best: float, threshold: float, mode: str, threshold_mode: str) -> float:
    """The border between what our rule calls better and what it does not."""
    rule = ReduceOnPlateau(
        1.0, patience=0, threshold=threshold, mode=mode, threshold_mode=threshold_mode
    )
    rule.update(best)
    bad, good = best, best + (-10.0 if mode == "min" else 10.0)
    for _ in range(60):
        middle = (bad + good) / 2
        bad, good = (bad, middle) if rule.is_better(middle) else (middle, good)
    return good


BAR_RIGHT = (
    _bar_by_bisection,
    lambda best, threshold, mode, threshold_mode: (
        np.array(best)
        + {"min": -1, "max": 1}[mode]
        * np.where(threshold_mode == "rel", threshold * np.abs(best), threshold)
    ),
    lambda best, threshold, mode, threshold_mode: (
        torch.tensor(best, dtype=torch.float64)
        + (threshold if mode == "max" else -threshold)
        * (abs(best) if threshold_mode == "rel" else 1)
    ),
)

POSITIVE_LESSON = (
    "You made the best itself positive. Only the margin is |best| · threshold; take it from the "
    "best as it is, or add it."
)
BAR_MISTAKES = (
    Mistake(
        "ignores the mode",
        lambda best, threshold, mode, threshold_mode: bar_to_beat(
            best, threshold, "min", threshold_mode
        ),
        'Your bar always lies below the best, as for a loss. In mode "max" more is better, so the '
        "bar lies above the best.",
    ),
    Mistake(
        "min and max swapped",
        lambda best, threshold, mode, threshold_mode: bar_to_beat(
            best, threshold, "max" if mode == "min" else "min", threshold_mode
        ),
        'Your bar lies on the wrong side of the best. In mode "min" a metric must fall below the '
        "best by the margin; a metric a little worse than the best must not pass.",
    ),
    Mistake(
        "relative and absolute swapped",
        lambda best, threshold, mode, threshold_mode: bar_to_beat(
            best, threshold, mode, "abs" if threshold_mode == "rel" else "rel"
        ),
        '"rel" and "abs" stand in each other\'s place. In "rel" the threshold is a share of the '
        'best, in "abs" it is the margin itself.',
    ),
    Mistake(
        "the sign of best is kept",
        _torchs_bar,
        "For a negative best your bar lies on the wrong side. best · (1 - ε) lies above a best "
        "that is negative: that is PyTorch's trap. Take |best| for the margin.",
    ),
    Mistake(
        "always relative",
        lambda best, threshold, mode, threshold_mode: bar_to_beat(best, threshold, mode, "rel"),
        'You treat the threshold as a share in every case. In threshold_mode "abs" it is the '
        "margin itself.",
    ),
    Mistake(
        "always absolute",
        lambda best, threshold, mode, threshold_mode: bar_to_beat(best, threshold, mode, "abs"),
        'You treat the threshold as a difference in every case. In threshold_mode "rel" it is a '
        "share of the best: the margin is ε · |best|.",
    ),
    Mistake(
        "the rule of the lesson's fold and nothing else",
        lambda best, threshold, mode, threshold_mode: best * (1 - threshold),
        'best · (1 - ε) is right for a positive loss in threshold_mode "rel". Mode, threshold mode '
        "and a negative best still have to come in.",
    ),
    Mistake(
        "ignores the mode and keeps the sign of best",
        lambda best, threshold, mode, threshold_mode: _torchs_bar(
            best, threshold, "min", threshold_mode
        ),
        'Two things: in mode "max" the bar lies above the best, and the margin of a negative best '
        "needs |best|.",
    ),
    Mistake(
        "divides in max mode",
        lambda best, threshold, mode, threshold_mode: (
            best / (1 - threshold)
            if (mode, threshold_mode) == ("max", "rel") and best > 0
            else bar_to_beat(best, threshold, mode, threshold_mode)
        ),
        'You divide by 1 - ε in mode "max". That is nearly 1 + ε, but not it: the margin is the '
        "same share of the best on both sides.",
    ),
    Mistake(
        "the margin alone",
        lambda best, threshold, mode, threshold_mode: (
            threshold * abs(best) if threshold_mode == "rel" else threshold
        ),
        "That is the margin, the distance from the best to the bar. Take it from the best, or add "
        "it.",
    ),
    Mistake(
        "no margin",
        lambda best, threshold, mode, threshold_mode: best,
        "You gave the best itself. The metric must beat it by the margin.",
    ),
    Mistake(
        "a threshold of so many per cent",
        lambda best, threshold, mode, threshold_mode: bar_to_beat(
            best, threshold / 100 if threshold_mode == "rel" else threshold, mode, threshold_mode
        ),
        "You read the threshold as per cent. It is a share: 0.1 means a tenth.",
    ),
    Mistake(
        "always relative, and the sign of best is kept",
        lambda best, threshold, mode, threshold_mode: _torchs_bar(best, threshold, mode, "rel"),
        'You treat the threshold as a share in every case; in threshold_mode "abs" it is the '
        "margin itself. And for a negative best take |best| for the margin.",
    ),
    Mistake(
        "the threshold alone is subtracted",
        lambda best, threshold, mode, threshold_mode: best - threshold,
        'best - threshold is right in mode "min" with threshold_mode "abs". The other three pairs '
        "still have to come in.",
    ),
    Mistake(
        "|best| for best in every mode",
        lambda best, threshold, mode, threshold_mode: _torchs_bar(
            abs(best), threshold, mode, threshold_mode
        ),
        POSITIVE_LESSON,
    ),
    Mistake(
        '"abs" read as the absolute value',
        lambda best, threshold, mode, threshold_mode: _torchs_bar(
            best, threshold if threshold_mode == "rel" or best > 0 else -threshold, mode, "rel"
        ),
        'In threshold_mode "abs" the threshold is an absolute number, the margin itself. The '
        'absolute value |best| belongs to "rel".',
    ),
    Mistake(
        "|best| for best",
        lambda best, threshold, mode, threshold_mode: _torchs_bar(
            abs(best) if threshold_mode == "rel" else best, threshold, mode, threshold_mode
        ),
        POSITIVE_LESSON,
    ),
)

# 05.4 -----------------------------------------------------------------------------------------


def train(accuracies: list[float], peak_lr: float, factor: float, patience: int) -> list[float]:
    """An accuracy is better when it is larger, so the rule must know mode="max"."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = ReduceLROnPlateau(optimizer, mode="max", factor=factor, patience=patience)
    used = []
    for accuracy in accuracies:
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()  # a real loop trains for an epoch here, and measures the accuracy
        scheduler.step(accuracy)
    return used


def wrong_train(
    accuracies: list[float], peak_lr: float, factor: float, patience: int, bug: str = "min"
) -> list[float]:
    """The loop of the task with one of its bugs."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    patience += {"less patience": -1, "more patience": 1}.get(bug, 0)
    scheduler = ReduceLROnPlateau(
        optimizer,
        mode="min" if bug in ("min", "minus") else "max",
        factor=0.1 if bug in ("no factor", "mode alone") else factor,
        patience=10 if bug in ("no patience", "mode alone") else patience,
    )
    used = []
    for accuracy in accuracies:
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if bug == "minus":
            scheduler.step(-accuracy)
        else:
            scheduler.step(accuracy)
        if bug == "twice":
            scheduler.step(accuracy)
        if bug == "recorded late":
            used[-1] = optimizer.param_groups[0]["lr"]
    return used


def train_cases(rng: np.random.Generator) -> list[Case]:
    """Accuracies that rise, stand still, fall back a little, and rise once more.

    The third rises below its best: each is better than the last, and none is a new best.
    """
    flat = [0.5, 0.6, 0.7, 0.8, 0.8, 0.8, 0.8, 0.8, 0.7, 0.7, 0.7, 0.7, 0.85, 0.86, 0.86, 0.86]
    cases = [Case({"accuracies": flat, "peak_lr": 1.0, "factor": 0.5, "patience": 2})]
    slow = [round(0.8 + 0.001 * epoch, 3) for epoch in range(12)]  # slow, but better every time
    cases.append(Case({"accuracies": slow, "peak_lr": 1.0, "factor": 0.5, "patience": 1}))
    below = [0.5, 0.9, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.95, 0.9]
    cases.append(Case({"accuracies": below, "peak_lr": 1.0, "factor": 0.5, "patience": 2}))
    for _ in range(2):
        rise = np.sort(rng.uniform(0.1, 0.85, int(rng.integers(5, 9))))
        stand = np.full(5, rise[-1])
        back = rise[-1] - np.sort(rng.uniform(0.02, 0.08, 7))
        again = rise[-1] + 0.02 + 0.02 * np.arange(5)
        history = np.round(np.concatenate([rise, stand, back, again]), 3).tolist()
        factor = round(rng.uniform(0.2, 0.7), 2)
        arguments = {"accuracies": history, "peak_lr": 0.1, "factor": factor}
        cases.append(Case({**arguments, "patience": int(rng.integers(1, 4))}))
    return cases


def _by_error(accuracies: list[float], peak_lr: float, factor: float, patience: int) -> list[float]:
    """The error, 1 - accuracy, is better when it is smaller."""
    rule = ReduceOnPlateau(peak_lr, factor, patience)
    return [peak_lr, *rule.replay([1 - accuracy for accuracy in accuracies])[:-1].tolist()]


def _by_hand(
    accuracies: list[float],
    peak_lr: float,
    factor: float,
    patience: int,
    compares_with_the_last: bool = False,
) -> list[float]:
    lr, best, bad, rates = peak_lr, -math.inf, 0, []
    for accuracy in accuracies:
        rates.append(lr)
        bad = 0 if accuracy > best else bad + 1
        best = accuracy if compares_with_the_last else max(best, accuracy)
        if bad > patience:
            lr, bad = lr * factor, 0
    return rates


TRAIN_RIGHT = (
    _by_error,
    _by_hand,
    lambda accuracies, peak_lr, factor, patience: np.concatenate(
        [
            [peak_lr],
            ReduceOnPlateau(peak_lr, factor, patience, mode="max").replay(accuracies)[:-1],
        ]
    ),
)

TRAIN_MISTAKES = (
    *_mistakes(
        wrong_train,
        (
            "minus the accuracy",
            "minus",
            "It looks like a way out, but -accuracy is a metric below zero, and there PyTorch's "
            'relative threshold has the wrong sign: a flat metric is never cut. Say mode="max".',
        ),
        (
            "records the rate after the check",
            "recorded late",
            "Your rates come one epoch early: that is the rate after scheduler.step, which the "
            "next epoch uses. First record, then update, then let the scheduler hear.",
        ),
        (
            "steps twice",
            "twice",
            "scheduler.step runs twice in each epoch. The second call hears the same accuracy "
            "again and counts it as bad, so the patience is used up twice as fast.",
        ),
        (
            "the mode is right, the patience is not",
            "less patience",
            "Your mode is right now, but each cut comes one epoch early. patience is what torch "
            "calls so: leave it as it was.",
        ),
        (
            "the mode is right, the patience is one larger",
            "more patience",
            "Your mode is right now, but each cut comes one epoch late. Leave the patience as it "
            "was.",
        ),
        (
            "the factor is lost",
            "no factor",
            "Your mode is right now, but the factor is lost, so torch takes its default, 0.1. Keep "
            "factor=factor.",
        ),
        (
            "the patience is lost",
            "no patience",
            "Your mode is right now, but the patience is lost, so torch takes its default, 10. "
            "Keep patience=patience.",
        ),
        (
            "factor and patience are lost",
            "mode alone",
            "Your mode is right now, but factor and patience are lost, so torch takes its "
            "defaults. Keep factor=factor and patience=patience.",
        ),
    ),
    Mistake(
        "compares with the last accuracy",
        partial(_by_hand, compares_with_the_last=True),
        "You compare each accuracy with the one before it. The rule compares with the best so far.",
    ),
    Mistake(
        "100 minus an accuracy that is a share",
        lambda accuracies, peak_lr, factor, patience: [
            peak_lr,
            *ReduceOnPlateau(peak_lr, factor, patience).replay(
                [100 - accuracy for accuracy in accuracies]
            )[:-1],
        ],
        "100 - accuracy is an error only where the accuracy is in per cent. Here it is a share, so "
        "the errors are all near 100, and torch's relative threshold swallows small gains.",
    ),
    Mistake(
        "the rate never falls",
        lambda accuracies, peak_lr, factor, patience: [peak_lr] * len(accuracies),
        "Now nothing is ever cut, not even where the accuracy stands still. The rule must go on "
        "hearing every accuracy, and must know that more is better.",
    ),
)

# 05.5 -----------------------------------------------------------------------------------------

# The smallest patience that cuts in at most a tenth of 400 improving histories, for the first
# seeds 0, 1000, ... 39000: the smallest and the largest that was found. Half of each noise is in
# the table, too.
NEEDED = {
    0.06: (9, 10),
    0.08: (10, 12),
    0.1: (12, 13),
    0.12: (13, 15),
    0.15: (15, 17),
    0.16: (15, 17),
    0.2: (17, 20),
    0.24: (19, 21),
    0.3: (21, 24),
}
NOISES = (0.2, 0.24, 0.3, 0.12, 0.16)


def improving(noise: float) -> np.ndarray:
    """The 400 histories of the lesson, which never stop to improve: (400, 60)"""
    rng = np.random.default_rng(0)
    return 1 + 2 * np.exp(-np.arange(60) / 25) + noise * rng.standard_normal((400, 60))


def smallest_patience(noise: float, share: float = 0.1) -> int:
    """The smallest patience that cuts in at most this share of the histories.

    A history is cut when its longest row of bad checks is longer than the patience.
    """
    histories = improving(noise)
    best, bad = np.full(len(histories), np.inf), np.zeros(len(histories), int)
    longest = bad
    for metric in histories.T:
        is_better = metric < best * (1 - 1e-4)
        best = np.where(is_better, metric, best)
        bad = np.where(is_better, 0, bad + 1)
        longest = np.maximum(longest, bad)
    return next(patience for patience in range(61) if np.mean(longest > patience) <= share)


def noise_numbers(rng: np.random.Generator) -> dict[str, Any]:
    """A noise for which torch's default of 10 is too little."""
    return {"noise": float(rng.choice(NOISES))}


def _for_both(noise: float, share: float) -> dict[str, int]:
    return {
        "patience": smallest_patience(noise, share),
        "patience_after": smallest_patience(noise / 2, share),
    }


def _half(patience: int) -> Within:
    """Half of it, rounded down or not at all."""
    return Within(patience // 2, patience / 2)


def _outside(name: str, is_above: bool, noise: float) -> dict[str, Within]:
    """Every patience that is too large, or too small."""
    low, high = NEEDED[noise if name == "patience" else noise / 2]
    return {name: Within(high + 1, 60) if is_above else Within(0, low - 1)}


PATIENCE_MISTAKES = (
    Mistake(
        "the share without a cut",
        partial(_for_both, share=0.9),
        "With this patience one history in ten stays whole, and nine are cut. You want it the "
        "other way round: at most one in ten is cut.",
    ),
    Mistake(
        "half of the histories are cut",
        partial(_for_both, share=0.5),
        "With this patience half of the histories are cut. Go on until at most one in ten is.",
    ),
    Mistake(
        "no history is cut at all",
        partial(_for_both, share=0.0),
        "That is the smallest patience without any cut, and it hangs on the one unluckiest "
        "history. One in ten may be cut: with less patience you notice a real plateau sooner.",
    ),
    Mistake(
        "torch's default",
        lambda noise: {"patience": 10},
        "10 is the default, and the default does not know your noise: count how many histories it "
        "cuts here.",
    ),
    Mistake(
        "half the noise, half the patience",
        lambda noise: {"patience_after": _half(smallest_patience(noise))},
        "Half the noise does not mean half the patience. Run the simulation with the smaller "
        "noise: it tells.",
    ),
    Mistake(
        "the patience stays as it was",
        lambda noise: {"patience_after": smallest_patience(noise)},
        "That is enough, but it is not the smallest: with less noise a shorter wait will do.",
    ),
    Mistake(
        "before and after swapped",
        lambda noise: {
            "patience": smallest_patience(noise / 2),
            "patience_after": smallest_patience(noise),
        },
        "The two stand in each other's place: a metric with more noise needs more patience.",
    ),
    *(
        Mistake(
            f"too little {name}",
            partial(_outside, name, False),
            "With so little patience more than one history in ten is cut. Count for one patience "
            "after the other, until at most one in ten is.",
        )
        for name in ("patience", "patience_after")
    ),
    *(
        Mistake(
            f"more {name} than needed",
            partial(_outside, name, True),
            "That is enough, but it is not the smallest patience: a shorter wait will do as well.",
        )
        for name in ("patience", "patience_after")
    ),
)

# 05.6 -----------------------------------------------------------------------------------------


def warmup_then_plateau(
    metrics: list[float], peak_lr: float, warmup_steps: int, factor: float, patience: int
) -> list[float]:
    """η_peak t/W while t < W;  from t = W on the rule, which begins with nothing in its memory"""
    lr, best, bad, rates = peak_lr, math.inf, 0, []
    for t, metric in enumerate(metrics, start=1):
        if t < warmup_steps:
            rates.append(peak_lr * t / warmup_steps)
            continue
        if metric < best:
            best, bad = metric, 0
        else:
            bad += 1
        if bad > patience:
            lr, bad = lr * factor, 0
        rates.append(lr)
    return rates


def warmup_cases(rng: np.random.Generator) -> list[Case]:
    """Flat after the warmup; no warmup; a warmup that outlasts the list; lucky first metrics.

    The first two are short enough to be shown whole. The last that is not drawn falls by very
    little, but falls.
    """
    simple = [3.0, 2.5, 2.4, 2.4, 2.0, 2.0, 2.0, 2.0, 2.0, 1.9, 1.9, 1.95, 1.92, 1.95]
    lucky = [1.0, 1.5, 1.4, 1.5, 1.3, 1.35, 1.3, 1.2, 1.25, 1.24, 1.26, 1.1, 1.1, 1.15, 1.12]
    lucky_last = [1.6, 1.5, 1.1, 1.5, 1.3, 1.35, 1.3, 1.2, 1.25, 1.24, 1.26, 1.12, 1.0, 1.0]
    return [
        _warmup_case([3.0, 2.0, 2.4, 2.4, 2.4, 2.2], 1.0, 2, 0.5, 1),
        _warmup_case([1.0, 2.0, 1.5, 1.5, 1.5, 1.2], 1.0, 3, 0.5, 1),
        _warmup_case(simple, 1.0, 5, 0.5, 1),
        _warmup_case(lucky_last, 1.0, 4, 0.5, 1),
        _warmup_case(lucky, 1.0, 4, 0.5, 1),
        _warmup_case(lucky, 1.0, 0, 0.5, 1),
        _warmup_case(lucky, 1.0, 20, 0.5, 1),
        _warmup_case(TINY_STEPS, 1.0, 2, 0.5, 1),
        *(_warmup_case(*_warmup_arguments(rng)) for _ in range(3)),
    ]


def _warmup_case(*values: Any) -> Case:
    names = ("metrics", "peak_lr", "warmup_steps", "factor", "patience")
    return Case(dict(zip(names, values, strict=True)), places=CHECKS)


def _warmup_arguments(rng: np.random.Generator) -> tuple[Any, ...]:
    metrics = 1 + np.exp(-np.arange(40) / 10) + rng.normal(0, 0.1, 40)
    warmup_steps = int(rng.integers(3, 12))
    metrics[int(rng.integers(0, warmup_steps - 1))] = 1.3  # a lucky one that must not be heard
    peak_lr, factor = round(rng.uniform(0.05, 1), 3), round(rng.uniform(0.2, 0.7), 2)
    rounded = np.round(metrics, 2).tolist()
    return rounded, peak_lr, warmup_steps, factor, int(rng.integers(1, 4))


def _wrong_joined(
    metrics: list[float],
    peak_lr: float,
    warmup_steps: int,
    factor: float,
    patience: int,
    bug: str,
) -> list[float]:
    """Warmup, then the rule, with one of their bugs."""
    lr, best, bad, rates = peak_lr, math.inf, 0, []
    if bug == "first is best":
        best = metrics[0]
    tolerated = patience + {"one early": -1, "one late": 1}.get(bug, 0)
    deaf_until = warmup_steps + {"heard one early": -1, "heard one late": 1, "all from 0": 1}.get(
        bug, 0
    )
    for t, metric in enumerate(metrics, start=1):
        is_warming = t - (bug == "all from 0") < warmup_steps
        counted = t + {"t from 0": -1, "all from 0": -1, "t + 1": 1}.get(bug, 0)
        if bug == "(t - 1) and W - 1" and warmup_steps > 1:
            share = (t - 1) / (warmup_steps - 1)
        elif bug == "W - 1" and warmup_steps > 1:
            share = t / (warmup_steps - 1)
        else:
            share = counted / max(warmup_steps, 1)
        hears_all = bug in ("cuts after it", "cuts in both")
        if t >= deaf_until or hears_all:
            if metric < best or (bug == "equal is better" and metric == best):
                best, bad = metric, 0
            else:
                bad += 1
            if bad > tolerated and (not is_warming or bug == "cuts in both"):
                lr, bad = lr * factor, 0
        elif bug == "best of the warmup":
            best = min(best, metric)
        if bug == "the last" and t >= deaf_until:
            best = metric
        scale = lr if bug == "cuts in both" else peak_lr
        rates.append(scale * share if is_warming else lr)
    return rates


def _by_slices(
    metrics: list[float],
    peak_lr: float,
    warmup_steps: int,
    factor: float,
    patience: int,
    first: int,
    most: int | None,
) -> list[float]:
    """A ramp of at most so many stairs, and the rule from W - 1 on, but not before `first`."""
    rising = [peak_lr * t / warmup_steps for t in range(1, warmup_steps)]
    after = metrics[max(warmup_steps - 1, first) :]
    rising = rising[: len(metrics) if most is None else most]
    return rising + plateau_rates(after, peak_lr, factor, patience, 0, 0.0)


def _in_two_parts(
    metrics: list[float], peak_lr: float, warmup_steps: int, factor: float, patience: int
) -> list[float]:
    rising = [peak_lr * t / warmup_steps for t in range(1, warmup_steps)][: len(metrics)]
    after = metrics[len(rising) :]
    return rising + plateau_rates(after, peak_lr, factor, patience, 0, 0.0)


def _by_library(
    metrics: list[float], peak_lr: float, warmup_steps: int, factor: float, patience: int
) -> np.ndarray:
    rule = ReduceOnPlateau(peak_lr, factor, patience, threshold=0.0)
    joined = LinearWarmup(peak_lr, warmup_steps) >> rule if warmup_steps else rule
    return joined.replay(metrics)


def _clamped(
    metrics: list[float], peak_lr: float, warmup_steps: int, factor: float, patience: int
) -> torch.Tensor:
    """The whole ramp as one vector, times what the rule has left."""
    heard = [math.nan] * min(max(warmup_steps - 1, 0), len(metrics))
    left = [1.0] * len(heard) + plateau_rates(metrics[len(heard) :], 1.0, factor, patience, 0, 0.0)
    t = torch.arange(1, len(metrics) + 1, dtype=torch.float64)
    return peak_lr * torch.clamp(t / max(warmup_steps, 1), max=1.0) * torch.tensor(left).double()


JOINED_RIGHT = (_by_library, _in_two_parts, _clamped)


def _from_the_ramp(
    metrics: list[float], peak_lr: float, warmup_steps: int, factor: float, patience: int
) -> list[float]:
    rising = [peak_lr * t / warmup_steps for t in range(1, warmup_steps)][: len(metrics)]
    begin = rising[-1] if rising else peak_lr
    return rising + plateau_rates(metrics[len(rising) :], begin, factor, patience, 0, 0.0)


def _appends_twice(
    metrics: list[float], peak_lr: float, warmup_steps: int, factor: float, patience: int
) -> list[float]:
    """The rule hears every metric, and in the warmup its rate is appended beside the other."""
    rates = []
    heard = plateau_rates(metrics, peak_lr, factor, patience, 0, 0.0)
    for t, left in enumerate(heard, start=1):
        rates += [peak_lr * t / warmup_steps, left] if t < warmup_steps else [left]
    return rates


def _divides_first(metrics: list[float], peak_lr: float, warmup_steps: int, *rest: Any) -> Any:
    """The right rates, but t / W is computed before it is known whether t < W."""
    ramp = [peak_lr * t / warmup_steps for t in range(1, len(metrics) + 1)]
    rates = warmup_then_plateau(metrics, peak_lr, warmup_steps, *rest)
    return [*ramp, *rates][-len(rates) :]


JOINED_MISTAKES = (
    *_mistakes(
        _wrong_joined,
        (
            "t counted from 0",
            "all from 0",
            "You count t from 0, so your warmup begins with a rate of 0 and lasts one check too "
            "long. After the first check t is 1: enumerate(metrics, start=1) counts so.",
        ),
        (
            "a ramp one stair too low",
            "t from 0",
            "Your ramp is one stair too low: after the first check one update has been made, so "
            "t is 1 there, and the rate is η_peak / W.",
        ),
        (
            "a ramp one stair too high",
            "t + 1",
            "Your ramp is one stair too high: after the first check one update has been made, so "
            "t is 1 there, and the rate is η_peak / W.",
        ),
        (
            "a ramp from 0 over W - 1 stairs",
            "(t - 1) and W - 1",
            "Your ramp reaches the peak in the right place, but with the wrong stairs. The rate "
            "is η_peak · t / W, with t = 1 after the first check.",
        ),
        (
            "a ramp over W - 1 stairs",
            "W - 1",
            "Your ramp reaches the peak one check early: you divide by W - 1. The rate is "
            "η_peak · t / W.",
        ),
        (
            "the first metric of the warmup is the best",
            "first is best",
            "Your best begins with the first metric of the list, which may belong to the warmup. "
            "Begin with infinity: then the first metric that is heard is the first best.",
        ),
        (
            "an equal metric counts as better",
            "equal is better",
            "The warmup is right. A metric that equals the best is no improvement: ask for "
            "metric < best.",
        ),
        (
            "the best of the warmup is kept",
            "best of the warmup",
            "Your rule remembers the best metric of the warmup. It must begin with nothing in its "
            "memory when the warmup is over.",
        ),
        (
            "the bad checks of the warmup are counted",
            "cuts after it",
            "Your rule listens during the warmup: it counts bad checks there, and cuts as soon as "
            "the warmup is over. While t < W no metric is heard.",
        ),
        (
            "cuts during the warmup",
            "cuts in both",
            "Your rule cuts during the warmup, so the rate never reaches the peak. While t < W no "
            "metric is heard.",
        ),
        (
            "hears one check too early",
            "heard one early",
            "Your rule already hears the metric at t = W - 1, the last of the warmup, and keeps it "
            "as its first best. The first metric that it hears is the one at t = W.",
        ),
        (
            "hears one check too late",
            "heard one late",
            "Your rule hears its first metric at t = W + 1. The warmup lasts while t < W, so the "
            "metric at t = W is heard.",
        ),
        (
            "compares with the last metric",
            "the last",
            "After the warmup you compare each metric with the one before it. Compare with the "
            "best that was heard.",
        ),
        (
            "cuts one check early",
            "one early",
            "The warmup is right. Each cut comes one check early: ask for bad > patience.",
        ),
        (
            "cuts one check late",
            "one late",
            "The warmup is right. Each cut comes one check late: ask for bad > patience, after "
            "you have counted the check.",
        ),
    ),
    Mistake(
        "two rates for each check of the warmup",
        _appends_twice,
        "In the warmup you append a rate and then go on to the rule, which hears the metric and "
        "appends another one. Put the rule behind else, or use continue.",
    ),
    Mistake(
        "divides by W where W is 0",
        _divides_first,
        "With W = 0 there is no warmup, and t / W cannot be computed. Divide by W only while "
        "t < W.",
    ),
    Mistake(
        "the default threshold",
        lambda metrics, peak_lr, warmup_steps, factor, patience: (
            warmup_then_plateau(metrics, peak_lr, warmup_steps, factor, patience)[
                : max(warmup_steps - 1, 0)
            ]
            + _fold(metrics[max(warmup_steps - 1, 0) :], peak_lr, factor, patience)
        ),
        THRESHOLD_LESSON,
    ),
    Mistake(
        "a slice that begins at -1",
        partial(_by_slices, first=-1, most=None),
        "Your answer is right for W from 1 to the number of checks. With W = 0 the slice "
        "metrics[W - 1:] begins at -1, the last metric: take max(W - 1, 0).",
    ),
    Mistake(
        "both ends of W",
        partial(_by_slices, first=-1, most=10**6),
        "Your answer is right for W from 1 to the number of checks. With W = 0 metrics[W - 1:] is "
        "the last metric alone, and with a large W the ramp is longer than the list.",
    ),
    Mistake(
        "a ramp longer than the list",
        partial(_by_slices, first=0, most=10**6),
        "When the warmup is longer than the list, your ramp goes on behind the last check. Give "
        "one rate for each metric.",
    ),
    Mistake(
        "no rule after the warmup",
        lambda metrics, peak_lr, warmup_steps, factor, patience: [
            peak_lr * min(t / warmup_steps, 1) if warmup_steps else peak_lr
            for t in range(1, len(metrics) + 1)
        ],
        "The warmup is right, but the rate then stays at the peak. From t = W on the rule must "
        "hear the metrics and cut.",
    ),
    Mistake(
        "no warmup",
        lambda metrics, peak_lr, warmup_steps, factor, patience: plateau_rates(
            metrics, peak_lr, factor, patience, 0, 0.0
        ),
        "That is the rule alone, from the first check on. While t < W the rate is η_peak · t / W, "
        "and no metric is heard.",
    ),
    Mistake(
        "a warmup of one check too many",
        lambda metrics, peak_lr, warmup_steps, factor, patience: (
            [peak_lr * t / warmup_steps for t in range(1, warmup_steps + 1)]
            + plateau_rates(metrics[warmup_steps:], peak_lr, factor, patience, 0, 0.0)
        ),
        "Your rule hears its first metric at t = W + 1: the check at t = W belongs to it already. "
        "And give one rate for each metric, also where W is larger than the list.",
    ),
    Mistake(
        "the rule begins where the ramp stopped",
        _from_the_ramp,
        "Your ramp changes lr itself, so the rule begins at the last rate of the warmup. It begins "
        "at the peak.",
    ),
)

# ----------------------------------------------------------------------------------------------

TASKS = (
    ValuesTask(
        id="05.1",
        title="The first cut",
        kind="predict",
        minutes=4,
        difficulty=1,
        points=2,
        draw=heard_numbers,
        answers=first_cuts,
        mistakes=FIRST_CUT_MISTAKES,
        hints=(
            "Write the best so far below each loss. A check is bad where the best does not change.",
            "Count the bad checks in a row. A new best sets the count back to 0.",
            "PyTorch cuts when the count is larger than the patience, Keras when it reaches it.",
        ),
    ),
    FunctionTask(
        id="05.2",
        title="The rule, with a rest and a floor",
        kind="implement",
        minutes=10,
        difficulty=2,
        points=3,
        reference=plateau_rates,
        cases=plateau_cases,
        also_right=PLATEAU_RIGHT,
        mistakes=PLATEAU_MISTAKES,
        hints=(
            "Four things change from check to check: the rate, the best, the bad checks in a row, "
            "and how many checks of rest are left.",
            "The order in the loop: is it a new best? Is there still rest? Is it time to cut? Then "
            "append the rate.",
            "While rest is left: take one off it, and set the bad checks to 0. At a cut: "
            "lr = max(lr * factor, min_lr), no bad checks, and the rest is cooldown again.",
        ),
    ),
    FunctionTask(
        id="05.3",
        title="What counts as better?",
        kind="implement",
        minutes=6,
        difficulty=2,
        points=2,
        reference=bar_to_beat,
        cases=bar_cases,
        also_right=BAR_RIGHT,
        mistakes=BAR_MISTAKES,
        hints=(
            "First find the margin, then ask on which side of the best the bar lies.",
            'The margin is threshold · |best| for "rel" and threshold for "abs". Neither is ever '
            "negative.",
            'In mode "min" the bar is best - margin, in mode "max" it is best + margin.',
        ),
    ),
    FunctionTask(
        id="05.4",
        title="The better, the lower",
        kind="repair",
        minutes=6,
        difficulty=1,
        points=2,
        reference=train,
        cases=train_cases,
        also_right=TRAIN_RIGHT,
        mistakes=TRAIN_MISTAKES,
        untouched=wrong_train,
        hints=(
            "Which accuracy does the rule take for the best one, when the accuracy rises?",
            "ReduceLROnPlateau expects a loss unless you say otherwise.",
            "One more argument, where the scheduler is made: its mode. What are its two values?",
        ),
    ),
    ValuesTask(
        id="05.5",
        title="A patience for the noise",
        kind="experiment",
        minutes=10,
        difficulty=2,
        points=3,
        draw=noise_numbers,
        answers=lambda noise: {
            "patience": Within(*NEEDED[noise]),
            "patience_after": Within(*NEEDED[noise / 2]),
        },
        mistakes=PATIENCE_MISTAKES,
        hints=(
            "For one patience: replay every history, and count those whose last rate is below the "
            "first.",
            "np.mean([rule.replay(each)[-1] < 1 for each in histories]) is the share that was "
            "cut, for a rule with peak_lr=1.",
            "Put a loop around it: patience 0, 1, 2, ... until the share is at most 0.1. Then the "
            "same with half the noise.",
        ),
    ),
    FunctionTask(
        id="05.6",
        title="Warmup first",
        kind="implement",
        minutes=10,
        difficulty=3,
        points=3,
        reference=warmup_then_plateau,
        cases=warmup_cases,
        also_right=JOINED_RIGHT,
        mistakes=JOINED_MISTAKES,
        hints=(
            "Begin with the rule alone. What must the loop do differently while t < W?",
            "Count the checks with enumerate(metrics, start=1): that is t.",
            "While t < W append peak_lr * t / warmup_steps and continue with the next metric, so "
            "that the rule hears nothing. The other lines are those of the rule.",
        ),
    ),
    choice(
        "05.7",
        "Will any start do?",
        "d",
        {
            "a": "Lower rates come, but too late: what a far too high rate destroys in the first "
            "updates, the later ones did not bring back in the lesson's experiment.",
            "b": "The rule only ever goes down. A start that is too low gets lower still.",
            "c": "Patience decides when the rule cuts, not whether the start was any good. With "
            "much patience a bad start lasts even longer.",
        },
        hints=(
            "In which direction can the rule move the rate? What happens before its first cut?",
        ),
    ),
)
