"""Slow obvious loops, one update after the other, in plain Python: where no library has it."""

import math
from itertools import pairwise

import numpy as np

from lrcourse.schedules import (
    REX,
    ExponentialWarmup,
    InverseSqrt,
    InverseTimeDecay,
    Lasting,
    OneCycle,
    Product,
    Repeat,
    Sequential,
    SqrtDecay,
    TriangularCycle,
)
from tests.witnesses import Witness


def listed(rates):
    """The witness that takes the first rates of an endless generator."""

    def first(schedule, t):
        generator = rates(schedule)
        return np.array([next(generator) for _ in t])

    return first


def exponential_warmup(s):
    """Each update closes the same share of the gap to 1; the last one is called the peak."""
    filled, level = [0.0], 0.0
    for _ in range(s.steps):
        level += (1 - level) * -math.expm1(-1 / s.time_constant)
        filled.append(level)
    for each in filled:
        yield s.start_lr + (s.peak_lr - s.start_lr) * each / level
    while True:
        yield s.peak_lr


def rex(s):
    """2 (T - t) / (2 T - t) of the height."""
    for t in range(s.steps):
        yield s.min_lr + (s.peak_lr - s.min_lr) * 2 * (s.steps - t) / (2 * s.steps - t)
    while True:
        yield s.min_lr


def sqrt_decay(s):
    for t in range(s.steps):
        yield s.peak_lr - (s.peak_lr - s.min_lr) * math.sqrt(t / s.steps)
    while True:
        yield s.min_lr


def inverse_sqrt(s):
    """Vaswani et al. 2017, section 5.3, with the factor that makes its highest value the peak."""
    factor = s.peak_lr * math.sqrt(s.warmup_steps)
    yield 0.0
    t = 1
    while True:
        yield factor * min(t**-0.5, t * s.warmup_steps**-1.5)
        t += 1


def inverse_time(s):
    """1/η grows by k/η_peak with every update."""
    inverse = 1 / s.peak_lr
    while True:
        yield 1 / inverse
        inverse += s.k / s.peak_lr


def triangles(s):
    height = s.peak_lr - s.min_lr
    while True:
        up, down = s.up_steps, s.down_steps or s.up_steps
        for share in [i / up for i in range(up)] + [1 - i / down for i in range(down)]:
            yield s.min_lr + height * share
            height *= s.gamma
        height *= s.cycle_gamma


def one_cycle(s):
    """The phases laid end to end, each from the rate of its first update to that of the next."""
    start = s.peak_lr / 25 if s.start_lr is None else s.start_lr
    end = start / 10_000 if s.min_lr is None else s.min_lr
    up = s.warmup_steps or max(round(0.3 * s.steps), 1)
    turns = [(0, start), (up, s.peak_lr), (s.steps, end)]
    if s.down_steps:
        turns.insert(2, (up + s.down_steps, start))
    for (begin, before), (until, after) in pairwise(turns):
        for t in range(begin, until):
            x = (t - begin) / (until - begin)
            share = x if s.shape == "linear" else (1 - math.cos(math.pi * x)) / 2
            yield before * (1 - share) + after * share
    while True:
        yield end


WITNESSES = {
    REX: Witness(listed(rex)),
    SqrtDecay: Witness(listed(sqrt_decay)),
    ExponentialWarmup: Witness(listed(exponential_warmup)),
    InverseSqrt: Witness(listed(inverse_sqrt)),
    InverseTimeDecay: Witness(listed(inverse_time)),
    TriangularCycle: Witness(listed(triangles)),
    OneCycle: Witness(listed(one_cycle)),
}


def composed(schedule, t):
    """The rate of one update, found by a walk through the composition; leaves answer themselves."""
    if isinstance(schedule, Sequential):
        *parts, last = schedule.parts
        for part in parts:
            if t < part.steps:
                return composed(part, t)
            t -= part.steps
        return composed(last, t)
    if isinstance(schedule, Product):
        return schedule.factor * math.prod(composed(part, t) for part in schedule.schedules)
    if isinstance(schedule, Lasting):
        return composed(schedule.schedule, min(t, schedule.steps))
    if isinstance(schedule, Repeat):
        return repeated(schedule, t)
    return schedule(t)


def repeated(repeat, t):
    length, height, cycle = repeat.schedule.steps, 1.0, 0
    while t >= length * repeat.stretch**cycle and cycle + 1 != repeat.count:
        t -= length * repeat.stretch**cycle
        height *= repeat.gamma
        cycle += 1
    return height * composed(repeat.schedule, t / repeat.stretch**cycle)


def length(schedule):
    """The updates until a composition ends, part by part; infinite if it never does."""
    if isinstance(schedule, Sequential):
        return sum(length(part) for part in schedule.parts)
    if isinstance(schedule, Product):
        return max(length(part) for part in schedule.schedules)
    if isinstance(schedule, Repeat):
        if schedule.count is None:
            return math.inf
        return sum(length(schedule.schedule) * schedule.stretch**k for k in range(schedule.count))
    return schedule.steps or math.inf
