"""check("01.1", step_decay): right, wrong or not attempted, at once, and which mistake it is.

Also `hint("01.1")` in steps, `solution("01.1")` after an attempt, `given("01.5")`, the numbers
of a question, and `my_progress()`. The answer runs in the learner's own notebook: this is help,
not an exam.
"""

import contextlib
import inspect
import math
import os
import sys
import textwrap
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lrcourse import progress
from lrcourse.check.judging import judged, judged_values, named_values, short
from lrcourse.check.names import watch_names
from lrcourse.check.overview import my_progress
from lrcourse.check.verdict import Message, Verdict
from lrcourse.tasks import TASKS, FunctionTask, Task, ValuesTask, Within

__all__ = [
    "Message",
    "Verdict",
    "check",
    "given",
    "hint",
    "judged",
    "learner",
    "my_progress",
    "solution",
]

LEARNER = "LRCOURSE_LEARNER"  # whose numbers, where a hub knows who works there
SOON = 10.0  # seconds; a check takes a hundredth of one
STILL_AT_WORK = (
    "Task {} is still being checked. Does a loop in your answer never end? Stop it with the "
    "square ■ above the notebook (in a terminal: Ctrl+C)."
)
STOPPED = "the check was stopped before it was done. Run it again."

watch_names()
_learner = os.environ.get(LEARNER, "").strip()
_hints_given: dict[str, int] = {}


def check(task_id: str, *answers: Any, **values: Any) -> Verdict | Message:
    """The verdict on an answer: a function, or the values that the task asks for.

    `check("01.1", step_decay)`; `check("01.5", step_size=..., gamma=...)`; `check("01.7", "b")`
    where there is one value only. Nothing is sent anywhere; what was right is remembered in a
    file of your own (`lrcourse progress`).
    """
    task = TASKS.get(task_id)
    if task is None:
        return _unknown(task_id)
    if len(answers) > 1:
        return _usage(task)
    answer = answers[0] if answers else values.pop("answer", None)
    try:
        with _still_at_work(task):
            verdict = _verdict(task, answer, values)
    except KeyboardInterrupt:  # of our own work: in an answer it is a verdict
        verdict = Verdict(task, "not attempted", STOPPED)
    if verdict is None:
        return _usage(task)
    complaint = progress.record(task.id, verdict.status, task.points)
    return replace(verdict, note=f"{verdict.note} {complaint}".strip())


def hint(task_id: str, step: int | None = None) -> Message:
    """The next hint of the task, or hint number `step`: the first nudges, the last nearly tells."""
    task = TASKS.get(task_id)
    if task is None:
        return _unknown(task_id)
    last = len(task.hints)
    if step is None:
        step = min(_hints_given.get(task_id, 0) + 1, last)
    if step not in range(1, last + 1):
        return Message((f"Task {task_id} has the hints 1 to {last}; there is none called {step}.",))
    _hints_given[task_id] = step
    more = f'the next: hint("{task_id}")' if step < last else f'then: solution("{task_id}")'
    return Message((f"Hint {step} of {last}: {task.hints[step - 1]}", f"({more})"))


def solution(task_id: str) -> Message:
    """A right answer, once you have tried: a solution that comes first teaches little."""
    task = TASKS.get(task_id)
    if task is None:
        return _unknown(task_id)
    if not progress.was_tried(task_id):
        tried = f"Try task {task_id} first: one attempt, even a wrong one, and this shows it."
        return Message((tried, f'For a nudge: hint("{task_id}")'))
    where = f"The notebook solutions/ of section {task_id[:2]} says why."
    if isinstance(task, FunctionTask):
        code = textwrap.dedent(inspect.getsource(task.reference))
        return Message((f"A right answer to {task_id}. {where}",), code)
    assert isinstance(task, ValuesTask)
    values = ", ".join(
        f"{name} = {_told(value)}" for name, value in task.answers(**task.given(_learner)).items()
    )
    return Message((f"A right answer to {task_id}: {values}.", where))


def given(task_id: str) -> dict[str, Any]:
    """The numbers of a question; your own after `learner("your name")`."""
    task = TASKS.get(task_id)
    return task.given(_learner) if isinstance(task, ValuesTask) else {}


def learner(name: str = "") -> Message:
    """From now on the questions that draw their numbers draw yours; "" for everybody's again."""
    global _learner
    _learner = str(name).strip()
    whose = f"the numbers of {_learner}" if _learner else "the same numbers for everybody"
    return Message((f"Questions with numbers of their own now have {whose}.",))


def _verdict(task: Task, answer: Any, values: dict[str, Any]) -> Verdict | None:
    """None where the call does not hand over what the task asks for."""
    if isinstance(task, FunctionTask):
        return None if values else judged(task, answer)
    assert isinstance(task, ValuesTask)
    named = named_values(task, answer, values, _learner)
    return None if named is None else judged_values(task, named, _learner)


@contextlib.contextmanager
def _still_at_work(task: Task) -> Iterator[None]:
    """After a while, say how to stop: from outside, an endless loop looks like patience."""
    shown = sys.stdout  # what an answer prints is caught meanwhile
    message = STILL_AT_WORK.format(task.id)
    timer = threading.Timer(SOON, lambda: print(message, file=shown, flush=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _usage(task: Task) -> Message:
    """How this task is checked."""
    if isinstance(task, FunctionTask):
        call = f'check("{task.id}", {task.reference.__name__})'
        return Message((f"Task {task.id} asks for a function: write {call}.",))
    assert isinstance(task, ValuesTask)
    wanted = ", ".join(f"{name}=..." for name in task.answers(**task.given(_learner)))
    return Message((f'Task {task.id} asks for values: write check("{task.id}", {wanted}).',))


def _unknown(task_id: Any) -> Message:
    """Which tasks there are, those of the same section first."""
    section = [each for each in TASKS if isinstance(task_id, str) and each[:2] == task_id[:2]]
    known = ", ".join(section) if section else f"{min(TASKS)} to {max(TASKS)}"
    return Message((f"There is no task {task_id!r}. There are {known}.",))


def _told(value: Any) -> str:
    if isinstance(value, Within):
        if math.isinf(value.high):
            return f"{short(value.low)} or more"
        return f"anything from {short(value.low)} to {short(value.high)}"
    return short(value)
