"""Runs the code cells of a notebook, one after the other, in one namespace, as Jupyter does."""

import ast
import asyncio
import contextlib
import io
import linecache
import signal
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

IS_COROUTINE = 0x80  # CO_COROUTINE: the cell awaits something
OUT_OF_TIME = 71  # exit code of a process whose answer takes too long
LONGEST_ERROR = 300
PATIENCE = 3  # on a busy machine the clock runs ahead of the work


class Printed(io.TextIOBase):
    """Keeps what is printed, up to a limit."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.parts: list[str] = []
        self.size = 0
        self.has_text = False  # since it was last set to False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        text = str(text)
        if self.size < self.most:
            self.parts.append(text[: self.most - self.size])
        self.size += len(text)
        self.has_text = self.has_text or bool(text.strip())
        return len(text)

    def text(self) -> str:
        return "".join(self.parts) + ("\n[more was printed]" if self.size > self.most else "")


class TooLong(BaseException):
    """A cell that takes too long; no `except Exception` of the cell stops it."""


def fresh_namespace() -> dict[str, Any]:
    """The namespace of a notebook: the module __main__."""
    module = types.ModuleType("__main__")
    module.__dict__.update(display=_nothing, get_ipython=_nothing)
    sys.modules["__main__"] = module
    return module.__dict__


def module_of(text: str, file: str) -> types.ModuleType:
    """The module that the text of this file is; what it raises is raised."""
    module = types.ModuleType(f"the_file_{file.removesuffix('.py')}")  # no module has such a name
    module.__file__ = file
    sys.modules[module.__name__] = module
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    exec(compile(text, file, "exec", dont_inherit=True), module.__dict__)
    return module


def run_cells(
    cells: Sequence[str],
    namespace: dict[str, Any],
    seconds: float,
    begin: Callable[[int], None],
    skipped: Sequence[int] = (),
) -> dict[int, str]:
    """Run them; what the failing ones raised. `begin(number)` is called before each."""
    errors = {}
    for number, text in enumerate(cells):
        if number in skipped:
            continue
        begin(number)
        error = run_one(text, namespace, seconds, f"<cell {number}>")
        if error:
            errors[number] = error
    return errors


def run_one(text: str, namespace: dict[str, Any], seconds: float, name: str) -> str:
    """Run one cell; the error in one line, or ""."""
    try:
        with at_most(seconds):
            _execute(text, namespace, name)
    except TooLong:
        return f"stopped after {seconds:g} s"
    except BaseException as error:  # also SystemExit: the next cell runs all the same
        return short(error)
    return ""


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """So many seconds of work, or three times as many on the clock, and then TooLong."""
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, _raise_too_long)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def short(error: BaseException) -> str:
    """ "NameError: name 'x' is not defined" """
    return f"{type(error).__name__}: {message(error)}"


def message(error: BaseException) -> str:
    """What an error says; a learner's own class of errors may fail even in that."""
    try:
        return str(error)[:LONGEST_ERROR]
    except Exception:
        return ""


def _execute(text: str, namespace: dict[str, Any], name: str) -> None:
    try:
        code = _compiled(text, name)
    except SyntaxError:
        text = without_magics(text)
        code = _compiled(text, name)
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    waiting = eval(code, namespace)
    if code.co_flags & IS_COROUTINE:
        asyncio.run(waiting)


def _compiled(text: str, name: str) -> types.CodeType:
    return compile(text, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


def without_magics(text: str) -> str:
    """The cell without lines that are for Jupyter or the shell: %time, !ls, ?print."""
    stripped = text.lstrip()
    if stripped.startswith("%%"):
        first, _, rest = stripped.partition("\n")
        return rest if first.split()[0] in ("%%time", "%%timeit", "%%capture") else ""
    return "\n".join(_without_magic(line) for line in text.split("\n"))


def _without_magic(line: str) -> str:
    code = line.lstrip()
    is_magic = code[:1] in ("%", "!", "?") or code.rstrip().endswith("?")
    return line[: len(line) - len(code)] + "pass" if is_magic else line


def _raise_too_long(*_: Any) -> None:
    raise TooLong


def _nothing(*_: Any, **__: Any) -> None:
    """display() and get_ipython() of a notebook."""
