"""One notebook in the sandbox: run its cells, then ask for answers.

Nothing that comes back is believed to be more than data: it is read strictly, and it is the
grader that decides which task is asked and what a reply is worth.
"""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lrcourse.grading import GradingError
from lrcourse.grading.sandbox.facts import (
    Ended,
    Given,
    Lost,
    Opaque,
    Parameter,
    Ran,
    Reply,
    lost_of,
    signature_of,
)
from lrcourse.grading.sandbox.inside.cells import PATIENCE
from lrcourse.grading.sandbox.inside.wire import (
    HungUp,
    Malformed,
    Reader,
    TooLate,
    encode,
)

if TYPE_CHECKING:
    from lrcourse.grading.sandbox.box import Job, Sandbox

GRACE = 1.0  # seconds for a process to stop a cell by itself
LOCK_SECONDS = 20.0  # to start a process on a busy machine
MOST_RESTARTS = 3  # for cells that end the process; each is skipped afterwards
LONGEST_TEXT = 400
MOST_ANSWERS = 1000
MOST_PARAMETERS = 100


class Session:
    """A process that has run the cells of one notebook; started again where it was lost."""

    def __init__(
        self,
        sandbox: "Sandbox",
        cells: Sequence[str],
        checks: Mapping[str, str],
        given: Mapping[str, dict[str, Any]],
        drivers: Mapping[str, str],
    ) -> None:
        self.ended: list[Ended] = []  # one for each process, the last one after close()
        self._sandbox = sandbox
        self._limits = sandbox.limits
        self._cells = list(cells)
        self._checks = dict(checks)
        self._given = dict(given)
        self._drivers = dict(drivers)
        self._fatal: dict[int, str] = {}  # cells that ended the process, and how
        self._job: Job | None = None
        self._deadline: float | None = None  # of the whole submission

    def start(self) -> Ran:
        """Run the cells in a new process; a cell that ends the process is left out then.

        Lost where that does not help either.
        """
        if self._deadline is None:
            self._sandbox.start()  # its own start is not the student's time
            self._deadline = time.monotonic() + self._limits.wall
        for _ in range(MOST_RESTARTS):
            try:
                return self._run_cells()
            except CellLost as lost:
                self._fatal[lost.cell] = lost.sentence
                last = lost
        raise Lost(last.kind, f"cells of the notebook end its process: {last.sentence}")

    def call(self, task_id: str, calls: Sequence[tuple], driver: str = "") -> list[Reply]:
        """What the answer to a task gives for each tuple of arguments, up to the first error.

        With a `driver`, "lrcourse.handouts.pytorch:logged" or "exam_driver.py:rates_of", that
        function is called with the answer and the arguments. Lost where the process ends or does
        not answer in time; the next call starts a new one.
        """
        place = driver.partition(":")[0]
        text = self._drivers.get(place, "")
        if driver and not text and place not in self._sandbox.modules:
            raise GradingError(f"the sandbox has not loaded the module of the driver {driver!r}.")
        if self._job is None:
            self.start()
        blob: list[bytes] = []
        asked = encode([tuple(arguments) for arguments in calls], blob)
        with Losing(self):
            deadline = self._until(PATIENCE * self._limits.call + GRACE)
            question = {"task": task_id, "driver": driver, "text": text, "calls": asked}
            self._channel.send(question, blob, deadline)
            told, data = self._channel.receive(deadline)
            return _replies(told, Reader(data), len(calls))

    def close(self) -> None:
        """End the process; `ended` then says what it used."""
        self._end()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run_cells(self) -> Ran:
        self._end()
        self._job = self._sandbox.job()
        with Losing(self, "sandbox"):
            self._wait_for_the_border()
        blob: list[bytes] = []
        setup = {
            "cells": self._cells,
            "skip": list(self._fatal),
            "checks": self._checks,
            "given": encode(self._given, blob),
        }
        with Losing(self):
            self._channel.send(setup, blob, self._until(self._limits.cell))
        return self._ran(*self._report())

    def _wait_for_the_border(self) -> None:
        """Before this message no word of the student has been read; what fails is our fault."""
        told, _ = self._channel.receive(time.monotonic() + LOCK_SECONDS)
        if told.get("locked") != self._sandbox.level:
            self._end()
            raise Lost("sandbox", f"{told.get('failed', 'there is no border')}.")
        assert self._job
        self._job.resident = told["resident"]

    def _report(self) -> tuple[dict, bytes]:
        """The message after the last cell; before it comes one at the start of each."""
        cell = -1
        while True:
            try:
                with Losing(self):
                    deadline = self._until(PATIENCE * self._limits.cell + GRACE)
                    told, blob = self._channel.receive(deadline)
            except Lost as lost:
                raise self._blamed(lost, cell) from None
            if type(told) is not dict or "cell" not in told:
                return told, blob
            cell = self._next_cell(told["cell"], cell)

    def _next_cell(self, told: Any, cell: int) -> int:
        """The cell that runs now: a later one, or who floods us with numbers would keep us busy."""
        with Losing(self):
            if type(told) is not int or not cell < told <= len(self._cells):
                raise Malformed("no number of a cell")
        return told

    def _blamed(self, lost: Lost, cell: int) -> Lost:
        """The loss of a cell, which can be left out; or of all, where time is over."""
        is_a_cell = 0 <= cell < len(self._cells) and cell not in self._fatal
        if lost.kind == "sandbox" or not is_a_cell or self._seconds_left() <= 0:
            return lost
        return CellLost(lost, cell)

    def _ran(self, told: Any, blob: bytes) -> Ran:
        with Losing(self):
            ran = _ran(told, Reader(blob), self._limits.output, len(self._cells))
        return ran._replace(errors={**ran.errors, **self._fatal})

    @property
    def _channel(self) -> Any:
        assert self._job
        return self._job.channel

    def _seconds_left(self) -> float:
        assert self._deadline is not None
        return self._deadline - time.monotonic()

    def _until(self, seconds: float) -> float:
        """The moment so many seconds from now, but not after the end of the submission's time."""
        return time.monotonic() + min(seconds, self._seconds_left())

    def _end(self) -> Ended | None:
        job, self._job = self._job, None
        ended = job.end() if job else None
        if ended:
            self.ended.append(ended)
        return ended

    def lose(self, error: Exception) -> Lost:
        """End the process; the reason in words."""
        ended = self._end()
        if isinstance(error, Malformed):
            return Lost("reply", f"the reply cannot be read: {error}.")
        if isinstance(error, TooLate):
            over = "the time of this notebook is over" if self._seconds_left() <= 0 else "too slow"
            return Lost("time", f"there was no answer in time: {over}.")
        return lost_of(ended, self._limits)


class CellLost(Lost):
    """A cell has ended the process."""

    def __init__(self, lost: Lost, cell: int) -> None:
        super().__init__(lost.kind, lost.sentence)
        self.cell = cell


class Losing:
    """What goes wrong on the way to a process and back loses the process."""

    def __init__(self, session: Session, kind: str = "") -> None:
        self.session = session
        self.kind = kind

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: Any, error: BaseException | None, __: Any) -> None:
        if isinstance(error, HungUp | TooLate | Malformed):
            lost = self.session.lose(error)
            if self.kind == "sandbox":
                lost = Lost("sandbox", lost.sentence)
            raise lost from None


# Reading what came back -------------------------------------------------------------------------


def _ran(told: Any, reader: Reader, most_printed: int, cells: int) -> Ran:
    errors, answers = _field(told, "errors"), _field(told, "answers")
    if type(errors) is not list or len(errors) > cells:
        raise Malformed("no errors of cells")
    if type(answers) is not dict or len(answers) > MOST_ANSWERS:
        raise Malformed("no answers")
    return Ran(
        errors=dict(_numbered(each) for each in errors),
        printed=_text(_field(told, "printed"), most_printed + 100),
        learner=_text(_field(told, "learner")),
        answers={task: _given(each, reader) for task, each in answers.items()},
    )


def _numbered(pair: Any) -> tuple[int, str]:
    if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not int:
        raise Malformed("no error of a cell")
    return pair[0], _text(pair[1])


def _given(told: Any, reader: Reader) -> Given:
    if _field(told, "kind") == "function":
        return Given("function", _text(_field(told, "name")), _parameters(told))
    values = _field(told, "values")
    if type(values) is not dict:
        raise Malformed("no values")
    answer = _plain_or_opaque(_field(told, "answer"), reader)
    named = {_text(name): _plain_or_opaque(each, reader) for name, each in values.items()}
    return Given("values", answer=answer, values=named)


def _parameters(told: dict) -> list[Parameter] | None:
    rows = _field(told, "parameters")
    if rows is None:
        return None
    if type(rows) is not list or len(rows) > MOST_PARAMETERS:
        raise Malformed("no parameters")
    if any(type(row) is not list or len(row) != 3 for row in rows):
        raise Malformed("no parameter")
    parameters = [
        Parameter(_text(name), _text(kind), bool(default)) for name, kind, default in rows
    ]
    try:
        signature_of(parameters)
    except (KeyError, ValueError, IndexError) as error:  # IndexError: a name without a letter
        raise Malformed("no signature of a function") from error
    return parameters


def _plain_or_opaque(told: Any, reader: Reader) -> Any:
    if type(told) is dict and "value" in told:
        return reader.value(told["value"])
    return Opaque(_text(_field(told, "type")), _text(_field(told, "text")))


def _replies(told: Any, reader: Reader, asked: int) -> list[Reply]:
    rows = _field(told, "replies")
    if type(rows) is not list or len(rows) > asked:
        raise Malformed("no replies")
    replies = [_reply(row, reader) for row in rows]
    if len(replies) < asked and not (replies and replies[-1].error):
        raise Malformed("replies are missing")
    return replies


def _reply(told: Any, reader: Reader) -> Reply:
    printed = _field(told, "printed") is True
    if "error" in told:
        return Reply(error=_text(told["error"]), text=_text(_field(told, "text")), printed=printed)
    value = reader.value(_field(told, "value"))
    after = reader.value(told["after"]) if "after" in told else None
    if after is not None and type(after) is not list:
        raise Malformed("no arguments")
    return Reply(value, printed=printed, after=after)


def _field(told: Any, name: str) -> Any:
    if type(told) is not dict or name not in told:
        raise Malformed(f"{name} is missing")
    return told[name]


def _text(told: Any, most: int = LONGEST_TEXT) -> str:
    if type(told) is not str:
        raise Malformed("no text")
    return told[:most]
