"""Figures of the course: every one has labelled axes and a text alternative.

Functions draw on `ax` and return it; `show` turns the result into the output of a cell. Each
curve has its own colour (the palette of Okabe and Ito, told apart by colour-blind people) and
its own dashes, and carries its name at its end, where a legend cannot be confused.
The only file that imports matplotlib. Nothing global is changed: no pyplot, no rcParams.
"""

import base64
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from scipy import stats

from lrcourse.schedules import Product, Schedule, Sequential

TIME = "optimizer update t"
RATE = "learning rate η"


class LineStyle(NamedTuple):
    """How one curve looks."""

    color: str
    dashes: Any  # matplotlib's line style
    width: float


# Dashed curves are thinner and lie on top, so that two equal curves are both seen.
STYLES = (
    LineStyle("#0072B2", "-", 3.0),
    LineStyle("#D55E00", (0, (4, 3)), 2.0),
    LineStyle("#009E73", (0, (1, 1.5)), 2.5),
    LineStyle("#A64D86", (0, (7, 2, 1.5, 2)), 2.0),
    LineStyle("#000000", (0, (8, 3)), 1.5),
    LineStyle("#8C6100", (0, (3, 1.5, 1, 1.5, 1, 1.5)), 2.0),
)
_END_LABEL = "label at the end of a curve"
_END_LABEL_SIZE = 12


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
    ax = _dressed(ax or axes(), TIME, RATE)
    for name, rates in curves:
        t = np.arange(len(rates) + 1)
        ax.step(t, np.append(rates, rates[-1]), where="post", **_next_style(ax))
        _label_end(ax, name, t[-1], rates[-1])
    ax.margins(x=0)
    if y_scale != "linear":  # axes that are logarithmic already stay so
        ax.set_yscale(y_scale)
    if ax.get_yscale() == "linear" and min(rates.min() for _, rates in curves) >= 0:
        ax.set_ylim(bottom=0, auto=True)  # auto: a later set_yscale("log") finds its own limits
    return _spread_end_labels(ax)


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
        _dressed(ax).plot(np.arange(steps), rates, drawstyle="steps-post", **_next_style(ax))
        ax.set_title(type(schedule).__name__, fontsize=11)
        ax.set_ylim(0, 1.12 * max(rates.max(), 1e-12))
        ax.margins(x=0)
        ax.tick_params(labelsize=9)
    for ax in list(panels)[len(curves) :]:
        ax.set_axis_off()
    figure.supxlabel(TIME, fontsize=12)
    figure.supylabel(RATE, fontsize=12)
    return figure


def band(ax: Axes, t: np.ndarray, runs: np.ndarray, label: str) -> Axes:
    """The mean over runs, inside the 95% interval of that mean (Student's t).

    `t` has shape (steps,), `runs` has shape (runs, steps), with at least two runs.
    """
    runs = np.asarray(runs, dtype=float)
    if runs.ndim != 2 or len(runs) < 2 or runs.shape[1:] != np.shape(t):
        raise ValueError(
            f"band: runs must have shape (at least 2 runs, {np.size(t)} steps), got {runs.shape}"
        )
    mean = runs.mean(axis=0)  # (steps,)
    half_width = stats.t.ppf(0.975, len(runs) - 1) * stats.sem(runs, axis=0)
    style = _next_style(ax)
    ax.fill_between(
        t, mean - half_width, mean + half_width, color=style["color"], alpha=0.2, linewidth=0
    )
    ax.plot(t, mean, **style)
    _label_end(_dressed(ax), label, t[-1], mean[-1])
    ax.margins(x=0)
    return _spread_end_labels(ax)


def plot_training(
    losses: dict[str, np.ndarray],
    rates: dict[str, Any],
    marks: Sequence[float] = (),
    time: str = "epoch",
) -> Figure:
    """Above, the mean loss of each group with its band; below, the rates that were used.

    `losses` holds (runs, epochs) and `rates` (epochs,) for each name. A loss stands in the
    middle of its epoch, because it is the mean over it; dotted lines stand at `marks`.
    """
    figure = Figure(figsize=(7, 5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    for name, runs in losses.items():
        band(above, np.arange(np.shape(runs)[-1]) + 0.5, runs, name)
    plot_rates(**rates, ax=below, y_scale="log")
    above.set_ylabel("training loss")
    below.set(xlabel=time, ylabel="rate η")
    for mark in marks:
        for ax in (above, below):
            ax.axvline(mark, color="gray", linestyle=":", zorder=0)
    return figure


@dataclass(frozen=True)
class Picture:
    """A PNG with its text alternative; a notebook shows the one, a screen reader says the other."""

    png: bytes = field(repr=False)
    alt: str

    @property
    def html(self) -> str:
        """The `<img>`, the same bytes in every run."""
        data = base64.b64encode(self.png).decode()
        return (
            f'<img alt="{escape(self.alt)}" style="max-width:100%" '
            f'src="data:image/png;base64,{data}">'
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.alt}


def show(drawing: Axes | Figure, alt: str) -> Picture:
    """The finished figure as the output of a cell; `alt` says in words what is to be seen."""
    figure = drawing.get_figure(root=True) if isinstance(drawing, Axes) else drawing
    if not isinstance(figure, Figure):
        raise TypeError(f"show: the first argument must be an Axes or a Figure, got {drawing!r}")
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError("show: alt must say in words what the figure shows, got no text")
    if figure.get_layout_engine() is None:  # plt.subplots() keeps no room for labels
        figure.set_layout_engine("constrained")
    figure.draw_without_rendering()
    for ax in figure.axes:
        _spread_end_labels(ax)  # size, limits or scale have changed since
    png = _png(figure)
    _close(figure)
    return Picture(png, alt.strip())


def axes(width: float = 7.0, height: float = 3.4) -> Axes:
    """Empty axes on a figure of their own, in inches; unknown to pyplot."""
    return Figure(figsize=(width, height), layout="constrained").add_subplot()


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


def _dressed(ax: Axes, x_label: str = "", y_label: str = "") -> Axes:
    """`ax` in the look of the course; its own labels are kept where none are given."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(True, color="#dddddd", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=12)
    ax.set_xlabel(x_label or ax.get_xlabel(), fontsize=13)
    ax.set_ylabel(y_label or ax.get_ylabel(), fontsize=13)
    return ax


def _next_style(ax: Axes) -> dict[str, Any]:
    """The style after those of the curves that `ax` has already."""
    style = STYLES[len(ax.get_lines()) % len(STYLES)]
    return {"color": style.color, "linestyle": style.dashes, "linewidth": style.width}


def _label_end(ax: Axes, name: str, t: float, value: float) -> None:
    ax.annotate(
        name,
        xy=(t, value),
        xytext=(6, 0),
        textcoords="offset points",
        color=ax.get_lines()[-1].get_color(),
        fontsize=_END_LABEL_SIZE,
        fontweight="bold",
        verticalalignment="center",
        annotation_clip=False,
        gid=_END_LABEL,
    )


def _spread_end_labels(ax: Axes) -> Axes:
    """Move the labels up where they would lie on each other."""
    labels = [text for text in ax.texts if text.get_gid() == _END_LABEL]
    ax.get_ylim()  # matplotlib puts off its limits until somebody asks
    points_per_dot = 72 / ax.figure.dpi
    lowest, highest = (dots * points_per_dot for dots in ax.get_window_extent().intervaly)
    ends = {
        label: float(ax.transData.transform(label.xy)[1]) * points_per_dot
        for label in labels[::-1]  # of equal ends the first curve's label comes to lie highest
        if isinstance(label, Annotation)
    }
    free = -np.inf
    for label in sorted(ends, key=lambda label: ends[label]):
        height = max(float(np.clip(np.nan_to_num(ends[label]), lowest, highest)), free)
        label.xyann = (6, height - ends[label])
        free = height + 1.25 * _END_LABEL_SIZE
    return ax


def _png(figure: Figure) -> bytes:
    """The picture, the same bytes in every run: matplotlib's version is left out."""
    file = io.BytesIO()
    figure.savefig(
        file,
        format="png",
        dpi=120,
        bbox_inches="tight",
        facecolor="white",  # black axes on a dark page would vanish
        metadata={"Software": None},
    )
    return file.getvalue()


def _close(figure: Figure) -> None:
    """Forget a figure made by pyplot, or the notebook would show it a second time."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)
