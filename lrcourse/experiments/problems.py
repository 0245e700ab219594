"""What the experiments train: data, a small network and its loss, for many runs at once.

Shapes: R runs, P parameters, B examples in a batch, D inputs, C classes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor


@dataclass(frozen=True)
class Classification:
    """Labelled vectors, and a multilayer perceptron that learns them.

    `widths` are the layers from input to output, such as (64, 64, 10). All runs share the
    data; the weights of one run are one row of a matrix (R, P).
    """

    x_train: Tensor  # (N, D)
    y_train: Tensor  # (N,)
    x_test: Tensor
    y_test: Tensor
    widths: tuple[int, ...]

    def start(self, seed: int) -> Tensor:
        """The initial weights (P,) of one run, drawn from `seed` alone (He et al. 2015)."""
        generator = torch.Generator().manual_seed(seed)
        pieces = []
        for inputs, outputs in pairwise(self.widths):
            scale = (2 / inputs) ** 0.5
            weight = scale * torch.randn(inputs, outputs, generator=generator, dtype=torch.float64)
            pieces += [weight.flatten(), torch.zeros(outputs, dtype=torch.float64)]
        return torch.cat(pieces).to(self.x_train.dtype)

    def layers(self, weights: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """(R, P) -> the weight (R, inputs, outputs) and bias (R, 1, outputs) of each layer."""
        first = 0
        for inputs, outputs in pairwise(self.widths):
            middle, last = first + inputs * outputs, first + (inputs + 1) * outputs
            yield (
                weights[:, first:middle].view(-1, inputs, outputs),
                weights[:, middle:last].view(-1, 1, outputs),
            )
            first = last

    def logits(self, weights: Tensor, x: Tensor) -> Tensor:
        """(R, P) and (R, B, D) -> (R, B, C)"""
        for depth, (weight, bias) in enumerate(self.layers(weights)):
            x = torch.baddbmm(bias, x.relu() if depth else x, weight)
        return x

    def loss(self, weights: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """Mean cross-entropy of each run: (R,)"""
        return _cross_entropy(self.logits(weights, x), y).mean(1)

    def test(self, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Loss and accuracy (from 0 to 1) of each run on the test set: (R,) and (R,)"""
        logits = self.logits(weights, self.x_test.expand(len(weights), -1, -1))
        y = self.y_test.expand(len(weights), -1)
        return _cross_entropy(logits, y).mean(1), (logits.argmax(-1) == y).float().mean(1)


def _cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """(R, B, C) and (R, B) -> (R, B). Faster here than torch's own, which copies."""
    return logits.logsumexp(-1) - logits.gather(-1, y[..., None])[..., 0]


def digits(
    label_noise: float = 0.0,
    train_size: int = 1200,
    widths: Sequence[int] = (64, 64, 10),
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
) -> Classification:
    """1797 handwritten digits of 8 by 8 pixels, scaled to 0 ... 1; they ship with scikit-learn.

    A share `label_noise` of the training labels is replaced by random classes (test labels
    stay right), which keeps the gradients noisy to the end, as in large real data sets.
    """
    if not 0 <= label_noise <= 1:
        raise ValueError(f"digits: label_noise (share) must lie in [0, 1], got {label_noise!r}")
    images, labels = load_digits(return_X_y=True)
    if not 1 <= train_size < len(labels):
        raise ValueError(
            f"digits: train_size must lie in [1, {len(labels) - 1}], got {train_size!r}"
        )
    if tuple(widths[:1]) != (64,) or tuple(widths[-1:]) != (10,) or len(widths) < 2:
        raise ValueError(f"digits: widths must lead from 64 to 10, as (64, 64, 10), got {widths!r}")
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    x = torch.tensor(images[order] / 16, dtype=dtype)
    y = labels[order]
    noisy = np.where(rng.random(len(y)) < label_noise, rng.integers(0, 10, len(y)), y)
    return Classification(
        x_train=x[:train_size],
        y_train=torch.tensor(noisy[:train_size]),
        x_test=x[train_size:],
        y_test=torch.tensor(y[train_size:]),
        widths=tuple(widths),
    )
