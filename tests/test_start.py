"""The newcomer's one command: what it decides, what it says, and that it never shows a traceback.

Real processes, a real pip and real disks wherever this computer has them.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import install, lab, pip_log, starter

ROOT = Path(__file__).resolve().parents[1]
MINIMUM = ("start.py", "tools", "pyproject.toml", "constraints.txt")
TOO_OLD = ("2.7", "3.6", "3.8", "3.9", "3.10")


def one_sentence(text: str) -> str:
    """The text, if it is what a learner may see: one line that names a remedy, no traceback."""
    assert "Traceback" not in text
    assert len(text.strip().splitlines()) == 1
    return text.strip()


def start(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess:
    """Run start.py of a copy of the course."""
    return subprocess.run(
        [sys.executable, "start.py", *words],
        cwd=folder,
        env=os.environ | {"CONDA_PREFIX": "nowhere"} | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """What an installation needs, in a folder of its own."""
    copy_course(tmp_path / "course")
    return tmp_path / "course"


def copy_course(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name in MINIMUM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
        else:
            shutil.copy(ROOT / name, folder / name)


@pytest.fixture(scope="module")
def empty_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real virtual environment with pip and nothing else; tests work on copies."""
    venv = tmp_path_factory.mktemp("made") / ".venv"
    venv.mkdir()
    install.make_venv(venv)
    return venv


@pytest.fixture
def complete(course: Path, empty_venv: Path) -> Path:
    """A course whose `.venv` claims to be complete for `lab`."""
    shutil.copytree(empty_venv, course / ".venv", symlinks=True)
    mark_ready(course)
    return course


def mark_ready(course: Path, *extras: str) -> None:
    text = json.dumps(install.fingerprint(course, extras or ["lab"]))
    (course / ".venv" / "ready.json").write_text(text, "utf-8")


# ---- which Python


def old_python(version: str) -> str:
    """An older Python of this computer."""
    homes = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    found = str(homes[0]) if homes else shutil.which(f"python{version}")
    return found or pytest.skip(f"no Python {version} on this computer")


@pytest.mark.parametrize("version", TOO_OLD)
def test_an_old_python_is_told_what_to_install(version):
    done = subprocess.run([old_python(version), ROOT / "start.py"], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"needs Python 3.11 or newer, and this is Python {version}" in one_sentence(done.stderr)
    assert "python3.12 start.py" in done.stderr


def test_help_names_the_test_command():
    done = subprocess.run([sys.executable, ROOT / "start.py", "--help"], capture_output=True)
    assert done.returncode == 0
    assert b"python3 start.py test" in done.stdout


# ---- is anything to be done?


def test_a_complete_installation_needs_nothing(complete):
    assert install.why_install(complete, ["lab"]) == ""


def test_a_complete_installation_runs_no_pip(complete):
    before = sorted(complete.joinpath(".venv").rglob("*"))
    python = install.ensure(complete, ["lab"])
    assert python == install.python_in(complete / ".venv")
    assert sorted(complete.joinpath(".venv").rglob("*")) == before


def test_an_empty_folder_is_installed(course):
    assert "Installing" in install.why_install(course, ["lab"])


def test_tests_need_more_than_the_lab(complete):
    assert "Adding" in install.why_install(complete, ["lab", "test"])


def test_an_installation_for_tests_serves_the_lab_too(complete):
    mark_ready(complete, "lab", "test")
    assert install.why_install(complete, ["lab"]) == ""


def test_another_pin_is_noticed(complete):
    pins = complete / "constraints.txt"
    pins.write_text(pins.read_text().replace("torch==2.13.0", "torch==2.13.1"))
    assert "list of packages" in install.why_install(complete, ["lab"])


def test_another_dependency_is_noticed(complete):
    project = complete / "pyproject.toml"
    project.write_text(project.read_text().replace('"scipy>=', '"scipy!=1.0,>='))
    assert "list of packages" in install.why_install(complete, ["lab"])


def test_another_sentence_in_pyproject_is_not_another_pin(complete):
    project = complete / "pyproject.toml"
    project.write_text(project.read_text() + "\n# a remark\n")
    assert install.why_install(complete, ["lab"]) == ""


def test_a_moved_folder_is_noticed(complete):
    moved = complete.rename(complete.with_name("elsewhere"))
    assert "new folder" in install.why_install(moved, ["lab"])


def test_another_python_is_noticed(complete):
    made_by = complete / ".venv" / "pyvenv.cfg"
    made_by.write_text(re.sub(r"(version\S* = ).*", r"\g<1>3.99.1", made_by.read_text()))
    assert "Python of .venv has changed" in install.why_install(complete, ["lab"])


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"', "{}", "\0\0\0"])
def test_an_unreadable_ready_file_means_not_complete(complete, content):
    (complete / ".venv" / "ready.json").write_text(content)
    assert "not complete" in install.why_install(complete, ["lab"])


def test_a_lost_interpreter_is_noticed(complete):
    python = install.python_in(complete / ".venv")
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert "is gone" in install.why_install(complete, ["lab"])


def test_settings_alone_are_not_an_installation(course):
    (course / ".venv" / "home").mkdir(parents=True)
    (course / ".venv" / "install.lock").touch()
    assert "Installing" in install.why_install(course, ["lab"])


# ---- repairs


def test_a_fresh_environment_is_usable(empty_venv):
    assert install.usable(empty_venv)


def test_an_environment_without_pip_is_not_usable(complete):
    [packages] = install.site_packages(complete / ".venv")
    shutil.rmtree(packages / "pip" / "_internal" / "cli")
    assert not install.usable(complete / ".venv")


def test_building_again_keeps_the_learners_settings_and_nothing_else(complete):
    venv = complete / ".venv"
    (venv / "home").mkdir()
    (venv / "home" / "theme").write_text("dark")
    (venv / "rubbish").write_text("x")
    [packages] = install.site_packages(venv)
    shutil.rmtree(packages)
    install.make_venv(venv)
    assert (venv / "home" / "theme").read_text() == "dark"
    assert not (venv / "rubbish").exists()
    assert install.usable(venv)


def test_every_package_of_this_environment_is_whole():
    for folder in install.site_packages(Path(sys.prefix)):
        assert install.damaged_packages(folder) == {}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """site-packages with one whole package, as pip writes it."""
    info = tmp_path / "toy-1.0.dist-info"
    info.mkdir()
    (tmp_path / "toy.py").write_text("x = 1")
    (tmp_path / "empty.py").touch()
    listed = "toy.py,sha256=x,5\nempty.py,sha256=y,0\n__pycache__/toy.pyc,,\n"
    (info / "RECORD").write_text(listed + "toy-1.0.dist-info/RECORD,,\n")
    return tmp_path


def test_a_whole_package_is_not_damaged(package):
    assert install.damaged_packages(package) == {}


@pytest.mark.parametrize("lost", ["toy.py", "empty.py", "toy-1.0.dist-info/RECORD"])
def test_a_missing_file_is_damage(package, lost):
    (package / lost).unlink()
    assert len(install.damaged_packages(package)) == 1


def test_an_emptied_file_is_damage(package):
    (package / "toy.py").write_text("")
    assert list(install.damaged_packages(package).values()) == ["toy.py"]


def test_a_damaged_lab_asks_for_a_repair(tmp_path):
    """The real tools.lab in an environment without JupyterLab."""
    empty = subprocess.run(
        [sys.executable, "-S", "-m", "tools.lab", "--no-browser"],
        cwd=ROOT,
        env=os.environ | {"LRCOURSE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert empty.returncode == lab.DAMAGED
    assert "jupyterlab" in one_sentence(empty.stderr)


# ---- the lock


def hold_lock(venv: Path) -> subprocess.Popen:
    """Another process that installs."""
    code = (
        "import sys, time; from pathlib import Path; from tools import install\n"
        "with install.locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, venv]
    holder = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    return holder


def test_two_starts_do_not_install_at_once(tmp_path):
    with hold_lock(tmp_path) as holder, (tmp_path / "install.lock").open("a") as lock:
        assert not install.try_lock(lock.fileno())
        holder.kill()
        holder.wait()
        assert install.try_lock(lock.fileno())  # a killed start leaves no lock behind


def test_the_second_start_waits_and_says_so(tmp_path, capsys):
    with hold_lock(tmp_path) as holder:
        killer = f"import os, time; time.sleep(1); os.kill({holder.pid}, {int(signal.SIGTERM)})"
        with subprocess.Popen([sys.executable, "-c", killer]), install.locked(tmp_path):
            assert holder.wait(10) != 0
    assert "waiting" in one_sentence(capsys.readouterr().out)


# ---- what pip says

PIP_LOG = """\
Looking in indexes: https://index.example/simple
Collecting numpy>=2.0
  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl.metadata (6.6 kB)
Collecting torch==2.13.0
  Downloading torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl (190.4 MB)
Processing /wheels/scikit_learn-1.9.1-cp311-cp311-manylinux_2_27_x86_64.whl (from lrcourse)
Collecting filelock (from torch==2.13.0)
  Using cached filelock-4.2.11-py3-none-any.whl (222 kB)
Installing collected packages: filelock, numpy, torch
Successfully installed filelock-4.2.11 numpy-2.4.6 torch-2.13.0
"""  # noqa: E501


def test_progress_of_a_recorded_installation():
    progress = pip_log.Progress(4)
    texts = []
    for line in PIP_LOG.splitlines():
        progress.read(line)
        texts.append((progress.text, progress.big))
    assert texts[1] == ("Looking up numpy>=2.0", False)
    assert texts[4] == ("Downloading 1 of 4: torch, 190.4 MB", True)
    assert texts[5] == ("Downloading 2 of 4: scikit_learn", False)
    assert texts[7] == ("Downloading 3 of 4: filelock, 222 kB", False)
    assert texts[8] == ("Unpacking 3 packages, about a minute", False)


def test_more_packages_than_pins_never_reads_5_of_4():
    progress = pip_log.Progress(0)
    progress.read("  Downloading torch-2.13.0-cp311-none-any.whl (190.4 MB)")
    assert progress.text == "Downloading 1 of 1: torch, 190.4 MB"


OFFLINE = """\
WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError('...')': /simple/
ERROR: Could not find a version that satisfies the requirement anywidget>=0.9 (from versions: none)
ERROR: No matching distribution found for anywidget>=0.9
"""


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left", "full"),
        ("OSError: [WinError 112] There is not enough space on the disk: 'x'", "The disk is full"),
        ("ERROR: [Errno 13] Permission denied: 'x'\nConsider the --user option", "cannot be writ"),
        (OFFLINE, "No connection: anywidget could not be downloaded"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] after NewConnectionError", "PIP_CERT"),
        ("ERROR: No matching distribution found for torch==2.13.0", "version of torch for this"),
        ("a\nERROR: the moon is wrong\n\n", "pip stopped (ERROR: the moon is wrong)"),
        ("", "pip stopped (no output)"),
    ],
)
def test_a_failure_of_pip_is_one_sentence_with_a_remedy(output, sentence):
    assert sentence in one_sentence(pip_log.explain(output))


# ---- real failures


def test_offline_is_one_sentence_and_does_not_block_the_next_start(course, empty_venv):
    shutil.copytree(empty_venv, course / ".venv", symlinks=True)
    nothing = "http://127.0.0.1:9/simple"  # nobody listens there
    offline = {"PIP_INDEX_URL": nothing, "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
    for _ in range(2):
        done = start(course, "--no-browser", PIP_EXTRA_INDEX_URL="", **offline)
        assert done.returncode == 1
        assert "connect to the internet" in one_sentence(done.stderr)
        assert "Traceback" not in done.stdout
        assert not (course / ".venv" / "ready.json").exists()
    assert "Retrying" in (course / ".venv" / "install.log").read_text()


def test_without_ensurepip_debian_is_told_the_package(course):
    """As on Debian without python3-venv: the module is not there."""
    code = "import sys; sys.modules['ensurepip'] = None; import start; sys.exit(start.main())"
    done = subprocess.run([sys.executable, "-c", code], cwd=course, capture_output=True, text=True)
    assert done.returncode == 1
    assert "sudo apt install python3-venv" in one_sentence(done.stderr)


@contextlib.contextmanager
def small_disk(folder: Path, size: str, *options: str) -> Iterator[None]:
    """A real file system of this size, if this user may mount one."""
    folder.mkdir()
    words = ",".join([f"size={size}", *options])
    mount = ["mount", "-t", "tmpfs", "-o", words, "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this user cannot mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_small_disk_is_refused_before_the_download(tmp_path):
    disk = tmp_path / "disk"
    with small_disk(disk, "200m"):
        copy_course(disk)
        done = start(disk, "--no-browser")
        assert not (disk / ".venv" / "bin").exists()
    assert done.returncode == 1
    assert "GB left and the course needs 1." in one_sentence(done.stderr)


def test_a_disk_that_fills_up_is_one_sentence(tmp_path):
    """The environment itself does not fit; the check before is told that little is needed."""
    disk = tmp_path / "disk"
    code = "import sys; from tools import install; install.GIGABYTES = {'lab': 0.0}\n"
    code += "import start; sys.exit(start.main())"
    with small_disk(disk, "5m"):
        copy_course(disk)
        words = [sys.executable, "-c", code]
        done = subprocess.run(words, cwd=disk, capture_output=True, text=True)
    assert done.returncode == 1
    assert "The disk is full" in one_sentence(done.stderr)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    disk = tmp_path / "disk"
    with small_disk(disk, "20m"):
        copy_course(disk)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        done = start(disk, "--no-browser")
    assert done.returncode == 1
    assert "copy the course into a folder of your own" in one_sentence(done.stderr)


def test_a_stopped_installation_is_continued_by_the_next_start(course, empty_venv):
    """Ctrl+C while pip waits for an index that never answers."""
    shutil.copytree(empty_venv, course / ".venv", symlinks=True)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        env = os.environ | {
            "PIP_INDEX_URL": f"http://127.0.0.1:{silent.getsockname()[1]}/simple",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_FIND_LINKS": "",
            "CONDA_PREFIX": "nowhere",
        }
        command = [sys.executable, "start.py", "--no-browser"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        running = subprocess.Popen(command, cwd=course, env=env, text=True, **pipes)
        silent.accept()  # pip asks for its first package
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "the same command continues" in one_sentence(said)
    assert "not complete" in install.why_install(course, ["lab"])


# ---- conda


def test_conda_is_used_only_if_it_is_active_and_complete(monkeypatch):
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    assert not starter.in_conda(["lab"])
    monkeypatch.setenv("CONDA_PREFIX", sys.prefix)
    assert starter.in_conda(["lab", "test"])  # the tests' own environment has it all
    monkeypatch.setitem(starter.CONDA_NEEDS, "lab", ("no-such-package",))
    assert not starter.in_conda(["lab"])


# ---- the Lab that opens


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, float]]:
    """A running tools.lab: (address, token, seconds until it answered)."""
    home = tmp_path_factory.mktemp("home")
    with socket.create_server(("127.0.0.1", 0)) as taken:  # Lab must find another port
        port = str(taken.getsockname()[1])
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.lab", "--no-browser", "--port", port],
            cwd=ROOT,
            env=os.environ | {"LRCOURSE_HOME": str(home), "JUPYTER_PATH": "/nowhere"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = process.stdout.readline()
    found = re.search(r"The course is open at (http://127\.0\.0\.1:(\d+))/\S+token=(\w+)", line)
    assert found, line + process.stderr.read()
    assert found[2] != port
    yield found[1], found[3], time.monotonic() - began
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (out, err, process.returncode) == ("The course is closed.\n", "", 0)


def get(opened: tuple[str, str, float], path: str) -> str:
    address, token, _ = opened
    request = urllib.request.Request(address + path, headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read().decode()


def test_the_first_page_answers(opened, capsys):
    assert "jupyter-config-data" in get(opened, lab.FIRST_PAGE)
    with capsys.disabled():
        print(f" (Lab listened after {opened[2]:.1f} s)", end="")


def test_nothing_asks_for_news_or_updates(opened):
    settings = get(opened, "/lab/api/settings/@jupyterlab/apputils-extension:notification")
    schema = json.loads(settings)["schema"]["properties"]
    assert schema["fetchNews"]["default"] == "false"
    assert schema["checkForUpdates"]["default"] is False


def test_the_page_shows_no_button_of_another_extension(opened):
    page = get(opened, "/lab")
    config = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.S)[1])
    shown = {extension["name"] for extension in config["federated_extensions"]}
    known = {"@jupyter-widgets/jupyterlab-manager", "anywidget", "jupyterlab_pygments"}
    known |= {"jupyter-matplotlib"}  # with the tests' packages: it draws figures, and has no button
    assert shown - set(config["disabledExtensions"]) <= known
    assert "@jupyterlab/extensionmanager-extension" in config["disabledExtensions"]


def test_the_only_kernel_is_the_courses_own(opened):
    kernels = json.loads(get(opened, "/api/kernelspecs"))["kernelspecs"]
    assert list(kernels) == ["python3"]


def test_the_users_own_jupyter_does_not_reach_the_course(monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/home/someone/.jupyter")
    monkeypatch.setenv("PYTHONPATH", "/home/someone/lib")
    monkeypatch.delenv("LRCOURSE_HOME", raising=False)
    variables = lab.environment(tmp_path)
    assert "/home/someone" not in " ".join(variables.values()).replace(str(Path.home()), "")
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        assert variables[name].startswith(str(tmp_path))
