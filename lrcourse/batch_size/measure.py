"""The noise scale of somebody's own torch model, with nothing of it changed.

The gradients of k small batches are looked at one by one, and their mean is the gradient of one
batch k times as large. Many such groups give the interval. The only file of this room that
imports torch itself.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Annotated, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import SequentialSampler

from lrcourse.batch_size.noise import FEWEST, NoiseScale, noise_scale
from lrcourse.batch_size.rules import Batch
from lrcourse.borrowed import borrowed
from lrcourse.schedules.units import Unit, checked, shown
from lrcourse.user_training import (
    LossOf,
    epoch_of,
    lent_with,
    loss_on,
    refuse_batches,
    refuse_loss_fn,
    refuse_model,
)

OWNER = "measure_noise_scale"
Group = Annotated[
    int, Unit("small batches in a large one", 2, math.inf, 8, play=(2, 64), whole=True)
]
Repeats = Annotated[int, Unit("groups", FEWEST, math.inf, 32, play=(4, 100), whole=True)]
Time = Annotated[int, Unit("updates already made", 0, math.inf, 0, play=(0, 1e5), whole=True)]


def measure_noise_scale(
    model: nn.Module,
    loss_fn: Callable[..., Any],
    batches: Any,
    *,
    group: int = 8,
    repeats: int = 32,
    t: int | None = None,
    batch_size: int | None = None,
) -> NoiseScale:
    """tr(Σ)/|G|² of `model` as it is now, from `repeats` groups of `group` batches each.

    `loss_fn` and `batches` are those of `range_test`; the loss must be the *mean* over a batch.
    Batches of another size than the first (the last of an epoch) are
    left out. A list, or a loader that does not shuffle, is used once; of others the epochs go on
    until there are groups enough. No group reaches over the end of an epoch.

    Give `t`, the updates made so far: the scale grows during training. It counts what a batch
    counts, usually sequences and not tokens in a language model. It is the scale of the plain
    gradient, as SGD uses it; Adam sees another, and it remains a guide there. With gradients of
    256 batches it costs about what 256 updates do. Model, gradients, buffers and random numbers
    are as before afterwards.
    """
    group, repeats = (
        checked(OWNER, "group", Group, group),
        checked(OWNER, "repeats", Repeats, repeats),
    )
    t = None if t is None else checked(OWNER, "t", Time, t)
    refuse_model(OWNER, model)
    refuse_loss_fn(OWNER, loss_fn)
    refuse_batches(OWNER, batches)
    _refuse_another_reduction(loss_fn)
    loss_of = loss_on(OWNER, model, loss_fn)
    parameters = [each for each in model.parameters() if each.requires_grad]
    stream = Stream(batches, batch_size)
    with borrowed(model, None, *lent_with(loss_fn, batches)), torch.enable_grad():
        rows: list[tuple[float, float, float]] = []
        for members in stream.groups(group, repeats):
            row = group_norms(loss_of, parameters, members)
            if stream.starts_again and row == rows[0]:
                break  # the epochs are all the same: no news any more
            rows.append(row)
    _refuse_few(rows, group, stream)
    small, big, losses = np.array(rows).T
    assert stream.size is not None
    found = noise_scale(
        small, big, stream.size, stream.size * group, t=t, loss=float(losses.mean())
    )
    return replace(found, notes=tuple(_notes(model, stream, len(rows), repeats)))


def group_norms(
    loss_of: LossOf, parameters: Sequence[Tensor], members: Sequence[Any]
) -> tuple[float, float, float]:
    """The mean of |g_b|² over the batches, |g_B|² of their mean gradient, and the mean loss."""
    total: list[Tensor] = []
    small, losses = [], []
    for batch in members:
        loss = loss_of(batch)
        _refuse_lost(loss)
        gradients = gradients_of(loss, parameters)
        small.append(squared_norm(gradients))
        total = [a + b for a, b in zip(total, gradients, strict=True)] if total else gradients
        losses.append(loss.item())
    k = len(members)
    return sum(small) / k, squared_norm(total) / k**2, sum(losses) / k


def gradients_of(loss: Tensor, parameters: Sequence[Tensor]) -> list[Tensor]:
    """One gradient for each parameter, in its shape; zeros where the loss does not depend on it."""
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    return [
        torch.zeros_like(parameter) if gradient is None else gradient.detach().to_dense()
        for gradient, parameter in zip(gradients, parameters, strict=True)
    ]


def squared_norm(gradients: Sequence[Tensor]) -> float:
    """Σ g², over all parameters."""
    return sum(gradient.float().square().sum().item() for gradient in gradients)


class Stream:
    """The batches of a user, epoch after epoch, in groups of equal size."""

    def __init__(self, batches: Any, size: int | None = None) -> None:
        self.batches = batches
        self.size = None if size is None else checked(OWNER, "batch_size", Batch, size)
        self.size_is_given = size is not None
        self.left_out = 0
        self.seen = 0  # full batches of this epoch
        self.starts_again = False  # the newest group is the first of a later epoch

    @property
    def is_used_once(self) -> bool:
        """True where a second epoch would bring the same groups again."""
        sampler = getattr(self.batches, "sampler", None)
        return isinstance(self.batches, Sequence) or isinstance(sampler, SequentialSampler)

    def groups(self, group: int, repeats: int) -> Iterator[list[Any]]:
        """Up to `repeats` lists of `group` batches; the rest of an epoch is left."""
        made = 0
        for epoch in count():
            members: list[Any] = []
            self.seen = 0
            for batch in self._full_batches():
                members.append(batch)
                if len(members) == group:
                    self.starts_again = epoch > 0 and self.seen == group
                    yield members
                    members, made = [], made + 1
                    if made == repeats:
                        return
            if self.is_used_once or self.seen < group:
                return

    def _full_batches(self) -> Iterator[Any]:
        """One epoch, without the batches of another size."""
        for batch in epoch_of(OWNER, self.batches):
            size = self.size if self.size_is_given else size_of(batch)
            self.size = self.size or size
            if size == self.size:
                self.seen += 1
                yield batch
            else:
                self.left_out += 1


def size_of(batch: Any) -> int:
    """The examples in a batch: the length of the first tensor or array in it."""
    for thing in _leaves(batch):
        if getattr(thing, "shape", ()):
            return int(thing.shape[0])
    raise ValueError(
        f"{OWNER}: the number of examples in a batch cannot be seen in {shown(batch)}; "
        f"give batch_size"
    )


def _leaves(batch: Any) -> Iterator[Any]:
    """What a batch is made of, from first to last."""
    if isinstance(batch, Mapping):
        batch = list(batch.values())
    if isinstance(batch, list | tuple):
        for member in batch:
            yield from _leaves(member)
    else:
        yield batch


# What is refused, and what is said --------------------------------------------------------------


def _refuse_another_reduction(loss_fn: Any) -> None:
    if getattr(loss_fn, "reduction", "mean") != "mean":
        raise ValueError(
            f"{OWNER}: loss_fn must take the mean over the batch, got reduction="
            f"{loss_fn.reduction!r}; the gradient would grow with the batch"
        )


def _refuse_lost(loss: Tensor) -> None:
    if not math.isfinite(loss.item()):
        raise ValueError(
            f"{OWNER}: the loss is {loss.item()}, so there is no gradient to measure; measure "
            f"before the training diverges"
        )


def _refuse_few(rows: Sequence[Any], group: int, stream: Stream) -> None:
    if len(rows) >= FEWEST:
        return
    what = f"{len(rows)} different groups of {group} batches of {stream.size}"
    if stream.size is None:
        what = "no batch at all"
    raise ValueError(
        f"{OWNER}: batches gave {what}, and at least {FEWEST} groups are needed; use a smaller "
        f"group, smaller batches, or a loader that shuffles"
    )


def _notes(model: nn.Module, stream: Stream, groups: int, repeats: int) -> Iterator[str]:
    parts = list(model.modules())
    if groups < repeats:
        yield f"{groups} groups instead of {repeats}: the batches gave no more that were new"
    if stream.left_out:
        yield f"{stream.left_out} batches of another size than {stream.size} were left out"
    if not model.training:
        yield "the model was in eval mode: dropout and BatchNorm were as in a test"
    if any(isinstance(each, nn.modules.batchnorm._BatchNorm) and each.training for each in parts):
        yield (
            f"BatchNorm mixes the examples of a batch: this holds for normalising over "
            f"{stream.size} examples, whatever the batch"
        )
    if any(isinstance(each, nn.modules.dropout._DropoutNd) and each.training for each in parts):
        yield "dropout was on: its noise is part of the scale, as it is in training"
