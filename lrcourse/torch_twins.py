"""PyTorch's own schedulers for our schedules: the witness of tests, lessons and explorers.

A twin is kept as the name and the arguments of the scheduler, so the same entry builds the
object, prints the code that a learner would type, and plays the rates that torch really uses.
Up to the end of the schedule both give the same rates; what torch does afterwards is its own.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.optim import lr_scheduler

from lrcourse.schedules import (
    Constant,
    CosineDecay,
    CosineRestarts,
    ExponentialDecay,
    Lasting,
    LinearDecay,
    LinearWarmup,
    MultiStepDecay,
    OneCycle,
    Phased,
    PolynomialDecay,
    ReduceOnPlateau,
    Repeat,
    Schedule,
    Sequential,
    StepDecay,
    TriangularCycle,
    WarmupCosine,
    WarmupLinear,
    WarmupStableDecay,
)

# Where torch's arithmetic would lose its digits there is no twin.
SMALLEST, LARGEST = 1e-100, 1e100  # learning rates
MOST_LOPSIDED = 1000  # a cycle over its shorter side
ALONE = {"SequentialLR", "CyclicLR", "OneCycleLR"}  # they go wrong as parts of a SequentialLR


class Twin(NamedTuple):
    """One call of a class in torch.optim.lr_scheduler; arguments may be twins themselves."""

    name: str
    lr: float  # the rate that the optimizer must have when the scheduler is built
    arguments: dict[str, Any]

    @property
    def code(self) -> str:
        """The call as a learner would type it."""
        arguments = ", ".join(f"{name}={_code(value)}" for name, value in self.arguments.items())
        return f"{self.name}(optimizer, {arguments})"

    def build(self, optimizer: torch.optim.Optimizer) -> lr_scheduler.LRScheduler:
        """The scheduler, attached to `optimizer`, whose own rate is `lr`."""
        scheduler: type[lr_scheduler.LRScheduler] = getattr(lr_scheduler, self.name)
        arguments = {name: _built(value, optimizer) for name, value in self.arguments.items()}
        return scheduler(optimizer, **arguments)


def _code(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_code, value))}]"
    return value.code if isinstance(value, Twin) else repr(value)


def _built(value: Any, optimizer: torch.optim.Optimizer) -> Any:
    if isinstance(value, list):
        return [_built(each, optimizer) for each in value]
    return value.build(optimizer) if isinstance(value, Twin) else value


def _call(name: str, lr: float, **arguments: Any) -> Twin:
    """`_call("StepLR", 0.1, step_size=30)` reads like the call that it stands for."""
    return Twin(name, lr, arguments)


def _straight(s: LinearDecay | LinearWarmup, start: float, end: float) -> Twin | None:
    """A straight line; torch takes shares of the optimizer's rate, and never starts at 0."""
    if start == 0:
        return None
    return _call(
        "LinearLR",
        s.peak_lr,
        start_factor=_share(start, s.peak_lr),
        end_factor=_share(end, s.peak_lr),
        total_iters=s.steps,
    )


def _share(part: float, whole: float) -> float:
    """part / whole in 15 digits: 0.01 is the share 0.1 of 0.1, not 0.09999999999999999."""
    return float(f"{part / whole:.15g}")


def _polynomial(s: PolynomialDecay) -> Twin | None:
    """torch's polynomial always ends at 0."""
    if s.min_lr > 0:
        return None
    return _call("PolynomialLR", s.peak_lr, total_iters=s.steps, power=s.power)


def _restarts(s: CosineRestarts) -> Twin | None:
    """torch restarts at the full peak every time."""
    if s.gamma < 1:
        return None
    return _call(
        "CosineAnnealingWarmRestarts",
        s.peak_lr,
        T_0=s.first_cycle,
        T_mult=s.stretch,
        eta_min=s.min_lr,
    )


def _repeat(s: Repeat) -> Twin | None:
    """Of all that can be repeated torch has the cosine, for ever."""
    cosine = s.schedule
    if type(cosine) is not CosineDecay or s.count is not None or s.gamma < 1:
        return None
    return twin(CosineRestarts(cosine.peak_lr, cosine.steps, s.stretch, cosine.min_lr))


def _cyclic(s: TriangularCycle) -> Twin | None:
    """torch has three modes: no factor, a half per cycle, or any factor per update."""
    modes = {(True, 1.0): "triangular", (True, 0.5): "triangular2", (False, 1.0): "exp_range"}
    mode = modes.get((s.gamma == 1, s.cycle_gamma))
    up, down = s.up_steps, s.down_steps or s.up_steps
    if mode is None or up + down > MOST_LOPSIDED * min(up, down):
        return None
    return _call(
        "CyclicLR",
        s.min_lr,
        base_lr=s.min_lr,
        max_lr=s.peak_lr,
        step_size_up=up,
        step_size_down=down,
        mode=mode,
        **({"gamma": s.gamma} if mode == "exp_range" else {}),
        cycle_momentum=False,
    )


def _one_cycle(s: OneCycle) -> Twin | None:
    """torch's phases end at the updates p N - 1 and N - 1, ours at W and T.

    It divides by the lowest rates, and its first two phases are equally long if there are three.
    """
    start, end = s(0), s(s.steps)
    rise = s.phases.milestones[0]  # type: ignore[attr-defined]
    if start == 0 or end == 0 or s.down_steps not in (None, rise):
        return None
    return _call(
        "OneCycleLR",
        start,
        max_lr=s.peak_lr,
        total_steps=s.steps + 1,
        pct_start=(rise + 1) / (s.steps + 1),
        anneal_strategy={"cosine": "cos", "linear": "linear"}[s.shape],
        cycle_momentum=False,
        div_factor=s.peak_lr / start,
        final_div_factor=start / end,
        three_phase=s.down_steps is not None,
    )


def _sequential(schedule: Schedule) -> Twin | None:
    """One SequentialLR for all parts, because nested ones go wrong.

    All its parts share the one rate of the optimizer, and the cycles overwrite that rate.
    """
    parts = _flat(schedule)
    twins = [twin(_unended(part)) for part in parts[:-1]] + [twin(parts[-1])]
    found = [each for each in twins if each and each.name not in ALONE]
    if len(found) < len(parts) or len({each.lr for each in found}) > 1:
        return None
    milestones = list(Sequential(tuple(parts)).milestones)
    return _call("SequentialLR", found[0].lr, schedulers=found, milestones=milestones)


def _flat(schedule: Schedule) -> list[Schedule]:
    """The parts of `schedule` and their parts, in one row."""
    whole = schedule.phases if isinstance(schedule, Phased) else schedule
    if not isinstance(whole, Sequential):
        return [whole]
    return [each for part in whole.parts for each in _flat(part)]


def _unended(part: Schedule) -> Schedule:
    """`part` without its `lasting`: where another part follows, torch never asks what it adds."""
    if isinstance(part, Lasting) and part.steps <= (part.schedule.steps or math.inf):
        return part.schedule
    return part


TWINS: dict[type[Schedule], Callable[[Any], Twin | None]] = {
    Constant: lambda s: _call("ConstantLR", s.peak_lr, factor=1.0, total_iters=s.steps or 1),
    StepDecay: lambda s: _call("StepLR", s.peak_lr, step_size=s.step_size, gamma=s.gamma),
    MultiStepDecay: lambda s: _call(
        "MultiStepLR", s.peak_lr, milestones=list(s.milestones), gamma=s.gamma
    ),
    ExponentialDecay: lambda s: _call(
        "ExponentialLR", s.peak_lr, gamma=s.gamma ** (1 / s.step_size)
    ),
    LinearDecay: lambda s: _straight(s, s.peak_lr, s.min_lr),
    LinearWarmup: lambda s: _straight(s, s.start_lr, s.peak_lr),
    PolynomialDecay: _polynomial,
    CosineDecay: lambda s: _call("CosineAnnealingLR", s.peak_lr, T_max=s.steps, eta_min=s.min_lr),
    CosineRestarts: _restarts,
    TriangularCycle: _cyclic,
    OneCycle: _one_cycle,
    WarmupLinear: _sequential,
    WarmupCosine: _sequential,
    WarmupStableDecay: _sequential,
    Sequential: _sequential,
    Repeat: _repeat,
}


def twin(schedule: Schedule) -> Twin | None:
    """torch's scheduler for `schedule`, or None where torch has none that does the same.

    None also for rates and cycles so extreme that torch's arithmetic would lose its digits.
    """
    if not isinstance(schedule, Schedule):
        raise TypeError(f"twin: a schedule such as StepDecay(0.1, 30) is needed, got {schedule!r}")
    make = TWINS.get(type(schedule))
    return make(schedule) if make and _has_usual_rates(schedule) else None


def _has_usual_rates(schedule: Schedule) -> bool:
    rates = [getattr(schedule, name, None) for name in ("peak_lr", "start_lr", "min_lr")]
    return all(SMALLEST <= rate <= LARGEST for rate in rates if rate)  # 0 is usual too


class Idle(torch.optim.SGD):
    """An optimizer that schedulers steer and that updates nothing: a rate costs microseconds."""

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Counted by the scheduler, as every `optimizer.step()` is."""

    step.hooked = True  # type: ignore[attr-defined]  # torch wraps others into a profiler, 30 µs


def rates_used(
    make_scheduler: Callable[[torch.optim.Optimizer], Any], peak_lr: float, steps: int
) -> np.ndarray:
    """The rate that each of the first `steps` updates really uses, read from the optimizer.

    Result (steps,), float64. The loop is the one that PyTorch documents: `optimizer.step()`
    first, `scheduler.step()` after it. Where the scheduler stops with an error, as OneCycleLR
    does when it is stepped past its end, the result ends too: no later update has a rate.
    """
    if not callable(make_scheduler):
        raise TypeError(
            f"rates_used: make_scheduler must make a scheduler from an optimizer, such as "
            f"twin(schedule).build, got {make_scheduler!r}"
        )
    optimizer = Idle([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = make_scheduler(optimizer)
    rates: list[float] = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        try:
            scheduler.step()
        except (ValueError, ArithmeticError):
            break
    return np.array(rates, dtype=float)


def plateau_twin(rule: ReduceOnPlateau) -> Twin:
    """torch's ReduceLROnPlateau with the parameters of `rule`, which must have no warmup.

    Equal on positive metrics while a cut is larger than torch's `eps` of 1e-8. On a negative
    metric torch's relative margin has the wrong sign.
    """
    if rule.warmup is not None:
        raise ValueError(f"plateau_twin: torch has no warmup before a plateau, got {rule!r}")
    arguments = {n: v for n in rule.units() if n != "peak_lr" for v in [getattr(rule, n)]}
    return _call("ReduceLROnPlateau", rule.peak_lr, **arguments)


def rates_heard(plateau: Twin, metrics: Iterable[float]) -> np.ndarray:
    """The rate in the optimizer after each metric was passed to `scheduler.step`; shape (n,)."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=plateau.lr)
    scheduler: Any = plateau.build(optimizer)  # its step takes a metric, unlike the others'
    rates = []
    for metric in metrics:
        scheduler.step(metric)
        rates.append(optimizer.param_groups[0]["lr"])
    return np.array(rates, dtype=float)
