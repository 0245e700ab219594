"""The numbers of a column with their times: the steps of the log, or the losses counted."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from lrcourse.diagnosis.reading.names import EPOCHS, words_of
from lrcourse.diagnosis.reading.phrases import count
from lrcourse.diagnosis.reading.table import Table


class Record(NamedTuple):
    """A column with a time for each number: lines, times and values, each (n,)."""

    lines: np.ndarray
    times: np.ndarray
    values: np.ndarray

    def at(self, kept: np.ndarray) -> "Record":
        """Those that are kept, by a mask or by numbers."""
        return Record(*(each[kept] for each in self))

    def in_time(self) -> "Record":
        """Sorted by the times; those of the same time stay as they were."""
        return self.at(np.argsort(self.times, kind="stable"))


Records = dict[str, Record]  # "loss", and "lr" and "val" where the log has them


def record_of(table: Table, chosen: Mapping[str, str], role: str) -> Record:
    """The numbers of a role with their steps; a line without a step takes the last before it."""
    column = table.numbers(chosen[role])
    lines, values = np.array(column.lines), np.array(column.values)
    if "step" not in chosen:
        return Record(lines, lines.astype(float), values)
    step_lines, steps = _steps(table, chosen["step"])
    last = last_before(step_lines, lines)
    known = last >= 0
    borrowed = int(np.sum(step_lines[last[known]] != lines[known])) if known.any() else 0
    if borrowed:
        table.notes.append(
            f"{count(borrowed, 'value')} of {chosen[role]!r} stand in a {table.unit} without "
            f"{chosen['step']!r} and take the last before"
        )
    if not known.all():
        table.notes.append(
            f"{count(int(np.sum(~known)), 'value')} of {chosen[role]!r} before the first "
            f"{chosen['step']!r} were left out"
        )
    return Record(lines[known], steps[last[known]], values[known])


def _steps(table: Table, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(lines, steps) of the counter, without those that are NaN or infinite."""
    column = table.numbers(name)
    lines, steps = np.array(column.lines), np.array(column.values)
    return lines[np.isfinite(steps)], steps[np.isfinite(steps)]


def last_before(times: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The number of the last of `times` that is not after each one wanted; -1 for none."""
    return np.searchsorted(times, wanted, side="right") - 1


def counts_through(table: Table, chosen: Mapping[str, str], losses: Record) -> bool:
    """Whether there is a counter, and it counts the run from its start to its end.

    One that stands still for most losses counts something else, and one that goes back
    whenever another column's epoch rises counts within the epochs.
    """
    if "step" not in chosen:
        return False
    back = np.flatnonzero(np.diff(losses.times) < 0)
    if not back.size:
        return len(np.unique(losses.times)) >= len(losses.times) / 2
    epochs = _epochs(table, losses)
    return epochs is None or not bool((epochs[back + 1] > epochs[back]).all())


def _epochs(table: Table, losses: Record) -> np.ndarray | None:
    """The epoch of each loss, (n,), where a column counts them."""
    names = [name for name in table.columns if words_of(name) in EPOCHS]
    if not names:
        return None
    column = table.numbers(names[0])
    if not column.values:
        return None
    last = last_before(np.array(column.lines), losses.lines)
    return np.array(column.values)[np.maximum(last, 0)]


def counted(records: Records) -> Records:
    """The losses at 0, 1, 2, ..., and everything else at the last loss before it."""
    lines = records["loss"].lines
    return {
        role: each._replace(times=np.maximum(last_before(lines, each.lines), 0).astype(float))
        for role, each in records.items()
    }
