"""Section 10, batch size: six tasks, their right answers and the wrong ones we recognise."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from lrcourse.batch_size import epochs_to_updates, linear_rule, noise_scale, sqrt_rule
from lrcourse.handouts.batch_size import LETTERS
from lrcourse.tasks.base import Case, FunctionTask, Mistake, ValuesTask, choice

# 10.1 -----------------------------------------------------------------------------------------


def carry_over(
    optimizer: str, lr: float, momentum: float, batch: int, new_batch: int
) -> list[float]:
    """[k η for SGD, √k η for Adam;  the momentum as it was],  k = B'/B"""
    k = new_batch / batch
    factor = k if optimizer == "sgd" else k**0.5
    return [factor * lr, momentum]


NAMED = ("the rate", "the momentum")


def carry_over_cases(rng: np.random.Generator) -> list[Case]:
    """Four times the batch, for both; then other factors, and a smaller batch."""
    simple = [
        Case(_setting(optimizer, lr, 0.9, 256, 1024), places=NAMED)
        for optimizer, lr in (("sgd", 0.1), ("adam", 0.001))
    ]
    drawn = [
        Case(
            _setting(optimizer, round(rng.uniform(0.001, 0.5), 4), 0.95, batch, new_batch),
            places=NAMED,
        )
        for optimizer in ("sgd", "adam")
        for batch, new_batch in (rng.choice(np.arange(16, 400), 2, replace=False).tolist(),)
    ]
    smaller = [
        Case(_setting(optimizer, 0.02, 0.8, 512, 64), places=NAMED) for optimizer in ("sgd", "adam")
    ]
    return [*simple, *drawn, *smaller]


def _setting(
    optimizer: str, lr: float, momentum: float, batch: int, new_batch: int
) -> dict[str, Any]:
    return {
        "optimizer": optimizer,
        "lr": lr,
        "momentum": momentum,
        "batch": batch,
        "new_batch": new_batch,
    }


def _with_exponents(sgd: float, adam: float) -> Callable[..., list[float]]:
    return lambda optimizer, lr, momentum, batch, new: [
        lr * (new / batch) ** (sgd if optimizer == "sgd" else adam),
        momentum,
    ]


CARRY_OVER_RIGHT = (
    lambda optimizer, lr, momentum, batch, new_batch: (
        {"sgd": linear_rule, "adam": sqrt_rule}[optimizer](lr, batch, new_batch),
        momentum,
    ),
    lambda optimizer, lr, momentum, batch, new_batch: np.array(
        [lr * np.power(new_batch / batch, {"sgd": 1.0, "adam": 0.5}[optimizer]), momentum]
    ),
    lambda optimizer, lr, momentum, batch, new_batch: [
        lr * new_batch / batch if optimizer == "sgd" else lr * math.sqrt(new_batch / batch),
        torch.tensor(momentum),
    ],
)

CARRY_OVER_MISTAKES = (
    Mistake(
        "the rules swapped",
        _with_exponents(0.5, 1),
        "You gave each optimizer the rule of the other. SGD adds up short steps, so it takes k "
        "times the rate; Adam divides by the noise, so it takes √k times.",
    ),
    Mistake(
        "the linear rule for both",
        _with_exponents(1, 1),
        "For SGD this is right. Adam divides by the size of the gradient, which shrinks as the "
        "batch grows: √k of the k is done there, and the rate does the other √k.",
    ),
    Mistake(
        "the square root for both",
        _with_exponents(0.5, 0.5),
        "For Adam this is right. SGD divides by nothing: over an epoch the noise stays the same "
        'only where the rate grows as k. (Did you compare with "sgd", in small letters?)',
    ),
    Mistake(
        "keeps the rate",
        _with_exponents(0, 0),
        "The gradient is an average, but an epoch now has another number of updates. At the same "
        "rate a larger batch goes a shorter way.",
    ),
    Mistake(
        "k upside down",
        _with_exponents(-1, -0.5),
        "You divided where you should multiply: k is the new batch over the old one, and a larger "
        "batch takes a higher rate.",
    ),
    Mistake(
        "the square instead of the root",
        _with_exponents(1, 2),
        "For Adam you squared k. It is the square root: k ** 0.5.",
    ),
    Mistake(
        "scales the momentum, too",
        lambda optimizer, lr, momentum, batch, new: [
            carry_over(optimizer, lr, momentum, batch, new)[0],
            carry_over(optimizer, momentum, 0, batch, new)[0],
        ],
        "The rate is right. The momentum is no rate: it says which share is kept from update to "
        "update, and rescale leaves it alone.",
    ),
    Mistake(
        "keeps the memory of the momentum in examples",
        lambda optimizer, lr, momentum, batch, new: [
            carry_over(optimizer, lr, momentum, batch, new)[0],
            1 - new / batch * (1 - momentum),
        ],
        "1 - k(1 - β) belongs to the theory for Adam's betas. The rules in use, and rescale, leave "
        "the momentum as it was.",
    ),
    Mistake(
        "the rate alone",
        lambda *setting: carry_over(*setting)[0],
        "The rate is right. Return two numbers, [rate, momentum].",
    ),
    Mistake(
        "momentum first",
        lambda *setting: carry_over(*setting)[::-1],
        "Both numbers are right but stand in each other's place: [rate, momentum].",
    ),
    Mistake(
        "Adam keeps its rate",
        _with_exponents(1, 0),
        "For SGD this is right. Adam's division does √k of the k and not all of it: the rate has "
        "to do the other √k.",
    ),
    Mistake(
        "a power of 1/2 without brackets",
        lambda optimizer, lr, momentum, batch, new: [
            lr * new / batch / (1 if optimizer == "sgd" else 2),
            momentum,
        ],
        "For SGD this is right. k ** 1/2 is half of k, because the power goes first. Write "
        "k ** 0.5 or math.sqrt(k).",
    ),
    Mistake(
        "keeps the memory of β1 in examples",
        lambda optimizer, lr, momentum, batch, new: [
            carry_over(optimizer, lr, momentum, batch, new)[0],
            momentum if optimizer == "sgd" else 1 - new / batch * (1 - momentum),
        ],
        "The rates are right. 1 - k(1 - β) belongs to the theory for Adam's betas; `rescale` "
        "leaves them alone.",
    ),
    Mistake(
        "the momentum to the power k",
        lambda optimizer, lr, momentum, batch, new: [
            carry_over(optimizer, lr, momentum, batch, new)[0],
            momentum ** (new / batch),
        ],
        "The rate is right. Some scale the momentum so that it forgets after as many examples as "
        "before; `rescale` leaves it alone.",
    ),
    Mistake(
        "the momentum times k",
        lambda optimizer, lr, momentum, batch, new: [
            carry_over(optimizer, lr, momentum, batch, new)[0],
            momentum * new / batch,
        ],
        "The rate is right. The momentum is no rate: above 1 it would grow without an end. "
        "`rescale` leaves it alone.",
    ),
    Mistake(
        "k without its fraction",
        lambda optimizer, lr, momentum, batch, new: [
            lr * (new // batch) ** (1 if optimizer == "sgd" else 0.5),
            momentum,
        ],
        "// drops the fraction of k, and for a smaller batch it leaves 0. Divide with one stroke: "
        "new_batch / batch.",
    ),
)

# 10.2 -----------------------------------------------------------------------------------------


def warmup_updates(epochs: float, examples: int, batch: int, accumulate: int) -> int:
    """⌊epochs · examples / (batch · accumulate)⌋"""
    return math.floor(epochs * examples / (batch * accumulate))


def warmup_cases(rng: np.random.Generator) -> list[Case]:
    """Without accumulation first; every rest is large enough for all ways to round to differ."""
    simple = Case({"epochs": 5, "examples": 1000, "batch": 32, "accumulate": 1})
    half_an_epoch = Case({"epochs": 0.5, "examples": 5000, "batch": 64, "accumulate": 3})
    return [simple, *(Case(_warmup_arguments(rng)) for _ in range(4)), half_an_epoch]


def _warmup_arguments(rng: np.random.Generator) -> dict[str, Any]:
    """Until the exact number ends on .6 or so, and rounding in every epoch loses an update."""
    while True:
        epochs, accumulate = int(rng.integers(3, 9)), int(rng.integers(2, 7))
        examples, batch = int(rng.integers(2000, 50_000)), int(rng.integers(16, 200))
        exact = epochs * examples / (batch * accumulate)
        each = examples // (batch * accumulate)
        if 0.55 < exact % 1 < 0.9 and epochs * each < math.floor(exact):
            return {
                "epochs": epochs,
                "examples": examples,
                "batch": batch,
                "accumulate": accumulate,
            }


WARMUP_RIGHT = (
    lambda epochs, examples, batch, accumulate: epochs_to_updates(
        epochs, examples, batch, accumulate
    ),
    lambda epochs, examples, batch, accumulate: int(epochs * examples) // (batch * accumulate),
    lambda epochs, examples, batch, accumulate: np.floor(epochs * examples / batch / accumulate),
    lambda epochs, examples, batch, accumulate: torch.tensor(
        epochs * examples / (batch * accumulate), dtype=torch.float64
    ).floor(),
)

WARMUP_MISTAKES = (
    Mistake(
        "epochs for updates",
        lambda epochs, examples, batch, accumulate: epochs,
        "That is still in epochs. A scheduler that counts updates would end the warmup after so "
        "many updates; turn the epochs into updates.",
    ),
    Mistake(
        "examples for updates",
        lambda epochs, examples, batch, accumulate: epochs * examples,
        "That is how many examples the warmup sees. Each update takes batch · accumulate of them.",
    ),
    Mistake(
        "one epoch only",
        lambda epochs, examples, batch, accumulate: math.floor(examples / (batch * accumulate)),
        "That is one epoch. The warmup is `epochs` of them.",
    ),
    Mistake(
        "forgets the accumulation",
        lambda epochs, examples, batch, accumulate: math.floor(epochs * examples / batch),
        "You counted backward passes. Only every accumulate-th of them makes an update, so a "
        "warmup of this length would be too long.",
    ),
    Mistake(
        "multiplies by the accumulation",
        lambda epochs, examples, batch, accumulate: math.floor(
            epochs * examples / batch * accumulate
        ),
        "Accumulation makes fewer updates, not more: each takes batch · accumulate examples.",
    ),
    Mistake(
        "rounds in every epoch",
        lambda epochs, examples, batch, accumulate: epochs * (examples // (batch * accumulate)),
        "You rounded down in each epoch and lost its rest. Here the batches run on from one epoch "
        "into the next: round once, at the end.",
    ),
    Mistake(
        "rounds the passes of every epoch",
        lambda epochs, examples, batch, accumulate: math.floor(
            epochs * (examples // batch) / accumulate
        ),
        "You rounded down the passes of each epoch and lost its rest. Here the batches run on from "
        "one epoch into the next: round once, at the end.",
    ),
    Mistake(
        "rounds up in every epoch",
        lambda epochs, examples, batch, accumulate: (
            epochs * math.ceil(examples / (batch * accumulate))
        ),
        "You counted the rest of each epoch as an update of its own. Here the batches run on from "
        "one epoch into the next: round down once, at the end.",
    ),
    Mistake(
        "rounds up",
        lambda epochs, examples, batch, accumulate: math.ceil(
            epochs * examples / (batch * accumulate)
        ),
        "The last update of your count is not complete when the epochs are over. Round down.",
    ),
    Mistake(
        "rounds to the nearest",
        lambda epochs, examples, batch, accumulate: round(epochs * examples / (batch * accumulate)),
        "round() goes up where the rest is more than a half. Only whole updates count: round down.",
    ),
    Mistake(
        "does not round",
        lambda epochs, examples, batch, accumulate: epochs * examples / (batch * accumulate),
        "The quotient is right. A number of updates is a whole number: round it down.",
    ),
    Mistake(
        "grows with the batch",
        lambda epochs, examples, batch, accumulate: math.floor(epochs * batch * accumulate),
        "Your warmup has more updates at a larger batch. It is the other way round: the epochs "
        "stay, and a larger batch has fewer updates in each.",
    ),
    Mistake(
        "brackets missing below the stroke",
        lambda epochs, examples, batch, accumulate: epochs * examples // batch * accumulate,
        "Python goes from left to right, so you multiply by accumulate. Put brackets around "
        "batch * accumulate.",
    ),
    Mistake(
        "a whole pass for the rest of each epoch",
        lambda epochs, examples, batch, accumulate: (
            epochs * math.ceil(examples / batch) // accumulate
        ),
        "You counted the rest of each epoch as a pass of its own, as len(dataloader) does. Here "
        "the batches run on from one epoch into the next.",
    ),
)

# 10.3 -----------------------------------------------------------------------------------------

Layered = list[list[float]]  # one list of numbers for each layer


def layer_rates(weights: Layered, gradients: Layered, lr: float, trust: float) -> list[float]:
    """η q in each layer,  q = trust · |w| / |g|,  or 1 where one of the two lengths is zero"""
    rates = []
    for w, g in zip(weights, gradients, strict=True):
        length, slope = np.linalg.norm(w), np.linalg.norm(g)
        q = trust * length / slope if length > 0 and slope > 0 else 1.0
        rates.append(float(lr * q))
    return rates


def one_rate_for_all(weights: Layered, gradients: Layered, lr: float, trust: float) -> list[float]:
    """What the exercise hands out: one ratio of the whole model."""
    length = np.linalg.norm(np.concatenate(weights))
    slope = np.linalg.norm(np.concatenate(gradients))
    return [float(lr * trust * length / slope) for _ in weights]


def layer_cases(rng: np.random.Generator) -> list[Case]:
    """Lengths that come out even; then layers of any size; the last have layers of zeros."""
    simple = {
        "weights": [[3.0, 4.0], [6.0, 8.0], [1.0, 2.0, 2.0]],
        "gradients": [[0.6, 0.8], [0.0, 0.5], [2.0, 4.0, 4.0]],
        "lr": 0.5,
        "trust": 0.02,
    }
    cases = [simple, _layers(rng), _layers(rng)]
    no_weights, no_gradient = _layers(rng), _layers(rng)
    no_weights["weights"][1] = [0.0] * len(no_weights["weights"][1])
    no_gradient["gradients"][2] = [0.0] * len(no_gradient["gradients"][2])
    return [
        Case(case, places=[f"layer {n}" for n in range(1, 1 + len(case["weights"]))])
        for case in (*cases, no_weights, no_gradient)
    ]


def _layers(rng: np.random.Generator) -> dict[str, Any]:
    sizes = rng.integers(2, 5, 3)
    scales = 10 ** rng.uniform(-1, 1, 3)
    return {
        "weights": [
            (scale * rng.standard_normal(size)).round(3).tolist()
            for scale, size in zip(scales, sizes, strict=True)
        ],
        "gradients": [rng.standard_normal(size).round(3).tolist() for size in sizes],
        "lr": round(rng.uniform(0.1, 2), 2),
        "trust": round(rng.uniform(0.001, 0.05), 4),
    }


def norm(values: Any) -> float:
    """|values|"""
    return float(np.linalg.norm(values))


def _by_layer(
    ratio: Callable[[np.ndarray, np.ndarray, float], float],
) -> Callable[..., list[float]]:
    """The rates with another ratio of (w, g, trust), and 1 beside a layer of zeros."""

    def rates(weights: Layered, gradients: Layered, lr: float, trust: float) -> list[float]:
        return [
            lr * ratio(np.array(w), np.array(g), trust) if any(w) and any(g) else lr
            for w, g in zip(weights, gradients, strict=True)
        ]

    return rates


def _unguarded(weights: Layered, gradients: Layered, lr: float, trust: float) -> list[float]:
    with np.errstate(divide="ignore"):
        return [
            lr * trust * np.divide(np.linalg.norm(w), np.linalg.norm(g))
            for w, g in zip(weights, gradients, strict=True)
        ]


def _unguarded_like(lengths_of: Callable[..., tuple[Any, Any]]) -> Callable[..., list[float]]:
    """Unguarded, with the lengths of other lists than those of the layer."""

    def rates(weights: Layered, gradients: Layered, lr: float, trust: float) -> list[float]:
        pairs = [
            lengths_of(w, g, weights, gradients) for w, g in zip(weights, gradients, strict=True)
        ]
        return _unguarded([w for w, _ in pairs], [g for _, g in pairs], lr, trust)

    return rates


def _zero_where_zero(weights: Layered, gradients: Layered, lr: float, trust: float) -> list[float]:
    right = layer_rates(weights, gradients, lr, trust)
    pairs = zip(weights, gradients, right, strict=True)
    return [rate if any(w) and any(g) else 0.0 for w, g, rate in pairs]


def _by_weight(weights: Layered, gradients: Layered, lr: float, trust: float) -> list[float]:
    return [
        lr * trust * abs(w) / abs(g) if w and g else lr
        for ws, gs in zip(weights, gradients, strict=True)
        for w, g in zip(ws, gs, strict=True)
    ]


def _last_layer_only(weights: Layered, gradients: Layered, lr: float, trust: float) -> list[float]:
    return [layer_rates(weights, gradients, lr, trust)[-1]] * len(weights)


LAYER_RIGHT = (
    _by_layer(lambda w, g, trust: trust * math.sqrt(sum(w**2)) / math.sqrt(sum(g**2))),
    lambda weights, gradients, lr, trust: [
        lr * float(trust * torch.tensor(w).norm() / torch.tensor(g).norm())
        if torch.tensor(w).norm() * torch.tensor(g).norm() > 0
        else lr
        for w, g in zip(weights, gradients, strict=True)
    ],
    lambda weights, gradients, lr, trust: np.array(
        [
            lr * (trust * math.dist(w, [0] * len(w)) / math.dist(g, [0] * len(g)))
            if any(w) and any(g)
            else lr
            for w, g in zip(weights, gradients, strict=True)
        ]
    ),
)


def _guarded(
    is_ordinary: Callable[[list[float], list[float]], bool],
    otherwise: Callable[[float, float], float] = lambda lr, trust: lr,
    tiny: float = 0.0,
) -> Callable[..., list[float]]:
    """The rates with another question, or another rate, for layers of zeros."""

    def rates(weights: Layered, gradients: Layered, lr: float, trust: float) -> list[float]:
        return [
            lr * trust * norm(w) / (norm(g) + tiny) if is_ordinary(w, g) else otherwise(lr, trust)
            for w, g in zip(weights, gradients, strict=True)
        ]

    return rates


LAYER_MISTAKES = (
    Mistake(
        "the ratio inverted",
        _by_layer(lambda w, g, trust: trust * norm(g) / norm(w)),
        "Your ratio is |g| / |w|, which makes long gradients longer still. With |w| / |g| the step "
        "of a layer is a share of its weights, however long its gradient is.",
    ),
    Mistake(
        "without the trust",
        _by_layer(lambda w, g, trust: norm(w) / norm(g)),
        "You left out `trust`. Without it each update of a layer would be as long as η times "
        "its weights themselves.",
    ),
    Mistake(
        "without the rate",
        lambda weights, gradients, lr, trust: [
            rate / lr for rate in layer_rates(weights, gradients, lr, trust)
        ],
        "You return the ratios q. The rate of the optimizer is still there, and multiplies each: "
        "η q.",
    ),
    Mistake(
        "squared lengths",
        _by_layer(lambda w, g, trust: trust * float(w @ w) / float(g @ g)),
        "These are the squares of the lengths. |w| is the root of the sum of squares, as in "
        "np.linalg.norm(w).",
    ),
    Mistake(
        "sums of sizes for lengths",
        _by_layer(lambda w, g, trust: trust * float(abs(w).sum() / abs(g).sum())),
        "You added up the sizes of the numbers. The length |w| is the root of the sum of squares.",
    ),
    Mistake(
        "the weights of the whole model",
        lambda weights, gradients, lr, trust: [
            lr * trust * norm(np.concatenate(weights)) / norm(g) if any(w) and any(g) else lr
            for w, g in zip(weights, gradients, strict=True)
        ],
        "Your upper length is that of all weights. Both lengths belong to the one layer.",
    ),
    Mistake(
        "the gradients of the whole model",
        lambda weights, gradients, lr, trust: [
            lr * trust * norm(w) / norm(np.concatenate(gradients)) if any(w) and any(g) else lr
            for w, g in zip(weights, gradients, strict=True)
        ],
        "Your lower length is that of all gradients. Both lengths belong to the one layer.",
    ),
    Mistake(
        "the weights of the whole model, zeros too",
        _unguarded_like(lambda w, g, weights, gradients: (np.concatenate(weights), g)),
        "Your upper length is that of all weights. Both lengths belong to the one layer. (And "
        "where one of them is 0, q is 1.)",
    ),
    Mistake(
        "the gradients of the whole model, zeros too",
        _unguarded_like(lambda w, g, weights, gradients: (w, np.concatenate(gradients))),
        "Your lower length is that of all gradients. Both lengths belong to the one layer. (And "
        "where one of them is 0, q is 1.)",
    ),
    Mistake(
        "returns inside the loop",
        lambda *layers: layer_rates(*layers)[:1],
        "Your list ends after the first layer: the return stands inside the loop. Move it to the "
        "left, below the loop.",
    ),
    Mistake(
        "one ratio for each weight",
        _by_weight,
        "You computed a ratio for every single weight. LARS has one for each layer: the lengths "
        "are those of whole lists.",
    ),
    Mistake(
        "the last layer for all",
        _last_layer_only,
        "Every layer got the ratio of the last one. Compute q inside the loop, and keep each.",
    ),
    Mistake(
        "no word for layers of zeros",
        _unguarded,
        "With ordinary layers it is right. Where |w| is 0 your layer would never move, and where "
        "|g| is 0 you divide by zero: there q is 1.",
    ),
    Mistake(
        "rate 1 for layers of zeros",
        lambda weights, gradients, lr, trust: [
            rate if any(w) and any(g) else 1.0
            for w, g, rate in zip(
                weights, gradients, layer_rates(weights, gradients, lr, trust), strict=True
            )
        ],
        "For a layer of zeros you return 1. The ratio q is 1 there, and the rate is η q.",
    ),
    Mistake(
        "rate 0 for layers of zeros",
        _zero_where_zero,
        "A layer of zeros gets the rate 0 from you, and would never move. There q is 1, and the "
        "rate is η.",
    ),
    Mistake(
        "weights of zeros forgotten",
        _guarded(lambda w, g: any(g)),
        "You thought of the layer without a gradient. The layer whose weights are all 0 gets the "
        "rate 0, and would stay there: q is 1 for it, too.",
    ),
    Mistake(
        "gradients of zeros forgotten",
        _guarded(lambda w, g: any(w), tiny=1e-8),
        "A tiny number in the divisor avoids the error, but the rate of the layer without a "
        "gradient becomes huge. There q is 1.",
    ),
    Mistake(
        "gradients of zeros forgotten, and divided by",
        _guarded(lambda w, g: any(w), tiny=math.ulp(0)),
        "You thought of the layer whose weights are all 0. Where the whole gradient is 0 you "
        "divide by zero: q is 1 there, too.",
    ),
    Mistake(
        "a division by a gradient of zeros",
        _guarded(lambda w, g: any(w)),
        "All is right but the layer whose whole gradient is 0: there you divide by zero, and q is "
        "1.",
    ),
    Mistake(
        "a tiny number in the divisor",
        _guarded(lambda w, g: True, tiny=1e-8),
        "A tiny number in the divisor avoids the error, but not the fault: a layer of zero "
        "weights gets the rate 0. There q is 1, and the rate is η.",
    ),
    Mistake(
        "q is the trust for layers of zeros",
        _guarded(lambda w, g: any(w) and any(g), lambda lr, trust: lr * trust),
        "For a layer of zeros your q is `trust`. The task asks for q = 1 there: the rate is η.",
    ),
    Mistake(
        "one zero is enough",
        _guarded(lambda w, g: all(w) and all(g)),
        "You make the exception where any number of the layer is 0. It is for layers where all of "
        "them are, so that the length is 0.",
    ),
)

# 10.4 -----------------------------------------------------------------------------------------


def estimated_noise_scale(
    small_norms: list[float], big_norms: list[float], small: int, big: int
) -> float:
    """tr Σ / |G|²  from the means of |g|² = |G|² + tr Σ / B  at two batch sizes"""
    small_norm, big_norm = np.mean(small_norms), np.mean(big_norms)
    trace = (small_norm - big_norm) / (1 / small - 1 / big)
    signal = small_norm - trace / small
    return float(trace / signal)


def noise_cases(rng: np.random.Generator) -> list[Case]:
    """Means of 4 and 2 first; then measurements that scatter. The library wants four at least."""
    simple = {
        "small_norms": [3.0, 5.0, 4.5, 3.5],
        "big_norms": [1.6, 2.4, 1.8, 2.2],
        "small": 16,
        "big": 64,
    }
    return [Case(simple), *(Case(_norms(rng)) for _ in range(4))]


def _norms(rng: np.random.Generator) -> dict[str, Any]:
    """Measurements from which a signal can be seen."""
    while True:
        small = int(rng.integers(4, 40))
        big = small * int(rng.integers(4, 16))
        signal, trace = rng.uniform(0.5, 3), rng.uniform(1, 3) * big
        repeats = int(rng.integers(4, 7))
        small_norms, big_norms = (
            ((signal + trace / batch) * rng.uniform(0.85, 1.15, repeats)).round(3)
            for batch in (small, big)
        )
        found = (big * big_norms.mean() - small * small_norms.mean()) / (big - small)
        if found > 0.2 * signal:
            return {
                "small_norms": small_norms.tolist(),
                "big_norms": big_norms.tolist(),
                "small": small,
                "big": big,
            }


def _parts(
    small_norms: list[float], big_norms: list[float], small: int, big: int
) -> tuple[float, float, float, float]:
    """Both means, the trace and the signal."""
    low, high = float(np.mean(small_norms)), float(np.mean(big_norms))
    trace = (low - high) / (1 / small - 1 / big)
    return low, high, trace, low - trace / small


def _mean_of_ratios(small_norms: Any, big_norms: Any, small: int, big: int) -> float:
    pairs = zip(small_norms, big_norms, strict=True)
    return float(np.mean([estimated_noise_scale([a], [b], small, big) for a, b in pairs]))


def _squared_again(small_norms: Any, big_norms: Any, small: int, big: int) -> float:
    small_squares, big_squares = (np.square(norms).tolist() for norms in (small_norms, big_norms))
    return estimated_noise_scale(small_squares, big_squares, small, big)


def _from_parts(ratio: Callable[..., float]) -> Callable[..., float]:
    """An answer made of both means, trace, signal and the batch sizes."""
    return lambda small_norms, big_norms, small, big: ratio(
        *_parts(small_norms, big_norms, small, big), small, big
    )


NOISE_RIGHT = (
    lambda small_norms, big_norms, small, big: (
        noise_scale(small_norms, big_norms, small, big).scale
    ),
    lambda small_norms, big_norms, small, big: (
        (sum(small_norms) - sum(big_norms))
        / (1 / small - 1 / big)
        / ((big * sum(big_norms) - small * sum(small_norms)) / (big - small))
    ),
    lambda small_norms, big_norms, small, big: (lambda solved: solved[1] / solved[0])(
        np.linalg.solve([[1, 1 / small], [1, 1 / big]], [np.mean(small_norms), np.mean(big_norms)])
    ),
)

NOISE_MISTAKES = (
    Mistake(
        "a mean of ratios",
        _mean_of_ratios,
        "You computed a scale for each pair and took the mean of those. A single pair may have "
        "next to no signal below the fraction: take the means of |g|² first, and divide once.",
    ),
    Mistake(
        "squares once more",
        _squared_again,
        "The numbers are squared lengths already. Use them as they are.",
    ),
    Mistake(
        "small and big exchanged",
        lambda small_norms, big_norms, small, big: estimated_noise_scale(
            small_norms, big_norms, big, small
        ),
        "The batch sizes stand in each other's place: small_norms belongs to 1/small.",
    ),
    Mistake(
        "the big batch taken for the signal",
        _from_parts(lambda low, high, trace, signal, small, big: trace / high),
        "The big batch is not noise-free: its |g|² still holds tr Σ / big. Take that away for the "
        "signal.",
    ),
    Mistake(
        "the small batch taken for the signal",
        _from_parts(lambda low, high, trace, signal, small, big: trace / low),
        "You divided by |g|² of the small batch, which is mostly noise. The signal is what is left "
        "after tr Σ / small is taken away.",
    ),
    Mistake(
        "signal with the wrong batch",
        _from_parts(lambda low, high, trace, signal, small, big: trace / (low - trace / big)),
        "You took the noise of the big batch from the norm of the small one. Both must be of the "
        "same batch: small_norm - trace / small.",
    ),
    Mistake(
        "upside down",
        _from_parts(lambda low, high, trace, signal, small, big: signal / trace),
        "That is signal over noise. The scale is noise over signal, tr Σ / |G|², and counts "
        "examples.",
    ),
    Mistake(
        "only the noise",
        _from_parts(lambda low, high, trace, signal, small, big: trace),
        "That is tr Σ, the noise of one example. Divide it by the signal |G|².",
    ),
    Mistake(
        "only the signal",
        _from_parts(lambda low, high, trace, signal, small, big: signal),
        "That is |G|², the signal. The scale is the noise over it: tr Σ / |G|².",
    ),
    Mistake(
        "the noise added",
        _from_parts(lambda low, high, trace, signal, small, big: trace / (low + trace / small)),
        "You added tr Σ / small to the norm of the small batch. It is in that norm already: take "
        "it away, and the signal is left.",
    ),
    Mistake(
        "medians for means",
        lambda small_norms, big_norms, small, big: estimated_noise_scale(
            [float(np.median(small_norms))], [float(np.median(big_norms))], small, big
        ),
        "You took the median of each list. The formula is about a mean.",
    ),
    Mistake(
        "the difference without its divisor",
        _from_parts(
            lambda low, high, trace, signal, small, big: (low - high) / (low - (low - high) / small)
        ),
        "The two norms differ by tr Σ (1/small - 1/big), not by tr Σ itself. Divide the difference "
        "by that bracket.",
    ),
    Mistake(
        "divides by a difference of batches",
        _from_parts(
            lambda low, high, trace, signal, small, big: (
                (low - high) / (big - small) / (low - (low - high) / (big - small) / small)
            )
        ),
        "The noise goes with 1/B, so the divisor is 1/small - 1/big and not big - small.",
    ),
    Mistake(
        "the bracket turned round",
        _from_parts(lambda low, high, trace, signal, small, big: -trace / (low + trace / small)),
        "Your tr Σ is negative. The small batch has the larger norm, so the divisor is 1/small - "
        "1/big, in this order.",
    ),
    Mistake(
        "the noise taken away whole",
        _from_parts(lambda low, high, trace, signal, small, big: trace / (low - trace)),
        "From the norm of the small batch you took all of tr Σ. A batch holds only tr Σ / small "
        "of it.",
    ),
    Mistake(
        "the first measurement only",
        lambda small_norms, big_norms, small, big: estimated_noise_scale(
            small_norms[:1], big_norms[:1], small, big
        ),
        "You used the first number of each list. One batch tells little: take the mean of all.",
    ),
)

# 10.5 -----------------------------------------------------------------------------------------

RULE_WORDS = ("linear", "square root", "keep", "tune")  # each is right of one of SITUATIONS


def situation_numbers(rng: np.random.Generator) -> dict[str, Any]:
    """Which situation stands where, and batches far below and far above the noise scale."""
    small, large = int(rng.choice([32, 64, 128])), int(rng.choice([4096, 8192]))
    return {
        "order": rng.permutation(4).tolist(),
        "small": small,
        "new_small": int(small * rng.choice([4, 8])),
        "high": int(rng.choice([20_000, 30_000, 50_000])),
        "large": large,
        "new_large": int(large * rng.choice([2, 4])),
        "low": int(rng.choice([150, 200, 300])),
    }


def right_rules(order: list[int], **numbers: Any) -> dict[str, str]:
    """The word for each letter."""
    return {name: RULE_WORDS[number] for name, number in zip(LETTERS, order, strict=True)}


def _said_of(*pairs: tuple[str, str]) -> Callable[..., dict[str, str]]:
    """Words given to the situations whose right words are known: ("keep", "linear")"""

    def answer(order: list[int], **numbers: Any) -> dict[str, str]:
        letter_of = {word: name for name, word in right_rules(order).items()}
        return {letter_of[right]: said for right, said in pairs}

    return answer


SITUATION_MISTAKES = (
    Mistake(
        "the rules swapped",
        _said_of(("linear", "square root"), ("square root", "linear")),
        "SGD and AdamW have each other's rule. Adam divides by the noise, so the rate does only "
        "√k; SGD divides by nothing, and takes k.",
    ),
    Mistake(
        "linear for AdamW",
        _said_of(("square root", "linear")),
        "AdamW divides by the size of the gradient, which shrinks as the batch grows: √k of the "
        "k is done there, and the rate does the other √k.",
    ),
    Mistake(
        "square root for plain SGD",
        _said_of(("linear", "square root")),
        "Keeping the noise of one update leads to √k. An epoch has fewer updates now, and keeping "
        "its noise leads to k. That is what followed the old curve in the lesson.",
    ),
    Mistake(
        "keeps the rate of plain SGD",
        _said_of(("linear", "keep")),
        "Far below the noise scale a larger batch can bear longer steps. At the same rate training "
        "falls behind, because an epoch has fewer updates.",
    ),
    Mistake(
        "keeps the rate of AdamW",
        _said_of(("square root", "keep")),
        "Adam's division does √k of the k, not all of it. Far below the noise scale the rate has "
        "to do the other √k.",
    ),
    Mistake(
        "linear far above the noise scale",
        _said_of(("keep", "linear")),
        "Compare the batch with the noise scale: it is many times as large. The best rate has "
        "stopped rising there, and the linear rule would make it too high.",
    ),
    Mistake(
        "square root far above the noise scale",
        _said_of(("keep", "square root")),
        "The square root belongs to Adam, and not to the region above the noise scale: there the "
        "best rate of SGD has stopped rising.",
    ),
    Mistake(
        "LARS does it by itself",
        _said_of(("tune", "keep")),
        "LARS rescales each layer, but keeps a rate of its own. In the lesson that rate decided "
        "over many points, and nothing says that it stays the same at another batch.",
    ),
    Mistake(
        "a rule for LARS",
        _said_of(("tune", "linear")),
        "The linear rule is about steps that grow with the gradient. LARS divides by the length of "
        "the gradient, so the argument fails: its rate is searched anew.",
    ),
    Mistake(
        "the rule of Adam for LARS",
        _said_of(("tune", "square root")),
        "The argument for the square root is about Adam's running mean of squares. LARS has none: "
        "its rate is searched anew.",
    ),
    Mistake(
        "nothing is known of plain SGD",
        _said_of(("linear", "tune")),
        "Tuning anew is never wrong, but here a first guess is known: plain SGD, far below the "
        "noise scale.",
    ),
    Mistake(
        "nothing is known of AdamW",
        _said_of(("square root", "tune")),
        "Tuning anew is never wrong, but here a first guess is known: Adam's division, far below "
        "the noise scale.",
    ),
    Mistake(
        "nothing is known far above the noise scale",
        _said_of(("keep", "tune")),
        "Tuning anew is never wrong, but here a first guess is known: the batch is many times the "
        "noise scale.",
    ),
)

# ----------------------------------------------------------------------------------------------

TASKS = (
    FunctionTask(
        id="10.1",
        title="Both rules",
        kind="implement",
        minutes=4,
        difficulty=1,
        points=2,
        reference=carry_over,
        cases=carry_over_cases,
        also_right=CARRY_OVER_RIGHT,
        mistakes=CARRY_OVER_MISTAKES,
        hints=(
            "How many times the batch is the new one? Call that k.",
            "SGD divides by nothing, Adam divides by the size of the gradient. Which of them has "
            "done a part of the k already?",
            "SGD takes k times the rate, Adam k ** 0.5 times. The momentum is returned as it came.",
        ),
    ),
    FunctionTask(
        id="10.2",
        title="The warmup in updates",
        kind="compute",
        minutes=5,
        difficulty=1,
        points=2,
        reference=warmup_updates,
        cases=warmup_cases,
        also_right=WARMUP_RIGHT,
        mistakes=WARMUP_MISTAKES,
        hints=(
            "How many examples does the whole warmup see?",
            "How many examples does one update take, when it adds up `accumulate` passes?",
            "Divide the first by the second, and round down once.",
        ),
    ),
    FunctionTask(
        id="10.3",
        title="One rate for each layer",
        kind="repair",
        minutes=9,
        difficulty=2,
        points=3,
        reference=layer_rates,
        cases=layer_cases,
        also_right=LAYER_RIGHT,
        mistakes=LAYER_MISTAKES,
        untouched=one_rate_for_all,
        hints=(
            "The code joins all layers before it takes the lengths. Whose lengths are needed?",
            "Go through both lists together: for w, g in zip(weights, gradients).",
            "In the loop: q = trust * np.linalg.norm(w) / np.linalg.norm(g), or 1 where one of the "
            "lengths is 0. Append lr * q.",
        ),
    ),
    FunctionTask(
        id="10.4",
        title="Estimate the noise scale",
        kind="compute",
        minutes=9,
        difficulty=3,
        points=3,
        reference=estimated_noise_scale,
        cases=noise_cases,
        also_right=NOISE_RIGHT,
        mistakes=NOISE_MISTAKES,
        hints=(
            "Take the mean of each list. Each mean gives one equation with the same two unknowns, "
            "|G|² and tr Σ.",
            "Subtract the equations: |G|² falls out, and tr Σ (1/small - 1/big) is left.",
            "Put tr Σ into one of the equations for |G|², then return tr Σ / |G|².",
        ),
    ),
    ValuesTask(
        id="10.5",
        title="Which rule?",
        kind="decide",
        minutes=5,
        difficulty=2,
        points=2,
        draw=situation_numbers,
        answers=right_rules,
        words=RULE_WORDS,
        mistakes=SITUATION_MISTAKES,
        hints=(
            "Ask two things each time: which optimizer is it, and where do the batches lie beside "
            "the noise scale?",
            "Far above the noise scale the best rate of SGD does not move. Far below it, each of "
            "two optimizers has its rule, and for one optimizer there is none.",
        ),
    ),
    choice(
        "10.6",
        "The warmup of a larger batch",
        right="c",
        feedback={
            "a": "Many notes say that a larger batch needs a longer warmup. This recipe keeps its "
            "5 epochs, and with eight times the batch an epoch has an eighth of the updates.",
            "b": "That is the custom for Adam, whose running means settle in updates. This recipe "
            "is for SGD, and counts its warmup in epochs.",
            "d": "The linear rule makes the rate higher, and a high rate early in training is what "
            "needs the warmup. In Bag of Tricks the rule alone lost accuracy.",
        },
        hints=("What does the recipe keep the same, and how many updates does that have now?",),
    ),
)
