"""The gallery of recipes: its curves, its figures, and what it says of those that are not known."""

import numpy as np
import pytest

import lrcourse.schedules
from lrcourse.explore import explore
from lrcourse.explore.scenes.recipes import recipes
from lrcourse.recipes import CLOCKS, RECIPES, WRONG_FIGURES, recipe
from lrcourse.torch_twins import twin

KNOWN = [(each.name, clock) for each in RECIPES.values() for clock in each.clocks]
UNKNOWN = [
    (each.name, clock)
    for each in RECIPES.values()
    for clock in CLOCKS
    if each.clocks and clock not in each.clocks
]
WITHOUT = [each.name for each in RECIPES.values() if not each.clocks]
IN_STEPS = [each.name for each in RECIPES.values() if not each.missing("steps")]
SIZES = {"trillions": 1e12, "billions": 1e9, "millions": 1e6}
NAMES = vars(lrcourse.schedules) | {"recipe": recipe}


def view_of(name, clock="steps", **more):
    return next(recipes.views(recipes.start(recipe=name, clock=clock, **more)))


def facts(view, column=1):
    return {row[0]: row[column] for row in view.table.rows}


@pytest.mark.parametrize(("name", "clock"), KNOWN)
def test_the_curve_is_that_of_the_recipe(name, clock):
    panel = view_of(name, clock).panels[0]
    (curve,) = panel.marks
    size = next((size for word, size in SIZES.items() if word in panel.x.label), 1)
    rates = RECIPES[name].schedule(clock)(curve.x * size)
    np.testing.assert_allclose(curve.y, rates, rtol=1e-5)
    assert curve.y.max() == pytest.approx(RECIPES[name].peak_lr, rel=0.01)


@pytest.mark.parametrize(("name", "clock"), KNOWN)
def test_shapes_fill_a_square_of_one(name, clock):
    (shape,) = view_of(name, clock, shapes=True).panels[0].marks
    (curve,) = view_of(name, clock).panels[0].marks
    np.testing.assert_allclose(shape.y * RECIPES[name].peak_lr, curve.y)
    assert (shape.x[0], shape.x[-1]) == (0, 1)
    assert shape.y.max() == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize(("name", "clock"), UNKNOWN)
def test_a_clock_that_is_not_known_is_refused_with_the_reason(name, clock):
    explorer = explore(recipes, recipe="transformer" if name != "transformer" else "bert-base")
    explorer.move(recipe=name)
    before = explorer.view
    explorer.move(clock=clock)
    assert explorer.picture["refused"] == RECIPES[name].missing(clock)
    assert explorer.view is before


@pytest.mark.parametrize("name", WITHOUT)
def test_a_recipe_without_a_schedule_is_shown_as_what_is_known(name):
    view = view_of(name)
    assert not view.panels[0].marks
    assert not view.codes
    assert view.said == RECIPES[name].missing("steps")


def test_what_was_not_published_is_said():
    shown = facts(view_of("gpt2"))
    assert {shown[each] for each in ("peak rate", "warmup", "length")} == {"not published"}
    assert facts(view_of("gpt1"))["length"] == "100 epochs"  # in steps it cannot be known


@pytest.mark.parametrize("wrong", [each for each in WRONG_FIGURES if each.model in RECIPES])
def test_a_figure_that_circulates_stands_beside_what_is_so(wrong):
    cells = [row[1] for row in view_of(wrong.model).table.rows if row[0] == "often quoted"]
    assert any(wrong.said in cell and wrong.true in cell for cell in cells)


@pytest.mark.parametrize(
    ("name", "clock", "words"),
    [
        ("bert-base", "steps", f"10,000 steps, {10_000 / 1_000_000:.0%} of the steps"),
        ("gpt3-175b", "tokens", f"375M tokens, {375e6 / 300e9:.3%} of the tokens"),
        ("llama2-70b", "tokens", f"8B tokens, {2000 * 4e6 / 2e12:.1%} of the tokens"),
        ("resnet-pytorch", "epochs", "none"),
    ],
)
def test_the_warmup_is_told_on_the_clock_and_as_a_share(name, clock, words):
    assert facts(view_of(name, clock))["warmup"] == words


@pytest.mark.parametrize(
    "name", [each.name for each in RECIPES.values() if not each.missing("steps")]
)
def test_the_codes_are_the_schedule_in_steps_and_its_twin(name):
    for clock in RECIPES[name].clocks:
        ours, *theirs = view_of(name, clock).codes
        schedule = RECIPES[name].schedule("steps")
        assert eval(ours.text, NAMES.copy()) == schedule
        found = twin(schedule)
        assert [code.text for code in theirs] == ([found.code] if found else [])


def test_two_recipes_stand_beside_each_other_with_styles_of_their_own():
    view = view_of("bert-base", compare_with="llama2-70b")
    first, second = view.panels[0].marks
    assert (first.label, second.label) == ("bert-base", "llama2-70b")
    assert first.style != second.style
    assert facts(view, 1)["peak rate"] == "0.0001"
    assert facts(view, 2)["peak rate"] == "0.00015"


def test_a_recipe_beside_itself_is_one_curve():
    assert len(view_of("bert-base", compare_with="bert-base").panels[0].marks) == 1


def test_the_mean_share_of_the_peak_is_that_of_all_updates():
    schedule = RECIPES["roberta-rte"].schedule("steps")
    mean = schedule(np.arange(2036)).mean() / 2e-5
    assert view_of("roberta-rte").measure.value == pytest.approx(mean, rel=0.005)
