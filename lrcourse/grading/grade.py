"""One submission becomes one record: what each task earned, and why.

The checks are those that the learner has in the notebook (lrcourse.check), with the public cases
first and then, where those are right, with cases drawn for this submission alone. The function
runs in the sandbox; the comparison is made here.
"""

import contextlib
import hashlib
import hmac
import inspect
import io
import json
import platform
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import lrcourse
from lrcourse.check.calling import Watched
from lrcourse.check.judging import UNTOUCHED, forget_drawn, judged, judged_values, named_values
from lrcourse.check.verdict import Verdict
from lrcourse.grading.notebook import TooLarge, Unreadable, read_notebook
from lrcourse.grading.records import SCHEMA
from lrcourse.grading.remote import RemoteFunction, planned_calls
from lrcourse.grading.sandbox import Given, Limits, Lost, Ran, Sandbox, Session
from lrcourse.grading.sandbox.limits import USUAL
from lrcourse.tasks import LIMITS, PUBLIC_SEED, SECTIONS, TASKS, FunctionTask, Task, ValuesTask

HIDDEN = "the public cases are right, a hidden case is wrong."
NOTHING = "no answer was handed to check()."
EXERCISES = Path(lrcourse.__file__).resolve().parents[1] / "exercises"
JUDGING = threading.Lock()  # sys.stdout, where judged() sees what is printed, is the process's
Record = dict[str, Any]


@dataclass(frozen=True)
class Assignment:
    """The tasks of a section, or of an instructor's own file, as they are graded.

    `checks` is the text of the check of each task, for a submission that lost it. With
    `personal`, the questions that draw their numbers have drawn each student's own. `text` is the
    file of an instructor, `drivers` the files that run beside the answers.
    """

    section: str  # "01_step", or "exam"
    tasks: Mapping[str, Task]
    checks: Mapping[str, str] = field(default_factory=dict)
    personal: bool = False
    limits: Limits = USUAL
    title: str = ""
    text: str = ""
    drivers: Mapping[str, str] = field(default_factory=dict)

    @property
    def of(self) -> int:
        """The points of all tasks."""
        return sum(task.points for task in self.tasks.values())

    @property
    def spec(self) -> str:
        """A hash of all that the scores depend on: the tasks, the checks, unusual limits."""
        modules = {FunctionTask.__module__, judged.__module__, Watched.__module__, __name__}
        if not self.text:
            modules |= {_origin(task) for task in self.tasks.values()}
        told = f"{_hash_of_modules(tuple(sorted(modules)))} {list(self.tasks)} {self.personal}"
        own = f"{self.limits.unusual()} {self.text} {sorted(self.drivers.items())}"
        return _hash(f"{told} {own}")

    def learner(self, student: str) -> str:
        """Whose numbers the questions have: this student's, or everybody's."""
        return student if self.personal else ""

    def given(self, student: str) -> dict[str, dict[str, Any]]:
        """The numbers of each question."""
        return {
            task.id: task.given(self.learner(student))
            for task in self.tasks.values()
            if isinstance(task, ValuesTask)
        }


def assignment_of(section: str, *, only: Sequence[str] = (), personal: bool = False) -> Assignment:
    """The exercises of a section, such as "01_step"; all tasks, or `only` some."""
    number = section[:2]
    tasks = {
        key: driven(task)
        for key, task in TASKS.items()
        if key[:2] == number and (not only or key in only)
    }
    limits = USUAL._replace(**LIMITS.get(number, {}))  # type: ignore[arg-type]
    return Assignment(section, tasks, checks_of(section), personal, limits)


def checks_of(section: str) -> dict[str, str]:
    """The text of each check in the exercise that was handed out."""
    known = {
        task.id: f'check("{task.id}", {task.reference.__name__})'
        for task in TASKS.values()
        if isinstance(task, FunctionTask) and task.id[:2] == section[:2]
    }
    path = EXERCISES / f"{section}.ipynb"
    if path.exists():
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
            if name.startswith("check-"):
                known[name.removeprefix("check-").replace("-", ".")] = "".join(cell["source"])
    return known


def seed_for(secret: bytes, section: str, student: str, data: bytes) -> int:
    """The seed of the hidden cases of one submission, an HMAC: nobody else can compute it.

    The same file gets the same cases again; a changed one gets others, so that what an earlier
    page may have told is of no use.
    """
    told = f"{section}\n{student}\n{hashlib.sha256(data).hexdigest()}"
    return int.from_bytes(hmac.digest(secret, told.encode(), "sha256")[:8], "big") >> 1


def grade(data: bytes, assignment: Assignment, student: str, seed: int, sandbox: Sandbox) -> Record:
    """The record of one submission; the names of files and times are the caller's."""
    started = time.perf_counter()
    record = _empty(data, assignment, student, seed, sandbox.level)
    try:
        submitted = read_notebook(data)
    except Unreadable as error:
        return record | {"outcome": "zero", "reason": str(error)}
    except TooLarge as error:
        return record | {"outcome": "needs review", "reason": str(error)}
    given = assignment.given(student)
    checks, drivers = assignment.checks, assignment.drivers
    with sandbox.session(submitted.cells, checks, given, drivers) as session:
        try:
            record |= _graded(session, assignment, student, seed)
        except Lost as lost:
            record |= {"outcome": "needs review" if lost.kind == "sandbox" else "zero"}
            record |= {"reason": lost.sentence}
        finally:
            forget_drawn()
    return record | {
        "cpu_seconds": round(sum(each.cpu_seconds for each in session.ended), 4),
        "memory": max((each.memory for each in session.ended), default=0),
        "seconds": round(time.perf_counter() - started, 4),
    }


def ungraded(
    data: bytes, assignment: Assignment, student: str, seed: int, level: int, error: BaseException
) -> Record:
    """The record of a submission that our own program could not grade: a person must look."""
    said = f"the grader failed with {type(error).__name__}: {str(error)[:200]}"
    return _empty(data, assignment, student, seed, level) | {
        "outcome": "needs review",
        "reason": said,
    }


def _empty(data: bytes, assignment: Assignment, student: str, seed: int, level: int) -> Record:
    unusual = assignment.limits.unusual()
    return {
        "schema": SCHEMA,
        "assignment": assignment.section,
        **({"title": assignment.title} if assignment.title else {}),
        "student": student,
        "file": "",
        "sha256": hashlib.sha256(data).hexdigest(),
        "submitted_at": None,
        "time_from": "",
        "late": False,
        "graded_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "outcome": "graded",
        "reason": "",
        "score": 0.0,
        "of": assignment.of,
        "tasks": {
            key: _task_record(task, "not attempted", NOTHING)
            for key, task in assignment.tasks.items()
        },
        "printed": "",
        "cell_errors": {},
        "seed": seed,
        "spec": assignment.spec,
        "versions": versions(),
        "level": level,
        **({"limits": unusual} if unusual else {}),
        "seconds": 0.0,
        "cpu_seconds": 0.0,
        "memory": 0,
    }


def _graded(session: Session, assignment: Assignment, student: str, seed: int) -> Record:
    """What the cells and the tasks gave. Lost where not even the cells ran to their end."""
    ran = session.start()
    tasks = {
        key: _task_graded(session, task, ran, assignment.learner(student))
        for key, task in assignment.tasks.items()
    }
    # Hidden cases come last: an answer that remembers them has nobody left to whom to tell them.
    for key, task in assignment.tasks.items():
        if isinstance(task, FunctionTask) and tasks[key]["status"] == "right":
            tasks[key] = _hidden_graded(session, task, ran.answers[key], tasks[key], seed)
    return {
        "tasks": tasks,
        "score": round(sum(each["points"] for each in tasks.values()), 4),
        "printed": ran.printed,
        "cell_errors": {str(cell): said for cell, said in ran.errors.items()},
    }


def _task_graded(session: Session, task: Task, ran: Ran, learner: str) -> Record:
    """The record of a task; of a function, after its public cases."""
    given = ran.answers.get(task.id)
    if given is None:
        return _task_record(task, "not attempted", NOTHING)
    if isinstance(task, ValuesTask):
        record = _values_graded(task, given, learner)
        if record["status"] == "wrong":
            record["said"] += _whose_numbers(task, learner, ran.learner)
        return record
    assert isinstance(task, FunctionTask)
    try:
        return _function_graded(session, task, given)
    except Lost as lost:
        return _lost(task, lost)


def _hidden_graded(
    session: Session, task: FunctionTask, given: Given, public: Record, seed: int
) -> Record:
    """The record after the hidden cases of a function that is right in the public ones."""
    try:
        hidden, _ = _judged_there(session, task, given, seed)
    except Lost as lost:
        return _lost(task, lost)
    if hidden.status == "right":
        return public
    return _of_verdict(task, replace(hidden, status="wrong"), public["output"], public=False)


def _lost(task: Task, lost: Lost) -> Record:
    """The record of a task whose process was lost; a fault of ours is none of the task's."""
    if lost.kind == "sandbox":
        raise lost
    return _task_record(task, "lost", lost.sentence)


def _values_graded(task: ValuesTask, given: Given, learner: str) -> Record:
    named = named_values(task, given.answer, given.values, learner)
    if named is None:
        wanted = ", ".join(task.answers(**task.given(learner)))
        return _task_record(task, "wrong", f"the task asks for the values {wanted}.")
    verdict = judged_values(task, named, learner)
    return _of_verdict(task, verdict, output=_hash(repr(sorted(named.items()))))


def _whose_numbers(task: ValuesTask, learner: str, asked: str) -> str:
    """A sentence where the notebook shows the numbers of somebody else: a name typed in another
    way is no mistake in the answer."""
    if repr(task.given(learner)) == repr(task.given(asked)):
        return ""
    whose = f"those of {learner!r}" if learner else "the same for everybody"
    if not asked:
        return f" The numbers are {whose}: learner({learner!r}) shows them."
    return f" The numbers are {whose}; the notebook asks for those of {asked!r}."


def _function_graded(session: Session, task: FunctionTask, given: Given) -> Record:
    if given.kind != "function":
        if given.answer is None:
            return _task_record(task, "not attempted", UNTOUCHED)
        return _task_record(task, "wrong", "the answer is a function, got a value.")
    return _of_verdict(task, *_judged_there(session, task, given, PUBLIC_SEED))


def _judged_there(
    session: Session, task: FunctionTask, given: Given, seed: int
) -> tuple[Verdict, str]:
    """The verdict on the function in the sandbox, and a hash of what it gave."""
    planned = planned_calls(task, task.cases(np.random.default_rng(seed)))
    function = RemoteFunction(session, task, given, planned)
    with JUDGING, contextlib.redirect_stdout(io.StringIO()):
        verdict = judged(task, function, seed)
    return verdict, _hash(repr([_in_full(each) for each in function.gave]))


def _in_full(value: Any) -> Any:
    """An array as a list: its repr takes longer, and leaves out the middle of a long one."""
    return value.tolist() if hasattr(value, "tolist") else value


def _of_verdict(task: Task, verdict: Verdict, output: str = "", public: bool = True) -> Record:
    curves = verdict.curves if public and verdict.place.startswith("t = ") else {}
    record = _task_record(task, verdict.status, verdict.sentence if public else HIDDEN)
    return record | {
        "points": float(task.points) if verdict.status == "right" else 0.0,
        "mistake": verdict.mistake.name if verdict.mistake else "",
        "lesson": verdict.mistake.lesson if verdict.mistake else "",
        "public": public,
        "output": output,
        "expected": [float(rate) for rate in curves.get("expected", ())] or None,
        "yours": [float(rate) for rate in curves.get("yours", ())] or None,
    }


def _task_record(task: Task, status: str, said: str) -> Record:
    return {
        "title": task.title,
        "status": status,
        "points": 0.0,
        "of": task.points,
        "said": said,
        "mistake": "",
        "lesson": "",
        "public": True,
        "output": "",
        "expected": None,
        "yours": None,
    }


# A driver runs beside the answer, in the sandbox ------------------------------------------------


def driven(task: Task) -> Task:
    """The task, where its harness is the driver in the sandbox if the answer is a student's."""
    if not isinstance(task, FunctionTask) or not task.driver:
        return task
    return replace(task, harness=_beside(task.harness))


def _beside(harness: Any) -> Callable[..., Any]:
    def use(answer: Any, *arguments: Any) -> Any:
        if isinstance(answer, Watched):  # a student's: the driver is called over there
            return answer(*arguments)
        return harness(answer, *arguments)

    return use


# Hashes and versions ---------------------------------------------------------------------------


def section_name(section: str) -> str:
    """ "01" or "01_step" -> "01_step"; "" where there is none."""
    return SECTIONS.get(section[:2], "")


@lru_cache
def versions() -> dict[str, str]:
    """What the score depends on beside the tasks."""
    found = {"lrcourse": lrcourse.__version__, "python": platform.python_version()}
    for name in ("numpy", "torch"):
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


@lru_cache
def _hash_of_modules(names: tuple[str, ...]) -> str:
    return _hash("\n".join(inspect.getsource(sys.modules[name]) for name in names))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _origin(task: Task) -> str:
    """The module that says what is right."""
    assert isinstance(task, FunctionTask | ValuesTask)
    return (task.reference if isinstance(task, FunctionTask) else task.answers).__module__
