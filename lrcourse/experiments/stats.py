"""How sure are we? Means and paired differences over seeds, with 95% intervals."""

from typing import Any, NamedTuple

import numpy as np
from scipy import stats


class Interval(NamedTuple):
    """A mean and the half-width of its confidence interval, over `seeds` runs."""

    mean: float
    half_width: float
    seeds: int

    @property
    def low(self) -> float:
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        return self.mean + self.half_width

    @property
    def is_clear(self) -> bool:
        """True where the interval leaves zero out: the sign of the effect is known."""
        return not self.low <= 0 <= self.high

    def __str__(self) -> str:
        """Two digits of the half-width, and the mean to the same place: "-0.235 ± 0.014"."""
        places = 2
        if np.isfinite(self.half_width) and self.half_width > 0:
            places = max(0, 1 - int(np.floor(np.log10(self.half_width))))
        return f"{self.mean:.{places}f} ± {self.half_width:.{places}f}".replace("-", "−")


def mean_interval(values: Any, confidence: float = 0.95) -> Interval:
    """The mean of `values` (one per seed) with its Student t interval. Refuses NaN."""
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(
            f"mean_interval: values must be one number for each of at least 2 seeds, "
            f"got the shape {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError(
            f"mean_interval: {np.sum(~np.isfinite(values))} of {len(values)} values are NaN or "
            f"infinite: a diverged run has no mean; report how many diverged instead"
        )
    error = values.std(ddof=1) / np.sqrt(len(values))
    quantile = stats.t.ppf(0.5 + confidence / 2, len(values) - 1)
    return Interval(float(values.mean()), float(quantile * error), len(values))


def paired_difference(values: Any, baseline: Any, confidence: float = 0.95) -> Interval:
    """The mean of values - baseline, seed by seed. Pairing removes what the seeds share."""
    values, baseline = np.asarray(values, dtype=float), np.asarray(baseline, dtype=float)
    if values.shape != baseline.shape:
        raise ValueError(
            f"paired_difference: both must hold the same seeds, got the shapes "
            f"{values.shape} and {baseline.shape}"
        )
    return mean_interval(values - baseline, confidence)
