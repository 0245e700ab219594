"""What does one cycle bring, when every other schedule may choose its peak too? Section 07."""

from collections.abc import Iterator

import numpy as np

from lrcourse.claims.base import AGAINST, DEPENDS, FOR, HOLDS, Evidence, claim
from lrcourse.experiments import Bowls, bowls, compare, paired_difference, signals
from lrcourse.schedules import Constant, CosineDecay, OneCycle, StepDecay

STEPS = 400  # the budget of one cycle
PEAKS = (0.03, 0.06, 0.12, 0.24)


def all_schedules(steps: int, seeds: range) -> Bowls:
    """Four schedules of this budget, at each of the peaks."""
    shapes = {
        "constant": Constant(1),
        "step": StepDecay(1, step_size=steps // 3, gamma=0.1),
        "cosine": CosineDecay(1, steps),
        "one cycle": OneCycle(1, steps),
    }
    return bowls(signals(), shapes, PEAKS, seeds, steps)


@claim(
    "one-cycle-beats-the-others",
    "With the same number of updates, one cycle ends at a better test accuracy.",
    section="07",
    ledger="X9 A75",
    verdict=DEPENDS,
)
def one_cycle_beats_the_others(first_seed: int) -> Iterator[Evidence]:
    """400 updates each, at the peak that is best for it: the gain is that of decay."""
    found = all_schedules(STEPS, range(first_seed, first_seed + 12))
    for other, taught in (("constant", FOR), ("step", FOR), ("cosine", AGAINST)):
        gain = paired_difference(100 * found.tuned("one cycle"), 100 * found.tuned(other))
        what = f"test accuracy, one cycle minus {other} (points)"
        yield Evidence(what, gain, low=1, taught=taught)


@claim(
    "super-convergence",
    "One cycle reaches with half of the updates what other schedules reach.",
    section="07",
    ledger="X9 A47 A75 B17",
    verdict=DEPENDS,
)
def super_convergence(first_seed: int) -> Iterator[Evidence]:
    """One cycle of 400 updates against 800 updates of the others, all at their best peaks."""
    seeds = range(first_seed, first_seed + 20)
    short = bowls(signals(), {"one cycle": OneCycle(1, STEPS)}, PEAKS, seeds, STEPS)
    long = all_schedules(2 * STEPS, seeds)
    for other, taught in (("constant", FOR), ("cosine", AGAINST)):
        gain = paired_difference(100 * short.tuned("one cycle"), 100 * long.tuned(other))
        what = f"test accuracy, 400 updates of one cycle minus 800 of {other} (points)"
        yield Evidence(what, gain, low=0, taught=taught)


@claim(
    "momentum-cycling-helps",
    "Lowering the momentum while the rate is high is worth two points of accuracy.",
    section="07",
    ledger="B39 X9",
    verdict=DEPENDS,
)
def momentum_cycling_helps(first_seed: int) -> Iterator[Evidence]:
    """At the best peak hardly; at a peak twice as high the lower momentum saves much."""
    one, seeds = OneCycle(1, STEPS), range(first_seed, first_seed + 16)
    shapes, peaks = {"cycled": one, "fixed": one}, (0.09, 0.13, 0.18, 0.25, 0.36)
    found = bowls(signals(), shapes, peaks, seeds, STEPS, momenta={"cycled": one.momentum})
    best = paired_difference(100 * found.tuned("cycled"), 100 * found.tuned("fixed"))
    cycled, fixed = (100 * found.at_the_end(name)[-1] for name in shapes)
    what = "test accuracy, cycled minus fixed momentum, at"
    yield Evidence(f"{what} the best peak (points)", best, low=2, taught=AGAINST)
    yield Evidence(f"{what} a peak of 0.36 (points)", paired_difference(cycled, fixed), low=2)


@claim(
    "high-rate-regularises",
    "A short run at a high rate fits the training set worse than a long one at a low rate, "
    "and the test set better.",
    section="07",
    ledger="B17 K21",
    verdict=HOLDS,
)
def high_rate_regularises(first_seed: int) -> Iterator[Evidence]:
    """Half of the data; the long run overfits, but no moment of it is as good on the test set."""
    problem, seeds = signals(train_size=2000), range(first_seed, first_seed + 12)
    high = compare(problem, {"": CosineDecay(0.16, 800)}, seeds, 800)[""]
    low = compare(problem, {"": CosineDecay(0.04, 3200)}, seeds, 3200, test_every=200)[""]
    fit = paired_difference(high.losses[:, -62:].mean(1), low.losses[:, -62:].mean(1))
    yield Evidence("training loss in the last epoch, high minus low rate", fit, low=0.1)
    ours, theirs = 100 * high.test_accuracies[:, -1], 100 * low.test_accuracies
    what = "test accuracy, high rate minus low rate at its"
    yield Evidence(f"{what} end (points)", paired_difference(ours, theirs[:, -1]), low=1)
    best = np.max(theirs, axis=1)  # chosen on the test set, in favour of the low rate
    yield Evidence(f"{what} best moment (points)", paired_difference(ours, best), low=0)
