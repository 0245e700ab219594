"""`lrcourse demo-class FOLDER`: a sample class, so that the grader can be seen at work."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from lrcourse.cli.names import Refusal
from lrcourse.grading.demo import DUE, SECTION, expected_file, write_class


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can follow `lrcourse demo-class`."""
    parser.add_argument("words", nargs="*", metavar="FOLDER", help="a new folder, or an empty one")
    parser.add_argument("--students", type=int, default=30, help="how many; default 30")
    parser.add_argument("--seed", type=int, default=0, help="another number, another class")


def run(args: argparse.Namespace) -> Iterable[str]:
    """What was written, and the command to type next."""
    if len(args.words) != 1:
        raise Refusal(f"demo-class takes one folder, such as class, got {len(args.words)}")
    folder = Path(args.words[0]).expanduser()
    students = write_class(folder, students=args.students, seed=args.seed)
    return [
        f"{len(students)} submissions to {SECTION} are in {folder}, a folder for each student.",
        f"What a right grader finds in them is in {expected_file(folder)}.",
        f"Next: lrcourse grade {_typed(folder)} -o results",
        f'One is late: add --due {DUE:%Y-%m-%dT%H:%M}+09:00 --late "10%/day" to see it.',
    ]


def _typed(folder: Path) -> str:
    """The folder as a shell takes it for one word."""
    return f'"{folder}"' if " " in str(folder) else str(folder)
