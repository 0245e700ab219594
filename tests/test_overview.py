"""`lrcourse progress` and the panel of the index: what is done, and what comes next."""

import pytest

from lrcourse import progress
from lrcourse.check import check, my_progress
from lrcourse.cli import main
from lrcourse.tasks import SECTIONS, TASKS


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("LRCOURSE_PROGRESS", str(tmp_path / "progress.jsonl"))


def row(number):
    return next(row for row in my_progress().rows if row.name == SECTIONS[number])


def test_nothing_is_done_at_first():
    overview = my_progress()
    assert overview.points == (0, sum(task.points for task in TASKS.values()))
    assert overview.next_task == min(TASKS.values(), key=lambda task: task.id)
    assert all(set(each.marks) == {"·"} for each in overview.rows)


def test_right_and_tried_tasks_are_told_apart():
    check("01.1", TASKS["01.1"].reference)
    check("01.2", lambda t, peak_lr, milestones, gamma: 1.0)
    check("01.3", None)
    assert row("01").marks.startswith("✓✗·")
    assert row("01").points[0] == TASKS["01.1"].points
    minutes = sum(task.minutes for task in row("01").tasks)
    assert row("01").minutes_left == minutes - TASKS["01.1"].minutes


def test_the_next_task_is_the_first_that_is_not_right():
    for task in list(TASKS.values())[:3]:
        progress.record(task.id, "right", task.points)
    assert my_progress().next_task == list(TASKS.values())[3]


def test_the_next_task_is_where_you_are():
    def after(*ids, status="right"):
        for task_id in ids:
            progress.record(task_id, status, 1)
        return my_progress().next_task.id

    assert after("02.3", status="wrong") == "02.3"  # once more
    assert after("02.3") == "02.4"
    assert after(*(f"02.{k}" for k in range(4, 8))) == "02.1"  # what is left of the section
    assert after("02.1", "02.2") == "03.1"
    assert after("12.7") == "12.1"
    assert after(*(f"12.{k}" for k in range(1, 7))) == "00.1"  # and around
    assert after("02.3") == "03.1"  # again right: the section is done


def test_when_everything_is_done():
    for task in TASKS.values():
        progress.record(task.id, "right", task.points)
    overview = my_progress()
    assert overview.next_task is None
    assert overview.points[0] == overview.points[1]
    assert "Everything is done." in repr(overview)


def test_the_command_prints_a_line_for_each_section(capsys):
    check("01.1", TASKS["01.1"].reference)
    assert main(["progress"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name in SECTIONS.values():
        assert any(line.startswith(name) for line in lines)
    assert any(line.startswith("1 of ") for line in lines)
    assert f"in exercises/{SECTIONS[my_progress().next_task.id[:2]]}.ipynb" in "\n".join(lines)


def test_the_table_is_read_aloud_as_words():
    check("01.1", TASKS["01.1"].reference)
    html = my_progress()._repr_mimebundle_()["text/html"]
    assert "01.1 right, 01.2 open" in html
    assert '<th scope="row"' in html


def test_switched_off_it_says_so(monkeypatch):
    monkeypatch.setenv("LRCOURSE_PROGRESS", "off")
    assert "Progress is switched off." in repr(my_progress())
