"""Reading what was handed in: whatever the bytes are, code cells or one of two sentences."""

import contextlib
import json
import random
import re
import time
from pathlib import Path

import pytest

from lrcourse.grading.notebook import (
    MOST_BYTES,
    MOST_CELLS,
    MOST_CODE,
    TooLarge,
    Unreadable,
    read_notebook,
)
from lrcourse.tasks import SECTIONS

ROOT = Path(__file__).parents[2]
EXERCISE = (ROOT / "exercises" / "01_step.ipynb").read_bytes()
SOURCES = ["x = 1\ny = 2", 'check("01.1", f)']


def notebook(cells, **more):
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, **more}).encode()


def code(source, **more):
    return {"cell_type": "code", "source": source, **more}


PLAIN = notebook([code(source) for source in SOURCES])


@pytest.mark.parametrize("section", SECTIONS.values())
def test_every_exercise_of_the_course_is_read_and_says_which_it_is(section):
    data = (ROOT / "exercises" / f"{section}.ipynb").read_bytes()
    submitted = read_notebook(data)
    sources = ["".join(c["source"]) for c in json.loads(data)["cells"] if c["cell_type"] == "code"]
    assert submitted == (tuple(each for each in sources if each.strip()), section)


def test_locked_check_cells_are_cells_like_others():
    assert 'check("01.1", step_decay)' in read_notebook(EXERCISE).cells


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.decode().encode("utf-16"),
        PLAIN.decode().encode("utf-16-le"),
        b"\xfe\xff" + PLAIN.decode().encode("utf-16-be"),
        PLAIN.decode().encode("utf-32"),
        json.dumps(json.loads(PLAIN), indent=1).replace("\n", "\r\n").encode(),
        notebook([code(text.splitlines(keepends=True)) for text in SOURCES]),
        notebook([code(text.splitlines()) for text in SOURCES]),
        notebook([code(text.replace("\n", "\r\n")) for text in SOURCES]),
        notebook([code(text.replace("\n", "\r").splitlines(keepends=True)) for text in SOURCES]),
        notebook([code(text, id=7, metadata=[]) for text in SOURCES], metadata="none"),
        notebook([code([*text.splitlines(keepends=True), None, 3]) for text in SOURCES]),
        PLAIN.replace(b'"nbformat": 4', b'"nbformat": 4, "a": NaN, "b": -Infinity, "c": 1e999'),
        PLAIN.replace(b'"nbformat": 4', b'"nbformat": ' + b"4" * 100_000),
        PLAIN.replace(b'{"cells"', b'{"cells": [], "cells"'),
        notebook([None, 3, {}, code(""), code(None), *(code(text) for text in SOURCES)]),
        notebook([{"cell_type": "markdown", "source": "z"}, *(code(text) for text in SOURCES)]),
        json.dumps(
            {"worksheets": [{"cells": [{"cell_type": "code", "input": s}]} for s in SOURCES]}
        ).encode(),
        b"# %%\nx = 1\ny = 2\n\n# %% [markdown]\n# Why\n\n# %%\n" + SOURCES[1].encode(),
        b'x = 1\ny = 2\n#%% a title tags=["a"]\r\n' + SOURCES[1].encode() + b"\r\n",
        b"# In[ ]:\n\n\nx = 1\ny = 2\n\n\n# In[12]:\n\n" + SOURCES[1].encode(),
    ],
)
def test_the_same_cells_are_read_from_every_way_to_write_them(data):
    assert read_notebook(data).cells == tuple(SOURCES)


def test_a_script_without_marks_is_one_cell():
    assert read_notebook(b"import math\n\ndef f():\n    return 1\n").cells == (
        "import math\n\ndef f():\n    return 1",
    )


def test_half_a_character_does_not_travel_on():
    cells = read_notebook(notebook([code("a = '\ud800'"), code("b = '\U0001f600'")])).cells
    assert cells == ("a = '\ufffd'", "b = '\U0001f600'")


@pytest.mark.parametrize(
    ("source", "section"),
    [
        ("sources/exercises/01_step.py", "01_step"),
        ("sources\\exercises\\01_step.py", "01_step"),
        ("../../etc/passwd", ""),
        ("01_step.py\nx", ""),
        ("a/" * 200 + "01_step.py", ""),
        (["01_step.py"], ""),
        (None, ""),
    ],
)
def test_the_section_is_only_taken_from_what_the_build_writes(source, section):
    data = notebook([code("x")], metadata={"lrcourse": {"source": source}})
    assert read_notebook(data).section == section


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"\0" * 5000, "empty"),
        (EXERCISE[: len(EXERCISE) // 2], "JSON breaks off"),
        (b"hello", "JSON breaks off or is wrong at line 1"),
        (b"[1, 2]", "JSON list"),
        (b"{}", "no cells"),
        (b'{"cells": []}', "no cells"),
        (b'{"cells": {"a": 1}}', "no cells"),
        (b'{"worksheets": [3]}', "no cells"),
        (PLAIN.replace(b"x = 1", b"x = '\xe9'"), r"not UTF-8 text \(byte \d+ is not\)"),
        (b"\xff\xfe\x00\xd8\x00", "not UTF-8"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04 ...", "an archive"),
        (b"<!DOCTYPE html><title>Sign in", "web page"),
        (b"<<<<<<< HEAD\n" + PLAIN, "git conflict"),
    ],
)
def test_what_nobody_can_read_is_a_zero_with_a_reason(data, said):
    with pytest.raises(Unreadable, match=said) as raised:
        read_notebook(data)
    assert re.fullmatch(r"[a-z].{10,150}\.", str(raised.value))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"cells": []}' + b" " * MOST_BYTES, "20.0 MB"),
        (notebook([code("x = 1")] * (MOST_CELLS + 1)), "more than 1,000 code cells"),
        (notebook([code("x" * (MOST_CODE + 1))]), "characters of code"),
        (b'{"x": [' + b"[]," * 2_100_000 + b"[]]}", "2,000,000 JSON values"),
        (b"# %%\n" * 300_000, "characters"),
    ],
)
def test_what_is_too_large_is_for_a_person(data, said):
    with pytest.raises(TooLarge, match=said):
        read_notebook(data)


def test_large_outputs_and_many_empty_cells_are_no_reason_to_stop():
    output = {"output_type": "display_data", "data": {"image/png": "A" * 15_000_000}}
    cells = [code("x", outputs=[output]), *[code("")] * 100_000]
    assert read_notebook(notebook(cells)).cells == ("x",)


# Fuzz ------------------------------------------------------------------------------------------

TOKENS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"\\",
    b"\\ud800",
    b",",
    b":",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
]
TOKENS += [
    b"null",
    b"NaN",
    b"-1e999",
    b"9" * 5000,
    b'"cells"',
    b'"source"',
    b"[" * 3000,
    b"\r",
    b"\n",
]
TOKENS += [
    b'"cell_type"',
    b'"code"',
    b"# %%\n",
    b'"metadata"',
    b'"worksheets"',
    b"\x85",
    b"\xe2\x80\xa8",
]
WEIRD = [
    None,
    True,
    -1,
    1e308,
    "",
    "code",
    [],
    {},
    [[]],
    {"source": 1},
    ["a", ["b"]],
    "\ud800",
    [None],
]


def damaged_bytes(data, rng):
    """The same file with a few bytes changed, cut out, doubled or put in."""
    for _ in range(rng.choice([1, 1, 3, 30])):
        a, b = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        b = min(b, a + rng.choice([1, 10, 1000]))
        put = rng.choice([b"", rng.choice(TOKENS), rng.randbytes(3), data[a:b] * 2])
        data = data[:a] + put + data[b:]
    return data[: rng.choice([len(data)] * 5 + [len(data) // 2])]


def damaged_value(value, rng, chance=0.02):
    """The same JSON with some of its values replaced by what does not belong there."""
    if rng.random() < chance:
        return rng.choice(WEIRD)
    if isinstance(value, dict):
        return {key: damaged_value(each, rng) for key, each in value.items()}
    return [damaged_value(each, rng) for each in value] if isinstance(value, list) else value


def test_thousands_of_damaged_notebooks_raise_nothing_else():
    rng = random.Random(1)
    small = {"cells": json.loads(EXERCISE)["cells"][:6], "metadata": {"lrcourse": {"source": "a"}}}
    whole = json.dumps(small).encode()
    script = b"# %% [markdown]\n# A\n\n# %%\nimport math\n\n# %%\ncheck('01.1', f)\n"
    kinds = {"read": 0, "Unreadable": 0, "TooLarge": 0}
    for number in range(4_000):
        if number % 3 == 0:
            data = json.dumps(damaged_value(small, rng)).encode()
        else:
            data = damaged_bytes(script if number % 3 == 1 else whole, rng)
        if number % 10 == 0:
            data = data.decode("utf-8", "replace").encode(rng.choice(["utf-16", "utf-8-sig"]))
        try:
            submitted = read_notebook(data)
            kinds["read"] += 1
            assert all(type(cell) is str and cell.strip() for cell in submitted.cells)
            "\n".join(submitted.cells).encode()
        except (Unreadable, TooLarge) as error:
            kinds[type(error).__name__] += str(error).count("\n") == 0
    assert sum(kinds.values()) == 4_000
    assert kinds["read"] > 700 < kinds["Unreadable"]


@pytest.mark.parametrize(
    "data",
    [
        b'{"cells": [], "x": ' + b"9" * (MOST_BYTES - 100) + b"}",
        b'{"cells": [], "x": 0.' + b"9" * (MOST_BYTES - 100) + b"}",
        b'{"x": "' + b"\\u1234" * 3_000_000 + b'"}',
        b'{"cells": [' + b'{"cell_type":"code","source":[]},' * 600_000 + b"{}]}",
        b"#" + b" " * (MOST_BYTES - 1),
        b"# " * (MOST_BYTES // 2),
        b"from " + b"a." * (MOST_BYTES // 2 - 10),
        b"#\t" * (MOST_BYTES // 4) + b"\n",
        b"\n" * (MOST_BYTES - 1) + b"{",
        b"<<<<<<<" * (MOST_BYTES // 7),
    ],
    ids=lambda data: data[:20].decode().strip(),
)
def test_no_file_keeps_the_grader_busy(data):
    """They take 0.1 to 1 seconds; what is not bounded takes minutes."""
    started = time.process_time()
    with contextlib.suppress(Unreadable, TooLarge):
        read_notebook(data)
    assert time.process_time() - started < 20
