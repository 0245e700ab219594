"""Broken files: what arrives under the name of a notebook."""

import codecs
import gzip
import io
import json
import zipfile

from attacks.case import HONEST, Case, answers, notebook
from attacks.exam import ALL, ANSWERS, CHECKS, IMPORTS

SCRIPT = "\n".join(answers())


def unreadable(name: str, said: str, data) -> Case:
    """Zero points, with this in the reason; `data` are bytes, or make them."""
    return Case(name, data if callable(data) else lambda: data, 0, 0, "zero", said)


def too_large(name: str, said: str, file) -> Case:
    """It may be right: a person must look."""
    return Case(name, file, 0, 0, "needs review", said)


def whole(name: str, file, points: int = ALL) -> Case:
    """Odd, but everything in it can be read."""
    return Case(name, file, points, points)


def changed(**fields: object):
    """An honest notebook with other fields."""
    return lambda: json.dumps({**json.loads(HONEST), **fields}).encode()


def with_cells(change):
    """An honest notebook with other cells."""
    return lambda: json.dumps({"cells": change(json.loads(HONEST)["cells"])}).encode()


def each_cell(**fields: object):
    """An honest notebook in which each cell has these fields."""
    return with_cells(lambda cells: [{**cell, **fields} for cell in cells])


def zipped() -> bytes:
    """A zip with the notebook in it, under the notebook's name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("exam.ipynb", HONEST)
    return packed.getvalue()


def of_nbformat_3() -> bytes:
    """As the Notebook of 2014 wrote it."""
    cells = [{"cell_type": "code", "input": [each], "language": "python"} for each in answers()]
    return json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}).encode()


def with_surrogates() -> bytes:
    """Halves of characters, in a text and in a name."""
    return notebook(*answers(), "odd = '\ud800\udfff\udc00'\nprint(odd)", "x\ud800 = 1")


CASES = (
    unreadable("empty", "is empty", b""),
    unreadable("nothing but spaces", "is empty", b" \n\t\r\n" * 100),
    unreadable("nothing but zeros", "is empty", bytes(4096)),
    unreadable("no JSON", "no valid notebook", b"Dear teacher, my notebook is on my other laptop."),
    unreadable("cut off", "breaks off", lambda: HONEST[:-40]),
    unreadable("cut off in a character", "not UTF-8|breaks off", '{"cells": "é'.encode()[:-1]),
    unreadable("not UTF-8", "not UTF-8", b'{"cells": ["\xe9\xff"]}'),
    unreadable("a page of the web", "web page", b"<!DOCTYPE html><html>Log in</html>"),
    unreadable("a PDF", "a PDF", b"%PDF-1.7\n%\xe2\xe3"),
    unreadable("a picture", "a picture", b"\x89PNG\r\n\x1a\n" + bytes(99)),
    unreadable("a zip", "an archive", zipped),
    unreadable("a gzip", "an archive", lambda: gzip.compress(HONEST)),
    unreadable(
        "the marks of a conflict",
        "conflict",
        lambda: HONEST.replace(b'"metadata"', b'\n<<<<<<< HEAD\n"metadata"', 1),
    ),
    unreadable("a list", "JSON list", b"[1, 2]"),
    unreadable("a number", "no valid notebook|JSON", b"15"),
    unreadable("nothing, as JSON says it", "JSON|notebook", b"null"),
    unreadable("a text", "JSON|notebook", b'"15 points"'),
    unreadable("no cells", "no cells", b'{"nbformat": 4, "metadata": {}}'),
    unreadable("an empty list of cells", "no cells", b'{"cells": []}'),
    unreadable("cells that are a text", "no cells", b'{"cells": "hello", "metadata": 7}'),
    unreadable("cells that are a number", "no cells", b'{"cells": 1e999, "nbformat": -1}'),
    unreadable("nested 100,000 deep", "nested too deep", b'{"cells":' + b"[" * 100_000),
    unreadable(
        "nested 100,000 deep, and closed",
        "nested too deep",
        b'{"cells":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
    ),
    too_large("50 MB", "clear the outputs", lambda: notebook(*answers(), "#" + "x" * (50 << 20))),
    too_large(
        "three million values", "JSON values", lambda: b'{"cells": [' + b"0," * 3_000_000 + b"0]}"
    ),
    too_large(
        "100,000 cells, each with something",
        "code cells",
        with_cells(lambda cells: [*cells, *[{"cell_type": "code", "source": "1"}] * 100_000]),
    ),
    too_large("2 MB of code", "characters of code", lambda: notebook("#" * (2 << 20))),
    whole(
        "wrong types everywhere",
        with_cells(
            lambda cells: [
                None,
                1,
                "x",
                [],
                {},
                {"cell_type": 3},
                {"cell_type": "code"},
                {"cell_type": "code", "source": 7},
                {"cell_type": "code", "source": None},
                {"cell_type": "code", "source": {"a": 1}},
                {"cell_type": "code", "source": [1, None, "# text", ["x"]]},
                *cells,
            ]
        ),
    ),
    whole("wrong metadata", changed(metadata=[1], nbformat="four", nbformat_minor=None)),
    whole("fields that nobody knows", changed(widgets={"a": [1] * 1000}, signature=1.5)),
    whole("nbformat 3", of_nbformat_3),
    whole("nbformat 99", changed(nbformat=99)),
    whole("a kernel for R", changed(metadata={"kernelspec": {"name": "ir", "language": "R"}})),
    whole("the mark of UTF-8", lambda: codecs.BOM_UTF8 + HONEST),
    whole("UTF-16", lambda: HONEST.decode().encode("utf-16")),
    whole("UTF-32", lambda: HONEST.decode().encode("utf-32")),
    whole(
        "line ends of Windows",
        with_cells(
            lambda cells: [
                {**each, "source": each["source"].replace("\n", "\r\n")} for each in cells
            ]
        ),
    ),
    whole(
        "line ends of an old Macintosh",
        with_cells(
            lambda cells: [{**each, "source": each["source"].replace("\n", "\r")} for each in cells]
        ),
    ),
    whole(
        "lines in a list",
        with_cells(
            lambda cells: [{**each, "source": each["source"].splitlines(True)} for each in cells]
        ),
    ),
    whole(
        "lines in a list, without their ends",
        with_cells(
            lambda cells: [{**each, "source": each["source"].splitlines()} for each in cells]
        ),
    ),
    whole(
        "15 MB of outputs", each_cell(outputs=[{"output_type": "stream", "text": "z" * 3_000_000}])
    ),
    whole(
        "100,000 empty cells",
        with_cells(lambda cells: [*cells, *[{"cell_type": "code", "source": ""}] * 100_000]),
    ),
    whole("ids twice", each_cell(id="same")),
    whole("ids that are none", each_cell(id=None)),
    whole("keys twice", lambda: b'{"cells": [], "cells": 3, ' + HONEST[1:]),
    whole("NaN and infinities", changed(metadata={"a": float("nan"), "b": float("-inf")})),
    whole(
        "an integer of a million digits", lambda: b'{"a": ' + b"9" * 1_000_000 + b", " + HONEST[1:]
    ),
    whole("halves of characters", with_surrogates),
    whole("zeros in a cell", lambda: notebook(*answers(), "x = '\0'", "y = 1\0")),
    whole(
        "separators of lines that are no lines",
        lambda: notebook(
            *answers(), "x = '\u2028\u2029\x0b\x0c\x85'", "\ufeffy = 1", "\u200bz = 1", "\x0cw = 1"
        ),
    ),
    whole(
        "a cell that says that it is written in Latin-1",
        lambda: notebook(*(f"# -*- coding: latin-1 -*-\n{each}" for each in answers())),
    ),
    whole(
        "tabs and spaces",
        lambda: notebook(
            *(each.replace("    ", "\t") for each in answers()), "if 1:\n\tx = 1\n        y = 2"
        ),
    ),
    whole("a script with cells", lambda: "\n".join(f"# %%\n{each}" for each in answers()).encode()),
    whole("a script without cells", lambda: SCRIPT.encode()),
    whole(
        "a script as Jupyter writes it",
        lambda: "\n".join(
            f"# In[{number}]:\n\n{each}" for number, each in enumerate(answers())
        ).encode(),
    ),
    whole(
        "prose and raw text in between",
        with_cells(
            lambda cells: [
                {"cell_type": "markdown", "source": "while True: pass"},
                *cells,
                {"cell_type": "raw", "source": "import os; os._exit(0)"},
            ]
        ),
    ),
    whole(
        "nothing but prose",
        with_cells(
            lambda cells: [{"cell_type": "markdown", "source": each["source"]} for each in cells]
        ),
        points=0,
    ),
    whole("two answers are missing", lambda: notebook(*answers("cosine", "warmup")), points=3),
    whole(
        "a mistake of syntax in every cell",
        lambda: notebook(*(f"{each}\n)" for each in answers())),
        points=0,
    ),
    whole("all in one cell", lambda: notebook(SCRIPT)),
    whole(
        "a cell for each line of imports, and the checks are gone",
        lambda: notebook(*IMPORTS.strip().splitlines(), *ANSWERS.values()),
    ),
    whole("the checks come first", lambda: notebook(IMPORTS, *CHECKS.values(), *ANSWERS.values())),
)
