"""PyTorch's own schedulers for our schedules: the witness of tests, lessons and explorers.

A twin is kept as the name and the arguments of the scheduler, so the same entry builds the
object, prints the code that a learner would type, and plays the rates that torch really uses.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.optim import lr_scheduler

from lrcourse.schedules import Constant, MultiStepDecay, Schedule, StepDecay


class Twin(NamedTuple):
    """One call of a class in torch.optim.lr_scheduler."""

    name: str
    arguments: dict[str, Any]

    @property
    def code(self) -> str:
        """The call as a learner would type it."""
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.name}(optimizer, {arguments})"

    def build(self, optimizer: torch.optim.Optimizer) -> lr_scheduler.LRScheduler:
        """The scheduler, attached to `optimizer`, whose own rate is the peak."""
        scheduler: type[lr_scheduler.LRScheduler] = getattr(lr_scheduler, self.name)
        return scheduler(optimizer, **self.arguments)


TWINS: dict[type[Schedule], Callable[[Any], Twin]] = {
    Constant: lambda s: Twin("ConstantLR", {"factor": 1.0, "total_iters": s.steps or 1}),
    StepDecay: lambda s: Twin("StepLR", {"step_size": s.step_size, "gamma": s.gamma}),
    MultiStepDecay: lambda s: Twin(
        "MultiStepLR", {"milestones": list(s.milestones), "gamma": s.gamma}
    ),
}


def twin(schedule: Schedule) -> Twin | None:
    """torch's scheduler for `schedule`, or None where torch has none."""
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
