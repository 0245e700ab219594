"""Are the checks themselves right? Each task is tried with answers of which we know what they are.

The solution is right on many seeds, and so are right answers that are written differently; every
wrong answer that we know is wrong on every seed, and is called by its own name.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lrcourse.check.judging import judged, judged_values
from lrcourse.check.verdict import Verdict
from lrcourse.tasks import FunctionTask, Mistake, Task, ValuesTask

RIGHT_SEEDS = 200  # the solution scores on so many
WRONG_SEEDS = 50  # and a wrong answer fails on so many


@dataclass
class Report:
    """What was found of one task; `faults` is empty where all is well."""

    task: Task
    mistakes: int = 0
    named: int = 0  # wrong answers called by their own name on every seed
    misnamed: int = 0  # wrong answers called by another's name on some seed
    variants: int = 0
    milliseconds: float = 0.0  # of one check of the solution
    faults: list[str] = field(default_factory=list)


def report(
    task: Task,
    solution: Any,
    right: int = RIGHT_SEEDS,
    wrong: int = WRONG_SEEDS,
    handed_in: Callable[[Any], Any] = lambda answer: answer,
) -> Report:
    """All of it tried: what is right on `right` seeds, what is wrong on `wrong` seeds.

    `handed_in(answer)` is what a check gets of a function: a grader calls it through a driver.
    """
    found = Report(task, len(task.mistakes))
    _try_the_solution(found, handed_in(solution), right, wrong)
    if isinstance(task, FunctionTask):
        found.variants = len(task.also_right)
        for number, answer in enumerate(task.also_right):
            for seed in range(0, wrong, 10):
                verdict = verdict_on(task, handed_in(answer), seed)
                if verdict.status != "right":
                    found.faults.append(f"also_right[{number}], seed {seed}: {verdict.sentence}")
                    break
    for mistake in task.mistakes:
        _try_a_mistake(found, mistake, wrong, handed_in)
    return found


def verdict_on(task: Task, answer: Any, seed: int = 0, learner: str = "") -> Verdict:
    """The verdict on a function or on values; one value may come without its name."""
    if isinstance(task, FunctionTask):
        return judged(task, answer, seed)
    assert isinstance(task, ValuesTask)
    names = list(task.answers(**task.given(learner)))
    return judged_values(task, answer if isinstance(answer, dict) else {names[0]: answer}, learner)


def right_values(task: ValuesTask, learner: str = "") -> dict[str, Any]:
    """Values that are right for this learner."""
    return {name: _one_of(value) for name, value in task.answers(**task.given(learner)).items()}


def wrong_values(task: ValuesTask, mistake: Mistake, learner: str) -> dict[str, Any]:
    """The right values for this learner, but those that the mistake gets wrong."""
    wrong = mistake.answer(**task.given(learner))
    return right_values(task, learner) | {name: _one_of(value) for name, value in wrong.items()}


def _one_of(value: Any) -> Any:
    return getattr(value, "low", value)  # the edge of a range is in it


def _try_the_solution(found: Report, solution: Any, right: int, wrong: int) -> None:
    task, times = found.task, []
    seeds = range(right) if isinstance(task, FunctionTask) else [0]
    for seed in seeds:
        start = time.perf_counter()
        verdict = verdict_on(task, solution, seed)
        times.append(time.perf_counter() - start)
        if verdict.status != "right":
            told = f"is {verdict.status}: {verdict.sentence}"
            found.faults.append(f"the right answer, seed {seed}, {told}")
            break
    found.milliseconds = 1000 * statistics.median(times)
    if isinstance(task, ValuesTask):
        for learner in _learners(wrong):
            if verdict_on(task, right_values(task, learner), learner=learner).status != "right":
                found.faults.append(f"the right values of learner {learner!r} are not right")


def _try_a_mistake(
    found: Report, mistake: Mistake, wrong: int, handed_in: Callable[[Any], Any]
) -> None:
    names = set()
    for number, verdict in enumerate(_verdicts_on(found.task, mistake, wrong, handed_in)):
        if verdict.status != "wrong":
            told = f"the mistake {mistake.name!r}, seed {number}, is {verdict.status}"
            found.faults.append(told)
            return
        names.add(verdict.mistake.name if verdict.mistake else "")
    found.named += names == {mistake.name}
    others = names - {mistake.name, ""}
    found.misnamed += bool(others)
    if others:
        told = f"the mistake {mistake.name!r} is called {', '.join(sorted(others))}"
        found.faults.append(told)


def _verdicts_on(
    task: Task, mistake: Mistake, wrong: int, handed_in: Callable[[Any], Any]
) -> Iterator[Verdict]:
    """On a wrong function for each seed, on wrong values for each learner."""
    if isinstance(task, FunctionTask):
        answer = handed_in(mistake.answer)
        yield from (verdict_on(task, answer, seed) for seed in range(wrong))
    elif isinstance(task, ValuesTask):
        for learner in _learners(wrong):
            yield verdict_on(task, wrong_values(task, mistake, learner), learner=learner)


def _learners(count: int) -> list[str]:
    return ["", *(f"learner {number}" for number in range(1, count))]
