"""Make `.venv` beside start.py and fill it with the pinned packages, using the standard library.

Only `.venv` is ever deleted, and of it never `home`, which holds the learner's own settings.
"""

import contextlib
import csv
import errno
import hashlib
import importlib.util
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.lab import environment
from tools.pip_log import AGAIN, Progress, explain

KEPT = ("home", "install.lock")
GIGABYTES = {"lab": 1.5, "test": 0.9}  # measured on Linux with the CPU build of PyTorch
SPARE = 0.4
WARM_UP = (
    "import anywidget, ipywidgets, jupyterlab, lrcourse, scipy.stats, sklearn, torch;"
    "import matplotlib.pyplot as plt; plt.figure().canvas.draw()"
)


class Problem(Exception):
    """One sentence for the learner: what is wrong, and the remedy."""


def requirements(root: Path, extras: Iterable[str]) -> list[str]:
    """What pyproject.toml asks for, with what builds the course itself."""
    declared = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    project = declared["project"]
    wanted = [*declared["build-system"]["requires"], *project["dependencies"]]
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return wanted


def python_in(venv: Path) -> Path:
    """The interpreter of a virtual environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def site_packages(venv: Path) -> list[Path]:
    """The folders that hold the installed packages."""
    return [*venv.glob("lib/python*/site-packages"), *venv.glob("Lib/site-packages")]


# ---- is anything to be done?


def fingerprint(root: Path, extras: Iterable[str]) -> dict:
    """All that an installation depends on."""
    pins = (root / "constraints.txt").read_text("utf-8")
    asked = "\n".join(requirements(root, ["lab", "test"]))
    scripts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    made_by = root / ".venv" / "pyvenv.cfg"
    version = [
        line for line in made_by.read_text("utf-8").splitlines() if line.startswith("version")
    ]
    return {
        "pins": hashlib.sha256(f"{pins}\n{asked}\n{scripts}".encode()).hexdigest(),
        "folder": str(root),
        "python": " ".join(version),
        "extras": sorted(extras),
    }


def saved_fingerprint(root: Path) -> dict:
    """What `.venv` was last completed for; nothing if it never was or cannot be read."""
    try:
        saved = json.loads((root / ".venv" / "ready.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return saved if isinstance(saved, dict) else {}


def why_install(root: Path, extras: Iterable[str]) -> str:
    """The sentence that says why pip must run; empty if nothing is to be done."""
    venv, saved = root / ".venv", saved_fingerprint(root)
    if not venv.is_dir() or not [name for name in os.listdir(venv) if name not in KEPT]:
        return "Installing the course into .venv, once; this takes a few minutes."
    if not python_in(venv).exists() or not (venv / "pyvenv.cfg").exists():
        return "The Python inside .venv is gone: building .venv again."
    if not saved:
        return "The installation in .venv is not complete or is damaged: completing it."
    now = fingerprint(root, {*extras, *saved.get("extras", [])})
    if now["folder"] != saved.get("folder"):
        return "The course lies in a new folder: fitting .venv to it."
    if now["pins"] != saved.get("pins"):
        return "The list of packages has changed: bringing .venv up to date."
    if now["python"] != saved.get("python"):
        return "The Python of .venv has changed: checking .venv."
    if now["extras"] != saved.get("extras"):
        return "Adding the packages for the tests to .venv."
    return ""


# ---- checks before pip runs


@contextlib.contextmanager
def locked(venv: Path) -> Iterator[int]:
    """Only one start at a time installs; the system frees the lock when its owner dies."""
    venv.mkdir(exist_ok=True)
    with (venv / "install.lock").open("a") as lock:
        if not try_lock(lock.fileno()):
            print("Another start.py is installing into .venv: waiting for it.", flush=True)
            while not try_lock(lock.fileno()):
                time.sleep(0.5)
        yield lock.fileno()


def try_lock(file: int) -> bool:
    """Take the lock; False if another process has it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True


def check_space(venv: Path, extras: Iterable[str]) -> None:
    """Refuse before the first download if the disk cannot hold the packages."""
    present = sum(
        os.lstat(os.path.join(folder, file)).st_size
        for folder, _, files in os.walk(venv)
        for file in files
    )
    missing = sum(GIGABYTES[extra] for extra in extras) - present / 1e9
    free = shutil.disk_usage(venv).free / 1e9
    if missing > 0.1 and free < missing + SPARE:
        raise Problem(
            f"The disk has {free:.1f} GB left and the course needs {missing + SPARE:.1f} GB:"
            f" free some space, {AGAIN}"
        )


def check_ensurepip() -> None:
    """Debian and Ubuntu ship Python without what makes virtual environments."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise Problem(
            "This Python cannot make virtual environments: install what is missing"
            f" (Debian, Ubuntu: sudo apt install python3-venv), {AGAIN}"
        )


# ---- the virtual environment


def usable(venv: Path) -> bool:
    """Whether the environment's Python runs, is new enough, and has a pip that loads."""
    probe = "import sys, pip._internal.cli.main; sys.exit(sys.version_info < (3, 11))"
    try:
        command = [python_in(venv), "-c", probe]
        return subprocess.run(command, capture_output=True, env=environment(venv)).returncode == 0
    except OSError:
        return False


def make_venv(venv: Path) -> None:
    """An empty environment in place of whatever `.venv` held."""
    check_ensurepip()
    for entry in venv.iterdir():
        if entry.name in KEPT:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    python = getattr(sys, "_base_executable", "") or sys.executable
    # in two steps, because the first hides what the second says when the disk is full
    for command in (
        [python, "-m", "venv", "--without-pip", venv],
        [python_in(venv), "-m", "ensurepip", "--default-pip"],
    ):
        made = subprocess.run(command, capture_output=True, text=True, errors="replace")
        if made.returncode:
            raise Problem(explain(made.stdout + made.stderr))


def damaged_packages(folder: Path) -> dict[Path, str]:
    """The packages of which a file is missing or empty: {dist-info folder: that file}."""
    damaged = {}
    for info in folder.glob("*.dist-info"):
        file = first_missing(info)
        if file and not info.name.startswith("pip-"):
            damaged[info] = file
    return damaged


def first_missing(info: Path) -> str:
    """The first file that the package's own list names and the disk does not hold."""
    try:
        with (info / "RECORD").open(encoding="utf-8", newline="") as record:
            for name, _, size in csv.reader(record):
                try:
                    lost = size and os.stat(info.parent / name).st_size == 0 < int(size)
                except OSError:
                    lost = not name.endswith(".pyc")
                if lost:
                    return name
    except (OSError, ValueError):
        return "RECORD"
    return ""


def forget_damaged(venv: Path) -> None:
    """Let pip believe that damaged packages are not installed, so that it installs them."""
    for folder in site_packages(venv):
        damaged = damaged_packages(folder)
        names = sorted(info.name.split("-")[0] for info in damaged)
        if names:
            print(f"Files are missing, installing again: {', '.join(names)}.", flush=True)
        for info in damaged:
            shutil.rmtree(info)


# ---- pip


def lines_of(process: subprocess.Popen) -> Iterator[str]:
    """The lines of a process as they come, and an empty one after each half second of silence."""
    lines: queue.SimpleQueue = queue.SimpleQueue()

    def read() -> None:
        with contextlib.suppress(ValueError):  # closed under us, when pip is stopped
            for line in process.stdout or ():
                lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            line = ""
        if line is None:
            return
        yield line


class Reporter:
    """One line that is written over on a terminal, else a line now and then."""

    def __init__(self, progress: Progress, folders: list[Path]):
        self.progress, self.folders = progress, folders
        self.terminal = sys.stdout.isatty()
        self.shown, self.said_at = "", time.monotonic()

    def show(self) -> None:
        """Tell what pip does now, if there is something new to tell."""
        text, now = self.progress.text, time.monotonic()
        if self.terminal:
            if self.progress.unpacking:
                done = sum(1 for folder in self.folders for _ in folder.glob("*.dist-info"))
                text = f"Unpacked {done} packages of {self.progress.total}"
            width = shutil.get_terminal_size().columns - 6
            seconds = int(now - self.said_at)
            print(f"\r\033[K  {text[:width]} {seconds if seconds > 2 else ''}", end="", flush=True)
            if text != self.shown:
                self.shown, self.said_at = text, now
        elif text != self.shown and (self.progress.big or now - self.said_at > 10):
            self.shown, self.said_at = text, now
            print(f"  {text}", flush=True)

    def end(self) -> None:
        """Clear the line."""
        if self.terminal:
            print("\r\033[K", end="", flush=True)


def pip_install(root: Path, words: list[str], total: int, lock: int) -> None:
    """Run pip in `.venv`; raise the sentence that explains its failure."""
    venv = root / ".venv"
    command = [python_in(venv), "-m", "pip", "install", "--no-input", "--retries=3"]
    command += ["--disable-pip-version-check", "--progress-bar=off", *words]
    reporter = Reporter(Progress(total), site_packages(venv))
    heard = []
    with (
        (venv / "install.log").open("a", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            cwd=root,
            env=environment(venv) | {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            pass_fds=() if os.name == "nt" else (lock,),  # an orphan of ours keeps the lock
        ) as process,
    ):
        try:
            for line in lines_of(process):
                log.write(line)
                log.flush()
                heard.append(line)
                reporter.progress.read(line)
                reporter.show()
        except BaseException:
            process.terminate()
            raise
        finally:
            reporter.end()
    if process.returncode:
        raise Problem(explain("".join(heard)))


def count_pins(root: Path, extras: Iterable[str]) -> int:
    """How many packages constraints.txt lists for these extras."""
    text = (root / "constraints.txt").read_text("utf-8")
    if "test" not in extras:
        text = text.partition("# For the tests")[0]
    return sum(1 for line in text.splitlines() if "==" in line and not line.startswith("#"))


def warm_up(venv: Path) -> None:
    """Load everything once: builds the font list, and finds a PyTorch that cannot start."""
    command = [python_in(venv), "-c", WARM_UP]
    env = environment(venv) | {"MPLBACKEND": "agg"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", env=env)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Problem(
            f"The installed packages do not start ({last}): delete the folder .venv, {AGAIN}"
        )


# ---- all together


def install(root: Path, extras: set[str], lock: int) -> None:
    """Everything from an empty folder to a written ready.json; each step finds its work done."""
    started, venv = time.monotonic(), root / ".venv"
    (venv / "ready.json").unlink(missing_ok=True)
    check_space(venv, extras)
    if not usable(venv):
        make_venv(venv)
    (venv / "install.log").unlink(missing_ok=True)
    forget_damaged(venv)
    wanted = ["-c", str(root / "constraints.txt"), *requirements(root, sorted(extras))]
    pip_install(root, wanted, count_pins(root, extras), lock)
    pip_install(root, ["--no-deps", "--no-build-isolation", "-e", str(root)], 1, lock)
    print("  Starting everything once", flush=True)
    warm_up(venv)
    partial = venv / "ready.json.partial"
    partial.write_text(json.dumps(fingerprint(root, extras), indent=1), "utf-8")
    partial.replace(venv / "ready.json")
    print(f"Ready in {time.monotonic() - started:.0f} s.", flush=True)


def ensure(root: Path, extras: Iterable[str]) -> Path:
    """The Python of a complete `.venv`; without work to do this reads three small files."""
    venv = root / ".venv"
    if not why_install(root, extras):
        return python_in(venv)
    try:
        with locked(venv) as lock:
            if sentence := why_install(root, extras):
                print(sentence, flush=True)
                known = {"lab", "test"} & {*saved_fingerprint(root).get("extras", [])}
                install(root, {*extras, *known}, lock)
    except OSError as error:
        raise Problem(advice(error, root)) from error
    return python_in(venv)


def advice(error: OSError, root: Path) -> str:
    """The sentence for a file that could not be written."""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"The folder {root} cannot be written ({error.filename}): copy the course into a"
            f" folder of your own, {AGAIN}"
        )
    return explain(str(error))
