"""`lrcourse recipe`: the list, one recipe, its curve on any clock, its code, and wrong figures."""

import csv
import io
import subprocess
import sys

import numpy as np
import pytest

from lrcourse.cli import main
from lrcourse.recipes import RECIPES, WRONG_FIGURES, recipe

DRAWN = ["gpt3-175b", "transformer", "resnet50-goyal", "llama3-405b", "roberta-rte"]


@pytest.fixture
def said(capsys, monkeypatch):
    """A function from words to the lines of `lrcourse recipe`."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")

    def lines(*words):
        assert main(["recipe", *words]) == 0
        return capsys.readouterr().out.splitlines()

    return lines


@pytest.fixture
def refused(capsys):
    """A function from words to the one sentence on stderr."""

    def sentence(*words):
        assert main(["recipe", *words]) == 2
        out, err = capsys.readouterr()
        assert not out
        assert len(err.splitlines()) == 1
        return err.strip()

    return sentence


# Text -------------------------------------------------------------------------------------------


def test_the_list_has_every_recipe_in_aligned_columns(said):
    head, *rows = said()[: len(RECIPES) + 1]
    assert [row.split()[0] for row in rows] == list(RECIPES)
    assert max(map(len, [head, *rows])) <= 100
    for title in ("year", "peak", "warmup", "decay", "length", "batch"):
        start = head.index(title)
        assert all(row[start - 1 : start] in (" ", "") for row in rows)
        assert all(row[start : start + 1].strip() for row in rows)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_printed_in_full(said, name):
    lines = said(name)
    assert "\n".join(lines).startswith(str(RECIPES[name]))


def test_a_recipe_comes_with_what_is_wrongly_said_of_it(said):
    text = " ".join(" ".join(said("gpt2")).split())
    assert "Often said, and wrong" in text
    assert "those of GPT-1" in text


def test_the_wrong_figures_are_listed(said):
    text = " ".join(" ".join(said("--wrong")).split())
    for each in WRONG_FIGURES:
        assert all(part in text for part in (each.said, each.true, each.why, each.ledger[0]))
        assert all(source.address in text for source in each.sources)


def test_the_wrong_figures_of_one_model(said):
    lines = said("--wrong", "bert-base")
    assert lines[0] == "bert-base"
    assert not any("GPT" in line for line in lines)
    assert said("--wrong", "olmo-7b") == ["No wrong figure of olmo-7b is known here."]


# Curves -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWN)
def test_a_curve_has_an_axis_that_names_its_clock(said, name):
    lines = said(name, "--plot")
    assert lines[-1].strip() == "optimizer update t"
    assert max(map(len, lines)) <= 100
    assert RECIPES[name].title in lines[0]


def test_the_clock_changes_the_axis_and_the_curve(said):
    steps, tokens = said("gpt3-175b", "--plot"), said("gpt3-175b", "--clock", "tokens")
    assert tokens[-1].strip() == "training tokens seen"
    assert tokens[-2].split()[:3] == ["0", "50B", "100B"]
    assert steps[-2].split()[:3] == ["0", "20,000", "40,000"]
    assert steps[5:-3] != tokens[5:-3]  # in steps the warmup is forty times as wide


def test_a_tick_stands_over_the_number_that_it_belongs_to(said):
    *_, rule, numbers, _ = said("llama2-70b", "--plot", "--clock", "tokens")
    ticks = [i for i, mark in enumerate(rule) if mark == "┬"]
    assert [i for i, c in enumerate(numbers) if c != " " and numbers[i - 1] == " "] == ticks


def test_the_picture_says_where_the_peak_is(said):
    text = " ".join(said("gpt3-175b", "--plot")[:3])
    assert "6e-05, at about 5,340," in text
    assert "over 107,446 steps" in text


def test_a_picture_can_be_made_of_the_simplest_characters(said):
    text = "\n".join(said("resnet50-goyal", "--plot", "--ascii", "--log", "--clock", "epochs"))
    assert "epochs over the training set" in text
    assert text.isascii() or set(text) - set(map(chr, range(128))) == {"η"}


def test_a_spreadsheet_has_the_rates_of_the_schedule(said):
    rows = list(csv.DictReader(io.StringIO("\n".join(said("bert-base", "--csv")))))
    t = np.array([float(row["steps"]) for row in rows])
    rates = np.array([float(row["lr"]) for row in rows])
    assert rates.tolist() == recipe("bert-base").schedule()(t).tolist()
    assert (t[0], t[-1], rates.max()) == (0, 1_000_000, 1e-4)
    assert np.all(t % 1 == 0)
    assert said("bert-base", "--csv", "--clock", "tokens")[0] == "tokens,lr"


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_curve_is_written_to_a_file(said, tmp_path, kind):
    path = tmp_path / f"curve.{kind}"
    lines = said("gpt3-175b", "--clock", "tokens", "--out", str(path))
    assert lines[0] == f"Wrote {path}. Its text alternative:"
    assert "over 300B tokens" in lines[1]
    assert path.stat().st_size > 3000


def test_the_axis_of_a_file_names_its_clock():
    from lrcourse.plots.recipes import plot_course as figure
    from lrcourse.recipes.course import course

    drawn = course(recipe("gpt3-175b"), "tokens", 101)
    ax = figure(drawn)
    ax.figure.draw_without_rendering()
    assert ax.get_xlabel() == "training tokens seen"
    assert ax.get_ylabel() == "learning rate η"
    assert "100B" in [label.get_text() for label in ax.get_xticklabels()]
    line = ax.get_lines()[0]
    assert line.get_ydata().tolist() == drawn.schedule(line.get_xdata()).tolist()


# Code -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWN)
def test_the_code_makes_the_schedule(said, name):
    lines = said(name, "--code")
    assert max(map(len, lines)) <= 100
    made = {}
    exec("\n".join(lines), made)
    assert made["schedule"] == recipe(name).schedule()


def test_what_was_not_published_can_be_assumed(said):
    made = {}
    exec("\n".join(said("gpt1", "samples_per_epoch=6_400", "--code")), made)
    assert made["schedule"] == recipe("gpt1").schedule(samples_per_epoch=6400)
    made = {}
    exec("\n".join(said("bert-base", "batch=512", "--code", "--clock", "samples")), made)
    assert made["schedule"].steps == 512_000_000


# Mistakes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["gpt3"], "there is no recipe gpt3: did you mean gpt3-175b or gpt3-125m?"),
        (["--plot"], "name a recipe, such as lrcourse recipe gpt3-175b --plot"),
        (["gpt2", "--plot"], "gpt2: Neither rate nor schedule, warmup nor number of steps was"),
        (["resnet-2015", "--csv"], "resnet-2015: the rate falls when the error stops falling"),
        (
            ["gpt1", "--plot"],
            "gpt1: samples_per_epoch is not published, so there is no schedule in steps; name "
            "what you assume, as in lrcourse recipe gpt1 samples_per_epoch=1000000",
        ),
        (
            ["bert-base", "--clock", "hours"],
            "bert-base.schedule: clock (what is counted) must be one of steps, samples, tokens",
        ),
        (
            ["bert-base", "warmup=3"],
            "warmup=3 is not understood: batch=N, tokens_per_sample=N, samples_per_epoch=N are",
        ),
        (["bert-base", "batch=x"], "batch=x is not understood"),
        (["bert-base", "batch=0"], "Batch: amount (batch of one update) must lie in [1, inf)"),
        (["bert-base", "--out", "curve.gif"], "--out draws .png, .svg and .pdf files"),
        (["bert-base", "--plot", "--csv"], "argument --csv: not allowed with argument --plot"),
        (["bert-base", "--polt"], "lrcourse recipe has no option --polt"),
    ],
)
def test_a_mistake_gets_one_sentence(refused, words, sentence):
    assert refused(*words).startswith(f"lrcourse: {sentence}")


def test_a_file_that_cannot_be_written_is_said(refused, tmp_path):
    words = refused("bert-base", "--out", str(tmp_path / "nowhere" / "curve.png"))
    assert "cannot be written: No such file or directory" in words


def test_the_hint_of_a_mistake_can_be_typed(said, refused):
    hint = refused("gpt1", "--code").split("lrcourse recipe ")[1]
    assert said(*hint.split(), "--code")[-1] == ")"


def test_nobody_waits_for_what_is_not_asked_for():
    code = (
        "import sys; from lrcourse.cli import main; main(['recipe', 'gpt3-175b', '--plot']);"
        "print({'torch', 'matplotlib', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().splitlines()[-1] == "set()"
