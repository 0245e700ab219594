"""When each student handed in, and until when each one could: two CSVs that a person writes.

`student,submitted_at` and `student,due`, with a column `assignment` where there are several. A time
needs its zone, in the cell (2026-11-22T23:59+09:00) or for all in the head: `due (Asia/Seoul)`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from lrcourse.grading import GradingError
from lrcourse.grading.people import People, Person, name_and_number
from lrcourse.grading.tables import Table, parsed, read_text

Record = Mapping[str, Any]
Key = tuple[str, str]  # assignment, student

LIKE = "write it like 2026-11-22T23:59+09:00"
HEAD = re.compile(r"(?P<name>[a-z_]+)\s*(?:\((?P<zone>[^)]*)\))?", re.IGNORECASE)


class Row(NamedTuple):
    """A time of one student."""

    student: str
    assignment: str  # "" is every one
    time: datetime
    place: str  # "times.csv, line 3"

    def is_of(self, assignment: str) -> bool:
        """Whether it is for this one: "01_step", "01" or 1, as a spreadsheet makes of it."""
        word = self.assignment
        return word in ("", assignment) or (
            word.isdecimal() and assignment.startswith(f"{word.zfill(2)}_")
        )


def read_times(path: Path, column: str) -> list[Row]:
    """The rows of a CSV in which `column` is a time; a sentence where one cannot be read.

    A row without a time is left out: it is not known yet.
    """
    table = parsed(read_text(path), str(path))
    heads = [HEAD.fullmatch(head) for head in table.header]
    names = [found["name"].lower() if found else "" for found in heads]
    missing = [each for each in ("student", column) if each not in names]
    if missing:
        raise GradingError(
            f"{path}: the first line must name the columns student and {column}, and may name "
            f"assignment; {', '.join(missing)} is not there."
        )
    found = heads[names.index(column)]
    zone = _zone(found["zone"] or "", path) if found else None
    return list(_rows(table, names, column, zone, path))


def matched(
    rows: Iterable[Row],
    records: Sequence[Record],
    people: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[dict[Key, Row], list[str]]:
    """The row of each record, and a sentence for each row that was not used.

    A student is the name in the records, the number in it, or what `people` has as name or login.
    A row for one assignment counts before one for all; of two for the same, the later line.
    """
    students = sorted({each["student"] for each in records})
    everybody = People([_person(each, (people or {}).get(each, {})) for each in students])
    found: dict[Key, Row] = {}
    told = []
    for row in sorted(rows, key=lambda each: bool(each.assignment)):
        match = everybody.find(row.student)
        if match.found is None:
            told.append(f"{row.place}: not used: {match.why}.")
            continue
        keys = [
            (each["assignment"], each["student"])
            for each in records
            if each["student"] == students[match.found] and row.is_of(each["assignment"])
        ]
        if not keys:
            told.append(f"{row.place}: not used: {row.student} has no {row.assignment} here.")
        for key in keys:
            if key in found and found[key].assignment == row.assignment:
                told.append(f"{row.place}: this counts, not {found[key].place} for {key[1]}.")
            found[key] = row
    return found, told


def _rows(
    table: Table, names: Sequence[str], column: str, zone: tzinfo | None, path: Path
) -> Iterable[Row]:
    line = 1
    for number, row in enumerate(table.rows):
        place = f"{path.name}, line {line}"
        line += 1 + sum(cell.count("\n") for cell in row)
        cells = {name: table.cell(number, at) for at, name in enumerate(names)}
        if number == 0 or not cells[column]:
            continue
        if not cells["student"]:
            raise GradingError(f"{place}: it does not say whose time {cells[column]} is.")
        time = _time(cells[column], zone, place)
        yield Row(cells["student"], cells.get("assignment", ""), time, place)


def _time(text: str, zone: tzinfo | None, place: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise GradingError(f"{place}: {text!r} is not a time; {LIKE}.") from None
    time = time if time.tzinfo else time.replace(tzinfo=zone)
    if time.tzinfo is None:
        raise GradingError(
            f"{place}: {text} has no time zone; {LIKE}, or name the zone of all of them in the "
            f"first line, such as submitted_at (Asia/Seoul)."
        )
    return time


def _zone(name: str, path: Path) -> tzinfo | None:
    """The zone of a head, "Asia/Seoul" or "+09:00"; None where it has none."""
    if not name:
        return None
    try:
        if re.fullmatch(r"[+-]\d\d:\d\d", name):
            return datetime.fromisoformat(f"2026-01-01T00:00{name}").tzinfo
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        raise GradingError(
            f"{path}: there is no time zone {name!r}; write it like Asia/Seoul or +09:00."
        ) from None


def _person(student: str, known: Mapping[str, str]) -> Person:
    name, number = name_and_number(student)
    logins = (student, *(known.get(key, "") for key in ("login", "email", "id")))
    return Person(number, tuple(filter(None, logins)), known.get("name", "") or name)
