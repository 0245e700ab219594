"""A session: what a notebook hands in, what a call gives back, and what happens when it ends."""

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from attacks import TIGHT

from lrcourse.grading import GradingError
from lrcourse.grading.sandbox import Given, Limits, Lost, Parameter, Sandbox, box
from lrcourse.grading.sandbox.inside import landlock, wire
from lrcourse.grading.sandbox.limits import ROOT

CHECK = "from lrcourse.check import check, given, hint, my_progress, solution"
ARGUMENT = Parameter("x", "POSITIONAL_OR_KEYWORD", False)


def answers_of(border, *cells, checks=None, given=None):
    with border.session((CHECK, *cells), checks or {}, given or {}) as session:
        return session.start().answers


def replies_of(border, function, *calls, driver=""):
    """What f gives, where f is defined by the text `function`."""
    with border.session((CHECK, function, "check('f', f)"), {}, {}) as session:
        return session.call("f", calls, driver)


def value_of(border, expression, *arguments):
    (reply,) = replies_of(border, f"def f(*x):\n    return {expression}", arguments)
    assert not reply.error, reply
    return reply.value


# What a notebook hands in -----------------------------------------------------------------------


def test_a_function_is_its_name_and_its_parameters(border):
    answers = answers_of(border, "def g(x, *, y=1, **z): pass", "check('1', g)")
    rest = [Parameter("y", "KEYWORD_ONLY", True), Parameter("z", "VAR_KEYWORD", False)]
    assert answers == {"1": Given("function", "g", [ARGUMENT, *rest])}


def test_values_are_handed_in_as_they_are(border):
    (given,) = answers_of(border, "check('1', a=1.5, b='x', c=...)").values()
    assert given == Given("values", values={"a": 1.5, "b": "x", "c": ...})


def test_a_value_that_is_no_data_shows_itself_and_is_nothing_more(border):
    (given,) = answers_of(border, "check('1', {1}, a=print)").values()
    assert repr(given.answer) == "{1}"
    assert repr(given.values["a"]) == "<built-in function print>"
    with pytest.raises(TypeError):
        float(given.answer)


LIAR = """
class Liar:
    __name__ = 5
    def __call__(self): pass
    def __repr__(self): 1 / 0
    __signature__ = property(__repr__)
check('1', Liar())
check('2', type('list', (), {})(), liar=Liar())
check('3', print, a=[[1.0], print], b=[2.0])
check(4, 2)
check([1], 2)
"""


def test_an_answer_that_lies_about_itself_costs_nothing_else(border):
    answers = answers_of(border, LIAR)
    assert answers.keys() == {"1", "2", "3"}
    assert answers["1"] == Given("function")
    assert "list" in repr(answers["2"].answer)
    assert "Liar" in repr(answers["2"].values["liar"])
    assert answers["3"].kind == "values"
    assert answers["3"].values["b"] == [2.0]


def test_the_last_answer_counts_but_dots_do_not_replace_it(border):
    answers = answers_of(border, "check('1', 'a')", "check('1', 'b')", "check('1', ...)")
    assert answers["1"].answer == "b"


def test_our_own_text_of_a_check_runs_where_nothing_was_handed_in(border):
    cells = ("def f(x): return x\ndef g(x): return x", "check('2', g)", "del check")
    checks = {"1": "check('1', f)", "2": "check('2', f)", "3": "check('3', never)"}
    answers = answers_of(border, *cells, checks=checks)
    assert {task: given.name for task, given in answers.items()} == {"1": "f", "2": "g"}


def test_the_numbers_of_a_question_are_those_of_the_grader(border):
    given = {"1": {"lrs": [0.5, 0.25], "t": 7}}
    cell = "given('1').clear()\ncheck('1', **given('1'))\ncheck('2', given('2'))\nhint('1')"
    answers = answers_of(border, cell, given=given)
    assert answers["1"].values == given["1"]
    assert answers["2"].answer == {}


def test_errors_and_printed_text_of_cells_are_told(border):
    cells = ("print('hello')", "1 / 0", "print('x' * 100_000)")
    with border.session(cells, {}, {}) as session:
        ran = session.start()
    assert ran.errors == {1: "ZeroDivisionError: division by zero"}
    assert ran.printed.startswith("hello\nxxx")
    assert len(ran.printed) < 70_000
    assert ran.printed.endswith("[more was printed]")


def test_whatever_a_cell_raises_the_next_one_runs(border):
    odd = "class Odd(Exception):\n    def __str__(self): raise KeyError\nraise Odd"
    forever = "while True:\n    try:\n        while True: sum([])\n    except Exception: pass"
    cells = ("raise SystemExit(3)", "raise ValueError('x' * (9 << 20))", odd, forever, "print(1)")
    with border.session(cells, {}, {}) as session:
        ran = session.start()
    assert ran.errors.pop(1).startswith("ValueError: xxx")
    assert ran.errors == {0: "SystemExit: 3", 2: "Odd: ", 3: "stopped after 1 s"}
    assert ran.printed == "1\n"


def test_no_cell_is_blamed_for_what_comes_after_the_cells(border):
    with border.session(("x = 1",), {"1": "import os; os._exit(3)"}, {}) as session:
        with pytest.raises(Lost, match="exit code 3"):
            session.start()
        assert len(session.ended) == 1


def test_a_notebook_runs_as_in_jupyter(border):
    cells = (
        "%matplotlib inline\n!ls\nx = 1\ndisplay(get_ipython())",
        "import asyncio\ny = 2\nawait asyncio.sleep(0)",
        "from IPython.display import Markdown, display\ndisplay(Markdown('*'))",
        "import dataclasses\n@dataclasses.dataclass\nclass Point:\n    x: int = 3",
        "import os\nwith open(os.devnull, 'w') as nothing: print('lost', file=nothing)",
        "assert open(os.devnull).read() == ''\nassert open('/dev/urandom', 'rb').read(1)",
        "if x:\n    %time y = 5\n    y += 1\nx?",
        "%%time\nz = 4",
        "%%bash\nz = 5",
        "import inspect\ndef g(): pass\nassert 'def g' in inspect.getsource(g)",
        "print(x, y, z, Point().x, __name__)",
    )
    with border.session(cells, {}, {}) as session:
        ran = session.start()
    assert not ran.errors
    assert ran.printed == "1 3 4 3 __main__\n"


def test_every_session_starts_from_the_same_random_numbers(border):
    cell = "import random, torch\nimport numpy as np\n"
    cell += "print(random.random(), np.random.random(), torch.rand(1).item())"
    first = random.Random(0).random(), np.random.RandomState(0).random()
    third = torch.rand(1, generator=torch.Generator().manual_seed(0)).item()
    for _ in range(2):
        with border.session((cell,), {}, {}) as session:
            assert session.start().printed == f"{first[0]} {first[1]} {third}\n"


# What a call gives back -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        None,
        ...,
        True,
        0,
        -(2**70),
        0.1,
        "é\ud800",
        [],
        [1.0, 2.5],
        (1, [2.0, "a"]),
        {"a": 1, 2: None, 0.5: "b"},
    ],
    ids=repr,
)
def test_plain_data_crosses_the_border_both_ways(border, value):
    there_and_back = value_of(border, "x[0]", value)
    assert there_and_back == value
    assert type(there_and_back) is type(value)


@pytest.mark.parametrize(
    "array",
    [np.arange(6.0).reshape(2, 3), np.array(2), np.array([], "<i2"), np.array([1.5], ">f4")],
    ids=repr,
)
def test_arrays_cross_the_border_both_ways(border, array):
    there_and_back = value_of(border, "x[0]", array)
    np.testing.assert_array_equal(there_and_back, array, strict=array.dtype.byteorder != ">")


def test_numbers_of_numpy_and_tensors_keep_their_kind(border):
    kinds = "[type(x[0]).__name__, type(x[1]).__name__, x[0] * 2, x[1] * 2, "
    kinds += "__import__('torch').nn.Parameter(x[1])]"
    tensor = torch.tensor([1.0, 2.0], requires_grad=True)
    names = value_of(border, kinds, np.float32(1.5), tensor)
    assert names[:2] == ["float32", "Tensor"]
    assert type(names[2]) is np.float32
    assert [each.tolist() for each in names[3:]] == [[2.0, 4.0], [1.0, 2.0]]


@pytest.mark.parametrize("code", sorted(wire.TYPES))
def test_a_tensor_of_any_type_is_read(code):
    told = {"array": code, "shape": [1], "as": "tensor"}
    assert wire.Reader(bytes(32)).value(told).tolist() == [0]


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("(t / 2 for t in range(3))", [0.0, 0.5, 1.0]),
        ("range(3)", [0, 1, 2]),
        ("map(abs, [-1])", [1]),
        *((each, [3]) for each in ("{3}", "frozenset([3])", "{3: 4}.keys()", "{4: 3}.values()")),
        ("__import__('collections').deque([3])", [3]),
        ("__import__('fractions').Fraction(1, 4)", 0.25),
        ("__import__('decimal').Decimal('0.25')", 0.25),
    ],
)
def test_what_gives_numbers_one_by_one_becomes_a_list(border, expression, values):
    assert value_of(border, expression) == values


@pytest.mark.parametrize(
    "expression",
    [
        *("print", "object()", "1j", "10**5000", "__import__('numpy').array(['a'])"),
        *("type('Own', (float,), {})(1)", "[type('Own', (float,), {})(1)]"),
        *("type('Own', (str,), {})()", "type('Own', (__import__('numpy').float64,), {})(1)"),
        "__import__('torch').zeros(1).bfloat16()",
    ],
)
def test_what_is_no_plain_data_cannot_be_graded(border, expression):
    (reply,) = replies_of(border, f"def f():\n    return {expression}", ())
    assert reply.error == "NotPlainData"
    assert reply.text.endswith("cannot be graded")
    assert reply.value is None


def test_a_generator_without_end_is_stopped(border):
    count = "def f():\n    t = 0\n    while True:\n        yield t"
    (reply,) = replies_of(border, count, ())
    assert reply.error == "TooMany"


def test_calls_stop_after_the_first_error(border):
    replies = replies_of(border, "def f(x):\n    return 1 / x", (2,), (0,), (4,))
    assert [(reply.value, reply.error, reply.text) for reply in replies] == [
        (0.5, "", ""),
        (None, "ZeroDivisionError", "division by zero"),
    ]


def test_that_something_was_printed_is_told_but_not_what(border):
    replies = replies_of(border, "def f(x):\n    print(x, end='')", ("secret",), (" ",))
    assert [reply.printed for reply in replies] == [True, False]
    assert "secret" not in repr(replies)


def test_a_changed_argument_is_told(border):
    change = "def f(x, y):\n    if y: x.append(y)"
    replies = replies_of(border, change, ([1], 0), ([1], 2))
    assert [reply.after for reply in replies] == [None, [[1, 2], 2]]


def test_a_changed_array_or_dictionary_is_told(border):
    change = "def f(x, y):\n    if y[0]: x[0] = y[0]"
    zeros, ones, table = np.zeros(2), np.ones(2), {0: 3}
    replies = replies_of(border, change, (ones, zeros), (zeros, ones), (table, ones))
    assert replies[0].after is None
    assert [each.tolist() for each in replies[1].after] == [[1.0, 0.0], [1.0, 1.0]]
    assert replies[2].after[0] == {0: 1.0}


def test_an_argument_that_is_no_data_after_the_call_is_named(border):
    (reply,) = replies_of(border, "def f(x):\n    x.append(print)", ([],))
    assert reply.after == ["a value of type list"]


def test_a_driver_uses_the_answer(border):
    """The function of ours gets the answer first; that of `operator` stands for it here."""
    replies = replies_of(border, "def f(x):\n    return -x", (5,), driver="operator:call")
    assert replies[0].value == -5


def test_a_driver_must_be_loaded_already(border):
    with pytest.raises(GradingError, match="driver"):
        replies_of(border, "def f(): pass", (), driver="sched:scheduler")


# What happens when it ends ----------------------------------------------------------------------

TWO = "def f(x):\n    {bad}\ndef g(x):\n    return x"


@pytest.mark.parametrize(
    ("bad", "kind", "words"),
    [
        ("import os; os._exit(3)", "ended", "exit code 3"),
        ("import os; os.abort()", "ended", "signal 6|memory"),
        ("import ctypes; ctypes.string_at(0)", "ended", "memory"),
        ("while True: pass", "time", "longer than 1 s"),
        ("import time; time.sleep(100)", "time", "longer than 1 s"),
        ("return 'x' * (9 << 20)", "reply", "larger than 8 MiB"),
    ],
)
def test_a_lost_process_costs_one_answer(border, bad, kind, words):
    cells = (CHECK, TWO.format(bad=bad), "check('f', f)\ncheck('g', g)")
    with border.session(cells, {}, {}) as session:
        with pytest.raises(Lost, match=words) as lost:
            session.call("f", [(1,)])
        assert lost.value.kind == kind
        assert session.call("g", [(1,)])[0].value == 1


def test_a_cell_that_ends_the_process_is_left_out(border):
    left = ("import os\nos._exit(7)", "import os\nos.abort()")
    cells = (CHECK, left[0], "check('1', 'a')", left[1], "check('2', 'b')")
    with border.session(cells, {}, {}) as session:
        ran = session.start()
    assert ran.errors.keys() == {1, 3}
    assert "exit code 7" in ran.errors[1]
    assert "signal 6" in ran.errors[3] or "memory" in ran.errors[3]
    assert ran.answers.keys() == {"1", "2"}


def test_a_submission_has_so_much_time_and_no_more(border):
    forever = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    limits = Limits(cell=0.3, call=0.3, wall=2.0)
    with (
        Sandbox(border.level, limits, ("numpy",)) as short,
        short.session([forever] * 20, {}, {}) as session,
    ):
        for again in (session.start, session.start, lambda: session.call("f", [()])):
            with pytest.raises(Lost, match=r"^there was no answer in time: the time of") as lost:
                again()
            assert lost.value.kind == "time"


def test_the_start_of_a_sandbox_is_not_the_time_of_a_submission():
    class Watched(Sandbox):
        def start(self):
            super().start()
            self.ready = time.monotonic()

    with Watched(2, TIGHT, ("numpy",)) as slow, slow.session(("x = 1",), {}, {}) as session:
        session.start()
        assert session._deadline >= slow.ready + TIGHT.wall


def test_a_job_that_is_not_waited_for_is_ended(border):
    """Also one that has put off every alarm and needs no time of the processor."""
    stubborn = """
import signal, time
for timer in (signal.ITIMER_REAL, signal.ITIMER_PROF): signal.setitimer(timer, 0)
while True: time.sleep(1000)
"""
    limits = Limits(cell=0.1, wall=1.0)
    with Sandbox(border.level, limits, ("numpy",)) as short:
        with short.session((stubborn,), {}, {}) as session, pytest.raises(Lost):
            session.start()
        assert not jobs_of(short)


def test_memory_ends_at_the_limit(border):
    take = "bytearray(2 << 30)"
    (reply,) = replies_of(border, f"def f():\n    return len({take})", ())
    assert reply.error == "MemoryError"


def test_what_a_process_used_is_told_once_it_has_ended(border):
    cell = "kept = bytearray(100 << 20)\nfor k in range(0, 100 << 20, 4096): kept[k] = 1"
    with border.session((cell,), {}, {}) as session:
        session.start()
    (ended,) = session.ended
    assert 90 << 20 < ended.memory < 200 << 20
    assert ended.cpu_seconds > 0


def test_lost_passes_through_except_exception():
    assert not issubclass(Lost, Exception)


def test_a_level_that_is_none_is_refused():
    with pytest.raises(GradingError, match="level must be 1, 2 or 3, got 0"):
        Sandbox(0)


# Holes that a first version had -----------------------------------------------------------------


def test_a_job_is_alone_in_its_process_group(border):
    """Or os.kill(0, 9) reaches the warm process, across namespaces."""
    assert value_of(border, "__import__('os').getpgrp() == __import__('os').getpid()")
    assert os.getpgid(warm_of(border).pid) != os.getpgrp()  # Ctrl+C is for the grader


@pytest.mark.parametrize(
    "reach",
    [
        "os.setpriority(os.PRIO_PROCESS, os.getpid(), 5)",
        "os.sched_setaffinity(os.getpid(), {0})",
        "resource.prlimit(os.getpid(), resource.RLIMIT_CPU)",
        "os.kill(os.getpid(), 0)",
        "fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())",
    ],
)
def test_no_call_reaches_a_process_by_its_number(border, reach):
    """Tried on itself: as nobody it could not reach root's anyway, as a user it could."""
    names = "{name: __import__(name) for name in ('os', 'resource', 'fcntl')}"
    (reply,) = replies_of(border, f"def f(x):\n    eval(x, {names})", (reach,))
    assert reply.error in ("PermissionError", "ProcessLookupError")


def test_a_job_has_no_descriptor_but_its_own_socket(border):
    """A shared pipe, such as the error stream of the warm process, lets one block all others."""
    look = """
import os, stat
def f():
    open_ones = {}
    for number in range(4096):
        try: mode = os.fstat(number)
        except OSError: continue
        open_ones[number] = 'socket' if stat.S_ISSOCK(mode.st_mode) else mode.st_rdev
    return open_ones
"""
    (reply,) = replies_of(border, look, ())
    null = os.stat("/dev/null").st_rdev
    assert sorted(map(str, reply.value.values())) == sorted(["socket", *map(str, [null] * 3)])


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"modules": ("no_such",)}, "has not started: .*no_such"),
        ({"modules": ("lrcourse.progress",)}, r"lrcourse\.progress is loaded where students"),
        ({"limits": Limits(files=-2)}, "border cannot be closed: .* limit"),
    ],
)
def test_a_fault_of_ours_is_no_fault_of_a_student(fault, words):
    with (
        Sandbox(2, **{"modules": ("numpy",), **fault}) as broken,
        broken.session(("x = 1",), {}, {}) as session,
    ):
        for again in (session.start, session.start, lambda: session.call("f", [()])):
            with pytest.raises(Lost, match=words) as lost:
                again()
            assert lost.value.kind == "sandbox"


def test_a_warm_process_that_is_never_ready_is_a_fault_of_ours(monkeypatch):
    with Sandbox(2, modules=("numpy",)) as never:
        for lose in (hung_up, lambda _: monkeypatch.setattr(box, "START_SECONDS", 0.0)):
            never.begin()
            lose(never)
            with pytest.raises(Lost, match="it ended, or did not answer") as lost:
                never.start()
            assert lost.value.kind == "sandbox"


def test_a_student_cannot_make_a_zero_look_like_a_fault_of_ours(border):
    forge = """
import json, os, struct
head = json.dumps({'failed': 'the sandbox is broken'}).encode()
for number in range(64):
    try: os.write(number, struct.pack('>QQ', len(head), 0) + head)
    except OSError: pass
os._exit(0)
"""
    with border.session((forge,), {}, {}) as session, pytest.raises(Lost) as lost:
        session.start()
    assert lost.value.kind != "sandbox"


def test_a_flood_of_messages_is_not_listened_to(border):
    flood = """
import json, os, struct
head = json.dumps({'cell': 0}).encode()
message = struct.pack('>QQ', len(head), 0) + head
while True:
    for number in range(3, 64):
        try: os.write(number, message)
        except OSError: pass
"""
    with border.session((flood,), {}, {}) as session, pytest.raises(Lost) as lost:
        session.start()
    assert lost.value.kind == "reply"


def test_a_sandbox_outlives_the_thread_that_started_it(border):
    with Sandbox(border.level, TIGHT, ("numpy",)) as short_lived:
        starter = threading.Thread(target=short_lived.start)
        starter.start()
        starter.join()
        time.sleep(0.2)
        assert value_of(short_lived, "1") == 1
        assert short_lived.starts == 1


def test_a_student_is_nobody(border):
    """Where root grades, a user that no other student is: the kernel counts threads by user."""
    first, second = (value_of(border, "__import__('os').getresuid()") for _ in range(2))
    assert len({*first}) == len({*second}) == 1
    if os.getuid() == 0:
        assert first != second
        assert min(*first, *second) > 65534
    else:
        assert first == (65534 if border.level == 3 else os.getuid(),) * 3


def test_what_a_job_may_is_what_the_kernel_says(border):
    """Seen from outside: limits that nobody can raise, no group, no right of root's, one place."""
    with border.session((CHECK,), {}, {}) as session:
        session.start()
        (job,) = jobs_of(border)
        status = dict(line.split(":\t", 1) for line in proc(job, "status").splitlines())
        limits = proc(job, "limits")
        place = os.readlink(f"/proc/{job.pid}/cwd")
        owner = os.stat(f"/proc/{job.pid}/mem").st_uid
    most = border.limits
    wanted = {"cpu time": int(most.cpu), "open files": most.files, "file size": most.file_size}
    wanted |= {"core file size": 0}
    if os.getuid() == 0:  # the jobs of others count the threads of the user, too
        wanted |= {"processes": most.threads}
    for name, value in wanted.items():
        assert re.search(rf"^Max {name} +{value} +{value} ", limits, re.MULTILINE), limits
    for name in ("address space", "processes"):
        soft, hard = re.search(rf"^Max {name} +(\d+) +(\d+) ", limits, re.MULTILINE).groups()
        assert soft == hard
    assert not int(status["CapEff"], 16) | int(status["CapPrm"], 16)
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    if os.getuid() == 0:
        assert status["Groups"].split() == []
        (user,), (group,) = ({*status[name].split()} for name in ("Uid", "Gid"))
        assert "0" not in (user, group)
    assert place == ("/scratch/own" if border.level == 3 else "/")
    assert owner == 0  # root's where nobody else may look into it


AS_A_USER = """
import json, os, sys
import psutil
from lrcourse.grading.sandbox import Sandbox

level = int(sys.argv[1])
with Sandbox(level, modules=("numpy",)) as box, box.session(["x = 1"], {}, {}) as session:
    session.start()
    mine = [psutil.Process(), *psutil.Process().children(recursive=True)]
    job = max(mine, key=lambda each: each.create_time())
    with open(f"/proc/{job.pid}/status") as status: told = status.read()
    with open(f"/proc/{job.pid}/limits") as limits: told += limits.read()
    threads = sum(each.num_threads() for each in mine)
    print(json.dumps([box.limits.threads, threads, os.stat(f"/proc/{job.pid}/mem").st_uid, told]))
"""
may_be_another = pytest.mark.skipif(os.getuid() != 0, reason="only root may be another user")


@may_be_another
def test_no_group_of_the_grader_is_a_jobs():
    before = os.getgroups()
    os.setgroups([4, 61009])
    try:
        with Sandbox(2, TIGHT, ("numpy",)) as grouped:
            assert value_of(grouped, "__import__('os').getgroups()") == []
    finally:
        os.setgroups(before)


WITH_LESS = """
import resource, sys
from lrcourse.grading.sandbox import Sandbox

resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
look = "import resource; look = lambda: [*resource.getrlimit(resource.RLIMIT_FSIZE)]"
cells = ["from lrcourse.check import check", look, "check('look', look)"]
with Sandbox(int(sys.argv[1]), modules=("numpy",)) as box, box.session(cells, {}, {}) as session:
    print(session.call("look", [()])[0].value)
"""


def test_where_the_grader_has_less_than_the_limits_its_jobs_have_that(border):
    """As on a hub that gives its users hard limits of its own."""
    command = [sys.executable, "-c", WITH_LESS, str(border.level)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == f"{[1 << 20, 1 << 20]}\n", done.stderr


ASK_FOR_NAMESPACES = """
import os
os.execvp("unshare", ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "true"])
"""


def as_a_user(code, level):
    """A user of this test alone runs this."""
    program = Path(__file__).parent / "attacks" / "ordinary_user.py"
    command = [sys.executable, str(program), str(61_010 + level), "-c", code, str(level)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@may_be_another
def test_where_a_user_grades_a_job_may_no_more(border):
    """Root's jobs lose what root may with their user; these must give it up."""
    if border.level == 3 and as_a_user(ASK_FOR_NAMESPACES, 3).returncode:
        pytest.skip("this machine offers namespaces to root alone")
    done = as_a_user(AS_A_USER, border.level)
    assert done.returncode == 0, done.stderr
    most, others, owner, told = json.loads(done.stdout)
    assert owner == 0  # nobody else may look into it
    assert {int(each, 16) for each in re.findall(r"Cap(?:Eff|Prm):\s*(\w+)", told)} == {0}
    (threads,) = re.findall(r"Max processes +(\d+)", told)
    assert most < int(threads) <= most + others  # the kernel counts all of the user's


def test_at_level_3_each_job_has_a_world_of_its_own(border):
    """Seen from outside: within, Landlock and seccomp would hide that there is none."""
    kinds = ("pid", "net", "ipc", "uts", "mnt")
    with border.session((CHECK,), {}, {}) as first, border.session((CHECK,), {}, {}) as second:
        first.start()
        second.start()
        processes = [psutil.Process(), warm_of(border), *jobs_of(border)]
        here, warm, one, two = (
            {kind: os.readlink(f"/proc/{each.pid}/ns/{kind}") for kind in kinds}
            for each in processes
        )
        mounts = proc(jobs_of(border)[0], "mountinfo").splitlines()
    shared = {kind for kind in kinds if here[kind] in (warm[kind], one[kind], two[kind])}
    assert shared == (set() if border.level == 3 else {*kinds})
    if border.level == 3:
        assert {kind for kind in kinds if one[kind] == two[kind]} == {"net", "ipc", "uts"}
        rights = {line.split()[4]: {*line.split()[5].split(",")} for line in mounts}
        libraries = map(str, landlock.library_folders())
        assert all("ro" in rights[place] for place in ("/", *libraries))
        assert rights["/"] >= {"nosuid", "nodev"} <= rights["/scratch/own"]
        assert "size=32768k,nr_inodes=2000" in mounts[-1]
        assert not rights.keys() & {"/old", "/proc", "/tmp"}


def test_a_job_knows_nothing_of_the_surroundings_of_the_grader(border):
    look = """
import os, sys
def f():
    loaded = [name for name, module in sys.modules.items() if module is not None]
    return [sorted(os.environ), sys.argv, sys.path, loaded]
"""
    (reply,) = replies_of(border, look, ())
    names, arguments, places, loaded = reply.value
    assert (names, arguments) == (["HOME", "LANG", "MPLBACKEND", "PATH"], [""])
    assert str(ROOT) not in places
    assert not [name for name in loaded if name.startswith(("lrcourse.grading", "lrcourse.tasks"))]


def test_a_job_ends_with_the_warm_process_whatever_it_does(border):
    stubborn = """
import time
while True:
    try: time.sleep(1000)
    except BaseException: pass
"""
    limits = TIGHT._replace(cell=60.0, wall=100.0)
    with Sandbox(border.level, limits, ("numpy",)) as lost:
        session = lost.session((stubborn,), {}, {})
        kinds = []

        def wait():
            with pytest.raises(Lost) as lost:
                session.start()
            kinds.append(lost.value.kind)

        waits = threading.Thread(target=wait)
        waits.start()
        while not lost._process or not jobs_of(lost):
            time.sleep(0.02)
        (job,) = jobs_of(lost)
        while "Seccomp:\t2" not in proc(job, "status"):
            time.sleep(0.02)
        warm_of(lost).kill()
        assert not psutil.wait_procs([job], timeout=30)[1]
        waits.join()
    assert kinds == ["sandbox"]  # and no cell is blamed for it


def warm_of(box):
    """The process that forks those of students: at level 3 the child of the one that we know."""
    started = psutil.Process(box._process.pid)
    return next(iter(started.children()), None) if box.level == 3 else started


def jobs_of(box):
    """The processes of the students."""
    warm = warm_of(box)
    return warm.children() if warm else []


def proc(process, name):
    return Path(f"/proc/{process.pid}/{name}").read_text()


def test_an_empty_table_of_modules_hides_no_answer(border):
    """After the stand-ins are gone the package itself is not to be read."""
    cell = (
        "import sys\nfor name in [*sys.modules]:\n    if 'lrcourse' in name: del sys.modules[name]"
    )
    with border.session((cell, "import lrcourse.tasks"), {}, {}) as session:
        assert session.start().errors.keys() == {1}


# The warm process -------------------------------------------------------------------------------


def killed(box):
    os.kill(box._process.pid, signal.SIGKILL)
    time.sleep(0.2)


def hung_up(box):
    """It ends as well, but is still there when it is asked next."""
    box._control.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("lose", [killed, hung_up])
def test_a_warm_process_that_is_lost_is_started_again(border, lose):
    with Sandbox(border.level, TIGHT, ("numpy",)) as again:
        assert value_of(again, "1") == 1
        lose(again)
        assert value_of(again, "2") == 2
        assert again.starts == 2


def test_a_file_in_this_folder_is_not_imported_by_the_warm_process(border, tmp_path, monkeypatch):
    """Where a person stands a student may have left a numpy.py, which no border would hold."""
    (tmp_path / "numpy.py").write_text("raise OSError('this is a student')")
    monkeypatch.chdir(tmp_path)
    with Sandbox(border.level, TIGHT, ("numpy",)) as elsewhere:
        assert value_of(elsewhere, "1") == 1


def test_nothing_goes_on_when_the_grader_is_killed(tmp_path):
    code = """
import os, sys, time
from lrcourse.grading.sandbox import Sandbox, best_level
sandbox = Sandbox(modules=("numpy",))
session = sandbox.session(("import time",), {}, {})
session.start()
print(sandbox._process.pid, flush=True)
time.sleep(100)
"""
    grader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert grader.stdout
    warm = Path(f"/proc/{int(grader.stdout.readline())}")
    assert warm.exists()
    grader.kill()
    grader.wait()
    until = time.monotonic() + 20
    while is_running(warm) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(warm)


def is_running(process: Path) -> bool:
    try:
        return "(zombie)" not in (process / "status").read_text()
    except OSError:
        return False


def test_sessions_run_side_by_side(border):
    cell = "import time\ntime.sleep(0.3)\nimport os\nprint(os.getpid())"
    printed = []

    def run():
        with border.session((cell,), {}, {}) as session:
            printed.append(session.start().printed)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(printed) == 4
    assert all(text.strip().isdigit() for text in printed)
