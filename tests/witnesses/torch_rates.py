"""torch.optim.lr_scheduler: what PyTorch's own loop uses, by way of lrcourse.torch_twins."""

from dataclasses import replace

import numpy as np
import torch

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
    TriangularCycle,
    WarmupCosine,
    WarmupLinear,
    WarmupStableDecay,
)
from lrcourse.torch_twins import rates_used, twin
from tests.witnesses import Witness

LOWEST = 1e-3  # share of the peak: torch's recursions divide by the rate they start with


def played(schedule, t):
    theirs = twin(schedule)
    return rates_used(theirs.build, theirs.lr, len(t))


def played_to_the_end(schedule, t):
    rates = np.full(len(t), np.nan)
    updates = t[: schedule.steps + 1]
    rates[: len(updates)] = played(schedule, updates)
    return rates


def ending(s):
    """At 0, or at a rate that torch can divide by."""
    return replace(s, min_lr=s.min_lr if s.min_lr > LOWEST * s.peak_lr else 0)


def starting(s):
    return replace(ending(s), start_lr=max(s.start_lr, LOWEST * s.peak_lr))


def in_one_of_the_modes(s):
    s = ending(s)
    return (
        replace(s, cycle_gamma=1) if s.cycle_gamma > 0.5 else replace(s, cycle_gamma=0.5, gamma=1)
    )


def falling_as_long_as_it_rose(s):
    start, end = (max(s(t), LOWEST * s.peak_lr) for t in (0, s.steps))
    rise = s.warmup_steps or max(round(0.3 * s.steps), 1)
    longer = replace(s, steps=s.steps + rise, warmup_steps=rise, start_lr=start, min_lr=end)
    return replace(longer, down_steps=s.down_steps and rise)


def without_a_root(s):
    return starting(replace(s, shape="linear" if s.shape == "1-sqrt" else s.shape))


WITNESSES = {
    Constant: Witness(played),
    StepDecay: Witness(played),
    MultiStepDecay: Witness(played),
    ExponentialDecay: Witness(played),
    LinearDecay: Witness(played, ending),
    LinearWarmup: Witness(
        played, lambda s: replace(s, start_lr=max(s.start_lr, LOWEST * s.peak_lr))
    ),
    PolynomialDecay: Witness(played, lambda s: replace(s, min_lr=0)),
    CosineDecay: Witness(played_to_the_end, ending),
    CosineRestarts: Witness(played, lambda s: replace(ending(s), gamma=1)),
    TriangularCycle: Witness(played, in_one_of_the_modes),
    OneCycle: Witness(played_to_the_end, falling_as_long_as_it_rose),
    WarmupLinear: Witness(played, starting),
    WarmupCosine: Witness(played_to_the_end, starting),
    WarmupStableDecay: Witness(played_to_the_end, without_a_root),
}


def momentum_played(schedule):
    """The momentum that OneCycleLR gives each of the updates 0 ... T."""
    theirs = twin(schedule)
    wanted = {"base_momentum": schedule.low_momentum, "max_momentum": schedule.high_momentum}
    with_momentum = theirs._replace(
        arguments={**theirs.arguments, **wanted, "cycle_momentum": True}
    )
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0, momentum=0.5)
    scheduler = with_momentum.build(optimizer)
    momenta = []
    for _ in range(schedule.steps + 1):
        momenta.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        scheduler.step()
    return np.array(momenta)
