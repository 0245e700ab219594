"""Questions with choices: the build turns a cell tagged "quiz" into answers that open one by one.

    **1. Which rate does the tenth update use?**

    - [x] `0.1`
      The tenth update has t = 9, and the first drop comes at t = 10.
    - [ ] `0.05`
      That is the eleventh: t counts from 0.

Each choice becomes a `<details>` that opens by mouse, by key and without a kernel, and gives the
feedback for that choice. The feedback is written in character references, which every browser
reads and nobody else does: who opens the file as text does not see the answers.
"""

import re
from html import escape
from typing import NamedTuple

from nbformat import NotebookNode

CHOICE = re.compile(
    r"^- \[(?P<mark>[x ])\] (?P<text>.+)\n(?P<feedback>(?:  .+(?:\n|\Z))+)", re.MULTILINE
)
CODE = re.compile(r"`([^`]+)`")
QUESTION = re.compile(r"^\*\*\d+\. (?P<text>.+)\*\*$", re.MULTILINE)
GAP = "<p></p>"  # after the last choice of a question
VERDICTS = {True: "✓ Right.", False: "✗ Not this one."}


class Choice(NamedTuple):
    """One answer of a question, and what it earns."""

    text: str
    right: bool
    feedback: str


def choices(text: str) -> list[Choice]:
    """The choices that stand in this text, in their order."""
    return [_choice(found) for found in CHOICE.finditer(text)]


def questions(text: str) -> dict[str, list[Choice]]:
    """The choices of each question of a quiz."""
    heads = list(QUESTION.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return {
        head["text"]: choices(text[head.end() : end]) for head, end in zip(heads, ends, strict=True)
    }


def is_quiz(cell: NotebookNode) -> bool:
    """True for a cell tagged "quiz"."""
    return "quiz" in cell.metadata.get("tags", [])


def folded(text: str) -> str:
    """The cell with each choice folded; letters begin anew with each question."""
    letters = {}
    for asked in questions(text).values():
        letters |= {choice: chr(ord("A") + number) for number, choice in enumerate(asked)}
    text = CHOICE.sub(lambda found: _details(_choice(found), letters), text)
    return text.replace("</details>\n\n", f"</details>\n{GAP}\n\n").rstrip("\n")


def _choice(found: re.Match[str]) -> Choice:
    return Choice(found["text"].strip(), found["mark"] == "x", " ".join(found["feedback"].split()))


def _details(choice: Choice, letters: dict[Choice, str]) -> str:
    summary = CODE.sub(lambda code: f"<code>{code[1]}</code>", escape(choice.text, quote=False))
    said = hidden(f"{VERDICTS[choice.right]} {choice.feedback}")
    return f"<details><summary>{letters[choice]}. {summary}</summary>\n\n{said}\n\n</details>\n"


def hidden(text: str) -> str:
    """The text in character references; what stands between backticks is shown as code."""
    parts = CODE.split(text)  # text, code, text, ...
    return "".join(
        f"<code>{_references(part)}</code>" if number % 2 else _references(part)
        for number, part in enumerate(parts)
    )


def _references(text: str) -> str:
    return "".join(letter if letter == " " else f"&#{ord(letter)};" for letter in text)
