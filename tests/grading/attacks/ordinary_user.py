"""Runs a program of Python as an ordinary user, for tests that root runs:

    python ordinary_user.py 61000 -m attacks.corpus ...

Where Python itself lies in a folder that only root may enter, an empty folder that anybody may
enter takes its place, with nothing but Python in it, for this process and its children alone.
"""

import ctypes
import os
import stat
import sys
from pathlib import Path

NEW_MOUNTS, BIND, RECURSIVE, PRIVATE = 0x20000, 4096, 16384, 1 << 18
_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    user = int(sys.argv[1])
    needed = {Path(each).resolve() for each in (sys.base_prefix, sys.prefix, *sys.path[1:])}
    closed = closed_folders(path for path in needed if path.exists())
    if closed:
        open_a_way(closed)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    os.execv(sys.executable, [sys.executable, *sys.argv[2:]])


def closed_folders(paths) -> dict[Path, list[Path]]:
    """The topmost folders that only root may enter, and what lies in each."""
    closed = {}
    for path in paths:
        for folder in reversed([path, *path.parents]):
            if not folder.stat().st_mode & stat.S_IXOTH:
                closed.setdefault(folder, []).append(path)
                break
    return closed


def open_a_way(closed) -> None:
    """Put folders that anybody may enter in the place of these, out of sight of everybody else."""
    _checked(_libc.unshare(NEW_MOUNTS), "unshare")
    _mount(None, "/", None, PRIVATE | RECURSIVE)
    for folder, paths in closed.items():
        kept = [(path, os.open(path, os.O_PATH)) for path in _outermost(paths)]
        _mount("tmpfs", folder, "tmpfs", 0, b"mode=755")
        for path, place in kept:
            path.mkdir(parents=True)
            _mount(f"/proc/self/fd/{place}", path, None, BIND)
            os.close(place)


def _outermost(paths) -> list[Path]:
    return [path for path in paths if not set(path.parents) & set(paths)]


def _mount(source, target, kind, flags, told=None) -> None:
    names = (name and os.fsencode(name) for name in (source, target, kind))
    _checked(_libc.mount(*names, ctypes.c_ulong(flags), told), f"mount {target}")


def _checked(result, what) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), what)


if __name__ == "__main__":
    main()
