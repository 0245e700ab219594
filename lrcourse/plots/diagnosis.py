"""The picture of a diagnosis: the loss curve, and where in it each sign was seen."""

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from lrcourse.plots.parts import (
    axes,
    dressed,
    in_figures,
    label_end,
    plain,
    say,
    spread_end_labels,
    style_of,
)

if TYPE_CHECKING:  # diagnosis needs torch for its tests, figures do not
    from lrcourse.diagnosis import Diagnosis, Sign

LETTERS = "abcdefghijklmnopqrstuvwxyz"
HATCHES = ("///", "\\\\\\", "...", "xxx", "---", "++")
SMOOTHED = 40  # the smoothed curve is a mean over one part in so many
MOST_DRAWN = 4000  # points of a raw curve; of more, the lowest and highest of each stretch
HUGE = 1e100  # no axis holds losses above; they are drawn as infinite ones
ROW = 0.085  # height of a row of marks, as a share of the axes


def plot_diagnosis(
    diagnosis: "Diagnosis",
    steps: Any = None,
    time: str = "recorded loss",
    ax: Axes | None = None,
) -> Axes:
    """The losses, raw and smoothed, validation, the rates below, and the places of the signs.

    `steps` has shape (S,) and says when each loss was recorded, in units of `time`; without it
    the losses are counted. Each sign has a letter and a hatching; the title explains them.
    """
    losses = _drawable(diagnosis.losses)
    x = np.arange(len(losses)) if steps is None else np.asarray(steps, float)
    if x.shape != losses.shape:
        raise ValueError(
            f"plot_diagnosis: steps must hold one number for each of the {len(losses)} losses, "
            f"got the shape {x.shape}"
        )
    from lrcourse.diagnosis.reading import is_wide  # who has a diagnosis has loaded it already

    ax = dressed(ax or axes(7.5, 4.6), time, "loss")
    if is_wide(losses):
        ax.set_yscale("log")
        ax.set_ylabel("loss (logarithmic)")
    _draw_losses(ax, x, losses)
    _draw_validation(ax, x, diagnosis)
    ax.margins(x=0)
    _frame(ax, losses, diagnosis)
    _draw_lost(ax, x, losses)
    _mark(ax, x, diagnosis.signs)
    _entitle(ax, diagnosis)
    if diagnosis.lrs is not None:
        _draw_rates(ax, x, np.asarray(diagnosis.lrs, float))
    say(ax, _in_words(x, diagnosis, time, log=ax.get_yscale() == "log"))
    return spread_end_labels(ax)


def smoothed(losses: np.ndarray, log: bool = False) -> np.ndarray:
    """The mean of each loss and its neighbours, (S,); NaN and infinite ones do not count.

    `log` averages the logarithms, as the eye does on a logarithmic axis.
    """
    reach = max(1, len(losses) // (2 * SMOOTHED))
    finite = np.isfinite(losses)
    values = np.where(finite, losses, 1.0)
    values = np.where(finite, np.log(values) if log else values, 0.0)
    sums, counts = (np.concatenate([[0.0], np.cumsum(each)]) for each in (values, finite))
    first = np.maximum(np.arange(len(losses)) - reach, 0)
    last = np.minimum(np.arange(len(losses)) + reach + 1, len(losses))
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (sums[last] - sums[first]) / (counts[last] - counts[first])
    return np.where(finite, np.exp(means) if log else means, np.nan)


def _drawable(losses: Any) -> np.ndarray:
    """The losses, NaN where an axis has no place for them."""
    values = np.asarray(losses, float)
    return np.where(np.abs(values) <= HUGE, values, np.nan)


def _draw_losses(ax: Axes, x: np.ndarray, losses: np.ndarray) -> None:
    color = style_of(0)["color"]
    ax.plot(*_thinned(x, losses), color=color, alpha=0.35, lw=0.9)
    mean = smoothed(losses, log=ax.get_yscale() == "log")
    ax.plot(*_thinned(x, mean), color=color, lw=2.4)
    known = np.flatnonzero(np.isfinite(mean))
    if known.size:
        label_end(ax, "training", x[known[-1]], mean[known[-1]])


def _thinned(x: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of a long curve the lowest and the highest value of each stretch, so no spike is lost."""
    if len(x) <= MOST_DRAWN:
        return x, values
    starts = np.linspace(0, len(x), MOST_DRAWN // 2, endpoint=False).astype(int)
    ends = np.stack([f.reduceat(values, starts) for f in (np.fmin, np.fmax)], axis=1)
    return np.repeat(x[starts], 2), ends.ravel()


def _draw_validation(ax: Axes, x: np.ndarray, diagnosis: "Diagnosis") -> None:
    """A point for each validation, at the last loss before it."""
    if diagnosis.val is None:
        return
    after, losses = diagnosis.val
    at = x[np.clip(np.asarray(after, int) - 1, 0, len(x) - 1)]
    shown = _drawable(losses)
    ax.plot(at, shown, marker="o" if len(at) <= 60 else "", markersize=4, **style_of(1))
    known = np.flatnonzero(np.isfinite(shown))
    if known.size:
        label_end(ax, "validation", at[known[-1]], shown[known[-1]])


def _frame(ax: Axes, losses: np.ndarray, diagnosis: "Diagnosis") -> None:
    """Limits with room for the letters above the curve."""
    val = () if diagnosis.val is None else diagnosis.val[1]
    drawn = np.concatenate([losses, _drawable(val)])
    drawn = drawn[np.isfinite(drawn)]
    if not drawn.size:
        ax.set_yticks([])
        return
    room = 0.05 + 1.3 * ROW * sum(bool(sign.places) for sign in diagnosis.signs)
    low, high = float(drawn.min()), float(drawn.max())
    if ax.get_yscale() == "log" and low > 0:
        low = max(low, 1 / HUGE)
        height = max(np.log10(high / low), 0.1)
        ax.set_ylim(low / 10 ** (0.05 * height), high * 10 ** (room * height))
        _plain_ticks(ax, low, high)
    elif ax.get_yscale() == "linear":
        height = (high - low) or abs(high) or 1.0
        ax.set_ylim(low - 0.05 * height, high + room * height)


def _plain_ticks(ax: Axes, low: float, high: float) -> None:
    """0.1, 1, 10 in place of 10 to the 0, 1, 2; and 0.2, 0.5 where the losses span little."""
    if low >= 1e-4 and high < 1e5:
        if high < 1000 * low:
            ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.yaxis.set_major_formatter(plain)
    ax.yaxis.set_minor_locator(NullLocator())


def _draw_lost(ax: Axes, x: np.ndarray, losses: np.ndarray) -> None:
    """A cross on the floor for each loss that is no number."""
    lost = np.flatnonzero(np.isnan(losses))
    if not lost.size:
        return
    shown = lost[:: max(1, len(losses) // 60)]
    ax.plot(
        x[shown],
        np.full(len(shown), 0.03),
        "x",
        color="#333333",
        markersize=6,
        transform=ax.get_xaxis_transform(),
        clip_on=False,
    )
    ax.set_xlabel(f"{ax.get_xlabel()} (× the loss is NaN or infinite)")


def _mark(ax: Axes, x: np.ndarray, signs: "tuple[Sign, ...]") -> None:
    """The places of each sign: a tint, and a hatched bar with its letter in a row of its own."""
    width = float(x[-1] - x[0]) or 1.0
    for number, sign in enumerate(signs):
        labelled = -np.inf
        for place in sign.places:
            left, right = _edges(x, *place)
            missing = max(0.008 * width - (right - left), 0.0)  # a single loss is seen too
            left, right = left - missing / 2, right + missing / 2
            _bar(ax, left, right, number)
            middle = (left + right) / 2
            if middle - labelled > 0.04 * width:
                _letter(ax, middle, number)
                labelled = middle
    ax.set_xlim(x[0] - 0.01 * width, x[-1] + 0.01 * width)


def _bar(ax: Axes, left: float, right: float, number: int) -> None:
    color, top = style_of(number + 2)["color"], 1 - ROW * number
    ax.axvspan(left, right, facecolor=color, alpha=0.08, lw=0, zorder=0)
    ax.axvspan(
        left,
        right,
        top - 0.85 * ROW,
        top,
        facecolor="none",
        edgecolor=color,
        hatch=HATCHES[number % len(HATCHES)],
        lw=1,
        zorder=0.5,
    )


def _edges(x: np.ndarray, first: int, last: int) -> tuple[float, float]:
    """The span of a place, within the curve."""
    first, last = (int(np.clip(each, 0, len(x) - 1)) for each in (first, last))
    return float(x[first]), float(x[last])


def _letter(ax: Axes, at: float, number: int) -> None:
    color = style_of(number + 2)["color"]
    ax.text(
        at,
        1 - ROW * (number + 0.425),
        LETTERS[number % len(LETTERS)],
        transform=ax.get_xaxis_transform(),
        ha="center",
        va="center",
        fontsize=11,
        fontweight="bold",
        color=color,
        bbox={"facecolor": "white", "edgecolor": color, "pad": 1.2, "lw": 1},
        zorder=6,
    )


def _entitle(ax: Axes, diagnosis: "Diagnosis") -> None:
    """The verdict, and what the letters mean."""
    lines = [
        f"{LETTERS[number % len(LETTERS)]}  {sign.name}, {sign.sure:.0%} sure"
        for number, sign in enumerate(diagnosis.signs)
    ]
    pairs = ["      ".join(lines[i : i + 2]) for i in range(0, len(lines), 2)]
    ax.set_title("\n".join([f"Verdict: {diagnosis.verdict}", *pairs]), fontsize=12, loc="left")


def _draw_rates(ax: Axes, x: np.ndarray, lrs: np.ndarray) -> None:
    """The rates on an axis of their own, below the losses."""
    below = dressed(ax.inset_axes((0, -0.36, 1, 0.24), sharex=ax), ax.get_xlabel(), "rate η")
    ax.set_xlabel("")
    ax.tick_params(labelbottom=False)
    style = {**style_of(4), "linestyle": "-", "drawstyle": "steps-post"}
    below.plot(*_thinned(x, np.where(np.isfinite(lrs), lrs, np.nan)), **style)
    positive = lrs[np.isfinite(lrs) & (lrs > 0)]
    low, high = np.quantile(positive, [0.25, 1.0]) if positive.size else (1.0, 1.0)
    if high > 100 * low:  # drops by powers of ten; of a cosine only the very end is so low
        below.set_yscale("log")
        return
    below.set_ylim(bottom=0)
    below.ticklabel_format(axis="y", scilimits=(-3, 4))
    below.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2.5, 5, 10]))


def _in_words(x: np.ndarray, diagnosis: "Diagnosis", time: str, log: bool) -> str:
    """What the picture shows, from its numbers."""
    losses = _drawable(diagnosis.losses)
    mean = smoothed(losses, log)
    known = mean[np.isfinite(mean)]
    said = [f"Verdict: {diagnosis.verdict}."]
    course = f"{len(losses)} training losses over {time} {x[0]:g} to {x[-1]:g}"
    if known.size:
        first, last = (in_figures(each, "loss") for each in known[[0, -1]])
        course += f", smoothed from {first} to {last}"
    lost = int(np.isnan(losses).sum())
    said.append(f"{course}{f'; {lost} are NaN or infinite' if lost else ''}.")
    if diagnosis.val is not None and len(diagnosis.val[1]):
        first, last = (in_figures(float(each), "loss") for each in diagnosis.val[1][[0, -1]])
        said.append(f"Validation from {first} to {last}.")
    if diagnosis.lrs is not None:
        rates = diagnosis.lrs[np.isfinite(diagnosis.lrs)]
        if len(rates):
            said.append(f"The rate at most {rates.max():.3g}, at the end {rates[-1]:.2g}.")
    for number, sign in enumerate(diagnosis.signs):
        places = ", ".join("{:g} to {:g}".format(*_edges(x, *each)) for each in sign.places[:5])
        more = f" and {len(sign.places) - 5} more" if len(sign.places) > 5 else ""
        where = f", marked at {places}{more}" if places else ""
        said.append(f"{LETTERS[number % len(LETTERS)]}: {sign.name}, {sign.sure:.0%} sure{where}.")
    return " ".join(said)
