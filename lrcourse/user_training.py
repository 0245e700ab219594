"""What somebody trains with: a model, a loss_fn and batches, as all tools understand them.

`loss_fn` is a criterion such as `nn.CrossEntropyLoss()`, for batches of (inputs, targets) that
are moved to the model's device; or a function of (model, batch) that returns the loss. `batches`
is a DataLoader, a list, or a function that returns an iterator and is called anew for each epoch.
An iterator is refused: it would be used up. `owner` is the tool that a message speaks for.
"""

import inspect
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sized
from copy import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from lrcourse.schedules.units import shown

LOSSES_OF_TORCH = "torch.nn.functional"  # called like a criterion
DATA = "give a DataLoader, a list of batches, or a function that returns an iterator"

LossOf = Callable[[Any], Tensor]  # of a batch


# What is refused -------------------------------------------------------------------------------


def refuse_model(owner: str, model: Any) -> None:
    """Anything that is no module, or that has nothing to train."""
    if not isinstance(model, nn.Module):
        raise ValueError(f"{owner}: model must be a torch.nn.Module, got {shown(model)}")
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ValueError(
            f"{owner}: the model ({type(model).__name__}) has no parameter with "
            f"requires_grad=True, so there is nothing to train; unfreeze some"
        )


def refuse_loss_fn(owner: str, loss_fn: Any) -> None:
    """What cannot be called, or is a class and not a criterion."""
    if not callable(loss_fn):
        raise ValueError(
            f"{owner}: loss_fn must be a criterion such as nn.CrossEntropyLoss() or a "
            f"function of (model, batch), got {shown(loss_fn)}"
        )
    if inspect.isclass(loss_fn):
        raise ValueError(
            f"{owner}: loss_fn is the class {loss_fn.__name__}; make one with {loss_fn.__name__}()"
        )


def refuse_batches(owner: str, batches: Any) -> None:
    """An iterator, something that is no collection of batches, or an empty one."""
    if isinstance(batches, Iterator):
        raise ValueError(
            f"{owner}: batches is an iterator ({_named(batches)}), which can be used only "
            f"once, and you would miss what was taken; {DATA}"
        )
    if isinstance(batches, str | bytes | Mapping | Tensor | np.ndarray):
        raise ValueError(f"{owner}: batches must hold many batches, got {kind_of(batches)}; {DATA}")
    if not isinstance(batches, Iterable) and not callable(batches):
        raise ValueError(f"{owner}: batches cannot be iterated, got {kind_of(batches)}; {DATA}")
    if isinstance(batches, Sized) and not isinstance(batches, DataLoader) and not len(batches):
        raise ValueError(f"{owner}: batches is empty; {DATA}")


# Batches ---------------------------------------------------------------------------------------


def stream(owner: str, batches: Any) -> Generator[Any, None, None]:
    """One batch after the other for ever: at the end of an epoch the next one begins."""
    for epoch in iter(lambda: epoch_of(owner, batches), None):
        given = 0
        for given, batch in enumerate(epoch, 1):  # noqa: B007  counts what was given
            yield batch
        if not given:
            raise ValueError(
                f"{owner}: batches ended before the first batch: an epoch of "
                f"{_named(batches)} gave none; {DATA}, a new one in each call"
            )


def epoch_of(owner: str, batches: Any) -> Iterable[Any]:
    """The batches of one epoch."""
    if isinstance(batches, DataLoader):
        return _with_workers_of_its_own(batches)
    if isinstance(batches, Iterable):
        return batches
    epoch = batches()
    if not isinstance(epoch, Iterable):
        raise ValueError(f"{owner}: {_named(batches)} returned {shown(epoch)}; {DATA}")
    return epoch


def _with_workers_of_its_own(loader: Any) -> Any:
    """The same loader, or a copy where workers persist: an epoch under way is not disturbed."""
    if not loader.persistent_workers:
        return loader
    loader = copy(loader)
    loader._iterator = None
    return loader


def _named(thing: Any) -> str:
    return getattr(thing, "__name__", None) or type(thing).__name__


# The loss of one update ------------------------------------------------------------------------


def loss_on(owner: str, model: nn.Module, loss_fn: Callable[..., Any]) -> LossOf:
    """Of a batch, by a criterion of (outputs, targets) or by a function of (model, batch)."""
    is_criterion = isinstance(loss_fn, nn.Module) or _module_of(loss_fn) == LOSSES_OF_TORCH
    if not is_criterion:
        return lambda batch: checked_loss(owner, loss_fn(model, batch))
    device = next(model.parameters()).device

    def loss_of(batch: Any) -> Tensor:
        inputs, targets = (_moved(part, device) for part in _pair(owner, batch))
        return checked_loss(owner, loss_fn(model(inputs), targets))

    return loss_of


def _module_of(function: Any) -> str:
    return getattr(function, "__module__", None) or ""


def _pair(owner: str, batch: Any) -> Any:
    if isinstance(batch, list | tuple) and len(batch) == 2:
        return batch
    raise ValueError(
        f"{owner}: a criterion needs batches of (inputs, targets), got {kind_of(batch)}; "
        f"give a function of (model, batch) as loss_fn"
    )


def kind_of(batch: Any) -> str:
    """A batch in a few words, not with its numbers."""
    if isinstance(batch, Tensor):
        return f"a tensor of shape {tuple(batch.shape)}"
    if isinstance(batch, list | tuple):
        return f"a {type(batch).__name__} of {len(batch)}"
    if isinstance(batch, Mapping):
        return f"a {type(batch).__name__} of {', '.join(map(str, batch))}"
    name = type(batch).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _moved(part: Any, device: torch.device) -> Any:
    return part.to(device, non_blocking=True) if hasattr(part, "to") else part


def checked_loss(owner: str, loss: Any) -> Tensor:
    """The loss, if gradients can be taken of it."""
    if not isinstance(loss, Tensor):
        raise ValueError(
            f"{owner}: loss_fn must return a tensor of one number, got {kind_of(loss)}"
        )
    if loss.numel() != 1:
        raise ValueError(
            f"{owner}: loss_fn must return one number, got {kind_of(loss)}; take its mean, or "
            f'a criterion with reduction="mean"'
        )
    if not loss.requires_grad:
        raise ValueError(
            f"{owner}: the loss does not depend on a parameter that is trained; return it as "
            f"the model computed it, without .item(), .detach() or torch.no_grad()"
        )
    return loss


def lent_with(loss_fn: Any, batches: Any) -> list[Any]:
    """What `borrowed` must keep besides the model: a criterion with a state, and a loader."""
    return [each for each in (loss_fn, batches) if isinstance(each, nn.Module | DataLoader)]
