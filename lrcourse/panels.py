"""A picture as plain data, drawn twice: live by `explore/front`, and still by `plots`.

A `View` is what an explorer shows for one position of its sliders: panels with curves, a
sentence, the code that makes the curves, a table of key numbers. It knows no pixels and no
colours. NumPy only.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

TIME = "optimizer update t"
RATE = "learning rate η"


# What is drawn ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Curve:
    """y over x as a line; NaN is a gap.

    A `held` curve is a staircase: each value holds until the next x, the last one too. Without
    `x` the curve stands at 0, 1, 2, ... `style` is the number of its colour, dashes and width;
    a `faint` curve is a thin line behind the others and has no label. `early` marks a curve
    that stops before its panel ends, because what it shows has stopped.
    """

    label: str
    y: np.ndarray  # (n,)
    x: np.ndarray | None = None  # (n,), rising where the panel has a cursor
    style: int = 0
    held: bool = False
    faint: bool = False
    early: bool = False

    @property
    def xs(self) -> np.ndarray:
        """Where the values stand: (n,)"""
        return np.arange(len(self.y)) if self.x is None else np.asarray(self.x)


@dataclass(frozen=True)
class Band:
    """The area between `low` and `high`: an interval, or the runs of many seeds."""

    low: np.ndarray  # (n,)
    high: np.ndarray  # (n,)
    x: np.ndarray | None = None  # (n,)
    style: int = 0

    @property
    def xs(self) -> np.ndarray:
        """Where the values stand: (n,)"""
        return np.arange(len(self.low)) if self.x is None else np.asarray(self.x)


@dataclass(frozen=True)
class Dots:
    """Single points; each style has a shape of its own."""

    label: str
    x: np.ndarray  # (n,)
    y: np.ndarray  # (n,)
    style: int = 0


@dataclass(frozen=True)
class Rule:
    """A straight line across the panel, at this x or at this y.

    Where `moves` names an argument of the explorer, the line can be dragged to change it.
    """

    label: str
    x: float | None = None
    y: float | None = None
    style: int = 0
    moves: str = ""


Mark = Curve | Band | Dots | Rule


@dataclass(frozen=True)
class Axis:
    """A label with its unit, and the limits; a limit of None comes from what is drawn.

    `log` None lets the reader choose, and starts linear. A linear axis begins at 0 where nothing
    drawn is below; one whose `tight` is True begins and ends at what is drawn.
    """

    label: str
    low: float | None = None
    high: float | None = None
    log: bool | None = False
    tight: bool = False


@dataclass(frozen=True)
class Panel:
    """One pair of axes. Panels stand below each other, `height` times as high as usual.

    With a `cursor` the reader can look at one x of all panels that have one: x is then a whole
    number, such as the time t. `draws` names the argument that a hand can paint here.
    """

    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    height: float = 1.0
    cursor: bool = False
    draws: str = ""
    title: str = ""


def time_panel(
    *marks: Mark, y: Axis | None = None, steps: int | None = None, height: float = 1.0, **more: Any
) -> Panel:
    """Marks over the optimizer updates, with a cursor; learning rates unless `y` says otherwise."""
    x = Axis(TIME, low=0, high=steps, tight=True)
    return Panel(x, y or Axis(RATE, log=None), tuple(marks), height, cursor=True, **more)


def rates(label: str, values: Any, style: int = 0, early: bool = False) -> Curve:
    """The rates of the updates 0, 1, 2, ...: they exist at whole t only, so each is held."""
    return Curve(label, np.asarray(values, dtype=float), style=style, held=True, early=early)


# What stands around it -------------------------------------------------------------------------


@dataclass(frozen=True)
class Code:
    """What a learner would type to get the curve `label`; it can be copied with one click."""

    label: str
    text: str
    style: int = 0


@dataclass(frozen=True)
class Table:
    """Key numbers as text: names of the columns, and rows that begin with their own name."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Measure:
    """One number that a move is judged by, such as the area under the rates."""

    name: str
    value: float

    def against(self, before: "Measure | None") -> str:
        """Half a sentence: "area Σ η = 5.05, 30% more than before"."""
        now = f"{self.name} = {self.value:.4g}"
        if before is None or before.name != self.name or not before.value > 0:
            return now
        change = self.value / before.value - 1
        if not np.isfinite(change) or abs(change) < 0.005:
            return now
        many = f"{1 + change:.3g} times that" if change > 1 else f"{abs(change):.0%}"
        words = "before" if change > 1 else ("more" if change > 0 else "less") + " than before"
        return f"{now}, {many} {words}"


@dataclass(frozen=True)
class View:
    """Everything that changes with one move.

    `said` is the picture in one line. `done` below 1 says that a better picture is coming: the
    share of the work that is behind it.
    """

    panels: tuple[Panel, ...]
    said: str
    codes: tuple[Code, ...] = ()
    table: Table | None = None
    measure: Measure | None = None
    done: float = 1.0

    @property
    def alt(self) -> str:
        """The picture for who cannot see it."""
        drawn = " ".join(f"{_described(panel)}." for panel in self.panels)
        return f"{drawn} {_ended(self.said)}"


def _described(panel: Panel) -> str:
    named = [mark.label for mark in panel.marks if not isinstance(mark, Band) and mark.label]
    shown = f": {', '.join(dict.fromkeys(named))}" if named else ""
    name = f"{panel.title}, " if panel.title else ""
    return f"{name}{panel.y.label} over {panel.x.label}{shown}"


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
