"""The border that a job closes around itself before it touches a student's text.

Every step is final: nothing here can be undone by the process that did it.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Mapping
from typing import Any

from lrcourse.grading.sandbox.inside import landlock, namespaces, seccomp

NOBODY = 65534
FIRST_FREE, FREE = 0x70000000, 1 << 16  # users that no system gives away: systemd.io/UIDS-GIDS
PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4

_libc = ctypes.CDLL(None, use_errno=True)


class Border:
    """How a job is closed in: the level, the limits, and where it may read."""

    def __init__(self, level: int, limits: Mapping[str, Any], ruleset: int, warm: int) -> None:
        self.level = level
        self.limits = limits
        self.ruleset = ruleset  # a descriptor of Landlock rules; -1 below level 2
        self.warm = warm  # bytes of address space that the warm process has

    def close(self, keep: int) -> None:
        """Close it around this process; of its descriptors only `keep` stays open."""
        os.setsid()  # a signal to the process group would reach the warm process
        _close_descriptors({keep, self.ruleset})
        os.chdir("/")
        if self.level >= 3:
            namespaces.enter_scratch()
        self._limit()
        become_nobody()
        die_with_parent()
        if self.level >= 3:
            namespaces.drop_capabilities()
        if self.level >= 2:
            landlock.restrict(self.ruleset)
            seccomp.install()

    def _limit(self) -> None:
        """Limits of the kernel; soft and hard alike, so that nobody can raise them.

        Where the grader has less itself, as users of a hub may have, it is less.
        """
        limits = {
            resource.RLIMIT_CPU: max(1, round(self.limits["cpu"])),
            resource.RLIMIT_AS: self.warm + self.limits["memory"],
            resource.RLIMIT_NPROC: self.limits["threads"] + _threads_of_this_user(),
            resource.RLIMIT_NOFILE: self.limits["files"],
            resource.RLIMIT_FSIZE: self.limits["file_size"],
            resource.RLIMIT_CORE: 0,
        }
        for which, most in limits.items():
            try:
                hard = resource.getrlimit(which)[1]
                most = most if hard == resource.RLIM_INFINITY else min(most, hard)
                resource.setrlimit(which, (most, most))
            except (OSError, ValueError):  # macOS knows not all of them
                if self.level >= 2:
                    raise


def become_nobody() -> None:
    """A process of root becomes one of a user that owns nothing, for good.

    Each job is another user: the kernel counts threads by user, and one job's are not another's.
    """
    if os.getuid() != 0:
        return
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    user = FIRST_FREE + int.from_bytes(os.urandom(4), "big") % FREE
    try:
        os.setresuid(user, user, user)
    except OSError:  # a container with few users
        os.setresuid(NOBODY, NOBODY, NOBODY)


def die_with_parent() -> None:
    """The kernel ends this process with its parent, and lets nobody else look into it."""
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def _close_descriptors(kept: set[int]) -> None:
    """Only the standard streams, which lead nowhere, and what is kept stay open."""
    first = 3
    for last in sorted(each for each in kept if each > 2):
        os.closerange(first, last)
        first = last + 1
    os.closerange(first, 4096)


def _threads_of_this_user() -> int:
    """Limits on threads count all of a user's; where root grades, a job's user has none yet."""
    return 0 if os.getuid() == 0 else _OTHERS


_OTHERS = 0


def count_threads_of_this_user() -> None:
    """Once, in the warm process: how many threads the user has already.

    In a namespace of users it would be too late: there all others look like one.
    """
    global _OTHERS
    if sys.platform == "linux":
        _OTHERS = sum(_threads(name) for name in os.listdir("/proc") if name.isdigit())


def _threads(process: str) -> int:
    try:
        if os.stat(f"/proc/{process}").st_uid != os.getuid():
            return 0
        return len(os.listdir(f"/proc/{process}/task"))
    except OSError:  # it has ended meanwhile
        return 0
