"""The explorer without a browser: what it computes, says, refuses and stores."""

import asyncio
import gc
import json
import subprocess
import sys
import time
import weakref
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pytest
from hypothesis import given, settings

from lrcourse.explore import explore, scene
from lrcourse.explore.controls import Drawing, stops
from lrcourse.explore.of_schedule import of_schedule
from lrcourse.panels import Curve, Measure, View, rates, time_panel
from lrcourse.recipes import RECIPES
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
    Unit,
    WarmupCosine,
)
from lrcourse.schedules.units import Shape
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


def curves(explorer):
    """{label: rates} of the first panel, as the page gets them."""
    return {
        mark["label"]: np.frombuffer(mark["y"])
        for mark in explorer.picture["panels"][0]["marks"]
        if mark["kind"] == "curve"
    }


def first_curve(explorer):
    return next(iter(curves(explorer).values()))


def said(explorer):
    return explorer.picture["said"]


def control_of(explorer, name):
    return next(control for control in explorer.controls if control["name"] == name)


# Controls ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", ALL)
def test_every_field_has_a_control(schedule):
    names = [c["name"] for c in explore(schedule).controls if c["path"].startswith("schedule.")]
    assert names == list(schedule.units())


@pytest.mark.parametrize("schedule", ALL)
def test_every_stop_of_a_slider_is_a_legal_value(schedule):
    for name, unit in schedule.units().items():
        control = control_of(explore(schedule), name)
        for stop in control.get("stops", control.get("words", [])):
            unit.checked(stop)


@pytest.mark.parametrize("schedule", ALL)
def test_controls_start_at_the_schedule(schedule):
    explorer = explore(schedule)
    values = explorer.scene.values(explorer.arguments)
    assert explorer.scene.arguments(values, explorer.arguments) == explorer.arguments


@pytest.mark.parametrize("schedule", ALL)
def test_what_was_left_open_can_be_given_and_left_open_again(schedule):
    for control in explore(schedule).controls:
        if control.get("optional"):
            explorer = explore(schedule)
            before = first_curve(explorer)
            explorer.move(**{control["name"]: control["first"]})
            assert explorer.picture["refused"] == ""
            now = getattr(explorer.arguments["schedule"], control["name"])
            assert now == control["first"]
            explorer.move(**{control["name"]: None})
            np.testing.assert_array_equal(first_curve(explorer), before)


def test_a_choice_offers_its_words():
    control = control_of(explore(OneCycle), "shape")
    assert control["kind"] == "choice"
    assert control["words"] == ["cosine", "linear"]
    assert control["value"] == "cosine"


def test_a_learning_rate_moves_by_equal_factors_and_reaches_zero():
    values = stops(StepDecay.units()["peak_lr"])
    assert values[:2] == [0, 1e-5]
    assert values[-1] == 10
    factors = np.divide(values[2:], values[1:-1])
    assert factors.min() > 1.05
    assert factors.max() < 1.2
    assert 0.1 in values


def test_a_count_moves_by_one_and_a_long_one_by_round_numbers():
    assert stops(StepDecay.units()["step_size"]) == list(range(1, 201))
    wide = stops(Unit("updates", 1, np.inf, 100, play=(1, 4096), whole=True))
    assert wide[:4] == [1, 5, 10, 15]
    assert wide[-2:] == [4095, 4096]


def test_a_factor_moves_by_hundredths():
    assert stops(StepDecay.units()["gamma"]) == [k / 100 for k in range(1, 101)]


def test_what_a_page_gets_of_the_controls_is_plain_json():
    for schedule in ALL:
        json.dumps(explore(schedule).controls, allow_nan=False)


# The picture of a schedule -----------------------------------------------------------------------


@pytest.mark.parametrize("schedule", ALL)
def test_the_first_curve_is_the_schedule(schedule):
    expected = schedule.example()(np.arange(200))
    np.testing.assert_array_equal(first_curve(explore(schedule)), expected)


def test_the_second_curve_is_what_torch_uses():
    explorer = explore(StepDecay(0.1, 30, gamma=0.5), steps=100)
    drawn_curves = curves(explorer)
    np.testing.assert_allclose(drawn_curves["PyTorch"], drawn_curves["ours"], rtol=1e-12)
    assert drawn_curves["PyTorch"][30] == 0.05
    assert explorer.view.codes[1].text == "StepLR(optimizer, step_size=30, gamma=0.5)"


def test_pytorch_can_be_left_out():
    explorer = explore(StepDecay)
    explorer.move(show_PyTorch=False)
    assert list(curves(explorer)) == ["StepDecay"]


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
def test_equal_curves_are_called_equal(cls):
    @settings(max_examples=25, deadline=None)
    @given(drawn(cls))
    def agree(schedule):
        made = of_schedule(schedule)
        steps = 200 if schedule.steps is None else max(2, schedule.steps + 1)
        *_, view = made.views(made.start(shown=min(steps, 10_000)))
        assert view.said.endswith("PyTorch agrees") or len(view.codes) == 1

    agree()


def test_says_that_the_cosine_of_torch_climbs():
    assert said(explore(CosineDecay)).endswith("then stays; PyTorch differs, first at t = 101")


def test_says_and_shows_that_torch_stops():
    explorer = explore(OneCycle)
    assert said(explorer).endswith("and stops with an error at t = 102")
    assert len(curves(explorer)["PyTorch"]) == 102
    early = [mark.early for mark in explorer.view.panels[0].marks]
    assert early == [False, True]


def test_a_schedule_that_moves_the_momentum_shows_it():
    explorer = explore(OneCycle)
    momentum = explorer.view.panels[1].marks[0].y
    np.testing.assert_array_equal(momentum, OneCycle.example().momentum(np.arange(200)))
    explorer.move(low_momentum=0.5)
    assert explorer.view.panels[1].marks[0].y.min() == 0.5


def test_the_numbers_are_those_of_the_curves():
    explorer = explore(CosineDecay(0.2, 100), StepDecay(0.1, 50), steps=100)
    table = explorer.view.table
    area, share, highest, last = (float(x) for x in table.rows[0][1:])
    lr = CosineDecay(0.2, 100)(np.arange(100))
    assert area == pytest.approx(sum(lr), rel=1e-3)
    assert share == pytest.approx(np.mean(lr) / 0.2, rel=1e-3)
    assert (highest, last) == (0.2, pytest.approx(lr[-1], rel=1e-3))
    assert [row[0] for row in table.rows] == ["CosineDecay", "PyTorch", "StepDecay"]


def test_two_of_one_class_have_names_of_their_own():
    explorer = explore(StepDecay(0.1, 30), StepDecay(0.1, 60))
    assert list(curves(explorer)) == ["first", "PyTorch", "second"]


def test_a_second_schedule_is_chosen_and_takes_over_what_both_have():
    explorer = explore(WarmupCosine(0.3, 20, 150))
    explorer.move(compare_with="CosineDecay")
    assert explorer.arguments["compare_with"] == CosineDecay(0.1, 100)
    explorer.move(**{"compare_with.peak_lr": 0.7, "compare_with.steps": 60})
    explorer.move(compare_with="WarmupLinear")
    second = explorer.arguments["compare_with"]
    assert (second.peak_lr, second.steps) == (0.7, 60)
    explorer.move(compare_with="none")
    assert explorer.arguments["compare_with"] is None
    assert explorer.arguments["schedule"] == WarmupCosine(0.3, 20, 150)


def test_going_back_to_a_class_brings_back_its_values():
    explorer = explore(StepDecay, CosineDecay(0.3, 70))
    before = explorer.scene.values(explorer.arguments)
    explorer.move(compare_with="StepDecay")
    explorer.moved = {"serial": 9, "gesture": 9, "values": before}
    assert explorer.picture["refused"] == ""
    assert explorer.arguments["compare_with"] == CosineDecay(0.3, 70)


def test_the_presets_are_recipes_of_the_same_shape():
    explorer = explore(WarmupCosine)
    preset = next(p for p in explorer.presets if p["label"] == RECIPES["llama2-7b"].title)
    explorer.moved = {"serial": 1, "gesture": 1, "values": preset["values"]}
    small, full = explorer.arguments["schedule"], RECIPES["llama2-7b"].schedule("steps")
    t = np.arange(50, 1000)  # the warmup is 4 of these updates
    np.testing.assert_allclose(small(t), full(t * full.steps // 1000), rtol=0.01)
    assert explore(CosineDecay).presets == []


def test_many_updates_are_shown_at_once_and_torch_follows():
    explorer = explore(CosineDecay(0.1, 4000), steps=5000)
    explorer.move(peak_lr=0.2)
    assert list(curves(explorer)) == ["CosineDecay"]
    assert explorer.picture["done"] < 1
    explorer.finish()
    assert list(curves(explorer)) == ["ours", "PyTorch"]
    assert len(curves(explorer)["PyTorch"]) == 5000


# Moving ------------------------------------------------------------------------------------------


def test_a_move_changes_picture_words_and_schedule_in_one_message():
    explorer = explore(StepDecay)
    messages = []
    explorer.observe(lambda change: messages.append(change["new"]), "picture")
    explorer.move(step_size=40)
    assert len(messages) == 1
    assert explorer.arguments["schedule"] == StepDecay(0.1, 40)
    assert said(explorer).startswith("step_size = 40: area Σ η = 4.444, 33% more than before; ")
    assert "drops at t = 40, 80, 120, 160" in said(explorer)
    assert "step_size=40" in explorer.picture["alt"]
    np.testing.assert_array_equal(first_curve(explorer), StepDecay(0.1, 40)(np.arange(200)))


def test_a_drag_is_compared_with_where_it_began():
    explorer = explore(Constant)
    for serial, lr in enumerate((0.11, 0.12, 0.15), start=1):
        values = explorer.scene.values(explorer.arguments) | {"schedule.peak_lr": lr}
        explorer.moved = {"serial": serial, "gesture": "one drag", "values": values}
    assert "50% more than before" in said(explorer)
    explorer.move(peak_lr=0.3)
    assert "2 times that before" not in said(explorer)
    assert "100% more than before" in said(explorer)


def test_each_answer_carries_the_number_of_its_move():
    explorer = explore(StepDecay)
    values = explorer.scene.values(explorer.arguments)
    for serial, size in ((1, 40), (2, 0), (3, 50)):
        moved = values | {"schedule.step_size": size}
        explorer.moved = {"serial": serial, "gesture": serial, "values": moved}
        assert explorer.picture["serial"] == serial


def test_the_sliders_follow_a_move_from_python():
    explorer = explore(StepDecay)
    explorer.move(step_size=77)
    assert control_of(explorer, "step_size")["value"] == 77


def test_the_number_of_updates_shown_changes():
    explorer = explore(StepDecay)
    explorer.move(shown=50)
    assert [len(lr) for lr in curves(explorer).values()] == [50, 50]
    assert said(explorer).startswith("shown = 50: ")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"gamma": 1.5}, "gamma (factor per drop) must lie in (0, 1], got 1.5"),
        ({"gamma": None}, "gamma (factor per drop) must be a number, got None"),
        ({"step_size": 0}, "step_size (optimizer updates) must lie in [1, inf), got 0"),
        ({"step_size": 2.5}, "must be a whole number, got 2.5"),
        ({"peak_lr": -1}, "peak_lr (learning rate) must lie in"),
        ({"shown": 10**6}, "shown (optimizer updates) must lie in [2, 10000]"),
        ({"show_PyTorch": "yes"}, "show_PyTorch must be true or false, got 'yes'"),
        ({"compare_with": "Nonsense"}, "there is no schedule 'Nonsense'"),
        ({"nonsense": 1}, "there is no control 'nonsense'"),
    ],
)
def test_a_refused_value_keeps_the_last_picture(wrong, sentence):
    explorer = explore(StepDecay)
    before = first_curve(explorer)
    explorer.move(**wrong)
    assert sentence in explorer.picture["refused"]
    np.testing.assert_array_equal(first_curve(explorer), before)
    assert explorer.arguments["schedule"] == StepDecay.example()
    explorer.move(step_size=20)
    assert explorer.picture["refused"] == ""
    assert explorer.arguments["schedule"].step_size == 20


@pytest.mark.parametrize(
    ("text", "milestones"), [("60, 70", (60, 70)), ("5", (5,)), ("5 6,7", (5, 6, 7))]
)
def test_a_list_is_read_from_text(text, milestones):
    explorer = explore(MultiStepDecay)
    explorer.move(milestones=text)
    assert explorer.arguments["schedule"].milestones == milestones


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
    explorer.move(milestones=text)
    assert sentence in explorer.picture["refused"]


def test_phases_that_do_not_fit_keep_the_last_picture():
    explorer = explore(WarmupCosine)
    explorer.move(warmup_steps=150)
    assert explorer.picture["refused"] == (
        "WarmupCosine: warmup_steps must be smaller than steps=100, got 150; "
        "each phase takes at least one update"
    )
    explorer.move(warmup_steps=150, steps=200)
    assert explorer.arguments["schedule"] == WarmupCosine(0.1, 150, 200)


def test_an_error_in_a_learners_formula_is_a_line_not_a_crash():
    explorer = explore(Fragile)
    explorer.move(peak_lr=2.0)
    assert explorer.picture["refused"] == "ZeroDivisionError: float division by zero"
    assert explorer.arguments["schedule"] == Fragile(0.1)


# What may be explored ----------------------------------------------------------------------------


def test_a_learners_own_class_has_one_curve():
    explorer = explore(Ramp)
    assert list(curves(explorer)) == ["Ramp"]
    assert explorer.view.codes[0].text == "Ramp(peak_lr=0.1, steps=80)"


def test_a_learners_registered_class_can_be_compared_with():
    @dataclass(frozen=True)
    class Mine(Schedule):
        peak_lr: LR

        def lr(self, t):
            return self.peak_lr / (1 + t)

    try:
        explorer = explore(StepDecay)
        assert "Mine" in control_of(explorer, "compare with")["words"]
        explorer.move(compare_with="Mine")
        np.testing.assert_array_equal(curves(explorer)["Mine"], Mine(0.1)(np.arange(200)))
    finally:
        del SCHEDULES["Mine"]


def test_a_learners_class_with_a_name_of_ours_does_not_need_our_fields():
    @dataclass(frozen=True)
    class StepDecay(Schedule, register=False):
        peak_lr: LR

        def lr(self, t):
            return self.peak_lr / (1 + t)

    assert len(curves(explore(StepDecay))) == 1


def test_a_schedule_starts_at_its_values():
    explorer = explore(StepDecay(0.037, 7, gamma=0.9), steps=50)
    assert explorer.arguments["schedule"] == StepDecay(0.037, 7, gamma=0.9)
    assert explorer.arguments["shown"] == 50


def test_each_part_of_a_composition_has_its_controls():
    explorer = explore(WARMUP >> CosineDecay(0.1, 90))
    named = [(c["heading"], c["name"]) for c in explorer.controls if "parts" in c["path"]]
    assert ("LinearWarmup", "peak_lr") in named
    assert ("CosineDecay", "steps") in named
    explorer.move(**{"schedule.parts.1.steps": 40, "schedule.parts.0.steps": 5})
    assert explorer.arguments["schedule"] == LinearWarmup(0.1, 5, 0.01) >> CosineDecay(0.1, 40)


@pytest.mark.parametrize(
    ("schedule", "path", "value", "moved"),
    [
        (WARMUP * Constant(2.0), "schedule.schedules.1.peak_lr", 3.0, WARMUP * Constant(3.0)),
        (WARMUP * 0.5, "schedule.factor", 0.25, WARMUP * 0.25),
        (Repeat(WARMUP), "schedule.count", 2, Repeat(WARMUP, 2)),
        (Repeat(WARMUP), "schedule.schedule.steps", 7, Repeat(LinearWarmup(0.1, 7, 0.01))),
        (
            Repeat(WARMUP >> Constant(0.1, 5)),
            "schedule.schedule.parts.1.steps",
            9,
            Repeat(WARMUP >> Constant(0.1, 9)),
        ),
    ],
)
def test_compositions_move_at_any_depth(schedule, path, value, moved):
    explorer = explore(schedule)
    explorer.move(**{path: value})
    assert explorer.arguments["schedule"] == moved


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
    assert list(curves(explore(schedule))) == labels


def test_an_unmeasured_field_keeps_its_value():
    assert explore(Unmeasured(0.5)).arguments["schedule"] == Unmeasured(0.5)


class Undecorated(Schedule, register=False):
    peak_lr: LR


def no_default(peak_lr: LR) -> View: ...


def no_unit(peak_lr: float = 0.1) -> View: ...


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: explore(3), "explore: give a schedule or its class"),
        (lambda: explore(int), "explore: give a schedule or its class"),
        (lambda: explore("StepDecay"), "explore: give a schedule or its class"),
        (lambda: explore(StepDecay, 3), "explore: compare_with must be a schedule, got 3"),
        (lambda: explore(StepDecay, power=3), "StepDecay has no argument power; it has schedule"),
        (lambda: explore(no_default), "no_default needs a default for peak_lr, where its slider"),
        (lambda: explore(no_unit), "the argument peak_lr needs a unit, such as peak_lr: LR"),
        (lambda: explore(Undecorated), "Undecorated is not a dataclass yet"),
        (lambda: explore(Unmeasured), "Unmeasured has a field without a unit"),
        (lambda: explore(StepDecay, steps=1), r"StepDecay: shown \(optimizer updates\) must lie"),
        (lambda: explore(StepDecay, steps=2.5), "must be a whole number, got 2.5"),
        (lambda: explore(StepDecay, steps=10**6), r"must lie in \[2, 10000\]"),
    ],
)
def test_wrong_input_gets_one_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)


# Scenes: a function of sliders -------------------------------------------------------------------


def flat(
    peak_lr: LR = 0.1,
    shape: Shape = "cosine",
    doubled: bool = False,
    heights: Annotated[tuple, Drawing("height", 0, 1)] = (0.0, 0.5, 1.0),
    steps: Steps | None = None,
) -> View:
    """Every kind of argument."""
    lr = np.full(steps or 3, peak_lr * (1 + doubled))
    return View((time_panel(rates("lr", lr), Curve("hand", np.array(heights))),), said=shape)


def test_a_plain_function_is_a_scene():
    explorer = explore(flat, peak_lr=0.2)
    assert [c["kind"] for c in explorer.controls] == [
        *("number", "choice", "switch", "drawing", "number"),
    ]
    explorer.move(doubled=True, shape="linear", heights=[1, 0, 1], steps=5)
    assert explorer.arguments == {
        "peak_lr": 0.2,
        "shape": "linear",
        "doubled": True,
        "steps": 5,
        "heights": (1, 0, 1),
    }
    np.testing.assert_array_equal(curves(explorer)["lr"], np.full(5, 0.4))
    assert said(explorer) == "shape = linear, doubled = True, heights painted: linear"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"heights": [0, 2]}, "flat: heights (height) must lie in [0, 1], got 2"),
        ({"heights": [0]}, "must be a list of at least two heights, got [0]"),
        ({"heights": "high"}, "must be a list of at least two heights, got 'high'"),
        ({"doubled": 1}, "flat: doubled must be true or false, got 1"),
        ({"shape": "round"}, "must be one of cosine, linear, got 'round'"),
        ({"peak_lr": "high"}, "flat: peak_lr (learning rate) must be a number, got 'high'"),
    ],
)
def test_a_scene_refuses_in_one_sentence(wrong, sentence):
    explorer = explore(flat)
    explorer.move(**wrong)
    assert sentence in explorer.picture["refused"]


def test_a_scene_has_a_title_and_presets():
    titled = scene("Flat rates", presets={"high": {"peak_lr": 1.0}})(flat)
    explorer = explore(titled)
    assert explorer.title == "Flat rates"
    (preset,) = explorer.presets
    assert preset["values"]["peak_lr"] == 1.0
    with pytest.raises(TypeError, match="flat has no argument low"):
        explore(scene("Flat", presets={"x": {"low": 1}})(flat))


def test_a_measure_is_compared_in_words():
    before = Measure("area", 2.0)
    assert Measure("area", 2.0).against(None) == "area = 2"
    assert Measure("area", 2.001).against(before) == "area = 2.001"
    assert Measure("area", 2.6).against(before) == "area = 2.6, 30% more than before"
    assert Measure("area", 1.0).against(before) == "area = 1, 50% less than before"
    assert Measure("area", 9.0).against(before) == "area = 9, 4.5 times that before"
    assert Measure("area", 9.0).against(Measure("other", 1.0)) == "area = 9"
    assert Measure("area", 9.0).against(Measure("area", 0.0)) == "area = 9"


# Slow scenes -------------------------------------------------------------------------------------

STEPS = 20


def counting(peak_lr: LR = 0.1):
    """Yields better and better pictures; the sentence says which."""
    for k in range(STEPS):
        picture = (time_panel(rates("lr", np.full(3, peak_lr))),)
        yield View(picture, said=f"{peak_lr}: {k}", done=k / (STEPS - 1))


def slow(peak_lr: LR = 0.1):
    """Each step takes longer than a frame: each is shown as it comes, and so is the last."""
    for view in [*counting(peak_lr)][-3:]:
        time.sleep(0.05)
        yield view


def breaking(peak_lr: LR = 0.1):
    yield from [*counting(peak_lr)][:2]
    raise ArithmeticError("too far")


def in_a_loop(work):
    """Run `work` as a kernel would: with an event loop that also does other things."""
    return asyncio.run(work())


def test_the_first_picture_is_there_at_once_and_the_best_at_last():
    async def work():
        explorer = explore(counting)
        first = said(explorer)
        while explorer.picture["state"] != "done":
            await asyncio.sleep(0.01)
        return first, said(explorer)

    assert in_a_loop(work) == ("0.1: 0", f"0.1: {STEPS - 1}")


def test_the_page_hears_of_the_end_also_when_the_last_picture_is_shown_already():
    async def work():
        explorer, heard = explore(slow), []
        explorer.observe(lambda change: heard.append(change["new"]["state"]), "picture")
        await asyncio.sleep(0.4)
        return heard

    heard = in_a_loop(work)
    assert heard[-1] == "done"
    assert heard.count("done") == 1


def test_a_new_move_drops_the_old_work():
    async def work():
        explorer, heard = explore(counting), []
        explorer.observe(lambda change: heard.append(change["new"]["said"]), "picture")
        await asyncio.sleep(0.005)
        explorer.move(peak_lr=0.2)
        since = len(heard)
        while explorer.picture["state"] != "done":
            await asyncio.sleep(0.01)
        return heard[since:], said(explorer)

    after, last = in_a_loop(work)
    assert last.endswith(f"0.2: {STEPS - 1}")
    assert all("0.2: " in words for words in after)


def test_work_that_fails_is_a_sentence_under_the_last_picture():
    async def work():
        explorer = explore(breaking)
        while not explorer.picture["refused"]:
            await asyncio.sleep(0.01)
        return explorer

    explorer = in_a_loop(work)
    assert explorer.picture["refused"] == "ArithmeticError: too far"
    assert said(explorer).startswith("0.1: ")


# What the next key may bring -------------------------------------------------------------------


def heard_ahead(explorer, *wanted):
    """The pictures that come for these changes of the present values."""
    present = explorer.picture["values"]
    explorer._handle_custom_msg({"kind": "ahead", "wanted": [present | w for w in wanted]}, [])
    return explorer.ahead["pictures"]


def test_what_is_foreseen_is_what_the_move_brings():
    explorer = explore(StepDecay(0.1, 30), CosineDecay, steps=100)
    before = explorer.picture, explorer.arguments
    wanted = [{"schedule.step_size": 31}, {"schedule.gamma": 0.3}, {"compare_with.min_lr": 0.01}]
    foreseen = heard_ahead(explorer, *wanted)
    assert (explorer.picture, explorer.arguments) == before  # to foresee is not to move
    assert len(foreseen) == len(wanted)
    for picture in foreseen:
        assert picture["panels"] != explorer.picture["panels"]
        explorer.moved = {"serial": 1, "gesture": 1, "values": picture["values"]}
        assert {name: explorer.picture[name] for name in picture} == picture


def test_what_the_move_would_have_to_explain_is_not_foreseen():
    explorer = explore(StepDecay(0.1, 30), CosineDecay)
    wrong = [{"schedule.gamma": 7}, {"compare_with": "ExponentialDecay"}, {"nobody": 1}]
    assert heard_ahead(explorer, *wrong) == []
    assert explorer.picture["refused"] == ""
    (one,) = heard_ahead(explorer, *wrong, {"schedule.gamma": 0.7})
    assert one["values"]["schedule.gamma"] == 0.7


def test_previews_are_not_foreseen():
    explorer = explore(counting)
    assert heard_ahead(explorer, {"peak_lr": 0.2}) == []
    explorer.finish()
    assert heard_ahead(explorer, {"peak_lr": 0.2}) == []


def test_only_a_moment_is_spent_on_what_may_never_come():
    made = []

    def leisurely(steps: Steps = 10):
        made.append(steps)
        time.sleep(0.015)
        return View((time_panel(rates("η", np.ones(steps))),), said=str(steps))

    explorer = explore(leisurely)
    made.clear()
    foreseen = heard_ahead(explorer, *({"steps": steps} for steps in range(11, 31)))
    assert made == [11, 12]
    assert [picture["values"]["steps"] for picture in foreseen] == made


playing = scene("Counting", plays=True)(counting)


def press(explorer, button):
    explorer._handle_custom_msg({"kind": button}, [])


def test_a_scene_that_plays_waits_stops_and_resumes():
    async def work():
        explorer = explore(playing)
        await asyncio.sleep(0.03)
        heard = [(explorer.picture["state"], said(explorer))]
        for button in ("play", "stop"):
            press(explorer, button)
            await asyncio.sleep(0.02)
            heard.append((explorer.picture["state"], said(explorer)))
        await asyncio.sleep(0.03)
        assert said(explorer) == heard[-1][1]
        press(explorer, "play")
        while explorer.picture["state"] != "done":
            await asyncio.sleep(0.01)
        heard.append((explorer.picture["state"], said(explorer)))
        press(explorer, "play")
        await asyncio.sleep(0.001)
        heard.append((explorer.picture["state"], ""))
        return heard

    states, words = zip(*in_a_loop(work), strict=True)
    assert states == ("ready", "running", "stopped", "done", "running")
    assert words[0] == "0.1: 0"
    assert words[3] == f"0.1: {STEPS - 1}"


def test_the_still_picture_is_the_best_one():
    explorer = explore(counting)
    explorer.still()
    assert said(explorer) == f"0.1: {STEPS - 1}"
    waiting = explore(playing)
    assert f"0.1: {STEPS - 1}" in waiting.still().alt
    assert said(waiting) == "0.1: 0"


def test_closing_frees_the_explorer_and_its_work():
    async def work():
        explorer = explore(counting)
        seen = weakref.ref(explorer)
        await asyncio.sleep(0.005)
        explorer.close()
        del explorer
        await asyncio.sleep(0.01)
        gc.collect()
        return seen()

    assert in_a_loop(work) is None


# The output of a cell ----------------------------------------------------------------------------


def test_the_output_holds_widget_picture_and_words():
    data, _ = explore(StepDecay)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    for part in ("StepDecay(peak_lr=0.1", "StepLR(", "drops at t = 30, 60"):
        assert part in data["text/plain"]
    assert data["text/html"].startswith('<img alt="StepDecay. learning rate η over optimizer')


def test_the_stored_output_shows_the_current_values():
    explorer = explore(StepDecay)
    explorer.move(step_size=77)
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


def test_what_lies_beyond_the_picture_is_said():
    explorer = explore(CosineDecay(0.1, 100))
    assert "beyond" not in explorer.picture["said"]
    explorer.move(steps=300)
    assert "100 more updates lie beyond this picture" in explorer.picture["said"]
    explorer.move(shown=300)
    assert "beyond" not in explorer.picture["said"]
