# %% [markdown]
# # 01 Step decay: exercises
#
# **41 minutes, seven tasks, 15 points.** Read [the lesson](../notebooks/01_step.ipynb) first.

# %% [markdown] tags=["exercise"]
# Put your answer where the dots are, run the cell, then run the check below it. The check answers at once: right, wrong or not attempted. When it is wrong, it shows where, and it knows the usual mistakes by name.
#
# Stuck? `hint("01.1")` nudges; `hint("01.1", 2)` says more. The answers are in the [solutions](../solutions/01_step.ipynb).

# %% [markdown] tags=["solution"]
# These are the solutions, each with a word on why. Try the [exercises](../exercises/01_step.ipynb) first: a wrong answer teaches more than a right one that you read.

# %%
import math

import numpy as np
import torch

from lrcourse.check import check, given, hint, solution
from lrcourse.handouts.step import mystery_in_words, mystery_rates
from lrcourse.plots import plot_rates, show

# %% [markdown]
# ## 01.1 Step decay
#
# *Implement. 5 minutes, easy, 2 points.*
#
# Write $\eta(t) = \eta_\text{peak}\,\gamma^{\lfloor t/S\rfloor}$. `t` is one whole number; the first update has `t = 0`.


# %%
def step_decay(t, peak_lr, step_size, gamma):
    ### BEGIN SOLUTION
    return peak_lr * gamma ** (t // step_size)
    ### END SOLUTION


check("01.1", step_decay)

# %% [markdown] tags=["solution"]
# `t // step_size` counts the drops so far. Each multiplies by γ, so their number is the exponent.

# %% [markdown]
# ## 01.2 Drops at chosen points
#
# *Implement. 6 minutes, easy, 2 points.*
#
# `milestones` is a list of updates, such as `[60, 120, 160]`. At each of them the rate is multiplied by γ; the update at the milestone is the first with the lower rate.


# %%
def multi_step_decay(t, peak_lr, milestones, gamma):
    ### BEGIN SOLUTION
    drops = sum(milestone <= t for milestone in milestones)
    return peak_lr * gamma**drops
    ### END SOLUTION


check("01.2", multi_step_decay)

# %% [markdown] tags=["solution"]
# In Python `True` counts as 1, so `sum` counts the milestones that have passed. With `<` instead of `<=` every drop would come one update late.

# %% [markdown]
# ## 01.3 The same fall at another distance
#
# *Compute. 6 minutes, medium, 2 points.*
#
# A recipe drops by γ every $S$ updates. You want drops every $S'$ updates instead, and the same fall over the whole run. Which γ' do you need?


# %%
def equivalent_gamma(gamma, step_size, new_step_size):
    ### BEGIN SOLUTION
    return gamma ** (new_step_size / step_size)
    ### END SOLUTION


check("01.3", equivalent_gamma)

# %% [markdown] tags=["solution"]
# After $S \cdot S'$ updates the first schedule has dropped $S'$ times and the second $S$ times. Both must have fallen by the same factor: $\gamma'^{\,S} = \gamma^{S'}$.

# %% [markdown]
# ## 01.4 The wrong clock
#
# *Repair. 8 minutes, medium, 3 points.*
#
# This loop has a bug that no error message reports. The recipe says "drop every `step_size` **epochs**", but the rate collapses within the first epochs. Repair the loop. It returns the rate that every update used: `epochs * batches` numbers.


# %%
def train(epochs, batches, peak_lr, step_size, gamma):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma)
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()  # a real loop computes the loss and its gradient first
        ### BEGIN SOLUTION
        scheduler.step()
        ### BEGIN EXERCISE
        #:            scheduler.step()
        ### END SOLUTION
    return rates


check("01.4", train)

# %% [markdown] tags=["solution"]
# `scheduler.step()` moves out of the inner loop: `StepLR` counts its calls, so now it counts epochs. It would also be right to leave the call where it was and to pass `step_size * batches`.

# %% [markdown]
# ## 01.5 Read the curve
#
# *Read a curve. 4 minutes, easy, 2 points.*
#
# Somebody sends you this picture. Which $S$ and which γ made it? Five percent to either side is close enough.

# %%
ax = plot_rates(mystery=mystery_rates(**given("01.5")), steps=100)
ax.set_xticks(range(0, 101, 5), minor=True)
ax.set_yticks(np.arange(0, 1.01, 0.1))
ax.grid(True, which="both", alpha=0.3)
show(ax, mystery_in_words(**given("01.5")))

# %%
### BEGIN SOLUTION
my_step_size = 30
my_gamma = 0.4
### BEGIN EXERCISE
#:my_step_size = ...
#:my_gamma = ...
### END SOLUTION

check("01.5", step_size=my_step_size, gamma=my_gamma)

# %% [markdown] tags=["solution"]
# The first drop is at $t = 30$. It leads from 1 to 0.4, so γ is $0.4 / 1$. The second drop confirms it: at $t = 60$, from 0.4 to 0.16.

# %% [markdown]
# ## 01.6 When does the rate pass a target?
#
# *Compute. 10 minutes, hard, 3 points.*
#
# Which is the first update whose rate is below `target`? For a peak of 0.1, γ = 0.1, $S = 30$ and a target of 0.0002 it is update 90. No rate is exactly the target.


# %%
def first_update_below(target, peak_lr, step_size, gamma):
    ### BEGIN SOLUTION
    drops = math.ceil(math.log(target / peak_lr) / math.log(gamma))
    return step_size * max(drops, 0)
    ### END SOLUTION


check("01.6", first_update_below)

# %% [markdown] tags=["solution"]
# $\eta_\text{peak}\,\gamma^n < \text{target}$ needs $n > \log(\text{target}/\eta_\text{peak}) / \log\gamma$; the sign turns because $\log\gamma$ is negative. The $n$-th drop happens at $t = nS$. The `max` is for a peak that lies below the target from the start.

# %% [markdown]
# ## 01.7 After the drop
#
# *Quiz. 2 minutes, easy, 1 point.*
#
# A network learns from data with some wrong labels. The training loss falls more and more slowly. You divide the rate by ten, and within a few dozen updates the loss falls clearly. What follows?
#
# - **a)** Small steps go down faster: the small rate should have been there from the start.
# - **b)** The training was about to diverge: the large rate was a mistake.
# - **c)** The weights had been jumping around the valley: the small rate lets them settle lower.
# - **d)** Drops work: the same drop once more will bring the same fall once more.

# %%
### BEGIN SOLUTION
answer = "c"
### BEGIN EXERCISE
#:answer = ...
### END SOLUTION

check("01.7", answer)

# %% [markdown] tags=["solution"]
# Every batch pulls elsewhere, so at a constant rate the weights keep jumping, and the larger the rate, the larger the jumps. The drop makes the jumps small at once. It says nothing against the large rate before it, which brought the weights to the valley in the first place.

# %% [markdown]
# ## What you can do now
#
# You can write both schedules from memory, convert a recipe to other distances, and spot a schedule that runs on the wrong clock. You know why a loss falls after a drop. Next: [section 02](../notebooks/02_exponential.ipynb), where the stairs become a slope, or back to the [map of the course](../notebooks/index.ipynb).
