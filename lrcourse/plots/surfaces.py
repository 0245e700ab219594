"""Trajectories over a landscape that has two coordinates."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lrcourse.plots.parts import END_LABEL_SIZE, axes, dressed, say, style_of

ENDS = (("o", "●"), ("s", "■"), ("D", "◆"), ("^", "▲"), ("v", "▼"), ("*", "★"))  # by group


def plot_surface(
    heights: Callable[[np.ndarray], Any] | Any,
    paths: Mapping[str, np.ndarray] | None = None,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Contours of a landscape, and the paths of runs over it.

    `heights` gives f(w) of points (..., 2), or is a surface with such a method. `paths` holds
    (runs, steps, 2) under each name, such as `run.weights`; a white circle stands where a run
    starts. Without ranges the picture is as
    wide as the paths. Contours enclose equal shares of the picture, not equal heights: ravines
    and wells can be seen in one landscape.
    """
    heights = getattr(heights, "heights", heights)
    if not callable(heights):
        raise ValueError(f"plot_surface: heights must be a function of points, got {heights!r}")
    groups = {name: _path(name, path) for name, path in (paths or {}).items()}
    points = np.concatenate([path.reshape(-1, 2) for path in groups.values()] or [np.empty((0, 2))])
    ranges = [_range(*each) for each in zip("xy", (x_range, y_range), points.T, strict=True)]
    ax = dressed(ax or axes(6.0, 4.6), "coordinate w₁", "coordinate w₂")
    _draw_contours(ax, heights, *ranges)
    for number, (name, path) in enumerate(groups.items()):
        _draw_paths(ax, name, path, number)
        say(ax, _path_in_words(name, path, heights))
    ax.set(xlim=ranges[0], ylim=ranges[1])
    if not groups:
        say(ax, "Contours of a landscape over two coordinates.")
    return ax


def contour_lines(
    heights: Callable[[np.ndarray], Any] | Any,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    count: int = 12,
) -> tuple[np.ndarray, np.ndarray]:
    """The contours of `plot_surface` as one line (x, y), each (n,), with NaN between two of them.

    For pictures that are drawn without matplotlib. `count` is the number of heights.
    """
    heights = getattr(heights, "heights", heights)
    x, y, z = _grid(heights, x_range, y_range, points=81)
    levels = _levels(z, count + 2)[1:-1]  # the lowest and the highest are points
    lines = [line for each in axes().contour(x, y, z, levels=levels).allsegs for line in each]
    gap = np.full((1, 2), np.nan)
    joined = np.concatenate([part for line in lines if len(line) > 1 for part in (line, gap)])
    return joined[:-1, 0], joined[:-1, 1]


def _grid(heights: Callable, x_range: Any, y_range: Any, points: int) -> tuple[np.ndarray, ...]:
    x, y = (np.linspace(low, high, points) for low, high in (x_range, y_range))
    return x, y, np.asarray(heights(np.stack(np.meshgrid(x, y), axis=-1)), dtype=float)


def _levels(z: np.ndarray, count: int) -> np.ndarray:
    """Heights that enclose equal shares of the picture."""
    return np.unique(np.quantile(z[np.isfinite(z)], np.linspace(0, 1, count)))


def _draw_contours(ax: Axes, heights: Callable, x_range: Any, y_range: Any) -> None:
    x, y, z = _grid(heights, x_range, y_range, points=121)
    levels = _levels(z, 15)
    ax.contourf(x, y, z, levels=levels, cmap="Greys", alpha=0.35, zorder=0)
    ax.contour(x, y, z, levels=levels, colors="#999999", linewidths=0.7, zorder=0.5)
    ax.grid(False)


def _draw_paths(ax: Axes, name: str, path: np.ndarray, number: int) -> None:
    """Thin lines from a white circle to the mark of the group, which its name shows again."""
    style = style_of(number) | {"linewidth": 1.5 if len(path) == 1 else 0.9}
    for run in path:
        ax.plot(run[:, 0], run[:, 1], **style, alpha=1.0 if len(path) == 1 else 0.6)
    marker, symbol = ENDS[number % len(ENDS)]
    first, last = path[:, 0].T, path[:, -1].T
    ax.scatter(first[0], first[1], s=60, color="white", ec="black", zorder=4)
    ax.scatter(last[0], last[1], s=60, color=style["color"], ec="white", zorder=5, marker=marker)
    ax.annotate(
        f"{symbol} {name}",
        xy=(1, 1),
        xycoords="axes fraction",
        xytext=(8, -9 - 20 * number),
        textcoords="offset points",
        color=style["color"],
        fontsize=END_LABEL_SIZE,
        fontweight="bold",
        verticalalignment="center",
    )


def _path_in_words(name: str, path: np.ndarray, heights: Callable) -> str:
    first, last = (float(np.mean(heights(path[:, t]))) for t in (0, -1))
    runs = "1 run" if len(path) == 1 else f"{len(path)} runs"
    return f"{name}: {runs}, from a mean height of {first:.3g} to {last:.3g}."


def _path(name: str, path: Any) -> np.ndarray:
    path = np.asarray(path, dtype=float)
    if path.ndim != 3 or path.shape[-1] != 2 or 0 in path.shape:
        raise ValueError(
            f"plot_surface: the path {name} must have the shape (runs, steps, 2), got {path.shape}"
        )
    return path


def _range(axis: str, given: Any, points: np.ndarray) -> tuple[float, float]:
    """As given, or a little wider than the points."""
    if given is not None:
        return given
    points = points[np.isfinite(points)]
    if not len(points):
        raise ValueError(f"plot_surface: give paths, or {axis}_range=(-1, 1), say; got neither")
    low, high = points.min(), points.max()
    margin = 0.12 * (high - low) or 1.0
    return low - margin, high + margin
