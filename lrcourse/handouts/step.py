"""Section 01, step decay: the curve that is read in 01.5."""

import numpy as np

from lrcourse.schedules import StepDecay


def mystery_rates(step_size: int, gamma: float, steps: int = 100) -> np.ndarray:
    """The rates of the curve that the learner reads."""
    return StepDecay(1.0, step_size, gamma)(np.arange(steps))


def mystery_in_words(step_size: int, gamma: float, steps: int = 100) -> str:
    """What can be read off the curve, for who cannot see it."""
    rates = mystery_rates(step_size, gamma, steps)
    levels = ", ".join(f"{rates[t]:.2g} from t = {t} on" for t in range(0, steps, step_size))
    return f"The learning rate of a step decay over {steps} updates: {levels}."
