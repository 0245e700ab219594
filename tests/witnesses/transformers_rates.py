"""transformers.optimization: each function returns a LambdaLR, whose factor we multiply."""

from dataclasses import replace

import numpy as np
import torch
from transformers import optimization

from lrcourse.schedules import (
    Constant,
    CosineDecay,
    CosineRestarts,
    CosineWarmup,
    InverseSqrt,
    LinearDecay,
    LinearWarmup,
    PolynomialDecay,
    SqrtDecay,
    WarmupCosine,
    WarmupLinear,
    WarmupStableDecay,
)
from tests.witnesses import Witness, up_to_the_end


def scaled(make, schedule, t, *lengths, **arguments):
    """`make(optimizer, ...)`'s factor of each update times the peak."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=schedule.peak_lr)
    (factor,) = make(optimizer, *lengths, **arguments).lr_lambdas
    return schedule.peak_lr * np.array([factor(each) for each in t.tolist()])


def cosine(s, t, warmup=0):
    make = optimization.get_cosine_with_min_lr_schedule_with_warmup
    return up_to_the_end(s, t, scaled(make, s, t, warmup, s.steps, min_lr=s.min_lr))


def hard_restarts(s, t):
    cycles = 2 ** int(len(t) / s.first_cycle).bit_length()  # a power of two rounds nothing
    make = optimization.get_cosine_with_hard_restarts_schedule_with_warmup
    return scaled(make, s, t, 0, cycles * s.first_cycle, num_cycles=cycles)


def warmup_stable_decay(s, t, warmup=0, decay=1, floor=0.0, **shapes):
    make, floor = optimization.get_wsd_schedule, floor / s.peak_lr
    return scaled(make, s, t, warmup, decay, s.steps, min_lr_ratio=floor, **shapes)


def cosine_warmup(s, t):
    """Its warmup starts at the floor and is followed here by nothing but the stable phase."""
    rise = {"warmup_type": "cosine", "min_lr_ratio": s.start_lr / s.peak_lr}
    return scaled(optimization.get_wsd_schedule, s, t, s.steps, 1, num_stable_steps=len(t), **rise)


WITNESSES = {
    Constant: Witness(lambda s, t: scaled(optimization.get_constant_schedule, s, t)),
    LinearWarmup: Witness(
        lambda s, t: scaled(optimization.get_constant_schedule_with_warmup, s, t, s.steps),
        lambda s: replace(s, start_lr=0),
    ),
    CosineWarmup: Witness(cosine_warmup),
    LinearDecay: Witness(
        lambda s, t: scaled(optimization.get_linear_schedule_with_warmup, s, t, 0, s.steps),
        lambda s: replace(s, min_lr=0),
    ),
    PolynomialDecay: Witness(
        lambda s, t: scaled(
            optimization.get_polynomial_decay_schedule_with_warmup,
            s,
            t,
            0,
            s.steps,
            lr_end=s.min_lr,
            power=s.power,
        ),
        lambda s: replace(s, min_lr=min(s.min_lr, 0.9 * s.peak_lr)),  # equal ones are refused
    ),
    CosineDecay: Witness(cosine),
    CosineRestarts: Witness(hard_restarts, lambda s: replace(s, stretch=1, min_lr=0, gamma=1)),
    InverseSqrt: Witness(
        lambda s, t: scaled(optimization.get_inverse_sqrt_schedule, s, t, s.warmup_steps)
    ),
    SqrtDecay: Witness(
        lambda s, t: warmup_stable_decay(s, t, decay=s.steps, floor=s.min_lr, decay_type="1-sqrt")
    ),
    WarmupLinear: Witness(
        lambda s, t: scaled(
            optimization.get_linear_schedule_with_warmup, s, t, s.warmup_steps, s.steps
        ),
        lambda s: replace(s, start_lr=0, min_lr=0),
    ),
    WarmupCosine: Witness(
        lambda s, t: cosine(s, t, s.warmup_steps), lambda s: replace(s, start_lr=0)
    ),
    WarmupStableDecay: Witness(
        lambda s, t: warmup_stable_decay(
            s, t, s.warmup_steps, s.decay_steps, floor=s.min_lr, decay_type=s.shape
        ),
        lambda s: replace(s, start_lr=s.min_lr),  # it has one floor for both ends
    ),
}
