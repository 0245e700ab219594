"""What was handed in, as the text of its code cells. Nothing here runs any of it.

The file comes from a stranger, so the work is bounded: by its bytes, by its JSON marks (each
costs memory) and by its code. No notebook library reads it: nbformat refuses what Jupyter opens,
and takes longer to import than a class takes to read. Standard library only.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lrcourse.grading import GradingError

MOST_BYTES = 20 << 20
MOST_MARKS = 2_000_000  # brackets and commas of the JSON; 2 million take 0.2 GB at most
MOST_CELLS = 1_000  # code cells with anything in them
MOST_CODE = 1 << 20  # characters in all of them together

SECTION = re.compile(r"(?:.*[/\\])?(\d\d_[a-z0-9_]+)\.(?:py|ipynb)")
# jupytext's percent format and others': https://jupytext.readthedocs.io/en/latest/formats-scripts.html
# "# In[3]:" is what Jupyter itself writes when a notebook is saved as a script.
CELL_MARK = re.compile(r"^#[ \t]*(?:%%+(?P<kind>.*)|In\[[ \d]*\]:.*)$", re.MULTILINE)
PROSE_KIND = re.compile(r"\[(?:markdown|md|raw)\]")
PYTHON = re.compile(r"^(?:def |class |import |from \w[\w.]* import |check\()", re.MULTILINE)
SURROGATES = re.compile("[\ud800-\udfff]")
NO_NOTEBOOK = {  # how other files begin that students hand in
    b"%PDF": "a PDF",
    b"PK\x03\x04": "an archive or an office document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"Rar!": "an archive",
    b"7z\xbc\xaf": "an archive",
    b"\x1f\x8b": "an archive",
}


class Unreadable(GradingError):
    """No notebook can be read from this: zero points, and this is the reason."""


class TooLarge(GradingError):
    """It may be a right answer, but it is too large for the grader: a person must look."""


class Submitted(NamedTuple):
    """The code cells in their order, and which exercise the notebook says that it is."""

    cells: tuple[str, ...]
    section: str = ""  # "01_step"; "" where the notebook does not say


def read_notebook(data: bytes) -> Submitted:
    """The code cells of a notebook, or of a script with cells that was handed in instead.

    Raises Unreadable and TooLarge, and nothing else whatever the bytes are.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge(
            f"the file has {_megabytes(len(data))}, more than the {_megabytes(MOST_BYTES)} that "
            f"are graded: clear the outputs and grade it again."
        )
    text = _text(data)
    if not text.lstrip().startswith("{") and _is_script(text):
        return Submitted(_checked(_script_cells(text)))
    notebook = _json_object(text)
    return Submitted(_checked(_code_cells(notebook)), _section(notebook))


# Bytes to text ---------------------------------------------------------------------------------


def _text(data: bytes) -> str:
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Unreadable("the file is empty.")
    for start, kind in NO_NOTEBOOK.items():
        if data.startswith(start):
            raise Unreadable(f"the file is {kind}, not a notebook: hand in the .ipynb file.")
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        raise Unreadable(f"the file is not UTF-8 text (byte {error.start:,} is not).") from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


# Notebooks -------------------------------------------------------------------------------------


def _json_object(text: str) -> dict[str, Any]:
    if sum(map(text.count, "[{,")) > MOST_MARKS:
        raise TooLarge(
            f"the file has more than {MOST_MARKS:,} JSON values: clear the outputs and grade it "
            f"again."
        )
    try:  # as a float, since an int of 4,301 digits is an error and one of a million takes long
        found = json.loads(text, parse_int=float)
    except RecursionError:
        raise Unreadable("the file is nested too deep to be a notebook.") from None
    except ValueError as error:
        raise Unreadable(_not_json(text, error)) from None
    if not isinstance(found, dict):
        raise Unreadable(f"the file is no notebook: it holds a JSON {type(found).__name__}.")
    return found


def _not_json(text: str, error: ValueError) -> str:
    if text.lstrip()[:100].lower().startswith(("<!doctype", "<html")):
        return "the file is a web page, not a notebook: hand in the .ipynb file."
    if re.search(r"^<{7} ", text[:MOST_CODE], re.MULTILINE):
        return "the file has the marks of a git conflict (<<<<<<<) in it and is no notebook."
    where = f" at line {error.lineno:,}" if isinstance(error, json.JSONDecodeError) else ""
    return f"the file is no valid notebook: its JSON breaks off or is wrong{where}."


def _code_cells(notebook: dict[str, Any]) -> Iterator[str]:
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):  # nbformat 3
        sheets = [sheet for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets for cell in _listed(sheet.get("cells"))]
    if not isinstance(cells, list) or not cells:
        raise Unreadable("the notebook has no cells.")
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            yield _source(cell.get("source", cell.get("input")))


def _source(source: Any) -> str:
    """The text of a cell: a file holds it as a text or as a list of lines."""
    if isinstance(source, str):
        return source
    lines = [line for line in _listed(source) if isinstance(line, str)]
    ends = any(line.endswith(("\n", "\r")) for line in lines[:-1])
    return ("" if ends else "\n").join(lines)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _section(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    ours = metadata.get("lrcourse") if isinstance(metadata, dict) else None
    source = ours.get("source") if isinstance(ours, dict) else None
    found = SECTION.fullmatch(source) if isinstance(source, str) and len(source) < 200 else None
    return found[1] if found else ""


# Scripts ---------------------------------------------------------------------------------------


def _is_script(text: str) -> bool:
    start = text[:MOST_CODE]
    return bool(CELL_MARK.search(start) or PYTHON.search(start))


def _script_cells(text: str) -> Iterator[str]:
    """The cells between the marks; a script without marks is one cell."""
    if len(text) > MOST_CODE:
        raise TooLarge(f"the script has more than {MOST_CODE:,} characters: look at it.")
    start, is_code = 0, True
    for mark in CELL_MARK.finditer(text):
        if is_code:
            yield text[start : mark.start()].strip("\n")
        start, is_code = mark.end(), not PROSE_KIND.search(mark["kind"] or "")
    if is_code:
        yield text[start:].strip("\n")


# Both ------------------------------------------------------------------------------------------


def _checked(cells: Iterator[str]) -> tuple[str, ...]:
    """The cells with anything in them, as text that can be sent on."""
    kept: list[str] = []
    length = 0
    for cell in cells:
        if not cell.strip():
            continue
        kept.append(SURROGATES.sub("\ufffd", cell.replace("\r\n", "\n").replace("\r", "\n")))
        length += len(cell)
        if len(kept) > MOST_CELLS:
            raise TooLarge(f"the notebook has more than {MOST_CELLS:,} code cells: look at it.")
        if length > MOST_CODE:
            raise TooLarge(
                f"the notebook has more than {MOST_CODE:,} characters of code: look at it."
            )
    return tuple(kept)


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.1f} MB"
