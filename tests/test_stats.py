"""Intervals hold the truth as often as they say: counted on samples from a known truth."""

import numpy as np
import pytest
from scipy import stats

from lrcourse.experiments import (
    Interval,
    bootstrap_interval,
    mean_interval,
    paired_difference,
    paired_differences,
    paired_share_difference,
    ratio_interval,
    share_interval,
    slope_interval,
    together,
)

SEEDS = 12


def coverage(interval_of, truth, samples=2000, seed=0):
    """How often the interval of a sample holds the truth."""
    rng = np.random.default_rng(seed)
    found = [interval_of(rng) for _ in range(samples)]
    return np.mean([each.low <= truth <= each.high for each in found])


# Means -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_a_mean_is_covered_as_often_as_asked_for(confidence):
    rate = coverage(lambda rng: mean_interval(rng.normal(3, 2, SEEDS), confidence), 3)
    assert rate == pytest.approx(confidence, abs=0.025)


def test_a_paired_difference_is_covered_though_the_seeds_share_their_luck():
    def sample(rng):
        luck = rng.normal(0, 5, SEEDS)
        return paired_difference(luck + rng.normal(1, 1, SEEDS), luck + rng.normal(0, 1, SEEDS))

    assert coverage(sample, 1) == pytest.approx(0.95, abs=0.015)


def several(rng, metrics=7):
    return {str(i): rng.normal(0, 1, SEEDS) for i in range(metrics)}


def test_several_intervals_hold_together():
    rng, zeros = np.random.default_rng(0), np.zeros(SEEDS)
    joint = [paired_differences(several(rng), zeros) for _ in range(600)]
    alone = [[mean_interval(each) for each in several(rng).values()] for _ in range(200)]
    all_hold = np.mean([not any(i.is_clear for i in each.values()) for each in joint])
    all_alone = np.mean([not any(i.is_clear for i in each) for each in alone])
    assert 0.93 <= all_hold <= 0.98  # independent metrics: 0.9510; dependent ones: more
    assert all_alone < 0.8  # 0.95^7 = 0.70


def test_one_metric_pays_nothing_and_more_pay_by_their_number():
    values, zeros = np.arange(5.0), np.zeros(5)
    assert paired_differences({"a": values}, zeros)["a"] == paired_difference(values, zeros)
    both = paired_differences({"a": values, "b": -values}, {"a": zeros, "b": zeros})
    assert both["a"] == paired_difference(values, zeros, 0.975)
    assert both["b"].mean == -2
    assert together(1) == pytest.approx(0.95)
    assert together(10, 0.9) == pytest.approx(0.99)


# Shares ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("successes", "runs"), [(0, 12), (11, 12), (12, 12), (3, 7)])
def test_a_share_is_the_exact_interval_of_scipy(successes, runs):
    ours = share_interval(successes, runs)
    theirs = stats.binomtest(successes, runs).proportion_ci(0.95, method="exact")
    np.testing.assert_allclose([ours.low, ours.high], [theirs.low, theirs.high], rtol=1e-9)
    assert (ours.mean, ours.seeds) == (successes / runs, runs)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.93])
def test_a_share_is_covered_at_least_as_often_as_promised(share):
    intervals = [share_interval(k, SEEDS) for k in range(SEEDS + 1)]
    odds = stats.binom.pmf(np.arange(SEEDS + 1), SEEDS, share)
    held = sum(p for p, each in zip(odds, intervals, strict=True) if each.low <= share <= each.high)
    assert 0.95 <= held <= 1


def won_lost(won, lost, seeds):
    """Two rows of outcomes in which the first wins and loses so often."""
    values, baseline = np.zeros(seeds, bool), np.zeros(seeds, bool)
    values[:won], baseline[won : won + lost] = True, True
    return values, baseline


@pytest.mark.parametrize("seeds", [5, 12, 30])
def test_a_difference_of_paired_shares_is_covered_whatever_the_shares(seeds):
    """Not simulated: all outcomes are listed, with their probabilities."""
    outcomes = [(won, lost) for won in range(seeds + 1) for lost in range(seeds + 1 - won)]
    intervals = [paired_share_difference(*won_lost(*each, seeds)) for each in outcomes]
    low, high = np.array([each.low for each in intervals]), np.array([e.high for e in intervals])
    counts = np.array([(won, lost, seeds - won - lost) for won, lost in outcomes])
    rates = []
    for wins in np.linspace(0, 1, 11):
        for losses in np.linspace(0, 1 - wins, 9):
            odds = stats.multinomial.pmf(counts, seeds, [wins, losses, max(0, 1 - wins - losses)])
            truth = wins - losses
            rates.append(odds @ ((low <= truth + 1e-9) & (truth - 1e-9 <= high)))
    assert min(rates) >= 0.93
    assert 0.96 <= np.mean(rates) <= 0.998


def test_the_interval_of_paired_shares_holds_what_was_seen():
    for won, lost in [(0, 0), (11, 0), (12, 0), (0, 12), (5, 5), (6, 6)]:
        found = paired_share_difference(*won_lost(won, lost, SEEDS))
        assert -1 <= found.low <= found.mean <= found.high <= 1
        assert found.mean == pytest.approx((won - lost) / SEEDS)
        assert found.low < found.high


def test_0_of_12_against_11_of_12_is_clear_and_0_against_2_is_not():
    assert paired_share_difference(*won_lost(11, 0, SEEDS)).low > 0.4
    assert not paired_share_difference(*won_lost(2, 0, SEEDS)).is_clear
    assert paired_share_difference(*won_lost(0, 11, SEEDS)).high < -0.4


def test_pairing_counts_only_where_the_two_differ():
    values, baseline = won_lost(3, 1, SEEDS)
    both = baseline.copy()
    both[8:] = True  # four seeds more in which both succeed
    same = paired_share_difference(values | (np.arange(SEEDS) >= 8), both)
    assert same == paired_share_difference(values, baseline)


# Ratios, slopes, bootstrap ---------------------------------------------------------------------


def test_a_ratio_is_covered_and_the_same_from_both_sides():
    def sample(rng):
        luck = rng.normal(0, 2, SEEDS)
        values, baseline = (rng.normal(m, 0.5, SEEDS) for m in (np.log(3), 0))
        return ratio_interval(np.exp(luck + values), np.exp(luck + baseline))

    assert coverage(sample, 3) == pytest.approx(0.95, abs=0.015)
    there, back = ratio_interval([1, 2, 6], [2, 2, 2]), ratio_interval([2, 2, 2], [1, 2, 6])
    np.testing.assert_allclose([there.mean, there.low], [1 / back.mean, 1 / back.high])


def test_a_slope_is_the_power_law_and_is_covered():
    x = np.array([1.0, 2, 4, 8])
    exact = slope_interval(x, np.outer([1, 5, 9], x**-0.5))
    assert (exact.mean, exact.seeds) == (pytest.approx(-0.5), 3)
    assert exact.half_width == pytest.approx(0, abs=1e-12)

    def sample(rng):
        luck = rng.normal(0, 1, (SEEDS, 1)) + 0.3 * rng.normal(0, 1, (SEEDS, 4))
        return slope_interval(x, x**2 * np.exp(luck))

    assert coverage(sample, 2) == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("seeds", [8, 20])
def test_the_bootstrap_is_covered_for_few_seeds_too(seeds):
    def sample(rng):
        values = rng.normal(3, 2, seeds)
        return bootstrap_interval(lambda rows: values[rows].mean(), seeds, draws=300, rng=rng)

    assert coverage(sample, 3, samples=500) == pytest.approx(0.95, abs=0.025)


def test_the_bootstrap_repeats_and_may_end_in_infinity():
    values = np.array([1.0, 2, 3, 4, 5, 6])

    def inverse(rows):
        return np.inf if values[rows].mean() < 3 else 1 / values[rows].mean()

    found = bootstrap_interval(inverse, 6)
    assert found == bootstrap_interval(inverse, 6)
    assert (found.mean, found.high) == (1 / 3.5, np.inf)
    assert str(found).endswith(", ∞]")


# Words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (Interval(1.3, 0.4, 12), "1.30 ± 0.40 points better"),
        (Interval(-0.235, 0.014, 12), "0.235 ± 0.014 points worse"),
        (
            Interval(0.07, 0.23, 12),
            "no difference found: 0.07 ± 0.23 points (12 seeds); one larger than 0.30 is excluded",
        ),
        (
            Interval(-0.171, 0.233, 9),
            "no difference found: −0.17 ± 0.23 points (9 seeds); one larger than 0.41 is excluded",
        ),
        (Interval(0.0, 0.0, 12), "no difference in any of the 12 seeds"),
        (Interval.between(-0.9, -1, -0.45, 12), "0.90 [0.45, 1.00] points worse"),
        (
            Interval.between(0.0, -0.5, np.inf, 6),
            "no difference found: 0.00 [−0.50, ∞] points (6 seeds)",
        ),
    ],
)
def test_a_difference_is_said_in_words(interval, words):
    assert interval.in_words("points", above="better", below="worse") == words


def test_the_words_never_exclude_what_the_interval_holds():
    rng = np.random.default_rng(0)
    for mean, half_width in zip(rng.normal(size=300), rng.exponential(3, 300), strict=True):
        interval = Interval(mean, half_width, 12)
        if not interval.is_clear:
            excluded = float(interval.in_words().split("larger than ")[1].split()[0])
            assert excluded >= max(-interval.low, interval.high) - 1e-5


def test_an_uneven_interval_keeps_its_ends():
    uneven = Interval.between(0.9, 0.6, 1.0, 12)
    assert (uneven.low, uneven.high, uneven.half_width) == (0.6, 1.0, pytest.approx(0.3))
    assert str(uneven) == "0.90 [0.60, 1.00]"
    assert (-uneven).low == -1.0
    assert (-uneven).high == -0.6
    assert -Interval.between(-0.9, -1.0, -0.6, 12) == uneven
    assert -Interval(1.0, 0.5, 3) == Interval(-1.0, 0.5, 3)


# What is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mean_interval("abc"), "mean_interval: values must be numbers"),
        (lambda: mean_interval([1.0, 2.0], 95), "confidence must lie .* got 95"),
        (lambda: mean_interval([1.0, np.inf]), "1 of 2 values .* share_interval"),
        (lambda: paired_difference([1, 2], [1, np.nan]), "paired_difference: 1 of 2"),
        (lambda: paired_differences([1, 2], [1, 2]), r"by name, .* got \[1, 2\]"),
        (lambda: paired_differences({}, {}), r"by name, .* got \{\}"),
        (lambda: paired_differences({"a": [1, 2]}, {"b": [1, 2]}), "the same names, .*'a'.*'b'"),
        (lambda: together(0), "together: intervals .* at least 1, got 0"),
        (lambda: share_interval(13, 12), "must not exceed the 12 runs, got 13"),
        (lambda: share_interval(0, 0), "runs must be .* at least 1, got 0"),
        (lambda: share_interval(0.5, 12), "successes .* got 0.5"),
        (lambda: paired_share_difference([0.5, 1], [0, 1]), "True or False .* paired_difference"),
        (lambda: paired_share_difference([0, 1], [0]), "the same seeds"),
        (lambda: ratio_interval([1, 2], [0, 2]), "ratio_interval: baseline .* above 0, .* got 0.0"),
        (lambda: slope_interval([1, 1], np.ones((3, 2))), "at least 2 different points"),
        (lambda: slope_interval([1, 2], np.ones(2)), r"got the shapes \(2,\) and \(2,\)"),
        (lambda: slope_interval([1, 2], -np.ones((3, 2))), "y must be .* above 0, .* got -1.0"),
        (lambda: bootstrap_interval(lambda rows: 1.0, 1), "seeds .* at least 2, got 1"),
        (lambda: bootstrap_interval(lambda rows: np.nan, 3), "statistic .* got NaN"),
    ],
)
def test_refuses_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)
