"""Learning rates over time: of schedules, and as they were recorded."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrcourse.panels import RATE, TIME
from lrcourse.plots.parts import (
    axes,
    dressed,
    label_end,
    next_style,
    spread_end_labels,
)
from lrcourse.schedules import Product, Schedule, Sequential


def plot_rates(
    *schedules: Schedule,
    steps: int = 200,
    ax: Axes | None = None,
    y_scale: str = "linear",
    **named: Schedule | np.ndarray,
) -> Axes:
    """η(t) of schedules, and of rates that were recorded: `plot_rates(s, PyTorch=rates)`.

    A schedule is labelled with its class, or with the name it is given: `plot_rates(mine=s)`.

    A schedule is drawn for the updates 0 ... steps-1, recorded rates of shape (n,) for n of
    them. Rates exist at whole t only; each is drawn held until the next update. `y_scale` is
    "linear", from 0 up, or "log". An underscore in a name is drawn as a space.
    """
    if y_scale not in ("linear", "log"):
        raise ValueError(f'plot_rates: y_scale must be "linear" or "log", got {y_scale!r}')
    curves = [*_evaluated(schedules, steps), *_evaluated_by_name(named, steps)]
    if not curves:
        raise ValueError("plot_rates: give at least one schedule, or name=rates")
    ax = dressed(ax or axes(), TIME, RATE)
    for name, rates in curves:
        draw_held(ax, rates, next_style(ax))
        label_end(ax, name, len(rates), rates[-1])
    ax.margins(x=0)
    if y_scale != "linear":  # axes that are logarithmic already stay so
        ax.set_yscale(y_scale)
    if ax.get_yscale() == "linear" and min(rates.min() for _, rates in curves) >= 0:
        ax.set_ylim(bottom=0, auto=True)  # auto: a later set_yscale("log") finds its own limits
    return spread_end_labels(ax)


def plot_gallery(*schedules: Schedule, steps: int = 200, columns: int = 4) -> Figure:
    """Small panels with one scale of t, one for each schedule, titled with its name.

    Each panel shows the updates 0 ... steps-1, from η = 0 to a little above the highest rate.
    """
    if not schedules:
        raise ValueError("plot_gallery: give at least one schedule, got none")
    curves = _evaluated(schedules, steps)
    rows = -(-len(curves) // columns)
    figure = Figure(figsize=(2.6 * columns, 1.7 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, squeeze=False).flat
    for ax, schedule, (_, rates) in zip(panels, schedules, curves, strict=False):
        dressed(ax).plot(np.arange(steps), rates, drawstyle="steps-post", **next_style(ax))
        ax.set_title(type(schedule).__name__, fontsize=11)
        ax.set_ylim(0, 1.12 * max(rates.max(), 1e-12))
        ax.margins(x=0)
        ax.tick_params(labelsize=9)
    for ax in list(panels)[len(curves) :]:
        ax.set_axis_off()
    figure.supxlabel(TIME, fontsize=12)
    figure.supylabel(RATE, fontsize=12)
    return figure


def draw_held(ax: Axes, rates: np.ndarray, style: dict[str, Any]) -> None:
    """Each rate is held until the next update, the last one too."""
    ax.step(np.arange(len(rates) + 1), np.append(rates, rates[-1]), where="post", **style)


def numbered(names: Sequence[str]) -> list[str]:
    """Every name once: "PyTorch", "PyTorch (2)"."""
    alike = [names[: i + 1].count(name) for i, name in enumerate(names)]
    return [f"{name} ({n})" if n > 1 else name for name, n in zip(names, alike, strict=True)]


def _evaluated(schedules: Sequence[Schedule], steps: int) -> list[tuple[str, np.ndarray]]:
    if not isinstance(steps, int | np.integer) or steps < 1:
        raise ValueError(f"plot_rates: steps must be a whole number of at least 1, got {steps!r}")
    for schedule in schedules:
        if not isinstance(schedule, Schedule):
            raise TypeError(
                f"plot_rates: draws schedules, and recorded rates as name=rates, got {schedule!r}"
            )
    names = numbered([_name_among(schedule, schedules) for schedule in schedules])
    t = np.arange(steps)
    return [(name, schedule(t)) for name, schedule in zip(names, schedules, strict=True)]


def _name_among(schedule: Schedule, others: Sequence[Schedule]) -> str:
    """The class, or what sets this schedule apart from others of its class: "gamma=0.5"."""
    alike = [other for other in others if type(other) is type(schedule)]
    differing = [
        f"{name}={getattr(schedule, name)!r}"
        for name in schedule.units()
        if any(getattr(other, name) != getattr(schedule, name) for other in alike)
    ]
    return ", ".join(differing) or _classes_of(schedule)


def _classes_of(schedule: Schedule) -> str:
    """The classes without their parameters: "LinearWarmup >> CosineDecay"."""
    if isinstance(schedule, Sequential):
        return " >> ".join(map(_classes_of, schedule.parts))
    if isinstance(schedule, Product):
        return " * ".join(map(_classes_of, schedule.schedules))
    return type(schedule).__name__


def _evaluated_by_name(named: dict[str, Any], steps: int) -> list[tuple[str, np.ndarray]]:
    found = []
    for name, rates in named.items():
        if isinstance(rates, Schedule):
            ((_, numbers),) = _evaluated([rates], steps)
        else:
            numbers = np.asarray(rates)
        if numbers.ndim != 1 or not numbers.size or numbers.dtype.kind not in "iuf":
            raise ValueError(f"plot_rates: {name} must be one row of numbers, got {rates!r}")
        found.append((name.replace("_", " "), numbers.astype(float)))
    return found
