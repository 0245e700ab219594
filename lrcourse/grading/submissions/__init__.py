"""Who handed in what: folders and zips as learning platforms give them out.

`find_submissions(paths)` knows the downloads of Canvas and Moodle, the folders of nbgrader and of
GitHub Classroom, a clone of this course, and any folder with one folder per student. Nothing is
lost silently: what is not graded is in the list as well, and `problem` says why.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from lrcourse.grading import GradingError
from lrcourse.grading.notebook import MOST_BYTES, read_notebook
from lrcourse.grading.submissions import layouts, tree
from lrcourse.grading.submissions.commits import committed_at
from lrcourse.grading.submissions.layouts import Layout, Owner, Parts
from lrcourse.grading.submissions.tree import Found
from lrcourse.tasks import SECTIONS

__all__ = ["Submission", "find_submissions"]

COURSE = "exercises"  # of a clone of this course only these are the student's
COURSE_FOLDERS = {"notebooks", "solutions", "sources", "lrcourse"}
BACKUPS = "my_answers"  # what `lrcourse update` puts aside
SHEET = "timestamp.txt"
COMMIT = "the last commit"


@dataclass(frozen=True)
class Submission:
    """One file that a student handed in. It is graded where `problem` is empty.

    `submitted_at` is known from nbgrader and from clones, and `time_from` says which: the dates in
    the zips of Canvas and Moodle are those of the download, and Canvas says no more than `late`.
    `note` is what was guessed.
    """

    student: str
    section: str  # "01_step"; "" where neither the notebook nor its name says
    file: str  # its way from the path that was given, "submissions.zip/kim_1_2_01_step.ipynb"
    path: Path
    members: tuple[int, ...] = ()  # its place in that archive
    submitted_at: str | None = None  # "2026-11-22T21:03:00+00:00"
    time_from: str = ""  # SHEET or COMMIT
    late: bool = False
    note: str = ""
    problem: str = ""

    def read(self) -> bytes:
        """The bytes; of a file that is too large only as many as show that it is."""
        try:
            return tree.read(self.path, self.members)
        except GradingError as error:
            raise GradingError(f"{self.file}: {error}") from None


@dataclass(frozen=True)
class _Candidate:
    """A submission, and what decides between two of one student for one section."""

    submission: Submission
    rank: tuple[bool, int, int, int, float, float]


def find_submissions(
    paths: Iterable[Path], sections: Collection[str] = tuple(SECTIONS.values())
) -> list[Submission]:
    """Everything that was handed in under these paths, sorted by student and section.

    Of several files of one student for one section the one is graded whose name fits best, and of
    those the newest.
    """
    candidates: list[_Candidate] = []
    others: list[Submission] = []
    for path in paths:
        for each in _under(Path(path), sections):
            if isinstance(each, Submission):
                others.append(each)
            else:
                candidates.append(each)
    found = [*_one_of_each(candidates), *others]
    return sorted(found, key=lambda each: (each.student, each.section, each.file))


# One path --------------------------------------------------------------------------------------


def _under(path: Path, sections: Collection[str]) -> Iterator[_Candidate | Submission]:
    found = list(tree.files_under(path))
    files = [each for each in found if each.parts[-1] != ".git"]
    courses = _courses(files)
    wanted = [
        each for each in files if not each.problem and _is_candidate(each.parts, courses, sections)
    ]
    layout = Layout(
        layouts.clones(each.parts[:-1] for each in found if each.parts[-1] == ".git"),
        {each.parts[:-1]: _timestamp(each) for each in files if each.parts[-1] == SHEET},
        layouts.base([each.parts for each in wanted if not _is_known(each.parts)]),
    )
    chosen = {each[:3] for each in wanted}
    left = tree.ALWAYS + tree.EXPANSION * path.stat().st_size
    for each in files:
        if each[:3] in chosen:
            candidate, size = _candidate(each, layout, sections, left)
            left -= size if each.members else 0
            yield candidate
        elif each.problem or not _is_quiet(each.parts, courses, layout):
            yield _not_graded(each, layout)
    yield from _without_notebook(path, layout, wanted, files)


def _candidate(
    found: Found, layout: Layout, sections: Collection[str], left: int
) -> tuple[_Candidate | Submission, int]:
    """A notebook with its section, and how many bytes it has; a sentence where it has none."""
    if left < 0:
        return _not_graded(found._replace(problem=BOMB), layout), 0
    try:
        data = tree.read(found.path, found.members)
    except GradingError as error:
        return _not_graded(found._replace(problem=str(error)), layout), 0
    owner = layouts.owner(found.parts, layout)
    named = _named_section(owner, found.parts, sections)
    section = _own_section(data) or named
    if section not in sections:
        section = named
    student, note = _student(owner, section, found, layout)
    if named and named != section:
        note = f"its name says {named}, but it is the notebook of {section}. {note}".strip()
    time, time_from = _submitted_at(found, layout)
    submission = Submission(
        student,
        section,
        "/".join(found.parts),
        found.path,
        found.members,
        time.isoformat() if time else None,
        time_from,
        owner.late,
        note,
    )
    rank = (
        not found.parts[-1].lower().endswith(".py"),
        layouts.fit(owner.file, section),
        owner.upload,
        layouts.copy_number(owner.file),
        time.timestamp() if time else 0.0,
        found.newest,
    )
    return _Candidate(submission, rank), len(data)


BOMB = "the archive holds far more than its size promises, and this is not looked at."


def _own_section(data: bytes) -> str:
    """The section that the notebook says; what is wrong with it is said when it is graded."""
    if len(data) > MOST_BYTES:
        return ""
    try:
        return read_notebook(data).section
    except GradingError:
        return ""


def _named_section(owner: Owner, parts: Parts, sections: Collection[str]) -> str:
    """The section in the name of the file, or of the nearest folder."""
    for name in (owner.file, *reversed(parts[:-1])):
        if section := layouts.section_in(name, sections):
            return section
    return ""


def _student(owner: Owner, section: str, found: Found, layout: Layout) -> tuple[str, str]:
    """The student, and what was guessed."""
    if owner.student:
        return owner.student, owner.note
    name = layouts.rest(found.parts[-1], section)
    if name and not name.lower().startswith("untitled"):
        return name, "the student is the name of the file."
    for folder in reversed(layout.base):
        if folder not in (COURSE, section):
            return layouts.without_zip(folder), f"the student is the name of the folder {folder}."
    return name or section, "the name of the file does not say whose it is."


def _submitted_at(found: Found, layout: Layout) -> tuple[datetime | None, str]:
    """When it was handed in as far as nbgrader or git knows, and which of the two said so."""
    for length in range(len(found.parts) - 1, 0, -1):
        above, inside = found.parts[:length], len(found.parts) - length
        if time := layout.dated.get(above):
            return time, SHEET
        if above in layout.clones and not found.members:
            clone = found.path.parents[inside - 1]
            time = committed_at(clone, found.path.parts[-inside:])
            return time, COMMIT if time else ""
    return None, ""


# What is not graded ----------------------------------------------------------------------------


def _is_candidate(parts: Parts, courses: Collection[Parts], sections: Collection[str]) -> bool:
    """A notebook, or a script named like a section; of a clone of the course the exercises."""
    if (above := _course_of(parts, courses)) is not None and (
        parts[len(above)] != COURSE or BACKUPS in parts
    ):
        return False
    name = parts[-1].lower()
    return ".ipynb" in name or (name.endswith(".py") and bool(layouts.section_in(name, sections)))


def _courses(files: Iterable[Found]) -> set[Parts]:
    """The folders that are clones of this course: with exercises/ and something else of it."""
    inside: dict[Parts, set[str]] = {}
    for each in files:
        for position, part in enumerate(each.parts[:-1]):
            if part == COURSE or part in COURSE_FOLDERS:
                inside.setdefault(each.parts[:position], set()).add(part)
    return {above for above, names in inside.items() if COURSE in names and len(names) > 1}


def _course_of(parts: Parts, courses: Collection[Parts]) -> Parts | None:
    return next((parts[:n] for n in range(len(parts)) if parts[:n] in courses), None)


def _is_known(parts: Parts) -> bool:
    return any(layouts.platform(part) for part in parts)


def _is_quiet(parts: Parts, courses: Collection[Parts], layout: Layout) -> bool:
    """Files that nobody handed in: those of the course, of a repository, of nbgrader."""
    return (
        parts[-1].startswith(".")
        or parts[-1] == SHEET
        or _course_of(parts, courses) is not None
        or any(parts[:n] in layout.clones for n in range(len(parts)))
    )


def _not_graded(found: Found, layout: Layout) -> Submission:
    owner = layouts.owner(found.parts, layout)
    problem = found.problem or _no_notebook(owner.file)
    file = "/".join(found.parts)
    return Submission(
        owner.student, "", file, found.path, found.members, late=owner.late, problem=problem
    )


def _no_notebook(name: str) -> str:
    if name.lower().endswith(tree.OTHER_ARCHIVES):
        return "this kind of archive is not opened: unpack it first."
    return "it is no notebook, so it is not graded: ask for the .ipynb file."


def _without_notebook(
    path: Path, layout: Layout, wanted: Sequence[Found], files: Sequence[Found]
) -> Iterator[Submission]:
    """A clone, or all of what was given, in which there is nothing to grade."""
    for clone, student in layout.clones.items():
        if not any(each.parts[: len(clone)] == clone for each in wanted):
            told = "there is no exercise notebook in this repository."
            yield Submission(student, "", "/".join(clone), path, problem=told)
    if not files:
        yield Submission("", "", tree.shown(path.name), path, problem="there is no file in it.")


def _timestamp(found: Found) -> datetime | None:
    """When nbgrader got what lies beside this file; None where that cannot be read."""
    if found.problem:
        return None
    try:
        return layouts.time_in(
            tree.read(found.path, found.members)[:200].decode("utf-8", "replace")
        )
    except GradingError:
        return None


# Several files for one section -----------------------------------------------------------------


def _one_of_each(candidates: Iterable[_Candidate]) -> Iterator[Submission]:
    """All of them; for each student and section one without a problem."""
    by_student: dict[str, dict[str, list[_Candidate]]] = {}
    for each in candidates:
        sections = by_student.setdefault(each.submission.student, {})
        sections.setdefault(each.submission.section, []).append(each)
    for found in by_student.values():
        yield from _one_of_each_section(found)


def _one_of_each_section(found: Mapping[str, list[_Candidate]]) -> Iterator[Submission]:
    for section, several in found.items():
        best, *others = sorted(several, key=lambda each: each.rank, reverse=True)
        if section or len(found) == 1:
            yield best.submission
            yield from (_beaten(each, best) for each in others)
        else:
            told = "it does not say which exercise it is, and other files of this student do."
            yield from (replace(each.submission, problem=told) for each in several)


def _beaten(loser: _Candidate, best: _Candidate) -> Submission:
    is_newer = loser.rank[:2] == best.rank[:2]
    why = "is newer" if is_newer else "has a name that fits better"
    told = f"{best.submission.file} is graded instead, which {why}."
    return replace(loser.submission, problem=told)
