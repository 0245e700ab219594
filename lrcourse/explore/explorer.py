"""`explore(StepDecay)`: sliders for every parameter, our curve, and PyTorch's beside it.

Python holds the mathematics: it turns the values of the controls into curves and sentences,
one message per move. `plot.js` turns data into native inputs and a drawing, nothing else.
The only file that imports anywidget.
"""

from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from lrcourse.explore.controls import controls_of, moved
from lrcourse.explore.curves import alternative, change, curves, summary
from lrcourse.plots import Picture, plot_rates, show
from lrcourse.schedules import Schedule, Unit

HERE = Path(__file__).parent
SHOWN = Unit("optimizer updates", 2, 10_000, typical=200, play=(10, 1000), whole=True)

WORDS = {
    "explorer": "Explorer of",
    "time": "optimizer update t",
    "rate": "learning rate η",
    "shown": "updates shown",
    "look": "look at t",
    "log": "logarithmic η",
    "reset": "reset",
    "no_zero": "0 has no place on a logarithmic axis",
}


class Explorer(anywidget.AnyWidget):
    """The widget; `explorer.schedule` is the schedule whose picture is shown.

    Values that a schedule refuses leave the last legal picture in place, and the sentence of
    the refusal appears under it.
    """

    _esm = HERE / "plot.js"
    _css = HERE / "plot.css"

    words = traitlets.Dict(WORDS).tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    controls: Any = traitlets.List().tag(sync=True)
    shown_stops = traitlets.List(list(range(10, 1001, 10))).tag(sync=True)
    values = traitlets.Dict().tag(sync=True, echo_update=False)
    shown = traitlets.Int(min=2, max=10_000).tag(sync=True, echo_update=False)
    picture = traitlets.Dict().tag(sync=True)  # one message per move: curves, status, alt

    def __init__(self, schedule: Schedule, steps: int) -> None:
        self.schedule = schedule
        parts = controls_of(schedule)
        super().__init__(
            title=type(schedule).__name__,
            controls=parts,
            values={control["name"]: control["value"] for control in parts},
            shown=steps,
            picture=_picture(schedule, steps),
        )
        self.observe(self._follow, ["values", "shown"])

    def _follow(self, _: Any) -> None:
        """Compute the picture of the new values, or say why there is none."""
        try:
            schedule = moved(self.schedule, self.values)
            said = change(self.schedule, schedule) or f"{self.shown} updates shown"
            self.picture = _picture(schedule, self.shown, said)
            self.schedule = schedule
        except Exception as error:  # a learner's formula may raise anything: a line, no crash
            self.picture = {**self.picture, "status": _sentence(error), "refused": True}

    def _static(self) -> Picture:
        """The same curves as a PNG, for places where no kernel runs."""
        drawn = curves(self.schedule, self.shown)
        rates: dict[str, Any] = {curve.label: curve.rates for curve in drawn}
        return show(plot_rates(**rates), alternative(drawn))

    def _repr_mimebundle_(self, **options: Any) -> Any:
        view: Any = super()._repr_mimebundle_(**options)
        data, metadata = view
        return {**data, **self._static()._repr_mimebundle_()}, metadata


def explore(schedule: Schedule | type[Schedule], steps: int = 200) -> Explorer:
    """An explorer of a schedule, or of a class of schedules at typical values.

    `steps` is the number of optimizer updates shown at first, from 2 to 10000. A class of your
    own works like ours; where PyTorch has no such schedule there is one curve.
    """
    return Explorer(_start(schedule), _checked_steps(steps))


def _start(schedule: Any) -> Schedule:
    """The schedule to begin with."""
    if isinstance(schedule, Schedule):
        return schedule
    if not (isinstance(schedule, type) and issubclass(schedule, Schedule)):
        raise TypeError(
            f"explore: give a schedule or its class, such as StepDecay; got {schedule!r}"
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


def _checked_steps(steps: Any) -> int:
    try:
        return SHOWN.checked(steps)
    except ValueError as error:
        raise ValueError(f"explore: steps ({SHOWN.meaning}) {error}") from None


def _picture(schedule: Schedule, steps: int, said: str = "") -> dict[str, Any]:
    """Everything that changes with a move, as one plain message."""
    drawn = curves(schedule, steps)
    return {
        "curves": [{"label": c.label, "code": c.code, "rates": c.rates.tobytes()} for c in drawn],
        "status": f"{said}: {summary(drawn)}" if said else summary(drawn),
        "refused": False,
        "alt": alternative(drawn),
    }


def _sentence(error: Exception) -> str:
    """The error as a learner reads it; of an unforeseen one, its kind as well."""
    return str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
