"""Many trainings at once: every empirical sentence of the course is run here, over seeds."""

from lrcourse.experiments.data import digits, signals
from lrcourse.experiments.measures import accuracy, largest_curvature, log_loss, probabilities
from lrcourse.experiments.modules import ModuleNetwork
from lrcourse.experiments.networks import ConvNet, Mlp, Network, Transformer
from lrcourse.experiments.optimizers import (
    Adam,
    AdamL2,
    AdamW,
    Lamb,
    Lars,
    Momentum,
    Nesterov,
    Optimizer,
    RAdam,
    RMSprop,
    Sgd,
)
from lrcourse.experiments.problems import Classification, Problem
from lrcourse.experiments.run import Run
from lrcourse.experiments.sequences import PreviousToken, previous_token
from lrcourse.experiments.stats import (
    Interval,
    bootstrap_interval,
    mean_interval,
    paired_difference,
    paired_differences,
    paired_share_difference,
    ratio_interval,
    share_interval,
    slope_interval,
    together,
)
from lrcourse.experiments.studies import Bowls, Budgets, at_the_end, bowls, budgets, compare
from lrcourse.experiments.surfaces import (
    MultiWell,
    Quadratic,
    Rosenbrock,
    Surface,
    multi_well,
    quadratic,
    ravine,
    rosenbrock,
)
from lrcourse.experiments.sweep import sweep
from lrcourse.experiments.train import momentum_table, rate_table, train, watch

__all__ = [
    "Adam",
    "AdamL2",
    "AdamW",
    "Bowls",
    "Budgets",
    "Classification",
    "ConvNet",
    "Interval",
    "Lamb",
    "Lars",
    "Mlp",
    "ModuleNetwork",
    "Momentum",
    "MultiWell",
    "Nesterov",
    "Network",
    "Optimizer",
    "PreviousToken",
    "Problem",
    "Quadratic",
    "RAdam",
    "RMSprop",
    "Rosenbrock",
    "Run",
    "Sgd",
    "Surface",
    "Transformer",
    "accuracy",
    "at_the_end",
    "bootstrap_interval",
    "bowls",
    "budgets",
    "compare",
    "digits",
    "largest_curvature",
    "log_loss",
    "mean_interval",
    "momentum_table",
    "multi_well",
    "paired_difference",
    "paired_differences",
    "paired_share_difference",
    "previous_token",
    "probabilities",
    "quadratic",
    "rate_table",
    "ratio_interval",
    "ravine",
    "rosenbrock",
    "share_interval",
    "signals",
    "slope_interval",
    "sweep",
    "together",
    "train",
    "watch",
]
