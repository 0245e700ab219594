"""check() in a real kernel: what a learner sees where cells ran out of order or were renamed."""

import threading

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

import lrcourse.check as checking
from lrcourse.check import check, judged
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


ENDLESS = """
import lrcourse.check
lrcourse.check.SOON = 0.2

def step_decay(t, peak_lr, step_size, gamma):
    while t < 10**9:  # "t" never grows
        pass

lrcourse.check.check("01.1", step_decay)
"""


def test_an_endless_loop_says_how_to_stop_it_and_then_what_it_was(monkeypatch):
    monkeypatch.setenv("LRCOURSE_PROGRESS", "off")
    manager, client = start_new_kernel()
    try:
        client.execute(ENDLESS)
        told = next_of(client, "stream")["text"]
        assert "Task 01.1 is still being checked" in told
        assert "■" in told
        manager.interrupt_kernel()  # what that button does
        said = next_of(client, "execute_result")["data"]["text/plain"]
        assert "✗ 01.1 wrong: step_decay(0, 1.0, 10, 0.5) was stopped before" in said
        assert "Does a loop in it never end?" in said
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def next_of(client, kind):
    """What the next message of this kind says; an error ends the wait."""
    while True:
        message = client.get_iopub_msg(timeout=60)
        assert message["msg_type"] != "error", message["content"]
        if message["msg_type"] == kind:
            return message["content"]


def test_a_check_that_ends_in_time_leaves_no_clock_behind(monkeypatch):
    monkeypatch.setattr(checking, "SOON", 3600.0)
    before = threading.enumerate()
    check("01.1", TASKS["01.1"].reference)
    for thread in threading.enumerate():
        if thread not in before:
            thread.join(20)
            assert not thread.is_alive()


def test_a_stop_between_two_calls_of_the_answer_is_told(monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(checking, "judged", stopped)
    assert "was stopped before it was done" in check("01.1", TASKS["01.1"].reference).sentence


WITH_HARNESS = [
    task for task in TASKS.values() if isinstance(task, FunctionTask) and task.harness is not None
]


@pytest.mark.parametrize("task", WITH_HARNESS, ids=lambda task: task.id)
def test_a_function_with_other_arguments_is_told_which_ones(task):
    def answer(only, these, five, other, names):
        return 0.0

    said = judged(task, answer).sentence
    assert "answer takes (only, these, five, other, names), but the task calls it as" in said
