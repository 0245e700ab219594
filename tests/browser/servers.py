"""Start a server as a process of its own, and know where it listens."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab_page import PATIENCE


@contextmanager
def running(words: list[str], log: Path, line: str, **options: Any) -> Iterator[re.Match[str]]:
    """`python *words`, until the block ends; gives the match of `line` in what it has said."""
    with log.open("w") as file:
        server = subprocess.Popen(
            [sys.executable, *words], stdout=file, stderr=subprocess.STDOUT, **options
        )
    try:
        yield _said(server, log, line)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def _said(server: subprocess.Popen, log: Path, line: str) -> re.Match[str]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        if found := re.search(line, log.read_text("utf-8")):
            return found
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{log.read_text('utf-8')}")
