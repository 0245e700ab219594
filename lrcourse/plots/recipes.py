"""The picture of a published recipe, over the clock that is asked for."""

from matplotlib.axes import Axes

from lrcourse.panels import RATE
from lrcourse.plots.parts import axes, dressed, say, style_of
from lrcourse.recipes import Recipe
from lrcourse.recipes.clocks import COUNTED, short
from lrcourse.recipes.course import Course, course


def plot_recipe(recipe: Recipe, clock: str = "steps", ax: Axes | None = None) -> Axes:
    """The learning rate over the whole training; the x axis names the clock.

    A recipe without a schedule on this clock is refused, with what is missing for it.
    """
    return plot_course(course(recipe, clock), ax)


def plot_course(drawn: Course, ax: Axes | None = None, log: bool = False) -> Axes:
    """The same from rates that were computed already; `log` makes equal factors equally high."""
    ax = dressed(ax or axes(), COUNTED[drawn.clock], RATE)
    ax.plot(drawn.t, drawn.rates, **style_of(0))
    ax.set_title(drawn.recipe.title, fontsize=13)
    ax.xaxis.set_major_formatter(lambda value, _: short(value) if value >= 0 else "")
    ax.margins(x=0)
    if log:
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0)
    return say(ax, drawn.words)
