"""Plain data over a socket: two lengths, a JSON head, raw little-endian arrays.

Both sides of the border use this file. It writes values of EXACT types only (no subclass, no
__array__, no __reduce__), and what it reads is checked as if it came from an enemy, because in
the grader it does. No pickle.

    None True "word" 1 0.5     as JSON
    a larger integer           {"big": "123..."}
    ...                        {"dots": 1}
    [1.0, 0.5], all floats     {"floats": n, "as": "list"}      8 n bytes in the blob
    [1, "a"], (1, 2)           {"items": [...], "as": "list"}
    {"a": 1}                   {"map": [[key, value], ...]}
    an array                   {"array": "<f8", "shape": [3], "as": "tensor"}   and its bytes
    anything else              NotPlainData; also an array of very many numbers
"""

import json
import math
import select
import socket
import struct
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

DEEPEST = 20  # lists within lists
LONGEST_INT = 4000  # digits; Python refuses to write more than 4300
LENGTHS = struct.Struct(">QQ")  # of the head and of the blob
CHUNK = 1 << 20
WORDS = (str, bool, type(None))
KINDS = "fiub"  # of arrays: floating, integers, unsigned, truth values
TYPES = {np.dtype(code).newbyteorder("<").str for code in "?bBhHiIlLqQefdg"}
MOST_NUMBERS = 100_000  # of an array or a generator; rows of a tensor become objects when read
MOST_AXES = 4  # an array of more is written out as a whole wherever it is shown


class NotPlainData(TypeError):
    """A value that cannot cross the border."""


class Malformed(ValueError):
    """What came over the border is no message of ours."""


class HungUp(ConnectionError):
    """The other side is gone."""


class TooLate(TimeoutError):
    """The other side did not answer, or did not listen, in time."""


# Values to JSON ---------------------------------------------------------------------------------


def encode(value: Any, blob: list[bytes], depth: int = 0) -> Any:
    """The value as JSON; the bytes of its arrays are appended to `blob`."""
    kind = type(value)
    if depth > DEEPEST:
        raise NotPlainData("a value that is nested so deep cannot be graded")
    if kind in WORDS or kind is float:
        return value
    if kind is int:
        return _integer(value)
    if value is ...:
        return {"dots": 1}
    if kind in (list, tuple):
        return _sequence(value, kind.__name__, blob, depth)
    if kind is dict:
        pairs = [[_key(key), encode(each, blob, depth + 1)] for key, each in value.items()]
        return {"map": pairs}
    return _array(value, kind, blob)


def _integer(value: int) -> Any:
    if abs(value) < 1 << 63:
        return value
    if value.bit_length() > 3 * LONGEST_INT:
        raise NotPlainData(f"an integer of more than {LONGEST_INT:,} digits cannot be graded")
    return {"big": str(value)}


def _sequence(values: Sequence[Any], name: str, blob: list[bytes], depth: int) -> Any:
    if values and all(type(each) is float for each in values):
        blob.append(np.array(values, "<f8").tobytes())
        return {"floats": len(values), "as": name}
    return {"items": [encode(each, blob, depth + 1) for each in values], "as": name}


def _key(key: Any) -> Any:
    if _is_key(key):
        return key
    raise NotPlainData(f"a key of type {type(key).__name__} cannot be graded")


def _is_key(key: Any) -> bool:
    """Integers of any size can be chosen so that a dictionary of them takes hours to build."""
    return type(key) in (*WORDS, float) or (type(key) is int and abs(key) < 1 << 63)


def _array(value: Any, kind: type, blob: list[bytes]) -> Any:
    name = "array"
    if kind in _tensor_types():
        value, name = _numbers_of(value), "tensor"
    elif kind.__module__ == "numpy" and issubclass(kind, np.generic):
        value, name = np.asarray(value), "scalar"
    elif kind is not np.ndarray:
        raise NotPlainData(f"a value of type {kind.__name__} cannot be graded")
    if value.dtype.kind not in KINDS:
        raise NotPlainData(f"an array of {value.dtype} cannot be graded")
    if value.ndim > MOST_AXES or _size(value.shape) > MOST_NUMBERS:
        shape = "x".join(map(str, value.shape))
        raise NotPlainData(f"an array of {shape} numbers cannot be graded")
    plain = value.astype(value.dtype.newbyteorder("<"), copy=False)
    blob.append(plain.tobytes())
    return {"array": plain.dtype.str, "shape": list(plain.shape), "as": name}


def _size(shape: Sequence[int]) -> int:
    """How many numbers; an empty array still has rows."""
    return math.prod(max(1, length) for length in shape)


def _tensor_types() -> tuple[type, ...]:
    """torch is never imported here: where there are tensors, it is loaded already."""
    torch = sys.modules.get("torch")
    return (torch.Tensor, torch.nn.Parameter) if torch else ()


def _numbers_of(tensor: Any) -> np.ndarray:
    try:
        return tensor.detach().cpu().numpy()
    except (RuntimeError, TypeError) as error:  # sparse, quantized, bfloat16
        raise NotPlainData(f"a tensor of {tensor.dtype} cannot be graded") from error


# JSON to values ---------------------------------------------------------------------------------


class Reader:
    """Takes one value after the other out of a message."""

    def __init__(self, blob: bytes) -> None:
        self.blob = blob
        self.place = 0

    def value(self, told: Any, depth: int = 0) -> Any:
        """The value that `encode` wrote; Malformed where it wrote no such thing."""
        if depth > DEEPEST + 1:
            raise Malformed("nested too deep")
        if type(told) in (*WORDS, float, int):
            return told
        if type(told) is not dict:
            raise Malformed("no value of ours")
        for name in ("array", "floats", "items", "map", "big", "dots"):
            if name in told:
                return getattr(self, f"_{name}")(told, depth)
        raise Malformed("no value of ours")

    def _dots(self, told: dict, depth: int) -> Any:
        return ...

    def _big(self, told: dict, depth: int) -> int:
        text = told["big"]
        if type(text) is not str or len(text) > LONGEST_INT:
            raise Malformed("no integer")
        if not text.removeprefix("-").isdecimal():
            raise Malformed("no digits")
        return int(text)

    def _map(self, told: dict, depth: int) -> dict:
        pairs = told["map"]
        if type(pairs) is not list or any(type(p) is not list or len(p) != 2 for p in pairs):
            raise Malformed("no dictionary")
        if any(not _is_key(key) for key, _ in pairs):
            raise Malformed("no key")
        return {key: self.value(each, depth + 1) for key, each in pairs}

    def _items(self, told: dict, depth: int) -> Any:
        items = told["items"]
        if type(items) is not list:
            raise Malformed("no list")
        return self._as([self.value(each, depth + 1) for each in items], told)

    def _floats(self, told: dict, depth: int) -> Any:
        count = told["floats"]
        if type(count) is not int:
            raise Malformed("no number of floats")
        return self._as(self._taken("<f8", (count,)).tolist(), told)

    def _as(self, values: list, told: dict) -> Any:
        name = told.get("as")
        if name not in ("list", "tuple"):
            raise Malformed("neither list nor tuple")
        return tuple(values) if name == "tuple" else values

    def _array(self, told: dict, depth: int) -> Any:
        shape, name, code = told.get("shape"), told.get("as"), told["array"]
        if type(shape) is not list or any(type(length) is not int for length in shape):
            raise Malformed("no shape")
        if len(shape) > MOST_AXES or _size(shape) > MOST_NUMBERS or type(code) is not str:
            raise Malformed("no array")
        numbers = self._taken(code, tuple(shape))
        if name == "scalar":
            return numbers[()]
        if name == "tensor" and "torch" in sys.modules and numbers.dtype.str[1:] not in ("f16",):
            return sys.modules["torch"].from_numpy(numbers)
        return numbers

    def _taken(self, code: str, shape: tuple[int, ...]) -> np.ndarray:
        """The next numbers of the blob, as an array of their own."""
        if any(length < 0 for length in shape) or code not in TYPES:
            raise Malformed("no numbers")
        kind, count = np.dtype(code), math.prod(shape)
        end = self.place + count * kind.itemsize
        if end > len(self.blob):
            raise Malformed("numbers are missing")
        numbers = np.frombuffer(self.blob, kind, count, self.place).reshape(shape).copy()
        self.place = end
        return numbers


# Messages ---------------------------------------------------------------------------------------


class Channel:
    """One end of a connection that carries messages: a head that is JSON, and a blob."""

    def __init__(self, end: socket.socket, most: int = 1 << 40) -> None:
        self.socket = end
        self.most = most  # bytes that one message may have
        self.socket.setblocking(False)

    def send(self, head: Any, blob: Sequence[bytes] = (), deadline: float | None = None) -> None:
        """Send a message; HungUp where nobody is there, TooLate where nobody listens."""
        told = json.dumps(head).encode()
        size = sum(len(part) for part in blob)
        rest = memoryview(b"".join([LENGTHS.pack(len(told), size), told, *blob]))
        while rest:
            self._wait(select.POLLOUT, deadline)
            try:
                rest = rest[self.socket.send(rest[:CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise HungUp from error

    def receive(self, deadline: float | None = None) -> tuple[Any, bytes]:
        """The next message: head and blob."""
        head, blob = LENGTHS.unpack(self._bytes(LENGTHS.size, deadline))
        if head + blob > self.most:
            raise Malformed(f"the reply is larger than {self.most >> 20} MiB")
        told = self._bytes(head, deadline)
        try:
            return json.loads(told), self._bytes(blob, deadline)
        except (ValueError, RecursionError) as error:
            raise Malformed("the reply is no JSON") from error

    def _bytes(self, count: int, deadline: float | None) -> bytes:
        got = bytearray()
        while len(got) < count:
            self._wait(select.POLLIN, deadline)
            try:
                part = self.socket.recv(min(count - len(got), CHUNK))
            except BlockingIOError:
                continue
            except OSError as error:
                raise HungUp from error
            if not part:
                raise HungUp
            got += part
        return bytes(got)

    def _wait(self, event: int, deadline: float | None) -> None:
        left = None if deadline is None else 1000 * (deadline - time.monotonic())
        poll = select.poll()  # select() knows no descriptor beyond 1023
        poll.register(self.socket, event)
        if (left is not None and left <= 0) or not poll.poll(left):
            raise TooLate

    def close(self) -> None:
        self.socket.close()
