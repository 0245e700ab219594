"""Section 00, what the learning rate does: seven tasks, right answers and known wrong ones."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from lrcourse.experiments import quadratic
from lrcourse.tasks.base import Case, FunctionTask, Mistake, ValuesTask, choice

# 00.1 -----------------------------------------------------------------------------------------


def largest_stable_lr(curvatures: list[float]) -> float:
    """2 / λ_max"""
    return 2 / max(curvatures)


def curvature_cases(rng: np.random.Generator) -> list[Case]:
    """The largest stands in the middle; the last bowl has one direction only."""
    simple = Case({"curvatures": [4.0, 50.0, 1.0, 10.0]})
    return [simple, *(Case(_curvatures(rng)) for _ in range(5)), Case({"curvatures": [8.0]})]


def _curvatures(rng: np.random.Generator) -> dict[str, Any]:
    size = int(rng.integers(4, 8))
    inner = np.sort(rng.uniform(0.5, 1, size) * np.geomspace(0.1, 40, size))
    order = [1, size - 1, 0, *range(3, size - 1), 2]
    return {"curvatures": [round(float(inner[place]), 3) for place in order]}


LIMIT_RIGHT = (
    lambda curvatures: quadratic(curvatures, noise=0).largest_stable_lr(),
    lambda curvatures: min(2 / curvature for curvature in curvatures),
    lambda curvatures: 2 / np.array(curvatures).max(),
    lambda curvatures: 2 / torch.tensor(curvatures).max(),
    lambda curvatures: 2 / sorted(curvatures)[-1],
)

LIMIT_MISTAKES = (
    Mistake(
        "1/λ for 2/λ",
        lambda curvatures: 1 / max(curvatures),
        "At 1/λ_max the steepest direction arrives in one update. It still arrives, zigzagging, "
        "up to twice that rate.",
    ),
    Mistake(
        "the smallest curvature for the largest",
        lambda curvatures: 2 / min(curvatures),
        "That is the limit of the flattest direction; the steep ones diverge long before. All "
        "directions share one rate, so the steepest decides.",
    ),
    Mistake(
        "the first curvature of the list",
        lambda curvatures: 2 / curvatures[0],
        "You took the first number of the list. The largest decides, wherever it stands.",
    ),
    Mistake(
        "the last curvature of the list",
        lambda curvatures: 2 / curvatures[-1],
        "You took the last number of the list. The largest decides, wherever it stands.",
    ),
    Mistake(
        "the mean curvature",
        lambda curvatures: 2 * len(curvatures) / sum(curvatures),
        "At this rate the steepest direction may already be lost: it does not share its curvature "
        "with the others. Take the largest, not the mean.",
    ),
    Mistake(
        "the sum of the curvatures",
        lambda curvatures: 2 / sum(curvatures),
        "The directions do not add up: each has its own limit 2/λ. The lowest of these limits "
        "counts.",
    ),
    Mistake(
        "upside down",
        lambda curvatures: max(curvatures) / 2,
        "That is λ/2. The steeper the bowl, the lower the limit: 2 divided by λ.",
    ),
    Mistake(
        "the limit of the best direction",
        lambda curvatures: 1 / min(curvatures),
        "That is 1/λ of the flattest direction. The limit is 2/λ, and the steepest direction "
        "decides.",
    ),
    Mistake(
        "the condition number",
        lambda curvatures: max(curvatures) / min(curvatures),
        "The ratio of the curvatures says how slow the flat direction will be. The limit is "
        "2/λ_max.",
    ),
    Mistake(
        "one limit for each direction",
        lambda curvatures: [2 / curvature for curvature in curvatures],
        "Each direction has its own limit, but there is one rate for all of them. Which of your "
        "limits is safe for every direction?",
    ),
    Mistake(
        "2λ for 2/λ",
        lambda curvatures: 2 * max(curvatures),
        "That is 2λ. The steeper the bowl, the lower the limit: 2 divided by λ.",
    ),
    Mistake(
        "the curvature for the limit",
        lambda curvatures: max(curvatures),
        "That is the largest curvature, λ_max. The limit is 2 divided by it.",
    ),
)

# 00.2 -----------------------------------------------------------------------------------------

FATES = ("creeps", "oscillates", "diverges")


def bowl_and_rates(rng: np.random.Generator) -> dict[str, Any]:
    """A bowl flatter than the lesson's, where even a rate above 1 may creep; rates in no order."""
    shares = [
        rng.choice([0.1, 0.2, 0.3]),
        rng.choice([0.7, 0.75]),
        rng.choice([1.3, 1.5]),
        rng.choice([1.8, 1.9]),
        rng.choice([2.1, 2.2]),
    ]
    curvature = float(rng.choice([0.4, 0.5]))
    rates = [round(float(share) / curvature, 5) for share in rng.permutation(shares)]
    return {"curvature": curvature, "rates": rates}


def fate(curvature: float, lr: float) -> str:
    """What the factor 1 - ηλ of each update does."""
    factor = 1 - lr * curvature
    if factor > 0:
        return "creeps"
    return "oscillates" if factor > -1 else "diverges"


def fates(curvature: float, rates: list[float]) -> dict[str, str]:
    """The fate at each of the five rates, by its letter."""
    return {letter: fate(curvature, lr) for letter, lr in zip("abcde", rates, strict=True)}


def _taken_for(right: str, wrong: str) -> Callable[..., dict[str, str]]:
    """Every ball with the one fate is given another."""
    return lambda curvature, rates: {
        letter: wrong for letter, each in fates(curvature, rates).items() if each == right
    }


def _letter_of(rates: list[float], rank: int) -> str:
    """The letter of the lowest rate (rank 0), of the next (1), ..."""
    return "abcde"[rates.index(sorted(rates)[rank])]


def _one_taken(rank: int, wrong: str) -> Callable[..., dict[str, str]]:
    """One ball alone, that of the lowest rate (rank 0), of the next (1), ..., is given another."""
    return lambda curvature, rates: {_letter_of(rates, rank): wrong}


JUMPS_LESSON = (
    "From 1/λ to 2/λ the factor 1 - ηλ lies between -1 and 0: the ball jumps over the bottom, but "
    "it comes closer each time. It diverges beyond 2/λ only."
)
SIDE_LESSON = (
    "The ball keeps its side up to 1/λ only. Beyond it the factor 1 - ηλ is negative, so the "
    "weight changes its sign at every update."
)
ZIGZAG_LESSON = (
    "Below 1/λ the factor 1 - ηλ is positive: the ball never reaches the other side. Compare ηλ "
    "with 1."
)
LONG_WAY_LESSON = (
    "Below 1/λ every update ends nearer to the bottom. However slow that is, nothing is lost."
)
FATE_MISTAKES = (
    Mistake(
        "the curvature is forgotten",
        lambda curvature, rates: fates(1.0, rates),
        "You judged the rates as in the lesson's bowl, whose curvature was 1. Here λ is another: "
        "what counts is the product ηλ.",
    ),
    Mistake(
        "divided by λ",
        lambda curvature, rates: {
            letter: fate(1.0, lr / curvature) for letter, lr in zip("abcde", rates, strict=True)
        },
        "You compared the rates with λ and 2λ, or divided them by λ. The borders are 1/λ and 2/λ: "
        "the flatter the bowl, the higher they are.",
    ),
    Mistake(
        "lost beyond 1/λ",
        _taken_for("oscillates", "diverges"),
        JUMPS_LESSON,
    ),
    Mistake(
        "lost before the limit",
        lambda curvature, rates: {_letter_of(rates, 3): "diverges"},
        "You called a rate lost that is high, but below 2/λ. Its factor 1 - ηλ is above -1: the "
        "ball comes closer, if only by a little each time.",
    ),
    Mistake(
        "a rate above 1 must zigzag",
        lambda curvature, rates: {_letter_of(rates, 1): "oscillates"},
        "One of your rates looks high, but this bowl is flat. It is below 1/λ, so the factor "
        "1 - ηλ is positive.",
    ),
    Mistake(
        "nothing is ever lost",
        _taken_for("diverges", "oscillates"),
        "Beyond 2/λ the factor 1 - ηλ is below -1: each jump ends farther away than the last.",
    ),
    Mistake(
        "no zigzag below the limit",
        _taken_for("oscillates", "creeps"),
        SIDE_LESSON,
    ),
    Mistake(
        "zigzag below 1/λ",
        _taken_for("creeps", "oscillates"),
        ZIGZAG_LESSON,
    ),
    Mistake(
        "a long way is taken for a loss",
        _taken_for("creeps", "diverges"),
        LONG_WAY_LESSON,
    ),
    Mistake("zigzag at the lowest rate", _one_taken(0, "oscillates"), ZIGZAG_LESSON),
    Mistake("the lowest rate is taken for a loss", _one_taken(0, "diverges"), LONG_WAY_LESSON),
    Mistake("a rate above 1 must diverge", _one_taken(1, "diverges"), LONG_WAY_LESSON),
    Mistake("a quick zigzag is not seen", _one_taken(2, "creeps"), SIDE_LESSON),
    Mistake("a lasting zigzag is not seen", _one_taken(3, "creeps"), SIDE_LESSON),
    Mistake("a quick zigzag is taken for a loss", _one_taken(2, "diverges"), JUMPS_LESSON),
    Mistake(
        "a loss is taken for a slow walk",
        _one_taken(4, "creeps"),
        "Beyond 2/λ the factor 1 - ηλ is below -1: the ball changes sides, and each jump ends "
        "farther away than the last.",
    ),
)

# 00.3 -----------------------------------------------------------------------------------------


def noise_floor(lr: float, sigma: float, curvature: float) -> float:
    """η σ² / (2 (2 - η λ))"""
    return lr * sigma**2 / (2 * (2 - lr * curvature))


def floor_cases(rng: np.random.Generator) -> list[Case]:
    """The lesson's bowl first, then steeper and flatter ones, all below the limit."""
    simple = Case({"lr": 0.5, "sigma": 2.0, "curvature": 1.0})
    steeper = Case({"lr": 0.5, "sigma": 1.0, "curvature": 3.0})
    return [simple, steeper, *(Case(_floor_arguments(rng)) for _ in range(5))]


def _floor_arguments(rng: np.random.Generator) -> dict[str, Any]:
    curvature = round(rng.uniform(1.2, 8), 2)
    return {
        "lr": round(rng.uniform(0.1, 1.8) / curvature, 4),
        "sigma": round(rng.uniform(0.3, 3), 2),
        "curvature": curvature,
    }


def _settled_balance(lr: float, sigma: float, curvature: float) -> float:
    variance = 0.0
    for _update in range(2000):
        variance = (1 - lr * curvature) ** 2 * variance + lr**2 * sigma**2
    return curvature * variance / 2


FLOOR_RIGHT = (
    _settled_balance,
    lambda lr, sigma, curvature: quadratic([curvature], noise=sigma).floor(lr, batch_size=1),
    lambda lr, sigma, curvature: curvature / 2 * lr**2 * sigma**2 / (1 - (1 - lr * curvature) ** 2),
    lambda lr, sigma, curvature: (
        torch.tensor(lr) * torch.tensor(sigma).square() / (4 - 2 * lr * curvature)
    ),
)

FLOOR_MISTAKES = (
    Mistake(
        "the formula for λ = 1",
        lambda lr, sigma, curvature: lr * sigma**2 / (2 * (2 - lr)),
        "That is the lesson's floor, which holds for λ = 1. Put λ into the balance: the pull is "
        "1 - ηλ.",
    ),
    Mistake(
        "the variance for the loss",
        lambda lr, sigma, curvature: lr * sigma**2 / (curvature * (2 - lr * curvature)),
        "That is V, the variance of the weight. The loss is λw²/2, so its mean is λV/2.",
    ),
    Mistake(
        "half the variance",
        lambda lr, sigma, curvature: lr * sigma**2 / (2 * curvature * (2 - lr * curvature)),
        "That is V/2, right for λ = 1 only. The loss is λw²/2, so its mean is λV/2.",
    ),
    Mistake(
        "σ without its square",
        lambda lr, sigma, curvature: lr * sigma / (2 * (2 - lr * curvature)),
        "A variance is the square of a standard deviation, so σ comes in as σ².",
    ),
    Mistake(
        "the rule of thumb",
        lambda lr, sigma, curvature: lr * sigma**2 / 4,
        "ησ²/4 is close for low rates. Near the limit the floor is much higher: keep the bracket "
        "2 - ηλ.",
    ),
    Mistake(
        "divided and then multiplied",
        lambda lr, sigma, curvature: lr * sigma**2 / 2 * (2 - lr * curvature),
        "In Python a / 2 * b multiplies by b. Put brackets around all that stands below the line: "
        "a / (2 * b).",
    ),
    Mistake(
        "η without its square in the balance",
        lambda lr, sigma, curvature: sigma**2 / (2 * (2 - lr * curvature)),
        "The noise moves the weight by ησ, so it adds η²σ² to the variance. One η cancels in the "
        "end; yours has lost both.",
    ),
    Mistake(
        "the noise of one update",
        lambda lr, sigma, curvature: curvature * lr**2 * sigma**2 / 2,
        "That is the noise that one update adds. The variance gathers the noise of many updates, "
        "until the pull of the bowl balances it.",
    ),
    Mistake(
        "η² in the result",
        lambda lr, sigma, curvature: lr**2 * sigma**2 / (2 * (2 - lr * curvature)),
        "One η too many: 1 - (1 - ηλ)² is ηλ(2 - ηλ), so one η cancels.",
    ),
    Mistake(
        "the pull is not squared",
        lambda lr, sigma, curvature: lr * sigma**2 / 2,
        "Where the weight is multiplied by 1 - ηλ, its variance is multiplied by (1 - ηλ)².",
    ),
    Mistake(
        "a square taken apart",
        lambda lr, sigma, curvature: sigma**2 / (2 * curvature),
        "1 - (1 - x)² is not x². Multiply the square out first: it is 2x - x², so x(2 - x).",
    ),
    Mistake(
        "noise without its square in the balance",
        lambda lr, sigma, curvature: sigma / (2 * (2 - lr * curvature)),
        "The noise of one update has the deviation ησ, and what it adds to the variance is the "
        "square, η²σ².",
    ),
    Mistake(
        "a wrong sign in the bracket",
        lambda lr, sigma, curvature: lr * sigma**2 / (2 * (2 + lr * curvature)),
        "The bracket is 2 - ηλ: it goes to zero at the limit, and the floor grows without end.",
    ),
    Mistake(
        "λV without its half",
        lambda lr, sigma, curvature: lr * sigma**2 / (2 - lr * curvature),
        "That is λV. The loss is λw²/2, so its mean is half of that.",
    ),
    Mistake(
        "V squared",
        lambda lr, sigma, curvature: (
            curvature / 2 * (lr * sigma**2 / (curvature * (2 - lr * curvature))) ** 2
        ),
        "V is the mean of w² already: do not square it again. The mean loss is λV/2.",
    ),
    Mistake(
        "the deviation for the variance",
        lambda lr, sigma, curvature: (
            curvature / 2 * (lr * sigma**2 / (curvature * (2 - lr * curvature))) ** 0.5
        ),
        "You took the root of V. The loss is λw²/2, and the mean of w² is V itself.",
    ),
    Mistake(
        "λ in the loss only",
        lambda lr, sigma, curvature: curvature * lr * sigma**2 / (2 * (2 - lr)),
        "λ stands in your loss, but not in your balance: each update multiplies the weight by "
        "1 - ηλ, not by 1 - η.",
    ),
    Mistake(
        "ηλ for every η",
        lambda lr, sigma, curvature: lr * curvature * sigma**2 / (2 * (2 - lr * curvature)),
        "You put ηλ for η in the lesson's formula. But the noise moves the weight by ησ, without "
        "λ. Solve the balance again.",
    ),
)

# 00.4 -----------------------------------------------------------------------------------------


def effective_lr(lr: float, momentum: float) -> float:
    """η / (1 - m)"""
    return lr / (1 - momentum)


def momentum_cases(rng: np.random.Generator) -> list[Case]:
    """Plain numbers, some that nobody can guess, and no momentum at all."""
    simple, without = {"lr": 0.05, "momentum": 0.8}, {"lr": 0.3, "momentum": 0.0}
    drawn = [
        {"lr": round(rng.uniform(0.01, 0.5), 4), "momentum": round(rng.uniform(0.2, 0.98), 3)}
        for _ in range(5)
    ]
    return [Case(each) for each in (simple, *drawn, without)]


def _summed_steps(lr: float, momentum: float) -> float:
    step = 0.0
    for _update in range(5000):
        step = momentum * step + 1
    return lr * step


EFFECTIVE_RIGHT = (
    _summed_steps,
    lambda lr, momentum: np.divide(lr, 1 - momentum),
    lambda lr, momentum: lr * (1 - momentum) ** -1,
    lambda lr, momentum: torch.tensor(lr) / (1 - torch.tensor(momentum)),
)

EFFECTIVE_MISTAKES = (
    Mistake(
        "forgets the momentum",
        lambda lr, momentum: lr,
        "That is the rate you typed. On a steady slope v grows to g/(1 - m), so the steps are "
        "longer.",
    ),
    Mistake(
        "multiplied instead of divided",
        lambda lr, momentum: lr * (1 - momentum),
        "Momentum makes the steps longer, not shorter: each keeps a share of the one before. "
        "Divide by 1 - m.",
    ),
    Mistake(
        "divided by m",
        lambda lr, momentum: lr / momentum if momentum else lr,
        "The share that is lost at each update is 1 - m, and v grows until it loses as much as it "
        "gains. Divide by 1 - m.",
    ),
    Mistake(
        "multiplied by 1 + m",
        lambda lr, momentum: lr * (1 + momentum),
        "1 + m counts one earlier step. They all go on: 1 + m + m² + ..., which is 1/(1 - m).",
    ),
    Mistake(
        "divided by 1 + m",
        lambda lr, momentum: lr / (1 + momentum),
        "The sign is wrong: 1 + m + m² + ... is 1/(1 - m).",
    ),
    Mistake(
        "multiplied by m",
        lambda lr, momentum: lr * momentum,
        "Without momentum this would be no rate at all. All earlier steps go on: "
        "1 + m + m² + ... = 1/(1 - m).",
    ),
    Mistake(
        "without the rate",
        lambda lr, momentum: 1 / (1 - momentum),
        "That is how many times the rate grows. Multiply the rate by it.",
    ),
    Mistake(
        "always ten times",
        lambda lr, momentum: 10 * lr,
        "Ten times is right for m = 0.9 only. In general it is 1/(1 - m) times.",
    ),
    Mistake(
        "brackets forgotten",
        lambda lr, momentum: lr / 1 - momentum,
        "Python divides first: lr / 1 - momentum is (lr / 1) - momentum. Put 1 - momentum in "
        "brackets.",
    ),
    Mistake(
        "without the new gradient",
        lambda lr, momentum: lr * momentum / (1 - momentum),
        "That is m + m² + ..., what is left of the earlier steps. The new gradient counts as well: "
        "1 + m + m² + ... = 1/(1 - m).",
    ),
    Mistake(
        "divided by 1 - m²",
        lambda lr, momentum: lr / (1 - momentum**2),
        "The earlier steps add up as 1 + m + m² + ..., and that is 1/(1 - m), without a square.",
    ),
)

# 00.5 -----------------------------------------------------------------------------------------


def calmer(noise: list[float], lr: float, momentum: float, new_momentum: float) -> list[float]:
    """The new momentum at η (1 - m_new) / (1 - m): the effective rate is what it was"""
    weight = torch.ones(1, dtype=torch.float64, requires_grad=True)
    new_lr = lr * (1 - new_momentum) / (1 - momentum)
    optimizer = torch.optim.SGD([weight], lr=new_lr, momentum=new_momentum)
    path = []
    for disturbance in noise:
        weight.grad = weight.detach() + disturbance  # the slope of the bowl, and the noise
        optimizer.step()
        path.append(weight.item())
    return path


def descent(noise: list[float], lr: float, momentum: float, dampening: float = 0.0) -> list[float]:
    """The same walk with these settings, whatever they are."""
    weight = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=lr, momentum=momentum, dampening=dampening)
    path = []
    for disturbance in noise:
        weight.grad = weight.detach() + disturbance
        optimizer.step()
        path.append(weight.item())
    return path


def noisier(noise: list[float], lr: float, momentum: float, new_momentum: float) -> list[float]:
    """What the exercise hands out: more momentum at the same rate."""
    return descent(noise, lr, new_momentum)


def _in_numpy(noise: list[float], lr: float, momentum: float, new_momentum: float) -> np.ndarray:
    weight, velocity, path = 1.0, 0.0, []
    for disturbance in noise:
        velocity = new_momentum * velocity + weight + disturbance
        weight = weight - lr / (1 - momentum) * (1 - new_momentum) * velocity
        path.append(weight)
    return np.array(path)


def noise_cases(rng: np.random.Generator) -> list[Case]:
    """From a half to three quarters first; the last run had no momentum before."""
    simple = Case(
        {
            "noise": [0.5, -1.0, 0.3, 1.2, -0.4, 0.1],
            "lr": 0.2,
            "momentum": 0.5,
            "new_momentum": 0.75,
        }
    )
    drawn = [Case(_noise_arguments(rng, float(rng.choice([0.4, 0.6, 0.8])))) for _ in range(3)]
    return [simple, *drawn, Case(_noise_arguments(rng, 0.0))]


def _noise_arguments(rng: np.random.Generator, momentum: float) -> dict[str, Any]:
    share = float(rng.choice([0.2, 0.25, 0.4, 0.5]))
    return {
        "noise": rng.normal(size=12).round(2).tolist(),
        "lr": round(rng.uniform(0.05, 0.3), 3),
        "momentum": momentum,
        "new_momentum": round(1 - share * (1 - momentum), 3),
    }


CALMER_RIGHT = (
    _in_numpy,
    lambda noise, lr, momentum, new_momentum: descent(
        noise, lr / (1 - momentum) * (1 - new_momentum), new_momentum
    ),
    lambda noise, lr, momentum, new_momentum: torch.tensor(
        _in_numpy(noise, lr, momentum, new_momentum)
    ),
)

CALMER_MISTAKES = (
    Mistake(
        "back to the old momentum",
        lambda noise, lr, momentum, new: descent(noise, lr, momentum),
        "That undoes her change. Keep the new momentum, and change the rate.",
    ),
    Mistake(
        "the old momentum is forgotten",
        lambda noise, lr, momentum, new: descent(noise, lr * (1 - new), new),
        "η(1 - m_new) would be right if the run had had no momentum before. It had the effective "
        "rate η/(1 - m): start from that.",
    ),
    Mistake(
        "ratio upside down",
        lambda noise, lr, momentum, new: descent(noise, lr * (1 - momentum) / (1 - new), new),
        "This makes the rate higher. More momentum is more hidden rate, so the typed one must "
        "fall: multiply by (1 - m_new)/(1 - m).",
    ),
    Mistake(
        "ratio of the momenta",
        lambda noise, lr, momentum, new: descent(noise, lr * momentum / new, new),
        "The hidden rate goes with 1/(1 - m), not with m. Write the two effective rates, and set "
        "them equal.",
    ),
    Mistake(
        "the effective rate as the rate",
        lambda noise, lr, momentum, new: descent(noise, lr / (1 - momentum), new),
        "That types the old effective rate into the optimizer, and the new momentum multiplies it "
        "again. Multiply it by 1 - m_new first.",
    ),
    Mistake(
        "the difference of the momenta",
        lambda noise, lr, momentum, new: descent(noise, lr * (1 - (new - momentum)), new),
        "The difference of the momenta says little: from 0.9 to 0.99 is small, and ten times the "
        "effective rate. Take the ratio (1 - m_new)/(1 - m).",
    ),
    Mistake(
        "the new rate with the old momentum",
        lambda noise, lr, momentum, new: descent(noise, lr * (1 - new) / (1 - momentum), momentum),
        "Your rate is right, but it belongs to the new momentum. Give the optimizer "
        "momentum=new_momentum.",
    ),
    Mistake(
        "the new momentum is forgotten",
        lambda noise, lr, momentum, new: descent(noise, lr * (1 - momentum), new),
        "You used the old momentum only, and the wrong way round. The old effective rate is "
        "η/(1 - m); the new momentum multiplies your rate by 1/(1 - m_new).",
    ),
    Mistake(
        "the new effective rate as the rate",
        lambda noise, lr, momentum, new: descent(noise, lr / (1 - new), new),
        "That raises the rate, and the new momentum raises it again. The typed rate must fall: "
        "multiply by (1 - m_new)/(1 - m).",
    ),
    Mistake(
        "always a fifth",
        lambda noise, lr, momentum, new: descent(noise, lr / 5, new),
        "A fifth is right for her numbers, from 0.5 to 0.9. The check tries others: in general it "
        "is (1 - m_new)/(1 - m).",
    ),
    Mistake(
        "always a tenth",
        lambda noise, lr, momentum, new: descent(noise, lr / 10, new),
        "A tenth is right from 0 to 0.9 and from 0.9 to 0.99. In general it is "
        "(1 - m_new)/(1 - m).",
    ),
    Mistake(
        "without momentum at the effective rate",
        lambda noise, lr, momentum, new: descent(noise, lr / (1 - momentum), 0.0),
        "The effective rate is right, but the momentum is gone. Keep the new momentum.",
    ),
    Mistake(
        "dampening",
        lambda noise, lr, momentum, new: descent(noise, lr, new, dampening=new),
        "Dampening shortens each new gradient by 1 - m_new, so the effective rate becomes η. "
        "Before, it was η/(1 - m).",
    ),
    Mistake(
        "dampening at the effective rate",
        lambda noise, lr, momentum, new: descent(noise, lr / (1 - momentum), new, dampening=new),
        "A clever way, but torch does not dampen the first step, so the walk begins with a jump. "
        "Change the rate only.",
    ),
    Mistake(
        "divided by both",
        lambda noise, lr, momentum, new: descent(noise, lr / (1 - momentum) / (1 - new), new),
        "The old effective rate is η/(1 - m), so far right. The new momentum multiplies your rate "
        "by 1/(1 - m_new): to undo that, multiply by 1 - m_new.",
    ),
    Mistake(
        "the noise is taken out",
        lambda noise, lr, momentum, new: descent([0.0] * len(noise), lr, new),
        "You left the noise out. It belongs to her gradients, and nobody can take it out. Change "
        "the rate.",
    ),
)

# 00.6 -----------------------------------------------------------------------------------------


def limit_after_scaling(train: list[list[float]], test: list[list[float]]) -> float:
    """2 / λ_max of Z^T Z / n, where Z = (X - mean) / std, both of the training set"""
    x = np.array(train)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    return 2 / np.linalg.eigvalsh(z.T @ z / len(z)).max()


def table_cases(rng: np.random.Generator) -> list[Case]:
    """Two features first; then three whose scales lie far apart, and a test set that differs."""
    simple = Case(
        {
            "train": [[1.0, 100.0], [2.0, 300.0], [3.0, 200.0], [4.0, 400.0]],
            "test": [[2.0, 500.0], [6.0, 100.0]],
        }
    )
    return [simple, *(Case(_tables(rng)) for _ in range(3))]


def _tables(rng: np.random.Generator) -> dict[str, Any]:
    rows = int(rng.integers(7, 11))
    mixed = rng.normal(size=(rows + 3, 3)) @ rng.uniform(0.2, 1.0, (3, 3))
    table = np.array([1.0, 20.0, 300.0]) * (mixed + rng.uniform(1, 3, 3))
    table[rows:] *= 1.5
    rounded = table.round(2)
    return {"train": rounded[:rows].tolist(), "test": rounded[rows:].tolist()}


def _limit(x: np.ndarray, numerator: float = 2, which: int = -1) -> float:
    return numerator / np.linalg.eigvalsh(x.T @ x / len(x))[which]


def _scaled(x: Any, by: Any = None, axis: int | None = 0, ddof: int = 0) -> np.ndarray:
    """x, standardised with the mean and the deviation of `by`, or of itself."""
    x = np.array(x)
    by = x if by is None else np.array(by)
    mean, std = by.mean(axis, keepdims=True), by.std(axis, keepdims=True, ddof=ddof)
    return (x - mean) / std


def _min_max(train: list[list[float]]) -> np.ndarray:
    x = np.array(train)
    return (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0))


def _in_torch(train: list[list[float]], test: list[list[float]]) -> Any:
    x = torch.tensor(train, dtype=torch.float64)
    z = (x - x.mean(dim=0)) / x.std(dim=0, correction=0)
    return 2 / torch.linalg.eigvalsh(z.T @ z / len(z))[-1]


SCALING_RIGHT = (
    _in_torch,
    lambda train, test: 2 / np.linalg.eigvalsh(np.corrcoef(np.array(train).T)).max(),
    lambda train, test: 2 * len(train) / np.linalg.svd(_scaled(train), compute_uv=False).max() ** 2,
    lambda train, test: quadratic(
        np.linalg.eigvalsh(np.cov(_scaled(train).T, bias=True)), noise=0
    ).largest_stable_lr(),
)

SCALING_MISTAKES = (
    Mistake(
        "not standardised",
        lambda train, test: _limit(np.array(train)),
        "That is the limit of the raw features. Subtract the mean of each column, and divide by "
        "its deviation.",
    ),
    Mistake(
        "standardised with the test set",
        lambda train, test: _limit(_scaled(train, by=[*train, *test])),
        "Your mean and deviation know the test set: a leak. Take both from the training set only.",
    ),
    Mistake(
        "training and test set in one",
        lambda train, test: _limit(_scaled([*train, *test])),
        "You joined the two sets. Scaling and limit belong to the training set; the test set must "
        "not be seen.",
    ),
    Mistake(
        "mean and deviation of the test set",
        lambda train, test: _limit(_scaled(train, by=test)),
        "You took mean and deviation from the test set. They come from the training set only.",
    ),
    Mistake(
        "only the mean is removed",
        lambda train, test: _limit(np.array(train) - np.mean(train, axis=0)),
        "The means are gone, but the scales still differ. Divide each column by its deviation, "
        "too.",
    ),
    Mistake(
        "only divided by the deviation",
        lambda train, test: _limit(np.array(train) / np.std(train, axis=0)),
        "The deviations are 1, but the means are still there, and an offset is curvature, too. "
        "Subtract the mean of each column first.",
    ),
    Mistake(
        "one mean for the whole table",
        lambda train, test: _limit(_scaled(train, axis=None)),
        "You used one mean and one deviation for all features. Each column has its own: axis=0.",
    ),
    Mistake(
        "rows standardised instead of columns",
        lambda train, test: _limit(_scaled(train, axis=1)),
        "You scaled each row. A feature is a column: axis=0.",
    ),
    Mistake(
        "brackets forgotten",
        lambda train, test: _limit(np.array(train) - np.mean(train, 0) / np.std(train, 0)),
        "Python divides first, so only the mean was divided. Put x - mean in brackets, then divide "
        "by the deviation.",
    ),
    Mistake(
        "divided by the variance",
        lambda train, test: _limit((np.array(train) - np.mean(train, axis=0)) / np.var(train, 0)),
        "You divided by the variance. The deviation is its root: std.",
    ),
    Mistake(
        "Min-Max scaling",
        lambda train, test: _limit(_min_max(train)),
        "That is Min-Max scaling, from 0 to 1. To standardise is to give every feature the mean 0 "
        "and the deviation 1.",
    ),
    Mistake(
        "deviation with n - 1",
        lambda train, test: _limit(_scaled(train, ddof=1)),
        "Your deviation divides by n - 1, as torch's and pandas' std do. This task divides by n, "
        "as np.std and scikit-learn do.",
    ),
    Mistake(
        "covariance with n - 1",
        lambda train, test: _limit(_scaled(train)) * (len(train) - 1) / len(train),
        "You divided by n - 1, as np.cov does. The curvatures are the eigenvalues of the features' "
        "product divided by n.",
    ),
    Mistake(
        "not divided by n",
        lambda train, test: _limit(_scaled(train)) / len(train),
        "The loss is a mean over the examples, so the curvatures are the eigenvalues of the "
        "product divided by n, the number of rows.",
    ),
    Mistake(
        "the smallest eigenvalue",
        lambda train, test: _limit(_scaled(train), which=0),
        "That is the flattest direction. The largest eigenvalue sets the limit; eigvalsh gives it "
        "last.",
    ),
    Mistake(
        "1/λ for 2/λ",
        lambda train, test: _limit(_scaled(train), numerator=1),
        "At 1/λ_max the steepest direction arrives in one update. The limit is twice as high.",
    ),
    Mistake(
        "the curvature for the limit",
        lambda train, test: 2 / _limit(_scaled(train)),
        "That is λ_max. The limit is 2 divided by it.",
    ),
    Mistake(
        "the test set for the training set",
        lambda train, test: _limit(_scaled(test)),
        "You scaled the test set and took its curvatures. It is not used at all here: the limit "
        "belongs to the training set.",
    ),
    Mistake(
        "divided by the number of features",
        lambda train, test: _limit(_scaled(train)) * len(train[0]) / len(train),
        "You divided by the number of columns. n is the number of rows, one for each example.",
    ),
    Mistake(
        "the limit of the test set",
        lambda train, test: _limit(_scaled(test, by=train)),
        "Mean and deviation come from the training set, which is right. But the model learns from "
        "the training set, so its curvatures set the limit.",
    ),
    Mistake(
        "the limit of both sets",
        lambda train, test: _limit(_scaled([*train, *test], by=train)),
        "Mean and deviation come from the training set, which is right. But the model learns from "
        "the training set alone, so leave the test set out.",
    ),
    Mistake(
        "one limit for each direction",
        lambda train, test: 2 / np.linalg.eigvalsh(np.cov(_scaled(train).T, bias=True)),
        "Each direction has its own limit, but there is one rate for all of them. Which of your "
        "limits is safe for every direction?",
    ),
)

# ----------------------------------------------------------------------------------------------

TASKS = (
    FunctionTask(
        id="00.1",
        title="The speed limit",
        kind="implement",
        minutes=3,
        difficulty=1,
        points=1,
        reference=largest_stable_lr,
        cases=curvature_cases,
        also_right=LIMIT_RIGHT,
        mistakes=LIMIT_MISTAKES,
        hints=(
            "Each direction has its own limit. Which of the limits is safe for all of them?",
            "The steepest direction decides. Python finds the largest number of a list with max.",
            "The limit is 2/λ_max: divide 2 by max(curvatures).",
        ),
    ),
    ValuesTask(
        id="00.2",
        title="Five fates",
        kind="predict",
        minutes=5,
        difficulty=1,
        points=2,
        draw=bowl_and_rates,
        answers=fates,
        words=FATES,
        mistakes=FATE_MISTAKES,
        hints=(
            "Each update multiplies the weight by 1 - ηλ. Work this number out for each rate.",
            "Positive: the ball keeps its side. Between -1 and 0: it changes sides and comes "
            "closer. And below -1?",
        ),
    ),
    FunctionTask(
        id="00.3",
        title="The floor of any bowl",
        kind="compute",
        minutes=8,
        difficulty=2,
        points=3,
        reference=noise_floor,
        cases=floor_cases,
        also_right=FLOOR_RIGHT,
        mistakes=FLOOR_MISTAKES,
        hints=(
            "Begin with the balance: V = (1 - ηλ)² V + η²σ². Bring both V to one side.",
            "1 - (1 - ηλ)² is ηλ(2 - ηλ), so V = ησ² / (λ(2 - ηλ)).",
            "The loss is λw²/2, so the floor is λV/2. One λ cancels, and λ stays in the bracket.",
        ),
    ),
    FunctionTask(
        id="00.4",
        title="The hidden rate",
        kind="implement",
        minutes=3,
        difficulty=1,
        points=1,
        reference=effective_lr,
        cases=momentum_cases,
        also_right=EFFECTIVE_RIGHT,
        mistakes=EFFECTIVE_MISTAKES,
        hints=(
            "With momentum 0.9 the effective rate is ten times the typed one. Where does the ten "
            "come from?",
            "The ten is 1 / (1 - 0.9). Mind the brackets.",
        ),
    ),
    FunctionTask(
        id="00.5",
        title="More momentum against the noise",
        kind="repair",
        minutes=8,
        difficulty=2,
        points=3,
        reference=calmer,
        cases=noise_cases,
        also_right=CALMER_RIGHT,
        mistakes=CALMER_MISTAKES,
        untouched=noisier,
        hints=(
            "What was the effective rate before, and what is it now?",
            "The new rate η' and the new momentum m' must give the old effective rate: "
            "η'/(1 - m') = η/(1 - m).",
            "Solve for η' and give it to the optimizer: multiply lr by (1 - new_momentum) and "
            "divide by (1 - momentum).",
        ),
    ),
    FunctionTask(
        id="00.6",
        title="One scale for all",
        kind="compute",
        minutes=10,
        difficulty=3,
        points=3,
        reference=limit_after_scaling,
        cases=table_cases,
        also_right=SCALING_RIGHT,
        mistakes=SCALING_MISTAKES,
        hints=(
            "Three steps: x = np.array(train); standardise each column; find the largest "
            "curvature.",
            "Mean and deviation of every column: x.mean(axis=0) and x.std(axis=0). Which of the "
            "two sets may they know?",
            "With the standardised z the curvatures are np.linalg.eigvalsh(z.T @ z / len(z)), the "
            "largest last. The limit is 2 divided by that.",
        ),
    ),
    choice(
        "00.7",
        "Which one is true?",
        right="c",
        feedback={
            "a": "At the same rate more momentum means more noise: the effective rate is "
            "η/(1 - m). A lower rate at the end helps, or a larger batch.",
            "b": "Disputed at best. In the lesson a tenth of the rate walked the same road in ten "
            "times the time: slow, not stuck.",
            "d": "Adam divides by the size of the gradients, but its steps and its noise floor "
            "still go with the rate. In the lesson its default lost points, too.",
        },
        hints=("Think of what each does to the factor 1 - ηλ, or to the noise floor.",),
    ),
)
