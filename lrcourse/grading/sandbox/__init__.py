"""The border between a grader and the code it grades.

    with Sandbox() as sandbox, sandbox.session(cells, checks, given) as session:
        ran = session.start()
        replies = session.call("01.1", [(0, 1.0, 0.5, 10), (10, 1.0, 0.5, 10)])

The grader's side: `box.py` (the sandbox), `session.py` (one notebook), `facts.py` (what comes
back), `selftest.py`. The student's side is `inside/`. What crosses the border is plain data
(`inside/wire.py`).
"""

from lrcourse.grading.sandbox.box import (
    Sandbox,
    begin_best,
    best_level,
    close_shared,
    failures_of,
    shared,
    why_not,
)
from lrcourse.grading.sandbox.facts import Ended, Given, Lost, Opaque, Parameter, Ran, Reply
from lrcourse.grading.sandbox.limits import PRELOADED, Limits
from lrcourse.grading.sandbox.session import Session

__all__ = [
    "PRELOADED",
    "Ended",
    "Given",
    "Limits",
    "Lost",
    "Opaque",
    "Parameter",
    "Ran",
    "Reply",
    "Sandbox",
    "Session",
    "begin_best",
    "best_level",
    "close_shared",
    "failures_of",
    "shared",
    "why_not",
]
