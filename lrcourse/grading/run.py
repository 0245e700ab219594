"""Grade many submissions: in processes of this machine, or on any Executor.

`grade_all(submissions, results)` writes one record per submission as soon as it is there. What was
graded before, with the same bytes, tasks and seed, is not graded again; after a kill -9 the next
run goes on where the last one ended.
"""

import atexit
import functools
import multiprocessing
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

from lrcourse.grading import GradingError
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
from lrcourse.grading.sandbox import Sandbox, best_level
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


class Plan(NamedTuple):
    """How a class is graded."""

    secret: bytes
    level: int
    only: tuple[str, ...] = ()
    personal: bool = False
    regrade: bool = False
    section: str = ""  # where the submissions do not say which exercise they are


class Pool:
    """Processes of this machine, replaced where one of them has died; or an Executor from outside.

    The processes are fresh interpreters: a fork of a process with threads is not safe.
    """

    def __init__(self, jobs: int, executor: Executor | None = None) -> None:
        self.jobs, self.is_own = jobs, executor is None
        self.executor = executor or self._fresh()

    def submit(self, job: Job) -> Future[Record]:
        """The record to come."""
        try:
            return self.executor.submit(grade_job, job)
        except BrokenProcessPool:
            if not self.is_own:
                raise
            self.executor = self._fresh()
            return self.executor.submit(grade_job, job)

    def close(self) -> None:
        """Wait for what runs; drop what has not begun."""
        if self.is_own:
            self.executor.shutdown(wait=True, cancel_futures=True)

    def _fresh(self) -> Executor:
        return ProcessPoolExecutor(self.jobs, mp_context=multiprocessing.get_context("spawn"))


def grade_all(
    submissions: Iterable[Submission],
    records: Records,
    plan: Plan,
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    graded: Callable[[Record], None] = lambda record: None,
) -> None:
    """Grade what is new; `graded` hears of each record once it is safely written.

    `executor` may be any that runs a plain function elsewhere, such as
    `distributed.Client.get_executor()`; without one, `jobs` processes of this machine.
    """
    todo = [each for each in submissions if _is_new(each, records, plan)]
    processes = jobs or os.cpu_count() or 1
    pool = Pool(processes, executor)
    try:
        for submission, record in _graded_in(pool, todo, plan, AHEAD * processes):
            record |= {"file": submission.file, "submitted_at": submission.submitted_at}
            records.append(record)
            graded(record)
    finally:
        pool.close()


def chosen_level(least: int) -> int:
    """The best isolation of this machine; refused where it is below `least`."""
    level = best_level()
    if level >= least:
        return level
    raise GradingError(
        f"this machine offers isolation level {level}, and level {least} was asked for: use Linux "
        f"5.13 or newer, WSL2 or a container, or say --strict-level {level} if you trust these "
        f"students"
    )


def secret_of(folder: Path) -> bytes:
    """The course secret in the results folder; made at the first run, readable by its owner."""
    path = folder / SECRET
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
    return path.read_bytes().strip()


def grade_job(job: Job) -> Record:
    """What a worker does: the record of one submission."""
    assignment = _assignment(job.section, job.only, job.personal)
    return grade(job.data, assignment, job.student, job.seed, _sandbox(job.level))


def _graded_in(
    pool: Pool, todo: Sequence[Submission], plan: Plan, width: int
) -> Iterator[tuple[Submission, Record]]:
    """The records in the order in which they are done; only `width` submissions are in memory."""
    waiting = iter(todo)
    again: list[tuple[Submission, int]] = []
    running: dict[Future[Record], tuple[Submission, int]] = {}
    while True:
        while len(running) < width and (ready := again.pop() if again else _next(waiting)):
            running[pool.submit(_job(ready[0], plan))] = ready
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            submission, tries = running.pop(future)
            error = future.exception()
            if error is None:
                yield submission, future.result()
            elif tries < TRIES:
                again.append((submission, tries + 1))
            else:
                yield submission, _for_a_person(_job(submission, plan), error)


def _for_a_person(job: Job, error: BaseException) -> Record:
    assignment = _assignment(job.section, job.only, job.personal)
    return ungraded(job.data, assignment, job.student, job.seed, job.level, error)


def _next(waiting: Iterator[Submission]) -> tuple[Submission, int] | None:
    submission = next(waiting, None)
    return None if submission is None else (submission, 1)


def _job(submission: Submission, plan: Plan) -> Job:
    section = section_name(submission.section or plan.section)
    data = submission.read()
    seed = seed_for(plan.secret, section, submission.student, data)
    return Job(data, section, submission.student, seed, plan.level, plan.only, plan.personal)


def _is_new(submission: Submission, records: Records, plan: Plan) -> bool:
    """False where the newest record is of these bytes, tasks and seed."""
    if plan.regrade:
        return True
    job = _job(submission, plan)
    known = records.current().get((job.section, job.student))
    spec = _assignment(job.section, job.only, job.personal).spec
    return known is None or not known.is_of(job.data, spec, job.seed)


# In a worker -----------------------------------------------------------------------------------


@functools.lru_cache
def _assignment(section: str, only: tuple[str, ...], personal: bool) -> Assignment:
    return assignment_of(section, only=only, personal=personal)


@functools.lru_cache
def _sandbox(level: int) -> Sandbox:
    """One for each worker process, kept warm."""
    sandbox = Sandbox(level)
    atexit.register(sandbox.close)
    return sandbox
