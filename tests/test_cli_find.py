"""`lrcourse find`: the user's own training from the terminal, and one sentence for each mistake."""

import csv
import sys

import numpy as np
import pytest

from lrcourse.cli import main

TRAIN = """
import random
from types import SimpleNamespace

import torch
from torch import nn

print("training is being made")
answer = 42

def make_training():
    torch.manual_seed(0)
    x = torch.randn(160, 6)
    y = (x @ torch.randn(6, 3)).argmax(1)
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return model, optimizer, nn.CrossEntropyLoss(), list(zip(x.split(16), y.split(16)))

def by_name():
    return dict(zip(("model", "optimizer", "loss_fn", "batches"), make_training()))

def as_attributes():
    return SimpleNamespace(**by_name(), more=1)

def half():
    return {"model": 1, "batches": 2}

def three():
    return 1, 2, 3

def nothing():
    pass

def broken():
    return 1 / 0

def fails_in_training():
    model, optimizer, _, batches = make_training()
    def loss_fn(model, batch):
        raise KeyError("weights")
    return model, optimizer, loss_fn, batches

def wrong_shape():
    model, optimizer, loss_fn, batches = make_training()
    return model, optimizer, loss_fn, [(x[:, :5], y) for x, y in batches]

def raises_value_error():
    raise ValueError("a value of mine")

def scheduled():
    parts = by_name()
    torch.optim.lr_scheduler.StepLR(parts["optimizer"], 1)
    return parts
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A current folder with `train.py`; nothing that is imported stays."""
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "broken_file.py").write_text("def f(:\n    pass\n")
    (tmp_path / "ends.py").write_text("import sys\nsys.exit(3)\n")
    (tmp_path / "imports.py").write_text("import no_such_library\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("COLUMNS", "80")
    yield tmp_path
    for name in ("train", "broken_file", "ends", "imports"):
        sys.modules.pop(name, None)


def said(capsys, *words):
    assert main(["find", *words]) == 0
    return capsys.readouterr().out.splitlines()


def refused(capsys, *words):
    assert main(["find", *words]) == 2
    out, err = capsys.readouterr()
    sentence = err.replace("training is being made\n", "")
    assert not out
    assert len(sentence.splitlines()) == 1
    assert sentence.startswith("lrcourse: ")
    return sentence.removeprefix("lrcourse: ").strip()


def test_the_text_the_table_and_a_picture_in_characters_are_printed(capsys):
    lines = said(capsys, "train.py:make_training")
    assert lines[0].startswith("Range test: 3 sweeps of 400 updates, rates from 1e-06 to 10")
    assert any(line.startswith("  onset/3 ") for line in lines)
    assert any("Peak for a cosine" in line for line in lines)
    assert "┤" in "".join(lines)
    assert lines[-1].strip() == "learning rate η"
    assert lines[-2].split()[:3] == ["1e-06", "1e-05", "0.0001"]
    picture = lines[lines.index("The loss over the learning rate, smoothed, of the first sweep:") :]
    assert max(map(len, picture)) < 80


@pytest.mark.parametrize("name", ["train:by_name", "train.py:as_attributes", "train:make_training"])
def test_a_module_a_file_and_every_form_of_the_four_things_do_the_same(name, capsys):
    settings = ("--steps", "40", "--repeats", "1", "--csv")
    assert said(capsys, name, *settings) == said(capsys, "train.py:make_training", *settings)


def test_the_numbers_for_a_spreadsheet_are_those_of_python(capsys, folder):
    options = (
        "--steps",
        "60",
        "--repeats",
        "2",
        "--from",
        "1e-4",
        "--to",
        "1",
        "--accumulate",
        "2",
    )
    lines = said(capsys, "train.py:make_training", *options, "--csv")
    heads, *rows = csv.reader(lines)
    assert heads == ["lr", "loss_1", "loss_2"]
    from lrcourse.finder.ramps import ExponentialRamp
    from lrcourse.finder.sweep import range_test

    made = {}
    exec(TRAIN, made)
    ramp = ExponentialRamp(1e-4, 1, 60)
    found = range_test(*made["make_training"](), ramp, repeats=2, accumulate=2)
    numbers = np.array([[float(cell or "nan") for cell in row] for row in rows])
    np.testing.assert_array_equal(numbers, np.column_stack([found.lrs, found.losses.T]))


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_picture_is_written_with_its_text_alternative(kind, capsys, folder):
    lines = said(capsys, "train.py:make_training", "--steps", "60", "--out", f"found.{kind}")
    assert f"Wrote found.{kind}. Its text alternative:" in lines
    assert lines[-1].startswith("Training loss over the learning rate, 3 sweeps")
    head = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind]
    assert (folder / f"found.{kind}").read_bytes().startswith(head)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "find needs one function that makes your training, such as train.py:make_training"),
        (("train.py",), "train.py names no function; write the file, a colon and the function:"),
        (("train.py:make_trainin",), "train.py has no function make_trainin: did you mean make_t"),
        (("train.py:zzz",), "train.py has no function zzz; define it there, without arguments"),
        (("train.py:answer",), "train.py:answer is a int, not a function"),
        (("trian.py:f",), "there is no file trian.py: did you mean train.py?"),
        (("trian:f",), "there is no module trian to import here: did you mean train?"),
        (("no.such.thing:f",), "there is no module no.such.thing to import here; a file is given"),
        (("broken_file.py:f",), "broken_file.py raised SyntaxError: invalid syntax (broken_file"),
        (("ends.py:f",), "ends.py ended the program; put what is not for import under if __name"),
        (
            ("imports:f",),
            "imports raised ModuleNotFoundError: No module named 'no_such_library' (i",
        ),
        (("train.py:half",), "train.py:half returned a dict without optimizer and loss_fn"),
        (("train.py:three",), "train.py:three returned tuple of 3; end it with: return model, opt"),
        (("train.py:nothing",), "train.py:nothing returned None; end it with: return model, opt"),
        (("train.py:broken",), "train.py:broken raised ZeroDivisionError: division by zero (train"),
        (("train.py:raises_value_error",), "train.py:raises_value_error raised ValueError: a val"),
        (
            ("train.py:fails_in_training",),
            "the training of train.py:fails_in_training raised KeyError: 'weights' (train.py, line",
        ),
        (
            ("train.py:wrong_shape",),
            "the training of train.py:wrong_shape raised RuntimeError: mat1 and mat2 shapes",
        ),
        (("train.py:scheduled",), "range_test: a scheduler is attached to the optimizer"),
        (("train.py:make_training", "--repeats", "0"), "range_test: repeats (a count) must lie in"),
        (("train.py:make_training", "--from", "20"), "ExponentialRamp: start_lr must not exceed"),
        (("train.py:make_training", "--steps", "3"), "range_test: a sweep of 3 updates is too sh"),
        (
            ("train.py:make_training", "--out", "x.txt"),
            "--out draws .png, .svg and .pdf files, not",
        ),
        (("train.py:make_training", "--out", "no/x.png"), "no/x.png cannot be written: No such"),
        (("train.py:make_training", "--markdown"), "--markdown and --first-seed belong to --regr"),
        (("train.py:make_training", "--regret"), "--regret runs on our own tasks; leave the func"),
        (("--regret", "--first-seed", "-1"), "--first-seed must be at least 0, got -1"),
        (("--regret", "--csv"), "argument --csv: not allowed with argument --regret"),
    ],
)
def test_every_mistake_gets_one_sentence(words, sentence, capsys):
    settings = () if "--steps" in words or "--regret" in words else ("--steps", "40")
    assert refused(capsys, *words, *settings).startswith(sentence)


def test_the_line_in_the_sentence_is_the_users_own(capsys):
    line = TRAIN.splitlines().index("    return 1 / 0") + 1
    assert refused(capsys, "train.py:broken").endswith(f"(train.py, line {line})")


def test_help_shows_the_form_of_the_function(capsys):
    assert main(["find", "--help"]) == 0
    out = capsys.readouterr().out
    assert "return model, optimizer, loss_fn, batches" in out
    assert "lrcourse find train.py:make_training" in out
