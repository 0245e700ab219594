"""Section 02, exponential decay and its relatives: seven tasks and the known wrong answers."""

import math
from functools import partial
from typing import Any

import numpy as np
import torch

from lrcourse.schedules import ExponentialDecay
from lrcourse.tasks.base import Case, FunctionTask, Mistake, ValuesTask, Within, choice

# 02.1 -----------------------------------------------------------------------------------------


def exponential_decay(t: int, peak_lr: float, gamma: float) -> float:
    """η_peak γ^t"""
    return peak_lr * gamma**t


def gamma_cases(rng: np.random.Generator) -> list[Case]:
    """Halves first, then numbers that nobody can guess."""
    simple = Case({"peak_lr": 1.0, "gamma": 0.5}, range(7))
    return [simple, *(Case(_gamma_arguments(rng), range(40)) for _ in range(3))]


def _gamma_arguments(rng: np.random.Generator) -> dict[str, Any]:
    return {"peak_lr": round(rng.uniform(0.05, 0.8), 3), "gamma": round(rng.uniform(0.6, 0.97), 3)}


def _running_product(t: int, peak_lr: float, gamma: float) -> float:
    lr = peak_lr
    for step in range(1, t + 1):
        lr = lr * gamma**step
    return lr


def _running_rate(t: int, peak_lr: float, gamma: float) -> float:
    lr = peak_lr
    for _step in range(t):
        lr = lr * gamma
    return lr


GAMMA_RIGHT = (
    _running_rate,
    lambda t, peak_lr, gamma: ExponentialDecay(peak_lr, gamma)(t),
    lambda t, peak_lr, gamma: peak_lr * math.exp(t * math.log(gamma)),
    lambda t, peak_lr, gamma: peak_lr * np.power(gamma, np.arange(t + 1))[-1],
    lambda t, peak_lr, gamma: torch.tensor(peak_lr) * torch.tensor(gamma) ** t,
)

GAMMA_MISTAKES = (
    Mistake(
        "γ·t for γ^t",
        lambda t, peak, gamma: peak * gamma * t,
        "γ·t is a product: it starts at 0 and grows. The factor comes once for every update made, "
        "so t is an exponent; in Python, gamma**t.",
    ),
    Mistake(
        "decays before the first update",
        lambda t, peak, gamma: peak * gamma ** (t + 1),
        "With t + 1 the first update is below the peak already. t counts the updates made, so the "
        "first has t = 0 and γ^0 = 1.",
    ),
    Mistake(
        "one update late",
        lambda t, peak, gamma: peak * gamma ** max(t - 1, 0),
        "Your first two updates both have the peak, as if t counted from 1. It starts at 0.",
    ),
    Mistake(
        "begins above the peak",
        lambda t, peak, gamma: peak * gamma ** (t - 1),
        "At t = 0 your exponent is -1, so the rate begins above the peak. t counts the updates "
        "made: the exponent is t itself.",
    ),
    Mistake(
        "γ^t on a rate that has already decayed",
        _running_product,
        "γ^t holds all factors so far, so on a decayed rate the earlier ones count twice. Multiply "
        "the peak by γ^t, or the running rate by γ.",
    ),
    Mistake(
        "subtracts instead of multiplying",
        lambda t, peak, gamma: peak * (1 - (1 - gamma) * t),
        "You take away the same amount each time, which is a straight line and becomes negative. "
        "Each update multiplies the current rate by γ.",
    ),
    Mistake(
        "the peak inside the power",
        lambda t, peak, gamma: (peak * gamma) ** t,
        "The brackets raise the peak to the power of t as well. Only γ is repeated: "
        "peak_lr * gamma**t.",
    ),
    Mistake(
        "γ only once",
        lambda t, peak, gamma: peak * gamma if t > 0 else peak,
        "Your rate falls once and then stays. Every update multiplies it again.",
    ),
    Mistake(
        "γ taken for k",
        lambda t, peak, gamma: peak * math.exp(-gamma * t),
        "You used γ as the decay constant. In the form with e it is k = -ln γ.",
    ),
    Mistake(
        "grows",
        lambda t, peak, gamma: peak * gamma ** (-t),
        "Your rate grows. γ is below 1, so γ^t falls as it is; a minus sign or a "
        "division turns it around.",
    ),
    Mistake(
        "base and exponent swapped",
        lambda t, peak, gamma: peak * t**gamma,
        "t^γ has the two in each other's place. γ is what is multiplied, t says how often.",
    ),
    Mistake(
        "1 - γ for γ",
        lambda t, peak, gamma: peak * (1 - gamma) ** t,
        "You kept what each update takes away. γ is what is left of the rate: 0.9 leaves nine "
        "tenths.",
    ),
    Mistake(
        "without the peak",
        lambda t, peak, gamma: gamma**t,
        "Your rate starts at 1. It starts at the peak: multiply by peak_lr.",
    ),
    Mistake(
        "subtracts γ",
        lambda t, peak, gamma: peak - gamma * t,
        "You take γ away at each update. Each update multiplies the rate by γ.",
    ),
    Mistake(
        "subtracts 1 - γ",
        lambda t, peak, gamma: peak - (1 - gamma) * t,
        "You take away the same amount each time, which is a straight line and becomes negative. "
        "Each update multiplies the current rate by γ.",
    ),
    Mistake(
        "k = 1 - γ",
        lambda t, peak, gamma: peak * math.exp(-(1 - gamma) * t),
        "You took 1 - γ as the decay constant, which is close to it only for γ near 1. Take γ^t "
        "itself, or k = -ln γ.",
    ),
)

# 02.2 -----------------------------------------------------------------------------------------


def exponential_from_k(t: int, peak_lr: float, k: float) -> float:
    """η_peak e^(-k t)"""
    return peak_lr * math.exp(-k * t)


def k_cases(rng: np.random.Generator) -> list[Case]:
    """A k that is large enough to tell 1 - k from e^-k."""
    simple = Case({"peak_lr": 1.0, "k": 0.5}, range(7))
    return [simple, *(Case(_k_arguments(rng), range(40)) for _ in range(3))]


def _k_arguments(rng: np.random.Generator) -> dict[str, Any]:
    return {"peak_lr": round(rng.uniform(0.05, 0.8), 3), "k": round(rng.uniform(0.03, 0.4), 3)}


K_RIGHT = (
    lambda t, peak_lr, k: ExponentialDecay.from_k(peak_lr, k)(t),
    lambda t, peak_lr, k: peak_lr * math.exp(-k) ** t,
    lambda t, peak_lr, k: peak_lr / math.e ** (k * t),
    lambda t, peak_lr, k: peak_lr * np.exp(-k * np.array(t)),
    lambda t, peak_lr, k: torch.tensor(peak_lr) * torch.exp(torch.tensor(-k * t)),
)


def _with_base(base: float, t: int, peak: float, k: float) -> float:
    return peak * base ** (-k * t)


K_MISTAKES = (
    Mistake(
        "e^(kt) for e^(-kt)",
        lambda t, peak, k: peak * math.exp(k * t),
        "Your rate grows. k is positive, so the exponent needs a minus: e^(-kt).",
    ),
    Mistake(
        "γ = 1 - k",
        lambda t, peak, k: peak * (1 - k) ** t,
        "1 - k is close to e^(-k) only while k is small, and here it is not. γ is e^(-k).",
    ),
    Mistake(
        "k taken for γ",
        lambda t, peak, k: peak * k**t,
        "You used k as the factor of each update. The factor is γ = e^(-k).",
    ),
    Mistake(
        "10 for e",
        lambda t, peak, k: peak * 10 ** (-k * t),
        "You took a power of 10. The base is e: math.exp(-k * t).",
    ),
    Mistake(
        "inverse time",
        lambda t, peak, k: peak / (1 + k * t),
        "That is a relative, inverse time. It begins as steeply and then falls more slowly than "
        "e^(-kt).",
    ),
    Mistake(
        "decays before the first update",
        lambda t, peak, k: peak * math.exp(-k * (t + 1)),
        "With t + 1 the first update is below the peak already. The first has t = 0, and e^0 = 1.",
    ),
    Mistake(
        "one update late",
        lambda t, peak, k: peak * math.exp(-k * max(t - 1, 0)),
        "Your first two updates both have the peak, as if t counted from 1. It starts at 0.",
    ),
    Mistake(
        "a straight line",
        lambda t, peak, k: peak * (1 - k * t),
        "1 - kt is only how the curve begins. It goes on as e^(-kt) and never becomes negative.",
    ),
    Mistake(
        "k taken for a half-life",
        lambda t, peak, k: peak * 0.5 ** (t / k),
        "You read k as the half-life. It is the other way round: the half-life is ln 2 / k.",
    ),
    Mistake(
        "t outside the power",
        lambda t, peak, k: peak * math.exp(-k) * t,
        "t stands outside the power: in Python e ** -k * t is (e ** -k) * t. It belongs to the "
        "exponent: math.exp(-k * t).",
    ),
    Mistake(
        "divided by k",
        lambda t, peak, k: peak * math.exp(-t / k),
        "You divided t by k. A larger k means a faster fall, so it multiplies: e^(-kt).",
    ),
    Mistake(
        "2 for e",
        lambda t, peak, k: peak * 2 ** (-k * t),
        "You took a power of 2, as if the rate halved after 1/k updates. The base is e.",
    ),
    Mistake(
        "without the peak",
        lambda t, peak, k: math.exp(-k * t),
        "Your rate starts at 1. It starts at the peak: multiply by peak_lr.",
    ),
    Mistake(
        "t is forgotten",
        lambda t, peak, k: peak * math.exp(-k),
        "There is no t in your exponent, so the rate never changes. It is e^(-kt).",
    ),
    Mistake(
        "γ = -ln k",
        lambda t, peak, k: peak * (-math.log(k)) ** t,
        "You went the wrong way: k = -ln γ, so γ = e^(-k).",
    ),
    Mistake(
        "e times the exponent",
        lambda t, peak, k: peak * math.e * (-k * t),
        "You multiplied e by the exponent. e to the power of it is math.exp(-k * t).",
    ),
    *(
        Mistake(
            f"e is rounded to {base}",
            partial(_with_base, base),
            "The formula is right, but e has more digits than you gave it: math.exp(-k * t) knows "
            "them.",
        )
        for base in (2.7, 2.72, 2.718)
    ),
)

# 02.3 -----------------------------------------------------------------------------------------


def gamma_for(peak_lr: float, last_lr: float, steps: int) -> float:
    """(η_last / η_peak)^(1/T)"""
    return (last_lr / peak_lr) ** (1 / steps)


def target_cases(rng: np.random.Generator) -> list[Case]:
    """A fall to an eighth in three updates first."""
    simple = Case({"peak_lr": 0.8, "last_lr": 0.1, "steps": 3})
    return [simple, *(Case(_target_arguments(rng)) for _ in range(6))]


def _target_arguments(rng: np.random.Generator) -> dict[str, Any]:
    peak_lr = round(rng.uniform(0.05, 0.8), 3)
    return {
        "peak_lr": peak_lr,
        "last_lr": round(peak_lr * rng.uniform(0.005, 0.2), 5),
        "steps": int(rng.integers(5, 60)),
    }


TARGET_RIGHT = (
    lambda peak_lr, last_lr, steps: math.exp(math.log(last_lr / peak_lr) / steps),
    lambda peak_lr, last_lr, steps: 10 ** (math.log10(last_lr / peak_lr) / steps),
    lambda peak_lr, last_lr, steps: 1 / (peak_lr / last_lr) ** (1 / steps),
    lambda peak_lr, last_lr, steps: np.power(last_lr / peak_lr, 1 / steps),
    lambda peak_lr, last_lr, steps: np.geomspace(peak_lr, last_lr, steps + 1)[1] / peak_lr,
    lambda peak_lr, last_lr, steps: torch.tensor(last_lr / peak_lr) ** (1 / steps),
)


def _rounded(digits: int, peak: float, last: float, steps: int) -> float:
    return round(gamma_for(peak, last, steps), digits)


TARGET_MISTAKES = (
    Mistake(
        "ratio upside down",
        lambda peak, last, steps: (peak / last) ** (1 / steps),
        "Your γ is above 1, so the rate would grow. Divide the last rate by the peak.",
    ),
    Mistake(
        "without the root",
        lambda peak, last, steps: last / peak,
        "That is the whole fall, in one update. It has to spread over T updates: take the T-th "
        "root.",
    ),
    Mistake(
        "divided by T",
        lambda peak, last, steps: last / peak / steps,
        "You divide by T where a T-th root is needed. Perhaps it is the brackets: Python reads "
        "x ** 1 / T as (x ** 1) / T. Write x ** (1 / T).",
    ),
    Mistake(
        "the T-th power for the T-th root",
        lambda peak, last, steps: (last / peak) ** steps,
        "That repeats the whole fall T times. You want a part of it, T times: the power is 1/T.",
    ),
    Mistake(
        "ignores the peak",
        lambda peak, last, steps: last ** (1 / steps),
        "Your γ is right for a peak of 1. The fall is the last rate divided by the peak.",
    ),
    Mistake(
        "log10 for ln",
        lambda peak, last, steps: math.exp(math.log10(last / peak) / steps),
        "You mixed two logarithms: exp belongs to ln, which Python calls math.log. log10 belongs "
        "to powers of 10.",
    ),
    Mistake(
        "k for γ",
        lambda peak, last, steps: -math.log(last / peak) / steps,
        "That is the decay constant k. The task asks for γ = e^(-k).",
    ),
    Mistake(
        "the logarithm of γ",
        lambda peak, last, steps: math.log(last / peak) / steps,
        "That is ln γ, a negative number. e to the power of it is γ.",
    ),
    Mistake(
        "γ = 1 - k",
        lambda peak, last, steps: 1 + math.log(last / peak) / steps,
        "1 - k is close to γ only where k is small. Exactly, γ is e^(-k).",
    ),
    Mistake(
        "T - 1 updates",
        lambda peak, last, steps: (last / peak) ** (1 / (steps - 1)),
        "You spread the fall over T - 1 factors. At t = T, after T updates, the rate was "
        "multiplied T times.",
    ),
    Mistake(
        "T + 1 updates",
        lambda peak, last, steps: (last / peak) ** (1 / (steps + 1)),
        "You spread the fall over T + 1 factors. At t = T the rate was multiplied T times.",
    ),
    Mistake(
        "the share of a straight line",
        lambda peak, last, steps: 1 - (1 - last / peak) / steps,
        "You divided the fall into T equal amounts, as on a straight line. Here each update takes "
        "the same share of what is left.",
    ),
    Mistake(
        "the loss of a straight line",
        lambda peak, last, steps: (peak - last) / steps,
        "That is what a straight line takes away at each update. γ is a factor: each update leaves "
        "the same share.",
    ),
    Mistake(
        "what a straight line leaves",
        lambda peak, last, steps: 1 - (peak - last) / steps,
        "That is what a straight line takes away at each update. γ is a factor: each update leaves "
        "the same share.",
    ),
    Mistake(
        "the root of the peak alone",
        lambda peak, last, steps: last / peak ** (1 / steps),
        "Python takes the power first, so the root is that of the peak alone. Put the ratio in "
        "brackets: (last_lr / peak_lr) ** (1 / steps).",
    ),
    Mistake(
        "// for /",
        lambda peak, last, steps: (last / peak) ** (1 // steps),
        "In Python 1 // steps is 0, and any number to the power 0 is 1. Divide with /.",
    ),
    *(
        Mistake(
            f"rounded to {digits} digits",
            partial(_rounded, digits),
            "Nearly: you rounded γ. It is multiplied T times, so do not round it at all.",
        )
        for digits in (2, 3, 4)
    ),
)

# 02.4 -----------------------------------------------------------------------------------------


def travel(peak_lr: float, gamma: float, steps: int) -> float:
    """η_peak (1 + γ + ... + γ^(T-1)) = η_peak (1 - γ^T) / (1 - γ)"""
    return peak_lr * (1 - gamma**steps) / (1 - gamma)


def travel_cases(rng: np.random.Generator) -> list[Case]:
    """Three updates first; the last training is so long that the end no longer counts, but not
    too long for a function that calls itself once for each update."""
    simple = Case({"peak_lr": 0.8, "gamma": 0.5, "steps": 3})
    long = Case({"peak_lr": 0.1, "gamma": 0.9, "steps": 400})
    return [simple, *(Case(_travel_arguments(rng)) for _ in range(5)), long]


def _travel_arguments(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "peak_lr": round(rng.uniform(0.05, 0.8), 3),
        "gamma": round(rng.uniform(0.6, 0.98), 3),
        "steps": int(rng.integers(5, 40)),
    }


def _travel_from_here(peak_lr: float, gamma: float, steps: int) -> float:
    if steps == 0:
        return 0
    return peak_lr + _travel_from_here(peak_lr * gamma, gamma, steps - 1)


TRAVEL_RIGHT = (
    _travel_from_here,
    lambda peak_lr, gamma, steps: sum(peak_lr * gamma**t for t in range(steps)),
    lambda peak_lr, gamma, steps: ExponentialDecay(peak_lr, gamma)(np.arange(steps)).sum(),
    lambda peak_lr, gamma, steps: (peak_lr - peak_lr * gamma**steps) / (1 - gamma),
    lambda peak_lr, gamma, steps: (
        peak_lr * (torch.tensor(gamma, dtype=torch.float64) ** torch.arange(steps)).sum()
    ),
)

TRAVEL_MISTAKES = (
    Mistake(
        "the travel of a training without end",
        lambda peak, gamma, steps: peak / (1 - gamma),
        "That is all the travel there could ever be. The training stops after T updates, so take "
        "away what lies beyond: γ^T of it.",
    ),
    Mistake(
        "one update too many",
        lambda peak, gamma, steps: peak * (1 - gamma ** (steps + 1)) / (1 - gamma),
        "You added T + 1 rates. T updates are t = 0 ... T-1, which is range(steps).",
    ),
    Mistake(
        "one update too few",
        lambda peak, gamma, steps: peak * (1 - gamma ** (steps - 1)) / (1 - gamma),
        "You added T - 1 rates. T updates are t = 0 ... T-1, which is range(steps).",
    ),
    Mistake(
        "starts at γ",
        lambda peak, gamma, steps: peak * gamma * (1 - gamma**steps) / (1 - gamma),
        "Your first rate is already multiplied by γ. The first update has t = 0 and the peak.",
    ),
    Mistake(
        "the first update is left out",
        lambda peak, gamma, steps: peak * (gamma - gamma**steps) / (1 - gamma),
        "The rate of the first update, the peak itself, is missing. The sum goes from t = 0 to "
        "T - 1, which is range(steps).",
    ),
    Mistake(
        "γ^t on a rate that has already decayed",
        lambda peak, gamma, steps: sum(peak * gamma ** (t * (t - 1) // 2) for t in range(steps)),
        "Your loop multiplies the running rate by γ^t, so the earlier factors count twice. "
        "Multiply the running rate by γ, or the peak by γ^t.",
    ),
    Mistake(
        "only the last rate",
        lambda peak, gamma, steps: peak * gamma**steps,
        "That is the rate after T updates. The travel is the sum of all rates on the way.",
    ),
    Mistake(
        "only the rate of the last update",
        lambda peak, gamma, steps: peak * gamma ** (steps - 1),
        "That is the rate of the last update. The travel is the sum of all rates.",
    ),
    Mistake(
        "the mean for the sum",
        lambda peak, gamma, steps: peak * (1 - gamma**steps) / (1 - gamma) / steps,
        "That is the mean rate. The travel is the sum over all T updates.",
    ),
    Mistake(
        "ignores the peak",
        lambda peak, gamma, steps: (1 - gamma**steps) / (1 - gamma),
        "That is the sum of 1 + γ + γ² + ..., for a peak of 1. Multiply it by the peak.",
    ),
    Mistake(
        "the travel of a constant rate",
        lambda peak, gamma, steps: peak * steps,
        "That would be the travel if the rate stayed at its peak.",
    ),
    Mistake(
        "not divided by 1 - γ",
        lambda peak, gamma, steps: peak * (1 - gamma**steps),
        "1 - γ^T is the share of the whole travel that T updates make. The whole is "
        "η_peak/(1 - γ).",
    ),
    Mistake(
        "the mean of first and last",
        lambda peak, gamma, steps: steps * peak * (1 + gamma ** (steps - 1)) / 2,
        "Half of first plus last, times T, is right for a straight line. This curve sags below it.",
    ),
    Mistake(
        "the area under the smooth curve",
        lambda peak, gamma, steps: peak * (1 - gamma**steps) / -math.log(gamma),
        "You integrated e^(-kt). The rate is held for a whole update each time, so it is a sum: "
        "divide by 1 - γ, not by k.",
    ),
    Mistake(
        "brackets forgotten",
        lambda peak, gamma, steps: peak * (1 - gamma**steps) / 1 - gamma,
        "Python divides by 1 first and takes γ away then. Put 1 - gamma in brackets.",
    ),
    Mistake(
        "brackets forgotten around 1 - γ^T",
        lambda peak, gamma, steps: peak * 1 - gamma**steps / (1 - gamma),
        "Python multiplies and divides before it subtracts. Put 1 - gamma**steps in brackets, too.",
    ),
    Mistake(
        "γ - 1 below the line",
        lambda peak, gamma, steps: peak * (1 - gamma**steps) / (gamma - 1),
        "Your travel is negative. Above the line stands 1 - γ^T, so below it stands 1 - γ.",
    ),
    Mistake(
        "only the first rate",
        lambda peak, gamma, steps: peak,
        "That is the rate of the first update alone. Does a return stand inside the loop? Then it "
        "ends there: move it behind the loop.",
    ),
)

# 02.5 -----------------------------------------------------------------------------------------


def train(epochs: int, batches: int, peak_lr: float, gamma: float) -> list[float]:
    """The factor of one update is γ^(1/batches): the rates are η_peak γ^(t/batches)"""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma ** (1 / batches))
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
    return rates


def with_factor(factor: float, epochs: int, batches: int, peak_lr: float) -> list[float]:
    """The rates of the loop in which every update multiplies by this factor."""
    return [peak_lr * factor**t for t in range(epochs * batches)]


def wrong_clock(epochs: int, batches: int, peak_lr: float, gamma: float) -> list[float]:
    """What the exercise hands out: the factor of an epoch, at every batch."""
    return with_factor(gamma, epochs, batches, peak_lr)


def _stairs(epochs: int, batches: int, peak_lr: float, gamma: float, root: bool = False) -> Any:
    factor = gamma ** (1 / batches) if root else gamma
    return [peak_lr * factor**epoch for epoch in range(epochs) for _ in range(batches)]


def clock_cases(rng: np.random.Generator) -> list[Case]:
    """Never as many epochs as batches, so that the two cannot be mixed up unseen."""
    arguments: list[dict[str, Any]] = [
        {"epochs": 3, "batches": 4, "peak_lr": 1.0, "gamma": 0.5},
    ]
    for _ in range(3):
        epochs = int(rng.integers(2, 5))
        batches = epochs + int(rng.integers(2, 6))
        peak_lr, gamma = round(rng.uniform(0.05, 0.8), 3), round(rng.uniform(0.4, 0.9), 2)
        arguments.append({"epochs": epochs, "batches": batches, "peak_lr": peak_lr, "gamma": gamma})
    return [Case(each) for each in arguments]


CLOCK_RIGHT = (
    lambda epochs, batches, peak_lr, gamma: [
        peak_lr * gamma ** (t / batches) for t in range(epochs * batches)
    ],
    lambda epochs, batches, peak_lr, gamma: ExponentialDecay(peak_lr, gamma, step_size=batches)(
        np.arange(epochs * batches)
    ),
    lambda epochs, batches, peak_lr, gamma: with_factor(
        math.exp(math.log(gamma) / batches), epochs, batches, peak_lr
    ),
    lambda epochs, batches, peak_lr, gamma: (
        peak_lr * torch.tensor(gamma) ** (torch.arange(epochs * batches) / batches)
    ),
)

CLOCK_MISTAKES = (
    Mistake(
        "falls once per epoch",
        _stairs,
        "The clock is right, but these are stairs. The rate should fall a little at every update: "
        "keep scheduler.step() where it was and take the root of γ.",
    ),
    Mistake(
        "the root, and once per epoch",
        partial(_stairs, root=True),
        "You repaired it twice: the root of γ belongs to one batch, but now scheduler.step() runs "
        "once per epoch. Leave the call among the batches.",
    ),
    Mistake(
        "γ divided by the batches",
        lambda epochs, batches, peak, gamma: with_factor(gamma / batches, epochs, batches, peak),
        "The factors multiply each other, so a part of γ is a root: γ^(1/batches). Mind the "
        "brackets: Python reads x ** 1 / n as (x ** 1) / n.",
    ),
    Mistake(
        "the power for the root",
        lambda epochs, batches, peak, gamma: with_factor(gamma**batches, epochs, batches, peak),
        "γ^batches falls even faster: that is the factor of many epochs. You need the root, "
        "γ^(1/batches).",
    ),
    Mistake(
        "an equal share of the fall",
        lambda epochs, batches, peak, gamma: with_factor(
            1 - (1 - gamma) / batches, epochs, batches, peak
        ),
        "Close, but an epoch of these factors falls by less than γ. Exactly, it is the root: "
        "γ^(1/batches).",
    ),
    Mistake(
        "the root of the epochs",
        lambda epochs, batches, peak, gamma: with_factor(
            gamma ** (1 / epochs), epochs, batches, peak
        ),
        "You took the root for the number of epochs. γ has to be shared by the batches of one "
        "epoch.",
    ),
    Mistake(
        "the root of the whole run",
        lambda epochs, batches, peak, gamma: with_factor(
            gamma ** (1 / (epochs * batches)), epochs, batches, peak
        ),
        "Your rate falls by γ over the whole run. It should fall by γ in every epoch: the root "
        "for the batches of one epoch.",
    ),
    Mistake(
        "one update early",
        lambda epochs, batches, peak, gamma: [
            peak * gamma ** ((t + 1) / batches) for t in range(epochs * batches)
        ],
        "Each rate comes one update early: it is recorded after scheduler.step(). First record, "
        "then update, then step the scheduler.",
    ),
    Mistake(
        "one rate per epoch",
        lambda epochs, batches, peak, gamma: [peak * gamma**epoch for epoch in range(epochs)],
        "You record one rate per epoch. The task asks for the rate of every update: "
        "epochs x batches numbers.",
    ),
    Mistake(
        "the rate never falls",
        lambda epochs, batches, peak, gamma: [peak] * (epochs * batches),
        "The rate never falls: scheduler.step() is not called any more, or its factor is 1 (in "
        "Python 1 // batches is 0).",
    ),
    Mistake(
        "γ times the batches",
        lambda epochs, batches, peak, gamma: with_factor(gamma * batches, epochs, batches, peak),
        "The factors multiply each other, so a part of γ is a root: γ^(1/batches).",
    ),
    Mistake(
        "the root of one batch less",
        lambda epochs, batches, peak, gamma: with_factor(
            gamma ** (1 / (batches - 1)), epochs, batches, peak
        ),
        "From the first update of an epoch to the first of the next there are as many factors as "
        "batches, not one less: γ^(1/batches).",
    ),
)

# 02.6 -----------------------------------------------------------------------------------------


def line_numbers(rng: np.random.Generator) -> dict[str, Any]:
    """What made the line: a peak that is not 1, and a factor far enough from 1."""
    return {
        "peak_lr": float(rng.choice([0.2, 0.4, 0.5])),
        "gamma": float(rng.choice([0.65, 0.7, 0.8, 0.85])),
    }


ROUGH_LESSON = (
    "Your k is near. A small error of γ is a larger one of k: divide by the peak before you take "
    "the root, read two points farther apart, and do not round γ before its logarithm."
)
ROUGH_HIGH_LESSON = (
    "Your k is near. It is -ln γ, not 1 - γ. If you took that, γ is too rough for it: read two "
    "points farther apart, and each where its stair begins."
)
BOTH_LOW_LESSON = (
    "Both are near, but not near enough. Take two points far apart, t = 0 and t = 20, and divide "
    "the second rate by the first before you take the root."
)
BOTH_HIGH_LESSON = (
    "Both are near, but not near enough. Take two points far apart, t = 0 and t = 20, and read "
    "each rate where its stair begins."
)
TENTH_LESSON = (
    "You divided the fall over ten updates by ten. The factors multiply each other: take the "
    "tenth root, x ** (1 / 10)."
)
MINUS_LESSON = "1 - γ is close to k only while γ is near 1. Here it is not: k = -ln γ."


def _k_of(gamma: float) -> float:
    return -math.log(gamma)


def _one_minus(low: float, high: float, peak_lr: float, gamma: float) -> dict[str, Any]:
    """γ as it was read, and 1 - γ for k: near enough that k is neither -ln γ nor right."""
    return {
        "gamma": Within(low * gamma, high * gamma),
        "k": Within(1 - high * gamma, min(1 - low * gamma, 0.947 * _k_of(gamma))),
    }


def _fall_over(updates: int, peak_lr: float, gamma: float) -> dict[str, Any]:
    """No root taken: γ is the fall over so many updates, and k belongs to that γ."""
    fall, error = gamma**updates, 0.15 if updates > 10 else 0.07
    return {
        "gamma": Within((1 - error) * fall, (1 + error) * fall),
        "k": Within(_k_of((1 + error) * fall), _k_of((1 - error) * fall)),
    }


LINE_MISTAKES = (
    Mistake(
        "γ read over ten updates",
        lambda peak_lr, gamma: {"gamma": gamma**10},
        "That is the fall over ten updates. γ is the fall of one: take the tenth root.",
    ),
    Mistake(
        "divided by ten for the tenth root",
        lambda peak_lr, gamma: {"gamma": gamma**10 / 10},
        TENTH_LESSON,
    ),
    Mistake(
        "divided by ten for the tenth root, and k from that",
        lambda peak_lr, gamma: {
            "gamma": gamma**10 / 10,
            "k": Within(_k_of(1.04 * gamma**10 / 10), _k_of(0.96 * gamma**10 / 10)),
        },
        TENTH_LESSON,
    ),
    Mistake(
        "a root without the peak",
        lambda peak_lr, gamma: {
            "gamma": gamma * peak_lr**0.1,
            "k": -math.log(gamma * peak_lr**0.1),
        },
        "It looks as if you took the tenth root of the rate at t = 10. Divide that rate by the "
        "peak first.",
    ),
    Mistake(
        "γ read as what is lost",
        lambda peak_lr, gamma: {"gamma": 1 - gamma},
        "That is the share that each update takes away. γ is what is left of the rate.",
    ),
    Mistake(
        "not divided by the peak",
        lambda peak_lr, gamma: {"gamma": peak_lr * gamma},
        "That is the rate of the second update. γ is a ratio: divide it by the first.",
    ),
    Mistake(
        "γ upside down",
        lambda peak_lr, gamma: {"gamma": 1 / gamma},
        "That is the old rate divided by the new one. γ is new rate / old rate, below 1.",
    ),
    Mistake(
        "k = 1 - γ",
        partial(_one_minus, 0.982, 1.007),
        MINUS_LESSON,
    ),
    Mistake(
        "k = 1 - γ, with a γ that is a little high",
        partial(_one_minus, 1.007, 1.018),
        MINUS_LESSON,
    ),
    Mistake(
        "log10 for ln",
        lambda peak_lr, gamma: {"k": -math.log10(gamma)},
        "That is the logarithm to the base 10, perhaps because of the axis. k needs the natural "
        "one, which Python calls math.log.",
    ),
    Mistake(
        "k with the wrong sign",
        lambda peak_lr, gamma: {"k": math.log(gamma)},
        "ln γ is negative because γ is below 1. The minus of e^(-kt) is not part of k: k = -ln γ.",
    ),
    Mistake(
        "e^(-γ) for k",
        lambda peak_lr, gamma: {"gamma": gamma, "k": math.exp(-gamma)},
        "You went the wrong way: γ = e^(-k), so k is minus the logarithm of γ.",
    ),
    Mistake(
        "the half-life for k",
        lambda peak_lr, gamma: {"gamma": gamma, "k": math.log(2) / -math.log(gamma)},
        "That is the half-life, ln 2 / k. The task asks for k itself.",
    ),
    Mistake(
        "γ and k swapped",
        lambda peak_lr, gamma: {"gamma": -math.log(gamma), "k": gamma},
        "The two numbers stand in each other's place.",
    ),
    Mistake(
        "γ for k",
        lambda peak_lr, gamma: {"gamma": gamma, "k": gamma},
        "You gave γ twice. k stands in the form with e: γ = e^(-k), so k = -ln γ.",
    ),
    Mistake(
        "1/k for k",
        lambda peak_lr, gamma: {"gamma": gamma, "k": -1 / math.log(gamma)},
        "After so many updates the rate has fallen to 1/e of the peak. k is 1 divided by that.",
    ),
    Mistake(
        "γ in per cent",
        lambda peak_lr, gamma: {"gamma": 100 * gamma},
        "That is γ in per cent. γ is a share, new rate / old rate, below 1.",
    ),
    Mistake(
        "a γ that is too rough for k",
        lambda peak_lr, gamma: {"k": Within(1.0527 * _k_of(gamma), _k_of(0.95 * gamma))},
        ROUGH_LESSON,
    ),
    Mistake(
        "a γ that is too rough for k, and high",
        lambda peak_lr, gamma: {
            "gamma": Within(1.0075 * gamma, 1.05 * gamma),
            "k": Within(_k_of(1.05 * gamma), 0.951 * _k_of(gamma)),
        },
        ROUGH_HIGH_LESSON,
    ),
    Mistake(
        "both are read too roughly, and γ is low",
        lambda peak_lr, gamma: {
            "gamma": Within(0.88 * gamma, 0.9499 * gamma),
            "k": Within(_k_of(0.9499 * gamma), _k_of(0.88 * gamma)),
        },
        BOTH_LOW_LESSON,
    ),
    Mistake(
        "both are read too roughly, and γ is high",
        lambda peak_lr, gamma: {
            "gamma": Within(1.0501 * gamma, 1.12 * gamma),
            "k": Within(_k_of(1.12 * gamma), _k_of(1.0501 * gamma)),
        },
        BOTH_HIGH_LESSON,
    ),
    *(
        Mistake(
            f"γ read over {updates} updates",
            partial(_fall_over, updates),
            f"That is the fall over {updates} updates. γ is the fall of one: take the root, "
            f"x ** (1 / {updates}), and then k from that γ.",
        )
        for updates in (5, 15, 20)
    ),
)

# ----------------------------------------------------------------------------------------------

TASKS = (
    FunctionTask(
        id="02.1",
        title="Exponential decay",
        kind="implement",
        minutes=3,
        difficulty=1,
        points=1,
        reference=exponential_decay,
        cases=gamma_cases,
        also_right=GAMMA_RIGHT,
        mistakes=GAMMA_MISTAKES,
        hints=(
            "After one update the rate is peak · γ, after two peak · γ · γ. And after t?",
            "t equal factors are a power: γ^t. Python writes it gamma**t.",
        ),
    ),
    FunctionTask(
        id="02.2",
        title="The other form",
        kind="implement",
        minutes=3,
        difficulty=1,
        points=1,
        reference=exponential_from_k,
        cases=k_cases,
        also_right=K_RIGHT,
        mistakes=K_MISTAKES,
        hints=(
            "math.exp(x) is e to the power of x. What stands in the exponent?",
            "The exponent is -k t: the minus makes the rate fall.",
        ),
    ),
    FunctionTask(
        id="02.3",
        title="Choose γ from the end",
        kind="compute",
        minutes=6,
        difficulty=2,
        points=2,
        reference=gamma_for,
        cases=target_cases,
        also_right=TARGET_RIGHT,
        mistakes=TARGET_MISTAKES,
        hints=(
            "After T updates the rate is peak · γ^T, and that shall be the last rate.",
            "So γ^T = last / peak. What undoes a power of T?",
            "The T-th root: raise last_lr / peak_lr to the power of (1 / steps), with the "
            "brackets.",
        ),
    ),
    FunctionTask(
        id="02.4",
        title="How far can it go?",
        kind="compute",
        minutes=6,
        difficulty=2,
        points=2,
        reference=travel,
        cases=travel_cases,
        also_right=TRAVEL_RIGHT,
        mistakes=TRAVEL_MISTAKES,
        hints=(
            "A loop over the T updates is a right answer: add up the rate of each.",
            "sum(... for t in range(steps)) adds T rates, from t = 0 on.",
            "For a formula: without an end it would be peak/(1 - γ). What lies beyond T is γ^T "
            "times as much.",
        ),
    ),
    FunctionTask(
        id="02.5",
        title="The wrong clock, smoothly",
        kind="repair",
        minutes=8,
        difficulty=2,
        points=3,
        reference=train,
        cases=clock_cases,
        also_right=CLOCK_RIGHT,
        mistakes=CLOCK_MISTAKES,
        untouched=wrong_clock,
        hints=(
            "The scheduler multiplies once per batch. Which factor, repeated for all batches of an "
            "epoch, gives γ?",
            "factor^batches = γ. So the factor is a root of γ.",
            "Give the scheduler gamma ** (1 / batches), and leave scheduler.step() where it is.",
        ),
    ),
    ValuesTask(
        id="02.6",
        title="Read the line",
        kind="read a curve",
        minutes=6,
        difficulty=3,
        points=3,
        draw=line_numbers,
        answers=lambda peak_lr, gamma: {"gamma": gamma, "k": -math.log(gamma)},
        mistakes=LINE_MISTAKES,
        rtol=0.05,
        hints=(
            "Two points are enough. Read the rate at t = 0 and at t = 10, far apart, so that the "
            "eye's error counts less.",
            "The second divided by the first is γ^10. Its tenth root is γ.",
            "k = -ln γ, and Python's natural logarithm is math.log.",
        ),
    ),
    choice(
        "02.7",
        "At rest",
        right="b",
        feedback={
            "a": "A rate that falls to zero brings the weights to rest wherever they are. To be "
            "at rest is not to be at a minimum.",
            "c": "The rate is never zero, but the sum of all later rates is finite, and by now "
            "tiny. Ten times as many updates add next to nothing.",
            "d": "A smaller γ makes the travel η_peak/(1 - γ) shorter: the weights would have "
            "stopped even earlier.",
        },
        hints=("How far can the weights still go? Add up all rates after update 100.",),
    ),
)
