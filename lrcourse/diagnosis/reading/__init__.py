"""Logs as people have them: CSV, JSON lines, trainer_state.json and TensorBoard's event files.

Every format becomes a table: named columns, each with the lines in which it has a number. Then
the columns of the loss, the rate, the validation loss and the steps are recognised by the words
in their names, and brought together by the steps. Nothing is repaired in silence: what was left
out or assumed is in `Log.notes`.
"""

from typing import Any

from lrcourse.diagnosis.reading.choosing import chosen
from lrcourse.diagnosis.reading.joining import joined
from lrcourse.diagnosis.reading.log import Check, Log, is_wide
from lrcourse.diagnosis.reading.names import ROLES
from lrcourse.diagnosis.reading.opening import table_of

__all__ = ["Check", "Log", "is_wide", "read_log"]


def read_log(
    path: Any,
    *,
    loss: str | None = None,
    lr: str | None = None,
    val: str | None = None,
    step: str | None = None,
) -> Log:
    """The log in a file, in a folder of TensorBoard's, or in an open binary file.

    The columns are recognised by their names (train_loss, Loss/train, lr-AdamW, eval_loss,
    global_step, ...); the options name them where that fails. `step="rows"` counts the losses.
    Where steps go back, the training was taken up again at an earlier one: what was recorded
    from there on before is left out, as TensorBoard does, and a note says so. Rates and
    validation losses in lines of their own are put beside the losses by their steps.

    Refused in one sentence, with the line where there is one: what cannot be opened, is no
    text, has no loss or several that could be meant, fewer than two losses, or text among the
    numbers of a column that is used.
    """
    asked = {"loss": loss, "lr": lr, "val": val, "step": step}
    for role, name in asked.items():
        if name is not None and not isinstance(name, str):
            raise ValueError(f"read_log: {role} must be the name of a column, got {name!r}")
    table = table_of(path, frozenset(name for name in asked.values() if name))
    columns = {role: chosen(table, role, asked[role]) for role in ROLES}
    return joined(table, {role: name for role, name in columns.items() if name})
