"""Where we differ from the libraries on purpose: their number stands beside ours.

A test fails when a library changes its mind too; then the docstring that tells of it must go.
"""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler
from transformers import optimization

from lrcourse.schedules import (
    Constant,
    CosineDecay,
    CosineRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    LinearDecay,
    LinearWarmup,
    MultiStepDecay,
    OneCycle,
    PolynomialDecay,
    ReduceOnPlateau,
    StepDecay,
    TriangularCycle,
    WarmupCosine,
    WarmupStableDecay,
)
from lrcourse.torch_scheduler import TorchScheduler
from lrcourse.torch_twins import rates_used
from tests.drawing import OURS
from tests.witnesses import timm_rates
from tests.witnesses.keras_rates import double, keras
from tests.witnesses.optax_rates import optax

pytestmark = pytest.mark.filterwarnings("ignore")  # torch warns of some of it


def close(rates):
    return pytest.approx(rates, rel=1e-9, abs=1e-12)


def sgd(lr=1.0, **more):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, **more)


def two_groups(first, second):
    groups = [{"params": [torch.zeros(1)]}, {"params": [torch.zeros(1)], "lr": second}]
    return torch.optim.SGD(groups, lr=first)


def played(make, steps, peak_lr=1.0):
    """The rates that the first updates use: `make(optimizer)` is the scheduler."""
    return rates_used(make, peak_lr, steps)


# The end ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda o: lr_scheduler.CosineAnnealingLR(o, 10),
        lambda o: optimization.get_cosine_schedule_with_warmup(o, 0, 10),
        lambda o: optimization.get_cosine_with_min_lr_schedule_with_warmup(o, 0, 10, min_lr=0),
    ],
    ids=["torch", "transformers", "transformers with min_lr"],
)
def test_their_cosines_climb_after_the_end_and_ours_holds(make):
    t = [10, 15, 20]
    assert played(make, 21)[t] == close([0, 0.5, 1.0])
    assert CosineDecay(1.0, 10)(t) == close([0, 0, 0])


@pytest.mark.parametrize(
    "cls", [cls for cls in OURS if cls.example().steps], ids=lambda c: c.__name__
)
def test_every_schedule_with_an_end_keeps_its_last_value(cls):
    schedule = cls.example()
    after = schedule.steps + np.arange(200)
    np.testing.assert_array_equal(schedule(after), schedule(schedule.steps))


def test_one_step_too_many_raises_the_rate_of_one_cycle_127_times():
    optimizer = sgd()
    scheduler = lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=100)
    for _ in range(99):
        scheduler.step()
    assert optimizer.param_groups[0]["lr"] == close(4e-6)
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(5.07e-4, rel=1e-3)
    assert OneCycle(1.0, steps=99, warmup_steps=29)([99, 100, 101]) == close([4e-6] * 3)


def test_their_constant_jumps_back_at_its_end():
    theirs = played(lambda o: lr_scheduler.ConstantLR(o, 0.5, total_iters=3), 5)
    assert theirs.tolist() == [0.5, 0.5, 0.5, 1.0, 1.0]
    assert Constant(0.5, steps=3)(np.arange(5)).tolist() == [0.5] * 5


def test_a_warmup_of_transformers_that_counts_from_1_ends_one_update_early():
    make = optimization.get_cosine_with_min_lr_schedule_with_warmup_lr_rate
    theirs = played(lambda o: make(o, 4, 10, min_lr=0), 10)
    assert theirs[[0, 3, 9]] == close([0.25, 1, 0])
    assert WarmupCosine(1.0, 3, 9, start_lr=0.25)(np.arange(10)) == close(theirs)


# Where the peak and the drops lie ---------------------------------------------------------------


def test_one_cycle_of_torch_misses_its_peak_between_two_updates():
    theirs = played(lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=10, pct_start=0.25), 10)
    assert theirs.max() == pytest.approx(0.98907, abs=1e-5)
    assert OneCycle(1.0, steps=10)(np.arange(11)).max() == 1


def test_one_cycle_of_optax_is_one_update_longer_than_that_of_torch():
    of_torch = played(lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=100), 100)
    function = optax.cosine_onecycle_schedule(100, 1.0)
    of_optax = np.array([function(t) for t in range(101)])
    assert (of_torch.argmax(), of_torch.argmin()) == (29, 99)
    assert (of_optax.argmax(), of_optax.argmin()) == (30, 100)
    assert OneCycle(1.0, 99, 29)(np.arange(100)) == close(of_torch)
    assert OneCycle(1.0, 100)(np.arange(101)) == close(of_optax)


def test_timm_drops_one_update_before_the_milestone_and_keras_one_after():
    drop = StepDecay(1.0, 10, 0.5).lasting(19)
    assert drop([9, 10, 11]).tolist() == [1, 0.5, 0.5]
    assert MultiStepDecay(1.0, (10,), 0.5)([9, 10, 11]).tolist() == [1, 0.5, 0.5]
    of_keras = keras.optimizers.schedules.PiecewiseConstantDecay([10], [1.0, 0.5])
    assert [float(of_keras(np.array(t))) for t in (9, 10, 11)] == [1, 1, 0.5]
    of_timm = next(e for e in timm_rates.ENTRIES if e["scheduler"] == "MultiStepLRScheduler")
    first = of_timm["arguments"]["decay_t"][0]
    assert of_timm["rates"][first - 2] > of_timm["rates"][first - 1]


# Restarts ---------------------------------------------------------------------------------------


def test_a_logarithm_misses_the_restart_that_a_search_finds():
    optimizer = sgd()
    lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=1, T_mult=3).step(121)
    assert optimizer.param_groups[0]["lr"] == 0
    of_keras = keras.optimizers.schedules.CosineDecayRestarts(double(1.0), 1, 3.0)
    assert float(of_keras(double(121))) == close(0)
    assert CosineRestarts(1.0, first_cycle=1, stretch=3)(121) == 1


def test_transformers_misses_restarts_by_rounding_its_progress():
    make = optimization.get_cosine_with_hard_restarts_schedule_with_warmup
    theirs = played(lambda o: make(o, 0, 490, num_cycles=49), 490)
    assert [t for t in range(0, 490, 10) if theirs[t] < 0.5][:3] == [10, 20, 40]
    assert (CosineRestarts(1.0, 10)(np.arange(0, 490, 10)) == 1).all()


# Momentum ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "momentum"),
    [
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=100), 0.95),
        (lambda o: lr_scheduler.CyclicLR(o, 0.1, 1.0), 0.9),
    ],
    ids=["OneCycleLR", "CyclicLR"],
)
def test_their_cycles_switch_the_momentum_on(make, momentum):
    optimizer = sgd(momentum=0)
    make(optimizer)
    assert optimizer.param_groups[0]["momentum"] == momentum


@pytest.mark.parametrize("schedule", [OneCycle(1.0, 100), TriangularCycle(1.0, 10)], ids=repr)
def test_our_cycles_leave_the_momentum_alone(schedule):
    optimizer = sgd(momentum=0)
    TorchScheduler(optimizer, schedule).step()
    assert optimizer.param_groups[0]["momentum"] == 0


# Composition ------------------------------------------------------------------------------------


def hold_then_decay(o):
    parts = [lr_scheduler.ConstantLR(o, 0.5, 3), lr_scheduler.ExponentialLR(o, 0.9)]
    return lr_scheduler.SequentialLR(o, parts, [3])


def test_a_nested_sequence_of_torch_fails_or_runs_one_step_ahead():
    def as_the_last(o):
        return lr_scheduler.SequentialLR(
            o, [lr_scheduler.ConstantLR(o, 0.1), hold_then_decay(o)], [2]
        )

    def as_the_first(o):
        return lr_scheduler.SequentialLR(
            o, [hold_then_decay(o), lr_scheduler.ConstantLR(o, 0.1)], [5]
        )

    with pytest.raises(NotImplementedError):
        played(as_the_last, 5)
    assert played(as_the_first, 6) == close([0.5, 0.5, 1, 0.9, 0.81, 0.1])  # the hold lasts 3

    inner = Constant(0.5, 3) >> ExponentialDecay(1.0, 0.9)
    outer = inner.lasting(5) >> Constant(0.1)
    assert outer(np.arange(6)) == close([0.5, 0.5, 0.5, 1, 0.9, 0.1])
    outer = Constant(0.1, 2) >> inner
    assert outer(np.arange(6)) == close([0.1, 0.1, 0.5, 0.5, 0.5, 1])


def test_a_chain_of_torch_is_not_the_product():
    def chained(o, *order):
        parts = {
            "exponential": lambda: lr_scheduler.ExponentialLR(o, 0.9),
            "inverse": lambda: lr_scheduler.LambdaLR(o, lambda t: 1 / (1 + t)),
        }
        return lr_scheduler.ChainedScheduler([parts[name]() for name in order], o)

    first, second = ExponentialDecay(1.0, 0.9), InverseTimeDecay(1.0, 1.0)
    assert played(lambda o: chained(o, "exponential", "inverse"), 3) == close([1, 1 / 2, 1 / 3])
    assert played(lambda o: chained(o, "inverse", "exponential"), 3) == close([1, 0.45, 0.3])
    assert (first * second)([0, 1, 2]) == close([1, 0.9 / 2, 0.81 / 3])
    assert (second * first)([0, 1, 2]) == close([1, 0.9 / 2, 0.81 / 3])


# What we refuse ---------------------------------------------------------------------------------


def test_a_line_of_no_length_stays_at_its_start_for_ever():
    assert played(lambda o: lr_scheduler.LinearLR(o, total_iters=0), 5) == close([1 / 3] * 5)
    with pytest.raises(ValueError, match=r"LinearWarmup: steps \(optimizer updates\) .* got 0"):
        LinearWarmup(1.0, steps=0)


def test_a_stable_phase_of_negative_length_makes_the_rate_jump():
    theirs = played(lambda o: optimization.get_wsd_schedule(o, 6, 6, num_training_steps=10), 7)
    assert theirs[5:] == close([5 / 6, 0.75])  # the peak is never reached
    with pytest.raises(ValueError, match="must be smaller than steps=10, got 6 \\+ 6"):
        WarmupStableDecay(1.0, warmup_steps=6, decay_steps=6, steps=10)


def test_a_floor_above_the_peak_makes_a_decay_rise():
    theirs = played(lambda o: lr_scheduler.CosineAnnealingLR(o, 10, eta_min=0.5), 11, peak_lr=0.1)
    assert theirs[[0, 5, 10]] == close([0.1, 0.3, 0.5])
    theirs = played(lambda o: lr_scheduler.CyclicLR(o, 1.0, 0.1, 5, cycle_momentum=False), 6)
    assert theirs[[0, 5]] == close([1.0, 0.1])
    for refused in (lambda: CosineDecay(0.1, 10, 0.5), lambda: TriangularCycle(0.1, 5, min_lr=1.0)):
        with pytest.raises(ValueError, match="min_lr must not exceed peak_lr"):
            refused()


def test_milestones_of_torch_may_be_anything():
    def rates(milestones):
        return played(lambda o: lr_scheduler.MultiStepLR(o, milestones, 0.5), 6).tolist()

    assert rates([4, 2]) == [1, 1, 0.5, 0.5, 0.25, 0.25]
    assert rates([2, 2]) == [1, 1, 0.25, 0.25, 0.25, 0.25]
    assert rates([2.5]) == [1, 1, 1, 1, 1, 1]
    for milestones in ([4, 2], [2, 2], [2.5]):
        with pytest.raises(ValueError, match="MultiStepDecay: milestones"):
            MultiStepDecay(1.0, milestones, 0.5)


def test_the_factor_of_torch_may_raise_the_rate():
    assert played(lambda o: lr_scheduler.StepLR(o, 1, gamma=2), 3).tolist() == [1, 2, 4]
    assert played(lambda o: lr_scheduler.StepLR(o, 1, gamma=-1), 3).tolist() == [1, -1, 1]
    for gamma in (2, -1):
        with pytest.raises(ValueError, match=r"StepDecay: gamma .* must lie in \(0, 1\]"):
            StepDecay(1.0, 1, gamma)


def test_a_line_may_start_at_0_here():
    with pytest.raises(ValueError, match="expected to be greater than 0"):
        lr_scheduler.LinearLR(sgd(), start_factor=0)
    assert LinearWarmup(1.0, 4)(np.arange(5)).tolist() == [0, 0.25, 0.5, 0.75, 1]


# One name, two meanings -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda o: optimization.get_polynomial_decay_schedule_with_warmup(o, 0, 10, lr_end=1e-5),
        lambda o: optimization.get_cosine_with_min_lr_schedule_with_warmup(o, 0, 10, min_lr=1e-5),
    ],
    ids=["lr_end", "min_lr"],
)
def test_a_floor_of_transformers_is_scaled_in_the_second_group(make):
    optimizer = two_groups(1e-3, 1e-4)
    scheduler = make(optimizer)
    for _ in range(10):
        scheduler.step()
    assert [group["lr"] for group in optimizer.param_groups] == close([1e-5, 1e-6])
    assert [PolynomialDecay(peak, 10, 1, 1e-5)(10) for peak in (1e-3, 1e-4)] == close([1e-5, 1e-5])


def test_decay_steps_count_the_warmup_in_optax_and_not_in_keras():
    t = np.arange(25)
    ours = WarmupCosine(1.0, warmup_steps=5, steps=20)(t)
    of_keras = keras.optimizers.schedules.CosineDecay(
        double(0), 15, warmup_target=1.0, warmup_steps=5
    )
    assert np.array(optax.warmup_cosine_decay_schedule(0, 1, 5, 20)(t)) == close(ours)
    assert np.array(optax.warmup_cosine_decay_schedule(0, 1, 5, 15)(t)) != close(ours)
    assert np.array([of_keras(double(each)) for each in t]) == close(ours)


def test_alpha_is_a_share_of_the_peak_and_min_lr_is_a_rate():
    of_keras = keras.optimizers.schedules.CosineDecay(double(0.5), 10, alpha=0.1)
    assert float(optax.cosine_decay_schedule(0.5, 10, alpha=0.1)(10)) == close(0.05)
    assert float(of_keras(double(10))) == close(0.05)
    assert CosineDecay(0.5, 10, min_lr=0.1)(10) == LinearDecay(0.5, 10, min_lr=0.1)(10) == 0.1


# A plateau --------------------------------------------------------------------------------------


def plateau_of_torch(metrics, **arguments):
    optimizer = sgd()
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, **arguments)
    rates = []
    for metric in metrics:
        scheduler.step(metric)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


@pytest.mark.parametrize(
    "metrics",
    [[-1.0] * 40, [-100 * (1 - 5e-5) ** i for i in range(40)]],
    ids=["constant", "worsening"],
)
def test_torch_never_cuts_on_a_negative_loss_that_does_not_fall(metrics):
    assert plateau_of_torch(metrics)[-1] == 1
    assert ReduceOnPlateau(1.0).replay(metrics)[-1] == close(1e-3)


def test_torch_makes_no_cut_smaller_than_eps():
    assert plateau_of_torch([1.0] * 99, patience=0)[-1] == close(1e-8)
    assert ReduceOnPlateau(1.0, patience=0).replay([1.0] * 99)[-1] == pytest.approx(
        1e-98, rel=1e-9, abs=0
    )


@pytest.mark.parametrize("patience", [1, 2, 10])
def test_keras_cuts_one_check_before_torch(patience):
    optimizer = SimpleNamespace(learning_rate=1.0)
    callback = keras.callbacks.ReduceLROnPlateau("loss", patience=patience)
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    callback.on_train_begin()
    of_keras = []
    for epoch in range(patience + 2):
        callback.on_epoch_end(epoch, {"loss": 1.0})
        of_keras.append(float(optimizer.learning_rate))
    ours = ReduceOnPlateau(1.0, patience=patience).replay([1.0] * (patience + 2)).tolist()
    assert ours == plateau_of_torch([1.0] * (patience + 2), patience=patience)
    assert [rate < 1 for rate in of_keras].index(True) == patience
    assert [rate < 1 for rate in ours].index(True) == patience + 1
