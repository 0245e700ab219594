"""Warmup shapes: against the copied LambdaLR, textbook formulas and the library's schedules."""

import math

import numpy as np
import pytest
from torch.optim import lr_scheduler

from lrcourse.explore import explore
from lrcourse.explore.scenes.warmup_shapes import UNFINISHED, warmup_shapes
from lrcourse.recipes import recipe
from lrcourse.schedules import LinearDecay, LinearWarmup, WarmupCosine, WarmupLinear
from lrcourse.torch_twins import rates_used

ALL = ("linear", "cosine", "exponential", UNFINISHED)
OFF = {"cosine": False, "exponential": False, "unfinished": False}


def shown(**arguments):
    return explore(warmup_shapes, **arguments)


def curves(explorer, panel=0):
    return {mark.label: mark for mark in explorer.view.panels[panel].marks if hasattr(mark, "held")}


def copied(text):
    return lambda optimizer: eval(
        text, {"LambdaLR": lr_scheduler.LambdaLR, "math": math, "optimizer": optimizer}
    )


CASES = [
    {"counted": counted, "afterwards": afterwards, "warmup_steps": warmup, "time_constant": tau}
    for counted in ("(t+1)/W", "t/W")
    for afterwards in ("linear", "cosine", "none")
    for warmup, tau in ((20, 20), (1, 3), (7, 2))
]


@pytest.mark.parametrize("arguments", CASES)
def test_the_copied_code_gives_the_curves(arguments):
    explorer = shown(**arguments)
    drawn = curves(explorer)
    assert tuple(drawn) == tuple(code.label for code in explorer.view.codes) == ALL
    for code in explorer.view.codes:
        theirs = rates_used(copied(code.text), 0.1, 100)
        np.testing.assert_allclose(drawn[code.label].y, theirs, rtol=1e-12, atol=1e-17)


@pytest.mark.parametrize(("name", "cls"), [("linear", WarmupLinear), ("cosine", WarmupCosine)])
def test_counted_from_zero_it_is_the_schedule_of_the_library(name, cls):
    drawn = curves(shown(counted="t/W", afterwards=name))["linear"].y
    np.testing.assert_allclose(drawn, cls(0.1, 20, 100)(np.arange(100)), rtol=1e-13)


def test_counted_from_one_it_is_the_other_form_of_the_library():
    ours = LinearWarmup(0.1, 19, start_lr=0.1 / 20).lasting(20) >> LinearDecay(0.1, 80)
    np.testing.assert_allclose(curves(shown())["linear"].y, ours(np.arange(100)), rtol=1e-12)


def test_the_shapes_differ_while_they_rise_and_agree_afterwards():
    drawn = [curve.y for curve in curves(shown()).values()]
    assert len({y[:20].tobytes() for y in drawn}) == 4
    assert len({y[20:].tobytes() for y in drawn}) == 1


def test_the_unfinished_exponential_jumps_from_63_to_100_percent():
    explorer = shown()
    lr = curves(explorer)[UNFINISHED].y
    assert lr[19] / 0.1 == pytest.approx(1 - 1 / math.e)
    assert lr[20] == 0.1
    assert "63% of the peak at t = 19 and jumps up by 58% at t = 20" in explorer.view.said


def test_the_unfinished_exponential_is_below_the_line_and_the_finished_one_above():
    drawn = {name: curve.y[1:19] for name, curve in curves(shown(counted="t/W")).items()}
    assert np.all(drawn[UNFINISHED] < drawn["linear"])
    assert np.all(drawn["exponential"] > drawn["linear"])


def test_a_short_time_constant_leaves_no_jump_to_speak_of():
    assert "jumps" not in shown(time_constant=3).view.said


def test_counted_from_zero_the_first_update_trains_nothing():
    for counted, rate in (("t/W", "0, which trains nothing"), ("(t+1)/W", "0.005")):
        view = shown(counted=counted).view
        assert f"the first update η = {rate};" in view.said
    assert view.table.rows[0][1] == "0.005"


def test_the_second_panel_is_the_first_seen_closely():
    explorer = shown(warmup_steps=40)
    whole, near = curves(explorer), curves(explorer, panel=1)
    for name, curve in near.items():
        assert curve.xs.tolist() == list(range(30, 50))
        np.testing.assert_array_equal(curve.y, whole[name].y[30:50])


@pytest.mark.parametrize(("warmup", "steps"), [(1, 2), (1, 100), (99, 100)])
def test_the_shortest_and_the_longest_warmups_are_drawn(warmup, steps):
    explorer = shown(warmup_steps=warmup, steps=steps)
    for curve in (*curves(explorer).values(), *curves(explorer, panel=1).values()):
        assert np.isfinite(curve.y).all()
        assert len(curve.y) > 0


@pytest.mark.parametrize("warmup", [100, 150])
def test_a_warmup_that_does_not_fit_is_one_sentence(warmup):
    explorer = shown()
    explorer.move(warmup_steps=warmup)
    assert explorer.picture["refused"] == (
        f"warmup_shapes: warmup_steps must be smaller than steps=100, of which it is a part, "
        f"got {warmup}"
    )


def test_nothing_to_show_is_refused():
    explorer = shown()
    explorer.move(linear=False, **OFF)
    assert "switch on at least one" in explorer.picture["refused"]


def preset(label):
    return next(p["values"] for p in warmup_shapes.presets() if p["label"] == label)


def test_no_warmup_is_the_decay_alone():
    explorer = shown()
    explorer.move(**preset("no warmup"))
    lr = curves(explorer)["linear"].y
    assert lr[0] == lr[1] == 0.1  # the warmup's one update, and the first of the decay


def test_the_recipes_are_those_of_the_library():
    rte = recipe("roberta-rte").schedule("steps")
    explorer = shown()
    explorer.move(**preset("RoBERTa, fine-tuned on RTE"))
    lr = curves(explorer)["linear"].y
    np.testing.assert_allclose(lr, rte(np.arange(rte.steps)), rtol=1e-12)


@pytest.mark.parametrize(("beta2", "updates"), [("0.95", 40), ("0.999", 2000)])
def test_the_anchor_is_two_over_one_minus_beta2(beta2, updates):
    assert preset(f"2/(1-β₂) updates, β₂ = {beta2}")["warmup_steps"] == updates
