"""Section 11, recipes: six tasks, their right answers and the wrong ones we recognise."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from lrcourse.schedules import (
    Constant,
    CosineDecay,
    InverseSqrt,
    LinearDecay,
    LinearWarmup,
    Schedule,
    SqrtDecay,
    WarmupCosine,
    WarmupLinear,
    WarmupStableDecay,
)
from lrcourse.tasks.base import Case, FunctionTask, Mistake, ValuesTask, choice
from lrcourse.torch_scheduler import TorchScheduler

# 11.1 -----------------------------------------------------------------------------------------


def in_updates(
    tokens: float, sequences: int, sequence_length: int, warmup_steps: int
) -> list[float]:
    """[N / (B L), W B L / N]: all updates, and the share of them that is warmup"""
    batch = sequences * sequence_length
    updates = tokens / batch
    return [updates, warmup_steps / updates]


def in_updates_cases(rng: np.random.Generator) -> list[Case]:
    """Small round numbers, those of a large model, then any."""
    simple = _recipe_case(updates=1000, sequences=10, sequence_length=100, warmup_steps=50)
    llama = _recipe_case(500_000, sequences=1000, sequence_length=4000, warmup_steps=2000)
    return [simple, llama, *(_drawn_recipe(rng) for _ in range(4))]


def _drawn_recipe(rng: np.random.Generator) -> Case:
    updates = int(rng.integers(2000, 90_000))
    return _recipe_case(
        updates,
        sequences=int(rng.integers(30, 900)),
        sequence_length=int(rng.integers(100, 3000)),
        warmup_steps=int(updates * rng.uniform(0.01, 0.12)),
    )


def _recipe_case(updates: int, sequences: int, sequence_length: int, warmup_steps: int) -> Case:
    """The tokens are a whole number of batches, so that rounding decides nothing."""
    arguments = {
        "tokens": updates * sequences * sequence_length,
        "sequences": sequences,
        "sequence_length": sequence_length,
        "warmup_steps": warmup_steps,
    }
    return Case(arguments, places=("the number of updates", "the share"))


IN_UPDATES_RIGHT = (
    lambda tokens, sequences, sequence_length, warmup_steps: np.array(
        [
            tokens / sequences / sequence_length,
            warmup_steps * sequences * sequence_length / tokens,
        ]
    ),
    lambda tokens, sequences, sequence_length, warmup_steps: (
        tokens // (sequences * sequence_length),
        warmup_steps / (tokens // (sequences * sequence_length)),
    ),
)

IN_UPDATES_MISTAKES = (
    Mistake(
        "a batch of sequences, not of tokens",
        lambda tokens, sequences, length, warmup: [tokens / sequences, warmup * sequences / tokens],
        "You divided tokens by sequences. Both must count the same: a batch has "
        "sequences · sequence_length tokens.",
    ),
    Mistake(
        "one sequence for each update",
        lambda tokens, sequences, length, warmup: [tokens / length, warmup * length / tokens],
        "That is the number of sequences. One update sees a whole batch of them: divide by "
        "sequences, too.",
    ),
    Mistake(
        "the updates alone",
        lambda tokens, sequences, length, warmup: tokens / (sequences * length),
        "The number of updates is right. Return two numbers: the updates, and the share of them "
        "that is warmup.",
    ),
    Mistake(
        "the share in per cent",
        lambda tokens, sequences, length, warmup: [
            tokens / (sequences * length),
            100 * warmup * sequences * length / tokens,
        ],
        "The number of updates is right. The share is asked for as a part of 1: 0.05 where you "
        "gave 5.",
    ),
    Mistake(
        "the share upside down",
        lambda tokens, sequences, length, warmup: [
            tokens / (sequences * length),
            tokens / (sequences * length) / warmup,
        ],
        "The number of updates is right. The share is the part divided by the whole: warmup over "
        "all updates.",
    ),
    Mistake(
        "updates divided by tokens",
        lambda tokens, sequences, length, warmup: [tokens / (sequences * length), warmup / tokens],
        "The number of updates is right. For the share you divided updates by tokens, and that "
        "mixes two clocks: put the whole in updates, too.",
    ),
    Mistake(
        "the warmup beside the rest",
        lambda tokens, sequences, length, warmup: [
            tokens / (sequences * length),
            warmup / (tokens / (sequences * length) - warmup),
        ],
        "You compared the warmup with the updates after it. The whole includes the warmup.",
    ),
    Mistake(
        "the warmup added to the length",
        lambda tokens, sequences, length, warmup: [
            tokens / (sequences * length) + warmup,
            warmup / (tokens / (sequences * length) + warmup),
        ],
        "The updates of the warmup see tokens like all others, so they are already counted.",
    ),
    Mistake(
        "the two numbers swapped",
        lambda tokens, sequences, length, warmup: [
            warmup * sequences * length / tokens,
            tokens / (sequences * length),
        ],
        "The two numbers stand in each other's place: first the updates, then the share.",
    ),
    Mistake(
        "brackets missing below the stroke",
        lambda tokens, sequences, length, warmup: [
            tokens / sequences * length,
            warmup / (tokens / sequences * length),
        ],
        "Python goes from left to right, so you multiply by sequence_length. Put brackets around "
        "the batch: tokens / (sequences * sequence_length).",
    ),
    Mistake(
        "the warmup taken off the length",
        lambda tokens, sequences, length, warmup: [
            tokens / (sequences * length) - warmup,
            warmup / (tokens / (sequences * length) - warmup),
        ],
        "The updates of the warmup belong to the run: they see tokens like all others.",
    ),
    Mistake(
        "the share without its fraction",
        lambda tokens, sequences, length, warmup: [tokens / (sequences * length), 0.0],
        "The number of updates is right. Your share is 0: // and int() drop the fraction, and the "
        "share is nothing else.",
    ),
)

# 11.2 -----------------------------------------------------------------------------------------


def noam(t: int, d_model: int, warmup_steps: int) -> float:
    """η_peak min(t/W, √(W/t)) with η_peak = 1/√(d W); 0 at t = 0"""
    peak_lr = 1 / math.sqrt(d_model * warmup_steps)
    if t <= warmup_steps:
        return peak_lr * t / warmup_steps
    return peak_lr * math.sqrt(warmup_steps / t)


def noam_cases(rng: np.random.Generator) -> list[Case]:
    """A peak of 0.1 first, which is halved at t = 100."""
    simple = Case({"d_model": 4, "warmup_steps": 25}, range(121))
    return [simple, *(Case(_noam_arguments(rng), range(200)) for _ in range(3))]


def _noam_arguments(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "d_model": int(rng.integers(16, 1024)),
        "warmup_steps": int(rng.integers(10, 80)),
    }


def _noam_like(peak: Callable[[int, int], float], shape: Callable[[int, int], float]) -> Any:
    """Another peak(d, W), or another shape(t, W), than the right one."""
    return lambda t, d_model, warmup: peak(d_model, warmup) * shape(t, warmup) if t else 0.0


def _right_peak(d_model: int, warmup: int) -> float:
    return (d_model * warmup) ** -0.5


def _right_shape(t: int, warmup: int) -> float:
    return min(t / warmup, (warmup / t) ** 0.5)


NOAM_RIGHT = (
    lambda t, d_model, warmup_steps: InverseSqrt.noam(d_model, warmup_steps)(t),
    lambda t, d_model, warmup_steps: (
        d_model**-0.5 * min(t**-0.5, t * warmup_steps**-1.5) if t > 0 else 0
    ),
    lambda t, d_model, warmup_steps: (
        (d_model * warmup_steps) ** -0.5
        * np.minimum(t / warmup_steps, np.sqrt(warmup_steps / np.maximum(t, 1e-9)))
    ),
    lambda t, d_model, warmup_steps: (
        torch.rsqrt(torch.tensor(float(d_model * warmup_steps)))
        * min(t / warmup_steps, math.sqrt(warmup_steps / max(t, 1)))
    ),
)

NOAM_MISTAKES = (
    Mistake(
        "without d_model",
        _noam_like(lambda d, w: w**-0.5, _right_shape),
        "The width is missing. The peak is 1/√(d W), so a wider model gets a lower rate.",
    ),
    Mistake(
        "without a peak",
        _noam_like(lambda d, w: 1.0, _right_shape),
        "Your curve has the right shape and a peak of 1. Multiply it by 1/√(d W).",
    ),
    Mistake(
        "W missing in the peak",
        _noam_like(lambda d, w: d**-0.5, _right_shape),
        "Your peak is 1/√d. The warmup belongs to it, too: 1/√(d W).",
    ),
    Mistake(
        "no root in the peak",
        _noam_like(lambda d, w: 1 / (d * w), _right_shape),
        "Your peak is 1/(d W). It is one over the root: 1/√(d W).",
    ),
    Mistake(
        "multiplied by √d",
        _noam_like(lambda d, w: d**0.5 * w**-0.5, _right_shape),
        "You multiplied by √d. A wider model gets a lower rate: divide by it.",
    ),
    Mistake(
        "the peak upside down",
        _noam_like(lambda d, w: (d * w) ** 0.5, _right_shape),
        "Your peak is √(d W), which is huge. It is one over that root.",
    ),
    Mistake(
        "W beside the root",
        _noam_like(lambda d, w: w / d**0.5, _right_shape),
        "In your peak W stands beside the root, so a longer warmup raises it. Both stand below "
        "it: 1 / math.sqrt(d_model * warmup_steps).",
    ),
    Mistake(
        "a power of -1/2 without brackets",
        _noam_like(lambda d, w: 1 / (d * w) / 2, _right_shape),
        "Your peak is 1/(d W), halved: the power goes first, so x ** -1 / 2 is half of 1/x. Write "
        "x ** -0.5.",
    ),
    Mistake(
        "brackets missing in the peak",
        _noam_like(lambda d, w: (w / d) ** 0.5, _right_shape),
        "You divide by √d and then multiply by √W: Python goes from left to right. Put brackets "
        "around the two that stand below the stroke.",
    ),
    Mistake(
        "t/W under the root",
        _noam_like(_right_peak, lambda t, w: (t / w) if t <= w else (t / w) ** 0.5),
        "After the warmup your rate goes on rising: the fraction under the root is upside down. "
        "The decay is √(W/t).",
    ),
    Mistake(
        "max for min",
        _noam_like(_right_peak, lambda t, w: max(t / w, (w / t) ** 0.5)),
        "Of the two curves you take the upper one, so the rate falls first and then grows without "
        "an end. Take the lower one: min.",
    ),
    Mistake(
        "falls with 1/t",
        _noam_like(_right_peak, lambda t, w: min(t / w, w / t)),
        "After the warmup your rate falls like W/t. It falls with the root: √(W/t), so four times "
        "as many updates halve it.",
    ),
    Mistake(
        "a root in the warmup",
        _noam_like(_right_peak, lambda t, w: min((t / w) ** 0.5, (w / t) ** 0.5)),
        "The root belongs to the decay alone. The warmup is a straight line, t/W.",
    ),
    Mistake(
        "no warmup",
        lambda t, d_model, warmup: (d_model * max(t, 1)) ** -0.5,
        "Your rate falls from the start. Up to t = W it rises in a straight line, t/W.",
    ),
    Mistake(
        "no warmup after t = 0",
        _noam_like(_right_peak, lambda t, w: (w / t) ** 0.5),
        "Your rate is highest at t = 1 and falls from there. Up to t = W it rises in a straight "
        "line, t/W.",
    ),
    Mistake(
        "the line of the warmup has no end",
        _noam_like(_right_peak, lambda t, w: t / w),
        "Your rate rises for ever. After t = W it falls with √(W/t).",
    ),
    Mistake(
        "no decay",
        _noam_like(_right_peak, lambda t, w: min(t / w, 1)),
        "Your rate stays at the peak. After t = W it falls with √(W/t).",
    ),
    Mistake(
        "W to the power -0.5 in the warmup",
        lambda t, d_model, warmup: d_model**-0.5 * min(t**-0.5, t * warmup**-0.5) if t else 0.0,
        "In the paper's form the warmup is t · W^(-1.5). With W^(-0.5) the peak comes far too "
        "early.",
    ),
    Mistake(
        "counts from 1",
        lambda t, d_model, warmup: noam(t + 1, d_model, warmup),
        "Your curve is one update early, as if the first update had t = 1. Here t counts updates "
        "already made, and t = 0 gives 0.",
    ),
    Mistake(
        "t = 0 treated as t = 1",
        lambda t, d_model, warmup: noam(max(t, 1), d_model, warmup),
        "Only t = 0 is wrong: the line of the warmup starts at 0.",
    ),
    Mistake(
        "divides by t = 0",
        lambda t, d_model, warmup: _right_peak(d_model, warmup) * _right_shape(t, warmup),
        "At t = 0 the root divides by zero, although the minimum does not need it. Give 0 there, "
        "or let an `if` choose the line up to t = W.",
    ),
    Mistake(
        "the root counts from W",
        _noam_like(_right_peak, lambda t, w: t / w if t <= w else 1 / math.sqrt(t - w + 1)),
        "Your root starts to count at the end of the warmup, so the rate falls far too fast. In "
        "√(W/t) the time t goes on from the first update.",
    ),
    Mistake(
        "the root without W",
        _noam_like(_right_peak, lambda t, w: t / w if t <= w else 1 / math.sqrt(t)),
        "1/√t is not 1 at t = W, so your rate jumps down there. The decay is √(W/t).",
    ),
    Mistake(
        "1/√t in the minimum",
        _noam_like(_right_peak, lambda t, w: min(t / w, t**-0.5)),
        "Your second curve is 1/√t, without W. It meets the line long before t = W, so the peak is "
        "never reached. The decay is √(W/t).",
    ),
)

# 11.3 -----------------------------------------------------------------------------------------


def wsd(t: int, peak_lr: float, warmup_steps: int, decay_steps: int, steps: int) -> float:
    """η_peak t/W, then η_peak, then η_peak (1 - √x) with x = (t - (T - D)) / D, then 0"""
    if t < warmup_steps:
        return peak_lr * t / warmup_steps
    x = (t - (steps - decay_steps)) / decay_steps
    return peak_lr * (1 - math.sqrt(min(max(x, 0), 1)))


def wsd_cases(rng: np.random.Generator) -> list[Case]:
    """All three phases and what comes after; then no warmup at all."""
    simple = Case({"peak_lr": 1.0, "warmup_steps": 10, "decay_steps": 16, "steps": 60}, range(70))
    no_warmup = Case({"peak_lr": 0.5, "warmup_steps": 0, "decay_steps": 10, "steps": 30}, range(35))
    return [simple, *(Case(_wsd_arguments(rng), range(150)) for _ in range(3)), no_warmup]


def _wsd_arguments(rng: np.random.Generator) -> dict[str, Any]:
    warmup, stable, decay = (int(n) for n in rng.integers((5, 25, 26), (20, 40, 60)))
    return {
        "peak_lr": round(rng.uniform(0.05, 2.0), 3),
        "warmup_steps": warmup,
        "decay_steps": decay,
        "steps": warmup + stable + decay,
    }


def _wsd_like(
    cooldown: Callable[[float], float] = lambda x: 1 - math.sqrt(x),
    start: Callable[[int, int, int], int] = lambda w, d, steps: steps - d,
    length: Callable[[int, int, int], int] = lambda w, d, steps: d,
    warmup: Callable[[int, int], float] = lambda t, w: t / w,
) -> Any:
    """Another cooldown(x), one that starts elsewhere or takes longer, or another warmup(t, W)."""

    def answer(t: int, peak_lr: float, w: int, d: int, steps: int) -> float:
        if t < w:
            return peak_lr * warmup(t, w)
        x = (t - start(w, d, steps)) / length(w, d, steps)
        return peak_lr * cooldown(min(x, 1)) if x > 0 else peak_lr

    return answer


def _without_an_end(t: int, peak_lr: float, w: int, d: int, steps: int) -> float:
    x = (t - (steps - d)) / d
    return peak_lr * (1 - math.sqrt(x)) if x > 0 else peak_lr * min(t / max(w, 1), 1)


def _clock_of_the_run(t: int, peak_lr: float, w: int, d: int, steps: int) -> float:
    if t < steps - d:
        return wsd(t, peak_lr, w, d, steps)
    return peak_lr * (1 - math.sqrt(min(t / steps, 1)))


WSD_RIGHT = (
    lambda t, peak_lr, warmup_steps, decay_steps, steps: (
        WarmupStableDecay(peak_lr, warmup_steps, decay_steps, steps)
        if warmup_steps
        else Constant(peak_lr, steps - decay_steps) >> SqrtDecay(peak_lr, decay_steps)
    )(t),
    lambda t, peak_lr, warmup_steps, decay_steps, steps: (
        peak_lr
        * (t / warmup_steps if t < warmup_steps else 1)
        * (1 - np.sqrt(np.clip((t - steps + decay_steps) / decay_steps, 0, 1)))
    ),
    lambda t, peak_lr, warmup_steps, decay_steps, steps: (
        peak_lr * t / warmup_steps
        if t < warmup_steps
        else peak_lr
        if t <= steps - decay_steps
        else 0.0
        if t >= steps
        else peak_lr * (1 - torch.sqrt(torch.tensor(1 - (steps - t) / decay_steps)))
    ),
)


def _root_of_a_negative(t: int, peak_lr: float, w: int, d: int, steps: int) -> float:
    if t < w:
        return peak_lr * t / w
    return peak_lr * (1 - math.sqrt((t - (steps - d)) / d))


def _divides_by_no_warmup(t: int, peak_lr: float, w: int, d: int, steps: int) -> float:
    return min(peak_lr * t / w, wsd(t, peak_lr, w, d, steps))


def _peak_after_the_end(t: int, peak_lr: float, w: int, d: int, steps: int) -> float:
    return peak_lr if t >= steps else wsd(t, peak_lr, w, d, steps)


WSD_MISTAKES = (
    Mistake(
        "√ of what is left",
        _wsd_like(lambda x: math.sqrt(1 - x)),
        "√(1 - x) stays high and falls at the very end. The cooldown is 1 - √x, which falls "
        "steeply at once.",
    ),
    Mistake(
        "√x without the 1 -",
        _wsd_like(lambda x: math.sqrt(x)),
        "√x goes from 0 up to 1. The cooldown is 1 - √x.",
    ),
    Mistake(
        "a straight line",
        _wsd_like(lambda x: 1 - x),
        "Your cooldown is a straight line, 1 - x. Asked for is 1 - √x.",
    ),
    Mistake(
        "half a cosine",
        _wsd_like(lambda x: 0.5 * (1 + math.cos(math.pi * x))),
        "Your cooldown is half a cosine. Asked for is 1 - √x.",
    ),
    Mistake(
        "1 - x²",
        _wsd_like(lambda x: 1 - x**2),
        "1 - x² falls late. Asked for is 1 - √x, which falls at once.",
    ),
    Mistake(
        "the square of what is left",
        _wsd_like(lambda x: (1 - x) ** 2),
        "(1 - x)² falls at once, too, but it is another curve. Asked for is 1 - √x.",
    ),
    Mistake(
        "stable phase too long by the warmup",
        _wsd_like(start=lambda w, d, steps: steps - d + w),
        "Your cooldown starts W updates late. T - D is a point in time, counted from the first "
        "update: the warmup is part of T, and the stable phase has T - W - D updates.",
    ),
    Mistake(
        "stable phase too short by the warmup",
        _wsd_like(start=lambda w, d, steps: steps - d - w),
        "Your cooldown starts W updates early. The stable phase has T - W - D updates, but they "
        "begin at t = W: so it ends at T - D.",
    ),
    Mistake(
        "no stable phase",
        _wsd_like(start=lambda w, d, steps: w, length=lambda w, d, steps: steps - w),
        "Your rate falls right after the warmup. It stays at the peak until t = T - D.",
    ),
    Mistake(
        "cooldown starts at D",
        _wsd_like(start=lambda w, d, steps: d),
        "Your cooldown starts at t = D. D is how long it takes; it starts at T - D.",
    ),
    Mistake(
        "a stable phase of D updates",
        _wsd_like(start=lambda w, d, steps: w + d, length=lambda w, d, steps: steps - w - d),
        "You held the peak for D updates and cooled down over the rest. It is the other way: the "
        "cooldown has D updates, and it starts at T - D.",
    ),
    Mistake(
        "x runs from 1 to 0",
        _wsd_like(lambda x: 1 - math.sqrt(max(1 - x, 0))),
        "Your rate is 0 where the cooldown begins and climbs from there: x is the part of the "
        "cooldown that is done, so it starts at 0.",
    ),
    Mistake(
        "a power of 1/2 without brackets",
        _wsd_like(lambda x: 1 - x / 2 if x < 1 else 0.0),
        "x ** 1/2 is half of x, because the power goes first: your cooldown ends at half the peak. "
        "Write x ** 0.5 or math.sqrt(x).",
    ),
    Mistake(
        "the cooldown after the end",
        _wsd_like(start=lambda w, d, steps: steps),
        "Your cooldown begins at t = T. T is the whole run, so the cooldown is over by then: it "
        "starts at T - D.",
    ),
    Mistake(
        "x runs backwards",
        lambda t, peak_lr, w, d, steps: (
            wsd(t, peak_lr, w, d, steps)
            if t < steps - d or t >= steps
            else peak_lr * (1 - math.sqrt((steps - t) / d))
        ),
        "Your rate is 0 where the cooldown begins and climbs from there: x is the part of the "
        "cooldown that is done, not the part that is left.",
    ),
    Mistake(
        "cooldown starts D after the warmup",
        _wsd_like(start=lambda w, d, steps: w + d),
        "Your cooldown starts D updates after the warmup, so the rate is 0 long before the end. D "
        "is how long it takes; it starts at T - D.",
    ),
    Mistake(
        "no cooldown",
        lambda t, peak_lr, w, d, steps: 0.0 if t >= steps else wsd(t, peak_lr, w, 1, 10**9),
        "Your rate stays at the peak up to the end. Over the last D updates it falls: "
        "η_peak (1 - √x).",
    ),
    Mistake(
        "no cooldown, and no end",
        lambda t, peak_lr, w, d, steps: wsd(t, peak_lr, w, 1, 10**9),
        "Your rate stays at the peak for ever. Over the last D updates it falls, η_peak (1 - √x), "
        "and from t = T on it is 0.",
    ),
    Mistake(
        "the peak beside the bracket",
        lambda t, peak_lr, w, d, steps: (
            peak_lr * t / w if t < w else peak_lr - 1 + wsd(t, 1.0, w, d, steps)
        ),
        "You take √x off the peak, which is right at a peak of 1 only. The peak multiplies the "
        "whole bracket: η_peak (1 - √x).",
    ),
    Mistake(
        "D outside the root",
        lambda t, peak_lr, w, d, steps: (
            wsd(t, peak_lr, w, d, steps)
            if t <= steps - d
            else peak_lr * max(1 - math.sqrt(t - steps + d) / d, 0)
        ),
        "You divided by D after the root. First x = (t - (T - D)) / D, then the root of it.",
    ),
    Mistake(
        "x counts from the start of the run",
        _clock_of_the_run,
        "Your rate jumps down where the cooldown begins: you took x = t/T. In the cooldown x goes "
        "from 0 to 1: x = (t - (T - D)) / D.",
    ),
    Mistake(
        "cooldown as long as the rest of the run",
        _wsd_like(length=lambda w, d, steps: steps),
        "Your cooldown is far from zero at t = T: you divided by T. Divide by D, the length of "
        "the cooldown.",
    ),
    Mistake(
        "a warmup that starts one stair higher",
        _wsd_like(warmup=lambda t, w: (t + 1) / w),
        "Your warmup is (t + 1)/W. Here it is t/W: 0 at t = 0, and the peak at t = W.",
    ),
    Mistake(
        "no warmup",
        _wsd_like(warmup=lambda t, w: 1.0),
        "The warmup is missing: below t = W the rate is η_peak t/W.",
    ),
    Mistake(
        "negative after the end",
        lambda t, peak_lr, w, d, steps: (
            _without_an_end(t, peak_lr, w, d, steps)
            if w
            else peak_lr * (1 - math.sqrt(max(t - steps + d, 0) / d))
        ),
        "After t = T your rate goes below zero, and the weights would climb the loss. From T on "
        "it is 0: let x end at 1.",
    ),
    Mistake(
        "the root of a negative number",
        _root_of_a_negative,
        "Before the cooldown your x is negative and has no root. There the rate is the peak: keep "
        "x between 0 and 1 first.",
    ),
    Mistake(
        "divides by W = 0",
        _divides_by_no_warmup,
        "With W = 0 there is no warmup, and your code still divides by W. Divide only where "
        "t < warmup_steps: with W = 0 that is never so.",
    ),
    Mistake(
        "0 at the start without a warmup",
        lambda t, peak_lr, w, d, steps: wsd(t, peak_lr, max(w, 1), d, steps),
        "Only W = 0 is wrong: there your rate is 0 at t = 0, as with a warmup of one update. With "
        "W = 0 it is at the peak from the start.",
    ),
    Mistake(
        "back at the peak after the end",
        _peak_after_the_end,
        "All is right up to t = T, and then your rate is back at the peak. From there on it is 0.",
    ),
    Mistake(
        "the cooldown one update early",
        _wsd_like(start=lambda w, d, steps: steps - d - 1),
        "Your cooldown begins one update early. At t = T - D, x is 0 and the rate is still at the "
        "peak.",
    ),
    Mistake(
        "zero one update early",
        _wsd_like(length=lambda w, d, steps: d - 1),
        "You divide by D - 1, so your rate is 0 at t = T - 1 already. Update T is the first at 0: "
        "divide by D.",
    ),
    Mistake(
        "shares in place of rates",
        lambda t, peak_lr, w, d, steps: wsd(t, 1.0, w, d, steps),
        "Those are shares of the peak, right at a peak of 1 only. Multiply all phases by peak_lr.",
    ),
)

# 11.4 -----------------------------------------------------------------------------------------


def extended(steps: int, more: int, peak_lr: float, warmup_steps: int) -> list[float]:
    """A cosine over `steps` updates, then up to the peak again and down in a line"""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler: Any = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
    rates = []
    for step in range(steps + more):
        if step == steps:
            scheduler = TorchScheduler(optimizer, WarmupLinear(peak_lr, warmup_steps, more))
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def built_anew(steps: int, more: int, peak_lr: float, warmup_steps: int) -> list[float]:
    """What the exercise hands out: PyTorch's new cosine takes the rate that it finds, which is
    0."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
    rates = []
    for step in range(steps + more):
        if step == steps:
            scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=more)
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def extended_cases(rng: np.random.Generator) -> list[Case]:
    """Few updates: what matters is what happens after the first end."""
    simple = Case({"steps": 10, "more": 20, "peak_lr": 1.0, "warmup_steps": 5})
    return [simple, *(Case(_extended_arguments(rng)) for _ in range(2))]


def _extended_arguments(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "steps": int(rng.integers(8, 20)),
        "more": int(rng.integers(16, 30)),
        "peak_lr": round(rng.uniform(0.05, 0.8), 3),
        "warmup_steps": int(rng.integers(3, 7)),
    }


def _going_on(second: Callable[[int, int, float, int], Schedule]) -> Any:
    """The finished cosine, then another schedule(steps, more, peak, W) from its own t = 0."""

    def answer(steps: int, more: int, peak_lr: float, warmup_steps: int) -> list[float]:
        later = second(steps, more, peak_lr, warmup_steps)(np.arange(more))
        return [*CosineDecay(peak_lr, steps)(np.arange(steps)), *later]

    return answer


def _stepped_on(steps: int, more: int, peak_lr: float, warmup_steps: int) -> list[float]:
    t = np.arange(steps + more)
    return (0.5 * peak_lr * (1 + np.cos(np.pi * t / steps))).tolist()


def _with_lambda(steps: int, more: int, peak_lr: float, warmup_steps: int) -> list[float]:
    """LambdaLR multiplies the rate that the optimizer had at the very start."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler: Any = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    rates = []
    for step in range(steps + more):
        if step == steps:
            scheduler = torch.optim.lr_scheduler.LambdaLR(
                optimizer, lambda t: min(t / warmup_steps, (more - t) / (more - warmup_steps))
            )
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return rates


EXTENDED_RIGHT = (
    _with_lambda,
    lambda steps, more, peak_lr, warmup_steps: (
        CosineDecay(peak_lr, steps) >> WarmupLinear(peak_lr, warmup_steps, more)
    )(np.arange(steps + more)),
    lambda steps, more, peak_lr, warmup_steps: [
        *(peak_lr * (1 + math.cos(math.pi * t / steps)) / 2 for t in range(steps)),
        *(peak_lr * t / warmup_steps for t in range(warmup_steps)),
        *(peak_lr * t / (more - warmup_steps) for t in range(more - warmup_steps, 0, -1)),
    ],
)


def _by_factors(factor: Callable[[int, int, int], float]) -> Any:
    """The finished cosine, then factors(t, more, W) of the peak."""

    def answer(steps: int, more: int, peak_lr: float, warmup_steps: int) -> list[float]:
        first = CosineDecay(peak_lr, steps)(np.arange(steps)).tolist()
        return [*first, *(peak_lr * factor(t, more, warmup_steps) for t in range(more))]

    return answer


EXTENDED_MISTAKES = (
    Mistake(
        "steps the finished scheduler on",
        _stepped_on,
        "The old cosine climbs back, as slowly as it fell, and the run may end near its peak. "
        "Give the new updates a schedule of their own.",
    ),
    Mistake(
        "the peak at once, then a cosine",
        _going_on(lambda steps, more, peak, w: CosineDecay(peak, more)),
        "Your rate jumps to the peak and falls in a cosine. Let it rise over warmup_steps updates "
        "first, then fall in a line.",
    ),
    Mistake(
        "the peak at once, then a line",
        _going_on(lambda steps, more, peak, w: LinearDecay(peak, more)),
        "The fall is a line to zero, but your rate jumps to the peak. Let it rise over "
        "warmup_steps updates first.",
    ),
    Mistake(
        "a cosine after the ramp",
        _going_on(lambda steps, more, peak, w: WarmupCosine(peak, w, more)),
        "The ramp is right. After it you fall in a cosine; the task asks for a line.",
    ),
    Mistake(
        "up, and never down again",
        _going_on(lambda steps, more, peak, w: LinearWarmup(peak, w)),
        "Your rate rises and stays up, so the run ends at its noisiest. Let it fall to zero over "
        "the updates that are left.",
    ),
    Mistake(
        "the new schedule as long as both runs",
        _going_on(lambda steps, more, peak, w: WarmupLinear(peak, w, steps + more)),
        "Your rate is far from zero at the end. A new scheduler starts to count at 0, so its "
        "length is `more`, not `steps + more`.",
    ),
    Mistake(
        "the ramp beside the new length",
        _going_on(lambda steps, more, peak, w: WarmupLinear(peak, w, more + w)),
        "Your rate is not yet down at the end: the fall takes `more` updates, after the ramp. The "
        "ramp is part of `more`.",
    ),
    Mistake(
        "the peak twice",
        _going_on(lambda steps, more, peak, w: peak * WarmupLinear(peak, w, more)),
        "Your second peak is the square of the first. LambdaLR multiplies the optimizer's rate by "
        "what your function gives, so give it factors from 0 to 1.",
    ),
    Mistake(
        "the ramp taken off the new length",
        _going_on(lambda steps, more, peak, w: WarmupLinear(peak, w, more - w)),
        "Your rate is at zero some updates before the end. The length of WarmupLinear is the whole "
        "of it, ramp included: `more`.",
    ),
    Mistake(
        "the first run again",
        _going_on(
            lambda steps, more, peak, w: CosineDecay(peak, steps) >> WarmupLinear(peak, w, more)
        ),
        "After the first run your rates begin with its cosine again. A new scheduler counts from "
        "0, so give it the second part alone.",
    ),
    Mistake(
        "both runs planned anew",
        lambda steps, more, peak, w: CosineDecay(peak, steps + more)(np.arange(steps + more)),
        "You planned one cosine for all updates. That is better, but it comes too late: the first "
        "`steps` updates are done and cannot be changed.",
    ),
    Mistake(
        "the plateau of the second peak",
        _going_on(lambda steps, more, peak, w: Constant(peak)),
        "You set the rate back to the peak, and nothing lowers it again. Ramp up, then fall in a "
        "line to zero.",
    ),
    Mistake(
        "the ramp counts from one",
        _by_factors(lambda t, more, w: (t + 1) / w if t < w else (more - t) / (more - w)),
        "Your ramp starts one stair up, (t + 1)/W. The task asks for one from 0: t/W.",
    ),
    Mistake(
        "the new schedule one update late",
        _by_factors(
            lambda t, more, w: (
                0.0 if t == 0 else (t - 1) / w if t <= w else (more - t + 1) / (more - w)
            )
        ),
        "Your second part starts one update late: update `steps` still has the old scheduler. "
        "Build the new one before the first of the new updates.",
    ),
    Mistake(
        "the line measured from the start of the ramp",
        _by_factors(lambda t, more, w: t / w if t < w else 1 - t / more),
        "1 - t/more counts the ramp as decay, so the rate jumps down at its end. From there "
        "more - W updates are left: (more - t)/(more - W).",
    ),
    Mistake(
        "zero one update early",
        _by_factors(lambda t, more, w: t / w if t < w else (more - 1 - t) / (more - 1 - w)),
        "Your line is at 0 at the last update. It would reach 0 at steps + more, one update after "
        "the last.",
    ),
)

# 11.5 -----------------------------------------------------------------------------------------


def bert_numbers(rng: np.random.Generator) -> dict[str, Any]:
    """A warmup long enough that forgetting it shows, and a floor for the cosine.

    With a share of 1 - 1/(1 + floor) two of the mistakes would give the same peak.
    """
    steps = int(rng.choice([2000, 4000, 5000]))
    return {
        "peak_lr": float(rng.choice([0.1, 0.2, 0.3])),
        "warmup_steps": round(steps * rng.choice([0.14, 0.24, 0.3])),
        "steps": steps,
        "floor": float(rng.choice([0.1, 0.2, 0.25])),
    }


def same_area(peak_lr: float, warmup_steps: int, steps: int, floor: float) -> dict[str, Any]:
    """Both decays have the mean of their two ends; the warmup is a triangle under both."""
    decay_steps = steps - warmup_steps
    cosine = warmup_steps / 2 + decay_steps * (1 + floor) / 2  # the area for a peak of 1
    return {
        "ratio": 1.0,
        "crossing": warmup_steps + decay_steps / 2,
        "higher_late": "line",
        "new_peak": peak_lr * (steps / 2) / cosine,
    }


AREA_MISTAKES = (
    Mistake(
        "the mean for the ratio",
        lambda peak_lr, warmup_steps, steps, floor: {"ratio": 0.5},
        "One half is the mean rate divided by the peak, and it holds for both curves. The ratio "
        "asked for is one area divided by the other.",
    ),
    Mistake(
        "a quarter of a wave",
        lambda peak_lr, warmup_steps, steps, floor: {"ratio": 4 / math.pi},
        "2/π is the mean of a quarter of a wave. The schedule is half a wave, from the top to the "
        "bottom: what it has more in its first half it lacks in the second.",
    ),
    Mistake(
        "the floor in the first question",
        lambda peak_lr, warmup_steps, steps, floor: {"ratio": 1 + floor},
        "In the first question both fall to zero; the floor comes with the last one. There is a "
        "warmup under both, too.",
    ),
    Mistake(
        "the middle of the run",
        lambda peak_lr, warmup_steps, steps, floor: {"crossing": steps / 2},
        "They cross in the middle of the decay, and that is later than the middle of the run: the "
        "decay begins at t = W.",
    ),
    Mistake(
        "counted from the end of the warmup",
        lambda peak_lr, warmup_steps, steps, floor: {"crossing": (steps - warmup_steps) / 2},
        "That is how long after the warmup they cross. t counts from the first update: add W.",
    ),
    Mistake(
        "the cosine is higher late",
        lambda peak_lr, warmup_steps, steps, floor: {"higher_late": "cosine"},
        "A cosine is flat at both ends: first it lingers at the peak, and at last it lingers near "
        "zero. So late in the run the line is above it.",
    ),
    Mistake(
        "the same peak in spite of the floor",
        lambda peak_lr, warmup_steps, steps, floor: {"new_peak": peak_lr},
        "With the same peak, the floor lifts the cosine, so its area is larger than that of the "
        "line. The peak must be lower.",
    ),
    Mistake(
        "the warmup left out of the area",
        lambda peak_lr, warmup_steps, steps, floor: {"new_peak": peak_lr / (1 + floor)},
        "That balances the decays alone. The floor does not lift the warmup, so it belongs to the "
        "area, too: compare all updates from 0 to T.",
    ),
    Mistake(
        "the peak changed the wrong way",
        lambda peak_lr, warmup_steps, steps, floor: {"new_peak": peak_lr * (1 + floor)},
        "The floor adds area, so the peak must fall, not rise.",
    ),
    Mistake(
        "half of the floor taken off the peak",
        lambda peak_lr, warmup_steps, steps, floor: {"new_peak": peak_lr * (1 - floor / 2)},
        "The mean of the decay rises from a half of the peak to (1 + floor)/2 of it, and that is "
        "more than half of the floor as a share. Divide the areas. (Or did you round? Give three "
        "figures.)",
    ),
    Mistake(
        "the floor taken off the peak",
        lambda peak_lr, warmup_steps, steps, floor: {"new_peak": peak_lr * (1 - floor)},
        "The floor lifts the end of the decay fully and its beginning not at all, so taking it off "
        "the peak is too much. Compare the areas. (Or did you round? Give three figures.)",
    ),
    Mistake(
        "the floor of the old peak",
        lambda peak_lr, warmup_steps, steps, floor: {
            "new_peak": peak_lr * (1 - floor * (steps - warmup_steps) / steps)
        },
        "Your cosine still ends at `floor` times the old peak. The floor comes down with the peak: "
        "it is `floor` times the new one.",
    ),
    Mistake(
        "the factor for the peak",
        lambda peak_lr, warmup_steps, steps, floor: {
            "new_peak": same_area(peak_lr, warmup_steps, steps, floor)["new_peak"] / peak_lr
        },
        "That is how many times the old peak the new one is. Multiply it by the peak of the line.",
    ),
    Mistake(
        "the mean of a quarter of a wave",
        lambda peak_lr, warmup_steps, steps, floor: {"ratio": 2 / math.pi},
        "2/π is the mean of a quarter of a wave, and no ratio of areas. Half a wave has as much "
        "above its middle as below it.",
    ),
    Mistake(
        "the two areas in each other's place",
        lambda peak_lr, warmup_steps, steps, floor: {
            "new_peak": peak_lr**2 / same_area(peak_lr, warmup_steps, steps, floor)["new_peak"]
        },
        "You divided the areas the other way round. The floor adds area, so the peak must fall.",
    ),
)

# 11.6 -----------------------------------------------------------------------------------------

WHICH_RECIPE = {
    "a": "Then a network that is stopped at 20,000 ends halfway down the cosine, at half its peak, "
    "where its weights are still noisy. In the lesson the unfinished cosine lost to WSD.",
    "c": "It needs no end, that is true, and it beat a constant rate. But it lost to a cosine, "
    "because at the end its rate is still well above zero. A late cooldown has both.",
    "d": "A new CosineAnnealingLR takes the rate that it finds for its peak. After a finished "
    "cosine that is zero, so the second half would not move a weight.",
}

# ----------------------------------------------------------------------------------------------

TASKS = (
    FunctionTask(
        id="11.1",
        title="From tokens to updates",
        kind="compute",
        minutes=4,
        difficulty=1,
        points=2,
        reference=in_updates,
        cases=in_updates_cases,
        also_right=IN_UPDATES_RIGHT,
        mistakes=IN_UPDATES_MISTAKES,
        atol=0,  # the share is small beside the number of updates
        hints=(
            "How many tokens does one update see?",
            "One batch is sequences · sequence_length tokens, so the run has tokens / batch "
            "updates.",
            "The share is warmup_steps divided by that number of updates.",
        ),
    ),
    FunctionTask(
        id="11.2",
        title="Noam",
        kind="implement",
        minutes=7,
        difficulty=1,
        points=2,
        reference=noam,
        cases=noam_cases,
        also_right=NOAM_RIGHT,
        mistakes=NOAM_MISTAKES,
        hints=(
            "First the peak: one number, made of the width and the warmup.",
            "Then the shape: t/W up to t = W, and √(W/t) after it. The peak multiplies both.",
            "peak = 1 / math.sqrt(d_model * warmup_steps). For t <= warmup_steps there is no "
            "division by t, so t = 0 needs no case of its own.",
        ),
    ),
    FunctionTask(
        id="11.3",
        title="Warmup, stable, 1-sqrt",
        kind="implement",
        minutes=9,
        difficulty=2,
        points=3,
        reference=wsd,
        cases=wsd_cases,
        also_right=WSD_RIGHT,
        mistakes=WSD_MISTAKES,
        hints=(
            "At which t does the cooldown start, counted from the first update?",
            "It starts at T - D. There x = 0, and at t = T it is 1: x = (t - (T - D)) / D.",
            "Keep x between 0 and 1, min(max(x, 0), 1). Then peak_lr * (1 - math.sqrt(x)) is the "
            "stable phase, the cooldown and the end in one line.",
        ),
    ),
    FunctionTask(
        id="11.4",
        title="Extend a finished run",
        kind="repair",
        minutes=9,
        difficulty=2,
        points=3,
        reference=extended,
        cases=extended_cases,
        also_right=EXTENDED_RIGHT,
        mistakes=EXTENDED_MISTAKES,
        untouched=built_anew,
        hints=(
            "What is the optimizer's rate when the first cosine is done? The new one starts there, "
            "and so does every scheduler that multiplies the present rate.",
            "You need a schedule that says the rate itself and starts at its own t = 0. "
            "WarmupLinear goes up in a line and down in a line; how long is it here?",
            "scheduler = TorchScheduler(optimizer, WarmupLinear(peak_lr, warmup_steps, more)), or "
            "a LambdaLR with factors from 0 to 1.",
        ),
    ),
    ValuesTask(
        id="11.5",
        title="The same area",
        kind="predict",
        minutes=10,
        difficulty=3,
        points=3,
        draw=bert_numbers,
        answers=same_area,
        words=("line", "cosine"),
        mistakes=AREA_MISTAKES,
        rtol=0.003,
        hints=(
            "Draw both decays. What the cosine has more in the first half of the decay, it lacks "
            "in the second.",
            "A line and half a cosine between the same two ends have the same mean: the mean of "
            "the ends. They meet in the middle between t = W and t = T.",
            "The area grows in step with the peak. So new_peak = peak_lr · (area of the line) / "
            "(area of the cosine with the floor, at the same peak); NumPy can sum both.",
        ),
    ),
    choice(
        "11.6",
        "An open budget",
        right="b",
        feedback=WHICH_RECIPE,
        minutes=3,
        hints=(
            "The rate must be near zero at the end, whichever end comes. Which plan can still "
            "choose its end at update 20,000?",
        ),
    ),
)
