"""A new version of the course, and your answers in it.

A built exercise notebook remembers what it looked like when it was handed out: a hash of each
of its cells. So what you changed is known, whatever was edited, moved, copied or deleted. Every
answer goes to the task of its number; nothing that you wrote is thrown away, and where a task
has changed, the new task and your old answer stand side by side.
"""

import copy
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Notebook = dict[str, Any]
Cell = dict[str, Any]
ANSWERS = re.compile(r"answer-(\d\d-\d+)$")
CHECKED = re.compile(r"""\bcheck\(\s*["'](\d\d\.\d+)["']""")
BESIDE = "**Another answer of yours** to this task, kept beside it. The task may have changed."
GONE = "## Answers to tasks that are no longer here"
KEPT = "my_answers"  # the folder of the answers that an update puts aside first


# What a notebook remembers ---------------------------------------------------------------------


def memory(notebook: Notebook) -> dict[str, Any]:
    """What the build writes into an exercise: the hash of each cell, and of each task's."""
    return {
        "cells": [digest(cell) for cell in notebook["cells"]],
        "tasks": {task: digest(cell) for cell in notebook["cells"] if (task := task_in(cell))},
    }


def task_in(cell: Cell) -> str:
    """The number of the task that this cell answers; "" where there is none.

    The build writes it into the metadata, which an editor keeps, copies and moves with the cell.
    """
    if cell["cell_type"] != "code":
        return ""
    written = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")
    if found := ANSWERS.match(written):
        return found[1].replace("-", ".")
    if written:  # the check of an answer: a cell of the course
        return ""
    found = CHECKED.search(text_of(cell))
    return found[1] if found else ""


def digest(cell: Cell) -> str:
    """A short hash of what stands in a cell, blanks at the ends of lines aside."""
    lines = (line.rstrip() for line in text_of(cell).strip().splitlines())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def text_of(cell: Cell) -> str:
    """The source: a file holds it as a text or as a list of lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


# Merging ---------------------------------------------------------------------------------------


@dataclass
class Merged:
    """A new notebook with your answers, and what was done."""

    notebook: Notebook
    answers: list[str] = field(default_factory=list)  # tasks whose answer was taken over
    conflicts: list[str] = field(default_factory=list)  # tasks that have changed
    gone: list[str] = field(default_factory=list)  # tasks that are no longer here
    own: int = 0  # cells of your own

    @property
    def told(self) -> str:
        """What was done, in one line."""
        parts = [f"{len(self.answers)} answer{'s' * (len(self.answers) != 1)} taken over"]
        if self.conflicts:
            parts.append(f"changed tasks, both kept: {', '.join(self.conflicts)}")
        if self.gone:
            parts.append(f"tasks no longer here, answers at the end: {', '.join(self.gone)}")
        if self.own:
            parts.append(f"{self.own} cell{'s' * (self.own != 1)} of your own")
        return "; ".join(parts)


def changed_cells(notebook: Notebook) -> list[Cell]:
    """What the learner wrote: every cell that is not as it was handed out."""
    handed_out = set(notebook.get("metadata", {}).get("lrcourse", {}).get("cells", ()))
    return [
        cell
        for cell in notebook["cells"]
        if text_of(cell).strip() not in ("", BESIDE, GONE) and digest(cell) not in handed_out
    ]


def merged(mine: Notebook, new: Notebook) -> Merged:
    """`new` with everything that was written in `mine`; neither is changed."""
    result = Merged(copy.deepcopy(new))
    stubs = dict(mine.get("metadata", {}).get("lrcourse", {}).get("tasks", {}))
    still_open = {
        task
        for cell in mine["cells"]
        if (task := task_in(cell)) and stubs.get(task) == digest(cell)
    }
    here = {task for cell in new["cells"] if (task := task_in(cell))}
    answers, own, gone = _sorted(mine, here)
    cells: list[Cell] = []
    own_at_the_top = [*own.pop("", [])]
    for cell in result.notebook["cells"]:
        task = task_in(cell)
        if task and answers.get(task):
            cells += _with_answers(result, cell, answers[task], stubs.get(task), task in still_open)
        else:
            cells.append(cell)
        if cell["cell_type"] == "code" and own_at_the_top:  # after the imports of the course
            cells += own_at_the_top
            own_at_the_top = []
        cells += own.pop(task, []) if task else []
    cells += own_at_the_top
    left = [cell for each in own.values() for cell in each]
    if gone or left:
        cells += [_note(GONE), *gone, *left]
    result.gone = sorted({task_in(cell) for cell in gone})
    result.own = sum(not task_in(cell) for cell in changed_cells(mine))
    result.notebook["cells"] = _with_own_ids(copy.deepcopy(cells))
    return result


def _sorted(
    mine: Notebook, here: set[str]
) -> tuple[dict[str, list[Cell]], dict[str, list[Cell]], list[Cell]]:
    """The learner's cells: answers by task; cells of their own by the task before them; answers
    to tasks that are gone."""
    written = {id(cell) for cell in changed_cells(mine)}
    answers: dict[str, list[Cell]] = {}
    own: dict[str, list[Cell]] = {}
    gone: list[Cell] = []
    before = ""
    for cell in mine["cells"]:
        task = task_in(cell)
        before = task or before
        if id(cell) not in written:
            continue
        if not task:
            own.setdefault(before, []).append(cell)
        elif task in here:
            same = [each for each in answers.get(task, []) if digest(each) == digest(cell)]
            answers.setdefault(task, []).extend([] if same else [cell])
        else:
            gone.append(cell)
    return answers, own, gone


def _with_answers(
    result: Merged, cell: Cell, answers: list[Cell], stub: str | None, is_open: bool
) -> Iterator[Cell]:
    """The cell of a task, answered; or as it is handed out now, with the answers behind it.

    Where the task `is_open`, its own cell was left alone, and the answers are cells beside it.
    """
    task = task_in(cell)
    is_same = stub in (None, digest(cell))
    (result.answers if is_same else result.conflicts).append(task)
    if is_same and not is_open:
        first, *answers = answers
        yield {**first, "id": cell.get("id", first.get("id")), "metadata": cell["metadata"]}
    else:
        yield cell
    for each in answers:
        yield _note(BESIDE)
        yield each


def _note(text: str) -> Cell:
    return {"cell_type": "markdown", "id": "", "metadata": {}, "source": text}


def _with_own_ids(cells: list[Cell]) -> list[Cell]:
    """Each cell with an id that no other has."""
    seen: set[str] = set()
    for cell in cells:
        if not cell.get("id") or cell["id"] in seen:
            cell["id"] = uuid.uuid4().hex[:8]
        seen.add(cell["id"])
    return cells


# Folders ---------------------------------------------------------------------------------------


def take_over(old: Path, new: Path) -> Iterator[str]:
    """Bring the answers of the course in `old` into that in `new`; a line for each notebook.

    `old` is only read. A notebook of `new` that has answers already is left as it is, and the
    merged one is written beside it.
    """
    for path in sorted((old / "exercises").glob("*.ipynb")):
        target = new / "exercises" / path.name
        try:
            mine = _read(path)
        except (ValueError, OSError) as error:
            yield f"{path.name}: cannot be read ({error}); it stays where it is"
            continue
        if not changed_cells(mine):
            continue
        if not target.exists():
            shutil.copyfile(path, target)
            yield f"{path.name}: copied as it is, this version has none of that name"
            continue
        there = _read(target)
        result = merged(mine, there)
        if changed_cells(there):
            target = target.with_name(f"{target.stem}.{time.strftime('%Y-%m-%d_%H%M%S')}.ipynb")
            yield f"{path.name}: has answers here, too; see {target.name}"
        _write(target, result.notebook)
        yield f"{path.name}: {result.told}"


def pull(course: Path) -> Iterator[str]:
    """The newest version by git, with the answers of this folder taken over.

    The answers are put aside first; whatever happens, they are in `my_answers`.
    """
    if not (course / ".git").exists():
        raise ValueError(
            "update: this folder was not made by git; unpack the new version beside it, and "
            "there run: lrcourse update FOLDER, with this folder"
        )
    changed = _git(course, "status", "--porcelain", "--untracked-files=no").splitlines()
    files = [line[3:].strip('"') for line in changed]
    others = [name for name in files if not name.startswith("exercises/")]
    if others:
        raise ValueError(
            f"update: you have changed {', '.join(others[:3])}"
            f"{' and more' if len(others) > 3 else ''}, which an update would replace; "
            f"keep your version with git stash, then update again"
        )
    aside = course / KEPT / time.strftime("%Y-%m-%d_%H%M%S")
    shutil.copytree(course / "exercises", aside / "exercises")
    yield f"Your exercises are kept in {KEPT}/{aside.name}"
    if files:
        _git(course, "checkout", "--", "exercises")
    try:
        _git(course, "pull", "--ff-only")
    except ValueError:
        for name in files:
            shutil.copyfile(aside / name, course / name)
        raise
    told = list(take_over(aside, course))
    yield from told or ["There was nothing to take over."]


def _git(course: Path, *words: str) -> str:
    try:
        ended = subprocess.run(
            ["git", "-C", str(course), *words],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
        )
    except OSError:
        raise ValueError("update: git is not installed here") from None
    if ended.returncode:
        said = (ended.stderr or ended.stdout).strip().splitlines() or ["git gave no reason"]
        raise ValueError(f"update: git {words[0]} did not work: {said[-1]}")
    return ended.stdout


def _read(path: Path) -> Notebook:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise ValueError("it is no text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno} is damaged") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or not all(
        isinstance(cell, dict) and {"cell_type", "source"} <= cell.keys() for cell in cells
    ):
        raise ValueError("it is no notebook")
    return notebook


def _write(path: Path, notebook: Notebook) -> None:
    """The whole file or nothing."""
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8", newline="\n")
    os.replace(draft, path)
