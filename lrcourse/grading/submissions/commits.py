"""When a file in a clone was committed, without trusting the clone.

A `.git` may come from a student, and its settings can name programs that git runs
(https://git-scm.com/docs/git-config, gpg.program, core.fsmonitor and others). So git gets an empty
repository of our own, with the clone's objects; the clone's settings are never read.

The time is the committer's, which the student's own clock writes, or a student who wants to: a
time of the platform is better (`--times`).
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

SECONDS = 10.0  # for one question; a clone of this course answers in 0.02
HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
MOST_BYTES = 1 << 20  # of a file of references
PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # no link, no pipe
ALONE = {  # no settings of this machine, nothing fetched, nobody asked
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
}


def committed_at(clone: Path, file: Sequence[str]) -> datetime | None:
    """The committer's time of the last commit that changed the file; None where git cannot say."""
    git, head = shutil.which("git"), _head(clone / ".git")
    if not git or not head:
        return None
    asked = ("log", "-1", "--format=%cI", head, "--", ":(literal)" + "/".join(file))
    try:
        repository = _empty(git, "sha256" if len(head) == 64 else "sha1").name
        objects = {"GIT_DIR": repository, "GIT_OBJECT_DIRECTORY": str(clone / ".git" / "objects")}
        said = _run([git, "-c", "core.commitGraph=false", *asked], ALONE | objects)
        return datetime.fromisoformat(said.strip()).astimezone(UTC)
    except (OSError, ValueError, OverflowError, subprocess.SubprocessError):
        return None


def _head(folder: Path) -> str:
    """The commit that is checked out, read as git writes it; "" where it cannot be told."""
    name = _read(folder / "HEAD").removeprefix("ref: ").strip()
    if HASH.fullmatch(name):
        return name
    if not name.startswith("refs/heads/") or ".." in name:
        return ""
    loose = _read(folder / name).strip()
    if HASH.fullmatch(loose):
        return loose
    packed = (line.split(" ") for line in _read(folder / "packed-refs").splitlines())
    return next((words[0] for words in packed if words[1:] == [name]), "")


def _read(path: Path) -> str:
    """A small file of git's; links are not followed, and what cannot be read is empty."""
    try:
        with open(os.open(path, os.O_RDONLY | PLAIN), "rb") as file:
            return file.read(MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


@lru_cache
def _empty(git: str, kind: str) -> tempfile.TemporaryDirectory[str]:
    """A repository without anything, for as long as this process lives."""
    folder: tempfile.TemporaryDirectory[str] = tempfile.TemporaryDirectory(prefix="lrcourse-git-")
    asked = ["init", "-q", "--bare", f"--object-format={kind}", "--template=", folder.name]
    _run([git, *asked], ALONE)
    return folder


def _run(command: Sequence[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, env=environment, capture_output=True, timeout=SECONDS, check=True
    )
    return done.stdout.decode()
