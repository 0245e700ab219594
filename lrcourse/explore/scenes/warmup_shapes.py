"""Three ways up, and the hand-over to what follows, seen closely. Section 06.

Beside them stands the exponential of many lecture notes, which never arrives at the peak.
"""

from typing import Annotated, Any

import numpy as np

from lrcourse.batch_size import settling_updates
from lrcourse.explore.scene import scene
from lrcourse.panels import (
    RATE,
    TIME,
    Axis,
    Code,
    Curve,
    Measure,
    Panel,
    Rule,
    Table,
    View,
    time_panel,
)
from lrcourse.panels import rates as held
from lrcourse.recipes import recipe
from lrcourse.schedules import (
    Choice,
    Constant,
    CosineDecay,
    CosineWarmup,
    ExponentialWarmup,
    LinearDecay,
    LinearWarmup,
    Schedule,
    Unit,
    Warmup,
)

Peak = Annotated[
    float, Unit("learning rate", 0, np.inf, 0.1, play=(1e-5, 10.0), above_low=True, log=True)
]
Length = Annotated[
    int, Unit("optimizer updates", 2, 10_000, typical=100, play=(10, 1000), whole=True)
]
TimeConstant = Annotated[
    int, Unit("updates, of the exponentials", 1, 10_000, 20, play=(1, 200), whole=True)
]
After = Annotated[str, Choice("what follows", ("linear", "cosine", "none"))]
Counted = Annotated[str, Choice("share of the way", ("(t+1)/W", "t/W"))]
UNFINISHED = "1-exp(-t/τ)"
RTE: Any = recipe("roberta-rte").schedule("steps")
BERT: Any = recipe("bert-base").schedule("steps")
SHOWN = 1000  # a million updates are shown in as many, of the same shape
ALONE = {"cosine": False, "exponential": False, "unfinished": False}


def _settling(beta2: float, steps: int) -> dict[str, int]:
    return {"warmup_steps": round(settling_updates(beta2)), "steps": steps}


@scene(
    "Shapes of a warmup and the hand-over",
    presets={
        "no warmup": {"warmup_steps": 1, **ALONE},
        "2/(1-β₂) updates, β₂ = 0.95": _settling(0.95, 1000) | ALONE,
        "2/(1-β₂) updates, β₂ = 0.999": _settling(0.999, 10_000) | ALONE,
        "RoBERTa, fine-tuned on RTE": {
            **{name: getattr(RTE, name) for name in ("peak_lr", "warmup_steps", "steps")},
            **ALONE,
            "counted": "t/W",
        },
        f"BERT-Base, as {SHOWN} updates": {
            "peak_lr": BERT.peak_lr,
            "warmup_steps": round(BERT.warmup_steps / BERT.steps * SHOWN),
            "steps": SHOWN,
            **ALONE,
            "counted": "t/W",
        },
        "a fast exponential": {"time_constant": 5, "unfinished": False},
    },
)
def warmup_shapes(
    peak_lr: Peak = 0.1,
    warmup_steps: Warmup = 20,
    steps: Length = 100,
    linear: bool = True,
    cosine: bool = True,
    exponential: bool = True,
    unfinished: bool = True,
    time_constant: TimeConstant = 20,
    counted: Counted = "(t+1)/W",
    afterwards: After = "linear",
) -> View:
    """η(t) of each shape for t < W = `warmup_steps`, then one decay for all, to 0 at `steps`.

    `unfinished` is η_peak (1 - e^(-t/τ)): the exponential without its denominator.
    """
    names = {"linear": linear, "cosine": cosine, "exponential": exponential, UNFINISHED: unfinished}
    chosen = [name for name, is_shown in names.items() if is_shown]
    _refuse(chosen, warmup_steps, steps)
    w, first = warmup_steps, int(counted == "(t+1)/W")  # the share of the way is (t + first)/W
    decay = _decay(afterwards, peak_lr, steps - w)
    rising = {name: _warmup(name, peak_lr, w, time_constant) for name in chosen}
    lr = {name: _rates(warmup, decay, w, steps, first) for name, warmup in rising.items()}
    styles = {name: style for style, name in enumerate(names)}
    return View(
        panels=(
            time_panel(
                *(held(name, lr[name], styles[name]) for name in chosen),
                Rule(f"W = {w}", x=w, style=4, moves="warmup_steps"),
                steps=steps,
            ),
            _hand_over(lr, styles, w),
        ),
        said=_said(lr, w, counted, afterwards),
        codes=tuple(
            Code(
                name, _code(name, peak_lr, w, time_constant, first, afterwards, steps), styles[name]
            )
            for name in chosen
        ),
        table=_table(lr, w),
        measure=Measure(f"area Σ η of {chosen[0]}", float(lr[chosen[0]].sum())),
    )


def _refuse(chosen: list[str], warmup_steps: int, steps: int) -> None:
    if not chosen:
        raise ValueError("warmup_shapes: nothing is shown; switch on at least one shape")
    if warmup_steps >= steps:
        raise ValueError(
            f"warmup_shapes: warmup_steps must be smaller than steps={steps}, of which it is a "
            f"part, got {warmup_steps}"
        )


def _warmup(name: str, peak_lr: float, w: int, time_constant: int) -> Schedule:
    if name == "linear":
        return LinearWarmup(peak_lr, w)
    if name == "cosine":
        return CosineWarmup(peak_lr, w)
    whole = ExponentialWarmup(peak_lr, w, time_constant)
    reached = float(-np.expm1(-w / time_constant))  # the denominator that is left out
    return reached * whole if name == UNFINISHED else whole


def _decay(name: str, peak_lr: float, steps: int) -> Schedule:
    if name == "none":
        return Constant(peak_lr)
    return {"linear": LinearDecay, "cosine": CosineDecay}[name](peak_lr, steps)


def _rates(warmup: Schedule, decay: Schedule, w: int, steps: int, first: int) -> np.ndarray:
    """The warmup for t < W, then the decay from its own t = 0: (T,)"""
    t = np.arange(steps)
    return np.where(t < w, warmup(np.minimum(t + first, w)), decay(np.maximum(t - w, 0)))


def _hand_over(lr: dict[str, np.ndarray], styles: dict[str, int], w: int) -> Panel:
    """The updates around t = W, from a quarter of the warmup before it."""
    far = max(3, w // 4)
    near = slice(max(w - far, 0), w + far)
    curves = (
        Curve(name, rates[near], np.arange(len(rates))[near], styles[name], held=True)
        for name, rates in lr.items()
    )
    x = Axis(TIME, tight=True)
    rule = Rule("", x=w, style=4)
    return Panel(x, Axis(RATE, tight=True), (*curves, rule), height=0.8, title="hand-over")


def _said(lr: dict[str, np.ndarray], w: int, counted: str, afterwards: str) -> str:
    name, rates = next(iter(lr.items()))
    told = [f"counted as {counted}, {name} gives the first update η = {rates[0]:.3g}"]
    if rates[0] == 0:
        told[0] += ", which trains nothing"
    if UNFINISHED in lr:
        before, peak = lr[UNFINISHED][w - 1], lr[UNFINISHED][w]
        if 0 < before < 0.995 * peak:
            told.append(
                f"{UNFINISHED} has come to {before / peak:.0%} of the peak at t = {w - 1} and "
                f"jumps up by {peak / before - 1:.0%} at t = {w}"
            )
    follows = "stays there" if afterwards == "none" else f"follows a {afterwards} decay"
    return "; ".join([*told, f"the peak is reached at t = {rates.argmax()}, then {follows}"])


def _table(lr: dict[str, np.ndarray], w: int) -> Table:
    last = len(next(iter(lr.values()))) - 1
    times = list(dict.fromkeys((0, w - 1, w, last)))
    return Table(
        ("", *(f"t = {time}" for time in times), "warmup mean / peak", "area Σ η"),
        tuple(
            (
                name,
                *(f"{rates[time]:.3g}" for time in times),
                f"{rates[:w].mean() / rates.max():.3g}",
                f"{rates.sum():.4g}",
            )
            for name, rates in lr.items()
        ),
    )


def _code(
    name: str, peak_lr: float, w: int, tau: int, first: int, afterwards: str, steps: int
) -> str:
    """PyTorch's LambdaLR, which has room for every shape; needs `import math`."""
    t, x = "(t + 1)" if first else "t", f"(t - {w}) / {steps - w}"
    rise = {
        "linear": f"{t} / {w}",
        "cosine": f"(1 - math.cos(math.pi * {t} / {w})) / 2",
        "exponential": f"math.expm1(-{t} / {tau}) / math.expm1(-{w} / {tau})",
        UNFINISHED: f"1 - math.exp(-{t} / {tau})",
    }[name]
    fall = {
        "none": "1",
        "linear": f"max(1 - {x}, 0)",
        "cosine": f"(1 + math.cos(math.pi * min({x}, 1))) / 2",
    }[afterwards]
    return (
        f"LambdaLR(optimizer, lambda t: {rise} if t < {w} else {fall})"
        f"  # optimizer with lr={peak_lr}"
    )
