"""Section 00, what the learning rate does: the walk of a ball in a bowl."""

import numpy as np


def walk(curvature: float, lr: float, steps: int = 10) -> np.ndarray:
    """The places of a ball that starts at 1: (1 - ηλ)^t"""
    return (1 - lr * curvature) ** np.arange(steps + 1)
