"""Figures of the course: every one has labelled axes and a text alternative.

Functions draw on `ax` and return it; `show` turns the result into the output of a cell. Each
curve has its own colour (the palette of Okabe and Ito, told apart by colour-blind people) and
its own dashes, and carries its name at its end, where a legend cannot be confused. Figures of
experiments say in words what they show (`described`), computed from the numbers they draw.

The only folder that imports matplotlib. Nothing global is changed: no pyplot, no rcParams.
"""

from lrcourse.plots.batch_size import (
    plot_critical_batch,
    plot_critical_cost,
    plot_critical_rate,
)
from lrcourse.plots.diagnosis import plot_diagnosis
from lrcourse.plots.finder import plot_range_test
from lrcourse.plots.panels import plot_panel, plot_view
from lrcourse.plots.parts import STYLES, LineStyle, axes, described
from lrcourse.plots.pictures import Picture, show
from lrcourse.plots.rates import numbered, plot_gallery, plot_rates
from lrcourse.plots.recipes import plot_recipe
from lrcourse.plots.studies import plot_bowls, plot_budgets, plot_forest
from lrcourse.plots.surfaces import contour_lines, plot_surface
from lrcourse.plots.training import band, plot_runs, plot_training

__all__ = [
    "STYLES",
    "LineStyle",
    "Picture",
    "axes",
    "band",
    "contour_lines",
    "described",
    "numbered",
    "plot_bowls",
    "plot_budgets",
    "plot_critical_batch",
    "plot_critical_cost",
    "plot_critical_rate",
    "plot_diagnosis",
    "plot_forest",
    "plot_gallery",
    "plot_panel",
    "plot_range_test",
    "plot_rates",
    "plot_recipe",
    "plot_runs",
    "plot_surface",
    "plot_training",
    "plot_view",
    "show",
]
