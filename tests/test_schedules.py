"""What holds for every schedule, whatever its formula."""

import copy
import pickle
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lrcourse.schedules
from lrcourse.schedules import (
    LR,
    SCHEDULES,
    Constant,
    CosineDecay,
    CosineRestarts,
    LinearDecay,
    LinearWarmup,
    Product,
    Repeat,
    Schedule,
    StepDecay,
    Steps,
    Unit,
)
from lrcourse.schedules.base import BLOCK
from tests.drawing import OURS, drawn, schedules, times


@given(schedules, times)
def test_an_array_equals_its_scalars(schedule, t):
    np.testing.assert_array_equal(schedule(np.array(t)), [schedule(each) for each in t])


@pytest.mark.parametrize("cls", OURS)
@given(data=st.data())
def test_each_class_gives_an_array_what_it_gives_to_its_numbers(cls, data):
    schedule = data.draw(drawn(cls))
    t = np.arange(40)
    np.testing.assert_array_equal(schedule(t), [schedule(each) for each in t.tolist()])


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


@given(schedules.filter(lambda schedule: schedule.steps is not None), times)
def test_keeps_its_final_value(schedule, t):
    final = schedule(schedule.steps)
    np.testing.assert_array_equal(schedule(schedule.steps + np.array(t)), final)


@pytest.mark.parametrize("cls", OURS)
@given(data=st.data(), t=times)
def test_never_rises_above_its_peak(cls, data, t):
    schedule = data.draw(drawn(cls))
    rates = schedule(np.array(t + list(range(200))))
    assert rates.max() <= schedule.peak_lr * (1 + 1e-15)


@given(schedules, st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_long_and_unsorted_times_give_the_same_rates(schedule, seed):
    t = np.random.default_rng(seed).integers(0, 500, size=(2, BLOCK))
    np.testing.assert_array_equal(schedule(t), schedule(np.arange(500))[t])


# Composition -----------------------------------------------------------------------------------


def test_composition_is_associative():
    a, b, c = Constant(1.0, 5), Constant(2.0, 7), StepDecay(3.0, 4)
    assert (a >> b) >> c == a >> (b >> c)
    assert ((a >> b) >> c).milestones == (5, 12)


def test_each_part_begins_at_its_own_zero_also_when_it_is_asked_alone():
    ours = LinearWarmup(1.0, 4) >> LinearDecay(1.0, 5) >> CosineDecay(2.0, 6)
    alone = [ours(t) for t in range(20)]
    np.testing.assert_array_equal(alone, ours(np.arange(20)))
    np.testing.assert_array_equal(alone[4:9], LinearDecay(1.0, 5)(np.arange(5)))
    np.testing.assert_array_equal(alone[9:], CosineDecay(2.0, 6)(np.arange(11)))


def test_lengths_add_up():
    assert (Constant(1.0, 5) >> Constant(2.0, 7)).steps == 12
    assert (Constant(1.0, 5) >> Constant(2.0)).steps is None


def test_lasting_keeps_the_value_at_its_end():
    part = StepDecay(1.0, 10, 0.5).lasting(25)
    np.testing.assert_array_equal(part([24, 25, 100]), [0.25, 0.25, 0.25])


@given(schedules, schedules, times)
def test_a_product_is_the_product_at_each_time(a, b, t):
    t = np.array(t)
    np.testing.assert_allclose((a * b)(t), a(t) * b(t), rtol=1e-14)
    np.testing.assert_allclose((0.25 * a)(t), 0.25 * a(t), rtol=1e-14)


def test_a_product_is_associative_and_gathers_its_numbers():
    a, b, c = CosineDecay(0.1, 10), LinearWarmup(1.0, 5), Constant(2.0)
    assert (a * b) * c == a * (b * c) == Product((a, b, c))
    assert 2 * (3 * a) == (2 * a) * 3 == Product((a,), factor=6.0)
    assert np.float64(0.5) * a == a * np.int64(1) * 0.5


def test_a_product_lasts_as_long_as_its_longest_schedule():
    assert (CosineDecay(0.1, 10) * LinearWarmup(1.0, 50)).steps == 50
    assert (0.5 * CosineDecay(0.1, 10)).steps == 10
    assert (CosineDecay(0.1, 10) * StepDecay(0.1, 3)).steps is None


def test_a_composition_prints_as_the_code_that_makes_it():
    schedule = 0.5 * (Constant(0.1, 3) >> CosineDecay(0.1, 5)) * LinearWarmup(1.0, 9)
    assert repr(schedule.lasting(7)) == (
        "(0.5 * (Constant(peak_lr=0.1, steps=3) >> CosineDecay(peak_lr=0.1, steps=5, min_lr=0.0))"
        " * LinearWarmup(peak_lr=1.0, steps=9, start_lr=0.0)).lasting(7)"
    )


def test_a_product_prints_its_number_only_where_there_is_one():
    a, b = Constant(0.1, 3), Constant(0.2, 5)
    assert repr(a * b) == f"{a!r} * {b!r}"
    assert repr(2 * a * b) == f"2.0 * {a!r} * {b!r}"
    assert repr(1 * a) == f"1.0 * {a!r}"


def test_a_repeat_starts_anew_and_keeps_its_last_value():
    twice = Repeat(LinearDecay(1.0, 4, min_lr=0.2), count=2, stretch=2, gamma=0.5)
    assert twice.steps == 12
    rates = [1, 0.8, 0.6, 0.4, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1, 0.1]
    np.testing.assert_allclose(twice(np.arange(14)), rates, rtol=1e-15)


def test_a_repeat_may_be_as_long_as_a_float_can_count():
    assert Repeat(LinearDecay(1.0, 1), count=53, stretch=2).steps == 2**53 - 1
    with pytest.raises(ValueError, match="Repeat: 54 cycles, each 2 times as long"):
        Repeat(LinearDecay(1.0, 1), count=54, stretch=2)


def test_the_restarts_are_listed():
    assert CosineRestarts(1.0, 1, stretch=2).restarts(16).tolist() == [1, 3, 7, 15]
    assert CosineRestarts(1.0, 5).restarts(15).tolist() == [5, 10]


def test_a_repeat_without_a_count_never_ends():
    for_ever = Repeat(LinearDecay(1.0, 4))
    assert for_ever.steps is None
    assert for_ever(4 * 10**9) == 1


@pytest.mark.parametrize("stretch", range(2, 11))
@pytest.mark.parametrize("cycle", [1, 2, 7, 50])
def test_every_restart_is_exact(cycle, stretch):
    starts = [cycle * (stretch**k - 1) // (stretch - 1) for k in range(1, 12)]
    for restarting in (
        Repeat(LinearDecay(1.0, cycle), stretch=stretch),
        CosineRestarts(1.0, cycle, stretch),
    ):
        np.testing.assert_array_equal(restarting(starts), 1)
        assert (restarting(np.array(starts[1:]) - 1) < 1).all()


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


def test_a_field_called_steps_is_required_and_a_schedule_without_it_is_endless():
    @dataclass(frozen=True)
    class Ending(Schedule, register=False):
        peak_lr: LR
        steps: Steps

        def lr(self, t):
            return self.peak_lr * (1 - np.minimum(t, self.steps) / self.steps)

    @dataclass(frozen=True)
    class Endless(Schedule, register=False):
        peak_lr: LR

        def lr(self, t):
            return self.peak_lr

    with pytest.raises(TypeError, match="'steps'"):
        Ending(0.1)
    assert (Ending(0.1, 5) >> Endless(0.2))([0, 4, 5]).round(3).tolist() == [0.1, 0.02, 0.2]
    assert Endless(0.1).steps is None


def test_a_formula_for_one_number_only_is_explained():
    @dataclass(frozen=True)
    class Scalar(Schedule, register=False):
        peak_lr: LR

        def lr(self, t):
            return self.peak_lr if t < 5 else 0

    with pytest.raises(ValueError, match=r"^Scalar: lr\(t\) is given an array .* np.where"):
        Scalar(0.1)


def test_a_forgotten_decorator_is_named():
    class Forgotten(Schedule, register=False):
        peak_lr: LR

    with pytest.raises(TypeError, match=r"write @dataclass\(frozen=True\) above 'class Forgotten'"):
        Forgotten(0.1)


def test_the_export_list_is_what_the_package_offers():
    public = {name for name in vars(lrcourse.schedules) if name[0] != "_"}
    modules = {path.stem for path in Path(lrcourse.schedules.__file__).parent.glob("*.py")}
    assert public - modules == set(lrcourse.schedules.__all__)
