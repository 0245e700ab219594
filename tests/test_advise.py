"""The advice: every rule rests on something, none is dead, and every number has a reason."""

import dataclasses
import inspect
import itertools
import re
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lrcourse import batch_size, claims, diagnosis, schedules
from lrcourse.advise import (
    CONVENTION,
    GUESS,
    MEASURED,
    MODELS,
    NOISES,
    OPTIMIZERS,
    PUBLISHED,
    RULES,
    STARTS,
    SYMPTOMS,
    Claimed,
    Guess,
    Paper,
    Situation,
    advise,
    rules,
)
from lrcourse.advise.parts import ALWAYS, CHOOSING, TOPICS, Habit, is_, known, optimizer
from lrcourse.advise.rules.numbers import (
    known_in,
    power,
    published_batch,
    published_peak,
    published_share,
    published_warmup,
)
from lrcourse.advise.situation import ELSEWHERE, near
from lrcourse.claims import CLAIMS
from lrcourse.claims.base import DEPENDS, FAILS, HOLDS
from lrcourse.recipes import RECIPES, recipe
from lrcourse.schedules import Schedule

VALUES = {  # of each field, those that a rule can tell apart, and the ends of its unit
    "optimizer": (None, *OPTIMIZERS),
    "model": (None, *MODELS),
    "start": (None, *STARTS),
    "steps": (None, 1, 4, 5, 9, 10, 37, 20_000, 2**53),
    "open_ended": (None, False, True),
    "batch_size": (None, 1, 256),
    "examples": (None, 256, 50_000),
    "noise": (None, *NOISES),
    "symptom": (None, *SYMPTOMS),
    "tried_lr": (None, 1e-12, 0.0123, 1e6),
    "suggested_lr": (None, 0.0345),
    "known_lr": (None, 0.0567, 1e6),
    "known_batch_size": (None, 256, 1024, 64),
    "validation": (None, False, True),
    "ensemble": (None, True),
    "beta2": (None, 0.0, 0.95, 1 - 1e-9),
}


def said(**values):
    """The situation, without the facts that mean nothing without another."""
    if values.get("known_lr") is None:
        values["known_batch_size"] = None
    if values.get("symptom") is None:
        values["tried_lr"] = None
    return Situation(**values)


situations = st.fixed_dictionaries({n: st.sampled_from(v) for n, v in VALUES.items()}).map(
    lambda values: said(**values)
)


def sampled(count, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield said(**{name: values[rng.integers(len(values))] for name, values in VALUES.items()})


def fired(situation):
    return {rule.name for rule in advise(situation).fired}


def numbers_in(thing):
    """Every number that a schedule was made with, whatever it is made of."""
    if isinstance(thing, int | float):
        return {thing}
    if isinstance(thing, Schedule):
        return numbers_in([getattr(thing, field.name) for field in dataclasses.fields(thing)])
    return set().union(*map(numbers_in, thing)) if isinstance(thing, tuple | list) else set()


# What rules rest on -----------------------------------------------------------------------------


def cited(kind):
    return [(rule.name, cite) for rule in RULES for cite in rule.cites if isinstance(cite, kind)]


@pytest.mark.parametrize(("rule", "cite"), cited(Claimed), ids=lambda each: str(each)[:60])
def test_a_claim_exists_and_says_what_the_rule_takes_it_to_say(rule, cite):
    assert cite.name in CLAIMS
    assert cite.verdict == CLAIMS[cite.name].verdict


def test_claims_named_in_a_text_exist_with_that_verdict():
    texts = " ".join(f"{rule.advice} {rule.why} {rule.would_change}" for rule in RULES)
    found = re.findall(rf"\(([a-z0-9-]+): ({HOLDS}|{DEPENDS}|{FAILS})\)", texts)
    assert found
    assert all(CLAIMS[name].verdict == verdict for name, verdict in found)


def test_sources_have_addresses_and_one_name_each():
    papers = {cite for _, cite in cited(Paper)}
    assert all(re.fullmatch(r"https://[\w./#-]+", paper.address) for paper in papers)
    assert len({paper.name for paper in papers}) == len(papers)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_complete(rule):
    assert rule.topic in TOPICS
    assert rule.cites
    assert rule.strength in (MEASURED, PUBLISHED, CONVENTION, GUESS)
    for text in (rule.advice, rule.why, rule.would_change):
        assert text.endswith(".")
    assert (rule.value is not None) == bool(rule.formula) == (rule.topic in CHOOSING)


def test_no_usual_rate_is_called_measured():
    usual = {rule.name: rule.strength for rule in RULES if rule.name.startswith("usual-")}
    assert len(usual) > 8
    assert MEASURED not in usual.values()


OURS = {  # rules whose number nobody measured
    "a-third-of-what-diverged",
    "three-times-what-is-slow",
    "usual-for-lars",
    "usual-for-lamb",
    "usual-for-rmsprop",
    "re-warm",
    "re-warm-plainly",
    "a-spike-wants-a-warmup",
    "a-spike-of-sgd-wants-a-warmup",
    "short-warmup-for-fine-tuning",
    "warmup-fits-the-length",
    "many-epochs",
}


def test_a_number_of_ours_is_called_a_guess_where_it_prints():
    assert {rule.name for rule in RULES if rule.strength == GUESS} == OURS
    for rule in RULES:
        guesses = [each for each in rule.cites if isinstance(each, Guess)]
        assert guesses == ([rule.cites[0]] if rule.name in OURS else [])
        assert rule.evidence.startswith(f"{GUESS} (") == (rule.name in OURS)
    advice = advise(Situation(optimizer="sgd", symptom="too slow", tried_lr=0.1, steps=10))
    answer = " ".join(str(advice).split("Why")[0].split())
    assert "our guess (three-times-what-is-slow)" in answer
    assert advice.about("peak")[0].evidence in " ".join(str(advice).split())


def test_rates_of_recipes_are_those_of_the_recipes():
    def peak(**facts):
        return advise(Situation(**facts)).peak_lr

    assert peak(model="transformer-pre") == recipe("llama2-7b").peak_lr == 3e-4
    assert peak(start="fine-tuning") == recipe("roberta-rte").peak_lr == 2e-5
    resnet = recipe("resnet-2015")
    facts = {"optimizer": "momentum", "model": "cnn"}
    assert peak(**facts) == resnet.peak_lr
    assert peak(**facts, batch_size=1024) == pytest.approx(4 * resnet.peak_lr)
    assert peak(**facts, batch_size=64) == pytest.approx(resnet.peak_lr / 4)


def test_published_peaks_of_transformers_lie_where_the_rule_says():
    other = ("convnext-t", "roberta-rte")  # no transformer; fine-tuned
    peaks = [
        each.peak_lr
        for each in RECIPES.values()
        if each.family == "adam" and each.peak_lr and each.name not in other
    ]
    text = advise(Situation(model="transformer-pre")).about("peak")[0].advice
    assert f"between {power(min(peaks))} and {power(max(peaks))}," in text


def test_what_a_rule_takes_from_a_recipe_is_there():
    assert published_peak("gpt3-175b") == 6e-5
    assert published_warmup("roberta-rte") == 122
    assert published_batch("resnet-2015") == 256
    assert published_share("roberta-rte") == 122 / 2036
    assert known_in("gpt2", 0.0) == 0
    with pytest.raises(ValueError, match="gpt2 does not have what a rule takes from it"):
        published_peak("gpt2")


@pytest.mark.parametrize("rate", [2e-5, 3e-4, 1e-3, 6e-5])
def test_a_small_rate_is_written_as_people_do(rate):
    assert float(power(rate)) == rate
    assert re.fullmatch(r"\de-\d", power(rate))


def default(optimizer, name):
    return inspect.signature(optimizer).parameters[name].default


def test_defaults_of_pytorch_are_what_rules_say():
    assert default(torch.optim.Adam, "lr") == advise(Situation(optimizer="adam")).peak_lr
    assert default(torch.optim.RMSprop, "lr") == pytest.approx(
        10 * advise(Situation(optimizer="rmsprop")).peak_lr
    )
    for cls, name, last in (("Adam", "adam", "betas"), ("RMSprop", "rmsprop", "alpha")):
        usual = np.atleast_1d(default(getattr(torch.optim, cls), last))[-1]
        found = advise(Situation(optimizer=name, steps=10**6)).warmup_steps
        assert found == round(2 / (1 - usual))


def test_rates_of_lars_and_lamb_are_those_of_the_claim():
    code = inspect.getsource(claims.batch_size)
    for name in ("Lars", "Lamb"):
        rate = advise(Situation(optimizer=name.lower())).peak_lr
        assert f"({name}(), {rate})" in code


def test_no_measured_effect_is_typed():
    for rule in RULES:
        assert not re.search(r"\d (points|times (better|worse))", f"{rule.why} {rule.would_change}")


def test_names_are_unique():
    assert max(Counter(rule.name for rule in RULES).values()) == 1


def test_the_symptoms_are_the_signs_of_the_diagnosis():
    assert set(SYMPTOMS) == set(diagnosis.NAMES)


def test_every_symptom_has_its_rule():
    for symptom in SYMPTOMS:
        topics = [rule.topic for rule in advise(Situation(symptom=symptom)).fired]
        assert topics.count("symptom") == 1


# The whole rule set -----------------------------------------------------------------------------


def test_no_table_of_rules_is_forgotten():
    tables = [table for name, table in vars(rules).items() if name.endswith("_RULES")]
    assert {rule.name for table in tables for rule in table} == {rule.name for rule in RULES}


def test_no_rule_is_dead():
    alive = set().union(*(fired(situation) for situation in sampled(4000)))
    assert alive == {rule.name for rule in RULES}


def check(situation):
    advice = advise(situation)
    schedule, steps = advice.schedule, situation.steps
    assert isinstance(schedule, Schedule)
    t = np.unique(np.linspace(0, steps or 10_000, 300).round())
    rates = schedule(t)
    assert np.isfinite(rates).all()
    assert (rates >= 0).all()
    assert rates.max() <= advice.peak_lr * (1 + 1e-12)
    assert schedule(advice.warmup_steps) == pytest.approx(advice.peak_lr)
    assert schedule(0) > 0
    if steps:
        assert advice.warmup_steps <= steps // 5
        assert schedule.steps <= steps
        assert schedule(steps) == pytest.approx(0, abs=1e-9 * advice.peak_lr)
    else:
        assert schedule.steps is None
    defaults = {0, 1}  # min_lr, stretch and gamma, which no text shows
    explained = {number.value for number in advice.numbers.values()}
    assert numbers_in(schedule) <= explained | defaults
    assert all(number.because for number in advice.numbers.values())
    held = {rule.name for rule in RULES if rule.when.holds(situation)}
    losers = [each.rule.name for each in advice.overruled]
    assert Counter([*fired(situation), *losers]) == Counter(held)
    for topic in CHOOSING:
        assert len(advice.about(topic)) == 1
    for rule, by in advice.overruled:
        assert rule.topic == by.topic
        assert RULES.index(by) < RULES.index(rule)


@given(situations)
@settings(max_examples=300, deadline=None)
def test_every_situation_gets_a_sound_answer(situation):
    check(situation)


@pytest.mark.slow
def test_the_whole_product_of_what_decides_gets_a_sound_answer():
    names = ("optimizer", "model", "start", "steps", "open_ended", "symptom", "ensemble")
    grid = VALUES | {"steps": (None, 1, 10, 20_000)}
    for values in itertools.product(*(grid[name] for name in names)):
        check(said(**dict(zip(names, values, strict=True)), tried_lr=0.1))


def test_the_text_is_narrow_and_complete():
    for situation in sampled(100, seed=1):
        advice = advise(situation)
        text = str(advice)
        assert all(len(line) <= 100 for line in text.splitlines())
        flat = " ".join(text.split())
        for rule in advice.fired:
            assert rule.name in flat or rule.topic == "not known"
            assert " ".join(rule.advice.split()) in flat
        assert all(f"{each.rule.name} ({each.rule.topic})" in flat for each in advice.overruled)


def test_what_would_change_it_is_said_of_what_decides_and_of_symptom_and_batch():
    advice = advise(Situation(optimizer="sgd", symptom="plateau", batch_size=64, steps=100))
    part = str(advice).split("What would change it")[1].split("\n\n")[0]
    topics = re.findall(r"^- ([a-z ]+): ", part, re.MULTILINE)
    assert topics == ["schedule", "peak", "warmup", "symptom", "batch"]


def test_the_code_makes_the_schedule():
    for situation in sampled(200, seed=2):
        advice, names = advise(situation), {}
        exec(advice.code, names)
        assert names["schedule"] == advice.schedule


def test_long_code_breaks_before_its_arrows():
    code = advise(Situation(optimizer="adam", suggested_lr=0.0123)).code
    assert len(code.splitlines()) == 3
    cycles = Situation(optimizer="adam", ensemble=True, steps=20_000, known_lr=0.0123456789012)
    before, first, second, after = advise(cycles).code.splitlines()[2:]
    assert (before, after) == ("schedule = (", ")")
    assert first.startswith("    LinearWarmup(")
    assert second.startswith("    >> Repeat(")


def test_the_answer_comes_first():
    lines = str(advise(Situation(optimizer="sgd", steps=100, known_lr=0.2))).splitlines()
    assert lines[2] == "schedule = CosineDecay(peak_lr=0.2, steps=100)"
    assert lines[4].startswith("Peak rate 0.2: ")
    assert lines[5] == "Warmup none: measured here (sgd-needs-none)."
    assert lines[6].startswith("Then train at 0.1, 0.2 and 0.4 ")


# What it says -----------------------------------------------------------------------------------


def test_who_says_nothing_gets_a_schedule_that_is_called_a_guess():
    advice = advise()
    assert advice.peak_is_a_guess
    assert advice.schedule.steps is None
    assert len(advice.not_known) == 3  # peak, optimizer, length
    assert "range test" in str(advice).split("Why")[0]
    assert advice == advise(Situation())


@pytest.mark.parametrize("fact", [{"suggested_lr": 0.03}, {"known_lr": 0.03}])
def test_a_tested_rate_is_taken_and_is_no_guess(fact):
    advice = advise(Situation(**fact))
    assert advice.peak_lr == 0.03
    assert not advice.peak_is_a_guess


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw", "radam", "rmsprop"])
@pytest.mark.parametrize("batch", [64, 256, 4096])
def test_the_rate_follows_the_batch_as_the_tools_of_section_10_do(optimizer, batch):
    s = Situation(optimizer=optimizer, known_lr=0.01, known_batch_size=256, batch_size=batch)
    witness = batch_size.rules.rule_of(optimizer).rate(0.01, 256, batch)
    assert advise(s).peak_lr == pytest.approx(witness, rel=0.05)


def test_no_rule_is_invented_for_lars():
    s = Situation(optimizer="lars", known_lr=0.5, known_batch_size=256, batch_size=4096)
    assert advise(s).peak_lr == 0.5
    diverged = dataclasses.replace(s, symptom="diverging", tried_lr=30.0)
    assert advise(diverged).peak_lr == 0.5
    assert "no-rule-for-lars" in fired(s)


@pytest.mark.parametrize(("beta2", "updates"), [(None, 2000), (0.999, 2000), (0.95, 40)])
def test_adams_warmup_is_counted_in_updates(beta2, updates):
    assert advise(Situation(optimizer="adam", beta2=beta2, steps=10**6)).warmup_steps == updates
    assert updates == round(batch_size.rules.settling_updates(beta2 or 0.999))


def test_the_norm_decides_what_is_said_about_the_warmup():
    post, pre = (Situation(model=f"transformer-{each}", steps=50_000) for each in ("post", "pre"))
    assert "may learn nothing" in advise(post).about("warmup")[0].advice
    assert "mostly learns without" in advise(pre).about("warmup")[0].advice


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "radam"])
def test_those_need_no_warmup(optimizer):
    assert advise(Situation(optimizer=optimizer, steps=1000)).warmup_steps == 0


def test_a_spike_asks_for_a_warmup_of_everyone():
    for name in OPTIMIZERS:
        s = Situation(optimizer=name, steps=10**5, symptom="initial spike")
        calm = dataclasses.replace(s, symptom="healthy")
        assert advise(s).warmup_steps > advise(calm).warmup_steps


def test_a_short_run_gets_a_warmup_that_fits_and_is_told():
    advice = advise(Situation(optimizer="adam", steps=300))
    assert advice.warmup_steps == 60
    assert "2000 cut to a fifth of the updates, our guess" in advice.numbers["warmup_steps"].because
    assert "warmup-fits-the-length" in {rule.name for rule in advice.fired}


def test_larger_batches_warm_up_for_five_epochs():
    s = Situation(
        optimizer="momentum",
        known_lr=0.1,
        known_batch_size=256,
        batch_size=8192,
        examples=1_281_167,
        steps=14_000,
    )
    assert advise(s).peak_lr == 3.2
    assert advise(s).warmup_steps == pytest.approx(781, abs=1)  # Goyal et al. 2017


@pytest.mark.parametrize(
    ("facts", "cls"),
    [
        ({"optimizer": "sgd", "steps": 1000}, schedules.CosineDecay),
        ({"optimizer": "adamw", "steps": 1000}, schedules.WarmupCosine),
        ({"model": "transformer-pre", "steps": 1000}, schedules.WarmupLinear),
        ({"start": "fine-tuning", "steps": 1000}, schedules.WarmupLinear),
        ({"optimizer": "adamw", "open_ended": True, "steps": 1000}, schedules.WarmupStableDecay),
        ({"optimizer": "sgd", "ensemble": True, "steps": 1000}, schedules.Repeat),
        ({"optimizer": "sgd"}, schedules.Constant),
        ({"optimizer": "sgd", "start": "continuing", "steps": 1000}, schedules.WarmupCosine),
    ],
)
def test_the_shape_follows_the_situation(facts, cls):
    assert type(advise(Situation(**facts)).schedule) is cls


def test_an_open_end_keeps_the_rates_until_the_cooldown_whatever_the_length():
    short, long = (advise(Situation(open_ended=True, steps=n)).schedule for n in (20_000, 40_000))
    t = np.arange(16_000)
    assert np.array_equal(short(t), long(t))
    assert short(18_000) < long(18_000)


def test_rates_that_failed_move_the_peak():
    facts = {"optimizer": "sgd", "tried_lr": 0.4, "steps": 100}
    peaks = {s: advise(Situation(**facts, symptom=s)).peak_lr for s in SYMPTOMS}
    assert peaks.pop("diverging") == 0.13
    assert peaks.pop("oscillating") == 0.2
    assert peaks.pop("too slow") == pytest.approx(1.2)
    assert set(peaks.values()) == {0.4}


def test_what_is_known_bounds_a_peak_that_failed():
    diverged = Situation(symptom="diverging", tried_lr=1.0, suggested_lr=0.01)
    assert advise(diverged).peak_lr == 0.01
    assert advise(dataclasses.replace(diverged, known_lr=0.002)).peak_lr == 0.002
    assert advise(dataclasses.replace(diverged, suggested_lr=3.0)).peak_lr == 0.33
    slow = Situation(symptom="too slow", tried_lr=0.01, suggested_lr=0.5)
    assert advise(slow).peak_lr == 0.5


def test_without_the_rate_of_the_symptom_it_asks_for_it():
    assert "rate-of-the-symptom" in fired(Situation(symptom="diverging"))
    assert "rate-of-the-symptom" not in fired(Situation(symptom="diverging", tried_lr=0.1))


def test_restarts_are_advised_for_ensembles_alone():
    for situation in sampled(300, seed=3):
        has_cycles = "Repeat" in advise(situation).code
        assert has_cycles == bool(situation.ensemble and (situation.steps or 0) >= 10)
    assert "no cure" in str(advise(Situation(symptom="overfitting")))


def test_a_finished_run_is_warned_of_its_loss():
    assert "Expect the loss to rise" in str(advise(Situation(start="continuing", steps=1000)))


def test_fine_tuning_begins_low_and_warms_up_briefly():
    tuned, fresh = (
        advise(Situation(start=start, model="transformer-post", steps=10_000))
        for start in ("fine-tuning", "fresh")
    )
    assert tuned.peak_lr < fresh.peak_lr / 3
    assert tuned.warmup_steps < fresh.warmup_steps


def test_many_passes_over_the_data_are_told():
    s = Situation(steps=5001, batch_size=10, examples=1000)
    assert "many-epochs" in fired(s)
    assert "many-epochs" not in fired(dataclasses.replace(s, steps=5000))


def test_adams_warmup_keeps_its_updates_when_the_batch_grows():
    name = "adams-warmup-keeps-its-updates"
    facts = {"known_lr": 0.01, "known_batch_size": 64}
    assert name in fired(Situation(optimizer="adam", batch_size=256, **facts))
    assert name not in fired(Situation(optimizer="adam", batch_size=32, **facts))
    assert name not in fired(Situation(optimizer="sgd", batch_size=256, **facts))


# What is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"optimizer": "adamm"}, "got 'adamm': did you mean adam?"),
        ({"model": "transformer"}, "did you mean transformer-pre or transformer-post?"),
        ({"symptom": "NaN"}, "did you mean diverging?"),
        ({"symptom": "spike"}, "did you mean initial spike?"),
        ({"start": 3}, "must be one of fresh, fine-tuning, continuing, got 3"),
        ({"steps": 0}, r"steps \(optimizer updates\) must lie in \[1, inf\), got 0"),
        ({"steps": 2.5}, "must be a whole number, got 2.5"),
        ({"known_lr": 0.0}, r"known_lr \(learning rate\) must lie in \[1e-12, 1e\+06\], got 0.0"),
        ({"known_lr": float("nan")}, "must lie in .* got nan"),
        ({"known_batch_size": 8}, "known_batch_size says nothing without known_lr"),
        ({"tried_lr": 0.1}, "tried_lr says nothing without symptom"),
        ({"batch_size": 9, "examples": 8}, "batch_size must not exceed examples=8, got 9"),
        ({"open_ended": "yes"}, "open_ended must be True, False or None, got 'yes'"),
        ({"validation": 1}, "validation must be True, False or None, got 1"),
        ({"beta2": 1.0}, "beta2 .* must lie in"),
    ],
)
def test_a_wrong_fact_gets_one_sentence(facts, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        Situation(**facts)
    assert str(caught.value).startswith("Situation: ")
    assert "\n" not in str(caught.value)


def test_something_else_than_a_situation_is_refused():
    with pytest.raises(ValueError, match=r"a situation is needed, .* got 'adam'"):
        advise("adam")


def test_other_peoples_words_lead_to_ours():
    words = {*OPTIMIZERS, *MODELS, *STARTS, *NOISES, *SYMPTOMS}
    for word, meant in ELSEWHERE.items():
        assert word not in words
        assert set(meant.split(", ")) <= words
        assert near(word.upper(), words) == f": did you mean {meant.replace(', ', ' or ')}?"
    assert near("zebra", OPTIMIZERS) == ""


def test_numpy_numbers_are_numbers():
    s = Situation(steps=np.int64(100), known_lr=np.float64(0.1))
    assert s == Situation(steps=100, known_lr=0.1)
    assert str(s) == "steps 100, known_lr 0.1"


# The parts --------------------------------------------------------------------------------------


def test_conditions_combine_and_can_be_read():
    adam, mlp = optimizer("adam", "sgd"), is_("model", "mlp")
    both = Situation(optimizer="adam", model="mlp")
    one, none = dataclasses.replace(both, model="cnn"), Situation(optimizer="lars", model="cnn")
    answers = [[each.holds(s) for s in (both, one, none)] for each in (adam & mlp, adam | mlp)]
    assert answers == [[True, False, False], [True, True, False]]
    assert [(~mlp).holds(s) for s in (both, one)] == [False, True]
    facts = known("batch_size", "examples")
    sizes = ((8, 80), (8, None), (None, 80), (None, None))
    answers = [facts.holds(Situation(batch_size=b, examples=n)) for b, n in sizes]
    assert answers == [True, False, False, False]
    assert str(adam & mlp) == "optimizer is one of adam, sgd and model is mlp"
    assert str(~(adam | mlp)) == "not (optimizer is one of adam, sgd, or model is mlp)"
    assert str(~mlp) == "not (model is mlp)"
    assert ALWAYS.holds(none)


def test_a_rule_prints_all_its_parts():
    rule = next(rule for rule in RULES if rule.name == "usual-for-adam")
    head, *rest = str(rule).splitlines()
    assert head == "usual-for-adam (peak)"
    labels = [line.split(":")[0].strip() for line in rest]
    assert labels == ["when", "advice", "decides", "why", "evidence", "would change"]
    assert "convention (PyTorch's default for Adam, https://" in str(rule)
    assert "; claim adam-needs-no-tuning: does not hold at this scale)" in str(rule)
    assert isinstance(rule.cites[0], Habit)


def test_a_situation_knows_its_epochs_and_its_growth():
    s = Situation(steps=100, batch_size=10, examples=200, known_lr=1.0, known_batch_size=40)
    assert (s.epochs, s.growth) == (5, 0.25)
    assert np.isnan(dataclasses.replace(s, examples=None).epochs)
    assert np.isnan(dataclasses.replace(s, steps=None).epochs)
    assert dataclasses.replace(s, known_batch_size=None).growth == 1
    assert Situation(model="cnn").likely_optimizer == "momentum"
    assert Situation(model="mlp").likely_optimizer == "adamw"
    assert Situation(model="cnn", optimizer="sgd").likely_optimizer == "sgd"
