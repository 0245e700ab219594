"""`diagnose` and the drop test: certain curves, invariances, and what is refused."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from lrcourse.diagnosis import (
    CAPACITY_LIMIT,
    DIVERGING,
    HEALTHY,
    INITIAL_SPIKE,
    NAMES,
    NOISE_FLOOR,
    NOT_SURE,
    OSCILLATING,
    OVERFITTING,
    PLATEAU,
    SPIKE_AFTER_RESTART,
    TOO_SLOW,
    diagnose,
    drop_test,
    read_drop_test,
)
from lrcourse.diagnosis.measures import noise_of, second_half_share, trend, way_ahead
from lrcourse.schedules import CosineDecay, CosineRestarts

T = np.arange(300)
NOISE = np.random.default_rng(0).normal(0, 0.02, 300)
CONSTANT = np.full(300, 0.1)
ARRIVING = 0.3 + 2 * np.exp(-T / 30) + NOISE
RESTARTED = 0.3 + 2 * np.exp(-T / 20) + 0.3 * CosineRestarts(1.0, 100)(T) * (T >= 100) + NOISE
SPIKED = 0.3 + 2 * np.exp(-T / 40) + 6 * np.exp(-(((T - 12) / 4) ** 2)) + NOISE
DROPPED = np.where(T < 200, 0.5, 0.2) + 2 * np.exp(-T / 20) + NOISE

CERTAIN = {
    "NaN": (np.where(T < 100, ARRIVING, np.nan), CONSTANT, None, DIVERGING),
    "rises": (2.3 + T / 50 + NOISE, CONSTANT, None, DIVERGING),
    "blown up": (np.where(T > 20, 2.3, 2.3 + T) + NOISE, CONSTANT, None, DIVERGING),
    "up and down": (2.3 + 2 * np.abs(np.sin(T)) * (T > 0), CONSTANT, None, OSCILLATING),
    "straight": (2.3 - T / 600 + NOISE, CONSTANT, None, TOO_SLOW),
    "no fall": (2.3 + NOISE, CONSTANT, None, TOO_SLOW),
    "flat": (ARRIVING, CONSTANT, None, PLATEAU),
    "arrived": (ARRIVING, CosineDecay(0.1, 300)(T), None, HEALTHY),
    "spiked": (SPIKED, CosineDecay(0.1, 300)(T), None, INITIAL_SPIKE),
    "restarted": (RESTARTED, CosineRestarts(0.1, 100)(T), None, SPIKE_AFTER_RESTART),
    "dropped": (DROPPED, np.where(T < 200, 0.1, 0.01), None, NOISE_FLOOR),
    "overfitted": (ARRIVING, CosineDecay(0.1, 300)(T), np.r_[2, 1.5, 1:2:18j], OVERFITTING),
}


@pytest.mark.parametrize("name", CERTAIN)
def test_a_certain_curve_is_named(name):
    losses, rates, val, truth = CERTAIN[name]
    assert diagnose(losses, rates, val).verdict == truth


def test_all_signs_of_a_log_have_a_certain_curve():
    """The capacity limit needs the drop test: no log shows it."""
    assert {truth for *_, truth in CERTAIN.values()} == set(NAMES) - {CAPACITY_LIMIT}


@pytest.mark.parametrize("name", CERTAIN)
@pytest.mark.parametrize("factor", [1e-6, 3.0, 1e6])
def test_the_unit_of_the_loss_does_not_matter(name, factor):
    losses, rates, val, _ = CERTAIN[name]
    scaled = diagnose(factor * losses, rates, None if val is None else factor * val)
    assert [each.name for each in scaled.signs] == [
        each.name for each in diagnose(losses, rates, val).signs
    ]


@pytest.mark.parametrize("name", CERTAIN)
def test_the_unit_of_the_rate_does_not_matter(name):
    losses, rates, val, truth = CERTAIN[name]
    assert diagnose(losses, 1e-3 * rates, val).verdict == truth


@pytest.mark.parametrize(
    "name", ["rises", "straight", "flat", "arrived", "restarted", "overfitted"]
)
def test_epoch_means_give_the_same_verdict(name):
    losses, rates, val, truth = CERTAIN[name]
    means = losses.reshape(-1, 5).mean(1), rates.reshape(-1, 5).mean(1)
    assert diagnose(*means, val).verdict == truth


@pytest.mark.parametrize("name", ["straight", "flat", "arrived", "restarted"])
def test_a_validation_loss_that_falls_changes_nothing(name):
    losses, rates, _, truth = CERTAIN[name]
    assert diagnose(losses, rates, losses[::10] * 1.05).verdict == truth


@pytest.mark.parametrize("name", CERTAIN)
def test_lists_arrays_and_tensors_are_read_alike(name):
    losses, rates, val, _ = CERTAIN[name]
    as_array = diagnose(losses, rates, val)
    as_list = diagnose(losses.tolist(), rates.tolist(), None if val is None else val.tolist())
    as_tensor = diagnose(torch.tensor(losses, requires_grad=True), torch.tensor(rates), val)
    assert as_array.signs == as_list.signs == as_tensor.signs


@pytest.mark.parametrize("name", CERTAIN)
def test_nothing_that_is_given_is_changed_or_shared(name):
    given = [None if each is None else np.array(each) for each in CERTAIN[name][:3]]
    copies = [None if each is None else each.copy() for each in given]
    read = diagnose(*given)
    read.losses[:] = -1
    for each, copy in zip(given, copies, strict=True):
        np.testing.assert_array_equal(each, copy)


def test_the_rates_are_used():
    """Flat at the end: a plateau at a constant rate, an arrival after a decay, else unknown."""
    rates = (CONSTANT, CosineDecay(0.1, 300)(T), None)
    assert [diagnose(ARRIVING, each).verdict for each in rates] == [PLATEAU, HEALTHY, NOT_SURE]


def test_the_validation_losses_are_used():
    losses, rates, val, _ = CERTAIN["overfitted"]
    assert diagnose(losses, rates).verdict == HEALTHY
    assert diagnose(losses, rates, np.sort(val)[::-1]).verdict == HEALTHY


def test_a_mapping_places_the_validation_losses():
    losses, rates, val, truth = CERTAIN["overfitted"]
    after = dict(zip(range(15, 301, 15), val, strict=True))
    shuffled = dict(reversed(after.items()))
    assert diagnose(losses, rates, shuffled).signs == diagnose(losses, rates, val).signs
    assert diagnose(losses, rates, after).verdict == truth


def test_a_blow_up_is_marked_where_it_happened():
    (sign,) = diagnose(*CERTAIN["NaN"][:2]).signs
    assert sign.places == ((100, 299),)
    assert "at update 100, after 100 of 300 losses" in sign.evidence


def test_the_evidence_speaks_of_the_updates_at_which_was_logged():
    every_tenth = 10.0 * T
    (sign,) = diagnose(*CERTAIN["NaN"][:2], steps=every_tenth).signs
    assert sign.places == ((100, 299),)
    assert "at update 1000, after 100 of 300 losses" in sign.evidence
    for name in ("rises", "spiked", "restarted", "dropped", "overfitted"):
        losses, rates, val, truth = CERTAIN[name]
        plain, spread = (diagnose(losses, rates, val, each) for each in (None, every_tenth))
        said = {
            s.name: [int(n) for n in re.findall(r"update (\d+)", s.evidence)] for s in plain.signs
        }
        assert said[truth]
        assert {s.name: s.places for s in spread.signs} == {s.name: s.places for s in plain.signs}
        for each in spread.signs:
            found = [int(n) for n in re.findall(r"update (\d+)", each.evidence)]
            assert found == [10 * n for n in said[each.name]]


def test_a_spike_that_is_over_is_no_oscillation():
    names = [sign.name for sign in diagnose(*CERTAIN["spiked"][:2]).signs]
    assert names == [INITIAL_SPIKE]
    higher_end = SPIKED + 1 - np.exp(-T / 40)  # falls by less than half, as an oscillation may
    names = [sign.name for sign in diagnose(higher_end, CosineDecay(0.1, 300)(T)).signs]
    assert INITIAL_SPIKE in names
    assert OSCILLATING not in names


def test_a_lucky_first_batch_is_no_oscillation_and_hides_no_slowness():
    losses = np.r_[2.3, (2.7 - T / 2000 + 10 * NOISE)[1:]]
    assert losses.max() > 1.35 * losses[0]
    assert [sign.name for sign in diagnose(losses, CONSTANT).signs] == [TOO_SLOW]


def test_a_loud_level_near_the_start_is_an_oscillation():
    noise = np.abs(np.random.default_rng(5).normal(0, 1.5, 300))
    assert diagnose(np.r_[2.3, (1.2 + noise)[1:]], CONSTANT).verdict == OSCILLATING


def test_lasting_swings_at_a_constant_rate_are_an_oscillation():
    swings = 1.5 + 0.3 * np.sin(T / 8) + NOISE
    assert diagnose(np.r_[2.3, swings[1:]], CONSTANT).verdict == OSCILLATING


def test_a_constant_rate_that_still_brings_a_little_is_not_called_healthy():
    losses = 0.3 + 2 * np.exp(-T / 80) + NOISE / 10
    read = diagnose(losses, CONSTANT)
    assert read.verdict == NOT_SURE
    assert [sign.name for sign in read.signs] == [HEALTHY]


def test_a_rate_that_was_lowered_makes_no_plateau():
    lowered = np.where(T < 250, 0.1, 0.04)
    assert PLATEAU not in [sign.name for sign in diagnose(ARRIVING, lowered).signs]
    assert diagnose(ARRIVING, np.where(T < 250, 0.1, 0.06)).verdict == PLATEAU


def test_doubt_says_what_to_do_only_where_there_is_some():
    assert diagnose(*CERTAIN["flat"][:2]).doubt == []
    (sentence,) = diagnose(ARRIVING).doubt
    assert sentence.startswith("The log alone does not tell.")


def test_an_astronomical_loss_that_comes_back_is_no_overflow():
    losses = ARRIVING.copy()
    losses[5:9] = 1e35
    assert diagnose(losses, CosineDecay(0.1, 300)(T)).verdict == INITIAL_SPIKE


def test_a_negative_loss_is_read_too():
    assert diagnose(ARRIVING - 5, CosineDecay(0.1, 300)(T)).verdict in (HEALTHY, NOT_SURE)
    assert diagnose(-T / 300 - 1 + NOISE, CONSTANT).verdict == TOO_SLOW


@pytest.mark.parametrize("length", [2, 3, 5, 7])
def test_a_very_short_log_is_not_sure_unless_it_was_lost(length):
    assert diagnose(np.linspace(2, 1, length)).verdict == NOT_SURE
    assert diagnose([2.0] * (length - 1) + [np.inf]).verdict == DIVERGING


def test_the_signs_are_sorted_and_complete():
    for losses, rates, val, _ in CERTAIN.values():
        signs = diagnose(losses, rates, val).signs
        assert all(first.sure >= second.sure for first, second in itertools.pairwise(signs))
        for sign in signs:
            assert sign.name in NAMES
            assert 0 <= sign.sure <= 1
            assert sign.section in [f"{n:02}" for n in range(13)]
            assert all(0 <= first <= last < len(losses) for first, last in sign.places)


def test_it_speaks_in_plain_text_and_markdown():
    read = diagnose(*CERTAIN["straight"][:2])
    assert str(read).startswith("verdict: too slow (300 losses read)\ntoo slow (")
    assert read._repr_markdown_().count("\n| **too slow** |") == 1
    assert "The log alone does not tell" in str(diagnose([2.0, 1.0]))


# Measures --------------------------------------------------------------------------------------


def test_the_noise_is_that_of_the_generator_whatever_the_trend():
    noise = np.random.default_rng(1).normal(0, 0.1, 4000)
    assert noise_of(noise) == pytest.approx(0.1, rel=0.05)
    assert noise_of(noise + np.linspace(5, 0, 4000)) == pytest.approx(0.1, rel=0.05)


def test_a_trend_is_covered_by_its_error():
    rng = np.random.default_rng(2)
    found = [trend(np.linspace(0, 1, 100) + rng.normal(0, 0.3, 100)) for _ in range(300)]
    # the line runs through block means: from the middle of the first to that of the last
    hits = [abs(rise - 0.91) < 2.5 * error for rise, error in found]
    assert 0.9 < np.mean(hits) <= 1


@pytest.mark.parametrize("ahead", [0.02, 0.1, 0.25])
def test_the_way_ahead_is_that_of_an_exponential_fall(ahead):
    t = np.arange(20_000) / 20_000
    assert way_ahead(ahead**t) == pytest.approx(ahead, rel=0.35)
    lrs = np.linspace(1, 0, 20_000)
    way = (np.cumsum(lrs) - lrs) / lrs.sum()
    assert way_ahead(ahead**way, lrs) == pytest.approx(ahead, rel=0.35)


def test_a_straight_line_falls_by_half_in_the_second_half():
    assert second_half_share(np.linspace(5, 3, 1000)) == pytest.approx(0.5, abs=0.05)


# The drop test ---------------------------------------------------------------------------------


def tail(level, seed=0):
    return level + np.random.default_rng(seed).normal(0, 0.02, 100)


@pytest.mark.parametrize(
    ("lower", "higher", "truth"),
    [(0.4, 0.8, NOISE_FLOOR), (0.6, 0.4, TOO_SLOW), (0.6, 0.6, CAPACITY_LIMIT)],
)
def test_the_drop_test_tells_why_a_curve_is_flat(lower, higher, truth):
    assert read_drop_test(tail(0.6), tail(lower, 1), tail(higher, 2), tail(0.6, 3)).verdict == truth
    assert read_drop_test(tail(0.6), tail(lower, 1), tail(higher, 2)).verdict == truth


def test_the_drop_test_is_not_sure_without_the_higher_rate_or_in_much_noise():
    assert read_drop_test(tail(0.6), tail(0.6, 1)).verdict == NOT_SURE
    loud = [np.random.default_rng(seed).normal(1, 2, 30) for seed in range(4)]
    assert read_drop_test(*loud).verdict == NOT_SURE


def creeping(factor, noise):
    """100 more updates at `factor` times a rate that is far too small: 1% of fall at 1."""
    return 0.6 - 0.012 * factor * np.arange(100) / 100 + noise


def test_common_batches_cancel_in_the_drop_test():
    """A fall of a fifth of the noise is found; with other batches it is left open."""
    batches = np.random.default_rng(3).normal(0, 0.06, (3, 100))
    same, lower, higher = (creeping(factor, batches[0]) for factor in (1, 0.1, 3))
    assert read_drop_test(same, lower, higher, same).verdict == TOO_SLOW
    others = [creeping(factor, noise) for factor, noise in zip((1, 0.1, 3), batches, strict=True)]
    read = read_drop_test(others[0], *others[1:], others[0])
    assert read.verdict == NOT_SURE
    assert re.search(r"a fall larger than [\d.]+% at the lower rate, [\d.]+% at the", read.evidence)


def test_a_capacity_limit_needs_small_errors():
    idle = [tail(0.6, seed) for seed in range(3)]
    assert read_drop_test(idle[0], idle[1], idle[2], idle[0]).verdict == CAPACITY_LIMIT
    wide = [0.6 + 6 * (each - 0.6) for each in idle]
    assert read_drop_test(wide[0], wide[1], wide[2], wide[0]).verdict == NOT_SURE


def test_a_run_that_gains_at_both_rates_is_not_called_slow():
    same, lower, higher = (level + NOISE[:100] for level in (0.6, 0.58, 0.585))
    assert read_drop_test(same, lower, higher, same).verdict == NOT_SURE


def test_a_higher_rate_that_blows_up_is_no_fall():
    higher = np.r_[tail(0.6)[:50], np.full(50, np.nan)]
    assert read_drop_test(tail(0.6), tail(0.4, 1), higher, tail(0.6, 2)).verdict == NOISE_FLOOR


def noisy_bowl(rate):
    """f(w) = |w|² / 2 in 50 dimensions, seen through noise; w is already where a run settles."""
    torch.manual_seed(0)
    model = torch.nn.Linear(50, 1, bias=False)
    with torch.no_grad():
        model.weight.normal_(0, 2.0 if rate < 1e-3 else (rate / 2) ** 0.5)
    batches = list(torch.randn(100, 50, generator=torch.Generator().manual_seed(1)))
    return model, torch.optim.SGD(model.parameters(), lr=rate), batches


def bowl_loss(model, noise):
    w = model.weight[0]
    return (w @ w) / 2 + (noise @ (w - w.detach()))  # the value of the bowl, a noisy gradient


@pytest.mark.parametrize(("rate", "truth"), [(0.5, NOISE_FLOOR), (1e-3 / 2, TOO_SLOW)])
def test_the_drop_test_on_a_model(rate, truth):
    model, optimizer, batches = noisy_bowl(rate)
    before = model.weight.detach().clone()
    read = drop_test(model, optimizer, bowl_loss, batches)
    assert read.verdict == truth
    assert torch.equal(before, model.weight)
    assert optimizer.param_groups[0]["lr"] == rate
    assert model.weight.grad is None


def test_the_drop_test_takes_a_criterion_and_starts_the_data_again():
    model = torch.nn.Linear(3, 1)
    x = torch.randn(8, 3)
    data = [(x, x.sum(1, keepdim=True))]
    read = drop_test(model, torch.optim.SGD(model.parameters(), 0.001), torch.nn.MSELoss(), data)
    assert len(read.lower) == len(read.same) == 100
    assert read.same[0] == read.lower[0] == read.higher[0]
    assert read.higher[-1] < read.same[-1] < read.lower[-1]
    assert read.verdict == TOO_SLOW


# What is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: diagnose([]), "losses must hold at least 2 losses, got 0"),
        (lambda: diagnose([1.0]), "at least 2 losses, got 1"),
        (lambda: diagnose("abc"), "losses must be a sequence of numbers, got 'abc'"),
        (lambda: diagnose(3.0), r"one row of numbers, got the shape \(\)"),
        (lambda: diagnose(np.ones((3, 4))), r"got the shape \(3, 4\); give one run at a time"),
        (lambda: diagnose([np.nan, np.nan]), "no finite number: the run was lost before"),
        (lambda: diagnose([2, 1], [0.1]), "rates must be as many as the losses, 2, got 1"),
        (lambda: diagnose([2, 1], [0.1, -1]), "rates must be finite and not below zero, got -1.0"),
        (lambda: diagnose([2, 1], steps=[0]), "steps must be as many as the losses, 2, got 1"),
        (lambda: diagnose([2, 1], steps=[9, 3]), "steps must not go back, got 3 after 9"),
        (lambda: diagnose([2, 1], steps=[0, np.nan]), "steps must be finite, got nan"),
        (lambda: diagnose([2, 1], val=[1, 1, 1]), "val must not be longer .* 2, got 3"),
        (lambda: diagnose([2, 1], val=[]), "val must hold at least one loss, or be None"),
        (lambda: diagnose([2, 1], val={5: 1.0}), r"lie in \[0, 2\], counted in losses, got 5.0"),
        (lambda: read_drop_test([1.0, 1.0], []), "read_drop_test: lower must hold at least 2"),
        (lambda: drop_test(*noisy_bowl(0.0)[:2], bowl_loss, [1]), "rate above 0, got"),
        (lambda: drop_test(*noisy_bowl(0.1)[:2], bowl_loss, []), "batches is empty; give"),
        (lambda: drop_test(*noisy_bowl(0.1)[:2], bowl_loss, iter([1])), "batches is an iterator"),
        (lambda: drop_test(*noisy_bowl(0.1)[:2], bowl_loss, [1], steps=0), "steps .* got 0"),
    ],
)
def test_refuses_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_a_blow_up_is_marked_from_where_the_loss_left_its_start():
    t = np.arange(300.0)
    losses = np.where(t < 100, 2.0, 2.0 * np.exp(t - 99))  # twice the start from t = 100 on
    (sign,) = diagnose(losses).signs
    assert sign.name == DIVERGING
    assert sign.places == ((100, 299),)
    assert "left its start at update 100 and was" in sign.evidence


def test_a_sudden_nan_is_marked_where_it_stands():
    losses = np.linspace(2.0, 1.0, 300)
    losses[200:] = np.nan
    assert diagnose(losses).signs[0].places == ((200, 299),)


def test_a_log_of_epochs_is_told_in_epochs():
    losses = [3.0, 2.5, 2.2, float("nan"), float("nan")]
    assert "at epoch 4, " in diagnose(losses, steps=[1, 2, 3, 4, 5], time="epoch").signs[0].evidence


def test_few_losses_are_believed_less_but_a_plain_case_is_still_named():
    losses = 2.1 * 0.7 ** np.arange(40.0)
    val = np.concatenate([2.0 * 0.8 ** np.arange(15.0), 0.088 * 1.06 ** np.arange(25.0)])
    long, short = diagnose(losses, val=val), diagnose(losses[::4], val=val[::4])
    assert long.verdict == short.verdict == OVERFITTING
    assert long.signs[0].sure > short.signs[0].sure


def test_a_doubt_asks_only_for_what_is_missing():
    flat = 1 + 0.01 * np.random.default_rng(0).standard_normal(30)
    whole = replace(diagnose(flat), verdict=NOT_SURE)
    assert "Give the rates and validation losses too" in whole.doubt[0]
    full = replace(diagnose(flat, np.full(30, 0.1), flat), verdict=NOT_SURE)
    assert full.doubt[0].startswith("The log alone does not tell. Log more updates")
