"""Right answers pass; every known wrong answer fails and is named; nothing ends in a traceback."""

import _thread
import inspect
import itertools
import json
import math
import re
import subprocess
import sys
import threading
import time
import unicodedata
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch

from lrcourse import progress
from lrcourse.check import Message, Verdict, check, given, hint, judged, learner, solution
from lrcourse.check.calling import outside_names
from lrcourse.finder.result import Pick
from lrcourse.handouts import pytorch as of_pytorch
from lrcourse.tasks import PUBLIC_SEED, TASKS, FunctionTask, Mistake, ValuesTask, play
from lrcourse.tasks.base import seed_of
from lrcourse.tasks.step import loop
from tools.check_tasks import answers_in, report, section_of

ROOT = Path(__file__).parents[1]
FUNCTIONS = [task for task in TASKS.values() if isinstance(task, FunctionTask)]
WORDS = {1: "easy", 2: "medium", 3: "hard"}
ids = [task.id for task in FUNCTIONS]


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    """Nobody's real progress is touched; each test begins with nothing done."""
    monkeypatch.setenv("LRCOURSE_PROGRESS", str(tmp_path / "progress.jsonl"))
    monkeypatch.setattr(progress, "_tried", set())
    monkeypatch.setattr(progress, "_told", set())
    yield tmp_path / "progress.jsonl"
    learner("")


# Every task of the course ----------------------------------------------------------------------

all_answers = cache(answers_in)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_the_check_is_right(task):
    """The solution on 200 seeds, the untouched exercise, every wrong answer on 50 seeds."""
    section = section_of(task)
    solved, untouched = all_answers("solutions", section), all_answers("exercises", section)
    found = report(task, solved[task.id], untouched[task.id])
    assert not found.faults
    assert found.named >= 0.9 * found.mistakes
    assert found.misnamed == 0


@pytest.mark.parametrize("task", FUNCTIONS, ids=ids)
def test_the_first_case_already_refuses_doing_nothing(task):
    first = task.cases(np.random.default_rng(PUBLIC_SEED))[:1]
    values = [float(point.value) for point in play(task.reference, first, task.harness)]
    arguments = list(first[0].arguments.values())
    for idle in (0.0, 1.0, *(a for a in arguments if isinstance(a, int | float))):
        assert not np.allclose(values, idle)


@pytest.mark.parametrize("task", FUNCTIONS, ids=ids)
def test_what_goes_into_an_answer_is_plain_data(task):
    for seed in range(5):
        for case in task.cases(np.random.default_rng(seed)):
            assert json.loads(json.dumps(case.arguments)) == case.arguments
            assert case.times is None or all(type(t) is int for t in case.times)


# What a grader can ask of an answer in another process ------------------------------------------

DRIVEN = [task for task in FUNCTIONS if task.driver]
UNDRIVEN = [task for task in FUNCTIONS if not task.driver]
SHARED = "loops"  # handed out in several sections
HANDOUTS = [
    path
    for path in sorted((ROOT / "lrcourse" / "handouts").glob("[a-z]*.py"))
    if path.stem != SHARED
]


def is_plain(value):
    """Numbers, words, and lists of them: what another process can send."""
    if isinstance(value, list | tuple):
        return all(map(is_plain, value))
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "fiub"
    return value is None or type(value) in (bool, int, float, str)


@pytest.mark.parametrize("task", UNDRIVEN, ids=[task.id for task in UNDRIVEN])
def test_without_a_driver_only_plain_data_goes_in_and_out(task):
    def noted(*values):
        result = task.reference(*values)
        assert is_plain(values)
        assert is_plain(result)
        return result

    for seed in range(3):
        play(noted, task.cases(np.random.default_rng(seed)), task.harness)


@pytest.mark.parametrize("task", DRIVEN, ids=[task.id for task in DRIVEN])
def test_a_driver_is_the_harness_and_lies_in_the_handouts(task):
    module, _, name = task.driver.partition(":")
    assert module.startswith("lrcourse.handouts.")
    assert getattr(import_module(module), name) is task.harness


@pytest.mark.parametrize("task", DRIVEN, ids=[task.id for task in DRIVEN])
def test_a_driver_makes_plain_data_of_objects(task):
    handed_over = []

    def noted(*values):
        handed_over.extend(values)
        return task.reference(*values)

    for seed in range(3):
        for case in task.cases(np.random.default_rng(seed)):
            assert is_plain(task.harness(noted, *case.arguments.values()))
    watches_torch = task.driver.startswith("lrcourse.handouts.loops:")
    assert watches_torch or not is_plain(handed_over)  # or it needs no driver


@pytest.mark.parametrize("nothing", [None, ...])
@pytest.mark.parametrize("task", DRIVEN, ids=[task.id for task in DRIVEN])
def test_a_driver_tells_that_nobody_has_tried(task, nothing):
    first = task.cases(np.random.default_rng(PUBLIC_SEED))[0]
    try:
        gave = task.harness(lambda *values: nothing, *first.arguments.values())
    except NotImplementedError:
        gave = nothing
    assert gave is nothing


def test_a_log_may_be_a_generator():
    def logging(optimizer, scheduler, updates):
        for _update in range(updates):
            yield optimizer.param_groups[0]["lr"]
            optimizer.step()
            scheduler.step()

    for compared in (of_pytorch.LOG, of_pytorch.USED):
        rates = of_pytorch.logged(logging, "StepLR", 0.5, 5, compared)
        assert rates == [0.5, 0.5, 0.5, 0.25, 0.25]


@pytest.mark.parametrize("path", HANDOUTS, ids=lambda path: path.stem)
def test_nothing_that_is_handed_out_is_a_right_answer(path):
    module = import_module(f"lrcourse.handouts.{path.stem}")
    tasks = [task for task in FUNCTIONS if section_of(task).endswith(f"_{path.stem}")]
    assert tasks
    for name, thing in inspect.getmembers(module, inspect.isfunction):
        if thing.__module__ == module.__name__:
            for task in tasks:
                assert judged(task, thing).status != "right", f"{name} answers {task.id}"


# What is written about a task ------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_enough_is_known_of_each_task(task):
    if task.kind in ("implement", "repair", "compute"):
        assert len(task.mistakes) >= 4
        assert isinstance(task, FunctionTask)
        assert len(task.also_right) >= 2
    assert len(task.hints) >= (1 if task.kind == "quiz" else 2)
    assert len({mistake.name for mistake in task.mistakes}) == len(task.mistakes)
    for sentence in (*task.hints, *(mistake.lesson for mistake in task.mistakes)):
        assert sentence.rstrip(")").endswith((".", "?", "!"))


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_the_exercise_announces_the_task_as_it_is(task):
    text = (ROOT / "sources" / "exercises" / f"{section_of(task)}.py").read_text(encoding="utf-8")
    told = f"{task.kind.capitalize()}. {task.minutes} minutes, {WORDS[task.difficulty]}, "
    points = f"{task.points} point{'' if task.points == 1 else 's'}"
    assert f"## {task.id} {task.title}\n#\n# *{told}{points}.*" in text


@pytest.mark.parametrize("section", sorted({section_of(task) for task in TASKS.values()}))
def test_the_exercise_adds_its_points_up(section):
    text = (ROOT / "sources" / "exercises" / f"{section}.py").read_text(encoding="utf-8")
    tasks = [task for task in TASKS.values() if section_of(task) == section]
    numbers = ("", "one", "two", "three", "four", "five", "six", "seven", "eight")
    assert 4 <= len(tasks) <= 8
    assert sum(task.minutes for task in tasks) <= 60
    assert (
        f"**{sum(task.minutes for task in tasks)} minutes, {numbers[len(tasks)]} tasks, "
        f"{sum(task.points for task in tasks)} points.**" in text
    )


def test_a_task_stands_in_the_section_of_its_number():
    for task_id, task in TASKS.items():
        assert task.id == task_id
        assert section_of(task).startswith(task_id[:2])
    assert list(TASKS) == sorted(TASKS)


# Personal numbers ------------------------------------------------------------------------------

DRAWN = [task for task in TASKS.values() if isinstance(task, ValuesTask) and task.given()]


def test_the_page_for_instructors_counts_them():
    number = {13: "thirteen", 14: "fourteen", 15: "fifteen"}[len(DRAWN)]
    assert f"{number} questions draw theirs from a name" in (ROOT / "docs/grading.md").read_text()


@pytest.mark.parametrize("task", DRAWN, ids=[task.id for task in DRAWN])
def test_neighbours_have_other_numbers_and_the_same_learner_the_same(task):
    everybody = {str(task.given(f"learner {number}")) for number in range(20)}
    assert len(everybody) > 3
    assert task.given("kim") == task.given("kim")
    assert task.given("") == task.draw(np.random.default_rng(PUBLIC_SEED))


@pytest.mark.parametrize(
    ("name", "other"),
    [("kim minji", " Kim  Minji\n"), ("김민지", unicodedata.normalize("NFD", "김민지")), ("", " ")],
)
def test_a_name_is_the_same_however_it_is_typed(name, other):
    assert name != other
    assert seed_of("01.5", name) == seed_of("01.5", other)
    assert seed_of("01.5", name) != seed_of("01.5", "lee")


def test_a_hub_can_say_who_the_learner_is(monkeypatch):
    monkeypatch.setenv("LRCOURSE_LEARNER", " kim ")
    asked = "from lrcourse.check import given; print(given('01.5'))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True)
    assert told.stdout == f"{TASKS['01.5'].given('kim')}\n"
    assert TASKS["01.5"].given("kim") != TASKS["01.5"].given()


def test_a_learner_is_asked_for_their_own_numbers():
    common = given("01.5")
    names = (f"learner {number}" for number in range(100))
    own = next(name for name in names if TASKS["01.5"].given(name) != common)
    assert check("01.5", **common).status == "right"
    assert own in repr(learner(own))
    assert given("01.5") == TASKS["01.5"].given(own)
    assert check("01.5", **common).status == "wrong"
    assert check("01.5", **given("01.5")).status == "right"
    learner("")
    assert given("01.5") == common


# What a check says -----------------------------------------------------------------------------


def test_an_untouched_exercise_is_not_attempted():
    for task_id, answer in [
        ("01.1", lambda t, peak_lr, step_size, gamma: ...),
        ("01.3", None),
        ("01.4", loop),
        ("01.6", ...),
    ]:
        assert check(task_id, answer).status == "not attempted"
    assert check("01.5", step_size=..., gamma=...).status == "not attempted"
    half = check("01.5", step_size=30, gamma=...)
    assert (half.status, half.sentence) == ("not attempted", "still open: gamma.")


def test_it_says_where_what_and_what_was_expected():
    verdict = check("01.1", lambda t, peak, size, gamma: peak * gamma ** (t / size))
    assert (verdict.place, verdict.expected) == ("t = 1", 1.0)
    assert verdict.got == pytest.approx(0.5**0.1)
    assert "at t = 1, with peak_lr = 1, step_size = 10, gamma = 0.5: got 0.933033" in repr(verdict)
    assert verdict.picture.png.startswith(b"\x89PNG")
    assert "<img alt=" in verdict._repr_mimebundle_()["text/html"]


def test_the_readme_shows_what_a_check_says():
    said = repr(check("01.1", lambda t, peak, size, gamma: peak * gamma ** (t / size)))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert " ".join(said.split()) in " ".join(readme.split())


def test_what_it_says_is_text_and_never_markup():
    late = next(m for m in TASKS["01.2"].mistakes if m.name == "> for >=")
    assert "&gt; for &gt;=" in check("01.2", late.answer)._repr_mimebundle_()["text/html"]


def rounding(digits):
    return lambda *values: round(TASKS["02.1"].reference(*values), digits)


def test_right_numbers_that_were_rounded_are_told():
    told = "They are the right numbers, rounded to 3 decimals: do not round."
    assert told in repr(check("02.1", rounding(3)))
    assert check("02.1", rounding(12)).status == "right"
    for answer in (rounding(0), lambda *values: 0.0, TASKS["02.1"].mistakes[0].answer):
        assert "rounded to" not in repr(check("02.1", answer))


def test_three_wrong_values_are_told_as_a_list():
    said = check("00.2", **dict.fromkeys("abcde", "diverges")).sentence
    assert re.search(r"^(\w = '\w+', )+\w = '\w+' and \w = '\w+' are not right\.$", said), said


def test_an_argument_that_is_never_read_is_told():
    def deaf(t, peak_lr, step_size, gamma):
        drops = [1 for k in range(t) if k % step_size == step_size - 1]
        return peak_lr * 0.4 ** len(drops)

    assert "It never reads gamma." in repr(check("01.1", deaf))
    assert "never reads" not in repr(check("01.1", lambda *values: values[0]))
    assert "never reads" not in repr(check("01.1", torch.no_grad()(lambda *values: values[0])))
    hidden = torch.no_grad()(lambda t, peak_lr, step_size, gamma: t + peak_lr + step_size + gamma)
    assert "never reads" not in repr(check("01.1", hidden))
    for task in FUNCTIONS:
        assert "never reads" not in repr(check(task.id, task.reference))


def test_a_curve_over_checks_has_its_picture_and_the_whole_case():
    late = TASKS["05.2"].mistakes[0]
    verdict = check("05.2", late.answer)
    axes = verdict.axes()
    assert axes.get_xlabel() == "check"
    (line,) = [each for each in axes.lines if each.get_linestyle() == ":"]
    assert verdict.place == f"check {line.get_xdata()[0] + 1:.0f}"
    assert axes.xaxis.get_major_formatter()(0, 0) == "1"
    metrics = TASKS["05.2"].cases(np.random.default_rng(0))[0].arguments["metrics"]
    assert f"metrics = {metrics}" in verdict.sentence


def test_a_curve_far_from_zero_is_looked_at_closely():
    near, far = (np.linspace(low, low + 0.1, 20) for low in (0.0, 0.85))
    for curve, zero in ((near, True), (far, False)):
        curves = {"expected": curve, "yours": curve[::-1]}
        verdict = Verdict(TASKS["07.2"], "wrong", "", place="t = 3", curves=curves)
        assert (verdict.axes().get_ylim()[0] <= 0) == zero


def test_a_loop_that_never_updates_used_no_rate():
    def train(epochs, batches, peak_lr):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
        steps, rates = epochs * batches, []
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: max(0, 1 - t / steps))
        for _ in range(steps):
            rates.append(optimizer.param_groups[0]["lr"])
            if is_updating:
                optimizer.step()
            scheduler.step()
        return rates

    is_updating = False
    said = check("08.3", train).sentence
    assert said == "nothing calls optimizer.step(), so none of the rates was used."
    is_updating = True
    assert check("08.3", train).status == "right"


def test_words_may_be_written_in_other_ways():
    right = TASKS["12.4"].answers()
    assert check("12.4", **{k: v.upper().replace(" ", "_") for k, v in right.items()}).status == (
        "right"
    )


def test_a_wrong_word_is_no_guess():
    said = repr(check("10.5", **dict.fromkeys("ABCD", "linear")))
    assert "It looks like" not in said
    assert "\nlinear for AdamW: AdamW divides" in said


def test_a_pick_is_its_middle():
    pick = Pick(0.01, 0.02, 0.05)
    names = {"peak": 0.05, "reason": "accuracy"}
    told = check("09.6", suggestion=pick, **names)
    assert told.sentence == check("09.6", suggestion=0.02, **names).sentence


def test_a_letter_in_brackets_is_a_letter():
    assert check("01.7", "(C)").status == check("01.7", " c) ").status == "right"


def test_only_what_is_read_from_another_cell_is_told():
    cells = {"T": 3, "np": np}
    exec(
        "def f(x):\n    return x.T\n"
        "def g(x):\n    return sum(T for _ in x)\n"
        "def h(x, T=1):\n    return np.sum(T)\n",
        cells,
    )
    assert [outside_names(cells[name]) for name in "fgh"] == [[], ["T"], []]


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


class Hostile:
    def __iter__(self):
        raise ValueError("no")


def again(values):
    return again(values)


def misspelt(t, peak_lr, step_size, gamma):
    return gama  # noqa: F821


def stopping(*values):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (raising, r"raising(0, 1.0, 10, 0.5) raised ZeroDivisionError"),
        (stopping, "was stopped before it gave an answer"),
        (
            lambda t: 1.0,
            "takes (t), but the task calls it as <lambda>(t, peak_lr, step_size, gamma)",
        ),
        (lambda t, gamma, peak_lr, step_size: 1.0, "in another order: (t, gamma, peak_lr, step"),
        (lambda *values: print("0.5"), "prints its answer and gives back None. Write return"),
        (lambda t, peak, size, gamma: peak * gamma ^ 2, "A power is written **."),
        (lambda *values: list(values) / 2, "np.array(values) makes an array"),
        (lambda *values: list(values) * 0.5, "A list cannot be multiplied"),
        (misspelt, "gama is not known there: run the cells above"),
        (lambda *values: tau(values[0]), "tau is not known there"),  # noqa: F821
        (
            lambda *values: exp(values[0]),  # noqa: F821
            "name 'exp' is not defined. Write math.exp, after import math.",
        ),
        (lambda *values: values[1] * ..., "still gives the dots: write that one first."),
        (lambda *values: values[1] + max, "Is a word missing its quotation marks"),
        (
            lambda *values: torch.optim.SGD([torch.zeros(1)], lr=-values[1]),
            "Invalid learning rate: -1.0. Are brackets missing?",
        ),
        (lambda t, *, gamma: 1.0, "takes (t, *, gamma), but the task calls it as <lambda>(t, peak"),
        (lambda *values: again(values), "calls itself too often: Python stops after"),
        (lambda *values: itertools.repeat(1.0), "gives more than 100,000 numbers"),
        (lambda *values: {"rate": 1}, "must be a number, got {'rate': 1} (dict)"),
        (lambda *values: 1j, "must be a number, got 1j (complex)"),
        (lambda *values: "much", "at t = 0 must be a number, got 'much'"),
        (lambda *values: [1, 2, 3], "must be a number, got [1, 2, 3]"),
        (lambda *values: float("nan"), "peak_lr = 1.0, step_size = 10, gamma = 0.5, is nan, which"),
        (lambda *values: 1e400, "got inf, expected 1"),
        (0.1, "the answer is a function: give its name without brackets, got 0.1"),
        (leaving, "raised SystemExit"),
        (lambda *values: 10**400, "must be a number, got 1000"),
        (lambda *values: (1 / 0 for _ in [1]), "raised ZeroDivisionError"),
        (lambda *values: Stubborn(), "must be a number, got <"),
        (lambda *values: None, "gave None: end the function with return."),
        (half_written, "half_written(10, 1.0, 10, 0.5) gave None: every path must return"),
        (lambda t, *_: 1.0 if t < 10 else ..., "0.5) gave ...: every path must return"),
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
        ("01.4", lambda *values: [1, 2], "should be 21 numbers, got 2"),
        ("01.4", lambda *values: [1] * 3, "got 3. Does your return stand inside a loop?"),
        ("01.4", lambda *values: [..., 1], "the answer at t = 0 is still the dots: ..."),
        ("01.4", lambda *values: 1.0, "should be 21 numbers, got only one"),
        ("01.4", lambda *values: torch.tensor(1.0), "should be 21 numbers, got only one"),
        ("01.4", lambda *values: [[1], [1, 2]], "at t = 0 must be a number, got [1]"),
        ("01.4", lambda *values: "much", "must be a number, got 'much'"),
        ("01.4", lambda *values: Hostile(), "the answer cannot be read: it raised ValueError: no"),
        ("07.2", lambda *values: 1.0, "give back two numbers: return rate, momentum."),
        ("08.4", lambda *values: 3, "the function must return a scheduler, got int."),
        ("08.8", TASKS, "the answer is a class: give its name without brackets, got {"),
        ("08.6", lambda *values: 3, "the function must return two things: optimizer, scheduler."),
        (
            "01.3",
            lambda gamma, size, new: [gamma ** (new / size)],
            "is one number, got a list of 1",
        ),
    ],
)
def test_an_answer_of_the_wrong_shape_gets_a_sentence(task_id, answer, words):
    assert words in check(task_id, answer).sentence


def test_a_wrong_number_before_an_error_says_more_than_the_error():
    late = next(m for m in TASKS["01.2"].mistakes if m.name == "> for >=")

    def failing(t, peak_lr, milestones, gamma):
        return late.answer(t, peak_lr, milestones, gamma) / (len(milestones) != 4)

    for seed in range(20):  # some of the later cases have four milestones
        verdict = judged(TASKS["01.2"], failing, seed)
        assert verdict.mistake is late
        if verdict.note:
            break
    assert "Later on, failing(" in repr(verdict)
    assert "ZeroDivisionError" in repr(verdict)


def test_a_mistake_that_fails_is_known_by_how_it_fails():
    raises = Mistake("divides by zero", lambda *values: 1 / 0, "Do not.")
    task = replace(TASKS["01.3"], mistakes=(raises,))
    assert judged(task, lambda *values: 2 % 0).mistake is raises
    assert judged(task, lambda *values: int("x")).mistake is None
    assert judged(task, lambda *values: 7.0).mistake is None


def test_a_generator_is_a_list_of_numbers():
    def answer(epochs, batches, peak_lr, step_size, gamma):
        for epoch in range(epochs):
            for _ in range(batches):
                yield peak_lr * gamma ** (epoch // step_size)

    assert check("01.4", answer).status == "right"


def test_an_answer_may_not_change_what_it_is_given():
    def emptying(t, peak_lr, milestones, gamma):
        rate = peak_lr
        while milestones and milestones[0] <= t:
            milestones.pop(0)
            rate *= gamma
        return rate

    verdict = check("01.2", emptying)
    assert "changes what it was given: [5, 8, 20] is [8, 20] afterwards" in verdict.sentence


def test_values_of_other_cells_are_noticed():
    names = {"half": 0.5, "np": np}
    exec("def f(gamma, step_size, new): return gamma ** (half * 2 * new / step_size)", names)
    verdict = check("01.3", names["f"])
    assert verdict.status == "right"
    assert "It uses half from another cell." in repr(verdict)
    assert check("01.3", TASKS["01.3"].reference).note == ""


def test_what_a_learner_prints_is_seen_but_not_without_end(capsys):
    def talking(gamma, step_size, new_step_size):
        print("x" * 1500)
        return gamma ** (new_step_size / step_size)

    assert check("01.3", talking).status == "right"
    assert capsys.readouterr().out.startswith("xxx")
    check("01.3", lambda *values: print("y" * 5000) or 1.0)
    assert "(more was printed)" in capsys.readouterr().out


def test_every_wrong_value_is_explained_where_it_can_be():
    verdict = check("01.5", step_size=60, gamma=0.6)
    assert [verdict.mistake.name, *(each.name for each in verdict.others)] == [
        "gamma read as what is lost",
        "step_size read as the second drop",
    ]
    assert "And this one: step_size read as the second drop." in repr(verdict)


def test_a_quiz_has_feedback_for_each_wrong_choice():
    right = TASKS["12.6"].answers()
    verdict = check("12.6", **{**right, "i1": "a", "i2": "b"})
    assert verdict.sentence == "i1, i2 are not right."
    assert [line[:3] for line in verdict.lines[1:3]] == ["i1:", "i2:"]
    assert check("12.6", **right).status == "right"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"step_size": "thirty", "gamma": 0.4}, "step_size must be a number, got 'thirty'."),
        ({"step_size": [30], "gamma": 0.4}, "step_size must be a number, got [30]."),
        ({"step_size": 30, "gamma": float("nan")}, "gamma must be a number, got nan."),
        ({"step_size": 31, "gamma": 0.7}, "gamma = 0.7 is not right."),
        ({"step_size": 40, "gamma": 0.7}, "step_size = 40 and gamma = 0.7 are not right."),
    ],
)
def test_values_get_a_sentence_that_does_not_tell_the_answer(values, words):
    verdict = check("01.5", **values)
    assert verdict.status == "wrong"
    assert words in repr(verdict)
    assert "expected" not in repr(verdict)


# Hints, solutions, and a check that is used wrongly ---------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: check("1.1", math.sin), "There is no task '1.1'. There are 0"),
        (lambda: check("01.9", math.sin), "There is no task '01.9'. There are 01.1, 01.2, 01.3"),
        (lambda: check(1.1, math.sin), "There is no task 1.1"),
        (lambda: check("01.5", 30, 0.4), 'write check("01.5", step_size=..., gamma=...)'),
        (lambda: check("01.1", math.sin, math.cos), 'write check("01.1", step_decay)'),
        (lambda: hint("01.1", 9), "hints 1 to 3; there is none called 9"),
        (lambda: hint("1"), "There is no task '1'"),
        (lambda: solution("1"), "There is no task '1'"),
        (lambda: check("01.1", gamma=0.1), 'asks for a function: write check("01.1", step_decay)'),
        (lambda: check("01.5", math.sin), 'write check("01.5", step_size=..., gamma=...)'),
        (lambda: check("01.5", gamma=0.4), 'write check("01.5", step_size=..., gamma=...)'),
    ],
)
def test_a_wrong_use_gets_a_sentence_and_no_traceback(make, words):
    said = make()
    assert isinstance(said, Message)
    assert words in repr(said)
    assert "<div" in said._repr_mimebundle_()["text/html"]


def test_hints_come_in_steps(monkeypatch):
    monkeypatch.setattr("lrcourse.check._hints_given", {})
    for task in TASKS.values():
        texts = [hint(task.id, step).lines[0] for step in range(1, len(task.hints) + 1)]
        assert len(set(texts)) == len(texts)
    monkeypatch.setattr("lrcourse.check._hints_given", {})
    said = [repr(hint("01.1")) for _ in range(4)]
    assert [text[:13] for text in said] == [
        "Hint 1 of 3: ",
        "Hint 2 of 3: ",
        *["Hint 3 of 3: "] * 2,
    ]
    assert 'the next: hint("01.1")' in said[0]
    assert 'solution("01.1")' in said[-1]


def test_a_solution_is_shown_after_an_attempt():
    assert "Try task 01.1 first" in repr(solution("01.1"))
    check("01.1", lambda t, peak_lr, step_size, gamma: ...)
    assert "Try task 01.1 first" in repr(solution("01.1"))
    check("01.1", lambda t, peak_lr, step_size, gamma: 1.0)
    assert "return peak_lr * gamma ** (t // step_size)" in repr(solution("01.1"))
    check("01.5", step_size=1, gamma=1)
    assert "step_size = 30, gamma = 0.4" in repr(solution("01.5"))


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_every_solution_can_be_shown(task, monkeypatch):
    monkeypatch.setattr(progress, "_tried", {task.id})
    assert f"A right answer to {task.id}" in repr(solution(task.id))


def test_an_endless_answer_can_be_interrupted():
    """As the stop button of the notebook does: a signal raises KeyboardInterrupt."""

    def endless(t, peak_lr, step_size, gamma):
        deadline = time.monotonic() + 20  # a test that fails must still end
        while time.monotonic() < deadline:
            time.sleep(0.001)

    threading.Timer(0.3, _thread.interrupt_main).start()
    assert "was stopped" in check("01.1", endless).sentence


# Progress --------------------------------------------------------------------------------------


def test_progress_is_kept_line_by_line(own_progress):
    wrong, right = (lambda t, peak_lr, step_size, gamma: 1.0), TASKS["01.1"].reference
    for answer in (wrong, wrong, right, wrong):
        check("01.1", answer)
    check("01.2", None)
    assert progress.done() == {"01.1": progress.Done(attempts=4, is_right=True)}
    with own_progress.open("a") as file:
        file.write("damaged\n[1]\n")
    check("01.3", TASKS["01.3"].reference)
    assert progress.done().keys() == {"01.1", "01.3"}
    assert "damaged" in own_progress.read_text()


def test_a_place_that_cannot_be_written_is_told_once(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LRCOURSE_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    first, second = (check("01.3", TASKS["01.3"].reference) for _ in range(2))
    assert "✓ 01.3 right" in repr(first)
    assert first.status == "right"
    assert "could not be kept" in repr(first)
    assert "could not be kept" not in repr(second)


def test_progress_can_be_off(monkeypatch, own_progress):
    monkeypatch.setenv("LRCOURSE_PROGRESS", "off")
    check("01.3", TASKS["01.3"].reference)
    assert progress.done() == {}
    assert not own_progress.exists()
