"""`lrcourse diagnose`: what a log of losses says about its learning rate."""

import argparse
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lrcourse.cli.figure import picture_path, written
from lrcourse.cli.names import Refusal
from lrcourse.cli.output import WIDEST, can_show, wrapped
from lrcourse.text_plot import text_plot

LETTERS = "abcdefghijklmnopqrstuvwxyz"
HUGE = 1e100  # larger losses are not drawn
NEAR_ZERO = 0.4  # a curve that falls below this share of its height is drawn down to 0
NEEDED = "⠀⣿│┤└─┬"  # what the Unicode picture is made of
DESCRIPTION = """\
Read the log of a training and say what its losses show about the learning rate: diverging,
oscillating, too slow, a plateau, ... with the evidence, a remedy and how sure that is.

LOG is a CSV file with a header, JSON lines, a trainer_state.json of transformers, or an
event file or folder of TensorBoard; - reads CSV or JSON lines from another program.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can follow `lrcourse diagnose`."""
    parser.description = DESCRIPTION
    parser.add_argument("words", nargs="*", metavar="LOG", help="the log of one training")
    columns = parser.add_argument_group("columns, where their names are not recognised")
    columns.add_argument("--loss", metavar="NAME", help="the training loss")
    columns.add_argument("--lr", metavar="NAME", help="the learning rate")
    columns.add_argument("--val", metavar="NAME", help="the validation loss")
    columns.add_argument("--step", metavar="NAME", help="the steps; `rows` counts the losses")
    parser.add_argument("--out", metavar="FILE", help="draw into a .png, .svg or .pdf")
    parser.add_argument("--ascii", action="store_true", help="only the simplest characters")
    measured = parser.add_argument_group("how often the diagnosis is right")
    measured.add_argument(
        "--confusion", action="store_true", help="measure it on labelled trainings (some minutes)"
    )
    measured.add_argument(
        "--first-seed", type=int, default=0, metavar="N", help="use the seeds from N on (default 0)"
    )
    measured.add_argument("--markdown", action="store_true", help="as a page of documentation")


def run(args: argparse.Namespace) -> Iterable[str]:
    """What the log shows, or how often that is right."""
    if args.confusion:
        return _confusion(args)
    if args.markdown or args.first_seed:
        raise Refusal("--first-seed and --markdown belong to --confusion")
    if len(args.words) != 1:
        given = f", not {len(args.words)}" if args.words else ""
        raise Refusal(f"diagnose needs one log{given}, such as lrcourse diagnose log.csv")
    out = picture_path(args.out) if args.out else None
    return _diagnosed(args, out)


def _confusion(args: argparse.Namespace) -> Iterable[str]:
    if args.words or args.out:
        raise Refusal("--confusion needs no log: it trains its own, whose truth is known")
    if args.first_seed < 0:
        raise Refusal(f"--first-seed must be at least 0, got {args.first_seed}")
    from lrcourse.diagnosis import confusion_lines  # torch loads slowly; --help need not wait

    return confusion_lines(args.first_seed, args.markdown)


def _diagnosed(args: argparse.Namespace, out: Path | None) -> Iterator[str]:
    from lrcourse.diagnosis import diagnose  # torch loads slowly; --help need not wait
    from lrcourse.diagnosis.reading import read_log

    source = sys.stdin.buffer if args.words == ["-"] else args.words[0]
    log = read_log(source, loss=args.loss, lr=args.lr, val=args.val, step=args.step)
    diagnosis = diagnose(log.losses, log.lrs, log.val_after, log.steps, log.time)
    yield from report(log, diagnosis)
    yield ""
    yield from picture(log, diagnosis, args.ascii)
    if out:
        yield ""
        from lrcourse.plots import plot_diagnosis  # matplotlib loads slowly

        wrote, alt = written(out, plot_diagnosis(diagnosis, log.steps, log.time))
        yield from [wrote, *wrapped(alt)]


# What is printed -------------------------------------------------------------------------------


def report(log: Any, diagnosis: Any) -> Iterator[str]:
    """What was read, the verdict, each sign with its letter, and the notes."""
    yield from wrapped(f"{log.name}: {_what_was_read(log)}", "", "  ")
    yield ""
    yield f"verdict: {diagnosis.verdict}"
    for letter, sign in zip(LETTERS, diagnosis.signs, strict=False):
        yield ""
        yield f"{letter}  {sign.name}, {sign.sure:.0%} sure, section {sign.section}"
        yield from wrapped(sign.evidence, "   ", "   ")
        yield from wrapped(sign.remedy, "   → ", "     ")
    asides = [*diagnosis.doubt, *(f"note: {note}" for note in log.notes)]
    yield from [""] * bool(asides)
    for aside in asides:
        yield from wrapped(aside, "", "      ")


def _what_was_read(log: Any) -> str:
    """The columns by name, and how much they hold."""
    first, last = log.steps[[0, -1]]
    counted = f"{log.time} {first:,.15g} to {last:,.15g}"
    read = [f"{len(log.losses):,} losses in {log.columns['loss']!r}, {counted}"]
    read.append(f"rates in {log.columns['lr']!r}" if log.lrs is not None else "no rates")
    if log.val is None:
        read.append("no validation losses")
    else:
        read.append(f"{len(log.val.losses):,} validation losses in {log.columns['val']!r}")
    return "; ".join(read)


def picture(log: Any, diagnosis: Any, ascii: bool = False) -> list[str]:
    """The curve of the losses in characters, and above it a line of letters for each sign."""
    from lrcourse.diagnosis.reading import is_wide  # loaded already

    losses = np.where(np.abs(log.losses) <= HUGE, log.losses, np.nan)
    if not np.isfinite(losses).any():
        return ["No loss is a finite number that can be drawn: there is no curve."]
    terminal = shutil.get_terminal_size((80, 24))
    low, high = np.nanmin(losses), np.nanmax(losses)
    is_log = is_wide(losses)
    return text_plot(
        [losses],
        width=min(max(terminal.columns - 1, 30), WIDEST),
        height=min(max(terminal.lines - 12, 6), 14),
        log=is_log,
        ascii=ascii or not can_show(NEEDED, sys.stdout.encoding),
        t=log.steps,
        quantity="loss, logarithmic" if is_log else "loss",
        time=log.time,
        above=_letters(log, diagnosis),
        zero=bool(0 <= low < NEAR_ZERO * high),
    )


def _letters(log: Any, diagnosis: Any) -> dict[str, list[tuple[float, float]]]:
    """The letter of each sign, with the (first, last) steps where it was seen."""
    return {
        letter: [(log.steps[first], log.steps[last]) for first, last in sign.places]
        for letter, sign in zip(LETTERS, diagnosis.signs, strict=False)
        if sign.places
    }
