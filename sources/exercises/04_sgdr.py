# %% [markdown]
# # 04 Warm restarts: exercises
#
# **41 minutes, six tasks, 13 points.** Read [the lesson](../notebooks/04_sgdr.ipynb) first.

# %% [markdown] tags=["exercise"]
# Put your answer where the dots are, run the cell, then run the check below it. The check answers at once: right, wrong or not attempted. When it is wrong, it shows where, and it knows the usual mistakes by name.
#
# Stuck? `hint("04.1")` nudges; `hint("04.1", 2)` says more. The answers are in the [solutions](../solutions/04_sgdr.ipynb).

# %% [markdown] tags=["solution"]
# These are the solutions, each with a word on why. Try the [exercises](../exercises/04_sgdr.ipynb) first: a wrong answer teaches more than a right one that you read.

# %%
import math

import numpy as np
import torch

from lrcourse.check import check, given, hint, solution
from lrcourse.handouts.sgdr import mystery_in_words, mystery_rates
from lrcourse.plots import plot_rates, show

# %% [markdown]
# ## 04.1 Read the curve
#
# *Read a curve. 4 minutes, easy, 2 points.*
#
# Somebody sends you this picture. Which $T_0$ (`first_cycle`) and which $m$ (`stretch`) made it? And at which update will the next restart be, to the right of the picture? Three percent to either side is close enough.

# %%
rates = mystery_rates(**given("04.1"))
ax = plot_rates(mystery=rates, steps=len(rates))
ax.set_xticks(range(0, len(rates), 25))
ax.set_xticks(range(0, len(rates), 5), minor=True)
ax.grid(True, axis="x", which="both", alpha=0.3)
show(ax, mystery_in_words(**given("04.1")))

# %%
### BEGIN SOLUTION
my_first_cycle = 25
my_stretch = 4
my_next_restart = 25 + 100 + 400
### BEGIN EXERCISE
#:my_first_cycle = ...
#:my_stretch = ...
#:my_next_restart = ...
### END SOLUTION

check("04.1", first_cycle=my_first_cycle, stretch=my_stretch, next_restart=my_next_restart)

# %% [markdown] tags=["solution"]
# The first jump is at 25, so $T_0 = 25$. The second is at 125, so cycle 1 lasted 100 updates: $m = 100 / 25$. The third cycle lasts $100 \cdot 4$ updates and began at 125. The usual error is to divide the two restarts, $125 / 25$: that compares places, not lengths. (With numbers of your own, yours differ.)

# %% [markdown]
# ## 04.2 Which cycle?
#
# *Compute. 8 minutes, medium, 2 points.*
#
# To which cycle does update `t` belong, and how many updates since that cycle began? Return `[k, tau]`: the first cycle is $k = 0$, and its first update has $\tau = 0$. Restarts must be exact, also for large `t`, and `stretch` may be 1.


# %%
def cycle_at(t, first_cycle, stretch):
    ### BEGIN SOLUTION
    k, start, length = 0, 0, first_cycle
    while t >= start + length:
        k, start, length = k + 1, start + length, length * stretch
    return [k, t - start]
    ### END SOLUTION


check("04.2", cycle_at)

# %% [markdown] tags=["solution"]
# The loop walks from cycle to cycle, in whole numbers only. There is also a formula with a logarithm, but a logarithm rounds, and at some restarts it gives the cycle before: that is trap 3 of the lesson. With `>` for `>=` every restart would come one update late.

# %% [markdown]
# ## 04.3 A cosine that restarts
#
# *Implement. 6 minutes, medium, 2 points.*
#
# Write $\eta(t) = \eta_\text{min} + \tfrac12\,(\eta_\text{peak} - \eta_\text{min})\,\bigl(1 + \cos(\pi\,\tau/T_k)\bigr)$ with $T_k = T_0\,m^k$. You may use `cycle_at`, or walk again.


# %%
def cosine_restarts(t, peak_lr, first_cycle, stretch, min_lr):
    ### BEGIN SOLUTION
    k, tau = cycle_at(t, first_cycle, stretch)
    share = tau / (first_cycle * stretch**k)
    return min_lr + (peak_lr - min_lr) * (1 + math.cos(math.pi * share)) / 2
    ### END SOLUTION


check("04.3", cosine_restarts)

# %% [markdown] tags=["solution"]
# It is the cosine of section 03 with $\tau$ for $t$ and $T_k$ for $T$. Nothing holds the rate at the floor: before $\tau$ reaches $T_k$ the next cycle begins. The usual errors are to leave `t` in the angle, so that the restarts miss the peak, and to divide by $T_0$ in every cycle.

# %% [markdown]
# ## 04.4 A budget of whole cycles
#
# *Compute. 8 minutes, medium, 2 points.*
#
# You can afford `updates` updates, and you want exactly `cycles` whole cycles, each `stretch` times as long as the one before. Return `[first_cycle, budget]`: the longest first cycle that fits, a whole number, and how many updates you then make in all. `stretch` may be 1.


# %%
def plan(updates, cycles, stretch):
    ### BEGIN SOLUTION
    lengths = sum(stretch**k for k in range(cycles))
    first_cycle = updates // lengths
    return [first_cycle, first_cycle * lengths]
    ### END SOLUTION


check("04.4", plan)

# %% [markdown] tags=["solution"]
# All cycles together last $T_0\,(1 + m + m^2 + \dots)$, with one term for each cycle. Whole division, `//`, gives the longest $T_0$ that fits. The updates that are left over stay unused: they would begin another cycle at the full peak. The formula $(m^n - 1)/(m - 1)$ is as good, but it divides by zero for $m = 1$.

# %% [markdown]
# ## 04.5 After the restart
#
# *Quiz. 3 minutes, easy, 1 point.*
#
# A training follows SGDR. Right after each restart the test accuracy falls by several points. What should one think of it, after all that the lesson measured?
#
# - **a)** It has left a poor minimum. It will end clearly above one long cosine.
# - **b)** The restart has ruined it. Load the weights from before and stop there.
# - **c)** It looks at other weights now, and that keeps it from overfitting.
# - **d)** The rate is high again. As it falls the points come back, to about where one long cosine ends.

# %%
### BEGIN SOLUTION
answer = "d"
### BEGIN EXERCISE
#:answer = ...
### END SOLUTION

check("04.5", answer)

# %% [markdown] tags=["solution"]
# **d.** A high rate makes the weights jump about, and the accuracy comes back as the rate falls. In the lesson SGDR ended within a point or two of one long cosine. What it does give is a finished network at the end of every cycle, so you may stop there, or keep it as a snapshot.

# %% [markdown]
# ## 04.6 Snapshots that do not help
#
# *Repair. 12 minutes, hard, 4 points.*
#
# A training with restarts made `len(opinions) - 1` updates. `opinions[s]` is what its network says about one signal after `s` updates: the probability of each class. So `opinions[0]` comes before update $t = 0$, and `opinions[t + 1]` after update $t$.
#
# The function should return the answer of the snapshot ensemble: the mean probability of each class, over the networks at the end of all *whole* cycles. It has two bugs, and both are traps of the lesson. The growth of the cycles is right.


# %%
def snapshot_ensemble(opinions, first_cycle, stretch):
    snapshots = []
    cycle_end, length = first_cycle, first_cycle
    for t in range(len(opinions) - 1):
        ### BEGIN SOLUTION
        if t + 1 == cycle_end:
            ### BEGIN EXERCISE
            #:        if t == cycle_end:
            ### END SOLUTION
            snapshots.append(opinions[t + 1])
            length = length * stretch
            cycle_end = cycle_end + length
    ### BEGIN SOLUTION
    return [sum(column) / len(snapshots) for column in zip(*snapshots, strict=True)]
    ### BEGIN EXERCISE
    #:    votes = [snapshot.index(max(snapshot)) for snapshot in snapshots]
    #:    return [votes.count(c) / len(votes) for c in range(len(opinions[0]))]
    ### END SOLUTION


check("04.6", snapshot_ensemble)

# %% [markdown] tags=["solution"]
# Cycle 0 has the updates $0 \dots T_0 - 1$. After the last of them `t + 1` updates are made, and the network is finished. One update later it has taken a step at the full peak; and at the very end of the training the late code finds no update any more, and loses the last snapshot. A vote forgets how sure each member was, so we average the probabilities, class by class: `zip(*snapshots)` gives the columns.

# %% [markdown]
# ## What you can do now
#
# You can read the cycles off a curve, write them, plan a budget that ends with one, and make an ensemble of their snapshots. Next: a schedule that listens, in [section 05](../notebooks/05_plateau.ipynb). Or back to the [map of the course](../notebooks/index.ipynb).
