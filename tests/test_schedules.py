"""What holds for every schedule, and what each refuses."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrcourse.schedules
from lrcourse.schedules import (
    LR,
    SCHEDULES,
    Constant,
    Lasting,
    MultiStepDecay,
    Schedule,
    Sequential,
    StepDecay,
    Unit,
)
from lrcourse.torch_twins import TWINS, rates_used, twin

rates = st.floats(1e-6, 10)
factors = st.floats(0.01, 1)
counts = st.integers(1, 60)

PARAMETERS = {  # how to draw each field, by the meaning of its unit
    "learning rate": rates,
    "optimizer updates": counts,
    "factor per drop": factors,
}


def drawn(cls):
    """Any legal schedule of the class `cls`."""
    fields = {}
    for name, unit in cls.units().items():
        one = PARAMETERS[unit.meaning]
        many = st.lists(one, min_size=1, max_size=5, unique=True).map(sorted).map(tuple)
        fields[name] = many if isinstance(unit.typical, tuple) else one
    return st.builds(cls, **fields)


OURS = [cls for cls in SCHEDULES.values() if cls.__module__.startswith("lrcourse.")]
simple = st.one_of([drawn(cls) for cls in OURS])
composed = st.builds(lambda a, steps, b: a.lasting(steps) >> b, simple, counts, simple)
schedules = simple | composed
times = st.lists(st.integers(0, 10_000), min_size=1, max_size=30)


@given(schedules, times)
def test_an_array_equals_its_scalars(schedule, t):
    np.testing.assert_array_equal(schedule(np.array(t)), [schedule(each) for each in t])


@given(schedules, times)
def test_the_order_of_calls_does_not_matter(schedule, t):
    forwards = [schedule(each) for each in t]
    backwards = [schedule(each) for each in reversed(t)]
    assert forwards == backwards[::-1]


@given(schedules, st.sampled_from([(), (3,), (2, 5), (0,), (1, 2, 3)]))
def test_keeps_the_shape(schedule, shape):
    assert np.shape(schedule(np.ones(shape))) == shape


@given(schedules)
def test_keeps_a_floating_dtype_and_answers_whole_numbers_in_float64(schedule):
    t = np.arange(5)
    assert schedule(t).dtype == np.float64
    assert schedule(t.astype(np.float32)).dtype == np.float32
    assert type(schedule(3)) is float


@given(schedules, times)
def test_changes_nothing_it_is_given(schedule, t):
    array = np.array(t)
    schedule(array)
    np.testing.assert_array_equal(array, t)


@given(schedules)
def test_survives_pickle_and_copy(schedule):
    assert pickle.loads(pickle.dumps(schedule)) == schedule
    assert copy.deepcopy(schedule) == schedule
    assert hash(copy.copy(schedule)) == hash(schedule)


@given(schedules)
def test_its_repr_is_the_code_that_makes_it(schedule):
    assert eval(repr(schedule), vars(lrcourse.schedules)) == schedule


@given(schedules, times)
def test_rates_are_finite_and_not_negative(schedule, t):
    lrs = schedule(np.array(t))
    assert np.isfinite(lrs).all()
    assert (lrs >= 0).all()


# The witness: PyTorch --------------------------------------------------------------------------


def test_every_schedule_has_a_witness():
    assert set(OURS) == TWINS.keys()


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
@given(data=st.data())
def test_equals_torch(cls, data):
    schedule = data.draw(drawn(cls))
    theirs = rates_used(twin(schedule).build, schedule.peak_lr, 150)
    np.testing.assert_allclose(schedule(np.arange(150)), theirs, rtol=1e-12, atol=0)


@pytest.mark.parametrize("cls", [cls for cls in OURS if cls is not Constant])
def test_the_witness_moves_at_the_example(cls):
    schedule = cls.example()
    theirs = rates_used(twin(schedule).build, schedule.peak_lr, 200)
    assert len(np.unique(theirs)) >= 3  # two flat lines would prove nothing
    np.testing.assert_allclose(schedule(np.arange(200)), theirs, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda t: 0.1 * 0.5 ** (t / 30),
        lambda t: 0.1 * 0.5 ** ((t + 1) // 30),
        lambda t: 0.1 * 0.5 ** np.ceil(t / 30),
        lambda t: 0.1 * 0.5 ** (np.maximum(t - 1, 0) // 30),
    ],
)
def test_the_witness_catches_a_small_mistake(wrong):
    theirs = rates_used(twin(StepDecay(0.1, 30, 0.5)).build, 0.1, 100)
    assert not np.allclose(wrong(np.arange(100)), theirs, rtol=1e-12, atol=0)


def test_torch_accepts_what_step_decay_refuses():
    class Loose:  # the twin of StepDecay(1.0, 10, gamma=1.1), if that were legal
        peak_lr, step_size, gamma = 1.0, 10, 1.1

    theirs = rates_used(TWINS[StepDecay](Loose).build, 1.0, 20)
    assert theirs[-1] == pytest.approx(1.1)
    with pytest.raises(ValueError, match="gamma"):
        StepDecay(1.0, 10, gamma=1.1)


def test_a_composition_equals_torch_sequential():
    import torch
    from torch.optim import lr_scheduler as pt

    def theirs(optimizer):
        parts = [pt.ConstantLR(optimizer, 0.5, 10), pt.StepLR(optimizer, 20, 0.5)]
        return pt.SequentialLR(optimizer, parts, milestones=[10])

    ours = Constant(0.05, steps=10) >> StepDecay(0.1, 20, 0.5)
    assert torch.__version__
    np.testing.assert_allclose(ours(np.arange(80)), rates_used(theirs, 0.1, 80), rtol=1e-12)


# Composition -----------------------------------------------------------------------------------


def test_composition_is_associative():
    a, b, c = Constant(1.0, 5), Constant(2.0, 7), StepDecay(3.0, 4)
    assert (a >> b) >> c == a >> (b >> c)
    assert ((a >> b) >> c).milestones == (5, 12)


def test_lengths_add_up():
    assert (Constant(1.0, 5) >> Constant(2.0, 7)).steps == 12
    assert (Constant(1.0, 5) >> Constant(2.0)).steps is None


def test_lasting_keeps_the_value_at_its_end():
    part = StepDecay(1.0, 10, 0.5).lasting(25)
    np.testing.assert_array_equal(part([24, 25, 100]), [0.25, 0.25, 0.25])


def test_something_endless_cannot_be_followed():
    with pytest.raises(ValueError, match=r"StepDecay.* never ends.*\.lasting\(steps\)"):
        StepDecay(0.1, 30) >> Constant(0.1)


# Refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: StepDecay(0.1, 0), r"StepDecay: step_size \(optimizer updates\) .*\[1, inf\).* 0"),
        (lambda: StepDecay(0.1, 2.5), "step_size .* whole number, got 2.5"),
        (lambda: StepDecay(0.1, float("inf")), "step_size .* got inf"),
        (lambda: StepDecay(0.1, 0.5, 30), "step_size .* whole number, got 0.5"),
        (lambda: StepDecay(0.1, 30, 0), r"gamma \(factor per drop\) must lie in \(0, 1\], got 0"),
        (lambda: StepDecay(0.1, 30, 1.1), "gamma .* got 1.1"),
        (lambda: StepDecay(float("nan"), 30), "peak_lr .* got nan"),
        (lambda: StepDecay(-0.1, 30), r"peak_lr \(learning rate\) .* got -0.1"),
        (lambda: StepDecay("0.1", 30), "peak_lr .* must be a number, got '0.1'"),
        (lambda: StepDecay(0.1, True), "step_size .* must be a number, got True"),
        (lambda: MultiStepDecay(0.1, 60), "milestones .* sequence of numbers, got 60"),
        (lambda: MultiStepDecay(0.1, ()), "milestones .* at least one"),
        (lambda: MultiStepDecay(0.1, (60, 30)), r"milestones .* increase .* got \(60, 30\)"),
        (lambda: MultiStepDecay(0.1, (30, 30)), "milestones .* increase"),
        (lambda: MultiStepDecay(0.1, (30, 40.5)), "milestones .* whole number, got 40.5"),
        (lambda: Constant(0.1, 0), "steps .* got 0"),
        (lambda: Constant(0.1).lasting(0), r"Lasting: steps \(optimizer updates\) .* got 0"),
        (lambda: Lasting(0.1, 5), "Lasting: a schedule .* is needed, got 0.1"),
        (lambda: Sequential(()), r"Sequential: parts must be a tuple of schedules, got \(\)"),
        (lambda: Sequential((Constant(0.1, 5), 3)), "Sequential: a schedule .* is needed, got 3"),
        (lambda: StepDecay(0.1, 30)(-1), r"t \(optimizer updates already made\) .* got -1"),
        (lambda: StepDecay(0.1, 30)([0, np.nan]), "t .* got nan"),
        (lambda: StepDecay(0.1, 30)("10"), "t must be a number or an array, got '10'"),
        (lambda: StepDecay(0.1, 30)(None), "t must be a number or an array, got None"),
        (lambda: StepDecay(0.1, 30)([True]), "t must be a number or an array"),
    ],
)
def test_refuses_nonsense_by_name_and_value(make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_takes_numpy_numbers_and_keeps_plain_ones():
    schedule = StepDecay(np.float32(0.5), np.int64(30), np.float64(0.1))
    assert repr(schedule) == "StepDecay(peak_lr=0.5, step_size=30, gamma=0.1)"


# A learner's own schedule ----------------------------------------------------------------------


def test_a_new_schedule_needs_a_field_and_a_formula():
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Halving(Schedule):
        """η(t) = η_peak / (1 + t)"""

        peak_lr: LR

        def lr(self, t):
            return self.peak_lr / (1 + t)

    try:
        assert SCHEDULES["Halving"] is Halving
        assert Halving.example()([0, 1]).tolist() == [0.1, 0.05]
        assert isinstance(Halving.units()["peak_lr"], Unit)
    finally:
        del SCHEDULES["Halving"]


def test_a_forgotten_decorator_is_named():
    class Forgotten(Schedule, register=False):
        peak_lr: LR

    with pytest.raises(TypeError, match=r"write @dataclass\(frozen=True\) above 'class Forgotten'"):
        Forgotten(0.1)


def test_the_export_list_is_what_the_package_offers():
    public = {name for name in vars(lrcourse.schedules) if name[0] != "_"}
    modules = {"base", "constant", "step", "units"}
    assert public - modules == set(lrcourse.schedules.__all__)
