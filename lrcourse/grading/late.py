"""What lateness costs: pure functions of (seconds late, score, points possible).

They are applied to the scores each time they are shown and never stored, so a deadline may be moved
afterwards. `parse("10%/day, at least 50%, 15 min grace, 2 tokens")` reads them from the command
line.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lrcourse.grading import GradingError

Policy = Callable[[float, float, float], float]  # seconds late, score, points possible -> score

DAY = 86_400.0
UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": DAY}
MOST_TOKENS = 100
HOW = 'none, zero, or such as "10%/day, at least 50%, 15 min grace, 2 tokens"'


def none(seconds_late: float, score: float, of: float) -> float:
    """The score: lateness costs nothing."""
    return score


def zero(seconds_late: float, score: float, of: float) -> float:
    """0 for whatever is late."""
    return score if seconds_late <= 0 else 0.0


def per_day(percent: float, least: float = 0.0) -> Policy:
    """score - percent/100 · of · ⌈days late⌉, but not below least/100 · of by this.

    Started days count whole, and the percents are of the points possible: so does Canvas. A score
    that was below the floor before stays as it is.
    """

    def after(seconds_late: float, score: float, of: float) -> float:
        days = math.ceil(max(0.0, seconds_late) / DAY)
        floor = min(score, least / 100 * of)
        return max(floor, score - percent / 100 * of * days)

    return after


def with_grace(seconds: float, then: Policy, tokens: int = 0) -> Policy:
    """On time within the grace; after it all of the lateness counts, less one day per token.

    `tokens` are those that this submission uses up: `Late.spend` shares them out.
    """

    def after(seconds_late: float, score: float, of: float) -> float:
        if seconds_late <= seconds:
            return then(0.0, score, of)
        return then(max(0.0, seconds_late - tokens * DAY), score, of)

    return after


@dataclass(frozen=True)
class Late:
    """A late policy of a course. Every student has `tokens` late days for all of it."""

    rule: Policy = none
    grace: float = 0.0  # seconds
    tokens: int = 0

    def __call__(self, seconds_late: float, score: float, of: float, spent: int = 0) -> float:
        """The score of a submission that has used up `spent` tokens."""
        return with_grace(self.grace, self.rule, spent)(seconds_late, score, of)

    def spend(self, seconds_late: Mapping[str, float]) -> dict[str, int]:
        """How many tokens each assignment of one student uses up, in this order.

        No more than help: a late day that is paid for anyway takes no token. The scores do not
        count, so that a score that changes later moves no token to another assignment.
        """
        left = self.tokens
        spent: dict[str, int] = {}
        for assignment, seconds in seconds_late.items():
            scores = [self(seconds, 1.0, 1.0, tokens) for tokens in range(left + 1)]
            spent[assignment] = scores.index(max(scores))
            left -= spent[assignment]
        return spent


def parse(text: str) -> Late:
    """The policy of a command line; a sentence where it cannot be read."""
    rule: Policy | None = None
    percent = least = None
    grace, tokens = 0.0, 0
    for piece in filter(None, (each.strip().lower() for each in re.split("[,;]", text))):
        if piece in ("none", "zero"):
            rule = {"none": none, "zero": zero}[piece]
        elif found := re.fullmatch(r"(\d+(?:\.\d+)?) ?% ?(?:/|per|a) ?day", piece):
            percent = _percent(found[1], text)
        elif found := re.fullmatch(r"(?:at least|floor) (\d+(?:\.\d+)?) ?%", piece):
            least = _percent(found[1], text)
        elif found := re.fullmatch(r"(\d+(?:\.\d+)?) ?([smhd])[a-z]* (?:of )?grace", piece):
            grace = float(found[1]) * UNITS[found[2]]
        elif found := re.fullmatch(r"(\d{1,3}) tokens?", piece):
            tokens = int(found[1])
        else:
            raise GradingError(f"late policy: {piece!r} is not understood; give {HOW}.")
    if tokens > MOST_TOKENS:
        raise GradingError(f"late policy: {tokens} tokens are more than {MOST_TOKENS}.")
    if rule and percent is not None:
        raise GradingError(f"late policy: {text!r} says two things at once; give {HOW}.")
    if least is not None and percent is None:
        raise GradingError(f"late policy: {text!r} has a floor but no percent per day; give {HOW}.")
    if percent is not None:
        rule = per_day(percent, least or 0.0)
    if rule is None:
        raise GradingError(f"late policy: {text!r} does not say what lateness costs; give {HOW}.")
    return Late(rule, grace, tokens)


def seconds_late(submitted_at: datetime | str | None, due: datetime | str | None) -> float:
    """How late it was; 0 on time, and where the time or the deadline is not known.

    Both need their time zone: a deadline without one is hours off.
    """
    if not submitted_at or not due:
        return 0.0
    return max(0.0, (_time(submitted_at) - _time(due)).total_seconds())


def applied(
    record: Mapping[str, Any], late: Late, seconds: float, spent: int = 0
) -> dict[str, Any]:
    """The record with the score after the policy, and what it was before as `raw_score`."""
    raw = record.get("raw_score", record["score"])
    score = round(late(seconds, raw, record["of"], spent), 4)
    return {**record, "raw_score": raw, "score": score, "late_seconds": seconds, "tokens": spent}


def _percent(figure: str, text: str) -> float:
    if float(figure) > 100:
        raise GradingError(f"late policy: {figure}% in {text!r} is more than 100%.")
    return float(figure)


def _time(value: datetime | str) -> datetime:
    try:
        time = value if isinstance(value, datetime) else datetime.fromisoformat(value.strip())
    except ValueError:
        raise GradingError(
            f"{value!r} is not a time; write it like 2026-11-22T23:59+09:00."
        ) from None
    if time.tzinfo is None:
        raise GradingError(
            f"{value} has no time zone, so nobody can say what is late; write it like "
            f"2026-11-22T23:59+09:00."
        )
    return time
