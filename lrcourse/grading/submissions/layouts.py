"""Whose file is this? What the learning platforms write into names, and what to do without one.

Each layout was read in the source of the program that writes it:

Canvas    instructure/canvas-lms, lib/content_zipper.rb: one flat zip,
          `name[_LATE]_userid_fileid_filename`, or `[LATE_]anon_xxxxx_fileid_filename`. The name is
          the sortable one in small letters without blanks. Every upload has a new file id, and
          where a student hands in the same name again, Canvas makes it `01_step-1.ipynb`. The
          dates in the zip are those of the download.
Moodle    moodle/moodle, mod/assign/classes/downloader.php: a folder
          `Full Name_12345_assignsubmission_file` (older: `..._file_`) for each student, or a flat
          zip of `Full Name_12345_assignsubmission_file_filename`. 12345 is the number of the
          participant, as in the grading worksheet.
nbgrader  `submitted/STUDENT/ASSIGNMENT/x.ipynb` with a `timestamp.txt` beside it (nbgrader 0.9
          docs, "Philosophy and directory structure"; nbgrader/utils.py, parse_utc).
GitHub Classroom  `gh classroom clone student-repos` makes `ASSIGNMENT-submissions/` with one clone
          for each student in it, named `ASSIGNMENT-USER`.

A student is named so that two of the same name stay two, and so that exports find the number
again: `kimminji_12345` from Canvas, `Kim Minji_12345` from Moodle.
"""

import itertools
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

Parts = tuple[str, ...]

CANVAS = re.compile(
    r"(?P<name>[^\W\d]\w*?)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?P<upload>\d+)_(?P<file>.+)"
)
CANVAS_ANONYMOUS = re.compile(
    r"(?:(?P<late>LATE)_)?(?P<name>anon)_(?P<user>[A-Za-z0-9]{4,8})_(?P<upload>\d+)_(?P<file>.+)"
)
MOODLE = re.compile(
    r"(?P<name>.+)_(?P<user>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?"
)
COPY = re.compile(r"(?:-(\d{1,3})|\s*\((\d{1,3})\))$")  # 01_step-1, 01_step (1)


class Owner(NamedTuple):
    """Who handed in a file, as far as its name says."""

    student: str = ""
    file: str = ""  # the name that the student gave it
    upload: int = 0  # Canvas: a later upload has a higher number
    late: bool = False
    note: str = ""


class Layout(NamedTuple):
    """What is known of all the files under one path together."""

    clones: dict[Parts, str]  # the folder of a clone -> its student
    dated: dict[Parts, datetime | None]  # an nbgrader folder STUDENT/ASSIGNMENT -> when
    base: Parts  # what lies in here is sorted by student where nothing else is known


def owner(parts: Parts, layout: Layout) -> Owner:
    """Whose file this is: what a platform wrote, or else the folder, or else the file name."""
    for position, part in enumerate(parts):
        if found := platform(part):
            is_file = position == len(parts) - 1
            return found if is_file else found._replace(file=parts[-1])
    for length in range(len(parts) - 1, 0, -1):
        if parts[:length] in layout.clones:
            return Owner(layout.clones[parts[:length]], parts[-1])
        if parts[:length] in layout.dated and length > 1:
            return Owner(parts[length - 2], parts[-1])
    if "submitted" in parts[:-3]:
        return Owner(parts[parts.index("submitted") + 1], parts[-1])
    return _guessed(parts, layout.base)


def platform(name: str) -> Owner | None:
    """What Canvas or Moodle wrote into the name of a file or folder; None where neither did."""
    if found := MOODLE.fullmatch(name):
        return Owner(f"{found['name']}_{found['user']}", found["file"] or name)
    if found := CANVAS_ANONYMOUS.fullmatch(name) or CANVAS.fullmatch(name):
        student = f"{found['name']}_{found['user']}"
        return Owner(student, found["file"], int(found["upload"][:18]), bool(found["late"]))
    return None


def clones(repositories: Iterable[Parts]) -> dict[Parts, str]:
    """The student of each clone: the folder `01-step-kim` without the `01-step-` of all."""
    beside: dict[Parts, list[str]] = {}
    for parts in repositories:
        beside.setdefault(parts[:-1], []).append(parts[-1])
    return {
        (*above, name): name.removeprefix(_prefix(above, names))
        for above, names in beside.items()
        for name in names
    }


def base(files: Sequence[Parts]) -> Parts:
    """The deepest folder that all these files share: the students lie in it."""
    return _shared([parts[:-1] for parts in files])


def section_in(name: str, sections: Collection[str]) -> str:
    """The section that a name contains: "01_step" in "Kim 01-Step (2).ipynb"; "" for none."""
    words = _words(name)
    found = [each for each in sections if _words(each) in words]
    return max(found, key=len, default="")


def rest(name: str, section: str) -> str:
    """What a file name says besides the section: "kim" for "01_step_kim.ipynb"."""
    stem = COPY.sub("", _stem(name)).strip()
    if not section:
        return stem
    pattern = r"[\W_]+".join(map(re.escape, section.split("_")))
    return re.sub(rf"[\W_]*{pattern}[\W_]*", " ", stem, flags=re.IGNORECASE).strip()


def without_zip(name: str) -> str:
    """ "kim" for "kim.zip", whatever packed it: the student's folder has the same name."""
    return name[: -len(".zip")] if name.lower().endswith(".zip") else name


def copy_number(name: str) -> int:
    """1 for "01_step-1.ipynb" and "01_step (1).ipynb", what a second upload is called."""
    found = COPY.search(_stem(name))
    return int(found[1] or found[2]) if found else 0


def fit(name: str, section: str) -> int:
    """How well a file name fits: 2 for "01_step.ipynb" and copies, 1 where it is in it, or 0."""
    if not section or not section_in(name, [section]):
        return 0
    return 1 if rest(name, section) else 2


def time_in(text: str) -> datetime | None:
    """The time in an nbgrader timestamp.txt, such as "2015-02-02 15:58:23.948203 UTC".

    A time without a zone is UTC, as nbgrader reads it.
    """
    found = re.fullmatch(
        r"\s*(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\s*(\S*)\s*", text
    )
    if not found:
        return None
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=_zone(found[2]))
    except (ValueError, LookupError, OSError):
        return None


def _zone(name: str) -> ZoneInfo | timezone:
    if name in ("", "Z", "UTC", "GMT"):
        return UTC
    if offset := re.fullmatch(r"([+-])(\d\d):?(\d\d)", name):
        sign = -1 if offset[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(offset[2]), minutes=int(offset[3])))
    return ZoneInfo(name)


def _guessed(parts: Parts, base: Parts) -> Owner:
    inside = parts[len(base) :]
    if len(inside) > 1:
        student = without_zip(inside[0])
        return Owner(student, parts[-1], note=f"the student is the name of the folder {inside[0]}.")
    return Owner("", parts[-1])  # the section is not known yet, so the name is read later


def _prefix(above: Parts, names: Sequence[str]) -> str:
    """What the names of all clones begin with, up to a hyphen."""
    assignment = above[-1].removesuffix("-submissions") + "-" if above else ""
    if all(name.startswith(assignment) and name != assignment for name in names):
        return assignment
    shared = _shared([tuple(name.split("-")) for name in names]) if len(names) > 1 else ()
    return "".join(f"{word}-" for word in shared)


def _shared(several: Sequence[Parts]) -> Parts:
    """What all of these begin with."""
    first, last = min(several, default=()), max(several, default=())
    pairs = zip(first, last, strict=False)
    return first[: sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))]


def _words(name: str) -> str:
    return "_" + re.sub(r"[\W_]+", "_", name.lower()) + "_"


def _stem(name: str) -> str:
    return name.rsplit(".", 1)[0] if "." in name else name
