"""The labelled curves: their labels are those of the experiments, and `diagnose` is mostly right.

In CI a few scenes with seeds of their own; all of them, with others, where slow tests run.
"""

import numpy as np
import pytest

from lrcourse.diagnosis import (
    CAPACITY_LIMIT,
    DIVERGING,
    HEALTHY,
    INITIAL_SPIKE,
    NAMES,
    NOISE_FLOOR,
    NOT_SURE,
    OSCILLATING,
    PLATEAU,
    SPIKE_AFTER_RESTART,
    TOO_SLOW,
    confusion_lines,
)
from lrcourse.diagnosis.confusion import Answered, Confusion, answered, answered_drops
from lrcourse.diagnosis.labelled import SCENES, Curve, Label, Outcome, curves_and_drops, labels
from lrcourse.diagnosis.labelled import logs as module
from lrcourse.diagnosis.labelled.labels import across_the_margin
from lrcourse.diagnosis.labelled.symptoms import NEEDS_RATES, Kept, is_seen
from lrcourse.schedules import CosineDecay

CI_SEED, SLOW_SEED = 7000, 8000
FEW = ("digits, SGD", "noisy bowl, SGD", "noisy ravine, SGD")


@pytest.fixture(scope="module")
def few():
    """The curves and plateaus of three scenes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SCENES", tuple(s for s in SCENES if s.name in FEW))
        return curves_and_drops(CI_SEED)


def test_most_clear_curves_are_answered_rightly(few):
    found = answered(few[0])
    assert len(found.answers) >= 60
    assert found.right_where_clear.mean >= 0.9
    assert found.wrong_where_clear.mean <= 0.04
    assert found.wrong_where_borderline.mean <= 0.2
    assert {each.truth for each in found.answers} >= {DIVERGING, HEALTHY, TOO_SLOW}


def test_shuffled_answers_would_not_do(few):
    """That the share is high is no luck of the counts."""
    curves = few[0]
    shuffled = np.random.default_rng(0).permutation(len(curves))
    said = answered(curves).answers
    right = [curves[i].is_right(said[j].answer) for i, j in enumerate(shuffled)]
    assert np.mean(right) < 0.5


def test_most_clear_plateaus_are_explained_by_the_drop_test(few):
    assert answered_drops(few[1]).wrong_where_clear.mean <= 0.05
    assert answered_drops(few[1]).right_where_clear.mean >= 0.85


def test_no_log_without_rates_is_clear_about_what_depends_on_them(few):
    silent = [curve for curve in few[0] if curve.rates is None]
    assert silent
    assert not [
        c for c in silent for each in c.labels if each.is_clear and each.name in NEEDS_RATES
    ]


def test_a_third_of_the_logs_is_by_epoch_and_a_quarter_without_rates(few):
    lengths = np.array([len(curve.losses) for curve in few[0]])
    assert set(lengths) == {30, 300}
    assert 0.1 < np.mean(lengths == 30) < 0.4
    assert 0.1 < np.mean([curve.rates is None for curve in few[0]]) < 0.4
    assert all(c.rates is None or len(c.rates) == len(c.losses) for c in few[0])


ONLY_LOWER = {"ends_lower": np.array([1.0]), "ends_higher": np.array([2.5])}


def outcome(**changed):
    """A run that ended as low as the best of its scene."""
    usual = {
        "losses": np.linspace(2, 1, 60),
        "calm": None,
        "tests": np.linspace(2, 1, 20),
        "shape": "cosine",
        "start": 2.0,
        "best": 1.0,
        "ends_lower": np.array([1.5]),
        "ends_higher": np.array([1.5]),
        "tails": {},
        "bigger": None,
    }
    return Outcome(**(usual | changed))


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({}, ["healthy"]),
        ({"ends_higher": np.array([0.2])}, ["too slow"]),
        ({"losses": np.full(60, 2.5), **ONLY_LOWER}, ["diverging"]),
        ({"losses": np.full(60, 1.8), **ONLY_LOWER}, ["oscillating"]),
        ({"tests": np.r_[np.linspace(2, 1, 10), np.linspace(1, 2, 10)]}, ["overfitting"]),
        ({"losses": np.r_[2, 9, 9, np.full(57, 0.9)]}, ["initial spike"]),
        ({"losses": np.full(60, 1.5), "ends_higher": np.array([])}, []),
        ({"losses": np.full(60, np.nan)}, ["diverging"]),
    ],
)
def test_a_label_is_what_the_neighbours_say(changed, names):
    assert [label.name for label in labels(outcome(**changed))] == names


@pytest.mark.parametrize(
    ("lower", "higher", "bigger", "names"),
    [
        (0.5, 1.2, None, ["noise floor", "plateau"]),
        (1.0, 1.0, 0.3, ["capacity limit", "plateau"]),
        (1.0, 1.0, 0.95, ["healthy", "plateau"]),
    ],
)
def test_a_flat_constant_run_is_labelled_by_its_continuations(lower, higher, bigger, names):
    tails = {"same": 1.0, "lower": lower, "higher": higher}
    run = outcome(
        losses=np.r_[2, np.full(59, 1.0)],
        shape="constant",
        tails={name: np.full(100, level) for name, level in tails.items()},
        bigger=bigger,
    )
    assert [label.name for label in labels(run)] == names


@pytest.mark.parametrize(
    ("changed", "is_clear"),
    [
        ({"losses": np.full(60, 3.5), **ONLY_LOWER}, True),
        ({"losses": np.full(60, 2.5), **ONLY_LOWER}, False),
        ({"losses": np.full(60, 1.5), **ONLY_LOWER}, True),
        ({"losses": np.full(60, 1.2), **ONLY_LOWER}, False),
        ({"ends_higher": np.array([0.5])}, True),
        ({"ends_higher": np.array([0.85])}, False),
        ({"losses": np.r_[2, 9, 9, np.full(57, 0.9)]}, True),
        ({"losses": np.r_[2, 9, 9, np.full(27, 2.5), np.full(30, 0.9)]}, False),  # lasts too long
        ({"losses": np.r_[2, np.full(59, 1.01)]}, True),
        ({"losses": np.r_[2, np.full(59, 1.03)]}, False),
    ],
)
def test_a_label_is_clear_from_its_second_margin_on(changed, is_clear):
    assert labels(outcome(**changed))[0].is_clear is is_clear


@pytest.mark.parametrize(
    ("level", "found", "also"),
    [
        (1.15, [Label(TOO_SLOW, False)], {HEALTHY}),
        (1.15, [Label(TOO_SLOW, True)], set()),
        (1.35, [Label(TOO_SLOW, False)], set()),
        (2.5, [Label(DIVERGING, False)], {OSCILLATING}),
        (2.5, [Label(DIVERGING, True)], set()),
        (1.35, [Label(INITIAL_SPIKE, False)], {OSCILLATING}),
        (1.35, [Label(OSCILLATING, False)], set()),
    ],
)
def test_across_a_margin_lies_what_another_judge_may_say(level, found, also):
    assert across_the_margin(outcome(losses=np.full(60, level)), found) == also


def test_an_oscillation_that_blew_up_may_be_called_diverging():
    losses = np.r_[2, np.full(10, 8.0), np.full(49, 1.5)]
    assert across_the_margin(outcome(losses=losses), [Label(OSCILLATING, False)]) == {DIVERGING}


T = np.arange(300)
QUIET = np.random.default_rng(0).normal(0, 0.01, 300)
LOUD = np.random.default_rng(1).normal(0, 0.4, 300)
FALLEN = 1 + np.exp(-T / 20)
COSINE = CosineDecay(1.0, 300)(T)
WAVES = 1.3 + 0.2 * np.sin(T / 10)
JUMPS = 1 + 0.5 * (T % 100 < 25)


@pytest.mark.parametrize(
    ("name", "losses", "calm", "seen"),
    [
        (OSCILLATING, 1.6 + LOUD, FALLEN + QUIET, True),
        (OSCILLATING, 1.6 + LOUD, FALLEN + LOUD, False),  # the batches are as loud
        (OSCILLATING, 1.6 + QUIET, FALLEN + QUIET / 9, False),  # smooth and too high
        (OSCILLATING, WAVES + QUIET, FALLEN + QUIET, True),
        (OSCILLATING, WAVES + QUIET, WAVES + QUIET, False),
        (TOO_SLOW, 2 - T / 400, None, True),
        (TOO_SLOW, 1.95 + QUIET, None, True),
        (TOO_SLOW, FALLEN + QUIET, None, False),
        (TOO_SLOW, 2 - T / 1200 + LOUD, None, False),  # the noise hides the fall
        (SPIKE_AFTER_RESTART, JUMPS + QUIET, None, True),
        (SPIKE_AFTER_RESTART, 1 + QUIET, None, False),
        (HEALTHY, FALLEN + QUIET, FALLEN, True),
        (HEALTHY, 2 - T / 400, None, False),
        (HEALTHY, FALLEN + QUIET + 1.5 * (T < 5), FALLEN, False),
    ],
)
def test_a_symptom_is_seen_or_not(name, losses, calm, seen):
    assert is_seen(name, Kept(losses, COSINE, None, calm, 2.0)) is seen


@pytest.mark.parametrize("name", sorted(NEEDS_RATES))
def test_without_rates_some_signs_cannot_be_seen(name):
    losses = 2 - T / 400 if name == TOO_SLOW else FALLEN + QUIET
    assert is_seen(name, Kept(losses, COSINE, None, FALLEN, 2.0))
    assert not is_seen(name, Kept(losses, None, None, FALLEN, 2.0))


def curve(*found, across=()):
    """A curve with these labels."""
    true = tuple(Label(*each) for each in found)
    return Curve("made up", "cosine", 0.1, 0, true, frozenset(across), FALLEN, COSINE, None)


def test_any_truth_is_right_and_a_plateau_where_the_reason_is_not_to_be_seen():
    both = curve((OSCILLATING, True), (NOISE_FLOOR, False), across={HEALTHY})
    assert both.truth == OSCILLATING
    assert both.is_clear
    assert [both.is_right(each) for each in (OSCILLATING, NOISE_FLOOR, PLATEAU)] == [True] * 3
    assert [both.is_right(each) for each in (HEALTHY, TOO_SLOW, NOT_SURE)] == [False] * 3
    assert both.is_defensible(HEALTHY)
    assert not both.is_defensible(TOO_SLOW)
    assert not curve((HEALTHY, True)).is_right(PLATEAU)


def test_the_row_of_an_answer_is_the_truth_that_it_named():
    both = curve((OSCILLATING, True), (NOISE_FLOOR, False), (PLATEAU, False))
    assert [both.row(each) for each in (NOISE_FLOOR, PLATEAU, HEALTHY)] == [
        NOISE_FLOOR,
        OSCILLATING,
        OSCILLATING,
    ]


def test_not_sure_is_neither_right_nor_wrong():
    said = Confusion(
        (
            Answered(HEALTHY, HEALTHY, True, True, 0.8, True),
            Answered(HEALTHY, NOT_SURE, False, True, 0.0),
            Answered(HEALTHY, TOO_SLOW, False, True, 0.95),
            Answered(TOO_SLOW, HEALTHY, False, False, 0.8, True),
            Answered(TOO_SLOW, PLATEAU, False, False, 0.8),
        )
    )
    assert said.right_where_clear.mean == said.wrong_where_clear.mean == pytest.approx(1 / 3)
    assert said.wrong_where_borderline.mean == 1
    assert said.indefensible_where_borderline.mean == 0.5
    assert said.wrong(True) == {HEALTHY: 1}
    assert said.table(False) == {(TOO_SLOW, HEALTHY): 1, (TOO_SLOW, PLATEAU): 1}
    assert [(low, share.mean) for low, _, share in said.calibration()] == [
        (0.8, pytest.approx(1 / 3)),
        (0.9, 0.0),
    ]


@pytest.mark.slow
def test_all_curves_of_other_seeds():
    found, drops = curves_and_drops(SLOW_SEED)
    said = answered(found)
    assert len(said.answers) >= 300
    assert {each.truth for each in said.answers if each.is_clear} >= set(NAMES) - {PLATEAU}
    assert said.right_where_clear.mean >= 0.9
    assert said.wrong_where_clear.mean <= 0.04
    assert said.wrong_where_borderline.mean <= 0.16
    assert said.indefensible_where_borderline.mean <= 0.08
    assert answered_drops(drops).wrong_where_clear.mean <= 0.05
    assert {case.truth for case in drops if case.is_clear} == {
        CAPACITY_LIMIT,
        NOISE_FLOOR,
        TOO_SLOW,
    }


@pytest.mark.slow
def test_the_page_is_written_by_the_command():
    lines = list(confusion_lines(CI_SEED, markdown=True))
    assert lines[0].startswith("# ")
    assert any("right where the truth is beyond doubt" in line for line in lines)
