"""Many trainings at once: every empirical sentence of the course is run here, over seeds."""

from lrcourse.experiments.optimizers import Momentum, Optimizer, Sgd
from lrcourse.experiments.problems import Classification, digits
from lrcourse.experiments.stats import Interval, mean_interval, paired_difference
from lrcourse.experiments.train import Run, rate_table, train

__all__ = [
    "Classification",
    "Interval",
    "Momentum",
    "Optimizer",
    "Run",
    "Sgd",
    "digits",
    "mean_interval",
    "paired_difference",
    "rate_table",
    "train",
]
