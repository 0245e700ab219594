"""Landscapes over a point, where everything can be seen and much can be computed.

The parameters are the point w itself. An example tilts the landscape by a random slope, so its
gradient is f'(w) + noise, as that of an example of a data set is. Everything is float64.

Shapes: R runs, P coordinates, D = 2 where a landscape is drawn.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from scipy.optimize import brentq
from torch import Tensor

from lrcourse.experiments.run import Run
from lrcourse.schedules.units import Unit, checked, shown

COORDINATE = Unit("where a run starts", -math.inf, math.inf, typical=1, play=(-5, 5))
CURVATURE = Unit("steepness", 0, math.inf, typical=1, play=(0.1, 20), above_low=True)
NOISE = Unit("standard deviation for one example", 0, math.inf, typical=1, play=(0, 2))
BLOCK = 100  # the noise of so many updates is drawn at once


@dataclass(frozen=True)
class Surface:
    """f(w), seen through noise. A new landscape needs `value` alone.

    `noise` is the standard deviation of each coordinate of the gradient of *one* example; a
    batch of B is the mean of B of them and has noise / √B. Pass batch_size=1 to `train` where
    the noise of an update is meant: its own default is 32.

    The recorded losses are those of the tilted landscape, f(w) + noise · w; the test metric
    "loss" is f(w) itself. Walkers are seeds: chunk=len(seeds) trains thousands at once.
    """

    start_point: tuple[float, ...]
    noise: float

    def __post_init__(self) -> None:
        self._check_point("start", COORDINATE, self.start_point)
        self._check("noise", NOISE, self.noise)

    def value(self, points: Tensor) -> Tensor:
        """f(w): (..., P) -> (...)"""
        raise NotImplementedError

    def heights(self, points: np.ndarray) -> np.ndarray:
        """f(w) of NumPy points (..., P) -> (...)

        For contours: heights(np.stack(np.meshgrid(xs, ys), axis=-1)) is (len(ys), len(xs)).
        """
        return self.value(torch.as_tensor(np.asarray(points, dtype=float))).numpy()

    def paths(self, run: Run) -> np.ndarray:
        """Where each run was at the start and whenever its weights were kept: (R, K + 1, P)"""
        start = np.broadcast_to(self.start_point, (len(run), 1, len(self.start_point)))
        return np.concatenate([start, run.weights], axis=1)

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        return {"point": (len(self.start_point),)}

    def start(self, seed: int) -> Tensor:
        """Every walker starts at the same point."""
        return torch.tensor(self.start_point, dtype=torch.float64)

    def epoch(self, generator: torch.Generator, batch_size: int) -> Tensor:
        """The slopes that the next batches add to the gradient: (100, P)"""
        size = (BLOCK, len(self.start_point))
        slopes = torch.randn(size, generator=generator, dtype=torch.float64)
        return self.noise / math.sqrt(batch_size) * slopes

    def loss(self, weights: Tensor, seen: Tensor) -> Tensor:
        return self.value(weights) + (seen * weights).sum(1)

    def test(self, weights: Tensor) -> dict[str, Tensor]:
        return {"loss": self.value(weights)}

    def to(self, device: str) -> "Surface":
        """Itself: it holds no tensors."""
        return self

    def _check(self, name: str, unit: Unit, *numbers: Any) -> None:
        for number in numbers:
            checked(type(self).__name__, name, unit, number)

    def _check_point(self, name: str, unit: Unit, numbers: Any) -> None:
        if not isinstance(numbers, tuple) or not numbers:
            raise ValueError(
                f"{type(self).__name__}: {name} must be a sequence of numbers, as (1, 20), "
                f"got {shown(numbers)}"
            )
        self._check(name, unit, *numbers)


# A bowl: everything about it is known --------------------------------------------------------


@dataclass(frozen=True)
class Quadratic(Surface):
    """f(w) = Σ λ w² / 2, with one curvature λ for each coordinate."""

    curvatures: tuple[float, ...]

    def __post_init__(self) -> None:
        self._check_point("curvatures", CURVATURE, self.curvatures)
        super().__post_init__()
        if len(self.curvatures) != len(self.start_point):
            raise ValueError(
                f"Quadratic: curvatures and start must have as many numbers, "
                f"got {shown(self.curvatures)} and {shown(self.start_point)}"
            )

    def value(self, points: Tensor) -> Tensor:
        return (points.new_tensor(self.curvatures) * points**2 / 2).sum(-1)

    def largest_stable_lr(self, momentum: float = 0.0) -> float:
        """2 (1 + m) / λ_max: any higher constant rate grows without limit.

        One coordinate moves as w[t+1] = (1 + m − η λ) w[t] − m w[t−1]. At this rate the
        characteristic polynomial z² − (1 + m − η λ) z + m has its root at z = −1.
        """
        return 2 * (1 + momentum) / max(self.curvatures)

    def stationary_variance(
        self, lr: Any, momentum: float = 0.0, batch_size: int = 32
    ) -> np.ndarray:
        """η s² (1 + m) / (λ (1 − m) (2 (1 + m) − η λ)): where a constant rate stops improving.

        The variance of each coordinate, with s² = noise² / batch_size; rates of the shape (...)
        give (..., P), and inf where the rate is not stable.

        The walk above with noise η s is an autoregression of order 2, whose variance is
        (1 + m) η² s² / ((1 − m) ((1 + m)² − (1 + m − η λ)²)); see Box, Jenkins & Reinsel,
        "Time Series Analysis", section 3.2.4. The second bracket is η λ (2 (1 + m) − η λ).
        """
        eta, lam, m = np.asarray(lr, float)[..., None], np.array(self.curvatures), momentum
        s = self.noise / math.sqrt(batch_size)
        room = 2 * (1 + m) - eta * lam
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = eta * s**2 * (1 + m) / (lam * (1 - m) * room)
        return np.where(room > 0, variance, np.inf)

    def floor(self, lr: Any, momentum: float = 0.0, batch_size: int = 32) -> np.ndarray:
        """Σ λ Var(w) / 2: the mean of f where a constant rate stops improving; (...) -> (...)"""
        variance = self.stationary_variance(lr, momentum, batch_size)
        return (np.array(self.curvatures) * variance / 2).sum(-1)


def quadratic(curvatures: Any = (1.0,), noise: float = 1.0, start: Any = None) -> Quadratic:
    """The bowl with these curvatures, one for each coordinate; starts at (1, 1, ...)."""
    curvatures = _point(curvatures)
    start = np.ones_like(curvatures, dtype=float) if start is None else start
    return Quadratic(_point(start), noise, curvatures)


def ravine(noise: float = 0.0, start: Any = (10.0, 1.0)) -> Quadratic:
    """Curvatures 1 and 20: the steep side sets the highest rate, and the flat one needs it."""
    return Quadratic(_point(start), noise, (1.0, 20.0))


# A bent valley -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rosenbrock(Surface):
    """f(x, y) = (1 − x)² + b (y − x²)²: a bent valley, deepest at (1, 1)."""

    b: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("b", CURVATURE, self.b)
        _refuse_other_than_two(self)

    def value(self, points: Tensor) -> Tensor:
        x, y = points.unbind(-1)
        return (1 - x) ** 2 + self.b * (y - x**2) ** 2


def rosenbrock(noise: float = 0.5, start: Any = (-1.5, 2.0), b: float = 5.0) -> Rosenbrock:
    """Rosenbrock (1960), doi:10.1093/comjnl/3.3.175, who took b = 100; train with clip=5."""
    return Rosenbrock(_point(start), noise, b)


# Many wells ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class MultiWell(Surface):
    """f(w) = Σ a w² / 2 + A (1 − cos k w): a bowl with ripples, deepest around (0, 0)."""

    a: float = 0.15
    A: float = 0.3
    k: float = 3.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _refuse_other_than_two(self)

    def value(self, points: Tensor) -> Tensor:
        return (self.a * points**2 / 2 + self.A * (1 - torch.cos(self.k * points))).sum(-1)

    @cached_property
    def rim(self) -> float:
        """How far the deepest well reaches: the first maximum of f along an axis, f'(w) = 0."""

        def slope(w: float) -> float:
            return self.a * w + self.A * self.k * math.sin(self.k * w)

        return brentq(slope, math.pi / self.k, 3 * math.pi / 2 / self.k)

    def in_deepest_well(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) -> (...): True where walking downhill ends at (0, 0). NaN is nowhere."""
        return (np.abs(points) < self.rim).all(-1)


def multi_well(noise: float = 1.2, start: Any = (-4.0, -4.0)) -> MultiWell:
    """Nine wells and more; the way from the start to the deepest leads over rims.

    The share of runs that end in the deepest: in_deepest_well(run.weights[:, -1]).mean()
    """
    return MultiWell(_point(start), noise)


def _point(numbers: Any) -> Any:
    """A tuple where this is a sequence; anything else is for the class to refuse."""
    try:
        return tuple(numbers)
    except TypeError:
        return numbers


def _refuse_other_than_two(surface: Surface) -> None:
    if len(surface.start_point) != 2:
        raise ValueError(
            f"{type(surface).__name__}: start must have two coordinates, "
            f"got {shown(surface.start_point)}"
        )
