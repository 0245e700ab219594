"""Half a cosine, from the peak to the floor. Section 03 of the course."""

from dataclasses import dataclass

import numpy as np

from lrcourse.schedules.base import Schedule, progress
from lrcourse.schedules.units import LR, Steps


@dataclass(frozen=True)
class CosineDecay(Schedule):
    """η(t) = η_min + ½ (η_peak - η_min) (1 + cos(π t/T)),  η_min from T = `steps` on

    Slow at both ends, steepest in the middle, where it passes half the way. T is the whole
    length, so it must be known in advance.

    After T, PyTorch's CosineAnnealingLR climbs back to the peak, where it arrives at t = 2T,
    and transformers' `cosine` climbs too; Keras and optax stay at the floor as we do, but
    their `alpha` is a share of the peak, where `min_lr` is a rate.
    See Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983.

    >>> CosineDecay(peak_lr=0.4, steps=100, min_lr=0.2)([0, 50, 100, 200]).round(12)
    array([0.4, 0.3, 0.2, 0.2])
    """

    peak_lr: LR
    steps: Steps
    min_lr: LR = 0.0

    def lr(self, t):
        half_wave = 0.5 * (1 + np.cos(np.pi * progress(t, self.steps)))  # from 1 to 0
        return self.min_lr + (self.peak_lr - self.min_lr) * half_wave
