"""Points that a person gave: a CSV that is laid over the records, again after every regrading.

Its columns are student, assignment, task, points and comment, in any order. With a column `of` a
row may also add a task that the grader does not know, such as an essay. The records in the file of
results are not changed.
"""

import csv
import io
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lrcourse.grading import GradingError
from lrcourse.grading.tables import BOM, read_text

NEEDED = ("student", "assignment", "task", "points")
SHOWN = 5  # names that a sentence lists


class Row(NamedTuple):
    """Points for one task of one student."""

    student: str
    assignment: str
    task: str
    points: float
    comment: str = ""
    of: float | None = None
    line: int = 0


def read_rubric(path: Path) -> tuple[list[Row], list[str]]:
    """The rows of a CSV as a spreadsheet saves it, and a sentence for each that is left out."""
    return parse_rubric(read_text(path).removeprefix(BOM), str(path))


def parse_rubric(text: str, name: str = "rubric") -> tuple[list[Row], list[str]]:
    """As `read_rubric`, from the text of the file."""
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    rows: list[Row] = []
    told: list[str] = []
    try:
        header = [cell.strip().lower() for cell in next(lines, [])]
        _refuse_header(header, name)
        for cells in lines:
            if any(cell.strip() for cell in cells):
                given = dict(zip(header, (_plain(cell) for cell in cells), strict=False))
                _take(given, f"{name}, line {lines.line_num}", lines.line_num, rows, told)
    except csv.Error as error:
        raise GradingError(f"{name}, line {lines.line_num}: it is no CSV ({error}).") from None
    return rows, told


def merged(
    records: Iterable[Mapping[str, Any]], rows: Iterable[Row]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The records with these points, and a sentence for each row that could not be used.

    Where a task is in several rows, the last one counts, and this is said. A submission that needs
    review is graded once every task of it has points by hand, a zero once one of them has some.
    Lateness comes after this.
    """
    found = {(each["assignment"], each["student"]): dict(each) for each in records}
    told: list[str] = []
    given: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        key = row.assignment, row.student, row.task
        if key in given:
            told.append(
                f"{_place(row)}: task {row.task} of {row.student} is already in line "
                f"{given[key].line}; this later line counts."
            )
        given[key] = row
    for row in given.values():
        if complaint := _complaint(row, found):
            told.append(f"{_place(row)}: {complaint}")
        else:
            record = found[row.assignment, row.student]
            found[row.assignment, row.student] = _with_points(record, row)
    return list(found.values()), told


# Reading ---------------------------------------------------------------------------------------


def _refuse_header(header: list[str], name: str) -> None:
    missing = [each for each in NEEDED if each not in header]
    if missing:
        raise GradingError(
            f"{name}: the first line must name the columns {', '.join(NEEDED)} and comment; "
            f"{', '.join(missing)} is not there."
        )


def _take(
    given: Mapping[str, str], where: str, line: int, rows: list[Row], told: list[str]
) -> None:
    if not given.get("points"):
        return  # not graded yet
    points, of = _points(given["points"]), _points(given.get("of", "") or "nothing")
    if points is None:
        told.append(f"{where}: {given['points']!r} is no number of points; write it like 1.5.")
    elif given.get("of") and of is None:
        told.append(f"{where}: of = {given['of']!r} is no number of points; write it like 2.")
    else:
        student, assignment, task = (given.get(each, "") for each in NEEDED[:3])
        rows.append(Row(student, assignment, task, points, given.get("comment", ""), of, line))


def _plain(cell: str) -> str:
    """A cell without the ' that our own exports put before what looks like a formula."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:2] in "=+-@" else cell


def _points(text: str) -> float | None:
    """A number of points, with a decimal point or comma; None where it is none."""
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        return None
    return points if math.isfinite(points) and points >= 0 else None


# Merging ---------------------------------------------------------------------------------------


def _complaint(row: Row, found: Mapping[tuple[str, str], Mapping[str, Any]]) -> str:
    record = found.get((row.assignment, row.student))
    if record is None:
        return _unknown(row, found)
    task = _task_named(row.task, record["tasks"])
    most = record["tasks"][task]["of"] if task else row.of
    if most is None:
        there = f"there is {_listed(list(record['tasks']))}"
        return (
            f"{row.assignment} has no task {row.task!r}; {there}. A task of your own needs a "
            f"column 'of' with its points."
        )
    if row.points > most:
        return f"{row.points:g} points for task {row.task} are more than its {most:g}."
    return ""


def _unknown(row: Row, found: Iterable[tuple[str, str]]) -> str:
    assignments = sorted({assignment for assignment, _ in found})
    if row.assignment not in assignments:
        return f"there is no assignment {row.assignment!r}; there is {_listed(assignments)}."
    students = sorted(name for assignment, name in found if assignment == row.assignment)
    near = [name for name in students if name.casefold() == row.student.casefold()] or students
    return f"{row.assignment} has no student {row.student!r}; there is {_listed(near)}."


def _task_named(name: str, tasks: Iterable[str]) -> str:
    """The task of this name, or "" where there is none. A spreadsheet makes 1.1 of 01.1.

    It makes 1.1 of 01.10 as well: where both are there, nobody knows which was meant.
    """
    if name in tasks:
        return name
    near = [task for task in tasks if task.lstrip("0").rstrip("0") == name.rstrip("0")]
    return near[0] if len(near) == 1 else ""


def _with_points(record: Mapping[str, Any], row: Row) -> dict[str, Any]:
    name = _task_named(row.task, record["tasks"]) or row.task
    old = record["tasks"].get(name)
    task = old or {
        "title": row.task,
        "status": "by hand",
        "points": 0.0,
        "of": row.of,
        "said": "",
        "mistake": "",
        "lesson": "",
        "public": True,
        "output": "",
        "expected": None,
        "yours": None,
    }
    new = {**task, "points": row.points, "by_hand": True, "comment": row.comment}
    score = round(record["score"] - task["points"] + row.points, 4)
    of = record["of"] + (0 if old else row.of or 0)
    tasks = {**record["tasks"], name: new}
    changed = {**record, "tasks": tasks, "score": score, "of": of}
    if record.get("outcome") == "needs review" and all(
        each.get("by_hand") for each in tasks.values()
    ):
        changed |= {"outcome": "graded", "reason": ""}
    if record.get("outcome") == "zero" and row.points > 0:
        changed |= {"outcome": "graded"}  # the reason stays: it says why the others are 0
    return changed


def _place(row: Row) -> str:
    return f"line {row.line}" if row.line else "rubric"


def _listed(names: list[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "") or "none"
