"""Values of a record in words: points, times, how a task ended. Any value can be shown."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from lrcourse.grading.pages.markup import Html, element


class Sign(NamedTuple):
    """How a status looks: never by colour alone."""

    mark: str
    word: str
    colour: str  # a class of page.css


SIGNS = {
    "right": Sign("✓", "right", "right"),
    "wrong": Sign("✗", "wrong", "wrong"),
    "not attempted": Sign("–", "not attempted", "open"),
    "lost": Sign("!", "did not finish", "lost"),
}
LEVELS = {
    3: "3, isolated (its own namespaces, Landlock, seccomp)",
    2: "2, isolated (Landlock, seccomp)",
    1: "1, fair, not safe (limits of time and memory only)",
    0: "0, practice only (nothing keeps the code apart)",
}
HIDDEN = (
    "Public cases are those that check() uses in the notebook. Hidden cases ask the same question "
    "with other numbers, drawn for this file alone, so that an answer has to compute and not to "
    "remember. This page never shows them. The same file gets the same points again; a changed "
    "one gets new hidden cases."
)


def sign_of(status: object) -> Sign:
    """Also of a status that we do not know."""
    return SIGNS.get(str(status), Sign("?", str(status), "open"))


def status(of: object) -> Html:
    """ "✗ wrong" """
    sign = sign_of(of)
    mark = element("span", sign.mark, class_="sign", aria_hidden="true")
    return element("span", mark, sign.word, class_=f"status {sign.colour}")


def number(value: object) -> float | None:
    """The value as a finite float; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # an int of a thousand digits
        return None


def points(value: object) -> str:
    """ "9" or "9.5" """
    found = number(value)
    return "–" if found is None else f"{found:.6g}"


def sentence(said: str) -> str:
    """With a capital letter, unless it begins with a name from somebody's code.

    >>> sentence("a hidden case is wrong."), sentence("gamma = 2 is not right.")
    ('A hidden case is wrong.', 'gamma = 2 is not right.')
    """
    first, _, rest = said.partition(" ")
    is_name = not (first.isascii() and first.isalpha()) or rest.startswith("=")
    return said if is_name else said[:1].upper() + said[1:]


def counted(count: int, word: str) -> str:
    """ "1 student", "2 students" """
    return f"{count} {word}{'' if count == 1 else 's'}"


def share(part: int, whole: int) -> str:
    """ "33%" """
    return f"{100 * part / whole:.0f}%" if whole else "–"


def level(value: object) -> str:
    """What the isolation of the student's code may be called."""
    if value is None:
        return "no code was run"
    return LEVELS.get(value, str(value)) if isinstance(value, int) else str(value)


def limits(found: Mapping[str, Any] | None) -> str:
    """What was allowed beyond the usual: "cell 20 s, memory 2,048 MiB"; "" where all was usual."""
    return ", ".join(f"{name} {_amount(name, value)}" for name, value in (found or {}).items())


def _amount(name: str, value: float) -> str:
    if name in ("cpu", "cell", "call", "wall"):
        return f"{value:g} s"
    if name in ("memory", "file_size", "reply"):
        return f"{value / (1 << 20):,.0f} MiB"
    return f"{value:,}"


def versions(found: Mapping[str, Any] | None) -> str:
    """ "lrcourse 0.1.0, python 3.11.7" """
    return ", ".join(f"{name} {version}" for name, version in (found or {}).items())


def seconds(value: object) -> str:
    """ "0.21 s" """
    found = number(value)
    return "" if found is None else f"{found:.2f} s" if found < 10 else f"{found:,.0f} s"


def moment(value: object) -> datetime | None:
    """A time of a record; without a zone it is this machine's."""
    try:
        return datetime.fromisoformat(str(value)).astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def when(value: object) -> str:
    """ "2026-11-22 21:03 UTC", in the zone in which it was written down"""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return "" if value is None else str(value)
    return f"{found:%Y-%m-%d %H:%M} {found.tzname() or ''}".rstrip()


def beside_due(submitted_at: object, due: datetime | None) -> str:
    """ "in time", or "2 h 5 min late"; "" where one of the two is not known"""
    submitted = moment(submitted_at)
    if submitted is None or due is None:
        return ""
    late = (submitted - due.astimezone()).total_seconds()
    if late <= 0:
        return "in time"
    if late < 60:
        return "less than a minute late"
    minutes = int(late // 60)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{counted(days, 'day')} {hours} h late"
    return f"{hours} h {minutes % 60} min late" if hours else f"{minutes} min late"
