"""What one session may use, and what is loaded before it starts."""

from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).resolve().parents[2]  # the folder lrcourse/
ROOT = PACKAGE.parent

# Rooms that hold answers, or that a student's code has no use for; explore has a stand-in.
CLOSED = ("tasks", "check", "grading", "cli", "explore", "doctor", "progress", "update", "__main__")


class Limits(NamedTuple):
    """What a session may use; seconds and bytes.

    `cell` and `call` are seconds of work; three times as long on the clock, for busy machines.
    """

    cpu: float = 20.0  # seconds of work in one process
    memory: int = 1 << 30  # above the warm process
    cell: float = 5.0
    call: float = 5.0  # one request, which is all cases of a task
    wall: float = 30.0  # one submission
    threads: int = 64
    files: int = 64  # open at once
    file_size: int = 16 << 20
    output: int = 64 << 10  # characters of printed text that are kept
    reply: int = 8 << 20

    def longer(self, times: float) -> "Limits":
        """For a machine that is so many times slower: all that is seconds, and nothing else."""
        seconds = ("cpu", "cell", "call", "wall")
        return self._replace(**{name: times * getattr(self, name) for name in seconds})

    def unusual(self) -> dict[str, float]:
        """The limits that are others than usual, by name."""
        return {name: value for name, value in self._asdict().items() if value != _USUAL[name]}


USUAL = Limits()
_USUAL = USUAL._asdict()


def open_modules() -> tuple[str, ...]:
    """Every module of lrcourse that a student's code may import."""
    names = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in CLOSED:
            names.append(".".join(("lrcourse", *(part for part in parts if part != "__init__"))))
    return tuple(names)


# Where Python lies in a folder of root's, nobody cannot import it later.
# fmt: off
STANDARD = (
    "argparse", "array", "asyncio", "bisect", "calendar", "cmath", "collections", "contextlib",
    "copy", "csv", "dataclasses", "datetime", "decimal", "difflib", "doctest", "encodings.idna",
    "enum", "fractions", "functools", "glob", "hashlib", "heapq", "html", "importlib.readers",
    "inspect", "io", "itertools", "json", "logging", "math", "numbers", "operator", "os",
    "pathlib", "pickle", "pprint", "queue", "random", "re", "secrets", "shutil", "statistics",
    "string", "struct", "subprocess", "tempfile", "textwrap", "threading", "time", "timeit",
    "traceback", "typing", "unicodedata", "unittest.mock", "urllib.request", "uuid", "warnings",
    "weakref", "zoneinfo",
)
# fmt: on

# torch._dynamo is imported by the first step of an optimizer, which takes seconds.
PRELOADED = (*STANDARD, "numpy", "torch", "torch._dynamo", "matplotlib.pyplot", *open_modules())
