"""What TorchScheduler takes: each argument and each saved value is returned, or refused.

A refusal is one sentence that names the thing, the value and the remedy.
"""

import math
from dataclasses import replace
from typing import Annotated, Any

import numpy as np
from torch.optim import Optimizer

from lrcourse.schedules import ReduceOnPlateau, Schedule, Unit
from lrcourse.schedules.units import Scale, checked, shown

NAME = "TorchScheduler"
Made = Annotated[int, Unit("optimizer updates made", 0, math.inf, 0, (0, 1), whole=True)]
Before = Annotated[int, Unit("optimizer updates made, less 1", -1, math.inf, 0, (0, 1), whole=True)]


def accepted_groups(optimizer: Any) -> list[dict[str, Any]]:
    """The parameter groups of a torch optimizer."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{NAME}: optimizer must be a torch optimizer, got {shown(optimizer)}")
    for i, group in enumerate(optimizer.param_groups):
        checked(NAME, f"lr_scale of parameter group {i}", Scale, group.get("lr_scale", 1.0))
    return optimizer.param_groups


def accepted_schedule(
    schedule: Any, groups: int
) -> Schedule | ReduceOnPlateau | tuple[Schedule, ...]:
    """One schedule for all groups, a fresh copy of a plateau, or a schedule for each group."""
    if isinstance(schedule, ReduceOnPlateau):
        return replace(schedule)
    if not isinstance(schedule, list | tuple):
        return one_schedule(schedule)
    if len(schedule) != groups:
        raise ValueError(
            f"{NAME}: {len(schedule)} schedules for {groups} parameter groups; give one for "
            f"each group, or a single schedule for all of them"
        )
    return tuple(map(one_schedule, schedule))


def one_schedule(schedule: Any) -> Schedule:
    """A schedule that knows its rates beforehand."""
    if isinstance(schedule, Schedule):
        return schedule
    if isinstance(schedule, ReduceOnPlateau):
        raise TypeError(
            f"{NAME}: a ReduceOnPlateau drives all parameter groups at once; give it alone, "
            f"and an lr_scale to the groups that differ"
        )
    raise TypeError(
        f"{NAME}: schedule must be a Schedule such as StepDecay(0.1, 30), got {shown(schedule)}"
    )


def accepted_momentum(momentum: Any, groups: list[dict[str, Any]]) -> Schedule:
    """A schedule of values below 1, for groups with a momentum or betas."""
    if not isinstance(momentum, Schedule):
        raise TypeError(
            f"{NAME}: momentum must be a Schedule such as OneCycle(0.1, 100).momentum, "
            f"got {shown(momentum)}"
        )
    if not all("betas" in group or "momentum" in group for group in groups):
        raise ValueError(
            f"{NAME}: momentum is given, but this optimizer has neither momentum nor betas; "
            f"leave it out, or take an optimizer such as SGD or Adam"
        )
    # every update of a usual training, and a sample of a longer one
    t = np.unique(np.linspace(0, momentum.steps or 100_000, 100_001).round())
    if not (highest := momentum(t).max()) < 1:
        raise ValueError(
            f"{NAME}: momentum must stay below 1, {momentum!r} reaches {shown(highest)}"
        )
    return momentum


def accepted_state(state: Any) -> dict[str, Any]:
    """A state with a count of updates and the name of a schedule."""
    if not (isinstance(state, dict) and {"last_epoch", "schedule"} <= state.keys()):
        raise ValueError(
            f"{NAME}: the state must hold last_epoch and schedule, got {shown(state)}; "
            f"pass what {NAME}.state_dict() returned"
        )
    made = checked(NAME, "last_epoch", Made, state["last_epoch"])
    return {"plateau": None, **state, "last_epoch": made}


def refuse_other_schedule(state: dict[str, Any], mine: dict[str, Any]) -> None:
    """ValueError if the state was saved with another schedule or momentum than `mine`."""
    last = state["last_epoch"] - 1  # what a scheduler is given to continue
    on = f"last_epoch={last} to continue or " if last >= 0 else ""
    for name, own in mine.items():
        saved = state.get(name, own)  # older states have no momentum
        if type(saved) is not type(own) or saved != own:
            raise ValueError(
                f"{NAME}: the state was saved with {name} {_text(saved)}, this run has "
                f"{_text(own)}; build the same, or pass same_schedule=False; where the optimizer's "
                f"state brought it, pass {on}last_epoch=-1 to start anew"
            )


def _text(name: Any) -> str:
    if isinstance(name, list):
        return f"[{', '.join(map(_text, name))}]"
    return name if isinstance(name, str) else shown(name)
