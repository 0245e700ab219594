"""How sure are we? Numbers over seeds, each with a 95% interval.

Sorted from a mean to a bootstrap. A test draws thousands of samples from a known truth for each
of them, and counts how often the interval holds it.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from lrcourse.schedules.units import shown


class Interval(NamedTuple):
    """A mean and the half-width of its confidence interval, over `seeds` runs.

    Where the two sides differ, as for a share near 1, `ends` holds them and the half-width is
    that of the longer side.
    """

    mean: float
    half_width: float
    seeds: int
    ends: tuple[float, float] | None = None

    @classmethod
    def between(cls, mean: float, low: float, high: float, seeds: int) -> "Interval":
        """An estimate with an interval that need not lie evenly around it."""
        mean, low, high = float(mean), float(low), float(high)
        return cls(mean, max(mean - low, high - mean), seeds, (low, high))

    @property
    def low(self) -> float:
        return self.ends[0] if self.ends else self.mean - self.half_width

    @property
    def high(self) -> float:
        return self.ends[1] if self.ends else self.mean + self.half_width

    @property
    def is_clear(self) -> bool:
        """True where the interval leaves zero out: the sign of the effect is known."""
        return not self.low <= 0 <= self.high

    def in_words(self, unit: str = "", above: str = "higher", below: str = "lower") -> str:
        """The verdict on a difference. Where the sign is unknown, what is excluded instead.

        >>> Interval(1.3, 0.4, 12).in_words("points", above="better")
        '1.30 ± 0.40 points better'
        >>> Interval(0.07, 0.23, 12).in_words("points")
        'no difference found: 0.07 ± 0.23 points (12 seeds); one larger than 0.30 is excluded'
        """
        unit = f" {unit}" if unit else ""
        if self.is_clear:
            return f"{self}{unit} {above}" if self.mean > 0 else f"{-self}{unit} {below}"
        if self.low == self.high:
            return f"no difference in any of the {self.seeds} seeds"
        found = f"no difference found: {self}{unit} ({self.seeds} seeds)"
        largest = max(-self.low, self.high)
        if np.isinf(largest):
            return found
        places = self._places
        rounded_up = np.ceil(largest * 10**places - 1e-6) / 10**places
        return f"{found}; one larger than {rounded_up:.{places}f} is excluded"

    def __neg__(self) -> "Interval":
        ends = self.ends and (-self.ends[1], -self.ends[0])
        return Interval(-self.mean, self.half_width, self.seeds, ends)

    def __str__(self) -> str:
        """Two digits of the half-width, and the rest to the same place.

        "−0.235 ± 0.014", or "0.92 [0.62, 1.00]" where the sides differ.
        """
        mean, *rest = (
            f"{number:.{self._places}f}".replace("-", "−").replace("inf", "∞")
            for number in (self.mean, *(self.ends or [self.half_width]))
        )
        return f"{mean} [{', '.join(rest)}]" if self.ends else f"{mean} ± {rest[0]}"

    @property
    def _places(self) -> int:
        """Digits behind the point that are worth writing."""
        narrow = min(self.mean - self.low, self.high - self.mean) if self.ends else self.half_width
        width = self.half_width if np.isfinite(self.half_width) else narrow
        if not np.isfinite(width) or width <= 0:
            return 2
        return max(0, 1 - int(np.floor(np.log10(width))))


# Means -----------------------------------------------------------------------------------------


def mean_interval(values: Any, confidence: float = 0.95) -> Interval:
    """The mean of `values` (one per seed) with its Student t interval. Refuses NaN."""
    values = _per_seed("mean_interval", values)
    _refuse_confidence("mean_interval", confidence)
    error = values.std(ddof=1) / np.sqrt(len(values))
    quantile = stats.t.ppf(0.5 + confidence / 2, len(values) - 1)
    return Interval(float(values.mean()), float(quantile * error), len(values))


def paired_difference(values: Any, baseline: Any, confidence: float = 0.95) -> Interval:
    """The mean of values - baseline, seed by seed. Pairing removes what the seeds share."""
    values, baseline = _paired("paired_difference", values, baseline)
    return mean_interval(values - baseline, confidence)


def paired_differences(
    values: Mapping[str, Any], baseline: Any, confidence: float = 0.95
) -> dict[str, Interval]:
    """Several paired differences whose intervals hold *together* with this confidence.

    `values` holds one number for each seed under each name: metrics of one run, with a
    `baseline` of the same names, or one metric of several schedules, with one array for all.
    Of seven intervals of 95% one misses in up to 30% of all experiments, so each is made at
    `together(7)` (Bonferroni). These are wider than needed where the numbers go together, but
    they need no assumption about how. Holm's method would reject more, but gives no intervals.
    """
    if not isinstance(values, Mapping) or not values:
        raise ValueError(
            f'paired_differences: give values by name, as {{"accuracy": numbers}}, '
            f"got {shown(values)}"
        )
    if not isinstance(baseline, Mapping):
        baseline = dict.fromkeys(values, baseline)
    if values.keys() != baseline.keys():
        raise ValueError(
            f"paired_differences: values and baseline must have the same names, "
            f"got {shown(list(values))} and {shown(list(baseline))}"
        )
    each = together(len(values), confidence)
    return {name: paired_difference(values[name], baseline[name], each) for name in values}


def together(intervals: int, confidence: float = 0.95) -> float:
    """The confidence that each of so many intervals needs for all to hold: 1 - (1 - c)/k

    >>> round(together(5), 4)
    0.99
    """
    _refuse_confidence("together", confidence)
    _refuse_count("together", "intervals", intervals, 1)
    return 1 - (1 - confidence) / intervals


# Shares ----------------------------------------------------------------------------------------


def share_interval(successes: int, runs: int, confidence: float = 0.95) -> Interval:
    """The share successes / runs, exactly (Clopper and Pearson 1934): it holds at least as often
    as it says, whatever the share. 0 of 12 can still be a quarter:

    >>> print(share_interval(0, 12), share_interval(11, 12))
    0.00 [0.00, 0.26] 0.92 [0.62, 1.00]
    """
    _refuse_count("share_interval", "runs", runs, 1)
    _refuse_count("share_interval", "successes", successes, 0)
    if successes > runs:
        raise ValueError(
            f"share_interval: successes must not exceed the {runs} runs, got {successes}"
        )
    _refuse_confidence("share_interval", confidence)
    tail, failures = (1 - confidence) / 2, runs - successes
    low = stats.beta.ppf(tail, successes, failures + 1) if successes else 0.0
    high = stats.beta.ppf(1 - tail, successes + 1, failures) if failures else 1.0
    return Interval.between(successes / runs, low, high, int(runs))


def paired_share_difference(values: Any, baseline: Any, confidence: float = 0.95) -> Interval:
    """The share of True in `values` minus that in `baseline`, both of the same seeds.

    Student's interval after two made-up seeds were added, one that each side wins. Without them,
    11 wins of 11 would have no spread and an interval of width 0. (As Bonett and Price 2012,
    with t for z; Agresti and Min, Statistics in Medicine 24 (2005), 729-740, add half as much.)
    For 4 to 40 seeds it holds in at least 93% of all experiments whatever the shares, and in 96%
    or more on average; the exact intervals for both shares together are a quarter wider.
    """
    values, baseline = _paired("paired_share_difference", values, baseline)
    if not np.isin([values, baseline], [0, 1]).all():
        raise ValueError(
            "paired_share_difference: values and baseline must be True or False for each seed; "
            "for other numbers use paired_difference"
        )
    differences = values - baseline
    smoothed = mean_interval([*differences, 1, -1], confidence)
    low, high = max(-1.0, smoothed.low), min(1.0, smoothed.high)
    return Interval.between(differences.mean(), low, high, len(differences))


# Ratios, slopes, and anything else -------------------------------------------------------------


def ratio_interval(values: Any, baseline: Any, confidence: float = 0.95) -> Interval:
    """How many times `baseline`, seed by seed: the geometric mean of the ratios.

    The logarithms are averaged, so that "twice" and "half" are equally far from 1.
    """
    values, baseline = _paired("ratio_interval", values, baseline)
    _refuse_not_positive("ratio_interval", values=values, baseline=baseline)
    log = mean_interval(np.log(values / baseline), confidence)
    return Interval.between(np.exp(log.mean), np.exp(log.low), np.exp(log.high), log.seeds)


def slope_interval(x: Any, y: Any, confidence: float = 0.95) -> Interval:
    """The power a in y ~ x^a: the slope of log y over log x, fitted in each seed by itself.

    `x` has shape (points,), `y` (seeds, points). Only the seeds are taken to be independent:
    the points of one seed may share its luck.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 1 or y.ndim != 2 or y.shape[1] != len(x) or len(np.unique(x)) < 2:
        raise ValueError(
            f"slope_interval: x must hold at least 2 different points and y the shape "
            f"(seeds, points), got the shapes {x.shape} and {y.shape}"
        )
    _refuse_not_positive("slope_interval", x=x, y=y)
    slopes, _ = np.polyfit(np.log(x), np.log(y).T, deg=1)
    return mean_interval(slopes, confidence)


def bootstrap_interval(
    statistic: Callable[[np.ndarray], float],
    seeds: int,
    confidence: float = 0.95,
    draws: int = 2000,
    rng: np.random.Generator | None = None,
) -> Interval:
    """For whatever has no formula: `statistic(rows)` of rows drawn again and again.

    `rows` are numbers of seeds, with repetitions, as in `lambda rows: values[rows].mean()`.
    The interval lies between quantiles of the draws. For few seeds these lie too close
    together, so they are taken further out, as Student's t is wider than the normal
    distribution (Hesterberg 2015, https://arxiv.org/abs/1411.5279, section 5.2). A statistic
    may be infinite: an end of the interval then is.
    """
    _refuse_count("bootstrap_interval", "seeds", seeds, 2)
    _refuse_count("bootstrap_interval", "draws", draws, 100)
    _refuse_confidence("bootstrap_interval", confidence)
    rng = rng or np.random.default_rng(0)
    drawn = np.array([statistic(rows) for rows in rng.integers(seeds, size=(draws, seeds))])
    if np.isnan(drawn).any():
        raise ValueError("bootstrap_interval: statistic must return a number, got NaN")
    t = stats.t.ppf((1 - confidence) / 2, seeds - 1)
    tail = stats.norm.cdf(np.sqrt(seeds / (seeds - 1)) * t)
    low, high = (
        np.quantile(drawn, tail, method="lower"),
        np.quantile(drawn, 1 - tail, method="higher"),
    )
    return Interval.between(statistic(np.arange(seeds)), low, high, seeds)


# What is refused -------------------------------------------------------------------------------


def _per_seed(function: str, values: Any) -> np.ndarray:
    """One finite number for each of at least two seeds."""
    try:
        values = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(
            f"{function}: values must be numbers, one for each seed, got {shown(values)}"
        ) from None
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(
            f"{function}: values must be one number for each of at least 2 seeds, "
            f"got the shape {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError(
            f"{function}: {np.sum(~np.isfinite(values))} of {len(values)} values are NaN or "
            f"infinite: a diverged run has no mean; report how many diverged instead, with "
            f"share_interval"
        )
    return values


def _paired(function: str, values: Any, baseline: Any) -> tuple[np.ndarray, np.ndarray]:
    if np.shape(values) != np.shape(baseline):
        raise ValueError(
            f"{function}: both must hold the same seeds, got the shapes "
            f"{np.shape(values)} and {np.shape(baseline)}"
        )
    return _per_seed(function, values), _per_seed(function, baseline)


def _refuse_confidence(function: str, confidence: Any) -> None:
    if not 0 < confidence < 1:
        raise ValueError(
            f"{function}: confidence must lie between 0 and 1, such as 0.95, "
            f"got {shown(confidence)}"
        )


def _refuse_count(function: str, name: str, count: Any, least: int) -> None:
    if not isinstance(count, int | np.integer) or isinstance(count, bool) or count < least:
        raise ValueError(
            f"{function}: {name} must be a whole number of at least {least}, got {shown(count)}"
        )


def _refuse_not_positive(function: str, **numbers: np.ndarray) -> None:
    for name, values in numbers.items():
        if not (np.isfinite(values) & (values > 0)).all():
            raise ValueError(
                f"{function}: {name} must be finite and above 0, because logarithms are taken, "
                f"got {shown(values[~(values > 0) | ~np.isfinite(values)][0])}"
            )
