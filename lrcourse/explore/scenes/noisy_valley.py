"""The noisy valley: where the rate, the noise and momentum lead a walk, on a map and in numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import inf
from typing import Annotated, Any

import numpy as np

from lrcourse.experiments import (
    Momentum,
    MultiWell,
    Quadratic,
    Run,
    Surface,
    mean_interval,
    momentum_table,
    multi_well,
    rate_table,
    ravine,
    rosenbrock,
    watch,
)
from lrcourse.explore.scene import scene
from lrcourse.panels import (
    Axis,
    Band,
    Code,
    Curve,
    Dots,
    Mark,
    Measure,
    Panel,
    Rule,
    Table,
    View,
    rates,
    time_panel,
)
from lrcourse.plots import contour_lines
from lrcourse.schedules import Choice, Constant, CosineDecay, Schedule, Unit

WALKS = 100  # the one that is drawn, and others that meet other noise
EVERY = 100  # updates between two views
START = Constant(0.05)
FAR = 1e3  # beyond every map: a step that leads farther away is drawn to there


@dataclass(frozen=True)
class Map:
    """A landscape, the part of it that is drawn, its lowest point, and heights worth showing."""

    surface: Surface
    x: tuple[float, float]
    y: tuple[float, float]
    lowest: tuple[float, float]
    heights: tuple[float, float]

    def holds(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) -> (...): True where a point lies on the map. NaN is nowhere."""
        low, high = np.transpose([self.x, self.y])
        return ((points >= low) & (points <= high)).all(-1)

    def dot(self, name: str, at: Any, end: Any = (inf, inf), style: int = 0) -> Dots:
        """A dot with its name, unless that would lie on the name of the dot at `end`."""
        widths = np.ptp([self.x, self.y], axis=1)
        is_covered = (np.abs(np.subtract(at, end)) < widths * (0.15, 0.1)).all()
        return Dots("" if is_covered else name, np.array(at[:1]), np.array(at[1:]), style)


MAPS = {
    "ravine": Map(ravine(start=(-10, 3)), (-12, 12), (-5, 5), (0, 0), (1e-4, 1e4)),
    "bent valley": Map(rosenbrock(), (-2.2, 2.2), (-0.8, 2.8), (1, 1), (1e-4, 1e3)),
    "many wells": Map(multi_well(), (-5.5, 5.5), (-5.5, 5.5), (0, 0), (1e-3, 1e1)),
}
Where = Annotated[str, Choice("the landscape", tuple(MAPS))]
Noise = Annotated[float, Unit("standard deviation of each gradient", 0, inf, 1.0, (0, 10))]
Kept = Annotated[float, Unit("momentum m", 0, 1, 0.9, (0.0, 0.99), below_high=True)]
Updates = Annotated[int, Unit("how long a walk is", 1, 5000, 100, (10, 500), whole=True)]
Seed = Annotated[int, Unit("of the noise", 0, 2**31, 0, (0, 50), whole=True)]


@dataclass(frozen=True)
class Walks:
    """What a view is made of: walks over a map so far, the first of which is drawn."""

    map: Map
    surface: Surface  # that of the map, with the noise of this view
    schedule: Schedule
    run: Run
    updates: int
    seed: int

    @property
    def made(self) -> int:
        """The updates so far."""
        return self.run.lrs.shape[1]

    @cached_property
    def paths(self) -> np.ndarray:
        """(R, t + 1, 2), the start first."""
        return self.surface.paths(self.run)

    @cached_property
    def heights(self) -> np.ndarray:
        """f(w) above the lowest height worth knowing: (R, t + 1); inf where a walk has diverged."""
        with np.errstate(all="ignore"):
            heights = self.surface.heights(self.paths)
        return np.where(heights < 1e30, np.maximum(heights, 1e-30), inf)

    @cached_property
    def middle(self) -> np.ndarray:
        """Between these heights are 80% of the walks: (2, t + 1); NaN where some are lost."""
        with np.errstate(invalid="ignore"):
            return np.quantile(self.heights, (0.1, 0.9), axis=0)

    @property
    def are_alike(self) -> bool:
        """Without noise every walk is the first."""
        return self.surface.noise == 0

    @property
    def limit(self) -> np.ndarray | None:
        """2 (1 + m) / λ for each update, where it is known: (t,)"""
        if not isinstance(self.surface, Quadratic):
            return None
        return np.array([self.surface.largest_stable_lr(m) for m in self.run.momenta[0]])

    @property
    def floor(self) -> float | None:
        """The mean height at which a constant rate as high as the highest stops improving."""
        momenta = self.run.momenta[0]
        if not isinstance(self.surface, Quadratic) or self.are_alike or np.ptp(momenta) > 0:
            return None
        floor = self.surface.floor(self.run.lrs[0].max(), momenta[0], batch_size=1)
        return float(floor) if np.isfinite(floor) else None


@scene(
    "The noisy valley",
    presets={
        "too small": {"schedule": Constant(0.002), "noise": 0.0},
        "just right": {"schedule": Constant(0.05), "noise": 0.0},
        "oscillates": {"schedule": Constant(0.098), "noise": 0.0},
        "diverges": {"schedule": Constant(0.102), "noise": 0.0},
        "momentum raises the limit": {"schedule": Constant(0.102), "noise": 0.0, "momentum": 0.5},
        "noise floor": {"schedule": Constant(0.05), "updates": 200},
        "more momentum, more noise": {"schedule": Constant(0.05), "momentum": 0.8, "updates": 200},
        "decay goes below the floor": {"schedule": CosineDecay(0.05, 200), "updates": 200},
        "bent valley": {
            "surface": "bent valley",
            "schedule": Constant(0.02),
            "noise": 0.5,
            "updates": 300,
        },
        "many wells, cold": {"surface": "many wells", "schedule": Constant(0.05), "noise": 1.2},
        "many wells, warm at first": {
            "surface": "many wells",
            "schedule": CosineDecay(0.6, 200),
            "noise": 1.2,
            "updates": 200,
        },
    },
)
def noisy_valley(
    surface: Where = "ravine",
    schedule: Schedule = START,
    noise: Noise = 2.0,
    momentum: Kept = 0.0,
    updates: Updates = 100,
    seed: Seed = 0,
) -> Iterator[View]:
    """One walk of SGD on the map, and the heights of many; long walks grow while you look."""
    here = MAPS[surface]
    landscape = replace(here.surface, noise=noise)
    runs = watch(
        landscape,
        rate_table([schedule], WALKS, updates),
        range(seed, seed + WALKS),
        Momentum(),
        batch_size=1,
        every=EVERY,
        momenta=momentum_table([schedule], WALKS, updates, momentum),
        keep_every=1,
    )
    for run in runs:
        yield view(Walks(here, landscape, schedule, run, updates, seed))


def view(walks: Walks) -> View:
    """The map, the heights over time, and the rates with their limit."""
    is_last = walks.made == walks.updates
    return View(
        panels=(map_panel(walks), heights_panel(walks), rates_panel(walks)),
        said=said(walks),
        codes=(Code("this walk", code(walks)),),
        table=table(walks),
        measure=measure(walks) if is_last else None,
        done=walks.made / walks.updates,
    )


# The panels --------------------------------------------------------------------------------------


def map_panel(walks: Walks) -> Panel:
    """Contours, the first walk until it leaves for good, its two ends, and the lowest point."""
    here, path = walks.map, walks.paths[0]
    last = np.flatnonzero(here.holds(path))[-1]
    x, y = np.clip(np.nan_to_num(path[: last + 2], nan=FAR), -FAR, FAR).T
    leaves = last + 1 < len(path)
    return Panel(
        Axis("coordinate w₁", *here.x),
        Axis("coordinate w₂", *here.y),
        (
            contours(here),
            Curve("", y, x),
            here.dot("lowest", here.lowest, path[last], style=2),
            here.dot("start", path[0], path[last], style=1),
            here.dot("leaves the map" if leaves else "end", path[last], style=3),
        ),
        height=1.15,
    )


@cache
def contours(here: Map) -> Curve:
    """The contour lines; they are the same for every noise."""
    x, y = contour_lines(here.surface, here.x, here.y)
    return Curve("contours of f(w)", y, x, faint=True)


def heights_panel(walks: Walks) -> Panel:
    """f(w) of this walk, of the middle 80% of all, and their mean."""
    low, high = walks.map.heights
    mine = walks.heights[0]
    marks: list[Mark] = [Curve("this walk", finite(mine), early=bool(np.isinf(mine[-1])))]
    if not walks.are_alike:
        marks += [Band(finite(walks.middle[0]), finite(walks.middle[1]), style=1)]
        marks += [Curve(f"mean of {WALKS}", finite(walks.heights.mean(0)), style=1)]
    if walks.floor is not None:
        marks += [Rule(f"floor of a constant {peak(walks):.3g}", y=walks.floor, style=3)]
    return time_panel(
        *marks, y=Axis("f(w), the loss", low, high, log=True), steps=walks.updates, height=0.75
    )


def finite(heights: np.ndarray) -> np.ndarray:
    """What is far too high to be drawn is a gap."""
    return np.where(heights < 1e30, heights, np.nan)


def rates_panel(walks: Walks) -> Panel:
    """The rates, and the highest that are stable where that is known."""
    marks = [rates("η", walks.run.lrs[0])]
    if walks.limit is not None:
        marks += [rates("2(1 + m)/λ", walks.limit, style=4)]
    return time_panel(*marks, steps=walks.updates, height=0.5)


# The words ---------------------------------------------------------------------------------------


def said(walks: Walks) -> str:
    """What became of this walk, of the others, and why."""
    parts = [fate(walks), others(walks), against_limit(walks)]
    so_far = "" if walks.made == walks.updates else f"so far, {walks.made} of {walks.updates}: "
    return so_far + "; ".join(part for part in parts if part)


def fate(walks: Walks) -> str:
    """ "this walk leaves the map after 12 updates", or how high it ends."""
    inside = walks.map.holds(walks.paths[0])
    left = f"the map after {counted(int(np.argmin(inside)))}"
    if not inside[-1]:
        return f"this walk leaves {left}"
    back = "" if inside.all() else f", having left {left}"
    height, made = walks.heights[0, -1], counted(walks.made)
    return f"this walk is at f(w) = {height:.3g} after {made}{back}"


def others(walks: Walks) -> str:
    """Where the other walks are."""
    if isinstance(walks.surface, MultiWell):
        inside = walks.surface.in_deepest_well(walks.paths[:, -1])
        if walks.are_alike:
            return "in the deepest well" if inside[0] else "not in the deepest well"
        return f"{inside.sum()} of {WALKS} walks are in the deepest well"
    low, high = walks.middle[:, -1]
    if walks.are_alike or not np.isfinite(high):
        return ""
    return f"80 of {WALKS} walks between {low:.2g} and {high:.2g}"


def against_limit(walks: Walks) -> str:
    """Whether the rates are stable, where that is known."""
    if walks.limit is None:
        return ""
    above, limit = (walks.run.lrs[0] > walks.limit).sum(), f"2(1 + m)/λ = {walks.limit[0]:.3g}"
    if above:
        return f"η is above the limit {limit} in {above} of {counted(walks.made)}"
    return f"η stays below the limit {limit}"


def measure(walks: Walks) -> Measure | None:
    """What moves are judged by, where it is neither lost nor at the bottom."""
    mean, (low, high) = float(walks.heights[:, -1].mean()), walks.map.heights
    return Measure("mean f(w) at the end", mean) if low <= mean <= high else None


def table(walks: Walks) -> Table:
    """Numbers of the end: the mean height can be compared with the floor."""
    ends = walks.heights[:, -1]
    rows = [("f(w) of this walk at the end", f"{ends[0]:.4g}")]
    if not walks.are_alike and np.isfinite(ends).all():
        rows += [(f"mean f(w) of {WALKS} walks, and its 95% interval", str(mean_interval(ends)))]
    if walks.floor is not None:
        rows += [(f"floor of a constant rate of {peak(walks):.4g}", f"{walks.floor:.4g}")]
    rows += [("updates of this walk that turn back", turns(walks.paths[0]))]
    return Table(("", ""), tuple(rows))


def turns(path: np.ndarray) -> str:
    """How often a step goes against the one before it."""
    steps = np.diff(path[np.isfinite(path).all(1)], axis=0)
    with np.errstate(all="ignore"):
        back = (steps[1:] * steps[:-1]).sum(1) < 0
    return f"{back.sum()} of {back.size}"


def peak(walks: Walks) -> float:
    """The highest rate."""
    return float(walks.run.lrs[0].max())


def counted(updates: int) -> str:
    """ "1 update", "12 updates" """
    return f"{updates} update{'' if updates == 1 else 's'}"


def code(walks: Walks) -> str:
    """What trains this walk alone."""
    momenta, schedules = walks.run.momenta[0], f"[{walks.schedule!r}], 1, {walks.updates}"
    optimizer = f"Momentum({momenta[0]:g})"
    moved = f", momenta=momentum_table({schedules}, 0)" if np.ptp(momenta) else ""
    return (
        f"train({walks.surface!r}, rate_table({schedules}), [{walks.seed}], "
        f"{optimizer}, batch_size=1, keep_every=1{moved})"
    )
