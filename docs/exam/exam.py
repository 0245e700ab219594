"""A small exam, as an example: a function, a class, a training loop, and numbers.

    lrcourse check-assignment docs/exam/exam.py
    lrcourse grade class -o results --assignment docs/exam/exam.py

It holds the answers: do not hand it out. Students get exam.ipynb.
"""

import torch

from lrcourse.grading.assignment import Case, FunctionTask, Limits, Mistake, ValuesTask

TITLE = "Learning rates, a small exam"
LIMITS = Limits(cell=10, cpu=30, wall=60)  # seconds, for those who train a little in the notebook


# exam.1, a function -----------------------------------------------------------------------------


def linear_decay(t, peak_lr, steps):
    return peak_lr * max(0.0, 1 - t / steps)


def below_zero(t, peak_lr, steps):
    return peak_lr * (1 - t / steps)


def one_late(t, peak_lr, steps):
    return peak_lr * max(0.0, 1 - (t + 1) / steps)


def decay_cases(rng):
    """All updates of one run and a few more; the first case fails an answer that does nothing."""
    runs = [(0.5, 10)] + [(float(rng.uniform(0.01, 2)), int(rng.integers(8, 40))) for _ in range(3)]
    return [
        Case({"peak_lr": peak_lr, "steps": steps}, times=range(steps + 4))
        for peak_lr, steps in runs
    ]


# exam.2, a class with a state -------------------------------------------------------------------


class DropOnPlateau:
    """Halves the rate after more than `patience` losses in a row that are no new best."""

    def __init__(self, lr, patience):
        self.lr, self.patience = lr, patience
        self.best, self.bad = float("inf"), 0

    def step(self, loss):
        if loss < self.best:
            self.best, self.bad = loss, 0
        else:
            self.bad += 1
        if self.bad > self.patience:
            self.lr, self.bad = self.lr / 2, 0
        return self.lr


class DropsOneEarly(DropOnPlateau):
    def __init__(self, lr, patience):
        super().__init__(lr, patience - 1)


class NeverForgets(DropOnPlateau):
    def step(self, loss):
        self.best = min(self.best, loss)
        self.bad += loss > self.best
        if self.bad > self.patience:
            self.lr, self.bad = self.lr / 2, 0
        return self.lr


def plateau_cases(rng):
    """Losses that fall, and then no longer do."""
    return [
        Case(
            {
                "lr": float(rng.uniform(0.1, 1)),
                "patience": int(patience),
                "losses": [1.0, 0.8, 0.9, 0.7, *rng.uniform(0.6, 0.9, 20).round(3).tolist()],
            }
        )
        for patience in (1, 2, *rng.integers(1, 5, 2))
    ]


# exam.3, a training loop ------------------------------------------------------------------------


def train(optimizer, scheduler, loss_of, steps):
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses


def scheduler_first(optimizer, scheduler, loss_of, steps):
    losses = []
    for _ in range(steps):
        scheduler.step()
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def gradients_add_up(optimizer, scheduler, loss_of, steps):
    losses = []
    for _ in range(steps):
        loss = loss_of()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses


def after_the_step(optimizer, scheduler, loss_of, steps):
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss_of().backward()
        optimizer.step()
        scheduler.step()
        with torch.no_grad():
            losses.append(loss_of().item())
    return losses


def training_cases(rng):
    return [
        Case({"start": float(rng.uniform(1, 4)), "peak_lr": float(rate), "steps": int(steps)})
        for rate, steps in zip(rng.uniform(0.05, 0.3, 3), rng.integers(4, 12, 3), strict=True)
    ]


# exam.4, numbers --------------------------------------------------------------------------------


def lengths():
    """50,000 images in batches of 128, the last one smaller; 30 epochs, 5% of them warmup."""
    steps = 30 * -(-50_000 // 128)
    return {"steps": steps, "warmup_steps": steps // 20}


TASKS = (
    FunctionTask(
        id="exam.1",
        title="Linear decay",
        points=3,
        reference=linear_decay,
        cases=decay_cases,
        mistakes=(
            Mistake("falls below zero", below_zero, "After the last update the rate stays at 0."),
            Mistake(
                "one update late", one_late, "t counts the updates that are made: it starts at 0."
            ),
        ),
    ),
    FunctionTask(
        id="exam.2",
        title="Halve the rate on a plateau",
        points=3,
        reference=DropOnPlateau,
        driver="exam_driver.py:rates_of",
        cases=plateau_cases,
        mistakes=(
            Mistake(
                "one too early", DropsOneEarly, "It tolerates `patience` bad losses, then cuts."
            ),
            Mistake("never forgets", NeverForgets, "A new best loss sets the count back to 0."),
        ),
    ),
    FunctionTask(
        id="exam.3",
        title="A training loop",
        points=3,
        reference=train,
        driver="exam_driver.py:losses_of",
        cases=training_cases,
        mistakes=(
            Mistake(
                "scheduler first", scheduler_first, "The optimizer steps before the scheduler."
            ),
            Mistake("no zero_grad", gradients_add_up, "Gradients add up until zero_grad()."),
            Mistake(
                "after the step", after_the_step, "The loss belongs before the step it leads to."
            ),
        ),
    ),
    ValuesTask(
        id="exam.4",
        title="How many updates?",
        kind="compute",
        points=2,
        answers=lengths,
        mistakes=(
            Mistake(
                "drops the last batch",
                lambda: {"steps": 30 * (50_000 // 128)},
                "The last, smaller batch is an update as well.",
            ),
            Mistake("counts one epoch", lambda: {"steps": 391}, "There are 30 epochs."),
        ),
    ),
)
