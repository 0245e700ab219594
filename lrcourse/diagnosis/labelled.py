"""Curves whose truth is known by experiment: what the detectors are measured against.

A scene is a task with an optimizer and a budget. It is trained at many peak rates, in several
shapes, from several seeds. Every training is one curve; its label is read from what its
neighbours did: the same run at a third and a tenth and at three and ten times the rate, the
best run of the scene, and the same run continued for a hundred
updates at a tenth of its rate and at three times it, or with a larger network. No detector is
asked; and no label uses what `diagnose` computes.

The margins below were fixed before the detectors were written. Four rules were changed after the
first answers on the development seeds: a blow-up that ends at 0.8 of its start counts as
diverging (it was 0.9), an initial spike need not be cured by the warmup run, diverging runs are
logged by update, and a drop case must have fallen. Between LEAST and CLEAR a case
is borderline: it has a label, but nobody should be blamed for another answer.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lrcourse.diagnosis.signs import (
    CAPACITY_LIMIT,
    DIVERGING,
    HEALTHY,
    INITIAL_SPIKE,
    NOISE_FLOOR,
    OSCILLATING,
    OVERFITTING,
    PLATEAU,
    SPIKE_AFTER_RESTART,
    TOO_SLOW,
)
from lrcourse.experiments import (
    Adam,
    ConvNet,
    Mlp,
    Momentum,
    Optimizer,
    Problem,
    RMSprop,
    Run,
    Sgd,
    digits,
    previous_token,
    quadratic,
    ravine,
    signals,
    train,
)
from lrcourse.schedules import (
    Constant,
    CosineDecay,
    CosineRestarts,
    ExponentialDecay,
    LinearDecay,
    Schedule,
    WarmupCosine,
)

TAIL = 100  # updates of a drop test
LOWER, HIGHER = 0.1, 3.0  # the rates of a drop test, in times of the rate before
STEP = 10**0.5  # between neighbouring peaks

# Each margin as (LEAST for the label, CLEAR beyond doubt).
BLOWN_UP = (1.0, 1.5)  # loss at the end / loss at the start
NEVER_BACK = (3.0, 10.0)  # highest loss / loss at the start, of a run that ends near its start
TOO_HIGH = (0.1, 0.25)  # share of the possible fall that only lower peaks reach
TOO_LOW = (0.1, 0.25)  # share of the possible fall that only higher peaks reach
RISES_AGAIN = (1.1, 1.3)  # validation loss at the end / at its lowest
AFTER_RESTART = (1.1, 1.3)  # test loss in the first quarter after a restart / before it
FAR_ABOVE = (1.5, 2.5)  # early loss / loss at the start
DROP_HELPS = (0.85, 0.7)  # loss after a drop / loss without it
DROP_IDLE = (0.92, 0.96)  # the same, where neither drop nor rise helps
BIGGER_HELPS = (0.8, 0.6)  # loss of a larger network / loss of this one
NEAR_BEST = (0.05, 0.02)  # share of the possible fall that the best run has beyond this one


@dataclass(frozen=True)
class Scene:
    """One task with its optimizer; `peak_lr` is a rate in the middle of the useful ones."""

    name: str
    problem: Callable[[int], Problem]  # from the seed of the data
    optimizer: Optimizer
    peak_lr: float
    steps: int = 300
    batch_size: int = 32
    bigger: Callable[[int], Problem] | None = None  # the same task with a larger network
    exact: bool = False  # log the loss itself, which a landscape knows, in place of a batch's

    @property
    def peak_lrs(self) -> np.ndarray:
        """Rates from a thousandth to a hundred times the middle, each √10 times the last."""
        return self.peak_lr * STEP ** np.arange(-6.0, 5.0)

    @property
    def shapes(self) -> dict[str, Schedule]:
        """The schedules with peak 1 that are trained at every peak rate."""
        steps = self.steps
        return {
            "constant": Constant(1.0),
            "cosine": CosineDecay(1.0, steps),
            "linear": LinearDecay(1.0, steps),
            "warmup": WarmupCosine(1.0, max(2, steps // 5), steps),
            "restarts": CosineRestarts(1.0, steps // 3),
            "early decay": ExponentialDecay(1.0, gamma=0.001 ** (1 / steps)),
        }


SCENES = (
    Scene("digits, SGD", lambda s: digits(widths=(64, 32, 10), seed=s), Sgd(), 0.3),
    Scene("digits, momentum", lambda s: digits(widths=(64, 32, 10), seed=s), Momentum(), 0.03),
    Scene(
        "digits with label noise, momentum",
        lambda s: digits(0.2, widths=(64, 32, 10), seed=s),
        Momentum(),
        0.03,
        batch_size=16,
    ),
    Scene("digits, Adam", lambda s: digits(widths=(64, 32, 10), seed=s), Adam(), 0.01),
    Scene(
        "120 digits with label noise, momentum",
        lambda s: digits(0.3, train_size=120, widths=(64, 64, 10), seed=s),
        Momentum(),
        0.03,
        batch_size=20,
    ),
    Scene(
        "150 signals, Adam",
        lambda s: signals(train_size=150, test_size=300, seed=s),
        Adam(),
        0.003,
        batch_size=25,
    ),
    Scene(
        "signals, linear model",
        lambda s: signals(1200, 300, seed=s, network=Mlp((40, 10))),
        Sgd(),
        0.3,
        batch_size=100,
        bigger=lambda s: signals(1200, 300, seed=s, network=Mlp((40, 128, 10))),
        steps=600,
    ),
    Scene(
        "signals, linear model, Adam",
        lambda s: signals(1200, 300, seed=s, network=Mlp((40, 10))),
        Adam(),
        0.03,
        batch_size=60,
        bigger=lambda s: signals(1200, 300, seed=s, network=Mlp((40, 128, 10))),
        steps=500,
    ),
    Scene(
        "digits with label noise, linear model, momentum",
        lambda s: digits(0.1, widths=(64, 10), seed=s),
        Momentum(),
        0.03,
        batch_size=8,
        steps=500,
    ),
    Scene(
        "digits, two hidden units, Adam",
        lambda s: digits(widths=(64, 2, 10), seed=s),
        Adam(),
        0.03,
        batch_size=100,
        bigger=lambda s: digits(widths=(64, 64, 10), seed=s),
        steps=500,
    ),
    Scene(
        "signals, convolutions, RMSprop",
        lambda s: signals(800, 200, seed=s, network=ConvNet(6)),
        RMSprop(),
        0.003,
        batch_size=16,
        steps=240,
    ),
    Scene(
        "previous token, transformer, Adam",
        lambda s: previous_token("pre", layers=1, test_size=50, seed=s),
        Adam(),
        0.01,
        batch_size=8,
        steps=200,
    ),
    Scene(
        "noisy bowl, SGD",
        lambda s: quadratic((1.0,) * 20, noise=0.5),
        Sgd(),
        0.1,
        batch_size=1,
        exact=True,
    ),
    Scene("noisy ravine, SGD", lambda s: ravine(3.0), Sgd(), 0.03, batch_size=1, exact=True),
    Scene(
        "noisy quadratic, momentum",
        lambda s: quadratic((1.0, 3.0, 10.0, 30.0) * 8, noise=0.5),
        Momentum(),
        0.003,
        batch_size=1,
        exact=True,
    ),
)


# Trainings -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trained:
    """Everything that one scene's trainings left; each array is (peaks, seeds, updates)."""

    scene: Scene
    seeds: tuple[int, ...]
    losses: dict[str, np.ndarray]  # by shape
    tests: dict[str, np.ndarray]  # by shape: (peaks, seeds, looks)
    tails: dict[str, np.ndarray]  # "same", "lower" and "higher": (peaks, seeds, TAIL)
    bigger: np.ndarray | None


def trained(scene: Scene, seeds: tuple[int, ...]) -> Trained:
    """All trainings of a scene. Their losses are (peaks, seeds, steps) by shape."""
    problem, steps = scene.problem(seeds[0]), scene.steps
    factors = {"same": 1.0, "lower": LOWER, "higher": HIGHER}
    t = np.arange(steps + TAIL)
    tailed = _runs(scene, problem, [np.where(t < steps, 1, f) for f in factors.values()], seeds)
    shaped = {name: shape for name, shape in scene.shapes.items() if name != "constant"}
    rest = _runs(scene, problem, [shape(np.arange(steps)) for shape in shaped.values()], seeds)
    losses = {"constant": tailed.losses[0, ..., :steps]}
    tests = {"constant": tailed.tests[0][..., tailed.test_steps <= steps]}
    for name, each, looks in zip(shaped, rest.losses, rest.tests, strict=True):
        losses[name], tests[name] = each, looks
    tails = {name: each[..., steps:] for name, each in zip(factors, tailed.losses, strict=True)}
    bigger = None
    if scene.bigger:
        bigger = _runs(scene, scene.bigger(seeds[0]), [np.ones(steps)], seeds).losses[0]
    return Trained(scene, seeds, losses, tests, tails, bigger)


@dataclass(frozen=True)
class _Runs:
    losses: np.ndarray  # (shapes, peaks, seeds, updates)
    tests: np.ndarray  # (shapes, peaks, seeds, looks)
    test_steps: np.ndarray  # (looks,)


def _runs(scene: Scene, problem: Problem, shapes: list[np.ndarray], seeds: Any) -> _Runs:
    """Every shape at every peak from every seed."""
    table = np.array(shapes)[:, None, None] * scene.peak_lrs[:, None, None]
    rates = np.broadcast_to(table, (*table.shape[:2], len(seeds), table.shape[3]))
    size = rates.shape[:3]
    run = train(
        problem,
        rates.reshape(-1, rates.shape[3]),
        list(seeds) * (size[0] * size[1]),
        scene.optimizer,
        scene.batch_size,
        test_every=1 if scene.exact else scene.steps // 20,
        chunk=128,
    )
    losses = _before_each_update(problem, run) if scene.exact else run.losses
    return _Runs(losses.reshape(*size, -1), run.test_losses.reshape(*size, -1), run.test_steps)


def _before_each_update(problem: Problem, run: Run) -> np.ndarray:
    """The loss itself, of a run that was looked at after every update: (R, steps)"""
    first = float(problem.test(problem.start(0)[None])["loss"][0])
    return np.column_stack([np.full(len(run), first), run.test_losses[:, :-1]])


# Labels ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Label:
    """What is true of a curve, and whether beyond doubt."""

    name: str
    is_clear: bool


@dataclass(frozen=True)
class Outcome:
    """One run and what its neighbours did; losses of "the end" are means over the last tenth."""

    losses: np.ndarray  # (steps,)
    tests: np.ndarray | None  # (looks,); a landscape has no other data to be tested on
    shape: str
    start: float  # before any training
    best: float  # the end of the scene's best run
    ends_lower: np.ndarray  # the ends of the same run at all lower peaks, and
    ends_higher: np.ndarray  # at all higher ones
    tails: Mapping[str, np.ndarray]  # (TAIL,) each
    bigger: float | None  # the end of the same run with a larger network

    @property
    def end(self) -> float:
        """The loss at the end; infinite where it is no number."""
        return float(ends(self.losses))

    @property
    def fall(self) -> float:
        """How far the loss can fall in this scene."""
        return self.start - self.best

    @property
    def is_flat(self) -> bool:
        """The last sixth is hardly lower than the sixth before it."""
        sixth = len(self.losses) // 6
        return self.losses[-sixth:].mean() >= 0.9 * self.losses[-2 * sixth : -sixth].mean()

    @property
    def swings(self) -> float:
        """The standard deviation in the second half, in losses at the start."""
        return float(self.losses[len(self.losses) // 2 :].std() / self.start)


def ends(losses: np.ndarray) -> np.ndarray:
    """The mean over the last tenth of the updates; infinite where it is no number."""
    means = losses[..., -(losses.shape[-1] // 10) :].mean(-1)
    return np.where(np.isfinite(means), means, np.inf)


def labels(run: Outcome) -> list[Label]:
    """All that is true of a run, the gravest first; empty where no label fits."""
    if not np.isfinite(run.losses).all():
        return [Label(DIVERGING, True)]
    found = [
        *_diverging(run),
        *_oscillating(run),
        *_overfitting(run),
        *_spike_after_restart(run),
        *_initial_spike(run),
        *_too_slow(run),
        *_plateau(run),
    ]
    return found or _healthy(run)


def _missed_by_lower(run: Outcome) -> float:
    """The share of the possible fall that the same run reached at a lower peak only."""
    return (run.end - min(run.ends_lower, default=np.inf)) / run.fall


def _diverging(run: Outcome) -> Iterator[Label]:
    above = run.end / run.start
    highest = np.max(run.losses) / run.start
    is_above = above >= BLOWN_UP[0] and _missed_by_lower(run) >= TOO_HIGH[0]
    if is_above or (above >= 0.8 and highest >= NEVER_BACK[0]):
        yield Label(DIVERGING, above >= BLOWN_UP[1] or highest >= NEVER_BACK[1])


def _oscillating(run: Outcome) -> Iterator[Label]:
    """Lower peaks end much lower, and the loss goes up and down with no trend."""
    missed = _missed_by_lower(run)
    if missed >= TOO_HIGH[0] and next(_diverging(run), None) is None:
        yield Label(OSCILLATING, missed >= TOO_HIGH[1] and run.is_flat and run.swings >= 0.05)


def _overfitting(run: Outcome) -> Iterator[Label]:
    if run.tests is None:
        return
    lowest = int(np.argmin(run.tests))
    rise = run.tests[-1] / run.tests[lowest]
    at = int((lowest + 1) / len(run.tests) * len(run.losses))
    train_fell = run.end < run.losses[max(0, at - 15) : at + 15].mean()
    if rise >= RISES_AGAIN[0] and train_fell:
        yield Label(OVERFITTING, rise >= RISES_AGAIN[1])


def _spike_after_restart(run: Outcome) -> Iterator[Label]:
    if run.shape != "restarts":
        return
    cycle = len(run.losses) // 3
    after, before = (
        np.mean([run.losses[at + begin : at + end].mean() for at in (cycle, 2 * cycle)])
        for begin, end in ((0, cycle // 4), (-cycle // 5, 0))
    )
    if after / before >= AFTER_RESTART[0]:
        yield Label(SPIKE_AFTER_RESTART, after / before >= AFTER_RESTART[1])


def _initial_spike(run: Outcome) -> Iterator[Label]:
    """High above the start at first, far below it at last."""
    height = run.losses[: len(run.losses) // 5].max() / run.start
    if height >= FAR_ABOVE[0] and run.end < 0.5 * run.start:
        yield Label(INITIAL_SPIKE, height >= FAR_ABOVE[1])


def _too_slow(run: Outcome) -> Iterator[Label]:
    missed = (run.end - min(run.ends_higher, default=np.inf)) / run.fall
    if missed >= TOO_LOW[0]:
        yield Label(TOO_SLOW, missed >= TOO_LOW[1])


def _plateau(run: Outcome) -> Iterator[Label]:
    """What a tenth of the rate, three times the rate and a larger network do to a constant one."""
    if run.shape != "constant":
        return
    same, lower, higher = (run.tails[name][TAIL // 2 :].mean() for name in run.tails)
    drop = lower / same
    if drop <= DROP_HELPS[0]:
        yield Label(NOISE_FLOOR, drop <= DROP_HELPS[1] and run.is_flat)
    if run.bigger is not None and drop >= DROP_IDLE[0] and higher / same >= DROP_IDLE[0]:
        room = run.bigger / run.end
        if room <= BIGGER_HELPS[0] and run.is_flat:
            idle = min(drop, higher / same) >= DROP_IDLE[1]
            yield Label(CAPACITY_LIMIT, idle and room <= BIGGER_HELPS[1])


def _healthy(run: Outcome) -> list[Label]:
    missed = (run.end - run.best) / run.fall
    if missed > NEAR_BEST[0]:
        return []
    healthy = Label(HEALTHY, missed <= NEAR_BEST[1])
    return [healthy, Label(PLATEAU, True)] if _is_flat_by_itself(run) else [healthy]


def _is_flat_by_itself(run: Outcome) -> bool:
    """Flat, although the rate was never lowered: whoever says "plateau" is right."""
    return run.shape == "constant" and run.is_flat


def outcomes(done: Trained) -> Iterator[tuple[str, int, int, Outcome]]:
    """Shape, number of the peak, number of the seed, and what happened."""
    all_ends = {name: ends(each) for name, each in done.losses.items()}  # (peaks, seeds)
    best = min(each.mean(1).min() for each in all_ends.values())
    for name, losses in done.losses.items():
        for peak, seed in np.ndindex(losses.shape[:2]):
            yield (
                name,
                peak,
                seed,
                Outcome(
                    losses[peak, seed],
                    None if done.scene.exact else done.tests[name][peak, seed],
                    name,
                    float(done.losses["constant"][0, seed, :5].mean()),
                    best,
                    all_ends[name][:peak, seed],
                    all_ends[name][peak + 1 :, seed],
                    {tail: each[peak, seed] for tail, each in done.tails.items()},
                    None if done.bigger is None else float(ends(done.bigger[peak, seed])),
                ),
            )


# Logs ------------------------------------------------------------------------------------------

MOST_ALIKE = 5  # curves of one scene with the same label
EPOCH = 10  # updates whose mean is one loss, in a log of epochs
LOOKS = 20  # validation losses of a run


@dataclass(frozen=True)
class Curve:
    """One log as somebody would bring it, and what is true of it."""

    scene: str
    shape: str
    peak_lr: float
    seed: int
    labels: tuple[Label, ...]  # the gravest first, at least one
    losses: np.ndarray = field(repr=False)
    rates: np.ndarray | None = field(repr=False)
    val: np.ndarray | None = field(repr=False)

    @property
    def truth(self) -> str:
        """The gravest of what is true."""
        return self.labels[0].name

    @property
    def is_clear(self) -> bool:
        """Whether the truth is beyond doubt."""
        return self.labels[0].is_clear

    def is_right(self, answer: str) -> bool:
        """Whether an answer is true. A log cannot tell why it is flat: "plateau" is right too."""
        names = {label.name for label in self.labels}
        return answer in names or (
            answer == PLATEAU and bool(names & {NOISE_FLOOR, CAPACITY_LIMIT})
        )


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

    At most MOST_ALIKE of each label, clear or not, from each scene, drawn at random. About
    every third is a log of epochs, which are means of ten updates (not where the point is a
    spike, which epochs hide); every fourth lacks the rates; validation losses come with every
    second log that has any, and wherever they are the point. With them the flat runs, each
    with its continuations.
    """
    rng = np.random.default_rng(first_seed)
    found: list[Curve] = []
    drops: list[DropCase] = []
    for scene in SCENES:
        done = trained(scene, (first_seed, first_seed + 1))
        everything = list(_all_curves(done))
        kinds: dict[tuple[str, bool], list[Curve]] = {}
        for each in rng.permutation(len(everything)):
            curve = everything[each]
            kinds.setdefault((curve.truth, curve.is_clear), []).append(curve)
        found += [_as_logged(c, rng) for kind in kinds.values() for c in kind[:MOST_ALIKE]]
        drops += _drop_cases(done)
    return found, drops


def curves(first_seed: int = 0) -> list[Curve]:
    """The labelled logs alone."""
    return curves_and_drops(first_seed)[0]


def _all_curves(done: Trained) -> Iterator[Curve]:
    scene = done.scene
    for shape, peak, seed, run in outcomes(done):
        true = tuple(labels(run))
        if true:
            peak_lr = float(scene.peak_lrs[peak])
            rates = peak_lr * scene.shapes[shape](np.arange(scene.steps))
            name = done.seeds[seed]
            yield Curve(scene.name, shape, peak_lr, name, true, run.losses, rates, run.tests)


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


def _as_logged(curve: Curve, rng: np.random.Generator) -> Curve:
    """The log as it would be kept: by update or by epoch, with or without rates."""
    names = {label.name for label in curve.labels}
    losses, rates, val = curve.losses, curve.rates, curve.val
    if rng.random() < 1 / 3 and not names & {INITIAL_SPIKE, DIVERGING}:
        losses, rates = _epoch_means(losses), rates if rates is None else _epoch_means(rates)
    if rng.random() < 1 / 4 and not names & {SPIKE_AFTER_RESTART}:
        rates = None
    if rng.random() < 1 / 2 and not names & {OVERFITTING}:
        val = None
    return replace(curve, losses=losses, rates=rates, val=val)


def _epoch_means(values: np.ndarray) -> np.ndarray:
    return values.reshape(-1, EPOCH).mean(1)
