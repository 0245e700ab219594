"""The thirteen lessons: their shape, their words, and that every claim of the ledger is taught."""

import re
from pathlib import Path

import jupytext
import nbformat
import pytest

from tools import ledger
from tools.check_text import typed_in, typed_results
from tools.ledger import BOXED, NUMBER, PAGES, claims, lessons, places, taught
from tools.quiz import questions

ROOT = Path(__file__).resolve().parents[1]
SECTIONS = [
    "00_learning_rate",
    "01_step",
    "02_exponential",
    "03_cosine",
    "04_sgdr",
    "05_plateau",
    "06_warmup",
    "07_one_cycle",
    "08_pytorch",
    "09_lr_finder",
    "10_batch_size",
    "11_recipes",
    "12_capstone",
]
EACH = pytest.mark.parametrize("source", lessons(), ids=lambda source: source.stem)
CLAIMS = claims()
TAUGHT = taught()
LEDGER_SIZE = {"A": 77, "B": 43, "C": 65, "D": 59, "E": 40}


def cells(source: Path, kind: str = "markdown") -> list[str]:
    notebook = jupytext.read(source, fmt="py:percent")
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def test_there_are_thirteen():
    assert [source.stem for source in lessons()] == SECTIONS


# Shape -------------------------------------------------------------------------------------------


@EACH
def test_a_lesson_begins_with_minutes_and_three_to_five_goals(source):
    first = cells(source)[0]
    assert first.startswith(f"# {source.stem[:2]} ")
    minutes = re.search(r"\*\*(\d+) minutes\.\*\*", first)
    assert minutes, "the first cell says how long it takes: **30 minutes.**"
    assert 20 <= int(minutes[1]) <= 40
    assert 3 <= len(re.findall(r"^\d\. ", first, re.MULTILINE)) <= 5


@EACH
def test_a_lesson_opens_with_its_versions_and_a_question(source):
    assert "lrcourse.__version__" in cells(source, "code")[0]
    question = cells(source)[1]
    assert re.search(r"^## A question", question, re.MULTILINE)
    assert re.search(r"\*\*[abc]\)\*\*", question)


@EACH
def test_a_lesson_ends_with_what_we_saw_questions_and_reading(source):
    text = "\n".join(cells(source))
    order = ["## What we saw", "## Three quick questions", "## Next", "## Further reading"]
    at = [text.find(f"\n{heading}") for heading in order]
    assert all(place > 0 for place in at), dict(zip(order, at, strict=True))
    assert at == sorted(at)
    assert len(questions(text[at[1] : at[2]])) == 3
    assert "index.ipynb" in text[at[2] : at[3]]
    assert re.search(r"arxiv\.org/abs/\d{4}\.\d{4,5}|https://", text[at[3] :])


@EACH
def test_a_lesson_is_played_with_and_measured(source):
    code = "\n".join(cells(source, "code"))
    assert re.search(r"^explore\(", code, re.MULTILINE)
    assert "assert " in code
    assert re.search(r"train\(|compare\(|bowls\(|budgets\(|CLAIMS\[|\.run\(", code)


@EACH
def test_a_lesson_leads_to_the_next(source):
    number = int(source.stem[:2])
    if number + 1 < len(SECTIONS):
        text = "\n".join(cells(source))
        assert f"({SECTIONS[number + 1]}.ipynb)" in text[text.index("\n## Next") :]


@EACH
def test_words_are_plain(source):
    """No em dash, no sales talk, nothing that makes a learner feel slow."""
    text = "\n".join(cells(source))
    code_free = re.sub(r"`[^`]*`|\$[^$]*\$", "", text)
    found = re.findall(
        r"—|\b(?:simply|obviously|trivial(?:ly)?|of course|delve|crucial|powerful|seamless\w*|"
        r"leverage[sd]?|game.changer|easy peasy|needless to say)\b",
        code_free,
        re.IGNORECASE,
    )
    assert found == []


# Numbers -----------------------------------------------------------------------------------------


@EACH
def test_no_result_is_typed(source):
    assert list(typed_results(source)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Cosine was better by 0.7 points.", ["0.7"]),
        ("It reached 93 % of the digits.", ["93 %"]),
        ("It reached 97.5% of the digits.", ["97.5%"]),
        ("The gain was 2 ± 1 points.", ["± 1"]),
        ("The peak 0.1 is in the code, `0.7` is code, and $0.7$ is a formula.", []),
        ("Goyal et al. report 0.7 ([paper](https://arxiv.org/abs/1706.02677)).", []),
        ("A link ([a](https://x.org)) is no excuse.\n\nHere: 0.7.", ["0.7"]),
        ("- a source [a](https://x.org) 0.7\n- none 0.8", ["0.8"]),
        ("torch 2.13.0 and section 3 and update 40 and a 95% interval", []),
    ],
)
def test_the_lint_knows_a_typed_result(text, found):
    assert [number for number, _ in typed_in(text, {0.1})] == found


# The ledger --------------------------------------------------------------------------------------


def test_the_ledger_is_whole():
    wanted = [f"{table}{k}" for table, size in LEDGER_SIZE.items() for k in range(1, size + 1)]
    assert [claim.number for claim in CLAIMS] == wanted


def test_every_claim_has_its_place():
    nowhere = [claim.number for claim in CLAIMS if claim.number not in TAUGHT]
    assert nowhere == []


def test_no_cell_names_a_claim_that_is_not_in_the_ledger():
    assert set(TAUGHT) <= {claim.number for claim in CLAIMS}


@pytest.mark.parametrize(
    "claim", [c for c in CLAIMS if c.verdict in BOXED], ids=lambda claim: claim.number
)
def test_what_is_wrong_or_disputed_has_a_box(claim):
    boxes = [place.box for place in TAUGHT[claim.number] if place.box]
    assert boxes, (
        f"{claim.number} ({claim.claim}) needs: > **You will read** that ... Let us check."
    )
    assert all(len(box["truth"]) > 40 for box in boxes)


@EACH
def test_each_box_stands_alone_in_its_cell_and_has_a_number(source):
    numbered = {place.text for place in places(source)}
    for text in cells(source):
        assert text.count("**You will read**") <= 1
        if "**You will read**" in text:
            assert text in numbered, f"a box without a number: {text[:80]}"
            assert next(place for place in places(source) if place.text == text).box, text[:80]


def test_the_lecture_notes_are_not_named():
    text = "\n".join(source.read_text("utf-8") for source in lessons())
    assert not re.search(r"\b(?:note|notes) 00\d\b|\bledger\b", text)


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_those_of_the_lessons(name):
    assert (ROOT / "docs" / name).read_text("utf-8") == PAGES[name](), "run tools/ledger.py"


def test_a_claim_without_a_cell_is_seen(tmp_path, monkeypatch):
    """The tags are read from the sources: one that is lost is missed on the page, too."""
    (tmp_path / "sources").mkdir()
    for source in [*lessons(), ROOT / "sources" / "ledger.csv"]:
        text = source.read_text("utf-8").replace('"A11"', '"other"')
        (tmp_path / "sources" / source.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(ledger, "ROOT", tmp_path)
    assert "A11" not in taught()
    assert "| A11 |" in ledger.ledger_page()
    assert "**nowhere**" in ledger.ledger_page()


@pytest.mark.parametrize("name", PAGES)
def test_the_links_of_the_pages_lead_to_headings(name):
    """An anchor of Jupyter is the heading with dashes for spaces."""
    text = (ROOT / "docs" / name).read_text("utf-8")
    links = set(re.findall(r"\]\(\.\./notebooks/([\w-]+\.ipynb)(?:#([^)\s]+))?\)", text))
    assert links
    for notebook, anchor in links:
        assert (ROOT / "notebooks" / notebook).exists(), notebook
        if anchor:
            assert anchor in anchors(notebook), f"{notebook}#{anchor}"


def anchors(notebook: str) -> set[str]:
    read = nbformat.read(ROOT / "notebooks" / notebook, as_version=4)
    text = "\n".join(cell.source for cell in read.cells if cell.cell_type == "markdown")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {ledger.anchor(heading) for heading in headings}


def test_a_number_of_the_ledger_is_a_letter_and_a_count():
    assert all(NUMBER.fullmatch(claim.number) for claim in CLAIMS)
