"""Is an instructor's own assignment right, before the class sees it?

As the tasks of the course are proven (lrcourse.check.proof): the reference is right on many
seeds, every known mistake is wrong and called by its name, the hidden cases of each seed are its
own. And the reference is graded in the sandbox as a student's notebook: that tries drivers and
limits, too.
"""

import ast
import functools
import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from lrcourse.check.proof import Report, report, right_values
from lrcourse.grading import GradingError
from lrcourse.grading.assignment import Own, own_assignment, own_tasks
from lrcourse.grading.grade import Assignment, Record, driven, grade
from lrcourse.grading.sandbox import Sandbox
from lrcourse.grading.sandbox.inside.wire import NotPlainData, encode
from lrcourse.tasks import PUBLIC_SEED, Case, FunctionTask, Task, ValuesTask

SEEDS = 50


class Checked(NamedTuple):
    """What was found: a report on each task, and the record of the reference in the sandbox."""

    reports: list[Report]
    record: Record | None  # None where there are faults without a sandbox already

    @property
    def faults(self) -> list[str]:
        """Every fault, with its task."""
        return [f"{each.task.id}: {fault}" for each in self.reports for fault in each.faults]


def check_assignment(own: Own, sandbox: Sandbox, seeds: int = SEEDS) -> Checked:
    """Everything tried, on so many seeds."""
    reports = [_report(task, seeds) for task in own_tasks(own)]
    if any(each.faults for each in reports):
        return Checked(reports, None)
    assignment = own_assignment(own)
    record = grade(solved(own, assignment), assignment, "the reference", seeds + 1, sandbox)
    for each in reports:
        told = record["tasks"][each.task.id]
        if told["status"] != "right":
            said = record["reason"] or told["said"]
            each.faults.append(f"the reference in the sandbox is {told['status']}: {said}")
    return Checked(reports, record)


def refuse_faults(own: Own) -> None:
    """A sentence where the reference is not right, or a known mistake not wrong, on one seed."""
    for task in own_tasks(own):
        for fault in _report(task, 1).faults:
            raise GradingError(f"{own.name}.py: task {task.id}: {fault}")


def solved(own: Own, assignment: Assignment) -> bytes:
    """A notebook with everything that the file of the assignment defines, as a right student's.

    A cell for each statement: those that a student could not run, such as TASKS, only fail.
    """
    cells = ["from lrcourse.check import check"]
    for statement in ast.parse(own.text).body:
        cells.append(ast.unparse(statement))
    for task in assignment.tasks.values():
        if isinstance(task, ValuesTask):
            given = ", ".join(f"{name}={value!r}" for name, value in right_values(task).items())
            cells.append(f"check({task.id!r}, {given})")
    written = [{"cell_type": "code", "source": cell} for cell in cells]
    return json.dumps({"cells": written, "metadata": {}, "nbformat": 4}).encode()


def _report(task: Task, seeds: int) -> Report:
    """The proof of one task; what fails in the instructor's own code is a fault as well."""
    try:
        return _proven(task, seeds)
    except Exception as error:
        return Report(task, faults=[f"its own code fails: {type(error).__name__}: {error}"])


def _proven(task: Task, seeds: int) -> Report:
    if isinstance(task, ValuesTask):
        return report(task, right_values(task), seeds, seeds)
    assert isinstance(task, FunctionTask)
    drawn = [task.cases(np.random.default_rng(seed)) for seed in range(seeds)]
    faults = _faults_of_cases(task, drawn)
    if faults:
        return Report(task, faults=faults)
    return report(driven(task), task.reference, seeds, seeds, _beside_its_driver(task))


def _beside_its_driver(task: FunctionTask) -> Callable[[Any], Any]:
    """What turns an answer into a function of plain data, as the sandbox does."""
    harness = task.harness
    if not task.driver or not harness:
        return lambda answer: answer

    def handed_in(answer: Any) -> Any:
        @functools.wraps(answer, updated=())
        def called(*arguments: Any) -> Any:
            return harness(answer, *arguments)

        return called

    return handed_in


def _faults_of_cases(task: FunctionTask, drawn: Sequence[Any]) -> list[str]:
    """What is wrong with the cases of these seeds, the public ones first."""
    told = [repr(cases) for cases in drawn]
    faults = []
    if not all(drawn):
        faults.append("cases(rng) gives no case: give a list of Case(...)")
    elif complaint := _not_plain(drawn[0]):
        faults.append(complaint)
    elif repr(task.cases(np.random.default_rng(PUBLIC_SEED))) != told[0]:
        faults.append("the cases of one seed are not always the same: draw them from rng alone")
    elif told[0] in told[1:]:
        seed = told.index(told[0], 1)
        faults.append(
            f"the hidden cases of seed {seed} are the public ones, so a table of those would pass: "
            f"draw them from rng"
        )
    return faults


def _not_plain(cases: Sequence[Case]) -> str:
    """A sentence where an argument cannot be sent to the sandbox."""
    try:
        for case in cases:
            encode(tuple(case.arguments.values()), [])
    except NotPlainData as error:
        return f"its cases hold {error}: give numbers, words, lists or arrays"
    return ""
