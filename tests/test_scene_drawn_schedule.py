"""A painted schedule: the code that is copied gives the rates that are drawn."""

import jax
import numpy as np
import optax
import pytest
import torch

from lrcourse.explore import explore
from lrcourse.explore.scenes.drawn_schedule import COSINE, SHAPES, draw_your_own, painted_like
from lrcourse.panels import Curve
from lrcourse.schedules import SCHEDULES, Constant, CosineDecay
from lrcourse.schedules.piecewise import PiecewiseLinear, corners

jax.config.update("jax_enable_x64", True)
RNG = np.random.default_rng(0)
SCRIBBLES = [tuple(RNG.random(51).round(4).tolist()) for _ in range(3)]
PAINTINGS = [*map(painted_like, SHAPES.values()), *SCRIBBLES]


def explored(shape=COSINE, **given):
    return explore(draw_your_own, shape=shape, **given)


def curve(explorer, label):
    marks = explorer.view.panels[0].marks
    return next(m for m in marks if isinstance(m, Curve) and m.label == label).y


def code(explorer, label):
    return next(c.text for c in explorer.view.codes if c.label == label)


def polygon(*points, n=51):
    """A painted line through (share of the time, height)."""
    return tuple(np.interp(np.linspace(0, 1, n), *zip(*points, strict=True)).tolist())


# ---- the schedule --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_straight_lines_are_those_of_optax_and_of_numpy(seed):
    rng = np.random.default_rng(seed)
    times = (0, *np.cumsum(rng.integers(1, 40, 6)).tolist())
    lrs = rng.uniform(0.01, 1, 7)
    t = np.arange(times[-1] + 50)
    ours = PiecewiseLinear(times, tuple(lrs))(t)
    scales = dict(zip(times[1:], (lrs[1:] / lrs[:-1]).tolist(), strict=True))
    theirs = optax.piecewise_interpolate_schedule("linear", lrs[0], scales)
    np.testing.assert_allclose(ours, [theirs(float(k)) for k in t], rtol=1e-9)
    np.testing.assert_array_equal(ours, np.interp(t, times, lrs))
    assert np.ptp(ours) > 0.1


def test_a_painted_schedule_is_none_of_the_twenty():
    assert "PiecewiseLinear" not in SCHEDULES


@pytest.mark.parametrize(
    ("times", "lrs", "words"),
    [
        ((0, 10), (0.1,), "got 2 times and 1 lrs"),
        ((10, 0), (0.1, 0.2), r"times .* must increase"),
        ((0, 10), (0.1, -0.2), r"lrs \(learning rate\) must lie in \[0, inf\), got -0.2"),
        ((0, 10), (), "at least one rate"),
        ((0, 10), 0.1, "at least one rate"),
    ],
)
def test_refuses_with_one_sentence(times, lrs, words):
    with pytest.raises(ValueError, match=words) as refusal:
        PiecewiseLinear(times, lrs)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("within", [0.001, 0.02, 0.2])
@pytest.mark.parametrize("heights", PAINTINGS)
def test_corners_miss_no_point_by_more(heights, within):
    x, y = np.arange(51), np.array(heights)
    kept = corners(x, y, np.full(51, within))
    assert kept == sorted(set(kept))
    assert np.abs(np.interp(x, x[kept], y[kept]) - y).max() <= within


def test_a_straight_line_has_two_corners():
    assert corners(np.arange(101), np.linspace(0, 1, 101), np.full(101, 1e-9)) == [0, 100]


# ---- what is drawn is what was painted, and what is copied --------------------------------------


@pytest.mark.parametrize("peak_lr", [0.1, 3.7])
@pytest.mark.parametrize("shape", PAINTINGS)
def test_the_rates_are_the_painted_line(shape, peak_lr):
    lr = curve(explored(shape, peak_lr=peak_lr, steps=300), "yours")
    line = peak_lr * np.interp(np.arange(300) / 300, np.linspace(0, 1, 51), shape)
    assert np.abs(lr - line).max() <= 0.006 * peak_lr


@pytest.mark.parametrize(("steps", "peak_lr"), [(10, 7.0), (33, 0.1), (200, 0.0033)])
@pytest.mark.parametrize("shape", PAINTINGS)
def test_both_codes_run_and_give_every_rate(shape, peak_lr, steps):
    explorer = explored(shape, peak_lr=peak_lr, steps=steps)
    drawn = curve(explorer, "yours")
    assert len(drawn) == steps
    schedule = eval(code(explorer, "yours"), {"PiecewiseLinear": PiecewiseLinear})
    np.testing.assert_array_equal(schedule(np.arange(steps)), drawn)
    names = {"torch": torch, "np": np, "model": torch.nn.Linear(1, 1)}
    exec(code(explorer, "PyTorch"), names)
    theirs = []
    for _ in range(steps):
        theirs.append(names["optimizer"].param_groups[0]["lr"])
        names["optimizer"].step()
        names["scheduler"].step()
    np.testing.assert_allclose(theirs, drawn, rtol=1e-9, atol=1e-12 * peak_lr)


def test_what_was_painted_on_a_logarithmic_axis_is_kept():
    shape = tuple((10.0 ** -np.linspace(0, 4, 51)).tolist())
    lr = curve(explored(shape), "yours")
    line = 0.1 * np.interp(np.arange(200) / 200, np.linspace(0, 1, 51), shape)
    np.testing.assert_allclose(lr, line, rtol=0.06)


def test_every_preset_paints_another_schedule():
    presets = draw_your_own.presets()
    drawn = {tuple(curve(explored(p["values"]["shape"]), "yours")) for p in presets}
    assert len(drawn) == len(presets) == len(SHAPES)


def test_the_top_of_the_axis_is_the_top_of_the_drawing():
    panel = explored(peak_lr=0.4).view.panels[0]
    assert (panel.y.low, panel.y.high, panel.draws) == (0, 0.4, "shape")


# ---- what is said --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([(0, 0.2), (0.2, 0.2), (0.22, 0.6), (1, 0)], "jumps to 3 times its value at t = 40"),
        ([(0, 1), (0.4, 0), (0.5, 0), (0.52, 1), (1, 0)], "comes back from zero at t = 100"),
        ([(0, 0), (0.1, 1), (1, 0)], "starts at zero: the first update trains nothing"),
        ([(0, 1), (1, 0.3)], "ends at 30% of its peak: the noise is not annealed"),
        ([(0, 0), (1, 0)], "the rate is zero everywhere: nothing is trained"),
        ([(0, 1), (1, 0)], "falls from 0.1 at t = 0 to 0.0005 at t = 199"),
    ],
)
def test_warns_of_what_was_painted(points, words):
    assert words in explored(polygon(*points)).view.said


@pytest.mark.parametrize("warmup", [0.02, 0.06, 0.1, 0.5])
def test_a_warmup_is_no_jump(warmup):
    said = explored(polygon((0, 0.001), (warmup, 1), (1, 0))).view.said
    assert "jump" not in said
    assert "zero" not in said


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (CosineDecay(0.1, 200), "the same area as CosineDecay"),
        (Constant(0.1), "50% less area than Constant"),
        (Constant(0.04), "26% more area than Constant"),
        (Constant(0.0), "Constant has no area"),
    ],
)
def test_the_area_is_compared(other, words):
    explorer = explored(compare_with=other)
    assert words in explorer.view.said
    assert explorer.view.table.rows[1][1] == f"{other(np.arange(200)).sum():.4g}"


def test_nothing_needs_to_be_compared():
    explorer = explored(compare_with=None)
    assert "area" not in explorer.view.said
    assert len(explorer.view.codes) == 2


def test_the_slider_of_the_peak_scales_the_painted_rates():
    explorer = explored(SCRIBBLES[0])
    before = curve(explorer, "yours")
    explorer.move(peak_lr=0.3)
    assert not explorer.picture["refused"]
    np.testing.assert_allclose(curve(explorer, "yours"), 3 * before, rtol=1e-9)
