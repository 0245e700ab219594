"""check("01.1", step_decay): right, wrong or not attempted, at once, and which mistake it is.

The answer runs in the learner's own notebook: this is help, not an exam. What it prints is a
`Verdict`; no error of a learner's code becomes a traceback of ours.
"""

import html
import math
import reprlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lrcourse.plots import Picture, plot_rates, show
from lrcourse.tasks import TASKS, Case, Mistake, Point, Task, play

Status = Literal["right", "wrong", "not attempted"]
MARKS = {"right": "✓", "wrong": "✗", "not attempted": "…"}
PUBLIC_SEED = 0  # the cases a learner meets; a grader draws others


@dataclass(frozen=True)
class Verdict:
    """What check() found, for a program (fields), a terminal (text) and a notebook (HTML)."""

    task: Task
    status: Status
    sentence: str
    mistake: Mistake | None = None
    place: str = ""  # where the first wrong number is, such as "t = 30"
    got: Any = None
    expected: float | None = None
    picture: Picture | None = None

    @property
    def lines(self) -> list[str]:
        """The verdict as sentences, the most important first."""
        lines = [f"{MARKS[self.status]} {self.task.id} {self.status}: {self.sentence}"]
        if self.mistake:
            lines.append(f"It looks like this mistake: {self.mistake.name}. {self.mistake.lesson}")
        if self.status == "wrong":
            lines.append(f'For a hint: hint("{self.task.id}")')
        return lines

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        colour = {"right": "#009e73", "wrong": "#d55e00"}.get(self.status, "#888888")
        rows = "".join(f"<div>{html.escape(line)}</div>" for line in self.lines[1:])
        picture = self.picture.html if self.picture else ""
        return {
            "text/plain": repr(self),
            "text/html": f'<div style="border-left:6px solid {colour};padding:4px 12px">'
            f"<b>{html.escape(self.lines[0])}</b>{rows}{picture}</div>",
        }


class Unanswered(Exception):
    """The answer gave None or ... : nobody has tried yet."""


def check(task_id: str, answer: Any = None, **numbers: Any) -> Verdict:
    """The verdict on an answer: a function, or the numbers that the task asks for.

    `check("01.1", step_decay)`; `check("01.5", step_size=..., gamma=...)`.
    """
    task = _task(task_id)
    if isinstance(task.reference, dict):
        return _check_numbers(task, answer, numbers)
    if numbers:
        raise TypeError(f"check: task {task_id} asks for a function, got {', '.join(numbers)}=...")
    if answer is None or answer is ...:
        return _not_attempted(task)
    if not callable(answer):
        return Verdict(task, "wrong", f"the answer is a function, got {answer!r}.")
    cases = task.cases(np.random.default_rng(PUBLIC_SEED))
    try:
        points = _numbers_of(_Watched(answer), cases)
    except Unanswered:
        return _not_attempted(task)
    except _Stopped as stopped:
        return Verdict(task, "wrong", str(stopped))
    if task.untouched and _same(points, play(task.untouched, cases), task.rtol):
        return _not_attempted(task)
    return _compare(task, points, cases)


def hint(task_id: str, step: int = 1) -> str:
    """Hint number `step` of the task; the first only nudges, the last nearly tells."""
    task = _task(task_id)
    if step not in range(1, len(task.hints) + 1):
        raise ValueError(f"hint: task {task_id} has the hints 1 to {len(task.hints)}, got {step!r}")
    more = f'  (next: hint("{task_id}", {step + 1}))' if step < len(task.hints) else "  (the last)"
    return f"Hint {step} of {len(task.hints)}: {task.hints[step - 1]}{more}"


def _task(task_id: str) -> Task:
    if task_id not in TASKS:
        raise ValueError(
            f"check: the tasks are {', '.join(TASKS)}; there is none called {task_id!r}"
        )
    return TASKS[task_id]


def _not_attempted(task: Task) -> Verdict:
    if task.untouched:
        return Verdict(task, "not attempted", "the code still does what it did at the start.")
    return Verdict(
        task, "not attempted", "put your answer where the dots are, then run this again."
    )


def _check_numbers(task: Task, answer: Any, numbers: dict[str, Any]) -> Verdict:
    wanted = ", ".join(f"{name}=..." for name in task.reference)
    if answer is not None or numbers.keys() != task.reference.keys():
        raise TypeError(f'check: write check("{task.id}", {wanted}) with your numbers')
    numbers = {name: numbers[name] for name in task.reference}
    if any(value is None or value is ... for value in numbers.values()):
        return _not_attempted(task)
    for name, value in numbers.items():
        if _as_number(value) is None:
            return Verdict(task, "wrong", f"{name} must be a number, got {value!r}.", place=name)
    return _compare(task, play(numbers, []), [Case({})])


# The answer's numbers --------------------------------------------------------------------------


class _Stopped(Exception):
    """The learner's code failed; the message is the sentence to show."""


class _Watched:
    """The learner's function; whatever it raises becomes one sentence with the call."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.has_answered = False

    def __call__(self, *values: Any) -> Any:
        try:
            result = self.function(*values)
            if isinstance(result, Iterator):  # a generator runs, and may fail, only here
                result = list(result)
        except NotImplementedError:
            raise Unanswered from None
        except KeyboardInterrupt:
            raise _Stopped(f"{self._call(values)} was stopped before it gave an answer.") from None
        except (Exception, SystemExit) as error:
            raise _Stopped(f"{self._call(values)} raised {type(error).__name__}: {error}") from None
        if result is not None and result is not ...:
            self.has_answered = True
            return result
        if self.has_answered:
            raise _Stopped(f"{self._call(values)} gave {result}: every path must return a number.")
        raise Unanswered

    def _call(self, values: Sequence[Any]) -> str:
        name = getattr(self.function, "__name__", "your function")
        return f"{name}({', '.join(map(repr, values))})"


def _numbers_of(answer: Callable[..., Any], cases: Sequence[Case]) -> list[Point]:
    points = play(answer, cases)
    for point in points:
        if _as_number(point.value) is None:
            place = f" at {point.place}" if point.place else ""
            raise _Stopped(f"the answer{place} must be a number, got {reprlib.repr(point.value)}.")
    return points


def _as_number(value: Any) -> float | None:
    try:
        return float(value)
    except Exception:  # the value is a learner's: its __float__ may raise anything
        return None


# Comparison ------------------------------------------------------------------------------------


def _close(got: Any, expected: Any, rtol: float) -> bool:
    return math.isclose(float(got), float(expected), rel_tol=rtol, abs_tol=0.0)


def _same(points: Sequence[Point], others: Sequence[Point], rtol: float) -> bool:
    places = [point[:2] for point in points] == [other[:2] for other in others]
    return places and all(
        _close(point.value, other.value, rtol) for point, other in zip(points, others, strict=True)
    )


def _compare(task: Task, points: list[Point], cases: list[Case]) -> Verdict:
    expected = play(task.reference, cases)
    if _same(points, expected, task.rtol):
        numbers = f"{len(points)} numbers" if len(points) > 1 else "1 number"
        return Verdict(task, "right", f"public checks passed ({numbers} compared).")
    mistake = _recognised(task, points, cases)
    misshapen = _shape_sentence(points, expected, cases)
    if misshapen:
        return Verdict(task, "wrong", misshapen, mistake)
    got, right = next(
        (point, other)
        for point, other in zip(points, expected, strict=True)
        if not _close(point.value, other.value, task.rtol)
    )
    return Verdict(
        task,
        "wrong",
        _where(task, cases[got.case], got, right),
        mistake,
        got.place,
        got.value,
        float(right.value),
        _both_curves(points, expected, got),
    )


def _recognised(task: Task, points: list[Point], cases: list[Case]) -> Mistake | None:
    for mistake in task.mistakes:
        try:
            if _same(points, play(mistake.answer, cases), task.rtol):
                return mistake
        except (
            ArithmeticError
        ):  # a wrong formula may overflow on some case: then it is not this one
            continue
    return None


def _shape_sentence(points: list[Point], expected: list[Point], cases: list[Case]) -> str | None:
    """What is wrong with how many numbers there are; None where only their values differ."""
    for number, case in enumerate(cases):
        got = [point.place for point in points if point.case == number]
        right = [point.place for point in expected if point.case == number]
        if right == [""] != got:
            return f"with {_arguments(case)} the answer is one number, got a list of {len(got)}."
        if got == [""] != right:
            return f"with {_arguments(case)} there should be {len(right)} numbers, got only one."
        if len(got) != len(right):
            return f"with {_arguments(case)} there should be {len(right)} numbers, got {len(got)}."
    return None


def _where(task: Task, case: Case, got: Point, right: Point) -> str:
    if isinstance(task.reference, dict):
        return f"{got.place} = {_short(got.value)} is not what the picture shows."
    place = f"at {got.place}, " if got.place else ""
    return (
        f"{place}with {_arguments(case)}: got {_short(got.value)}, expected {_short(right.value)}."
    )


def _arguments(case: Case) -> str:
    return ", ".join(f"{name} = {_short(value)}" for name, value in case.arguments.items())


def _short(value: Any) -> str:
    number = _as_number(value)
    return repr(value) if number is None else f"{number:.6g}"


def _both_curves(points: list[Point], expected: list[Point], first: Point) -> Picture | None:
    """A small picture of the first case that went wrong, where it is a curve."""
    right = [float(point.value) for point in expected if point.case == first.case]
    got = [float(point.value) for point in points if point.case == first.case]
    if len(right) < 3 or not np.isfinite(got).all():
        return None
    axes = plot_rates(expected=np.array(right), yours=np.array(got))
    return show(
        axes,
        f"Your curve and the expected one over {len(right)} updates; they part at {first.place}.",
    )
