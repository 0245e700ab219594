"""Section 01 as a learner meets it: the built notebooks in JupyterLab."""

import re
import shutil
from collections.abc import Callable

import pytest
from lab_page import ROOT, errors_shown, keep_picture, run_all
from playwright.sync_api import Locator, Page, expect

from lrcourse.tasks import TASKS


@pytest.fixture
def opened(open_notebook: Callable[..., Page], lab) -> Callable[..., Page]:
    """A copy of a notebook of the course, as it is in the repository."""

    def open_copy(kind: str, name: str) -> Page:
        shutil.copy(ROOT / kind / name, lab.folder / f"{kind}_{name}")
        return open_notebook(f"{kind}_{name}")

    return open_copy


def cell_with(page: Page, text: str) -> Locator:
    """The code cell that contains `text`, scrolled into view (Lab keeps only those attached)."""
    index = page.evaluate(
        """async text => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            const index = notebook.widgets.findIndex(
                cell => cell.model.type === 'code' && cell.model.sharedModel.source.includes(text)
            );
            notebook.activeCellIndex = index;
            await notebook.scrollToItem(index, 'start');
            return index;
        }""",
        text,
    )
    return page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')


def all_errors(page: Page) -> list[str]:
    """Error outputs in the model, so those out of sight count too."""
    return page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells
            .filter(cell => cell.cell_type === 'code')
            .flatMap(cell => cell.getOutputs())
            .filter(output => output.output_type === 'error' || output.name === 'stderr')
            .map(output => output.evalue || output.text)"""
    )


def test_before_it_runs_the_lesson_shows_its_pictures(opened):
    page = opened("notebooks", "01_step.ipynb")
    picture = cell_with(page, "explore(schedule)").locator("img")
    expect(picture).to_have_attribute("alt", re.compile("StepDecay.*PyTorch agrees"))


def test_the_lesson_runs_and_its_explorer_follows_the_keys(opened):
    page = opened("notebooks", "01_step.ipynb")
    run_all(page)
    assert all_errors(page) == errors_shown(page) == []

    cell = cell_with(page, "explore(schedule)")
    curve = cell.locator(".curve").first
    curve.wait_for()
    before = curve.get_attribute("d")
    cell.get_by_role("slider", name=re.compile("step_size")).focus()
    page.keyboard.press("ArrowRight")
    expect(curve).not_to_have_attribute("d", before)
    expect(cell.get_by_role("status")).to_contain_text("step_size = 31")
    keep_picture(page, "lesson_01_explorer")

    cell_with(page, "height_ratios")
    keep_picture(page, "lesson_01_experiment")


def test_the_untouched_exercise_says_not_attempted_everywhere(opened):
    page = opened("exercises", "01_step.ipynb")
    run_all(page)
    assert all_errors(page) == []
    for task_id in (each for each in TASKS if each.startswith("01")):
        cell = cell_with(page, f'check("{task_id}"')
        expect(cell.locator(".jp-OutputArea")).to_contain_text(f"{task_id} not attempted")


def test_a_wrong_answer_is_named_beside_a_picture(open_notebook, lab):
    name = lab.write(
        "answer.ipynb",
        "from lrcourse.check import check\n"
        "check('01.1', lambda t, peak_lr, step_size, gamma: peak_lr * gamma ** (t / step_size))",
    )
    page = open_notebook(name)
    run_all(page)
    output = page.locator(".jp-OutputArea-output")
    expect(output).to_contain_text("It looks like this mistake: no floor.")
    expect(output).to_contain_text("got 0.933033, expected 1")
    expect(output.locator("img")).to_have_attribute("alt", re.compile("Your curve"))
    keep_picture(page, "wrong_answer")


def test_the_index_is_the_door(opened):
    page = opened("notebooks", "index.ipynb")
    expect(page.get_by_role("heading", name="The learning rate and its schedules")).to_be_visible()
    keep_picture(page, "index")
