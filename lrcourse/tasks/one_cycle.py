"""Section 07, cyclical rates and one cycle: six tasks, right answers and known wrong ones."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.optim.lr_scheduler import OneCycleLR

from lrcourse.handouts.loops import NOTED, USED, noted_or_used_effectively
from lrcourse.handouts.one_cycle import HIGHEST_TRIED
from lrcourse.schedules import OneCycle, TriangularCycle
from lrcourse.tasks.base import Case, FunctionTask, Mistake, ValuesTask, Within, choice, one_of

# 07.1 -----------------------------------------------------------------------------------------


def triangles(t: int, peak_lr: float, up_steps: int, min_lr: float, cycle_gamma: float) -> float:
    """η_min + (η_peak - η_min) min(τ/U, (2U - τ)/U) γ^k in cycle k = ⌊t/2U⌋, with τ = t mod 2U"""
    k, tau = t // (2 * up_steps), t % (2 * up_steps)
    height = (peak_lr - min_lr) * cycle_gamma**k
    return min_lr + height * min(tau / up_steps, (2 * up_steps - tau) / up_steps)


def triangle_cases(rng: np.random.Generator) -> list[Case]:
    """Equal triangles from 0, then halved ones above a floor, then any."""
    equal = {"peak_lr": 1.0, "up_steps": 5, "min_lr": 0.0, "cycle_gamma": 1.0}
    halved = {"peak_lr": 1.0, "up_steps": 10, "min_lr": 0.2, "cycle_gamma": 0.5}
    return [
        Case(each, range(4 * each["up_steps"] + 7))
        for each in (equal, halved, *(_triangle_arguments(rng) for _ in range(2)))
    ]


def _triangle_arguments(rng: np.random.Generator) -> dict[str, Any]:
    peak_lr = round(rng.uniform(0.1, 2.0), 3)
    return {
        "peak_lr": peak_lr,
        "up_steps": int(rng.integers(6, 18)),
        "min_lr": round(peak_lr * rng.uniform(0.1, 0.4), 4),
        "cycle_gamma": round(rng.uniform(0.3, 0.8), 2),
    }


def _by_smith(t: int, peak_lr: float, up_steps: int, min_lr: float, cycle_gamma: float) -> float:
    cycle = math.floor(1 + t / (2 * up_steps))
    x = abs(t / up_steps - 2 * cycle + 1)
    return min_lr + (peak_lr - min_lr) * max(0, 1 - x) * cycle_gamma ** (cycle - 1)


def _by_walking(t: int, peak_lr: float, up_steps: int, min_lr: float, cycle_gamma: float) -> Any:
    height, step = torch.tensor(peak_lr - min_lr, dtype=torch.float64), 0
    while t - step >= 2 * up_steps:
        step, height = step + 2 * up_steps, height * cycle_gamma
    tau = t - step
    return min_lr + height * (tau if tau <= up_steps else 2 * up_steps - tau) / up_steps


def _by_interpolation(
    t: int, peak_lr: float, up_steps: int, min_lr: float, cycle_gamma: float
) -> Any:
    k = t // (2 * up_steps)
    top = min_lr + (peak_lr - min_lr) * cycle_gamma**k
    return np.interp(t % (2 * up_steps), [0, up_steps, 2 * up_steps], [min_lr, top, min_lr])


TRIANGLE_RIGHT = (
    _by_smith,
    _by_walking,
    _by_interpolation,
    lambda t, peak_lr, up_steps, min_lr, cycle_gamma: TriangularCycle(
        peak_lr, up_steps, min_lr=min_lr, cycle_gamma=cycle_gamma
    )(t),
)


def _tent(t: int, U: int) -> float:
    """From 0 to 1 to 0, again and again."""
    tau = t % (2 * U)
    return min(tau / U, (2 * U - tau) / U)


TRIANGLE_MISTAKES = (
    Mistake(
        "the whole rate shrinks, not its height",
        lambda t, peak, U, low, gamma: (low + (peak - low) * _tent(t, U)) * gamma ** (t // (2 * U)),
        "You multiply the whole rate by γ^k, so the valleys sink below min_lr. Only the height "
        "above the lowest rate shrinks: (η_peak - η_min) γ^k.",
    ),
    Mistake(
        "the peak shrinks, not the height above the lowest rate",
        lambda t, peak, U, low, gamma: low + (peak * gamma ** (t // (2 * U)) - low) * _tent(t, U),
        "You multiply the peak by γ^k and then subtract η_min. The height above the lowest rate "
        "shrinks as a whole: (η_peak - η_min) γ^k.",
    ),
    Mistake(
        "nothing shrinks",
        lambda t, peak, U, low, gamma: low + (peak - low) * _tent(t, U),
        "Your triangles all have the same height. In cycle k it is multiplied by cycle_gamma**k.",
    ),
    Mistake(
        "a factor for each half of a cycle",
        lambda t, peak, U, low, gamma: low + (peak - low) * _tent(t, U) * gamma ** (t // U),
        "t // U counts the way up and the way down apart, so your triangle breaks at its top. A "
        "cycle has 2U updates: k = t // (2U).",
    ),
    Mistake(
        "a little with every update",
        lambda t, peak, U, low, gamma: low + (peak - low) * _tent(t, U) * gamma ** (t / (2 * U)),
        "t / (2U) without the floor shrinks a little at every update: that is the idea of "
        "exp_range. Here k counts whole cycles: t // (2U).",
    ),
    Mistake(
        "the first triangle shrinks already",
        lambda t, peak, U, low, gamma: (
            low + (peak - low) * _tent(t, U) * gamma ** (t // (2 * U) + 1)
        ),
        "Your first triangle is already lower than the peak. The first cycle has k = 0, and "
        "γ^0 = 1.",
    ),
    Mistake(
        "the lowest rate is added to the peak",
        lambda t, peak, U, low, gamma: low + peak * _tent(t, U) * gamma ** (t // (2 * U)),
        "min_lr + peak_lr is above the peak. The way from the bottom to the top is peak_lr - "
        "min_lr.",
    ),
    Mistake(
        "no lowest rate",
        lambda t, peak, U, low, gamma: peak * _tent(t, U) * gamma ** (t // (2 * U)),
        "Your valleys go down to 0. They are at min_lr, and the triangle stands on it.",
    ),
    Mistake(
        "the lowest rate cuts the triangle off",
        lambda t, peak, U, low, gamma: max(low, peak * _tent(t, U) * gamma ** (t // (2 * U))),
        "max(min_lr, ...) cuts the foot of the triangle off and holds still there. The triangle "
        "itself begins at min_lr.",
    ),
    Mistake(
        "up, and then a fall at once",
        lambda t, peak, U, low, gamma: low + (peak - low) * (t % U) / U * gamma ** (t // U),
        "t % U starts again at every top, so your rate falls at once. It takes U more updates for "
        "the way down: τ = t % (2U), and the lower of the two lines.",
    ),
    Mistake(
        "the whole cycle is taken for the way up",
        lambda t, peak, U, low, gamma: (
            low + (peak - low) * min(t % U / (U / 2), (U - t % U) / (U / 2)) * gamma ** (t // U)
        ),
        "Your triangle goes up and down within U updates. U is the way up alone; the way down "
        "takes as many again.",
    ),
    Mistake(
        "starts at the top",
        lambda t, peak, U, low, gamma: (
            low + (peak - low) * (1 - _tent(t, U)) * gamma ** (t // (2 * U))
        ),
        "Your triangles stand on their heads: the first update is at the peak. At τ = 0 the rate "
        "is min_lr; take the lower of τ/U and (2U - τ)/U.",
    ),
    Mistake(
        "only one triangle",
        lambda t, peak, U, low, gamma: low + (peak - low) * max(0, min(t / U, (2 * U - t) / U)),
        "After the first cycle your rate stays at the bottom. τ starts again at 0 in every cycle: "
        "τ = t % (2U).",
    ),
    Mistake(
        "τ never starts again",
        lambda t, peak, U, low, gamma: (
            low + (peak - low) * min(t / U, (2 * U - t) / U) * gamma ** (t // (2 * U))
        ),
        "Your triangle counts from t = 0 for ever, so it falls below the lowest rate. Every cycle "
        "counts its own updates: τ = t % (2U).",
    ),
    Mistake(
        "γ times k",
        lambda t, peak, U, low, gamma: (
            low + (peak - low) * _tent(t, U) * (gamma * (t // (2 * U)) if t >= 2 * U else 1)
        ),
        "γ k is a product. The factors of the cycles multiply each other, so k is an exponent.",
    ),
    Mistake(
        "γ times k, also in the first cycle",
        lambda t, peak, U, low, gamma: low + (peak - low) * _tent(t, U) * gamma * (t // (2 * U)),
        "γ k is 0 in the first cycle, so it has no triangle. k is an exponent: γ^0 = 1.",
    ),
    Mistake(
        "the way down starts at the first peak",
        lambda t, peak, U, low, gamma: (
            triangles(t, peak, U, low, gamma)
            if t % (2 * U) < U
            else peak - (peak - low) * gamma ** (t // (2 * U)) * (t % (2 * U) - U) / U
        ),
        "Your way up knows that the triangle has shrunk, but the way down starts at peak_lr. The "
        "top of cycle k is min_lr + (peak_lr - min_lr) γ^k.",
    ),
    Mistake(
        "γ to the power t",
        lambda t, peak, U, low, gamma: low + (peak - low) * _tent(t, U) * gamma**t,
        "γ^t shrinks with every update. The factor comes once for every whole cycle: γ^k, with "
        "k = t // (2U).",
    ),
    Mistake(
        "max for min",
        lambda t, peak, U, low, gamma: (
            low + (peak - low) * gamma ** (t // (2 * U)) * max(t % (2 * U), 2 * U - t % (2 * U)) / U
        ),
        "Of the two lines you take the upper one, so the rate starts at twice the height. A "
        "triangle lies below both: min.",
    ),
    Mistake(
        "a cycle of 2U + 1 updates",
        lambda t, peak, U, low, gamma: (
            low
            + (peak - low)
            * gamma ** (t // (2 * U + 1))
            * min(t % (2 * U + 1), 2 * U - t % (2 * U + 1))
            / U
        ),
        "Your rate stands at the bottom twice in a row. The last update of a cycle is the first "
        "of the next: a cycle has 2U of them.",
    ),
    Mistake(
        "a wave for a triangle",
        lambda t, peak, U, low, gamma: (
            low + (peak - low) * gamma ** (t // (2 * U)) * (1 - math.cos(math.pi * t / U)) / 2
        ),
        "Your cycle is a cosine wave. A triangle goes up and down in straight lines.",
    ),
    Mistake(
        "up twice in a cycle, and a fall at once",
        lambda t, peak, U, low, gamma: (
            low + (peak - low) * gamma ** (t // (2 * U)) * min(t % U, 2 * U - t % U) / U
        ),
        "t % U starts again at the top, so your rate falls at once and rises a second time. A "
        "cycle has 2U updates: τ = t % (2U).",
    ),
    Mistake(
        "the lowest rate is not added",
        lambda t, peak, U, low, gamma: triangles(t, peak, U, low, gamma) - low,
        "That is the height above the lowest rate alone, so your valleys are at 0. Add min_lr.",
    ),
    Mistake(
        "the factor comes only once",
        lambda t, peak, U, low, gamma: (
            low + (peak - low) * _tent(t, U) * (gamma if t >= 2 * U else 1)
        ),
        "Your third triangle is as high as the second. Every whole cycle brings one more factor: "
        "γ^k.",
    ),
    Mistake(
        "always half the height",
        lambda t, peak, U, low, gamma: triangles(t, peak, U, low, 0.5),
        "Your height is halved after every cycle, whatever the arguments say. The factor is "
        "cycle_gamma; 0.5 is one value of it.",
    ),
)

# 07.2 -----------------------------------------------------------------------------------------

CURVES = ("rate", "momentum")


def one_cycle(t: int, peak_lr: float, steps: int, warmup_steps: int) -> tuple[float, float]:
    """Half a cosine up in W updates, half a cosine down in T - W; the momentum against the rate"""
    start_lr = peak_lr / 25
    min_lr = start_lr / 10_000
    if t < warmup_steps:
        up = (1 - math.cos(math.pi * t / warmup_steps)) / 2  # from 0 to 1
        return start_lr + (peak_lr - start_lr) * up, 0.95 - 0.1 * up
    share = min((t - warmup_steps) / (steps - warmup_steps), 1)
    left = (1 + math.cos(math.pi * share)) / 2  # from 1 to 0
    return min_lr + (peak_lr - min_lr) * left, 0.95 - 0.1 * left


def one_curve(
    answer: Callable[..., Any], curve: str, peak_lr: float, steps: int, warmup_steps: int
) -> list[Any]:
    """One of the two curves that the answer gives, to ten updates after the end."""
    pick, asked = (CURVES.index(curve), len(CURVES)), "two numbers: return rate, momentum"
    return one_of(pick, asked, answer, range(steps + 10), peak_lr, steps, warmup_steps)


def one_cycle_cases(rng: np.random.Generator) -> list[Case]:
    """The rate and the momentum by themselves, so that the picture shows which is wrong."""
    numbers = [{"peak_lr": 1.0, "steps": 100, "warmup_steps": 30}]
    for _ in range(2):
        steps = int(rng.integers(30, 80))
        numbers.append(
            {
                "peak_lr": round(rng.uniform(0.05, 2.0), 3),
                "steps": steps,
                "warmup_steps": int(steps * rng.uniform(0.15, 0.45)),
            }
        )
    return [Case({"curve": curve, **each}) for each in numbers for curve in CURVES]


def _up(x: float) -> float:
    return (1 - math.cos(math.pi * x)) / 2


def _way(t: int, T: int, W: int) -> float:
    """The share of the way from the start to the peak, and after it from the end to the peak."""
    return _up(t / W) if t < W else 1 - _up(min((t - W) / (T - W), 1))


def _cycle(
    *,
    divisor: float = 25,
    last: float = 25e4,
    way: Callable[[int, int, int], float] = _way,
    low: float = 0.85,
    momentum: Callable[[int, int, int], float] | None = None,
) -> Callable[..., Any]:
    """one_cycle with one of its parts replaced; `way` moves the rate and the momentum."""

    def answer(t: int, peak: float, T: int, W: int) -> list[float]:
        foot, up = (peak / divisor if t < W else peak / last), way(t, T, W)
        mass = 0.95 - (0.95 - low) * up if momentum is None else momentum(t, T, W)
        return [foot + (peak - foot) * up, mass]

    return answer


def _three_phases(t: int, peak: float, T: int, W: int) -> list[float]:
    start = peak / 25
    if t < 2 * W:
        up = _up(t / W)
        return [start + (peak - start) * up, 0.95 - 0.1 * up]
    rest = _up(min((t - 2 * W) / max(T - 2 * W, 1), 1))
    return [start + (start / 1e4 - start) * rest, 0.95]


def _from_the_rate(t: int, peak: float, T: int, W: int) -> list[float]:
    rate, _ = one_cycle(t, peak, T, W)
    return [rate, 0.95 - 0.1 * (rate - peak / 25) / (peak - peak / 25)]


def _vectorised(t: int, peak_lr: float, steps: int, warmup_steps: int) -> np.ndarray:
    up = np.clip(t / warmup_steps, 0, 1)
    down = np.clip((t - warmup_steps) / (steps - warmup_steps), 0, 1)
    rise, fall = np.sin(np.pi * up / 2) ** 2, np.sin(np.pi * down / 2) ** 2
    start, end = np.array([peak_lr / 25, 0.95]), np.array([peak_lr / 25e4, 0.95])
    peak = np.array([peak_lr, 0.85])
    return np.where(t < warmup_steps, start + (peak - start) * rise, peak + (end - peak) * fall)


def _with_lerp(t: int, peak_lr: float, steps: int, warmup_steps: int) -> Any:
    def wave(a: float, b: float, x: float) -> Any:
        half = 0.5 * (1 - torch.cos(torch.tensor(math.pi * min(x, 1), dtype=torch.float64)))
        return a + (b - a) * half

    if t <= warmup_steps:
        x = t / warmup_steps
        return wave(peak_lr / 25, peak_lr, x), wave(0.95, 0.85, x)
    x = (t - warmup_steps) / (steps - warmup_steps)
    return wave(peak_lr, peak_lr / 250_000, x), wave(0.85, 0.95, x)


def _by_library(t: int, peak_lr: float, steps: int, warmup_steps: int) -> list[Any]:
    schedule = OneCycle(peak_lr, steps, warmup_steps)
    return [schedule(t), schedule.momentum(t)]


ONE_CYCLE_RIGHT = (_vectorised, _with_lerp, _by_library)

ONE_CYCLE_MISTAKES = (
    Mistake(
        "the momentum goes with the rate",
        _cycle(momentum=lambda t, T, W: 0.85 + 0.1 * _way(t, T, W)),
        "Your momentum rises with the rate. It goes the other way: from 0.95 down to 0.85 while "
        "the rate rises, so that the updates stay bearable.",
    ),
    Mistake(
        "the last rate is peak / 10 000",
        _cycle(last=1e4),
        "You divide the peak by 10 000. The last rate is the first one, which is already peak/25, "
        "divided by 10 000.",
    ),
    Mistake(
        "the end is where the start was",
        _cycle(last=25),
        "Your rate ends where it began. It goes far below: to the first rate divided by 10 000.",
    ),
    Mistake(
        "ends at zero",
        _cycle(last=math.inf),
        "Your rate ends at exactly 0. The last rate is tiny, but not 0: the first one divided by "
        "10 000.",
    ),
    Mistake(
        "starts at zero",
        _cycle(divisor=math.inf),
        "Your first update has the rate 0. One cycle starts at peak / 25.",
    ),
    Mistake(
        "the peak comes one update late",
        _cycle(way=lambda t, T, W: _way(t, T, W + 1)),
        "Your peak is at t = W + 1. t counts updates already made, and at t = W the rate is at its "
        "peak.",
    ),
    Mistake(
        "the peak comes one update early",
        _cycle(way=lambda t, T, W: _way(t, T, W - 1)),
        "Your peak is at t = W - 1, as in PyTorch, where pct_start counts otherwise. Here it is at "
        "t = W.",
    ),
    Mistake(
        "the end comes one update early",
        _cycle(way=lambda t, T, W: _way(t, T - 1, W)),
        "Your fall is over at t = T - 1. That is PyTorch's way of counting; here update T is the "
        "first with the last rate.",
    ),
    Mistake(
        "the fall is measured from 0",
        _cycle(way=lambda t, T, W: _up(t / W) if t < W else 1 - _up(min(t / T, 1))),
        "t/T counts the rise as a part of the fall, so the rate jumps at t = W. The fall counts "
        "from W and lasts T - W updates.",
    ),
    Mistake(
        "the fall lasts T updates",
        _cycle(way=lambda t, T, W: _up(t / W) if t < W else 1 - _up(min((t - W) / T, 1))),
        "(t - W)/T takes T updates for the fall, so it ends at T + W. Only T - W are left.",
    ),
    Mistake(
        "goes up again after the end",
        _cycle(way=lambda t, T, W: _up(t / W) if t < W else 1 - _up((t - W) / (T - W))),
        "After t = T your curves turn back. Both keep their last value: stop the share at 1.",
    ),
    Mistake(
        "three phases",
        _three_phases,
        "You go back to the first rate in W updates and end with a third, flat phase. This form "
        "has two phases: the fall goes straight down to the end.",
    ),
    Mistake(
        "straight lines",
        _cycle(
            way=lambda t, T, W: t / W if t < W else 1 - min((t - W) / (T - W), 1),
        ),
        "You go up and down in straight lines. Both sides, and the momentum, are half cosines: "
        "(1 - cos πx)/2.",
    ),
    Mistake(
        "the momentum in straight lines",
        _cycle(
            momentum=lambda t, T, W: (
                0.95 - 0.1 * (t / W if t < W else 1 - min((t - W) / (T - W), 1))
            )
        ),
        "Your rate is right, but the momentum moves in straight lines. It has the same half "
        "cosines as the rate.",
    ),
    Mistake(
        "the momentum stays low",
        _cycle(momentum=lambda t, T, W: 0.95 - 0.1 * (_up(t / W) if t < W else 1)),
        "Your momentum falls to 0.85 and stays there. While the rate falls, it goes back to 0.95.",
    ),
    Mistake(
        "the momentum stays high",
        _cycle(momentum=lambda t, T, W: 0.95),
        "Your momentum stays at 0.95. It falls to 0.85 while the rate rises, and comes back.",
    ),
    Mistake(
        "the momentum is computed from the rate",
        _from_the_rate,
        "Nearly: but the rate ends far below its start, so your momentum goes a little above 0.95 "
        "in the end. Give it the same half cosines, from 0.95 to 0.85 and back to 0.95.",
    ),
    Mistake(
        "rate and momentum in each other's place",
        lambda t, peak, T, W: one_cycle(t, peak, T, W)[::-1],
        "The two numbers stand in each other's place: first the rate, then the momentum.",
    ),
    Mistake(
        "the momentum jumps up at the peak",
        _cycle(momentum=lambda t, T, W: 0.95 + 0.1 * _way(t, T, W) * (1 if t >= W else -1)),
        "On the fall your momentum is above 0.95, even above 1 at first. There, too, it is 0.95 "
        "minus a part of 0.1.",
    ),
    Mistake(
        "starts and ends at zero",
        _cycle(divisor=math.inf, last=math.inf),
        "Your rate starts at 0, and so its last value, which is a part of the first, is 0, too. It "
        "starts at the peak divided by 25.",
    ),
    Mistake(
        "quarters of a wave",
        _cycle(
            way=lambda t, T, W: (
                math.sin(math.pi / 2 * t / W)
                if t < W
                else math.cos(math.pi / 2 * min((t - W) / (T - W), 1))
            )
        ),
        "You took quarters of a wave, which meet the peak flat but their feet at a slope. Half a "
        "wave is flat at both ends: (1 - cos πx)/2 up, (1 + cos πx)/2 down.",
    ),
    Mistake(
        "the fall is turned round",
        _cycle(way=lambda t, T, W: _up(t / W) if t < W else _up(min((t - W) / (T - W), 1))),
        "At t = W your curves drop to their feet and rise a second time. On the fall the share of "
        "the peak goes from 1 to 0: (1 + cos πx)/2, with a plus.",
    ),
    Mistake(
        "the peak one update early",
        _cycle(way=lambda t, T, W: _up(t / (W - 1)) if t < W else _way(t, T, W)),
        "Your rise is over at t = W - 1, as PyTorch counts. Here the peak is at t = W: divide t "
        "by W.",
    ),
    Mistake(
        "counted as PyTorch does",
        _cycle(way=lambda t, T, W: _way(t, T - 1, W - 1)),
        "You put the peak at W - 1 and the end at T - 1. PyTorch makes that of its own arguments; "
        "here the peak is at t = W, and update T is the first with the last rate.",
    ),
    Mistake(
        "the fall would last T updates, and is cut at T",
        _cycle(
            way=lambda t, T, W: 0 if t >= T else _up(t / W) if t < W else 1 - _up((t - W) / T),
        ),
        "(t - W)/T plans T updates for the fall, but only T - W are left, so your curves jump at "
        "t = T. Divide by T - W.",
    ),
    Mistake(
        "the momentum turns back after the end",
        _cycle(
            momentum=lambda t, T, W: (
                0.95 - 0.1 * (_up(t / W) if t < W else 1 - _up((t - W) / (T - W)))
            )
        ),
        "After t = T your rate keeps its last value, but your momentum turns back. Stop the share "
        "of the fall at 1 for both.",
    ),
    Mistake(
        "the momentum is taken from rate / peak",
        lambda t, peak, T, W: [
            one_cycle(t, peak, T, W)[0],
            0.95 - 0.1 * one_cycle(t, peak, T, W)[0] / peak,
        ],
        "The rate starts at peak/25 and not at 0, so your momentum starts below 0.95. Give it "
        "half cosines of its own, from 0.95 to 0.85 and back.",
    ),
    Mistake(
        "the foot is added to the peak",
        lambda t, peak, T, W: [
            peak / (25 if t < W else 25e4) + peak * _way(t, T, W),
            one_cycle(t, peak, T, W)[1],
        ],
        "start_lr + peak_lr is above the peak. The way up is peak_lr - start_lr, and the way down "
        "is peak_lr - min_lr.",
    ),
    Mistake(
        "whole waves",
        _cycle(
            way=lambda t, T, W: _up(2 * t / W) if t < W else 1 - _up(2 * min((t - W) / (T - W), 1))
        ),
        "2πx is a whole wave: there and back again within one way. Each way is half a wave, πx.",
    ),
)

# 07.3 -----------------------------------------------------------------------------------------


def cycle_numbers(rng: np.random.Generator) -> dict[str, Any]:
    """A call of OneCycleLR; total_steps * pct_start is a whole number."""
    return {
        "max_lr": float(rng.choice([0.3, 0.6, 1.2, 3.0])),
        "total_steps": int(rng.choice([200, 300, 400, 500])),
        "pct_start": float(rng.choice([0.2, 0.25, 0.4])),
        "div_factor": int(rng.choice([15, 30, 60])),
    }


def cycle_facts(
    max_lr: float, total_steps: int, pct_start: float, div_factor: int
) -> dict[str, float]:
    """t = pN - 1; η_peak/(div_factor · 10 000); two phases; div_factor · (1 - 0.95)/(1 - 0.85)"""
    return {
        "peak_at": round(pct_start * total_steps) - 1,
        "last_lr": max_lr / div_factor / 10_000,
        "phases": 2,
        "effective_growth": div_factor / 3,
    }


CYCLE_MISTAKES = (
    Mistake(
        "the peak one update late",
        lambda max_lr, total_steps, pct_start, div_factor: {"peak_at": pct_start * total_steps},
        "PyTorch counts the steps between the updates, and there is one less of them than updates. "
        "Its peak is at t = pN - 1.",
    ),
    Mistake(
        "the share of N - 1",
        lambda max_lr, total_steps, pct_start, div_factor: {
            "peak_at": pct_start * (total_steps - 1)
        },
        "You took the share of N - 1. PyTorch takes the share of N and subtracts 1 then: pN - 1.",
    ),
    Mistake(
        "the peak at the default 30 percent",
        lambda max_lr, total_steps, pct_start, div_factor: {"peak_at": 0.3 * total_steps - 1},
        "That is where the default pct_start puts the peak. This call sets its own.",
    ),
    Mistake(
        "the last rate is the peak / 10 000",
        lambda max_lr, total_steps, pct_start, div_factor: {"last_lr": max_lr / 10_000},
        "final_div_factor divides the first rate, not the peak, and the first rate is already "
        "max_lr / div_factor.",
    ),
    Mistake(
        "the first rate in place of the last",
        lambda max_lr, total_steps, pct_start, div_factor: {"last_lr": max_lr / div_factor},
        "That is the first rate. The last one is that divided by final_div_factor, 10 000.",
    ),
    Mistake(
        "the default div_factor",
        lambda max_lr, total_steps, pct_start, div_factor: {"last_lr": max_lr / 25 / 10_000},
        "You divided by 25, the default. This call sets its own div_factor.",
    ),
    Mistake(
        "the growth of the default div_factor",
        lambda max_lr, total_steps, pct_start, div_factor: {"effective_growth": 25 / 3},
        "So much does it grow in the lesson, with the default div_factor of 25. This call sets "
        "its own.",
    ),
    Mistake(
        "the last rate is zero",
        lambda max_lr, total_steps, pct_start, div_factor: {"last_lr": 0},
        "Nearly, but it is not zero: the first rate, max_lr / div_factor, divided by 10 000.",
    ),
    Mistake(
        "three phases",
        lambda max_lr, total_steps, pct_start, div_factor: {"phases": 3},
        "Three phases have to be asked for, with three_phase=True. The default has two: up, and "
        "one long way down.",
    ),
    Mistake(
        "only the rate",
        lambda max_lr, total_steps, pct_start, div_factor: {"effective_growth": div_factor},
        "That is how much the rate grows. While it rises, 1 - m grows, too: from 0.05 to 0.15. "
        "The effective rate is η/(1 - m).",
    ),
    Mistake(
        "the momentum helps the rate up",
        lambda max_lr, total_steps, pct_start, div_factor: {"effective_growth": div_factor * 3},
        "The momentum goes down while the rate goes up, so it takes back a factor of 0.15/0.05. "
        "Divide by it, do not multiply.",
    ),
    Mistake(
        "the momenta divided by each other",
        lambda max_lr, total_steps, pct_start, div_factor: {
            "effective_growth": div_factor * 0.85 / 0.95
        },
        "You used m itself. The effective rate is η/(1 - m), so what counts is 1 - m: 0.05 at "
        "the start and 0.15 at the peak.",
    ),
    Mistake(
        "one subtracted twice",
        lambda max_lr, total_steps, pct_start, div_factor: {
            "peak_at": pct_start * (total_steps - 1) - 1
        },
        "You subtracted the 1 twice. PyTorch takes the share of N, not of N - 1, and then "
        "subtracts 1: pN - 1.",
    ),
    Mistake(
        "a share for the time",
        lambda max_lr, total_steps, pct_start, div_factor: {"peak_at": pct_start},
        "pct_start is a share of the run. peak_at is an update: total_steps times that share, "
        "and one less.",
    ),
    Mistake(
        "upside down",
        lambda max_lr, total_steps, pct_start, div_factor: {"effective_growth": 3 / div_factor},
        "That is how many times smaller the effective rate is at t = 0. Put the one at the peak "
        "above the fraction.",
    ),
    Mistake(
        "the momentum alone",
        lambda max_lr, total_steps, pct_start, div_factor: {"effective_growth": 3},
        "3 is what the momentum does. The rate grows, too: div_factor times. Put both together.",
    ),
    Mistake(
        "the momenta in the fraction",
        lambda max_lr, total_steps, pct_start, div_factor: {
            "effective_growth": div_factor * 0.95 / 0.85
        },
        "You used m itself. The effective rate is η/(1 - m), so what counts is 1 - m: 0.05 at the "
        "start and 0.15 at the peak.",
    ),
)

# 07.4 -----------------------------------------------------------------------------------------


def train(epochs: int, batches: int, peak_lr: float) -> list[float]:
    """One cycle over epochs x batches updates of plain SGD: η/(1 - m) of each, with m = 0"""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = OneCycleLR(
        optimizer, max_lr=peak_lr, total_steps=epochs * batches, cycle_momentum=False
    )
    effective_rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            group = optimizer.param_groups[0]
            effective_rates.append(group["lr"] / (1 - group["momentum"]))
            optimizer.step()  # a real loop computes the loss and its gradient first
            scheduler.step()
    return effective_rates


def loop(
    epochs: int,
    batches: int,
    peak_lr: float,
    *,
    momentum: float = 0.0,
    once_per: str = "epoch",
    planned: Callable[[int, int], int] = lambda epochs, batches: epochs * batches,
    early: bool = False,
    between: bool = False,
    stopped_once: bool = False,
    notes: Callable[[dict[str, Any]], float] = lambda group: group["lr"] / (1 - group["momentum"]),
    **options: Any,
) -> list[float]:
    """The loop that is handed out, or one with another bug."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr, momentum=momentum)
    scheduler = OneCycleLR(
        optimizer, max_lr=peak_lr, total_steps=planned(epochs, batches), **options
    )
    if stopped_once:
        optimizer.param_groups[0]["momentum"] = 0.0
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            if early:
                scheduler.step()
            rates.append(notes(optimizer.param_groups[0]))
            if between:
                scheduler.step()
            optimizer.step()
            if once_per == "update" and not (early or between):
                scheduler.step()
        if once_per == "epoch":
            scheduler.step()
    return rates


def train_cases(rng: np.random.Generator) -> list[Case]:
    """More than one batch and more than two epochs, so that the two clocks differ; each loop
    twice: what it notes, and what its updates used."""
    arguments = [{"epochs": 5, "batches": 8, "peak_lr": 1.0}]
    for _ in range(2):
        arguments.append(
            {
                "epochs": int(rng.integers(4, 7)),
                "batches": 5 * int(rng.integers(1, 3)),
                "peak_lr": round(rng.uniform(0.05, 0.8), 3),
            }
        )
    return [Case({**each, "compared": what}) for each in arguments for what in (NOTED, USED)]


def _by_epochs(epochs: int, batches: int, peak_lr: float) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.123)
    scheduler = OneCycleLR(
        optimizer, peak_lr, epochs=epochs, steps_per_epoch=batches, cycle_momentum=False
    )
    rates = []
    for _update in range(epochs * batches):
        rates.append(float(scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()
    return rates


def _by_formula(epochs: int, batches: int, peak_lr: float) -> list[float]:
    steps = epochs * batches
    last, top = steps - 1, 0.3 * steps - 1
    rates = []
    for t in range(steps):
        if t <= top:
            a, b, x = peak_lr / 25, peak_lr, t / top
        else:
            a, b, x = peak_lr, peak_lr / 250_000, (t - top) / (last - top)
        rates.append(a + (b - a) * (1 - math.cos(math.pi * x)) / 2)
    return rates


TRAIN_RIGHT = (
    _by_epochs,
    _by_formula,
    lambda epochs, batches, peak_lr: loop(
        epochs, batches, peak_lr, once_per="update", base_momentum=0, max_momentum=0
    ),
)

TRAIN_MISTAKES = (
    Mistake(
        "only the clock is repaired",
        partial(loop, once_per="update"),
        "The clock is right now. But the plain SGD still gets a momentum between 0.85 and 0.95, "
        "so the effective rates are many times too high. Say cycle_momentum=False.",
    ),
    Mistake(
        "only the momentum is repaired",
        partial(loop, cycle_momentum=False),
        "The momentum is gone. But scheduler.step() still runs once per epoch, so the rate never "
        "leaves the bottom of the rise. It belongs into the inner loop.",
    ),
    Mistake(
        "planned for epochs",
        partial(loop, planned=lambda epochs, batches: epochs, cycle_momentum=False),
        "Now the plan has as many steps as there are epochs: the cycle is complete, but the rate "
        "stands still within each epoch. One cycle wants one step per batch.",
    ),
    Mistake(
        "planned for epochs, with the momentum",
        partial(loop, planned=lambda epochs, batches: epochs),
        "Two things: the plan counts epochs, so the rate stands still within each of them; and "
        "the momentum that nobody asked for is still there.",
    ),
    Mistake(
        "steps before the update",
        partial(loop, once_per="update", early=True, cycle_momentum=False),
        "Every rate comes one update early: the scheduler steps before the rate is noted and "
        "used. First note, then update, then step the scheduler.",
    ),
    Mistake(
        "a constant momentum",
        partial(loop, once_per="update", momentum=0.9, cycle_momentum=False),
        "The clock is right, and the momentum stands still. But it stands at 0.9, and the recipe "
        "asks for plain SGD: no momentum at all.",
    ),
    Mistake(
        "one step too many is planned",
        partial(loop, once_per="update", planned=lambda e, b: e * b + 1, cycle_momentum=False),
        "You planned one step more than there are updates. total_steps is the number of updates, "
        "epochs * batches; PyTorch subtracts the one itself.",
    ),
    Mistake(
        "three phases",
        partial(loop, once_per="update", cycle_momentum=False, three_phase=True),
        "The clock and the momentum are right, but three_phase=True is another curve. The recipe "
        "asks for the default, with two phases.",
    ),
    Mistake(
        "straight lines",
        partial(loop, once_per="update", cycle_momentum=False, anneal_strategy="linear"),
        "The clock and the momentum are right, but anneal_strategy shapes both sides of the peak. "
        "The recipe asks for the default, half cosines.",
    ),
    Mistake(
        "stopped by an error",  # any ValueError of the first case is called so
        partial(loop, once_per="update", planned=lambda e, b: e, cycle_momentum=False),
        'Read what it says. "Tried to step" means more calls of scheduler.step() than '
        "total_steps: both are the number of updates, epochs * batches.",
    ),
    Mistake(
        "the momentum at the peak alone",
        partial(loop, once_per="update", base_momentum=0),
        "base_momentum is what the momentum goes down to at the peak. It still starts at "
        "max_momentum, 0.95: forbid it with cycle_momentum=False.",
    ),
    Mistake(
        "the momentum at the start alone",
        partial(loop, once_per="update", max_momentum=0),
        "max_momentum is where the momentum starts and ends. At the peak it is base_momentum, "
        "0.85: forbid it with cycle_momentum=False.",
    ),
    Mistake(
        "one step too many, with the momentum",
        partial(loop, once_per="update", planned=lambda e, b: e * b + 1),
        "Two things: total_steps is the number of updates, epochs * batches, and no more. And the "
        "momentum that nobody asked for is still there.",
    ),
    Mistake(
        "the log is repaired, and not the momentum",
        partial(loop, once_per="update", notes=lambda group: group["lr"]),
        "You changed the line that notes, so the log looks right. The updates still use a "
        "momentum between 0.85 and 0.95: forbid it with cycle_momentum=False.",
    ),
    Mistake(
        "the log is repaired, and nothing else",
        partial(loop, notes=lambda group: group["lr"]),
        "You changed the line that notes. The momentum is still there, and scheduler.step() still "
        "runs once per epoch: repair these two.",
    ),
    Mistake(
        "the momentum is set to 0 once",
        partial(loop, once_per="update", stopped_once=True),
        "The first update has no momentum. But each scheduler.step() writes it again, so all "
        "others have it: forbid it with cycle_momentum=False.",
    ),
    Mistake(
        "steps between noting and updating",
        partial(loop, once_per="update", between=True, cycle_momentum=False),
        "Your log looks right, but scheduler.step() changes the rate before the update uses it. "
        "First note, then update, then step the scheduler.",
    ),
)

# 07.5 -----------------------------------------------------------------------------------------


def range_numbers(rng: np.random.Generator) -> dict[str, Any]:
    """Up to which rate the network trains, and the seed of the noise."""
    return {
        "limit": float(rng.choice([0.3, 0.4, 0.5, 0.6, 0.7])),
        "noise": int(rng.integers(0, 1000)),
    }


def chosen_rates(limit: float, noise: int) -> dict[str, Within]:
    """The highest rate that still trains, and a third to a quarter of it"""
    return {
        "peak_lr": Within(0.85 * limit, 1.08 * limit),
        "min_lr": Within(0.85 * limit / 4, 1.08 * limit / 3),
    }


RANGE_MISTAKES = (
    Mistake(
        "the end of the test",
        lambda limit, noise: {"peak_lr": HIGHEST_TRIED},
        "That is where the test ended. By then the network had long stopped training: the "
        "accuracy is at guessing. Take the last rate before it breaks down.",
    ),
    Mistake(
        "where all is lost",
        lambda limit, noise: {"peak_lr": limit + 0.1},
        "There the accuracy is already down at guessing. Take the last rate before it breaks down.",
    ),
    Mistake(
        "an accuracy in place of a rate",
        lambda limit, noise: {"peak_lr": 0.85},
        "That is the height of the curve, an accuracy. The rate stands below it, on the axis from "
        "left to right.",
    ),
    Mistake(
        "where the curve has just risen",
        lambda limit, noise: {"peak_lr": 0.1},
        "There the curve has just risen, but the network goes on training at far higher rates. "
        "Smith takes the highest rate that still trains.",
    ),
    Mistake(
        "a tenth of the highest",
        lambda limit, noise: {"peak_lr": limit / 10},
        "You left a margin of ten. Smith takes the highest rate that still trains as the top of "
        "the triangle.",
    ),
    Mistake(
        "half of the highest",
        lambda limit, noise: {"peak_lr": limit / 2},
        "The network still trains at twice that rate. The top of the triangle is the highest rate "
        "that still trains.",
    ),
    Mistake(
        "peak / 25 at the bottom",
        lambda limit, noise: {"min_lr": limit / 25},
        "A 25th is where PyTorch's one cycle starts. The triangles of Smith go down to a third or "
        "a quarter of the peak.",
    ),
    Mistake(
        "a tenth at the bottom",
        lambda limit, noise: {"min_lr": limit / 10},
        "A tenth is lower than Smith goes: his triangles swing between the peak and a third or a "
        "quarter of it.",
    ),
    Mistake(
        "half at the bottom",
        lambda limit, noise: {"min_lr": limit / 2},
        "Half of the peak is higher than Smith's bottom: a third or a quarter of the peak.",
    ),
    Mistake(
        "zero at the bottom",
        lambda limit, noise: {"min_lr": 0},
        "At the rate 0 nothing is trained. Smith's triangles go down to a third or a quarter of "
        "the peak.",
    ),
    Mistake(
        "the bottom is as high as the top",
        lambda limit, noise: {"min_lr": limit},
        "That is the top. The bottom of the triangles is a third or a quarter of it.",
    ),
    Mistake(
        "high, but not the highest",
        lambda limit, noise: {"peak_lr": Within(0.12, 0.84 * limit)},
        "There the accuracy is good, and perhaps at its best. But the network still trains at "
        "higher rates, and Smith takes the highest.",
    ),
)

# 07.6 -----------------------------------------------------------------------------------------

ALLOWED = choice(
    "07.6",
    "What may you conclude?",
    right="b",
    feedback={
        "a": "The rival was a constant rate, which stays on its noise floor. Against a cosine of "
        "the same budget one cycle had no advantage worth having in the lesson.",
        "c": "The report did not vary the momentum. In the lesson a moving momentum brought no "
        "gain worth having at the best peak; it worked like a lower peak.",
        "d": "The report did not vary the regularisation. In the lesson a high rate fitted new "
        "data better without any cycle, and why it does is disputed.",
    },
    hints=(
        "Fewer epochs than what? And what do one cycle and a cosine have in common?",
        "The two runs differ in many things: a rise, a moving momentum, a high rate, a fall. "
        "Which sentence claims least?",
    ),
)

# ----------------------------------------------------------------------------------------------

TASKS = (
    FunctionTask(
        id="07.1",
        title="Triangles that shrink",
        kind="implement",
        minutes=7,
        difficulty=1,
        points=2,
        reference=triangles,
        cases=triangle_cases,
        also_right=TRIANGLE_RIGHT,
        mistakes=TRIANGLE_MISTAKES,
        hints=(
            "Two numbers first: how many whole cycles are over, and how long has this one lasted?",
            "k = t // (2 * up_steps) and tau = t % (2 * up_steps). The triangle is the lower of "
            "tau / up_steps and (2 * up_steps - tau) / up_steps.",
            "Only the height, peak_lr - min_lr, is multiplied by cycle_gamma**k. min_lr is added "
            "after that.",
        ),
    ),
    FunctionTask(
        id="07.2",
        title="One cycle, rate and momentum",
        kind="implement",
        minutes=10,
        difficulty=3,
        points=4,
        reference=one_cycle,
        cases=one_cycle_cases,
        also_right=ONE_CYCLE_RIGHT,
        mistakes=ONE_CYCLE_MISTAKES,
        harness=one_curve,
        hints=(
            "Write a number that goes from 0 to 1 on the rise, and one that goes from 1 to 0 on "
            "the fall: half a cosine each.",
            "The rate is a foot plus (peak - foot) times that number. The foot is start_lr on the "
            "rise and min_lr on the fall.",
            "The momentum is 0.95 minus 0.1 times the same number. After the end the share of the "
            "fall is min(..., 1).",
        ),
    ),
    ValuesTask(
        id="07.3",
        title="What will PyTorch do?",
        kind="predict",
        minutes=7,
        difficulty=2,
        points=3,
        draw=cycle_numbers,
        answers=cycle_facts,
        mistakes=CYCLE_MISTAKES,
        rtol=1e-3,
        hints=(
            "max_lr is the peak. div_factor leads from the peak to the first rate, and "
            "final_div_factor from the first rate to the last.",
            "PyTorch counts the steps between the updates: the peak is at pN - 1. For three phases "
            "one has to ask.",
            "The effective rate is η/(1 - m). On the rise η grows div_factor times, and 1 - m "
            "grows from 0.05 to 0.15.",
        ),
    ),
    FunctionTask(
        id="07.4",
        title="A cycle that never leaves the ground",
        kind="repair",
        minutes=8,
        difficulty=2,
        points=3,
        reference=train,
        cases=train_cases,
        harness=noted_or_used_effectively,
        driver="lrcourse.handouts.loops:noted_or_used_effectively",
        also_right=TRAIN_RIGHT,
        mistakes=TRAIN_MISTAKES,
        untouched=loop,
        hints=(
            "total_steps is epochs * batches. How often is scheduler.step() called?",
            "Which momentum does the optimizer have before the first update? Print it.",
            "Move scheduler.step() into the inner loop, and give OneCycleLR cycle_momentum=False.",
        ),
    ),
    ValuesTask(
        id="07.5",
        title="How high, and how low?",
        kind="read a curve",
        minutes=5,
        difficulty=1,
        points=2,
        draw=range_numbers,
        answers=chosen_rates,
        mistakes=RANGE_MISTAKES,
        rtol=0.03,
        hints=(
            "The network still trains where the curve is high. At which rate is that over?",
            "The lowest rate is a third or a quarter of the highest.",
        ),
    ),
    ALLOWED,
)
