"""Restarts: cycles against a slow walk, budgets that end a cycle, PyTorch's own curve."""

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from lrcourse.explore import explore
from lrcourse.explore.scenes.restarts import restarts


def shown(**arguments):
    return explore(restarts, **arguments)


def walked(first_cycle, stretch, budget):
    """(start, length) of every cycle that begins before `budget`, one after the other."""
    start, length = 0, first_cycle
    while start < budget:
        yield start, length
        start, length = start + length, length * stretch


CASES = [(10, 2, 100), (10, 2, 150), (1, 3, 500), (3, 1, 20), (5, 5, 160), (200, 1, 7)]


@pytest.mark.parametrize(("first_cycle", "stretch", "budget"), CASES)
def test_the_table_has_the_cycles_of_the_budget(first_cycle, stretch, budget):
    view = shown(first_cycle=first_cycle, stretch=stretch, budget=budget).view
    cycles = list(walked(first_cycle, stretch, budget))
    expected = [
        (str(k), str(start), str(length), str(min(length, budget - start)))
        for k, (start, length) in enumerate(cycles)
    ]
    assert [row[:4] for row in view.table.rows] == expected


@pytest.mark.parametrize("budget", range(1, 160))
def test_it_says_which_budgets_end_a_cycle(budget):
    said = shown(budget=budget).view.said
    ends = (10, 30, 70, 150, 310)
    if budget in ends:
        assert said.startswith(f"{budget} updates end cycle {ends.index(budget)}: ")
        assert said.endswith(f"would end at {ends[ends.index(budget) + 1]}")
    else:
        below, above = [e for e in ends if e < budget][-1:], [e for e in ends if e > budget][:1]
        nearest = " or ".join(map(str, below + above))
        assert said.endswith(f"a budget of {nearest} ends a cycle")


def test_it_stops_at_the_rate_of_the_last_update():
    torch_rates = torch_curve(100)
    assert f"at η = {torch_rates[99]:.3g}," in shown(budget=100).view.said


def test_a_thousand_equal_cycles_are_told_by_the_first_and_the_last():
    rows = shown(first_cycle=1, stretch=1, budget=1000).view.table.rows
    assert [row[0] for row in rows] == ["0", "1", "2", "3", "4", "5", "...", "999"]


def test_powers_that_a_logarithm_gets_wrong_are_right():
    view = shown(first_cycle=1, stretch=3, budget=364).view  # 1 + 3 + ... + 243
    assert view.said.startswith("364 updates end cycle 5: ")


def torch_curve(steps, **changes):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    arguments = {"T_0": 10, "T_mult": 2, "eta_min": 0.0} | changes
    scheduler = lr_scheduler.CosineAnnealingWarmRestarts(optimizer, **arguments)
    lr = []
    for _ in range(steps):
        lr.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return np.array(lr)


def test_the_run_and_what_would_follow_are_pytorchs_curve():
    what_follows, run, theirs = (m for m in shown(show_PyTorch=True).view.panels[0].marks[:3])
    expected = torch_curve(160)
    np.testing.assert_allclose(run.y, expected[:100], rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(theirs.y, expected, rtol=1e-12)
    np.testing.assert_allclose(what_follows.y, expected[99:], rtol=1e-9, atol=1e-15)
    assert what_follows.xs[0] == 99


def test_shrinking_peaks_have_no_pytorch():
    view = shown(gamma=0.5, show_PyTorch=True).view
    assert view.said.endswith("PyTorch has no such restarts")
    assert [code.label for code in view.codes] == ["ours"]


def test_the_ends_of_cycles_are_marked_where_the_rate_is_lowest():
    view = shown(budget=100).view
    [dots] = [mark for mark in view.panels[0].marks if type(mark).__name__ == "Dots"]
    assert dots.x.tolist() == [9, 29, 69, 149]
    np.testing.assert_allclose(dots.y, torch_curve(160)[[9, 29, 69, 149]], rtol=1e-12)


def test_the_axis_waits_while_the_budget_is_dragged():
    ends = [shown(budget=budget).view.panels[0].x.high for budget in (1, 80, 160, 161, 320, 321)]
    assert ends == [160, 160, 160, 320, 320, 640]


def test_a_dragged_line_moves_the_budget():
    explorer = shown()
    explorer.move(budget=70)
    [rule] = [mark for mark in explorer.view.panels[0].marks if hasattr(mark, "moves")]
    assert (rule.x, rule.moves) == (70, "budget")
    assert "70 updates end cycle 2" in explorer.picture["said"]


def test_a_floor_above_the_peak_is_refused_beside_the_last_picture():
    explorer = shown()
    explorer.move(min_lr=0.5)
    assert explorer.picture["refused"] == (
        "CosineRestarts: min_lr must not exceed peak_lr=0.1, got 0.5"
    )
