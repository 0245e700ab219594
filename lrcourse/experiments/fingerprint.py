"""What a value is, in 64 letters: the same in every process, another when anything differs.

A result is saved under the fingerprint of all that decides it. Numbers are taken by their bytes;
a function or class of your own by its compiled code, and so is what it uses; those of installed
packages by name and version.
"""

import dis
import hashlib
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
import torch

PLAIN = (type(None), bool, int, float, complex, str, bytes)
# Python may or may not keep one copy of equal ones, so it says nothing that two are the same.
VALUES = (tuple, frozenset, CodeType, torch.Tensor, np.ndarray, np.generic)
INSTALLED = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]
WRAPPERS = {staticmethod: "__func__", classmethod: "__func__"}  # where each keeps its function
WRAPPERS |= {property: "fget", cached_property: "func"}
GENERATED = "<string>"  # the file name in methods that @dataclass writes


def fingerprint(*values: Any) -> str:
    """SHA-256 of everything the values are made of. TypeError where one does not say."""
    digest = hashlib.sha256()
    seen: dict[int, tuple[int, Any]] = {}
    for piece in _pieces(values, seen):
        digest.update(len(piece).to_bytes(8, "little") + piece)
    return digest.hexdigest()


def _pieces(value: Any, seen: dict[int, tuple[int, Any]]) -> Iterator[bytes]:
    """The value's kind, the number of its parts, and theirs; once for each object."""
    if isinstance(value, PLAIN) and type(value) in PLAIN:
        yield f"{type(value).__name__} {value!r}".encode()
    elif id(value) in seen:
        yield f"again {seen[id(value)][0]}".encode()
    else:
        if not isinstance(value, VALUES):
            seen[id(value)] = len(seen), value  # kept alive, so that its id stays its own
        kind, parts = _taken_apart(value)
        parts = list(parts)
        yield f"{kind} {len(parts)}".encode()
        for part in parts:
            yield from _pieces(part, seen)


def _taken_apart(value: Any) -> tuple[str, Iterable[Any]]:
    """(kind, parts)"""
    if isinstance(value, torch.Tensor):
        flat = value.detach().cpu().contiguous().reshape(-1)
        return "tensor", (str(value.dtype), tuple(value.shape), flat.view(torch.uint8).numpy())
    if isinstance(value, np.ndarray | np.generic) and not value.dtype.hasobject:
        return "array", (value.dtype.str, value.shape, value.tobytes())
    if type(value) in (tuple, list):
        return type(value).__name__, value
    if type(value) is dict:
        return "dict", [side for item in value.items() for side in item]
    if isinstance(value, set | frozenset):
        return "set", sorted(fingerprint(item) for item in value)
    if isinstance(value, ModuleType):
        return f"module {value.__name__}", _source(value)
    if isinstance(value, type | FunctionType):
        if _is_installed(value.__module__):
            return f"{value.__module__}.{value.__qualname__}", ()
        parts = _function(value) if isinstance(value, FunctionType) else _class(value)
        return value.__qualname__, parts
    if isinstance(value, CodeType):
        consts = value.co_consts
        return "code", (value.co_code, consts, value.co_names, value.co_varnames)
    return _object(value)


def _is_installed(module: str | None) -> bool:
    """Whether the version of its package says what is in the module."""
    if module is None or module == "__main__":  # a notebook or script, whoever runs it
        return False
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or top == "lrcourse":
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    return file is not None and any(Path(file).is_relative_to(path) for path in INSTALLED)


def _source(module: ModuleType) -> list[str]:
    """The version of an installed package; the text of a file of your own."""
    if _is_installed(module.__name__):
        top = sys.modules.get(module.__name__.partition(".")[0])
        return [str(getattr(top, "__version__", ""))]
    file = getattr(module, "__file__", None)
    return [Path(file).read_text("utf-8")] if file and file.endswith(".py") else []


def _function(function: FunctionType) -> list[Any]:
    """Its code, the defaults, and what it takes from outside."""
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    names = sorted(_globals_used(function.__code__) & function.__globals__.keys())
    used = [(name, function.__globals__[name]) for name in names]
    return [function.__code__, function.__defaults__, function.__kwdefaults__, cells, used]


def _globals_used(code: CodeType) -> set[str]:
    loads = {each.argval for each in dis.get_instructions(code) if each.opname == "LOAD_GLOBAL"}
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return loads.union(*(_globals_used(each) for each in inner))


def _class(kind: type) -> list[Any]:
    """The classes it is built on, its methods, and its constants."""
    return [kind.__bases__, *(item for item in vars(kind).items() if _is_ours(*item))]


def _is_ours(name: str, value: Any) -> bool:
    code = getattr(value, "__code__", None)
    if name.startswith("__"):  # methods, but none of Python's own notes and descriptors
        return code is not None and code.co_filename != GENERATED
    return not name.startswith("_abc_") and not hasattr(value, "__objclass__")


def _object(value: Any) -> tuple[str, Iterable[Any]]:
    """Anything else: what pickle would write, without the values that it computed for itself."""
    for kind, name in WRAPPERS.items():
        if isinstance(value, kind):
            return kind.__name__, [getattr(value, name)]
    try:
        made = value.__reduce_ex__(4)
    except Exception as error:
        raise TypeError(f"{type(value).__qualname__} does not say what it holds: {error}") from None
    if isinstance(made, str):
        return f"{type(value).__qualname__} {made}", ()
    maker, arguments, state, *rest = [*made, None, None, None][:5]
    if isinstance(state, dict):
        state = {key: each for key, each in state.items() if not _is_cached(value, key)}
    items = [list(each) for each in rest if each is not None]
    return type(value).__qualname__, [maker, arguments, state, *items]


def _is_cached(value: Any, name: str) -> bool:
    return isinstance(getattr(type(value), name, None), cached_property)
