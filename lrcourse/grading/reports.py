"""What people read after grading: pages for students and class, tables for other systems.

All of it is made from the records, each time anew; lateness and points by hand come on top and
change no record.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lrcourse.grading import GradingError, exports
from lrcourse.grading.gradebooks import Canvas, Gradebook, filled
from lrcourse.grading.late import Late, applied, seconds_late
from lrcourse.grading.pages import write_course, write_pages
from lrcourse.grading.records import lacking
from lrcourse.grading.rubric import Row, merged
from lrcourse.grading.submissions import COMMIT
from lrcourse.grading.times import Key, matched
from lrcourse.grading.times import Row as Time

Record = Mapping[str, Any]

SHOWN = 5  # names that a sentence lists


@dataclass(frozen=True)
class OnTop:
    """What is added to the records: points given by hand, and what lateness costs.

    `times` says when students handed in, before what the download says; `extensions` until when
    some of them could, instead of `due`.
    """

    rows: tuple[Row, ...] = ()
    due: str = ""
    late: Late = field(default_factory=Late)
    times: tuple[Time, ...] = ()
    extensions: tuple[Time, ...] = ()


def with_all(
    records: Iterable[Record],
    on_top: OnTop | Mapping[str, OnTop],
    books: Sequence[Gradebook] = (),
) -> tuple[list[dict[str, Any]], list[str]]:
    """The records as they are reported, and a sentence for whatever was not used or not known.

    `on_top` is for all, or {"01_step": OnTop(...)}: each assignment has a deadline of its own.
    """
    listed = list(records)
    _refuse_incomplete(listed)
    names = sorted({each["assignment"] for each in listed})
    tops = (
        dict.fromkeys(names, on_top)
        if isinstance(on_top, OnTop)
        else {name: on_top.get(name, OnTop()) for name in names}
    )
    found, told = merged(listed, tuple(dict.fromkeys(_all(top.rows for top in tops.values()))))
    timed, of_times = _timed(found, tops, people_of(books, found))
    reported = [each for mine in _by_student(timed) for each in _late(mine, tops)]
    return reported, [*told, *of_times, *_of_times(reported)]


def people_of(books: Sequence[Gradebook], records: Iterable[Record]) -> dict[str, dict[str, str]]:
    """Names and addresses of the students, from the gradebooks."""
    students = sorted({each["student"] for each in records})
    found: dict[str, dict[str, str]] = {}
    for book in books:
        found = book.people(students) | found
    return found


def refuse_unclear(
    books: Sequence[Gradebook], assignments: Collection[str], known: Collection[str] = ()
) -> None:
    """Raise a GradingError where it is not clear into which column an assignment goes.

    `known` are those of earlier runs: they are filled in where their column is clear.
    """
    among = sorted({*assignments, *known})
    asked = {name for book in books for name in book.columns}
    if strange := sorted(asked - set(among)):
        raise GradingError(
            f"--column: there is no {strange[0]} among what is graded; there is {', '.join(among)}."
        )
    for name in sorted(assignments):
        taking = [book for book in books if book.takes(name, among)]
        for book in taking:
            book.place(name)
        if len(taking) > 1:
            files = " and ".join(str(book.path) for book in taking)
            raise GradingError(f"{files} are both for {name}; give one, and the other afterwards.")
    for book in books:
        _refuse_one_column_for_two(book, [name for name in among if book.takes(name, among)])


def write_reports(
    records: Iterable[Record], folder: Path, books: Sequence[Gradebook] = ()
) -> tuple[list[Path], list[str]]:
    """Write all that is made from these records.

    Returns the page that a person opens first of each assignment, or the one that leads to all,
    and what the gradebooks did not take.
    """
    found = list(records)
    people = people_of(books, found)
    first = []
    for section in sorted({each["assignment"] for each in found}):
        own = [each for each in found if each["assignment"] == section]
        first.append(write_pages(own, folder / section, title=own[0].get("title", section)))
        write(folder / section / "moodle.csv", exports.moodle(own, people))
    write(folder / "grades.csv", exports.nbgrader(found, people))
    write(folder / "canvas.csv", exports.canvas(found, people))
    write(folder / "lateness.csv", exports.lateness(found))
    if len(first) > 1:
        first = [write_course(found, folder)]
    return first, [said for book in books for said in _fill(book, found, folder)]


def _refuse_incomplete(records: Iterable[Record]) -> None:
    for each in records:
        if missing := lacking(each):
            raise GradingError(
                f"the record of {each['student']} for {each['assignment']} has no {missing}: it "
                f"was changed by hand; grade this submission again with --regrade."
            )


def _refuse_one_column_for_two(book: Gradebook, assignments: Iterable[str]) -> None:
    taken: dict[int, str] = {}
    for name in sorted(assignments):
        try:
            column = book.place(name).column
        except GradingError:
            continue  # of an earlier run: this is told, and it is not filled in
        other = taken.setdefault(column, name)
        if other != name:
            raise GradingError(
                f"{book.path}: {other} and {name} would both go into one column; name another "
                f'with --column "{name}=..."'
            )


def _fill(book: Gradebook, records: Sequence[Record], folder: Path) -> Sequence[str]:
    """Write a gradebook with our scores, in place of the table that knows nothing of it."""
    done = filled(book, records)
    if isinstance(book, Canvas):
        write(folder / "canvas.csv", book.to_import(done))
        return done.told
    for name in done.columns:
        write(folder / name / "moodle.csv", done.table.text())
    return done.told


# Lateness --------------------------------------------------------------------------------------


def _timed(
    records: Sequence[dict[str, Any]],
    tops: Mapping[str, OnTop],
    people: Mapping[str, Mapping[str, str]],
) -> tuple[list[dict[str, Any]], list[str]]:
    """The records with the time and the deadline that count, and what of the CSVs was not used."""
    times: dict[Key, Time] = {}
    extensions: dict[Key, Time] = {}
    told = []
    for top in dict.fromkeys(tops.values()):
        mine = [each for each in records if tops[each["assignment"]] == top]
        others = {name for name, its in tops.items() if its != top}
        given, unused = matched(_but_of(others, top.times), mine, people)
        longer, strange = matched(_but_of(others, top.extensions), mine, people)
        times |= given
        extensions |= longer
        told += [*unused, *strange, *_early(longer.values(), top.due)]
    return [_with_time(each, times, extensions, tops) for each in records], told


def _but_of(assignments: Collection[str], rows: Iterable[Time]) -> list[Time]:
    """The rows, but those that name one of these."""
    return [row for row in rows if not row.assignment or not any(map(row.is_of, assignments))]


def _with_time(
    record: Mapping[str, Any],
    times: Mapping[Key, Time],
    extensions: Mapping[Key, Time],
    tops: Mapping[str, OnTop],
) -> dict[str, Any]:
    key = record["assignment"], record["student"]
    given, extended = times.get(key), extensions.get(key)
    known = {"submitted_at": given.time.isoformat(), "time_from": given.place} if given else {}
    until = extended.time.isoformat() if extended else tops[record["assignment"]].due
    return {**record, **known, "due": until, "extended": extended.place if extended else ""}


def _early(extensions: Iterable[Time], due: str) -> list[str]:
    """A sentence for each extension that ends before the deadline of all: perhaps a slip."""
    return [
        f"{each.place}: the extension of {each.student} ends before the deadline of all."
        for each in dict.fromkeys(extensions)
        if seconds_late(due, each.time)
    ]


def _by_student(records: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        groups.setdefault(record["student"], []).append(record)
    return list(groups.values())


def _late(mine: list[dict[str, Any]], tops: Mapping[str, OnTop]) -> list[dict[str, Any]]:
    """One student's records after the late policies, the tokens of each shared out in order."""
    mine = sorted(mine, key=lambda each: each["assignment"])
    late = {each["assignment"]: seconds_late(each["submitted_at"], each["due"]) for each in mine}
    spent: dict[str, int] = {}
    for policy in dict.fromkeys(tops[name].late for name in late):
        spent |= policy.spend({name: late[name] for name in late if tops[name].late == policy})
    return [
        applied(each, tops[name].late, late[name], spent[name])
        for name, each in ((each["assignment"], each) for each in mine)
    ]


def _of_times(records: Sequence[Record]) -> list[str]:
    """Whose lateness nobody knows, and whose the students themselves can set."""
    untimed = [each for each in records if not each["submitted_at"]]
    marked = _students(each for each in untimed if each.get("late"))
    unknown = _students(each for each in untimed if each["due"] and not each.get("late"))
    commits = [each for each in records if each["due"] and each.get("time_from") == COMMIT]
    told = []
    if marked:
        told.append(f"Canvas marked as late, but not how late, so nothing is taken off: {marked}.")
    if unknown:
        told.append(f"no time is known, so these are not late (--times gives it): {unknown}.")
    if commits:
        told.append(
            f"the time is that of a commit, which its author can set, for {len(commits)} of "
            f"{len(records)} submissions (--times gives a better one)."
        )
    return told


def _all(groups: Iterable[Iterable[Any]]) -> Iterable[Any]:
    return (each for group in groups for each in group)


def _students(records: Iterable[Record]) -> str:
    names = sorted({each["student"] for each in records})
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def write(path: Path, text: str) -> None:
    """Write a table or another file; GradingError where it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise GradingError(
            f"{path}: it cannot be written ({error.strerror}): make room, or close it where it is "
            f"open, and type the same command again; the grades are kept."
        ) from None
