"""Run every check of the repository, one after the other: `python3 start.py test`.

Words after `test` go to pytest, and only that step runs.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools import lab

ROOT = Path(__file__).resolve().parents[1]
PYTHON = [sys.executable, "-m"]
NOTEBOOKS = [*PYTHON, "pytest", "-p", "tools.quick_nbformat", "-p", "tools.compare_outputs"]
NOTEBOOKS += ["-n", "2", "--dist", "loadfile"]
NOTEBOOKS += ["--nbval-cell-timeout", "120", "--nbval-current-env"]
NOTEBOOKS += ["--nbval-sanitize-with", "tests/nbval_sanitize.cfg"]
STEPS = {
    "ruff check": [*PYTHON, "ruff", "check", "."],
    "ruff format": [*PYTHON, "ruff", "format", "--check", "."],
    "mypy": [*PYTHON, "mypy"],
    "tests": [*PYTHON, "pytest", "tests", "-n", "2", "--dist", "loadfile"],
    "notebooks": [*NOTEBOOKS, "--nbval", "notebooks", "solutions"],
    "exercises": [*NOTEBOOKS, "--nbval-lax", "exercises"],
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
USUAL_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
DEBIAN = "apt-get update && apt-get install -y --no-install-recommends chromium"


def installed_browser() -> str:
    """The path of a browser of the Chromium family; empty if there is none."""
    for name in (*BROWSERS, "msedge", "microsoft-edge"):
        if path := shutil.which(name):
            return path
    return next((place for place in USUAL_PLACES if Path(place).exists()), "")


def quietly(command: list[str]) -> str:
    """Run a command; the last line it said if it failed, else nothing."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    said = (done.stdout + done.stderr).strip().splitlines() or ["no message"]
    return said[-1] if done.returncode else ""


def browser_environment() -> dict[str, str]:
    """What tells the browser tests which browser to use, or why there is none."""
    if "LRCOURSE_BROWSER" in os.environ:
        return {}
    if path := installed_browser():
        return {"LRCOURSE_BROWSER": path}
    print("No browser found: installing Chromium for the browser tests.", flush=True)
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        quietly(["bash", "-c", DEBIAN])
        if path := installed_browser():
            return {"LRCOURSE_BROWSER": path}
    if reason := quietly([*PYTHON, "playwright", "install", "chromium"]):
        return {"LRCOURSE_NO_BROWSER": f"no Chromium here, and none could be installed: {reason}"}
    return {}


def on_a_train(env: dict[str, str]) -> dict[str, str]:
    """The variables of a learner without network whose home folder cannot be written."""
    nowhere = {"HOME": os.devnull, "USERPROFILE": os.devnull, "XDG_CACHE_HOME": os.devnull}
    offline = {"PYTHONPATH": str(ROOT / "tools" / "offline")}
    return lab.environment(sys.prefix) | env | nowhere | offline


def run_step(name: str, command: list[str], env: dict[str, str]) -> tuple[float, bool]:
    """Run one step in the open; (seconds, passed)."""
    print(f"\n=== {name}: {' '.join(command[2:])}", flush=True)
    started = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL).returncode
    return time.monotonic() - started, code == 0  # no tests found is code 5, and a failure


def table(results: dict[str, tuple[float, bool]]) -> str:
    """The summary: step, seconds, passed or FAILED."""
    rows = [
        f"{name:<12} {seconds:6.1f} s  {'passed' if passed else 'FAILED'}"
        for name, (seconds, passed) in results.items()
    ]
    return "\n".join(rows)


def main(words: list[str]) -> int:
    """1 if any step failed."""
    steps = {"tests": [*PYTHON, "pytest", *words]} if words else STEPS
    one_thread = {"OMP_NUM_THREADS": "1"}  # two busy threads on two busy cores are ten times slower
    nobody = {"LRCOURSE_PROGRESS": "off", "LRCOURSE_LEARNER": ""}  # no test is a learner's work
    env = os.environ | one_thread | nobody | browser_environment()
    envs = {name: on_a_train(env) for name in ("notebooks", "exercises")}
    results = {name: run_step(name, word, envs.get(name, env)) for name, word in steps.items()}
    print(f"\n{table(results)}", flush=True)
    return 0 if all(passed for _, passed in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
