"""Decays that lose the same share, or ever less, with each update. Section 02 of the course."""

import math
from dataclasses import dataclass

from lrcourse.schedules.base import Schedule
from lrcourse.schedules.units import LR, Decay, DecayRate, Period, checked


@dataclass(frozen=True)
class ExponentialDecay(Schedule):
    """η(t) = η_peak γ^(t/S)

    γ is `gamma`, the factor of S = `step_size` updates, smoothly; S = 1 as in PyTorch's
    ExponentialLR, S = `decay_steps` in Keras and `transition_steps` in optax. With S the
    updates of an epoch, γ is the factor per epoch. The same curve is η_peak e^(-k t), see
    `from_k`. All updates together travel η_peak / (1 - γ) for S = 1, so it can stop short.
    """

    peak_lr: LR
    gamma: Decay
    step_size: Period = 1

    @classmethod
    def from_k(cls, peak_lr: float, k: float) -> "ExponentialDecay":
        """η(t) = η_peak e^(-k t), that is γ = e^(-k)."""
        return cls(peak_lr, gamma=math.exp(-checked(f"{cls.__name__}.from_k", "k", DecayRate, k)))

    @property
    def k(self) -> float:
        """k = -ln(γ) / S: the share that an update loses, while that share is small."""
        return -math.log(self.gamma) / self.step_size

    @property
    def half_life(self) -> float:
        """ln(2) / k: the updates in which the rate halves; infinite for γ = 1."""
        return math.log(2) / self.k if self.k else math.inf

    def lr(self, t):
        return self.peak_lr * self.gamma ** (t / self.step_size)


@dataclass(frozen=True)
class InverseTimeDecay(Schedule):
    """η(t) = η_peak / (1 + k t)

    It starts as steeply as e^(-k t), then slows down: at t = 1/k the rate has halved, at
    t = 9/k it is a tenth. Keras divides its `decay_rate` by `decay_steps` to get k.
    """

    peak_lr: LR
    k: DecayRate

    def lr(self, t):
        return self.peak_lr / (1 + self.k * t)
