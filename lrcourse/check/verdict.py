"""What a check found, for a program (fields), a terminal (text) and a notebook (HTML)."""

import html
import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from lrcourse.plots import Picture, plot_rates, show
from lrcourse.tasks import Mistake, Task

Status = Literal["right", "wrong", "not attempted"]
MARKS = {"right": "✓", "wrong": "✗", "not attempted": "…"}
CLOCKS = {"t =": 0, "check": 1}  # what the places of a curve begin with: the first number
COLOURS = {"right": "#009e73", "wrong": "#d55e00", "not attempted": "#767676"}


@dataclass(frozen=True)
class Verdict:
    """Right, wrong or not attempted; where, and which mistake it looks like.

    `note` is a word about a right answer that would break elsewhere.
    """

    task: Task
    status: Status
    sentence: str
    mistake: Mistake | None = None
    place: str = ""  # where the first wrong value is, such as "t = 30"
    got: Any = None
    expected: Any = None
    note: str = ""
    others: tuple[Mistake, ...] = ()  # of the other values, where several are wrong
    curves: dict[str, np.ndarray] = field(default_factory=dict)  # yours and the expected one

    @cached_property
    def picture(self) -> Picture | None:
        """Both curves of the first case that went wrong, drawn when somebody looks."""
        if not self.curves:
            return None
        steps = len(self.curves["expected"])
        told = f"Your curve and the expected one, {steps} numbers each; they part at {self.place}."
        return show(self.axes(), told)

    def axes(self) -> Any:
        """Both curves, drawn, with a line where they part."""
        clock, _, number = self.place.rpartition(" ")
        axes = plot_rates(expected=self.curves["expected"], yours=self.curves["yours"])
        axes.set_ylabel("what the function gives")
        axes.locator_params("x", integer=True)
        values = np.concatenate(list(self.curves.values()))
        if values.min() > values.max() / 2:  # zero is far below: look closer
            axes.autoscale(axis="y")
        if first := CLOCKS[clock]:
            axes.set_xlabel(clock)
            axes.xaxis.set_major_formatter(lambda at, _: f"{at + first:.0f}")
        axes.axvline(int(number) - first, color="0.5", linestyle=":")
        return axes

    @property
    def lines(self) -> list[str]:
        """The verdict as sentences, the most important first."""
        lines = [f"{MARKS[self.status]} {self.task.id} {self.status}: {self.sentence}"]
        if self.mistake and self.task.kind == "quiz":  # the feedback of each choice
            lines += [each.lesson for each in (self.mistake, *self.others)]
        elif self.mistake and isinstance(self.got, str):  # a word: no need to guess
            lines += [f"{each.name}: {each.lesson}" for each in (self.mistake, *self.others)]
        elif self.mistake:
            lines.append(f"It looks like this mistake: {self.mistake.name}. {self.mistake.lesson}")
            lines += [f"And this one: {other.name}. {other.lesson}" for other in self.others]
        if self.note:
            lines.append(self.note)
        if self.status == "wrong":
            lines.append(f'For a hint: hint("{self.task.id}")')
        return lines

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        picture = self.picture.html if self.picture else ""
        plain = repr(self)
        if os.environ.get("NBGRADER_EXECUTION") == "autograde":  # it reads the points from here
            plain = str(self.task.points if self.status == "right" else 0)
        return {"text/plain": plain, "text/html": box(self.lines, COLOURS[self.status], picture)}


@dataclass(frozen=True)
class Message:
    """A few lines that are not about an answer: hints, solutions, a wrong use of check()."""

    lines: tuple[str, ...]
    code: str = ""

    def __repr__(self) -> str:
        return "\n".join([*self.lines, self.code] if self.code else self.lines)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        code = f"<pre>{html.escape(self.code)}</pre>" if self.code else ""
        return {"text/plain": repr(self), "text/html": box(self.lines, "#0072b2", code)}


def box(lines: list[str] | tuple[str, ...], colour: str, more: str) -> str:
    """The lines as HTML behind a coloured edge, in bold up to the first colon; nothing in them is
    markup."""
    head, colon, rest = map(html.escape, lines[0].partition(": "))
    rows = "".join(f"<div>{html.escape(line)}</div>" for line in lines[1:])
    return (
        f'<div style="border-left:6px solid {colour};padding:4px 12px" role="status">'
        f"<div><b>{head}{colon}</b>{rest}</div>{rows}{more}</div>"
    )
