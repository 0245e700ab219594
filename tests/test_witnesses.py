"""Every schedule gives the rates that others compute: libraries, slow loops, a frozen table."""

from dataclasses import replace

import hypothesis
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrcourse.schedules import (
    REX,
    Constant,
    CosineDecay,
    CosineRestarts,
    CosineWarmup,
    ExponentialDecay,
    ExponentialWarmup,
    InverseSqrt,
    InverseTimeDecay,
    LinearDecay,
    LinearWarmup,
    MultiStepDecay,
    OneCycle,
    PolynomialDecay,
    Repeat,
    SqrtDecay,
    StepDecay,
    TriangularCycle,
    WarmupCosine,
    WarmupLinear,
    WarmupStableDecay,
)
from tests.drawing import OURS, composed, drawn
from tests.witnesses import (
    Witness,
    keras_rates,
    optax_rates,
    textbook,
    timm_rates,
    torch_rates,
    transformers_rates,
)

T = np.arange(200)  # nearly every drawn schedule has ended by then
LIBRARIES = {
    "torch": torch_rates,
    "transformers": transformers_rates,
    "optax": optax_rates,
    "keras": keras_rates,
    "textbook": textbook,
}
WITNESSES: dict[type, dict[str, Witness]] = {
    cls: {
        name: module.WITNESSES[cls] for name, module in LIBRARIES.items() if cls in module.WITNESSES
    }
    for cls in OURS
}
PAIRS = [
    pytest.param(cls, witness, id=f"{cls.__name__}-{name}")
    for cls, witnesses in WITNESSES.items()
    for name, witness in witnesses.items()
]

EXPECTED = {
    Constant: "torch transformers optax",
    StepDecay: "torch optax keras",
    MultiStepDecay: "torch optax keras",
    ExponentialDecay: "torch optax keras",
    InverseTimeDecay: "keras textbook",
    LinearDecay: "torch transformers optax keras",
    PolynomialDecay: "torch transformers optax keras",
    CosineDecay: "torch transformers optax keras",
    CosineRestarts: "torch transformers optax keras",
    TriangularCycle: "torch textbook",
    OneCycle: "torch optax textbook",
    LinearWarmup: "torch transformers optax",
    ExponentialWarmup: "textbook",
    CosineWarmup: "transformers",
    WarmupLinear: "torch transformers optax",
    WarmupCosine: "torch transformers optax keras",
    WarmupStableDecay: "torch transformers",
    InverseSqrt: "transformers textbook",
    REX: "textbook",
    SqrtDecay: "transformers textbook",
}


def agree(ours, theirs):
    """Whether both are equal to the last digits, wherever the witness answers.

    Near zero a rate is the difference of two numbers of the size of the peak, and so only as
    exact as a rounding of the peak: a relative error would ask for more than floats have.
    """
    answered = ~np.isnan(theirs)
    peak = np.max(ours)
    return np.allclose(ours[answered], theirs[answered], rtol=1e-12, atol=1e-15 * peak)


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
def test_each_class_has_its_witnesses(cls):
    assert " ".join(WITNESSES[cls]) == EXPECTED.get(cls, "the names of its witnesses")


@pytest.mark.parametrize(("cls", "witness"), PAIRS)
@settings(max_examples=20)
@given(data=st.data())
def test_equals_its_witness(cls, witness, data):
    schedule = witness.expressible(data.draw(drawn(cls)))
    hypothesis.note(f"expressed as {schedule!r}")
    theirs = witness.rates(schedule, T)
    assert np.isfinite(theirs[: schedule.steps]).mean() >= 0.9  # it does not abstain
    assert agree(schedule(T), theirs)


@given(composed, st.integers(0, 600))
def test_a_composition_equals_the_walk_through_it(schedule, t):
    # near its end a repeated schedule multiplies the last digit of a fractional t
    assert schedule(t) == pytest.approx(textbook.composed(schedule, t), rel=1e-9, abs=0)


@given(composed)
def test_a_composition_lasts_as_long_as_its_parts(schedule):
    assert (schedule.steps or np.inf) == textbook.length(schedule)


@pytest.mark.parametrize("count", [None, 3])
@pytest.mark.parametrize("stretch", [1, 2, 3])
def test_a_repeated_schedule_equals_the_walk_and_its_length(count, stretch):
    schedule = Repeat(LinearWarmup(0.4, 3, 0.1) >> CosineDecay(0.4, 8, 0.1), count, stretch, 0.7)
    walked = [textbook.composed(schedule, t) for t in T.tolist()]
    assert agree(schedule(T), np.array(walked))
    assert (schedule.steps or np.inf) == textbook.length(schedule)


def test_the_factors_of_a_product_multiply():
    a, b = LinearWarmup(0.4, 30, 0.1), CosineDecay(0.3, 50, 0.1)
    product = (2.0 * a) * (b * 3.0)
    assert agree(product(T), np.array([2 * a(t) * 3 * b(t) for t in T.tolist()]))
    assert product.steps == 50


@settings(max_examples=20)
@given(drawn(OneCycle))
def test_the_momentum_of_one_cycle_is_that_of_torch(schedule):
    schedule = torch_rates.WITNESSES[OneCycle].expressible(schedule)
    theirs = torch_rates.momentum_played(schedule)
    assert agree(schedule.momentum(np.arange(len(theirs))), theirs)


@given(st.floats(1e-4, 2))
def test_an_exponential_from_k_and_its_half_life(k):
    schedule = ExponentialDecay.from_k(0.3, k)
    assert agree(schedule(T), 0.3 * np.exp(-k * T))
    assert replace(schedule, step_size=7).k == pytest.approx(k / 7)
    assert schedule(np.array([schedule.half_life])) == pytest.approx(0.15)


@given(st.integers(1, 4096), st.integers(1, 100))
def test_noam_is_the_formula_of_the_paper(d_model, warmup_steps):
    t = T[1:]
    paper = d_model**-0.5 * np.minimum(t**-0.5, t * warmup_steps**-1.5)
    assert agree(InverseSqrt.noam(d_model, warmup_steps)(t), paper)


@given(st.integers(2, 60), st.integers(1, 4))
def test_the_restarts_are_where_the_rate_rises(first_cycle, stretch):
    schedule = CosineRestarts(1.0, first_cycle, stretch)
    rises = 1 + np.flatnonzero(np.diff(schedule(T)) > 0)
    np.testing.assert_array_equal(schedule.restarts(len(T)), rises)


@pytest.mark.parametrize("entry", timm_rates.ENTRIES, ids=timm_rates.name)
def test_equals_the_frozen_rates_of_timm(entry):
    theirs = np.array(entry["rates"])
    assert np.ptp(theirs) > 0
    assert agree(timm_rates.ours(entry)(np.arange(len(theirs))), theirs)


# Would a small mistake be seen? -----------------------------------------------------------------

TELLING = {  # no value that hides another: nothing 0, 1, equal or symmetric
    "peak_lr": 0.4,
    "min_lr": 0.1,
    "start_lr": 0.05,
    "steps": 90,
    "warmup_steps": 20,
    "decay_steps": 25,
    "down_steps": 17,
    "up_steps": 8,
    "first_cycle": 11,
    "step_size": 7,
    "milestones": (5, 12, 30, 41),
    "time_constant": 13,
    "gamma": 0.9,
    "cycle_gamma": 0.7,
    "k": 0.05,
    "power": 1.7,
    "stretch": 2,
}
MOVING = [cls for cls in OURS if cls is not Constant]


def telling(cls):
    return cls(**{name: TELLING[name] for name in cls.units() if name in TELLING})


def changed(name, change):
    return lambda s, t: replace(s, **{name: change(getattr(s, name))})(t)


def height(s):
    return s.peak_lr - s.min_lr


SHIFTS = {"late": lambda s, t: s(np.maximum(t - 1, 0)), "early": lambda s, t: s(t + 1)}
MISTAKES = {
    StepDecay: {
        "smooth": lambda s, t: s.peak_lr * s.gamma ** (t / s.step_size),
        "rounded": lambda s, t: s.peak_lr * s.gamma ** np.round(t / s.step_size),
        "subtracts": lambda s, t: s.peak_lr * (1 - (1 - s.gamma) * np.floor(t / s.step_size)),
    },
    MultiStepDecay: {
        "after the milestone": lambda s, t: s.peak_lr * s.gamma ** np.searchsorted(s.milestones, t),
        "one drop": lambda s, t: s.peak_lr * s.gamma ** (t >= s.milestones[0]),
    },
    ExponentialDecay: {
        "per update": lambda s, t: s.peak_lr * s.gamma**t,
        "staircase": lambda s, t: s.peak_lr * s.gamma ** np.floor(t / s.step_size),
        "e": lambda s, t: s.peak_lr * np.exp(-(1 - s.gamma) * t / s.step_size),
    },
    InverseTimeDecay: {
        "exponential": lambda s, t: s.peak_lr * np.exp(-s.k * t),
        "staircase": lambda s, t: s.peak_lr / (1 + np.floor(s.k * t)),
        "root": lambda s, t: s.peak_lr / np.sqrt(1 + s.k * t),
    },
    LinearDecay: {
        "one shorter": changed("steps", lambda n: n - 1),
        "no floor": changed("min_lr", lambda _: 0),
        "floor added": lambda s, t: s.min_lr + s.peak_lr * np.maximum(1 - t / s.steps, 0),
        "floor as a maximum": lambda s, t: np.maximum(s.peak_lr * (1 - t / s.steps), s.min_lr),
        "no hold": lambda s, t: s.min_lr + height(s) * (1 - t / s.steps),
    },
    PolynomialDecay: {
        "one shorter": changed("steps", lambda n: n - 1),
        "no floor": changed("min_lr", lambda _: 0),
        "power of t/T": lambda s, t: (
            s.min_lr + height(s) * (1 - np.minimum(t / s.steps, 1) ** s.power)
        ),
        "straight": changed("power", lambda _: 1),
    },
    CosineDecay: {
        "one shorter": changed("steps", lambda n: n - 1),
        "no floor": changed("min_lr", lambda _: 0),
        "full period": lambda s, t: (
            s.min_lr + height(s) * (1 + np.cos(2 * np.pi * t / s.steps)) / 2
        ),
        "quarter": lambda s, t: (
            s.min_lr + height(s) * np.cos(np.pi / 2 * np.minimum(t / s.steps, 1))
        ),
        "floor added": lambda s, t: replace(s, min_lr=0)(t) + s.min_lr,
    },
    CosineRestarts: {
        "no restart": lambda s, t: CosineDecay(s.peak_lr, s.first_cycle, s.min_lr)(t),
        "touches the floor": changed("first_cycle", lambda n: n - 1),
        "no growth": changed("stretch", lambda _: 1),
        "grows by adding": changed("stretch", lambda m: m + 1),
        "no floor": changed("min_lr", lambda _: 0),
        "no loss of height": changed("gamma", lambda _: 1),
        "floor added": lambda s, t: replace(s, min_lr=0)(t) + s.min_lr,
    },
    TriangularCycle: {
        "one shorter": changed("up_steps", lambda n: n - 1),
        "symmetric": changed("down_steps", lambda _: None),
        "starts at the peak": lambda s, t: s(t + s.up_steps),
        "no floor": changed("min_lr", lambda _: 0),
        "no loss per cycle": changed("cycle_gamma", lambda _: 1),
        "no loss per update": changed("gamma", lambda _: 1),
        "floor shrinks too": lambda s, t: replace(s, gamma=1)(t) * s.gamma**t,
    },
    OneCycle: {
        "one shorter": changed("steps", lambda n: n - 1),
        "turns early": changed("warmup_steps", lambda n: n - 1),
        "two phases": changed("down_steps", lambda _: None),
        "starts at 0": changed("start_lr", lambda _: 0),
        "ends at 0": changed("min_lr", lambda _: 0),
        "the other shape": changed("shape", lambda w: {"linear": "cosine"}.get(w, "linear")),
    },
    LinearWarmup: {
        "one shorter": changed("steps", lambda n: n - 1),
        "starts at 0": changed("start_lr", lambda _: 0),
        "no hold": lambda s, t: s.start_lr + (s.peak_lr - s.start_lr) * t / s.steps,
    },
    ExponentialWarmup: {
        "one shorter": changed("steps", lambda n: n - 1),
        "no denominator": lambda s, t: (
            s.start_lr + (s.peak_lr - s.start_lr) * (1 - np.exp(-t / s.time_constant))
        ),
        "starts at 0": changed("start_lr", lambda _: 0),
        "other constant": changed("time_constant", lambda n: n + 1),
    },
    CosineWarmup: {
        "one shorter": changed("steps", lambda n: n - 1),
        "starts at 0": changed("start_lr", lambda _: 0),
        "linear": lambda s, t: LinearWarmup(s.peak_lr, s.steps, s.start_lr)(t),
    },
    WarmupLinear: {
        "warmup not included": changed("steps", lambda n: n + 20),
        "one shorter": changed("warmup_steps", lambda n: n - 1),
        "starts at 0": changed("start_lr", lambda _: 0),
        "no floor": changed("min_lr", lambda _: 0),
    },
    WarmupCosine: {
        "warmup not included": changed("steps", lambda n: n + 20),
        "one shorter": changed("warmup_steps", lambda n: n - 1),
        "starts at 0": changed("start_lr", lambda _: 0),
        "no floor": changed("min_lr", lambda _: 0),
        "the decay has begun": lambda s, t: np.where(
            t < s.warmup_steps, s(t), CosineDecay(s.peak_lr, s.steps, s.min_lr)(t)
        ),
    },
    WarmupStableDecay: {
        "one longer": changed("steps", lambda n: n + 1),
        "cools earlier": changed("decay_steps", lambda n: n + 1),
        "warms up faster": changed("warmup_steps", lambda n: n - 1),
        "no floor": changed("min_lr", lambda _: 0),
        "another shape": changed("shape", lambda w: {"cosine": "linear"}.get(w, "cosine")),
    },
    InverseSqrt: {
        "one shorter": changed("warmup_steps", lambda n: n - 1),
        "decays from 1": lambda s, t: (
            s.peak_lr * np.minimum(t / s.warmup_steps, 1 / (1 + t) ** 0.5)
        ),
        "1/t": lambda s, t: s.peak_lr * s.warmup_steps / np.maximum(t, s.warmup_steps),
    },
    REX: {
        "one shorter": changed("steps", lambda n: n - 1),
        "0.1 and 0.9": lambda s, t: (
            s.min_lr + height(s) * (x := 1 - np.minimum(t / s.steps, 1)) / (0.1 + 0.9 * x)
        ),
        "no floor": changed("min_lr", lambda _: 0),
    },
    SqrtDecay: {
        "one shorter": changed("steps", lambda n: n - 1),
        "root of what is left": lambda s, t: (
            s.min_lr + height(s) * np.sqrt(1 - np.minimum(t / s.steps, 1))
        ),
        "no floor": changed("min_lr", lambda _: 0),
    },
}
CASES = [
    pytest.param(cls, mistake, id=f"{cls.__name__}-{name}")
    for cls, mistakes in MISTAKES.items()
    for name, mistake in mistakes.items()
]


def test_each_class_that_moves_has_its_mistakes():
    assert set(MISTAKES) == set(MOVING)


@pytest.mark.parametrize(("cls", "witness"), [pair for pair in PAIRS if pair.values[0] in MOVING])
def test_each_witness_moves_and_knows_the_time(cls, witness):
    schedule = witness.expressible(telling(cls))
    theirs = witness.rates(schedule, T)
    assert np.nanmax(theirs) - np.nanmin(theirs) > 0.3 * schedule.peak_lr
    for shifted in SHIFTS.values():
        assert not agree(shifted(schedule, T), theirs)


@pytest.mark.parametrize(("cls", "mistake"), CASES)
def test_some_witness_sees_the_mistake(cls, mistake):
    caught = []
    for name, witness in WITNESSES[cls].items():
        schedule = witness.expressible(telling(cls))
        theirs = witness.rates(schedule, T)
        assert agree(schedule(T), theirs)
        if not agree(mistake(schedule, T), theirs):
            caught.append(name)
    assert caught
