"""A real JupyterLab, Notebook and Voilà, shared by the tests of one worker."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from lab_page import ROOT, Lab, is_local, keep_picture, open_page
from playwright.sync_api import Browser, Page
from servers import running

from tools.lab import environment


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The learner's own command, on an empty folder: the repository stays as it is."""
    folder = tmp_path_factory.mktemp("notebooks")
    home = tmp_path_factory.mktemp("home")
    words = ["-m", "tools.lab", "--no-browser", "--port", "0", f"--ServerApp.root_dir={folder}"]
    words += ["--LabApp.expose_app_in_browser=True"]  # window.jupyterapp, to see when it is idle
    line = r"(http://[\d.]+:\d+)/\S*token=(\w+)"
    own = {**os.environ, "LRCOURSE_HOME": str(home)}
    with running(words, home / "lab.log", line, cwd=ROOT, env=own) as found:
        yield Lab(found[1], found[2], folder)


@pytest.fixture(scope="session")
def notebook7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Jupyter Notebook as it comes, without the buttons that other packages of the tests add."""
    folder = tmp_path_factory.mktemp("notebooks")
    home = tmp_path_factory.mktemp("home")
    words = ["-c", "import tools.quick_nbformat; from notebook.app import main; main()"]
    words += ["--no-browser", "--allow-root", "--port=0", f"--ServerApp.root_dir={folder}"]
    words += ["--ServerApp.ip=127.0.0.1", "--JupyterNotebookApp.expose_app_in_browser=True"]
    words += [f"--JupyterNotebookApp.app_settings_dir={ROOT / 'tools' / 'lab_settings'}"]
    line = r"(http://127.0.0.1:\d+)/\S*token=(\w+)"
    with running(words, home / "notebook.log", line, cwd=ROOT, env=environment(home)) as found:
        yield Lab(found[1], found[2], folder)


@pytest.fixture(scope="session")
def voila(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Voilà, which shows the outputs of a notebook as a page without code."""
    folder = tmp_path_factory.mktemp("notebooks")
    home = tmp_path_factory.mktemp("home")
    words = ["-c", "import tools.quick_nbformat; from voila.app import main; main()"]
    words += [str(folder), "--no-browser", "--Voila.ip=127.0.0.1"]
    # these two need a newer JupyterLab than Voilà holds, and would say so on the console
    for extension in ("@jupyter-notebook/lab-extension", "jupyterlab-jupytext"):
        words.append(f"--VoilaConfiguration.extension_denylist={extension}")
    line = r"(http://127.0.0.1:\d+)"
    with running(words, home / "voila.log", line, cwd=ROOT, env=environment(home)) as found:
        yield Lab(found[1], "", folder)


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A fresh window. The test fails when any request leaves this computer."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    outside: list[str] = []
    page.on("request", lambda request: is_local(request.url) or outside.append(request.url))
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
        return open_page(page, lab, name, mode)

    return open_it


@pytest.fixture
def opened(open_notebook: Callable[..., Page], lab: Lab) -> Callable[..., Page]:
    """A copy of a notebook of the course, as it is in the repository."""

    def open_copy(kind: str, name: str) -> Page:
        shutil.copy(ROOT / kind / name, lab.folder / f"{kind}_{name}")
        return open_notebook(f"{kind}_{name}")

    return open_copy
