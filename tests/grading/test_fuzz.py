"""Whatever comes in, the grader stands: a child that lies, damaged notebooks, damaged archives.

Each case has a seed of its own; a failure names it.
"""

import contextlib
import functools
import io
import itertools
import json
import os
import random
import re
import stat
import subprocess
import sys
import time
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from forging import (
    CELLS,
    ERRORS,
    SHORT,
    TEXTS,
    Impostor,
    Listening,
    call_of,
    forged,
    forged_last,
    framed,
    parameters,
    with_other_bytes,
)

from lrcourse.grading.grade import assignment_of, grade
from lrcourse.grading.notebook import read_notebook
from lrcourse.grading.remote import error_like
from lrcourse.grading.reports import write_reports
from lrcourse.grading.sandbox import PRELOADED, Ended, Limits, Lost, Opaque
from lrcourse.grading.sandbox.facts import lost_of, signature_of
from lrcourse.grading.sandbox.inside.wire import LENGTHS, Malformed, Reader
from lrcourse.grading.sandbox.session import _given
from lrcourse.grading.submissions import find_submissions
from lrcourse.tasks import FunctionTask

ROOT = Path(__file__).parents[2]
SECTIONS = ("01_step", "08_pytorch", "10_batch_size")  # 08 has drivers, 01 its own numbers
JUNK = (  # what answers of somebody who knows nothing give
    "0.1234",
    "[0.1234] * 7",
    "(0.1234, 'b', None)",
    "np.full(7, 0.1234)",
    "np.float32(0.1234)",
    "torch.full((7,), 0.1234)",
    "{'a': 0.1234}",
    "'text'",
    "10 ** 30",
    "_[0] / 0",
    "[_[0].append(1)]",
)
LONG = Limits(cell=60.0, call=60.0, wall=600.0)  # where nobody keeps anybody waiting
PLAIN = {type(None), bool, int, float, str, type(...), np.ndarray, torch.Tensor}


@contextlib.contextmanager
def case(seed):
    """Random numbers of this seed, which a failure names."""
    try:
        yield random.Random(seed)
    except BaseException as error:
        error.add_note(f"with seed {seed}")
        raise


def seeds(quick):
    """So many seeds in every run, and ten times as many others in the slow ones."""
    return pytest.mark.parametrize(
        "seeds",
        [
            pytest.param(range(quick), id="quick"),
            pytest.param(range(quick, 11 * quick), id="many", marks=pytest.mark.slow),
        ],
    )


tasks_of = functools.cache(assignment_of)


def solution(section):
    return (ROOT / "solutions" / f"{section}.ipynb").read_bytes()


def junk(section, value):
    """A notebook that hands in something for every task, and nothing right."""
    lines = ["import numpy as np, torch", "from lrcourse.check import check"]
    for task in tasks_of(section).tasks.values():
        if isinstance(task, FunctionTask):
            lines.append(f"check({task.id!r}, lambda *_: {value})")
        else:
            named = dict.fromkeys(task.answers(**task.given()), 0.1234)
            lines.append(f"check({task.id!r}, **{named})")
    return json.dumps({"cells": [{"cell_type": "code", "source": "\n".join(lines)}]}).encode()


@pytest.fixture(scope="module")
def sandbox():
    """A real one that is listened to; what takes longer than here is no student's fault."""
    with Listening(None, Limits(cell=2.0, call=2.0, wall=40.0), PRELOADED) as everything:
        everything.heard = {}
        yield everything


@pytest.fixture(scope="module")
def heard(sandbox):
    """What real processes say: for each section a right notebook, and some that know nothing."""
    return {
        section: [listened_to(sandbox, section, solution(section))]
        + [listened_to(sandbox, section, junk(section, value)) for value in JUNK]
        for section in SECTIONS
    }


def listened_to(sandbox, section, data):
    sandbox.heard = {}
    record = grade(data, tasks_of(section), "kim", 7, sandbox)
    assert record["score"] == (record["of"] if data == solution(section) else 0)
    return sandbox.heard


def graded(section, heard, forge, limits=LONG):
    """The record of a submission whose process is an impostor."""
    impostor = Impostor(heard, forge, limits, PRELOADED)
    record = grade(solution(section), tasks_of(section), "kim", 7, impostor)
    json.dumps(record, allow_nan=False)
    return record


def refuse_unfair(record):
    """Every point that is missing has a reason, and no reason is a fault of ours."""
    assert record["outcome"] in ("graded", "zero"), record["reason"]
    assert (record["outcome"] == "zero") == bool(record["reason"])
    for task in record["tasks"].values():
        assert task["points"] == (task["of"] if task["status"] == "right" else 0)
        assert task["said"]
        assert len(task["said"]) < 5000
    assert record["score"] == sum(task["points"] for task in record["tasks"].values())


# A child that lies ------------------------------------------------------------------------------


def is_plain(value):
    """Data of exactly our types, all the way down."""
    if type(value) in (list, tuple):
        return all(map(is_plain, value))
    if type(value) is dict:
        return all(map(is_plain, [*value.keys(), *value.values()]))
    return type(value) in PLAIN or isinstance(value, np.generic)


def is_plain_or_opaque(value):
    return is_plain(value) or type(value) is Opaque


@seeds(1500)
def test_a_forged_message_gives_plain_data_or_a_loss(heard, seeds):
    said = [each for section in heard.values() for each in section]
    found = Counter()
    for seed in seeds:
        with case(seed) as rng:
            script = rng.choice(said)

            def forge(_, messages, rng=rng):
                return forged(messages, rng)

            forgery = Impostor(script, forge, modules=PRELOADED)
            calls = [each for each in script if each != CELLS]
            with forgery.session([""] * 40, {}, {}) as session:
                for question in [CELLS, *rng.choices(calls, k=2)]:
                    try:
                        refuse_no_data(session, question)
                        found["data"] += 1
                    except Lost as lost:
                        found[lost.kind] += 1
    assert found.keys() <= {"data", "reply", "ended", "time"}
    assert min(found["data"], found["reply"], found["ended"]) > len(seeds) / 10


def refuse_no_data(session, question):
    """Ask for it; what comes back must be data and nothing more."""
    if question == CELLS:
        ran = session.start()
        assert all(type(cell) is int for cell in ran.errors)
        assert all(map(is_plain, [ran.printed, *ran.errors.values()]))
        for given in ran.answers.values():
            assert all(map(is_plain_or_opaque, [given.answer, *given.values.values()]))
        return
    task, calls, driver = call_of(question)
    replies = session.call(task, calls, driver)
    assert len(replies) == len(calls) or (len(replies) < len(calls) and replies[-1].error)
    for reply in replies:
        assert is_plain([reply.value, reply.after, reply.error, reply.text, reply.printed])


@seeds(200)
def test_who_knows_nothing_earns_nothing(heard, seeds, tmp_path):
    records = []
    for seed in seeds:
        with case(seed) as rng:
            section = rng.choice(SECTIONS)
            script = rng.choice(heard[section][1:])

            def forge(question, messages, rng=rng):
                return forged(messages, rng) if rng.random() < 0.3 else None

            record = graded(section, script, forge, SHORT)
            refuse_unfair(record)
            assert record["score"] == 0
            records.append(record | {"student": f"student-{seed}"})
    write_reports(records[:30], tmp_path)
    assert len(list(tmp_path.glob("*/student-*.html"))) == 30


@seeds(200)
def test_a_forged_reply_costs_its_own_task_and_no_other(heard, seeds):
    lost = 0
    for seed in seeds:
        with case(seed) as rng:
            section = rng.choice(SECTIONS)
            right = heard[section][0]
            target = rng.choice([each for each in right if each != CELLS])

            def forge(question, messages, rng=rng, target=target):
                return forged_last(messages, rng) if question == target else None

            record = graded(section, right, forge)
            refuse_unfair(record)
            missed = {key for key, each in record["tasks"].items() if each["status"] != "right"}
            assert missed <= {call_of(target)[0]}
            lost += len(missed)
    assert lost > len(seeds) / 2


@pytest.mark.parametrize("kind", ERRORS, ids=ascii)
def test_whatever_an_error_is_called_it_can_be_raised(kind):
    for text in TEXTS:
        error = error_like(kind, text)
        assert isinstance(error, Exception | SystemExit)
        assert error.args == (text,)


@seeds(3000)
def test_whatever_the_parameters_are_they_are_a_signature_or_malformed(seeds):
    found = Counter()
    for seed in seeds:
        with case(seed) as rng:
            told = {"kind": "function", "name": "f", "parameters": parameters(rng)}
            try:
                given = _given(told, Reader(b""))
            except Malformed:
                found["malformed"] += 1
                continue
            if given.parameters is not None:
                found["signature"] += len(signature_of(given.parameters).parameters) > 1
    assert min(found["malformed"], found["signature"]) > len(seeds) / 50


@pytest.mark.parametrize("number", range(1, 65))
def test_a_process_that_is_ended_by_any_signal_is_its_students_loss(number):
    """Not all of them have a name in Python."""
    lost = lost_of(Ended(number, None, False, 0.1, 0), LONG)
    assert lost.kind in ("ended", "memory")
    assert lost.sentence.endswith(".")


def trickling():
    """A message that never ends."""
    yield LENGTHS.pack(1 << 20, 0)
    while True:
        yield b" "
        time.sleep(0.05)


SLOW = {
    "says nothing": list,
    "stops in the lengths": lambda: [b"\0"],
    "stops in the head": lambda: [LENGTHS.pack(10, 0) + b"{"],
    "stops in the blob": lambda: [LENGTHS.pack(2, 10) + b"{}12"],
    "sends a byte now and then": trickling,
    "begins a cell and no more": lambda: [framed([({"cell": 0}, b"")])],
}


def test_nobody_is_waited_for_beyond_the_time_of_a_submission(heard):
    """All of them side by side, in the cells and in a reply; SHORT.wall is 5 s."""
    script = heard["01_step"][0]
    call = next(each for each in script if each != CELLS)

    def waited(case):
        speaker, slow_at = case

        def forge(question, _):
            return (SLOW[speaker](), False) if question == slow_at else None

        started = time.monotonic()
        impostor = Impostor(script, forge)
        with impostor.session([""] * 20, {}, {}) as session, pytest.raises(Lost) as lost:
            session.call(*call_of(call))
        return lost.value.kind, time.monotonic() - started

    cases = list(itertools.product(SLOW, [CELLS, call]))
    with ThreadPoolExecutor(len(cases)) as pool:
        for name, (kind, seconds) in zip(cases, pool.map(waited, cases), strict=True):
            assert kind in ("time", "reply"), name
            assert seconds < 60, name


LARGE = """
import json, resource, sys, time
from pathlib import Path
from forging import CELLS, Impostor, framed
from lrcourse.grading.grade import assignment_of, grade
from lrcourse.grading.sandbox import Limits

resource.setrlimit(resource.RLIMIT_CPU, (200, 200))
M61 = (1 << 61) - 1  # Python's hash of an integer is its rest by this
MANY = 8_000_000
values = {
    "a tensor of many rows": ({"array": "|b1", "shape": [MANY], "as": "tensor"}, MANY),
    "many empty rows": ({"array": "<f8", "shape": [2**32 - 1, 0], "as": "tensor"}, 0),
    "many axes": ({"array": "|u1", "shape": [6] * 8, "as": "array"}, 6**8),
    "many floats": ({"floats": MANY // 8, "as": "list"}, MANY),
    "many lists": ({"items": [{"items": [], "as": "list"}] * 250_000, "as": "list"}, 0),
    "many digits": ({"items": [10**4000] * 2000, "as": "list"}, 0),
    "much text": ("x" * MANY, 0),
    "keys that collide": ({"map": [[k * M61, 0] for k in range(250_000)]}, 0),
}
section, data = "01_step", Path("solutions/01_step.ipynb").read_bytes()
function = {"kind": "function", "name": "f", "parameters": None}

def graded(report, blob, value=1.0, more=b""):
    def forge(question, _):
        if question == CELLS:
            return [framed([(report, blob)])], False
        count = len(json.JSONDecoder().raw_decode(question)[0]["calls"]["items"])
        replies = [{"value": value if k == 0 else 1.0, "printed": False} for k in range(count)]
        return [framed([({"replies": replies}, more)])], False
    started = time.process_time()
    impostor = Impostor({}, forge, Limits(cell=60.0, call=60.0, wall=600.0))
    record = grade(data, assignment_of(section), "kim", 7, impostor)
    told = [record["reason"], *(task["said"] for task in record["tasks"].values())]
    assert record["score"] == 0 and not [each for each in told if "process" in each], told
    assert record["outcome"] == "graded" or "cannot be read" in record["reason"], record
    assert len(json.dumps(record)) < 100_000
    return time.process_time() - started

def report(errors=(), **answers):
    return {"errors": errors, "printed": "", "learner": "", "answers": answers}

graded(report(**{"01.4": function}), b"")  # what is computed once is computed now
before, took = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, {}
resource.setrlimit(resource.RLIMIT_AS, [(before << 10) + (16 << 30)] * 2)
for name, (value, size) in values.items():
    took[name] = graded(report(**{"01.4": function}), b"", value, bytes(size))
    named = {"kind": "values", "answer": None, "values": {"step_size": {"value": value}}}
    named["values"]["gamma"] = {"value": 1.0}
    took[name] += graded(report(**{"01.5": named}), bytes(size))
wide = {**function, "parameters": [[f"x{k}", "POSITIONAL_ONLY", False] for k in range(150_000)]}
took["many parameters"] = graded(report(**{"01.4": wide}), b"")
took["errors that collide"] = graded(report([[k * M61, ""] for k in range(250_000)]), b"")
took["much printed"] = graded({**report(), "printed": "x" * MANY}, b"")
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([took, after - before]))
"""


def test_the_largest_replies_cost_the_grader_a_bounded_amount():
    """In a process of its own, whose memory and time can be told: 0.2 GB, and at most 3 s each."""
    done = subprocess.run(
        [sys.executable, "-c", LARGE],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    seconds, kilobytes = json.loads(done.stdout)
    assert max(seconds.values()) < 30, seconds
    assert kilobytes < 1 << 20  # a GiB; what comes in has 8 MiB at most


# Notebooks as accidents leave them --------------------------------------------------------------

FOREIGN = (  # cells that somebody left in, and that take nothing away
    *(
        "1 / 0",
        "def broken(:",
        "import nothing_there",
        "raise SystemExit",
        "%matplotlib inline",
    ),
    *(
        "print('x' * 100_000)",
        "undefined",
        "await undefined",
        "!rm -rf /",
        "\ud800",
        "input()",
        "()",
    ),
    *("check('99.9', 1)", "hint('01.1')", "check('01.1', ...)", "del check", "'''", "exit()", "\\"),
)
GRADED = ("01_step", "10_batch_size")


def cells_of(section):
    return json.loads(solution(section))["cells"]


def task_of(cell):
    """The task that the cell answers, or checks the answer of; "" for any other cell."""
    kind, _, name = cell["metadata"].get("nbgrader", {}).get("grade_id", "").partition("-")
    return name.replace("-", ".") if kind in ("answer", "check") else ""


def is_check(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "").startswith("check-")


def rewritten(cell, rng):
    """The same cell as another program writes it."""
    text = "".join(cell["source"])
    source = rng.choice([text, text.splitlines(True), [text], text.replace("\n", "\r\n")])
    more = {"id": rng.choice(["same", 7, None]), "metadata": rng.choice([{}, None, 3, {"tags": 1}])}
    more |= {"outputs": rng.choice([[], None, [{"output_type": 3}]]), "execution_count": "x"}
    return {**rng.choice([{}, more]), "cell_type": cell["cell_type"], "source": source}


def as_file(cells, rng):
    """The cells as a file that Jupyter, or something else, has written."""
    rest = {"metadata": rng.choice([{}, None, []]), "nbformat": rng.choice([4, "4", None])}
    text = json.dumps({**rest, "cells": cells}, indent=rng.choice([None, 1]))
    return text.encode(rng.choice(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))


def rearranged(section, rng):
    """A notebook in which all that is needed stands somewhere."""
    cells = cells_of(section)
    first = next(k for k, cell in enumerate(cells) if cell["cell_type"] == "code") + 1
    for _ in range(rng.choice([1, 3, 10])):
        k = rng.randrange(first, len(cells) - 1)
        way = rng.randrange(4)
        if way == 0:
            cells.insert(k, cells[k])
        elif way == 1:
            cells.insert(k, {"cell_type": "code", "metadata": {}, "source": rng.choice(FOREIGN)})
        elif way == 2 and (cells[k]["cell_type"] != "code" or is_check(cells[k])):
            del cells[k]
        elif way == 3:
            cells[k], cells[k + 1] = cells[k + 1], cells[k]
    return as_file([rewritten(cell, rng) for cell in cells], rng)


def damaged(section, rng):
    """A notebook with answers that are cut, lost or no text, and which tasks had one of them."""
    cells = cells_of(section)
    hurt = rng.sample([cell for cell in cells if task_of(cell)], rng.choice([1, 2, 5]))
    for cell in hurt:
        text = "".join(cell["source"])
        cut = text[: rng.randrange(len(text))]
        cell["source"] = rng.choice([cut, cut, text[len(cut) :], "", 3, None, {"a": 1}, [None, 1]])
    return as_file(cells, rng), {task_of(cell) for cell in hurt}


@seeds(25)
@pytest.mark.parametrize("section", GRADED)
def test_what_is_only_rearranged_keeps_its_points(sandbox, section, seeds):
    for seed in seeds:
        with case(seed) as rng:
            data = rearranged(section, rng)
            record = grade(data, tasks_of(section), "kim", seed, sandbox)
            refuse_unfair(record)
            assert record["score"] == record["of"], record


@seeds(25)
@pytest.mark.parametrize("section", GRADED)
def test_a_damaged_answer_costs_its_own_task_and_no_other(sandbox, section, seeds):
    lost = 0
    for seed in seeds:
        with case(seed) as rng:
            data, hurt = damaged(section, rng)
            record = grade(data, tasks_of(section), "kim", seed, sandbox)
            refuse_unfair(record)
            missed = {key for key, each in record["tasks"].items() if not each["points"]}
            assert missed <= hurt, record["tasks"]
            lost += len(missed)
    assert lost > len(seeds) / 4


@seeds(80)
def test_a_file_with_other_bytes_has_a_record_with_a_reason(sandbox, seeds):
    outcomes = set()
    for seed in seeds:
        with case(seed) as rng:
            data = with_other_bytes(solution("10_batch_size"), rng)
            record = grade(data, tasks_of("10_batch_size"), "kim", seed, sandbox)
            refuse_unfair(record)
            outcomes.add((record["outcome"], record["score"]))
    assert len(outcomes) > 3


@seeds(400)
@pytest.mark.parametrize("section", GRADED)
def test_all_cells_are_read_however_they_are_written(section, seeds):
    for seed in seeds:
        with case(seed) as rng:
            cells = cells_of(section)
            rng.shuffle(cells)
            texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
            written = as_file([rewritten(cell, rng) for cell in cells], rng)
            assert read_notebook(written).cells == tuple(filter(str.strip, texts))


# Archives ---------------------------------------------------------------------------------------


def archive():
    """A zip with all that is wrong in zips, between three that are right; and what is in them."""
    right = {f"{name}/01_step.ipynb": name.encode() * 50 for name in ("kim", "lee", "김민지")}
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as deep:
        deep.writestr("01_step.ipynb", b"park" * 50)
    link = zipfile.ZipInfo("link/01_step.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    others = {"../up/01_step.ipynb": b"up", "/abs/01_step.ipynb": b"abs", "park/hw.zip": None}
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as outer:
        for name, data in {**right, **others}.items():
            outer.writestr(name, inner.getvalue() if data is None else data)
        outer.writestr(link, b"/etc/passwd")
        outer.writestr("lzma/01_step.ipynb", b"lzma", zipfile.ZIP_LZMA)
        outer.writestr("stored/01_step.ipynb", b"stored", zipfile.ZIP_STORED)
    good = {*right.values(), b"park" * 50, b"stored"}
    return whole.getvalue(), good, {*good, b"up", b"abs", b"/etc/passwd", b"lzma"}


def with_other_bits(data, rng):
    """The archive with a few bytes changed; often in its lists, where the names and sizes are."""
    changed = bytearray(data)
    marks = [found.start() for found in re.finditer(b"PK[\1-\5][\2-\6]", data)]
    for _ in range(rng.choice([1, 1, 2, 20])):
        start = rng.choice([0, rng.choice(marks)])
        at = rng.randrange(start, min(len(data), start + (60 if start else len(data))))
        changed[at] = rng.choice([rng.randrange(256), changed[at] ^ 1 << rng.randrange(8), 0, 255])
    return bytes(changed[: rng.choice([len(data)] * 9 + [rng.randrange(len(data))])])


@seeds(1500)
def test_a_damaged_archive_gives_what_was_in_it_or_a_sentence(tmp_path, seeds):
    """A file that is read is one that was handed in, to the last byte: zips have checksums."""
    whole, good, held = archive()
    path = tmp_path / "class.zip"
    path.write_bytes(whole)
    assert {each.read() for each in find_submissions([path]) if not each.problem} == good
    told = Counter()
    for seed in seeds:
        with case(seed) as rng:
            path.write_bytes(with_other_bits(whole, rng))
            for each in find_submissions([path]):
                each.file.encode()
                if each.problem:
                    assert each.problem.endswith(".")
                    told[each.problem] += 1
                else:
                    assert each.read() in held
    assert len(told) > 8
