"""Trainings by the thousand: in all processors, on other machines, and saved as they come.

The rows of a plan do not depend on each other, so any worker may train any of them: the bits
are those of `train`. Each row is saved under the fingerprint of all that decides it, so a sweep
that was interrupted, or one that asks for more, trains only the rows that are not there.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

import cloudpickle
import loky
from tqdm import tqdm

from lrcourse.experiments.optimizers import Optimizer
from lrcourse.experiments.plan import Plan, planned, refuse_below_one
from lrcourse.experiments.problems import Problem
from lrcourse.experiments.run import Run, joined
from lrcourse.experiments.saved import VERSIONS, Folder, by_name, row_names, rows_of
from lrcourse.experiments.train import memory_refused_in_a_sentence, one_thread, trained
from lrcourse.schedules.units import shown

ON_THEIR_WAY = 256  # chunks sent to an executor that does not say how many workers it has
IDLE_SECONDS = 60  # after which a worker with nothing to do leaves
DELAY = 1  # seconds: what is over sooner needs no line
BAR = "{desc}{n_fmt} of {total_fmt} runs{postfix}, {elapsed} gone, {remaining} left |{bar:20}|"


def sweep(
    problem: Problem,
    lrs: Any,
    seeds: Any,
    optimizer: Optimizer | None = None,
    batch_size: int = 32,
    *,
    executor: Executor | None = None,
    chunk: int = 64,
    folder: str | os.PathLike[str] | None = None,
    progress: bool = True,
    **options: Any,
) -> Run:
    """What `train` gives for the same arguments, bit by bit; workers get `chunk` runs at a time.

    The workers are processes on this machine, one for each processor that we may use, unless
    `executor` is some other concurrent.futures.Executor: `client.get_executor()` of a Dask
    cluster, ThreadPoolExecutor() for a problem that cannot be sent to a process. It is left
    open. Classes and functions of a notebook or script are sent along.

    Each chunk is saved in `folder` as soon as it is done. The same call, after whatever stopped
    it, loads the runs that are there and trains the others; so does a call with more seeds,
    more rates or another `chunk`. With another problem, optimizer, option or version a run is
    another run. The problem's own methods count, and the functions and globals they name; code
    that it reaches in other ways is not seen: when that changes, take a new folder.

    `progress` shows, once a second has passed, how many runs are done and how many of them were
    loaded; the environment variable TQDM_DISABLE=1 silences it everywhere.

    A ProcessPoolExecutor of your own, unlike our processes, starts your script anew in each
    worker on Windows and macOS: put the call under `if __name__ == "__main__":`.
    """
    _refuse_to_start_again()
    plan = _planned(problem, lrs, seeds, optimizer, batch_size, **options)
    refuse_below_one("sweep", chunk=chunk)
    _refuse_other_executors(executor)
    store = None if folder is None else Folder.opened(folder)
    names = row_names(plan) if store else [str(row) for row in range(len(plan.lrs))]
    rows = store.load(set(names)) if store else {}
    missing = {name: row for row, name in enumerate(names) if name not in rows}
    tasks = list(_tasks(missing, chunk))
    with (
        _says_what_is_saved(store, rows),
        _bar(names, rows, progress) as advance,
        one_thread(),  # threads that an executor starts do as this one does
        _workers(executor, len(tasks)) as workers,
    ):
        for task, run in _as_they_come(plan, tasks, workers):
            if store:
                store.save(task.names, run)
            rows |= by_name(task.names, run)
            advance(task.names)
    return joined([rows[name] for name in names])


def _planned(problem, lrs, seeds, optimizer, batch_size, **options: Any) -> Plan:
    unknown = sorted(options.keys() - planned.__annotations__.keys())
    if unknown:
        raise TypeError(f"sweep: neither it nor train has an option {', '.join(unknown)}")
    return planned(problem, lrs, seeds, optimizer, batch_size, **options)


def _refuse_other_executors(executor: Any) -> None:
    if executor is not None and not isinstance(executor, Executor):
        raise ValueError(
            f"sweep: executor must be a concurrent.futures.Executor, such as "
            f"ThreadPoolExecutor() or the client.get_executor() of Dask, got {shown(executor)}"
        )


def _refuse_to_start_again() -> None:
    """A process that is still being started runs the script of its caller for a second time."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise RuntimeError(
            "sweep: each worker of your executor runs this script from the top, and would start "
            'workers of its own: put the call under `if __name__ == "__main__":`'
        )


# The work ---------------------------------------------------------------------------------------


class Task(NamedTuple):
    """One chunk: runs of the plan, by name and by row."""

    names: list[str]
    rows: list[int]


def _tasks(missing: Mapping[str, int], chunk: int) -> Iterator[Task]:
    """`chunk` runs each, of those that are missing."""
    left = iter(missing.items())
    while part := dict(islice(left, chunk)):
        yield Task(list(part), list(part.values()))


class Workers(NamedTuple):
    """Who trains, and how many chunks are sent before the first has come back."""

    executor: Executor
    on_their_way: int


def _as_they_come(plan: Plan, tasks: Sequence[Task], to: Workers) -> Iterator[tuple[Task, Run]]:
    """Each task and its result. After a failure nothing is sent; what was begun still comes."""
    left, failure = iter(tasks), None
    sent: dict[Future, Task] = {}
    try:
        while True:
            for task in islice(left, 0 if failure else to.on_their_way - len(sent)):
                try:
                    sent[_send(rows_of(plan, task.rows), to.executor)] = task
                except Exception as error:  # the workers are gone; some results may be here
                    failure = error
                    break
            if not sent:
                break
            for future in wait(sent, return_when=FIRST_COMPLETED).done:
                task = sent.pop(future)
                try:
                    result = future.result()
                except Exception as error:
                    failure = failure or error
                    sent = {begun: task for begun, task in sent.items() if not begun.cancel()}
                else:
                    yield task, result
    finally:
        for future in sent:
            future.cancel()
    if failure:
        raise failure


def _send(part: Plan, executor: Executor) -> Future:
    """Pickled here, so that what a notebook defines travels too, whatever the executor."""
    if isinstance(executor, ThreadPoolExecutor | Here):
        return executor.submit(trained_here, part)
    try:
        pickled = cloudpickle.dumps(part)
    except Exception as error:
        raise ValueError(
            f"sweep: the problem or the optimizer cannot be sent to another process ({error}); "
            f"give it nothing that lives in this process alone, such as an open file, or use "
            f"executor=ThreadPoolExecutor()"
        ) from None
    return executor.submit(trained_there, pickled, VERSIONS)


def trained_here(part: Plan) -> Run:
    """One chunk, in the process of the caller."""
    with memory_refused_in_a_sentence(part, len(part.seeds)):
        return trained(part)


def trained_there(pickled: bytes, versions: str) -> Run:
    """What a worker does with a chunk. Other versions might give other bits."""
    if versions != VERSIONS:
        raise RuntimeError(
            f"sweep: a worker has {VERSIONS}, the caller {versions}: install the same on both"
        )
    return trained_here(cloudpickle.loads(pickled))


# The workers ------------------------------------------------------------------------------------


class Here(Executor):
    """No worker at all: this process, now."""

    def submit(self, work: Callable, /, *args: Any, **options: Any) -> Future:
        """A future that is done already."""
        future: Future = Future()
        try:
            future.set_result(work(*args, **options))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def _workers(executor: Executor | None, tasks: int) -> Iterator[Workers]:
    """Those of the executor, or our own processes, which end with this block."""
    count = min(loky.cpu_count(), tasks)
    if executor is not None:
        known = getattr(executor, "_max_workers", None)
        yield Workers(executor, 2 * known if known else ON_THEIR_WAY)
    elif count <= 1:
        yield Workers(Here(), 1)
    else:
        pool = loky.ProcessPoolExecutor(
            count, timeout=IDLE_SECONDS, initializer=_end_with_caller, initargs=(os.getpid(),)
        )
        try:
            yield Workers(pool, 2 * count)
        except BaseException:
            pool.shutdown(kill_workers=True)
            raise
        pool.shutdown()


def _end_with_caller(caller: int) -> None:
    """In a worker: Ctrl+C is for the caller, and a caller that was killed needs no results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name == "posix":
        threading.Thread(target=_wait_for_end, args=(caller,), daemon=True).start()


def _wait_for_end(caller: int) -> None:
    while os.getppid() == caller:
        time.sleep(0.5)
    os._exit(1)


# What the person sees ---------------------------------------------------------------------------


@contextmanager
def _bar(
    names: Sequence[str], found: Mapping[str, Run], progress: bool
) -> Iterator[Callable[[Sequence[str]], None]]:
    """A line of text, because that is what every terminal, notebook and screen reader has."""
    runs = Counter(names)  # a run that is asked for twice is trained once
    loaded = sum(runs[name] for name in found)
    with tqdm(
        total=len(names),
        initial=loaded,
        postfix=f"{loaded} of them from disk" if loaded else None,
        bar_format=BAR,
        delay=DELAY,
        mininterval=0.5,
        **({} if progress else {"disable": True}),  # else TQDM_DISABLE decides
    ) as bar:

        def advance(done: Sequence[str]) -> None:
            bar.update(sum(runs[name] for name in done))

        yield advance


@contextmanager
def _says_what_is_saved(store: Folder | None, rows: Mapping[str, Run]) -> Iterator[None]:
    """Whatever stops the sweep, its message says how to go on."""
    try:
        yield
    except BrokenExecutor as error:
        raise RuntimeError(
            f"sweep: a worker was ended from outside, most often because memory ran out: take a "
            f"smaller chunk or fewer workers; {_saved(store, rows)}"
        ) from error
    except BaseException as error:
        if rows:
            error.add_note(f"sweep: {_saved(store, rows)}")
        raise


def _saved(store: Folder | None, rows: Mapping[str, Run]) -> str:
    if store is None:
        return f"{len(rows)} runs were done and are lost: give a folder to keep them"
    return f"{len(rows)} runs are in {str(store.path)!r}, and the same call trains the others"
