"""Hostile and unlucky notebooks, as data: what they do, and which answers must stay right.

Each hands in four functions. `least` are those that must be graded as right, `most` those that
may be: an attacker who solved nothing gets nothing, and whoever breaks his own process may lose
his own points, but never another's.
"""

from typing import NamedTuple

from lrcourse.grading.sandbox import Limits

# Small limits: what never ends is waited for.
TIGHT = Limits(cpu=8.0, cell=1.0, call=1.0, wall=6.0)
IMPORTS = """
import math
import numpy as np
import torch
from lrcourse.check import check
"""
ANSWERS = {
    "step": "def step(t, peak_lr, gamma, step_size): return peak_lr * gamma ** (t // step_size)",
    "exponential": "def exponential(t, peak_lr, gamma): return peak_lr * gamma ** t",
    "cosine": """
def cosine(t, peak_lr, steps):
    return 0.5 * peak_lr * (1 + np.cos(np.pi * np.asarray(t) / steps))
""",
    "warmup": """
def warmup(steps, peak_lr, warmup_steps):
    t = torch.arange(steps, dtype=torch.float64)
    return peak_lr * torch.clamp((t + 1) / warmup_steps, max=1.0)
""",
}
CHECKS = {name: f"check({name!r}, {name})" for name in ANSWERS}
ALL = frozenset(ANSWERS)
NONE: frozenset[str] = frozenset()
HANDED_IN = "\n".join(CHECKS.values())
STUBS = "\n".join(f"def {name}(*_): return Forged()" for name in ANSWERS)


class Attack(NamedTuple):
    """A notebook, and which answers are right at least and at most."""

    name: str
    group: str
    cells: tuple[str, ...]
    least: frozenset[str]
    most: frozenset[str]


def solved(name: str, group: str, *cells: str, least: frozenset[str] = ALL) -> Attack:
    """Everything is right, and then something happens."""
    return Attack(name, group, (IMPORTS, *ANSWERS.values(), *cells), least, ALL)


def all_but(lost: str, name: str, group: str, *cells: str) -> Attack:
    """One function does something bad; the other three are right."""
    rest = ALL - {lost}
    answers = (text for name, text in ANSWERS.items() if name != lost)
    return Attack(name, group, (IMPORTS, *answers, *cells), rest, rest)


def unsolved(name: str, group: str, *cells: str) -> Attack:
    """Nothing is right."""
    return Attack(name, group, (IMPORTS, *cells), NONE, NONE)


ATTACKS = [
    solved("nothing bad", "habits"),
    # What never ends -------------------------------------------------------------------------
    solved("a loop without end in a cell", "time", "while True: pass"),
    all_but("step", "a loop without end in an answer", "time", "def step(*_):\n  while True: pass"),
    solved(
        "a loop that swallows every exception",
        "time",
        """
while True:
    try:
        while True: pass
    except BaseException: pass
""",
    ),
    unsolved(
        "sleeps in every answer",
        "time",
        "import time\ndef step(*_): time.sleep(100)\nexponential = cosine = warmup = step",
    ),
    solved("waits for input", "time", "input('your name? ')"),
    solved(
        "ignores every signal and every alarm, then loops",
        "time",
        """
import signal
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
signal.setitimer(signal.ITIMER_REAL, 0)
while True: pass
""",
    ),
    solved("stops itself", "time", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"),
    all_but(
        "step",
        "a generator without end",
        "time",
        "import itertools\ndef step(*_): yield from itertools.count()",
    ),
    # Too much ---------------------------------------------------------------------------------
    solved(
        "a fork bomb",
        "resources",
        """
import os
try:
    while True: os.fork()
except OSError: pass
""",
    ),
    solved(
        "a thread bomb",
        "resources",
        """
import threading, time
try:
    while True: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
except RuntimeError: pass
""",
    ),
    solved(
        "asks for 100 GB",
        "resources",
        """
for take in (
    lambda: np.ones(100 << 27), lambda: bytearray(100 << 30),
    lambda: [0] * (100 << 27), lambda: torch.ones(100 << 27),
):
    try: take()
    except (MemoryError, RuntimeError): pass
    else: print('LOOT memory')
""",
    ),
    solved(
        "memory that grows by 10 MB",
        "resources",
        "kept = []\nwhile True: kept.append(bytearray(10 << 20))",
        "del kept",
    ),
    solved(
        "memory that no limit of a process counts",
        "resources",
        """
import os, mmap
try: os.memfd_create('x'); print('LOOT memfd')
except OSError: pass
try: mmap.mmap(-1, 2 << 30); print('LOOT shared memory')
except OSError: pass
""",
    ),
    solved(
        "fills the disk",
        "resources",
        """
import os
for folder in ('.', '/tmp', '/dev/shm', '/var/tmp', '/', '/usr'):
    for number in range(100):
        try:
            with open(f'{folder}/junk{number}', 'wb') as file:
                for _ in range(32): file.write(b'x' * (1 << 20))
        except OSError: break
""",
    ),
    solved(
        "prints without measure",
        "resources",
        "import os\nfor _ in range(200): print('x' * (1 << 20))\nos.write(1, b'y' * 1000)",
    ),
    unsolved(
        "gives back far too much",
        "resources",
        """
def step(*_): return 'x' * (20 << 20)
def exponential(*_): return np.zeros(1 << 22)
def cosine(*_): return [0.0] * (1 << 21)
def warmup(*_): return torch.zeros(1 << 23)
""",
    ),
    # Leaves early -----------------------------------------------------------------------------
    solved("leaves in a cell", "ends", "import os\nos._exit(0)"),
    all_but("cosine", "leaves in an answer", "ends", "import os\ndef cosine(*_): os._exit(0)"),
    all_but(
        "cosine",
        "exits as Python does",
        "ends",
        "import sys\nsys.exit(0)",
        "raise KeyboardInterrupt",
        "quit()",
        "def cosine(*_): raise SystemExit(0)",
    ),
    all_but(
        "cosine",
        "reads where there is no memory",
        "ends",
        "import ctypes\ndef cosine(*_): return ctypes.string_at(0)",
    ),
    all_but(
        "cosine",
        "calls itself without limit",
        "ends",
        "import sys\nsys.setrecursionlimit(10**9)\ndef cosine(*_): return cosine()",
    ),
    all_but("cosine", "calls itself", "ends", "def cosine(*_): return cosine()"),
    solved(
        "threads that go on",
        "ends",
        """
import atexit, sys, threading
atexit.register(lambda: sys.exit(1))
def spin():
    while True: pass
threading.Thread(target=spin).start()
""",
        least=NONE,
    ),
    solved("empties sys.modules", "ends", "import sys\nsys.modules.clear()", least=NONE),
    solved(
        "breaks the builtins",
        "ends",
        "import builtins\nfor name in ('len', 'list', 'type', 'isinstance'): "
        "setattr(builtins, name, None)",
        least=NONE,
    ),
    # Forges -----------------------------------------------------------------------------------
    unsolved(
        "writes replies of its own to every descriptor",
        "forges",
        """
import json, os, struct
head = json.dumps({'replies': [{'value': 1.0, 'printed': False}] * 4, 'score': 4}).encode()
for descriptor in range(200):
    try: os.write(descriptor, struct.pack('>QQ', len(head), 0) + head)
    except OSError: pass
""",
    ),
    unsolved(
        "reports answers of its own",
        "forges",
        """
import json, os, struct
told = {'kind': 'values', 'answer': 1.0, 'values': {'score': 4}}
head = {'errors': [], 'printed': '', 'answers': dict.fromkeys(
    ('step', 'exponential', 'cosine', 'warmup'), told)}
head = json.dumps(head).encode()
for descriptor in range(200):
    try: os.write(descriptor, struct.pack('>QQ', len(head), 0) + head)
    except OSError: pass
""",
    ),
    unsolved(
        "patches every comparison that it finds",
        "forges",
        """
import builtins, numpy.testing
yes = lambda *_, **__: True
for module in (np, torch, numpy.testing):
    for name in ('allclose', 'isclose', 'array_equal', 'equal', 'assert_allclose', 'all'):
        if hasattr(module, name): setattr(module, name, yes)
math.isclose = yes
builtins.AssertionError = type('Never', (Exception,), {})
class Forged: pass
"""
        + STUBS,
    ),
    unsolved(
        "objects that are equal to everything",
        "forges",
        """
class Forged(float):
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = None
    __sub__ = __rsub__ = __abs__ = lambda self, *_: self
    def __array__(self, *_, **__): return np.ones(3)
    def __array_ufunc__(self, *_, **__): return True
    def __float__(self): return 0.1
    def __reduce__(self): return (print, ('LOOT pickle',))
    def __len__(self): return 10 ** 18
    def __bool__(self): return True
    def __iter__(self):
        while True: yield self
"""
        + STUBS,
    ),
    unsolved(
        "numbers that are none",
        "forges",
        """
def step(*_): return float('nan')
def exponential(*_): return 10 ** 5000
def cosine(t, *_): return np.full(len(t), np.inf)
def warmup(steps, *_): return torch.ones(steps, 1, dtype=torch.complex64)
""",
    ),
    unsolved(
        "lists within lists, and lists within themselves",
        "forges",
        """
def step(*_):
    deep = 1.0
    for _ in range(100_000): deep = [deep]
    return deep
def exponential(*_):
    own = []
    own.append(own)
    return own
def cosine(*_): return {(1, 2): 3}
def warmup(*_): return np.array([object()])
""",
    ),
    unsolved(
        "hands in for every task at once, through the stand-in",
        "forges",
        """
import gc
for found in gc.get_objects():
    if type(found).__name__ == 'Recorder':
        for name in ('step', 'exponential', 'cosine', 'warmup'):
            found.answers[name] = (lambda *_: True, {})
""",
    ),
    # Looks around -----------------------------------------------------------------------------
    solved(
        "looks for answers, files and other processes",
        "looks",
        """
import glob, os, sys
import lrcourse
course = os.path.dirname(lrcourse.__file__)
for path in (
    course + '/tasks/step.py', course + '/check/judging.py', course + '/grading/__init__.py',
    course + '/schedules/step.py', course + '/../exercises/01_step.ipynb',
    course + '/../solutions/01_step.ipynb', '/proc/1/environ', '/proc/self/environ',
    '/proc/self/maps', '/etc/passwd', '/etc/hostname', sys.executable,
):
    try: open(path, 'rb').read(1); print('LOOT', path)
    except OSError: pass
for folder in ('/', '/root', '/home', '/tmp', '/etc', '/proc', course):
    try: print('LOOT', folder) if os.listdir(folder) else None
    except OSError: pass
for name in os.environ:
    if name not in ('PATH', 'HOME', 'LANG', 'MPLBACKEND'): print('LOOT', name)
if sys.argv != ['']: print('LOOT', sys.argv)
""",
    ),
    solved(
        "imports where the answers are",
        "looks",
        """
import importlib, sys
for name in ('tasks', 'tasks.step', 'check.judging', 'grading', 'grading.sandbox', 'cli'):
    sys.modules.pop('lrcourse.' + name, None)
    sys.modules.pop('lrcourse.' + name.split('.')[0], None)
    try: importlib.import_module('lrcourse.' + name); print('LOOT', name)
    except ImportError: pass
""",
    ),
    solved(
        "looks for a network",
        "looks",
        """
import socket
for kind in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
    for way in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try: socket.socket(kind, way); print('LOOT', kind, way)
        except OSError: pass
try: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); print('LOOT datagrams')
except OSError: pass
""",
    ),
    solved(
        "makes every system call that could matter",
        "looks",
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
calls = dict(
    unshare=(0x10000000,), mount=(b'none', b'/', b'tmpfs', 0, 0), umount2=(b'/', 0),
    setns=(0, 0), ptrace=(0, 0, 0, 0), chroot=(b'/',), sethostname=(b'x', 1), setuid=(0,),
    prctl=(1, 0, 0, 0, 0), kill=(-1, 0), chmod=(b'/tmp', 0o777), truncate=(b'/tmp/x', 0),
    process_vm_readv=(1, 0, 0, 0, 0, 0), memfd_create=(b'x', 0), shmget=(0, 4096, 0o1600),
    personality=(0x40000,), setpriority=(0, 1, 19), acct=(0,), mlock=(0, 4096),
)
for name, arguments in calls.items():
    if getattr(libc, name)(*arguments) != -1: print('LOOT', name)
for number in (321, 425, 250, 323, 298, 437, 434, 424):  # bpf, io_uring, keyctl, ...
    if libc.syscall(number, 0, 0, 0, 0, 0) != -1: print('LOOT', number)
if os.system('true') == 0: print('LOOT system')
""",
    ),
    solved(
        "changes what others use",
        "looks",
        """
import os, sys
for path in (sys.executable, np.__file__, torch.__file__, '/usr/lib', '/tmp'):
    for change in (
        lambda: open(path, 'ab').write(b'x'), lambda: os.unlink(path), lambda: os.utime(path),
        lambda: os.rename(path, path + 'x'), lambda: os.chmod(path, 0o777),
        lambda: os.truncate(path, 0), lambda: os.close(os.open(path, os.O_TRUNC)),
        lambda: os.symlink('/etc', path + 'x'), lambda: os.link(path, path + 'x'),
    ):
        try: change(); print('LOOT', path)
        except OSError: pass
""",
    ),
    solved(
        "leaves things behind for the next student",
        "looks",
        """
import os
try: open('left', 'w').write('x')
except OSError: pass
os.environ['LEFT'] = '1'
np.left = 1
np.cos = lambda *_: 0.0
""",
        least=ALL - {"cosine"},
    ),
    # Habits that cost nothing -------------------------------------------------------------------
    solved("prints to the error stream", "habits", "import sys\nprint('warning', file=sys.stderr)"),
    solved("cells that fail", "habits", "1 / 0", "undefined", "def broken(:", "%matplotlib inline"),
    solved("lines for Jupyter and the shell", "habits", "%time x = 1\n!rm -rf /\nx = 2\nprint?"),
    solved("awaits at the top", "habits", "import asyncio\nawait asyncio.sleep(0.01)"),
    solved("paths of another machine", "habits", "np.loadtxt('C:/Users/me/data.csv')"),
    solved(
        "trains a network",
        "habits",
        """
model = torch.nn.Linear(4, 1)
for _ in range(5):
    model.zero_grad()
    model(torch.randn(8, 4)).pow(2).mean().backward()
    with torch.no_grad():
        for weight in model.parameters(): weight -= 0.1 * weight.grad
print('TRAINED')
""",
    ),
    Attack(
        "cells in reverse order",
        "habits",
        (IMPORTS, HANDED_IN, *reversed(ANSWERS.values())),
        ALL,
        ALL,
    ),
    Attack(
        "a copied cell and an older answer",
        "habits",
        (
            IMPORTS,
            "def step(*_): return 0.0\ncheck('step', step)",
            *ANSWERS.values(),
            HANDED_IN,
            HANDED_IN,
            "check('step', ...)",
        ),
        ALL,
        ALL,
    ),
]
