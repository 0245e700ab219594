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
    lrs = _table("lrs", lrs)
    refuse_below_one("train", batch_size=batch_size)
    refuse_below_one("train", test_every=1 if test_every is None else test_every)
    refuse_below_one("train", keep_every=1 if keep_every is None else keep_every)
    return Plan(
        problem=_problem(problem),
        lrs=lrs,
        momenta=_momenta(optimizer, momenta, lrs.shape),
        seeds=_seeds(seeds, len(lrs)),
        optimizer=optimizer,
        batch_size=batch_size,
        clip=_clip(clip),
        test_every=test_every,
        keep_every=keep_every,
        plateaus=_plateaus(plateaus, lrs, test_every),
        listen_to=listen_to,
        device=_device(device),
    )


def refuse_below_one(function: str, **counts: Any) -> None:
    """ValueError where a count is no whole number of at least 1."""
    for name, count in counts.items():
        if not isinstance(count, int | np.integer) or isinstance(count, bool) or count < 1:
            raise ValueError(
                f"{function}: {name} must be a whole number of at least 1, got {shown(count)}"
            )


def _problem(problem: Any) -> Problem:
    parts = ("shapes", "start", "epoch", "loss", "test", "to")
    missing = [part for part in parts if not hasattr(problem, part)]
    if missing or isinstance(problem, type):
        raise ValueError(
            f"train: problem must be one of lrcourse.experiments, such as digits(), or have its "
            f"own {', '.join(parts)}, got {shown(problem)}"
        )
    return problem


def _optimizer(optimizer: Any) -> Optimizer:
    has_update = callable(getattr(optimizer, "update", None))  # a dict has, too
    if has_update and not isinstance(optimizer, type | dict | set):
        return optimizer
    example = f"{optimizer.__name__}()" if has_update and isinstance(optimizer, type) else "Adam()"
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
        raise ValueError(f"train: momenta must lie in [0, 1), got {shown(momenta.max())}")
    return momenta


def _table(name: str, values: Any) -> np.ndarray:
    """The values as floats of the shape (runs, steps), all finite and at least 0."""
    try:
        table = np.asarray(values, dtype=float)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(
            f"train: {name} must be numbers of the shape (runs, steps), got {shown(values)}; "
            f"rate_table(schedules, seeds, steps) makes them"
        ) from None
    if table.ndim != 2 or table.size == 0:
        raise ValueError(
            f"train: {name} must have the shape (runs, steps), got {table.shape}; "
            f"rate_table(schedules, seeds, steps) has it"
        )
    if not (np.isfinite(table) & (table >= 0)).all():
        worst = table[~(np.isfinite(table) & (table >= 0))][0]
        raise ValueError(f"train: {name} must be finite and at least 0, got {shown(worst)}")
    return table


def _seeds(seeds: Any, runs: int) -> list[int]:
    try:
        seeds = list(seeds)
    except TypeError:
        raise ValueError(
            f"train: seeds must be one whole number for each run, got {shown(seeds)}"
        ) from None
    for seed in seeds:
        is_whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
        if not is_whole or not 0 <= seed < 2**62:
            raise ValueError(
                f"train: seeds must be whole numbers of at least 0 and below 2**62, "
                f"got {shown(seed)}"
            )
    if len(seeds) != runs:
        raise ValueError(
            f"train: seeds must be one for each row of lrs, got {runs} runs, {len(seeds)} seeds"
        )
    return [int(seed) for seed in seeds]


def _clip(clip: Any) -> float | None:
    if clip is None:
        return None
    is_number = isinstance(clip, float | int | np.number) and not isinstance(clip, bool)
    if not is_number or not clip > 0:
        raise ValueError(
            f"train: clip must be a number above 0, or None for no limit, got {shown(clip)}"
        )
    return float(clip)


def _plateaus(plateaus: Any, lrs: np.ndarray, test_every: int | None) -> list[ReduceOnPlateau]:
    """As given, where they are one for each run, are told something, and do not count twice."""
    if not isinstance(plateaus, Sequence) or not all(
        isinstance(plateau, ReduceOnPlateau) for plateau in plateaus
    ):
        raise ValueError(
            f"train: plateaus must be a list of ReduceOnPlateau, one for each run, "
            f"got {shown(plateaus)}"
        )
    if plateaus and len(plateaus) != len(lrs):
        raise ValueError(
            f"train: plateaus must be one for each row of lrs, got {len(lrs)} runs, "
            f"{len(plateaus)} plateaus"
        )
    if plateaus and test_every is None:
        raise ValueError(
            "train: plateaus hear how the test went; say how often, as in test_every=20"
        )
    for plateau, row in zip(plateaus, lrs, strict=False):
        if plateau.peak_lr != 1 and (row != 1).any():
            raise ValueError(
                f"train: the rate of a plateau multiplies that of lrs, so one of the two must be "
                f"1, got peak_lr={shown(plateau.peak_lr)} and lrs of {shown(row.max())}"
            )
    return list(plateaus)


def _device(device: Any) -> str:
    try:
        torch.zeros(1, device=device or "").tolist()
    except (RuntimeError, TypeError, AssertionError):  # no device, or none of this machine
        raise ValueError(
            f'train: device must be one that PyTorch finds here, got {shown(device)}; use "cpu"'
        ) from None
    return str(torch.device(device))
