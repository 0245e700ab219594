"""A child that lies: it stands where a student's process would, and says what a test wants it to.

`Listening` is a real sandbox that keeps what its processes say. An `Impostor` plays that to the
grader again, over a real socket, and forges some of it.
"""

import contextlib
import copy
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from lrcourse.grading.sandbox import Limits, Sandbox
from lrcourse.grading.sandbox.box import Job
from lrcourse.grading.sandbox.inside.wire import LENGTHS, Channel, Reader

CELLS = "cells"  # what is asked first; everything else is a call
PATIENCE = 60.0  # seconds that an impostor waits for the grader
ENDED = {"signal": 0, "code": 0, "killed": True, "cpu": 0.0, "resident": 0}
SHORT = Limits(cell=0.2, call=0.2, wall=5.0)

Message = tuple[Any, bytes]  # the head, which is JSON, and the blob
Said = tuple[Iterable[bytes], bool]  # what is sent, and whether nothing follows
Heard = dict[str, list[Message]]  # what was asked -> what was said


# What real processes say ------------------------------------------------------------------------


class Listening(Sandbox):
    """Keeps what its processes say to what is asked."""

    heard: Heard

    def job(self) -> Job:
        """A process whose channel is listened to."""
        job = super().job()
        job.channel = Overheard(job.channel, self.heard)
        return job


class Overheard(Channel):
    """Keeps the messages that come in under what was asked before them."""

    def __init__(self, channel: Channel, heard: Heard) -> None:
        super().__init__(channel.socket, channel.most)
        self.heard = heard
        self.now: list[Message] = []

    def send(self, head: Any, blob: Sequence[bytes] = (), deadline: float | None = None) -> None:
        self.now = self.heard[asked(head, b"".join(blob))] = []
        super().send(head, blob, deadline)

    def receive(self, deadline: float | None = None) -> Message:
        message = super().receive(deadline)
        self.now.append(message)
        return message


def asked(head: Any, blob: bytes) -> str:
    """What a message of the grader asks for, as a name."""
    return CELLS if CELLS in head else f"{json.dumps(head)} {blob.hex()}"


def call_of(question: str) -> tuple[str, list[tuple], str]:
    """The task, the calls and the driver of a question: what Session.call() wants."""
    head, end = json.JSONDecoder().raw_decode(question)
    calls = Reader(bytes.fromhex(question[end:])).value(head["calls"])
    return head["task"], calls, head["driver"]


# What an impostor says --------------------------------------------------------------------------


class Impostor(Sandbox):
    """Its processes are threads of the test, which say what was heard, or what `forge` makes of it.

    `forge(question, messages)` gives the parts to send and whether to hang up after them; None
    leaves the messages as they are.
    """

    def __init__(
        self,
        heard: Mapping[str, list[Message]],
        forge: Callable[[str, list[Message]], Said | None],
        limits: Limits = SHORT,
        modules: Sequence[str] = (),
    ) -> None:
        super().__init__(2, limits, modules)
        self.heard, self.forge = heard, forge

    def start(self) -> None:
        """There is no process to start."""

    def job(self) -> Job:
        mine, theirs = socket.socketpair()
        line, far_line = socket.socketpair()
        threading.Thread(target=self._speak, args=(theirs, far_line), daemon=True).start()
        return Job(Channel(mine, self.limits.reply), line)

    def _speak(self, end: socket.socket, line: socket.socket) -> None:
        with end, line, contextlib.suppress(OSError):  # also what a channel raises
            line.sendall(json.dumps(ENDED).encode())
            channel = Channel(end)
            channel.send({"locked": self.level, "resident": 0})
            while True:
                head, blob = channel.receive(time.monotonic() + PATIENCE)
                messages = self.heard.get(asked(head, blob)) or [_made_up(head)]
                honest = [framed(messages)], False
                parts, is_last = self.forge(asked(head, blob), messages) or honest
                end.setblocking(True)
                for part in parts:
                    end.sendall(part)
                end.setblocking(False)
                if is_last:
                    end.shutdown(socket.SHUT_WR)


def _made_up(head: Any) -> Message:
    """What is said where nothing was heard: no answers, or a number for each call."""
    if CELLS in head:
        return {"errors": [], "printed": "", "learner": "", "answers": {}}, b""
    count = len(head["calls"]["items"])
    return {"replies": [{"value": 0.1234, "printed": False}] * count}, b""


def framed(messages: Sequence[Message]) -> bytes:
    """The messages as they cross the border."""
    return b"".join(_framed(json.dumps(head).encode(), blob) for head, blob in messages)


def _framed(head: bytes, blob: bytes) -> bytes:
    return LENGTHS.pack(len(head), len(blob)) + head + blob


# Forgeries --------------------------------------------------------------------------------------

NAMES = (
    *("cell", "errors", "printed", "answers", "replies", "value", "after", "error", "text", "type"),
    *("kind", "name", "parameters", "values", "answer", "array", "shape", "as", "floats", "items"),
    *("map", "big", "dots", "failed", "locked", "score", "learner", "01.1", ""),
)
NUMBERS = (0, 1, -1, 2, 7, 2**31, 2**32 - 1, 2**63, -(2**64), 10**4000, 0.0, -0.5, 1e308, 1e-320)
NUMBERS += (float("nan"), float("inf"), float("-inf"))  # type: ignore[assignment]
TEXTS = ("", "x", "function", "values", "\ud800", "a\0b", "é\n<b>", "\u202e=1+1", "x" * 10_000)
TEXTS += ("name 'x' is not defined", "'list'", "class", ".0")
DIGITS = ("5", "-5", "--5", "5-", "-", "", "٣", "9" * 3999, "9" * 4001, "1e5", 5)
ERRORS = (*TEXTS, "NameError", "KeyError", "SystemExit", "KeyboardInterrupt", "StopIteration")
ERRORS += ("UnicodeDecodeError", "NotImplementedError", "Lost", "Unlike", "Exception", "__doc__")
CODES = ("<f8", ">f8", "<f4", "<f2", "<f16", "|b1", "<i8", ">i4", "<u2", "<u8", "O", "<U1", "V8")
CODES += ("M8", "f", "Q", "g", "c16", "a", "S0", "V0", "2f", "i,i", "f,", ",", "4)", "(,", "", 8)
SHAPES = ([], [1], [7], [2, 3], [0], [0, 0], [2**32 - 1, 0], [0, 2**31], [1 << 20, 0], [-1], [True])
SHAPES += ([2**32 - 1] * 4 + [0], [1] * 16, [1] * 17, [1] * 70, [10**9], [2.0], "3", None)
KINDS = ("list", "tuple", "tensor", "scalar", "array", "set", None, 0)
PARAMETERS = ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD", "VAR_POSITIONAL", "KEYWORD_ONLY")
PARAMETERS += ("VAR_KEYWORD", "", None)
TOKENS = (b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\ud800", b"\0", b"\xff", b"null", b"NaN")
TOKENS += (b"1e999", b"9" * 5000, b"[" * 3000, b'{"a":' * 3000, b"\xef\xbb\xbf", b"-", b"true")


def forged(messages: Sequence[Message], rng: random.Random) -> Said:
    """The bytes of these messages with something wrong in them, and whether to hang up then."""
    if rng.random() < 0.25:
        return [with_other_bytes(framed(messages), rng)], True
    if rng.random() < 0.25:
        return [framed(_in_disorder(messages, rng))], True
    return forged_last(messages, rng)


def forged_last(messages: Sequence[Message], rng: random.Random) -> Said:
    """The last message has another head or another blob, and there is nothing after it."""
    ways = [_with_another_value, _with_another_value, _with_other_heads, _with_other_blobs]
    way = rng.choice(ways)
    return [framed(way(messages, rng))], False


def _with_another_value(messages: Sequence[Message], rng: random.Random) -> list[Message]:
    """A single thing in the last message is another one, often of its kind; the rest is right."""
    head, blob = messages[-1]
    head = copy.deepcopy(head)
    place = rng.choice([each for each in _parts(head) if each])
    key = rng.choice(list(place) if isinstance(place, dict) else range(len(place)))
    place[key] = rng.choice([fitting(key, place[key], rng), anything(rng)])
    return [*messages[:-1], (head, blob + rng.choice([b"", rng.randbytes(200)]))]


def _parts(told: Any) -> Iterator[Any]:
    """The dictionaries and lists in this JSON."""
    if isinstance(told, dict | list):
        yield told
        for each in told.values() if isinstance(told, dict) else told:
            yield from _parts(each)


def _with_other_heads(messages: Sequence[Message], rng: random.Random) -> list[Message]:
    """A message in the end has another head; its blob is often long enough for it."""
    head, blob = messages[-1]
    chance = rng.choice([0.01, 0.05, 0.2])
    rest = rng.choice([b"", blob, rng.randbytes(200)])
    return [*messages[:-1], (altered(head, rng, chance), blob + rest)]


def _with_other_blobs(messages: Sequence[Message], rng: random.Random) -> list[Message]:
    head, blob = messages[-1]
    other = rng.choice([b"", blob[:-1], blob * 2, rng.randbytes(len(blob)), b"\xff" * len(blob)])
    return [*messages[:-1], (head, other)]


def _in_disorder(messages: Sequence[Message], rng: random.Random) -> list[Message]:
    """Left out, doubled, shuffled, or of another kind."""
    others = [*messages, ({"cell": rng.choice(NUMBERS)}, b""), ({"failed": "a fault"}, b"")]
    return [rng.choice(others) for _ in range(rng.choice([0, 1, 2, 30]))]


def with_other_bytes(said: bytes, rng: random.Random) -> bytes:
    """Some bytes changed, cut out or put in."""
    for _ in range(rng.choice([1, 1, 3, 20])):
        a, b = sorted(rng.randrange(len(said) + 1) for _ in range(2))
        b = min(b, a + rng.choice([1, 4, 100]))
        said = said[:a] + rng.choice([b"", rng.choice(TOKENS), rng.randbytes(b - a)]) + said[b:]
    return said[: rng.choice([len(said)] * 3 + [rng.randrange(len(said) + 1)])]


def altered(told: Any, rng: random.Random, chance: float) -> Any:
    """The same JSON with some of it replaced, renamed, left out or doubled."""
    if rng.random() < chance:
        return anything(rng)
    if isinstance(told, dict):
        pairs = list(told.items()) * (1 + (rng.random() < chance))
        return {
            rng.choice(NAMES) if rng.random() < chance else name: altered(each, rng, chance)
            for name, each in pairs
            if rng.random() > chance / 3
        }
    if isinstance(told, list):
        kept = [each for each in told if rng.random() > chance / 3]
        kept += rng.choices(told, k=2) if told and rng.random() < chance else []
        return [altered(each, rng, chance) for each in kept]
    return told


def fitting(key: Any, told: Any, rng: random.Random) -> Any:
    """Something that is expected there, and all the more wrong."""
    if key == "parameters":
        return parameters(rng)
    if key in ("error", "text", "name"):
        return rng.choice(ERRORS if key == "error" else TEXTS)
    if isinstance(told, dict) and "printed" in told:
        error = {"error": rng.choice(ERRORS), "text": rng.choice(TEXTS), "printed": False}
        return rng.choice([error, {"value": anything(rng), "printed": True}])
    return anything(rng)


def anything(rng: random.Random) -> Any:
    """A value that looks like one of ours, or like nothing."""
    pick = rng.choice
    made: list[Callable[[], Any]] = [
        lambda: pick([*NUMBERS, *TEXTS, *KINDS, [], {}, [[]], True]),
        lambda: {"array": pick(CODES), "shape": pick(SHAPES), "as": pick(KINDS)},
        lambda: {"floats": pick(NUMBERS), "as": pick(KINDS)},
        lambda: {"big": pick(DIGITS)},
        lambda: {"items": [anything(rng) for _ in range(rng.randrange(3))], "as": pick(KINDS)},
        lambda: {"map": [[pick([*TEXTS, *NUMBERS, []]), anything(rng)]]},
        lambda: {"value": anything(rng), "printed": pick([True, False, 1])},
        lambda: {"value": 1.0, "after": anything(rng), "printed": False},
        lambda: {"error": pick(ERRORS), "text": pick(TEXTS), "printed": False},
        lambda: {"type": pick(TEXTS), "text": pick(TEXTS)},
        lambda: {"kind": "function", "name": pick(TEXTS), "parameters": parameters(rng)},
        lambda: {"kind": "values", "answer": anything(rng), "values": {pick(TEXTS): anything(rng)}},
        lambda: nested(rng.choice([5, 21, 22, 23, 400])),
    ]
    return pick(made)()


def parameters(rng: random.Random) -> Any:
    """Parameters of a function, most of which no function has."""
    names = [*"abcdefghij", rng.choice(TEXTS)]
    kinds = ["POSITIONAL_OR_KEYWORD"] * 3 + [rng.choice(PARAMETERS)]
    rows = [[rng.choice(names), rng.choice(kinds), rng.random() < 0.3] for _ in "123"]
    return rng.choice([rows[: rng.randrange(4)], [[1, 2]], "x", None])


def nested(depth: int) -> Any:
    """Lists in lists."""
    told: Any = 1.0
    for _ in range(depth):
        told = {"items": [told], "as": "list"}
    return told
