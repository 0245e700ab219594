"""Optimizers for many runs at once, sorted by complexity; each is its textbook formula.

An optimizer changes the weights (R, P) in place, given their gradient (R, P) and the
learning rate (R, 1) of this update. What it remembers between updates it keeps itself, so
make a new one for each training.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Optimizer(Protocol):
    """Anything with this one method."""

    def update(self, weights: Tensor, gradient: Tensor, lr: Tensor) -> None:
        """One step for every run."""


class Sgd:
    """w ← w − η g"""

    def update(self, weights: Tensor, gradient: Tensor, lr: Tensor) -> None:
        weights -= lr * gradient


@dataclass
class Momentum:
    """v ← m v + g,  w ← w − η v

    The same as torch.optim.SGD(momentum=m). The rate multiplies the whole of v, so a drop of
    η also shrinks the steps that are already under way.
    """

    momentum: float = 0.9
    velocity: Tensor | None = None

    def update(self, weights: Tensor, gradient: Tensor, lr: Tensor) -> None:
        if self.velocity is None:
            self.velocity = torch.zeros_like(weights)
        self.velocity.mul_(self.momentum).add_(gradient)
        weights -= lr * self.velocity
