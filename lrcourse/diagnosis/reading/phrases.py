"""Numbers and names as a sentence has them, for the notes and the refusals."""

from collections.abc import Iterable


def count(number: int, thing: str) -> str:
    """The number and the noun in its plural: "1 loss", "12 losses".

    >>> count(1200, "loss")
    '1,200 losses'
    """
    plural = f"{thing}es" if thing.endswith("s") else f"{thing}s"
    return f"{number:,} {thing if number == 1 else plural}"


def quoted(names: Iterable[str], most: int = 12) -> str:
    """Names joined by commas and an "and"; of many, the first, and how many more there are.

    >>> quoted(["step", "loss", "lr"])
    'step, loss and lr'
    """
    shown = [clipped(name) for name in names]
    rest = [f"{len(shown) - most} more"] if len(shown) > most else []
    *first, last = shown[:most] + rest
    return f"{', '.join(first)} and {last}" if first else last


def clipped(text: str) -> str:
    """A text on one short line, as a message must not become a page."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
