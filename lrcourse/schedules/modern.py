"""Schedules of large models: no fixed end, or a late and short cooldown. Section 11.

PyTorch has none of them.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrcourse.schedules.base import Phased, Schedule, progress
from lrcourse.schedules.constant import Constant
from lrcourse.schedules.cosine import CosineDecay
from lrcourse.schedules.polynomial import LinearDecay
from lrcourse.schedules.units import LR, CooldownShape, Steps, Warmup, Width, checked
from lrcourse.schedules.warmup import LinearWarmup


@dataclass(frozen=True)
class InverseSqrt(Schedule):
    """η(t) = η_peak min(t/W, √(W/t))

    A linear warmup of W = `warmup_steps` updates, then a decay that needs no end: four times
    as many updates halve the rate. transformers' `inverse_sqrt` gives the same rates.
    """

    peak_lr: LR
    warmup_steps: Warmup

    @classmethod
    def noam(cls, d_model: int, warmup_steps: int) -> "InverseSqrt":
        """η(t) = d^(-½) min(t^(-½), t W^(-1.5)): the peak is 1/√(d W).

        The paper counts its steps from 1, so its first update uses the rate at t = 1.
        Vaswani et al. 2017, section 5.3, https://arxiv.org/abs/1706.03762.
        """
        d = checked(f"{cls.__name__}.noam", "d_model", Width, d_model)
        warmup = checked(f"{cls.__name__}.noam", "warmup_steps", Warmup, warmup_steps)
        return cls((d * warmup) ** -0.5, warmup)

    def lr(self, t):
        w = self.warmup_steps
        return self.peak_lr * np.minimum(t / w, np.sqrt(w / np.maximum(t, w)))


@dataclass(frozen=True)
class REX(Schedule):
    """η(t) = η_min + (η_peak - η_min) (1 - x) / (½ + ½ (1 - x)),  x = t/T,  then η_min

    The straight line bent upwards: high for long, then a fast fall. T is `steps`. A widely
    copied implementation has 0.1 and 0.9 in place of the two halves.
    See Chen et al., https://arxiv.org/abs/2107.04197.
    """

    peak_lr: LR
    steps: Steps
    min_lr: LR = 0.0

    def lr(self, t):
        left = 1 - progress(t, self.steps)
        return self.min_lr + (self.peak_lr - self.min_lr) * left / (0.5 + 0.5 * left)


@dataclass(frozen=True)
class SqrtDecay(Schedule):
    """η(t) = η_min + (η_peak - η_min) (1 - √(t/T)),  η_min from T = `steps` on

    Steep at first, then ever gentler: the "1-sqrt" cooldown.
    See Hägele et al. 2024, https://arxiv.org/abs/2405.18392.
    """

    peak_lr: LR
    steps: Steps
    min_lr: LR = 0.0

    def lr(self, t):
        left = 1 - np.sqrt(progress(t, self.steps))
        return self.min_lr + (self.peak_lr - self.min_lr) * left


COOLDOWNS = {"1-sqrt": SqrtDecay, "linear": LinearDecay, "cosine": CosineDecay}


@dataclass(frozen=True)
class WarmupStableDecay(Phased):
    """`LinearWarmup(η_peak, W, η_start) >> Constant(η_peak) >> cooldown(η_peak, D, η_min)`

    W is `warmup_steps`, D is `decay_steps`; T is `steps`, all three phases together. `shape`
    is that of the cooldown. Until t = T - D the rates do not depend on T: one long run can be
    cooled down at several lengths. transformers' `warmup_stable_decay` cools by a cosine
    where nothing is said. See MiniCPM, https://arxiv.org/abs/2404.06395.
    """

    peak_lr: LR
    warmup_steps: Warmup
    decay_steps: Warmup
    steps: Steps
    start_lr: LR = 0.0
    min_lr: LR = 0.0
    shape: CooldownShape = "1-sqrt"

    @cached_property
    def phases(self) -> Schedule:
        stable = self.rest(warmup_steps=self.warmup_steps, decay_steps=self.decay_steps)
        warmup = LinearWarmup(self.peak_lr, self.warmup_steps, self.start_lr)
        cooldown = COOLDOWNS[self.shape](self.peak_lr, self.decay_steps, self.min_lr)
        return warmup >> Constant(self.peak_lr, stable) >> cooldown
