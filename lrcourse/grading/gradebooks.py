"""Scores into the files that Canvas and Moodle give out, ready to be given back to them.

The system's own cells stay as they are, byte for byte, also a name that begins with =: the system
must find its students again, and Canvas quotes such a name itself. What we write are numbers, and
feedback in which no spreadsheet sees a formula.

Canvas    instructure/canvas-lms, lib/gradebook_exporter.rb and gradebook_importer.rb. Columns are
          named "Step decay (4711)". An empty cell takes a score away, so the file that goes back
          has only the rows and columns with a score of ours in them; Canvas leaves all others
          alone. "N/A" (not assigned) and "EX" (excused) stay.
Moodle    moodle/moodle, mod/assign/gradingtable.php. The headers are in the language of the site,
          the order is not: the identifier, who it is, ..., the grade, the maximum grade, ..., the
          feedback. A group's file comes under the number of the group, which can be that of some
          student, so a number counts only together with the name.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from lrcourse.grading import GradingError
from lrcourse.grading.exports import feedback_as_html, figure, has_score, safe_cell
from lrcourse.grading.people import Match, People, Person, name_and_number
from lrcourse.grading.submissions.layouts import section_in
from lrcourse.grading.tables import Table, parsed, read_text
from lrcourse.tasks import SECTIONS

Record = Mapping[str, Any]

WITH_ID = re.compile(r"(?P<title>.*)\s\((?P<id>\d+)\)", re.DOTALL)
TOTALS = re.compile(r"(Current|Final|Override) (Score|Points|Grade|Status)")
NO_STUDENT = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE | re.DOTALL)
POSSIBLE = "Points Possible"
READ_ONLY = "read only"
TEST_STUDENT = "Student, Test"
LOGINS = ("SIS User ID", "SIS Login ID", "Integration ID")
IDENTIFIER = re.compile(r"(?P<word>\D+?)\s*(?P<id>\d+)")  # "Participant 12345", in any language
COMMENTS = {  # English, German, French, Spanish, Korean
    "feedback comments", "feedback als kommentar", "feedback par commentaires",
    "comentarios de retroalimentación", "피드백 코멘트",
}  # fmt: skip


class Place(NamedTuple):
    """Where the scores of an assignment go."""

    column: int
    most: float | None  # the points that the system gives for it; None where it does not say


class Filled(NamedTuple):
    """A file to be given back, and what a person must know of it."""

    table: Table
    rows: tuple[int, ...]  # those with a score of ours
    columns: dict[str, int]  # those of the scores, by assignment
    told: tuple[str, ...]


@dataclass(frozen=True)
class Gradebook(ABC):
    """A file of a learning system. `columns` says what was asked for, {"01_step": "4711"}."""

    path: Path
    table: Table
    columns: Mapping[str, str] = field(default_factory=dict)

    @abstractmethod
    def place(self, assignment: str) -> Place:
        """Where its scores go; a GradingError where that is not clear."""

    @abstractmethod
    def takes(self, assignment: str, among: Collection[str]) -> bool:
        """Whether this file is for that assignment of these."""

    @abstractmethod
    def find(self, student: str) -> tuple[tuple[int, ...], str]:
        """The rows of a student or a group; why there is none, or what was noticed."""

    @property
    @abstractmethod
    def persons(self) -> dict[int, Person]:
        """Whose each row is."""

    @property
    @abstractmethod
    def details(self) -> dict[int, dict[str, str]]:
        """What the columns of nbgrader say of each row's student."""

    @cached_property
    def everybody(self) -> People:
        """All students of the file."""
        return People(list(self.persons.values()))

    def row_of(self, match: Match) -> int:
        """The row of whom was found."""
        assert match.found is not None
        return list(self.persons)[match.found]

    def people(self, students: Iterable[str]) -> dict[str, dict[str, str]]:
        """ "last_name", "email", "name" and so on of each student who has a row alone."""
        found = {student: self.find(student)[0] for student in students}
        return {name: self.details[rows[0]] for name, rows in found.items() if len(rows) == 1}

    def has_comma(self, place: Place) -> bool:
        """Whether the file writes 8,5 for 8.5."""
        columns = (place.column, place.column + 1)
        cells = [
            self.table.cell(row, at) for row in range(1, len(self.table.rows)) for at in columns
        ]
        return any("," in cell for cell in cells if number_in(cell) is not None)


def read_gradebook(path: Path, columns: Mapping[str, str] | None = None) -> Gradebook:
    """The gradebook of Canvas, or the grading worksheet of Moodle; a sentence where it is neither.

    `columns` names the column of an assignment, by its title, its id or both.
    """
    table = parsed(read_text(path), str(path))
    heads = [*table.header, "", "", ""]
    if "Section" in heads and (heads[:2] == ["Student", "ID"] or heads[2] == "ID"):
        return Canvas(path, table, columns or {})
    book = Moodle(path, table, columns or {})
    if len(table.rows) > 1 and all(IDENTIFIER.fullmatch(table.cell(row, 0)) for row in book.rows):
        return book
    raise GradingError(
        f"{path}: this is neither a gradebook that Canvas has exported (Student, ID, ..., Section) "
        f"nor a grading worksheet of Moodle (Participant 12345 in the first column)."
    )


def filled(book: Gradebook, records: Sequence[Record]) -> Filled:
    """The file with the scores of these records in it.

    A record that needs review has no score. All who are not found are told by name.
    """
    among = sorted({each["assignment"] for each in records})
    table, told = book.table, []
    done: set[int] = set()
    columns: dict[str, int] = {}
    for assignment in (each for each in among if book.takes(each, among)):
        try:
            place = book.place(assignment)
        except GradingError as error:
            told.append(str(error).removeprefix(f"{book.path}: "))
            continue
        has_comma = book.has_comma(place)
        own = [each for each in records if each["assignment"] == assignment and has_score(each)]
        by_row, missed = _by_row(book, own)
        kept = {row: why for row in by_row if (why := _kept(book, row, place))}
        for row in by_row.keys() - kept.keys():
            table = table.with_cells(row, _cells(book, by_row[row], place, has_comma))
        told += [*_scaling(own, place, assignment), *missed, *kept.values()]
        done |= by_row.keys() - kept.keys()
        columns[assignment] = place.column
    if not columns and not told:
        told.append(f"nothing is filled in: it is not that of {' or '.join(among)}.")
    if left := len(book.persons) - len(done):
        told.append(f"{left} of {len(book.persons)} students there keep what they have.")
    said = tuple(f"{book.path.name}: {each}" for each in told)
    return Filled(table, tuple(sorted(done)), columns, said)


def number_in(cell: str) -> float | None:
    """The number of a cell, with a decimal point or comma; None where it is none."""
    if not re.fullmatch(r"-?\d+(?:[.,]\d+)?", cell):
        return None
    return float(cell.replace(",", "."))


# Canvas ----------------------------------------------------------------------------------------


class Canvas(Gradebook):
    """The gradebook as Canvas exports it: a row for each student, a column for each assignment."""

    def place(self, assignment: str) -> Place:
        wanted = self.columns.get(assignment, "")
        fits = [at for at, head in self._assignments.items() if _means(head, wanted, assignment)]
        if len(fits) != 1:
            heads = ", ".join(self._assignments.values()) or "none that is not read only"
            raise GradingError(
                f"{self.path}: {len(fits) or 'no'} columns can be {wanted or assignment}; name it, "
                f'such as --column "{assignment}=Step decay (4711)"; there is {heads}.'
            )
        most = [number_in(self.table.cell(row, fits[0])) for row in self._possible]
        return Place(fits[0], next((each for each in most if each), None))

    def takes(self, assignment: str, among: Collection[str]) -> bool:
        return True

    def find(self, student: str) -> tuple[tuple[int, ...], str]:
        match = self.everybody.find(student)
        if match.found is None:
            return (), match.why
        row, person = self.row_of(match), self.everybody.persons[match.found]
        name, number = name_and_number(student)
        if person.name == TEST_STUDENT:
            return (), "this is the test student of Canvas, who has no grades to import"
        if match.by == "number" and name and not person.is_called(name):
            return (row,), (
                f"filled in for {person.name} (ID {number}); where {name} is a group, look whether "
                f"Canvas gives the score to its other members"
            )
        return (row,), ""

    @cached_property
    def persons(self) -> dict[int, Person]:
        return {
            row: Person(
                self._named(row, "ID"),
                tuple(filter(None, (self._named(row, each) for each in LOGINS))),
                self._name(row),
            )
            for row in range(1, len(self.table.rows))
            if row not in self._possible and not self._is_empty(row)
        }

    @cached_property
    def details(self) -> dict[int, dict[str, str]]:
        found = {}
        for row, person in self.persons.items():
            last, _, first = person.name.partition(",")
            login = self._named(row, "SIS Login ID")
            found[row] = {
                "last_name": last.strip(),
                "first_name": first.strip(),
                "name": person.name,
                "login": login,
                "email": login if "@" in login else "",
                "id": self._named(row, "SIS User ID"),
            }
        return found

    def to_import(self, done: Filled) -> str:
        """What Canvas imports: who it is, the columns that are filled, the rows with a score."""
        columns = [*range(self._section + 1), *sorted(done.columns.values())]
        above = [row for row in range(1, len(self.table.rows)) if row not in self.persons]
        above = [row for row in above if any(self.table.cell(row, at) for at in columns)]
        return replace(done.table, start="").only([0, *above, *done.rows], columns).text()

    @cached_property
    def _section(self) -> int:
        return self.table.header.index("Section")

    @cached_property
    def _possible(self) -> list[int]:
        rows = range(1, len(self.table.rows))
        return [row for row in rows if self.table.cell(row, 0) == POSSIBLE]

    @cached_property
    def _assignments(self) -> dict[int, str]:
        """The columns that may be filled."""
        return {
            at: head
            for at, head in enumerate(self.table.header)
            if at > self._section
            and WITH_ID.fullmatch(head)
            and not TOTALS.search(head)
            and not any(READ_ONLY in each for each in self.table.column(at, self._possible))
        }

    def _is_empty(self, row: int) -> bool:
        """Rows about assignments, such as "Manual Posting", and empty ones."""
        cells = (self.table.cell(row, at) for at in range(len(self.table.rows[row])))
        return all(NO_STUDENT.fullmatch(cell) for cell in cells)

    def _named(self, row: int, name: str) -> str:
        heads = self.table.header
        return self.table.cell(row, heads.index(name)) if name in heads else ""

    def _name(self, row: int) -> str:
        if "Student" in self.table.header:
            return self._named(row, "Student")
        return f"{self._named(row, 'LastName')}, {self._named(row, 'FirstName')}"


def _means(head: str, wanted: str, assignment: str) -> bool:
    """Whether this is the column that was asked for, or else that with the assignment's name."""
    found = WITH_ID.fullmatch(head)
    assert found
    if wanted:
        return wanted in (head, found["title"], found["id"])
    return bool(section_in(found["title"], [assignment]))


# Moodle ----------------------------------------------------------------------------------------


class Moodle(Gradebook):
    """The grading worksheet of one assignment."""

    @property
    def rows(self) -> list[int]:
        """Those of students."""
        rows = self.table.rows
        return [row for row in range(1, len(rows)) if any(map(str.strip, rows[row]))]

    def place(self, assignment: str) -> Place:
        heads = self.table.header
        wanted = self.columns.get(assignment, "")
        fits = [at for at in range(1, len(heads) - 1) if self._is_grade(at)]
        if wanted:
            fits = [at for at, head in enumerate(heads) if head == wanted]
        if len(fits) != 1:
            raise GradingError(
                f"{self.path}: {len(fits) or 'no'} columns can be "
                f"{wanted or 'the grade (points, not a scale)'}; name it, such as --column "
                f'"{assignment}=Grade"; there is {", ".join(heads)}.'
            )
        return Place(fits[0], self._most(fits[0] + 1))

    def takes(self, assignment: str, among: Collection[str]) -> bool:
        """Moodle names the file after the assignment, and each assignment has its own file."""
        if self.columns:
            return assignment in self.columns
        named = section_in(self.path.stem, {*SECTIONS.values(), *among})
        if not named and len(among) > 1:
            raise GradingError(
                f"{self.path}: it can be that of {' or '.join(among)}; say which, such as --column "
                f'"{assignment}=Grade", with the name of the column of the grades.'
            )
        return assignment == (named or assignment)

    def find(self, student: str) -> tuple[tuple[int, ...], str]:
        match = self.everybody.find(student)
        name, _ = name_and_number(student)
        why = match.why
        if match.found is not None:
            row = self.row_of(match)
            if match.by != "number" or self._is_called(row, name):
                return (row,), ""
            why = f"{self.table.cell(row, 0)} has another name there, {self.persons[row].name}"
        group = [row for row in self.rows if match.by == "number" and self._is_in(row, name)]
        return tuple(group), "" if group else why

    @cached_property
    def persons(self) -> dict[int, Person]:
        return {row: self._person(row) for row in self.rows}

    @cached_property
    def details(self) -> dict[int, dict[str, str]]:
        """A full name is not split: nobody knows which word of it is the family name."""
        found = {}
        for row, person in self.persons.items():
            email = next((each for each in person.logins if "@" in each), "")
            found[row] = {"last_name": person.name, "name": person.name, "email": email}
        return found

    @cached_property
    def comments(self) -> int | None:
        """The column of the feedback: the last one, and no date stands in every row of it."""
        heads = [head.lower() for head in self.table.header]
        named = [at for at, head in enumerate(heads) if head in COMMENTS]
        last = len(heads) - 1
        is_date = all(self.table.column(last, self.rows))
        return named[0] if named else None if is_date else last

    @cached_property
    def _grade(self) -> int:
        """The first column that is the grade, or can be: who it is stands before it."""
        heads = self.table.header
        fits = [at for at in range(1, len(heads) - 1) if self._is_grade(at)]
        fits += [heads.index(name) for name in self.columns.values() if name in heads]
        return min(fits, default=len(heads))

    def _person(self, row: int) -> Person:
        given = IDENTIFIER.fullmatch(self.table.cell(row, 0))
        cells = [self.table.cell(row, at) for at in range(2, self._grade)]
        logins = tuple(cell for cell in cells if cell and " " not in cell)
        return Person(given["id"] if given else "", logins, self.table.cell(row, 1))

    def _is_called(self, row: int, name: str) -> bool:
        """Whether this is the name; where nobody has one, all are called "Participant"."""
        given = IDENTIFIER.fullmatch(self.table.cell(row, 0))
        nobody = Person(name=given["word"] if given else "")
        return self.persons[row].is_called(name) or nobody.is_called(name)

    def _is_in(self, row: int, name: str) -> bool:
        """Whether this is a group of the student's: its name stands before the grade."""
        cells = (self.table.cell(row, at) for at in range(2, self._grade))
        return any(Person(name=cell).is_called(name) for cell in cells)

    def _most(self, column: int) -> float | None:
        """The one number that stands in all rows of a column."""
        found = {number_in(cell) for cell in self.table.column(column, self.rows)}
        return next(iter(found)) if len(found) == 1 else None

    def _is_grade(self, column: int) -> bool:
        """A number or nothing in each row, and right of it everybody's maximum."""
        most = self._most(column + 1)
        cells = filter(None, self.table.column(column, self.rows))
        grades = [number_in(cell) for cell in cells]
        return bool(most and all(grade is not None and grade <= most for grade in grades))


# Filling ---------------------------------------------------------------------------------------


def _by_row(book: Gradebook, records: Sequence[Record]) -> tuple[dict[int, Record], list[str]]:
    """The record of each row, and a sentence for each student without one."""
    found: dict[int, list[Record]] = {}
    told = []
    for record in records:
        rows, why = book.find(record["student"])
        if not rows:
            told.append(f"not filled in: {record['student']}: {why}.")
        elif why:
            told.append(f"{record['student']}: {why}.")
        for row in rows:
            found.setdefault(row, []).append(record)
    for row in [row for row, several in found.items() if len(several) > 1]:
        several = " and ".join(each["student"] for each in found.pop(row))
        told.append(f"not filled in: {several} are one person there: {book.persons[row].name}.")
    return {row: one for row, [one] in found.items()}, told


def _cells(book: Gradebook, record: Record, place: Place, has_comma: bool) -> dict[int, str]:
    """What is written into a row: the score, and in Moodle what was said."""
    score = str(figure(_scaled(record["score"], record["of"], place.most)))
    cells = {place.column: score.replace(".", ",") if has_comma else score}
    if isinstance(book, Moodle) and book.comments is not None:
        cells[book.comments] = safe_cell(feedback_as_html(record))
    return cells


def _kept(book: Gradebook, row: int, place: Place) -> str:
    """Why a cell of Canvas stays as it is."""
    there = book.table.cell(row, place.column).upper()
    words = {"EX": "is excused", "N/A": "does not have this assignment"}
    return f"{book.persons[row].name} {words[there]}, and this stays." if there in words else ""


def _scaled(score: float, of: float, most: float | None) -> float:
    return score * most / of if most and of else score


def _scaling(records: Sequence[Record], place: Place, assignment: str) -> list[str]:
    """What is said where the system gives other points than we do."""
    ours = sorted({each["of"] for each in records})
    if not place.most or not ours or ours == [place.most]:
        return []
    points = " or ".join(f"{each:g}" for each in ours)
    return [f"{assignment}: our {points} points are {place.most:g} there; scores are scaled."]
