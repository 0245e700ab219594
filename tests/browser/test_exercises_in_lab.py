"""The exercises as a learner works on them in JupyterLab: by keyboard, and with mistakes."""

import json
import re

import nbformat
import pytest
from lab_page import PATIENCE, ROOT, all_errors, cell_with, keep_picture, run_all
from playwright.sync_api import Locator, Page, expect

from lrcourse.tasks import SECTIONS, TASKS

NO_FLOOR = """\
def step_decay(t, peak_lr, step_size, gamma):
    return peak_lr * gamma ** (t / step_size)"""
ENDLESS = """\
def equivalent_gamma(gamma, step_size, new_step_size):
    while gamma < 1:
        pass"""


@pytest.fixture
def exercise(open_notebook, lab):
    """Exercise 01, whose progress is kept; a last cell shows it."""
    notebook = nbformat.read(ROOT / "exercises" / "01_step.ipynb", as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    kept = json.dumps(str(lab.folder / "progress.jsonl"))
    first.source = f"import os\nos.environ['LRCOURSE_PROGRESS'] = {kept}\n{first.source}"
    last = "from lrcourse.check import my_progress\nmy_progress()"
    notebook.cells.append(nbformat.v4.new_code_cell(last, id="progress"))
    nbformat.write(notebook, lab.folder / "mine.ipynb")
    page = open_notebook("mine.ipynb")
    run_all(page)
    return page


def write(page: Page, begins: str, text: str) -> None:
    """Replace the cell that begins so, and run it."""
    cell_with(page, begins).locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(text)
    page.keyboard.press("Shift+Enter")


def output_of(page: Page, text: str) -> Locator:
    return cell_with(page, text).locator(".jp-OutputArea")


def test_a_learner_errs_asks_for_a_hint_mends_it_and_is_done(exercise):
    page = exercise
    write(page, "def step_decay", NO_FLOOR)
    page.keyboard.press("Shift+Enter")  # the check is the next cell
    verdict = output_of(page, 'check("01.1"')
    expect(verdict).to_contain_text("It looks like this mistake: no floor.")
    expect(verdict).to_contain_text("got 0.933033, expected 1")
    expect(verdict.locator("img")).to_have_attribute("alt", re.compile("Your curve"))
    expect(verdict.locator("b")).to_have_text(re.compile(r"^✗ 01\.1 wrong:\s*$"))
    keep_picture(page, "wrong_answer")

    page.get_by_role("button", name="Insert a cell below").first.click()
    page.keyboard.press("Enter")
    page.keyboard.insert_text('hint("01.1")')
    page.keyboard.press("Shift+Enter")
    expect(output_of(page, 'hint("01.1")')).to_contain_text(TASKS["01.1"].hints[0][:20])

    write(page, "def step_decay", NO_FLOOR.replace("t / step_size", "t // step_size"))
    page.keyboard.press("Shift+Enter")
    expect(output_of(page, 'check("01.1"')).to_contain_text("✓ 01.1 right: public checks passed")
    expect(output_of(page, 'check("01.1"').locator("img")).to_have_count(0)

    write(page, "my_progress()", "my_progress()")
    progress = output_of(page, "my_progress()")
    expect(progress).to_contain_text(f"1 of {len(TASKS)} tasks are right")
    assert all_errors(page) == []
    keep_picture(page, "right_answer")


def test_an_endless_loop_is_told_and_ends_with_the_stop_button(exercise):
    page = exercise
    write(page, "def equivalent_gamma", ENDLESS)
    page.keyboard.press("Shift+Enter")
    verdict = output_of(page, 'check("01.3"')
    told = "Task 01.3 is still being checked. Does a loop in your answer never end?"
    expect(verdict).to_contain_text(told, timeout=1000 * PATIENCE)
    keep_picture(page, "endless_loop")
    page.get_by_role("button", name=re.compile("Interrupt")).click()
    expect(verdict).to_contain_text("✗ 01.3 wrong: equivalent_gamma(0.25, 30, 15) was stopped")
    write(page, "def equivalent_gamma", ENDLESS.replace("while gamma < 1", "if gamma > 1"))
    page.keyboard.press("Shift+Enter")
    expect(output_of(page, 'check("01.3"')).to_contain_text("gave None: end the function")
    assert all_errors(page) == []


@pytest.mark.parametrize(
    "section",
    [
        pytest.param(name, marks=[] if name == "01_step" else pytest.mark.slow)
        for name in SECTIONS.values()
    ],
)
def test_untouched_nothing_is_attempted_and_solved_all_is_right(opened, section):
    for kind, said in (("exercises", "not attempted"), ("solutions", "right")):
        page = opened(kind, f"{section}.ipynb")
        run_all(page)
        assert all_errors(page) == []
        for task_id in (each for each in TASKS if each.startswith(section[:2])):
            verdict = output_of(page, f'"{task_id}",')  # a long call of check() has many lines
            expect(verdict).to_contain_text(f"{task_id} {said}")
