"""Section 08, the PyTorch API: eight tasks, their right answers and the wrong ones we recognise.

The answers get real optimizers and schedulers, from `lrcourse.handouts.pytorch`; what is compared
are rates, read from the optimizer before each update.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    CosineAnnealingLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiplicativeLR,
    SequentialLR,
)

from lrcourse.handouts.loops import NOTED, noted_or_used
from lrcourse.handouts.loops import USED as USED_BY_LOOP
from lrcourse.handouts.pytorch import (
    LOG,
    LOGGED,
    USED,
    broken_resume,
    broken_train,
    logged,
    optimizer_at,
    past_the_end,
    resumed,
    two_groups,
    up_to_the_end,
)
from lrcourse.schedules import CosineDecay, LinearDecay, LinearWarmup
from lrcourse.tasks.base import Case, FunctionTask, Mistake, ValuesTask, choice
from lrcourse.torch_scheduler import TorchScheduler
from lrcourse.torch_twins import rates_used

# 08.1 -----------------------------------------------------------------------------------------


def building_numbers(rng: np.random.Generator) -> dict[str, Any]:
    """A rate that is easily divided."""
    return {
        "peak_lr": float(rng.choice([0.2, 0.4, 0.8, 2.0])),
        "warmup_steps": int(rng.choice([4, 5, 8, 10])),
        "gamma": float(rng.choice([0.5, 0.9])),
    }


def rates_when_built(peak_lr: float, warmup_steps: int, gamma: float) -> dict[str, float]:
    """b f(0) from a LambdaLR; a cosine at t = 0 leaves what it finds; the base stays b"""
    first = peak_lr / warmup_steps
    return {
        "after_warmup": first,
        "after_cosine": first,
        "base_of_cosine": peak_lr,
        "after_decay": peak_lr,
    }


BUILDING_MISTAKES = (
    Mistake(
        "the warmup waits for its first step()",
        lambda peak_lr, warmup_steps, gamma: {"after_warmup": peak_lr},
        "The constructor of a scheduler already takes the first step: it writes its rate for "
        "t = 0 into the optimizer.",
    ),
    Mistake(
        "no constructor changes anything",
        lambda peak_lr, warmup_steps, gamma: {"after_warmup": peak_lr, "after_cosine": peak_lr},
        "You left the rate as the optimizer was given it. The constructor of a scheduler already "
        "takes the first step, at t = 0.",
    ),
    Mistake(
        "the warmup starts at zero",
        lambda peak_lr, warmup_steps, gamma: {"after_warmup": 0.0},
        "This warmup counts from one: at t = 0 its factor is (0 + 1) / W, one stair and not zero.",
    ),
    Mistake(
        "the constructor counted as a call",
        lambda peak_lr, warmup_steps, gamma: {"after_warmup": 2 * peak_lr / warmup_steps},
        "You used the factor at t = 1. The constructor takes the step to t = 0, so the first "
        "update has the first rate.",
    ),
    Mistake(
        "the cosine restores the peak",
        lambda peak_lr, warmup_steps, gamma: {"after_cosine": peak_lr},
        "CosineAnnealingLR works from what it finds, and at t = 0 it leaves that as it is. Only "
        "one that works from the base writes the peak.",
    ),
    Mistake(
        "the base is what was found",
        lambda peak_lr, warmup_steps, gamma: {"base_of_cosine": peak_lr / warmup_steps},
        "The first scheduler noted the optimizer's own rate as initial_lr, and every later one "
        "takes its base from there, not from the present rate.",
    ),
    Mistake(
        "a LambdaLR leaves what it finds",
        lambda peak_lr, warmup_steps, gamma: {"after_decay": peak_lr / warmup_steps},
        "A LambdaLR works from the base: making it writes b · f(0), and f(0) = 1 here. The stair "
        "of the warmup is wiped out.",
    ),
    Mistake(
        "the decay counted as a call",
        lambda peak_lr, warmup_steps, gamma: {"after_decay": gamma * peak_lr},
        "You used the factor at t = 1. Making a scheduler brings it to t = 0, where γ^t is 1.",
    ),
    Mistake(
        "the decay multiplies what it finds",
        lambda peak_lr, warmup_steps, gamma: {"after_decay": gamma * peak_lr / warmup_steps},
        "Two things: a LambdaLR multiplies the base, not what it finds, and at t = 0 its factor "
        "γ^t is 1.",
    ),
    Mistake(
        "factors for rates",
        lambda peak_lr, warmup_steps, gamma: {
            "after_warmup": 1 / warmup_steps,
            "after_cosine": 1 / warmup_steps,
            "after_decay": 1.0,
        },
        "Those are the factors that the functions give. What stands in the optimizer is the base "
        "times the factor.",
    ),
)

# 08.2 -----------------------------------------------------------------------------------------


def log_of_rates(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    """The rate in the optimizer before each update: read, update, schedule"""
    log = []
    for _update in range(updates):
        log.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return log


def log_cases(rng: np.random.Generator) -> list[Case]:
    """Each training twice: what was written down, and what was used."""
    cases = []
    for name in LOGGED:
        simple = name == "StepLR"
        updates = 10 if simple else int(rng.integers(6, 15))
        arguments = {
            "scheduler": name,
            "peak_lr": 0.5 if simple else round(rng.uniform(0.05, 2), 3),
            "updates": updates,
        }
        cases += [Case({**arguments, "compared": what}) for what in (LOG, USED)]
    return cases


def _log_by_place(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    log = [0.0] * updates
    for update in range(updates):
        log[update] = scheduler.get_last_lr()[0]
        optimizer.step()
        scheduler.step()
    return log


def _log_between(optimizer: Any, scheduler: Any, updates: int) -> np.ndarray:
    log = np.empty(updates)
    for update in range(updates):
        optimizer.step()
        log[update] = optimizer.param_groups[0]["lr"]
        scheduler.step()
    return log


def _log_after(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    log = []
    for _update in range(updates):
        optimizer.step()
        scheduler.step()
        log.append(scheduler.get_last_lr()[0])
    return log


def _log_by_get_lr(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    log = []
    for _update in range(updates):
        log.append(scheduler.get_lr()[0])
        optimizer.step()
        scheduler.step()
    return log


def _log_by_get_lr_after(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    log = []
    for _update in range(updates):
        optimizer.step()
        scheduler.step()
        log.append(scheduler.get_lr()[0])
    return log


def _log_first_scheduler(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    log = []
    for _update in range(updates):
        scheduler.step()
        log.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
    return log


def _log_right_but_order(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    log = []
    for _update in range(updates):
        log.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
        optimizer.step()
    return log


def _log_without_updates(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    log = []
    for _update in range(updates):
        log.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    return log


def _log_alone(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    return [optimizer.param_groups[0]["lr"] for _update in range(updates)]


def _log_after_without_updates(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    log = []
    for _update in range(updates):
        scheduler.step()
        log.append(optimizer.param_groups[0]["lr"])
    return log


def _log_without_schedule(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    log = []
    for _update in range(updates):
        log.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
    return log


def _log_of_the_base(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    log_of_rates(optimizer, scheduler, updates)
    return [optimizer.param_groups[0]["initial_lr"]] * updates


def _log_of_one_more(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    return [*log_of_rates(optimizer, scheduler, updates), optimizer.param_groups[0]["lr"]]


def _log_of_the_defaults(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    log_of_rates(optimizer, scheduler, updates)
    return [optimizer.defaults["lr"]] * updates


def _log_with_numbered_steps(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    log = []
    for update in range(updates):
        log.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step(update)
    return log


def _log_of_more_updates(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    return log_of_rates(optimizer, scheduler, updates + 1)


def _log_of_the_first(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    return log_of_rates(optimizer, scheduler, 1)


LOG_MISTAKES = (
    Mistake(
        "reads the rate after scheduler.step()",
        _log_after,
        "By then the rate of the next update stands in the optimizer. Read it before "
        "scheduler.step().",
    ),
    Mistake(
        "get_lr() for the rate",
        _log_by_get_lr,
        "get_lr() is the inner formula, made for step() to call; called by you it applies a drop "
        'a second time. Read group["lr"] or get_last_lr().',
    ),
    Mistake(
        "get_lr() after the step",
        _log_by_get_lr_after,
        "Two things: after scheduler.step() it is the next update's turn, and get_lr() is the "
        'inner formula, which is not the rate in use. Read group["lr"] before scheduler.step().',
    ),
    Mistake(
        "scheduler.step() comes first",
        _log_first_scheduler,
        "Your log is honest, but the first rate of the schedule is never used. Update first, "
        "schedule second.",
    ),
    Mistake(
        "scheduler.step() between reading and updating",
        _log_right_but_order,
        "Your log looks right, but scheduler.step() changes the rate before the update uses it. "
        "The update comes right after reading.",
    ),
    Mistake(
        "no update",
        _log_without_updates,
        "Nothing calls optimizer.step(), so no rate was used at all. Read, update, schedule.",
    ),
    Mistake(
        "never steps the scheduler",
        _log_without_schedule,
        "The rate never changes: scheduler.step() is missing. Call it after each update.",
    ),
    Mistake(
        "logs the base",
        _log_of_the_base,
        "initial_lr and base_lrs are the rate that the optimizer was given; they never change. "
        'The present rate is group["lr"].',
    ),
    Mistake(
        "one rate too many",
        _log_of_one_more,
        "The last number is the rate after the last update, which nothing used. Log once for "
        "each update.",
    ),
    Mistake(
        "the defaults of the optimizer",
        _log_of_the_defaults,
        "optimizer.defaults is for groups that come later; nobody updates it. The rate in use is "
        'optimizer.param_groups[0]["lr"].',
    ),
    Mistake(
        "step() with a number",
        _log_with_numbered_steps,
        "step(t) sets the scheduler's clock to t, and after update t comes t + 1: every rate is "
        "one update late. Call step() with nothing, and it counts by itself.",
    ),
    Mistake(
        "one update too many",
        _log_of_more_updates,
        "Your loop makes one update more than `updates`. range(updates) goes from 0 to "
        "updates - 1, and that is enough.",
    ),
    Mistake(
        "returns within the loop",
        _log_of_the_first,
        "Only the first rate comes back: your return stands inside the loop. Move it out to the "
        "level of the for.",
    ),
    Mistake(
        "nothing but reading",
        _log_alone,
        "Nothing calls optimizer.step() or scheduler.step(), so the same rate is read again and "
        "again. Read, update, schedule.",
    ),
    Mistake(
        "no update, and read too late",
        _log_after_without_updates,
        "Nothing calls optimizer.step(), so no rate was used at all. And after scheduler.step() "
        "it is the next update's turn: read, update, schedule.",
    ),
)

# 08.3 -----------------------------------------------------------------------------------------


def train(epochs: int, batches: int, peak_lr: float) -> list[float]:
    """A factor 1 - t/T with T = epochs · batches; read, update, schedule"""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)

    def line(t: int) -> float:
        return max(0, 1 - t / (epochs * batches))

    scheduler = LambdaLR(optimizer, line)
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
    return rates


ALL_BUGS = ("rate", "order", "clock")


def train_with_bugs(
    epochs: int,
    batches: int,
    peak_lr: float,
    bugs: Sequence[str],
    step_in: str = "batch",
    length: Callable[[int, int], int] | None = None,
) -> list[float]:
    """The loop with some of its bugs; step_in tells where scheduler.step() stands."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    end = epochs if "clock" in bugs else epochs * batches
    end = length(epochs, batches) if length else end
    height = peak_lr if "rate" in bugs else 1.0
    scheduler = LambdaLR(optimizer, lambda t: height * max(0, 1 - t / end))
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            if step_in == "batch" and "order" in bugs:
                scheduler.step()
            rates.append(optimizer.param_groups[0]["lr"])
            if step_in == "batch" and "between" in bugs:
                scheduler.step()
            optimizer.step()
            if step_in == "batch" and not {"order", "between"} & set(bugs):
                scheduler.step()
            if "late" in bugs:
                rates[-1] = optimizer.param_groups[0]["lr"]
        if step_in == "epoch":
            scheduler.step()
    return rates


def train_cases(rng: np.random.Generator) -> list[Case]:
    """Peaks other than 1, where a rate would pass for a factor; each loop twice: what it notes,
    and what its updates used."""
    arguments = [{"epochs": 3, "batches": 4, "peak_lr": 0.5}]
    for _ in range(3):
        epochs, batches = int(rng.integers(2, 6)), int(rng.integers(2, 7))
        peak_lr = round(rng.uniform(0.05, 0.9), 3)
        arguments.append({"epochs": epochs, "batches": batches, "peak_lr": peak_lr})
    return [
        Case({**each, "compared": what}) for each in arguments for what in (NOTED, USED_BY_LOOP)
    ]


def _train_with_a_rate(epochs: int, batches: int, peak_lr: float) -> np.ndarray:
    steps = epochs * batches
    rate = partial(LambdaLR, lr_lambda=lambda t: peak_lr * (1 - t / steps))
    return rates_used(rate, 1.0, steps)


def _train_with_linear_lr(epochs: int, batches: int, peak_lr: float) -> np.ndarray:
    steps = epochs * batches
    line = partial(LinearLR, start_factor=1.0, end_factor=0.0, total_iters=steps)
    return rates_used(line, peak_lr, steps)


TRAIN_RIGHT = (
    _train_with_a_rate,
    _train_with_linear_lr,
    lambda epochs, batches, peak_lr: LinearDecay(peak_lr, epochs * batches)(
        np.arange(epochs * batches)
    ),
)

BUG_LESSONS = {
    "rate": "line(t) returns a rate, and LambdaLR multiplies it with the optimizer's rate: return "
    "a factor, 1 at the peak.",
    "order": "Every rate comes one update early: scheduler.step() runs before the update, or line "
    "counts t + 1. Read, optimizer.step(), scheduler.step().",
    "clock": "The line is at zero after `epochs` updates, because scheduler.step() is called for "
    "each batch: count its length in updates, epochs * batches.",
}
BUG_NAMES = {
    "rate": "a rate for a factor",
    "order": "the order of the calls",
    "clock": "the clock",
}


def _bugs_left(*bugs: str) -> Mistake:
    fixed = [name for name in ALL_BUGS if name not in bugs]
    well = {1: "One bug is repaired. ", 2: "Two bugs are repaired, one is left. "}[len(fixed)]
    return Mistake(
        f"still there: {' and '.join(BUG_NAMES[bug] for bug in bugs)}",
        partial(train_with_bugs, bugs=bugs),
        well + " ".join(BUG_LESSONS[bug] for bug in bugs),
    )


TRAIN_MISTAKES = (
    *(_bugs_left(*bugs) for n in (1, 2) for bugs in itertools.combinations(ALL_BUGS, n)),
    Mistake(
        "one rate for each epoch",
        partial(train_with_bugs, bugs=("clock",), step_in="epoch"),
        "Your rate falls in stairs, once per epoch. The line should fall at every update: leave "
        "scheduler.step() in the inner loop and count the length in updates.",
    ),
    Mistake(
        "stairs, and a rate for a factor",
        partial(train_with_bugs, bugs=("clock", "rate"), step_in="epoch"),
        "Your rate falls once per epoch; the line should fall at every update. And line(t) still "
        "returns a rate where LambdaLR wants a factor.",
    ),
    Mistake(
        "length in updates, steps in epochs",
        partial(train_with_bugs, bugs=(), step_in="epoch"),
        "Now the clock is wrong the other way round: the length counts updates, but "
        "scheduler.step() is called once per epoch. It belongs in the inner loop.",
    ),
    Mistake(
        "never steps the scheduler",
        lambda epochs, batches, peak_lr: [peak_lr] * (epochs * batches),
        "The rate never falls: scheduler.step() is not called any more. Call it after each "
        "optimizer.step().",
    ),
    Mistake(
        "as long as one epoch",
        partial(train_with_bugs, bugs=(), length=lambda epochs, batches: batches),
        "Your line is at zero after `batches` updates, which is one epoch. Its length is all "
        "updates: epochs * batches.",
    ),
    Mistake(
        "at zero one update early",
        partial(train_with_bugs, bugs=(), length=lambda epochs, batches: epochs * batches - 1),
        "The last update, t = T - 1, has the rate 0 and does nothing. Divide by T: the line is at "
        "0 after the last update.",
    ),
    Mistake(
        "scheduler.step() between reading and updating",
        partial(train_with_bugs, bugs=("between",)),
        "Your list looks right, but scheduler.step() changes the rate before the update uses it. "
        "Read, optimizer.step(), scheduler.step().",
    ),
    Mistake(
        "reading after scheduler.step()",
        partial(train_with_bugs, bugs=("late",)),
        "Your updates use the right rates, but you note the rate of the next one. Read before "
        "scheduler.step().",
    ),
)

# 08.4 -----------------------------------------------------------------------------------------


def warmup_cosine(optimizer: Any, warmup_steps: int, steps: int) -> LambdaLR:
    """f(t) = (t + 1)/W before W, then (1 + cos πp)/2 with p = min((t - W)/(T - W), 1)"""

    def factor(t: int) -> float:
        if t < warmup_steps:
            return (t + 1) / warmup_steps
        p = min((t - warmup_steps) / (steps - warmup_steps), 1)
        return (1 + math.cos(math.pi * p)) / 2

    return LambdaLR(optimizer, factor)


def joining_cases(rng: np.random.Generator) -> list[Case]:
    """Peaks other than 1, where a rate would pass for a factor."""
    cases = [Case({"peak_lr": 0.5, "warmup_steps": 4, "steps": 12})]
    for _ in range(3):
        warmup_steps = int(rng.integers(2, 9))
        steps = warmup_steps + int(rng.integers(9, 30))
        peak_lr = round(rng.uniform(0.05, 0.9), 3)
        cases.append(Case({"peak_lr": peak_lr, "warmup_steps": warmup_steps, "steps": steps}))
    return cases


def _half_cosine(p: float) -> float:
    return (1 + math.cos(math.pi * p)) / 2


def _by_factor(
    decay: Callable[[int, int, int], float],
    rise: Callable[[int, int], float] = lambda t, w: (t + 1) / w,
) -> Callable[..., Any]:
    """An answer that is a LambdaLR: the factor is `rise` before W, and `decay` from there."""

    def answer(optimizer: Any, w: int, steps: int) -> LambdaLR:
        return LambdaLR(optimizer, lambda t: rise(t, w) if t < w else decay(t, w, steps))

    return answer


def _right_decay(t: int, w: int, steps: int) -> float:
    return _half_cosine(min((t - w) / (steps - w), 1))


def _factor_is_a_rate(optimizer: Any, w: int, steps: int) -> LambdaLR:
    peak_lr = optimizer.param_groups[0]["lr"]
    right = warmup_cosine(optimizer_at(1.0), w, steps).lr_lambdas[0]
    return LambdaLR(optimizer, lambda t: peak_lr * right(t))


def _factor_of_the_present_rate(optimizer: Any, w: int, steps: int) -> LambdaLR:
    right = warmup_cosine(optimizer_at(1.0), w, steps).lr_lambdas[0]
    return LambdaLR(optimizer, lambda t: optimizer.param_groups[0]["lr"] * right(t))


def _factor_multiplies(optimizer: Any, w: int, steps: int) -> MultiplicativeLR:
    return MultiplicativeLR(optimizer, warmup_cosine(optimizer_at(1.0), w, steps).lr_lambdas[0])


def _product_of_both(optimizer: Any, w: int, steps: int) -> LambdaLR:
    return LambdaLR(optimizer, lambda t: min(1, (t + 1) / w) * _half_cosine(min(t / steps, 1)))


def _ours(optimizer: Any, w: int, steps: int) -> TorchScheduler:
    peak_lr = optimizer.param_groups[0]["lr"]
    warmup = LinearWarmup(peak_lr, w - 1, start_lr=peak_lr / w).lasting(w)
    return TorchScheduler(optimizer, warmup >> CosineDecay(peak_lr, steps - w))


def _with_numpy(optimizer: Any, warmup_steps: int, steps: int) -> LambdaLR:
    t = np.arange(steps + 100)
    p = np.clip((t - warmup_steps) / (steps - warmup_steps), 0, 1)
    table = np.where(t < warmup_steps, (t + 1) / warmup_steps, (1 + np.cos(np.pi * p)) / 2)
    return LambdaLR(optimizer, lambda t: float(table[t]))


def _with_torch(optimizer: Any, warmup_steps: int, steps: int) -> LambdaLR:
    def factor(t: int) -> float:
        decay = torch.tensor((t - warmup_steps) / (steps - warmup_steps), dtype=torch.float64)
        fall = (1 + torch.cos(torch.pi * decay.clamp(0, 1))) / 2
        return min((t + 1) / warmup_steps, fall.item())

    return LambdaLR(optimizer, factor)


LAMBDA_MISTAKES = (
    Mistake(
        "a rate for a factor",
        _factor_is_a_rate,
        "Your function returns the rate itself, and LambdaLR multiplies it with the optimizer's "
        "rate: the peak is squared. Return a factor, 1 at the peak.",
    ),
    Mistake(
        "the warmup starts at zero",
        _by_factor(_right_decay, lambda t, w: t / w),
        "t / W is 0 at t = 0, so the first update does nothing. Count from one: (t + 1) / W.",
    ),
    Mistake(
        "the cosine is not shifted",
        _by_factor(lambda t, w, steps: _half_cosine(min(t / (steps - w), 1))),
        "The cosine has its own clock, which starts when the warmup ends: t - W where you have t.",
    ),
    Mistake(
        "the cosine began at t = 0",
        _by_factor(lambda t, w, steps: _half_cosine(min(t / steps, 1))),
        "At the end of the warmup your cosine has been falling for W updates, so the rate jumps. "
        "Its share of the way is (t - W) / (T - W).",
    ),
    Mistake(
        "the cosine takes T updates of its own",
        _by_factor(lambda t, w, steps: _half_cosine(min((t - w) / steps, 1))),
        "Your cosine ends W updates too late: the warmup is a part of the T updates, so T - W "
        "are left.",
    ),
    Mistake(
        "warmup times cosine",
        _product_of_both,
        "You multiplied the two, so the cosine falls during the warmup already. They follow each "
        "other: the cosine begins at t = W.",
    ),
    Mistake(
        "the half is missing",
        _by_factor(lambda t, w, steps: 2 * _right_decay(t, w, steps)),
        "1 + cos runs from 2 down to 0. Halve it, or the rate doubles at the end of the warmup.",
    ),
    Mistake(
        "cos without the 1",
        _by_factor(lambda t, w, steps: 2 * _right_decay(t, w, steps) - 1),
        "The cosine alone runs from 1 to -1, and a negative rate climbs the loss. Use "
        "(1 + cos) / 2.",
    ),
    Mistake(
        "half of the half turn",
        _by_factor(
            lambda t, w, steps: math.cos(math.pi / 2 * min((t - w) / (steps - w), 1)),
        ),
        "You went down a quarter of a turn, which falls steepest at its end. The schedule is half "
        "a turn: (1 + cos πp) / 2.",
    ),
    Mistake(
        "degrees for radians",
        _by_factor(
            lambda t, w, steps: (1 + math.cos(180 * min((t - w) / (steps - w), 1))) / 2,
        ),
        "math.cos takes radians: half a turn is math.pi, not 180.",
    ),
    Mistake(
        "the warmup is one update too long",
        _by_factor(
            lambda t, w, steps: (w + 1) / w if t == w else _right_decay(t, w, steps),
        ),
        "At t = W your warmup is still on and goes above the peak. It has the updates 0 to W - 1: "
        "t < W.",
    ),
    Mistake(
        "max for min",
        _by_factor(lambda t, w, steps: _half_cosine(max((t - w) / (steps - w), 1))),
        "After the warmup your p is 1 or more. It should grow to 1 and stay there: min(..., 1).",
    ),
    Mistake(
        "climbs again after the end",
        _by_factor(lambda t, w, steps: _half_cosine((t - w) / (steps - w))),
        "Up to update T all is right, but then the cosine climbs. Keep p at 1 after the end: "
        "min(p, 1).",
    ),
    Mistake(
        "at zero one update early",
        _by_factor(lambda t, w, steps: _half_cosine(min((t - w) / (steps - w - 1), 1))),
        "Your last update, t = T - 1, has the rate 0 and does nothing. Divide by T - W: the rate "
        "is 0 at t = T, after the last update.",
    ),
    Mistake(
        "the warmup is missing",
        _by_factor(_right_decay, lambda t, w: 1.0),
        "Before W your factor is 1, so the first update has the full peak. It should be "
        "(t + 1) / W.",
    ),
    Mistake(
        "MultiplicativeLR",
        _factor_multiplies,
        "MultiplicativeLR multiplies what it finds, again at each call, so all factors so far "
        "count. Your function of t belongs in a LambdaLR, which works from the base.",
    ),
    Mistake(
        "the present rate in the factor",
        _factor_of_the_present_rate,
        "Your function reads the rate of the optimizer, and LambdaLR multiplies with the base "
        "besides. Return a factor alone, 1 at the peak.",
    ),
    Mistake(
        "the warmup divides by W + 1",
        _by_factor(_right_decay, lambda t, w: (t + 1) / (w + 1)),
        "(t + 1) / (W + 1) is not yet 1 at t = W - 1, the last update of the warmup. Divide by W.",
    ),
    Mistake(
        "the cosine begins one update early",
        _by_factor(lambda t, w, steps: _half_cosine(min((t + 1 - w) / (steps - w), 1))),
        "At t = W your cosine has begun to fall. There its share p is 0: only the warmup counts "
        "from one.",
    ),
    Mistake(
        "the cosine rises",
        _by_factor(lambda t, w, steps: 1 - _right_decay(t, w, steps)),
        "½(1 - cos πp) goes from 0 up to 1. The decay has a plus: ½(1 + cos πp).",
    ),
)

# 08.5 -----------------------------------------------------------------------------------------


def joined(optimizer: Any, warmup_steps: int, steps: int) -> SequentialLR:
    """The warmup up to W, and from there a cosine of T - W updates, from its own t = 0"""
    warmup = LambdaLR(optimizer, lambda t: (t + 1) / warmup_steps)
    cosine = CosineAnnealingLR(optimizer, T_max=steps - warmup_steps)
    return SequentialLR(optimizer, [warmup, cosine], milestones=[warmup_steps])


def _stairs(optimizer: Any, warmup_steps: int) -> LambdaLR:
    return LambdaLR(optimizer, lambda t: min(1, (t + 1) / warmup_steps))


def chained(optimizer: Any, warmup_steps: int, steps: int, too_long: int = 1) -> ChainedScheduler:
    """What the exercise hands out: every part acts at every call."""
    warmup = _stairs(optimizer, warmup_steps)
    cosine = CosineAnnealingLR(optimizer, T_max=steps - (0 if too_long else warmup_steps))
    return ChainedScheduler([warmup, cosine])


def _chained_the_other_way(optimizer: Any, warmup_steps: int, steps: int) -> ChainedScheduler:
    cosine = CosineAnnealingLR(optimizer, T_max=steps - warmup_steps)
    return ChainedScheduler([cosine, _stairs(optimizer, warmup_steps)])


def _chained_linear(
    optimizer: Any, warmup_steps: int, steps: int, too_long: int = 1
) -> ChainedScheduler:
    warmup = LinearLR(optimizer, 1 / warmup_steps, total_iters=warmup_steps - 1)
    cosine = CosineAnnealingLR(optimizer, T_max=steps - (0 if too_long else warmup_steps))
    return ChainedScheduler([warmup, cosine])


def _followed(
    optimizer: Any,
    warmup_steps: int,
    steps: int,
    milestone: Callable[[int, int], int] = lambda w, steps: w,
    length: Callable[[int, int], int] = lambda w, steps: steps - w,
    make_warmup: Callable[[Any, int], Any] = _stairs,
) -> SequentialLR:
    """A SequentialLR with one of its numbers, or its warmup, made otherwise."""
    warmup = make_warmup(optimizer, warmup_steps)
    cosine = CosineAnnealingLR(optimizer, T_max=length(warmup_steps, steps))
    return SequentialLR(optimizer, [warmup, cosine], [milestone(warmup_steps, steps)])


def _followed_the_other_way(
    optimizer: Any,
    warmup_steps: int,
    steps: int,
    milestone: Callable[[int, int], int] = lambda w, steps: w,
) -> SequentialLR:
    cosine = CosineAnnealingLR(optimizer, T_max=steps - warmup_steps)
    parts = [cosine, _stairs(optimizer, warmup_steps)]
    return SequentialLR(optimizer, parts, [milestone(warmup_steps, steps)])


JOINED_RIGHT = (
    warmup_cosine,
    _ours,
    partial(
        _followed,
        make_warmup=lambda optimizer, w: LinearLR(optimizer, 1 / w, total_iters=w - 1),
    ),
    _followed,
)


def _endless_stairs(optimizer: Any, warmup_steps: int) -> LambdaLR:
    return LambdaLR(optimizer, lambda t: (t + 1) / warmup_steps)


JOINED_MISTAKES = (
    Mistake(
        "still a ChainedScheduler",
        partial(chained, too_long=0),
        "The length of the cosine is right now. But ChainedScheduler lets both parts act at "
        "every call, and the LambdaLR wipes out what the cosine did. SequentialLR switches.",
    ),
    Mistake(
        "the cosine never acts",
        _chained_the_other_way,
        "Your rate stays at the peak. In a chain the warmup wipes out the cosine where it acts "
        "last; in a SequentialLR the cosine begins only at the milestone, which is W.",
    ),
    Mistake(
        "a product",
        _chained_linear,
        "With LinearLR the chain is the product of both curves, so the cosine falls during the "
        "warmup. The parts should follow each other: SequentialLR.",
    ),
    Mistake(
        "a product of the right lengths",
        partial(_chained_linear, too_long=0),
        "With LinearLR the chain is the product of both curves, and the cosine ends before "
        "update T. The parts should follow each other: SequentialLR.",
    ),
    Mistake(
        "the cosine takes T updates of its own",
        partial(_followed, length=lambda w, steps: steps),
        "SequentialLR is right. But the second part starts from its own t = 0 at the milestone, "
        "so only T - W updates are left to it: T_max = steps - warmup_steps.",
    ),
    Mistake(
        "the milestone is one update early",
        partial(_followed, milestone=lambda w, steps: w - 1),
        "The cosine takes over one update early. The milestone is the first update of the second "
        "part: W.",
    ),
    Mistake(
        "the milestone early, the cosine long",
        partial(_followed, milestone=lambda w, steps: w - 1, length=lambda w, steps: steps),
        "Two numbers are off. The milestone is the first update of the second part, W; and T - W "
        "updates are left to it.",
    ),
    Mistake(
        "the milestone is one update late",
        partial(_followed, milestone=lambda w, steps: w + 1),
        "The warmup has W updates, 0 to W - 1. The milestone is the first update of the second "
        "part: W.",
    ),
    Mistake(
        "the milestone is the length of the second part",
        partial(_followed, milestone=lambda w, steps: steps - w),
        "A milestone is a point on the axis of t, where the next part begins. Here the cosine "
        "begins at update W.",
    ),
    Mistake(
        "the cosine comes first",
        _followed_the_other_way,
        "The list is in the order of time: the warmup first, then the cosine.",
    ),
    Mistake(
        "the warmup starts at zero",
        partial(
            _followed,
            make_warmup=lambda optimizer, w: LambdaLR(optimizer, lambda t: t / w),
        ),
        "t / W is 0 at t = 0, so the first update does nothing. The warmup was right as it stood: "
        "(t + 1) / W.",
    ),
    Mistake(
        "LinearLR over W calls",
        partial(
            _followed,
            make_warmup=lambda optimizer, w: LinearLR(optimizer, 1 / w, total_iters=w),
        ),
        "Your LinearLR needs W calls to reach the peak, but the first stair is there without a "
        "call: total_iters = W - 1. Or keep the LambdaLR.",
    ),
    Mistake(
        "LinearLR with its own start",
        partial(
            _followed,
            make_warmup=lambda optimizer, w: LinearLR(optimizer, total_iters=w),
        ),
        "LinearLR starts at a third of the peak unless you tell it otherwise. Here the first "
        "update has 1 / W of the peak; the LambdaLR was right as it stood.",
    ),
    Mistake(
        "the milestone late, and the warmup goes on",
        partial(_followed, milestone=lambda w, steps: w + 1, make_warmup=_endless_stairs),
        "Your warmup climbs above the peak, because it is asked once more after its end. It has "
        "the updates 0 to W - 1. The milestone is the first update of the second part: W.",
    ),
    Mistake(
        "the milestone T - W, and the warmup goes on",
        partial(_followed, milestone=lambda w, steps: steps - w, make_warmup=_endless_stairs),
        "Your warmup climbs far above the peak. A milestone is a point on the axis of t, where "
        "the next part begins. Here the cosine begins at update W.",
    ),
    Mistake(
        "the cosine is over one update early",
        partial(_followed, length=lambda w, steps: steps - w - 1),
        "Your cosine is at 0 at t = T - 1 already, and the last update does nothing. It has T - W "
        "updates: T_max = steps - warmup_steps.",
    ),
    Mistake(
        "the cosine comes first, the warmup at its end",
        partial(_followed_the_other_way, milestone=lambda w, steps: steps - w),
        "The list is in the order of time: the warmup first, then the cosine. And the milestone "
        "is where the second part begins: W.",
    ),
)

# 08.6 -----------------------------------------------------------------------------------------


def resume(checkpoint: dict[str, Any], weight: Any, make_scheduler: Any) -> tuple[Any, Any]:
    """Build everything, then load everything"""
    optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
    scheduler = make_scheduler(optimizer)
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler.load_state_dict(checkpoint["scheduler"])
    return optimizer, scheduler


def resume_cases(rng: np.random.Generator) -> list[Case]:
    """After the warmup, within it, and at each kind of scheduler."""
    stops = [("SequentialLR", 15), ("SequentialLR", int(rng.integers(16, 25)))]
    stops += [("SequentialLR", int(rng.integers(2, 9))), ("StepLR", int(rng.integers(5, 12)))]
    stops += [("LambdaLR", int(rng.integers(3, 12)))]
    return [_resume_case(name, stop, updates=9) for name, stop in stops]


def _resume_case(scheduler: str, stop: int, updates: int) -> Case:
    places = [f"t = {t}" for t in range(stop, stop + updates)]
    arguments = {"scheduler": scheduler, "stop": stop, "updates": updates}
    return Case(arguments, places=(*places, "the momentum of the weight"))


def _resume_by(*actions: str) -> Callable[..., Any]:
    """A program of tomorrow: these actions, one after the other."""

    def answer(checkpoint: dict[str, Any], weight: Any, make_scheduler: Any) -> tuple[Any, Any]:
        optimizer: Any = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
        scheduler: Any = None
        group, saved = optimizer.param_groups[0], checkpoint["optimizer"]["param_groups"][0]
        made = checkpoint["scheduler"]["last_epoch"]
        for action in actions:
            if action == "build":
                scheduler = make_scheduler(optimizer)
            elif action == "load optimizer":
                optimizer.load_state_dict(checkpoint["optimizer"])
                group = optimizer.param_groups[0]
            elif action == "load scheduler":
                scheduler.load_state_dict(checkpoint["scheduler"])
            elif action == "write the rate":
                group["lr"] = saved["lr"]
            elif action == "write the count":
                scheduler.last_epoch = made
            elif action == "one step":
                scheduler.step()
            elif action == "wind forward":
                for _call in range(made):
                    scheduler.step()
        return optimizer, scheduler

    return answer


RESUME_RIGHT = (
    _resume_by("build", "load scheduler", "load optimizer"),
    _resume_by("build", "wind forward", "load optimizer"),
)

RESUME_MISTAKES = (
    Mistake(
        "no state is loaded",
        _resume_by("build"),
        "Everything starts anew: the warmup, the rate and the momentum. Load both states.",
    ),
    Mistake(
        "the optimizer's state alone",
        _resume_by("build", "load optimizer"),
        "The rate comes back, but the scheduler counts from 0 again. Load its state too.",
    ),
    Mistake(
        "the scheduler is made after the optimizer was loaded",
        _resume_by("load optimizer", "build", "load scheduler"),
        "You load both, but the constructor of the scheduler takes its first step and writes into "
        "the optimizer that you have loaded. Build everything, then load everything.",
    ),
    Mistake(
        "a new scheduler on a loaded optimizer",
        _resume_by("load optimizer", "build"),
        "The scheduler counts from 0 again, and its constructor wrote into the optimizer that you "
        "had loaded. Build everything, then load everything.",
    ),
    Mistake(
        "the rate without the momentum",
        _resume_by("build", "load scheduler", "write the rate"),
        "The rates are right, but the optimizer has lost its momentum. Its state holds both: "
        "load the state.",
    ),
    Mistake(
        "the count written by hand",
        _resume_by("build", "load optimizer", "write the count"),
        "last_epoch alone is not enough for a SequentialLR, whose parts have counts of their own. "
        "Load the scheduler's state.",
    ),
    Mistake(
        "one step too many",
        _resume_by("build", "load optimizer", "load scheduler", "one step"),
        "Both states are loaded, and then the scheduler takes a step of its own. The loaded rate "
        "is that of the next update already.",
    ),
    Mistake(
        "wound forward from the loaded rate",
        _resume_by("build", "load optimizer", "wind forward"),
        "The loaded rate already holds all calls of yesterday; your loop applies them once more. "
        "Load the scheduler's state instead of stepping it.",
    ),
)

# 08.8 -----------------------------------------------------------------------------------------


class CosineToShare(LRScheduler):
    """η = b (s + (1 - s) (1 + cos πp)/2) with p = min(t/T, 1)"""

    def __init__(self, optimizer: Any, steps: int, share: float) -> None:
        self.steps, self.share = steps, share  # first: the next line already calls get_lr
        super().__init__(optimizer)

    def get_lr(self) -> list[Any]:
        p = min(self.last_epoch / self.steps, 1)
        factor = self.share + (1 - self.share) * (1 + math.cos(math.pi * p)) / 2
        return [base * factor for base in self.base_lrs]


def own_cases(rng: np.random.Generator) -> list[Case]:
    """Two groups, a few updates past the end, and once a hand that halves both rates."""
    cases = [_own_case([1.0, 0.1], 10, 0.2, None)]
    for is_halved in (False, True):
        lrs = [round(rng.uniform(0.3, 0.9), 3), round(rng.uniform(0.01, 0.2), 3)]
        steps, share = int(rng.integers(8, 25)), round(rng.uniform(0.05, 0.4), 2)
        halved_at = int(rng.integers(2, steps - 2)) if is_halved else None
        cases.append(_own_case(lrs, steps, share, halved_at))
    return cases


def _own_case(lrs: list[float], steps: int, share: float, halved_at: int | None) -> Case:
    first = [f"t = {t}" for t in range(steps + 4)]
    second = [f"t = {t} in the second group" for t in range(steps + 4)]
    arguments = {"lrs": lrs, "steps": steps, "share": share, "halved_at": halved_at}
    return Case(arguments, places=(*first, *second))


def _own(get_lr: Callable[[Any, Any, int, float], list[Any]]) -> type[LRScheduler]:
    """A class whose get_lr is get_lr(scheduler, t, T, share)."""

    class Own(LRScheduler):
        def __init__(self, optimizer: Any, steps: int, share: float) -> None:
            self.steps, self.share = steps, share
            super().__init__(optimizer)

        def get_lr(self) -> list[Any]:
            return get_lr(self, self.last_epoch, self.steps, self.share)

    return Own


def _to_share(t: int, steps: int, share: float) -> float:
    return share + (1 - share) * _half_cosine(min(t / steps, 1))


def _own_from(factor: Callable[[int, int, float], float]) -> type[LRScheduler]:
    return _own(lambda own, t, steps, share: [b * factor(t, steps, share) for b in own.base_lrs])


def _from_what_it_finds(own: Any, t: int, steps: int, share: float) -> list[Any]:
    past = _to_share(t - 1, steps, share) if t else 1.0
    ratio = _to_share(t, steps, share) / past
    return [group["lr"] * ratio for group in own.optimizer.param_groups]


def _rates_times_factor(own: Any, t: int, steps: int, share: float) -> list[Any]:
    return [group["lr"] * _to_share(t, steps, share) for group in own.optimizer.param_groups]


def _lambda_to_share(optimizer: Any, steps: int, share: float) -> LambdaLR:
    return LambdaLR(optimizer, lambda t: _to_share(t, steps, share))


def _ours_to_share(optimizer: Any, steps: int, share: float) -> TorchScheduler:
    lrs = [group["lr"] for group in optimizer.param_groups]
    return TorchScheduler(optimizer, [CosineDecay(lr, steps, share * lr) for lr in lrs])


OWN_RIGHT = (
    _lambda_to_share,
    _ours_to_share,
    _own(
        lambda own, t, steps, share: [
            group["initial_lr"] * (share if t >= steps else _to_share(t, steps, share))
            for group in own.optimizer.param_groups
        ]
    ),
)

OWN_MISTAKES = (
    Mistake(
        "multiplies the present rate by the factor",
        _own(_rates_times_factor),
        "The factor holds all that has happened so far, so on a rate that was already lowered it "
        "counts again and again. Multiply the base: self.base_lrs.",
    ),
    Mistake(
        "works from what it finds",
        _own(_from_what_it_finds),
        "All is right until somebody touches the rate, and then never again. Work from the base, "
        "so that your rates do not depend on the past.",
    ),
    Mistake(
        "one base for all groups",
        _own(
            lambda own, t, steps, share: [
                own.base_lrs[0] * _to_share(t, steps, share) for _ in own.base_lrs
            ]
        ),
        "The second group got the rates of the first. Each group has its own base: one rate for "
        "each in self.base_lrs.",
    ),
    Mistake(
        "the share is a rate",
        _own(
            lambda own, t, steps, share: [
                share + (b - share) * _half_cosine(min(t / steps, 1)) for b in own.base_lrs
            ]
        ),
        "Your rates end at s itself, as with torch's eta_min: the same for every group, and above "
        "a small base. The end is a share of each base, b · s.",
    ),
    Mistake(
        "climbs again after the end",
        _own_from(lambda t, steps, share: share + (1 - share) * _half_cosine(t / steps)),
        "Up to update T all is right, but then the cosine climbs. Keep p at 1 after the end: "
        "min(t / T, 1).",
    ),
    Mistake(
        "starts above the base",
        _own_from(lambda t, steps, share: share + _half_cosine(min(t / steps, 1))),
        "Your factor starts at 1 + s. The cosine has only the way from 1 down to s to go: "
        "multiply it by 1 - s.",
    ),
    Mistake(
        "ends at zero",
        _own_from(lambda t, steps, share: _half_cosine(min(t / steps, 1))),
        "Your cosine goes down to 0. It should stop at the share s of each base: s + (1 - s) "
        "times the half cosine.",
    ),
    Mistake(
        "the share is not added",
        _own_from(lambda t, steps, share: (1 - share) * _half_cosine(min(t / steps, 1))),
        "Your factor goes from 1 - s to 0. Add s, and it goes from 1 to s.",
    ),
    Mistake(
        "cos without the 1",
        _own_from(
            lambda t, steps, share: share + (1 - share) * math.cos(math.pi * min(t / steps, 1))
        ),
        "The cosine alone runs from 1 to -1, so some rates are negative. Use (1 + cos) / 2, which "
        "runs from 1 to 0.",
    ),
    Mistake(
        "cut off at the share",
        _own_from(lambda t, steps, share: max(share, _half_cosine(min(t / steps, 1)))),
        "You follow the cosine to zero and cut it off. The whole cosine should fit between 1 and "
        "s: s + (1 - s) times the half cosine.",
    ),
    Mistake(
        "t is one too high",
        _own_from(lambda t, steps, share: _to_share(t + 1, steps, share)),
        "The first update is already lowered. last_epoch is 0 when get_lr is called for the "
        "first time: use it as t.",
    ),
    Mistake(
        "the half is missing",
        _own_from(
            lambda t, steps, share: share + (1 - share) * 2 * _half_cosine(min(t / steps, 1))
        ),
        "1 + cos starts at 2, so the first rate lies above the base. Halve it.",
    ),
    Mistake(
        "factors in place of rates",
        _own(lambda own, t, steps, share: [_to_share(t, steps, share) for _ in own.base_lrs]),
        "You return the factor for every group. Unlike a LambdaLR, get_lr gives the rates "
        "themselves: each base times the factor.",
    ),
    Mistake(
        "the share is what is lost",
        _own_from(lambda t, steps, share: _to_share(t, steps, 1 - share)),
        "Your factor ends at 1 - s. The share s is what is left in the end: s + (1 - s) times the "
        "half cosine.",
    ),
    Mistake(
        "the cosine rises",
        _own_from(
            lambda t, steps, share: share + (1 - share) * (1 - _half_cosine(min(t / steps, 1)))
        ),
        "Your factor goes from s up to 1. The decay has a plus: ½(1 + cos πp).",
    ),
)

# ----------------------------------------------------------------------------------------------

TASKS = (
    ValuesTask(
        id="08.1",
        title="What building does",
        kind="predict",
        minutes=4,
        difficulty=1,
        points=2,
        draw=building_numbers,
        answers=rates_when_built,
        mistakes=BUILDING_MISTAKES,
        hints=(
            "The constructor of a scheduler takes its first step, the one to t = 0.",
            "A LambdaLR writes base times f(0). CosineAnnealingLR works from what it finds and "
            "leaves it at t = 0.",
            "The base of all three is the rate that the optimizer was given.",
        ),
    ),
    FunctionTask(
        id="08.2",
        title="Log the rate really used",
        kind="implement",
        minutes=5,
        difficulty=1,
        points=2,
        reference=log_of_rates,
        cases=log_cases,
        harness=logged,
        driver="lrcourse.handouts.pytorch:logged",
        also_right=(_log_by_place, _log_between),
        mistakes=LOG_MISTAKES,
        hints=(
            "Three things happen for each update. Which of them must not come before the reading?",
            'optimizer.param_groups[0]["lr"] is the rate that the next update will use.',
            "In the loop: append the rate, optimizer.step(), scheduler.step().",
        ),
    ),
    FunctionTask(
        id="08.3",
        title="Three bugs in one loop",
        kind="repair",
        minutes=8,
        difficulty=2,
        points=3,
        reference=train,
        cases=train_cases,
        harness=noted_or_used,
        driver="lrcourse.handouts.loops:noted_or_used",
        also_right=TRAIN_RIGHT,
        mistakes=TRAIN_MISTAKES,
        untouched=broken_train,
        hints=(
            "One bug is in the height of the curve, one in its length, one in its first rate.",
            "What does LambdaLR do with what line returns? How often is scheduler.step() called? "
            "Which rate does the first update use?",
            "line returns a factor; its length is epochs * batches; scheduler.step() comes last in "
            "the inner loop.",
        ),
    ),
    FunctionTask(
        id="08.4",
        title="Warmup and cosine with LambdaLR",
        kind="implement",
        minutes=8,
        difficulty=2,
        points=3,
        reference=warmup_cosine,
        cases=joining_cases,
        harness=past_the_end,
        driver="lrcourse.handouts.pytorch:past_the_end",
        also_right=(_ours, _with_numpy, _with_torch),
        mistakes=LAMBDA_MISTAKES,
        hints=(
            "LambdaLR calls factor with t and multiplies the base with it. Return the LambdaLR.",
            "The factor is 1 at the peak; the optimizer knows the peak already.",
            "From t = W on: p = min((t - W) / (T - W), 1), and the factor is (1 + cos πp) / 2.",
        ),
    ),
    FunctionTask(
        id="08.5",
        title="Joined the wrong way",
        kind="repair",
        minutes=6,
        difficulty=2,
        points=3,
        reference=joined,
        cases=joining_cases,
        harness=up_to_the_end,
        driver="lrcourse.handouts.pytorch:up_to_the_end",
        also_right=JOINED_RIGHT,
        mistakes=JOINED_MISTAKES,
        untouched=chained,
        hints=(
            "Which of torch's classes lets one schedule follow the other?",
            "SequentialLR(optimizer, [...], milestones=[...]). The milestone is the first update "
            "of the second part.",
            "The second part starts from its own t = 0. How many updates are left to it?",
        ),
    ),
    FunctionTask(
        id="08.6",
        title="Resume without a jump",
        kind="repair",
        minutes=7,
        difficulty=2,
        points=3,
        reference=resume,
        cases=resume_cases,
        harness=resumed,
        driver="lrcourse.handouts.pytorch:resumed",
        also_right=RESUME_RIGHT,
        mistakes=RESUME_MISTAKES,
        untouched=broken_resume,
        hints=(
            "Which object holds the rate, and which the count of calls?",
            "The rate and the momentum are in the optimizer, so its state is needed too. When must "
            "it be loaded?",
            "Build everything, then load everything.",
        ),
    ),
    choice(
        "08.7",
        "One line is changed",
        right="c",
        feedback={
            "a": "The curves are the same, but not what they are multiplied with. A LambdaLR "
            "works from the base and writes the full peak when it is made, before the warmup has "
            "made a single step.",
            "b": "torch allows two schedulers on one optimizer, and neither stops nor warns. Each "
            "writes its rate without knowing of the other.",
            "d": "That would be so if the warmup worked from the base as well. LinearLR "
            "multiplies what it finds, and it finds the full peak, so no later call can bring "
            "the rate down.",
        },
        minutes=3,
        difficulty=2,
        hints=(
            "Which rate stands in the optimizer when the loop begins?",
            "LinearLR from 0.1 to 1 multiplies the rate that it finds by ten, over its ten calls.",
        ),
    ),
    FunctionTask(
        id="08.8",
        title="A scheduler of your own",
        kind="implement",
        minutes=12,
        difficulty=3,
        points=4,
        reference=CosineToShare,
        cases=own_cases,
        harness=two_groups,
        driver="lrcourse.handouts.pytorch:two_groups",
        also_right=OWN_RIGHT,
        mistakes=OWN_MISTAKES,
        hints=(
            "__init__ keeps steps and share and then calls super().__init__(optimizer).",
            "get_lr returns a list. self.last_epoch is t, and self.base_lrs has one base for each "
            "group.",
            "p = min(t / T, 1); each rate is base * (s + (1 - s) * (1 + cos πp) / 2).",
        ),
    ),
)
