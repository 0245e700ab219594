"""The corpus, in every setting that this machine offers: who solves nothing gets nothing, who is
right keeps it, the next student notices nothing, and nothing is left behind.

The settings are graded side by side; each case is told under its own name.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from attacks.case import HONEST, Case
from attacks.corpus import PAGES, faults_of_record
from attacks.exam import ALL, EXAM, numbers
from attacks.groups import FAIR, GROUPS
from attacks.pages import faults_of_pages
from attacks.settings import SETTINGS, Running
from attacks.watch import Watch

from lrcourse.grading.grade import grade
from lrcourse.tasks import PUBLIC_SEED

EVERYTHING = [
    (setting, case)
    for setting in SETTINGS
    for group, cases in GROUPS.items()
    if setting.level >= 2 or group in FAIR
    for case in [each.name for each in cases]
]
EVERYTHING += [(setting, PAGES) for setting in SETTINGS]


@pytest.fixture(scope="module")
def running(request):
    """Each setting that is asked for, at work; None where it cannot be tried here."""
    wanted = {setting: [] for setting in SETTINGS}
    for item in request.session.items:
        asked = item.callspec.params if hasattr(item, "callspec") else {}
        if item.path == request.path and "setting" in asked:
            wanted[asked["setting"]].append(asked["case"])
    processes = {
        setting: Running(setting, cases)
        for setting, cases in wanted.items()
        if cases and not setting.refused()
    }
    yield processes
    for each in processes.values():
        each.stop()


@pytest.mark.parametrize(
    ("setting", "case"), EVERYTHING, ids=[f"{setting.name}, {case}" for setting, case in EVERYTHING]
)
def test_an_attack_gains_nothing_and_hurts_nobody(running, setting, case):
    if setting.refused():
        pytest.skip(setting.refused())
    failures = running[setting].failures_of_level()
    if any("has not started" in each for each in failures):
        pytest.skip(f"this machine does not offer {setting.name}: {failures}")
    assert not failures
    assert running[setting].faults_of(case) == []


def test_every_group_has_cases_and_no_two_have_one_name():
    names = [case.name for cases in GROUPS.values() for case in cases]
    assert min(map(len, GROUPS.values())) >= 10
    assert len(names) == len(set(names)) >= 85


# What judges the cases sees what it should -------------------------------------------------------

ZERO = Case("nothing", lambda: b"", 0, 0, "zero", "is empty")


@pytest.fixture(scope="module")
def records(sandbox):
    """Of an empty file, and of an honest student."""
    return [grade(data, EXAM, "kim", 7, sandbox) for data in (b"", HONEST)]


def test_what_a_record_should_say_is_no_fault(records):
    assert faults_of_record(ZERO, records[0]) == []
    assert faults_of_record(Case("honest", lambda: HONEST, ALL, ALL), records[1]) == []


@pytest.mark.parametrize(
    "expected",
    [{"outcome": "graded"}, {"said": "is full"}, {"printed": "x"}, {"least": 1}, {"most": -1}],
    ids=str,
)
def test_another_record_than_the_one_expected_is_a_fault(records, expected):
    assert len(faults_of_record(ZERO._replace(**expected), records[0])) == 1


@pytest.mark.parametrize(
    "found",
    [
        {"printed": "LOOT here"},
        {"cell_errors": {"1": "LOOT"}},
        {"reason": "the file is empty. LOOT"},
        {"printed": min(numbers(7) - numbers(PUBLIC_SEED))},
    ],
    ids=["printed", "raised", "said", "hidden"],
)
def test_what_was_found_is_a_fault(records, found):
    assert len(faults_of_record(ZERO, {**records[0], **found})) == 1


def test_a_sentence_is_missing_where_points_are(records):
    tasks = {"step": {**records[1]["tasks"]["step"], "points": 0.0, "said": ""}}
    honest = Case("honest", lambda: HONEST, ALL, ALL)
    assert len(faults_of_record(honest, {**records[1], "tasks": tasks})) == 1


def test_what_is_left_behind_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("attacks.watch.PATIENCE", 0.1)
    watch = Watch(tmp_path)
    assert watch.left() == []
    (tmp_path / "left").touch()
    descriptor, other = os.pipe()
    started = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    left = " ".join(watch.left())
    assert f"file {tmp_path}/left" in left
    assert f"process {started.pid}" in left
    assert f"descriptor {descriptor}" in left
    started.communicate()
    os.close(descriptor)
    os.close(other)


def test_what_ends_soon_is_not_left_behind(tmp_path):
    watch = Watch(tmp_path)
    file = tmp_path / "left"
    file.touch()
    thread = threading.Timer(0.3, file.unlink)
    thread.start()
    assert watch.left() == []


def test_a_page_that_takes_text_for_more_is_a_fault(records, tmp_path, monkeypatch):
    def careless(_, folder: Path) -> None:
        (folder / "index.html").write_text("<script>alert(1)</script>")
        (folder / "grades.csv").write_text("student,score\n=1+1,15\n")

    assert faults_of_pages(records[:1], tmp_path / "careful") == []
    monkeypatch.setattr("attacks.pages.write_reports", careless)
    assert len(faults_of_pages(records[:1], tmp_path / "careless")) == 2
