"""A training at another batch size: what changes, what stays, and why, each with its condition.

The examples that a training sees stay the same, so k times the batch has 1/k of the updates. The
rate follows the rule of its optimizer. Nothing is changed without a reason that is printed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from textwrap import fill
from typing import Annotated, Any

from lrcourse.batch_size.noise import NoiseScale
from lrcourse.batch_size.rules import (
    RULES,
    Batch,
    Noise,
    Rule,
    rule_of,
    saturating_rate,
    settling_updates,
)
from lrcourse.recipes import Batch as RecipeBatch
from lrcourse.recipes import Length, Ramp, Recipe
from lrcourse.recipes.clocks import Stages, short
from lrcourse.schedules import LR, Schedule
from lrcourse.schedules.units import Choice, Measured, Steps, Unit, checked, shown

FAR = 8  # times the batch, from which on a rule is only where to begin a search
SMALLEST_BETA2 = 0.95  # of the recipes; a warmup below its 40 updates is short for every Adam

Updates = Annotated[int, Unit("optimizer updates", 0, math.inf, 0, play=(0, 10_000), whole=True)]
Samples = Annotated[int, Unit("examples seen", 1, math.inf, 10**6, play=(1, 1e9), whole=True)]
Kept = Annotated[str, Choice("what the warmup keeps", ("updates", "examples"))]
Decay = Annotated[str, Choice("after the warmup", ("cosine", "linear", "1-sqrt", "constant"))]
RuleName = Annotated[str, Choice("how the rate follows the batch", tuple(RULES))]


@dataclass(frozen=True)
class Training(Measured):
    """A training of your own: what `rescale` needs to know of it.

    Give its whole length as `steps` (optimizer updates) or as `samples` (examples seen).
    `optimizer` is a name such as "AdamW" or "SGD"; one without a known rule is refused.
    """

    optimizer: str
    peak_lr: LR
    batch: Batch
    steps: Steps | None = None
    samples: Samples | None = None
    warmup_steps: Updates = 0
    min_lr: LR = 0.0
    start_lr: LR = 0.0
    decay: Decay = "cosine"

    def __post_init__(self) -> None:
        super().__post_init__()
        rule_of(self.optimizer)
        if (self.steps is None) == (self.samples is None):
            raise ValueError(
                "Training: give either steps (optimizer updates) or samples (examples seen), "
                f"got steps={self.steps} and samples={self.samples}"
            )

    @property
    def recipe(self) -> Recipe:
        """The same in the form that published trainings have."""
        counted = "steps" if self.samples is None else "samples"
        length = Length(self.steps or self.samples or 0, counted)
        return Recipe(
            name="your training",
            title="your training",
            year=0,
            optimizer=self.optimizer,
            family="sgd" if rule_of(self.optimizer) is RULES["linear"] else "adam",
            decay=self.decay,
            sources=(),
            peak_lr=self.peak_lr,
            min_lr=self.min_lr,
            start_lr=self.start_lr,
            warmup=Length(self.warmup_steps, "steps"),
            length=length,
            batch=RecipeBatch(self.batch),
        )


@dataclass(frozen=True)
class Change:
    """One value that is another now, and why."""

    name: str  # with its unit
    was: float
    now: float
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {_number(self.was)} → {_number(self.now)}. {self.why}"


@dataclass(frozen=True)
class Left:
    """One value that stays what it was, and why."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


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
        return _full(self.new) / _full(self.old)

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
        return _updates(self.new, self.new.length)

    @property
    def warmup_steps(self) -> int | None:
        """The updates of the warmup now; None where they are not known."""
        return _updates(self.new, self.new.warmup)

    @property
    def _title(self) -> str:
        return f"{self.old.title} ({self.old.optimizer}) with {_number(self.times)} times the batch"

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
            lines += [
                fill(each, 96, initial_indent="    ", subsequent_indent="      ")
                for each in sentences
            ]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        """The changes as a table, the rest as lists."""
        rows = "\n".join(
            f"| {each.name} | {_number(each.was)} | **{_number(each.now)}** | {each.why} |"
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
    the batch (Ma & Yarats 2021), and the warmup that was published with the square root has the
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
        changes=tuple(_changes(recipe, new, law, kept)),
        left=tuple(_left_alone(recipe, new, law)),
        unpublished=tuple(_unpublished(recipe)),
        warnings=tuple(_warnings(recipe, new, law, noise_scale, beta2)),
        doubts=tuple(_doubts(recipe, noise_scale)),
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
        return Length(length.amount * _full(new) / _full(old), length.clock)
    return Length(
        new.amount(Length(old.amount(length, "steps"), "steps"), length.clock), length.clock
    )


# The reasons -----------------------------------------------------------------------------------


def _changes(old: Recipe, new: Recipe, law: Rule, kept: str) -> Iterator[Change]:
    counted = old.clock.batch_clock
    yield Change(f"batch ({counted} per update)", _full(old), _full(new), "You asked for it.")
    law_in_words = f"{law.name[:1].upper()}{law.name[1:]}, {law.formula}"
    while_true = "; ".join(law.holds)
    if old.peak_lr is not None and new.peak_lr is not None:
        why = f"{law_in_words}. It holds while {while_true}. Source: {law.source}."
        yield Change("peak_lr", old.peak_lr, new.peak_lr, why)
    for name in ("min_lr", "start_lr"):
        if getattr(old, name):
            why = "The whole curve is multiplied, so that its shape stays."
            yield Change(name, getattr(old, name), getattr(new, name), why)
    was, now = _updates(old, old.length), _updates(new, new.length)
    if was is not None and now is not None:
        why = f"The training sees as many {counted} as before, so the updates change."
        yield Change("length (updates)", was, now, why)
    if old.warmup and old.warmup.amount and kept == "examples":
        yield from _fewer_warmup_updates(old, new)
    elif old.warmup and old.warmup.amount:
        yield from _more_warmup_examples(old, new)


def _fewer_warmup_updates(old: Recipe, new: Recipe) -> Iterator[Change]:
    was, now = _updates(old, old.warmup), _updates(new, new.warmup)
    if was is not None and now is not None:
        why = (
            "It keeps its examples: Goyal et al. 2017 (arXiv:1706.02677) warm up for 5 epochs at "
            "every batch. A larger batch does not by itself need more."
        )
        if old.decay == "inverse sqrt":
            why = "It keeps its examples, because the decay is measured in warmups: √(W/t)."
        yield Change("warmup (updates)", was, now, why)


def _more_warmup_examples(old: Recipe, new: Recipe) -> Iterator[Change]:
    counted = old.clock.batch_clock
    was, now = _amount(old, old.warmup, counted), _amount(new, new.warmup, counted)
    updates = _updates(new, new.warmup)
    if was is not None and now is not None:
        as_many = "as many updates" if updates is None else f"its {_number(updates)} updates"
        why = (
            f"The warmup keeps {as_many}: β2 is not scaled, and its average settles in about "
            f"2/(1 − β2) updates whatever the batch (Ma & Yarats 2021, arXiv:1910.04209; You et "
            f"al. 2019, arXiv:1901.08256, keep the updates too; GPT-3 keeps the tokens)."
        )
        yield Change(f"warmup ({counted})", was, now, why)


def _left_alone(recipe: Recipe, new: Recipe, law: Rule) -> Iterator[Left]:
    counted, k = recipe.clock.batch_clock, _full(new) / _full(recipe)
    yield Left(
        f"what the training sees ({counted})",
        "the same number. Far above the noise scale more would be needed for the same loss.",
    )
    drops = [_updates(new, drop) for drop in new.drops]
    if drops and None not in drops:
        where = ", ".join(f"{drop:,}" for drop in drops)
        yield Left("drops of the rate", f"after as many {counted} as before, now t = {where}.")
    if recipe.family == "sgd":
        yield Left(
            "momentum", "it is not scaled. The linear rule was published with 0.9 at every batch."
        )
    else:
        yield Left(
            "β1, β2, ε",
            "the theory scales the betas too, 1 − β′ = k (1 − β) (Malladi et al. 2022, "
            "arXiv:2205.10287); on the tasks of this course it changed nothing. `scaled_betas` "
            "computes them.",
        )
    why = "an update decays the weights by η λ: over the whole training as much as before."
    if law is not RULES["linear"]:
        why = (
            f"an update decays the weights by η λ, so the whole training decays them "
            f"{_number(k**-0.5)} times as much as before. λ √k would keep it, and wants tuning."
        )
    yield Left("weight decay λ", why)


def _unpublished(recipe: Recipe) -> Iterator[str]:
    for name in ("peak_lr", "warmup", "length"):
        if getattr(recipe, name) is None:
            yield f"{name}: nothing to rescale; give what you assume with knowing({name}=…)"
    for name in ("length", "warmup"):
        length = getattr(recipe, name)
        if length is not None and _updates(recipe, length) is None:
            missing = recipe.clock.missing(length.clock, "steps")
            yield f"{missing}: so the updates of the {name} ({length}) are not known"


def _warnings(
    old: Recipe, new: Recipe, law: Rule, noise_scale: NoiseScale | float | None, beta2: float | None
) -> Iterator[str]:
    far = max(_full(new) / _full(old), _full(old) / _full(new))
    if far > FAR:
        beyond = "only " if far > law.furthest else ""
        yield (
            f"A factor of {_number(far)} is far, and the {law.name} is only where a search begins. "
            f"It was published as working {beyond}up to {law.furthest:g} times ({law.where})."
        )
    if noise_scale is not None:
        yield from _noise_warning(old, new, law, noise_scale)
    yield from _warmup_warnings(old, new, beta2)
    steps = _updates(new, new.length)
    if steps is not None and steps < 1000 and far > 1:
        yield f"{steps} updates are few: every one counts now, and the rate should be tuned anew."


def _noise_warning(
    old: Recipe, new: Recipe, law: Rule, noise_scale: NoiseScale | float
) -> Iterator[str]:
    if isinstance(noise_scale, NoiseScale):
        scale, known = noise_scale.scale, str(noise_scale).splitlines()[0]
        if not math.isfinite(scale):
            scale, known = noise_scale.at_least, f"{known}; its lower end is used"
    else:
        scale = checked("rescale", "noise_scale", Noise, noise_scale)
        known = f"noise scale: {_number(scale)} samples"
    before, after = _samples(old), _samples(new)
    if max(before, after) < scale / 2:
        return
    words = (
        f"The larger batch is {max(before, after) / max(scale, 1e-300):.3g} times the noise scale"
    )
    if law is RULES["linear"] and old.peak_lr:
        ratio = float(saturating_rate(1, after, scale) / saturating_rate(1, before, scale))
        words += (
            f", where the linear rule goes too far: η_max/(1 + B_noise/B) leads to "
            f"{_number(old.peak_lr * ratio)} instead of {_number(new.peak_lr)}"
        )
    else:
        words += ", where the best rate rises less than its root, or no longer"
    yield f"{words}, and there more examples are needed for the same loss ({known})."


def _warmup_warnings(old: Recipe, new: Recipe, beta2: float | None) -> Iterator[str]:
    updates, steps = _updates(new, new.warmup), _updates(new, new.length)
    if updates is None:
        return
    needed = settling_updates(SMALLEST_BETA2 if beta2 is None else beta2)
    if new.family == "adam" and updates < needed - 1e-6:
        whose = (
            f"even β2 = {SMALLEST_BETA2} asks for" if beta2 is None else f"β2 = {beta2:g} asks for"
        )
        yield (
            f"The warmup of {updates} updates is short: {whose} 2/(1 − β2) = {needed:.0f} "
            f"(Ma & Yarats 2021, arXiv:1910.04209). A deep post-norm transformer would not start."
        )
    if steps and updates > 0.2 * steps:
        enough = "" if beta2 is None else f", and β2 = {beta2:g} asks for {needed:.0f} updates"
        yield (
            f"The warmup is {updates / steps:.0%} of the training now{enough}; "
            f'warmup="examples" keeps its share.'
        )
    if new.family == "sgd" and not updates and _full(new) > FAR * _full(old):
        yield (
            "There is no warmup, and the rate rises a lot: Goyal et al. 2017 needed 5 epochs of it "
            "at the rate of 8192 images. It is the rate that needs it, not the batch."
        )


def _doubts(recipe: Recipe, noise_scale: Any) -> Iterator[str]:
    if noise_scale is None:
        yield (
            "A noise scale measured in the middle of training (measure_noise_scale) that lies near "
            "or below one of the batches: then the rate should change less."
        )
    yield (
        "A range test at the new batch that blows up within a factor of about 3 above the new "
        "rate: then curvature is the limit and not noise."
    )
    yield "Three short runs at half, once and twice the new rate; the rule is only their middle."
    if recipe.family == "sgd":
        yield "BatchNorm over another number of examples per device: that is another model."
    else:
        yield "Gradients that are mostly signal: then the best exponent lies between ½ and 1."


# What is asked of a recipe ---------------------------------------------------------------------


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
    return checked("rescale", "batch", unit, batch) / _full(recipe)


def _rule_of(recipe: Recipe) -> Rule:
    return RULES["linear" if recipe.family == "sgd" else "sqrt"]


def _warmup_keeps(recipe: Recipe) -> str:
    return "examples" if recipe.family == "sgd" or recipe.decay == "inverse sqrt" else "updates"


def _full(recipe: Recipe) -> float:
    return recipe.batch.amount  # type: ignore[union-attr]


def _samples(recipe: Recipe) -> float:
    """The batch in samples where the way is known, else in what it counts."""
    if recipe.clock.batch_clock == "tokens" and recipe.tokens_per_sample:
        return _full(recipe) / recipe.tokens_per_sample
    return _full(recipe)


def _amount(recipe: Recipe, length: Length | None, clock: str) -> float | None:
    """A length on another clock; None where that cannot be known."""
    if length is None or (length.amount and recipe.clock.missing(length.clock, clock)):
        return None
    return recipe.amount(length, clock)


def _updates(recipe: Recipe, length: Length | None) -> int | None:
    updates = _amount(recipe, length, "steps")
    return None if updates is None else round(updates)


def _refuse_all_warmup(recipe: Recipe) -> None:
    warmup, steps = _updates(recipe, recipe.warmup), _updates(recipe, recipe.length)
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


def _number(value: float | None) -> str:
    """As people write it: "0.0006", "6,000", "3.2", "375M"."""
    if value is None:
        return "not published"
    return short(value) if value >= 1000 else f"{value:.4g}"
