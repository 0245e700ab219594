"""`lrcourse list`: every schedule in a table, or one in full."""

import argparse
import inspect
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import MISSING
from itertools import groupby
from typing import Any

from lrcourse.cli.code import makers
from lrcourse.cli.names import parameters, schedule_class, schedules
from lrcourse.cli.output import WIDEST
from lrcourse.cli.request import shown_word
from lrcourse.schedules import Choice, ReduceOnPlateau, Repeat, Schedule

COMPOSED = {
    "a >> b": "first all of a, then b from its own t = 0",
    "a * b, 0.5 * a": "the product at each t; a number scales every rate",
    "a.lasting(n)": "the first n updates of a, so that another can follow",
    "Repeat(a)": "a again and again; Repeat(a, count, stretch, gamma)",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can follow `lrcourse list`."""
    parser.add_argument("words", nargs="*", metavar="NAME", help="show this one in full")
    parser.add_argument("--torch", action="store_true", help="with PyTorch's code (slower)")


def run(args: argparse.Namespace) -> Iterable[str]:
    """The lines of the table, or of each name."""
    if not args.words:
        return overview(min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST))
    classes = [schedule_class(name) for name in args.words]
    return "\n\n\n".join("\n".join(details(cls, args.torch)) for cls in classes).splitlines()


# All of them ------------------------------------------------------------------------------------


def overview(width: int) -> Iterator[str]:
    """The schedules under the headlines of their files, with their formulas."""
    classes = sorted(schedules().values(), key=_section)
    for module, group in groupby(classes, key=lambda cls: cls.__module__):
        yield f"-- {_first_line(sys.modules[module])}"
        yield from _table({cls.__name__: _first_line(cls) for cls in group}, width)
        yield ""
    yield "-- The one that listens to a metric, so it is no function of t. Section 05."
    yield from _table({"ReduceOnPlateau": _first_line(ReduceOnPlateau)}, width)
    yield ""
    yield "-- Schedules made of schedules."
    yield from _table(COMPOSED, width)
    yield ""
    yield "One in full: lrcourse list CosineDecay. Its curve: lrcourse plot CosineDecay."


def _table(rows: dict[str, str], width: int) -> Iterator[str]:
    for name, text in rows.items():
        yield from textwrap.wrap(
            text,
            max(width, 40),
            initial_indent=f"{name:17} ",
            subsequent_indent=" " * 18,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _first_line(thing: Any) -> str:
    """The formula, or the headline, without what is there for other readers."""
    line = (inspect.getdoc(thing) or "").partition("\n")[0]
    return line.replace("`", "").replace(",  ", ", ")


def _section(cls: type[Schedule]) -> tuple[int, str]:
    """The section that the file names; files of no section come first."""
    found = re.search(r"Section (\d+)", sys.modules[cls.__module__].__doc__ or "")
    return int(found[1]) if found else 0, cls.__module__


# One of them ------------------------------------------------------------------------------------


def details(cls: Any, with_torch: bool = False) -> Iterator[str]:
    """Everything about one schedule."""
    yield from textwrap.wrap(_signature(cls), WIDEST, subsequent_indent="    ")
    yield ""
    yield from (inspect.getdoc(cls) or "").splitlines()
    yield ""
    yield from _parameter_table(cls)
    for maker in makers(cls):
        yield ""
        yield from _maker(cls, maker)
    yield ""
    yield f"from lrcourse.schedules import {cls.__name__}"
    if cls not in (Repeat, ReduceOnPlateau):
        yield _example(cls)
        yield from _twin(cls) if with_torch else [f"PyTorch: lrcourse list {cls.__name__} --torch"]


def _signature(cls: Any) -> str:
    defaults = ((name, cls.default(name)) for name in parameters(cls))
    words = (name if value is MISSING else f"{name}={value!r}" for name, value in defaults)
    return f"{cls.__name__}({', '.join(words)})"


def _parameter_table(cls: Any) -> Iterator[str]:
    """One line for each; the typical value stands in where a value must be given and is not."""
    rows = [("parameter", "meaning", "legal", "default", "typical")]
    for name, unit in cls.units().items():
        legal = " ".join(unit.words) if isinstance(unit, Choice) else unit.interval
        default = cls.default(name)
        last = ("-", shown_word(unit.typical)) if default is MISSING else (str(default), "")
        rows.append((name, unit.meaning, legal, *last))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(f"{cell:{w}}" for cell, w in zip(row, widths, strict=True)).rstrip()


def _maker(cls: Any, maker: str) -> Iterator[str]:
    method = getattr(cls, maker)
    yield f"{cls.__name__}.{maker}({', '.join(inspect.signature(method).parameters)})"
    yield from textwrap.indent(inspect.getdoc(method) or "", "  ").splitlines()


def _example(cls: Any) -> str:
    values = ((name, getattr(cls.example(), name)) for name in cls.units())
    given = [
        f"{name}={shown_word(value)}" for name, value in values if cls.default(name) is MISSING
    ]
    return f"lrcourse plot {cls.__name__} {' '.join(given)}"


def _twin(cls: Any) -> Iterator[str]:
    from lrcourse.cli.twins import code_of  # torch loads slowly; only who asks for it waits

    code = code_of(cls.example())
    yield f"PyTorch: {code or 'has nothing that does the same'}"
    if code:
        yield f"         for {cls.example()!r}, where the optimizer's lr is the peak"
