"""Section 12, capstone: seven tasks, their right answers and the wrong ones we recognise."""

import math
import statistics
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import torch

from lrcourse.handouts.capstone import (
    GOAL,
    PEAKS,
    STEPS,
    accuracies_of,
    bowl_means,
    is_usable,
    table_of,
)
from lrcourse.schedules import (
    Constant,
    CosineDecay,
    LinearDecay,
    OneCycle,
    PolynomialDecay,
    Schedule,
    WarmupLinear,
)
from lrcourse.tasks.base import Case, FunctionTask, Mistake, ValuesTask, Within

# 12.1 -----------------------------------------------------------------------------------------


def bowl_numbers(rng: np.random.Generator) -> dict[str, Any]:
    """Where the three bowls have their tops, as places in PEAKS, and how high they are."""
    return {
        "a": int(rng.integers(3, 5)),
        "b": int(rng.integers(1, 3)),
        "tops": [round(float(top), 1) for top in rng.uniform((80, 76.5, 82.5), (82, 78.5, 84))],
    }


def bowls_read(a: int, b: int, tops: list[float]) -> dict[str, Any]:
    """A and B each at its own best peak; C goes on rising."""
    means = bowl_means(a, b, tops)
    return {
        "peak_b": PEAKS[b],
        "gap": max(means["A"]) - max(means["B"]),
        "next_c": "higher",
    }


def _gap_at(place: int, a: int, b: int, tops: list[float]) -> float:
    means = bowl_means(a, b, tops)
    return means["A"][place] - means["B"][place]


BOWL_MISTAKES = (
    Mistake(
        "one peak for all",
        lambda a, b, tops: {"peak_b": PEAKS[a]},
        "That is the best peak of A. Each schedule has its own: look for the highest number in "
        "the column of B.",
    ),
    Mistake(
        "the last peak of the grid",
        lambda a, b, tops: {"peak_b": PEAKS[-1]},
        "That is the best peak of C. Look for the highest number in the column of B.",
    ),
    Mistake(
        "the place in the table",
        lambda a, b, tops: {"peak_b": b + 1},
        "That is the row. Asked for is the peak, the number in the first column.",
    ),
    Mistake(
        "the accuracy, not the peak",
        lambda a, b, tops: {"peak_b": max(bowl_means(a, b, tops)["B"])},
        "That is how good B is there. Asked for is the peak, the number in the first column.",
    ),
    Mistake(
        "the gap to C",
        lambda a, b, tops: {
            "gap": max(bowl_means(a, b, tops)["C"]) - max(bowl_means(a, b, tops)["B"])
        },
        "That is C minus B, and C has not found its top yet. Asked for is A minus B.",
    ),
    Mistake(
        "the gap as a share of 1",
        lambda a, b, tops: {"gap": bowls_read(a, b, tops)["gap"] / 100},
        "The table is in per cent, and points are its unit: no division by 100.",
    ),
    Mistake(
        "the gap in per cent of B",
        lambda a, b, tops: {
            "gap": 100 * bowls_read(a, b, tops)["gap"] / max(bowl_means(a, b, tops)["B"])
        },
        "You divided the gap by the accuracy of B. Asked for are points: one number of the table "
        "minus the other.",
    ),
    Mistake(
        "compared at the peak of A",
        lambda a, b, tops: {"gap": _gap_at(a, a, b, tops)},
        "At the best peak of A you compare A at its best with B at a rate that is not its own. "
        "Take each at its own best peak.",
    ),
    Mistake(
        "compared at the peak of B",
        lambda a, b, tops: {"gap": _gap_at(b, a, b, tops)},
        "At the best peak of B you compare B at its best with A at a rate that is not its own. "
        "Take each at its own best peak.",
    ),
    Mistake(
        "B minus A",
        lambda a, b, tops: {"gap": -bowls_read(a, b, tops)["gap"]},
        "The size is right and the sign is turned: A minus B.",
    ),
    Mistake(
        "reports at the edge",
        lambda a, b, tops: {"next_c": "report"},
        "C is best at the highest peak that was tried, so a still higher one may be better. An end "
        "of the grid is an arrow, not an answer.",
    ),
    Mistake(
        "refines at the edge",
        lambda a, b, tops: {"next_c": "refine"},
        "A finer grid helps once the top lies inside. C still rises at the last peak: first find "
        "out where it falls again.",
    ),
    Mistake(
        "goes the wrong way",
        lambda a, b, tops: {"next_c": "lower"},
        "Towards lower peaks C gets worse. It rises up to the last row.",
    ),
)

# 12.2 -----------------------------------------------------------------------------------------


def fair_score(choosing: list[list[float]], reporting: list[list[float]]) -> float:
    """The mean over the reporting seeds, at the peak with the best mean over the choosing seeds"""
    means = [sum(row) / len(row) for row in choosing]
    best = means.index(max(means))
    return sum(reporting[best]) / len(reporting[best])


def fair_cases(rng: np.random.Generator) -> list[Case]:
    """A lucky seed at one peak, another peak best on the reporting seeds, a third one chosen."""
    simple = Case(
        {
            "choosing": [[0.5, 0.9], [0.8, 0.8], [0.7, 0.7], [0.6, 0.6]],
            "reporting": [[0.5, 0.4], [0.6, 0.7], [0.8, 0.9], [0.5, 0.6]],
        }
    )
    by_hand = Case(  # the medians, and the means of the columns, point at other rows
        {
            "choosing": [[0.5, 0.8, 0.8], [0.7, 0.7, 0.79], [0.6, 0.5, 0.9]],
            "reporting": [[0.6, 0.7, 0.75, 0.7], [0.5, 0.6, 0.5, 0.7], [0.8, 0.9, 0.8, 0.8]],
        }
    )
    return [simple, by_hand, *(Case(_fair_arguments(rng)) for _ in range(4))]


def _fair_arguments(rng: np.random.Generator) -> dict[str, Any]:
    """Rows are peaks; chosen, lucky and the reporting seeds' own favourite are three of them."""
    peaks = int(rng.integers(3, 5))
    chosen, lucky, favourite = rng.permutation(peaks)[:3].tolist()
    choosing = rng.uniform(0.50, 0.58, (peaks, int(rng.integers(2, 4))))
    reporting = rng.uniform(0.50, 0.58, (peaks, int(rng.integers(4, 6))))
    choosing[chosen] += 0.1
    choosing[lucky, 0] = 0.75
    reporting[favourite] += 0.1
    return {"choosing": choosing.round(3).tolist(), "reporting": reporting.round(3).tolist()}


def _row(choosing: list[list[float]], good: Callable[[list[float]], float]) -> int:
    return max(range(len(choosing)), key=lambda row: good(choosing[row]))


def _mean(row: Sequence[float]) -> float:
    return math.fsum(row) / len(row)


FAIR_RIGHT = (
    lambda choosing, reporting: np.mean(reporting[np.mean(choosing, axis=1).argmax()]),
    lambda choosing, reporting: torch.tensor(reporting).mean(1)[
        torch.tensor(choosing).mean(1).argmax()
    ],
    lambda choosing, reporting: max(
        (_mean(chose), _mean(reports)) for chose, reports in zip(choosing, reporting, strict=True)
    )[1],
)

FAIR_MISTAKES = (
    Mistake(
        "reports the seeds that chose",
        lambda choosing, reporting: max(map(_mean, choosing)),
        "You report the seeds that chose the peak. They like it partly by luck, so they flatter "
        "it. Report the other seeds, at the peak that was chosen.",
    ),
    Mistake(
        "chooses on the reporting seeds",
        lambda choosing, reporting: max(map(_mean, reporting)),
        "You report the peak that looks best on the reporting seeds, so they had a say in the "
        "choice. They may report only: choose with the others.",
    ),
    Mistake(
        "chooses by the luckiest seed",
        lambda choosing, reporting: _mean(reporting[_row(choosing, max)]),
        "One lucky seed chose your peak. Compare the means over the choosing seeds.",
    ),
    Mistake(
        "reports the luckiest seed",
        lambda choosing, reporting: max(reporting[_row(choosing, _mean)]),
        "The peak is the right one, but you report its best seed. Report the mean over them.",
    ),
    Mistake(
        "the sum, not the mean",
        lambda choosing, reporting: sum(reporting[_row(choosing, _mean)]),
        "The peak is the right one. You added its reporting seeds up: divide by how many there "
        "are.",
    ),
    Mistake(
        "the mean of both halves",
        lambda choosing, reporting: _mean(
            [*choosing[_row(choosing, _mean)], *reporting[_row(choosing, _mean)]]
        ),
        "The peak is the right one, but the seeds that chose it count in your report, too. Report "
        "the others alone.",
    ),
    Mistake(
        "the number of the peak",
        lambda choosing, reporting: _row(choosing, _mean),
        "That is which peak was chosen. Asked for is how well the reporting seeds do there.",
    ),
    Mistake(
        "the worst peak",
        lambda choosing, reporting: _mean(reporting[_row(choosing, lambda row: -_mean(row))]),
        "You chose the lowest mean. These are accuracies: the highest is best.",
    ),
    Mistake(
        "the mean over all peaks",
        lambda choosing, reporting: _mean([*chain(*reporting)]),
        "You averaged over all peaks. Choose one of them, then report it.",
    ),
    Mistake(
        "how far the two halves are apart",
        lambda choosing, reporting: (
            max(map(_mean, choosing)) - _mean(reporting[_row(choosing, _mean)])
        ),
        "That is how much the choosing seeds flatter the peak. Asked for is the report itself.",
    ),
    Mistake(
        "chooses by both tables",
        lambda choosing, reporting: max(
            _mean([*chose, *reports]) for chose, reports in zip(choosing, reporting, strict=True)
        ),
        "Both tables have a say in your choice and in your report. Choose with `choosing` alone, "
        "report with `reporting` alone.",
    ),
    Mistake(
        "the two tables in each other's place",
        lambda choosing, reporting: fair_score(reporting, choosing),
        "You chose with `reporting` and reported with `choosing`. It is the other way round.",
    ),
    Mistake(
        "chooses by the first seed",
        lambda choosing, reporting: _mean(reporting[choosing.index(max(choosing))]),
        "max() of lists looks at their first numbers, so one seed alone chose your peak. Compare "
        "the means of the rows.",
    ),
    Mistake(
        "each table chooses for the other",
        lambda choosing, reporting: _mean(
            [fair_score(choosing, reporting), fair_score(reporting, choosing)]
        ),
        "As in step 6 of the lesson, each of your tables chooses for the other. Here `choosing` "
        "only chooses, and `reporting` only reports.",
    ),
    Mistake(
        "chooses by the median",
        lambda choosing, reporting: _mean(reporting[_row(choosing, statistics.median)]),
        "You compared the medians of the rows. The task asks for the highest mean.",
    ),
    Mistake(
        "reports a median",
        lambda choosing, reporting: statistics.median(reporting[_row(choosing, _mean)]),
        "The peak is the right one, but you report the median of its seeds. Report their mean.",
    ),
    Mistake(
        "the best single number",
        lambda choosing, reporting: max(map(max, reporting)),
        "That is the luckiest seed of all. Choose a peak by its mean in `choosing`, and report "
        "the mean of that peak.",
    ),
    Mistake(
        "the means of the columns",
        lambda choosing, reporting: _mean(reporting[int(np.mean(choosing, axis=0).argmax())]),
        "You took the means of the columns, which are seeds. A row is a peak: axis=1 in NumPy.",
    ),
)

# 12.3 -----------------------------------------------------------------------------------------


def weight_left(rates: list[float], weight_decay: float) -> float:
    """The product of 1 - η λ over all updates: what is left of a weight of 1"""
    left = 1.0
    for lr in rates:
        left = left * (1 - lr * weight_decay)
    return left


def weight_left_cases(rng: np.random.Generator) -> list[Case]:
    """Two updates that a head can follow, then whole schedules."""
    simple = Case({"rates": [0.5, 0.2], "weight_decay": 0.1})
    drawn = [
        Case({"rates": rates, "weight_decay": round(rng.uniform(0.05, 0.5), 2)})
        for rates in (
            rng.uniform(0.05, 0.5, 6).round(3).tolist(),
            rng.uniform(0.01, 0.2, 30).round(3).tolist(),
            CosineDecay(round(rng.uniform(0.05, 0.3), 3), 60)(np.arange(60)).tolist(),
        )
    ]
    return [simple, *drawn]


WEIGHT_LEFT_RIGHT = (
    lambda rates, weight_decay: math.prod(1 - lr * weight_decay for lr in rates),
    lambda rates, weight_decay: np.prod(1 - np.array(rates) * weight_decay),
    lambda rates, weight_decay: math.exp(sum(math.log(1 - lr * weight_decay) for lr in rates)),
    lambda rates, weight_decay: torch.prod(1 - weight_decay * torch.tensor(rates)),
)

WEIGHT_LEFT_MISTAKES = (
    Mistake(
        "adds up what is lost",
        lambda rates, decay: 1 - decay * sum(rates),
        "You took the shares off one after another, as if each were a share of the first weight. "
        "Each update shrinks what is left then: multiply the factors.",
    ),
    Mistake(
        "what is lost",
        lambda rates, decay: 1 - weight_left(rates, decay),
        "That is what is gone. Asked for is what is left.",
    ),
    Mistake(
        "an exponential",
        lambda rates, decay: math.exp(-decay * sum(rates)),
        "e^(-λ Σ η) is close where ηλ is tiny, but an update multiplies by 1 - ηλ, and not by "
        "e^(-ηλ).",
    ),
    Mistake(
        "without the rate",
        lambda rates, decay: (1 - decay) ** len(rates),
        "You multiplied by 1 - λ. In AdamW the rate stands beside λ: 1 - ηλ, with the rate of "
        "that update.",
    ),
    Mistake(
        "without the weight decay",
        lambda rates, decay: math.prod(1 - lr for lr in rates),
        "You multiplied by 1 - η. The factor is 1 - ηλ.",
    ),
    Mistake(
        "the peak for all updates",
        lambda rates, decay: (1 - decay * max(rates)) ** len(rates),
        "You used the highest rate for all updates. The schedule lowers it, and the shrinking "
        "with it: take each update's own rate.",
    ),
    Mistake(
        "the mean rate for all updates",
        lambda rates, decay: (1 - decay * _mean(rates)) ** len(rates),
        "The mean rate in every update comes close, but the product of unequal factors is "
        "smaller. Take each update's own rate.",
    ),
    Mistake(
        "the last update only",
        lambda rates, decay: 1 - decay * rates[-1],
        "That is the factor of the last update. All updates shrink the weight, one after another.",
    ),
    Mistake(
        "the first update only",
        lambda rates, decay: 1 - decay * rates[0],
        "That is what the first update leaves. Does your loop return before it is done?",
    ),
    Mistake(
        "without the first update",
        lambda rates, decay: weight_left(rates[1:], decay),
        "The first rate is missing: the first update shrinks the weight, too.",
    ),
    Mistake(
        "the weight decay beside the product",
        lambda rates, decay: decay * math.prod(1 - lr for lr in rates),
        "λ belongs into each factor, beside the rate: 1 - ηλ.",
    ),
    Mistake(
        "the factors added up",
        lambda rates, decay: sum(1 - lr * decay for lr in rates),
        "You added the factors. Each multiplies what the one before has left.",
    ),
    Mistake(
        "grows",
        lambda rates, decay: math.prod(1 + lr * decay for lr in rates),
        "Your weight grows. Weight decay shrinks it: 1 - ηλ.",
    ),
    Mistake(
        "starts at zero",
        lambda rates, decay: 0.0,
        "Nothing is left, because your product starts at 0. The weight is 1 before the first "
        "update.",
    ),
    Mistake(
        "the first rate for all updates",
        lambda rates, decay: (1 - decay * rates[0]) ** len(rates),
        "You used the first rate for all updates. Take each update's own.",
    ),
    Mistake(
        "without the last update",
        lambda rates, decay: weight_left(rates[:-1], decay),
        "The last rate is missing: the last update shrinks the weight, too.",
    ),
)

# 12.4 -----------------------------------------------------------------------------------------

ADVICE = (
    "decay",
    "drop test",
    "late cooldown",
    "range test",
    "re-warm",
    "restarts",
    "warmup and decay",
)


def advised() -> dict[str, str]:
    """What sections 03, 04, 06, 09 and 11 say; s1 to s5 are those of `advise`, too."""
    return {
        "s1": "decay",
        "s2": "restarts",
        "s3": "warmup and decay",
        "s4": "late cooldown",
        "s5": "re-warm",
        "s6": "drop test",
    }


def _chose(place: str, word: str, lesson: str) -> Mistake:
    return Mistake(f'{place} = "{word}"', lambda: {place: word}, lesson)


TYPICAL_ADVICE = (
    _chose(
        "s1",
        "warmup and decay",
        "A warmup does no harm here, but a small network gained nothing from it (section 06). "
        "The plainest that is enough is a decay.",
    ),
    _chose(
        "s1",
        "restarts",
        "One network alone gained nothing from restarts (section 04). One decay over all 600 "
        "updates is enough.",
    ),
    _chose(
        "s1",
        "late cooldown",
        "A late cooldown is for an end that is not known. Here it is known, so let the rate fall "
        "all the way.",
    ),
    _chose(
        "s2",
        "decay",
        "One decay ends in one network. To average several you would train several times. "
        "Restarts give one network at the end of each cycle.",
    ),
    _chose(
        "s2",
        "warmup and decay",
        "That ends in one network. Restarts give one at the end of each cycle, in one run.",
    ),
    _chose(
        "s3",
        "decay",
        "Without a warmup this network may learn nothing at all: after each block comes a "
        "normalisation (section 06).",
    ),
    _chose(
        "s3",
        "late cooldown",
        "The end is known, so you need no open one. What this network cannot do without is the "
        "beginning: a warmup.",
    ),
    _chose(
        "s4",
        "warmup and decay",
        "A decay must know its end. Stopped halfway, its rate is still high; a late cooldown "
        "can begin whenever you are told.",
    ),
    _chose(
        "s4",
        "restarts",
        "A restart schedule is good at the end of a cycle only, and nobody promises that you are "
        "stopped there. Hold the rate, and cool down when you are told.",
    ),
    _chose(
        "s4",
        "decay",
        "A decay must know its end. Stopped halfway, its rate is still high; a late cooldown can "
        "begin whenever you are told.",
    ),
    _chose(
        "s5",
        "decay",
        "The rate is at zero: nothing can fall from there. It must rise again first, and then "
        "decay (section 11).",
    ),
    _chose(
        "s5",
        "late cooldown",
        "It would cool down from zero. The finished run must be warmed up again first.",
    ),
    _chose(
        "s5",
        "restarts",
        "Near, but a restart jumps to the peak at once and comes back every cycle. Here one new "
        "ramp and one decay do it, which is called re-warming.",
    ),
    _chose(
        "s5",
        "warmup and decay",
        "That is what the curve looks like. For a run that was finished and goes on, the course "
        "calls it re-warming.",
    ),
    _chose(
        "s6",
        "decay",
        "Perhaps. But if the rate was too low, a decay makes it worse. First ask the run: go on "
        "for a while at a tenth of the rate, and at three times it.",
    ),
    _chose(
        "s6",
        "range test",
        "A range test finds the order of magnitude before a training. Here a training stands "
        "still, and two short branches tell why.",
    ),
    _chose(
        "s6",
        "re-warm",
        "That raises the rate without knowing whether it was too high or too low. Ask the run "
        "first, with two short branches.",
    ),
    _chose(
        "s6",
        "restarts",
        "That raises the rate without knowing whether it was too high or too low. Ask the run "
        "first, with two short branches.",
    ),
)
CLUES = {  # where a word was chosen for which nothing more special is said
    "s1": "The run is fresh, its end is known, you want one network, and nothing went wrong yet. "
    "What is the plainest curve that ends low?",
    "s2": "The clue is the five networks: which schedule ends low five times in one run?",
    "s3": "The clue is the normalisation after each block. What did such a network learn without "
    "a careful start (section 06)?",
    "s4": "The clue is the end: nobody knows it. Which curve is the same up to then, whatever the "
    "end?",
    "s5": "The clue is the rate: it is at zero, and new data will move no weight.",
    "s6": "The clue is that you do not know why. First find out whether the rate is too high or "
    "too low.",
}
SAID = {mistake.name for mistake in TYPICAL_ADVICE}
ADVICE_MISTAKES = (
    *TYPICAL_ADVICE,
    *(
        other
        for place, right in advised().items()
        for word in ADVICE
        if word != right and (other := _chose(place, word, CLUES[place])).name not in SAID
    ),
)

# 12.5 -----------------------------------------------------------------------------------------
# The tuned cosine of the lesson (peak 0.17, momentum 0.9) reaches 59.7% on 80 seeds (100-119,
# 1000-1019, 2000-2019, 3000-3019). A shape with a peak of its own gets further, too: a line from
# 0.2 reaches 60.4, (1 - x)^0.7 from 0.19 60.7. Plain SGD with a short ramp and a line from 1.7
# reaches 61.0. Compared with the cosine on the same seeds, the mean of 24 networks is uncertain
# by 0.2 (one standard error), so a training that is no better passes in one try out of thirty.

HIDDEN_SEEDS = range(9000, 9024)
USABLE = "the number of updates with a rate and a momentum that can be used"
SEEN = (
    USABLE,
    "the mean test accuracy in %",
    "the rate at the end, as a share of the highest",
    "the highest rate / (1 - momentum)",
    "the mean momentum",
    "the mean rate, as a share of the highest",
    "the t of the highest rate",
    "the momentum at the end, as a share of the highest",
)
ANY = Within(-math.inf, math.inf)


def my_training(t: int) -> tuple[float, float]:
    """Rate and momentum: a ramp over 30 updates, a line down from 1.7, and no momentum"""
    return 1.7 * min(t / 30, (600 - t) / 570), 0.0


def challenge_cases(rng: np.random.Generator) -> list[Case]:
    """First the curve itself is looked at; then networks that nobody has seen are trained."""
    return [
        Case({"networks trained": 0}, places=[USABLE]),
        Case({"networks trained": len(HIDDEN_SEEDS)}, places=SEEN),
    ]


def trained(answer: Callable[[int], Any], networks: int) -> list[Any]:
    """What an answer does; for the answers we know, the ranges that their like fall into."""
    if answer in RANGES:
        known = {USABLE: STEPS, **RANGES[answer]}
        return [known.get(name, ANY) for name in (SEEN if networks else SEEN[:1])]
    rates, momenta = table_of(answer)
    usable = is_usable(rates, momenta)
    if not networks:
        return [int(usable.sum())]
    if not usable.all():
        return [int(usable.sum()), *(0.0 for _ in SEEN[1:])]
    accuracies = accuracies_of(tuple(rates), tuple(momenta), tuple(HIDDEN_SEEDS[:networks]))
    return [STEPS, float(np.mean(accuracies)), *_looks(rates, momenta)]


def _looks(rates: np.ndarray, momenta: np.ndarray) -> list[float]:
    """What can be said of the curves without training, in the order of SEEN."""
    effective = rates / (1 - momenta)
    highest = max(effective.max(), 1e-12)
    return [
        float(effective[-15:].mean() / highest),
        float(highest),
        float(momenta.mean()),
        float(effective.mean() / highest),
        float(effective.argmax()),
        float(momenta[-15:].mean() / momenta.max()) if momenta.any() else 1.0,
    ]


def _with_momentum(schedule: Schedule, momentum: float) -> Callable[[int], tuple[float, float]]:
    def training(t: int) -> tuple[float, float]:
        """The rate of the schedule and a momentum that stays."""
        return float(schedule(t)), momentum

    return training


CHALLENGE_RIGHT = (
    _with_momentum(LinearDecay(1.7, STEPS), 0.0),
    _with_momentum(WarmupLinear(0.9, 30, STEPS), 0.5),
)


def exchanged(t: int) -> tuple[float, float]:
    """Momentum and rate, each in the other's place."""
    return 0.9, float(LinearDecay(0.2, STEPS)(t))


DIVERGES = _with_momentum(CosineDecay(1.0, STEPS), 0.9)
CONSTANT = _with_momentum(Constant(0.05), 0.9)
TOO_LOW = _with_momentum(CosineDecay(0.04, STEPS), 0.9)
TOO_HIGH = _with_momentum(CosineDecay(0.26, STEPS), 0.9)
HEAVY = _with_momentum(LinearDecay(0.08, STEPS), 0.95)
EARLY = _with_momentum(PolynomialDecay(0.2, STEPS, 2.5), 0.9)
LATE_PEAK = _with_momentum(OneCycle(0.15, STEPS), 0.9)
LEVEL = _with_momentum(CosineDecay(0.17, STEPS), 0.9)
UNUSABLE = _with_momentum(Constant(0.1), 1.0)
BELOW = Within(-math.inf, GOAL - 1e-9)
RANGES: dict[Any, dict[str, Within]] = {
    my_training: {SEEN[1]: Within(GOAL)},
    DIVERGES: {SEEN[1]: Within(-math.inf, 45), SEEN[3]: Within(2.2)},
    exchanged: {SEEN[1]: BELOW, SEEN[2]: Within(0.2), SEEN[7]: Within(-math.inf, 0.1)},
    CONSTANT: {SEEN[1]: BELOW, SEEN[2]: Within(0.2)},
    TOO_LOW: {SEEN[1]: BELOW, SEEN[3]: Within(-math.inf, 1.25)},
    TOO_HIGH: {SEEN[1]: BELOW, SEEN[3]: Within(2.2)},
    LATE_PEAK: {SEEN[1]: BELOW, SEEN[6]: Within(150)},
    EARLY: {SEEN[1]: BELOW, SEEN[5]: Within(-math.inf, 0.4)},
    HEAVY: {SEEN[1]: BELOW, SEEN[4]: Within(0.92)},
    LEVEL: {SEEN[1]: Within(58.5, GOAL - 1e-9), SEEN[4]: Within(0.75)},
    UNUSABLE: {USABLE: Within(0, STEPS - 1)},
}

CHALLENGE_MISTAKES = (
    Mistake(
        "momentum first",
        exchanged,
        "Your momentum falls to zero and your rate stays up. Do the two numbers stand in each "
        "other's place? The rate is the first.",
    ),
    Mistake(
        "the rate is far too high",
        DIVERGES,
        "Most networks are thrown out and do not come back. Look at η/(1 - m): lower the peak, or "
        "the momentum.",
    ),
    Mistake(
        "the rate does not come down",
        CONSTANT,
        "At the end your rate is still up, so the weights end on the noise floor. Let it fall to "
        "zero by t = 600.",
    ),
    Mistake(
        "the peak is too low",
        TOO_LOW,
        "Your weights do not get far enough in 600 updates. Before you bend the curve, raise its "
        "peak: twice, four times.",
    ),
    Mistake(
        "the peak is too high",
        TOO_HIGH,
        "Your highest η/(1 - m) lies beyond the top of the bowls of the lesson, on their cliff. "
        "Lower the peak.",
    ),
    Mistake(
        "the peak comes late",
        LATE_PEAK,
        "Your rate rises for a quarter of the run or more. Those updates travel little; this "
        "network needs a short ramp at most.",
    ),
    Mistake(
        "the rate falls too early",
        EARLY,
        "Your rate is low for most of the run, so the weights travel little. Keep it up longer: "
        "try a straight line.",
    ),
    Mistake(
        "more momentum",
        HEAVY,
        "Your momentum is above 0.9. More of it does not average the noise away. Vary it the other "
        "way, with the same η/(1 - m).",
    ),
    Mistake(
        "level with the tuned baselines",
        LEVEL,
        "You are about where the tuned cosine is. Another shape gains a few tenths, at a peak of "
        "its own. The other knob gives more: change the momentum, and keep η/(1 - m) at its best "
        "value.",
    ),
    Mistake(
        "rates or momenta that no optimizer takes",
        UNUSABLE,
        "For some t your rate is negative or no number, or your momentum is 1 or more. Print "
        "my_training(t) for t = 0, 300 and 599: first the rate, then the momentum.",
    ),
)

# 12.6 -----------------------------------------------------------------------------------------


def _answered(place: str, word: str, lesson: str) -> Mistake:
    return _chose(place, word, f"{place}: {lesson}")


INTERVIEW_MISTAKES = (  # a quiz shows the lesson alone, so that begins with the question
    _answered(
        "i1",
        "a",
        "Adam divides the gradient by its own size, so its first step is as long as the rate, "
        "whatever the gradient. There is nothing to tame.",
    ),
    _answered(
        "i1",
        "b",
        "It helps without batch normalisation, too: section 06 has a network without any.",
    ),
    _answered(
        "i1",
        "d",
        "Nobody has shown that, and it names no mechanism. Say what limits the step at the start: "
        "the curvature.",
    ),
    _answered(
        "i2",
        "b",
        "At one rate for all, a comparison says more about that rate than about the schedules. "
        "Each needs its own peak, and seeds that did not choose it.",
    ),
    _answered(
        "i2",
        "c",
        "The best of three flatters both schedules, and the luckier one most. Report a mean with "
        "its interval, on fresh seeds.",
    ),
    _answered(
        "i2",
        "d",
        "More data would be fine, but the larger fault comes first: the cosine was not at its own "
        "best peak, and three seeds cannot show half a point.",
    ),
    _answered(
        "i3",
        "a",
        "If the rate is too low, that makes it worse, and you will not notice. Test before you "
        "cut.",
    ),
    _answered(
        "i3",
        "c",
        "If it is a noise floor, that makes it worse. Test before you raise it.",
    ),
    _answered(
        "i3",
        "d",
        "Perhaps it is the model. You know only when neither a lower nor a higher rate moves the "
        "loss.",
    ),
    _answered(
        "i4",
        "a",
        "With four times the batch you make a quarter of the updates in the same epochs. At the "
        "old rate the weights travel too little.",
    ),
    _answered(
        "i4",
        "b",
        "Four times is the first guess for SGD. For Adam it is the root: twice.",
    ),
    _answered(
        "i4",
        "d",
        "A larger batch is less noisy, so it bears a higher rate, not a lower one.",
    ),
)

# 12.7 -----------------------------------------------------------------------------------------

TRUE_OR_FALSE = {
    "q1": (
        "true",
        "With the same rate, momentum m is a hidden rate of η/(1 - m). More of it means "
        "longer steps and a higher noise floor (section 00).",
    ),
    "q2": (
        "false",
        "T_max is half a period. After it the rate climbs back as smoothly as it fell; "
        "a jump to the peak is CosineAnnealingWarmRestarts (section 03).",
    ),
    "q3": (
        "false",
        "A step schedule meant for epochs, stepped per batch, is over within the first "
        "epochs. No error tells you (section 01).",
    ),
    "q4": (
        "false",
        "At the minimum the loss is about to rise. The range test gives an order of "
        "magnitude; then train at three rates (section 09).",
    ),
    "q5": (
        "true",
        "PyTorch tolerates `patience` bad checks and cuts at the next. The first check "
        "sets the best, two are tolerated, and the fourth cuts (section 05).",
    ),
    "q6": (
        "false",
        "ChainedScheduler lets its schedulers act together in every step. One after "
        "the other is SequentialLR (section 08).",
    ),
    "q7": (
        "false",
        "Published shares go from far below one per cent to above ten. The reasons for "
        "a warmup do not depend on how long you train (section 11).",
    ),
    "q8": (
        "false",
        "Halfway, a cosine is at half its peak and its network is noisy. It lost to a "
        "schedule that was cooled down by then (section 11).",
    ),
    "q9": (
        "true",
        "OneCycleLR moves the momentum, too, and gives one even to an SGD that had "
        "none. Pass cycle_momentum=False to keep yours (section 07).",
    ),
    "q10": (
        "true",
        "In AdamW an update shrinks a weight by 1 - ηλ, so half the rate means half "
        "the shrinking. Tune the two together (section 12).",
    ),
}
OTHER = {"true": "false", "false": "true"}

# ----------------------------------------------------------------------------------------------

TASKS = (
    ValuesTask(
        id="12.1",
        title="Three bowls",
        kind="decide",
        minutes=4,
        difficulty=1,
        points=2,
        draw=bowl_numbers,
        answers=bowls_read,
        words=("higher", "lower", "refine", "report"),
        mistakes=BOWL_MISTAKES,
        hints=(
            "Find the highest number of each column first. In which row does it stand?",
            "gap is the highest number of A minus the highest number of B, though they stand in "
            "different rows.",
            "Does C fall again anywhere? If its best row is the first or the last, the grid is too "
            "short on that side.",
        ),
    ),
    FunctionTask(
        id="12.2",
        title="Some seeds choose, others report",
        kind="implement",
        minutes=7,
        difficulty=1,
        points=2,
        reference=fair_score,
        cases=fair_cases,
        also_right=FAIR_RIGHT,
        mistakes=FAIR_MISTAKES,
        hints=(
            "Two steps. First choose a row, and look at `choosing` only.",
            "The mean of each row of `choosing`; the row with the highest one is chosen.",
            "Then the mean of the same row of `reporting`. In NumPy: np.mean(choosing, "
            "axis=1).argmax() gives the row.",
        ),
    ),
    FunctionTask(
        id="12.3",
        title="What is left of an idle weight",
        kind="compute",
        minutes=5,
        difficulty=2,
        points=2,
        reference=weight_left,
        cases=weight_left_cases,
        also_right=WEIGHT_LEFT_RIGHT,
        mistakes=WEIGHT_LEFT_MISTAKES,
        hints=(
            "Follow one update: the weight is multiplied by 1 - ηλ, with the rate of that update.",
            "The next update shrinks what the first has left. So what do you do with the factors?",
            "Start with 1.0 and multiply it by 1 - lr * weight_decay for each lr in rates.",
        ),
    ),
    ValuesTask(
        id="12.4",
        title="Six situations",
        kind="decide",
        minutes=6,
        difficulty=2,
        points=3,
        answers=advised,
        words=ADVICE,
        mistakes=ADVICE_MISTAKES,
        hints=(
            "Ask of each: is the end known, does the network need a warmup, and does the run start "
            "fresh?",
            "One advice is given to nobody. It belongs before a training, when not even the order "
            "of magnitude of the rate is known.",
        ),
    ),
    FunctionTask(
        id="12.5",
        title="The challenge",
        kind="experiment",
        minutes=20,
        difficulty=3,
        points=4,
        reference=my_training,
        cases=challenge_cases,
        also_right=CHALLENGE_RIGHT,
        mistakes=CHALLENGE_MISTAKES,
        harness=trained,
        hints=(
            "Before you bend the curve, find its peak: half, the same, twice. And let it end at "
            "zero.",
            "The shapes that decay are nearly level in the lesson. But you have a second knob, the "
            "momentum. What counts for the peak is η/(1 - m).",
            "Keep η/(1 - m) near 1.7 and try the momenta 0.8, 0.5 and 0, each with a line down to "
            "zero.",
        ),
    ),
    ValuesTask(
        id="12.6",
        title="Four interview questions",
        kind="quiz",
        minutes=5,
        difficulty=1,
        points=2,
        answers=lambda: {"i1": "c", "i2": "a", "i3": "b", "i4": "c"},
        words=("a", "b", "c", "d"),
        mistakes=INTERVIEW_MISTAKES,
        hints=("A good answer has a mechanism that was shown, or a test that tells cases apart.",),
    ),
    ValuesTask(
        id="12.7",
        title="Final quiz: true or false?",
        kind="quiz",
        minutes=6,
        difficulty=2,
        points=3,
        answers=lambda: {place: right for place, (right, _) in TRUE_OR_FALSE.items()},
        words=("true", "false"),
        mistakes=tuple(
            _answered(place, OTHER[right], lesson)
            for place, (right, lesson) in TRUE_OR_FALSE.items()
        ),
        hints=("Four of the ten are true.",),
    ),
)
