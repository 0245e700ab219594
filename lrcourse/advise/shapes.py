"""Schedules from a peak, a warmup and a length; each says where its other numbers come from."""

from typing import NamedTuple

from lrcourse.schedules import (
    Constant,
    CosineDecay,
    LinearDecay,
    LinearWarmup,
    Repeat,
    Schedule,
    WarmupCosine,
    WarmupLinear,
    WarmupStableDecay,
)

GIVEN = "all updates, as you gave them"
CYCLES = 5


class Plan(NamedTuple):
    """A schedule, and what each of its numbers is, besides peak and warmup."""

    schedule: Schedule
    numbers: dict[str, tuple[float, str]]


def cosine(peak: float, warmup: int, steps: int) -> Plan:
    """Half a cosine down to zero."""
    numbers: dict[str, tuple[float, str]] = {"steps": (steps, GIVEN)}
    if not warmup:
        return Plan(CosineDecay(peak, steps), numbers)
    return Plan(WarmupCosine(peak, warmup, steps, first_rate(peak, warmup)), numbers)


def linear(peak: float, warmup: int, steps: int) -> Plan:
    """A straight line down to zero."""
    numbers: dict[str, tuple[float, str]] = {"steps": (steps, GIVEN)}
    if not warmup:
        return Plan(LinearDecay(peak, steps), numbers)
    return Plan(WarmupLinear(peak, warmup, steps, first_rate(peak, warmup)), numbers)


def cooled_late(peak: float, warmup: int, steps: int) -> Plan:
    """A constant rate, and a cooldown over the last fifth; a line where there is no room."""
    decay = steps // 5
    if decay < 1:
        return linear(peak, warmup, steps)
    stable = steps - warmup - decay  # above 0, as no warmup is longer than a fifth
    numbers: dict[str, tuple[float, str]] = {"decay_steps": (decay, "a fifth of the updates")}
    if not warmup:
        numbers["stable"] = (stable, "what the cooldown leaves of your updates")
        return Plan(Constant(peak, stable) >> LinearDecay(peak, decay), numbers)
    numbers["steps"] = (steps, GIVEN)
    start = first_rate(peak, warmup)
    whole = WarmupStableDecay(peak, warmup, decay, steps, start_lr=start, shape="linear")
    return Plan(whole, numbers)


def endless(peak: float, warmup: int, steps: int | None) -> Plan:
    """A constant rate; the cooldown is added when somebody decides to stop."""
    hold = Constant(peak)
    if not warmup:
        return Plan(hold, {})
    return Plan(LinearWarmup(peak, warmup, first_rate(peak, warmup)) >> hold, {})


def snapshots(peak: float, warmup: int, steps: int) -> Plan:
    """Equal cosines one after another; the weights at the end of each are kept."""
    cycle = (steps - warmup) // CYCLES
    cycles = Repeat(CosineDecay(peak, cycle), count=CYCLES)
    numbers: dict[str, tuple[float, str]] = {
        "count": (CYCLES, "the number of snapshots in our experiments"),
        "cycle": (cycle, "a fifth of the updates after the warmup"),
    }
    ramp = LinearWarmup(peak, warmup, first_rate(peak, warmup)) if warmup else None
    return Plan(ramp >> cycles if ramp else cycles, numbers)


def first_rate(peak: float, warmup: int) -> float:
    """η_peak / W, the rate of the first update: a rate of 0 would waste it."""
    return min(peak, rounded(peak / warmup))


def rounded(rate: float) -> float:
    """Two digits: no rate is known better than that.

    >>> rounded(0.0141421356)
    0.014
    """
    return float(f"{rate:.1e}")
