"""A pytest plugin: how a fresh output is compared with the stored one (`-p tools.compare_outputs`).

nbval runs the cells and brings the outputs; this file says when two are the same.

    every cell             as many outputs, of the same kinds; pictures of the same
                           size, but for the room that a letter takes
    usual cells            also the same words, the same whole numbers, and numbers with a decimal
                           point to one unit of their last digit
    nbval-ignore-output    these print what a training found, and processors round differently:
                           the numbers and the words are free; what must hold is asserted in them

At the end a table says how many cells of each notebook were compared in which way.
"""

import base64
import re
import struct
from collections import Counter
from itertools import zip_longest
from typing import Any

import pytest
from nbval.plugin import IPyNbCell, transform_streams_for_comparison

PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")
PIXELS = slice(16, 24)  # of a PNG: width and height
WAYS = {True: "values", False: "kinds and sizes"}
HOW = "lrcourse compared"  # the name under which a report carries the way


def sizes(text: str) -> list[tuple[int, int]]:
    """(width, height) in pixels of every picture in a text."""
    heads = (base64.b64decode(png[:64]) for png in PICTURE.findall(text))
    return [struct.unpack(">II", head[PIXELS]) for head in heads]


def are_alike(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> bool:
    """As many pictures, of the same size up to what a letter more or less makes of it."""
    if len(some) != len(others):
        return False
    sides = zip(sum(some, ()), sum(others, ()), strict=True)
    return all(abs(one - other) <= 0.03 * one for one, other in sides)


def is_close(one: str, other: str) -> bool:
    """Whether two written numbers are equal, up to one unit of the last digit after a point."""
    if one == other:
        return True
    if "." not in one or "." not in other:
        return False
    unit = max(last_unit(one), last_unit(other))
    return abs(float(one) - float(other)) <= 1.001 * unit


def last_unit(number: str) -> float:
    """What the last digit counts: 0.01 of "3.14", 1e-5 of "2.5e-4"."""
    digits, _, power = number.partition("e")
    return 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))


def is_same(one: str, other: str) -> bool:
    """The same words, and numbers that are close."""
    if NUMBER.split(one) != NUMBER.split(other):
        return False
    numbers = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(is_close(a, b) for a, b in numbers)


def parts(outputs: list[Any], cell: IPyNbCell) -> list[tuple[str, str]]:
    """(kind, text) of all that the outputs show, in their order."""
    skipped = cell.parent.skip_compare
    found = []
    for output in transform_streams_for_comparison(outputs):
        shown = {**output, **output.get("data", {})}
        shown.pop("data", None)
        found += [
            (kind, cell.sanitize(text))
            for kind, text in sorted(shown.items())
            if kind not in skipped and isinstance(text, str)
        ]
    return found


def difference(fresh: list[Any], stored: list[Any], cell: IPyNbCell, by_value: bool) -> str:
    """What differs, in words; empty where nothing does."""
    pairs = zip_longest(parts(stored, cell), parts(fresh, cell), fillvalue=("nothing", ""))
    for (kind, before), (kind_now, now) in pairs:
        if kind != kind_now:
            return f"stored: {kind}\n  now: {kind_now} {now[:300]}"
        if not are_alike(sizes(before), sizes(now)):
            return f"stored pictures: {sizes(before)}\n  now: {sizes(now)}"
        words, words_now = (PICTURE.sub("[picture]", text) for text in (before, now))
        if by_value and not is_same(words, words_now):
            return f"stored {kind}: {words[:2000]}\n\n  now: {words_now[:2000]}"
    return ""


def compare_outputs(cell: IPyNbCell, fresh: list[Any], stored: list[Any]) -> bool:
    """What nbval asks of a cell; `comparison_traceback` is what it prints."""
    told = difference(fresh, stored, cell, is_compared_by_value(cell))
    cell.comparison_traceback = [told]
    return not told


def is_compared_by_value(cell: IPyNbCell) -> bool:
    return "nbval-ignore-output" not in cell.cell.metadata.get("tags", [])


IPyNbCell.compare_outputs = compare_outputs


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not isinstance(item, IPyNbCell) or not item.parent.compare_outputs:
            continue
        item.options["check"] = True  # a tagged cell is looked at, too, in its own way
        notebook, way = (
            f"{item.path.parent.name}/{item.path.name}",
            WAYS[is_compared_by_value(item)],
        )
        item.user_properties.append((HOW, [notebook, way]))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Which cells were compared, and how."""
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, [])]
    counts = Counter(
        tuple(value) for r in reports for name, value in r.user_properties if name == HOW
    )
    if not counts:
        return
    terminalreporter.section("cells compared with what is stored")
    for notebook in sorted({notebook for notebook, _ in counts}):
        ways = ", ".join(f"{counts[notebook, way]:3} by {way}" for way in WAYS.values())
        terminalreporter.write_line(f"{notebook:<36} {ways}")
