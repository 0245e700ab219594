"""The files of Canvas and Moodle with our scores in them, read back as those systems read them."""

import csv
import io
import re

import pytest

from lrcourse.grading import GradingError
from lrcourse.grading.gradebooks import Canvas, Moodle, filled, number_in, read_gradebook
from lrcourse.grading.tables import BOM


def record(student, score=2.0, assignment="01_step", **more):
    tasks = {
        "01.1": {"title": "Step", "status": "wrong", "points": 2.0, "of": 4, "said": "got 1 < 2."}
    }
    return {
        "assignment": assignment, "student": student, "outcome": "graded", "reason": "",
        "score": score, "of": 4, "tasks": tasks, **more,
    }  # fmt: skip


# Canvas ----------------------------------------------------------------------------------------

CANVAS = '''\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,Step decay (4711),01 step quiz (99),\
Homework Current Score,Current Score (2026),Final Grade
,,,,,,Manual Posting,,,,
    Points Possible,,,,,,4.00,10.00,(read only),(read only),(read only)
"Kim, Minji",12345,S1,mkim,LR 101,"likes, commas",,7.00,12.50,12.50,F
"Kim, Minji",12346,S2,mkim2,LR 101,,1.00,,0,0,F
"Lee, Jun",222,S3,lee@x.kr,LR 101 and LR 102,,3.50,,0,0,F
김민지,41,S4,minji3,LR 101,,EX,,0,0,F
"=""=HYPERLINK(1)""",43,S5,evil,LR 101,,,,0,0,F
"O'Brien, Pat",7,,pat,LR 101,,N/A,,0,0,F
"Student, Test",999,,f00,LR 101,,,,0,0,F
'''

STEP = {"01_step": "Step decay (4711)"}


def book(tmp_path, text=CANVAS, columns=STEP, name="gradebook.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return read_gradebook(path, columns)


def rows_of(text):
    """As Canvas reads it: gradebook_importer.rb, semicolon_delimited? and skip_lines."""
    mark = ";" if text.partition("\n")[0].count(";") > 3 else ","
    lines = [line for line in text.splitlines(True) if not re.fullmatch(r"[;, ]+\s*", line)]
    return list(csv.reader(io.StringIO("".join(lines), newline=""), delimiter=mark))


def imported(found, records):
    done = filled(found, records)
    return rows_of(found.to_import(done)), [each.partition(": ")[2] for each in done.told]


def test_canvas_gets_names_and_ids_as_it_wrote_them_and_only_our_column(tmp_path):
    records = [record("kimminji_12346"), record("leejun_222", 4), record("hyperlink1_43", 0)]
    rows, _ = imported(book(tmp_path), records)
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Step decay (4711)"],
        ["", "", "", "", "", "Manual Posting"],
        ["    Points Possible", "", "", "", "", "4.00"],
        ["Kim, Minji", "12346", "S2", "mkim2", "LR 101", "2"],
        ["Lee, Jun", "222", "S3", "lee@x.kr", "LR 101 and LR 102", "4"],
        ['="=HYPERLINK(1)"', "43", "S5", "evil", "LR 101", "0"],  # Canvas quotes it itself
    ]


def test_canvas_is_not_told_of_students_without_a_score(tmp_path):
    """An empty cell would take away what somebody has typed in since the export."""
    review = record("leejun_222", 0.0, outcome="needs review")
    rows, told = imported(book(tmp_path), [record("kimminji_12345"), review])
    assert [row[1] for row in rows[3:]] == ["12345"]
    assert told == ["6 of 7 students there keep what they have."]


@pytest.mark.parametrize(
    ("student", "row", "said"),
    [
        ("mkim", "12345", ""),  # nbgrader's folders are often logins
        ("S3", "222", ""),
        ("Jun Lee", "222", ""),
        ("Kim Minji", "", "not filled in: Kim Minji: 2 students have the name Kim Minji there."),
        ("kimminji_1", "", "not filled in: kimminji_1: nobody has the number 1 there."),
        ("anon_x7Gh2", "", "not filled in: anon_x7Gh2: nobody has the name anon_x7Gh2 there."),
        ("group a_222", "222", "group a_222: filled in for Lee, Jun (ID 222); where group a is a"),
        ("testststudent_999", "", "the test student of Canvas"),
        ("김민지_41", "", "김민지 is excused, and this stays."),
        ("obrienpat_7", "", "O'Brien, Pat does not have this assignment, and this stays."),
    ],
)
def test_canvas_students_are_found_or_told_by_name(tmp_path, student, row, said):
    rows, told = imported(book(tmp_path), [record(student)])
    assert [each[1] for each in rows[3:]] == ([row] if row else [])
    assert any(said in each for each in told)
    assert len(told) == (1 if not said else 2)


def test_two_submissions_of_one_person_are_told_and_not_filled_in(tmp_path):
    rows, told = imported(book(tmp_path), [record("mkim"), record("kimminji_12345", 4)])
    assert len(rows) == 3
    assert told[0] == "not filled in: mkim and kimminji_12345 are one person there: Kim, Minji."


@pytest.mark.parametrize("wanted", ["Step decay (4711)", "Step decay", "4711"])
def test_a_column_is_named_by_title_or_id(tmp_path, wanted):
    assert book(tmp_path, columns={"01_step": wanted}).place("01_step") == (6, 4.0)


def test_a_column_with_the_name_of_the_assignment_needs_no_option(tmp_path):
    assert book(tmp_path, columns={}).place("01_step") == (7, 10.0)


@pytest.mark.parametrize(
    ("text", "columns", "said"),
    [
        (
            CANVAS,
            {"01_step": "4712"},
            'no columns can be 4712; name it, such as --column "01_step=',
        ),
        (CANVAS, {"01_step": "Final Grade"}, "no columns can be Final Grade"),
        (CANVAS, {"02_exponential": "99"}, ""),
        (CANVAS.replace("01 step quiz", "Quiz"), {}, "no columns can be 01_step"),
        (CANVAS.replace("Step decay", "01-Step"), {}, "2 columns can be 01_step"),
        (CANVAS.replace("4.00", "(read only)"), STEP, "no columns can be Step decay"),
        (CANVAS.replace("Step decay (4711)", "Current Score (4711)"), {"01_step": "4711"}, "no c"),
    ],
)
def test_a_column_that_is_not_clear_is_one_sentence_with_all_that_there_are(
    tmp_path, text, columns, said
):
    found = book(tmp_path, text, columns)
    if not said:
        assert found.place("02_exponential").column == 7
        return
    with pytest.raises(GradingError, match=re.escape(said)) as error:
        found.place("01_step")
    assert "; there is " in str(error.value)
    assert "Notes" not in str(error.value)
    assert "(2026)" not in str(error.value)


def test_two_assignments_go_into_their_columns_and_the_rest_is_kept(tmp_path):
    records = [
        record("mkim"), record("mkim2", 3), record("lee@x.kr", 1, "02_exponential", of=10),
    ]  # fmt: skip
    both = book(tmp_path, columns={**STEP, "02_exponential": "99"})
    rows, _ = imported(both, records)
    assert [row[1:2] + row[5:] for row in rows[3:]] == [
        ["12345", "2", "7.00"],
        ["12346", "3", ""],
        ["222", "3.50", "1"],
    ]


def test_an_assignment_without_a_column_is_told_and_the_others_are_filled(tmp_path):
    records = [record("mkim"), record("mkim", 1, "03_cosine")]
    rows, told = imported(book(tmp_path), records)
    assert rows[0][5:] == ["Step decay (4711)"]
    assert told[0].startswith("no columns can be 03_cosine")


def test_where_no_column_is_clear_this_is_said_once(tmp_path):
    rows, told = imported(book(tmp_path), [record("mkim", 1, "03_cosine")])
    assert len(rows) == 2
    assert [each[:30] for each in told] == [
        "no columns can be 03_cosine; n", "7 of 7 students there keep wha"
    ]  # fmt: skip


def test_other_points_than_ours_are_scaled_and_told(tmp_path):
    rows, told = imported(book(tmp_path, CANVAS.replace("4.00", "10.00")), [record("mkim", 3)])
    assert rows[3][5] == "7.5"
    assert told[0] == "01_step: our 4 points are 10 there; scores are scaled."


@pytest.mark.parametrize("possible", ["", "0", "0.00"])
def test_no_points_possible_are_not_scaled_to(tmp_path, possible):
    rows, told = imported(book(tmp_path, CANVAS.replace("4.00", possible)), [record("mkim", 3)])
    assert rows[3][5] == "3"
    assert len(told) == 1


def test_the_gradebook_of_a_country_with_decimal_commas(tmp_path):
    table = list(csv.reader(io.StringIO(CANVAS)))
    file = io.StringIO(newline="")
    comma = [[re.sub(r"^(\d+)\.(\d\d)$", r"\1,\2", cell) for cell in row] for row in table]
    csv.writer(file, delimiter=";").writerows(comma)
    found = book(tmp_path, BOM + file.getvalue())
    rows, _ = imported(found, [record("mkim", 2.25), record("mkim2", 3)])
    assert [row[5] for row in rows[2:]] == ["4,00", "2,25", "3"]
    assert not found.to_import(filled(found, [])).startswith(BOM)


@pytest.mark.parametrize(
    ("old", "new", "width"),
    [
        ("Student,ID,SIS User ID,SIS Login ID,Section", "Student,ID,SIS Login ID,Section", 4),
        (
            "Student,ID,SIS User ID,SIS Login ID,Section",
            "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section",
            6,
        ),
        (
            "Student,ID,SIS User ID,SIS Login ID,Section",
            "Student,ID,SIS User ID,SIS Login ID,Integration ID,Root Account,Section",
            7,
        ),
    ],
)
def test_the_columns_about_students_that_canvas_may_write(tmp_path, old, new, width):
    values = {
        "Student": "Lee, Jun", "LastName": "Lee", "FirstName": "Jun", "ID": "222", "Section": "A",
        "SIS Login ID": "jlee", "SIS User ID": "S3", "Integration ID": "i9", "Root Account": "x.kr",
    }  # fmt: skip
    row = [values[name] for name in new.split(",")]
    file = io.StringIO(newline="")
    heads = [*new.split(","), "Step decay (4711)"]
    blank = [""] * (width - 1)
    csv.writer(file).writerows([heads, ["    Points Possible", *blank, 4], [*row, ""]])
    assert old in CANVAS
    rows, _ = imported(book(tmp_path, file.getvalue()), [record("leejun_222", 1)])
    assert rows[0] == heads
    assert rows[2] == [*row, "1"]
    assert book(tmp_path, file.getvalue()).find("Jun Lee")[0] == (2,)
    assert book(tmp_path, file.getvalue()).people(["jlee"])["jlee"]["last_name"] == "Lee"


def test_canvas_says_who_the_students_are(tmp_path):
    found = book(tmp_path).people(["leejun_222", "mkim", "nobody", "김민지_41"])
    assert found["leejun_222"] == {
        "last_name": "Lee", "first_name": "Jun", "name": "Lee, Jun", "login": "lee@x.kr",
        "email": "lee@x.kr", "id": "S3",
    }  # fmt: skip
    assert found["mkim"]["email"] == ""  # a login is no address
    assert found["김민지_41"]["last_name"] == "김민지"
    assert "nobody" not in found


# Moodle ----------------------------------------------------------------------------------------

HEADS = {
    "en": "Identifier,Full name,Email address,ID number,Status,Group,Grade,Maximum Grade,"
    "Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments",
    "de": "ID,Vollständiger Name,E-Mail-Adresse,ID-Nummer,Status,Gruppe,Bewertung,Bestwertung,"
    "Bewertung kann geändert werden,Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),"
    "Feedback als Kommentar",
    "ko": "식별자,성명,이메일 주소,학번,상태,그룹,성적,최대 성적,성적 변경 가능,"
    "마지막 수정됨(제출),마지막 수정됨(성적),피드백 코멘트",
    "xx": "a,b,c,d,e,f,g,h,i,j,k,l",
}
WORDS = {"en": "Participant ", "de": "Teilnehmer/in", "ko": "참가자", "xx": "Q "}
STUDENTS = [
    ("12345", "Minji Kim", "mkim@x.kr", "S1", "Team Blue"),
    ("12346", "Minji Kim", "mkim2@x.kr", "S2", "Team Blue"),
    ("222", "=Evil Jun", "evil@x.kr", "S3", ""),
    ("41", "김 민지", "minji@x.kr", "S4", "Team Red"),
]


def worksheet(language="en", mark=",", most="4.00", grades=("", "1.00", "", ""), said=""):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=mark, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(HEADS[language].split(","))
    for (number, name, email, known, team), grade in zip(STUDENTS, grades, strict=True):
        date = "Sunday, 22 November 2026, 9:03 PM"
        writer.writerow((
            WORDS[language] + number, name, email, known, "Submitted for grading", team,
            grade, most, "Yes", date, "-", said,
        ))  # fmt: skip
    return file.getvalue()


def sheet(tmp_path, text=None, columns=None, name="Grades-LR101-01 Step-4711.csv"):
    found = book(tmp_path, text if text is not None else worksheet(), columns or {}, name)
    assert isinstance(found, Moodle)
    return found


def uploaded(found, records):
    done = filled(found, records)
    text = done.table.text()
    rows = list(
        csv.reader(io.StringIO(text.removeprefix(BOM), newline=""), delimiter=found.table.mark)
    )
    return rows, [each.partition(": ")[2] for each in done.told]


@pytest.mark.parametrize("start", ["", BOM])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("language", HEADS)
def test_moodle_gets_grade_and_feedback_and_all_else_byte_for_byte(tmp_path, language, mark, start):
    before = start + worksheet(language, mark)
    found = sheet(tmp_path, before)
    after = filled(found, [record("Minji Kim_12345", 2.5)]).table.text()
    old, new = before.split("\n"), after.split("\n")
    assert old[:1] + old[2:] == new[:1] + new[2:]
    feedback = "01.1 Step: 2 of 4, wrong. got 1 &lt; 2."
    quote = feedback if mark not in feedback else f'"{feedback}"'
    was = f'{mark}""{mark}"4.00"'
    assert new[1] == old[1].replace(was, f'{mark}2.5{mark}"4.00"').removesuffix('""') + quote


@pytest.mark.parametrize(
    ("student", "rows", "said"),
    [
        ("Minji Kim_12346", [2], ""),
        ("mkim2@x.kr", [2], ""),
        ("S4", [4], ""),
        ("Kim Minji", [], "2 students have the name Kim Minji there"),
        ("김민지", [4], ""),
        ("Evil Jun_222", [3], ""),
        ("Team Blue_41", [1, 2], ""),  # the number of a group, which is also that of a student
        ("Team Blue_77", [1, 2], ""),
        ("Team Red", [], "nobody has the name Team Red there"),  # its only member may have left
        ("Team Green_41", [], "참가자41 has another name there, 김 민지"),
        ("Minji Kim_9", [], "nobody has the number 9 there"),
    ],
)
def test_moodle_students_and_groups_are_found_or_told_by_name(tmp_path, student, rows, said):
    text = worksheet("ko", said="Team Blue")  # what was said to them makes nobody a member
    found, told = uploaded(sheet(tmp_path, text), [record(student, 3)])
    assert [at for at, row in enumerate(found) if row[6] == "3"] == rows
    assert (f"not filled in: {student}: {said}." in told) == bool(said)
    assert told[-1] == f"{4 - len(rows)} of 4 students there keep what they have."


def test_empty_lines_of_a_worksheet_are_nobody(tmp_path):
    before = worksheet() + "\n \n"
    done = filled(sheet(tmp_path, before), [record("S1", 3)])
    assert done.table.text().endswith("\n\n \n")
    assert done.rows == (1,)


def test_a_member_and_the_group_are_one_person(tmp_path):
    found, told = uploaded(sheet(tmp_path), [record("Team Blue_77"), record("mkim@x.kr", 4)])
    assert [row[6] for row in found[1:]] == ["", "2", "", ""]
    assert told[0] == "not filled in: Team Blue_77 and mkim@x.kr are one person there: Minji Kim."


def test_moodle_where_nobody_has_a_name(tmp_path):
    """Blind marking: the download says Participant_12345."""
    text = (
        "Identifier,Status,Grade,Maximum Grade,Grade can be changed,Last modified (grade),"
        "Feedback comments\n"
        "Participant 12345,Submitted,,4.00,Yes,-,\nParticipant 7,Submitted,,4.00,Yes,-,\n"
    )
    rows, told = uploaded(sheet(tmp_path, text), [record("Participant_7", 1), record("Kim_12345")])
    assert [row[2] for row in rows[1:]] == ["", "1"]
    assert told[0].startswith("not filled in: Kim_12345: Participant 12345 has another name")


@pytest.mark.parametrize(
    ("most", "grade", "score", "cell"), [("10,00", "", 1, "2,5"), ("4", "1,00", 2.5, "2,5")]
)
def test_moodle_with_decimal_commas_gets_decimal_commas(tmp_path, most, grade, score, cell):
    text = worksheet("de", ";", most, ("", grade, "", ""))
    rows, _ = uploaded(sheet(tmp_path, text), [record("mkim@x.kr", score)])
    assert rows[1][6] == cell


def test_moodle_scales_to_its_maximum_and_says_so(tmp_path):
    records = [record("mkim@x.kr", 3), record("S4", 4)]
    rows, told = uploaded(sheet(tmp_path, worksheet(most="100.00")), records)
    assert [row[6] for row in rows[1:]] == ["75", "1.00", "", "100"]
    assert told[0] == "01_step: our 4 points are 100 there; scores are scaled."


def test_what_needs_review_keeps_its_cells(tmp_path):
    rows, told = uploaded(sheet(tmp_path), [record("mkim2@x.kr", 0, outcome="needs review")])
    assert rows[2][6:] == ["1.00", "4.00", *rows[1][8:]]
    assert told == ["4 of 4 students there keep what they have."]


def test_feedback_is_no_formula_and_no_html(tmp_path):
    zero = record("S3", 0, outcome="zero", reason='=cmd|" /C calc"!A0 <b>')
    rows, _ = uploaded(sheet(tmp_path), [zero])
    assert rows[3][1] == "=Evil Jun"  # theirs stays: Moodle must find it again
    assert rows[3][6] == "0"
    assert rows[3][11] == "'=cmd|&quot; /C calc&quot;!A0 &lt;b&gt;"


def test_without_a_column_for_it_there_is_no_feedback(tmp_path):
    """The last column is then a date, or "-", in every row."""
    text = "\n".join(line.rpartition(",")[0] for line in worksheet("xx").splitlines()) + "\n"
    rows, _ = uploaded(sheet(tmp_path, text), [record("S1", 3)])
    assert rows[1][6:] == ["3", "4.00", "Yes", "Sunday, 22 November 2026, 9:03 PM", "-"]


@pytest.mark.parametrize("language", ["en", "de", "ko"])
def test_feedback_that_is_there_is_replaced_where_the_column_is_known(tmp_path, language):
    rows, _ = uploaded(sheet(tmp_path, worksheet(language, said="old")), [record("S1", 3)])
    assert [row[11][:4] for row in rows[1:]] == ["01.1", "old", "old", "old"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (worksheet(most="Good\nBad"), "no columns can be the grade (points, not a scale)"),
        (worksheet(grades=("", "5.00", "", "")), "no columns can be the grade"),  # above the 4
    ],
)
def test_a_worksheet_without_points_is_one_sentence(tmp_path, text, said):
    found = sheet(tmp_path, text)
    with pytest.raises(GradingError, match=re.escape(said)):
        found.place("01_step")


@pytest.mark.parametrize("grades", [("", "4.00", "", ""), ("1.00",) * 4])
def test_grades_that_are_there_do_not_hide_their_column(tmp_path, grades):
    assert sheet(tmp_path, worksheet(grades=grades)).place("01_step") == (6, 4.0)


def test_the_column_of_the_grade_can_be_named(tmp_path):
    found = sheet(tmp_path, worksheet("de"), {"01_step": "Bewertung"}, "w.csv")
    assert found.place("01_step") == (6, 4.0)
    assert not found.takes("02_exponential", ["01_step", "02_exponential"])
    wrong = sheet(tmp_path, worksheet("de"), {"01_step": "Note"})
    with pytest.raises(GradingError, match="no columns can be Note; name it"):
        wrong.place("01_step")


def test_a_worksheet_is_for_the_assignment_in_its_name(tmp_path):
    both = [record("S1"), record("S1", 3, "02_exponential")]
    rows, _ = uploaded(sheet(tmp_path), both)
    assert rows[1][6] == "2"
    rows, told = uploaded(sheet(tmp_path, name="Grades-LR-02_exponential-1.csv"), both[:1])
    assert rows[1][6] == ""
    assert told[0] == "nothing is filled in: it is not that of 01_step."
    rows, _ = uploaded(sheet(tmp_path, name="worksheet.csv"), both[:1])
    assert rows[1][6] == "2"
    with pytest.raises(GradingError, match="it can be that of 01_step or 02_exponential; say whi"):
        filled(sheet(tmp_path, name="worksheet.csv"), both)


def test_moodle_says_who_the_students_are(tmp_path):
    found = sheet(tmp_path).people(["Minji Kim_12345", "S4", "Team Blue_77"])
    assert found["S4"] == {"last_name": "김 민지", "name": "김 민지", "email": "minji@x.kr"}
    assert found["Minji Kim_12345"]["email"] == "mkim@x.kr"
    assert "Team Blue_77" not in found  # two persons


# Both ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "a,b\n1,2\n", "Student,ID\nKim,1\n", "Name,Section\nKim,A\n", HEADS["en"] + "\n", "\n"],
)
def test_what_is_neither_is_one_sentence(tmp_path, text):
    path = tmp_path / "g.csv"
    path.write_text(text)
    with pytest.raises(GradingError, match=r"g\.csv: this is neither a gradebook that Canvas"):
        read_gradebook(path)


def test_the_kind_is_told_apart(tmp_path):
    assert isinstance(book(tmp_path), Canvas)
    assert isinstance(book(tmp_path, worksheet(), {}), Moodle)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("4.00", 4.0),
        ("4,5", 4.5),
        ("-1", -1.0),
        ("7", 7.0),
        ("", None),
        ("1.2.3", None),
        ("x", None),
    ],
)
def test_numbers_in_cells(cell, number):
    assert number_in(cell) == number
