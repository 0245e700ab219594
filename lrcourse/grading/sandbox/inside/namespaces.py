"""Namespaces: a process that sees no other process, no network, and few files. Linux only.

Root needs nothing for this; anybody else needs user namespaces, which some systems switch off.
bubblewrap would do the same from outside; here it is done by the process itself, so that no other
program is needed and a fork of the warm process still is a session.

    warm process   user*, pid, network, ipc, uts, mount: pid 1 of a small world, an own root folder
    each job       pid, mount: pid 1 of a world of one, 32 MiB of its own on /scratch/own
"""

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from lrcourse.grading.sandbox.inside.landlock import DEVICES
from lrcourse.grading.sandbox.inside.syscalls import MACHINES, PIVOT_ROOT

NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_USER = 0x20000, 0x04000000, 0x08000000, 0x10000000
NEW_PIDS, NEW_NETWORK = 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEVICES, REMOUNT, BIND, RECURSIVE = 1, 2, 4, 32, 4096, 16384
PRIVATE, RELATIVE_TIMES = 1 << 18, 1 << 21
DETACH = 2
CAPABILITIES_V3 = 0x20080522

NOBODY = 65534
BASE = "/tmp"  # any folder: the new root is mounted over it, in a world where nobody else looks
SCRATCH = Path("/scratch")  # Landlock's rule is here: it does not see what a mount hides
OWN_SCRATCH = SCRATCH / "own"
SCRATCH_SIZE = b"size=32m,nr_inodes=2000,mode=1777"

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = [ctypes.c_char_p] * 3 + [ctypes.c_ulong, ctypes.c_char_p]


def enter_own_world() -> None:
    """Go on as pid 1 of new namespaces; the process that called this waits for that one."""
    user, group = os.getuid(), os.getgid()
    _unshare(NEW_PIDS | NEW_NETWORK | NEW_IPC | NEW_UTS | NEW_MOUNTS | (NEW_USER if user else 0))
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")
    process = os.fork()
    if process:
        _, status = os.waitpid(process, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def own_process_ids() -> int:
    """A descriptor of the namespace in which this process numbers others; see `fork_alone`."""
    return os.open("/proc/self/ns/pid", os.O_RDONLY)


def fork_alone(own: int) -> int:
    """Fork; the child is pid 1 of a namespace of its own."""
    _unshare(NEW_PIDS)
    process = os.fork()
    if process:
        _checked(_libc.setns(own, NEW_PIDS), "setns")
    return process


def enter_root(folders: Iterable[Path]) -> None:
    """A root folder that holds nothing but these, for reading, two devices and /scratch."""
    _mount(None, "/", None, PRIVATE | RECURSIVE)
    sources = {path: os.open(path, os.O_PATH) for path in (*folders, *map(Path, DEVICES))}
    _mount("tmpfs", BASE, "tmpfs", NO_SUID | NO_DEVICES, b"size=4m,mode=755")
    for path, source in sources.items():
        _bind(path, source)
        os.close(source)
    os.makedirs(f"{BASE}{OWN_SCRATCH}")
    os.mkdir(f"{BASE}/old")
    call = PIVOT_ROOT[MACHINES[os.uname().machine][0]]
    _checked(_libc.syscall(call, BASE.encode(), f"{BASE}/old".encode()), "pivot_root")
    os.chdir("/")
    _checked(_libc.umount2(b"/old", DETACH), "umount")
    os.rmdir("/old")
    _mount(None, "/", None, REMOUNT | BIND | READ_ONLY | NO_SUID | NO_DEVICES)


def enter_scratch() -> None:
    """A folder to write in, which ends with this process."""
    _unshare(NEW_MOUNTS)
    _mount("tmpfs", str(OWN_SCRATCH), "tmpfs", NO_SUID | NO_DEVICES, SCRATCH_SIZE)
    os.chdir(OWN_SCRATCH)


def drop_capabilities() -> None:
    """What this process may do as the root of its own little world, it may no longer."""
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0)
    _checked(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def _bind(path: Path, source: int) -> None:
    """Show what `source` describes under the same name in the new root."""
    target = Path(f"{BASE}{path}")
    target.parent.mkdir(parents=True, exist_ok=True)
    is_folder = stat.S_ISDIR(os.fstat(source).st_mode)  # by name it may be out of sight already
    if is_folder:
        target.mkdir(exist_ok=True)
    else:
        target.touch()
    _mount(f"/proc/self/fd/{source}", str(target), None, BIND | RECURSIVE)
    if is_folder:
        kept = os.fstatvfs(source).f_flag & 0b1111  # what a mount forbids cannot be taken back
        _mount(None, str(target), None, REMOUNT | BIND | READ_ONLY | RELATIVE_TIMES | kept)


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, told: bytes = b""
) -> None:
    names = [None if name is None else name.encode() for name in (source, target, kind)]
    _checked(_libc.mount(*names, flags, told or None), f"mount {target}")


def _unshare(what: int) -> None:
    _checked(_libc.unshare(what), "unshare")


def _checked(result: int, what: str) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), what)
