"""What are warm restarts good for? Section 04."""

from collections.abc import Iterator

from lrcourse.claims.base import AGAINST, DEPENDS, FAILS, FOR, HOLDS, Evidence, claim
from lrcourse.experiments import (
    Classification,
    Run,
    accuracy,
    compare,
    digits,
    log_loss,
    paired_difference,
    probabilities,
    rate_table,
    signals,
    train,
)
from lrcourse.schedules import CosineDecay, CosineRestarts

PEAK, CYCLES, CYCLE = 0.13, 5, 500  # in `signals`, a run learns in 500 updates and is not done


def snapshots(problem: Classification, seeds: range, cycle: int) -> Run:
    """SGDR that keeps the weights at the end of each cycle, before the restart."""
    schedule = CosineRestarts(PEAK, first_cycle=cycle)
    lrs = rate_table([schedule], len(seeds), CYCLES * cycle)
    return train(problem, lrs, seeds, keep_every=cycle, test_every=cycle)


@claim(
    "restart-spike",
    "A restart costs several points of test accuracy at first, and the cycle brings them back.",
    section="04",
    ledger="X10",
    verdict=HOLDS,
)
def restart_spike(first_seed: int) -> Iterator[Evidence]:
    """Two cycles of 300 updates, looked at every 30."""
    seeds, schedule = range(first_seed, first_seed + 12), CosineRestarts(PEAK, first_cycle=300)
    run = compare(signals(), {"SGDR": schedule}, seeds, 600, test_every=30)["SGDR"]
    before, after, at_the_end = (
        100 * run.test_accuracies[:, list(run.test_steps).index(t)] for t in (300, 330, 600)
    )
    change = paired_difference(after, before)
    yield Evidence("test accuracy 30 updates after the restart (points)", change, high=-3)
    change = paired_difference(at_the_end, before)
    yield Evidence("test accuracy one cycle after the restart (points)", change, low=0)


@claim(
    "snapshot-ensemble-helps-log-loss",
    "The averaged probabilities of SGDR's snapshots have a lower log loss than one network.",
    section="04",
    ledger="C32 X10",
    verdict=DEPENDS,
)
def snapshot_ensemble_helps_log_loss(first_seed: int) -> Iterator[Evidence]:
    """Against its own last snapshot; with cycles that are too short, the first ones drag."""
    problem, seeds = signals(test_size=2000), range(first_seed, first_seed + 16)
    for cycle, taught in ((CYCLE, FOR), (CYCLE // 5, AGAINST)):
        each = probabilities(problem, snapshots(problem, seeds, cycle).weights)  # (R, K, N, C)
        together, last = (log_loss(problem, shares) for shares in (each.mean(1), each[:, -1]))
        what = f"log loss, ensemble minus last snapshot, cycles of {cycle} updates (nats)"
        yield Evidence(what, paired_difference(together, last), high=-0.02, taught=taught)


@claim(
    "snapshot-ensemble-beats-one-cosine",
    "The ensemble of SGDR's snapshots has a lower log loss than one cosine of the same length.",
    section="04",
    ledger="C32 X10",
    verdict=DEPENDS,
)
def snapshot_ensemble_beats_one_cosine(first_seed: int) -> Iterator[Evidence]:
    """One short cosine learns more than the first of five shorter cycles."""
    problem, seeds = signals(test_size=2000), range(first_seed, first_seed + 12)
    for cycle, taught in ((CYCLE, FOR), (CYCLE // 5, AGAINST)):
        each = probabilities(problem, snapshots(problem, seeds, cycle).weights)  # (R, K, N, C)
        schedule, steps = CosineDecay(PEAK, CYCLES * cycle), CYCLES * cycle
        cosine = compare(problem, {"": schedule}, seeds, steps)[""].test_losses[:, -1]
        gain = paired_difference(log_loss(problem, each.mean(1)), cosine)
        what = f"log loss, ensemble minus one cosine, {steps} updates (nats)"
        yield Evidence(what, gain, high=-0.02, taught=taught)


@claim(
    "snapshots-beat-equal-budget-nets",
    "Five snapshots of one run are a better ensemble than five short runs of the same total.",
    section="04",
    ledger="C32 X10",
    verdict=DEPENDS,
)
def snapshots_beat_equal_budget_nets(first_seed: int) -> Iterator[Evidence]:
    """Not where a cycle is enough to learn the data, noise and all."""
    seeds = range(first_seed, first_seed + 12)
    others = range(first_seed + 100, first_seed + 100 + 12 * CYCLES)
    few = digits(label_noise=0.1, train_size=300)
    for name, problem, cycle, taught in (
        ("signals", signals(test_size=2000), CYCLE, FOR),
        ("300 digits, 10% wrong labels", few, 200, AGAINST),
    ):
        kept = probabilities(problem, snapshots(problem, seeds, cycle).weights)  # (R, K, N, C)
        short = compare(problem, {"short": CosineDecay(PEAK, cycle)}, others, cycle)["short"]
        alone = probabilities(problem, short.weights).reshape(kept.shape)
        ours, theirs = (100 * accuracy(problem, each.mean(1)) for each in (kept, alone))
        what = f"{name}: test accuracy, snapshots minus short runs (points)"
        yield Evidence(what, paired_difference(ours, theirs), low=0, taught=taught)


@claim(
    "cycling-finds-better-minima",
    "Restarts find better minima: SGDR ends more than a point above one cosine of its length.",
    section="04",
    ledger="B35 C25 C35 D26",
    verdict=FAILS,
)
def cycling_finds_better_minima(first_seed: int) -> Iterator[Evidence]:
    """At the end of the fifth cycle."""
    seeds, few = range(first_seed, first_seed + 24), digits(label_noise=0.1, train_size=300)
    for name, problem, cycle in (
        ("signals", signals(), CYCLE),
        ("300 digits, 10% wrong labels", few, 200),
    ):
        schedule, steps = CosineDecay(PEAK, CYCLES * cycle), CYCLES * cycle
        cosine = compare(problem, {"": schedule}, seeds, steps)[""].test_accuracies[:, -1]
        restarted = snapshots(problem, seeds, cycle).test_accuracies[:, -1]
        gain = paired_difference(100 * restarted, 100 * cosine)
        what = f"{name}: test accuracy, SGDR minus one cosine (points)"
        yield Evidence(what, gain, low=1, taught=AGAINST)


@claim(
    "restarts-cure-overfitting",
    "Restarts cure overfitting.",
    section="04",
    ledger="C26 D54 X10",
    verdict=FAILS,
)
def restarts_cure_overfitting(first_seed: int) -> Iterator[Evidence]:
    """300 digits, of which 10% have wrong labels: each cycle learns more of those by heart."""
    seeds, problem = range(first_seed, first_seed + 16), digits(label_noise=0.1, train_size=300)
    cycles = snapshots(problem, seeds, cycle=200)
    cosine = compare(problem, {"": CosineDecay(PEAK, 1000)}, seeds, 1000)[""]
    first, last = 100 * cycles.test_accuracies[:, [0, -1]].T
    change = paired_difference(last, first)
    yield Evidence("test accuracy, cycle 5 minus cycle 1 (points)", change, low=0, taught=AGAINST)
    gain = paired_difference(cycles.test_losses[:, -1], cosine.test_losses[:, -1])
    what = "test loss at the end, SGDR minus one cosine (nats)"
    yield Evidence(what, gain, high=-0.02, taught=AGAINST)
