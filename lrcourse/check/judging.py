"""Is this answer right? The one place that compares; it shows nothing and keeps nothing."""

import inspect
import math
import re
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from lrcourse.check.calling import (
    Stopped,
    Unanswered,
    as_number,
    outside_names,
    played_by,
    unread,
)
from lrcourse.check.verdict import CLOCKS, Verdict
from lrcourse.tasks import (
    PUBLIC_SEED,
    Case,
    FunctionTask,
    Mistake,
    Played,
    Point,
    Task,
    ValuesTask,
    Within,
    play_on,
)

NO_DIFFERENCE = (
    "it still gives what the code gave at the start. If you changed something, that makes no "
    "difference yet."
)
SHOWN = 20  # entries of a list in a case: the one that went wrong should be among them
UNTOUCHED = "put your answer where the dots are, then run this again."


def judged(task: FunctionTask, answer: Any, seed: int = PUBLIC_SEED) -> Verdict:
    """The verdict on a function, with the cases of this seed."""
    if answer is None or answer is ...:
        return Verdict(task, "not attempted", UNTOUCHED)
    if not callable(answer):
        kind = "class" if isinstance(task.reference, type) else "function"
        told = f"the answer is a {kind}: give its name without brackets"
        return Verdict(task, "wrong", f"{told}, got {reprlib.repr(answer)}.")
    cases = task.cases(np.random.default_rng(seed))
    try:
        points, done, stopped = played_by(task, answer, cases)
    except Unanswered:
        return Verdict(task, "not attempted", UNTOUCHED)
    except Stopped as error:
        return Verdict(task, "wrong", str(error))
    if stopped:
        return _cut_short(task, answer, points, cases[:done], stopped, seed)
    if task.untouched and _same(task, points, _ours(task, task.untouched, seed), len(cases)):
        return Verdict(task, "not attempted", NO_DIFFERENCE)
    return _compared(task, answer, points, cases, seed)


def judged_values(task: ValuesTask, values: Mapping[str, Any], learner: str = "") -> Verdict:
    """The verdict on values by name, for this learner's numbers."""
    given = task.given(learner)
    right = task.answers(**given)
    if any(value is None or value is ... for value in values.values()):
        missing = [name for name, value in values.items() if value is None or value is ...]
        if len(missing) == len(values):
            return Verdict(task, "not attempted", UNTOUCHED)
        return Verdict(task, "not attempted", f"still open: {', '.join(missing)}.")
    plain = {}
    for name, value in values.items():
        plain[name], complaint = _plain_value(task, name, value, right[name])
        if complaint:
            return Verdict(task, "wrong", complaint, place=name, got=value)
    wrong = [name for name in right if not _is_right(task, plain[name], right[name])]
    if not wrong:
        return Verdict(task, "right", f"public checks passed ({_counted(len(right), 'value')}).")
    mistake, *others = _recognised_values(task, plain, wrong, given) or (None,)
    return Verdict(
        task,
        "wrong",
        _not_right(task, plain, wrong),
        mistake,
        place=wrong[0],
        got=plain[wrong[0]],
        others=tuple(each for each in others if each),
    )


def named_values(
    task: ValuesTask, answer: Any, values: Mapping[str, Any], learner: str = ""
) -> dict[str, Any] | None:
    """What was handed to check(), under the names asked for; None where the names are others."""
    wanted = list(task.answers(**task.given(learner)))
    if len(wanted) == 1 and not values:
        return {wanted[0]: answer}
    if answer is not None or values.keys() != set(wanted):
        return None
    return {name: values[name] for name in wanted}


# Functions -------------------------------------------------------------------------------------


def _cut_short(
    task: FunctionTask,
    answer: Any,
    points: list[Point],
    cases: list[Case],
    stopped: Exception,
    seed: int,
) -> Verdict:
    """The answer failed after these cases: a wrong number in one of them says more."""
    verdict = _compared(task, answer, points, cases, seed)
    if verdict.status == "wrong":
        return replace(verdict, note=f"Later on, {stopped}")
    kind = getattr(stopped, "kind", "")
    mistake = _recognised(task, points, len(cases), seed, kind) if kind else None
    return Verdict(task, "wrong", str(stopped), mistake)


def _compared(
    task: FunctionTask, answer: Any, points: list[Point], cases: list[Case], seed: int
) -> Verdict:
    """The points of these first cases beside the right ones."""
    right = _right(task, seed)
    expected = right.first(len(cases))
    if _same(task, points, right, len(cases)):
        told = f"public checks passed ({_counted(len(points), 'number')} compared)."
        return Verdict(task, "right", told, note=_note(answer))
    mistake = _recognised(task, points, len(cases), seed)
    note = "" if mistake else _rounding(points, expected) or _unread(task, answer)
    misshapen = _shape_sentence(points, expected, cases)
    if misshapen:
        return Verdict(task, "wrong", misshapen, mistake)
    got, wanted = next(
        (point, other)
        for point, other in zip(points, expected, strict=True)
        if not _close(task, point.value, other.value, right.scales.get(other.case, 0.0))
    )
    return Verdict(
        task,
        "wrong",
        _where(cases[got.case], got, wanted),
        mistake,
        got.place,
        got.value,
        wanted.value,
        note,
        curves=_both_curves(points, expected, got),
    )


def _note(answer: Any) -> str:
    names = outside_names(answer)
    if not names:
        return ""
    return (
        f"It uses {_listed(names)} from another cell. Where only this cell runs, that is not "
        f"there: pass it as an argument, or define it inside."
    )


def _unread(task: FunctionTask, answer: Any) -> str:
    """A sentence where the answer never looks at an argument that a right one needs."""
    needed = set(inspect.signature(task.reference).parameters) - set(unread(task.reference))
    names = [name for name in unread(answer) if name in needed]
    return f"It never reads {_listed(names)}." if names else ""


def _rounding(points: list[Point], expected: list[Point]) -> str:
    """A sentence where all numbers are the right ones but rounded; three must differ to tell."""
    pairs = [
        (got.value, right.value)
        for got, right in zip(points, expected, strict=False)
        if not isinstance(right.value, Within)
    ]
    if sum(got != right for got, right in pairs) < 3 or len(points) != len(expected):
        return ""
    for digits in range(1, 7):
        figures = max(abs(got) for got, _ in pairs) * 10**digits
        if figures >= 10 and all(got == round(float(right), digits) for got, right in pairs):
            return f"They are the right numbers, rounded to {digits} decimals: do not round."
    return ""


class Ours:
    """What an answer of ours gives with the cases of a seed: the right one, or a mistake."""

    def __init__(self, played: Played) -> None:
        self.points, self.cases, self.error = played

    def first(self, cases: int) -> list[Point]:
        """The points of the first cases."""
        if cases >= self.cases:
            return self.points
        return [point for point in self.points if point.case < cases]

    @cached_property
    def scales(self) -> dict[int, float]:
        """The largest number of each case."""
        scales: dict[int, float] = {}
        for case, _, value in self.points:
            if not isinstance(value, Within) and math.isfinite(size := abs(float(value))):
                scales[case] = max(scales.get(case, 0.0), size)
        return scales


def _close(task: Task, got: Any, expected: Any, scale: float = 0.0) -> bool:
    if isinstance(expected, Within):
        return expected.low <= float(got) <= expected.high
    return math.isclose(
        float(got), float(expected), rel_tol=task.rtol, abs_tol=task.atol * (scale or 0.0)
    )


def _same(task: Task, points: Sequence[Point], ours: Ours, cases: int) -> bool:
    """Whether these points are those of an answer of ours in its first cases."""
    others = ours.first(cases)
    return len(points) == len(others) and all(
        point[:2] == other[:2]
        and _close(task, point.value, other.value, ours.scales.get(other.case, 0.0))
        for point, other in zip(points, others, strict=True)
    )


def _ours(task: FunctionTask, answer: Any, seed: int) -> Ours:
    """What an answer of ours gives with the cases of this seed."""
    known = _public if seed == PUBLIC_SEED else _drawn
    return known(task, answer, seed)


def _plays(task: FunctionTask, answer: Any, seed: int) -> Ours:
    return Ours(play_on(answer, task.cases(np.random.default_rng(seed)), task.harness))


_public = lru_cache(maxsize=None)(_plays)  # as many as there are tasks and mistakes
_drawn = lru_cache(maxsize=5000)(_plays)


def forget_drawn() -> None:
    """Free what is known of cases that nobody asks for again: those of one submission."""
    _drawn.cache_clear()


def _right(task: FunctionTask, seed: int) -> Ours:
    """What is right."""
    right = _ours(task, task.reference, seed)
    if right.error:
        raise right.error
    return right


def _recognised(
    task: FunctionTask, points: list[Point], cases: int, seed: int, kind: str = ""
) -> Mistake | None:
    """The mistake that gives the same in these first cases, and then fails alike, if at all."""
    for mistake in task.mistakes:
        theirs = _ours(task, mistake.answer, seed)
        if kind:
            ends_alike = theirs.cases == cases and type(theirs.error).__name__ == kind
        else:
            ends_alike = theirs.cases >= cases
        if ends_alike and _same_numbers(task, points, theirs, cases):
            return mistake
    return None


def _same_numbers(task: Task, points: Sequence[Point], ours: Ours, cases: int) -> bool:
    """As `_same`; a wrong program of ours may also give what is no number."""
    try:
        return _same(task, points, ours, cases)
    except (TypeError, ValueError, OverflowError):
        return False


def _shape_sentence(points: list[Point], expected: list[Point], cases: list[Case]) -> str | None:
    """What is wrong with how many numbers there are; None where only their values differ."""
    for number, case in enumerate(cases):
        got = [point.place for point in points if point.case == number]
        right = [point.place for point in expected if point.case == number]
        if right == [""] != got:
            return f"with {arguments(case)} the answer is one number, got a list of {len(got)}."
        if got == [""] != right:
            return f"with {arguments(case)} there should be {len(right)} numbers, got only one."
        if len(got) != len(right):
            told = f"with {arguments(case)} there should be {len(right)} numbers, got {len(got)}."
            one_round = 0 < len(got) < len(right) and len(right) % len(got) == 0
            return told + (" Does your return stand inside a loop?" if one_round else "")
    return None


def _where(case: Case, got: Point, right: Point) -> str:
    place = f"at {got.place}, " if got.place else ""
    expected = right.value
    if isinstance(expected, Within):
        told = f"at least {short(expected.low)}"
        if math.isfinite(expected.high):
            told = f"from {short(expected.low)} to {short(expected.high)}"
    else:
        told = short(expected)
    return f"{place}with {arguments(case)}: got {short(got.value)}, expected {told}."


def arguments(case: Case) -> str:
    """ "peak_lr = 1, gamma = 0.5" """
    return ", ".join(f"{name} = {short(value)}" for name, value in case.arguments.items())


def short(value: Any) -> str:
    """A number with six figures, anything else as Python writes it."""
    number = as_number(value)
    if number is not None:
        return f"{number:.6g}"
    return repr(value) if type(value) is list and len(value) <= SHOWN else reprlib.repr(value)


def _both_curves(points: list[Point], expected: list[Point], first: Point) -> dict[str, np.ndarray]:
    """Yours and the right one, in the first case that went wrong, where it is a curve."""
    pairs = [
        (point.value, other.value)
        for point, other in zip(points, expected, strict=True)
        if point.case == first.case and point.place.startswith(tuple(CLOCKS))
    ]
    if len(pairs) < 3 or any(isinstance(right, Within) for _, right in pairs):
        return {}
    yours, right = np.array(pairs, dtype=float).T
    return {"expected": right, "yours": yours} if np.isfinite(yours).all() else {}


# Values ----------------------------------------------------------------------------------------


def _plain_value(task: ValuesTask, name: str, value: Any, right: Any) -> tuple[Any, str]:
    """The value as a float or a word, and a sentence where it is neither."""
    if isinstance(right, str):
        word = _word(value)
        for each in task.words:
            if word == _word(each):
                return each, ""
        listed = ", ".join(f'"{each}"' for each in task.words)
        return None, f"{name} must be one of {listed}, got {reprlib.repr(value)}."
    number = as_number(value)
    if number is None or number != number:
        return None, f"{name} must be a number, got {reprlib.repr(value)}."
    return number, ""


def _word(value: Any) -> str:
    """ "(B)" is b, "too_slow" is too slow, and True is true; nothing else is a word."""
    if not isinstance(value, str | bool):
        return ""
    return re.sub(r"[\s_-]+", " ", str(value).strip(" ().").lower())


def _is_right(task: ValuesTask, got: Any, right: Any) -> bool:
    return got == right if isinstance(right, str) else _close(task, got, right)


def _not_right(task: ValuesTask, plain: Mapping[str, Any], wrong: list[str]) -> str:
    if task.kind == "quiz" and len(plain) == 1:
        return f'"{plain[wrong[0]]}" is not it.'
    if task.kind == "quiz":
        return f"{', '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} not right."
    told = _listed([f"{name} = {short(plain[name])}" for name in wrong])
    return f"{told} {'is' if len(wrong) == 1 else 'are'} not right."


def _recognised_values(
    task: ValuesTask, plain: Mapping[str, Any], wrong: list[str], given: Mapping[str, Any]
) -> list[Mistake]:
    """The mistakes that explain the wrong values: first the one that explains most of them."""
    agreeing = []
    for mistake in task.mistakes:
        theirs = mistake.answer(**given)
        if all(_is_right(task, plain[name], value) for name, value in theirs.items()):
            agreeing.append((mistake, theirs.keys() & set(wrong)))
    found, unexplained = [], set(wrong)
    while agreeing:
        mistake, explains = max(agreeing, key=lambda pair: len(pair[1] & unexplained))
        if not explains & unexplained:
            break
        found.append(mistake)
        unexplained -= explains
    return found


def _listed(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c" """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
