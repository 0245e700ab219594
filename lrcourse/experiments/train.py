"""Train many runs at once: every run is a row, every update a column.

The rates are a table known before training starts, because schedules are pure. Losses are
summed over the runs, so one backward pass gives each run its own gradient. Weights and data
order depend on the seed alone: runs with the same seed and different schedules are paired.
`train` returns what came out, and `watch` shows it while it happens.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from math import ceil, prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lrcourse.experiments.optimizers import Layers, Moment, Optimizer
from lrcourse.experiments.plan import Plan, planned, refuse_below_one
from lrcourse.experiments.problems import Problem
from lrcourse.experiments.run import Recorder, Run, joined
from lrcourse.schedules import Constant, ReduceOnPlateau, Schedule
from lrcourse.schedules.units import shown

DATA_SEEDS = 10_000  # the data order of seed 3 is drawn from 10003, its weights from 3


def rate_table(schedules: Sequence[Schedule], seeds: int, steps: int) -> np.ndarray:
    """The rates (schedules x seeds, steps): all seeds of the first schedule, then the next."""
    if not schedules or not all(isinstance(schedule, Schedule) for schedule in schedules):
        raise ValueError(f"rate_table: schedules must be a list of schedules, got {schedules!r}")
    refuse_below_one("rate_table", seeds=seeds, steps=steps)
    t = np.arange(steps)
    return np.repeat([schedule(t) for schedule in schedules], seeds, axis=0)


def momentum_table(
    schedules: Sequence[Schedule], seeds: int, steps: int, momentum: float
) -> np.ndarray:
    """The momenta that belong to `rate_table`, for `train(..., momenta=...)`.

    They are `momentum` throughout for all schedules but those that move it themselves, such as
    OneCycle.
    """
    t = np.arange(steps)
    constant = Constant(momentum)
    rows = [getattr(schedule, "momentum", constant)(t) for schedule in schedules]
    return np.repeat(rows, seeds, axis=0)


def train(
    problem: Problem,
    lrs: np.ndarray,
    seeds: Sequence[int],
    optimizer: Optimizer | None = None,
    batch_size: int = 32,
    *,
    momenta: np.ndarray | None = None,
    clip: float | None = None,
    test_every: int | None = None,
    keep_every: int | None = None,
    plateaus: Sequence[ReduceOnPlateau] = (),
    listen_to: str = "loss",
    chunk: int = 64,
    device: str = "cpu",
) -> Run:
    """Train one run for each row of `lrs` (R, S), from the seed of that row.

    `optimizer` is Momentum(0.9) unless given; `momenta` (R, S) takes the place of its momentum
    (of β1 in Adam). A gradient longer than `clip` is shortened to it, in each run by itself.
    The test set is looked at, and weights are kept, every so many updates and after the last.
    `plateaus` are one ReduceOnPlateau for each run: its rate multiplies that of the table, so
    one of the two must be 1, and it hears the test metric `listen_to` every `test_every` updates.

    `chunk` runs are trained at a time. The results are the same bits whatever it is, if lrcourse
    was imported before the first matrix product of the program (see lrcourse/__init__.py), and
    equal to rounding otherwise and for convolutions of a ModuleNetwork. On a CPU one thread
    works: for networks this small a second one costs more than it brings on a busy machine (up
    to ten times the time), and brings little on a quiet one.

    A run that diverges goes on as NaN in its own row. What cannot be trained is refused in one
    sentence (ValueError), and so is what does not fit into memory (MemoryError).
    """
    plan = planned(
        problem,
        lrs,
        seeds,
        optimizer,
        batch_size,
        momenta=momenta,
        clip=clip,
        test_every=test_every,
        keep_every=keep_every,
        plateaus=plateaus,
        listen_to=listen_to,
        device=device,
    )
    with memory_refused_in_a_sentence(plan, chunk):
        return joined([trained(part) for part in plan.parts(chunk)])


def watch(
    problem: Problem,
    lrs: np.ndarray,
    seeds: Sequence[int],
    optimizer: Optimizer | None = None,
    batch_size: int = 32,
    *,
    every: int = 50,
    **options: Any,
) -> Iterator[Run]:
    """The Run so far, after each `every` updates and after the last.

    Each is bit by bit what `train` would return had `lrs` (R, S) ended there, so the last one is
    that of `train` with the same arguments (all rows are trained at a time). Of course the test
    set is looked at, and the weights are kept, for each of them. The next updates are made
    when the next Run is asked for; who stops asking leaves nothing behind.
    """
    refuse_below_one("watch", every=every)
    return watched(planned(problem, lrs, seeds, optimizer, batch_size, **options), every)


def watched(plan: Plan, every: int) -> Iterator[Run]:
    """The Run so far of a plan; while it waits, PyTorch has the settings of the others."""
    recorder = Recorder()
    updates = updates_of(plan, recorder)
    for made in range(0, plan.steps, every):
        with memory_refused_in_a_sentence(plan, len(plan.seeds)), one_thread(), torch.no_grad():
            *_, (t, problem, weights) = islice(updates, min(every, plan.steps - made))
            run = recorder.as_if_last(t, problem.test, weights).run()
        yield run


def trained(plan: Plan) -> Run:
    """All rows of a plan at once."""
    recorder = Recorder()
    with one_thread(), torch.no_grad():
        for _ in updates_of(plan, recorder):
            pass
    return recorder.run()


def updates_of(plan: Plan, recorder: Recorder) -> Iterator[tuple[int, Problem, Tensor]]:
    """The loop that every training has; after each update, how many were made, and with what.

    The weights (R, P) are changed in place by the next update. To be walked without gradients.
    """
    problem = plan.problem.to(plan.device)
    weights = of_each_seed(problem.start, plan.seeds).to(plan.device)  # (R, P)
    lrs, momenta = columns(plan.lrs, weights), columns(plan.momenta, weights)  # (S, R, 1)
    memory: defaultdict[str, Tensor] = defaultdict(lambda: torch.zeros_like(weights))
    layers = Layers.of(problem.shapes, weights.device)
    plateaus = Plateaus(plan)
    for t, seen in enumerate(what_each_run_sees(problem, plan), start=1):
        now = Moment(t, plateaus.cut(lrs[t - 1], t - 1), momenta[t - 1], memory, layers)
        loss, gradient = loss_and_gradient(problem, weights, seen)
        plan.optimizer.update(weights, clipped(gradient, plan.clip), now)
        recorder.record(now, loss)
        if plan.is_due(t, plan.test_every):
            tests = problem.test(weights)
            recorder.test(t, tests)
            plateaus.listen(tests, t)
        if plan.is_due(t, plan.keep_every):
            recorder.keep(t, weights)
        yield t, problem, weights


def loss_and_gradient(problem: Problem, weights: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
    """(R,) and (R, P). No run's loss depends on another's weights, so their sum serves all."""
    with torch.enable_grad():
        weights = weights.detach().requires_grad_()
        loss = problem.loss(weights, seen)
        (gradient,) = torch.autograd.grad(loss.sum(), weights)
    return loss.detach(), gradient


def clipped(gradient: Tensor, longest: float | None) -> Tensor:
    """Each run's gradient, shortened where its norm is above `longest`; as torch does it."""
    if longest is None:
        return gradient
    norm = gradient.norm(dim=1, keepdim=True)
    return gradient * (longest / (norm + 1e-6)).clamp(max=1)


def what_each_run_sees(problem: Problem, plan: Plan) -> Iterator[Tensor]:
    """One item (R, ...) for each update. Each seed draws its epochs from its own generator."""
    generators = {seed: torch.Generator().manual_seed(DATA_SEEDS + seed) for seed in plan.seeds}

    def epoch_of(seed: int) -> Tensor:
        return problem.epoch(generators[seed], plan.batch_size)

    left = plan.steps
    while left > 0:
        epoch = of_each_seed(epoch_of, plan.seeds)  # (R, updates, ...)
        if epoch.shape[1] < 1:
            raise ValueError(
                f"train: epoch of {type(problem).__name__} must give what is seen in at least "
                f"one update, got the shape {tuple(epoch.shape[1:])}"
            )
        for update in range(min(left, epoch.shape[1])):
            yield epoch[:, update].to(plan.device)
        left -= epoch.shape[1]


def of_each_seed(draw: Callable[[int], Tensor], seeds: Sequence[int]) -> Tensor:
    """draw(seed) for each run, computed once for each different seed."""
    drawn = {seed: draw(seed) for seed in dict.fromkeys(seeds)}
    return torch.stack([drawn[seed] for seed in seeds])


def columns(table: np.ndarray, like: Tensor) -> Tensor:
    """(R, S) -> (S, R, 1): what all runs need in one update lies together."""
    return torch.tensor(table.T[:, :, None]).to(like)


class Plateaus:
    """One ReduceOnPlateau for each run, or none at all."""

    def __init__(self, plan: Plan) -> None:
        self.plateaus = [replace(plateau) for plateau in plan.plateaus]  # nothing heard yet
        self.listen_to = plan.listen_to

    def cut(self, lr: Tensor, t: int) -> Tensor:
        """The rates (R, 1) of the table after t updates, times those of the plateaus."""
        if not self.plateaus:
            return lr
        return lr * lr.new_tensor([[plateau.rate(t)] for plateau in self.plateaus])

    def listen(self, tests: Mapping[str, Tensor], t: int) -> None:
        """Every plateau hears the metric of its run after t updates."""
        if not self.plateaus:
            return
        if self.listen_to not in tests:
            raise ValueError(
                f"train: listen_to must be a metric of the problem, {' or '.join(tests)}, "
                f"got {shown(self.listen_to)}"
            )
        for plateau, metric in zip(self.plateaus, tests[self.listen_to].tolist(), strict=True):
            plateau.update(metric, t)


@contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch with one CPU thread, and as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def memory_refused_in_a_sentence(plan: Plan, chunk: int) -> Iterator[None]:
    """What NumPy and PyTorch say when memory is short, as one MemoryError that says what helps."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "tried to allocate" not in str(error).lower():
            raise
        runs, kept = len(plan.seeds), ceil(plan.steps / (plan.keep_every or plan.steps))
        parameters = sum(prod(shape) for shape in plan.problem.shapes.values())
        raise MemoryError(
            f"train: {runs} runs × {parameters} parameters do not fit into memory, {chunk} runs "
            f"being trained at once and each kept {kept} times; use a smaller chunk or "
            f"batch_size, a larger keep_every, or a smaller network"
        ) from error
