"""One recipe as text: everything that is known, with units, and where it stands.

What is not published is said, and what is computed from the published numbers is shown next
to them: a length on the other clocks, and the share that a warmup has of the whole.
"""

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrcourse.recipes.clocks import Length, short

if TYPE_CHECKING:
    from lrcourse.recipes.base import Recipe

WIDTH = 100
LABEL = 13
SILENT = "not published"
KINDS = {
    "1-sqrt": "1-sqrt",
    "inverse sqrt": "with the inverse square root of the steps, without an end",
    "constant": "none: the rate stays",
    "plateau": "when the error stops falling",
    "unpublished": SILENT,
}


def card(recipe: "Recipe") -> str:
    """The facts, one to a line, wrapped at 100 characters."""
    lines = [f"{recipe.title} ({recipe.year})"]
    for label, text in facts(recipe):
        lines += textwrap.wrap(
            text,
            WIDTH,
            initial_indent=f"  {label:{LABEL}} ",
            subsequent_indent=" " * (LABEL + 3),
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def markdown(recipe: "Recipe") -> str:
    """The same as a list in Markdown; the addresses are links."""
    said = [f"- **{label}**: {text}" for label, text in facts(recipe) if label != "source"]
    named = [f"- [{each.name}]({each.address}): {each.read}" for each in recipe.sources]
    return "\n".join([f"**{recipe.title}** ({recipe.year})", "", *said, *named])


def facts(recipe: "Recipe") -> Iterator[tuple[str, str]]:
    """(label, text) of everything that is known."""
    yield "name", recipe.name
    yield "optimizer", recipe.optimizer
    yield "peak rate", SILENT if recipe.peak_lr is None else f"{recipe.peak_lr:.4g}"
    yield "warmup", warmup(recipe)
    yield "decay", decay(recipe)
    yield "whole length", length(recipe, recipe.length) if recipe.length else SILENT
    yield "batch", str(recipe.batch) if recipe.batch else SILENT
    if recipe.tokens_per_sample:
        yield "one sample", f"{recipe.tokens_per_sample:,} tokens"
    if recipe.samples_per_epoch:
        yield "one epoch", f"{recipe.samples_per_epoch:,} samples"
    yield from (("note", note) for note in recipe.notes)
    yield from (("source", str(source)) for source in recipe.sources)


def warmup(recipe: "Recipe") -> str:
    """The length of the warmup, on the other clocks too, and its share of the whole."""
    if recipe.warmup is None:
        return SILENT
    if not recipe.warmup.amount:
        return "none"
    how = "constant at" if recipe.warmup_kind == "constant" else "linear from"
    parts = [length(recipe, recipe.warmup), f"{how} {recipe.start_lr:.4g}", *shares(recipe)]
    return ", ".join(parts)


def decay(recipe: "Recipe") -> str:
    """The curve after the warmup and where it ends."""
    kind = KINDS.get(recipe.decay, recipe.decay)
    if recipe.gamma is not None and recipe.decay in ("drops", "plateau"):
        times = f"times {recipe.gamma:.4g}"
        kind = f"{times} at {listed(recipe.drops)}" if recipe.drops else f"{times} {kind}"
    if recipe.decay in ("cosine", "linear", "1-sqrt"):
        kind += f", {fallen(recipe)}"
    if recipe.decay_start:
        kind += f", from {length(recipe, recipe.decay_start)} on"
    if recipe.decay_end:
        kind += f", ends at {length(recipe, recipe.decay_end)}"
    return kind


def fallen(recipe: "Recipe") -> str:
    """Where a decay goes: "to 6e-06 (10% of the peak)"."""
    if recipe.min_lr is None:
        return "to a rate that is not published (the schedule goes to 0)"
    share = f" ({100 * recipe.min_lr / recipe.peak_lr:.3g}% of the peak)" if recipe.peak_lr else ""
    return f"to {recipe.min_lr:.4g}{share if recipe.min_lr else ''}"


def length(recipe: "Recipe", published: Length) -> str:
    """As published, and in steps, or epochs, where that can be computed."""
    wanted = "epochs" if published.clock == "steps" else "steps"
    if recipe.clock.missing(published.clock, wanted):
        wanted = "tokens"
    if published.clock == wanted or recipe.clock.missing(published.clock, wanted):
        return str(published)
    amount = recipe.amount(published, wanted)
    return f"{published} = {_rounded(amount, wanted)}"


def shares(recipe: "Recipe") -> Iterator[str]:
    """The warmup's share of the whole, for steps and tokens apart where the clocks disagree."""
    if not (recipe.warmup and recipe.length):
        return
    ends = (recipe.warmup.clock, recipe.length.clock)
    clocks = [c for c in ("steps", "tokens") if not any(recipe.clock.missing(e, c) for e in ends)]
    found = {clock: f"{100 * recipe.share(recipe.warmup, clock):.3g}%" for clock in clocks}
    if len(set(found.values())) == 1:
        yield f"{found[clocks[0]]} of the whole"
    else:
        yield from (f"{share} of the {clock}" for clock, share in found.items())


def listed(lengths: tuple[Length, ...]) -> str:
    """The drops as a sentence has them: "30, 60 and 80 epochs"."""
    *first, last = (short(each.amount) for each in lengths)
    return f"{', '.join(first)} and {last} {lengths[-1].clock}" if first else str(lengths[-1])


def _rounded(amount: float, clock: str) -> str:
    """A computed length: whole up to a million, and four digits beyond it."""
    close = (
        f"{amount:.3g}" if amount < 1000 else f"{amount:.0f}" if amount < 1e6 else f"{amount:.4g}"
    )
    return str(Length(float(close), clock))
