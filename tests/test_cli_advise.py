"""`lrcourse advise`: its options, its rules, and a dialogue that needs a keyboard and no more."""

import os
import select
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from lrcourse.advise import RULES, Situation, advise
from lrcourse.advise.situation import MODELS, OPTIMIZERS, STARTS, SYMPTOMS
from lrcourse.cli import main
from lrcourse.cli.advise import OPTIONS, QUESTIONS, STOPPED, UNASKED, WELCOME, dialogue
from lrcourse.cli.code import parse

ROOT = Path(__file__).parents[1]


@pytest.fixture
def said(capsys):
    """A function from options to the lines of `lrcourse advise`."""

    def lines(*words):
        assert main(["advise", *words]) == 0
        return capsys.readouterr().out.splitlines()

    return lines


@pytest.fixture
def refused(capsys):
    """A function from options to the one sentence on stderr."""

    def sentence(*words):
        assert main(["advise", *words]) == 2
        out, err = capsys.readouterr()
        assert not out
        assert len(err.splitlines()) == 1
        return err.strip()

    return sentence


# Options ----------------------------------------------------------------------------------------


def test_every_fact_has_an_option():
    assert list(OPTIONS) == [field.name for field in fields(Situation)]


def test_options_say_what_the_library_says(said):
    words = ["--optimizer", "adamw", "--model=transformer-pre", "--steps=20000", "--batch", "256"]
    facts = {"optimizer": "adamw", "model": "transformer-pre", "steps": 20_000, "batch_size": 256}
    symptom = "initial spike"
    expected = advise(Situation(**facts, symptom=symptom))
    assert said(*words, "--symptom", symptom) == str(expected).splitlines()
    assert said(*words, "--symptom", "initial-spike") == str(expected).splitlines()


def test_flags_are_facts(said):
    expected = advise(Situation(open_ended=True, validation=True, ensemble=True, steps=100))
    words = ("--open-ended", "--validation", "--ensemble", "--steps", "100")
    assert said(*words) == str(expected).splitlines()


def test_the_field_names_are_understood_too(said):
    words = ("--optimizer", "sgd", "--known-lr", "0.1")
    long = said(*words, "--batch-size", "512", "--known-batch-size", "256")
    assert long == said(*words, "--batch", "512", "--known-batch", "256")


def test_the_schedule_can_be_plotted(said):
    code = said("--optimizer", "sgd", "--steps", "100", "--known-lr", "0.1")[2]
    assert (
        parse(code.removeprefix("schedule = "))
        == advise(Situation(optimizer="sgd", steps=100, known_lr=0.1)).schedule
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["--optimizer", "adm"],
            "--optimizer (the rule that makes steps of gradients) must be one",
        ),
        (["--optimizer", "adm"], "got 'adm': did you mean adam?"),
        (["--symptom", "oscilating"], "did you mean oscillating?"),
        (["--steps", "many"], "--steps (optimizer updates) must be a number, got 'many'"),
        (["--steps", "0"], "--steps (optimizer updates) must lie in [1, inf), got 0"),
        (["--batch", "3", "--examples", "2"], "--batch must not exceed examples=2, got 3"),
        (["--known-batch", "3"], "--known-batch says nothing without --known-lr: give both"),
        (["--rules", "--steps", "3"], "--rules prints all rules and takes no other option"),
        (["--optimiser", "adam"], "lrcourse advise has no option --optimiser"),
        (["--steps"], "argument --steps: expected one argument"),
        (["adam"], "lrcourse advise has no option adam"),
    ],
)
def test_a_mistake_gets_one_sentence_with_the_option(refused, words, sentence):
    assert sentence in refused(*words)


def test_no_terminal_means_no_questions():
    done = subprocess.run(
        [sys.executable, "-m", "lrcourse", "advise"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0
    assert done.stdout.decode().splitlines() == [*str(advise()).splitlines(), "", UNASKED]


@pytest.mark.parametrize("words", [["--help"], ["--batch", "64", "--known-lr", "0.1"]])
def test_nothing_slow_is_loaded(words):
    code = (
        f"import sys; from lrcourse.cli import main; main({['advise', *words]});"
        "print({'torch', 'scipy', 'matplotlib'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stderr.strip() == "set()"


def test_all_rules_are_printed_once_with_all_their_parts(said):
    lines = said("--rules")
    assert all(len(line) <= 100 for line in lines)
    assert [line for line in lines if line in {rule.name for rule in RULES}]
    text = " ".join(" ".join(lines).split())
    for rule in RULES:
        assert lines.count(rule.name) == 1
        for part in (rule.when.words, rule.advice, rule.why, rule.evidence, rule.would_change):
            assert part in text


# The dialogue -----------------------------------------------------------------------------------


def conversation(*typed):
    """The lines of a dialogue with somebody who types these, and Enter from then on."""
    answers = iter(typed)
    return list(dialogue(lambda: next(answers, "\n")))


def answered(lines):
    """The advice at the end of a dialogue."""
    return lines[lines.index("Why") :]


def test_who_only_presses_enter_gets_the_default_advice():
    lines = conversation()
    assert lines[0] == WELCOME
    assert "You said: nothing." in lines
    assert "\n".join(str(advise()).splitlines()) in "\n".join(lines)
    assert lines[-1] == "  lrcourse advise"


def test_numbers_words_and_beginnings_mean_the_same():
    by_number = conversation("4\n", "2\n", "1\n", "500\n", "2\n")
    by_word = conversation("adamw\n", "CNN\n", "fresh\n", "500\n", "no\n")
    by_beginning = conversation("adamw\n", "c\n", "fr\n", "500\n", "n\n")
    expected = Situation(optimizer="adamw", model="cnn", start="fresh", steps=500, open_ended=False)
    assert by_number == by_word == by_beginning
    assert answered(by_number)[:10] == answered(str(advise(expected)).splitlines())[:10]


def test_adam_is_not_taken_for_adamw():
    assert "You said: optimizer adam." in conversation("adam\n")


@pytest.mark.parametrize(
    ("typed", "reply"),
    [
        ("adm\n", "got 'adm': did you mean adam? Again, or Enter:"),
        ("99\n", "got '99'. Again, or Enter:"),
        ("0\n", "got '0'. Again, or Enter:"),
        ("r\n", "that is the beginning of radam and rmsprop. Again, or Enter:"),
    ],
)
def test_a_wrong_answer_is_asked_again(typed, reply):
    lines = conversation(typed, "sgd\n")
    assert any(line.endswith(reply) for line in lines)
    assert "You said: optimizer sgd." in lines


def test_yes_or_no_is_asked_for_until_it_comes():
    lines = conversation("\n", "\n", "\n", "\n", "perhaps\n", "yes\n")
    assert "type one of yes, no. Again, or Enter:" in lines
    assert "You said: open_ended True." in lines


def test_a_question_that_makes_no_sense_is_left_out():
    text = "\n".join(conversation())
    assert "What was the peak rate of that run?" not in text
    assert "What was the peak rate of that run?" in "\n".join(conversation(*["\n"] * 6, "1\n"))


def test_the_last_line_gives_the_same_advice_again(said):
    lines = conversation("3\n", "\n", "\n", "900\n", "y\n", "\n", "initial\n", "0.02\n")
    words = lines[-1].split("advise ")[1].replace('"initial spike"', "initial-spike").split()
    assert answered(said(*words)) == answered(lines)[: len(answered(said(*words)))]
    assert len(words) == 9


def test_no_is_no_option():
    lines = conversation("sgd\n", "\n", "\n", "900\n", "no\n")
    assert "open_ended False" in "\n".join(lines)
    assert lines[-1] == "  lrcourse advise --optimizer sgd --steps 900"


@pytest.mark.parametrize("end", [EOFError, KeyboardInterrupt])
@pytest.mark.parametrize("after", [0, 3])
def test_who_stops_gets_a_sentence(end, after):
    typed = iter(range(after))

    def read():
        if next(typed, None) is None:
            raise end
        return "\n"

    lines = list(dialogue(read))
    assert lines[-1] == STOPPED
    assert "schedule = " not in "\n".join(lines)


def test_every_choice_of_every_question_can_be_chosen():
    for question in QUESTIONS:
        values = list(question.choices.values())
        assert [question.meant(f"{i}\n") for i in range(1, len(values) + 1)] == values
        assert [question.meant(label.split(" (")[0]) for label in question.choices] == values
    offered = {question.field: tuple(question.choices.values()) for question in QUESTIONS}
    assert offered["optimizer"] == OPTIMIZERS
    assert offered["model"] == MODELS
    assert offered["start"] == STARTS
    assert offered["symptom"] == SYMPTOMS


# A real terminal --------------------------------------------------------------------------------

needs_pty = pytest.mark.skipif(sys.platform != "linux", reason="a pseudo-terminal of Linux")


def talked(*typed):
    """(what stood on the screen, exit code) of `lrcourse advise` in a terminal.

    The shell leads a session of its own, so the terminal that it opens first is its own, and
    Ctrl+C reaches it. (`pty.fork` would fork this process, whose libraries have threads.)
    """
    import pty  # there is none on Windows

    screen, keyboard = pty.openpty()
    advise_there = 'exec "$0" -m lrcourse advise <"$1" >"$1" 2>&1'
    child = subprocess.Popen(
        ["sh", "-c", advise_there, sys.executable, os.ttyname(keyboard)],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        start_new_session=True,
    )
    shown, keys, is_open = b"", list(typed), False
    while select.select([screen], [], [], 60)[0]:
        try:
            shown += os.read(screen, 65_536)
        except OSError:  # the program has ended
            break
        if not is_open:
            os.close(keyboard)  # the program has opened it by now
            is_open = True
        if shown.endswith(b"> ") and keys:
            os.write(screen, keys.pop(0))
    code = child.wait(60)
    os.close(screen)
    return shown.decode().replace("\r\n", "\n"), code


@needs_pty
def test_a_terminal_is_asked_and_answered():
    shown, code = talked(b"sgd\n", b"\n", b"\n", b"1000\n", *[b"\n"] * 8)
    assert code == 0
    assert shown.startswith(WELCOME)
    assert "> 1000\n" in shown
    assert str(advise(Situation(optimizer="sgd", steps=1000))) in shown
    assert shown.endswith("The same again:\n  lrcourse advise --optimizer sgd --steps 1000\n")


@needs_pty
def test_nobody_is_asked_where_the_answer_goes_into_a_file():
    import pty  # there is none on Windows

    screen, keyboard = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "lrcourse", "advise"],
        stdin=keyboard,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=60,
    )
    os.close(screen)
    os.close(keyboard)
    assert done.stdout.decode().splitlines()[-1] == UNASKED


@needs_pty
@pytest.mark.parametrize("key", [b"\x03", b"\x04"], ids=["Ctrl+C", "Ctrl+D"])
def test_a_terminal_can_be_left(key):
    shown, code = talked(b"1\n", key)
    assert code == 0
    assert shown.endswith(f"\n{STOPPED}\n")
    assert "Traceback" not in shown
