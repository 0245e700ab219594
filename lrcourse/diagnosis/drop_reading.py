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

DROP_HELPS = 0.04  # of the loss: a drop of the rate calms an idle run by less
RISE_HELPS = 0.005  # of the loss: at three times the rate a run that creeps falls by more
EXCLUDED = {"lower": 0.04, "higher": 0.02}  # larger falls must be excluded to call a run idle
CLEAR = 4.0  # times the least fall: the verdict is as sure as it gets
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
    comparison much sharper. Without `higher` a run that does not fall remains "not sure", and so
    does one whose idleness has too large an error: ask again with more updates.
    """
    before, lower = (
        curve("read_drop_test", "before", before),
        curve("read_drop_test", "lower", lower),
    )
    higher = None if higher is None else curve("read_drop_test", "higher", higher)
    same = None if same is None else curve("read_drop_test", "same", same)
    falls = {
        name: _fall(each, before if same is None else same)
        for name, each in (("lower", lower), ("higher", higher))
        if each is not None
    }
    verdict, sure = _verdict(falls)
    told = "; ".join(
        f"at the {name} rate the loss {'fell' if fall > 0 else 'rose'} by {abs(fall):.1%} "
        f"± {2 * each:.1%}"
        for name, (fall, each) in falls.items()
    )
    return DropTest(
        verdict, f"{told}{_left_open(verdict, falls)}.", sure, before, lower, higher, same
    )


def _left_open(verdict: str, falls: dict[str, tuple[float, float]]) -> str:
    """What an idle or unsure test leaves possible."""
    if verdict not in (CAPACITY_LIMIT, NOT_SURE):
        return ""
    most = {name: max(0.0, fall + ERRORS * error) for name, (fall, error) in falls.items()}
    told = ", ".join(f"{each:.1%} at the {name} rate" for name, each in most.items())
    return f"; a fall larger than {told} is excluded"


def _fall(losses: np.ndarray, same: np.ndarray) -> tuple[float, float]:
    """How much lower than `same` the second half lies, as a share of it, and the standard error.

    Of the same length they saw the same batches, or may have: then the error is that of their
    differences, in which the noise of common batches cancels. Over block means, so that noise
    which lasts for a few updates does not pass for independent. Minus infinity after a blow-up.
    """
    half, own = same[len(same) // 2 :], losses[len(losses) // 2 :]
    if not (np.abs(own) < 1e100).all() or not (np.abs(half) < 1e100).all():  # NaN is not
        return -np.inf, 0.0
    scale = max(abs(float(half.mean())), 1e-300)
    if len(same) == len(losses):
        return float((half - own).mean()) / scale, _error(half - own) / scale
    return float(half.mean() - own.mean()) / scale, float(
        np.hypot(_error(half), _error(own))
    ) / scale


def _error(values: np.ndarray) -> float:
    """The standard error of their mean, from up to eight blocks."""
    means = measures.blocks(values, 8)
    return float(means.std(ddof=1) / np.sqrt(len(means)))


def _verdict(falls: dict[str, tuple[float, float]]) -> tuple[str, float]:
    """What the two falls say; each is (fall, standard error).

    The noise floor falls at the lower rate. A run that creeps does the opposite at both: it
    falls more at the higher rate and less at the lower one. A capacity limit needs proof that
    neither helps: larger falls must be excluded.
    """
    down, down_error = falls["lower"]
    if down > max(DROP_HELPS, ERRORS * down_error):
        return NOISE_FLOOR, _certainty(down / DROP_HELPS)
    if "higher" not in falls:
        return NOT_SURE, 0.5
    up, up_error = falls["higher"]
    if up > max(RISE_HELPS, ERRORS * up_error) and down < ERRORS * down_error:
        return TOO_SLOW, _certainty(up / RISE_HELPS)
    if all(fall + ERRORS * error < EXCLUDED[name] for name, (fall, error) in falls.items()):
        return CAPACITY_LIMIT, 0.8
    return NOT_SURE, 0.5


def _certainty(times: float) -> float:
    """0.7 for the least fall, 0.95 for one CLEAR times as large, straight between."""
    return 0.7 + 0.25 * min(1.0, (times - 1) / (CLEAR - 1))
