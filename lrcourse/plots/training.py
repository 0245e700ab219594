"""What happens during training: means over runs with their bands, above the rates used."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from lrcourse.panels import TIME
from lrcourse.plots.parts import (
    dressed,
    in_figures,
    label_end,
    measured,
    next_style,
    plain,
    say,
    spread_end_labels,
    style_of,
)
from lrcourse.plots.rates import draw_held, plot_rates

if TYPE_CHECKING:  # experiments need torch, figures do not
    from lrcourse.experiments import Run

TRAINING_LOSS = "training loss"


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
    style = next_style(ax)
    ax.fill_between(
        t, mean - half_width, mean + half_width, color=style["color"], alpha=0.2, linewidth=0
    )
    ax.plot(t, mean, **style)
    label_end(dressed(ax), label, t[-1], mean[-1])
    ax.margins(x=0)
    return spread_end_labels(ax)


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
    figure, above, below = _two_panels()
    for name, runs in losses.items():
        band(above, np.arange(np.shape(runs)[-1]) + 0.5, runs, name)
    plot_rates(**rates, ax=below, y_scale="log")
    above.set_ylabel(TRAINING_LOSS)
    below.set(xlabel=time, ylabel="rate η")
    _mark(marks, above, below)
    return figure


def plot_runs(
    runs: Mapping[str, "Run"],
    metric: str = TRAINING_LOSS,
    smooth: int = 1,
    marks: Sequence[float] = (),
    rate_scale: str = "linear",
) -> Figure:
    """Above, the mean of a metric with its band; below, the rates that the updates used.

    The metric is "training loss" or, as "test accuracy", one of those of the test set. Each
    point is the mean of `smooth` numbers in a row. Runs that diverged have no mean: the curve
    is that of the others, and its label says how many are missing.
    """
    if not runs:
        raise ValueError('plot_runs: give runs by name, as {"cosine": run}, got none')
    figure, above, below = _two_panels()
    _draw_metric(above, runs, metric, smooth)
    for number, (name, run) in enumerate(runs.items()):
        for rates in np.unique(run.lrs, axis=0):  # one row, unless a plateau listens to the run
            draw_held(below, rates, style_of(number))
        label_end(below, name, run.lrs.shape[1], run.lrs[0, -1])
    dressed(below, TIME, "rate η").set_yscale(rate_scale)
    below.margins(x=0)
    if rate_scale == "linear":
        below.set_ylim(bottom=0)
    else:
        below.yaxis.set_major_formatter(plain)
    say(
        below,
        "Below, the rates used: " + "; ".join(map(_rates_in_words, runs, runs.values())) + ".",
    )
    _mark(marks, above, below)
    spread_end_labels(below)
    return figure


def _draw_metric(ax: Axes, runs: Mapping[str, "Run"], metric: str, smooth: int) -> None:
    said, notes = [], []
    for name, run in runs.items():
        t, values = _smoothed(*_recorded(name, run, metric), smooth)
        lost, total = int(run.diverged.sum()), len(run)
        label = f"{name} ({lost} of {total} diverged)" if lost else name
        if total - lost < 2:
            notes.append(label)
            ax.plot([], [], **next_style(ax))  # the next curve keeps its own colour
            said.append(label)
            continue
        band(ax, t, values[~run.diverged], label)
        first, last = values[~run.diverged][:, [0, -1]].mean(0)
        said.append(f"{label} from {in_figures(first, metric)} to {in_figures(last, metric)}")
    measured(dressed(ax), metric)
    if notes:
        ax.set_title("not drawn: " + "; ".join(notes), fontsize=11)
    longest = max(run.lrs.shape[1] for run in runs.values())
    say(ax, f"Mean {metric} over {longest} updates: {'; '.join(said)}.")


def _recorded(name: str, run: "Run", metric: str) -> tuple[np.ndarray, np.ndarray]:
    """The times (n,) at which a metric was recorded, and its values (R, n)."""
    if metric == TRAINING_LOSS:
        return np.arange(run.losses.shape[1]), run.losses
    known = {f"test {each}": values for each, values in run.tests.items()}
    if metric not in known:
        raise ValueError(
            f"plot_runs: metric must be one of {[TRAINING_LOSS, *known]}, got {metric!r}"
        )
    if len(run.test_steps) < 2:
        raise ValueError(
            f"plot_runs: the {metric} of {name} was measured at the end only; "
            f"train with test_every=10, say"
        )
    return run.test_steps, known[metric]


def _smoothed(t: np.ndarray, values: np.ndarray, smooth: int) -> tuple[np.ndarray, np.ndarray]:
    """Means of `smooth` neighbours each; the last may have fewer."""
    if not isinstance(smooth, int | np.integer) or not 1 <= smooth <= len(t):
        raise ValueError(
            f"plot_runs: smooth must be a whole number in [1, {len(t)}], got {smooth!r}"
        )
    firsts = np.arange(0, len(t), smooth)
    sizes = np.diff(np.append(firsts, len(t)))
    return np.add.reduceat(t, firsts) / sizes, np.add.reduceat(values, firsts, axis=1) / sizes


def _rates_in_words(name: str, run: "Run") -> str:
    low, high, last = run.lrs.min(), run.lrs.max(), run.lrs[:, -1].mean()
    if low == high:
        return f"{name} always {high:g}"
    return f"{name} at most {high:.3g}, at the end {last:.2g}"


def _two_panels() -> tuple[Figure, Axes, Axes]:
    figure = Figure(figsize=(7, 5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    return figure, above, below


def _mark(marks: Sequence[float], *panels: Axes) -> None:
    for mark in marks:
        for ax in panels:
            ax.axvline(mark, color="gray", linestyle=":", zorder=0)
