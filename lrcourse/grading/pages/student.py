"""One student's page: points, what went wrong and what teaches, and how it was graded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lrcourse.grading.pages.class_numbers import results
from lrcourse.grading.pages.frame import document
from lrcourse.grading.pages.markup import (
    Html,
    described,
    element,
    folded,
    shortened,
    table,
    their_block,
    theirs,
)
from lrcourse.grading.pages.pictures import both_curves
from lrcourse.grading.pages.words import (
    HIDDEN,
    beside_due,
    counted,
    level,
    limits,
    moment,
    points,
    seconds,
    sentence,
    status,
    versions,
    when,
)

Record = Mapping[str, Any]
NEEDS_REVIEW = "The grader could not decide, so a person will look at it. This is no zero. "
MOST_SAID = 2_000  # characters of a reason
MOST_ERRORS = 30  # cells


def student_page(record: Record, *, name: str = "", due: datetime | None = None) -> str:
    """A whole HTML file about one record; `name` stands in place of the student's id."""
    called = name or str(record["student"])
    return document(
        f"{record['assignment']}: {shortened(called, 80)}",
        element(
            "main",
            *_head(record, called, due),
            *_tasks(record),
            *_of_the_notebook(record),
        ),
        _foot(record),
    )


# The head ---------------------------------------------------------------------------------------


def _head(record: Record, called: str, due: datetime | None) -> list[Html]:
    headline = {
        "graded": f": {points(record['score'])} of {points(record['of'])} points",
        "zero": f": 0 of {points(record['of'])} points",
        "needs review": ": not graded yet",
    }.get(record["outcome"], f": {record['outcome']}")
    handed_in = when(record.get("submitted_at"))
    due = moment(record["due"]) if record.get("due") else due
    late = beside_due(record.get("submitted_at"), due)
    lines = [
        element("h1", theirs(record.get("title") or record["assignment"]), headline),
        element("p", theirs(called)),
    ]
    if handed_in:
        told = f" ({late})" if late else ""
        lines.append(element("p", "Handed in ", theirs(handed_in), told, class_="soft"))
    elif record.get("late"):
        told = "Handed in late, as the learning system says; how late is not known."
        lines.append(element("p", told, class_="soft"))
    lines += [element("p", line, class_="soft") for line in _of_lateness(record)]
    if record["outcome"] == "graded" and not record.get("reason"):
        return lines
    reason = theirs(sentence(record.get("reason") or ""), MOST_SAID)
    review = NEEDS_REVIEW if record["outcome"] == "needs review" else ""
    return [*lines, element("p", review, reason, class_="notice")]


def _of_lateness(record: Record) -> list[str]:
    """The deadline that counted, and what lateness cost."""
    lines = []
    if record.get("due"):
        whose = "Your own deadline" if record.get("extended") else "The deadline"
        lines.append(f"{whose} was {when(record['due'])}.")
    lost = record.get("raw_score", record["score"]) - record["score"]
    used = record.get("tokens") or 0
    if lost > 0 and record["outcome"] == "graded":
        before, of = points(record["raw_score"]), points(record["of"])
        lines.append(f"It earned {before} of {of}; lateness took {points(lost)} off.")
    if used:
        lines.append(f"It used up {counted(used, 'late day')}.")
    return lines


# The tasks --------------------------------------------------------------------------------------


def _tasks(record: Record) -> list[Html]:
    tasks = results(record)
    if not tasks or record["outcome"] == "needs review":
        return []
    rows = [
        (
            element("span", task_id, " ", found.get("title", "")),
            status(found["status"]),
            element("span", _of_all(found), class_="number"),
        )
        for task_id, found in tasks.items()
    ]
    open_ones = [
        _task(task_id, found) for task_id, found in tasks.items() if found["status"] != "right"
    ]
    return [
        element("h2", "Points"),
        table("Each task with how it ended and its points", ("Task", "Status", "Points"), rows),
        *([element("h2", "What to look at again")] if open_ones else []),
        *open_ones,
    ]


def _task(task_id: str, found: Mapping[str, Any]) -> Html:
    """A task that is not right: the reason, the mistake it looks like, both curves."""
    said, lesson = found.get("said") or "", found.get("lesson") or ""
    parts = [element("h3", f"{task_id} {found.get('title', '')}"), _ending(found)]
    if said:
        parts.append(element("p", theirs(sentence(said), MOST_SAID)))
    if found.get("mistake"):
        parts.append(element("p", element("b", named(found["mistake"])), " ", lesson))
    if found.get("public"):
        parts.append(both_curves(found.get("yours") or (), found.get("expected") or ()))
    untried = found["status"] == "not attempted"
    return element("section", *parts, class_="task untried" if untried else "task")


def _ending(found: Mapping[str, Any]) -> Html:
    return element("p", status(found["status"]), f", {_of_all(found)} points")


def _of_all(found: Mapping[str, Any]) -> str:
    return f"{points(found['points'])} of {points(found['of'])}"


def named(mistake: str) -> str:
    """How a mistake is called in a sentence: a choice of a quiz is no name."""
    if mistake.startswith("chose "):
        return f"You {mistake}."
    return f"It looks like this mistake: {mistake}."


# The notebook -----------------------------------------------------------------------------------


def _of_the_notebook(record: Record) -> list[Html]:
    errors, printed = record.get("cell_errors") or {}, record.get("printed") or ""
    parts = []
    if errors:
        rows = [
            (theirs(cell), their_block(error, MOST_SAID))
            for cell, error in list(errors.items())[:MOST_ERRORS]
        ]
        heads = ("Cell", "What Python said")
        parts.append(table("Code cells that ended with an error, by number", heads, rows))
    if printed:
        parts.append(folded("What your notebook printed", their_block(printed)))
    return [element("h2", "Your notebook"), *parts] if parts else []


# The foot ---------------------------------------------------------------------------------------


def _foot(record: Record) -> Html:
    return element(
        "footer",
        element("h2", "How this was graded"),
        element("p", element("b", "Hidden cases."), " ", HIDDEN),
        described(
            (
                ("Graded", when(record.get("graded_at"))),
                ("File", theirs(record.get("file") or "")),
                ("Its sha256", _beginning(record.get("sha256"))),
                ("Tasks (sha256)", _beginning(record.get("spec"))),
                ("Isolation", level(record.get("level"))),
                ("Limits", theirs(limits(record.get("limits")))),
                ("Versions", theirs(versions(record.get("versions")))),
                ("It took", seconds(record.get("seconds"))),
            )
        ),
    )


def _beginning(of_hash: object) -> Html:
    """Its first sixteen signs are enough to tell two apart."""
    return theirs(str(of_hash or "")[:16])
