"""From what is known about a training to a schedule, with reasons and with doubts.

    from lrcourse.advise import Situation, advise
    print(advise(Situation(optimizer="adamw", model="transformer-pre", steps=20_000)))

The rules are data, in `rules`, and every one cites what it rests on. `advise` invents no
number: each in its schedule comes with a reason, and what it does not know it says.
"""

from lrcourse.advise.advice import Advice, Explained, Overruled, advise
from lrcourse.advise.parts import (
    CONVENTION,
    GUESS,
    MEASURED,
    PUBLISHED,
    Claimed,
    Condition,
    Guess,
    Habit,
    Paper,
    Rule,
)
from lrcourse.advise.rules import RULES
from lrcourse.advise.situation import (
    MODELS,
    NOISES,
    OPTIMIZERS,
    STARTS,
    SYMPTOMS,
    Situation,
)

__all__ = [
    "CONVENTION",
    "GUESS",
    "MEASURED",
    "MODELS",
    "NOISES",
    "OPTIMIZERS",
    "PUBLISHED",
    "RULES",
    "STARTS",
    "SYMPTOMS",
    "Advice",
    "Claimed",
    "Condition",
    "Explained",
    "Guess",
    "Habit",
    "Overruled",
    "Paper",
    "Rule",
    "Situation",
    "advise",
]
