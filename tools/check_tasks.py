"""Are the checks themselves right? `python tools/check_tasks.py [section ...]` prints the proof.

For every task: the solution of the notebook scores full marks on many seeds; right answers that
are written differently pass; the untouched exercise is "not attempted"; every wrong answer we
know fails on every seed, and is called by its own name.
"""

import argparse
import contextlib
import io
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import lrcourse.check as checking  # noqa: E402
from lrcourse.check import proof  # noqa: E402
from lrcourse.check.proof import RIGHT_SEEDS, WRONG_SEEDS, Report, verdict_on  # noqa: E402
from lrcourse.tasks import SECTIONS, TASKS, FunctionTask, Task  # noqa: E402
from tools.build import Job, notebook_of  # noqa: E402


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


def report(task: Task, solution: Any, untouched: Any) -> Report:
    """Everything this page promises, tried."""
    found = proof.report(task, solution)
    status = verdict_on(task, untouched).status
    if status != "not attempted":
        found.faults.append(f"the untouched exercise is {status}")
    return found


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
    parser.add_argument("sections", nargs="*", help="such as 01 or 01_step; default: all")
    asked = parser.parse_args().sections
    if unknown := [each for each in asked if each[:2] not in SECTIONS]:
        parser.error(f"there is no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    found = reports([each[:2] for each in asked])
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
