"""A quiz of a lesson in JupyterLab, answered by keyboard, before any cell ran."""

import shutil

import nbformat
import pytest
from lab_page import ROOT, keep_picture
from playwright.sync_api import expect

from tools.quiz import questions

LESSON = "01_step"


def quiz_text():
    text = (ROOT / "sources" / f"{LESSON}.py").read_text("utf-8")
    start = text.index('# %% [markdown] tags=["quiz"]')
    lines = text[start : text.index("\n# %%", start + 1)].splitlines()[1:]
    return "\n".join(line.removeprefix("# ").removeprefix("#") for line in lines)


@pytest.fixture
def quiz(open_notebook, lab):
    """The cell with the quiz, in view."""
    shutil.copy(ROOT / "notebooks" / f"{LESSON}.ipynb", lab.folder / "quiz.ipynb")
    page = open_notebook("quiz.ipynb")
    cells = nbformat.read(lab.folder / "quiz.ipynb", as_version=4).cells
    index = next(k for k, cell in enumerate(cells) if "quiz" in cell.metadata.get("tags", []))
    page.evaluate(
        """async index => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            notebook.activeCellIndex = index;
            await notebook.scrollToItem(index, 'start');
        }""",
        index,
    )
    return page.locator(f'.jp-Cell[data-windowed-list-index="{index}"] .jp-RenderedMarkdown')


def test_every_choice_opens_by_keyboard_with_its_own_feedback(quiz):
    asked = [choice for each in questions(quiz_text()).values() for choice in each]
    expect(quiz.locator("details")).to_have_count(len(asked))
    for number, choice in enumerate(asked):
        answer = quiz.locator("details").nth(number)
        assert answer.get_attribute("open") is None
        answer.locator("summary").focus()
        quiz.page.keyboard.press("Enter")
        expect(answer).to_have_attribute("open", "")
        verdict = "✓ Right." if choice.right else "✗ Not this one."
        expect(answer).to_contain_text(f"{verdict} {choice.feedback}".replace("`", ""))
    keep_picture(quiz.page, "quiz_answered")


def test_before_a_choice_no_feedback_is_seen(quiz):
    shown = quiz.inner_text()
    for asked, choices in questions(quiz_text()).items():
        assert asked.replace("`", "") in shown
        assert not any(choice.feedback[:40] in shown for choice in choices)
    keep_picture(quiz.page, "quiz")
