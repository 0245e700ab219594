# %% [markdown]
# # 09 Finding and diagnosing: exercises
#
# **49 minutes, seven tasks, 15 points.** Read [the lesson](../notebooks/09_lr_finder.ipynb) first.

# %% [markdown] tags=["exercise"]
# Put your answer where the dots are, run the cell, then run the check below it. The check answers at once: right, wrong or not attempted. When it is wrong, it shows where, and it knows the usual mistakes by name.
#
# Stuck? `hint("09.1")` nudges; `hint("09.1", 2)` says more. The answers are in the [solutions](../solutions/09_lr_finder.ipynb).

# %% [markdown] tags=["solution"]
# These are the solutions, each with a word on why. Try the [exercises](../exercises/09_lr_finder.ipynb) first: a wrong answer teaches more than a right one that you read.

# %%
import copy
import itertools

import numpy as np

from lrcourse.check import check, given, hint, solution
from lrcourse.experiments import Nesterov, signals, train
from lrcourse.finder import ExponentialRamp, RangeTest
from lrcourse.handouts.lr_finder import eight_curves, eight_in_words, half_trained, update
from lrcourse.panels import Axis, Curve, Panel, View
from lrcourse.plots import axes, plot_panel, plot_view, show
from lrcourse.schedules import CosineDecay

# %% [markdown]
# ## 09.1 A ramp of equal factors
#
# *Implement. 4 minutes, easy, 2 points.*
#
# Write the ramp of a range test: `steps` updates, whose rates rise by equal factors. The first update has `t = 0` and gets `start_lr`. The last one gets `peak_lr`.


# %%
def ramp(t, start_lr, peak_lr, steps):
    ### BEGIN SOLUTION
    return start_lr * (peak_lr / start_lr) ** (t / (steps - 1))
    ### END SOLUTION


check("09.1", ramp)

# %% [markdown] tags=["solution"]
# The whole climb is the factor `peak_lr / start_lr`. At update `t` a share $t/(T-1)$ of the climb is made, and because factors multiply, the share is an exponent. With $T$ for $T-1$ the last update would miss the peak.

# %% [markdown]
# ## 09.2 Smooth without bending
#
# *Implement. 7 minutes, medium, 2 points.*
#
# Write the running mean of the lesson. It keeps the share `kept` of what it was, starts at 0, and has the divisor against the bias, with $n = 1$ at the first loss. Return a list: one smoothed value for each loss.


# %%
def smoothed(losses, kept):
    ### BEGIN SOLUTION
    mean, shown = 0.0, []
    for n, loss in enumerate(losses, start=1):
        mean = kept * mean + (1 - kept) * loss
        shown.append(mean / (1 - kept**n))
    return shown
    ### END SOLUTION


check("09.2", smoothed)

# %% [markdown] tags=["solution"]
# After $n$ losses the weights in the mean add up to $1-k^n$ and not to 1, so the mean is too small by that factor. The divisor repairs it. Divide only what is shown: in a mean that was corrected once, the next correction would count again.

# %% [markdown]
# ## 09.3 Steepest over what?
#
# *Implement. 8 minutes, medium, 2 points.*
#
# A friend sends you a sweep, already smoothed. The rates rise, but **not by equal factors**: some parts are finer than others. Where does the loss fall fastest over the **logarithm of the rate**?
#
# For each point but the first and the last, take the slope of the straight line from the point before it to the point after it. Return the rate of the point with the lowest slope.


# %%
def steepest(lrs, losses):
    ### BEGIN SOLUTION
    x = np.log(lrs)
    slopes = [(losses[i + 1] - losses[i - 1]) / (x[i + 1] - x[i - 1]) for i in range(1, len(x) - 1)]
    return lrs[1 + int(np.argmin(slopes))]
    ### END SOLUTION


check("09.3", steepest)

# %% [markdown] tags=["solution"]
# Where the rates rise by equal factors, the largest fall from point to point is the steepest one over the logarithm, too. Here it is not, so the distances of the logarithms stand below the fraction. Over the rates themselves the lowest ones would win, because they lie so close together.

# %% [markdown]
# ## 09.4 Give the model back
#
# *Repair. 9 minutes, medium, 3 points.*
#
# A training is under way. The function below interrupts it for a sweep, gives the model back, and goes on. `half_trained` makes the model, its optimizer (SGD, rate 0.1, momentum 0.9) and three batches; `update` makes one update and returns the loss before it.
#
# The author knows that a sweep ruins the model, and yet the training after it starts from the ruin. No error message says so. Repair the function: the training has to go on as if there had been no sweep. It returns the losses of the sweep, and then those of one more epoch.


# %%
def train_after_a_sweep(seed, lrs):
    model, optimizer, batches = half_trained(seed)
    ### BEGIN SOLUTION
    kept = copy.deepcopy((model.state_dict(), optimizer.state_dict()))
    ### BEGIN EXERCISE
    #:    kept = model.state_dict(), optimizer.state_dict()
    ### END SOLUTION
    losses = []
    for lr, batch in zip(lrs, itertools.cycle(batches), strict=False):
        optimizer.param_groups[0]["lr"] = lr
        losses.append(update(model, optimizer, batch))
    model.load_state_dict(kept[0])
    optimizer.load_state_dict(kept[1])
    return losses + [update(model, optimizer, batch) for batch in batches]


check("09.4", train_after_a_sweep)

# %% [markdown] tags=["solution"]
# `state_dict()` is no copy. It holds the tensors of the model itself, which every update changes, so after the sweep the ruin was loaded back into the ruin. The optimizer's state has tensors, too: with momentum it remembers the gradients of the sweep. A copy of the dictionary alone (`dict(...)`, `copy.copy`) would hold the same tensors; `deepcopy` copies them.

# %% [markdown]
# ## 09.5 Eight curves
#
# *Read a curve. 7 minutes, medium, 2 points.*
#
# Eight trainings, each on a problem of its own. The title tells the shape of the learning rate. Give each the word for what you see:
#
# | word | what you see |
# |---|---|
# | `"healthy"` | falls, ends low, and has come to rest |
# | `"too slow"` | still falls in the last third, at a rate that is held |
# | `"plateau"` | fell, and stays high around one level, at a rate that is held |
# | `"diverging"` | ends above its start, or is no number |
# | `"swings"` | goes up and down in large waves, all the time |
# | `"spike"` | jumps above its start at first, then comes down |

# %%
question = given("09.5")
x, y = Axis("optimizer update t", low=0, high=300), Axis("loss", low=0, high=4)
panels = []
for title, losses in eight_curves(**question).items():
    inside = np.where(np.maximum.accumulate(losses) < 4, losses, np.nan)
    panels.append(Panel(x, y, (Curve("", inside),), 0.55, title=title))
show(plot_view(View(tuple(panels), "")), eight_in_words(**question))

# %%
### BEGIN SOLUTION
words = {
    "A": "too slow",
    "B": "plateau",
    "C": "too slow",
    "D": "swings",
    "E": "diverging",
    "F": "healthy",
    "G": "healthy",
    "H": "spike",
}
### BEGIN EXERCISE
#:words = {
#:    "A": ...,
#:    "B": ...,
#:    "C": ...,
#:    "D": ...,
#:    "E": ...,
#:    "F": ...,
#:    "G": ...,
#:    "H": ...,
#:}
### END SOLUTION

check("09.5", **words)

# %% [markdown] tags=["solution"]
# (With an order of your own the letters stand elsewhere.) Three questions decide: where does the loss start, where does it end, and does the last third still fall? The rate beside it tells a plateau from a healthy end: both are flat, but a rate that is held leaves the loss high and noisy. Calm curves deceive most, because a rate that is far too low makes the calmest of all.

# %% [markdown]
# ## 09.6 Choose a peak and defend it
#
# *Experiment. 12 minutes, hard, 3 points.*
#
# A network learns the signals with Nesterov momentum. You may train it for 400 updates with a cosine. Which peak do you take?
#
# Here are three sweeps of 300 updates, smoothed. `found` is a `RangeTest`, as in the lesson.

# %% tags=["nbval-ignore-output"]
problem = signals()
rising = ExponentialRamp(start_lr=1e-6, peak_lr=10, steps=300)(np.arange(300))
sweeps = train(problem, np.tile(rising, (3, 1)), range(100, 103), Nesterov())
found = RangeTest(rising, sweeps.losses)

panel = Panel(
    Axis("learning rate η of the update", low=1e-6, high=10, log=True),
    Axis("training loss, smoothed", low=1.6, high=3.4),
    tuple(Curve("", curve.losses, curve.lrs, style) for style, curve in enumerate(found.curves)),
)
marks = [0.0001, 0.001, 0.01, 0.03, 0.1, 0.2, 0.3]
levels = np.mean([np.interp(marks, curve.lrs, curve.losses) for curve in found.curves], axis=0)
told = ", ".join(f"{loss:.2f} at {lr:g}" for lr, loss in zip(marks, levels, strict=True))
show(plot_panel(panel, axes(7.4, 3.8)), f"The smoothed loss over the rate, mean of three: {told}.")

# %% [markdown]
# Training costs a few seconds. `accuracy_at(peak)` is the mean test accuracy of six networks, in percent. Try as many peaks as you like.

# %% tags=["nbval-ignore-output"]


def accuracy_at(peak):
    lrs = np.tile(CosineDecay(peak, 400)(np.arange(400)), (6, 1))
    run = train(problem, lrs, range(6), Nesterov())
    return 100 * np.nan_to_num(run.test_accuracies[:, -1], nan=0.1).mean()


### BEGIN SOLUTION
for peak in found.to_try:
    print(f"peak {peak:.2g}: {accuracy_at(peak):.1f}%")
### BEGIN EXERCISE
#:print(f"peak 0.001: {accuracy_at(0.001):.1f}%")
### END SOLUTION

# %% [markdown]
# Now answer:
#
# - `my_suggestion`: what does the range test suggest, by the rule of the course? (One number; a range of rates around it is right.)
# - `my_peak`: which peak do you take? It should lose no more than about two points against the best.
# - `my_reason`: why this one? `"smooth"` (its loss curve is the calmest), `"sweep"` (the range test picked it) or `"accuracy"` (it trained best among those that I tried).

# %%
### BEGIN SOLUTION
my_suggestion = found.suggestion.middle
my_peak = 3 * my_suggestion
my_reason = "accuracy"
### BEGIN EXERCISE
#:my_suggestion = ...  # one number
#:my_peak = ...
#:my_reason = ...
### END SOLUTION

check("09.6", suggestion=my_suggestion, peak=my_peak, reason=my_reason)

# %% [markdown] tags=["solution"]
# The sweep narrows seven powers of ten down to three rates, and the three trainings decide. Here the highest of them wins, three times the suggestion: a cosine comes down from its peak at once, so it stands a rate near the onset. The cliff is near, though: train at twice that peak, and see. On another problem the suggestion itself or a third of it may win, and no sweep can know which.

# %% [markdown]
# ## 09.7 The sweep said so
#
# *Quiz. 2 minutes, easy, 1 point.*
#
# A post-norm transformer, trained by Adam. In three sweeps the loss rises from about 0.05 on. You train at a constant rate of 0.02 from the first update, and the network learns nothing. What do you do?
#
# - **a)** Take half of the rate where the loss starts to fall: that is where the sweep says training begins.
# - **b)** Sweep again, from a lower start to a higher end, with more updates.
# - **c)** Keep the rate, and reach it by a warmup.
# - **d)** Smooth the sweep more strongly: its pick was an accident of noise.

# %%
### BEGIN SOLUTION
answer = "c"
### BEGIN EXERCISE
#:answer = ...
### END SOLUTION

check("09.7", answer)

# %% [markdown] tags=["solution"]
# When the sweep met the rate 0.02, it had made many gentle updates: its ramp is a warmup. So it found the limit of a model that was warmed up, and your training has to warm up, too. That all three sweeps agree does not help, because all three climbed.

# %% [markdown]
# ## What you can do now
#
# You can write a range test, smooth it, and give the model back as it was. You can read a loss curve, and defend a rate by a measurement. Next: [10 Batch size](../notebooks/10_batch_size.ipynb), or back to the [map of the course](../notebooks/index.ipynb).
