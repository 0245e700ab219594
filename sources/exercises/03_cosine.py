# %% [markdown]
# # 03 Cosine annealing: exercises
#
# **42 minutes, six tasks, 14 points.** Read [the lesson](../notebooks/03_cosine.ipynb) first.

# %% [markdown] tags=["exercise"]
# Put your answer where the dots are, run the cell, then run the check below it. The check answers at once: right, wrong or not attempted. When it is wrong, it shows where, and it knows the usual mistakes by name.
#
# Stuck? `hint("03.1")` nudges; `hint("03.1", 2)` says more. The answers are in the [solutions](../solutions/03_cosine.ipynb).

# %% [markdown] tags=["solution"]
# These are the solutions, each with a word on why. Try the [exercises](../exercises/03_cosine.ipynb) first: a wrong answer teaches more than a right one that you read.

# %%
import math

import numpy as np
import torch
from IPython.display import Markdown

from lrcourse.check import check, given, hint, solution
from lrcourse.experiments import bowls, signals
from lrcourse.handouts.cosine import past_the_end_in_words
from lrcourse.plots import plot_bowls, plot_rates, show
from lrcourse.schedules import CosineDecay, MultiStepDecay
from lrcourse.torch_twins import rates_used

# %% [markdown]
# ## 03.1 Past the end
#
# *Predict. 3 minutes, easy, 2 points.*
#
# A cosine decay has these numbers:

# %%
question = given("03.1")
Markdown(", ".join(f"`{name} = {value}`" for name, value in question.items()))

# %% [markdown]
# Predict four rates, without running anything ($T$ is `steps`):
#
# - `half`, at $t = T/2$, and `end`, at $t = T$: ours and PyTorch's agree there;
# - `ours_later`, at $t = 1.5\,T$, of the course's `CosineDecay`;
# - `torch_later`, at $t = 1.5\,T$, of PyTorch's `CosineAnnealingLR`.

# %%
### BEGIN SOLUTION
peak, floor = question["peak_lr"], question["min_lr"]
half, end = (peak + floor) / 2, floor
ours_later, torch_later = end, half
### BEGIN EXERCISE
#:half, end = ..., ...
#:ours_later, torch_later = ..., ...
### END SOLUTION

check("03.1", half=half, end=end, ours_later=ours_later, torch_later=torch_later)

# %% [markdown]
# Now run it: set `look = True`.

# %%
### BEGIN SOLUTION
look = True
### BEGIN EXERCISE
#:look = False
### END SOLUTION


def torch_cosine(optimizer):
    return torch.optim.lr_scheduler.CosineAnnealingLR(
        optimizer, T_max=question["steps"], eta_min=question["min_lr"]
    )


def picture():
    steps = 2 * question["steps"]
    used = rates_used(torch_cosine, question["peak_lr"], steps)
    ax = plot_rates(ours=CosineDecay(**question), PyTorch=used, steps=steps)
    return show(ax, past_the_end_in_words())


picture() if look else "Predict first, then look."

# %% [markdown] tags=["solution"]
# Half of the way is the middle between the peak and the *floor*: $\tfrac12(\eta_\text{peak} + \eta_\text{min})$. At $T$ the way is over. Ours then holds $t/T$ at 1. PyTorch goes on along the cosine; its way up is the way down in a mirror, so at $1.5\,T$ it is in the middle again.

# %% [markdown]
# ## 03.2 Half a cosine
#
# *Implement. 6 minutes, easy, 2 points.*
#
# Write $\eta(t) = \eta_\text{min} + \tfrac12\,(\eta_\text{peak} - \eta_\text{min})\,\bigl(1 + \cos(\pi\,t/T)\bigr)$, where $T$ is `steps`. From $t = T$ on the rate stays at the floor. `t` is one whole number.


# %%
def cosine_decay(t, peak_lr, steps, min_lr):
    ### BEGIN SOLUTION
    share = min(t / steps, 1)
    return min_lr + (peak_lr - min_lr) * (1 + math.cos(math.pi * share)) / 2
    ### END SOLUTION


check("03.2", cosine_decay)

# %% [markdown] tags=["solution"]
# `share` is the part of the way that is over, and `min` holds it at 1. Only the distance from the floor to the peak is multiplied by the wave, which goes from 1 to 0; the floor is added below it. An `if t >= steps: return min_lr` does the same as `min`.

# %% [markdown]
# ## 03.3 Two bugs without a message
#
# *Repair. 8 minutes, medium, 3 points.*
#
# The recipe says: "Half a cosine over the whole training. The rate falls after every update, from the peak to `floor_share` of the peak." The floor belongs to the update *after* the last, as always with `T_max`.
#
# This loop runs without any message, and two things in it are wrong. Repair them. It returns the rate that every update used: `epochs * batches` numbers.


# %%
def train(epochs, batches, peak_lr, floor_share):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(
        ### BEGIN SOLUTION
        optimizer,
        T_max=epochs * batches,
        eta_min=floor_share * peak_lr,
        ### BEGIN EXERCISE
        #:        optimizer, T_max=epochs, eta_min=floor_share
        ### END SOLUTION
    )
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()  # a real loop computes the loss and its gradient first
            scheduler.step()
    return rates


check("03.3", train)

# %% [markdown] tags=["solution"]
# `T_max` counts calls of `scheduler.step()`. Here there is one for every batch, so a number of epochs is too small by the factor `batches`, and the rate goes up and down. `eta_min` is a rate, not a share, so it has to be multiplied by the peak. Moving `scheduler.step()` behind the inner loop would repair the clock, too, but then the rate falls once per epoch only.

# %% [markdown]
# ## 03.4 Choose a peak
#
# *Experiment. 10 minutes, medium, 3 points.*
#
# Somebody tried a cosine and a step schedule at four peak rates, on the noisy signals of the lesson, and wants to take the best of them. Run the cell. Would you take it? Change `peaks` until you can answer, and run again: it takes some seconds.

# %% tags=["nbval-ignore-output"]
### BEGIN SOLUTION
peaks = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32]
### BEGIN EXERCISE
#:peaks = [0.005, 0.01, 0.02, 0.04]
### END SOLUTION

shapes = {"cosine": CosineDecay(1, 400), "step": MultiStepDecay(1, (200, 300), gamma=0.1)}
found = bowls(signals(), shapes, peaks, range(6), 400)
show(plot_bowls(found))

# %% [markdown]
# The same as numbers, test accuracy in percent:

# %% tags=["nbval-ignore-output"]
print("peak     cosine    step")
for row, peak in enumerate(peaks):
    means = [100 * found.at_the_end(name)[row].mean() for name in shapes]
    print(f"{peak:<7g}  {means[0]:6.1f}  {means[1]:6.1f}")

# %% [markdown]
# Decide three things:
#
# - `peak`: which peak rate would you give the cosine?
# - `too_low`: at the peak 0.01, which schedule is ahead by a point or more: `"cosine"`, `"step"` or `"neither"`?
# - `too_high`: at twice the best peak of the cosine, which one is ahead by a point or more?

# %%
### BEGIN SOLUTION
my_peak = 0.16
too_low = "neither"
too_high = "cosine"
### BEGIN EXERCISE
#:my_peak = ...
#:too_low = ...
#:too_high = ...
### END SOLUTION

check("03.4", peak=my_peak, too_low=too_low, too_high=too_high)

# %% [markdown] tags=["solution"]
# In the first grid the best peak stood at the right edge, so nobody had seen the top of the bowl. The list must go on until the accuracy has clearly fallen. Near the top it is flat, so your peak may differ from ours. Where the peak is too low, no shape repairs it, and both schedules are alike. Where it is too high, the cosine is ahead: it leaves the high rates early, and the step schedule stays there until its first drop. (Higher still, both come apart, and which one is ahead means nothing.)

# %% [markdown]
# ## 03.5 What does the cosine promise?
#
# *Quiz. 3 minutes, easy, 1 point.*
#
# Somebody wants to replace a step schedule by a cosine. Which advice holds, after all that the lesson measured?
#
# - **a)** Do it: the cosine is better than step decay, by half a point or so, on every task.
# - **b)** Do it: there is nothing to tune any more, because `T_max` is the only number.
# - **c)** Tune the peak of both. They may end alike, and a peak too high hurts the cosine less.
# - **d)** Do it: the smooth shape leads to wide minima, and so to better answers on new data.

# %%
### BEGIN SOLUTION
answer = "c"
### BEGIN EXERCISE
#:answer = ...
### END SOLUTION

check("03.5", answer)

# %% [markdown] tags=["solution"]
# **c.** On the digits both were alike, each at its own best peak. The cosine won where the peak was too high, and lost where the training was too long. "On every task" is more than anybody has shown, a cosine has a peak and a budget to choose, and the wide minima are disputed.

# %% [markdown]
# ## 03.6 Stopped early
#
# *Compute. 12 minutes, hard, 3 points.*
#
# A cosine without a floor was planned for `steps` updates. The training stops after `stop` of them, so after the updates 0 ... `stop - 1`. How far has it come? Return a list of two shares, `[rate, area]`:
#
# - `rate`: the rate of the last update that was made, as a share of the peak;
# - `area`: the area that these updates have spent, as a share of the area of the whole plan. The area is the sum of the rates of the updates.


# %%
def stopped_early(stop, steps):
    ### BEGIN SOLUTION
    rates = [(1 + math.cos(math.pi * t / steps)) / 2 for t in range(steps)]
    return [rates[stop - 1], sum(rates[:stop]) / sum(rates)]
    ### END SOLUTION


check("03.6", stopped_early)

# %% [markdown] tags=["solution"]
# The peak cancels in both shares, so we take it as 1. `rates[:stop]` are the updates that were made, and the last of them has $t = \texttt{stop} - 1$. Try `stopped_early(300, 600)`: in the middle of the plan most of the area is spent, but the rate is still half of the peak. Most of the travelling is done and most of the settling is not: that is why stopping early costs so much.

# %% [markdown]
# ## What you can do now
#
# You can write half a cosine, say what it does after its end in two libraries, repair its clock and its floor, and choose its peak from a bowl. Next: warm restarts, in [section 04](../notebooks/04_sgdr.ipynb). Or back to the [map of the course](../notebooks/index.ipynb).
