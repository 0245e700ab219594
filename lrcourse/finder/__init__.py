"""The range test: which learning rates can a model bear, and what is a rule's pick worth?"""

from lrcourse.finder.ramps import RAMP, ExponentialRamp, LinearRamp
from lrcourse.finder.result import Curve, Pick, RangeTest
from lrcourse.finder.rules import (
    DEFAULT,
    RULES,
    half_the_start,
    minimum_over_ten,
    minimum_over_three,
    onset,
    onset_over_ten,
    onset_over_three,
    slide,
    smoothed,
    steepest,
    steepest_between_neighbours,
    steepest_over_rate,
    valley,
)
from lrcourse.finder.sweep import range_test

__all__ = [
    "DEFAULT",
    "RAMP",
    "RULES",
    "Curve",
    "ExponentialRamp",
    "LinearRamp",
    "Pick",
    "RangeTest",
    "half_the_start",
    "minimum_over_ten",
    "minimum_over_three",
    "onset",
    "onset_over_ten",
    "onset_over_three",
    "range_test",
    "slide",
    "smoothed",
    "steepest",
    "steepest_between_neighbours",
    "steepest_over_rate",
    "valley",
]
