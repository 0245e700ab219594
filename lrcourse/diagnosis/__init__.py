"""What a training log says about its learning rate, and the test that settles a plateau."""

from lrcourse.diagnosis.confusion import Confusion, confusion, confusion_lines
from lrcourse.diagnosis.diagnosis import diagnose
from lrcourse.diagnosis.drop_reading import DropTest, read_drop_test
from lrcourse.diagnosis.drop_test import drop_test
from lrcourse.diagnosis.labelled import Curve, curves
from lrcourse.diagnosis.reading import Log, read_log
from lrcourse.diagnosis.signs import (
    CAPACITY_LIMIT,
    DIVERGING,
    HEALTHY,
    INITIAL_SPIKE,
    NAMES,
    NOISE_FLOOR,
    NOT_SURE,
    OSCILLATING,
    OVERFITTING,
    PLATEAU,
    SECTIONS,
    SPIKE_AFTER_RESTART,
    TOO_SLOW,
    Diagnosis,
    Sign,
)

__all__ = [
    "CAPACITY_LIMIT",
    "DIVERGING",
    "HEALTHY",
    "INITIAL_SPIKE",
    "NAMES",
    "NOISE_FLOOR",
    "NOT_SURE",
    "OSCILLATING",
    "OVERFITTING",
    "PLATEAU",
    "SECTIONS",
    "SPIKE_AFTER_RESTART",
    "TOO_SLOW",
    "Confusion",
    "Curve",
    "Diagnosis",
    "DropTest",
    "Log",
    "Sign",
    "confusion",
    "confusion_lines",
    "curves",
    "diagnose",
    "drop_test",
    "read_drop_test",
    "read_log",
]
