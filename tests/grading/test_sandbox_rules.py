"""What the border is made of: the list of system calls, the filter made of it, the wire, and the
folders that may be read."""

import functools
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lrcourse.grading.sandbox import box, selftest, session
from lrcourse.grading.sandbox.facts import Ended, lost_of
from lrcourse.grading.sandbox.inside import cells, landlock, seccomp, syscalls, wire
from lrcourse.grading.sandbox.limits import CLOSED, PACKAGE, ROOT, USUAL, open_modules

ALLOWED, REFUSED, ABSENT, KILLED = seccomp.ALLOW, seccomp.REFUSE, seccomp.ABSENT, seccomp.KILL
PID = 4242
DANGEROUS = {  # x86_64, aarch64
    "execve": (59, 221),
    "execveat": (322, 281),
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "kill": (62, 129),
    "tkill": (200, 130),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "openat2": (437, 437),
    "open_by_handle_at": (304, 265),
    "fchmodat": (268, 53),
    "fchownat": (260, 54),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "truncate": (76, 45),
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "mlock": (149, 228),
    "setpriority": (141, 140),
    "sched_setaffinity": (203, 122),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "seccomp": (317, 277),
    "personality": (135, 92),
    "setuid": (105, 146),
    "capset": (126, 91),
    "reboot": (169, 142),
}


filter_of = functools.lru_cache(lambda machine: seccomp.filter_for(machine, PID))


def verdict(machine: str, number: int, *arguments: int, magic: int | None = None) -> int:
    """What the kernel would do: the filter, run by hand."""
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    own = syscalls.MACHINES[machine][1] if magic is None else magic
    data = struct.pack("<IIQ6Q", number, own, 0, *padded)
    program, place, word = filter_of(machine), 0, 0
    while True:
        code, if_true, if_false, constant = program[place]
        place += 1
        if code == seccomp.LOAD:
            (word,) = struct.unpack_from("<I", data, constant)
        elif code == seccomp.AND:
            word &= constant
        elif code == seccomp.EQUAL:
            place += if_true if word == constant else if_false
        elif code == seccomp.ANY_BIT:
            place += if_true if word & constant else if_false
        else:
            assert code == seccomp.RETURN
            return constant


@pytest.fixture(params=sorted(syscalls.MACHINES))
def machine(request):
    return request.param


def number_of(machine: str, name: str) -> int:
    return syscalls.CHECKED[name][syscalls.MACHINES[machine][0]]


# The list of system calls ---------------------------------------------------------------------


def test_what_is_on_the_list_is_allowed(machine):
    column = syscalls.MACHINES[machine][0]
    numbers = [each[column] for each in syscalls.ALLOWED.values() if each[column] is not None]
    assert {verdict(machine, number) for number in numbers} == {ALLOWED}
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("name", DANGEROUS)
def test_what_is_dangerous_is_refused(machine, name):
    number = DANGEROUS[name][syscalls.MACHINES[machine][0]]
    assert verdict(machine, number) == REFUSED


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("clone", (0x3D0F00,), ALLOWED),  # a thread, as glibc makes it
        ("clone", (0x01200011,), REFUSED),  # fork
        ("clone", (0x4111,), REFUSED),  # vfork
        ("clone", (0x3D0F00 | 0x20000000,), REFUSED),  # and a namespace
        ("clone", (0x3D0F00 | 0x10000000,), REFUSED),
        ("clone3", (0, 0), ABSENT),
        ("tgkill", (PID, PID, 6), ALLOWED),
        ("tgkill", (PID + 1, PID + 1, 6), REFUSED),
        ("prlimit64", (0, 7, 0), ALLOWED),
        ("prlimit64", (PID, 7, 0), REFUSED),
        ("socketpair", (1, 1 | 0x80000), ALLOWED),
        ("socketpair", (1, 2), REFUSED),  # a datagram can be sent to any socket with a name
        ("socketpair", (2, 1), REFUSED),
        ("fcntl", (3, 1030, 0), ALLOWED),
        ("fcntl", (3, 8, PID), REFUSED),  # F_SETOWN
        ("fcntl", (3, 10, 9), REFUSED),  # F_SETSIG
        ("fcntl", (3, 1031, 1 << 20), REFUSED),  # F_SETPIPE_SZ
        ("ioctl", (3, 0x5401), ALLOWED),
        ("ioctl", (3, 0x5412), REFUSED),  # TIOCSTI types into a terminal
        ("prctl", (15, 0), ALLOWED),
        ("prctl", (1, 0), REFUSED),  # PDEATHSIG
        ("prctl", (4, 1), REFUSED),  # DUMPABLE
        ("openat", (0, 0, 0o1101), ALLOWED),
        ("openat", (0, 0, 0o2000000), ALLOWED),
        ("openat", (0, 0, 0o1000), REFUSED),  # open for reading, and cut it off
    ],
)
def test_some_calls_are_allowed_with_some_arguments(machine, name, arguments, expected):
    assert verdict(machine, number_of(machine, name), *arguments) == expected


@pytest.mark.parametrize(
    ("name", "place", "values"),
    [
        ("fcntl", 1, {0, 1, 2, 3, 4, 1030}),
        ("ioctl", 1, {0x5401, 0x5413, 0x5421, 0x541B, 0x5450, 0x5451}),
        ("prctl", 0, {15, 16, 0x53564D41}),
        ("prlimit64", 0, {0}),
        ("tgkill", 0, {PID}),
    ],
)
def test_each_value_on_a_list_is_allowed_and_no_other(machine, name, place, values):
    tried = {
        *range(1200),
        *range(0x5400, 0x5500),
        PID,
        *(each + k for each in values for k in (-1, 0, 1)),
    }
    number, before = number_of(machine, name), [0] * place
    assert {
        each for each in tried - {-1} if verdict(machine, number, *before, each) == ALLOWED
    } == values


def test_no_bit_that_makes_a_namespace_or_no_thread_passes_clone(machine):
    thread, number = 0x3D0F00, number_of(machine, "clone")
    passed = {bit for bit in range(32) if verdict(machine, number, thread | 1 << bit) == ALLOWED}
    namespaces = {7, 17, 25, 26, 27, 28, 29, 30}  # CLONE_NEWTIME to CLONE_NEWNET
    assert not passed & namespaces
    needed = {bit for bit in range(32) if verdict(machine, number, thread & ~(1 << bit)) != ALLOWED}
    assert needed == {8, 11, 16}  # CLONE_VM, CLONE_SIGHAND, CLONE_THREAD


def test_a_call_in_another_machines_numbers_ends_the_process(machine):
    assert verdict(machine, 0, magic=0x40000003) == KILLED  # 32-bit x86
    assert verdict(machine, 0x40000000 + 1) == KILLED  # x32


def test_no_machine_without_a_list_has_a_filter():
    with pytest.raises(KeyError):
        seccomp.filter_for("riscv64", PID)


def header_numbers(header: Path, machine: str) -> dict[str, int]:
    """The numbers as the kernel's own header says them."""
    if not header.exists():
        pytest.skip(f"{header} is not installed")
    text = header.read_text()
    if machine == "aarch64":
        text = re.sub(r"__NR3264_", "__NR_", text)
        text = re.sub(r"#define __NR_(\w+)\s+__NR_\w+", "", text)
    return {name: int(number) for name, number in re.findall(r"#define __NR_(\w+)\s+(\d+)\b", text)}


@pytest.mark.parametrize(
    ("machine", "header"),
    [
        ("x86_64", Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")),
        ("aarch64", Path("/usr/include/asm-generic/unistd.h")),
    ],
)
def test_the_numbers_are_those_of_the_kernel(machine, header):
    told = header_numbers(header, machine)
    column = syscalls.MACHINES[machine][0]
    calls = {**syscalls.ALLOWED, **syscalls.CHECKED, **DANGEROUS}
    ours = {name: numbers[column] for name, numbers in calls.items() if numbers[column] is not None}
    theirs = {name: told.get(name, told.get(ALIASES.get(name, ""))) for name in ours}
    assert ours == theirs


ALIASES = {"newfstatat": "fstatat"}


# The wire -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        {},
        [1],
        {"big": "x"},
        {"big": "9" * 5000},
        {"big": 1},
        {"floats": -1, "as": "list"},
        {"floats": 1 << 60, "as": "list"},
        {"floats": 1.0, "as": "list"},
        {"items": [1], "as": "set"},
        {"items": {}, "as": "list"},
        {"map": [[[], 1]]},
        {"map": [[1]]},
        {"map": {"a": 1}},
        {"array": "O", "shape": [1], "as": "array"},
        {"array": "<U9", "shape": [1], "as": "array"},
        {"array": "V8", "shape": [1], "as": "array"},
        {"array": "M8", "shape": [1], "as": "array"},
        {"array": "no", "shape": [1], "as": "array"},
        {"array": "<f8", "shape": [-1], "as": "array"},
        {"array": "<f8", "shape": [1 << 40, 1 << 40], "as": "array"},
        {"array": "<f8", "shape": [True], "as": "array"},
        {"array": "<f8", "shape": [2], "as": "array"},
        {"array": "<f8", "shape": 1, "as": "array"},
        {"array": ["<f8"], "shape": [1], "as": "array"},
        {"array": "<f8", "shape": [1] * 40, "as": "array"},
        {"array": ">f8", "shape": [1], "as": "tensor"},
        {"array": "4)", "shape": [1], "as": "array"},  # numpy itself: SyntaxError
        {"array": "<f8", "shape": [(1 << 32) - 1, 0], "as": "tensor"},
        {"array": "<f8", "shape": [(1 << 32) - 1] * 3 + [0], "as": "array"},
        {"big": "--5"},
        {"map": [[1 << 63, 1]]},
    ],
    ids=str,
)
def test_a_forged_value_is_refused(head):
    with pytest.raises(wire.Malformed):
        wire.Reader(b"12345678").value(head)


@pytest.mark.parametrize(
    "value",
    [np.zeros(wire.MOST_NUMBERS + 1), np.zeros((1 << 20, 0)), np.zeros((1,) * 5), {1 << 63: 1}],
)
def test_what_would_keep_the_reader_busy_is_not_sent(value):
    with pytest.raises(wire.NotPlainData, match="cannot be graded"):
        wire.encode(value, [])


def test_what_is_nested_as_deep_as_it_may_be_crosses():
    deep = 1
    for _ in range(wire.DEEPEST):
        deep = [deep]
    assert wire.Reader(b"").value(wire.encode(deep, [])) == deep


def test_what_is_nested_too_deep_is_refused_on_both_sides():
    deep, told = 1.0, 1.0
    for _ in range(100):
        deep, told = [deep], {"items": [told], "as": "list"}
    with pytest.raises(wire.NotPlainData):
        wire.encode(deep, [])
    with pytest.raises(wire.Malformed):
        wire.Reader(b"").value(told)


def test_no_method_of_an_object_is_asked():
    class Hostile(np.ndarray):
        def __array__(self, *_):
            raise AssertionError

        __reduce__ = __float__ = __iter__ = __len__ = tolist = tobytes = __array__

    with pytest.raises(wire.NotPlainData):
        wire.encode(np.zeros(2).view(Hostile), [])


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack(">QQ", 3, 0) + b"{a}",
        struct.pack(">QQ", 200_000, 0) + b"[" * 200_000,
        struct.pack(">QQ", 1 << 62, 0),
        struct.pack(">QQ", 2, 1 << 30) + b"{}",
        struct.pack(">QQ", 6000, 0) + b"1" * 6000,
    ],
    ids=["no JSON", "deep", "long head", "long blob", "long number"],
)
def test_a_forged_message_is_refused(sent):
    mine, theirs = socket.socketpair()
    with mine, theirs:
        theirs.sendall(sent)
        with pytest.raises(wire.Malformed):
            wire.Channel(mine, 1 << 20).receive(time.monotonic() + 10)


def test_a_message_that_trickles_in_is_not_waited_for():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        theirs.sendall(struct.pack(">QQ", 100, 0) + b"{")
        with pytest.raises(wire.TooLate):
            wire.Channel(mine).receive(time.monotonic() + 0.1)


def test_who_does_not_listen_is_not_waited_for():
    mine, theirs = socket.socketpair()
    with mine, theirs, pytest.raises(wire.TooLate):
        wire.Channel(mine).send({}, [b"x" * (16 << 20)], time.monotonic() + 0.1)


def test_a_message_is_a_head_and_a_blob():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        wire.Channel(mine).send({"a": 1}, [b"12", b"3"])
        assert wire.Channel(theirs).receive() == ({"a": 1}, b"123")


# The self-test ------------------------------------------------------------------------------

ATTACKED = "import os, sys\ncheck = print\n{cell}\n{rest}"
REST = "print(attempt({text!r}, {names!r} | {{'grader': os.getpid()}}))"


@pytest.mark.parametrize(
    "name", [each for each in selftest.ATTACKS if "memory without" not in each]
)
def test_each_attack_of_the_self_test_succeeds_where_there_is_no_border(name, tmp_path):
    """On itself: what grades here is not to be hurt."""
    (tmp_path / "secret").touch()
    with socket.create_server(("127.0.0.1", 0)) as server:
        names = {"secret": f"{tmp_path}/secret", "folder": str(tmp_path)}
        names |= {"package": selftest.__file__, "port": server.getsockname()[1]}
        rest = REST.format(text=selftest.ATTACKS[name], names=names)
        code = ATTACKED.format(cell=selftest.CELL, rest=rest)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    last = "attempt <function" if name == "starts a program" else "True\n"
    assert last in done.stdout


def test_the_self_test_names_what_succeeds(monkeypatch):
    """Where nothing but limits holds; a program that is started there would end the session."""
    harmless = {name: text for name, text in selftest.ATTACKS.items() if "execv" not in text}
    monkeypatch.setattr(selftest, "ATTACKS", harmless)
    found = box.failures_of(1)
    assert found[0] == "reads a file of the grader's"
    assert {"reaches a port of this machine", "starts a process"} <= {*found} <= {*harmless}
    assert "takes memory without end" not in found


# What a session believes ------------------------------------------------------------------------

REPORT = {"errors": [], "printed": "", "learner": "", "answers": {}}
FUNCTION = {"kind": "function", "name": "f", "parameters": None}
VALUES = {"kind": "values", "answer": {"value": 1.0}, "values": {}}
PLAIN = ["x", "POSITIONAL_OR_KEYWORD", False]
OK, FAILED = {"value": 1.0, "printed": False}, {"error": "E", "text": "", "printed": False}


def answer(**changes):
    return {"answers": {"1": {**FUNCTION, **changes}}}


def test_what_an_honest_process_says_is_believed():
    answers = {"1": FUNCTION, "2": VALUES, "3": {**FUNCTION, "parameters": [PLAIN]}}
    said = {"printed": "x" * 999, "learner": "kim"}
    report = {"errors": [[1, "E: x"]], **said, "answers": answers}
    ran = session._ran(report, wire.Reader(b""), 10, 2)
    assert ran.errors == {1: "E: x"}
    assert ran.learner == "kim"
    assert 10 <= len(ran.printed) < 200
    assert [given.kind for given in ran.answers.values()] == ["function", "values", "function"]
    replies = session._replies({"replies": [OK, FAILED]}, wire.Reader(b""), 3)
    assert [reply.value for reply in replies] == [1.0, None]


@pytest.mark.parametrize(
    "changes",
    [
        *({"errors": each} for each in ({}, "ab", [[0, "E"]] * 3, [[0]], [[0, "E", 1]], [{}])),
        *({"errors": [pair]} for pair in (["0", "E"], [True, "E"], [0, 1], "0E", (0,))),
        *({key: each} for key in ("printed", "learner") for each in (None, 1, ["x"])),
        *({"answers": each} for each in ([], None, {"1": 1}, {"1": {}}, {"1": {"kind": "values"}})),
        {"answers": {str(number): FUNCTION for number in range(1001)}},
        {"answers": {"1": {**VALUES, "values": []}}},
        {"answers": {"1": {**VALUES, "answer": 1.0}}},
        *(answer(parameters=each) for each in ("x", {}, [1], ["xyz"], [PLAIN[:2]], [[*PLAIN, 1]])),
        *(answer(parameters=[[f"x{k}", *PLAIN[1:]] for k in range(count)]) for count in (101, 999)),
        *(answer(parameters=[[each, *PLAIN[1:]]]) for each in ("", "1", "class", 1, None)),
        answer(parameters=[["x", "ODD", False]]),
        answer(parameters=[PLAIN, PLAIN]),
        answer(name=1),
    ],
    ids=lambda changes: repr(changes)[:60],
)
def test_a_forged_report_is_refused(changes):
    with pytest.raises(wire.Malformed):
        session._ran({**REPORT, **changes}, wire.Reader(b""), 10, 2)


@pytest.mark.parametrize(
    "replies",
    [
        *(None, {}, "ab", [OK] * 3, [OK], [], [1, 2]),
        *([{**OK, "after": each}, OK] for each in (1, {"items": [1], "as": "tuple"})),
        *([{**FAILED, "error": each}] for each in (1, None, [])),
        *([{"value": 1.0}, OK], [{"printed": False}, OK], [{"error": "E", "printed": False}]),
    ],
    ids=lambda replies: repr(replies)[:60],
)
def test_forged_replies_are_refused(replies):
    with pytest.raises(wire.Malformed):
        session._replies({"replies": replies}, wire.Reader(b""), 2)


def test_a_sandbox_is_shared_by_who_asks_for_its_level_and_its_limits(monkeypatch):
    monkeypatch.setattr(box, "_shared", {})
    asked = [(2, USUAL), (3, USUAL), (2, USUAL.longer(2.0))]
    found = [box.shared(*each) for each in asked]
    assert [(each.level, each.limits) for each in found] == asked
    assert [box.shared(*each) for each in asked] == found


@pytest.mark.parametrize(
    ("ended", "kind"),
    [
        (None, "sandbox"),
        (Ended(0, cells.OUT_OF_TIME, False, 0.1, 0), "time"),
        (Ended(signal.SIGKILL, None, False, USUAL.cpu, 0), "time"),
        (Ended(signal.SIGKILL, None, False, 0.1, 0), "memory"),
        (Ended(signal.SIGKILL, None, True, 0.1, 0), "ended"),
        (Ended(0, 0, False, USUAL.cpu, 0), "ended"),
    ],
)
def test_how_a_process_ended_says_whose_loss_it_is(ended, kind):
    assert lost_of(ended, USUAL).kind == kind


def test_an_alarm_counts_work_and_then_the_clock_and_none_is_left():
    numbers = (signal.SIGPROF, signal.SIGALRM)
    before = [signal.getsignal(number) for number in numbers]
    timers = (signal.ITIMER_PROF, signal.ITIMER_REAL)
    try:
        with cells.at_most(60.0):
            work, clock = (signal.getitimer(timer)[0] for timer in timers)
        left = [signal.getitimer(timer)[0] for timer in timers]
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    assert 0 < work <= 61 < clock <= 60.0 * cells.PATIENCE + 1
    assert left == [0.0, 0.0]


# What may be read ---------------------------------------------------------------------------


def test_folders_go_around_what_is_hidden(tmp_path):
    for name in ("numpy", "lrcourse/tasks", "lrcourse-0.1.dist-info"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "lrcourse")
    hidden = {tmp_path / "lrcourse", tmp_path / "lrcourse-0.1.dist-info"}
    assert list(landlock._around(tmp_path, hidden)) == [tmp_path / "numpy"]
    assert list(landlock._around(tmp_path / "numpy", hidden)) == [tmp_path / "numpy"]


RIGHTS = """
import fcntl, json, os, shutil, socket, stat, sys
from pathlib import Path
from lrcourse.grading.sandbox.inside import landlock

place, role, grader, port = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
os.mkdir(place)
for name in ("file", "other", "gone", "moved"): (place / name).write_text("a right answer")
for name in ("folder", "next"): os.mkdir(place / name)
shutil.copy("/bin/true", place / "program")
device, at = os.makedev(1, 3), f"{place}/{{}}".format
ways = {
    "execute": lambda: os.posix_spawn(at("program"), ["true"], {}),
    "write": lambda: open(at("file"), "r+"),
    "read": lambda: open(at("file")),
    "look into": lambda: os.listdir(place),
    "remove a folder": lambda: os.rmdir(at("folder")),
    "remove": lambda: os.unlink(at("gone")),
    "make a folder": lambda: os.mkdir(at("new folder")),
    "make a file": lambda: os.mknod(at("new file"), stat.S_IFREG),
    "make a socket": lambda: os.mknod(at("socket"), stat.S_IFSOCK),
    "make a pipe": lambda: os.mkfifo(at("pipe")),
    "make a link": lambda: os.symlink("file", at("link")),
}
if os.getuid() == 0:
    ways["make a device"] = lambda: os.mknod(at("device"), stat.S_IFCHR, device)
    ways["make a disk"] = lambda: os.mknod(at("disk"), stat.S_IFBLK, device)
if landlock.version() >= 2: ways["move"] = lambda: os.rename(at("moved"), at("next/moved"))
if landlock.version() >= 3: ways["cut off"] = lambda: os.truncate(at("other"), 0)
if landlock.version() >= 4:
    ways["connect"] = lambda: socket.create_connection(("127.0.0.1", port))
    ways["bind"] = lambda: socket.socket().bind(("127.0.0.1", 0))
if landlock.version() >= 5:
    ways["control"] = lambda: fcntl.ioctl(os.open("/dev/urandom", 0), 0x80045200, bytes(4))
if landlock.version() >= 6:
    ways["signal"] = lambda: os.kill(grader, 0)
    ways["abstract"] = lambda: socket.socket(socket.AF_UNIX).connect(f"\\0{port}")

libraries = [*landlock.library_folders(), place / "nothing"]
rules = {
    "stranger": (libraries,),
    "reader": ([*libraries, place],),
    "reader of a file": ([*libraries, place / "file"],),
    "writer": ((), [*libraries, place]),
}
if role in rules: landlock.restrict(landlock.rules(*rules[role]))
refused = []
for name, way in ways.items():
    try: way()
    except OSError: refused.append(name)
print(json.dumps([[*ways], refused]))
"""


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
def test_each_right_is_one_that_landlock_takes(tmp_path):
    """In a process of its own, whose user owns the folder: nothing else is in the way."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        port = server.getsockname()[1]
        local.bind(f"\0{port}")
        local.listen()

        def refused_to(role):
            words = [tmp_path / role, role, os.getpid(), port]
            command = [sys.executable, "-c", RIGHTS, *map(str, words)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            tried, refused = json.loads(done.stdout)
            return set(tried), set(refused)

        tried, refused = refused_to("anybody")
        assert len(tried) >= 11
        assert not refused
        beyond = tried & {"connect", "bind", "signal", "abstract"}
        assert refused_to("stranger") == (tried, tried)
        assert refused_to("reader") == (tried, tried - {"read", "look into"})
        assert refused_to("reader of a file") == (tried, tried - {"read"})
        assert refused_to("writer") == (tried, beyond | {"execute", "control"} & tried)


def test_nothing_of_the_course_is_among_the_folders():
    readable = [*landlock.readable_paths([PACKAGE])]
    assert readable
    assert not [path for path in readable if path == PACKAGE or path in PACKAGE.parents]


@pytest.mark.parametrize(
    "name",
    [
        "lrcourse/tasks/step.py",
        "solutions/01_step.ipynb",
        "exercises/01_step.ipynb",
        "notebooks/01_step.ipynb",
        "sources/exercises/01_step.py",
        "tests/mutation.py",
        ".git/HEAD",
    ],
)
def test_a_course_that_lies_among_the_libraries_shows_no_answer(monkeypatch, name):
    monkeypatch.setattr(landlock, "library_folders", lambda: [ROOT])
    readable = {*landlock.readable_paths(box._hidden())}
    assert ROOT / "docs" in readable
    assert (ROOT / name).exists() or name.startswith(".git")
    assert not readable & {ROOT / name, *(ROOT / name).parents}


def test_no_module_that_students_may_import_knows_an_answer():
    """All of them in one fresh process, which then has loaded nothing of what is closed."""
    code = (
        "import importlib, json, sys\n"
        f"for name in {open_modules()!r}: importlib.import_module(name)\n"
        "print(json.dumps([*sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert {f"lrcourse.{name}" for name in CLOSED} & loaded == set()
    assert "lrcourse.schedules.cosine" in loaded
