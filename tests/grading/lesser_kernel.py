"""Runs a command as if this kernel offered less. The kernel itself answers so: a seccomp filter.

    python lesser_kernel.py '{"lacks": {"landlock": "ENOSYS"}}' python -m lrcourse grade class
    python lesser_kernel.py '{"abi": 1}' ...                     Landlock as Linux 5.13 had it
    python lesser_kernel.py '{"hidden": ["/proc"], "read_only": ["/tmp"]}' ...
    python lesser_kernel.py '{"users": 65536}' ...               root of a container with so many

A filter can refuse a call, but not answer "version 1". So there the kernel hands the call to this
process, which answers for it (seccomp_unotify(2)), and refuses the rights of later versions.
"""

import ctypes
import errno
import fcntl
import json
import os
import select
import socket
import struct
import sys
from pathlib import Path

from lrcourse.grading.sandbox.inside import landlock, namespaces, seccomp, syscalls
from lrcourse.grading.sandbox.inside.seccomp import ALLOW, ANY_BIT, EQUAL, LOAD, NUMBER, RETURN

COLUMN = syscalls.MACHINES[os.uname().machine][0]
UNSHARE, SECCOMP, PRCTL = (272, 97)[COLUMN], (317, 277)[COLUMN], (157, 167)[COLUMN]
CLONE = syscalls.CHECKED["clone"][COLUMN]
REFUSE, ASK = 0x00050000, 0x7FC00000
SET_FILTER, NEW_LISTENER = 1, 8
RECEIVE, ANSWER = 0xC0502100, 0xC0182101  # ioctl() on a listener
QUESTION, REPLY = "<QIIiIQ6Q", "<QqiI"  # struct seccomp_notif, seccomp_notif_resp
GO_ON = 1
RIGHTS = {1: (13, 8), 2: (14, 8), 3: (15, 8), 4: (15, 16)}  # of files; bytes of the attributes

_libc = ctypes.CDLL(None, use_errno=True)


def program(lacks: dict[str, str], abi: int) -> list[seccomp.Instruction]:
    """The filter: what is lacking is refused, Landlock's first call is asked about."""
    code = [(LOAD, 0, 0, NUMBER)]
    for what, error in lacks.items():
        refuse = (RETURN, 0, 0, REFUSE | getattr(errno, error))
        for number, argument, test, value in CALLS[what]:
            check = [(LOAD, 0, 0, seccomp.ARGUMENTS + 8 * argument), (test, 0, 1, value)]
            check = check if test else []
            code += [(EQUAL, 0, len(check) + 1, number), *check, refuse]
            code += [(LOAD, 0, 0, NUMBER)]
    if abi:
        code += [(EQUAL, 0, 1, landlock.CREATE_RULESET), (RETURN, 0, 0, ASK)]
    return [*code, (RETURN, 0, 0, ALLOW)]


CALLS = {  # number, and which test of which argument there is
    "landlock": [(number, 0, 0, 0) for number in (444, 445, 446)],
    "namespaces": [
        (UNSHARE, 0, ANY_BIT, seccomp.CLONE_NEW_ANYTHING),
        (CLONE, 0, ANY_BIT, seccomp.CLONE_NEW_ANYTHING & ~0x80),
    ],
    "seccomp": [(SECCOMP, 0, 0, 0), (PRCTL, 0, EQUAL, seccomp.PR_SET_SECCOMP)],
}


def install(code: list[seccomp.Instruction], flags: int) -> int:
    """The filter holds from here on, for every process that comes of this one."""
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in code))
    pointer = struct.pack("H6xQ", len(code), ctypes.addressof(packed))
    _libc.prctl(seccomp.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    listener = _libc.syscall(SECCOMP, SET_FILTER, flags, ctypes.create_string_buffer(pointer))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return listener


def answered(listener: int, abi: int) -> None:
    """Answer one question of the kernel."""
    asked = bytearray(struct.calcsize(QUESTION))
    fcntl.ioctl(listener, RECEIVE, asked)
    number, process, *_, where, size, flags, _, _, _ = struct.unpack(QUESTION, asked)
    value, error, more = 0, 0, 0
    if flags == landlock.ASK_FOR_VERSION:
        value = abi
    elif is_beyond(process, where, size, abi):
        error = -errno.EINVAL
    else:
        more = GO_ON
    fcntl.ioctl(listener, ANSWER, struct.pack(REPLY, number, value, error, more))


def is_beyond(process: int, where: int, size: int, abi: int) -> bool:
    """Whether these rules have rights that a kernel of this version does not know."""
    rights, known = RIGHTS[abi]
    with open(f"/proc/{process}/mem", "rb") as memory:
        memory.seek(where)
        told = memory.read(size)
    return size > known or bool(struct.unpack_from("Q", told)[0] >> rights)


def change_mounts(hidden: list[str], read_only: list[str], tiny: list[str]) -> None:
    """Folders that are empty, read-only, or hold 4 kB, for this process and its children alone."""
    if not (hidden or read_only or tiny):
        return
    namespaces._unshare(namespaces.NEW_MOUNTS)
    namespaces._mount(None, "/", None, namespaces.PRIVATE | namespaces.RECURSIVE)
    for path in read_only:
        namespaces._mount(path, path, None, namespaces.BIND)
        rights = namespaces.READ_ONLY | namespaces.NO_SUID | namespaces.NO_DEVICES
        namespaces._mount(None, path, None, namespaces.REMOUNT | namespaces.BIND | rights)
    for path in hidden:
        namespaces._mount("tmpfs", path, "tmpfs", namespaces.READ_ONLY)
    for path in tiny:
        namespaces._mount("tmpfs", path, "tmpfs", 0, b"size=4k")


def have_few_users(count: int) -> None:
    """Go on as root of a namespace in which no users but these exist."""
    process, (ready, told) = os.getpid(), os.pipe()
    if os.fork() == 0:  # only from outside may more than one user be named
        os.read(ready, 1)
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{process}/{name}").write_text(f"0 0 {count}")
        os._exit(0)
    namespaces._unshare(namespaces.NEW_USER)
    os.write(told, b"x")
    os.wait()


def main(told: dict, command: list[str]) -> int:
    """The exit code of the command."""
    change_mounts(told.get("hidden", []), told.get("read_only", []), told.get("tiny", []))
    if users := told.get("users"):
        have_few_users(users)
    abi = told.get("abi", 0)
    code = program(told.get("lacks", {}), abi)
    if not abi:
        install(code, 0)
        os.execvp(command[0], command)
    mine, theirs = socket.socketpair()
    process = os.fork()
    if process == 0:
        listener = install(code, NEW_LISTENER)
        socket.send_fds(theirs, [b"l"], [listener])
        os.close(listener)
        os.execvp(command[0], command)
    theirs.close()
    _, (listener,), *_ = socket.recv_fds(mine, 1, 1)
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while True:  # the kernel hangs up when nobody is left whom the filter holds
        ((_, event),) = poll.poll()
        if not event & select.POLLIN:
            return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        answered(listener, abi)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1]), sys.argv[2:]))
