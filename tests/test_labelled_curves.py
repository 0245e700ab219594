"""The labelled curves: their labels are those of the experiments, and `diagnose` is mostly right.

In CI a few scenes with seeds of their own; all of them, with others, where slow tests run.
"""

import numpy as np
import pytest

from lrcourse.diagnosis import DIVERGING, HEALTHY, NAMES, TOO_SLOW, confusion_lines
from lrcourse.diagnosis import labelled as module
from lrcourse.diagnosis.confusion import answered, answered_drops
from lrcourse.diagnosis.labelled import SCENES, Outcome, curves_and_drops, labels

CI_SEED, SLOW_SEED = 7000, 8000
FEW = ("digits, SGD", "noisy bowl, SGD", "noisy ravine, SGD")


@pytest.fixture(scope="module")
def few():
    """The curves and plateaus of four scenes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SCENES", tuple(s for s in SCENES if s.name in FEW))
        return curves_and_drops(CI_SEED)


def test_most_clear_curves_are_answered_rightly(few):
    found = answered(few[0])
    assert len(found.answers) >= 60
    assert found.right_where_clear_with_rates.mean >= 0.75
    assert found.wrong_where_clear.mean <= 0.15
    assert {each.truth for each in found.answers} >= {DIVERGING, HEALTHY, TOO_SLOW}


def test_shuffled_answers_would_not_do(few):
    """That the share is high is no luck of the counts."""
    curves = few[0]
    shuffled = np.random.default_rng(0).permutation(len(curves))
    said = answered(curves).answers
    right = [curves[i].is_right(said[j].answer) for i, j in enumerate(shuffled)]
    assert np.mean(right) < 0.5


def test_most_clear_plateaus_are_explained_by_the_drop_test(few):
    assert answered_drops(few[1]).wrong_where_clear.mean <= 0.25


ONLY_LOWER = {"ends_lower": np.array([1.0]), "ends_higher": np.array([2.5])}


def outcome(**changed):
    """A run that ended as low as the best of its scene."""
    usual = {
        "losses": np.linspace(2, 1, 60),
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
        (0.5, 1.2, None, ["noise floor"]),
        (1.0, 1.0, 0.3, ["capacity limit"]),
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


@pytest.mark.slow
def test_all_curves_of_other_seeds():
    found, drops = curves_and_drops(SLOW_SEED)
    said = answered(found)
    assert len(said.answers) >= 300
    assert {each.truth for each in said.answers} >= set(NAMES) - {"plateau"}
    assert said.right_where_clear.mean >= 0.75
    assert said.wrong_where_clear.mean <= 0.12
    assert answered_drops(drops).wrong_where_clear.mean <= 0.25


@pytest.mark.slow
def test_the_page_is_written_by_the_command():
    lines = list(confusion_lines(CI_SEED, markdown=True))
    assert lines[0].startswith("# ")
    assert any("right where the truth is beyond doubt" in line for line in lines)
