"""What a training leaves behind: the flight recorder's arrays, one row for each run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import torch
from torch import Tensor

from lrcourse.experiments.optimizers import Moment


@dataclass(frozen=True)
class Run:
    """R runs of S updates, looked at E times on the test set and kept K times.

    A run that diverged is a result: its numbers are NaN or inf from there on, in its row only.
    `run[:12]` and `run[mask]` are the runs of these rows.
    """

    lrs: np.ndarray  # (R, S) the rate that each update used
    momenta: np.ndarray  # (R, S) the momentum (Adam: β1) that each update used; NaN without one
    losses: np.ndarray  # (R, S) the loss of each update's batch, before the update
    test_steps: np.ndarray  # (E,) after how many updates the test set was looked at
    tests: dict[str, np.ndarray]  # (R, E) for each metric of the problem, such as "loss"
    kept_steps: np.ndarray  # (K,) after how many updates the weights were kept; the last always
    weights: np.ndarray = field(repr=False)  # (R, K, P)

    @property
    def test_losses(self) -> np.ndarray:
        """(R, E)"""
        return self.tests["loss"]

    @property
    def test_accuracies(self) -> np.ndarray:
        """(R, E), from 0 to 1"""
        return self.tests["accuracy"]

    @property
    def diverged(self) -> np.ndarray:
        """(R,) True where a loss or a weight is no finite number any more."""
        return ~(np.isfinite(self.losses).all(1) & np.isfinite(self.weights).all((1, 2)))

    def __len__(self) -> int:
        return len(self.lrs)

    def __getitem__(self, rows: slice | np.ndarray | Sequence[int]) -> "Run":
        return self._each(lambda array: array[rows])

    def _each(self, change) -> "Run":
        """The same, with every array that has a row for each run changed."""
        arrays = {each.name: getattr(self, each.name) for each in fields(self)}
        for name in ("lrs", "momenta", "losses", "weights"):
            arrays[name] = change(arrays[name])
        arrays["tests"] = {name: change(array) for name, array in self.tests.items()}
        return Run(**arrays)


def joined(runs: Sequence[Run]) -> Run:
    """The rows of the first, then those of the next. All must have the same steps and looks."""
    first = runs[0]
    return Run(
        test_steps=first.test_steps,
        kept_steps=first.kept_steps,
        tests={name: np.concatenate([run.tests[name] for run in runs]) for name in first.tests},
        **{
            name: np.concatenate([getattr(run, name) for run in runs])
            for name in ("lrs", "momenta", "losses", "weights")
        },
    )


class Recorder:
    """Collects, update by update, what a `Run` holds."""

    def __init__(self) -> None:
        self.lrs: list[Tensor] = []
        self.momenta: list[Tensor] = []
        self.losses: list[Tensor] = []
        self.tests: dict[int, dict[str, Tensor]] = {}
        self.weights: dict[int, Tensor] = {}

    def record(self, now: Moment, loss: Tensor) -> None:
        """What the update that was just made has used."""
        self.lrs.append(now.lr[:, 0])
        self.momenta.append(now.momentum[:, 0])
        self.losses.append(loss)

    def test(self, t: int, tests: dict[str, Tensor]) -> None:
        self.tests[t] = tests

    def keep(self, t: int, weights: Tensor) -> None:
        self.weights[t] = weights.clone()

    def as_if_last(
        self, t: int, test: Callable[[Tensor], dict[str, Tensor]], weights: Tensor
    ) -> "Recorder":
        """A copy that ends after t updates, with the test and the weights that an end has."""
        ended = Recorder()
        ended.lrs, ended.momenta, ended.losses = self.lrs, self.momenta, self.losses
        ended.tests, ended.weights = dict(self.tests), dict(self.weights)
        if t not in self.tests:
            ended.test(t, test(weights))
        if t not in self.weights:
            ended.keep(t, weights)
        return ended

    def run(self) -> Run:
        """Everything as NumPy arrays."""
        names = next(iter(self.tests.values()))
        return Run(
            lrs=_rows(self.lrs),
            momenta=_rows(self.momenta),
            losses=_rows(self.losses),
            test_steps=np.array(list(self.tests)),
            tests={name: _rows([each[name] for each in self.tests.values()]) for name in names},
            kept_steps=np.array(list(self.weights)),
            weights=_rows(list(self.weights.values())),
        )


def _rows(columns: list[Tensor]) -> np.ndarray:
    """One (R, ...) for each time -> (R, times, ...)"""
    return torch.stack(columns, dim=1).cpu().numpy()
