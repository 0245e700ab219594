"""Times and extensions that a person writes down: read in their zones, told where not used."""

from datetime import datetime

import pytest

from lrcourse.grading import GradingError
from lrcourse.grading.times import matched, read_times

LATE = "2026-11-22T21:03:00+00:00"


def record(student, assignment="01_step"):
    return {"student": student, "assignment": assignment}


def times(tmp_path, text, column="submitted_at", name="times.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return read_times(path, column)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("student,submitted_at\nkim,2026-11-22T21:03:00+00:00\n", LATE),
        ("\ufeffStudent;Submitted_At\r\nkim;2026-11-22 21:03Z\r\n", LATE),
        ("submitted_at\tstudent\tnote\n2026-11-22T21:03Z\tkim\tx\n", LATE),
        ("student,submitted_at (Asia/Seoul)\nkim,2026-11-23 06:03\n", LATE),
        ("student,submitted_at (+09:00)\nkim,2026-11-23 06:03\n", LATE),
        ("student,submitted_at(-03:30)\nkim,2026-11-22 17:33\n", LATE),
        ("student,submitted_at (Asia/Seoul)\nkim,2026-11-22 21:03Z\n", LATE),  # its own zone counts
        ("student,submitted_at (Europe/Berlin)\nkim,2026-07-22 21:03\n", "2026-07-22T19:03Z"),
        ("student,submitted_at\nlee,\nkim,2026-11-22T21:03Z\n\n", LATE),
    ],
)
def test_a_time_is_read_in_its_zone(tmp_path, text, time):
    [row] = times(tmp_path, text)
    assert (row.student, row.assignment) == ("kim", "")
    assert row.time == datetime.fromisoformat(time)
    assert row.time.tzinfo


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the first line must name the columns student and submitted_at"),
        ("student,due\nkim,2026-11-22T21:03Z\n", "assignment; submitted_at is not there."),
        ("name,submitted_at\n", "; student is not there."),
        (
            "student,submitted_at\nlee,2026-11-22T21:03Z\nkim,22.11.2026\n",
            "line 3: '22.11.2026' is",
        ),
        ('student,submitted_at\n"a\nb",2026-11-22T21:03Z\nkim,soon\n', "line 4: 'soon' is"),
        ('"no\nte",student,submitted_at\nx,kim,soon\n', "line 3: 'soon' is"),
        ("student,submitted_at\nkim,2026-11-22 21:03\n", "line 2: 2026-11-22 21:03 has no time z"),
        ("student,submitted_at\n,2026-11-22T21:03Z\n", "line 2: it does not say whose time"),
        ("student,submitted_at (Seoul)\nkim,2026\n", "there is no time zone 'Seoul'; write it"),
        ("student,submitted_at (+99:00)\nkim,2026\n", "there is no time zone '+99:00'"),
        ("student,submitted_at (../../etc/passwd)\n", "there is no time zone"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path, text, said):
    with pytest.raises(GradingError) as error:
        times(tmp_path, text)
    assert said in str(error.value)
    assert "times.csv" in str(error.value)


def at(hour):
    return f"2026-11-22T{hour:02}:00Z"


@pytest.mark.parametrize(
    ("student", "known"),
    [
        ("kimminji_12345", {}),
        ("12345", {}),
        ("kimminji", {}),
        ("mkim@x.kr", {"kimminji_12345": {"email": "mkim@x.kr"}}),
        ("mkim", {"kimminji_12345": {"login": "mkim", "email": ""}}),
        ("S7", {"kimminji_12345": {"id": "S7"}}),
        ("Minji Kim", {"kimminji_12345": {"name": "Kim, Minji"}}),
        ("Bora Kim", {"kimminji_12345": {"name": "Kim, Bora"}}),
    ],
)
def test_a_student_is_the_name_in_the_records_or_in_the_gradebook(tmp_path, student, known):
    rows = times(tmp_path, f"student,submitted_at\n{student},{LATE}\n")
    records = [record("kimminji_12345"), record("leejun_222")]
    found, told = matched(rows, records, known)
    assert list(found) == [("01_step", "kimminji_12345")]
    assert not told


def test_a_row_for_one_assignment_counts_before_one_for_all(tmp_path):
    text = (
        "student,assignment,submitted_at\n"
        f"kim,02_exponential,{at(2)}\nkim,,{at(1)}\nlee,1,{at(3)}\nlee,02,{at(4)}\n"
    )
    records = [record(name, section) for name in ("kim", "lee") for section in SECTIONS]
    found, told = matched(times(tmp_path, text), records)
    assert not told
    assert {key: row.time.hour for key, row in found.items()} == {
        ("01_step", "kim"): 1,
        ("02_exponential", "kim"): 2,
        ("01_step", "lee"): 3,
        ("02_exponential", "lee"): 4,
    }


SECTIONS = ("01_step", "02_exponential")


def test_of_two_rows_the_later_line_counts_and_this_is_said(tmp_path):
    text = f"student,submitted_at\nkim,{at(5)}\nkim_1,{at(2)}\nkim,{at(3)}\n"
    found, told = matched(times(tmp_path, text), [record("kim")])
    assert found["01_step", "kim"].time.hour == 3
    assert told == [
        "times.csv, line 3: not used: nobody has the number 1 there.",
        "times.csv, line 4: this counts, not times.csv, line 2 for kim.",
    ]


def test_a_row_is_not_for_an_assignment_whose_name_begins_as_its_own(tmp_path):
    rows = times(tmp_path, f"student,submitted_at,assignment\nkim,{at(5)},exam\n")
    found, _ = matched(rows, [record("kim", "exam"), record("kim", "exam_2")])
    assert list(found) == [("exam", "kim")]


def test_a_row_that_fits_nothing_is_told(tmp_path):
    text = f"student,submitted_at,assignment\nkim,{at(5)},03\nlee,{at(5)},\nkim,{at(5)},12\n"
    found, told = matched(times(tmp_path, text), [record("kim"), record("kim", "12_end")])
    assert list(found) == [("12_end", "kim")]
    assert told == [
        "times.csv, line 3: not used: nobody has the name lee there.",
        "times.csv, line 2: not used: kim has no 03 here.",
    ]
