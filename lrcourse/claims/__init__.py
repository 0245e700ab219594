"""The empirical claims of the course: each is run by a cell and tested again on other seeds."""

from lrcourse.claims import decay
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

TOPICS = (decay,)  # in the order of the course; importing a topic fills CLAIMS

__all__ = ["AGAINST", "CLAIMS", "DEPENDS", "FAILS", "FOR", "HOLDS", "Claim", "Evidence", "Finding"]
