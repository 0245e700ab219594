"""The picture of a range test shows its curves and picks, and says what it shows."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_hex

from lrcourse.finder import RULES, RangeTest
from lrcourse.plots import axes, described, show
from lrcourse.plots.finder import SUGGESTED, plot_range_test, spread

LRS = np.geomspace(1e-6, 10, 200)


def curve(rng, blow_up=0.5, noise=0.02, fall=1.8):
    """A loss that falls around 0.01 and explodes from `blow_up` on."""
    losses = 2.3 - fall / (1 + (0.01 / LRS) ** 1.2) + np.maximum(LRS / blow_up - 0.2, 0) ** 2
    losses = losses * np.exp(noise * rng.normal(size=len(LRS)))
    losses[3 * blow_up < LRS] = np.nan
    return losses


def usual(sweeps=3, **settings):
    rng = np.random.default_rng(0)
    blow_ups = 0.4 * 1.5 ** np.arange(sweeps)
    return RangeTest(LRS, np.array([curve(rng, each, **settings) for each in blow_ups]))


CASES = {
    "usual": usual(),
    "one sweep": usual(1),
    "many sweeps": usual(8),
    "noisy": usual(noise=0.2),
    "never blew up": RangeTest(LRS[:140], usual().losses[:, :140]),
    "does not learn": RangeTest(LRS, usual(fall=0).losses.clip(2.2, 2.4)),
    "constant": RangeTest(LRS, np.full((2, 200), 1.0)),
    "validated": RangeTest(
        LRS, usual().losses, np.arange(10, 201, 10), usual().losses[:, 9::10] + 0.2
    ),
    "never validated": RangeTest(LRS, usual().losses, np.array([200]), np.full((3, 1), np.nan)),
    "blew up at once": RangeTest(
        LRS, np.where(np.arange(200) < 4, 10.0 ** np.arange(200).clip(0, 9), np.nan)[None]
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_speaks_and_no_text_lies_on_another(case):
    ax = plot_range_test(CASES[case])
    picture = show(ax)
    assert picture.alt.startswith("Training loss over the learning rate, ")
    assert "nan" not in picture.alt
    ax.figure.draw_without_rendering()  # places everything for the figure's own resolution
    texts = [*ax.texts, *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label]
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    assert len(boxes) > 3
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)


def row_names(ax):
    return [label.get_text() for label in ax.get_yticklabels() if label.get_text()[0].isalpha()]


def test_there_is_a_row_for_each_rule_with_its_numbers():
    found = CASES["usual"]
    ax = plot_range_test(found)
    assert row_names(ax) == [f"{SUGGESTED}: onset/3", *list(RULES)[1:]]
    numbers = [text.get_text() for text in ax.texts]
    assert numbers == [str(pick) for pick in found.picks().values()]


def test_the_diamond_of_a_row_stands_at_its_pick():
    found = CASES["usual"]
    ax = plot_range_test(found)
    diamonds = [line.get_xdata()[0] for line in ax.get_lines() if line.get_marker() == "D"]
    assert diamonds == [pick.middle for pick in found.picks().values()]


def test_chosen_rules_alone_are_shown():
    assert row_names(plot_range_test(CASES["usual"], rules=["valley"])) == [SUGGESTED, "valley"]
    with pytest.raises(ValueError, match="plot_range_test: there is no rule 'best'; there are "):
        plot_range_test(CASES["usual"], rules=["best"])


def test_the_suggestion_stands_out_by_more_than_its_colour():
    ax = plot_range_test(CASES["usual"])
    weights = [text.get_fontweight() for text in ax.texts]
    assert weights == ["bold"] + ["normal"] * (len(RULES) - 1)
    first, *others = [line for line in ax.get_lines() if line.get_marker() == "D"]
    assert to_hex(first.get_color()) not in {to_hex(each.get_color()) for each in others}


def test_each_sweep_is_a_curve_and_each_blow_up_a_cross():
    for case in ("usual", "never blew up"):
        found = CASES[case]
        lines = plot_range_test(found).get_lines()
        drawn = [line for line in lines if len(line.get_xdata()) > 20]
        for line, expected in zip(drawn, found.curves, strict=True):
            np.testing.assert_array_equal(line.get_ydata(), expected.losses)
        crosses = [line for line in lines if line.get_marker() == "x"]
        assert len(crosses) == (3 if case == "usual" else 0)


def test_the_band_goes_from_the_lowest_curve_to_the_highest():
    curves = CASES["usual"].curves
    lrs, low, high = spread(curves)
    assert (low <= high).all()
    middle = len(lrs) // 2
    at = [np.interp(np.log(lrs[middle]), np.log(each.lrs), each.losses) for each in curves]
    assert (low[middle], high[middle]) == (min(at), max(at))
    assert lrs[-1] <= min(each.lrs[-1] for each in curves)


def test_the_title_says_what_to_do_or_why_nothing_is_suggested():
    assert plot_range_test(CASES["usual"]).get_title("left").startswith("Train with ")
    title = plot_range_test(CASES["never blew up"]).get_title("left")
    assert title.startswith("No suggestion: the loss never rose")
    assert "does not learn" in plot_range_test(CASES["does not learn"]).get_title("left")


def test_the_words_hold_the_numbers():
    found = CASES["validated"]
    said = described(plot_range_test(found))
    assert "3 sweeps from 1e-06 to 10" in said
    assert "3 of 3 blew up" in said
    assert "The validation loss was lowest at the rate" in said
    for name, pick in found.picks().items():
        assert f"{name}: {pick}." in said


def test_axes_of_the_caller_are_drawn_on():
    ax = axes(6, 6)
    assert plot_range_test(CASES["usual"], ax=ax) is ax
