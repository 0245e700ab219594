# %% [markdown]
# # 06 Warmup: exercises
#
# **42 minutes, six tasks, 15 points.** Read [the lesson](../notebooks/06_warmup.ipynb) first.

# %% [markdown] tags=["exercise"]
# Put your answer where the dots are, run the cell, then run the check below it. The check answers at once: right, wrong or not attempted. When it is wrong, it shows where, and it knows the usual mistakes by name.
#
# Stuck? `hint("06.1")` nudges; `hint("06.1", 2)` says more. The answers are in the [solutions](../solutions/06_warmup.ipynb).

# %% [markdown] tags=["solution"]
# These are the solutions, each with a word on why. Try the [exercises](../exercises/06_warmup.ipynb) first: a wrong answer teaches more than a right one that you read.

# %%
import math

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from lrcourse.check import check, hint, solution
from lrcourse.experiments import ModuleNetwork, Sgd, compare, digits
from lrcourse.handouts.warmup import LENGTHS
from lrcourse.schedules import Constant, LinearWarmup

# %% [markdown]
# ## 06.1 Three warmups
#
# *Implement. 7 minutes, easy, 3 points.*
#
# Give back three rates for the time `t`, one whole number: of a linear, a cosine and an exponential warmup. All three begin at 0, arrive at the peak at $t = W$, and stay there. In many notes the exponential is $1 - e^{-t/\tau}$ times the peak, which does not arrive. Make it arrive. `time_constant` is $\tau$; it stays the same when $W$ changes.


# %%
def three_warmups(t, peak_lr, warmup_steps, time_constant):
    ### BEGIN SOLUTION
    x = min(t / warmup_steps, 1)
    linear = peak_lr * x
    cosine = peak_lr * (1 - math.cos(math.pi * x)) / 2
    height = 1 - math.exp(-warmup_steps / time_constant)
    exponential = peak_lr * (1 - math.exp(-x * warmup_steps / time_constant)) / height
    return linear, cosine, exponential
    ### BEGIN EXERCISE
    #:    return ...  # your answer: linear, cosine, exponential
    ### END SOLUTION


check("06.1", three_warmups)

# %% [markdown] tags=["solution"]
# One `min` keeps all three at the peak after $W$: it acts on the share $x$, before any shape. `height` is what the unfinished exponential reaches at $t = W$; divided by it, it arrives. The usual error is to leave that out and to switch to the peak at $W$: then the rate jumps.

# %% [markdown]
# ## 06.2 Warmup, then cosine
#
# *Implement. 9 minutes, medium, 3 points.*
#
# The rate rises as $\eta_\text{peak}\,t/W$, is at the peak at $t = W$, and falls from there on half a cosine to $\eta_\text{min}$. From $t = T$ on it is $\eta_\text{min}$, whatever $W$ is. `steps` is $T$, the warmup included.
#
# Mind the edges: $W = 0$ means no warmup, so that update 0 is at the peak. And with $W = T$ there is no decay.


# %%
def warmup_cosine(t, peak_lr, min_lr, warmup_steps, steps):
    ### BEGIN SOLUTION
    if t >= steps:
        return min_lr
    if t < warmup_steps:
        return peak_lr * t / warmup_steps
    p = (t - warmup_steps) / (steps - warmup_steps)
    return min_lr + (peak_lr - min_lr) * (1 + math.cos(math.pi * p)) / 2
    ### END SOLUTION


check("06.2", warmup_cosine)

# %% [markdown] tags=["solution"]
# Asking for `t >= steps` first settles both the end and $W = T$: the last line is reached only where $W \le t < T$, so nothing divides by zero. The share $p$ counts from $W$ and lasts $T - W$ updates; with $t/T$ the rate would jump at the hand-over, and without the first line the cosine would climb again.

# %% [markdown]
# ## 06.3 An update that trains nothing
#
# *Repair. 7 minutes, medium, 3 points.*
#
# A colleague writes a warmup and a straight line down, as in BERT. The loop has two faults:
#
# 1. The first update has the rate 0. Let the rise **count from one**, so that update $W - 1$ is the first at the peak.
# 2. At $t = W$ the rate jumps down. From there on it should fall in a straight line that is at the peak at $t = W$ and would be 0 at $t = T$, one update after the last.
#
# $T$ is `epochs * batches`. The function returns the rate that every update used.


# %%
def train(epochs, batches, peak_lr, warmup_steps):
    steps = epochs * batches

    def multiplier(t):
        if t < warmup_steps:
            ### BEGIN SOLUTION
            return (t + 1) / warmup_steps
        return (steps - t) / (steps - warmup_steps)
        ### BEGIN EXERCISE
        #:            return t / warmup_steps
        #:        return 1 - t / steps
        ### END SOLUTION

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = LambdaLR(optimizer, multiplier)
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()  # a real loop computes the loss and its gradient first
            scheduler.step()
    return rates


check("06.3", train)

# %% [markdown] tags=["solution"]
# The rise is $1/W, 2/W, \dots, 1$. After it $T - W$ updates are there, and at time $t$ there are $T - t$ of them left: the multiplier is the share that is left. The first version, `1 - t / steps`, counted the warmup as decay. The step of the scheduler was at the right place: $W$ and $T$ are updates.

# %% [markdown]
# ## 06.4 From tokens to updates
#
# *Compute. 9 minutes, hard, 3 points.*
#
# A paper gives its warmup in **tokens**, and its batch grows. After $n$ tokens an update sees
#
# $$b(n) = b_\text{first} + (b_\text{full} - b_\text{first})\,\min\!\left(\frac{n}{R},\,1\right)$$
#
# tokens, where $R$ is `growth_tokens`. How many updates does the warmup take, that is, until `tokens` tokens are seen? One percent to either side is right, so it does not matter how you round. A loop is fine.


# %%
def updates_of_tokens(tokens, first_batch, full_batch, growth_tokens):
    ### BEGIN SOLUTION
    seen, updates = 0, 0
    while seen < tokens:
        seen += first_batch + (full_batch - first_batch) * min(seen / growth_tokens, 1)
        updates += 1
    return updates
    ### END SOLUTION


check("06.4", updates_of_tokens)

# %% [markdown]
# And GPT-3 of the lesson, if its batch grew over eight billion tokens:

# %% tags=["exercise"]
# updates_of_tokens(375e6, 32e3, 3.2e6, 8e9)

# %% tags=["solution"]
updates_of_tokens(375e6, 32e3, 3.2e6, 8e9)

# %% [markdown] tags=["solution"]
# The loop plays the training: each update adds the batch of its moment. It agrees with the line "growing over 8 billion" of the lesson. A mean of two batches does not: while the batch is small, more updates fit into the same tokens, so the small batches count for more. (The loop has a closed form, a logarithm; you do not need it.)

# %% [markdown]
# ## 06.5 The shortest warmup that rescues
#
# *Experiment. 8 minutes, medium, 2 points.*
#
# The small tanh network of the lesson again, with plain gradient descent. `learned(peak_lr, warmup_steps)` trains eight networks for 300 updates and gives back how many of them have learned. (One call takes about a second.)
#
# Which is the shortest warmup with which **more than half** of the eight learn: at a peak of 2, and at a peak of 2.5? Choose from the `LENGTHS`. Guess before you run anything: is it the same length?


# %% tags=["nbval-ignore-output"]
def make_network():
    return nn.Sequential(
        nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 10)
    )


problem = digits(train_size=100, network=ModuleNetwork(make_network))


def learned(peak_lr, warmup_steps):
    schedule = LinearWarmup(peak_lr, warmup_steps) if warmup_steps else Constant(peak_lr)
    runs = compare(
        problem, {"this": schedule}, range(8), 300, optimizer=Sgd(), batch_size=100, keep_every=300
    )
    return int((runs["this"].losses[:, -1] < 0.5).sum())


print("lengths to try:", LENGTHS)
print("a peak of 2 without a warmup:", learned(2, 0), "of 8 learn")

# %% tags=["nbval-ignore-output"]
### BEGIN SOLUTION
for peak_lr in (2, 2.5):
    for length in LENGTHS:
        count = learned(peak_lr, length)
        print(f"peak {peak_lr}, warmup {length}: {count} of 8")
        if count > 4:
            break
### BEGIN EXERCISE
#:# try here: learned(2, 40)
### END SOLUTION

# %%
### BEGIN SOLUTION
at_2 = 80
at_2_5 = 120
### BEGIN EXERCISE
#:at_2 = ...
#:at_2_5 = ...
### END SOLUTION

check("06.5", at_2=at_2, at_2_5=at_2_5)

# %% [markdown] tags=["solution"]
# From below, the count passes 4 at $W = 80$ for the first peak and at $W = 120$ for the second. A quarter more of the peak asks for a longer warmup: the steep stretch has to be over before the rate is too high for it. We tried other networks (seeds 1000, 2000 and 3000); the answer stayed the same. It is the answer for *this* network and data: a reader of your report needs your peak to make use of your warmup.

# %% [markdown]
# ## 06.6 What stands after the experiments?
#
# *Quiz. 2 minutes, easy, 1 point.*
#
# Four sentences that you can read. Which one did the experiments of the lesson **not** contradict?
#
# - **a)** A warmup is needed because the statistics of BatchNorm are unstable at first.
# - **b)** Clipping the gradients does the same service as a warmup.
# - **c)** A peak that is good later can be too high for a stretch early on, and a warmup keeps the steps short until that is over.
# - **d)** About 6 percent of the updates is the usual warmup; start there, whatever you train.

# %%
### BEGIN SOLUTION
answer = "c"
### BEGIN EXERCISE
#:answer = ...
### END SOLUTION

check("06.6", answer)

# %% [markdown] tags=["solution"]
# **c** is what the curvature showed: it climbs early and falls again. A network without BatchNorm needed a warmup, clipping did not save the transformer, and the published shares have no common number.

# %% [markdown]
# ## What you can do now
#
# You can write a warmup of any shape, hand over to a decay without a jump, translate a warmup from tokens to updates, and find out by experiment how long one has to be. Next: [section 07](../notebooks/07_one_cycle.ipynb), one cycle, or back to the [map of the course](../notebooks/index.ipynb).
