"""An assignment of four functions, as an instructor writes it, and ten submissions to it.

The benchmark beside this file hands it to every grader in that grader's own form.
"""

from typing import Any

import numpy as np
import torch

from lrcourse.grading.assignment import Case, FunctionTask

Numbers = dict[str, Any]
CASES = 4  # of each function; a grader with hidden cases draws four more


def step_decay(t: int, peak_lr: float, step_size: int, gamma: float) -> float:
    """η_peak γ^⌊t/S⌋"""
    return peak_lr * gamma ** (t // step_size)


def exponential_decay(t: int, peak_lr: float, gamma: float) -> float:
    """η_peak γ^t"""
    return peak_lr * gamma**t


def cosine_decay(t: np.ndarray, peak_lr: float, steps: int) -> np.ndarray:
    """η_peak (1 + cos πt/T)/2"""
    return 0.5 * peak_lr * (1 + np.cos(np.pi * t / steps))


def warmup(t: torch.Tensor, peak_lr: float, warmup_steps: int) -> torch.Tensor:
    """η_peak min((t + 1)/W, 1)"""
    return peak_lr * torch.clamp((t + 1) / warmup_steps, max=1.0)


def step_numbers(rng: np.random.Generator) -> Numbers:
    """In the middle of a stair, where the floor counts."""
    t, peak_lr = 10 * int(rng.integers(1, 9)) + 5, float(rng.uniform(0.01, 1))
    return {"t": t, "peak_lr": peak_lr, "step_size": 10, "gamma": 0.5}


def exponential_numbers(rng: np.random.Generator) -> Numbers:
    """Few enough updates that the rate does not vanish."""
    t, peak_lr = int(rng.integers(3, 50)), float(rng.uniform(0.1, 1))
    return {"t": t, "peak_lr": peak_lr, "gamma": float(rng.uniform(0.8, 0.99))}


def cosine_numbers(rng: np.random.Generator) -> Numbers:
    """A whole curve in one call."""
    t, peak_lr = np.arange(float(rng.integers(50, 200))), float(rng.uniform(0.1, 2))
    return {"t": t, "peak_lr": peak_lr, "steps": int(rng.integers(200, 300))}


def warmup_numbers(rng: np.random.Generator) -> Numbers:
    """Longer than the warmup."""
    t, peak_lr = torch.arange(float(rng.integers(8, 40))), float(rng.uniform(0.1, 1))
    return {"t": t, "peak_lr": peak_lr, "warmup_steps": int(rng.integers(4, 8))}


DRAWN = {  # the functions, and what they are called with
    step_decay: step_numbers,
    exponential_decay: exponential_numbers,
    cosine_decay: cosine_numbers,
    warmup: warmup_numbers,
}
TASKS = tuple(
    FunctionTask(
        id=f"exam.{number}",
        title=reference.__name__.replace("_", " "),
        kind="implement",
        minutes=5,
        difficulty=1,
        points=1,
        reference=reference,
        cases=lambda rng, numbers=numbers: [Case(numbers(rng)) for _ in range(CASES)],
        also_right=(),
        mistakes=(),
        hints=(),
    )
    for number, (reference, numbers) in enumerate(DRAWN.items(), start=1)
)

# Submissions ------------------------------------------------------------------------------------

RIGHT = {
    "step_decay": """\
def step_decay(t, peak_lr, step_size, gamma):
    return peak_lr * gamma ** (t // step_size)
""",
    "exponential_decay": """\
def exponential_decay(t, peak_lr, gamma):
    return peak_lr * gamma**t
""",
    "cosine_decay": """\
def cosine_decay(t, peak_lr, steps):
    return 0.5 * peak_lr * (1 + np.cos(np.pi * t / steps))
""",
    "warmup": """\
def warmup(t, peak_lr, warmup_steps):
    return peak_lr * torch.clamp((t + 1) / warmup_steps, max=1.0)
""",
}
LOOP = """\
def step_decay(t, peak_lr, step_size, gamma):
    lr = peak_lr
    for _ in range(t // step_size):
        lr *= gamma
    return lr
"""
MINIMUM = """\
def warmup(t, peak_lr, warmup_steps):
    return torch.minimum(peak_lr * (t + 1) / warmup_steps, torch.tensor(peak_lr))
"""
NO_FLOOR = {"step_decay": RIGHT["step_decay"].replace("//", "/")}
NO_HALF = {"cosine_decay": RIGHT["cosine_decay"].replace("0.5 * ", "")}
FROM_ZERO = {"warmup": RIGHT["warmup"].replace("(t + 1)", "t")}
PRODUCT = {"exponential_decay": RIGHT["exponential_decay"].replace("**", " * ")}
RAISES = {"cosine_decay": RIGHT["cosine_decay"].replace("np.pi", "numpy.pi")}
UNTOUCHED = {
    name: f"{text.splitlines()[0]}\n    raise NotImplementedError\n" for name, text in RIGHT.items()
}

SUBMISSIONS: list[tuple[dict[str, str], int]] = [  # the functions, and the score
    (RIGHT, 4),
    (RIGHT | NO_FLOOR | FROM_ZERO, 2),
    (RIGHT | {"step_decay": LOOP}, 4),
    (RIGHT | RAISES, 3),
    (UNTOUCHED, 0),
    (RIGHT | {"warmup": MINIMUM}, 4),
    (RIGHT | NO_HALF, 3),
    (RIGHT | PRODUCT, 3),
    (NO_FLOOR | PRODUCT | NO_HALF | FROM_ZERO, 0),
    (RIGHT | {"step_decay": LOOP, "warmup": MINIMUM}, 4),
]
