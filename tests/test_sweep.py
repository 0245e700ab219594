"""A sweep is `train`, wherever it runs and however often it was interrupted."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path

import loky
import numpy as np
import psutil
import pytest
import torch

from lrcourse.experiments import Adam, ModuleNetwork, Momentum, digits, signals, train
from lrcourse.experiments.fingerprint import fingerprint
from lrcourse.experiments.plan import planned
from lrcourse.experiments.saved import Folder, row_names
from lrcourse.experiments.sweep import sweep
from lrcourse.schedules import CosineDecay, ReduceOnPlateau

RUNS, STEPS, CHUNK = 10, 12, 3  # 4 chunks, the last with one run
SMALL = digits(train_size=64, widths=(64, 4, 10))
LRS = np.linspace(0.1, 0.5, RUNS)[:, None] * CosineDecay(1, STEPS)(np.arange(STEPS))
SEEDS = list(range(RUNS))
pytestmark = pytest.mark.filterwarnings("error:sweep")

# What a student writes in a script: no module that a worker could import, no __main__ guard.
SCRIPT = '''
import os, time
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Diary:
    """A problem that notes where each chunk was trained and obeys the files in its folder."""

    problem: object
    folder: str

    @property
    def shapes(self):
        return self.problem.shapes

    def start(self, seed):
        return self.problem.start(seed)

    def epoch(self, generator, batch_size):
        return self.problem.epoch(generator, batch_size)

    def loss(self, weights, seen):
        return self.problem.loss(weights, seen)

    def test(self, weights):
        tests = self.problem.test(weights)
        with (Path(self.folder) / "diary").open("a") as diary:
            diary.write(f"{os.getpid()} {len(weights)}\\n")
        return tests

    def to(self, device):
        folder = Path(self.folder)
        if (folder / "kill").exists() and len((folder / "diary").read_text().splitlines()) >= 2:
            os.kill(os.getpid(), 9)
        while (folder / "wait").exists() and len((folder / "diary").read_text().splitlines()) >= 2:
            time.sleep(0.05)
        return self
'''
CALL = """
import sys
import numpy as np
from lrcourse.experiments import digits
from lrcourse.experiments.sweep import sweep
problem = Diary(digits(train_size=64, widths=(64, 4, 10)), sys.argv[1])
lrs = np.load(sys.argv[1] + "/lrs.npy")
sweep(problem, lrs, range(len(lrs)), chunk=3, folder=sys.argv[1] + "/results")
"""
exec(compile(SCRIPT, "script.py", "exec"))


@pytest.fixture
def diary(tmp_path):
    """A problem that writes down what it does."""
    (tmp_path / "diary").touch()
    return Diary(SMALL, str(tmp_path))  # noqa: F821


def pages(problem):
    """(process, runs) for each chunk that was trained."""
    lines = (Path(problem.folder) / "diary").read_text().splitlines()
    return [tuple(map(int, line.split())) for line in lines]


@pytest.fixture
def two_processors(monkeypatch):
    monkeypatch.setattr(loky, "cpu_count", lambda: 2)


@pytest.fixture
def one_processor(monkeypatch):
    monkeypatch.setattr(loky, "cpu_count", lambda: 1)


@pytest.fixture(scope="module")
def expected():
    return train(SMALL, LRS, SEEDS)


def assert_same_bits(ours, theirs):
    for field in fields(theirs):
        one, other = getattr(ours, field.name), getattr(theirs, field.name)
        pairs = [(one, other)] if isinstance(other, np.ndarray) else []
        if isinstance(other, dict):
            assert list(one) == list(other)
            pairs = [(one[name], other[name]) for name in other]
        for array, witness in pairs:
            assert array.dtype == witness.dtype
            np.testing.assert_array_equal(array, witness)


def wait_until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


# The same bits, wherever -----------------------------------------------------------------------

OPTIONS = {
    "optimizer": Adam(),
    "batch_size": 16,
    "momenta": np.full((RUNS, STEPS), 0.8),
    "clip": 0.5,
    "test_every": 4,
    "keep_every": 5,
    "plateaus": [ReduceOnPlateau(1.0, patience=0, threshold=1.0) for _ in SEEDS],
}


@pytest.mark.parametrize("options", [{}, OPTIONS], ids=["plain", "all options"])
@pytest.mark.parametrize("chunk", [1, 3, 64])
def test_threads_give_the_bits_of_train(options, chunk, tmp_path):
    theirs = train(SMALL, LRS, SEEDS, **options)
    with ThreadPoolExecutor(3) as threads:
        for _ in range(2):  # trained, then loaded
            ours = sweep(
                SMALL, LRS, SEEDS, executor=threads, chunk=chunk, folder=tmp_path, **options
            )
            assert_same_bits(ours, theirs)
    if options:
        assert (theirs.lrs[:, -1] < LRS[:, -1]).any()  # the plateaus did something


def convolutions():
    """A module whose code torch cannot run in two threads at once."""
    first = torch.nn.Conv1d(1, 8, 5, 2)
    return torch.nn.Sequential(
        torch.nn.Unflatten(1, (1, 40)), first, torch.nn.Flatten(), torch.nn.Linear(144, 10)
    )


def test_modules_train_in_threads_too():
    problems = [signals(100, 50, network=ModuleNetwork(convolutions)) for _ in range(2)]
    lrs = np.full((12, 8), 0.1)
    with ThreadPoolExecutor(4) as threads:
        ours = sweep(problems[0], lrs, range(12), executor=threads, chunk=2)
    assert_same_bits(ours, train(problems[1], lrs, range(12), chunk=2))


def test_threads_leave_the_number_of_torch_threads_as_it_was():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with ThreadPoolExecutor(4) as threads:
            sweep(SMALL, LRS, SEEDS, executor=threads, chunk=1)
            assert torch.get_num_threads() == 3
        with ThreadPoolExecutor(1) as later:  # a new thread asks for the number of the process
            assert later.submit(torch.get_num_threads).result() == 3
    finally:
        torch.set_num_threads(before)


def test_a_dask_cluster_gives_the_bits_of_train(expected, tmp_path):
    import distributed

    with (
        distributed.LocalCluster(
            processes=True,
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=":0",
            silence_logs=logging.ERROR,
            local_directory=tmp_path,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        ours = sweep(SMALL, LRS, SEEDS, executor=client.get_executor(), chunk=CHUNK)
        assert_same_bits(ours, expected)
        plan = planned(SMALL, LRS, SEEDS)
        there = client.submit(lambda: (hash("text"), row_names(plan))).result()
        assert there[0] != hash("text")  # another process shuffles its sets in another way
        assert there[1] == row_names(plan)
    assert not client.cluster.workers


def test_the_executor_that_is_given_stays_open():
    with ThreadPoolExecutor(1) as threads:
        sweep(SMALL, LRS, SEEDS, executor=threads, chunk=CHUNK)
        assert threads.submit(int).result() == 0


class Patient(Executor):
    """Begins nothing before `expected` pieces of work have been sent."""

    def __init__(self, workers, expected):
        self.threads, self.gate, self.expected = ThreadPoolExecutor(1), threading.Event(), expected
        self.futures, self.most = [], 0
        if workers:
            self._max_workers = workers

    def submit(self, work, *args):
        self.futures.append(self.threads.submit(lambda: self.gate.wait(10) and work(*args)))
        if len(self.futures) == self.expected:
            self.gate.set()
        self.most = max(self.most, sum(not future.done() for future in self.futures))
        return self.futures[-1]


@pytest.mark.parametrize(("workers", "most"), [(2, 4), (None, 12)])
def test_only_a_few_chunks_are_on_their_way(workers, most):
    patient = Patient(workers, most)
    with patient.threads:
        sweep(SMALL, np.full((12, 1), 0.1), range(12), executor=patient, chunk=1)
    assert patient.gate.is_set()
    assert patient.most <= most


# Interrupted and resumed -----------------------------------------------------------------------


def all_that_was_trained_is_saved(diary):
    """Two chunks or three: the third may have begun before the second was noted."""
    done = len(pages(diary))
    time.sleep(1)
    saved = len(list(Path(diary.folder, "results").glob("*.npz")))
    return 2 <= done == len(pages(diary)) == saved


def test_kill_9_of_the_sweep_loses_and_repeats_nothing(diary, tmp_path, expected, one_processor):
    (tmp_path / "script.py").write_text(SCRIPT + CALL)
    (tmp_path / "wait").touch()
    np.save(tmp_path / "lrs.npy", LRS)
    command = [sys.executable, tmp_path / "script.py", tmp_path]
    child = subprocess.Popen(command, env=os.environ | {"LOKY_MAX_CPU_COUNT": "2"})
    try:
        wait_until(lambda: all_that_was_trained_is_saved(diary))
        family = psutil.Process(child.pid).children(recursive=True)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert len(family) >= 2  # two workers; they end with their caller
    wait_until(lambda: not [each for each in family if each.is_running()])
    (tmp_path / "wait").unlink()

    before = pages(diary)
    assert {process for process, _ in before}.isdisjoint({os.getpid(), child.pid})
    assert_same_bits(sweep(diary, LRS, SEEDS, chunk=CHUNK, folder=tmp_path / "results"), expected)
    assert sum(runs for _, runs in pages(diary)) == RUNS
    assert all(process == os.getpid() for process, _ in pages(diary)[len(before) :])


def test_a_killed_worker_is_one_sentence_and_the_rest_is_saved(
    diary, tmp_path, expected, two_processors
):
    (tmp_path / "kill").touch()
    with pytest.raises(RuntimeError, match=r"sweep: a worker was ended .* memory .* (\d+) runs are in .* the same call trains the others") as caught:  # fmt: skip # noqa: E501
        sweep(diary, LRS, SEEDS, chunk=CHUNK, folder=tmp_path / "results")
    assert isinstance(caught.value.__cause__, BrokenExecutor)
    assert "\n" not in str(caught.value)
    (tmp_path / "kill").unlink()
    saved = len(list((tmp_path / "results").glob("*.npz")))
    with ThreadPoolExecutor(1) as threads:
        again = sweep(diary, LRS, SEEDS, executor=threads, chunk=CHUNK, folder=tmp_path / "results")
    assert_same_bits(again, expected)
    here = [runs for process, runs in pages(diary) if process == os.getpid()]
    assert len(here) == 4 - saved


class Stops(Executor):
    """Trains here, and is stopped by `error` in place of one chunk."""

    def __init__(self, error, at, threads):
        self.threads, self.left, self.error = threads, at, error
        self._max_workers = 1

    def submit(self, work, *args):
        self.left -= 1
        if self.left == 0:
            raise self.error
        return self.threads.submit(work, *args)


@pytest.mark.parametrize("error", [ValueError("in a chunk"), OSError("no space"), BrokenExecutor()])
def test_whatever_fails_the_chunks_that_were_begun_are_saved(error, diary, tmp_path, expected):
    options = {"chunk": CHUNK, "folder": tmp_path / "results"}
    words = r"6 runs are in .* the same call trains the others"  # also the note that is added
    with ThreadPoolExecutor(2) as threads:
        with pytest.raises((ValueError, OSError, RuntimeError), match=words):
            sweep(diary, LRS, SEEDS, executor=Stops(error, 3, threads), **options)
        again = sweep(diary, LRS, SEEDS, executor=threads, **options)
    assert_same_bits(again, expected)
    assert sum(runs for _, runs in pages(diary)) == RUNS


def test_ctrl_c_keeps_what_was_done(diary, tmp_path, one_processor, monkeypatch):
    save, saved = Folder.save, []

    def save_then_interrupt(*args):
        save(*args)
        saved.append(args)
        if len(saved) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Folder, "save", save_then_interrupt)
    with pytest.raises(KeyboardInterrupt):
        sweep(diary, LRS, SEEDS, chunk=CHUNK, folder=tmp_path / "results")
    monkeypatch.setattr(Folder, "save", save)
    sweep(diary, LRS, SEEDS, chunk=CHUNK, folder=tmp_path / "results")
    assert sum(runs for _, runs in pages(diary)) == RUNS


def test_a_failure_without_a_folder_says_what_would_have_helped():
    with ThreadPoolExecutor(1) as threads, pytest.raises(OSError, match="gone") as caught:
        sweep(SMALL, LRS, SEEDS, executor=Stops(OSError("gone"), 2, threads), chunk=CHUNK)
    assert "3 runs were done and are lost: give a folder" in caught.value.__notes__[0]


def test_a_larger_sweep_and_another_chunk_train_only_what_is_new(
    diary, tmp_path, expected, one_processor
):
    folder = tmp_path / "results"
    sweep(diary, LRS[:4], SEEDS[:4], chunk=3, folder=folder)
    order = [7, 3, 0, 9, 3, 5]  # one of them twice
    ours = sweep(diary, LRS[order], order, chunk=2, folder=folder)
    assert_same_bits(ours, expected[order])
    assert [runs for _, runs in pages(diary)] == [3, 1, 2, 1]


def test_two_sweeps_into_one_folder_do_not_disturb_each_other(tmp_path, expected):
    with ThreadPoolExecutor(2) as threads, ThreadPoolExecutor(2) as callers:
        runs = [
            callers.submit(sweep, SMALL, LRS, SEEDS, executor=threads, chunk=CHUNK, folder=tmp_path)
            for _ in range(2)
        ]
    for run in runs:
        assert_same_bits(run.result(), expected)
    assert {path.suffix for path in tmp_path.iterdir()} == {".npz"}


# Damage ----------------------------------------------------------------------------------------


def test_every_damage_is_seen_and_nothing_wrong_is_loaded(tmp_path, expected, one_processor):
    sweep(SMALL, LRS[:2], SEEDS[:2], folder=tmp_path)
    (path,) = tmp_path.glob("*.npz")
    whole, names = path.read_bytes(), row_names(planned(SMALL, LRS[:2], SEEDS[:2]))
    rng = np.random.default_rng(0)
    places = rng.integers(0, len(whole), 150)
    damaged = [whole[:place] for place in places]
    damaged += [
        whole[:p] + bytes([whole[p] ^ 1 << rng.integers(8)]) + whole[p + 1 :] for p in places
    ]
    damaged += [b"", b"\0" * len(whole), whole[: len(whole) // 2] + b"\0" * (len(whole) // 2)]
    seen = 0
    for content in damaged:
        path.write_bytes(content)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found = Folder(tmp_path).load(set(names))
        assert bool(said) == (not found)
        seen += bool(said)
        for row, name in enumerate(names if found else []):  # a date that nobody reads
            assert_same_bits(found[name], expected[row : row + 1])
    assert seen > 250

    path.write_bytes(whole[:-100])
    with pytest.warns(UserWarning, match=r"sweep: .*npz is damaged .* trained again") as said:
        ours = sweep(SMALL, LRS[:2], SEEDS[:2], folder=tmp_path)
    assert "\n" not in str(said[0].message)
    assert_same_bits(ours, expected[:2])
    assert path.read_bytes() == whole or Folder(tmp_path).load(set(names)).keys() == set(names)


def test_half_written_files_of_the_dead_are_cleared_away(tmp_path):
    old, new = tmp_path / "a.tmp", tmp_path / "b.tmp"
    for path in (old, new):
        path.touch()
    os.utime(old, (1, 1))
    Folder.opened(tmp_path)
    assert not old.exists()
    assert new.exists()  # another sweep may be writing it


# Fingerprints ----------------------------------------------------------------------------------


def changed(**options):
    """The names of the rows when one argument is another."""
    arguments = {"problem": SMALL, "lrs": LRS[:2], "seeds": [0, 1], "test_every": 6} | options
    return row_names(planned(**arguments))


OTHER = SMALL.x_train.clone()
OTHER[63, 63] = torch.nextafter(OTHER[63, 63], torch.tensor(2.0))


@pytest.mark.parametrize(
    "options",
    [
        {"lrs": np.nextafter(LRS[:2], 1)},
        {"seeds": [2, 3]},
        {"optimizer": Momentum(0.91)},
        {"optimizer": Adam()},
        {"momenta": np.full((2, STEPS), 0.91)},
        {"batch_size": 31},
        {"clip": 1.0},
        {"test_every": 4},
        {"keep_every": 6},
        {"plateaus": [ReduceOnPlateau(1.0)] * 2},
        {"problem": replace(SMALL, x_train=OTHER)},
        {"problem": replace(SMALL, y_train=SMALL.y_train.int())},
        {"problem": digits(train_size=64, widths=(64, 5, 10))},
    ],
    ids=lambda options: next(iter(options)),
)
def test_each_thing_that_decides_a_result_changes_its_name(options):
    assert set(changed()).isdisjoint(changed(**options))


def test_what_decides_nothing_does_not():
    assert changed() == changed(optimizer=Momentum(0.9))
    assert changed() == changed(momenta=np.full((2, STEPS), 0.9))
    assert changed(lrs=LRS[1::-1], seeds=[1, 0]) == changed()[::-1]
    digits_again = digits(train_size=64, widths=(64, 4, 10))
    assert digits_again.network.shapes  # computed once and kept
    assert changed() == changed(problem=digits_again)


def made_by(text):
    """`thing` of a small program."""
    names = {"__name__": "__main__"}
    exec(compile(text, "cell", "exec"), names)
    return names["thing"]


PROGRAM = """
import torch
from functools import partial, cached_property
SCALE = 3.0
def helper(x):
    return SCALE * x.relu()
def outer(factor):
    return lambda x: factor * helper(x) in {"a", "b", "c"}
class Base:
    def loss(self, x):
        return helper(x) + 1
class Problem(Base):
    limit = 5
    def __init__(self):
        self.make = partial(outer(2), x=7)
        self.layer = torch.nn.Linear(1, 1)
        torch.nn.init.ones_(self.layer.weight), torch.nn.init.zeros_(self.layer.bias)
    @property
    def size(self):
        return 11
    @cached_property
    def late(self):
        return 13
    @staticmethod
    def still():
        return 17
thing = Problem()
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SCALE = 3.0", "SCALE = 4.0"),
        ("x.relu()", "x.tanh()"),
        ("outer(2)", "outer(3)"),
        ("x=7", "x=8"),
        ("+ 1", "+ 2"),
        ("limit = 5", "limit = 6"),
        ("ones_", "zeros_"),
        ("return 11", "return 12"),
        ("return 13", "return 14"),
        ("return 17", "return 18"),
        ('"c"', '"d"'),
    ],
)
def test_your_own_code_is_part_of_the_name(old, new):
    other = PROGRAM.replace(old, new)
    assert other != PROGRAM
    assert fingerprint(made_by(PROGRAM)) == fingerprint(made_by(PROGRAM))
    assert fingerprint(made_by(PROGRAM)) != fingerprint(made_by(other))


def test_comments_blank_lines_and_other_globals_are_not():
    other = "unused = open\n\n# a comment\n" + PROGRAM.replace("+ 1", "+ 1  # one")
    assert fingerprint(made_by(PROGRAM)) == fingerprint(made_by(other))


def test_what_an_object_computes_for_itself_is_not_part_of_its_name():
    thing = made_by(PROGRAM)
    before = fingerprint(thing)
    assert thing.late == 13
    assert fingerprint(thing) == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1, 2], (1, 2)),
        ([[1], 2], [1, [2]]),
        (1, 1.0),
        (1, True),
        ("1", 1),
        (b"1", "1"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (np.zeros(4), np.zeros((2, 2))),
        (np.zeros(2, np.int32), np.zeros(1, np.int64)),
        (torch.zeros(2), torch.zeros(2, dtype=torch.float64)),
        (torch.zeros(2), np.zeros(2, np.float32)),
        ({"ab", "c"}, {"a", "bc"}),
        (np.array(0.0), np.array(-0.0)),
    ],
)
def test_different_values_have_different_fingerprints(one, other):
    assert fingerprint(one) != fingerprint(other)


def test_a_value_may_contain_itself():
    loop = [1]
    loop.append(loop)
    assert fingerprint(loop) != fingerprint([1, [1]])


# What is said ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unspeakable:
    """Passes everything on, and holds what no other process can have."""

    inside: object = SMALL
    file: object = sys.stdout

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(SMALL, name)

    def to(self, device):
        return self

    @cached_property
    def shapes(self):
        return SMALL.shapes


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: sweep(SMALL, LRS, SEEDS, chunk=0), "sweep: chunk .* got 0"),
        (lambda: sweep(SMALL, LRS, SEEDS, executor=4), "sweep: executor .* got 4"),
        (lambda: sweep(SMALL, LRS, SEEDS, folder=__file__), "sweep: folder .*test_sweep.py': File"),
        (lambda: sweep(SMALL, -LRS, SEEDS), "lrs must be"),
        (
            lambda: sweep(Unspeakable(), LRS, SEEDS, folder="never made"),
            "sweep: folder needs to know .* leave folder out",
        ),
        (
            lambda: sweep(Unspeakable(), LRS, SEEDS, executor=Patient(1, 1)),
            r"sweep: the problem .* cannot be sent .*=ThreadPoolExecutor\(\)",
        ),
    ],
)
def test_refuses_in_one_sentence(make, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_refuses_what_train_does_not_know():
    with pytest.raises(TypeError, match=r"sweep: .* option fortune"):
        sweep(SMALL, LRS, SEEDS, fortune=1)


def test_threads_take_what_no_process_can(expected):
    with ThreadPoolExecutor(2) as threads:
        assert_same_bits(sweep(Unspeakable(), LRS, SEEDS, executor=threads, chunk=CHUNK), expected)


def test_a_worker_of_another_version_is_refused():
    from lrcourse.experiments.sweep import trained_there

    with pytest.raises(RuntimeError, match=r"a worker has lrcourse .* install the same"):
        trained_there(b"", "lrcourse 0.0.1 and torch 1.0")


def test_a_script_that_starts_itself_again_is_stopped(monkeypatch):
    import multiprocessing

    monkeypatch.setattr(multiprocessing.current_process(), "_inheriting", True, raising=False)
    with pytest.raises(RuntimeError, match='if __name__ == "__main__":'):
        sweep(SMALL, LRS, SEEDS)


def test_the_line_says_how_many_runs_are_done_and_loaded(
    tmp_path, capsys, monkeypatch, one_processor
):
    monkeypatch.setattr(sys.modules[sweep.__module__], "DELAY", 0)
    sweep(SMALL, LRS[:4], SEEDS[:4], folder=tmp_path)
    capsys.readouterr()
    sweep(SMALL, LRS, SEEDS, chunk=CHUNK, folder=tmp_path)
    said = capsys.readouterr()
    assert "10 of 10 runs, 4 of them from disk" in said.err
    assert not said.out
    sweep(SMALL, LRS, SEEDS, progress=False)
    assert not capsys.readouterr().err


def test_a_short_sweep_says_nothing(capsys, one_processor):
    sweep(SMALL, LRS[:1, :2], SEEDS[:1])
    assert not capsys.readouterr().err
