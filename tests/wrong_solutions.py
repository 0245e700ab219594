"""Solutions changed by machine: does a check refuse them? `python -m tests.wrong_solutions`.

One operator, comparison, number or argument of a right answer is changed, in every way that
`tests.mutation` knows. Nobody wrote these wrong answers down, so they show what a check does with
one that it has never seen: whether it passes, and whether a name that it is called by is its own.
"""

import argparse
import ast
import contextlib
import inspect
import io
import signal
import sys
import textwrap
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np

from lrcourse.check import judging
from lrcourse.tasks import TASKS, FunctionTask, play_on
from tests.mutation import at, mistakes, places

OTHER_SEEDS = range(1, 13)  # of cases that the learner has not seen
SECONDS = 10.0  # who takes longer never ends
RIGHT, GAP, NAMED, MISNAMED, UNNAMED, ENDLESS = OUTCOMES = (
    "right",  # on all seeds: another way to write the same
    "gap",  # right on the public cases, wrong on others
    "named",
    "misnamed",  # on other seeds the mistake gives other numbers
    "unnamed",
    "endless",
)


class Endless(BaseException):
    """Raised by the clock; an answer cannot catch it as an Exception."""


class Wrong(NamedTuple):
    """A right answer with one wrong node."""

    text: str
    answer: Callable[..., Any]


def wrong_solutions(task: FunctionTask) -> Iterator[Wrong]:
    """Each wrong answer that differs from the reference in one node."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(task.reference)))
    arguments = list(inspect.signature(task.reference).parameters)
    names = vars(sys.modules[task.reference.__module__])
    for path in places(tree):
        node = at(tree, path)
        others = [
            ("id", name)
            for name in arguments
            if isinstance(node, ast.Name) and node.id in arguments and name != node.id
        ]
        for field, wrong in [*mistakes(node), *others]:
            changed = deepcopy(tree)
            setattr(at(changed, path), field, wrong)
            text = ast.unparse(ast.fix_missing_locations(changed))
            own = dict(names)
            exec(compile(text, "<wrong solution>", "exec"), own)
            yield Wrong(text, own[task.reference.__name__])


def outcome(task: FunctionTask, answer: Callable[..., Any]) -> str:
    """What the check makes of it; one of OUTCOMES."""
    with in_time(), contextlib.redirect_stdout(io.StringIO()):
        try:
            verdict = judging.judged(task, answer)
            if verdict.status == "right":
                later = (judging.judged(task, answer, seed).status for seed in OTHER_SEEDS)
                return RIGHT if all(each == "right" for each in later) else GAP
            if not verdict.mistake:
                return UNNAMED
            wrong = verdict.mistake.answer
            return NAMED if all(_alike(task, answer, wrong, n) for n in OTHER_SEEDS) else MISNAMED
        except Endless:
            return ENDLESS


def _alike(task: FunctionTask, answer: Any, mistake: Any, seed: int) -> bool:
    """Whether both give the same numbers, as far as both come."""
    played = play_on(answer, task.cases(np.random.default_rng(seed)), task.harness)
    theirs = judging._ours(task, mistake, seed)
    cases = min(played.cases, theirs.cases)
    points = [point for point in played.points if point.case < cases]
    return judging._same_numbers(task, points, theirs, cases)


@contextlib.contextmanager
def in_time() -> Iterator[None]:
    """Raise Endless after SECONDS."""

    def ring(*_: Any) -> None:
        raise Endless

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def report(task: FunctionTask) -> tuple[Counter[str], list[str]]:
    """How many of each outcome, and the text of those that are no good: gaps and wrong names."""
    counts: Counter[str] = Counter()
    told = []
    for wrong in wrong_solutions(task):
        found = outcome(task, wrong.answer)
        counts[found] += 1
        if found in (GAP, MISNAMED):
            told.append(f"{task.id} {found}:\n{wrong.text}")
    return counts, told


def can_be_changed(task: object) -> bool:
    """Whether its reference is written out: a function or a class, and no training of minutes."""
    return isinstance(task, FunctionTask) and task.id != "12.5"


def main() -> None:
    """A line for each task, the sums, and what is no good; exit code 1 where there is a gap."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", help="such as 01; default: all")
    sections = parser.parse_args().sections
    warnings.simplefilter("ignore")
    total: Counter[str] = Counter()
    told = []
    print("task ", *(f"{name:>9}" for name in OUTCOMES))
    for task in TASKS.values():
        if can_be_changed(task) and (not sections or task.id[:2] in sections):
            counts, more = report(task)
            print(f"{task.id:5}", *(f"{counts[name]:9}" for name in OUTCOMES), flush=True)
            total += counts
            told += more
    print("all  ", *(f"{total[name]:9}" for name in OUTCOMES))
    print("", *told, sep="\n")
    raise SystemExit(total[GAP] > 0)


if __name__ == "__main__":
    main()
