"""A CSV of another system, cell by cell as it was written, so that what we do not fill stays.

`csv` would read `"7"` and write `7`. Here a cell keeps its quotes, a row its line break and the
file its mark of UTF-8; `plain` says what a cell means and `with_cells` puts others in their place.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lrcourse.grading import GradingError

BOM = "\ufeff"
MARKS = ",;\t"
QUOTED = re.compile(r'"((?:[^"]|"")*+)"(.*)', re.DOTALL)


@dataclass(frozen=True)
class Table:
    """The rows of a file, the first one with the names of the columns."""

    rows: tuple[tuple[str, ...], ...]  # cells with their quotes
    ends: tuple[str, ...]  # what ends each row: "\\r\\n", "\\n" or "" at the end of the file
    mark: str = ","
    start: str = ""  # a BOM, where the file has one

    @property
    def header(self) -> list[str]:
        """The names of the columns, without the blanks around them."""
        return [plain(cell).strip() for cell in self.rows[0]]

    def cell(self, row: int, column: int) -> str:
        """What stands there, without blanks; "" where the row is too short."""
        cells = self.rows[row]
        return plain(cells[column]).strip() if column < len(cells) else ""

    def column(self, column: int, rows: Sequence[int]) -> list[str]:
        """What stands in a column in these rows."""
        return [self.cell(row, column) for row in rows]

    def with_cells(self, row: int, values: Mapping[int, str]) -> "Table":
        """The same with these values in these columns of a row."""
        cells = list(self.rows[row])
        cells += [""] * (max(values) + 1 - len(cells))
        for column, value in values.items():
            cells[column] = quoted(value, self.mark)
        return replace(self, rows=(*self.rows[:row], tuple(cells), *self.rows[row + 1 :]))

    def only(self, rows: Sequence[int], columns: Sequence[int]) -> "Table":
        """Some rows and columns, in this order."""
        kept = [self.rows[row] for row in rows]
        cells = [tuple(row[at] if at < len(row) else "" for at in columns) for row in kept]
        return replace(self, rows=tuple(cells), ends=tuple(self.ends[row] or "\n" for row in rows))

    def text(self) -> str:
        """The text of the file."""
        pairs = zip(self.rows, self.ends, strict=True)
        return self.start + "".join(self.mark.join(row) + end for row, end in pairs)


def read_text(path: Path) -> str:
    """The text of a CSV; a sentence where there is none."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise GradingError(f"{path}: it is not UTF-8; save it as 'CSV UTF-8'.") from None
    except OSError as error:
        raise GradingError(f"{path}: it cannot be read ({error.strerror}).") from None


def parsed(text: str, name: str) -> Table:
    """The table of a text, separated by what makes most columns in its first row."""
    start = BOM if text.startswith(BOM) else ""
    body = text.removeprefix(BOM)
    mark = max(MARKS, key=lambda each: len(_rows(body, each, most=1)[0][0]))
    rows = _rows(body, mark)
    last = rows[-1][0][-1]
    if last.startswith('"') and not QUOTED.fullmatch(last):
        raise GradingError(f"{name}: it is no CSV (a quote is never closed); download it again.")
    cells, ends = zip(*rows, strict=True)
    return Table(cells, ends, mark, start)


def plain(cell: str) -> str:
    """What a cell means, without its quotes; two of them inside are one."""
    found = QUOTED.fullmatch(cell)
    return found[1].replace('""', '"') + found[2] if found else cell


def quoted(value: str, mark: str) -> str:
    """A cell that means this value."""
    if not any(sign in value for sign in (mark, '"', "\r", "\n")):
        return value
    return '"' + value.replace('"', '""') + '"'


def _rows(text: str, mark: str, most: int = 0) -> list[tuple[tuple[str, ...], str]]:
    """Each row's cells and what ends it; at most so many rows where that is said."""
    pattern = re.compile(
        rf'("(?:[^"]|"")*+(?:"[^{mark}\r\n]*+)?|[^{mark}\r\n]*+)({mark}|\r\n|\n|\r|\Z)'
    )
    rows: list[tuple[tuple[str, ...], str]] = []
    cells: list[str] = []
    at = 0
    while found := pattern.match(text, at):
        at = found.end()
        cells.append(found[1])
        if found[2] != mark:
            rows.append((tuple(cells), found[2]))
            cells = []
            if at == len(text) or len(rows) == most:
                break
    return rows
