"""A claim is a sentence with an experiment: what is measured decides whether it holds.

An experiment yields evidence: numbers with intervals, each with the range in which it must lie
for the sentence to be true. The verdict is computed from them. A claim that other seeds flip is
not made: the tests run every claim again on seeds that no lesson uses.
"""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lrcourse.experiments import Interval

HOLDS = "holds"
FAILS = "does not hold at this scale"
DEPENDS = "depends"
UNCLEAR = "unclear: it needs more seeds"
FOR, AGAINST, SILENT = "for", "against", "unclear"


@dataclass(frozen=True)
class Evidence:
    """One measured number. The sentence is true where it lies between `low` and `high`."""

    what: str  # with its unit: "test accuracy, cosine minus constant (points)"
    interval: Interval
    low: float = -math.inf
    high: float = math.inf
    taught: str = FOR  # what the course says this number does: speak FOR the sentence or AGAINST

    @property
    def speaks(self) -> str:
        """FOR: the whole interval lies in the range. AGAINST: all of it lies outside."""
        if self.low < self.interval.low and self.interval.high < self.high:
            return FOR
        outside = self.interval.high <= self.low or self.high <= self.interval.low
        return AGAINST if outside else SILENT

    @property
    def needed(self) -> str:
        """The range in words: "above 1", "between 0.95 and 1.05"."""
        if math.isinf(self.high):
            return f"above {self.low:g}"
        if math.isinf(self.low):
            return f"below {self.high:g}"
        return f"between {self.low:g} and {self.high:g}"

    def __str__(self) -> str:
        return f"{self.what}: {self.interval} (true if {self.needed})"


Experiment = Callable[[int], Iterable[Evidence]]  # of the first seed it may use


@dataclass(frozen=True)
class Claim:
    """One empirical sentence of the course."""

    name: str  # "noise-floor"
    sentence: str
    section: str  # of the course, "00" to "12"
    ledger: tuple[str, ...]  # the claims of the lecture notes that it is about
    verdict: str  # what the course teaches about the sentence
    experiment: Experiment

    def run(self, first_seed: int = 0) -> "Finding":
        """Do the experiment, with the seeds from `first_seed` on."""
        start = time.perf_counter()
        evidence = tuple(self.experiment(first_seed))
        return Finding(self, evidence, first_seed, time.perf_counter() - start)


@dataclass(frozen=True, repr=False)
class Finding:
    """What the experiment of a claim found with one set of seeds."""

    claim: Claim
    evidence: tuple[Evidence, ...]
    first_seed: int
    seconds: float

    @property
    def verdict(self) -> str:
        """HOLDS when all evidence speaks for it, FAILS when all is against, else DEPENDS."""
        voices = {each.speaks for each in self.evidence}
        if SILENT in voices:
            return UNCLEAR
        if len(voices) > 1:
            return DEPENDS
        return HOLDS if FOR in voices else FAILS

    @property
    def is_as_taught(self) -> bool:
        """Whether every number says what the course says it does."""
        return self.verdict == self.claim.verdict and all(
            each.speaks == each.taught for each in self.evidence
        )

    def __str__(self) -> str:
        """The sentence, one line for each number, and the verdict."""
        lines = [f"{self.claim.name} (section {self.claim.section}): {self.claim.sentence}"]
        lines += [f"  {each.speaks:8} {each}" for each in self.evidence]
        return "\n".join([*lines, f"  verdict: {self.verdict}{self._surprise}"])

    __repr__ = __str__  # what a terminal shows

    def _repr_markdown_(self) -> str:
        """The same as the output of a notebook's cell."""
        rows = "\n".join(
            f"| {each.what} | **{each.interval}** | {each.needed} | {each.speaks} |"
            for each in self.evidence
        )
        return (
            f"> {self.claim.sentence}\n\n"
            "| measured | mean and 95% interval | true if | speaks |\n|---|---|---|---|\n"
            f"{rows}\n\n"
            f"Verdict: **{self.verdict}**{self._surprise}, with the seeds from "
            f"{self.first_seed} on."
        )

    @property
    def _surprise(self) -> str:
        return "" if self.is_as_taught else f" (the course teaches: {self.claim.verdict})"


ENTERED: dict[str, Claim] = {}  # every claim by name, as `claim` enters them


def claim(
    name: str, sentence: str, *, section: str, ledger: str, verdict: str
) -> Callable[[Experiment], Experiment]:
    """Enter the experiment below into the list; `ledger` holds numbers such as "A1 X2"."""

    def enter(experiment: Experiment) -> Experiment:
        if name in ENTERED:
            raise ValueError(f"claim: there are two claims named {name!r}")
        ENTERED[name] = Claim(name, sentence, section, tuple(ledger.split()), verdict, experiment)
        return experiment

    return enter
