"""TensorBoard's event files, read with its own reader. The only file that imports tensorboard.

The reader verifies two checksums for each record, in Python, so that 40,000 events take most
of a second; a damaged record is never taken for a loss. It ends in silence at the first record
that is damaged or cut off, so what it left over is counted here and said in a note.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.util.tensor_util import make_ndarray

from lrcourse.diagnosis.reading.names import CHECK, TEST, TRAIN, words_of
from lrcourse.diagnosis.reading.phrases import count
from lrcourse.diagnosis.reading.table import Table

FRAME = 16  # bytes around each record: its length in 8, a checksum of that, one of the record


def event_table(table: Table, path: Path) -> Table:
    """The scalars of an event file, or of all in a folder, in the order of their writing.

    A folder may hold the parts of one run ("train", "validation"), which become prefixes of
    the tags, but no more than one run.
    """
    table.unit = "event"
    files = _files(table, path)
    number = 0
    for file, prefix in zip(files, _prefixes(table, path, files), strict=True):
        for event in _events(table, file):
            number += 1
            _add_event(table, number, event, prefix)
    return table


def _files(table: Table, path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = (file for file in path.rglob("*tfevents*") if file.is_file())
    files = sorted(found, key=_in_time)
    if not files:
        raise table.refusal(
            "is a folder without event files of TensorBoard: give the file of the log itself"
        )
    return files


def _in_time(file: Path) -> tuple[str, list[int]]:
    """Sorts the event files of a folder by the numbers in their names: second, process, count."""
    return str(file.parent), [int(number) for number in re.findall(r"\d+", file.name)]


def _prefixes(table: Table, path: Path, files: list[Path]) -> list[str]:
    """Before the tags of each file: nothing, or the folder, such as "train" or "validation"."""
    folders = [str(file.parent.relative_to(path)) if path.is_dir() else "." for file in files]
    apart = sorted(set(folders) - {"."})
    if not apart or (len(apart) == 1 and "." not in folders):
        return [""] * len(files)
    runs = [each for each in apart if not words_of(each) & (TRAIN | CHECK | TEST)]
    if runs:
        raise table.refusal(
            f"holds the logs of {count(len(set(folders)), 'run')}: give the folder of one, such "
            f"as {path / runs[-1]}"
        )
    return ["" if each == "." else f"{each}/" for each in folders]


def _events(table: Table, file: Path) -> Iterator[Any]:
    """The events of a file up to its end, or to the first that is damaged or cut off."""
    with open(file, "rb") as opened:  # refused in the system's own words where it cannot be read
        size = opened.seek(0, os.SEEK_END)
    number = read = 0
    for record in RawEventFileLoader(str(file)).Load():
        event = _parsed(record)
        if event is None:
            break
        number, read = number + 1, read + len(record) + FRAME
        yield event
    if not number:
        raise table.refusal(f"{file.name} is no event file of TensorBoard, or a broken one")
    if read < size:
        table.notes.append(
            f"{file.name} is cut off or damaged after {count(number, 'event')}: its last "
            f"{count(size - read, 'byte')} were left out"
        )


def _parsed(record: bytes) -> Any:
    """The event in a record, or None."""
    try:
        return Event.FromString(record)
    except Exception:  # protobuf's error, whose class tensorboard does not export
        return None


def _add_event(table: Table, number: int, event: Any, prefix: str) -> None:
    for value in event.summary.value:
        scalar = _scalar(value)
        if scalar is not None:
            table.add(number, f"{prefix}{value.tag}", scalar)
            table.add(number, "step", event.step)


def _scalar(value: Any) -> float | None:
    """The number of a summary: PyTorch writes it as such, TensorFlow 2 as a tensor of one."""
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return value.simple_value
    if kind != "tensor" or value.metadata.plugin_data.plugin_name not in ("scalars", ""):
        return None
    if any(dimension.size != 1 for dimension in value.tensor.tensor_shape.dim):
        return None
    try:
        return float(make_ndarray(value.tensor).item())
    except (TypeError, ValueError):  # a text, or a tensor that says one thing and holds another
        return None
