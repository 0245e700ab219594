"""Many submissions: nothing is lost, nothing is graded twice, whatever is killed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import psutil
import pytest

from lrcourse.grading import GradingError
from lrcourse.grading.grade import section_name
from lrcourse.grading.records import FILE, Records, read_records
from lrcourse.grading.run import Job, Plan, Pool, chosen_level, grade_all, secret_of
from lrcourse.grading.sandbox import best_level
from lrcourse.grading.submissions import find_submissions
from tools.build import ROOT

SECTION = "01_step"
SOLUTION = (ROOT / "solutions" / f"{SECTION}.ipynb").read_bytes()
UNTOUCHED = (ROOT / "exercises" / f"{SECTION}.ipynb").read_bytes()
LEVEL = best_level()


@pytest.fixture
def handed_in(tmp_path):
    """`handed_in(6)`: a folder of so many students, every second of whom did nothing."""

    def write(count):
        folder = tmp_path / "submitted"
        for number in range(count):
            place = folder / f"student-{number:03d}"
            place.mkdir(parents=True)
            data = UNTOUCHED if number % 2 else SOLUTION
            (place / f"{SECTION}.ipynb").write_bytes(data)
        return folder

    return write


def plan(**options):
    return Plan(b"secret", LEVEL, **options)


def graded_in(folder, results, executor=None, **options):
    """The students whose submissions were graded in this run."""
    heard = []
    with Records(results) as records:
        grade_all(
            find_submissions([folder]),
            records,
            plan(**options),
            jobs=2,
            executor=executor,
            graded=lambda record: heard.append(record["student"]),
        )
    return sorted(heard)


def scores(results):
    return {each["student"]: each["score"] for each in read_records(results)}


def test_a_class_is_graded_once_and_again_only_where_something_changed(handed_in, tmp_path):
    folder, results = handed_in(4), tmp_path / "results"
    assert len(graded_in(folder, results)) == 4
    full = max(scores(results).values())
    assert scores(results) == {f"student-{k:03d}": (0.0 if k % 2 else full) for k in range(4)}
    assert full > 0
    with ThreadPoolExecutor(1) as here:
        assert graded_in(folder, results, here) == []
        (folder / "student-001" / f"{SECTION}.ipynb").write_bytes(SOLUTION)
        assert graded_in(folder, results, here) == ["student-001"]
        assert scores(results)["student-001"] == full
        assert graded_in(folder, results, here, only=("01.1",)) == sorted(scores(results))
        assert len(graded_in(folder, results, here, only=("01.1",), regrade=True)) == 4
    record = read_records(results)[-1]
    assert list(record["tasks"]) == ["01.1"]
    assert record["file"].endswith(f"{SECTION}.ipynb")


def test_after_a_kill_and_after_ctrl_c_the_next_run_goes_on(handed_in, tmp_path):
    folder, results = handed_in(40), tmp_path / "results"
    words = [sys.executable, "-m", "lrcourse", "grade", str(folder), "-o", str(results)]
    words += ["--jobs", "1", "--strict-level", "1"]
    assert stopped_after(5, words, results, signal.SIGKILL)[0] == -signal.SIGKILL
    code, said = stopped_after(10, words, results, signal.SIGINT)
    assert code == 130
    assert "what was graded is kept, and the same command goes on" in said
    assert "Traceback" not in said
    before = read_records(results)
    assert 10 <= len(before) < 40
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    after = read_records(results)
    assert after[: len(before)] == before
    assert sorted(each["student"] for each in after) == [f"student-{k:03d}" for k in range(40)]
    assert len({each["score"] for each in after}) == 2


def stopped_after(count, words, results, number):
    """The exit code and what was said, where this signal comes after so many records.

    Neither a worker nor a sandbox is left.
    """
    running = subprocess.Popen(
        words,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not (results / FILE).exists() or len(read_records(results)) < count:
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    others = psutil.Process(running.pid).children(recursive=True)
    assert len(others) >= 2
    if number == signal.SIGINT:
        os.killpg(running.pid, number)  # as a terminal does
    else:
        running.send_signal(number)
    said = running.communicate(timeout=60)[1]
    assert not psutil.wait_procs(others, timeout=60)[1]
    return running.returncode, said


def test_a_file_that_goes_after_it_was_found_is_told_and_loses_nothing(handed_in, tmp_path):
    folder, results = handed_in(4), tmp_path / "results"
    found = find_submissions([folder])
    with Records(results) as records, ThreadPoolExecutor(1) as here:
        assert grade_all(found[1:3], records, plan(), executor=here) == []
        for each in found[:2]:
            each.path.unlink()
        (unread, again) = grade_all(found, records, plan(regrade=True), executor=here)
        assert [unread.student, again.student] == ["student-000", "student-001"]
        assert unread.problem == f"{unread.file}: it cannot be read: No such file or directory."
        assert sorted(student for _, student in records.current()) == [
            f"student-{k:03d}" for k in (1, 2, 3)
        ]
        assert len(grade_all(found, records, plan(), executor=here)) == 2
    assert len(read_records(results)) == 4


class Dying(Executor):
    """An Executor whose processes die: each job fails so many times as `deaths` says."""

    def __init__(self, deaths):
        self.deaths = deaths

    def submit(self, work, job):
        future = Future()
        self.deaths -= 1
        if self.deaths >= 0:
            future.set_exception(BrokenProcessPool("a worker died"))
        else:
            future.set_result(work(job))
        return future


@pytest.mark.parametrize(("deaths", "outcome"), [(1, "graded"), (2, "needs review")])
def test_a_worker_that_dies_is_tried_again_and_then_a_person_looks(
    handed_in, tmp_path, deaths, outcome
):
    folder, results = handed_in(1), tmp_path / "results"
    assert graded_in(folder, results, Dying(deaths)) == ["student-000"]
    (record,) = read_records(results)
    assert record["outcome"] == outcome
    assert ("BrokenProcessPool" in record["reason"]) == (outcome == "needs review")


def test_a_real_worker_that_is_killed_loses_nothing(handed_in, tmp_path):
    folder, results = handed_in(30), tmp_path / "results"
    killed = []

    def kill_one(record):
        if len(killed) < 2:
            victim = next(iter(workers()), None)
            if victim:
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)

    with Records(results) as records:
        grade_all(find_submissions([folder]), records, plan(), jobs=2, graded=kill_one)
    assert killed
    students = [each["student"] for each in read_records(results)]
    assert sorted(students) == [f"student-{k:03d}" for k in range(30)]
    assert {each["outcome"] for each in read_records(results)} <= {"graded", "needs review"}


def workers():
    """The processes that grade, children of this one."""
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # also one that has ended meanwhile
            if any("spawn_main" in word for word in child.cmdline()):
                yield child.pid


def test_on_a_cluster_a_killed_worker_loses_nothing(handed_in, tmp_path):
    import distributed

    folder, results = handed_in(24), tmp_path / "results"
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        killed = []

        def kill_one(record):
            if not killed:
                victim = next(iter(client.run(os.getpid).values()))
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)

        with Records(results) as records:
            grade_all(
                find_submissions([folder]),
                records,
                plan(),
                jobs=2,
                executor=client.get_executor(),
                graded=kill_one,
            )
    students = [each["student"] for each in read_records(results)]
    assert sorted(students) == [f"student-{k:03d}" for k in range(24)]
    assert {each["outcome"] for each in read_records(results)} == {"graded"}
    assert killed


def test_a_file_in_this_folder_is_not_taken_for_one_of_pythons(tmp_path, monkeypatch):
    """A student may have left it there, and it would run as the grader."""
    (tmp_path / "multiprocessing.py").write_text("open('taken', 'w').close(); raise SystemExit")
    monkeypatch.chdir(tmp_path)
    pool = Pool(1)
    record = pool.submit(Job(b"", SECTION, "kim", 0, LEVEL)).result()
    pool.close()
    assert record["reason"] == "the file is empty."
    assert [path.name for path in tmp_path.iterdir()] == ["multiprocessing.py"]
    assert "PYTHONSAFEPATH" not in os.environ


def test_with_m_no_file_in_this_folder_is_imported_either(tmp_path):
    for name in ("numpy", "argparse", "tqdm"):
        (tmp_path / f"{name}.py").write_text("open('taken', 'w').close(); raise SystemExit")
    command = [sys.executable, "-m", "lrcourse", "grade", "nothing_there"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "grade: there is no nothing_there" in done.stderr
    assert not (tmp_path / "taken").exists()


@pytest.mark.parametrize("jobs", [0, -1])
def test_as_many_processes_as_there_cannot_be_are_refused(tmp_path, jobs):
    with Records(tmp_path) as records, pytest.raises(GradingError, match=f"at least 1, got {jobs}"):
        grade_all([], records, plan(), jobs=jobs)


def test_more_isolation_than_there_is_is_refused():
    assert chosen_level(1) == LEVEL
    with pytest.raises(GradingError, match="isolation level"):
        chosen_level(4)


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path):
    secret = secret_of(tmp_path)
    assert secret_of(tmp_path) == secret
    assert len(secret) == 64
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


def test_words_become_the_secret_and_other_words_are_refused(tmp_path):
    assert secret_of(tmp_path, " 봄 2026 ") == "봄 2026".encode()
    assert secret_of(tmp_path, "봄 2026") == secret_of(tmp_path) == "봄 2026".encode()
    with pytest.raises(GradingError, match=r"not the secret of --seed, .* leave --seed out"):
        secret_of(tmp_path, "가을 2026")


def test_an_empty_secret_is_refused_and_so_is_one_that_cannot_be_read(tmp_path):
    (tmp_path / "secret").write_bytes(b"\n")
    with pytest.raises(GradingError, match="the secret of the course is empty: delete this file"):
        secret_of(tmp_path)
    (tmp_path / "secret").unlink()
    (tmp_path / "secret").mkdir()
    with pytest.raises(GradingError, match=r"cannot be kept there \(Is a directory\)"):
        secret_of(tmp_path)


def test_a_crash_leaves_no_half_of_a_secret(tmp_path, monkeypatch):
    def fails(handle):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fails)
        with pytest.raises(KeyboardInterrupt):
            secret_of(tmp_path)
    assert not (tmp_path / "secret").exists()
    assert len(secret_of(tmp_path)) == 64


def test_sections_have_one_name():
    assert section_name("01") == section_name("01_step") == SECTION
    assert section_name("99") == ""
