"""The demo class: what is called right in it is right, and wrong by the mistake that is meant."""

import argparse
import codecs
import contextlib
import csv
import json
import math
import re
import shutil
from collections import Counter
from datetime import datetime, timedelta

import nbformat
import numpy as np
import pytest
import torch

from lrcourse.check.judging import judged, judged_values, named_values
from lrcourse.cli import demo_class
from lrcourse.grading import GradingError
from lrcourse.grading.demo import (
    COPIED_FROM,
    COPIED_TO,
    COURSE,
    DUE,
    NAMES,
    RIGHT,
    ROLES,
    TASKS,
    WRONG,
    answered,
    as_script,
    expected,
    expected_file,
    grade_id,
    planned,
    sources,
    write_class,
)
from lrcourse.grading.notebook import Unreadable, read_notebook
from lrcourse.grading.submissions import find_submissions
from lrcourse.tasks import TASKS as KNOWN
from lrcourse.tasks import FunctionTask

EXERCISE = json.loads((COURSE / "exercises" / "01_step.ipynb").read_text("utf-8"))
SOLVED = sources(json.loads((COURSE / "solutions" / "01_step.ipynb").read_text("utf-8")))
CHECKS = {name: text for name, text in sources(EXERCISE).items() if name.startswith("check-")}
STUDENTS = {student.name: student for student in planned()}
ABOUT = {student.role.about: student for student in STUDENTS.values()}
SEEDS = range(20)


# A small grader, which trusts everybody -----------------------------------------------------------


def handed_in(cells):
    """What these cells give to check(): task -> (answer, values)."""
    given = {}

    def check(task, answer=None, **values):
        given[task] = answer, values

    space = {"math": math, "np": np, "torch": torch, "check": check}
    with whole_libraries():
        for cell in cells:
            if not re.search(r"^(?:import math|from lrcourse|ax = )", cell, re.MULTILINE):
                exec(cell, space)
        for name, text in CHECKS.items():
            if name.removeprefix("check-").replace("-", ".") not in given:
                exec(text, space)
    return given


@contextlib.contextmanager
def whole_libraries():
    """What a student patches is put back."""
    kept = math.isclose, np.isclose, np.allclose
    yield
    math.isclose, np.isclose, np.allclose = kept


def verdict(task_id, answer, values):
    task = KNOWN[task_id]
    if isinstance(task, FunctionTask):
        return judged(task, answer)
    return judged_values(task, named_values(task, answer, values))


def verdict_on(task_id, answer):
    """The verdict on an answer of the pool, in the notebook that was handed out."""
    notebook = answered(EXERCISE, SOLVED, {task_id: answer})
    cells = [text for name, text in sources(notebook).items() if name.startswith("answer-")]
    return verdict(task_id, *handed_in(cells)[task_id])


def told(found):
    return found.status, found.mistake.name if found.mistake else ""


# The answers --------------------------------------------------------------------------------------


def labelled(pool):
    return [
        pytest.param(task, answer, id=f"{task} {answer.mistake or number}")
        for task, answers in pool.items()
        for number, answer in enumerate(answers)
    ]


@pytest.mark.parametrize(("task", "answer"), labelled(RIGHT))
def test_what_is_called_right_is_right(task, answer):
    assert told(verdict_on(task, answer)) == ("right", "")


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler")  # one of the mistakes
@pytest.mark.parametrize(("task", "answer"), labelled(WRONG))
def test_what_is_called_wrong_has_the_mistake_that_is_named(task, answer):
    assert told(verdict_on(task, answer)) == ("wrong", answer.mistake)


@pytest.mark.parametrize("task", TASKS)
def test_each_task_has_three_wrong_answers_with_a_name(task):
    named = {answer.mistake for answer in WRONG[task]} - {""}
    assert len(named) >= 3
    assert named <= {mistake.name for mistake in KNOWN[task].mistakes}


def test_the_tasks_are_those_of_the_section():
    assert list(TASKS) == [task for task in KNOWN if task.startswith("01.")]


def test_two_copied_a_wrong_formula_that_is_nobody_elses():
    one, other = verdict_on("01.3", COPIED_FROM), verdict_on("01.3", COPIED_TO)
    assert told(one) == told(other) == ("wrong", "")
    assert one.got == other.got
    for pool in (RIGHT, WRONG):
        assert all(verdict_on("01.3", answer).got != one.got for answer in pool["01.3"])
    having = [s for s in STUDENTS.values() if s.answers["01.3"] in (COPIED_FROM, COPIED_TO)]
    assert len(having) == 2
    first, second = (dict(student.answers) for student in having)
    assert first.pop("01.3") != second.pop("01.3")
    assert first == second


# The files ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "class"
    assert write_class(folder) == list(STUDENTS)
    return folder


def file_of(folder, about):
    student = ABOUT[about]
    return folder / student.name / student.role.file


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler")
@pytest.mark.parametrize("name", STUDENTS)
def test_each_submission_is_as_expected(written, name):
    student = STUDENTS[name]
    path = written / name / student.role.file
    statuses = expected()[name]
    if not student.role.is_readable:
        with pytest.raises(Unreadable):
            read_notebook(path.read_bytes())
        assert set(statuses.values()) == {"not attempted"}
        return
    given = handed_in(read_notebook(path.read_bytes()).cells)
    for task in TASKS:
        if statuses[task] != "lost":  # those would end this process, or never end
            assert told(verdict(task, *given[task])) == (
                statuses[task],
                student.found(task).mistake,
            )
    if path.suffix == ".ipynb":
        nbformat.validate(nbformat.reads(path.read_text("utf-8"), as_version=4))


def test_the_lost_answers_never_end_or_end_the_process():
    lost = {
        (student.role.about, task)
        for student in STUDENTS.values()
        for task in TASKS
        if student.found(task).status == "lost"
    }
    assert lost == {("01.6 never ends", "01.6"), ("01.3 ends the process", "01.3")}
    assert "os._exit(0)" in ABOUT["01.3 ends the process"].answers["01.3"].body
    endless = ABOUT["01.6 never ends"].answers["01.6"]
    loop = endless.body.partition("while")[2]
    assert not re.search(r"\bt\s*[-+*/]?= ", loop), "t moves, so the loop ends"


def test_the_same_seed_writes_the_same_bytes_and_times(written, tmp_path):
    again = tmp_path / "class"
    write_class(again)
    assert contents(again) == contents(written)
    assert expected_file(again).read_bytes() == expected_file(written).read_bytes()


def test_another_seed_is_another_class():
    assert expected(seed=1) != expected()
    assert [s.role.about for s in planned(seed=1)] != [s.role.about for s in planned()]


def contents(folder):
    return {
        path.relative_to(folder): (path.read_bytes(), path.stat().st_mtime)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_each_notebook_is_the_exercise_with_other_answers(written):
    for path in written.rglob("01_step.ipynb"):
        student = STUDENTS[path.relative_to(written).parts[0]]
        if student.role.edit.__name__ == "unchanged" and student.role.is_readable:
            notebook = json.loads(path.read_text("utf-8"))
            for got, handed_out in zip(notebook["cells"], EXERCISE["cells"], strict=True):
                if not grade_id(handed_out).startswith("answer-"):
                    assert got == handed_out
            assert notebook["metadata"] == EXERCISE["metadata"]


def test_the_unusual_files_are_what_they_say(written):
    untouched = file_of(written, "untouched")
    assert json.loads(untouched.read_text("utf-8")) == EXERCISE
    assert file_of(written, "an empty file").read_bytes() == b""
    assert 3_000_000 < file_of(written, "an output of 3 MB").stat().st_size < 5_000_000
    script = file_of(written, "a script instead of the notebook")
    assert script.suffix == ".py"
    compile(script.read_text("utf-8"), script, "exec")
    deleted = sources(
        json.loads(file_of(written, "the check of 01.2 is deleted").read_text("utf-8"))
    )
    assert set(sources(EXERCISE)) - set(deleted) == {"check-01-2"}
    renamed = sources(
        json.loads(file_of(written, "the function of 01.1 has another name").read_text("utf-8"))
    )
    assert "step_decay" not in renamed["answer-01-1"] + renamed["check-01-1"]


def test_a_script_has_the_code_of_the_notebook():
    cells = read_notebook(as_script(EXERCISE).encode()).cells[1:]  # the first line, and the title
    code = ["".join(cell["source"]) for cell in EXERCISE["cells"] if cell["cell_type"] == "code"]
    for cell, source in zip(cells, code, strict=True):
        assert cell.startswith(source)
        assert all(line.startswith("# ") for line in cell.removeprefix(source).split("\n") if line)


def test_the_hostile_one_patches_what_compares(written):
    path = file_of(written, "patches isclose and returns objects that equal everything")
    cells = sources(json.loads(path.read_text("utf-8")))
    space = {"math": math, "np": np}
    with whole_libraries():
        exec(cells["answer-01-1"], space)
        assert math.isclose(1, 2)
        assert np.isclose(1, 2)
    assert space["step_decay"](0, 1.0, 10, 0.5) == 17
    assert not math.isclose(1, 2)


def test_file_times_say_when_it_was_handed_in_and_one_is_two_days_late(written):
    late = {}
    for student in STUDENTS.values():
        time = (written / student.name / student.role.file).stat().st_mtime
        assert time == student.submitted.timestamp()
        if time > DUE.timestamp():
            late[student.role.about] = time - DUE.timestamp()
    assert late == {"two days late": 2 * 24 * 60 * 60}


def test_the_grader_finds_every_student_and_who_is_late(written):
    found = find_submissions([written])
    assert [(each.student, each.problem) for each in found] == [(name, "") for name in STUDENTS]
    assert {each.section for each in found} == {"01_step"}
    times = {each.student: each.submitted_at for each in found}
    late = times[ABOUT["two days late"].name]
    assert datetime.fromisoformat(late) == DUE + timedelta(days=2)


def test_what_is_expected_stands_in_a_file_beside_the_folder(written):
    path = expected_file(written)
    assert path.parent == written.parent
    assert path.read_bytes().startswith(codecs.BOM_UTF8)  # without it a spreadsheet breaks 박해담
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    statuses = {name: {} for name in STUDENTS}
    for row in rows:
        statuses[row["student"]][row["task"]] = row["status"]
        assert row["mistake"] == STUDENTS[row["student"]].found(row["task"]).mistake
    assert statuses == expected()


# The class ----------------------------------------------------------------------------------------


def test_names_are_of_many_scripts_and_each_is_one_folder_of_its_own():
    assert len({name.casefold() for name in NAMES}) == len(NAMES)
    assert all(re.fullmatch(r"[\w' -]+", name) for name in NAMES)
    default = " | ".join(STUDENTS)
    assert re.search("[가-힣] [가-힣]", default)
    assert re.search("[àáâäéëñóöø]", default)
    assert re.search("[а-я]", default)


@pytest.mark.parametrize("seed", SEEDS)
def test_most_get_most_right_and_the_target_is_the_hardest(seed):
    statuses = expected(seed=seed).values()
    right = {task: sum(each[task] == "right" for each in statuses) for task in TASKS}
    assert sum(right.values()) > 0.5 * 30 * len(TASKS)
    assert right["01.6"] == min(right.values())
    assert right["01.1"] > right["01.4"]


def test_some_mistakes_are_made_by_several():
    made = Counter((task, s.found(task).mistake) for s in STUDENTS.values() for task in TASKS)
    several = [which for which, count in made.items() if which[1] and count >= 3]
    assert len(several) >= 3


@pytest.mark.parametrize("students", [len(ROLES), 30, len(NAMES)])
def test_every_role_is_played_once_in_a_class_of_any_size(students):
    played = Counter(student.role.about for student in planned(students, seed=3))
    usual = played.pop("", 0)
    assert usual == students - len(ROLES)
    assert played == Counter(role.about for role in ROLES)


# Refusals, and the command ------------------------------------------------------------------------


def test_a_folder_that_is_not_empty_is_refused_and_left_alone(tmp_path):
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "mine.txt").write_text("mine")
    with pytest.raises(GradingError, match="class is not empty: name a new folder"):
        write_class(tmp_path / "class")
    assert [path.name for path in tmp_path.rglob("*")] == ["class", "mine.txt"]


def test_a_file_of_that_name_is_refused(tmp_path):
    (tmp_path / "class").write_text("mine")
    with pytest.raises(GradingError, match="class is there already"):
        write_class(tmp_path / "class")


def test_an_older_list_of_what_is_expected_is_not_overwritten(tmp_path):
    expected_file(tmp_path / "class").write_text("mine")
    with pytest.raises(GradingError, match=r"class-expected\.csv is there already"):
        write_class(tmp_path / "class")
    assert not (tmp_path / "class").exists()


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "class").mkdir()
    assert len(write_class(tmp_path / "class", students=15)) == 15


@pytest.mark.parametrize("missing", ["exercises", "solutions"])
def test_without_the_course_there_is_one_sentence_and_no_folder(tmp_path, missing):
    for name in {"exercises", "solutions"} - {missing}:
        shutil.copytree(COURSE / name, tmp_path / name)
    with pytest.raises(GradingError, match=f"there is no .*{missing}.01_step.ipynb: run this"):
        write_class(tmp_path / "class", course=tmp_path)
    assert not (tmp_path / "class").exists()


@pytest.mark.parametrize("students", [14, 37])
def test_a_class_of_another_size_is_refused(students):
    with pytest.raises(GradingError, match=rf"students must lie in \[15, 36\], got {students}"):
        expected(students=students)


def test_another_section_is_refused():
    with pytest.raises(GradingError, match='section must be "01_step", got "02_exponential"'):
        expected("02_exponential")


def typed(*words):
    parser = argparse.ArgumentParser()
    demo_class.add_arguments(parser)
    return list(demo_class.run(parser.parse_args(words)))


def test_the_command_says_what_to_type_next(tmp_path):
    folder = tmp_path / "my class"
    lines = typed(str(folder), "--students", "16", "--seed", "2")
    assert f'Next: lrcourse grade "{folder}" -o results' in lines
    assert lines[0].startswith("16 submissions to 01_step are in ")
    assert "--due 2026-11-22T23:59+09:00" in lines[-1]
    assert {path.name for path in folder.iterdir()} == set(expected(students=16, seed=2))


@pytest.mark.parametrize("words", [(), ("one", "two")])
def test_the_command_takes_one_folder(words):
    with pytest.raises(ValueError, match=f"takes one folder, such as class, got {len(words)}"):
        typed(*words)
