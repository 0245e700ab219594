"""A student's function, which runs in the sandbox, as the checks of the course call it.

The checks know nothing of a sandbox: they call a function, and what it raises or changes comes
out as if it ran here. Only plain data crosses the border.
"""

import builtins
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lrcourse.grading.sandbox import Given, Reply, Session
from lrcourse.grading.sandbox.facts import signature_of
from lrcourse.tasks import Case, FunctionTask, play_on

UNKNOWN_NAME = re.compile(r"name '(\w+)' is not defined")


class RemoteFunction:
    """The function that a student gave to check(); `planned` calls are made in one message.

    A call that was not planned is made by itself. Raises Lost where the student's process ends.
    """

    def __init__(
        self, session: Session, task: FunctionTask, given: Given, planned: Sequence[tuple] = ()
    ) -> None:
        self.__name__ = given.name
        if given.parameters is not None:  # some builtins do not tell
            self.__signature__ = signature_of(given.parameters)
        self.session, self.task = session, task
        self.planned = list(planned)
        self.replies: list[Reply] | None = None
        self.gave: list[Any] = []  # everything that came back, for finding equal outputs

    def __call__(self, *values: Any) -> Any:
        reply = self._reply_to(values)
        if reply.printed:
            print("...")  # what was printed is not sent; that something was is worth knowing
        for given, after in zip(values, reply.after or (), strict=False):
            _change(given, after)
        if reply.error:
            raise error_like(reply.error, reply.text)
        self.gave.append(reply.value)
        return reply.value

    def _reply_to(self, values: tuple) -> Reply:
        if self.replies is None and self.planned:
            self.replies = self.session.call(self.task.id, self.planned, self.task.driver)
        if self.replies and self.planned and _same(self.planned[0], values):
            self.planned.pop(0)
            return self.replies.pop(0)
        self.planned, self.replies = [], []
        return self.session.call(self.task.id, [values], self.task.driver)[0]


def planned_calls(task: FunctionTask, cases: Sequence[Case]) -> list[tuple]:
    """The calls that a right answer gets: most likely what a student's will get, too."""
    if task.driver or not task.harness:
        return [call for case in cases for call in _calls_of(case)]
    calls: list[tuple] = []

    def noted(*values: Any) -> Any:
        calls.append(values)
        return task.reference(*values)

    play_on(noted, cases, task.harness)
    return calls


def _calls_of(case: Case) -> list[tuple]:
    arguments = tuple(case.arguments.values())
    return [arguments] if case.times is None else [(t, *arguments) for t in case.times]


def error_like(kind: str, text: str) -> BaseException:
    """An exception of this name with this text: Python's own where it has one."""
    if not kind.isidentifier():
        kind = "Exception"
    unknown = UNKNOWN_NAME.match(text)
    if kind == "NameError" and unknown:
        return NameError(text, name=unknown[1])
    own = getattr(builtins, kind, None)
    if isinstance(own, type) and issubclass(own, Exception | SystemExit):
        try:
            return own(text)
        except TypeError:  # some want more than a text
            pass
    made: Callable[[str], Exception] = type(kind, (Exception,), {})
    return made(text)


def _same(planned: Any, value: Any) -> bool:
    """True where both would be the same message."""
    if planned is value:
        return True
    if type(planned) is not type(value):
        return False
    if isinstance(planned, list | tuple):
        return len(planned) == len(value) and all(map(_same, planned, value))
    if isinstance(planned, dict):
        return list(planned) == list(value) and all(map(_same, planned.values(), value.values()))
    return bool(np.array_equal(planned, value))


def _change(given: Any, after: Any) -> None:
    """Do to an argument here what the function did to it there."""
    if isinstance(given, list) and isinstance(after, list):
        given[:] = after
    elif isinstance(given, dict) and isinstance(after, dict):
        given.clear()
        given.update(after)
