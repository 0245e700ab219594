"""What is said of a training at another batch size: what changes, what stays, what is not known.

Each sentence names its condition or its source. Nothing is decided here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lrcourse.batch_size.amounts import amount_of, full_batch, number, updates_of
from lrcourse.batch_size.rules import RULES, Rule
from lrcourse.recipes import Recipe

WHOLE_CURVE = "The whole curve is multiplied, so that its shape stays."
IN_EXAMPLES = (
    "It keeps its examples: Goyal et al. 2017 (arXiv:1706.02677) warm up for 5 epochs at every "
    "batch. A larger batch does not by itself need more (claim larger-batch-needs-warmup: does "
    "not hold at this scale)."
)
IN_WARMUPS = "It keeps its examples, because the decay is measured in warmups: √(W/t)."
IN_UPDATES = (
    "β2 is not scaled, and its average settles in about 2/(1 − β2) updates whatever the batch (Ma "
    "& Yarats 2021, arXiv:1910.04209). You et al. 2019, arXiv:1901.08256, keep the updates too; "
    "GPT-3 keeps the tokens. Our post-norm transformer ended lower with the updates kept (claim "
    "adam-warmup-keeps-its-updates: holds)."
)


@dataclass(frozen=True)
class Change:
    """One value that is another now, and why."""

    name: str  # with its unit
    was: float
    now: float
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {number(self.was)} → {number(self.now)}. {self.why}"


@dataclass(frozen=True)
class Left:
    """One value that stays what it was, and why."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


# What changes ----------------------------------------------------------------------------------


def changes(old: Recipe, new: Recipe, law: Rule, kept: str) -> Iterator[Change]:
    """Batch, rates, length and warmup, as far as they are known; the warmup keeps `kept`."""
    counted = old.clock.batch_clock
    asked = "You asked for it."
    yield Change(f"batch ({counted} per update)", full_batch(old), full_batch(new), asked)
    yield from _other_rates(old, new, law)
    was, now = updates_of(old, old.length), updates_of(new, new.length)
    if was is not None and now is not None:
        why = f"The training sees as many {counted} as before, so the updates change."
        yield Change("length (updates)", was, now, why)
    if old.warmup and old.warmup.amount:
        same_examples = kept == "examples"
        yield from (_fewer_updates if same_examples else _more_examples)(old, new)


def _other_rates(old: Recipe, new: Recipe, law: Rule) -> Iterator[Change]:
    """The peak by its rule; floor and start of the curve with it."""
    if old.peak_lr is not None and new.peak_lr is not None:
        formula = f"{law.name[:1].upper()}{law.name[1:]}, {law.formula}"
        why = f"{formula}. It holds while {'; '.join(law.holds)}. Source: {law.source}."
        yield Change("peak_lr", old.peak_lr, new.peak_lr, why)
    for name in ("min_lr", "start_lr"):
        if getattr(old, name):
            yield Change(name, getattr(old, name), getattr(new, name), WHOLE_CURVE)


def _fewer_updates(old: Recipe, new: Recipe) -> Iterator[Change]:
    """A warmup of as many examples."""
    was, now = updates_of(old, old.warmup), updates_of(new, new.warmup)
    if was is not None and now is not None:
        why = IN_WARMUPS if old.decay == "inverse sqrt" else IN_EXAMPLES
        yield Change("warmup (updates)", was, now, why)


def _more_examples(old: Recipe, new: Recipe) -> Iterator[Change]:
    """A warmup of as many updates."""
    counted = old.clock.batch_clock
    was, now = amount_of(old, old.warmup, counted), amount_of(new, new.warmup, counted)
    updates = updates_of(new, new.warmup)
    if was is not None and now is not None:
        as_many = "as many updates" if updates is None else f"its {number(updates)} updates"
        yield Change(f"warmup ({counted})", was, now, f"It keeps {as_many}: {IN_UPDATES}")


# What stays ------------------------------------------------------------------------------------


def left_alone(old: Recipe, new: Recipe, law: Rule) -> Iterator[Left]:
    """The examples, where the drops fall, the optimizer's averages and the weight decay."""
    counted = old.clock.batch_clock
    yield Left(
        f"what the training sees ({counted})",
        "the same number. Far above the noise scale more would be needed for the same loss.",
    )
    drops = [updates_of(new, drop) for drop in new.drops]
    if drops and None not in drops:
        where = ", ".join(f"{drop:,}" for drop in drops)
        yield Left("drops of the rate", f"after as many {counted} as before, now t = {where}.")
    yield _averages(old)
    yield _weight_decay(law, full_batch(new) / full_batch(old))


def _averages(recipe: Recipe) -> Left:
    if recipe.family == "sgd":
        return Left(
            "momentum", "it is not scaled. The linear rule was published with 0.9 at every batch."
        )
    return Left(
        "β1, β2, ε",
        "the theory scales the betas too, 1 − β′ = k (1 − β) (Malladi et al. 2022, "
        "arXiv:2205.10287); on the tasks of this course it changed nothing. `scaled_betas` "
        "computes them.",
    )


def _weight_decay(law: Rule, k: float) -> Left:
    why = "an update decays the weights by η λ: over the whole training as much as before."
    if law is not RULES["linear"]:
        why = (
            f"an update decays the weights by η λ, so the whole training decays them "
            f"{number(k**-0.5)} times as much as before. λ √k would keep it, and wants tuning."
        )
    return Left("weight decay λ", why)


# What is not known -----------------------------------------------------------------------------


def unpublished(recipe: Recipe) -> Iterator[str]:
    """What cannot be rescaled, and how to give it."""
    for name in ("peak_lr", "warmup", "length"):
        if getattr(recipe, name) is None:
            yield f"{name}: nothing to rescale; give what you assume with knowing({name}=…)"
    for name in ("length", "warmup"):
        length = getattr(recipe, name)
        if length is not None and updates_of(recipe, length) is None:
            missing = recipe.clock.missing(length.clock, "steps")
            yield f"{missing}: so the updates of the {name} ({length}) are not known"
