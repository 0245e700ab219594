"""The page about all assignments: where each stands, and what every student has in each."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any
from urllib.parse import quote

from lrcourse.grading.pages.class_numbers import as_read, one_of_each, possible, scored, scores
from lrcourse.grading.pages.frame import document
from lrcourse.grading.pages.markup import Html, element, table, theirs
from lrcourse.grading.pages.words import counted, points

Record = Mapping[str, Any]


def course_page(records: Iterable[Record], pages: Mapping[tuple[str, str], str]) -> str:
    """A whole HTML file about the current records of a course, one for each assignment and student.

    `pages` says where the page about (assignment, student) lies, seen from this one; that of the
    whole class is (assignment, "").
    """
    classes = _by_assignment(records)
    students = {str(each["student"]) for listed in classes.values() for each in listed}
    told = f"{counted(len(classes), 'assignment')}, {counted(len(students), 'student')}"
    return document(
        "All assignments",
        element(
            "main",
            element("h1", "All assignments"),
            element("p", told, class_="soft"),
            *_assignments(classes, pages),
            *_students(classes, sorted(students, key=as_read), pages),
        ),
    )


def _by_assignment(records: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(str(record["assignment"]), []).append(record)
    return {name: one_of_each(found[name]) for name in sorted(found, key=as_read)}


def _assignments(
    classes: Mapping[str, Sequence[Record]], pages: Mapping[tuple[str, str], str]
) -> list[Html]:
    rows = [
        (
            _name(_link(listed[0].get("title") or name, pages.get((name, "")))),
            _number(len(listed)),
            _number(len(listed) - len(scored(listed))),
            _number(f"{points(median(found))} of {points(possible(listed))}" if found else "–"),
        )
        for name, listed in classes.items()
        for found in [scores(listed)]
    ]
    heads = ("Assignment", "Handed in", "Needs review", "Median points")
    return [element("h2", "Assignments"), table("Each leads to its class", heads, rows)]


def _students(
    classes: Mapping[str, Sequence[Record]],
    students: Sequence[str],
    pages: Mapping[tuple[str, str], str],
) -> list[Html]:
    """Everybody, with the points of each assignment and their sum."""
    found = {
        (name, str(each["student"])): each for name, listed in classes.items() for each in listed
    }
    rows = []
    for student in students:
        mine = [found[key] for name in classes if (key := (name, student)) in found]
        cells = [_points(found.get((name, student)), pages) for name in classes]
        rows.append((_name(theirs(student)), _number(points(sum(scores(mine)))), *cells))
    told = "Everybody, with the points of each assignment; an empty place: nothing was handed in"
    return [
        element("h2", "Students"),
        table(told, ("Student", "Sum", *map(_short, classes)), rows),
    ]


def _short(assignment: str) -> Html:
    """ "01" over a narrow column for "01_step"; the whole name where it has no number."""
    number, _, rest = assignment.partition("_")
    return theirs(number if rest and number.isdecimal() else assignment)


def _points(record: Record | None, pages: Mapping[tuple[str, str], str]) -> Html:
    if record is None:
        return Html("")
    is_scored = bool(scored([record]))
    page = pages.get((str(record["assignment"]), str(record["student"])))
    link = _link(points(record["score"]) if is_scored else "review", page)
    return _number(link) if is_scored else element("span", link, class_="status wrong")


def _name(value: object) -> Html:
    """With room enough that it is not broken on a phone."""
    return element("span", value, class_="names")


def _number(value: object) -> Html:
    return element("span", value, class_="number")


def _link(text: object, page: str | None) -> Html:
    name = theirs(text)
    return element("a", name, href=quote(page)) if page else name
