"""The command line: what it reads, what it draws, and that a mistake gets one sentence."""

import csv
import io
import os
import re
import subprocess
import sys
import unicodedata
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lrcourse
from lrcourse.claims import CLAIMS
from lrcourse.cli import COMMANDS, main
from lrcourse.cli.code import LONGEST, parse
from lrcourse.cli.names import (
    PARAMETERS_ELSEWHERE,
    SCHEDULES_ELSEWHERE,
    bare,
    everything,
    schedules,
)
from lrcourse.cli.output import printable
from lrcourse.cli.request import requests
from lrcourse.schedules import Constant, CosineDecay, StepDecay
from lrcourse.text_plot import MARKS, log_axis, text_plot
from tests import drawing

ROOT = Path(__file__).parents[1]
BRAILLE = range(0x2800, 0x2900)


def run(*words, encoding="utf-8", **environment):
    """(exit code, stdout, stderr) of `python -m lrcourse`, as another program would see them."""
    done = subprocess.run(
        [sys.executable, "-m", "lrcourse", *words],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "80", **environment},
    )
    return done.returncode, *(text.decode(encoding) for text in (done.stdout, done.stderr))


@pytest.fixture
def said(capsys, monkeypatch):
    """A function from words to the lines of `main`, in this process."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")

    def lines(*words):
        assert main(words) == 0
        return capsys.readouterr().out.splitlines()

    return lines


@pytest.fixture
def refused(capsys):
    """A function from words to the one sentence on stderr."""

    def sentence(*words):
        assert main(words) == 2
        out, err = capsys.readouterr()
        assert not out
        assert "Traceback" not in err
        assert len(err.splitlines()) == 1
        assert err.startswith("lrcourse: ")
        return err.strip()

    return sentence


# Code ---------------------------------------------------------------------------------------------


@given(drawing.schedules)
def test_what_a_schedule_prints_can_be_read_again(schedule):
    if len(repr(schedule)) <= LONGEST:
        assert parse(repr(schedule)) == schedule


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("InverseSqrt.noam(512, 4000)", lrcourse.schedules.InverseSqrt.noam(512, 4000)),
        ("MultiStepDecay(0.1, [10, 20])", lrcourse.schedules.MultiStepDecay(0.1, (10, 20))),
        (" 2 * Constant(0.1) ", 2 * Constant(0.1)),
        ("OneCycle(0.1, 90, shape='linear')", lrcourse.schedules.OneCycle(0.1, 90, shape="linear")),
    ],
)
def test_code_is_read_as_python_would(code, meant):
    assert parse(code) == meant


HOSTILE = [
    "__import__('os').system('true')",
    "().__class__.__bases__",
    "CosineDecay.__init__(1)",
    "CosineDecay.__subclasses__()",
    "CosineDecay(0.1, 10).__class__(0.1, 10)",
    "CosineDecay(0.1, 10).lr(3)",
    "[x for x in (1,)]",
    "(lambda: CosineDecay(0.1, 10))()",
    "CosineDecay(0.1, 10**10**10)",
    "CosineDecay(0.1, 10 if 1 else 2)",
    "CosineDecay(0.1, f'{1}')",
    "CosineDecay(0.1, (x := 3))",
    "CosineDecay(*(0.1, 10))",
    "CosineDecay(**{})",
    "CosineDecay(0.1, 10, min_lr=0, min_lr=0)",
    "CosineDecay(True, 10)",
    "CosineDecay(0.1, 10) + CosineDecay(0.1, 10)",
    "CosineDecay(0.1, 10) >> 3",
    "3 * 3",
    "'CosineDecay' * 3",
    "CosineDecay(0.1, 10) * 'a'",
    "SCHEDULES['CosineDecay'](0.1, 10)",
    "print(1)",
    "CosineDecay",
    "CosineDecay(0.1, 10",
    "CosineDecay(0.1, 10); StepDecay(0.1, 3)",
    "import os",
    "(" * 300 + ")" * 300,
    "-" * 4000 + "1",
    "Constant(0.1)" + ".lasting(1)" * 400,
    "Constant(1)*" * 400 + "Constant(1)",
    "Constant(" * 150 + ")" * 150,
    "9" * 4500 + " * Constant(0.1)",
    "x" * (LONGEST + 1),
    "Constant(\0)",
    "",
]


@pytest.mark.parametrize("code", HOSTILE, ids=range(len(HOSTILE)))
def test_of_python_only_schedules_are_understood(code):
    with pytest.raises(ValueError, match=r"\S") as refusal:
        parse(code)
    assert len(str(refusal.value)) < 400
    assert "\n" not in str(refusal.value)


@given(st.text(max_size=60) | st.text("CosineDay(0.1,)*>>'=x \\", max_size=60))
@settings(max_examples=300)
def test_any_text_is_a_schedule_or_gets_a_sentence(text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            answer = requests([text])
        except ValueError as refusal:
            answer = str(refusal)
    assert answer


def test_a_chain_that_is_read_can_be_drawn(said):
    chain = " >> ".join(["Constant(0.1, 3)"] * 50)
    assert "stays at 0.1" in said("plot", chain)
    assert "stays at 0.1" in said("plot", "Constant(0.1)" + ".lasting(5)" * 99)


# Names --------------------------------------------------------------------------------------------


def test_other_libraries_names_lead_to_ours():
    parameters = {name for cls in everything().values() for name in cls.units()}
    for elsewhere, ours in (
        (SCHEDULES_ELSEWHERE, everything()),
        (PARAMETERS_ELSEWHERE, parameters),
    ):
        assert {each for meant in elsewhere.values() for each in meant.split()} <= set(ours)
        assert all(name == bare(name) for name in elsewhere)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cosinedecay", "CosineDecay"),
        ("CosinDecay", "CosineDecay"),
        ("CosineAnnealingLR", "CosineDecay"),
        ("StepLR", "StepDecay"),
        ("OneCycleLR", "OneCycle"),
        ("get_linear_schedule_with_warmup", "WarmupLinear"),
        ("warmup_stable_decay", "WarmupStableDecay"),
        ("wsd", "WarmupStableDecay"),
        ("noam", "InverseSqrt"),
        ("SGDR", "CosineRestarts"),
        ("CyclicLR", "TriangularCycle"),
        ("ReduceLROnPlateau", "ReduceOnPlateau"),
    ],
)
def test_an_unknown_schedule_is_told_what_was_meant(refused, typed, meant):
    assert refused("plot", typed).endswith(f"did you mean {meant}?")
    assert refused("list", typed).endswith(f"did you mean {meant}?")


@pytest.mark.parametrize(
    ("schedule", "typed", "meant"),
    [
        ("CosineDecay", "T_max=100", "steps"),
        ("CosineDecay", "eta_min=0", "min_lr"),
        ("OneCycle", "max_lr=1", "peak_lr"),
        ("OneCycle", "total_steps=10", "steps"),
        ("WarmupLinear", "num_warmup_steps=10", "warmup_steps"),
        ("ExponentialDecay", "decay_rate=0.9", "gamma"),
        ("CosineRestarts", "T_0=10", "first_cycle"),
        ("CosineRestarts", "T_mult=2", "stretch"),
        ("CosineDecay", "peaklr=0.1", "peak_lr"),
        ("StepDecay", "stepsize=3", "step_size"),
    ],
)
def test_an_unknown_parameter_is_told_what_was_meant(refused, schedule, typed, meant):
    assert refused("plot", schedule, typed).endswith(f"did you mean {meant}?")


# Mistakes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("plt", "did you mean plot?"),
        ("CosineDecay", "did you mean lrcourse plot CosineDecay?"),
        ("frobnicate", "there are list, plot, claims, find, diagnose, recipe, advise, progress"),
        ("--foo", "`lrcourse --help`"),
        ("list --foo", "`lrcourse list --help`"),
        ("list Foo", "`lrcourse list` shows all"),
        ("plot", "lrcourse plot CosineDecay"),
        ("plot Foo", "there is no schedule Foo"),
        ("plot CosineDecay foo=1", "it has peak_lr, steps and min_lr"),
        (
            "plot CosineDecay peak_lr=-1",
            "CosineDecay: peak_lr (learning rate) must lie in [0, inf)",
        ),
        ("plot CosineDecay steps=many", "must be a number, got 'many'"),
        ("plot CosineDecay steps=1.5", "must be a whole number"),
        ("plot CosineDecay steps=", "steps= needs a value"),
        ("plot CosineDecay steps=1 steps=2", "steps is given twice"),
        ("plot CosineDecay steps:100", "write steps=100"),
        ("plot CosineDecay steps 100", "write steps=value, without spaces"),
        ("plot CosineDecay 100", "neither a schedule nor name=value"),
        ("plot steps=100 CosineDecay", "comes before the name"),
        ("plot Constant(0.1) steps=100", "inside the brackets"),
        ("plot CosineDecay --peak_lr=1", "write a parameter as peak_lr=value"),
        ("plot CosineDecay --peak_lr 1", "write a parameter as peak_lr=value"),
        ("plot CosineDecay --step 10", "no option --step"),
        ("plot CosineDecay --steps 1000000000000", "must lie in [1, 1e+07]"),
        ("plot CosineDecay steps=1000000000000", "--steps 10000000"),
        ("plot CosineDecay --steps 0", "must lie in"),
        ("plot CosineDecay --steps x", "must be a number"),
        ("plot CosineDecay --width 3", "must lie in [20, 1000]"),
        ("plot CosineDecay --at", "expected one argument"),
        ("plot CosineDecay --at 1;2", "commas between them"),
        ("plot CosineDecay --at -5", "at least 0, got -5"),
        ("plot CosineDecay --at inf", "must be finite"),
        ("plot CosineDecay --at 1 --csv", "not allowed with"),
        ("plot CosineDecay --out x.bmp", ".png, .svg and .pdf"),
        ("plot CosineDecay --out x", ".png, .svg and .pdf"),
        ("plot WarmupLinear steps=5", "at least one update (with typical values: peak_lr=0.1"),
        ("plot MultiStepDecay milestones=3,2", "must increase"),
        ("plot OneCycle shape=round", "must be one of cosine, linear"),
        ("plot CosineDecay min_lr=none", "must be a number"),
        ("plot ReduceOnPlateau", "listens to a metric"),
        ("plot Constant(0.1,3)>>ReduceOnPlateau(0.1)", "listens to a metric"),
        ("plot Repeat", "Repeat needs a schedule"),
        ("plot" + " Constant" * 9, "9 curves are too many"),
    ],
)
def test_a_mistake_gets_its_sentence(refused, words, said):
    assert said in refused(*words.split(" "))


def test_a_mistake_is_one_line_for_other_programs_too():
    code, out, err = run("plot", "CosineAnnealingLR")
    assert (code, out) == (2, "")
    assert err.strip().endswith("did you mean CosineDecay?")


def test_a_file_that_cannot_be_written_gets_a_sentence(refused, tmp_path):
    path = tmp_path / "no" / "x.png"
    assert "cannot be written: No such file" in refused("plot", "Constant", "--out", str(path))


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell is needed")
@pytest.mark.parametrize("words", ["list", "--help", "plot 'Constant(0.1)' --csv --steps 100000"])
def test_a_reader_who_has_read_enough_is_no_error(words):
    command = f"set -o pipefail; {sys.executable} -m lrcourse {words} | head -n 1 > /dev/null"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk to be had")
def test_a_full_disk_gets_a_sentence():
    command = f"{sys.executable} -m lrcourse list > /dev/full"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "cannot be written" in done.stderr


# The commands -------------------------------------------------------------------------------------


def test_help_is_what_one_gets_without_words(said):
    assert said() == said("--help")
    assert all(name in "\n".join(said()) for name in COMMANDS)


@pytest.mark.parametrize("words", [[], ["list"], ["plot"], ["claims"]])
def test_help_needs_no_special_characters(said, words):
    assert "\n".join(said(*words, "--help")).isascii()


def test_version(said):
    assert said("--version") == [f"lrcourse {lrcourse.__version__}"]


def test_list_names_everything_within_100_columns(said, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    lines = said("list")
    named = {line.split()[0] for line in lines if line}
    assert named >= {*schedules(), "ReduceOnPlateau", "Repeat(a)"}
    assert max(map(len, lines)) <= 100
    text = "\n".join(lines)
    assert all(sign in text for sign in (">>", "*", ".lasting", "listens to a metric"))


@pytest.mark.parametrize("name", everything())
def test_list_of_one_tells_all(said, name):
    lines = said("list", name)
    cls, text = everything()[name], "\n".join(lines)
    assert cls.__doc__.splitlines()[0] in text
    for parameter, unit in cls.units().items():
        row = next(line for line in lines if line.split("  ")[0] == parameter)
        assert unit.meaning in row


@pytest.mark.parametrize("name", schedules())
def test_the_example_that_list_gives_can_be_run(said, name):
    example = next(line for line in said("list", name) if line.startswith("lrcourse plot "))
    assert said(*example.split()[1:])[0].startswith(name)


@pytest.mark.parametrize("name", schedules())
def test_a_name_alone_is_drawn_with_typical_values(said, name):
    lines = said("plot", name)
    assert "typical values" in lines[-1]
    code = " ".join(lines[: lines.index("")])
    assert repr(schedules()[name].example())[:60] in code


def test_what_was_drawn_can_be_drawn_again(said):
    first = said("plot", "CosineDecay", "steps=50")
    again = said("plot", first[0])
    assert again == first[: len(again)]


def test_a_new_name_begins_a_new_curve_wherever_the_options_stand(said):
    lines = said("plot", "CosineDecay", "steps=50", "--ascii", "LinearDecay", "steps=70")
    assert lines[0] == "o  CosineDecay(peak_lr=0.1, steps=50, min_lr=0.0)"
    assert lines[2] == "x  LinearDecay(peak_lr=0.1, steps=70, min_lr=0.0)"


def test_at_gives_the_rates_of_the_schedule(said):
    lines = said("plot", "CosineDecay", "peak_lr=0.4", "steps=100", "--at", "0,50,100,1e3")
    assert [line.split() for line in lines[2:]] == [
        ["0", "0.4"],
        ["50", "0.2"],
        ["100", "0"],
        ["1000", "0"],
    ]


def test_csv_has_every_digit_and_one_column_for_each_curve(said):
    lines = said("plot", "CosineDecay", "steps=30", "StepDecay", "step_size=7", "--csv")
    head, *rows = csv.reader(io.StringIO("\n".join(lines)))
    found = np.array(rows, float)
    assert np.array_equal(found[:, 0], np.arange(200))
    for code, column in zip(head[1:], found.T[1:], strict=True):
        assert np.array_equal(column, parse(code)(np.arange(200)))


def test_csv_of_one_has_plain_names(said):
    assert said("plot", "Constant(0.1, 3)", "--csv") == ["t,lr", *(f"{t},0.1" for t in range(4))]


def test_torch_draws_its_curve_and_says_where_it_differs(said):
    lines = "\n".join(said("plot", "CosineDecay", "--torch"))
    assert "x  PyTorch: CosineAnnealingLR(optimizer, T_max=100, eta_min=0.0)" in lines
    assert "PyTorch differs, first at t = 101" in lines


def test_torch_that_stops_with_an_error_is_drawn_as_far_as_it_goes(said):
    lines = said("plot", "OneCycle", "--torch", "--at", "0,100,150")
    assert lines[-3:] == ["  0  0.004  0.004", "100  4e-07  4e-07", "150  4e-07  -"]


def test_torch_that_has_no_twin_is_said(said):
    assert "PyTorch has nothing that does the same" in said("plot", "REX(0.1, 9)", "--torch")[-1]
    assert any("T_max=100" in line for line in said("list", "CosineDecay", "--torch"))


@pytest.mark.parametrize(
    ("kind", "begin"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_out_draws_the_file_and_says_what_is_to_be_seen(said, tmp_path, kind, begin):
    path = tmp_path / f"curve.{kind}"
    code = "LinearWarmup(0.1, 10) >> CosineDecay(0.1, 90)"
    text = "\n".join(said("plot", code, code, "StepDecay", "--out", str(path)))
    assert path.read_bytes().startswith(begin)
    assert "rises from 0 at t = 0 to 0.1 at t = 10, falls to 0 at t = 100" in text


# Characters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp949", "cp437", "ascii"])
@pytest.mark.parametrize("words", [["list"], ["plot", "CosineDecay"], ["list", "OneCycle"]])
def test_every_code_page_can_show_it(encoding, words):
    code, out, err = run(*words, encoding=encoding)
    assert (code, err) == (0, "")
    assert "?" not in out


def test_a_code_page_without_braille_gets_the_simplest_characters(said):
    _, out, _ = run("plot", "CosineDecay", encoding="cp949")
    assert out.splitlines() == said("plot", "CosineDecay", "--ascii")
    assert out.isascii()


def test_the_picture_has_no_character_of_two_columns(said):
    text = "\n".join(said("plot", "CosineDecay"))
    assert not {unicodedata.east_asian_width(letter) for letter in text} & set("WF")
    assert any(ord(letter) in BRAILLE for letter in text)


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [("η γ^⌊t/S⌋", "ascii", "eta gamma^floor(t/S)"), ("½ √t", "cp1252", "½ sqrtt")],
)
def test_letters_that_are_missing_are_spelled_out(text, encoding, shown):
    assert printable(text, encoding) == shown


@pytest.mark.parametrize("columns", ["1", "20", "40", "80", "400", "100000"])
@pytest.mark.parametrize("words", ["CosineDecay", "WarmupStableDecay CosineDecay"])
def test_the_picture_fits_into_the_terminal(said, monkeypatch, columns, words):
    monkeypatch.setenv("COLUMNS", columns)
    lines = said("plot", *words.split())
    drawn = [line for line in lines if re.search("[│┤└]", line)]
    assert max(map(len, drawn)) <= min(max(20, int(columns) - 1), 120)
    assert len(drawn) >= 6


# The picture --------------------------------------------------------------------------------------


def dots_of(lines):
    """The picture of one curve as booleans (dots down from the top, dots across)."""
    rows = [re.split("[│┤]", line)[1] for line in lines if re.search("[│┤]", line)]
    width = max(map(len, rows))
    cells = np.array([[max(ord(c) - 0x2800, 0) for c in row.ljust(width)] for row in rows])
    bits = np.array([[1, 8], [2, 16], [4, 32], [64, 128]])
    lit = (cells[:, None, :, None] & bits[None, :, None, :]) > 0
    return lit.reshape(4 * len(rows), 2 * width)


def labels_of(lines):
    """Row from below -> the value at its tick."""
    rows = [line for line in lines if re.search("[│┤|]|[0-9] \\+", line)]
    marked = {i: re.match(r"\s*([\d.e-]+) [┤+]", line) for i, line in enumerate(rows[::-1])}
    return {i: float(found[1]) for i, found in marked.items() if found}


def expected_dots(rates, per_row, column, columns):
    """(lowest, highest) dot that a column must light, by the slow way."""
    dot = [int((rate / per_row + 0.5) * 4 + 1e-9) for rate in rates]
    first, last = (place * len(rates) // columns for place in (column, column + 1))
    own = dot[first : max(last, first + 1)]
    if column == 0:
        return min(own), max(own)
    before = dot[max(first - 1, 0)] if last > first else dot[first]
    if len(rates) < columns:  # the rate of the column on the left
        before = dot[(column - 1) * len(rates) // columns]
    return min([*own, before + 1]), max([*own, before - 1])


@given(drawing.simple, st.integers(1, 600), st.integers(4, 30))
@settings(max_examples=40)
def test_every_column_reaches_from_its_lowest_to_its_highest_rate(schedule, steps, height):
    rates = schedule(np.arange(steps))
    lines = text_plot([rates], 60, height)
    ticks = labels_of(lines)
    per_row = ticks[max(ticks)] / max(ticks)
    lit = dots_of(lines)[::-1]
    columns = 2 * (60 - lines[1].index(re.search("[│┤]", lines[1])[0]) - 1)
    assert lit.shape[1] == columns
    for column in range(columns):
        shown = np.flatnonzero(lit[:, column])
        lowest, highest = expected_dots(rates, per_row, column, columns)
        assert abs(shown[0] - lowest) <= 1  # a rate on the border of two dots may light either
        assert abs(shown[-1] - highest) <= 1
        assert len(shown) == shown[-1] - shown[0] + 1


@pytest.mark.parametrize("ascii", [True, False])
@pytest.mark.parametrize("at", [0, 123_456, 999_999])
def test_a_peak_of_one_update_in_a_million_is_seen(ascii, at):
    rates = np.zeros(1_000_000)
    rates[at] = 1
    lines = text_plot([rates], 70, 10, ascii=ascii)
    assert all(re.search("[┤│|+] *[^ ]", line) for line in lines[1:-3])


def test_labels_stand_at_their_values():
    lines = text_plot([np.array([0, 0.02, 0.04, 0.06, 0.08, 0.1])], 66, 16, ascii=True)
    for line in lines[1:-3]:
        if found := re.match(r"\s*([\d.]+) \+(.*)", line):
            update = float(found[1]) / 0.02
            assert len(found[2]) == pytest.approx(60 * (update + 1) / 6, abs=1)


def test_a_logarithmic_axis_makes_equal_factors_equally_high():
    rates = StepDecay(1.0, 10, 0.1)(np.arange(40))
    heights = [
        next(i for i, line in enumerate(text_plot([rates], 60, 13, True, True)) if end in line)
        for end in ("1 +", "0.1 +", "0.01 +", "0.001 +")
    ]
    assert len(set(np.diff(heights))) == 1
    axis = log_axis([rates], 13)
    assert np.allclose(axis.rows(rates[::10]), [12, 8, 4, 0])
    assert np.isnan(axis.rows(np.zeros(1))).all()


def test_the_time_axis_puts_its_ticks_under_their_updates():
    step = StepDecay(0.1, 50, 0.5)(np.arange(200))
    *drawn, rule, numbers, name = text_plot([step], 86, 10, ascii=True)
    assert name.strip() == "optimizer update t"
    for t in (50, 100, 150):
        column = numbers.index(str(t))
        assert rule[column] == "+"
        assert any(len(line) == column + 1 for line in drawn[1:]) or t == 150


def test_curves_are_told_apart_by_their_marks_and_take_turns_where_they_meet():
    t = np.arange(60)
    same, other = CosineDecay(0.1, 50)(t), Constant(0.02)(t)
    text = text_plot([same, same, other], 70, 12)
    letters = {letter for line in text[1:-3] for letter in re.split("[│┤]", line)[1]}
    assert letters - {" "} == set(MARKS[:3])
    assert re.search("oxoxox", text[1])


def test_a_rate_of_0_on_a_logarithmic_axis_is_said(said):
    assert "A rate of 0 has no place" in "\n".join(said("plot", "LinearDecay", "--log"))
    assert "A rate of 0 has no place" not in "\n".join(said("plot", "StepDecay", "--log"))


@pytest.mark.parametrize("peak", [0.0, 5e-324, 1e-300, 1e-5, 1.0, 123.4, 1e300, 1.7e308])
@pytest.mark.parametrize("log", [False, True])
def test_rates_of_any_size_are_drawn(peak, log):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for curve in ([peak], [peak, peak / 3, 0.0], [peak, np.nan]):
            lines = text_plot([np.array(curve)], 50, 10, log)
            assert len({len(line) for line in lines} - {0}) >= 1
            assert max(map(len, lines)) <= 50


# Claims -------------------------------------------------------------------------------------------


def test_claims_lists_every_claim_with_its_verdict(said):
    lines = said("claims")
    for claim in CLAIMS.values():
        assert f"{claim.section}  {claim.name}: {claim.verdict}" in lines
    text = " ".join("\n".join(lines).split())
    assert all(claim.sentence in text for claim in CLAIMS.values())
    assert max(map(len, lines)) <= 100


def test_claims_does_the_experiments_that_were_asked_for(said):
    lines = said("claims", "plateau-cuts-on-noise", "adams-first-step-is-the-rate")
    heads = [line for line in lines if "(section " in line]
    assert [head.split()[0] for head in heads] == [
        "adams-first-step-is-the-rate",  # in the order of the course
        "plateau-cuts-on-noise",
    ]
    assert sum(line == "  verdict: holds" for line in lines) == 2
    assert sum(line.startswith("  for ") for line in lines) == 6


def test_claims_takes_other_seeds(said):
    numbers = {
        seed: list(said("claims", "plateau-cuts-on-noise", "--first-seed", seed))
        for seed in ("0", "5")
    }
    assert numbers["0"][:-2] != numbers["5"][:-2]  # without the time that it took


def test_claims_writes_a_page(said):
    lines = said("claims", "patience-10-is-enough", "--markdown")
    assert "## 05 patience-10-is-enough" in lines
    assert "Verdict: **depends**, with the seeds from 0 on." in lines
    assert sum(line.startswith("| share of the runs") for line in lines) == 2


@pytest.mark.parametrize(
    ("words", "said_instead"),
    [
        ("claims noise-flor", "there is no claim noise-flor: did you mean noise-floor?"),
        ("claims zzz", "there is no claim zzz; lrcourse claims lists them all"),
        ("claims --section 77", "no claim belongs to section 77; there are 00, 01"),
        ("claims --first-seed -3 noise-floor", "--first-seed must be at least 0, got -3"),
        ("claims --first-seed x", "invalid int value: 'x'"),
        (
            "claims --markdown",
            "--markdown needs the experiments of a claim: name one, or add --all",
        ),
    ],
)
def test_a_mistake_about_claims_gets_its_sentence(refused, words, said_instead):
    assert said_instead in refused(*words.split())


# Speed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["list"], ["plot", "CosineDecay"], ["plot", "X"], ["--help"]])
def test_nothing_heavy_is_loaded_for_what_needs_it_not(words):
    code = (
        f"import sys; from lrcourse.cli import main; main({words!r});"
        "print({'torch', 'scipy', 'matplotlib', 'ipywidgets', 'anywidget', 'pandas', 'sklearn'}"
        " & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True)
    assert done.stdout.decode("utf-8", "replace").splitlines()[-1] == "set()"
