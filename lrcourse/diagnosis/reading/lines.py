"""The lines of a text, and what to say of a last one that is still being written."""

from collections.abc import Iterable, Iterator


class Lines(Iterator[str]):
    """Hands out the lines; `number` is that of the last one, from 1 on.

    `is_whole` says whether it ended as a line does. The last line of a log whose training
    still runs often does not, and only such a line may be left out.
    """

    def __init__(self, text: Iterable[str]) -> None:
        self._text = iter(text)
        self.number = 0
        self.is_whole = True

    def __next__(self) -> str:
        line = next(self._text)
        self.number += 1
        self.is_whole = line.endswith(("\n", "\r"))
        return line


def cut_off(number: int) -> str:
    """The note on a last line without its end."""
    return f"line {number}, the last, is cut off and was left out"
