"""What people read after grading: pages for students and class, tables for other systems.

All of it is made from the records, each time anew; lateness and points by hand come on top and
change no record.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lrcourse.grading import exports
from lrcourse.grading.late import Late, applied, seconds_late
from lrcourse.grading.pages import write_pages
from lrcourse.grading.rubric import Row, merged

Record = Mapping[str, Any]


@dataclass(frozen=True)
class OnTop:
    """What is added to the records: points given by hand, and what lateness costs."""

    rows: tuple[Row, ...] = ()
    due: str = ""
    late: Late = field(default_factory=Late)


def with_all(records: Iterable[Record], on_top: OnTop) -> tuple[list[dict[str, Any]], list[str]]:
    """The records as they are reported, and a sentence for each row of the rubric left out."""
    found, told = merged(records, on_top.rows)
    return [each for mine in _by_student(found) for each in _late(mine, on_top)], told


def write_reports(records: Iterable[Record], folder: Path) -> list[Path]:
    """Write all that is made from these records; the files that a person opens first."""
    found = list(records)
    first = []
    for section in sorted({each["assignment"] for each in found}):
        own = [each for each in found if each["assignment"] == section]
        first.append(write_pages(own, folder / section, title=section))
        _write(folder / section / "moodle.csv", exports.moodle(own))
    for name, table in TABLES.items():
        _write(folder / name, table(found))
    return first


TABLES: dict[str, Callable[[list[Record]], str]] = {
    "grades.csv": exports.nbgrader,
    "canvas.csv": exports.canvas,
}


def _by_student(records: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        groups.setdefault(record["student"], []).append(record)
    return list(groups.values())


def _late(mine: list[dict[str, Any]], on_top: OnTop) -> list[dict[str, Any]]:
    """One student's records after the late policy, the tokens shared out in their order."""
    late = {each["assignment"]: seconds_late(each["submitted_at"], on_top.due) for each in mine}
    spent = on_top.late.spend(late)
    return [
        applied(each, on_top.late, late[each["assignment"]], spent[each["assignment"]])
        for each in sorted(mine, key=lambda each: each["assignment"])
    ]


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
