"""A case of the corpus: a file as a student hands it in, and what its record must say."""

import json
from collections.abc import Callable
from typing import NamedTuple

from attacks.exam import ALL, ANSWERS, CHECKS, IMPORTS, POINTS


class Case(NamedTuple):
    """`least` and `most` are points, `seconds` the longest that grading may take.

    `said` stands in the reason of a file that is not graded, or in what is said of a task that
    earned nothing; `printed` in what the notebook printed.
    """

    name: str
    file: Callable[[], bytes]  # some are large: they are made when they are needed
    least: int
    most: int
    outcome: str = "graded"
    said: str = ""
    printed: str = ""
    seconds: float = 30.0  # of the clock, on a busy machine


def notebook(*cells: str, **changed: object) -> bytes:
    """A notebook with these code cells; `changed` replaces fields of the whole."""
    listed = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": text,
        }
        for number, text in enumerate(cells)
    ]
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed}
    return json.dumps({**whole, **changed}).encode()


def answers(*without: str) -> tuple[str, ...]:
    """The cells of an honest student, without some tasks."""
    kept = (f"{ANSWERS[task]}\n{CHECKS[task]}" for task in ANSWERS if task not in without)
    return (IMPORTS, *kept)


HONEST = notebook(*answers())


def solved(name: str, *cells: str, least: int = ALL, **expected: object) -> Case:
    """Everything is right, and then these cells happen."""
    return Case(name, lambda: notebook(*answers(), *cells), least, ALL, **expected)


def all_but(lost: str, name: str, *cells: str, **expected: object) -> Case:
    """These cells answer one task, badly; the other three are right."""
    points = ALL - POINTS[lost]
    return Case(name, lambda: notebook(*answers(lost), *cells), points, points, **expected)


def unsolved(name: str, *cells: str, **expected: object) -> Case:
    """Nothing is right."""
    return Case(name, lambda: notebook(IMPORTS, *cells), 0, 0, **expected)


def zero(name: str, said: str, *cells: str) -> Case:
    """Everything would be right, but the notebook cannot be graded, and the reason is `said`."""
    return Case(name, lambda: notebook(*answers(), *cells), 0, 0, "zero", said)
