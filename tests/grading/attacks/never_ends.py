"""Never ends: in a cell, in an answer, in C, asleep, and with every alarm taken down."""

from attacks.case import all_but, solved, unsolved, zero

CASES = (
    solved("a loop in a cell", "while True: pass"),
    all_but(
        "step", "a loop in an answer", "def step(*_):\n  while True: pass", said="longer than 0.5 s"
    ),
    solved(
        "a loop that swallows every exception",
        """
while True:
    try:
        while True: pass
    except BaseException: pass
""",
    ),
    unsolved(
        "sleeps in every answer",
        "import time\ndef step(*_): time.sleep(100)\nexponential = cosine = warmup = step",
        said="longer than 0.5 s",
    ),
    all_but(
        "exponential",
        "sleeps a little in every call",
        "import time\ndef exponential(*_):\n  time.sleep(0.3)\n  return 1.0",
        said="longer than 0.5 s",
    ),
    solved("waits for input", "input('your name? ')"),
    solved(
        "ignores every signal and every alarm, then loops",
        """
import signal
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
    signal.setitimer(timer, 0)
while True: pass
""",
    ),
    solved(
        "blocks every signal, then loops",
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
    ),
    all_but(
        "cosine",
        "ignores every signal within an answer",
        """
import signal
def cosine(*_):
    for number in (signal.SIGALRM, signal.SIGPROF): signal.signal(number, signal.SIG_IGN)
    while True: pass
""",
        said="no answer in time",
    ),
    solved(
        "takes the alarm away from who sets it",
        "import signal\nsignal.setitimer = signal.signal = lambda *_: None",
        "while True: pass",
        least=0,  # without an alarm only the clock counts, and a busy machine uses that up
    ),
    solved("stops itself", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"),
    solved("sends itself a stop", "import signal\nsignal.raise_signal(signal.SIGSTOP)"),
    all_but(
        "step",
        "a generator without end",
        "import itertools\ndef step(*_): yield from itertools.count()",
        said="100,000 numbers",
    ),
    all_but(
        "warmup",
        "a generator that never gives anything",
        "def warmup(*_):\n  while True: pass\n  yield 1",
        said="longer than 0.5 s",
    ),
    solved("a power too large for any machine", "9 ** 9 ** 9"),
    solved("a pattern that tries forever", "import re\nre.match('(a+)+$', 'a' * 60 + 'b')"),
    solved(
        "waits for a lock twice",
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
    ),
    solved(
        "waits for a thread that loops",
        """
import threading
def spin():
    while True: pass
thread = threading.Thread(target=spin, daemon=True)
thread.start()
thread.join()
""",
    ),
    solved(
        "a thread that never gives way",
        """
import sys, threading
sys.setswitchinterval(1e9)
def spin():
    while True: pass
threading.Thread(target=spin, daemon=True).start()
""",
        least=0,
    ),
    solved("awaits the end of time", "import asyncio\nawait asyncio.sleep(1e9)"),
    solved("waits for a process that there is none of", "import os\nos.wait()\nos.pause()"),
    solved("reads what nobody writes", "import os\nleft, right = os.pipe()\nos.read(left, 1)"),
    solved(
        "a trace that loops",
        """
import sys
def spin(*_):
    while True: pass
sys.settrace(spin)
(lambda: 0)()
""",
    ),
    solved("cells that are each within their limit", *["import time\ntime.sleep(1.2)"] * 5),
    zero(
        "cells that are each within their limit, without end",
        "time of this notebook is over",
        *["import time\ntime.sleep(1.2)"] * 40,
    ),
    solved(
        "loops in every cell",
        *["while True: pass"] * 4,
    ),
    zero(
        "an answer that never says what it is",
        "no answer in time",
        """
class Shy:
    def __repr__(self):
        while True: pass
check('step', Shy())
""",
    ),
    zero(
        "a function that never says how it is called",
        "no answer in time",
        """
class Shy:
    @property
    def __signature__(self):
        while True: pass
    def __call__(self, *_): return 1.0
check('step', Shy())
""",
    ),
    all_but(
        "step",
        "an error that never says what it is",
        """
class Shy(Exception):
    def __str__(self):
        while True: pass
def step(*_): raise Shy
""",
        said="in time|longer|ended by itself",
    ),
)
