"""The results of a class: one line of JSON per graded submission, appended and never changed.

Each record is one write at the end of the file, on the disk before the next one is begun. So a
power cut or `kill -9` costs the record in flight, and a run can be taken up where it ended. A line
that was cut off is put aside, never an error. Two graders do not mix: the second gets a sentence.
"""

import contextlib
import hashlib
import json
import math
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from lrcourse.grading import GradingError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FILE = "records.jsonl"
TORN = "records.torn"  # lines that were cut off
LOCK = "records.lock"
SCHEMA = 1  # what a record says; another number, another meaning
Key = tuple[str, str]  # assignment, student
# Without these nothing can be told of a submission, nor of a task.
NEEDED = ("submitted_at", "outcome", "score", "of", "tasks")
NEEDED_OF_TASK = ("title", "status", "points", "of")


class Record(dict[str, Any]):
    """One line: the result of one submission."""

    @property
    def key(self) -> Key:
        """Whose result of what."""
        return str(self["assignment"]), str(self["student"])

    def is_of(self, data: bytes, spec: str, seed: int) -> bool:
        """Whether grading this file again, with these tasks and this seed, can give nothing new."""
        mine = self.get("sha256"), self.get("spec"), self.get("seed")
        return mine == (hashlib.sha256(data).hexdigest(), spec, seed)


class Records:
    """The results in a folder, open to append to; made where it is not there.

    Only one process at a time: another one gets a GradingError.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.path = self.folder / FILE
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.folder)
        except OSError as error:
            raise _refused(self.folder, error) from None
        try:
            self._handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            _keep_folder(self.folder)
            _mend(self._handle, self.folder / TORN)
            found = _parsed_lines(self.folder)
            self.damaged = found.count(None)  # lines that cannot be read, when it was opened
            self._current = current(record for record in found if record is not None)
            _refuse_other_schema(self.folder, self._current.values())
        except BaseException as error:
            os.close(self._lock)
            if isinstance(error, OSError):
                raise _refused(self.folder, error) from None
            raise

    def append(self, record: dict[str, Any]) -> None:
        """Write a record; when this returns it is on the disk."""
        line = _line(record)
        end = os.fstat(self._handle).st_size
        try:
            written = os.write(self._handle, line)
            if written < len(line):
                raise OSError(0, f"{written:,} of {len(line):,} bytes were written")
            os.fsync(self._handle)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, end)
            raise _refused(self.folder, error) from None
        kept = Record(json.loads(line))
        self._current[kept.key] = kept

    def current(self) -> dict[Key, Record]:
        """The newest record of each assignment and student, those of this run included."""
        return dict(self._current)

    def close(self) -> None:
        """Let another grader use the folder."""
        if self._handle >= 0:
            os.close(self._handle)
            _unlock(self._lock)
            self._handle = self._lock = -1

    def __enter__(self) -> "Records":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_records(folder: Path | str) -> list[Record]:
    """All records of a folder in the order in which they were written, also while it is written.

    A line that cannot be read is left out: `damaged_lines` counts them.
    """
    return [record for record in _parsed_lines(Path(folder)) if record is not None]


def damaged_lines(folder: Path | str) -> int:
    """How many lines cannot be read; one at the end is a record in flight, or one cut off."""
    return _parsed_lines(Path(folder)).count(None)


def lacking(record: Mapping[str, Any]) -> str:
    """What is missing in a record that was changed by hand, in words; "" where it is whole."""
    found = [f'"{name}"' for name in NEEDED if name not in record]
    for key, task in record.get("tasks", {}).items():
        found += [f'"{name}" of {key}' for name in NEEDED_OF_TASK if name not in task]
    return " and ".join(found)


def current(records: Iterable[dict[str, Any]]) -> dict[Key, Record]:
    """The newest record of each (assignment, student): the one that was written last."""
    newest: dict[Key, Record] = {}
    for each in records:
        record = each if isinstance(each, Record) else Record(each)
        newest[record.key] = record
    return newest


# Lines -----------------------------------------------------------------------------------------


def _parsed_lines(folder: Path) -> list[Record | None]:
    """Each line as a record; None for one that cannot be read."""
    path = folder / FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise GradingError(f"{path}: there are no results yet; grade something first.") from None
    except OSError as error:
        raise _refused(folder, error) from None
    return [_parsed(line) for line in data.split(b"\n") if line.strip()]


def _parsed(line: bytes) -> Record | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_record = isinstance(found, dict) and {"assignment", "student"} <= found.keys()
    return Record(found) if is_record else None


def _line(record: dict[str, Any]) -> bytes:
    """The record as one line that every reader of JSON takes: no NaN, no line break."""
    try:
        text = json.dumps(record, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(record), allow_nan=False)
    return text.encode("ascii") + b"\n"


def _finite(value: Any) -> Any:
    """The same with None where a number is not finite: JSON has no word for it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value


def _refuse_other_schema(folder: Path, records: Iterable[Record]) -> None:
    for record in records:
        if (found := record.get("schema", SCHEMA)) != SCHEMA:
            raise GradingError(
                f"{folder}: its results are of another version of the course (schema {found}, this "
                f"one writes {SCHEMA}): choose another folder."
            )


# The file --------------------------------------------------------------------------------------


def _mend(handle: int, aside: Path) -> None:
    """Put the start of a record that was cut off aside, so that the next one begins a line."""
    tail, start = _after_last_line(handle)
    if not tail:
        return
    if _parsed(tail) is not None:  # whole but for the end of the line, as an editor may leave it
        os.write(handle, b"\n")
    else:
        kept = os.open(aside, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(kept, tail + b"\n")
            os.fsync(kept)
        finally:
            os.close(kept)
        os.ftruncate(handle, start)
    os.fsync(handle)


def _after_last_line(handle: int) -> tuple[bytes, int]:
    """What stands behind the last line break, and where."""
    start, tail = os.fstat(handle).st_size, b""
    while start > 0 and b"\n" not in tail:
        step = min(start, 1 << 20)
        start -= step
        os.lseek(handle, start, os.SEEK_SET)
        tail = os.read(handle, step) + tail
    rest = tail.rpartition(b"\n")[2]
    return rest, start + len(tail) - len(rest)


def _keep_folder(folder: Path) -> None:
    """A new file is only safe when its folder is on the disk, too."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _locked(folder: Path) -> int:
    """The lock; the system gives it back when this process ends, however it ends."""
    path = folder / LOCK
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        holder = os.read(handle, 20).decode("ascii", "replace").strip()
        os.close(handle)
        raise GradingError(
            f"{folder}: another grader{f' (process {holder})' if holder else ''} is writing its "
            f"results here; wait until it has ended, or choose another folder."
        ) from None
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())
    return handle


def _unlock(handle: int) -> None:
    """Given back by word: a process that was forked meanwhile has the handle as well."""
    if sys.platform != "win32":
        fcntl.flock(handle, fcntl.LOCK_UN)
    os.close(handle)


def _refused(folder: Path, error: OSError) -> GradingError:
    why = error.strerror or type(error).__name__
    return GradingError(
        f"{folder}: the results cannot be kept there ({why}); make room or choose another folder."
    )
