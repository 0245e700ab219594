"""`lrcourse diagnose` reads a log, says what it shows, and refuses in one sentence."""

import io
import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from lrcourse.cli import main
from lrcourse.cli.diagnose import WIDEST, picture
from lrcourse.diagnosis import diagnose
from lrcourse.diagnosis.reading import read_log
from lrcourse.text_plot import text_plot

STEPS = 300
T = np.arange(STEPS)


def losses(kind):
    """The losses of a made-up run."""
    noise = np.random.default_rng(0).normal(0, 0.03, STEPS)
    falling = 2.3 * np.exp(-T / 40) + 0.2 + noise
    if kind == "diverging":
        return np.where(T < 100, falling, falling[99] * np.exp((T - 99) / 20))
    if kind == "lost":
        return np.where(T < 100, falling, np.nan)
    return falling


@pytest.fixture
def log(tmp_path):
    """A function from the kind of a run to the path of its log, with validation every 50."""

    def write(kind="healthy", lr=True, name="run.jsonl"):
        lines = []
        for t, loss in enumerate(losses(kind), 1):
            lines.append({"step": t, "loss": float(loss), **({"lr": 0.1} if lr else {})})
            if t % (20 if kind == "overfitting" else 50) == 0 and np.isfinite(loss):
                val = 0.5 + abs(t - 100) / 100 if kind == "overfitting" else 1.1 * float(loss)
                lines.append({"step": t, "val_loss": val})
        path = tmp_path / name
        path.write_text("".join(json.dumps(each) + "\n" for each in lines))
        return str(path)

    return write


@pytest.fixture
def said(capsys, monkeypatch):
    """A function from words to the lines of `lrcourse diagnose`."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")

    def lines(*words):
        assert main(["diagnose", *words]) == 0
        return capsys.readouterr().out.splitlines()

    return lines


@pytest.fixture
def refused(capsys):
    """A function from words to the one sentence on stderr."""

    def sentence(*words):
        assert main(["diagnose", *words]) == 2
        out, err = capsys.readouterr()
        assert not out
        assert "Traceback" not in err
        assert len(err.splitlines()) == 1
        assert err.startswith("lrcourse: ")
        return err.strip()

    return sentence


# What is said ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["healthy", "diverging", "lost", "overfitting"])
def test_says_what_the_library_says(said, log, kind):
    path = log(kind)
    lines = said(path)
    found = read_log(path)
    diagnosis = diagnose(found.losses, found.lrs, found.val_after, found.steps, found.time)
    assert f"verdict: {diagnosis.verdict}" in lines
    text = " ".join(" ".join(lines).split())
    for sign in diagnosis.signs:
        assert f"{sign.name}, {sign.sure:.0%} sure, section {sign.section}" in text
        assert " ".join(sign.evidence.split()) in text
        assert " ".join(sign.remedy.split()) in text
    assert all(len(line) <= WIDEST for line in lines)


def test_a_diverged_run_is_called_so(said, log):
    assert "verdict: diverging" in said(log("diverging"))
    assert "verdict: diverging" in said(log("lost"))


def test_rising_validation_is_seen(said, log):
    assert "verdict: overfitting" in said(log("overfitting"))


def test_says_what_was_read(said, log):
    text = " ".join(" ".join(said(log())).split())
    assert "300 losses in 'loss', step 1 to 300; rates in 'lr'; 6 validation losses" in text
    assert "no rates" in " ".join(said(log(lr=False)))


def test_the_notes_of_the_log_are_printed(said, log):
    path = log()
    with open(path, "a") as file:
        file.write('{"step": 301, "lo')
    assert any("note: line 307, the last, is cut off" in line for line in said(path))


def test_reads_another_program_from_stdin(said, log, monkeypatch):
    path = log("diverging")
    from_file = said(path)
    with open(path, "rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.read())))
    from_pipe = said("-")
    start = from_pipe.index("verdict: diverging")
    assert from_pipe[start:] == from_file[from_file.index("verdict: diverging") :]


def test_the_columns_can_be_named(said, tmp_path):
    path = tmp_path / "log.csv"
    rows = [f"{t},{value},{9 - value},0.1" for t, value in enumerate(losses("healthy"))]
    path.write_text("\n".join(["n,first part,second part,speed", *rows, ""]))
    words = (str(path), "--loss", "second part", "--step", "n", "--lr", "speed")
    text = " ".join(" ".join(said(*words)).split())
    assert "300 losses in 'second part', n 0 to 299; rates in 'speed'" in text


# The text picture --------------------------------------------------------------------------------


def made_up(values, steps=None, places=()):
    """A log and a diagnosis with one sign."""
    values = np.asarray(values, float)
    steps = np.arange(len(values), dtype=float) if steps is None else np.asarray(steps, float)
    sign = SimpleNamespace(name="oscillating", places=places)
    return SimpleNamespace(losses=values, steps=steps, time="step"), SimpleNamespace(signs=(sign,))


def letters(lines):
    """(first, last column of the letters) counted from the wall of the picture."""
    left = max(lines[-3].find("+"), lines[-3].find("└")) + 1
    row = lines[1][left:]
    return row.find("a"), row.rfind("a"), len(lines[-3]) - left


@pytest.mark.parametrize("ascii", [False, True])
def test_the_letters_stand_over_the_place_of_the_sign(ascii):
    lines = picture(*made_up(np.linspace(2, 1, 100), places=((50, 74),)), ascii=ascii)
    first, last, columns = letters(lines)
    assert first / columns == pytest.approx(0.5, abs=0.03)
    assert last / columns == pytest.approx(0.74, abs=0.03)
    assert lines[0].strip() == "loss"
    assert lines[-1].strip() == "step"
    if ascii:
        assert "".join(lines).isascii()


def test_the_time_axis_counts_the_steps_of_the_log():
    losses = np.linspace(2, 1, 100)
    for steps, shown in (
        (10 * np.arange(100), ["0", "200", "400", "600", "800"]),
        (50_000 + np.arange(100), ["50,000", "50,020", "50,040", "50,060", "50,080"]),
        (np.arange(100) / 40, ["0", "0.5", "1", "1.5", "2"]),
    ):
        lines = picture(*made_up(losses, steps))
        assert lines[-1].strip() == "step"
        assert lines[-2].split() == shown


@pytest.mark.parametrize("length", [40, 100, 1000])
def test_a_clock_that_counts_updates_draws_what_no_clock_draws(length):
    curve = np.random.default_rng(0).uniform(size=length)
    assert text_plot([curve], t=np.arange(length)) == text_plot([curve])


def test_steps_that_span_nothing_or_too_much_are_counted():
    losses = np.linspace(2, 1, 100)
    for steps in (np.full(100, 3.0), np.repeat([-1e308, 1e308], 50)):
        assert picture(*made_up(losses, steps))[-2].split()[:3] == ["0", "20", "40"]


def test_a_stretch_without_records_is_as_wide_as_it_lasted():
    steps = np.append(np.arange(50), 150 + np.arange(50))
    lines = picture(*made_up(np.repeat([2.0, 1.0], 50), steps, places=((50, 99),)), ascii=True)
    first, last, columns = letters(lines)
    assert first / columns == pytest.approx(0.75, abs=0.03)
    assert last / columns == pytest.approx(1, abs=0.03)
    fall = min(len(line) for line in lines[2:-3] if "o" in line)
    assert (fall - len(lines[-3]) + columns) / columns == pytest.approx(0.75, abs=0.03)


def test_a_wide_curve_is_logarithmic_and_says_so():
    assert picture(*made_up(np.geomspace(2, 0.001, 50)))[0].strip() == "loss, logarithmic"


def height_of(line):
    """The number at a row of the picture."""
    return float(line.split("+")[0])


def test_a_curve_far_from_0_fills_its_picture():
    for low, high in ((2.9, 3.3), (-1.0, 2.0), (-7.2, -7.1), (3.0, 3.0)):
        lines = picture(*made_up(np.linspace(high, low, 100)), ascii=True)[1:-3]
        labels = [height_of(line) for line in lines if "+" in line]
        assert low - (high - low or 1) < labels[-1] <= low
        assert labels == sorted(labels, reverse=True)
        rows = [i for i, line in enumerate(lines) if "o" in line]
        assert len(rows) > 0.5 * len(lines) or low == high
    assert picture(*made_up(np.linspace(2, 0.3, 100)))[-4].split()[0] == "0"


def test_a_curve_that_has_no_text_picture_says_so():
    for lost in (np.nan, np.inf, 1e200):
        assert "No loss is a finite number" in picture(*made_up([lost] * 3))[0]


# Files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [".png", ".svg", ".pdf"])
def test_draws_into_a_file_and_says_what_is_in_it(said, log, tmp_path, kind):
    path = tmp_path / f"picture{kind}"
    lines = said(log("diverging"), "--out", str(path))
    assert path.stat().st_size > 1000
    assert f"Wrote {path}. Its text alternative:" in lines
    assert "Verdict: diverging." in " ".join(lines)


def test_a_picture_that_cannot_be_written_is_refused(log, tmp_path, capsys):
    assert main(["diagnose", log(), "--out", str(tmp_path / "no" / "picture.png")]) == 2
    assert "cannot be written: No such file" in capsys.readouterr().err


# What is refused ---------------------------------------------------------------------------------


def test_a_mistake_gets_one_sentence(refused, log, tmp_path):
    assert "diagnose needs one log, such as lrcourse diagnose log.csv" in refused()
    assert "needs one log, not 2" in refused("a.csv", "b.csv")
    assert "missing.csv: cannot be read: No such file" in refused(str(tmp_path / "missing.csv"))
    assert "has no column 'cost' for loss" in refused(log(), "--loss", "cost")
    assert "--out draws .png, .svg and .pdf files" in refused(log(), "--out", "picture.txt")
    assert "--first-seed and --markdown belong to --confusion" in refused(log(), "--markdown")
    assert "--confusion needs no log" in refused(log(), "--confusion")
    assert "--first-seed must be at least 0" in refused("--confusion", "--first-seed", "-1")
    assert "has no option --los" in refused(log(), "--los")


def test_a_log_without_a_finite_loss_is_refused(refused, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("loss\nnan\nnan\nnan\n")
    assert "no finite number" in refused(str(path))


def test_help_needs_neither_torch_nor_matplotlib():
    code = (
        "import sys; from lrcourse.cli import main;"
        "main(['diagnose', '--help']);"
        "print({'torch', 'matplotlib', 'scipy', 'tensorboard'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "LOG is a CSV file" in done.stdout
    assert done.stdout.endswith("set()\n")
