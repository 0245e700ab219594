"""What `diagnose` and the drop test accept: bad input gets one sentence."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lrcourse.schedules.units import shown

LEAST = 2  # losses that make a curve


def numbers(owner: str, name: str, values: Any) -> np.ndarray:
    """`values` as a new array (N,) of floats; NaN and infinity stay."""
    if hasattr(values, "detach"):  # a tensor of torch, perhaps on a device
        values = values.detach().cpu().double().numpy()
    try:
        if isinstance(values, str | bytes | Mapping | set):
            raise TypeError
        array = np.array(values, dtype=float)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(
            f"{owner}: {name} must be a sequence of numbers, got {shown(values)}"
        ) from None
    if array.ndim != 1:
        raise ValueError(
            f"{owner}: {name} must be one row of numbers, got the shape {array.shape}; give one "
            f"run at a time"
        )
    return array


def curve(owner: str, name: str, values: Any) -> np.ndarray:
    """At least two losses, one of them finite."""
    losses = numbers(owner, name, values)
    if len(losses) < LEAST:
        raise ValueError(
            f"{owner}: {name} must hold at least {LEAST} losses, got {len(losses)}; log one for "
            f"each update or epoch"
        )
    if not np.isfinite(losses).any():
        raise ValueError(
            f"{owner}: {name} holds no finite number: the run was lost before its first loss was "
            f"logged; look at the data, the labels and the initial weights first"
        )
    return losses


def rates_for(owner: str, losses: np.ndarray, rates: Any) -> np.ndarray | None:
    """One rate for each loss, none below zero. NaN, a rate not logged, takes its neighbour's."""
    if rates is None:
        return None
    lrs = numbers(owner, "rates", rates)
    if len(lrs) != len(losses):
        raise ValueError(
            f"{owner}: rates must be as many as the losses, {len(losses)}, got {len(lrs)}"
        )
    known = np.flatnonzero(~np.isnan(lrs))
    if (lrs[known] < 0).any() or not np.isfinite(lrs[known]).all():
        wrong = lrs[known][(lrs[known] < 0) | ~np.isfinite(lrs[known])][0]
        raise ValueError(f"{owner}: rates must be finite and not below zero, got {shown(wrong)}")
    if not len(known) or not lrs[known].any():
        return None
    latest = np.maximum(np.searchsorted(known, np.arange(len(lrs)), side="right") - 1, 0)
    return lrs[known[latest]]


def steps_for(owner: str, losses: np.ndarray, steps: Any) -> np.ndarray:
    """The update at which each loss was logged, none before its neighbour; else 0, 1, 2, ..."""
    if steps is None:
        return np.arange(float(len(losses)))
    updates = numbers(owner, "steps", steps)
    if len(updates) != len(losses):
        raise ValueError(
            f"{owner}: steps must be as many as the losses, {len(losses)}, got {len(updates)}"
        )
    if not np.isfinite(updates).all():
        wrong = updates[~np.isfinite(updates)][0]
        raise ValueError(f"{owner}: steps must be finite, got {shown(wrong)}")
    if (np.diff(updates) < 0).any():
        at = int(np.flatnonzero(np.diff(updates) < 0)[0])
        raise ValueError(
            f"{owner}: steps must not go back, got {updates[at + 1]:.15g} after "
            f"{updates[at]:.15g}; give one run at a time, in its order"
        )
    return updates


def validation_for(
    owner: str, losses: np.ndarray, val: Any
) -> tuple[np.ndarray, np.ndarray] | None:
    """(V,) after how many updates, and the losses, in their order."""
    if val is None:
        return None
    if isinstance(val, Mapping):
        after = numbers(owner, "the steps of val", list(val))
        values = numbers(owner, "val", list(val.values()))
    else:
        values = numbers(owner, "val", val)
        after = np.arange(1, len(values) + 1) * len(losses) / max(1, len(values))
    if not len(values):
        raise ValueError(f"{owner}: val must hold at least one loss, or be None, got none")
    if len(values) > len(losses):
        raise ValueError(
            f"{owner}: val must not be longer than the losses, {len(losses)}, got {len(values)}"
        )
    if not ((after >= 0) & (after <= len(losses))).all():
        raise ValueError(
            f"{owner}: the steps of val must lie in [0, {len(losses)}], counted in losses, got "
            f"{shown(after[~((after >= 0) & (after <= len(losses)))][0])}"
        )
    order = np.argsort(after, kind="stable")
    return after[order].astype(int), values[order]
