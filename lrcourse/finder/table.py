"""The regret table as text and as a page: `lrcourse find --regret`."""

from collections.abc import Iterator, Sequence

import numpy as np

from lrcourse.finder.regret import (
    CHOSEN_ON,
    OURS,
    REPEATS,
    SWEEPS,
    TASKS,
    TRIALS,
    TRIED_ONCE,
    Score,
    score,
)
from lrcourse.finder.rules import DEFAULT

HEAD = """\
# What a range test can tell

Written by `lrcourse find --regret --markdown`; run it, and see whether your numbers agree.

For each of {tasks} tasks a grid of peaks of a cosine was trained: the truth. The **regret** of a
finder is the test accuracy that its pick loses against the best peak, in points. A pick is the
median of {repeats} sweeps; every number is the mean over {tests} such range tests. "onset/3" to
"half the start" are rules on our sweep of {steps} updates. Below them stand other finders as
they are published, with their own sweeps and their own smoothing. At the top is what we ask you
to do: train with a third of the suggestion, with it, and with three times it; keep the best. (That
a factor of three is better there than two was seen on all tasks.)
"""
FAILS = 5  # points: what we call a failure


def table_lines(first_seed: int = 0, markdown: bool = False) -> Iterator[str]:
    """Every finder on every task, as text or as a page; some minutes of work.

    As text, one line says where it is after each task.
    """
    scores = []
    for task in TASKS:
        scores.append(score(task, first_seed))
        if not markdown:
            yield _progress(scores[-1])
    yield from page(scores) if markdown else report(scores)


def _progress(each: Score) -> str:
    lost = each.regrets[DEFAULT]
    return f"{each.task.name}: best peak {each.best_peak:.2g}, {DEFAULT} loses {lost:.1f} points"


def summary(scores: Sequence[Score]) -> dict[str, tuple[float, float, str]]:
    """(mean regret, worst regret, the task of that) of each finder, the best first."""
    rows = {}
    for name in scores[0].regrets:
        lost = [each.regrets[name] for each in scores]
        worst = int(np.argmax(lost))
        rows[name] = float(np.mean(lost)), float(lost[worst]), scores[worst].task.name
    return dict(sorted(rows.items(), key=lambda row: row[1][0]))


def report(scores: Sequence[Score]) -> Iterator[str]:
    """The table for a terminal."""
    everywhere, tried_once = summary(scores), summary(scores[len(CHOSEN_ON) :])
    yield ""
    yield f"Test accuracy lost by the picks on {len(scores)} tasks, peak of a cosine (points)."
    yield f"In brackets: on the {len(TRIED_ONCE)} tasks that had no part in choosing our rule."
    yield ""
    yield f"  {'finder':<29}    mean         worst  on"
    for name, (mean, worst, where) in everywhere.items():
        yield f"  {name:<29} {mean:7.1f} ({tried_once[name][0]:4.1f}) {worst:6.1f}  {where}"
    yield ""
    yield from _failures(scores)


def page(scores: Sequence[Score]) -> Iterator[str]:
    """The same, and every task, as a page of documentation."""
    everywhere, tried_once = summary(scores), summary(scores[len(CHOSEN_ON) :])
    yield from HEAD.format(
        tasks=len(scores), repeats=REPEATS, tests=SWEEPS // REPEATS, steps=OURS[2]
    ).splitlines()
    yield ""
    yield "| finder | mean regret | on the tasks it was not chosen on | worst | on |"
    yield "|---|---|---|---|---|"
    for name, (mean, worst, where) in everywhere.items():
        yield f"| {name} | {mean:.1f} | {tried_once[name][0]:.1f} | {worst:.1f} | {where} |"
    yield ""
    yield "A pick outside the grid counts as its nearest end, which flatters those that are far too"
    yield "low."
    yield ""
    yield "## The tasks that our rule was chosen on"
    yield ""
    yield from _task_by_task(scores[: len(CHOSEN_ON)])
    yield ""
    yield "## The tasks that were tried once, when it was fixed"
    yield ""
    yield from _task_by_task(scores[len(CHOSEN_ON) :])
    yield ""
    yield "## Where it fails"
    yield ""
    yield from _failures(scores)


def _task_by_task(scores: Sequence[Score]) -> Iterator[str]:
    """One row for each task, with the finders that people use most."""
    shown = (DEFAULT, TRIALS, "minimum/3", "steepest", "fastai minimum", "fastai valley")
    yield f"| task | best peak | its accuracy | {DEFAULT} picks | {' | '.join(shown)} |"
    yield f"|---|---|---|---|{'---|' * len(shown)}"
    for each in scores:
        lost = " | ".join(f"{each.regrets[name]:.1f}" for name in shown)
        times = f"{each.factor(DEFAULT):.2g} times that"
        yield f"| {each.task.name} | {each.best_peak:.2g} | {each.best:.1f}% | {times} | {lost} |"


def _failures(scores: Sequence[Score]) -> Iterator[str]:
    """On which tasks our rule loses too much, in which direction, and what helps."""
    for each in scores:
        lost, factor = each.regrets[DEFAULT], each.factor(DEFAULT)
        if lost < FAILS:
            continue
        side = f"{1 / factor:.1f} times too low" if factor < 1 else f"{factor:.1f} times too high"
        cured = f"; with a third and three times tried too, {each.regrets[TRIALS]:.1f}"
        if each.after_warmup is not None:
            cured += f"; with a warmup before the cosine, {each.after_warmup:.1f}"
        yield f"- {each.task.name}: {DEFAULT} is {side} and loses {lost:.1f} points{cured}."
    yield "- A sweep knows nothing of the length of the training, of the batch size that you"
    yield "  will use later, or of how well the model generalises. It is short and noisy: the"
    yield "  picks of single sweeps differ, so take several."
    yield "- The sweep rises slowly from far below, which is a warmup. Where a model needs one,"
    yield "  the sweep does not see it: use one too."
