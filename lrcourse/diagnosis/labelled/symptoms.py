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
    NOISE_FLOOR,
    OSCILLATING,
    OVERFITTING,
    PLATEAU,
    SPIKE_AFTER_RESTART,
    TOO_SLOW,
)

SWINGS = 0.05  # of the loss at the start, and
LASTING = 0.03  # the same, of means over a twentieth of the log, and
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
    with np.errstate(over="ignore"):  # of a loss that blew up
        return _is_seen(name, log)


def _is_seen(name: str, log: Kept) -> bool:
    if name in NEEDS_RATES and log.rates is None:
        return False
    if name == OVERFITTING:
        return log.val is not None
    if name == OSCILLATING:
        return swings(log)
    if name == TOO_SLOW:
        return hardly_fell(log) or falls_on(log)
    if name == SPIKE_AFTER_RESTART:
        return jumps(log)
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
    """The second half is louder than the calm run, and in a way that batches alone are not.

    Single losses are as high as before training; or the swings last, so that means over a
    twentieth of the log still scatter.
    """
    half = log.losses[len(log.losses) // 2 :]
    is_high = half.max() >= log.start and scatter(log.losses) >= SWINGS * log.start
    lasts = _is_louder(log, 20) and scatter(_means(log.losses, 20)) >= LASTING * log.start
    return bool(_is_louder(log, 1) and (is_high or lasts))


def _is_louder(log: Kept, parts: int) -> bool:
    calm = None if log.calm is None else _means(log.calm, parts)
    others = 0.0 if calm is None else scatter(calm)
    return scatter(_means(log.losses, parts)) >= LOUDER * others


def _means(losses: np.ndarray, parts: int) -> np.ndarray:
    """As they are for 1, else the means of so many parts."""
    if parts == 1:
        return losses
    return np.array([part.mean() for part in np.array_split(losses, min(parts, len(losses)))])


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


def jumps(log: Kept) -> bool:
    """After one of the two restarts the loss is higher than before, beyond the scatter of both."""
    cycle = len(log.losses) // 3
    for at in (cycle, 2 * cycle):
        before = log.losses[at - max(2, cycle // 5) : at]
        after = log.losses[at : at + max(2, cycle // 4)]
        error = np.hypot(before.std() / np.sqrt(len(before)), after.std() / np.sqrt(len(after)))
        if after.mean() - before.mean() > ERRORS * error:
            return True
    return False


def rose(log: Kept) -> bool:
    """The loss was well above its start at some time."""
    return bool(log.losses.max() > ROSE * log.start)


def _end(losses: np.ndarray) -> float:
    return float(losses[-max(2, len(losses) // 10) :].mean())
