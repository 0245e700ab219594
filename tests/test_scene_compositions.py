"""What the bench shows is what a program does, and what it says about it is so."""

import warnings
from contextlib import suppress
from itertools import count

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import ChainedScheduler, CosineAnnealingLR, LambdaLR, LinearLR
from torch.optim.optimizer import register_optimizer_step_pre_hook

from lrcourse.explore import explore
from lrcourse.explore.scenes.compositions import compositions
from lrcourse.torch_compositions import DECAYS, WAYS, Plan, recorded
from lrcourse.torch_twins import rates_used, twin

PLAN = Plan(peak_lr=0.2, warmup_steps=7, steps=50, shown=60)
RIGHT = {"SequentialLR", "LambdaLR, a factor", "two in turn, by if"}
ALONE = {"CosineAnnealingLR alone", "OneCycleLR alone"}  # right until their end
PLANS = [
    *(Plan(0.2, 7, 50, decay, 60) for decay in DECAYS),
    *(Plan(1e-4, 1, 4, decay, 12) for decay in DECAYS),
    *(Plan(3.0, 97, 100, decay, 30) for decay in DECAYS),
]


def meant(way, plan):
    return WAYS[way].meant(plan)(np.arange(plan.shown))


def agrees(way, plan):
    found, ours = recorded(WAYS[way], plan).rates, meant(way, plan)
    return len(found) == len(ours) and np.allclose(found, ours, 1e-9, 1e-12 * plan.peak_lr)


# What is recorded ------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PLANS, ids=str)
@pytest.mark.parametrize("way", WAYS)
def test_the_code_that_is_shown_gives_the_rates_that_are_shown(way, plan):
    """The whole text, as one program, watched from outside."""
    used = []
    watch = register_optimizer_step_pre_hook(
        lambda optimizer, *_: used.append(optimizer.param_groups[0]["lr"])
    )
    with warnings.catch_warnings(), suppress(ValueError):  # the one cycle has an end
        warnings.simplefilter("ignore")
        exec(WAYS[way].code(plan), {})
    watch.remove()
    found = recorded(WAYS[way], plan)
    np.testing.assert_array_equal(found.rates, used)
    assert len(used) == plan.shown or (way == "OneCycleLR alone" and found.stopped)


def by_hand(make, step, plan=PLAN):
    """A loop of the test's own."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=plan.peak_lr)
    schedulers, used = make(optimizer), []
    for t in range(plan.shown):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        step(t, *schedulers)
    return used


def pair(optimizer):
    return LinearLR(optimizer, 0.1, total_iters=7), CosineAnnealingLR(optimizer, 43)


def test_the_chained_parts_are_those_of_a_loop_of_our_own():
    theirs = by_hand(lambda o: [ChainedScheduler([*pair(o)])], lambda t, chain: chain.step())
    np.testing.assert_array_equal(recorded(WAYS["ChainedScheduler"], PLAN).rates, theirs)


def test_both_stepped_are_those_of_a_loop_of_our_own():
    theirs = by_hand(pair, lambda t, one, other: (one.step(), other.step()))
    np.testing.assert_array_equal(recorded(WAYS["both at every update"], PLAN).rates, theirs)


def test_the_sequence_is_that_of_the_twin():
    right = twin(WAYS["SequentialLR"].meant(PLAN))
    theirs = rates_used(right.build, right.lr, PLAN.shown)
    np.testing.assert_allclose(recorded(WAYS["SequentialLR"], PLAN).rates, theirs, rtol=1e-12)


def test_a_lambda_that_returns_a_rate_squares_the_peak():
    rate = WAYS["LambdaLR, a rate"].meant(PLAN)
    theirs = by_hand(lambda o: [LambdaLR(o, rate)], lambda t, scheduler: scheduler.step())
    np.testing.assert_allclose(recorded(WAYS["LambdaLR, a rate"], PLAN).rates, theirs, rtol=1e-12)


# Which ways are right --------------------------------------------------------------------------


@pytest.mark.parametrize("decay", DECAYS)
@pytest.mark.parametrize("way", WAYS)
def test_a_way_is_right_up_to_its_end_or_it_is_a_mistake(way, decay):
    assert agrees(way, Plan(0.2, 7, 50, decay, 50)) == (way in RIGHT | ALONE)


@pytest.mark.parametrize("way", sorted(ALONE))
def test_what_was_right_goes_wrong_past_its_end(way):
    assert not agrees(way, PLAN)


def test_a_lambda_is_an_accident_that_a_peak_of_one_hides():
    assert agrees("LambdaLR, a rate", Plan(peak_lr=1.0))
    assert not agrees("LambdaLR, a rate", Plan(peak_lr=0.5))


def test_one_cycle_moves_a_momentum_that_was_zero_and_ends_below_zero():
    found = recorded(WAYS["OneCycleLR alone"], Plan(decay="linear", shown=110))
    assert found.momenta.max() > 0.9
    assert found.rates[-1] < 0
    assert "Tried to step" in found.stopped
    assert not recorded(WAYS["SequentialLR"], PLAN).momenta.any()


def test_torch_warns_of_the_wrong_order_alone():
    for way in WAYS:
        warned = recorded(WAYS[way], PLAN).warnings
        assert bool(warned) == (way == "scheduler.step() first"), warned


# What is said ----------------------------------------------------------------------------------


def said(**arguments):
    explorer = explore(compositions, **arguments)
    explorer.finish()
    return explorer.view.said


@pytest.mark.parametrize("way", WAYS)
def test_the_first_difference_is_found_by_a_slow_loop(way):
    found, ours = recorded(WAYS[way], PLAN).rates, meant(way, PLAN)
    first = next(
        t for t in count() if t == len(found) or abs(found[t] - ours[t]) > 1e-9 * ours[t] + 1e-13
    )
    sentence = said(
        way=way, peak_lr=PLAN.peak_lr, warmup_steps=7, steps=50, shown=PLAN.shown, decay="cosine"
    )
    if first == len(found):
        assert "the rates that were meant in all 60 updates" in sentence
    else:
        assert f"differs first at t = {first}: {found[first]:.4g} instead of" in sentence


def test_a_factor_is_named():
    assert "t = 0: 0.1 instead of 0.01, 10 times" in said(way="by if, decay a LambdaLR")


def test_the_warning_and_the_error_are_said():
    assert "it warns: Detected call of `lr_scheduler.step()`" in said(way="scheduler.step() first")
    assert "stops with an error before t = 101" in said(way="OneCycleLR alone", shown=110)


def test_past_the_end_the_reason_is_the_end():
    assert "climbs again past T_max" in said(shown=150)
    assert "climbs again past T_max" not in said(shown=150, way="milestone one too early")


def test_a_warmup_that_leaves_no_decay_is_refused_in_a_sentence():
    explorer = explore(compositions)
    explorer.move(warmup_steps=98)
    assert explorer.picture["refused"] == (
        "compositions: warmup_steps must leave at least 3 of the steps=100 to the decay, got 98"
    )
    explorer.move(warmup_steps=97)
    assert explorer.picture["refused"] == ""


def test_a_long_training_is_first_shown_without_torch():
    first, last = compositions.views(compositions.start(shown=500))
    assert (first.done, last.done) == (0.5, 1)
    assert len(first.panels[0].marks) == 1
    assert len(last.panels[0].marks) == 2


@pytest.mark.parametrize("peak_lr", [0.0, 1e-5, 10.0])
def test_every_preset_and_every_peak_has_a_picture(peak_lr):
    for preset in compositions.presets():
        values = preset["values"] | {"peak_lr": peak_lr}
        *_, view = compositions.views(compositions.arguments(values, compositions.start()))
        assert view.said
