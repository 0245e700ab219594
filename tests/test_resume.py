"""Every way to resume × eighteen moments × every schedule: the rates go on as if nothing happened.

A. build both, load both        B. load the optimizer, build the scheduler, load it too
C. load the optimizer, build with last_epoch=k - 1        D. the same with last_epoch=k
E. load the optimizer, build        F. load the scheduler alone        G. build both, load the
optimizer alone. After k updates last_epoch is k, but torch's constructor wants k - 1: D is the
slip that everyone makes once.
"""

import copy
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from lrcourse.schedules import (
    Constant,
    CosineDecay,
    LinearWarmup,
    OneCycle,
    ReduceOnPlateau,
    Repeat,
    StepDecay,
)
from lrcourse.torch_scheduler import TorchScheduler
from tests.drawing import OURS

MOMENTS = (1, 2, 4, 5, 9, 10, 11, 12, 29, 30, 31, 60, 61, 99, 100, 101, 200, 1024)
LATER = 40  # updates played after each resume
NEVER_BETTER = 0.01 * np.random.default_rng(0).standard_normal(MOMENTS[-1] + LATER + 1)
WAYS = "ABCDEFG"


def case(schedule, momentum=None, groups=1, metrics=None, optimizer=torch.optim.SGD):
    """What a run is made of: the same call builds it before and after the interruption."""

    def new_optimizer():
        params = [{"params": [torch.zeros(1, requires_grad=True)]} for _ in range(groups)]
        params[-1]["lr_scale"] = 0.5
        return optimizer(params, lr=0.3)

    def build(optimizer, **last_epoch):
        return TorchScheduler(optimizer, schedule, momentum=momentum, **last_epoch)

    return SimpleNamespace(new_optimizer=new_optimizer, build=build, metrics=metrics)


ONE_CYCLE, PLATEAU = OneCycle(0.1, 100), ReduceOnPlateau(0.1, patience=6, cooldown=2, factor=0.7)
CASES = {
    **{cls.__name__: case(cls.example()) for cls in OURS if cls is not Constant},
    "sequential": case(LinearWarmup(0.1, 10) >> Constant(0.1, 20) >> CosineDecay(0.1, 70)),
    "product": case(0.5 * CosineDecay(0.1, 100) * LinearWarmup(1.0, 11)),
    "repeat": case(Repeat(LinearWarmup(0.1, 3) >> CosineDecay(0.1, 9), stretch=2, gamma=0.8)),
    "momentum": case(ONE_CYCLE, ONE_CYCLE.momentum),
    "beta": case(ONE_CYCLE, ONE_CYCLE.momentum, optimizer=torch.optim.Adam),
    "groups": case([StepDecay(0.1, 10), ONE_CYCLE, CosineDecay(0.01, 60)], groups=3),
    "plateau": case(PLATEAU, metrics=NEVER_BETTER),
    "warm plateau": case(LinearWarmup(0.1, 10) >> PLATEAU, groups=2, metrics=NEVER_BETTER),
}


def settings(optimizer):
    """What the next update really uses."""
    names = ("lr", "momentum", "betas")
    return [[group[name] for name in names if name in group] for group in optimizer.param_groups]


def played(run, optimizer, scheduler, steps):
    """The settings of each update in `steps`, which may begin in the middle."""
    used = []
    for step in steps:
        used.append(settings(optimizer))
        optimizer.step()
        scheduler.step(*([] if run.metrics is None else [run.metrics[step]]))
    return used


def interrupted(run, moments=MOMENTS):
    """The settings of one long run, and what it saves at each moment."""
    optimizer = run.new_optimizer()
    scheduler = run.build(optimizer)
    used, saved, start = [], {}, 0
    for moment in moments:
        used += played(run, optimizer, scheduler, range(start, moment))
        saved[moment] = copy.deepcopy((optimizer.state_dict(), scheduler.state_dict()))
        start = moment
    return used + played(run, optimizer, scheduler, range(start, start + LATER)), saved


def resumed(run, way, k, optimizer_state, scheduler_state):
    optimizer = run.new_optimizer()
    if way in "BCDE":
        optimizer.load_state_dict(optimizer_state)
    counts = {"C": {"last_epoch": k - 1}, "D": {"last_epoch": k}}
    scheduler = run.build(optimizer, **counts.get(way, {}))
    if way in "AG":
        optimizer.load_state_dict(optimizer_state)
    if way in "ABF":
        scheduler.load_state_dict(scheduler_state)
    return optimizer, scheduler


def outcome(run, way, k, used, saved):
    try:
        optimizer, scheduler = resumed(run, way, k, *copy.deepcopy(saved[k]))
    except ValueError as refusal:
        return str(refusal)
    steps = range(k, min(k + LATER, len(used)))
    again = played(run, optimizer, scheduler, steps)
    return "right" if again == used[k : k + LATER] else "wrong"


@pytest.mark.parametrize("run", CASES.values(), ids=CASES)
def test_goes_on_as_if_nothing_had_happened(run):
    used, saved = interrupted(run)
    assert used[:-1] != used[1:]  # something moves, or nothing could be wrong
    for way in WAYS.replace("D", ""):
        outcomes = {k: outcome(run, way, k, used, saved) for k in MOMENTS}
        assert set(outcomes.values()) == {"right"}, (way, outcomes)


@pytest.mark.parametrize("run", CASES.values(), ids=CASES)
def test_refuses_the_count_that_is_one_too_high(run):
    used, saved = interrupted(run)
    for k in MOMENTS:
        assert f"last_epoch={k} means {k + 1} updates" in outcome(run, "D", k, used, saved)


def of_torch(make):
    """A run with a scheduler of torch."""
    return SimpleNamespace(
        new_optimizer=lambda: torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0),
        build=make,
        metrics=None,
    )


@pytest.mark.parametrize(
    ("make", "wrong"),
    [
        (lambda o, **k: lr_scheduler.StepLR(o, 4, **k), (0, 0, 4, 18, 14, 15)),
        (lambda o, **k: lr_scheduler.CosineAnnealingLR(o, 10, **k), (0, 0, 0, 18, 18, 18)),
        (lambda o, **k: lr_scheduler.OneCycleLR(o, 1.0, 100, **k), (0, 18, 0, 18, 18, 18)),
    ],
    ids=["StepLR", "CosineAnnealingLR", "OneCycleLR"],
)
def test_torch_goes_wrong_where_the_table_says_so(make, wrong):
    run, moments = of_torch(make), range(1, 19)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        used, saved = interrupted(run, moments)
        counts = [
            sum(outcome(run, way, k, used, saved) == "wrong" for k in moments) for way in "ABCDEF"
        ]
    assert tuple(counts) == wrong
