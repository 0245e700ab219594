"""What is true of a training, by experiment.

Every label is read from what the neighbours of a run did: the same run at lower and higher
peaks, the best run of the scene, and the same run continued for a hundred updates at a tenth of
its rate and at three times it, or with a larger network. No detector is asked; and no label
uses what `diagnose` computes.

Each margin has two values. From the first on a label fits; from the second on it fits beyond
doubt. Between them the label is true, and so is, to another judge, its absence.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lrcourse.diagnosis.labelled.trainings import TAIL, Outcome
from lrcourse.diagnosis.signs import (
    CAPACITY_LIMIT,
    DIVERGING,
    HEALTHY,
    INITIAL_SPIKE,
    NOISE_FLOOR,
    OSCILLATING,
    OVERFITTING,
    PLATEAU,
    SPIKE_AFTER_RESTART,
    TOO_SLOW,
)

# Each margin as (from which on the label fits, from which on it fits beyond doubt).
ABOVE_START = (0.8, 1.5)  # loss at the end / loss at the start
NEVER_BACK = (3.0, 10.0)  # highest loss / loss at the start, of a run that ends near its start
TOO_HIGH = (0.1, 0.25)  # share of the possible fall that only lower peaks reach
TOO_LOW = (0.1, 0.25)  # share of the possible fall that only higher peaks reach
RISES_AGAIN = (1.1, 1.3)  # validation loss at the end / at its lowest
AFTER_RESTART = (1.1, 1.3)  # loss in the first quarter after a restart / before it
FAR_ABOVE = (1.5, 2.5)  # early loss / loss at the start, and
FAR_BELOW = (0.8, 0.5)  # loss at the end / loss at the start, of an initial spike
DROP_HELPS = (0.85, 0.7)  # loss after a drop / loss without it
DROP_IDLE = (0.92, 0.96)  # the same, where neither drop nor rise helps
BIGGER_HELPS = (0.8, 0.6)  # loss of a larger network / loss of this one
NEAR_BEST = (0.05, 0.02)  # share of the possible fall that the best run has beyond this one


@dataclass(frozen=True)
class Label:
    """What is true of a curve, and whether beyond doubt."""

    name: str
    is_clear: bool


def labels(run: Outcome) -> list[Label]:
    """All that is true of a run, the gravest first; empty where no label fits."""
    if not np.isfinite(run.losses).all():
        return [Label(DIVERGING, True)]
    found = [
        *_diverging(run),
        *_oscillating(run),
        *_overfitting(run),
        *_spike_after_restart(run),
        *_initial_spike(run),
        *_too_slow(run),
        *_why_flat(run),
    ]
    found = found or list(_healthy(run))
    return [*found, *_plateau(run)] if found else []


def across_the_margin(run: Outcome, found: list[Label]) -> set[str]:
    """What another judge may say of a run, without being wrong; `found` as clear as the log is.

    Diverging, oscillating and an initial spike go over into each other: between its margins
    each is the next to others. Where nothing is beyond doubt and the run is not far from the
    best, it is "healthy" to others.
    """
    doubtful = {label.name for label in found if not label.is_clear}
    also = {OSCILLATING} if doubtful & {DIVERGING, INITIAL_SPIKE} else set()
    blew_up = np.max(run.losses) >= NEVER_BACK[0] * run.start
    if OSCILLATING in doubtful and blew_up and run.end > FAR_BELOW[1] * run.start:
        also.add(DIVERGING)
    if not any(label.is_clear for label in found) and run.missed < TOO_LOW[1]:
        also.add(HEALTHY)
    return also


def _diverging(run: Outcome) -> Iterator[Label]:
    """It ends above its start; or near it, after a blow-up from which it never came back."""
    above = run.end / run.start
    highest = np.max(run.losses) / run.start
    is_above = above >= 1 and run.missed_by_lower >= TOO_HIGH[0]
    if is_above or (above >= ABOVE_START[0] and highest >= NEVER_BACK[0]):
        blown_up = above >= 1 and highest >= NEVER_BACK[1]
        yield Label(DIVERGING, bool(above >= ABOVE_START[1] or blown_up))


def _oscillating(run: Outcome) -> Iterator[Label]:
    """Lower peaks end lower, and it neither diverges nor falls on by itself."""
    if run.missed_by_lower >= TOO_HIGH[0] and next(_diverging(run), None) is None:
        yield Label(OSCILLATING, bool(run.missed_by_lower >= TOO_HIGH[1] and run.is_flat))


def _overfitting(run: Outcome) -> Iterator[Label]:
    if run.tests is None:
        return
    lowest = int(np.argmin(run.tests))
    rise = run.tests[-1] / run.tests[lowest]
    at = int((lowest + 1) / len(run.tests) * len(run.losses))
    train_fell = run.end < run.losses[max(0, at - 15) : at + 15].mean()
    if rise >= RISES_AGAIN[0] and train_fell:
        yield Label(OVERFITTING, bool(rise >= RISES_AGAIN[1]))


def _spike_after_restart(run: Outcome) -> Iterator[Label]:
    if run.shape != "restarts":
        return
    cycle = len(run.losses) // 3
    rise = max(
        run.losses[at : at + cycle // 4].mean() / run.losses[at - cycle // 5 : at].mean()
        for at in (cycle, 2 * cycle)
    )
    if rise >= AFTER_RESTART[0]:
        yield Label(SPIKE_AFTER_RESTART, bool(rise >= AFTER_RESTART[1]))


def _initial_spike(run: Outcome) -> Iterator[Label]:
    """High above the start at first, below it at last; beyond doubt if it was over early."""
    quarter = len(run.losses) // 4
    height = run.losses[: len(run.losses) // 5].max() / run.start
    left = run.end / run.start
    if height >= FAR_ABOVE[0] and left < FAR_BELOW[0]:
        is_over = run.losses[quarter : 2 * quarter].mean() < run.start
        yield Label(INITIAL_SPIKE, bool(height >= FAR_ABOVE[1] and left < FAR_BELOW[1] and is_over))


def _too_slow(run: Outcome) -> Iterator[Label]:
    if run.missed_by_higher >= TOO_LOW[0]:
        yield Label(TOO_SLOW, bool(run.missed_by_higher >= TOO_LOW[1]))


def _why_flat(run: Outcome) -> Iterator[Label]:
    """What a tenth of the rate, three times the rate and a larger network do to a constant one."""
    if run.shape != "constant":
        return
    same, lower, higher = (
        run.tails[name][TAIL // 2 :].mean() for name in ("same", "lower", "higher")
    )
    drop = lower / same
    if drop <= DROP_HELPS[0]:
        yield Label(NOISE_FLOOR, bool(drop <= DROP_HELPS[1] and run.is_at_rest))
    if run.bigger is not None and drop >= DROP_IDLE[0] and higher / same >= DROP_IDLE[0]:
        room = run.bigger / run.end
        if room <= BIGGER_HELPS[0] and run.is_at_rest:
            idle = min(drop, higher / same) >= DROP_IDLE[1]
            yield Label(CAPACITY_LIMIT, bool(idle and room <= BIGGER_HELPS[1]))


def _plateau(run: Outcome) -> Iterator[Label]:
    """Flat, although the rate was never lowered: whoever says "plateau" is right."""
    if run.shape == "constant" and run.is_at_rest:
        yield Label(PLATEAU, False)  # true beside the reason, which the log does not show


def _healthy(run: Outcome) -> Iterator[Label]:
    if run.missed <= NEAR_BEST[0]:
        yield Label(HEALTHY, bool(run.missed <= NEAR_BEST[1]))
