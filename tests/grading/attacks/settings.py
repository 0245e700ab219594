"""Where the corpus is graded: at each level, as root and as an ordinary user, side by side.

Each setting is a process of its own that grades one case after the other, so that what is left
behind is known to be that case's.
"""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from attacks.looks_around import TOKEN

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SILENCE = 300.0  # seconds without a line after which the grader is given up
KEPT = ("PATH", "LANG", "OMP_NUM_THREADS")


class Setting(NamedTuple):
    """A level, and who grades."""

    level: int
    is_root: bool

    @property
    def name(self) -> str:
        return f"level {self.level} as {'root' if self.is_root else 'a user'}"

    def refused(self) -> str:
        """Why this cannot be tried here, or ""."""
        if sys.platform != "linux":
            return "the sandbox needs Linux"
        if self.is_root and os.getuid() != 0:
            return "these tests are not run by root"
        return ""


SETTINGS = (
    Setting(3, True),
    Setting(2, True),
    Setting(3, False),
    Setting(2, False),
    Setting(1, False),
)


class Running:
    """The corpus at work in one setting; its results in the order in which they come."""

    def __init__(self, setting: Setting, wanted: list[str]) -> None:
        self.setting = setting
        self.faults: dict[str, list[str]] = {}
        self.failures: list[str] | None = None
        self._text = b""
        self._user = 61_000 + setting.level
        self._folder = Path(tempfile.mkdtemp(prefix="lrcourse-corpus-"))
        self._process = self._started(wanted)

    def faults_of(self, name: str) -> list[str]:
        """What is wrong with a case; waits for it."""
        while name not in self.faults:
            self._read()
        return self.faults[name]

    def failures_of_level(self) -> list[str]:
        """What does not hold here, so that the corpus was not begun."""
        while self.failures is None:
            self._read()
        return self.failures

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _started(self, wanted: list[str]) -> "subprocess.Popen[bytes]":
        self._folder.chmod(0o777)  # only the border is in the way
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        paths = os.pathsep.join(map(str, (HERE.parent, ROOT)))
        own = dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), str(self._folder))
        program = ["-m", "attacks.corpus", str(self.setting.level), str(self._folder)]
        if not self.setting.is_root and os.getuid() == 0:
            os.chown(self._folder, self._user, self._user)
            program = [str(HERE / "ordinary_user.py"), str(self._user), *program]
        process = subprocess.Popen(
            [sys.executable, *program],
            env={**kept, **own, "PYTHONPATH": paths, TOKEN: f"LOOT {TOKEN}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdin
        process.stdin.write(json.dumps(wanted).encode())
        process.stdin.close()
        return process

    def _read(self) -> None:
        """The next lines."""
        assert self._process.stdout
        if not select.select([self._process.stdout], [], [], SILENCE)[0]:
            raise AssertionError(f"nothing was heard for {SILENCE:g} s after {[*self.faults][-1:]}")
        more = os.read(self._process.stdout.fileno(), 1 << 16)
        if not more:
            raise AssertionError(f"the grader ended after {[*self.faults][-1:]}: {self._text}")
        *lines, self._text = (self._text + more).split(b"\n")
        for line in lines:
            if line.startswith(b"{"):
                told = json.loads(line)
                self.failures = told.get("failures", self.failures)
                self.faults[told.get("case", "")] = told.get("faults", [])
            else:  # a traceback: it is shown where the process ends
                self._text = line + b"\n" + self._text
