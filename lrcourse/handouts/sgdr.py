"""Section 04, warm restarts: the curve that is read in 04.1."""

import numpy as np

from lrcourse.schedules import CosineRestarts


def mystery_rates(first_cycle: int, stretch: int) -> np.ndarray:
    """Two whole cycles and more than half of the third."""
    steps = first_cycle * (1 + stretch) + (6 * first_cycle * stretch**2) // 10
    return CosineRestarts(1.0, first_cycle, stretch)(np.arange(steps))


def mystery_in_words(first_cycle: int, stretch: int) -> str:
    """What can be read off the curve, for who cannot see it."""
    steps = len(mystery_rates(first_cycle, stretch))
    first, second = CosineRestarts(1.0, first_cycle, stretch).restarts(steps)
    return (
        f"Cosines from 1 to near 0. The rate jumps back to 1 at t = {first} and at t = {second}; "
        f"at the right edge, t = {steps}, the third is still falling, below the half."
    )
