"""`lrcourse doctor` sees what is broken, names the remedy, and tells nobody's name."""

import json
import time
from importlib import metadata

import pytest

from lrcourse import doctor
from lrcourse.cli import main
from lrcourse.doctor import Finding, anonymous, examined


@pytest.fixture
def broken_package(tmp_path, monkeypatch):
    """A function that puts a package which cannot be imported before the real one."""

    def put(name, text):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return put


def test_this_installation_is_healthy():
    found = examined()
    assert [each.lines for each in found if each.state == "wrong"] == []
    assert {"Python", "packages", "imports", "kernel", "widgets", "memory", "clock", "fonts"} <= {
        each.name for each in found
    }


def test_a_package_that_crashes_on_import_is_a_line(broken_package):
    broken_package("scipy", "raise OSError('libgfortran is missing')")
    (found,) = [each for each in doctor.imports() if each.name == "scipy"]
    assert found.state == "wrong"
    assert found.what == "cannot be imported: OSError: libgfortran is missing"
    assert "start.py" in found.remedy


def test_a_package_that_kills_python_is_a_line(broken_package):
    broken_package("anywidget", "import os; os._exit(7)")
    (found,) = [each for each in doctor.imports() if each.name == "anywidget"]
    assert "ended with code 7" in found.what


def test_missing_and_old_packages_are_named(monkeypatch):
    asked = ["no-such-package>=1", "numpy>=999", "scipy>=1", "x; extra == 'test'", "?!"]
    monkeypatch.setattr(metadata, "requires", lambda name: asked)
    (found,) = doctor.packages()
    numpy = metadata.version("numpy")
    told = f"no-such-package is not installed; numpy is {numpy}, needed >=999"
    assert (found.state, found.what) == ("wrong", told)


def test_a_kernel_that_ends_at_once_is_noticed(tmp_path, monkeypatch):
    spec = tmp_path / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = ["/bin/sh", "-c", "exit 3"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "x"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    (found,) = doctor.kernel()
    assert found.state == "wrong"
    assert found.remedy


def test_a_wrong_kernel_says_which(monkeypatch):
    monkeypatch.setattr(doctor, "KERNEL", "print('/opt/other/python')")
    (found,) = doctor.kernel()
    assert found.what == "python3 is another Python: /opt/other/python"


def test_a_program_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(doctor, "PATIENCE", 1)
    monkeypatch.setattr(doctor, "KERNEL", "import time; time.sleep(60)")
    started = time.monotonic()
    assert doctor.kernel()[0].what == "does not start: no answer within 1 s"
    assert time.monotonic() - started < 20


def test_missing_widgets_are_noticed(monkeypatch):
    nowhere = doctor.WIDGETS.replace('jupyter_path("labextensions")', "[]")
    assert nowhere != doctor.WIDGETS
    monkeypatch.setattr(doctor, "WIDGETS", nowhere)
    (found,) = doctor.widgets()
    assert "lacks @jupyter-widgets/jupyterlab-manager, anywidget" in found.what


def test_folders_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LRCOURSE_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    (found,) = [each for each in doctor.folders() if each.name == "progress"]
    assert found.state == "look"
    assert "LRCOURSE_PROGRESS" in found.remedy


@pytest.mark.parametrize(
    ("name", "value", "check", "told"),
    [
        ("NEEDED_MEMORY", 1e6, "memory", "close other programs"),
        ("NEEDED_DISK", 1e9, "folders", "make room on this disk"),
        ("OLDEST", (99, 0), "python", "install Python 99.0 or newer"),
    ],
)
def test_too_little_of_something_has_a_remedy(monkeypatch, name, value, check, told):
    monkeypatch.setattr(doctor, name, value)
    found = getattr(doctor, check)()
    assert any(told in each.remedy for each in found)


def test_a_clock_that_is_behind(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert doctor.clock()[0].state == "look"


def test_a_second_copy_is_noticed(tmp_path, monkeypatch):
    (tmp_path / "lrcourse").mkdir()
    (tmp_path / "lrcourse" / "__init__.py").write_text("")
    monkeypatch.chdir(tmp_path)
    assert "you are in another copy" in doctor.course()[0].what


def test_the_user_is_not_named(monkeypatch):
    monkeypatch.setenv("HOME", "/home/kim")
    monkeypatch.setenv("USERPROFILE", "/home/kim")
    assert anonymous("lrcourse in /home/kim/lrcourse") == "lrcourse in ~/lrcourse"
    assert Finding("x", "wrong", "a", "b").lines == ["wrong  x: a", "       -> b"]


def test_the_command_prints_the_report_and_fails_where_something_is_wrong(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "CHECKS", (lambda: [Finding("x", "ok", "fine")],))
    assert main(["doctor"]) == 0
    assert "Everything that the course needs is here." in capsys.readouterr().out
    bad = Finding("y", "wrong", "it is broken", "mend it")
    monkeypatch.setattr(doctor, "CHECKS", (*doctor.CHECKS, lambda: [bad]))
    assert main(["doctor"]) == 1
    assert "       -> mend it\n\nOne thing to mend." in capsys.readouterr().out
