"""Published trainings beside each other, on any clock: what was really used, and how it looks.

Everything comes from `lrcourse.recipes`. What is not published is said, and never guessed.
"""

from collections.abc import Iterator
from typing import Annotated

import numpy as np

from lrcourse.explore.scene import NONE, scene
from lrcourse.panels import RATE, Axis, Code, Curve, Measure, Panel, Table, View
from lrcourse.recipes import CLOCKS, RECIPES, WRONG_FIGURES, Length, OnClock, Recipe
from lrcourse.recipes.card import SILENT, decay
from lrcourse.recipes.clocks import COUNTED, short
from lrcourse.recipes.course import Course, course
from lrcourse.schedules import Choice
from lrcourse.torch_twins import twin

Published = Annotated[str, Choice("a published training", tuple(RECIPES))]
Second = Annotated[str, Choice("another beside it", (NONE, *RECIPES))]
ClockShown = Annotated[str, Choice("what the axis counts", CLOCKS)]
LARGE = (("trillions", 1e12), ("billions", 1e9), ("millions", 1e6))  # of an axis that goes so far


@scene(
    "What well-known models were trained with",
    presets={
        "BERT and Llama 2": {"recipe": "bert-base", "compare_with": "llama2-70b", "shapes": True},
        "GPT-3 warms up by tokens": {"recipe": "gpt3-175b", "clock": "tokens"},
        "ImageNet in one hour": {
            "recipe": "resnet50-goyal",
            "compare_with": "resnet-pytorch",
            "clock": "epochs",
        },
        "a long stable phase": {"recipe": "smollm3-3b"},
        "GPT-2: not published": {"recipe": "gpt2"},
    },
)
def recipes(
    recipe: Published = "bert-base",
    compare_with: Second = NONE,
    clock: ClockShown = "steps",
    shapes: bool = False,
) -> View:
    """η over a whole training; with `shapes`, rate / peak over the share of the training.

    Refused where a recipe has a schedule on other clocks but not on this one: the sentence says
    which figure is not published. A recipe without any schedule is shown as what is known of it.
    """
    chosen = [RECIPES[name] for name in dict.fromkeys((recipe, compare_with)) if name != NONE]
    drawn = {each.name: course(each, clock) for each in chosen if each.clocks}
    first = drawn.get(recipe)
    return View(
        panels=(_panel(chosen, drawn, clock, shapes),),
        said=" ".join(_said(each, drawn.get(each.name), clock) for each in chosen),
        codes=tuple(_codes(chosen)),
        table=_table(chosen, clock),
        measure=first and Measure("mean rate / peak", _mean(first)),
    )


# The picture -------------------------------------------------------------------------------------


def _panel(chosen: list[Recipe], drawn: dict[str, Course], clock: str, shapes: bool) -> Panel:
    """A curve for each recipe that has one; its style is its place among those that are chosen."""
    styles = {each.name: 2 * place for place, each in enumerate(chosen)}
    if shapes:
        shape = [_shape(each, styles[name]) for name, each in drawn.items()]
        axes = Axis(f"share of the {clock}", 0, 1), Axis("learning rate / peak", 0, 1.05)
        return Panel(*axes, tuple(shape), title=_title(chosen))
    longest = max((each.t[-1] for each in drawn.values()), default=1.0)
    unit, size = next((large for large in LARGE if longest >= large[1]), ("", 1.0))
    marks = [Curve(name, c.rates, c.t / size, styles[name]) for name, c in drawn.items()]
    axis = Axis(f"{COUNTED[clock]} ({unit})" if unit else COUNTED[clock], 0, tight=True)
    return Panel(axis, Axis(RATE, log=None), tuple(marks), title=_title(chosen))


def _shape(drawn: Course, style: int) -> Curve:
    """The same curve in a square of 1 by 1, so that lengths and peaks do not matter."""
    peak = drawn.recipe.peak_lr or 1.0
    return Curve(drawn.recipe.name, drawn.rates / peak, drawn.t / drawn.t[-1], style)


def _title(chosen: list[Recipe]) -> str:
    return chosen[0].title if len(chosen) == 1 else ""


def _mean(drawn: Course) -> float:
    """The mean of the rates over the clock, as a share of the peak."""
    area = np.trapezoid(drawn.rates, drawn.t) / (drawn.t[-1] - drawn.t[0])
    return float(area / drawn.rates.max())


def _said(recipe: Recipe, drawn: Course | None, clock: str) -> str:
    return recipe.missing(clock) if drawn is None else drawn.words


def _codes(chosen: list[Recipe]) -> Iterator[Code]:
    """Each schedule in optimizer updates, as a trainer needs it, and PyTorch's where it has one."""
    for place, recipe in enumerate(chosen):
        if recipe.missing("steps"):
            continue
        schedule = recipe.schedule("steps")
        asked = f'recipe("{recipe.name}").schedule("steps")'
        text = asked if isinstance(schedule, OnClock) else f"{schedule!r}  # {asked}"
        yield Code(recipe.name, text, 2 * place)
        found = twin(schedule)
        if found is not None:
            yield Code(f"{recipe.name} in PyTorch", found.code, 2 * place + 1)


# The figures -------------------------------------------------------------------------------------


def _table(chosen: list[Recipe], clock: str) -> Table:
    """One column for each recipe, so that figures stand beside each other."""
    facts = [_facts(each, clock) for each in chosen]
    rows = [(label, *(each[label] for each in facts)) for label in facts[0]]
    for place, recipe in enumerate(chosen):
        for wrong in WRONG_FIGURES:
            if wrong.model == recipe.name:
                cells = [""] * len(chosen)
                cells[place] = f'"{wrong.said}"; in fact {wrong.true}'
                rows.append(("often quoted", *cells))
    return Table(("", *(each.name for each in chosen)), tuple(rows))


def _facts(recipe: Recipe, clock: str) -> dict[str, str]:
    return {
        "peak rate": SILENT if recipe.peak_lr is None else f"{recipe.peak_lr:.4g}",
        "warmup": f"{_counted(recipe, recipe.warmup, clock)}{_share(recipe, clock)}",
        "decay": decay(recipe),
        "length": _counted(recipe, recipe.length, clock),
        "batch": str(recipe.batch or SILENT),
        "optimizer": recipe.optimizer,
        "source": "; ".join(dict.fromkeys(each.name for each in recipe.sources)),
    }


def _counted(recipe: Recipe, length: Length | None, clock: str) -> str:
    """A length on this clock; as it was published where the way to the clock was not."""
    if length is None:
        return SILENT
    if not length.amount or recipe.clock.missing(length.clock, clock):
        return str(length)
    amount = recipe.amount(length, clock)
    return f"{short(round(amount) if amount >= 100 else amount)} {clock}"


def _share(recipe: Recipe, clock: str) -> str:
    """ ", 1% of the steps"; nothing where one of the two is not known on this clock."""
    ends = [recipe.warmup, recipe.length]
    if not all(end and end.amount and not recipe.clock.missing(end.clock, clock) for end in ends):
        return ""
    return f", {100 * recipe.share(recipe.warmup, clock):.3g}% of the {clock}"  # type: ignore[arg-type]
