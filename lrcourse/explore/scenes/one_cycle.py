"""One cycle: the rate, the momentum against it, and what both make together. Section 07.

A step is about η/(1-m) gradients long, so the falling momentum takes back much of the rise.
"""

from typing import Annotated

import numpy as np

from lrcourse.explore.scene import scene
from lrcourse.panels import RATE, Axis, Code, Curve, Measure, Panel, Table, View, rates, time_panel
from lrcourse.schedules import Momentum, OneCycle, Unit, Warmup
from lrcourse.schedules.units import Shape
from lrcourse.torch_twins import Twin, rates_used, twin

Peak = Annotated[
    float, Unit("learning rate", 0, np.inf, 0.1, play=(1e-4, 10.0), above_low=True, log=True)
]
Length = Annotated[int, Unit("optimizer updates", 2, 5000, typical=100, play=(10, 500), whole=True)]
Divisor = Annotated[float, Unit("peak / first rate", 1, 1e6, 25.0, play=(1, 1000), log=True)]
LastDivisor = Annotated[float, Unit("first rate / last", 1, 1e9, 1e4, play=(1, 1e6), log=True)]

MOMENTUM, EFFECTIVE = "momentum m", "effective rate η/(1-m)"


@scene(
    "One cycle of the rate and the momentum",
    presets={
        "PyTorch's defaults: two phases": {},
        "three phases": {"three_phases": True},
        "straight lines": {"shape": "linear"},
        "momentum that stays": {"low_momentum": 0.95},
    },
)
def one_cycle(
    peak_lr: Peak = 0.1,
    steps: Length = 100,
    warmup_steps: Warmup = 30,
    three_phases: bool = False,
    shape: Shape = "cosine",
    div_factor: Divisor = 25.0,
    final_div_factor: LastDivisor = 1e4,
    low_momentum: Momentum = 0.85,
    high_momentum: Momentum = 0.95,
    show_PyTorch: bool = False,
) -> View:
    """η, the momentum m and η/(1-m) of `OneCycle`, beside `OneCycleLR` with its defaults.

    Three phases fall back to the first rate in as many updates as the rise took, as in PyTorch.
    """
    schedule = OneCycle(
        peak_lr,
        steps,
        warmup_steps,
        down_steps=warmup_steps if three_phases else None,
        start_lr=peak_lr / div_factor,
        min_lr=peak_lr / div_factor / final_div_factor,
        shape=shape,
        low_momentum=low_momentum,
        high_momentum=high_momentum,
    )
    t = np.arange(steps + 1)  # t = steps as well: there the last rate is reached
    lr, momentum = schedule(t), schedule.momentum(t)
    effective = lr / (1 - momentum)
    theirs, told = _defaults(peak_lr, steps) if show_PyTorch else ((), "")
    rise, effective_rise = lr[warmup_steps] / lr[0], effective[warmup_steps] / effective[0]
    return View(
        panels=(
            _panel(f"× {rise:.3g} on the rise", RATE, rates("η", lr), *theirs),
            _panel("against the rate", MOMENTUM, rates("m", momentum), height=0.6),
            _panel(f"× {effective_rise:.3g} on the rise", EFFECTIVE, rates("η/(1-m)", effective)),
        ),
        said=(
            f"{_growth(rise, effective_rise)}; {_phases(schedule)}; the last rate is "
            f"{lr[-1]:.3g} = peak / {peak_lr / lr[-1]:.6g}{told}"
        ),
        codes=(Code("ours", repr(schedule)), *_torch_code(schedule)),
        table=_table(lr, momentum, warmup_steps),
        measure=Measure("area Σ η", float(lr[:-1].sum())),
    )


def _panel(title: str, label: str, *curves: Curve, height: float = 0.9) -> Panel:
    log = False if label == MOMENTUM else None  # a rate may be looked at in decades
    axis = Axis(label, log=log, tight=log is False)
    steps = len(curves[0].y) - 1
    return time_panel(*curves, y=axis, steps=steps, title=title, height=height)


def _defaults(peak_lr: float, steps: int) -> tuple[tuple[Curve, ...], str]:
    """OneCycleLR with its peak and its length, and all else as it comes: the updates 0 ... T.

    Its peak lies at t = 0.3 (T + 1) - 1, so it is missed where that is no whole number.
    """
    call = Twin("OneCycleLR", peak_lr, {"max_lr": peak_lr, "total_steps": steps + 1})
    theirs = rates_used(call.build, call.lr, steps + 1)
    told = (
        f"; PyTorch with its defaults is highest at t = {theirs.argmax()}, with "
        f"{theirs.max():.4g}, and ends with {theirs[-1]:.3g}"
    )
    return (rates("PyTorch's defaults", theirs, style=1),), told


def _growth(rise: float, effective_rise: float) -> str:
    both = f"on the rise η grows {rise:.3g} times"
    if np.isclose(rise, effective_rise):
        return f"{both}, and so does η/(1-m)"
    return f"{both}, η/(1-m) only {effective_rise:.3g} times"


def _phases(schedule: OneCycle) -> str:
    """ "two phases, which end at t = 30, 100" """
    ends = [*schedule.phases.milestones, schedule.steps]  # type: ignore[attr-defined]
    many = {2: "two", 3: "three"}[len(ends)]
    return f"{many} phases, which end at t = {', '.join(map(str, ends))}"


def _torch_code(schedule: OneCycle) -> tuple[Code, ...]:
    """The call that schedules the momentum too; it gives plain SGD a momentum unasked."""
    found = twin(schedule)
    if found is None:
        return ()
    momentum = {
        "cycle_momentum": True,
        "base_momentum": schedule.low_momentum,
        "max_momentum": schedule.high_momentum,
    }
    return (Code("PyTorch", found._replace(arguments=found.arguments | momentum).code, style=1),)


def _table(lr: np.ndarray, momentum: np.ndarray, turn: int) -> Table:
    rows = [("η", lr), ("momentum m", momentum), ("η/(1-m)", lr / (1 - momentum))]
    times = (0, turn, len(lr) - 1)
    return Table(
        ("", *(f"t = {time}" for time in times), f"t = {turn} / t = 0"),
        tuple(
            (name, *(f"{y[k]:.3g}" for k in times), f"{y[turn] / y[0]:.3g}" if y[0] else "-")
            for name, y in rows
        ),
    )
