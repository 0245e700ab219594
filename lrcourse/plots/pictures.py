"""A finished figure as the output of a cell: a PNG that repeats its bytes, with words."""

import base64
import io
import sys
from dataclasses import dataclass, field
from html import escape
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrcourse.plots.parts import described, end_labels, is_outside, spread_end_labels


@dataclass(frozen=True)
class Picture:
    """A PNG with its text alternative; a notebook shows the one, a screen reader says the other."""

    png: bytes = field(repr=False)
    alt: str

    @property
    def html(self) -> str:
        """The `<img>`, the same bytes in every run."""
        data = base64.b64encode(self.png).decode()
        return (
            f'<img alt="{escape(self.alt)}" style="max-width:100%" '
            f'src="data:image/png;base64,{data}">'
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.alt}


def show(drawing: Axes | Figure, alt: str | None = None) -> Picture:
    """The finished figure as the output of a cell; `alt` says in words what is to be seen.

    Without `alt` the figure speaks for itself, where it can: see `described`.
    """
    figure = drawing.get_figure(root=True) if isinstance(drawing, Axes) else drawing
    if not isinstance(figure, Figure):
        raise TypeError(f"show: the first argument must be an Axes or a Figure, got {drawing!r}")
    alt = described(figure) if alt is None else alt
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError("show: alt must say in words what the figure shows, got no text")
    if figure.get_layout_engine() is None:  # plt.subplots() keeps no room for labels
        figure.set_layout_engine("constrained")
    _settle(figure)
    png = _png(figure)
    _close(figure)
    return Picture(png, alt.strip())


def _settle(figure: Figure) -> None:
    """Labels lie where they are read, although sizes, limits or scales have changed since."""
    for _ in range(2):  # a label far outside has made the first layout too small
        figure.draw_without_rendering()
        for ax in figure.axes:
            spread_end_labels(ax)
        if not any(is_outside(label, ax) for ax in figure.axes for label in end_labels(ax)):
            return


def _png(figure: Figure) -> bytes:
    """The picture, the same bytes in every run: matplotlib's version is left out."""
    file = io.BytesIO()
    figure.savefig(
        file,
        format="png",
        dpi=120,
        bbox_inches="tight",
        facecolor="white",  # black axes on a dark page would vanish
        metadata={"Software": None},
    )
    return file.getvalue()


def _close(figure: Figure) -> None:
    """Forget a figure made by pyplot, or the notebook would show it a second time."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)
