"""The relatives of the exponential: same peak, same length, same last rate. Section 02.

What remains is the shape, and with it how far all updates together can go.
"""

import math
from typing import Annotated

import numpy as np

from lrcourse.explore.scene import scene
from lrcourse.panels import Axis, Code, Curve, Measure, Rule, Table, View, rates, time_panel
from lrcourse.schedules import (
    LR,
    REX,
    Choice,
    CosineDecay,
    ExponentialDecay,
    InverseTimeDecay,
    LinearDecay,
    PolynomialDecay,
    Schedule,
    SqrtDecay,
    StepDecay,
    Unit,
)
from lrcourse.torch_twins import twin

Length = Annotated[
    int, Unit("optimizer updates", 20, 10_000, typical=100, play=(20, 500), whole=True)
]
Bent = Annotated[str, Choice("one more decay", ("1-sqrt", "polynomial", "REX", "none"))]
WITHOUT_END = ("step", "exponential", "inverse time")  # they never arrive at 0
Drops = Annotated[int, Unit("of the step decay", 1, 10, typical=3, play=(1, 10), whole=True)]
Exponent = Annotated[
    float, Unit("of the polynomial", 0, 10, typical=2.0, play=(0.1, 5.0), above_low=True)
]
ONE_PERCENT = 0.01


@scene(
    "Decays with the same peak and the same last rate",
    presets={
        "exponential against inverse time": {
            **dict.fromkeys(("step", "linear", "cosine"), False),
            "one_more": "none",
        },
        "down to a millionth of the peak": {"last_lr": 1e-7},
        "all the way to 0": {
            "last_lr": 0.0,
            **dict.fromkeys(("step", "exponential", "inverse_time"), False),
        },
    },
)
def decay_family(
    peak_lr: LR = 0.1,
    last_lr: LR = 0.001,
    steps: Length = 100,
    step: bool = True,
    exponential: bool = True,
    inverse_time: bool = True,
    linear: bool = True,
    cosine: bool = True,
    one_more: Bent = "polynomial",
    drops: Drops = 3,
    power: Exponent = 2.0,
) -> View:
    """η(t) from `peak_lr` at t = 0 to `last_lr` at t = `steps`, and the sum of the rates so far.

    `drops` belongs to the step decay, `power` to the polynomial. A rate of 0 at the end is
    refused while a decay is shown that never arrives there.
    """
    named = {"step": step, "exponential": exponential, "inverse time": inverse_time}
    named |= {"linear": linear, "cosine": cosine, one_more: one_more != "none"}
    chosen = [name for name, is_shown in named.items() if is_shown]
    _refuse(chosen, peak_lr, last_lr, steps, drops)
    family = {name: _decay(name, peak_lr, last_lr, steps, drops, power) for name in chosen}
    styles = {name: style for style, name in enumerate(named) if name in family}
    lr = {name: schedule(np.arange(steps + 1)) for name, schedule in family.items()}
    return View(
        panels=(
            time_panel(*(rates(name, lr[name], styles[name]) for name in family), steps=steps),
            time_panel(
                *(Curve(name, _travel(lr[name]), style=styles[name]) for name in family),
                *_limits(family, styles),
                y=Axis("Σ η so far"),
                steps=steps,
                height=0.8,
            ),
        ),
        said=_said(family, lr),
        codes=tuple(_code(name, family[name], styles[name]) for name in family),
        table=_table(lr),
        measure=Measure(f"area Σ η of {chosen[0]}", float(_travel(lr[chosen[0]])[-1])),
    )


def _refuse(chosen: list[str], peak_lr: float, last_lr: float, steps: int, drops: int) -> None:
    if not chosen:
        raise ValueError("decay_family: nothing is shown; switch on at least one decay")
    if not 0 < peak_lr >= last_lr:
        raise ValueError(
            f"decay_family: peak_lr must be above 0 and not below last_lr={last_lr!r}, "
            f"got {peak_lr!r}"
        )
    endless = [name for name in chosen if name in WITHOUT_END]
    if endless and last_lr == 0:
        raise ValueError(
            f"decay_family: last_lr must be above 0, got 0; these never arrive there: "
            f"{', '.join(endless)}"
        )
    if "step" in chosen and steps // _stair(steps, drops) < drops:
        raise ValueError(
            f"decay_family: drops must be few enough for equal stairs in steps={steps}, got {drops}"
        )


def _stair(steps: int, drops: int) -> int:
    """The updates of each of the drops + 1 stairs; the last one may be shorter."""
    return math.ceil((steps + 1) / (drops + 1))


def _decay(
    name: str, peak_lr: float, last_lr: float, steps: int, drops: int, power: float
) -> Schedule:
    """The member of the family that has the rate `last_lr` at t = `steps`."""
    match name:
        case "step":
            gamma = (last_lr / peak_lr) ** (1 / drops)
            return StepDecay(peak_lr, _stair(steps, drops), gamma)
        case "exponential":
            return ExponentialDecay(peak_lr, gamma=(last_lr / peak_lr) ** (1 / steps))
        case "inverse time":
            return InverseTimeDecay(peak_lr, k=(peak_lr / last_lr - 1) / steps)
        case "polynomial":
            return PolynomialDecay(peak_lr, steps, power, last_lr)
    cls = {"linear": LinearDecay, "cosine": CosineDecay, "1-sqrt": SqrtDecay, "REX": REX}[name]
    return cls(peak_lr, steps, last_lr)


def _travel(lr: np.ndarray) -> np.ndarray:
    """The sum of the rates of the updates before t: (T+1,), from 0 to the area."""
    return np.concatenate([[0.0], np.cumsum(lr[:-1])])


def _reach(schedule: ExponentialDecay) -> float:
    """η_peak / (1 - γ): the sum of all rates, if it ran for ever."""
    return schedule.peak_lr / (1 - schedule.gamma) if schedule.gamma < 1 else math.inf


def _limits(family: dict[str, Schedule], styles: dict[str, int]) -> tuple[Rule, ...]:
    """How far the exponential can ever go, where it is near enough to be drawn."""
    return tuple(
        Rule(f"at most {_reach(each):.3g}", y=_reach(each), style=styles[name])
        for name, each in family.items()
        if isinstance(each, ExponentialDecay) and math.isfinite(_reach(each))
    )


def _said(family: dict[str, Schedule], lr: dict[str, np.ndarray]) -> str:
    areas = {name: float(_travel(rates)[-1]) for name, rates in lr.items()}
    most, least = max(areas.values()), min(areas.values())
    far = _told(areas, most)
    told = [f"the largest area, Σ η = {most:.3g}, has {far}"]
    if far != _told(areas, least):
        told.append(f"the smallest, {least:.3g}, {_told(areas, least)}")
    for each in family.values():
        if isinstance(each, ExponentialDecay) and each.gamma < 1:
            told.append(
                f"the exponential halves every {each.half_life:.3g} updates and, even if it "
                f"ran for ever, would travel only η/(1-γ) = {_reach(each):.3g}"
            )
    return "; ".join(told)


def _told(areas: dict[str, float], area: float) -> str:
    """Who has this area; cosine and straight line have the same one, up to rounding."""
    return " and ".join(name for name in areas if math.isclose(areas[name], area, rel_tol=1e-9))


def _code(name: str, schedule: Schedule, style: int) -> Code:
    """PyTorch's call, or ours where PyTorch has none."""
    found = twin(schedule)
    if found is None:
        return Code(f"{name}, ours (PyTorch has none)", repr(schedule), style)
    return Code(f"{name}, PyTorch", found.code, style)


def _table(lr: dict[str, np.ndarray]) -> Table:
    last = len(next(iter(lr.values()))) - 1
    columns = ("", "area Σ η", "mean / peak", "half at t", "1% at t", f"η at t = {last}")
    return Table(columns, tuple((name, *_numbers(rates)) for name, rates in lr.items()))


def _numbers(lr: np.ndarray) -> tuple[str, ...]:
    area = _travel(lr)[-1]
    times = (_first_at_most(share * lr[0], lr) for share in (0.5, ONE_PERCENT))
    return (f"{area:.4g}", f"{area / lr[0] / (len(lr) - 1):.3g}", *times, f"{lr[-1]:.4g}")


def _first_at_most(rate: float, lr: np.ndarray) -> str:
    """The first t whose rate is at most `rate`, up to rounding; a dash where there is none."""
    there = np.flatnonzero(lr <= rate * (1 + 1e-9))
    return str(there[0]) if there.size else "-"
