"""Logs as people have them: CSV, JSON lines, trainer_state.json and TensorBoard's event files.

Every format becomes a table: named columns, each with the lines in which it has a number. Then
the columns of the loss, the rate, the validation loss and the steps are recognised by the words
in their names, and brought together by the steps. Nothing is repaired in silence: what was left
out or assumed is in `Log.notes`. The only file that imports tensorboard, and only to read it.
"""

import codecs
import csv
import io
import json
import math
import os
import re
import struct
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROWS = "rows"  # the name that asks to count the losses, in place of a column of steps
FEWEST = 2  # losses that make a curve
WIDE = 10.0  # times between high and low losses that a logarithmic axis shows better
MOST_RESTARTS = 20  # a log whose steps go back more often is out of order
MISSING = {"", "none", "null", "na", "n/a", "-"}
WIDEST_LIST = 16  # numbers of a list inside a JSON line that are read, as of rates by group
DEEPEST = 200  # letters in the names around an object inside a JSON line
DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+([eE][-+]?\d+)?\s*")


class Check(NamedTuple):
    """What validation found: steps (V,) and losses (V,)."""

    steps: np.ndarray
    losses: np.ndarray


@dataclass(frozen=True)
class Log:
    """The curve of one training, (S,) losses, NaN or infinite where the log says so."""

    name: str
    steps: np.ndarray  # (S,) as the log counts them, or 0, 1, 2, ...
    losses: np.ndarray  # (S,)
    lrs: np.ndarray | None  # (S,), NaN where no rate was recorded yet
    val: Check | None
    columns: Mapping[str, str]  # "loss", "lr", "val" and "step" -> name in the log
    notes: tuple[str, ...]  # what was left out or assumed, a sentence each

    @property
    def val_after(self) -> dict[int, float] | None:
        """Number of losses recorded before it -> validation loss, as `diagnose` takes it.

        Of several between the same two losses the last counts.
        """
        if self.val is None:
            return None
        after = np.searchsorted(self.steps, self.val.steps, side="right")
        return dict(zip(after.tolist(), self.val.losses.tolist(), strict=True))

    @property
    def time(self) -> str:
        """What `steps` count, for an axis: "step", "epoch", or "recorded loss"."""
        return self.columns.get("step", "recorded loss")


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
    """
    asked = {"loss": loss, "lr": lr, "val": val, "step": step}
    for role, name in asked.items():
        if name is not None and not isinstance(name, str):
            raise ValueError(f"read_log: {role} must be the name of a column, got {name!r}")
    table = _table(path, {name for name in asked.values() if name})
    chosen = {role: _chosen(table, role, asked[role]) for role in ROLES}
    return _assembled(table, {role: name for role, name in chosen.items() if name})


def is_wide(losses: np.ndarray) -> bool:
    """Whether a curve is better seen on a logarithmic axis: above 0, and far from flat.

    >>> is_wide(np.array([2.3, 0.5, 0.1])), is_wide(np.array([2.3, 2.0, 0.0]))
    (True, False)
    """
    finite = losses[np.isfinite(losses)]
    if not finite.size or finite.min() <= 0:
        return False
    low, middle, high = np.quantile(finite, [0.02, 0.5, 0.98])
    return bool(high > WIDE * low or finite.max() > WIDE * middle)


# A table: columns of numbers, each with its lines ----------------------------------------------


class Column:
    """The numbers of one name; lines without one are not in it."""

    def __init__(self) -> None:
        self.lines = array("q")
        self.values = array("d")
        self.text: tuple[int, str] | None = None  # the first line where it is no number

    def add(self, line: int, cell: Any) -> None:
        """One cell; a missing one is passed over, a text is remembered."""
        try:
            self.values.append(float(cell))
        except (ValueError, TypeError, OverflowError):
            if cell is not None and str(cell).strip().lower() not in MISSING:
                self.text = self.text or (line, str(cell))
        else:
            self.lines.append(line)


@dataclass
class Table:
    """All that a log holds of interest. `unit` is what `lines` count: line, entry or event."""

    name: str
    unit: str = "line"
    wanted: frozenset[str] = frozenset()
    columns: dict[str, Column | None] = field(default_factory=dict)  # None: of no interest
    notes: list[str] = field(default_factory=list)

    def add(self, line: int, name: str, cell: Any) -> None:
        """One cell, kept where its column can be of interest."""
        try:
            column = self.columns[name]
        except KeyError:
            column = self.column(name)
        if column is not None:
            column.add(line, cell)

    def column(self, name: str) -> Column | None:
        """The column of this name, made at its first use."""
        if name not in self.columns:
            of_interest = name in self.wanted or any(_rank(name, role) for role in ROLES)
            self.columns[name] = Column() if of_interest else None
        return self.columns[name]

    def refusal(self, words: str) -> ValueError:
        """The error that says what is wrong with this log."""
        return ValueError(f"{self.name}: {words}")


def _table(path: Any, wanted: set[str]) -> Table:
    """The table of any log; what it is, is seen from its first bytes."""
    if hasattr(path, "read"):
        table = Table(str(getattr(path, "name", "the log")), wanted=frozenset(wanted))
        return _text_table(table, path)
    try:
        path = Path(path)
    except TypeError:
        raise ValueError(f"read_log: path must be the name of a file, got {path!r}") from None
    table = Table(str(path), wanted=frozenset(wanted))
    with _said(table):
        if path.is_dir() or "tfevents" in path.name:
            return _event_table(table, path)
        with open(path, "rb") as file:
            return _text_table(table, file)


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


# CSV and JSON ----------------------------------------------------------------------------------


class Lines:
    """The lines of a text, and whether the last one is whole."""

    def __init__(self, text: Iterable[str]) -> None:
        self.text = iter(text)
        self.is_whole = True

    def __iter__(self) -> Iterator[str]:
        for line in self.text:
            self.is_whole = line.endswith(("\n", "\r"))
            yield line


def _text_table(table: Table, file: Any) -> Table:
    """A table of CSV, JSON lines or JSON, by the first character. The file stays open."""
    buffered = file if hasattr(file, "peek") else io.BufferedReader(file)
    text = io.TextIOWrapper(buffered, _encoding(table, buffered), errors="replace", newline="")
    try:
        return _by_first_character(table, Lines(text))
    finally:
        text.detach()
        if buffered is not file:
            buffered.detach()


def _encoding(table: Table, file: Any) -> str:
    """UTF-8, or the UTF-16 that PowerShell writes."""
    head = file.peek(4096)[:4096]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        is_text = b"\0" not in head
    except UnicodeDecodeError:
        is_text = False
    if not is_text:
        raise table.refusal("is no text: give a CSV, JSON or TensorBoard log")
    return "utf-8-sig"


def _by_first_character(table: Table, lines: Lines) -> Table:
    before = 0
    for first in lines:
        if first.strip():
            break
        before += 1
    else:
        raise table.refusal("is empty: it holds no losses to read")
    rest = iter(lines)
    if first.lstrip()[0] in "[{":
        return _json_table(table, first, rest, lines, before)
    return _csv_table(table, first, rest, lines, before)


def _csv_table(table: Table, first: str, rest: Iterable[str], lines: Lines, before: int) -> Table:
    delimiter = max("\t;,", key=first.count)
    names = _header(table, next(csv.reader([first], delimiter=delimiter)))
    reader = csv.reader(rest, delimiter=delimiter)
    kept = [(i, table.column(name)) for i, name in enumerate(names)]
    used = [(i, column) for i, column in kept if column is not None]
    header = [cell.strip() for cell in names]
    try:
        for row in reader:
            line = before + 1 + reader.line_num
            if len(row) == len(names):
                if row[0].strip() == header[0] and [cell.strip() for cell in row] == header:
                    table.notes.append(f"line {line} repeats the header and was left out")
                    continue
                for i, column in used:
                    if row[i]:
                        column.add(line, row[i])
            elif row:
                _uneven(table, line, row, names, next(reader, None) is None, lines)
    except csv.Error as error:
        raise table.refusal(f"line {before + 1 + reader.line_num} is no CSV: {error}") from None
    return table


def _header(table: Table, cells: list[str]) -> list[str]:
    """The names of the columns."""
    names = [cell.strip() or f"(column {i})" for i, cell in enumerate(cells, 1)]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise table.refusal(f"the header names {_quoted(twice)} twice: rename one of them")
    if all(map(_is_number, names)):
        raise table.refusal(
            f"has no header: its first line is {_clipped(', '.join(names))}; write the names of "
            f"the columns above, such as step,loss,lr"
        )
    return names


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _uneven(
    table: Table, line: int, row: list[str], names: list[str], is_last: bool, lines: Lines
) -> None:
    """A row with too few or too many cells: cut off at the end of the file, or refused."""
    if is_last and not lines.is_whole and len(row) < len(names):
        table.notes.append(f"line {line}, the last, is cut off and was left out")
        return
    why = " (numbers with decimal commas? export with points)" if len(row) > len(names) else ""
    raise table.refusal(
        f"line {line} has {_count(len(row), 'cell')}, but the header names "
        f"{_count(len(names), 'column')}{why}: repair or delete the line"
    )


def _json_table(table: Table, first: str, rest: Iterator[str], lines: Lines, before: int) -> Table:
    """JSON lines where the first line is an object by itself, else one JSON value."""
    head = _parsed(first)
    if not isinstance(head, dict) or _holds_a_log(head):
        return _whole_json(table, first + "".join(rest))
    _flatten(table, before + 1, head)
    for line, text in enumerate(rest, before + 2):
        _json_line(table, line, text, lines)
    return table


def _json_line(table: Table, line: int, text: str, lines: Lines) -> None:
    if not text.strip():
        return
    value = _parsed(text)
    if isinstance(value, dict):
        _flatten(table, line, value)
    elif not lines.is_whole:
        table.notes.append(f"line {line}, the last, is cut off and was left out")
    else:
        raise table.refusal(
            f"line {line} is no JSON object, which needs double quotes: {_clipped(text)}"
        )


def _parsed(text: str) -> Any:
    """The value of a JSON text, or None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _flatten(table: Table, line: int, entry: Mapping[Any, Any], prefix: str = "") -> None:
    """The cells of an object; those of an object inside it are named "train/loss"."""
    for key, value in entry.items():
        name = f"{prefix}{key}" if prefix else key
        if isinstance(value, list):
            value = dict(enumerate(value[:WIDEST_LIST]))
        if isinstance(value, bool):
            value = str(value)  # not the number 1
        if not isinstance(value, dict):
            table.add(line, name, value)
        elif len(prefix) < DEEPEST:
            _flatten(table, line, value, f"{name}/")


def _holds_a_log(value: Any) -> bool:
    """Whether an object is a whole log: transformers' state, or lists as Keras' history."""
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("log_history"), list):
        return True
    lists = [each for each in value.values() if isinstance(each, list)]
    return len(lists) == len(value) and any(len(each) > 1 for each in lists)


def _whole_json(table: Table, text: str) -> Table:
    """A list of objects, transformers' trainer_state.json, or an object of lists."""
    table.unit = "entry"
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise table.refusal(f"is no whole JSON: {error}") from None
    if _holds_a_log(value):
        history = value.get("log_history")
        if history is None:
            lists = {key: dict(enumerate(each)) for key, each in value.items()}
            longest = max(map(len, lists.values()))
            history = [{k: each.get(i) for k, each in lists.items()} for i in range(longest)]
        value = history
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise table.refusal(
            'is JSON, but no log: give a list of objects such as [{"step": 1, "loss": 0.5}], or '
            "one object in each line"
        )
    for number, entry in enumerate(value, 1):
        _flatten(table, number, entry)
    return table


# TensorBoard -----------------------------------------------------------------------------------


def _event_table(table: Table, path: Path) -> Table:
    """The scalars of an event file, or of all in a folder."""
    try:
        from tensorboard.compat.proto import event_pb2  # an optional extra of the package
    except ImportError:
        raise table.refusal(
            "is a log of TensorBoard, which needs its package to be read: "
            'pip install "lrcourse[tensorboard]"'
        ) from None
    table.unit = "event"
    found = path.rglob("*tfevents*") if path.is_dir() else [path]
    files = sorted((file for file in found if file.is_file()), key=_in_time)
    if not files:
        raise table.refusal(
            "is a folder without event files of TensorBoard: give the file of the log itself"
        )
    number = 0
    for file, prefix in zip(files, _prefixes(table, path, files), strict=True):
        for event in _events(table, file, event_pb2.Event.FromString):
            number += 1
            for value in event.summary.value:
                scalar = _scalar(value)
                if scalar is not None:
                    table.add(number, f"{prefix}{value.tag}", scalar)
                    table.add(number, "step", event.step)
    return table


def _in_time(file: Path) -> tuple[str, list[int]]:
    """Sorts the event files of a folder by the numbers in their names: second, process, count."""
    return str(file.parent), [int(number) for number in re.findall(r"\d+", file.name)]


def _prefixes(table: Table, path: Path, files: list[Path]) -> list[str]:
    """Before the tags of each file: nothing, or the folder, such as "train" or "validation"."""
    folders = [str(file.parent.relative_to(path)) if path.is_dir() else "." for file in files]
    apart = sorted(set(folders) - {"."})
    if not apart or (len(apart) == 1 and "." not in folders):
        return [""] * len(files)
    runs = [each for each in apart if not _words(each) & (TRAIN | CHECK | TEST)]
    if runs:
        raise table.refusal(
            f"holds the logs of {_count(len(set(folders)), 'run')}: give the folder of one, such "
            f"as {path / runs[-1]}"
        )
    return ["" if each == "." else f"{each}/" for each in folders]


def _events(table: Table, file: Path, parse: Callable[[bytes], Any]) -> Iterator[Any]:
    """The events of a file: a length of 8 bytes, 4 to check it, the event, 4 to check that."""
    with open(file, "rb") as records:
        start = 0
        while head := records.read(12):
            length = struct.unpack("<Q", head[:8])[0] if len(head) == 12 else 0
            body = records.read(min(length + 4, os.path.getsize(file)))
            if len(head) < 12 or len(body) < length + 4:
                if start:
                    table.notes.append(f"the last event of {file.name} is cut off and left out")
                break
            event = _event(body[:length], parse)
            if event is None or (not start and not event.file_version.startswith("brain.Event")):
                break
            start = records.tell()
            yield event
        if not start:
            raise table.refusal(f"{file.name} is no event file of TensorBoard, or a broken one")


def _event(data: bytes, parse: Callable[[bytes], Any]) -> Any:
    try:
        return parse(data)
    except Exception:  # protobuf's error, whose class tensorboard does not export
        return None


def _scalar(value: Any) -> float | None:
    """The number of a summary: PyTorch writes it as such, TensorFlow 2 as a tensor of one."""
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return value.simple_value
    if kind != "tensor" or value.metadata.plugin_data.plugin_name not in ("scalars", ""):
        return None
    numbers = [*value.tensor.float_val, *value.tensor.double_val]
    content = value.tensor.tensor_content
    if len(content) in (4, 8) and not numbers:
        numbers = list(struct.unpack("<f" if len(content) == 4 else "<d", content))
    return numbers[0] if len(numbers) == 1 else None


# Which column is what --------------------------------------------------------------------------

TRAIN = {"train", "training", "tr"}
CHECK = {"val", "valid", "validation", "eval", "evaluation", "dev"}
TEST = {"test", "testing"}
FILLERS = {"step", "batch", "iter", "iteration", "epoch", "mean", "avg", "average", "total"}
NO_RATE = {"momentum", "weight", "wd", "max", "min", "base", "initial", "end", "scale", "decay"}
STEPS = (  # the words of a counter, the best first
    {"global", "step"},
    {"trainer", "global", "step"},
    {"train", "global", "step"},
    {"step"},
    {"steps"},
    {"train", "step"},
    {"current", "steps"},
    {"update"},
    {"updates"},
    {"num", "updates"},
    {"iteration"},
    {"iterations"},
    {"iter"},
    {"iters"},
    {"iter", "num"},
    {"it"},
    {"epoch"},
    {"epochs"},
)
GLUED = {"trainloss": "train loss", "valloss": "val loss", "learningrate": "learning rate"}


def _words(name: str) -> set[str]:
    """The small words of a name: "Loss/train", "trainLoss" and "train_loss" have the same.

    >>> sorted(_words("lr-AdamW/pg1"))
    ['1', 'adam', 'lr', 'pg', 'w']
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    for glued, words in GLUED.items():
        parted = parted.replace(glued, words)
    return set(re.findall(r"[a-z]+|\d+", parted))


def _loss_rank(words: set[str]) -> int:
    """Losses of updates before means of epochs."""
    if "loss" not in words or words - {"loss"} - TRAIN - FILLERS:
        return 0
    return 2 if "epoch" in words else 1


def _val_rank(words: set[str]) -> int:
    """Validation before test, means before single batches."""
    of_check, of_test = bool(words & CHECK), bool(words & TEST)
    if "loss" not in words or not (of_check or of_test):
        return 0
    if words - {"loss"} - CHECK - TEST - FILLERS:
        return 0
    return 1 + bool(words & {"step", "batch"}) + 2 * (not of_check)


def _lr_rank(words: set[str]) -> int:
    """The rate itself before those of optimizers and groups."""
    if words & NO_RATE or not ("lr" in words or {"learning", "rate"} <= words):
        return 0
    return 2 - (words - TRAIN in ({"lr"}, {"learning", "rate"}))


def _step_rank(words: set[str]) -> int:
    return STEPS.index(words) + 1 if words in STEPS else 0


ROLES: dict[str, tuple[str, Callable[[set[str]], int]]] = {
    "loss": ("a training loss", _loss_rank),
    "lr": ("a rate", _lr_rank),
    "val": ("a validation loss", _val_rank),
    "step": ("a count of steps", _step_rank),
}


def _rank(name: str, role: str) -> int:
    """How well a name fits: 1 is best, 0 is not at all."""
    return ROLES[role][1](_words(name))


def _chosen(table: Table, role: str, asked: str | None) -> str | None:
    """The name of the column with this role; None where there is none and none is needed."""
    if asked == ROWS and role == "step" and ROWS not in table.columns:
        return None
    if asked is not None:
        return _asked(table, role, asked)
    names = [name for name in table.columns if _rank(name, role) and _has_content(table, name)]
    if not names:
        if role == "loss":
            raise table.refusal(_no_loss(table))
        return None
    longest = max(len(_column(table, name).values) for name in names)
    curves = [name for name in names if len(_column(table, name).values) >= min(2, longest)]
    best = min(_rank(name, role) for name in curves)
    fitting = [name for name in curves if _rank(name, role) == best]
    if len(fitting) > 1 and not _are_equal(table, fitting):
        raise table.refusal(
            f"several columns look like {ROLES[role][0]}, {_quoted(fitting)}: {_choose(role)}"
        )
    return fitting[0]


def _asked(table: Table, role: str, name: str) -> str:
    if name not in table.columns:
        raise table.refusal(f"has no column {name!r} for {role}; it has {_quoted(table.columns)}")
    if not _has_content(table, name):
        raise table.refusal(f"the column {name!r} holds no number")
    return name


def _has_content(table: Table, name: str) -> bool:
    """Whether there is a number, or a text that has to be refused."""
    column = table.columns[name]
    return column is not None and bool(column.values or column.text)


def _no_loss(table: Table) -> str:
    empty = [name for name in table.columns if _rank(name, "loss")]
    if empty:
        return f"holds no losses: the column {_quoted(empty)} has no number in it"
    if not table.columns:
        return "holds no losses: nothing in it has a name"
    return (
        f"no column looks like a training loss; there are {_quoted(table.columns)}: "
        f"{_choose('loss')}"
    )


def _choose(role: str) -> str:
    return f"choose with --{role} NAME, or {role}=... in Python"


def _are_equal(table: Table, names: list[str]) -> bool:
    """Whether columns hold the same, as the rates of several groups often do."""
    first, *others = (_column(table, name) for name in names)
    return all(
        first.values == other.values and (table.unit == "event" or first.lines == other.lines)
        for other in others
    )


def _column(table: Table, name: str) -> Column:
    """A column that will be used: text in it is refused."""
    column = table.columns[name]
    assert column is not None  # those asked for, and those that fit a role, are kept
    if column.text:
        line, text = column.text
        remedy = "repair or delete it"
        if DECIMAL_COMMA.fullmatch(text):
            remedy = "export the numbers with decimal points, not commas"
        raise table.refusal(
            f"{table.unit} {line} has {_clipped(text)!r} in the column {name!r}, which is no "
            f"number: {remedy}"
        )
    return column


# The columns brought together ------------------------------------------------------------------


class Record(NamedTuple):
    """A column with a time for each number: lines, times and values, each (n,)."""

    lines: np.ndarray
    times: np.ndarray
    values: np.ndarray

    def at(self, kept: np.ndarray) -> "Record":
        """Those that are kept, by a mask or by numbers."""
        return Record(*(each[kept] for each in self))


def _assembled(table: Table, chosen: dict[str, str]) -> Log:
    """One curve of the chosen columns."""
    notes = table.notes
    curves = [role for role in ROLES if role in chosen and role != "step"]
    records: dict[str, Record] = {role: _record(table, chosen, role) for role in curves}
    losses = records["loss"]
    counts = "step" in chosen
    if counts and _counts_within_epochs(table, chosen, losses):
        counts = False
        notes.append(
            f"{chosen['step']!r} does not count through the whole run: the losses are counted"
        )
    elif not counts:
        notes.append("no column counts the steps: the losses are counted")
    if counts:
        records = _without_undone(table, chosen, records)
    else:
        chosen = {role: name for role, name in chosen.items() if role != "step"}
        records = _counted(records)
    losses = records["loss"]
    if len(losses.values) < FEWEST:
        raise table.refusal(
            f"holds only {_count(len(losses.values), 'loss')} ({table.unit} {losses.lines[0]}), "
            f"and a curve needs many: log the loss of every update, or of every few"
        )
    notes += _remarks(table, chosen, losses)
    lrs = _beside(losses, records["lr"], notes) if "lr" in records else None
    val = Check(*records["val"][1:]) if "val" in records else None
    if val is None or not len(val.losses):
        val = None
        chosen = {role: name for role, name in chosen.items() if role != "val"}
    log = Log(table.name, losses.times, losses.values, lrs, val, chosen, tuple(notes))
    crowded = len(val.losses) - len(log.val_after or ()) if val else 0
    if not crowded:
        return log
    crowd = f"{_count(crowded, 'validation loss')} between the same two losses: the last counts"
    return replace(log, notes=(*log.notes, crowd))


def _record(table: Table, chosen: Mapping[str, str], role: str) -> Record:
    """The numbers of a role with their steps; a line without a step takes the last before it."""
    column = _column(table, chosen[role])
    lines, values = np.array(column.lines), np.array(column.values)
    if "step" not in chosen:
        return Record(lines, lines.astype(float), values)
    steps = _column(table, chosen["step"])
    is_step = np.isfinite(np.array(steps.values))
    step_lines, counts = np.array(steps.lines)[is_step], np.array(steps.values)[is_step]
    last = np.searchsorted(step_lines, lines, side="right") - 1  # -1: no step yet
    known = last >= 0
    borrowed = int(np.sum(step_lines[last[known]] != lines[known])) if known.any() else 0
    if borrowed:
        table.notes.append(
            f"{_count(borrowed, 'value')} of {chosen[role]!r} stand in a {table.unit} without "
            f"{chosen['step']!r} and take the last before"
        )
    if not known.all():
        table.notes.append(
            f"{_count(int(np.sum(~known)), 'value')} of {chosen[role]!r} before the first "
            f"{chosen['step']!r} were left out"
        )
    return Record(lines[known], counts[last[known]], values[known])


def _counts_within_epochs(table: Table, chosen: Mapping[str, str], losses: Record) -> bool:
    """Whether the steps stand still, or begin anew whenever another column's epoch rises."""
    times = losses.times
    back = np.flatnonzero(np.diff(times) < 0)
    if not back.size and len(np.unique(times)) < len(times) / 2:
        return True
    epochs = [name for name in table.columns if _words(name) in ({"epoch"}, {"epochs"})]
    if not back.size or not epochs or epochs[0] == chosen["step"]:
        return False
    epoch = _column(table, epochs[0])
    if not epoch.values:
        return False
    last = np.searchsorted(np.array(epoch.lines), losses.lines, side="right") - 1
    at = np.array(epoch.values)[np.maximum(last, 0)]
    return bool((at[back + 1] > at[back]).all())


def _counted(records: dict[str, Record]) -> dict[str, Record]:
    """The losses at 0, 1, 2, ..., and everything else at the last loss before it."""
    lines = records["loss"].lines

    def count(record: Record) -> Record:
        times = np.searchsorted(lines, record.lines, side="right") - 1
        return record._replace(times=np.maximum(times, 0).astype(float))

    return {role: count(record) for role, record in records.items()}


def _without_undone(
    table: Table, chosen: Mapping[str, str], records: dict[str, Record]
) -> dict[str, Record]:
    """Without what was recorded before a restart at an earlier step, from that step on."""
    lines, times, _ = records["loss"]
    back = np.flatnonzero(np.diff(times) < 0) + 1
    if not back.size:
        return {
            role: each.at(np.argsort(each.times, kind="stable")) for role, each in records.items()
        }
    anew = np.sum(times[back] <= times[0])
    where = f"{table.unit} {lines[back[0]]}"
    if anew > 1 or len(back) > MOST_RESTARTS:
        raise table.refusal(
            f"{chosen['step']!r} goes back {len(back)} times, first in {where}: keep one run in "
            f"the file, or count the losses with --step {ROWS} where they are all of one"
        )
    restarts = [(lines[i], times[i]) for i in back]
    left = {}
    for role, each in records.items():
        undone = np.zeros(len(each.lines), bool)
        for line, step in restarts:
            undone |= (each.lines < line) & (each.times >= step)
        kept = each.at(~undone)
        left[role] = kept.at(np.argsort(kept.times, kind="stable"))
    lost = len(lines) - len(left["loss"].lines)
    table.notes.append(
        f"{chosen['step']!r} goes back from {times[back[0] - 1]:g} to {times[back[0]]:g} in "
        f"{where}, so a run was taken up again there: {_count(lost, 'loss')} that were recorded "
        f"before, from {times[back[0]]:g} on, were left out"
    )
    return left


def _remarks(table: Table, chosen: Mapping[str, str], losses: Record) -> list[str]:
    """What has to be said of the losses."""
    said = []
    equal = int(np.sum(np.diff(losses.times) == 0))
    if equal:
        said.append(f"{_count(equal, 'loss')} have the same {chosen['step']!r} as the one before")
    others = [
        name
        for name in table.columns
        if name not in chosen.values()
        and any(_rank(name, role) for role in ("loss", "lr", "val"))
        and _has_content(table, name)
    ]
    if others:
        said.append(f"not read: {_quoted(others)}")
    return said


def _beside(losses: Record, rates: Record, notes: list[str]) -> np.ndarray:
    """The rate of each loss, (S,): that of its step, or the last one recorded before."""
    last = np.searchsorted(rates.times, losses.times, side="right") - 1
    known = last >= 0
    lrs = np.where(known, rates.values[np.maximum(last, 0)], math.nan)
    held = int(np.sum(rates.times[last[known]] != losses.times[known])) if known.any() else 0
    if held:
        notes.append(f"{_count(held, 'loss')} have no rate and take the last one before")
    if not known.all():
        notes.append(f"the first {_count(int(np.sum(~known)), 'loss')} have no rate yet")
    return lrs


# Words -----------------------------------------------------------------------------------------


def _count(number: int, thing: str) -> str:
    """ "1 loss", "12 losses"."""
    plural = f"{thing}es" if thing.endswith("s") else f"{thing}s"
    return f"{number:,} {thing if number == 1 else plural}"


def _quoted(names: Iterable[str], most: int = 12) -> str:
    """Names as a sentence has them; of many, the first."""
    shown = [_clipped(name) for name in names]
    rest = [f"{len(shown) - most} more"] if len(shown) > most else []
    *first, last = shown[:most] + rest
    return f"{', '.join(first)} and {last}" if first else last


def _clipped(text: str) -> str:
    """A text on one short line."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
