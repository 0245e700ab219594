"""The gradient noise scale: how many examples it takes until the gradient is half signal.

    B_simple = tr(Σ) / |G|²

G is the gradient of the whole loss, Σ the covariance of the gradients of single examples.
Neither needs to be known: a batch of B has E|g|² = |G|² + tr(Σ)/B, so two batch sizes give two
equations. McCandlish et al. 2018, https://arxiv.org/abs/1812.06162, section 2.2, appendix A.1.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lrcourse.batch_size.rules import Batch, Examples
from lrcourse.experiments import Interval, bootstrap_interval
from lrcourse.schedules.units import checked, shown

FEWEST = 4  # groups; below this an interval says nothing


def signal_and_noise(
    small_norms: Any, big_norms: Any, small: int, big: int
) -> tuple[np.ndarray, np.ndarray]:
    """|G|² = (B |g_B|² − b |g_b|²) / (B − b)  and  tr(Σ) = (|g_b|² − |g_B|²) / (1/b − 1/B)

    From squared norms of gradients at the batch sizes b (`small`) and B (`big`), of any shape.
    Both are unbiased, so a single estimate may well be negative.
    McCandlish et al. 2018, appendix A.1.
    """
    b, B = small, big  # the letters of the formula
    signal = (B * big_norms - b * small_norms) / (B - b)
    noise = (small_norms - big_norms) / (1 / b - 1 / B)
    return signal, noise


@dataclass(frozen=True)
class NoiseScale:
    """tr(Σ)/|G|² in examples, with its 95% interval, and where it was measured.

    `scale` is infinite where the signal was not seen: |G|² was estimated at 0 or below. Then
    only `at_least` can be used, and printing it says so. The scale grows while a training runs
    (the signal falls, the noise stays), so it belongs to one moment: `t` updates, `loss`.
    """

    interval: Interval
    small: int  # examples in a small batch
    big: int  # examples in a group of them
    signals: np.ndarray = field(repr=False)  # (R,) estimates of |G|²
    noises: np.ndarray = field(repr=False)  # (R,) estimates of tr(Σ)
    t: int | None = None
    loss: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def scale(self) -> float:
        """The ratio of the means, in examples."""
        return self.interval.mean

    @property
    def signal(self) -> float:
        """|G|²"""
        return float(self.signals.mean())

    @property
    def noise(self) -> float:
        """tr(Σ), of one example"""
        return float(self.noises.mean())

    @property
    def at_least(self) -> float:
        """The lower end of the interval, in examples.

        Where no draw had a signal there is none; a scale below `big` would have shown itself.
        """
        return self.interval.low if math.isfinite(self.interval.low) else float(self.big)

    @property
    def is_resolved(self) -> bool:
        """Whether the interval has two ends."""
        return math.isfinite(self.interval.high)

    def within(self, examples: int) -> "NoiseScale":
        """The same for a training that passes over these N examples again and again.

        Batches of one pass never repeat an example, and together they are the whole set. Such
        batches measure the scale for *fresh* data, |G|² of the population. Inside the set the
        gradient is |G|² + tr(Σ)/N: 1/B_set = 1/B_fresh + 1/N. Where N is many times B the two
        are the same.
        """
        examples = checked("NoiseScale.within", "examples", Examples, examples)
        inside = self.signals + self.noise / examples
        interval = _interval(inside, self.noises)
        notes = (*self.notes, f"for training again and again on the same {examples} examples")
        return NoiseScale(
            interval, self.small, self.big, inside, self.noises, self.t, self.loss, notes
        )

    def __str__(self) -> str:
        """The scale or what is known of it, where it was measured, and what to mind."""
        return "\n".join([f"noise scale: {self._in_words} ({self._measured})", *self._remarks])

    @property
    def _in_words(self) -> str:
        if self.is_resolved:
            return f"{self.interval} examples"
        if math.isfinite(self.scale):
            return f"at least {self.at_least:.0f} examples, perhaps {self.scale:.0f}"
        return f"not resolved, at least {self.at_least:.0f} examples"

    @property
    def _measured(self) -> str:
        words = [f"{len(self.signals)} groups of {self.big // self.small} batches of {self.small}"]
        if self.t is not None:
            words.append(f"after {self.t} updates")
        if self.loss is not None:
            words.append(f"at a loss of {self.loss:.3g}")
        return ", ".join(words)

    @property
    def _remarks(self) -> list[str]:
        remarks = list(self.notes)
        if not self.is_resolved:
            remarks.append(
                f"the signal is lost in the noise of {self.big} examples: measure with larger "
                f"groups or more of them; if every epoch sees the same examples, ask "
                f".within(examples)"
            )
        if self.t is None:
            remarks.append("it grows during training: measure again later, and say when")
        return [f"  {remark}" for remark in remarks]


def noise_scale(
    small_norms: Any,
    big_norms: Any,
    small: int,
    big: int,
    *,
    t: int | None = None,
    loss: float | None = None,
    confidence: float = 0.95,
) -> NoiseScale:
    """tr(Σ)/|G|² from squared gradient norms (R,) at two batch sizes, measured R times.

    `small_norms[r]` is |g|² of a batch of `small` examples, or its mean over several;
    `big_norms[r]` that of `big` examples. The means of signal and noise are taken first and
    divided then: a mean of ratios would be biased and may be infinite. The interval is
    bootstrapped over the repeats; a draw without a signal counts as infinite.
    """
    owner = "noise_scale"
    small, big = checked(owner, "small", Batch, small), checked(owner, "big", Batch, big)
    if small >= big:
        raise ValueError(f"{owner}: small must be below big={big}, got {small}")
    norms = _norms(owner, small_norms), _norms(owner, big_norms)
    if len(norms[0]) != len(norms[1]):
        raise ValueError(
            f"{owner}: both must hold the same repeats, got {len(norms[0])} small_norms and "
            f"{len(norms[1])} big_norms"
        )
    if not norms[0].any():
        raise ValueError(
            f"{owner}: every gradient is 0, so there is neither signal nor noise; "
            f"does the loss depend on the parameters?"
        )
    signals, noises = signal_and_noise(*norms, small, big)
    return NoiseScale(_interval(signals, noises, confidence), small, big, signals, noises, t, loss)


def _interval(signals: np.ndarray, noises: np.ndarray, confidence: float = 0.95) -> Interval:
    """The ratio of the means, with a bootstrap over the repeats; infinite without a signal."""

    def ratio(rows: np.ndarray) -> float:
        signal, noise = signals[rows].mean(), max(noises[rows].mean(), 0.0)
        return noise / signal if signal > 0 else math.inf

    return bootstrap_interval(ratio, len(signals), confidence)


def _norms(owner: str, values: Any) -> np.ndarray:
    """Squared norms of at least FEWEST repeats."""
    try:
        norms = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{owner}: squared norms must be numbers, got {shown(values)}") from None
    if norms.ndim != 1 or len(norms) < FEWEST:
        raise ValueError(
            f"{owner}: squared norms must come from at least {FEWEST} repeats, one number each, "
            f"got the shape {norms.shape}"
        )
    wrong = norms[~(np.isfinite(norms) & (norms >= 0))]
    if wrong.size:
        raise ValueError(
            f"{owner}: squared norms must be finite and at least 0, got {shown(wrong[0])}; "
            f"a loss that is NaN has no gradient"
        )
    return norms
