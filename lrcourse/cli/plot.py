"""`lrcourse plot`: the curve of a schedule, drawn with characters, in a file, or in numbers."""

import argparse
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lrcourse.cli.figure import picture_path, written
from lrcourse.cli.names import Refusal
from lrcourse.cli.output import can_show, printable, wrapped
from lrcourse.cli.request import Request, number, requests
from lrcourse.schedules import Schedule, Unit
from lrcourse.schedules.units import checked
from lrcourse.text_plot import MARKS, text_plot
from lrcourse.words import agreement, course

ENDLESS = 200  # updates shown of a schedule that has no end
MOST = 10_000_000  # updates drawn with characters
MOST_SLOW = 100_000  # updates that matplotlib draws or PyTorch plays
WIDTH = Unit("characters", 20, 1000, typical=79, play=(40, 120), whole=True)
HEIGHT = Unit("lines", 4, 200, typical=16, play=(8, 40), whole=True)
NEEDED = "⠀⣿│┤└─┬η"  # what the Unicode picture is made of
DESCRIPTION = """\
Draw schedules. Name one, then its parameters as name=value; what is not given takes
its default or a typical value. The next name begins the next curve. Code goes in
quotes, and what a schedule prints is such code.
"""


class Curve(NamedTuple):
    """What is drawn: the code, its rates (n,), NaN where there are none, and a remark."""

    code: str
    rates: np.ndarray
    remark: str = ""

    @property
    def words(self) -> str:
        """What is to be seen, for who cannot see it."""
        told = course(self.rates[: np.isfinite(self.rates).sum() or 1])
        return f"{told}; {self.remark}" if self.remark else told


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can follow `lrcourse plot`."""
    parser.description = DESCRIPTION
    parser.add_argument("words", nargs="*", metavar="NAME name=value", help='or "code"')
    parser.add_argument("--steps", metavar="N", help="updates shown (not the length: steps=N)")
    parser.add_argument("--log", action="store_true", help="logarithmic learning rate")
    parser.add_argument("--torch", action="store_true", help="PyTorch's curve beside it (slower)")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--at", metavar="T,T,...", help="only the rates at these t")
    instead.add_argument("--csv", action="store_true", help="only lines t,lr for a spreadsheet")
    instead.add_argument("--out", metavar="FILE", help="draw into a .png, .svg or .pdf")
    parser.add_argument("--width", metavar="N", help="of the text picture, in characters")
    parser.add_argument("--height", metavar="N", help="of its curves, in lines")
    parser.add_argument("--ascii", action="store_true", help="only the simplest characters")


def run(args: argparse.Namespace) -> Iterable[str]:
    """The lines of the picture, or of what stands in its place."""
    path = picture_path(args.out) if args.out else None
    asked = requests(args.words)
    if not asked:
        raise Refusal("plot needs the name of a schedule, such as lrcourse plot CosineDecay")
    if args.at is not None:
        t = _checked_times(args.at, args.torch)
        drawn = curves(asked, t, args.torch)
        _say_aside(_notes(asked, args.torch))
        return table(t, drawn)
    most = MOST_SLOW if args.out or args.torch else MOST
    t = np.arange(_steps_shown(args.steps, [each.schedule for each in asked], most))
    drawn = curves(asked, t, args.torch)
    if args.csv:
        _say_aside(_notes(asked, args.torch))
        return spreadsheet(drawn)
    lines = write(path, asked, drawn, args.log) if path else picture(drawn, args)
    return [*lines, *_notes(asked, args.torch)]


def curves(asked: Sequence[Request], t: np.ndarray, with_torch: bool) -> list[Curve]:
    """Our curves, each with PyTorch's after it where PyTorch has one."""
    found = []
    for schedule, _ in asked:
        with np.errstate(all="ignore"):
            found.append(Curve(repr(schedule), schedule(t)))
        if with_torch:
            found += _twin(schedule, t, found[-1].rates)
    if len(found) > len(MARKS):
        raise Refusal(f"{len(found)} curves are too many: one picture holds {len(MARKS)}")
    return found


def _twin(schedule: Schedule, t: np.ndarray, ours: np.ndarray) -> list[Curve]:
    from lrcourse.cli import twins  # torch loads slowly; only who asks for it waits

    code = twins.code_of(schedule)
    if not code:
        return []
    theirs = twins.rates_of(schedule, int(t.max()) + 1)[t.astype(int)]
    return [Curve(f"PyTorch: {code}", theirs, agreement(ours, theirs[np.isfinite(theirs)]))]


# What is printed --------------------------------------------------------------------------------


def picture(drawn: Sequence[Curve], args: argparse.Namespace) -> list[str]:
    """The curves with their names and what they do, drawn with characters."""
    width, height = _size(args)
    ascii = args.ascii or not can_show(NEEDED, sys.stdout.encoding)
    plot = text_plot([curve.rates for curve in drawn], width, height, args.log, ascii)
    legend = []
    for mark, curve in zip(MARKS, drawn, strict=False):
        indent = f"{mark}  " if len(drawn) > 1 else ""
        margin = " " * len(indent)
        legend += wrapped(curve.code, indent, margin + " " * 4, width)
        legend += wrapped(curve.words, margin, margin or " " * 4, width)
    has_zero = any((curve.rates == 0).any() for curve in drawn)
    lost = ["A rate of 0 has no place on a logarithmic axis."] if args.log and has_zero else []
    return [*legend, "", *plot, *lost]


def table(t: np.ndarray, drawn: Sequence[Curve]) -> list[str]:
    """The rates at each t, one column for each curve."""
    several = len(drawn) > 1
    heads = list(MARKS[: len(drawn)]) if several else ["learning rate"]
    rows = [["t", *heads]]
    rows += [
        [f"{at:.15g}", *map(_digits, rates)] for at, rates in zip(t, _rows(drawn), strict=True)
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    named = zip(heads, drawn, strict=True)
    legend = [f"{head}  {curve.code}" if several else curve.code for head, curve in named]
    return legend + [_padded(row, widths) for row in rows]


def _padded(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [row[0].rjust(widths[0]), *map(str.ljust, row[1:], widths[1:])]
    return "  ".join(cells).rstrip()


def spreadsheet(drawn: Sequence[Curve]) -> Iterator[str]:
    """Lines of comma-separated values: t and the rate of each curve, with all digits."""
    names = ['"' + curve.code.replace('"', '""') + '"' for curve in drawn]
    yield f"t,{','.join(names)}" if len(drawn) > 1 else "t,lr"
    for t, rates in enumerate(_rows(drawn)):
        yield ",".join([str(t), *("" if np.isnan(rate) else repr(float(rate)) for rate in rates)])


def write(path: Path, asked: Sequence[Request], drawn: Sequence[Curve], log: bool) -> list[str]:
    """Draw our schedules, and PyTorch's recorded rates, into the file."""
    from lrcourse.plots import numbered, plot_rates  # matplotlib loads slowly

    steps = len(drawn[0].rates)
    told = " ".join(f"{curve.code}: {curve.words}." for curve in drawn)
    theirs = [curve.rates for curve in drawn if curve.code.startswith("PyTorch: ")]
    played = [rates[np.isfinite(rates)] for rates in theirs]
    torchs: dict[str, Any] = dict(zip(numbered(["PyTorch"] * len(played)), played, strict=True))
    schedules = [each.schedule for each in asked]
    ax = plot_rates(*schedules, steps=steps, y_scale="log" if log else "linear", **torchs)
    return written(path, ax, f"Learning rate η over {steps} optimizer updates. {told}")


def _notes(asked: Sequence[Request], with_torch: bool) -> list[str]:
    """What has to be said about the values that were chosen, and about missing twins."""
    notes = [request.note for request in asked if request.note]
    if with_torch:
        from lrcourse.cli import twins  # loaded already

        missing = [each.schedule for each in asked if not twins.code_of(each.schedule)]
        notes += [f"PyTorch has nothing that does the same as {schedule!r}" for schedule in missing]
    return [f"{note}." for note in notes]


def _say_aside(lines: Iterable[str]) -> None:
    """Remarks about numbers go where they do not stand between the numbers."""
    for line in lines:
        print(printable(line, sys.stderr.encoding), file=sys.stderr)


def _rows(drawn: Sequence[Curve]) -> Iterator[tuple[float, ...]]:
    return zip(*(curve.rates.tolist() for curve in drawn), strict=True)


def _digits(rate: float) -> str:
    return "-" if np.isnan(rate) else f"{rate:.10g}"


# What the options mean --------------------------------------------------------------------------


def _checked_times(text: str, with_torch: bool) -> np.ndarray:
    times = [number(word.strip()) for word in text.split(",") if word.strip()]
    if not times or any(isinstance(each, str) for each in times):
        raise Refusal(f"--at needs numbers with commas between them, such as 0,10,50, not {text!r}")
    if with_torch and not all(each % 1 == 0 and 0 <= each < MOST_SLOW for each in times):
        raise Refusal(f"--at with --torch needs whole numbers below {MOST_SLOW}, not {text!r}")
    return np.array(times, float)


def _steps_shown(text: str | None, schedules: Sequence[Schedule], most: int) -> int:
    """How many updates to draw: what was asked, or enough to see each schedule hold its end."""
    shown = Unit("updates shown", 1, most, typical=200, play=(10, 1000), whole=True)
    if text is not None:
        return checked("plot", "--steps", shown, number(text))
    steps = max(ENDLESS if s.steps is None else s.steps + -(-s.steps // 10) for s in schedules)
    if steps > most:
        raise Refusal(f"{steps} updates are too many to draw: show the first ones, --steps {most}")
    return steps


def _size(args: argparse.Namespace) -> tuple[int, int]:
    """(width, height) of the picture: as asked, or what fits into the terminal."""
    terminal = shutil.get_terminal_size((80, 24))
    width, height = min(max(terminal.columns - 1, 20), 120), min(max(terminal.lines - 8, 8), 20)
    if args.width is not None:
        width = checked("plot", "--width", WIDTH, number(args.width))
    if args.height is not None:
        height = checked("plot", "--height", HEIGHT, number(args.height))
    return width, height
