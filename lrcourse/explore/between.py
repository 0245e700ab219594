"""Slow work done between the moves: a kernel that computes still answers a slider at once."""

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

FRAME = 0.04  # seconds: results are not shown faster than an eye follows
TURN = 0.002  # seconds that each step of the work leaves to what has arrived meanwhile


class Between(Generic[T]):
    """Walks through an iterator step by step, in the event loop of who calls `go_on`.

    `show` gets the newest result, at most once a FRAME; `ended` is called with the last one, or
    with None if that was shown already, and `failed` with the exception that ended the work.
    Without a running loop, as in a plain Python program, the work waits for `finish`.

    JupyterLab brings moves over a thread of their own, so a cell may stop what a slider has
    started: whatever touches the work holds `lock`, and a step is never cut in two.
    """

    def __init__(
        self,
        show: Callable[[T], None],
        ended: Callable[[T | None], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.lock = threading.RLock()
        self._show, self._ended, self._failed = show, ended, failed
        self._rest: Iterator[T] | None = None
        self._turn: object | None = None  # whose turn it is; a task of an older turn ends
        self._tasks: set[asyncio.Task[None]] = set()  # a loop alone would forget them

    @property
    def is_left(self) -> bool:
        """Whether there is work that was not done."""
        return self._rest is not None

    def take(self, rest: Iterator[T] | None) -> None:
        """Work for later, or none; what was left of older work is dropped."""
        with self.lock:
            self.drop()
            self._rest = rest

    def go_on(self) -> None:
        """Work, as long as nothing else is to be done."""
        with self.lock:
            if self._rest is None or self._turn is not None:
                return
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return
            self._turn = object()
            task = loop.create_task(self._work(self._turn))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def pause(self) -> None:
        """Stop after the step that is being made; `go_on` continues."""
        with self.lock:
            self._turn = None

    def drop(self) -> None:
        """Forget the work."""
        with self.lock:
            self.pause()
            close = getattr(self._rest, "close", None)  # a generator may hold something open
            self._rest = None
            if close is not None:
                close()

    def finish(self, seconds: float = math.inf) -> None:
        """Do what is left, now: all of it, or as much as `seconds` allow."""
        until = time.monotonic() + seconds
        with self.lock:
            self.pause()
            newest = None
            while self._rest is not None:
                newest = self._step(newest)
                if newest is not None and time.monotonic() > until:
                    self._show(newest)
                    return

    async def _work(self, turn: object) -> None:
        shown_at, newest = time.monotonic(), None
        while True:
            with self.lock:
                if self._turn is not turn:
                    return
                newest = self._step(newest)
                if newest is not None and time.monotonic() - shown_at >= FRAME:
                    self._show(newest)
                    shown_at, newest = time.monotonic(), None
            await asyncio.sleep(TURN)

    def _step(self, newest: T | None) -> T | None:
        """The next result; `newest` is the one before, if it was not shown yet."""
        try:
            if self._rest is not None:
                return next(self._rest)
        except StopIteration:
            self._rest = self._turn = None
            self._ended(newest)
        except Exception as error:  # a learner's function may raise anything
            self._rest = self._turn = None
            self._failed(error)
        return None
