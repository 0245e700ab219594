"""Section 02, exponential decay: the line that is read in 02.6."""

import numpy as np

from lrcourse.schedules import ExponentialDecay


def line_rates(peak_lr: float, gamma: float, steps: int = 21) -> np.ndarray:
    """The rates of the line that the learner reads."""
    return ExponentialDecay(peak_lr, gamma)(np.arange(steps))


def line_in_words(peak_lr: float, gamma: float) -> str:
    """What can be read off the line, for who cannot see it."""
    rates = line_rates(peak_lr, gamma)
    levels = ", ".join(f"{rates[t]:.2g} at t = {t}" for t in (0, 5, 10, 15, 20))
    return f"The learning rate over 21 updates, a straight line on a logarithmic axis: {levels}."
