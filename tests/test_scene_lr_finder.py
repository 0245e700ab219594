"""The picks are those of lrcourse.finder, and what they cost was trained."""

import json
from importlib import import_module

import numpy as np
import pytest

from lrcourse.experiments import Momentum, digits, mean_interval, train
from lrcourse.explore import explore
from lrcourse.explore.message import message
from lrcourse.explore.scenes.lr_finder import RESULTS, SHOWN_RULES, Bench, Sweep, Training, computed
from lrcourse.finder.result import RangeTest
from lrcourse.panels import Curve, Dots, Rule
from lrcourse.schedules import CosineDecay

scene = import_module("lrcourse.explore.scenes.lr_finder")  # the file; the scene has its name


@pytest.fixture(scope="module")
def shares():
    """How far each view was, while nothing was known before."""
    RESULTS.clear()
    return [view.done for view in scene.lr_finder.views(scene.lr_finder.start())]


@pytest.fixture(scope="module")
def explorer(shares):
    done = explore(scene.lr_finder)
    assert done.view.done == 1
    return done


def marks(view, panel, kind):
    return {mark.label: mark for mark in view.panels[panel].marks if isinstance(mark, kind)}


@pytest.fixture
def nothing_known():
    """As in a new kernel: other tests may have trained this task already."""
    kept = dict(RESULTS)
    RESULTS.clear()
    yield
    RESULTS.update(kept)


@pytest.mark.usefixtures("nothing_known")
def test_the_first_view_computes_nothing():
    view = next(scene.lr_finder.views(scene.lr_finder.start(task="signals, SGD")))
    assert not RESULTS
    assert view.done < 1
    assert "is being tried" in view.said


def test_each_view_knows_more_than_the_one_before(shares):
    assert shares[0] < 0.1
    assert shares[-1] == 1
    assert np.all(np.diff(shares) >= 0)
    assert len(set(shares)) > 10


def test_what_the_page_gets_when_all_is_known_is_plain(explorer):
    def length(raw):
        assert isinstance(raw, bytes)  # not a number of NumPy
        return len(raw)

    json.dumps(message(explorer.view), default=length)


def test_a_move_to_a_known_pick_trains_nothing_more(explorer):
    explorer.move(pick=0.05)
    explorer.finish()
    explorer.move(pick=0.1)
    assert explorer.view.done == 1
    explorer.move(pick=0.05)
    assert explorer.view.done == 1


def test_the_curve_and_the_picks_are_those_of_a_range_test():
    """With the smoothing that `RangeTest` has, and over its blow-up."""
    sweep = Sweep("digits, momentum", 0)
    found = RangeTest(scene.RAMP, computed(sweep)[None])
    kept = scene.kept_over(len(scene.RAMP))
    lrs, losses = scene.curve(sweep, kept)
    np.testing.assert_allclose(lrs, found.curves[0].lrs)
    np.testing.assert_allclose(losses, found.curves[0].losses)
    ours = scene.picks(sweep, kept)
    assert ours == {name: pytest.approx(found.picks()[name].middle) for name in SHOWN_RULES}


def test_less_smoothing_moves_a_pick_and_another_seed_another_sweep():
    sweep = Sweep("digits, momentum", 0)
    assert scene.picks(sweep, 0.3) != scene.picks(sweep, scene.SMOOTHING)
    assert not np.array_equal(computed(sweep), computed(Sweep("digits, momentum", 1)))


def test_the_pick_is_trained_and_not_interpolated(explorer):
    explorer.move(pick=0.07)
    explorer.finish()
    t = np.arange(scene.STEPS)
    lrs = np.tile(CosineDecay(0.07, scene.STEPS)(t), (scene.SEEDS, 1))
    ends = train(digits(), lrs, range(scene.SEEDS), Momentum(0.9), 32).test_losses[:, -1]
    assert marks(explorer.view, 1, Dots)["your pick"].y[0] == pytest.approx(
        mean_interval(ends).mean
    )
    assert f"ends at {mean_interval(ends)}" in explorer.view.said


def test_the_truth_has_the_whole_grid_and_its_best_is_named(explorer):
    explorer.move(pick=0.003)
    explorer.finish()
    curve = marks(explorer.view, 1, Curve)["trained at each rate"]
    lost = marks(explorer.view, 1, Dots)["no better than guessing"]
    assert len(curve.x) + len(lost.x) == scene.GRID
    best = curve.x[np.argmin(curve.y)]
    assert f"times the best of the grid, {best:.2g}" in explorer.view.said


def test_the_best_of_the_grid_costs_nothing(explorer):
    curve = marks(explorer.view, 1, Curve)["trained at each rate"]
    explorer.move(pick=float(curve.x[np.argmin(curve.y)]))
    explorer.finish()
    assert "no clear difference from the best of the grid" in explorer.view.said


def test_a_rate_that_is_no_better_than_guessing_is_said(explorer):
    explorer.move(pick=10.0)
    explorer.finish()
    assert explorer.view.said.startswith("your pick 10 ends no better than guessing")
    assert "your pick" not in marks(explorer.view, 1, Dots)


def test_the_rule_of_the_pick_can_be_dragged_in_both_panels(explorer):
    explorer.move(pick=0.02)
    for panel in (0, 1):
        (rule,) = marks(explorer.view, panel, Rule).values()
        assert (rule.moves, rule.x) == ("pick", 0.02)


def test_the_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(scene, "RESULTS", {})
    monkeypatch.setattr(scene, "MOST_KEPT", 2)
    every = [Sweep("digits, momentum", seed) for seed in range(3)]
    for each in every:
        computed(each)
    assert list(scene.RESULTS) == every[1:]


def test_adam_has_another_grid():
    default, adam = (Bench(0.1, task, "cosine", 0.9, 0) for task in ("digits, SGD", "digits, Adam"))
    assert adam.grid[-1].peak_lr < default.grid[-1].peak_lr
    assert isinstance(adam.grid[0], Training)
