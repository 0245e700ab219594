"""What all figures share: the look, the labels at the ends of curves, and words for the data."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter, NullLocator


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
    LineStyle("#592D00", (0, (3, 1.5, 1, 1.5, 1, 1.5)), 2.0),
)
END_LABEL = "label at the end of a curve"
END_LABEL_SIZE = 12


def axes(width: float = 7.0, height: float = 3.4) -> Axes:
    """Empty axes on a figure of their own, in inches; unknown to pyplot."""
    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def dressed(ax: Axes, x_label: str = "", y_label: str = "") -> Axes:
    """`ax` in the look of the course; its own labels are kept where none are given."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(True, color="#dddddd", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=12)
    ax.set_xlabel(x_label or ax.get_xlabel(), fontsize=13)
    ax.set_ylabel(y_label or ax.get_ylabel(), fontsize=13)
    return ax


def next_style(ax: Axes) -> dict[str, Any]:
    """The style after those of the curves that `ax` has already."""
    return style_of(len(ax.get_lines()))


def style_of(number: int) -> dict[str, Any]:
    """The style of curve `number`, as arguments of matplotlib."""
    style = STYLES[number % len(STYLES)]
    return {"color": style.color, "linestyle": style.dashes, "linewidth": style.width}


# Axes ------------------------------------------------------------------------------------------


def log_ticks(ax: Axes, values: np.ndarray) -> None:
    """A logarithmic x axis with plain numbers: at the values, or at 1, 2, 5 where they crowd."""
    ax.set_xscale("log")
    margin = max((values[-1] / values[0]) ** 0.03, 1.01)
    ax.set_xlim(values[0] / margin, values[-1] * margin)
    gaps = np.diff(np.log10(values))
    crowded = (gaps < max(0.08 * gaps.sum(), 0.1)).any()
    few_decades = values[-1] < 200 * values[0]
    ax.xaxis.set_major_locator(
        LogLocator(subs=(1.0, 2.0, 5.0) if few_decades else (1.0,))
        if crowded
        else FixedLocator(values.tolist())
    )
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_major_formatter(plain)


def plain(value: float, _position: Any = None) -> str:
    """A tick as people write it: 0.01, not 10⁻²."""
    return f"{value:g}"


def percent(share: float, _position: Any = None) -> str:
    """A share as a tick without needless zeros: 98%, 97.5%."""
    return f"{round(100 * share, 6):g}%"


def measured(ax: Axes, metric: str) -> None:
    """The y axis of a metric; an accuracy is read in percent."""
    ax.set_ylabel(metric)
    if metric.endswith("accuracy"):
        ax.yaxis.set_major_formatter(percent)


# Labels ----------------------------------------------------------------------------------------


def label_end(ax: Axes, name: str, t: float, value: float, color: Any = None) -> None:
    """The name of a curve behind its last point, in the colour of the newest line."""
    ax.annotate(
        name,
        xy=(t, value),
        xytext=(6, 0),
        textcoords="offset points",
        color=color or ax.get_lines()[-1].get_color(),
        fontsize=END_LABEL_SIZE,
        fontweight="bold",
        verticalalignment="center",
        annotation_clip=False,
        gid=END_LABEL,
    )


def end_labels(ax: Axes) -> list[Annotation]:
    """The names behind the last points of the curves."""
    found = (text for text in ax.texts if text.get_gid() == END_LABEL)
    return [label for label in found if isinstance(label, Annotation)]


def is_outside(label: Annotation, ax: Axes) -> bool:
    """Whether the curve of this label ends above or below the axes."""
    low, high = sorted(ax.get_ylim())
    return not low <= label.xy[1] <= high


def spread_end_labels(ax: Axes) -> Axes:
    """Move the labels up where they would lie on each other."""
    low, _ = sorted(ax.get_ylim())  # matplotlib puts off its limits until somebody asks
    labels = end_labels(ax)
    for label in labels:
        if ax.get_yscale() == "log" and not label.xy[1] > 0:  # it has no place there
            label.xy = (label.xy[0], low)
    points_per_dot = 72 / ax.figure.dpi
    lowest, highest = (dots * points_per_dot for dots in ax.get_window_extent().intervaly)
    ends = {
        label: float(ax.transData.transform(label.xy)[1]) * points_per_dot
        for label in labels[::-1]  # of equal ends the first curve's label comes to lie highest
    }
    in_order = sorted(ends, key=lambda label: ends[label])
    wanted = [float(np.clip(np.nan_to_num(ends[label]), lowest, highest)) for label in in_order]
    for label, height in zip(in_order, apart(wanted, highest), strict=True):
        label.xyann = (6, height - ends[label])
    return ax


def apart(heights: list[float], highest: float) -> list[float]:
    """The rising heights of labels, moved up to the room that each needs; and back down where
    the stack would leave the axes."""
    room = 1.25 * END_LABEL_SIZE
    for i in range(1, len(heights)):
        heights[i] = max(heights[i], heights[i - 1] + room)
    top = highest
    for i in reversed(range(len(heights))):
        heights[i] = min(heights[i], top)
        top = heights[i] - room
    return heights


# Words -----------------------------------------------------------------------------------------

_SAID: WeakKeyDictionary[Axes, list[str]] = WeakKeyDictionary()


def say(ax: Axes, *sentences: str) -> Axes:
    """Remember what was drawn, in words; `described` reads it back."""
    _SAID.setdefault(ax, []).extend(sentences)
    return ax


def described(drawing: Axes | Figure) -> str:
    """What the figure shows, computed from the numbers it draws; empty where nothing is known.

    `show` uses it where no alt is given: show(plot_bowls(bowls)).
    """
    all_axes: Sequence[Axes] = drawing.axes if isinstance(drawing, Figure) else [drawing]
    return " ".join(sentence for ax in all_axes for sentence in _SAID.get(ax, []))


def in_figures(value: float, metric: str) -> str:
    """A number of this metric: "95.1%", "0.213"."""
    if metric.endswith("accuracy"):
        return f"{value:.1%}"
    return f"{value:.3g}".replace("-", "−")
