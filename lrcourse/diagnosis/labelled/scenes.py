"""The scenes: each is a task with an optimizer and a budget, at many peaks and in six shapes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lrcourse.experiments import (
    Adam,
    ConvNet,
    Mlp,
    Momentum,
    Optimizer,
    Problem,
    RMSprop,
    Sgd,
    digits,
    previous_token,
    quadratic,
    ravine,
    signals,
)
from lrcourse.schedules import (
    Constant,
    CosineDecay,
    CosineRestarts,
    ExponentialDecay,
    LinearDecay,
    Schedule,
    WarmupCosine,
)

STEP = 10**0.5  # between neighbouring peaks


@dataclass(frozen=True)
class Scene:
    """One task with its optimizer; `peak_lr` is a rate in the middle of the useful ones."""

    name: str
    problem: Callable[[int], Problem]  # from the seed of the data
    optimizer: Optimizer
    peak_lr: float
    steps: int = 300
    batch_size: int = 32
    bigger: Callable[[int], Problem] | None = None  # the same task with a larger network
    exact: bool = False  # log the loss itself, which a landscape knows, in place of a batch's

    @property
    def peak_lrs(self) -> np.ndarray:
        """Rates from a thousandth to a hundred times the middle, each √10 times the last."""
        return self.peak_lr * STEP ** np.arange(-6.0, 5.0)

    @property
    def shapes(self) -> dict[str, Schedule]:
        """The schedules with peak 1 that are trained at every peak rate."""
        steps = self.steps
        return {
            "constant": Constant(1.0),
            "cosine": CosineDecay(1.0, steps),
            "linear": LinearDecay(1.0, steps),
            "warmup": WarmupCosine(1.0, max(2, steps // 5), steps),
            "restarts": CosineRestarts(1.0, steps // 3),
            "early decay": ExponentialDecay(1.0, gamma=0.001 ** (1 / steps)),
        }


SCENES = (
    Scene("digits, SGD", lambda s: digits(widths=(64, 32, 10), seed=s), Sgd(), 0.3),
    Scene("digits, momentum", lambda s: digits(widths=(64, 32, 10), seed=s), Momentum(), 0.03),
    Scene(
        "digits with label noise, momentum",
        lambda s: digits(0.2, widths=(64, 32, 10), seed=s),
        Momentum(),
        0.03,
        batch_size=16,
    ),
    Scene("digits, Adam", lambda s: digits(widths=(64, 32, 10), seed=s), Adam(), 0.01),
    Scene(
        "120 digits with label noise, momentum",
        lambda s: digits(0.3, train_size=120, widths=(64, 64, 10), seed=s),
        Momentum(),
        0.03,
        batch_size=20,
    ),
    Scene(
        "150 signals, Adam",
        lambda s: signals(train_size=150, test_size=300, seed=s),
        Adam(),
        0.003,
        batch_size=25,
    ),
    Scene(
        "signals, linear model",
        lambda s: signals(1200, 300, seed=s, network=Mlp((40, 10))),
        Sgd(),
        0.3,
        batch_size=100,
        bigger=lambda s: signals(1200, 300, seed=s, network=Mlp((40, 128, 10))),
        steps=600,
    ),
    Scene(
        "signals, linear model, Adam",
        lambda s: signals(1200, 300, seed=s, network=Mlp((40, 10))),
        Adam(),
        0.03,
        batch_size=60,
        bigger=lambda s: signals(1200, 300, seed=s, network=Mlp((40, 128, 10))),
        steps=500,
    ),
    Scene(
        "digits with label noise, linear model, momentum",
        lambda s: digits(0.1, widths=(64, 10), seed=s),
        Momentum(),
        0.03,
        batch_size=8,
        steps=500,
    ),
    Scene(
        "digits, two hidden units, Adam",
        lambda s: digits(widths=(64, 2, 10), seed=s),
        Adam(),
        0.03,
        batch_size=100,
        bigger=lambda s: digits(widths=(64, 64, 10), seed=s),
        steps=500,
    ),
    Scene(
        "signals, convolutions, RMSprop",
        lambda s: signals(800, 200, seed=s, network=ConvNet(6)),
        RMSprop(),
        0.003,
        batch_size=16,
        steps=240,
    ),
    Scene(
        "previous token, transformer, Adam",
        lambda s: previous_token("pre", layers=1, test_size=50, seed=s),
        Adam(),
        0.01,
        batch_size=8,
        steps=200,
    ),
    Scene(
        "noisy bowl, SGD",
        lambda s: quadratic((1.0,) * 20, noise=0.5),
        Sgd(),
        0.1,
        batch_size=1,
        exact=True,
    ),
    Scene("noisy ravine, SGD", lambda s: ravine(3.0), Sgd(), 0.03, batch_size=1, exact=True),
    Scene(
        "noisy quadratic, momentum",
        lambda s: quadratic((1.0, 3.0, 10.0, 30.0) * 8, noise=0.5),
        Momentum(),
        0.003,
        batch_size=1,
        exact=True,
    ),
)
