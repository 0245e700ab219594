"""Forges: replies, reports, comparisons, values that are none, and answers to known questions."""

import json

import numpy as np

from attacks.case import Case, all_but, answers, notebook, solved, unsolved, zero
from attacks.exam import ALL, ANSWERS, TASKS
from lrcourse.grading.grade import HIDDEN
from lrcourse.tasks import PUBLIC_SEED

FORGED = "\n".join(f"def {name}(*_): return Forged()" for name in ANSWERS)
DEEP = "deep = 1.0\nfor _ in range(100_000): deep = [deep]"

# A message as ours are, to every descriptor that there is.
SEND = """
import json, os, struct
def send(head, blob=b'', length=None, size=None):
    head = head if type(head) is bytes else json.dumps(head).encode()
    lengths = struct.pack('>QQ', len(head) if length is None else length, size or len(blob))
    for descriptor in range(64):
        try: os.write(descriptor, lengths + head + blob)
        except OSError: pass
"""
REPLIES = "{'replies': [{'value': 1.0, 'printed': False}] * 4, 'score': 15}"
REPORT = """{'errors': [], 'printed': '', 'learner': '', 'answers': dict.fromkeys(
    ('step', 'exponential', 'cosine', 'warmup'),
    {'kind': 'function', 'name': 'right', 'parameters': None})}"""

# Frames and objects of ours that stand around a student's code.
FIND = """
import gc, sys
def found(name):
    return [each for each in gc.get_objects() if type(each).__name__ == name] + [
        value for frame in frames() for value in frame.f_locals.values()
        if type(value).__name__ == name]
def frames():
    frame = sys._getframe()
    while frame:
        yield frame
        frame = frame.f_back
"""


def table() -> str:
    """The right answer to each public call, as a student who has seen them all could know it."""
    known = {}
    for name, task in TASKS.items():
        for case in task.cases(np.random.default_rng(PUBLIC_SEED)):
            values = [*case.arguments.values()]
            calls = [values] if case.times is None else [[t, *values] for t in case.times]
            for call in calls:
                gave = task.reference(*call)
                known[repr((name, call))] = gave if isinstance(gave, list) else float_or_list(gave)
    return repr(known)


def float_or_list(value):
    return value.tolist() if hasattr(value, "tolist") else value


LOOK_UP = (
    "known = {table}\ndef looked_up(name):\n  return lambda *values: known.get("
    "repr((name, [*values])), 0.5)\n"
    + "".join(f"{name} = looked_up({name!r})\n" for name in ANSWERS)
)

CASES = (
    unsolved("a table of the public cases", LOOK_UP.format(table=table()), said=HIDDEN),
    all_but(
        "exponential",
        "is right until the public cases are over",
        """
calls = []
def exponential(t, peak_lr, gamma):
    calls.append(t)
    return peak_lr * gamma ** t if len(calls) <= 15 else 0.0
""",
        said=HIDDEN,
    ),
    all_but(
        "exponential",
        "changes its mind with every call",
        "import random\ndef exponential(t, peak_lr, gamma):\n"
        "  return random.choice([0.5, 1.0]) * peak_lr * gamma ** t",
    ),
    all_but(
        "exponential",
        "is not attempted in the hidden cases only",
        """
def exponential(t, peak_lr, gamma):
    if (peak_lr, gamma) not in seen and len(seen) == 2: raise NotImplementedError
    seen.add((peak_lr, gamma))
    return peak_lr * gamma ** t
seen = set()
""",
        said=HIDDEN,
    ),
    unsolved("replies of its own to every descriptor", SEND + f"send({REPLIES})")._replace(
        outcome="zero", said="cannot be read"
    ),
    unsolved("a report of its own", SEND + f"send({REPORT})"),
    unsolved(
        "replies before it is asked",
        SEND
        + f"def step(*_):\n  for _ in range(5): send({REPLIES})\n  return 1.0\n"
        + "exponential = cosine = warmup = step",
    ),
    unsolved(
        "replies twice, from a thread that waits",
        SEND
        + f"""
import threading, time
def later():
    time.sleep(0.05)
    send({REPLIES})
def step(*_):
    threading.Thread(target=later, daemon=True).start()
    return 1.0
exponential = cosine = warmup = step
""",
    ),
    unsolved(
        "half a reply, and then silence",
        SEND + "import time\ndef step(*_):\n  send(b'{\"replies\": [', length=1000)\n"
        "  time.sleep(100)\nexponential = cosine = warmup = step",
        said="longer than|in time",
    ),
    unsolved(
        "a reply that trickles in",
        SEND
        + """
import threading, time
def step(*_):
    for descriptor in range(64):
        try: os.write(descriptor, struct.pack('>QQ', 1000, 0))
        except OSError: pass
    while True:
        time.sleep(0.2)
        for descriptor in range(3, 64):
            try: os.write(descriptor, b' ')
            except OSError: pass
exponential = cosine = warmup = step
""",
        said="longer than|in time",
    ),
    unsolved(
        "a reply that is said to be huge",
        SEND + "def step(*_): send(b'', length=(1 << 64) - 1, size=1 << 40)\n"
        "exponential = cosine = warmup = step",
        said="larger than 8 MiB",
    ),
    unsolved(
        "a reply that is nested without end",
        SEND + "def step(*_): send(b'[' * 1_000_000)\nexponential = cosine = warmup = step",
        said="no JSON",
    ),
    unsolved(
        "a reply of wrong types",
        SEND + "def step(*_): send({'replies': {'value': {'array': 'O', 'shape': [1 << 60]}}})\n"
        "def exponential(*_): send({'replies': [{'value': {'array': 'O', 'shape': [1]}}] * 15})\n"
        "def cosine(*_): send({'replies': [{'value': {'floats': -1, 'as': 'list'}}] * 2})\n"
        "def warmup(*_): send(['replies'])",
        said="cannot be read",
    ),
    unsolved(
        "a flood of messages that a cell has begun",
        SEND + "while True: send({'cell': 1})",
    )._replace(outcome="zero", said="cannot be read"),
    unsolved(
        "a message that the sandbox is broken",
        SEND + "send({'failed': 'the sandbox is broken', 'locked': 3})\nos._exit(0)",
    )._replace(outcome="zero", said="report|missing|number"),
    unsolved(
        "the border's own functions, replaced",
        FIND
        + """
right = {'replies': [{'value': 0.5, 'printed': False}] * 30, 'score': 15}
for channel in found('Channel'):
    send = type(channel).send
    type(channel).send = lambda self, head, blob=(), deadline=None: send(
        self, right if 'replies' in head else head)
""",
    ),
    unsolved(
        "the modules that messages are made with, replaced",
        """
import json, socket, struct
dumps = json.dumps
json.dumps = lambda head, **_: dumps({**head, 'score': 15, 'replies': [{'value': 1.0}]})
struct.pack = lambda *_: bytes(16)
socket.socket.send = lambda *_: 0
""",
    ),
    unsolved(
        "what encodes an answer, replaced",
        FIND
        + """
for frame in frames():
    if 'encode' in frame.f_globals and 'Notebook' in frame.f_globals:
        frame.f_globals['encode'] = lambda value, blob: {'value': 1.0, 'score': 15}
""",
    ),
    unsolved(
        "hands in for every task at once, through the stand-in",
        FIND
        + """
for each in found('Recorder'):
    for name in ('step', 'exponential', 'cosine', 'warmup'):
        each.answers[name] = (lambda *_: True, {'score': 15})
""",
    ),
    unsolved(
        "a trace that changes what our functions return",
        FIND
        + """
def trace(frame, event, value):
    for name in ('replies', 'reply', 'points', 'score'):
        if name in frame.f_locals: frame.f_locals[name] = [{'value': 1.0, 'score': 15}]
    return trace
sys.settrace(trace)
for frame in frames(): frame.f_trace = trace
sys.setprofile(lambda *_: None)
""",
    ),
    unsolved(
        "patches every comparison that it finds",
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
        + FORGED,
        said="number|graded",
    ),
    unsolved(
        "makes one equal to two",
        """
import ctypes
for number in range(2, 200):
    ctypes.memmove(id(number) + 24, id(1) + 24, 4)
def step(*_): return 1
exponential = cosine = warmup = step
""",
    ),
    unsolved(
        "objects that are equal to everything",
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
        + FORGED,
        said="graded",
    ),
    unsolved(
        "objects that say they are numbers",
        """
class Meta(type):
    __name__ = property(lambda cls: 'float')
    __instancecheck__ = __subclasscheck__ = lambda *_: True
    __eq__ = lambda *_: True
    __hash__ = lambda _: hash(float)
class Forged(metaclass=Meta):
    __class__ = property(lambda self: float)
    __module__ = 'numpy'
    __iter__ = None
    def __getattr__(self, name): return self
    def __call__(self, *_): return self
"""
        + FORGED,
        said="graded|raised",
    ),
    unsolved(
        "subclasses of what is plain",
        """
class Text(str): pass
class Number(float): pass
class List(list): __iter__ = lambda self: iter([1.0] * 99)
class Array(np.ndarray): __eq__ = lambda *_: True
def step(*_): return Number(1.0)
def exponential(*_): return Text('1.0')
def cosine(*_): return List([1.0])
def warmup(steps, *_): return np.ones(steps).view(Array)
""",
        said="graded|number",
    ),
    unsolved(
        "arrays of everything but numbers",
        """
def step(*_): return np.ma.masked
def exponential(*_): return np.array([object()])
def cosine(t, *_): return np.zeros(len(t), dtype=[('a', float), ('b', float)])
def warmup(steps, *_): return torch.empty(steps, device='meta')
""",
        said="graded",
    ),
    unsolved(
        "numbers that are none",
        """
def step(*_): return float('nan')
def exponential(*_): return 10 ** 5000
def cosine(t, *_): return np.full(len(t), np.inf)
def warmup(steps, *_): return torch.ones(steps, 1, dtype=torch.complex64)
""",
        said="nan",
    ),
    unsolved(
        "truth in place of numbers",
        """
def step(*_): return True
def exponential(*_): return np.True_
def cosine(t, *_): return [True] * len(t)
def warmup(steps, *_): return torch.ones(steps, dtype=torch.bool)
""",
    ),
    unsolved(
        "shapes that are none",
        """
def step(*_): return []
def exponential(*_): return np.zeros((0, 5))
def cosine(t, *_): return [[each] for each in t]
def warmup(*_): return {}
""",
    ),
    unsolved(
        "lists within lists, and lists within themselves",
        f"""
def step(*_):
    {DEEP.replace(chr(10), chr(10) + "    ")}
    return deep
def exponential(*_):
    own = []
    own.append(own)
    return own
def cosine(*_): return {{(1, 2): 3}}
def warmup(*_): return np.array([object()])
""",
        said="graded",
    ),
    unsolved(
        "changes the questions",
        """
def cosine(t, *_):
    t[:] = [0] * len(t)
    return t
def step(*values):
    for each in values:
        if isinstance(each, list): each.clear()
    return 0.0
exponential = warmup = step
""",
        said="changes what it was given",
    ),
    unsolved(
        "errors that say nothing, or too much",
        """
class Silent(Exception):
    def __str__(self): raise ValueError
class Number(Exception):
    def __str__(self): return 3
class Leaving(Exception):
    def __str__(self): raise SystemExit
class Long(Exception):
    def __str__(self): return 'x' * (1 << 24)
def step(*_): raise Silent
def exponential(*_): raise Number
def cosine(*_): raise Leaving
def warmup(*_): raise Long
""",
        said="raised|ended",
    ),
    unsolved(
        "errors with the names of ours",
        """
def named(name, base=Exception): return type(name, (base,), {})
def step(*_): raise named('Lost', BaseException)('all points')
def exponential(*_): raise named('Unlike')('it is right.')
def cosine(*_): raise named('Unanswered')('right')
def warmup(*_): raise named('x' * 100_000 + chr(0xd800))('right')
""",
    ),
    unsolved(
        "an error with a name that is no text",
        """
class Meta(type):
    __name__ = property(lambda cls: {'status': 'right'})
class Error(Exception, metaclass=Meta): pass
def step(*_): raise Error
exponential = cosine = warmup = step
""",
        said="ended|read",
    ),
    unsolved(
        "functions that are none",
        """
class Forged:
    __name__ = {'score': 15}
    __signature__ = 'any'
    def __call__(self, *_): return 1.0
for name in ('step', 'exponential', 'cosine', 'warmup'): check(name, Forged())
""",
    ),
    unsolved(
        "values in place of functions",
        "for name in ('step', 'exponential', 'cosine', 'warmup'): check(name, score=15, points=15)",
        "for name in ('step', 'exponential', 'cosine', 'warmup'): check(name, 15.0)",
        said="is a function",
    ),
    solved(
        "a check of its own",
        "import lrcourse.check, sys\ncheck = lrcourse.check.check = lambda *_, **__: 'right'\n"
        "sys.modules['lrcourse.check'] = None",
        "check('step', 0.5)",
    ),
    unsolved(
        "a file of results",
        """
import json
for name in ('results.json', '/autograder/results/results.json', 'records.jsonl'):
    try: open(name, 'w').write(json.dumps({'score': 15}))
    except OSError: pass
print(json.dumps({'score': 15, 'outcome': 'graded'}))
""",
    ),
    Case(
        "points in the metadata",
        lambda: notebook(
            "pass",
            metadata={
                "nbgrader": {"grade": True, "points": 15, "score": 15},
                "otter": {"tests": {"step": 15}},
                "lrcourse": {"source": "99_exam.py", "score": 15},
            },
        ),
        0,
        0,
    ),
    Case(
        "results among the outputs",
        lambda: json.dumps(
            {
                "cells": [
                    {
                        "cell_type": "code",
                        "source": "check('step', ...)",
                        "outputs": [{"output_type": "stream", "text": "right, 15 of 15"}],
                    }
                ]
            }
        ).encode(),
        0,
        0,
    ),
    zero(
        "gives back what was not asked for",
        "no number of a cell|cannot be read",
        SEND + "send({'cell': 10 ** 9})",
    ),
    Case(
        "right answers, and forged ones beside them",
        lambda: notebook(*answers(), SEND + f"send({REPORT})"),
        0,
        ALL,
    ),
)
