"""`explore(StepDecay)`: sliders, the picture that follows them, and the words that go with it.

Python holds the mathematics: each move is answered with a `View`, in one message. The files in
`front/` turn data into native inputs and a drawing, nothing else. The only file that imports
anywidget.
"""

import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from lrcourse.explore.between import Between
from lrcourse.explore.message import message
from lrcourse.explore.of_schedule import of_schedule
from lrcourse.explore.scene import Scene
from lrcourse.explore.words import WORDS
from lrcourse.panels import View
from lrcourse.plots import Picture, plot_view, show
from lrcourse.schedules import Schedule
from lrcourse.schedules.units import shown

FRONT = Path(__file__).parent / "front"
STILL_SECONDS = "LRCOURSE_STILL_SECONDS"  # a long time where notebooks are built
AHEAD = 0.02  # seconds for the pictures of keys that may never be pressed
SHORT = 0.2  # seconds that a cell waits for a better still before the explorer appears
SCRIPTS = ("numbers.js", "scales.js", "drawing.js", "controls.js", "explorer.js")
SOURCE = "\n".join((FRONT / name).read_text("utf-8") for name in SCRIPTS)  # one module


class Explorer(anywidget.AnyWidget):
    """The widget. `arguments` are the values whose picture is shown, and `view` is the picture.

    A move that the scene refuses leaves the last good picture in place, and the sentence of the
    refusal appears beside the control. Of a scene that yields better and better views, the rest
    is computed between the moves; a new move drops what is left of the old one. Of a scene that
    is computed at once, the page asks for the pictures that the next key may bring, and shows
    them while Python answers the move itself.
    """

    _esm = (FRONT / "loader.js").read_text("utf-8")
    _css = (FRONT / "explorer.css").read_text("utf-8")

    front = traitlets.Unicode(SOURCE).tag(sync=True)
    words = traitlets.Dict(WORDS).tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    presets: Any = traitlets.List().tag(sync=True)
    plays = traitlets.Bool().tag(sync=True)
    controls: Any = traitlets.List().tag(sync=True)
    moved = traitlets.Dict().tag(sync=True, echo_update=False)  # serial, gesture, values
    picture = traitlets.Dict().tag(sync=True)  # the answer to the move of that serial
    ahead: Any = traitlets.Dict({"pictures": []}).tag(sync=True)  # of moves that may come next

    def __init__(self, scene: Scene, arguments: dict[str, Any]) -> None:
        self.scene, self.arguments = scene, arguments
        self._serial, self._gesture = 0, None
        self._said = ""  # what the last move has changed
        self._refused = ""  # why it was refused
        self._pages = 0  # where this explorer is shown
        self._state = ""  # ready | running | stopped | done
        self._work = Between(self._improve, self._end, self._fail)
        self.view = self._first_of(scene.views(arguments))
        self._values = scene.values(arguments)  # what the controls hold
        self._before = self.view, self._values  # when the present gesture began
        super().__init__(
            title=scene.title,
            presets=scene.presets(),
            plays=scene.plays,
            controls=scene.controls(arguments),
            picture=self._message(),
        )
        self.observe(self._follow, "moved")
        self.on_msg(self._hear)
        self._work_if_running()

    # moves ---------------------------------------------------------------------------------------

    def move(self, **values: Any) -> None:
        """Move controls from Python: `explorer.move(step_size=40, first=Constant(0.02))`."""
        schedules = {name: each for name, each in values.items() if isinstance(each, Schedule)}
        known = schedules.keys() & self.arguments.keys()  # what else is given is refused below
        start = self.arguments | {name: schedules[name] for name in known}
        paths = {control["name"]: control["path"] for control in reversed(self.controls)}
        named = {paths.get(name, name): each for name, each in values.items() if name not in known}
        all_values = self.scene.values(start) | named
        serial = self._serial + 1
        self.moved = {"serial": serial, "gesture": f"Python {serial}", "values": all_values}
        self.controls = self.scene.controls(self.arguments)  # the sliders of the page follow

    def _follow(self, change: dict[str, Any]) -> None:
        """Compute the picture of the new values, or say why there is none."""
        moved = change["new"]
        with self._work.lock:
            self._serial = moved["serial"]
            if moved.get("gesture") != self._gesture:  # a drag is one gesture of many moves
                self._gesture, self._before = moved.get("gesture"), (self.view, self._values)
            try:
                arguments = self.scene.arguments(moved["values"], self.arguments)
                view = self._first_of(self.scene.views(arguments))
            except Exception as error:  # a learner's formula may raise anything: a line, no crash
                self._fail(error)
                return
            self.arguments, self.view, self._refused = arguments, view, ""
            now = self.scene.values(arguments)
            self._said = _changes(self._before[1], now)
            if now.keys() != self._values.keys():  # another class of schedule has other fields
                self.controls = self.scene.controls(arguments)
            self._values = now
            self.picture = self._message()
            self._work_if_running()

    def _look_ahead(self, wanted: list[dict[str, Any]]) -> None:
        """Send the pictures that these values would have, as many as are computed in a moment."""
        until = time.monotonic() + AHEAD
        pictures = []
        with self._work.lock:
            if self._work.is_left:  # slow: a picture that was foreseen would be a preview
                return
            for values in wanted:
                picture = self._foreseen(values)
                if picture is None:
                    continue
                pictures.append(picture)
                if time.monotonic() > until:
                    break
            if pictures:
                self.ahead = {"pictures": pictures}

    def _foreseen(self, values: dict[str, Any]) -> dict[str, Any] | None:
        """The picture of these values; None where the move itself has more to say than that."""
        try:
            arguments = self.scene.arguments(values, self.arguments)
            view = next(self.scene.views(arguments))
        except Exception:  # the move will say why
            return None
        if view.done < 1 or self.scene.values(arguments).keys() != self._values.keys():
            return None
        return {**message(view), "alt": self._described(view), "values": values}

    def _first_of(self, views: Iterator[View]) -> View:
        """The first of the views; the rest is work for later, if this one says that more comes."""
        view = next(views)
        self._work.take(views if view.done < 1 else None)
        self._state = "done" if view.done >= 1 else "ready" if self.scene.plays else "running"
        return view

    # slow scenes, and scenes that play -----------------------------------------------------------

    def play(self) -> None:
        """Go on computing better views, between the moves; from the start where all are seen."""
        with self._work.lock:
            self._refused = ""
            if not self._work.is_left:
                self.view = self._first_of(self.scene.views(self.arguments))
            self._state = "running" if self._work.is_left else "done"
            self.picture = self._message()
            self._work_if_running()

    def _work_if_running(self) -> None:
        if self._state == "running":
            self._work.go_on()

    def stop(self) -> None:
        """Stop there; `play` goes on."""
        with self._work.lock:
            self._work.pause()
            if self._state == "running":
                self._state = "stopped"
                self.picture = self._message()

    def finish(self, seconds: float = math.inf) -> None:
        """Compute the best view at once, or the best within so many seconds."""
        self._work.finish(seconds)

    def close(self) -> None:
        """Free the widget, here and on the page."""
        self._work.drop()
        super().close()

    def _improve(self, view: View) -> None:
        self.view = view
        self.picture = self._message()

    def _end(self, view: View | None) -> None:
        self._state = "done"
        self._improve(view or self.view)

    def _fail(self, error: Exception) -> None:
        self._refused = _sentence(error)
        if not self._work.is_left and self._state == "running":
            self._state = "done"
        self.picture = self._message()

    def _hear(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        """What the page says: its buttons, what it may need next, and whether it is still there."""
        kind = content.get("kind", "")
        if kind == "ahead":
            self._look_ahead(content["wanted"])
        answers = {"play": self.play, "stop": self.stop, "here": self._here, "gone": self._gone}
        if kind in answers:
            answers[kind]()

    def _here(self) -> None:
        self._pages += 1
        self._work_if_running()

    def _gone(self) -> None:
        """Nobody looks: the cell was run again, or the notebook was closed."""
        self._pages -= 1
        if self._pages > 0:
            return
        if self.scene.plays:
            self.stop()
        else:
            self._work.pause()

    # what is shown -------------------------------------------------------------------------------

    def _message(self) -> dict[str, Any]:
        numbers = self.view.measure
        compared = numbers.against(self._before[0].measure) if numbers and self._said else ""
        told = "; ".join(filter(None, [compared, self.view.said]))
        return {
            **message(self.view),
            "alt": self._described(self.view),
            "serial": self._serial,
            "state": self._state,
            "said": f"{self._said}: {told}" if self._said else told,
            "refused": self._refused,
            "values": self._values,
        }

    def _described(self, view: View) -> str:
        """The picture for who cannot see it."""
        codes = " ".join(f"{code.label}: {code.text}." for code in view.codes)
        return f"{self.scene.title}. {view.alt} {codes}".strip()

    def still(self, seconds: float = math.inf) -> Picture:
        """The best view of the present values as a PNG, for places where no kernel runs.

        What is not computed after so many `seconds` is left out.
        """
        best = self._played(seconds) if self.scene.plays else self._improved(seconds)
        return show(plot_view(best), self._described(best))

    def _improved(self, seconds: float) -> View:
        self.finish(seconds)
        return self.view

    def _played(self, seconds: float) -> View:
        """The end of the play, although nobody has pressed the button."""
        until = time.monotonic() + seconds
        for view in self.scene.views(self.arguments):  # noqa: B007
            if time.monotonic() > until:
                break
        return view

    def _repr_mimebundle_(self, **options: Any) -> Any:
        view: Any = super()._repr_mimebundle_(**options)
        data, metadata = view
        still = self.still(float(os.environ.get(STILL_SECONDS, SHORT)))
        self._work_if_running()
        return {**data, **still._repr_mimebundle_()}, metadata


def explore(
    what: Schedule | type[Schedule] | Scene | Callable[..., Any],
    second: Schedule | type[Schedule] | None = None,
    steps: int | None = None,
    **start: Any,
) -> Explorer:
    """An explorer of a schedule, of a class of schedules, or of a scene such as `noisy_valley`.

    `second` is a schedule to compare with, and `steps` the number of optimizer updates shown at
    first, from 2 to 10000. A scene starts at the values in `start`: explore(restarts, stretch=3).
    A class of your own works like ours; so does a function of your own whose arguments have
    units, see `lrcourse.explore.scene`.
    """
    second_name, steps_name = "second", "steps"  # a scene may have arguments of these names
    if callable(what) and not isinstance(what, type | Schedule):
        made = what if isinstance(what, Scene) else Scene(what)
    elif isinstance(what, Scene):
        made = what
    else:
        made = of_schedule(_start(what))
        second_name, steps_name = "compare_with", "shown"
    start |= {} if second is None else {second_name: second}
    start |= {} if steps is None else {steps_name: steps}
    return Explorer(made, made.start(**start))


def _start(schedule: Any) -> Schedule:
    """The schedule to begin with."""
    if isinstance(schedule, Schedule):
        return schedule
    if not (isinstance(schedule, type) and issubclass(schedule, Schedule)):
        raise TypeError(
            f"explore: give a schedule or its class, such as StepDecay, or a scene; "
            f"got {shown(schedule)}"
        )
    if not is_dataclass(schedule):
        return schedule()  # the base class says what is missing
    try:
        return schedule.example()
    except TypeError:
        raise TypeError(
            f"explore: {schedule.__name__} has a field without a unit (such as LR or Steps) and "
            f"without a default; give explore a schedule, such as {schedule.__name__}(...)"
        ) from None


def _changes(before: dict[str, Any], now: dict[str, Any]) -> str:
    """What differs: "step_size = 40, gamma = 0.5"."""
    changed = [path for path in now if path in before and before[path] != now[path]]
    return ", ".join(_told(path, now[path]) for path in changed[:3])


def _told(path: str, value: Any) -> str:
    """One changed value: "step_size = 40"; a painted curve is not read out."""
    name = path.rpartition(".")[2]
    return f"{name} painted" if isinstance(value, list) else f"{name} = {value}"


def _sentence(error: Exception) -> str:
    """The error as a learner reads it; of an unforeseen one, its kind as well."""
    return str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
