"""Many trainings at once are the same trainings, one by one; and the lesson's claims hold."""

import numpy as np
import pytest
import torch
from scipy import stats

from lrcourse.experiments import (
    Interval,
    Momentum,
    Sgd,
    digits,
    mean_interval,
    paired_difference,
    rate_table,
    train,
)
from lrcourse.schedules import Constant, StepDecay

STEPS = 60


@pytest.fixture(scope="module")
def problem():
    return digits(label_noise=0.2, train_size=300, widths=(64, 16, 10), dtype=torch.float64)


def layers_of(problem, weights):
    """The weight and the bias of each layer."""
    parameters = list(problem.network.unpacked(weights).values())
    return zip(parameters[::2], parameters[1::2], strict=True)


def train_with_torch(problem, schedule, seed, steps, momentum, batch_size=32):
    """The obvious loop: one network of torch layers, torch's loss and torch's optimizer."""
    weights = problem.start(seed)[None]
    network = torch.nn.Sequential()
    for number, (weight, bias) in enumerate(layers_of(problem, weights)):
        layer = torch.nn.Linear(*weight.shape[1:], dtype=torch.float64)
        layer.weight.data, layer.bias.data = weight[0].T.clone(), bias[0, 0].clone()
        network.extend([torch.nn.ReLU(), layer] if number else [layer])
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0, momentum=momentum)
    generator = torch.Generator().manual_seed(10_000 + seed)
    per_epoch = len(problem.x_train) // batch_size
    losses = []
    for step in range(steps):
        if step % per_epoch == 0:
            order = torch.randperm(len(problem.x_train), generator=generator)
        first = step % per_epoch * batch_size
        batch = order[first : first + batch_size]
        optimizer.param_groups[0]["lr"] = schedule(step)
        loss = torch.nn.functional.cross_entropy(
            network(problem.x_train[batch]), problem.y_train[batch]
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


@pytest.mark.parametrize(("optimizer", "momentum"), [(Sgd, 0.0), (Momentum, 0.9)])
def test_stacked_runs_equal_torch_one_by_one(problem, optimizer, momentum):
    schedules = [Constant(0.1), StepDecay(0.2, 20, 0.3)]
    run = train(problem, rate_table(schedules, 2, STEPS), [3, 4, 3, 4], optimizer=optimizer())
    for row, (schedule, seed) in enumerate((s, seed) for s in schedules for seed in (3, 4)):
        theirs = train_with_torch(problem, schedule, seed, STEPS, momentum)
        assert np.ptp(theirs) > 0.1
        np.testing.assert_allclose(run.losses[row], theirs, rtol=1e-9)


def test_runs_are_paired_and_repeatable(problem):
    rates = rate_table([Constant(0.1), Constant(0.1)], 2, STEPS)
    run = train(problem, rates, [0, 1, 0, 1])
    np.testing.assert_array_equal(run.losses[:2], run.losses[2:])
    assert not np.array_equal(run.losses[0], run.losses[1])
    np.testing.assert_array_equal(train(problem, rates, [0, 1, 0, 1]).losses, run.losses)


def test_the_flight_recorder_keeps_the_rates_that_were_used(problem):
    rates = rate_table([StepDecay(0.2, 20, 0.3)], 1, STEPS)
    run = train(problem, rates, [0], test_every=25)
    np.testing.assert_array_equal(run.lrs, rates)
    assert run.test_steps.tolist() == [25, 50, 60]
    assert run.test_accuracies.shape == run.test_losses.shape == (1, 3)


def test_a_diverged_run_spoils_only_its_own_row(problem):
    run = train(problem, np.array([[1e200] * STEPS, [0.1] * STEPS]), [0, 0])
    alone = train(problem, np.array([[0.1] * STEPS]), [0])
    assert not np.isfinite(run.losses[0]).all()
    np.testing.assert_array_equal(run.losses[1:], alone.losses)


def test_restores_the_number_of_threads(problem):
    before = torch.get_num_threads()
    train(problem, np.full((1, 2), 0.1), [0])
    assert torch.get_num_threads() == before


def test_label_noise_changes_the_share_of_training_labels_it_says():
    clean, noisy = digits(0.0), digits(0.2)
    changed = (clean.y_train != noisy.y_train).float().mean().item()
    assert changed == pytest.approx(0.2 * 0.9, abs=0.03)  # one in ten is replaced by itself
    assert torch.equal(clean.y_test, noisy.y_test)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: train(p, np.ones(5), [0]), r"shape \(runs, steps\), got \(5,\)"),
        (lambda p: train(p, np.full((1, 5), np.nan), [0]), "finite"),
        (lambda p: train(p, np.full((1, 5), -1.0), [0]), "at least 0"),
        (lambda p: train(p, np.ones((2, 5)), [0]), "2 runs, 1 seeds"),
        (lambda p: train(p, np.ones((1, 5)), [0], batch_size=301), r"\[1, 300\], got 301"),
        (lambda p: train(p, np.ones((1, 5)), [0], test_every=0), "test_every .* got 0"),
        (lambda p: rate_table([], 2, 5), r"list of schedules, got \[\]"),
        (lambda p: rate_table([0.1], 2, 5), r"list of schedules, got \[0.1\]"),
        (lambda p: rate_table([Constant(0.1)], range(2), 5), r"seeds .* got range\(0, 2\)"),
        (lambda p: rate_table([Constant(0.1)], 2, 0), "steps .* got 0"),
        (lambda p: digits(widths=(32, 10)), r"widths .* got \(32, 10\)"),
        (lambda p: digits(label_noise=20), r"label_noise .* got 20"),
        (lambda p: digits(train_size=5000), "train_size .* got 5000"),
        (lambda p: mean_interval([1.0]), "at least 2 seeds"),
        (lambda p: mean_interval([1.0, np.nan]), "1 of 2 values are NaN"),
        (lambda p: paired_difference([1.0, 2.0], [1.0]), "the same seeds"),
    ],
)
def test_refuses_in_one_sentence(problem, make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make(problem)
    assert "\n" not in str(caught.value)


# Statistics ------------------------------------------------------------------------------------


def test_the_interval_is_student_t():
    values = np.random.default_rng(0).normal(size=12)
    ours = mean_interval(values)
    low, high = stats.t.interval(0.95, 11, values.mean(), stats.sem(values))
    assert (ours.low, ours.high) == (pytest.approx(low), pytest.approx(high))


def test_the_interval_covers_the_truth_in_95_of_100():
    rng = np.random.default_rng(1)
    intervals = [mean_interval(rng.normal(3.0, 2.0, size=8)) for _ in range(4000)]
    covered = np.mean([each.low <= 3.0 <= each.high for each in intervals])
    assert covered == pytest.approx(0.95, abs=0.015)


def test_pairing_removes_what_the_seeds_share():
    rng = np.random.default_rng(2)
    shared = rng.normal(0, 10, size=12)
    a, b = shared + 1 + rng.normal(0, 0.1, 12), shared + rng.normal(0, 0.1, 12)
    assert paired_difference(a, b).is_clear
    assert not Interval((a.mean() - b.mean()), mean_interval(a).half_width, 12).is_clear


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(-0.2351, 0.0141, 12), "−0.235 ± 0.014"),
        (Interval(4.94, 1.38, 12), "4.9 ± 1.4"),
        (Interval(123.4, 56.0, 12), "123 ± 56"),
        (Interval(1.0, 0.0, 12), "1.00 ± 0.00"),
    ],
)
def test_an_interval_reads_well(interval, text):
    assert str(interval) == text


# The claims of lesson 01, on seeds that the lesson does not use --------------------------------


@pytest.mark.parametrize("first_seed", [100, 200])
def test_the_claims_of_lesson_01_hold_for_other_seeds(first_seed):
    seeds, epochs, epoch = range(first_seed, first_seed + 12), 24, 37
    schedules = [Constant(0.15), StepDecay(0.15, 8 * epoch, 0.1)]
    rates = rate_table(schedules, 12, epochs * epoch)
    runs = {noise: train(digits(noise), rates, [*seeds, *seeds]) for noise in (0.2, 0.0)}
    losses = runs[0.2].losses.reshape(2, 12, epochs, epoch).mean(3)
    timid = train(digits(), rate_table([Constant(1e-4)], 12, 10 * epoch), seeds, optimizer=Sgd())

    def difference(drop):
        fall = losses[:, :, drop - 1] - losses[:, :, drop]
        return paired_difference(fall[1], fall[0])

    gain = {
        noise: paired_difference(
            100 * run.test_accuracies[12:, -1], 100 * run.test_accuracies[:12, -1]
        )
        for noise, run in runs.items()
    }
    assert difference(8).low > 0.05  # the loss falls at once, and clearly
    assert abs(difference(16).mean) < 0.3 * difference(8).mean  # the second drop does little
    assert gain[0.2].low > 1  # several points with noisy labels
    assert gain[0.0].high < 1  # nothing worth having with clean ones
    assert timid.test_accuracies[:, -1].mean() < 0.3  # a rate of 1e-4 hardly begins to learn


def test_the_initial_weights_have_the_variance_of_he(problem):
    weights = problem.start(0)[None]
    for weight, bias in layers_of(problem, weights):
        assert weight.std().item() == pytest.approx((2 / weight.shape[1]) ** 0.5, rel=0.15)
        assert not bias.any()
