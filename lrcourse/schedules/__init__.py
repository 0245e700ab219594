"""Every learning-rate schedule of the course, each written like its formula. NumPy only."""

from lrcourse.schedules.base import SCHEDULES, Lasting, Schedule, Sequential
from lrcourse.schedules.constant import Constant
from lrcourse.schedules.step import MultiStepDecay, StepDecay
from lrcourse.schedules.units import LR, Factor, IncreasingUnit, Milestones, Period, Steps, Unit

__all__ = [
    "LR",
    "SCHEDULES",
    "Constant",
    "Factor",
    "IncreasingUnit",
    "Lasting",
    "Milestones",
    "MultiStepDecay",
    "Period",
    "Schedule",
    "Sequential",
    "StepDecay",
    "Steps",
    "Unit",
]
