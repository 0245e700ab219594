"""No wrong answer that nobody thought of passes: solutions changed by machine."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from lrcourse.tasks import TASKS, Mistake
from tests.wrong_solutions import GAP, MISNAMED, NAMED, RIGHT, can_be_changed, outcome, report

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no clock for endless loops")


@pytest.mark.parametrize(
    "task",
    [
        pytest.param(task, id=task.id, marks=[] if task.id == "01.1" else pytest.mark.slow)
        for task in TASKS.values()
        if can_be_changed(task)
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_passes_the_public_cases_passes_all(task):
    counts, told = report(task)
    assert counts[GAP] == 0, told
    assert counts.total() > 5


def test_gaps_and_wrong_names_are_found():
    task = TASKS["01.1"]
    public = [tuple(case.arguments.values()) for case in task.cases(np.random.default_rng(0))]

    def memorised(t, *values):
        return task.reference(t, *values) if values in public else 0.0

    def zero(t, *values):
        return 0.0

    def zero_at_first(t, *values):
        return 0.0 if values in public else 1.0

    assert outcome(task, memorised) == GAP
    for answer, name in ((zero, NAMED), (zero_at_first, MISNAMED)):
        known = replace(task, mistakes=(Mistake("zero", answer, "Compute."),))
        assert outcome(known, zero) == name
    assert outcome(task, task.reference) == RIGHT
