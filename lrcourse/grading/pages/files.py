"""The pages as files: whole or not at all, under names that nobody outside chooses."""

import contextlib
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from lrcourse.grading import GradingError
from lrcourse.grading.pages.class_numbers import one_of_each
from lrcourse.grading.pages.course import course_page
from lrcourse.grading.pages.student import student_page
from lrcourse.grading.pages.whole_class import class_page

Record = Mapping[str, Any]
INDEX, TO_SHOW = "index.html", "show_in_class.html"


def write_pages(
    records: Iterable[Record],
    folder: str | os.PathLike[str],
    *,
    title: str = "",
    roster: Mapping[str, str] | None = None,
    due: datetime | None = None,
) -> Path:
    """Write a page for each student, show_in_class.html (nobody is named) and index.html, last.

    The records are the current ones of one assignment. `roster` says what a student is called.
    Returns the path of index.html. Files of students who are not in the records are left alone.
    """
    listed = one_of_each(records)
    place = Path(folder)
    with _refused_in_words(place):
        place.mkdir(parents=True, exist_ok=True)
        return _write_all(listed, place, title, roster or {}, due)


def write_course(records: Iterable[Record], folder: str | os.PathLike[str]) -> Path:
    """Write index.html of all assignments, whose pages lie in a folder of that name each.

    The records are the current ones. Returns its path.
    """
    listed = list(records)
    pages = {(str(each["assignment"]), ""): f"{each['assignment']}/{INDEX}" for each in listed}
    for each in listed:
        name, student = str(each["assignment"]), str(each["student"])
        pages[name, student] = f"{name}/{file_name(student)}"
    path = Path(folder) / INDEX
    with _refused_in_words(path.parent):
        _write(path, course_page(listed, pages))
    return path


@contextlib.contextmanager
def _refused_in_words(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise GradingError(
            f"The pages cannot be written to {place}: {why}. Give another folder."
        ) from error


def _write_all(
    listed: Sequence[Record],
    place: Path,
    title: str,
    called: Mapping[str, str],
    due: datetime | None,
) -> Path:
    pages = {str(record["student"]): file_name(str(record["student"])) for record in listed}
    for record in listed:
        student = str(record["student"])
        page = student_page(record, name=called.get(student, ""), due=due)
        _write(place / pages[student], page)
    heading = title or str(listed[0]["assignment"] if listed else "Grading")
    _write(place / TO_SHOW, class_page(listed, title=heading))
    _write(place / INDEX, class_page(listed, title=heading, names=True, roster=called, pages=pages))
    return place / INDEX


def file_name(student: str) -> str:
    """ "김민지-" and the start of a hash: small letters of any script, digits and "-" only, never
    the same for two students."""
    letters = unicodedata.normalize("NFKC", student[:200]).lower()
    slug = re.sub(r"[\W_]+", "-", letters).strip("-")[:40].rstrip("-")
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return f"{slug or 'student'}-{digest}.html"


def _write(path: Path, text: str) -> None:
    """The whole file at once: who reads meanwhile sees the old one or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        draft.write_bytes(text.encode())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
