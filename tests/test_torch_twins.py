"""Twins: torch's own scheduler gives our rates, for every legal schedule that has one."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from torch.optim import lr_scheduler

from lrcourse.schedules import (
    Constant,
    CosineDecay,
    CosineRestarts,
    ExponentialDecay,
    LinearDecay,
    LinearWarmup,
    MultiStepDecay,
    OneCycle,
    PolynomialDecay,
    Repeat,
    StepDecay,
    TriangularCycle,
    WarmupCosine,
    WarmupLinear,
    WarmupStableDecay,
)
from lrcourse.torch_twins import TWINS, Twin, rates_used, twin
from tests.drawing import OURS, drawn, schedules

ENDLESS = 200  # updates compared where a schedule has no end
WITH_TWIN = {  # torch's class for the example, or for a start above 0
    Constant(0.1): "ConstantLR",
    StepDecay(0.1, 30): "StepLR",
    MultiStepDecay(0.1, (30, 60)): "MultiStepLR",
    ExponentialDecay(0.1, 0.5, step_size=10): "ExponentialLR",
    LinearDecay(0.1, 100, 0.01): "LinearLR",
    LinearWarmup(0.1, 10, 0.01): "LinearLR",
    PolynomialDecay(0.1, 100, 0.5): "PolynomialLR",
    CosineDecay(0.1, 100, 0.01): "CosineAnnealingLR",
    CosineRestarts(0.1, 20, 2, 0.01): "CosineAnnealingWarmRestarts",
    TriangularCycle(0.1, 20, 30, 0.01): "CyclicLR",
    TriangularCycle(0.1, 20, cycle_gamma=0.5): "CyclicLR",
    TriangularCycle(0.1, 20, gamma=0.99): "CyclicLR",
    OneCycle(0.1, 100): "OneCycleLR",
    OneCycle(0.1, 100, 20, down_steps=20, shape="linear"): "OneCycleLR",
    WarmupLinear(0.1, 10, 100, 0.01): "SequentialLR",
    WarmupCosine(0.1, 10, 100, 0.01): "SequentialLR",
    WarmupStableDecay(0.1, 10, 20, 100, 0.01, shape="linear"): "SequentialLR",
    LinearWarmup(0.1, 10, 0.01) >> CosineDecay(0.1, 90): "SequentialLR",
    StepDecay(0.1, 10).lasting(30) >> CosineRestarts(0.1, 20): "SequentialLR",
    Constant(0.1, 5) >> WarmupCosine(0.1, 10, 50, 0.01, 0.001): "SequentialLR",
    CosineDecay(0.1, 50).lasting(30) >> PolynomialDecay(0.1, 20, 2): "SequentialLR",
    Repeat(CosineDecay(0.1, 20, 0.01), stretch=2): "CosineAnnealingWarmRestarts",
}
TAMED = {  # what a random schedule needs, so that torch has it
    Constant: {},
    StepDecay: {},
    MultiStepDecay: {},
    ExponentialDecay: {},
    LinearDecay: {},
    LinearWarmup: {},
    CosineDecay: {},
    WarmupLinear: {},
    WarmupCosine: {},
    WarmupStableDecay: {"shape": "linear"},
    PolynomialDecay: {"min_lr": 0.0},
    CosineRestarts: {"gamma": 1.0},
    TriangularCycle: {"gamma": 1.0, "cycle_gamma": 0.5},
    OneCycle: {"down_steps": None},
}
WITHOUT_TWIN = [
    LinearWarmup(0.1, 10),  # torch refuses to start at 0
    WarmupCosine(0.1, 10, 100),
    LinearDecay(0.0, 10),  # shares of 0
    PolynomialDecay(0.1, 100, 2.0, min_lr=0.01),
    CosineRestarts(0.1, 20, gamma=0.5),
    TriangularCycle(0.1, 20, cycle_gamma=0.3),
    TriangularCycle(0.1, 20, cycle_gamma=0.5, gamma=0.9),
    TriangularCycle(0.1, 1, down_steps=10**15),
    OneCycle(0.1, 100, start_lr=0),
    OneCycle(0.1, 100, min_lr=0),
    OneCycle(0.1, 100, 20, down_steps=30),
    WarmupStableDecay(0.1, 10, 20, 100, 0.01),  # torch has no 1-sqrt
    LinearWarmup(0.1, 10, 0.01) >> CosineDecay(0.2, 90),  # two rates, one optimizer
    CosineDecay(0.1, 20).lasting(40) >> Constant(0.1),  # torch would climb from t = 21 on
    TriangularCycle(0.1, 5).lasting(10) >> Constant(0.1),
    Constant(0.1, 5) >> TriangularCycle(0.1, 5),
    Constant(0.1, 5) >> OneCycle(0.1, 50),
    Repeat(CosineDecay(0.1, 20), count=2),
    Repeat(CosineDecay(0.1, 20), gamma=0.5),
    Repeat(LinearDecay(0.1, 20)),
    0.5 * StepDecay(0.1, 30),
    StepDecay(0.1, 30).lasting(40),
    LinearWarmup(1e-300, 10, 1e-312),
    CosineRestarts(1.5e308, 20),
]


def assert_agrees(schedule, rates):
    """`rates` are those of `schedule`, to rounding, up to its end."""
    ours = schedule(np.arange(len(rates)))
    np.testing.assert_allclose(rates, ours, rtol=1e-12, atol=1e-14 * ours.max())


def length(schedule):
    return ENDLESS if schedule.steps is None else schedule.steps + 1


def executed(found, steps):
    """The rates of the code that a learner would type."""

    def make(optimizer):
        return eval(found.code, {**vars(lr_scheduler), "optimizer": optimizer})

    return rates_used(make, found.lr, steps)


@pytest.mark.parametrize(("schedule", "name"), WITH_TWIN.items(), ids=lambda each: str(each)[:40])
def test_torch_has_it(schedule, name):
    found = twin(schedule)
    assert found.name == name
    rates = rates_used(found.build, found.lr, length(schedule))
    assert len(rates) == length(schedule)
    assert_agrees(schedule, rates)
    np.testing.assert_array_equal(executed(found, length(schedule)), rates)


@pytest.mark.parametrize("schedule", WITHOUT_TWIN, ids=lambda each: str(each)[:40])
def test_torch_has_none(schedule):
    assert twin(schedule) is None


def test_every_entry_is_shown_to_work():
    assert {type(schedule) for schedule in WITH_TWIN} == set(TWINS)


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
def test_a_twin_gives_the_same_rates_up_to_the_end(cls):
    @settings(max_examples=40)
    @given(drawn(cls))
    def agree(schedule):
        found = twin(schedule)
        if found is not None:
            rates = rates_used(found.build, found.lr, length(schedule))
            assert len(rates) == length(schedule)
            assert_agrees(schedule, rates)

    agree()


@pytest.mark.parametrize("cls", TAMED, ids=lambda cls: cls.__name__)
def test_many_have_a_twin_where_torch_knows_the_case(cls):
    named = []

    @settings(max_examples=40)
    @given(drawn(cls))
    def collect(schedule):
        tame = replace(schedule, **TAMED[cls])
        found = twin(tame)
        named.append(found is not None)
        if found is not None:
            assert_agrees(tame, executed(found, length(tame)))

    collect()
    assert np.mean(named) > 0.2  # hypothesis likes warmups from 0, which torch refuses


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(schedules)
@example(Constant(0.0))
def test_a_twin_of_a_composition_too(schedule):
    found = twin(schedule)
    if found is not None:
        steps = min(length(schedule), ENDLESS)
        assert_agrees(schedule, executed(found, steps))


@pytest.mark.parametrize("rate", [0.0, 5e-324, 1e-308, 1e-100, 1e100, 1.7e308])
@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
def test_the_ends_of_the_floats(cls, rate):
    fields = {name: getattr(cls.example(), name) for name in cls.units()} | {"peak_lr": rate}
    for low in {"start_lr", "min_lr"} & fields.keys():
        fields[low] = rate / 3
    schedule = cls(**fields)
    found = twin(schedule)
    if found is not None:
        assert_agrees(schedule, rates_used(found.build, found.lr, length(schedule)))


def test_the_code_is_what_a_learner_would_type():
    assert twin(StepDecay(0.1, 30)).code == "StepLR(optimizer, step_size=30, gamma=0.1)"
    assert twin(LinearWarmup(0.1, 10, 0.01) >> CosineDecay(0.1, 90)).code == (
        "SequentialLR(optimizer, schedulers=["
        "LinearLR(optimizer, start_factor=0.1, end_factor=1.0, total_iters=10), "
        "CosineAnnealingLR(optimizer, T_max=90, eta_min=0.0)], milestones=[10])"
    )


def test_the_cosine_of_torch_climbs_after_its_end():
    found = twin(CosineDecay(0.1, 50))
    rates = rates_used(found.build, found.lr, 101)
    assert rates[50] == 0
    assert rates[51] > 0
    assert rates[100] == pytest.approx(0.1)


def test_the_rates_end_where_torch_stops_with_an_error():
    found = twin(OneCycle(0.1, 50))
    rates = rates_used(found.build, found.lr, 200)
    assert len(rates) == 52  # t = 0 ... 50, and one more where it rises again
    assert rates[51] > rates[50]


def test_a_half_per_cycle_ends_at_the_largest_float():
    found = twin(TriangularCycle(0.1, 1, cycle_gamma=0.5))
    assert len(rates_used(found.build, found.lr, 3000)) == 2048  # 2.0**1024 is no float


def test_no_updates_have_no_rates():
    found = twin(Constant(0.1))
    assert rates_used(found.build, found.lr, 0).shape == (0,)


def test_a_parts_optimizer_has_the_rate_of_the_twin():
    found = twin(OneCycle(0.1, 100))
    assert isinstance(found, Twin)
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=found.lr)
    assert isinstance(found.build(optimizer), lr_scheduler.OneCycleLR)
