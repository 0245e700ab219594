"""Live training: what grows is a real training, and the verdict is that of its last updates."""

import numpy as np
import pytest

from lrcourse.experiments import Adam, Momentum, compare, digits, paired_difference, signals
from lrcourse.explore import explore
from lrcourse.explore.scenes.live_training import TASKS, live_training, made
from lrcourse.panels import Band, Curve
from lrcourse.schedules import Constant, CosineDecay, LinearDecay, OneCycle

SHORT = {"updates": 40, "seeds": 3, "task": "digits"}
PAIR = {"first": Constant(0.05), "second": CosineDecay(0.2, 40)}
CALLS = {"compare": compare, "digits": digits, "signals": signals, "Adam": Adam}
CALLS |= {"Momentum": Momentum, "Constant": Constant, "CosineDecay": CosineDecay}
CALLS |= {"OneCycle": OneCycle}


def views(**given):
    return list(live_training.views(live_training.start(**(SHORT | PAIR | given))))


def curves(view, panel):
    return {mark.label: mark for mark in view.panels[panel].marks if isinstance(mark, Curve)}


def copied(view):
    """The runs of the code that can be copied: {name: Run}"""
    return eval(view.codes[0].text, dict(CALLS))


@pytest.fixture(scope="module")
def played():
    return views()


def test_before_play_there_are_rates_and_empty_axes_that_stay(played):
    before, *_, end = played
    t = np.arange(40)
    assert set(curves(before, 0)) == {"Constant", "CosineDecay"}
    for name, schedule in zip(curves(before, 0), PAIR.values(), strict=True):
        np.testing.assert_array_equal(curves(before, 0)[name].y, schedule(t))
        assert curves(before, 0)[name].held
    assert not curves(before, 1)
    assert before.said.startswith("press play")
    for panel, later in zip(before.panels, end.panels, strict=True):
        assert (panel.x, panel.y) == (later.x, later.y)
        assert panel.x.high == 40


def test_nothing_is_trained_before_play():
    arguments = live_training.start(updates=5000, seeds=32)  # minutes, if it were
    first = next(live_training.views(arguments))
    assert first.done == 0


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"optimizer": "Adam", "first": Constant(0.003)},
        {"second": OneCycle(0.1, 40)},
        {"task": "signals, noisy labels", "second": Constant(0.2)},
    ],
    ids=str,
)
def test_the_copied_code_gives_the_accuracies_that_are_drawn(given):
    end = views(**given)[-1]
    for name, run in copied(end).items():
        mean = 100 * run.test_accuracies[:, -1].mean()
        assert curves(end, 1)[name].y[-1] == pytest.approx(mean, rel=1e-6)


def test_bands_are_intervals_of_the_mean_and_grow_with_the_training(played):
    lengths = [len(curves(view, 1)["Constant"].y) for view in played[1:]]
    assert lengths == [1, 2, 3, 4, 5]
    band = next(mark for mark in played[-1].panels[1].marks if isinstance(mark, Band))
    assert (band.low < band.high).all()
    np.testing.assert_array_equal(band.xs, [8, 16, 24, 32, 40])
    means = curves(played[-1], 1)["Constant"].y
    assert (band.low < means).all()
    assert np.ptp(means) > 5


def test_the_verdict_is_the_paired_difference_at_the_end(played):
    one, other = (100 * run.test_accuracies[:, -1] for run in copied(played[-1]).values())
    difference = paired_difference(other, one)
    assert difference.in_words("points") in played[-1].said
    assert curves(played[-1], 2)["difference"].y[-1] == pytest.approx(difference.mean, abs=1e-4)


def test_two_equal_schedules_show_no_difference():
    end = views(first=Constant(0.1), second=Constant(0.1))[-1]
    assert "no difference in any of the 3 seeds" in end.said
    assert set(curves(end, 1)) == {"first", "second"}


def test_says_how_far_it_is_before_the_end(played):
    for view, made_so_far in zip(played[1:-1], (8, 16, 24, 32), strict=True):
        assert view.said.startswith(f"after {made_so_far} of 40 updates: Constant ")
        assert view.table is None
        assert view.done == made_so_far / 40


def test_at_the_end_a_table_compares_them(played):
    rows = {name: row for name, *row in played[-1].table.rows}
    assert list(rows) == ["Constant", "CosineDecay"]
    assert rows["CosineDecay"][2] == f"{CosineDecay(0.2, 40)(np.arange(40)).sum():.4g}"


def test_runs_that_diverge_are_said_to():
    end = views(first=Constant(1e38))[-1]
    assert "3 of 3 runs of Constant diverged" in end.said
    assert [row[2] for row in end.table.rows] == ["3", "0"]


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_task_is_made_by_what_it_says(task):
    ours, named = made(task), eval(str(task), dict(CALLS))
    np.testing.assert_array_equal(ours.x_test, named.x_test)
    np.testing.assert_array_equal(ours.y_train, named.y_train)


def test_plays_only_when_told_to():
    explorer = explore(live_training, **SHORT, **PAIR)
    assert explorer.view.done == 0
    explorer.finish()
    assert explorer.picture["state"] == "done"
    explorer.move(seeds=4)
    assert explorer.view.done == 0


def test_one_seed_has_no_interval_and_is_refused():
    explorer = explore(live_training, **SHORT, **PAIR)
    explorer.move(seeds=1)
    assert "seeds (runs of each schedule) must lie in [2, 32], got 1" in explorer.picture["refused"]


def test_every_preset_can_be_reached():
    for preset in live_training.presets():
        arguments = live_training.arguments(preset["values"], live_training.start())
        assert next(live_training.views(arguments)).said.startswith("press play")


def test_a_whole_schedule_can_be_given_from_python():
    explorer = explore(live_training)
    explorer.move(first=Constant(0.02), second=LinearDecay(0.3, 500))
    assert explorer.arguments["first"] == Constant(0.02)
    assert explorer.arguments["second"] == LinearDecay(0.3, 500)
    explorer.move(third=Constant(0.1))
    assert "there is no control 'third'" in explorer.picture["refused"]
    assert explorer.arguments["first"] == Constant(0.02)
