"""Steps that go back: a run that was taken up again at an earlier step, as from a checkpoint.

What was recorded from there on before the restart was trained again, so it is left out, as
TensorBoard does. Steps that begin anew again and again are several runs, or count something
else; those are refused, with what to do.
"""

from collections.abc import Mapping

import numpy as np

from lrcourse.diagnosis.reading.choosing import ROWS
from lrcourse.diagnosis.reading.phrases import count
from lrcourse.diagnosis.reading.records import Record, Records
from lrcourse.diagnosis.reading.table import Table

MOST_RESTARTS = 20  # a log whose steps go back more often is out of order


def without_undone(table: Table, chosen: Mapping[str, str], records: Records) -> Records:
    """What was not trained again, in the order of the steps, with a note on what was left out."""
    losses = records["loss"]
    back = np.flatnonzero(np.diff(losses.times) < 0) + 1  # the first loss after each restart
    if not back.size:
        return {role: each.in_time() for role, each in records.items()}
    _refuse_many(table, chosen["step"], losses, back)
    restarts = losses.at(back)
    left = {role: each.at(~_undone(each, restarts)).in_time() for role, each in records.items()}
    lost = count(len(losses.lines) - len(left["loss"].lines), "loss")
    first = losses.times[back[0]]
    table.notes.append(
        f"{chosen['step']!r} goes back from {losses.times[back[0] - 1]:g} to {first:g} in "
        f"{table.unit} {restarts.lines[0]}, so a run was taken up again there: {lost} that were "
        f"recorded before, from {first:g} on, were left out"
    )
    return left


def _refuse_many(table: Table, step: str, losses: Record, back: np.ndarray) -> None:
    """More than one return to the very start, or very many returns, are not one run."""
    anew = np.sum(losses.times[back] <= losses.times[0])
    if anew > 1 or len(back) > MOST_RESTARTS:
        raise table.refusal(
            f"{step!r} goes back {len(back)} times, first in {table.unit} "
            f"{losses.lines[back[0]]}: keep one run in the file, or count the losses with "
            f"--step {ROWS} where they are all of one"
        )


def _undone(record: Record, restarts: Record) -> np.ndarray:
    """Whether each number stands before a restart and at its step or later, (n,)."""
    before: np.ndarray = record.lines[:, None] < restarts.lines  # (n, restarts)
    again: np.ndarray = record.times[:, None] >= restarts.times
    return np.any(before & again, axis=1)
