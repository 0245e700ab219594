"""Section 03, cosine annealing: six tasks, their right answers and the wrong ones we recognise."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from lrcourse.schedules import CosineDecay
from lrcourse.tasks.base import Case, FunctionTask, Mistake, ValuesTask, Within, choice

# 03.1 -----------------------------------------------------------------------------------------


def plan_numbers(rng: np.random.Generator) -> dict[str, Any]:
    """A peak, a length and a floor that one can halve in the head."""
    return {
        "peak_lr": float(rng.choice([0.2, 0.4, 0.6, 0.8])),
        "steps": int(rng.choice([100, 200, 400])),
        "min_lr": float(rng.choice([0.02, 0.04, 0.05])),
    }


def past_the_end(peak_lr: float, steps: int, min_lr: float) -> dict[str, float]:
    """Half of the way at T/2, the floor at T; then ours stays and PyTorch is half of the way up."""
    middle = (peak_lr + min_lr) / 2
    return {"half": middle, "end": min_lr, "ours_later": min_lr, "torch_later": middle}


NO_FLOOR_LESSON = (
    "You let the rate fall to 0. The floor is a rate, and the curve stands on it: it goes from the "
    "peak to the floor and never below."
)
PERIOD_OF_T_LESSON = (
    "You let the rate fall and climb again within T. T is half a period: the half that falls."
)
PAST_THE_END_MISTAKES = (
    Mistake(
        "half of the peak",
        lambda peak_lr, steps, min_lr: {"half": peak_lr / 2},
        "Half of the way is the middle between the peak and the floor. Half of the peak is that "
        "only where the floor is 0.",
    ),
    Mistake(
        "the floor is not added",
        lambda peak_lr, steps, min_lr: {"half": (peak_lr - min_lr) / 2},
        "That is half of the distance from the peak to the floor. The curve stands on the floor, "
        "so add the floor.",
    ),
    Mistake(
        "the floor is added to half of the peak",
        lambda peak_lr, steps, min_lr: {"half": peak_lr / 2 + min_lr},
        "Half of the way is the middle between the peak and the floor. Only the distance "
        "(peak - floor) is halved; then the floor is added.",
    ),
    Mistake(
        "half of the peak for PyTorch",
        lambda peak_lr, steps, min_lr: {"torch_later": peak_lr / 2},
        "Half of the way up is the middle between the floor and the peak. Half of the peak is "
        "that only where the floor is 0.",
    ),
    Mistake(
        "half of the peak, both times",
        lambda peak_lr, steps, min_lr: {"half": peak_lr / 2, "torch_later": peak_lr / 2},
        "Half of the way is the middle between the peak and the floor. Half of the peak is that "
        "only where the floor is 0.",
    ),
    Mistake(
        "the floor is added to half of the peak, both times",
        lambda peak_lr, steps, min_lr: {
            "half": peak_lr / 2 + min_lr,
            "torch_later": peak_lr / 2 + min_lr,
        },
        "Half of the way is the middle between the peak and the floor. Only the distance "
        "(peak - floor) is halved; then the floor is added.",
    ),
    Mistake(
        "ends at 0",
        lambda peak_lr, steps, min_lr: {"end": 0},
        NO_FLOOR_LESSON,
    ),
    Mistake(
        "ends at 0 and stays there",
        lambda peak_lr, steps, min_lr: {"end": 0, "ours_later": 0},
        NO_FLOOR_LESSON,
    ),
    Mistake(
        "no floor at all",
        lambda peak_lr, steps, min_lr: {
            "half": peak_lr / 2,
            "end": 0,
            "ours_later": 0,
            "torch_later": peak_lr / 2,
        },
        NO_FLOOR_LESSON,
    ),
    Mistake(
        "ours falls to 0 after the end",
        lambda peak_lr, steps, min_lr: {"ours_later": 0},
        "After T our rate stays where it is, and that is the floor. It is not switched off.",
    ),
    Mistake(
        "PyTorch stays at the floor",
        lambda peak_lr, steps, min_lr: {"torch_later": min_lr},
        "PyTorch follows the cosine further, and past T a cosine goes up again.",
    ),
    Mistake(
        "ours climbs",
        lambda peak_lr, steps, min_lr: {"ours_later": (peak_lr + min_lr) / 2},
        "Ours holds t/T at 1 after T, so the rate stays at the floor.",
    ),
    Mistake(
        "the two are swapped",
        lambda peak_lr, steps, min_lr: {
            "ours_later": (peak_lr + min_lr) / 2,
            "torch_later": min_lr,
        },
        "It is the other way round: ours stays at the floor, PyTorch's climbs.",
    ),
    Mistake(
        "PyTorch is back at the peak",
        lambda peak_lr, steps, min_lr: {"torch_later": peak_lr},
        "The way up takes as long as the way down: PyTorch reaches the peak at 2T. At 1.5T it is "
        "on its way.",
    ),
    Mistake(
        "T taken as a whole period",
        lambda peak_lr, steps, min_lr: {"half": min_lr, "end": peak_lr},
        PERIOD_OF_T_LESSON,
    ),
    Mistake(
        "T taken as a whole period, to the end",
        lambda peak_lr, steps, min_lr: {"half": min_lr, "end": peak_lr, "torch_later": min_lr},
        PERIOD_OF_T_LESSON,
    ),
    Mistake(
        "the floor taken as a share of the peak",
        lambda peak_lr, steps, min_lr: past_the_end(peak_lr, steps, peak_lr * min_lr),
        "You multiplied the floor by the peak. Here and in PyTorch the floor is a rate; in Keras "
        "it is a share of the peak.",
    ),
    Mistake(
        "T taken as a quarter of a period",
        lambda peak_lr, steps, min_lr: {"end": (peak_lr + min_lr) / 2},
        "At T the fall is over, and the rate is at the floor. It is in the middle at T/2.",
    ),
    Mistake(
        "ours is back at the peak",
        lambda peak_lr, steps, min_lr: {"ours_later": peak_lr},
        "Ours does not start again: it holds t/T at 1 after T, so the rate stays at the floor.",
    ),
)

# 03.2 -----------------------------------------------------------------------------------------


def cosine_decay(t: int, peak_lr: float, steps: int, min_lr: float) -> float:
    """η_min + ½ (η_peak - η_min) (1 + cos(π t/T)), and η_min from T on"""
    share = min(t / steps, 1)
    return min_lr + (peak_lr - min_lr) * (1 + math.cos(math.pi * share)) / 2


def cosine_cases(rng: np.random.Generator) -> list[Case]:
    """Each case goes past the end. The first have a floor, so that forgetting it shows."""
    simple = Case({"peak_lr": 1.0, "steps": 12, "min_lr": 0.1}, range(20))
    drawn = [_cosine_arguments(rng) for _ in range(2)]
    no_floor = {**_cosine_arguments(rng), "min_lr": 0.0}
    cases = [Case(each, range(each["steps"] + 7)) for each in (*drawn, no_floor)]
    return [simple, *cases]


def _cosine_arguments(rng: np.random.Generator) -> dict[str, Any]:
    peak_lr = round(rng.uniform(0.2, 2.0), 3)
    return {
        "peak_lr": peak_lr,
        "steps": int(rng.integers(7, 20)),
        "min_lr": round(peak_lr * rng.uniform(0.05, 0.4), 4),
    }


def _torch_scalar(t: int, peak_lr: float, steps: int, min_lr: float) -> torch.Tensor:
    share = torch.clamp(torch.tensor(t / steps, dtype=torch.float64), max=1)
    return min_lr + (peak_lr - min_lr) * 0.5 * (1 + torch.cos(torch.pi * share))


def _two_branches(t: int, peak_lr: float, steps: int, min_lr: float) -> float:
    if t >= steps:
        return min_lr
    return (peak_lr + min_lr) / 2 + (peak_lr - min_lr) / 2 * math.cos(math.pi * t / steps)


COSINE_RIGHT = (
    _two_branches,
    _torch_scalar,
    lambda t, peak_lr, steps, min_lr: CosineDecay(peak_lr, steps, min_lr)(t),
    lambda t, peak_lr, steps, min_lr: (
        min_lr + 0.5 * (peak_lr - min_lr) * (1 + np.cos(np.pi * np.minimum(t, steps) / steps))
    ),
    lambda t, peak_lr, steps, min_lr: (
        min_lr + (peak_lr - min_lr) * math.cos(math.pi * min(t, steps) / steps / 2) ** 2
    ),
)

Rate = Callable[[float, float, float, float], float]  # of t, peak, T and floor


def _with_ends(name: str, rate: Rate, lesson: str, *ends: str) -> Iterator[Mistake]:
    """A wrong curve, as learners end it: held at T, replaced by the floor, or not ended at all."""

    def held(t: int, peak: float, steps: int, low: float) -> float:
        return rate(min(t, steps), peak, steps, low)

    def floored(t: int, peak: float, steps: int, low: float) -> float:
        return low if t >= steps else rate(t, peak, steps, low)

    if "held" in ends:
        yield Mistake(name, held, lesson)
    if "floored" in ends:
        yield Mistake(f"{name}, until T", floored, lesson)
    if "free" in ends:
        hold = "And from T on, hold the rate at the floor."
        yield Mistake(f"{name}, and no hold after T", rate, f"{lesson} {hold}")


def _wave(share: float) -> float:
    return (1 + math.cos(math.pi * share)) / 2


ALL = ("held", "floored", "free")
TWO = ("held", "free")  # the curve ends at the floor, so held and floored are the same
COSINE_MISTAKES = (
    Mistake(
        "climbs after T",
        lambda t, peak, steps, low: low + (peak - low) * _wave(t / steps),
        "Up to T it is right. After T the cosine goes up again, and so does PyTorch's scheduler. "
        "This task asks for a rate that stays at the floor: hold t/T at 1.",
    ),
    Mistake(
        "falls to 0 after T",
        lambda t, peak, steps, low: low + (peak - low) * _wave(t / steps) if t < steps else 0.0,
        "Up to T it is right. After that the rate stays at the floor, min_lr, and is not 0.",
    ),
    Mistake(
        "back to the peak after T",
        lambda t, peak, steps, low: low + (peak - low) * _wave(t / steps) if t <= steps else peak,
        "Up to T it is right. After that the rate stays at the floor; you give the peak again.",
    ),
    Mistake(
        "starts again after T",
        lambda t, peak, steps, low: low + (peak - low) * _wave(t % steps / steps),
        "At t = T your rate jumps back to the peak. That is a restart, which comes in section 04; "
        "here the rate stays at the floor.",
    ),
    *_with_ends(
        "a whole period for half of one",
        lambda t, peak, steps, low: low + (peak - low) * _wave(2 * t / steps),
        "2π t/T goes down and up again within T. T is half a period: the angle is π t/T.",
        *ALL,
    ),
    *_with_ends(
        "a quarter of a period for half of one",
        lambda t, peak, steps, low: low + (peak - low) * math.cos(math.pi * t / steps / 2),
        "Your angle goes from 0 to π/2 only, so the curve has no slow end. The angle is π t/T, and "
        "the bracket is 1 + cos.",
        *TWO,
    ),
    *_with_ends(
        "no floor",
        lambda t, peak, steps, low: peak * _wave(t / steps),
        "Your curve goes from the peak to 0 and does not use min_lr. It should end at the floor: "
        "min_lr plus the part (peak_lr - min_lr) that falls.",
        *ALL,
    ),
    *_with_ends(
        "the floor is not added",
        lambda t, peak, steps, low: (peak - low) * _wave(t / steps),
        "(peak_lr - min_lr) is the distance that falls, and your curve ends at 0. It stands on "
        "the floor: add min_lr.",
        *ALL,
    ),
    *_with_ends(
        "the floor is added on top",
        lambda t, peak, steps, low: low + peak * _wave(t / steps),
        "Your curve starts above the peak, at peak_lr + min_lr. Only the distance "
        "(peak_lr - min_lr) falls; the floor lies below it.",
        *TWO,
    ),
    *_with_ends(
        "the floor taken as a share of the peak",
        lambda t, peak, steps, low: peak * (low + (1 - low) * _wave(t / steps)),
        "You multiply the floor by the peak. min_lr is a rate already, and not a share of the "
        "peak, as in Keras.",
        *TWO,
    ),
    *_with_ends(
        "cut off at the floor",
        lambda t, peak, steps, low: max(low, peak * _wave(t / steps)),
        "max(min_lr, ...) cuts a curve that goes to 0, so it is too low and stops with a corner. "
        "Shrink the curve instead: min_lr + (peak_lr - min_lr) · ...",
        *TWO,
    ),
    *_with_ends(
        "degrees",
        lambda t, peak, steps, low: low + (peak - low) * (1 + math.cos(180 * t / steps)) / 2,
        "180 is half a turn in degrees. math.cos and np.cos take radians, where half a turn is π.",
        *ALL,
    ),
    *_with_ends(
        "no π",
        lambda t, peak, steps, low: low + (peak - low) * (1 + math.cos(t / steps)) / 2,
        "cos(t/T) goes only as far as cos(1). The angle must reach π at t = T: π t/T.",
        *ALL,
    ),
    *_with_ends(
        "sine for cosine",
        lambda t, peak, steps, low: low + (peak - low) * (1 + math.sin(math.pi * t / steps)) / 2,
        "The sine starts at 0, so your curve starts half of the way up. The cosine starts at 1, "
        "and the rate at the peak.",
        *ALL,
    ),
    *_with_ends(
        "not halved",
        lambda t, peak, steps, low: low + (peak - low) * 2 * _wave(t / steps),
        "1 + cos goes from 2 to 0, so your curve starts too high, by the whole distance from the "
        "floor to the peak. The ½ in front makes it 1 to 0.",
        *TWO,
    ),
    *_with_ends(
        "no 1 in the bracket",
        lambda t, peak, steps, low: low + (peak - low) * math.cos(math.pi * t / steps),
        "cos alone goes from 1 to -1, so your rate falls below the floor. ½ (1 + cos) goes from "
        "1 to 0.",
        *ALL,
    ),
    *_with_ends(
        "no 1 in the bracket, halved",
        lambda t, peak, steps, low: low + (peak - low) * math.cos(math.pi * t / steps) / 2,
        "½ cos goes from ½ to -½, so your curve starts half of the way down. ½ (1 + cos) goes "
        "from 1 to 0.",
        *ALL,
    ),
    *_with_ends(
        "rises instead of falling",
        lambda t, peak, steps, low: low + (peak - low) * _wave(1 - t / steps),
        "Your curve goes from the floor to the peak: 1 - cos stands for 1 + cos, or peak_lr and "
        "min_lr stand in each other's place.",
        *ALL,
    ),
    *_with_ends(
        "plus for minus",
        lambda t, peak, steps, low: low + (peak + low) * _wave(t / steps),
        "(peak_lr + min_lr) makes the curve start too high. The part that falls is the distance "
        "between the two: peak_lr - min_lr.",
        *TWO,
    ),
    *_with_ends(
        "t / T rounded down",
        lambda t, peak, steps, low: low + (peak - low) * _wave(t // steps),
        "t // T is 0 until T, so your rate stays at the peak and then falls at once. Divide by T "
        "without rounding: t / T.",
        "held",  # t // T is 0 or 1 in all cases, so the ends are the same
    ),
    *_with_ends(
        "t counted from 1",
        lambda t, peak, steps, low: low + (peak - low) * _wave((t + 1) / steps),
        "Your curve comes one update early: you use t + 1. t counts updates already made, so it "
        "starts at 0, and update 0 uses the peak.",
        "free",
    ),
    Mistake(
        "t counted from 1, held",
        lambda t, peak, steps, low: low + (peak - low) * _wave(min((t + 1) / steps, 1)),
        "Your curve comes one update early: you use t + 1. t counts updates already made, so it "
        "starts at 0, and update 0 uses the peak.",
    ),
    Mistake(
        "T - 1 for T",
        lambda t, peak, steps, low: low + (peak - low) * _wave(min(t / (steps - 1), 1)),
        "With T - 1 the floor is reached one update early. T is the length of the whole decay: "
        "the floor belongs to t = T.",
    ),
    Mistake(
        "T - 1 for T, and no hold after T",
        lambda t, peak, steps, low: low + (peak - low) * _wave(t / (steps - 1)),
        "With T - 1 the floor is reached one update early. Divide by T, and from T on, hold the "
        "rate at the floor.",
    ),
    Mistake(
        "a straight line",
        lambda t, peak, steps, low: low + (peak - low) * (1 - min(t / steps, 1)),
        "That is the line from the peak to the floor. The cosine is slow at both ends: replace "
        "1 - t/T by ½ (1 + cos(π t/T)).",
    ),
    *_with_ends(
        "brackets forgotten",
        lambda t, peak, steps, low: low + (peak - low) / 2 * 1 + math.cos(math.pi * t / steps),
        "Without brackets only the 1 is multiplied, and the cosine is added as it is. Put "
        "1 + cos in brackets.",
        *ALL,
    ),
    *_with_ends(
        "the distance has the wrong sign",
        lambda t, peak, steps, low: low - (peak - low) * _wave(t / steps),
        "Your curve lies below the floor: (min_lr - peak_lr) stands for (peak_lr - min_lr).",
        *TWO,
    ),
    *_with_ends(
        "π is rounded",
        lambda t, peak, steps, low: low + (peak - low) * (1 + math.cos(3.14 * t / steps)) / 2,
        "The formula is right, but π has more digits than 3.14: math.pi knows them.",
        *ALL,
    ),
    *_with_ends(
        "whole numbers for t/T",
        lambda t, peak, steps, low: low + (peak - low) * (1 + math.cos(math.pi * t // steps)) / 2,
        "// cuts off what is behind the point, so your curve has a few steps only. Divide with /.",
        *ALL,
    ),
)

# 03.3 -----------------------------------------------------------------------------------------


def train(epochs: int, batches: int, peak_lr: float, floor_share: float) -> list[float]:
    """T_max counts the calls of step(), so updates here; eta_min is a rate, not a share."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimizer, T_max=epochs * batches, eta_min=floor_share * peak_lr
    )
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
    return rates


def loop(
    epochs: int,
    batches: int,
    peak_lr: float,
    t_max: int,
    eta_min: float,
    clock: str = "batch",
) -> list[float]:
    """The loop with any T_max, eta_min and clock, to play its bugs."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, t_max, eta_min)
    optimizer.step()  # torch warns where a scheduler steps before its optimizer ever did
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            if clock == "before the update":
                scheduler.step()
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if clock in ("batch", "both"):
                scheduler.step()
        if clock in ("epoch", "both"):
            scheduler.step()
    return rates


def broken_train(epochs: int, batches: int, peak_lr: float, floor_share: float) -> list[float]:
    """What the exercise hands out: T_max in epochs, the floor as a share."""
    return loop(epochs, batches, peak_lr, epochs, floor_share)


def train_cases(rng: np.random.Generator) -> list[Case]:
    """An even number of updates, so that a half of it is whole."""
    simple = {"epochs": 4, "batches": 5, "peak_lr": 0.5, "floor_share": 0.1}
    drawn = [
        {
            "epochs": int(rng.integers(3, 6)),
            "batches": int(rng.choice([4, 6, 8])),
            "peak_lr": round(rng.uniform(0.2, 0.8), 3),
            "floor_share": round(rng.uniform(0.02, 0.3), 3),
        }
        for _ in range(2)
    ]
    return [Case(each) for each in (simple, *drawn)]


def _as_factors(epochs: int, batches: int, peak_lr: float, floor_share: float) -> list[float]:
    """With a LambdaLR, whose factor is a share of the peak by itself."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    steps = epochs * batches
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda t: floor_share + (1 - floor_share) * _wave(t / steps)
    )
    rates = []
    for _update in range(steps):
        rates.append(float(scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()
    return rates


TRAIN_RIGHT = (
    _as_factors,
    lambda epochs, batches, peak_lr, floor_share: CosineDecay(
        peak_lr, epochs * batches, floor_share * peak_lr
    )(np.arange(epochs * batches)),
    lambda epochs, batches, peak_lr, floor_share: [
        cosine_decay(t, peak_lr, epochs * batches, floor_share * peak_lr)
        for t in range(epochs * batches)
    ],
)

SHARE_LESSON = (
    "The floor is still not right: eta_min is a rate. A share of the peak is floor_share * peak_lr."
)
EPOCH_LESSON = (
    "Now the rate changes once per epoch, like a staircase. The recipe lets it fall after every "
    "update: leave scheduler.step() in the inner loop, and give T_max in updates."
)
BOTH_CLOCKS_LESSON = (
    "You changed both clocks, so they differ again: T_max counts updates now, and "
    "scheduler.step() runs once per epoch. Put it back into the inner loop."
)
PERIOD_LESSON = (
    "With twice the number of updates you end halfway down. T_max is half a period, the half that "
    "falls: it is the number of all updates."
)
TRAIN_MISTAKES = (
    Mistake(
        "the clock is repaired, the floor is not",
        lambda e, b, peak, share: loop(e, b, peak, e * b, share),
        f"T_max is right now. {SHARE_LESSON}",
    ),
    Mistake(
        "the floor is repaired, the clock is not",
        lambda e, b, peak, share: loop(e, b, peak, e, share * peak),
        "The floor is right now. But T_max counts calls of scheduler.step(), and that happens "
        "once per batch: T_max is the number of all updates, epochs * batches.",
    ),
    Mistake(
        "one rate per epoch",
        lambda e, b, peak, share: loop(e, b, peak, e, share * peak, "epoch"),
        EPOCH_LESSON,
    ),
    Mistake(
        "one rate per epoch, and the floor is not repaired",
        lambda e, b, peak, share: loop(e, b, peak, e, share, "epoch"),
        f"{EPOCH_LESSON} {SHARE_LESSON}",
    ),
    Mistake(
        "T_max in updates, stepped per epoch",
        lambda e, b, peak, share: loop(e, b, peak, e * b, share * peak, "epoch"),
        BOTH_CLOCKS_LESSON,
    ),
    Mistake(
        "T_max in updates, stepped per epoch, and the floor is not repaired",
        lambda e, b, peak, share: loop(e, b, peak, e * b, share, "epoch"),
        f"{BOTH_CLOCKS_LESSON} {SHARE_LESSON}",
    ),
    Mistake(
        "steps per batch and per epoch",
        lambda e, b, peak, share: loop(e, b, peak, e * b, share * peak, "both"),
        "scheduler.step() runs at both places now. Remove the call behind the inner loop.",
    ),
    Mistake(
        "T_max as a whole period",
        lambda e, b, peak, share: loop(e, b, peak, 2 * e * b, share * peak),
        PERIOD_LESSON,
    ),
    Mistake(
        "T_max as a whole period, and the floor is not repaired",
        lambda e, b, peak, share: loop(e, b, peak, 2 * e * b, share),
        f"{PERIOD_LESSON} {SHARE_LESSON}",
    ),
    Mistake(
        "T_max halved",
        lambda e, b, peak, share: loop(e, b, peak, e * b // 2, share * peak),
        "Your rate is at the floor after half of the training and climbs again. T_max is the half "
        "of a period, but the whole of the training: epochs * batches.",
    ),
    Mistake(
        "one cosine per epoch",
        lambda e, b, peak, share: loop(e, b, peak, b, share * peak),
        "T_max = batches ends the fall with the first epoch. The recipe wants one fall over all "
        "epochs: epochs * batches.",
    ),
    Mistake(
        "one cosine per epoch, and the floor is not repaired",
        lambda e, b, peak, share: loop(e, b, peak, b, share),
        "T_max = batches ends the fall with the first epoch. The recipe wants one fall over all "
        f"epochs: epochs * batches. {SHARE_LESSON}",
    ),
    Mistake(
        "T_max one too short",
        lambda e, b, peak, share: loop(e, b, peak, e * b - 1, share * peak),
        "With one update less the last update already uses the floor. T_max is the number of all "
        "updates; the floor belongs to the update after the last.",
    ),
    Mistake(
        "T_max one too short, and the floor is not repaired",
        lambda e, b, peak, share: loop(e, b, peak, e * b - 1, share),
        "With one update less the last update already uses the floor: T_max is the number of all "
        f"updates. {SHARE_LESSON}",
    ),
    Mistake(
        "T_max one too long",
        lambda e, b, peak, share: loop(e, b, peak, e * b + 1, share * peak),
        "With one update more the fall is not over when the training is. T_max is the number of "
        "all updates; they start at t = 0, so the floor belongs to the update after the last.",
    ),
    Mistake(
        "no floor",
        lambda e, b, peak, share: loop(e, b, peak, e * b, 0),
        "Your rate falls to 0. The recipe ends at floor_share of the peak: "
        "eta_min = floor_share * peak_lr.",
    ),
    Mistake(
        "the floor is what is lost",
        lambda e, b, peak, share: loop(e, b, peak, e * b, (1 - share) * peak),
        "floor_share is what is left of the peak at the end, not what is taken away.",
    ),
    Mistake(
        "the scheduler steps before the update",
        lambda e, b, peak, share: loop(e, b, peak, e * b, share * peak, "before the update"),
        "Your first update does not use the peak. First record, then update, then step the "
        "scheduler.",
    ),
)

# 03.4 -----------------------------------------------------------------------------------------

# bowls(signals(), {"cosine": CosineDecay(1, 400), "step": MultiStepDecay(1, (200, 300), 0.1)}),
# 6 and 12 seeds from 0, 1000 and 2000 on: the best peak of the cosine lies from 0.12 to 0.18, and
# from 0.1 to 0.22 the accuracy is at most 2 points lower; 0.08 loses about 2, 0.32 about 9. At the
# peak 0.01 the two schedules differ by half a point or less, at 0.2 to 0.44 (twice a good peak) the
# cosine is ahead by more than 5 points. At 0.64 both come apart, and the step is ahead.
GOOD_PEAKS = Within(0.1, 0.22)

PEAK_MISTAKES = (
    Mistake(
        "the edge of the grid",
        lambda: {"peak": 0.04},
        "That is the best of the peaks that were tried, and it stands at the edge: the accuracy "
        "was still rising there. Add higher peaks until it has clearly fallen again.",
    ),
    Mistake(
        "stopped while it was still rising",
        lambda: {"peak": 0.08},
        "The accuracy rises beyond this peak. Go on doubling until it falls, then take the top.",
    ),
    Mistake(
        "beyond the top",
        lambda: {"peak": 0.27},
        "There the accuracy has begun to fall again. Take the top of the bowl; if you have not "
        "tried any peak between this one and the last good one, do.",
    ),
    Mistake(
        "the highest peak that still learns",
        lambda: {"peak": 0.32},
        "A run can learn something and still be far below the best. Take the top of the bowl, not "
        "its right end.",
    ),
    Mistake(
        "the highest peak of all",
        lambda: {"peak": 0.64},
        "Look at the accuracy there: that is where the run comes apart. Take the top of the bowl.",
    ),
    Mistake(
        "the lowest peak",
        lambda: {"peak": 0.005},
        "The lowest peak is the worst of this grid: too little area to get anywhere. Take the top "
        "of the bowl.",
    ),
    Mistake(
        "the cosine repairs a peak that is too low",
        lambda: {"too_low": "cosine"},
        "Compare the two numbers at 0.01. A cosine spends about half of the area of a constant "
        "rate, so it does not get further than others where the peak is too low.",
    ),
    Mistake(
        "a difference of less than a point",
        lambda: {"too_low": "step"},
        "At 0.01 the step schedule is ahead by less than a point, if at all, and the bands of the "
        "two lie over each other. Such a difference says little.",
    ),
    Mistake(
        "step taken for the forgiving one",
        lambda: {"too_high": "step"},
        "Look at both curves at twice the best peak. The step schedule stays that high until its "
        "first drop, and the cosine has begun to leave it: which curve is higher?",
    ),
    Mistake(
        "no difference seen at the right end",
        lambda: {"too_high": "neither"},
        "At twice the best peak the two curves are several points apart. Put that peak into the "
        "list, if it is not there yet.",
    ),
)

# 03.6 -----------------------------------------------------------------------------------------


def stopped_early(stop: int, steps: int) -> list[float]:
    """The last rate over the peak, and Σ η(t) over t < stop, divided by Σ η(t) over t < steps"""
    rates = [(1 + math.cos(math.pi * t / steps)) / 2 for t in range(steps)]
    return [rates[stop - 1], sum(rates[:stop]) / sum(rates)]


def stop_cases(rng: np.random.Generator) -> list[Case]:
    """Stopped early, in the middle, after one update, and not at all."""
    simple = {"stop": 5, "steps": 12}
    drawn = [_stop_arguments(rng) for _ in range(3)]
    ends = [{"stop": 1, "steps": 10}, {"stop": 30, "steps": 30}]
    return [Case(each, places=("rate", "area")) for each in (simple, *drawn, *ends)]


def _stop_arguments(rng: np.random.Generator) -> dict[str, Any]:
    steps = int(rng.integers(10, 60))
    return {"stop": int(rng.integers(3, steps - 2)), "steps": steps}


def _area(stop: float, steps: float, first: int = 0) -> float:
    """The area of the updates first ... stop-1 in units of the peak."""
    return sum(_wave(t / steps) for t in range(first, int(stop)))


def _trapezoids(stop: int, steps: int) -> float:
    return _area(stop, steps) - (1 + _wave((stop - 1) / steps)) / 2


def _with_library(stop: int, steps: int) -> np.ndarray:
    rates = CosineDecay(1.0, steps)(np.arange(steps))
    return np.array([rates[stop - 1], rates[:stop].sum() / rates.sum()])


def _in_closed_form(stop: int, steps: int) -> list[float]:
    """The whole area is (T + 1)/2; the sum of the cosines is a ratio of sines."""
    x = math.pi / steps
    cosines = math.sin(stop * x / 2) * math.cos((stop - 1) * x / 2) / math.sin(x / 2)
    return [(1 + math.cos((stop - 1) * x)) / 2, (stop + cosines) / (steps + 1)]


def _as_torch(stop: int, steps: int) -> torch.Tensor:
    rates = 0.5 * (1 + torch.cos(torch.pi * torch.arange(steps, dtype=torch.float64) / steps))
    return torch.stack([rates[stop - 1], rates[:stop].sum() / rates.sum()])


STOP_RIGHT = (_with_library, _in_closed_form, _as_torch)

PLANNED_LESSON = (
    "You computed a cosine that was planned for `stop` updates. This one was planned for `steps`, "
    "and nobody told it that it would stop: the angle is π t / steps."
)
NEXT_RATE_LESSON = (
    "Your rate is that of t = stop, which is an update that was never made. The updates have the "
    "numbers 0 ... stop - 1."
)
STOP_MISTAKES = (
    Mistake(
        "the rate of the next update",
        lambda stop, steps: [_wave(stop / steps), stopped_early(stop, steps)[1]],
        f"The area is right. {NEXT_RATE_LESSON}",
    ),
    Mistake(
        "one update too many",
        lambda stop, steps: [_wave(stop / steps), _area(stop + 1, steps) / _area(steps, steps)],
        f"{NEXT_RATE_LESSON} The same holds for the area.",
    ),
    Mistake(
        "one update too many in the area",
        lambda stop, steps: [
            stopped_early(stop, steps)[0],
            _area(stop + 1, steps) / _area(steps, steps),
        ],
        "The rate is right. The area holds one update too many: sum over t = 0 ... stop - 1.",
    ),
    Mistake(
        "one update too few in the area",
        lambda stop, steps: [
            stopped_early(stop, steps)[0],
            _area(stop - 1, steps) / _area(steps, steps),
        ],
        "The rate is right. The area holds one update too few: rates[:stop] has the updates "
        "0 ... stop - 1.",
    ),
    Mistake(
        "t counted from 1",
        lambda stop, steps: [
            _wave(stop / steps),
            _area(stop + 1, steps, 1) / _area(steps + 1, steps, 1),
        ],
        "You count the updates from 1 to stop. t counts updates already made: they are "
        "0 ... stop - 1, and the first uses the peak.",
    ),
    Mistake(
        "the share of the updates",
        lambda stop, steps: [stopped_early(stop, steps)[0], stop / steps],
        "That is the share of the updates. The early ones have the high rates, so they spend more "
        "than their share of the area: add the rates up.",
    ),
    Mistake(
        "the area that is left",
        lambda stop, steps: [
            stopped_early(stop, steps)[0],
            1 - stopped_early(stop, steps)[1],
        ],
        "The rate is right. The area you give is what is still to come; asked is what was spent.",
    ),
    Mistake(
        "the part of the rate that is gone",
        lambda stop, steps: [
            1 - stopped_early(stop, steps)[0],
            stopped_early(stop, steps)[1],
        ],
        "The area is right. The rate you give is what has been lost; asked is what is left of the "
        "peak.",
    ),
    Mistake(
        "compared with a constant rate",
        lambda stop, steps: [stopped_early(stop, steps)[0], _area(stop, steps) / steps],
        "You divide by T, the area of a constant rate at the peak. The whole plan is a cosine: "
        "divide by the sum of all its rates, about half of that.",
    ),
    Mistake(
        "the mean of the rates",
        lambda stop, steps: [stopped_early(stop, steps)[0], _area(stop, steps) / stop],
        "That is the mean rate of the updates that were made. The area is their sum, here as a "
        "share of the sum over the whole plan.",
    ),
    Mistake(
        "no share",
        lambda stop, steps: [stopped_early(stop, steps)[0], _area(stop, steps)],
        "That is the area in units of the peak. Divide it by the area of the whole plan.",
    ),
    Mistake(
        "an integral for the sum",
        lambda stop, steps: [
            stopped_early(stop, steps)[0],
            stop / steps + math.sin(math.pi * stop / steps) / math.pi,
        ],
        "Very near: that is the area under the smooth curve. Rates exist at whole t only, so add "
        "up the rates of the updates.",
    ),
    Mistake(
        "a line for the cosine",
        lambda stop, steps: [
            1 - (stop - 1) / steps,
            sum(1 - t / steps for t in range(stop)) / sum(1 - t / steps for t in range(steps)),
        ],
        "That is a straight line. It has the same whole area, but another share at the stop. Use "
        "½ (1 + cos(π t/T)).",
    ),
    Mistake(
        "the rate is not halved",
        lambda stop, steps: [2 * stopped_early(stop, steps)[0], stopped_early(stop, steps)[1]],
        "The area is right. 1 + cos goes from 2 to 0, so your rate is twice as large as it is: "
        "the ½ belongs in front.",
    ),
    Mistake(
        "a whole period for half of one",
        lambda stop, steps: [
            _wave(2 * (stop - 1) / steps),
            _area(stop, steps / 2) / _area(steps, steps / 2),
        ],
        "2π t/T goes down and up again within the plan. T is half a period: the angle is π t/T.",
    ),
    Mistake(
        "planned for the stop",
        lambda stop, steps: [_wave((stop - 1) / stop), 1.0],
        PLANNED_LESSON,
    ),
    Mistake(
        "planned for the stop, the area as a share of the plan",
        lambda stop, steps: [_wave((stop - 1) / stop), _area(stop, stop) / _area(steps, steps)],
        PLANNED_LESSON,
    ),
    Mistake(
        "T - 1 for T",
        lambda stop, steps: [
            _wave((stop - 1) / (steps - 1)),
            _area(stop, steps - 1) / _area(steps, steps - 1),
        ],
        "Your plan is at 0 in its last update: you divide by T - 1, as np.linspace(0, π, T) does. "
        "The angle is π t/T, and 0 belongs to t = T, the update after the last.",
    ),
    Mistake(
        "trapezoids for the sum",
        lambda stop, steps: [
            stopped_early(stop, steps)[0],
            _trapezoids(stop, steps) / _trapezoids(steps, steps),
        ],
        "The rate is right. The trapezoidal rule counts the first and the last rate by half. Here "
        "the area is the plain sum of the rates.",
    ),
    Mistake(
        "rate and area swapped",
        lambda stop, steps: stopped_early(stop, steps)[::-1],
        "The two numbers stand in each other's place: first the rate, then the area.",
    ),
    Mistake(
        "T/2 for the area of the plan",
        lambda stop, steps: [stopped_early(stop, steps)[0], _area(stop, steps) / (steps / 2)],
        "T/2 is the area under the smooth curve. Add up the rates of all updates 0 ... T - 1: the "
        "stairs hold a little more.",
    ),
    Mistake(
        "the next update, and the share of the updates",
        lambda stop, steps: [_wave(stop / steps), stop / steps],
        f"{NEXT_RATE_LESSON} And the early updates have the high rates, so they spend more than "
        "their share of the area: add the rates up.",
    ),
    Mistake(
        "the next update, and an integral for the sum",
        lambda stop, steps: [
            _wave(stop / steps),
            stop / steps + math.sin(math.pi * stop / steps) / math.pi,
        ],
        f"{NEXT_RATE_LESSON} And your area is that under the smooth curve: add up the rates of the "
        "updates instead.",
    ),
    Mistake(
        "the next update, compared with a constant rate",
        lambda stop, steps: [_wave(stop / steps), _area(stop, steps) / steps],
        f"{NEXT_RATE_LESSON} And the whole plan is a cosine: divide by the sum of all its rates, "
        "not by T.",
    ),
    Mistake(
        "the area counted from 1",
        lambda stop, steps: [
            stopped_early(stop, steps)[0],
            _area(stop + 1, steps, 1) / _area(steps + 1, steps, 1),
        ],
        "The rate is right. The area leaves out update 0, which uses the peak: sum over "
        "t = 0 ... stop - 1.",
    ),
    Mistake(
        "in per cent",
        lambda stop, steps: [100 * share for share in stopped_early(stop, steps)],
        "Your shares are in per cent. A share of a half is 0.5.",
    ),
)

# ----------------------------------------------------------------------------------------------

TASKS = (
    ValuesTask(
        id="03.1",
        title="Past the end",
        kind="predict",
        minutes=3,
        difficulty=1,
        points=2,
        draw=plan_numbers,
        answers=past_the_end,
        mistakes=PAST_THE_END_MISTAKES,
        rtol=1e-3,
        hints=(
            "At T/2 half of the way from the peak to the floor is over. Where does the way end?",
            "After T ours holds t/T at 1. PyTorch goes on along the cosine, whose whole period "
            "is 2T.",
            "From T to 2T PyTorch climbs as it fell before. 1.5T is the middle of that.",
        ),
    ),
    FunctionTask(
        id="03.2",
        title="Half a cosine",
        kind="implement",
        minutes=6,
        difficulty=1,
        points=2,
        reference=cosine_decay,
        cases=cosine_cases,
        also_right=COSINE_RIGHT,
        mistakes=COSINE_MISTAKES,
        hints=(
            "Which share of the way is over after t updates? It is never more than 1.",
            "min(t / steps, 1) is that share. The angle is π times the share, in radians.",
            "½ (1 + cos(angle)) goes from 1 to 0. Multiply the distance from the floor to the "
            "peak by it, and add the floor.",
        ),
    ),
    FunctionTask(
        id="03.3",
        title="Two bugs without a message",
        kind="repair",
        minutes=8,
        difficulty=2,
        points=3,
        reference=train,
        cases=train_cases,
        also_right=TRAIN_RIGHT,
        mistakes=TRAIN_MISTAKES,
        untouched=broken_train,
        hints=(
            "Print the rates of train(4, 5, 0.5, 0.1). How often do they go up and down, and "
            "what is the lowest?",
            "T_max counts calls of scheduler.step(). How many are there in the whole training?",
            "eta_min is a rate. Which rate is floor_share of the peak?",
        ),
    ),
    ValuesTask(
        id="03.4",
        title="Choose a peak",
        kind="experiment",
        minutes=10,
        difficulty=2,
        points=3,
        answers=lambda: {"peak": GOOD_PEAKS, "too_low": "neither", "too_high": "cosine"},
        words=("cosine", "step", "neither"),
        mistakes=PEAK_MISTAKES,
        rtol=0.15,  # of the mistakes: the right peak is a range
        hints=(
            "Where does the best peak of the first picture stand: in the middle, or at an edge?",
            "Lengthen the list of peaks by doubling, until the accuracy has clearly fallen. The "
            "diamond marks the top.",
            "Then compare the two schedules at 0.01 and at twice the top. The table has the "
            "numbers.",
        ),
    ),
    choice(
        "03.5",
        "What does the cosine promise?",
        right="c",
        feedback={
            "a": "You may read so, but it depends. On the digits tuned cosine and tuned step were "
            "alike, and trained too long on wrong labels the cosine lost. A gain over one step "
            "schedule may be a weakness of that schedule.",
            "b": "T_max is the number of all updates, and it must be known before the first. The "
            "peak and the floor are still to be chosen, and the peak matters most.",
            "d": "This is disputed. A controlled study found the usual explanations of the "
            "cosine's success not evidenced, and a straight line, which has corners, did as well "
            "on the lesson's tasks.",
        },
        hints=(
            "Three of the sentences stand, nearly so, in the lesson's boxes 'You will read'.",
            "Which sentence says no more than the lesson's experiments showed?",
        ),
        minutes=3,
    ),
    FunctionTask(
        id="03.6",
        title="Stopped early",
        kind="compute",
        minutes=12,
        difficulty=3,
        points=3,
        reference=stopped_early,
        cases=stop_cases,
        also_right=STOP_RIGHT,
        mistakes=STOP_MISTAKES,
        hints=(
            "Take the peak as 1 and make a list of all rates of the plan, for t = 0 ... steps - 1.",
            "The updates that were made are the first `stop` of that list. Which of them was the "
            "last?",
            "The area is a sum of rates: that of the first `stop`, divided by that of the whole "
            "list.",
        ),
    ),
)
