"""`lrcourse recipe`: what well-known models were trained with, on any clock, with sources."""

import argparse
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from lrcourse.cli.figure import picture_path, written
from lrcourse.cli.names import Refusal
from lrcourse.cli.output import WIDEST, can_show, wrapped
from lrcourse.cli.plot import NEEDED
from lrcourse.recipes import RECIPES, WRONG_FIGURES, Batch, Recipe, recipe
from lrcourse.recipes.clocks import CLOCKS, COUNTED, short
from lrcourse.recipes.course import Course, course
from lrcourse.schedules import Schedule
from lrcourse.text_plot import text_plot

POINTS = 1001  # of a curve, in a spreadsheet and in a file
FINE = 20_001  # of the curve in the terminal, which is thinned to the highest and the lowest rate
ASSUMED = {"batch": 256, "tokens_per_sample": 1024, "samples_per_epoch": 1_000_000}  # examples
EPILOG = """\
examples:
  lrcourse recipe
  lrcourse recipe gpt3-175b --plot
  lrcourse recipe gpt3-175b --clock tokens --out curve.png
  lrcourse recipe gpt1 samples_per_epoch=1000000 --code
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can follow `lrcourse recipe`."""
    parser.epilog = EPILOG
    parser.add_argument(
        "words",
        nargs="*",
        metavar="NAME",
        help="show this one; batch=N, tokens_per_sample=N or samples_per_epoch=N behind it name "
        "what was not published",
    )
    parser.add_argument("--wrong", action="store_true", help="wrong figures that circulate")
    parser.add_argument("--clock", metavar="CLOCK", help=f"draw over {', '.join(CLOCKS)}")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--plot", action="store_true", help="draw the schedule here")
    instead.add_argument("--csv", action="store_true", help="only lines t,lr for a spreadsheet")
    instead.add_argument("--out", metavar="FILE", help="draw into a .png, .svg or .pdf")
    instead.add_argument("--code", action="store_true", help="the Python of the schedule")
    parser.add_argument("--log", action="store_true", help="logarithmic learning rate")
    parser.add_argument("--ascii", action="store_true", help="only the simplest characters")


def run(args: argparse.Namespace) -> Iterable[str]:
    """The list, or what was asked of one recipe."""
    asks = args.plot or args.csv or args.out or args.code or args.clock
    if args.wrong:
        return wrong_figures(asked(args.words) if args.words else None)
    if not args.words:
        if asks:
            raise Refusal("name a recipe, such as lrcourse recipe gpt3-175b --plot")
        return overview()
    chosen = asked(args.words)
    if not asks:
        return [*str(chosen).splitlines(), "", *next_steps(chosen)]
    if args.code:
        clock = args.clock or first_clock(chosen)
        refuse_unpublished(chosen, clock)
        return code(chosen.schedule(clock))
    drawn = course_of(chosen, args.clock or first_clock(chosen), FINE if args.plot else POINTS)
    if args.csv:
        return spreadsheet(drawn)
    if args.out:
        from lrcourse.plots.recipes import plot_course  # matplotlib loads slowly

        return written(picture_path(args.out), plot_course(drawn, log=args.log))
    return picture(drawn, args.log, args.ascii)


def asked(words: list[str]) -> Recipe:
    """The recipe of the first word, with what the others assume."""
    name, *assumptions = words
    return recipe(name).knowing(**dict(map(assumption, assumptions)))


def assumption(word: str) -> tuple[str, Any]:
    """("batch", Batch(256)) of "batch=256"; a batch counts samples."""
    name, _, value = word.partition("=")
    if name not in ASSUMED or not value.replace("_", "").isdigit():
        raise Refusal(f"{word} is not understood: {', '.join(f'{each}=N' for each in ASSUMED)} are")
    return name, Batch(int(value)) if name == "batch" else int(value)


def first_clock(chosen: Recipe) -> str:
    """Steps, where the recipe has them; a recipe without a schedule says why."""
    return "steps" if "steps" in chosen.clocks or not chosen.clocks else chosen.clocks[0]


# Text -------------------------------------------------------------------------------------------


def overview() -> Iterator[str]:
    """Every recipe in one line, by year."""
    heads = ("name", "year", "peak", "warmup", "decay", "length", "batch")
    rows = [heads, *(row(each) for each in RECIPES.values())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for cells in rows:
        yield "  ".join(map(str.ljust, cells, widths)).rstrip()
    yield ""
    yield '"?" was not published. One in full, with its sources: lrcourse recipe gpt3-175b.'
    yield "Figures that circulate and are wrong: lrcourse recipe --wrong."


def row(each: Recipe) -> tuple[str, ...]:
    """The cells of one line."""
    peak = "?" if each.peak_lr is None else f"{each.peak_lr:.3g}"
    batch = f"{short(each.batch.amount)} {each.batch.clock}" if each.batch else "?"
    decay = "?" if each.decay == "unpublished" else each.decay
    return (
        each.name,
        str(each.year),
        peak,
        str(each.warmup or "?"),
        decay,
        str(each.length or "?"),
        batch,
    )


def next_steps(chosen: Recipe) -> Iterator[str]:
    """What can be asked next, and which figures of this model are wrong."""
    wrong = [each for each in WRONG_FIGURES if each.model == chosen.name]
    for each in wrong:
        yield from wrapped(f"Often said, and wrong: {each}", later="    ")
    if chosen.clocks:
        yield f"Clocks: {', '.join(chosen.clocks)}."
        yield f"Its curve: lrcourse recipe {chosen.name} --plot. Its code: --code."


def wrong_figures(chosen: Recipe | None) -> Iterator[str]:
    """What is said, what is true, and why, with the sources."""
    found = [each for each in WRONG_FIGURES if chosen is None or each.model == chosen.name]
    if chosen and not found:
        yield f"No wrong figure of {chosen.name} is known here."
    for each in found:
        yield each.model
        yield from wrapped(f"said    {each.said}", "  ", " " * 10)
        yield from wrapped(f"true    {each.true}", "  ", " " * 10)
        yield from wrapped(f"why     {each.why}", "  ", " " * 10)
        yield from wrapped(f"ledger  {', '.join(each.ledger)}", "  ", " " * 10)
        for source in each.sources:
            yield from wrapped(f"source  {source.name}, {source.address}", "  ", " " * 10)
        yield ""


def code(schedule: Schedule) -> Iterator[str]:
    """The imports and the schedule, ready to be run."""
    text = repr(schedule)
    names = sorted(set(re.findall(r"\b([A-Z]\w+)\(", text)))
    ours = {"Batch", "Clock", "OnClock", "Ramp", "Stages"}
    for module, found in (
        ("recipes", [name for name in names if name in ours]),
        ("schedules", [name for name in names if name not in ours]),
    ):
        if found:
            yield f"from lrcourse.{module} import {', '.join(found)}"
    yield ""
    yield "schedule = ("
    yield from wrapped(text, " " * 4, " " * 4, 88)
    yield ")"


# Curves -----------------------------------------------------------------------------------------


def course_of(chosen: Recipe, clock: str, points: int) -> Course:
    """The rates over the whole training, or how to name what was not published."""
    refuse_unpublished(chosen, clock)
    return course(chosen, clock, points)


def refuse_unpublished(chosen: Recipe, clock: str) -> None:
    """Refusal, with what to write on the command line, where a figure is missing for this clock."""
    if clock in CLOCKS and chosen.missing(clock) and chosen.lacking(clock) in ASSUMED:
        field = chosen.lacking(clock)
        raise Refusal(
            f"{chosen.name}: {field} is not published, so there is no schedule in {clock}; name "
            f"what you assume, as in lrcourse recipe {chosen.name} {field}={ASSUMED[field]}"
        )


def picture(drawn: Course, log: bool, ascii: bool) -> list[str]:
    """The curve in characters, over an axis that names its clock."""
    terminal = shutil.get_terminal_size((80, 24))
    width, height = min(max(terminal.columns - 1, 40), WIDEST), min(max(terminal.lines - 8, 8), 16)
    simple = ascii or not can_show(NEEDED, sys.stdout.encoding)
    curve = text_plot(
        [drawn.rates],
        width,
        height,
        log,
        simple,
        t=drawn.t,
        time=COUNTED[drawn.clock],
        label=short,
    )
    return [*wrapped(drawn.words, later="    "), "", *curve]


def spreadsheet(drawn: Course) -> Iterator[str]:
    """Lines of comma-separated values: the clock and the rate, with all digits."""
    yield f"{drawn.clock},lr"
    for t, rate in zip(drawn.t.tolist(), drawn.rates.tolist(), strict=True):
        yield f"{int(t) if t == int(t) else t!r},{rate!r}"
