"""The trainings of a scene, and of each of them what its neighbours did."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrcourse.diagnosis.labelled.scenes import Scene
from lrcourse.experiments import Problem, Run, train

TAIL = 100  # updates of a drop test
LOWER, HIGHER = 0.1, 3.0  # the rates of a drop test, in times of the rate before


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


@dataclass(frozen=True)
class Outcome:
    """One run and what its neighbours did; losses of "the end" are means over the last tenth."""

    losses: np.ndarray  # (steps,)
    calm: np.ndarray | None  # (steps,) of the same run at the lower peak that ended lowest
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
    def is_at_rest(self) -> bool:
        """It fell, and the last sixth brings hardly a part of that fall."""
        sixth = len(self.losses) // 6
        gain = self.losses[-2 * sixth : -sixth].mean() - self.losses[-sixth:].mean()
        return bool(self.end < 0.9 * self.start and gain < 0.03 * (self.start - self.end))

    @property
    def missed_by_lower(self) -> float:
        """The share of the possible fall that the same run reached at a lower peak only."""
        return (self.end - min(self.ends_lower, default=np.inf)) / self.fall

    @property
    def missed_by_higher(self) -> float:
        """The share of the possible fall that the same run reached at a higher peak only."""
        return (self.end - min(self.ends_higher, default=np.inf)) / self.fall

    @property
    def missed(self) -> float:
        """The share of the possible fall that the best run of the scene has beyond this one."""
        return (self.end - self.best) / self.fall


def ends(losses: np.ndarray) -> np.ndarray:
    """The mean over the last tenth of the updates; infinite where it is no number."""
    means = losses[..., -(losses.shape[-1] // 10) :].mean(-1)
    return np.where(np.isfinite(means), means, np.inf)


def outcomes(done: Trained) -> Iterator[tuple[str, int, int, Outcome]]:
    """Shape, number of the peak, number of the seed, and what happened."""
    all_ends = {name: ends(each) for name, each in done.losses.items()}  # (peaks, seeds)
    best = min(each.mean(1).min() for each in all_ends.values())
    for name, losses in done.losses.items():
        for peak, seed in np.ndindex(losses.shape[:2]):
            yield name, peak, seed, _outcome(done, name, peak, seed, all_ends[name][:, seed], best)


def _outcome(
    done: Trained, shape: str, peak: int, seed: int, its_ends: np.ndarray, best: float
) -> Outcome:
    """`its_ends` (peaks,) are those of this shape and seed."""
    losses = done.losses[shape][:, seed]  # (peaks, steps)
    return Outcome(
        losses[peak],
        losses[its_ends[:peak].argmin()] if peak else None,
        None if done.scene.exact else done.tests[shape][peak, seed],
        shape,
        float(done.losses["constant"][0, seed, :5].mean()),
        best,
        its_ends[:peak],
        its_ends[peak + 1 :],
        {tail: each[peak, seed] for tail, each in done.tails.items()},
        None if done.bigger is None else float(ends(done.bigger[peak, seed])),
    )
