"""ReduceOnPlateau: torch's rates on positive metrics, the same rule on negative ones."""

import json
import math

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

import lrcourse.schedules
from lrcourse.schedules import Constant, CosineDecay, LinearWarmup, ReduceOnPlateau, StepDecay

HISTORIES = 500  # for each mode and each measure of the improvement
CHECKS = 60
RULES = [(mode, measure) for mode in ("min", "max") for measure in ("rel", "abs")]


def drawn_plateau(rng, mode, measure):
    return ReduceOnPlateau(
        peak_lr=rng.uniform(0.01, 10),
        factor=rng.uniform(0.05, 0.95),
        patience=rng.integers(0, 6),
        threshold=rng.choice([0, 1e-4, 0.0137, 0.171]),
        mode=mode,
        threshold_mode=measure,
        cooldown=rng.integers(0, 5),
        min_lr=rng.choice([0, 0.01]),
    )


def drawn_history(rng, mode):
    """Positive metrics that get better, ever more slowly, with noise, ties, NaN and ±∞."""
    falling = np.exp(-rng.uniform(0, 0.2) * np.arange(CHECKS)) + 0.1
    metrics = falling * rng.uniform(1, 1 + rng.uniform(0, 1), CHECKS)
    metrics = np.round(metrics if mode == "min" else 2 / metrics, rng.integers(2, 9))
    broken = rng.random(CHECKS) < rng.choice([0, 0.05])
    return np.where(broken, rng.choice([np.nan, np.inf, -np.inf], CHECKS), metrics)


def cases(mode, measure):
    rng = np.random.default_rng([RULES.index((mode, measure)), 7])
    for _ in range(HISTORIES):
        yield drawn_plateau(rng, mode, measure), drawn_history(rng, mode)


def replayed_by_torch(plateau, metrics):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=plateau.peak_lr)
    names = ("mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "min_lr")
    arguments = {name: getattr(plateau, name) for name in names}
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, eps=0, **arguments)
    rates = []
    for metric in metrics:
        scheduler.step(metric)
        rates.append(optimizer.param_groups[0]["lr"])
    return np.array(rates)


def replayed_slowly(plateau, metrics):
    """The docstring, word by word, for the measure "rel"."""
    lr, best, counted, rates = plateau.peak_lr, None, [], []
    pause = 0
    for metric in metrics:
        gain = math.nan
        if best is not None:
            gain = best - metric if plateau.mode == "min" else metric - best
        improved = not math.isnan(metric) if best is None else gain > plateau.threshold * abs(best)
        if improved:
            best, counted = metric, []
        elif pause == 0:
            counted.append(metric)
        pause = max(pause - 1, 0)
        if len(counted) > plateau.patience:
            lr, counted, pause = max(plateau.factor * lr, plateau.min_lr), [], plateau.cooldown
        rates.append(lr)
    return np.array(rates)


@pytest.mark.parametrize(("mode", "measure"), RULES)
def test_equals_torch_on_positive_metrics(mode, measure):
    cuts = []
    for plateau, metrics in cases(mode, measure):
        ours = plateau.replay(metrics)
        np.testing.assert_array_equal(ours, replayed_by_torch(plateau, metrics))
        cuts.append(np.count_nonzero(np.diff(ours, prepend=plateau.peak_lr)))
    assert np.mean(np.array(cuts) > 0) > 0.6
    assert np.mean(np.array(cuts) > 2) > 0.2


@pytest.mark.parametrize("measure", ["rel", "abs"])
@pytest.mark.parametrize("offset", [0.0, -0.7, -5.0])
def test_falling_metrics_and_rising_negatives_are_the_same(measure, offset):
    names = ("factor", "patience", "threshold", "threshold_mode", "cooldown", "min_lr")
    for plateau, metrics in cases("min", measure):
        arguments = {name: getattr(plateau, name) for name in names}
        mirrored = ReduceOnPlateau(plateau.peak_lr, mode="max", **arguments)
        metrics = metrics + offset
        np.testing.assert_array_equal(plateau.replay(metrics), mirrored.replay(-metrics))


@pytest.mark.parametrize("mode", ["min", "max"])
def test_negative_metrics_are_held_to_the_same_margin(mode):
    differs_from_torch = 0
    for plateau, metrics in cases(mode, "rel"):
        metrics = np.where(np.isinf(metrics), np.nan, metrics - 3)
        ours = plateau.replay(metrics)
        np.testing.assert_array_equal(ours, replayed_slowly(plateau, metrics))
        differs_from_torch += not np.array_equal(ours, replayed_by_torch(plateau, metrics))
    assert differs_from_torch > HISTORIES / 10


@pytest.mark.parametrize(
    ("patience", "cooldown", "cuts"),
    [(0, 0, [2, 3, 4]), (1, 0, [3, 5, 7]), (10, 0, [12, 23, 34]), (2, 3, [4, 10, 16])],
)
def test_a_constant_metric_is_cut_after_these_checks(patience, cooldown, cuts):
    plateau = ReduceOnPlateau(1.0, 0.5, patience, cooldown=cooldown)
    rates = plateau.replay([1.0] * cuts[-1])
    assert [i + 1 for i in np.flatnonzero(np.diff(rates, prepend=1.0))] == cuts


def test_replay_is_one_update_after_the_other():
    for plateau, metrics in cases("min", "rel"):
        replayed = plateau.replay(metrics)
        assert [plateau.update(metric) for metric in metrics] == replayed.tolist()


def test_replay_starts_afresh_and_changes_nothing():
    plateau = ReduceOnPlateau(1.0, patience=1)
    for metric in [3.0, 2.0, 2.0, 2.0, 2.0]:
        plateau.update(metric)
    before = plateau.state_dict()
    assert before["lr"] == 0.1
    assert plateau.replay([1.0, 1.0]).tolist() == [1.0, 1.0]
    assert plateau.state_dict() == before


@pytest.mark.parametrize("every", [1, 3])
def test_no_metric_counts_before_the_warmup_is_over(every):
    plateau, warmup = ReduceOnPlateau(1.0, patience=0), LinearWarmup(1.0, steps=6)
    metrics = [0.0] * 5 + [1.0] * 5  # the early zeros would never be beaten
    rates = (warmup >> plateau).replay(metrics, step_size=every)
    t = every * np.arange(1, 11)
    early = int(np.sum(t < 6))
    assert rates[:early].tolist() == warmup(t[:early]).tolist()
    assert rates[early:].tolist() == plateau.replay(metrics[early:]).tolist()


def test_a_warmup_drives_the_rate_until_it_is_over():
    plateau = LinearWarmup(1.0, steps=4) >> ReduceOnPlateau(1.0)
    assert [plateau.rate(t) for t in range(6)] == [0, 0.25, 0.5, 0.75, 1, 1]


def test_warmups_follow_one_another():
    plateau = ReduceOnPlateau(1.0)
    hold, warmup = Constant(0.1, steps=2), LinearWarmup(1.0, steps=4)
    assert repr(hold >> (warmup >> plateau)) == repr((hold >> warmup) >> plateau)


@pytest.mark.parametrize("done", [0, 1, 7, 25])
def test_continues_from_its_state_through_json(done):
    for plateau, metrics in list(cases("max", "rel"))[:50]:
        expected = plateau.replay(metrics)[done:].tolist()
        for metric in metrics[:done]:
            plateau.update(metric)
        resumed = eval(repr(plateau), vars(lrcourse.schedules))
        resumed.load_state_dict(json.loads(json.dumps(plateau.state_dict())))
        assert [resumed.update(metric) for metric in metrics[done:]] == expected


@pytest.mark.parametrize(
    "plateau",
    [
        ReduceOnPlateau(0.1),
        ReduceOnPlateau(0.1, 0.5, 3, 0.01, "max", "abs", 2, 0.001),
        LinearWarmup(0.1, 5) >> ReduceOnPlateau(0.1),
        Constant(0.05, 3) >> LinearWarmup(0.1, 5) >> ReduceOnPlateau(0.1),
    ],
    ids=repr,
)
def test_its_repr_is_the_code_that_makes_it(plateau):
    assert eval(repr(plateau), vars(lrcourse.schedules)) == plateau


@pytest.mark.parametrize("metric", [np.float32(2.5), np.array(2.5), torch.tensor(2.5), 2.5])
def test_takes_any_kind_of_number(metric):
    plateau = ReduceOnPlateau(1.0)
    plateau.update(metric)
    assert plateau.best == 2.5
    assert type(plateau.best) is float


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ReduceOnPlateau(-1.0), r"peak_lr \(learning rate\) .* got -1.0"),
        (
            lambda: ReduceOnPlateau(1.0, factor=1.0),
            r"factor \(factor per cut\) .*\(0, 1\), got 1.0",
        ),
        (lambda: ReduceOnPlateau(1.0, factor=0.0), r"factor .*\(0, 1\), got 0.0"),
        (lambda: ReduceOnPlateau(1.0, patience=-1), r"patience \(checks of the metric\) .* got -1"),
        (lambda: ReduceOnPlateau(1.0, patience=1.5), "patience .* whole number, got 1.5"),
        (lambda: ReduceOnPlateau(1.0, cooldown=-1), "cooldown .* got -1"),
        (lambda: ReduceOnPlateau(1.0, threshold=-1e-4), "threshold .* got -0.0001"),
        (lambda: ReduceOnPlateau(1.0, mode="low"), "mode .* must be one of min, max, got 'low'"),
        (lambda: ReduceOnPlateau(1.0, threshold_mode="rlx"), "threshold_mode .* rel, abs"),
        (lambda: ReduceOnPlateau(0.1, min_lr=0.2), "min_lr must not exceed peak_lr=0.1, got 0.2"),
        (lambda: ReduceOnPlateau(0.1).update("1.0"), "metric must be one number, got '1.0'"),
        (lambda: ReduceOnPlateau(0.1).update([1, 2]), r"metric must be one number, got \[1, 2\]"),
        (lambda: ReduceOnPlateau(0.1).update(None), "metric must be one number, got None"),
        (lambda: StepDecay(0.1, 5) >> ReduceOnPlateau(0.1), "never ends, so no plateau can follow"),
    ],
)
def test_refuses_with_one_sentence(make, words):
    with pytest.raises(ValueError, match=words) as refusal:
        make()
    assert "\n" not in str(refusal.value)


def test_a_plateau_leads_nowhere():
    with pytest.raises(TypeError):
        ReduceOnPlateau(0.1) >> CosineDecay(0.1, 10)


def test_after_a_warmup_a_check_needs_its_time():
    with pytest.raises(ValueError, match=r"a warmup comes first, so update\(metric, t\) needs t"):
        (LinearWarmup(0.1, 3) >> ReduceOnPlateau(0.1)).update(1.0)


@pytest.mark.parametrize(
    "state",
    [
        *({}, None, [], {"lr": 0.1}),
        {"lr": "x", "best": 1, "bad_checks": 0, "cooling": 0},
        {"lr": 0.1, "best": "x", "bad_checks": 0, "cooling": 0},
        {"lr": 0.1, "best": float("nan"), "bad_checks": 0, "cooling": 0},
        {"lr": 0.1, "best": 1, "bad_checks": -1, "cooling": 0},
    ],
)
def test_a_state_that_is_none_is_refused_and_changes_nothing(state):
    plateau = ReduceOnPlateau(0.1)
    with pytest.raises(ValueError, match=r"^ReduceOnPlateau: "):
        plateau.load_state_dict(state)
    assert plateau == ReduceOnPlateau(0.1)


def test_a_replay_of_no_updates_is_refused():
    with pytest.raises(ValueError, match=r"ReduceOnPlateau.replay: step_size .* got 0"):
        ReduceOnPlateau(0.1).replay([1.0], step_size=0)


def test_the_rate_is_the_warmups_and_then_its_own():
    plateau = LinearWarmup(0.1, 4) >> ReduceOnPlateau(0.1, patience=0, factor=0.5)
    for metric in (1.0, 1.0, 1.0):
        plateau.update(metric, t=10)
    np.testing.assert_allclose([plateau.rate(t) for t in (0, 2, 4, 9)], [0, 0.05, 0.025, 0.025])
