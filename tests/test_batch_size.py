"""The batch grows: rates and lengths follow, and everything says why."""

import math
import re
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from lrcourse.batch_size import (
    LINEAR,
    RULES,
    SATURATING,
    SQRT,
    Training,
    critical_batch,
    epochs_to_updates,
    examples_needed,
    gradual_warmup,
    linear_rule,
    noise_scale,
    rescale,
    rule_of,
    saturating_rate,
    scaled_betas,
    settling_updates,
    sqrt_rule,
    updates_needed,
)
from lrcourse.batch_size.amounts import number
from lrcourse.claims import CLAIMS
from lrcourse.experiments import quadratic
from lrcourse.plots import described
from lrcourse.plots.batch_size import plot_critical_batch, plot_critical_cost, plot_critical_rate
from lrcourse.recipes import RECIPES, Batch, Length, Ramp, Recipe, recipe
from lrcourse.schedules import WarmupCosine, WarmupLinear

SGD = Training("SGD", 0.1, 256, samples=256 * 9000, warmup_steps=900, start_lr=0.01, min_lr=0.001)
ADAM = Training("AdamW", 3e-4, 256, steps=20_000, warmup_steps=500, min_lr=3e-5)


# The laws --------------------------------------------------------------------------------------


def test_goyal_et_al_go_from_256_to_8192_images():
    assert linear_rule(0.1, 256, 8192) == pytest.approx(3.2)
    warmup = gradual_warmup(0.1, 256, 8192, examples=1_281_167)
    assert (warmup(0), warmup.steps) == (0.1, 781)
    assert warmup(781) == pytest.approx(3.2)


def test_a_larger_batch_warms_up_for_fewer_updates():
    lengths = [gradual_warmup(0.1, 256, B, 1_281_167).steps for B in (256, 1024, 8192)]
    assert lengths == [math.floor(5 * 1_281_167 / B) for B in (256, 1024, 8192)]
    assert lengths[0] > lengths[1] > lengths[2]


def test_the_linear_rule_keeps_the_noise_floor_of_sgd():
    """Witness: the stationary variance of SGD on a bowl, known in closed form."""
    bowl, lr = quadratic((1.0, 3.0), noise=2.0), 1e-4
    before = bowl.stationary_variance(lr, batch_size=16)
    linear = bowl.stationary_variance(linear_rule(lr, 16, 64), batch_size=64)
    root = bowl.stationary_variance(sqrt_rule(lr, 16, 64), batch_size=64)
    np.testing.assert_allclose(linear, before, rtol=1e-3)
    assert (root < 0.6 * before).all()


def adam_drift(lr, batch, signal=0.01, noise=1.0, updates=4000):
    """How far Adam's update goes per example when the gradient is nearly all noise, and how far
    it strays: m / sqrt(v), with v at its expectation."""
    size = math.sqrt(signal**2 + noise**2 / batch)
    drift = lr * signal / size / batch
    stray = lr**2 * (noise**2 / batch) / size**2 / batch
    return np.array([drift, stray])


def test_the_square_root_keeps_drift_and_noise_of_adam_per_example():
    before = adam_drift(0.001, 16)
    np.testing.assert_allclose(adam_drift(sqrt_rule(0.001, 16, 64), 64), before, rtol=0.01)
    assert adam_drift(linear_rule(0.001, 16, 64), 64)[1] > 3 * before[1]


@pytest.mark.parametrize("rule", [linear_rule, sqrt_rule])
def test_a_rule_there_and_back_changes_nothing(rule):
    assert rule(rule(0.3, 100, 700), 700, 100) == pytest.approx(0.3)
    assert rule(0.3, 100, 700) > 0.3 > rule(0.3, 700, 100)
    assert rule(0.3, 100, 100) == 0.3


def gain(lr, batch, signal, noise):
    """The mean fall of |w|^2 / 2 in one step of SGD, when |w|^2 = signal: G = w, H = 1"""
    return lr * signal - lr**2 / 2 * (signal + noise / batch)


@pytest.mark.parametrize("batch", [1, 10, 40, 1000])
def test_the_saturating_law_is_the_best_of_all_rates_for_one_step(batch):
    """Witness: every rate is tried. The gain is the share that `updates_needed` promises."""
    rates, signal, noise = np.linspace(0, 1, 20_001), 2.0, 80.0
    gains = gain(rates, batch, signal, noise)
    scale = noise / signal
    assert saturating_rate(1, batch, scale) == pytest.approx(rates[gains.argmax()], abs=1e-4)
    share = gains.max() / gain(1.0, np.inf, signal, noise)
    assert share == pytest.approx(1 / updates_needed(batch, scale), rel=1e-6)


def test_the_law_is_linear_below_the_noise_scale_and_flat_above():
    rates = saturating_rate(0.4, [1, 2, 1e6, 2e6], 1000)
    assert rates[1] / rates[0] == pytest.approx(2, rel=0.01)
    assert rates[3] / rates[2] == pytest.approx(1, rel=0.01)
    assert saturating_rate(0.4, 1000, 1000) == 0.2
    assert saturating_rate(0.4, 8, 0) == 0.4  # no noise: the best rate at any batch


@pytest.mark.parametrize(
    ("name", "rule"),
    [("SGD", LINEAR), ("nesterov", LINEAR), ("AdamW", SQRT), ("rmsprop", SQRT), ("LAMB", SQRT)],
)
def test_every_optimizer_has_the_rule_of_its_family(name, rule):
    assert rule_of(name) is rule


@pytest.mark.parametrize("rule", [*RULES.values(), SATURATING])
def test_a_rule_prints_when_it_holds_and_when_not(rule):
    text = str(rule)
    assert rule.formula in text
    assert "holds while" in text
    assert "fails where" in text
    assert "arXiv:" in text


def test_scaled_betas_remember_as_many_examples():
    for beta, new in zip((0.9, 0.999), scaled_betas((0.9, 0.999), 256, 1024), strict=True):
        assert 1024 / (1 - new) == pytest.approx(256 / (1 - beta))
    assert scaled_betas((0.9,), 64, 64) == pytest.approx((0.9,))


def test_adam_settles_in_2000_updates_with_its_default():
    assert settling_updates(0.999) == pytest.approx(2000)
    assert settling_updates(0.95) == pytest.approx(40)


# From epochs to updates ------------------------------------------------------------------------


def updates_of_a_loop(epochs, examples, batch, accumulate, drop_last):
    """The obvious training loop: it steps after `accumulate` batches, and with the rest of an
    epoch if that is not dropped."""
    loader = DataLoader(TensorDataset(torch.zeros(examples)), batch, drop_last=drop_last)
    updates = 0
    for _ in range(epochs):
        waiting = 0
        for _ in loader:
            waiting += 1
            if waiting == accumulate:
                updates, waiting = updates + 1, 0
        updates += bool(waiting) and not drop_last
    return updates


@pytest.mark.parametrize("drop_last", [True, False])
@pytest.mark.parametrize("accumulate", [1, 3, 4])
@pytest.mark.parametrize(("examples", "batch"), [(100, 8), (96, 8), (53, 7)])
def test_updates_are_those_of_a_loop(examples, batch, accumulate, drop_last):
    counted = updates_of_a_loop(3, examples, batch, accumulate, drop_last)
    assert epochs_to_updates(3, examples, batch, accumulate, drop_last) == counted


def test_accumulation_divides_the_updates():
    assert epochs_to_updates(10, 4000, 10, accumulate=4) == 1000
    assert epochs_to_updates(10, 4000, 10) == 4000
    assert 0.29 * 100 < 29  # in floats
    assert epochs_to_updates(0.29, 100, 1) == 29


# The critical batch ----------------------------------------------------------------------------


def test_updates_and_examples_lie_on_one_hyperbola():
    sizes = np.array([1.0, 30, 700, 1e5])
    updates, examples = updates_needed(sizes, 700), examples_needed(sizes, 700)
    np.testing.assert_allclose((updates - 1) * (examples - 1), 1)
    assert (updates[2], examples[2]) == (2, 2)
    assert (np.diff(updates) < 0).all()
    assert (np.diff(examples) > 0).all()


def test_examples_are_updates_times_the_batch():
    """E = B S and E_min = B_noise S_min"""
    sizes = np.array([10.0, 100, 5000])
    np.testing.assert_allclose(
        examples_needed(sizes, 700), sizes / 700 * updates_needed(sizes, 700)
    )


def test_the_critical_batch_says_what_it_means():
    text = str(critical_batch(1000))
    assert "critical batch: 1000 examples" in text
    assert "twice the fewest updates and twice the fewest examples" in text
    assert "at a tenth of it: 11 times the updates, 1.1 times the examples" in text
    measured = noise_scale([2.0, 2.2, 1.9, 2.0], [1.1, 1.3, 1.1, 1.2], 10, 100)
    critical = critical_batch(measured)
    assert critical.low < critical.batch == measured.scale < critical.high
    assert critical.updates(critical.batch) == 2
    assert "at a tenth of it: 6 times the updates, 1.2 times" in str(critical_batch(5))  # of one


# Rescaling -------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [0.25, 4])
def test_sgd_has_the_same_curve_over_the_examples(k):
    """η'(t) = k η(k t): each example weighs what it weighed before."""
    rescaled = rescale(SGD, 256 * k)
    before, now = SGD.recipe.schedule("steps"), rescaled.schedule
    assert now.steps * k == before.steps
    t = np.arange(0, now.steps)
    np.testing.assert_allclose(now(t), k * before(k * t), rtol=1e-9)


def test_adam_keeps_its_warmup_updates_and_the_rest_of_the_examples():
    rescaled = rescale(ADAM, 1024)
    assert rescaled.peak_lr == pytest.approx(6e-4)
    assert rescaled.schedule == WarmupCosine(rescaled.peak_lr, 500, 5000, min_lr=6e-5)
    assert (rescaled.steps, rescaled.warmup_steps, rescaled.times) == (5000, 500, 4)
    assert rescale(ADAM, 1024, warmup="examples").warmup_steps == 125


def test_warmup_of_sgd_may_keep_its_updates_where_asked():
    assert rescale(SGD, 1024).warmup_steps == 225
    assert rescale(SGD, 1024, warmup="updates").warmup_steps == 900


def test_the_rule_may_be_chosen():
    assert rescale(ADAM, 1024, rule="linear").peak_lr == pytest.approx(1.2e-3)
    assert rescale(SGD, 1024, rule="sqrt").peak_lr == pytest.approx(0.2)


NUMBERS = ("peak_lr", "min_lr", "start_lr")
LENGTHS = ("warmup", "length", "decay_start", "decay_end")
PUBLISHED = [name for name in RECIPES if recipe(name).batch is not None]


@pytest.mark.parametrize("k", [0.5, 3])
@pytest.mark.parametrize("name", PUBLISHED)
def test_there_and_back_gives_the_published_values(name, k):
    known = recipe(name)
    there = rescale(known, known.batch.amount * k, warmup="examples")
    back = rescale(there.new, known.batch.amount, warmup="examples").new
    assert there.new != known
    for field in NUMBERS:
        assert getattr(back, field) == pytest.approx(getattr(known, field))
    for field in LENGTHS:
        was, now = getattr(known, field), getattr(back, field)
        assert (now is None) == (was is None)
        if was is not None:
            assert (now.amount, now.clock) == (pytest.approx(was.amount), was.clock)
    same = {each.name for each in fields(Recipe)} - {*NUMBERS, *LENGTHS, "batch", "drops"}
    assert all(getattr(there.new, each) == getattr(known, each) for each in same)


@pytest.mark.parametrize("name", ["gpt3-175b", "gpt3-125m", "bert-base", "llama2-7b", "convnext-t"])
def test_there_and_back_with_the_updates_of_the_warmup(name):
    known = recipe(name)
    there = rescale(known, known.batch.amount * 2)
    back = rescale(there.new, known.batch.amount)
    assert there.new.warmup.clock == known.warmup.clock
    assert back.new.warmup.amount == pytest.approx(known.warmup.amount)
    before = known.amount(known.warmup, "steps")
    assert there.new.amount(there.new.warmup, "steps") == pytest.approx(before)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_training_sees_as_much_as_before(name):
    known = recipe(name)
    there = rescale(known, known.batch.amount * 2, warmup="examples")
    counted = known.clock.batch_clock
    if known.length and not known.clock.missing(known.length.clock, counted):
        before = known.amount(known.length, counted)
        assert there.new.amount(there.new.length, counted) == pytest.approx(before)
        assert there.steps < known.amount(known.length, "steps")


def test_a_growing_batch_grows_as_a_whole():
    ramp = recipe("gpt3-175b")
    new = rescale(ramp, 2 * ramp.batch.amount).new.batch
    assert isinstance(new, Ramp)
    assert (new.first, new.full, new.over) == (
        2 * ramp.batch.first,
        2 * ramp.batch.full,
        ramp.batch.over,
    )


def test_goyal_and_back_to_256_is_the_rate_of_he_et_al():
    rescaled = rescale(recipe("resnet50-goyal"), 256)
    assert rescaled.peak_lr == pytest.approx(0.1)
    assert rescaled.warmup_steps == epochs_to_updates(5, 1_281_167, 256) + 1  # rounded, not cut


def test_an_inverse_square_root_keeps_its_curve_over_the_tokens():
    noam = recipe("transformer")
    rescaled = rescale(noam, 2 * noam.batch.amount)
    t = np.array([10, 1000, 2000, 5000, 40_000])
    before = noam.schedule("steps")
    np.testing.assert_allclose(rescaled.schedule(t), math.sqrt(2) * before(2 * t), rtol=1e-9)
    why = {change.name: change.why for change in rescaled.changes}
    assert "measured in warmups" in why["warmup (updates)"]


def test_your_own_decay_is_the_one_that_is_rescaled():
    for decay, kind in (("linear", WarmupLinear), ("cosine", WarmupCosine)):
        training = Training("Adam", 1e-3, 256, steps=20_000, warmup_steps=500, decay=decay)
        assert type(rescale(training, 512).schedule) is kind


def test_the_end_of_the_decay_stays_at_its_examples():
    early = replace(ADAM.recipe, decay_end=Length(16_000, "steps"))
    assert rescale(early, 1024).new.decay_end == Length(4000, "steps")


def test_drops_stay_at_their_examples():
    rescaled = rescale(recipe("resnet-pytorch"), 512)
    before, now = recipe("resnet-pytorch").schedule("steps"), rescaled.schedule
    np.testing.assert_allclose(np.array(now.milestones) * 2, before.milestones, atol=2)
    assert "drops of the rate" in str(rescaled)


# What is said ----------------------------------------------------------------------------------


def test_every_change_says_what_it_was_is_and_why():
    rescaled = rescale(SGD, 1024)
    changes = {change.name: (change.was, change.now) for change in rescaled.changes}
    assert changes == {
        "batch (samples per update)": (256, 1024),
        "peak_lr": (0.1, 0.4),
        "min_lr": (0.001, 0.004),
        "start_lr": (0.01, 0.04),
        "length (updates)": (9000, 2250),
        "warmup (updates)": (900, 225),
    }
    assert all(change.why.endswith(".") for change in rescaled.changes)
    for text in (str(rescaled), rescaled._repr_markdown_()):
        assert "arXiv:1706.02677" in text
        assert "momentum" in text
        assert "weight decay λ" in text
        assert "does not by itself need more" in text
    assert repr(rescaled) == str(rescaled)
    assert max(map(len, str(rescaled).splitlines())) <= 100
    assert "| peak_lr | 0.1 | **0.4** |" in rescaled._repr_markdown_()
    assert rescaled._repr_markdown_().count("You asked for it.") == 1
    assert rescaled._repr_markdown_().count("**Left alone**") == 1


def test_only_what_there_is_gets_a_heading_or_a_line():
    calm = str(rescale(SGD, 1024))
    assert "careful" not in calm
    assert "not published" not in calm
    assert "drops of the rate" not in calm
    assert "start_lr" in {change.name for change in rescale(SGD, 1024).changes}
    assert "start_lr" not in {change.name for change in rescale(ADAM, 1024).changes}


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "not published"), (123.456, "123.5"), (0.0006, "0.0006"), (6000, "6,000"), (4e6, "4M")],
)
def test_numbers_are_written_as_people_do(value, words):
    assert number(value) == words


def test_momentum_and_betas_and_decay_are_left_alone():
    assert {"momentum", "weight decay λ"} <= {left.name for left in rescale(SGD, 512).left}
    adam = {left.name: left.why for left in rescale(ADAM, 1024).left}
    assert "changed nothing" in adam["β1, β2, ε"]
    assert "0.5 times as much" in adam["weight decay λ"]
    assert "as much as before." in rescale(SGD, 512).left[-1].why


def warned(*args, **options):
    return " ".join(rescale(*args, **options).warnings)


def test_warns_far_from_what_was_published():
    assert warned(SGD, 1024) == ""
    assert "is far" not in warned(SGD, 256 * 8)
    assert "A factor of 16 is far" in warned(SGD, 4096)
    assert "A factor of 16 is far" in warned(SGD, 16)
    assert "working up to 32 times" in warned(SGD, 4096)
    assert "working only up to 32 times" in warned(SGD, 256 * 64)


def test_warns_at_the_noise_scale_and_not_below():
    assert "noise scale" not in warned(SGD, 1024, noise_scale=1e6)
    words = warned(SGD, 1024, noise_scale=512)
    assert "2 times the noise scale" in words
    assert "0.2 instead of 0.4" in words  # 0.1 (1 + 512/256) / (1 + 512/1024)
    assert "less than its root" in warned(ADAM, 1024, noise_scale=512)
    assert "0.683 times the noise scale" in warned(SGD, 1024, noise_scale=1500)
    assert "1.28 times the noise scale" in warned(SGD, 128, noise_scale=200)  # the old one
    silent = replace(SGD.recipe, peak_lr=None)
    assert "2 times the noise scale" in warned(silent, 1024, noise_scale=512)


def test_a_measured_noise_scale_is_said_with_its_interval():
    measured = noise_scale([2.0, 2.2, 1.9, 2.0], [1.1, 1.3, 1.1, 1.2], 10, 100)
    assert str(measured.interval) in warned(SGD, 1024, noise_scale=measured)
    lost = noise_scale([2.0, 2.2, 1.9, 2.0], [0.1, 0.2, 0.1, 0.15], 10, 100)
    assert "its lower end is used" in warned(SGD, 1024, noise_scale=lost)
    asked = " ".join(rescale(SGD, 1024).doubts)
    assert "measure_noise_scale" in asked
    assert "measure_noise_scale" not in " ".join(rescale(SGD, 1024, noise_scale=9e9).doubts)


def test_a_noise_scale_is_of_samples_where_the_batch_is_of_tokens():
    tokens = Recipe(
        **{each.name: getattr(ADAM.recipe, each.name) for each in fields(Recipe)}
        | {"batch": Batch(256_000, "tokens"), "tokens_per_sample": 1000}
    )
    assert "noise scale" not in warned(tokens, 512_000, noise_scale=2000)
    assert "2 times the noise scale" in warned(tokens, 512_000, noise_scale=256)


def test_warns_of_a_short_and_of_a_long_warmup():
    short = Training("Adam", 1e-3, 256, steps=20_000, warmup_steps=30)
    assert "even β2 = 0.95 asks for 2/(1 − β2) = 40" in warned(short, 512)
    assert ": β2 = 0.999 asks for 2/(1 − β2) = 2000" in warned(ADAM, 512, beta2=0.999)
    assert "short" not in warned(ADAM, 512)
    assert "short" not in warned(SGD, 512, beta2=0.999)
    assert "50% of the training" in warned(ADAM, 256 * 20)
    assert "β2 = 0.95 asks for 40 updates" in warned(ADAM, 256 * 20, beta2=0.95)


def test_few_updates_are_told_where_something_changes():
    short = Training("SGD", 0.1, 256, steps=1200, warmup_steps=100)
    assert "600 updates are few" in warned(short, 512)
    assert warned(replace(short, steps=800), 256) == ""
    assert warned(short, 256) == ""


def test_doubts_belong_to_the_optimizer():
    sgd, adam = (" ".join(rescale(each, 512).doubts) for each in (SGD, ADAM))
    assert "BatchNorm" in sgd
    assert "mostly signal" not in sgd
    assert "mostly signal" in adam
    assert "BatchNorm" not in adam


def test_claims_that_are_named_exist_with_that_verdict():
    texts = (rescale(ADAM, 1024), rescale(SGD, 1024), critical_batch(1000))
    found = re.findall(
        r"\(claim ([a-z0-9-]+): ([a-z ]+)\)", " ".join(" ".join(map(str, texts)).split())
    )
    assert len({name for name, _ in found}) == 3
    assert all(CLAIMS[name].verdict == verdict for name, verdict in found)


def test_warns_of_a_jump_without_warmup():
    bare = Training("SGD", 0.1, 256, steps=200_000)
    assert "There is no warmup" in warned(bare, 8192)
    assert "There is no warmup" not in warned(bare, 1024)


def test_says_what_was_not_published():
    silent = rescale(recipe("gpt2"), 1024)
    assert silent.peak_lr is None
    assert len(silent.unpublished) == 3
    assert "peak_lr: nothing to rescale" in str(silent)
    epochs = Recipe(
        **{each.name: getattr(ADAM.recipe, each.name) for each in fields(Recipe)}
        | {"length": Length(90, "epochs")}
    )
    assert "samples_per_epoch: so the updates of the length" in str(rescale(epochs, 512))
    assert rescale(epochs, 512).steps is None


# What is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: linear_rule(0.1, 0, 8), "linear rule: batch .* got 0"),
        (lambda: sqrt_rule(-0.1, 8, 8), "square-root rule: lr .* got -0.1"),
        (lambda: linear_rule(0.1, 8, 8.5), "new_batch .* whole number, got 8.5"),
        (lambda: saturating_rate(0.1, [8, 0], 10), "batch .* at least 1, got 0.0"),
        (lambda: saturating_rate(0.1, "many", 10), "batch .* must be numbers, got 'many'"),
        (lambda: saturating_rate(0.1, [], 10), "batch .* at least 1, got none"),
        (lambda: rule_of("LARS"), "'lars' has no rule that is known .* tune its rate anew"),
        (lambda: rule_of("adamm"), "must be one of sgd, .* got 'adamm'"),
        (lambda: scaled_betas((0.9,), 16, 256), "β=0.9 remembers 10 updates, and 16 .* keep"),
        (lambda: settling_updates(1.0), r"beta2 .* \[0, 1\), got 1.0"),
        (lambda: epochs_to_updates(1, 10, 64), "not one update of 64; use a smaller batch"),
        (lambda: epochs_to_updates(0, 10, 4), "epochs .* got 0"),
        (lambda: gradual_warmup(0.1, 256, 128, 10_000), "must not be below batch=256, .* 128"),
        (lambda: critical_batch(0.5), "less than one example"),
        (lambda: critical_batch(noise_scale([4.0] * 4, [4.0] * 4, 8, 64)), "less than one"),
        (
            lambda: critical_batch(noise_scale([2.0] * 4, [0.1] * 4, 10, 100)),
            "was not resolved, .* larger groups",
        ),
        (lambda: Training("SGD", 0.1, 8), "either steps .* or samples"),
        (lambda: Training("SGD", 0.1, 8, steps=10, samples=80), "either steps .* or samples"),
        (lambda: Training("LARS", 0.1, 8, steps=10), "'lars' has no rule"),
        (lambda: rescale("llama", 8), "recipe must be a Recipe, .* got 'llama'"),
        (lambda: rescale(ADAM, 0), "batch .* got 0"),
        (lambda: rescale(ADAM, 8, rule="cubic"), "rule .* linear, sqrt, got 'cubic'"),
        (lambda: rescale(ADAM, 8, warmup="epochs"), "updates, examples, got 'epochs'"),
        (lambda: rescale(ADAM, 8, noise_scale=-1), "noise_scale .* got -1"),
        (lambda: rescale(ADAM, 256 * 40), "only 500 updates, which its warmup of 500"),
        (lambda: rescale(ADAM, 256 * 50), 'only 400 updates, .* warmup="examples"'),
        (lambda: rescale(ADAM, 256 * 90_000), "not even one update"),
        (
            lambda: rescale(recipe("gpt2").knowing(batch=None), 8),
            "batch of gpt2 was not published, .*knowing",
        ),
    ],
)
def test_refuses_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


# Pictures --------------------------------------------------------------------------------------

MEASURED = noise_scale([2.0, 2.2, 1.9, 2.0], [1.1, 1.3, 1.1, 1.2], 10, 100)


def test_the_picture_draws_the_three_laws():
    ax = plot_critical_rate(100.0, max_lr=0.4, batches=(1, 1000))
    linear, bent, root = (line.get_xydata().T for line in ax.get_lines()[:3])
    np.testing.assert_allclose(bent[1], saturating_rate(0.4, bent[0], 100))
    np.testing.assert_allclose(linear[1], bent[1][0] * linear[0])
    np.testing.assert_allclose(root[1], bent[1][0] * np.sqrt(root[0]))
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert linear[1].max() <= 1.6


def test_the_picture_draws_both_costs_and_where_they_meet():
    ax = plot_critical_cost(100.0)
    updates, examples = (line.get_xydata().T for line in ax.get_lines()[:2])
    np.testing.assert_allclose(updates[1], updates_needed(updates[0], 100))
    np.testing.assert_allclose(examples[1], examples_needed(examples[0], 100))
    np.testing.assert_allclose(ax.collections[-1].get_offsets(), [[100, 2]])


def test_the_picture_marks_the_interval_and_says_it():
    figure = plot_critical_batch(MEASURED)
    for ax in figure.axes:
        left, right = ax.patches[0].get_x(), ax.patches[0].get_x() + ax.patches[0].get_width()
        np.testing.assert_allclose([left, right], [MEASURED.interval.low, MEASURED.interval.high])
        assert ax.get_ylabel()
    words = described(figure)
    assert f"{MEASURED.scale:.3g} examples" in words
    assert f"{MEASURED.interval.high:.3g}" in words
    assert not plot_critical_rate(100.0).patches
    assert [bool(ax.get_xlabel()) for ax in figure.axes] == [False, True]
    wide = noise_scale([2.0, 2.9, 1.2, 2.0], [1.1, 1.9, 0.9, 1.2], 10, 100)
    ax = plot_critical_cost(wide, batches=(8, 9))
    left, right = ax.get_xlim()
    assert wide.interval.low < left < right < wide.interval.high
    assert (ax.patches[0].get_x(), ax.patches[0].get_width()) == (left, right - left)


def test_the_picture_refuses_what_has_no_number():
    lost = noise_scale([2.0] * 4, [0.1] * 4, 10, 100)
    with pytest.raises(ValueError, match="draw its lower end"):
        plot_critical_batch(lost)
    with pytest.raises(ValueError, match="the smaller first, got 10 and 2"):
        plot_critical_rate(100.0, batches=(10, 2))
