"""What rules are made of: conditions that can be read, evidence, and the rule itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lrcourse.advise.situation import Situation

MEASURED, PUBLISHED = "measured here", "published"
CONVENTION, GUESS = "convention", "our guess"
HOLDS, DEPENDS, FAILS = "holds", "depends", "does not hold at this scale"  # as in lrcourse.claims
CHOOSING = ("schedule", "peak", "warmup")  # of these topics one rule wins
TELLING = ("symptom", "batch", "instead", "watch", "not known")  # of these every rule speaks
TOPICS = CHOOSING + TELLING


@dataclass(frozen=True)
class Condition:
    """A question about a situation that has an answer, and words for who reads the rules.

    >>> print(is_("model", "mlp") & ~is_("start", "fresh"))
    model is mlp and not (start is fresh)
    """

    words: str
    holds: Callable[[Situation], bool]

    def __and__(self, other: "Condition") -> "Condition":
        words = f"{self.words} and {other.words}"
        return Condition(words, lambda s: self.holds(s) and other.holds(s))

    def __or__(self, other: "Condition") -> "Condition":
        words = f"({self.words}, or {other.words})"
        return Condition(words, lambda s: self.holds(s) or other.holds(s))

    def __invert__(self) -> "Condition":
        words = self.words if self.words.startswith("(") else f"({self.words})"
        return Condition(f"not {words}", lambda s: not self.holds(s))

    def __str__(self) -> str:
        return self.words


def is_(field: str, *values: Any) -> Condition:
    """Whether a field has one of these values."""
    return Condition(f"{field} is {_either(values)}", lambda s: getattr(s, field) in values)


def known(*names: str) -> Condition:
    """Whether all these fields were given."""
    return Condition(
        f"{' and '.join(names)} known",
        lambda s: all(getattr(s, name) is not None for name in names),
    )


def unknown(name: str) -> Condition:
    """Whether this field was left open."""
    return Condition(f"{name} not known", lambda s: getattr(s, name) is None)


def optimizer(*names: str) -> Condition:
    """Whether the optimizer, given or assumed, is one of these."""
    return Condition(f"optimizer is {_either(names)}", lambda s: s.likely_optimizer in names)


def _either(values: tuple[Any, ...]) -> str:
    return f"one of {', '.join(map(str, values))}" if len(values) > 1 else str(values[0])


ALWAYS = Condition("always", lambda s: True)


# Evidence ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Claimed:
    """A sentence of lrcourse.claims and its verdict: `lrcourse claims NAME` measures it again."""

    name: str
    verdict: str
    strength = MEASURED

    def __str__(self) -> str:
        return f"claim {self.name}: {self.verdict}"


@dataclass(frozen=True)
class Paper:
    """A publication that measured or proved it."""

    name: str
    address: str
    strength = PUBLISHED

    def __str__(self) -> str:
        return f"{self.name}, {self.address}"


@dataclass(frozen=True)
class Habit(Paper):
    """Where a number stands that many use and nobody had to show: a default, an example."""

    strength = CONVENTION


@dataclass(frozen=True)
class Guess:
    """What number of the rule is ours, and was not measured here or published by anybody."""

    words: str
    strength = GUESS

    def __str__(self) -> str:
        return self.words


# The rule ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """When this holds, advise that, because of those; and what would change its mind.

    A rule of a choosing topic has a `value`, what it decides: a rate, a number of updates, or
    a function that makes the schedule. `formula` says in words how it is computed. The first
    in `cites` is what the advice rests on; the others support it, or show its limits. A rule
    whose number nobody measured begins with a Guess.
    """

    name: str
    topic: str
    when: Condition
    advice: str
    why: str
    cites: tuple[Claimed | Paper | Guess, ...]
    would_change: str
    formula: str = ""
    value: Callable[[Situation], Any] | None = None

    @property
    def strength(self) -> str:
        """MEASURED, PUBLISHED, CONVENTION or GUESS: that of the first in `cites`."""
        return self.cites[0].strength

    @property
    def evidence(self) -> str:
        """The strength, and everything cited, in one line."""
        return f"{self.strength} ({'; '.join(map(str, self.cites))})"

    def __str__(self) -> str:
        """The rule in full, a line for each of its parts."""
        decided = f"\n  decides: {self.formula}" if self.formula else ""
        return (
            f"{self.name} ({self.topic})\n  when: {self.when}\n  advice: {self.advice}{decided}\n"
            f"  why: {self.why}\n  evidence: {self.evidence}\n  would change: {self.would_change}"
        )
