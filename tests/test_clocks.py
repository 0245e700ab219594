"""Steps, samples, tokens and epochs: against the loop that adds batch after batch."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrcourse.recipes import (
    CLOCKS,
    RECIPES,
    Batch,
    Clock,
    Length,
    OnClock,
    Ramp,
    Stages,
    recipe,
)
from lrcourse.recipes.clocks import short
from lrcourse.schedules import Constant, CosineDecay, InverseSqrt, StepDecay, WarmupCosine

GPT3 = Ramp(32e3, 3.2e6, over=12e9)
LLAMA3 = Stages((4e6, 8e6, 16e6), starts=(252e6, 2.87e12))
SMALL = Ramp(2, 10, over=100)
UNEVEN = Stages((3, 7, 20), starts=(10, 50))
SIZES = {  # what the next batch holds, after n have been seen
    GPT3: lambda n: 32e3 + (3.2e6 - 32e3) * min(n / 12e9, 1),
    SMALL: lambda n: 2 + 8 * min(n / 100, 1),
    UNEVEN: lambda n: 3 if n < 10 else 7 if n < 50 else 20,
    Batch(64): lambda n: 64,
}
BATCHES = [*SIZES, LLAMA3]


def seen_by_a_loop(size, steps):
    """What was seen before updates 0, 1, 2, ...: batch after batch."""
    seen, counts = 0.0, []
    for _ in range(steps):
        counts.append(seen)
        seen += size(seen)
    return np.array(counts)


@pytest.mark.parametrize("batch", SIZES, ids=str)
def test_a_batch_counts_as_the_loop_that_adds_batch_after_batch(batch):
    steps = 12_000
    slow = seen_by_a_loop(SIZES[batch], steps)
    np.testing.assert_allclose(batch.seen(np.arange(steps)), slow, rtol=1e-12)


def test_the_loop_runs_past_the_end_of_the_ramp():
    assert GPT3.ramp_steps < 20_000
    slow = seen_by_a_loop(SIZES[GPT3], 20_000)
    np.testing.assert_allclose(GPT3.seen(np.arange(20_000)), slow, rtol=1e-12)
    assert np.diff(slow)[-1] == 3.2e6 > np.diff(slow)[0]


def test_a_stage_begins_with_the_first_update_that_has_seen_enough():
    assert np.diff(UNEVEN.seen(np.arange(13))).tolist() == [3] * 4 + [7] * 6 + [20] * 2


@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_whole_steps_survive_the_way_there_and_back(batch):
    clock = Clock(batch, tokens_per_sample=2048, samples_per_epoch=1_281_167)
    steps = np.unique(np.geomspace(1, 2e6, 5000).astype(int)) - 1
    for other in CLOCKS:
        there = clock.convert(steps, "steps", other)
        np.testing.assert_array_equal(clock.convert(there, other, "steps"), steps)


@given(
    st.sampled_from(BATCHES),
    st.integers(1, 10**5),
    st.integers(1, 10**8),
    st.integers(0, 10**6),
    st.sampled_from(CLOCKS),
)
def test_whole_steps_survive_with_any_sizes(batch, tokens, samples, steps, other):
    clock = Clock(batch, tokens, samples)
    assert clock.convert(clock.convert(steps, "steps", other), other, "steps") == steps


@pytest.mark.parametrize("batch", BATCHES, ids=str)
@pytest.mark.parametrize("start", CLOCKS)
def test_every_clock_goes_on_and_comes_back(batch, start):
    clock = Clock(batch, tokens_per_sample=512, samples_per_epoch=1000)
    amounts = np.linspace(0, 50_000, 999)
    for end in CLOCKS:
        there = clock.convert(amounts, start, end)
        assert np.all(np.diff(there) > 0)
        np.testing.assert_allclose(clock.convert(there, end, start), amounts, rtol=1e-9, atol=1e-9)


def test_a_number_stays_a_number_and_an_array_keeps_its_shape():
    clock = Clock(Batch(8), tokens_per_sample=2)
    assert clock.convert(3, "steps", "tokens") == 48.0
    assert isinstance(clock.convert(3, "steps", "tokens"), float)
    assert clock.convert(np.ones((2, 3)), "steps", "tokens").shape == (2, 3)


# The figures of the ledger ----------------------------------------------------------------------


@pytest.mark.parametrize(("over", "low", "high"), [(4e9, 2900, 3000), (12e9, 5300, 5400)])
def test_the_warmup_of_gpt3_lasts_2900_to_5300_steps(over, low, high):
    clock = Clock(Ramp(32e3, 3.2e6, over))
    assert low < clock.convert(375e6, "tokens", "steps") < high


def test_the_warmup_of_gpt3_would_be_117_steps_of_full_batches():
    assert round(Clock(Batch(3.2e6, "tokens")).convert(375e6, "tokens", "steps")) == 117
    small = Clock(Batch(0.5e6, "tokens"))
    assert small.convert(375e6, "tokens", "steps") == 750


@pytest.mark.parametrize(
    ("name", "clock", "percent", "digits"),
    [
        ("bert-base", "steps", 1, 1),
        ("gpt3-175b", "tokens", 0.125, 3),
        ("llama2-70b", "steps", 0.4, 1),
        ("vit-l16-jft-7", "steps", 1.9, 1),
        ("vit-l16-jft-14", "steps", 1, 1),
        ("vit-l16-21k-90", "steps", 3.2, 1),
        ("vit-l16-21k-30", "steps", 9.6, 1),
        ("vit-imagenet", "steps", 10.7, 1),
        ("roberta-rte", "steps", 6, 1),
    ],
)
def test_the_share_of_the_warmup_is_that_of_the_ledger(name, clock, percent, digits):
    share = RECIPES[name].share(RECIPES[name].warmup, clock)
    assert round(100 * share, digits) == percent


def test_the_clock_decides_the_share_of_gpt3s_warmup():
    gpt3 = recipe("gpt3-175b")
    assert gpt3.share(gpt3.warmup, "steps") > 30 * gpt3.share(gpt3.warmup, "tokens")


def test_lengths_of_the_ledger():
    llama, resnet, goyal = map(recipe, ("llama2-70b", "resnet-2015", "resnet50-goyal"))
    assert llama.amount(llama.length, "steps") == 500_000
    assert round(resnet.amount(resnet.length, "epochs")) == 120
    assert int(goyal.amount(goyal.warmup, "steps")) == 781


def test_the_clock_of_llama3_says_that_the_schedule_is_longer_than_15_trillion_tokens():
    assert 1.15e6 < Clock(LLAMA3).convert(15.6e12, "tokens", "steps") < 1.2e6


# A schedule on another clock --------------------------------------------------------------------


def test_gpt3s_schedule_in_steps_is_the_one_in_tokens_after_the_tokens_of_a_loop():
    in_tokens = WarmupCosine(6e-5, 375_000_000, 260_000_000_000, min_lr=6e-6)
    slow = in_tokens(seen_by_a_loop(SIZES[GPT3], 20_000))
    ours = recipe("gpt3-175b").schedule("steps")(np.arange(20_000))
    np.testing.assert_allclose(ours, slow, rtol=1e-11)
    assert ours.argmax() == 5340  # of a warmup that is 0.125% of all tokens


def test_on_clock_reads_the_schedule_where_the_clock_is():
    clock = Clock(Batch(10), tokens_per_sample=3)
    warped = OnClock(StepDecay(1.0, 60), clock, "steps", "tokens")
    assert warped([0, 1, 2, 3, 4]).round(9).tolist() == [1, 1, 0.1, 0.1, 0.01]


def test_on_clock_ends_where_its_schedule_ends():
    clock = Clock(SMALL)
    warped = OnClock(CosineDecay(1.0, 1000), clock, "steps", "tokens")
    assert warped(warped.steps) == 0 < warped(warped.steps - 1)
    assert OnClock(InverseSqrt(1.0, 10), clock, "steps", "tokens").steps is None


def test_on_clock_prints_its_own_code():
    schedule = recipe("gpt3-175b").schedule("steps")
    assert eval(repr(schedule)) == schedule


def test_on_clock_joins_like_any_schedule():
    warped = OnClock(CosineDecay(1.0, 1000), Clock(SMALL), "steps", "tokens")
    joined = warped >> Constant(0.5)
    assert joined([0, warped.steps]).tolist() == [1.0, 0.5]


# Words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "text"),
    [(375e6, "375M"), (2e12, "2T"), (1e10, "10B"), (10_000, "10,000"), (0.135, "0.135")],
)
def test_amounts_are_written_as_papers_write_them(amount, text):
    assert short(amount) == text


def test_a_length_of_none_is_a_published_absence():
    assert str(Length(0, "steps")) == "none"
    assert str(Length(1, "epochs")) == "1 epoch"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: Clock(Batch(8)).convert(3, "steps", "epochs"),
            "Clock: samples_per_epoch is not known, so steps cannot be converted to epochs; give "
            "samples_per_epoch=... with the size of the training set",
        ),
        (
            lambda: Clock(samples_per_epoch=10).convert(3, "epochs", "steps"),
            "Clock: batch is not known, so epochs cannot be converted to steps",
        ),
        (
            lambda: Clock(Batch(8)).convert(3, "steps", "tokens"),
            "Clock: tokens_per_sample is not known",
        ),
        (lambda: Clock(256), "Clock: batch must say what it counts, got 256; write Batch(256"),
        (
            lambda: Clock(Batch(8)).convert(3, "step", "tokens"),
            "Clock.convert: from (what is counted) must be one of steps, samples, tokens, epochs",
        ),
        (
            lambda: Clock(Batch(8)).convert(-3, "steps", "samples"),
            "Clock.convert: amount (steps) must be finite and at least 0, got -3",
        ),
        (
            lambda: Clock(Batch(8)).convert([1, np.nan], "steps", "samples"),
            "Clock.convert: amount (steps) must be finite and at least 0",
        ),
        (lambda: Clock(Batch(8)).convert("3", "steps", "samples"), "must be finite"),
        (lambda: Batch(0), "Batch: amount (batch of one update) must lie in [1, inf), got 0"),
        (lambda: Batch(8, "epochs"), "Batch: clock (what a batch holds) must be one of samples"),
        (lambda: Ramp(8, 8, 100), "Ramp: first must be smaller than full=8.0, got 8.0"),
        (lambda: Ramp(8, 16, 0), "Ramp: over (tokens seen) must be more than 0, got 0.0"),
        (lambda: Stages((1, 2), (5, 6)), "Stages: amounts must hold one batch more than there"),
        (lambda: Length(-1, "steps"), "Length: amount (length) must lie in [0, inf), got -1"),
        (lambda: Length(1, "hours"), "Length: clock (what is counted) must be one of steps"),
        (
            lambda: OnClock(3, Clock(), "steps", "tokens"),
            "OnClock: a schedule such as Constant(0.1) is needed, got 3",
        ),
        (
            lambda: OnClock(Constant(1.0), 3, "steps", "tokens"),
            "OnClock: clock must be a Clock, got 3",
        ),
        (
            lambda: OnClock(Constant(1.0), Clock(), "steps", "hours"),
            "OnClock: reads (what is counted) must be one of",
        ),
        (
            lambda: OnClock(CosineDecay(1.0, 9), Clock(), "steps", "tokens"),
            "Clock: batch is not known, so steps cannot be converted to",
        ),
    ],
)
def test_what_cannot_be_gets_one_sentence(make, sentence):
    with pytest.raises(ValueError, match=f"^[^\\n]*{re.escape(sentence)}.*$"):  # on one line
        make()
