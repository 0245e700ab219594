"""Train many runs at once: every run is a row, every update a column.

The rates are a table known before training starts, because schedules are pure. Losses are
summed over the runs, so one backward pass gives each run its own gradient. Weights and data
order depend on the seed alone: runs with the same seed and different schedules are paired.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from lrcourse.experiments.optimizers import Layers, Moment, Optimizer
from lrcourse.experiments.plan import Plan, planned, refuse_below_one
from lrcourse.experiments.problems import Problem
from lrcourse.experiments.run import Recorder, Run, joined
from lrcourse.schedules import ReduceOnPlateau, Schedule

DATA_SEEDS = 10_000  # the data order of seed 3 is drawn from 10003, its weights from 3


def rate_table(schedules: Sequence[Schedule], seeds: int, steps: int) -> np.ndarray:
    """The rates (schedules x seeds, steps): all seeds of the first schedule, then the next."""
    if not schedules or not all(isinstance(schedule, Schedule) for schedule in schedules):
        raise ValueError(f"rate_table: schedules must be a list of schedules, got {schedules!r}")
    refuse_below_one("rate_table", seeds=seeds, steps=steps)
    t = np.arange(steps)
    return np.repeat([schedule(t) for schedule in schedules], seeds, axis=0)


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
    `plateaus` are one ReduceOnPlateau for each run: its rate multiplies that of the table, and
    it hears the test metric `listen_to` each time the test set is looked at.

    `chunk` runs are trained at a time; the results are the same bits whatever it is. On a CPU
    one thread works: for networks this small a second one costs more than it brings on a busy
    machine (up to ten times the time), and little on a quiet one.

    A run that diverges goes on as NaN in its own row.
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
    return joined([trained(part) for part in plan.parts(chunk)])


def trained(plan: Plan) -> Run:
    """All rows of a plan at once: the loop that every training has."""
    with one_thread(), torch.no_grad():
        problem = plan.problem.to(plan.device)
        weights = of_each_seed(problem.start, plan.seeds).to(plan.device)  # (R, P)
        lrs, momenta = columns(plan.lrs, weights), columns(plan.momenta, weights)  # (S, R, 1)
        memory: defaultdict[str, Tensor] = defaultdict(lambda: torch.zeros_like(weights))
        layers = Layers.of(problem.shapes, weights.device)
        plateaus, recorder = Plateaus(plan.plateaus), Recorder()
        for t, seen in enumerate(what_each_run_sees(problem, plan), start=1):
            now = Moment(t, plateaus.cut(lrs[t - 1]), momenta[t - 1], memory, layers)
            loss, gradient = loss_and_gradient(problem, weights, seen)
            plan.optimizer.update(weights, clipped(gradient, plan.clip), now)
            recorder.record(now, loss)
            if plan.is_due(t, plan.test_every):
                tests = problem.test(weights)
                recorder.test(t, tests)
                plateaus.listen(tests[plan.listen_to])
            if plan.is_due(t, plan.keep_every):
                recorder.keep(t, weights)
    return recorder.run()


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

    def __init__(self, plateaus: Sequence[ReduceOnPlateau]) -> None:
        self.plateaus = [replace(plateau) for plateau in plateaus]  # fresh: nothing heard yet

    def cut(self, lr: Tensor) -> Tensor:
        """The rates (R, 1) of the table times what each plateau has left of them."""
        if not self.plateaus:
            return lr
        return lr * lr.new_tensor([[plateau.lr] for plateau in self.plateaus])

    def listen(self, metrics: Tensor) -> None:
        """Every plateau hears the metric (R,) of its run."""
        for plateau, metric in zip(self.plateaus, metrics.tolist(), strict=False):
            plateau.update(metric)


@contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch with one CPU thread, and as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
