"""What a command says, in characters that the terminal can show."""

import codecs
import textwrap

WIDEST = 100

PLAIN = {  # where a code page has no Greek and no mathematics
    "η": "eta",
    "γ": "gamma",
    "τ": "tau",
    "π": "pi",
    "σ": "sigma",
    "√": "sqrt",
    "½": "1/2",
    "⌊": "floor(",
    "⌋": ")",
    "·": "*",
    "≤": "<=",
    "≥": ">=",
    "←": "<-",
    "→": "->",
    "−": "-",
    "–": "-",
    "…": "...",
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
}


def spelled_out(error: UnicodeError) -> tuple[str, int]:
    """A handler for `str.encode`: "η" becomes "eta", what has no spelling becomes "?"."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(PLAIN.get(letter, "?") for letter in lost), error.end


codecs.register_error("lrcourse.spelled_out", spelled_out)


def printable(text: str, encoding: str | None) -> str:
    """`text` in the letters of `encoding`."""
    encoding = encoding or "utf-8"
    return text.encode(encoding, "lrcourse.spelled_out").decode(encoding)


def can_show(text: str, encoding: str | None) -> bool:
    """Whether `encoding` has every character of `text`."""
    return printable(text, encoding) == text


def wrapped(text: str, first: str = "", later: str = "", width: int = WIDEST) -> list[str]:
    """Lines of at most `width`, the first and the later ones indented; names stay whole."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
