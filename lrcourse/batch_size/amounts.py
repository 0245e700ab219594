"""What is asked of a recipe: its batch, and its lengths in updates. None is an answer."""

from lrcourse.recipes import Length, Recipe
from lrcourse.recipes.clocks import short


def full_batch(recipe: Recipe) -> float:
    """Examples or tokens per update; at the end, where the batch grows."""
    return recipe.batch.amount  # type: ignore[union-attr]


def batch_in_samples(recipe: Recipe) -> float:
    """The batch in samples where the way is known, else in what it counts."""
    if recipe.clock.batch_clock == "tokens" and recipe.tokens_per_sample:
        return full_batch(recipe) / recipe.tokens_per_sample
    return full_batch(recipe)


def amount_of(recipe: Recipe, length: Length | None, clock: str) -> float | None:
    """A length on another clock; None where that cannot be known."""
    if length is None or (length.amount and recipe.clock.missing(length.clock, clock)):
        return None
    return recipe.amount(length, clock)


def updates_of(recipe: Recipe, length: Length | None) -> int | None:
    """A length in whole updates; None where that cannot be known."""
    updates = amount_of(recipe, length, "steps")
    return None if updates is None else round(updates)


def number(value: float | None) -> str:
    """As people write it: "0.0006", "6,000", "3.2", "375M"."""
    if value is None:
        return "not published"
    return short(value) if value >= 1000 else f"{value:.4g}"
