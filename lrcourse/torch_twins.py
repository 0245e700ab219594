"""PyTorch's own schedulers for our schedules: the witness of tests, lessons and explorers.

A twin is kept as the name and the arguments of the scheduler, so the same entry builds the
object, prints the code that a learner would type, and plays the rates that torch really uses.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.optim import lr_scheduler

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
    Schedule,
    Sequential,
    StepDecay,
    TriangularCycle,
    WarmupCosine,
    WarmupLinear,
    WarmupStableDecay,
)


class Twin(NamedTuple):
    """One call of a class in torch.optim.lr_scheduler; arguments may be twins themselves."""

    name: str
    arguments: dict[str, Any]

    @property
    def code(self) -> str:
        """The call as a learner would type it."""
        arguments = ", ".join(f"{name}={_code(value)}" for name, value in self.arguments.items())
        return f"{self.name}(optimizer, {arguments})"

    def build(self, optimizer: torch.optim.Optimizer) -> lr_scheduler.LRScheduler:
        """The scheduler, attached to `optimizer`, whose own rate is the peak."""
        scheduler: type[lr_scheduler.LRScheduler] = getattr(lr_scheduler, self.name)
        arguments = {name: _built(value, optimizer) for name, value in self.arguments.items()}
        return scheduler(optimizer, **arguments)


def _code(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_code, value))}]"
    return value.code if isinstance(value, Twin) else repr(value)


def _built(value: Any, optimizer: torch.optim.Optimizer) -> Any:
    if isinstance(value, list):
        return [_built(each, optimizer) for each in value]
    return value.build(optimizer) if isinstance(value, Twin) else value


def _straight(start: float, end: float, steps: int, peak_lr: float) -> Twin | None:
    if start == 0:  # torch's recursion divides by the factor it starts with
        return None
    factors = {"start_factor": start / peak_lr, "end_factor": end / peak_lr}
    return Twin("LinearLR", {**factors, "total_iters": steps})


def _sequential(schedule: Sequential) -> Twin | None:
    """torch's parts all multiply the one rate of the optimizer: the peak of the whole."""
    parts = [twin(part) for part in schedule.parts]
    peaks = {getattr(part, "peak_lr", None) for part in schedule.parts}
    if None in parts or len(peaks) > 1:
        return None
    return Twin("SequentialLR", {"schedulers": parts, "milestones": list(schedule.milestones)})


def _cyclic(s: TriangularCycle) -> Twin | None:
    if s.cycle_gamma not in (1, 0.5) or (s.cycle_gamma != 1 and s.gamma != 1):
        return None
    mode = {1: "exp_range" if s.gamma != 1 else "triangular", 0.5: "triangular2"}[s.cycle_gamma]
    sizes = {"step_size_up": s.up_steps, "step_size_down": s.down_steps or s.up_steps}
    rates = {"base_lr": s.min_lr, "max_lr": s.peak_lr}
    return Twin(
        "CyclicLR", {**rates, **sizes, "mode": mode, "gamma": s.gamma, "cycle_momentum": False}
    )


def _one_cycle(s: OneCycle) -> Twin | None:
    """torch's phases end at the updates p N - 1 and N - 1, ours at W and T."""
    start, end = s(0), s(s.steps)
    rise = s.phases.parts[0].steps  # type: ignore[attr-defined]
    if not (start and end) or s.down_steps not in (None, rise):
        return None
    return Twin(
        "OneCycleLR",
        {
            "max_lr": s.peak_lr,
            "total_steps": s.steps + 1,
            "pct_start": (rise + 1) / (s.steps + 1),
            "anneal_strategy": {"cosine": "cos", "linear": "linear"}[s.shape],
            "cycle_momentum": False,
            "div_factor": s.peak_lr / start,
            "final_div_factor": start / end,
            "three_phase": s.down_steps is not None,
        },
    )


TWINS: dict[type[Schedule], Callable[[Any], Twin | None]] = {
    Constant: lambda s: Twin("ConstantLR", {"factor": 1.0, "total_iters": s.steps or 1}),
    StepDecay: lambda s: Twin("StepLR", {"step_size": s.step_size, "gamma": s.gamma}),
    MultiStepDecay: lambda s: Twin(
        "MultiStepLR", {"milestones": list(s.milestones), "gamma": s.gamma}
    ),
    ExponentialDecay: lambda s: Twin("ExponentialLR", {"gamma": s.gamma ** (1 / s.step_size)}),
    LinearDecay: lambda s: _straight(s.peak_lr, s.min_lr, s.steps, s.peak_lr),
    LinearWarmup: lambda s: _straight(s.start_lr, s.peak_lr, s.steps, s.peak_lr),
    PolynomialDecay: lambda s: (
        Twin("PolynomialLR", {"total_iters": s.steps, "power": s.power}) if s.min_lr == 0 else None
    ),
    CosineDecay: lambda s: Twin("CosineAnnealingLR", {"T_max": s.steps, "eta_min": s.min_lr}),
    CosineRestarts: lambda s: (
        Twin(
            "CosineAnnealingWarmRestarts",
            {"T_0": s.first_cycle, "T_mult": s.stretch, "eta_min": s.min_lr},
        )
        if s.gamma == 1
        else None
    ),
    TriangularCycle: _cyclic,
    OneCycle: _one_cycle,
    WarmupLinear: lambda s: _sequential(s.phases),
    WarmupCosine: lambda s: _sequential(s.phases),
    WarmupStableDecay: lambda s: _sequential(s.phases),
    Sequential: _sequential,
}


def twin(schedule: Schedule) -> Twin | None:
    """torch's scheduler for `schedule`, or None where torch has none that does the same."""
    if not isinstance(schedule, Schedule):
        raise TypeError(f"twin: a schedule such as StepDecay(0.1, 30) is needed, got {schedule!r}")
    make = TWINS.get(type(schedule))
    return make(schedule) if make else None


def rates_used(
    make_scheduler: Callable[[torch.optim.Optimizer], Any], peak_lr: float, steps: int
) -> np.ndarray:
    """The rate that each of the first `steps` updates really uses, read from the optimizer.

    Result (steps,), float64. The loop is the one that PyTorch documents: `optimizer.step()`
    first, `scheduler.step()` after it.
    """
    if not callable(make_scheduler):
        raise TypeError(
            f"rates_used: make_scheduler must make a scheduler from an optimizer, such as "
            f"twin(schedule).build, got {make_scheduler!r}"
        )
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = make_scheduler(optimizer)
    rates = np.empty(steps)
    for step in range(steps):
        rates[step] = optimizer.param_groups[0]["lr"]
        optimizer.step()
        scheduler.step()
    return rates
