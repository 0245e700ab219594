"""What a task is: a question, what a right answer does, and the wrong answers we know by name.

Two kinds of answer: a function, which is called (`FunctionTask`), and values that a learner
works out, reads off a picture or chooses (`ValuesTask`). What goes into an answer and what
comes out are plain data: numbers, words, lists.
"""

import hashlib
import itertools
import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from lrcourse.handouts import Unlike

Kind = Literal[
    "implement", "compute", "repair", "predict", "read a curve", "experiment", "decide", "quiz"
]
PUBLIC_SEED = 0  # the cases a learner meets; a grader draws others
MOST_NUMBERS = 100_000  # of one answer; a generator that never ends is stopped here


class Case(NamedTuple):
    """One call of the answer; or, with `times`, one call for each t, as its first argument.

    `places` names the numbers of an answer that is a list; without it they stand at t = 0, 1, ...
    """

    arguments: dict[str, Any]
    times: Sequence[int] | None = None
    places: Sequence[str] | None = None


class Point(NamedTuple):
    """One value of an answer: which case it belongs to, where in it, and what it is."""

    case: int
    place: str  # "t = 37", "step_size", or "" where the case has one value only
    value: Any


class Within(NamedTuple):
    """A right answer that is any number from `low` to `high`."""

    low: float
    high: float = math.inf


class Mistake(NamedTuple):
    """A wrong answer that learners give, with one sentence that teaches.

    In a function task `answer` is a function. In a values task it gives, from the given numbers,
    some of the values asked for: it is recognised where those agree, whatever the others are.
    """

    name: str
    answer: Callable[..., Any]
    lesson: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """One exercise. A number is right within `rtol` times the right one, or within `atol` times
    the largest right number of its case, so that rounding is forgiven where a curve is zero."""

    id: str
    title: str
    points: int
    kind: Kind = "implement"
    minutes: int = 0  # as are difficulty and hints: for who learns, not for a grader
    difficulty: Literal[1, 2, 3] = 1
    hints: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    rtol: float = 1e-5
    atol: float = 1e-7


@dataclass(frozen=True, kw_only=True, eq=False)
class FunctionTask(Task):
    """The answer is a function, or a class: `reference` is a right one.

    `cases(rng)` go from simple to hard; the first fails an answer that does nothing. `also_right`
    are right answers written differently. `untouched` is what the exercise hands out in a repair
    task: an answer that still does that counts as not attempted. `harness(answer, *arguments)` is
    how an answer is used, where it is more than called with the arguments. `driver` names that
    harness, "lrcourse.handouts.pytorch:logged", where the answer is handed objects that cannot
    leave a process: a grader, whose answers run in another, calls it beside the answer.
    """

    reference: Callable[..., Any]
    cases: Callable[[np.random.Generator], list[Case]]
    also_right: tuple[Callable[..., Any], ...] = ()
    untouched: Callable[..., Any] | None = None
    harness: Callable[..., Any] | None = None
    driver: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class ValuesTask(Task):
    """The answer is values by name: `answers(**given)` are the right ones.

    A value is a number, a range (`Within`) or a word. `draw(rng)` gives the numbers of the
    question; a learner's own where personal numbers are switched on. `words` are the choices
    where words are asked for; each can stand beside what it means.
    """

    answers: Callable[..., Mapping[str, Any]]
    draw: Callable[[np.random.Generator], dict[str, Any]] = lambda rng: {}
    words: tuple[str, ...] = ()

    def given(self, learner: str = "") -> dict[str, Any]:
        """The numbers of the question, for this learner; "" for everybody's."""
        return self.draw(np.random.default_rng(seed_of(self.id, learner)))


def choice(
    task_id: str,
    title: str,
    right: str,
    feedback: Mapping[str, str],
    *,
    hints: tuple[str, ...],
    minutes: int = 2,
    points: int = 1,
    difficulty: Literal[1, 2, 3] = 1,
) -> ValuesTask:
    """A question with choices: the right letter, and one sentence of feedback for each wrong one.

    The letters are those of `feedback` and the right one; the learner gives `answer="b"`.
    """
    letters = tuple(sorted({right, *feedback}))
    return ValuesTask(
        id=task_id,
        title=title,
        kind="quiz",
        minutes=minutes,
        difficulty=difficulty,
        points=points,
        hints=hints,
        answers=lambda: {"answer": right},
        words=letters,
        mistakes=tuple(
            Mistake(f"chose {letter}", lambda letter=letter: {"answer": letter}, feedback[letter])
            for letter in letters
            if letter != right
        ),
    )


def seed_of(task_id: str, learner: str) -> int:
    """The seed of a learner's own numbers: the same on every machine, however the name is typed.

    Capitals, blanks and the two ways to store an accent or a Korean syllable make no difference.
    """
    name = " ".join(unicodedata.normalize("NFKC", learner).casefold().split())
    if not name:
        return PUBLIC_SEED
    digest = hashlib.sha256(f"{task_id} {name}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big")


# What an answer says ---------------------------------------------------------------------------


class Played(NamedTuple):
    """What a function gave: the points of the cases before the one where it raised an error."""

    points: list[Point]
    cases: int  # so many were played to their end
    error: Exception | None = None


def play(answer: Callable[..., Any], cases: Iterable[Case], harness: Any = None) -> list[Point]:
    """Every value that a function gives on these cases; what it raises is raised."""
    played = play_on(answer, cases, harness)
    if played.error:
        raise played.error
    return played.points


def play_on(answer: Callable[..., Any], cases: Iterable[Case], harness: Any = None) -> Played:
    """The values that a function gives, as far as it comes."""
    use = harness or (lambda function, *arguments: function(*arguments))
    points: list[Point] = []
    number = -1
    for number, case in enumerate(cases):
        try:
            points += _play_case(use, answer, number, case)
        except Exception as error:
            return Played(points, number, error)
    return Played(points, number + 1)


def _play_case(use: Callable[..., Any], answer: Any, number: int, case: Case) -> list[Point]:
    arguments = case.arguments.values()
    if case.times is not None:
        return [Point(number, f"t = {t}", use(answer, t, *arguments)) for t in case.times]
    result = use(answer, *arguments)
    if not hasattr(result, "__iter__") or isinstance(result, str | dict) or _has_no_axis(result):
        return [Point(number, "", result)]
    values = list(itertools.islice(result, MOST_NUMBERS + 1))
    names = case.places or ()
    return [
        Point(number, names[k] if k < len(names) else f"t = {k}", value)
        for k, value in enumerate(values)
    ]


def one_of(
    pick: tuple[int, int], asked: str, answer: Callable[..., Any], times: Iterable[int], *rest: Any
) -> list[Any]:
    """Value `pick[0]` of the `pick[1]` that an answer gives at each t; what is `asked` is said
    where it gives something else."""
    place, count = pick
    values = []
    for t in times:
        given = answer(t, *rest)
        if isinstance(given, dict) or not hasattr(given, "__len__") or len(given) != count:
            raise Unlike(f"give back {asked}")
        values.append(given[place])
    return values


def _has_no_axis(result: Any) -> bool:
    """An array or a tensor that holds one number: it has an __iter__ that refuses."""
    return getattr(result, "ndim", 1) == 0
