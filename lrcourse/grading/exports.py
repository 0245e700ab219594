"""Scores in the words of other systems: nbgrader, Canvas, Moodle, Gradescope.

Each function takes current records and gives the text of a file. A record that needs review has
no score yet: it is exported without one, never as a zero.

A cell that a spreadsheet would compute (=, +, -, @, tab or line break first) gets a ' in front:
names and file names are the students' words (https://owasp.org/www-community/attacks/CSV_Injection).
"""

import csv
import html
import io
import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lrcourse.grading import GradingError

Record = Mapping[str, Any]
People = Mapping[str, Mapping[str, str]]  # student -> "last_name", "first_name", "email", "id"

BOM = "\ufeff"  # Excel reads a CSV as UTF-8 only with it
FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"(?P<name>.*)_(?P<id>\d+)", re.DOTALL)  # "kimminji_12345", of Canvas or Moodle
NBGRADER = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
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
        scores = (_figure(raw), _figure(raw - record["score"]), _figure(record["score"]))
        rows.append((
            record["assignment"], due, record.get("submitted_at") or "", record["student"],
            person.get("last_name", ""), person.get("first_name", ""), person.get("email", ""),
            *(scores if _has_score(record) else ("", "", "")), _figure(record["of"]),
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
        name: next(_figure(mine[name]["of"]) for mine in by_student.values() if name in mine)
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
        scored = {name: _figure(each["score"]) for name, each in mine.items() if _has_score(each)}
        if scored:  # an empty row would take scores away that are there
            person = (people or {}).get(student, {})
            name, number = _name_and_number(student)
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
        name, number = _name_and_number(record["student"])
        person = (people or {}).get(record["student"], {})
        rows.append((
            f"Participant {number}" if number else "", person.get("name", name),
            person.get("email", ""), "", _figure(record["score"]) if _has_score(record) else "",
            _figure(record["of"]), "Yes", record.get("submitted_at") or "-", "-",
            html.escape(feedback(record)).replace("\n", "<br>"),
        ))  # fmt: skip
    return BOM + _csv(rows)


def feedback(record: Record) -> str:
    """One line for each task: what it earned and what was said."""
    if record.get("reason"):
        return str(record["reason"])
    return "\n".join(
        f"{name} {task['title']}: {_figure(task['points'])} of {_figure(task['of'])}, "
        f"{' '.join(filter(None, [task['status'] + '.', task.get('said'), task.get('lesson')]))}"
        for name, task in record["tasks"].items()
    )


# Gradescope ------------------------------------------------------------------------------------


def gradescope(record: Record) -> str:
    """The results.json of one submission.

    https://gradescope-autograders.readthedocs.io/en/latest/specs/, "Output format". A record that
    needs review raises GradingError: without a results.json Gradescope shows that the autograder
    failed, and gives no score.
    """
    if not _has_score(record):
        raise GradingError(f"{record['student']}: this needs review: {record.get('reason', '')}")
    found = {
        "score": record["score"],
        "execution_time": record.get("seconds", 0.0),
        "output": record.get("reason", ""),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [
            {
                "name": f"{name} {task['title']}",
                "number": name,
                "score": task["points"],
                "max_score": task["of"],
                "status": "passed" if task["points"] >= task["of"] else "failed",
                "output": "\n".join(filter(None, [task.get("said"), task.get("lesson")])),
            }
            for name, task in record["tasks"].items()
        ],
        "extra_data": {
            key: record.get(key) for key in ("assignment", "sha256", "seed", "spec", "level")
        },
    }
    return json.dumps(found, indent=1) + "\n"


def gradescope_submission(metadata: str) -> tuple[str, str | None, str | None]:
    """Who handed in, when, and when it was due, from /autograder/submission_metadata.json.

    https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/
    """
    try:
        found = json.loads(metadata)
        users = [user.get("email") or user["name"] for user in found["users"]]
        due = users and (found["users"][0].get("assignment") or found["assignment"])["due_date"]
        return ", ".join(users), found.get("created_at"), due or None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise GradingError(
            "submission_metadata.json does not say who handed in: is it from Gradescope?"
        ) from None


def run_autograder(section: str) -> str:
    """The program that Gradescope starts for each submission, as text."""
    return f"""\
#!/usr/bin/env bash
# Gradescope runs this as root in a fresh container for each submission.
# Without a results.json it shows the student that the autograder failed, and gives no score.
set -euo pipefail
cd /autograder
exec /autograder/lrcourse/bin/python -m lrcourse grade /autograder/submission \\
    --section {shlex.quote(section)} \\
    --gradescope /autograder/results/results.json
"""


def setup_sh(requirement: str = "lrcourse") -> str:
    """The program with which Gradescope builds its image, as text.

    `requirement` is what pip installs: a version, an address, or "/autograder/source/lrcourse" for
    the folder of the course in the uploaded zip. pip's own settings are honoured, such as an index
    with CPU wheels of PyTorch, which are smaller.
    """
    return f"""\
#!/usr/bin/env bash
# Gradescope runs this once, as root, when the autograder is uploaded (Ubuntu 24.04 or newer).
set -euo pipefail
apt-get update
apt-get install -y python3 python3-venv
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {{
    echo "lrcourse needs Python 3.11: choose the base image Ubuntu 24.04 or newer." >&2
    exit 1
}}
python3 -m venv /autograder/lrcourse
/autograder/lrcourse/bin/pip install {shlex.quote(requirement)}
"""


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


def _has_score(record: Record) -> bool:
    return bool(record.get("outcome") != "needs review")


def _figure(number: float) -> float | int:
    """A number as a person writes it: 9 and 8.5, with four decimals at most."""
    rounded = round(float(number), 4)
    return int(rounded) if rounded == int(rounded) else rounded


def _name_and_number(student: str) -> tuple[str, str]:
    """ "Kim Minji_12345" -> "Kim Minji", "12345": what Canvas or Moodle knows the student by."""
    found = NUMBER.fullmatch(student)
    return (found["name"], found["id"]) if found else (student, "")
