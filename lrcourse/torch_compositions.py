"""Ways to put schedules together in PyTorch, as people type them, and what each really does.

A way is kept as its code: the text that is shown is the text that runs. The rates are read from
the optimizer before each of its updates, so no formula of ours stands between. Some ways are
right; most are mistakes from real programs.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, NamedTuple

import numpy as np
import torch
from torch.optim import lr_scheduler

from lrcourse.schedules import (
    LR,
    Choice,
    CosineDecay,
    LinearDecay,
    LinearWarmup,
    OneCycle,
    Schedule,
    StepDecay,
    Steps,
    Unit,
    Warmup,
)
from lrcourse.schedules.units import Measured

RISE = 10  # times, from the first rate to the peak; from 0 torch's LinearLR does not rise
START = 1 / RISE
DROP = 0.1  # the factor of each drop of a step decay
DROPS = 3  # in a step decay
BATCHES = 10  # in an epoch, where a way mistakes one for the other
DECAYS = ("cosine", "linear", "step")

Decay = Annotated[str, Choice("shape of the decay", DECAYS)]
Shown = Annotated[int, Unit("optimizer updates", 2, 5000, 100, play=(10, 300), whole=True)]


# What is meant ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan(Measured):
    """A warmup and then a decay, `steps` updates together; the training makes `shown` updates."""

    peak_lr: LR = 0.1
    warmup_steps: Warmup = 10
    steps: Steps = 100
    decay: Decay = "cosine"
    shown: Shown = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.warmup_steps > self.steps - 3:
            raise ValueError(
                f"compositions: warmup_steps must leave at least 3 of the steps={self.steps} "
                f"to the decay, got {self.warmup_steps}"
            )

    @property
    def decay_steps(self) -> int:
        """What the warmup leaves."""
        return self.steps - self.warmup_steps

    @property
    def step_size(self) -> int:
        """The updates between two drops of a step decay."""
        return self.decay_steps // DROPS


def warmup_then_decay(plan: Plan) -> Schedule:
    """`warmup >> decay`"""
    decay: dict[str, Schedule] = {
        "cosine": CosineDecay(plan.peak_lr, plan.decay_steps),
        "linear": LinearDecay(plan.peak_lr, plan.decay_steps),
        "step": StepDecay(plan.peak_lr, plan.step_size, DROP),
    }
    warmup = LinearWarmup(plan.peak_lr, plan.warmup_steps, plan.peak_lr / RISE)
    return warmup >> decay[plan.decay]


def one_cosine(plan: Plan) -> Schedule:
    """The cosine alone, over all updates."""
    return CosineDecay(plan.peak_lr, plan.steps)


def one_cycle(plan: Plan) -> Schedule:
    """torch's one cycle reaches its peak, and its end, one update before the counts it is given."""
    shape = "cosine" if plan.decay == "cosine" else "linear"
    return OneCycle(plan.peak_lr, plan.steps - 1, _rise(plan) - 1, shape=shape)


def _rise(plan: Plan) -> int:
    """The updates of the rise as torch counts them: of 1 it would divide by zero."""
    return max(2, plan.warmup_steps)


# The parts of a program ------------------------------------------------------------------------

STEP = "optimizer.step()  # after loss.backward()"


def torch_decay(plan: Plan) -> str:
    """The decay as one of torch's schedulers."""
    return {
        "cosine": f"CosineAnnealingLR(optimizer, T_max={plan.decay_steps})",
        "linear": f"LinearLR(optimizer, 1.0, 0.0, total_iters={plan.decay_steps})",
        "step": f"StepLR(optimizer, step_size={plan.step_size}, gamma={DROP})",
    }[plan.decay]


def factor(plan: Plan, t: str) -> str:
    """The decay as an expression, 1 at its own time t = 0."""
    return {
        "cosine": f"(1 + math.cos(math.pi * min(1, {t} / {plan.decay_steps}))) / 2",
        "linear": f"1 - min(1, {t} / {plan.decay_steps})",
        "step": f"{DROP} ** ({t} // {plan.step_size})",
    }[plan.decay]


def both_parts(plan: Plan, decay: str = "") -> str:
    """A warmup and a decay on one optimizer."""
    return (
        f"warmup = LinearLR(optimizer, start_factor={START}, total_iters={plan.warmup_steps})\n"
        f"decay = {decay or torch_decay(plan)}\n"
    )


def loop(plan: Plan, *lines: str) -> str:
    """A training: in each update these lines, or the two that torch's documentation has."""
    lines = lines or (STEP, "scheduler.step()")
    return "\n".join([f"for step in range({plan.shown}):", *(f"    {line}" for line in lines), ""])


# The ways --------------------------------------------------------------------------------------


def sequential(plan: Plan, milestone: int | None = None, lines: tuple[str, ...] = ()) -> str:
    """One part and then the other; the milestone is the end of the warmup unless given."""
    milestone = plan.warmup_steps if milestone is None else milestone
    join = f"SequentialLR(optimizer, [warmup, decay], milestones=[{milestone}])"
    return f"{both_parts(plan)}scheduler = {join}\n{loop(plan, *lines)}"


def milestone_one_early(plan: Plan) -> str:
    """The same, with the milestone where the warmup has its last update."""
    return sequential(plan, milestone=plan.warmup_steps - 1)


def scheduler_before_optimizer(plan: Plan) -> str:
    """The same, with the two steps of the loop exchanged."""
    return sequential(plan, lines=("scheduler.step()", STEP))


def epochs_counted_in_updates(plan: Plan) -> str:
    """Lengths in epochs, in a loop that counts batches."""
    warmup, decay = max(1, plan.warmup_steps // BATCHES), max(3, plan.decay_steps // BATCHES)
    in_epochs = replace(plan, warmup_steps=warmup, steps=warmup + decay)
    return f"# lengths in epochs of {BATCHES} batches, but one step for each batch\n" + sequential(
        in_epochs
    )


def chained(plan: Plan) -> str:
    """What its name promises to some: a chain."""
    return f"{both_parts(plan)}scheduler = ChainedScheduler([warmup, decay])\n{loop(plan)}"


def one_lambda(plan: Plan, name: str = "factor", times: str = "") -> str:
    """One function for both parts; `times` is multiplied with what it returns."""
    warmup = f"({START} + {1 - START} * t / {plan.warmup_steps})"
    return (
        f"def {name}(t):\n"
        f"    if t < {plan.warmup_steps}:\n"
        f"        return {times}{warmup}\n"
        f"    return {times}({factor(plan, f'(t - {plan.warmup_steps})')})\n\n"
        f"scheduler = LambdaLR(optimizer, {name})\n{loop(plan)}"
    )


def lambda_of_a_rate(plan: Plan) -> str:
    """The same function, times the peak."""
    return one_lambda(plan, "rate", f"{plan.peak_lr!r} * ")


def in_turn(plan: Plan, decay: str = "") -> str:
    """Two schedulers, and an `if` that steps one of them."""
    branches = f"if step < {plan.warmup_steps}:", "    warmup.step()", "else:", "    decay.step()"
    return both_parts(plan, decay) + loop(plan, STEP, *branches)


def in_turn_with_a_lambda(plan: Plan) -> str:
    """The same, with a LambdaLR for the decay."""
    return in_turn(plan, f"LambdaLR(optimizer, lambda t: {factor(plan, 't')})")


def both_every_update(plan: Plan) -> str:
    """Two schedulers that are both stepped."""
    return both_parts(plan) + loop(plan, STEP, "warmup.step()", "decay.step()")


def cosine_alone(plan: Plan) -> str:
    """One scheduler, right until the training lasts longer than it."""
    return f"scheduler = CosineAnnealingLR(optimizer, T_max={plan.steps})\n{loop(plan)}"


def one_cycle_alone(plan: Plan) -> str:
    """The same for the one cycle, whose rise lasts as long as the warmup."""
    anneal = "cos" if plan.decay == "cosine" else "linear"
    return (
        f"scheduler = OneCycleLR(optimizer, max_lr={plan.peak_lr!r}, total_steps={plan.steps},\n"
        f"    pct_start={_rise(plan)} / {plan.steps}, anneal_strategy={anneal!r})\n{loop(plan)}"
    )


class Way(NamedTuple):
    """What is typed, and why torch then does what it does: true whether or not it was meant."""

    text: Callable[[Plan], str]
    why: str
    meant: Callable[[Plan], Schedule] = warmup_then_decay

    def code(self, plan: Plan) -> str:
        """The whole program; it runs as it stands."""
        return _opening(self.text(plan), plan) + self.text(plan)


WAYS: dict[str, Way] = {
    "SequentialLR": Way(sequential, "the second part follows the first, from its own t = 0"),
    "ChainedScheduler": Way(chained, "both parts act at every update, each on what it finds"),
    "LambdaLR, a factor": Way(one_lambda, "the peak is multiplied by what the function returns"),
    "LambdaLR, a rate": Way(
        lambda_of_a_rate, "LambdaLR multiplies by what the function returns, so the peak is squared"
    ),
    "two in turn, by if": Way(
        in_turn, "each scheduler multiplies the rate it finds, and the warmup leaves it at the peak"
    ),
    "by if, decay a LambdaLR": Way(
        in_turn_with_a_lambda,
        "making the LambdaLR sets the rate to the peak, and the warmup multiplies that",
    ),
    "both at every update": Way(both_every_update, "both multiply one rate at every update"),
    "milestone one too early": Way(
        milestone_one_early, "the decay takes over one update before the warmup has ended"
    ),
    "scheduler.step() first": Way(
        scheduler_before_optimizer, "the first rate is set and replaced before any update uses it"
    ),
    "epochs counted in updates": Way(
        epochs_counted_in_updates, f"every length passes {BATCHES} times too fast"
    ),
    "CosineAnnealingLR alone": Way(
        cosine_alone, "past T_max it climbs again, up to the peak", one_cosine
    ),
    "OneCycleLR alone": Way(
        one_cycle_alone,
        "one call too many leaves its formula, and the next one is an error",
        one_cycle,
    ),
}


# What torch does -------------------------------------------------------------------------------


class Record(NamedTuple):
    """What the optimizer had in each update, and what torch said meanwhile."""

    rates: np.ndarray  # (n,), fewer than the plan shows where torch stopped with an error
    momenta: np.ndarray  # (n,)
    warnings: tuple[str, ...]  # each once, its first sentence
    stopped: str  # the error, or ""


def recorded(way: Way, plan: Plan) -> Record:
    """Run the code of `way`, and note rate and momentum of its optimizer before each update."""
    used: list[tuple[float, float]] = []

    def note(optimizer: torch.optim.Optimizer, *_: Any) -> None:
        group = optimizer.param_groups[0]
        used.append((float(group["lr"]), float(group["momentum"])))

    body, names = way.text(plan), dict[str, Any]()
    exec(_opening(body, plan), names)
    names["optimizer"].register_step_pre_hook(note)
    stopped = ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(body, names)
        except (ValueError, ArithmeticError) as error:
            stopped = _first_sentence(str(error))
    said = dict.fromkeys(_first_sentence(str(each.message)) for each in caught)
    rates, momenta = np.array(used, dtype=float).reshape(-1, 2).T
    return Record(rates, momenta, tuple(said), stopped)


def _opening(body: str, plan: Plan) -> str:
    """What comes before `body`: imports, a model, and the optimizer."""
    classes = sorted(name for name in lr_scheduler.__all__ if f"{name}(" in body)
    math = "import math\n" if "math." in body else ""
    return (
        f"{math}import torch\n"
        f"from torch.optim.lr_scheduler import {', '.join(classes)}\n\n"
        f"model = torch.nn.Linear(1, 1)\n"
        f"optimizer = torch.optim.SGD(model.parameters(), lr={plan.peak_lr!r})\n"
    )


def _first_sentence(text: str) -> str:
    """Without torch's line breaks, and without the link that follows."""
    return " ".join(text.split()).partition(". ")[0].rstrip(".")
