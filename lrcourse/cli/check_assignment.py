"""`lrcourse check-assignment exam.py`: is an assignment right, before the class sees it?"""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lrcourse.cli.names import Refusal

MIB = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can follow `lrcourse check-assignment`."""
    parser.add_argument("words", nargs="*", metavar="FILE", help="the assignment, such as exam.py")
    parser.add_argument("--seeds", type=int, default=50, help="draw so many cases; default 50")


def run(args: argparse.Namespace) -> Iterable[str]:
    """A line for each task, what the reference used in the sandbox, and every fault."""
    if len(args.words) != 1:
        raise Refusal(f"check-assignment takes one file, such as exam.py, got {len(args.words)}")
    if args.seeds < 2:
        raise Refusal(f"check-assignment: --seeds must be 2 or more, got {args.seeds}")
    return _checked(Path(args.words[0]).expanduser(), args.seeds)


def _checked(path: Path, seeds: int) -> Iterator[str]:
    from lrcourse.grading.assignment import (
        own_assignment,
        read_assignment,
    )  # torch loads slowly; --help need not wait
    from lrcourse.grading.assignment_check import check_assignment
    from lrcourse.grading.sandbox import Sandbox

    own = read_assignment(path)
    assignment = own_assignment(own)
    with Sandbox(limits=assignment.limits) as sandbox:
        checked = check_assignment(own, sandbox, seeds)
    yield "task        points  mistakes  named    ms  title"
    for each in checked.reports:
        yield (
            f"{each.task.id:10} {each.task.points:7g} {each.mistakes:9} {each.named:6} "
            f"{each.milliseconds:5.0f}  {each.task.title}"
        )
    yield f"{len(checked.reports)} tasks, {assignment.of:g} points, tried on {seeds} seeds"
    if checked.record:
        yield _used(checked.record, assignment.limits)
    faults = checked.faults
    if faults:
        yield from (f"FAULT {fault}" for fault in faults)
        raise Refusal(f"{path}: {len(faults)} fault{'s' * (len(faults) > 1)}, told above")
    yield f"no fault. Next: lrcourse grade FOLDER --assignment {path}"


def _used(record: dict[str, Any], limits: Any) -> str:
    return (
        f"in the sandbox (level {record['level']}) the reference has "
        f"{record['score']:g} of {record['of']:g} points; it took {record['cpu_seconds']:.2f} s of "
        f"{limits.cpu:g} s and {record['memory'] / MIB:.0f} MiB of {limits.memory / MIB:,.0f} MiB"
    )
