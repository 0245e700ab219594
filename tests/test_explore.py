"""The explorer without a browser: what it computes, says, refuses and stores."""

import json
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings

from lrcourse.explore import explore
from lrcourse.explore.controls import controls_of, moved, stops
from lrcourse.explore.curves import alternative, curves, summary
from lrcourse.schedules import (
    LR,
    SCHEDULES,
    Constant,
    CosineDecay,
    LinearWarmup,
    MultiStepDecay,
    OneCycle,
    Repeat,
    Schedule,
    StepDecay,
    Steps,
    WarmupCosine,
)
from tests.drawing import OURS, drawn

ALL = list(SCHEDULES.values())  # taken now: the classes below are a learner's, not ours
WARMUP = LinearWarmup(0.1, 10, 0.01)


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
def test_every_field_that_shapes_the_rates_has_a_control(schedule):
    names = [control["name"] for control in controls_of(schedule.example())]
    rates = [name for name, unit in schedule.units().items() if unit.meaning != "momentum"]
    assert names == rates


@pytest.mark.parametrize("schedule", ALL)
def test_every_stop_of_a_slider_is_a_legal_value(schedule):
    for control in controls_of(schedule.example()):
        for stop in control.get("stops", control.get("words", [])):
            schedule.units()[control["name"]].checked(stop)


@pytest.mark.parametrize("schedule", ALL)
def test_controls_start_at_the_schedule(schedule):
    values = {control["name"]: control["value"] for control in controls_of(schedule.example())}
    assert moved(schedule.example(), values) == schedule.example()


@pytest.mark.parametrize("schedule", ALL)
def test_what_was_left_open_can_be_given_and_left_open_again(schedule):
    for control in controls_of(schedule.example()):
        if control.get("optional"):
            explorer = explore(schedule)
            before = explorer.picture
            set_value(explorer, **{control["name"]: control["first"]})
            assert not explorer.picture["refused"]
            assert getattr(explorer.schedule, control["name"]) == control["first"]
            set_value(explorer, **{control["name"]: None})
            assert explorer.picture["curves"] == before["curves"]


def test_a_choice_offers_its_words():
    (control,) = (c for c in controls_of(OneCycle(0.1, 100)) if c["kind"] == "choice")
    assert control["name"] == "shape"
    assert control["words"] == ["cosine", "linear"]
    assert control["value"] == "cosine"


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


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
def test_equal_curves_are_called_equal(cls):
    @settings(max_examples=25)
    @given(drawn(cls))
    def agree(schedule):
        both = curves(schedule, 200 if schedule.steps is None else schedule.steps + 1)
        assert summary(both).endswith("PyTorch agrees") or len(both) == 1

    agree()


def test_says_that_the_cosine_of_torch_climbs():
    said = summary(curves(CosineDecay(0.1, 100), 200))
    assert said.endswith("then stays; PyTorch differs, first at t = 101")


def test_says_that_torch_stops():
    both = curves(OneCycle(0.1, 100), 200)
    assert summary(both).endswith("and stops with an error at t = 102")
    assert len(both[1].rates) == 102


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


def test_a_word_is_chosen():
    explorer = explore(OneCycle)
    set_value(explorer, shape="linear")
    assert explorer.schedule == OneCycle(0.1, 100, shape="linear")
    assert explorer.picture["status"].startswith("shape = linear: rises from 0.004")
    set_value(explorer, shape="round")
    assert "must be one of cosine, linear, got 'round'" in explorer.picture["status"]


def test_phases_that_do_not_fit_keep_the_last_picture():
    explorer = explore(WarmupCosine)
    set_value(explorer, warmup_steps=150)
    assert explorer.picture["status"] == (
        "WarmupCosine: warmup_steps must be smaller than steps=100, got 150; "
        "each phase takes at least one update"
    )
    set_value(explorer, steps=200)
    assert explorer.schedule == WarmupCosine(0.1, 150, 200)


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


@pytest.mark.parametrize(
    ("schedule", "labels"),
    [
        (WARMUP >> CosineDecay(0.1, 90), ["ours", "PyTorch"]),
        (WARMUP * CosineDecay(0.1, 90), ["Product"]),
        (Repeat(WARMUP), ["Repeat"]),
        (StepDecay(0.1, 30).lasting(50), ["Lasting"]),
    ],
    ids=["Sequential", "Product", "Repeat", "Lasting"],
)
def test_a_composition_stands_beside_torchs_where_it_has_one(schedule, labels):
    assert [curve["label"] for curve in explore(schedule).picture["curves"]] == labels


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
