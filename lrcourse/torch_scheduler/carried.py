"""The optimizer's saved state carries the scheduler's, so that either alone is enough.

torch keeps `initial_lr` in the parameter groups in the same way. Our key is in saved groups
only: an optimizer that is in use can be given to a second scheduler, which starts anew.
"""

import weakref
from typing import Any

from torch.optim import Optimizer

CARRIED = "lrcourse_scheduler"


def carried_by(optimizer: Optimizer) -> Any:
    """The scheduler's state in a loaded optimizer; None if there is none."""
    return optimizer.param_groups[0].get(CARRIED)


def carry(scheduler: Any) -> None:
    """From now on the state of its optimizer carries the scheduler's, and brings it back."""
    optimizer = scheduler.optimizer
    for handle in getattr(optimizer, "_lrcourse_hooks", ()):
        handle.remove()  # the scheduler before this one drives no longer
    _take(optimizer)
    alive = weakref.ref(scheduler)  # the optimizer may outlive its scheduler

    def sign(_optimizer: Optimizer, state: dict[str, Any]) -> None:
        driver = alive()
        if driver is not None and driver.last_epoch >= 0:  # parts of SequentialLR wait at -1
            for group in state["param_groups"]:
                group[CARRIED] = driver.state_dict()

    def follow(optimizer: Optimizer) -> None:
        carried, driver = _take(optimizer), alive()
        if driver is not None and driver.last_epoch >= 0:
            driver._follow(carried)

    optimizer._lrcourse_hooks = (
        optimizer.register_state_dict_post_hook(sign),
        optimizer.register_load_state_dict_post_hook(follow),
    )


def _take(optimizer: Optimizer) -> Any:
    carried, *_ = [group.pop(CARRIED, None) for group in optimizer.param_groups]
    return carried
