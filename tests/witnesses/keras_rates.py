"""keras.optimizers.schedules, in float64."""

import keras
import numpy as np
from keras.src.backend.common import dtypes

from lrcourse.schedules import (
    CosineDecay,
    CosineRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    LinearDecay,
    MultiStepDecay,
    PolynomialDecay,
    StepDecay,
    WarmupCosine,
)
from tests.witnesses import Witness

schedules = keras.optimizers.schedules

# Keras narrows every float64 to 32 bits outside TensorFlow, with this table
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"


def computed(make):
    """The witness that calls `make(schedule, peak)`, Keras' function of the step, with all t."""
    return lambda schedule, t: make(schedule, double(schedule.peak_lr))(double(t))


def one_by_one(make):
    """The same for those of Keras' functions that take one step at a time."""

    def rates(schedule, t):
        function = make(schedule, double(schedule.peak_lr))
        return np.array([function(double(each)) for each in t])

    return rates


def double(number):
    return np.array(number, float)


def steps_between(s, peak):
    """Keras keeps a value up to and including its boundary: one update longer than we do."""
    values = [double(s.peak_lr * s.gamma**k) for k in range(len(s.milestones) + 1)]
    return schedules.PiecewiseConstantDecay([m - 1.0 for m in s.milestones], values)


def warmup_cosine(s, peak):
    return schedules.CosineDecay(
        double(s.start_lr),
        s.steps - s.warmup_steps,
        alpha=s.min_lr / s.peak_lr,
        warmup_target=peak,
        warmup_steps=s.warmup_steps,
    )


def restarts(s, t):
    """NaN at the restarts of growing cycles: Keras finds them by a logarithm and misses some."""
    make = computed(
        lambda s, peak: schedules.CosineDecayRestarts(
            peak, s.first_cycle, s.stretch, s.gamma, s.min_lr / s.peak_lr
        )
    )
    unsure = np.isin(t, s.restarts(len(t))) & (s.stretch > 1)
    return np.where(unsure, np.nan, make(s, t))


WITNESSES = {
    StepDecay: Witness(
        computed(
            lambda s, peak: schedules.ExponentialDecay(peak, s.step_size, s.gamma, staircase=True)
        )
    ),
    MultiStepDecay: Witness(one_by_one(steps_between)),
    ExponentialDecay: Witness(
        computed(lambda s, peak: schedules.ExponentialDecay(peak, s.step_size, s.gamma))
    ),
    InverseTimeDecay: Witness(
        computed(lambda s, peak: schedules.InverseTimeDecay(peak, 7, decay_rate=7 * s.k))
    ),
    LinearDecay: Witness(
        computed(lambda s, peak: schedules.PolynomialDecay(peak, s.steps, s.min_lr))
    ),
    PolynomialDecay: Witness(
        computed(lambda s, peak: schedules.PolynomialDecay(peak, s.steps, s.min_lr, s.power))
    ),
    CosineDecay: Witness(
        computed(lambda s, peak: schedules.CosineDecay(peak, s.steps, s.min_lr / s.peak_lr))
    ),
    CosineRestarts: Witness(restarts),
    WarmupCosine: Witness(one_by_one(warmup_cosine)),
}
