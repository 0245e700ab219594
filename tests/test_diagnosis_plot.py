"""The picture of a diagnosis shows every loss and every sign, and says so in words."""

import numpy as np
import pytest

from lrcourse.diagnosis.signs import (
    DIVERGING,
    HEALTHY,
    NOISE_FLOOR,
    NOT_SURE,
    OSCILLATING,
    OVERFITTING,
    Diagnosis,
    Sign,
)
from lrcourse.plots import axes, described, show
from lrcourse.plots.diagnosis import MOST_DRAWN, plot_diagnosis, smoothed

STEPS = 200
T = np.arange(STEPS)
FALLING = 2.0 * np.exp(-T / 60) + 0.5


def sign(name, *places, sure=0.8):
    return Sign(name, "evidence.", "remedy.", sure, places)


def diagnosis(losses=FALLING, *signs, verdict=HEALTHY, lrs=None, val=None):
    return Diagnosis(verdict, signs, np.asarray(losses, float), lrs, val)


def letters(ax):
    return {text.get_text() for text in ax.texts if len(text.get_text()) == 1}


def heights(ax):
    """Every height that a line of the picture reaches."""
    return np.concatenate([np.asarray(line.get_ydata(), float) for line in ax.get_lines()])


def rate_axes(ax):
    (below,) = ax.child_axes
    return below


def test_draws_on_the_axes_it_is_given_and_returns_them():
    ax = axes()
    assert plot_diagnosis(diagnosis(), ax=ax) is ax


def test_the_raw_curve_holds_every_loss_and_a_smoothed_one_lies_over_it():
    noisy = FALLING + np.random.default_rng(0).normal(0, 0.1, STEPS)
    raw, mean = plot_diagnosis(diagnosis(noisy)).get_lines()
    np.testing.assert_array_equal(raw.get_ydata(), noisy)
    assert np.diff(mean.get_ydata()).std() < np.diff(noisy).std() / 2
    assert raw.get_alpha() < 1
    assert mean.get_linewidth() > raw.get_linewidth()


def test_the_smoothed_curve_is_the_mean_of_the_neighbours():
    losses = np.random.default_rng(0).uniform(1, 2, 400)
    losses[100] = np.nan
    reach = 400 // 80
    slow = [np.nanmean(losses[max(0, i - reach) : i + reach + 1]) for i in range(400)]
    slow[100] = np.nan
    np.testing.assert_allclose(smoothed(losses), slow)
    np.testing.assert_allclose(smoothed(np.exp(losses), log=True), np.exp(slow))


def test_no_spike_of_a_long_curve_is_lost():
    losses = np.ones(50_000)
    losses[31_234] = 3.0
    raw = plot_diagnosis(diagnosis(losses)).get_lines()[0]
    assert len(raw.get_xdata()) <= 2 * MOST_DRAWN
    assert raw.get_ydata().max() == 3
    assert raw.get_xdata()[raw.get_ydata().argmax()] == pytest.approx(31_234, abs=30)


def test_every_sign_has_its_letter_in_the_title_and_at_its_places():
    both = diagnosis(
        FALLING,
        sign(OSCILLATING, (20, 60), (100, 140)),
        sign(NOISE_FLOOR, (150, 199), sure=0.5),
        verdict=OSCILLATING,
    )
    ax = plot_diagnosis(both)
    title = ax.get_title(loc="left")
    assert title.startswith("Verdict: oscillating\n")
    assert "a  oscillating, 80% sure" in title
    assert "b  noise floor, 50% sure" in title
    assert letters(ax) == {"a", "b"}
    hatches = [patch.get_hatch() for patch in ax.patches if patch.get_hatch()]
    assert len(hatches) == 3
    assert len(set(hatches)) == 2  # not by colour alone


def test_a_mark_lies_where_the_sign_was_seen_in_the_steps_of_the_log():
    marked = diagnosis(FALLING, sign(OSCILLATING, (20, 60)))
    bars = [p for p in plot_diagnosis(marked, 10 * T + 5, "step").patches if p.get_hatch()]
    (bar,) = bars
    assert (bar.get_x(), bar.get_x() + bar.get_width()) == (205, 605)


def test_a_place_of_one_loss_is_wide_enough_to_be_seen():
    ax = plot_diagnosis(diagnosis(FALLING, sign(OSCILLATING, (50, 50))))
    (bar,) = [patch for patch in ax.patches if patch.get_hatch()]
    left, right = ax.get_xlim()
    assert bar.get_width() > 0.005 * (right - left)
    assert bar.get_x() < 50 < bar.get_x() + bar.get_width()


def test_the_curve_stays_below_the_rows_of_marks():
    signs = [sign(name, (0, 199)) for name in (OSCILLATING, NOISE_FLOOR, OVERFITTING)]
    for losses in (FALLING, np.geomspace(100, 0.01, STEPS)):
        ax = plot_diagnosis(diagnosis(losses, *signs))
        top = ax.transAxes.inverted().transform(ax.transData.transform((0, losses.max())))[1]
        assert top < 1 - 3 * 0.085


def test_validation_stands_at_the_loss_before_it():
    after, losses = np.array([50, 100, 200]), np.array([2.0, 1.5, 1.2])
    ax = plot_diagnosis(diagnosis(val=(after, losses)), 2 * T)
    line = ax.get_lines()[2]
    np.testing.assert_array_equal(line.get_xdata(), [98, 198, 398])
    np.testing.assert_array_equal(line.get_ydata(), losses)
    assert "validation" in [text.get_text() for text in ax.texts]


def test_the_rates_have_a_small_axis_below_and_only_where_they_are_known():
    assert not plot_diagnosis(diagnosis()).child_axes
    lrs = np.linspace(0.1, 0.0, STEPS)
    below = rate_axes(plot_diagnosis(diagnosis(lrs=lrs)))
    np.testing.assert_array_equal(below.get_lines()[0].get_ydata(), lrs)
    assert below.get_ylabel() == "rate η"
    assert below.get_yscale() == "linear"
    dropped = np.repeat([0.1, 0.001, 0.00001], [50, 50, 100])
    assert rate_axes(plot_diagnosis(diagnosis(lrs=dropped))).get_yscale() == "log"


def test_the_highest_rate_can_be_read_from_its_axis():
    for peak in (0.02, 0.1, 1.0, 0.5):
        below = rate_axes(plot_diagnosis(diagnosis(lrs=np.full(STEPS, peak))))
        assert np.isclose(below.get_yticks(), peak).any()


def test_powers_of_ten_are_written_as_the_losses_are():
    ax = plot_diagnosis(diagnosis(np.geomspace(5, 0.001, STEPS)))
    ax.figure.draw_without_rendering()
    assert {"0.01", "0.1", "1"} <= {label.get_text() for label in ax.get_yticklabels()}


def test_the_axis_is_logarithmic_where_it_helps_and_can_be():
    assert plot_diagnosis(diagnosis(np.full(STEPS, 2.3))).get_yscale() == "linear"
    assert plot_diagnosis(diagnosis(np.geomspace(10, 0.01, STEPS))).get_yscale() == "log"
    assert plot_diagnosis(diagnosis(np.linspace(10, -1, STEPS))).get_yscale() == "linear"


def test_a_loss_that_is_no_number_has_a_cross_on_the_floor():
    losses = FALLING.copy()
    losses[120:] = np.nan
    losses[119] = np.inf
    ax = plot_diagnosis(diagnosis(losses, sign(DIVERGING, (119, 199)), verdict=DIVERGING))
    crosses = next(line for line in ax.get_lines() if line.get_marker() == "x")
    assert min(crosses.get_xdata()) >= 119
    assert "× the loss is NaN or infinite" in ax.get_xlabel()
    assert "81 are NaN or infinite" in described(ax)
    assert np.isfinite(ax.get_ylim()).all()


def test_says_in_words_what_it_shows():
    ax = plot_diagnosis(
        diagnosis(
            FALLING,
            sign(OVERFITTING, (100, 199)),
            verdict=OVERFITTING,
            lrs=np.full(STEPS, 0.1),
            val=(np.array([100, 200]), np.array([1.0, 1.75])),
        ),
        T + 1,
        "global_step",
    )
    words = described(ax)
    assert "Verdict: overfitting." in words
    assert "200 training losses over global_step 1 to 200" in words
    assert "Validation from 1 to 1.75." in words
    assert "The rate at most 0.1, at the end 0.1." in words
    assert "a: overfitting, 80% sure, marked at 101 to 200." in words
    assert not ax.get_xlabel()
    assert rate_axes(ax).get_xlabel() == "global_step"


@pytest.mark.parametrize(
    "odd",
    [
        diagnosis([2.0, 1.0]),
        diagnosis([0.0, 0.0, 0.0], lrs=np.zeros(3)),
        diagnosis(np.full(30, np.nan), sign(DIVERGING, (0, 29))),
        diagnosis([1e-300, 1e300, np.inf, 1.0], verdict=NOT_SURE),
        diagnosis(-FALLING, lrs=np.full(STEPS, np.nan)),
        diagnosis(FALLING, val=(np.array([0, 200]), np.array([np.nan, np.nan]))),
    ],
    ids=["two", "zero", "nan", "huge", "negative", "lost validation"],
)
def test_an_odd_curve_is_drawn_too(odd):
    picture = show(plot_diagnosis(odd))
    assert picture.png.startswith(b"\x89PNG")
    assert picture.alt.startswith("Verdict: ")


def test_refuses_steps_of_another_length():
    with pytest.raises(ValueError, match="one number for each of the 200 losses"):
        plot_diagnosis(diagnosis(), steps=[1, 2, 3])
