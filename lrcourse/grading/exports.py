"""Scores in the words of other systems: nbgrader, Canvas, Moodle.

Each function takes current records and gives the text of a file. A record that needs review has
no score yet: it is exported without one, never as a zero.

A cell that a spreadsheet would compute (=, +, -, @, tab or line break first) gets a ' in front:
names and file names are the students' words (https://owasp.org/www-community/attacks/CSV_Injection).
"""

import csv
import html
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lrcourse.grading.people import name_and_number
from lrcourse.grading.tables import BOM

Record = Mapping[str, Any]
People = Mapping[str, Mapping[str, str]]  # student -> "last_name", "first_name", "email", "id"

FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
NBGRADER = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip
LATENESS = (
    "student", "assignment", "submitted_at", "time_from", "marked_late_by_canvas", "due",
    "extended_by", "seconds_late", "late_days_used", "raw_score", "score",
)  # fmt: skip
MOODLE = (
    "Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade",
    "Grade can be changed", "Last modified (submission)", "Last modified (grade)",
    "Feedback comments",
)  # fmt: skip


def nbgrader(records: Iterable[Record], people: People | None = None, due: str = "") -> str:
    """The columns of nbgrader's own grades.csv (nbgrader/plugins/export.py)."""
    rows: list[Sequence[Any]] = [NBGRADER]
    for record in records:
        person = (people or {}).get(record["student"], {})
        raw = record.get("raw_score", record["score"])
        scores = (figure(raw), figure(raw - record["score"]), figure(record["score"]))
        rows.append((
            record["assignment"], record.get("due") or due, record.get("submitted_at") or "",
            record["student"],
            person.get("last_name", ""), person.get("first_name", ""), person.get("email", ""),
            *(scores if has_score(record) else ("", "", "")), figure(record["of"]),
        ))  # fmt: skip
    return _csv(rows)


def lateness(records: Iterable[Record]) -> str:
    """What was late, by what was it known, and what it cost: for when somebody asks."""
    rows: list[Sequence[Any]] = [LATENESS]
    for record in records:
        raw = record.get("raw_score", record["score"])
        rows.append((
            record["student"], record["assignment"], record.get("submitted_at"),
            record.get("time_from"), "yes" if record.get("late") else "", record.get("due"),
            record.get("extended"), figure(record.get("late_seconds", 0.0)),
            record.get("tokens", 0),
            *((figure(raw), figure(record["score"])) if has_score(record) else ("", "")),
        ))  # fmt: skip
    return _csv(rows)


def canvas(
    records: Iterable[Record],
    people: People | None = None,
    columns: Mapping[str, str] | None = None,
) -> str:
    """A file for Canvas, Grades, Import: one row per student, one column per assignment.

    `columns` names the columns as a gradebook export of Canvas does, {"01_step": "Step decay
    (4711)"}, so that the scores go into that assignment; otherwise Canvas offers to make a new one.
    A student is found by the ID in the name of the download, or else by the login. The format is
    that of instructure/canvas-lms, lib/gradebook_importer.rb. No BOM: Canvas does not expect one.
    """
    by_student: dict[str, dict[str, Record]] = {}
    for record in records:
        by_student.setdefault(record["student"], {})[record["assignment"]] = record
    assignments = sorted({name for mine in by_student.values() for name in mine})
    titles = {name: (columns or {}).get(name, name) for name in assignments}
    possible = {
        name: next(figure(mine[name]["of"]) for mine in by_student.values() if name in mine)
        for name in assignments
    }
    is_there = {name: bool(re.search(r"\(\d+\)$", titles[name])) for name in assignments}
    rows: list[Sequence[Any]] = [
        ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles.values()),
        (
            "    Points Possible", "", "", "", "",
            *("" if is_there[name] else possible[name] for name in assignments),
        ),
    ]  # fmt: skip
    for student, mine in by_student.items():
        scored = {name: figure(each["score"]) for name, each in mine.items() if has_score(each)}
        if scored:  # an empty row would take scores away that are there
            person = (people or {}).get(student, {})
            name, number = name_and_number(student)
            login = person.get("email", "") or ("" if number else student)
            scores = (scored.get(each, "") for each in assignments)
            rows.append(
                (person.get("name", name), number, person.get("id", ""), login, "", *scores)
            )
    return _csv(rows)


def moodle(records: Iterable[Record], people: People | None = None) -> str:
    """The grading worksheet of one Moodle assignment, for "Upload grading worksheet".

    Moodle reads Identifier, Grade, Last modified (grade) and the feedback, and skips a student
    whose grade it has changed later, unless told otherwise (moodle/moodle,
    mod/assign/feedback/offline/importgradeslib.php). It does so in the language of the site:
    upload this with the language set to English. Students that were not read from a Moodle
    download have no Identifier: for those, use Grades, Import, and map a column.
    """
    rows: list[Sequence[Any]] = [MOODLE]
    for record in records:
        name, number = name_and_number(record["student"])
        person = (people or {}).get(record["student"], {})
        rows.append((
            f"Participant {number}" if number else "", person.get("name", name),
            person.get("email", ""), "", figure(record["score"]) if has_score(record) else "",
            figure(record["of"]), "Yes", record.get("submitted_at") or "-", "-",
            feedback_as_html(record),
        ))  # fmt: skip
    return BOM + _csv(rows)  # Excel reads a CSV as UTF-8 only with a BOM


def feedback(record: Record) -> str:
    """One line for each task: what it earned and what was said."""
    if record.get("reason"):
        return str(record["reason"])
    return "\n".join(
        f"{name} {task['title']}: {figure(task['points'])} of {figure(task['of'])}, "
        f"{' '.join(filter(None, [task['status'] + '.', task.get('said'), task.get('lesson')]))}"
        for name, task in record["tasks"].items()
    )


def feedback_as_html(record: Record) -> str:
    """The same as Moodle shows it: a student's own words are no markup."""
    return html.escape(feedback(record)).replace("\n", "<br>")


# Cells -----------------------------------------------------------------------------------------


def safe_cell(value: Any) -> str:
    """The text of a cell that no spreadsheet computes."""
    text = "" if value is None else str(value)
    is_ours = isinstance(value, int | float) or text == "-"
    return text if is_ours or not FORMULA.match(text) else f"'{text}"


def _csv(rows: Iterable[Sequence[Any]]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return file.getvalue()


def has_score(record: Record) -> bool:
    """Whether it has a score, be it 0: one that needs review has none yet."""
    return bool(record.get("outcome") != "needs review")


def figure(number: float) -> float | int:
    """A number as a person writes it: 9 and 8.5, with four decimals at most."""
    rounded = round(float(number), 4)
    return int(rounded) if rounded == int(rounded) else rounded
