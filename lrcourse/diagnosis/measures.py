"""What can be measured in a curve of losses: small pure functions, each with its assumption.

All take losses (S,) that are finite. None takes a logarithm, because a loss may be negative;
none changes when all losses are multiplied by a constant, except in that constant.
"""

import numpy as np

TAIL_SHARE = 0.1  # "the end" is the last tenth


def start_of(losses: np.ndarray) -> float:
    """The loss before training: the first value, which no update has touched."""
    return float(losses[0])


def end_of(losses: np.ndarray) -> float:
    """The mean of the last tenth, of at least two values. Assumes that it hardly moves there."""
    return float(losses[-max(2, round(TAIL_SHARE * len(losses))) :].mean())


def noise_of(losses: np.ndarray) -> float:
    """The standard deviation of one value around its neighbours.

    Median of |y[t + 1] − y[t]|, over 0.6745 √2, as for a normal distribution. Assumes that the
    noise of neighbours is independent and the trend from one to the next is small beside it.
    """
    return float(np.median(np.abs(np.diff(losses))) / 0.6745 / np.sqrt(2))


def blocks(losses: np.ndarray, number: int = 20) -> np.ndarray:
    """The means of up to `number` stretches of nearly the same length: (blocks,)"""
    return np.array([each.mean() for each in np.array_split(losses, min(number, len(losses)))])


def trend(losses: np.ndarray) -> tuple[float, float]:
    """Rise of the straight line through a stretch from its first to its last value, and its error.

    The error is that of ordinary regression over up to ten block means, so that noise which
    lasts for a few updates does not pass for independent. Needs at least 4 values.
    """
    means = blocks(losses, 10)
    t = np.linspace(-0.5, 0.5, len(means))
    slope = (t @ means) / (t @ t)
    left = means - means.mean() - slope * t
    error = np.sqrt((left @ left) / max(1, len(means) - 2) / (t @ t))
    return float(slope), float(error)


def second_half_share(losses: np.ndarray, lrs: np.ndarray | None = None) -> float:
    """How much of the whole fall happens in the second half of the way; 0.5 is a straight line.

    The way is Σ η: half of the updates at a constant rate, fewer under a decay.
    """
    first = losses[: max(1, len(losses) // 100)].mean()
    (half,) = at_shares(losses, lrs, (0.5,))
    fall = first - end_of(losses)
    return float(np.clip((half - end_of(losses)) / fall, 0, 1)) if fall > 0 else 0.0


def at_shares(losses: np.ndarray, lrs: np.ndarray | None, shares: tuple[float, ...]) -> list[float]:
    """The loss where these shares of the way Σ η were made; means over a tenth of the updates."""
    way = np.arange(len(losses)) if lrs is None else np.cumsum(lrs) - lrs
    width = max(1, len(losses) // 20)
    places = [int(np.searchsorted(way, share * way[-1])) for share in shares]
    return [float(losses[max(0, at - width) : at + width + 1].mean()) for at in places]


def hot_part(lrs: np.ndarray) -> int:
    """How many updates until the rate stays below half of its peak; all, where it never does."""
    return int(np.flatnonzero(lrs >= lrs.max() / 2)[-1]) + 1


def ahead_of_half(share: float) -> float:
    """m = (h / (1 − h))² for the share h of the second half; 1 for a straight line or worse."""
    return 1.0 if share >= 0.5 else (share / (1 - share)) ** 2


def way_ahead(losses: np.ndarray, lrs: np.ndarray | None = None) -> float:
    """The share m of the possible fall that the end has still before it, between 0 and 1.

    Assumes a fall to a limit as exp(−k s) over the way s = Σ η. After the whole way exp(−k s)
    is m, after half of it √m, so the second half brings the share h = √m / (1 + √m) of the
    fall: m = (h / (1 − h))². Only the hot part of a run is measured, because under a decay the
    loss also falls for another reason: the noise of the steps shrinks. The hot part is a share
    p of the way, and the rest goes on as before: m^(1/p).
    """
    if lrs is None:
        share, part = second_half_share(losses), 1.0
    else:
        hot = max(4, hot_part(lrs))
        share = second_half_share(losses[:hot], lrs[:hot])
        part = float(lrs[:hot].sum() / lrs.sum())
    return float(ahead_of_half(share) ** (1 / part))


def slow_swings(losses: np.ndarray) -> float:
    """The part of the scatter that lasts longer than one update, as a standard deviation.

    Scatter of block means around their straight line, beyond what independent noise of single
    values would give them. Zero where the noise explains everything.
    """
    means = blocks(losses, 10)
    t = np.linspace(-0.5, 0.5, len(means))
    line = means.mean() + (t @ means) / (t @ t) * t
    variance = ((means - line) ** 2).sum() / max(1, len(means) - 2)
    expected = noise_of(losses) ** 2 * len(means) / len(losses)
    return float(np.sqrt(max(0.0, variance - expected)))


def rises_of(lrs: np.ndarray, least: float = 2.0) -> np.ndarray:
    """The updates at which the rate jumps to `least` times what it was; not out of zero."""
    before, after = lrs[:-1], lrs[1:]
    return np.flatnonzero((before > 0) & (after >= least * before)) + 1


def drops_of(lrs: np.ndarray, most: float = 0.5) -> np.ndarray:
    """The updates at which the rate drops to `most` times what it was, or less, above zero."""
    before, after = lrs[:-1], lrs[1:]
    return np.flatnonzero((after > 0) & (after <= most * before)) + 1
