"""Section 09, finding and diagnosing: the training of 09.4 and the eight curves of 09.5."""

import numpy as np
import torch
from torch import Tensor, nn

from lrcourse.schedules import Constant, CosineDecay, ExponentialDecay, Schedule, StepDecay

# 09.4 -----------------------------------------------------------------------------------------

Batches = list[tuple[Tensor, Tensor]]


def half_trained(seed: int) -> tuple[nn.Module, torch.optim.Optimizer, Batches]:
    """A small model, an optimizer with momentum, and three batches; three updates are made."""
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(24, 4, generator=random, dtype=torch.float64)
    y = (x[:, 0] + 0.7 * torch.randn(24, generator=random, dtype=torch.float64) > 0).long()
    model = nn.Linear(4, 2, dtype=torch.float64)
    with torch.no_grad():
        model.weight.copy_(torch.randn(2, 4, generator=random, dtype=torch.float64))
        model.bias.zero_()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    batches = list(zip(x.split(8), y.split(8), strict=True))
    for batch in batches:
        update(model, optimizer, batch)
    return model, optimizer, batches


def update(
    model: nn.Module, optimizer: torch.optim.Optimizer, batch: tuple[Tensor, Tensor]
) -> float:
    """One update; the loss before it."""
    x, y = batch
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


# 09.5 -----------------------------------------------------------------------------------------

NAMES = "ABCDEFGH"
UPDATES = 300


def valley_losses(schedule: Schedule, momentum: float, noise: float, seed: int) -> np.ndarray:
    """The losses of SGD in a valley of 200 equal directions, with noise in every gradient."""
    rng = np.random.default_rng(seed)
    w, velocity = np.full(200, 2.1), np.zeros(200)
    losses = []
    for lr in schedule(np.arange(UPDATES)):
        losses.append(0.1 + 0.5 * np.mean(w**2) * (1 + 0.06 * rng.standard_normal()))
        velocity = momentum * velocity + w + noise * rng.standard_normal(200)
        w = w - lr * velocity
    return np.array(losses)


TRAININGS: tuple[tuple[str, Schedule, float, float], ...] = (
    ("cosine", CosineDecay(0.1, UPDATES), 0.0, 5.0),
    ("one drop at t = 160", StepDecay(0.12, 160, 0.1), 0.0, 4.0),
    ("constant", Constant(0.0008), 0.0, 10.0),
    ("constant", Constant(0.0028), 0.0, 8.0),
    ("constant", Constant(0.13), 0.0, 4.0),
    ("constant", Constant(2.005), 0.0, 0.1),
    ("constant", Constant(0.004), 0.998, 1.0),
    ("exponential", ExponentialDecay(2.12, 0.98), 0.0, 0.15),
)  # the shape of the rate, and what made the losses: schedule, momentum, noise


def eight_curves(order: list[int]) -> dict[str, np.ndarray]:
    """Letter and shape of the rate -> the losses, each (300,): {"A: cosine": ...}"""
    return {
        f"{name}: {TRAININGS[number][0]}": valley_losses(*TRAININGS[number][1:], seed=number)
        for name, number in zip(NAMES, order, strict=True)
    }


def eight_in_words(order: list[int]) -> str:
    """Each curve as numbers along the way, for who cannot see them."""
    told = []
    for name, losses in eight_curves(order).items():
        marks = (0, 3, *range(25, UPDATES, 25), UPDATES - 1)
        levels = ", ".join(f"{losses[t]:.2g} at {t}" for t in marks)
        told.append(f"{name} rate, loss {levels}")
    return "Eight losses over 300 updates. " + ". ".join(told) + "."
