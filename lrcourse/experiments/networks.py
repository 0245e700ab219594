"""Networks for many runs at once: the weights of one run are one row of a matrix.

Shapes: R runs, P parameters, B examples in a batch, D inputs, C classes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import prod

import torch
from torch import Tensor

Shapes = Mapping[str, tuple[int, ...]]


class Network:
    """Named parameters and what they compute.

    A network says the `shapes` of its parameters, how one is drawn at the start, and its
    outputs; everything else follows.
    """

    @property
    def shapes(self) -> Shapes:
        """The shape of each parameter, in the order of the columns of the weights."""
        raise NotImplementedError

    def initial(self, name: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        """One parameter before training, float64."""
        raise NotImplementedError

    def outputs(self, weights: Tensor, x: Tensor) -> Tensor:
        """(R, P) and (R, B, ...) -> (R, B, ..., C)"""
        raise NotImplementedError

    def start(self, seed: int) -> Tensor:
        """The weights (P,) of one run before training, drawn from `seed` alone; float64."""
        generator = torch.Generator().manual_seed(seed)
        return torch.cat(
            [self.initial(*parameter, generator).flatten() for parameter in self.shapes.items()]
        )

    def unpacked(self, weights: Tensor) -> dict[str, Tensor]:
        """(R, P) -> each parameter by name: (R, *shape)"""
        pieces = weights.split([prod(shape) for shape in self.shapes.values()], dim=1)
        return {
            name: piece.view(-1, *shape)
            for (name, shape), piece in zip(self.shapes.items(), pieces, strict=True)
        }


@dataclass(frozen=True)
class Mlp(Network):
    """A multilayer perceptron with ReLU; `widths` lead from the inputs to the classes."""

    widths: tuple[int, ...] = (64, 64, 10)

    @cached_property
    def shapes(self) -> Shapes:
        shapes = {}
        for layer, (inputs, outputs) in enumerate(pairwise(self.widths)):
            shapes[f"weight {layer}"] = (inputs, outputs)
            shapes[f"bias {layer}"] = (1, outputs)
        return shapes

    def initial(self, name: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        """Weights of variance 2 / inputs (He et al. 2015, arXiv:1502.01852), biases of zero."""
        if name.startswith("bias"):
            return torch.zeros(shape, dtype=torch.float64)
        return (2 / shape[0]) ** 0.5 * torch.randn(shape, generator=generator, dtype=torch.float64)

    def outputs(self, weights: Tensor, x: Tensor) -> Tensor:
        parameters = self.unpacked(weights)
        for layer in range(len(self.widths) - 1):
            x = torch.baddbmm(
                parameters[f"bias {layer}"],  # (R, 1, outputs)
                x.relu() if layer else x,  # (R, B, inputs)
                parameters[f"weight {layer}"],  # (R, inputs, outputs)
            )
        return x
