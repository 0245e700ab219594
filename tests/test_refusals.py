"""Every impossible value is refused at once: one sentence, the class, the parameter, the value."""

import math
from dataclasses import MISSING
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrcourse.schedules import (
    Choice,
    Constant,
    CosineDecay,
    ExponentialDecay,
    IncreasingUnit,
    InverseSqrt,
    Lasting,
    LinearDecay,
    LinearWarmup,
    MultiStepDecay,
    OneCycle,
    PolynomialDecay,
    Product,
    ReduceOnPlateau,
    Repeat,
    Sequential,
    StepDecay,
    WarmupCosine,
    WarmupStableDecay,
)
from tests.drawing import OURS, drawn, schedules

NO_NUMBERS = st.sampled_from(
    [
        *(True, False, np.True_, "0.1", "", b"1", (), [0.1], {}, {1: 2}, object(), 1j, ...),
        *(Decimal(1), np.array([0.1, 0.2]), np.array(0.1), np.array([]), Constant(0.1), len),
    ]
)
NOT_FINITE = st.sampled_from([math.nan, math.inf, -math.inf, np.float32("nan"), np.float64("inf")])
TOO_LARGE = st.sampled_from([10**400, Fraction(10**400), 2**1024])
NEGATIVE = st.one_of(
    st.floats(max_value=-1e-300, allow_nan=False),
    st.integers(-(2**63), -1),
    st.builds(np.float64, st.floats(-1e9, -1e-9)),
    st.builds(np.int64, st.integers(-(2**40), -1)),
)


def outside(unit):
    """Real numbers that the interval of `unit` leaves out."""
    found = [NEGATIVE, NOT_FINITE, TOO_LARGE]
    if unit.above_low or unit.low > 0:
        found.append(st.sampled_from([0, 0.0, -0.0, np.int64(0)]))
    if math.isfinite(unit.high):
        found.append(st.floats(unit.high, 1e300, exclude_min=not unit.below_high))
    if unit.whole:
        found.append(st.floats(0, 1e6).filter(lambda x: x % 1 != 0))
        found.append(st.integers(min_value=2**53 + 1))
    return st.one_of(found)


def bad(unit, optional):
    """Values that a field of this unit must refuse."""
    if isinstance(unit, Choice):
        words = st.text(max_size=8).filter(lambda word: word not in unit.words)
        return words | st.sampled_from([0, 1.5, True, (), ["linear"], object()])
    if isinstance(unit, IncreasingUnit):
        legal = st.integers(1, 1000)
        broken = st.one_of(
            st.lists(legal, min_size=2, max_size=6).filter(lambda x: x != sorted(set(x))),
            st.lists(legal, max_size=3).flatmap(
                lambda x: outside(unit).map(lambda wrong: [*x, wrong])
            ),
        )
        return st.one_of(
            broken,
            st.sampled_from([(), [], None, 60, "60, 90", {}, {1, 2}, {1: 2}, np.array(5), len]),
        )
    found = [NO_NUMBERS, outside(unit)]
    return st.one_of(found if optional else [*found, st.none()])


@st.composite
def bad_calls(draw, classes):
    """(class, arguments, the name of the one argument that is impossible)."""
    cls = draw(st.sampled_from(classes))
    legal = draw(drawn(cls))
    values = {name: getattr(legal, name) for name in cls.units()}
    name = draw(st.sampled_from(list(values)))
    values[name] = draw(bad(cls.units()[name], cls.default(name) is None))
    return cls, values, name


def refusal(make):
    """The sentence of a refusal; anything else fails."""
    with pytest.raises((ValueError, TypeError)) as caught:
        make()
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 300
    return sentence


@given(bad_calls([*OURS, ReduceOnPlateau]))
@settings(max_examples=50 * settings.default.max_examples)
def test_one_impossible_value_is_refused_by_name(call):
    cls, values, name = call
    sentence = refusal(lambda: cls(**values))
    assert sentence.startswith(f"{cls.__name__}: ")
    assert name in sentence


@given(st.data())
@settings(max_examples=10 * settings.default.max_examples)
def test_a_missing_and_an_unknown_argument_are_named(data):
    cls = data.draw(st.sampled_from([*OURS, ReduceOnPlateau]))
    legal = data.draw(drawn(cls))
    values = {name: getattr(legal, name) for name in cls.units()}
    name = data.draw(st.sampled_from([n for n in values if cls.default(n) is MISSING]))
    missing = {other: value for other, value in values.items() if other != name}
    assert repr(name) in refusal(lambda: cls(**missing))
    assert "'T_max'" in refusal(lambda: cls(**values, T_max=10))


@given(schedules, st.data())
@settings(max_examples=10 * settings.default.max_examples)
def test_an_impossible_time_is_refused(schedule, data):
    wrong = data.draw(st.one_of(NEGATIVE, NOT_FINITE))
    for t in (wrong, np.array([0.0, float(wrong), 3.0])):
        sentence = refusal(lambda t=t: schedule(t))
        assert "t (optimizer updates already made) must be finite" in sentence


@pytest.mark.parametrize("wrong", [-1, -0.5, np.nan, np.inf])
def test_the_time_that_is_named_is_the_wrong_one(wrong):
    assert refusal(lambda: Constant(0.1)([0, 0.5, 3, wrong])).endswith(f"got {float(wrong)!r}")


@pytest.mark.parametrize("t", ["10", None, [True], [None], 1j, object(), ["a"], {}, b"1", 10**400])
@pytest.mark.parametrize("cls", OURS)
def test_what_is_no_time_is_refused(cls, t):
    assert "t must be a number" in refusal(lambda: cls.example()(t))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: StepDecay(0.1, 0), r"StepDecay: step_size \(optimizer updates\) .*\[1, inf\).* 0"),
        (lambda: StepDecay(0.1, 2.5), "step_size .* whole number, got 2.5"),
        (lambda: StepDecay(0.1, float("inf")), "step_size .* got inf"),
        (lambda: StepDecay(0.1, 30, 0), r"gamma \(factor per drop\) must lie in \(0, 1\], got 0"),
        (lambda: StepDecay(float("nan"), 30), "peak_lr .* got nan"),
        (lambda: StepDecay("0.1", 30), "peak_lr .* must be a number, got '0.1'"),
        (lambda: StepDecay(0.1, True), "step_size .* must be a number, got True"),
        (lambda: MultiStepDecay(0.1, 60), "milestones .* sequence of numbers, got 60"),
        (lambda: MultiStepDecay(0.1, ()), "milestones .* at least one"),
        (lambda: MultiStepDecay(0.1, (60, 30)), r"milestones .* increase .* got \(60, 30\)"),
        (lambda: MultiStepDecay(0.1, (30, 30)), "milestones .* increase"),
        (lambda: Constant(0.1, 0), "steps .* got 0"),
        (lambda: CosineDecay(0.1, 100, 0.2), "CosineDecay: min_lr .* exceed peak_lr=0.1, got 0.2"),
        (lambda: LinearWarmup(0.1, 9, 0.2), "LinearWarmup: start_lr .* exceed peak_lr=0.1, got"),
        (
            lambda: WarmupCosine(0.1, 50, 50),
            "WarmupCosine: warmup_steps must be smaller than steps=50, got 50",
        ),
        (
            lambda: WarmupStableDecay(0.1, 40, 60, 100),
            r"WarmupStableDecay: warmup_steps \+ decay_steps must be .* steps=100, got 40 \+ 60",
        ),
        (lambda: OneCycle(0.1, 1), "OneCycle: warmup_steps must be smaller than steps=1, got 1"),
        (
            lambda: OneCycle(0.1, 100, 60, 40),
            r"OneCycle: warmup_steps \+ down_steps must be smaller .* got 60 \+ 40",
        ),
        (lambda: OneCycle(0.1, 100, shape="cos"), "shape .* one of cosine, linear, got 'cos'"),
        (lambda: OneCycle(0.1, 100, low_momentum=0.99), "low_momentum must not exceed high_mom"),
        (lambda: OneCycle(0.1, 100, high_momentum=1), r"high_momentum .* \[0, 1\), got 1"),
        (lambda: PolynomialDecay(0.1, 10, 0), r"power \(exponent\) must lie in \(0, inf\), got 0"),
        (lambda: ExponentialDecay.from_k(0.1, -1), "ExponentialDecay.from_k: k .* got -1"),
        (lambda: InverseSqrt.noam(0, 4000), "InverseSqrt.noam: d_model .* got 0"),
        (lambda: Constant(0.1).lasting(0), r"Lasting: steps \(optimizer updates\) .* got 0"),
        (lambda: Lasting(0.1, 5), "Lasting: a schedule .* is needed, got 0.1"),
        (lambda: Sequential(()), r"Sequential: a tuple of schedules is needed, got \(\)"),
        (lambda: Sequential((Constant(0.1, 5), 3)), "Sequential: a schedule .* is needed, got 3"),
        (lambda: Product(()), r"Product: a tuple of schedules is needed, got \(\)"),
        (lambda: -1 * CosineDecay(0.1, 5), r"Product: factor \(factor\) must lie in .* got -1"),
        (lambda: CosineDecay(0.1, 5) * math.nan, "Product: factor .* got nan"),
        (lambda: Repeat(0.1), "Repeat: a schedule .* is needed, got 0.1"),
        (lambda: Repeat(Constant(0.1)), r"Constant.* never ends, so it cannot be repeated"),
        (lambda: Repeat(LinearDecay(1, 9), 99, 2), "Repeat: 99 cycles, each 2 times as long"),
        (
            lambda: StepDecay(0.1, 30) >> Constant(0.1),
            r"StepDecay.* never ends, so nothing can follow it: put it last.*\.lasting\(steps\)",
        ),
        (
            lambda: Constant(0.1, 5) >> (StepDecay(0.1, 30) >> Constant(0.2)),
            r"^StepDecay\(peak_lr=0.1, step_size=30, gamma=0.1\) never ends",
        ),
        (
            lambda: Constant(0.1, 5) >> StepDecay(0.1, 30) >> Constant(0.2),
            r"^StepDecay\(peak_lr=0.1, step_size=30, gamma=0.1\) never ends",
        ),
        (lambda: StepDecay(0.1, 30) >> ReduceOnPlateau(0.1), "never ends, so no plateau can"),
        (lambda: ReduceOnPlateau(0.1).update("0.3"), "metric must be one number, got '0.3'"),
        (lambda: ReduceOnPlateau(0.1).replay([[1, 2]]), r"metric must be one number, got \[1, 2\]"),
    ],
)
def test_the_sentence_names_what_is_wrong_and_the_remedy(make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("other", ["2", None, True, [1], np.array([1.0, 2.0]), 1j])
def test_only_numbers_and_schedules_multiply(other):
    for product in (lambda: CosineDecay(0.1, 5) * other, lambda: other * CosineDecay(0.1, 5)):
        with pytest.raises(TypeError):
            product()


@pytest.mark.parametrize("other", [1, None, "StepDecay", Constant])
def test_only_schedules_follow_each_other(other):
    with pytest.raises(TypeError):
        Constant(0.1, 5) >> other
