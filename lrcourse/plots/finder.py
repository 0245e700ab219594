"""The picture of a range test: its curves over the rate, and under them what the rules pick."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from lrcourse.panels import RATE
from lrcourse.plots.parts import (
    axes,
    dressed,
    label_end,
    log_ticks,
    plain,
    say,
    spread_end_labels,
    style_of,
)

if TYPE_CHECKING:  # the finder needs torch, figures do not
    from lrcourse.finder import Curve, Pick, RangeTest

SUGGESTED = "suggested"
INK, GREY = "#333333", "#777777"
ROW = 0.085  # height of a row of the strip, as a share of the height of the curves
OVER_THE_START = 0.35  # room above the first loss, as a share of the fall


def plot_range_test(
    found: "RangeTest", rules: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """The smoothed loss of each sweep over the rate, and a row for the pick of each rule.

    A row has a bar from the lowest pick over the sweeps to the highest, and a diamond in the
    middle. The suggestion has the first row, in black; the band that runs up to the curves goes
    from a third of it to three times it, the rates to try. A cross stands where a sweep blew up.
    The title says why, where nothing is suggested. `rules` are names from `lrcourse.finder.RULES`,
    all where not given.
    """
    rows = _rows(found, rules)
    ax = dressed(ax or axes(9.4, 3.6 + 0.28 * len(rows)), RATE)
    bottom, top = _loss_limits(found)
    heights = bottom - ROW * (top - bottom) * (np.arange(len(rows)) + 0.8)
    _draw_curves(ax, found, top)
    log_ticks(ax, found.lrs)
    ax.set_ylim((heights[-1] - ROW * (top - bottom)) if rows else bottom, top)
    said = [_curves_in_words(found)]
    if found.val_steps is not None and found.val_losses is not None:
        said.append(_draw_validation(ax, found.lrs[found.val_steps - 1], found.val_losses))
    said += _draw_rows(ax, rows, heights)
    _y_ticks(ax, rows, heights, bottom, top)
    verdict = _verdict(found)
    ax.set_title(textwrap.fill(verdict.partition(";")[0], 72), loc="left", fontsize=12)
    return spread_end_labels(say(ax, *said, verdict))


def _rows(found: "RangeTest", rules: Sequence[str] | None) -> dict[str, "Pick"]:
    """What each row shows, the suggestion first; none where nothing can be picked."""
    try:
        picks = found.picks()
    except ValueError:
        return {}
    unknown = [name for name in rules or () if name not in picks]
    if unknown:
        raise ValueError(
            f"plot_range_test: there is no rule {unknown[0]!r}; there are {', '.join(picks)}"
        )
    chosen = {name: picks[name] for name in rules or picks}
    try:
        suggestion = found.suggestion
    except ValueError:
        return chosen
    same = [name for name, pick in chosen.items() if pick == suggestion][:1]
    first = ": ".join([SUGGESTED, *same])
    return {first: suggestion, **{n: pick for n, pick in chosen.items() if n not in same}}


# Curves ----------------------------------------------------------------------------------------


def _loss_limits(found: "RangeTest") -> tuple[float, float]:
    """The losses worth seeing: from the lowest point to somewhat above the start."""
    start, lowest = found.start_loss, min(curve.losses.min() for curve in found.curves)
    fall = max(start - lowest, 0.1 * abs(start), 1e-12)
    return lowest - 0.08 * fall, start + OVER_THE_START * fall


def _draw_curves(ax: Axes, found: "RangeTest", top: float) -> None:
    """Each sweep as a thin line, and between the lowest and the highest a band."""
    style = style_of(0)
    lrs, low, high = spread(found.curves)
    ax.fill_between(lrs, low, high, color=style["color"], alpha=0.18, linewidth=0)
    for row, curve in enumerate(found.curves):
        ax.plot(curve.lrs, curve.losses, color=style["color"], lw=1.4)
        if not np.isfinite(found.losses[row]).all():
            ax.set_xlabel(f"{RATE} (× the sweep blew up)")
            _cross(ax, curve.lrs[-1], min(curve.losses[-1], top))


def spread(curves: Sequence["Curve"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(rates, lowest, highest) of all curves, where every one of them has a loss; each (n,)."""
    first = max(curve.lrs[0] for curve in curves)
    last = min(curve.lrs[-1] for curve in curves)
    longest = max((curve.lrs for curve in curves), key=len)
    lrs = longest[(first <= longest) & (longest <= last)]
    losses = [np.interp(np.log(lrs), np.log(curve.lrs), curve.losses) for curve in curves]
    return lrs, np.min(losses, axis=0), np.max(losses, axis=0)


def _cross(ax: Axes, lr: float, loss: float) -> None:
    """Where a sweep ended; at the upper edge, if its loss has left the picture."""
    ax.plot(
        lr, loss, marker="x", color=INK, markersize=8, markeredgewidth=2, zorder=4, clip_on=False
    )


def _draw_validation(ax: Axes, lrs: np.ndarray, val_losses: np.ndarray) -> str:
    """The median over the sweeps of what was measured beside the training loss."""
    style = style_of(1)
    measured = np.isfinite(val_losses).any(axis=0)  # (E,)
    if not measured.any():
        return "No validation loss was measured before the sweeps ended."
    lrs, losses = lrs[measured], np.nanmedian(val_losses[:, measured], axis=0)
    ax.plot(lrs, losses, marker="o", markersize=4, **style)
    shown = np.flatnonzero(losses <= losses[0])[-1]  # the label stays in the picture
    label_end(ax, "validation", lrs[shown], losses[shown])
    best = losses.argmin()
    return f"The validation loss was lowest at the rate {lrs[best]:.2g} with {losses[best]:.3g}."


# Rows ------------------------------------------------------------------------------------------


def _draw_rows(ax: Axes, rows: dict[str, "Pick"], heights: np.ndarray) -> list[str]:
    """The picks, each with its numbers at the right; what they are, in words."""
    for (name, pick), y in zip(rows.items(), heights, strict=True):
        is_suggested = name.startswith(SUGGESTED)
        color, weight = ("black", "bold") if is_suggested else (GREY, "normal")
        if is_suggested:
            _draw_band(ax, pick)
        ax.hlines(y, pick.low, pick.high, color=color, lw=5, alpha=0.5, zorder=3)
        ax.plot(pick.middle, y, marker="D", color=color, markersize=7, zorder=4)
        beside = ax.get_yaxis_transform()  # x as a share of the width, y as a loss
        ax.text(1.02, y, str(pick), transform=beside, va="center", fontsize=11, weight=weight)
    return [f"{name}: {pick}." for name, pick in rows.items()]


def _draw_band(ax: Axes, pick: "Pick") -> None:
    """From a third of the suggestion to three times it."""
    ax.axvspan(pick.middle / 3, 3 * pick.middle, color="#F0E442", alpha=0.35, lw=0, zorder=0)
    ax.axvline(pick.middle, color="black", lw=1.2, zorder=1)


def _y_ticks(
    ax: Axes, rows: dict[str, "Pick"], heights: np.ndarray, bottom: float, top: float
) -> None:
    """Losses beside the curves, and the names of the rules beside their rows."""
    losses = [tick for tick in MaxNLocator(5).tick_values(bottom, top) if bottom <= tick <= top]
    ax.set_yticks([*losses, *heights], [*map(plain, losses), *rows])
    ax.grid(False, axis="y")
    ax.hlines(losses, 0, 1, transform=ax.get_yaxis_transform(), color="#dddddd", lw=0.8, zorder=0)
    if rows:
        ax.axhline(bottom, color=INK, lw=0.8)
    ax.set_ylabel("training loss, smoothed", y=1, ha="right")
    for label in ax.get_yticklabels()[len(losses) :]:
        label.set(
            fontsize=11, fontweight="bold" if label.get_text().startswith(SUGGESTED) else "normal"
        )


# Words -----------------------------------------------------------------------------------------


def _curves_in_words(found: "RangeTest") -> str:
    sweeps, blown_up = len(found.losses), sum(not np.isfinite(row).all() for row in found.losses)
    return (
        f"Training loss over the learning rate, {sweeps} sweep{'s' * (sweeps > 1)} from "
        f"{found.lrs[0]:.2g} to {found.lrs[-1]:.2g}: it begins at {found.start_loss:.3g} and "
        f"falls to {found.lowest_loss:.3g}; {blown_up} of {sweeps} blew up."
    )


def _verdict(found: "RangeTest") -> str:
    """The rates to try, or why none is suggested."""
    try:
        low, middle, high = found.to_try
    except ValueError as error:
        return f"No suggestion: {str(error).removeprefix('range_test: ')}."
    return f"Train with {low:.2g}, {middle:.2g} and {high:.2g}, and keep the best."
