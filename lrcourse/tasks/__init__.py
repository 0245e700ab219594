"""Every task of the course by its number, such as TASKS["01.1"]. One file for each section."""

from importlib import import_module
from pkgutil import iter_modules

from lrcourse.tasks.base import (
    MOST_NUMBERS,
    PUBLIC_SEED,
    Case,
    FunctionTask,
    Mistake,
    Played,
    Point,
    Task,
    ValuesTask,
    Within,
    choice,
    play,
    play_on,
    seed_of,
)

_FILES = {found.name: import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)}
_FOUND = {name: file.TASKS for name, file in _FILES.items() if hasattr(file, "TASKS")}
_SORTED = sorted((task for tasks in _FOUND.values() for task in tasks), key=lambda task: task.id)
TASKS: dict[str, Task] = {task.id: task for task in _SORTED}
SECTIONS: dict[str, str] = dict(
    sorted((tasks[0].id[:2], f"{tasks[0].id[:2]}_{name}") for name, tasks in _FOUND.items())
)  # "01" -> "01_step", the name of its notebooks

LIMITS: dict[str, dict[str, float]] = {
    tasks[0].id[:2]: getattr(_FILES[name], "LIMITS", {}) for name, tasks in _FOUND.items()
}  # what a grader allows a section beyond the usual, by the names of its own limits

__all__ = [
    "LIMITS",
    "MOST_NUMBERS",
    "PUBLIC_SEED",
    "SECTIONS",
    "TASKS",
    "Case",
    "FunctionTask",
    "Mistake",
    "Played",
    "Point",
    "Task",
    "ValuesTask",
    "Within",
    "choice",
    "play",
    "play_on",
    "seed_of",
]
