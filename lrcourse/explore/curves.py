"""The curves of an explorer, and the sentences that say the same to who cannot see them."""

from typing import NamedTuple

import numpy as np

from lrcourse.schedules import Schedule
from lrcourse.torch_twins import rates_used, twin

MOST_CHANGES_NAMED = 8


class Curve(NamedTuple):
    """The rates of the updates 0, 1, 2, ... and the code that makes them."""

    label: str
    code: str
    rates: np.ndarray  # (updates,), float64


def curves(schedule: Schedule, steps: int) -> list[Curve]:
    """Our curve over the first `steps` updates and, where torch has a twin, torch's."""
    rates = np.asarray(schedule(np.arange(steps)), dtype=float)
    torch_twin = twin(schedule)
    if torch_twin is None:
        return [Curve(type(schedule).__name__, repr(schedule), rates)]
    peak_lr = schedule.peak_lr  # type: ignore[attr-defined]  # every schedule with a twin has one
    theirs = rates_used(torch_twin.build, peak_lr, steps)
    return [Curve("ours", repr(schedule), rates), Curve("PyTorch", torch_twin.code, theirs)]


def course(rates: np.ndarray) -> str:
    """What the rate does, in half a sentence: "drops at t = 30, 60, 90"."""
    if not np.all(np.isfinite(rates)):
        return f"is not finite at t = {np.flatnonzero(~np.isfinite(rates))[0]}"
    changes = np.flatnonzero(np.diff(rates)) + 1
    if not changes.size:
        return f"stays at {rates[0]:g}"
    if changes.size <= MOST_CHANGES_NAMED:
        return f"{_verb(rates)} at t = {', '.join(map(str, changes))}"
    if 2 * changes.size <= len(rates):
        return f"{_verb(rates)} {changes.size} times, first at t = {changes[0]}"
    return _smooth_course(rates)


def agreement(drawn: list[Curve]) -> str:
    """Whether PyTorch gives the same rates; empty where it has none."""
    if len(drawn) < 2:
        return ""
    ours, torchs = (curve.rates[: len(drawn[1].rates)] for curve in drawn)
    apart = np.flatnonzero(~np.isclose(ours, torchs, rtol=1e-9, atol=0))
    return f"PyTorch differs, first at t = {apart[0]}" if apart.size else "PyTorch agrees"


def summary(drawn: list[Curve]) -> str:
    """The picture in one line."""
    return "; ".join(filter(None, [course(drawn[0].rates), agreement(drawn)]))


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


def _verb(rates: np.ndarray) -> str:
    differences = np.diff(rates)
    if np.all(differences <= 0):
        return "drops"
    return "rises" if np.all(differences >= 0) else "changes"


def _smooth_course(rates: np.ndarray) -> str:
    last = len(rates) - 1
    top = int(np.argmax(rates))
    if top in (0, last):
        return f"goes from {rates[0]:.4g} at t = 0 to {rates[-1]:.4g} at t = {last}"
    return (
        f"goes from {rates[0]:.4g} at t = 0 to {rates[top]:.4g} at t = {top} "
        f"and {rates[-1]:.4g} at t = {last}"
    )
