"""Landlock: from here on this process reads a few directories and writes nothing.

No privilege is needed (Linux 5.13 and newer). The rules are collected once, in the warm process;
each job then puts them on itself.
"""

import ctypes
import os
import struct
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every machine
ASK_FOR_VERSION, PATH_BENEATH = 1, 1
PR_SET_NO_NEW_PRIVS = 38

WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # so many rights a kernel of this ABI knows
MOST_FILE_RIGHTS = 16  # ABI 5 and newer
NETWORK, SCOPES = 0b11, 0b11  # TCP bind and connect; abstract sockets and signals to others

LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo")
DEVICES = {"/dev/null": READ_FILE | WRITE_FILE, "/dev/urandom": READ_FILE}

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Which Landlock this kernel has (its ABI); 0 for none."""
    if os.uname().sysname != "Linux":
        return 0
    return max(0, _libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_FOR_VERSION))


def rules(readable: Iterable[Path], writable: Iterable[Path] = ()) -> int:
    """A descriptor of the rules: what may be read, what may be written; nothing else."""
    abi = version()
    everything = (1 << FILE_RIGHTS.get(abi, MOST_FILE_RIGHTS)) - 1
    network, scopes = (NETWORK if abi >= 4 else 0), (SCOPES if abi >= 6 else 0)
    known = 24 if abi >= 6 else 16 if abi >= 4 else 8  # bytes that this kernel understands
    told = struct.pack("QQQ", everything, network, scopes)[:known]
    ruleset = _checked(_libc.syscall(CREATE_RULESET, told, ctypes.c_size_t(known), 0), "rules")
    for path in readable:
        _add(ruleset, path, READ_FILE | READ_DIR if path.is_dir() else READ_FILE)
    for name, rights in DEVICES.items():
        _add(ruleset, Path(name), rights)
    for path in writable:
        _add(ruleset, path, everything & ~1)  # all but to execute
    return ruleset


def restrict(ruleset: int) -> None:
    """These rules hold for this process from now on."""
    _checked(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _checked(_libc.syscall(RESTRICT_SELF, ruleset, 0), "restrict_self")
    os.close(ruleset)


def library_folders() -> list[Path]:
    """Where Python, its packages and the libraries of the system are; none within another."""
    places = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    roots = [*places, *LIBRARIES, sysconfig.get_config_var("LIBDIR") or "/lib"]
    found = sorted({Path(root).resolve() for root in roots if os.path.exists(root)})
    return [root for root in found if not set(root.parents) & set(found)]


def readable_paths(hidden: Iterable[Path]) -> Iterator[Path]:
    """Those folders, entry by entry around what is `hidden`."""
    banned = {path.resolve() for path in hidden}
    for root in library_folders():
        yield from _around(root, banned)


def _around(path: Path, banned: set[Path]) -> Iterator[Path]:
    """The path, or those of its entries, as deep as needed, that hold nothing banned."""
    if path in banned:
        return
    if not any(path in each.parents for each in banned):
        yield path
        return
    for entry in sorted(path.iterdir()):
        if not entry.is_symlink():
            yield from _around(entry, banned)


def _add(ruleset: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH)
    except OSError:  # not there on this machine
        return
    rule = struct.pack("=Qi", rights, place)
    _checked(_libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0), f"rule for {path}")
    os.close(place)


def _checked(result: int, what: str) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), f"Landlock: {what}")
    return result
