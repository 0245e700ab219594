"""What a path leads to: a file of text, an event file, a folder of them, or a sentence why not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lrcourse.diagnosis.reading.table import Table
from lrcourse.diagnosis.reading.text import text_table


def table_of(path: Any, wanted: frozenset[str]) -> Table:
    """The table of any log; a text's format is seen from its first bytes.

    A folder, and a file with "tfevents" in its name, are TensorBoard's.
    """
    if hasattr(path, "read"):
        return text_table(Table(str(getattr(path, "name", "the log")), wanted=wanted), path)
    try:
        path = Path(path)
    except TypeError:
        raise ValueError(f"read_log: path must be the name of a file, got {path!r}") from None
    table = Table(str(path), wanted=wanted)
    with _said(table):
        if path.is_dir() or "tfevents" in path.name:
            return _event_table(table, path)
        with open(path, "rb") as file:
            return text_table(table, file)


def _event_table(table: Table, path: Path) -> Table:
    """A log of TensorBoard, whose package is an optional extra of this one."""
    try:
        from lrcourse.diagnosis.reading.events import event_table  # needs that extra
    except ImportError:
        raise table.refusal(
            "is a log of TensorBoard, which needs its package to be read: "
            'pip install "lrcourse[tensorboard]"'
        ) from None
    return event_table(table, path)


@contextmanager
def _said(table: Table) -> Iterator[None]:
    """What the system says of a file, as one sentence."""
    try:
        yield
    except OSError as error:
        remedy = "; check the name and the folder" if isinstance(error, FileNotFoundError) else ""
        raise table.refusal(f"cannot be read: {error.strerror or error}{remedy}") from None
    except ValueError as error:
        if "null byte" in str(error) or "null character" in str(error):
            raise ValueError("read_log: a path cannot hold a null byte") from None
        raise
