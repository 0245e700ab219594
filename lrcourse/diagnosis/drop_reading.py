"""The drop test, read from losses: why is a curve flat? NumPy only.

A run on a plateau is continued three times for about a hundred updates: as it was, at a tenth
of the rate, and at three times the rate. Where the lower rate falls, the noise of the steps
held the loss up. Where the higher rate falls, the rate was too small. Where neither does, the
limit is the model or the data.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lrcourse.diagnosis import measures
from lrcourse.diagnosis.checks import curve
from lrcourse.diagnosis.signs import CAPACITY_LIMIT, NOISE_FLOOR, NOT_SURE, TOO_SLOW

LEAST_FALL = 0.04  # of the loss: what an idle continuation may differ by
CLEAR_FALL = 0.15
ERRORS = 2.5  # standard errors that a fall must exceed

REMEDIES = {
    NOISE_FLOOR: "Decay the rate now.",
    TOO_SLOW: "Raise the rate; if it was decayed, the decay came too early.",
    CAPACITY_LIMIT: "No rate helps: take a larger model, other features, or more or better data.",
    NOT_SURE: "Repeat the test with more updates, or average several repetitions.",
}


@dataclass(frozen=True)
class DropTest:
    """Which of the three it is. Losses are those of each continuation; `same` may be missing."""

    verdict: str  # NOISE_FLOOR, TOO_SLOW, CAPACITY_LIMIT or NOT_SURE
    evidence: str
    sure: float
    before: np.ndarray = field(repr=False)
    lower: np.ndarray = field(repr=False)
    higher: np.ndarray | None = field(repr=False)
    same: np.ndarray | None = field(repr=False)

    @property
    def remedy(self) -> str:
        """What to do."""
        return REMEDIES[self.verdict]

    def __str__(self) -> str:
        """The verdict with its numbers, and what to do."""
        return f"{self.verdict} ({self.sure:.0%} sure): {self.evidence}\n    {self.remedy}"

    def _repr_markdown_(self) -> str:
        """The same as the output of a notebook's cell."""
        return f"**{self.verdict}** ({self.sure:.0%} sure): {self.evidence} {self.remedy}"


def read_drop_test(before: Any, lower: Any, higher: Any = None, same: Any = None) -> DropTest:
    """Why `before` is flat, from the losses of its continuations, one for each update.

    `lower` was trained at a tenth of the rate, `higher` at about three times the rate, `same`
    as before. Compared are the means of their second halves with that of `same`, or with the
    second half of `before` where `same` is missing; the same batches in all three make the
    comparison sharper. Without `higher` a run that does not fall remains "not sure".
    """
    before, lower = (
        curve("read_drop_test", "before", before),
        curve("read_drop_test", "lower", lower),
    )
    higher = None if higher is None else curve("read_drop_test", "higher", higher)
    same = None if same is None else curve("read_drop_test", "same", same)
    level, error = _level(before if same is None else same)
    falls = {
        name: _fall(each, level, error)
        for name, each in (("lower", lower), ("higher", higher))
        if each is not None
    }
    verdict, sure = _verdict(falls)
    told = "; ".join(
        f"at the {name} rate the loss {'fell' if fall > 0 else 'rose'} by {abs(fall):.1%} "
        f"± {2 * each:.1%}"
        for name, (fall, each) in falls.items()
    )
    return DropTest(verdict, f"{told}.", sure, before, lower, higher, same)


def _level(losses: np.ndarray) -> tuple[float, float]:
    """Mean and standard error of the second half, over block means; infinite after a blow-up."""
    half = losses[len(losses) // 2 :]
    if not (np.abs(half) < 1e100).all():  # NaN is not
        return np.inf, 0.0
    means = measures.blocks(half, 8)
    return float(half.mean()), float(means.std(ddof=1) / np.sqrt(len(means)))


def _fall(losses: np.ndarray, level: float, error: float) -> tuple[float, float]:
    """How much lower than `level`, as a share of it, and the standard error."""
    mean, own = _level(losses)
    scale = max(abs(level), 1e-300)
    return (level - mean) / scale, float(np.hypot(error, own)) / scale


def _verdict(falls: dict[str, tuple[float, float]]) -> tuple[str, float]:
    """The rate with the larger clear fall; capacity where both are known and idle."""
    clear = {
        name: fall
        for name, (fall, error) in falls.items()
        if fall > max(LEAST_FALL, ERRORS * error)
    }
    if clear:
        best = max(clear, key=lambda name: clear[name])
        sure = 0.6 + 0.35 * min(1.0, (clear[best] - LEAST_FALL) / (CLEAR_FALL - LEAST_FALL))
        return (NOISE_FLOOR if best == "lower" else TOO_SLOW), sure
    idle = all(abs(fall) < 2 * LEAST_FALL or fall < 0 for fall, _ in falls.values())
    known = all(error < LEAST_FALL for _, error in falls.values())
    if len(falls) == 2 and idle and known:
        return CAPACITY_LIMIT, 0.8
    return NOT_SURE, 0.5
