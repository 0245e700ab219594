"""`lrcourse gradescope-kit 01 -o autograder.zip`: the zip that is uploaded to Gradescope."""

import argparse
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lrcourse.cli.grade import MOST_TIME, PROMISES
from lrcourse.cli.names import Refusal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can follow `lrcourse gradescope-kit`."""
    parser.add_argument("words", nargs="*", metavar="WHAT", help="a section such as 01, or exam.py")
    parser.add_argument("-o", "--out", default="autograder.zip", metavar="FILE", help="the zip")
    parser.add_argument("--late", default="none", metavar="POLICY", help='such as "10%%/day"')
    parser.add_argument(
        "--strict-level",
        type=int,
        default=2,
        choices=(1, 2, 3),
        metavar="LEVEL",
        help="grade nobody with less isolation; default 2; 1 is for students you trust",
    )
    parser.add_argument(
        "--more-time", type=float, default=1.0, metavar="TIMES", help="so many times as long"
    )
    parser.add_argument("--seed", default="", metavar="WORDS", help="of the hidden cases")
    parser.add_argument(
        "--pip-conf", default="", metavar="FILE", help="pip's settings in the container"
    )


def run(args: argparse.Namespace) -> Iterable[str]:
    """What the zip holds, and what to do with it."""
    if len(args.words) != 1:
        raise Refusal(
            f"gradescope-kit takes a section or an exam, such as 01 or exam.py, "
            f"got {len(args.words)}"
        )
    if not 1 <= args.more_time <= MOST_TIME:
        raise Refusal(
            f"gradescope-kit: --more-time must be from 1 to {MOST_TIME}, got {args.more_time:g}"
        )
    return _built(args)


def _built(args: argparse.Namespace) -> Iterator[str]:
    from lrcourse.grading.gradescope import Kit, kit_zip
    from lrcourse.grading.late import parse

    if parse(args.late).tokens:
        raise Refusal(
            "gradescope-kit: late days that a student can spend (tokens) need all of the "
            "assignments at once, and Gradescope grades one: leave them out"
        )
    section, own = _what(args.words[0])
    how = (args.late, args.strict_level, args.more_time, _pip_conf(args.pip_conf))
    data = kit_zip(Kit(args.seed or secrets.token_hex(32), section, own, *how))
    path = Path(args.out).expanduser()
    try:
        path.write_bytes(data)
    except OSError as error:
        raise Refusal(f"gradescope-kit: {path} cannot be written ({error.strerror})") from None
    yield f"{path}: {len(data) / (1 << 20):.1f} MiB for {own.name if own else section}"
    yield f"It grades at isolation level {args.strict_level} or better; {args.strict_level} is"
    yield f"{PROMISES[args.strict_level]}."
    yield "It holds answers and the secret of the hidden cases: give it to nobody."
    yield "Upload it at Gradescope (Configure Autograder, base image Ubuntu 24.04 or newer)."


def _what(word: str) -> tuple[str, Any]:
    """The section or the instructor's own assignment."""
    from lrcourse.grading.assignment import read_assignment
    from lrcourse.grading.assignment_check import refuse_faults
    from lrcourse.grading.grade import section_name

    if not word.endswith(".py"):
        if section := section_name(word):
            return section, None
        raise Refusal(f"gradescope-kit: there is no section {word}; write such as 01, or exam.py")
    own = read_assignment(Path(word).expanduser())
    refuse_faults(own)
    return "", own


def _pip_conf(name: str) -> str:
    try:
        return Path(name).expanduser().read_text(encoding="utf-8") if name else ""
    except (OSError, UnicodeDecodeError):
        raise Refusal(f"gradescope-kit: {name} cannot be read as pip's settings") from None
