"""A training at another batch size, with the reasons for each change.

The examples that a training sees stay the same, so k times the batch has 1/k of the updates. The
rate follows the rule of its optimizer. Nothing is changed without a reason that is printed.
"""

import math
from dataclasses import dataclass, field, replace
from textwrap import fill
from typing import Annotated, Any

from lrcourse.batch_size.amounts import full_batch, number, updates_of
from lrcourse.batch_size.cautions import doubts, warnings
from lrcourse.batch_size.noise import NoiseScale
from lrcourse.batch_size.reasons import Change, Left, changes, left_alone, unpublished
from lrcourse.batch_size.rules import RULES, Rule
from lrcourse.batch_size.training import Training
from lrcourse.recipes import Batch as RecipeBatch
from lrcourse.recipes import Length, Ramp, Recipe
from lrcourse.recipes.clocks import Stages
from lrcourse.schedules import Schedule
from lrcourse.schedules.units import Choice, Unit, checked, shown

Kept = Annotated[str, Choice("what the warmup keeps", ("updates", "examples"))]
INDENTED: dict[str, Any] = {  # addresses and names of claims stay whole
    "initial_indent": "    ",
    "subsequent_indent": "      ",
    "break_on_hyphens": False,
}
RuleName = Annotated[str, Choice("how the rate follows the batch", tuple(RULES))]


@dataclass(frozen=True, repr=False)
class Rescaled:
    """A training before and after the change of its batch, with the reasons."""

    old: Recipe
    new: Recipe
    rule: Rule
    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    unpublished: tuple[str, ...]
    warnings: tuple[str, ...]
    doubts: tuple[str, ...] = field(default=())  # what would change this answer

    @property
    def times(self) -> float:
        """k: how many times the old batch the new one is."""
        return full_batch(self.new) / full_batch(self.old)

    @property
    def schedule(self) -> Schedule:
        """The new schedule, counted in optimizer updates; refused if it was not published."""
        return self.new.schedule("steps")

    @property
    def peak_lr(self) -> float | None:
        """The new peak rate; None where the old one was not published."""
        return self.new.peak_lr

    @property
    def steps(self) -> int | None:
        """The updates of the whole training now; None where they are not known."""
        return updates_of(self.new, self.new.length)

    @property
    def warmup_steps(self) -> int | None:
        """The updates of the warmup now; None where they are not known."""
        return updates_of(self.new, self.new.warmup)

    @property
    def _title(self) -> str:
        return f"{self.old.title} ({self.old.optimizer}) with {number(self.times)} times the batch"

    @property
    def _parts(self) -> dict[str, list[str]]:
        """Heading -> its sentences; only where there are some."""
        parts = {
            "changed": list(map(str, self.changes)),
            "left alone": list(map(str, self.left)),
            "not published": list(self.unpublished),
            "careful": list(self.warnings),
            "what would change this answer": list(self.doubts),
        }
        return {heading: sentences for heading, sentences in parts.items() if sentences}

    def __str__(self) -> str:
        lines = [self._title]
        for heading, sentences in self._parts.items():
            lines += [f"  {heading}"]
            lines += [fill(each, 96, **INDENTED) for each in sentences]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        """The changes as a table, the rest as lists."""
        rows = "\n".join(
            f"| {each.name} | {number(each.was)} | **{number(each.now)}** | {each.why} |"
            for each in self.changes
        )
        table = f"| what | was | is now | why |\n|---|---|---|---|\n{rows}"
        parts = self._parts
        parts.pop("changed")
        lists = (
            f"**{heading[:1].upper()}{heading[1:]}**\n\n" + "\n".join(f"- {s}" for s in sentences)
            for heading, sentences in parts.items()
        )
        return "\n\n".join([f"**{self._title}**", table, *lists])


def rescale(
    recipe: Recipe | Training,
    batch: float,
    *,
    rule: str | None = None,
    warmup: str | None = None,
    noise_scale: NoiseScale | float | None = None,
    beta2: float | None = None,
) -> Rescaled:
    """The same training at another batch size: rate and lengths, with reason and condition.

    `batch` counts what the recipe's batch counts; where that grows during training it is the
    full one, and the earlier ones grow with it. All that the training sees stays as it is, and
    so do momentum, betas and weight decay. `rule` is "linear" for SGD and "sqrt" for Adam unless
    you say otherwise. Floor and start of the curve go with its peak.

    `warmup` says what the warmup keeps. For SGD "examples", as Goyal et al. (5 epochs at every
    batch). For Adam "updates": its averages need about 2/(1 − β2) updates to settle, whatever
    the batch (Ma and Yarats 2019), and the warmup that was published with the square root has the
    same number of updates at every batch (You et al. 2019, "linear-epoch"). GPT-3 differs: 375M
    tokens at every batch. A decay by the inverse square root keeps "examples", because there the
    warmup is also what the decay is measured in.

    `noise_scale` (of samples) and `beta2` only make the warnings better. There and back again
    gives the same values.
    """
    recipe = _recipe(recipe)
    k = _factor(recipe, batch)
    law = RULES[checked("rescale", "rule", RuleName, rule)] if rule else _rule_of(recipe)
    kept = checked("rescale", "warmup", Kept, warmup) if warmup else _warmup_keeps(recipe)
    new = _scaled(recipe, k, k**law.exponent, kept)
    _refuse_all_warmup(new)
    return Rescaled(
        recipe,
        new,
        law,
        changes=tuple(changes(recipe, new, law, kept)),
        left=tuple(left_alone(recipe, new, law)),
        unpublished=tuple(unpublished(recipe)),
        warnings=tuple(warnings(recipe, new, law, noise_scale, beta2)),
        doubts=tuple(doubts(recipe, noise_scale)),
    )


# The new values --------------------------------------------------------------------------------


def _scaled(recipe: Recipe, k: float, factor: float, kept: str) -> Recipe:
    """Rates times `factor`; lengths with the same examples, but perhaps for the warmup."""
    wider = replace(recipe, batch=_larger(recipe.batch, k))
    changed: dict[str, Any] = {
        name: _same_examples(getattr(recipe, name), recipe, wider)
        for name in ("warmup", "length", "decay_start", "decay_end")
    }
    if kept == "updates":
        changed["warmup"] = _same_updates(recipe.warmup, recipe, wider)
    for name in ("peak_lr", "min_lr", "start_lr"):
        lr = getattr(recipe, name)
        changed[name] = None if lr is None else lr * factor
    changed["drops"] = tuple(_same_examples(drop, recipe, wider) for drop in recipe.drops)
    return replace(wider, **changed)


def _larger(batch: Any, k: float) -> Any:
    """k times the batch, at every moment of the training."""
    if isinstance(batch, Ramp):
        return replace(batch, first=batch.first * k, full=batch.full * k)
    if isinstance(batch, Stages):
        return replace(batch, amounts=tuple(amount * k for amount in batch.amounts))
    return replace(batch, amount=batch.amount * k)


def _same_examples(length: Length | None, old: Recipe, new: Recipe) -> Length | None:
    """Updates are fewer; samples, tokens and epochs are what they were."""
    if length is None or length.clock != "steps":
        return length
    counted = old.clock.batch_clock
    seen = old.clock.convert(length.amount, "steps", counted)
    return Length(new.clock.convert(seen, counted, "steps"), "steps")


def _same_updates(length: Length | None, old: Recipe, new: Recipe) -> Length | None:
    """k times the samples, tokens or epochs."""
    if length is None or length.clock == "steps":
        return length
    if isinstance(old.batch, RecipeBatch):  # also where the size of an epoch is not known
        return Length(length.amount * full_batch(new) / full_batch(old), length.clock)
    return Length(
        new.amount(Length(old.amount(length, "steps"), "steps"), length.clock), length.clock
    )


# What is refused -------------------------------------------------------------------------------


def _recipe(thing: Any) -> Recipe:
    recipe = thing.recipe if isinstance(thing, Training) else thing
    if not isinstance(recipe, Recipe):
        raise ValueError(
            f'rescale: recipe must be a Recipe, as recipe("llama2-70b"), or a Training of your '
            f"own, got {shown(thing)}"
        )
    if recipe.batch is None:
        raise ValueError(
            f"rescale: the batch of {recipe.name} was not published, so nothing can be scaled "
            f"with it; give what you assume, as recipe.knowing(batch=Batch(256))"
        )
    return recipe


def _factor(recipe: Recipe, batch: Any) -> float:
    """k = B′/B"""
    unit = Unit(f"{recipe.clock.batch_clock} per update", 1, math.inf, 256, play=(1, 8192))
    return checked("rescale", "batch", unit, batch) / full_batch(recipe)


def _rule_of(recipe: Recipe) -> Rule:
    return RULES["linear" if recipe.family == "sgd" else "sqrt"]


def _warmup_keeps(recipe: Recipe) -> str:
    return "examples" if recipe.family == "sgd" or recipe.decay == "inverse sqrt" else "updates"


def _refuse_all_warmup(recipe: Recipe) -> None:
    warmup, steps = updates_of(recipe, recipe.warmup), updates_of(recipe, recipe.length)
    if steps is not None and steps < 1:
        raise ValueError(
            f"rescale: batch leaves {recipe.name} not even one update; use a smaller batch, or "
            f"train on more"
        )
    if warmup and steps is not None and warmup >= steps:
        raise ValueError(
            f"rescale: batch leaves {recipe.name} only {steps} updates, which its warmup of "
            f'{warmup} would fill; use warmup="examples", a smaller batch, or train on more'
        )
