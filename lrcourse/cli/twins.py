"""PyTorch's curve beside ours, for `--torch`: what needs torch, which loads slowly."""

import warnings

import numpy as np

from lrcourse.schedules import Schedule
from lrcourse.torch_twins import rates_used, twin


def code_of(schedule: Schedule) -> str:
    """PyTorch's code for this schedule; empty where PyTorch has none."""
    found = twin(schedule)
    return found.code if found else ""


def rates_of(schedule: Schedule, steps: int) -> np.ndarray:
    """PyTorch's rates (steps,), NaN where PyTorch stops with an error."""
    found = twin(schedule)
    rates = np.full(steps, np.nan)
    if found:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            used = rates_used(found.build, found.lr, steps)
        rates[: len(used)] = used
    return rates
