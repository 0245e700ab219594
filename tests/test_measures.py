"""Measures of kept weights against the obvious way: the whole matrix, one example at a time."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from lrcourse.experiments import (
    Classification,
    Mlp,
    accuracy,
    compare,
    digits,
    largest_curvature,
    log_loss,
    probabilities,
    quadratic,
)
from lrcourse.schedules import Constant


@pytest.fixture(scope="module")
def small():
    """Forty points, four inputs, three classes: 43 parameters, so the whole matrix is small."""
    generator = torch.Generator().manual_seed(4)
    x = torch.randn(40, 4, generator=generator, dtype=torch.float64)
    y = torch.randint(3, (40,), generator=generator)
    return Classification(x, y, x[:11], y[:11], Mlp((4, 5, 3)))


@pytest.fixture(scope="module")
def rows(small):
    return torch.stack([small.start(seed) for seed in range(5)])


def whole_matrix(problem, row):
    """Every second derivative of the loss of the training set."""
    everything = torch.arange(len(problem.x_train))[None]
    return torch.autograd.functional.hessian(
        lambda weights: problem.loss(weights[None], everything)[0], row
    ).numpy()


def test_the_largest_curvature_is_the_largest_eigenvalue(small, rows):
    found = largest_curvature(small, rows, rounds=43)
    eigenvalues = np.array([np.linalg.eigvalsh(whole_matrix(small, row)) for row in rows])
    np.testing.assert_allclose(found, eigenvalues.max(1), rtol=1e-10)
    assert found.max() > 1.2 * found.min()  # the starts differ
    assert (found > 1.05 * eigenvalues[:, -2]).any()  # and the second is another number


def test_twenty_rounds_are_enough_to_speak_of_it(small, rows):
    found, exact = (largest_curvature(small, rows, rounds) for rounds in (20, 43))
    np.testing.assert_allclose(found, exact, rtol=1e-4)
    assert (found <= exact * (1 + 1e-9)).all()


def test_an_equal_fall_does_not_hide_the_largest_curvature(small, rows):
    """Where the loss bends down as much as up, repeated products with H never settle."""
    far = 10 * rows
    eigenvalues = [np.linalg.eigvalsh(whole_matrix(small, row)) for row in far]
    assert max(-each[0] / each[-1] for each in eigenvalues) > 0.99
    found = largest_curvature(small, far, rounds=43)
    np.testing.assert_allclose(found, [each[-1] for each in eigenvalues], rtol=1e-8)


def test_every_row_is_measured_alone(small, rows):
    alone = np.stack([largest_curvature(small, row) for row in rows])
    assert alone.shape == (5,)
    np.testing.assert_allclose(largest_curvature(small, rows.numpy()), alone, rtol=1e-12)
    pairs = torch.stack([rows, rows.flip(0)], dim=1)  # as many weights were kept of each run
    found = largest_curvature(small, pairs)
    np.testing.assert_allclose(found, np.stack([alone, alone[::-1]], axis=1), rtol=1e-12)


def test_measuring_leaves_the_weights_as_they_are(small, rows):
    before = rows.clone()
    largest_curvature(small, rows)
    assert torch.equal(rows, before)
    assert rows.grad is None
    assert not rows.requires_grad


def test_inputs_twice_as_large_bend_the_first_layer_more(small, rows):
    doubled = replace(small, x_train=2 * small.x_train)
    assert (largest_curvature(doubled, rows) > largest_curvature(small, rows)).all()


@pytest.fixture(scope="module")
def trained():
    problem = digits(train_size=200, widths=(64, 8, 10), dtype=torch.float64)
    run = compare(problem, {"": Constant(0.3)}, range(3), 40, keep_every=20)[""]
    return problem, run


def test_probabilities_are_what_each_network_says(trained):
    problem, run = trained
    found = probabilities(problem, run.weights)
    assert found.shape == (3, len(run.kept_steps), len(problem.y_test), 10)
    slow = torch.softmax(problem.logits(torch.tensor(run.weights[1, :1])), -1)[0]
    np.testing.assert_allclose(found[1, 0], slow, rtol=1e-12)
    np.testing.assert_allclose(found.sum(-1), 1, rtol=1e-12)
    assert np.abs(found[0, 0] - found[0, -1]).max() > 0.1


def test_one_network_is_one_answer(trained):
    problem, _ = trained
    assert probabilities(problem, problem.start(0)).shape == (len(problem.y_test), 10)


def test_loss_and_accuracy_are_those_of_the_run(trained):
    problem, run = trained
    at_the_end = probabilities(problem, run.weights)[:, -1]
    np.testing.assert_allclose(log_loss(problem, at_the_end), run.test_losses[:, -1], rtol=1e-12)
    assert (accuracy(problem, at_the_end) == run.test_accuracies[:, -1]).all()
    assert 0.2 < accuracy(problem, at_the_end).min() < 1


def test_no_chance_for_the_right_class_costs_infinity(trained):
    problem, _ = trained
    wrong = np.zeros((len(problem.y_test), 10))
    wrong[np.arange(len(wrong)), (problem.y_test.numpy() + 1) % 10] = 1
    assert log_loss(problem, wrong) == math.inf
    assert accuracy(problem, wrong) == 0


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda p: largest_curvature(quadratic(), np.zeros((1, 2))), "must be a Classification"),
        (lambda p: largest_curvature(p, np.zeros((2, 46))), r"43 parameters .* shape \(2, 46\)"),
        (lambda p: largest_curvature(p, "weights"), "43 parameters .* got 'weights'"),
        (lambda p: largest_curvature(p, p.start(0), rounds=0), "rounds"),
        (lambda p: probabilities(p, np.zeros(3)), r"probabilities: weights .* shape \(3,\)"),
        (
            lambda p: log_loss(p, np.zeros((3, 10))),
            r"log_loss: give an array .* 11, classes",
        ),
        (lambda p: accuracy(p, None), "accuracy: give an array .* got None"),
    ],
)
def test_bad_input_gets_one_sentence(small, call, told):
    with pytest.raises((TypeError, ValueError), match=told) as refused:
        call(small)
    assert "\n" not in str(refused.value)
