"""`lrcourse grade SUBMISSIONS -o results`: grade a class, and write what people need from it."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lrcourse.cli.names import Refusal

LEAST = 2  # the isolation that is asked for where nobody says otherwise
GUESSES = 2  # so many are told one by one
PROMISES = {
    3: "isolated: namespaces, Landlock and seccomp",
    2: "isolated: Landlock and seccomp",
    1: "fair, not safe: limits only, for students you trust",
}
NAMELESS = "it does not say which exercise it is; name it with --section, such as --section 01"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can follow `lrcourse grade`."""
    parser.add_argument(
        "submissions",
        nargs="*",
        metavar="SUBMISSIONS",
        help="folders, notebooks, or zip files of Canvas, Moodle, nbgrader or GitHub Classroom",
    )
    parser.add_argument("-o", "--out", default="results", metavar="FOLDER", help="what is written")
    parser.add_argument("--jobs", type=int, help="so many processes; default: one for each core")
    parser.add_argument("--section", default="", help="such as 01, where the files do not say it")
    parser.add_argument("--only", default="", metavar="TASKS", help="such as 01.1,01.3")
    parser.add_argument("--seed", default="", metavar="WORDS", help="instead of the secret in -o")
    parser.add_argument("--regrade", action="store_true", help="also what was graded before")
    parser.add_argument("--personal", action="store_true", help="each student had own numbers")
    parser.add_argument(
        "--strict-level",
        type=int,
        default=LEAST,
        choices=(1, 2, 3),
        metavar="LEVEL",
        help="refuse to run with less isolation; default 2; 1 is for students you trust",
    )
    parser.add_argument("--due", default="", metavar="TIME", help="such as 2026-11-22T23:59+09:00")
    parser.add_argument("--late", default="none", metavar="POLICY", help='such as "10%%/day"')
    parser.add_argument("--rubric", default="", metavar="CSV", help="points given by hand")
    parser.add_argument(
        "--gradescope", default="", metavar="FILE", help="one submission: its results.json"
    )


def run(args: argparse.Namespace) -> Iterable[str]:
    """What was found, how it is isolated, the sums, and where the pages are."""
    if not args.submissions:
        raise Refusal("grade: name a folder, a notebook or a zip file, such as submitted/")
    missing = [name for name in args.submissions if not Path(name).exists()]
    if missing:
        raise Refusal(f"grade: there is no {missing[0]}")
    return _graded(args)


def _graded(args: argparse.Namespace) -> Iterator[str]:
    from lrcourse.grading.late import (
        parse,
        seconds_late,
    )  # torch loads slowly; --help need not wait
    from lrcourse.grading.records import Records
    from lrcourse.grading.reports import OnTop, with_all, write_reports
    from lrcourse.grading.rubric import read_rubric
    from lrcourse.grading.run import Plan, chosen_level, grade_all, secret_of
    from lrcourse.grading.submissions import find_submissions

    late = parse(args.late)
    seconds_late(args.due, args.due)  # refused here where it is no time
    only = _tasks(args.only)
    section = _section(args.section)
    rows, complaints = read_rubric(Path(args.rubric)) if args.rubric else ([], [])
    found = find_submissions([Path(name) for name in args.submissions])
    todo = [each for each in found if not each.problem and (each.section or section)]
    yield from _told_of(found, section)
    if not todo:
        raise Refusal("grade: no notebook of this course was found there")
    level = chosen_level(args.strict_level)
    yield f"isolation level {level}, {PROMISES[level]}"
    out = Path(args.out)
    with Records(out) as records:
        secret = args.seed.encode() or secret_of(out)
        plan = Plan(secret, level, only, args.personal, args.regrade, section)
        with tqdm(total=len(todo), unit="submission", file=sys.stderr) as bar:
            grade_all(todo, records, plan, jobs=args.jobs, graded=lambda _: bar.update())
        reported, told = with_all(records.current().values(), OnTop(tuple(rows), args.due, late))
    yield from (*complaints, *told)
    yield _sums(reported)
    if args.gradescope:
        yield _for_gradescope(reported, Path(args.gradescope))
        return
    yield from (f"the class: {path}" for path in write_reports(reported, out))
    yield f"scores: {out / 'grades.csv'} (nbgrader), {out / 'canvas.csv'}; all: {out}"


def _tasks(words: str) -> tuple[str, ...]:
    """The tasks of --only, such as "01.1,01.3"."""
    from lrcourse.tasks import TASKS

    only = tuple(word.strip() for word in words.split(",") if word.strip())
    unknown = [word for word in only if word not in TASKS]
    if unknown:
        raise Refusal(f"grade: there is no task {unknown[0]}; write such as --only 01.1,01.3")
    return only


def _section(word: str) -> str:
    """The section of --section, such as "01" or "01_step"."""
    from lrcourse.grading.grade import section_name

    if word and not section_name(word):
        raise Refusal(f"grade: there is no section {word}; write such as --section 01")
    return section_name(word)


def _told_of(found: Sequence[Any], section: str) -> Iterator[str]:
    """A line for each file that is not graded, and what was guessed of the others."""
    for each in found:
        if problem := each.problem or ("" if each.section or section else NAMELESS):
            yield f"not graded: {each.file}: {problem}"
    guessed = [each for each in found if each.note and not each.problem]
    yield from (f"{each.file}: {each.note}" for each in guessed[:GUESSES])
    if len(guessed) > GUESSES:
        yield f"... and so for {len(guessed) - GUESSES} more"


def _sums(records: Sequence[Mapping[str, Any]]) -> str:
    counts = Counter(each["outcome"] for each in records)
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
    return f"{len(records)} submissions: {told}"


def _for_gradescope(records: Sequence[Mapping[str, Any]], path: Path) -> str:
    from lrcourse.grading.exports import gradescope

    if len(records) != 1:
        raise Refusal(f"grade: --gradescope is for one submission, there are {len(records)}")
    path.write_text(gradescope(records[0]), encoding="utf-8")
    return f"for Gradescope: {path}"
