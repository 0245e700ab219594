"""From a situation to an advice: which rules speak, which were overruled, and why."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from lrcourse.advise.parts import CHOOSING, TELLING, Rule
from lrcourse.advise.rules import RULES, longest_warmup
from lrcourse.advise.situation import Situation
from lrcourse.schedules import SCHEDULES, Schedule

WIDTH = 100
INDENTED: dict[str, Any] = {"initial_indent": "    ", "subsequent_indent": "    "}
DEFAULTS = (", min_lr=0.0", ", steps=None", ", stretch=1, gamma=1.0")  # need not be written


class Explained(NamedTuple):
    """A number of the schedule, and where it comes from."""

    value: float
    because: str


class Overruled(NamedTuple):
    """A rule that held, and the more special one that decided in its place."""

    rule: Rule
    by: Rule


@dataclass(frozen=True, repr=False)
class Advice:
    """A schedule with its reasons. Printed, it is the answer, the reasons and what is not known."""

    situation: Situation
    schedule: Schedule
    peak_lr: float
    warmup_steps: int
    numbers: dict[str, Explained]  # every number of the schedule
    fired: tuple[Rule, ...]  # in the order of the rule set
    overruled: tuple[Overruled, ...]

    @property
    def code(self) -> str:
        """Python that makes the schedule, in lines of at most 100 characters."""
        made = repr(self.schedule)
        for default in DEFAULTS:
            made = made.replace(default, "")
        names = sorted(({"Repeat"} | SCHEDULES.keys()) & set(re.findall(r"\w+", made)))
        line = f"schedule = {made}"
        if len(line) > WIDTH:
            parts = made.replace(" >> ", "\n>> ").splitlines()
            filled = "\n".join(textwrap.fill(part, WIDTH, **INDENTED) for part in parts)
            line = f"schedule = (\n{filled}\n)"
        return f"from lrcourse.schedules import {', '.join(names)}\n\n{line}"

    @property
    def peak_is_a_guess(self) -> bool:
        """Whether the peak is only a usual one, which nobody has tried on this model."""
        return any(rule.name == "peak-is-a-guess" for rule in self.fired)

    @property
    def not_known(self) -> tuple[str, ...]:
        """What the advice cannot tell."""
        return tuple(rule.advice for rule in self.about("not known"))

    def about(self, topic: str) -> tuple[Rule, ...]:
        """The rules of one topic that spoke."""
        return tuple(rule for rule in self.fired if rule.topic == topic)

    def lines(self, width: int = WIDTH) -> Iterator[str]:
        """The text: first the answer, then why, then what would change it."""
        yield from self.code.splitlines()
        yield ""
        for line in self._answer():
            yield from _wrapped(line, width)
        yield from self._section("Why", (*CHOOSING, "symptom", "batch", "watch"), width)
        yield from self._section("Other ways", ("instead",), width)
        yield ""
        yield "What would change it"
        for rule in self.fired:
            if rule.topic in (*CHOOSING, "symptom", "batch"):
                yield from _wrapped(f"- {rule.topic}: {rule.would_change}", width, "  ")
        yield from self._unknown(width)
        yield from self._losers(width)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__  # what a terminal shows

    def _answer(self) -> Iterator[str]:
        """Three lines: the peak, the warmup, and what to do before trusting them."""
        if self.peak_is_a_guess:
            yield f"Peak rate {self.peak_lr:g}, a guess: do a range test before you rely on it."
        else:
            yield f"Peak rate {self.peak_lr:g}: {self.numbers['peak_lr'].because}."
        length = f"{self.warmup_steps} updates" if self.warmup_steps else "none"
        yield f"Warmup {length}: {self.numbers['warmup_steps'].because}."
        yield (
            f"Then train at {self.peak_lr / 2:g}, {self.peak_lr:g} and {2 * self.peak_lr:g} with "
            f"at least 3 seeds each, and let a validation metric choose."
        )

    def _section(self, head: str, topics: tuple[str, ...], width: int) -> Iterator[str]:
        rules = [rule for rule in self.fired if rule.topic in topics]
        if not rules:
            return
        yield ""
        yield head
        for rule in rules:
            label = f"{rule.topic}: " if len(topics) > 1 else ""
            yield from _wrapped(f"- {label}{rule.advice} {rule.why}", width, "  ")
            yield from _wrapped(f"  [{rule.name}] {rule.evidence}", width, "  ")

    def _unknown(self, width: int) -> Iterator[str]:
        if not self.not_known:
            return
        yield ""
        yield "Not known"
        for rule in self.about("not known"):
            yield from _wrapped(f"- {rule.advice}", width, "  ")

    def _losers(self, width: int) -> Iterator[str]:
        if not self.overruled:
            return
        yield ""
        yield "Overruled by something more special"
        for rule, by in self.overruled:
            yield from _wrapped(f"- {rule.name} ({rule.topic}), by {by.name}", width, "  ")


def advise(situation: Situation | None = None) -> Advice:
    """The advice for a situation; without one, for somebody who knows nothing yet.

    >>> advise(Situation(optimizer="sgd", steps=1000, known_lr=0.2)).schedule
    CosineDecay(peak_lr=0.2, steps=1000, min_lr=0.0)
    """
    situation = Situation() if situation is None else situation
    if not isinstance(situation, Situation):
        raise ValueError(
            f"advise: a situation is needed, such as Situation(optimizer='adam', steps=2000), "
            f"got {situation!r}"
        )
    held = [rule for rule in RULES if rule.when.holds(situation)]
    winners = {topic: next(rule for rule in held if rule.topic == topic) for topic in CHOOSING}
    schedule, numbers = _planned(situation, winners)
    fired = tuple(rule for rule in held if rule.topic in TELLING or rule is winners[rule.topic])
    losers = (rule for rule in held if rule.topic in CHOOSING and rule is not winners[rule.topic])
    return Advice(
        situation,
        schedule,
        numbers["peak_lr"].value,
        int(numbers["warmup_steps"].value),
        numbers,
        fired,
        tuple(Overruled(rule, winners[rule.topic]) for rule in losers),
    )


def _planned(
    situation: Situation, winners: dict[str, Rule]
) -> tuple[Schedule, dict[str, Explained]]:
    """The schedule that the winning rules make, and where each of its numbers comes from."""
    decided = {topic: _value(rule, situation) for topic, rule in winners.items()}
    peak, wanted = decided["peak"], decided["warmup"]
    warmup = int(min(wanted, longest_warmup(situation)))
    plan = decided["schedule"](peak, warmup, situation.steps)
    cut = f"; {wanted} cut to a fifth of the updates, our guess" if warmup < wanted else ""
    numbers = {
        "peak_lr": Explained(peak, _because(winners["peak"])),
        "warmup_steps": Explained(warmup, _because(winners["warmup"]) + cut),
    }
    return plan.schedule, numbers | _others(plan.numbers, plan.schedule)


def _because(rule: Rule) -> str:
    """Formula, strength and name: "2 / (1 - β2), published (adams-anchor)".

    A formula that is a mere number is left out: the value stands beside it already.
    """
    formula = "" if re.fullmatch(r"[\d.e-]+", rule.formula) else f"{rule.formula}, "
    return f"{formula}{rule.strength} ({rule.name})"


def _others(told: dict[str, tuple[float, str]], schedule: Schedule) -> dict[str, Explained]:
    """The numbers besides peak and warmup: lengths, and the rate of the first update."""
    numbers = {name: Explained(*each) for name, each in told.items()}
    first = float(schedule(0))
    return numbers | {"first_lr": Explained(first, "the rate of the first update")}


def _value(rule: Rule, situation: Situation) -> Any:
    if rule.value is None:
        raise ValueError(f"advise: the rule {rule.name} is about {rule.topic} and decides nothing")
    return rule.value(situation)


def _wrapped(line: str, width: int, later: str = "") -> list[str]:
    return textwrap.wrap(
        line, width, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )
