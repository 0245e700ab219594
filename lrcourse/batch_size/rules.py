"""How the rate follows the batch: three laws, each with the conditions under which it holds.

A rule is data as well as a function, so that an advice can print why it was used and when it
stops. None of them is an obligation: each is a first guess, and the rate is tuned again from there.
"""

import math
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from lrcourse.schedules import LinearWarmup
from lrcourse.schedules.units import LR, Unit, checked, shown

Batch = Annotated[
    int, Unit("examples per update", 1, math.inf, typical=256, play=(1, 8192), whole=True)
]
Noise = Annotated[
    float, Unit("noise scale in examples", 0, math.inf, 1000.0, play=(1, 1e5), log=True)
]
Epochs = Annotated[
    float, Unit("passes over the data", 0, math.inf, 5, play=(0, 100), above_low=True)
]
Examples = Annotated[
    int, Unit("examples", 1, math.inf, typical=1_281_167, play=(100, 1e7), whole=True)
]
Passes = Annotated[
    int, Unit("backward passes per update", 1, math.inf, typical=1, play=(1, 64), whole=True)
]
Beta = Annotated[float, Unit("decay of an average", 0, 1, 0.999, play=(0, 1), below_high=True)]


@dataclass(frozen=True)
class Rule:
    """A law η ~ B^exponent, and when it holds."""

    name: str
    formula: str
    exponent: float
    optimizers: tuple[str, ...]  # for which it is the first guess
    holds: tuple[str, ...]
    fails: tuple[str, ...]
    source: str
    furthest: float = 1.0  # times the batch, up to which it was published as working
    where: str = ""

    def rate(self, lr: float, batch: int, new_batch: int) -> float:
        """η (B′/B)^exponent"""
        lr = checked(self.name, "lr", LR, lr)
        batch = checked(self.name, "batch", Batch, batch)
        new_batch = checked(self.name, "new_batch", Batch, new_batch)
        return lr * (new_batch / batch) ** self.exponent

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.formula}"]
        lines += [f"  holds while {each}" for each in self.holds]
        lines += [f"  fails where {each}" for each in self.fails]
        return "\n".join([*lines, f"  source: {self.source}"])


LINEAR = Rule(
    "linear rule",
    "η′ = η B′/B",
    1.0,
    ("sgd", "momentum", "nesterov"),
    (
        "the noise of the gradient dominates: both batches lie well below the noise scale",
        "the new rate times the largest curvature stays small, far from the edge 2/λ",
    ),
    (
        "the batch comes near the noise scale: the best rate rises less and less, to η_max",
        "weights change fast, as at the start of training: warm up",
        "the gradient is divided by its size (Adam, RMSprop)",
    ),
    "Goyal et al. 2017, arXiv:1706.02677, section 2.1; below the noise scale: McCandlish et al. "
    "2018, arXiv:1812.06162, section 2.2",
    furthest=32,
    where="ResNet-50 from 256 to 8192 images without loss of accuracy, Goyal et al. 2017",
)

SQRT = Rule(
    "square-root rule",
    "η′ = η √(B′/B)",
    0.5,
    ("adam", "adamw", "radam", "nadam", "rmsprop", "lamb"),
    (
        "the optimizer divides by the size of the gradient and that size is mostly noise",
        "both batches lie well below the noise scale",
    ),
    (
        "the gradient is mostly signal: then the best exponent lies between ½ and 1",
        "the batch comes near the noise scale: the best rate stops rising, and may fall",
        "the optimizer is SGD: there the linear rule is nearer",
    ),
    "Malladi et al. 2022, arXiv:2205.10287 (Adam and RMSprop); Krizhevsky 2014, arXiv:1404.5997, "
    "had argued for √k in SGD, from the variance of the sum of gradients",
    furthest=64,
    where="LSTMs with a warmup of as many updates, You et al. 2019, arXiv:1901.08256",
)

SATURATING = Rule(
    "saturating law",
    "η(B) = η_max / (1 + B_noise/B)",
    math.nan,
    ("sgd",),
    (
        "one step of SGD on a quadratic is looked at, with the noise scale of that moment",
        "tr(HΣ)/GᵀHG is near the simple tr(Σ)/|G|², that is, the curvature is alike in all "
        "directions",
    ),
    ("many steps share one constant rate, which must also be stable and settle at the end",),
    "McCandlish et al. 2018, arXiv:1812.06162, section 2.2",
)

RULES = {"linear": LINEAR, "sqrt": SQRT}
NO_RULE = {  # known optimizers for which nobody has published a rule that holds up
    "lars": "LARS divides each layer's gradient by its norm, and its rate was tuned anew at "
    "each batch (Nado et al. 2021, arXiv:2102.06356)",
    "lion": "Lion uses the sign of the update",
    "adafactor": "Adafactor may set its rate from the size of the weights",
}


# The three laws --------------------------------------------------------------------------------


def linear_rule(lr: float, batch: int, new_batch: int) -> float:
    """η′ = η B′/B, for SGD, with momentum too (which itself stays as it is)

    k small updates at nearly the same weights add up to one of k times the size. It holds while
    the noise of the gradient dominates (batches below the noise scale) and η′ times the largest
    curvature stays small. Goyal et al. 2017, https://arxiv.org/abs/1706.02677, section 2.1.

    >>> round(linear_rule(0.1, 256, 8192), 6)
    3.2
    """
    return LINEAR.rate(lr, batch, new_batch)


def sqrt_rule(lr: float, batch: int, new_batch: int) -> float:
    """η′ = η √(B′/B), for Adam, RMSprop and their family

    They divide by √v, the size of a gradient. Where that is mostly noise it shrinks as 1/√B, so
    half of the k is in the division already. Where it is mostly signal, the exponent lies between
    ½ and 1. The theory scales the betas too, see `scaled_betas`.
    Malladi et al. 2022, https://arxiv.org/abs/2205.10287.

    >>> sqrt_rule(0.001, 256, 1024)
    0.002
    """
    return SQRT.rate(lr, batch, new_batch)


def saturating_rate(max_lr: float, batch: Any, noise_scale: float) -> np.ndarray:
    """η(B) = η_max / (1 + B_noise/B): the best rate for one step of SGD

    Linear far below B_noise, half of η_max at it, constant far above. `batch` may be an array of
    any shape. For Adam the exponent below B_noise was between ½ and 1.
    McCandlish et al. 2018, https://arxiv.org/abs/1812.06162, section 2.2.

    >>> float(saturating_rate(0.4, 1000, noise_scale=1000))
    0.2
    """
    max_lr = checked("saturating_rate", "max_lr", LR, max_lr)
    noise_scale = checked("saturating_rate", "noise_scale", Noise, noise_scale)
    return max_lr / (1 + noise_scale / batches("saturating_rate", batch))


def rule_of(optimizer: str) -> Rule:
    """The first guess for this optimizer; refuses one for which there is none."""
    name = str(optimizer).lower()
    for rule in RULES.values():
        if name in rule.optimizers:
            return rule
    if name in NO_RULE:
        raise ValueError(
            f"rule_of: optimizer {name!r} has no rule that is known to hold: {NO_RULE[name]}; "
            f"tune its rate anew at the new batch"
        )
    known = [each for rule in RULES.values() for each in rule.optimizers]
    raise ValueError(f"rule_of: optimizer must be one of {', '.join(known)}, got {optimizer!r}")


# What goes with the rate -----------------------------------------------------------------------


def scaled_betas(betas: tuple[float, ...], batch: int, new_batch: int) -> tuple[float, ...]:
    """β′ = 1 − k (1 − β), k = B′/B: each average remembers as many *examples* as before

    Part of the square-root rule in theory (Malladi et al. 2022). `rescale` leaves them alone: on
    our tasks it changed nothing. Refused where k (1 − β) reaches 1: nothing would be remembered.

    >>> [round(beta, 6) for beta in scaled_betas((0.9, 0.999), 256, 1024)]
    [0.6, 0.996]
    """
    k = checked("scaled_betas", "new_batch", Batch, new_batch) / checked(
        "scaled_betas", "batch", Batch, batch
    )
    scaled = tuple(1 - k * (1 - checked("scaled_betas", "betas", Beta, beta)) for beta in betas)
    for beta, new in zip(betas, scaled, strict=True):
        if new < 0:
            raise ValueError(
                f"scaled_betas: β={beta:g} remembers {1 / (1 - beta):.3g} updates, and {k:g} times "
                f"the batch would leave it less than one; keep the betas"
            )
    return scaled


def settling_updates(beta2: float) -> float:
    """2 / (1 − β2): the warmup, in updates, after which Adam's second moment has settled

    Ma and Yarats 2019, https://arxiv.org/abs/1910.04209. Counted in updates whatever the batch,
    because β2 is.

    >>> round(settling_updates(0.999))
    2000
    """
    return 2 / (1 - checked("settling_updates", "beta2", Beta, beta2))


def epochs_to_updates(
    epochs: float, examples: int, batch: int, accumulate: int = 1, drop_last: bool | None = None
) -> int:
    """⌊epochs · examples / (batch · accumulate)⌋: the updates that so many epochs are

    `batch` is what one backward pass sees on all devices together; `accumulate` of them make an
    update. Given `drop_last`, as a DataLoader has it, every epoch is whole by itself: True leaves
    out its rest (of examples, then of passes), False makes one more update of it. Schedulers that
    are told `len(loader) * epochs` with accumulation on end at 1/accumulate of their curve.

    >>> epochs_to_updates(5, 1_281_167, 8192)  # Goyal et al. 2017
    781
    >>> [epochs_to_updates(5, 1_281_167, 8192, drop_last=each) for each in (True, False)]
    [780, 785]
    """
    owner = "epochs_to_updates"
    epochs = checked(owner, "epochs", Epochs, epochs)
    examples = checked(owner, "examples", Examples, examples)
    batch = checked(owner, "batch", Batch, batch)
    accumulate = checked(owner, "accumulate", Passes, accumulate)
    if drop_last is None:
        updates = math.floor(epochs * examples / (batch * accumulate) + 1e-9)
    else:
        whole = math.floor if drop_last else math.ceil
        updates = math.floor(epochs * whole(whole(examples / batch) / accumulate) + 1e-9)
    if not updates:
        raise ValueError(
            f"{owner}: {shown(epochs)} epochs of {examples} examples are not one update of "
            f"{batch * accumulate}; use a smaller batch or more epochs"
        )
    return updates


def gradual_warmup(
    lr: float, batch: int, new_batch: int, examples: int, epochs: float = 5.0
) -> LinearWarmup:
    """From η to k η on a straight line over 5 epochs, k = B′/B: the warmup of Goyal et al. 2017

    The length is counted in epochs, so that a larger batch has *fewer* updates of it; what
    grows is the rate it leads to. https://arxiv.org/abs/1706.02677, section 2.2.

    >>> gradual_warmup(0.1, 256, 8192, examples=1_281_167)
    LinearWarmup(peak_lr=3.2, steps=781, start_lr=0.1)
    """
    peak, steps = linear_rule(lr, batch, new_batch), epochs_to_updates(epochs, examples, new_batch)
    if peak < lr:
        raise ValueError(
            f"gradual_warmup: new_batch must not be below batch={batch}, because the rate would "
            f"fall, got {shown(new_batch)}; a smaller batch needs no warmup to its smaller rate"
        )
    return LinearWarmup(peak, steps, start_lr=lr)


def batches(owner: str, batch: Any) -> np.ndarray:
    """Batch sizes as an array of floats of the same shape; refuses what is below 1."""
    try:
        values = np.asarray(batch, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(
            f"{owner}: batch (examples per update) must be numbers, got {shown(batch)}"
        ) from None
    wrong = values[~(np.isfinite(values) & (values >= 1))]
    if wrong.size or not values.size:
        got = shown(wrong[0]) if wrong.size else "none"
        raise ValueError(f"{owner}: batch (examples per update) must be at least 1, got {got}")
    return values
