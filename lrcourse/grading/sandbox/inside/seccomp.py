"""seccomp: the kernel refuses every system call that is not on the list; it returns EPERM.

A filter is a small program for a machine with one register: load a word of the call, compare,
jump, return. It can never be taken off again.
"""

import ctypes
import errno
import os
import platform
import struct

from lrcourse.grading.sandbox.inside.syscalls import ALLOWED, CHECKED, MACHINES

LOAD, EQUAL, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x45, 0x54, 0x06  # instructions
ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSE = 0x00050000 | errno.EPERM
ABSENT = 0x00050000 | errno.ENOSYS  # the C library then tries an older call
NUMBER, MACHINE, ARGUMENTS = 0, 4, 16  # where in struct seccomp_data
OTHER_CALLS = 0x40000000  # the x32 numbers of x86_64

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
CLONE_VM, CLONE_SIGHAND, CLONE_THREAD, CLONE_NEW_ANYTHING = 0x100, 0x800, 0x10000, 0x7E020080
A_THREAD = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, constant


def is_available() -> bool:
    """Whether this machine is one of those whose call numbers we know."""
    return os.uname().sysname == "Linux" and platform.machine() in MACHINES


def install() -> None:
    """From here on this process, and every thread of it, can make the allowed calls only."""
    program = filter_for(platform.machine(), os.getpid())
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in program))
    pointer = struct.pack("H6xQ", len(program), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(pointer), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


def filter_for(machine: str, pid: int) -> list[Instruction]:
    """The whole program; `pid` is the process that may send signals to itself."""
    column, magic = MACHINES[machine]
    program = [
        (LOAD, 0, 0, MACHINE),
        (EQUAL, 1, 0, magic),
        _return(KILL),
        (LOAD, 0, 0, NUMBER),
        (ANY_BIT, 0, 1, OTHER_CALLS),
        _return(KILL),
    ]
    for numbers in ALLOWED.values():
        number = numbers[column]
        if number is not None:
            program += [(EQUAL, 0, 1, number), _return(ALLOW)]
    for name, rule in _rules(pid).items():
        program += [(EQUAL, 0, len(rule), CHECKED[name][column]), *rule]
    return [*program, _return(REFUSE)]


def _rules(pid: int) -> dict[str, list[Instruction]]:
    """What the arguments must be. Each rule ends with a return; it knows the call already."""
    return {
        "clone3": [_return(ABSENT)],  # its flags lie in memory, where no filter can look
        "clone": [
            *_load(0, A_THREAD),
            (EQUAL, 1, 0, A_THREAD),
            _return(REFUSE),
            *_load(0),
            (ANY_BIT, 0, 1, CLONE_NEW_ANYTHING),
            _return(REFUSE),
            _return(ALLOW),
        ],
        "tgkill": _one_of(0, [pid]),
        "prlimit64": _one_of(0, [0]),
        # AF_UNIX streams; a datagram could be sent to any socket that has a name
        "socketpair": [
            *_load(0),
            (EQUAL, 1, 0, 1),
            _return(REFUSE),
            *_load(1, 0xF),
            (EQUAL, 1, 0, 1),
            _return(REFUSE),
            _return(ALLOW),
        ],
        # duplicate, close-on-exec, flags; not F_SETOWN: it would send signals to others
        "fcntl": _one_of(1, [0, 1, 2, 3, 4, 1030]),
        # is it a terminal, close-on-exec, non-blocking, window size, bytes waiting
        "ioctl": _one_of(1, [0x5401, 0x5451, 0x5450, 0x5421, 0x5413, 0x541B]),
        # names of threads and of memory; not PDEATHSIG, DUMPABLE, SECCOMP
        "prctl": _one_of(0, [15, 16, 0x53564D41]),
        # before ABI 3 Landlock lets a file that is open for reading be cut off
        "openat": [
            *_load(2, os.O_TRUNC | os.O_ACCMODE),
            (EQUAL, 0, 1, os.O_TRUNC | os.O_RDONLY),
            _return(REFUSE),
            _return(ALLOW),
        ],
    }


def _one_of(argument: int, values: list[int]) -> list[Instruction]:
    """Allowed where the argument is one of these."""
    tests = [(EQUAL, len(values) - k, 0, value) for k, value in enumerate(values)]
    return [*_load(argument), *tests, _return(REFUSE), _return(ALLOW)]


def _load(argument: int, bits: int = 0) -> list[Instruction]:
    """The lower half of an argument, or some bits of it; these arguments are 32-bit numbers."""
    load = [(LOAD, 0, 0, ARGUMENTS + 8 * argument)]
    return [*load, (AND, 0, 0, bits)] if bits else load


def _return(what: int) -> Instruction:
    return (RETURN, 0, 0, what)
