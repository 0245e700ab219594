"""Grade many submissions: in processes of this machine, or on any Executor.

`grade_all(submissions, records, plan)` writes one record per submission as soon as it is there.
What was graded before, with the same bytes, tasks and seed, is not graded again; after a kill -9
the next run goes on where the last one ended.
"""

import contextlib
import functools
import multiprocessing
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from lrcourse.grading import GradingError, lifeline
from lrcourse.grading.assignment import Own, own_assignment
from lrcourse.grading.grade import (
    Assignment,
    Record,
    assignment_of,
    grade,
    section_name,
    seed_for,
    ungraded,
)
from lrcourse.grading.records import Records
from lrcourse.grading.sandbox import best_level, close_shared, shared, why_not
from lrcourse.grading.submissions import Submission

SECRET = "secret"  # the file in the results folder that the hidden cases are drawn from
AHEAD = 3  # so many submissions for each process are read before they are needed
TRIES = 2  # a submission whose process dies is given to a fresh one, and then to a person


class Job(NamedTuple):
    """All that a process needs to grade one submission: bytes and words, nothing else."""

    data: bytes
    section: str
    student: str
    seed: int
    level: int
    only: tuple[str, ...] = ()
    personal: bool = False
    own: Own | None = None
    more_time: float = 1.0


class Plan(NamedTuple):
    """How a class is graded."""

    secret: bytes
    level: int
    only: tuple[str, ...] = ()
    personal: bool = False
    regrade: bool = False
    section: str = ""  # where the submissions do not say which exercise they are
    own: Own | None = None  # an instructor's own assignment; then all submissions are of that
    more_time: float = 1.0  # so many times as long, on a slow machine


class Here(Executor):
    """This process, at once: for one submission another would first have to import all again."""

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Done when this returns."""
        future: Future[Any] = Future()
        try:
            future.set_result(work(*given, **named))
        except Exception as error:
            future.set_exception(error)
        return future


class Pool:
    """Processes of this machine, replaced where one of them has died; or an Executor from outside.

    The processes are fresh interpreters: a fork of a process with threads is not safe.
    """

    def __init__(self, jobs: int, executor: Executor | None = None) -> None:
        self.jobs, self.is_own = jobs, executor is None
        self.executor = executor or self._fresh()

    def submit(self, job: Job) -> Future[Record]:
        """The record to come."""
        with _without_this_folder():
            try:
                return self.executor.submit(grade_job, job)
            except BrokenProcessPool:
                if not self.is_own:
                    raise
                self.executor = self._fresh()
                return self.executor.submit(grade_job, job)

    def close(self) -> None:
        """End the processes; what they are at is dropped, and so is what has not begun."""
        if self.is_own:
            self._line.close()
            self.executor.shutdown(wait=True, cancel_futures=True)

    def _fresh(self) -> Executor:
        context = multiprocessing.get_context("spawn")
        theirs, self._line = context.Pipe(duplex=False)
        try:
            with _without_this_folder():
                return ProcessPoolExecutor(self.jobs, context, lifeline.hold, (theirs,))
        except OSError as error:
            raise GradingError(
                f"no other process can be started ({error.strerror}): /dev/shm must be there, with "
                f"room to write, such as with docker run --shm-size 64m"
            ) from None


@contextlib.contextmanager
def _without_this_folder() -> Iterator[None]:
    """Processes that start meanwhile import nothing from where a person stands.

    That may be the folder of the class: a student's multiprocessing.py would run as the grader.
    """
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTHONSAFEPATH"]
        if before is not None:
            os.environ["PYTHONSAFEPATH"] = before


def grade_all(
    submissions: Iterable[Submission],
    records: Records,
    plan: Plan,
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    graded: Callable[[Record], None] = lambda record: None,
) -> list[Submission]:
    """Grade what is new; `graded` hears of each record once it is safely written.

    Returns those whose file could not be read any more, each with the `problem`; an earlier record
    of theirs stays. `executor` may be any that runs a plain function elsewhere, such as
    `distributed.Client.get_executor()`; without one, `jobs` processes of this machine.
    """
    todo = [each for each in submissions if _is_new(each, records, plan)]
    if jobs is not None and jobs < 1:
        raise GradingError(f"jobs (processes) must be at least 1, got {jobs}")
    processes = jobs or os.cpu_count() or 1
    is_here = executor is None and len(todo) == 1
    pool = Pool(processes, Here() if is_here else executor)
    unread = []
    try:
        for submission, record in _graded_in(pool, todo, plan, AHEAD * processes):
            if record is None:
                unread.append(submission)
                continue
            record |= {"file": submission.file, "submitted_at": submission.submitted_at}
            record |= {"time_from": submission.time_from, "late": submission.late}
            records.append(record)
            graded(record)
    finally:
        pool.close()
        if is_here:
            close_shared()
    return unread


def chosen_level(least: int) -> int:
    """The best isolation of this machine; refused where it is below `least`.

    Level 1 is no isolation: it is taken where it was asked for and no other holds.
    """
    level = best_level() or int(least == 1 and not why_not(1))
    if level >= least:
        return level
    why = why_not(min(max(2, level + 1), 3)) if least > 1 else why_not(1)
    remedies = ["use Linux 5.13 or newer, WSL2 or a container"]
    if level:
        remedies.append(f"or say --strict-level {level}")
    elif least > 1 and not why_not(1):
        remedies.append("or say --strict-level 1 if you trust these students")
    raise GradingError(
        f"isolation level {least} was asked for, and this machine offers {level or 'none'}"
        f"{f' ({why})' if why else ''}: {', '.join(remedies)}"
    )


def secret_of(folder: Path, words: str = "") -> bytes:
    """The course secret in the results folder, readable by its owner; made at the first run.

    It is then `words`, or drawn; later other words are refused, since all would be graded anew.
    """
    path = folder / SECRET
    try:
        if not path.exists():
            _write_whole(path, (words.strip() or secrets.token_hex(32)) + "\n")
        secret = path.read_bytes().strip()
    except OSError as error:
        raise GradingError(
            f"{path}: the secret of the course cannot be kept there ({error.strerror}): choose "
            f"another folder"
        ) from None
    if not secret:  # everybody could compute the hidden cases
        raise GradingError(
            f"{path}: the secret of the course is empty: delete this file, and grade with --regrade"
        )
    if words.strip().encode() not in (b"", secret):
        raise GradingError(
            f"{path}: this is not the secret of --seed, and with another one all is graded anew: "
            f"leave --seed out, or delete this file if that is wanted"
        )
    return secret


def _write_whole(path: Path, text: str) -> None:
    """For the owner alone, and whole or not at all: a crash leaves no half of a secret."""
    draft = path.with_name(f"{path.name}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def grade_job(job: Job) -> Record:
    """What a worker does: the record of one submission."""
    assignment = _assignment_of(job)
    sandbox = shared(job.level, assignment.limits)
    return grade(job.data, assignment, job.student, job.seed, sandbox)


def _graded_in(
    pool: Pool, todo: Sequence[Submission], plan: Plan, width: int
) -> Iterator[tuple[Submission, Record | None]]:
    """The records in the order in which they are done; only `width` submissions are in memory.

    A submission that cannot be read comes with its `problem`, and None.
    """
    waiting = iter(todo)
    running: dict[Future[Record], tuple[Submission, Job, int]] = {}
    while True:
        while len(running) < width and (submission := next(waiting, None)):
            try:
                job = _job(submission, plan)
            except GradingError as unread:  # it was there when it was found
                yield replace(submission, problem=str(unread)), None
            else:
                running[pool.submit(job)] = submission, job, 1
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            submission, job, tries = running.pop(future)
            error = future.exception()
            if error is None:
                yield submission, future.result()
            elif tries < TRIES:
                running[pool.submit(job)] = submission, job, tries + 1
            else:
                yield submission, _for_a_person(job, error)


def _for_a_person(job: Job, error: BaseException) -> Record:
    assignment = _assignment_of(job)
    return ungraded(job.data, assignment, job.student, job.seed, job.level, error)


def _job(submission: Submission, plan: Plan) -> Job:
    own = plan.own
    section = own.name if own else section_name(submission.section or plan.section)
    data = submission.read()
    seed = seed_for(plan.secret, section, submission.student, data)
    how = (plan.level, plan.only, plan.personal, own, plan.more_time)
    return Job(data, section, submission.student, seed, *how)


def _is_new(submission: Submission, records: Records, plan: Plan) -> bool:
    """False where the newest record is of these bytes, tasks and seed."""
    if plan.regrade:
        return True
    try:
        job = _job(submission, plan)
    except GradingError:
        return True  # told when its turn comes
    known = records.current().get((job.section, job.student))
    spec = _assignment_of(job).spec
    return known is None or not known.is_of(job.data, spec, job.seed)


# In a worker -----------------------------------------------------------------------------------


def _assignment_of(job: Job) -> Assignment:
    return _assignment(job.section, job.only, job.personal, job.own, job.more_time)


@functools.lru_cache
def _assignment(
    section: str, only: tuple[str, ...], personal: bool, own: Own | None, more_time: float
) -> Assignment:
    if own:
        found = own_assignment(own, only)
    else:
        found = assignment_of(section, only=only, personal=personal)
    return replace(found, limits=found.limits.longer(more_time))
