"""Questions with choices: each has one right answer, feedback for all, and gives nothing away."""

import html
import re

import jupytext
import nbformat
import pytest

from tools.build import ROOT, Job, notebook_of
from tools.quiz import CHOICE, VERDICTS, folded, is_quiz, questions

SOURCES = [
    source
    for source in sorted((ROOT / "sources").glob("*.py"))
    if 'tags=["quiz"]' in source.read_text("utf-8")
]
EACH = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
FINAL = "final_quiz"
LETTERS = "ABCD"


def quiz_of(source):
    """Every question of a source, with its choices."""
    cells = [cell for cell in jupytext.read(source, fmt="py:percent").cells if is_quiz(cell)]
    return {asked: found for cell in cells for asked, found in questions(cell.source).items()}


def built(source):
    """The quiz cells of the notebook, as text."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{source.stem}.ipynb", as_version=4)
    return "\n".join(cell.source for cell in notebook.cells if is_quiz(cell))


def feedback_of(source):
    return [choice.feedback for found in quiz_of(source).values() for choice in found]


def test_every_lesson_and_the_final_quiz_have_one():
    lessons = {source.stem for source in (ROOT / "sources").glob("[0-9][0-9]_*.py")}
    assert {source.stem for source in SOURCES} == lessons | {FINAL}


@EACH
def test_one_choice_is_right_and_each_has_feedback(source):
    for asked, found in quiz_of(source).items():
        least = 2 if source.stem == FINAL else 3
        assert least <= len(found) <= 4, asked
        assert sum(choice.right for choice in found) == 1, asked
        assert len({choice.text for choice in found}) == len(found), asked
        assert len({choice.feedback for choice in found}) == len(found), asked
        assert all(len(choice.feedback.split()) >= 5 for choice in found), asked


@EACH
def test_every_line_that_looks_like_a_choice_is_one(source):
    """A choice without feedback, or with its feedback not indented, would be left as it is."""
    for cell in jupytext.read(source, fmt="py:percent").cells:
        if is_quiz(cell):
            marked = len(re.findall(r"^\s*[-*] \[", cell.source, re.MULTILINE))
            found = sum(map(len, questions(cell.source).values()))
            assert marked == found == len(CHOICE.findall(cell.source))


@EACH
def test_feedback_is_text_that_every_viewer_shows_alike(source):
    for text in [*feedback_of(source), *(c.text for q in quiz_of(source).values() for c in q)]:
        assert text.count("`") % 2 == 0, text
        assert not re.search(r"\$|\]\(|\*\*|<|—", re.sub(r"`[^`]+`", "", text)), text


@EACH
def test_the_right_answer_has_no_place_of_its_own(source):
    places = [[choice.right for choice in found].index(True) for found in quiz_of(source).values()]
    assert len(set(places)) > 1


@EACH
def test_nobody_reads_the_answers_in_the_file(source):
    text = built(source)
    for feedback in feedback_of(source):
        told = re.findall(r"[A-Za-z]{4,}", feedback)
        assert not re.search(r"\W+".join(told[:4]), text), feedback
    assert not any(verdict.split(maxsplit=1)[1] in text for verdict in VERDICTS.values())


@EACH
def test_a_browser_reads_the_feedback_of_each_choice(source):
    """Opened, the folds say what the source says: verdict, feedback and code, in order."""
    shown = re.findall(r"<summary>(.*?)</summary>\n\n(.*?)\n\n</details>", built(source), re.S)
    expected = []
    for found in quiz_of(source).values():
        for letter, choice in zip(LETTERS, found, strict=False):
            said = f"{VERDICTS[choice.right]} {choice.feedback}"
            expected.append((f"{letter}. {choice.text}".replace("`", ""), said.replace("`", "")))
    assert [tuple(plain(part) for part in pair) for pair in shown] == expected


def plain(text):
    """What a browser shows of this piece of HTML."""
    return html.unescape(re.sub(r"</?code>", "", text))


def test_about_half_of_the_final_sentences_are_true():
    found = quiz_of(ROOT / "sources" / f"{FINAL}.py")
    assert len(found) == 40
    true = sum(choices[0].right for choices in found.values())
    assert all([c.text for c in choices] == ["True", "False"] for choices in found.values())
    assert 14 <= true <= 26


def test_a_fold_hides_code_and_keeps_what_stands_around_it():
    text = "**1. What?**\n\n- [x] `a < b`\n  Because `x & y`.\n- [ ] no\n  Not so.\n\nThe end."
    shown = folded(text)
    assert "A. <code>a &lt; b</code>" in shown
    assert "<code>&#120; &#38; &#121;</code>" in shown
    assert shown.startswith("**1. What?**")
    assert shown.endswith("The end.")


def test_the_build_folds_only_what_is_tagged(tmp_path):
    source = tmp_path / "sources" / "99_nothing.py"
    source.parent.mkdir()
    cell = "# **1. What?**\n#\n# - [x] yes\n#   So it is.\n"
    source.write_text(f'# %% [markdown] tags=["quiz"]\n{cell}\n# %% [markdown]\n{cell}')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tools.build.ROOT", tmp_path)
        tagged, plain_cell = notebook_of(Job(source, "notebooks")).cells
    assert "<details>" in tagged.source
    assert "- [x] yes" in plain_cell.source
