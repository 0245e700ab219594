"""Curves drawn with characters, for a terminal, a log file or a machine without a screen.

The row of a label lies at its value exactly, not beside it. One curve is drawn in braille, four
dots to a row, where the output can show that; several are told apart by their marks, never by
colour. `lrcourse.words` says the same to who cannot see it. NumPy only.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

MARKS = "ox+*#@%="
NICE = (1, 2, 2.5, 4, 5)  # times a power of ten: the distances between labels
DOTS = ((1, 8), (2, 16), (4, 32), (64, 128))  # the bits of a braille cell, as they stand in it
BLANK = 0x2800  # the braille cell without dots


class Frame(NamedTuple):
    """The characters of the axes, and the name of what is drawn where nobody gives one."""

    quantity: str
    wall: str
    mark: str
    corner: str
    rule: str
    tick: str


UNICODE = Frame("learning rate η", "│", "┤", "└", "─", "┬")
ASCII = Frame("learning rate", "|", "+", "+", "-", "+")


class Axis(NamedTuple):
    """What the rows of a picture mean: row 0, the lowest, is `origin`."""

    origin: float
    per_row: float
    height: int
    labels: dict[int, str]
    log: bool = False

    def rows(self, values: np.ndarray) -> np.ndarray:
        """The row of each value, with its fraction; NaN where the axis has no place for it."""
        with np.errstate(divide="ignore", invalid="ignore"):
            places = np.log10(values) if self.log else np.asarray(values, float)
        rows = (places - self.origin) / self.per_row
        return np.where(np.isfinite(rows), rows, np.nan)


def text_plot(
    curves: Sequence[np.ndarray],
    width: int = 79,
    height: int = 16,
    log: bool = False,
    ascii: bool = False,
    *,
    t: np.ndarray | None = None,
    quantity: str | None = None,
    time: str = "optimizer update t",
    label: Callable[[float], str] = "{:,.10g}".format,
    above: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    zero: bool = True,
) -> list[str]:
    """The lines of the picture of the rates at t = 0, 1, 2, ...; each curve has shape (n,).

    `height` counts the rows of the curves; a title and a time axis come on top of it. More
    updates than columns are thinned to the smallest and the largest rate of each column, so no
    peak is lost. `log` makes equal factors equally high; a rate of 0 has no place there.

    `t` of shape (n,), which never falls, says when each value was taken, on any clock; a value
    holds until the next. Where all t are the same, the values are counted. `quantity` and `time`
    name the axes, and `label` makes the words at a round t ("" for no tick). `above` maps a
    letter to the (first, last) t over which it stands, in a row of its own between the title
    and the curve. Without `zero` a linear axis begins near the lowest value, which may be
    negative.
    """
    if t is not None and not 1e-300 < float(t[-1]) - float(t[0]) < 1e300:
        t = None  # times that are all the same, or further apart than numbers reach
    axis = (log_axis if log else linear_axis if zero else tight_axis)(curves, height)
    margin = max(map(len, axis.labels.values()))
    columns = max(width - margin - 2, 1)
    frame = ASCII if ascii else UNICODE
    clock = Clock.of(max(map(len, curves)), t)
    draw = _marks if ascii or len(curves) > 1 else _braille
    cells = draw([axis.rows(rates) for rates in curves], axis.height, columns, t)
    lines = [f"{' ' * (margin + 1)}{frame.quantity if quantity is None else quantity}"]
    for letter, places in (above or {}).items():
        lines.append(f"{' ' * (margin + 2)}{_row_of(letter, places, clock, columns)}".rstrip())
    for row in reversed(range(axis.height)):
        words = axis.labels.get(row, "")
        wall = frame.mark if words else frame.wall
        lines.append(f"{words:>{margin}} {wall}{cells[row]}".rstrip())
    rule, numbers = _rule(clock, columns, label, frame)
    name = time if len(time) <= columns else time.split()[-1][:columns]
    indent = " " * (margin + 2)
    return [*lines, indent[1:] + frame.corner + rule, indent + numbers, indent + name]


# The axes -----------------------------------------------------------------------------------------


def linear_axis(curves: Iterable[np.ndarray], height: int) -> Axis:
    """Rows from 0 to the highest rate, with round numbers that lie on rows exactly."""
    top = max(_finite(curves), default=0.0) or 1.0
    power = 10.0 ** max(math.floor(math.log10(top)), -300)
    intervals = max(height - 1, 1)
    candidates = [
        (nice * tenth * intervals / rows, abs(4 - intervals / rows), nice * tenth, rows)
        for rows in range(max(intervals // 6, 1), max(intervals // 2, 1) + 1)
        for tenth in (0.1, 1.0, 10.0)
        for nice in NICE
    ]
    *_, step, rows = min(c for c in candidates if c[0] >= top / power * (1 - 1e-9))
    used = math.ceil(top / power / (step / rows) - 1e-9) + 1
    labels = {row: f"{row // rows * step * power:g}" for row in range(0, used, rows)}
    return Axis(0.0, step / rows * power, used, labels)


def tight_axis(curves: Iterable[np.ndarray], height: int) -> Axis:
    """Rows from a round number at or below the lowest value to the highest, 3 or more."""
    found = _finite(curves) or [0.0]
    low, high = min(found), max(found)
    apart = high - low if high - low > 1e-6 * abs(high) else abs(high) or 1.0  # or it is flat
    power = 10.0 ** max(math.floor(math.log10(apart)), -300)
    intervals = max(height - 1, 2)  # from below 0 to above it takes two labels
    candidates = []
    for rows in range(max(intervals // 6, 1), max(intervals // 2, 1) + 1):
        for step in (nice * tenth * power for tenth in (0.1, 1.0, 10.0, 100.0) for nice in NICE):
            first = math.floor(low / step + 1e-9)
            if (first + intervals / rows) * step >= high - 1e-9 * step:
                candidates.append((step / rows, abs(4 - intervals / rows), step, rows, first))
    *_, step, rows, first = min(candidates)
    used = math.ceil((high / step - first) * rows - 1e-9) + 1
    labels = {row: f"{(first + row // rows) * step:.10g}" for row in range(0, used, rows)}
    return Axis(first * step, step / rows, used, labels)


def log_axis(curves: Iterable[np.ndarray], height: int) -> Axis:
    """Rows over whole powers of ten, as many for each; rates of 0 have no place."""
    rates = [rate for rate in _finite(curves, positive=True) if rate > 0] or [1.0]
    low, high = math.floor(math.log10(min(rates))), math.ceil(math.log10(max(rates)))
    low = min(low, high - 1)
    decades, intervals = high - low, max(height - 1, 1)
    if decades > intervals:
        per_row = math.ceil(decades / intervals)
        labels = {row: _power_of_ten(low + row * per_row) for row in range(0, height, 3)}
        return Axis(low, per_row, height, labels, log=True)
    rows = intervals // decades
    apart = rows * math.ceil(decades / 6)
    if rows >= 6:  # few labels: one more in the middle of each power
        rows -= rows % 2
        apart = rows // 2
    used = decades * rows + 1
    labels = {row: _power_of_ten(low + row / rows) for row in range(0, used, apart)}
    return Axis(low, 1 / rows, used, labels, log=True)


def _power_of_ten(exponent: float) -> str:
    if exponent % 1 == 0 and not -5 < exponent < 5:
        return f"1e{exponent:g}"
    return f"{10 ** min(exponent, 308):.2g}"


def _finite(curves: Iterable[np.ndarray], positive: bool = False) -> list[float]:
    """The smallest and the largest rate of each curve."""
    found = []
    for rates in curves:
        kept = rates[np.isfinite(rates) & (rates > 0 if positive else True)]
        found += [float(kept.min()), float(kept.max())] if kept.size else []
    return found


# The time axis ------------------------------------------------------------------------------------


class Clock(NamedTuple):
    """What the columns of a picture mean: they divide [start, end) evenly."""

    start: float
    last: float  # the t of the last value, which holds until `end`
    end: float
    unit: float  # round numbers are no closer than this; 0 where t can be any number

    @classmethod
    def of(cls, points: int, t: np.ndarray | None) -> "Clock":
        """Updates 0 to `points`, or from the first t to one mean distance after the last."""
        if t is None:
            return cls(0, points, points, 1)
        start, last = float(t[0]), float(t[-1])
        return cls(start, last, last + (last - start) / max(points - 1, 1), 0)

    @property
    def length(self) -> float:
        """From the start to the end."""
        return self.end - self.start

    def column(self, at: float, columns: int) -> int:
        """The column of the time `at`; the nearest where that is outside."""
        return min(max(int((at - self.start) * columns // self.length), 0), columns - 1)

    def ticks(self, least: float) -> list[float]:
        """The round times that lie at least `least` apart."""
        step = _nice_step(max(least, self.unit))
        first = math.ceil(self.start / step - 1e-9)
        after = math.ceil(self.end / step - 1e-9)
        return [number * step for number in range(first, after)]


def _nice_step(least: float) -> float:
    """1, 2, 5 or 10 times a power of ten, the smallest that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(nice * power for nice in (1, 2, 5, 10) if nice * power >= least)


def _rule(
    clock: Clock, columns: int, label: Callable[[float], str], frame: Frame
) -> tuple[str, str]:
    """The rule under the curves with its ticks, and the numbers under them."""
    widest = max(len(label(clock.start)), len(label(clock.last))) + 2
    rule, numbers = [frame.rule] * columns, ""
    for at in clock.ticks(clock.length * max(widest, columns / 8) / columns):
        column, number = clock.column(at, columns), label(at)
        if number and (column > len(numbers) or not numbers) and column + len(number) <= columns:
            rule[column] = frame.tick
            numbers = f"{numbers:<{column}}{number}"
    return "".join(rule), numbers


def _row_of(letter: str, places: Iterable[tuple[float, float]], clock: Clock, columns: int) -> str:
    """The letter in every column that one of the places touches."""
    row = [" "] * columns
    for first, last in places:
        for column in range(clock.column(first, columns), clock.column(last, columns) + 1):
            row[column] = letter
    return "".join(row)


# The curves ---------------------------------------------------------------------------------------


def starts(points: int, columns: int, t: np.ndarray | None = None) -> np.ndarray:
    """The number of the point that is in force where each column begins, (columns,)."""
    if t is None:
        return np.arange(columns) * points // columns
    clock = Clock.of(points, t)
    edges = clock.start + np.arange(1, columns) * clock.length / columns
    return np.concatenate([[0], np.searchsorted(t, edges, side="right") - 1])


def spans(rows: np.ndarray, first: np.ndarray, dots: int) -> tuple[np.ndarray, np.ndarray]:
    """(lowest, highest) dot of a curve in each column, `dots` to a row; -1 where there is none.

    `first` is the first point of each column, the same for several that show one point. A column
    reaches to its neighbour on the left, so that steep curves do not fall to pieces.
    """
    ends = np.maximum(np.append(first[1:], len(rows)) - 1, first)
    low, high = (f.reduceat(rows, first) for f in (np.fmin, np.fmax))
    lowest, highest, last = (_dot(place, dots) for place in (low, high, rows[ends]))
    before = np.concatenate([lowest[:1], last[:-1]])
    joined = (before >= 0) & (lowest >= 0)
    above, below = joined & (before > highest), joined & (before < lowest)
    highest = np.where(above, before - 1, highest)
    return np.where(below, before + 1, lowest), highest


def _dot(rows: np.ndarray, dots: int) -> np.ndarray:
    return np.floor(np.nan_to_num((rows + 0.5) * dots, nan=-1.0) + 1e-9).astype(int)


def _mask(rows: np.ndarray, first: np.ndarray, height: int, dots: int) -> np.ndarray:
    """Which dots a curve lights, (height * dots, columns), the lowest row first."""
    lowest, highest = spans(rows, first, dots)
    dot = np.arange(height * dots)[:, None]
    return (lowest <= dot) & (dot <= highest) & (lowest >= 0)


def _braille(
    curves: Sequence[np.ndarray], height: int, columns: int, t: np.ndarray | None
) -> list[str]:
    """The rows of one curve, the lowest first, with 4 x 2 dots in a character."""
    (rows,) = curves
    mask = _mask(rows, starts(len(rows), 2 * columns, t), height, 4)
    bits = np.einsum("hdcx,dx->hc", mask.reshape(height, 4, columns, 2)[:, ::-1], np.array(DOTS))
    return ["".join(chr(BLANK + bit) if bit else " " for bit in row) for row in bits]


def _marks(
    curves: Sequence[np.ndarray], height: int, columns: int, t: np.ndarray | None
) -> list[str]:
    """The rows of several curves, the lowest first; where they meet, their marks take turns."""
    masks = np.array(  # (curve, row, column)
        [_mask(rows, starts(len(rows), columns, t), height, 1) for rows in curves]
    )
    turn = np.arange(columns) % np.maximum(masks.sum(axis=0), 1)
    chosen = masks & (masks.cumsum(axis=0) - 1 == turn)
    numbers = np.where(masks.any(axis=0), chosen.argmax(axis=0) + 1, 0)
    return ["".join((" " + MARKS)[n] for n in row) for row in numbers]
