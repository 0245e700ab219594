"""The drop test on a model of torch: continue it at three rates, then give everything back."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer

from lrcourse.borrowed import borrowed
from lrcourse.diagnosis.drop_reading import DropTest, read_drop_test
from lrcourse.schedules.units import Steps, Unit, checked, shown

LOWER = Unit("times the rate", 0, 1, 0.1, play=(0.01, 0.5), above_low=True, below_high=True)
HIGHER = Unit("times the rate", 1, float("inf"), 3.0, play=(2, 10), above_low=True)


def drop_test(
    model: nn.Module,
    optimizer: Optimizer,
    loss_fn: Callable[..., torch.Tensor],
    batches: Iterable[Any],
    steps: int = 100,
    lower: float = 0.1,
    higher: float = 3.0,
    also: tuple[Any, ...] = (),
) -> DropTest:
    """Why the loss is flat: `steps` more updates at the same, a lower and a higher rate.

    All three see the same `steps` batches, which are drawn first and kept in memory; a stream
    that ends is begun again. Afterwards model, optimizer and random states are what they were,
    bit by bit; `also` goes to `borrowed`, for a DataLoader or a generator of your own.

    `loss_fn` is a criterion (a module, called with the model's answer and the target of a
    batch (x, y)), or a function (model, batch) -> loss. The rates are the optimizer's present
    ones, times `lower`, 1 and `higher`; a rate of zero is refused, because no multiple of it
    trains.
    """
    steps = checked("drop_test", "steps", Steps, steps)
    below = checked("drop_test", "lower", LOWER, lower)
    above = checked("drop_test", "higher", HIGHER, higher)
    _refuse_without_rate(optimizer)
    with borrowed(model, optimizer, *also) as loan:
        kept = _some(batches, steps)
        same, low, high = (
            _continued(loan, model, optimizer, loss_fn, kept, factor)
            for factor in (1.0, below, above)
        )
    return read_drop_test(same, low, high, same)


def _refuse_without_rate(optimizer: Any) -> None:
    groups = getattr(optimizer, "param_groups", [])
    rates = [float(group["lr"]) for group in groups]
    if not rates or not any(rates):
        raise ValueError(
            f"drop_test: optimizer must have a rate above 0, got {shown(rates)}; set the rate of "
            f"the plateau first"
        )


def _some(batches: Iterable[Any], steps: int) -> list[Any]:
    """The next `steps` batches, from the beginning again where they end."""
    if isinstance(batches, Iterator):
        raise ValueError(
            "drop_test: batches must be something that can be begun again, as a DataLoader or a "
            "list, got an iterator; pass the loader itself"
        )
    kept: list[Any] = []
    while len(kept) < steps:
        before = len(kept)
        for batch in batches:
            kept.append(batch)
            if len(kept) == steps:
                break
        if len(kept) == before:
            raise ValueError("drop_test: batches must hold at least one batch, got none")
    return kept


def _continued(
    loan: Any, model: nn.Module, optimizer: Optimizer, loss_fn: Any, kept: list[Any], factor: float
) -> np.ndarray:
    """The losses (steps,) at `factor` times the present rates; NaN from a blow-up on."""
    loan.reset()
    for group in optimizer.param_groups:
        group["lr"] = group["lr"] * factor
    model.train()
    losses = np.full(len(kept), np.nan)
    with torch.enable_grad():
        for t, batch in enumerate(kept):
            optimizer.zero_grad()
            loss = _loss(model, loss_fn, batch)
            losses[t] = float(loss.detach())
            if not np.isfinite(losses[t]):
                break
            loss.backward()
            optimizer.step()
    return losses


def _loss(model: nn.Module, loss_fn: Any, batch: Any) -> torch.Tensor:
    if isinstance(loss_fn, nn.Module):
        try:
            x, y = batch
        except (TypeError, ValueError):
            raise ValueError(
                f"drop_test: with a criterion, batches must be pairs (x, y), got "
                f"{shown(type(batch).__name__)}; or give a function (model, batch) -> loss"
            ) from None
        return loss_fn(model(x), y)
    return loss_fn(model, batch)
