"""What comes on top of the records, and the files that go back to the learning systems."""

import copy
import csv
import re
from datetime import datetime

import pytest

from lrcourse.grading import GradingError
from lrcourse.grading.grade import _task_record
from lrcourse.grading.gradebooks import read_gradebook
from lrcourse.grading.late import parse
from lrcourse.grading.records import NEEDED, NEEDED_OF_TASK
from lrcourse.grading.reports import OnTop, people_of, refuse_unclear, with_all, write_reports
from lrcourse.grading.rubric import Row
from lrcourse.grading.times import Row as Time
from lrcourse.tasks import TASKS

DUE = "2026-11-22T21:00:00+00:00"
POLICY = parse("10%/day, 1 token")
WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (grade),"
    "Feedback comments\nParticipant 222,Jun Lee,lee@x.kr,Submitted,,4.00,-,\n"
)
GRADEBOOK = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Step (4711),02 exponential (4712)\n"
    '    Points Possible,,,,,4,4\n"Kim, Minji",12345,S1,kim@x.kr,A,1,1\n"Lee, Jun",222,S2,,A,,\n'
)


def record(student="kim_12345", assignment="01_step", score=4.0, **more):
    task = _task_record(TASKS["01.1"], "right", "") | {"points": score, "of": 4}
    return {
        "assignment": assignment, "student": student, "submitted_at": None, "outcome": "graded",
        "reason": "", "score": score, "of": 4, "tasks": {"01.1": task}, **more,
    }  # fmt: skip


def time(student, when, assignment="", place="t.csv, line 2"):
    return Time(student, assignment, datetime.fromisoformat(when), place)


def on_top(**more):
    return OnTop(**({"due": DUE, "late": parse("25%/day")} | more))


def one(records, top):
    [found], told = with_all(records, top)
    return found, told


# Lateness --------------------------------------------------------------------------------------


def test_the_time_of_the_download_counts_where_nobody_says_otherwise():
    found, told = one([record(submitted_at="2026-11-23T20:00:00+00:00")], on_top())
    assert (found["score"], found["raw_score"], found["late_seconds"]) == (3, 4, 82_800)
    assert (found["due"], found["extended"]) == (DUE, "")
    assert not told


def test_without_anything_on_top_nobody_is_late():
    found, told = one([record(submitted_at="2026-11-23T20:00:00+00:00")], OnTop())
    assert (found["score"], found["late_seconds"], found["due"], told) == (4, 0, "", [])


def test_a_time_that_a_person_gives_counts_before_that_of_the_download():
    given = (time("kim_12345", "2026-11-24T20:00:00+00:00"),)
    mine = record(submitted_at="2026-11-22T20:00:00+00:00", time_from="the last commit")
    found, told = one([mine], on_top(times=given))
    assert (found["score"], found["time_from"]) == (2, "t.csv, line 2")
    assert found["submitted_at"] == "2026-11-24T20:00:00+00:00"
    assert not told


def test_an_extension_is_the_deadline_of_its_student_and_assignment():
    records = [
        record(name, section, submitted_at="2026-11-24T20:00:00+00:00")
        for name in ("kim_12345", "lee_222")
        for section in ("01_step", "02_exponential")
    ]
    longer = (time("12345", "2026-11-24T19:00:00+00:00", "02_exponential", "ext.csv, line 7"),)
    found, told = with_all(records, on_top(extensions=longer))
    assert {(each["student"], each["assignment"]): each["score"] for each in found} == {
        ("kim_12345", "01_step"): 2,
        ("kim_12345", "02_exponential"): 3,
        ("lee_222", "01_step"): 2,
        ("lee_222", "02_exponential"): 2,
    }
    [extended] = [each for each in found if each["extended"]]
    assert extended["due"] == "2026-11-24T19:00:00+00:00"
    assert extended["extended"] == "ext.csv, line 7"
    assert not told


def test_an_extension_is_a_deadline_also_where_the_class_has_none():
    mine = record(submitted_at="2026-11-23T20:00:00+00:00")
    found, _ = one([mine], on_top(due="", extensions=(time("kim_12345", DUE),)))
    assert found["score"] == 3


def test_an_extension_that_ends_too_early_is_told():
    shorter = (time("kim", "2025-11-24T19:00:00+00:00", place="ext.csv, line 2"),)
    records = [record("kim", name, submitted_at=DUE) for name in ("01_step", "02_exponential")]
    found, told = with_all(records, on_top(extensions=shorter))
    assert {each["score"] for each in found} == {0}  # as it is written
    assert told == ["ext.csv, line 2: the extension of kim ends before the deadline of all."]
    assert not with_all(records, on_top(extensions=(time("kim", DUE),)))[1]


def test_who_has_no_time_is_not_late_and_told_by_name():
    names = [f"s{number}" for number in range(6)]
    found, told = with_all([record(name) for name in names], on_top())
    assert {each["score"] for each in found} == {4}
    assert told == [
        "no time is known, so these are not late (--times gives it): s0, s1, s2, s3, s4 and 1 more."
    ]
    assert not with_all([record()], on_top(due=""))[1]  # then nobody has to know


def test_what_canvas_marked_as_late_is_told_even_without_a_deadline():
    _, told = one([record("lee", late=True)], on_top(due=""))
    assert told == ["Canvas marked as late, but not how late, so nothing is taken off: lee."]
    assert one([record("lee", late=True)], on_top())[1] == told
    given = (time("lee", "2026-11-22T20:00:00+00:00"),)
    assert not one([record("lee", late=True)], on_top(times=given))[1]


def test_commits_are_told_to_be_the_students_own_word():
    mine = record(submitted_at="2026-11-22T20:00:00+00:00", time_from="the last commit")
    assert one([mine], on_top())[1] == [
        "the time is that of a commit, which its author can set, for 1 of 1 submissions "
        "(--times gives a better one)."
    ]
    assert not one([mine], on_top(due=""))[1]


def test_late_days_are_used_up_in_the_order_of_the_assignments():
    day = "2026-11-23T20:00:00+00:00"
    records = [record(assignment=name, submitted_at=day) for name in ("02_exponential", "01_step")]
    found, _ = with_all(records, on_top(late=POLICY))
    assert [(each["assignment"], each["score"], each["tokens"]) for each in found] == [
        ("01_step", 4, 1),
        ("02_exponential", 3.6, 0),
    ]


def test_each_assignment_has_a_deadline_and_files_of_its_own():
    day, later = "2026-11-23T20:00:00+00:00", "2026-12-24T20:00:00+00:00"
    records = [record(), record(assignment="02_exponential", submitted_at=day)]
    mine = (time("kim_12345", day), time("kim_12345", later, "02"))
    tops = {"01_step": on_top(times=mine), "02_exponential": on_top(due=later)}
    found, told = with_all(records, tops)
    assert [(each["due"], each["submitted_at"], each["score"]) for each in found] == [
        (DUE, day, 3),
        (later, day, 4),
    ]
    assert not told
    assert with_all(records, {"01_step": on_top()})[0][1]["due"] == ""


def test_late_days_are_shared_by_assignments_with_deadlines_of_their_own():
    first, second = "2026-11-23T20:00:00+00:00", "2026-11-30T20:00:00+00:00"
    records = [
        record(submitted_at=first),
        record(assignment="02_exponential", submitted_at=second),
    ]
    tops = {
        "01_step": on_top(late=POLICY),
        "02_exponential": on_top(late=POLICY, due="2026-11-29T21:00:00+00:00"),
    }
    assert [(each["tokens"], each["score"]) for each in with_all(records, tops)[0]] == [
        (1, 4),
        (0, 3.6),
    ]


def test_the_late_days_of_one_policy_are_none_of_another():
    day = "2026-11-23T20:00:00+00:00"
    records = [record(assignment=name, submitted_at=day) for name in ("01_step", "02_exponential")]
    tops = {"01_step": on_top(late=POLICY), "02_exponential": on_top(late=parse("25%/day"))}
    assert [each["score"] for each in with_all(records, tops)[0]] == [4, 3]


def test_points_by_hand_come_before_lateness_and_no_record_is_changed():
    records = [record(score=2.0, submitted_at="2026-11-23T20:00:00+00:00")]
    kept = copy.deepcopy(records)
    rows = (Row("kim_12345", "01_step", "01.1", 4.0), Row("nobody", "01_step", "01.1", 4.0))
    found, told = one(records, on_top(rows=rows, times=(time("lee", DUE),)))
    assert (found["raw_score"], found["score"]) == (4, 3)
    assert [each.partition(":")[0] for each in told] == ["rubric", "t.csv, line 2"]
    assert records == kept


def test_times_are_found_by_what_the_gradebook_knows(tmp_path):
    path = tmp_path / "g.csv"
    path.write_text(GRADEBOOK)
    books = [read_gradebook(path, {"01_step": "4711"})]
    given = (time("kim@x.kr", "2026-11-23T20:00:00+00:00"),)
    [found], told = with_all([record()], on_top(times=given), books)
    assert (found["score"], told) == (3, [])


# Files -----------------------------------------------------------------------------------------


def books_of(tmp_path, **texts):
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text)
    columns = {"01_step": "Step (4711)"}
    return [
        read_gradebook(tmp_path / f"{name}.csv", columns if "ID" in text else {})
        for name, text in texts.items()
    ]


def rows_in(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_gradebook_replaces_the_table_and_names_the_students_everywhere(tmp_path):
    records = [
        record("kimminji_12345"), record("nobody_9"), record("leejun_222", "02_exponential", 3.0),
    ]  # fmt: skip
    reported, _ = with_all(records, on_top(due=""))
    out = tmp_path / "out"
    pages, told = write_reports(reported, out, books_of(tmp_path, canvas=GRADEBOOK))
    assert pages == [out / "index.html"]
    for name in ("01_step", "02_exponential"):
        assert (out / name / "index.html").exists()
    [possible, kim, lee] = rows_in(out / "canvas.csv")
    assert possible["Step (4711)"] == "4"
    assert (kim["Step (4711)"], kim["02 exponential (4712)"]) == ("4", "1")
    assert (lee["Step (4711)"], lee["02 exponential (4712)"]) == ("", "3")
    grades = {row["student_id"]: row for row in rows_in(out / "grades.csv")}
    kim = grades["kimminji_12345"]
    assert (kim["last_name"], kim["first_name"], kim["email"]) == ("Kim", "Minji", "kim@x.kr")
    assert rows_in(out / "01_step" / "moodle.csv")[0]["Full name"] == "Kim, Minji"
    assert told == ["canvas.csv: not filled in: nobody_9: nobody has the number 9 there."]


def test_a_worksheet_is_filled_in_its_folder(tmp_path):
    reported, _ = with_all([record("Jun Lee_222"), record("x", "02_exponential")], on_top(due=""))
    write_reports(reported, tmp_path / "o", books_of(tmp_path, step_01_step=WORKSHEET))
    [row] = rows_in(tmp_path / "o" / "01_step" / "moodle.csv")
    assert (row["Identifier"], row["Grade"], row["Status"]) == ("Participant 222", "4", "Submitted")
    assert rows_in(tmp_path / "o" / "02_exponential" / "moodle.csv")[0]["Full name"] == "x"
    assert rows_in(tmp_path / "o" / "canvas.csv")[1]["Student"] == "Jun Lee"


def test_without_a_gradebook_all_tables_are_there(tmp_path):
    late = record(submitted_at="2026-11-23T20:00:00+00:00", late=True)
    reported, _ = with_all([late, record("lee", outcome="needs review")], on_top(late=POLICY))
    _, told = write_reports(reported, tmp_path)
    assert not told
    assert {path.name for path in tmp_path.glob("*.csv")} == {
        "grades.csv", "canvas.csv", "lateness.csv",
    }  # fmt: skip
    [kim, lee] = rows_in(tmp_path / "lateness.csv")
    assert kim == {
        "student": "kim_12345", "assignment": "01_step",
        "submitted_at": "2026-11-23T20:00:00+00:00", "time_from": "",
        "marked_late_by_canvas": "yes", "due": DUE, "extended_by": "", "seconds_late": "82800",
        "late_days_used": "1", "raw_score": "4", "score": "4",
    }  # fmt: skip
    assert (lee["raw_score"], lee["score"], lee["marked_late_by_canvas"]) == ("", "", "")
    assert rows_in(tmp_path / "grades.csv")[0]["duedate"] == DUE
    assert "<h1>01_step</h1>" in (tmp_path / "01_step" / "index.html").read_text("utf-8")


def test_the_page_of_a_student_says_which_deadline_counted_and_what_it_cost(tmp_path):
    records = [
        record("kim", submitted_at="2026-11-24T22:00:00+00:00"),
        record("lee", submitted_at="2026-11-24T20:00:00+00:00"),
        record("park", late=True),
        record("choi", submitted_at="2026-11-22T20:00:00+00:00"),
    ]
    longer = (time("kim", "2026-11-24T21:00:00+00:00"),)
    reported, _ = with_all(records, on_top(late=parse("25%/day, 1 token"), extensions=longer))
    write_reports(reported, tmp_path)
    pages = {
        name: re.sub(
            "<[^>]+>", " ", next(tmp_path.glob(f"01_step/{name}-*.html")).read_text("utf-8")
        )
        for name in ("kim", "lee", "park", "choi")
    }
    assert "(1 h 0 min late)" in pages["kim"]
    assert "Your own deadline was 2026-11-24 21:00 UTC." in pages["kim"]
    assert "It used up 1 late day." in pages["kim"]
    assert "took" not in pages["kim"]
    assert "The deadline was 2026-11-22 21:00 UTC." in pages["lee"]
    assert "(1 day 23 h late)" in pages["lee"]
    assert "It earned 4 of 4; lateness took 1 off." in pages["lee"]
    assert "Handed in late, as the learning system says; how late is not known." in pages["park"]
    assert "(in time)" in pages["choi"]
    assert "late day" not in pages["choi"]


# What is not clear -----------------------------------------------------------------------------


def test_what_is_clear_is_not_refused(tmp_path):
    books = books_of(tmp_path, canvas=GRADEBOOK)
    refuse_unclear(books, ["01_step", "02_exponential"])
    refuse_unclear(books, ["01_step"], ["03_cosine"])  # of an earlier run, and not in this file
    refuse_unclear([], ["01_step"])
    books = books_of(tmp_path, of_01_step=WORKSHEET, of_02_exponential=WORKSHEET)
    refuse_unclear(books, ["01_step", "02_exponential"])


@pytest.mark.parametrize(
    ("texts", "assignments", "said"),
    [
        ({"canvas": GRADEBOOK}, ["01_step", "03_cosine"], "no columns can be 03_cosine"),
        ({"canvas": GRADEBOOK}, ["02_exponential"], "--column: there is no 01_step among what is"),
        ({"a": WORKSHEET}, ["01_step", "02_exponential"], "it can be that of 01_step or 02_expon"),
        (
            {"canvas": GRADEBOOK.replace("02 exponential", "x")},
            ["01_step", "02_exponential"],
            "no columns can be 02_exponential",
        ),
        ({"a": WORKSHEET, "b": WORKSHEET}, ["01_step"], "b.csv are both for 01_step; give one"),
    ],
)
def test_what_is_not_clear_is_refused_before_anything_is_graded(tmp_path, texts, assignments, said):
    with pytest.raises(GradingError, match=re.escape(said)):
        refuse_unclear(books_of(tmp_path, **texts), assignments)


@pytest.mark.parametrize("graded_now", [["02_exponential", "01_step"], ["01_step"]])
def test_one_column_is_not_for_two_assignments(tmp_path, graded_now):
    path = tmp_path / "g.csv"
    path.write_text(GRADEBOOK)
    books = [read_gradebook(path, {"01_step": "4712"})]
    with pytest.raises(GradingError, match="01_step and 02_exponential would both go into one"):
        refuse_unclear(books, graded_now, ["01_step", "02_exponential", "03_cosine"])


def test_the_first_gradebook_that_knows_a_student_counts(tmp_path):
    books = books_of(tmp_path, canvas=GRADEBOOK, moodle=WORKSHEET)
    people = people_of(books, [record("lee_222"), record("Jun Lee_222"), record("lee@x.kr")])
    assert people["lee_222"]["id"] == "S2"
    assert people["lee@x.kr"] == {"last_name": "Jun Lee", "name": "Jun Lee", "email": "lee@x.kr"}


@pytest.mark.parametrize("name", NEEDED)
def test_a_record_that_was_changed_by_hand_is_one_sentence(name):
    damaged = {key: value for key, value in record().items() if key != name}
    with pytest.raises(GradingError, match=f'kim_12345 for 01_step has no "{name}": .* --regrade'):
        with_all([record("lee"), damaged], on_top())


@pytest.mark.parametrize("name", NEEDED_OF_TASK)
def test_a_task_that_was_changed_by_hand_is_one_sentence(name):
    damaged = record()
    del damaged["tasks"]["01.1"][name]
    with pytest.raises(GradingError, match=f'has no "{name}" of 01.1'):
        with_all([damaged], on_top())
