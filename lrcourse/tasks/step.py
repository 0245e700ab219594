"""Section 01, step decay: seven tasks, their right answers and the wrong ones we recognise."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from lrcourse.schedules import MultiStepDecay, StepDecay
from lrcourse.tasks.base import Case, FunctionTask, Mistake, ValuesTask, choice

# 01.1 -----------------------------------------------------------------------------------------


def step_decay(t: int, peak_lr: float, step_size: int, gamma: float) -> float:
    """η_peak γ^⌊t/S⌋"""
    return peak_lr * gamma ** (t // step_size)


def step_cases(rng: np.random.Generator) -> list[Case]:
    """Plain numbers first, then numbers that nobody can guess."""
    simple = Case({"peak_lr": 1.0, "step_size": 10, "gamma": 0.5}, range(31))
    return [simple, *(Case(_step_arguments(rng), range(60)) for _ in range(3))]


def _step_arguments(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "peak_lr": round(rng.uniform(0.05, 2.0), 3),
        "step_size": int(rng.integers(3, 25)),
        "gamma": round(rng.uniform(0.3, 0.9), 2),
    }


def _running_product(t: int, peak_lr: float, step_size: int, gamma: float) -> float:
    lr = peak_lr
    for step in range(1, t + 1):
        if step % step_size == 0:
            lr = lr * gamma ** (step // step_size)
    return lr


STEP_RIGHT = (
    lambda t, peak_lr, step_size, gamma: peak_lr * gamma ** math.floor(t / step_size),
    lambda t, peak_lr, step_size, gamma: StepDecay(peak_lr, step_size, gamma)(t),
    lambda t, peak_lr, step_size, gamma: (
        np.array(peak_lr) * np.power(gamma, np.floor_divide(t, step_size))
    ),
    lambda t, peak_lr, step_size, gamma: (
        torch.tensor(peak_lr) * torch.tensor(gamma) ** (t // step_size)
    ),
    lambda t, peak_lr, step_size, gamma: math.prod([peak_lr] + [gamma] * (t // step_size)),
)

JUMPS_BACK_LESSON = (
    "Your rate is low at t = S, 2S, ... and jumps back to the peak in between. A drop lasts: "
    "γ^⌊t/S⌋ counts all drops so far."
)
STEP_MISTAKES = (
    Mistake(
        "no floor",
        lambda t, peak, size, gamma: peak * gamma ** (t / size),
        "t / S without the floor falls a little at every update: that is exponential decay. "
        "Step decay needs whole drops, ⌊t/S⌋; in Python, t // S.",
    ),
    Mistake(
        "floor of the power",
        lambda t, peak, size, gamma: peak * math.floor(gamma ** (t / size)),
        "The floor stands outside the power, so the rate is 0 after the first update. "
        "It belongs to the exponent: γ^⌊t/S⌋.",
    ),
    Mistake(
        "ceil for floor",
        lambda t, peak, size, gamma: peak * gamma ** math.ceil(t / size),
        "Your first drop already happens at t = 1: t/S is rounded up, or a loop counts a drop at "
        "0. Round down: ⌊t/S⌋.",
    ),
    Mistake(
        "rounds to the nearest",
        lambda t, peak, size, gamma: peak * gamma ** math.floor(t / size + 0.5),
        "round(t/S) drops half a step too early, at t = S/2. Round down: ⌊t/S⌋.",
    ),
    Mistake(
        "drops one update early",
        lambda t, peak, size, gamma: peak * gamma ** ((t + 1) // size),
        "(t + 1) // S drops at t = S - 1. t counts updates already made: the updates 0 ... S-1 "
        "use the peak, and update S is the first with the lower rate.",
    ),
    Mistake(
        "drops one update late",
        lambda t, peak, size, gamma: peak * gamma ** (max(t - 1, 0) // size),
        "Your first drop comes at t = S + 1, as if t counted from 1. t counts updates already "
        "made and starts at 0.",
    ),
    Mistake(
        "multiplies the running rate again",
        _running_product,
        "γ^⌊t/S⌋ holds all drops so far, so on a rate that was already lowered the earlier drops "
        "count twice. Multiply the peak by the power, or the running rate by γ.",
    ),
    Mistake(
        "S and γ swapped",
        lambda t, peak, size, gamma: peak * float(size) ** math.floor(t / gamma),
        "S and γ stand in each other's place: γ is the base of the power, S divides t.",
    ),
    Mistake(
        "multiplies by γ once per drop, without the power",
        lambda t, peak, size, gamma: peak * gamma * (t // size) if t >= size else peak,
        "γ ⌊t/S⌋ is a product; the drops multiply each other, so ⌊t/S⌋ is an exponent.",
    ),
    Mistake(
        "subtracts instead of multiplying",
        lambda t, peak, size, gamma: peak * (1 - (1 - gamma) * (t // size)),
        "Each drop multiplies the current rate by γ. Subtracting the same amount each time makes "
        "the rate negative sooner or later.",
    ),
    Mistake(
        "only the first drop",
        lambda t, peak, size, gamma: peak * gamma if t >= size else peak,
        "Your rate drops once and then stays. There is a drop every S updates: γ^⌊t/S⌋.",
    ),
    Mistake(
        "round() for the floor",
        lambda t, peak, size, gamma: peak * gamma ** round(t / size),
        "round(t/S) drops half a step too early, from t = S/2 on. Round down: ⌊t/S⌋.",
    ),
    Mistake(
        "the number of drops as a factor",
        lambda t, peak, size, gamma: peak * gamma * (t // size),
        "γ ⌊t/S⌋ is a product; the drops multiply each other, so ⌊t/S⌋ is an exponent.",
    ),
    Mistake(
        "the remainder for the quotient",
        lambda t, peak, size, gamma: peak * gamma ** (t % size),
        "t % S is the number of updates since the last drop. Asked is how many drops there were: "
        "t // S.",
    ),
    Mistake(
        "begins above the peak",
        lambda t, peak, size, gamma: peak * gamma ** ((t - 1) // size),
        "At t = 0 your exponent is -1, and every drop comes one update late. t counts updates "
        "already made and starts at 0: ⌊t/S⌋.",
    ),
    Mistake(
        "the peak inside the power",
        lambda t, peak, size, gamma: (peak * gamma) ** (t // size),
        "The brackets raise the peak to the power as well. Only γ is repeated: "
        "peak_lr * gamma ** (t // step_size).",
    ),
    Mistake(
        "without the peak",
        lambda t, peak, size, gamma: gamma ** (t // size),
        "Your rate starts at 1. It starts at the peak: multiply by peak_lr.",
    ),
    Mistake(
        "1 - γ for γ",
        lambda t, peak, size, gamma: peak * (1 - gamma) ** (t // size),
        "You kept what each drop takes away. γ is what is left of the rate: 0.9 leaves nine "
        "tenths.",
    ),
    Mistake(
        "grows",
        lambda t, peak, size, gamma: peak / gamma ** (t // size),
        "Your rate grows. γ is below 1, so each drop multiplies by it.",
    ),
    Mistake(
        "the power comes before the division",
        lambda t, peak, size, gamma: peak * (gamma**t // size),
        "Python takes the power first and divides then. Put the exponent in brackets: "
        "gamma ** (t // step_size).",
    ),
    Mistake(
        "drops only at the multiples of S",
        lambda t, peak, size, gamma: peak * gamma if t % size == 0 else peak,
        JUMPS_BACK_LESSON,
    ),
    Mistake(
        "drops only at the multiples of S, not at 0",
        lambda t, peak, size, gamma: peak * gamma if t % size == 0 and t > 0 else peak,
        JUMPS_BACK_LESSON,
    ),
    Mistake(
        "lower by all drops, but only at the multiples of S",
        lambda t, peak, size, gamma: peak * gamma ** (t // size) if t % size == 0 else peak,
        JUMPS_BACK_LESSON,
    ),
    Mistake(
        "one drop too many",
        lambda t, peak, size, gamma: peak * gamma ** (t // size + 1),
        "Your rate begins one drop too low, as if there were a drop at t = 0. The first comes at "
        "t = S.",
    ),
    Mistake(
        "a drop at every update",
        lambda t, peak, size, gamma: peak * gamma**t,
        "Your rate drops at every update. It drops every S updates: the exponent is ⌊t/S⌋.",
    ),
)

# 01.2 -----------------------------------------------------------------------------------------


def multi_step_decay(t: int, peak_lr: float, milestones: list[int], gamma: float) -> float:
    """η_peak γ^(how many milestones are at most t)"""
    return peak_lr * gamma ** sum(milestone <= t for milestone in milestones)


def multi_step_cases(rng: np.random.Generator) -> list[Case]:
    """Unequal distances, so that no equal step size can pass."""
    simple = Case({"peak_lr": 1.0, "milestones": [5, 8, 20], "gamma": 0.5}, range(25))
    return [simple, *(Case(_multi_step_arguments(rng), range(100)) for _ in range(3))]


def _multi_step_arguments(rng: np.random.Generator) -> dict[str, Any]:
    milestones = np.sort(rng.choice(np.arange(2, 90), size=rng.integers(2, 5), replace=False))
    return {
        "peak_lr": round(rng.uniform(0.05, 2.0), 3),
        "milestones": milestones.tolist(),
        "gamma": round(rng.uniform(0.2, 0.9), 2),
    }


MULTI_STEP_RIGHT = (
    lambda t, peak_lr, milestones, gamma: MultiStepDecay(peak_lr, milestones, gamma)(t),
    lambda t, peak_lr, milestones, gamma: (
        peak_lr * gamma ** int(np.searchsorted(milestones, t, side="right"))
    ),
    lambda t, peak_lr, milestones, gamma: math.prod(
        [peak_lr] + [gamma for m in milestones if m <= t]
    ),
)

MULTI_STEP_MISTAKES = (
    Mistake(
        "> for >=",
        lambda t, peak, milestones, gamma: peak * gamma ** sum(m < t for m in milestones),
        "Each drop comes one update late. The update at the milestone itself already uses the "
        "lower rate, so count the milestones with m <= t.",
    ),
    Mistake(
        "drops one update early",
        lambda t, peak, milestones, gamma: peak * gamma ** sum(m <= t + 1 for m in milestones),
        "Each drop comes one update early. t counts updates already made; the milestone m is the "
        "first update with the lower rate.",
    ),
    Mistake(
        "only the first drop",
        lambda t, peak, milestones, gamma: peak * gamma ** any(m <= t for m in milestones),
        "Your rate drops at the first milestone and then stays. The exponent is how many "
        "milestones have passed, not whether one has.",
    ),
    Mistake(
        "drops only at the milestone",
        lambda t, peak, milestones, gamma: peak * gamma ** (t in milestones),
        "Your rate is low at the milestones and jumps back after them. Every milestone that has "
        "passed counts, for ever.",
    ),
    Mistake(
        "milestones taken as lengths",
        lambda t, peak, milestones, gamma: (
            peak * gamma ** sum(end <= t for end in np.cumsum(milestones))
        ),
        "You added the milestones up, as if each were the length of a phase. They are points on "
        "the axis of t.",
    ),
    Mistake(
        "the first milestone taken as the step size",
        lambda t, peak, milestones, gamma: peak * gamma ** (t // milestones[0]),
        "That repeats the first distance for ever. The milestones need not be equally far apart.",
    ),
    Mistake(
        "γ times the count, without the power",
        lambda t, peak, milestones, gamma: (
            peak * gamma * sum(m <= t for m in milestones) if t >= milestones[0] else peak
        ),
        "The drops multiply each other, so their number is an exponent of γ, not a factor.",
    ),
    Mistake(
        "the count as a factor",
        lambda t, peak, milestones, gamma: peak * gamma * sum(m <= t for m in milestones),
        "The drops multiply each other, so their number is an exponent of γ, not a factor.",
    ),
    Mistake(
        "all drops at once",
        lambda t, peak, milestones, gamma: peak * gamma ** len(milestones),
        "You count all milestones, also those that are still to come. Count those that have "
        "passed at t: milestone <= t.",
    ),
    Mistake(
        "counts the milestones to come",
        lambda t, peak, milestones, gamma: peak * gamma ** sum(m > t for m in milestones),
        "You count the milestones that are still to come, so your rate rises. Count those that "
        "have passed: milestone <= t.",
    ),
    Mistake(
        "counts the milestones to come, and that at t",
        lambda t, peak, milestones, gamma: peak * gamma ** sum(m >= t for m in milestones),
        "You count the milestones that are still to come, so your rate rises. Count those that "
        "have passed: milestone <= t.",
    ),
    Mistake(
        "0 after the last milestone",
        lambda t, peak, milestones, gamma: (
            multi_step_decay(t, peak, milestones, gamma) if t < milestones[-1] else 0.0
        ),
        "Up to the last milestone it is right. From there on the rate stays as low as it is, and "
        "is not 0.",
    ),
    Mistake(
        "the milestones are numbered from 0",
        lambda t, peak, milestones, gamma: (
            peak * gamma ** max(sum(m <= t for m in milestones) - 1, 0)
        ),
        "Your first milestone does nothing, as if it had the number 0. From it on, one drop has "
        "happened.",
    ),
    Mistake(
        "one drop too many",
        lambda t, peak, milestones, gamma: peak * gamma ** (1 + sum(m <= t for m in milestones)),
        "Your rate begins one drop too low. Before the first milestone there was no drop.",
    ),
    Mistake(
        "only the last milestone counts",
        lambda t, peak, milestones, gamma: peak * gamma if t >= milestones[-1] else peak,
        "Only the last milestone counts. Does a loop set the rate back to the peak each time? "
        "Every milestone that has passed counts.",
    ),
    Mistake(
        "the sum of the milestones",
        lambda t, peak, milestones, gamma: peak * gamma ** sum(m for m in milestones if m <= t),
        "You added the milestones that have passed. The exponent is how many they are.",
    ),
)

# 01.3 -----------------------------------------------------------------------------------------


def equivalent_gamma(gamma: float, step_size: int, new_step_size: int) -> float:
    """γ^(S'/S): the same fall over any common multiple of S and S'"""
    return gamma ** (new_step_size / step_size)


def equivalent_gamma_cases(rng: np.random.Generator) -> list[Case]:
    """Half the distance first: the new γ is a square root."""
    simple = Case({"gamma": 0.25, "step_size": 30, "new_step_size": 15})
    return [simple, *(Case(_equivalent_arguments(rng)) for _ in range(6))]


def _equivalent_arguments(rng: np.random.Generator) -> dict[str, Any]:
    step_size, new_step_size = rng.choice(np.arange(2, 60), size=2, replace=False).tolist()
    gamma = round(rng.uniform(0.1, 0.9), 2)
    return {"gamma": gamma, "step_size": step_size, "new_step_size": new_step_size}


EQUIVALENT_GAMMA_RIGHT = (
    lambda gamma, step_size, new_step_size: math.exp(new_step_size * math.log(gamma) / step_size),
    lambda gamma, step_size, new_step_size: (gamma**new_step_size) ** (1 / step_size),
)

EQUIVALENT_GAMMA_MISTAKES = (
    Mistake(
        "ratio upside down",
        lambda gamma, size, new_size: gamma ** (size / new_size),
        "The exponent is upside down. Drops that come more often must each be gentler: with "
        "S' < S your γ' must lie nearer to 1.",
    ),
    Mistake(
        "scales γ in proportion",
        lambda gamma, size, new_size: gamma * new_size / size,
        "Drops multiply, so they do not scale in proportion. Ask which γ' gives the same fall "
        "after S · S' updates: γ'^S = γ^S'.",
    ),
    Mistake(
        "scales the drop 1 - γ in proportion",
        lambda gamma, size, new_size: 1 - (1 - gamma) * new_size / size,
        "Scaling 1 - γ is only a first guess for γ near 1; two drops of 5% are not one of 10%. "
        "Use the power: γ'^S = γ^S'.",
    ),
    Mistake(
        "leaves γ as it was",
        lambda gamma, size, new_size: gamma,
        "The same γ at another distance falls at another speed: γ = 0.5 every 10 updates is "
        "1/8 after 30, γ = 0.5 every 30 is 1/2.",
    ),
    Mistake(
        "one drop per update",
        lambda gamma, size, new_size: gamma ** (1 / size),
        "That is the γ for S' = 1, a drop at every update. Raise it to the power S'.",
    ),
    Mistake(
        "scales γ in proportion, the other way round",
        lambda gamma, size, new_size: gamma * size / new_size,
        "Drops multiply, so they do not scale in proportion. Ask which γ' gives the same fall "
        "after S · S' updates: γ'^S = γ^S'.",
    ),
    Mistake(
        "brackets forgotten",
        lambda gamma, size, new_size: gamma**new_size / size,
        "Python takes the power first and divides then. Put the exponent in brackets: "
        "gamma ** (new_step_size / step_size).",
    ),
    Mistake(
        "a whole number for the exponent",
        lambda gamma, size, new_size: gamma ** (new_size // size),
        "// cuts off what is behind the point. The exponent S'/S need not be whole: divide with /.",
    ),
    Mistake(
        "the logarithm of γ'",
        lambda gamma, size, new_size: math.log(gamma) * new_size / size,
        "That is ln γ', a negative number. e to the power of it is γ'.",
    ),
    Mistake(
        "the root for S'",
        lambda gamma, size, new_size: gamma ** (1 / new_size),
        "That spreads one drop over S' updates. γ is the fall over S updates: first take the S-th "
        "root.",
    ),
)

# 01.4 -----------------------------------------------------------------------------------------


def train(epochs: int, batches: int, peak_lr: float, step_size: int, gamma: float) -> list[float]:
    """η_peak γ^⌊epoch/S⌋ in every batch: scheduler.step() runs once per epoch"""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma)
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()  # a real loop computes the loss and its gradient first
        scheduler.step()
    return rates


def loop(
    epochs: int, batches: int, peak_lr: float, step_size: int, gamma: float, bug: str = "per batch"
) -> list[float]:
    """The training loop of the task with one of its bugs; it records the rates it used."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma)
    optimizer.step()  # torch warns where a scheduler steps before its optimizer ever did
    rates = []
    for _epoch in range(epochs):
        if bug == "before the epoch":
            scheduler.step()
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if bug in ("per batch", "both"):
                scheduler.step()
        if bug == "both":
            scheduler.step()
    return rates


def _per_epoch(
    calls: Callable[[int], int],
    epochs: int,
    batches: int,
    peak_lr: float,
    step_size: int,
    gamma: float,
) -> list[float]:
    """The rates where so many `calls(epoch)` of scheduler.step() came before this epoch."""
    return [
        peak_lr * gamma ** (calls(epoch) // step_size)
        for epoch in range(epochs)
        for _ in range(batches)
    ]


def loop_cases(rng: np.random.Generator) -> list[Case]:
    """More epochs than S, and more than one batch, so that the two clocks differ.

    The first has more epochs than S times the batches: a step_size in updates drops late there.
    """
    arguments = [{"epochs": 7, "batches": 3, "peak_lr": 1.0, "step_size": 2, "gamma": 0.5}]
    for _ in range(2):
        step_size, batches = int(rng.integers(2, 4)), int(rng.integers(2, 6))
        gamma = round(rng.uniform(0.2, 0.8), 2)
        arguments.append(
            {
                "epochs": 2 * step_size + 1,
                "batches": batches,
                "peak_lr": 0.1,
                "step_size": step_size,
                "gamma": gamma,
            }
        )
    return [Case(each) for each in arguments]


LOOP_RIGHT = (
    lambda epochs, batches, peak_lr, step_size, gamma: [
        peak_lr * gamma ** (epoch // step_size) for epoch in range(epochs) for _ in range(batches)
    ],
    lambda epochs, batches, peak_lr, step_size, gamma: StepDecay(
        peak_lr, step_size * batches, gamma
    )(np.arange(epochs * batches)),
    lambda epochs, batches, peak_lr, step_size, gamma: np.repeat(
        StepDecay(peak_lr, step_size, gamma)(np.arange(epochs)), batches
    ),
    lambda epochs, batches, peak_lr, step_size, gamma: loop(
        epochs, batches, peak_lr, step_size * batches, gamma
    ),
)

COUNTED_TWICE_LESSON = (
    "You call scheduler.step() only every step_size epochs, but StepLR counts to step_size itself. "
    "Call it after every epoch."
)
LOOP_MISTAKES = (
    Mistake(
        "steps per batch and per epoch",
        partial(loop, bug="both"),
        "Now scheduler.step() runs at both places. Remove the call in the inner loop.",
    ),
    Mistake(
        "one epoch early",
        partial(loop, bug="before the epoch"),
        "Every drop comes one epoch early: scheduler.step() runs before the epoch's updates, or "
        "the rate is recorded after it. First record, then update, then step the scheduler.",
    ),
    Mistake(
        "one rate per epoch",
        lambda epochs, batches, *rest: train(epochs, 1, *rest),
        "You record one rate per epoch. The task asks for the rate of every update: "
        "epochs x batches numbers.",
    ),
    Mistake(
        "the drops come too late, or never",
        lambda epochs, batches, peak_lr, *rest: [peak_lr] * (epochs * batches),
        "The rate stays at the peak: scheduler.step() is hardly called, or step_size is too long, "
        "or a scheduler made inside the loop counts anew. Call one scheduler once per epoch.",
    ),
    Mistake(
        "one update early",
        lambda epochs, batches, peak_lr, step_size, gamma: [
            peak_lr * gamma ** (update // batches // step_size)
            for update in range(1, epochs * batches + 1)
        ],
        "Each rate comes one update early: it is recorded after scheduler.step(). First record, "
        "then update, then step the scheduler.",
    ),
    Mistake(
        "steps after the first batch",
        lambda epochs, batches, peak_lr, step_size, gamma: [
            peak_lr * gamma ** ((epoch + (batch > 0)) // step_size)
            for epoch in range(epochs)
            for batch in range(batches)
        ],
        "Your scheduler steps after the first batch of each epoch, so it drops most of an epoch "
        "early. Step it after the last batch.",
    ),
    Mistake(
        "a drop at every epoch",
        lambda epochs, batches, peak_lr, step_size, gamma: _per_epoch(
            lambda epoch: epoch, epochs, batches, peak_lr, 1, gamma
        ),
        "Your rate drops after every epoch. It drops every step_size epochs.",
    ),
    Mistake(
        "step_size times the epochs",
        lambda epochs, batches, peak_lr, step_size, gamma: StepDecay(
            peak_lr, step_size * epochs, gamma
        )(np.arange(epochs * batches)),
        "An epoch has as many updates as batches. So step_size epochs are step_size * batches "
        "updates.",
    ),
    Mistake(
        "repaired twice",
        lambda epochs, batches, peak_lr, step_size, gamma: _per_epoch(
            lambda epoch: epoch, epochs, batches, peak_lr, step_size * batches, gamma
        ),
        "step_size * batches counts updates, but scheduler.step() now runs once per epoch. One of "
        "the two repairs is enough.",
    ),
    Mistake(
        "counts the epochs twice",
        lambda epochs, batches, peak_lr, step_size, gamma: _per_epoch(
            lambda epoch: -(-epoch // step_size), epochs, batches, peak_lr, step_size, gamma
        ),
        COUNTED_TWICE_LESSON,
    ),
    Mistake(
        "counts the epochs twice, and begins late",
        lambda epochs, batches, peak_lr, step_size, gamma: _per_epoch(
            lambda epoch: epoch // step_size, epochs, batches, peak_lr, step_size, gamma
        ),
        COUNTED_TWICE_LESSON,
    ),
)

# 01.5 -----------------------------------------------------------------------------------------


def mystery_numbers(rng: np.random.Generator) -> dict[str, Any]:
    """What made the curve: distances and factors that can be read off a grid."""
    return {
        "step_size": int(rng.choice([15, 20, 25, 30])),
        "gamma": float(rng.choice([0.3, 0.4, 0.6])),
    }


READ_MISTAKES = (
    Mistake(
        "step_size and gamma swapped",
        lambda step_size, gamma: {"step_size": gamma, "gamma": step_size},
        "The two numbers stand in each other's place.",
    ),
    Mistake(
        "gamma read as what is lost",
        lambda step_size, gamma: {"gamma": 1 - gamma},
        "That is the share that each drop takes away. γ is what is left: new rate / old rate.",
    ),
    Mistake(
        "gamma read over two drops",
        lambda step_size, gamma: {"gamma": gamma**2},
        "That is the fall over two drops. γ is one drop: the second level divided by the first.",
    ),
    Mistake(
        "step_size as the run over the drops",
        lambda step_size, gamma: {"step_size": 100 / (99 // step_size)},
        "Did you divide the 100 updates by the number of drops? The last stair need not be whole. "
        "S is the distance between two drops.",
    ),
    Mistake(
        "step_size read as the second drop",
        lambda step_size, gamma: {"step_size": 2 * step_size},
        "That is where the second drop is. S is the distance between two drops.",
    ),
    Mistake(
        "gamma upside down",
        lambda step_size, gamma: {"gamma": 1 / gamma},
        "That is the old rate divided by the new one. γ is new rate / old rate, below 1.",
    ),
    Mistake(
        "gamma in per cent",
        lambda step_size, gamma: {"gamma": 100 * gamma},
        "That is γ in per cent. γ is a share, new rate / old rate, below 1.",
    ),
)

# 01.6 -----------------------------------------------------------------------------------------


def first_update_below(target: float, peak_lr: float, step_size: int, gamma: float) -> int:
    """The smallest t with η(t) < target"""
    drops = math.ceil(math.log(target / peak_lr) / math.log(gamma))
    return step_size * max(drops, 0)


def first_below_cases(rng: np.random.Generator) -> list[Case]:
    """Targets between two levels, so that rounding cannot decide; the last starts below."""
    simple = Case({"target": 0.2, "peak_lr": 1.0, "step_size": 10, "gamma": 0.5})
    nearer = Case({"target": 0.3, "peak_lr": 1.0, "step_size": 10, "gamma": 0.5})
    cases = [simple, nearer, *(Case(_first_below_arguments(rng)) for _ in range(5))]
    already_below = Case({"target": 0.5, "peak_lr": 0.1, "step_size": 10, "gamma": 0.5})
    return [*cases, already_below]


def _first_below_arguments(rng: np.random.Generator) -> dict[str, Any]:
    peak_lr, gamma = round(rng.uniform(0.1, 1), 3), round(rng.uniform(0.2, 0.8), 2)
    drops = rng.integers(2, 6) - rng.uniform(0.3, 0.7)
    return {
        "target": float(peak_lr * gamma**drops),
        "peak_lr": peak_lr,
        "step_size": int(rng.integers(5, 40)),
        "gamma": gamma,
    }


def _drops(target: float, peak_lr: float, gamma: float) -> float:
    return max(math.log(target / peak_lr) / math.log(gamma), 0)


FIRST_BELOW_RIGHT = (
    lambda target, peak_lr, step_size, gamma: next(
        t for t in range(100_000) if StepDecay(peak_lr, step_size, gamma)(t) < target
    ),
    lambda target, peak_lr, step_size, gamma: int(
        np.argmax(StepDecay(peak_lr, step_size, gamma)(np.arange(2000)) < target)
    ),
)

UP_LESSON = (
    "Between two drops the rate does not move, so it passes the target at a drop: round the number "
    "of drops up."
)
DOWN_LESSON = (
    "At your t the rate is still above the target. Round the number of drops up, not down."
)
TIMES_LESSON = "That is how many drops it takes. Each comes after S updates: multiply by S."
SMOOTH_LESSON = (
    "You solved it for a rate that falls a little at every update. Between two drops it does not "
    "move: round the number of drops up, then multiply by S."
)

SEARCH_LESSON = (
    "Where the peak is already below the target, the answer is 0. Look at t = 0 before you go on."
)


def _with_and_without_start(
    name: str, answer: Callable[[float, int], float], lesson: str
) -> Iterator[Mistake]:
    """A wrong answer, from the drops and S, that begins at 0, and one that may be negative."""
    yield Mistake(
        name, lambda target, peak, size, gamma: answer(_drops(target, peak, gamma), size), lesson
    )
    yield Mistake(
        f"{name}, and negative when the rate starts below",
        lambda target, peak, size, gamma: answer(math.log(target / peak) / math.log(gamma), size),
        f"{lesson} And where the peak is already below the target, the answer is 0.",
    )


FIRST_BELOW_MISTAKES = (
    *_with_and_without_start("no rounding up", lambda drops, size: size * drops, UP_LESSON),
    *_with_and_without_start(
        "one drop too early", lambda drops, size: size * math.floor(drops), DOWN_LESSON
    ),
    *_with_and_without_start(
        "rounded to the nearest drop", lambda drops, size: size * round(drops), DOWN_LESSON
    ),
    *_with_and_without_start(
        "the number of drops, not of updates", lambda drops, size: math.ceil(drops), TIMES_LESSON
    ),
    *_with_and_without_start(
        "the smooth curve", lambda drops, size: math.ceil(size * drops), SMOOTH_LESSON
    ),
    Mistake(
        "one update too late",
        lambda target, peak, size, gamma: first_update_below(target, peak, size, gamma) + 1,
        "The update at the drop itself already uses the lower rate: t = S · drops.",
    ),
    Mistake(
        "one update too early",
        lambda target, peak, size, gamma: first_update_below(target, peak, size, gamma) - 1,
        "That is the last update above the target. Asked is the first below it, one later.",
    ),
    Mistake(
        "ignores the peak",
        lambda target, peak, size, gamma: size * math.ceil(_drops(target, 1.0, gamma)),
        "Your answer holds for a peak of 1. The rate starts at the peak: compare target / peak "
        "with γ^drops.",
    ),
    Mistake(
        "negative when the rate starts below",
        lambda target, peak, size, gamma: (
            size * math.ceil(math.log(target / peak) / math.log(gamma))
        ),
        "When the peak is already below the target, the first update below is t = 0, not a "
        "negative one.",
    ),
    Mistake(
        "the search begins at t = 1",
        lambda target, peak, size, gamma: max(first_update_below(target, peak, size, gamma), 1),
        SEARCH_LESSON,
    ),
    Mistake(
        "the search begins at the first drop",
        lambda target, peak, size, gamma: max(first_update_below(target, peak, size, gamma), size),
        SEARCH_LESSON,
    ),
)

# ----------------------------------------------------------------------------------------------

TASKS = (
    FunctionTask(
        id="01.1",
        title="Step decay",
        kind="implement",
        minutes=5,
        difficulty=1,
        points=2,
        reference=step_decay,
        cases=step_cases,
        also_right=STEP_RIGHT,
        mistakes=STEP_MISTAKES,
        hints=(
            "How many drops have happened after t updates, when one comes every S?",
            "Whole drops only: ⌊t/S⌋. Python writes it t // step_size.",
            "Each drop multiplies by γ, so ⌊t/S⌋ drops multiply by γ to the power ⌊t/S⌋.",
        ),
    ),
    FunctionTask(
        id="01.2",
        title="Drops at chosen points",
        kind="implement",
        minutes=6,
        difficulty=1,
        points=2,
        reference=multi_step_decay,
        cases=multi_step_cases,
        also_right=MULTI_STEP_RIGHT,
        mistakes=MULTI_STEP_MISTAKES,
        hints=(
            "How many of the milestones have passed at t?",
            "A milestone has passed when milestone <= t: the update at the milestone is the first "
            "with the lower rate.",
            "sum(milestone <= t for milestone in milestones) counts them; it is the exponent of γ.",
        ),
    ),
    FunctionTask(
        id="01.3",
        title="The same fall at another distance",
        kind="compute",
        minutes=6,
        difficulty=2,
        points=2,
        reference=equivalent_gamma,
        cases=equivalent_gamma_cases,
        also_right=EQUIVALENT_GAMMA_RIGHT,
        mistakes=EQUIVALENT_GAMMA_MISTAKES,
        hints=(
            "Over S · S' updates one schedule drops S' times, the other S times.",
            "Both must have fallen by the same factor then: γ'^S = γ^S'.",
            "Solve for γ': take the S-th root, so the power is S'/S.",
        ),
    ),
    FunctionTask(
        id="01.4",
        title="The wrong clock",
        kind="repair",
        minutes=8,
        difficulty=2,
        points=3,
        reference=train,
        cases=loop_cases,
        also_right=LOOP_RIGHT,
        mistakes=LOOP_MISTAKES,
        untouched=loop,
        hints=(
            "step_size is meant in epochs. What does scheduler.step() count in this loop?",
            "It is called once per batch. How often should it be called?",
            "Move scheduler.step() behind the inner loop, so that it runs once per epoch.",
        ),
    ),
    ValuesTask(
        id="01.5",
        title="Read the curve",
        kind="read a curve",
        minutes=4,
        difficulty=1,
        points=2,
        draw=mystery_numbers,
        answers=lambda step_size, gamma: {"step_size": step_size, "gamma": gamma},
        mistakes=READ_MISTAKES,
        rtol=0.05,
        hints=(
            "S is the distance between two drops on the axis of t.",
            "γ is the height of one stair divided by the height of the stair before it.",
        ),
    ),
    FunctionTask(
        id="01.6",
        title="When does the rate pass a target?",
        kind="compute",
        minutes=10,
        difficulty=3,
        points=3,
        reference=first_update_below,
        cases=first_below_cases,
        also_right=FIRST_BELOW_RIGHT,
        mistakes=FIRST_BELOW_MISTAKES,
        hints=(
            "A loop over t works. A formula is shorter: how many drops bring the peak below the "
            "target?",
            "peak · γ^n < target. Take logarithms, and remember that log γ is negative.",
            "n = ⌈log(target / peak) / log γ⌉ drops, and the n-th drop happens at t = n S. What "
            "if the peak is below the target from the start?",
        ),
    ),
    choice(
        "01.7",
        "After the drop",
        "c",
        {
            "a": "A small rate is slower, not faster: in the experiment of the lesson the large "
            "rate had done the travelling before the drop. With the small one from the start the "
            "weights would still be on their way.",
            "b": "A training that diverges does not settle at a noisy level; its loss grows. "
            "This one went down all the time, only more and more slowly.",
            "d": "The first drop took most of the noise away. In the lesson the second drop by "
            "ten had little left to remove.",
        },
        hints=(
            "What kept the loss up before the drop: the way that was left, or the jumps from "
            "batch to batch?",
        ),
    ),
)
