"""A handful of attacks: does a level hold on this machine, in truth and not only on paper?"""

import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lrcourse.grading import GradingError
from lrcourse.grading.sandbox.facts import Lost

ATTACKS = {  # what must not succeed -> an expression that succeeds without a border
    "reads a file of the grader's": "open(secret).read()",
    "reads the course's own package": "open(package).read()",
    "sees the memory of the grader": "open(f'/proc/{grader}/mem', 'rb').close()",
    "writes a file": "open(folder + '/left', 'w').close()",
    "reaches a port of this machine": "socket.socket().connect(('127.0.0.1', port))",
    "starts a process": "os.fork() or os._exit(0)",
    "starts a program": "os.execv('/bin/true', ['true'])",
    "sends a signal to the grader": "os.kill(grader, 0)",
    "changes the priority of the grader": "os.setpriority(os.PRIO_PROCESS, grader, 19)",
    "changes the rights of a file": "os.chmod(folder, 0o777)",
    "takes memory without end": "bytearray(1 << 42)",
}
CELL = """
import os, socket

def attempt(text, surroundings):
    names = {"os": os, "socket": socket, **surroundings}
    try:
        eval(text, names)
    except (OSError, MemoryError):
        return False
    return True

check("attempt", attempt)
"""


def attacks_that_succeed(session_of: Callable[..., Any]) -> list[str]:
    """Which of the attacks succeed, or why they could not be tried."""
    try:
        place, server = tempfile.TemporaryDirectory(), socket.create_server(("127.0.0.1", 0))
    except OSError as error:
        raise GradingError(
            f"the sandbox cannot be tried ({error.strerror or error}): this needs a folder for "
            f"temporary files (TMPDIR) and the address 127.0.0.1"
        ) from None
    with place as folder, server:
        os.chmod(folder, 0o755)  # only the border is in the way
        secret = Path(folder, "secret")
        secret.write_text("a right answer", encoding="utf-8")
        surroundings = {
            "secret": str(secret),
            "folder": folder,
            "package": __file__,
            "port": server.getsockname()[1],
            "grader": os.getpid(),
        }
        calls = [(text, surroundings) for text in ATTACKS.values()]
        try:
            with session_of(["from lrcourse.check import check", CELL], {}, {}) as session:
                replies = session.call("attempt", calls)
        except Lost as lost:
            return [lost.sentence]
    untried = [f"{name}: could not be tried" for name in list(ATTACKS)[len(replies) :]]
    tried = zip(ATTACKS, replies, strict=False)
    return [name for name, reply in tried if reply.value is not False] + untried
