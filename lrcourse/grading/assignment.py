"""An assignment of an instructor's own: a Python file with TASKS, perhaps TITLE and LIMITS.

    from lrcourse.grading.assignment import Case, FunctionTask, Limits, Mistake, ValuesTask

    TITLE = "A small exam"
    TASKS = (FunctionTask(id="exam.1", ...), ValuesTask(id="exam.2", ...))
    LIMITS = Limits(cell=20)

The file holds the answers, so the grader's own processes run it and the sandbox never sees it.
They get its text: a worker on another machine has no such file. A student's notebook needs no
check(): the answer to a task is what has the name of its reference, and the values of a values
task are the variables of those names.

`driver="exam_driver.py:rates_of"` names a function in a file beside the assignment. It is called
with the answer and the arguments of a case, there where the answer is, and gives back plain data:
so an answer may be a class, or a loop that is handed an optimizer. The text of that file is sent
to the sandbox, and a student may read it.
"""

import re
import traceback
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from lrcourse.grading import GradingError
from lrcourse.grading.grade import Assignment, driven
from lrcourse.grading.sandbox import Limits
from lrcourse.grading.sandbox.inside.cells import module_of
from lrcourse.grading.sandbox.limits import USUAL
from lrcourse.handouts import Unlike
from lrcourse.tasks import (
    SECTIONS,
    Case,
    FunctionTask,
    Mistake,
    Task,
    ValuesTask,
    Within,
    choice,
)

__all__ = [
    "Case",
    "FunctionTask",
    "Limits",
    "Mistake",
    "Own",
    "Unlike",
    "ValuesTask",
    "Within",
    "choice",
    "own_assignment",
    "own_tasks",
    "read_assignment",
]

NAME = re.compile(r"[^\W_][\w-]*")  # of a file without .py: the folder of its pages is called so
TASK_ID = re.compile(r"[^\W_][\w.-]*")
TAKEN = ("secret", *SECTIONS.values())  # names that the folder of the results has already
LEAST_MEMORY = 64 << 20


class Own(NamedTuple):
    """An assignment as text: all that a process needs to grade with it."""

    name: str  # "exam", of the file exam.py
    text: str
    drivers: tuple[tuple[str, str], ...] = ()  # the name of each file beside it, and its text


def read_assignment(path: Path) -> Own:
    """The file and its drivers as text; refused in one sentence where it is no assignment."""
    if path.suffix != ".py" or not NAME.fullmatch(path.stem) or path.stem in TAKEN:
        raise GradingError(
            f"{path}: an assignment is a Python file with a name of its own, in letters, digits, "
            f"- and _, such as exam.py."
        )
    name, text = path.stem, _read(path)
    files = sorted({_driver_file(task) for task in _tasks(name, text)} - {""})
    own = Own(name, text, tuple((file, _read(path.parent / file)) for file in files))
    own_assignment(own)  # refused here where it cannot be used
    return own


def own_assignment(own: Own, only: Sequence[str] = ()) -> Assignment:
    """The assignment that this text is; all tasks, or `only` some."""
    tasks = {task.id: driven(task) for task in own_tasks(own) if not only or task.id in only}
    checks = {key: _check(own.name, task) for key, task in tasks.items()}
    defined = _namespace(f"{own.name}.py", own.text)
    limits = _limits(own.name, defined.get("LIMITS", USUAL))
    return Assignment(
        own.name,
        tasks,
        checks,
        limits=limits,
        title=str(defined.get("TITLE", "")),
        text=own.text,
        drivers=dict(own.drivers),
    )


def own_tasks(own: Own) -> list[Task]:
    """Its tasks, where the driver is the harness that uses an answer of this process."""
    drivers = dict(own.drivers)
    return [_with_harness(own.name, task, drivers) for task in _tasks(own.name, own.text)]


# The tasks --------------------------------------------------------------------------------------


def _tasks(name: str, text: str) -> list[Task]:
    """Its tasks in their order; a sentence where they are none, or one cannot be graded."""
    tasks = _namespace(f"{name}.py", text).get("TASKS")
    if not isinstance(tasks, list | tuple) or not tasks:
        raise GradingError(f"{name}.py: it has no TASKS: write TASKS = (FunctionTask(...), ...).")
    known: set[str] = set()
    for task in tasks:
        _refuse_task(name, task)
        if task.id in known:
            raise GradingError(f"{name}.py: two tasks have the id {task.id!r}; give each its own.")
        known.add(task.id)
    return list(tasks)


def _refuse_task(name: str, task: Any) -> None:
    """A sentence where it is no task that can be graded."""
    if not isinstance(task, FunctionTask | ValuesTask):
        raise GradingError(
            f"{name}.py: TASKS holds a {type(task).__name__}; a task is a FunctionTask or a "
            f"ValuesTask."
        )
    if not isinstance(task.id, str) or not TASK_ID.fullmatch(task.id):
        raise GradingError(f"{name}.py: a task cannot have the id {task.id!r}; write exam.1.")
    if type(task.points) not in (int, float) or not 0 < task.points < float("inf"):
        raise GradingError(
            f"{name}.py: task {task.id} must have points, a number above 0, got {task.points!r}."
        )
    if isinstance(task, FunctionTask) and not _name_of(task).isidentifier():
        raise GradingError(
            f"{name}.py: the reference of task {task.id} has no name: write it with def or class, "
            f"and call it as the students are to call theirs."
        )


def _check(name: str, task: Task) -> str:
    """The text that hands an answer in, in a notebook that does not do it itself."""
    if isinstance(task, FunctionTask):
        return f"check({task.id!r}, {_name_of(task)})"
    assert isinstance(task, ValuesTask)
    try:
        names = list(task.answers(**task.given()))
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise GradingError(f"{name}.py: the answers of task {task.id} fail: {told}.") from None
    values = ", ".join(f"{name}=globals().get({name!r})" for name in names)
    return f"check({task.id!r}, {values})"


def _name_of(task: FunctionTask) -> str:
    return str(getattr(task.reference, "__name__", ""))


# Drivers ----------------------------------------------------------------------------------------


def _driver_file(task: Task) -> str:
    """The file of its driver; "" where it has none, or one that is a module."""
    place = task.driver.partition(":")[0] if isinstance(task, FunctionTask) else ""
    return place if place.endswith(".py") else ""


def _with_harness(name: str, task: Task, drivers: dict[str, str]) -> Task:
    """The task, where the reference is used by its driver, too."""
    if not isinstance(task, FunctionTask) or not task.driver:
        return task
    place, _, function = task.driver.partition(":")
    try:
        found = (
            _namespace(place, drivers[place]) if place in drivers else vars(import_module(place))
        )
        harness = found[function]
    except (ImportError, KeyError):
        raise GradingError(
            f"{name}.py: task {task.id} has the driver {task.driver!r}, which is not there; write "
            f'such as driver="{name}_driver.py:rates_of" and put that file beside {name}.py.'
        ) from None
    return replace(task, harness=harness)


# Limits -----------------------------------------------------------------------------------------


def _limits(name: str, limits: Any) -> Limits:
    """The limits, where they fit together."""
    if type(limits) is not Limits:
        raise GradingError(f"{name}.py: LIMITS must be Limits(...), got {limits!r}.")
    for each, value in limits._asdict().items():
        if type(value) not in (int, float) or not 0 < value < float("inf"):
            raise GradingError(f"{name}.py: LIMITS: {each} must be above 0, got {value!r}.")
    if limits.memory < LEAST_MEMORY:
        raise GradingError(
            f"{name}.py: LIMITS: memory is in bytes, at least {LEAST_MEMORY:,}, got "
            f"{limits.memory:,}; 2 GiB are memory=2 << 30."
        )
    for each, most in (("cell", "cpu"), ("call", "cpu"), ("cpu", "wall")):
        value, whole = getattr(limits, each), getattr(limits, most)
        if value > whole:
            raise GradingError(
                f"{name}.py: LIMITS: {each} = {value:g} s is more than {most} = {whole:g} s, which "
                f"is for all of a notebook; give {most}, too."
            )
    return limits


# Files ------------------------------------------------------------------------------------------


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise GradingError(f"{path}: it is not UTF-8 text; save it as that.") from None
    except OSError as error:
        raise GradingError(f"{path}: it cannot be read ({error.strerror}).") from None


@lru_cache
def _namespace(file: str, text: str) -> dict[str, Any]:
    """What the file defines; a sentence with the line where it fails."""
    try:
        return module_of(text, file).__dict__
    except SyntaxError as error:
        raise GradingError(f"{file}, line {error.lineno}: {error.msg}.") from None
    except (Exception, SystemExit) as error:
        lines = [
            each.lineno
            for each in traceback.extract_tb(error.__traceback__)
            if each.filename == file
        ]
        where = f"{file}, line {lines[-1]}" if lines else file
        raise GradingError(f"{where}: {type(error).__name__}: {error}.") from None
