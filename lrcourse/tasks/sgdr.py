"""Section 04, warm restarts: six tasks, their right answers and the wrong ones we recognise."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from lrcourse.handouts.sgdr import mystery_rates
from lrcourse.schedules import CosineRestarts
from lrcourse.tasks.base import Case, FunctionTask, Mistake, ValuesTask, choice

# 04.1 -----------------------------------------------------------------------------------------


def mystery_numbers(rng: np.random.Generator) -> dict[str, Any]:
    """What made the curve: lengths that can be read off a grid."""
    return {
        "first_cycle": int(rng.choice([10, 15, 20, 25])),
        "stretch": int(rng.choice([2, 4])),
    }


READ_MISTAKES = (
    Mistake(
        "stretch read from the restarts",
        lambda first_cycle, stretch: {"stretch": 1 + stretch},
        "You divided the second restart by the first. m compares the lengths of two cycles: "
        "(second restart - first restart) / first restart.",
    ),
    Mistake(
        "stretch read as a difference",
        lambda first_cycle, stretch: {"stretch": first_cycle * (stretch - 1)},
        "That is how many updates the second cycle has more. m is a factor: the length of a cycle "
        "divided by the length of the one before.",
    ),
    Mistake(
        "stretch upside down",
        lambda first_cycle, stretch: {"stretch": 1 / stretch},
        "That is the shorter cycle divided by the longer. m is the length of a cycle divided by "
        "the length of the one before.",
    ),
    Mistake(
        "first_cycle and stretch swapped",
        lambda first_cycle, stretch: {"first_cycle": stretch, "stretch": first_cycle},
        "The two numbers stand in each other's place.",
    ),
    Mistake(
        "first_cycle read at the second restart",
        lambda first_cycle, stretch: {"first_cycle": first_cycle * (1 + stretch)},
        "That is where the second restart is. T_0 is the length of cycle 0: from 0 to the first "
        "restart.",
    ),
    Mistake(
        "first_cycle read off the second cycle",
        lambda first_cycle, stretch: {"first_cycle": first_cycle * stretch},
        "That is the length of the second cycle on the picture, which is cycle 1. T_0 is cycle 0, "
        "from 0 to the first restart.",
    ),
    Mistake(
        "the length of the cycle for its end",
        lambda first_cycle, stretch: {"next_restart": first_cycle * stretch**2},
        "That is how long the third cycle lasts. It begins at the second restart, so add that.",
    ),
    Mistake(
        "the same length again",
        lambda first_cycle, stretch: {"next_restart": first_cycle * (1 + 2 * stretch)},
        "You gave the third cycle the length of the second. Each is m times as long as the last.",
    ),
    Mistake(
        "the first cycle forgotten",
        lambda first_cycle, stretch: {"next_restart": first_cycle * (stretch + stretch**2)},
        "A restart lies at the sum of all cycles before it, and yours leaves one out: "
        "T_0 + T_0 m + T_0 m².",
    ),
    Mistake(
        "stretch over two cycles",
        lambda first_cycle, stretch: {"stretch": stretch**2},
        "That is the growth over two cycles. m compares a cycle with the one before it.",
    ),
    Mistake(
        "the edge of the picture",
        lambda first_cycle, stretch: {"next_restart": len(mystery_rates(first_cycle, stretch))},
        "The picture ends in the middle of a cycle; the rate is not near 0 there. Work out how "
        "long the third cycle lasts.",
    ),
    Mistake(
        "the length of a cycle for the stretch",
        lambda first_cycle, stretch: {"stretch": first_cycle * stretch},
        "That is how long the second cycle is. m says how many times as long as the first it is.",
    ),
)

# 04.2 -----------------------------------------------------------------------------------------


def cycle_at(t: int, first_cycle: int, stretch: int) -> list[int]:
    """[k, τ]: cycle k begins at the sum of the cycles before, T_0 + T_0 m + ..., and τ counts on"""
    k, start, length = 0, 0, first_cycle
    while t >= start + length:
        k, start, length = k + 1, start + length, length * stretch
    return [k, t - start]


def cycle_cases(rng: np.random.Generator) -> list[Case]:
    """Inside a cycle first, then just before and at restarts, where a logarithm may round."""
    inside = {"t": 37, "first_cycle": 10, "stretch": 2}
    edges = [
        {"t": 0, "first_cycle": 10, "stretch": 2},
        {"t": 9, "first_cycle": 10, "stretch": 2},
        {"t": 10, "first_cycle": 10, "stretch": 2},
        {"t": 150, "first_cycle": 10, "stretch": 2},
        {"t": 57, "first_cycle": 10, "stretch": 1},
        {"t": 1209, "first_cycle": 10, "stretch": 3},
        {"t": 1210, "first_cycle": 10, "stretch": 3},
        {"t": 777, "first_cycle": 7, "stretch": 10},
        {"t": 1000, "first_cycle": 3, "stretch": 1},  # more than three hundred cycles
    ]
    drawn = [
        {
            "t": int(rng.integers(60, 3000)),
            "first_cycle": int(rng.integers(3, 15)),
            "stretch": int(rng.integers(2, 5)),
        }
        for _ in range(4)
    ]
    places = ("k", "tau")
    return [Case(each, places=places) for each in (inside, *edges, *drawn)]


def _cycle(t: int, lengths: Callable[[int], float], late: int = 0) -> tuple[int, float, float]:
    """(k, τ, T_k) where cycle k lasts `lengths(k)` updates; `late` moves the restarts."""
    start = 0.0
    for k in itertools.count():
        if t < start + lengths(k) + late:
            return k, t - start, lengths(k)
        start += lengths(k)
    raise AssertionError


def _at_its_lengths(t: int, first_cycle: int, stretch: int) -> tuple[int, int, int]:
    """(k, τ, T) with restarts at T_0, T_0 m, T_0 m², ...: the lengths taken as places."""
    k, start, end = 0, 0, first_cycle
    while t >= end:
        k, start, end = k + 1, end, end * stretch if stretch > 1 else end + first_cycle
    return k, t - start, end - start


def _stretched_too_soon(t: int, first_cycle: int, stretch: int) -> tuple[int, int, int]:
    """(k, τ, T_k) where the length grows before the start moves on by it."""
    k, start, length = 0, 0, first_cycle
    while t >= start + length:
        length *= stretch
        k, start = k + 1, start + length
    return k, t - start, length


def _one_step(t: int, first_cycle: int, stretch: int) -> tuple[int, int, int]:
    """(k, τ, T_k) with an if where a while should be."""
    return (0, t, first_cycle) if t < first_cycle else (1, t - first_cycle, first_cycle * stretch)


def _by_logarithm(t: int, first_cycle: int, stretch: int) -> list[int]:
    """As PyTorch's step(epoch) does it."""
    if stretch == 1:
        return [t // first_cycle, t % first_cycle]
    k = int(math.log(t / first_cycle * (stretch - 1) + 1) / math.log(stretch))
    return [k, t - first_cycle * (stretch**k - 1) // (stretch - 1)]


def _by_accumulated_ends(t: int, first_cycle: int, stretch: int) -> list[int]:
    ends = [0]
    while ends[-1] <= t:
        ends.append(ends[-1] + first_cycle * stretch ** (len(ends) - 1))
    return [len(ends) - 2, t - ends[-2]]


def _by_counting(t: int, first_cycle: int, stretch: int) -> torch.Tensor:
    """One update after the other, as PyTorch's step() without an argument."""
    k, tau, length = 0, 0, first_cycle
    for _update in range(t):
        tau += 1
        if tau == length:
            k, tau, length = k + 1, 0, length * stretch
    return torch.tensor([k, tau])


def _by_restarts(t: int, first_cycle: int, stretch: int) -> np.ndarray:
    restarts = CosineRestarts(1.0, first_cycle, stretch).restarts(t + 1)
    return np.array([len(restarts), t - max([0, *restarts])])


CYCLE_RIGHT = (_by_accumulated_ends, _by_counting, _by_restarts)

ADDED_LESSON = (
    "You add m to the length of each cycle. m is a factor: cycle k + 1 is m times as long as "
    "cycle k."
)
LATE_LESSON = (
    "Your restarts come one update late. Cycle 0 has the updates 0 ... T_0 - 1, and update T_0 is "
    "the first of cycle 1: compare with >=."
)
EARLY_LESSON = (
    "Your restarts come one update early. Cycle 0 has T_0 updates, 0 ... T_0 - 1, and the restart "
    "is at t = T_0."
)
EQUAL_LESSON = (
    "Your cycles are all as long as the first. Each is m times as long as the one before."
)
LENGTHS_LESSON = (
    "You restart at T_0, T_0 m, T_0 m², but these are the lengths of the cycles. A restart lies at "
    "the sum of all lengths before it."
)
ONCE_LESSON = "Your cycles grow once and then stay. Each is m times as long as the one before."
ALREADY_LESSON = (
    "Your cycle 0 lasts T_0 m updates already. It lasts T_0; the stretching begins with cycle 1."
)
TIMES_K_LESSON = (
    "Your cycle k lasts T_0 m k updates. The length is multiplied by m again each time, so k is an "
    "exponent: T_0 m^k."
)

TOO_SOON_LESSON = (
    "You stretch the length before you move the start, so the start moves too far. First move it "
    "by the length of the cycle that is over, then stretch."
)
ONE_STEP_LESSON = (
    "Your walk takes one step at most, as with if. t may lie many cycles further: go on while the "
    "cycle ends before t or at t."
)
GROWS_LESSON = "m is a factor: each cycle is m times as long as the one before."


def _formula_for_growing_cycles(t: int, first_cycle: int, stretch: int) -> list[int]:
    k = int(math.log(t / first_cycle * (stretch - 1) + 1, stretch))
    return [k, t - first_cycle * (stretch**k - 1) // (stretch - 1)]


CYCLE_MISTAKES = (
    Mistake(
        "the logarithm rounds",
        _by_logarithm,
        "The formula is right and the computer is not: a logarithm such as that of 243 to the base "
        "3 comes out a little below 5, and is rounded down to 4. Walk from cycle to cycle with "
        "whole numbers.",
    ),
    Mistake(
        "stretch is added",
        lambda t, first, m: list(_cycle(t, lambda k: first + k * m)[:2]),
        ADDED_LESSON,
    ),
    Mistake(
        "restarts one update late",
        lambda t, first, m: list(_cycle(t, lambda k: first * m**k, late=1)[:2]),
        LATE_LESSON,
    ),
    Mistake(
        "restarts one update early",
        lambda t, first, m: list(_cycle(t, lambda k: first * m**k, late=-1)[:2]),
        EARLY_LESSON,
    ),
    Mistake(
        "the counter is never reset",
        lambda t, first, m: [cycle_at(t, first, m)[0], t],
        "The cycle is right. The second number is t itself: τ begins at 0 again with each cycle, "
        "so subtract the update at which the cycle began.",
    ),
    Mistake(
        "cycles counted from 1",
        lambda t, first, m: [cycle_at(t, first, m)[0] + 1, cycle_at(t, first, m)[1]],
        "You count the cycles from 1. The first is cycle 0, as the first update has t = 0.",
    ),
    Mistake(
        "updates counted from 1",
        lambda t, first, m: [cycle_at(t, first, m)[0], cycle_at(t, first, m)[1] + 1],
        "The first update of a cycle has τ = 0: no update of this cycle was made before it.",
    ),
    Mistake(
        "both counted from 1",
        lambda t, first, m: [number + 1 for number in cycle_at(t, first, m)],
        "You count from 1, twice: the first cycle is k = 0, and its first update has τ = 0.",
    ),
    Mistake(
        "where the cycle begins",
        lambda t, first, m: [cycle_at(t, first, m)[0], t - cycle_at(t, first, m)[1]],
        "The cycle is right. Your second number is the update at which it began; τ counts from "
        "there: t - start.",
    ),
    Mistake(
        "stretched before the start moves",
        lambda t, first, m: list(_stretched_too_soon(t, first, m)[:2]),
        TOO_SOON_LESSON,
    ),
    Mistake(
        "one step of the walk",
        lambda t, first, m: list(_one_step(t, first, m)[:2]),
        ONE_STEP_LESSON,
    ),
    Mistake(
        "what is left of the cycle",
        lambda t, first, m: [
            cycle_at(t, first, m)[0],
            first * m ** cycle_at(t, first, m)[0] - cycle_at(t, first, m)[1],
        ],
        "Your second number is how many updates the cycle still has. τ counts those since it "
        "began.",
    ),
    Mistake(
        "the share of the cycle",
        lambda t, first, m: [
            cycle_at(t, first, m)[0],
            cycle_at(t, first, m)[1] / (first * m ** cycle_at(t, first, m)[0]),
        ],
        "You divided τ by the length of the cycle. Asked is τ itself, a number of updates.",
    ),
    Mistake(
        "cycles of equal length",
        lambda t, first, m: [t // first, t % first],
        EQUAL_LESSON,
    ),
    Mistake(
        "lengths taken as places",
        lambda t, first, m: list(_at_its_lengths(t, first, m)[:2]),
        LENGTHS_LESSON,
    ),
    Mistake(
        "stretched once",
        lambda t, first, m: list(_cycle(t, lambda k: first * m ** min(k, 1))[:2]),
        ONCE_LESSON,
    ),
    Mistake(
        "the first cycle is already stretched",
        lambda t, first, m: list(_cycle(t, lambda k: first * m ** (k + 1))[:2]),
        ALREADY_LESSON,
    ),
    Mistake(
        "m times k for m to the power k",
        lambda t, first, m: list(_cycle(t, lambda k: first * max(m * k, 1))[:2]),
        TIMES_K_LESSON,
    ),
    Mistake(
        "the two numbers are swapped",
        lambda t, first, m: cycle_at(t, first, m)[::-1],
        "The two numbers stand in each other's place: first the cycle, then τ.",
    ),
    Mistake(
        "T_0 is added",
        lambda t, first, m: list(_cycle(t, lambda k: first * (k + 1))[:2]),
        f"Each of your cycles is T_0 longer than the one before. {GROWS_LESSON}",
    ),
    Mistake(
        "T_0 m is added",
        lambda t, first, m: list(_cycle(t, lambda k: first * (1 + m * k))[:2]),
        f"Each of your cycles is T_0 m longer than the one before. {GROWS_LESSON}",
    ),
    Mistake(
        "one formula for every m",
        _formula_for_growing_cycles,
        "The sum of m^k divides by m - 1, so with m = 1, where all cycles are equally long, there "
        "is nothing to divide by. Walking from cycle to cycle needs no such case.",
    ),
    Mistake(
        "τ counted from the end of the first cycle",
        lambda t, first, m: [cycle_at(t, first, m)[0], t % first],
        "The cycle is right. t % T_0 is τ for equal cycles only: subtract the update at which this "
        "cycle began.",
    ),
)

# 04.3 -----------------------------------------------------------------------------------------


def cosine_restarts(t: int, peak_lr: float, first_cycle: int, stretch: int, min_lr: float) -> float:
    """η_min + ½ (η_peak - η_min) (1 + cos(π τ/T_k)) in cycle k, with T_k = T_0 m^k"""
    start, length = 0, first_cycle
    while t >= start + length:
        start, length = start + length, length * stretch
    tau = t - start
    return min_lr + (peak_lr - min_lr) * (1 + math.cos(math.pi * tau / length)) / 2


def restarts_cases(rng: np.random.Generator) -> list[Case]:
    """Three restarts first; equal cycles are among them, and a case without a floor."""
    simple = {"peak_lr": 1.0, "first_cycle": 5, "stretch": 2, "min_lr": 0.1}
    equal = {**_restarts_arguments(rng), "stretch": 1}
    drawn = [_restarts_arguments(rng), {**_restarts_arguments(rng), "min_lr": 0.0}]
    cases = [Case(simple, range(40)), Case(equal, range(25))]
    return [*cases, *(Case(each, range(60)) for each in drawn)]


def _restarts_arguments(rng: np.random.Generator) -> dict[str, Any]:
    peak_lr = round(rng.uniform(0.2, 2.0), 3)
    return {
        "peak_lr": peak_lr,
        "first_cycle": int(rng.integers(3, 9)),
        "stretch": int(rng.integers(2, 4)),
        "min_lr": round(peak_lr * rng.uniform(0.05, 0.3), 4),
    }


def _by_remainder(
    t: int, peak_lr: float, first_cycle: int, stretch: int, min_lr: float
) -> np.ndarray:
    lengths = first_cycle * stretch ** np.arange(10)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    k = np.searchsorted(starts, t, side="right") - 1
    share = (t - starts[k]) / lengths[k]
    return min_lr + 0.5 * (peak_lr - min_lr) * (1 + np.cos(np.pi * share))


def _by_subtracting(
    t: int, peak_lr: float, first_cycle: int, stretch: int, min_lr: float
) -> torch.Tensor:
    while t >= first_cycle:
        t, first_cycle = t - first_cycle, first_cycle * stretch
    angle = torch.tensor(math.pi * t / first_cycle, dtype=torch.float64)
    return min_lr + (peak_lr - min_lr) * torch.cos(angle / 2) ** 2


RESTARTS_RIGHT = (
    _by_remainder,
    _by_subtracting,
    lambda t, peak_lr, first_cycle, stretch, min_lr: CosineRestarts(
        peak_lr, first_cycle, stretch, min_lr
    )(t),
)


def _wave(share: float) -> float:
    return (1 + math.cos(math.pi * share)) / 2


def _rate(share: float, peak: float, low: float) -> float:
    return low + (peak - low) * _wave(share)


def _share(t: int, first: int, m: int) -> float:
    _, tau, length = _cycle(t, lambda k: first * m**k)
    return tau / length


def _with_lengths(lengths: Callable[[int, int, int], float], late: int = 0) -> Callable[..., float]:
    """The rates where cycle k lasts `lengths(k, T_0, m)` updates."""

    def rate(t: int, peak: float, first: int, m: int, low: float) -> float:
        _, tau, length = _cycle(t, lambda k: lengths(k, first, m), late)
        return _rate(tau / length, peak, low)

    return rate


def _with_walk(walk: Callable[..., tuple[int, int, int]]) -> Callable[..., float]:
    """The rates of a wrong walk from cycle to cycle."""

    def rate(t: int, peak: float, first: int, m: int, low: float) -> float:
        _, tau, length = walk(t, first, m)
        return _rate(tau / length, peak, low)

    return rate


def _counted_from_1(t: int, peak: float, first: int, m: int, low: float) -> float:
    _, tau, length = _cycle(t, lambda k: first * m**k)
    return _rate((tau + 1) / length, peak, low)


def _counter_not_reset(t: int, peak: float, first: int, m: int, low: float) -> float:
    return _rate(t / _cycle(t, lambda k: first * m**k)[2], peak, low)


def _length_not_stretched(t: int, peak: float, first: int, m: int, low: float) -> float:
    return _rate(_cycle(t, lambda k: first * m**k)[1] / first, peak, low)


def _reaches_the_floor(t: int, peak: float, first: int, m: int, low: float) -> float:
    _, tau, length = _cycle(t, lambda k: first * m**k)
    return _rate(tau / (length - 1), peak, low)


def _divided_by_the_end(t: int, peak: float, first: int, m: int, low: float) -> float:
    _, tau, length = _cycle(t, lambda k: first * m**k)
    return _rate(tau / (t - tau + length), peak, low)


def _swapped_in_the_angle(t: int, peak: float, first: int, m: int, low: float) -> float:
    k, tau, _ = _cycle(t, lambda k: first * m**k)
    return _rate(k / (first * m**tau), peak, low)


RESTARTS_MISTAKES = (
    Mistake(
        "never restarts",
        lambda t, peak, first, m, low: _rate(t / first, peak, low),
        "Your rate climbs back as it fell, as a plain cosine does past its end. A restart is a "
        "jump: at t = T_0 the rate is the peak again.",
    ),
    Mistake(
        "stops after the first cycle",
        lambda t, peak, first, m, low: _rate(min(t / first, 1), peak, low),
        "Your rate stays at the floor after the first cycle. At t = T_0 it jumps back to the peak, "
        "and the next cycle begins.",
    ),
    Mistake(
        "the counter is never reset",
        _counter_not_reset,
        "Your restarts do not begin at the peak: the angle uses t. It needs τ, the updates since "
        "this cycle began: t - start.",
    ),
    Mistake(
        "the length in the bracket is not stretched",
        _length_not_stretched,
        "Your restarts are right, but you divide τ by T_0 in every cycle, so long cycles go up and "
        "down. Divide by the length of this cycle, T_k.",
    ),
    Mistake(
        "restarts one update late",
        _with_lengths(lambda k, first, m: first * m**k, late=1),
        f"{LATE_LESSON} The floor itself is never used.",
    ),
    Mistake(
        "restarts one update early",
        _with_lengths(lambda k, first, m: first * m**k, late=-1),
        EARLY_LESSON,
    ),
    Mistake(
        "T_k - 1 for T_k",
        _reaches_the_floor,
        "You divide by T_k - 1, so the last update of a cycle uses the floor itself. It stays a "
        "little above: where the floor would be reached, the next cycle begins.",
    ),
    Mistake(
        "stretch is added",
        _with_lengths(lambda k, first, m: first + k * m),
        ADDED_LESSON,
    ),
    Mistake(
        "cycles of equal length",
        _with_lengths(lambda k, first, m: first),
        EQUAL_LESSON,
    ),
    Mistake("lengths taken as places", _with_walk(_at_its_lengths), LENGTHS_LESSON),
    Mistake("stretched before the start moves", _with_walk(_stretched_too_soon), TOO_SOON_LESSON),
    Mistake("one step of the walk", _with_walk(_one_step), ONE_STEP_LESSON),
    Mistake(
        "updates counted from 1",
        _counted_from_1,
        "Your cycles begin below the peak: you use τ + 1. The first update of a cycle has τ = 0, "
        "and uses the peak.",
    ),
    Mistake(
        "stretched once",
        _with_lengths(lambda k, first, m: first * m ** min(k, 1)),
        ONCE_LESSON,
    ),
    Mistake(
        "the first cycle is already stretched",
        _with_lengths(lambda k, first, m: first * m ** (k + 1)),
        ALREADY_LESSON,
    ),
    Mistake(
        "m times k for m to the power k",
        _with_lengths(lambda k, first, m: first * max(m * k, 1)),
        TIMES_K_LESSON,
    ),
    Mistake(
        "no floor",
        lambda t, peak, first, m, low: peak * _wave(_share(t, first, m)),
        "Your cycles fall towards 0 and do not use min_lr. Only the distance (peak_lr - min_lr) "
        "falls; the floor is added below it.",
    ),
    Mistake(
        "the floor is not added",
        lambda t, peak, first, m, low: (peak - low) * _wave(_share(t, first, m)),
        "(peak_lr - min_lr) is the distance that falls, and your cycles end near 0. They stand on "
        "the floor: add min_lr.",
    ),
    Mistake(
        "divided by the end of the cycle",
        _divided_by_the_end,
        "You divide τ by the update at which the cycle ends. The angle needs the length of the "
        "cycle, T_k.",
    ),
    Mistake(
        "the floor is added on top",
        lambda t, peak, first, m, low: low + peak * _wave(_share(t, first, m)),
        "Your cycles start above the peak, at peak_lr + min_lr. Only the distance "
        "(peak_lr - min_lr) falls.",
    ),
    Mistake(
        "a whole period in each cycle",
        lambda t, peak, first, m, low: _rate(2 * _share(t, first, m), peak, low),
        "Each of your cycles goes down and up again. A cycle is half a period, the half that "
        "falls, and then comes the jump: the angle is π τ/T_k.",
    ),
    Mistake(
        "not halved",
        lambda t, peak, first, m, low: low + (peak - low) * 2 * _wave(_share(t, first, m)),
        "1 + cos goes from 2 to 0, so your cycles start too high. The ½ in front makes it 1 to 0.",
    ),
    Mistake(
        "the restarts go up",
        lambda t, peak, first, m, low: _rate(1 - _share(t, first, m), peak, low),
        "Your cycles rise from the floor to the peak. They fall: the bracket is 1 + cos, and each "
        "cycle starts at the peak.",
    ),
    Mistake(
        "the peak shrinks",
        lambda t, peak, first, m, low: _rate(
            _share(t, first, m), peak / 2 ** cycle_at(t, first, m)[0], low
        ),
        "Your peak is halved at each restart. Here each cycle starts at the full peak.",
    ),
    Mistake(
        "no π",
        lambda t, peak, first, m, low: _rate(_share(t, first, m) / math.pi, peak, low),
        "Your angle goes from 0 to 1 only. It must reach π at the end of each cycle: π τ/T_k.",
    ),
    Mistake(
        "cut off at the floor",
        lambda t, peak, first, m, low: max(low, peak * _wave(_share(t, first, m))),
        "max(min_lr, ...) cuts off cycles that fall to 0. Let the distance fall instead: "
        "min_lr + (peak_lr - min_lr) · ...",
    ),
    Mistake(
        "the length of the next cycle",
        lambda t, peak, first, m, low: _rate(_share(t, first, m) / m, peak, low),
        "You divide by the length of the next cycle, so each falls only a part of the way. Cycle k "
        "has the length T_0 m^k.",
    ),
    Mistake(
        "k and τ swapped",
        _swapped_in_the_angle,
        "The angle uses k, and the length uses τ. cycle_at gives [k, τ]: first the cycle, then the "
        "updates since it began.",
    ),
)

# 04.4 -----------------------------------------------------------------------------------------


def plan(updates: int, cycles: int, stretch: int) -> list[int]:
    """[T_0, budget]: T_0 (1 + m + m² + ...) is the budget, and the largest that fits"""
    lengths = sum(stretch**k for k in range(cycles))  # of all cycles together, in units of T_0
    first_cycle = updates // lengths
    return [first_cycle, first_cycle * lengths]


def plan_cases(rng: np.random.Generator) -> list[Case]:
    """Growing, equal and single cycles, and a budget that is used up exactly."""
    fixed = [
        {"updates": 1500, "cycles": 3, "stretch": 3},
        {"updates": 750, "cycles": 4, "stretch": 2},
        {"updates": 1000, "cycles": 6, "stretch": 1},
        {"updates": 310, "cycles": 5, "stretch": 2},
        {"updates": 90, "cycles": 1, "stretch": 3},
    ]
    drawn = [
        {
            "updates": int(rng.integers(500, 5000)),
            "cycles": int(rng.integers(2, 6)),
            "stretch": int(rng.integers(2, 4)),
        }
        for _ in range(4)
    ]
    return [Case(each, places=("first_cycle", "budget")) for each in (*fixed, *drawn)]


def _by_formula(updates: int, cycles: int, stretch: int) -> np.ndarray:
    lengths = cycles if stretch == 1 else (stretch**cycles - 1) / (stretch - 1)
    first_cycle = math.floor(updates / lengths)
    return np.array([first_cycle, first_cycle * lengths])


def _by_trying(updates: int, cycles: int, stretch: int) -> torch.Tensor:
    first_cycle, budget = 0, 0
    for attempt in range(1, updates + 1):
        end, length = 0, attempt
        for _cycle_number in range(cycles):
            end, length = end + length, length * stretch
        if end > updates:
            break
        first_cycle, budget = attempt, end
    return torch.tensor([first_cycle, budget])


PLAN_RIGHT = (
    _by_formula,
    _by_trying,
    lambda updates, cycles, stretch: [
        (first := updates // int(np.sum(stretch ** np.arange(cycles)))),
        first * int(np.sum(stretch ** np.arange(cycles))),
    ],
)


def _all(cycles: int, m: int) -> int:
    """The length of all cycles, in units of the first."""
    return sum(m**k for k in range(cycles))


def _with_total(total: Callable[[int, int], float]) -> Callable[..., list[float]]:
    """The plan where the cycles together last `total(n, m)` first cycles."""

    def answer(updates: int, cycles: int, stretch: int) -> list[float]:
        lengths = total(cycles, stretch)
        return [updates // lengths, updates // lengths * lengths]

    return answer


def _rounded(rounding: Callable[[float], float]) -> Callable[..., list[float]]:
    def answer(updates: int, cycles: int, stretch: int) -> list[float]:
        lengths = _all(cycles, stretch)
        first = rounding(updates / lengths)
        return [first, first * lengths]

    return answer


def _plan_added(updates: int, cycles: int, stretch: int) -> list[int]:
    """Cycles of T_0, T_0 + m, T_0 + 2m, ..."""
    more = stretch * cycles * (cycles - 1) // 2
    first = (updates - more) // cycles
    return [first, first * cycles + more]


PLAN_MISTAKES = (
    Mistake(
        "rounds to the nearest",
        _rounded(lambda exact: math.floor(exact + 0.5)),
        "Where you round up, the cycles do not fit any more, and the training stops inside the "
        "last one. Round the first cycle down.",
    ),
    Mistake(
        "rounds up",
        _rounded(math.ceil),
        "With the first cycle rounded up the cycles do not fit, and the training stops inside the "
        "last one. Round it down.",
    ),
    Mistake(
        "no rounding",
        _rounded(float),
        "A cycle is a whole number of updates. Round it down, and the budget shrinks with it.",
    ),
    Mistake(
        "all updates as the budget",
        lambda updates, cycles, m: [updates // _all(cycles, m), updates],
        "The first cycle is right. But the cycles end before `updates`, and the rest would begin "
        "another cycle at the full peak: stop where the last one ends.",
    ),
    Mistake(
        "the last cycle as the budget",
        lambda updates, cycles, m: [
            plan(updates, cycles, m)[0],
            plan(updates, cycles, m)[0] * m ** (cycles - 1),
        ],
        "The first cycle is right. Your budget is the length of the last cycle; all of them "
        "together last T_0 (1 + m + m² + ...).",
    ),
    Mistake(
        "a power as the budget",
        lambda updates, cycles, m: [
            plan(updates, cycles, m)[0],
            plan(updates, cycles, m)[0] * m**cycles,
        ],
        "The first cycle is right. T_0 m^n is the length of the cycle that would come next; the "
        "budget is the sum T_0 (1 + m + m² + ...).",
    ),
    Mistake(
        "equal cycles in the budget",
        lambda updates, cycles, m: [
            plan(updates, cycles, m)[0],
            plan(updates, cycles, m)[0] * cycles,
        ],
        "The first cycle is right. Your budget counts every cycle as long as the first; together "
        "they last T_0 (1 + m + m² + ...).",
    ),
    Mistake(
        "the number of the last update",
        lambda updates, cycles, m: [
            plan(updates, cycles, m)[0],
            plan(updates, cycles, m)[1] - 1,
        ],
        "That is the t of the last update. The budget counts them, and they start at t = 0, so it "
        "is one more.",
    ),
    Mistake(
        "what is left over",
        lambda updates, cycles, m: [
            plan(updates, cycles, m)[0],
            updates - plan(updates, cycles, m)[1],
        ],
        "The first cycle is right. Your second number is the updates that stay unused; asked are "
        "those that are used.",
    ),
    Mistake(
        "cycles of equal length",
        _with_total(lambda n, m: n),
        "You divided the updates equally among the cycles. Each is m times as long as the one "
        "before: together they last T_0 (1 + m + m² + ...).",
    ),
    Mistake(
        "one cycle too many",
        _with_total(lambda n, m: _all(n + 1, m)),
        "Your sum has one cycle too many: n cycles are the numbers 0 ... n - 1, and only n - 1 "
        "restarts lie between them.",
    ),
    Mistake(
        "one cycle too few",
        _with_total(lambda n, m: max(_all(n - 1, m), 1)),
        "Your sum has one cycle too few: n cycles are the numbers 0 ... n - 1, so it goes from "
        "1 to m^(n-1).",
    ),
    Mistake(
        "the sum begins with m",
        _with_total(lambda n, m: m * _all(n, m)),
        "Your sum goes from m to m^n. The first cycle lasts T_0 itself, so the sum begins with 1: "
        "1 + m + ..., up to m^(n-1).",
    ),
    Mistake(
        "the 1 is missing in the sum",
        _with_total(lambda n, m: m * _all(n - 1, m)),
        "Your sum begins with m and leaves out the 1 of the first cycle: 1 + m + ..., up to "
        "m^(n-1).",
    ),
    Mistake(
        "the last cycle only",
        _with_total(lambda n, m: m ** (n - 1)),
        "T_0 m^(n-1) is the length of the last cycle alone. The budget is the sum of all of them.",
    ),
    Mistake(
        "a power for the sum",
        _with_total(lambda n, m: m**n),
        "T_0 m^n is the length of one cycle, the one that would come next. The budget is the sum "
        "T_0 (1 + m + m² + ...).",
    ),
    Mistake(
        "m times n for the sum",
        _with_total(lambda n, m: m * n),
        "The cycles are not all m first cycles long. They last T_0, T_0 m, T_0 m², ...: add these "
        "up.",
    ),
    Mistake("stretch is added", _plan_added, ADDED_LESSON),
    Mistake(
        "the two numbers are swapped",
        lambda updates, cycles, m: plan(updates, cycles, m)[::-1],
        "The two numbers stand in each other's place: first the first cycle, then the budget.",
    ),
    Mistake(
        "one formula for every m",
        lambda updates, cycles, m: [
            (first := updates // ((m**cycles - 1) // (m - 1))),
            first * ((m**cycles - 1) // (m - 1)),
        ],
        "The formula for the sum divides by m - 1. With m = 1 all cycles are equally long, and "
        "their sum is n: take that case by itself, or add the powers up.",
    ),
)

# 04.6 -----------------------------------------------------------------------------------------


def snapshot_ensemble(opinions: list[list[float]], first_cycle: int, stretch: int) -> list[float]:
    """The mean of opinions[s] over s = T_0, T_0 + T_0 m, ...: at the end of each whole cycle"""
    snapshots = []
    cycle_end, length = first_cycle, first_cycle
    for t in range(len(opinions) - 1):
        if t + 1 == cycle_end:
            snapshots.append(opinions[t + 1])
            length = length * stretch
            cycle_end = cycle_end + length
    return [sum(column) / len(snapshots) for column in zip(*snapshots, strict=True)]


def broken_ensemble(opinions: list[list[float]], first_cycle: int, stretch: int) -> list[float]:
    """What the exercise hands out: late snapshots, and a vote."""
    return _votes([opinions[end + 1] for end in _ends(opinions, first_cycle, stretch, room=1)])


def _ends(opinions: list[list[float]], first_cycle: int, stretch: int, room: int = 0) -> list[int]:
    """After how many updates the whole cycles end, and `room` more were made."""
    ends, length = [first_cycle], first_cycle
    while ends[-1] + room < len(opinions):
        length *= stretch
        ends.append(ends[-1] + length)
    return ends[:-1]


def _votes(snapshots: list[list[float]]) -> list[float]:
    votes = [snapshot.index(max(snapshot)) for snapshot in snapshots]
    return [votes.count(number) / len(votes) for number in range(len(snapshots[0]))]


def _mean(snapshots: list[list[float]]) -> list[float]:
    return np.mean(snapshots, axis=0).tolist()


PLAIN_OPINIONS = [  # after 0 ... 4 updates; the snapshots of cycles of 2 disagree
    [0.3, 0.3, 0.4],
    [0.5, 0.3, 0.2],
    [0.7, 0.2, 0.1],
    [0.2, 0.2, 0.6],
    [0.1, 0.6, 0.3],
]


def ensemble_cases(rng: np.random.Generator) -> list[Case]:
    """Plain numbers first; then the training ends with a cycle, or inside one."""
    simple = {"opinions": PLAIN_OPINIONS, "first_cycle": 2, "stretch": 1}
    shapes = [(2, 2, 14, 3), (3, 2, 12, 4), (2, 3, 9, 2)]
    drawn = [
        Case(
            {"opinions": _opinions(rng, steps, classes), "first_cycle": first, "stretch": m},
            places=[f"class {number}" for number in range(classes)],
        )
        for first, m, steps, classes in shapes
    ]
    return [Case(simple, places=["class 0", "class 1", "class 2"]), *drawn]


def _opinions(rng: np.random.Generator, steps: int, classes: int) -> list[list[float]]:
    """Probabilities after 0 ... `steps` updates, with two figures and the sum 1."""
    shares = rng.dirichlet(np.full(classes, 0.8), steps + 1)
    hundredths = np.floor((shares * 0.8 + 0.2 / classes) * 100)
    hundredths[:, 0] += 100 - hundredths.sum(axis=1)
    return (hundredths / 100).tolist()


def _ensemble_with_numpy(opinions: list[list[float]], first_cycle: int, stretch: int) -> np.ndarray:
    steps = len(opinions) - 1
    ends = CosineRestarts(1.0, first_cycle, stretch).restarts(steps + 1)
    return np.array(opinions)[ends].mean(axis=0)


def _ensemble_with_torch(
    opinions: list[list[float]], first_cycle: int, stretch: int
) -> torch.Tensor:
    ends, length = [], first_cycle
    end = first_cycle
    while end < len(opinions):
        ends.append(end)
        length = length * stretch
        end += length
    return torch.tensor(opinions)[ends].mean(dim=0)


ENSEMBLE_RIGHT = (
    _ensemble_with_numpy,
    _ensemble_with_torch,
    lambda opinions, first_cycle, stretch: _mean(
        [opinions[end] for end in _ends(opinions, first_cycle, stretch)]
    ),
)


def _with_snapshots(
    which: Callable[[list[int], int], list[int]], say: Callable[..., list[float]] = _mean
) -> Callable[..., list[float]]:
    """The ensemble of other snapshots: `which(ends, steps)` were kept."""

    def answer(opinions: list[list[float]], first_cycle: int, stretch: int) -> list[float]:
        kept = which(_ends(opinions, first_cycle, stretch), len(opinions) - 1)
        return say([opinions[s] for s in kept])

    return answer


def _of_logarithms(snapshots: list[list[float]]) -> list[float]:
    product = np.exp(np.mean(np.log(snapshots), axis=0))
    return (product / product.sum()).tolist()


def _winner(snapshots: list[list[float]]) -> list[float]:
    mean = np.mean(snapshots, axis=0)
    return (np.arange(len(mean)) == mean.argmax()).astype(float).tolist()


VOTE_LESSON = (
    "A vote forgets how sure each snapshot was. Average the probabilities, class by class."
)
AFTER_LESSON = (
    "opinions[cycle_end + 1] comes after the first update of the next cycle, which already used "
    "the full peak. The snapshot of a cycle is opinions[cycle_end]."
)
MISSED_LESSON = (
    "Your snapshots are right, but the one of the last cycle is missing: t never reaches the last "
    "cycle_end, because no update comes after it. Look after update t, when t + 1 updates are made."
)
ENSEMBLE_MISTAKES = (
    Mistake(
        "the vote is left",
        _with_snapshots(lambda ends, steps: ends, _votes),
        f"The snapshots are right now. {VOTE_LESSON}",
    ),
    Mistake(
        "saves after the restart",
        lambda opinions, first, m: _mean([opinions[e + 1] for e in _ends(opinions, first, m, 1)]),
        f"The mean is right now. {AFTER_LESSON}",
    ),
    Mistake(
        "moved the wrong way",
        lambda opinions, first, m: _mean([opinions[e + 2] for e in _ends(opinions, first, m, 2)]),
        "Your snapshots come later still: two updates after the end of the cycle. When update t is "
        "over, t + 1 updates are made; compare that with cycle_end.",
    ),
    Mistake(
        "moved the wrong way, and the vote is left",
        lambda opinions, first, m: _votes([opinions[e + 2] for e in _ends(opinions, first, m, 2)]),
        "Your snapshots come later still: two updates after the end of the cycle. When update t is "
        f"over, t + 1 updates are made; compare that with cycle_end. {VOTE_LESSON}",
    ),
    Mistake(
        "the last cycle is missing",
        lambda opinions, first, m: _mean([opinions[e] for e in _ends(opinions, first, m, 1)]),
        MISSED_LESSON,
    ),
    Mistake(
        "the last cycle is missing, and the vote is left",
        lambda opinions, first, m: _votes([opinions[e] for e in _ends(opinions, first, m, 1)]),
        f"{MISSED_LESSON} {VOTE_LESSON}",
    ),
    Mistake(
        "one update too early",
        _with_snapshots(lambda ends, steps: [end - 1 for end in ends]),
        "Your snapshots are one update too early: opinions[t] comes before update t. After the "
        "last update of the cycle the network says opinions[t + 1].",
    ),
    Mistake(
        "one update too early, and the vote is left",
        _with_snapshots(lambda ends, steps: [end - 1 for end in ends], _votes),
        "Your snapshots are one update too early: opinions[t] comes before update t. "
        f"{VOTE_LESSON}",
    ),
    Mistake(
        "the same snapshot again and again",
        _with_snapshots(lambda ends, steps: [ends[-1] for _ in ends]),
        "Your ensemble has one member: the snapshot of the last whole cycle. The mean of the same "
        "opinion is that opinion; take one snapshot from each cycle.",
    ),
    Mistake(
        "only the network at the end",
        _with_snapshots(lambda ends, steps: [steps]),
        "That is what the network says at the end of the training. The ensemble is the mean over "
        "one snapshot from each whole cycle.",
    ),
    Mistake(
        "only the first cycle",
        _with_snapshots(lambda ends, steps: ends[:1]),
        "Your ensemble has the snapshot of cycle 0 only. Move cycle_end on to the end of the next "
        "cycle each time.",
    ),
    Mistake(
        "the unfinished cycle counts",
        _with_snapshots(lambda ends, steps: sorted({*ends, steps})),
        "You also keep the network at the end of the training. Inside a cycle its rate was still "
        "high: only whole cycles give a snapshot.",
    ),
    Mistake(
        "the untrained network counts",
        _with_snapshots(lambda ends, steps: [0, *ends]),
        "You also keep opinions[0], what the network said before any update. The first snapshot "
        "is taken after T_0 updates.",
    ),
    Mistake(
        "all opinions",
        lambda opinions, first, m: _mean(opinions),
        "You average what the network said at every time, also with the high rates in the middle. "
        "Only the end of a whole cycle gives a snapshot.",
    ),
    Mistake(
        "the sum of the probabilities",
        lambda opinions, first, m: np.sum(
            [opinions[end] for end in _ends(opinions, first, m)], axis=0
        ).tolist(),
        "Your numbers add up to more than 1. Divide by the number of snapshots.",
    ),
    Mistake(
        "divided by the number of classes",
        lambda opinions, first, m: (
            np.sum([opinions[end] for end in _ends(opinions, first, m)], axis=0) / len(opinions[0])
        ).tolist(),
        "You divide by the number of classes, so your numbers do not add up to 1. Divide by the "
        "number of snapshots.",
    ),
    Mistake(
        "the mean of each snapshot",
        lambda opinions, first, m: [
            float(np.mean(opinions[end])) for end in _ends(opinions, first, m)
        ],
        "You average the classes of each snapshot. Average over the snapshots, and keep a number "
        "for each class.",
    ),
    Mistake(
        "the mean of the logarithms",
        _with_snapshots(lambda ends, steps: ends, _of_logarithms),
        "You averaged logarithms of the probabilities, or logits. The ensemble is the mean of the "
        "probabilities themselves.",
    ),
    Mistake(
        "only the winner",
        _with_snapshots(lambda ends, steps: ends, _winner),
        "You give the winning class a 1 and the others a 0. Return the mean probabilities "
        "themselves.",
    ),
    Mistake(
        "the winning class",
        lambda opinions, first, m: int(
            np.argmax(_mean([opinions[end] for end in _ends(opinions, first, m)]))
        ),
        "You give the number of the winning class. Return the mean probability of each class.",
    ),
    Mistake(
        "the mean of the classes",
        lambda opinions, first, m: float(
            np.mean([np.argmax(opinions[end]) for end in _ends(opinions, first, m)])
        ),
        "You averaged the numbers of the classes, but the mean of a 3 and a 5 is no 4. Average the "
        "probabilities of each class.",
    ),
    Mistake(
        "the network at the end is added",
        _with_snapshots(lambda ends, steps: [*ends, steps]),
        "You also keep the network at the end of the training, whatever it is. Only the end of a "
        "whole cycle gives a snapshot, and each only once.",
    ),
    Mistake(
        "the largest probabilities",
        _with_snapshots(lambda ends, steps: ends, lambda kept: np.max(kept, axis=0).tolist()),
        "You took the largest probability of each class, so they add up to more than 1. Take the "
        "mean.",
    ),
    Mistake(
        "divided by the number of opinions",
        lambda opinions, first, m: (
            np.sum([opinions[end] for end in _ends(opinions, first, m)], axis=0) / len(opinions)
        ).tolist(),
        "You divide by the number of all opinions, so your numbers do not add up to 1. Divide by "
        "the number of snapshots.",
    ),
)

# ----------------------------------------------------------------------------------------------

TASKS = (
    ValuesTask(
        id="04.1",
        title="Read the curve",
        kind="read a curve",
        minutes=4,
        difficulty=1,
        points=2,
        draw=mystery_numbers,
        answers=lambda first_cycle, stretch: {
            "first_cycle": first_cycle,
            "stretch": stretch,
            "next_restart": first_cycle * (1 + stretch + stretch**2),
        },
        mistakes=READ_MISTAKES,
        rtol=0.03,
        hints=(
            "T_0 is the distance from 0 to the first jump.",
            "m is the length of the second cycle divided by the length of the first. The second "
            "cycle goes from jump to jump.",
            "The third cycle is m times as long as the second, and begins at the second jump.",
        ),
    ),
    FunctionTask(
        id="04.2",
        title="Which cycle?",
        kind="compute",
        minutes=8,
        difficulty=2,
        points=2,
        reference=cycle_at,
        cases=cycle_cases,
        also_right=CYCLE_RIGHT,
        mistakes=CYCLE_MISTAKES,
        hints=(
            "Walk from cycle to cycle: keep where this one starts and how long it is.",
            "While t is not before the end of this cycle, go on: the next starts at the end of "
            "this one and is m times as long.",
            "When the walk is over, τ is t - start.",
        ),
    ),
    FunctionTask(
        id="04.3",
        title="A cosine that restarts",
        kind="implement",
        minutes=6,
        difficulty=2,
        points=2,
        reference=cosine_restarts,
        cases=restarts_cases,
        also_right=RESTARTS_RIGHT,
        mistakes=RESTARTS_MISTAKES,
        hints=(
            "It is the cosine of section 03 with two changes: what stands for t, and for T?",
            "t becomes τ, the updates since this cycle began, and T becomes T_k, the length of "
            "this cycle. cycle_at finds the first.",
            "T_k = T_0 m^k. The rate is the floor plus (peak_lr - min_lr) · ½ (1 + cos(π τ/T_k)).",
        ),
    ),
    FunctionTask(
        id="04.4",
        title="A budget of whole cycles",
        kind="compute",
        minutes=8,
        difficulty=2,
        points=2,
        reference=plan,
        cases=plan_cases,
        also_right=PLAN_RIGHT,
        mistakes=PLAN_MISTAKES,
        hints=(
            "How long are all cycles together, if the first lasts one update?",
            "1 + m + m² + ..., with as many terms as there are cycles. How often does that fit "
            "into `updates`?",
            "first_cycle = updates // sum, and the budget is first_cycle times the sum.",
        ),
    ),
    choice(
        "04.5",
        "After the restart",
        right="d",
        feedback={
            "a": "This is disputed. On the two tasks of the lesson SGDR did not end a point above "
            "one cosine of the same length, and a controlled study did not find the usual "
            "explanation in the landscape.",
            "b": "The loss is real but not lasting: a high rate makes the weights jump about, and "
            "as the rate falls, they settle again. Loading the old weights would throw the cycle "
            "away.",
            "c": "A restart adds no information: the training set is the same in every cycle. On "
            "300 digits with wrong labels the later cycles overfitted more, not less.",
        },
        hints=(
            "Look at the first picture of the lesson's experiment: at the dotted lines, and at "
            "the end.",
            "Three of the sentences promise or fear more than those twelve networks showed.",
        ),
        minutes=3,
    ),
    FunctionTask(
        id="04.6",
        title="Snapshots that do not help",
        kind="repair",
        minutes=12,
        difficulty=3,
        points=4,
        reference=snapshot_ensemble,
        cases=ensemble_cases,
        also_right=ENSEMBLE_RIGHT,
        mistakes=ENSEMBLE_MISTAKES,
        untouched=broken_ensemble,
        hints=(
            "With first_cycle = 10, after how many updates is cycle 0 over, and at which t does "
            "the code look?",
            "Cycle 0 has the updates 0 ... 9. After update 9, ten updates are made: t + 1 is the "
            "end of the cycle, and opinions[t + 1] is the snapshot.",
            "The last lines count votes. Replace them by the mean of the snapshots' "
            "probabilities, class by class.",
        ),
    ),
)
