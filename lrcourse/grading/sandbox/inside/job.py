"""One session: run a student's cells, then answer "call this with these arguments".

Everything below runs beside hostile code, in its process. Nothing here decides anything.
"""

import importlib
import itertools
import os
import random
import socket
import sys
from collections import deque
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from lrcourse.grading.sandbox.inside import pages
from lrcourse.grading.sandbox.inside.border import Border
from lrcourse.grading.sandbox.inside.cells import (
    OUT_OF_TIME,
    Printed,
    TooLong,
    at_most,
    fresh_namespace,
    message,
    module_of,
    run_cells,
    run_one,
)
from lrcourse.grading.sandbox.inside.recording import Recorder, stand_in
from lrcourse.grading.sandbox.inside.wire import (
    MOST_NUMBERS,
    Channel,
    NotPlainData,
    Reader,
    encode,
)

LISTS: tuple[type, ...] = (range, set, frozenset, deque, type({}.keys()), type({}.values()))
NUMBERS = (Fraction, Decimal)
CHANGEABLE = (list, dict, np.ndarray)


def run(end: socket.socket, border: Border) -> None:
    """The whole session, on one end of a connection to the grader."""
    channel = Channel(end)
    resident = pages.most_resident()
    try:
        border.close(end.fileno())
    except (OSError, ValueError) as error:  # ValueError: a limit that the kernel refuses
        channel.send({"failed": f"the border cannot be closed: {error}"})
        return
    channel.send({"locked": border.level, "resident": resident})
    notebook = Notebook(channel, *channel.receive(), border.limits)
    notebook.run()
    while True:
        notebook.answer(*channel.receive())


class Notebook:
    """A student's notebook at work."""

    def __init__(self, channel: Channel, told: dict, blob: bytes, limits: Any) -> None:
        self.channel = channel
        self.told = told
        self.limits = limits
        self.recorder = Recorder(Reader(blob).value(told["given"]))
        self.namespace = fresh_namespace()
        self.printed = Printed(limits["output"])

    def run(self) -> None:
        """Run the cells, then our own text of each check that recorded nothing; report."""
        random.seed(0)
        module = stand_in(self.recorder)
        sys.modules["lrcourse.check"] = sys.modules["lrcourse"].check = module  # type: ignore
        sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = self.printed  # type: ignore
        errors = run_cells(
            self.told["cells"], self.namespace, self.limits["cell"], self._begin, self.told["skip"]
        )
        self._begin(len(self.told["cells"]))
        for task, text in self.told["checks"].items():
            if task not in self.recorder.answers:
                names = {**self.namespace, "check": self.recorder.check}
                run_one(text, names, self.limits["cell"], f"<check {task}>")
        blob: list[bytes] = []
        answers = self.recorder.told(blob)
        self.channel.send(
            {
                "errors": list(errors.items()),
                "printed": self.printed.text(),
                "learner": self.recorder.name,
                "answers": answers,
            },
            blob,
        )

    def _begin(self, number: int) -> None:
        self.channel.send({"cell": number})

    def answer(self, told: dict, blob: bytes) -> None:
        """Call what was handed in for a task, with one list of arguments after the other."""
        answer, _ = self.recorder.answers.get(told["task"], (None, {}))
        use = _used(answer, told["driver"], told["text"])
        replies: list[dict[str, Any]] = []
        sent: list[bytes] = []
        with at_most(self.limits["call"]):
            for arguments in Reader(blob).value(told["calls"]):
                replies.append(self._reply(use, arguments, sent))
                if "error" in replies[-1]:
                    break
        self.channel.send({"replies": replies}, sent)

    def _reply(self, use: Any, arguments: tuple, sent: list[bytes]) -> dict[str, Any]:
        before = _written(arguments)
        self.printed.has_text = False
        blob: list[bytes] = []
        try:
            reply = {"value": encode(_settled(use(*arguments)), blob)}
            after = _written(arguments)
            sent += blob
            if after != before:
                reply["after"] = after[0]
                sent += after[1]
        except TooLong:
            os._exit(OUT_OF_TIME)
        except BaseException as error:  # also SystemExit and KeyboardInterrupt
            reply = {"error": type(error).__name__, "text": message(error)}
        return {**reply, "printed": self.printed.has_text}


def _used(answer: Any, driver: str, text: str) -> Any:
    """The answer itself, or "module:function" of ours that uses it; `text` is that module's where
    none can be imported. A driver that fails fails in its first call, and is told as that."""
    if not driver:
        return answer
    place, _, name = driver.partition(":")

    def use(*arguments: Any) -> Any:
        module = _made_of(text, place) if text else importlib.import_module(place)
        return getattr(module, name)(answer, *arguments)

    return use


_made_of = lru_cache(module_of)


def _settled(value: Any) -> Any:
    """What a generator, a range or a set gives, as a list; a fraction as a number."""
    if isinstance(value, Iterator):
        values = list(itertools.islice(value, MOST_NUMBERS + 1))
        if len(values) > MOST_NUMBERS:
            raise TooMany(f"gives more than {MOST_NUMBERS:,} numbers: does a loop never end?")
        return values
    if type(value) in LISTS:
        return list(value)
    return float(value) if type(value) in NUMBERS else value


class TooMany(Exception):
    """A generator that does not end."""


def _written(arguments: tuple) -> tuple[Any, list[bytes]]:
    """The arguments as data, to see whether a call changes them; nothing where it cannot."""
    if not any(isinstance(each, CHANGEABLE) for each in arguments):
        return None, []
    blob: list[bytes] = []
    return {"items": [_as_data(each, blob) for each in arguments], "as": "list"}, blob


def _as_data(value: Any, blob: list[bytes]) -> Any:
    parts: list[bytes] = []
    try:
        told = encode(value, parts)
    except NotPlainData:
        return f"a value of type {type(value).__name__}"
    blob += parts
    return told
