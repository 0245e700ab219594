"""The logs that somebody would bring of these trainings, each with its truth."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from lrcourse.diagnosis.labelled.labels import (
    BIGGER_HELPS,
    DROP_HELPS,
    DROP_IDLE,
    Label,
    across_the_margin,
    labels,
)
from lrcourse.diagnosis.labelled.scenes import SCENES
from lrcourse.diagnosis.labelled.symptoms import Kept, is_seen
from lrcourse.diagnosis.labelled.trainings import Outcome, Trained, ends, outcomes, trained
from lrcourse.diagnosis.signs import (
    CAPACITY_LIMIT,
    DIVERGING,
    INITIAL_SPIKE,
    NOISE_FLOOR,
    OVERFITTING,
    PLATEAU,
    SPIKE_AFTER_RESTART,
    TOO_SLOW,
)

MOST_ALIKE = 5  # curves of one scene with the same label
EPOCH = 10  # updates whose mean is one loss, in a log of epochs


@dataclass(frozen=True)
class Curve:
    """One log as somebody would bring it, and what is true of it."""

    scene: str
    shape: str
    peak_lr: float
    seed: int
    labels: tuple[Label, ...]  # what is clear first, then the gravest first; at least one
    across: frozenset[str]  # what else is no wrong answer, by the margins of the labels
    losses: np.ndarray = field(repr=False)
    rates: np.ndarray | None = field(repr=False)
    val: np.ndarray | None = field(repr=False)

    @property
    def truth(self) -> str:
        """The gravest of what is clear; where nothing is, the gravest of what is true."""
        return self.labels[0].name

    @property
    def is_clear(self) -> bool:
        """Whether a truth is beyond doubt, by experiment, and to be seen in this log."""
        return self.labels[0].is_clear

    def is_right(self, answer: str) -> bool:
        """Whether an answer is true. A log cannot tell why it is flat: "plateau" is right too."""
        names = {label.name for label in self.labels}
        return answer in names or (
            answer == PLATEAU and bool(names & {NOISE_FLOOR, CAPACITY_LIMIT})
        )

    def row(self, answer: str) -> str:
        """The row of a table: the truth that was named, where one was, so mistakes stand apart.

        A plateau stays in the row of its reason.
        """
        named = {label.name for label in self.labels} - {PLATEAU}
        return answer if answer in named else self.truth

    def is_defensible(self, answer: str) -> bool:
        """Whether it is true, or lies just across one of the margins that made the label."""
        return self.is_right(answer) or answer in self.across


@dataclass(frozen=True)
class DropCase:
    """A flat run, its three continuations, and why it is flat; found without the drop test."""

    truth: str
    is_clear: bool
    before: np.ndarray = field(repr=False)
    lower: np.ndarray = field(repr=False)
    higher: np.ndarray = field(repr=False)
    same: np.ndarray = field(repr=False)


def curves_and_drops(first_seed: int = 0) -> tuple[list[Curve], list[DropCase]]:
    """Some hundred labelled logs, of trainings with the seeds `first_seed` and the next.

    At most MOST_ALIKE of each label, clear or not, from each scene, drawn at random. With them
    the flat runs, each with its continuations.
    """
    rng = np.random.default_rng(first_seed)
    found: list[Curve] = []
    drops: list[DropCase] = []
    for scene in SCENES:
        done = trained(scene, (first_seed, first_seed + 1))
        everything = list(_all_curves(done, rng))
        kinds: dict[tuple[str, bool], list[Curve]] = {}
        for each in rng.permutation(len(everything)):
            curve = everything[each]
            kinds.setdefault((curve.truth, curve.is_clear), []).append(curve)
        found += [curve for kind in kinds.values() for curve in kind[:MOST_ALIKE]]
        drops += _drop_cases(done)
    return found, drops


def curves(first_seed: int = 0) -> list[Curve]:
    """The labelled logs alone."""
    return curves_and_drops(first_seed)[0]


def _all_curves(done: Trained, rng: np.random.Generator) -> Iterator[Curve]:
    scene = done.scene
    for shape, peak, seed, run in outcomes(done):
        found = labels(run)
        if found:
            peak_lr = float(scene.peak_lrs[peak])
            log = _kept(run, peak_lr * scene.shapes[shape](np.arange(scene.steps)), found, rng)
            true = sorted(
                (Label(each.name, each.is_clear and is_seen(each.name, log)) for each in found),
                key=lambda label: not label.is_clear,  # the order is kept otherwise
            )
            across = frozenset(across_the_margin(run, true))
            name = done.seeds[seed]
            yield Curve(
                scene.name,
                shape,
                peak_lr,
                name,
                tuple(true),
                across,
                log.losses,
                log.rates,
                log.val,
            )


def _kept(run: Outcome, rates: np.ndarray, found: list[Label], rng: np.random.Generator) -> Kept:
    """The log as it would be kept: by update or by epoch, with or without rates.

    About every third is a log of epochs, which are means of ten updates (not where the point is
    a spike, which epochs hide); every fourth lacks the rates; validation losses come with every
    second log that has any, and wherever they are the point.
    """
    names = {label.name for label in found}
    by_epoch, without_rates, without_val = rng.random(3) < (1 / 3, 1 / 4, 1 / 2)
    log = Kept(run.losses, rates, run.tests, run.calm, run.start)
    if by_epoch and not names & {INITIAL_SPIKE, DIVERGING}:
        log = _by_epoch(log)
    if without_rates and SPIKE_AFTER_RESTART not in names:
        log = replace(log, rates=None)
    return replace(log, val=None) if without_val and OVERFITTING not in names else log


def _by_epoch(log: Kept) -> Kept:
    """Means of EPOCH updates each."""
    rates = None if log.rates is None else _means(log.rates)
    calm = None if log.calm is None else _means(log.calm)
    return replace(log, losses=_means(log.losses), rates=rates, calm=calm)


def _means(values: np.ndarray) -> np.ndarray:
    return values.reshape(-1, EPOCH).mean(1)


def _drop_cases(done: Trained) -> Iterator[DropCase]:
    """The flat constant runs. Why they are flat is read from other whole runs of the scene.

    A cosine from the same peak ends far lower: a noise floor. A higher peak does: too slow.
    Neither does, and a larger network does: a capacity limit.
    """
    cosine = ends(done.losses["cosine"])
    for shape, peak, seed, run in outcomes(done):
        if shape != "constant" or not np.isfinite(run.losses).all() or not run.is_flat:
            continue
        annealed = cosine[peak, seed] / run.end
        raised = min(run.ends_higher, default=np.inf) / run.end
        if run.end > 0.9 * run.start:  # never fell: no plateau, and three times nearly no rate
            continue  # is still nearly none
        same, lower, higher = (run.tails[name] for name in ("same", "lower", "higher"))
        told: tuple[str, bool] | None = None
        if annealed <= DROP_HELPS[0]:
            told = NOISE_FLOOR, bool(annealed <= DROP_HELPS[1])
        elif raised <= DROP_HELPS[0]:
            told = TOO_SLOW, bool(raised <= DROP_HELPS[1])
        elif run.bigger is not None and run.bigger / run.end <= BIGGER_HELPS[0]:
            idle = min(annealed, raised) >= DROP_IDLE[1]
            told = CAPACITY_LIMIT, bool(idle and run.bigger / run.end <= BIGGER_HELPS[1])
        if told:
            yield DropCase(*told, run.losses, lower, higher, same)
