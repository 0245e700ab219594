"""Our grader beside nbgrader, otter and nbclient, in one run: `python tests/benchmarks/grading.py`.

The same four functions, public and hidden cases, and the same ten submissions, whose scores are
known: who gives others is not compared (ours draws other hidden cases for each submission, the
others have one set). CPU seconds are those of all processes together; each line is the median of
interleaved rounds: what one more submission costs, and under "start" what a run costs that has
nothing to do (of ours: one submission and its pages; otter run takes one at a time anyway). Then
section 01 of the course, and how much memory one worker takes. The other graders are installed
into --graders, or for this run alone.

With --soak 5000 instead: so many submissions in one run, and what they leave behind.
Nothing here can fail: speed is shown, not tested. Linux, four to six minutes; the soak three.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any, NamedTuple

from grading_measured import Died, Measured, cpu_seconds, measured, memory_of, tree
from grading_peers import (
    SCORE_OF_SECTION,
    SECTION,
    Environment,
    Nbclient,
    NbclientSection,
    Nbgrader,
    NbgraderSection,
    Otter,
    Peer,
    expected,
    solved_section,
    submitted,
    write,
)

from lrcourse.grading.assignment import Own, read_assignment
from lrcourse.grading.grade import Record
from lrcourse.grading.records import Records
from lrcourse.grading.run import Plan, chosen_level, grade_all, secret_of
from lrcourse.grading.sandbox import Sandbox
from lrcourse.grading.submissions import find_submissions

EXAM = Path(__file__).with_name("grading_exam.py")
WARMING = 20  # submissions before the clock starts
PER_ROUND = {Nbgrader: 5, Otter: 2, Nbclient: 5, NbgraderSection: 2, NbclientSection: 2}
OURS, OURS_SECTION = "lrcourse grade", "lrcourse grade, section 01"
MIB = 1 << 20


class Round(NamedTuple):
    """What one round of one grader gave; seconds."""

    cpu: float  # of one more submission
    wall: float
    start: float | None  # CPU of a run with nothing to do
    first: float  # until the first result, from cold
    memory: int


# Ours -------------------------------------------------------------------------------------------


def write_class(folder: Path, count: int, own: bool) -> Path:
    """So many students, each with a folder of one submission."""
    for number in range(count):
        content = submitted(number) if own else solved_section()
        name = EXAM.stem if own else SECTION
        write(folder / f"s{number:05}" / f"{name}.ipynb", content)
    return folder


def graded_class(
    submissions: Path, results: Path, own: Own | None, jobs: int | None, told: Callable[[int], None]
) -> None:
    """Grade as the command does; `told` hears how many are done after each."""
    scores: dict[str, float] = {}

    def graded(record: Record) -> None:
        scores[record["student"]] = record["score"]
        told(len(scores))

    todo = find_submissions([submissions], *([(own.name,)] if own else []))
    if own:
        todo = [replace(each, section=own.name) for each in todo]
    with Records(results) as kept:
        plan = Plan(secret_of(results), chosen_level(2), own=own)
        grade_all(todo, kept, plan, jobs=jobs, graded=graded)
    refuse_scores(OURS, scores, {name: right_score(name, own) for name in scores})


def right_score(student: str, own: Own | None) -> float:
    """s00012 handed in the twelfth submission."""
    return expected(int(student[1:])) if own else SCORE_OF_SECTION


def our_round(folder: Path, count: int, own: Own | None) -> Round:
    """A class in one worker, from the twentieth submission on; and one submission from cold."""
    submissions = write_class(folder / "class", WARMING + count, own is not None)
    marks: list[tuple[float, float]] = []

    def told(done: int) -> None:
        if done in (WARMING, WARMING + count):
            marks.append((cpu_seconds(os.getpid()), time.perf_counter()))

    graded_class(submissions, folder / "results", own, 1, told)
    cpu, wall = (after - before for before, after in zip(*marks, strict=True))
    cold = from_cold(folder, own)
    return Round(cpu / count, wall / count, cold.cpu, cold.first, cold.memory)


def from_cold(folder: Path, own: Own | None, count: int = 1, name: str = "cold") -> Measured:
    """The command itself, for these first submissions, in one worker."""
    submissions = write_class(folder / name, count, own is not None)
    if count == 1:
        submissions = next(submissions.rglob("*.ipynb"))
    words = ["-m", "lrcourse", "grade", str(submissions), "-o", f"{name}_results", "--jobs", "1"]
    own_words = ["--assignment", str(EXAM)] if own else []
    records = folder / f"{name}_results" / "records.jsonl"
    return measured([sys.executable, *words, *own_words], folder, dict(os.environ), records)


# All of them ------------------------------------------------------------------------------------


def peer_round(peer: Peer, number: int) -> Round:
    """Some submissions, others in each round, and a run with nothing to do."""
    count = PER_ROUND[type(peer)]
    numbers = [number * count + k for k in range(count)]
    cost, scores = peer.grade(numbers)
    is_section = isinstance(peer, NbgraderSection | NbclientSection)
    right = [SCORE_OF_SECTION if is_section else expected(each) for each in numbers]
    refuse_scores(peer.name, dict(enumerate(scores)), dict(enumerate(right)))
    start = peer.start()
    cpu, wall = (start.cpu, start.wall) if start else (0.0, 0.0)
    one = ((cost.cpu - cpu) / count, (cost.wall - wall) / count)
    return Round(*one, start.cpu if start else None, cost.first, cost.memory)


def refuse_scores(name: str, got: dict[Any, float], right: dict[Any, float]) -> None:
    """Who gives other scores does other work."""
    wrong = [f"{key}: {got[key]} for {right[key]}" for key in right if got.get(key) != right[key]]
    if wrong:
        raise Died(f"{name} gives other scores than expected: {', '.join(wrong[:5])}")


def peers(environment: Environment, folder: Path) -> Iterator[Peer]:
    """Each grader that is there; a sentence for each that is not."""
    for kind in PER_ROUND:
        if kind.needs in environment.missing:
            print(f"{kind.name}: not compared, {environment.missing[kind.needs]}", flush=True)
            continue
        try:
            yield kind(environment, folder / kind.__name__)
        except Died as error:
            print(f"{kind.name}: not compared, {error}", flush=True)


def compare(folder: Path, graders: Path, submissions: int, rounds: int) -> None:
    """The table."""
    print("installing the other graders ...", flush=True)
    own = read_assignment(EXAM)
    others = list(peers(Environment(graders), folder))
    found: dict[str, list[Round]] = {}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds} ...", flush=True)
        for name, assignment in ((OURS, own), (OURS_SECTION, None)):
            place = folder / f"{name} {number}"
            place.mkdir()
            found.setdefault(name, []).append(our_round(place, submissions, assignment))
        for peer in list(others):
            try:
                found.setdefault(peer.name, []).append(peer_round(peer, number))
            except Died as error:
                print(f"{peer.name}: not compared, {error}", flush=True)
                found.pop(peer.name)
                others.remove(peer)
    show({name: median(each) for name, each in found.items()})
    show_memory(folder, own)


def median(rounds: Sequence[Round]) -> Round:
    """Of each column."""
    columns = zip(*rounds, strict=True)
    return Round(*(None if None in each else statistics.median(each) for each in columns))


def show(rows: dict[str, Round]) -> None:
    """One line for each grader; nbgrader's time over its own, for the same assignment."""
    heads = ("CPU ms", "per CPU s", "wall ms", "nbgrader/it", "start CPU s", "first s", "MiB")
    print(f"\n{'':<32}" + "".join(f"{head:>12}" for head in heads))
    for name, row in sorted(rows.items(), key=lambda each: ("section" in each[0], each[1].cpu)):
        peer = rows.get(NbgraderSection.name if "section" in name else Nbgrader.name)
        ratio = f"{peer.cpu / row.cpu:.1f}" if peer else "-"
        start = "-" if row.start is None else f"{row.start:.1f}"
        print(
            f"{name:<32}{1e3 * row.cpu:12.1f}{1 / row.cpu:12.2f}{1e3 * row.wall:12.0f}{ratio:>12}"
            f"{start:>12}{row.first:12.1f}{row.memory / MIB:12.0f}"
        )


def show_memory(folder: Path, own: Own) -> None:
    """What each process of a run in one worker has."""
    level = chosen_level(2)
    cost = from_cold(folder, own, 60, "memory")
    world = ["its own world"] if level >= 3 else []
    names = ["the command", "Python's helper", "worker", *world, "warm process"]
    sizes = dict(zip(names, cost.each, strict=False))  # a job comes and goes too fast to be seen
    print(f"\nmemory at isolation level {level}, MiB in the proportional set:")
    for name, size in (sizes | {"a job, in addition": of_a_job(level)}).items():
        print(f"  {name:<32}{size / MIB:8.0f}")


def of_a_job(level: int) -> int:
    """The bytes that a job takes which has run the cells of a right submission."""
    cells = [cell["source"] for cell in submitted(0)["cells"]]
    with Sandbox(level) as sandbox:
        sandbox.start()
        before = sum(map(memory_of, tree(os.getpid())))
        with sandbox.session(cells, {}, {}) as session:
            session.start()
            return sum(map(memory_of, tree(os.getpid()))) - before


# The soak ---------------------------------------------------------------------------------------


class Left(NamedTuple):
    """What a run may leave behind."""

    descriptors: int
    processes: int
    temporary: frozenset[str]

    @classmethod
    def now(cls) -> "Left":
        """As it is."""
        files = os.listdir(tempfile.gettempdir()) + os.listdir("/dev/shm")
        descriptors = len(os.listdir("/proc/self/fd"))
        return cls(descriptors, len(tree(os.getpid())), frozenset(files))


def soak(folder: Path, count: int) -> None:
    """Many submissions in one run."""
    own = read_assignment(EXAM)
    submissions = write_class(folder / "class", count, own=True)
    chosen_level(2)  # its own sandboxes come and go first
    resource_tracker.ensure_running()  # Python's own helper, which stays to the end
    before, started, cpu = Left.now(), time.perf_counter(), cpu_seconds(os.getpid())
    used: list[float] = []  # while the processes are there to ask

    def told(done: int) -> None:
        if done in (WARMING, count) or done % 1000 == 0:
            sizes = " ".join(f"{memory_of(each) / MIB:7.0f}" for each in tree(os.getpid()))
            print(f"{done:8,}  {sizes}", flush=True)
            used.append(cpu_seconds(os.getpid()) - cpu)

    print("graded    MiB in the proportional set of each process: this one, Python's helper, the")
    print("          workers, then of each worker its own world, its warm process, its job")
    graded_class(submissions, folder / "results", own, None, told)
    wall = time.perf_counter() - started
    print(
        f"{count:,} graded in {wall:.0f} s, {count / used[-1]:.1f} per CPU second, with the start"
    )
    after = Left.now()
    print(f"descriptors {before.descriptors} -> {after.descriptors}")
    print(f"processes {before.processes} -> {after.processes}")
    new = sorted(after.temporary - before.temporary)
    print(f"new in the folder of temporary files and in /dev/shm: {', '.join(new) or 'nothing'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graders", type=Path, help="where the other graders are, or will be")
    parser.add_argument("--submissions", type=int, default=200, help="of ours in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--soak", type=int, default=0, metavar="COUNT", help="only this")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.soak:
            soak(folder, args.soak)
        else:
            graders = (args.graders or folder / "graders").resolve()
            compare(folder, graders, args.submissions, args.rounds)


if __name__ == "__main__":
    main()
