"""A training that is watched is the same training, bit by bit, and leaves nothing switched on."""

import gc

import numpy as np
import pytest
import torch

from lrcourse.experiments import (
    Adam,
    Momentum,
    momentum_table,
    ravine,
    rosenbrock,
    signals,
    train,
    watch,
)
from lrcourse.experiments.train import one_thread
from lrcourse.schedules import Constant, CosineDecay, OneCycle, ReduceOnPlateau

STEPS, EVERY = 25, 10
SEEDS = [3, 1, 3]
ARRAYS = ("lrs", "momenta", "losses", "test_steps", "kept_steps", "weights")
PROBLEMS = {
    "a network": signals(train_size=64, test_size=40),  # an epoch of 4 updates of 16
    "a landscape": ravine(noise=1.0),
}


def table(steps=STEPS):
    """Another rate in every place: (3, steps)"""
    return 0.01 + 0.03 * np.random.default_rng(0).random((len(SEEDS), STEPS))[:, :steps]


def assert_same_bits(one, other):
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert one.tests.keys() == other.tests.keys()
    for name, values in one.tests.items():
        np.testing.assert_array_equal(values, other.tests[name], err_msg=name)


@pytest.mark.parametrize("optimizer", [Momentum(0.5), Adam()], ids=lambda o: type(o).__name__)
@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
@pytest.mark.parametrize(
    "options", [{}, {"test_every": 4, "keep_every": 7, "clip": 0.5}, {"keep_every": 1}], ids=str
)
def test_each_run_so_far_is_what_train_returns_for_so_many_updates(problem, optimizer, options):
    seen = list(watch(problem, table(), SEEDS, optimizer, 16, every=EVERY, **options))
    assert [run.losses.shape[1] for run in seen] == [10, 20, 25]
    assert not np.array_equal(seen[0].weights[:, -1], seen[1].weights[:, -1])
    for run in seen:
        steps = run.losses.shape[1]
        assert_same_bits(run, train(problem, table(steps), SEEDS, optimizer, 16, **options))


def test_a_run_that_was_seen_does_not_change_while_training_goes_on():
    runs = watch(PROBLEMS["a network"], table(), SEEDS, batch_size=16, every=EVERY)
    first = next(runs)
    before = first.weights.copy(), first.losses.copy()
    list(runs)
    np.testing.assert_array_equal(first.weights, before[0])
    np.testing.assert_array_equal(first.losses, before[1])


def test_plateaus_listen_to_the_tests_that_they_ordered_alone():
    plateaus = [ReduceOnPlateau(1.0, patience=0, threshold=0.9) for _ in SEEDS]
    options = {"test_every": 4, "plateaus": plateaus}
    *_, seen = watch(rosenbrock(), table() / 5, SEEDS, every=3, **options)
    whole = train(rosenbrock(), table() / 5, SEEDS, **options)
    assert_same_bits(seen, whole)
    assert (whole.lrs < table() / 5).any()  # a plateau has cut


# Nothing stays switched on -----------------------------------------------------------------------


def settings():
    return torch.is_grad_enabled(), torch.get_num_threads(), torch.is_inference_mode_enabled()


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_while_it_waits_pytorch_has_the_settings_of_the_others(two_threads):
    before = settings()
    runs = watch(PROBLEMS["a network"], table(), SEEDS, batch_size=16, every=EVERY)
    for _ in runs:
        assert settings() == before
        weight = torch.ones(2, requires_grad=True)
        assert weight.sum().requires_grad


@pytest.mark.parametrize("drop", ["closed", "forgotten"])
def test_a_training_dropped_halfway_leaves_nothing_behind(two_threads, drop):
    before, random = settings(), torch.get_rng_state()
    runs = watch(PROBLEMS["a network"], table(), SEEDS, batch_size=16, every=EVERY)
    next(runs)
    if drop == "closed":
        runs.close()
    del runs
    gc.collect()
    assert settings() == before
    assert torch.equal(torch.get_rng_state(), random)


def test_a_training_that_fails_leaves_nothing_behind(two_threads):
    before = settings()
    runs = watch(PROBLEMS["a network"], table(), SEEDS, batch_size=65, every=EVERY)
    with pytest.raises(ValueError, match=r"train: batch_size must lie in \[1, 64\], got 65"):
        next(runs)
    assert settings() == before


def test_what_the_caller_changes_between_two_looks_changes_no_bit():
    problem = PROBLEMS["a network"]
    runs = watch(problem, table(), SEEDS, batch_size=16, every=1)
    number, last = 0, None
    while (run := next(runs, None)) is not None:
        number, last = number + 1, run
        torch.set_grad_enabled(number % 2 == 0)
        torch.rand(number + 1)
        with one_thread():
            torch.manual_seed(number)
    torch.set_grad_enabled(True)
    assert_same_bits(last, train(problem, table(), SEEDS, batch_size=16))


def test_two_trainings_watched_in_turn_do_not_meet():
    problem = PROBLEMS["a network"]
    others = list(zip(*(watch(problem, table(), SEEDS, every=5) for _ in range(2)), strict=True))
    assert len(others) == 5
    for one, other in others:
        assert_same_bits(one, other)


# What is refused ---------------------------------------------------------------------------------


def test_refuses_at_once_and_not_at_the_first_look():
    with pytest.raises(ValueError, match="watch: every must be a whole number of at least 1"):
        watch(ravine(), table(), SEEDS, every=0)
    with pytest.raises(ValueError, match="train: seeds must be one for each row of lrs"):
        watch(ravine(), table(), [1], every=5)


# Momenta -----------------------------------------------------------------------------------------


def test_momenta_are_those_of_the_schedule_that_moves_them_and_constant_beside_all_others():
    cycle = OneCycle(0.1, 10)
    momenta = momentum_table([Constant(0.1), cycle, CosineDecay(0.1, 10)], 2, 10, 0.7)
    assert momenta.shape == (6, 10)
    np.testing.assert_array_equal(momenta[[0, 1, 4, 5]], 0.7)
    for row in momenta[2:4]:
        np.testing.assert_array_equal(row, cycle.momentum(np.arange(10)))
    assert np.ptp(momenta[2]) > 0.05
