"""Does decay help, when, and in which shape? Sections 01 and 03."""

from collections.abc import Iterator

from lrcourse.claims.base import AGAINST, DEPENDS, FOR, HOLDS, Evidence, claim
from lrcourse.experiments import bowls, compare, digits, paired_difference, signals
from lrcourse.schedules import Constant, CosineDecay, LinearDecay, MultiStepDecay, StepDecay

PEAKS = (0.115, 0.165, 0.235)
STEPS = 1000


@claim(
    "decay-beats-constant",
    "A rate that decays ends at a better test accuracy than a constant one.",
    section="01",
    ledger="A3 A73 X6",
    verdict=DEPENDS,
)
def decay_beats_constant(first_seed: int) -> Iterator[Evidence]:
    """Each at its own best rate. Where labels are clean, these digits leave no noise to remove."""
    shapes = {"constant": Constant(1), "step": StepDecay(1, step_size=300, gamma=0.1)}
    peaks, seeds = (0.04, 0.08, 0.16), range(first_seed, first_seed + 12)
    for name, problem, taught in (
        ("noisy signals", signals(), FOR),
        ("digits, 20% wrong labels", digits(label_noise=0.2), FOR),
        ("clean digits", digits(), AGAINST),
    ):
        found = bowls(problem, shapes, peaks, seeds, steps=900)
        gain = paired_difference(100 * found.tuned("step"), 100 * found.tuned("constant"))
        what = f"test accuracy on {name}, step minus constant (points)"
        yield Evidence(what, gain, low=0.5, taught=taught)


@claim(
    "first-drop",
    "The loss falls right after the first drop by ten, and hardly after the second.",
    section="01",
    ledger="A9 A11 C10",
    verdict=HOLDS,
)
def first_drop(first_seed: int) -> Iterator[Evidence]:
    """The mean loss of 100 updates just after a drop minus that of 100 before, less constant's."""
    schedules = {"constant": Constant(0.13), "step": StepDecay(0.13, step_size=400, gamma=0.1)}
    runs = compare(signals(), schedules, range(first_seed, first_seed + 12), steps=1000)
    change = {
        name: {
            t: run.losses[:, t : t + 100].mean(1) - run.losses[:, t - 100 : t].mean(1)
            for t in (400, 800)
        }
        for name, run in runs.items()
    }
    first, second = (
        paired_difference(change["step"][t], change["constant"][t]) for t in (400, 800)
    )
    yield Evidence("training loss, change at the first drop", first, high=-0.08)
    yield Evidence("training loss, change at the second drop", second, low=-0.06, high=0.06)


@claim(
    "cosine-beats-step",
    "Cosine decay ends at a clearly better test accuracy than step decay.",
    section="03",
    ledger="A20 A21 A73 X6",
    verdict=DEPENDS,
)
def cosine_beats_step(first_seed: int) -> Iterator[Evidence]:
    """Each at its own best peak. Two drops by 10 lose; three by 3, set late, do not."""
    shapes = {
        "cosine": CosineDecay(1, STEPS),
        "two drops by 10": MultiStepDecay(1, (500, 750), gamma=0.1),
        "three drops by 3": MultiStepDecay(1, (600, 800, 900), gamma=0.3),
    }
    found = bowls(signals(), shapes, PEAKS, range(first_seed, first_seed + 30), STEPS)
    for name, taught in (("two drops by 10", FOR), ("three drops by 3", AGAINST)):
        gain = paired_difference(100 * found.tuned("cosine"), 100 * found.tuned(name))
        what = f"test accuracy, cosine minus {name} (points)"
        yield Evidence(what, gain, low=1.25, taught=taught)


@claim(
    "linear-equals-cosine",
    "A straight line down to zero does as well as a cosine, to within 1.5 points.",
    section="03",
    ledger="A22",
    verdict=HOLDS,
)
def linear_equals_cosine(first_seed: int) -> Iterator[Evidence]:
    """Each at its own best peak."""
    shapes = {"cosine": CosineDecay(1, STEPS), "linear": LinearDecay(1, STEPS)}
    found = bowls(signals(), shapes, PEAKS, range(first_seed, first_seed + 24), STEPS)
    gain = paired_difference(100 * found.tuned("linear"), 100 * found.tuned("cosine"))
    yield Evidence("test accuracy, linear minus cosine (points)", gain, low=-1.5, high=1.5)
