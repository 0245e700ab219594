"""Numbers of rules: those that recipes have, and those that follow from a situation."""

import math
from typing import TypeVar

import numpy as np

from lrcourse.advise.rules.questions import ADAPTIVE, SGD
from lrcourse.advise.shapes import rounded
from lrcourse.advise.situation import Situation
from lrcourse.recipes import Length, recipe

T = TypeVar("T")


def published_peak(name: str) -> float:
    """The peak rate in a recipe."""
    return known_in(name, recipe(name).peak_lr)


def published_warmup(name: str) -> int:
    """The warmup of a recipe, in updates."""
    length = known_in(name, recipe(name).warmup)
    return round(recipe(name).amount(length, "steps"))


def published_share(name: str) -> float:
    """The warmup of a recipe as a share of the whole training."""
    return recipe(name).share(known_in(name, recipe(name).warmup), "steps")


def published_batch(name: str) -> float:
    """The samples of one update."""
    return recipe(name).amount(Length(1, "steps"), "samples")


def known_in(name: str, value: T | None) -> T:
    """The value; refused where the recipe has none, so that no rule rests on a gap."""
    if value is None:
        raise ValueError(f"lrcourse.advise.rules: {name} does not have what a rule takes from it")
    return value


def power(rate: float) -> str:
    """As people write small rates: one digit and a power of ten.

    >>> power(0.0003)
    '3e-4'
    """
    return f"{rate:.0e}".replace("e-0", "e-")


EPOCHS_OF_WARMUP = known_in("resnet50-goyal", recipe("resnet50-goyal").warmup).amount


def settling(s: Situation) -> int:
    """2 / (1 - β2): updates until Adam's mean square is settled. PyTorch's β2 where not given."""
    usual = 0.99 if s.likely_optimizer == "rmsprop" else 0.999
    return max(1, round(2 / (1 - (usual if s.beta2 is None else s.beta2))))


def five_epochs(s: Situation) -> int:
    """The updates of five passes over the data."""
    return max(1, round(EPOCHS_OF_WARMUP * (s.examples or 1) / (s.batch_size or 1)))


def for_this_batch(s: Situation) -> float:
    """The known rate times k for SGD, times √k for Adam, as it is for LARS; NaN if none is known.

    lrcourse.batch_size tells more about these laws.
    """
    if s.known_lr is None:
        return math.nan
    exponent = 1 if SGD.holds(s) else 0.5 if ADAPTIVE.holds(s) else 0
    return s.known_lr if s.growth == 1 else rounded(s.known_lr * s.growth**exponent)


def lower(s: Situation) -> float:
    """A third of the rate that diverged, or what else is known if that is lower."""
    return float(np.nanmin([rounded((s.tried_lr or 1) / 3), *_heard(s)]))


def higher(s: Situation) -> float:
    """Three times the rate that was slow, or what else is known if that is higher."""
    return float(np.nanmax([rounded(3 * (s.tried_lr or 1)), *_heard(s)]))


def _heard(s: Situation) -> tuple[float, float]:
    return s.suggested_lr or math.nan, for_this_batch(s)
