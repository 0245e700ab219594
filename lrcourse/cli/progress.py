"""`lrcourse progress`: which tasks are done, their points and minutes, and what comes next."""

import argparse
from collections.abc import Iterable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`lrcourse progress` takes no more words."""


def run(args: argparse.Namespace) -> Iterable[str]:
    """One line for each section, then the sums."""
    from lrcourse.check import my_progress  # torch loads slowly; --help need not wait

    return my_progress().lines
