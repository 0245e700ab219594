"""A schedule painted by hand, next to one from the course. Section 12."""

from typing import Annotated

import numpy as np

from lrcourse.explore.controls import Drawing
from lrcourse.explore.scene import scene
from lrcourse.panels import RATE, Axis, Code, Curve, Measure, Table, View, rates, time_panel
from lrcourse.schedules import (
    Constant,
    CosineDecay,
    LinearWarmup,
    Schedule,
    TriangularCycle,
    Unit,
    WarmupLinear,
)
from lrcourse.schedules.piecewise import PiecewiseLinear, corners
from lrcourse.words import course

INTERVALS = 50  # between the points that a hand paints
UNSEEN = 0.005  # of the peak, on a linear axis
UNSEEN_LOG = 0.05  # of the rate itself, on a logarithmic axis

Painted = Annotated[tuple[float, ...], Drawing("share of peak_lr", 0, 1)]
Peak = Annotated[
    float, Unit("top of the axis", 0, 1e3, 0.1, play=(1e-4, 10.0), above_low=True, log=True)
]
Length = Annotated[int, Unit("optimizer updates", 10, 10_000, 200, play=(10, 1000), whole=True)]


def painted_like(schedule: Schedule) -> tuple[float, ...]:
    """The shares of a schedule of INTERVALS updates and peak 1, as a hand would paint them."""
    return tuple(schedule(np.arange(INTERVALS + 1)).round(4).tolist())


SHAPES = {
    "cosine": CosineDecay(1, INTERVALS),
    "warmup and linear": WarmupLinear(1, 5, INTERVALS),
    "triangle": TriangularCycle(1, INTERVALS // 2),
    "flat": Constant(1),
    "warmup and flat": LinearWarmup(1, 5),
}
COSINE, OTHER = painted_like(SHAPES["cosine"]), CosineDecay(0.1, 200)  # at the start


def drawn(shares: tuple[float, ...], peak_lr: float, steps: int) -> PiecewiseLinear:
    """The painted line as a schedule, with as few corners as nobody can see."""
    t = np.arange(steps + 1)
    height = np.interp(t, np.linspace(0, steps, len(shares)), shares)
    kept = corners(t, height, np.clip(UNSEEN_LOG * height, 1e-6, UNSEEN))
    lrs = [float(f"{float(f'{height[k]:.3g}') * peak_lr:.12g}") for k in kept]
    return PiecewiseLinear(tuple(t[kept]), tuple(lrs))


def torch_code(schedule: PiecewiseLinear, peak_lr: float) -> str:
    """The same rates in PyTorch; it multiplies the optimizer's own rate by what it is given."""
    shares = [float(f"{lr / peak_lr:.12g}") for lr in schedule.lrs]
    return (
        "optimizer = torch.optim.SGD(model.parameters(), "
        f"lr={peak_lr!r})\n"
        "scheduler = torch.optim.lr_scheduler.LambdaLR(\n"
        f"    optimizer, lambda t: np.interp(t, {list(schedule.times)}, {shares}))"
    )


def warnings(lr: np.ndarray, window: int) -> list[str]:
    """What a reader of these rates should know; a jump is a rise within `window` updates."""
    if not lr.any():
        return ["the rate is zero everywhere: nothing is trained"]
    found = []
    if lr[0] == 0:
        found.append("starts at zero: the first update trains nothing")
    found += _jumps(lr, window)
    if lr[-1] > 0.1 * lr.max():
        share = f"{lr[-1] / lr.max():.0%} of its peak"
        found.append(f"ends at {share}: the noise is not annealed")
    return found


def _jumps(lr: np.ndarray, window: int) -> list[str]:
    """The largest rise to twice the rate or more; the first rise of all is a warmup, no jump."""
    before, after = lr[:-window], lr[window:]
    is_jump = (after >= 2 * before) & (after - before > 0.1 * lr.max())
    is_jump[: np.argmax(np.diff(lr, append=0) <= 0)] = False
    if not is_jump.any():
        return []
    if (is_jump & (before == 0)).any():
        return [
            f"the rate comes back from zero at t = {np.flatnonzero(is_jump & (before == 0))[-1]}"
        ]
    times = np.divide(after, before, where=is_jump, out=np.zeros(after.shape))
    t = int(np.argmax(times))
    return [f"the rate jumps to {times[t]:.2g} times its value at t = {t}"]


def _compared(area: float, other: float, name: str) -> str:
    """The area under the rates, against that of the schedule called `name`."""
    if not other > 0:
        return f"{name} has no area"
    change = area / other - 1
    if abs(change) < 0.005:
        return f"the same area as {name}"
    return f"{abs(change):.0%} {'more' if change > 0 else 'less'} area than {name}"


def _row(name: str, lr: np.ndarray) -> tuple[str, ...]:
    mean = lr.mean() / lr.max() if lr.any() else 0.0
    return (name, *(f"{x:.4g}" for x in (lr.sum(), mean, lr.max(), lr[-1])))


@scene(
    "Draw your own schedule",
    presets={name: {"shape": painted_like(each)} for name, each in SHAPES.items()},
)
def draw_your_own(
    peak_lr: Peak = 0.1,
    steps: Length = 200,
    shape: Painted = COSINE,
    compare_with: Schedule | None = OTHER,
) -> View:
    """Paint η(t) in the panel; what you painted is a schedule that you can train with."""
    schedule, t = drawn(shape, peak_lr, steps), np.arange(steps)
    lr = schedule(t)
    hand = Curve("", peak_lr * np.array(shape), np.linspace(0, steps, len(shape)), faint=True)
    marks = [hand, rates("yours", lr)]
    codes = [Code("yours", repr(schedule)), Code("PyTorch", torch_code(schedule, peak_lr), 1)]
    rows = [_row("yours", lr)]
    said = warnings(lr, -(-steps // INTERVALS)) or [course(lr)]
    if compare_with is not None:
        name, other = type(compare_with).__name__, compare_with(t)
        marks.append(rates(name, other, style=2))  # thin and on top: both are seen
        codes.append(Code(name, repr(compare_with), 2))
        rows.append(_row(name, other))
        said.insert(0, _compared(lr.sum(), other.sum(), name))
    axis = Axis(RATE, low=0, high=peak_lr, log=None)
    return View(
        (time_panel(*marks, y=axis, steps=steps, draws="shape"),),
        said="; ".join(said),
        codes=tuple(codes),
        table=Table(("", "area Σ η", "mean / peak", "highest", "last"), tuple(rows)),
        measure=Measure("area Σ η", float(lr.sum())),
    )
