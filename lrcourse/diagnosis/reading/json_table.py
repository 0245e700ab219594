"""JSON lines, a list of objects, transformers' trainer_state.json, or Keras' object of lists."""

import json
from collections.abc import Mapping
from typing import Any

from lrcourse.diagnosis.reading.lines import Lines, cut_off
from lrcourse.diagnosis.reading.phrases import clipped
from lrcourse.diagnosis.reading.table import Table

WIDEST_LIST = 16  # numbers of a list inside a JSON line that are read, as of rates by group
DEEPEST = 200  # letters in the names around an object inside a JSON line


def json_table(table: Table, first: str, lines: Lines) -> Table:
    """JSON lines where the `first` line is an object by itself, else one JSON value.

    An object inside an object becomes columns such as "train/loss". Left out with a note: a
    last line that is cut off. Refused: any other line that is no object, and JSON that is
    neither a list of objects nor one of the known forms.
    """
    head = _parsed(first)
    if not isinstance(head, dict) or _is_whole_log(head):
        return _whole_json(table, first + "".join(lines))
    _add_entry(table, lines.number, head)
    for text in lines:
        if text.strip():
            _add_line(table, text, lines)
    return table


def _add_line(table: Table, text: str, lines: Lines) -> None:
    """One line of JSON lines."""
    value = _parsed(text)
    if isinstance(value, dict):
        _add_entry(table, lines.number, value)
    elif not lines.is_whole:
        table.notes.append(cut_off(lines.number))
    else:
        raise table.refusal(
            f"line {lines.number} is no JSON object, which needs double quotes: {clipped(text)}"
        )


def _parsed(text: str) -> Any:
    """The value of a JSON text, or None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _add_entry(table: Table, line: int, entry: Mapping[Any, Any], prefix: str = "") -> None:
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
            _add_entry(table, line, value, f"{name}/")


def _whole_json(table: Table, text: str) -> Table:
    """The entries of one JSON value, counted from 1."""
    table.unit = "entry"
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise table.refusal(f"is no whole JSON: {error}") from None
    entries = _entries(value) if _is_whole_log(value) else value
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise table.refusal(
            'is JSON, but no log: give a list of objects such as [{"step": 1, "loss": 0.5}], or '
            "one object in each line"
        )
    for number, entry in enumerate(entries, 1):
        _add_entry(table, number, entry)
    return table


def _is_whole_log(value: Any) -> bool:
    """Whether an object is a whole log: transformers' state, or lists as in Keras' history."""
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("log_history"), list):
        return True
    lists = [each for each in value.values() if isinstance(each, list)]
    return len(lists) == len(value) and any(len(each) > 1 for each in lists)


def _entries(log: Mapping[str, Any]) -> Any:
    """The log_history of transformers' state; lists side by side become one object for each i."""
    if "log_history" in log and isinstance(log["log_history"], list):
        return log["log_history"]
    longest = max(map(len, log.values()))
    return [{k: each[i] for k, each in log.items() if i < len(each)} for i in range(longest)]
