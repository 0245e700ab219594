"""Memory of the warm process, arranged so that a fork of it is cheap. Linux only; a convenience.

A fork copies the page tables: 512 entries for 2 MiB of small pages, one for a huge page. With
torch loaded that is most of what a session costs.
"""

import ctypes
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

HUGE = 2 << 20
MADV_COLLAPSE = 25  # Linux 6.1; older kernels refuse, and nothing is lost


def address_space() -> int:
    """What this process has of it, in bytes; 0 where nobody tells."""
    if sys.platform != "linux":
        return 0
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def most_resident() -> int:
    """The most memory that this process has had, in bytes."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used * (1 if sys.platform == "darwin" else 1024)


def collapse() -> None:
    """Put memory that is in use, and nobody else's, on huge pages."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for start, end in _own_memory():
        for place in range(-(-start // HUGE) * HUGE, end - HUGE + 1, HUGE):
            libc.madvise(place, HUGE, MADV_COLLAPSE)


def _own_memory() -> Iterator[tuple[int, int]]:
    """Where memory lies that can be written and belongs to no file: start and end."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        place, rights, _, _, inode, *name = line.split(None, 5)
        if inode == "0" and rights.startswith("rw") and name in ([], ["[heap]"]):
            start, _, end = place.partition("-")
            yield int(start, 16), int(end, 16)
