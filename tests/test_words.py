"""What a curve does, and whether PyTorch agrees, said in words."""

import numpy as np
import pytest

from lrcourse.schedules import (
    CosineDecay,
    CosineRestarts,
    LinearWarmup,
    OneCycle,
    Repeat,
    StepDecay,
    TriangularCycle,
    WarmupStableDecay,
)
from lrcourse.words import agreement, course


@pytest.mark.parametrize(
    ("rates", "sentence"),
    [
        ([1, 1, 0.5, 0.5], "drops at t = 2"),
        ([1, 2, 2, 3, 3], "rises at t = 1, 3"),
        ([1, 2, 2, 1, 1], "changes at t = 1, 3"),
        ([0.3] * 4, "stays at 0.3"),
        ([1, np.nan, 1], "is not finite at t = 1"),
        (np.repeat(np.arange(12), 3), "rises 11 times, first at t = 3"),
        (np.linspace(1, 0, 51), "falls from 1 at t = 0 to 0 at t = 50"),
        ([1, 1, 2, 3, 3], "stays at 1 until t = 1, rises to 3 at t = 3, then stays"),
        (
            [3, 2, 1, 4, 4, 2],
            "falls from 3 at t = 0 to 1 at t = 2, jumps to 4 at t = 3, "
            "stays until t = 4, falls to 2 at t = 5",
        ),
        ([0.1, 0.1 * (1 + 1e-15), 0.1], "stays at 0.1"),  # rounding
    ],
)
def test_the_course_of_a_curve_in_words(rates, sentence):
    assert course(np.asarray(rates, dtype=float)) == sentence


@pytest.mark.parametrize(
    ("schedule", "sentence"),
    [
        (CosineDecay(0.1, 100), "falls from 0.1 at t = 0 to 0 at t = 100, then stays"),
        (
            OneCycle(0.1, 100),
            "rises from 0.004 at t = 0 to 0.1 at t = 30, falls to 4e-07 at t = 100, then stays",
        ),
        (
            WarmupStableDecay(0.1, 10, 30, 100),
            "rises from 0 at t = 0 to 0.1 at t = 10, stays until t = 70, falls to 0 at t = 100, "
            "then stays",
        ),
        (CosineRestarts(0.1, 30), "falls, and jumps up at t = 30, 60, 90, 120, 150, 180"),
        (CosineRestarts(0.1, 10), "falls, and jumps up 19 times, first at t = 10"),
        (Repeat(LinearWarmup(0.1, 20)), "rises, and drops 9 times, first at t = 20"),
        (
            TriangularCycle(0.1, 30),
            "rises and falls between 0 and 0.1, turns at t = 30, 60, 90, 120, 150, 180",
        ),
        (
            LinearWarmup(0.1, 10) >> StepDecay(0.1, 30),
            "rises from 0 at t = 0 to 0.1 at t = 10, falls to 1e-07 at t = 190, then stays",
        ),
    ],
    ids=lambda each: str(each)[:30],
)
def test_the_course_of_a_schedule_in_words(schedule, sentence):
    assert course(schedule(np.arange(200))) == sentence


@pytest.mark.parametrize(
    ("ours", "torchs", "sentence"),
    [
        ([1, 1, 0.5], [1, 1, 0.5], "PyTorch agrees"),
        ([1, 1, 0.5], [1, 0.5, 0.5], "PyTorch differs, first at t = 1"),
        ([1, 1, 1e-16], [1, 1, 0], "PyTorch agrees"),  # a rounding of the peak
        ([1, 1, 0.5], [1, 1], "PyTorch agrees until it stops with an error at t = 2"),
        (
            [1, 1, 0.5],
            [1, 2],
            "PyTorch differs, first at t = 1, and stops with an error at t = 2",
        ),
    ],
)
def test_says_whether_torch_agrees(ours, torchs, sentence):
    assert agreement(np.array(ours), np.array(torchs)) == sentence


def test_a_million_small_stairs_are_a_slope_or_counted():
    rates = StepDecay(0.1, 3, 0.9999999)(np.arange(1_000_000))
    assert course(rates) == "drops 333333 times, first at t = 3"
