"""What is measured of weights that were kept: how steep the loss is there, and what they answer.

Shapes: R runs, P parameters, N test examples, C classes.
"""

import math
from typing import Annotated, Any

import numpy as np
import torch
from torch import Tensor

from lrcourse.experiments.problems import Classification
from lrcourse.schedules.units import Unit, checked, shown

Rounds = Annotated[int, Unit("a count", 1, math.inf, typical=20, play=(1, 100), whole=True)]


def largest_curvature(
    problem: Classification, weights: np.ndarray | Tensor, rounds: Rounds = 20
) -> np.ndarray:
    """λ_max of the loss of the whole training set at each row of weights, (..., P) -> (...).

    The largest eigenvalue of the matrix H of second derivatives, also called sharpness. It is
    found by the method of Lanczos (1950): in the space of v, Hv, H²v, ... of `rounds` directions,
    the steepest is looked for. H itself is never built. More rounds are more exact, and the
    answer is never too large.

    From 2 / λ_max on, a step of gradient descent overshoots (Cohen et al. 2021, arXiv:2103.00065).
    """
    rounds = checked("largest_curvature", "rounds", Rounds, rounds)
    rows = _rows("largest_curvature", problem, weights).detach().clone().requires_grad_(True)
    everything = torch.arange(len(problem.x_train)).expand(len(rows), -1)
    loss = problem.loss(rows, everything).sum()
    (gradient,) = torch.autograd.grad(loss, rows, create_graph=True)

    def bent(direction: Tensor) -> Tensor:
        """H times the direction of each row."""
        return torch.autograd.grad((gradient * direction).sum(), rows, retain_graph=True)[0]

    generator = torch.Generator().manual_seed(0)
    newest = torch.randn(rows.shape[1], generator=generator, dtype=torch.float64)
    newest = newest.to(rows).expand_as(rows)
    basis = rows.new_zeros(len(rows), 0, rows.shape[1])  # (R, directions so far, P)
    images = basis
    for _ in range(min(rounds, rows.shape[1])):
        for _twice in range(2):  # once leaves rounding errors
            newest = newest - torch.einsum("rkp,rk->rp", basis, _along(basis, newest))
        newest = newest / newest.norm(dim=1, keepdim=True).clamp_min(1e-30)
        basis = torch.cat([basis, newest[:, None]], dim=1)
        newest = bent(newest)
        images = torch.cat([images, newest[:, None]], dim=1)
    inside = torch.einsum("rkp,rlp->rkl", basis, images)  # H as that small space sees it
    largest = torch.linalg.eigvalsh(inside)[:, -1]
    return largest.detach().numpy().reshape(np.shape(weights)[:-1])


def _along(basis: Tensor, vectors: Tensor) -> Tensor:
    """(R, K, P) and (R, P) -> how much of each row lies along each direction: (R, K)"""
    return torch.einsum("rkp,rp->rk", basis, vectors)


def probabilities(problem: Classification, weights: np.ndarray | Tensor) -> np.ndarray:
    """What each network says of each test example: (..., P) -> (..., N, C), in float64.

    The mean over an axis of the weights is the answer of an ensemble:
    `probabilities(problem, run.weights).mean(1)` averages the weights that each run kept.
    """
    rows = _rows("probabilities", problem, weights)
    answers = problem.logits(rows).double().softmax(-1).numpy()
    return answers.reshape(*np.shape(weights)[:-1], *answers.shape[1:])


def log_loss(problem: Classification, shares: np.ndarray) -> np.ndarray:
    """-ln of the probability of the right class, in the mean over the test set, in nats:
    (..., N, C) -> (...)"""
    y = _answers("log_loss", problem, shares)
    with np.errstate(divide="ignore"):  # a right class that was given no chance costs infinity
        return -np.log(shares[..., np.arange(len(y)), y]).mean(-1)


def accuracy(problem: Classification, shares: np.ndarray) -> np.ndarray:
    """The share of the test set, 0 to 1, whose right class has the largest value:
    (..., N, C) -> (...). Probabilities, logits and votes will all do."""
    y = _answers("accuracy", problem, shares)
    return (shares.argmax(-1) == y).mean(-1)


def _rows(function: str, problem: Any, weights: Any) -> Tensor:
    """The weights as (R, P) for this problem."""
    if not isinstance(problem, Classification):
        raise TypeError(
            f"{function}: problem must be a Classification such as digits(), got {shown(problem)}"
        )
    size = sum(math.prod(shape) for shape in problem.shapes.values())
    if not isinstance(weights, np.ndarray | Tensor) or weights.shape[-1:] != (size,):
        raise ValueError(
            f"{function}: weights must be an array whose last axis has the {size} parameters of "
            f"the network, as run.weights or problem.start(seed), got {_shape(weights)}"
        )
    return torch.as_tensor(weights).to(problem.x_train).reshape(-1, size)


def _answers(function: str, problem: Classification, shares: Any) -> np.ndarray:
    """The right classes, where `shares` has a row for each."""
    y = problem.y_test.numpy()
    if not isinstance(shares, np.ndarray) or shares.ndim < 2 or shares.shape[-2] != len(y):
        raise ValueError(
            f"{function}: give an array (..., {len(y)}, classes), as probabilities(problem, "
            f"run.weights) makes it, got {_shape(shares)}"
        )
    return y


def _shape(value: Any) -> str:
    return f"the shape {tuple(value.shape)}" if hasattr(value, "shape") else shown(value)
