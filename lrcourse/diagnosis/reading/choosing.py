"""Which column of a table is the loss, the rate, the validation loss and the count of steps."""

from lrcourse.diagnosis.reading.names import ROLES, rank
from lrcourse.diagnosis.reading.phrases import quoted
from lrcourse.diagnosis.reading.table import Table

ROWS = "rows"  # the name that asks to count the losses, in place of a column of steps


def chosen(table: Table, role: str, asked: str | None) -> str | None:
    """The name of the column with this role; None where there is none and none is needed.

    One that was asked for is taken, or refused where it is missing or empty. Else the best
    name wins; several that are as good are refused, unless they hold the same numbers.
    """
    if asked == ROWS and role == "step" and ROWS not in table.columns:
        return None
    if asked is not None:
        return _asked(table, role, asked)
    names = [name for name in table.columns if rank(name, role) and table.has_content(name)]
    if names:
        return _best(table, role, names)
    if role == "loss":
        raise table.refusal(_no_loss(table))
    return None


def _asked(table: Table, role: str, name: str) -> str:
    """The name that was asked for, which must be there and hold numbers."""
    if name not in table.columns:
        raise table.refusal(f"has no column {name!r} for {role}; it has {quoted(table.columns)}")
    if not table.has_content(name):
        raise table.refusal(f"the column {name!r} holds no number")
    return name


def _best(table: Table, role: str, names: list[str]) -> str:
    """The name that fits best; a column of one number only where there is no longer one."""
    lengths = {name: len(table.numbers(name).values) for name in names}
    curves = [name for name in names if lengths[name] >= min(2, max(lengths.values()))]
    best = min(rank(name, role) for name in curves)
    fitting = [name for name in curves if rank(name, role) == best]
    if len(fitting) > 1 and not _are_equal(table, fitting):
        raise table.refusal(
            f"several columns look like {ROLES[role][0]}, {quoted(fitting)}: {_choose(role)}"
        )
    return fitting[0]


def _are_equal(table: Table, names: list[str]) -> bool:
    """Whether columns hold the same, as the rates of several groups often do.

    TensorBoard gives each value an event of its own, so there the lines cannot agree.
    """
    first, *others = (table.numbers(name) for name in names)
    return all(
        first.values == other.values and (table.unit == "event" or first.lines == other.lines)
        for other in others
    )


def _no_loss(table: Table) -> str:
    """Why there is no loss: an empty column, no names at all, or none that is known."""
    empty = [name for name in table.columns if rank(name, "loss")]
    if empty:
        return f"holds no losses: the column {quoted(empty)} has no number in it"
    if not table.columns:
        return "holds no losses: nothing in it has a name"
    return (
        f"no column looks like a training loss; there are {quoted(table.columns)}: "
        f"{_choose('loss')}"
    )


def _choose(role: str) -> str:
    return f"choose with --{role} NAME, or {role}=... in Python"
