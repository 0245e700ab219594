"""What other systems read, read back as they read it."""

import csv
import io
import re

import pytest

from lrcourse.grading.exports import (
    BOM,
    NBGRADER,
    canvas,
    feedback,
    lateness,
    moodle,
    nbgrader,
    safe_cell,
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


def test_nbgrader_without_a_deadline_has_none_and_the_students_own_comes_first():
    own = record("lee", due="2026-11-24T21:00:00+00:00")
    dates = [row["duedate"] for row in rows(nbgrader([record(), own]))]
    assert dates == ["", "2026-11-24T21:00:00+00:00"]
    assert rows(nbgrader([own], due="2026-11-22"))[0]["duedate"] == "2026-11-24T21:00:00+00:00"


# Lateness --------------------------------------------------------------------------------------

LATENESS = (
    "student", "assignment", "submitted_at", "time_from", "marked_late_by_canvas", "due",
    "extended_by", "seconds_late", "late_days_used", "raw_score", "score",
)  # fmt: skip


def test_lateness_says_what_was_known_by_what_and_what_it_cost():
    late = record(
        score=2.5, raw_score=3.5, late=True, time_from="times.csv, line 2", tokens=1,
        due="2026-11-20T21:00:00+00:00", extended="ext.csv, line 3", late_seconds=172_980.0,
    )  # fmt: skip
    assert rows(lateness([late, record("lee", submitted_at=None), REVIEW])) == [
        dict(zip(LATENESS, cells.split("|"), strict=True))
        for cells in (
            "kim|01_step|2026-11-22T21:03:00+00:00|times.csv, line 2|yes|2026-11-20T21:00:00+00:00"
            "|ext.csv, line 3|172980|1|3.5|2.5",
            "lee|01_step||||||0|0|3.5|3.5",
            "lost|01_step|2026-11-22T21:03:00+00:00|||||0|0||",
        )
    ]


# Canvas ----------------------------------------------------------------------------------------


def test_canvas_finds_its_header_its_students_and_its_assignments():
    """As instructure/canvas-lms, lib/gradebook_importer.rb reads them."""
    records = [record("kimminji_12345"), record("kimminji_12345", 4, "02_exponential")]
    text = canvas([*records, record("lee", 1)], columns={"01_step": "Step decay (4711)"})
    header, possible, *students = csv.reader(io.StringIO(text, newline=""))
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert header[5:] == ["Step decay (4711)", "02_exponential"]
    assert possible[:5] == ["    Points Possible", "", "", "", ""]
    assert possible[5:] == ["", "5"]  # those of an assignment that is there are not touched
    assert students == [
        ["kimminji", "12345", "", "", "", "3.5", "4"],
        ["lee", "", "", "lee", "", "1", ""],
    ]
    assert not text.startswith(BOM)


def test_canvas_has_columns_that_the_first_student_has_not():
    [possible, *students] = rows(canvas([record("kim"), record("lee", 4, "02_exponential")]))
    assert (possible["01_step"], possible["02_exponential"]) == ("5", "5")
    found = [(row["01_step"], row["02_exponential"]) for row in students]
    assert found == [("3.5", ""), ("", "4")]


@pytest.mark.parametrize(
    ("student", "people", "cells"),
    [
        ("lee", {}, ["", "lee", ""]),
        ("lee", None, ["", "lee", ""]),
        ("Lee Jun_7", {"x": {"name": "X"}}, ["Participant 7", "Lee Jun", ""]),
        ("lee", {"lee": {"name": "Jun Lee", "email": "lee@x.kr"}}, ["", "Jun Lee", "lee@x.kr"]),
    ],
)
def test_every_cell_of_moodle(student, people, cells):
    said = (
        "01.1 Step decay: 2 of 2, right.<br>"
        "01.2 Step decay: 1.5 of 3, wrong. got 1 &lt; 2. floor it"
    )
    [row] = rows(moodle([record(student)], people))
    time = "2026-11-22T21:03:00+00:00"
    assert list(row.values()) == [*cells, "", "3.5", "5", "Yes", time, "-", said]


def test_every_cell_of_nbgrader_about_a_person():
    people = {"kim": {"last_name": "Kim", "first_name": "Minji", "email": "kim@x.kr"}}
    known, unknown = rows(nbgrader([record(), record("lee", submitted_at=None)], people))
    keys = ("timestamp", "student_id", "last_name", "first_name", "email")
    time = "2026-11-22T21:03:00+00:00"
    assert [known[key] for key in keys] == [time, "kim", "Kim", "Minji", "kim@x.kr"]
    assert [unknown[key] for key in keys] == ["", "lee", "", "", ""]


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
    assert ",".join(row) == (  # moodle/moodle, mod/assign/lang/en/assign.php
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade),Feedback comments"
    )
    assert row["Identifier"] == "Participant 12345"
    assert (row["Full name"], row["Grade"], row["Maximum Grade"]) == ("Kim Minji", "3.5", "5")
    assert row["Last modified (grade)"] == "-"
    assert row["Last modified (submission)"] == "2026-11-22T21:03:00+00:00"
    assert rows(moodle([record(submitted_at=None)]))[0]["Last modified (submission)"] == "-"
    assert "got 1 &lt; 2." in row["Feedback comments"]  # Moodle reads it as HTML


# All of them -----------------------------------------------------------------------------------


def test_what_needs_review_never_becomes_a_zero():
    [row] = rows(nbgrader([REVIEW]))
    assert (row["raw_score"], row["late_submission_penalty"], row["score"]) == ("", "", "")
    assert rows(moodle([REVIEW]))[0]["Grade"] == ""
    assert "lost" not in canvas([REVIEW, record()])
    both = [record("lost"), REVIEW | {"assignment": "02"}]
    assert rows(canvas(both))[1]["02"] == ""


def test_a_zero_is_a_zero():
    zero = record(score=0.0, outcome="zero", reason="the file is empty.")
    assert rows(nbgrader([zero]))[0]["score"] == "0"
    assert rows(canvas([zero]))[1]["01_step"] == "0"
    assert rows(moodle([zero]))[0]["Feedback comments"] == "the file is empty."


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


def test_nothing_is_an_empty_cell():
    assert safe_cell(None) == ""


def test_figures_have_four_decimals_at_most():
    [row] = rows(nbgrader([record(score=10 / 3)]))
    assert row["score"] == "3.3333"


def test_feedback_is_one_line_per_task():
    assert feedback(record()) == (
        "01.1 Step decay: 2 of 2, right.\n01.2 Step decay: 1.5 of 3, wrong. got 1 < 2. floor it"
    )
