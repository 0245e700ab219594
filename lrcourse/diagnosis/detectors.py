"""One small function for each sign: what it looks for, from which measure on, and how sure it is.

The thresholds are of two kinds. Ratios such as "half as high again as at the start" are the
words of the sign itself, with room for the noise of a batch. Shares of the way come from the
exponential approach to a limit, as `second_half_share` explains. They were adjusted on labelled
curves of development seeds (0, 100 and 5000), as was how sure each detector says it is; how
often they are right on other seeds is in docs/diagnosis.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lrcourse.diagnosis import measures
from lrcourse.diagnosis.drop_reading import read_drop_test
from lrcourse.diagnosis.signs import (
    DIVERGING,
    HEALTHY,
    INITIAL_SPIKE,
    NOISE_FLOOR,
    OSCILLATING,
    OVERFITTING,
    PLATEAU,
    SPIKE_AFTER_RESTART,
    TOO_SLOW,
    Sign,
)

BLOWN_UP = 1e20  # times the start: a float32 will soon overflow
AHEAD = (0.1, 0.25)  # of the way
AT_REST = 0.05  # of the whole fall, in the last third
FEW = 8  # fewer losses than this show little more than their first and their last


@dataclass(frozen=True)
class When:
    """The time of each loss in words: when(3) is "update 30" in a log of every tenth update."""

    steps: np.ndarray  # (S,)
    time: str  # what they count

    def __call__(self, at: int) -> str:
        return f"{self.time} {self.steps[at]:.15g}"


@dataclass(frozen=True)
class Seen:
    """A checked log; the numbers that several detectors need are computed once."""

    losses: np.ndarray  # (S,) finite up to `finite`
    lrs: np.ndarray | None  # (S,)
    val: tuple[np.ndarray, np.ndarray] | None  # (V,) after so many losses, losses
    when: "When"

    @property
    def start(self) -> float:
        return measures.start_of(self.losses)

    @property
    def end(self) -> float:
        return measures.end_of(self.losses)

    @property
    def scale(self) -> float:
        """What "much" is measured in: the loss at the start, or the fall where that is more."""
        return max(abs(self.start), self.start - float(self.losses.min()), 1e-300)

    @property
    def noise(self) -> float:
        """Of one loss, in the second half."""
        return measures.noise_of(self.losses[len(self.losses) // 2 :])

    @property
    def highest(self) -> float:
        return float(self.losses.max())

    @property
    def is_decayed(self) -> bool:
        """Whether the rate was down to a third of its peak at the end."""
        last = slice(-max(1, len(self.losses) // 10), None)
        return self.lrs is not None and bool(np.median(self.lrs[last]) < self.lrs.max() / 3)

    @property
    def is_held(self) -> bool:
        """Whether the rate stayed above half of its peak in the last third; None is not known."""
        if self.lrs is None:
            return True
        return bool(self.lrs[-max(4, len(self.lrs) // 3) :].min() >= self.lrs.max() / 2)

    @property
    def ahead_while_hot(self) -> float:
        """The same as `ahead`, from the part of the run before the rate was halved."""
        return measures.way_ahead(self.losses, self.lrs)

    @property
    def ahead(self) -> float:
        """The share of the possible fall that the end has still before it."""
        whole = measures.second_half_share(self.losses, self.lrs)
        ahead = max(self.ahead_while_hot, measures.ahead_of_half(whole))
        if self.losses.min() < 0:
            return ahead
        return min(ahead, self.end / max(self.start, 1e-300))  # no such loss falls below zero

    @property
    def least_fall(self) -> float:
        """A smaller one, in `scale`, may be the luck of the first batch."""
        return max(0.1, min(0.25, 4 * self.noise / self.scale))

    @property
    def fall(self) -> float:
        """From the start to the end, in `scale`; below zero where the loss has risen."""
        return (self.start - self.end) / self.scale


def certainty(measured: float, least: float, clear: float) -> float:
    """0.6 at `least`, 0.95 from `clear` on, straight between; 0 where less was measured."""
    share = (measured - least) / (clear - least)
    return 0.0 if share < 0 else 0.6 + 0.35 * min(1.0, float(share))


def is_astronomical(losses: np.ndarray) -> np.ndarray:
    """(S,) True where a loss is so high that the next would be infinite."""
    first = losses[np.isfinite(losses)][0]
    with np.errstate(invalid="ignore"):
        return np.abs(losses) > BLOWN_UP * max(abs(first), 1e-10)


def left_for_good(losses: np.ndarray) -> int:
    """From where on every loss (S,) is above twice the first; S where the last is not."""
    below = np.flatnonzero(losses <= losses[:1] + np.abs(losses[:1]))
    return int(below[-1]) + 1 if len(below) else len(losses)


# Too high ---------------------------------------------------------------------------------------


def lost(losses: np.ndarray, when: When) -> Iterator[Sign]:
    """A loss that is NaN, infinite, or astronomically high."""
    gone = ~np.isfinite(losses) | is_astronomical(losses)
    back = not gone[-1]
    if gone.any() and not (back and np.isfinite(losses).all()):
        at = int(np.flatnonzero(gone)[0])
        left = left_for_good(losses[:at])
        climbed = f"the loss left its start at {when(left)} and " if left < at else ""
        yield Sign(
            DIVERGING,
            f"{climbed or 'the loss '}was {losses[at]:.3g} at {when(at)}, after {at} of "
            f"{len(losses)} losses" + (", and came back later." if back else "."),
            "Lower the peak rate to a third, again until it holds; if it happened in the first "
            "updates, a warmup may do. If it stays: look for bad data, a missing gradient clip, "
            "or half precision without loss scaling.",
            0.8 if back else 0.98,
            ((left, len(losses) - 1),),
        )


def diverging(seen: Seen) -> Iterator[Sign]:
    """The end lies above the start, or a blow-up from which the loss never came down again."""
    above = (seen.end - seen.start) / seen.scale
    beyond_noise = seen.end - seen.start > 4 * seen.noise  # the start is a single loss
    sure = certainty(above, 0.1, 0.5) if beyond_noise else 0.0
    height = (seen.highest - seen.start) / seen.scale
    if seen.end > seen.start - 0.2 * seen.scale:
        sure = max(sure, certainty(height, 2.0, 5.0))
    if sure:
        at = int(np.argmax(seen.losses))
        yield Sign(
            DIVERGING,
            f"the loss went from {seen.start:.3g} up to {seen.highest:.3g} at {seen.when(at)} and "
            f"ends at {seen.end:.3g}.",
            "Lower the peak rate to a third, again until it holds; if it blew up in the first "
            "updates, a warmup may do. Check the data, the labels and the gradient clip too.",
            sure,
            ((at, len(seen.losses) - 1),),
        )


def oscillating(seen: Seen) -> Iterator[Sign]:
    """The loss rose above its start and stayed high, or is too loud, or swings for long."""
    quarter = len(seen.losses) // 4
    late = float(seen.losses[quarter : 2 * quarter].mean())
    sure = max(_rose_and_stays(seen, late), _is_too_loud(seen), _swings_without_trend(seen))
    if sure and not any(diverging(seen)):
        yield Sign(
            OSCILLATING,
            f"it rose to {seen.highest:.3g} from {seen.start:.3g}, was {late:.3g} on average in "
            f"the second quarter, and single losses scatter by {seen.noise:.2g}.",
            _against_oscillation(seen),
            sure,
            ((quarter, len(seen.losses) - 1),),
        )


def _rose_and_stays(seen: Seen, late: float) -> float:
    """Well above the start beyond the noise, and `late`, in the second quarter, still high.

    A loss that came far down in the end must have been high for longer: else the rise was an
    initial spike.
    """
    height = (seen.highest - seen.start) / seen.scale
    stays_high = late > seen.start - (0.4 if seen.fall < 0.3 else 0.1) * seen.scale
    above = seen.highest - max(seen.start, float(np.median(seen.losses)))
    is_seen = above > 5 * seen.noise and stays_high and seen.fall < 0.5
    return min(0.85, certainty(height, 0.35, 1.0)) if is_seen else 0.0


def _is_too_loud(seen: Seen) -> float:
    """Single losses scatter by a fifth of the start, and some lie far above it."""
    height = (seen.highest - seen.start) / seen.scale
    return 0.75 if seen.noise > 0.2 * seen.scale and height > 0.7 and seen.fall < 0.6 else 0.0


def _swings_without_trend(seen: Seen) -> float:
    """Flat in the second half, at a high level, in swings that last longer than one update."""
    half = seen.losses[len(seen.losses) // 2 :]
    rise, error = measures.trend(half)
    slow = measures.slow_swings(half)
    is_high = half.mean() > seen.start - 0.8 * seen.scale
    is_flat = not seen.is_decayed and abs(rise) < 3 * error
    return 0.65 if is_flat and is_high and slow > max(0.03 * seen.scale, 0.4 * seen.noise) else 0.0


def _against_oscillation(seen: Seen) -> str:
    """Early: warmup; late: decay, or a lower peak; all the time: a lower rate."""
    if seen.fall > 0.4:
        return "It calmed down by itself: a warmup, or a lower peak, saves the first updates."
    if seen.is_decayed:
        return "The decay came too late to help: lower the peak rate to a third."
    return "Lower the rate to a third; a decay alone only helps at the end, a warmup at the start."


def initial_spike(seen: Seen) -> Iterator[Sign]:
    """Far above the start in the first fifth, well below it at the end."""
    early = seen.losses[: max(3, len(seen.losses) // 5)]
    height = (float(early.max()) - seen.start) / abs(seen.scale)
    if height * seen.scale > 5 * seen.noise and seen.fall > 0.3:
        sure = certainty(height, 0.6, 1.5)
        at = int(np.argmax(early))
        over = int(np.flatnonzero(seen.losses[at:] < seen.start)[0]) + at
        if sure:
            yield Sign(
                INITIAL_SPIKE,
                f"the loss rose from {seen.start:.3g} to {early.max():.3g} at {seen.when(at)}, was "
                f"below the start again at {seen.when(over)}, and ends at {seen.end:.3g}.",
                "Try a warmup of the length of the spike, or a lower peak. Other causes: the "
                "initial weights, Adam without bias correction, momentum kept from another "
                "run, one bad batch.",
                sure,
                ((0, over),),
            )


def spike_after_restart(seen: Seen) -> Iterator[Sign]:
    """The loss after a jump of the rate, against the loss before it."""
    found = [each for each in _restarts(seen) if each[1] > 0]
    if found:
        places, sures, ratios = zip(*found, strict=True)
        yield Sign(
            SPIKE_AFTER_RESTART,
            f"after {len(found)} jump(s) of the rate, first at {seen.when(places[0][0])}, the loss "
            f"was up to {max(ratios):.3g} times what it had been before.",
            "This is what a restart does; judge the run where a cycle ends, and let the budget "
            "end with a cycle. Lower the peaks (gamma below 1) if later cycles do not end lower.",
            max(sures),
            tuple(places),
        )


def _restarts(seen: Seen) -> Iterator[tuple[tuple[int, int], float, float]]:
    """For each restart: its place, how sure it raised the loss, and how many times."""
    if seen.lrs is None:
        return
    bounds = [0, *(int(t) for t in _jumps_back_up(seen.lrs)), len(seen.losses)]
    for begin, at, end in zip(bounds, bounds[1:], bounds[2:], strict=False):
        before = seen.losses[at - max(1, (at - begin) // 5) : at]
        after = seen.losses[at : at + max(1, (end - at) // 4)]
        rise = after.mean() - before.mean()
        noise = seen.noise * np.sqrt(1 / len(before) + 1 / len(after))
        ratio = after.mean() / before.mean() if before.mean() > 0 else np.inf
        sure = certainty(ratio, 1.1, 1.3) if rise > 3 * noise else 0.0
        yield (at, at + len(after) - 1), sure, float(ratio)


def _jumps_back_up(lrs: np.ndarray) -> list[int]:
    """Jumps to a height that the rate had before: a restart, not a warmup."""
    return [t for t in measures.rises_of(lrs) if lrs[t] <= 1.01 * lrs[:t].max()]


# Too low, flat, or fine -------------------------------------------------------------------------


def overfitting(seen: Seen) -> Iterator[Sign]:
    """The validation loss ends well above its lowest value while the training loss falls on."""
    if seen.val is None or len(seen.val[0]) < 4 or not np.isfinite(seen.val[1]).all():
        return
    after, values = seen.val
    smooth = np.convolve(values, np.ones(3) / 3, mode="valid")
    lowest = int(np.argmin(smooth)) + 1
    last = values[-max(1, len(values) // 10) :].mean()
    at = max(0, min(int(after[lowest]), len(seen.losses)) - 1)
    width = max(1, len(seen.losses) // 20)
    train_then = seen.losses[max(0, at - width) : at + width].mean()
    if smooth.min() <= 0 or seen.end > train_then:
        return
    noise = measures.noise_of(values) * np.sqrt(10 / len(values) + 1 / 3)
    sure = certainty(last / smooth.min(), 1.1, 1.3) if last - smooth.min() > 3 * noise else 0.0
    if sure:
        yield Sign(
            OVERFITTING,
            f"the validation loss was lowest around {seen.when(at)} ({smooth.min():.3g}) and ends "
            f"at {last:.3g}, while the training loss fell from {train_then:.3g} to {seen.end:.3g}.",
            "Stop there, take more data or augment it, or regularise. No schedule cures it; "
            "cycling the rate is not a reliable cure either.",
            sure,
            ((at, len(seen.losses) - 1),),
        )


def too_slow(seen: Seen) -> Iterator[Sign]:
    """Hardly any fall at all, or a fall that goes on as fast as it began."""
    luck = min(5 * seen.noise, 0.6 * seen.scale)  # of a single batch
    if seen.highest - seen.start > max(0.3 * seen.scale, luck):
        return
    if _hardly_moved(seen):
        sure = 0.0 if _fell_at_once(seen) else 0.85
        evidence = f"the loss hardly moved: from {seen.start:.3g} to {seen.end:.3g}."
    else:
        is_seen = seen.fall > 0 and _falls_evenly(seen) and _falls_beyond_noise(seen)
        sure = certainty(seen.ahead, *AHEAD) if is_seen else 0.0
        if seen.fall > 0.4 and seen.ahead_while_hot < AHEAD[0] / 3:
            sure = min(sure, 0.55)  # the rest of the fall may be the noise that the decay calms
        evidence = (
            f"the fall from {seen.start:.3g} to {seen.end:.3g} is not over: an "
            f"exponential fall of this form has {seen.ahead:.0%} of its way still ahead."
        )
    if sure:
        yield Sign(TOO_SLOW, evidence, _against_slowness(seen), sure, ((0, len(seen.losses) - 1),))


def _hardly_moved(seen: Seen) -> bool:
    """From the first thirtieth to the end; a single first loss may be the luck of its batch."""
    first = seen.losses[: max(1, len(seen.losses) // 30)]
    luck = 4 * seen.noise / np.sqrt(len(first))
    least = max(0.1 * seen.scale, min(0.25 * seen.scale, luck))
    return bool(abs(first.mean() - seen.end) < least)


def _fell_at_once(seen: Seen) -> bool:
    """Most of the little fall came in the first updates: the network may have died there."""
    tenth = max(2, len(seen.losses) // 10)
    early = seen.start - seen.losses[tenth // 2 : 2 * tenth].mean()
    return bool(early > 4 * seen.noise and early > 0.6 * (seen.start - seen.end))


def _falls_evenly(seen: Seen) -> bool:
    """The second quarter of the hot part brings its share too: not bouncing until the decay.

    An exponential fall brings in that quarter at least half as much as in the half after it.
    """
    hot = len(seen.losses) if seen.lrs is None else max(8, measures.hot_part(seen.lrs))
    lrs = None if seen.lrs is None else seen.lrs[:hot]
    quarter, half, end = measures.at_shares(seen.losses[:hot], lrs, (0.25, 0.5, 1.0))
    return bool(quarter - half > 0.3 * (half - end))


def _falls_beyond_noise(seen: Seen) -> bool:
    """The second half of the way brings more than the noise of the two means."""
    half, end = measures.at_shares(seen.losses, seen.lrs, (0.5, 1.0))
    return half - end > 4 * seen.noise * np.sqrt(20 / len(seen.losses))


def _against_slowness(seen: Seen) -> str:
    cause = "the rate was decayed too early, or " if seen.is_decayed else ""
    return (
        f"Probably {cause}the peak is too low: try three times the rate, or train longer. Check "
        f"the scale of the features too: badly scaled ones make every stable rate too small."
    )


def drop_in_the_log(seen: Seen) -> Iterator[Sign]:
    """A drop of the rate within the log is a drop test that was already made."""
    if seen.lrs is None:
        return
    drops = measures.drops_of(seen.lrs)
    bounds = [0, *(int(t) for t in drops), len(seen.losses)]
    for begin, at, end in zip(bounds, bounds[1:], bounds[2:], strict=False):
        before, after = seen.losses[begin:at], seen.losses[at:end]
        if min(len(before), len(after)) < FEW or not _is_flat(before[len(before) // 2 :]):
            continue
        read = read_drop_test(before[len(before) // 2 :], after)
        if read.verdict == NOISE_FLOOR:
            yield Sign(
                NOISE_FLOOR,
                f"flat before the drop of the rate at {seen.when(at)}; then {read.evidence}",
                "The drop was right, and could have come earlier.",
                read.sure,
                ((begin + len(before) // 2, at - 1),),
            )


def _is_flat(losses: np.ndarray) -> bool:
    """No fall beyond a tenth of the level, or none beyond the error."""
    rise, error = measures.trend(losses)
    return bool(rise > -0.1 * abs(losses.mean()) or rise > -2 * error)


def plateau(seen: Seen) -> Iterator[Sign]:
    """Flat at the end after a fall, although the rate was not lowered."""
    last = seen.losses[-max(4, len(seen.losses) // 3) :]
    rise, error = measures.trend(last)
    is_flat = -rise < max(AT_REST * (seen.start - seen.end), 2 * error)
    if not seen.is_held or seen.fall < seen.least_fall or not is_flat:
        return
    if seen.ahead > AHEAD[0]:
        return
    doubt = "" if seen.lrs is not None else " (the rates are unknown; a decay looks like this too)"
    yield Sign(
        PLATEAU,
        f"the loss fell to {last.mean():.3g} and has been flat for the last third{doubt}.",
        "Do the drop test: continue for 100 updates at a tenth of the rate and at three times "
        "the rate. It falls at the lower one: a noise floor, decay now. At the higher one: the "
        "rate is too small. At neither: the limit is the model or the data.",
        0.85 if seen.lrs is not None else 0.55,
        ((len(seen.losses) - len(last), len(seen.losses) - 1),),
    )


def healthy(seen: Seen) -> Iterator[Sign]:
    """A fall that has slowed down, and none of the other signs."""
    is_low = seen.end - _lowest(seen) < max(0.05 * seen.scale, 3 * seen.noise)
    arrived = seen.ahead < (AHEAD[0] if seen.fall > 0.8 else AHEAD[0] / 2)
    if seen.fall > max(0.25, seen.least_fall) and arrived and is_low:
        yield Sign(
            HEALTHY,
            f"the loss fell from {seen.start:.3g} to {seen.end:.3g}, with about "
            f"{seen.ahead:.0%} of the way still ahead, and without a jump.",
            "Nothing here asks for another rate. Only a run at a third and at three times the "
            "peak, over several seeds, shows whether this one is best: a beautiful curve does not.",
            0.8 if seen.is_decayed else 0.55,
        )


def _lowest(seen: Seen) -> float:
    return float(measures.blocks(seen.losses).min())
