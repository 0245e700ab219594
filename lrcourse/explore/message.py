"""A `View` as the message that the front end draws: plain values, and numbers as bytes."""

from typing import Any

import numpy as np

from lrcourse.panels import Axis, Band, Curve, Dots, Mark, Panel, Rule, View


def message(view: View) -> dict[str, Any]:
    """The whole picture; every array is float64 in bytes, which no text could hold exactly."""
    table = view.table and {"columns": view.table.columns, "rows": view.table.rows}
    return {
        "panels": [_panel(panel) for panel in view.panels],
        "codes": [{"label": c.label, "text": c.text, "style": c.style} for c in view.codes],
        "table": table,
        "done": view.done,
    }


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "x": _axis(panel.x),
        "y": _axis(panel.y),
        "marks": [_mark(mark) for mark in panel.marks],
        "height": panel.height,
        "cursor": panel.cursor,
        "draws": panel.draws,
        "title": panel.title,
    }


def _axis(axis: Axis) -> dict[str, Any]:
    return {
        "label": axis.label,
        "low": axis.low,
        "high": axis.high,
        "log": axis.log,
        "tight": axis.tight,
    }


def _mark(mark: Mark) -> dict[str, Any]:
    kind = type(mark).__name__.lower()
    if isinstance(mark, Rule):
        at = {"x": mark.x, "y": mark.y, "moves": mark.moves}
        return {"kind": kind, "label": mark.label, "style": mark.style, **at}
    if isinstance(mark, Band):
        numbers = {"x": _x(mark), "low": _bytes(mark.low), "high": _bytes(mark.high)}
        return {"kind": kind, "label": "", "style": mark.style, **numbers}
    numbers = {"x": _x(mark), "y": _bytes(mark.y)}
    if isinstance(mark, Dots):
        return {"kind": kind, "label": mark.label, "style": mark.style, **numbers}
    flags = {"held": mark.held, "faint": mark.faint, "early": mark.early}
    return {"kind": kind, "label": mark.label, "style": mark.style, **flags, **numbers}


def _x(mark: Curve | Band | Dots) -> bytes | None:
    """None stands for 0, 1, 2, ..."""
    return None if mark.x is None else _bytes(mark.x)


def _bytes(numbers: Any) -> bytes:
    return np.ascontiguousarray(numbers, dtype=np.float64).tobytes()
