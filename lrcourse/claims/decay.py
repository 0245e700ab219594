"""Does decay help, and when? Sections 01 and 03."""

from collections.abc import Iterator

from lrcourse.claims.base import AGAINST, DEPENDS, Evidence, claim
from lrcourse.experiments import compare, digits, paired_difference
from lrcourse.schedules import Constant, StepDecay


@claim(
    "decay-beats-constant",
    "A rate that decays ends at a better test accuracy than a constant one.",
    section="01",
    ledger="A73 X6",
    verdict=DEPENDS,
)
def decay_beats_constant(first_seed: int) -> Iterator[Evidence]:
    """Digits with 20% wrong labels, where the gradients stay noisy, and clean ones."""
    seeds, schedules = (
        range(first_seed, first_seed + 12),
        {
            "constant": Constant(0.15),
            "step": StepDecay(0.15, step_size=300, gamma=0.1),
        },
    )
    for noise, taught in ((0.2, "for"), (0.0, AGAINST)):
        runs = compare(digits(label_noise=noise), schedules, seeds, steps=888)
        gain = paired_difference(
            100 * runs["step"].test_accuracies[:, -1], 100 * runs["constant"].test_accuracies[:, -1]
        )
        what = f"test accuracy with {noise:.0%} wrong labels, step minus constant (points)"
        yield Evidence(what, gain, low=1, taught=taught)
