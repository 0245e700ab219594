"""`python3 start.py [words for Lab]` and `python3 start.py test [words for pytest]`."""

import importlib.metadata
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from tools.install import Problem, damaged_packages, ensure, site_packages, usable
from tools.lab import DAMAGED, environment

ROOT = Path(__file__).resolve().parents[1]
HELP = """\
python3 start.py                 install what is missing, then open the course in the browser
python3 start.py --no-browser    print the address only
python3 start.py --port 8900     take this port (the next free one if it is taken)
python3 start.py test            run all tests
python3 start.py test tests/test_start.py -k offline    run pytest on a part
Any other words go to JupyterLab."""

CONDA_NEEDS = {"lab": ("jupyterlab", "torch", "lrcourse"), "test": ("pytest", "nbval", "ruff")}


def in_conda(extras: Iterable[str]) -> bool:
    """Whether an active conda environment runs this and has the course's packages."""
    if Path(os.environ.get("CONDA_PREFIX", "nowhere")).resolve() != Path(sys.prefix).resolve():
        return False
    try:
        for extra in extras:
            for name in CONDA_NEEDS[extra]:
                importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def run(command: list, prefix: Path) -> int:
    """Run a command until it ends by itself or by Ctrl+C; its exit code."""
    with subprocess.Popen(command, cwd=ROOT, env=environment(prefix)) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                if os.name != "nt":  # there Ctrl+C has reached the process already
                    process.terminate()


def watch_files(venv: Path) -> None:
    """While Lab is open, look once for missing files, which would fail in a notebook only."""
    time.sleep(10)
    damaged = [info.name for folder in site_packages(venv) for info in damaged_packages(folder)]
    if damaged:
        (venv / "ready.json").unlink(missing_ok=True)
        names = ", ".join(sorted(name.split("-")[0] for name in damaged))
        print(f"Files of {names} are missing in .venv: stop with Ctrl+C and start again to repair.")


def run_repaired(extras: list[str], words: list[str]) -> int:
    """Run a module in `.venv`; if `.venv` turns out to be damaged, repair it and run once more."""
    venv = ROOT / ".venv"
    for attempt in ("first", "repaired"):
        python = ensure(ROOT, extras)
        if attempt == "first" and "tools.lab" in words:
            threading.Thread(target=watch_files, args=(venv,), daemon=True).start()
        try:
            code = run([python, "-m", *words], venv)
        except OSError:
            code = DAMAGED
        if code == 0 or (code != DAMAGED and usable(venv)):
            return code
        (venv / "ready.json").unlink(missing_ok=True)
    raise Problem("The course does not start after a repair: delete the folder .venv, start again.")


def start(words: list[str]) -> int:
    """Do what the words ask for; the exit code."""
    if words[:1] in (["-h"], ["--help"]):
        print(HELP)
        return 0
    testing = words[:1] == ["test"]
    extras = ["lab", "test"] if testing else ["lab"]
    command = ["tools.run_tests", *words[1:]] if testing else ["tools.lab", *words]
    if not in_conda(extras):
        return run_repaired(extras, command)
    code = run([sys.executable, "-m", *command], Path(sys.prefix))
    if code == DAMAGED:
        raise Problem("The conda environment lacks packages: conda env update -f environment.yml")
    return code


def main(words: list[str]) -> int:
    """The exit code; every trouble is one sentence."""
    try:
        return start(words)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped: the same command continues.", file=sys.stderr)
        return 130
