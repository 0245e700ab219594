"""What `read_log` returns: one curve, whatever program wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

WIDE = 10.0  # times between high and low losses that a logarithmic axis shows better


class Check(NamedTuple):
    """What validation found: steps (V,) and losses (V,)."""

    steps: np.ndarray
    losses: np.ndarray


@dataclass(frozen=True)
class Log:
    """The curve of one training, (S,) losses, NaN or infinite where the log says so."""

    name: str
    steps: np.ndarray  # (S,) as the log counts them, or 0, 1, 2, ...
    losses: np.ndarray  # (S,)
    lrs: np.ndarray | None  # (S,), NaN where no rate was recorded yet
    val: Check | None
    columns: Mapping[str, str]  # "loss", "lr", "val" and "step" -> name in the log
    notes: tuple[str, ...]  # what was left out or assumed, a sentence each

    @property
    def val_after(self) -> dict[int, float] | None:
        """Number of losses recorded before it -> validation loss, as `diagnose` takes it.

        Of several between the same two losses the last counts.
        """
        if self.val is None:
            return None
        after = losses_before(self.steps, self.val.steps)
        return dict(zip(after.tolist(), self.val.losses.tolist(), strict=True))

    @property
    def time(self) -> str:
        """What `steps` count, for an axis: "step", "epoch", or "recorded loss"."""
        return self.columns.get("step", "recorded loss")


def losses_before(steps: np.ndarray, times: np.ndarray) -> np.ndarray:
    """How many losses were recorded up to each time, (V,); one at the same step counts."""
    return np.searchsorted(steps, times, side="right")


def is_wide(losses: np.ndarray) -> bool:
    """Whether a curve is better seen on a logarithmic axis: above 0, and far from flat.

    >>> is_wide(np.array([2.3, 0.5, 0.1])), is_wide(np.array([2.3, 2.0, 0.0]))
    (True, False)
    """
    finite = losses[np.isfinite(losses)]
    if not finite.size or finite.min() <= 0:
        return False
    low, middle, high = np.quantile(finite, [0.02, 0.5, 0.98])
    return bool(high > WIDE * low or finite.max() > WIDE * middle)
