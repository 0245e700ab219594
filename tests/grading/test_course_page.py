"""The page about all assignments: its numbers, and that every link of it leads somewhere."""

import re
from html import unescape
from urllib.parse import unquote

import pytest
from test_reports import record as reported

from lrcourse.grading import GradingError
from lrcourse.grading.pages import course_page, write_course
from lrcourse.grading.reports import OnTop, with_all, write_reports

STEP, COSINE, EXAM = "01_step", "03_cosine", "50%20exam"


def record(student, assignment=STEP, score=4.0, **more):
    return reported(student, assignment, score, of=15, **more)


CLASS = [
    record("kim", COSINE, 3.0),
    record("kim", score=15.0),
    record("lee", score=7.5),
    record("émile", score=9.0, outcome="needs review"),
    record("émile", "exam_a", 2.0, title="The exam <1>"),
]


def rows(page):
    """The text of each row, cell by cell."""
    lines = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL) for line in lines]
    return [[unescape(re.sub("<[^>]*>", "", cell)) for cell in line] for line in cells]


def test_assignments_stand_in_order_with_what_they_need():
    assert rows(course_page(CLASS, {}))[:4] == [
        ["Assignment", "Handed in", "Needs review", "Median points"],
        ["01_step", "3", "1", "11.25 of 15"],
        ["03_cosine", "1", "0", "3 of 15"],
        ["The exam <1>", "1", "0", "2 of 15"],
    ]
    assert "3 assignments, 3 students" in course_page(CLASS, {})


def test_every_student_has_a_row_with_points_and_their_sum():
    assert rows(course_page(CLASS, {}))[4:] == [
        ["Student", "Sum", "01", "03", "exam_a"],
        ["émile", "2", "review", "", "2"],
        ["kim", "18", "15", "3", ""],
        ["lee", "7.5", "7.5", "", ""],
    ]


def test_where_nobody_has_points_there_is_no_median():
    page = course_page([record("kim", outcome="needs review")], {})
    assert rows(page)[1] == ["01_step", "1", "1", "–"]


def test_names_are_text_and_never_markup():
    page = course_page([record("<script>x</script>", "<b>")], {})
    assert "<script" not in page
    assert "<b>" not in page


def test_two_records_of_one_student_are_refused():
    with pytest.raises(GradingError, match="kim has 2 records of 01_step"):
        course_page([record("kim"), record("kim")], {})


def test_every_link_leads_to_a_page_of_that_student(tmp_path):
    found, _ = with_all(
        [record("kim"), record("kim", EXAM), record("김 민지", EXAM), record("a%20#?b")], OnTop()
    )
    (first,), _ = write_reports(found, tmp_path)
    assert first == tmp_path / "index.html"
    links = re.findall(r'href="([^"]*)"', first.read_text("utf-8"))
    pages = [(tmp_path / unquote(unescape(link))).read_text("utf-8") for link in links]
    headings = [re.sub("<[^>]*>", "", re.search("<h1>(.*?)</h1>", page)[1]) for page in pages]
    points = [f"{name}: 4 of 15 points" for name in (STEP, STEP, EXAM, EXAM)]
    assert headings == [STEP, EXAM, *points]
    for page, student in zip(pages[2:], ["a%20#?b", "kim", "kim", "김 민지"], strict=True):
        assert f">{student}<" in page


def test_of_one_assignment_its_own_page_comes_first(tmp_path):
    found, _ = with_all([record("kim")], OnTop())
    assert write_reports(found, tmp_path)[0] == [tmp_path / STEP / "index.html"]
    assert not (tmp_path / "index.html").exists()


def test_a_page_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(GradingError, match="pages cannot be written"):
        write_course(CLASS, tmp_path / "no" / "folder")
