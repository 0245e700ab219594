"""On a kernel that offers less, and in barer places: as isolated as is said, or one sentence.

Each case is a process of its own, to which the kernel itself refuses what is missing; see
lesser_kernel.py.
"""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lrcourse.grading.records import read_records
from lrcourse.grading.sandbox import best_level
from lrcourse.grading.sandbox.inside import landlock, seccomp

ROOT = Path(__file__).parents[2]
LESSER = Path(__file__).with_name("lesser_kernel.py")
NOTEBOOK = ROOT / "solutions" / "10_batch_size.ipynb"
BEST = best_level()
PROBE = """
import errno
import json
from lrcourse.grading import GradingError
from lrcourse.grading.sandbox import best_level, failures_of
from lrcourse.grading.sandbox.inside import landlock

def tried(question, *arguments):
    try:
        return question(*arguments)
    except (GradingError, OSError) as error:
        return str(error)

told = {"landlock": landlock.version(), "best": tried(best_level)}
told |= {level: tried(failures_of, level) for level in (2, 3)}
landlock.FILE_RIGHTS.clear()  # as if any kernel knew all the rights of the newest
told["too many rights"] = tried(landlock.rules, []) if told["landlock"] else None
print(json.dumps(told))
"""
pytestmark = pytest.mark.skipif(
    not BEST, reason="this machine has no Landlock or no seccomp to take away"
)
may_mount = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root may hide a folder"
)


def run_on(told, *command, **options):
    """The command, on a kernel or in a place that offers less."""
    return subprocess.run(
        [sys.executable, str(LESSER), json.dumps(told), sys.executable, *map(str, command)],
        env={**os.environ, "PYTHONPATH": str(ROOT)} | options.pop("env", {}),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        **options,
    )


def probed(told, **options):
    """What the sandbox finds there: its best level, and what stands in the way of 2 and 3."""
    done = run_on(told, "-c", PROBE, **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def graded_on(told, folder, *words):
    """`lrcourse grade` there, and its records."""
    command = ["-m", "lrcourse", "grade", NOTEBOOK, "-o", folder, "--jobs", "1", *words]
    done = run_on(told, *command)
    return done, read_records(folder) if folder.exists() else []


@pytest.mark.skipif(not shutil.which("unshare"), reason="there is no unshare to ask the kernel")
def test_the_level_is_what_the_kernel_offers():
    """Asked by another program: a sandbox that is broken would call itself a poor machine."""
    world = ["--mount", "--pid", "--net", "--ipc", "--uts", "--fork"]
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    done = subprocess.run(["unshare", *user, *world, "true"], capture_output=True, check=False)
    assert best_level() == (3 if done.returncode == 0 else 2)


def test_without_anything_missing_the_level_is_that_of_this_machine():
    found = probed({})
    assert found["best"] == BEST
    assert found["2"] == []
    assert found["landlock"] == landlock.version()


# No Landlock ------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ["ENOSYS", "EOPNOTSUPP"])
def test_without_landlock_neither_level_holds(error):
    """ENOSYS: not in this kernel; EOPNOTSUPP: switched off when it was started."""
    found = probed({"lacks": {"landlock": error}})
    assert found["best"] == found["landlock"] == 0
    for level in "23":
        assert f"level {level} has not started" in found[level][0]
        assert "no Landlock" in found[level][0]


def test_without_landlock_grade_says_one_sentence_with_the_remedy(tmp_path):
    done, records = graded_on({"lacks": {"landlock": "ENOSYS"}}, tmp_path / "out")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "level 2 was asked for, and this machine offers none" in done.stderr
    assert "Linux 5.13 or newer, WSL2 or a container" in done.stderr
    assert "or say --strict-level 1 if you trust these students" in done.stderr
    assert not records


def test_without_landlock_level_1_grades_and_is_called_what_it_is(tmp_path):
    without = {"lacks": {"landlock": "ENOSYS"}}
    done, records = graded_on(without, tmp_path / "out", "--strict-level", "1")
    assert done.returncode == 0, done.stderr
    assert "isolation level 1, fair, not safe" in done.stdout
    (record,) = records
    assert record["level"] == 1
    assert record["score"] == record["of"]
    pages = [page.read_text("utf-8") for page in (tmp_path / "out").rglob("*.html")]
    assert len(pages) == 3
    assert all("fair, not safe" in page for page in pages)


# No namespaces, no seccomp ----------------------------------------------------------------------


def test_without_namespaces_level_2_holds():
    """As in Docker, and on Ubuntu for everybody but root."""
    found = probed({"lacks": {"namespaces": "EPERM"}})
    assert found["best"] == 2
    assert found["2"] == []
    assert "unshare" in found["3"][0]


def test_without_seccomp_neither_level_holds():
    found = probed({"lacks": {"seccomp": "EINVAL"}})
    assert found["best"] == 0
    assert all("seccomp" in found[level][0] for level in "23")


# An older Landlock ------------------------------------------------------------------------------


@pytest.mark.skipif(not seccomp.is_available(), reason="no filter for this machine")
@pytest.mark.parametrize("abi", [1, 2, 3, 4])
def test_with_an_older_landlock_the_levels_hold(abi):
    """5.13 had version 1, 5.19 had 2, 6.2 had 3, 6.7 had 4."""
    if landlock.version() < abi:
        pytest.skip(f"this kernel's own Landlock is older than version {abi}")
    found = probed({"abi": abi})
    assert found["landlock"] == abi
    assert found["best"] == BEST
    assert found["2"] == []
    assert f"[Errno {errno.EINVAL}]" in found["too many rights"]


# Barer places -----------------------------------------------------------------------------------


@may_mount
def test_a_container_with_little_in_it_is_enough():
    bare = {"read_only": ["/tmp"], "tiny": ["/dev/shm"]}
    found = probed(bare, env={"HOME": "/nowhere", "TMPDIR": "/nowhere"}, cwd="/")
    assert found["best"] == BEST


WHO = """
from lrcourse.grading.sandbox import Sandbox

with Sandbox(2, modules=("numpy",)) as box:
    with box.session(["import os", "print(os.getresuid())"], {}, {}) as session:
        print(session.start().printed)
"""


@may_mount
def test_a_container_with_few_users_is_enough():
    """Docker with userns-remap has 65,536: each student is the same one then."""
    few = {"users": 1 << 16, "read_only": ["/usr/lib"]}  # which its root may not change
    assert probed(few)["best"] == BEST
    assert run_on(few, "-c", WHO).stdout.strip() == "(65534, 65534, 65534)"


@may_mount
@pytest.mark.parametrize(
    ("hidden", "words"),
    [
        (["/proc"], "/proc is not mounted"),
        (["/tmp", "/var/tmp", "/usr/tmp"], "needs a folder for temporary files (TMPDIR)"),
    ],
)
def test_what_cannot_be_done_without_is_named(hidden, words):
    there = [path for path in hidden if os.path.isdir(path)]
    if any(ROOT.is_relative_to(path) for path in there):
        pytest.skip("the course itself lies in a folder that is hidden")
    found = probed({"hidden": there}, cwd="/proc")  # where nobody can write either
    assert words in str(found["2"])
    assert words in str(found["3"])


@may_mount
def test_without_shared_memory_grade_says_one_sentence():
    start = "from lrcourse.grading.run import Pool\ntry: Pool(1)\nexcept ValueError as e: print(e)"
    done = run_on({"hidden": ["/dev/shm"]}, "-c", start)
    assert done.stdout.count("\n") == 1, done.stderr
    assert "/dev/shm must be there, with room to write" in done.stdout


ELSEWHERE = """
import os, sys
from pathlib import Path
import lrcourse.grading.run, lrcourse.grading.reports, lrcourse.grading.submissions
from lrcourse.cli import main
from lrcourse.grading.sandbox import Sandbox

for sys.platform in ("darwin", "win32"):
    if sys.platform == "win32":
        del os.fork
    for level in "12":
        assert main(["grade", sys.argv[1], "-o", sys.argv[2], "--strict-level", level]) == 2
    try: Sandbox(2)
    except ValueError as error: print(error)
assert not Path(sys.argv[2]).exists()
"""


def test_on_macos_and_windows_grade_says_where_to_go(tmp_path):
    """The name of the system is changed, and Windows has no fork; the rest is this machine's."""
    done = run_on({}, "-c", ELSEWHERE, NOTEBOOK, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    told = done.stderr.splitlines()
    systems = ["darwin", "darwin", "win32", "win32"]
    assert len(told) == 4
    for sentence, system in zip(told, systems, strict=True):
        assert f"the system {system} has neither Landlock nor seccomp" in sentence
        assert "use Linux 5.13 or newer, WSL2 or a container" in sentence
        assert "--strict-level" not in sentence
    assert "win32 cannot fork a process" in done.stdout
