"""CSV with a header, as Lightning, Keras and spreadsheets write it."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from lrcourse.diagnosis.reading.lines import Lines, cut_off
from lrcourse.diagnosis.reading.phrases import clipped, count, quoted
from lrcourse.diagnosis.reading.table import Table


def csv_table(table: Table, first: str, lines: Lines) -> Table:
    """The cells under the names of the `first` line, parted by its tabs, semicolons or commas.

    Refused, each with its line: no header, a name twice, a row that has more or fewer cells
    than the header. Left out with a note: a header that is repeated, as after a restart, and
    a last row that is cut off.
    """
    delimiter = max("\t;,", key=first.count)
    try:
        cells = next(csv.reader([first], delimiter=delimiter))
        names = _named(cells)
        _refuse_bad_header(table, names)
        _add_rows(table, names, csv.reader(lines, delimiter=delimiter), lines)
    except csv.Error as error:
        raise table.refusal(f"line {lines.number} is no CSV: {error}") from None
    return table


def _named(cells: Iterable[str]) -> list[str]:
    """The names in a header; a column without one, as pandas writes its index, gets a number."""
    return [cell.strip() or f"(column {i})" for i, cell in enumerate(cells, 1)]


def _refuse_bad_header(table: Table, names: Sequence[str]) -> None:
    twice = dict.fromkeys(name for name in names if names.count(name) > 1)
    if twice:
        raise table.refusal(f"the header names {quoted(twice)} twice: rename one of them")
    if all(map(_is_number, names)):
        raise table.refusal(
            f"has no header: its first line is {clipped(', '.join(names))}; write the names of "
            f"the columns above, such as step,loss,lr"
        )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _add_rows(table: Table, names: list[str], rows: Iterator[list[str]], lines: Lines) -> None:
    """The cells of every row. Empty ones are passed over here, for speed."""
    kept = [(i, table.column(name)) for i, name in enumerate(names)]
    used = [(i, column) for i, column in kept if column is not None]
    for row in rows:
        if len(row) != len(names):
            _uneven(table, names, row, rows, lines)
        elif row[-1].strip() == names[-1] and _named(row) == names:
            table.notes.append(f"line {lines.number} repeats the header and was left out")
        else:
            for i, column in used:
                if row[i]:
                    column.add(lines.number, row[i])


def _uneven(
    table: Table, names: list[str], row: list[str], rows: Iterator[list[str]], lines: Lines
) -> None:
    """A row with too few or too many cells: blank, cut off at the end of the file, or refused."""
    line = lines.number
    if not row:
        return
    if len(row) < len(names) and next(rows, None) is None and not lines.is_whole:
        table.notes.append(cut_off(line))
        return
    why = " (numbers with decimal commas? export with points)" if len(row) > len(names) else ""
    raise table.refusal(
        f"line {line} has {count(len(row), 'cell')}, but the header names "
        f"{count(len(names), 'column')}{why}: repair or delete the line"
    )
