"""The range test: short trainings at rising rates, on the user's own model, without a trace.

What can be refused is refused before the first update, and what was lent is given back whatever
happens. Sorted from one batch to the whole test.
"""

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from lrcourse.borrowed import borrowed
from lrcourse.finder.ramps import RAMP
from lrcourse.finder.result import RangeTest
from lrcourse.finder.rules import BLOWN_UP, kept_over, smoothed
from lrcourse.schedules import Schedule, Unit
from lrcourse.schedules.units import checked, shown
from lrcourse.user_training import (
    LossOf,
    kind_of,
    lent_with,
    loss_on,
    refuse_batches,
    refuse_loss_fn,
    refuse_model,
    stream,
)

SHORTEST = 20  # sweep, in updates
VALIDATIONS = 20  # in a sweep, where `validate_every` is not given

COUNT = Unit("a count", 1, math.inf, typical=3, play=(1, 10), whole=True)
TIMES = Unit("times the lowest loss", 1, math.inf, typical=4.0, play=(2, 20), above_low=True)
OWNER = "range_test"


# One update ------------------------------------------------------------------------------------


def accumulated(loss_of: LossOf, batches: Iterator[Any], count: int) -> float:
    """The mean loss of the next `count` batches; its gradients lie in the parameters."""
    total = 0.0
    for _ in range(count):
        loss = loss_of(next(batches))
        (loss / count).backward()
        total += loss.item() / count
    return total


# Rates -----------------------------------------------------------------------------------------


def scales(optimizer: Optimizer) -> list[float]:
    """How many times the ramp each group gets: its `lr_scale`, or its share of the highest."""
    groups = optimizer.param_groups
    if any("lr_scale" in group for group in groups):
        return [float(group.get("lr_scale", 1.0)) for group in groups]
    rates = [float(group["lr"]) for group in groups]
    if len(set(rates)) == 1:
        return [1.0] * len(rates)
    return [rate / max(rates) for rate in rates]


def set_rates(optimizer: Optimizer, rates: Iterable[float]) -> None:
    """One rate for each group; one that is kept in a tensor stays in that tensor."""
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate


# Validation ------------------------------------------------------------------------------------


class Validation(NamedTuple):
    """What is measured between the updates, and after how many of them."""

    measure: Callable[[nn.Module], Any]
    steps: np.ndarray  # (E,)

    def __call__(self, model: nn.Module) -> float:
        """In eval mode and without gradients; the training does not notice it."""
        with borrowed(model), torch.no_grad():
            model.eval()
            value = self.measure(model)
        try:
            return float(value)
        except (TypeError, ValueError, RuntimeError):
            raise ValueError(
                f"range_test: validate must return one number, got {kind_of(value)}"
            ) from None


def _validation(measure: Any, every: Any, steps: int) -> Validation | None:
    if measure is None:
        if every is not None:
            raise ValueError("range_test: validate_every needs validate, a function of the model")
        return None
    if not callable(measure):
        raise ValueError(
            f"range_test: validate must be a function of the model, got {shown(measure)}"
        )
    every = max(1, steps // VALIDATIONS) if every is None else every
    every = checked("range_test", "validate_every", COUNT, every)
    return Validation(measure, np.arange(every, steps + 1, every))


# One sweep -------------------------------------------------------------------------------------


class Sweep(NamedTuple):
    """What a repeat measured: NaN from where it stopped."""

    losses: np.ndarray  # (S,)
    val_losses: np.ndarray  # (E,), or (0,)


def sweep(
    model: nn.Module,
    optimizer: Optimizer,
    next_loss: Callable[[], float],
    rates: np.ndarray,
    stop_at: float,
    validation: Validation | None,
) -> Sweep:
    """A training at the rates (S, groups) until the loss blows up. It changes the model."""
    val_steps = np.zeros(0, int) if validation is None else validation.steps
    found = Sweep(np.full(len(rates), np.nan), np.full(len(val_steps), np.nan))
    for t, rates_now in enumerate(rates):
        set_rates(optimizer, rates_now.tolist())
        optimizer.zero_grad()
        loss = next_loss()
        if not math.isfinite(loss):
            _refuse_first(loss, t)
            break
        found.losses[t] = loss
        if has_blown_up(found.losses[: t + 1], len(rates), stop_at):
            break
        optimizer.step()
        if validation is not None and t + 1 in val_steps:
            found.val_losses[val_steps == t + 1] = validation(model)
    return found


def has_blown_up(losses: np.ndarray, steps: int, stop_at: float) -> bool:
    """Whether the running mean of the losses so far exceeds `stop_at` times its lowest value.

    A loss may be negative; then its distance from the lowest counts, against the lowest's size.
    """
    means = smoothed(losses, kept_over(steps))
    lowest = means.min()
    return bool(means[-1] > lowest + (stop_at - 1) * abs(lowest))


def _refuse_first(loss: float, t: int) -> None:
    if t == 0:
        raise ValueError(
            f"range_test: the loss of the first update is {loss}, before any weight has moved; "
            f"look for NaN or infinity in the data and in the model's weights"
        )


# The test --------------------------------------------------------------------------------------


def range_test(
    model: nn.Module,
    optimizer: Optimizer,
    loss_fn: Callable[..., Any],
    batches: Any,
    ramp: Schedule = RAMP,
    *,
    repeats: int = 3,
    accumulate: int = 1,
    validate: Callable[[nn.Module], Any] | None = None,
    validate_every: int | None = None,
    stop_at: float = BLOWN_UP,
    also: Sequence[Any] = (),
) -> RangeTest:
    """The losses of `repeats` short trainings, in each of which the rate rises along `ramp`.

    `loss_fn` is a criterion such as `nn.CrossEntropyLoss()`, for batches of (inputs, targets)
    that are moved to the model's device; or a function of (model, batch) that returns the loss.
    `batches` is a DataLoader, a list, or a function that returns an iterator and is called anew
    for each epoch. An iterator is refused: it would be used up. Each repeat starts from the
    model as it is, with the optimizer's own moments, and goes on in the stream of batches.

    The ramp is the rate of the highest parameter group, and the others keep their ratio to it.
    Where groups have an `lr_scale`, each gets that many times the ramp, as from TorchScheduler.
    An update takes `accumulate` batches. A sweep stops once the running mean of the losses
    exceeds `stop_at` times its lowest value, or a loss is not finite. `validate(model)` is
    called after every `validate_every` updates, in eval mode and without gradients.

    A model in eval mode is put into training mode; single submodules in eval mode stay in it.
    At the end, also after an error or Ctrl+C, everything is as before: see `borrowed`. It keeps
    model, optimizer, random states, the DataLoader, and what `also` holds, such as the generator
    that a function `batches` draws from. Refused: an optimizer with a scheduler, or that needs
    a closure; a first loss that is not finite. Errors of the model and the data pass through.
    """
    refuse_model(OWNER, model)
    _refuse_optimizer(optimizer, model)
    refuse_loss_fn(OWNER, loss_fn)
    refuse_batches(OWNER, batches)
    lrs = _checked_rates(ramp)  # (S,)
    repeats = checked("range_test", "repeats", COUNT, repeats)
    accumulate = checked("range_test", "accumulate", COUNT, accumulate)
    stop_at = checked("range_test", "stop_at", TIMES, stop_at)
    validation = _validation(validate, validate_every, len(lrs))
    rates = lrs[:, None] * np.array(scales(optimizer))  # (S, groups)
    lent = lent_with(loss_fn, batches)
    found = []
    with borrowed(model, optimizer, *lent, *also) as loan, closing(stream(OWNER, batches)) as data:
        loss_of = loss_on(OWNER, model, loss_fn)
        for _ in range(repeats):
            loan.reset()
            if not model.training:
                model.train()
            found.append(
                sweep(
                    model,
                    optimizer,
                    lambda: accumulated(loss_of, data, accumulate),
                    rates,
                    stop_at,
                    validation,
                )
            )
    losses, val_losses = (np.array(rows) for rows in zip(*found, strict=True))  # (R, S), (R, E)
    if validation is None:
        return RangeTest(lrs, losses)
    return RangeTest(lrs, losses, validation.steps, val_losses)


# What is refused -------------------------------------------------------------------------------


def _refuse_optimizer(optimizer: Any, model: nn.Module) -> None:
    if not isinstance(optimizer, Optimizer):
        raise ValueError(f"range_test: optimizer must be a torch optimizer, got {shown(optimizer)}")
    name = type(optimizer).__name__
    driven = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if not any(id(p) in driven and p.requires_grad for p in model.parameters()):
        raise ValueError(
            f"range_test: the optimizer ({name}) holds no trained parameter of this model; make "
            f"it with {name}(model.parameters(), ...), after the model was moved or copied"
        )
    _refuse_scheduler(optimizer)
    closure = inspect.signature(optimizer.step).parameters.get("closure")
    if closure is not None and closure.default is closure.empty:
        raise ValueError(
            f"range_test: {name} needs a closure and looks for its step by itself, so a rising "
            f"rate tells nothing about it; take an optimizer such as SGD or AdamW"
        )
    if not all("lr" in group for group in optimizer.param_groups):
        raise ValueError(
            f"range_test: {name} keeps no rate as `lr` in its groups, so none can rise"
        )


def _refuse_scheduler(optimizer: Optimizer) -> None:
    """torch's schedulers leave `initial_lr` in the groups. (A ReduceLROnPlateau does not, and does
    nothing by itself.)"""
    if any("initial_lr" in group for group in optimizer.param_groups):
        raise ValueError(
            "range_test: a scheduler is attached to the optimizer (or was, in the checkpoint it "
            "was loaded from), and its rate would be tested, not yours; call range_test before "
            "the scheduler is made, or with an optimizer that has none"
        )


def _checked_rates(ramp: Any) -> np.ndarray:
    """The rates of all updates, (S,)."""
    such = f"such as {RAMP!r}"
    if not isinstance(ramp, Schedule) or ramp.steps is None:
        raise ValueError(
            f"range_test: ramp must be a schedule with an end, {such}, got {shown(ramp)}"
        )
    if ramp.steps < SHORTEST:
        raise ValueError(
            f"range_test: a sweep of {ramp.steps} updates is too short to show a curve; give the "
            f"ramp at least {SHORTEST}, better {RAMP.steps}"
        )
    lrs = ramp(np.arange(ramp.steps, dtype=float))
    if lrs[0] <= 0 or not (np.diff(lrs) > 0).all():
        raise ValueError(
            f"range_test: the rates of a ramp must lie above 0 and rise from update to update, "
            f"{shown(ramp)} does not do that; take one {such}"
        )
    return lrs
