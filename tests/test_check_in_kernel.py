"""check() in a real kernel: what a learner sees where cells ran out of order or were renamed."""

import nbformat
import pytest
from nbclient import NotebookClient

from lrcourse.check import judged
from lrcourse.tasks import TASKS, FunctionTask

UNKNOWN = {
    'check("01.1", step_decay)': "step_decay is not known here.",
    "check(\n    '01.5',\n    step_size=my_step,\n    gamma=1,\n)": "my_step is not known here.",
}
OTHERS = {  # nothing of ours: Python's own words stay
    "speed + 1": "name 'speed' is not defined",
    'value = speed\ncheck("01.1", value)': "name 'speed' is not defined",
    'def f():\n    return speed\n\ncheck("01.1", f())': "name 'speed' is not defined",
    'check("99.9", speed)': "name 'speed' is not defined",
}


def outputs_of(cells, **environment):
    """What each cell shows, in one kernel; the first imports check()."""
    cells = ["from lrcourse.check import check", *cells]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    client = NotebookClient(notebook, allow_errors=True, kernel_name="python3")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LRCOURSE_PROGRESS", "off")
        for name, value in environment.items():
            patch.setenv(name, value)
        client.execute()
    return [cell.outputs for cell in notebook.cells[1:]]


@pytest.fixture(scope="module")
def shown():
    cells = [*UNKNOWN, *OTHERS]
    return dict(zip(cells, outputs_of(cells), strict=True))


@pytest.mark.parametrize(("cell", "words"), UNKNOWN.items(), ids=["function", "value"])
def test_an_unknown_name_in_a_check_gets_a_sentence(shown, cell, words):
    (output,) = shown[cell]
    assert words in output.data["text/plain"]
    assert "Run the cell above" in output.data["text/html"]
    assert "not attempted" in output.data["text/plain"]


@pytest.mark.parametrize(("cell", "words"), OTHERS.items(), ids=range(len(OTHERS)))
def test_any_other_unknown_name_is_shown_as_ever(shown, cell, words):
    (output,) = shown[cell]
    assert output.output_type == "error"
    assert output.evalue == words


def test_the_cell_counts_as_failed_so_that_run_all_stops():
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(c) for c in ("from lrcourse.check import check", *UNKNOWN)]
    )
    client = NotebookClient(notebook, allow_errors=True, kernel_name="python3")
    replies = []
    client.on_cell_executed = lambda execute_reply, **_: replies.append(execute_reply["content"])
    client.execute()
    assert [reply["status"] for reply in replies] == ["ok", "error", "error"]


def test_for_nbgrader_it_stays_an_error_and_earns_nothing():
    (first, second) = outputs_of(UNKNOWN, NBGRADER_EXECUTION="autograde")
    assert [first[0].output_type, second[0].output_type] == ["error", "error"]


WITH_HARNESS = [
    task for task in TASKS.values() if isinstance(task, FunctionTask) and task.harness is not None
]


@pytest.mark.parametrize("task", WITH_HARNESS, ids=lambda task: task.id)
def test_a_function_with_other_arguments_is_told_which_ones(task):
    def answer(only, these, five, other, names):
        return 0.0

    said = judged(task, answer).sentence
    assert "answer takes (only, these, five, other, names), but the task calls it as" in said
