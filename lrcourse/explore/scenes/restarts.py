"""Cosines that restart, and the one question of who uses them: where to stop. Section 04.

A run that stops in the middle of a cycle stops at a high rate, and is not annealed.
"""

from typing import Annotated

import numpy as np

from lrcourse.explore.scene import scene
from lrcourse.panels import Code, Curve, Dots, Measure, Rule, Table, View, rates, time_panel
from lrcourse.schedules import LR, CosineRestarts, CycleFactor, Period, Stretch, Unit
from lrcourse.schedules.base import cycle_of
from lrcourse.torch_twins import rates_used, twin
from lrcourse.words import agreement

Peak = Annotated[
    float, Unit("learning rate", 0, np.inf, 0.1, play=(1e-4, 10.0), above_low=True, log=True)
]
Updates = Annotated[int, Unit("optimizer updates", 1, 5000, typical=150, play=(1, 500), whole=True)]
MOST_ROWS = 8


@scene(
    "Warm restarts and the budget",
    presets={
        "growing cycles, end of the fourth": {"budget": 150},
        "a round number is no cycle end": {"budget": 100},
        "five equal cycles, five snapshots": {"first_cycle": 30, "stretch": 1, "budget": 150},
        "peaks that shrink": {"gamma": 0.5, "budget": 150},
    },
)
def restarts(
    peak_lr: Peak = 0.1,
    first_cycle: Period = 10,
    stretch: Stretch = 2,
    budget: Updates = 100,
    min_lr: LR = 0.0,
    gamma: CycleFactor = 1.0,
    show_PyTorch: bool = False,
    shown: Updates = 160,
) -> View:
    """`CosineRestarts` for `budget` updates, and what it would do after them.

    The axis shows `shown` updates, or twice, four times, ... as many where the budget is larger.
    """
    schedule = CosineRestarts(peak_lr, first_cycle, stretch, min_lr, gamma)
    while shown < budget:
        shown *= 2
    lr = schedule(np.arange(shown))
    cycles = _cycles(schedule, np.append(0, schedule.restarts(budget)))  # begun in the budget
    theirs, agrees = _torch(schedule, lr) if show_PyTorch else ((), "")
    name = "ours" if theirs else "the run"
    return View(
        panels=(
            time_panel(
                Curve("", lr[budget - 1 :], np.arange(budget - 1, shown), held=True, faint=True),
                rates(name, lr[:budget], early=True),
                *theirs,
                Dots("", *_ends(cycles, lr), style=2),
                Rule(f"budget {budget}", x=budget, style=3, moves="budget"),
                steps=shown,
            ),
        ),
        said=_said(schedule, budget) + agrees,
        codes=_codes(schedule),
        table=_table(cycles, lr, budget),
        measure=Measure("area Σ η", float(lr[:budget].sum())),
    )


Cycle = tuple[int, int, int]  # its number k, its first update, its length


def _cycles(schedule: CosineRestarts, times: np.ndarray) -> list[Cycle]:
    """The cycle of each of these times."""
    found = np.broadcast_arrays(*cycle_of(times, schedule.first_cycle, schedule.stretch), times)
    numbers, starts, lengths, _ = (each.astype(int).tolist() for each in found)
    return list(zip(numbers, starts, lengths, strict=True))


def _ends(cycles: list[Cycle], lr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The last update of each cycle, and its rate."""
    last = np.array(
        [start + length - 1 for _, start, length in cycles if start + length <= len(lr)]
    )
    return last, lr[last.astype(int)]


def _torch(schedule: CosineRestarts, lr: np.ndarray) -> tuple[tuple[Curve, ...], str]:
    """PyTorch's curve, and whether it agrees; no curve where the peaks shrink."""
    found = twin(schedule)
    if found is None:
        return (), "; PyTorch has no such restarts"
    theirs = rates_used(found.build, found.lr, len(lr))
    return (rates("PyTorch", theirs, style=1),), f"; {agreement(lr, theirs)}"


def _said(schedule: CosineRestarts, budget: int) -> str:
    [(number, start, length)] = _cycles(schedule, np.array([budget - 1]))
    rate, end = schedule(budget - 1), start + length
    if budget == end:
        return (
            f"{budget} updates end cycle {number}: the last one uses η = {rate:.3g}, the lowest; "
            f"the next cycle would end at {end + length * schedule.stretch}"
        )
    nearest = f"{start} or {end}" if start else f"{end}"
    return (
        f"{budget} updates stop in cycle {number}, after {budget - start} of {length}, at "
        f"η = {rate:.3g}, {rate / schedule(start):.0%} of its peak; "
        f"a budget of {nearest} ends a cycle"
    )


def _codes(schedule: CosineRestarts) -> tuple[Code, ...]:
    found = twin(schedule)
    theirs = () if found is None else (Code("PyTorch", found.code, style=1),)
    return (Code("ours", repr(schedule)), *theirs)


def _table(cycles: list[Cycle], lr: np.ndarray, budget: int) -> Table:
    """The cycles that begin within the budget; of many, the first ones and the last."""
    rows = [_row(cycle, lr, budget) for cycle in cycles]
    if len(rows) > MOST_ROWS:
        rows = [*rows[: MOST_ROWS - 2], ("...",) + ("",) * (len(rows[0]) - 1), rows[-1]]
    return Table(("cycle", "starts at t", "updates", "made", "last rate"), tuple(rows))


def _row(cycle: Cycle, lr: np.ndarray, budget: int) -> tuple[str, ...]:
    number, start, length = cycle
    made = min(budget - start, length)
    return (str(number), str(start), str(length), str(made), f"{lr[start + made - 1]:.3g}")
