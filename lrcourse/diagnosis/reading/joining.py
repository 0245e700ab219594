"""The chosen columns brought together: one loss, and beside it its rate, at each step."""

import math
from collections.abc import Mapping

import numpy as np

from lrcourse.diagnosis.reading.log import Check, Log, losses_before
from lrcourse.diagnosis.reading.names import ROLES, rank
from lrcourse.diagnosis.reading.phrases import count, quoted
from lrcourse.diagnosis.reading.records import (
    Record,
    Records,
    counted,
    counts_through,
    last_before,
    record_of,
)
from lrcourse.diagnosis.reading.restarts import without_undone
from lrcourse.diagnosis.reading.table import Table

FEWEST = 2  # losses that make a curve


def joined(table: Table, chosen: Mapping[str, str]) -> Log:
    """One curve of the chosen columns, a role -> name; what had to be assumed is in its notes.

    Rates and validation losses in lines of their own are put beside the losses by their steps.
    """
    records = {
        role: record_of(table, chosen, role) for role in ("loss", "lr", "val") if role in chosen
    }
    if counts_through(table, chosen, records["loss"]):
        records = without_undone(table, chosen, records)
    else:
        table.notes.append(_why_counted(chosen))
        records, chosen = counted(records), _without(chosen, "step")
    losses = records["loss"]
    _refuse_too_few(table, losses)
    table.notes += _remarks(table, chosen, losses)
    lrs = _beside(table, losses, records["lr"]) if "lr" in records else None
    val = _validation(table, losses, records)
    if val is None:
        chosen = _without(chosen, "val")
    return Log(table.name, losses.times, losses.values, lrs, val, chosen, tuple(table.notes))


def _without(chosen: Mapping[str, str], role: str) -> Mapping[str, str]:
    return {each: name for each, name in chosen.items() if each != role}


def _why_counted(chosen: Mapping[str, str]) -> str:
    """Why the losses are counted, in place of a column of steps."""
    if "step" not in chosen:
        return "no column counts the steps: the losses are counted"
    return f"{chosen['step']!r} does not count through the whole run: the losses are counted"


def _refuse_too_few(table: Table, losses: Record) -> None:
    if len(losses.values) < FEWEST:
        where = f" ({table.unit} {losses.lines[0]})" if len(losses.lines) else ""
        raise table.refusal(
            f"holds only {count(len(losses.values), 'loss')}{where}, and a curve needs many: "
            f"log the loss of every update, or of every few"
        )


def _remarks(table: Table, chosen: Mapping[str, str], losses: Record) -> list[str]:
    """What has to be said of the losses, and of columns that could have been meant."""
    said = []
    equal = int(np.sum(np.diff(losses.times) == 0))
    if equal:
        said.append(f"{count(equal, 'loss')} have the same {chosen['step']!r} as the one before")
    others = [
        name
        for name in table.columns
        if name not in chosen.values()
        and any(rank(name, role) for role in ROLES if role != "step")
        and table.has_content(name)
    ]
    if others:
        said.append(f"not read: {quoted(others)}")
    return said


def _beside(table: Table, losses: Record, rates: Record) -> np.ndarray:
    """The rate of each loss, (S,): that of its step, or the last one recorded before."""
    last = last_before(rates.times, losses.times)
    known = last >= 0
    lrs = np.where(known, rates.values[np.maximum(last, 0)], math.nan)
    held = int(np.sum(rates.times[last[known]] != losses.times[known])) if known.any() else 0
    if held:
        table.notes.append(f"{count(held, 'loss')} have no rate and take the last one before")
    if not known.all():
        table.notes.append(f"the first {count(int(np.sum(~known)), 'loss')} have no rate yet")
    return lrs


def _validation(table: Table, losses: Record, records: Records) -> Check | None:
    """The validation losses, and a note on those that `Log.val_after` cannot hold."""
    if "val" not in records or not len(records["val"].values):
        return None
    _, steps, values = records["val"]
    crowded = len(steps) - len(np.unique(losses_before(losses.times, steps)))
    if crowded:
        table.notes.append(
            f"{count(crowded, 'validation loss')} between the same two losses: the last counts"
        )
    return Check(steps, values)
