"""What a learner has done, in a plain file of their own; nothing is sent anywhere.

One line of JSON for each check, appended, keyed by the number of the task. So two notebooks can
write at once, nothing is ever overwritten, and a new version of the course finds it all again.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_data_path

PLACE = "LRCOURSE_PROGRESS"  # another file, or "off"


@dataclass(frozen=True)
class Done:
    """What is known of one task."""

    attempts: int = 0  # checks that were right or wrong
    is_right: bool = False  # at least once


def file() -> Path | None:
    """Where it is kept; None where it is switched off."""
    named = os.environ.get(PLACE, "")
    if named.lower() == "off":
        return None
    return Path(named) if named else user_data_path("lrcourse", appauthor=False) / "progress.jsonl"


def record(task_id: str, status: str, points: int) -> str:
    """Append one check; a sentence where that was not possible, "" otherwise."""
    if status == "not attempted":
        return ""
    _tried.add(task_id)
    path = file()
    if path is None:
        return ""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"task": task_id, "status": status, "points": points, "at": at})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as progress:
            progress.write(line + "\n")
    except OSError as error:
        if path in _told:
            return ""
        _told.add(path)
        why = error.strerror or type(error).__name__
        return f"(Your progress could not be kept in {path}: {why}. Set {PLACE} to another file.)"
    return ""


def done() -> dict[str, Done]:
    """What is known of every task that was tried; the one that was checked last comes last."""
    known: dict[str, Done] = {}
    for task_id, status in _entries():
        before = known.pop(task_id, Done())
        known[task_id] = Done(before.attempts + 1, before.is_right or status == "right")
    return known


def was_tried(task_id: str) -> bool:
    """In this session, or ever before."""
    return task_id in _tried or task_id in done()


_tried: set[str] = set()
_told: set[Path] = set()  # files that could not be written, and the learner knows


def _entries() -> Iterator[tuple[str, str]]:
    """(task, status) of each line; a damaged line is passed over and stays in the file."""
    path = file()
    if path is None or not path.is_file():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
            task_id, status = entry["task"], entry["status"]
        except (ValueError, KeyError, TypeError):
            continue
        if isinstance(task_id, str) and status in ("right", "wrong"):
            yield task_id, status
