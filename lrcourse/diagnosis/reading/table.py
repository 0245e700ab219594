"""A table: named columns of numbers, each with the lines in which it has one.

Every format becomes one. Programs write the loss, the rate and validation in lines of their
own, so a column remembers its lines, and a gap is no zero.
"""

import re
from array import array
from dataclasses import dataclass, field
from typing import Any

from lrcourse.diagnosis.reading.names import ROLES, rank
from lrcourse.diagnosis.reading.phrases import clipped

MISSING = {"", "none", "null", "na", "n/a", "-"}  # cells without a value; "nan" is a value
DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+([eE][-+]?\d+)?\s*")


class Column:
    """The numbers of one name; lines without one are not in it."""

    def __init__(self) -> None:
        self.lines = array("q")
        self.values = array("d")
        self.text: tuple[int, str] | None = None  # the first line where it is no number

    def add(self, line: int, cell: Any) -> None:
        """One cell; a missing one is passed over, a text is remembered."""
        try:
            self.values.append(float(cell))
        except (ValueError, TypeError, OverflowError):
            if cell is not None and str(cell).strip().lower() not in MISSING:
                self.text = self.text or (line, str(cell))
        else:
            self.lines.append(line)


@dataclass
class Table:
    """All that a log holds of interest, and the notes on how it was read.

    `unit` is what `lines` count: line, entry or event. Columns that fit no role and were not
    asked for by name (`wanted`) keep their name alone, so that a large log stays small.
    """

    name: str
    unit: str = "line"
    wanted: frozenset[str] = frozenset()
    columns: dict[str, Column | None] = field(default_factory=dict)  # None: of no interest
    notes: list[str] = field(default_factory=list)

    def add(self, line: int, name: str, cell: Any) -> None:
        """One cell, kept where its column can be of interest."""
        try:
            column = self.columns[name]
        except KeyError:
            column = self.column(name)
        if column is not None:
            column.add(line, cell)

    def column(self, name: str) -> Column | None:
        """The column of this name, made at its first use."""
        if name not in self.columns:
            of_interest = name in self.wanted or any(rank(name, role) for role in ROLES)
            self.columns[name] = Column() if of_interest else None
        return self.columns[name]

    def has_content(self, name: str) -> bool:
        """Whether a column holds a number, or a text that has to be refused."""
        column = self.columns[name]
        return column is not None and bool(column.values or column.text)

    def numbers(self, name: str) -> Column:
        """A column that will be used. Text in it is refused, with the line and a remedy."""
        column = self.columns[name]
        assert column is not None  # those asked for, and those that fit a role, are kept
        if column.text:
            line, text = column.text
            remedy = "repair or delete it"
            if DECIMAL_COMMA.fullmatch(text):
                remedy = "export the numbers with decimal points, not commas"
            raise self.refusal(
                f"{self.unit} {line} has {clipped(text)!r} in the column {name!r}, which is no "
                f"number: {remedy}"
            )
        return column

    def refusal(self, words: str) -> ValueError:
        """The error that says what is wrong with this log."""
        return ValueError(f"{self.name}: {words}")
