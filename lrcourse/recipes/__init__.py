"""What well-known models were trained with, as data with sources, on every clock.

    from lrcourse.recipes import recipe
    schedule = recipe("llama2-70b").schedule("steps")

A figure stands here only if its source was read; what was not published is None, and said.
`WRONG_FIGURES` are those that circulate and are not so. NumPy and `lrcourse.schedules` only.
"""

from difflib import get_close_matches

from lrcourse.recipes.base import Recipe, Source
from lrcourse.recipes.clocks import CLOCKS, Batch, Clock, Length, Ramp, Stages
from lrcourse.recipes.language import LANGUAGE
from lrcourse.recipes.on_clock import OnClock
from lrcourse.recipes.vision import VISION
from lrcourse.recipes.wrong import WRONG_FIGURES, WrongFigure

RECIPES: dict[str, Recipe] = {
    each.name: each for each in sorted((*VISION, *LANGUAGE), key=lambda each: each.year)
}


def recipe(name: str) -> Recipe:
    """The recipe of this name, such as "llama2-70b"; a near name is suggested."""
    bare = str(name).strip().lower().replace("_", "-").replace(" ", "-")
    if bare in RECIPES:
        return RECIPES[bare]
    near = [each for each in RECIPES if bare and each.startswith(bare)]
    near = near or get_close_matches(bare, RECIPES, n=3, cutoff=0.5)
    meant = f": did you mean {either(near)}?" if near else f"; there are {', '.join(RECIPES)}"
    raise ValueError(f"there is no recipe {name}{meant}")


def either(names: list[str]) -> str:
    """The names as a question has them: "a, b or c"."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


__all__ = [
    "CLOCKS",
    "RECIPES",
    "WRONG_FIGURES",
    "Batch",
    "Clock",
    "Length",
    "OnClock",
    "Ramp",
    "Recipe",
    "Source",
    "Stages",
    "WrongFigure",
    "recipe",
]
