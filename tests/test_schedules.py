"""What holds for every schedule, whatever its formula."""

import copy
import pickle
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrcourse.schedules
from lrcourse.schedules import (
    LR,
    SCHEDULES,
    Constant,
    Schedule,
    StepDecay,
    Unit,
)
from tests.drawing import schedules, times


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


def test_takes_numpy_numbers_and_keeps_plain_ones():
    schedule = StepDecay(np.float32(0.5), np.int64(30), np.float64(0.1))
    assert repr(schedule) == "StepDecay(peak_lr=0.5, step_size=30, gamma=0.1)"


# A learner's own schedule ----------------------------------------------------------------------


def test_a_new_schedule_needs_a_field_and_a_formula():
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
    modules = {path.stem for path in Path(lrcourse.schedules.__file__).parent.glob("*.py")}
    assert public - modules == set(lrcourse.schedules.__all__)
