"""What other systems read, read back as they read it."""

import csv
import io
import json
import re
import subprocess

import pytest

from lrcourse.grading import GradingError
from lrcourse.grading.exports import (
    BOM,
    NBGRADER,
    canvas,
    feedback,
    gradescope,
    gradescope_submission,
    moodle,
    nbgrader,
    run_autograder,
    safe_cell,
    setup_sh,
)

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    '=cmd|" /C calc"!A0',
    "＝1",
]


def task(points=2.0, of=2, status="right", said="", title="Step decay", **more):
    lesson = more.get("lesson", "")
    return {
        "title": title, "status": status, "points": points, "of": of, "said": said, "lesson": lesson
    }  # fmt: skip


def record(student="kim", score=3.5, assignment="01_step", **more):
    return {
        "assignment": assignment,
        "student": student,
        "submitted_at": "2026-11-22T21:03:00+00:00",
        "outcome": "graded",
        "reason": "",
        "score": score,
        "of": 5,
        "tasks": {"01.1": task(), "01.2": task(1.5, 3, "wrong", "got 1 < 2.", lesson="floor it")},
        "seconds": 0.2,
        "seed": 7,
        **more,
    }


REVIEW = record("lost", 0.0, outcome="needs review", reason="the sandbox failed.", tasks={})


def rows(text):
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))


# nbgrader --------------------------------------------------------------------------------------


def test_nbgrader_has_its_columns_in_its_order():
    text = nbgrader([record()], {"kim": {"last_name": "김", "email": "k@x.kr"}}, "2026-11-22")
    assert text.splitlines()[0] == ",".join(NBGRADER)
    assert rows(text) == [
        {
            "assignment": "01_step",
            "duedate": "2026-11-22",
            "timestamp": "2026-11-22T21:03:00+00:00",
            "student_id": "kim",
            "last_name": "김",
            "first_name": "",
            "email": "k@x.kr",
            "raw_score": "3.5",
            "late_submission_penalty": "0",
            "score": "3.5",
            "max_score": "5",
        }
    ]


def test_nbgrader_has_the_penalty_beside_the_raw_score():
    [row] = rows(nbgrader([record(score=2.5, raw_score=3.5)]))
    assert (row["raw_score"], row["late_submission_penalty"], row["score"]) == ("3.5", "1", "2.5")


# Canvas ----------------------------------------------------------------------------------------


def test_canvas_finds_its_header_its_students_and_its_assignments():
    """As instructure/canvas-lms, lib/gradebook_importer.rb reads them."""
    records = [record("kimminji_12345"), record("kimminji_12345", 4, "02_exponential")]
    text = canvas([*records, record("lee", 1)], columns={"01_step": "Step decay (4711)"})
    header, possible, *students = csv.reader(io.StringIO(text, newline=""))
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert header[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    assert header[5:] == ["Step decay (4711)", "02_exponential"]
    assert "Points Possible" in possible[0]
    assert possible[5:] == ["", "5"]  # those of an assignment that is there are not touched
    assert students == [
        ["kimminji", "12345", "", "", "", "3.5", "4"],
        ["lee", "", "", "lee", "", "1", ""],
    ]
    assert not text.startswith(BOM)


def test_canvas_takes_names_from_the_list_of_people():
    people = {"lee": {"name": "Lee, Jun", "id": "S77", "email": "lee@x.kr"}}
    [_, lee] = rows(canvas([record("lee")], people))
    assert (lee["Student"], lee["SIS User ID"], lee["SIS Login ID"]) == (
        "Lee, Jun",
        "S77",
        "lee@x.kr",
    )


# Moodle ----------------------------------------------------------------------------------------


def test_moodle_finds_the_participant_the_grade_and_the_feedback():
    text = moodle([record("Kim Minji_12345")])
    assert text.startswith(BOM)
    [row] = rows(text)
    assert row["Identifier"] == "Participant 12345"
    assert (row["Full name"], row["Grade"], row["Maximum Grade"]) == ("Kim Minji", "3.5", "5")
    assert row["Last modified (grade)"] == "-"
    assert "got 1 &lt; 2." in row["Feedback comments"]  # Moodle reads it as HTML


# All of them -----------------------------------------------------------------------------------


def test_what_needs_review_never_becomes_a_zero():
    assert rows(nbgrader([REVIEW]))[0]["score"] == ""
    assert rows(moodle([REVIEW]))[0]["Grade"] == ""
    assert "lost" not in canvas([REVIEW, record()])
    both = [record("lost"), REVIEW | {"assignment": "02"}]
    assert rows(canvas(both))[1]["02"] == ""
    with pytest.raises(GradingError, match="lost: this needs review: the sandbox failed"):
        gradescope(REVIEW)


def test_a_zero_is_a_zero():
    zero = record(score=0.0, outcome="zero", reason="the file is empty.")
    assert rows(nbgrader([zero]))[0]["score"] == "0"
    assert rows(canvas([zero]))[1]["01_step"] == "0"
    assert rows(moodle([zero]))[0]["Feedback comments"] == "the file is empty."
    assert json.loads(gradescope(zero))["score"] == 0


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("export", [nbgrader, canvas, moodle])
def test_no_cell_is_computed_by_a_spreadsheet(export, formula):
    odd = record(formula, assignment=formula, reason=formula, outcome="zero", submitted_at=formula)
    people = {formula: dict.fromkeys(("name", "last_name", "first_name", "email", "id"), formula)}
    cells = [
        cell for row in csv.reader(io.StringIO(export([odd], people), newline="")) for cell in row
    ]
    assert f"'{formula}" in cells
    assert not [cell for cell in cells if re.match(r"\s*[=+@＝]|\s*-.", cell)]


@pytest.mark.parametrize("value", [-1, -0.5, "kim", "", "a=b", "-", "1-2", "김민지"])
def test_harmless_cells_stay_as_they_are(value):
    assert safe_cell(value) == str(value)


@pytest.mark.parametrize("export", [nbgrader, canvas, moodle])
@pytest.mark.parametrize("name", ["김민지", "O'Brien, Pat", 'a"b', "line\nbreak", "ünal; x\t1"])
def test_every_name_comes_back_as_it_was(export, name):
    assert name in [cell for row in rows(export([record(name)])) for cell in row.values()]


def test_figures_have_four_decimals_at_most():
    [row] = rows(nbgrader([record(score=10 / 3)]))
    assert row["score"] == "3.3333"


def test_feedback_is_one_line_per_task():
    assert feedback(record()) == (
        "01.1 Step decay: 2 of 2, right.\n01.2 Step decay: 1.5 of 3, wrong. got 1 < 2. floor it"
    )


# Gradescope ------------------------------------------------------------------------------------


def test_gradescope_gets_the_keys_of_its_specification():
    """https://gradescope-autograders.readthedocs.io/en/latest/specs/"""
    found = json.loads(gradescope(record(score=3.0, raw_score=3.5)))
    known = {
        "score", "execution_time", "output", "output_format", "test_output_format",
        "test_name_format", "visibility", "stdout_visibility", "extra_data", "tests",
    }  # fmt: skip
    assert found.keys() == known
    assert found["score"] == 3.0  # after lateness: it overrides the sum of the tests
    assert found["stdout_visibility"] == "hidden"
    assert found["test_output_format"] == "text"  # a student's own words are no HTML
    assert [each["status"] for each in found["tests"]] == ["passed", "failed"]
    assert found["tests"][1] == {
        "name": "01.2 Step decay",
        "number": "01.2",
        "score": 1.5,
        "max_score": 3,
        "status": "failed",
        "output": "got 1 < 2.\nfloor it",
    }


def test_gradescope_says_who_handed_in():
    metadata = {
        "created_at": "2026-11-22T21:03:00.123-08:00",
        "users": [{"email": "kim@x.kr", "name": "Kim"}, {"email": "lee@x.kr", "name": "Lee"}],
        "assignment": {"due_date": "2026-11-22T21:00:00.000-08:00"},
    }
    found = gradescope_submission(json.dumps(metadata))
    assert found == ("kim@x.kr, lee@x.kr", metadata["created_at"], "2026-11-22T21:00:00.000-08:00")
    own = {**metadata, "users": [{"name": "Kim", "assignment": {"due_date": "2027"}}]}
    assert gradescope_submission(json.dumps(own)) == ("Kim", metadata["created_at"], "2027")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"users": [{}]}', '{"users": 3}'])
def test_gradescope_without_its_metadata_is_one_sentence(text):
    with pytest.raises(GradingError, match="does not say who handed in"):
        gradescope_submission(text)


@pytest.mark.parametrize("script", [run_autograder("01_step"), setup_sh("lrcourse==1.0; rm -rf /")])
def test_the_scripts_for_gradescope_are_bash(script):
    assert script.startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_a_requirement_is_one_word_to_the_shell():
    assert "pip install 'lrcourse==1.0; rm -rf /'\n" in setup_sh("lrcourse==1.0; rm -rf /")
