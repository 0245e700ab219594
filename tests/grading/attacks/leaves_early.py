"""Leaves early: by every exit, in a cell, in an answer, in a thread, at the very end."""

from attacks.case import all_but, solved, unsolved, zero

CASES = (
    solved("leaves in a cell", "import os\nos._exit(0)"),
    all_but(
        "cosine",
        "leaves in an answer",
        "import os\ndef cosine(*_): os._exit(0)",
        said="exit code 0",
    ),
    zero("leaves in every cell", "end its process", *["import os\nos._exit(0)"] * 5),
    unsolved(
        "leaves in every answer",
        "import os\ndef step(*_): os._exit(3)\nexponential = cosine = warmup = step",
        said="exit code 3",
    ),
    all_but(
        "cosine",
        "exits as Python does",
        "import sys\nsys.exit(0)",
        "raise KeyboardInterrupt",
        "quit()",
        "exit()",
        "def cosine(*_): raise SystemExit(0)",
        said="SystemExit",
    ),
    all_but(
        "cosine",
        "is interrupted",
        "def cosine(*_): raise KeyboardInterrupt",
        said="KeyboardInterrupt",
    ),
    all_but(
        "cosine",
        "raises what no except Exception catches",
        "class Gone(BaseException): pass\ndef cosine(*_): raise Gone('I am gone')",
        said="I am gone",
    ),
    all_but(
        "cosine", "closes a generator", "def cosine(*_): raise GeneratorExit", said="Generator"
    ),
    all_but(
        "cosine", "stops an iteration", "def cosine(*_): raise StopIteration", said="Iteration"
    ),
    all_but(
        "cosine",
        "reads where there is no memory",
        "import ctypes\ndef cosine(*_): return ctypes.string_at(0)",
        said="beyond its memory",
    ),
    solved("writes where there is no memory", "import ctypes\nctypes.memset(0, 1, 1)"),
    solved("aborts", "import os\nos.abort()"),
    solved("kills itself", "import os, signal\nsignal.raise_signal(signal.SIGKILL)"),
    solved(
        "ends by an alarm of its own",
        "import signal\nsignal.signal(signal.SIGALRM, "
        "signal.SIG_DFL)\nsignal.raise_signal(signal.SIGALRM)",
    ),
    solved(
        "sends itself every signal",
        "import os\nfor number in range(1, 65):\n"
        "  try: os.kill(os.getpid(), number)\n  except OSError: pass",
    ),
    all_but(
        "cosine",
        "calls itself without limit",
        "import sys\nsys.setrecursionlimit(10**9)\ndef cosine(*_): return cosine()",
        said="signal 11|in time|longer|Error",
    ),
    all_but("cosine", "calls itself", "def cosine(*_): return cosine()", said="RecursionError"),
    all_but(
        "cosine",
        "runs out of the stack in C",
        """
import sys
def cosine(*_):
    sys.setrecursionlimit(10**9)
    deep = []
    for _ in range(300_000): deep = [deep]
    return repr(deep)
""",
        said="signal 11|Error|longer",
    ),
    solved(
        "leaves in a thread",
        """
import os, sys, threading
thread = threading.Thread(target=sys.exit)
thread.start()
thread.join()
threading.Thread(target=os._exit, args=(0,)).start()
import time
time.sleep(1)
""",
    ),
    solved(
        "threads that go on",
        """
import atexit, sys, threading
atexit.register(lambda: sys.exit(1))
def spin():
    while True: pass
threading.Thread(target=spin).start()
""",
        least=0,
    ),
    solved(
        "hooks for the end, which loop",
        """
import atexit, os, weakref, signal
def spin(*_):
    while True: pass
class Last:
    __del__ = spin
kept = Last()
kept.itself = kept
atexit.register(spin)
weakref.finalize(Last, spin)
os.register_at_fork(before=spin)
""",
    ),
    solved("empties sys.modules", "import sys\nsys.modules.clear()", least=0),
    solved(
        "breaks the builtins",
        "import builtins\nfor name in ('len', 'list', 'type', 'isinstance'): "
        "setattr(builtins, name, None)",
        least=0,
    ),
    solved("allows no depth", "import sys\nsys.setrecursionlimit(40)", least=0),
    solved("overwrites None", "import ctypes\nctypes.memset(id(None), 0, 16)", least=0),
    solved("closes every descriptor", "import os\nos.closerange(0, 4096)", least=0),
    solved(
        "puts something else in the place of every descriptor",
        """
import os
other, _ = os.pipe()
for descriptor in range(64):
    if descriptor != other:
        try: os.dup2(other, descriptor)
        except OSError: pass
""",
        least=0,
    ),
    solved(
        "hangs up in one direction",
        """
import socket
for descriptor in range(64):
    try: socket.socket(fileno=descriptor).shutdown(socket.SHUT_WR)
    except OSError: pass
""",
        least=0,
    ),
    all_but(
        "warmup",
        "leaves only where nobody looks, in the hidden cases",
        """
import os
def warmup(steps, peak_lr, warmup_steps):
    calls.append(peak_lr)
    if len(calls) > 2: os._exit(5)
    return peak_lr * torch.clamp((torch.arange(steps) + 1.0).double() / warmup_steps, max=1.0)
calls = []
""",
        said="exit code 5",
    ),
    all_but(
        "step",
        "says that its time is over",
        "import os\ndef step(*_): os._exit(71)",
        said="longer than",
    ),
    all_but(
        "step",
        "says that the sandbox has failed",
        "import os\ndef step(*_): os._exit(70)",
        said="exit code 70",
    ),
)
