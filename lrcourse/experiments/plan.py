"""What is to be trained, checked before anything starts: one row for each run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from lrcourse.experiments.optimizers import Momentum, Optimizer
from lrcourse.experiments.problems import Problem
from lrcourse.schedules import ReduceOnPlateau
from lrcourse.schedules.units import shown


@dataclass(frozen=True)
class Plan:
    """R runs of S updates."""

    problem: Problem
    lrs: np.ndarray  # (R, S)
    momenta: np.ndarray  # (R, S); NaN where the optimizer has none
    seeds: list[int]  # (R,)
    optimizer: Optimizer
    batch_size: int
    clip: float | None
    test_every: int | None
    keep_every: int | None
    plateaus: list[ReduceOnPlateau]  # (R,), or none at all
    listen_to: str
    device: str

    @property
    def steps(self) -> int:
        """S, the updates of each run."""
        return self.lrs.shape[1]

    def is_due(self, t: int, every: int | None) -> bool:
        """Whether something happens after t updates: each `every`, and after the last."""
        return t == self.steps or (every is not None and t % every == 0)

    def parts(self, chunk: int) -> Iterator["Plan"]:
        """The same plan in parts of `chunk` rows."""
        refuse_below_one("train", chunk=chunk)
        for first in range(0, len(self.lrs), chunk):
            yield self.rows(slice(first, first + chunk))

    def rows(self, rows: slice) -> "Plan":
        """The plan of these rows alone."""
        return replace(
            self,
            lrs=self.lrs[rows],
            momenta=self.momenta[rows],
            seeds=self.seeds[rows],
            plateaus=self.plateaus[rows],
        )


def planned(
    problem: Problem,
    lrs: Any,
    seeds: Any,
    optimizer: Any = None,
    batch_size: int = 32,
    *,
    momenta: Any = None,
    clip: float | None = None,
    test_every: int | None = None,
    keep_every: int | None = None,
    plateaus: Sequence[ReduceOnPlateau] = (),
    listen_to: str = "loss",
    device: str = "cpu",
) -> Plan:
    """The arguments of `train`, checked; ValueError is one sentence that begins with "train:"."""
    optimizer = Momentum() if optimizer is None else _optimizer(optimizer)
    lrs, seeds, plateaus = _table("lrs", lrs), _seeds(seeds), list(plateaus)
    if len(seeds) != len(lrs):
        raise ValueError(f"train: one seed for each run: {len(lrs)} runs, {len(seeds)} seeds")
    if plateaus and len(plateaus) != len(lrs):
        raise ValueError(
            f"train: one plateau for each run: {len(lrs)} runs, {len(plateaus)} plateaus"
        )
    refuse_below_one("train", batch_size=batch_size)
    refuse_below_one("train", test_every=1 if test_every is None else test_every)
    refuse_below_one("train", keep_every=1 if keep_every is None else keep_every)
    if clip is not None and not clip > 0:
        raise ValueError(f"train: clip must be above 0, or None for no limit, got {shown(clip)}")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ValueError(f'train: PyTorch finds no GPU here, got {device!r}; use "cpu"')
    return Plan(
        problem=problem,
        lrs=lrs,
        momenta=_momenta(optimizer, momenta, lrs.shape),
        seeds=seeds,
        optimizer=optimizer,
        batch_size=batch_size,
        clip=clip,
        test_every=test_every,
        keep_every=keep_every,
        plateaus=plateaus,
        listen_to=listen_to,
        device=device,
    )


def refuse_below_one(function: str, **counts: Any) -> None:
    """ValueError where a count is no whole number of at least 1."""
    for name, count in counts.items():
        if not isinstance(count, int | np.integer) or isinstance(count, bool) or count < 1:
            raise ValueError(
                f"{function}: {name} must be a whole number of at least 1, got {shown(count)}"
            )


def _optimizer(optimizer: Any) -> Optimizer:
    if callable(getattr(optimizer, "update", None)) and not isinstance(optimizer, type):
        return optimizer
    example = f"{optimizer.__name__}()" if isinstance(optimizer, type) else "Momentum(0.9)"
    raise ValueError(
        f"train: optimizer must be one of lrcourse.experiments, such as {example}, "
        f"got {shown(optimizer)}"
    )


def _momenta(optimizer: Optimizer, momenta: Any, shape: tuple[int, ...]) -> np.ndarray:
    """(R, S): as given, or the optimizer's own everywhere, or NaN where it has none."""
    own = getattr(optimizer, "momentum", None)
    if momenta is None:
        return np.full(shape, np.nan if own is None else own)
    if own is None:
        raise ValueError(
            f"train: {type(optimizer).__name__} has no momentum to replace; leave momenta out, "
            f"or use Momentum()"
        )
    momenta = _table("momenta", momenta)
    if momenta.shape != shape:
        raise ValueError(f"train: momenta must have the shape of lrs, {shape}, got {momenta.shape}")
    if not (momenta < 1).all():
        raise ValueError(f"train: momenta must lie below 1, got {shown(momenta.max())}")
    return momenta


def _table(name: str, values: Any) -> np.ndarray:
    """The values as floats of the shape (runs, steps), all finite and at least 0."""
    try:
        table = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(
            f"train: {name} must be numbers of the shape (runs, steps), got {shown(values)}"
        ) from None
    if table.ndim != 2 or table.size == 0:
        raise ValueError(f"train: {name} must have the shape (runs, steps), got {table.shape}")
    if not (np.isfinite(table) & (table >= 0)).all():
        worst = table[~(np.isfinite(table) & (table >= 0))][0]
        raise ValueError(f"train: {name} must be finite and at least 0, got {shown(worst)}")
    return table


def _seeds(seeds: Any) -> list[int]:
    try:
        seeds = list(seeds)
    except TypeError:
        raise ValueError(
            f"train: seeds must be one whole number for each run, got {shown(seeds)}"
        ) from None
    for seed in seeds:
        if (
            not isinstance(seed, int | np.integer)
            or isinstance(seed, bool)
            or not 0 <= seed < 2**62
        ):
            raise ValueError(
                f"train: a seed must be a whole number of at least 0, got {shown(seed)}"
            )
    return [int(seed) for seed in seeds]
