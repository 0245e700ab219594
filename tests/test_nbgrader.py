"""One exercise goes through nbgrader as it is: released, autograded, with feedback.

nbgrader has an environment of its own, made here; the kernels are those of the course.
"""

import copy
import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from lrcourse.tasks import TASKS
from lrcourse.update import CHECKED
from tools.build import jobs

ROOT = Path(__file__).parents[1]
NBGRADER = "nbgrader==0.9.6"
EXERCISES = [job for job in jobs() if job.kind == "exercises"]
POINTS = sum(task.points for task in TASKS.values() if task.id.startswith("01"))


@pytest.mark.parametrize("job", EXERCISES, ids=lambda job: job.source.stem)
def test_every_task_has_an_answer_to_edit_and_a_check_with_its_points(job):
    cells = nbformat.read(job.target, as_version=4).cells
    known = {cell.metadata.nbgrader.grade_id: cell for cell in cells if "nbgrader" in cell.metadata}
    tasks = [task for task in TASKS.values() if task.id[:2] == job.source.stem[:2]]
    assert len(known) == 2 * len(tasks)
    for task in tasks:
        name = task.id.replace(".", "-")
        answer, check = known[f"answer-{name}"], known[f"check-{name}"]
        assert (answer.metadata.nbgrader.solution, answer.metadata.nbgrader.grade) == (True, False)
        assert (check.metadata.nbgrader.solution, check.metadata.nbgrader.grade) == (False, True)
        assert check.metadata.nbgrader.points == task.points
        assert check.metadata.nbgrader.locked
        assert CHECKED.match(check.source)[1] == task.id


class Class:
    """A course of nbgrader with one assignment."""

    def __init__(self, folder):
        self.folder = folder
        subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
        self.env = os.environ | {
            "JUPYTER_PATH": str(folder / "jupyter"),
            "PATH": os.pathsep.join([str(folder / "env" / "bin"), os.environ["PATH"]]),
        }
        self.run("pip", "install", "-q", NBGRADER)
        spec = folder / "jupyter" / "kernels" / "python3"
        spec.mkdir(parents=True)
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        kernel = {"argv": argv, "display_name": "Python 3", "language": "python"}
        (spec / "kernel.json").write_text(json.dumps(kernel))
        (folder / "source" / "01_step").mkdir(parents=True)
        shutil.copy(ROOT / "exercises" / "01_step.ipynb", folder / "source" / "01_step")
        shutil.copy(ROOT / "docs" / "nbgrader" / "nbgrader_config.py", folder)

    def run(self, *words):
        subprocess.run(words, cwd=self.folder, env=self.env, check=True, stdin=subprocess.DEVNULL)

    def submit(self, student, notebook):
        folder = self.folder / "submitted" / student / "01_step"
        folder.mkdir(parents=True)
        (folder / "01_step.ipynb").write_text(json.dumps(notebook), encoding="utf-8")

    def scores(self):
        self.run("nbgrader", "export", "--to", str(self.folder / "grades.csv"))
        with open(self.folder / "grades.csv", newline="", encoding="utf-8") as file:
            return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def with_answers(released, answers):
    """The released notebook with these sources, by grade_id."""
    notebook = copy.deepcopy(released)
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = answers.get(name, cell["source"])
    return notebook


@pytest.mark.slow
def test_nbgrader_releases_grades_and_explains(tmp_path):
    lessons = Class(tmp_path)
    lessons.run("nbgrader", "generate_assignment", "01_step")
    released = json.loads((tmp_path / "release" / "01_step" / "01_step.ipynb").read_text("utf-8"))
    solution = json.loads((ROOT / "solutions" / "01_step.ipynb").read_text("utf-8"))
    answers = {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in solution["cells"]
        if "nbgrader" in cell["metadata"]
    }
    first, third = answers["answer-01-1"], answers["answer-01-3"]
    no_floor = {"answer-01-1": first.replace("//", "/"), "answer-01-3": third}
    tampered = {"answer-01-3": third, "check-01-1": "2", "check-01-2": "2"}
    lessons.submit("right", with_answers(released, answers))
    lessons.submit("wrong", with_answers(released, no_floor))
    lessons.submit("tampered", with_answers(released, tampered))
    lessons.submit("untouched", released)
    lessons.run("nbgrader", "autograde", "01_step")
    lessons.run("nbgrader", "generate_feedback", "01_step")
    one = TASKS["01.3"].points
    assert lessons.scores() == {"right": POINTS, "wrong": one, "tampered": one, "untouched": 0}
    feedback = tmp_path / "feedback" / "wrong" / "01_step" / "01_step.html"
    assert "It looks like this mistake: no floor." in feedback.read_text("utf-8")
