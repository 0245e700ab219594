"""Rules that pick a learning rate from the curve of a range test. Section 09.

A rule is a function of two arrays: the rates, rising, and the losses measured at them, smoothed
and cut where they blow up. It gives one rate. Every rule assumes something about the curve, and
says what; `lrcourse.finder.regret` shows what its picks are worth.
"""

from collections.abc import Callable

import numpy as np
from scipy.signal import lfilter, savgol_filter

Rule = Callable[[np.ndarray, np.ndarray], float]

BLOWN_UP = 4  # times the lowest loss so far
RISEN = 1.1  # times the lowest loss
AGE = 20  # what a running mean holds is one in so many updates of the sweep old, on average


# What the rules are shown ----------------------------------------------------------------------


def kept_over(steps: int) -> float:
    """k = 1 − 20/S: what the running mean of a sweep holds is S/20 updates old, on average.

    The same share of every sweep, so that longer ones do not show other curves.
    """
    return max(0.0, 1 - AGE / steps)


def smoothed(values: np.ndarray, kept: float) -> np.ndarray:
    """m ← k m + (1 − k) value,  m / (1 − k^t): running means along the last axis.

    Without the divisor the first means would lie too near to zero, because m starts there.
    """
    t = np.arange(1, values.shape[-1] + 1)
    return lfilter([1 - kept], [1, -kept], values) / (1 - kept**t)


def times(factor: float, losses: np.ndarray | float) -> np.ndarray | float:
    """loss + (factor − 1) |loss|: so many times the loss, and above it where it is negative."""
    return losses + (factor - 1) * np.abs(losses)


def up_to_the_blow_up(lrs: np.ndarray, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The curve before the loss exceeds four times its lowest value so far, or is no number."""
    fine = losses <= times(BLOWN_UP, np.minimum.accumulate(losses))  # False for NaN
    end = len(fine) if fine.all() else fine.argmin()
    return lrs[:end], losses[:end]


# Rules on the slope ----------------------------------------------------------------------------


def steepest(lrs: np.ndarray, losses: np.ndarray) -> float:
    """Where the loss falls fastest over log rate: the slopes of lines through a tenth of the
    points each.

    Assumes that the fastest fall is due to the rate. It may as well be due to the time that has
    passed: a slow sweep learns much at small rates, and its steepest point lies there.
    """
    window = max(3, len(losses) // 10 // 2 * 2 + 1)  # odd
    return float(lrs[_slopes(np.log(lrs), losses, window).argmin()])


def steepest_between_neighbours(lrs: np.ndarray, losses: np.ndarray) -> float:
    """fastai's `steep`: the steepest of the slopes from one point to the next.

    Assumes that what is left of the noise after smoothing is smaller than the slope.
    """
    return float(lrs[(np.diff(losses) / np.diff(np.log(lrs))).argmin()])


def steepest_over_rate(lrs: np.ndarray, losses: np.ndarray) -> float:
    """Lightning's suggestion: the steepest slope over the rate itself, not over its logarithm.

    Assumes rates at equal distances. On an exponential ramp the first rates lie so close
    together that any noise between them is a steeper slope than all that follows: the pick is
    one of the lowest rates, whatever the model. Lightning 2.6, pytorch/tuner/lr_finder.py.
    """
    return float(lrs[np.gradient(losses, lrs).argmin()])


def valley(lrs: np.ndarray, losses: np.ndarray) -> float:
    """fastai's default: the middle of the longest falling subsequence.

    Its points need not be neighbours, but are counted back from the last as if they were.
    Assumes that the sweep falls most of the way, and that halfway down is a good rate; being
    halfway depends on where the sweep began. fastai, callback/schedule.py.
    """
    length = np.ones(len(losses), dtype=int)
    for i in range(1, len(losses)):
        length[i] += np.max(length[:i], where=losses[:i] > losses[i], initial=0)
    end = length.argmax()
    start = end - length[end]
    third = (end - start) / 3
    return float(lrs[start + int(third) + int(third / 2)])


def slide(lrs: np.ndarray, losses: np.ndarray) -> float:
    """fastai's `slide`: come from the highest rates down, while the slopes at the two ends of a
    window of 15 points differ by more than 0.005.

    Assumes losses of about 1, because the 0.005 is absolute, and a sweep that ended in a steep
    rise.
    """
    slopes, right = np.gradient(losses), len(losses) - 1
    left = max(right - 15, 0)
    pick = lrs[left]
    while left >= 0 and abs(slopes[right] - slopes[left]) > 0.005:
        pick, left, right = lrs[left], left - 1, right - 1
    return float(pick)


# Rules on the lowest loss ----------------------------------------------------------------------


def minimum_over_ten(lrs: np.ndarray, losses: np.ndarray) -> float:
    """A tenth of the rate with the lowest loss. fastai's `minimum`.

    Assumes that the loss is lowest shortly before training becomes unstable, and that a power
    of ten is the right distance.
    """
    return float(lrs[losses.argmin()] / 10)


def minimum_over_three(lrs: np.ndarray, losses: np.ndarray) -> float:
    """A third of the rate with the lowest loss: minimum/10, bolder."""
    return float(lrs[losses.argmin()] / 3)


# Rules on the onset of the rise ----------------------------------------------------------------


def onset(lrs: np.ndarray, losses: np.ndarray) -> float:
    """The first rate, past that with the lowest loss, where the loss has risen by a tenth.

    No pick yet but an upper bound: here the sweep does harm. It is a bound for the moment and
    after a warmup, because the sweep stays at no rate for long and comes up from below.
    The last rate, where the loss never rises: then the sweep ended too early.
    """
    lowest = losses.argmin()
    risen = losses[lowest:] > times(RISEN, losses[lowest])
    return float(lrs[lowest:][risen.argmax() if risen.any() else -1])


def onset_over_three(lrs: np.ndarray, losses: np.ndarray) -> float:
    """A third of the onset: our default, for the peak of a cosine.

    Assumes that the edge which a sweep has crossed is near the one that a training will meet. A
    sweep passes a rate in a moment, a training stays near its peak, so the pick lies below the
    edge; that a third loses the fewest points was measured, by `lrcourse.finder.regret`.
    """
    return onset(lrs, losses) / 3


def onset_over_ten(lrs: np.ndarray, losses: np.ndarray) -> float:
    """A tenth of the onset: safe, and often too low for a cosine."""
    return onset(lrs, losses) / 10


def half_the_start(lrs: np.ndarray, losses: np.ndarray) -> float:
    """Half of the rate where the loss has fallen by a twentieth of its first values.

    Lecture notes have it. Assumes that where training begins to work it works well.
    """
    fallen = losses < 0.95 * losses[: max(1, len(losses) // 10)].mean()
    return float(lrs[fallen.argmax() if fallen.any() else -1] / 2)


RULES: dict[str, Rule] = {
    "onset/3": onset_over_three,
    "onset/10": onset_over_ten,
    "minimum/3": minimum_over_three,
    "minimum/10": minimum_over_ten,
    "steepest": steepest,
    "valley": valley,
    "slide": slide,
    "half the start": half_the_start,
}
DEFAULT = "onset/3"


def _slopes(x: np.ndarray, y: np.ndarray, window: int) -> np.ndarray:
    """The slope of the straight line through the points around each one."""
    return savgol_filter(y, window, 1, deriv=1) / np.gradient(x)
