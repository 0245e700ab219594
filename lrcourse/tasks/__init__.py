"""Every task of the course by its number, such as TASKS["01.1"]. One file for each section."""

from importlib import import_module
from pkgutil import iter_modules

from lrcourse.tasks.base import (
    MOST_NUMBERS,
    PUBLIC_SEED,
    Case,
    FunctionTask,
    Mistake,
    Point,
    Task,
    ValuesTask,
    Within,
    choice,
    play,
    seed_of,
)

_SECTIONS = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
TASKS: dict[str, Task] = {
    task.id: task
    for task in sorted(
        (task for section in _SECTIONS for task in getattr(section, "TASKS", ())),
        key=lambda task: task.id,
    )
}

__all__ = [
    "MOST_NUMBERS",
    "PUBLIC_SEED",
    "TASKS",
    "Case",
    "FunctionTask",
    "Mistake",
    "Point",
    "Task",
    "ValuesTask",
    "Within",
    "choice",
    "play",
    "seed_of",
]
