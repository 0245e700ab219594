"""Where each claim is taught: `python tools/ledger.py` writes docs/ledger.md and misconceptions.md.

`sources/ledger.csv` lists what lecture notes commonly say about learning rates, and what became of
each sentence when it was checked. A lesson marks the cell that teaches it with the number as a
tag: `# %% [markdown] tags=["A11"]`. What is wrong or disputed stands in a box of its own there:

    > **You will read** that the sky is green. Let us check.
    > It is blue, as the plot above shows.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import jupytext

ROOT = Path(__file__).resolve().parents[1]
NUMBER = re.compile(r"[A-E]\d+")
BOX = re.compile(r"\*\*You will read\*\* that (?P<belief>.*?) Let us check\.\s*(?P<truth>.*)", re.S)
BOXED = ("wrong", "disputed")  # verdicts whose claim needs a box
VERDICTS = {
    "correct": "correct",
    "imprecise": "true with a condition, which the lesson gives",
    "wrong": "wrong",
    "disputed": "disputed",
    "empirical-testable": "a matter of measuring, which the lesson does",
}


class Claim(NamedTuple):
    """A sentence of common lecture notes."""

    number: str
    verdict: str
    claim: str


class Place(NamedTuple):
    """A cell of a lesson that teaches some of the claims."""

    lesson: str  # "01_step"
    heading: str  # the last one before the cell
    tags: tuple[str, ...]
    text: str

    @property
    def link(self) -> str:
        """From a page in docs to the heading, as Jupyter makes its anchors."""
        place = f"../notebooks/{self.lesson}.ipynb#{anchor(self.heading)}"
        return f"[{self.lesson[:2]}, {plain(self.heading)}]({place})"

    @property
    def box(self) -> re.Match[str] | None:
        """The belief and the truth, where this cell has a box."""
        quoted = [line[1:].strip() for line in self.text.splitlines() if line.startswith(">")]
        return BOX.search("\n".join(quoted))


def anchor(heading: str) -> str:
    """As Jupyter makes it, written so that it can stand in a link."""
    return quote(heading.replace(" ", "-"), safe="-,.:")


def plain(heading: str) -> str:
    """A heading inside square brackets of a link."""
    return heading.replace("[", "(").replace("]", ")")


def claims() -> list[Claim]:
    """The ledger."""
    with (ROOT / "sources" / "ledger.csv").open(encoding="utf-8", newline="") as file:
        return [Claim(**row) for row in csv.DictReader(file)]


def lessons() -> list[Path]:
    """The sources of the sections, in their order."""
    return sorted((ROOT / "sources").glob("[0-9][0-9]_*.py"))


def places(source: Path) -> Iterator[Place]:
    """The cells of a lesson that carry the number of a claim."""
    heading = ""
    for cell in jupytext.read(source, fmt="py:percent").cells:
        if cell.cell_type == "markdown":
            found = re.search(r"^#+ (.+)$", cell.source, re.MULTILINE)
            heading = found[1] if found else heading
        tags = tuple(t for t in cell.metadata.get("tags", []) if NUMBER.fullmatch(t))
        if tags:
            yield Place(source.stem, heading, tags, cell.source)


def taught() -> dict[str, list[Place]]:
    """The places of each number, in the order of the course."""
    found: dict[str, list[Place]] = {}
    for source in lessons():
        for place in places(source):
            for number in place.tags:
                found.setdefault(number, []).append(place)
    return found


def ledger_page() -> str:
    """Every claim, its verdict and where it is taught."""
    where = taught()
    all_claims = claims()
    placed = sum(claim.number in where for claim in all_claims)
    rows = "\n".join(
        f"| {number} | {cell_text(claim)} | {VERDICTS[verdict]} "
        f"| {'; '.join(place.link for place in where.get(number, [])) or '**nowhere**'} |"
        for number, verdict, claim in all_claims
    )
    return f"""# The ledger

What lecture notes commonly say about learning rates and schedules, sentence by sentence, and where
this course teaches what is true. Placed: {placed} of {len(all_claims)}.
Written by `python tools/ledger.py` from the tags of the lessons' cells.

| number | what one reads | checked | section and place |
|---|---|---|---|
{rows}
"""


def misconceptions_page() -> str:
    """Every box of the course: the belief, the truth, and where it is shown."""
    verdicts = {claim.number: claim.verdict for claim in claims()}
    told = []
    for source in lessons():
        boxes = [place for place in places(source) if place.box]
        if boxes:
            told.append(f"## {title(source)}\n")
        told += [entry(place, verdicts) for place in boxes]
    entries = "\n".join(told)
    return f"""# What you will read, and what is true

Beliefs about learning rates that stand in lecture notes, blog posts and documentation, and what the
course found when it checked them. The link leads to the place that shows it; "above" and "the next
cell" speak of that place.
Written by `python tools/ledger.py` from the lessons.

{entries}"""


def entry(place: Place, verdicts: dict[str, str]) -> str:
    box = place.box
    assert box is not None
    belief, truth = (" ".join(text.split()) for text in (box["belief"], box["truth"]))
    disputed = "disputed" in {verdicts.get(number) for number in place.tags}
    word = "Disputed" if disputed else "In truth"
    truth = truth.removeprefix("This is disputed. ")
    return (
        f"**One reads** that {belief}\n\n**{word}:** {from_docs(truth)} "
        f"*Shown in {place.link}; {', '.join(place.tags)}.*\n"
    )


def from_docs(text: str) -> str:
    """A link to a neighbouring notebook, as seen from the folder docs."""
    return re.sub(r"\]\((?=[\w-]+\.ipynb)", "](../notebooks/", text)


def title(source: Path) -> str:
    """The headline of a lesson."""
    found = re.search(r"^# # (.+)$", source.read_text("utf-8"), re.MULTILINE)
    assert found, f"{source.name} has no headline"
    return found[1]


def cell_text(text: str) -> str:
    """Text inside a Markdown table."""
    return text.replace("|", "\\|").replace("_", "\\_").replace("*", "\\*").replace("^", "\\^")


PAGES = {"ledger.md": ledger_page, "misconceptions.md": misconceptions_page}


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (ROOT / "docs" / name).write_text(page(), encoding="utf-8")
        print(f"docs/{name} is written")


if __name__ == "__main__":
    main()
