"""Figures that circulate and are not so, each with what is true, and why people say it.

`ledger` names the rows of the course's ledger of claims in which each was checked. What is true
is computed from the recipes where it can be.
"""

from dataclasses import dataclass

from lrcourse.recipes.base import Recipe, Source
from lrcourse.recipes.clocks import Ramp
from lrcourse.recipes.language import (
    BERT_CODE,
    BROWN,
    DEVLIN,
    GPT1_ISSUE,
    GPT2_PAPER,
    LANGUAGE,
    LLAMA2,
    ROBERTA_RTE,
    VASWANI,
)
from lrcourse.recipes.vision import GOYAL, HE, PYTORCH_EXAMPLES, VISION, VIT, VIT_ISSUE

BY_NAME = {recipe.name: recipe for recipe in (*VISION, *LANGUAGE)}


@dataclass(frozen=True)
class WrongFigure:
    """One figure that circulates: of which model, what is said, what is true, and why."""

    model: str  # the name of a recipe; or of many, where it is a rule
    said: str
    true: str
    why: str
    ledger: tuple[str, ...]
    sources: tuple[Source, ...]

    def __str__(self) -> str:
        return f'{self.model}: not "{self.said}", but {self.true}. {self.why}'


def share(name: str, clock: str = "steps") -> str:
    """The warmup's share of a training, in percent."""
    recipe = BY_NAME[name]
    assert recipe.warmup is not None  # of every recipe that is asked for here
    return f"{100 * recipe.share(recipe.warmup, clock):.3g}%"


def warmup_steps(name: str, **known: object) -> str:
    """The length of the warmup in updates."""
    recipe: Recipe = BY_NAME[name].knowing(**known)
    assert recipe.warmup is not None
    return f"{recipe.amount(recipe.warmup, 'steps'):,.0f}"


def epochs_of(name: str) -> str:
    """The whole length in passes over the training set."""
    recipe = BY_NAME[name]
    assert recipe.length is not None
    return f"{recipe.amount(recipe.length, 'epochs'):.0f}"


SHORT_RAMP = Ramp(32e3, 3.2e6, over=4e9)

WRONG_FIGURES = (
    WrongFigure(
        "gpt2",
        "peak rate 2.5e-4, 2000 steps of warmup",
        "nothing: neither rate nor schedule was published for GPT-2",
        "Both figures are those of GPT-1.",
        ("A55", "E28", "K3"),
        (GPT2_PAPER, GPT1_ISSUE),
    ),
    WrongFigure(
        "gpt3-175b",
        "peak rate 6e-4",
        f"a peak of {BY_NAME['gpt3-175b'].peak_lr:g}",
        "6e-4 belongs to the smallest model of the same table, with 125M parameters.",
        ("S5",),
        (BROWN,),
    ),
    WrongFigure(
        "gpt3-175b",
        "375 steps of warmup",
        f"375 million tokens, which are {warmup_steps('gpt3-175b', batch=SHORT_RAMP)} to "
        f"{warmup_steps('gpt3-175b')} steps, as the batch grows over 4 or 12 billion tokens",
        f"The unit was lost. It is {share('gpt3-175b', 'tokens')} of the tokens, but "
        f"{share('gpt3-175b')} of the steps: early steps are small.",
        ("A31", "K4"),
        (BROWN,),
    ),
    WrongFigure(
        "gpt3-175b",
        "large models such as GPT-3 warm up for 10,000 steps and more",
        f"about {warmup_steps('gpt3-175b')} at most for GPT-3, and "
        f"{warmup_steps('llama2-70b')} for Llama 2 70B",
        "The size of a model is not what decides the length of its warmup.",
        ("E26", "K4"),
        (BROWN, LLAMA2),
    ),
    WrongFigure(
        "bert-base",
        "cosine decay with a floor of 1e-7",
        "a straight line to 0",
        "BERT is often listed among the cosines; its code has power=1.0 and end_learning_rate=0.0.",
        ("A54", "K2"),
        (DEVLIN, BERT_CODE),
    ),
    WrongFigure(
        "bert-base",
        "fine-tuning warms up for 6% of the steps",
        f"6% is RoBERTa's: {warmup_steps('roberta-rte')} of 2036 updates, {share('roberta-rte')}; "
        "we found no published share of BERT's",
        "The recipe of one model was taken for that of its ancestor.",
        ("E27", "E23"),
        (ROBERTA_RTE,),
    ),
    WrongFigure(
        "resnet-2015",
        "the paper divides the rate by 10 at epochs 30, 60 and 90",
        f"by 10 when the error plateaus, in up to 600,000 steps, which are "
        f"{epochs_of('resnet-2015')} epochs",
        "Fixed drops come from later code: after every 30 of 90 epochs.",
        ("A11", "K22"),
        (HE, PYTORCH_EXAMPLES),
    ),
    WrongFigure(
        "vit-l16-jft-14",
        "ViT is pre-trained with a cosine",
        "a straight line on JFT-300M and ImageNet-21k; the cosine belongs to ImageNet from scratch",
        "Its fine-tuning uses a cosine too.",
        ("D39", "A49"),
        (VIT, VIT_ISSUE),
    ),
    WrongFigure(
        "vit-l16-21k-90",
        "the warmup of ViT is 3% of the training",
        f"always 10,000 steps: {share('vit-l16-jft-14')} to {share('vit-l16-jft-7')} on JFT-300M, "
        f"{share('vit-l16-21k-90')} or {share('vit-l16-21k-30')} on ImageNet-21k, "
        f"{share('vit-imagenet')} on ImageNet",
        "One of five trainings was taken for all.",
        ("A32", "E29"),
        (VIT,),
    ),
    WrongFigure(
        "transformer",
        "4000 steps of warmup, then a cosine",
        "4000 steps of warmup, then the inverse square root of the step",
        "The warmup of 2017 was joined with the decay of later models.",
        ("A29",),
        (VASWANI,),
    ),
    WrongFigure(
        "Transformers",
        "5% of warmup and a cosine are the standard",
        f"no share is a standard: {share('bert-base')} for BERT, {share('llama2-70b')} for "
        f"Llama 2 70B, {share('gpt3-175b', 'tokens')} of the tokens for GPT-3",
        "A share depends on how long one trains; and BERT and most ViTs decay in a straight line.",
        ("D41", "E22", "E23", "K5"),
        (DEVLIN, LLAMA2, BROWN, VIT),
    ),
    WrongFigure(
        "resnet50-goyal",
        "a larger batch needs a longer warmup",
        f"5 epochs at every batch, which are fewer steps at a larger one: "
        f"{warmup_steps('resnet50-goyal')} at 8192",
        "What grows with the batch is the rate that the warmup leads to.",
        ("E31", "A70"),
        (GOYAL,),
    ),
)
