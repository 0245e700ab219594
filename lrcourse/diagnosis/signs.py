"""What a training log can show: the names of the signs, and what is said about one.

A sign is what was seen, with its numbers; a diagnosis is all of them, the surest first.
"""

from dataclasses import dataclass, field

import numpy as np

DIVERGING = "diverging"
OSCILLATING = "oscillating"
TOO_SLOW = "too slow"
NOISE_FLOOR = "noise floor"
CAPACITY_LIMIT = "capacity limit"
PLATEAU = "plateau"
INITIAL_SPIKE = "initial spike"
SPIKE_AFTER_RESTART = "spike after a restart"
OVERFITTING = "overfitting"
HEALTHY = "healthy"
NOT_SURE = "not sure"
NAMES = (
    DIVERGING,
    OSCILLATING,
    TOO_SLOW,
    NOISE_FLOOR,
    CAPACITY_LIMIT,
    PLATEAU,
    INITIAL_SPIKE,
    SPIKE_AFTER_RESTART,
    OVERFITTING,
    HEALTHY,
)

# The section of the course that treats each of them.
SECTIONS = {
    DIVERGING: "09",
    OSCILLATING: "00",
    TOO_SLOW: "09",
    NOISE_FLOOR: "01",
    CAPACITY_LIMIT: "12",
    PLATEAU: "09",
    INITIAL_SPIKE: "06",
    SPIKE_AFTER_RESTART: "04",
    OVERFITTING: "12",
    HEALTHY: "12",
}


@dataclass(frozen=True)
class Sign:
    """One thing that was seen in a log."""

    name: str  # one of NAMES
    evidence: str  # a sentence with the numbers that were measured
    remedy: str  # what to do, and what else could be the cause
    sure: float  # 0 to 1: in about this share of such cases the name is right
    places: tuple[tuple[int, int], ...] = ()  # (first, last) index of losses, to be marked

    @property
    def section(self) -> str:
        """The section of the course to read, such as "06"."""
        return SECTIONS[self.name]

    def __str__(self) -> str:
        """Name, share and evidence on the first line, the remedy on the second."""
        return (
            f"{self.name} ({self.sure:.0%} sure): {self.evidence}\n"
            f"    {self.remedy} (section {self.section})"
        )


@dataclass(frozen=True)
class Diagnosis:
    """What a log shows. `verdict` names the main sign, or is "not sure"."""

    verdict: str
    signs: tuple[Sign, ...]  # the surest first
    losses: np.ndarray = field(repr=False)  # (S,) as they were read
    lrs: np.ndarray | None = field(repr=False)  # (S,)
    val: tuple[np.ndarray, np.ndarray] | None = field(repr=False)  # (V,) after updates, losses

    def __str__(self) -> str:
        """The verdict, and each sign in two lines."""
        head = f"verdict: {self.verdict} ({len(self.losses)} losses read)"
        return "\n".join([head, *(str(sign) for sign in self.signs), *self.doubt])

    def _repr_markdown_(self) -> str:
        """The same as the output of a notebook's cell."""
        rows = "\n".join(
            f"| **{each.name}** | {each.sure:.0%} | {each.evidence} | {each.remedy} "
            f"| {each.section} |"
            for each in self.signs
        )
        table = (
            f"\n\n| seen | sure | evidence | what to do | section |\n|---|---|---|---|---|\n{rows}"
        )
        doubt = "".join(f"\n\n{each}" for each in self.doubt)
        return f"Verdict: **{self.verdict}**{table if self.signs else ''}{doubt}"

    @property
    def doubt(self) -> list[str]:
        """What to do where the log does not say enough."""
        if self.verdict != NOT_SURE:
            return []
        missing = ["the rates"] * (self.lrs is None) + ["validation losses"] * (self.val is None)
        give = f"Give {' and '.join(missing)} too, log" if missing else "Log"
        return [
            f"The log alone does not tell. {give} more updates, or try the run at a third and at "
            f"three times the rate."
        ]
