"""Optimizers for many runs at once, sorted by complexity; each is its textbook formula.

An optimizer changes the weights w (R, P) in place, given their gradient g (R, P) and the
moment: the update's number t from 1 on, the rate η and the momentum m, both (R, 1). It is
frozen; what it remembers between updates lies in the moment's memory, zeros at first.

Everywhere `momentum` is what is kept of the mean of gradients (β1 in Adam), `beta2` what is
kept of the mean of squares, `weight_decay` is λ, `eps` is ε. The defaults are PyTorch's.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, sqrt
from typing import Annotated, NamedTuple, Protocol

import torch
from torch import Tensor

from lrcourse.schedules.units import Measured, Unit

Kept = Annotated[float, Unit("share kept of the mean", 0, 1, 0.9, (0.0, 0.999), below_high=True)]
Decay = Annotated[float, Unit("pull towards zero", 0, inf, 0.01, (1e-5, 1.0), log=True)]
Tiny = Annotated[float, Unit("keeps divisors from zero", 0, inf, 1e-8, (1e-12, 1.0), log=True)]
Trust = Annotated[float, Unit("step of a layer over its length", 0, inf, 0.02, (1e-4, 1.0))]


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

    def ratio(self, above: Tensor, below: Tensor) -> Tensor:
        """(R, L) / (R, L) -> (R, P), in each column that of its layer.

        It is 1 for biases and gains, and where one of the two lengths is zero.
        """
        usable = self.is_matrix & (above > 0) & (below > 0)
        return torch.where(usable, above / below, 1.0).index_select(1, self.owner)


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


def with_decay(gradient: Tensor, weights: Tensor, weight_decay: float) -> Tensor:
    """g + λ w, the gradient of the loss plus λ |w|² / 2: an L2 penalty."""
    return gradient.add(weights, alpha=weight_decay) if weight_decay else gradient


@dataclass(frozen=True)
class Sgd(Measured):
    """w ← w − η (g + λ w)

    The same as torch.optim.SGD.
    """

    weight_decay: Decay = 0.0

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        weights -= now.lr * with_decay(gradient, weights, self.weight_decay)


@dataclass(frozen=True)
class Momentum(Measured):
    """v ← m v + (g + λ w),  w ← w − η v

    The same as torch.optim.SGD(momentum=m). The rate multiplies the whole of v, so a drop of
    η also shrinks the steps that are already under way. Polyak (1964) and Sutskever et al.
    (2013) have η inside, v ← m v + η g: the same for a constant rate only.
    """

    momentum: Kept = 0.9
    weight_decay: Decay = 0.0

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        velocity = now.memory["velocity"]
        velocity.mul_(now.momentum).add_(with_decay(gradient, weights, self.weight_decay))
        weights -= now.lr * velocity


@dataclass(frozen=True)
class Nesterov(Measured):
    """v ← m v + g,  w ← w − η (g + m v),  where g includes λ w

    The same as torch.optim.SGD(momentum=m, nesterov=True). Sutskever et al. (ICML 2013, "On
    the importance of initialization and momentum") take the gradient where the velocity would
    lead; here w stands for that point ahead, so the gradient is taken at w itself.
    """

    momentum: Kept = 0.9
    weight_decay: Decay = 0.0

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        gradient = with_decay(gradient, weights, self.weight_decay)
        velocity = now.memory["velocity"]
        velocity.mul_(now.momentum).add_(gradient)
        weights -= now.lr * (gradient + now.momentum * velocity)


@dataclass(frozen=True)
class RMSprop(Measured):
    """b ← β2 b + (1 − β2) g²,  w ← w − η g / (√b + ε),  where g includes λ w

    The same as torch.optim.RMSprop, which calls β2 alpha; without its momentum. From Hinton's
    lecture 6 (2012), with β2 = 0.9 and no ε. There is no correction for b = 0 at the start, so
    the first steps are 1 / √(1 − β2) = 10 times as long as those of Adam.
    """

    beta2: Kept = 0.99
    eps: Tiny = 1e-8
    weight_decay: Decay = 0.0

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        gradient = with_decay(gradient, weights, self.weight_decay)
        square = now.memory["square"]
        square.mul_(self.beta2).addcmul_(gradient, gradient, value=1 - self.beta2)
        weights -= now.lr * gradient / square.sqrt().add_(self.eps)


def means(gradient: Tensor, now: Moment, beta2: float) -> tuple[Tensor, Tensor]:
    """a ← β1 a + (1 − β1) g,  b ← β2 b + (1 − β2) g²: running means of gradients and squares."""
    mean, square = now.memory["mean"], now.memory["square"]
    mean.lerp_(gradient, 1 - now.momentum)  # this share of the way from a to g
    square.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
    return mean, square


@dataclass(frozen=True)
class Adam(Measured):
    """w ← w − η â / (√b̂ + ε),  â = a / (1 − β1^t),  b̂ = b / (1 − β2^t)

    a ← β1 a + (1 − β1) g is the mean of gradients, b ← β2 b + (1 − β2) g² that of squares.
    Kingma & Ba (arXiv:1412.6980, algorithm 1); the same as torch.optim.Adam.

    `momentum` is β1. Where it is cycled, 1 − β1^t takes today's β1, as torch.optim.Adam does;
    the sum of the shares that a holds would be 1 − β1(1) β1(2) ... β1(t).
    """

    momentum: Kept = 0.9
    beta2: Kept = 0.999
    eps: Tiny = 1e-8

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        mean, square = means(gradient, now, self.beta2)
        scale = (square / (1 - self.beta2**now.t)).sqrt_().add_(self.eps)
        weights -= now.lr / (1 - now.momentum**now.t) * mean / scale


@dataclass(frozen=True)
class AdamL2(Adam):
    """Adam with g + λ w in place of g: the penalty passes through a and b.

    The same as torch.optim.Adam(weight_decay=λ), where λ is 0 unless given; here it is that of
    AdamW. Weights with large gradients are hardly decayed, because λ w is divided by √b̂ too.
    """

    weight_decay: Decay = 0.01

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        super().update(weights, with_decay(gradient, weights, self.weight_decay), now)


@dataclass(frozen=True)
class AdamW(Adam):
    """w ← w − η λ w, then Adam: all weights are decayed alike, past a and b.

    Loshchilov & Hutter (arXiv:1711.05101, algorithm 2); the same as torch.optim.AdamW. In the
    paper the decay is η_t λ with the *multiplier* η_t of the schedule, here and in PyTorch it
    is the rate times λ: a larger peak rate also decays more.
    """

    weight_decay: Decay = 0.01

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        weights *= 1 - now.lr * self.weight_decay
        super().update(weights, gradient, now)


@dataclass(frozen=True)
class RAdam(Measured):
    """w ← w − η r â √(1 − β2^t) / (√b + ε), and w ← w − η â as long as ρ ≤ 5

    ρ = ρ∞ − 2 t β2^t / (1 − β2^t) says how many gradients b has averaged, ρ∞ = 2 / (1 − β2) − 1;
    r = √((ρ − 4) (ρ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρ)) rises from 0 to 1: a warmup built in.

    Liu et al. (arXiv:1908.03265, algorithm 2), who begin at ρ > 4 and have no ε. The same as
    torch.optim.RAdam: ρ > 5, and ε is added before the correction of b. g includes λ w.
    """

    momentum: Kept = 0.9
    beta2: Kept = 0.999
    eps: Tiny = 1e-8
    weight_decay: Decay = 0.0

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        gradient = with_decay(gradient, weights, self.weight_decay)
        mean, square = means(gradient, now, self.beta2)
        step = now.lr / (1 - now.momentum**now.t) * mean
        if r := self.rectification(now.t):
            step *= r * sqrt(1 - self.beta2**now.t) / square.sqrt().add_(self.eps)
        weights -= step

    def rectification(self, t: int) -> float:
        """r of update t, from 1 on; 0 as long as b has averaged too few gradients."""
        longest = 2 / (1 - self.beta2) - 1  # ρ∞
        rho = longest - 2 * t * self.beta2**t / (1 - self.beta2**t)
        if rho <= 5:
            return 0.0
        return sqrt((rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho))


@dataclass(frozen=True)
class Lars(Measured):
    """v ← m v + η q (g + λ w),  w ← w − v,  q = trust · |w| / (|g| + λ |w|) in each layer

    You, Gitman & Ginsburg (arXiv:1708.03888, algorithm 1); PyTorch has none. The step of a
    layer is a share of its length |w|, however long its gradient is. η is inside v, unlike in
    Momentum. Biases and gains keep q = 1, and a layer of length zero does.

    `trust` is 0.001 in the paper, for rates near 10; biases would not survive these in networks
    without normalization. With 0.02 the rates are those of Momentum.
    """

    momentum: Kept = 0.9
    weight_decay: Decay = 0.0
    trust: Trust = 0.02

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        length, slope = now.layers.norms(weights), now.layers.norms(gradient)
        ratio = now.layers.ratio(self.trust * length, slope + self.weight_decay * length)
        gradient = with_decay(gradient, weights, self.weight_decay)
        velocity = now.memory["velocity"]
        velocity.mul_(now.momentum).add_(now.lr * ratio * gradient)
        weights -= velocity


@dataclass(frozen=True)
class Lamb(Measured):
    """w ← w − η q u,  u = â / (√b̂ + ε) + λ w,  q = |w| / |u| in each layer

    You et al. (arXiv:1904.00962, algorithm 2, with φ(z) = z); PyTorch has none. u is the step
    of AdamW at rate 1; q makes it as long as the layer itself. Biases and gains keep q = 1.
    """

    momentum: Kept = 0.9
    beta2: Kept = 0.999
    eps: Tiny = 1e-6
    weight_decay: Decay = 0.0

    def update(self, weights: Tensor, gradient: Tensor, now: Moment) -> None:
        mean, square = means(gradient, now, self.beta2)
        scale = (square / (1 - self.beta2**now.t)).sqrt_().add_(self.eps)
        step = mean / (1 - now.momentum**now.t) / scale
        step = with_decay(step, weights, self.weight_decay)
        ratio = now.layers.ratio(now.layers.norms(weights), now.layers.norms(step))
        weights -= now.lr * ratio * step
