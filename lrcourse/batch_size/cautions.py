"""Where a rescaled training leaves the ground of its rule, and what would change the answer."""

import math
from collections.abc import Iterator
from typing import Any

from lrcourse.batch_size.amounts import batch_in_samples, full_batch, number, updates_of
from lrcourse.batch_size.noise import NoiseScale
from lrcourse.batch_size.rules import RULES, Noise, Rule, saturating_rate, settling_updates
from lrcourse.recipes import Recipe
from lrcourse.schedules.units import checked

FAR = 8  # times the batch, from which on a rule is only where to begin a search
FEW = 1000  # updates, below which every one counts
SMALLEST_BETA2 = 0.95  # of the recipes; a warmup below its 40 updates is short for every Adam


def warnings(
    old: Recipe, new: Recipe, law: Rule, noise_scale: NoiseScale | float | None, beta2: float | None
) -> Iterator[str]:
    """One sentence or two for each thing to be careful with."""
    k = full_batch(new) / full_batch(old)
    yield from _too_far(law, max(k, 1 / k))
    if noise_scale is not None:
        yield from _near_the_noise_scale(old, new, law, noise_scale)
    yield from _short_warmup(new, beta2)
    yield from _long_warmup(new, beta2)
    yield from _no_warmup(new, k)
    steps = updates_of(new, new.length)
    if steps is not None and steps < FEW and k != 1:
        yield f"{steps} updates are few: every one counts now, and the rate should be tuned anew."


def _too_far(law: Rule, times: float) -> Iterator[str]:
    if times > FAR:
        beyond = "only " if times > law.furthest else ""
        yield (
            f"A factor of {number(times)} is far, and the {law.name} is only where a search "
            f"begins. It was published as working {beyond}up to {law.furthest:g} times "
            f"({law.where})."
        )


def _near_the_noise_scale(
    old: Recipe, new: Recipe, law: Rule, noise_scale: NoiseScale | float
) -> Iterator[str]:
    scale, known = _known(noise_scale)
    before, after = batch_in_samples(old), batch_in_samples(new)
    larger = max(before, after)
    if larger < scale / 2:
        return
    if law is RULES["linear"] and old.peak_lr:
        times = float(saturating_rate(1, after, scale) / saturating_rate(1, before, scale))
        there = (
            f"where the linear rule goes too far: η_max/(1 + B_noise/B) leads to "
            f"{number(old.peak_lr * times)} instead of {number(new.peak_lr)}"
        )
    else:
        there = "where the best rate rises less than its root, or no longer"
    yield (
        f"The larger batch is {larger / max(scale, 1e-300):.3g} times the noise scale, {there}, "
        f"and there more examples are needed for the same loss ({known})."
    )


def _known(noise_scale: NoiseScale | float) -> tuple[float, str]:
    """The scale in samples, or its lower end, and the words for it."""
    if not isinstance(noise_scale, NoiseScale):
        scale = checked("rescale", "noise_scale", Noise, noise_scale)
        return scale, f"noise scale: {number(scale)} samples"
    words = str(noise_scale).splitlines()[0]
    if math.isfinite(noise_scale.scale):
        return noise_scale.scale, words
    return noise_scale.at_least, f"{words}; its lower end is used"


# The warmup ------------------------------------------------------------------------------------


def _short_warmup(recipe: Recipe, beta2: float | None) -> Iterator[str]:
    updates = updates_of(recipe, recipe.warmup)
    smallest = SMALLEST_BETA2 if beta2 is None else beta2
    needed = settling_updates(smallest)
    if recipe.family == "adam" and updates is not None and updates < needed - 1e-6:
        even = "even " if beta2 is None else ""
        yield (
            f"The warmup of {updates} updates is short: {even}β2 = {smallest:g} asks for "
            f"2/(1 − β2) = {needed:.0f} (Ma and Yarats 2019, arXiv:1910.04209). A deep post-norm "
            f"transformer may learn nothing then."
        )


def _long_warmup(recipe: Recipe, beta2: float | None) -> Iterator[str]:
    updates, steps = updates_of(recipe, recipe.warmup), updates_of(recipe, recipe.length)
    if updates is not None and steps and updates > 0.2 * steps:
        needed = "" if beta2 is None else f"{settling_updates(beta2):.0f} updates"
        enough = f", and β2 = {beta2:g} asks for {needed}" if needed else ""
        yield (
            f"The warmup is {updates / steps:.0%} of the training now{enough}; "
            f'warmup="examples" keeps its share.'
        )


def _no_warmup(recipe: Recipe, k: float) -> Iterator[str]:
    if recipe.family == "sgd" and updates_of(recipe, recipe.warmup) == 0 and k > FAR:
        yield (
            "There is no warmup, and the rate rises a lot: Goyal et al. 2017 needed 5 epochs of it "
            "at the rate of 8192 images. It is the rate that needs it, not the batch."
        )


# What would change the answer ------------------------------------------------------------------


def doubts(recipe: Recipe, noise_scale: Any) -> Iterator[str]:
    """What to measure, and what it would mean."""
    if noise_scale is None:
        yield (
            "A noise scale measured in the middle of training (measure_noise_scale) that lies near "
            "or below one of the batches: then the rate should change less. With SGD on our "
            "network the best rate stopped rising in proportion even before that (claim "
            "noise-scale-promises-too-much: holds)."
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
