"""The command line: `lrcourse list`, `lrcourse plot CosineDecay`, `lrcourse find`, ...

A command is a module of this folder with `add_arguments(parser)` and `run(args)`, which gives
the lines to print; a line in COMMANDS makes it known. Only the module of the command that was
asked for is imported, so that one command's PyTorch is not another's waiting time.
"""

import argparse
import errno
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, NoReturn

import lrcourse
from lrcourse.cli.names import Refusal, listed, schedules, suggestion
from lrcourse.cli.output import printable

COMMANDS = {  # command -> (module, what it does)
    "list": ("lrcourse.cli.listing", "every schedule with its formula, or one with all details"),
    "plot": ("lrcourse.cli.plot", "the curve of a schedule, here or in a file"),
    "claims": ("lrcourse.cli.claims", "what the course claims, and the experiments that show it"),
    "find": ("lrcourse.cli.find", "a peak rate for your own model, by a range test"),
    "diagnose": ("lrcourse.cli.diagnose", "what a log of losses says about its learning rate"),
    "recipe": ("lrcourse.cli.recipe", "what well-known models were trained with, with sources"),
    "advise": ("lrcourse.cli.advise", "a schedule and starting values for your situation"),
    "progress": ("lrcourse.cli.progress", "which exercises are done, and what comes next"),
    "doctor": ("lrcourse.cli.doctor", "what is wrong with this installation, and the remedy"),
    "grade": ("lrcourse.cli.grade", "grade a class: scores, pages, tables for other systems"),
    "check-assignment": ("lrcourse.cli.check_assignment", "is an exam of your own right?"),
    "gradescope-kit": ("lrcourse.cli.gradescope_kit", "the zip that Gradescope grades with"),
    "demo-class": ("lrcourse.cli.demo_class", "a class of 30 invented submissions, to try grade"),
    "update": ("lrcourse.cli.update", "take your answers over into a new version of the course"),
}
EPILOG = """\
examples:
  lrcourse list CosineDecay
  lrcourse plot CosineDecay steps=200
  lrcourse plot CosineDecay LinearDecay --at 0,50,100
  lrcourse plot "LinearWarmup(0.1, 10) >> CosineDecay(0.1, 90)" --out curve.png
  lrcourse find train.py:make_training
  lrcourse diagnose log.csv
  lrcourse recipe gpt3-175b --plot
  lrcourse advise --optimizer adamw --model transformer-pre --steps 20000
  lrcourse progress
  lrcourse doctor
  lrcourse grade submitted/ -o results
"""


class Parser(argparse.ArgumentParser):
    """argparse, but a mistake becomes a sentence that `main` prints."""

    def error(self, message: str) -> NoReturn:
        """The sentence of argparse, without its lines of usage."""
        raise Refusal(message)


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words ask for; the exit code, 2 where a sentence says what was wrong."""
    try:
        return _ended(sys.argv[1:] if words is None else list(words))
    except ValueError as error:
        print(printable(f"lrcourse: {error}", sys.stderr.encoding), file=sys.stderr)
        return 2
    except OSError as error:
        return _output_broke(error)
    except KeyboardInterrupt:
        return 130


def _ended(words: list[str]) -> int:
    """Print what was asked for; argparse ends the program itself after --help and --version."""
    try:
        for line in _lines(words):
            try:
                sys.stdout.write(printable(line, sys.stdout.encoding) + "\n")
            except BrokenPipeError:  # the reader has enough; what goes into files is still written
                _say_no_more()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.stdout.flush()
    return 0


def _lines(words: list[str]) -> Iterable[str]:
    """What to print."""
    _refuse_unknown_command(words)
    parser = _parser(words)
    if not words:
        return [parser.format_help().rstrip()]
    args, more = parser.parse_known_args(words)
    unknown = [word for word in more if word.startswith("-")]
    if unknown or (more and "words" not in args):
        raise Refusal(_about_unknown((unknown or more)[0], args.command))
    if more:  # argparse leaves words over that come after an option
        args.words += more
    return args.run(args)


def _parser(words: list[str]) -> Parser:
    looks: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter}
    about = "Learning rates and their schedules, in the terminal."
    parser = Parser("lrcourse", description=about, epilog=EPILOG, **looks)
    parser.add_argument("--version", action="version", version=f"lrcourse {lrcourse.__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", metavar="command")
    for name, (module, purpose) in COMMANDS.items():
        about = f"{purpose[0].upper()}{purpose[1:]}."
        command = commands.add_parser(
            name, help=purpose, description=about, allow_abbrev=False, **looks
        )
        if name in words[:1]:
            loaded = import_module(module)
            loaded.add_arguments(command)
            command.set_defaults(run=loaded.run)
    return parser


def _refuse_unknown_command(words: list[str]) -> None:
    word = words[0] if words else "-"
    if word in COMMANDS or word.startswith("-"):
        return
    if word in schedules():
        raise Refusal(f"there is no command {word}: did you mean lrcourse plot {word}?")
    meant = suggestion(word, COMMANDS, {"show": "list", "draw": "plot", "schedules": "list"})
    raise Refusal(f"there is no command {word}{meant or f'; there are {listed(COMMANDS)}'}")


def _about_unknown(option: str, command: str | None) -> str:
    """The sentence about an option, or a word, that a command does not have."""
    name = option.lstrip("-").partition("=")[0]
    if option.startswith("--") and command == "plot" and name.isidentifier():
        return f"plot has no option --{name}: write a parameter as {name}=value, without dashes"
    whole = f"lrcourse {command or ''}".rstrip()
    return f"{whole} has no option {option}; `{whole} --help` shows all it has"


def _output_broke(error: OSError) -> int:
    """The reader has closed the pipe, as `| head` does, or the disk is full."""
    _say_no_more()  # Python flushes once more at its end
    if error.errno in (errno.EPIPE, errno.EINVAL):  # EINVAL: the same on Windows
        return 0
    print(f"lrcourse: the output cannot be written: {error.strerror}", file=sys.stderr)
    return 2


def _say_no_more() -> None:
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
