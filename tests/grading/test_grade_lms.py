"""From the download of a learning system and back, by the command that a TA types."""

import contextlib
import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from test_gradebooks import CANVAS, rows_of
from test_submissions import notebook, zip_file

from lrcourse.cli import main
from lrcourse.grading.grade import seed_for
from lrcourse.grading.records import read_records
from lrcourse.tasks import TASKS

ROOT = Path(__file__).parents[2]
RIGHT = (ROOT / "solutions" / "01_step.ipynb").read_bytes()
EMPTY = (ROOT / "exercises" / "01_step.ipynb").read_bytes()
DOWNLOAD = {
    "kimminji_12345_1_01_step.ipynb": EMPTY,
    "kimminji_12345_2_01_step-1.ipynb": RIGHT,
    "kimminji_12346_3_01_step.ipynb": EMPTY,
    "leejun_LATE_222_4_01_step.ipynb": RIGHT,
    "parkhana_55_5_01_step.ipynb": RIGHT,  # has left the course
    "김민지_41_6_01_step.ipynb": RIGHT,
}
TIMES = "student,submitted_at (Asia/Seoul)\nlee@x.kr,2026-11-23 09:00\n12345,2026-11-23 12:00\n"
EXTENSIONS = "student,due,assignment\nkimminji_12345,2026-11-24T00:00+09:00,01\n"


def made(folder):
    """A class of Canvas with everything that an instructor has."""
    zip_file(folder, DOWNLOAD)
    (folder / "gradebook.csv").write_text(CANVAS.replace("4.00", "100.00"), "utf-8")
    (folder / "times.csv").write_text(TIMES)
    (folder / "extensions.csv").write_text(EXTENSIONS)
    return folder


def command(folder, *words):
    files = {"gradebook": "gradebook", "times": "times", "extensions": "extensions"}
    given = [f"--{option}={folder / name}.csv" for option, name in files.items()]
    always = ["grade", str(folder / "submissions.zip"), "-o", str(folder / "results")]
    late = ["--jobs", "1", "--only", "01.1", "--due", "2026-11-22T23:59+09:00", "--late", "10%/day"]
    return [*always, *late, *given, *words]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The folder of a class that was graded, and what was said."""
    folder = made(tmp_path_factory.mktemp("canvas"))
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        assert main(command(folder, "--column", "01=4711")) == 0
    return folder, told.getvalue()


def table_of(results):
    with (results / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {(row["student_id"], row["assignment"]): row for row in csv.DictReader(file)}


def test_an_unclear_column_is_refused_before_anything_is_graded(tmp_path, capsys):
    assert main(command(made(tmp_path), "--column", "01=12")) == 2
    told = capsys.readouterr().err
    assert "no columns can be 12; name it" in told
    assert told.count("\n") == 1
    assert not read_records(tmp_path / "results")


def test_a_canvas_class_comes_back_as_canvas_wants_it(graded):
    folder, told = graded
    rows = rows_of((folder / "results" / "canvas.csv").read_text("utf-8"))
    assert {row[1]: row[5] for row in rows[3:]} == {"12345": "100", "12346": "0", "222": "90"}
    for said in (
        "not filled in: parkhana_55: nobody has the number 55 there.",
        "김민지 is excused, and this stays.",
        "points are 100 there; scores are scaled.",
        "4 of 7 students there keep what they have.",
        "these are not late (--times gives it): kimminji_12346, parkhana_55, 김민지_41.",
    ):
        assert said in told


def test_names_deadlines_and_marks_are_in_the_table_and_the_records(graded):
    results = graded[0] / "results"
    grades = {student: row for (student, _), row in table_of(results).items()}
    assert grades["leejun_222"]["first_name"] == "Jun"
    assert float(grades["leejun_222"]["late_submission_penalty"]) > 0
    assert grades["kimminji_12345"]["duedate"] == "2026-11-24T00:00:00+09:00"
    records = {each["student"]: each for each in read_records(results)}
    assert [name for name, each in records.items() if each["late"]] == ["leejun_222"]
    assert records["kimminji_12345"]["submitted_at"] is None  # what a person says is not recorded


def test_without_times_the_mark_of_canvas_is_told_and_shown(graded, tmp_path, capsys):
    shutil.copytree(graded[0], tmp_path, dirs_exist_ok=True)
    words = [str(tmp_path / "submissions.zip"), "-o", str(tmp_path / "results"), "--only", "01.1"]
    assert main(["grade", *words, "--jobs", "1", "--times", ""]) == 0
    assert "Canvas marked as late, but not how late" in capsys.readouterr().out
    page = next((tmp_path / "results" / "01_step").glob("leejun-222-*.html")).read_text("utf-8")
    assert "Handed in late, as the learning system says" in page
    assert len(read_records(tmp_path / "results")) == 5  # nothing is graded again


def test_the_next_command_need_not_say_it_again(graded, tmp_path, capsys):
    results = shutil.copytree(graded[0] / "results", tmp_path / "results")
    before = (results / "lateness.csv").read_text("utf-8"), table_of(results)
    words = ["grade", str(graded[0] / "submissions.zip"), "-o", str(results), "--only", "01.1"]
    words += ["--gradebook", str(graded[0] / "gradebook.csv"), "--column", "01=4711"]
    assert main([*words, "--jobs", "1"]) == 0
    told = capsys.readouterr().out
    assert '01_step, as before: --due "2026-11-22T23:59+09:00" --late "10%/day" --times' in told
    assert (results / "lateness.csv").read_text("utf-8") == before[0]
    scores = {key: (row["score"], row["duedate"]) for key, row in table_of(results).items()}
    assert scores == {key: (row["score"], row["duedate"]) for key, row in before[1].items()}
    assert main([*words, "--jobs", "1", "--late", "none"]) == 0
    assert "--late" not in capsys.readouterr().out.split("as before:")[1]
    late = "leejun_222", "01_step"
    assert float(table_of(results)[late]["score"]) > float(scores[late][0])


def test_the_next_assignment_leaves_the_deadline_of_the_first_alone(graded, tmp_path, capsys):
    results = shutil.copytree(graded[0] / "results", tmp_path / "results")
    first = table_of(results)
    (tmp_path / "next" / "leejun_222").mkdir(parents=True)
    exercise = (ROOT / "exercises" / "02_exponential.ipynb").read_bytes()
    (tmp_path / "next" / "leejun_222" / "02_exponential.ipynb").write_bytes(exercise)
    words = ["--only", "02.1", "--jobs", "1", "--due", "2026-12-01T23:59+09:00"]
    assert main(["grade", str(tmp_path / "next"), "-o", str(results), *words]) == 0
    both = table_of(results)
    for column in ("duedate", "timestamp"):
        kept = {key: row[column] for key, row in first.items() if "222" not in key[0]}
        assert {key: both[key][column] for key in kept} == kept
    assert both["leejun_222", "02_exponential"]["duedate"] == "2026-12-01T23:59+09:00"


def test_what_is_typed_is_how_it_is_graded(tmp_path):
    """A notebook that does not say its section, with the numbers that kim alone has."""
    task = TASKS["01.5"]
    values = ", ".join(f"{k}={v!r}" for k, v in task.answers(**task.given("kim")).items())
    cells = ["from lrcourse.check import check", f"check('01.5', {values})"]
    data = notebook("\n".join(cells))
    (tmp_path / "kim.ipynb").write_bytes(data)
    words = ["--section", "01", "--only", "01.5", "--personal", "--more-time", "2", "--seed", "봄"]
    assert main(["grade", str(tmp_path / "kim.ipynb"), "-o", str(tmp_path / "out"), *words]) == 0
    [record] = read_records(tmp_path / "out")
    assert (record["student"], record["assignment"], list(record["tasks"])) == (
        "kim", "01_step", ["01.5"],
    )  # fmt: skip
    assert record["score"] == task.points
    assert record["limits"]["wall"] == 60
    assert record["seed"] == seed_for("봄".encode(), "01_step", "kim", data)


def test_a_file_that_was_named_once_and_is_gone_is_missed(graded, tmp_path, capsys):
    results = shutil.copytree(graded[0] / "results", tmp_path / "results")
    options = json.loads((results / "options.json").read_text("utf-8"))
    options["01_step"]["rubric"] = str(tmp_path / "points.csv")
    (results / "options.json").write_text(json.dumps(options), "utf-8")
    assert main(["grade", str(graded[0] / "submissions.zip"), "-o", str(results)]) == 2
    told = capsys.readouterr().err
    assert "points.csv, the --rubric of 01_step, is not there: name it again, or say" in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--column", "01=4711"], "--column is a column of a --gradebook"),
        (["--gradebook", "{here}/g.csv", "--column", "4711"], "'4711' is no column; write"),
        (["--gradebook", "{here}/g.csv", "--column", "=4711"], "'=4711' is no column; write"),
        (["--gradebook", "{here}/nowhere.csv"], "nowhere.csv: it cannot be read"),
        (["--gradebook", "{here}/t.csv"], "t.csv: this is neither a gradebook that Canvas"),
        (["--times", "{here}/nowhere.csv"], "nowhere.csv: it cannot be read"),
        (["--times", "{here}/t.csv"], "t.csv, line 2: 'soon' is not a time; write it like"),
        (["--extensions", "{here}/t.csv"], "t.csv: the first line must name the columns student"),
    ],
)
def test_a_wrong_use_gets_one_sentence(tmp_path, capsys, words, sentence):
    (tmp_path / "t.csv").write_text("student,submitted_at\nkim,soon\n")
    (tmp_path / "g.csv").write_text(CANVAS, "utf-8")
    zip_file(tmp_path, {"kim_1_2_01_step.ipynb": EMPTY})
    given = [str(tmp_path / "submissions.zip"), "-o", str(tmp_path / "out")]
    assert main(["grade", *given, *(word.format(here=tmp_path) for word in words)]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()
