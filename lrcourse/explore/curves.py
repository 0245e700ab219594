"""The curves of an explorer, and the sentences that say the same to who cannot see them."""

from typing import NamedTuple

import numpy as np

from lrcourse.schedules import Schedule
from lrcourse.torch_twins import rates_used, twin
from lrcourse.words import agreement, course


class Curve(NamedTuple):
    """The rates of the updates 0, 1, 2, ... and the code that makes them."""

    label: str
    code: str
    rates: np.ndarray  # (updates,), float64


def curves(schedule: Schedule, steps: int) -> list[Curve]:
    """Our curve over the first `steps` updates and, where torch has a twin, torch's."""
    rates = np.asarray(schedule(np.arange(steps)), dtype=float)
    found = twin(schedule)
    if found is None:
        return [Curve(type(schedule).__name__, repr(schedule), rates)]
    theirs = rates_used(found.build, found.lr, steps)
    return [Curve("ours", repr(schedule), rates), Curve("PyTorch", found.code, theirs)]


def summary(drawn: list[Curve]) -> str:
    """The picture in one line."""
    ours, *torchs = (curve.rates for curve in drawn)
    return "; ".join([course(ours), *(agreement(ours, rates) for rates in torchs)])


def alternative(drawn: list[Curve]) -> str:
    """The picture for who cannot see it."""
    compared = f" PyTorch: {drawn[1].code}." if len(drawn) > 1 else ""
    return (
        f"Learning rate η over {len(drawn[0].rates)} optimizer updates. "
        f"{drawn[0].code}: {summary(drawn)}.{compared}"
    )


def change(before: Schedule, after: Schedule) -> str:
    """The parameters that differ: "step_size = 40"."""
    names = [name for name in after.units() if getattr(before, name) != getattr(after, name)]
    return ", ".join(f"{name} = {getattr(after, name)}" for name in names)
