"""The zip for Gradescope: unpacked as Gradescope does it, started by its own bash script."""

import json
import os
import shlex
import stat
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lrcourse.cli import main
from lrcourse.grading import GradingError
from lrcourse.grading.grade import seed_for
from lrcourse.grading.gradescope import (
    NOT_GRADED,
    SETUP,
    Kit,
    failed,
    handed_in,
    kit_zip,
    results_json,
    run_autograder,
)
from lrcourse.grading.gradescope import main as grade_one
from tools.build import ROOT

EXAM = ROOT / "docs" / "exam" / "exam.py"
SOLUTION = (ROOT / "solutions" / "01_step.ipynb").read_bytes()
METADATA = {  # https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/
    "id": 123456,
    "created_at": "2026-11-22T21:03:00.123456-08:00",
    "assignment": {
        "due_date": "2026-11-22T20:00:00.000000-08:00",
        "group_size": None,
        "id": 25828,
        "late_due_date": None,
        "title": "Step decay",
        "total_points": "15.0",
    },
    "users": [{"email": "kim@x.kr", "id": 1234, "name": "Kim Minji"}],
    "previous_submissions": [],
}


def notebook(*cells):
    written = [{"cell_type": "code", "source": cell} for cell in cells]
    return json.dumps({"cells": written, "metadata": {}, "nbformat": 4}).encode()


HOSTILE = notebook(
    "import os, builtins, json, pathlib",
    "for place in ('/autograder', os.environ.get('AUTOGRADER', ''), '.', '..'):\n"
    "    try:\n"
    "        path = pathlib.Path(place, 'results/results.json')\n"
    "        path.write_text(json.dumps({'score': 1000}))\n"
    "    except OSError:\n"
    "        pass",
    "try:\n    os.system('echo {} > /autograder/results/results.json')\nexcept OSError:\n    pass",
    "builtins.abs = lambda x: 0",
    "class Right(float):\n    __eq__ = lambda *_: True",
    "def step_decay(*_):\n    return Right()",
)


@pytest.fixture(scope="module")
def kits(tmp_path_factory):
    """The zips for a section and for an exam, made by the command."""
    folder = tmp_path_factory.mktemp("kits")
    words = ["gradescope-kit", "01", "-o", str(folder / "01.zip"), "--late", "10%/day"]
    assert main([*words, "--seed", "some words"]) == 0
    (folder / "pip.conf").write_text("[global]\n")
    words = ["--strict-level", "1", "--more-time", "2", "--pip-conf", str(folder / "pip.conf")]
    assert main(["gradescope-kit", str(EXAM), "-o", str(folder / "exam.zip"), *words]) == 0
    return folder


def unpacked(kit, home, files, metadata=METADATA):
    """The folder /autograder as it stands in Gradescope's container, with this Python in it."""
    with zipfile.ZipFile(kit) as file:
        file.extractall(home / "source")
    (home / "run_autograder").write_bytes((home / "source" / "run_autograder").read_bytes())
    for folder in ("submission", "results", "lrcourse/bin"):
        (home / folder).mkdir(parents=True)
    (home / "results" / "results.json").write_text('{"score": 1000}')
    for name, data in files.items():
        (home / "submission" / name).write_bytes(data)
    if metadata is not None:
        (home / "submission_metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    python = home / "lrcourse" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    return home


def results_here(home, name):
    """What the program of the script writes, in this process: a start takes as long as ten."""
    script = (home / "run_autograder").read_text()
    words = shlex.split(script.partition('gradescope "$home" \\\n')[2].partition(" 2>&1")[0])
    grade_one([str(home), *words, *(["--strict-level", "4"] if name == "no level" else [])])
    return json.loads((home / "results" / "results.json").read_text("utf-8"))


def results_of(home, name):
    """What the script wrote."""
    environment = os.environ | {"AUTOGRADER": str(home), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        ["bash", str(home / "run_autograder")],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    (home / "output").write_text(done.stdout + done.stderr)
    return json.loads((home / "results" / "results.json").read_text("utf-8"))


BY_THE_SCRIPT = {"right", "broken", "hostile", "no Python"}
SUBMITTED = {
    "right": {"01_step.ipynb": SOLUTION, "scratch.ipynb": notebook("x = 1")},
    "broken": {"01_step.ipynb": SOLUTION[:2000]},
    "hostile": {"01_step.ipynb": HOSTILE},
    "two": {"a.ipynb": notebook("x = 1"), "b.ipynb": notebook("x = 2")},
    "nothing": {"essay.pdf": b"%PDF"},
    "another": {"02_exponential.ipynb": (ROOT / "solutions/02_exponential.ipynb").read_bytes()},
    "exam": {
        "my work.ipynb": notebook(
            "import resource\nallowed, _ = resource.getrlimit(resource.RLIMIT_CPU)",
            "steps = 11730 if allowed == 60 else 0",  # the limits that are told were in force
            "warmup_steps = 586",
        )
    },
    "no metadata": {"01_step.ipynb": SOLUTION},
    "no level": {"01_step.ipynb": SOLUTION},
    "no Python": {"01_step.ipynb": SOLUTION},
}


@pytest.fixture(scope="module")
def found(kits, tmp_path_factory):
    """What stands in results.json for each of them."""

    def graded(name):
        home = tmp_path_factory.mktemp("autograder")
        kit = kits / ("exam.zip" if name == "exam" else "01.zip")
        unpacked(kit, home, SUBMITTED[name], None if name == "no metadata" else METADATA)
        if name == "no Python":
            (home / "lrcourse" / "bin" / "python").unlink()
        return (results_of if name in BY_THE_SCRIPT else results_here)(home, name), home

    with ThreadPoolExecutor(3) as together:
        return dict(zip(SUBMITTED, together.map(graded, SUBMITTED), strict=True))


VISIBILITY = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
OF_A_TEST = {
    "score": (int, float),
    "max_score": (int, float),
    "status": str,
    "name": str,
    "name_format": str,
    "number": str,
    "output": str,
    "output_format": str,
    "tags": list,
    "visibility": str,
    "extra_data": dict,
}
OF_ALL = {
    "score": (int, float),
    "execution_time": (int, float),
    "output": str,
    "output_format": str,
    "test_output_format": str,
    "test_name_format": str,
    "visibility": str,
    "stdout_visibility": str,
    "extra_data": dict,
    "tests": list,
    "leaderboard": list,
}


def assert_is_documented(told, known):
    """Only keys of Gradescope's specification, with the types and words that it names."""
    for key, value in told.items():
        assert isinstance(value, known[key]), key
        assert not isinstance(value, bool), key
        if key.endswith("visibility"):
            assert value in VISIBILITY
        if key.endswith("format"):
            assert value in FORMATS
    assert told.get("status") in (None, "passed", "failed")


@pytest.mark.parametrize("name", SUBMITTED)
def test_there_is_always_a_result_as_it_is_documented(found, name):
    result, _ = found[name]
    assert_is_documented(result, OF_ALL)
    assert result["score"] >= 0
    assert result["stdout_visibility"] == "hidden"
    for test in result["tests"]:
        assert_is_documented(test, OF_A_TEST)


def test_right_work_has_its_points_less_the_day_that_it_was_late(found):
    result, _ = found["right"]
    assert [test["status"] for test in result["tests"]] == ["passed"] * 7
    assert sum(test["score"] for test in result["tests"]) == 15
    assert result["score"] == 13.5
    assert result["output"] == "It was handed in 1.1 hours late: 15 points became 13.5."
    assert result["extra_data"]["level"] >= 2
    seed = seed_for(b"some words", "01_step", "kim@x.kr", SOLUTION)
    assert result["extra_data"]["seed"] == seed


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("broken", "the file is no valid notebook"),
        ("two", "Hand in one notebook, 01_step.ipynb; the notebooks found are: a.ipynb, b.ipynb."),
        ("nothing", "Hand in one notebook, 01_step.ipynb; the notebooks found are: none."),
        ("another", "the notebooks found are: 02_exponential.ipynb."),
    ],
)
def test_a_student_reads_what_was_wrong(found, name, words):
    result, _ = found[name]
    assert result["score"] == 0
    assert words in result["output"]
    assert not any("visibility" in test for test in result["tests"])


def test_hostile_work_has_no_points(found):
    result, home = found["hostile"]
    assert result["score"] == 0
    assert {test["score"] for test in result["tests"]} == {0}
    assert [path.name for path in (home / "results").iterdir()] == ["results.json"]


def test_an_exam_of_ones_own_is_graded_whatever_the_file_is_called(found):
    result, _ = found["exam"]
    assert {test["number"]: test["score"] for test in result["tests"]} == {
        "exam.1": 0,
        "exam.2": 0,
        "exam.3": 0,
        "exam.4": 2,
    }
    assert result["extra_data"]["limits"] == {
        "cpu": 60,
        "cell": 20,
        "call": 10,
        "wall": 120,
    }  # twice what the exam says, as the kit was made


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no metadata", "submission_metadata.json"),
        ("no level", "level 4 was asked for"),
        ("no Python", "The grader did not start"),
    ],
)
def test_where_the_grader_fails_the_instructor_reads_why_and_the_student_does_not(
    found, name, words
):
    result, home = found[name]
    (hidden,) = result["tests"]
    assert hidden["visibility"] == "hidden"
    assert words in hidden["output"]
    assert "score" not in hidden
    assert result["output"] == NOT_GRADED
    assert result["extra_data"] == {"needs_review": True}
    assert name != "no Python" or "lrcourse/bin/python" in (home / "output").read_text()


# The zip ----------------------------------------------------------------------------------------


def test_the_zip_holds_what_the_container_needs(kits):
    with zipfile.ZipFile(kits / "01.zip") as file:
        members = {each.filename: each for each in file.infolist()}
        assert file.read("secret") == b"some words"
    for name in ("setup.sh", "run_autograder"):
        assert stat.S_IMODE(members[name].external_attr >> 16) == 0o755
    course = {name.removeprefix("course/") for name in members if name.startswith("course/")}
    assert {"pyproject.toml", "README.md", "LICENSE", "constraints.txt"} <= course
    assert {"lrcourse/grading/pages/page.css", "exercises/01_step.ipynb"} <= course
    assert not [name for name in members if "__pycache__" in name or "solutions" in name]


def test_each_kit_has_a_secret_of_its_own_unless_one_is_given(kits):
    with zipfile.ZipFile(kits / "exam.zip") as file:
        assert len(file.read("secret")) == 64
        assert b"--strict-level 1" in file.read("run_autograder")
        assert file.read("pip.conf") == b"[global]\n"
        assert file.read("exam.py") == EXAM.read_bytes()
        assert file.read("exam_driver.py") == EXAM.with_name("exam_driver.py").read_bytes()
    assert kit_zip(Kit("a", "01_step")) == kit_zip(Kit("a", "01_step"))
    assert kit_zip(Kit("a", "01_step")) != kit_zip(Kit("b", "01_step"))


def test_what_an_instructor_writes_is_one_word_to_the_shell(tmp_path):
    script = run_autograder(Kit("", "01_step", late="none; touch hacked #"))
    (tmp_path / "results").mkdir()
    for text in (script, SETUP):
        subprocess.run(["bash", "-n"], input=text, text=True, check=True)
    environment = {"PATH": os.environ["PATH"], "AUTOGRADER": str(tmp_path)}
    (tmp_path / "source" / "course").mkdir(parents=True)
    subprocess.run(
        ["bash", "-c", script], env=environment, cwd=tmp_path, check=True, capture_output=True
    )
    assert not list(tmp_path.rglob("hacked"))


def test_setup_installs_the_course_with_the_versions_it_was_tested_with(kits, tmp_path):
    """With stand-ins for apt-get and python3 -m venv that write down what they are asked."""
    home = unpacked(kits / "01.zip", tmp_path / "autograder", {})
    (home / "source" / "pip.conf").write_text("[global]\n")
    stubs = tmp_path / "bin"
    stubs.mkdir()
    for path in (stubs / "apt-get", stubs / "python3", home / "lrcourse" / "bin" / "pip"):
        path.write_text(f'#!/bin/sh\necho "$(basename $0) $* $PIP_CONFIG_FILE" >> {tmp_path}/log\n')
        path.chmod(0o755)
    environment = {"PATH": f"{stubs}:{os.environ['PATH']}", "AUTOGRADER": str(home)}
    setup = ["bash", str(home / "source" / "setup.sh")]
    subprocess.run(setup, env=environment, cwd=home, check=True)
    *_, venv, pip = (tmp_path / "log").read_text().splitlines()
    assert venv.strip() == f"python3 -m venv {home}/lrcourse"
    assert "--constraint constraints.txt --editable ." in pip
    assert pip.endswith(f"{home}/source/pip.conf")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "takes a section or an exam, such as 01 or exam.py, got 0"),
        (["77"], "there is no section 77"),
        (["nowhere.py"], "nowhere.py: it cannot be read"),
        (["01", "--late", "much"], "'much' is not understood"),
        (["01", "--late", "10%/day, 2 tokens"], "late days that a student can spend"),
        (["01", "--more-time", "0"], "--more-time must be from 1 to 100, got 0"),
        (["01", "--pip-conf", "nowhere.conf"], "nowhere.conf cannot be read"),
        (["01", "-o", "no/such/folder/a.zip"], "a.zip"),
    ],
)
def test_a_wrong_use_gets_one_sentence(capsys, tmp_path, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    assert main(["gradescope-kit", *words]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
    assert not list(Path(tmp_path).iterdir())


# results.json -----------------------------------------------------------------------------------


RECORD = {
    "assignment": "01_step",
    "student": "kim",
    "outcome": "graded",
    "reason": "",
    "score": 3.5,
    "of": 5,
    "level": 2,
    "tasks": {
        "01.1": {"title": "Step", "points": 2.0, "of": 2, "said": "", "lesson": ""},
        "01.2": {"title": "Drop", "points": 1.5, "of": 3, "said": "got 1 < 2.", "lesson": "Floor."},
    },
}


def test_a_task_is_a_test_with_what_was_said():
    found = json.loads(results_json(RECORD))
    assert found["score"] == 3.5  # it overrides the sum of the tests, as after lateness
    assert found["test_output_format"] == "text"  # a student's own words are no HTML
    assert found["output"] == ""
    assert [each["status"] for each in found["tests"]] == ["passed", "failed"]
    assert found["tests"][1] == {
        "name": "01.2 Drop",
        "number": "01.2",
        "score": 1.5,
        "max_score": 3,
        "status": "failed",
        "output": "got 1 < 2.\nFloor.",
    }


def test_a_record_that_needs_review_is_no_zero_of_the_student():
    review = {**RECORD, "outcome": "needs review", "reason": "the sandbox failed"}
    assert results_json(review) == failed("this needs review: the sandbox failed")
    zero = {**RECORD, "outcome": "zero", "reason": "the file is empty.", "score": 0.0}
    found = json.loads(results_json(zero))
    assert (found["score"], found["output"]) == (0, "the file is empty.")


def test_gradescope_says_who_handed_in():
    metadata = {
        "created_at": "2026-11-22T21:03:00.123-08:00",
        "users": [{"email": "kim@x.kr", "name": "Kim"}, {"email": "lee@x.kr", "name": "Lee"}],
        "assignment": {"due_date": "2026-11-22T21:00:00.000-08:00"},
    }
    found = handed_in(json.dumps(metadata))
    assert found == ("kim@x.kr, lee@x.kr", metadata["created_at"], "2026-11-22T21:00:00.000-08:00")
    own = {**metadata, "users": [{"name": "Kim", "assignment": {"due_date": "2027"}}]}
    assert handed_in(json.dumps(own)) == ("Kim", metadata["created_at"], "2027")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"users": [{}]}',
        '{"users": 3}',
        '{"users": [], "assignment": {"due_date": 1}}',
    ],
)
def test_without_its_metadata_it_is_one_sentence(text):
    with pytest.raises(GradingError, match="does not say who handed in"):
        handed_in(text)
