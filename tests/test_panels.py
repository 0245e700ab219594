"""A picture as plain data: its text alternative, its message to the page, and its still figure."""

import warnings

import numpy as np
import pytest

from lrcourse.explore.message import message
from lrcourse.panels import (
    Axis,
    Band,
    Code,
    Curve,
    Dots,
    Panel,
    Rule,
    Table,
    View,
    rates,
    time_panel,
)
from lrcourse.plots import plot_panel, plot_view, show
from lrcourse.plots.parts import axes

MANY = np.array([0.1, 0.2, np.nan, 0.4])
EVERY_MARK = Panel(
    Axis("rate η", log=True),
    Axis("loss", low=0, high=2),
    (
        Curve("mine", np.array([1.0, 0.5]), np.array([0.01, 0.1]), style=1),
        Curve("others", np.array([1.0, 0.9]), np.array([0.01, 0.1]), faint=True),
        Band(np.array([0.4, 0.3]), np.array([0.6, 0.7]), np.array([0.01, 0.1]), style=2),
        Dots("best", np.array([0.1]), np.array([0.5]), style=3),
        Rule("pick", x=0.05, moves="pick"),
        Rule("floor", y=0.3),
    ),
    title="Finder",
)


def test_the_alternative_names_axes_curves_and_what_is_said():
    view = View((time_panel(rates("ours", MANY)), EVERY_MARK), said="falls")
    assert view.alt == (
        "learning rate η over optimizer update t: ours. "
        "Finder, loss over rate η: mine, others, best, pick, floor. falls."
    )


def test_the_message_holds_the_very_numbers():
    view = View(
        (time_panel(rates("ours", MANY, early=True)), EVERY_MARK),
        said="x",
        codes=(Code("ours", "Constant(0.1)", 2),),
        table=Table(("", "area"), (("ours", "3"),)),
        done=0.5,
    )
    sent = message(view)
    first, second = sent["panels"]
    (curve,) = first["marks"]
    np.testing.assert_array_equal(np.frombuffer(curve["y"]), MANY)
    assert (curve["x"], curve["held"], curve["early"], first["cursor"]) == (None, True, True, True)
    kinds = [mark["kind"] for mark in second["marks"]]
    assert kinds == ["curve", "curve", "band", "dots", "rule", "rule"]
    np.testing.assert_array_equal(np.frombuffer(second["marks"][2]["high"]), [0.6, 0.7])
    assert second["marks"][4] == {
        "kind": "rule",
        "label": "pick",
        "style": 0,
        "x": 0.05,
        "y": None,
        "moves": "pick",
    }
    assert second["x"] == {
        "label": "rate η",
        "low": None,
        "high": None,
        "log": True,
        "tight": False,
    }
    assert sent["codes"] == [{"label": "ours", "text": "Constant(0.1)", "style": 2}]
    assert sent["table"] == {"columns": ("", "area"), "rows": (("ours", "3"),)}
    assert sent["done"] == 0.5


def test_whole_numbers_and_slices_become_float64():
    curve = Curve("a", np.arange(10)[::2])
    (sent,) = message(View((time_panel(curve),), "x"))["panels"][0]["marks"]
    np.testing.assert_array_equal(np.frombuffer(sent["y"]), [0, 2, 4, 6, 8])


def test_the_still_figure_has_every_mark():
    ax = plot_panel(EVERY_MARK, axes())
    assert ax.get_xscale() == "log"
    assert ax.get_ylim() == (0, 2)
    assert ax.get_xlabel() == "rate η"
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["mine", "best", "pick", "floor"]
    assert len(ax.collections) == 1
    drawn = [line.get_xydata().tolist() for line in ax.get_lines()]
    assert [[0.01, 1.0], [0.1, 0.5]] in drawn
    assert [[0.1, 0.5]] in drawn


def test_rates_are_held_until_the_next_update_also_in_the_still_figure():
    ax = plot_panel(time_panel(rates("ours", np.array([1.0, 0.5]))), axes())
    (line,) = ax.get_lines()
    assert line.get_drawstyle() == "steps-post"
    assert line.get_xydata().tolist() == [[0, 1], [1, 0.5], [2, 0.5]]


def test_panels_over_one_time_share_its_label_and_differ_in_height():
    tall, low = time_panel(rates("a", MANY)), time_panel(rates("b", MANY), height=0.5)
    figure = plot_view(View((tall, low), said="x"))
    figure.draw_without_rendering()
    above, below = figure.axes
    assert (above.get_xlabel(), below.get_xlabel()) == ("", "optimizer update t")
    assert above.bbox.height == pytest.approx(2 * below.bbox.height, rel=0.05)
    assert above.get_xlim() == below.get_xlim()


def test_the_still_picture_repeats_its_bytes():
    view = View((EVERY_MARK,), said="x")
    assert show(plot_view(view), "x").png == show(plot_view(view), "x").png


def test_a_curve_that_stopped_early_is_marked():
    ax = plot_panel(time_panel(rates("a", MANY), rates("b", MANY[:2], 1, early=True)), axes())
    assert [text.get_text() for text in ax.texts] == ["a", "✕ b"]


def test_a_single_point_has_room_on_a_logarithmic_axis():
    one = Dots("best", np.array([0.1]), np.array([0.5]))
    panel = Panel(Axis("rate η", log=True, tight=True), Axis("loss", log=True), (one,))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = plot_panel(panel, axes())
    assert ax.get_xlim()[0] < 0.1 < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < 0.5 < ax.get_ylim()[1]


def test_a_rule_alone_has_room_on_a_logarithmic_axis_with_ends():
    panel = Panel(Axis("rate η", 1e-3, 10, log=True), Axis("loss", 0, 1), (Rule("pick", x=0.1),))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = plot_panel(panel, axes())
    assert ax.get_xlim() == (1e-3, 10)


def test_panels_over_one_time_show_the_longer_of_two_curves_that_end_in_gaps():
    short = time_panel(rates("a", np.array([1.0, 0.5, np.nan, np.nan])))
    long = time_panel(rates("b", np.array([1.0, 0.8, 0.6, 0.4])))
    for pair in ((short, long), (long, short)):
        above, below = plot_view(View(pair, said="x")).axes
        assert above.get_xlim() == below.get_xlim() == (0, 4)


def labels_of(*marks):
    """The panel with 0 <= x <= 10 and 0 <= y <= 1, and its labels by their words."""
    ax = plot_panel(Panel(Axis("x", 0, 10), Axis("y", 0, 1), marks), axes())
    return ax, {text.get_text(): text for text in ax.texts}


@pytest.mark.parametrize("xs", [(4.0, 4.05), (9.9, 9.95), (0.1, 0.15)])
def test_names_of_dots_that_are_neighbours_do_not_lie_on_each_other(xs):
    dots = [Dots(f"rule number {k}", np.array([x]), np.array([0.5]), k) for k, x in enumerate(xs)]
    ax, labels = labels_of(*dots)
    first, second = (label.get_window_extent() for label in labels.values())
    assert not first.overlaps(second)
    frame = ax.get_window_extent()
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in (first, second))


@pytest.mark.parametrize(("heights", "side"), [((0.9, 0.31), "left"), ((0.31, 0.9), "right")])
def test_the_name_of_a_rule_stands_where_the_curve_is_far_from_it(heights, side):
    curve = Curve("loss", np.linspace(*heights, 20), np.linspace(0, 10, 20))
    _, labels = labels_of(curve, Rule("floor", y=0.3))
    assert labels["floor"].get_horizontalalignment() == side


@pytest.mark.parametrize(("heights", "end"), [((1.0, 0.6), 0), ((0.5, 0.0), 1)])
def test_the_name_of_an_upright_rule_stands_above_or_below_the_curve(heights, end):
    curve = Curve("η", np.linspace(*heights, 40), np.linspace(0, 10, 40))
    _, labels = labels_of(curve, Rule("W = 2", x=2.0))
    assert labels["W = 2"].xy == (2.0, end)


def test_gaps_of_a_curve_do_not_hide_where_it_is():
    height = np.r_[np.full(3, np.nan), np.linspace(0.31, 0.9, 17)]
    _, labels = labels_of(Curve("loss", height, np.linspace(0, 10, 20)), Rule("floor", y=0.3))
    assert labels["floor"].get_horizontalalignment() == "right"
