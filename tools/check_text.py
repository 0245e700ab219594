"""Numbers in prose that look like results: `python tools/check_text.py [lesson ...]`.

A number that was measured or computed is printed by a cell, never typed. In the text of a lesson
a decimal or a percentage may stand only where

- it occurs in the code of the lesson, as a parameter does;
- its paragraph has a link to the source that published it;
- it is inside a formula or a code span.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import jupytext

from tools.ledger import lessons

RESULT = re.compile(
    r"(?<![\w.,])[-−+]?\d+(?:,\d{3})*(?:\.\d+)?\s?%|(?<![\w.])\d+\.\d+(?![\d.]*\w)|±\s?\d+"
)
NO_PROSE = re.compile(
    r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|<!--.*?-->|<code>.*?</code>", re.DOTALL
)
LINK = re.compile(r"\]\(https?://")
INTERVAL = re.compile(r"^95\s?%$")  # "a 95% interval" is a convention


def typed_results(source: Path) -> Iterator[tuple[str, str]]:
    """(number, paragraph) of every number that no cell computes and no source published."""
    cells = jupytext.read(source, fmt="py:percent").cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    code_numbers = {
        float(n.replace("_", "")) for n in re.findall(r"\d[\d_]*\.?\d*(?:e-?\d+)?", code)
    }
    for cell in cells:
        if cell.cell_type == "markdown":
            yield from typed_in(cell.source, code_numbers)


def typed_in(text: str, code_numbers: set[float]) -> Iterator[tuple[str, str]]:
    """The same for one text; `code_numbers` are those that may be named."""
    for paragraph in re.split(r"\n\s*\n|\n(?=- |\d+\. )", NO_PROSE.sub(" ", text)):
        if LINK.search(paragraph):
            continue
        for number in RESULT.findall(paragraph):
            value = float(number.strip("±%−-+ ").replace(",", ""))
            if value not in code_numbers and not INTERVAL.match(number):
                yield number, " ".join(paragraph.split())[:160]


def sources(names: list[str]) -> list[Path]:
    """The sources of the lessons named, or of all."""
    return [path for path in lessons() if not names or path.stem in names]


def main(names: list[str]) -> int:
    """1 where something was found."""
    found = [(path, *each) for path in sources(names) for each in typed_results(path)]
    for path, number, paragraph in found:
        print(f"{path.name}: {number} in: {paragraph}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
