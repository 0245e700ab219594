"""Section 06, warmup: six tasks, their right answers and the wrong ones we recognise."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.optim.lr_scheduler import LambdaLR

from lrcourse.schedules import (
    CosineDecay,
    CosineWarmup,
    ExponentialWarmup,
    LinearWarmup,
    WarmupCosine,
)
from lrcourse.tasks.base import Case, FunctionTask, Mistake, ValuesTask, Within, choice, one_of

# 06.1 -----------------------------------------------------------------------------------------

LIMITS = {"cell": 20.0, "cpu": 40.0, "wall": 60.0}  # seconds; the cell of task 06.4 trains for 4

SHAPES = ("linear", "cosine", "exponential")


def three_warmups(
    t: int, peak_lr: float, warmup_steps: int, time_constant: float
) -> tuple[float, float, float]:
    """η_peak times x, ½(1 - cos πx) and (1 - e^(-xW/τ))/(1 - e^(-W/τ)), with x = min(t/W, 1)"""
    x = min(t / warmup_steps, 1)
    linear = peak_lr * x
    cosine = peak_lr * (1 - math.cos(math.pi * x)) / 2
    height = 1 - math.exp(-warmup_steps / time_constant)
    exponential = peak_lr * (1 - math.exp(-x * warmup_steps / time_constant)) / height
    return linear, cosine, exponential


def one_shape(
    answer: Callable[..., Any], shape: str, peak_lr: float, warmup_steps: int, time_constant: float
) -> list[Any]:
    """The rates of one of the three shapes, during the warmup and ten updates longer."""
    pick, asked = (
        (SHAPES.index(shape), len(SHAPES)),
        "three rates: return linear, cosine, exponential",
    )
    times = range(warmup_steps + 10)
    return one_of(pick, asked, answer, times, peak_lr, warmup_steps, time_constant)


def three_cases(rng: np.random.Generator) -> list[Case]:
    """Each shape by itself, so that the picture shows the one that is wrong."""
    numbers = [{"peak_lr": 1.0, "warmup_steps": 20, "time_constant": 10}]
    for _ in range(2):
        warmup_steps = int(rng.integers(12, 40))
        numbers.append(
            {
                "peak_lr": round(rng.uniform(0.05, 2.0), 3),
                "warmup_steps": warmup_steps,
                "time_constant": int(rng.integers(4, warmup_steps // 2)),
            }
        )
    return [Case({"shape": shape, **each}) for each in numbers for shape in SHAPES]


Share = Callable[[int, int, float], float]  # of the peak, from t, W and τ


def _linear(t: int, W: int, tau: float) -> float:
    return min(t / W, 1)


def _cosine(t: int, W: int, tau: float) -> float:
    return (1 - math.cos(math.pi * min(t / W, 1))) / 2


def _exponential(t: int, W: int, tau: float) -> float:
    return (1 - math.exp(-min(t, W) / tau)) / (1 - math.exp(-W / tau))


def _three(
    linear: Share = _linear, cosine: Share = _cosine, exponential: Share = _exponential
) -> Callable[..., Any]:
    """An answer with these shapes; the others are right."""
    return lambda t, peak, W, tau: [
        peak * share(t, W, tau) for share in (linear, cosine, exponential)
    ]


def _at(t_of: Callable[[int, int], float]) -> Callable[..., Any]:
    """All three shapes at another time."""
    return lambda t, peak, W, tau: [
        peak * share(t_of(t, W), W, tau)  # type: ignore[arg-type]
        for share in (_linear, _cosine, _exponential)
    ]


def _in_torch(t: int, peak_lr: float, warmup_steps: int, time_constant: float) -> list[Any]:
    x = torch.clamp(torch.tensor(t / warmup_steps, dtype=torch.float64), max=1)
    rise = -torch.expm1(-x * warmup_steps / time_constant)
    return [
        peak_lr * x,
        peak_lr * torch.sin(math.pi * x / 2) ** 2,
        peak_lr * rise / -math.expm1(-warmup_steps / time_constant),
    ]


def _by_cases(t: int, peak_lr: float, warmup_steps: int, time_constant: float) -> list[float]:
    if t >= warmup_steps:
        return [peak_lr] * 3
    return [
        peak_lr * t / warmup_steps,
        peak_lr * 0.5 * (1 - np.cos(np.pi * t / warmup_steps)),
        peak_lr * (1 - np.exp(-t / time_constant)) / (1 - np.exp(-warmup_steps / time_constant)),
    ]


THREE_RIGHT = (
    _in_torch,
    _by_cases,
    lambda t, peak_lr, warmup_steps, time_constant: np.array(
        [
            LinearWarmup(peak_lr, warmup_steps)(t),
            CosineWarmup(peak_lr, warmup_steps)(t),
            ExponentialWarmup(peak_lr, warmup_steps, time_constant)(t),
        ]
    ),
)


def _unfinished(t: int, W: int, tau: float) -> float:
    return 1 - math.exp(-min(t, W) / tau)


THREE_MISTAKES = (
    Mistake(
        "the exponential is not divided, and jumps at W",
        _three(exponential=lambda t, W, tau: _unfinished(t, W, tau) if t < W else 1),
        "1 - e^(-t/τ) does not arrive at 1 when the warmup is over, so your rate jumps at t = W. "
        "Divide it by what it reaches there: 1 - e^(-W/τ).",
    ),
    Mistake(
        "the exponential is not divided, and stays below the peak",
        _three(exponential=_unfinished),
        "1 - e^(-t/τ) never arrives at 1, so the peak is never reached. Divide it by what it "
        "reaches at t = W: 1 - e^(-W/τ).",
    ),
    Mistake(
        "the exponential is not divided and goes on",
        _three(exponential=lambda t, W, tau: 1 - math.exp(-t / tau)),
        "That is a warmup without an end. Here it has to arrive at t = W: divide by 1 - e^(-W/τ), "
        "and stay at the peak from there on.",
    ),
    Mistake(
        "W in place of τ",
        _three(exponential=lambda t, W, tau: _exponential(t, W, W)),
        "Your exponential bends with W. How soon it bends is told by the time constant τ.",
    ),
    Mistake(
        "the exponential falls",
        _three(exponential=lambda t, W, tau: math.exp(-min(t, W) / tau)),
        "e^(-t/τ) falls from 1; that is a decay. The warmup is what is missing to 1: 1 - e^(-t/τ).",
    ),
    Mistake(
        "no end of the rise",
        lambda t, peak, W, tau: [
            peak * t / W,
            peak * (1 - math.cos(math.pi * t / W)) / 2,
            peak * (1 - math.exp(-t / tau)) / (1 - math.exp(-W / tau)),
        ],
        "After t = W your rates do not stay at the peak: the straight line climbs on and the "
        "cosine comes down. Use x = min(t/W, 1) in all three.",
    ),
    Mistake(
        "the straight line does not end",
        _three(linear=lambda t, W, tau: t / W),
        "Your straight line climbs on after t = W, above the peak. Stop it with min(t/W, 1).",
    ),
    Mistake(
        "the cosine comes down again after W",
        _three(cosine=lambda t, W, tau: (1 - math.cos(math.pi * t / W)) / 2),
        "After t = W your cosine comes down again. Stop the share at 1 first: x = min(t/W, 1).",
    ),
    Mistake(
        "the cosine falls",
        _three(cosine=lambda t, W, tau: (1 + math.cos(math.pi * min(t / W, 1))) / 2),
        "½(1 + cos πx) is the cosine decay, from 1 down to 0. The rise has a minus: ½(1 - cos πx).",
    ),
    Mistake(
        "the cosine without the half",
        _three(cosine=lambda t, W, tau: 1 - math.cos(math.pi * min(t / W, 1))),
        "1 - cos πx goes from 0 to 2, so your rate ends at twice the peak. Take half of it.",
    ),
    Mistake(
        "a whole wave of the cosine",
        _three(cosine=lambda t, W, tau: (1 - math.cos(2 * math.pi * min(t / W, 1))) / 2),
        "2πx is a whole wave: up in the first half of the warmup and down again. The rise is half "
        "a wave, πx.",
    ),
    Mistake(
        "a quarter of a wave",
        _three(cosine=lambda t, W, tau: 1 - math.cos(math.pi * min(t / W, 1) / 2)),
        "1 - cos(πx/2) begins slowly but ends steeply. The S that is slow at both ends is "
        "½(1 - cos πx).",
    ),
    Mistake(
        "degrees in place of radians",
        _three(cosine=lambda t, W, tau: (1 - math.cos(180 * min(t / W, 1))) / 2),
        "math.cos wants radians: half a wave is π, not 180.",
    ),
    Mistake(
        "counts from one",
        _at(lambda t, W: t + 1),
        "All your rates come one update early: you used (t + 1)/W. That wastes no update, but this "
        "task asks for t/W, which starts at zero.",
    ),
    Mistake(
        "the peak comes one update late",
        _at(lambda t, W: t * W / (W + 1)),
        "You divide by W + 1, so at t = W the peak is not reached. Update W is the first at the "
        "peak: divide by W.",
    ),
    Mistake(
        "the peak comes one update early",
        _at(lambda t, W: t * W / (W - 1)),
        "You divide by W - 1, so the peak comes at t = W - 1. Update W is the first at the peak.",
    ),
    Mistake(
        "shares in place of rates",
        lambda t, peak, W, tau: [
            _linear(t, W, tau),
            _cosine(t, W, tau),
            _exponential(t, W, tau),
        ],
        "Those are the shares of the peak, right at a peak of 1 only. Multiply each by peak_lr.",
    ),
    Mistake(
        "cosine and exponential in each other's place",
        lambda t, peak, W, tau: [
            peak * share(t, W, tau) for share in (_linear, _exponential, _cosine)
        ],
        "The second and the third rate stand in each other's place. The order is linear, cosine, "
        "exponential.",
    ),
    Mistake(
        "τ taken as a share of the warmup",
        _three(exponential=lambda t, W, tau: _exponential(min(t, W), W, W * tau)),
        "You divided x by τ. τ is a number of updates, so t is divided by it: the exponent is "
        "-t/τ, or -xW/τ.",
    ),
    Mistake(
        "divided by e^(-W/τ)",
        _three(
            exponential=lambda t, W, tau: (
                _unfinished(t, W, tau) / math.exp(-W / tau) if t < W else 1
            )
        ),
        "You divided by e^(-W/τ), which is tiny. What the curve reaches at t = W is 1 - e^(-W/τ).",
    ),
    Mistake(
        "a sine for the cosine",
        _three(cosine=lambda t, W, tau: math.sin(math.pi * min(t / W, 1) / 2)),
        "sin(πx/2) starts steeply and is flat at its end only. The S that is slow at both ends is "
        "½(1 - cos πx).",
    ),
    Mistake(
        "the exponential climbs over the peak",
        _three(exponential=lambda t, W, tau: (1 - math.exp(-t / tau)) / _unfinished(W, W, tau)),
        "Up to t = W all is right. Then your exponential climbs on, above the peak: stop t at W "
        "first, min(t, W).",
    ),
    Mistake(
        "the exponential bends the other way",
        _three(exponential=lambda t, W, tau: math.expm1(min(t, W) / tau) / math.expm1(W / tau)),
        "Your exponential starts slowly and ends steeply. This one is steep first: 1 - e^(-t/τ), "
        "with a minus in the exponent.",
    ),
    Mistake(
        "W in place of τ, and a jump at W",
        _three(exponential=lambda t, W, tau: _unfinished(t, W, W) if t < W else 1),
        "1 - e^(-t/W) is at 63% of the peak when the warmup is over, and then your rate jumps. "
        "Use the τ that is given, and divide by what the curve reaches: 1 - e^(-W/τ).",
    ),
    Mistake(
        "no end of the rise, and the exponential is not divided",
        _three(
            lambda t, W, tau: t / W,
            lambda t, W, tau: (1 - math.cos(math.pi * t / W)) / 2,
            lambda t, W, tau: 1 - math.exp(-t / tau),
        ),
        "Two things. After t = W all three stay at the peak: use x = min(t/W, 1). And the "
        "exponential arrives there only if it is divided by 1 - e^(-W/τ).",
    ),
    Mistake(
        "the straight line is a share",
        lambda t, peak, W, tau: [_linear(t, W, tau), *_three()(t, peak, W, tau)[1:]],
        "Your straight line goes up to 1. That is a share of the peak: multiply it by peak_lr, "
        "like the other two.",
    ),
)

# 06.2 -----------------------------------------------------------------------------------------


def warmup_cosine(t: int, peak_lr: float, min_lr: float, warmup_steps: int, steps: int) -> float:
    """η_peak t/W before W;  η_min + ½(η_peak - η_min)(1 + cos πp), p = (t - W)/(T - W);  η_min"""
    if t >= steps:
        return min_lr
    if t < warmup_steps:
        return peak_lr * t / warmup_steps
    p = (t - warmup_steps) / (steps - warmup_steps)
    return min_lr + (peak_lr - min_lr) * (1 + math.cos(math.pi * p)) / 2


def warmup_cosine_cases(rng: np.random.Generator) -> list[Case]:
    """Plain numbers, then numbers of any size, then no warmup, and nothing but a warmup."""
    simple = {"peak_lr": 1.0, "min_lr": 0.1, "warmup_steps": 10, "steps": 50}
    drawn = [_warmup_cosine_arguments(rng) for _ in range(2)]
    without = {**_warmup_cosine_arguments(rng), "warmup_steps": 0}
    nothing_else = {"peak_lr": 0.5, "min_lr": 0.05, "warmup_steps": 20, "steps": 20}
    return [
        Case(each, range(each["steps"] + 25)) for each in (simple, *drawn, without, nothing_else)
    ]


def _warmup_cosine_arguments(rng: np.random.Generator) -> dict[str, Any]:
    peak_lr, warmup_steps = round(rng.uniform(0.2, 2.0), 3), int(rng.integers(3, 20))
    return {
        "peak_lr": peak_lr,
        "min_lr": round(peak_lr * rng.uniform(0.05, 0.3), 4),
        "warmup_steps": warmup_steps,
        "steps": warmup_steps + int(rng.integers(25, 50)),
    }


def _by_library(t: int, peak_lr: float, min_lr: float, warmup_steps: int, steps: int) -> Any:
    if t >= steps:
        return min_lr
    if warmup_steps == 0:
        return CosineDecay(peak_lr, steps, min_lr)(t)
    if warmup_steps == steps:
        return LinearWarmup(peak_lr, warmup_steps)(t)
    return WarmupCosine(peak_lr, warmup_steps, steps, min_lr=min_lr)(t)


def _in_numpy(t: int, peak_lr: float, min_lr: float, warmup_steps: int, steps: int) -> Any:
    p = np.clip((t - warmup_steps) / max(steps - warmup_steps, 1), 0, 1)
    if t >= steps:
        p = 1.0
    fall = min_lr + (peak_lr - min_lr) * np.cos(np.pi * p / 2) ** 2
    return np.where((t < warmup_steps) & (t < steps), peak_lr * t / max(warmup_steps, 1), fall)


def _in_torch_cosine(t: int, peak_lr: float, min_lr: float, warmup_steps: int, steps: int) -> Any:
    if warmup_steps > t:
        return torch.tensor(peak_lr, dtype=torch.float64) / warmup_steps * t
    p = 1.0 if t >= steps else (t - warmup_steps) / (steps - warmup_steps)
    return torch.lerp(
        torch.tensor(min_lr, dtype=torch.float64),
        torch.tensor(peak_lr, dtype=torch.float64),
        0.5 + 0.5 * torch.cos(torch.tensor(math.pi * p, dtype=torch.float64)),
    )


WARMUP_COSINE_RIGHT = (_by_library, _in_numpy, _in_torch_cosine)


def _varied(
    *,
    rise: Callable[..., float] = lambda t, W: t / W,
    p: Callable[..., float] = lambda t, W, T: (t - W) / (T - W),
    fall: Callable[..., float] = lambda peak, low, c: low + (peak - low) * c,
    shape: Callable[[float], float] = lambda p: (1 + math.cos(math.pi * p)) / 2,
    end: Callable[..., float] = lambda peak, low: low,
) -> Callable[..., Any]:
    """warmup_cosine with one of its parts replaced."""

    def answer(t: int, peak: float, low: float, W: int, T: int) -> float:
        if t >= T:
            return end(peak, low)
        if t < W:
            return peak * rise(t, W)
        return fall(peak, low, shape(min(p(t, W, T), 1)))

    return answer


def _climbing(t: int, peak: float, low: float, W: int, T: int) -> float:
    if t < W:
        return peak * t / W
    if T == W:
        return low
    return low + (peak - low) * (1 + math.cos(math.pi * (t - W) / (T - W))) / 2


def _late_end(t: int, peak: float, low: float, W: int, T: int) -> float:
    if t < W:
        return peak * t / W
    return low + (peak - low) * (1 + math.cos(math.pi * min((t - W) / T, 1))) / 2


def _never_at_the_end(t: int, peak: float, low: float, W: int, T: int) -> float:
    if t < W:
        return peak * t / W
    return low + (peak - low) * (1 + math.cos(math.pi * min((t - W) / max(T - W, 1), 1))) / 2


def _climbing_also_without_decay(t: int, peak: float, low: float, W: int, T: int) -> float:
    if t < W:
        return peak * t / W
    return low + (peak - low) * (1 + math.cos(math.pi * (t - W) / max(T - W, 1))) / 2


def _product(t: int, peak: float, low: float, W: int, T: int) -> float:
    fall = low + (peak - low) * (1 + math.cos(math.pi * min(t / T, 1))) / 2
    return fall * min(t / W, 1) if W else fall


def _from_the_floor(t: int, peak: float, low: float, W: int, T: int) -> float:
    if t < W and t < T:
        return low + (peak - low) * t / W
    return warmup_cosine(t, peak, low, W, T)


def _asks_for_no_warmup(t: int, peak: float, low: float, W: int, T: int) -> float:
    if t <= W:
        return peak * t / W
    return warmup_cosine(t, peak, low, W, T)


def _asks_for_no_decay(t: int, peak: float, low: float, W: int, T: int) -> float:
    if t < W or W == t > 0:
        return peak * t / W
    p = min((t - W) / (T - W), 1)
    return low + (peak - low) * (1 + math.cos(math.pi * p)) / 2


WARMUP_COSINE_MISTAKES = (
    Mistake(
        "the cosine is measured from 0",
        _varied(p=lambda t, W, T: t / T),
        "p = t/T counts the warmup as decay, so the rate jumps down at t = W. The share of the "
        "decay counts from W: p = (t - W)/(T - W).",
    ),
    Mistake(
        "the decay is over at T - W",
        _varied(p=lambda t, W, T: t / (T - W) if T > W else 1),
        "t/(T - W) has the right length but begins at 0, so the rate jumps at t = W and the decay "
        "is over at T - W. Subtract W above, too.",
    ),
    Mistake(
        "the decay is over at T + W",
        _late_end,
        "(t - W)/T takes T updates for the decay, so it ends at T + W. The warmup is a part of T: "
        "T - W updates are left.",
    ),
    Mistake(
        "the decay would be over at T + W, and is cut at T",
        _varied(p=lambda t, W, T: (t - W) / T),
        "(t - W)/T plans T updates for the decay, but only T - W are left, so your rate jumps "
        "down to the floor at t = T. Divide by T - W.",
    ),
    Mistake(
        "climbs after T",
        _climbing,
        "After t = T the cosine climbs again. Clamp the share, p = min(p, 1), or give the floor "
        "from T on.",
    ),
    Mistake(
        "max(1, T - W)",
        _never_at_the_end,
        "It is all right but for W = T: there your rate at t = T is the peak. The task asks for "
        "the floor from t = T on, whatever W is: ask for t >= T first.",
    ),
    Mistake(
        "no floor",
        _varied(fall=lambda peak, low, c: peak * c, end=lambda peak, low: 0.0),
        "Your rate falls to 0. It has to end at the floor: η_min + ½(η_peak - η_min)(1 + cos πp).",
    ),
    Mistake(
        "the floor only after the end",
        _varied(fall=lambda peak, low, c: peak * c),
        "Your cosine falls towards 0 and jumps up to the floor at t = T. It has to fall from the "
        "peak to the floor: η_min + ½(η_peak - η_min)(1 + cos πp).",
    ),
    Mistake(
        "zero after the end",
        _varied(end=lambda peak, low: 0.0),
        "From t = T on the rate keeps the floor η_min; yours drops to 0.",
    ),
    Mistake(
        "the floor is added to the whole cosine",
        _varied(fall=lambda peak, low, c: low + peak * c),
        "η_min + η_peak starts above the peak. The cosine goes from the peak to the floor, so its "
        "height is η_peak - η_min.",
    ),
    Mistake(
        "the floor cuts the cosine off",
        _varied(fall=lambda peak, low, c: max(low, peak * c)),
        "max(η_min, ...) cuts the curve off and then holds still. The cosine itself should end at "
        "the floor: its height is η_peak - η_min.",
    ),
    Mistake(
        "the floor is a share of the peak",
        _varied(
            fall=lambda peak, low, c: peak * (low + (1 - low) * c),
            end=lambda peak, low: peak * low,
        ),
        "You took η_min as a share of the peak. Here it is a rate.",
    ),
    Mistake(
        "the warmup begins at the floor",
        _from_the_floor,
        "The floor belongs to the end of the decay. This warmup begins at 0: η_peak t/W.",
    ),
    Mistake(
        "the peak is never reached in the warmup",
        _varied(rise=lambda t, W: t / (W + 1)),
        "Your warmup divides by W + 1, so the rate jumps at t = W. Before W it is η_peak t/W.",
    ),
    Mistake(
        "the warmup counts from one",
        _varied(rise=lambda t, W: (t + 1) / W),
        "(t + 1)/W wastes no update, but it is at the peak at t = W - 1 and stays there for two "
        "updates. This task asks for t/W.",
    ),
    Mistake(
        "no update at the peak",
        _varied(p=lambda t, W, T: (t + 1 - W) / (T - W)),
        "Your decay begins one update early: at t = W the rate is already below the peak. At "
        "t = W the share p is 0.",
    ),
    Mistake(
        "two updates at the peak",
        _varied(p=lambda t, W, T: max(t - W - 1, 0) / (T - W)),
        "Your decay begins one update late. At t = W the share p is 0, and at t = W + 1 it is "
        "already 1/(T - W).",
    ),
    Mistake(
        "the decay lasts one update too long",
        _varied(p=lambda t, W, T: (t - W) / (T - W + 1)),
        "You divide by T - W + 1, so at t = T the decay is not over. Divide by T - W.",
    ),
    Mistake(
        "the decay is over one update early",
        _varied(p=lambda t, W, T: (t - W) / max(T - W - 1, 1)),
        "You divide by T - W - 1, so the floor comes at t = T - 1. Update T is the first at the "
        "floor: divide by T - W.",
    ),
    Mistake(
        "a whole wave",
        _varied(shape=lambda p: (1 + math.cos(2 * math.pi * p)) / 2),
        "2πp is a whole wave: down and up again before T. The decay is half a wave, πp.",
    ),
    Mistake(
        "a straight line down",
        _varied(shape=lambda p: 1 - p),
        "1 - p is the linear decay, as in BERT. Here it is ½(1 + cos πp).",
    ),
    Mistake(
        "the cosine without the half",
        _varied(shape=lambda p: 1 + math.cos(math.pi * p)),
        "1 + cos πp goes from 2 to 0, so your decay starts near twice the peak. Take half of it.",
    ),
    Mistake(
        "degrees in place of radians",
        _varied(shape=lambda p: (1 + math.cos(180 * p)) / 2),
        "math.cos wants radians: half a wave is π, not 180.",
    ),
    Mistake(
        "without a warmup the rate stays at the peak",
        lambda t, peak, low, W, T: warmup_cosine(t, peak, low, W, T) if W else peak,
        "With W = 0 you give the peak for ever. There is no warmup then, but the decay is still "
        "there: it begins at t = 0.",
    ),
    Mistake(
        "divides by W = 0",
        _asks_for_no_warmup,
        "With W = 0 there is no warmup, and your code still divides by W. Divide only where "
        "t < warmup_steps: with W = 0 that is never so.",
    ),
    Mistake(
        "divides by T - W = 0",
        _asks_for_no_decay,
        "With W = T there is no decay, and your code still divides by T - W. Ask for t >= steps "
        "first: there the rate is the floor.",
    ),
    Mistake(
        "a quarter of a wave",
        lambda t, peak, low, W, T: (
            low + (peak - low) * math.cos(math.pi / 2 * (t - W) / (T - W))
            if W <= t < T
            else warmup_cosine(t, peak, low, W, T)
        ),
        "cos(πp/2) is a quarter of a wave, which falls steepest at its end. Half a wave is flat "
        "at both ends: ½(1 + cos πp).",
    ),
    Mistake(
        "climbs after T, whatever stands around it",
        _climbing_also_without_decay,
        "After t = T the cosine climbs again, and a max(...) does not stop it. Clamp the share, "
        "p = min(p, 1). Or give the floor from T on: that also settles W = T.",
    ),
    Mistake(
        "the cosine rises",
        _varied(shape=lambda p: (1 - math.cos(math.pi * p)) / 2),
        "½(1 - cos πp) goes from 0 up to 1: at t = W your rate drops, and then it rises. The "
        "decay has a plus: ½(1 + cos πp).",
    ),
    Mistake(
        "warmup times cosine",
        _product,
        "You multiplied the two, so the cosine falls during the warmup already. They follow each "
        "other: the cosine begins at t = W.",
    ),
    Mistake(
        "a warmup of 1 where there is none",
        lambda t, peak, low, W, T: warmup_cosine(t, peak, low, max(W, 1), T),
        "With W = 0 you take W = 1, so the first update has the rate 0. No warmup means that "
        "update 0 is at the peak: divide by W only where t < W.",
    ),
    Mistake(
        "with W = T the rate stays at the peak",
        lambda t, peak, low, W, T: warmup_cosine(t, peak, peak if W == T else low, W, T),
        "There is no decay then, but from t = T on the rate is the floor, whatever W is: ask for "
        "t >= T first.",
    ),
    Mistake(
        "the floor is under the warmup, too",
        lambda t, peak, low, W, T: max(low, warmup_cosine(t, peak, low, W, T)),
        "max(η_min, ...) lifts the first updates, too. The floor belongs to the decay alone; this "
        "warmup begins at 0.",
    ),
)


# 06.3 -----------------------------------------------------------------------------------------


def train(epochs: int, batches: int, peak_lr: float, warmup_steps: int) -> list[float]:
    """η_peak (t + 1)/W before W, then η_peak (T - t)/(T - W): the rates that a loop really used"""
    steps = epochs * batches

    def multiplier(t: int) -> float:
        if t < warmup_steps:
            return (t + 1) / warmup_steps
        return (steps - t) / (steps - warmup_steps)

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = LambdaLR(optimizer, multiplier)
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()  # a real loop computes the loss and its gradient first
            scheduler.step()
    return rates


def rates_with(
    multiplier: Callable[[int], float],
    epochs: int,
    batches: int,
    peak_lr: float,
    once_per: str = "update",
) -> list[float]:
    """The same loop with another multiplier, and with scheduler.step() at either place."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = LambdaLR(optimizer, multiplier)
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if once_per == "update":
                scheduler.step()
        if once_per == "epoch":
            scheduler.step()
    return rates


def _loop(
    rise: Callable[[int, int], float], fall: Callable[[int, int, int], float], once_per: str
) -> Callable[..., list[float]]:
    """The loop with another multiplier: rise(t, W), fall(t, W, T)."""

    def answer(epochs: int, batches: int, peak_lr: float, W: int) -> list[float]:
        T = epochs * batches
        return rates_with(
            lambda t: rise(t, W) if t < W else fall(t, W, T), epochs, batches, peak_lr, once_per
        )

    return answer


def _from_one(t: int, W: int) -> float:
    return (t + 1) / W


def _line_down(t: int, W: int, T: int) -> float:
    return (T - t) / (T - W)


_wrong_loop = partial(_loop, once_per="update")
_as_handed_out = _wrong_loop(lambda t, W: t / W, lambda t, W, T: 1 - t / T)


def train_cases(rng: np.random.Generator) -> list[Case]:
    """Warmups within an epoch and longer than one, well before the end."""
    arguments = [{"epochs": 5, "batches": 8, "peak_lr": 1.0, "warmup_steps": 10}]
    for _ in range(2):
        batches = int(rng.integers(4, 9))
        arguments.append(
            {
                "epochs": 5,
                "batches": batches,
                "peak_lr": round(rng.uniform(0.05, 0.8), 3),
                "warmup_steps": int(rng.integers(4, 2 * batches)),
            }
        )
    return [Case(each) for each in arguments]


def _as_a_list(epochs: int, batches: int, peak_lr: float, warmup_steps: int) -> list[float]:
    T = epochs * batches
    up = [peak_lr * t / warmup_steps for t in range(1, warmup_steps + 1)]
    return up + [peak_lr * left / (T - warmup_steps) for left in range(T - warmup_steps, 0, -1)]


def _lower_of_two(epochs: int, batches: int, peak_lr: float, warmup_steps: int) -> np.ndarray:
    t, T = np.arange(epochs * batches), epochs * batches
    return peak_lr * np.minimum((t + 1) / warmup_steps, (T - t) / (T - warmup_steps))


def _by_torch(epochs: int, batches: int, peak_lr: float, warmup_steps: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    schedulers, T, W = torch.optim.lr_scheduler, epochs * batches, warmup_steps
    rise = schedulers.LinearLR(optimizer, start_factor=1 / W, total_iters=W - 1)
    fall = schedulers.LinearLR(optimizer, 1.0, end_factor=0.0, total_iters=T - W)
    both = schedulers.SequentialLR(optimizer, [rise, fall], milestones=[W])
    rates = []
    for _update in range(T):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        both.step()
    return rates


TRAIN_RIGHT = (_as_a_list, _lower_of_two, _by_torch)

TRAIN_MISTAKES = (
    Mistake(
        "only the first update is repaired",
        _wrong_loop(_from_one, lambda t, W, T: 1 - t / T),
        "No update is wasted any more, but at t = W the rate still jumps down: 1 - t/T counts the "
        "warmup as decay. From W on, T - W updates are there, and T - t of them are left.",
    ),
    Mistake(
        "only the hand-over is repaired",
        _wrong_loop(lambda t, W: t / W, _line_down),
        "The hand-over is right now, but the first update still has the rate 0 and trains nothing. "
        "Count from one: (t + 1)/W.",
    ),
    Mistake(
        "only the first update is lifted",
        _wrong_loop(lambda t, W: max(t, 1) / W, _line_down),
        "max(t, 1) gives two updates the same rate, 1/W. The whole rise has to come one update "
        "earlier: (t + 1)/W.",
    ),
    Mistake(
        "divides by W + 1",
        _wrong_loop(lambda t, W: (t + 1) / (W + 1), _line_down),
        "(t + 1)/(W + 1) is never zero, but it is at the peak one update later than the task asks. "
        "Update W - 1 is the first at the peak: divide by W.",
    ),
    Mistake(
        "the last update is wasted instead",
        _wrong_loop(_from_one, lambda t, W, T: (T - t - 1) / (T - W)),
        "Now the last update has the rate 0. The line down is at the peak at t = W and would be 0 "
        "at t = T, after the last update: (T - t)/(T - W).",
    ),
    Mistake(
        "the line down never arrives",
        _wrong_loop(_from_one, lambda t, W, T: 1 - (t - W) / T),
        "1 - (t - W)/T takes T updates to fall, but after the warmup only T - W are left. Divide "
        "by T - W.",
    ),
    Mistake(
        "the line down begins at 0",
        _wrong_loop(_from_one, lambda t, W, T: 1 - t / (T - W)),
        "t/(T - W) has the right length, but counts from 0: the rate jumps at the hand-over and "
        "is negative at the end. Count from W: (t - W)/(T - W).",
    ),
    Mistake(
        "the line goes up",
        _wrong_loop(_from_one, lambda t, W, T: (t - W) / (T - W)),
        "(t - W)/(T - W) is the share that is over, and it grows. The multiplier is what is left: "
        "1 minus that.",
    ),
    Mistake(
        "no decay",
        _wrong_loop(_from_one, lambda t, W, T: 1.0),
        "After the warmup your rate stays at the peak. The line down has to stay: from the peak "
        "at t = W to 0 at t = T.",
    ),
    Mistake(
        "the warmup counts epochs",
        _loop(_from_one, _line_down, "epoch"),
        "Your multiplier is right, but scheduler.step() runs once per epoch, so W counts epochs. "
        "W and T are updates here: the call belongs into the inner loop.",
    ),
    Mistake(
        "a rate in place of a multiplier",
        lambda epochs, batches, peak_lr, W: [
            peak_lr * rate for rate in train(epochs, batches, peak_lr, W)
        ],
        "LambdaLR multiplies the optimizer's rate by what your function gives. Give a share of the "
        "peak, 0 to 1, not a rate: the peak is in the optimizer already.",
    ),
    Mistake(
        "the line arrives at the last update",
        _wrong_loop(_from_one, lambda t, W, T: (T - 1 - t) / (T - 1 - W)),
        "Your line is 0 at t = T - 1, so the last update trains nothing. It would be 0 at t = T, "
        "one update after the last: (T - t)/(T - W).",
    ),
    Mistake(
        "the line begins at W - 1",
        _wrong_loop(_from_one, lambda t, W, T: (T - t) / (T - W + 1)),
        "Your line starts to fall at t = W - 1. The task asks for one that is at the peak at "
        "t = W: divide by T - W.",
    ),
    Mistake(
        "the rise goes one update too far",
        _wrong_loop(_from_one, lambda t, W, T: (t + 1) / W if t == W else _line_down(t, W, T)),
        "At t = W your rate is above the peak: the rise was used once too often. It ends at "
        "t = W - 1, so ask for t < warmup_steps.",
    ),
    Mistake(
        "the rise ends one update early",
        lambda epochs, batches, peak_lr, W: [
            peak_lr * (_from_one(t, W) if t + 1 < W else _line_down(t, W, epochs * batches))
            for t in range(epochs * batches)
        ],
        "At t = W - 1 your line down is used already, and there it lies above the peak. The rise "
        "has the updates 0 to W - 1: ask for t < warmup_steps.",
    ),
    Mistake(
        "divides by W - 1",
        _wrong_loop(lambda t, W: t / (W - 1), _line_down),
        "t/(W - 1) is at the peak at t = W - 1, but the first update still has the rate 0. Count "
        "from one: (t + 1)/W.",
    ),
    Mistake(
        "the line down begins at 0, and is cut off",
        _wrong_loop(_from_one, lambda t, W, T: max(0, 1 - t / (T - W))),
        "t/(T - W) has the right length, but counts from 0: the rate jumps at the hand-over and "
        "is 0 too soon. Count from W: (t - W)/(T - W).",
    ),
    Mistake(
        "t + 1 in both lines",
        _wrong_loop(_from_one, lambda t, W, T: 1 - (t + 1) / T),
        "Only the rise counts from one. And the line down still counts the warmup as decay, so "
        "the rate jumps at t = W. From W on, T - W updates are there, and T - t of them are left.",
    ),
    Mistake(
        "the first update is forgotten, and the line never arrives",
        _wrong_loop(lambda t, W: t / W, lambda t, W, T: 1 - (t - W) / T),
        "The jump is gone. But the first update still has the rate 0: count from one. And after "
        "the warmup only T - W updates are left: divide by T - W.",
    ),
)

# 06.4 -----------------------------------------------------------------------------------------


def updates_of_tokens(
    tokens: float, first_batch: float, full_batch: float, growth_tokens: float
) -> int:
    """The updates until n reaches `tokens`; each adds b(n) = b_0 + (B - b_0) min(n/R, 1) to n"""
    seen, updates = 0.0, 0
    while seen < tokens:
        seen += first_batch + (full_batch - first_batch) * min(seen / growth_tokens, 1)
        updates += 1
    return updates


def token_cases(rng: np.random.Generator) -> list[Case]:
    """A batch that stays, one that grows all the time, one that stops growing; then any."""
    same = {"tokens": 1_000_000, "first_batch": 400, "full_batch": 400, "growth_tokens": 50_000}
    growing = {
        "tokens": 1_000_000,
        "first_batch": 100,
        "full_batch": 1000,
        "growth_tokens": 2_000_000,
    }
    stops = {**growing, "growth_tokens": 300_000}
    return [Case(each) for each in (same, growing, stops, *(_tokens(rng, g) for g in (0.3, 3)))]


def _tokens(rng: np.random.Generator, growth: float) -> dict[str, Any]:
    """Numbers of which the growth takes about `growth` times the warmup."""
    first = int(rng.integers(100, 400))  # so large that a batch may be rounded
    full = first * int(rng.integers(8, 20))
    tokens = full * int(rng.integers(400, 900))
    return {
        "tokens": tokens,
        "first_batch": first,
        "full_batch": full,
        "growth_tokens": int(tokens * growth * rng.uniform(0.8, 1.2)),
    }


def _in_closed_form(
    tokens: float, first_batch: float, full_batch: float, growth_tokens: float
) -> float:
    grown = min(tokens, growth_tokens)
    slope = (full_batch - first_batch) / growth_tokens
    updates = math.log1p(slope * grown / first_batch) / slope if slope else grown / first_batch
    return updates + (tokens - grown) / full_batch


def _by_recursion(
    tokens: float, first_batch: float, full_batch: float, growth_tokens: float
) -> int:
    seen = [0.0]  # after 0, 1, 2, ... updates
    while seen[-1] < tokens:
        share = torch.clamp(torch.tensor(seen[-1] / growth_tokens, dtype=torch.float64), max=1)
        seen.append(seen[-1] + float(first_batch + (full_batch - first_batch) * share))
    return len(seen) - 1


def _by_integral(
    tokens: float, first_batch: float, full_batch: float, growth_tokens: float
) -> float:
    n = (np.arange(20_000) + 0.5) * tokens / 20_000
    batch = first_batch + (full_batch - first_batch) * np.minimum(n / growth_tokens, 1)
    return float(np.sum(tokens / 20_000 / batch))


def _in_whole_tokens(
    tokens: float, first_batch: float, full_batch: float, growth_tokens: float
) -> int:
    seen, updates = 0, 0
    while seen < tokens:
        share = min(seen / growth_tokens, 1)
        seen += int(first_batch + (full_batch - first_batch) * share)
        updates += 1
    return updates


TOKENS_RIGHT = (_in_closed_form, _by_recursion, _by_integral, _in_whole_tokens)


def _batch_after(tokens: float, first: float, full: float, growth: float) -> float:
    return first + (full - first) * min(tokens / growth, 1)


def _grows_for_ever(tokens: float, first: float, full: float, growth: float) -> int:
    seen, updates = 0.0, 0
    while seen < tokens:
        seen += first + (full - first) * seen / growth
        updates += 1
    return updates


def _grows_with_updates(tokens: float, first: float, full: float, growth: float) -> int:
    seen, updates = 0.0, 0
    while seen < tokens:
        seen += first + (full - first) * min(updates / growth, 1)
        updates += 1
    return updates


def _tokens_seen(tokens: float, first: float, full: float, growth: float) -> float:
    seen = 0.0
    while seen < tokens:
        seen += _batch_after(seen, first, full, growth)
    return seen


def _mean_of_each_stretch(tokens: float, first: float, full: float, growth: float) -> float:
    grown = min(tokens, growth)
    mean = (first + _batch_after(grown, first, full, growth)) / 2
    return grown / mean + (tokens - grown) / full


TOKENS_MISTAKES = (
    Mistake(
        "the batch never grows",
        lambda tokens, first, full, growth: tokens / first,
        "You divided by the first batch, so your count is too high. The batch grows with every "
        "update: add up what each update sees.",
    ),
    Mistake(
        "the batch is full from the start",
        lambda tokens, first, full, growth: tokens / full,
        "You divided by the full batch, so your count is too low: the early updates see far fewer "
        "tokens. Add up what each update sees.",
    ),
    Mistake(
        "the mean of the two batches",
        lambda tokens, first, full, growth: tokens / ((first + full) / 2),
        "The mean of the first and the full batch does not know how far the growth has come. Go "
        "update by update.",
    ),
    Mistake(
        "the mean of the batches at both ends",
        lambda tokens, first, full, growth: (
            tokens / ((first + _batch_after(tokens, first, full, growth)) / 2)
        ),
        "The mean of the batch at the start and at the end of the warmup is not what an update "
        "sees on average: most updates come while the batch is small. Go update by update.",
    ),
    Mistake(
        "the batch at the end of the warmup",
        lambda tokens, first, full, growth: tokens / _batch_after(tokens, first, full, growth),
        "You divided by the batch at the end of the warmup. The updates before it were smaller, "
        "so there are more of them. Go update by update.",
    ),
    Mistake(
        "the batch never stops growing",
        _grows_for_ever,
        "Your batch grows beyond the full one. The growth is over when growth_tokens are seen: "
        "min(seen / growth_tokens, 1).",
    ),
    Mistake(
        "the growth lasts as long as the warmup",
        lambda tokens, first, full, growth: updates_of_tokens(tokens, first, full, tokens),
        "You let the batch grow over the tokens of the warmup. The growth has a length of its own, "
        "growth_tokens.",
    ),
    Mistake(
        "the growth is added to the first batch",
        lambda tokens, first, full, growth: updates_of_tokens(tokens, first, first + full, growth),
        "Your batch ends at first_batch + full_batch. It grows from the one to the other, so what "
        "is added in the end is full_batch - first_batch.",
    ),
    Mistake(
        "millions of tokens taken for updates",
        lambda tokens, first, full, growth: tokens / 1e6,
        "A million tokens are no update: a unit was lost. Divide tokens by the tokens of a batch.",
    ),
    Mistake(
        "the growth counts updates",
        _grows_with_updates,
        "You divide the number of updates by growth_tokens. The batch grows with the tokens that "
        "were seen: seen / growth_tokens.",
    ),
    Mistake(
        "tokens in place of updates",
        _tokens_seen,
        "You return how many tokens were seen. Count the updates: one more in each turn of the "
        "loop.",
    ),
    Mistake(
        "until the batch is full",
        lambda tokens, first, full, growth: updates_of_tokens(growth, first, full, growth),
        "Your loop ends when the batch has grown. It should end when `tokens` tokens are seen.",
    ),
    Mistake(
        "the mean of each stretch",
        _mean_of_each_stretch,
        "You take the mean of the batch at both ends of the growth. But most updates come while "
        "the batch is small, so an update sees less than that on average. Go update by update.",
    ),
    Mistake(
        "returns within the loop",
        lambda tokens, first, full, growth: 1,
        "Only the first update is counted: your return stands inside the loop. Move it out to the "
        "level of the while.",
    ),
)

# 06.5 -----------------------------------------------------------------------------------------

# "More than half of eight networks learn", at seeds 0, 1000, 2000 and 3000. Peak 2: with W = 40
# there are 0, 1, 0, 0 of 8, with 80 there are 8, 7, 6, 8. Peak 2.5: with W = 80 there are
# 1, 1, 0, 1, with 120 there are 7, 7, 7, 8. Longer ones (to 280) have 7 or 8.
SHORTEST = {"at_2": 80, "at_2_5": 120}

SHORTEST_MISTAKES = (
    Mistake(
        "one length for both",
        lambda: {"at_2": 80, "at_2_5": 80},
        "80 updates are enough for a peak of 2. At 2.5 run them again: hardly a network learns. "
        "The higher the peak, the longer the warmup.",
    ),
    Mistake(
        "the longer one for both",
        lambda: {"at_2": 120, "at_2_5": 120},
        "120 updates are enough for both, but at a peak of 2 a shorter warmup already does it. "
        "Try the lengths from below.",
    ),
    Mistake(
        "the last length that fails",
        lambda: {"at_2": 40, "at_2_5": 80},
        "Those are the longest warmups with which most networks are still lost. The next length "
        "of the list is the first that rescues more than half.",
    ),
    Mistake(
        "the two in each other's place",
        lambda: {"at_2": 120, "at_2_5": 80},
        "The two numbers stand in each other's place: the higher peak needs the longer warmup.",
    ),
    Mistake(
        "waited for all eight",
        lambda: {"at_2_5": 160},
        "There all eight learn. The task asks for more than half, and a shorter warmup already "
        "gives that.",
    ),
    Mistake(
        "the longest of the list at 2.5",
        lambda: {"at_2_5": 200},
        "It rescues the networks, but the question is how short a warmup may be. Go through the "
        "list from below.",
    ),
    Mistake(
        "the lesson's length at 2.5",
        lambda: {"at_2_5": 100},
        "100 is not in the list. At this peak it rescues some networks and loses others; take the "
        "first length of the list with more than half.",
    ),
    Mistake(
        "the lesson's length at 2",
        lambda: {"at_2": 100},
        "100 updates do rescue these networks, as the lesson showed. But 100 is not in the list, "
        "and a shorter warmup of the list does it, too.",
    ),
    Mistake(
        "no warmup at a peak of 2",
        lambda: {"at_2": 0},
        "Without a warmup these networks are lost at a peak of 2. Learned means a training loss "
        "below 0.5 at the end; count the networks again.",
    ),
    Mistake(
        "longer than needed at a peak of 2",
        lambda: {"at_2": Within(130)},
        "So long a warmup rescues them, but the question is how short it may be. Go through the "
        "list from below.",
    ),
    Mistake(
        "no lengths of warmups",
        lambda: {"at_2": Within(1, 8), "at_2_5": Within(1, 8)},
        "The answers are warmups, in updates, as they stand in LENGTHS: not how many networks "
        "learn, nor places in the list.",
    ),
    Mistake(
        "too short at a peak of 2",
        lambda: {"at_2": 40},
        "With 40 updates the networks are still lost at a peak of 2. Go on to the first length "
        "of the list that gives more than 4.",
    ),
    Mistake(
        "too short at a peak of 2.5",
        lambda: {"at_2_5": Within(0, 90)},
        "After so short a warmup hardly a network learns at a peak of 2.5. Go on to the first "
        "length of the list that gives more than 4.",
    ),
)

# 06.6 -----------------------------------------------------------------------------------------

STANDS = choice(
    "06.6",
    "What stands after the experiments?",
    right="c",
    feedback={
        "a": "The small tanh network of the lesson has no BatchNorm, and a warmup decides whether "
        "it learns. So BatchNorm cannot be the general cause.",
        "b": "The clipped transformer stayed at the loss of guessing. Adam divides the gradient by "
        "its own size, so a shorter gradient does not make its first steps shorter.",
        "d": "The published shares lie far apart: BERT has one update in a hundred, ViT on "
        "ImageNet more than a tenth. Six percent is one fine-tuning of RoBERTa, not a rule.",
    },
    hints=(
        "Look for the experiment, or the table, that belongs to each sentence.",
        "Does the small tanh network have a BatchNorm? Did clipping save the transformer? Do the "
        "published warmups share a percentage?",
    ),
)

# ----------------------------------------------------------------------------------------------

TASKS = (
    FunctionTask(
        id="06.1",
        title="Three warmups",
        kind="implement",
        minutes=7,
        difficulty=1,
        points=3,
        reference=three_warmups,
        cases=three_cases,
        also_right=THREE_RIGHT,
        mistakes=THREE_MISTAKES,
        harness=one_shape,
        hints=(
            "Begin with the share of the way, x = min(t / warmup_steps, 1). From W on it stays 1.",
            "The cosine is ½(1 - cos πx). Test it in your head: x = 0 gives 0, x = 1 gives 1.",
            "1 - e^(-t/τ) reaches 1 - e^(-W/τ) at t = W. Divide by that, and use min(t, W) for t.",
        ),
    ),
    FunctionTask(
        id="06.2",
        title="Warmup, then cosine",
        kind="implement",
        minutes=9,
        difficulty=2,
        points=3,
        reference=warmup_cosine,
        cases=warmup_cosine_cases,
        also_right=WARMUP_COSINE_RIGHT,
        mistakes=WARMUP_COSINE_MISTAKES,
        hints=(
            "There are three stretches: before W, from W to T, and from T on. Which of them is the "
            "easiest to write first?",
            "Ask for t >= steps first and give back min_lr. Then W = T can divide by zero nowhere.",
            "In the middle p = (t - W) / (T - W), and the cosine goes from the peak to the floor: "
            "min_lr + (peak_lr - min_lr) * (1 + cos πp) / 2.",
        ),
    ),
    FunctionTask(
        id="06.3",
        title="An update that trains nothing",
        kind="repair",
        minutes=7,
        difficulty=2,
        points=3,
        reference=train,
        cases=train_cases,
        also_right=TRAIN_RIGHT,
        mistakes=TRAIN_MISTAKES,
        untouched=_as_handed_out,
        hints=(
            "Only the two lines that return need a change. What does each give at t = 0, W and T?",
            "The rise counts from one: at t = 0 it is 1/W, at t = W - 1 it is 1.",
            "After the warmup T - W updates are there. At time t, T - t of them are left.",
        ),
    ),
    FunctionTask(
        id="06.4",
        title="From tokens to updates",
        kind="compute",
        minutes=9,
        difficulty=3,
        points=3,
        reference=updates_of_tokens,
        cases=token_cases,
        also_right=TOKENS_RIGHT,
        mistakes=TOKENS_MISTAKES,
        rtol=0.01,
        hints=(
            "Play the training: keep how many tokens were seen, and count the updates.",
            "Each update adds one batch to what was seen. How large is the batch when n tokens "
            "were seen?",
            "In a while loop: add first_batch + (full_batch - first_batch) * "
            "min(seen / growth_tokens, 1) to what was seen, and 1 to the count.",
        ),
    ),
    ValuesTask(
        id="06.5",
        title="The shortest warmup that rescues",
        kind="experiment",
        minutes=8,
        difficulty=2,
        points=2,
        answers=lambda: SHORTEST,
        mistakes=SHORTEST_MISTAKES,
        hints=(
            "Call learned(2, W) for each W of the list, from below. Stop at the first that gives "
            "more than 4.",
            "At a peak of 2.5 begin where the peak of 2 ended.",
        ),
    ),
    STANDS,
)
