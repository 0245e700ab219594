"""How far you are: which tasks are done, their points and minutes, and what comes next."""

import html
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lrcourse import progress
from lrcourse.tasks import SECTIONS, TASKS, Task

Item = TypeVar("Item")
MARKS = {"right": "✓", "tried": "✗", "open": "·"}


@dataclass(frozen=True)
class Row:
    """One section."""

    name: str  # "01_step"
    tasks: tuple[Task, ...]
    states: tuple[str, ...]  # of each task: "right", "tried" or "open"

    @property
    def pairs(self) -> tuple[tuple[Task, str], ...]:
        """Each task with its state."""
        return tuple(zip(self.tasks, self.states, strict=True))

    @property
    def marks(self) -> str:
        """ "✓✗··" """
        return "".join(MARKS[state] for state in self.states)

    @property
    def points(self) -> tuple[int, int]:
        """(what you have, what there is)"""
        return self._sum("points", "right"), self._sum("points")

    @property
    def minutes_left(self) -> int:
        """Of the tasks that are not right yet."""
        return self._sum("minutes") - self._sum("minutes", "right")

    def _sum(self, name: str, state: str = "") -> int:
        return sum(getattr(task, name) for task, each in self.pairs if state in ("", each))


@dataclass(frozen=True)
class Overview:
    """The whole course; shown as a table in a notebook, as text elsewhere."""

    rows: tuple[Row, ...]
    kept_in: str
    last: str = ""  # the task that was checked last

    @property
    def points(self) -> tuple[int, int]:
        """(what you have, what there is)"""
        have, all_points = zip(*(row.points for row in self.rows), strict=True)
        return sum(have), sum(all_points)

    @property
    def next_task(self) -> Task | None:
        """The next that is not right yet: where you are, in the rest of the section, then on."""
        here, *others = _from(self.rows, lambda row: row.name[:2] == self.last[:2])
        rest = _from(here.pairs, lambda pair: pair[0].id == self.last)
        pairs = itertools.chain(rest, *(row.pairs for row in others))
        return next((task for task, state in pairs if state != "right"), None)

    @property
    def lines(self) -> list[str]:
        """The table as text."""
        width = max(len(row.name) for row in self.rows)
        most = max(len(row.tasks) for row in self.rows)
        lines = [
            f"{row.name:{width}}  {row.marks:{most}}  {row.points[0]:3} of {row.points[1]:2} points"
            + (f"  {row.minutes_left:3} minutes left" if row.minutes_left else "  done")
            for row in self.rows
        ]
        return [*lines, "", *self.summary]

    @property
    def summary(self) -> list[str]:
        """Points, what comes next, and where it is kept."""
        have, all_points = self.points
        done = sum(state == "right" for row in self.rows for state in row.states)
        task = self.next_task
        then = "Everything is done."
        if task is not None:
            place = f"exercises/{SECTIONS[task.id[:2]]}.ipynb"
            then = f"Next: {task.id} {task.title}, {task.minutes} minutes, in {place}"
        return [
            f"{done} of {sum(len(row.tasks) for row in self.rows)} tasks are right, "
            f"{have} of {all_points} points ({MARKS['right']} right, {MARKS['tried']} tried, "
            f"{MARKS['open']} not tried).",
            then,
            f"Kept in {self.kept_in}" if self.kept_in else "Progress is switched off.",
        ]

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        head = "".join(
            f'<th scope="col" style="text-align:left">{name}</th>'
            for name in ("section", "tasks", "points", "minutes left")
        )
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{row.name}</th>'
            f'<td style="text-align:left"><span aria-label="{_spoken(row)}" role="img">'
            f"{row.marks}</span></td>"
            f"<td>{row.points[0]} of {row.points[1]}</td><td>{row.minutes_left or 'done'}</td></tr>"
            for row in self.rows
        )
        below = "".join(f"<div>{html.escape(line)}</div>" for line in self.summary)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return {"text/plain": repr(self), "text/html": f"{table}{below}"}


def my_progress() -> Overview:
    """Which tasks are right, tried and open, by section; from your own file."""
    done = progress.done()
    rows = []
    for number, name in SECTIONS.items():
        tasks = tuple(task for task in TASKS.values() if task.id[:2] == number)
        rows.append(Row(name, tasks, tuple(_state(done.get(task.id)) for task in tasks)))
    return Overview(tuple(rows), str(progress.file() or ""), next(reversed(done), ""))


def _from(items: Sequence[Item], is_first: Callable[[Item], bool]) -> Sequence[Item]:
    """The items in their order, from the first one that is meant on, and then around."""
    start = next((number for number, item in enumerate(items) if is_first(item)), 0)
    return [*items[start:], *items[:start]]


def _state(done: progress.Done | None) -> str:
    if done is None:
        return "open"
    return "right" if done.is_right else "tried"


def _spoken(row: Row) -> str:
    """The marks for who cannot see them."""
    return ", ".join(f"{task.id} {state}" for task, state in row.pairs)
