"""Pictures of studies: peak rates, budgets, and differences with their intervals."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from lrcourse.plots.parts import (
    axes,
    dressed,
    in_figures,
    log_ticks,
    measured,
    next_style,
    say,
    spread_end_labels,
    style_of,
)
from lrcourse.plots.training import band

if TYPE_CHECKING:  # experiments need torch, figures do not
    from lrcourse.experiments import Bowls, Budgets, Interval


KEY = "◆ the sign is clear   ○ no difference found"


def plot_bowls(bowls: "Bowls", metric: str = "accuracy", ax: Axes | None = None) -> Axes:
    """The test metric over the peak rate, one mean with its band for each schedule.

    A diamond marks the best peak. Where a run diverged there is no mean: a cross stands at the
    bottom instead.
    """
    ax = dressed(ax or axes(), "peak learning rate (◇ best)", f"test {metric}")
    said = []
    for row, name in enumerate(bowls.runs):
        values, lost = bowls.at_the_end(name, metric), bowls.diverged(name).sum(1)  # (L, seeds)
        style, whole = next_style(ax), lost == 0
        if whole.any():
            band(ax, bowls.peak_lrs[whole], values[whole].T, name)
            ax.get_lines()[-1].set(marker="o", markersize=5)
            said.append(_mark_best(ax, bowls, name, metric, size=150 / (1 + row)))
        else:
            ax.plot([], [], **style)  # the next curve keeps its own colour
        said += _mark_diverged(ax, bowls, name, row)
    measured(ax, f"test {metric}")
    log_ticks(ax, bowls.peak_lrs)
    seeds = values.shape[1]
    say(ax, f"Test {metric} over the peak rate, means of {seeds} seeds: {'; '.join(said)}.")
    return spread_end_labels(ax)


def _mark_best(ax: Axes, bowls: "Bowls", name: str, metric: str, size: float) -> str:
    """An open diamond; the later ones are smaller and lie inside the earlier."""
    peak = bowls.best_peak(name, metric)
    best = bowls.at_the_end(name, metric)[bowls.peak_lrs == peak].mean()
    color = ax.get_lines()[-1].get_color()
    ax.scatter(peak, best, size, marker="D", facecolor="white", edgecolor=color, lw=2.2, zorder=5)
    edge = " (the edge of the grid)" if bowls.is_at_the_edge(name, metric) else ""
    return f"{name} is best at {peak:g}{edge} with {in_figures(best, metric)}"


def _mark_diverged(ax: Axes, bowls: "Bowls", name: str, row: int) -> list[str]:
    """A cross at each rate where a run diverged, one row above the other for each schedule."""
    diverged = bowls.diverged(name)
    lost = diverged.sum(1)
    if lost.any():
        ax.set_xlabel("peak learning rate (◇ best, × a run diverged)")
    height = np.full(np.sum(lost > 0), 0.04 + 0.07 * row)  # share of the height of the axes
    ax.scatter(
        bowls.peak_lrs[lost > 0],
        height,
        50,
        marker="x",
        color=style_of(row)["color"],
        lw=2,
        transform=ax.get_xaxis_transform(),
        zorder=4,
    )
    return [
        f"{count} of {diverged.shape[1]} runs of {name} diverged at {peak:g}"
        for peak, count in zip(bowls.peak_lrs, lost, strict=True)
        if count
    ]


def plot_budgets(
    budgets: "Budgets",
    metric: str = "accuracy",
    reading: tuple[str, str, int] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The test metric over the budget of updates, each schedule tuned at each budget.

    `reading=("cosine", "constant", 1600)` draws how far to the left cosine is as good as
    constant is after 1600 updates, with the interval of that saving.
    """
    ax = dressed(ax or axes(), "budget (optimizer updates)", f"test {metric}")
    log_ticks(ax, budgets.steps)
    said = []
    for name in budgets.bowls[0].runs:
        values = budgets.tuned(name, metric)  # (B, seeds)
        band(ax, budgets.steps, values.T, name)
        ax.get_lines()[-1].set(marker="o", markersize=5)
        first, last = (in_figures(value, metric) for value in values[[0, -1]].mean(1))
        said.append(f"{name} from {first} to {last}")
    measured(ax, f"test {metric}")
    budgets_in_words = f"{budgets.steps[0]} to {budgets.steps[-1]} updates"
    say(
        ax,
        f"Test {metric} at budgets of {budgets_in_words}, means of {values.shape[1]} seeds, "
        f"tuned at each budget: {'; '.join(said)}.",
    )
    if reading:
        _read_across(ax, budgets, metric, *reading)
    return spread_end_labels(ax)


def _read_across(
    ax: Axes, budgets: "Budgets", metric: str, name: str, than: str, steps: int
) -> None:
    """An arrow from the curve of `than` at `steps` to where `name` is as good."""
    needed = budgets.updates_needed(name, than, steps, metric)
    factor = budgets.times_fewer(name, than, steps, metric)
    level = budgets.tuned(than, metric)[budgets.steps == steps].mean()
    ax.annotate(
        "",
        xy=(needed.mean, level),
        xytext=(steps, level),
        arrowprops={"arrowstyle": "->", "lw": 1.8, "color": "#333333", "shrinkA": 0, "shrinkB": 0},
        zorder=6,
    )
    bottom = ax.get_ylim()[0]
    ax.vlines([needed.mean, steps], bottom, level, color="#333333", linestyle=":", lw=1.5)
    ax.annotate(
        f"{factor} times fewer",
        xy=(np.sqrt(needed.mean * steps), bottom),
        xytext=(0, 6),
        textcoords="offset points",
        ha="center",
        fontsize=11,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
    )
    ax.set_ylim(bottom)
    say(ax, f"{name} is as good as {than} after {steps} updates with {factor} times fewer.")


def plot_forest(
    differences: Mapping[str, "Interval"],
    what: str = "difference",
    unit: str = "points",
    ax: Axes | None = None,
) -> Axes:
    """Differences from top to bottom as given, each with its interval and its numbers.

    A filled diamond stands where zero is left out; an open circle where no difference was found.
    """
    if not differences:
        raise ValueError('plot_forest: give intervals by name, as {"cosine": interval}, got none')
    ax = dressed(ax or axes(7.0, 1.1 + 0.42 * len(differences)), f"{what} ({unit})\n{KEY}")
    ax.axvline(0, color="#333333", lw=1.2, zorder=1)
    for y, interval in enumerate(differences.values()):
        color = style_of(0)["color"] if interval.is_clear else "#555555"
        ax.hlines(y, interval.low, interval.high, color=color, lw=2.2, zorder=2)
        ax.scatter(
            interval.mean,
            y,
            75,
            marker="D" if interval.is_clear else "o",
            facecolor=color if interval.is_clear else "white",
            edgecolor=color,
            lw=2,
            zorder=3,
        )
        ax.text(
            1.02, y, str(interval), transform=ax.get_yaxis_transform(), va="center", fontsize=12
        )
    ax.set_yticks(range(len(differences)), differences)
    ax.set_ylim(len(differences) - 0.5, -0.5)
    ax.grid(False, axis="y")
    ax.tick_params(axis="y", length=0)
    words = (f"{name}: {each.in_words(unit)}" for name, each in differences.items())
    return say(ax, f"{what[:1].upper()}{what[1:]} with 95% intervals. {'. '.join(words)}.")
