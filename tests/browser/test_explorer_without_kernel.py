"""The explorer where no kernel runs: an exported page, and a notebook that was only opened."""

from pathlib import Path

import nbformat
import pytest
from lab_page import PATIENCE, ROOT, keep_picture
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from playwright.sync_api import Browser, Page

from tools.build import WIDGET_VIEW

CELLS = """
from lrcourse.explore import explore
from lrcourse.schedules import StepDecay
explore(StepDecay)
"""
# Of each picture that a reader should see: what it says in words, and whether it is there.
SEEN = """
() => [...document.querySelectorAll('img[src^="data:image/png"]')]
  .map(image => ({alt: image.alt, width: image.naturalWidth, shown: image.clientWidth}))
"""


@pytest.fixture(scope="module")
def executed() -> NotebookNode:
    """As a learner's notebook is after a run: with the widget, its state and its twin."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELLS)])
    NotebookClient(notebook, kernel_name="python3").execute()
    assert WIDGET_VIEW in notebook.cells[0].outputs[0].data
    return notebook


@pytest.fixture
def without_scripts(browser: Browser):
    """`without_scripts(page)`: the text of an HTML page, in a browser that runs no script."""
    pages: list[Page] = []

    def opened(html: str) -> Page:
        page = browser.new_page(viewport={"width": 1100, "height": 900}, java_script_enabled=False)
        page.route("**/*", lambda route: route.abort())  # no CDN, no network at all
        pages.append(page)
        page.set_content(html, wait_until="domcontentloaded")
        return page

    yield opened
    for page in pages:
        page.close()


def exported(notebook: NotebookNode) -> str:
    html, _ = HTMLExporter().from_notebook_node(notebook)
    return html


def images(notebook: NotebookNode) -> int:
    return str(notebook).count("data:image/png;base64")


def test_an_exported_run_shows_the_picture_and_its_words(executed, without_scripts):
    executed.metadata.pop("widgets")  # JupyterLab does not save it, unless told to
    page = without_scripts(exported(executed))
    (picture,) = page.locator("img").all()
    assert picture.get_attribute("alt").startswith("StepDecay. ")
    assert picture.bounding_box()["width"] > 400
    keep_picture(page, "explorer_exported")


@pytest.mark.parametrize("name", ["index", "explorers"])
def test_an_exported_lesson_needs_no_script(name, without_scripts):
    path = ROOT / "notebooks" / f"{name}.ipynb"
    if not path.exists():
        pytest.skip(f"{path.name} is not built")
    notebook = nbformat.read(path, as_version=4)
    page = without_scripts(exported(notebook))
    pictures = page.locator("img").all()
    assert len(pictures) == images(notebook) > 0
    for picture in pictures:
        assert picture.get_attribute("alt")
        assert picture.bounding_box()["width"] > 100
    keep_picture(page, f"exported_{name}")


def opened(page: Page, server, notebook: NotebookNode, path: str) -> Page:
    nbformat.write(notebook, server.folder / "stored.ipynb")
    page.goto(f"{server.address}/{path}/stored.ipynb?token={server.token}")
    picture = page.locator(".jp-Notebook .jp-Cell img").first
    picture.wait_for(state="attached", timeout=1000 * PATIENCE)
    picture.scroll_into_view_if_needed()
    return page


def test_a_built_lesson_shows_its_pictures_before_a_cell_runs(page, lab):
    """Such a notebook is not trusted: JupyterLab cleans what is HTML, and keeps these."""
    notebook = nbformat.read(Path(ROOT, "notebooks", "index.ipynb"), as_version=4)
    opened(page, lab, notebook, "doc/tree")
    seen = page.evaluate(SEEN)
    assert all(picture["alt"] and picture["width"] > 100 for picture in seen)
    assert len(seen) > 0
    keep_picture(page, "stored_index")


def test_a_learners_saved_explorer_shows_its_picture_before_the_cell_runs(page, lab, executed):
    executed.metadata.pop("widgets", None)
    opened(page, lab, executed, "doc/tree")
    (picture,) = page.evaluate(SEEN)
    assert picture["alt"].startswith("StepDecay. ")
    assert picture["shown"] > 400
    keep_picture(page, "stored_explorer")
