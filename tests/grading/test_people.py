"""Students and rows of a table: brought together where that is certain, or told."""

import unicodedata

import pytest

from lrcourse.grading.people import People, Person, name_and_number

PEOPLE = People([
    Person("12345", ("mkim", "S77"), "Kim, Minji"),
    Person("222", ("lee@x.kr",), "Lee, Jun"),
    Person("41", ("minji2",), "김민지"),
    Person("42", ("",), "Kim Minji"),
    Person("7", ("park",), "O'Brien, Pat"),
    Person("8", ("park2", "222"), "Jun Park"),
    Person("9", ("dup",), "Choi, Su"),
    Person("10", ("dup",), "Ünal, Élodie"),
    Person("11", (), "Lee, Mary Ann"),
])  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found", "by"),
    [
        ("kimminji_12345", 0, "number"),
        ("anything_12345", 0, "number"),
        ("12345", 0, "number"),
        ("MKIM", 0, "login"),
        ("s77", 0, "login"),
        ("lee@x.kr", 1, "login"),
        ("222", 5, "login"),  # a login is the person's own, before a number
        ("Jun Lee", 1, "name"),
        ("lee, jun", 1, "name"),
        ("leejun", 1, "name"),
        ("maryannlee", 8, "name"),  # what stands before the comma is the family name
        ("김민지", 2, "name"),
        (unicodedata.normalize("NFD", "김민지"), 2, "name"),
        ("obrienpat", 4, "name"),
        ("Pat O Brien", 4, "name"),
        ("elodie ünal", None, "name"),  # é is not e
        (unicodedata.normalize("NFD", "élodie ünal"), 7, "name"),
        ("Minji Kim", None, "name"),  # two have this name
        ("kimminji_99", None, "number"),  # who has left is not somebody else of that name
        ("99", None, "number"),
        ("dup", None, "login"),
        ("nobody", None, "name"),
        ("", None, "name"),
    ],
)
def test_who_is_meant(text, found, by):
    match = PEOPLE.find(text)
    assert (match.found, match.by) == (found, by)
    assert bool(match.why) == (found is None)


def test_what_is_not_certain_is_said():
    assert PEOPLE.find("Minji Kim").why == "2 students have the name Minji Kim there"
    assert PEOPLE.find("kim_99").why == "nobody has the number 99 there"


@pytest.mark.parametrize(
    ("student", "parts"),
    [
        ("kimminji_12345", ("kimminji", "12345")),
        ("Lee_Jun_7", ("Lee_Jun", "7")),
        ("12345", ("12345", "")),
        ("kim_", ("kim_", "")),
        ("a\nb_1", ("a\nb", "1")),
    ],
)
def test_a_name_and_a_number(student, parts):
    assert name_and_number(student) == parts


def test_a_name_is_known_either_way_round():
    person = Person(name="Kim, Minji")
    assert person.is_called("Minji Kim")
    assert person.is_called("kimminji")
    assert not person.is_called("Kim")
    assert not Person().is_called("")
