"""Every task of the course by its number, such as TASKS["01.1"]. One file for each section."""

from lrcourse.tasks import step
from lrcourse.tasks.base import Case, Mistake, Point, Task, play

TASKS: dict[str, Task] = {task.id: task for section in (step,) for task in section.TASKS}

__all__ = ["TASKS", "Case", "Mistake", "Point", "Task", "play"]
