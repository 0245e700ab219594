"""The figures: what is drawn is what was given, every output has words, the bytes repeat."""

import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from lrcourse import plots
from lrcourse.plots import band, parts, plot_gallery, plot_rates, plot_training, show
from lrcourse.schedules import SCHEDULES, Constant, MultiStepDecay, StepDecay

SCHEDULE = StepDecay(peak_lr=0.1, step_size=30, gamma=0.5)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def heights_on_screen(ax):
    """Where the labels at the ends are drawn, in points from the bottom."""
    ax.figure.draw_without_rendering()
    return [text.get_window_extent().y0 * 72 / ax.figure.dpi for text in ax.texts]


def test_the_line_holds_each_rate_until_the_next_update():
    (line,) = plot_rates(SCHEDULE, steps=75).get_lines()
    assert line.get_drawstyle() == "steps-post"
    np.testing.assert_array_equal(line.get_xdata(), np.arange(76))
    np.testing.assert_array_equal(line.get_ydata()[:-1], SCHEDULE(np.arange(75)))
    assert line.get_ydata()[-1] == line.get_ydata()[-2]


def test_axes_say_what_they_measure():
    ax = plot_rates(SCHEDULE)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("optimizer update t", "learning rate η")


def test_curves_differ_in_colour_and_in_dashes():
    rates = SCHEDULE(np.arange(200))
    lines = plot_rates(SCHEDULE, Constant(0.05), PyTorch=rates, mine=rates).get_lines()
    assert len({to_rgba(line.get_color()) for line in lines}) == 4
    assert len({style.dashes for style in plots.STYLES}) == len(plots.STYLES)
    assert len({line._unscaled_dash_pattern for line in lines}) == 4


def test_curves_carry_their_names():
    assert texts(plot_rates(SCHEDULE, PyTorch=[0.1, 0.2])) == ["StepDecay", "PyTorch"]


def test_two_of_a_class_are_named_by_what_differs():
    other = StepDecay(peak_lr=0.1, step_size=20, gamma=0.5)
    assert texts(plot_rates(SCHEDULE, other, Constant(1))) == [
        "step_size=30",
        "step_size=20",
        "Constant",
    ]


def test_labels_of_equal_curves_do_not_lie_on_each_other():
    rates = SCHEDULE(np.arange(200))
    ax = plot_rates(SCHEDULE, PyTorch=rates, mine=rates)
    heights = heights_on_screen(ax)
    assert np.diff(sorted(heights)).min() > parts.END_LABEL_SIZE
    assert heights == sorted(heights, reverse=True)


def test_labels_follow_a_scale_that_changes_later():
    ax = plot_rates(StepDecay(0.1, 30), Constant(1e-4))
    ax.set_yscale("log")
    show(ax, "two curves")
    step, constant = heights_on_screen(ax)
    assert constant - step > 50  # 1e-7 and 1e-4 are far apart on a logarithmic axis


def test_draws_on_the_axes_of_a_learner():
    figure, (left, right) = plt.subplots(1, 2)
    assert plot_rates(SCHEDULE, ax=left) is left
    assert len(right.get_lines()) == 0
    show(figure, "one curve")
    assert figure.number not in plt.get_fignums()  # the notebook does not show it again


def test_plotting_changes_no_global_setting():
    before = dict(plt.rcParams)
    show(plot_rates(SCHEDULE), "a curve")
    assert dict(plt.rcParams) == before


def test_a_picture_is_an_image_with_words():
    bundle = show(plot_rates(SCHEDULE), 'η < 1 & "drops"')._repr_mimebundle_()
    assert bundle["text/plain"] == 'η < 1 & "drops"'
    assert 'alt="η &lt; 1 &amp; &quot;drops&quot;"' in bundle["text/html"]
    assert 'src="data:image/png;base64,' in bundle["text/html"]


PRINT_PICTURE = """
from lrcourse.plots import plot_rates, show
from lrcourse.schedules import StepDecay
print(show(plot_rates(StepDecay(0.1, 30)), "a").html)
"""


def test_the_bytes_of_a_picture_repeat_in_another_process():
    elsewhere = subprocess.check_output([sys.executable, "-c", PRINT_PICTURE], text=True)
    assert elsewhere.strip() == show(plot_rates(StepDecay(0.1, 30)), "a").html


def test_a_picture_does_not_name_the_version_of_matplotlib():
    assert b"matplotlib" not in show(plot_rates(SCHEDULE), "a").png.lower()


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_a_picture_without_words_is_refused(alt):
    with pytest.raises(ValueError, match="show: alt must say in words"):
        show(plot_rates(SCHEDULE), alt)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: plot_rates(), "at least one schedule"),
        (lambda: plot_rates(3), "got 3"),
        (lambda: plot_rates(StepDecay), "draws schedules"),
        (lambda: plot_rates(SCHEDULE, steps=0), "steps must be a whole number"),
        (lambda: plot_rates(SCHEDULE, y_scale="cubic"), "y_scale must be .* got 'cubic'"),
        (lambda: plot_rates(mine=[[0.1]]), "mine must be one row of numbers"),
        (lambda: plot_rates(mine=[]), "mine must be one row of numbers"),
        (lambda: show("figure", "words"), "must be an Axes or a Figure"),
        (lambda: band(plots.axes(), np.arange(3), np.ones((1, 3)), "x"), "at least 2 runs"),
        (lambda: band(plots.axes(), np.arange(3), np.ones((4, 2)), "x"), r"got \(4, 2\)"),
    ],
)
def test_wrong_input_gets_one_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_a_band_is_the_interval_of_student():
    runs = np.random.default_rng(0).normal(size=(6, 4))
    ax = band(plots.axes(), np.arange(4), runs, "loss")
    mean = runs.mean(axis=0)
    margin = 2.570582 * runs.std(axis=0, ddof=1) / np.sqrt(6)  # t table: 5 degrees, 95%
    corners = ax.collections[0].get_paths()[0].vertices
    for t in range(4):
        at_t = corners[corners[:, 0] == t, 1]
        np.testing.assert_allclose(
            [at_t.min(), at_t.max()], [mean[t] - margin[t], mean[t] + margin[t]], rtol=1e-5
        )
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), mean)


def test_milestones_are_drawn_where_they_are():
    (line,) = plot_rates(MultiStepDecay(1.0, (20, 50), gamma=0.5), steps=80).get_lines()
    np.testing.assert_array_equal(np.flatnonzero(np.diff(line.get_ydata())) + 1, [20, 50])


def test_a_linear_axis_starts_at_zero():
    assert plot_rates(Constant(0.1), StepDecay(0.1, 30)).get_ylim()[0] == 0
    assert plot_rates(Constant(0.1)).get_ylim()[1] > 0.1


def test_a_logarithmic_axis_starts_below_the_lowest_rate():
    ax = plot_rates(StepDecay(0.1, 30), y_scale="log")
    assert ax.get_yscale() == "log"
    assert 1e-8 < ax.get_ylim()[0] < 1e-7
    assert plot_rates(Constant(0.1), ax=ax).get_yscale() == "log"


def test_an_underscore_in_a_name_is_drawn_as_a_space():
    assert texts(plot_rates(wrong_clock=[0.1, 0.2])) == ["wrong clock"]


def test_a_training_is_losses_above_and_the_rates_used_below():
    losses = {"a": np.ones((3, 4)), "b": np.full((3, 4), 2.0)}
    rates = {"a": np.full(4, 0.1), "b": np.array([0.1, 0.1, 0.01, 0.01])}
    figure = plot_training(losses, rates, marks=[2])
    above, below = figure.axes
    assert above.lines[1].get_xdata().tolist() == [0.5, 1.5, 2.5, 3.5]
    assert above.lines[1].get_ydata().tolist() == [2.0] * 4
    assert below.lines[1].get_ydata()[:4].tolist() == rates["b"].tolist()
    assert (below.get_xlabel(), below.get_yscale()) == ("epoch", "log")
    assert all(ax.lines[-1].get_xdata() == [2, 2] for ax in (above, below))


def test_a_schedule_takes_the_name_that_it_is_given():
    ax = plot_rates(hold_then_drop=Constant(0.1, 5) >> StepDecay(0.1, 9), steps=30)
    assert [text.get_text() for text in ax.texts] == ["hold then drop"]
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata()[[0, 13, 14]], [0.1, 0.1, 0.01])


def test_a_gallery_has_one_titled_panel_for_each_schedule():
    schedules = [cls.example() for cls in SCHEDULES.values()]
    figure = plot_gallery(*schedules, steps=120)
    panels = [ax for ax in figure.axes if ax.axison]
    assert [ax.get_title() for ax in panels] == [type(s).__name__ for s in schedules]
    for ax, schedule in zip(panels, schedules, strict=True):
        np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), schedule(np.arange(120)))
        assert ax.get_ylim()[0] == 0


def test_an_empty_gallery_is_refused():
    with pytest.raises(ValueError, match="plot_gallery: give at least one schedule"):
        plot_gallery()


def test_compositions_are_named_by_their_classes_and_told_apart():
    holding, longer = (Constant(0.1, n) >> StepDecay(0.1, 9) for n in (5, 8))
    ax = plot_rates(holding, longer, steps=30)
    names = [text.get_text() for text in ax.texts]
    assert names == ["Constant >> StepDecay", "Constant >> StepDecay (2)"]
