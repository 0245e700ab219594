"""Who is meant: a student of the records and a row of another system's table, brought together.

By login, by number, and by name only where that can mean nobody else. Two with one name are never
guessed between, and a number that is not there is not replaced by a name: it may be a student who
has left, and somebody else is called the same.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

NUMBER = re.compile(r"(?P<name>.*)_(?P<id>\d+)", re.DOTALL)  # "kimminji_12345", of Canvas or Moodle


@dataclass(frozen=True)
class Person:
    """How a system knows somebody."""

    number: str = ""
    logins: tuple[str, ...] = ()
    name: str = ""  # "Kim, Minji" or "Minji Kim"

    def is_called(self, name: str) -> bool:
        """Whether this can be the name, whatever comes first in it and however it is written."""
        return bool(spellings(self.name) & spellings(name))


class Match(NamedTuple):
    """Which person it is, by its place; or None and why."""

    found: int | None
    by: str = ""  # "login", "number" or "name"
    why: str = ""


class People:
    """The persons of a table."""

    def __init__(self, persons: Sequence[Person]) -> None:
        self.persons = persons
        self._numbers = _index((each.number, at) for at, each in enumerate(persons))
        self._logins = _index(
            (_folded(login), at) for at, each in enumerate(persons) for login in each.logins
        )
        self._names = _index(
            (name, at) for at, each in enumerate(persons) for name in spellings(each.name)
        )

    def find(self, text: str) -> Match:
        """Whom a login, a number, "name_number" or a name means."""
        name, number = ("", text) if text.isdecimal() else name_and_number(text)
        if known := self._logins.get(_folded(text)):
            return _only(known, "login", text)
        if number:
            return _only(self._numbers.get(number, []), "number", number)
        known = sorted({at for each in spellings(name) for at in self._names.get(each, ())})
        return _only(known, "name", name)


def name_and_number(student: str) -> tuple[str, str]:
    """ "Kim Minji_12345" -> "Kim Minji", "12345": what Canvas or Moodle knows the student by."""
    found = NUMBER.fullmatch(student)
    return (found["name"], found["id"]) if found else (student, "")


def spellings(name: str) -> set[str]:
    """A name as letters only, the family name first and last."""
    if "," in name:
        first, _, last = name.partition(",")
    else:
        first, _, last = name.strip().rpartition(" ")
    return {each for each in (_letters(first + last), _letters(last + first)) if each}


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", _folded(text))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _index(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for key, at in pairs:
        if key and at not in found.setdefault(key, []):
            found[key].append(at)
    return found


def _only(found: Sequence[int], by: str, text: str) -> Match:
    if len(found) == 1:
        return Match(found[0], by)
    who = f"{len(found)} students have" if found else "nobody has"
    return Match(None, by, f"{who} the {by} {text} there")
