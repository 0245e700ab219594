"""TorchScheduler: the rates of a schedule in any optimizer, through any resume."""

import warnings
from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any

from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from lrcourse.schedules import ReduceOnPlateau, Schedule
from lrcourse.schedules.plateau import learned
from lrcourse.schedules.units import checked, shown
from lrcourse.torch_scheduler.accepted import (
    Before,
    accepted_groups,
    accepted_momentum,
    accepted_schedule,
    accepted_state,
    one_schedule,
    refuse_other_schedule,
)
from lrcourse.torch_scheduler.carried import carried_by, carry
from lrcourse.torch_scheduler.lookup import Lookup


class TorchScheduler(LRScheduler):
    """η = schedule(t), written into every parameter group before update number t.

    `schedule` is one Schedule, a ReduceOnPlateau, or a list with one Schedule per parameter
    group. A group with an `lr_scale` gets `lr_scale` times the rate; the optimizer's own `lr`
    is overwritten. `momentum` is another Schedule, such as `OneCycle(...).momentum`, for the
    `momentum` or the first of the `betas`; without it, neither is ever touched.

    Call `step()` once after each `optimizer.step()`. Of a ReduceOnPlateau a fresh copy is
    driven, `scheduler.plateau`; it hears its metric by `step(metric)`, or by `update(metric)`
    where no update was made.

    torch's schedulers multiply the rate that they find, so much depends on the order in which
    states are loaded. Here the rate follows from the number of updates and is written anew
    after every load. The optimizer's state carries that number too, so a scheduler built on a
    loaded optimizer continues. `last_epoch` is torch's count, one less than the updates made;
    -1 starts anew whatever was loaded. To join schedules use `>>` and `*`, not torch's
    SequentialLR and ChainedScheduler. `get_last_lr()` holds floats, also for rates in tensors.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedule: Any,
        *,
        momentum: Schedule | None = None,
        last_epoch: int | None = None,
    ) -> None:
        groups = accepted_groups(optimizer)
        self.schedule = accepted_schedule(schedule, len(groups))
        self.momentum = None if momentum is None else accepted_momentum(momentum, groups)
        self._rate_at = [_rate_at(each) for each in self._schedules]
        self._momentum_at = None if momentum is None else Lookup(momentum).rate
        start = self._start(last_epoch, carried_by(optimizer))
        super().__init__(optimizer)
        if start is not None:
            self._continue(*start)
        carry(self)

    @property
    def plateau(self) -> ReduceOnPlateau | None:
        """The plateau that is driven, with what it has learned; None for other schedules."""
        return self.schedule if isinstance(self.schedule, ReduceOnPlateau) else None

    @property
    def _schedules(self) -> tuple[Any, ...]:
        return self.schedule if isinstance(self.schedule, tuple) else (self.schedule,)

    # In the training loop

    def step(self, metric: Any = None) -> None:
        """One update was made: write the rates of the next. Only a plateau takes a metric."""
        if metric is not None:
            self._listen(metric, self.last_epoch + 1)
        if self._step_count == 1:
            self._warn_if_early()
        self._update_lr()
        self._step_count += 1

    def update(self, metric: Any) -> None:
        """The plateau's metric was measured, but no update made: write the rates anew.

        In a trainer: Lightning asks the plateau itself if the scheduler's configuration says
        `"reduce_on_plateau": True`; for transformers, call this in a callback's `on_evaluate`.
        """
        self._listen(metric, self.last_epoch)
        self._update_lr(self.last_epoch)

    def get_lr(self) -> list[Any]:
        """The rate of each parameter group for the update that comes next."""
        lrs = self._lrs(self.last_epoch)  # torch calls the number of updates made an "epoch"
        groups = self.optimizer.param_groups
        return [lr * group.get("lr_scale", 1.0) for group, lr in zip(groups, lrs, strict=False)]

    def add_schedule(self, schedule: Schedule) -> None:
        """One more schedule, for the next group that `optimizer.add_param_group` has added."""
        groups = len(self.optimizer.param_groups)
        if not isinstance(self.schedule, tuple) or groups == len(self.schedule):
            raise ValueError(
                f"TorchScheduler: none of the {groups} parameter groups waits for a schedule; "
                f"they follow {shown(self.schedule)}"
            )
        self.schedule = (*self.schedule, one_schedule(schedule))
        self._rate_at.append(_rate_at(schedule))
        if groups == len(self.schedule):
            self._update_lr(self.last_epoch)

    def _lrs(self, step: int) -> Iterable[float]:
        """The rate of each group after `step` updates, before its lr_scale."""
        if not isinstance(self.schedule, tuple):
            return repeat(self._rate_at[0](step))
        groups = len(self.optimizer.param_groups)
        if groups != len(self._rate_at):
            raise ValueError(
                f"TorchScheduler: {len(self._rate_at)} schedules for {groups} parameter groups; "
                f"after optimizer.add_param_group call scheduler.add_schedule(schedule)"
            )
        return [rate_at(step) for rate_at in self._rate_at]

    def _update_lr(self, epoch: int | None = None) -> None:
        step = self.last_epoch + 1 if epoch is None else epoch
        rates: list[Any] = []
        # one loop, hardly a call: this follows every update, so it must cost little
        for group, lr in zip(self.optimizer.param_groups, self._lrs(step), strict=False):
            if "lr_scale" in group:
                lr *= group["lr_scale"]
            rates.append(lr)
            if type(group["lr"]) is float:
                group["lr"] = lr
            else:
                _write_rate(group, lr)
        if self._momentum_at is not None:
            _write_momentum(self.optimizer.param_groups, self._momentum_at(step))
        self.last_epoch, self._last_lr = step, rates

    def _listen(self, metric: Any, step: int) -> None:
        if self.plateau is None:
            raise ValueError(
                f"TorchScheduler: {shown(self.schedule)} takes neither a metric nor an epoch, "
                f"got {shown(metric)}; call step() once after each optimizer.step()"
            )
        self.plateau.update(metric, step)

    def _warn_if_early(self) -> None:
        watched = hasattr(self.optimizer.step, "_wrapped_by_lr_sched")  # by torch's LRScheduler
        if watched and not hasattr(self.optimizer, "_opt_called") and not self._overflowed():
            warnings.warn(
                "TorchScheduler: step() was called before the first optimizer.step(), so the "
                "first rate of the schedule is never used; call optimizer.step() first",
                UserWarning,
                stacklevel=3,
            )

    def _overflowed(self) -> bool:
        """Whether a gradient is infinite or NaN, for which torch's GradScaler skips an update."""
        weights = (weight for group in self.optimizer.param_groups for weight in group["params"])
        return any(w.grad is not None and not w.grad.sum().isfinite() for w in weights)

    # Saving and resuming

    def state_dict(self) -> dict[str, Any]:
        """Plain data, readable by `torch.load` with its safe defaults."""
        learned = None if self.plateau is None else self.plateau.state_dict()
        return {"last_epoch": self.last_epoch, **self._names(), "plateau": learned}

    def load_state_dict(self, state: dict[str, Any], same_schedule: bool = True) -> None:
        """Continue after `state["last_epoch"]` updates, and write the rate of that moment.

        Refused, with nothing changed: what is no such state, and the state of a different
        schedule or momentum; pass `same_schedule=False` where the change is meant.
        """
        self._continue(*self._checked(state, same_schedule))

    def _names(self) -> dict[str, Any]:
        names = [repr(schedule) for schedule in self._schedules]
        return {
            "schedule": names if isinstance(self.schedule, tuple) else names[0],
            "momentum": None if self.momentum is None else repr(self.momentum),
        }

    def _checked(self, state: Any, same_schedule: bool) -> tuple[int, dict[str, Any] | None]:
        """The updates made and what the plateau learned from its metrics, or a sentence."""
        state = accepted_state(state)
        if same_schedule:
            refuse_other_schedule(state, self._names())
        if self.plateau is None or (state["plateau"] is None and not same_schedule):
            return state["last_epoch"], None
        return state["last_epoch"], learned(state["plateau"])

    def _continue(self, made: int, learned: dict[str, Any] | None) -> None:
        if self.plateau is not None and learned is not None:
            self.plateau.load_state_dict(learned)
        self._update_lr(made)
        self._step_count = made + 1

    def _start(self, last_epoch: Any, carried: Any) -> tuple[int, dict[str, Any] | None] | None:
        """Where to begin: at `last_epoch`, where the optimizer's loaded state stands, or at 0."""
        if last_epoch is None:
            return None if carried is None else self._checked(carried, same_schedule=True)
        made = checked("TorchScheduler", "last_epoch", Before, last_epoch) + 1
        if made == 0:
            return None
        if carried is None and self.plateau is not None:
            raise ValueError(
                f"TorchScheduler: last_epoch={last_epoch} does not tell what a ReduceOnPlateau "
                f"has learned from its metrics; leave it out and load the scheduler's state"
            )
        if carried is None:
            return made, None
        saved, learned = self._checked(carried, same_schedule=False)
        if saved != made:
            raise ValueError(
                f"TorchScheduler: last_epoch={last_epoch} means {made} updates made, but the "
                f"optimizer's state was saved after {saved}; leave last_epoch out to continue, "
                f"or pass last_epoch=-1 to start anew"
            )
        return saved, learned

    def _follow(self, carried: Any) -> None:
        """The optimizer's state was loaded: continue where it stands, if it is our schedule's."""
        try:
            self._continue(*self._checked(carried, same_schedule=True))
        except ValueError:  # it carries none, or another's; what it brought is only its rate
            self._update_lr(self.last_epoch)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        carry(self)  # the copy of an optimizer has no hooks


def _rate_at(schedule: Any) -> Callable[[int], float]:
    return schedule.rate if isinstance(schedule, ReduceOnPlateau) else Lookup(schedule).rate


def _write_rate(group: dict[str, Any], lr: float) -> None:
    if isinstance(group["lr"], Tensor):  # a compiled optimizer keeps its rate in a tensor
        group["lr"].fill_(lr)
    else:
        group["lr"] = lr


def _write_momentum(groups: list[dict[str, Any]], momentum: float) -> None:
    for group in groups:
        if "betas" in group:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum
