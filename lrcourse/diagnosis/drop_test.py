"""The drop test on a model of torch: continue it at three rates, then give everything back."""

from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer

from lrcourse.borrowed import borrowed
from lrcourse.diagnosis.drop_reading import DropTest, read_drop_test
from lrcourse.schedules.units import Steps, Unit, checked, shown
from lrcourse.user_training import (
    LossOf,
    lent_with,
    loss_on,
    refuse_batches,
    refuse_loss_fn,
    refuse_model,
    stream,
)

LOWER = Unit("times the rate", 0, 1, 0.1, play=(0.01, 0.5), above_low=True, below_high=True)
HIGHER = Unit("times the rate", 1, float("inf"), 3.0, play=(2, 10), above_low=True)


def drop_test(
    model: nn.Module,
    optimizer: Optimizer,
    loss_fn: Callable[..., Any],
    batches: Any,
    steps: int = 100,
    lower: float = 0.1,
    higher: float = 3.0,
    also: Sequence[Any] = (),
) -> DropTest:
    """Why the loss is flat: `steps` more updates at the same, a lower and a higher rate.

    All three see the same `steps` batches, which are drawn first and kept in memory; at the end
    of an epoch the next one begins. `loss_fn` and `batches` are those of `range_test`. The rates
    are the optimizer's present ones, times `lower`, 1 and `higher`; a rate of zero is refused,
    because no multiple of it trains. A scheduler may be attached: it is not stepped.

    Afterwards model, optimizer, random states and the DataLoader are what they were, bit by bit;
    `also` goes to `borrowed`, for a generator of your own.
    """
    steps = checked("drop_test", "steps", Steps, steps)
    below = checked("drop_test", "lower", LOWER, lower)
    above = checked("drop_test", "higher", HIGHER, higher)
    refuse_model("drop_test", model)
    refuse_loss_fn("drop_test", loss_fn)
    refuse_batches("drop_test", batches)
    _refuse_without_rate(optimizer)
    with borrowed(model, optimizer, *lent_with(loss_fn, batches), *also) as loan:
        with closing(stream("drop_test", batches)) as data:
            kept = list(islice(data, steps))
        loss_of = loss_on("drop_test", model, loss_fn)
        same, low, high = (
            _continued(loan, model, optimizer, loss_of, kept, factor)
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


def _continued(
    loan: Any,
    model: nn.Module,
    optimizer: Optimizer,
    loss_of: LossOf,
    kept: Sequence[Any],
    factor: float,
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
            loss = loss_of(batch)
            losses[t] = float(loss.detach())
            if not np.isfinite(losses[t]):
                break
            loss.backward()
            optimizer.step()
    return losses
