"""What a task is: a question, a reference, cases, and the wrong answers we know by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

Kind = Literal["implement", "repair", "read a curve", "compute"]


class Case(NamedTuple):
    """One call of the answer; or, with `times`, one call for each t, as its first argument."""

    arguments: dict[str, Any]
    times: Sequence[int] | None = None


class Point(NamedTuple):
    """One number of an answer: which case it belongs to, where in it, and its value."""

    case: int
    place: str  # "t = 37", "step_size", or "" where the case has one number only
    value: Any


class Mistake(NamedTuple):
    """A wrong answer that learners give, with one sentence that teaches."""

    name: str
    answer: Any
    lesson: str


@dataclass(frozen=True)
class Task:
    """One exercise. `reference` is a function, or a dict of numbers where numbers are asked.

    `cases(rng)` go from simple to hard; the first fails an answer that does nothing. A number
    is right within `rtol` times the right one. `untouched` is what the exercise hands out in
    a repair task: an answer that still does that counts as not attempted.
    """

    id: str
    title: str
    kind: Kind
    minutes: int
    difficulty: Literal[1, 2, 3]
    points: int
    reference: Any
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, ...]
    cases: Callable[[np.random.Generator], list[Case]] = lambda rng: [Case({})]
    untouched: Callable[..., Any] | None = None
    rtol: float = 1e-5


def play(answer: Any, cases: Sequence[Case]) -> list[Point]:
    """Every number that `answer` gives: a function is called, a dict is read."""
    if isinstance(answer, dict):
        return [Point(0, name, value) for name, value in answer.items()]
    return [
        point for number, case in enumerate(cases) for point in _play_case(answer, number, case)
    ]


def _play_case(function: Callable[..., Any], number: int, case: Case) -> list[Point]:
    arguments = case.arguments.values()
    if case.times is not None:
        return [Point(number, f"t = {t}", function(t, *arguments)) for t in case.times]
    result = function(*arguments)
    if not hasattr(result, "__iter__") or isinstance(result, str | dict) or _has_no_axis(result):
        return [Point(number, "", result)]
    return [Point(number, f"t = {t}", value) for t, value in enumerate(result)]


def _has_no_axis(result: Any) -> bool:
    """An array or a tensor that holds one number: it has an __iter__ that refuses."""
    return getattr(result, "ndim", 1) == 0
