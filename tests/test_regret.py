"""The regret table: what the picks of a finder lose, against a grid of real trainings."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from lrcourse.experiments import Momentum, bowls, compare, digits
from lrcourse.finder.regret import (
    CHOSEN_ON,
    FINDERS,
    OURS,
    PUBLISHED,
    SEEDS,
    TASKS,
    TRIALS,
    TRIED_ONCE,
    Finder,
    Score,
    Task,
    _accuracy,
    _lost,
    as_fastai,
    as_we_do,
    score,
)
from lrcourse.finder.result import RangeTest
from lrcourse.finder.rules import DEFAULT, minimum_over_ten
from lrcourse.finder.table import FAILS, page, report, summary, table_lines
from lrcourse.schedules import CosineDecay

PAGE = Path(__file__).parents[1] / "docs" / "finder.md"
PEAKS = np.array([0.01, 0.1, 1.0])
ACCURACY = np.array([50.0, 90.0, 10.0])
SMALL = Task("digits, a small net", partial(digits, 0, 200, (64, 8, 10)), Momentum(), steps=30)


@pytest.fixture(scope="module")
def small():
    return score(SMALL, first_seed=300)


# One pick --------------------------------------------------------------------------------------


def test_a_pick_on_the_grid_loses_the_difference_to_the_best():
    assert _lost(ACCURACY, PEAKS, PEAKS) == pytest.approx([40, 0, 80])


def test_a_pick_between_two_peaks_lies_on_the_line_over_the_log_rate():
    assert _lost(ACCURACY, PEAKS, np.array([10**-1.5])) == pytest.approx([20])


def test_a_pick_outside_the_grid_counts_as_its_end_and_none_as_guessing():
    assert _lost(ACCURACY, PEAKS, np.array([1e-9, 1e9, np.nan])) == pytest.approx([40, 80, 80])


def test_a_finder_that_is_shown_nothing_picks_nothing():
    finder = Finder("", minimum_over_ten, (1e-7, 10, 100), as_fastai)
    losses = np.full(100, np.nan)
    losses[:12] = 1
    assert np.isnan(finder.pick(np.geomspace(1e-7, 10, 100), losses))


def test_our_finders_see_the_curve_that_a_user_sees():
    lrs = np.geomspace(*OURS)
    losses = 2 / (1 + lrs / 0.01) + lrs + 0.05 * np.random.default_rng(0).random(len(lrs))
    ours = next(finder for finder in FINDERS if finder.name == DEFAULT)
    assert ours.shown is as_we_do
    found = RangeTest(lrs, losses[None]).suggestion
    assert ours.pick(lrs, losses) == pytest.approx(found.middle, rel=1e-12)


def test_a_run_that_diverged_is_worth_a_guess():
    shape = {"cosine": CosineDecay(1, 10)}
    grid = bowls(SMALL.problem(), shape, [0.1, 1e30], range(2), 10, optimizer=Momentum())
    assert grid.diverged("cosine")[1].all()
    assert _accuracy(grid, "cosine")[1] == pytest.approx(10)
    assert _accuracy(grid, "cosine")[0] != pytest.approx(10, abs=1)


# One task --------------------------------------------------------------------------------------


def test_the_truth_is_the_grid_of_real_trainings(small):
    schedule = {"": CosineDecay(small.best_peak, 30)}
    run = compare(SMALL.problem(), schedule, range(300, 300 + SEEDS), 30, optimizer=Momentum())[""]
    assert small.best == pytest.approx(100 * run.test_accuracies[:, -1].mean(), abs=0.01)


def test_every_finder_is_scored_and_loses_nothing_below_zero(small):
    assert small.regrets.keys() == {finder.name for finder in FINDERS} | {TRIALS}
    assert min(small.regrets.values()) >= 0
    assert len(set(small.regrets.values())) > 5  # the finders differ


def test_three_trainings_lose_no_more_than_the_one_in_the_middle(small):
    assert small.regrets[TRIALS] <= small.regrets[DEFAULT]


def test_other_seeds_give_other_picks(small):
    other = score(SMALL, first_seed=700)
    assert other.picks[DEFAULT].tolist() != small.picks[DEFAULT].tolist()


def test_a_warmup_is_tried_where_the_optimizer_is_adam():
    assert {"Adam" in task.name for task in TASKS} == {True, False}
    assert score(SMALL).after_warmup is None


# The table -------------------------------------------------------------------------------------


def made_up(task, lost, warm=None):
    regrets = dict.fromkeys((*(finder.name for finder in FINDERS), TRIALS), 1.0) | {DEFAULT: lost}
    return Score(task, 0.1, 90.0, {DEFAULT: np.array([0.02])}, regrets, warm)


SCORES = [made_up(task, 2 + i, 0.3) for i, task in enumerate(TASKS)]


def test_the_summary_is_the_mean_and_the_worst_the_best_first():
    rows = summary(SCORES)
    worst = 1 + len(TASKS)
    assert rows[DEFAULT] == (pytest.approx(np.mean([2, worst])), worst, TASKS[-1].name)
    assert list(rows)[-1] == DEFAULT


@pytest.mark.parametrize("written", [report, page])
def test_the_table_names_every_finder_and_only_real_failures(written):
    text = "\n".join(written(SCORES))
    assert all(name in text for name in SCORES[0].regrets)
    failures = [line for line in text.splitlines() if "times too low" in line]
    assert len(failures) == sum(2 + i >= FAILS for i in range(len(TASKS))) > 0
    assert "5.0 times too low" in failures[0]


def test_the_page_in_the_docs_has_every_task_and_every_finder():
    text = PAGE.read_text("utf-8")
    assert all(task.name in text for task in TASKS)
    assert all(finder.name in text for finder in FINDERS)
    assert "## Where it fails" in text


def test_there_are_enough_tasks_and_some_had_no_part_in_the_choice():
    assert len(CHOSEN_ON) >= 6
    assert len(TRIED_ONCE) >= 6
    assert not set(CHOSEN_ON) & set(TRIED_ONCE)


@pytest.mark.slow
@pytest.mark.parametrize("first_seed", [0, 1000])
def test_our_rule_loses_at_most_half_of_valley_and_steepest_and_less_than_any_published(first_seed):
    scores = [score(task, first_seed) for task in TASKS]
    mean = {name: row[0] for name, row in summary(scores).items()}
    for theirs in ("valley", "fastai valley", "steepest", "fastai steep"):
        assert mean[DEFAULT] <= mean[theirs] / 2
    assert mean[DEFAULT] < min(mean[name] for name in PUBLISHED)


@pytest.mark.slow
def test_the_command_writes_the_page():
    lines = list(table_lines(0, markdown=True))
    assert lines[0] == "# What a range test can tell"
    assert sum(line.startswith(f"| {task.name} |") for task in TASKS for line in lines) == len(
        TASKS
    )
