"""`diagnose`: all signs in a log, and the main one or "not sure"."""

from dataclasses import replace
from typing import Any

import numpy as np

from lrcourse.diagnosis import detectors
from lrcourse.diagnosis.checks import curve, rates_for, steps_for, validation_for
from lrcourse.diagnosis.detectors import FEW, Seen, When
from lrcourse.diagnosis.signs import NOT_SURE, Diagnosis, Sign

ENOUGH = 0.6  # of sureness, or the verdict is "not sure"
SHORT = 20  # of so few losses less is believed
FAULTS = (
    detectors.diverging,
    detectors.oscillating,
    detectors.overfitting,
    detectors.spike_after_restart,
    detectors.initial_spike,
    detectors.too_slow,
    detectors.drop_in_the_log,
    detectors.plateau,
)


def diagnose(
    losses: Any, rates: Any = None, val: Any = None, steps: Any = None, time: str = "update"
) -> Diagnosis:
    """What a log shows about its learning rate.

    `losses` are one for each update or epoch; `rates` those that each really used, where they
    are known; `val` validation losses: a sequence spread evenly over the run, the last after
    the last update, or a mapping from the number of losses before it to the loss. `steps` are
    the updates at which the losses were logged, for the words of the evidence ("at update
    300"); without them the losses are counted from 0. `time` is what they count, such as
    "epoch". The places of a sign are always counted in losses.

    NaN and infinity among the losses are a finding. Refused in one sentence: fewer than two
    losses, none that is finite, rates of another length or below zero, steps that go back, more
    validation losses than losses. Fewer than 20 losses are judged with caution, fewer than 8
    only where lost.

    >>> diagnose([2.3, 1.9, float("nan"), float("nan")]).verdict
    'diverging'
    """
    read = curve("diagnose", "losses", losses)
    lrs = rates_for("diagnose", read, rates)
    looks = validation_for("diagnose", read, val)
    when = When(steps_for("diagnose", read, steps), time)
    signs = _signs(read, lrs, looks, when)
    return Diagnosis(_verdict(signs), signs, read, lrs, looks)


def _signs(read: np.ndarray, lrs: Any, looks: Any, when: When) -> tuple[Sign, ...]:
    """The surest first. A run that was lost has no other sign, and a healthy one no fault."""
    found = list(detectors.lost(read, when))
    if not found and len(read) >= FEW:
        seen = Seen(_without_astronomy(read), lrs, looks, when)
        found = [sign for detect in FAULTS for sign in detect(seen)]
        found = found or list(detectors.healthy(seen))
        found = [_cautious(sign, len(read)) for sign in found]
    return tuple(sorted(found, key=lambda sign: -sign.sure))


def _without_astronomy(losses: np.ndarray) -> np.ndarray:
    """Losses whose squares can be summed: 1e35 tells no more than a million times the start."""
    limit = 1e6 * max(abs(losses[0]), float(np.abs(losses[-1])), 1e-300)
    return np.clip(losses, -limit, limit)


def _cautious(sign: Sign, number: int) -> Sign:
    """Less sure the fewer losses there are, as a standard error grows: by the square root."""
    return replace(sign, sure=sign.sure * min(1.0, number / SHORT) ** 0.5)


def _verdict(signs: tuple[Sign, ...]) -> str:
    return signs[0].name if signs and signs[0].sure >= ENOUGH else NOT_SURE
