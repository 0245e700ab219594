"""A picture in a file, for `lrcourse plot --out`: what needs matplotlib, which loads slowly."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lrcourse.plots import numbered, plot_rates, show
from lrcourse.schedules import Schedule

UNDATED: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}


def save(
    path: Path,
    schedules: Sequence[Schedule],
    theirs: Sequence[np.ndarray],
    steps: int,
    log: bool,
    alt: str,
) -> None:
    """Draw schedules, and PyTorch's recorded rates, into a file: .png, .svg or .pdf."""
    played = [rates[np.isfinite(rates)] for rates in theirs]
    torchs: dict[str, Any] = dict(zip(numbered(["PyTorch"] * len(played)), played, strict=True))
    ax = plot_rates(*schedules, steps=steps, y_scale="log" if log else "linear", **torchs)
    picture, kind = show(ax, alt), path.suffix[1:].lower()
    if kind == "png":
        path.write_bytes(picture.png)
    else:
        figure: Any = ax.figure
        figure.savefig(path, format=kind, bbox_inches="tight", metadata=UNDATED[kind])
