"""Small pictures as SVG, drawn by our own few lines: they take the page's colours, day or night."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from lrcourse.grading.pages.markup import Html, element
from lrcourse.grading.pages.words import number

WIDTH, HEIGHT = 360, 170
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 24, 30  # margins of a curve, for numbers and names
MOST_POINTS = 400  # of a curve that is drawn; of a longer one every second, third, ...
APART = 1e-5  # of the largest expected number: two curves part


class Frame(NamedTuple):
    """Which numbers the picture shows: t from 0 to `steps`, values from `low` to `high`."""

    steps: int
    low: float
    high: float

    def x(self, t: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * t / self.steps

    def y(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return TOP + (HEIGHT - TOP - BOTTOM) * (self.high - inside) / (self.high - self.low)


def both_curves(yours: Sequence[object], expected: Sequence[object]) -> Html:
    """Your curve (dashed) and the expected one, with where they part in words; "" without numbers.

    The numbers are a student's: any may be missing or enormous. What lies far from the expected
    curve is drawn at the edge.
    """
    mine, right = [number(value) for value in yours], [number(value) for value in expected]
    frame = _frame(mine, right)
    if frame is None or not any(value is not None for value in mine):
        return Html("")
    told = f"Your curve and the expected one, from t = 0 to t = {frame.steps - 1}."
    return element(
        "figure",
        element(
            "svg",
            *_axes(frame),
            element("path", d=_held(right, frame), class_="expected"),
            element("path", d=_held(mine, frame), class_="yours"),
            *_legend(),
            viewBox=f"0 0 {WIDTH} {HEIGHT}",
            width=WIDTH,
            height=HEIGHT,
            role="img",
            aria_label=told,
        ),
        element("figcaption", _parting(mine, right, frame)),
    )


def parts_at(mine: Sequence[float | None], right: Sequence[float | None]) -> int | None:
    """The first t at which the two differ, if any."""
    scale = max((abs(value) for value in right if value is not None), default=0.0)
    for t in range(max(len(mine), len(right))):
        a, b = (values[t] if t < len(values) else None for values in (mine, right))
        if a is None or b is None:
            if a is not b:
                return t
        elif abs(a - b) > APART * scale:
            return t
    return None


def _parting(mine: Sequence[float | None], right: Sequence[float | None], frame: Frame) -> str:
    t = parts_at(mine, right)
    if t is None:
        return "The two curves are too close to each other to be told apart here."
    a, b = (values[t] if t < len(values) else None for values in (mine, right))
    told = f"They part at t = {t}: yours {_number(a)}, expected {_number(b)}."
    beyond = [v for v in mine if v is not None and not frame.low <= v <= frame.high]
    return told + (" Yours leaves the picture." if beyond else "")


def _number(value: float | None) -> str:
    return "no number" if value is None else f"{value:.6g}"


def _frame(mine: Sequence[float | None], right: Sequence[float | None]) -> Frame | None:
    """All of the expected curve, with 0, and as much of yours as leaves it well to be seen."""
    wanted = [value for value in right if value is not None]
    if not wanted:
        return None
    low, high = min(0.0, *wanted), max(0.0, *wanted)
    span = (high - low) or 1.0
    found = [value for value in mine if value is not None]
    lowest, highest = min([low, *found]), max([high, *found, low + span / 10])
    if not math.isfinite(2 * span):
        return None
    return Frame(
        max(len(mine), len(right)), max(lowest, low - span), min(highest, high + span) + span / 20
    )


def _held(values: Sequence[float | None], frame: Frame) -> str:
    """Each value is held until the next update; where there is none, the line is broken."""
    every = -(-len(values) // MOST_POINTS) or 1
    path, drawn = [], False
    for t in range(0, len(values), every):
        value = values[t]
        if value is not None:
            move = "V" if drawn else f"M{frame.x(t):.1f} "
            path.append(f"{move}{frame.y(value):.1f}H{frame.x(min(t + every, len(values))):.1f}")
        drawn = value is not None
    return "".join(path)


def _axes(frame: Frame) -> list[Html]:
    top, zero, left = frame.y(frame.high), frame.y(0.0), frame.x(0)
    floor, right = frame.y(frame.low), frame.x(frame.steps)
    ticks = {0.0, _round_below(frame.high)}
    if floor - zero > 12:  # pixels: room for one more number
        ticks.add(frame.low)
    lines = [
        element("path", d=f"M{left} {frame.y(tick):.1f}H{right}", class_="grid") for tick in ticks
    ]
    names = [_text(left - 5, frame.y(tick) + 4, f"{tick:.3g}", "end") for tick in sorted(ticks)]
    last = frame.steps - 1
    return [
        *lines,
        element(
            "path", d=f"M{left} {top:.1f}V{floor:.1f}M{left} {zero:.1f}H{right}", class_="axis"
        ),
        *names,
        _text(left, floor + 14, "0", "middle"),
        _text(
            frame.x(last), floor + 14, f"{last}", "middle" if last < frame.steps * 0.97 else "end"
        ),
        _text((left + right) / 2, floor + 24, "t, updates already made", "middle"),
        _text(2, 12, "learning rate", "start"),
    ]


def _round_below(value: float) -> float:
    """The largest number with one figure, or a half more, that is not above it: 1.05 -> 1."""
    size = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return math.floor(2 * value / size) * size / 2


def _legend() -> list[Html]:
    y = 8
    return [
        element("path", d=f"M{WIDTH - 168} {y}h24", class_="expected"),
        _text(WIDTH - 140, y + 4, "expected", "start"),
        element("path", d=f"M{WIDTH - 72} {y}h24", class_="yours"),
        _text(WIDTH - 44, y + 4, "yours", "start"),
    ]


def _text(x: float, y: float, words: str, anchor: str, class_: str | None = None) -> Html:
    return element("text", words, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=class_)


class Column(NamedTuple):
    """One column of a histogram: so many students have points from `low` up to `high`."""

    low: float
    high: float
    students: int

    @property
    def name(self) -> str:
        return f"{self.low:g}" if self.high - self.low <= 1 else f"{self.low:g} to {self.high:g}"


def histogram(columns: Sequence[Column]) -> Html:
    """How many students have how many points; nothing is drawn wider than a phone."""
    most = max((column.students for column in columns), default=0) or 1
    wide, floor = WIDTH / max(len(columns), 1), 118
    drawn: list[Html] = []
    for place, column in enumerate(columns):
        left, tall = place * wide, 100 * column.students / most
        is_one = column.high - column.low <= 1  # its points stand below it, else at its left edge
        drawn.append(
            _text(left + wide / 2, floor + 14, f"{column.low:g}", "middle")
            if is_one
            else _text(left, floor + 14, f"{column.low:g}", "start")
        )
        if column.students:
            drawn.append(_column(left, wide, floor, tall))
            drawn.append(
                _text(left + wide / 2, floor - tall - 4, f"{column.students}", "middle", "strong")
            )
    told = ", ".join(f"{each.name} points: {each.students}" for each in columns if each.students)
    return element(
        "figure",
        element(
            "svg",
            *drawn,
            element("path", d=f"M0 {floor}H{WIDTH}", class_="axis"),
            viewBox=f"0 0 {WIDTH} {floor + 20}",
            class_="histogram",
            role="img",
            aria_label=f"Histogram. {told}.",
        ),
        element("figcaption", "Points, and above each column how many students have them."),
    )


def _column(left: float, wide: float, floor: float, tall: float) -> Html:
    return element(
        "rect",
        x=f"{left + wide * 0.08:.1f}",
        y=f"{floor - tall:.1f}",
        width=f"{wide * 0.84:.1f}",
        height=f"{tall:.1f}",
        class_="column",
    )


def bar(right: int, wrong: int, whole: int) -> Html:
    """Shares of the class; the numbers stand beside it, so it is not read out."""
    end = 100 * right / whole if whole else 0
    more = 100 * wrong / whole if whole else 0
    return element(
        "svg",
        element("rect", x=0, y=0, width=f"{end:.1f}", height=10, class_="right"),
        element("rect", x=f"{end:.1f}", y=0, width=f"{more:.1f}", height=10, class_="wrong"),
        viewBox="0 0 100 10",
        preserveAspectRatio="none",
        class_="bar",
        aria_hidden="true",
    )
