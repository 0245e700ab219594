"""Four ways to let a slider move the same plot; each is a notebook of one cell and a kernel."""

from dataclasses import dataclass

START = """
import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from lrcourse.schedules import CosineDecay, OneCycle
from lrcourse.torch_twins import rates_used, twin

steps = ipywidgets.IntSlider(100, 1, 500, description="steps")

def both(schedule, t):
    same = twin(schedule)
    theirs = rates_used(same.build, same.lr, len(t))
    return schedule(t), np.append(theirs, np.full(len(t) - len(theirs), np.nan))
"""
# What a lesson on one cycle shows: two axes, three curves of 1000 updates.
TWO_AXES = """
t = np.arange(1000)

def curves(steps):
    schedule = OneCycle(0.1, steps)
    return *both(schedule, t), schedule.momentum(t)

def plot(steps):
    figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(7, 3.5), dpi=100)
    ours, pytorch, momentum = curves(steps)
    lines = above.plot(t, ours, label="ours") + above.plot(t, pytorch, "--", label="PyTorch")
    lines += below.plot(t, momentum)
    above.set(ylabel="learning rate η", ylim=(-0.004, 0.105))
    below.set(xlabel="optimizer update t", ylabel="momentum", ylim=(0.84, 0.96))
    above.legend(loc="upper right")
    return figure, lines
"""
ONE_AXIS = """
t = np.arange(200)

def curves(steps):
    return both(CosineDecay(0.1, steps), t)

def plot(steps):
    figure, axes = plt.subplots(figsize=(7, 3.5), dpi=100)
    ours, pytorch = curves(steps)
    lines = axes.plot(t, ours, label="ours") + axes.plot(t, pytorch, "--", label="PyTorch")
    axes.set(xlabel="optimizer update t", ylabel="learning rate η", ylim=(-0.004, 0.105))
    axes.legend(loc="upper right")
    return figure, lines
"""
INTERACT = """
def show(steps):
    plot(steps)
    plt.show()

ipywidgets.interact(show, steps=steps);
"""
OUTPUT = """
def show(steps):
    plot(steps)
    plt.show()

output = ipywidgets.interactive_output(show, {"steps": steps})
output.layout.height = "380px"
display(ipywidgets.VBox([steps, output]))
"""
IPYMPL = """
with plt.ioff():
    figure, lines = plot(100)

def follow(change):
    for line, rates in zip(lines, curves(change["new"])):
        line.set_ydata(rates)
    figure.canvas.draw_idle()

steps.observe(follow, "value")
display(ipywidgets.VBox([steps, figure.canvas]))
"""
OURS = """
from lrcourse.explore import explore
from lrcourse.schedules import CosineDecay, OneCycle

explore({})
"""
PLOTS = {  # name -> the plot of the others, and the same of ours
    "two": (TWO_AXES, OURS.format("OneCycle(0.1, 100), steps=1000")),
    "one": (ONE_AXIS, OURS.format("CosineDecay(0.1, 100)")),
}
JUPYTERS_HANDLE = ".noUi-handle"
IMAGE = ".jp-OutputArea-output img"


@dataclass(frozen=True)
class Way:
    """The cell, what shows the plot, and what the hand moves, as selectors."""

    name: str
    cell: str
    plot: str
    handle: str
    track: str


INLINE, WIDGET = "%matplotlib inline\n", "%matplotlib widget\n"
NAMES = ("interact", "output", "ipympl", "ours")


def ways(plot: str) -> dict[str, Way]:
    """The four ways to show one of the PLOTS."""
    others, ours = PLOTS[plot]
    jupyters = (JUPYTERS_HANDLE, ".noUi-base")
    canvas = ".jupyter-matplotlib canvas"
    slider = '.lrcourse-explorer input[type="range"][aria-label^="steps"]'
    inline, widget = INLINE + START + others, WIDGET + START + others
    found = (
        Way("interact, a new figure", inline + INTERACT, IMAGE, *jupyters),
        Way("interactive_output, fixed height", inline + OUTPUT, IMAGE, *jupyters),
        Way("ipympl, set_ydata + draw_idle", widget + IPYMPL, canvas, *jupyters),
        Way("ours, explore", ours, ".lrcourse-explorer .plot", slider, slider),
    )
    return dict(zip(NAMES, found, strict=True))
