"""Data sets that need no download, each with the small network that learns it."""

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.datasets import load_digits

from lrcourse.experiments.networks import Mlp
from lrcourse.experiments.problems import Classification


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
        network=Mlp(tuple(widths)),
    )
