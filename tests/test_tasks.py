"""Right answers pass; every known wrong answer fails and is named; nothing ends in a traceback."""

import math
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from lrcourse.check import check, hint
from lrcourse.schedules import MultiStepDecay, StepDecay
from lrcourse.tasks import TASKS, play
from lrcourse.tasks.step import loop

ROOT = Path(__file__).parents[1]
MISTAKES = [(task, mistake) for task in TASKS.values() for mistake in task.mistakes]
named = [f"{task.id} {mistake.name}" for task, mistake in MISTAKES]


def verdict_on(task, answer):
    return check(task.id, **answer) if isinstance(answer, dict) else check(task.id, answer)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_the_reference_is_right(task):
    assert verdict_on(task, task.reference).status == "right"


@pytest.mark.parametrize(("task", "mistake"), MISTAKES, ids=named)
def test_a_known_mistake_is_wrong_and_named(task, mistake):
    verdict = verdict_on(task, mistake.answer)
    assert verdict.status == "wrong"
    assert verdict.mistake is mistake
    assert mistake.lesson in repr(verdict)


@pytest.mark.parametrize(("task", "mistake"), MISTAKES, ids=named)
def test_a_known_mistake_fails_whatever_the_seed(task, mistake):
    for seed in range(50):
        cases = task.cases(np.random.default_rng(seed))
        right = np.array([float(p.value) for p in play(task.reference, cases)])
        wrong = np.array([float(p.value) for p in play(mistake.answer, cases)])
        assert right.shape != wrong.shape or not np.allclose(right, wrong, rtol=task.rtol, atol=0)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_the_first_case_already_refuses_doing_nothing(task):
    if isinstance(task.reference, dict):
        return
    first = task.cases(np.random.default_rng(0))[:1]
    values = [float(point.value) for point in play(task.reference, first)]
    arguments = list(first[0].arguments.values())
    for idle in (0.0, 1.0, *(a for a in arguments if isinstance(a, int | float))):
        assert not np.allclose(values, idle)


VARIANTS = {
    "01.1": [
        lambda t, peak, size, gamma: peak * gamma ** math.floor(t / size),
        lambda t, peak, size, gamma: StepDecay(peak, size, gamma)(t),
        lambda t, peak, size, gamma: np.array(peak) * np.power(gamma, np.floor_divide(t, size)),
        lambda t, peak, size, gamma: torch.tensor(peak) * torch.tensor(gamma) ** (t // size),
        lambda t, peak, size, gamma: math.prod([peak] + [gamma] * (t // size)),
    ],
    "01.2": [
        lambda t, peak, milestones, gamma: MultiStepDecay(peak, milestones, gamma)(t),
        lambda t, peak, milestones, gamma: (
            peak * gamma ** int(np.searchsorted(milestones, t, side="right"))
        ),
        lambda t, peak, milestones, gamma: math.prod(
            [peak] + [gamma for m in milestones if m <= t]
        ),
    ],
    "01.3": [
        lambda gamma, size, new_size: math.exp(new_size * math.log(gamma) / size),
        lambda gamma, size, new_size: (gamma**new_size) ** (1 / size),
    ],
    "01.4": [
        lambda epochs, batches, peak, size, gamma: [
            peak * gamma ** (epoch // size) for epoch in range(epochs) for _ in range(batches)
        ],
        lambda epochs, batches, peak, size, gamma: StepDecay(peak, size * batches, gamma)(
            np.arange(epochs * batches)
        ),
    ],
    "01.6": [
        lambda target, peak, size, gamma: next(
            t for t in range(100_000) if StepDecay(peak, size, gamma)(t) < target
        ),
        lambda target, peak, size, gamma: int(
            np.argmax(StepDecay(peak, size, gamma)(np.arange(2000)) < target)
        ),
    ],
}


@pytest.mark.parametrize(
    ("task_id", "answer"), [(i, answer) for i, answers in VARIANTS.items() for answer in answers]
)
def test_a_right_answer_written_differently_passes(task_id, answer):
    verdict = check(task_id, answer)
    assert verdict.status == "right", verdict


def test_every_task_to_implement_has_enough_mistakes():
    assert min(len(task.mistakes) for task in TASKS.values()) >= 4


def test_an_untouched_exercise_is_not_attempted():
    for task_id, answer in [
        ("01.1", lambda *values: ...),
        ("01.2", lambda *values: None),
        ("01.3", None),
        ("01.4", loop),
        ("01.6", ...),
    ]:
        assert check(task_id, answer).status == "not attempted"
    assert check("01.5", step_size=..., gamma=...).status == "not attempted"


def test_it_says_where_what_and_what_was_expected():
    verdict = check("01.1", lambda t, peak, size, gamma: peak * gamma ** (t / size))
    assert (verdict.place, verdict.expected) == ("t = 1", 1.0)
    assert verdict.got == pytest.approx(0.5**0.1)
    assert "at t = 1, with peak_lr = 1, step_size = 10, gamma = 0.5: got 0.933033" in repr(verdict)
    assert verdict.picture.png.startswith(b"\x89PNG")
    assert "<img alt=" in verdict._repr_mimebundle_()["text/html"]


def test_what_it_says_is_text_and_never_markup():
    late = next(m for m in TASKS["01.2"].mistakes if m.name == "> for >=")
    assert "&gt; for &gt;=" in check("01.2", late.answer)._repr_mimebundle_()["text/html"]


def test_an_unknown_mistake_gets_no_name():
    verdict = check("01.1", lambda t, peak, size, gamma: 0.123)
    assert verdict.status == "wrong"
    assert verdict.mistake is None


def raising(*values):
    raise ZeroDivisionError("no <b>luck</b>")


def leaving(*values):
    raise SystemExit


def half_written(t, peak_lr, step_size, gamma):
    if t < step_size:
        return peak_lr
    return None


class Stubborn:
    def __float__(self):
        raise ZeroDivisionError


def stopping(*values):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (raising, r"raising(0, 1.0, 10, 0.5) raised ZeroDivisionError"),
        (stopping, "was stopped before it gave an answer"),
        (lambda t: 1.0, "raised TypeError"),
        (lambda *values: "much", "at t = 0 must be a number, got 'much'"),
        (lambda *values: [1, 2, 3], "must be a number, got [1, 2, 3]"),
        (lambda *values: float("nan"), "got nan, expected 1"),
        (lambda *values: 1e400, "got inf, expected 1"),
        (0.1, "the answer is a function, got 0.1"),
        (leaving, "raised SystemExit"),
        (lambda *values: 10**400, "must be a number, got 1000"),
        (lambda *values: (1 / 0 for _ in [1]), "raised ZeroDivisionError"),
        (lambda *values: Stubborn(), "must be a number, got <"),
        (half_written, "half_written(10, 1.0, 10, 0.5) gave None: every path must return"),
    ],
)
def test_a_broken_answer_gets_a_sentence(answer, words):
    verdict = check("01.1", answer)
    assert verdict.status == "wrong"
    assert words in verdict.sentence
    assert "<b>luck" not in verdict._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize(
    ("task_id", "answer", "words"),
    [
        ("01.4", lambda *values: [1, 2], "should be 24 numbers, got 2"),
        ("01.4", lambda *values: 1.0, "should be 24 numbers, got only one"),
        ("01.4", lambda *values: torch.tensor(1.0), "should be 24 numbers, got only one"),
        ("01.4", lambda *values: [[1], [1, 2]], "at t = 0 must be a number, got [1]"),
        ("01.4", lambda *values: "much", "must be a number, got 'much'"),
        (
            "01.3",
            lambda gamma, size, new: [gamma ** (new / size)],
            "is one number, got a list of 1",
        ),
    ],
)
def test_an_answer_of_the_wrong_shape_gets_a_sentence(task_id, answer, words):
    assert words in check(task_id, answer).sentence


def test_a_generator_is_a_list_of_numbers():
    def answer(epochs, batches, peak_lr, step_size, gamma):
        for epoch in range(epochs):
            for _ in range(batches):
                yield peak_lr * gamma ** (epoch // step_size)

    assert check("01.4", answer).status == "right"


WORDS = {1: "easy", 2: "medium", 3: "hard"}


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_the_exercise_announces_the_task_as_it_is(task):
    text = (ROOT / "sources" / "exercises" / "01_step.py").read_text(encoding="utf-8")
    points = f"{task.kind.capitalize()}. {task.minutes} minutes, {WORDS[task.difficulty]}, "
    assert f"## {task.id} {task.title}\n#\n# *{points}{task.points} points.*" in text


def test_the_exercise_adds_its_points_up():
    text = (ROOT / "sources" / "exercises" / "01_step.py").read_text(encoding="utf-8")
    assert len(TASKS) == 6
    assert f"six tasks, {sum(task.points for task in TASKS.values())} points" in text


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: check("1.1", math.sin), "there is none called '1.1'"),
        (lambda: hint("01.1", 9), "hints 1 to 3, got 9"),
    ],
)
def test_refuses_what_does_not_exist(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_refuses_an_answer_of_the_other_kind():
    with pytest.raises(TypeError, match="asks for a function"):
        check("01.1", gamma=0.1)
    with pytest.raises(TypeError, match=r"step_size=\.\.\., gamma=\.\.\."):
        check("01.5", math.sin)


def test_hints_come_in_steps():
    for task in TASKS.values():
        texts = [hint(task.id, step) for step in range(1, len(task.hints) + 1)]
        assert len(set(texts)) == len(texts) >= 2


def test_an_endless_answer_can_be_interrupted():
    """As the stop button of the notebook does: a signal raises KeyboardInterrupt."""
    import _thread
    import threading

    def endless(*values):
        deadline = time.monotonic() + 20  # a test that fails must still end
        while time.monotonic() < deadline:
            time.sleep(0.001)

    threading.Timer(0.3, _thread.interrupt_main).start()
    assert "was stopped" in check("01.1", endless).sentence
