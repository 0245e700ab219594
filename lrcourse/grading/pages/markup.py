"""HTML in which everything is escaped, unless it was made here.

Not f-strings, where one forgotten escape() is silent; nor a template language, for two pages that
are mostly tables. mypy tells `str`, which is escaped, from `Html`, which is markup already.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape

MOST_IN_LINE = 300  # characters of somebody else's text in a line of ours
MOST_IN_BLOCK = 20_000  # and of what they printed
WITHOUT_END = {"meta", "br"}
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")  # of a terminal
# Control characters, halves of a character, and signs that turn the order of what follows.
UNSHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)


class Html(str):
    """Markup; any other text is escaped where it is put in."""

    __slots__ = ()


def element(tag: str, *content: object, **attributes: object) -> Html:
    """<tag attribute="...">content</tag>; `class_` and `aria_label` are written as in HTML.

    An attribute that is None is left out. What is no Html is escaped.

    >>> element("p", "1 < 2", class_="small")
    '<p class="small">1 &lt; 2</p>'
    """
    head = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_escaped(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in WITHOUT_END:
        return Html(f"<{tag}{head}>")
    return Html(f"<{tag}{head}>{joined(content)}</{tag}>")


def joined(content: Iterable[object], between: str = "") -> Html:
    """One after the other."""
    return Html(between.join(_escaped(part) for part in content))


def _escaped(value: object) -> str:
    return value if isinstance(value, Html) else escape(shown(str(value)))


def shown(text: str) -> str:
    """The text with a � for every character that has no picture, or that would move others."""
    return UNSHOWN.sub("�", COLOURS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def shortened(text: str, most: int) -> str:
    """The first `most` characters, and how many are left out."""
    left_out = len(text) - most
    return text if left_out <= 0 else f"{text[:most]} … ({left_out:,} more characters)"


def theirs(text: object, most: int = MOST_IN_LINE) -> Html:
    """Somebody else's words in a line of ours: short, and with a writing direction of their own."""
    words = shortened(str(text), most)
    return element("bdi", words, class_="theirs") if words else Html("")


def their_block(text: object, most: int = MOST_IN_BLOCK) -> Html:
    """Many lines of somebody else, as they are."""
    return element("pre", shortened(str(text), most), dir="auto")


def folded(summary: str, *content: object) -> Html:
    """Shown when somebody asks for it; it needs no script."""
    return element("details", element("summary", summary), *content)


def table(caption: str, heads: Sequence[object], rows: Iterable[Iterable[object]]) -> Html:
    """Rows whose first cell is their heading, in a box that moves sideways where it is too wide.

    Three columns fit on a phone; more may have to be moved, so the keyboard can reach them.
    """
    titles = element("tr", *(element("th", head, scope="col") for head in heads))
    lines = [
        element("tr", element("th", first, scope="row"), *(element("td", each) for each in rest))
        for first, *rest in rows
    ]
    inner = element(
        "table",
        element("caption", caption),
        element("thead", titles),
        element("tbody", joined(lines, "\n")),
    )
    reached = {"role": "group", "aria_label": caption, "tabindex": 0} if len(heads) > 3 else {}
    return element("div", inner, class_="wide", **reached)


def described(pairs: Iterable[tuple[str, object]]) -> Html:
    """Names and what belongs to them, where there is something."""
    return element(
        "dl",
        *(
            element("div", element("dt", name), element("dd", value))
            for name, value in pairs
            if value
        ),
    )
