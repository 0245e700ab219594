"""A picture in a file, for `lrcourse plot --out`: what needs matplotlib, which loads slowly."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lrcourse.plots import plot_rates, show
from lrcourse.schedules import SCHEDULES, Product, Schedule, Sequential

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
    plain = [schedule for schedule in schedules if type(schedule).__name__ in SCHEDULES]
    composed = [schedule for schedule in schedules if type(schedule).__name__ not in SCHEDULES]
    t = np.arange(steps)
    recorded = [(short_name(schedule), schedule(t)) for schedule in composed]
    recorded += [("PyTorch", rates[np.isfinite(rates)]) for rates in theirs]
    curves: dict[str, Any] = numbered(recorded)
    ax = plot_rates(*plain, steps=steps, y_scale="log" if log else "linear", **curves)
    picture, kind = show(ax, alt), path.suffix[1:].lower()
    if kind == "png":
        path.write_bytes(picture.png)
    else:
        figure: Any = ax.figure
        figure.savefig(path, format=kind, bbox_inches="tight", metadata=UNDATED[kind])


def short_name(schedule: Schedule) -> str:
    """The classes of a composition without their parameters: "LinearWarmup >> CosineDecay"."""
    if isinstance(schedule, Sequential):
        return " >> ".join(map(short_name, schedule.parts))
    if isinstance(schedule, Product):
        return " * ".join(map(short_name, schedule.schedules))
    return type(schedule).__name__


def numbered(recorded: Sequence[tuple[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Every curve under a name of its own: "PyTorch", "PyTorch (2)"."""
    found: dict[str, np.ndarray] = {}
    for name, rates in recorded:
        alike = sum(1 for other, _ in recorded[: len(found)] if other == name)
        found[f"{name} ({alike + 1})" if alike else name] = rates
    return found
