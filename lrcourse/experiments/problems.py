"""What the experiments train: where a run starts, what it sees, and what that costs.

Shapes: R runs, P parameters, B examples in a batch, D inputs, C classes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from lrcourse.experiments.networks import Network
from lrcourse.schedules.units import Unit, shown

DATA_SEED = Unit("of the data set", 0, math.inf, typical=0, play=(0, 100), whole=True)
PART = 1000  # so many test examples are answered at once


class Problem(Protocol):
    """Anything that `train` can train. All randomness comes from the seed of a run."""

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The parameters by name, in the order of the columns of the weights."""

    def start(self, seed: int) -> Tensor:
        """The weights (P,) of one run before training."""

    def epoch(self, generator: torch.Generator, batch_size: int) -> Tensor:
        """What one run sees in its next n updates, drawn from `generator`: (n, ...)"""

    def loss(self, weights: Tensor, seen: Tensor) -> Tensor:
        """(R, P) and (R, ...), one item of each run's epoch -> the loss of each run: (R,)"""

    def test(self, weights: Tensor) -> dict[str, Tensor]:
        """What is measured on data that training never sees, by name: (R, P) -> (R,) each"""

    def to(self, device: str) -> "Problem":
        """The same problem with its tensors on this device."""


@dataclass(frozen=True)
class Classification:
    """Labelled inputs, and a network that learns to tell the classes apart.

    The loss is the mean cross-entropy; tests are "loss" and "accuracy" (from 0 to 1). Every
    epoch shows the training set in a new order, without the rest that fills no batch.
    """

    x_train: Tensor  # (N, ...)
    y_train: Tensor  # (N,)
    x_test: Tensor
    y_test: Tensor
    network: Network

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        return self.network.shapes

    def start(self, seed: int) -> Tensor:
        return self.network.start(seed).to(self.x_train)

    def epoch(self, generator: torch.Generator, batch_size: int) -> Tensor:
        """The numbers of the examples in each batch: (n, B)"""
        examples = len(self.x_train)
        if not 1 <= batch_size <= examples:
            raise ValueError(
                f"train: batch_size must lie in [1, {examples}], got {shown(batch_size)}"
            )
        updates = examples // batch_size
        order = torch.randperm(examples, generator=generator)
        return order[: updates * batch_size].view(updates, batch_size)

    def loss(self, weights: Tensor, seen: Tensor) -> Tensor:
        logits = self.network.outputs(weights, self.x_train[seen])
        return cross_entropy(logits, self.y_train[seen]).mean(1)

    def test(self, weights: Tensor) -> dict[str, Tensor]:
        y = self.y_test.expand(len(weights), -1)
        logits = self.logits(weights)
        return {
            "loss": cross_entropy(logits, y).mean(1),
            "accuracy": (logits.argmax(-1) == y).to(logits.dtype).mean(1),
        }

    def logits(self, weights: Tensor) -> Tensor:
        """(R, P) -> what each run answers on the test set: (R, N, C)"""
        parts = self.x_test.split(PART)  # what a network keeps in between fits into the memory
        answers = [self.network.outputs(weights, x.expand(len(weights), *x.shape)) for x in parts]
        return torch.cat(answers, dim=1)

    def to(self, device: str) -> "Classification":
        return replace(
            self,
            x_train=self.x_train.to(device),
            y_train=self.y_train.to(device),
            x_test=self.x_test.to(device),
            y_test=self.y_test.to(device),
        )


def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """(..., C) and (...) -> (...). Faster here than torch's own, which copies."""
    return logits.logsumexp(-1) - logits.gather(-1, y[..., None])[..., 0]
