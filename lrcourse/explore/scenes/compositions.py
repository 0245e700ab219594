"""Section 08, the composition bench: what was meant, and what PyTorch makes of the program."""

import sys
from collections.abc import Iterator
from typing import Annotated

import numpy as np

from lrcourse.explore.scene import scene
from lrcourse.panels import Axis, Code, Curve, Measure, Panel, Rule, View, rates, time_panel
from lrcourse.schedules import LR, Choice, Steps, Warmup
from lrcourse.torch_compositions import (
    WAYS,
    Decay,
    Plan,
    Record,
    Shown,
    Way,
    recorded,
    warmup_then_decay,
)
from lrcourse.words import ROUNDING

WayName = Annotated[str, Choice("composition", tuple(WAYS))]
SLOW = 400  # torch walks through its schedule; above so many updates that is seen
PAST = {"cosine": "CosineAnnealingLR climbs again past T_max"}  # what happens after the last step


@scene(
    "The composition bench",
    presets={
        "SequentialLR follows": {"way": "SequentialLR"},
        "ChainedScheduler multiplies": {"way": "ChainedScheduler"},
        "the peak counted twice": {"way": "LambdaLR, a rate"},
        "right by luck": {"way": "two in turn, by if"},
        "the same loop, out of luck": {"way": "by if, decay a LambdaLR"},
        "the wrong clock": {"way": "epochs counted in updates"},
        "a cosine past its end": {"way": "CosineAnnealingLR alone", "shown": 220},
        "one cycle past its end": {"way": "OneCycleLR alone", "decay": "linear", "shown": 110},
    },
)
def compositions(
    way: WayName = "SequentialLR",
    peak_lr: LR = 0.1,
    warmup_steps: Warmup = 10,
    steps: Steps = 100,
    decay: Decay = "cosine",
    shown: Shown = 100,
) -> Iterator[View]:
    """η(t) as meant, and as a real optimizer had it; torch's comes later where it takes long."""
    plan = Plan(peak_lr, warmup_steps, steps, decay, shown)
    # the first optimizer of a program imports torch's compiler, which takes seconds
    if shown > SLOW or "torch._dynamo" not in sys.modules:
        yield _view(way, plan, None)
    yield _view(way, plan, recorded(WAYS[way], plan))


def _view(name: str, plan: Plan, found: Record | None) -> View:
    way = WAYS[name]
    schedule = way.meant(plan)
    meant = schedule(np.arange(plan.shown))
    codes = Code("meant", repr(schedule), 0), Code("PyTorch", way.code(plan), 1)
    if found is None:
        panels = (time_panel(rates("meant", meant), steps=plan.shown),)
        return View(panels, f"{name}: PyTorch makes its updates", codes, done=0.5)
    return View(
        (_both(meant, found), _ratio(meant, found), *_momentum(found, plan.shown)),
        f"{name}: {'; '.join(_said(way, plan, meant, found))}",
        codes,
        measure=Measure("area Σ η", float(found.rates.sum())),
    )


# Panels ------------------------------------------------------------------------------------------


def _both(meant: np.ndarray, found: Record) -> Panel:
    stops = len(found.rates) < len(meant)
    torchs = rates("PyTorch", found.rates, 1, early=stops)
    return time_panel(rates("meant", meant), torchs, steps=len(meant))


def _ratio(meant: np.ndarray, found: Record) -> Panel:
    """PyTorch's rate over the one that was meant; a gap where that was 0."""
    n = len(found.rates)
    there = meant[:n] > ROUNDING * meant.max()
    ratio = np.divide(found.rates, meant[:n], out=np.full(n, np.nan), where=there)
    marks = Rule("as meant", y=1.0), Curve("ratio", ratio, style=1, held=True)
    axis = Axis("PyTorch / meant", low=0.01, high=100, log=True)
    return time_panel(*marks, y=axis, steps=len(meant), height=0.5)


def _momentum(found: Record, steps: int) -> tuple[Panel, ...]:
    """A panel only where torch has moved the momentum, which nobody asked it to do."""
    if not found.momenta.any():
        return ()
    curve = Curve("momentum", found.momenta, style=1, held=True)
    return (time_panel(curve, y=Axis("momentum", low=0.8, high=1), steps=steps, height=0.5),)


# In words ----------------------------------------------------------------------------------------


def _said(way: Way, plan: Plan, meant: np.ndarray, found: Record) -> Iterator[str]:
    ours = meant[: len(found.rates)]
    same = np.isclose(found.rates, ours, rtol=1e-9, atol=ROUNDING * ours.max())
    if same.all():
        yield f"PyTorch has the rates that were meant in all {len(ours)} updates"
        yield way.why
    else:
        first, furthest = int(np.argmin(same)), int(np.argmax(np.abs(found.rates - ours)))
        yield f"PyTorch differs first at t = {_at(first, ours, found)}"
        if furthest != first:
            yield f"furthest at t = {_at(furthest, ours, found)}"
        is_over = first > plan.steps and way.meant is warmup_then_decay
        yield PAST.get(plan.decay, way.why) if is_over else way.why
    if found.stopped:
        yield f"it stops with an error before t = {len(ours)}: {found.stopped}"
    if found.momenta.any():
        low, high = found.momenta.min(), found.momenta.max()
        yield f"it moves the momentum, which was 0, between {low:.2g} and {high:.2g}"
    yield from (f"it warns: {warning}" for warning in found.warnings)


def _at(t: int, meant: np.ndarray, found: Record) -> str:
    """ "10: 0.2 instead of 0.1, 2 times" """
    torchs, ours = found.rates[t], meant[t]
    times = f", {torchs / ours:.4g} times" if torchs > 0 and ours > 0 else ""
    return f"{t}: {torchs:.4g} instead of {ours:.4g}{times}"
