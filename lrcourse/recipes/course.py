"""The rates of a recipe over its whole training, on any clock: what is drawn and listed."""

from typing import NamedTuple

import numpy as np

from lrcourse.recipes.base import Recipe
from lrcourse.recipes.clocks import short
from lrcourse.schedules import Schedule


class Course(NamedTuple):
    """The rates of one recipe at times (n,) of one clock."""

    recipe: Recipe
    clock: str
    schedule: Schedule
    t: np.ndarray
    rates: np.ndarray

    @property
    def words(self) -> str:
        """What is to be seen, for who cannot see it."""
        peak = self.t[np.argmax(self.rates)]
        return (
            f"{self.recipe.title}: learning rate η over {short(self.t[-1])} {self.clock}. It "
            f"starts at {self.rates[0]:.4g}, is highest, {self.rates.max():.4g}, at about "
            f"{short(peak)}, and ends at {self.rates[-1]:.4g}."
        )


def course(recipe: Recipe, clock: str, points: int = 1001) -> Course:
    """About so many evenly spaced times, whole where they count updates, and that of the peak.

    Refused where the recipe has no schedule on this clock: `Recipe.schedule` says what is missing.
    """
    schedule = recipe.schedule(clock)
    t = np.append(np.linspace(0, length(recipe, clock), points), warmed_up(recipe, clock))
    t = np.unique(np.floor(t) if clock == "steps" else t)
    return Course(recipe, clock, schedule, t, schedule(t))


def warmed_up(recipe: Recipe, clock: str) -> float:
    """Where the warmup has ended, a whole number where t counts updates."""
    if recipe.warmup is None:
        return 0.0
    end = recipe.amount(recipe.warmup, clock)
    return float(np.ceil(end)) if clock == "steps" else end


def length(recipe: Recipe, clock: str) -> float:
    """The whole training on this clock; where it is not known, what the schedule lasts."""
    if recipe.length is not None and not recipe.clock.missing(recipe.length.clock, clock):
        return recipe.amount(recipe.length, clock)
    return float(recipe.schedule(clock).steps or 1000)
