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
    CLAIMS,
    DEPENDS,
    FAILS,
    FOR,
    HOLDS,
    Claim,
    Evidence,
    Finding,
)

TOPICS = (
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
)  # in the order of the course; importing a topic fills CLAIMS

__all__ = ["AGAINST", "CLAIMS", "DEPENDS", "FAILS", "FOR", "HOLDS", "Claim", "Evidence", "Finding"]
