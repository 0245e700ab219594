# %% [markdown]
# # 11 Recipes: exercises
#
# **42 minutes, six tasks, 14 points.** Read [the lesson](../notebooks/11_recipes.ipynb) first.

# %% [markdown] tags=["exercise"]
# Put your answer where the dots are, run the cell, then run the check below it. The check answers at once: right, wrong or not attempted. When it is wrong, it shows where, and it knows the usual mistakes by name.
#
# Stuck? `hint("11.1")` nudges; `hint("11.1", 2)` says more. The answers are in the [solutions](../solutions/11_recipes.ipynb).

# %% [markdown] tags=["solution"]
# These are the solutions, each with a word on why. Try the [exercises](../exercises/11_recipes.ipynb) first: a wrong answer teaches more than a right one that you read.

# %%
import math

import numpy as np
import torch

from lrcourse.check import check, given, hint, solution
from lrcourse.plots import plot_rates, show
from lrcourse.schedules import WarmupCosine, WarmupLinear
from lrcourse.torch_scheduler import TorchScheduler

# %% [markdown]
# ## 11.1 From tokens to updates
#
# *Compute. 4 minutes, easy, 2 points.*
#
# A paper gives the length of its run in tokens and its warmup in updates. A batch holds `sequences` sequences, each of `sequence_length` tokens. Return two numbers in a list: how many updates the run has, and which share of them is warmup (0.05 for five per cent).
#
# You can try it on Llama 2 of the lesson: two trillion tokens, and a batch of four million, such as 1000 sequences of 4000 tokens.


# %%
def in_updates(tokens, sequences, sequence_length, warmup_steps):
    ### BEGIN SOLUTION
    updates = tokens / (sequences * sequence_length)
    return [updates, warmup_steps / updates]
    ### END SOLUTION


check("11.1", in_updates)

# %% [markdown] tags=["solution"]
# One update sees one batch, and a batch has `sequences * sequence_length` tokens. The usual error is to divide tokens by sequences: it runs, and the warmup shrinks to almost nothing. Write the unit beside each number, and it shows.

# %% [markdown]
# ## 11.2 Noam
#
# *Implement. 7 minutes, easy, 2 points.*
#
# Write the schedule of the transformer of 2017:
#
# $$\eta(t) = \eta_\text{peak}\,\min\!\left(\frac{t}{W},\;\sqrt{\frac{W}{t}}\right), \qquad \eta_\text{peak} = \frac{1}{\sqrt{d\,W}}$$
#
# `t` is one whole number, and at `t = 0` the rate is 0.


# %%
def noam(t, d_model, warmup_steps):
    ### BEGIN SOLUTION
    peak_lr = 1 / math.sqrt(d_model * warmup_steps)
    if t <= warmup_steps:
        return peak_lr * t / warmup_steps
    return peak_lr * math.sqrt(warmup_steps / t)
    ### END SOLUTION


check("11.2", noam)

# %% [markdown] tags=["solution"]
# Up to $t = W$ the line is the smaller of the two, after it the root. So an `if` can replace the minimum, and nothing is divided by zero. The peak holds the width $d$: without it the curve has the right shape and the wrong size. In PyTorch this function goes into a `LambdaLR` on an optimizer with `lr=1`.

# %% [markdown]
# ## 11.3 Warmup, stable, 1-sqrt
#
# *Implement. 9 minutes, medium, 3 points.*
#
# Write WSD with the 1-sqrt cooldown. `steps` is the whole run, $T$; $W$ is `warmup_steps`, and $D$ is `decay_steps`.
#
# - For $t < W$ the rate is $\eta_\text{peak}\,t/W$.
# - Then it is $\eta_\text{peak}$.
# - Over the last $D$ of the $T$ updates it is $\eta_\text{peak}\,(1 - \sqrt{x})$, where $x$ goes from 0 to 1.
# - From $t = T$ on it is 0.
#
# `warmup_steps` may be 0: then the rate is at the peak from the start.


# %%
def wsd(t, peak_lr, warmup_steps, decay_steps, steps):
    ### BEGIN SOLUTION
    if t < warmup_steps:
        return peak_lr * t / warmup_steps
    x = (t - (steps - decay_steps)) / decay_steps
    return peak_lr * (1 - math.sqrt(min(max(x, 0), 1)))
    ### END SOLUTION


check("11.3", wsd)

# %% [markdown] tags=["solution"]
# The cooldown starts at $T - D$, because $t$ counts from the first update and the warmup is part of $T$. Whoever adds $W$ once more never gets to zero. Keeping $x$ between 0 and 1 makes one line of three phases. And $1 - \sqrt{x}$ is not $\sqrt{1 - x}$: the first falls at once, the second at the very end.

# %% [markdown]
# ## 11.4 Extend a finished run
#
# *Repair. 9 minutes, medium, 3 points.*
#
# A cosine over `steps` updates is done, and there is time for `more` updates. This code builds a new scheduler for them. No error, but the weights do not move any more. Repair it: from update `steps` on, the rate goes up in a line from 0 to `peak_lr` over `warmup_steps` updates, and then down in a line to 0, which it would reach at $t$ = `steps + more`. The ramp is part of `more`. The function returns the rate that every update used.


# %%
def extended(steps, more, peak_lr, warmup_steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
    rates = []
    for step in range(steps + more):
        if step == steps:
            ### BEGIN SOLUTION
            scheduler = TorchScheduler(optimizer, WarmupLinear(peak_lr, warmup_steps, more))
            ### BEGIN EXERCISE
            #:            scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=more)
            ### END SOLUTION
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()  # a real loop computes the loss and its gradient first
        scheduler.step()
    return rates


check("11.4", extended)

# %% [markdown] tags=["solution"]
# PyTorch's cosine multiplies the rate that it finds, and after the first run it finds 0. `TorchScheduler` sets the rate by a formula of $t$, and a new one counts from 0 again: so its length is `more`. A `LambdaLR` with factors from 0 to 1 is right, too.

# %% [markdown]
# ## 11.5 The same area
#
# *Predict. 10 minutes, hard, 3 points.*
#
# You have seen BERT's line beside the cosine that many tables give it. Here is a shorter run of the same shape. Think first, or compute; the cell after the check lets you look.

# %%
question = given("11.5")
question

# %% [markdown]
# The *area* of a schedule is the sum of its rates over all updates, $t = 0$ to $T - 1$.
#
# - `ratio`: both schedules with this peak and this warmup. One falls to zero in a line, the other in a cosine. What is the area of the cosine, divided by the area of the line?
# - `crossing`: after the warmup both start at the peak. At which $t$ do they have the same rate again, before the end?
# - `higher_late`: which has the higher rate in the last tenth of the run, `"line"` or `"cosine"`?
# - `new_peak`: now the cosine ends at `floor` times its own peak, as many language models have it. With which peak has it the same area as the line to zero? The line keeps its peak, and the warmup stays as long as it is. Give at least three figures.

# %%
### BEGIN SOLUTION
lr, W, T, floor = (question[name] for name in ("peak_lr", "warmup_steps", "steps", "floor"))
t = np.arange(T)
my_ratio = 1
my_crossing = W + (T - W) / 2
my_higher_late = "line"
area_of_line = WarmupLinear(lr, W, T)(t).sum()
area_of_cosine = WarmupCosine(lr, W, T, min_lr=floor * lr)(t).sum()
my_new_peak = lr * area_of_line / area_of_cosine
### BEGIN EXERCISE
#:my_ratio = ...
#:my_crossing = ...
#:my_higher_late = ...
#:my_new_peak = ...
### END SOLUTION

check(
    "11.5",
    ratio=my_ratio,
    crossing=my_crossing,
    higher_late=my_higher_late,
    new_peak=my_new_peak,
)

# %% [markdown]
# Now look. The last curve has the floor and your new peak; as long as you have none, it has the peak of the line. Does your new peak make its area that of the line?

# %%
W, T = question["warmup_steps"], question["steps"]
new_peak = question["peak_lr"] if my_new_peak is ... else my_new_peak
line = WarmupLinear(question["peak_lr"], W, T)
cosine = WarmupCosine(question["peak_lr"], W, T)
with_floor = WarmupCosine(new_peak, W, T, min_lr=question["floor"] * new_peak)
area, other = (schedule(np.arange(T)).sum() for schedule in (line, with_floor))
print(f"area of the cosine with the floor / area of the line: {other / area:.3f}")
ax = plot_rates(line=line, cosine=cosine, with_floor=with_floor, steps=T)
show(
    ax,
    "Three schedules after warmups of the same length: a line to zero, a cosine to zero with the "
    "same peak, and a cosine that ends above zero, with the peak that you gave.",
)

# %% [markdown] tags=["solution"]
# Half a cosine is as much above its middle in the first half as it is below in the second. So its mean is the mean of its two ends, like that of a line: with the same ends the areas are the same, and the curves cross in the middle of the **decay**, which is not the middle of the run. A floor lifts the mean, so the peak must come down. The area grows in step with the peak, so one division tells how far. Whoever divides by $1 + \text{floor}$ forgets that the floor does not lift the warmup.

# %% [markdown]
# ## 11.6 An open budget
#
# *Quiz. 3 minutes, easy, 1 point.*
#
# You train a transformer from scratch. 20,000 updates are paid. Perhaps you get 20,000 more; you will know when update 16,000 is done, and not before. What do you run?
#
# - **a)** A cosine planned for 40,000 updates. If there is no more time, stop it at 20,000.
# - **b)** A short warmup, then a constant rate. Cool down over the last fifth of whatever you get, and keep the checkpoint from before the cooldown.
# - **c)** The inverse square root. It needs no end, so no end can come too early.
# - **d)** A cosine over 20,000 updates. If there is more time, build a new `CosineAnnealingLR` on the same optimizer.

# %%
### BEGIN SOLUTION
answer = "b"
### BEGIN EXERCISE
#:answer = ...
### END SOLUTION

check("11.6", answer)

# %% [markdown] tags=["solution"]
# Until the cooldown starts, the rates of WSD do not depend on $T$. So at update 16,000 you can still choose: cool down now, or go on. The other three have chosen their end before, or have none.

# %% [markdown]
# ## What you can do now
#
# You can put a published recipe on the clock of your trainer, write the two schedules that need no plan, and give a finished run a second life. Next: [section 12, the capstone](../notebooks/12_capstone.ipynb), or back to the [map of the course](../notebooks/index.ipynb).
