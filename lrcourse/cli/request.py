"""Schedules from the words of a command line: `CosineDecay peak_lr=0.1 steps=100`."""

import re
from collections.abc import Iterable
from dataclasses import MISSING
from typing import Any, NamedTuple

from lrcourse.cli.code import EXAMPLE, LISTENS, parse
from lrcourse.cli.names import Refusal, check_parameter, schedule_class
from lrcourse.schedules import Choice, IncreasingUnit, ReduceOnPlateau, Repeat, Schedule


class Request(NamedTuple):
    """A schedule that was asked for, and the values that we chose because none were given."""

    schedule: Schedule
    typical: dict[str, Any]

    @property
    def note(self) -> str:
        """The sentence about the typical values; empty where all were given."""
        if not self.typical:
            return ""
        values = " ".join(f"{name}={shown_word(value)}" for name, value in self.typical.items())
        return f"{type(self.schedule).__name__}: typical values where none were given: {values}"


class Draft:
    """A schedule whose words are still being read."""

    def __init__(self, cls: Any) -> None:
        self.cls = cls
        self.values: dict[str, Any] = {}

    def set(self, name: str, text: str) -> None:
        """Take `name=text`."""
        check_parameter(self.cls, name)
        if name in self.values:
            raise Refusal(f"{self.cls.__name__}: {name} is given twice")
        self.values[name] = value_of(text.strip(), name, self.cls)

    def finished(self) -> Request:
        """The schedule, with typical values where a value must be given and is not."""
        typical = {
            name: unit.typical
            for name, unit in self.cls.units().items()
            if self.cls.default(name) is MISSING and name not in self.values
        }
        try:
            return Request(self.cls(**self.values, **typical), typical)
        except ValueError as error:
            if not typical:
                raise
            given = " ".join(f"{name}={shown_word(value)}" for name, value in typical.items())
            raise Refusal(f"{error} (with typical values: {given}; give your own)") from None


def requests(words: Iterable[str]) -> list[Request]:
    """The schedules in the order of their names; each name or code begins a new one."""
    found: list[Draft | Request] = []
    for word in words:
        if is_parameter := re.fullmatch(r"\s*(\w+)\s*=(.*)", word, re.DOTALL):
            _draft(found, word).set(*is_parameter.groups())
        elif re.search(r"[(*]|>>", word):
            found.append(Request(parse(word), {}))
        else:
            _refuse_half_a_parameter(word, found[-1] if found else None)
            found.append(Draft(_drawable(word)))
    return [each.finished() if isinstance(each, Draft) else each for each in found]


def value_of(text: str, name: str, cls: Any) -> Any:
    """What `text` means for this parameter; what is no number stays text, for cls to refuse."""
    unit, default = cls.units()[name], cls.default(name)
    if not text:
        raise Refusal(f"{name}= needs a value, such as {name}={shown_word(unit.typical)}")
    if default is None and text.lower() == "none":
        return None
    if isinstance(unit, Choice):
        return text.strip("'\"")
    if isinstance(unit, IncreasingUnit):
        return tuple(map(number, filter(str.strip, text.strip("()[]").split(","))))
    return number(text)


def number(text: str) -> Any:
    """The number that is written there, or the text itself."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def shown_word(value: Any) -> str:
    """The value as a word of the command line, without spaces."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _draft(found: list[Draft | Request], word: str) -> Draft:
    if not found:
        raise Refusal(f"{word} comes before the name of its schedule")
    if isinstance(found[-1], Request):
        raise Refusal(f"{word} follows code: write it inside the brackets of the code")
    return found[-1]


def _drawable(name: str) -> Any:
    cls = schedule_class(name)
    if cls is ReduceOnPlateau:
        raise Refusal(LISTENS)
    if cls is Repeat:
        raise Refusal('Repeat needs a schedule: write code such as "Repeat(CosineDecay(0.1, 50))"')
    return cls


def _refuse_half_a_parameter(word: str, before: Draft | Request | None) -> None:
    """Refusal for "steps:100", "steps 100", "steps = 100", "100" and "=100"."""
    if colon := re.fullmatch(r"(\w+):(.+)", word):
        raise Refusal(f"{word} is not understood: write {colon[1]}={colon[2]}")
    if isinstance(before, Draft) and word in before.cls.units():
        raise Refusal(f"{word} needs a value: write {word}=value, without spaces")
    if not re.fullmatch(r"[^\W\d]\w*", word):
        raise Refusal(
            f"{word!r} is neither a schedule nor name=value; try CosineDecay steps=100, "
            f'or code in quotes: "{EXAMPLE}"'
        )
