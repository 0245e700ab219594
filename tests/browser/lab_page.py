"""What the browser tests do on a page of JupyterLab."""

from dataclasses import dataclass
from pathlib import Path

import nbformat
from playwright.sync_api import Locator, Page

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "tests" / "artifacts"
PATIENCE = 45  # seconds for what takes two on a quiet machine


@dataclass(frozen=True)
class Lab:
    """A running server that shows the notebooks in `folder`."""

    address: str  # http://127.0.0.1:port
    token: str  # empty where none is asked for
    folder: Path

    def write(self, name: str, *cells: str) -> str:
        """A notebook with these code cells; returns its name."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, self.folder / name)
        return name


def open_page(page: Page, lab: Lab, name: str, mode: str = "lab") -> Page:
    """A notebook of `lab`, once its cells are there and the kernel is idle.

    `mode` is "lab", or "doc" for the notebook alone, as on a phone.
    """
    page.goto(f"{lab.address}/{mode}/tree/{name}?token={lab.token}&reset", wait_until="load")
    page.wait_for_function(
        "() => window.jupyterapp && document.querySelector('.jp-Notebook .jp-Cell')",
        timeout=1000 * PATIENCE,
    )
    wait_until_idle(page)
    return page


def wait_until_idle(page: Page) -> None:
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
        "?.status === 'idle'",
        timeout=1000 * PATIENCE,
    )


def run_all(page: Page) -> None:
    """Run every cell and wait until each has its number."""
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(
        """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells
            .filter(cell => cell.cell_type === 'code' && cell.getSource().trim())
            .every(cell => cell.execution_count !== null)""",
        timeout=1000 * PATIENCE,
    )
    wait_until_idle(page)


def errors_shown(page: Page) -> list[str]:
    """The tracebacks and the standard error on the page."""
    marks = "application/vnd.jupyter.error", "application/vnd.jupyter.stderr"
    selector = ", ".join(f'.jp-OutputArea-output[data-mime-type="{mark}"]' for mark in marks)
    return page.locator(selector).all_text_contents()  # also of cells out of sight


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


def use_theme(page: Page, name: str) -> None:
    """Switch to "JupyterLab Light" or "JupyterLab Dark"."""
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name
    )
    is_light = "true" if "Light" in name else "false"
    page.locator(f'body[data-jp-theme-light="{is_light}"]').wait_for(state="attached")


def keep_picture(page: Page, name: str) -> Path:
    """A screenshot for people, in tests/artifacts/ (not in git)."""
    ARTIFACTS.mkdir(exist_ok=True)
    path = ARTIFACTS / f"{name}.png"
    page.screenshot(path=path)
    return path


def is_local(url: str) -> bool:
    return url.startswith(("data:", "blob:", "about:", "file:")) or "://127.0.0.1:" in url
