"""Recipes: their schedules against the code of others, and the data against the rules for data."""

import math
import re
from dataclasses import fields

import numpy as np
import pytest
import torch
from transformers import optimization

from lrcourse.recipes import (
    CLOCKS,
    RECIPES,
    WRONG_FIGURES,
    Batch,
    Clock,
    Length,
    OnClock,
    Ramp,
    Recipe,
    Source,
    Stages,
    recipe,
)
from lrcourse.schedules import SCHEDULES

NAMES = list(RECIPES)
PAIRS = [(name, clock) for name, each in RECIPES.items() for clock in each.clocks]
SILENT = ["gpt2", "resnet-2015"]  # no function of t was published
NAMESPACE = {"recipe": recipe, "Batch": Batch, "Length": Length, **SCHEDULES}
ADDRESS = re.compile(r"https://[a-z0-9.-]+\.[a-z]+(/\S*)?$")


def sgd(lr):
    return torch.optim.SGD([torch.zeros(1)], lr=lr)


def factors(scheduler, t):
    """What a scheduler of transformers makes of the peak after each number of updates."""
    (factor,) = scheduler.lr_lambdas
    return np.array([factor(int(each)) for each in t])


# Witnesses --------------------------------------------------------------------------------------


def test_bert_is_the_linear_schedule_of_transformers():
    steps, warmup = 1_000_000, 10_000
    scheduler = optimization.get_linear_schedule_with_warmup(sgd(1.0), warmup, steps)
    t = np.array([0, 1, 9_999, 10_000, 10_001, 500_000, 999_999, 1_000_000, 1_000_001])
    ours = recipe("bert-base").schedule("steps")(t)
    np.testing.assert_allclose(ours, 1e-4 * factors(scheduler, t), rtol=1e-12, atol=1e-19)
    assert (ours[0], ours[3], ours[-1]) == (0, 1e-4, 0)


def test_gpt1_is_the_cosine_of_transformers():
    steps = 100 * 6400 // 64
    scheduler = optimization.get_cosine_schedule_with_warmup(sgd(1.0), 2000, steps)
    t = np.arange(steps + 1)
    ours = recipe("gpt1").schedule("steps", samples_per_epoch=6400)(t)
    np.testing.assert_allclose(ours, 2.5e-4 * factors(scheduler, t), rtol=1e-9, atol=1e-19)
    assert (ours[0], ours[2000], ours[-1]) == (0, 2.5e-4, 0)


def test_llama2_is_the_cosine_with_a_floor_of_transformers():
    scheduler = optimization.get_cosine_with_min_lr_schedule_with_warmup(
        sgd(1.5e-4), 2000, 500_000, min_lr=1.5e-5
    )
    t = np.array([0, 1, 1999, 2000, 2001, 251_000, 499_999, 500_000])
    ours = recipe("llama2-70b").schedule("steps")(t)
    np.testing.assert_allclose(ours, 1.5e-4 * factors(scheduler, t), rtol=1e-9)
    assert (ours[0], ours[3], ours[-1]) == (0, 1.5e-4, 1.5e-5)


@pytest.mark.parametrize(
    ("name", "milestones", "gamma", "epochs"),
    [("resnet-pytorch", [30, 60], 0.1, 90), ("wrn-cifar", [60, 120, 160], 0.2, 200)],
)
def test_drops_in_epochs_are_multi_step_lr(name, milestones, gamma, epochs):
    optimizer = sgd(0.1)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones, gamma)
    theirs = []
    for _ in range(epochs):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    ours = recipe(name).schedule("epochs")(np.arange(epochs))
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert len(set(ours)) == len(milestones) + 1


def test_the_example_of_pytorch_drops_at_whole_epochs_of_steps():
    schedule = recipe("resnet-pytorch").schedule("steps")
    per_epoch = 1_281_167 / 256
    for t in (0, 150_000, math.ceil(30 * per_epoch), 300_000, math.ceil(60 * per_epoch), 450_000):
        assert schedule(t) == pytest.approx(0.1 * 0.1 ** (t / per_epoch // 30), rel=1e-12)


def test_goyal_is_its_own_code_read_aloud():
    """ScheduledHyperParamSetter of tensorpack: a line over 5 epochs, then steps."""
    schedule, per_epoch = recipe("resnet50-goyal").schedule("steps"), 1_281_167 / 8192
    for t in range(0, 14_075, 7):
        epoch, warmup = t / per_epoch, 5 * per_epoch
        if t < warmup:
            theirs = 0.1 + (3.2 - 0.1) * t / warmup
        else:
            theirs = 3.2 * 0.1 ** sum(epoch >= drop for drop in (30, 60, 80))
        assert schedule(t) == pytest.approx(theirs, rel=1e-3)  # warmup ends between two updates
    assert (schedule(0), schedule(782)) == (0.1, 3.2)


def test_nanogpt_is_its_get_lr():
    def get_lr(it):
        if it < 2000:
            return 6e-4 * (it + 1) / (2000 + 1)
        if it > 600_000:
            return 6e-5
        ratio = (it - 2000) / (600_000 - 2000)
        return 6e-5 + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (6e-4 - 6e-5)

    t = [0, 1, 1999, 2000, 2001, 300_000, 599_999, 600_000, 700_000]
    ours = recipe("nanogpt-124m").schedule("steps")(t)
    np.testing.assert_allclose(ours, [get_lr(each) for each in t], rtol=1e-12)


def test_olmo_starts_its_warmup_at_a_tenth_of_the_peak():
    t = np.arange(5001)
    theirs = 3e-4 * (0.1 + 0.9 * np.minimum(t, 5000) / 5000)
    np.testing.assert_allclose(recipe("olmo-7b").schedule("steps")(t), theirs, rtol=1e-12)


def test_olmo2_is_cut_where_its_second_stage_begins():
    """That stage's configuration starts at 0.000061499, which nobody computed from ours."""
    end = recipe("olmo2-7b").schedule("steps")(928_646)
    assert end == pytest.approx(0.000061499, rel=0.004)


def test_the_transformer_is_noam_from_its_second_update_on():
    t = np.arange(1, 100_001)
    theirs = 512**-0.5 * np.minimum(t**-0.5, t * 4000**-1.5)
    np.testing.assert_allclose(recipe("transformer").schedule()(t), theirs, rtol=1e-12)


def test_deepseek_falls_to_its_published_shares():
    schedule = recipe("deepseek-67b").schedule("tokens")
    shares = schedule(np.array([0.5, 0.81, 0.91]) * 2e12) / 3.2e-4
    assert shares.round(3).tolist() == [1, 0.316, 0.1]


def test_smollm3_is_stable_until_the_final_tenth_and_ends_at_0():
    schedule = recipe("smollm3-3b").schedule("tokens")
    rates = schedule(np.array([0.0, 0.5, 0.9, 0.95, 1.0]) * 11.2e12)
    np.testing.assert_allclose(rates, [0, 2e-4, 2e-4, 1e-4, 0], atol=1e-18)


def test_the_warmup_of_resnet110_is_a_lower_constant_rate():
    schedule = recipe("resnet110-cifar").schedule()
    assert schedule([0, 399, 400, 31_999]).tolist() == [0.01, 0.01, 0.1, 0.1]
    np.testing.assert_allclose(schedule([32_000, 48_000]), [0.01, 0.001])


# Every recipe, on every clock -------------------------------------------------------------------


def test_most_recipes_have_a_schedule():
    assert len(PAIRS) > 60
    assert {name for name, _ in PAIRS} == {*NAMES} - {"gpt1", *SILENT}


def over(each, clock):
    """Times of the whole training on this clock, its end included, and the end of the warmup."""
    end = each.amount(each.length, clock)
    return np.unique(np.append(np.linspace(0, end, 4001), each.amount(each.warmup, clock)))


@pytest.mark.parametrize(("name", "clock"), PAIRS)
def test_a_schedule_begins_peaks_and_ends_as_the_table_says(name, clock):
    each = RECIPES[name]
    schedule = each.schedule(clock)
    rates = schedule(over(each, clock))
    assert np.all(np.isfinite(rates))
    assert np.all(rates >= 0)
    assert rates.max() <= each.peak_lr * (1 + 1e-12)
    assert rates.max() == pytest.approx(each.peak_lr, rel=1e-3)  # the warmup ends between two t
    assert rates[0] == (each.start_lr if each.warmup.amount else each.peak_lr)
    if each.decay != "inverse sqrt":
        end = schedule(10 * over(each, clock)[-1])
        assert end == pytest.approx(each.last_lr or 0.0, rel=1e-12)


@pytest.mark.parametrize(("name", "clock"), PAIRS)
def test_all_clocks_show_the_same_training(name, clock):
    each = RECIPES[name]
    here, there = each.schedule("steps"), each.schedule(clock)
    t = np.linspace(0, each.amount(each.length, "steps"), 997).round()[1:-1]
    t = (
        t[np.abs(t[:, None] - [each.amount(drop, "steps") for drop in each.drops]).min(1) > 2]
        if (each.drops)
        else t
    )  # at a drop half an update decides
    other = there(each.clock.convert(t, "steps", clock))
    np.testing.assert_allclose(other, here(t), rtol=2e-3, atol=1e-3 * each.peak_lr)


@pytest.mark.parametrize(("name", "clock"), PAIRS)
def test_a_schedule_prints_its_own_code(name, clock):
    schedule = RECIPES[name].schedule(clock)
    names = {"Clock": Clock, "OnClock": OnClock, "Ramp": Ramp, "Stages": Stages}
    assert eval(repr(schedule), {**NAMESPACE, **names}) == schedule


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("clock", CLOCKS)
def test_the_sentence_about_what_is_missing_leads_to_a_schedule(name, clock):
    """Who follows the sentences arrives; each names one field that was None."""
    known = {}
    for _ in range(4):
        try:
            schedule = recipe(name).schedule(clock, **known)
        except ValueError as error:
            sentence = str(error)
        else:
            assert np.isfinite(schedule(0))
            return
        if name in SILENT:
            return
        field, given = re.search(r"is not published.*, (\w+)=(.*)\)$", sentence).groups()
        assert getattr(recipe(name), field) is None
        known[field] = eval(given, NAMESPACE)
    pytest.fail(sentence)


# What was not published -------------------------------------------------------------------------


def test_gpt2_says_that_nothing_was_published_and_points_to_gpt1():
    gpt2 = recipe("gpt2")
    assert gpt2.peak_lr is gpt2.warmup is gpt2.length is gpt2.min_lr is None
    assert gpt2.clocks == ()
    with pytest.raises(ValueError, match=r"gpt2: Neither rate nor schedule.*see gpt1"):
        gpt2.schedule()
    assert "not published" in str(gpt2)


def test_a_rate_that_waits_for_a_plateau_is_no_function_of_t():
    with pytest.raises(ValueError, match=r"no function of t; ReduceOnPlateau\(0\.1, factor=0\.1\)"):
        recipe("resnet-2015").schedule()


def test_no_warmup_is_not_an_unpublished_warmup():
    none, unpublished = recipe("wrn-cifar"), recipe("wrn-cifar").knowing(warmup=None)
    assert "warmup        none" in str(none)
    assert "warmup        not published" in str(unpublished)
    with pytest.raises(ValueError, match=r'warmup is not published.*warmup=Length\(0, "steps"\)'):
        unpublished.schedule()
    given = unpublished.schedule("epochs", warmup=Length(0, "steps"))
    assert given == none.schedule("epochs")


def test_an_unpublished_end_of_a_decay_is_said_and_drawn_to_0():
    vit = recipe("vit-imagenet")
    assert vit.min_lr is None
    assert "to a rate that is not published (the schedule goes to 0)" in str(vit)
    assert vit.schedule()(93_835) == 0
    assert vit.schedule(min_lr=1e-5)(93_835) == 1e-5


def test_a_batch_can_be_assumed():
    unknown = recipe("gpt3-175b").knowing(batch=None)
    with pytest.raises(ValueError, match="batch is not published, so there is no schedule in st"):
        unknown.schedule()
    assert unknown.schedule("steps", batch=Batch(3.2e6, "tokens"))(117) == pytest.approx(6e-5, 0.01)
    assert unknown.schedule("tokens") == recipe("gpt3-175b").schedule("tokens")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: recipe("llama"),
            "there is no recipe llama: did you mean llama2-7b, llama2-70b or llama3-405b?",
        ),
        (lambda: recipe("bret-base"), "there is no recipe bret-base: did you mean bert-base"),
        (lambda: recipe("zzz"), "there is no recipe zzz; there are resnet-2015"),
        (lambda: recipe(""), "there is no recipe ; there are"),
        (
            lambda: recipe("gpt1").schedule("hours"),
            "gpt1.schedule: clock (what is counted) must be one of steps, samples, tokens, epochs",
        ),
        (
            lambda: recipe("gpt1").schedule(epochs=3),
            "gpt1: a recipe has no field epochs; it has name, title",
        ),
        (
            lambda: recipe("gpt1").schedule(warmup=100),
            'gpt1: warmup must say what it counts, got 100; write Length(100, "steps")',
        ),
        (
            lambda: recipe("llama2-70b").schedule(batch=1024),
            "Clock: batch must say what it counts, got 1024; write Batch(256",
        ),
        (
            lambda: recipe("gpt1").amount(Length(1, "epochs"), "steps"),
            "gpt1: samples_per_epoch is not published, so epochs cannot become steps; name",
        ),
        (
            lambda: recipe("gpt2").share(Length(1, "steps"), "steps"),
            "gpt2: the whole length is not published, so nothing is a share of it",
        ),
        (
            lambda: recipe("llama2-70b").knowing(min_lr=1.0),
            "Recipe: min_lr must not exceed peak_lr=0.00015, got 1.0",
        ),
    ],
)
def test_what_cannot_be_gets_one_sentence(make, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}.*$"):  # on one line
        make()


def test_names_are_found_as_people_write_them():
    assert recipe("GPT3_175B") is recipe("gpt3 175b") is RECIPES["gpt3-175b"]


# The data ---------------------------------------------------------------------------------------


def test_recipes_are_sorted_by_year_and_named_once():
    years = [each.year for each in RECIPES.values()]
    assert years == sorted(years)
    assert all(each.name == name for name, each in RECIPES.items())


@pytest.mark.parametrize("name", NAMES)
def test_every_source_has_an_address_and_was_read(name):
    sources = RECIPES[name].sources
    assert sources
    for source in sources:
        assert ADDRESS.match(source.address), source
        assert source.name
        assert source.read
        assert source.quote  # the words on which a figure rests


def numbers(text):
    """Every number of a quote: "0.00012", "4e-3", "0.6 × 10^-4", "10_000", "375 million", "32k"."""
    plain = re.sub(r" ?[×·] ?10\^", "e", text.replace("_", "").replace(",", ""))
    plain = re.sub(r"\b10\^", "1e", plain)
    sizes = {"k": 1e3, "M": 1e6, " million": 1e6, "B": 1e9, " billion": 1e9, "T": 1e12}
    found = re.findall(r"(\d+\.?\d*(?:e-?\d+)?)( million| billion|[kMBT]\b)?", plain)
    return [float(digits) * sizes.get(size, 1) for digits, size in found]


def quoted(each, *figures):
    """Whether one of the figures stands in the words that the sources are quoted with."""
    found = [number for source in each.sources for number in numbers(source.quote)]
    return any(np.isclose(figures, number, atol=0).any() for number in found)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "gpt2"])
def test_the_lengths_and_rates_of_a_recipe_are_quoted(name):
    each = RECIPES[name]
    assert quoted(each, each.length.amount)
    assert not each.warmup.amount or quoted(each, each.warmup.amount, each.warmup.amount / 143_000)
    formulas = {"transformer": 4000, "resnet50-goyal": 0.1}  # the peaks are computed from these
    assert quoted(each, formulas.get(name, each.peak_lr))
    if each.min_lr:  # as a rate, or as a share of the peak
        share = each.min_lr / each.peak_lr
        assert quoted(each, each.min_lr, share, 100 * share)


@pytest.mark.parametrize(
    "each", [*RECIPES.values(), *WRONG_FIGURES], ids=lambda each: str(each)[:9]
)
def test_nothing_that_was_only_recalled_is_in_the_data(each):
    text = f"{each!r} {each}"
    for recalled in ("recall", "77.16", "77.91", "45%", "45/45/10", "from memory", "step epochs"):
        assert recalled not in text
    assert not re.search(r"BERT's own.*10%", text)


def test_every_field_of_a_recipe_is_used_by_one():
    for field in fields(Recipe):
        assert len({repr(getattr(each, field.name)) for each in RECIPES.values()}) > 1, field.name


def test_a_figure_belongs_to_the_family_that_scales_it():
    for each in RECIPES.values():
        assert each.optimizer.lower().startswith(each.family) or each.name == "gpt2"


# As text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_prints_its_facts_on_lines_of_100_characters(name):
    lines = str(RECIPES[name]).splitlines()
    assert 7 < len(lines) < 30
    assert [line for line in lines if len(line) > 100 and "http" not in line] == []
    for source in RECIPES[name].sources:
        assert source.address in str(RECIPES[name])


def test_the_card_shows_what_it_computed_beside_what_was_published():
    text = str(recipe("gpt3-175b"))
    assert "375M tokens = 5,340 steps" in text
    assert "4.97% of the steps, 0.125% of the tokens" in text
    assert "to 6e-06 (10% of the peak), ends at 260B tokens" in text
    assert "0.4% of the whole" in str(recipe("llama2-70b"))
    assert "times 0.1 at 30, 60 and 80 epochs" in str(recipe("resnet50-goyal"))


@pytest.mark.parametrize("name", NAMES)
def test_in_markdown_the_sources_are_links(name):
    text = RECIPES[name]._repr_markdown_()
    assert text.startswith(f"**{RECIPES[name].title}**")
    for source in RECIPES[name].sources:
        assert f"]({source.address})" in text


# Wrong figures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("each", WRONG_FIGURES, ids=lambda each: each.said[:20])
def test_a_wrong_figure_says_what_is_true_why_and_where(each):
    assert each.model in RECIPES or each.model == "Transformers"
    assert each.said
    assert each.true
    assert each.why.endswith(".")
    assert all(re.fullmatch(r"[A-EKS]\d+", row) for row in each.ledger)
    assert all(isinstance(source, Source) for source in each.sources)
    assert each.sources


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("peak rate 2.5e-4, 2000", "nothing"),
        ("peak rate 6e-4", "6e-05"),
        ("375 steps", "375 million tokens, which are 2,943 to 5,340 steps"),
        ("floor of 1e-7", "a straight line to 0"),
        ("epochs 30, 60 and 90", "when the error plateaus"),
        ("with a cosine", "a straight line on JFT-300M and ImageNet-21k"),
        ("5% of warmup", "no share is a standard: 1% for BERT, 0.4% for Llama 2 70B, 0.125% of"),
        ("ViT is 3%", "0.966% to 1.93% on JFT-300M, 3.21% or 9.62% on ImageNet-21k, 10.7%"),
        ("larger batch", "782 at 8192"),
    ],
)
def test_the_known_wrong_figures_are_there(said, true):
    (found,) = (each for each in WRONG_FIGURES if said in each.said)
    assert true in found.true
