"""Are the checks themselves right? `python tools/check_tasks.py [section ...]` prints the proof.

For every task: the solution of the notebook scores full marks on many seeds; right answers that
are written differently pass; the untouched exercise is "not attempted"; every wrong answer we
know fails on every seed, and is called by its own name.
"""

import argparse
import contextlib
import io
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import lrcourse.check as checking  # noqa: E402
from lrcourse.check.judging import judged, judged_values  # noqa: E402
from lrcourse.check.verdict import Verdict  # noqa: E402
from lrcourse.tasks import TASKS, FunctionTask, Mistake, Task, ValuesTask  # noqa: E402
from tools.build import Job, notebook_of  # noqa: E402

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


def section_of(task: Task) -> str:
    """The name of the notebook: "01_step"."""
    sources = (ROOT / "sources" / "exercises").glob(f"{task.id[:2]}_*.py")
    return next(sources).stem


def answers_in(kind: str, section: str) -> dict[str, Any]:
    """What the cells of a notebook hand to check(), by the number of the task.

    The cells are executed here, with a check() that keeps what it gets.
    """
    kept: dict[str, Any] = {}

    def keep(task_id: str, answer: Any = None, **values: Any) -> None:
        kept[task_id] = values or answer

    job = Job(ROOT / "sources" / "exercises" / f"{section}.py", kind)
    code = [cell.source for cell in notebook_of(job).cells if cell.cell_type == "code"]
    real, checking.check = checking.check, keep  # type: ignore[assignment]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            names: dict[str, Any] = {"__name__": section}
            for number, text in enumerate(code):
                exec(compile(text, f"{section}, cell {number}", "exec"), names)
    finally:
        checking.check = real
    return kept


def verdict_on(task: Task, answer: Any, seed: int = 0, learner: str = "") -> Verdict:
    """The verdict on a function or on values; one value may come without its name."""
    if isinstance(task, FunctionTask):
        return judged(task, answer, seed)
    assert isinstance(task, ValuesTask)
    names = list(task.answers(**task.given(learner)))
    return judged_values(task, answer if isinstance(answer, dict) else {names[0]: answer}, learner)


def wrong_values(task: ValuesTask, mistake: Mistake, learner: str) -> dict[str, Any]:
    """The right values for this learner, but those that the mistake gets wrong."""
    given = task.given(learner)
    right = {name: _one_of(value) for name, value in task.answers(**given).items()}
    return right | {name: _one_of(value) for name, value in mistake.answer(**given).items()}


def _one_of(value: Any) -> Any:
    return getattr(value, "low", value)  # the edge of a range is in it


def report(task: Task, solution: Any, untouched: Any) -> Report:
    """Everything this page promises, tried."""
    found = Report(task, len(task.mistakes))
    _try_the_solution(found, solution)
    status = verdict_on(task, untouched).status
    if status != "not attempted":
        found.faults.append(f"the untouched exercise is {status}")
    if isinstance(task, FunctionTask):
        found.variants = len(task.also_right)
        for number, answer in enumerate(task.also_right):
            for seed in range(0, WRONG_SEEDS, 10):
                if (verdict := verdict_on(task, answer, seed)).status != "right":
                    found.faults.append(f"also_right[{number}], seed {seed}: {verdict.sentence}")
                    break
    for mistake in task.mistakes:
        _try_a_mistake(found, mistake)
    return found


def _try_the_solution(found: Report, solution: Any) -> None:
    task, times = found.task, []
    seeds = range(RIGHT_SEEDS) if isinstance(task, FunctionTask) else [0]
    for seed in seeds:
        start = time.perf_counter()
        verdict = verdict_on(task, solution, seed)
        times.append(time.perf_counter() - start)
        if verdict.status != "right":
            found.faults.append(f"the solution, seed {seed}: {verdict!r}")
            break
    found.milliseconds = 1000 * statistics.median(times)
    if isinstance(task, ValuesTask):
        for learner in _learners():
            values = {k: _one_of(v) for k, v in task.answers(**task.given(learner)).items()}
            if verdict_on(task, values, learner=learner).status != "right":
                found.faults.append(f"the right values of learner {learner!r} are not right")


def _try_a_mistake(found: Report, mistake: Mistake) -> None:
    task, names = found.task, set()
    tries: list[Callable[[], Verdict]] = (
        [lambda seed=seed: verdict_on(task, mistake.answer, seed) for seed in range(WRONG_SEEDS)]
        if isinstance(task, FunctionTask)
        else [
            lambda learner=learner: verdict_on(
                task, wrong_values(task, mistake, learner), learner=learner
            )
            for learner in _learners()
        ]
    )
    for number, attempt in enumerate(tries):
        verdict = attempt()
        if verdict.status != "wrong":
            found.faults.append(f"{mistake.name!r}, number {number}, is {verdict.status}")
            return
        names.add(verdict.mistake.name if verdict.mistake else "")
    found.named += names == {mistake.name}
    others = names - {mistake.name, ""}
    found.misnamed += bool(others)
    if others:
        found.faults.append(f"{mistake.name!r} is called {', '.join(sorted(others))}")


def _learners() -> list[str]:
    return ["", *(f"learner {number}" for number in range(1, WRONG_SEEDS))]


def reports(sections: list[str]) -> list[Report]:
    """One for each task of these sections ("01"), or of all."""
    chosen = [task for task in TASKS.values() if not sections or task.id[:2] in sections]
    found = []
    for section in dict.fromkeys(section_of(task) for task in chosen):
        solutions, untouched = answers_in("solutions", section), answers_in("exercises", section)
        for task in chosen:
            if section_of(task) == section:
                if task.id not in solutions:
                    found.append(Report(task, faults=["the notebook has no check of it"]))
                    continue
                found.append(report(task, solutions[task.id], untouched[task.id]))
    return found


def main() -> None:
    """A line for each task, the sums, and every fault; exit code 1 where there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", help="such as 01; default: all")
    found = reports(parser.parse_args().sections)
    print("task   kind          mistakes  named  variants  ms   title")
    for each in found:
        task = each.task
        print(
            f"{task.id}  {task.kind:12} {each.mistakes:9} {each.named:6} {each.variants:9} "
            f"{each.milliseconds:4.0f}  {task.title}"
        )
        for fault in each.faults:
            print(f"       FAULT: {fault}")
    functions = [each for each in found if isinstance(each.task, FunctionTask)]
    mistakes, named = (sum(getattr(each, name) for each in found) for name in ("mistakes", "named"))
    faults = sum(len(each.faults) for each in found)
    print(
        f"\n{len(found)} tasks, {sum(each.task.points for each in found)} points, "
        f"{sum(each.task.minutes for each in found)} minutes; {mistakes} known wrong answers, "
        f"{named} ({named / max(mistakes, 1):.0%}) recognised by name on all of {WRONG_SEEDS} "
        f"seeds, {sum(each.misnamed for each in found)} named wrongly; "
        f"{sum(each.variants for each in functions)} right answers written differently; "
        f"solutions tried on {RIGHT_SEEDS} seeds; slowest check "
        f"{max(each.milliseconds for each in found):.0f} ms; {faults} faults"
    )
    raise SystemExit(faults > 0)


if __name__ == "__main__":
    main()
