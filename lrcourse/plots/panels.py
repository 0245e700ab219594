"""A `View` as a still figure: what an explorer shows where no kernel runs."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation

from lrcourse.panels import Axis, Band, Curve, Dots, Mark, Panel, Rule, View
from lrcourse.plots.parts import dressed, label_end, spread_end_labels, style_of

MARKERS = ("o", "s", "^", "D", "v", "P")  # one shape for each style
WIDTH = 7.0  # inches
USUAL_HEIGHT = 3.0  # of a panel whose height is 1
LETTER = 0.085  # inches, of an axis label
POINT_LABEL = "label beside a point"
FAINT = {"color": "#888888", "linewidth": 0.8, "linestyle": "-"}


def plot_view(view: View) -> Figure:
    """The panels below each other, as the explorer shows them."""
    heights = [panel.height for panel in view.panels]
    figure = Figure(figsize=(WIDTH, USUAL_HEIGHT * sum(heights) + 0.4), layout="constrained")
    every = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    for ax, panel in zip(every, view.panels, strict=True):
        plot_panel(panel, ax)
    for (above, ax), (first, second) in zip(pairwise(every), pairwise(view.panels), strict=True):
        if first.x == second.x:  # one label is enough for two equal axes
            above.set_xlabel("")
            lows, highs = zip(above.get_xlim(), ax.get_xlim(), strict=True)
            above.set_xlim(min(lows), max(highs))
            ax.set_xlim(above.get_xlim())
    return figure


def plot_panel(panel: Panel, ax: Axes) -> Axes:
    """One panel on `ax`."""
    dressed(ax, panel.x.label, panel.y.label)
    if LETTER * len(panel.y.label) > USUAL_HEIGHT * panel.height:  # longer than the axis
        ax.set_ylabel("")
        ax.set_title(f"{panel.title}  {panel.y.label}".strip(), fontsize=11, loc="left")
    else:
        ax.set_title(panel.title, fontsize=13, loc="left")
    for mark in panel.marks:
        _DRAW[type(mark)](mark, ax)
    _limit(ax, "x", panel.x)
    _limit(ax, "y", panel.y)
    for line in ax.get_lines():  # dots on the edge are seen whole
        line.set_clip_on(line.get_linestyle() != "None" or not _is_inside(line, ax))
    for mark in panel.marks:
        _label(mark, ax)
    return spread_end_labels(ax)


def _curve(curve: Curve, ax: Axes) -> None:
    style = FAINT if curve.faint else style_of(curve.style)
    x, y = curve.xs, np.asarray(curve.y)
    if curve.held and len(x):
        last = x[-1] + (x[-1] - x[-2] if len(x) > 1 else 1)
        ax.step(np.append(x, last), np.append(y, y[-1]), where="post", **style)
    else:
        ax.plot(x, y, **style)


def _band(band: Band, ax: Axes) -> None:
    color = style_of(band.style)["color"]
    ax.fill_between(band.xs, band.low, band.high, color=color, alpha=0.18, linewidth=0)


def _dots(dots: Dots, ax: Axes) -> None:
    marker, color = MARKERS[dots.style % len(MARKERS)], style_of(dots.style)["color"]
    ax.plot(dots.x, dots.y, marker, color=color, markersize=7)


def _rule(rule: Rule, ax: Axes) -> None:
    style: Any = {**style_of(rule.style), "linewidth": 1.5, "linestyle": (0, (2, 2))}
    if rule.x is not None:
        ax.axvline(rule.x, **style)
    else:
        ax.axhline(rule.y, **style)  # type: ignore[arg-type]


_DRAW: dict[type, Any] = {Curve: _curve, Band: _band, Dots: _dots, Rule: _rule}


def _limit(ax: Axes, name: str, axis: Axis) -> None:
    set_limits = getattr(ax, f"set_{name}lim")
    if axis.log:
        least, most = sorted(getattr(ax, f"get_{name}lim")())
        if axis.low and axis.high:
            set_limits(axis.low, axis.high)
        elif 0 < least <= most <= 1.2 * least:  # one point: matplotlib would warn and make room
            set_limits(least / 2, most * 2)
        getattr(ax, f"set_{name}scale")("log")
    low, high = getattr(ax, f"get_{name}lim")()
    if axis.tight:
        ax.margins(**{name: 0.0})  # type: ignore[arg-type]
        low, high = getattr(ax, f"get_{name}lim")()
    elif not axis.log and getattr(ax.dataLim, f"{name}0") >= 0:
        low = 0.0
    set_limits(low if axis.low is None else axis.low, high if axis.high is None else axis.high)


def _is_inside(line: Line2D, ax: Axes) -> bool:
    """Whether every point lies inside the axes or on their edge."""
    (left, right), (low, high) = sorted(ax.get_xlim()), sorted(ax.get_ylim())
    x, y = np.asarray(line.get_xydata()).T
    return bool(((x >= left) & (x <= right) & (y >= low) & (y <= high)).all())


def _inside(ax: Axes, x: float, y: float) -> tuple[float, float]:
    """The nearest point of the panel: a curve may leave it, but its name may not."""
    left, right = sorted(ax.get_xlim())
    low, high = sorted(ax.get_ylim())
    return min(max(x, left), right), min(max(y, low), high)


def _label(mark: Mark, ax: Axes) -> None:
    """The name at the end of a curve, beside dots or beside a rule."""
    color = style_of(getattr(mark, "style", 0))["color"]
    if isinstance(mark, Curve) and mark.label and not mark.faint:
        finite = np.flatnonzero(np.isfinite(mark.y))
        if finite.size:
            last = finite[-1]
            name = f"✕ {mark.label}" if mark.early else mark.label
            x, y = _inside(ax, mark.xs[last] + mark.held, mark.y[last])
            label_end(ax, name, x, y, color)
    elif isinstance(mark, Dots) and mark.label and len(mark.x):
        _settle(_beside(mark.label, (mark.x[-1], mark.y[-1]), (7, 5), color, ax.transData, ax), ax)
    elif isinstance(mark, Rule) and mark.label:
        _label_rule(mark, color, ax)


def _beside(
    words: str, at: tuple[Any, Any], offset: tuple[int, int], color: Any, frame: Any, ax: Axes
) -> Annotation:
    """Words to the right of a point, or to its left where the offset (in dots) is negative."""
    return ax.annotate(
        words,
        at,
        offset,
        xycoords=frame,
        textcoords="offset points",
        color=color,
        fontsize=11,
        fontweight="bold",
        horizontalalignment="left" if offset[0] >= 0 else "right",
        path_effects=[withStroke(linewidth=3, foreground="white")],
        gid=POINT_LABEL,
    )


def _settle(label: Annotation, ax: Axes) -> None:
    """Move the name of a dot to where no other name stands: around the dot, or stay."""
    others = [
        text.get_window_extent()
        for text in ax.texts
        if text.get_gid() == POINT_LABEL and text is not label
    ]
    frame = ax.get_window_extent()
    for across, up in ((7, 5), (-7, 5), (7, -14), (-7, -14)):
        label.set(horizontalalignment="left" if across > 0 else "right")
        label.xyann = (across, up)
        box = label.get_window_extent()
        is_inside = frame.x0 <= box.x0 and box.x1 <= frame.x1
        if is_inside and not any(box.overlaps(other) for other in others):
            return
    label.set(horizontalalignment="left")
    label.xyann = (7, 5)


def _clearance(height: float, left: float, right: float, ax: Axes) -> float:
    """How far away the curves stay from this height between two places; all in shares of `ax`."""
    to_axes = ax.transData + ax.transAxes.inverted()
    nearest = math.inf
    for line in ax.get_lines():
        if line.get_transform() == ax.transData:  # and no rule
            x, y = to_axes.transform(line.get_xydata()).T
            there = (x >= left) & (x <= right) & np.isfinite(y)
            nearest = min(nearest, np.min(np.abs(y - height)[there], initial=math.inf))
    return nearest


def _share(ax: Axes, x: float | None = None, y: float | None = None) -> tuple[float, float]:
    """A point in shares of the axes; what is not given is their beginning."""
    point = (ax.get_xlim()[0] if x is None else x, ax.get_ylim()[0] if y is None else y)
    across, up = (ax.transData + ax.transAxes.inverted()).transform(point)
    return float(across), float(up)


def _label_rule(rule: Rule, color: Any, ax: Axes) -> None:
    """The name on that side of a rule where the curves are further away."""
    if rule.x is not None:
        at, _ = _share(ax, x=rule.x)
        high, low = (_clearance(height, at, at + 0.2, ax) for height in (1, 0))
        end, offset = (0, (3, 5)) if high < 0.1 < low else (1, (3, -12))
        _beside(rule.label, (rule.x, end), offset, color, ax.get_xaxis_transform(), ax)
    elif rule.y is not None:
        _, height = _share(ax, y=rule.y)
        left, right = _clearance(height, 0, 1 / 3, ax), _clearance(height, 2 / 3, 1, ax)
        side, offset = (0, (3, 4)) if left > right else (1, (-3, 4))
        _beside(rule.label, (side, rule.y), offset, color, ax.get_yaxis_transform(), ax)
