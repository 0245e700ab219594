"""Rates that others compute: the libraries our learners know, and slow obvious loops.

One module per library, each with a table `WITNESSES` from our class to its witness. They are
imported by the tests of the schedules only, because JAX and Keras need seconds to start.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lrcourse.schedules import Schedule

os.environ["KERAS_BACKEND"] = "numpy"
os.environ["KERAS_HOME"] = str(Path(tempfile.gettempdir(), "lrcourse-keras"))  # not the learner's
os.environ["JAX_PLATFORMS"] = "cpu"


class Witness(NamedTuple):
    """Who else computes a schedule.

    `rates(schedule, t)` has the shape of `t` = 0, 1, 2, ...; NaN is where the library means to do
    something else, such as climbing after the end (tests/test_differences.py shows it doing so).
    `expressible(schedule)` is the nearest schedule that the library has parameters for.
    """

    rates: Callable[[Schedule, np.ndarray], np.ndarray]
    expressible: Callable[[Schedule], Schedule] = lambda schedule: schedule


def up_to_the_end(schedule: Schedule, t: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """The rates of the updates 0 ... T; NaN after them."""
    return np.where(t <= schedule.steps, rates, np.nan)
