"""What stands around a grader: its processes, its descriptors, files that somebody may leave."""

import os
import time
from pathlib import Path

PATIENCE = 10.0  # seconds for a process to be gone
SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/dev/mqueue")
NOBODY = 65534  # and what comes after it: users of whom each is one student


class Watch:
    """Everything as it is now; `left()` is what has come since.

    `folder` is the grader's own: everything in it counts. In the folders that all use, what belongs
    to the user whose processes the students' are. None: files are not looked at.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.before = self._now()

    def left(self) -> list[str]:
        """In words; what is about to end has some time for it."""
        until = time.monotonic() + PATIENCE
        while (more := self._now() - self.before) and time.monotonic() < until:
            time.sleep(0.02)
        return [f"left behind: {each}" for each in sorted(more)]

    def _now(self) -> set[str]:
        return {*processes(), *descriptors(), *(files(self.folder) if self.folder else ())}


def processes() -> set[str]:
    """All that descend from this process."""
    parents = dict(_processes())
    own = {os.getpid()}
    while found := {pid for pid, parent in parents.items() if parent in own} - own:
        own |= found
    return {f"process {pid}" for pid in own}


def _processes():
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                stat = Path("/proc", name, "stat").read_text()
            except OSError:  # it has ended meanwhile
                continue
            yield int(name), int(stat.rpartition(")")[2].split()[1])


def descriptors() -> set[str]:
    """Those of this process."""
    return {f"descriptor {name}" for name in os.listdir("/proc/self/fd") if _is_open(int(name))}


def _is_open(descriptor: int) -> bool:
    """False for the one that the list itself was read from."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def files(folder: Path) -> set[str]:
    """Everything in the folder, and in shared ones what belongs to the students' user."""
    shared = [entry for name in SHARED if os.path.isdir(name) for entry in os.scandir(name)]
    own = [entry.path for entry in shared if _is_a_students(entry)]
    return {f"file {path}" for path in [*folder.rglob("*"), *own] if Path(path) != folder}


def _is_a_students(entry) -> bool:
    try:
        owner = entry.stat(follow_symlinks=False).st_uid
    except OSError:  # it is gone meanwhile
        return False
    return owner == os.getuid() if os.getuid() else owner >= NOBODY
