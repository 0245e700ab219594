"""What somebody knows before training: every field may be left open, and a wrong one is refused."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Annotated, Any

from lrcourse.schedules import Choice, Steps, Unit
from lrcourse.schedules.units import Measured, shown

OPTIMIZERS = ("sgd", "momentum", "adam", "adamw", "radam", "rmsprop", "lars", "lamb")
MODELS = ("mlp", "cnn", "deep-no-norm", "transformer-pre", "transformer-post")
STARTS = ("fresh", "fine-tuning", "continuing")
NOISES = ("little", "labels", "gradients")
SYMPTOMS = (  # the signs of lrcourse.diagnosis; a test compares
    "diverging",
    "oscillating",
    "too slow",
    "noise floor",
    "capacity limit",
    "plateau",
    "initial spike",
    "spike after a restart",
    "overfitting",
    "healthy",
)
ELSEWHERE = {  # what people also say, in small letters
    "bert": "transformer-post",
    "continue": "continuing",
    "diverge": "diverging",
    "divergence": "diverging",
    "finetune": "fine-tuning",
    "finetuning": "fine-tuning",
    "gpt": "transformer-pre",
    "llm": "transformer-pre",
    "loss spike": "initial spike",
    "nan": "diverging",
    "nesterov": "momentum",
    "new": "fresh",
    "overfit": "overfitting",
    "post-norm": "transformer-post",
    "pre-norm": "transformer-pre",
    "pretrained": "fine-tuning",
    "resnet": "cnn",
    "resume": "continuing",
    "scratch": "fresh",
    "sgdm": "momentum",
    "slow": "too slow",
    "spike": "initial spike",
    "transformer": "transformer-pre, transformer-post",
    "vit": "transformer-pre",
}


@dataclass(frozen=True)
class Word(Choice):
    """One word out of a few; a wrong one is answered with the word that was meant."""

    def checked(self, value: Any) -> str:
        """`value` as a plain word; ValueError says in half a sentence what it must be."""
        try:
            return super().checked(value)
        except ValueError as error:
            raise ValueError(f"{error}{near(value, self.words)}") from None


def near(value: Any, words: Iterable[str]) -> str:
    """ ": did you mean adam?", or nothing where no word is near.

    >>> near("adm", OPTIMIZERS)
    ': did you mean adam?'
    """
    said = str(value).lower().replace("_", "-")
    words = list(words)
    meant = [each for each in ELSEWHERE.get(said, "").split(", ") if each in words]
    meant = meant or get_close_matches(said, words, n=1, cutoff=0.6)
    return f": did you mean {' or '.join(meant)}?" if meant else ""


Optimizer = Annotated[str, Word("the rule that makes steps of gradients", OPTIMIZERS)]
Model = Annotated[str, Word("the kind of network", MODELS)]
Start = Annotated[str, Word("where the weights come from", STARTS)]
Noise = Annotated[str, Word("what is noisy in the data", NOISES)]
Symptom = Annotated[str, Word("what the run shows", SYMPTOMS)]
Rate = Annotated[float, Unit("learning rate", 1e-12, 1e6, 0.1, play=(1e-5, 10.0), log=True)]
Batch = Annotated[int, Unit("examples per update", 1, 1e9, 256, play=(1, 8192), whole=True)]
Examples = Annotated[int, Unit("examples", 1, 1e15, 50_000, play=(100, 1e7), whole=True)]
Beta = Annotated[float, Unit("decay of the mean squared gradient", 0, 1 - 1e-9, 0.999, (0.9, 1))]


@dataclass(frozen=True)
class Situation(Measured):
    """What is known; None means "I do not know", and is a legal answer to every question.

    `steps` are optimizer updates, the warmup included. `open_ended` says that the run may stop
    earlier or go on longer. `known_lr` did well at `known_batch_size` (at `batch_size` where
    that is not given). `suggested_lr` comes from a range test with this model. `tried_lr` is
    the peak of the run that showed the `symptom`. `beta2` is RMSprop's alpha, too.

    Refused: unknown words, numbers outside their units, a batch larger than the data, and a
    fact that means nothing without another that is missing.
    """

    optimizer: Optimizer | None = None
    model: Model | None = None
    start: Start | None = None
    steps: Steps | None = None
    open_ended: bool | None = None
    batch_size: Batch | None = None
    examples: Examples | None = None
    noise: Noise | None = None
    symptom: Symptom | None = None
    tried_lr: Rate | None = None
    suggested_lr: Rate | None = None
    known_lr: Rate | None = None
    known_batch_size: Batch | None = None
    validation: bool | None = None
    ensemble: bool | None = None
    beta2: Beta | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("open_ended", "validation", "ensemble"):
            _refuse_no_truth(name, getattr(self, name))
        self._refuse_half_a_fact("known_batch_size", "known_lr")
        self._refuse_half_a_fact("tried_lr", "symptom")
        if self.examples and self.batch_size and self.batch_size > self.examples:
            raise ValueError(
                f"Situation: batch_size must not exceed examples={self.examples}, "
                f"got {self.batch_size}"
            )

    @property
    def likely_optimizer(self) -> str:
        """The optimizer, or the one that most people would use here."""
        return self.optimizer or ("momentum" if self.model == "cnn" else "adamw")

    @property
    def growth(self) -> float:
        """k: how many times the batch is that for which a good rate is known; 1 if unknown."""
        if self.batch_size is None or self.known_batch_size is None:
            return 1.0
        return self.batch_size / self.known_batch_size

    @property
    def epochs(self) -> float:
        """Passes over the data; NaN where that cannot be told."""
        if None in (self.steps, self.batch_size, self.examples):
            return math.nan
        return self.steps * self.batch_size / self.examples  # type: ignore[operator]

    def __str__(self) -> str:
        """What is known, in one line: "optimizer adam, steps 2000"."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        said = (f"{name} {value}" for name, value in values.items() if value is not None)
        return ", ".join(said) or "nothing"

    def _refuse_half_a_fact(self, name: str, other: str) -> None:
        if getattr(self, name) is not None and getattr(self, other) is None:
            raise ValueError(
                f"Situation: {name} says nothing without {other}: give both, or neither"
            )


def _refuse_no_truth(name: str, value: Any) -> None:
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"Situation: {name} must be True, False or None, got {shown(value)}")
