"""The noisy valley: its walks are those of `train`, and its words can be computed another way."""

import re

import numpy as np
import pytest

from lrcourse.experiments import Momentum, momentum_table, multi_well, rate_table, ravine, train
from lrcourse.explore import explore
from lrcourse.explore.scenes.noisy_valley import EVERY, MAPS, WALKS, contours, noisy_valley
from lrcourse.panels import Band, Curve, Dots, Rule
from lrcourse.plots import contour_lines
from lrcourse.schedules import Constant, CosineDecay, OneCycle

START = (-10, 3)
PRESETS = {each["label"]: each["values"] for each in noisy_valley.presets()}


def at_the_end(**given):
    *_, view = noisy_valley.views(noisy_valley.start(**given))
    return view


def marks(view, panel, kind, label=None):
    found = [mark for mark in view.panels[panel].marks if isinstance(mark, kind)]
    return [mark for mark in found if label is None or label == mark.label]


def curve(view, panel, label):
    (found,) = marks(view, panel, Curve, label)
    return found


def table(view):
    return dict(view.table.rows)


# The walk ----------------------------------------------------------------------------------------


def test_without_noise_the_walk_is_that_of_the_formula():
    view = at_the_end(schedule=Constant(0.03), noise=0.0, updates=60)
    walk = curve(view, 0, "")
    t = np.arange(61)
    np.testing.assert_allclose(walk.xs, -10 * (1 - 0.03) ** t, rtol=1e-12)
    np.testing.assert_allclose(walk.y, 3 * (1 - 0.03 * 20) ** t, rtol=1e-9, atol=1e-15)
    heights = walk.xs**2 / 2 + 20 * walk.y**2 / 2
    np.testing.assert_allclose(curve(view, 1, "this walk").y, heights, rtol=1e-9)


@pytest.mark.parametrize(
    ("schedule", "momentum"), [(CosineDecay(0.05, 90), 0.5), (OneCycle(0.03, 90), 0.5)], ids=repr
)
def test_the_copied_code_trains_the_walk_that_is_drawn(schedule, momentum):
    view = at_the_end(schedule=schedule, momentum=momentum, noise=2.0, updates=90, seed=7)
    names = {cls.__name__: cls for cls in (Momentum, CosineDecay, OneCycle, type(ravine()))}
    tools = {"train": train, "rate_table": rate_table, "momentum_table": momentum_table}
    run = eval(view.codes[0].text, names | tools)
    walk = curve(view, 0, "")
    np.testing.assert_array_equal(run.weights[0].T, [walk.xs[1:], walk.y[1:]])
    assert (walk.xs[0], walk.y[0]) == START


def test_another_seed_is_another_walk_and_the_next_seed_the_second_walk():
    ends = [table(at_the_end(seed=seed))["f(w) of this walk at the end"] for seed in (0, 1, 0)]
    assert ends[0] == ends[2] != ends[1]


def test_a_cycle_that_moves_the_momentum_moves_it_here_and_its_limit():
    limit = curve(at_the_end(schedule=OneCycle(0.05, 50), updates=50), 2, "2(1 + m)/λ").y
    np.testing.assert_allclose(limit, 2 * (1 + OneCycle(0.05, 50).momentum(np.arange(50))) / 20)
    assert np.ptp(limit) > 0.005


# What learners must see --------------------------------------------------------------------------


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_a_rate_above_the_limit_leaves_the_map_and_one_below_does_not(momentum):
    limit = 2 * (1 + momentum) / 20
    above, below = (
        at_the_end(schedule=Constant(limit * f), noise=0.0, momentum=momentum, updates=300)
        for f in (1.05, 0.9)
    )
    assert "leaves the map" in above.said
    assert "above the limit" in above.said
    assert "leaves the map" not in below.said
    assert "stays below the limit" in below.said
    assert f"= {limit:.3g}" in above.said


def test_says_after_how_many_updates_it_leaves():
    view = at_the_end(schedule=Constant(0.102), noise=0.0)
    heights = 3 * np.abs(1 - 0.102 * 20) ** np.arange(100)
    first = int(np.argmax(heights > MAPS["ravine"].y[1]))
    assert view.said.startswith(f"this walk leaves the map after {first} updates")
    (end,) = marks(view, 0, Dots, "leaves the map")
    assert abs(end.y[0]) <= MAPS["ravine"].y[1]


def test_a_walk_that_goes_out_and_comes_back_is_said_to():
    view = at_the_end(schedule=Constant(0.05), noise=40.0, updates=100)
    assert re.search(r"f\(w\) = .* having left the map after \d+ update", view.said)


@pytest.mark.parametrize("surface", MAPS)
def test_a_walk_to_infinity_is_drawn_and_said(surface):
    explorer = explore(noisy_valley, surface=surface, schedule=Constant(10.0), updates=400)
    explorer.finish()
    assert explorer.picture["refused"] == ""
    assert "leaves the map after" in explorer.view.said
    assert len(explorer.still().png) > 10_000
    for panel in explorer.view.panels:
        for mark in panel.marks:
            assert not np.isinf(getattr(mark, "y", 0.0)).any()


def test_a_constant_rate_stops_at_its_floor_and_decay_goes_below():
    constant, decay = (
        at_the_end(**_arguments(PRESETS[label]))
        for label in ("noise floor", "decay goes below the floor")
    )
    (floor,) = marks(constant, 1, Rule)
    assert floor.y == pytest.approx(ravine(2.0).floor(0.05, 0.0, batch_size=1))
    assert marks(decay, 1, Rule)[0].y == floor.y
    late = curve(constant, 1, f"mean of {WALKS}").y[100:].mean()
    assert late == pytest.approx(floor.y, rel=0.15)
    assert decay.measure.value < floor.y / 3


def test_more_momentum_at_the_same_rate_is_more_noise():
    plain, with_momentum = (
        at_the_end(**_arguments(PRESETS[label]))
        for label in ("noise floor", "more momentum, more noise")
    )
    assert with_momentum.measure.value > 2 * plain.measure.value


def test_too_small_creeps_and_just_right_arrives():
    ends = {
        label: float(
            table(at_the_end(**_arguments(PRESETS[label])))["f(w) of this walk at the end"]
        )
        for label in ("too small", "just right")
    }
    assert ends["too small"] > 1000 * ends["just right"]


def test_what_turns_back_is_counted():
    oscillates = table(at_the_end(**_arguments(PRESETS["oscillates"])))
    creeps = table(at_the_end(**_arguments(PRESETS["too small"])))
    assert oscillates["updates of this walk that turn back"] == "99 of 99"
    assert creeps["updates of this walk that turn back"] == "0 of 99"


def test_counts_the_walks_in_the_deepest_well():
    schedule = CosineDecay(0.6, 120)
    view = at_the_end(surface="many wells", schedule=schedule, noise=1.2, updates=120)
    run = train(multi_well(1.2), rate_table([schedule], WALKS, 120), range(WALKS), Momentum(0.0), 1)
    inside = multi_well().in_deepest_well(run.weights[:, -1]).sum()
    assert 0 < inside < WALKS
    assert f"{inside} of {WALKS} walks are in the deepest well" in view.said


def _arguments(values):
    return noisy_valley.arguments(values, noisy_valley.start())


# The band ----------------------------------------------------------------------------------------


def test_the_band_holds_the_middle_of_all_walks():
    view = at_the_end(updates=50, noise=3.0)
    run = train(
        ravine(3.0, START),
        rate_table([Constant(0.05)], WALKS, 50),
        range(WALKS),
        Momentum(0.0),
        1,
        test_every=1,
    )
    (band,) = marks(view, 1, Band)
    low, high = np.percentile(run.test_losses, [10, 90], axis=0)
    np.testing.assert_allclose(band.low[1:], low, rtol=1e-12)
    np.testing.assert_allclose(band.high[1:], high, rtol=1e-12)


def test_without_noise_there_is_one_walk_and_no_floor():
    view = at_the_end(noise=0.0)
    assert not marks(view, 1, Band)
    assert not marks(view, 1, Rule)
    assert marks(at_the_end(noise=1.0), 1, Band)


def test_a_long_walk_grows_and_each_view_is_a_part_of_the_next():
    views = list(noisy_valley.views(noisy_valley.start(updates=2 * EVERY + 50)))
    walks = [curve(view, 1, "this walk").y for view in views]
    assert [len(walk) for walk in walks] == [EVERY + 1, 2 * EVERY + 1, 2 * EVERY + 51]
    np.testing.assert_array_equal(walks[-1][: EVERY + 1], walks[0])
    assert views[0].said.startswith(f"so far, {EVERY} of 250: ")
    assert [view.done for view in views] == [0.4, 0.8, 1.0]
    assert len({view.panels[1].x.high for view in views}) == 1  # the axis waits for the end


# The map -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MAPS)
def test_the_lowest_point_and_the_start_lie_on_the_map(name):
    here = MAPS[name]
    grid = np.stack(np.meshgrid(np.linspace(*here.x, 201), np.linspace(*here.y, 201)), axis=-1)
    heights = here.surface.heights(grid)
    lowest = here.surface.heights(np.array(here.lowest, dtype=float))
    assert lowest <= heights.min()
    assert here.holds(np.array(here.surface.start_point))


@pytest.mark.parametrize("name", MAPS)
def test_contours_are_as_high_as_they_say_all_along(name):
    here = MAPS[name]
    drawn = contours(here)
    points = np.stack([drawn.xs, drawn.y], axis=-1)
    gaps = np.isnan(points[:, 0])
    lines = np.split(points, np.flatnonzero(gaps))
    heights = [here.surface.heights(line[~np.isnan(line[:, 0])]) for line in lines]
    range_of_all = np.ptp([each.mean() for each in heights])
    assert len(lines) > 8
    assert range_of_all > 0
    assert max(np.ptp(each) for each in heights) < 0.05 * range_of_all


def test_contours_of_a_function_are_circles_where_it_is_round():
    x, y = contour_lines(lambda points: (points**2).sum(-1), (-1, 1), (-1, 1), count=3)
    radius = np.hypot(x, y)
    levels = np.unique(np.round(radius[np.isfinite(radius)], 2))
    assert 3 <= len(levels) <= 6


def test_one_name_where_two_would_cover_each_other():
    near, far = (
        [dot.label for dot in marks(at_the_end(schedule=Constant(lr), noise=0.0), 0, Dots)]
        for lr in (0.05, 0.002)
    )
    assert near == ["", "start", "end"]
    assert far == ["lowest", "start", "end"]


# As an explorer ----------------------------------------------------------------------------------


@pytest.mark.parametrize("label", PRESETS)
def test_every_preset_is_a_picture(label):
    explorer = explore(noisy_valley)
    explorer.moved = {"serial": 1, "gesture": "preset", "values": PRESETS[label]}
    explorer.finish()
    assert explorer.picture["refused"] == ""
    assert explorer.picture["state"] == "done"
    assert explorer.view.done == 1


def test_what_is_impossible_is_refused_beside_the_last_good_picture():
    explorer = explore(noisy_valley)
    before = explorer.view
    explorer.move(momentum=1.0)
    assert "momentum (momentum m) must lie in [0, 1), got 1.0" in explorer.picture["refused"]
    assert explorer.view is before
