"""What comes back from a session, as plain data, and what is said when a process is lost."""

import inspect
import signal
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from lrcourse.grading.sandbox.inside.cells import OUT_OF_TIME
from lrcourse.grading.sandbox.limits import Limits

KINDS = {kind.name: kind for kind in inspect._ParameterKind}
LostKind = Literal["time", "memory", "ended", "reply", "sandbox"]


class Parameter(NamedTuple):
    """One parameter of a function that was handed in, as `inspect` names it."""

    name: str
    kind: str
    has_default: bool


def signature_of(parameters: Sequence[Parameter]) -> inspect.Signature:
    """The signature of the function on the other side, without its defaults and types."""
    empty = inspect.Parameter.empty
    return inspect.Signature(
        [
            inspect.Parameter(
                each.name, KINDS[each.kind], default=None if each.has_default else empty
            )
            for each in parameters
        ]
    )


class Given(NamedTuple):
    """What a notebook handed in for one task: the call of check(), without the answer's code.

    `parameters` is None for a builtin that does not tell. What is no plain data is an `Opaque`.
    """

    kind: Literal["function", "values"]
    name: str = ""
    parameters: list[Parameter] | None = None
    answer: Any = None
    values: dict[str, Any] = {}  # noqa: RUF012  never changed


class Opaque:
    """Stands for a value that is no plain data: it shows what the value showed, and is nothing."""

    def __init__(self, type_name: str, text: str) -> None:
        self.type_name = type_name
        self.text = text

    def __repr__(self) -> str:
        return self.text


class Ran(NamedTuple):
    """What happened when the cells ran: errors by cell, printed text, answers by task.

    `learner` is whose numbers the notebook asked for; "" for everybody's.
    """

    errors: dict[int, str]
    printed: str
    learner: str
    answers: dict[str, Given]


class Reply(NamedTuple):
    """What one call gave. With `error`, the class of what it raised, there is no value.

    `after` is the list of all arguments after the call, where the call changed one of them.
    """

    value: Any = None
    error: str = ""
    text: str = ""
    printed: bool = False
    after: list[Any] | None = None


class Ended(NamedTuple):
    """How a process of a student ended; memory is what it used above the warm process."""

    signal: int
    code: int | None
    killed: bool  # by us
    cpu_seconds: float
    memory: int


class Lost(BaseException):
    """The process of a session is gone. A BaseException: nothing between may swallow it.

    `kind` "sandbox" is a fault of ours, and calls for a person.
    """

    def __init__(self, kind: LostKind, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence


def lost_of(ended: Ended | None, limits: Limits) -> Lost:
    """Why a process ended that should not have."""
    if ended is None:
        return Lost("sandbox", "the process was lost and nobody knows how it ended.")
    if ended.code == OUT_OF_TIME:
        return Lost("time", f"it took longer than {limits.call:g} s.")
    if ended.signal == signal.SIGKILL and ended.cpu_seconds > 0.9 * limits.cpu:
        return Lost("time", f"the notebook took more than {limits.cpu:g} s of work.")
    if ended.signal == signal.SIGKILL and not ended.killed:
        return Lost("memory", "the machine ran out of memory.")
    if ended.signal:
        return Lost("ended", f"the process ended: {_name_of(ended.signal)}.")
    return Lost("ended", f"the process ended by itself, with exit code {ended.code}.")


def _name_of(number: int) -> str:
    if number == signal.SIGSEGV:
        return "it ran beyond its memory (signal 11)"
    return f"signal {number}"  # not all have a name
