"""Write constraints.txt anew: the newest versions that fit pyproject.toml, `python -m tools.pin`.

Run it with the oldest Python that the course supports, such as the 3.11.2 of Debian 12: the newest
packages refuse that one, and a pin that it cannot install stops the whole installation there.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.install import python_in, requirements

ROOT = Path(__file__).resolve().parents[1]
FIXED = ["torch==2.13.0"]
NOT_PINNED = {"lrcourse", "pip", "setuptools", "wheel"}
# Asked for by IPython, ipykernel and JupyterLab there only; a Linux machine cannot resolve them.
ELSEWHERE = "# Not pinned: appnope (macOS), colorama, pywinpty (Windows), triton, nvidia-* (GPU)\n"
HEAD = """\
# The versions the course was tested with; written by `python -m tools.pin`.

# For the course and its JupyterLab
"""


def installed(python: Path) -> dict[str, str]:
    """{name: version without its local part} of an environment."""
    command = [python, "-m", "pip", "list", "--format=freeze"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    pins = (re.match(r"([\w.-]+)==([^+]+)", line) for line in lines)
    return {pin[1]: pin[2] for pin in pins if pin and pin[1].lower() not in NOT_PINNED}


def resolve(extras: list[str], python: Path) -> dict[str, str]:
    """What pip installs for the course with these extras."""
    command = [python, "-m", "pip", "install", "--quiet", *requirements(ROOT, extras), *FIXED]
    subprocess.run(command, check=True)
    return installed(python)


def pins(versions: dict[str, str]) -> str:
    """The lines of constraints.txt, sorted."""
    return "".join(f"{name}=={versions[name]}\n" for name in sorted(versions, key=str.lower))


def main() -> None:
    """Resolve in a temporary environment, first without the tests' packages, then with them."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = python_in(Path(folder))
        lab = resolve(["lab"], python)
        everything = resolve(["lab", "test"], python)
    for_lab = {name: version for name, version in everything.items() if name in lab}
    for_tests = {name: version for name, version in everything.items() if name not in lab}
    text = HEAD + ELSEWHERE + pins(for_lab) + "\n# For the tests\n" + pins(for_tests)
    (ROOT / "constraints.txt").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
