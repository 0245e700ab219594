"""From cold to the first result: what starts early, and what needs no process of its own."""

import json
import os
import subprocess

import pytest

from lrcourse.grading import run
from lrcourse.grading.records import Records
from lrcourse.grading.sandbox import Lost, Sandbox, best_level, box, close_shared
from lrcourse.grading.submissions import find_submissions
from lrcourse.tasks import TASKS

ONE = "def step_decay(t, peak_lr, step_size, gamma): return peak_lr * gamma ** (t // step_size)"
CELL = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "source": ONE}


@pytest.fixture
def small():
    """A sandbox that has not started, and starts soon."""
    with Sandbox(best_level(), modules=("numpy",)) as quick:
        yield quick


@pytest.fixture
def submissions(tmp_path):
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [CELL]}
    path = tmp_path / "class" / "kim" / "01_step.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return find_submissions([path.parents[1]])


def test_who_needs_it_first_waits_for_what_was_begun(small):
    small.begin()
    small.begin()
    handed_in = "from lrcourse.check import check\ncheck('01.1', step_decay)"
    with small.session([ONE, handed_in], {}, {}) as session:
        assert session.start().answers["01.1"].name == "step_decay"
    assert small.starts == 1


def test_what_was_begun_and_is_not_needed_ends(small):
    small.begin()
    begun = small._process
    small.close()
    assert begun.poll() is not None


def test_a_start_that_fails_is_told_to_who_needs_it():
    with Sandbox(best_level(), modules=("no_such_module",)) as broken:
        broken.begin()
        for _ in range(2):
            with pytest.raises(Lost, match="no_such_module"):
                broken.start()


def test_one_submission_is_graded_here_and_leaves_no_process(submissions, tmp_path, monkeypatch):
    def quick(level, limits):
        return box._shared.setdefault((level, limits), Sandbox(level, limits, ("numpy",)))

    close_shared()
    monkeypatch.setattr(box, "_shared", {})
    monkeypatch.setattr(run, "shared", quick)
    monkeypatch.setattr(run, "ProcessPoolExecutor", None)  # whoever calls it fails
    before = children()
    with Records(tmp_path / "results") as records:
        run.grade_all(submissions, records, run.Plan(b"a secret", best_level()))
        (record,) = records.current().values()
    assert record["score"] == TASKS["01.1"].points
    assert [each.starts for each in box._shared.values()] == [1]
    assert children() == before


def test_a_fault_of_the_grader_here_is_no_loss_of_the_run(submissions, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "grade", lambda *_: 1 / 0)
    with Records(tmp_path / "results") as records:
        run.grade_all(submissions, records, run.Plan(b"a secret", best_level()))
        (record,) = records.current().values()
    assert (record["outcome"], "ZeroDivisionError" in record["reason"]) == ("needs review", True)


def test_words_in_a_set_have_the_same_order_in_every_start():
    cell = "from lrcourse.check import check\ncheck('a', letters=list(set('abcdefgh')))"
    first, second = (said_by(cell) for _ in range(2))
    assert first == second
    assert len(first) == 8


def said_by(cell):
    """The values that this cell hands in, in a sandbox of its own."""
    with (
        Sandbox(best_level(), modules=("numpy",)) as quick,
        quick.session([cell], {}, {}) as session,
    ):
        return session.start().answers["a"].values["letters"]


def children():
    """The processes that this one has started."""
    told = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True
    )
    return [line for line in told.stdout.splitlines() if "ps -o" not in line]
