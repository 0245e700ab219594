"""One submission: what it earns, and that its own code has no say in it."""

import contextlib
import gc
import inspect
import json
import math
import sys

import numpy as np
import pytest

from lrcourse.check import check
from lrcourse.check.judging import Ours
from lrcourse.grading import grade as grading
from lrcourse.grading.grade import HIDDEN, assignment_of, checks_of, grade, seed_for
from lrcourse.grading.notebook import MOST_CELLS
from lrcourse.grading.remote import RemoteFunction
from lrcourse.grading.sandbox import Lost, Session
from lrcourse.tasks import SECTIONS, TASKS, FunctionTask
from tools.build import ROOT

SECRET = b"a secret of the course"
STEP = "01_step"
RIGHT = """
def step_decay(t, peak_lr, step_size, gamma):
    return peak_lr * gamma ** (t // step_size)

check("01.1", step_decay)
"""
RECORDED = ("score", "tasks", "outcome", "reason", "cell_errors", "seed", "spec", "sha256")


def notebook(*cells):
    """A notebook with these code cells, after an import of check()."""
    sources = ["import math\nfrom lrcourse.check import check, given", *cells]
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [
                {"cell_type": "code", "id": f"c{k}", "metadata": {}, "outputs": [], "source": text}
                for k, text in enumerate(sources)
            ],
        }
    ).encode()


@pytest.fixture
def graded(sandbox):
    """`graded(cell, ...)`: the record of a notebook with these cells."""

    def record_of(*cells, section=STEP, student="kim", seed=7, **options):
        data = cells[0] if isinstance(cells[0], bytes) else notebook(*cells)
        return grade(data, assignment_of(section, **options), student, seed, sandbox)

    return record_of


# The course's own notebooks ----------------------------------------------------------------------


@pytest.mark.parametrize("section", SECTIONS.values())
def test_a_solution_earns_all_and_the_untouched_exercise_nothing(graded, section):
    solution = graded((ROOT / "solutions" / f"{section}.ipynb").read_bytes(), section=section)
    wrong = {key: each["said"] for key, each in solution["tasks"].items() if each["points"] == 0}
    assert not wrong
    assert solution["score"] == solution["of"] == sum(task.points for task in tasks_of(section))
    exercise = graded((ROOT / "exercises" / f"{section}.ipynb").read_bytes(), section=section)
    assert exercise["score"] == 0
    assert {each["status"] for each in exercise["tasks"].values()} == {"not attempted"}
    assert exercise["outcome"] == solution["outcome"] == "graded"


def tasks_of(section):
    return [task for task in TASKS.values() if task.id[:2] == section[:2]]


@pytest.mark.parametrize("section", SECTIONS.values())
def test_the_check_of_every_task_is_known_where_a_student_has_deleted_it(section):
    assert set(checks_of(section)) >= {task.id for task in tasks_of(section)}


# What an answer earns ----------------------------------------------------------------------------


def test_what_was_handed_to_check_is_the_answer(graded):
    record = graded(RIGHT)
    assert record["tasks"]["01.1"]["status"] == "right"
    assert record["tasks"]["01.2"]["status"] == "not attempted"
    assert record["score"] == TASKS["01.1"].points


def test_a_renamed_function_counts_and_so_does_one_whose_check_was_deleted(graded):
    renamed = RIGHT.replace("step_decay", "mine")
    assert graded(renamed)["tasks"]["01.1"]["status"] == "right"
    assert graded(RIGHT.replace("check(", "# check("))["tasks"]["01.1"]["status"] == "right"


def test_cells_in_reverse_order_lose_nothing(graded):
    definition, call = RIGHT.strip().split("\n\n")
    assert graded(call, definition)["tasks"]["01.1"]["status"] == "right"


def test_a_stub_that_comes_later_takes_nothing_away(graded):
    stub = "def step_decay(t, peak_lr, step_size, gamma):\n    return ...\n"
    again = graded(RIGHT, f"{stub}\ncheck('01.1', step_decay)")
    assert again["tasks"]["01.1"]["status"] in ("right", "not attempted")
    assert graded(RIGHT, "check('01.1', ...)")["tasks"]["01.1"]["status"] == "right"


def test_a_table_of_the_public_cases_fails_the_hidden_ones_and_learns_nothing(graded):
    public = TASKS["01.1"].cases(np.random.default_rng(0))
    table = {
        (t, *case.arguments.values()): float(TASKS["01.1"].reference(t, *case.arguments.values()))
        for case in public
        for t in case.times
    }
    task = graded(f"table = {table!r}\ncheck('01.1', lambda *values: table.get(values, 0.5))")[
        "tasks"
    ]["01.1"]
    assert (task["status"], task["points"], task["said"]) == ("wrong", 0, HIDDEN)
    assert task["public"] is False
    assert task["expected"] is task["yours"] is None


def test_a_wrong_answer_is_named_and_drawn(graded):
    task = graded(RIGHT.replace("//", "/"))["tasks"]["01.1"]
    assert task["mistake"] == "no floor"
    assert task["said"].startswith("at t = 1, with peak_lr = 1")
    assert len(task["expected"]) == len(task["yours"]) > 3
    assert task["expected"] != task["yours"]


def test_equal_wrong_answers_have_equal_outputs_and_others_have_not(graded):
    def output(formula):
        return graded(RIGHT.replace("gamma ** (t // step_size)", formula))["tasks"]["01.1"][
            "output"
        ]

    assert output("gamma ** (t / step_size)") == output("math.pow(gamma, t / step_size)")
    assert output("gamma ** (t / step_size)") != output("gamma * t")


BROKEN = {
    "another signature": "def step_decay(t, peak_lr): return 1.0",
    "another order": "def step_decay(t, gamma, peak_lr, step_size): return 1.0",
    "raises": "def step_decay(t, peak_lr, step_size, gamma): return 1 / t",
    "an exception of its own": "class Odd(Exception): pass\n"
    "def step_decay(t, peak_lr, step_size, gamma): raise Odd('no')",
    "no name": "def step_decay(t, peak_lr, step_size, gamma): return peak",
    "text": "def step_decay(t, peak_lr, step_size, gamma): return 'much'",
    "nan": "def step_decay(t, peak_lr, step_size, gamma): return math.nan",
    "prints": "def step_decay(t, peak_lr, step_size, gamma): print(1.0)",
    "half": "def step_decay(t, peak_lr, step_size, gamma): return peak_lr if t < 10 else None",
    "dots": "def step_decay(t, peak_lr, step_size, gamma): return ...",
    "no function": "step_decay = 0.5",
    "leaves": "def step_decay(t, peak_lr, step_size, gamma): raise SystemExit(3)",
    "not written": "def step_decay(t, peak_lr, step_size, gamma): raise NotImplementedError",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_student_reads_the_sentence_of_the_notebook(graded, text, monkeypatch, capsys):
    monkeypatch.setenv("LRCOURSE_PROGRESS", "off")
    names = {"math": math}
    exec(text, names)
    here = check("01.1", names["step_decay"])
    capsys.readouterr()
    there = graded(f"{text}\ncheck('01.1', step_decay)")["tasks"]["01.1"]
    assert there["status"] == here.status
    if text != BROKEN["no function"]:  # the value itself stays in the sandbox
        assert there["said"] == here.sentence
    assert capsys.readouterr().out == ""  # what was printed over there stays there


def test_an_answer_that_changes_its_arguments_is_told_so(graded):
    text = (
        "def multi_step_decay(t, peak_lr, milestones, gamma):\n"
        "    passed = 0\n"
        "    while milestones and milestones[0] <= t:\n"
        "        milestones.pop(0)\n"
        "        passed += 1\n"
        "    return peak_lr * gamma**passed\n\n"
        "check('01.2', multi_step_decay)"
    )
    task = graded(text)["tasks"]["01.2"]
    assert task["status"] == "wrong"
    assert "changes what it was given" in task["said"]


def test_a_function_that_ends_the_process_costs_one_task(graded):
    ends = (
        "import os\ndef multi_step_decay(t, peak_lr, milestones, gamma): os._exit(0)\n"
        "check('01.2', multi_step_decay)"
    )
    record = graded(RIGHT, ends)
    assert record["tasks"]["01.1"]["status"] == "right"
    assert record["tasks"]["01.2"]["status"] == "lost"
    assert record["tasks"]["01.2"]["said"]
    assert record["outcome"] == "graded"


def test_all_public_cases_are_asked_before_a_hidden_one(graded, monkeypatch):
    """So that an answer that remembers hidden cases has nobody to whom it could tell them."""
    asked, call = [], Session.call

    def noted(session, task_id, calls, driver=""):
        asked.append(task_id)
        return call(session, task_id, calls, driver)

    monkeypatch.setattr(Session, "call", noted)
    graded((ROOT / "solutions" / f"{STEP}.ipynb").read_bytes())
    functions = [task.id for task in tasks_of(STEP) if isinstance(task, FunctionTask)]
    assert len(functions) > 1
    assert list(dict.fromkeys(asked[: len(asked) // 2])) == functions
    assert asked == [*asked[: len(asked) // 2]] * 2


def test_who_has_no_answer_to_a_hidden_case_has_tried(graded):
    refuse = "    if peak_lr not in KNOWN:\n        raise NotImplementedError\n    return"
    some = RIGHT.replace("    return", refuse)
    public = TASKS["01.1"].cases(np.random.default_rng(0))
    known = {case.arguments["peak_lr"] for case in public}
    task = graded(f"KNOWN = {known!r}", some)["tasks"]["01.1"]
    assert (task["status"], task["said"]) == ("wrong", HIDDEN)


@pytest.mark.parametrize("where", ["start", "call"])
def test_a_fault_of_the_sandbox_is_no_zero(graded, monkeypatch, where):
    def fails(*_):
        raise Lost("sandbox", "the sandbox failed.")

    monkeypatch.setattr(Session, where, fails)
    record = graded(RIGHT)
    assert (record["outcome"], record["reason"]) == ("needs review", "the sandbox failed.")


def test_cells_that_end_every_process_are_a_zero(graded):
    record = graded(*["import os; os._exit(0)"] * 5, RIGHT)
    assert (record["outcome"], record["score"]) == ("zero", 0)


def test_a_notebook_that_is_too_large_is_no_zero(graded):
    record = graded(*["x = 1"] * (MOST_CELLS + 1))
    assert record["outcome"] == "needs review"
    assert "code cells: look at it" in record["reason"]


def test_an_error_in_a_cell_is_reported_and_the_rest_is_graded(graded):
    record = graded("1 / 0", RIGHT)
    assert record["cell_errors"]["1"].startswith("ZeroDivisionError")
    assert record["tasks"]["01.1"]["status"] == "right"


# Values ------------------------------------------------------------------------------------------


def test_values_are_compared_by_name(graded):
    right = TASKS["01.5"].answers(**TASKS["01.5"].given())
    told = ", ".join(f"{name}={value!r}" for name, value in right.items())
    assert graded(f"check('01.5', {told})")["tasks"]["01.5"]["status"] == "right"
    other = graded("check('01.5', speed=1)")["tasks"]["01.5"]
    assert other["said"] == f"the task asks for the values {', '.join(right)}."


def test_what_is_a_number_in_the_notebook_is_one_here(graded):
    own = "class Own:\n    def __float__(self): return 0.4\n"
    failing = "class Own:\n    def __float__(self): raise ValueError\n"
    fraction = "from fractions import Fraction\nOwn = lambda: Fraction(2, 5)\n"
    for made, status in ((own, "right"), (fraction, "right"), (failing, "wrong")):
        record = graded(made, "check('01.5', step_size=30, gamma=Own())")["tasks"]["01.5"]
        assert record["status"] == status
    assert record["said"].startswith("gamma must be a number, got <")
    assert graded("check('01.5', step_size=30, gamma=b'0.4')")["tasks"]["01.5"]["points"] == 0


def test_personal_numbers_are_those_of_the_student(graded):
    task = TASKS["01.5"]
    told = ", ".join(f"{k}={v!r}" for k, v in task.answers(**task.given("kim")).items())
    cell = f"check('01.5', {told})"
    assert graded(cell, student="kim", personal=True)["tasks"]["01.5"]["status"] == "right"
    assert graded(cell, student="lee", personal=True)["tasks"]["01.5"]["status"] == "wrong"
    shown = "print(given('01.5'))"
    assert graded(shown, student="kim", personal=True)["printed"] == f"{task.given('kim')}\n"
    assert graded(shown, student="kim")["printed"] == f"{task.given()}\n"


WHOSE = {  # what the notebook says, who hands it in, whether there are own numbers: what is told
    ("kim", "lee", True): "those of 'lee'; the notebook asks for those of 'kim'.",
    ("kim", "lee", False): "the same for everybody; the notebook asks for those of 'kim'.",
    ("", "lee", True): "those of 'lee': learner('lee') shows them.",
    ("\ud800", "lee", True): "those of 'lee'; the notebook asks for those of '\\ud800'.",
    ("LEE ", "lee", True): "",
    ("lee", "lee", True): "",
    ("", "lee", False): "",
}


@pytest.mark.parametrize(("whose", "told"), WHOSE.items(), ids=map(repr, WHOSE))
def test_numbers_of_somebody_else_are_told_where_an_answer_is_wrong(graded, whose, told):
    asked, student, personal = whose
    said = graded(
        "from lrcourse.check import learner",
        *([f"learner({asked!r})"] if asked else []),
        "check('01.5', step_size=1, gamma=1)",
        student=student,
        personal=personal,
    )["tasks"]["01.5"]["said"]
    assert said.startswith("step_size = 1 and gamma = 1 are not right.")
    assert said.partition(" The numbers are ")[2] == told


def test_a_right_answer_says_nothing_of_whose_numbers(graded):
    task = TASKS["01.5"]
    told = ", ".join(f"{k}={v!r}" for k, v in task.answers(**task.given("lee")).items())
    cells = "from lrcourse.check import learner", "learner('kim')", f"check('01.5', {told})"
    record = graded(*cells, student="lee", personal=True)["tasks"]["01.5"]
    assert record["status"] == "right"
    assert "numbers are" not in record["said"]


# The record --------------------------------------------------------------------------------------


def test_the_same_submission_and_seed_give_the_same_record(graded):
    first, second = graded(RIGHT), graded(RIGHT)
    assert [first[key] for key in RECORDED] == [second[key] for key in RECORDED]
    json.dumps(first, allow_nan=False)
    assert first["late"] is False


def test_nothing_of_a_submission_is_kept_when_it_is_graded(graded):
    """A class of thousands has thousands of hidden cases."""
    counts = []
    for seed in range(1, 6):
        graded(RIGHT, seed=seed)
        gc.collect()
        counts.append(sum(type(each) is Ours for each in gc.get_objects()))
    assert counts[0] > 0  # the public cases are kept
    assert len(set(counts)) == 1


def test_the_seed_needs_the_secret_and_differs_between_students_and_files():
    seeds = {
        seed_for(secret, section, student, data)
        for secret in (SECRET, b"another")
        for section in (STEP, "03_cosine")
        for student in ("kim", "lee")
        for data in (b"first", b"second")
    }
    assert len(seeds) == 16
    assert max(seeds) < 2**63
    assert seed_for(SECRET, STEP, "kim", b"first") in seeds


def test_what_the_score_depends_on_is_in_the_hash():
    spec = assignment_of(STEP).spec
    others = {assignment_of(STEP, only=("01.1",)).spec, assignment_of("03_cosine").spec}
    others.add(assignment_of(STEP, personal=True).spec)
    assert spec not in others
    assert len(others) == 3
    assert assignment_of(STEP).spec == spec


@pytest.mark.parametrize(
    "module",
    [
        "lrcourse.tasks.step",
        "lrcourse.tasks.base",
        "lrcourse.check.judging",
        "lrcourse.check.calling",
        "lrcourse.grading.grade",
    ],
)
def test_another_text_of_what_judges_is_in_the_hash(monkeypatch, module):
    spec, source = assignment_of(STEP).spec, inspect.getsource
    changed = sys.modules[module]
    monkeypatch.setattr(inspect, "getsource", lambda of: source(of) + "#" * (of is changed))
    monkeypatch.setattr(grading, "_hash_of_modules", grading._hash_of_modules.__wrapped__)
    assert assignment_of(STEP).spec != spec


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "empty"), (b"{", "JSON"), (b"[]", "notebook"), (b"\xff\xfe\x00", "")],
)
def test_what_is_no_notebook_is_zero_with_a_reason(graded, data, words):
    record = graded(data)
    assert record["outcome"] == "zero"
    assert words in record["reason"]
    assert record["score"] == 0
    assert record["of"] == sum(task.points for task in tasks_of(STEP))


# A call of the checks, over there ----------------------------------------------------------------


@pytest.fixture(scope="module")
def remote(sandbox):
    """`remote(text, planned)`: the function of this text as the checks call it."""
    cell = "def f(x):\n    {}\n\nfrom lrcourse.check import check\ncheck('01.1', f)"
    opened = contextlib.ExitStack()

    def function(text, *planned):
        session = sandbox.session([cell.format(text)], {}, {})
        opened.enter_context(session)
        given = session.start().answers["01.1"]
        return RemoteFunction(session, TASKS["01.1"], given, planned)

    with opened:
        yield function


@pytest.mark.parametrize(
    ("planned", "asked"),
    [
        (1, 2),
        (1, 1.0),
        (1, True),
        ([1, 2], [1, 3]),
        ([1, 2], [1]),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": 2}),
        (np.array([1.0, 2.0]), np.array([1.0, 3.0])),
    ],
    ids=repr,
)
def test_a_call_that_was_not_planned_has_its_own_answer(remote, planned, asked):
    function = remote("return repr(x)", (planned,), (planned,))
    assert [function(planned), function(asked)] == [repr(planned), repr(asked)]


@pytest.mark.parametrize(
    ("text", "value", "after"),
    [("x.pop()", [1, 2], [1]), ("x.clear(); x['b'] = 2", {"a": 1}, {"b": 2})],
)
def test_what_a_function_did_to_its_argument_is_seen(remote, text, value, after):
    remote(text)(value)
    assert value == after


def test_long_arrays_that_differ_in_the_middle_are_different_outputs():
    arrays = [np.zeros(5000), np.zeros(5000)]
    arrays[1][2500] = 1
    assert len({repr(grading._in_full(each)) for each in arrays}) == 2
