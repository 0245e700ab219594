"""From the bytes of a text to its table: which letters it is written in, and which format."""

import codecs
import io
from typing import Any

from lrcourse.diagnosis.reading.csv_table import csv_table
from lrcourse.diagnosis.reading.json_table import json_table
from lrcourse.diagnosis.reading.lines import Lines
from lrcourse.diagnosis.reading.table import Table


def text_table(table: Table, file: Any) -> Table:
    """The table of CSV, JSON lines or JSON in an open binary file, which stays open."""
    buffered = file if hasattr(file, "peek") else io.BufferedReader(file)
    text = io.TextIOWrapper(buffered, _encoding(table, buffered), errors="replace", newline="")
    try:
        return _by_first_character(table, Lines(text))
    finally:
        text.detach()  # or the file would be closed with its wrapper
        if buffered is not file:
            buffered.detach()


def _encoding(table: Table, file: Any) -> str:
    """UTF-8, or the UTF-16 that PowerShell writes; what is no text is refused."""
    head = file.peek(4096)[:4096]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        is_text = b"\0" not in head
    except UnicodeDecodeError:
        is_text = False
    if not is_text:
        raise table.refusal("is no text: give a CSV, JSON or TensorBoard log")
    return "utf-8-sig"


def _by_first_character(table: Table, lines: Lines) -> Table:
    """JSON begins with a bracket or a brace, and a header does not."""
    first = next((line for line in lines if line.strip()), "").lstrip()
    if not first:
        raise table.refusal("is empty: it holds no losses to read")
    read = json_table if first.startswith(("[", "{")) else csv_table
    return read(table, first, lines)
