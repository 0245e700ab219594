"""Many trainings at once: every empirical sentence of the course is run here, over seeds."""

from lrcourse.experiments.data import digits
from lrcourse.experiments.networks import Mlp, Network
from lrcourse.experiments.optimizers import Adam, Momentum, Optimizer, Sgd
from lrcourse.experiments.problems import Classification, Problem
from lrcourse.experiments.run import Run
from lrcourse.experiments.stats import Interval, mean_interval, paired_difference
from lrcourse.experiments.studies import Bowls, bowls, compare
from lrcourse.experiments.train import rate_table, train

__all__ = [
    "Adam",
    "Bowls",
    "Classification",
    "Interval",
    "Mlp",
    "Momentum",
    "Network",
    "Optimizer",
    "Problem",
    "Run",
    "Sgd",
    "bowls",
    "compare",
    "digits",
    "mean_interval",
    "paired_difference",
    "rate_table",
    "train",
]
