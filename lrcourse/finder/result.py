"""What a range test has measured, and what its curves suggest."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lrcourse.finder.rules import (
    DEFAULT,
    RISEN,
    RULES,
    Rule,
    kept_over,
    onset,
    smoothed,
    times,
    up_to_the_blow_up,
)

LEARNED = 0.05  # a loss that has not fallen by this share of its start has not learned
FEWEST = 10  # points of a curve that a rule is asked about
FAR_APART = 3.0  # picks that differ by more than this factor are no agreement


class Pick(NamedTuple):
    """What a rule picks, sweep by sweep: a range, not a point."""

    low: float
    middle: float  # the median, on a logarithmic scale
    high: float

    @classmethod
    def of(cls, lrs: Sequence[float]) -> "Pick":
        """From the pick of each sweep."""
        return cls(float(min(lrs)), float(np.exp(np.median(np.log(lrs)))), float(max(lrs)))

    def __str__(self) -> str:
        """ "0.15 (0.12 to 0.19)"."""
        low, middle, high = (f"{lr:.2g}" for lr in self)
        return middle if low == high else f"{middle} ({low} to {high})"

    def __float__(self) -> float:
        """The middle, where one rate is asked for: an optimizer's, or an exercise's."""
        return self.middle


class Curve(NamedTuple):
    """One sweep, smoothed, from its first tenth on to where it blows up: what rules are shown."""

    lrs: np.ndarray  # (S',)
    losses: np.ndarray  # (S',), finite

    @property
    def rises(self) -> bool:
        """Whether the sweep went far enough for the loss to rise by a tenth."""
        return bool(self.losses[self.losses.argmin() :].max() > times(RISEN, self.losses.min()))


@dataclass(frozen=True)
class RangeTest:
    """The losses of R sweeps of S updates each, at rising rates. Nothing here is smoothed.

    `losses[r, t]` is the loss of the batch of update t before that update, which was made at the
    rate `lrs[t]`; NaN from where the sweep was stopped. `val_losses[r, e]` was measured after
    `val_steps[e]` updates.
    """

    lrs: np.ndarray  # (S,)
    losses: np.ndarray  # (R, S)
    val_steps: np.ndarray | None = None  # (E,)
    val_losses: np.ndarray | None = None  # (R, E)

    @cached_property
    def curves(self) -> list[Curve]:
        """One for each sweep.

        Every point is a running mean of losses, standing at the same running mean of log rates:
        a mean of losses alone would lie where the sweep is now, and come too late.
        """
        return [self._curve(losses[: _finite(losses)]) for losses in self.losses]

    def _curve(self, losses: np.ndarray) -> Curve:
        steps = len(self.lrs)
        kept, first = kept_over(steps), min(steps // 10, max(0, len(losses) - FEWEST))
        lrs = np.exp(smoothed(np.log(self.lrs[: len(losses)]), kept))[first:]
        return Curve(*up_to_the_blow_up(lrs, smoothed(losses, kept)[first:]))

    @property
    def start_loss(self) -> float:
        """The median loss in the first tenth of the sweeps, where the rate is too low to matter."""
        return float(np.nanmedian(self.losses[:, : max(1, len(self.lrs) // 10)]))

    @property
    def lowest_loss(self) -> float:
        """The lowest point of the curves, in the median over the sweeps."""
        return float(np.median([curve.losses.min() for curve in self.curves]))

    @property
    def learned(self) -> bool:
        """Whether the loss fell by at least a twentieth."""
        return self.start_loss - self.lowest_loss > LEARNED * abs(self.start_loss)

    # What it suggests --------------------------------------------------------------------------

    def pick(self, rule: Rule) -> Pick:
        """What this rule picks in each sweep. Sweeps that never rise have no say beside others
        that do."""
        self._refuse_useless()
        rising = [curve for curve in self.curves if curve.rises]
        return Pick.of([rule(*curve) for curve in rising or self.curves])

    def picks(self) -> dict[str, Pick]:
        """What every rule picks, by its name."""
        return {name: self.pick(rule) for name, rule in RULES.items()}

    @property
    def onset(self) -> Pick:
        """Where the loss begins to rise again: an upper bound. Refused where it never does."""
        found = self.pick(onset)
        if not any(curve.rises for curve in self.curves):
            raise ValueError(
                f"range_test: the loss never rose, so the highest usable rate lies above "
                f"{self.lrs[-1]:g}; sweep further, as with "
                f"ramp=ExponentialRamp({self.lrs[0]:g}, {100 * self.lrs[-1]:g})"
            )
        return found

    @property
    def suggestion(self) -> Pick:
        """The pick of our default rule, onset/3, for the peak of a cosine or another decay to
        about zero; refused where nothing was learned or the loss never rose. On which tasks it
        fails is in docs/finder.md."""
        _ = self.onset  # refuses what has none
        return self.pick(RULES[DEFAULT])

    @property
    def to_try(self) -> tuple[float, float, float]:
        """A third of the suggestion, the suggestion, and three times it, which is the onset: train
        with each, keep the best. A range test knows the peak to about a factor of three."""
        middle = self.suggestion.middle
        return middle / 3, middle, 3 * middle

    def _refuse_useless(self) -> None:
        if min(len(curve.lrs) for curve in self.curves) < FEWEST:
            raise ValueError(
                f"range_test: a sweep blew up after {min(map(_finite, self.losses))} updates, at "
                f"the rate {self.lrs[min(map(_finite, self.losses)) - 1]:.2g}, before there was "
                f"a curve; start lower, as with "
                f"ramp=ExponentialRamp({self.lrs[0] / 1000:g}, {self.lrs[-1]:g})"
            )
        if not self.learned:
            raise ValueError(
                f"range_test: the model does not learn at any rate from {self.lrs[0]:g} to "
                f"{self.lrs[-1]:g}: the loss went from {self.start_loss:.3g} to "
                f"{self.lowest_loss:.3g} at best; check that the labels belong to the inputs, "
                f"that the loss depends on the parameters of the optimizer, and the scale of "
                f"the inputs"
            )

    # In words ----------------------------------------------------------------------------------

    @property
    def remarks(self) -> tuple[str, ...]:
        """What somebody who uses the suggestion should know, in sentences."""
        said, suggestion = [], self.suggestion
        flat = sum(not curve.rises for curve in self.curves)
        if flat:
            said.append(
                f"In {flat} of {len(self.curves)} sweeps the loss never rose; these have no say."
            )
        if len(self.curves) == 1:
            said.append("One sweep gives a point, and another would give another: repeats=3.")
        elif suggestion.high > FAR_APART * suggestion.low:
            factor = suggestion.high / suggestion.low
            said.append(f"The sweeps disagree by a factor of {factor:.1f}: take more repeats.")
        return tuple(said)

    def __str__(self) -> str:
        """What was seen, what is suggested, and what every rule picks."""
        return "\n".join([*self._seen(), *self._suggested(), *self._table()])

    __repr__ = __str__  # what a terminal shows

    def _seen(self) -> list[str]:
        sweeps, steps = self.losses.shape
        return [
            f"Range test: {sweeps} sweep{'s' * (sweeps > 1)} of {steps} updates, rates from "
            f"{self.lrs[0]:.2g} to {self.lrs[-1]:.2g}.",
            f"The loss began at {self.start_loss:.3g}; its lowest was {self.lowest_loss:.3g}.",
        ]

    def _suggested(self) -> list[str]:
        try:
            low, middle, high = self.to_try
        except ValueError as error:
            return [f"No suggestion. {error}"]
        return [
            f"It began to rise again at the rate {self.onset}.",
            f"Peak for a cosine: {self.suggestion}, a third of that. Train with {low:.2g}, "
            f"{middle:.2g} and {high:.2g} and keep the best.",
            "With Adam, warm up: the sweep did, so its edge is that of a warmed-up training.",
            *self.remarks,
        ]

    def _table(self) -> list[str]:
        """The pick of every rule, in columns; nothing where there is no suggestion."""
        picks = self._comparable()
        width = max(map(len, picks), default=0)
        lines = [f"  {name:<{width}}  {pick}" for name, pick in picks.items()]
        return ["", "What the rules pick, and the range over the sweeps:", *lines] * bool(lines)

    def _comparable(self) -> dict[str, Pick]:
        try:
            _ = self.suggestion
        except ValueError:
            return {}
        return self.picks()

    def _repr_markdown_(self) -> str:
        """The same as the output of a notebook's cell."""
        said = "\n\n".join([*self._seen(), *self._suggested()])
        rows = "\n".join(f"| {name} | {pick} |" for name, pick in self._comparable().items())
        return f"{said}\n\n| rule | pick (and its range over the sweeps) |\n|---|---|\n{rows}"


def _finite(losses: np.ndarray) -> int:
    """How many losses come before the first that is no number."""
    fine = np.isfinite(losses)
    return len(losses) if fine.all() else int(fine.argmin())
