"""The text of every lesson as JupyterLab sets it: formulas become formulas, tables tables."""

import re
from collections.abc import Callable

import jupytext
import nbformat
import pytest
from lab_page import PATIENCE
from playwright.sync_api import Page, expect

from tools.ledger import lessons

FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$]+\$", re.DOTALL)
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


def texts() -> dict[str, str]:
    """The Markdown of each lesson in one piece."""
    return {
        source.stem: "\n\n".join(
            cell.source
            for cell in jupytext.read(source, fmt="py:percent").cells
            if cell.cell_type == "markdown"
        )
        for source in lessons()
    }


TEXTS = texts()


@pytest.fixture(scope="module")
def all_texts() -> nbformat.NotebookNode:
    """A notebook with one cell of Markdown for each lesson."""
    cells = [nbformat.v4.new_markdown_cell(text) for text in TEXTS.values()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return notebook


def test_formulas_and_tables_are_set(open_notebook: Callable[..., Page], lab, all_texts):
    nbformat.write(all_texts, lab.folder / "texts.ipynb")
    page = open_notebook("texts.ipynb")
    for index, (lesson, text) in enumerate(TEXTS.items()):
        page.evaluate(
            "k => window.jupyterapp.shell.currentWidget.content.scrollToItem(k, 'start')", index
        )
        cell = page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')
        wanted = len(FORMULA.findall(CODE.sub("", text)))
        formulas = cell.locator("mjx-container")
        expect(formulas, lesson).to_have_count(wanted, timeout=1000 * PATIENCE)
        expect(cell.locator("mjx-merror, [data-mjx-error]"), lesson).to_have_count(0)
        rendered = cell.locator(".jp-RenderedMarkdown").evaluate(
            "n => { const c = n.cloneNode(true);"
            " for (const x of c.querySelectorAll('mjx-container, code, pre')) x.remove();"
            " return c.textContent; }"
        )
        assert not re.search(r"\$|\\[a-z]{2,}|\|\s*---|\*\*", rendered), lesson
        tables = len(re.findall(r"^\|(?:\s*:?-+:?\s*\|)+\s*$", text, re.MULTILINE))
        assert cell.locator("table").count() == tables, lesson
