"""Results are never lost: real processes are killed while they write, and two never mix."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from lrcourse.grading import GradingError
from lrcourse.grading.records import (
    FILE,
    SCHEMA,
    TORN,
    Record,
    Records,
    current,
    damaged_lines,
    read_records,
)


def record(student="kim", score=1.0, assignment="01_step", **more):
    return {"assignment": assignment, "student": student, "score": score, **more}


def python(folder, program):
    """A process that runs this with `records` open on the folder."""
    start = f"from lrcourse.grading.records import Records\nrecords = Records({str(folder)!r})\n"
    return subprocess.Popen(
        [sys.executable, "-c", start + textwrap.dedent(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_what_was_appended_is_read_back_in_order(tmp_path):
    with Records(tmp_path / "new" / "folder") as records:
        for number in range(3):
            records.append(record(score=number))
        assert [each["score"] for each in read_records(records.folder)] == [0, 1, 2]
    with Records(records.folder) as again:
        again.append(record("lee"))
    assert [each["student"] for each in read_records(records.folder)] == ["kim"] * 3 + ["lee"]


def test_current_is_the_record_that_was_written_last(tmp_path):
    rows = [record(score=1), record("lee", 2), record(score=3), record(assignment="02", score=4)]
    with Records(tmp_path) as records:
        for row in rows[:2]:
            records.append(row)
    with Records(tmp_path) as records:
        for row in rows[2:]:
            records.append(row)
        assert records.current() == current(rows) == current(read_records(tmp_path))
    scores = {key: each["score"] for key, each in current(rows).items()}
    assert scores == {("01_step", "kim"): 3, ("01_step", "lee"): 2, ("02", "kim"): 4}


def test_a_record_knows_what_it_is_of():
    data = b"notebook"
    known = Record(record(sha256=hashlib.sha256(data).hexdigest(), spec="s", seed=5))
    assert known.is_of(data, "s", 5)
    assert not known.is_of(data, "t", 5)
    assert not known.is_of(data, "s", 6)
    assert not known.is_of(b"other", "s", 5)


def test_every_record_is_one_line_of_plain_json(tmp_path):
    odd = record("김\n민지\u2028\ud800", math=[float("nan"), (float("inf"), 1.5)], text="\x00\r\n")
    with Records(tmp_path) as records:
        records.append(odd)
    data = (tmp_path / FILE).read_bytes()
    assert data.count(b"\n") == 1
    assert data.isascii()
    json.loads(data, parse_constant=lambda name: pytest.fail(name))
    [read] = read_records(tmp_path)
    assert read == odd | {"math": [None, [None, 1.5]]}


def test_the_results_are_readable_by_their_owner_only(tmp_path):
    with Records(tmp_path / "results") as records:
        records.append(record())
    assert (tmp_path / "results" / FILE).stat().st_mode & 0o077 == 0


def test_a_folder_without_results_is_one_sentence(tmp_path):
    with pytest.raises(GradingError, match="there are no results yet"):
        read_records(tmp_path)


# Cut off ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 20, -2])
def test_a_line_that_was_cut_off_is_put_aside(tmp_path, length):
    with Records(tmp_path) as records:
        records.append(record("kim"))
        records.append(record("lee", printed="x" * 3_000_000))
    path = tmp_path / FILE
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[:length])
    assert [each["student"] for each in read_records(tmp_path)] == ["kim"]
    assert damaged_lines(tmp_path) == 1
    with Records(tmp_path) as records:
        records.append(record("park"))
    assert [each["student"] for each in read_records(tmp_path)] == ["kim", "park"]
    assert damaged_lines(tmp_path) == 0
    assert (tmp_path / TORN).read_bytes() == second[:length] + b"\n"


def test_a_first_line_that_was_cut_off_is_put_aside(tmp_path):
    (tmp_path / FILE).write_bytes(b'{"stu')
    with Records(tmp_path) as records:
        records.append(record())
    assert len(read_records(tmp_path)) == 1


def test_a_whole_last_line_without_its_end_is_kept(tmp_path):
    (tmp_path / FILE).write_text(json.dumps(record("kim")))
    with Records(tmp_path) as records:
        records.append(record("lee"))
    assert [each["student"] for each in read_records(tmp_path)] == ["kim", "lee"]
    assert not (tmp_path / TORN).exists()


def test_rubbish_in_the_middle_is_left_out_and_counted(tmp_path):
    lines = [
        json.dumps(record("kim")),
        "\0" * 4096,
        "[1]",
        '{"student": "kim"}',  # nobody knows of what
        '{"assignment": "01_step"}',
        "{" * 10_000,
        "",
        json.dumps(record("lee")),
    ]
    (tmp_path / FILE).write_text("\n".join(lines) + "\n")
    assert [each["student"] for each in read_records(tmp_path)] == ["kim", "lee"]
    assert damaged_lines(tmp_path) == 5


WRITER = """
    number = {number}
    while True:
        number += 1
        records.append({{"assignment": "a", "student": str(number), "x": "y" * {size}}})
        print(number, flush=True)
"""


@pytest.mark.parametrize(("size", "kills"), [(10, 10), (1_500_000, 10)])
def test_kill_9_costs_the_record_in_flight_at_most(tmp_path, size, kills):
    """A process is killed while it writes, again and again, and goes on in the same folder."""
    rng = random.Random(size)
    written = 0
    for _ in range(kills):
        process = python(tmp_path, WRITER.format(number=written, size=size))
        told = process.stdout.readline()
        time.sleep(rng.random() * 0.05)
        process.kill()
        told += process.stdout.read()
        assert process.wait() == -signal.SIGKILL, process.stderr.read()
        last = int(told.split()[-1])
        students = [int(each["student"]) for each in read_records(tmp_path)]
        assert students in ([*range(1, last + 1)], [*range(1, last + 2)])
        written = students[-1]
    with Records(tmp_path) as records:
        assert len(records.current()) == written >= kills
    assert damaged_lines(tmp_path) == 0


# Two graders -----------------------------------------------------------------------------------


def test_a_second_grader_gets_one_sentence_until_the_first_is_killed(tmp_path):
    first = python(tmp_path, "print(flush=True)\nimport time\ntime.sleep(600)")
    first.stdout.readline()
    with pytest.raises(GradingError, match=rf"another grader \(process {first.pid}\) is writing"):
        Records(tmp_path)
    first.kill()
    first.wait()
    with Records(tmp_path) as records:
        records.append(record())
    with Records(tmp_path):
        pass


def test_the_same_process_cannot_open_a_folder_twice(tmp_path):
    with Records(tmp_path), pytest.raises(GradingError, match="another grader"):
        Records(tmp_path)


def test_graders_that_all_start_at_once_never_mix(tmp_path):
    program = """
        for number in range(200):
            records.append({"assignment": "a", "student": str(number), "x": "y" * 5000})
        print("done")
    """
    processes = [python(tmp_path, program) for _ in range(3)]
    ends = [process.communicate() for process in processes]
    done = [end for end in ends if end[0].strip() == "done"]
    assert done
    assert all("another grader" in errors for out, errors in ends if not out)
    students = [int(each["student"]) for each in read_records(tmp_path)]
    assert students == [*range(200)] * len(done)


# A full disk -----------------------------------------------------------------------------------


def test_a_full_disk_is_one_sentence_and_leaves_whole_lines(tmp_path):
    """A process may write 100 kB to a file, which the system enforces like a full disk."""
    program = """
        import resource, signal
        from lrcourse.grading import GradingError
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            for number in range(50):
                records.append({"assignment": "a", "student": str(number), "x": "y" * 7000})
        except GradingError as error:
            print(number, error)
    """
    out, errors = python(tmp_path, program).communicate()
    assert not errors
    number, _, said = out.partition(" ")
    assert "the results cannot be kept there" in said
    assert [each["student"] for each in read_records(tmp_path)] == [*map(str, range(int(number)))]
    assert int(number) > 10
    assert damaged_lines(tmp_path) == 0


def test_a_file_where_the_folder_should_be_is_one_sentence(tmp_path):
    (tmp_path / "results").write_text("x")
    with pytest.raises(GradingError, match=r"cannot be kept there \(.+\); make room or choose"):
        Records(tmp_path / "results")


def test_records_that_cannot_be_opened_are_one_sentence_and_nobody_is_locked_out(tmp_path):
    (tmp_path / FILE).mkdir()
    with pytest.raises(GradingError, match=r"cannot be kept there \(Is a directory\)"):
        Records(tmp_path)
    (tmp_path / FILE).rmdir()
    with Records(tmp_path) as records:
        records.append(record())


def test_results_of_another_version_are_refused_and_left_as_they_are(tmp_path):
    with Records(tmp_path) as records:
        records.append(record(schema=SCHEMA))
        records.append(record("lee", schema=SCHEMA + 1))
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(GradingError, match=rf"schema {SCHEMA + 1}, this one writes {SCHEMA}\)"):
        Records(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_record_and_the_folder_are_on_the_disk_before_the_next_begins(tmp_path, monkeypatch):
    """As far as a program can tell: what it asked the system to write out, and when."""
    synced = []

    def fsync(handle):
        synced.append((os.fstat(handle).st_ino, os.fstat(handle).st_size))
        kept(handle)

    kept = os.fsync
    monkeypatch.setattr(os, "fsync", fsync)
    with Records(tmp_path) as records:
        assert tmp_path.stat().st_ino in dict(synced)
        for student in ("kim", "lee"):
            records.append(record(student))
            status = records.path.stat()
            assert synced[-1] == (status.st_ino, status.st_size)
