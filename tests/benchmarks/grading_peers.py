"""The assignment of grading_exam.py in the forms of nbgrader, otter-grader and plain notebooks.

The three live in an environment of their own, which sees the packages of the course (torch) behind
its own. Every form has the same functions, points and cases: one assert for the public cases of a
function and one for the hidden ones.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from grading_exam import SUBMISSIONS, TASKS, UNTOUCHED
from grading_measured import Measured, measured

ROOT = Path(__file__).resolve().parents[2]
PINS = {"nbgrader": "0.9.6", "otter": "7.0.0", "nbclient": "0.11.0"}
PROJECTS = {"nbgrader": "nbgrader", "otter": "otter-grader", "nbclient": "nbclient"}
IMPORTS = "import numpy as np\nimport torch"
PUBLIC, HIDDEN = 0, 1  # seeds of the cases
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
EXAM, SECTION = "exam", "01_step"
SCORE_OF_SECTION = 15
Notebook = dict[str, Any]

RUN_ALL = """
import json, sys, nbformat
from nbclient import NotebookClient

scores = []
for path in sys.argv[2:]:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3", allow_errors=True).execute()
    checks = [cell for cell in notebook.cells if "points" in cell.metadata]
    failed = [any(out.output_type == "error" for out in cell.outputs) for cell in checks]
    scores.append(sum(c.metadata.points for c, bad in zip(checks, failed) if not bad))
    open(sys.argv[1], "w").write(json.dumps(scores))
"""


# The environment --------------------------------------------------------------------------------


@dataclass
class Environment:
    """Where the other graders are installed; `missing` says in words what is not."""

    folder: Path
    missing: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.program("python").exists():
            subprocess.run([sys.executable, "-m", "venv", self.folder], check=True)
        site = next((self.folder / "lib").glob("python*/site-packages"))
        (site / "course.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
        for name, version in PINS.items():
            self._install(name, f"{PROJECTS[name]}=={version}")

    def program(self, name: str) -> Path:
        """One of its programs."""
        return self.folder / "bin" / name

    def variables(self) -> dict[str, str]:
        """What its programs are started with."""
        own = {
            "PATH": os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]]),
            "JUPYTER_PATH": str(self.folder / "share" / "jupyter"),
            "LRCOURSE_PROGRESS": "off",
            "OMP_NUM_THREADS": "1",
        }
        return {**os.environ, **own}

    def _install(self, name: str, pinned: str) -> None:
        words = [self.program("python"), "-m", "pip", "install", "-q", pinned]
        try:
            subprocess.run(words, check=True, capture_output=True, text=True)
            check = [self.program("python"), "-c", f"import {name}"]
            subprocess.run(check, check=True, capture_output=True, text=True)
        except subprocess.CalledProcessError as error:
            lines = (error.stderr or error.stdout or "it said nothing").strip().splitlines()
            self.missing[name] = f"{pinned} could not be installed: {lines[-1][:200]}"


# The asserts ------------------------------------------------------------------------------------


@cache
def asserted(number: int, seed: int) -> str:
    """An assert of what the function of this task gives in the cases of this seed."""
    task = TASKS[number]
    cases = [tuple(case.arguments.values()) for case in task.cases(np.random.default_rng(seed))]
    rows = ", ".join(f"({_text(case)}, {_text(task.reference(*case))})" for case in cases)
    name = task.reference.__name__
    close = f"np.allclose({name}(*given), right, rtol={task.rtol})"
    return f"assert all({close} for given, right in [{rows}])"


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_text, value))},)"
    if isinstance(value, torch.Tensor):
        return f"torch.tensor({value.tolist()})"
    return f"np.array({value.tolist()})" if isinstance(value, np.ndarray) else repr(value)


# Notebooks --------------------------------------------------------------------------------------


def notebook(cells: Sequence[tuple[str, dict[str, Any]]]) -> Notebook:
    """A notebook with these code cells and their metadata."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": metadata,
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for number, (source, metadata) in enumerate(cells)
        ],
    }


def submitted(number: int) -> Notebook:
    """What a student hands in: the functions, as ours and otter get them."""
    functions, _ = SUBMISSIONS[number % len(SUBMISSIONS)]
    return notebook([(source, {}) for source in (IMPORTS, *functions.values())])


def with_asserts(number: int) -> Notebook:
    """The same with the asserts behind the functions."""
    made = submitted(number)
    for task in range(len(TASKS)):
        made["cells"] += notebook([(_both(task), {"points": TASKS[task].points})])["cells"]
    return made


def expected(number: int) -> float:
    """The points that this submission earns."""
    return float(SUBMISSIONS[number % len(SUBMISSIONS)][1])


def solved_section(points_are_asked: bool = False) -> Notebook:
    """The solutions of section 01; its checks are cells that say their points."""
    solved = json.loads((ROOT / "solutions" / f"{SECTION}.ipynb").read_text("utf-8"))
    for cell in solved["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        if points_are_asked and marks.get("grade"):
            cell["metadata"]["points"] = marks["points"]
    return solved


def write(path: Path, content: Notebook) -> Path:
    """Write a notebook; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _both(task: int) -> str:
    return f"{asserted(task, PUBLIC)}\n{asserted(task, HIDDEN)}"


# The graders ------------------------------------------------------------------------------------


class Peer:
    """One grader with the assignment in a folder of its own."""

    name: str
    needs: str  # what must be installed

    def __init__(self, environment: Environment, folder: Path) -> None:
        self.environment, self.folder = environment, folder
        folder.mkdir()
        self.prepare()

    def prepare(self) -> None:
        """Put the assignment there."""

    def grade(self, numbers: Sequence[int]) -> tuple[Measured, list[float]]:
        """Grade these submissions: what it cost, and the scores."""
        raise NotImplementedError

    def start(self) -> Measured | None:
        """What a run costs in which there is nothing to do; None where that is not to be had."""
        return None

    def run(self, *words: str | Path, first: Path | None = None) -> Measured:
        """Run one of the environment's programs in the folder."""
        command = [str(self.environment.program(str(words[0]))), *map(str, words[1:])]
        return measured(command, self.folder, self.environment.variables(), first)


class Nbgrader(Peer):
    """`nbgrader autograde`: new submissions each time, so that only these are graded."""

    name, needs = "nbgrader autograde", "nbgrader"
    assignment = EXAM

    def prepare(self) -> None:
        config = (ROOT / "docs" / "nbgrader" / "nbgrader_config.py").read_text("utf-8")
        (self.folder / "nbgrader_config.py").write_text(self.configured(config), "utf-8")
        write(self.folder / "source" / self.assignment / f"{self.assignment}.ipynb", self.source())
        self.run("nbgrader", "generate_assignment", self.assignment)
        name = f"{self.assignment}.ipynb"
        released = (self.folder / "release" / self.assignment / name).read_text("utf-8")
        self.released = json.loads(released)
        self.students = 0

    def configured(self, config: str) -> str:
        """nbgrader's own preprocessors, which take the hidden tests out."""
        return config.partition("# The exercises")[0]

    def source(self) -> Notebook:
        """The instructor's notebook: empty functions to fill in, and locked tests."""
        cells: list[tuple[str, dict[str, Any]]] = [(IMPORTS, {})]
        for number, (name, text) in enumerate(UNTOUCHED.items()):
            cells.append((text, _marked(f"answer-{name}", solution=True)))
            hidden = f"{BEGIN}\n{asserted(number, HIDDEN)}\n{END}"
            points = TASKS[number].points
            test = f"{asserted(number, PUBLIC)}\n{hidden}"
            cells.append((test, _marked(f"test-{name}", grade=True, points=points)))
        return notebook(cells)

    def answers(self, number: int) -> dict[str, str]:
        """The source of each answer cell by its grade_id."""
        functions, _ = SUBMISSIONS[number % len(SUBMISSIONS)]
        return {f"answer-{name}": text for name, text in functions.items()}

    def grade(self, numbers: Sequence[int]) -> tuple[Measured, list[float]]:
        names = [f"s{self.students + k:04}" for k in range(len(numbers))]
        self.students += len(numbers)
        for name, number in zip(names, numbers, strict=True):
            self._submit(name, self.answers(number))
        first = self.folder / "autograded" / names[0] / self.assignment
        cost = self.run("nbgrader", "autograde", self.assignment, first=first)
        known = self._scores()
        return cost, [known[name] for name in names]

    def start(self) -> Measured:
        """All submissions are graded already."""
        return self.run("nbgrader", "autograde", self.assignment)

    def _submit(self, student: str, answers: dict[str, str]) -> None:
        made = json.loads(json.dumps(self.released))
        for cell in made["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cell["source"] = answers.get(name, cell["source"])
        folder = self.folder / "submitted" / student / self.assignment
        write(folder / f"{self.assignment}.ipynb", made)

    def _scores(self) -> dict[str, float]:
        table = self.folder / "grades.csv"
        self.run("nbgrader", "export", "--to", table)
        with open(table, newline="", encoding="utf-8") as file:
            return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


class NbgraderSection(Nbgrader):
    """The same with the exercises of section 01 and their solutions."""

    name = "nbgrader autograde, section 01"
    assignment = SECTION

    def configured(self, config: str) -> str:
        return config

    def source(self) -> Notebook:
        return json.loads((ROOT / "exercises" / f"{SECTION}.ipynb").read_text("utf-8"))

    def answers(self, number: int) -> dict[str, str]:
        cells = solved_section()["cells"]
        marked = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")]
        return {cell["metadata"]["nbgrader"]["grade_id"]: cell["source"] for cell in marked}


class Otter(Peer):
    """`otter run`, which takes one submission."""

    name, needs = "otter run", "otter"

    def prepare(self) -> None:
        tests = self.folder / "tests"
        tests.mkdir()
        for number, task in enumerate(TASKS):
            cases = [self._case(number, PUBLIC, False), self._case(number, HIDDEN, True)]
            suite = {"cases": cases, "scored": True, "setup": "", "teardown": "", "type": "doctest"}
            name = task.reference.__name__
            test = {"name": name, "points": task.points, "all_or_nothing": True, "suites": [suite]}
            (tests / f"{name}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n", "utf-8")
        made = ("--no-config", "--no-requirements", "--no-environment")
        self.run("otter", "generate", "-t", "tests", "-o", "autograder.zip", *made)

    def _case(self, number: int, seed: int, is_hidden: bool) -> dict[str, Any]:
        lines = (">>> import numpy as np", ">>> import torch", f">>> {asserted(number, seed)}")
        return {"code": "\n".join(lines), "hidden": is_hidden, "locked": False}

    def grade(self, numbers: Sequence[int]) -> tuple[Measured, list[float]]:
        costs, scores = [], []
        for number in numbers:
            write(self.folder / "exam.ipynb", submitted(number))
            out = self.folder / "out"
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            words = ("exam.ipynb", "-a", "autograder.zip", "-o", "out", "--no-logo")
            costs.append(self.run("otter", "run", *words, first=out / "results.json"))
            told = json.loads((out / "results.json").read_text("utf-8"))
            scores.append(sum(float(test.get("score", 0)) for test in told["tests"]))
        return Measured.total(costs), scores


class Nbclient(Peer):
    """The notebooks with their asserts, executed one after the other in one program."""

    name, needs = "nbclient", "nbclient"

    def prepare(self) -> None:
        (self.folder / "run_all.py").write_text(RUN_ALL, "utf-8")

    def written(self, number: int) -> Notebook:
        """What is executed."""
        return with_asserts(number)

    def grade(self, numbers: Sequence[int]) -> tuple[Measured, list[float]]:
        paths = [write(self.folder / f"{n}.ipynb", self.written(n)) for n in numbers]
        scores = self.folder / "scores.json"
        scores.unlink(missing_ok=True)
        cost = self.run("python", "run_all.py", scores, *paths, first=scores)
        return cost, [float(score) for score in json.loads(scores.read_text("utf-8"))]

    def start(self) -> Measured:
        """No notebook at all."""
        return self.run("python", "run_all.py", self.folder / "nothing.json")


class NbclientSection(Nbclient):
    """The solutions of section 01."""

    name = "nbclient, section 01"

    def written(self, number: int) -> Notebook:
        return solved_section(points_are_asked=True)


def _marked(name: str, *, grade: bool = False, solution: bool = False, points: int = 0) -> Any:
    """nbgrader's metadata, schema 3."""
    marks = {"grade_id": name, "grade": grade, "solution": solution, "locked": grade}
    more = {"task": False, "schema_version": 3, **({"points": points} if grade else {})}
    return {"nbgrader": marks | more}
