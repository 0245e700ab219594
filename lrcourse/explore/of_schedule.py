"""The scene of any schedule: its curve, PyTorch's beside it, and a second schedule to compare."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from lrcourse.explore.scene import AnySchedule, Scene
from lrcourse.panels import Axis, Code, Curve, Measure, Table, View, rates, time_panel
from lrcourse.recipes import RECIPES
from lrcourse.schedules import Constant, Schedule, Sequential, Unit
from lrcourse.torch_twins import rates_used, twin
from lrcourse.words import agreement, course

Shown = Annotated[
    int, Unit("optimizer updates", 2, 10_000, typical=200, play=(10, 1000), whole=True)
]
SLOW = 2000  # updates above which the walk through torch's schedule would be felt
ANY = Constant(0.1)
PRESET_STEPS = 1000  # a recipe of 300000 updates is shown in as many, of the same shape


def rates_of(
    schedule: Schedule = ANY,
    compare_with: Schedule | None = None,
    show_PyTorch: bool = True,
    shown: Shown = 200,
) -> Iterator[View]:
    """η(t) over the first updates; PyTorch's rates come a moment later where there are many."""
    t = np.arange(shown)
    ours = [schedule(t)] if compare_with is None else [schedule(t), compare_with(t)]
    schedules = [each for each in (schedule, compare_with) if each is not None]
    found = twin(schedule) if show_PyTorch else None
    if found is None or shown > SLOW:
        yield _view(schedules, ours, None, 1.0 if found is None else 0.5)
    if found is not None:
        theirs = (found.code, rates_used(found.build, found.lr, shown))
        yield _view(schedules, ours, theirs)


def _view(
    schedules: list[Schedule],
    ours: list[np.ndarray],
    theirs: tuple[str, np.ndarray] | None,
    done: float = 1.0,
) -> View:
    names = _names(schedules, compared=theirs is not None)
    drawn = list(zip(names, map(repr, schedules), ours, (0, 2), strict=False))
    said = course(ours[0])
    if theirs is not None:
        drawn.insert(1, ("PyTorch", *theirs, 1))
        said = f"{said}; {agreement(ours[0], theirs[1])}"
    if len(ours) > 1:
        said = f"{said}; {names[1]} {course(ours[1])}"
    hidden = (schedules[0].steps or 0) - len(ours[0])
    if 0 < hidden < math.inf:
        said = f"{said}; {hidden} more updates lie beyond this picture"
    curves = [rates(n, lr, style, len(lr) < len(ours[0])) for n, _, lr, style in drawn]
    return View(
        panels=(time_panel(*curves), *_momentum(schedules[0], len(ours[0]))),
        said=said,
        codes=tuple(Code(name, code, style) for name, code, _, style in drawn),
        table=_numbers({name: lr for name, _, lr, _ in drawn}),
        measure=Measure("area Σ η", float(ours[0].sum())),
        done=done,
    )


def _names(schedules: list[Schedule], compared: bool) -> list[str]:
    """The labels of the curves, each another."""
    if len(schedules) == 1:
        return ["ours"] if compared else [_name(schedules[0])]
    names = [_name(schedule) for schedule in schedules]
    return names if names[0] != names[1] else ["first", "second"]


def _name(schedule: Schedule) -> str:
    if isinstance(schedule, Sequential):
        return "ours"  # the names of all its parts are too long for a label
    return type(schedule).__name__


def _momentum(schedule: Schedule, steps: int) -> tuple[Any, ...]:
    """A second panel for what moves the momentum as well."""
    if not hasattr(schedule, "momentum"):
        return ()
    momentum = Curve("momentum", schedule.momentum(np.arange(steps)), held=True)
    return (time_panel(momentum, y=Axis("momentum", tight=True), height=0.6),)


def _numbers(curves: Mapping[str, np.ndarray]) -> Table:
    """The area under each curve is how far its updates can go together."""
    return Table(
        ("", "area Σ η", "mean / peak", "highest", "last"),
        tuple(
            (name, *(f"{x:.4g}" for x in (lr.sum(), _share(lr), lr.max(), lr[-1])))
            for name, lr in curves.items()
        ),
    )


def _share(lr: np.ndarray) -> float:
    return float(lr.mean() / lr.max()) if lr.max() > 0 else 0.0


def of_schedule(schedule: Schedule) -> Scene:
    """`rates_of` for the class of `schedule`; its presets are the recipes of that class."""
    scene = Scene(rates_of, type(schedule).__name__, presets=dict(_presets(type(schedule))))
    scene.name = scene.title
    scene.parameters["schedule"] = AnySchedule("schedule", schedule, fixed=True)
    return scene


def _presets(cls: type[Schedule]) -> Iterator[tuple[str, dict[str, Any]]]:
    for recipe in RECIPES.values():
        if recipe.missing("steps") or type(recipe.schedule("steps")) is not cls:
            continue
        written = recipe.schedule("steps")
        end = recipe.amount(recipe.length, "steps") if recipe.length else written.steps
        if end:
            small = _squeezed(written, PRESET_STEPS / end)
            yield recipe.title, {"schedule": small, "shown": PRESET_STEPS}


def _squeezed(schedule: Schedule, factor: float) -> Schedule:
    """The same shape over `factor` times as many updates."""
    lengths = {
        name: _times(getattr(schedule, name), factor)
        for name, unit in schedule.units().items()
        if unit.meaning == "optimizer updates" and getattr(schedule, name) is not None
    }
    return replace(schedule, **lengths)  # type: ignore[type-var]


def _times(length: Any, factor: float) -> Any:
    if isinstance(length, tuple):
        return tuple(_times(each, factor) for each in length)
    return max(1, round(length * factor))
