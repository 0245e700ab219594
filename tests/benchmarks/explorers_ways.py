"""Four ways to let a slider move the same plot; each is a notebook of one cell and a kernel."""

from dataclasses import dataclass

CURVES = """
import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from lrcourse.schedules import CosineDecay
from lrcourse.torch_twins import rates_used, twin

t = np.arange(200)

def curves(steps):
    schedule = CosineDecay(0.1, steps)
    same = twin(schedule)
    return schedule(t), rates_used(same.build, same.lr, len(t))

def plot(steps):
    figure, axes = plt.subplots(figsize=(7, 3.5), dpi=100)
    ours, pytorch = curves(steps)
    lines = axes.plot(t, ours, label="ours") + axes.plot(t, pytorch, "--", label="PyTorch")
    axes.set(xlabel="optimizer update t", ylabel="learning rate η", ylim=(-0.004, 0.105))
    axes.legend(loc="upper right")
    return figure, lines

steps = ipywidgets.IntSlider(100, 1, 500, description="steps")
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
from lrcourse.schedules import CosineDecay

explore(CosineDecay(0.1, 100))
"""
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
WAYS = {
    "interact": Way(
        "interact, a new figure", INLINE + CURVES + INTERACT, IMAGE, JUPYTERS_HANDLE, ".noUi-base"
    ),
    "output": Way(
        "interactive_output, fixed height",
        INLINE + CURVES + OUTPUT,
        IMAGE,
        JUPYTERS_HANDLE,
        ".noUi-base",
    ),
    "ipympl": Way(
        "ipympl, set_ydata + draw_idle",
        WIDGET + CURVES + IPYMPL,
        ".jupyter-matplotlib canvas",
        JUPYTERS_HANDLE,
        ".noUi-base",
    ),
    "ours": Way(
        "ours, explore(CosineDecay)",
        OURS,
        ".lrcourse-explorer .plot",
        *2 * ('.lrcourse-explorer input[type="range"][aria-label^="steps"]',),
    ),
}
