"""Curves whose truth is known by experiment: what the detectors are measured against.

Scenes are trained (`trainings`), the neighbours of a run give its labels and their margins
(`labels`), the run is kept as a log (`logs`), and a label is clear where that log can show it
(`symptoms`). None of this asks a detector. Margins and symptoms were fixed on the development
seeds 0, 100 and 5000, after the first answers on them had been seen: what is clear was made
stricter, and what lies across a margin was written down. Seeds from 9000 on came afterwards.
"""

from lrcourse.diagnosis.labelled.labels import Label, labels
from lrcourse.diagnosis.labelled.logs import Curve, DropCase, curves, curves_and_drops
from lrcourse.diagnosis.labelled.scenes import SCENES, Scene
from lrcourse.diagnosis.labelled.trainings import Outcome, Trained, outcomes, trained

__all__ = [
    "SCENES",
    "Curve",
    "DropCase",
    "Label",
    "Outcome",
    "Scene",
    "Trained",
    "curves",
    "curves_and_drops",
    "labels",
    "outcomes",
    "trained",
]
