"""Another batch, another rate: three rules from one tuned rate, and what was really best.

The rules, their conditions and the advice are those of `lrcourse.batch_size`. The dots are small
networks that are trained between the moves, once in a session.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated

import numpy as np

from lrcourse.batch_size import (
    Rescaled,
    Training,
    epochs_to_updates,
    examples_needed,
    linear_rule,
    rescale,
    saturating_rate,
    sqrt_rule,
    updates_needed,
)
from lrcourse.batch_size.amounts import number
from lrcourse.experiments import (
    Adam,
    Classification,
    Mlp,
    Optimizer,
    Sgd,
    rate_table,
    signals,
    train,
)
from lrcourse.explore.scene import scene
from lrcourse.panels import Axis, Code, Curve, Dots, Mark, Measure, Panel, Rule, Table, View
from lrcourse.recipes.vision import IMAGENET
from lrcourse.schedules import Choice, Constant, Unit

LARGEST = 131_072
Tuned = Annotated[float, Unit("tuned at this batch", 1e-7, 1e3, 0.1, play=(1e-4, 10), log=True)]
Batch = Annotated[
    int, Unit("examples per update", 1, LARGEST, 64, play=(1, LARGEST), whole=True, log=True)
]
Noise = Annotated[float, Unit("in examples", 1, LARGEST, 50.0, play=(1, LARGEST), log=True)]
Family = Annotated[str, Choice("the optimizer", ("SGD", "Adam"))]

BATCH = Axis("batch size B (examples per update)", 1, LARGEST, log=True)
SIZES = np.geomspace(1, LARGEST, 91)
SAMPLES = 10**9  # seen by the training that is advised about: rates do not depend on it
WARMUP = {"SGD": 0, "Adam": 2000}  # its updates; for Adam 2/(1 − β2)

# What is trained for the dots: 4 epochs of a small network, at constant rates in factors of √2.
EXAMPLES, EPOCHS = 256, 4
TRIED = {"SGD": 2.0 ** np.arange(-3, 2.1, 0.5), "Adam": 2.0 ** np.arange(-6.5, -1.9, 0.5)}
OPTIMIZERS: dict[str, Optimizer] = {"SGD": Sgd(), "Adam": Adam()}
SIZES_TRIED = (256, 128, 64, 32, 16, 8)  # the fast ones first
PARTS = [(batch, seed) for batch in SIZES_TRIED for seed in range(3)]
_BEST: dict[tuple[str, int, int], float] = {}  # best rates by family, batch and seed, so far


@dataclass(frozen=True)
class Question:
    """A rate that was tuned at one batch, and the batch that is asked for."""

    lr: float
    batch: int
    new_batch: int
    noise_scale: float
    family: str

    @property
    def max_lr(self) -> float:
        """η_max of the law η_max / (1 + B_noise/B) that goes through the tuned rate."""
        return self.lr / float(saturating_rate(1, self.batch, self.noise_scale))

    @property
    def laws(self) -> dict[str, float]:
        """What each rule gives at the new batch; the law is one of SGD alone."""
        asked = self.lr, self.batch, self.new_batch
        laws = {"linear": linear_rule(*asked), "square root": sqrt_rule(*asked)}
        if self.family == "SGD":
            law = saturating_rate(self.max_lr, self.new_batch, self.noise_scale)
            laws["saturating"] = float(law)
        return laws

    @property
    def advice(self) -> Rescaled:
        """The rule of this optimizer, with its conditions and what to be careful with."""
        warmup = WARMUP[self.family]
        training = Training(self.family, self.lr, self.batch, samples=SAMPLES, warmup_steps=warmup)
        return rescale(training, self.new_batch, noise_scale=self.noise_scale)


@scene(
    "Another batch, another rate",
    presets={
        "our network, SGD": {},
        "our network, Adam": {"family": "Adam", "base_lr": 0.022},
        "ImageNet in one hour (noise scale assumed)": {
            "base_lr": 0.1,
            "base_batch": 256,
            "new_batch": 8192,
            "noise_scale": 100_000.0,
            "measured": False,
        },
    },
)
def batch_size(
    base_lr: Tuned = 0.25,
    base_batch: Batch = 8,
    new_batch: Batch = 64,
    noise_scale: Noise = 50.0,
    family: Family = "SGD",
    measured: bool = True,
) -> Iterator[View]:
    """The best rate over the batch by each rule, and what a batch costs.

    `base_lr` was tuned at `base_batch`. With `measured` come the best rates of a small network,
    a dot for each batch: drag the noise scale until the saturating law meets them.
    """
    question = Question(base_lr, base_batch, new_batch, noise_scale, family)
    missing = [part for part in PARTS if measured and (family, *part) not in _BEST]
    yield _view(question, measured, len(missing))
    for left, part in zip(range(len(missing))[::-1], missing, strict=True):
        _BEST[family, *part] = best_rate(family, *part)
        yield _view(question, measured, left)


def _view(question: Question, measured: bool, missing: int) -> View:
    dots = measured_rates(question.family) if measured else {}
    return View(
        panels=(_rates(question, dots), _costs(question)),
        said=_said(question),
        codes=tuple(_codes(question)),
        table=_table(question),
        measure=Measure("advised rate", question.advice.peak_lr or 0.0),
        done=1 - missing / len(PARTS),
    )


# What was really best ----------------------------------------------------------------------------


@cache
def _problem() -> Classification:
    return signals(train_size=EXAMPLES, test_size=10, network=Mlp((40, 16, 10)))


def best_rate(family: str, batch: int, seed: int) -> float:
    """The constant rate whose loss is lowest in the mean of the training, of those in TRIED."""
    tried = TRIED[family]
    lrs = rate_table([Constant(lr) for lr in tried], 1, EPOCHS * EXAMPLES // batch)
    run = train(_problem(), lrs, [seed] * len(tried), OPTIMIZERS[family], batch)
    losses = np.where(np.isfinite(run.losses), run.losses, np.inf).mean(1)
    return float(tried[losses.argmin()])


def measured_rates(family: str) -> dict[int, float]:
    """Batch -> the geometric mean over the seeds that were trained so far."""
    found: dict[int, list[float]] = {}
    for (name, batch, _), rate in _BEST.items():
        if name == family:
            found.setdefault(batch, []).append(rate)
    return {batch: float(np.exp(np.mean(np.log(found[batch])))) for batch in sorted(found)}


# The picture -------------------------------------------------------------------------------------


def _rates(question: Question, dots: dict[int, float]) -> Panel:
    """The rules as lines through the tuned rate, and the new batch on each of them."""
    lines = {
        "linear": question.lr * SIZES / question.batch,
        "square root": question.lr * np.sqrt(SIZES / question.batch),
        "saturating": saturating_rate(question.max_lr, SIZES, question.noise_scale),
    }
    curves = [Curve(name, lines[name], SIZES, style) for style, name in enumerate(question.laws)]
    here = np.full(len(question.laws), float(question.new_batch))
    marks: list[Mark] = [*curves, Dots("", here, np.array([*question.laws.values()]), 4)]
    if dots:
        x, y = np.array([*dots], dtype=float), np.array([*dots.values()])
        marks.append(Dots("measured", x, y, 3))
    axis = Axis("best learning rate η", question.lr / 30, question.lr * 100, log=True)
    noise = Rule("B_noise", x=question.noise_scale, style=5, moves="noise_scale")
    new = Rule("", x=question.new_batch, style=4)
    return Panel(BATCH, axis, (*marks, noise, new), height=1.3)


def _costs(question: Question) -> Panel:
    """Updates and examples for the same loss, in multiples of the fewest: both twice at B_noise."""
    scale, asked = question.noise_scale, np.array([float(question.new_batch)])
    here = np.append(updates_needed(asked, scale), examples_needed(asked, scale))
    marks = (
        Curve("updates", updates_needed(SIZES, scale), SIZES, 0),
        Curve("examples", examples_needed(SIZES, scale), SIZES, 1),
        Dots("", np.repeat(asked, 2), here, 4),
        Rule("", x=scale, style=5),
        Rule("new batch", x=question.new_batch, style=4, moves="new_batch"),
    )
    return Panel(BATCH, Axis("cost, times the fewest", 1, 1000, log=True), marks, height=0.8)


# The words ---------------------------------------------------------------------------------------


def _said(question: Question) -> str:
    laws, advice = question.laws, question.advice
    each = ", ".join(f"{name} {rate:.3g}" for name, rate in laws.items())
    return (
        f"at batch {question.new_batch}: {each}. As a first guess {question.family} takes the "
        f"{advice.rule.name}, which holds while {advice.rule.holds[0]}. {' '.join(advice.warnings)}"
    ).strip()


def _codes(question: Question) -> Iterator[Code]:
    asked = f"{question.lr:.4g}, {question.batch}, {question.new_batch}"
    noise = f"noise_scale={question.noise_scale:g}"
    yield Code("linear", f"linear_rule({asked})", 0)
    yield Code("square root", f"sqrt_rule({asked})", 1)
    if "saturating" in question.laws:
        law = f"saturating_rate({question.max_lr:.4g}, {question.new_batch}, {noise})"
        yield Code("saturating", law, 2)
    warmup = WARMUP[question.family]
    known = f"{question.lr:.4g}, {question.batch}, samples={SAMPLES}, warmup_steps={warmup}"
    training = f'Training("{question.family}", {known})'
    yield Code("advice", f"rescale({training}, {question.new_batch}, {noise})", 4)


def _table(question: Question) -> Table:
    """What each rule makes of the tuned rate, what the batches cost, and what goes with them."""
    batches, scale = (question.batch, question.new_batch), question.noise_scale
    rows = {f"η, {name}": (question.lr, rate) for name, rate in question.laws.items()}
    rows["updates / fewest"] = tuple(updates_needed(batches, scale))
    rows["examples / fewest"] = tuple(examples_needed(batches, scale))
    name, updates = _warmups(question)
    rows[name] = updates
    numbers = [(name, number(was), number(now)) for name, (was, now) in rows.items()]
    stays = [(each.name, "", "same") for each in question.advice.left[-2:]]
    return Table(("", *(f"B = {batch}" for batch in batches)), (*numbers, *stays))


def _warmups(question: Question) -> tuple[str, tuple[float, float]]:
    """5 epochs for SGD, as Goyal et al. at every batch; for Adam as many updates as before."""
    if question.family == "Adam":
        return "warmup, updates", (WARMUP["Adam"], question.advice.warmup_steps or 0)
    batches = question.batch, question.new_batch
    updates = [epochs_to_updates(5, IMAGENET, batch) for batch in batches]
    return "updates in 5 epochs of ImageNet", (updates[0], updates[1])
