"""A real JupyterLab and a real browser, shared by the tests of one worker.

The browser is LRCOURSE_BROWSER, else the system's Chromium, else Playwright's own. Where there
is none, set LRCOURSE_NO_BROWSER to the reason: the tests are skipped, but fail in CI.
"""

import os
import re
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from lab_page import PATIENCE, ROOT, keep_picture, wait_until_idle
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab whose file browser shows `folder`."""

    address: str  # http://127.0.0.1:port
    token: str
    folder: Path

    def write(self, name: str, *cells: str) -> str:
        """A notebook with these code cells; returns its name."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, self.folder / name)
        return name


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The learner's own command, on an empty folder: the repository stays as it is."""
    folder = tmp_path_factory.mktemp("notebooks")
    home = tmp_path_factory.mktemp("home")
    words = ["--no-browser", "--port", "0", f"--ServerApp.root_dir={folder}"]
    words += ["--LabApp.expose_app_in_browser=True"]  # window.jupyterapp, to see when it is idle
    server = subprocess.Popen(
        [sys.executable, "-m", "tools.lab", *words],
        cwd=ROOT,
        env={**os.environ, "LRCOURSE_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=(home / "lab.log").open("w"),
        text=True,
    )
    try:
        address, token = _announced(server, home / "lab.log")
        yield Lab(address, token, folder)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    reason = os.environ.get("LRCOURSE_NO_BROWSER")
    if reason and os.environ.get("CI") == "true":
        pytest.fail(f"CI must have a browser, but LRCOURSE_NO_BROWSER says: {reason}")
    if reason:
        pytest.skip(reason)
    program = os.environ.get("LRCOURSE_BROWSER") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM))
        yield browser
        browser.close()


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A fresh window. The test fails when any request leaves this computer."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    outside: list[str] = []
    page.on("request", lambda request: _is_local(request.url) or outside.append(request.url))
    failures = request.session.testsfailed
    yield page
    if request.session.testsfailed > failures:
        keep_picture(page, f"failed_{request.node.name}")
    page.close()
    assert not outside, f"requests left this computer: {outside}"


@pytest.fixture
def open_notebook(page: Page, lab: Lab) -> Callable[..., Page]:
    """`open_notebook("x.ipynb")`: the page, once the cells are there and the kernel is idle.

    `mode` is "lab", or "doc" for the notebook alone, as on a phone.
    """

    def open_it(name: str, mode: str = "lab") -> Page:
        address = f"{lab.address}/{mode}/tree/{name}?token={lab.token}&reset"
        page.goto(address, wait_until="load")
        page.wait_for_function(
            "() => window.jupyterapp && document.querySelector('.jp-Notebook .jp-Cell')",
            timeout=1000 * PATIENCE,
        )
        wait_until_idle(page)
        return page

    return open_it


def _announced(server: subprocess.Popen, log: Path) -> tuple[str, str]:
    """The address and the token in the line that the server prints."""
    deadline = time.monotonic() + PATIENCE
    with selectors.DefaultSelector() as waiting:
        waiting.register(server.stdout, selectors.EVENT_READ)
        while time.monotonic() < deadline and server.poll() is None:
            line = server.stdout.readline() if waiting.select(timeout=1) else ""
            found = re.search(r"(http://[\d.]+:\d+)/\S*token=(\w+)", line)
            if found:
                return found[1], found[2]
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


def _is_local(url: str) -> bool:
    return url.startswith(("data:", "blob:", "about:")) or "://127.0.0.1:" in url
