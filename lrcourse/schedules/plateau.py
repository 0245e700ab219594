"""The one rule that listens: the rate falls when a metric stops improving. Section 05.

Every other schedule knows its rates before training. This one is a fold: it remembers the best
metric and counts the checks that did not beat it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lrcourse.schedules.base import Schedule, refuse_endless
from lrcourse.schedules.units import (
    LR,
    Cut,
    Measured,
    Mode,
    Patience,
    Period,
    Threshold,
    ThresholdMode,
    checked,
    shown,
)

STATE = {"lr": LR, "best": None, "bad_checks": Patience, "cooling": Patience}  # name -> unit


@dataclass
class ReduceOnPlateau(Measured):
    """η ← max(f η, η_min) when more than `patience` checks in a row brought no improvement.

    f is `factor`. A metric m is an improvement when m < best - margin (`mode="min"`) or
    m > best + margin ("max"); the margin is threshold · |best| ("rel") or threshold ("abs").
    After a cut, `cooldown` checks are not counted. NaN is never an improvement, nor is an
    infinite metric on the bad side.

    PyTorch's ReduceLROnPlateau has best in place of |best|: on a negative metric its margin
    has the wrong sign, so the rate never falls. Its `eps` (a cut smaller than 1e-8 is not
    made) does not exist here. Keras cuts one check earlier, at `patience`.
    `warmup >> ReduceOnPlateau(...)` counts no metric before the warmup is over.

    >>> ReduceOnPlateau(peak_lr=1.0, patience=1).replay([0.5, 0.4, 0.4, 0.4, 0.4]).tolist()
    [1.0, 1.0, 1.0, 0.1, 0.1]
    """

    peak_lr: LR
    factor: Cut = 0.1
    patience: Patience = 10
    threshold: Threshold = 1e-4
    mode: Mode = "min"
    threshold_mode: ThresholdMode = "rel"
    cooldown: Patience = 0
    min_lr: LR = 0.0
    warmup: Schedule | None = None
    lr: float = field(init=False)
    best: float | None = field(init=False, default=None)  # None: no metric yet
    bad_checks: int = field(init=False, default=0)
    cooling: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.warmup is not None:
            refuse_endless(self.warmup, "so no plateau can follow it:")
        self.lr = self.peak_lr

    def is_better(self, metric: float) -> bool:
        """Whether `metric` beats the best so far by more than the margin."""
        sign = 1 if self.mode == "min" else -1  # -m falls when m rises
        best = math.inf if self.best is None else sign * self.best
        margin = self.threshold * (abs(best) if self.threshold_mode == "rel" else 1.0)
        return sign * metric < (best if math.isinf(best) else best - margin)

    def update(self, metric: float, t: float | None = None) -> float:
        """The rate after this check of the metric; t, the updates made, matters to a warmup."""
        metric = _number(metric)
        if self.warmup is not None and t is None:
            raise ValueError(
                "ReduceOnPlateau: a warmup comes first, so update(metric, t) needs t, the "
                "optimizer updates already made"
            )
        if t is not None and self.is_warming_up(t):
            return self.rate(t)
        if self.is_better(metric):
            self.best, self.bad_checks = metric, 0
        else:
            self.bad_checks += 1
        if self.cooling:
            self.cooling, self.bad_checks = self.cooling - 1, 0
        if self.bad_checks > self.patience:
            self.lr = max(self.lr * self.factor, self.min_lr)
            self.cooling, self.bad_checks = self.cooldown, 0
        return self.lr

    def replay(self, metrics: Iterable[float], step_size: int = 1) -> np.ndarray:
        """The rate after each metric of a recorded history, from a fresh start; shape (n,).

        Metric i was measured after (i + 1) · `step_size` updates. Changes nothing here.
        """
        step_size = checked("ReduceOnPlateau.replay", "step_size", Period, step_size)
        fresh = replace(self)
        rates = (fresh.update(m, (i + 1) * step_size) for i, m in enumerate(metrics))
        return np.fromiter(rates, float)

    def rate(self, t: float) -> float:
        """The rate of the update that follows t updates, after the metrics seen so far."""
        return float(self.warmup(t)) if self.warmup and self.is_warming_up(t) else self.lr

    def is_warming_up(self, t: float) -> bool:
        """Whether update t still belongs to the warmup."""
        return self.warmup is not None and t < (self.warmup.steps or 0)

    def state_dict(self) -> dict[str, Any]:
        """What was learned from the metrics, as plain data."""
        return {name: getattr(self, name) for name in STATE}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where `state_dict()` was taken; anything else is refused, nothing changed."""
        for name, value in learned(state).items():
            setattr(self, name, value)

    def __repr__(self) -> str:
        parameters = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.units())
        return f"{f'{self.warmup!r} >> ' if self.warmup else ''}ReduceOnPlateau({parameters})"

    def __rrshift__(self, warmup: Schedule) -> "ReduceOnPlateau":
        """`warmup >> plateau`: a fresh plateau that begins when the warmup is over."""
        if not isinstance(warmup, Schedule):
            return NotImplemented
        return replace(self, warmup=warmup if self.warmup is None else warmup >> self.warmup)


def learned(state: Any) -> dict[str, Any]:
    """The state of a plateau as plain numbers, or a sentence about what is wrong with it."""
    if not (isinstance(state, dict) and STATE.keys() <= state.keys()):
        raise ValueError(
            f"ReduceOnPlateau: the state must hold {', '.join(STATE)}, got {shown(state)}; "
            f"pass what state_dict() returned"
        )
    best = state["best"]
    if best is not None and not (isinstance(best, float | int) and best == best):
        raise ValueError(f"ReduceOnPlateau: best must be a number or None, got {shown(best)}")
    numbers = ((name, unit) for name, unit in STATE.items() if unit is not None)
    return {"best": best} | {
        name: checked("ReduceOnPlateau", name, unit, state[name]) for name, unit in numbers
    }


def _number(metric: Any) -> float:
    try:
        if isinstance(metric, str | bytes | bool):
            raise TypeError
        return float(metric)
    except (TypeError, ValueError):
        raise ValueError(
            f"ReduceOnPlateau: metric must be one number, got {shown(metric)}"
        ) from None
