"""Whether a sign can be seen in a log at all: plain measures, none shared with the detectors.

The experiments say what is true of a training; here is decided whether its log could show that.
Only then the case is clear. The loss of a peak that is too high may decay into a smooth curve:
"oscillating" is true, and nobody can see it. Without the rates a flat end may be a decay, so
no such log is clear about what is flat, slow or healthy.
"""

from dataclasses import dataclass, field

import numpy as np

from lrcourse.diagnosis.signs import (
    CAPACITY_LIMIT,
    HEALTHY,
    INITIAL_SPIKE,
    NOISE_FLOOR,
    OSCILLATING,
    OVERFITTING,
    PLATEAU,
    TOO_SLOW,
)

SWINGS = 0.05  # of the loss at the start, and
LOUDER = 2.0  # times the scatter of the best run at a lower peak
HARDLY = 0.1  # of the loss at the start: so small a fall is hardly one
STILL = 0.1  # of the whole fall, in the last third of the way: it falls on
ERRORS = 4.0  # standard errors that a fall must exceed to be seen
ROSE = 1.2  # times the start: such a rise is seen

NEEDS_RATES = {TOO_SLOW, NOISE_FLOOR, CAPACITY_LIMIT, PLATEAU, HEALTHY}


@dataclass(frozen=True)
class Kept:
    """A log as it was kept, beside that of the best run at a lower peak, kept alike."""

    losses: np.ndarray = field(repr=False)  # (S,)
    rates: np.ndarray | None = field(repr=False)  # (S,)
    val: np.ndarray | None = field(repr=False)  # (V,)
    calm: np.ndarray | None = field(repr=False)  # (S,); None at the lowest peak
    start: float  # the loss before training, without the luck of one batch


def is_seen(name: str, log: Kept) -> bool:
    """Whether a log shows the sign `name`, given that it is true of the training."""
    if name in NEEDS_RATES and log.rates is None:
        return False
    if name == OVERFITTING:
        return log.val is not None
    if name == OSCILLATING:
        return swings(log)
    if name == TOO_SLOW:
        return hardly_fell(log) or falls_on(log)
    if name == INITIAL_SPIKE:
        return is_over_early(log)
    if name == HEALTHY:
        return not (hardly_fell(log) or falls_on(log) or swings(log) or rose(log))
    return True


def scatter(losses: np.ndarray) -> float:
    """The standard deviation around the straight line through the second half."""
    half = losses[len(losses) // 2 :]
    t = np.arange(len(half)) - (len(half) - 1) / 2
    line = half.mean() + (t @ half) / (t @ t) * t
    return float((half - line).std())


def swings(log: Kept) -> bool:
    """The second half scatters, and more than the batches alone make the calm run scatter."""
    own = scatter(log.losses)
    others = 0.0 if log.calm is None else scatter(log.calm)
    return own >= SWINGS * log.start and own >= LOUDER * others


def hardly_fell(log: Kept) -> bool:
    """From the start to the last tenth, less than a tenth of the start."""
    return log.start - _end(log.losses) < HARDLY * log.start


def falls_on(log: Kept) -> bool:
    """The last third of the way Σ η brings a good share of the whole fall, beyond the scatter."""
    rates = np.ones(len(log.losses)) if log.rates is None else log.rates
    way = np.cumsum(rates) / rates.sum()
    reach = max(1, len(rates) // 20)
    at = int(np.searchsorted(way, 2 / 3))
    then = log.losses[max(0, at - reach) : at + reach + 1]
    gain = then.mean() - _end(log.losses)
    error = scatter(log.losses) * np.sqrt(1 / len(then) + 10 / len(log.losses))
    return bool(gain >= STILL * (log.start - _end(log.losses)) and gain >= ERRORS * error)


def is_over_early(log: Kept) -> bool:
    """The second quarter lies below the start again."""
    quarter = len(log.losses) // 4
    return bool(log.losses[quarter : 2 * quarter].mean() < log.start)


def rose(log: Kept) -> bool:
    """The loss was well above its start at some time."""
    return bool(log.losses.max() > ROSE * log.start)


def _end(losses: np.ndarray) -> float:
    return float(losses[-max(2, len(losses) // 10) :].mean())
