"""A sandbox: one warm process that forks a closed-in job for each session."""

import array
import atexit
import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lrcourse.grading import GradingError
from lrcourse.grading.sandbox.facts import Ended, Lost
from lrcourse.grading.sandbox.inside.wire import Channel, HungUp, Malformed, TooLate
from lrcourse.grading.sandbox.limits import CLOSED, PACKAGE, PRELOADED, ROOT, USUAL, Limits
from lrcourse.grading.sandbox.selftest import attacks_that_succeed
from lrcourse.grading.sandbox.session import Session

START_SECONDS = 120.0  # to import torch on a busy machine
END_SECONDS = 5.0
HIDDEN_FOLDERS = ("exercises", "solutions", "sources", "tests", "notebooks", ".git")
THREADS = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS", "NUMEXPR")}
START = "import sys; sys.path.insert(0, {root!r}); from {module} import main; main()"


class Job:
    """One process of a student, seen from the grader: a channel to it, and how it ended."""

    def __init__(self, channel: Channel, line: socket.socket) -> None:
        self.channel = channel
        self.resident = 0  # memory that it had from the warm process
        self._line = line

    def end(self) -> Ended | None:
        """End it, if it has not ended; None where the warm process has not told how."""
        self.channel.close()
        try:
            self._line.shutdown(socket.SHUT_WR)
            told = json.loads(_first_bytes(self._line))
        except (OSError, ValueError):
            return None
        finally:
            self._line.close()
        memory = max(0, told["resident"] - self.resident)
        return Ended(told["signal"], told["code"], told["killed"], told["cpu"], memory)


class Sandbox:
    """Starts when it is first needed, and again where it was lost; for any number of threads.

    `level` 3: namespaces, Landlock and seccomp; 2: Landlock and seccomp; 1: limits only, which
    is fair but not safe, and must be asked for. None: the best that holds on this machine.
    """

    def __init__(
        self,
        level: int | None = None,
        limits: Limits = USUAL,
        modules: Sequence[str] = PRELOADED,
    ) -> None:
        self.level = best_level() if level is None else level
        if self.level not in (1, 2, 3):
            raise GradingError(
                f"Sandbox: the level must be 1, 2 or 3, got {self.level}. Where no level holds, "
                f"grade on Linux 5.13 or newer (x86_64 or aarch64), also in WSL2 or a container."
            )
        if not hasattr(os, "fork"):
            raise GradingError(
                f"Sandbox: the system {sys.platform} cannot fork a process: grade on Linux 5.13 or "
                f"newer, also in WSL2 or a container."
            )
        self.limits = limits
        self.modules = tuple(modules)
        self.starts = 0
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0  # the process that has started it
        self._is_ready = False

    def session(
        self,
        cells: Sequence[str],
        checks: Mapping[str, str],
        given: Mapping[str, dict[str, Any]],
        drivers: Mapping[str, str] | None = None,
    ) -> Session:
        """A session for one notebook: its cells, the text of our checks, the numbers given, and
        the text of drivers that are no module, by the name of their file."""
        return Session(self, cells, checks, given, drivers or {})

    def start(self) -> None:
        """Start the warm process now, where it does not run; Lost where it cannot."""
        with self._lock:
            self._ensure()

    def begin(self) -> None:
        """Start the warm process and do not wait for it: who needs it first waits."""
        with self._lock:
            self._ensure_begun()

    def job(self) -> Job:
        """A new process for a session."""
        mine, theirs = socket.socketpair()
        line, far_line = socket.socketpair()
        ends = array.array("i", [theirs.fileno(), far_line.fileno()])
        with self._lock, theirs, far_line:
            self._ensure()
            assert self._control
            try:
                socket.send_fds(self._control, [b"j"], list(ends))
            except OSError:  # it is gone since we looked
                self._stop()
                self._ensure()
                socket.send_fds(self._control, [b"j"], list(ends))
        return Job(Channel(mine, self.limits.reply), line)

    def close(self) -> None:
        """End the warm process and everything that it has started."""
        with self._lock:
            self._stop()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ensure(self) -> None:
        self._ensure_begun()
        if not self._is_ready:
            self._wait_until_ready()

    def _ensure_begun(self) -> None:
        if self._owner != os.getpid():  # inherited through a fork: it serves our parent
            self._process = self._control = None
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._begin()

    def _begin(self) -> None:
        self.starts += 1
        self._is_ready = False
        self._owner = os.getpid()
        mine, theirs = socket.socketpair()
        with theirs:
            self._process = _started(self._command(theirs.fileno()), theirs.fileno())
        self._control = mine

    def _wait_until_ready(self) -> None:
        assert self._control
        channel = Channel(self._control)
        try:
            told, _ = channel.receive(time.monotonic() + START_SECONDS)
        except (HungUp, TooLate, Malformed):
            told = {"failed": "it ended, or did not answer"}
        self._control.setblocking(True)
        if "failed" in told:
            self._stop()
            sentence = f"the sandbox of level {self.level} has not started: {told['failed']}."
            raise Lost("sandbox", sentence)
        self._is_ready = True

    def _stop(self) -> None:
        if self._control:
            self._control.close()  # the warm process hears this and ends
            self._control = None
        if self._process:
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _command(self, control: int) -> list[str]:
        told = {
            "control": control,
            "level": self.level,
            "limits": self.limits._asdict(),
            "modules": self.modules,
            "closed": CLOSED,
            "hidden": [str(path) for path in _hidden()],
            "root": str(ROOT),
        }
        module = "lrcourse.grading.sandbox.inside.warm"
        code = START.format(root=str(ROOT), module=module)
        # not -I, which would ignore the PYTHONHASHSEED that it is given
        return [sys.executable, "-s", "-P", "-c", code, json.dumps(told)]


_shared: dict[tuple[int, Limits], Sandbox] = {}


def shared(level: int, limits: Limits) -> Sandbox:
    """The sandbox of this process for this level and these limits, kept warm."""
    return _shared.setdefault((level, limits), Sandbox(level, limits))


@atexit.register
def close_shared() -> None:
    """End those that are warm; who asks again gets a fresh one."""
    for sandbox in _shared.values():
        sandbox.close()


def begin_best() -> None:
    """Start what a first submission needs, and find the best level meanwhile.

    Level 3 is tried at once: where a machine does not offer it, it fails before it imports.
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError):  # whoever needs it next hears of that
        shared(3, USUAL).begin()
        level = best_level()
        if level < 3:
            shared(3, USUAL).close()
        if level == 2:
            shared(2, USUAL).begin()


@lru_cache(maxsize=1)
def best_level() -> int:
    """The highest level that withstands a handful of attacks here; 0 where none does."""
    return next((level for level in (3, 2) if not why_not(level)), 0)


def why_not(level: int) -> str:
    """What stands in the way of a level on this machine, in words; level 1 only has to start."""
    if sys.platform != "linux" or not hasattr(os, "fork"):
        return f"the system {sys.platform} has neither Landlock nor seccomp"
    if level > 1:
        return ", ".join(failures_of(level)).rstrip(".")
    try:
        with Sandbox(level, modules=("numpy",)) as sandbox:
            sandbox.start()
    except Lost as lost:
        return lost.sentence.rstrip(".")
    return ""


def failures_of(level: int) -> list[str]:
    """Which attacks succeed at this level, in words; also that it does not start."""
    with Sandbox(level, Limits(wall=20.0), modules=("numpy",)) as sandbox:
        return attacks_that_succeed(sandbox.session)


def _hidden() -> list[Path]:
    """What no student's code may read: the course itself, wherever it is installed."""
    records = ROOT.glob("lrcourse-*.dist-info")
    return [PACKAGE, *records, *(ROOT / name for name in HIDDEN_FOLDERS)]


def _started(command: list[str], control: int) -> "subprocess.Popen[bytes]":
    """The warm process, with as little of our surroundings as it can do with."""
    kept = ("HOME", "PATH", "MPLCONFIGDIR", "XDG_CACHE_HOME", "LRCOURSE_DATA")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"LANG": "C.UTF-8", "MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {**THREADS, "PYTHONHASHSEED": "0", "MALLOC_ARENA_MAX": "1"}
    return subprocess.Popen(
        command,
        pass_fds=[control],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl+C is for the grader
    )


def _first_bytes(line: socket.socket) -> bytes:
    poll = select.poll()
    poll.register(line, select.POLLIN)
    return line.recv(4096) if poll.poll(1000 * END_SECONDS) else b""
