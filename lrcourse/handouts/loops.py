"""Training loops that an answer writes: what they note, and what their updates really used.

A log can be right where the training is not: where the line that notes was changed, or where the
rate moves between noting and using it. So a hook looks over every optimizer's shoulder. A loop
that makes no update at all, because it computes its rates, is taken at its word; one that steps a
scheduler but never its optimizer is not.
"""

import warnings
from collections.abc import Callable
from typing import Any

from torch.optim.optimizer import register_optimizer_step_pre_hook

from lrcourse.handouts import Unlike

NOTED, USED = "what the loop notes", "what its updates used"


def noted_or_used(answer: Any, epochs: int, batches: int, peak_lr: float, compared: str) -> Any:
    """The rates that the loop notes, or those of its updates."""
    return _watched(lambda group: group["lr"], answer, epochs, batches, peak_lr, compared)


def noted_or_used_effectively(
    answer: Any, epochs: int, batches: int, peak_lr: float, compared: str
) -> Any:
    """The effective rates η/(1 - m) that the loop notes, or those of its updates."""
    return _watched(
        lambda group: group["lr"] / (1 - group["momentum"]),
        answer,
        epochs,
        batches,
        peak_lr,
        compared,
    )


def _watched(
    read: Callable[[dict[str, Any]], float],
    answer: Any,
    epochs: int,
    batches: int,
    peak_lr: float,
    compared: str,
) -> Any:
    used: list[float] = []
    hook = register_optimizer_step_pre_hook(
        lambda optimizer, *_: used.append(float(read(optimizer.param_groups[0])))
    )
    try:
        with warnings.catch_warnings(record=True) as said:  # the verdict says more than torch's
            warnings.simplefilter("always")
            noted = answer(epochs, batches, peak_lr)
    finally:
        hook.remove()
    if compared == USED and not used and any("lr_scheduler.step" in str(w.message) for w in said):
        raise Unlike("nothing calls optimizer.step(), so none of the rates was used")
    return used if compared == USED and used else noted
