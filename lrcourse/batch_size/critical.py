"""What a noise scale means for the batch: how many updates, and how many examples, it costs.

    (S/S_min − 1) (E/E_min − 1) = 1

S updates of a batch B reach a goal that needs at least S_min of them, however large the batch;
E = B S examples, at least E_min, however small. McCandlish et al. 2018,
https://arxiv.org/abs/1812.06162, section 2.3. It is derived for SGD with the best
rate at each batch.

How far to trust it: as an order of magnitude. On the network of `signals` with plain SGD the
best constant rate of a training stopped rising in proportion at a smaller batch than the noise
scale measured in its middle (claim "noise-scale-promises-too-much"). Curvature, which limits a
rate that must serve all updates, is the likely reason.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lrcourse.batch_size.noise import NoiseScale
from lrcourse.batch_size.rules import Noise, batches
from lrcourse.schedules.units import checked


def updates_needed(batch: Any, noise_scale: float) -> np.ndarray:
    """S/S_min = 1 + B_noise/B: how many times the fewest updates; `batch` of any shape

    >>> updates_needed([500, 1000, 4000], noise_scale=1000).tolist()
    [3.0, 2.0, 1.25]
    """
    noise_scale = checked("updates_needed", "noise_scale", Noise, noise_scale)
    return 1 + noise_scale / batches("updates_needed", batch)


def examples_needed(batch: Any, noise_scale: float) -> np.ndarray:
    """E/E_min = 1 + B/B_noise: how many times the fewest examples; `batch` of any shape

    Infinite where there is no noise: then one example would do.

    >>> examples_needed([500, 1000, 4000], noise_scale=1000).tolist()
    [1.5, 2.0, 5.0]
    """
    noise_scale = checked("examples_needed", "noise_scale", Noise, noise_scale)
    with np.errstate(divide="ignore"):
        return 1 + np.divide(batches("examples_needed", batch), noise_scale)


@dataclass(frozen=True)
class CriticalBatch:
    """The batch that costs twice the fewest updates and twice the fewest examples."""

    batch: float
    low: float
    high: float

    def updates(self, batch: Any) -> np.ndarray:
        """S/S_min of this batch size."""
        return updates_needed(batch, self.batch)

    def examples(self, batch: Any) -> np.ndarray:
        """E/E_min of this batch size."""
        return examples_needed(batch, self.batch)

    def __str__(self) -> str:
        known = "" if self.low == self.high else f" [{self.low:.0f}, {self.high:.0f}]"
        return (
            f"critical batch: {self.batch:.0f}{known} examples\n"
            f"  there an update makes half of the largest possible progress, and the goal takes\n"
            f"  twice the fewest updates and twice the fewest examples\n"
            f"  at a tenth of it: {self._cost(max(self.batch / 10, 1))}\n"
            f"  at ten times:     {self._cost(self.batch * 10)}\n"
            f"  it belongs to one moment of training, and is an order of magnitude, not a border:\n"
            f"  our best rates stopped rising in proportion at smaller batches\n"
            f"  (claim noise-scale-promises-too-much: holds)"
        ).replace("inf", "∞")

    def _cost(self, batch: float) -> str:
        updates, examples = self.updates(batch), self.examples(batch)
        return f"{updates:.3g} times the updates, {examples:.3g} times the examples"


def critical_batch(noise_scale: NoiseScale | float) -> CriticalBatch:
    """B_crit ≈ B_noise: where more examples per update stop paying for themselves.

    Refused for a noise scale that was not resolved: it has no number.
    """
    if not isinstance(noise_scale, NoiseScale):
        scale = checked("critical_batch", "noise_scale", Noise, noise_scale)
        _refuse_below_one(scale)
        return CriticalBatch(scale, scale, scale)
    if not np.isfinite(noise_scale.scale):
        raise ValueError(
            f"critical_batch: the noise scale was not resolved, it is only known to be at least "
            f"{noise_scale.at_least:.0f} examples; measure with larger groups or more of them"
        )
    _refuse_below_one(noise_scale.scale)
    return CriticalBatch(noise_scale.scale, noise_scale.interval.low, noise_scale.interval.high)


def _refuse_below_one(scale: float) -> None:
    if scale < 1:
        raise ValueError(
            f"critical_batch: a noise scale of {scale:.3g} is less than one example: the gradient "
            f"has no noise to average, and a batch of 1 is as good as any"
        )
