"""Is this installation healthy? Each check says what is wrong, and the one command that mends it.

Nothing that may be broken is imported here: it is tried in a Python of its own, so that a
package that crashes on import becomes a line of the report, not its end.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement

import lrcourse
from lrcourse import progress

COURSE = Path(lrcourse.__file__).resolve().parents[1]
OLDEST, NEWEST = (3, 11), (3, 13)
NEEDED_MEMORY, NEEDED_DISK = 1.0, 0.2  # GB
PATIENCE = 120  # seconds for one check; the first import of torch on a slow disk is long
AGAIN = "python3 start.py" if os.name != "nt" else "py start.py"
REINSTALL = f"in the folder of the course, run: {AGAIN} (it repairs .venv)"
IMPORTED = ("numpy", "scipy", "sklearn", "torch", "matplotlib", "ipywidgets", "anywidget")
SHOWN_SIGNS = "ηγτ√⌊✓✗…"

State = Literal["ok", "look", "wrong"]


@dataclass(frozen=True)
class Finding:
    """What one check found; the remedy is empty where nothing is to be done."""

    name: str
    state: State
    what: str
    remedy: str = ""

    @property
    def lines(self) -> list[str]:
        """One line, and one more where something is to be done."""
        line = f"{self.state:5}  {self.name}: {anonymous(self.what)}"
        return [line, f"       -> {anonymous(self.remedy)}"] if self.remedy else [line]


def examined() -> list[Finding]:
    """Every check, several at a time, in this order."""
    with ThreadPoolExecutor() as pool:
        return [each for found in pool.map(lambda check: check(), CHECKS) for each in found]


def anonymous(text: str) -> str:
    """Without the name of the user, so that it can be pasted into a question."""
    home = os.path.expanduser("~")
    return text.replace(home, "~") if len(home) > 1 else text


# The checks ------------------------------------------------------------------------------------


def python() -> list[Finding]:
    """The version, and whether it is a 64-bit program: torch has no other."""
    told = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info[:2] < OLDEST:
        least = ".".join(map(str, OLDEST))
        return [Finding("Python", "wrong", told, f"install Python {least} or newer, then {AGAIN}")]
    if sys.maxsize < 2**32:
        remedy = f"install the 64-bit Python, then {AGAIN}"
        return [Finding("Python", "wrong", f"{told}, 32 bits", remedy)]
    if sys.version_info[:2] > NEWEST:
        newest = ".".join(map(str, NEWEST))
        return [Finding("Python", "look", f"{told}; tried up to {newest} only")]
    return [Finding("Python", "ok", told)]


def course() -> list[Finding]:
    """Which course this is; a second copy beside it explains a lot of confusion."""
    told = f"lrcourse {lrcourse.__version__} in {COURSE}"
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "lrcourse" / "__init__.py").is_file() and folder.resolve() != COURSE:
            remedy = f"work in {COURSE}, or in {folder} run: {AGAIN}"
            return [Finding("course", "look", f"{told}, but you are in another copy", remedy)]
    return [Finding("course", "ok", told)]


def packages() -> list[Finding]:
    """What the course asks for is installed, in a version it can use."""
    missing = []
    for text in metadata.requires("lrcourse") or ():
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            continue
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            missing.append(f"{wanted.name} is not installed")
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            missing.append(f"{wanted.name} is {version}, needed {wanted.specifier}")
    if missing:
        return [Finding("packages", "wrong", "; ".join(missing), REINSTALL)]
    return [Finding("packages", "ok", "all are there, in versions that fit")]


def imports() -> list[Finding]:
    """The large ones can be imported: a damaged file or a missing DLL shows only then."""
    found = []
    for name in IMPORTED:
        answer, error = _tried(f"import {name}; print({name}.__version__)")
        if error:
            found.append(Finding(name, "wrong", f"cannot be imported: {error}", REINSTALL))
        elif name == "torch":
            found.append(Finding(name, "ok", answer))
    if all(each.state == "ok" for each in found):
        found.append(Finding("imports", "ok", ", ".join(IMPORTED)))
    return found


KERNEL = """
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3", startup_timeout=90)
said = []
client.execute_interactive(
    "import sys; print(sys.executable)", timeout=60,
    output_hook=lambda message: said.append(message["content"].get("text", "")))
manager.shutdown_kernel(now=True)
print("".join(said).strip())
"""


def kernel() -> list[Finding]:
    """A real kernel starts, answers, and is this Python."""
    answer, error = _tried(KERNEL)
    if error:
        return [Finding("kernel", "wrong", f"does not start: {error}", REINSTALL)]
    if Path(answer).resolve() != Path(sys.executable).resolve():
        remedy = f"in the menu Kernel choose the kernel of this course, or start with {AGAIN}"
        return [Finding("kernel", "wrong", f"python3 is another Python: {answer}", remedy)]
    return [Finding("kernel", "ok", "starts and answers")]


WIDGETS = """
import json, pathlib
from jupyter_core.paths import jupyter_path
names = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
folders = [pathlib.Path(each) for each in jupyter_path("labextensions")]
missing = [n for n in names if not any((f / n / "package.json").is_file() for f in folders)]
print(json.dumps(missing))
"""


def widgets() -> list[Finding]:
    """JupyterLab finds the browser's half of the explorers."""
    answer, error = _tried(WIDGETS)
    if error:
        return [Finding("widgets", "wrong", f"cannot be looked for: {error}", REINSTALL)]
    if missing := json.loads(answer):
        told = f"JupyterLab lacks {', '.join(missing)}"
        return [Finding("widgets", "wrong", told, REINSTALL)]
    return [Finding("widgets", "ok", "JupyterLab has both extensions")]


def memory() -> list[Finding]:
    """Enough free memory for one notebook."""
    answer, error = _tried("import psutil; print(psutil.virtual_memory().available)")
    if error:
        return [Finding("memory", "look", f"unknown: {error}")]
    free = int(answer) / 1e9
    if free < NEEDED_MEMORY:
        remedy = "close other programs, or notebooks that are done (menu Kernel, Shut Down All)"
        return [Finding("memory", "look", f"{free:.1f} GB free", remedy)]
    return [Finding("memory", "ok", f"{free:.1f} GB free")]


def folders() -> list[Finding]:
    """Where the course writes: your answers, your progress, temporary files."""
    kept = progress.file()
    places = {"exercises": COURSE / "exercises", "temporary files": Path(tempfile.gettempdir())}
    if kept is not None:
        places["progress"] = kept.parent
    found = []
    for name, place in places.items():
        error = _write_error(place)
        if error and name == "progress":
            remedy = f"set {progress.PLACE} to a file that you may write"
            found.append(Finding(name, "look", f"{place}: {error}", remedy))
        elif error:
            remedy = "move the course into a folder of your own"
            found.append(Finding(name, "wrong", f"{place}: {error}", remedy))
    free = shutil.disk_usage(COURSE).free / 1e9
    if free < NEEDED_DISK:
        found.append(Finding("disk", "wrong", f"{free:.2f} GB free", "make room on this disk"))
    return found or [Finding("folders", "ok", f"can be written, {free:.0f} GB free")]


def clock() -> list[Finding]:
    """A clock that is behind the files of the course confuses builds and certificates."""
    newest = max(path.stat().st_mtime for path in (COURSE / "lrcourse").rglob("*.py"))
    if time.time() < newest - 86_400:
        told = f"{time.strftime('%Y-%m-%d')} is before the files of the course were written"
        return [Finding("clock", "look", told, "set the date of this computer")]
    return [Finding("clock", "ok", time.strftime("%Y-%m-%d"))]


FONTS = """
import json
from matplotlib import font_manager as fonts
def has(path, text):
    face = fonts.get_font(path)
    return all(face.get_char_index(ord(c)) for c in text)
usual = fonts.findfont("DejaVu Sans")
korean = any(has(f.fname, "\\ud559\\uc2b5\\ub960") for f in fonts.fontManager.ttflist
             if any(k in f.name for k in ("CJK", "Nanum", "Malgun", "Gothic", "Batang", "Hangul")))
print(json.dumps([has(usual, SIGNS), korean]))
"""


def fonts() -> list[Finding]:
    """The signs of the figures can be drawn; Korean too, for who reads it."""
    answer, error = _tried(FONTS.replace("SIGNS", ascii(SHOWN_SIGNS.replace("…", ""))))
    if error:
        return [Finding("fonts", "look", f"cannot be looked for: {error}", REINSTALL)]
    signs, korean = json.loads(answer)
    if not signs:
        return [Finding("fonts", "wrong", "matplotlib lacks its own font", REINSTALL)]
    return [Finding("fonts", "ok", "Greek and Korean" if korean else "Greek (no Korean font)")]


def terminal() -> list[Finding]:
    """Whether this terminal can show what the course prints."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        SHOWN_SIGNS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        told = f"{encoding} has no Greek letters: they are written as words"
        return [Finding("terminal", "look", told, "set PYTHONUTF8=1")]
    return [Finding("terminal", "ok", encoding)]


CHECKS: tuple[Callable[[], list[Finding]], ...] = (
    *(python, course, packages, imports, kernel, widgets),
    *(memory, folders, clock, fonts, terminal),
)


# How they are tried ----------------------------------------------------------------------------


def _tried(program: str) -> tuple[str, str]:
    """(the last line that the program printed, the last line of its error)."""
    utf8 = {"PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore"}
    try:
        ended = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            env=os.environ | utf8,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return "", f"no answer within {PATIENCE} s"
    except OSError as error:
        return "", str(error)
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or [f"it ended with code {ended.returncode}"]
        return "", lines[-1]
    return (ended.stdout.strip().splitlines() or [""])[-1], ""


def _write_error(folder: Path) -> str:
    """Why nothing can be written there; "" where it can. A folder that lacks is not made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__
