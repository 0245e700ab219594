"""Data sets that need no download, each with the small network that learns it."""

from collections.abc import Sequence

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from sklearn.datasets import load_digits

from lrcourse.experiments.networks import Mlp, Network
from lrcourse.experiments.plan import refuse_below_one
from lrcourse.experiments.problems import DATA_SEED, Classification
from lrcourse.schedules.units import Unit, checked, shown

SHARE = Unit("share", 0, 1, typical=0.2, play=(0, 1))


def digits(
    label_noise: float = 0.0,
    train_size: int = 1200,
    widths: Sequence[int] = (64, 64, 10),
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
    network: Network | None = None,
) -> Classification:
    """1797 handwritten digits of 8 by 8 pixels, scaled to 0 ... 1; they ship with scikit-learn.

    A share `label_noise` of the training labels is replaced by random classes (test labels
    stay right), which keeps the gradients noisy to the end, as in large real data sets. The
    network is Mlp(widths) unless another is given.
    """
    label_noise = checked("digits", "label_noise", SHARE, label_noise)
    refuse_below_one("digits", train_size=train_size)
    images, labels = load_digits(return_X_y=True)
    if train_size >= len(labels):
        raise ValueError(
            f"digits: train_size must lie in [1, {len(labels) - 1}], got {shown(train_size)}"
        )
    if not isinstance(widths, Sequence) or [*widths[:1], *widths[1:][-1:]] != [64, 10]:
        raise ValueError(
            f"digits: widths must lead from 64 to 10, as (64, 64, 10), got {shown(widths)}"
        )
    rng = np.random.default_rng(checked("digits", "seed", DATA_SEED, seed))
    order = rng.permutation(len(labels))
    x = torch.tensor(images[order] / 16, dtype=dtype)
    y = labels[order]
    noisy = with_label_noise(y, label_noise, rng)
    network = Mlp(tuple(widths)) if network is None else network
    return Classification(
        x_train=x[:train_size],
        y_train=torch.tensor(noisy[:train_size]),
        x_test=x[train_size:],
        y_test=torch.tensor(y[train_size:]),
        network=fitting("digits", network, x),
    )


def signals(
    train_size: int = 4000,
    test_size: int = 4000,
    label_noise: float = 0.0,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
    network: Network | None = None,
) -> Classification:
    """Ten shapes as noisy signals of 40 numbers: small, never quite solved, as much as you like.

    The recipe of MNIST-1D: Sam Greydanus & Dmitry Kobak, "Scaling Down Deep Learning with
    MNIST-1D" (2024), arXiv:2011.14439, whose package mnist1d is under the Apache-2.0 licence.
    Label noise is that of `digits`. The network is Mlp((40, 64, 10)) unless another is given.
    """
    label_noise = checked("signals", "label_noise", SHARE, label_noise)
    refuse_below_one("signals", train_size=train_size, test_size=test_size)
    rng = np.random.default_rng(checked("signals", "seed", DATA_SEED, seed))
    y = rng.permutation(np.arange(train_size + test_size) % 10)
    x = torch.tensor(drawn_signals(y, rng), dtype=dtype)
    noisy = with_label_noise(y, label_noise, rng)
    network = Mlp((40, 64, 10)) if network is None else network
    return Classification(
        x_train=x[:train_size],
        y_train=torch.tensor(noisy[:train_size]),
        x_test=x[train_size:],
        y_test=torch.tensor(y[train_size:]),
        network=fitting("signals", network, x),
    )


def with_label_noise(y: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """The labels, a share of them replaced by random classes: one in ten of those by itself."""
    return np.where(rng.random(len(y)) < share, rng.integers(0, 10, len(y)), y)


def fitting(function: str, network: Network, x: torch.Tensor) -> Network:
    """The network, tried on two examples; ValueError where it does not answer with 10 numbers."""
    if not isinstance(network, Network):
        raise ValueError(
            f"{function}: network must be one of lrcourse.experiments, as Mlp((40, 64, 10)) or "
            f"ModuleNetwork(make) around a module of torch, got {shown(network)}"
        )
    try:
        answer = network.outputs(network.start(0)[None].to(x), x[None, :2])  # batch norm needs two
        problem = f"gives the shape {tuple(answer.shape[2:])}"
    except (AttributeError, TypeError, ValueError, RuntimeError, IndexError) as error:
        if "tried to allocate" in str(error).lower():
            raise MemoryError(f"{function}: {shown(network)} does not fit into memory") from error
        answer, problem = None, f"fails: {shown(str(error))}"
    if answer is None or answer.shape != (1, 2, 10):
        raise ValueError(
            f"{function}: network must turn inputs of the shape {tuple(x.shape[1:])} into 10 "
            f"numbers, got {shown(network)}, which {problem}"
        )
    return network


# How a signal is made ------------------------------------------------------------------------
#
# N signals, one in each row; L numbers in a row. Each function does one thing to all of them.

LONGEST = 72  # a shape of 12 numbers and up to 60 zeros
SHAPES = np.array(
    [
        [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5],
        [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
        [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5],
        [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
        [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5],
        [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
        [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5],
        [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
        [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5],
        [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5],
    ]
)  # the pen's height from the left to the right of each digit, 0 to 9


def drawn_signals(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One signal for each label: (N,) -> (N, 40), with mean 0 and variance 1 over them all."""
    x = clean_shapes()[y]
    x = padded(x, rng)
    x = scaled(x, rng)
    x = shifted(x, rng)
    x = np.where(x != 0, x, correlated_noise(x.shape, rng))
    x = x + 0.02 * rng.standard_normal(x.shape)
    x = sheared(x, rng)
    x = read_at(x, np.linspace(0, LONGEST - 1, 40)[None])
    return (x - x.mean()) / x.std()


def clean_shapes() -> np.ndarray:
    """The ten shapes with the same variance, starting at 0: (10, 12)"""
    shapes = (SHAPES - SHAPES.mean(1, keepdims=True)) / SHAPES.std(1, keepdims=True)
    return (shapes - shapes[:, :1]) / 6 + 1e-8  # a zero from now on means: nothing drawn here


def padded(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """36 to 60 zeros at the end, and then stretched to the same length: (N, 12) -> (N, 72)"""
    lengths = x.shape[1] + rng.integers(36, 61, (len(x), 1))
    x = np.pad(x, ((0, 0), (0, LONGEST - x.shape[1])))
    return read_at(x, np.arange(LONGEST) * (lengths - 1) / (LONGEST - 1))


def scaled(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each times a factor between 0.8 and 1.2."""
    return x * (1 + 0.4 * (rng.random((len(x), 1)) - 0.5))


def shifted(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each by 0 to 47 places to the right; what leaves at the end comes back at the start."""
    places = np.arange(LONGEST) - rng.integers(0, 48, (len(x), 1))
    return np.take_along_axis(x, places % LONGEST, axis=1)


def correlated_noise(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Noise that changes slowly: smoothed over about two places to each side."""
    return gaussian_filter1d(0.25 * rng.standard_normal(shape), 2, axis=1)


def sheared(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each tilted by a straight line, up or down."""
    slopes = 0.75 * (rng.random((len(x), 1)) - 0.5)
    return x - slopes * np.linspace(-0.5, 0.5, LONGEST)


def read_at(x: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(N, L) at the places (N or 1, M), along straight lines between neighbours: (N, M)"""
    left = np.floor(places).astype(int)
    right = np.minimum(left + 1, x.shape[1] - 1)
    part = places - left
    before, after = (np.take_along_axis(x, each, axis=1) for each in (left, right))
    return before * (1 - part) + after * part
