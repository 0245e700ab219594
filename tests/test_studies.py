"""Comparisons are fair: paired seeds, a peak chosen without the seed that is reported."""

import numpy as np
import pytest
import torch

from lrcourse.experiments import (
    Bowls,
    Budgets,
    Momentum,
    Run,
    at_the_end,
    bowls,
    budgets,
    compare,
    digits,
    mean_interval,
    train,
)
from lrcourse.experiments.studies import first_reached
from lrcourse.schedules import Constant, CosineDecay, LinearDecay, LinearWarmup, OneCycle

STEPS, SEEDS = 12, (3, 5, 8)
SHAPES = {"constant": Constant(1), "cosine": CosineDecay(1, STEPS)}
PLANS = {"constant": lambda steps: Constant(1), "cosine": lambda steps: CosineDecay(1, steps)}


@pytest.fixture(scope="module")
def problem():
    return digits(train_size=200, widths=(64, 8, 10), dtype=torch.float64)


def run_with(accuracies, losses=None, diverged=()):
    """A Run that ends with these test accuracies, one for each seed."""
    seeds = len(accuracies)
    weights = np.zeros((seeds, 1, 1))
    weights[list(diverged)] = np.nan
    tests = {"accuracy": np.array(accuracies)[:, None]}
    tests["loss"] = np.array(accuracies if losses is None else losses)[:, None]
    one = np.ones((seeds, 1))
    return Run(one, one, one, np.array([1]), tests, np.array([1]), weights)


def bowls_with(table, diverged=None):
    """Bowls of one schedule "s" with these accuracies (L, seeds)."""
    lost = diverged or {}
    runs = [run_with(row, diverged=lost.get(i, ())) for i, row in enumerate(table)]
    return Bowls(2.0 ** np.arange(len(table)), {"s": runs})


# compare ---------------------------------------------------------------------------------------


def test_each_name_has_its_own_rates_and_all_the_seeds(problem):
    schedules = {"b": Constant(0.1), "a": CosineDecay(0.2, STEPS)}
    runs = compare(problem, schedules, SEEDS, STEPS)
    assert list(runs) == ["b", "a"]
    for name, schedule in schedules.items():
        rates = np.tile(schedule(np.arange(STEPS)), (3, 1))
        np.testing.assert_array_equal(runs[name].lrs, rates)
        alone = train(problem, rates, SEEDS)
        np.testing.assert_allclose(runs[name].losses, alone.losses, rtol=1e-12)
    assert np.ptp(runs["a"].losses[:, 0]) > 0  # the seeds differ, and are in one order
    np.testing.assert_array_equal(runs["a"].losses[:, 0], runs["b"].losses[:, 0])


def test_a_momentum_goes_to_its_name_and_the_others_keep_their_own(problem):
    cycle = OneCycle(0.1, STEPS)
    schedules = {"constant": Constant(0.1), "one cycle": cycle}
    momenta = {"one cycle": cycle.momentum}
    for optimizer, own in [(None, 0.9), (Momentum(0.5), 0.5)]:
        runs = compare(problem, schedules, SEEDS, STEPS, momenta, optimizer=optimizer)
        assert (runs["constant"].momenta == own).all()
        np.testing.assert_array_equal(
            runs["one cycle"].momenta, np.tile(cycle.momentum(np.arange(STEPS)), (3, 1))
        )
        assert np.ptp(runs["one cycle"].momenta) > 0.05


def test_the_end_of_a_diverged_run_is_no_number():
    ends = at_the_end(run_with([0.5, 0.1, 0.7], losses=[1.0, 2.0, 3.0], diverged=[1]))
    np.testing.assert_array_equal(ends["accuracy"], [0.5, np.nan, 0.7])
    np.testing.assert_array_equal(ends["loss"], [1, np.nan, 3])


# bowls -----------------------------------------------------------------------------------------


def test_every_shape_runs_at_every_peak(problem):
    peaks = [0.05, 0.2]
    found = bowls(problem, SHAPES, peaks, SEEDS, STEPS)
    assert found.at_the_end("cosine").shape == (2, 3)
    for name, shape in SHAPES.items():
        for peak, run in zip(peaks, found.runs[name], strict=True):
            np.testing.assert_allclose(run.lrs, np.tile(peak * shape(np.arange(STEPS)), (3, 1)))
            np.testing.assert_array_equal(
                found.at_the_end(name)[peaks.index(peak)], run.test_accuracies[:, -1]
            )


def test_a_momentum_of_a_shape_is_used_at_each_of_its_peaks(problem):
    cycle = OneCycle(1, STEPS)
    shapes = {"constant": Constant(1), "one cycle": cycle}
    found = bowls(problem, shapes, [0.05, 0.1], SEEDS, STEPS, {"one cycle": cycle.momentum})
    for run in found.runs["one cycle"]:
        np.testing.assert_array_equal(run.momenta[0], cycle.momentum(np.arange(STEPS)))
    assert all((run.momenta == 0.9).all() for run in found.runs["constant"])


def test_the_reported_seed_has_no_say_in_the_choice_of_its_peak():
    """Each seed has one peak at which it alone is lucky; every peak has the same mean."""
    lucky = np.full((4, 4), 0.5) + 0.4 * np.eye(4)
    found = bowls_with(lucky)
    assert lucky.max() == 0.9  # what a seed would report that chose for itself
    np.testing.assert_array_equal(found.tuned("s"), [0.5] * 4)


def test_each_half_of_the_seeds_chooses_for_the_other():
    table = np.array([[0.1, 0.9, 0.2], [0.6, 0.5, 0.6], [0.4, 0.4, 0.4]])
    # seed 1 chooses the first peak for seeds 0 and 2; they choose the second for seed 1
    np.testing.assert_array_equal(bowls_with(table).tuned("s"), [0.1, 0.5, 0.2])


def test_of_losses_the_lowest_is_best():
    table = np.array([[0.9, 0.8, 0.9], [0.1, 0.2, 0.1], [0.5, 0.5, 0.5]])
    found = bowls_with(table)
    assert (found.best_peak("s", "loss"), found.best_peak("s")) == (2.0, 1.0)
    np.testing.assert_array_equal(found.tuned("s", "loss"), table[1])


def test_tuning_does_not_flatter_and_its_interval_holds_the_truth():
    """Ten peaks that are all equally good, 0.5: the best of them looks better, tuned does not."""
    rng = np.random.default_rng(0)
    naive, tuned, held = [], [], 0
    for _ in range(400):
        found = bowls_with(rng.normal(0.5, 0.1, (10, 8)))
        naive.append(max(run.tests["accuracy"].mean() for run in found.runs["s"]))
        values = found.tuned("s")
        tuned.append(values.mean())
        held += mean_interval(values).low <= 0.5 <= mean_interval(values).high
    assert np.mean(naive) > 0.54
    assert np.mean(tuned) == pytest.approx(0.5, abs=0.01)
    assert 0.89 < held / 400 < 0.97  # leaving out one seed at a time: 0.78


def test_a_peak_where_runs_diverge_is_chosen_only_where_all_do():
    table = np.array([[0.3] * 3, [0.6] * 3, [0.9] * 3])
    some = bowls_with(table, diverged={2: [1]})
    assert some.best_peak("s") == 2.0
    np.testing.assert_array_equal(some.tuned("s")[[0, 2]], [0.6, 0.6])
    np.testing.assert_array_equal(some.diverged("s").sum(1), [0, 0, 1])
    every = bowls_with(table, diverged={0: [0, 1], 1: [0], 2: [0, 1, 2]})
    assert every.best_peak("s") == 2.0
    assert np.isnan(every.tuned("s")[0])


def test_the_edge_of_the_grid_is_told():
    rising = np.array([[0.1] * 3, [0.2] * 3, [0.3] * 3])
    assert bowls_with(rising).is_at_the_edge("s")
    assert bowls_with(rising[::-1]).is_at_the_edge("s")
    assert not bowls_with(rising[[0, 2, 1]]).is_at_the_edge("s")


# budgets ---------------------------------------------------------------------------------------


def budgets_with(steps, **curves):
    """Budgets of one peak rate with these accuracies (B, seeds)."""
    return Budgets(
        np.array(steps),
        [
            Bowls(np.ones(1), {name: [run_with(curve[b])] for name, curve in curves.items()})
            for b in range(len(steps))
        ],
    )


def test_each_budget_is_planned_for_its_own_length(problem):
    found = budgets(problem, PLANS, [0.05, 0.2], [6, 12], SEEDS)
    assert found.tuned("cosine").shape == (2, 3)
    for steps, bowl in zip((6, 12), found.bowls, strict=True):
        expected = 0.2 * CosineDecay(1, steps)(np.arange(steps))
        np.testing.assert_allclose(bowl.runs["cosine"][1].lrs[0], expected)
        np.testing.assert_array_equal(bowl.tuned("cosine"), found.tuned("cosine")[steps // 6 - 1])


@pytest.mark.parametrize(
    ("goal", "updates"),
    [(0.4, 100), (0.5, 200), (0.6, 400), (0.7, 800), (0.8, 1600), (0.81, np.inf), (0.39, 0)],
)
def test_a_curve_is_read_on_a_logarithmic_axis(goal, updates):
    steps, values = np.array([100, 400, 1600]), np.array([0.4, 0.6, 0.8])
    assert first_reached(goal, steps, values) == pytest.approx(updates)


def test_a_curve_that_falls_again_is_read_where_it_first_arrives():
    assert first_reached(0.5, np.array([1, 10, 100, 1000]), np.array([0.4, 0.6, 0.4, 0.9])) < 10


def power_law(rng, factor, seeds=10):
    """Accuracies of two schedules: "fast" needs `factor` times fewer updates than "slow"."""
    steps = np.array([100, 200, 400, 800, 1600])
    luck = rng.normal(0, 0.02, seeds)

    def curve(faster):
        means = 0.3 + 0.1 * np.log2(steps * faster / 100)
        return means[:, None] + luck + rng.normal(0, 0.02, (5, seeds))

    return budgets_with(steps, slow=curve(1), fast=curve(factor))


def test_the_updates_needed_are_read_without_noise_exactly():
    steps = [100, 200, 400, 800]
    slow = np.tile([[0.3], [0.4], [0.5], [0.6]], (1, 3))
    found = budgets_with(steps, slow=slow, fast=slow + 0.15)
    needed = found.updates_needed("fast", "slow", 400)
    assert (needed.mean, needed.low, needed.high) == (pytest.approx(100 * 2**0.5),) * 3
    assert found.times_fewer("fast", "slow", 400).mean == pytest.approx(2**1.5)
    assert found.times_fewer("slow", "slow", 400).mean == pytest.approx(1)
    losses = budgets_with(steps, slow=-slow, fast=-slow - 0.15)
    assert losses.updates_needed("fast", "slow", 400, "loss").mean == pytest.approx(needed.mean)


def test_the_saving_of_updates_is_covered():
    rng = np.random.default_rng(0)
    found = [power_law(rng, 3.0).times_fewer("fast", "slow", 800) for _ in range(80)]
    assert np.mean([each.low <= 3 <= each.high for each in found]) == pytest.approx(0.95, abs=0.05)
    assert np.exp(np.mean(np.log([each.mean for each in found]))) == pytest.approx(3, rel=0.05)
    assert np.median([each.high / each.low for each in found]) < 1.6  # and it says something


def test_an_interval_that_leaves_the_budgets_is_open():
    rng = np.random.default_rng(1)
    found = power_law(rng, 1.1)
    assert found.updates_needed("fast", "slow", 1600).high == np.inf
    fewer = found.times_fewer("fast", "slow", 1600)
    assert 0 == fewer.low < fewer.mean < fewer.high < np.inf


# What is refused -------------------------------------------------------------------------------


FLAT = {"slow": np.full((2, 3), 0.5), "fast": np.full((2, 3), 0.6)}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: compare(p, [Constant(1)], SEEDS, 5), "compare: give schedules by name"),
        (lambda p: compare(p, {"a": 0.1}, SEEDS, 5), "compare: a must be a schedule, got 0.1"),
        (lambda p: compare(p, SHAPES, 12, 5), r"seeds must be several .* range\(12\), got 12"),
        (lambda p: compare(p, SHAPES, [0, 1, 0], 5), r"different numbers, .* got \[0, 1, 0\]"),
        (lambda p: compare(p, SHAPES, [], 5), r"at least one, got \[\]"),
        (lambda p: compare(p, SHAPES, SEEDS, 0), "compare: steps .* got 0"),
        (
            lambda p: compare(p, SHAPES, SEEDS, 5, {"cosin": Constant(0.9)}),
            "momenta must have names .* got 'cosin'",
        ),
        (lambda p: bowls(p, SHAPES, [0.2, 0.1], SEEDS, 5), "rising order, .* got .0.2, 0.1"),
        (lambda p: bowls(p, SHAPES, [0.0, 0.1], SEEDS, 5), "rates above 0 .* got .0.0, 0.1"),
        (lambda p: bowls(p, SHAPES, [], SEEDS, 5), r"peak_lrs .* got \[\]"),
        (
            lambda p: bowls(p, {"c": CosineDecay(0.1, 5)}, [0.1], SEEDS, 5),
            r"bowls: c must have the peak 1, .* CosineDecay\(1, 5\) .* got the highest rate 0.1",
        ),
        (
            lambda p: bowls(p, SHAPES, [0.1], SEEDS, 5, {"linear": LinearDecay(1, 5)}),
            "bowls: momenta .* got 'linear'",
        ),
        (lambda p: bowls_with([[0.1, 0.2]]).tuned("x"), r"name must be one of \['s'\], got 'x'"),
        (lambda p: bowls_with([[0.1, 0.2]]).tuned("s", "height"), "metric must be .* got 'height'"),
        (lambda p: bowls_with([[0.1]]).tuned("s"), "at least 2, got 1"),
        (lambda p: budgets(p, SHAPES, [0.1], [5, 9], SEEDS), "a function of the budget, .* got C"),
        (lambda p: budgets(p, [1], [0.1], [5, 9], SEEDS), r"shapes by name, .* got \[1\]"),
        (lambda p: budgets(p, PLANS, [0.1], [9, 5], SEEDS), r"rising order, got \[9, 5\]"),
        (lambda p: budgets(p, PLANS, [0.1], [5], SEEDS), r"at least 2 budgets .* got \[5\]"),
        (lambda p: budgets(p, PLANS, [0.1], [0, 5], SEEDS), r"steps\[0\] .* got 0"),
        (
            lambda p: budgets_with([5, 9], **FLAT).updates_needed("fast", "slow", 7),
            r"one of the budgets \[5, 9\], got 7",
        ),
        (
            lambda p: budgets_with([5, 9], **FLAT).updates_needed("fast", "slow", 9),
            "fast becomes as good as slow after 9 .* add smaller ones",
        ),
        (
            lambda p: budgets_with([5, 9], **FLAT).updates_needed("slow", "fast", 9),
            "add larger ones",
        ),
    ],
)
def test_refuses_in_one_sentence(problem, make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make(problem)
    assert "\n" not in str(caught.value)


def test_a_warmup_that_just_misses_its_peak_is_a_shape(problem):
    shape = LinearWarmup(1, 3) >> CosineDecay(1, 9)
    assert len(bowls(problem, {"warm": shape}, [0.1], SEEDS, STEPS).runs["warm"]) == 1


def test_a_reading_of_diverged_runs_is_refused():
    diverged = Bowls(np.ones(1), {"s": [run_with([0.5, 0.6, 0.7], diverged=[0])]})
    with pytest.raises(ValueError, match="1 tuned runs of s diverged"):
        Budgets(np.array([5]), [diverged]).updates_needed("s", "s", 5)
