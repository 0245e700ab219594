"""A training of your own, in the form that published ones have."""

import math
from dataclasses import dataclass
from typing import Annotated

from lrcourse.batch_size.rules import RULES, Batch, rule_of
from lrcourse.recipes import Batch as RecipeBatch
from lrcourse.recipes import Length, Recipe
from lrcourse.schedules import LR
from lrcourse.schedules.units import Choice, Measured, Steps, Unit

Updates = Annotated[int, Unit("optimizer updates", 0, math.inf, 0, play=(0, 10_000), whole=True)]
Samples = Annotated[int, Unit("examples seen", 1, math.inf, 10**6, play=(1, 1e9), whole=True)]
Decay = Annotated[str, Choice("after the warmup", ("cosine", "linear", "1-sqrt", "constant"))]


@dataclass(frozen=True)
class Training(Measured):
    """A training of your own: what `rescale` needs to know of it.

    Give its whole length as `steps` (optimizer updates) or as `samples` (examples seen).
    `optimizer` is a name such as "AdamW" or "SGD"; one without a known rule is refused.
    """

    optimizer: str
    peak_lr: LR
    batch: Batch
    steps: Steps | None = None
    samples: Samples | None = None
    warmup_steps: Updates = 0
    min_lr: LR = 0.0
    start_lr: LR = 0.0
    decay: Decay = "cosine"

    def __post_init__(self) -> None:
        super().__post_init__()
        rule_of(self.optimizer)
        if (self.steps is None) == (self.samples is None):
            raise ValueError(
                "Training: give either steps (optimizer updates) or samples (examples seen), "
                f"got steps={self.steps} and samples={self.samples}"
            )

    @property
    def recipe(self) -> Recipe:
        """The same in the form that published trainings have."""
        counted = "steps" if self.samples is None else "samples"
        length = Length(self.steps or self.samples or 0, counted)
        return Recipe(
            name="your training",
            title="your training",
            year=0,
            optimizer=self.optimizer,
            family="sgd" if rule_of(self.optimizer) is RULES["linear"] else "adam",
            decay=self.decay,
            sources=(),
            peak_lr=self.peak_lr,
            min_lr=self.min_lr,
            start_lr=self.start_lr,
            warmup=Length(self.warmup_steps, "steps"),
            length=length,
            batch=RecipeBatch(self.batch),
        )
