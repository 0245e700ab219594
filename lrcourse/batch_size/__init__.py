"""When the batch changes: what happens to the rate, the warmup and the length, and how far.

    rescale(recipe, batch=1024)            the new values, each with its reason
    measure_noise_scale(model, ...)        up to which batch more examples are worth it
    linear_rule, sqrt_rule, ...            the laws, with their conditions

Sorted from a rule to an answer: rules, noise, critical, measure; training, reasons, rescaled.
"""

from lrcourse.batch_size.critical import (
    CriticalBatch,
    critical_batch,
    examples_needed,
    updates_needed,
)
from lrcourse.batch_size.measure import measure_noise_scale
from lrcourse.batch_size.noise import NoiseScale, noise_scale, signal_and_noise
from lrcourse.batch_size.reasons import Change, Left
from lrcourse.batch_size.rescaled import Rescaled, rescale
from lrcourse.batch_size.rules import (
    LINEAR,
    RULES,
    SATURATING,
    SQRT,
    Rule,
    epochs_to_updates,
    gradual_warmup,
    linear_rule,
    rule_of,
    saturating_rate,
    scaled_betas,
    settling_updates,
    sqrt_rule,
)
from lrcourse.batch_size.training import Training

__all__ = [
    "LINEAR",
    "RULES",
    "SATURATING",
    "SQRT",
    "Change",
    "CriticalBatch",
    "Left",
    "NoiseScale",
    "Rescaled",
    "Rule",
    "Training",
    "critical_batch",
    "epochs_to_updates",
    "examples_needed",
    "gradual_warmup",
    "linear_rule",
    "measure_noise_scale",
    "noise_scale",
    "rescale",
    "rule_of",
    "saturating_rate",
    "scaled_betas",
    "settling_updates",
    "signal_and_noise",
    "sqrt_rule",
    "updates_needed",
]
