"""An exam of four functions: what the corpus hands in is graded by it."""

import math

import numpy as np
import torch

from lrcourse.grading.grade import Assignment
from lrcourse.tasks import Case, FunctionTask, Mistake

IMPORTS = """
import math
import numpy as np
import torch
from lrcourse.check import check
"""
ANSWERS = {
    "step": """
def step(t, peak_lr, gamma, step_size):
    return peak_lr * gamma ** (t // step_size)
""",
    "exponential": """
def exponential(t, peak_lr, gamma):
    return peak_lr * gamma ** t
""",
    "cosine": """
def cosine(t, peak_lr, steps):
    return 0.5 * peak_lr * (1 + np.cos(np.pi * np.asarray(t) / steps))
""",
    "warmup": """
def warmup(steps, peak_lr, warmup_steps):
    t = torch.arange(steps, dtype=torch.float64)
    return peak_lr * torch.clamp((t + 1) / warmup_steps, max=1.0)
""",
}
CHECKS = {task: f"check({task!r}, {task})" for task in ANSWERS}
POINTS = {"step": 1, "exponential": 2, "cosine": 4, "warmup": 8}  # so a score says which are right
ALL = sum(POINTS.values())


def step(t, peak_lr, gamma, step_size):
    """η_peak γ^⌊t/S⌋"""
    return peak_lr * gamma ** (t // step_size)


def exponential(t, peak_lr, gamma):
    """η_peak γ^t"""
    return peak_lr * gamma**t


def cosine(t, peak_lr, steps):
    """η_peak (1 + cos(π t/T)) / 2, for a list of t"""
    return [peak_lr * (1 + math.cos(math.pi * each / steps)) / 2 for each in t]


def warmup(steps, peak_lr, warmup_steps):
    """η_peak min((t + 1)/W, 1), for t = 0 ... T - 1"""
    t = torch.arange(steps, dtype=torch.float64)
    return peak_lr * torch.clamp((t + 1) / warmup_steps, max=1.0)


def _step_cases(rng):
    drawn = {"peak_lr": rng.uniform(0.1, 2), "gamma": rng.uniform(0.3, 0.9)}
    return [
        Case({"peak_lr": 1.0, "gamma": 0.5, "step_size": 3}, range(8)),
        Case({**drawn, "step_size": int(rng.integers(3, 7))}, range(15)),
    ]


def _exponential_cases(rng):
    drawn = {"peak_lr": rng.uniform(0.1, 2), "gamma": rng.uniform(0.5, 0.95)}
    return [Case({"peak_lr": 1.0, "gamma": 0.5}, range(5)), Case(drawn, range(10))]


def _cosine_cases(rng):
    steps = int(rng.integers(12, 30))
    return [
        Case({"t": [0, 5, 10], "peak_lr": 1.0, "steps": 10}),
        Case({"t": [*range(steps + 1)], "peak_lr": rng.uniform(0.1, 2), "steps": steps}),
    ]


def _warmup_cases(rng):
    drawn = {"peak_lr": rng.uniform(0.1, 2), "warmup_steps": int(rng.integers(3, 9))}
    return [
        Case({"steps": 8, "peak_lr": 1.0, "warmup_steps": 4}),
        Case({"steps": int(rng.integers(10, 20)), **drawn}),
    ]


MISTAKES = {
    "step": Mistake(
        "no floor", lambda t, peak, gamma, size: peak * gamma ** (t / size), "Round t/S down."
    ),
    "cosine": Mistake(
        "a whole wave",
        lambda t, peak, steps: [peak * (1 + math.cos(math.tau * each / steps)) / 2 for each in t],
        "Half a wave fits into T.",
    ),
}
CASES = {
    step: _step_cases,
    exponential: _exponential_cases,
    cosine: _cosine_cases,
    warmup: _warmup_cases,
}


def _task(answer) -> FunctionTask:
    name = answer.__name__
    return FunctionTask(
        id=name,
        title=name,
        kind="implement",
        minutes=5,
        difficulty=1,
        points=POINTS[name],
        hints=(),
        mistakes=(MISTAKES[name],) if name in MISTAKES else (),
        reference=answer,
        cases=CASES[answer],
        also_right=(),
    )


TASKS = {answer.__name__: _task(answer) for answer in CASES}
EXAM = Assignment("99_exam", TASKS, CHECKS)


def numbers(seed: int) -> set[str]:
    """The long numbers of the cases of this seed, as a text would show them."""
    cases = [case for task in TASKS.values() for case in task.cases(np.random.default_rng(seed))]
    arguments = [value for case in cases for value in case.arguments.values()]
    return {repr(value) for value in arguments if isinstance(value, float) and len(repr(value)) > 8}
