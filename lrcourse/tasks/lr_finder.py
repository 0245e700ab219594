"""Section 09, finding and diagnosing: seven tasks, their right answers and the known wrong ones."""

import copy
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from lrcourse.finder import ExponentialRamp
from lrcourse.finder import smoothed as smoothed_by_the_library
from lrcourse.handouts.lr_finder import NAMES, half_trained, update
from lrcourse.tasks.base import Case, FunctionTask, Mistake, ValuesTask, Within, choice

# 09.1 -----------------------------------------------------------------------------------------


def ramp(t: int, start_lr: float, peak_lr: float, steps: int) -> float:
    """η_start (η_peak / η_start)^(t / (T - 1))"""
    return start_lr * (peak_lr / start_lr) ** (t / (steps - 1))


def ramp_cases(rng: np.random.Generator) -> list[Case]:
    """From 0.01 to 10 first; then ends that nobody can guess; the last has two updates only."""
    simple = Case({"start_lr": 0.01, "peak_lr": 10.0, "steps": 10}, range(10))
    drawn = [_ramp_arguments(rng) for _ in range(3)]
    shortest = Case({"start_lr": 0.02, "peak_lr": 0.5, "steps": 2}, range(2))
    return [simple, *(Case(each, range(each["steps"])) for each in drawn), shortest]


def _ramp_arguments(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "start_lr": float(f"{10 ** rng.uniform(-6, -3):.2g}"),
        "peak_lr": round(rng.uniform(0.5, 9.5), 2),
        "steps": int(rng.integers(15, 40)),
    }


RAMP_RIGHT = (
    lambda t, start_lr, peak_lr, steps: ExponentialRamp(start_lr, peak_lr, steps)(t),
    lambda t, start_lr, peak_lr, steps: np.geomspace(start_lr, peak_lr, steps)[t],
    lambda t, start_lr, peak_lr, steps: math.exp(
        math.log(start_lr) + t / (steps - 1) * math.log(peak_lr / start_lr)
    ),
    lambda t, start_lr, peak_lr, steps: (
        10 ** torch.linspace(math.log10(start_lr), math.log10(peak_lr), steps, dtype=torch.float64)
    )[t],
    lambda t, start_lr, peak_lr, steps: math.prod(
        [start_lr] + [(peak_lr / start_lr) ** (1 / (steps - 1))] * t
    ),
)

RAMP_MISTAKES = (
    Mistake(
        "linear ramp",
        lambda t, start, peak, steps: start + (peak - start) * t / (steps - 1),
        "Your rates rise by equal differences, so nearly all of them lie in the last power of "
        "ten. Here they rise by equal factors.",
    ),
    Mistake(
        "T for T - 1",
        lambda t, start, peak, steps: start * (peak / start) ** (t / steps),
        "Your ramp ends one update too early: the last of T updates has t = T - 1, and gets the "
        "peak. Divide t by T - 1.",
    ),
    Mistake(
        "one update ahead",
        lambda t, start, peak, steps: start * (peak / start) ** ((t + 1) / steps),
        "You count the updates from 1. The first has t = 0 and gets start_lr.",
    ),
    Mistake(
        "one update ahead, past the peak",
        lambda t, start, peak, steps: start * (peak / start) ** ((t + 1) / (steps - 1)),
        "You count the updates from 1. The first has t = 0 and gets start_lr.",
    ),
    Mistake(
        "one update behind",
        lambda t, start, peak, steps: start * (peak / start) ** ((t - 1) / (steps - 1)),
        "Your first update is below start_lr, as if it had t = 1. It has t = 0: t itself is the "
        "number of updates made.",
    ),
    Mistake(
        "brackets missing in the exponent",
        lambda t, start, peak, steps: start * (peak / start) ** (t / steps - 1),
        "Python divides before it subtracts: t / steps - 1 is (t / steps) - 1, below 0. Put "
        "brackets around steps - 1.",
    ),
    Mistake(
        "the ratio upside down",
        lambda t, start, peak, steps: start * (start / peak) ** (t / (steps - 1)),
        "Your ramp begins at start_lr and falls. The ratio is peak_lr / start_lr.",
    ),
    Mistake(
        "linear ramp, T for T - 1",
        lambda t, start, peak, steps: start + (peak - start) * t / steps,
        "Your rates rise by equal differences. Here they rise by equal factors. And the last of T "
        "updates has t = T - 1.",
    ),
    Mistake(
        "start and peak swapped",
        lambda t, start, peak, steps: peak * (start / peak) ** (t / (steps - 1)),
        "Your ramp falls. It begins at start_lr, and the ratio is peak_lr / start_lr.",
    ),
    Mistake(
        "whole powers only",
        lambda t, start, peak, steps: start * (peak / start) ** (t // (steps - 1)),
        "t // (T - 1) is 0 until the end, so your rate jumps there. Divide with one stroke: t / "
        "(T - 1).",
    ),
    Mistake(
        "the peak for the ratio",
        lambda t, start, peak, steps: start * peak ** (t / (steps - 1)),
        "The ramp has to climb from start to peak, which is the factor peak_lr / start_lr, not "
        "peak_lr.",
    ),
    Mistake(
        "the difference for the ratio",
        lambda t, start, peak, steps: start * (peak - start) ** (t / (steps - 1)),
        "The way from start to peak is made by factors here, so it is the ratio peak_lr / start_lr "
        "that is raised to a power, not the difference.",
    ),
    Mistake(
        "begins at 1",
        lambda t, start, peak, steps: peak ** (t / (steps - 1)),
        "Your ramp begins at 1 and forgets start_lr. Multiply start_lr by a power of the ratio.",
    ),
    Mistake(
        "the ratio once per update",
        lambda t, start, peak, steps: start * (peak / start) ** t,
        "Your ramp makes the whole climb in every update. One update climbs by its (T - 1)-th "
        "root: the exponent is t / (T - 1).",
    ),
    Mistake(
        "a product for the power",
        lambda t, start, peak, steps: start * (peak / start) * (t / (steps - 1)),
        "t / (T - 1) is the exponent of the ratio and not a factor: equal factors multiply.",
    ),
    Mistake(
        "the logarithm of the rate",
        lambda t, start, peak, steps: (
            math.log10(start) + t / (steps - 1) * math.log10(peak / start)
        ),
        "You return the logarithm of the rate. Raise 10 to that power.",
    ),
    Mistake(
        "the natural logarithm of the rate",
        lambda t, start, peak, steps: math.log(start) + t / (steps - 1) * math.log(peak / start),
        "You return the logarithm of the rate. Take math.exp of it.",
    ),
    Mistake(
        "the ratio without the start",
        lambda t, start, peak, steps: (peak / start) ** (t / (steps - 1)),
        "That is how many times the rate has grown. Multiply it by start_lr.",
    ),
    Mistake(
        "always ten times",
        lambda t, start, peak, steps: start * 10 ** (t / (steps - 1)),
        "Your ramp climbs by one power of ten, whatever peak_lr is. The whole climb is the factor "
        "peak_lr / start_lr.",
    ),
    Mistake(
        "doubles at every update",
        lambda t, start, peak, steps: start * 2.0**t,
        "Equal factors, but not the right one: yours is 2. The factor of one update is the "
        "(T - 1)-th root of peak_lr / start_lr.",
    ),
)

# 09.2 -----------------------------------------------------------------------------------------


def smoothed(losses: list[float], kept: float) -> list[float]:
    """m ← k m + (1 - k) loss, from m = 0;  shown: m / (1 - k^n)"""
    mean, shown = 0.0, []
    for n, loss in enumerate(losses, start=1):
        mean = kept * mean + (1 - kept) * loss
        shown.append(mean / (1 - kept**n))
    return shown


def smoothed_cases(rng: np.random.Generator) -> list[Case]:
    """Four losses first; then noisy falls; the last is hardly smoothed.

    No 1/n is kept, so that only a power of n = 0 makes the divisor zero.
    """
    simple = Case({"losses": [4.0, 2.0, 3.0, 1.0], "kept": 0.75})
    drawn = [
        Case({"losses": _noisy_fall(rng), "kept": round(rng.uniform(0.7, 0.97), 2)})
        for _ in range(3)
    ]
    return [simple, *drawn, Case({"losses": [2.5, 2.25, 2.75], "kept": 0.15})]


def _noisy_fall(rng: np.random.Generator) -> list[float]:
    steps = int(rng.integers(20, 40))
    losses = np.linspace(2.4, 0.6, steps) + 0.2 * rng.standard_normal(steps)
    return losses.round(3).tolist()


def _means(losses: list[float], kept: float, first: float = 0.0) -> list[float]:
    mean, means = first, []
    for loss in losses:
        mean = kept * mean + (1 - kept) * loss
        means.append(mean)
    return means


def _corrects_the_mean_itself(losses: list[float], kept: float) -> list[float]:
    mean, shown = 0.0, []
    for n, loss in enumerate(losses, start=1):
        mean = (kept * mean + (1 - kept) * loss) / (1 - kept**n)
        shown.append(mean)
    return shown


def _mean_of_all(losses: list[float], kept: float) -> list[float]:
    return [sum(losses[: n + 1]) / (n + 1) for n in range(len(losses))]


SMOOTHED_RIGHT = (
    lambda losses, kept: smoothed_by_the_library(np.array(losses), kept),
    lambda losses, kept: [
        np.average(losses[:n], weights=kept ** np.arange(n - 1, -1, -1.0))
        for n in range(1, len(losses) + 1)
    ],
    lambda losses, kept: (
        torch.tensor(_means(losses, kept), dtype=torch.float64)
        / (1 - kept ** torch.arange(1, len(losses) + 1, dtype=torch.float64))
    ),
)

SMOOTHED_MISTAKES = (
    Mistake(
        "no correction",
        _means,
        "The running mean is right but lacks its divisor. It starts at 0, so its first values lie "
        "too near to 0: show m / (1 - k^n).",
    ),
    Mistake(
        "k and 1 - k swapped",
        lambda losses, kept: [
            mean / (1 - (1 - kept) ** n) for n, mean in enumerate(_means(losses, 1 - kept), start=1)
        ],
        "You keep the share 1 - k and take in k. It is the old mean that keeps k, and the new loss "
        "has 1 - k.",
    ),
    Mistake(
        "k and 1 - k swapped in the mean",
        lambda losses, kept: [
            mean / (1 - kept**n) for n, mean in enumerate(_means(losses, 1 - kept), start=1)
        ],
        "You keep the share 1 - k and take in k. It is the old mean that keeps k, and the new loss "
        "has 1 - k.",
    ),
    Mistake(
        "n counted from 2",
        lambda losses, kept: [
            mean / (1 - kept ** (n + 1)) for n, mean in enumerate(_means(losses, kept), start=1)
        ],
        "Your n is one too large. It counts the losses seen so far: 1 at the first loss.",
    ),
    Mistake(
        "no power in the divisor",
        lambda losses, kept: [mean / (1 - kept) for mean in _means(losses, kept)],
        "You divide by 1 - k every time. That is right for the first loss only; the bias fades, so "
        "the divisor is 1 - k^n.",
    ),
    Mistake(
        "k times n for k to the power n",
        lambda losses, kept: [
            mean / (1 - kept * n) for n, mean in enumerate(_means(losses, kept), start=1)
        ],
        "You multiply k by n, and the divisor soon falls below 0. It is a power: kept**n.",
    ),
    Mistake(
        "one divisor for all",
        lambda losses, kept: [mean / (1 - kept ** len(losses)) for mean in _means(losses, kept)],
        "You divide every value by the divisor of the last. n counts the losses seen so far: 1 at "
        "the first loss, 2 at the second.",
    ),
    Mistake(
        "brackets missing in the divisor",
        lambda losses, kept: [
            mean / 1 - kept**n for n, mean in enumerate(_means(losses, kept), start=1)
        ],
        "Python divides before it subtracts: m / 1 - k^n is m minus k^n. Put brackets around the "
        "divisor.",
    ),
    Mistake(
        "only the last value",
        lambda losses, kept: smoothed(losses, kept)[-1],
        "That is the last value alone. Append one value for each loss to a list, and return the "
        "list.",
    ),
    Mistake(
        "returns inside the loop",
        lambda losses, kept: smoothed(losses, kept)[:1],
        "Your list ends after the first loss: the return stands inside the loop. Move it to the "
        "left, below the loop.",
    ),
    Mistake(
        "k and 1 - k swapped, no correction",
        lambda losses, kept: _means(losses, 1 - kept),
        "You keep the share 1 - k and take in k: it is the other way round. And the divisor "
        "1 - k^n is missing.",
    ),
    Mistake(
        "multiplies for divides",
        lambda losses, kept: [
            mean * (1 - kept**n) for n, mean in enumerate(_means(losses, kept), start=1)
        ],
        "1 - k^n is what the mean has reached of its full size. Divide by it; multiplying makes "
        "the bias worse.",
    ),
    Mistake(
        "corrects the mean itself",
        _corrects_the_mean_itself,
        "You put the corrected value back into the running mean, so the correction is applied "
        "again and again. Keep m as it is, and divide only what you show.",
    ),
    Mistake(
        "starts at the first loss",
        lambda losses, kept: _means(losses, kept, losses[0]),
        "You start the mean at the first loss. That removes the bias, too, but one noisy loss then "
        "weighs on all the rest. The formula starts at 0 and divides.",
    ),
    Mistake(
        "a mean of all losses",
        _mean_of_all,
        "Every loss since the start weighs the same in your mean, so it comes later and later. "
        "A running mean forgets: it keeps the share k of what it was.",
    ),
    Mistake(
        "one loss late",
        lambda losses, kept: [0.0, *smoothed(losses, kept)[:-1]],
        "You note the mean before the loss of this update is in it. First take the loss in, then "
        "show.",
    ),
    Mistake(
        "n counted from 0",
        lambda losses, kept: [
            mean / (1 - kept**n) for n, mean in enumerate(_means(losses, kept), start=0)
        ],
        "Your divisor is 0: 1 - k^n is, where n is 0. Count n from 1 at the first loss: "
        "enumerate(losses, start=1).",
    ),
    Mistake(
        "starts at the first loss, and divides",
        lambda losses, kept: [
            mean / (1 - kept**n) for n, mean in enumerate(_means(losses, kept, losses[0]), start=1)
        ],
        "Your mean starts at the first loss, which has no bias to repair, and then you divide. "
        "The divisor belongs to a mean that starts at 0.",
    ),
    Mistake(
        "the loss taken in whole",
        lambda losses, kept: [
            mean / (1 - kept) / (1 - kept**n)
            for n, mean in enumerate(_means(losses, kept), start=1)
        ],
        "You add the whole loss to the share that is kept, so the mean grows too large. Take in "
        "the share 1 - k of it.",
    ),
    Mistake(
        "nothing is smoothed",
        lambda losses, kept: list(losses),
        "You give the losses back as they were. Keep the share `kept` of the mean so far, and "
        "take in the rest from the new loss.",
    ),
    Mistake(
        "a zero before the first",
        lambda losses, kept: [0.0, *smoothed(losses, kept)],
        "Your list begins with the 0 at which the mean starts. Note the mean only when a loss is "
        "in it: one value for each loss.",
    ),
)

# 09.3 -----------------------------------------------------------------------------------------


def steepest(lrs: list[float], losses: list[float]) -> float:
    """The rate, but for the first and the last, with the lowest Δloss / Δ log η around it"""
    x = np.log(lrs)
    slopes = [(losses[i + 1] - losses[i - 1]) / (x[i + 1] - x[i - 1]) for i in range(1, len(x) - 1)]
    return lrs[1 + int(np.argmin(slopes))]


def steepest_cases(rng: np.random.Generator) -> list[Case]:
    """Ten rates by hand; then sweeps with coarse and fine parts and two falls.

    The steeper of the two falls over log rate is in the fine part. Between neighbouring points,
    and over the rate itself, the other one is. The point is a little above the middle of the
    fall in one sweep, and a little below it in the next, so that a slope of one side is caught.
    """
    by_hand = {
        "lrs": [1e-6, 1e-5, 1e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2, 0.1, 1.0],
        "losses": [2.31, 2.30, 2.25, 2.00, 1.85, 1.50, 1.15, 0.90, 0.80, 3.50],
    }
    return [Case(by_hand), *(Case(_sweep(rng, aside)) for aside in (0.3, -0.3, 0.25, -0.25))]


def _sweep(rng: np.random.Generator, aside: float) -> dict[str, Any]:
    """`aside`: how far the middle of the fall is from a point, in parts of the fine distance."""
    x = np.r_[np.arange(-6, -3, 0.25), np.arange(-3, -1, 0.05), np.arange(-1, 0.6, 0.25)]  # log10
    middle = -3 + 0.05 * (int(rng.integers(12, 26)) + aside)
    early = rng.uniform(-4.6, -4.2)
    losses = 2.4 - 0.6 * _share(x, early, 0.2) - rng.uniform(0.75, 0.9) * _share(x, middle, 0.15)
    losses += rng.uniform(4, 6) * _share(x, 0.2, 0.12)  # the blow-up
    losses[:3] += [0.02, 0.01, 0.0]  # a little noise, where the rates lie close together
    return {"lrs": (10**x).tolist(), "losses": losses.round(6).tolist()}


def _share(x: np.ndarray, middle: float, width: float) -> np.ndarray:
    """From 0 to 1 around the middle."""
    return 1 / (1 + np.exp(-(x - middle) / width))


def _around(x: Any, losses: list[float]) -> np.ndarray:
    """The slope of the line from the point before to the point after, for all inner points."""
    x, y = np.asarray(x, dtype=float), np.asarray(losses)
    return (y[2:] - y[:-2]) / (x[2:] - x[:-2])


STEEPEST_RIGHT = (
    lambda lrs, losses: lrs[1:-1][_around(np.log10(lrs), losses).argmin()],
    lambda lrs, losses: min(
        zip(lrs[:-2], lrs[1:-1], lrs[2:], losses[:-2], losses[2:], strict=True),
        key=lambda five: (five[4] - five[3]) / math.log(five[2] / five[0]),
    )[1],
    lambda lrs, losses: torch.tensor(lrs, dtype=torch.float64)[
        1 + int(torch.tensor(_around(np.log(lrs), losses)).argmin())
    ],
    lambda lrs, losses: np.array(lrs)[np.gradient(losses, np.log(lrs)).argmin()],
)

STEEPEST_MISTAKES = (
    Mistake(
        "over the rate itself",
        lambda lrs, losses: lrs[1 + int(_around(lrs, losses).argmin())],
        "You divide by the difference of the rates. At the low end they differ by next to nothing, "
        "so any noise there is the steepest slope of all. Take logarithms first.",
    ),
    Mistake(
        "over the rate itself, by np.gradient",
        lambda lrs, losses: lrs[int(np.gradient(losses, lrs).argmin())],
        "You took the gradient over the rates. At the low end they differ by next to nothing, so "
        "any noise there is the steepest slope of all. Take logarithms first.",
    ),
    Mistake(
        "over the number of the point",
        lambda lrs, losses: lrs[1 + int(_around(range(len(lrs)), losses).argmin())],
        "You looked for the largest fall from point to point. These rates do not rise by equal "
        "factors, so the distance counts: divide by the difference of the logarithms.",
    ),
    Mistake(
        "picks the minimum",
        lambda lrs, losses: lrs[int(np.argmin(losses))],
        "That is the rate with the lowest loss. There the curve has stopped falling. The task asks "
        "where it falls fastest.",
    ),
    Mistake(
        "the steepest rise",
        lambda lrs, losses: lrs[1 + int(_around(np.log(lrs), losses).argmax())],
        "That is where the loss rises fastest, in the blow-up. A fall has a negative slope: take "
        "the lowest, and no absolute value.",
    ),
    Mistake(
        "the steepest rise, by np.gradient",
        lambda lrs, losses: lrs[int(np.gradient(losses, np.log(lrs)).argmax())],
        "That is where the loss rises fastest, in the blow-up. A fall has a negative slope: take "
        "the lowest, and no absolute value.",
    ),
    Mistake(
        "the logarithm of the rate",
        lambda lrs, losses: math.log(steepest(lrs, losses)),
        "That is the logarithm of the right rate. Return the rate itself, from lrs.",
    ),
    Mistake(
        "one point too early",
        lambda lrs, losses: lrs[int(_around(np.log(lrs), losses).argmin())],
        "You are one point too low. The first slope belongs to the second rate, because the first "
        "rate has no point before it.",
    ),
    Mistake(
        "the slope to the next point",
        lambda lrs, losses: lrs[int((np.diff(losses) / np.diff(np.log(lrs))).argmin())],
        "You took the slope from each point to the next. Here the line goes from the point before "
        "to the point after.",
    ),
    Mistake(
        "the slope from the point before",
        lambda lrs, losses: lrs[1 + int((np.diff(losses) / np.diff(np.log(lrs))).argmin())],
        "You took the slope from the point before. Here the line goes from the point before to the "
        "point after.",
    ),
    Mistake(
        "the number of the point",
        lambda lrs, losses: 1 + int(_around(np.log(lrs), losses).argmin()),
        "That is where the rate stands in the list. Return the rate itself: lrs[i].",
    ),
    Mistake(
        "the slope",
        lambda lrs, losses: float(_around(np.log(lrs), losses).min()),
        "That is the lowest slope. Return the rate at which it stands.",
    ),
    Mistake(
        "half of where it begins to fall",
        lambda lrs, losses: next(
            lr / 2 for lr, loss in zip(lrs, losses, strict=True) if loss < 0.95 * losses[0]
        ),
        "That is half of the rate where the loss begins to fall, another rule. The task asks where "
        "it falls fastest.",
    ),
    Mistake(
        "a tenth of the rate at the minimum",
        lambda lrs, losses: lrs[int(np.argmin(losses))] / 10,
        "That is another rule: a tenth of the rate with the lowest loss. The task asks where the "
        "loss falls fastest.",
    ),
)

# 09.4 -----------------------------------------------------------------------------------------


def train_after_a_sweep(seed: int, lrs: list[float]) -> list[float]:
    """The losses of a sweep, then of the training that goes on as if there had been none."""
    model, optimizer, batches = half_trained(seed)
    kept = copy.deepcopy((model.state_dict(), optimizer.state_dict()))
    losses = []
    for lr, batch in zip(lrs, itertools.cycle(batches), strict=False):
        optimizer.param_groups[0]["lr"] = lr
        losses.append(update(model, optimizer, batch))
    model.load_state_dict(kept[0])
    optimizer.load_state_dict(kept[1])
    return losses + [update(model, optimizer, batch) for batch in batches]


Kept = Callable[[nn.Module, torch.optim.Optimizer], Any]
Restored = Callable[[nn.Module, torch.optim.Optimizer, Any], torch.optim.Optimizer]


def _with(keep: Kept, restore: Restored, frozen: bool = False) -> Callable[..., list[float]]:
    """The same with another way to keep and to restore; `frozen` makes no update in the sweep."""

    def train(seed: int, lrs: list[float]) -> list[float]:
        model, optimizer, batches = half_trained(seed)
        kept, losses = keep(model, optimizer), []
        for lr, batch in zip(lrs, itertools.cycle(batches), strict=False):
            if frozen:
                losses.append(nn.functional.cross_entropy(model(batch[0]), batch[1]).item())
                continue
            optimizer.param_groups[0]["lr"] = lr
            losses.append(update(model, optimizer, batch))
        optimizer = restore(model, optimizer, kept)
        return losses + [update(model, optimizer, batch) for batch in batches]

    return train


def _copied(model: nn.Module, optimizer: torch.optim.Optimizer) -> Any:
    return copy.deepcopy((model.state_dict(), optimizer.state_dict()))


def _model_only(model: nn.Module, optimizer: Any, kept: Any) -> Any:
    model.load_state_dict(kept[0])
    return optimizer


def _optimizer_only(model: nn.Module, optimizer: Any, kept: Any) -> Any:
    optimizer.load_state_dict(kept[1])
    return optimizer


def _both(model: nn.Module, optimizer: Any, kept: Any) -> Any:
    return _optimizer_only(model, _model_only(model, optimizer, kept), kept)


def _rate_by_hand(model: nn.Module, optimizer: Any, kept: Any) -> Any:
    _model_only(model, optimizer, kept)
    optimizer.param_groups[0]["lr"] = 0.1
    return optimizer


def _new_optimizer(model: nn.Module, optimizer: Any, kept: Any) -> Any:
    _model_only(model, optimizer, kept)
    return torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)


def sweep_cases(rng: np.random.Generator) -> list[Case]:
    """Sweeps from far too low to far too high; the training after each has three updates."""
    sweeps = [(0, np.geomspace(0.01, 3, 5)), _drawn_sweep(rng)]
    return [
        Case(
            {"seed": seed, "lrs": [float(f"{lr:.3g}") for lr in lrs]},
            places=[
                *(f"update {n} of the sweep" for n in range(len(lrs))),
                *(f"update {n} of the training after it" for n in range(3)),
            ],
        )
        for seed, lrs in sweeps
    ]


def _drawn_sweep(rng: np.random.Generator) -> tuple[int, np.ndarray]:
    seed, steps = int(rng.integers(1, 10_000)), int(rng.integers(4, 6))
    return seed, np.geomspace(rng.uniform(0.005, 0.02), rng.uniform(2, 6), steps)


def _sweeps_a_copy(seed: int, lrs: list[float]) -> list[float]:
    model, optimizer, batches = half_trained(seed)
    lent = copy.deepcopy((model, optimizer))  # together, so that one still drives the other
    losses = []
    for lr, batch in zip(lrs, itertools.cycle(batches), strict=False):
        lent[1].param_groups[0]["lr"] = lr
        losses.append(update(*lent, batch))
    return losses + [update(model, optimizer, batch) for batch in batches]


def _begins_anew(seed: int, lrs: list[float]) -> list[float]:
    model, optimizer, batches = half_trained(seed)
    losses = []
    for lr, batch in zip(lrs, itertools.cycle(batches), strict=False):
        optimizer.param_groups[0]["lr"] = lr
        losses.append(update(model, optimizer, batch))
    model, optimizer, batches = half_trained(seed)
    for batch in batches:
        losses.append(update(model, optimizer, batch))
    return losses


SWEEP_RIGHT = (
    _sweeps_a_copy,
    _begins_anew,
    _with(
        lambda model, optimizer: (
            {name: value.clone() for name, value in model.state_dict().items()},
            copy.deepcopy(optimizer.state_dict()),
        ),
        _both,
    ),
)


def _copies_apart(seed: int, lrs: list[float]) -> list[float]:
    model, optimizer, batches = half_trained(seed)
    kept = copy.deepcopy(model), copy.deepcopy(optimizer)  # the second has weights of its own
    losses = []
    for lr, batch in zip(lrs, itertools.cycle(batches), strict=False):
        optimizer.param_groups[0]["lr"] = lr
        losses.append(update(model, optimizer, batch))
    return losses + [update(*kept, batch) for batch in batches]


def _gives_back_inside_the_loop(seed: int, lrs: list[float]) -> list[float]:
    model, optimizer, batches = half_trained(seed)
    kept, losses = _copied(model, optimizer), []
    for lr, batch in zip(lrs, itertools.cycle(batches), strict=False):
        optimizer.param_groups[0]["lr"] = lr
        losses.append(update(model, optimizer, batch))
        _both(model, optimizer, kept)
    return losses + [update(model, optimizer, batch) for batch in batches]


SWEEP_MISTAKES = (
    Mistake(
        "leaves the model changed",
        _with(_copied, lambda model, optimizer, kept: optimizer),
        "After the sweep nothing is given back: the training goes on with ruined weights and a "
        "ruinous rate. Copy before the sweep, and load both copies after it.",
    ),
    Mistake(
        "the optimizer is not given back",
        _with(_copied, _model_only),
        "The weights are back, but the optimizer still has the highest rate of the sweep, and its "
        "momentum. Copy and load its state, too.",
    ),
    Mistake(
        "the momentum of the sweep remains",
        _with(_copied, _rate_by_hand),
        "Weights and rate are back, but the optimizer remembers the sweep: its running mean of "
        "gradients is in its state. Make a deep copy of optimizer.state_dict(), too.",
    ),
    Mistake(
        "gives back inside the loop",
        _gives_back_inside_the_loop,
        "You load the copies after every update, so the sweep never gets away from its start. "
        "Load them once, below the loop.",
    ),
    Mistake(
        "only the sweep",
        lambda seed, lrs: train_after_a_sweep(seed, lrs)[: len(lrs)],
        "These are the losses of the sweep. Go on with one update for each batch, and return "
        "those losses, too.",
    ),
    Mistake(
        "the weights are not given back",
        _with(_copied, _optimizer_only),
        "The optimizer is back, but the weights are those of the sweep. model.state_dict() holds "
        "the very tensors that the updates change: it needs a deep copy as well.",
    ),
    Mistake(
        "a new optimizer",
        _with(_copied, _new_optimizer),
        "A new optimizer has the right rate, but no memory: this training was under way, and its "
        "momentum is lost. Give the old state back.",
    ),
    Mistake(
        "no weight moves in the sweep",
        _with(_copied, lambda model, optimizer, kept: optimizer, frozen=True),
        "The training after the sweep is right, but the sweep itself trains nothing. Was the "
        "optimizer copied apart from its model? Then it still moves the other weights.",
    ),
    Mistake(
        "only the training",
        lambda seed, lrs: train_after_a_sweep(seed, lrs)[len(lrs) :],
        "These are the losses of the training after the sweep. Return those of the sweep, too, "
        "before them.",
    ),
    Mistake(
        "model and optimizer are copied apart",
        _copies_apart,
        "Your optimizer does not hold the weights of your copied model, so that model stands "
        "still. Keep model and optimizer, and copy and load their two state dicts.",
    ),
)

# 09.5 -----------------------------------------------------------------------------------------

SEEN = ("healthy", "too slow", "plateau", "diverging", "swings", "spike")
RIGHT_WORDS = ("healthy", "healthy", "too slow", "too slow", *SEEN[2:])  # of TRAININGS


def curve_order(rng: np.random.Generator) -> dict[str, Any]:
    """Which of the eight curves stands where."""
    return {"order": rng.permutation(8).tolist()}


def curve_words(order: list[int]) -> dict[str, str]:
    """The word for each letter."""
    return {name: RIGHT_WORDS[number] for name, number in zip(NAMES, order, strict=True)}


def _called(number: int, word: str) -> Callable[[list[int]], dict[str, str]]:
    """This training, called by a wrong word."""
    return lambda order: {NAMES[order.index(number)]: word}


CURVE_MISTAKES = (
    Mistake(
        "a finished cosine taken for a plateau",
        _called(0, "plateau"),
        "One flat end belongs to a cosine. Its rate has come down to 0, and the loss is low: that "
        "is how a training ends, not where it got stuck.",
    ),
    Mistake(
        "a finished cosine taken for slow",
        _called(0, "too slow"),
        "One loss belongs to a cosine and ends low and calm. It falls late because its rate comes "
        "down late, and at the end it has come to rest.",
    ),
    Mistake(
        "a drop taken for a plateau",
        _called(1, "plateau"),
        "One loss is flat for a while and then falls, after its rate drops. It was a plateau; the "
        "drop has cured it.",
    ),
    Mistake(
        "a slow start taken for a slow training",
        _called(1, "too slow"),
        "Look at the end of the loss whose rate drops: low and flat. It was held up by its noise, "
        "not by a rate that is too low.",
    ),
    Mistake(
        "a straight slow fall taken for a plateau",
        _called(2, "plateau"),
        "One loss looks flat beside the others, but it falls from the first update to the last, "
        "all the time. A plateau has stopped falling.",
    ),
    Mistake(
        "a straight slow fall taken for healthy",
        _called(2, "healthy"),
        "One loss falls calmly, but it has hardly left its start when the run ends. Calm is no "
        "virtue here: the rate is too low.",
    ),
    Mistake(
        "an unfinished fall taken for healthy",
        _called(3, "healthy"),
        "One loss bends nicely, but at a constant rate it still falls in the last third. More "
        "rate, or more updates, would have brought it further.",
    ),
    Mistake(
        "an unfinished fall taken for a plateau",
        _called(3, "plateau"),
        "One loss bends, but it is not flat: compare t = 200 with the end. It still falls.",
    ),
    Mistake(
        "a plateau taken for healthy",
        _called(4, "healthy"),
        "One loss falls fast and then stays high and noisy, at a constant rate. The fast fall is "
        "not the whole story: it waits for a decay.",
    ),
    Mistake(
        "a plateau taken for swings",
        _called(4, "swings"),
        "One loss is noisy around a level, without waves. Swings go up and down by a large part of "
        "the start, update by update for a while in the same direction.",
    ),
    Mistake(
        "a plateau taken for slow",
        _called(4, "too slow"),
        "One loss has stopped falling early. A rate that is too low shows as a fall that goes on; "
        "this one fell fast and is held up by noise.",
    ),
    Mistake(
        "a loss that leaves taken for a spike",
        _called(5, "spike"),
        "One loss rises at the start and never comes back: it leaves the picture. A spike comes "
        "down again.",
    ),
    Mistake(
        "swings taken for diverging",
        _called(6, "diverging"),
        "One loss goes up again and again, but not above its start, and it comes back. Diverging "
        "is a loss that ends above its start, or is no number.",
    ),
    Mistake(
        "swings taken for a plateau",
        _called(6, "plateau"),
        "One loss goes up and down in large waves from start to end. On a plateau it stays near "
        "one level.",
    ),
    Mistake(
        "a spike taken for diverging",
        _called(7, "diverging"),
        "One loss jumps above its start at first, but comes down and ends low. Diverging is what "
        "does not come back.",
    ),
    Mistake(
        "a spike overlooked",
        _called(7, "healthy"),
        "One loss ends low, but look at its first updates: it jumps above its start. That has "
        "causes of its own, such as a missing warmup.",
    ),
)

# 09.6 -----------------------------------------------------------------------------------------

# Shown by bowls(signals(), cosine over 400 updates, Nesterov) with six seeds from 0, 1000 and
# 2000: the mean accuracy is within 2.5 points of the best at every peak from 0.09 to 0.3, four
# points below it at 0.06, and as many at 0.35. The onset/3 of three sweeps of 300 updates was
# between 0.050 and 0.065 in nine range tests from such seeds.
SUGGESTED = Within(0.04, 0.08)
GOOD_PEAKS = Within(0.09, 0.3)

PEAK_MISTAKES = (
    Mistake(
        "the suggestion, untried",
        lambda: {"peak": 0.058, "reason": "sweep"},
        "The sweep's suggestion is a good guess, but a sweep stays at no rate for long. Train at a "
        "third of it, at it, and at three times it, and compare the accuracies.",
    ),
    Mistake(
        "the suggestion",
        lambda: {"peak": 0.058},
        "That is about the suggestion. Compare it with three times as much: which trains to the "
        "higher accuracy?",
    ),
    Mistake(
        "the lowest of the three",
        lambda: {"peak": 0.02},
        "That is about a third of the suggestion. It is calm and safe, and costs many points of "
        "accuracy here.",
    ),
    Mistake(
        "a timid rule",
        lambda: {"peak": 0.005},
        "Rules such as the steepest point, the valley or a tenth of the minimum lead there. Train "
        "there once: the accuracy is far below that at the suggestion.",
    ),
    Mistake(
        "half of where it begins to fall",
        lambda: {"peak": 0.0003},
        "Half of the rate where the loss begins to fall is a timid rule: it lost the most in the "
        "lesson, and does so here. Train at the suggestion.",
    ),
    Mistake(
        "past the cliff",
        lambda: {"peak": 0.45},
        "That lies well above the onset, where the sweep did harm. Train there once, and see how "
        "many points it loses.",
    ),
    Mistake(
        "the onset for the suggestion",
        lambda: {"suggestion": 0.17},
        "That is the onset, an upper bound. The suggestion is a third of it.",
    ),
    Mistake(
        "another rule's pick for the suggestion",
        lambda: {"suggestion": 0.006},
        "That is the pick of another rule. The course suggests onset/3: see print(found).",
    ),
    Mistake(
        "below the suggestion",
        lambda: {"suggestion": Within(0, 0.039)},
        "That lies below the suggestion of the course, which is a third of the onset: print(found) "
        "tells both.",
    ),
    Mistake(
        "above the suggestion",
        lambda: {"suggestion": Within(0.085)},
        "That lies above the suggestion of the course, which is a third of the onset: print(found) "
        "tells both.",
    ),
    Mistake(
        "a reason that measures nothing new",
        lambda: {"reason": "sweep"},
        "The sweep picks the rates to try. Which of them is the best it cannot know: it knows "
        "neither the shape of the schedule nor new data.",
    ),
    Mistake(
        "beauty for a reason",
        lambda: {"reason": "smooth"},
        "The smoothest loss curve belongs to the lowest rate, and that costs accuracy. Choose by a "
        "number that you care about.",
    ),
    Mistake(
        "far below the suggestion",
        lambda: {"peak": Within(0, 0.045)},
        "That is below the suggestion of the sweep, and the network gets nowhere in 400 updates. "
        "Train at the suggestion and at three times it, and compare the accuracies.",
    ),
    Mistake(
        "far past the cliff",
        lambda: {"peak": Within(0.8)},
        "In the sweep the loss had turned up long before this rate. Try lower ones, and compare "
        "the accuracies.",
    ),
)

# ----------------------------------------------------------------------------------------------

TASKS = (
    FunctionTask(
        id="09.1",
        title="A ramp of equal factors",
        kind="implement",
        minutes=4,
        difficulty=1,
        points=2,
        reference=ramp,
        cases=ramp_cases,
        also_right=RAMP_RIGHT,
        mistakes=RAMP_MISTAKES,
        hints=(
            "By which factor must the rate grow from the first update to the last?",
            "At update t the share t / (T - 1) of the way is done. Equal factors multiply, so the "
            "share is an exponent.",
            "start_lr times (peak_lr / start_lr) to the power t / (steps - 1).",
        ),
    ),
    FunctionTask(
        id="09.2",
        title="Smooth without bending",
        kind="implement",
        minutes=7,
        difficulty=2,
        points=2,
        reference=smoothed,
        cases=smoothed_cases,
        also_right=SMOOTHED_RIGHT,
        mistakes=SMOOTHED_MISTAKES,
        hints=(
            "A loop: keep one number m, which starts at 0, and update it with each loss.",
            "What you keep is m; what you show is m / (1 - k^n). The two are different numbers.",
            "enumerate(losses, start=1) gives n and the loss. Append m / (1 - kept**n) to a list.",
        ),
    ),
    FunctionTask(
        id="09.3",
        title="Steepest over what?",
        kind="implement",
        minutes=8,
        difficulty=2,
        points=2,
        reference=steepest,
        cases=steepest_cases,
        also_right=STEEPEST_RIGHT,
        mistakes=STEEPEST_MISTAKES,
        hints=(
            "Begin with x = np.log(lrs). The slopes are taken over x.",
            "The slope at point i is (losses[i + 1] - losses[i - 1]) / (x[i + 1] - x[i - 1]).",
            "The first of these slopes belongs to lrs[1]. np.argmin finds the lowest; add 1.",
        ),
    ),
    FunctionTask(
        id="09.4",
        title="Give the model back",
        kind="repair",
        minutes=9,
        difficulty=2,
        points=3,
        reference=train_after_a_sweep,
        cases=sweep_cases,
        also_right=SWEEP_RIGHT,
        mistakes=SWEEP_MISTAKES,
        untouched=_with(
            lambda model, optimizer: (model.state_dict(), optimizer.state_dict()), _both
        ),
        hints=(
            "Print model.state_dict() before and after the sweep. Then print `kept` at the same "
            "two places. What do you see?",
            "state_dict() holds the very tensors that the updates change, so `kept` changes with "
            "them. A copy of the dictionary alone holds the same tensors, too.",
            "copy.deepcopy copies the tensors. Both states need it: the optimizer's momentum is a "
            "tensor as well.",
        ),
    ),
    ValuesTask(
        id="09.5",
        title="Eight curves",
        kind="read a curve",
        minutes=7,
        difficulty=2,
        points=2,
        draw=curve_order,
        answers=curve_words,
        words=SEEN,
        mistakes=CURVE_MISTAKES,
        hints=(
            "Ask the three questions of the lesson: where did it start, where does it end, does "
            "the last third still fall? Then look at the rate.",
            "Two of the eight are healthy, two are too slow, and each other word is right once.",
        ),
    ),
    ValuesTask(
        id="09.6",
        title="Choose a peak and defend it",
        kind="experiment",
        minutes=12,
        difficulty=3,
        points=3,
        answers=lambda: {"suggestion": SUGGESTED, "peak": GOOD_PEAKS, "reason": "accuracy"},
        words=("accuracy", "smooth", "sweep"),
        rtol=0.35,  # of the known mistakes only; the right ones are ranges
        mistakes=PEAK_MISTAKES,
        hints=(
            "print(found) tells the onset, the suggestion, and three rates to train with. As one "
            "number the suggestion is found.suggestion.middle.",
            "Call accuracy_at for each of the three rates. Which is the highest accuracy?",
            "The suggestion is a third of the onset. Three times the suggestion trains best here, "
            "and the reason is what you measured on the test set.",
        ),
    ),
    choice(
        "09.7",
        "The sweep said so",
        right="c",
        feedback={
            "a": "That is a timid rule, and it is no cure: the training fails at the start, not "
            "because the sweep misread the end. With a warmup this rate works.",
            "b": "The loss rose above the rate that you use, so the sweep went far enough. A longer"
            " one would climb even more gently.",
            "d": "Smoothing moves a pick a little. It cannot show what the sweep never did: to "
            "start at a high rate.",
        },
        hints=("What had the model in the sweep done before it met this rate?",),
    ),
)
