"""`lrcourse doctor`: what is wrong with this installation, and the command that mends it."""

import argparse
from collections.abc import Iterator


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`lrcourse doctor` takes no more words."""


def run(args: argparse.Namespace) -> Iterator[str]:
    """The report, fit to be pasted into a question; the exit code is 1 where something is wrong."""
    from lrcourse.doctor import examined  # --help need not wait

    found = examined()
    for finding in found:
        yield from finding.lines
    wrong = sum(finding.state == "wrong" for finding in found)
    yield ""
    if wrong:
        many = f"{wrong} things" if wrong > 1 else "One thing"
        yield f"{many} to mend. To ask for help, paste this text into your question."
        raise SystemExit(1)
    yield "Everything that the course needs is here."
