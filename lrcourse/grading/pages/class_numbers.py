"""Numbers about a class, from its records: pure functions, no HTML."""

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import StatisticsError, correlation
from typing import Any, NamedTuple

from lrcourse.grading import GradingError
from lrcourse.grading.pages.pictures import Column
from lrcourse.grading.pages.words import number

Record = Mapping[str, Any]
FEWEST = 10  # records for a discrimination
MOST_COLUMNS = 16  # of a histogram


def one_of_each(records: Iterable[Record]) -> list[Record]:
    """The records by student; GradingError where they are not one per student of one assignment."""
    listed = sorted(records, key=lambda record: as_read(str(record["student"])))
    assignments = sorted({str(record["assignment"]) for record in listed})
    if len(assignments) > 1:
        raise GradingError(
            f"A class page is about one assignment, but the records are of {len(assignments)}: "
            f"{', '.join(assignments)}. Make one page for each."
        )
    times = Counter(str(record["student"]) for record in listed)
    for student, count in times.items():
        if count > 1:
            raise GradingError(
                f"{student} has {count} records of {assignments[0]}. Give only the current one."
            )
    return listed


def as_read(name: str) -> tuple[str, str]:
    """What a list of names is sorted by: É stands beside e, and capitals beside small letters."""
    letters = unicodedata.normalize("NFKD", name)
    return "".join(each for each in letters if not unicodedata.combining(each)).casefold(), name


def graded(records: Iterable[Record]) -> list[Record]:
    """Those whose notebook was run and compared."""
    return [record for record in records if record["outcome"] == "graded"]


def results(record: Record) -> Mapping[str, Mapping[str, Any]]:
    """What is known of each task; nothing where the notebook could not be graded."""
    return record.get("tasks") or {}


def scored(records: Iterable[Record]) -> list[Record]:
    """Those that have a score, zeros too: all but those that a person has to look at."""
    return [record for record in records if record["outcome"] != "needs review"]


def scores(records: Iterable[Record]) -> list[float]:
    """What they have, in order."""
    return sorted(number(record["score"]) or 0.0 for record in scored(records))


def possible(records: Iterable[Record]) -> float:
    """The points of all tasks; of old and new records together, the most."""
    return max(number(record["of"]) or 0.0 for record in records)


def score_columns(values: Sequence[float], of: float) -> list[Column]:
    """The histogram: columns of 1, 2, 5, 10, ... points, from 0 to all points or more.

    A column of one point holds 8 and 8.5. A wider one goes up to its next; the last holds both
    of its ends.
    """
    lowest, highest = min([0.0, *values]), max([of, *values])
    width = _column_width(highest - lowest)
    first, last = math.floor(lowest / width), math.floor(highest / width)
    if width > 1 and last > first and last * width == highest:
        last -= 1
    counts = Counter(min(math.floor(value / width), last) for value in values)
    return [Column(k * width, (k + 1) * width, counts[k]) for k in range(first, last + 1)]


def _column_width(span: float) -> float:
    """The smallest that makes few enough columns."""
    size = 1.0
    while True:
        for width in (size, 2 * size, 5 * size):
            if span / width + 1 <= MOST_COLUMNS:
                return width
        size *= 10


class OfTask(NamedTuple):
    """How a class did in one task."""

    id: str
    title: str
    right: int
    wrong: int  # those that did not finish, too
    open: int  # not attempted
    discrimination: float | None

    @property
    def students(self) -> int:
        return self.right + self.wrong + self.open


def tasks_of(records: Iterable[Record]) -> list[OfTask]:
    """Each task, in the order of their numbers."""
    listed = graded(records)
    titles = {
        task_id: str(found.get("title", ""))
        for record in listed
        for task_id, found in results(record).items()
    }
    return [_of_task(task_id, titles[task_id], listed) for task_id in sorted(titles)]


def _of_task(task_id: str, title: str, listed: Sequence[Record]) -> OfTask:
    ends = Counter(
        results(record)[task_id]["status"] for record in listed if task_id in results(record)
    )
    right, untried = ends["right"], ends["not attempted"]
    wrong = ends.total() - right - untried
    return OfTask(task_id, title, right, wrong, untried, discrimination(task_id, listed))


def discrimination(task_id: str, listed: Sequence[Record]) -> float | None:
    """Item-rest correlation: of the points in this task with those in all other tasks.

    Where a task is right or wrong this is the corrected point-biserial correlation. None for
    fewer than `FEWEST` records, and where all have the same points in it, or in the rest.
    """
    pairs = [_item_and_rest(task_id, record) for record in listed if task_id in results(record)]
    if len(pairs) < FEWEST:
        return None
    item, rest = zip(*pairs, strict=True)
    try:
        return correlation(item, rest)
    except StatisticsError:  # one of them is constant
        return None


def _item_and_rest(task_id: str, record: Record) -> tuple[float, float]:
    have = {each: number(found["points"]) or 0.0 for each, found in results(record).items()}
    return have.pop(task_id), math.fsum(have.values())


class Named(NamedTuple):
    """A mistake with a name, and how many made it."""

    task_id: str
    title: str
    mistake: str
    lesson: str
    students: int


def commonest_mistakes(records: Iterable[Record], most: int = 5) -> list[Named]:
    """Those that more than one student made, the commonest first."""
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], Mapping[str, Any]] = {}
    for record in graded(records):
        for task_id, found in results(record).items():
            if found["status"] == "wrong" and found.get("mistake"):
                key = (task_id, str(found["mistake"]))
                counts[key] += 1
                first.setdefault(key, found)
    ranked = sorted(counts, key=lambda key: (-counts[key], key))
    return [
        Named(
            *(key[0], str(first[key].get("title", "")), key[1]),
            *(str(first[key].get("lesson", "")), counts[key]),
        )
        for key in ranked
        if counts[key] > 1
    ][:most]


class Alike(NamedTuple):
    """Students whose wrong numbers in one task are the same, and no named mistake says why."""

    task_id: str
    title: str
    said: str
    students: tuple[str, ...]


def equal_outputs(records: Iterable[Record]) -> list[Alike]:
    """Groups of more than one, the largest first."""
    groups: dict[tuple[str, str], list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for record in graded(records):
        for task_id, found in results(record).items():
            unexplained = found["status"] == "wrong" and not found.get("mistake")
            if unexplained and found.get("output"):
                key = (task_id, str(found["output"]))
                groups[key].append((str(record["student"]), found))
    alike = [
        Alike(
            *(key[0], str(group[0][1].get("title", "")), _public_words(group[0][1])),
            tuple(student for student, _ in group),
        )
        for key, group in groups.items()
        if len(group) > 1
    ]
    return sorted(alike, key=lambda group: (-len(group.students), group.task_id, group.students))


def _public_words(found: Mapping[str, Any]) -> str:
    return str(found.get("said", "")) if found.get("public") else ""
