"""The bridge to PyTorch: let one of our schedules drive any torch optimizer."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from lrcourse.schedules import Schedule

BLOCK = 1024  # rates computed at once: a look-up costs under 1 µs, a scalar NumPy call about 20


class TorchScheduler(LRScheduler):
    """η = schedule(t), written into every parameter group before update number t.

    Call `step()` once after each `optimizer.step()`. A group with an `lr_scale` gets
    `lr_scale` times the rate; the optimizer's own `lr` is overwritten. The state is the step
    count, so it can be loaded before or after the optimizer's state: the rate is written
    anew. torch's own schedulers multiply the rate that they find, which goes wrong when the
    optimizer's state is loaded before they are built.

    Refused: something that is no schedule, and the state of a different schedule (pass
    `same_schedule=False` to `load_state_dict` where the change is meant).
    """

    def __init__(self, optimizer: Optimizer, schedule: Schedule, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"TorchScheduler: optimizer must be a torch optimizer, got {optimizer!r}"
            )
        if not isinstance(schedule, Schedule):
            raise TypeError(
                f"TorchScheduler: schedule must be a Schedule such as StepDecay(0.1, 30), "
                f"got {schedule!r}"
            )
        self.schedule = schedule
        self._block_start = -1
        self._block: list[float] = []
        if last_epoch >= 0:  # torch asks for it, but our rates need nothing from the past
            _remember_initial_rates(optimizer.param_groups)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rate of each parameter group for the update that comes next."""
        lr = self._rate(self.last_epoch)  # torch calls the number of updates made an "epoch"
        return [lr * group.get("lr_scale", 1.0) for group in self.optimizer.param_groups]

    def _rate(self, step: int) -> float:
        start = step - step % BLOCK
        if start != self._block_start:
            self._block = self.schedule(np.arange(start, start + BLOCK)).tolist()
            self._block_start = start
        return self._block[step - start]

    def state_dict(self) -> dict[str, Any]:
        """Plain data, readable by `torch.load` with its safe defaults."""
        return {"last_epoch": self.last_epoch, "schedule": repr(self.schedule)}

    def load_state_dict(self, state: dict[str, Any], same_schedule: bool = True) -> None:
        """Continue after `state["last_epoch"]` updates, and write the rate of that moment."""
        if not {"last_epoch", "schedule"} <= state.keys():
            raise ValueError(
                f"TorchScheduler: the state holds {sorted(state)}, not a step count and a "
                f"schedule; pass what TorchScheduler.state_dict() returned"
            )
        if same_schedule and state["schedule"] != repr(self.schedule):
            raise ValueError(
                f"TorchScheduler: the state was saved with {state['schedule']}, this run has "
                f"{self.schedule!r}; build the same schedule, or pass same_schedule=False"
            )
        self.last_epoch = state["last_epoch"]
        self._step_count = self.last_epoch + 1
        rates = self.get_lr()
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            _write_rate(group, lr)
        self._last_lr = rates


def _write_rate(group: dict[str, Any], lr: float) -> None:
    if isinstance(group["lr"], Tensor):  # a compiled optimizer keeps its rate in a tensor
        group["lr"].fill_(lr)
    else:
        group["lr"] = lr


def _remember_initial_rates(groups: Iterable[dict[str, Any]]) -> None:
    for group in groups:
        group.setdefault("initial_lr", group["lr"])
