"""`lrcourse update`: a new version of the course, with your answers in it."""

import argparse
from collections.abc import Iterable
from pathlib import Path

import lrcourse
from lrcourse.cli.names import Refusal
from lrcourse.update import pull, take_over

COURSE = Path(lrcourse.__file__).resolve().parents[1]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can follow `lrcourse update`."""
    parser.add_argument(
        "words",
        nargs="*",
        metavar="FOLDER",
        help="take the answers of the course in this folder over into this version; without it, "
        "fetch the newest version by git and keep your answers",
    )


def run(args: argparse.Namespace) -> Iterable[str]:
    """A line for each notebook that has answers."""
    if not args.words:
        return pull(COURSE)
    if len(args.words) > 1:
        raise Refusal(f"update takes one folder, got {len(args.words)}")
    old = Path(args.words[0]).expanduser()
    if not (old / "exercises").is_dir():
        raise Refusal(f"update: there is no folder exercises in {old}; name the old course")
    if old.resolve() == COURSE:
        raise Refusal("update: that is this course; name the folder of the old one")
    told = list(take_over(old, COURSE))
    return told or ["There are no answers in it."]
