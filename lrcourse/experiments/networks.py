"""Networks for many runs at once: the weights of one run are one row of a matrix.

Shapes: R runs, P parameters, B examples in a batch, D inputs, C classes.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Annotated, ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from lrcourse.schedules.units import Choice, Measured, Unit, checked, shown

Parameters = Mapping[str, Tensor]
Shapes = dict[str, tuple[int, ...]]
Size = Annotated[int, Unit("a count", 1, math.inf, typical=8, play=(1, 64), whole=True)]
Norm = Annotated[str, Choice("where a block normalises", ("post", "pre"))]


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
        pieces = weights.split([math.prod(shape) for shape in self.shapes.values()], dim=1)
        return {
            name: piece.view(-1, *shape)
            for (name, shape), piece in zip(self.shapes.items(), pieces, strict=True)
        }


def zeros_or_he(name: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Weights of variance 2 / inputs (He et al. 2015, arXiv:1502.01852), biases of zero."""
    if name.startswith("bias"):
        return torch.zeros(shape, dtype=torch.float64)
    return (2 / shape[0]) ** 0.5 * torch.randn(shape, generator=generator, dtype=torch.float64)


@dataclass(frozen=True)
class Mlp(Network):
    """A multilayer perceptron with ReLU; `widths` lead from the inputs to the classes."""

    widths: tuple[int, ...] = (64, 64, 10)

    def __post_init__(self) -> None:
        if not isinstance(self.widths, tuple) or len(self.widths) < 2:
            raise ValueError(
                f"Mlp: widths must be at least two numbers, as Mlp((64, 64, 10)), "
                f"got {shown(self.widths)}"
            )
        for width in self.widths:
            checked("Mlp", "widths", Size, width)

    @cached_property
    def shapes(self) -> Shapes:
        shapes: Shapes = {}
        for layer, (inputs, outputs) in enumerate(pairwise(self.widths)):
            shapes[f"weight {layer}"] = (inputs, outputs)
            shapes[f"bias {layer}"] = (1, outputs)
        return shapes

    def initial(self, name: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        return zeros_or_he(name, shape, generator)

    def outputs(self, weights: Tensor, x: Tensor) -> Tensor:
        parameters = self.unpacked(weights)
        for layer in range(len(self.widths) - 1):
            x = torch.baddbmm(
                parameters[f"bias {layer}"],  # (R, 1, outputs)
                x.relu() if layer else x,  # (R, B, inputs)
                parameters[f"weight {layer}"],  # (R, inputs, outputs)
            )
        return x


@dataclass(frozen=True)
class ConvNet(Measured, Network):
    """Three convolutions with stride 2 and ReLU, then one linear layer; signals of 40 numbers.

    A convolution is a matrix product: every window of the signal is one row.
    """

    channels: Size = 12
    kernels: ClassVar[tuple[int, ...]] = (5, 3, 3)  # the signal is 40, 20, 10 and then 5 long

    @cached_property
    def shapes(self) -> Shapes:
        shapes: Shapes = {}
        for layer, kernel in enumerate(self.kernels):
            inputs = self.channels if layer else 1
            shapes[f"weight {layer}"] = (inputs * kernel, self.channels)
            shapes[f"bias {layer}"] = (1, self.channels)
        shapes["weight out"] = (5 * self.channels, 10)
        shapes["bias out"] = (1, 10)
        return shapes

    def initial(self, name: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        return zeros_or_he(name, shape, generator)

    def outputs(self, weights: Tensor, x: Tensor) -> Tensor:
        parameters = self.unpacked(weights)
        x = x.unsqueeze(-1)  # (R, B, 40, 1)
        for layer, kernel in enumerate(self.kernels):
            rows = windows(x, kernel)  # (R, B, half the length, inputs * kernel)
            x = torch.baddbmm(
                parameters[f"bias {layer}"], rows.flatten(1, 2), parameters[f"weight {layer}"]
            )
            x = x.relu().view(*rows.shape[:3], self.channels)
        return torch.baddbmm(parameters["bias out"], x.flatten(2), parameters["weight out"])


def windows(x: Tensor, kernel: int) -> Tensor:
    """(R, B, length, C) -> (R, B, length / 2, C * kernel): around every second position."""
    padded = functional.pad(x, (0, 0, kernel // 2, kernel // 2))
    return padded.unfold(2, kernel, 2).flatten(3)


@dataclass(frozen=True)
class Transformer(Measured, Network):
    """Sees a sequence of tokens and answers at every position, from what stands up to there.

    Blocks as in Vaswani et al. (2017), arXiv:1706.03762: post-norm normalises after each sum,
    z ← norm(z + work(z)). Pre-norm leaves the sum alone: z ← z + work(norm(z)), and normalises
    once more before the answer; see Xiong et al. (2020), arXiv:2002.04745.

    Shapes: T positions, D width, H heads, V different tokens.
    """

    tokens: Size = 10
    length: Size = 8
    width: Size = 16
    heads: Size = 2
    layers: Size = 4
    norm: Norm = "post"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.width % self.heads:
            raise ValueError(
                f"Transformer: width must be a multiple of heads={self.heads}, got {self.width}"
            )

    @cached_property
    def shapes(self) -> Shapes:
        d = self.width
        shapes: Shapes = {"token": (self.tokens, d), "place": (self.length, d)}
        for layer in range(self.layers):
            shapes |= linear_shapes(f"{layer} look", d, 3 * d)  # queries, keys and values
            shapes |= linear_shapes(f"{layer} merge", d, d)
            shapes |= norm_shapes(f"{layer} attention", d)
            shapes |= linear_shapes(f"{layer} widen", d, 2 * d)
            shapes |= linear_shapes(f"{layer} narrow", 2 * d, d)
            shapes |= norm_shapes(f"{layer} thought", d)
        if self.norm == "pre":
            shapes |= norm_shapes("answer", d)
        return shapes | linear_shapes("answer", d, self.tokens)

    def initial(self, name: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        """Xavier: variance 2 / (inputs + outputs) (Glorot & Bengio 2010); biases 0, gains 1."""
        if name.endswith(("bias", "shift", "gain")):
            return torch.full(shape, float(name.endswith("gain")), dtype=torch.float64)
        scale = {"token": 1.0, "place": 0.5}.get(name)
        if scale is None:
            outputs = self.width if name.endswith("look weight") else shape[1]
            scale = (2 / (shape[0] + outputs)) ** 0.5
        return scale * torch.randn(shape, generator=generator, dtype=torch.float64)

    def outputs(self, weights: Tensor, x: Tensor) -> Tensor:
        p = self.unpacked(weights)
        z = self.embedded(p, x)
        for layer in range(self.layers):
            z = self.residual(p, f"{layer} attention", partial(self.attention, p, layer), z)
            z = self.residual(p, f"{layer} thought", partial(self.thought, p, layer), z)
        if self.norm == "pre":
            z = normed(p, "answer", z)
        return linear(p, "answer", z).unflatten(1, x.shape[1:])

    def embedded(self, p: Parameters, x: Tensor) -> Tensor:
        """(R, B, T) -> (R, B T, D): each token's vector plus that of its place."""
        one_hot = functional.one_hot(x.flatten(1), self.tokens).to(p["token"])
        tokens = (one_hot @ p["token"]).unflatten(1, x.shape[1:])  # (R, B, T, D)
        return (tokens + p["place"][:, None]).flatten(1, 2)

    def residual(
        self, p: Parameters, name: str, work: Callable[[Tensor], Tensor], z: Tensor
    ) -> Tensor:
        """What a block adds to z (R, B T, D), normalised after or before."""
        if self.norm == "post":
            return normed(p, name, z + work(z))
        return z + work(normed(p, name, z))

    def attention(self, p: Parameters, layer: int, z: Tensor) -> Tensor:
        """softmax(Q Kᵀ / √d + mask) V in each head, d = D / H; merged to (R, B T, D)."""
        d = self.width // self.heads
        looks = linear(p, f"{layer} look", z).view(-1, self.length, 3, self.heads, d)
        q, k, v = looks.permute(2, 0, 3, 1, 4)  # (R B, H, T, d) each
        mask = z.new_full((self.length, self.length), -torch.inf).triu(1)
        seen = (q @ k.mT / d**0.5 + mask).softmax(-1) @ v
        return linear(p, f"{layer} merge", seen.transpose(1, 2).reshape(z.shape))

    def thought(self, p: Parameters, layer: int, z: Tensor) -> Tensor:
        """A layer twice as wide with ReLU, at each position by itself."""
        return linear(p, f"{layer} narrow", linear(p, f"{layer} widen", z).relu())


def linear_shapes(name: str, inputs: int, outputs: int) -> Shapes:
    """The weight and the bias of a linear map."""
    return {f"{name} weight": (inputs, outputs), f"{name} bias": (1, outputs)}


def norm_shapes(name: str, width: int) -> Shapes:
    """The gain and the shift that follow a normalization."""
    return {f"{name} gain": (1, width), f"{name} shift": (1, width)}


def linear(p: Parameters, name: str, z: Tensor) -> Tensor:
    """(R, N, inputs) -> (R, N, outputs)"""
    return torch.baddbmm(p[f"{name} bias"], z, p[f"{name} weight"])


def normed(p: Parameters, name: str, z: Tensor) -> Tensor:
    """Each vector of z (R, N, D) with mean 0 and variance 1, then the run's gain and shift."""
    return functional.layer_norm(z, z.shape[-1:]) * p[f"{name} gain"] + p[f"{name} shift"]
