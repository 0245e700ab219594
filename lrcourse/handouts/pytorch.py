"""Section 08, the PyTorch API: the pictures, and what an answer is handed besides numbers.

These answers get optimizers, schedulers and functions, which cannot leave a process. So one
function for each task stands between: it gets the answer, numbers and words, hands the objects
over, and gives back plain numbers: the rates, read from the optimizer before each update. Where
nobody has tried yet, it raises NotImplementedError.
"""

import copy
import itertools
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    SequentialLR,
    StepLR,
)

from lrcourse.handouts import Unlike
from lrcourse.schedules import LinearDecay
from lrcourse.torch_twins import rates_used

# What an answer is given, and what it gives back -----------------------------------------------


class HandedOver(torch.optim.SGD):
    """An optimizer that stays itself: check() copies what it gives to an answer."""

    def __deepcopy__(self, memo: Any) -> "HandedOver":
        return self

    def __repr__(self) -> str:
        return "optimizer"


HandedOver.__name__ = "SGD"  # so that an error message calls it as the learner does


def optimizer_at(*lrs: float) -> HandedOver:
    """An optimizer with one parameter group for each rate."""
    return HandedOver([{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in lrs])


def attempted(made: Any) -> Any:
    """`made`, or NotImplementedError where nobody has tried yet."""
    if made is None or made is ...:
        raise NotImplementedError
    return made


def a_scheduler(made: Any) -> Any:
    """`made`, or a sentence where it is no scheduler."""
    if not isinstance(made, LRScheduler | ChainedScheduler):
        raise Unlike(f"the function must return a scheduler, got {type(made).__name__}")
    return made


@contextmanager
def quiet() -> Iterator[None]:
    """Without torch's warnings: the verdict says more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def advised(advice: dict[str, str]) -> Iterator[None]:
    """An error whose words are known gets one sentence more."""
    try:
        yield
    except Exception as error:
        told = str(error)
        found = next((advice[words] for words in advice if words in told), None)
        if found:
            told = told.partition("\\n")[0]  # torch explains at length
            end = "." if told.endswith(".") else ""
            error.args = (f"{told.rstrip('.')}. {found}{end}",)
        raise


# 08.1 -----------------------------------------------------------------------------------------


def building(peak_lr: float, warmup_steps: int, gamma: float) -> str:
    """A program that makes an optimizer and three schedulers, and takes no step."""
    return f"""
optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr={peak_lr})

warmup = LambdaLR(optimizer, lambda t: min(1, (t + 1) / {warmup_steps}))
after_warmup = optimizer.param_groups[0]["lr"]

cosine = CosineAnnealingLR(optimizer, T_max=50)
after_cosine = optimizer.param_groups[0]["lr"]
base_of_cosine = cosine.base_lrs[0]

decay = LambdaLR(optimizer, lambda t: {gamma} ** t)
after_decay = optimizer.param_groups[0]["lr"]
""".strip()


# 08.2 -----------------------------------------------------------------------------------------

LOGGING_ADVICE = {
    "has no attribute 'lr'": 'The rate stands in optimizer.param_groups[0]["lr"]',
    "has no attribute 'param_groups'": "The groups with the rates belong to the optimizer",
}

LOG, USED = "your log", "what the updates used"
LOGGED: dict[str, Callable[[Any], Any]] = {
    "StepLR": partial(StepLR, step_size=3, gamma=0.5),
    "ExponentialLR": partial(ExponentialLR, gamma=0.8),
    "CosineAnnealingLR": partial(CosineAnnealingLR, T_max=20),
    "LambdaLR": partial(LambdaLR, lr_lambda=lambda t: 1 / (1 + t)),
}


@quiet()
def logged(answer: Any, name: str, peak_lr: float, updates: int, compared: str) -> Any:
    """What an answer wrote down; or what a hook saw, which no answer can get wrong unnoticed."""
    optimizer, used = optimizer_at(peak_lr), list[float]()
    optimizer.register_step_pre_hook(lambda *_: used.append(float(optimizer.param_groups[0]["lr"])))
    scheduler = LOGGED[name](optimizer)
    scheduler.__deepcopy__ = lambda memo: scheduler
    with advised(LOGGING_ADVICE):
        log = answer(optimizer, scheduler, updates)
    if isinstance(log, Iterator):  # a generator makes its updates only here, perhaps without end
        log = list(itertools.islice(log, 100 * updates))
    return log if compared == LOG else used


# 08.3 -----------------------------------------------------------------------------------------


def broken_train(epochs: int, batches: int, peak_lr: float) -> list[float]:
    """The loop with its three bugs, as it is handed out."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = LambdaLR(optimizer, lambda t: peak_lr * max(0, 1 - t / epochs))
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            scheduler.step()
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
    return rates


@quiet()
def broken_and_meant(epochs: int, batches: int, peak_lr: float) -> dict[str, np.ndarray]:
    """Two curves: what the broken loop uses, and what was meant."""
    meant = LinearDecay(peak_lr, epochs * batches)(np.arange(epochs * batches))
    return {"meant": meant, "broken": np.array(broken_train(epochs, batches, peak_lr))}


# 08.4 and 08.5 --------------------------------------------------------------------------------

JOINING_ADVICE = {
    "'ellipsis'": "The factor has no answer yet",
    "'NoneType'": "Every path of the factor must return a number",
    "not callable": "LambdaLR wants a function of t",
    "argument: 'schedulers'": "SequentialLR takes the optimizer first, and then the list",
    "argument: 'milestones'": "milestones=[...] tells at which update the second part begins",
    "__init__() missing": "Something that this scheduler needs is not handed to it",
    "missing": "LambdaLR calls its function with t alone",
    "'int' has no len()": "milestones is a list",
    "'SGD' has no len()": "ChainedScheduler takes the list first, and no optimizer",
    "when resuming scheduler": "A scheduler that starts needs no last_epoch",
    "expects number of schedulers": "Two parts change once, so there is one milestone",
}


@quiet()
def past_the_end(
    answer: Any, peak_lr: float, warmup_steps: int, steps: int, more: int = 4
) -> list[float]:
    """The rates of a few updates more than `steps`."""
    optimizer, rates = optimizer_at(peak_lr), []
    with advised(JOINING_ADVICE):
        scheduler = _made_by(answer, optimizer, warmup_steps, steps)
        for _update in range(steps + more):
            rates.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            scheduler.step()
    return rates


up_to_the_end = partial(past_the_end, more=1)


def _made_by(answer: Any, optimizer: HandedOver, *arguments: Any) -> Any:
    try:
        return a_scheduler(attempted(answer(optimizer, *arguments)))
    except Exception as error:
        if "initial_lr" in optimizer.param_groups[0] and not str(error):  # it gave None
            raise Unlike("a scheduler is made, but not given back: write return") from None
        raise


# 08.6 -----------------------------------------------------------------------------------------


def _warmup_and_cosine(optimizer: Any) -> SequentialLR:
    parts = [LinearLR(optimizer, 0.1, total_iters=10), CosineAnnealingLR(optimizer, T_max=40)]
    return SequentialLR(optimizer, parts, milestones=[10])


RESUMED: dict[str, Callable[[Any], Any]] = {
    "SequentialLR": _warmup_and_cosine,
    "StepLR": partial(StepLR, step_size=4, gamma=0.5),
    "LambdaLR": partial(LambdaLR, lr_lambda=lambda t: 1 / (1 + t)),
}


def broken_resume(
    checkpoint: dict[str, Any], weight: Any, make_scheduler: Any
) -> tuple[torch.optim.SGD, Any]:
    """As it is handed out: the scheduler's state alone."""
    optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
    scheduler = make_scheduler(optimizer)
    scheduler.load_state_dict(checkpoint["scheduler"])
    return optimizer, scheduler


class Checkpoint(dict[str, Any]):
    """Two states, with a short name in messages."""

    def __repr__(self) -> str:
        return "checkpoint"


class Weight(torch.nn.Parameter):
    """A weight that stays itself, as `HandedOver` does, with a short name in messages."""

    def __deepcopy__(self, memo: Any) -> "Weight":
        return self

    def __repr__(self) -> str:  # type: ignore[override]
        return "weight"


class Maker:
    """What makes a scheduler, with a short name in messages."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self.make = make

    def __call__(self, optimizer: Any) -> Any:
        return self.make(optimizer)

    def __repr__(self) -> str:
        return "make_scheduler"


RESUMING_ADVICE = {
    "'param_groups'": 'optimizer.load_state_dict wants checkpoint["optimizer"]',
    "'_schedulers'": 'scheduler.load_state_dict wants checkpoint["scheduler"]',
}


@quiet()
def resumed(answer: Any, scheduler: str, stop: int, updates: int) -> list[float]:
    """The rates of `updates` updates after a break, and the momentum that came through it."""
    weight = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
    old_scheduler = RESUMED[scheduler](optimizer)
    weight.grad = torch.ones(1)
    optimizer.step()  # one update brings the momentum; the others would only take time
    _rates_alone(optimizer, old_scheduler, stop)
    checkpoint = Checkpoint(optimizer=optimizer.state_dict(), scheduler=old_scheduler.state_dict())
    tomorrow = Weight(weight.detach().clone())
    with advised(RESUMING_ADVICE):
        made = answer(copy.deepcopy(checkpoint), tomorrow, Maker(RESUMED[scheduler]))
    new_optimizer, new_scheduler = _pair(attempted(made))
    if all(each is not tomorrow for each in new_optimizer.param_groups[0]["params"]):
        raise Unlike("the optimizer must train the weight that is handed in: SGD([weight], ...)")
    momentum = _momentum_of(new_optimizer)
    return [*_rates_alone(new_optimizer, new_scheduler, updates), momentum]


def _pair(made: Any) -> tuple[Any, Any]:
    if not isinstance(made, tuple | list) or len(made) != 2:
        raise Unlike("the function must return two things: optimizer, scheduler")
    if not isinstance(made[0], torch.optim.Optimizer):
        raise Unlike("the first thing returned must be the optimizer")
    return made[0], a_scheduler(made[1])


def _rates_alone(optimizer: torch.optim.Optimizer, scheduler: Any, updates: int) -> list[float]:
    rates = []
    for _update in range(updates):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        scheduler.step()
    return rates


def _momentum_of(optimizer: torch.optim.Optimizer) -> float:
    weight = optimizer.param_groups[0]["params"][0]
    buffer = optimizer.state[weight].get("momentum_buffer")
    return 0.0 if buffer is None else float(buffer)


def rates_with_a_break(stop: int = 15, steps: int = 50) -> dict[str, np.ndarray]:
    """Two curves: a training without a break, and one resumed by the broken program."""
    whole = rates_used(RESUMED["SequentialLR"], 0.1, steps)
    after = resumed(broken_resume, "SequentialLR", stop, steps - stop)[:-1]
    return {"without a break": whole, "resumed": np.array([*whole[:stop], *after])}


# 08.8 -----------------------------------------------------------------------------------------

OWN_ADVICE = {
    "when resuming scheduler": "super().__init__ wants the optimizer alone: not your numbers",
    "attribute '_step_count'": "Call super().__init__(optimizer) in __init__",
    "attribute 'last_epoch'": "super().__init__(optimizer) sets it: call that in __init__",
    "argument: 'optimizer'": "Hand it on: super().__init__(optimizer)",
    "has no attribute": "Set your numbers before super().__init__, which already calls get_lr",
    "not iterable": "get_lr returns a list, with one rate for each group",
    "zip()": "get_lr returns a list, with one rate for each group",
    "unsupported operand": "base_lrs is a list: go through it, one base for each group",
    "can't multiply": "base_lrs is a list: go through it, one base for each group",
}


@quiet()
def two_groups(answer: Any, *arguments: Any) -> list[float]:
    """The rates of both groups, one group after the other."""
    with advised(OWN_ADVICE):
        return _play_two_groups(answer, *arguments)


def _play_two_groups(
    answer: Any, lrs: list[float], steps: int, share: float, halved_at: int | None
) -> list[float]:
    optimizer = optimizer_at(*lrs)
    scheduler = a_scheduler(attempted(answer(optimizer, steps, share)))
    rates = []
    for update in range(steps + 4):
        if update == halved_at:
            for group in optimizer.param_groups:
                group["lr"] /= 2
        rates.append([float(group["lr"]) for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    return [rate for group in zip(*rates, strict=True) for rate in group]
