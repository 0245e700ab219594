"""The decay family: same peak, same length, same last rate; areas and half-lives by hand."""

import numpy as np
import pytest
from torch.optim import lr_scheduler

from lrcourse.explore import explore
from lrcourse.explore.scenes.decay_family import decay_family
from lrcourse.torch_twins import rates_used

SWITCHES = ("step", "exponential", "inverse_time", "linear", "cosine")
ALL = ("step", "exponential", "inverse time", "linear", "cosine")


def shown(**arguments):
    return explore(decay_family, **arguments)


def torch_call(text):
    """The scheduler that the copied code makes."""
    return lambda optimizer: eval(text, {**vars(lr_scheduler), "optimizer": optimizer})


def curves(explorer, panel=0):
    return {
        mark.label: mark.y for mark in explorer.view.panels[panel].marks if hasattr(mark, "held")
    }


@pytest.mark.parametrize("one_more", ["1-sqrt", "polynomial", "REX"])
@pytest.mark.parametrize("steps", [20, 21, 100, 333])
def test_all_have_the_same_peak_and_the_same_last_rate(one_more, steps):
    family = curves(shown(peak_lr=0.5, last_lr=0.002, steps=steps, one_more=one_more))
    assert set(family) == {*ALL, one_more}
    for lr in family.values():
        assert len(lr) == steps + 1
        np.testing.assert_allclose([lr[0], lr[-1]], [0.5, 0.002], rtol=1e-12)
        assert np.all(np.diff(lr) <= 0)


def test_all_are_different_curves():
    family = curves(shown(one_more="polynomial"))
    assert len({lr.tobytes() for lr in family.values()}) == 6


@pytest.mark.parametrize("drops", [1, 3, 5])
def test_the_step_decay_drops_as_often_as_asked(drops):
    lr = curves(shown(drops=drops))["step"]
    assert np.count_nonzero(np.diff(lr)) == drops


def test_the_area_is_the_sum_of_the_rates_that_the_updates_use():
    explorer = shown()
    rows = {row[0]: row[1] for row in explorer.view.table.rows}
    for name, lr in curves(explorer).items():
        area = sum(float(rate) for rate in lr[:100])  # update 100 is not made
        shown_area = curves(explorer, panel=1)[name][-1]
        assert shown_area == pytest.approx(area, rel=1e-12)
        assert rows[name] == f"{shown_area:.4g}"


def test_the_exponential_never_travels_farther_than_its_limit():
    explorer = shown(steps=100)
    [rule] = [mark for mark in explorer.view.panels[1].marks if hasattr(mark, "moves")]
    gamma = 0.01**0.01
    assert rule.y == pytest.approx(sum(0.1 * gamma**t for t in range(20_000)), rel=1e-9)
    assert curves(explorer, panel=1)["exponential"][-1] < rule.y


def test_half_life_and_one_percent_are_the_first_such_updates():
    explorer = shown(last_lr=0.0001)
    rows = {row[0]: row for row in explorer.view.table.rows}
    for name, lr in curves(explorer).items():
        for column, share in ((3, 0.5), (4, 0.01)):
            first = next(t for t, rate in enumerate(lr) if rate <= 0.1 * share + 1e-12)
            assert rows[name][column] == str(first)


def test_what_never_falls_so_low_has_a_dash():
    assert {row[4] for row in shown(last_lr=0.01).view.table.rows} == {"-"}


def test_the_code_of_pytorch_gives_the_curve():
    explorer = shown()
    lr = curves(explorer)
    theirs = [code for code in explorer.view.codes if code.label.endswith(", PyTorch")]
    assert len(theirs) == 4
    for code in theirs:
        name = code.label.removesuffix(", PyTorch")
        np.testing.assert_allclose(rates_used(torch_call(code.text), 0.1, 101), lr[name], rtol=1e-9)


def test_a_switched_off_decay_is_gone_and_the_others_keep_their_styles():
    before, after = shown(), shown(step=False)
    styles = [{m.label: m.style for m in e.view.panels[0].marks} for e in (before, after)]
    assert styles[1] == {name: style for name, style in styles[0].items() if name != "step"}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"last_lr": 0.0}, "got 0; these never arrive there: step, exponential, inverse time"),
        ({"last_lr": 0.5}, "peak_lr must be above 0 and not below last_lr=0.5, got 0.1"),
        (
            {"drops": 10, "steps": 22},
            "drops must be few enough for equal stairs in steps=22, got 10",
        ),
        ({**dict.fromkeys(SWITCHES, False), "one_more": "none"}, "switch on at least one"),
    ],
)
def test_what_is_impossible_is_one_sentence(values, sentence):
    explorer = shown()
    explorer.move(**values)
    assert sentence in explorer.picture["refused"]
    assert explorer.picture["refused"].startswith("decay_family: ")


def test_a_rate_of_zero_is_reached_by_those_that_can():
    off = dict.fromkeys(SWITCHES[:3], False)
    assert {lr[-1] for lr in curves(shown(last_lr=0.0, **off)).values()} == {0.0}
