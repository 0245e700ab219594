"""A stand-in for lrcourse.check that decides nothing: it keeps what it is given.

`check("01.1", step_decay)` keeps the function, `check("01.5", gamma=0.5)` the values. The last
call counts, but a call with nothing in it does not replace an earlier one.
"""

import inspect
import reprlib
import types
from collections.abc import Mapping
from typing import Any

from lrcourse.grading.sandbox.inside.wire import NotPlainData, encode

LONGEST_NAME = 100


class Nothing:
    """What check(), hint() and the like give back: it shows nothing and is nothing."""

    def __repr__(self) -> str:
        return ""


class Recorder:
    """What a notebook hands in: for each task the function, or the values."""

    def __init__(self, given: Mapping[str, dict[str, Any]]) -> None:
        self.numbers = given
        self.answers: dict[str, tuple[Any, dict[str, Any]]] = {}
        self.name = ""

    def check(self, task_id: Any = None, answer: Any = None, **values: Any) -> Nothing:
        """Keep an answer; what is only dots is no answer."""
        if type(task_id) is str and not all(map(_is_nothing, (answer, *values.values()))):
            self.answers[task_id] = (answer, values)
        return Nothing()

    def given(self, task_id: str) -> dict[str, Any]:
        """The numbers of a question, as the grader sent them."""
        return dict(self.numbers.get(task_id, {}))

    def learner(self, name: Any = "") -> Nothing:
        """Keep whose numbers the notebook asks for; it gets those that the grader sent."""
        self.name = name[:LONGEST_NAME] if type(name) is str else ""
        return Nothing()

    def told(self, blob: list[bytes]) -> dict[str, Any]:
        """What was handed in, as plain data; a function is its name and its parameters."""
        return {task: _told(*answer, blob) for task, answer in self.answers.items()}


def stand_in(recorder: Recorder | None) -> types.ModuleType:
    """A module to import in place of lrcourse.check."""
    module = types.ModuleType("lrcourse.check")
    recorder = recorder or Recorder({})

    def nothing(*arguments: Any, **named: Any) -> Nothing:
        return Nothing()

    names: dict[str, Any] = {"Message": Nothing, "Verdict": Nothing}
    names |= {"check": recorder.check, "given": recorder.given, "learner": recorder.learner}
    for name in ("hint", "solution", "my_progress"):
        names[name] = nothing
    module.__dict__.update(names, __all__=[*names])
    return module


def _is_nothing(value: Any) -> bool:
    return value is None or value is ...


def _told(answer: Any, values: dict[str, Any], blob: list[bytes]) -> dict[str, Any]:
    if callable(answer) and not values:
        name = getattr(answer, "__name__", "")
        name = name[:LONGEST_NAME] if type(name) is str else ""
        return {"kind": "function", "name": name, "parameters": _parameters(answer)}
    plain = {str(name): _plain(value, blob) for name, value in values.items()}
    return {"kind": "values", "answer": _plain(answer, blob), "values": plain}


def _parameters(answer: Any) -> list[list[Any]] | None:
    """Name, kind and whether there is a default; None for a builtin that does not tell."""
    try:
        parameters = inspect.signature(answer).parameters.values()
    except Exception:  # a learner's own __signature__ may raise anything
        return None
    return [[each.name, each.kind.name, each.default is not each.empty] for each in parameters]


def _plain(value: Any, blob: list[bytes]) -> Any:
    parts: list[bytes] = []
    try:
        told = encode(value, parts)
    except NotPlainData:
        parts = []
        try:
            told = encode(_as_float(value), parts)
        except Exception:  # a learner's own __float__
            return {"type": type(value).__name__[:LONGEST_NAME], "text": _shown(value)}
    blob += parts
    return {"value": told}


def _as_float(value: Any) -> float:
    """What check() takes as a number in a notebook: a fraction, a rule's pick."""
    if not hasattr(type(value), "__float__"):
        raise TypeError("no number")
    return float(value)


def _shown(value: Any) -> str:
    try:
        return str(reprlib.repr(value))[:LONGEST_NAME]
    except Exception:  # a learner's own __repr__
        return type(value).__name__[:LONGEST_NAME]
