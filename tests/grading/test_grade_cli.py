"""The commands that an instructor types, on a class with every kind of student."""

import csv
import json
import os
import sys

import pytest

from lrcourse.cli import main
from lrcourse.grading.demo import DUE, expected_file
from lrcourse.grading.records import read_records


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The folder in which a sample class was made and graded, by the two commands."""
    folder = tmp_path_factory.mktemp("class")
    assert main(["demo-class", str(folder / "class")]) == 0
    words = ["grade", str(folder / "class"), "-o", str(folder / "results"), "--jobs", "2"]
    assert main([*words, "--due", str(DUE), "--late", "10%/day"]) == 0
    return folder


def test_every_student_gets_what_the_sample_says(graded):
    with expected_file(graded / "class").open(encoding="utf-8-sig", newline="") as file:
        expected = list(csv.DictReader(file))
    records = {each["student"]: each["tasks"] for each in read_records(graded / "results")}
    assert len(records) == 30
    for row in expected:
        task = records[row["student"]][row["task"]]
        status = "lost" if task["status"] == "lost" else row["status"]
        assert (task["status"], task["mistake"]) == (status, row["mistake"]), row


def test_pages_and_tables_are_there_for_everybody(graded):
    results = graded / "results"
    students = {each["student"] for each in read_records(results)}
    with (results / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert rows.keys() == students
    late = [row for row in rows.values() if float(row["late_submission_penalty"] or 0)]
    assert len(late) == 1
    assert len(list((results / "01_step").glob("*.html"))) == len(students) + 2
    page = (results / "01_step" / "index.html").read_text("utf-8")
    assert "Teach this tomorrow" in page


def test_the_secret_and_the_seed_stand_on_no_page(graded):
    results = graded / "results"
    secret = (results / "secret").read_text().strip()
    seeds = {str(each["seed"]) for each in read_records(results)}
    for page in (results / "01_step").glob("*.html"):
        text = page.read_text("utf-8")
        assert secret not in text
        assert not [seed for seed in seeds if seed in text], page.name


def test_graded_again_nothing_is_done_twice(graded, capsys):
    before = read_records(graded / "results")
    assert main(["grade", str(graded / "class"), "-o", str(graded / "results")]) == 0
    assert read_records(graded / "results") == before
    assert "30 submissions" in capsys.readouterr().out


def test_a_damaged_line_is_told_and_its_submission_graded_again(graded, capsys):
    path = graded / "results" / "records.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], lines[1][1:], *lines[2:]]))
    assert main(["grade", str(graded / "class"), "-o", str(graded / "results")]) == 0
    told = "records.jsonl: lines that cannot be read: 1; what stood there is graded again"
    assert told in capsys.readouterr().out
    *before, again = read_records(graded / "results")
    assert len(before) == 29
    lost = json.loads(lines[1])
    assert (again["student"], again["score"]) == (lost["student"], lost["score"])


def test_a_reader_who_has_read_enough_stops_no_grading(graded, monkeypatch):
    """As with `| head -n 1`, where Python does not wait with what it says."""
    (graded / "results" / "grades.csv").unlink()
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", buffering=1) as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        assert main(["grade", str(graded / "class"), "-o", str(graded / "results")]) == 0
    assert (graded / "results" / "grades.csv").exists()


def test_one_submission_becomes_the_file_of_gradescope(graded, tmp_path, capsys):
    one = next((graded / "class").glob("*/01_step.ipynb"))
    target = tmp_path / "results.json"
    words = ["grade", str(one), "-o", str(tmp_path / "out"), "--gradescope", str(target)]
    assert main(words) == 0
    assert main([*words[:-1], str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path}: it cannot be written (Is a directory)" in said
    found = json.loads(target.read_text("utf-8"))
    assert len(found["tests"]) == 7
    assert found["score"] == sum(test["score"] for test in found["tests"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "name a folder, a notebook or a zip file"),
        (["nowhere"], "there is no nowhere"),
        (["{empty}"], "no notebook of this course was found there"),
        (["{empty}", "--only", "77.7"], "there is no task 77.7"),
        (["{empty}", "--section", "77"], "there is no section 77"),
        (["{empty}", "--late", "much"], "'much' is not understood"),
        (["{empty}", "--due", "soon"], "'soon' is not a time"),
        (["{empty}", "--rubric", "nowhere.csv"], "nowhere.csv: it cannot be read"),
    ],
)
def test_a_wrong_use_gets_one_sentence(tmp_path, capsys, words, sentence):
    words = [word.format(empty=tmp_path) for word in words]
    assert main(["grade", *words, "-o", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
