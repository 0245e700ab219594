"""The explorer without a browser: what it computes, says, refuses and stores."""

import json
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from lrcourse.explore import explore
from lrcourse.explore.controls import controls_of, moved, stops
from lrcourse.explore.curves import Curve, agreement, alternative, course, curves
from lrcourse.schedules import LR, SCHEDULES, Constant, MultiStepDecay, Schedule, StepDecay, Steps

ALL = list(SCHEDULES.values())  # taken now: the classes below are a learner's, not ours


@dataclass(frozen=True)
class Ramp(Schedule, register=False):
    """As a learner writes it in a cell."""

    peak_lr: LR
    steps: Steps = 80

    def lr(self, t):
        return self.peak_lr * np.maximum(1 - t / self.steps, 0)


@dataclass(frozen=True)
class Fragile(Schedule, register=False):
    peak_lr: LR

    def lr(self, t):
        return self.peak_lr / (1 if self.peak_lr < 1 else 0)


@dataclass(frozen=True)
class Unmeasured(Schedule, register=False):
    power: float

    def lr(self, t):
        return t**self.power


def set_value(explorer, **values):
    explorer.values = {**explorer.values, **values}


def drawn_rates(explorer):
    return [np.frombuffer(curve["rates"]) for curve in explorer.picture["curves"]]


# ---- controls -------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", ALL)
def test_every_unit_has_a_control(schedule):
    names = [control["name"] for control in controls_of(schedule.example())]
    assert names == list(schedule.units())


@pytest.mark.parametrize("schedule", ALL)
def test_every_stop_of_a_slider_is_a_legal_value(schedule):
    for control in controls_of(schedule.example()):
        for stop in control["stops"]:
            schedule.units()[control["name"]].checked(stop)


@pytest.mark.parametrize("schedule", ALL)
def test_controls_start_at_the_schedule(schedule):
    values = {control["name"]: control["value"] for control in controls_of(schedule.example())}
    assert moved(schedule.example(), values) == schedule.example()


def test_a_learning_rate_moves_by_equal_factors_and_reaches_zero():
    rates = stops(StepDecay.units()["peak_lr"])
    assert rates[:2] == [0, 1e-5]
    assert rates[-1] == 10
    factors = np.divide(rates[2:], rates[1:-1])
    assert factors.min() > 1.05
    assert factors.max() < 1.2
    assert 0.1 in rates


def test_a_count_moves_by_one():
    assert stops(StepDecay.units()["step_size"]) == list(range(1, 201))


def test_a_factor_moves_by_hundredths():
    assert stops(StepDecay.units()["gamma"]) == [k / 100 for k in range(1, 101)]


def test_what_a_slider_sends_is_plain_json():
    for schedule in ALL:
        json.dumps(controls_of(schedule.example()), allow_nan=False)


# ---- curves and sentences -------------------------------------------------------------------


@pytest.mark.parametrize("schedule", ALL)
def test_the_first_curve_is_the_schedule(schedule):
    explorer = explore(schedule)
    np.testing.assert_array_equal(drawn_rates(explorer)[0], schedule.example()(np.arange(200)))


def test_the_second_curve_is_what_torch_uses():
    ours, torchs = curves(StepDecay(0.1, 30, gamma=0.5), 100)
    np.testing.assert_allclose(torchs.rates, ours.rates, rtol=1e-12)
    assert torchs.rates[30] == 0.05
    assert torchs.code == "StepLR(optimizer, step_size=30, gamma=0.5)"


@pytest.mark.parametrize(
    ("rates", "sentence"),
    [
        ([1, 1, 0.5, 0.5], "drops at t = 2"),
        ([1, 1, 2, 3], "rises at t = 2, 3"),
        ([1, 2, 1, 1], "changes at t = 1, 2"),
        ([0.3] * 4, "stays at 0.3"),
        ([1, np.nan, 1], "is not finite at t = 1"),
        (np.repeat(np.arange(12), 3), "rises 11 times, first at t = 3"),
        (np.linspace(1, 0, 51), "goes from 1 at t = 0 to 0 at t = 50"),
        (
            np.sin(np.linspace(0, np.pi, 51)) + 1,
            "goes from 1 at t = 0 to 2 at t = 25 and 1 at t = 50",
        ),
    ],
)
def test_the_course_of_a_curve_in_words(rates, sentence):
    assert course(np.asarray(rates, dtype=float)) == sentence


def test_says_where_torch_differs():
    pair = [Curve("ours", "", np.array([1, 1, 0.5])), Curve("PyTorch", "", np.array([1, 0.5, 0.5]))]
    assert agreement(pair) == "PyTorch differs, first at t = 1"
    assert agreement([pair[0], pair[0]]) == "PyTorch agrees"
    assert agreement(pair[:1]) == ""


def test_the_alternative_names_both_codes_and_the_course():
    text = alternative(curves(StepDecay(0.1, 40), 100))
    for part in (
        "100 optimizer updates",
        "StepDecay(peak_lr=0.1",
        "StepLR(",
        "drops at t = 40, 80",
    ):
        assert part in text


# ---- moving ---------------------------------------------------------------------------------


def test_a_move_changes_picture_words_and_schedule_in_one_message():
    explorer = explore(StepDecay)
    messages = []
    explorer.observe(lambda change: messages.append(change["new"]), "picture")
    set_value(explorer, step_size=40)
    assert len(messages) == 1
    assert explorer.schedule == StepDecay(0.1, 40)
    assert explorer.picture["status"].startswith("step_size = 40: drops at t = 40, 80, 120, 160")
    assert "step_size=40" in explorer.picture["alt"]
    np.testing.assert_array_equal(drawn_rates(explorer)[0], StepDecay(0.1, 40)(np.arange(200)))


def test_the_number_of_updates_shown_changes():
    explorer = explore(StepDecay)
    explorer.shown = 50
    assert [len(rates) for rates in drawn_rates(explorer)] == [50, 50]
    assert explorer.picture["status"].startswith("50 updates shown: drops at t = 30")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"gamma": 1.5}, "gamma (factor per drop) must lie in (0, 1], got 1.5"),
        ({"gamma": None}, "gamma (factor per drop) must be a number, got None"),
        ({"step_size": 0}, "step_size (optimizer updates) must lie in [1, inf), got 0"),
        ({"step_size": 2.5}, "must be a whole number, got 2.5"),
        ({"peak_lr": -1}, "peak_lr (learning rate) must lie in"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_refused_value_keeps_the_last_picture(wrong, sentence):
    explorer = explore(StepDecay)
    before = explorer.picture
    set_value(explorer, **wrong)
    assert sentence in explorer.picture["status"]
    assert explorer.picture["refused"]
    assert explorer.picture["curves"] == before["curves"]
    assert explorer.schedule == StepDecay.example()
    explorer.values = {"peak_lr": 0.1, "step_size": 20, "gamma": 0.1}
    assert not explorer.picture["refused"]
    assert explorer.schedule.step_size == 20


@pytest.mark.parametrize(
    ("text", "milestones"), [("60, 70", (60, 70)), ("5", (5,)), ("5 6,7", (5, 6, 7))]
)
def test_a_list_is_read_from_text(text, milestones):
    explorer = explore(MultiStepDecay)
    set_value(explorer, milestones=text)
    assert explorer.schedule.milestones == milestones


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("60, x", "must be a number, got 'x'"),
        ("60 60", "must increase"),
        ("1.5", "whole number, got 1.5"),
        ("", "at least one number"),
    ],
)
def test_a_wrong_list_gets_a_sentence(text, sentence):
    explorer = explore(MultiStepDecay)
    set_value(explorer, milestones=text)
    assert sentence in explorer.picture["status"]


def test_an_optional_field_may_be_empty():
    explorer = explore(Constant)
    assert explorer.values["steps"] is None
    set_value(explorer, steps=40)
    assert explorer.schedule == Constant(0.1, steps=40)
    set_value(explorer, steps=None)
    assert explorer.schedule == Constant(0.1)


def test_an_error_in_a_learners_formula_is_a_line_not_a_crash():
    explorer = explore(Fragile)
    set_value(explorer, peak_lr=2.0)
    assert explorer.picture["status"] == "ZeroDivisionError: float division by zero"
    assert explorer.picture["refused"]


# ---- what may be explored -------------------------------------------------------------------


def test_a_learners_own_class_has_one_curve():
    explorer = explore(Ramp)
    assert [curve["label"] for curve in explorer.picture["curves"]] == ["Ramp"]
    assert explorer.picture["curves"][0]["code"] == "Ramp(peak_lr=0.1, steps=80)"


def test_a_learners_class_with_a_name_of_ours_does_not_need_our_fields():
    @dataclass(frozen=True)
    class StepDecay(Schedule, register=False):
        peak_lr: LR

        def lr(self, t):
            return self.peak_lr / (1 + t)

    assert len(explore(StepDecay).picture["curves"]) == 1


def test_a_schedule_starts_at_its_values():
    explorer = explore(StepDecay(0.037, 7, gamma=0.9), steps=50)
    assert explorer.values == {"peak_lr": 0.037, "step_size": 7, "gamma": 0.9}
    assert explorer.shown == 50


def test_a_composition_is_shown_without_controls():
    schedule = Constant(0.1, steps=40) >> StepDecay(0.1, 30)
    explorer = explore(schedule)
    assert explorer.controls == []
    np.testing.assert_array_equal(drawn_rates(explorer)[0], schedule(np.arange(200)))


def test_an_unmeasured_field_keeps_its_value():
    assert explore(Unmeasured(0.5)).schedule == Unmeasured(0.5)


class Undecorated(Schedule, register=False):
    peak_lr: LR


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: explore(3), "explore: give a schedule or its class"),
        (lambda: explore(int), "explore: give a schedule or its class"),
        (lambda: explore("StepDecay"), "explore: give a schedule or its class"),
        (lambda: explore(Undecorated), "Undecorated is not a dataclass yet"),
        (lambda: explore(Unmeasured), "Unmeasured has a field without a unit"),
        (lambda: explore(StepDecay, steps=1), r"explore: steps \(optimizer updates\) must lie in"),
        (lambda: explore(StepDecay, steps=2.5), "must be a whole number, got 2.5"),
        (lambda: explore(StepDecay, steps=10**6), r"must lie in \[2, 10000\]"),
    ],
)
def test_wrong_input_gets_one_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)


# ---- the output of a cell -------------------------------------------------------------------


def test_the_output_holds_widget_picture_and_words():
    data, _ = explore(StepDecay)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"] == alternative(curves(StepDecay.example(), 200))
    assert data["text/html"].startswith('<img alt="Learning rate η over 200 optimizer updates.')


def test_the_stored_output_shows_the_current_values():
    explorer = explore(StepDecay)
    set_value(explorer, step_size=77)
    assert "step_size=77" in explorer._repr_mimebundle_()[0]["text/plain"]


PRINT_OUTPUT = """
from lrcourse.explore import explore
from lrcourse.schedules import StepDecay
data, _ = explore(StepDecay)._repr_mimebundle_()
print(data["text/html"], data["text/plain"])
"""


def test_the_stored_output_repeats_in_another_process():
    elsewhere = subprocess.check_output([sys.executable, "-c", PRINT_OUTPUT], text=True)
    data, _ = explore(StepDecay)._repr_mimebundle_()
    assert elsewhere.strip() == f"{data['text/html']} {data['text/plain']}"
