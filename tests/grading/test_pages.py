"""The pages that a grader writes: what they say, and that nothing in them can run."""

import copy
import hashlib
import itertools
import math
import os
import re
import statistics
import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lrcourse.check.judging import judged, judged_values
from lrcourse.grading import GradingError
from lrcourse.grading.pages import class_page, student_page, write_pages
from lrcourse.grading.pages.class_numbers import (
    commonest_mistakes,
    discrimination,
    equal_outputs,
    graded,
    score_columns,
)
from lrcourse.grading.pages.frame import document
from lrcourse.grading.pages.markup import Html, element, shown
from lrcourse.grading.pages.pictures import Column, bar, both_curves, histogram, parts_at
from lrcourse.grading.pages.words import SIGNS, limits, points, sentence
from lrcourse.tasks import TASKS, FunctionTask

SECTION = [task for task in TASKS.values() if task.id.startswith("01.")]
ALL = sum(task.points for task in SECTION)
FAMILY = ["kim", "lee", "park", "choi", "jung", "kang", "cho", "yoon", "jang", "lim"]
GIVEN = ["minji", "seojun", "haeun", "doyun", "jiwoo"]
DUE = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)


# A class that nobody knows ------------------------------------------------------------------------


def class_records(count=30, seed=1):
    """Records as the grader writes them: the best know more, the others make real mistakes."""
    rng = np.random.default_rng(seed)
    students = [f"{FAMILY[k % 10]}-{GIVEN[(k // 10 + k) % 5]}" for k in range(count)]
    assert len(set(students)) == count
    records = [student_record(student, rng) for student in students]
    records[7] |= {"outcome": "zero", "reason": "the file is empty.", "score": 0.0, "tasks": {}}
    records[19] |= {
        "outcome": "needs review",
        "reason": "the sandbox ended before it answered: grade it again.",
        "tasks": {},
    }
    return records


def student_record(student, rng):
    ability = rng.normal()
    tasks = {task.id: task_result(task, ability, rng) for task in SECTION}
    submitted = DUE + timedelta(minutes=int(rng.integers(-3000, 200)))
    return {
        "schema": 1,
        "assignment": "01_step",
        "student": student,
        "file": f"{student}/01_step.ipynb",
        "sha256": hashlib.sha256(student.encode()).hexdigest(),
        "submitted_at": submitted.isoformat(),
        "graded_at": (DUE + timedelta(hours=12)).isoformat(),
        "outcome": "graded",
        "reason": "",
        "score": float(sum(found["points"] for found in tasks.values())),
        "of": ALL,
        "tasks": tasks,
        "printed": "1.0\n0.5\nloss <= 0.25\n" if rng.random() < 0.3 else "",
        "cell_errors": {"3": "NameError: name 'gama' is not defined"} if ability < -1.2 else {},
        "seed": int(rng.integers(2**53)),
        "spec": hashlib.sha256(b"01_step").hexdigest(),
        "versions": {"lrcourse": "0.1.0", "python": "3.11.7", "numpy": "2.4.1", "torch": "2.13.0"},
        "level": 2,
        "seconds": round(float(rng.gamma(4, 0.05)), 3),
        "cpu_seconds": round(float(rng.gamma(4, 0.01)), 3),
        "memory": int(rng.integers(10**8, 2 * 10**8)),
    }


def task_result(task, ability, rng):
    """Right, or wrong as learners are: mostly a known mistake, the first ones most often."""
    luck = ability + 1.0 - 0.5 * task.difficulty + rng.logistic()
    if luck > -0.2:
        return result(task, answer_of(task))
    kind = rng.choice(
        ["mistake", "own", "hidden", "nothing", "lost"], p=[0.6, 0.15, 0.1, 0.1, 0.05]
    )
    if kind == "mistake":
        place = min(int(rng.exponential(1.2)), len(task.mistakes) - 1)
        return result(task, answer_of(task, task.mistakes[place]))
    if kind == "own":
        return result(task, own_answer(task))
    if kind == "nothing":
        return result(task, None)
    failed = {"title": task.title, "points": 0.0, "of": task.points, "mistake": "", "lesson": ""}
    failed |= {"public": False, "output": "", "expected": None, "yours": None}
    if kind == "hidden":
        return failed | {"status": "wrong", "said": "a hidden case is wrong."}
    return failed | {"status": "lost", "said": "it ran longer than 5 s: does a loop never end?"}


def answer_of(task, mistake=None):
    if isinstance(task, FunctionTask):
        return mistake.answer if mistake else task.reference
    right = dict(task.answers(**task.given()))
    return right | (dict(mistake.answer(**task.given())) if mistake else {})


def own_answer(task):
    """Wrong, and known to nobody."""
    if not isinstance(task, FunctionTask):
        values = answer_of(task)
        return {k: "z" if isinstance(v, str) else 17 * v for k, v in values.items()}
    return lambda *arguments: 0.123 * float(np.size(task.reference(*arguments)))


def result(task, answer):
    """The verdict of check(), as the grader keeps it."""
    if isinstance(task, FunctionTask):
        verdict = judged(task, answer)
    else:
        verdict = judged_values(task, answer or dict.fromkeys(answer_of(task)))
    curves = {name: values.tolist() for name, values in verdict.curves.items()}
    return {
        "title": task.title,
        "status": verdict.status,
        "points": float(task.points if verdict.status == "right" else 0),
        "of": task.points,
        "said": verdict.sentence,
        "mistake": verdict.mistake.name if verdict.mistake else "",
        "lesson": verdict.mistake.lesson if verdict.mistake else "",
        "public": True,
        "output": hashlib.sha256(verdict.sentence.encode()).hexdigest()[:16],
        "expected": curves.get("expected"),
        "yours": curves.get("yours"),
    }


@pytest.fixture(scope="module")
def records():
    return class_records()


def one(status="wrong", **found):
    """A record with one task."""
    task = {"title": "Step decay", "status": status, "points": 0.0, "of": 2, "said": "it is wrong."}
    task |= {"mistake": "", "lesson": "", "public": True, "output": "", "expected": None}
    record = student_record("kim-minji", np.random.default_rng(0))
    return record | {"tasks": {"01.1": task | {"yours": None} | found}}


# Markup -------------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """What a browser would see: the tags with their attributes, and the text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text.append(data)

    @property
    def kinds(self):
        """The elements and the attributes in use."""
        return {tag for tag, _ in self.tags} | {f"@{name}" for _, own in self.tags for name in own}


@given(st.text(st.characters(codec=None)))
@example('" onclick="run()')
def test_text_comes_out_as_text(text):
    found = Reader(element("p", text, title=text))
    assert [tag for tag, _ in found.tags] == ["p"]
    assert "".join(found.text) == found.tags[0][1]["title"] == shown(text)


@pytest.mark.parametrize("category", ["Cc", "Cs", "turning"])
def test_no_sign_is_unseen_or_moves_others(category):
    every = [chr(code) for code in range(0x10000)]
    kinds = {
        sign: "turning"
        if unicodedata.bidirectional(sign) in TURNING
        else unicodedata.category(sign)
        for sign in every
    }
    bad = [sign for sign in every if kinds[sign] == category and sign not in "\t\n\r"]
    assert len(bad) >= 9
    assert {shown(sign) for sign in bad} == {"�"}


TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cn"])))
def test_other_text_is_kept(text):
    assert shown(text) == text


def test_a_name_from_the_right_keeps_its_marks():
    assert shown("\u200fעדי\u200e 김민지") == "\u200fעדי\u200e 김민지"


def test_colours_of_a_terminal_are_left_out():
    assert shown("\x1b[0;31mNameError\x1b[0m: x") == "NameError: x"


# A student's page ---------------------------------------------------------------------------------


def visible(page):
    """The words of the page, without its style."""
    return " ".join("".join(Reader(page.partition("</style>")[2]).text).split())


def test_every_task_has_its_points_and_a_word_beside_its_sign(records):
    for record in graded(records):
        words = visible(student_page(record))
        assert f"{record['score']:g} of {record['of']} points" in words
        for task_id, found in record["tasks"].items():
            sign = SIGNS[found["status"]]
            told = f"{task_id} {found['title']}{sign.mark}{sign.word}{found['points']:g} of"
            assert told in words


def test_every_task_that_is_not_right_says_why_and_teaches(records):
    seen = set()
    for record in graded(records):
        words = visible(student_page(record))
        for found in record["tasks"].values():
            if found["status"] != "right":
                seen.add((found["status"], bool(found["mistake"])))
                assert sentence(found["said"]) in words
                assert found["mistake"] in words
                assert " ".join(found["lesson"].split()) in words
    assert seen == {("wrong", True), ("wrong", False), ("not attempted", False), ("lost", False)}


def test_somebody_elses_words_have_a_direction_of_their_own():
    page = student_page(one() | {"printed": "x"}, name="עדי")
    assert '<bdi class="theirs">עדי</bdi>' in page
    assert '<pre dir="auto">x</pre>' in page


def test_every_status_has_a_sign_and_a_word_of_its_own():
    told = {status: (sign.mark, sign.word) for status, sign in SIGNS.items()}
    assert told["right"] == ("✓", "right")
    assert told["wrong"] == ("✗", "wrong")
    assert all(len(set(each)) == len(SIGNS) for each in zip(*told.values(), strict=True))


@pytest.mark.parametrize(("value", "told"), [(9.0, "9"), (13.75, "13.75"), (1234.5, "1234.5")])
def test_no_point_is_rounded_away(value, told):
    assert points(value) == told


def test_limits_are_told_in_seconds_and_mebibytes():
    found = {"cell": 20.0, "memory": 2 << 30, "threads": 64}
    assert limits(found) == "cell 20 s, memory 2,048 MiB, threads 64"


def test_the_name_stands_in_place_of_the_id(records):
    assert f" points{records[0]['student']}Handed in" in visible(student_page(records[0]))
    assert "Kim Minji 김민지" in visible(student_page(records[0], name="Kim Minji 김민지"))


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (-1, "(in time)"),
        (0, "(in time)"),
        (0.5, "(less than a minute late)"),
        (1, "(1 min late)"),
        (125, "(2 h 5 min late)"),
        (24 * 60 + 60, "(1 day 1 h late)"),
        (24 * 60 * 3, "(3 days 0 h late)"),
    ],
)
def test_how_late(minutes, told):
    record = one() | {"submitted_at": (DUE + timedelta(minutes=minutes)).isoformat()}
    assert told in visible(student_page(record, due=DUE))
    assert " late" not in visible(student_page(record))


def test_a_time_in_another_zone_is_the_same_time():
    seoul = timezone(timedelta(hours=9))
    record = one() | {"submitted_at": DUE.astimezone(seoul).isoformat()}
    assert "(in time)" in visible(student_page(record, due=DUE))
    record |= {"submitted_at": (DUE + timedelta(minutes=1)).isoformat()}
    words = visible(student_page(record, due=DUE.astimezone(seoul)))
    assert "Handed in 2026-11-22 21:01 UTC (1 min late)" in words


def test_without_a_time_nobody_is_late():
    assert " late" not in visible(student_page(one() | {"submitted_at": None}, due=DUE))


def test_a_zero_says_why(records):
    words = visible(student_page(records[7]))
    assert f"0 of {ALL} points" in words
    assert "The file is empty." in words
    assert "This is no zero" not in words
    by_hand = records[7] | {"outcome": "graded", "score": 2.0}
    assert "The file is empty." in visible(student_page(by_hand))


def test_needs_review_is_no_zero(records):
    words = visible(student_page(records[19] | {"score": 0.0}))
    assert "not graded yet" in words
    assert "This is no zero. The sandbox ended" in words
    assert "0 of" not in words
    half = {"outcome": "needs review", "reason": "x", "score": 0.0, "raw_score": 2.0}
    words = visible(student_page(one(lesson="Round down.", mistake="no floor") | half))
    assert not [told for told in ("0 of", "Step decay", "no floor", "earned") if told in words]


def test_the_foot_says_how_it_was_graded(records):
    words = visible(student_page(records[0]))
    assert str(records[0]["seed"]) not in words  # who knows it can compute the hidden cases
    assert records[0]["sha256"][:16] in words
    assert "2, isolated" in words
    assert "python 3.11.7" in words
    assert "Hidden cases" in words


@pytest.mark.parametrize("level", [None, 0, 1, 2, 3])
def test_only_levels_that_hold_are_called_isolated(level):
    words = visible(student_page(one() | {"level": level}))
    assert ("isolated" in words) == ((level or 0) >= 2)


# Curves -------------------------------------------------------------------------------------------


def test_both_curves_of_a_public_case_are_drawn_and_told():
    task = TASKS["01.1"]
    found = result(task, lambda t, peak_lr, step_size, gamma: peak_lr * gamma ** (t / step_size))
    page = student_page(one(**found))
    assert page.count('class="yours"') == 2  # in the picture and in its legend
    assert "They part at t = 1: yours 0.933033, expected 1." in visible(page)
    assert "leaves the picture" not in page
    assert re.findall(r'class="(\w+)"></path><text[^>]*>(\w+)<', page)[-2:] == [
        ("expected", "expected"),
        ("yours", "yours"),
    ]


def test_no_curve_of_a_hidden_case_is_drawn():
    page = student_page(one(public=False, expected=[0.777, 0.5], yours=[0.777, 0.25]))
    assert "<svg" not in page
    assert "0.777" not in page


def numbers_of(page, kind):
    """The coordinates of a curve: (all of x, all of y)"""
    path = re.search(rf'd="([^"]*)" class="{kind}"', page)[1]
    starts = [tuple(map(float, pair)) for pair in re.findall(r"M(\S+) ([-\d.e]+)", path)]
    x = [x for x, _ in starts] + [float(each) for each in re.findall(r"H([-\d.e]+)", path)]
    return x, [y for _, y in starts] + [float(each) for each in re.findall(r"V([-\d.e]+)", path)]


STRANGE = [math.nan, math.inf, -math.inf, 1e308, -1e308, 10**400, None, "1", True, [], 0, -0.0]


@given(st.lists(st.floats() | st.sampled_from(STRANGE), max_size=30), st.integers(0, 3))
def test_every_number_stays_in_the_picture(yours, kind):
    expected = [[1.0, 1.0, 0.5, 0.5], [0.0], [-3.0, 2.0, 1e-12], [1e308, -1e308]][kind]
    page = str(both_curves(yours, expected))
    if page:
        for x, y in (numbers_of(page, "expected"), numbers_of(page, "yours")):
            assert all(0 <= each <= 360 for each in x)
            assert all(0 <= each <= 170 for each in y)


def test_a_curve_that_leaves_the_picture_says_so_and_leaves_room_for_the_other():
    page = both_curves([1.0, 2.0, 1e9], [1.0, 0.5, 0.25])
    assert "Yours leaves the picture." in page
    _, y = numbers_of(page, "expected")
    assert max(y) - min(y) > 30


def test_equal_curves_have_equal_paths_and_others_do_not():
    rates = [1.0, 1.0, 0.5]
    page = both_curves(rates, rates)
    assert numbers_of(page, "yours") == numbers_of(page, "expected")
    page = both_curves([1.0, 0.5, 0.5], rates)
    assert numbers_of(page, "yours") != numbers_of(page, "expected")


@pytest.mark.parametrize(
    ("yours", "expected", "t"),
    [
        ([1.0, 0.5], [1.0, 0.5], None),
        ([1.0, 0.5 + 1e-9], [1.0, 0.5], None),
        ([1.0, 0.501], [1.0, 0.5], 1),
        ([1.0, None, 0.5], [1.0, 1.0, 0.5], 1),
        ([1.0], [1.0, 1.0], 1),
        ([1.0, 1.0], [1.0], 1),
    ],
)
def test_where_two_curves_part(yours, expected, t):
    assert parts_at(yours, expected) == t


def test_a_line_is_broken_where_there_is_no_number():
    page = both_curves([1.0, None, 0.5, 0.5], [1.0] * 4)
    yours = re.search('d="([^"]*)" class="yours"', page)[1]
    assert (yours.count("M"), yours.count("H")) == (2, 3)


def test_the_numbers_of_an_axis_are_those_of_the_curve():
    page = both_curves([1.0, 0.0], [2.0, 0.0])
    assert {"0", "2"} <= set(re.findall('text-anchor="end">([^<]*)<', page))
    assert ">-2<" not in page


def test_a_bar_has_the_shares_of_right_and_wrong():
    shares = [(own["x"], own["width"], own["class"]) for _, own in Reader(bar(3, 1, 8)).tags[1:]]
    assert shares == [("0", "37.5", "right"), ("37.5", "12.5", "wrong")]


def test_above_a_column_stands_how_many_students_it_has():
    page = histogram([Column(0, 1, 3), Column(1, 2, 0), Column(2, 3, 7)])
    assert re.findall('class="strong">([^<]*)<', page) == ["3", "7"]


def test_a_long_curve_is_thinned():
    assert len(both_curves([1.0] * 100_000, [0.5] * 100_000)) < 20_000


# What the student wrote ---------------------------------------------------------------------------


def test_what_was_printed_is_folded_and_escaped_and_cut():
    page = student_page(one() | {"printed": "<b>loud</b>" + "x" * 100_000})
    folded = page.partition("<details>")[2].partition("</details>")[0]
    assert "&lt;b&gt;loud&lt;/b&gt;xxx" in folded
    assert "(80,011 more characters)" in folded
    assert len(page) < 50_000


@pytest.mark.parametrize("field", ["student", "file", "reason", "printed", "said", "cell_errors"])
def test_nobody_can_write_more_than_a_page(field):
    much = "<" * 100_000
    record = one(said=much if field == "said" else "")
    record |= {field: {str(k): much for k in range(1000)} if field == "cell_errors" else much}
    listed = [record | {"outcome": "zero"}]
    most = {"printed": 100_000, "cell_errors": 300_000}.get(field, 20_000)
    assert len(student_page(record)) < most
    assert len(class_page(listed, title="x", names=True)) < 20_000


def test_errors_of_cells_are_told():
    words = visible(student_page(one() | {"cell_errors": {"3": "NameError: 'gama'"}}))
    assert "NameError: 'gama'" in words


# The class ----------------------------------------------------------------------------------------


def test_the_class_page_counts(records):
    words = visible(class_page(records, title="Step decay"))
    scores = [record["score"] for record in records if record["outcome"] != "needs review"]
    for told in ("30handed in", "28graded", "1zero", "1needs review"):
        assert told in words
    assert f"{statistics.median(scores):g} of {ALL}median points" in words
    assert f"{statistics.fmean(scores):.1f}mean points" in words
    assert "29 submissions with points. Zeros are counted." in words


def test_shares_of_right_answers(records):
    words = visible(class_page(records, title="Step decay"))
    for task in SECTION:
        right = [r["tasks"][task.id]["status"] == "right" for r in graded(records)]
        told = f"{task.id} {task.title}{100 * np.mean(right):.0f}% ({sum(right)})"
        assert told in words


@pytest.mark.parametrize("least", [0.0, 1.0, -7.0])
@pytest.mark.parametrize("of", [1, 10, 13, 15, 16, 20, 33, 100, 1000])
def test_every_score_stands_in_one_column_that_holds_it(of, least):
    rng = np.random.default_rng(of)
    values = sorted([least, float(of), *np.round(rng.uniform(least, of, 200) * 2) / 2])
    columns = score_columns(values, of)
    width = columns[0].high - columns[0].low
    assert (width == 1) == (of - min(0, least) <= 15)
    assert f"{width:g}".rstrip("0") in ("1", "2", "5")
    assert len(columns) <= 16 + (least < 0)
    assert sum(column.students for column in columns) == len(values)
    for column in columns[:-1]:
        inside = sum(column.low <= value < column.high for value in values)
        assert inside == column.students
    last = columns[-1]
    assert last.low < of <= last.high if width > 1 else last.low == of
    assert columns[0].low <= min(0, least) < columns[0].high


def test_discrimination_is_the_item_rest_correlation(records):
    listed = graded(records)
    points = np.array([[found["points"] for found in r["tasks"].values()] for r in listed])
    for k, task in enumerate(SECTION):
        rest = points.sum(axis=1) - points[:, k]
        assert discrimination(task.id, listed) == pytest.approx(
            np.corrcoef(points[:, k], rest)[0, 1]
        )
        passed = points[:, k] > 0  # the corrected point-biserial, by its own formula
        apart = rest[passed].mean() - rest[~passed].mean()
        share = passed.mean()
        biserial = apart / rest.std() * math.sqrt(share * (1 - share))
        assert discrimination(task.id, listed) == pytest.approx(biserial)


def test_no_discrimination_for_few_or_equal_ones(records):
    listed = graded(records)
    assert discrimination("01.1", listed[:10]) is not None
    assert discrimination("01.1", listed[:9]) is None
    alike = [one("right", points=2.0) for _ in range(20)]
    assert discrimination("01.1", alike) is None
    assert "it needs 10 graded notebooks" in visible(class_page(listed[:9], title="x"))


def test_a_low_discrimination_is_pointed_at(records):
    lows = [discrimination(task.id, graded(records)) < 0.1 for task in SECTION]
    assert visible(class_page(records, title="x")).count("! low") == sum(lows)
    turned = copy.deepcopy(graded(records))
    for record in turned:  # the weaker half has the first task right
        strong = sum(t["points"] for i, t in record["tasks"].items() if i != "01.1") > 7
        record["tasks"]["01.1"] |= {"points": 0.0 if strong else 2.0}
    assert "! low" in visible(class_page(turned, title="x"))


def test_the_commonest_mistakes_come_first(records):
    counts = Counter(
        (task_id, found["mistake"])
        for record in graded(records)
        for task_id, found in record["tasks"].items()
        if found["mistake"]
    )
    found = commonest_mistakes(records)
    assert len(found) > 2
    assert [each.students for each in found] == [n for _, n in counts.most_common(5) if n > 1]
    assert all(counts[each.task_id, each.mistake] == each.students for each in found)
    words = visible(class_page(records, title="x"))
    assert "Teach this tomorrow" in words
    for each in found:
        task = TASKS[each.task_id]
        [lesson] = {one.lesson for one in task.mistakes if one.name == each.mistake}
        assert f"{each.mistake}{' '.join(lesson.split())}" in words
        told = f"{100 * each.students / 28:.0f}% of the class, {each.students} of 28"
        assert f"{told}, in {each.task_id} {task.title}" in words


def test_a_mistake_of_one_student_is_nobody_elses_lesson(records):
    alone = [one(mistake="no floor", lesson="Round down.")]
    assert commonest_mistakes(alone) == []
    assert "Teach this" not in visible(class_page(alone, title="x"))


def wrong_ones(*outputs, **found):
    """One record for each output."""
    return [
        one(output=output, **found) | {"student": f"student-{k}"}
        for k, output in enumerate(outputs)
    ]


def test_equal_wrong_answers_are_grouped():
    (group,) = equal_outputs(wrong_ones("aa", "bb", "aa", "", "", "cc", "aa"))
    assert group.students == ("student-0", "student-2", "student-6")
    assert group.said == "it is wrong."
    words = visible(class_page(wrong_ones("aa", "aa"), title="x", names=True))
    assert "Look with your own eyes" in words
    assert "student-0, student-1" in words


@pytest.mark.parametrize(
    "found", [{"mistake": "no floor"}, {"status": "right"}, {"status": "not attempted"}]
)
def test_answers_that_are_explained_are_no_group(found):
    assert equal_outputs(wrong_ones("aa", "aa", **found)) == []


def test_what_a_hidden_case_said_is_not_told_of_a_group():
    assert equal_outputs(wrong_ones("aa", "aa", said="got 7.7", public=False))[0].said == ""


def test_nobody_is_named_unless_asked(records):
    records = copy.deepcopy(records)
    for record in records:
        name = record["student"]
        record |= {"reason": f"{name} is late.", "printed": name, "cell_errors": {"1": name}}
        for found in record["tasks"].values():
            found["said"] = f"{name}() gave 3."
    roster = {record["student"]: f"Name of {record['student']}" for record in records}
    pages = {record["student"]: "x.html" for record in records}
    page = class_page(records, title="x", roster=roster, pages=pages)
    assert not any(record["student"] in page for record in records)
    assert "<a " not in page
    page = class_page(records, title="x", names=True, roster=roster, pages=pages)
    assert all(f"Name of {record['student']}" in page for record in records)


def test_those_without_a_grade_are_listed_with_the_reason(records):
    words = visible(class_page(records, title="x", names=True))
    assert f"{records[7]['student']}The file is empty." in words
    assert f"{records[19]['student']}The sandbox ended before it answered" in words
    assert f"{records[7]['student']}0" in words
    assert f"{records[19]['student']}review" in words


def test_levels_and_versions_that_differ_stand_out(records):
    mixed = [*copy.deepcopy(records[:3])]
    mixed[0]["level"] = 1
    words = visible(class_page(mixed, title="x"))
    assert re.search(r"2, isolated .*?\(2\).*1, fair, not safe .*?\(1\)", words)


def test_a_class_without_submissions_has_a_page():
    assert "Nothing has been handed in yet." in visible(class_page([], title="Step decay"))


def test_records_of_two_assignments_are_refused(records):
    with pytest.raises(GradingError, match=r"01_step, 02_exponential\. Make one page for each\."):
        class_page([records[0], records[1] | {"assignment": "02_exponential"}], title="x")


def test_two_records_of_one_student_are_refused(records):
    with pytest.raises(GradingError, match=r"has 2 records of 01_step\. Give only the current"):
        class_page([records[0], records[0]], title="x")


def test_the_same_records_make_the_same_pages(records):
    backwards = records[::-1]
    assert class_page(records, title="x", names=True) == class_page(
        backwards, title="x", names=True
    )


def test_names_stand_where_a_reader_looks_for_them():
    names = ["zoe", "Émile", "emma", "Amara", "나", "가", "Zoë"]
    words = visible(
        class_page([one() | {"student": name} for name in names], title="x", names=True)
    )
    found = sorted(names, key=words.index)
    assert found == ["Amara", "Émile", "emma", "Zoë", "zoe", "가", "나"]


# Files --------------------------------------------------------------------------------------------


CHOSEN = [
    *("../../etc/passwd", "index", "CON", "a" * 5000, "", ".", "..", "a/b", "a\\b", "x\x00y"),
    *("김민지", "\ud800", "-rf", "a.html", "A.html", "<script>", "%2e%2e%2f", "a\nb", "a|b:c?*"),
]


def test_no_student_can_choose_a_file_name(tmp_path):
    folder = tmp_path / "pages"
    write_pages([one() | {"student": student} for student in CHOSEN], folder)
    names = {path.name for path in folder.iterdir()} - {"index.html", "show_in_class.html"}
    assert len({name.lower() for name in names}) == len(CHOSEN)
    assert all(
        re.fullmatch(r"[^\W_A-Z]([^\W_A-Z]|-){,40}-[0-9a-f]{24}\.html", name) for name in names
    )
    assert not any(name.startswith("-") for name in names)
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]


def test_index_links_to_every_page_and_nowhere_else(records, tmp_path):
    index = write_pages(records, tmp_path)
    found = Reader(index.read_text("utf-8"))
    links = {own["href"] for tag, own in found.tags if tag == "a"}
    others = {path.name for path in tmp_path.iterdir()} - {index.name, "show_in_class.html"}
    assert links == others
    assert len(links) == 30


def test_a_page_is_replaced_as_a_whole(records, tmp_path):
    index = write_pages(records[:3], tmp_path)
    before = index.read_bytes()
    reader = tmp_path / "still open"
    os.link(index, reader)  # who has the old one open keeps all of it
    write_pages(records, tmp_path)
    assert reader.read_bytes() == before != index.read_bytes()
    assert not [path for path in tmp_path.iterdir() if "draft" in path.name]


def test_a_link_in_the_folder_is_replaced_and_not_followed(records, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "index.html").symlink_to(precious)
    write_pages(records[:2], folder)
    assert precious.read_text() == "mine"


def test_a_folder_that_cannot_be_is_one_sentence(records, tmp_path):
    (tmp_path / "pages").write_text("a file")
    with pytest.raises(GradingError, match=r"cannot be written to .*pages.*Give another folder\.$"):
        write_pages(records[:1], tmp_path / "pages")


# Hostile text, and a real browser -----------------------------------------------------------------

ATTACK = (
    "\"'></p></bdi></pre></title></style></svg><script>ran = 1</script>"
    '<img src="http://127.0.0.1:{port}/seen" onerror="ran = 2"><svg onload="ran = 3"></svg>'
    '<style>@import "http://127.0.0.1:{port}/style"; * {{ display: none }}</style>'
    '<link rel="stylesheet" href="http://127.0.0.1:{port}/link"><base href="http://127.0.0.1/">'
    '<meta http-equiv="refresh" content="0; url=http://127.0.0.1:{port}/away">'
    '<iframe src="http://127.0.0.1:{port}/frame"></iframe><a href="javascript:ran = 4">x</a>'
    "<!-- ]]> &lt;script&gt; \x00 \ud800 \udfff \u202e turned \u2066 \u200f \x1b[31m {{7*7}} ${{7}}"
)


def hostile(value, attack):
    """The record with the attack in place of every text, and in every name of a cell."""
    if isinstance(value, dict):
        return {key: hostile(each, attack) for key, each in value.items()}
    if isinstance(value, str):
        return attack + value
    return value


def hostile_class(records, attack):
    kept = {"assignment", "outcome"}
    spoiled = []
    for k, record in enumerate(records[:12]):
        own = {name: record[name] for name in kept}
        bad = hostile({name: record[name] for name in record if name not in kept}, attack)
        bad["student"] = f"{k}{attack}"
        bad["cell_errors"] = {attack: attack}
        bad["tasks"] = {task_id + attack: found for task_id, found in bad["tasks"].items()}
        for task_id, found in bad["tasks"].items():
            known = record["tasks"][task_id.removesuffix(attack)]
            found |= {"status": known["status"] if k else attack, "output": known["output"]}
        spoiled.append(bad | own)
    spoiled[0]["outcome"] = attack
    return [record | {"assignment": attack} for record in spoiled]


@pytest.fixture(scope="module")
def listener():
    """A server on this computer that remembers who asked for what."""
    asked = []

    class Remembering(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Remembering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, asked
        server.shutdown()


@pytest.fixture
def window(browser):
    window = browser.new_page(viewport={"width": 1000, "height": 800})
    yield window
    window.close()


@pytest.fixture(scope="module")
def folder(records, tmp_path_factory):
    """The pages of the whole class."""
    folder = tmp_path_factory.mktemp("pages")
    write_pages(records, folder, title="Step decay, group B", due=DUE)
    return folder


def test_hostile_text_makes_no_markup(records, listener):
    attack = ATTACK.format(port=listener[0])
    spoiled = hostile_class(records, attack)
    honest = [*map(student_page, records), class_page(records, title="x", names=True)]
    known = set().union(*(Reader(page).kinds for page in honest))
    pages = [student_page(record, name=attack, due=DUE) for record in spoiled]
    pages += [class_page(spoiled, title=attack, names=names) for names in (True, False)]
    for page in pages:
        assert Reader(page).kinds <= known
        page.encode()
    assert not {"script", "img", "a", "@style", "@onerror", "@src"} & Reader(pages[0]).kinds


def test_hostile_text_runs_nothing_and_asks_nobody(records, listener, window, tmp_path):
    port, asked = listener
    attack = ATTACK.format(port=port)
    spoiled = hostile_class(records, attack)
    index = write_pages(
        spoiled, tmp_path, title=attack, roster={r["student"]: attack for r in spoiled}
    )
    student = next(path for path in tmp_path.iterdir() if path.name not in KNOWN)
    for path in (index, tmp_path / "show_in_class.html", student):
        window.goto(path.as_uri())
        window.wait_for_load_state("networkidle")
        assert window.evaluate("typeof ran") == "undefined"
        assert window.locator("h1").is_visible()
        assert window.url == path.as_uri()
    assert asked == []


KNOWN = {"index.html", "show_in_class.html"}


def test_the_policy_and_the_head_allow_our_style_alone():
    metas = [own for tag, own in Reader(document("x")).tags if tag == "meta"]
    assert metas[0] == {"charset": "utf-8"}
    assert {"name": "referrer", "content": "no-referrer"} in metas
    assert {"name": "robots", "content": "noindex"} in metas
    assert metas[1]["http-equiv"] == "Content-Security-Policy"
    policy = dict(part.split(maxsplit=1) for part in metas[1]["content"].split(";"))
    assert policy.pop("style-src").startswith("'sha256-")
    assert policy == dict.fromkeys(("default-src", "base-uri", "form-action"), "'none'")


def test_the_policy_stops_markup_that_got_in(listener, window, tmp_path):
    """The second wall alone, with the control that the same markup runs without it."""
    port, asked = listener
    attack = ATTACK.format(port=port).encode("utf-8", "replace").decode()
    attack = re.sub("<meta.*?>|<base.*?>", "", attack).removeprefix("\"'></p>")
    path = tmp_path / "page.html"
    page = document("x", element("p", "here", id="here"), Html(attack))
    path.write_text(page, encoding="utf-8")
    window.goto(path.as_uri())
    window.wait_for_load_state("networkidle")
    assert window.evaluate("typeof ran") == "undefined"
    assert window.locator("#here").is_visible()  # nor does their style hide it
    assert asked == []
    path.write_text(re.sub('<meta http-equiv="Content.*?>', "", page), encoding="utf-8")
    window.goto(path.as_uri())
    window.wait_for_load_state("networkidle")
    assert window.evaluate("typeof ran") == "number"
    assert "/seen" in asked
    asked.clear()


def pages_of(folder):
    """That of the class, and the longest of a student: with curves, a fold and errors."""
    students = sorted(folder.glob("*-*.html"), key=lambda path: path.stat().st_size)
    return [folder / "index.html", students[-1]]


def test_our_own_style_is_let_through(folder, window):
    said = []
    window.on("console", lambda message: said.append(message.text))
    for path in pages_of(folder):
        window.goto(path.as_uri())
        assert window.evaluate("getComputedStyle(document.body).maxWidth") == "736px"
    assert said == []


def test_nothing_is_wider_than_the_window(folder, window):
    for path, width in itertools.product(pages_of(folder), (1000, 390, 320)):
        window.set_viewport_size({"width": width, "height": 800})
        window.goto(path.as_uri())
        assert window.evaluate("document.documentElement.scrollWidth") <= width


CONTRASTS = """() => {
  const light = (rgb) => {
    const [r, g, b] = rgb.match(/[\\d.]+/g).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    const colour = getComputedStyle(e).backgroundColor;
    return colour.endsWith(', 0)') ? behind(e.parentElement) : colour;
  };
  return [...document.querySelectorAll('body *')]
    .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .map((e) => {
      const style = getComputedStyle(e);
      const [a, b] = [light(e.closest('svg') ? style.fill : style.color), light(behind(e))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.outerHTML.slice(0, 80)];
    });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("media", ["screen", "print"])
def test_all_text_can_be_read(folder, window, scheme, media):
    window.emulate_media(color_scheme=scheme, media=media)
    for path in pages_of(folder):
        window.goto(path.as_uri())
        found = window.evaluate(CONTRASTS)
        assert len(found) > 20
        assert [pair for pair in found if pair[0] < 4.5] == []
    behind = window.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (behind == "rgb(255, 255, 255)") == (scheme == "light" or media == "print")


def test_headings_tables_and_pictures_can_be_heard(folder, window):
    for path in pages_of(folder):
        window.goto(path.as_uri())
        levels = window.eval_on_selector_all("h1, h2, h3", "all => all.map(h => +h.tagName[1])")
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert window.locator("main").count() == 1
        assert window.locator("table:not(:has(caption))").count() == 0
        assert window.locator("th:not([scope])").count() == 0
        assert window.locator("th:empty").count() == 0
        assert (
            window.locator("svg:not([role=img][aria-label]):not([aria-hidden=true])").count() == 0
        )
        assert window.locator("html[lang]").count() == 1


def test_what_is_too_wide_can_be_moved_by_keyboard(folder, window):
    window.set_viewport_size({"width": 320, "height": 800})
    window.goto((folder / "index.html").as_uri())
    wide = window.eval_on_selector_all(
        "*",
        "all => all.filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth"
        " && getComputedStyle(e).overflowX === 'auto').map(e => e.tabIndex)",
    )
    assert wide
    assert set(wide) == {0}


def test_what_was_printed_is_unfolded_by_keyboard(window, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(student_page(one() | {"printed": "so it was"}), encoding="utf-8")
    window.goto(path.as_uri())
    assert not window.get_by_text("so it was").is_visible()
    window.locator("summary").focus()
    window.keyboard.press("Enter")
    assert window.get_by_text("so it was").is_visible()


def test_a_long_name_stays_in_its_line(window, tmp_path):
    path = tmp_path / "page.html"
    name = "\u0489" * 200 + "W" * 5000
    path.write_text(student_page(one() | {"file": name}, name=name), encoding="utf-8")
    window.set_viewport_size({"width": 390, "height": 800})
    window.goto(path.as_uri())
    assert window.evaluate("document.documentElement.scrollWidth") <= 390
    assert window.title().endswith("more characters)")
