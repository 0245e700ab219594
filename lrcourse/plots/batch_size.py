"""Pictures of the batch size: how the best rate and the costs go with it."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrcourse.panels import RATE
from lrcourse.plots.parts import (
    axes,
    dressed,
    label_end,
    log_ticks,
    next_style,
    plain,
    say,
    spread_end_labels,
)

if TYPE_CHECKING:  # the noise scale needs torch, figures do not
    from lrcourse.batch_size import NoiseScale

BATCH = "batch size B (examples per update)"
POINTS = 200


def plot_critical_rate(
    noise: "NoiseScale | float",
    max_lr: float = 1.0,
    batches: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The rate over the batch, both on log axes: the linear and the square-root rule from the
    smallest batch, and the law η_max / (1 + B_noise/B) that bends at the noise scale.

    The band is the 95% interval of the scale. `batches` are the two ends of the axis.
    """
    scale, low, high = _scale(noise)
    ax = dressed(ax or axes(7.0, 3.8), BATCH, RATE)
    sizes = _sizes(scale, batches)
    bent = max_lr / (1 + scale / sizes)
    laws = {
        "linear": bent[0] * sizes / sizes[0],
        "saturating": bent,
        "square root": bent[0] * np.sqrt(sizes / sizes[0]),
    }
    for name, rates in laws.items():
        inside = rates <= 4 * max_lr  # the straight rules leave the figure at the top
        ax.plot(sizes[inside], rates[inside], **next_style(ax))
        label_end(ax, name, sizes[inside][-1], rates[inside][-1])
    _log_axes(ax, sizes)
    _mark_scale(ax, scale, low, high)
    too_far = laws["linear"][-1] / bent[-1]
    say(
        ax,
        f"Best rate over batch sizes from {sizes[0]:.3g} to {sizes[-1]:.3g}. The noise scale is "
        f"{_in_words(scale, low, high)}. Well below it the saturating law is the linear rule; at "
        f"it the rate is half of η_max = {max_lr:g}; at {sizes[-1]:.3g} the linear rule, from the "
        f"smallest batch on, is {too_far:.3g} times too high, and the square-root rule has "
        f"{laws['square root'][-1] / bent[-1]:.2g} of the rate of the law.",
    )
    return spread_end_labels(ax)


def plot_critical_cost(
    noise: "NoiseScale | float",
    batches: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Updates and examples needed for the same loss, over the batch, both on log axes.

    S/S_min = 1 + B_noise/B falls, E/E_min = 1 + B/B_noise rises; they meet at 2, at B_noise.
    """
    scale, low, high = _scale(noise)
    ax = dressed(ax or axes(7.0, 3.8), BATCH, "times the fewest possible")
    sizes = _sizes(scale, batches)
    for name, cost in (("updates", 1 + scale / sizes), ("examples", 1 + sizes / scale)):
        ax.plot(sizes, cost, **next_style(ax))
        label_end(ax, name, sizes[-1], cost[-1])
    _log_axes(ax, sizes)
    _mark_scale(ax, scale, low, high)
    ax.scatter(scale, 2, 70, color="#333333", zorder=5)
    ax.annotate(
        "2 × the fewest of both",
        (scale, 2),
        (0, 30),
        textcoords="offset points",
        ha="center",
        fontsize=11,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
    )
    say(
        ax,
        f"Updates and examples needed, in multiples of the fewest, over batch sizes from "
        f"{sizes[0]:.3g} to {sizes[-1]:.3g}: updates fall from {1 + scale / sizes[0]:.3g} to "
        f"{1 + scale / sizes[-1]:.3g}, examples rise from {1 + sizes[0] / scale:.3g} to "
        f"{1 + sizes[-1] / scale:.3g}. Both are 2 at the noise scale of "
        f"{_in_words(scale, low, high)}.",
    )
    return spread_end_labels(ax)


def plot_critical_batch(
    noise: "NoiseScale | float",
    max_lr: float = 1.0,
    batches: tuple[float, float] | None = None,
    figure: Figure | None = None,
) -> Figure:
    """Both over the same axis: the rate above, and below what the batch costs."""
    figure = figure or Figure(figsize=(7.0, 7.0), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    plot_critical_rate(noise, max_lr, batches, above)
    plot_critical_cost(noise, batches, below)
    above.set_xlabel("")
    return figure


# What both share -------------------------------------------------------------------------------


def _scale(noise: "NoiseScale | float") -> tuple[float, float, float]:
    """B_noise and its interval, of zero width for a plain number."""
    interval = getattr(noise, "interval", None)
    scale = float(noise if interval is None else interval.mean)  # type: ignore[arg-type]
    low, high = (scale, scale) if interval is None else (interval.low, interval.high)
    if not (np.isfinite(scale) and scale > 0):
        raise ValueError(
            f"plot_critical_batch: the noise scale must be a number above 0, got {scale:g}; where "
            f"it was not resolved, draw its lower end: plot_critical_batch(noise.at_least)"
        )
    return scale, low, high


def _sizes(scale: float, ends: tuple[float, float] | None) -> np.ndarray:
    """Batch sizes evenly on the log axis, from 1/100 of the scale to 30 times of it."""
    first, last = (max(1.0, scale / 100), scale * 30) if ends is None else ends
    if not 1 <= first < last < np.inf:
        raise ValueError(
            f"plot_critical_batch: batches must be two sizes of at least 1, the smaller first, "
            f"got {first:g} and {last:g}"
        )
    return np.geomspace(first, last, POINTS)


def _log_axes(ax: Axes, sizes: np.ndarray) -> None:
    log_ticks(ax, sizes)
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(plain)


def _mark_scale(ax: Axes, scale: float, low: float, high: float) -> None:
    """A line at the noise scale, in the band of its interval."""
    left, right = ax.get_xlim()
    if low < high:
        ax.axvspan(max(low, left), min(high, right), color="#999999", alpha=0.3, lw=0, zorder=0)
    ax.axvline(scale, color="#333333", lw=1.4, ls=":", zorder=1)
    ax.set_xlim(left, right)
    ax.text(
        scale,
        1.02,
        f"noise scale {scale:,.3g}",
        transform=ax.get_xaxis_transform(),
        ha="center",
        fontsize=11,
    )


def _in_words(scale: float, low: float, high: float) -> str:
    known = f", 95% interval {low:.3g} to {high:.3g}" if low < high else ""
    return f"{scale:.3g} examples{known}"
