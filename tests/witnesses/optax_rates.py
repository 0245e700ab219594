"""optax, in float64: every schedule is a function of the count."""

from dataclasses import replace

import jax
import numpy as np
import optax

from lrcourse.schedules import (
    Constant,
    CosineDecay,
    CosineRestarts,
    ExponentialDecay,
    LinearDecay,
    LinearWarmup,
    MultiStepDecay,
    OneCycle,
    PolynomialDecay,
    StepDecay,
    WarmupCosine,
    WarmupLinear,
)
from tests.witnesses import Witness

jax.config.update("jax_enable_x64", True)


def computed(make):
    """The witness that calls `make(schedule)`, optax's function of the count, with each t."""
    return lambda schedule, t: np.asarray(make(schedule)(t.astype(float)))


def cycles(s):
    """The arguments of one cosine after the other."""
    lengths = [s.first_cycle * s.stretch**k for k in range(10)]
    return [
        {"peak_value": peak, "decay_steps": n, "end_value": s.min_lr}
        | {"init_value": 0, "warmup_steps": 0}
        for k, n in enumerate(lengths)
        for peak in [s.min_lr + (s.peak_lr - s.min_lr) * s.gamma**k]
    ]


def one_cycle(s, t):
    """optax truncates its shares to whole updates, so half an update is added to each."""
    start, end = s(0), s(s.steps)
    rise = s.warmup_steps + 0.5
    arguments = {"pct_start": rise / s.steps, "div_factor": s.peak_lr / start}
    arguments |= {"final_div_factor": start / end}
    if s.shape == "cosine":
        make = optax.cosine_onecycle_schedule
    else:
        make, arguments["pct_final"] = (
            optax.linear_onecycle_schedule,
            (rise + s.down_steps) / s.steps,
        )
    return np.asarray(jax.vmap(make(s.steps, s.peak_lr, **arguments))(t))


def two_cosines_or_three_lines(s):
    start, end = (max(s(t), 1e-6 * s.peak_lr) for t in (0, s.steps))
    rise = s.warmup_steps or max(round(0.3 * s.steps), 1)
    down = None if s.shape == "cosine" else s.down_steps or rise
    steps = s.steps + rise
    return replace(s, steps=steps, warmup_steps=rise, down_steps=down, start_lr=start, min_lr=end)


WITNESSES = {
    Constant: Witness(lambda s, t: np.full(t.shape, optax.constant_schedule(s.peak_lr)(t))),
    StepDecay: Witness(
        computed(lambda s: optax.exponential_decay(s.peak_lr, s.step_size, s.gamma, staircase=True))
    ),
    MultiStepDecay: Witness(
        computed(
            lambda s: optax.piecewise_constant_schedule(
                s.peak_lr, dict.fromkeys(s.milestones, s.gamma)
            )
        )
    ),
    ExponentialDecay: Witness(
        computed(lambda s: optax.exponential_decay(s.peak_lr, s.step_size, s.gamma))
    ),
    LinearDecay: Witness(computed(lambda s: optax.linear_schedule(s.peak_lr, s.min_lr, s.steps))),
    LinearWarmup: Witness(
        computed(lambda s: optax.linear_schedule(s.start_lr, s.peak_lr, s.steps))
    ),
    PolynomialDecay: Witness(
        computed(lambda s: optax.polynomial_schedule(s.peak_lr, s.min_lr, s.power, s.steps))
    ),
    CosineDecay: Witness(
        computed(lambda s: optax.cosine_decay_schedule(s.peak_lr, s.steps, s.min_lr / s.peak_lr))
    ),
    CosineRestarts: Witness(
        computed(lambda s: optax.sgdr_schedule(cycles(s))),
        lambda s: replace(s, first_cycle=s.first_cycle + 50),  # ten cycles cover all t
    ),
    OneCycle: Witness(one_cycle, two_cosines_or_three_lines),
    WarmupLinear: Witness(
        computed(
            lambda s: optax.join_schedules(
                [
                    optax.linear_schedule(s.start_lr, s.peak_lr, s.warmup_steps),
                    optax.linear_schedule(s.peak_lr, s.min_lr, s.steps - s.warmup_steps),
                ],
                [s.warmup_steps],
            )
        )
    ),
    WarmupCosine: Witness(
        computed(
            lambda s: optax.warmup_cosine_decay_schedule(
                s.start_lr, s.peak_lr, s.warmup_steps, s.steps, s.min_lr
            )
        )
    ),
}
