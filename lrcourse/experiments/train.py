"""Train many runs at once: every run is a row, every update a column.

The rates are a table known before training starts, because schedules are pure. Losses are
summed over the runs, so one backward pass gives each run its own gradient. Weights and data
order depend on the seed alone: runs with the same seed and different schedules are paired.
"""

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lrcourse.experiments.optimizers import Momentum, Optimizer
from lrcourse.experiments.problems import Classification
from lrcourse.schedules import Schedule


@dataclass(frozen=True)
class Run:
    """What the flight recorder kept of R runs of S updates, with E looks at the test set."""

    lrs: np.ndarray  # (R, S) the rate that each update used
    losses: np.ndarray  # (R, S) the batch loss before each update; NaN once a run diverged
    test_steps: np.ndarray  # (E,) after how many updates the test set was looked at
    test_losses: np.ndarray  # (R, E)
    test_accuracies: np.ndarray  # (R, E) from 0 to 1


def rate_table(schedules: Sequence[Schedule], seeds: int, steps: int) -> np.ndarray:
    """The rates (schedules x seeds, steps): all seeds of the first schedule, then the next."""
    if not schedules or not all(isinstance(schedule, Schedule) for schedule in schedules):
        raise ValueError(f"rate_table: schedules must be a list of schedules, got {schedules!r}")
    _refuse_below_one("rate_table", seeds=seeds, steps=steps)
    t = np.arange(steps)
    return np.repeat([schedule(t) for schedule in schedules], seeds, axis=0)


def train(
    problem: Classification,
    lrs: np.ndarray,
    seeds: Sequence[int],
    optimizer: Optimizer | None = None,
    batch_size: int = 32,
    test_every: int = 50,
) -> Run:
    """Train one run for each row of `lrs` (R, S), from the seed of that row.

    `optimizer` is Momentum(0.9) unless given. Runs on one thread: for networks this small a
    second one costs more than it brings on a busy machine.
    """
    _refuse_below_one("train", test_every=test_every)
    lrs, seeds = _checked(lrs, seeds, batch_size, len(problem.x_train))
    optimizer = optimizer or Momentum(0.9)
    table = torch.tensor(lrs.T, dtype=problem.x_train.dtype)[:, :, None]  # (S, R, 1)
    weights = _rows_of_seeds(problem.start, seeds)  # (R, P)
    used, losses, tests = [], [], []
    with _one_thread():
        batches = _batches(len(problem.x_train), batch_size, len(table), seeds)
        for step, (lr, batch) in enumerate(zip(table, batches, strict=True), start=1):
            weights.requires_grad_()
            loss = problem.loss(weights, problem.x_train[batch], problem.y_train[batch])
            (gradient,) = torch.autograd.grad(loss.sum(), weights)
            with torch.no_grad():
                optimizer.update(weights, gradient, lr)
                used.append(lr[:, 0])
                losses.append(loss.detach())
                if step % test_every == 0 or step == len(table):
                    tests.append((step, *problem.test(weights)))
    test_steps, test_losses, test_accuracies = zip(*tests, strict=True)
    return Run(
        lrs=torch.stack(used, 1).double().numpy(),
        losses=torch.stack(losses, 1).numpy(),
        test_steps=np.array(test_steps),
        test_losses=torch.stack(test_losses, 1).numpy(),
        test_accuracies=torch.stack(test_accuracies, 1).numpy(),
    )


def _refuse_below_one(function: str, **counts: int) -> None:
    for name, count in counts.items():
        if not isinstance(count, int | np.integer) or count < 1:
            raise ValueError(
                f"{function}: {name} must be a whole number of at least 1, got {count!r}"
            )


def _checked(
    lrs: np.ndarray, seeds: Sequence[int], batch_size: int, examples: int
) -> tuple[np.ndarray, list[int]]:
    lrs, seeds = np.asarray(lrs, dtype=float), [int(seed) for seed in seeds]
    if lrs.ndim != 2 or lrs.size == 0:
        raise ValueError(f"train: lrs must have the shape (runs, steps), got {lrs.shape}")
    if not (np.isfinite(lrs) & (lrs >= 0)).all():
        raise ValueError("train: lrs must be finite and at least 0, got NaN, inf or less than 0")
    if len(seeds) != len(lrs):
        raise ValueError(f"train: one seed for each run: {len(lrs)} runs, {len(seeds)} seeds")
    if not 1 <= batch_size <= examples:
        raise ValueError(f"train: batch_size must lie in [1, {examples}], got {batch_size!r}")
    return lrs, seeds


def _rows_of_seeds(draw, seeds: list[int]) -> Tensor:
    """draw(seed) for each run, computed once for each different seed."""
    drawn = {seed: draw(seed) for seed in set(seeds)}
    return torch.stack([drawn[seed] for seed in seeds])


def _batches(examples: int, batch_size: int, steps: int, seeds: list[int]):
    """The examples (R, B) of each update: every epoch in a new order, the rest left out."""
    per_epoch = examples // batch_size
    generators = {seed: torch.Generator().manual_seed(10_000 + seed) for seed in set(seeds)}

    def shuffled(seed: int) -> Tensor:
        order = torch.randperm(examples, generator=generators[seed])
        return order[: per_epoch * batch_size].view(per_epoch, batch_size)

    for step in range(steps):
        if step % per_epoch == 0:
            epoch = _rows_of_seeds(shuffled, seeds)  # (R, per_epoch, B)
        yield epoch[:, step % per_epoch]


@contextmanager
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
