"""Ramps up to the peak, and the two decays that usually follow one. Section 06 of the course.

A warmup that starts at rate 0 wastes its first update: the weights stay where they are, while
Adam's moments move. `start_lr=peak_lr / steps` starts one stair higher.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrcourse.schedules.base import Phased, Schedule, progress
from lrcourse.schedules.cosine import CosineDecay
from lrcourse.schedules.polynomial import LinearDecay
from lrcourse.schedules.units import LR, Steps, Warmup


@dataclass(frozen=True)
class LinearWarmup(Schedule):
    """η(t) = η_start + (η_peak - η_start) t/W,  η_peak from W = `steps` on

    transformers and optax ramp from W updates in the same way. The other common form, the
    rate η_peak (t+1)/W, is `LinearWarmup(peak_lr, steps=W - 1, start_lr=peak_lr / W)`.
    PyTorch's LinearLR refuses to start at 0 and takes factors in place of rates.
    """

    peak_lr: LR
    steps: Warmup
    start_lr: LR = 0.0

    def lr(self, t):
        return self.start_lr + (self.peak_lr - self.start_lr) * progress(t, self.steps)


@dataclass(frozen=True)
class ExponentialWarmup(Schedule):
    """η(t) = η_start + (η_peak - η_start) (1 - e^(-t/τ)) / (1 - e^(-W/τ)),  then η_peak

    τ is `time_constant`: fast at first, then ever slower. Lecture notes often leave out the
    denominator and set τ = W. That curve starts no faster than the straight line, stays below
    it, and ends at 63% of the peak, so that the rate jumps when the warmup is over.
    """

    peak_lr: LR
    steps: Warmup
    time_constant: Warmup
    start_lr: LR = 0.0

    def lr(self, t):
        tau = self.time_constant
        done = np.expm1(-np.minimum(t, self.steps) / tau) / np.expm1(-self.steps / tau)
        return self.start_lr + (self.peak_lr - self.start_lr) * done


@dataclass(frozen=True)
class CosineWarmup(Schedule):
    """η(t) = η_start + ½ (η_peak - η_start) (1 - cos(π t/W)),  η_peak from W = `steps` on

    The cosine decay mirrored: slow at both ends. It is the rise of OneCycle.
    """

    peak_lr: LR
    steps: Warmup
    start_lr: LR = 0.0

    def lr(self, t):
        half_wave = 0.5 * (1 - np.cos(np.pi * progress(t, self.steps)))  # from 0 to 1
        return self.start_lr + (self.peak_lr - self.start_lr) * half_wave


@dataclass(frozen=True)
class WarmupLinear(Phased):
    """`LinearWarmup(η_peak, W, η_start) >> LinearDecay(η_peak, T - W, η_min)`

    W is `warmup_steps`; T is `steps`, the warmup included. BERT's schedule:
    google-research/bert, optimization.py. transformers calls it `linear`.
    """

    peak_lr: LR
    warmup_steps: Warmup
    steps: Steps
    start_lr: LR = 0.0
    min_lr: LR = 0.0

    @cached_property
    def phases(self) -> Schedule:
        decay_steps = self.rest(warmup_steps=self.warmup_steps)
        warmup = LinearWarmup(self.peak_lr, self.warmup_steps, self.start_lr)
        return warmup >> LinearDecay(self.peak_lr, decay_steps, self.min_lr)


@dataclass(frozen=True)
class WarmupCosine(Phased):
    """`LinearWarmup(η_peak, W, η_start) >> CosineDecay(η_peak, T - W, η_min)`

    W is `warmup_steps`; T is `steps`, the warmup included, as optax counts `decay_steps`;
    Keras counts its `decay_steps` from the end of the warmup. transformers' `cosine` is the
    same up to T and climbs again after it.
    """

    peak_lr: LR
    warmup_steps: Warmup
    steps: Steps
    start_lr: LR = 0.0
    min_lr: LR = 0.0

    @cached_property
    def phases(self) -> Schedule:
        decay_steps = self.rest(warmup_steps=self.warmup_steps)
        warmup = LinearWarmup(self.peak_lr, self.warmup_steps, self.start_lr)
        return warmup >> CosineDecay(self.peak_lr, decay_steps, self.min_lr)
