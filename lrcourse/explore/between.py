"""Slow work done between the moves: a kernel that computes still answers a slider at once."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

FRAME = 0.04  # seconds: results are not shown faster than an eye follows
TURN = 0.002  # seconds that each step of the work leaves to what has arrived meanwhile


class Between(Generic[T]):
    """Walks through an iterator step by step, in the kernel's event loop.

    `show` gets the newest result, at most once a FRAME, and the last one always; `ended` is
    called after it, and `failed` with the exception that ended the work. Without a running
    loop, as in a plain Python program, the work waits for `finish`.
    """

    def __init__(
        self,
        show: Callable[[T], None],
        ended: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._show, self._ended, self._failed = show, ended, failed
        self._rest: Iterator[T] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_left(self) -> bool:
        """Whether there is work that was not done."""
        return self._rest is not None

    def take(self, rest: Iterator[T]) -> None:
        """Work for later; what was left of older work is dropped."""
        self.drop()
        self._rest = rest

    def go_on(self) -> None:
        """Work, as long as nothing else is to be done."""
        if self._rest is None or self._task is not None:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._task = loop.create_task(self._work())

    def pause(self) -> None:
        """Stop after the step that is being made; `go_on` continues."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def drop(self) -> None:
        """Forget the work."""
        self.pause()
        close = getattr(self._rest, "close", None)  # a generator may hold something open
        self._rest = None
        if close is not None:
            close()

    def finish(self) -> None:
        """Do all that is left, now."""
        self.pause()
        last = None
        try:
            for last in self._rest or ():
                pass
        except Exception as error:
            self._rest = None
            self._failed(error)
            return
        self._rest = None
        if last is not None:
            self._show(last)
        self._ended()

    async def _work(self) -> None:
        shown_at, newest = time.monotonic(), None
        try:
            for newest in self._rest or ():
                if time.monotonic() - shown_at >= FRAME:
                    self._show(newest)
                    shown_at, newest = time.monotonic(), None
                await asyncio.sleep(TURN)
        except Exception as error:  # a learner's function may raise anything
            self._rest = self._task = None
            self._failed(error)
            return
        self._rest = self._task = None
        if newest is not None:
            self._show(newest)
        self._ended()
