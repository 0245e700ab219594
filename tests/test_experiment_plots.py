"""Figures of experiments draw the numbers they are given, and say them in words."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from PIL import Image
from test_studies import bowls_with, budgets_with, run_with

from lrcourse.experiments import Bowls, Interval, Run
from lrcourse.plots import (
    axes,
    described,
    plot_bowls,
    plot_budgets,
    plot_forest,
    plot_rates,
    plot_runs,
    plot_surface,
    show,
)
from lrcourse.plots.parts import apart, end_labels, percent
from lrcourse.schedules import Constant

RNG = np.random.default_rng(0)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def marks(ax):
    """The scattered marks: (x, y) of each, without bands and lines."""
    return [tuple(map(float, point)) for each in scattered(ax) for point in each.get_offsets()]


def scattered(ax):
    return [each for each in ax.collections if isinstance(each, PathCollection)]


def two_bowls():
    table = np.array([[0.5, 0.6], [0.8, 0.9], [0.7, 0.7]])
    runs = {"up": [run_with(row) for row in table], "down": [run_with(row) for row in table[::-1]]}
    runs["down"][2] = run_with([0.1, 0.2], diverged=[1])
    return Bowls(np.array([0.01, 0.1, 1.0]), runs)


def recorded(rates, losses, accuracies=None, diverged=()):
    """A Run of these rates (S,), losses (R, S), and accuracies at the end of every update."""
    losses = np.asarray(losses, dtype=float)
    lrs = np.broadcast_to(rates, losses.shape)
    weights = np.zeros((len(losses), 1, 1))
    weights[list(diverged)] = np.nan
    looks = np.arange(1, losses.shape[1] + 1)
    tests = {"accuracy": losses / 10 if accuracies is None else np.asarray(accuracies)}
    return Run(lrs, lrs, losses, looks, tests, looks[-1:], weights)


# Bowls -----------------------------------------------------------------------------------------


def test_a_bowl_is_the_mean_at_each_peak_and_its_best_is_marked():
    ax = plot_bowls(two_bowls())
    up, down = ax.get_lines()
    np.testing.assert_array_equal(up.get_xdata(), [0.01, 0.1, 1.0])
    np.testing.assert_allclose(up.get_ydata(), [0.55, 0.85, 0.7])
    np.testing.assert_array_equal(down.get_xdata(), [0.01, 0.1])  # no mean where a run diverged
    assert (0.1, pytest.approx(0.85)) in marks(ax)
    assert (1.0, pytest.approx(0.04 + 0.07)) in marks(ax)  # the cross
    assert texts(ax) == ["up", "down"]
    assert (ax.get_xscale(), ax.get_ylabel()) == ("log", "test accuracy")


def test_a_bowl_has_plain_numbers_on_its_logarithmic_axis():
    ax = plot_bowls(two_bowls())
    ax.figure.draw_without_rendering()
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.01", "0.1", "1"]
    assert re.fullmatch(r"\d+%", ax.get_yticklabels()[1].get_text())
    low, high = ax.get_xlim()
    assert low < 0.01 < 1 < high


def test_the_cross_is_explained_only_where_there_is_one():
    assert "× a run diverged" in plot_bowls(two_bowls()).get_xlabel()
    whole = plot_bowls(bowls_with([[0.1, 0.2], [0.3, 0.4]]))
    assert whole.get_xlabel() == "peak learning rate (◇ best)"


def test_the_words_of_a_bowl_are_its_numbers():
    words = described(plot_bowls(two_bowls()))
    assert "means of 2 seeds" in words
    assert "up is best at 0.1 with 85.0%" in words
    assert "down is best at 0.1 with 85.0%" in words
    assert "1 of 2 runs of down diverged at 1." in words
    edge = described(plot_bowls(bowls_with([[0.1, 0.2], [0.3, 0.4]])))
    assert "s is best at 2 (the edge of the grid) with 35.0%" in edge


def test_a_schedule_that_always_diverges_keeps_the_colours_of_the_others():
    runs = {"lost": [run_with([0.1, 0.2], diverged=[0])], "s": [run_with([0.5, 0.6])]}
    ax = plot_bowls(Bowls(np.array([0.1]), runs))
    both = plot_bowls(Bowls(np.array([0.1]), runs | {"lost": runs["s"]}))
    assert texts(ax) == ["s"]
    assert ax.get_lines()[-1].get_color() == both.get_lines()[-1].get_color()
    assert "1 of 2 runs of lost diverged at 0.1" in described(ax)


# Budgets ---------------------------------------------------------------------------------------


def two_budgets():
    slow = np.array([[0.3], [0.4], [0.5], [0.6]]) + np.array([-0.01, 0, 0.01])
    return budgets_with([100, 200, 400, 800], slow=slow, fast=slow + 0.1)


def test_accuracy_over_the_budget_and_the_reading_across():
    ax = plot_budgets(two_budgets(), reading=("fast", "slow", 800))
    slow, fast = ax.get_lines()
    np.testing.assert_array_equal(slow.get_xdata(), [100, 200, 400, 800])
    np.testing.assert_allclose(fast.get_ydata(), [0.4, 0.5, 0.6, 0.7])
    arrow = next(each for each in ax.texts if getattr(each, "arrow_patch", None))
    assert arrow.xy == pytest.approx((400, 0.6))
    assert arrow.xyann == pytest.approx((800, 0.6))
    assert any(re.match(r"2\.0\d* \[.* times fewer", text) for text in texts(ax))
    assert "fast is as good as slow after 800 updates with 2.0" in described(ax)
    assert "slow from 30.0% to 60.0%" in described(ax)


# Forests ---------------------------------------------------------------------------------------

DIFFERENCES = {
    "step": Interval(1.95, 0.64, 12),
    "cosine": Interval(0.34, 0.44, 12),
    "share": Interval.between(-0.9, -1.0, -0.4, 12),
}


def test_a_forest_keeps_the_order_and_draws_each_interval():
    ax = plot_forest(DIFFERENCES, "test accuracy")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(DIFFERENCES)
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first row stands on top
    assert texts(ax) == [str(each) for each in DIFFERENCES.values()]
    bars = [each.get_segments()[0] for each in ax.collections if hasattr(each, "get_segments")]
    for y, (bar, interval) in enumerate(zip(bars, DIFFERENCES.values(), strict=True)):
        np.testing.assert_allclose(bar, [[interval.low, y], [interval.high, y]])
    assert [x for x, _ in marks(ax)] == [1.95, 0.34, -0.9]
    assert ax.get_xlabel().startswith("test accuracy (points)")
    assert 0 in ax.get_lines()[0].get_xdata()


def test_no_difference_has_another_form_than_a_clear_one():
    points = scattered(plot_forest(DIFFERENCES))
    corners = [len(point.get_paths()[0].vertices) for point in points]
    filled = [tuple(point.get_facecolor()[0]) != to_rgba("white") for point in points]
    assert corners[0] == corners[2] != corners[1]
    assert filled == [True, False, True]


def test_the_words_of_a_forest_are_the_verdicts():
    words = described(plot_forest(DIFFERENCES, "test accuracy, minus constant"))
    assert words.startswith("Test accuracy, minus constant with 95% intervals.")
    for name, interval in DIFFERENCES.items():
        assert f"{name}: {interval.in_words('points')}." in words


# Runs ------------------------------------------------------------------------------------------


def test_runs_are_a_metric_above_the_rates_that_were_recorded():
    rates, losses = np.array([0.4, 0.3, 0.2, 0.1]), [[4.0, 3, 2, 1], [6.0, 5, 4, 3]]
    above, below = plot_runs({"a": recorded(rates, losses)}).axes
    np.testing.assert_array_equal(above.get_lines()[0].get_ydata(), [5, 4, 3, 2])
    np.testing.assert_array_equal(below.get_lines()[0].get_ydata(), [*rates, 0.1])
    assert (above.get_ylabel(), below.get_ylabel()) == ("training loss", "rate η")
    assert below.get_xlabel() == "optimizer update t"
    words = described(above.figure)
    assert "Mean training loss over 4 updates: a from 5 to 2." in words
    assert "a at most 0.4, at the end 0.1." in words


def test_a_test_metric_stands_where_it_was_measured():
    run = recorded(np.ones(4), np.ones((2, 4)), [[0.1, 0.2, 0.3, 0.4], [0.3, 0.4, 0.5, 0.6]])
    above, _ = plot_runs({"a": run}, "test accuracy").axes
    (line,) = above.get_lines()
    np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3, 4])
    np.testing.assert_allclose(line.get_ydata(), [0.2, 0.3, 0.4, 0.5])
    assert "a from 20.0% to 50.0%" in described(above)


def test_smoothing_takes_means_of_neighbours_and_of_what_is_left():
    run = recorded(np.ones(5), [[1.0, 3, 5, 7, 20]] * 2)
    above, _ = plot_runs({"a": run}, smooth=2).axes
    np.testing.assert_array_equal(above.get_lines()[0].get_xdata(), [0.5, 2.5, 4])
    np.testing.assert_array_equal(above.get_lines()[0].get_ydata(), [2, 6, 20])


def test_diverged_runs_are_counted_and_not_averaged():
    losses = [[1.0, 1], [3.0, 3], [9.0, np.nan]]
    runs = {
        "a": recorded([0.1, 0.1], losses, diverged=[2]),
        "lost": recorded([0.5, 0.5], losses, diverged=[0, 1, 2]),
        "b": recorded([0.2, 0.2], losses[:2]),
    }
    above, below = plot_runs(runs).axes
    assert texts(above) == ["a (1 of 3 diverged)", "b"]
    assert above.get_title() == "not drawn: lost (3 of 3 diverged)"
    np.testing.assert_array_equal(above.get_lines()[0].get_ydata(), [2, 2])
    assert above.get_lines()[-1].get_color() == below.get_lines()[-1].get_color()  # both are b's
    assert "lost (3 of 3 diverged)" in described(above)


def test_runs_whose_plateaus_differ_show_all_their_rates():
    run = recorded(np.array([[0.4, 0.4], [0.4, 0.2]]), np.ones((2, 2)))
    _, below = plot_runs({"a": run}, rate_scale="log").axes
    drawn = {tuple(line.get_ydata()) for line in below.get_lines()}
    assert drawn == {(0.4, 0.4, 0.4), (0.4, 0.2, 0.2)}
    assert texts(below) == ["a"]


# Surfaces --------------------------------------------------------------------------------------


def bowl(points):
    return (points**2).sum(-1)


def test_paths_lie_over_the_contours_from_a_start_to_an_end():
    path = np.array([[[4.0, 2], [1, 1], [0, 0]], [[4.0, 2], [2, 1], [1, 0]]])
    ax = plot_surface(bowl, {"sgd": path})
    for line, run in zip(ax.get_lines(), path, strict=True):
        np.testing.assert_array_equal(line.get_xydata(), run)
    assert {(4.0, 2.0), (0.0, 0.0), (1.0, 0.0)} <= set(marks(ax))
    assert ax.get_xlim()[0] < 0 < 4 < ax.get_xlim()[1]
    assert described(ax) == "sgd: 2 runs, from a mean height of 20 to 0.5."
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("coordinate w₁", "coordinate w₂")


def test_the_ends_of_two_groups_differ_in_form_and_the_names_show_it():
    path = np.array([[[0.0, 0], [1, 1]]])
    ax = plot_surface(bowl, {"a": path, "b": path})
    assert texts(ax) == ["● a", "■ b"]
    ends = [each.get_paths()[0].vertices.shape for each in ax.collections if each.get_zorder() == 5]
    assert ends[0] != ends[1]


def test_a_landscape_is_drawn_where_it_is_asked_for():
    class Surface:
        def heights(self, points):
            return bowl(points)

    ax = plot_surface(Surface(), x_range=(-1, 3), y_range=(0, 2))
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1, 3), (0, 2))
    assert described(ax)


# All -------------------------------------------------------------------------------------------

FIGURES = {
    "bowls": lambda: plot_bowls(two_bowls()),
    "budgets": lambda: plot_budgets(two_budgets(), reading=("fast", "slow", 800)),
    "forest": lambda: plot_forest(DIFFERENCES),
    "runs": lambda: plot_runs({"a": recorded([0.1, 0.2], [[1.0, 2], [2.0, 4]])}),
    "surface": lambda: plot_surface(bowl, {"a": RNG.normal(size=(2, 5, 2))}),
}


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_every_figure_speaks_for_itself_and_may_be_spoken_for(make):
    drawing = make()
    assert show(drawing).alt == described(drawing)
    assert show(drawing).alt.endswith(".")
    assert show(drawing, "my words").alt == "my words"


@pytest.mark.parametrize("name", ["bowls", "budgets", "forest", "surface"])
def test_draws_on_the_axes_it_is_given(name):
    ax, data = axes(), {"bowls": two_bowls(), "budgets": two_budgets(), "forest": DIFFERENCES}
    if name == "surface":
        assert plot_surface(bowl, x_range=(0, 1), y_range=(0, 1), ax=ax) is ax
    else:
        plot = {"bowls": plot_bowls, "budgets": plot_budgets, "forest": plot_forest}[name]
        assert plot(data[name], ax=ax) is ax


def test_a_figure_that_knows_no_words_asks_for_them():
    with pytest.raises(ValueError, match="show: alt must say in words"):
        show(plot_rates(Constant(0.1)))


def test_labels_that_would_leave_the_axes_are_moved_back():
    assert apart([0.0, 5, 100], 200) == [0, 15, 100]
    assert apart([90.0, 95, 100], 100) == [70, 85, 100]
    assert apart([0.0, 99], 100) == [0, 99]


def test_a_rate_of_zero_keeps_its_name_inside_a_logarithmic_axis():
    lrs = np.array([[0.1, 0.01, 0.0], [0.1, 0.1, 0.1]])
    run = replace(ONE_LOOK, lrs=lrs)
    figure = plot_runs({"to zero": run}, smooth=1, rate_scale="log")
    usual = plot_runs({"to zero": run}, smooth=1)
    heights = [Image.open(io.BytesIO(show(f, "rates").png)).height for f in (figure, usual)]
    assert heights[0] == pytest.approx(heights[1], rel=0.1)


def test_a_name_stays_beside_its_axes_where_a_limit_cuts_its_curve_off():
    runs = {name: replace(ONE_LOOK, losses=np.full((2, 3), k)) for k, name in enumerate("abc")}
    figure = plot_runs(runs, smooth=1)
    above = figure.axes[0]
    above.set_ylim(1.5, 2.5)  # a and b end below
    show(figure, "three losses")
    figure.draw_without_rendering()
    low, high = above.get_window_extent().intervaly
    centres = [label.get_window_extent().y0 for label in end_labels(above)]
    assert all(low - 20 <= centre <= high for centre in centres)


ONE_LOOK = Run(*[np.ones((2, 3))] * 3, np.array([3]), {"loss": np.ones((2, 1))}, np.array([3]),
               np.zeros((2, 1, 1)))  # fmt: skip


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: plot_runs({}), "plot_runs: give runs by name"),
        (
            lambda: plot_runs({"a": ONE_LOOK}, "loss"),
            r"one of \['training loss', 'test loss'\], got 'loss'",
        ),
        (lambda: plot_runs({"a": ONE_LOOK}, "test loss"), "of a was measured at the end only"),
        (lambda: plot_runs({"a": ONE_LOOK}, smooth=4), r"smooth .* \[1, 3\], got 4"),
        (lambda: plot_forest({}), "plot_forest: give intervals by name"),
        (lambda: plot_bowls(two_bowls(), "height"), "metric must be one of"),
        (lambda: plot_surface(3), "heights must be a function of points, got 3"),
        (lambda: plot_surface(bowl), "plot_surface: give paths, or x_range"),
        (lambda: plot_surface(bowl, {"a": np.ones((3, 2))}), r"path a .* got \(3, 2\)"),
    ],
)
def test_refuses_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("share", "read"), [(0.98, "98%"), (0.975, "97.5%"), (0.07, "7%"), (1.0, "100%")]
)
def test_an_accuracy_is_read_without_needless_zeros(share, read):
    assert percent(share) == read
