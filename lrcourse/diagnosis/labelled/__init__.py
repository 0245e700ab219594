"""Curves whose truth is known by experiment: what the detectors are measured against."""

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
