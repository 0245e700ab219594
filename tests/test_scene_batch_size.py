"""The explorer of the batch size: what it draws is what the rules of the library give."""

from importlib import import_module

import numpy as np
import pytest

import lrcourse.batch_size as library
from lrcourse.experiments import Sgd, train
from lrcourse.explore import explore
from lrcourse.explore.scenes.batch_size import batch_size
from lrcourse.panels import Curve, Dots, Rule

ASKED = {"base_lr": 0.1, "base_batch": 256, "new_batch": 4000, "noise_scale": 3000.0}

file = import_module("lrcourse.explore.scenes.batch_size")  # the file; the scene has its name


def unmeasured(**arguments):
    return next(batch_size.views(batch_size.start(measured=False, **arguments)))


def curves(panel):
    return {mark.label: mark for mark in panel.marks if isinstance(mark, Curve)}


def dots(panel, label=""):
    return next(mark for mark in panel.marks if isinstance(mark, Dots) and mark.label == label)


def read_off(curve, batch):
    """The height of a line on log axes."""
    return float(np.exp(np.interp(np.log(batch), np.log(curve.x), np.log(curve.y))))


@pytest.mark.parametrize("family", ["SGD", "Adam"])
def test_every_rule_goes_through_the_tuned_rate_and_through_its_dot(family):
    panel = unmeasured(family=family, **ASKED).panels[0]
    lines = curves(panel)
    assert len(lines) == len(dots(panel).y)
    for line, dot in zip(lines.values(), dots(panel).y, strict=True):
        assert read_off(line, 256) == pytest.approx(0.1, rel=1e-3)
        assert read_off(line, 4000) == pytest.approx(dot, rel=1e-3)


@pytest.mark.parametrize("family", ["SGD", "Adam"])
def test_the_codes_give_the_rates_of_the_dots_and_the_advice(family):
    view = unmeasured(family=family, **ASKED)
    *rules, advice = (eval(code.text, vars(library).copy()) for code in view.codes)
    assert rules == pytest.approx(dots(view.panels[0]).y.tolist(), rel=1e-3)
    assert advice.peak_lr == view.measure.value
    assert all(warning in view.said for warning in advice.warnings)
    assert library.rule_of(family).name in view.said


def test_the_saturating_law_is_drawn_for_sgd_alone():
    assert "saturating" in curves(unmeasured(family="SGD").panels[0])
    assert "saturating" not in curves(unmeasured(family="Adam").panels[0])


def test_both_costs_are_twice_the_fewest_at_the_noise_scale():
    panel = unmeasured(noise_scale=700.0).panels[1]
    crossing = [read_off(line, 700) for line in curves(panel).values()]
    assert crossing == pytest.approx([2, 2], rel=0.01)
    assert (np.diff(curves(panel)["updates"].y) < 0).all()
    assert (np.diff(curves(panel)["examples"].y) > 0).all()


def test_the_new_batch_and_the_noise_scale_can_be_dragged():
    rules = [m for panel in unmeasured().panels for m in panel.marks if isinstance(m, Rule)]
    assert {rule.moves for rule in rules if rule.moves} == {"new_batch", "noise_scale"}


def test_it_warns_where_the_new_batch_comes_near_the_noise_scale():
    far, near = (unmeasured(new_batch=32, noise_scale=scale).said for scale in (10_000, 40))
    assert "noise scale, where" in near
    assert "noise scale, where" not in far


# What was really best ----------------------------------------------------------------------------


def test_the_best_rate_is_that_of_a_loop_over_all_rates():
    losses = {}
    for lr in file.TRIED["SGD"]:
        updates = file.EPOCHS * file.EXAMPLES // 64
        run = train(file._problem(), np.full((1, updates), lr), [1], Sgd(), 64)
        losses[lr] = np.nan_to_num(run.losses, nan=np.inf).mean()
    assert file.best_rate("SGD", 64, 1) == min(losses, key=losses.get)
    assert max(losses.values()) > 1.1 * min(losses.values())


def test_the_first_picture_trains_nothing():
    before = dict(file._BEST)
    next(batch_size.views(batch_size.start()))
    assert before == file._BEST


@pytest.fixture(scope="module")
def measured():
    """Family -> the dots after all the work."""
    found = {}
    for family in ("SGD", "Adam"):
        explorer = explore(batch_size, family=family)
        explorer.finish()
        assert explorer.view.done == 1
        found[family] = dots(explorer.view.panels[0], "measured")
    return found


@pytest.mark.parametrize("family", ["SGD", "Adam"])
def test_the_best_rates_lie_inside_of_what_was_tried(measured, family):
    assert measured[family].x.tolist() == sorted(file.SIZES_TRIED)
    assert measured[family].y.min() > file.TRIED[family][0]
    assert measured[family].y.max() < file.TRIED[family][-1]


def test_from_8_to_64_the_best_rate_of_sgd_rises_faster_than_that_of_adam(measured):
    exponents = {
        family: np.log(found.y[3] / found.y[0]) / np.log(8) for family, found in measured.items()
    }
    assert 0.6 < exponents["SGD"] <= 1
    assert 0.3 < exponents["Adam"] < 0.6


def test_a_second_explorer_has_the_dots_at_once(measured):
    view = next(batch_size.views(batch_size.start()))
    assert view.done == 1
    assert dots(view.panels[0], "measured").y.tolist() == measured["SGD"].y.tolist()
