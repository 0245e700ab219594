"""Open JupyterLab on the course, apart from every other Jupyter on this computer.

`python -m tools.lab [--no-browser] [--port N] [words for Lab]` prints one line with the address.
The top of this file imports the standard library only: start.py reads `environment` from here.
"""

import importlib.util
import logging
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST_PAGE = "/lab/tree/notebooks/index.ipynb"
NEEDED = ("anywidget", "ipykernel", "ipywidgets", "jupyterlab", "lrcourse", "matplotlib", "torch")
DAMAGED = 3  # the exit code that asks start.py for a repair


def environment(prefix: str | Path) -> dict[str, str]:
    """The variables of a process whose settings and caches stay inside `prefix`."""
    home = Path(os.environ.get("LRCOURSE_HOME") or Path(prefix) / "home")
    mine = {
        "JUPYTER_CONFIG_DIR": home / "jupyter" / "config",
        "JUPYTER_DATA_DIR": home / "jupyter" / "data",
        "JUPYTER_RUNTIME_DIR": home / "jupyter" / "runtime",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": home / "ipython",
        "MPLCONFIGDIR": home / "matplotlib",
        "PYTHONUTF8": "1",  # notebooks read files the same way on every system
    }
    others = ("JUPYTER", "IPYTHON", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "MPL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return kept | {name: str(value) for name, value in mine.items()}


def forget_system_jupyter() -> None:
    """Extensions that another Jupyter put into the system folders are not shown in the course."""
    import jupyter_core.paths

    jupyter_core.paths.SYSTEM_JUPYTER_PATH.clear()
    jupyter_core.paths.SYSTEM_CONFIG_PATH.clear()


def settings():
    """What the course changes in JupyterLab; words on the command line go above it."""
    from traitlets.config import Config

    config = Config()
    config.Application.log_level = logging.WARNING
    config.ServerApp.root_dir = str(ROOT)
    config.ServerApp.ip = "127.0.0.1"
    config.ServerApp.allow_root = hasattr(os, "geteuid") and os.geteuid() == 0
    config.ServerApp.answer_yes = True  # Ctrl+C stops at once
    config.ServerApp.use_redirect_file = False  # packaged browsers cannot read hidden folders
    config.LabApp.default_url = FIRST_PAGE
    config.LabApp.app_settings_dir = str(ROOT / "tools" / "lab_settings")
    config.LabApp.extension_manager = "readonly"  # the other one asks a package index
    config.LabApp.news_url = None
    config.LabApp.check_for_updates_class = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
    return config


def answer_at_once() -> None:
    """A moved slider is answered 20 ms sooner: TCP no longer collects small messages.

    jupyter_server leaves Nagle's algorithm on, and browsers delay their acknowledgements.
    """
    from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

    opened = KernelWebsocketHandler.open

    async def open_undelayed(handler, kernel_id):
        handler.set_nodelay(True)
        await opened(handler, kernel_id)

    KernelWebsocketHandler.open = open_undelayed


def make_server(words: list[str]):
    """A JupyterLab server that listens already; `start()` serves until Ctrl+C."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # 2 s of import
    forget_system_jupyter()
    from jupyterlab.labapp import LabApp

    answer_at_once()
    # naming the server extensions keeps all others out, also those that are installed
    LabApp.serverapp_config = LabApp.serverapp_config | {
        "jpserver_extensions": {"jupyter_server_terminals": True}
    }
    return LabApp.initialize_server(argv=words, config=settings())


def keep_log(folder: Path) -> None:
    """From here on, what the server and its kernels say on stderr goes to a file."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "jupyter.log").open("wb") as log:
        os.dup2(log.fileno(), 2)


def announce(server) -> None:
    """Print the one line that a learner needs."""
    token = server.identity_provider.token
    page = f"http://{server.ip}:{server.port}{server.base_url.rstrip('/')}{FIRST_PAGE}"
    address = f"{page}?token={token}" if token else page
    print(f"The course is open at {address}  Stop it with Ctrl+C.", flush=True)


def main(words: list[str]) -> int:
    os.chdir(ROOT)
    own = environment(sys.prefix)
    os.environ.clear()
    os.environ.update(own)
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(f"Missing packages: {', '.join(missing)}.", file=sys.stderr)
        return DAMAGED
    try:
        server = make_server(words)
    except (ImportError, SyntaxError) as error:
        print(f"JupyterLab cannot be loaded: {error}.", file=sys.stderr)
        return DAMAGED
    keep_log(Path(own["JUPYTER_DATA_DIR"]))
    server.io_loop.add_callback(announce, server)
    server.start()
    print("The course is closed.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
