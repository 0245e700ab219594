"""`lrcourse advise`: a schedule for your situation, from options or from a few questions."""

import argparse
import re
import sys
import textwrap
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, NoReturn

from lrcourse.advise import MODELS, NOISES, OPTIMIZERS, STARTS, SYMPTOMS, Situation, advise
from lrcourse.advise.parts import TOPICS, Rule
from lrcourse.advise.rules import RULES
from lrcourse.cli.names import Refusal, listed
from lrcourse.cli.output import WIDEST
from lrcourse.cli.request import number

WORDS = {
    "optimizer": OPTIMIZERS,
    "model": MODELS,
    "start": STARTS,
    "noise": NOISES,
    "symptom": SYMPTOMS,
}
OPTIONS = {  # field of Situation -> (option, placeholder, what it is); no placeholder: a flag
    "optimizer": ("--optimizer", "NAME", ", ".join(OPTIMIZERS)),
    "model": ("--model", "KIND", ", ".join(MODELS)),
    "start": ("--start", "FROM", f"where the weights come from: {', '.join(STARTS)}"),
    "steps": ("--steps", "N", "optimizer updates, the warmup included"),
    "open_ended": ("--open-ended", "", "the run may stop earlier or go on longer"),
    "batch_size": ("--batch", "B", "examples per update"),
    "examples": ("--examples", "N", "examples in the training set"),
    "noise": ("--noise", "WHAT", f"what is noisy: {', '.join(NOISES)}"),
    "symptom": ("--symptom", "SIGN", f"what the run shows: {', '.join(SYMPTOMS)}"),
    "tried_lr": ("--tried-lr", "LR", "the peak rate of the run with the symptom"),
    "suggested_lr": ("--suggested-lr", "LR", "what a range test suggested"),
    "known_lr": ("--known-lr", "LR", "a rate that did well"),
    "known_batch_size": ("--known-batch", "B", "the batch size that this rate belongs to"),
    "validation": ("--validation", "", "a validation metric is watched"),
    "ensemble": ("--ensemble", "", "snapshots shall be averaged"),
    "beta2": ("--beta2", "X", "of Adam, or the alpha of RMSprop"),
}
DESCRIPTION = """\
A schedule and starting values for your situation, with the reasons, how strong they are, and
what would change them. Leave out what you do not know. Without options it asks.
"""
EPILOG = """\
example:
  lrcourse advise --optimizer adamw --model transformer-pre --steps 20000 --batch 256
"""
WELCOME = (
    "A few questions about your training. Type a number or a word; Enter means: I do not know."
)
STOPPED = "Stopped, so there is no advice. Start again at any time; Enter skips a question."
UNASKED = "This is for somebody who said nothing; `lrcourse advise --help` shows what can be said."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can follow `lrcourse advise`."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    for name, (option, placeholder, about) in OPTIONS.items():
        names = dict.fromkeys((option, f"--{name.replace('_', '-')}"))
        if placeholder:
            parser.add_argument(*names, dest=name, metavar=placeholder, help=about)
        else:
            parser.add_argument(*names, dest=name, action="store_const", const=True, help=about)
    parser.add_argument("--rules", action="store_true", help="print all rules, and advise nothing")


def run(args: argparse.Namespace) -> Iterable[str]:
    """The rules, the answer to the options, or a dialogue and its answer."""
    said = {name: getattr(args, name) for name in OPTIONS if getattr(args, name) is not None}
    if args.rules:
        if said:
            raise Refusal("--rules prints all rules and takes no other option")
        return rules()
    if said:
        return advise(_situation(said)).lines()
    if sys.stdin and sys.stdin.isatty() and sys.stdout.isatty():
        return dialogue()
    return [*advise().lines(), "", UNASKED]


def rules() -> Iterator[str]:
    """All rules, topic by topic, in the order in which they are asked."""
    yield f"{len(RULES)} rules. Of {listed(TOPICS[:3])} the first that holds decides; all others"
    yield "that hold are told. The first thing cited is what a rule rests on."
    for topic in TOPICS:
        yield ""
        yield topic.upper()
        for rule in RULES:
            if rule.topic == topic:
                yield from _row(rule)


def _row(rule: Rule) -> Iterator[str]:
    first, *rest = str(rule).splitlines()
    yield ""
    yield first.removesuffix(f" ({rule.topic})")
    for line in rest:
        label, _, text = line.strip().partition(": ")
        head = f" {label:12} "
        yield from textwrap.wrap(
            text,
            WIDEST,
            initial_indent=head,
            subsequent_indent=" " * len(head),
            break_long_words=False,
            break_on_hyphens=False,
        )


# From words to a situation ----------------------------------------------------------------------


def _situation(said: dict[str, Any]) -> Situation:
    """What was said; a mistake names the option and not the class."""
    values = {name: _value(name, text) for name, text in said.items()}
    try:
        return Situation(**values)
    except ValueError as error:
        text = str(error).removeprefix("Situation: ")
        names = "|".join(name for name in OPTIONS if "_" in name or text.startswith(name))
        raise Refusal(re.sub(rf"\b({names})\b", _option, text)) from None


def _option(found: re.Match[str]) -> str:
    return OPTIONS[found[0]][0]


def _value(name: str, text: Any) -> Any:
    """What `text` means for this field; what cannot be read stays text, to be refused."""
    if not isinstance(text, str):
        return text
    if name not in WORDS:
        return number(text)
    spaced = text.strip().replace("-", " ")
    return spaced if spaced in WORDS[name] else text.strip()


# The dialogue -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """What is asked about one field; `choices` maps words to values, a number needs none."""

    field: str
    text: str
    choices: dict[str, Any]
    needs: str = ""  # asked only if this field was answered

    @property
    def lines(self) -> list[str]:
        """The question, and the choices with their numbers."""
        return [self.text, *(f"  {i:2} {word}" for i, word in enumerate(self.choices, 1))]

    def meant(self, text: str) -> Any:
        """The value of a number, a word or its beginning; None for nothing."""
        text, labels = text.strip().lower(), list(self.choices)
        if not text:
            return None
        if not labels:
            return number(text)
        if text.isdecimal() and 1 <= int(text) <= len(labels):
            return self.choices[labels[int(text) - 1]]
        begun = [label for label in labels if label.startswith(text)]
        whole = [label for label in begun if label.split(" (")[0] == text]
        if found := whole or begun:
            return self.choices[found[0]] if len(found) == 1 else _refuse_two(found)
        if self.field in WORDS:
            return text  # Situation knows the word that is near
        raise Refusal(f"type one of {', '.join(labels)}")


def _refuse_two(labels: list[str]) -> NoReturn:
    raise Refusal(f"that is the beginning of {listed(labels)}")


def _labelled(words: tuple[str, ...], hints: dict[str, str]) -> dict[str, str]:
    """The words, with a hint in brackets where one is needed."""
    return {f"{word} ({hints[word]})" if word in hints else word: word for word in words}


YES_NO = {"yes": True, "no": False}
KINDS = {
    "deep-no-norm": "many layers without normalization",
    "transformer-pre": "norm before each block, as in GPT and ViT",
    "transformer-post": "norm after each block, as in BERT",
}
ORIGINS = {
    "fresh": "random weights",
    "fine-tuning": "a pretrained model",
    "continuing": "a finished run goes on",
}
QUESTIONS = (
    Question("optimizer", "Which optimizer?", _labelled(OPTIMIZERS, {})),
    Question("model", "What kind of network?", _labelled(MODELS, KINDS)),
    Question("start", "Where do the weights come from?", _labelled(STARTS, ORIGINS)),
    Question("steps", "How many optimizer updates will you train for?", {}),
    Question("open_ended", "May the run stop earlier, or go on longer?", YES_NO),
    Question("batch_size", "How many examples per update?", {}),
    Question("symptom", "If you trained already: what did you see?", _labelled(SYMPTOMS, {})),
    Question("tried_lr", "What was the peak rate of that run?", {}, needs="symptom"),
    Question("suggested_lr", "What did a range test suggest?", {}),
    Question("known_lr", "Do you know a rate that did well? Which?", {}),
    Question("known_batch_size", "With how many examples per update?", {}, needs="known_lr"),
    Question("validation", "Do you watch a validation metric?", YES_NO),
)


def dialogue(read: Callable[[], str] | None = None) -> Iterator[str]:
    """Ask, and advise; whoever stops gets a sentence. `read` gives a line of the keyboard."""
    answers: dict[str, Any] = {}
    yield WELCOME
    try:
        for question in QUESTIONS:
            if not question.needs or answers.get(question.needs) is not None:
                value = yield from _answered(question, answers, read or _typed)
                answers[question.field] = value
    except (EOFError, KeyboardInterrupt):
        yield from ("", STOPPED)
        return
    situation = Situation(**answers)
    yield ""
    yield from textwrap.wrap(f"You said: {situation}.", WIDEST)
    yield from ("", *advise(situation).lines())
    yield from ("", "The same again:", f"  {_command(situation)}")


def _answered(
    question: Question, answers: dict[str, Any], read: Callable[[], str]
) -> Generator[str, None, Any]:
    """Ask until the answer can be used."""
    yield from ("", *question.lines)
    while True:
        try:
            value = question.meant(read())
            Situation(**answers, **{question.field: value})
            return value
        except ValueError as error:
            mistake = str(error).removeprefix("Situation: ")
            yield f"{mistake}{'' if mistake.endswith('?') else '.'} Again, or Enter:"


def _typed() -> str:
    sys.stdout.write("> ")
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


def _command(situation: Situation) -> str:
    """The command line that says the same."""
    words = ["lrcourse advise"]
    for field in fields(situation):
        option, placeholder, _ = OPTIONS[field.name]
        value = getattr(situation, field.name)
        if value is not None and value is not False:
            shown = f'"{value}"' if " " in str(value) else str(value)
            words.append(f"{option} {shown}" if placeholder else option)
    return " ".join(words)
