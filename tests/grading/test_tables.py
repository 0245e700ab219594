"""A CSV of another system: read as it means, written back as it was."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrcourse.grading import GradingError
from lrcourse.grading.tables import BOM, parsed, plain, quoted, read_text

TEXTS = [
    "a,b\n1,2\n",
    "a,b\r\n1,2",
    BOM + 'a;b\r\n"1";2,5\r\n',
    'a\tb\n"x\ty"\t"line\r\nbreak"\n',
    '"Kim, ""Min""",b\n,\n\n"",x\n',
    'a,b,c\n1\n1,2,3,4\n',
    "a\r1\r",
    "a",
    '="=Kim",b\n"=""=Kim""",c\n',
    'a,b\nx"y",z\n"x"y,z\n',
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_not_changed_comes_back_byte_for_byte(text):
    assert parsed(text, "t.csv").text() == text


@pytest.mark.parametrize("text", TEXTS)
def test_cells_mean_what_csv_says(text):
    table = parsed(text, "t.csv")
    witness = list(
        csv.reader(io.StringIO(text.removeprefix(BOM), newline=""), delimiter=table.mark)
    )
    found = [[plain(cell) for cell in row] for row in table.rows]
    assert [row if row != [""] else [] for row in found] == witness


ODD = st.text(st.sampled_from(list('ab ,;\t"\r\n=ü김')), max_size=8)


@given(
    st.lists(st.lists(ODD, min_size=2, max_size=4), min_size=1, max_size=5), st.sampled_from(",;\t")
)
def test_whatever_csv_writes_is_read_and_written_back(rows, mark):
    file = io.StringIO(newline="")
    header = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    csv.writer(file, delimiter=mark).writerows([header, *rows])
    table = parsed(file.getvalue(), "t.csv")
    assert table.mark == mark
    assert [[plain(cell) for cell in row] for row in table.rows[1:]] == rows
    assert table.text() == file.getvalue()


@given(ODD, st.sampled_from(",;\t"))
def test_a_cell_that_is_filled_means_what_was_meant(value, mark):
    table = parsed(f"one{mark}two{mark}three\nx{mark}y{mark}z\n", "t.csv").with_cells(1, {1: value})
    [_, row] = csv.reader(io.StringIO(table.text(), newline=""), delimiter=mark)
    assert row == ["x", value, "z"]
    assert plain(quoted(value, mark)) == value


def test_a_row_that_is_too_short_is_filled_up():
    table = parsed("a,b,c\n1\n", "t.csv")
    assert table.with_cells(1, {2: "9"}).text() == "a,b,c\n1,,9\n"
    assert table.cell(1, 2) == ""


def test_some_rows_and_columns_keep_their_quotes_and_line_breaks():
    table = parsed('a,b,c\r\n"1",2,3\r\n4,"5"', "t.csv")
    assert table.only([0, 2, 1], [2, 0]).text() == 'c,a\r\n,4\n3,"1"\r\n'


def test_commas_in_a_name_do_not_hide_the_semicolons():
    assert parsed('"a, b, c, d";x;y\n1;2;3\n', "t.csv").header == ["a, b, c, d", "x", "y"]


@pytest.mark.parametrize("text", ['a,b\n1,"2\n', 'a,"b'])
def test_a_quote_that_is_never_closed_is_one_sentence(text):
    with pytest.raises(GradingError, match=r"t\.csv: it is no CSV .a quote is never closed"):
        parsed(text, "t.csv")


@pytest.mark.parametrize(
    ("data", "said"), [(None, "it cannot be read"), (b"M\xfcller", "not UTF-8; save it as")]
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path, data, said):
    path = tmp_path / "t.csv"
    if data:
        path.write_bytes(data)
    with pytest.raises(GradingError, match=said):
        read_text(path)
