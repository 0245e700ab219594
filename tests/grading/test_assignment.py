"""An assignment of an instructor's own: from the file to the scores, and what is refused."""

import csv
import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from lrcourse.cli import main
from lrcourse.grading import GradingError
from lrcourse.grading.assignment import own_assignment, own_tasks, read_assignment
from lrcourse.grading.assignment_check import check_assignment, refuse_faults
from lrcourse.grading.grade import assignment_of, grade
from lrcourse.grading.records import read_records
from lrcourse.grading.sandbox import Limits, Sandbox
from lrcourse.grading.sandbox.limits import STANDARD, USUAL

EXAM = Path(__file__).parents[2] / "docs" / "exam" / "exam.py"
POINTS = {"exam.1": 3, "exam.2": 3, "exam.3": 3, "exam.4": 2}
DECAY = "def linear_decay(t, peak_lr, steps):\n    return max(0, peak_lr - peak_lr * t / steps)"
PLATEAU = """
class DropOnPlateau:
    def __init__(self, lr, patience):
        self.rates, self.losses, self.patience, self.since = [lr], [], patience, 0

    def step(self, loss):
        self.since = 0 if loss < min(self.losses, default=1e9) else self.since + 1
        self.losses.append(loss)
        lr = self.rates[-1]
        if self.since == self.patience + 1:
            lr, self.since = lr * 0.5, 0
        self.rates.append(lr)
        return lr
"""
TRAIN = """
def train(optimizer, scheduler, loss_of, steps):
    losses = []
    while len(losses) < steps:
        losses.append(optimizer.step(lambda: backward(loss_of, optimizer)).item())
        scheduler.step()
    return losses

def backward(loss_of, optimizer):
    optimizer.zero_grad()
    loss = loss_of()
    loss.backward()
    return loss
"""
NUMBERS = "steps = 30 * 391\nwarmup_steps = int(0.05 * steps)"
RIGHT = (DECAY, PLATEAU, TRAIN, NUMBERS)
EQUAL_TO_ALL = """
class Right(float):
    def __eq__(self, other): return True
    def __float__(self): return 0.0
    def __sub__(self, other): return self
    __rsub__ = __mul__ = __add__ = __sub__
"""


def notebook(*cells, **metadata):
    """The file that a student hands in."""
    written = [{"cell_type": "code", "source": cell} for cell in cells]
    return json.dumps({"cells": written, "metadata": metadata, "nbformat": 4}).encode()


SUBMISSIONS = {  # student -> the file, and the tasks that have points
    "right": (notebook(*RIGHT), "1234"),
    "of-another-section": (
        notebook(*RIGHT, lrcourse={"source": "sources/exercises/01_step.py"}),
        "1234",
    ),
    "calls-check": (
        notebook(
            "from lrcourse.check import check",
            DECAY.replace("linear_decay", "mine") + "\ncheck('exam.1', mine)",
            *RIGHT[1:],
        ),
        "1234",
    ),
    "half": (notebook(DECAY.replace("max(0, ", "("), PLATEAU, NUMBERS.replace("391", "390")), "2"),
    "untouched": (EXAM.with_suffix(".ipynb").read_bytes(), ""),
    "one-cell-fails": (notebook(DECAY, "1 / 0", *RIGHT[1:]), "1234"),
    "forges-equality": (
        notebook(
            EQUAL_TO_ALL,
            "def linear_decay(t, peak_lr, steps):\n    return Right(0)",
            "class DropOnPlateau:\n    __init__ = lambda *_: None\n    step = lambda *_: Right()",
            "def train(*_):\n    return [Right()] * 4",
            "steps = warmup_steps = Right()",
        ),
        "",
    ),
    "imports-the-answers": (
        notebook(
            "try:\n    from exam import *\nexcept ImportError:\n    pass",
            "try:\n    from lrcourse.grading.assignment import *\nexcept ImportError:\n    pass",
            f"try:\n    exec(open({str(EXAM)!r}).read())\nexcept OSError:\n    pass",
        ),
        "",
    ),
    "leaves-in-a-driver": (notebook(DECAY, "class DropOnPlateau:\n    def __init__(self, lr, "
                                    "patience):\n        import os; os._exit(0)", NUMBERS), "14"),
    "never-ends-in-a-driver": (
        notebook("def train(optimizer, scheduler, loss_of, steps):\n    while True: pass", DECAY),
        "1",
    ),
    "looks-for-the-reference": (
        notebook(
            "import gc",
            "def linear_decay(t, peak_lr, steps):\n"
            "    known = [f for f in gc.get_objects() if getattr(f, '__name__', '') =="
            " 'linear_decay' and f is not linear_decay]\n"
            "    return known[0](t, peak_lr, steps)",
        ),
        "",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The folder of results of a class, graded by the command."""
    folder = tmp_path_factory.mktemp("exam")
    for student, (data, _) in SUBMISSIONS.items():
        place = folder / "class" / student
        place.mkdir(parents=True)
        (place / "whatever I called it.ipynb").write_bytes(data)
    words = ["grade", str(folder / "class"), "-o", str(folder / "results"), "--jobs", "2"]
    assert main([*words, "--assignment", str(EXAM)]) == 0
    return folder / "results"


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_every_submission_gets_its_points(results, student):
    (record,) = [each for each in read_records(results) if each["student"] == student]
    assert record["outcome"] == "graded"
    assert record["assignment"] == "exam"
    earned = {key: task["points"] for key, task in record["tasks"].items()}
    tasks = {f"exam.{number}" for number in SUBMISSIONS[student][1]}
    assert earned == {key: points * (key in tasks) for key, points in POINTS.items()}
    assert record["score"] == sum(earned.values())
    assert record["of"] == 11


def test_mistakes_have_their_names_and_nothing_done_is_not_attempted(results):
    tasks = {each["student"]: each["tasks"] for each in read_records(results)}
    assert tasks["half"]["exam.1"]["mistake"] == "falls below zero"
    assert tasks["half"]["exam.4"]["mistake"] == "drops the last batch"
    assert {task["status"] for task in tasks["untouched"].values()} == {"not attempted"}
    assert tasks["leaves-in-a-driver"]["exam.2"]["status"] == "lost"
    assert tasks["never-ends-in-a-driver"]["exam.3"]["status"] == "lost"


def test_the_pages_say_the_title_and_which_limits_applied(results):
    limits = {"cpu": 30, "cell": 10, "wall": 60}
    assert all(each["limits"] == limits for each in read_records(results))
    pages = list((results / "exam").glob("*.html"))
    assert len(pages) == len(SUBMISSIONS) + 2
    for page in pages:
        text = page.read_text("utf-8")
        assert "cpu 30 s, cell 10 s, wall 60 s" in text, page.name
        assert "Learning rates, a small exam" in text, page.name


def test_the_tables_know_the_assignment(results):
    with (results / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert rows.keys() == SUBMISSIONS.keys()
    assert {row["assignment"] for row in rows.values()} == {"exam"}
    assert rows["right"]["score"] == rows["right"]["max_score"] == "11"


def test_another_text_of_the_exam_or_of_its_driver_is_another_exam():
    """By this hash it is seen what has to be graded again."""
    own = read_assignment(EXAM)
    ((file, text),) = own.drivers
    longer = own._replace(drivers=((file, text + "\n"),))
    several = [own, own._replace(text=own.text + "\n"), longer]
    assert len({own_assignment(each).spec for each in several}) == 3
    slower = replace(own_assignment(own), limits=own_assignment(own).limits.longer(3))
    assert slower.spec != own_assignment(own).spec == own_assignment(read_assignment(EXAM)).spec


# The file ---------------------------------------------------------------------------------------

HEAD = "from lrcourse.grading.assignment import *\n"
TASK = """
def double(x):
    return 2 * x

def cases(rng):
    return [Case({"x": float(x)}) for x in rng.uniform(1, 9, 3)]

TASKS = [FunctionTask(id="a", title="Double", points=1, reference=double, cases=cases)]
"""


def written(folder, text, name="own.py"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1\n", "own.py: it has no TASKS"),
        ("TASKS = ()\n", "own.py: it has no TASKS"),
        ("x = 1\ny = (\n", "own.py, line 2: '(' was never closed"),
        ("x = 1\nimport nowhere_at_all\n", "own.py, line 2: ModuleNotFoundError"),
        ("import sys\nsys.exit('bye')\n", "own.py, line 2: SystemExit: bye"),
        ("TASKS = [1]\n", "TASKS holds a int"),
        (TASK + "TASKS *= 2", "two tasks have the id 'a'"),
        (TASK.replace('id="a"', 'id=""'), "a task cannot have the id ''"),
        (TASK.replace('id="a"', 'id="a/../b"'), "cannot have the id 'a/../b'"),
        (TASK.replace("points=1", "points=0"), "task a must have points, a number above 0, got 0"),
        (TASK.replace("points=1", "points='2'"), "a number above 0, got '2'"),
        (TASK.replace("points=1", "points=True"), "a number above 0, got True"),
        (TASK.replace("points=1", "points=1e999"), "a number above 0, got inf"),
        (TASK.replace("reference=double", "reference=lambda x: 2 * x"), "has no name"),
        (TASK.replace("cases=cases", "cases=cases, driver='d.py:f'"), "d.py: it cannot be read"),
        (TASK.replace("cases=cases", "cases=cases, driver='no.such:f'"), "which is not there"),
        (TASK + "LIMITS = {'cell': 3}", "LIMITS must be Limits(...), got {'cell': 3}"),
        (TASK + "LIMITS = Limits(cell=0)", "cell must be above 0, got 0"),
        (TASK + "LIMITS = Limits(memory=(64 << 20) - 1)", "at least 67,108,864, got 67,108,863"),
        (TASK + "LIMITS = Limits(cell=60)", "cell = 60 s is more than cpu = 20 s"),
        (TASK + "LIMITS = Limits(call=60)", "call = 60 s is more than cpu = 20 s"),
        (TASK + "LIMITS = Limits(wall=1e999)", "wall must be above 0, got inf"),
        (TASK + "LIMITS = Limits(cpu=60)", "cpu = 60 s is more than wall = 30 s"),
        (
            "TASKS = [ValuesTask(id='v', title='', points=1, answers=lambda: 1 / 0)]",
            "the answers of task v fail: ZeroDivisionError",
        ),
    ],
)
def test_a_file_that_is_no_assignment_gets_one_sentence(tmp_path, capsys, text, sentence):
    path = written(tmp_path, HEAD + text if "TASKS" in text else text)
    (tmp_path / "class").mkdir()
    words = ["grade", str(tmp_path / "class"), "-o", str(tmp_path / "out")]
    assert main([*words, "--assignment", str(path)]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_half_a_point_is_half_a_point(tmp_path, small):
    own = read_assignment(written(tmp_path, HEAD + TASK.replace("points=1", "points=0.5")))
    record = grade(notebook("def double(x): return x + x"), own_assignment(own), "kim", 7, small)
    assert record["score"] == record["of"] == 0.5


def test_limits_may_be_equal_to_what_they_are_part_of(tmp_path):
    limits = "LIMITS = Limits(cell=30, call=30, cpu=30, wall=30, memory=64 << 20)"
    own = read_assignment(written(tmp_path, HEAD + TASK + limits))
    assert own_assignment(own).limits == Limits(cell=30, call=30, cpu=30, wall=30, memory=64 << 20)


def test_a_file_of_notepad_is_read_and_one_that_is_no_utf_8_is_refused(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(HEAD + TASK, encoding="utf-8-sig")
    assert own_assignment(read_assignment(path)).of == 1
    path.write_text(HEAD + TASK, encoding="utf-16")
    with pytest.raises(GradingError, match=r"own\.py: it is not UTF-8 text; save it as that"):
        read_assignment(path)


@pytest.mark.parametrize("name", ["01_step.py", "secret.py", "my exam.py", "exam.txt", "_.py"])
def test_a_name_that_would_be_confused_is_refused(tmp_path, name):
    with pytest.raises(GradingError, match="a Python file with a name of its own"):
        read_assignment(written(tmp_path, HEAD + TASK, name))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(GradingError, match="it cannot be read"):
        read_assignment(tmp_path / "own.py")


# n is 7 for everybody, and 8, 3 and 1 for the first learners of a proof.
VALUES = """
def draw(rng):
    return {"n": int(rng.integers(0, 9))}

TASKS = [ValuesTask(id="a", title="", points=1, draw=draw, answers=lambda n: {"a": n + 1},
                    mistakes=(Mistake("m", lambda n: {"a": n}, ""),))]
"""
FAULTS = [
    (TASK.replace("return 2 * x", "return 1 / 0"), "ZeroDivisionError"),
    (TASK.replace("return 2 * x", "return float('nan')"), "nan, which is not a number"),
    (
        TASK.replace("cases=cases", "cases=cases, mistakes=(Mistake('m', lambda x: x + x, ''),)"),
        "the mistake 'm', seed 0, is right",
    ),
    (TASK.replace("(1, 9, 3)", "(1, 9, 0)"), "gives no case"),
    (TASK.replace("rng.uniform(1, 9, 3)", "[object()]").replace("float(x)", "x"), "type object"),
]


@pytest.mark.parametrize(("text", "sentence"), FAULTS)
def test_an_assignment_that_is_wrong_grades_nobody(tmp_path, text, sentence):
    with pytest.raises(GradingError, match=sentence) as caught:
        refuse_faults(read_assignment(written(tmp_path, HEAD + text)))
    assert str(caught.value).startswith("own.py: task a: ")


def test_the_options_of_the_course_are_not_for_an_exam(tmp_path, capsys):
    for words in (["--section", "01"], ["--personal"]):
        assert main(["grade", str(tmp_path), "--assignment", str(EXAM), *words]) == 2
        assert f"{words[0]} is for the course's exercises" in capsys.readouterr().err
    assert main(["grade", str(tmp_path), "--assignment", str(EXAM), "--only", "01.1"]) == 2
    assert "there is no task 01.1; write such as --only exam.1,exam.3" in capsys.readouterr().err
    assert main(["grade", str(tmp_path), "--more-time", "0.1"]) == 2
    assert "--more-time must be from 1 to 100, got 0.1" in capsys.readouterr().err


def test_an_assignment_travels_as_text(tmp_path):
    copied = pickle.loads(pickle.dumps(read_assignment(EXAM)))
    assert list(own_assignment(copied).tasks) == list(POINTS)
    assert own_assignment(copied).spec == own_assignment(read_assignment(EXAM)).spec
    assert own_assignment(copied, ["exam.2"]).of == 3


# Its own proof ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small():
    with Sandbox(
        limits=Limits(cell=2.0), modules=(*STANDARD, "numpy", "lrcourse.handouts")
    ) as sandbox:
        yield sandbox


def test_the_example_is_right(capsys):
    assert main(["check-assignment", str(EXAM), "--seeds", "5"]) == 0
    told = capsys.readouterr().out
    assert "4 tasks, 11 points, tried on 5 seeds" in told
    assert "the reference has 11 of 11 points" in told
    assert "no fault" in told


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        *FAULTS,
        (TASK.replace("(1, 9, 3)", "(1, 1, 3)"), "the hidden cases of seed 1 are the public ones"),
        (
            TASK.replace("rng.uniform", "__import__('numpy').random.default_rng().uniform"),
            "are not always the same",
        ),
        (
            TASK.replace("cases=cases", "cases=cases, mistakes=(Mistake('m', lambda x: x, ''), "
                         "Mistake('n', lambda x: 3 * x - 2 * x, ''))"),
            "the mistake 'n' is called m",
        ),
        (TASK.replace("cases=cases", "cases=cases, mistakes=(Mistake('m', lambda x: ..., ''),)"),
         "the mistake 'm', seed 0, is not attempted"),
        (TASK.replace("cases=cases", "cases=cases, also_right=(lambda x: 2 * x, lambda x: x)"),
         "also_right[1], seed 0: "),
        (TASK.replace("(1, 9, 3)", "(1, 9, rng.integers(2))"), "gives no case"),
        (VALUES.replace("n + 1", "1 / (n - 3)"), "its own code fails: ZeroDivisionError"),
        (VALUES.replace("n + 1", "n + 1 if n != 3 else float('nan')"),
         "the right values of learner 'learner 2' are not right"),
        (VALUES.replace('{"a": n}', '{"a": n + (n == 3)}'), "the mistake 'm', seed 2, is right"),
        (
            TASK.replace("return 2 * x", "import lrcourse.tasks; return 2 * x"),
            "the reference in the sandbox is wrong",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_assignment_is_found(tmp_path, small, text, sentence):
    own = read_assignment(written(tmp_path, HEAD + text))
    assert any(sentence in fault for fault in check_assignment(own, small, 4).faults)


def test_faults_end_the_command_with_code_2(tmp_path, capsys):
    path = written(tmp_path, HEAD + TASK.replace("(1, 9, 3)", "(1, 1, 3)"))
    assert main(["check-assignment", str(path), "--seeds", "3"]) == 2
    told = capsys.readouterr()
    assert "FAULT a: the hidden cases of seed 1 are the public ones" in told.out
    assert "own.py: 1 fault, told above" in told.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "takes one file, such as exam.py, got 0"),
        (["a.py", "b.py"], "got 2"),
        (["a.py", "--seeds", "1"], "--seeds must be 2 or more, got 1"),
        (["a.py"], "a.py: it cannot be read"),
    ],
)
def test_a_wrong_use_of_check_assignment_gets_one_sentence(capsys, words, sentence):
    assert main(["check-assignment", *words]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1


# Drivers ----------------------------------------------------------------------------------------


def graded_with(small, folder, driver, answer):
    """The record of one task, `double`, that is used by this driver."""
    written(folder, driver, "own_driver.py")
    driven = TASK.replace("cases=cases", "cases=cases, driver='own_driver.py:use'")
    own = read_assignment(written(folder, HEAD + driven))
    assert callable(own_tasks(own)[0].harness)
    record = grade(notebook(answer), own_assignment(own), "kim", 7, small)
    return record["tasks"]["a"]


def test_a_driver_may_import_count_and_complain(tmp_path, small):
    driver = (
        "from dataclasses import dataclass\nfrom lrcourse.handouts import Unlike\n"
        "@dataclass\nclass Kept:\n    calls: 'int' = 0\n"
        "def use(answer, x):\n    if answer(0) is None:\n        raise Unlike('give a number')\n"
        "    return [answer(x), Kept(1).calls]\n"
    )
    right = graded_with(small, tmp_path, driver, "def double(x): return x + x")
    assert right["points"] == 1
    wrong = graded_with(small, tmp_path, driver, "def double(x): pass")
    assert (wrong["status"], wrong["said"]) == ("wrong", "give a number.")


def test_a_driver_that_cannot_run_over_there_is_told(tmp_path, small):
    driver = "import lrcourse\nimport numpy\ndef use(answer, x):\n    return open_file() or x\n"
    driver += "def open_file():\n    return open('/etc/hostname').read() and 0\n"
    told = graded_with(small, tmp_path, driver, "def double(x): return 2 * x")
    assert told["status"] == "wrong"
    assert "PermissionError" in told["said"] or "FileNotFoundError" in told["said"]


def test_only_plain_data_comes_out_of_a_driver(tmp_path, small):
    driver = "def use(answer, x):\n    return answer(x)\n"
    told = graded_with(small, tmp_path, driver, "def double(x): return object()")
    assert told["status"] == "wrong"
    assert "type object cannot be graded" in told["said"]


# Limits -----------------------------------------------------------------------------------------


def test_a_section_that_trains_has_more_time_and_says_so():
    assert assignment_of("06_warmup").limits == USUAL._replace(cell=20.0, cpu=40.0, wall=60.0)
    assert assignment_of("01_step").limits == USUAL


def test_longer_limits_are_longer_in_time_alone():
    assert Limits().longer(3) == Limits(cpu=60, cell=15, call=15, wall=90)
    assert Limits(cell=3.0).longer(1).unusual() == {"cell": 3.0}
