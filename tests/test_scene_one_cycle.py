"""One cycle: rate and momentum against PyTorch's OneCycleLR, and both growth factors."""

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from lrcourse.explore import explore
from lrcourse.explore.scenes.one_cycle import one_cycle


def shown(**arguments):
    return explore(one_cycle, **arguments)


def curves(explorer):
    return [panel.marks[0].y for panel in explorer.view.panels]


def torch_run(make, steps):
    """(rate, momentum) of every update, read from the optimizer: (2, steps)"""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    used = []
    for k in range(steps):
        group = optimizer.param_groups[0]
        used.append((group["lr"], group["momentum"]))
        optimizer.step()
        if k < steps - 1:
            scheduler.step()
    return np.array(used).T


def copied(explorer):
    [text] = [code.text for code in explorer.view.codes if code.label == "PyTorch"]
    return lambda optimizer: eval(text, {**vars(lr_scheduler), "optimizer": optimizer})


SHAPES = [
    {},
    {"three_phases": True},
    {"shape": "linear"},
    {"shape": "linear", "three_phases": True, "warmup_steps": 20, "steps": 77},
    {"div_factor": 5.0, "final_div_factor": 100.0, "low_momentum": 0.5, "high_momentum": 0.9},
]


@pytest.mark.parametrize("arguments", SHAPES)
def test_the_copied_code_gives_the_rates_and_the_momenta(arguments):
    explorer = shown(**arguments)
    lr, momentum, effective = curves(explorer)
    theirs = torch_run(copied(explorer), len(lr))
    np.testing.assert_allclose(lr, theirs[0], rtol=1e-9)
    np.testing.assert_allclose(momentum, theirs[1], rtol=1e-9)
    np.testing.assert_allclose(effective, theirs[0] / (1 - theirs[1]), rtol=1e-9)
    assert np.ptp(lr) > 0
    assert np.ptp(momentum) > 0


def test_the_effective_rate_grows_a_third_as_much_as_the_rate():
    explorer = shown()
    lr, _, effective = curves(explorer)
    assert lr.max() / lr[0] == pytest.approx(25)
    assert effective.max() / effective[0] == pytest.approx(25 * 0.05 / 0.15)
    assert "η grows 25 times, η/(1-m) only 8.33 times" in explorer.view.said


def test_a_momentum_that_stays_lets_both_grow_alike():
    said = shown(low_momentum=0.95).view.said
    assert "η grows 25 times, and so does η/(1-m)" in said


def test_the_last_rate_of_the_defaults_is_the_peak_over_a_quarter_million():
    explorer = shown(peak_lr=0.01)
    assert curves(explorer)[0][-1] == pytest.approx(0.01 / (25 * 1e4))
    assert "last rate is 4e-08 = peak / 250000" in explorer.view.said


@pytest.mark.parametrize(("three", "told"), [(False, "two"), (True, "three")])
def test_it_names_its_phases(three, told):
    ends = "30, 60, 100" if three else "30, 100"
    assert f"{told} phases, which end at t = {ends};" in shown(three_phases=three).view.said


def test_pytorchs_defaults_are_drawn_from_pytorch():
    explorer = shown(peak_lr=0.3, steps=99, shape="linear", show_PyTorch=True)
    curve = explorer.view.panels[0].marks[1]
    theirs = torch_run(lambda o: lr_scheduler.OneCycleLR(o, max_lr=0.3, total_steps=100), 100)
    np.testing.assert_array_equal(curve.y, theirs[0])
    assert "with its defaults is highest at t = 29, with 0.3, and" in explorer.view.said


def test_pytorch_may_miss_the_peak():
    assert "with 0.09998, and ends with 4e-07" in shown(show_PyTorch=True).view.said


def test_a_rise_longer_than_the_run_is_refused():
    explorer = shown()
    explorer.move(steps=30)
    assert explorer.picture["refused"] == (
        "OneCycle: warmup_steps must be smaller than steps=30, got 30; "
        "each phase takes at least one update"
    )


def test_momenta_in_the_wrong_order_are_refused():
    explorer = shown()
    explorer.move(low_momentum=0.97)
    assert "low_momentum must not exceed high_momentum=0.95" in explorer.picture["refused"]
