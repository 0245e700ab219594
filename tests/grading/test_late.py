"""Late policies: what they cost, how the command line says them, who uses up which token."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrcourse.grading import GradingError
from lrcourse.grading.late import (
    DAY,
    Late,
    applied,
    none,
    parse,
    per_day,
    seconds_late,
    with_grace,
    zero,
)

POLICIES = ["none", "zero", "10%/day", "25% per day, at least 50%", "10%/day, 15 min grace"]


@pytest.mark.parametrize(
    ("policy", "days", "score"),
    [
        (none, 30, 8),
        (zero, 0, 8),
        (zero, 1e-9, 0),
        (per_day(10), 0, 8),
        (per_day(10), 1e-9, 7),  # a started day counts whole
        (per_day(10), 1, 7),
        (per_day(10), 1.01, 6),
        (per_day(10), 30, 0),
        (per_day(10, 50), 2, 6),
        (per_day(10, 50), 30, 5),
        (per_day(10, 90), 30, 8),  # a floor gives nobody points
        (with_grace(900, zero), 900 / DAY, 8),
        (with_grace(900, zero), 901 / DAY, 0),
        (with_grace(900, per_day(10)), 1.001, 6),  # not counted from the end of the grace
        (with_grace(0, per_day(10), tokens=2), 2, 8),
        (with_grace(0, per_day(10), tokens=2), 2.5, 7),
        (with_grace(0, zero, tokens=2), 2.5, 0),
    ],
)
def test_what_lateness_costs(policy, days, score):
    assert policy(days * DAY, 8, 10) == pytest.approx(score, abs=1e-12)


@given(
    st.sampled_from(POLICIES),
    st.floats(0, 100 * DAY),
    st.floats(0, 100 * DAY),
    st.floats(0, 1),
    st.integers(0, 3),
)
def test_later_is_never_better_nothing_is_below_0_and_nobody_gains(text, a, b, part, tokens):
    late = parse(text)
    sooner, later = late(min(a, b), 20 * part, 20), late(max(a, b), 20 * part, 20)
    assert 0 <= later <= sooner <= 20 * part
    assert late(a, 20 * part, 20, tokens) >= late(a, 20 * part, 20)
    assert late(0, 20 * part, 20) == 20 * part


@pytest.mark.parametrize(
    ("text", "days", "score"),
    [
        ("none", 5, 10),
        ("zero", 5, 0),
        ("10%/day", 3, 7),
        ("10%/day", 30, 0),
        ("12.5 % per day", 2, 7.5),
        ("10% a day; floor 40%", 9, 4),
        ("10%/day, at least 50%", 9, 5),
        (" ZERO , 2 hours grace", 2 / 24, 10),
        ("zero, 2h of grace", 2.01 / 24, 0),
        ("10%/day, 1.5 days grace", 1.5, 10),
        ("10%/day, 30 s grace", 1 / DAY, 10),
    ],
)
def test_the_command_line_says_what_it_means(text, days, score):
    assert parse(text)(days * DAY, 10, 10) == pytest.approx(score)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not say what lateness costs"),
        ("15 min grace", "does not say what lateness costs"),
        ("ten percent", "'ten percent' is not understood"),
        ("10%", "'10%' is not understood"),
        ("-10%/day", "not understood"),
        ("100.5%/day", "more than 100%"),
        ("10%/day, at least 150%", "more than 100%"),
        ("zero, at least 50%", "floor but no percent"),
        ("zero, 10%/day", "two things at once"),
        ("10%/day, 101 tokens", "more than 100"),
        ("10%/day, 9999 tokens", "not understood"),
    ],
)
def test_what_is_not_understood_is_one_sentence(text, said):
    with pytest.raises(GradingError, match=said):
        parse(text)


@pytest.mark.parametrize(
    ("grace", "seconds"), [("30 s", 30), ("2 min", 120), ("2 hours", 7_200), ("1.5 days", 129_600)]
)
def test_grace_ends_on_the_second(grace, seconds):
    late = parse(f"zero, {grace} grace")
    assert (late(seconds, 10, 10), late(seconds + 1, 10, 10)) == (10, 0)


def test_the_most_that_can_be_said_is_said():
    assert parse("10%/day, 100 tokens").tokens == 100
    assert parse("100%/day, at least 100%")(DAY, 10, 10) == 10


def test_a_policy_gives_no_grace_and_no_late_days_unless_it_says_so():
    assert Late(zero)(1, 10, 10) == 0
    assert Late(zero).spend({"01": 0.5 * DAY}) == {"01": 0}
    assert Late()(9 * DAY, 10, 10) == 10
    assert parse("zero")(1, 10, 10) == 0
    assert parse("zero").tokens == 0


def test_what_is_left_of_tenths_are_tenths():
    record = {"student": "kim", "score": 0.3, "of": 1}
    assert applied(record, parse("10%/day"), DAY)["score"] == 0.2


def test_a_score_that_is_in_time_stays_as_it_is():
    record = {"student": "kim", "score": 0.0625, "of": 1}
    assert applied(record, parse("zero"), 0)["score"] == 0.0625


def test_tokens_are_used_up_in_order_and_only_where_they_help():
    late = parse("10%/day, 15 min grace, 3 tokens")
    lates = {"01": 600.0, "02": 1.5 * DAY, "03": 0.0, "04": 5 * DAY, "05": DAY}
    assert late.spend(lates) == {"01": 0, "02": 2, "03": 0, "04": 1, "05": 0}


def test_a_token_that_would_not_save_the_points_is_not_used_up():
    assert parse("zero, 3 tokens").spend({"a": 4 * DAY, "b": 2 * DAY}) == {"a": 0, "b": 2}
    assert parse("50%/day, at least 90%, 3 tokens").spend({"a": 9 * DAY, "b": DAY}) == {
        "a": 0,
        "b": 1,
    }
    assert parse("50%/day, 1 token").spend({"a": 3 * DAY, "b": DAY}) == {"a": 0, "b": 1}


def test_nobody_gets_more_tokens_than_there_are():
    late = Late(per_day(5), tokens=4)
    lates = {str(number): number * 0.7 * DAY for number in range(10)}
    assert sum(late.spend(lates).values()) == 4


@pytest.mark.parametrize(
    ("submitted_at", "due", "seconds"),
    [
        ("2026-11-22T21:03:00+00:00", "2026-11-22T21:00:00+00:00", 180),
        ("2026-11-22T21:03:00Z", "2026-11-23T06:02:59+09:00", 1),
        ("2026-11-22T20:59:59+00:00", "2026-11-22T21:00:00+00:00", 0),
        ("2026-11-22T21:03:00Z", " 2026-11-22T21:00:00Z ", 180),
        (None, "2026-11-22T21:00:00+00:00", 0),
        ("2026-11-22T21:03:00+00:00", None, 0),
        (datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), DAY),
    ],
)
def test_how_late_it_was(submitted_at, due, seconds):
    assert seconds_late(submitted_at, due) == seconds


@pytest.mark.parametrize(
    ("due", "said"),
    [
        ("2026-11-22T21:00:00", "no time zone"),
        ("Friday", "not a time"),
        ("2026-02-30", "not a time"),
    ],
)
def test_a_deadline_that_cannot_be_read_is_one_sentence(due, said):
    with pytest.raises(GradingError, match=rf"{said}.*2026-11-22T23:59\+09:00"):
        seconds_late("2026-11-22T21:03:00+00:00", due)


def test_a_policy_can_be_changed_afterwards():
    """What nbgrader does not do: https://github.com/jupyter/nbgrader/issues/723."""
    record = {"student": "kim", "score": 8.0, "of": 10}
    once = applied(record, parse("10%/day"), 2 * DAY)
    assert (once["score"], once["raw_score"], once["late_seconds"]) == (6, 8, 2 * DAY)
    assert applied(once, parse("none"), 2 * DAY)["score"] == 8
    assert applied(once, parse("10%/day"), 0)["score"] == 8
    assert applied(once, parse("10%/day, 1 token"), 2 * DAY, spent=1)["score"] == 7
    assert record == {"student": "kim", "score": 8.0, "of": 10}


def test_days_are_not_hours():
    due = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert math.isclose(seconds_late(due + timedelta(days=1), due), DAY)
