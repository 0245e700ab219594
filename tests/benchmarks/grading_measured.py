"""What a command costs: CPU seconds of all its processes, the clock, and their memory. Linux."""

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

LOOK_SECONDS = 0.02  # how often a first result is looked for
MEMORY_SECONDS = 0.25  # how often memory is; it takes the looker's time, not the looked at's
TICKS = os.sysconf("SC_CLK_TCK")


class Measured(NamedTuple):
    """What one command cost; `first` are the seconds until its first result."""

    cpu: float
    wall: float
    first: float
    memory: int  # bytes, proportional, of all processes at their highest together
    each: tuple[int, ...] = ()  # the same of each while most of them were there, parents first

    @classmethod
    def total(cls, costs: "Sequence[Measured]") -> "Measured":
        """Of commands that ran one after the other."""
        sums = (sum(cost.cpu for cost in costs), sum(cost.wall for cost in costs))
        first = statistics.median(cost.first for cost in costs)
        return cls(*sums, first, max(cost.memory for cost in costs))


class Died(RuntimeError):
    """The command failed; the message is what it said last."""


def measured(
    command: Sequence[str], folder: Path, variables: dict[str, str], first: Path | None = None
) -> Measured:
    """Run it; its first result is there when the file `first` is, and has something in it."""
    started, seen, looked, most = time.perf_counter(), 0.0, 0.0, 0
    each: tuple[int, ...] = ()
    with open(folder / "said.txt", "w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=variables,
            stdout=said,
            stderr=said,
            start_new_session=True,  # a kernel that ends signals its whole group
        )
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            now = time.perf_counter() - started
            if not seen and first and first.exists() and first.stat().st_size:
                seen = now
            if now - looked > MEMORY_SECONDS:
                looked = now
                sizes = tuple(size for size in map(memory_of, tree(process.pid)) if size)
                each = max(each, sizes, key=lambda found: (len(found), sum(found)))
                most = max(most, sum(sizes))
            time.sleep(LOOK_SECONDS)
        process.returncode = os.waitstatus_to_exitcode(ended[1])
        if process.returncode:
            said.seek(0)
            lines = said.read().strip().splitlines() or ["it said nothing"]
            raise Died(f"{' '.join(command[:3])} ended with {process.returncode}: {lines[-1]}")
    wall = time.perf_counter() - started
    cpu = ended[2].ru_utime + ended[2].ru_stime
    return Measured(cpu, wall, seen or wall, most, each)


def tree(root: int) -> list[int]:
    """The process and all below it, parents first."""
    below: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        if row := _stat(int(name)):
            below.setdefault(int(row[1]), []).append(int(name))
    found = [root]
    for process in found:  # it grows meanwhile
        found += sorted(below.get(process, ()))
    return found


def cpu_seconds(root: int) -> float:
    """What the process and all below it have used, those that have ended included."""
    return sum(sum(map(int, _stat(process)[11:15])) for process in tree(root)) / TICKS


def memory_of(process: int) -> int:
    """Its proportional set size: pages that it shares count by its share. 0 where it is gone."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)


def _stat(process: int) -> list[str]:
    """/proc/<pid>/stat behind the name: state, parent, ...; times from the 12th on."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
