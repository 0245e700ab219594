# %% [markdown]
# # 02 Exponential decay: exercises
#
# **34 minutes, seven tasks, 13 points.** Read [the lesson](../notebooks/02_exponential.ipynb) first.

# %% [markdown] tags=["exercise"]
# Put your answer where the dots are, run the cell, then run the check below it. It answers at once: right, wrong or not attempted. When it is wrong, it shows where, and it knows the usual mistakes by name.
#
# Stuck? `hint("02.1")` nudges; `hint("02.1", 2)` says more. The answers are in the [solutions](../solutions/02_exponential.ipynb).

# %% [markdown] tags=["solution"]
# These are the solutions, each with a word on why. Try the [exercises](../exercises/02_exponential.ipynb) first: a wrong answer teaches more than a right one that you read.

# %%
import math

import torch
from matplotlib.ticker import LogLocator

from lrcourse.check import check, given, hint, solution
from lrcourse.handouts.exponential import line_in_words, line_rates
from lrcourse.plots import plot_rates, show

# %% [markdown]
# ## 02.1 Exponential decay
#
# *Implement. 3 minutes, easy, 1 point.*
#
# Write $\eta(t) = \eta_\text{peak}\,\gamma^{\,t}$. `t` is one whole number; the first update has `t = 0`.


# %%
def exponential_decay(t, peak_lr, gamma):
    ### BEGIN SOLUTION
    return peak_lr * gamma**t
    ### END SOLUTION


check("02.1", exponential_decay)

# %% [markdown] tags=["solution"]
# After $t$ updates the peak was multiplied by γ exactly $t$ times. At $t = 0$ that is no time at all, and $\gamma^0 = 1$ leaves the peak.

# %% [markdown]
# ## 02.2 The other form
#
# *Implement. 3 minutes, easy, 1 point.*
#
# Another recipe gives the decay constant $k$ in place of γ. Write the same kind of curve with $e$.


# %%
def exponential_from_k(t, peak_lr, k):
    ### BEGIN SOLUTION
    return peak_lr * math.exp(-k * t)
    ### END SOLUTION


check("02.2", exponential_from_k)

# %% [markdown] tags=["solution"]
# $e^{-kt} = (e^{-k})^t$, so this is 02.1 with $\gamma = e^{-k}$. It is not $\gamma = 1 - k$: the two are close only while $k$ is small.

# %% [markdown]
# ## 02.3 Choose γ from the end
#
# *Compute. 6 minutes, medium, 2 points.*
#
# The rate begins at `peak_lr`. At $t = T$, after `steps` updates, it shall be `last_lr`. Which γ does that?


# %%
def gamma_for(peak_lr, last_lr, steps):
    ### BEGIN SOLUTION
    return (last_lr / peak_lr) ** (1 / steps)
    ### END SOLUTION


check("02.3", gamma_for)

# %% [markdown] tags=["solution"]
# $\eta_\text{peak}\,\gamma^T = \eta_\text{last}$, so γ is the $T$-th root of the whole fall. The brackets around `1 / steps` matter: without them Python takes the first power and then divides.

# %% [markdown]
# ## 02.4 How far can it go?
#
# *Compute. 6 minutes, medium, 2 points.*
#
# The *travel* of a training is the sum of the rates of all its updates. How far does exponential decay travel in `steps` updates? A loop is as right as a formula.


# %%
def travel(peak_lr, gamma, steps):
    ### BEGIN SOLUTION
    return peak_lr * (1 - gamma**steps) / (1 - gamma)
    ### END SOLUTION


check("02.4", travel)

# %% [markdown] tags=["solution"]
# Without an end the travel is $\eta_\text{peak}/(1-\gamma)$. What lies beyond $T$ is the same series, begun at $\gamma^T$ times the peak, so the share $1-\gamma^T$ is left. As a loop: `sum(peak_lr * gamma**t for t in range(steps))`. Once $\gamma^T$ is tiny, a longer training adds next to nothing.

# %% [markdown]
# ## 02.5 The wrong clock, smoothly
#
# *Repair. 8 minutes, medium, 3 points.*
#
# The recipe says "multiply the rate by `gamma` per **epoch**". This loop multiplies by it at every batch, so after a few epochs nothing is left. Repair it, so that the rate falls a little at **every update**, always by the same factor, and by `gamma` over every epoch. It returns the rate that every update used: `epochs * batches` numbers.


# %%
def train(epochs, batches, peak_lr, gamma):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    ### BEGIN SOLUTION
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma ** (1 / batches))
    ### BEGIN EXERCISE
    #:    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    ### END SOLUTION
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()  # a real loop computes the loss and its gradient first
            scheduler.step()
    return rates


check("02.5", train)

# %% [markdown] tags=["solution"]
# The factor of one update, repeated for all batches of an epoch, must give γ: it is the root $\gamma^{1/\text{batches}}$. Dividing γ is wrong, since factors multiply. Moving `scheduler.step()` behind the inner loop repairs the clock, too, but gives stairs.

# %% [markdown]
# ## 02.6 Read the line
#
# *Read a curve. 6 minutes, hard, 3 points.*
#
# An exponential decay on a logarithmic axis. Which γ made it, and which $k$ belongs to that γ? For each of the two numbers five percent to either side is close enough. You get there with two points that lie far apart, hardly with two neighbours. Read each rate where its stair begins.

# %%
ax = plot_rates(mystery=line_rates(**given("02.6")), steps=21, y_scale="log")
ax.set_xticks(range(0, 22, 5))
ax.set_xticks(range(22), minor=True)
ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
ax.yaxis.set_major_formatter("{x:g}")
ax.grid(True, which="both", alpha=0.3)
show(ax, line_in_words(**given("02.6")))

# %%
### BEGIN SOLUTION
my_gamma = (0.054 / 0.5) ** (1 / 10)
my_k = -math.log(my_gamma)
### BEGIN EXERCISE
#:my_gamma = ...
#:my_k = ...
### END SOLUTION

check("02.6", gamma=my_gamma, k=my_k)

# %% [markdown] tags=["solution"]
# The rate is 0.5 at $t = 0$ and a little above 0.05 at $t = 10$. Their ratio is $\gamma^{10}$, so γ is its tenth root. Two points far apart are better than two neighbours: the root makes the error of reading ten times smaller. $k$ is minus the natural logarithm of γ, although the axis is drawn in powers of 10.

# %% [markdown]
# ## 02.7 At rest
#
# *Quiz. 2 minutes, easy, 1 point.*
#
# A colleague trains with all data in every update, so without noise. The rate starts at 0.1 and is multiplied by 0.9 after each update. Now $t = 100$, and for a long time the loss has not moved. What can you tell him?
#
# - **a)** It has converged: a rate that falls to zero brings the weights to a minimum.
# - **b)** The travel is used up: the weights stand wherever they were by then, perhaps on a slope.
# - **c)** Have patience: the rate is never zero, so in ten times the updates the weights will arrive.
# - **d)** The rate was too restless. Take $\gamma = 0.8$, and the weights will settle better.

# %%
### BEGIN SOLUTION
answer = "b"
### BEGIN EXERCISE
#:answer = ...  # "a", "b", "c" or "d"
### END SOLUTION

check("02.7", answer)

# %% [markdown] tags=["solution"]
# All updates together travel $0.1/(1-0.9) = 1$, as much as ten updates at the peak. At $t = 100$ hardly any of it is left. The weights may stand at a minimum, but the flat loss does not show it. Try a γ nearer to 1.

# %% [markdown]
# ## What you can do now
#
# You can write exponential decay in both forms, choose γ for the length of your training, say how far it can travel, and share a γ per epoch among the batches. Next: half a cosine, in [section 03](../notebooks/03_cosine.ipynb). Or back to the [map of the course](../notebooks/index.ipynb).
