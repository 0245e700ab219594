"""Picking rules: on curves whose answer is known, and against the finders they come from."""

import numpy as np
import pytest
from pytorch_lightning.tuner.lr_finder import _LRFinder

from lrcourse.finder.result import RangeTest
from lrcourse.finder.rules import (
    RULES,
    half_the_start,
    kept_over,
    minimum_over_ten,
    minimum_over_three,
    onset,
    onset_over_ten,
    onset_over_three,
    slide,
    smoothed,
    steepest,
    steepest_between_neighbours,
    steepest_over_rate,
    times,
    up_to_the_blow_up,
    valley,
)

LRS = np.geomspace(1e-5, 10, 301)  # 50 to a power of ten
FALL = 2 / (1 + (LRS / 0.001) ** 2)  # from 2 to 0, steepest over log rate at 0.001
CURVE = 0.3 + FALL + (LRS / 0.4) ** 4  # falls, is lowest between, and rises


def noisy(seed, size=0.05, lrs=LRS):
    """A curve with the noise that smoothing leaves: neighbours share most of it."""
    rng = np.random.default_rng(seed)
    return CURVE + smoothed(size * rng.standard_normal(len(lrs)), 0.9)


# What the rules are shown ----------------------------------------------------------------------


def test_a_running_mean_of_a_constant_is_that_constant_from_the_first():
    assert np.allclose(smoothed(np.full(50, 3.0), 0.95), 3.0, rtol=1e-14)


def test_a_running_mean_is_the_slow_loop():
    values, kept, mean = np.random.default_rng(0).random(40), 0.9, 0.0
    expected = []
    for t, value in enumerate(values, start=1):
        mean = kept * mean + (1 - kept) * value
        expected.append(mean / (1 - kept**t))
    assert np.allclose(smoothed(values, kept), expected, rtol=1e-12)
    assert np.allclose(smoothed(np.stack([values, values]), kept)[1], expected, rtol=1e-12)


@pytest.mark.parametrize("steps", [100, 400, 2000])
def test_a_running_mean_lags_by_a_twentieth_of_the_sweep(steps):
    straight = np.arange(steps, dtype=float)
    late = straight[-1] - smoothed(straight, kept_over(steps))[-1]
    assert late == pytest.approx(steps / 20 - 1, rel=0.01)


def test_short_sweeps_are_not_smoothed():
    assert kept_over(15) == 0


@pytest.mark.parametrize("worse", [np.nan, np.inf, 4.01])
def test_a_curve_ends_before_it_blows_up(worse):
    losses = np.array([3.0, 1.0, 3.9, worse, 0.5])
    lrs, kept = up_to_the_blow_up(np.arange(1.0, 6), losses)
    assert list(lrs) == [1, 2, 3]
    assert list(kept) == [3.0, 1.0, 3.9]


def test_a_curve_that_never_blows_up_is_whole():
    lrs, losses = up_to_the_blow_up(LRS, FALL + 1)
    assert len(lrs) == len(losses) == len(LRS)


def test_a_negative_loss_can_blow_up_too():
    """−2 may rise to −2 + 3 · 2 = 4, and not only fall further."""
    _, losses = up_to_the_blow_up(np.arange(1.0, 6), np.array([0.0, -2.0, 3.9, 4.1, 0.0]))
    assert list(losses) == [0.0, -2.0, 3.9]
    assert times(1.1, -2.0) == pytest.approx(-1.8)


# Points of a known curve -----------------------------------------------------------------------


def test_the_steepest_point_is_that_of_the_logistic_curve():
    assert steepest(LRS, FALL) == pytest.approx(0.001, rel=0.06)


def test_a_local_regression_finds_the_steepest_point_in_noise():
    """Where slopes between neighbours find noise: that is what the regression is for."""
    seeds = range(20)
    ours = [steepest(LRS, noisy(seed)) for seed in seeds]
    theirs = [steepest_between_neighbours(LRS, noisy(seed)) for seed in seeds]
    assert np.ptp(np.log10(ours)) < 0.5
    assert np.ptp(np.log10(theirs)) > 1


def test_minimum_over_ten_and_three():
    lowest = LRS[CURVE.argmin()]
    assert minimum_over_ten(LRS, CURVE) == pytest.approx(lowest / 10)
    assert minimum_over_three(LRS, CURVE) == pytest.approx(lowest / 3)


def test_the_onset_is_where_the_loss_has_risen_by_a_tenth():
    found = onset(LRS, CURVE)
    at, lowest = np.flatnonzero(found == LRS)[0], CURVE.argmin()
    assert at > lowest
    assert CURVE[at] > 1.1 * CURVE[lowest] >= CURVE[at - 1]
    assert onset_over_three(LRS, CURVE) == pytest.approx(found / 3)
    assert onset_over_ten(LRS, CURVE) == pytest.approx(found / 10)


def test_an_early_bump_is_no_onset():
    """Higher losses before the lowest point say nothing."""
    bumpy = CURVE.copy()
    bumpy[5:15] = 3.0
    assert onset(LRS, bumpy) == onset(LRS, CURVE)


def test_without_a_rise_the_onset_is_the_last_rate():
    hardly = 1 + FALL + 0.05 * (LRS > 0.1)  # lowest in the middle, and five hundredths more
    assert LRS[hardly.argmin()] < 0.2
    assert onset(LRS, hardly) == LRS[-1]


def test_the_steepest_point_over_log_rate_is_found_on_a_linear_ramp_too():
    """Where the same fall from point to point is a steeper one at high rates, were it not for
    the distance of their logarithms."""
    lrs = np.linspace(1, 10, 301)
    losses = 5 - np.log(lrs) ** 2  # its slope over log rate, −2 log rate, is steepest at the end
    assert steepest(lrs, losses) > 9


def test_half_the_start_is_half_of_where_the_loss_has_fallen_by_a_twentieth():
    found = 2 * half_the_start(LRS, FALL)
    at = np.flatnonzero(np.isclose(LRS, found))[0]
    assert FALL[at] < 0.95 * FALL[:30].mean() <= FALL[at - 1]


# Their own finders -----------------------------------------------------------------------------


def fastai_valley(lrs, losses):
    """The published loop: the longest falling subsequence, by all pairs."""
    lengths = [1] * len(losses)
    end = start = 0
    for i in range(1, len(losses)):
        for j in range(i):
            if losses[i] < losses[j] and lengths[i] < lengths[j] + 1:
                lengths[i] = lengths[j] + 1
            if lengths[end] < lengths[i]:
                end, start = i, i - lengths[i]
    third = (end - start) / 3
    return lrs[start + int(third) + int(third / 2)]


def fastai_slide(lrs, losses):
    """The published loop, which counts from the end: r = -1, l = -16."""
    slopes, right = np.gradient(losses), -1
    left = right - 15
    found = lrs[left]
    while left >= -len(losses) and abs(slopes[right] - slopes[left]) > 0.005:
        found, right, left = lrs[left], right - 1, left - 1
    return found


@pytest.mark.parametrize("seed", range(10))
def test_valley_and_slide_are_fastais(seed):
    losses = noisy(seed)[:280]
    assert valley(LRS[:280], losses) == fastai_valley(LRS[:280], losses)
    assert slide(LRS[:280], losses) == fastai_slide(LRS[:280], losses)


def test_slide_ends_where_fastais_does_when_no_window_is_flat():
    losses = 1000 * np.random.default_rng(0).random(60)
    assert slide(LRS[:60], losses) == fastai_slide(LRS[:60], losses) == LRS[0]


def test_valley_and_slide_do_not_always_pick_the_same():
    """So that the comparison above compares something."""
    for rule in (valley, slide):
        assert len({rule(LRS[:280], noisy(seed)[:280]) for seed in range(10)}) > 3


@pytest.mark.parametrize("seed", range(5))
def test_steepest_over_rate_is_lightnings_suggestion(seed):
    theirs = _LRFinder("exponential", 1e-5, 10, len(LRS))
    theirs.results = {"lr": LRS.tolist(), "loss": noisy(seed).tolist()}
    ours = steepest_over_rate(LRS[10:-1], noisy(seed)[10:-1])
    assert ours == pytest.approx(theirs.suggestion(), rel=1e-6)


def test_steepest_over_rate_picks_noise_at_the_lowest_rates():
    picks = [steepest_over_rate(LRS, noisy(seed)) for seed in range(10)]
    assert max(picks) < 3e-5


# All rules -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rates_in_another_unit_give_the_pick_in_that_unit(rule):
    assert rule(7 * LRS, noisy(1)) == pytest.approx(7 * rule(LRS, noisy(1)), rel=1e-9)


@pytest.mark.parametrize("name", [name for name in RULES if name != "slide"])
def test_a_loss_in_another_unit_gives_the_same_pick(name):
    rule = RULES[name]
    assert rule(LRS, 100 * noisy(1)) == pytest.approx(rule(LRS, noisy(1)), rel=1e-9)


def test_slide_depends_on_the_unit_of_the_loss():
    """As its docstring says: 0.005 is an absolute number."""
    assert slide(LRS, 100 * noisy(1)) != slide(LRS, noisy(1))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rules_change_nothing(rule):
    lrs, losses = LRS.copy(), noisy(2)
    before = losses.copy()
    rule(lrs, losses)
    assert (lrs == LRS).all()
    assert (losses == before).all()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("points", [10, 11, 25])
def test_rules_answer_for_short_and_flat_curves(rule, points):
    lrs = LRS[:points]
    for losses in (CURVE[:points], np.ones(points)):
        assert 0 < rule(lrs, losses) <= lrs[-1]


# The result of a range test --------------------------------------------------------------------


def found(losses, lrs=LRS):
    return RangeTest(lrs, np.atleast_2d(losses))


def raw(seed, size=0.1):
    return CURVE + size * np.random.default_rng(seed).standard_normal(len(LRS))


THREE = np.array([raw(seed) for seed in range(3)])


def test_a_point_of_the_curve_stands_at_the_mean_rate_of_its_losses():
    """A straight line over log rate stays where it is; without care it would move to the right."""
    curve = found(10 - np.log(LRS)).curves[0]
    assert np.allclose(curve.losses, 10 - np.log(curve.lrs), rtol=1e-12)


def test_the_first_tenth_of_a_sweep_is_too_noisy_to_be_shown():
    lucky = raw(0)
    lucky[0] = -100.0
    curve = found(lucky).curves[0]
    assert curve.lrs[0] > LRS[15]
    assert curve.losses.argmin() > 100


def test_the_onset_does_not_depend_on_the_length_of_the_sweep():
    onsets = []
    for steps in (150, 600):
        lrs = np.geomspace(1e-5, 10, steps)
        curve = 0.3 + 2 / (1 + (lrs / 0.001) ** 2) + (lrs / 0.4) ** 4
        onsets.append(found(curve, lrs).onset.middle)
    assert onsets[0] == pytest.approx(onsets[1], rel=0.1)


def test_picks_of_several_sweeps_are_a_range():
    pick = found(THREE).suggestion
    single = [found(losses).suggestion.middle for losses in THREE]
    assert tuple(pick) == pytest.approx(sorted(single))
    assert pick.low < pick.middle < pick.high


def test_the_suggestion_is_a_third_of_the_onset():
    result = found(THREE)
    assert result.suggestion.middle == pytest.approx(result.onset.middle / 3)
    assert result.to_try[1] == result.suggestion.middle
    assert result.to_try[2] / result.to_try[0] == pytest.approx(9)


def test_a_sweep_that_never_rises_gives_no_suggestion_but_says_how_to_get_one():
    flat = found(FALL + 0.3)
    with pytest.raises(ValueError, match=r"never rose.*above 10; sweep further.*1000\)"):
        _ = flat.suggestion
    assert "No suggestion" in str(flat)
    assert "onset/3" not in str(flat)


def test_sweeps_that_never_rise_have_no_say_beside_others_that_do():
    mixed = found(np.array([THREE[0], FALL + 0.3]))
    assert mixed.suggestion == found(THREE[0]).suggestion
    assert "In 1 of 2 sweeps the loss never rose" in str(mixed)


def test_a_model_that_does_not_learn_gives_no_suggestion():
    with pytest.raises(ValueError, match=r"does not learn at any rate from 1e-05 to 10.*labels"):
        _ = found(2.3 + 0.05 * np.random.default_rng(0).standard_normal((2, 301))).suggestion


def test_a_sweep_that_blows_up_at_once_gives_no_suggestion():
    losses = np.full((1, 301), np.nan)
    losses[0, :4] = [2.0, 2.1, 50.0, 900.0]
    with pytest.raises(ValueError, match=r"blew up after 4 updates.*start lower"):
        _ = found(losses).suggestion
    assert "No suggestion" in str(found(losses))


def test_it_prints_every_rule_and_what_to_do():
    said = str(found(THREE))
    assert all(f"  {name}" in said for name in RULES)
    assert "Train with" in said
    assert said in repr(found(THREE))
    assert all(name in found(THREE)._repr_markdown_() for name in RULES)


def test_one_sweep_is_called_a_point():
    assert "repeats=3" in str(found(THREE[0]))
    assert "repeats=3" not in str(found(THREE))


def test_sweeps_that_disagree_are_told():
    shifted = np.array([raw(0), np.roll(raw(0), -60), np.roll(raw(0), -30)])
    shifted[1, 200:], shifted[2, 230:] = np.nan, np.nan
    assert "disagree by a factor" in str(found(shifted))
