"""Section 07, cyclical rates and one cycle: the range test that is read in 07.5."""

import numpy as np

HIGHEST_TRIED = 1.0  # the rate at which the range test ends


def range_test(limit: float, noise: int) -> tuple[np.ndarray, np.ndarray]:
    """Rates from 0 to 1 and the accuracy at each: it rises, stays, and breaks down at the limit."""
    rates = np.linspace(0, HIGHEST_TRIED, 201)
    trains = 0.1 + 0.75 * (1 - np.exp(-rates / 0.06))
    lost = np.clip((rates - limit) / 0.05, 0, 1)
    size = 0.008 + 0.02 * (rates > limit)
    shaking = size * np.random.default_rng(noise).standard_normal(rates.size)
    return rates, np.clip(trains * (1 - lost) + 0.1 * lost + shaking, 0, 1)


def range_test_in_words(limit: float, noise: int) -> str:
    """What can be read off the curve, for who cannot see it."""
    rates, accuracies = range_test(limit, noise)
    told = ", ".join(f"{accuracies[k]:.2f} at {rates[k]:.2f}" for k in range(0, rates.size, 10))
    return f"Test accuracy over the learning rate of a range test: {told}."
