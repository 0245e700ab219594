"""The empirical claims of the course: each is run by a cell and tested again on other seeds."""

from lrcourse.claims import (
    adam,
    batch_size,
    constant_rate,
    decay,
    finder,
    one_cycle,
    plateau,
    recipes,
    restarts,
    warmup,
)
from lrcourse.claims.base import (
    AGAINST,
    DEPENDS,
    ENTERED,
    FAILS,
    FOR,
    HOLDS,
    Claim,
    Evidence,
    Finding,
)

TOPICS = (  # importing a topic enters its claims
    constant_rate,
    adam,
    decay,
    restarts,
    plateau,
    warmup,
    one_cycle,
    finder,
    batch_size,
    recipes,
)


def _place(entered: Claim) -> tuple[str, int]:
    names = [topic.__name__ for topic in TOPICS]
    return entered.section, names.index(entered.experiment.__module__)


CLAIMS = {each.name: each for each in sorted(ENTERED.values(), key=_place)}  # as in the course

__all__ = ["AGAINST", "CLAIMS", "DEPENDS", "FAILS", "FOR", "HOLDS", "Claim", "Evidence", "Finding"]
