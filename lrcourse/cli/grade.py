"""`lrcourse grade SUBMISSIONS -o results`: grade a class, and write what people need from it."""

import argparse
import contextlib
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lrcourse.cli.names import Refusal

LEAST = 2  # the isolation that is asked for where nobody says otherwise
MOST_TIME = 100
GUESSES = 2  # so many are told one by one
PROMISES = {
    3: "isolated: namespaces, Landlock and seccomp",
    2: "isolated: Landlock and seccomp",
    1: "fair, not safe: limits only, for students you trust",
}
STOPPED = "lrcourse: stopped; what was graded is kept, and the same command goes on from there"
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
    parser.add_argument(
        "--assignment",
        default="",
        metavar="FILE",
        help="an assignment of your own, such as exam.py",
    )
    parser.add_argument("--only", default="", metavar="TASKS", help="such as 01.1,01.3")
    parser.add_argument(
        "--seed",
        default="",
        metavar="WORDS",
        help="the secret that hidden cases are drawn from; default: drawn and kept in -o",
    )
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
    parser.add_argument(
        "--more-time",
        type=float,
        default=1.0,
        metavar="TIMES",
        help="so many times as long for everything, on a slow machine; such as 3",
    )
    kept = parser.add_argument_group(
        "kept in the results for each assignment, and as before where they are not given"
    )
    kept.add_argument("--due", metavar="TIME", help="such as 2026-11-22T23:59+09:00")
    kept.add_argument("--late", metavar="POLICY", help='such as "10%%/day", or none')
    kept.add_argument("--times", metavar="CSV", help="student,submitted_at")
    kept.add_argument("--extensions", metavar="CSV", help="student,due")
    kept.add_argument("--rubric", metavar="CSV", help="points given by hand")
    parser.add_argument(
        "--gradebook",
        action="append",
        default=[],
        metavar="CSV",
        help="what Canvas or Moodle exports, to be filled in; may be given again",
    )
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=COLUMN",
        help='where its scores go, such as "01_step=Step decay (4711)"; may be given again',
    )
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
    begun = _begun_early(args)
    from lrcourse.grading.options import (
        CSVS,
        VALUES,
        read_options,
        refuse_lost_files,
        with_given,
        words,
        write_options,
    )
    from lrcourse.grading.records import Records
    from lrcourse.grading.reports import refuse_unclear, with_all, write_reports
    from lrcourse.grading.run import Plan, chosen_level, grade_all, secret_of
    from lrcourse.grading.submissions import find_submissions

    _refuse_pace(args.more_time)
    given = {name: getattr(args, name) for name in (*VALUES, *CSVS)}
    _on_top(with_given({}, ["any"], given))  # refused before anything is looked for
    own = _own(args)
    only = _tasks(args.only, own)
    section = _section(args.section)
    books = _gradebooks(args)
    paths = [Path(name) for name in args.submissions]
    if own:  # whatever a notebook says, it is of this assignment
        found = [replace(each, section=own.name) for each in find_submissions(paths, (own.name,))]
    else:
        found = find_submissions(paths)
    todo = [each for each in found if not each.problem and (each.section or section)]
    yield from _told_of(found, section)
    if not todo:
        raise Refusal("grade: no notebook of this course was found there")
    wanted = {each.section or section for each in todo}
    out = Path(args.out)
    begun.join()
    level = chosen_level(args.strict_level)
    yield f"isolation level {level}, {PROMISES[level]}"
    with Records(out) as records:
        if records.damaged:
            yield (
                f"{records.path}: lines that cannot be read: {records.damaged}; what stood there "
                f"is graded again when it is given again"
            )
        options = with_given(read_options(out), wanted, given)
        refuse_lost_files(options)
        on_top, complaints = _on_top(options)
        before = {name: words(options[name], given) for name in sorted(wanted)}
        yield from (f"{name}, as before: {said}" for name, said in before.items() if said)
        how = (only, args.personal, args.regrade, section, own, args.more_time)
        plan = Plan(secret_of(out, args.seed), level, *how)
        refuse_unclear(books, wanted, {assignment for assignment, _ in records.current()})
        write_options(out, options)
        with _told_if_stopped(), tqdm(total=len(todo), unit="submission", file=sys.stderr) as bar:
            unread = grade_all(todo, records, plan, jobs=args.jobs, graded=lambda _: bar.update())
        yield from _told_of(unread, section)
        reported, told = with_all(records.current().values(), on_top, books)
    yield from (*complaints, *told)
    yield _sums(reported)
    if args.gradescope:
        yield _for_gradescope(reported, Path(args.gradescope))
        return
    pages, missed = write_reports(reported, out, books)
    yield from (*missed, *(f"the class: {path}" for path in pages))
    yield f"scores: {out / 'grades.csv'} (nbgrader), {out / 'canvas.csv'}; all: {out}"


def _begun_early(args: argparse.Namespace) -> threading.Thread:
    """The sandbox of a single notebook starts while the rest of the grader is imported."""
    is_single = len(args.submissions) == 1 and Path(args.submissions[0]).suffix == ".ipynb"
    from lrcourse.grading.sandbox import begin_best, best_level

    thread = threading.Thread(target=begin_best if is_single else best_level)
    thread.start()
    return thread


@contextlib.contextmanager
def _told_if_stopped() -> Iterator[None]:
    """Ctrl+C loses nothing, and that is said."""
    try:
        yield
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)
        raise


def _on_top(options: Mapping[str, Mapping[str, str]]) -> tuple[dict[str, Any], list[str]]:
    """Points by hand and lateness of each assignment; refused where one cannot be read."""
    from lrcourse.grading.late import parse, seconds_late
    from lrcourse.grading.reports import OnTop
    from lrcourse.grading.rubric import read_rubric
    from lrcourse.grading.times import read_times

    read = lru_cache(lambda path: read_rubric(Path(path)) if path else ([], []))
    policy = lru_cache(parse)  # one object for one text: its tokens are shared out
    on_top = {}
    for name, said in options.items():
        due = said.get("due", "")
        seconds_late(due, due)  # refused here where it is no time
        times, longer = said.get("times"), said.get("extensions")
        on_top[name] = OnTop(
            tuple(read(said.get("rubric"))[0]),
            due,
            policy(said.get("late") or "none"),
            tuple(read_times(Path(times), "submitted_at")) if times else (),
            tuple(read_times(Path(longer), "due")) if longer else (),
        )
    complaints = [read(said.get("rubric"))[1] for said in options.values()]
    return on_top, list(dict.fromkeys(told for each in complaints for told in each))


def _gradebooks(args: argparse.Namespace) -> list[Any]:
    """The files of --gradebook, with the columns of --column."""
    from lrcourse.grading.gradebooks import read_gradebook
    from lrcourse.tasks import SECTIONS

    if args.column and not args.gradebook:
        raise Refusal("grade: --column is a column of a --gradebook: name that file, too")
    columns = {}
    for word in args.column:
        name, found, column = word.partition("=")
        if not found or not name.strip() or not column.strip():
            raise Refusal(f'grade: {word!r} is no column; write "01_step=Step decay (4711)"')
        columns[SECTIONS.get(name.strip(), name.strip())] = column.strip()
    return [read_gradebook(Path(name), columns) for name in args.gradebook]


def _own(args: argparse.Namespace) -> Any:
    """The instructor's own assignment of --assignment, or None."""
    from lrcourse.grading.assignment import read_assignment
    from lrcourse.grading.assignment_check import refuse_faults

    if not args.assignment:
        return None
    for option in ("section", "personal"):
        if getattr(args, option):
            raise Refusal(f"grade: --{option} is for the course's exercises: leave it out here")
    own = read_assignment(Path(args.assignment).expanduser())
    refuse_faults(own)
    return own


def _tasks(words: str, own: Any) -> tuple[str, ...]:
    """The tasks of --only, such as "01.1,01.3"."""
    from lrcourse.grading.assignment import own_assignment
    from lrcourse.tasks import TASKS

    known = list(own_assignment(own).tasks if own else TASKS)
    only = tuple(word.strip() for word in words.split(",") if word.strip())
    unknown = [word for word in only if word not in known]
    if unknown:
        such = ",".join([known[0], known[2 % len(known)]])
        raise Refusal(f"grade: there is no task {unknown[0]}; write such as --only {such}")
    return only


def _refuse_pace(times: float) -> None:
    if not 1 <= times <= MOST_TIME:
        raise Refusal(f"grade: --more-time must be from 1 to {MOST_TIME}, got {times:g}")


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
    from lrcourse.grading.gradescope import results_json
    from lrcourse.grading.reports import write

    if len(records) != 1:
        raise Refusal(f"grade: --gradescope is for one submission, there are {len(records)}")
    write(path, results_json(records[0]))
    return f"for Gradescope: {path}"
