"""The plateau scene: its rates, its count of early cuts, and what it says about PyTorch."""

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from lrcourse.explore import explore
from lrcourse.explore.scenes.plateau import PRESETS, plateau
from lrcourse.panels import Curve, Dots
from lrcourse.schedules import LinearWarmup, ReduceOnPlateau
from lrcourse.torch_twins import plateau_twin, rates_heard

FLAT = (0.5,) * 61
RULE = ("peak_lr", "factor", "patience", "threshold", "mode", "threshold_mode", "cooldown")


def mark(explorer, panel, label, kind=Curve):
    marks = explorer.view.panels[panel].marks
    return next(m for m in marks if isinstance(m, kind) and m.label == label)


def torchs(explorer):
    """The rates of PyTorch's own class on the numbers of the picture."""
    arguments = {name: explorer.arguments[name] for name in (*RULE, "min_lr")}
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=arguments.pop("peak_lr"))
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, **arguments)
    rates = [optimizer.param_groups[0]["lr"]]
    for metric in mark(explorer, 0, "heard").y:
        scheduler.step(metric)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


@pytest.mark.parametrize("preset", PRESETS)
def test_both_curves_are_the_two_rules_on_the_same_numbers(preset):
    explorer = explore(plateau, **PRESETS[preset])
    ours = eval(explorer.view.codes[0].text, {"ReduceOnPlateau": ReduceOnPlateau})
    metric = mark(explorer, 0, "heard").y
    np.testing.assert_array_equal(mark(explorer, 1, "ours").y[1:], ours.replay(metric))
    np.testing.assert_array_equal(mark(explorer, 1, "PyTorch").y, torchs(explorer))


@pytest.mark.parametrize(
    ("preset", "words"),
    [
        ("a clean plateau", "the first at check 35, after 11 checks in a row"),
        ("a clean plateau", "PyTorch agrees"),
        ("slow progress called a plateau", "15 of 15 while the painted metric still got better"),
        ("slow progress called a plateau", "improvement of more than 1%"),
        ("accuracy with mode=min", "9 cuts, the first at check 7"),
        ("accuracy with mode=min", "it makes no cut smaller than 1e-8"),
        ("accuracy with mode=max", "no cut"),
        ("a negative metric", "PyTorch makes 0 cuts, different from check 35 on: its margin has"),
    ],
)
def test_a_preset_shows_what_its_name_says(preset, words):
    assert words in explore(plateau, **PRESETS[preset]).view.said


def test_noise_alone_makes_the_cuts_of_the_noisy_preset():
    noisy = PRESETS["noise cuts too soon"]
    for seed in range(10):
        said = explore(plateau, **noisy, seed=seed).view.said
        assert "while the painted metric still got better" in said
    assert "no cut" in explore(plateau, **{**noisy, "noise": 0.0}).view.said


@pytest.mark.parametrize(("patience", "first"), [(0, 2), (1, 3), (10, 12)])
def test_a_flat_metric_is_cut_at_check_patience_plus_two(patience, first):
    said = explore(plateau, metric=FLAT, patience=patience).view.said
    assert f"the first at check {first}, after {patience + 1} check" in said
    assert "still got better" not in said


def test_every_cut_has_its_mark():
    explorer = explore(plateau, metric=FLAT, patience=3, factor=0.5)
    cuts = mark(explorer, 1, "cut", Dots)
    rates = mark(explorer, 1, "ours").y
    assert cuts.x.tolist() == list(range(5, 61, 4))
    np.testing.assert_array_equal(cuts.y, rates[cuts.x])
    np.testing.assert_allclose(cuts.y, 0.1 * 0.5 ** np.arange(1, 15))


def early_by_hand(clean, cuts, patience, mode):
    better = np.less if mode == "min" else np.greater
    return sum(bool(better(clean[k], clean[k - patience - 1])) for k in cuts)


@pytest.mark.parametrize("patience", [0, 1])
@pytest.mark.parametrize("mode", ["min", "max"])
def test_early_cuts_are_counted_on_the_painted_line(mode, patience):
    metric = tuple(np.interp(np.arange(61), [0, 30, 60], [0.9, 0.2, 0.9]).tolist())
    explorer = explore(plateau, metric=metric, noise=0.3, patience=patience, mode=mode, seed=3)
    cuts = mark(explorer, 1, "cut", Dots).x - 1
    early = early_by_hand(np.array(metric)[1:], cuts, patience, mode)
    assert 0 < early < len(cuts)
    assert f"{early} of {len(cuts)} while" in explorer.view.said


def test_best_is_the_best_that_was_accepted():
    explorer = explore(plateau, metric=FLAT, noise=0.1, threshold=0.0)
    heard, best = mark(explorer, 0, "heard").y, mark(explorer, 0, "best").y
    np.testing.assert_array_equal(best, np.minimum.accumulate(heard))
    assert np.ptp(best) > 0


def test_an_offset_moves_the_panel_with_the_metric():
    explorer = explore(plateau, offset=-0.5)
    panel = explorer.view.panels[0]
    assert (panel.y.low, panel.y.high, panel.draws) == (-0.5, 0.5, "metric")
    moved, before = (mark(e, 0, "heard").y for e in (explorer, explore(plateau)))
    np.testing.assert_allclose(moved, before - 0.5)


def test_the_noise_depends_on_its_seed_alone():
    one, again, other = (
        mark(explore(plateau, noise=0.1, seed=seed), 0, "heard").y for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0.01


def test_an_impossible_floor_is_refused_beside_its_slider():
    explorer = explore(plateau)
    explorer.move(min_lr=1.0)
    assert explorer.picture["refused"] == (
        "ReduceOnPlateau: min_lr must not exceed peak_lr=0.1, got 1.0"
    )


def test_torch_has_no_warmup_before_a_plateau():
    with pytest.raises(ValueError, match="plateau_twin: torch has no warmup"):
        plateau_twin(LinearWarmup(0.1, 5) >> ReduceOnPlateau(0.1))


@pytest.mark.parametrize("mode", ["min", "max"])
def test_the_twin_of_a_plateau_hears_what_ours_hears(mode):
    rng = np.random.default_rng(1)
    for _ in range(20):
        rule = ReduceOnPlateau(
            1.0, 0.5, int(rng.integers(0, 4)), 0.01, mode, cooldown=int(rng.integers(0, 3))
        )
        metrics = rng.uniform(0.5, 1, 20)
        np.testing.assert_array_equal(
            rule.replay(metrics), rates_heard(plateau_twin(rule), metrics)
        )
