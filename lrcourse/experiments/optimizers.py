"""Optimizers for many runs at once, sorted by complexity; each is its textbook formula.

An optimizer changes the weights w (R, P) in place, given their gradient g (R, P) and the
moment: the update's number t from 1 on, the rate η and the momentum m, both (R, 1). It is
frozen; what it remembers between updates lies in the moment's memory, zeros at first.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor


class Layers(NamedTuple):
    """Which columns of the weights (R, P) belong to which of the L tensors of a network."""

    sizes: list[int]  # (L,) how many columns each has
    owner: Tensor  # (P,) the layer of each column
    is_matrix: Tensor  # (L,) False for biases and gains, which LARS and LAMB leave alone

    @classmethod
    def of(cls, shapes: Mapping[str, tuple[int, ...]], device: torch.device) -> "Layers":
        sizes = [torch.Size(shape).numel() for shape in shapes.values()]
        owner = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
        is_matrix = [sum(side > 1 for side in shape) > 1 for shape in shapes.values()]
        return cls(sizes, owner.to(device), torch.tensor(is_matrix, device=device))

    def norms(self, rows: Tensor) -> Tensor:
        """(R, P) -> (R, L): the length of each layer's part of each row."""
        return torch.stack([part.norm(dim=1) for part in rows.split(self.sizes, dim=1)], dim=1)


class Moment(NamedTuple):
    """Everything else that an update needs to know."""

    t: int  # 1 at the first update
    lr: Tensor  # (R, 1)
    momentum: Tensor  # (R, 1)
    memory: defaultdict[str, Tensor]  # (R, P) each, zeros at first
    layers: Layers


class Optimizer(Protocol):
    """Anything with this one method; a field `momentum` is what `momenta` of `train` replaces."""

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        """One step for every run."""


@dataclass(frozen=True)
class Sgd:
    """w ← w − η g"""

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        weights -= now.lr * gradient


@dataclass(frozen=True)
class Momentum:
    """v ← m v + g,  w ← w − η v

    The same as torch.optim.SGD(momentum=m). The rate multiplies the whole of v, so a drop of
    η also shrinks the steps that are already under way.
    """

    momentum: float = 0.9

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        velocity = now.memory["velocity"]
        velocity.mul_(now.momentum).add_(gradient)
        weights -= now.lr * velocity


@dataclass(frozen=True)
class Adam:
    """w ← w − η â / (√b̂ + ε),  â = a / (1 − β1^t),  b̂ = b / (1 − β2^t)

    a ← β1 a + (1 − β1) g is the mean of gradients, b ← β2 b + (1 − β2) g² that of squares.

    `momentum` is β1. Where it is cycled, 1 − β1^t takes today's β1, as torch.optim.Adam does.
    """

    momentum: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        mean, square = now.memory["mean"], now.memory["square"]
        mean.mul_(now.momentum).add_((1 - now.momentum) * gradient)
        square.mul_(self.beta2).addcmul_(gradient, gradient, value=1 - self.beta2)
        scale = (square / (1 - self.beta2**now.t)).sqrt_().add_(self.eps)
        weights -= now.lr / (1 - now.momentum**now.t) * mean / scale
