"""Points by hand: read as spreadsheets write them, laid over the records, refused in sentences."""

import copy

import pytest

from lrcourse.grading import GradingError
from lrcourse.grading.rubric import Row, merged, parse_rubric, read_rubric

HEADER = "student,assignment,task,points,comment\n"


def record(student="kim", **more):
    tasks = {
        "01.1": {"title": "Step", "status": "right", "points": 2.0, "of": 2, "said": ""},
        "01.2": {"title": "Drops", "status": "wrong", "points": 0.0, "of": 3, "said": "no."},
    }
    empty = {"assignment": "01_step", "student": student, "outcome": "graded", "reason": ""}
    return {**empty, "score": 2.0, "of": 5, "tasks": tasks, **more}


def row(points, task="01.2", student="kim", **more):
    return Row(student, "01_step", task, points, **more)


@pytest.mark.parametrize(
    "text",
    [
        HEADER + 'kim,01_step,01.2,1.5,"good, but late"\n',
        HEADER.upper() + "kim,01_step,01.2,1.5,'good, but late'\n".replace("'", '"'),
        "\ufeff" + HEADER + 'kim,01_step,01.2,1.5,"good, but late"\r\n\r\n',
        "student;assignment;task;points;comment\nkim;01_step;01.2;1,5;good, but late\n",
        ' student, Assignment ,task,points , comment\nkim,01_step,01.2,1.5,"good, but late"\n',
        'student;assignment;task;points;comment\nlee;01_step;01.1;;"a,b,c,d,e,f,g,h,i,j,k,l,m,n"\n'
        "kim;01_step;01.2;1.5;good, but late\n",
        "points\ttask\tstudent\tassignment\tcomment\n1.5\t01.2\tkim\t01_step\tgood, but late\n",
        HEADER + " kim , 01_step,01.2 ,'1.5,x\n".replace("'1.5,x", '1.5,"good, but late"'),
        HEADER + 'lee,01_step,01.2,,\nkim,01_step,01.2,1.5,"good, but late"\n',
    ],
)
def test_a_csv_is_read_as_spreadsheets_save_it(tmp_path, text):
    (tmp_path / "r.csv").write_bytes(text.encode())
    rows, told = read_rubric(tmp_path / "r.csv")
    assert [each._replace(line=0) for each in rows] == [row(1.5, comment="good, but late")]
    assert not told


def test_a_name_that_our_exports_quoted_is_that_name_again():
    rows, _ = parse_rubric(HEADER + "'=kim,01_step,01.2,1,'quoted'\n")
    assert rows[0].student == "=kim"
    assert rows[0].comment == "'quoted'"


@pytest.mark.parametrize(("cell", "points"), [("0", 0), ("1.5", 1.5), ('"1,5"', 1.5), (" 2 ", 2)])
def test_points_are_numbers_and_0_is_one(cell, points):
    rows, told = parse_rubric(HEADER + f"kim,01_step,01.1,{cell},\n")
    assert [each.points for each in rows] == [points]
    assert not told


@pytest.mark.parametrize("points", ["many", "-1", "nan", "inf", "1/2"])
def test_what_are_no_points_is_told_and_the_others_count(points):
    rows, told = parse_rubric(
        HEADER + f"kim,01_step,01.1,{points},\nkim,01_step,01.2,1,\n", "r.csv"
    )
    assert [each.task for each in rows] == ["01.2"]
    assert told == [f"r.csv, line 2: '{points}' is no number of points; write it like 1.5."]


def test_the_points_of_a_task_of_the_teachers_own_are_points_too():
    text = "student,assignment,task,points,of\nkim,01_step,essay,1,many\nkim,01_step,essay,1,2\n"
    rows, told = parse_rubric(text)
    assert [(each.task, each.of) for each in rows] == [("essay", 2.0)]
    assert told == ["rubric, line 2: of = 'many' is no number of points; write it like 2."]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "student, assignment, task, points is not there"),
        (b"name,points\nkim,2\n", "student, assignment, task is not there"),
        (HEADER.encode() + b"M\xfcller,01_step,01.1,2,\n", "not UTF-8; save it as"),
        (HEADER.encode() + b'kim,"' + b"x" * 200_000 + b'",1,1,1\n', "is no CSV"),
    ],
)
def test_what_is_no_rubric_is_one_sentence(tmp_path, data, said):
    (tmp_path / "r.csv").write_bytes(data)
    with pytest.raises(GradingError, match=said):
        read_rubric(tmp_path / "r.csv")


def test_a_rubric_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(GradingError, match="cannot be read"):
        read_rubric(tmp_path / "r.csv")


def test_points_by_hand_win_and_the_score_follows():
    before = record()
    [after], told = merged([before], [row(1.5, comment="good idea"), row(1, "01.1")])
    assert not told
    assert (after["score"], after["of"]) == (2.5, 5)
    task = after["tasks"]["01.2"]
    assert (task["points"], task["comment"], task["by_hand"]) == (1.5, "good idea", True)
    assert task["said"] == "no."
    assert after["tasks"]["01.1"]["points"] == 1


def test_the_records_are_not_changed():
    before = [record(), record("lee")]
    kept = copy.deepcopy(before)
    merged(before, [row(1.5), row(3, "02.1", of=3.0)])
    assert before == kept


def test_points_survive_regrading():
    rows = [row(1.5)]
    [first], _ = merged([record()], rows)
    regraded = record()
    regraded["tasks"]["01.1"]["points"] = 0.0
    regraded["score"] = 0.0
    [second], _ = merged([regraded], rows)
    assert (first["score"], second["score"]) == (3.5, 1.5)
    assert merged([first], rows)[0][0]["score"] == 3.5  # and twice is once


def test_a_task_of_the_teachers_own_adds_to_what_can_be_had():
    [after], told = merged([record()], [row(3, "essay", of=4.0, comment="clear")])
    assert not told
    assert (after["score"], after["of"]) == (5, 9)
    assert after["tasks"]["essay"] == {
        "title": "essay", "status": "by hand", "points": 3, "of": 4.0, "said": "", "mistake": "",
        "lesson": "", "public": True, "output": "", "expected": None, "yours": None,
        "by_hand": True, "comment": "clear",
    }  # fmt: skip
    assert after["tasks"]["01.1"].keys() <= after["tasks"]["essay"].keys()


def test_a_known_task_is_worth_what_it_was():
    [after], _ = merged([record()], [row(1, of=9.0)])
    assert (after["of"], after["tasks"]["01.2"]["of"], after["tasks"]["01.2"]["comment"]) == (
        5,
        3,
        "",
    )


def test_where_nothing_is_graded_there_is_none():
    assert merged([], [row(1)])[1] == ["rubric: there is no assignment '01_step'; there is none."]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (row(1, student="Kim", line=7), "line 7: 01_step has no student 'Kim'; there is kim."),
        (row(1, student="x"), "rubric: 01_step has no student 'x'; there is kim, lee."),
        (row(1)._replace(assignment="02"), "there is no assignment '02'; there is 01_step."),
        (row(1, "01.9"), "01_step has no task '01.9'; there is 01.1, 01.2. A task of your own"),
        (row(3.5), "3.5 points for task 01.2 are more than its 3."),
        (row(5, "essay", of=4.0), "5 points for task essay are more than its 4."),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_changes_nothing(given, said):
    records = [record(), record("lee")]
    after, told = merged(records, [given])
    assert after == records
    assert len(told) == 1
    assert said in told[0]


def test_a_sentence_lists_five_names_and_counts_the_others():
    records = [record(f"s{number}") for number in range(7)]
    _, [told] = merged(records, [row(1, student="x")])
    assert told.endswith("there is s0, s1, s2, s3, s4 and 2 more.")
    _, [told] = merged(records[:5], [row(1, student="x")])
    assert told.endswith("there is s0, s1, s2, s3, s4.")


def test_only_students_of_the_assignment_are_listed():
    records = [record(), record("lee", assignment="02_exponential")]
    _, [told] = merged(records, [row(1, student="x")])
    assert told.endswith("there is kim.")


def test_of_two_rows_for_one_task_the_later_counts_and_this_is_said():
    [after], told = merged([record()], [row(1, line=2), row(2, line=3)])
    assert after["tasks"]["01.2"]["points"] == 2
    assert told == ["line 3: task 01.2 of kim is already in line 2; this later line counts."]


def test_a_spreadsheet_that_makes_a_number_of_01_1_is_understood():
    [after], told = merged([record()], [row(1, "1.1"), row(2, "1.2")])
    assert not told
    assert (after["tasks"]["01.1"]["points"], after["tasks"]["01.2"]["points"]) == (1, 2)


def test_where_01_10_is_there_too_nobody_guesses():
    both = record()
    both["tasks"]["01.10"] = dict(both["tasks"]["01.1"])
    [after], told = merged([both], [row(1, "1.1")])
    assert after == both
    assert "no task '1.1'" in told[0]


def test_what_needs_review_is_graded_when_every_task_has_points_by_hand():
    lost = record(outcome="needs review", reason="the sandbox failed.")
    assert merged([lost], [row(1)])[0][0]["outcome"] == "needs review"
    [after], _ = merged([lost], [row(1), row(2, "01.1")])
    assert (after["outcome"], after["reason"]) == ("graded", "")


def test_a_zero_is_graded_when_a_task_has_points_by_hand_and_its_reason_stays():
    zero = record(outcome="zero", reason="the file is empty.", score=0.0)
    zero["tasks"]["01.1"]["points"] = 0.0
    assert merged([zero], [row(0), row(0, "01.1")])[0][0]["outcome"] == "zero"
    [after], _ = merged([zero], [row(1), row(0, "01.1")])
    assert (after["outcome"], after["score"]) == ("graded", 1)
    assert after["reason"] == "the file is empty."


def test_sums_of_tenths_are_tenths():
    assert merged([record(score=0.1)], [row(0.2)])[0][0]["score"] == 0.3
