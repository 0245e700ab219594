# %% [markdown]
# # 07 Cyclical rates and one cycle: exercises
#
# **39 minutes, six tasks, 15 points.** Read [the lesson](../notebooks/07_one_cycle.ipynb) first.

# %% [markdown] tags=["exercise"]
# Put your answer where the dots are, run the cell, then run the check below it. The check answers at once: right, wrong or not attempted. When it is wrong, it shows where, and it knows the usual mistakes by name.
#
# Stuck? `hint("07.1")` nudges; `hint("07.1", 2)` says more. The answers are in the [solutions](../solutions/07_one_cycle.ipynb).

# %% [markdown] tags=["solution"]
# These are the solutions, each with a word on why. Try the [exercises](../exercises/07_one_cycle.ipynb) first: a wrong answer teaches more than a right one that you read.

# %%
import math

import numpy as np
import torch
from torch.optim.lr_scheduler import OneCycleLR

from lrcourse.check import check, given, hint, solution
from lrcourse.handouts.one_cycle import range_test, range_test_in_words
from lrcourse.panels import Axis, Curve, Panel
from lrcourse.plots import axes, plot_panel, plot_rates, show
from lrcourse.torch_twins import rates_used

# %% [markdown]
# ## 07.1 Triangles that shrink
#
# *Implement. 7 minutes, easy, 2 points.*
#
# Triangles from `min_lr` up to `peak_lr` and down again, `up_steps` updates each way. After every whole cycle their **height above the lowest rate** is multiplied by `cycle_gamma`: with 1 this is PyTorch's `triangular`, with 0.5 its `triangular2`. `t` is one whole number.


# %%
def triangles(t, peak_lr, up_steps, min_lr, cycle_gamma):
    ### BEGIN SOLUTION
    k, tau = t // (2 * up_steps), t % (2 * up_steps)
    height = (peak_lr - min_lr) * cycle_gamma**k
    return min_lr + height * min(tau / up_steps, (2 * up_steps - tau) / up_steps)
    ### END SOLUTION


check("07.1", triangles)

# %% [markdown] tags=["solution"]
# `//` counts the cycles that are over, `%` the updates of the one that runs. The factor acts on `peak_lr - min_lr` only, so the valleys stay at `min_lr`. The usual error is to shrink the whole rate: then the valleys sink with the peaks.

# %% [markdown]
# ## 07.2 One cycle, rate and momentum
#
# *Implement. 10 minutes, hard, 4 points.*
#
# Give back two numbers, the rate and the momentum at time `t`. `warmup_steps` is $W$, and `steps` is $T$.
#
# - The rate starts at the peak divided by 25, is at the peak at $t = W$, and arrives at $t = T$ at the first rate divided by 10 000.
# - The momentum goes from 0.95 to 0.85 while the rate rises, and back to 0.95 while it falls.
# - Each of these ways is half a cosine. From $t = T$ on, both keep their last value.


# %%
def one_cycle(t, peak_lr, steps, warmup_steps):
    ### BEGIN SOLUTION
    start_lr = peak_lr / 25
    min_lr = start_lr / 10_000
    if t < warmup_steps:
        up = (1 - math.cos(math.pi * t / warmup_steps)) / 2  # from 0 to 1
        return start_lr + (peak_lr - start_lr) * up, 0.95 - 0.1 * up
    share = min((t - warmup_steps) / (steps - warmup_steps), 1)
    left = (1 + math.cos(math.pi * share)) / 2  # from 1 to 0
    return min_lr + (peak_lr - min_lr) * left, 0.95 - 0.1 * left
    ### BEGIN EXERCISE
    #:    return ...  # your answer: rate, momentum
    ### END SOLUTION


check("07.2", one_cycle)

# %% [markdown] tags=["solution"]
# `up` and `left` say how much of the way to the peak is there, from 0 to 1. The rate takes it upwards from its foot, and the momentum downwards from 0.95. The foot changes at the peak: the fall goes much deeper than the start. That is why the momentum cannot be computed from the rate.

# %% [markdown]
# ## 07.3 What will PyTorch do?
#
# *Predict. 7 minutes, medium, 3 points.*
#
# The cell prints a call; the optimizer is an SGD with momentum. Everything that the call does not name has PyTorch's default. Predict, with paper and a calculator:
#
# - `peak_at`: the $t$ at which the rate is highest;
# - `last_lr`: the rate of the last planned update;
# - `phases`: how many phases the cycle has;
# - `effective_growth`: how many times larger $\eta/(1-m)$ is at the peak than at $t = 0$. (The momentum goes from 0.95 to 0.85.)

# %%
question = given("07.3")
arguments = ", ".join(f"{name}={value}" for name, value in question.items())
print(f"OneCycleLR(optimizer, {arguments})")

# %%
### BEGIN SOLUTION
max_lr, total_steps, pct_start, div_factor = question.values()
peak_at = round(pct_start * total_steps) - 1
last_lr = max_lr / div_factor / 10_000
phases = 2
effective_growth = div_factor * (1 - 0.95) / (1 - 0.85)
### BEGIN EXERCISE
#:peak_at = ...
#:last_lr = ...
#:phases = ...
#:effective_growth = ...
### END SOLUTION

check("07.3", peak_at=peak_at, last_lr=last_lr, phases=phases, effective_growth=effective_growth)

# %% [markdown]
# Predicted? Then let PyTorch run, and see whether it agrees.

# %%
### BEGIN SOLUTION
used = rates_used(lambda optimizer: OneCycleLR(optimizer, **question), 1.0, question["total_steps"])
print(f"highest at t = {used.argmax()}, last rate {used[-1]:.3g}")
### BEGIN EXERCISE
#:# Take the # signs away:
#:# used = rates_used(lambda o: OneCycleLR(o, **question), 1.0, question["total_steps"])
#:# print(f"highest at t = {used.argmax()}, last rate {used[-1]:.3g}")
#:# show(plot_rates(used=used), "The rates that PyTorch used.")
### END SOLUTION

# %% tags=["solution"]
show(
    plot_rates(used=used),
    "One cycle as PyTorch runs it: a rise to the peak, then one long fall to almost nothing.",
)

# %% [markdown] tags=["solution"]
# The peak is at $pN - 1$, because PyTorch counts the steps between the updates. The last rate is the *first* rate divided by 10 000, so `div_factor` enters twice: once on the way up, once at the end. The default has two phases. And the momentum takes back a factor of $0.15/0.05 = 3$ of the growth.

# %% [markdown]
# ## 07.4 A cycle that never leaves the ground
#
# *Repair. 8 minutes, medium, 3 points.*
#
# The recipe: **plain SGD, without momentum**, and PyTorch's default one cycle over the whole training, `epochs * batches` updates. The loop returns the effective rate $\eta/(1 - m)$ of every update; without momentum that is the rate itself.
#
# No error message comes, and still two things are wrong: the rate stays near its start, and the effective rates are far higher than the rates. Repair both, and leave the line that notes the effective rate as it is: the check also looks at what the updates use.


# %%
def train(epochs, batches, peak_lr):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    ### BEGIN SOLUTION
    scheduler = OneCycleLR(
        optimizer, max_lr=peak_lr, total_steps=epochs * batches, cycle_momentum=False
    )
    ### BEGIN EXERCISE
    #:    scheduler = OneCycleLR(optimizer, max_lr=peak_lr, total_steps=epochs * batches)
    ### END SOLUTION
    effective_rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            group = optimizer.param_groups[0]
            effective_rates.append(group["lr"] / (1 - group["momentum"]))
            optimizer.step()  # a real loop computes the loss and its gradient first
            ### BEGIN SOLUTION
            scheduler.step()
        ### BEGIN EXERCISE
        #:        scheduler.step()
        ### END SOLUTION
    return effective_rates


check("07.4", train)

# %% [markdown] tags=["solution"]
# `OneCycleLR` wants one call of `step()` per update, as many as `total_steps` says. And it switches on a momentum in any optimizer that has one, even in a plain SGD: `cycle_momentum=False` forbids it. If you repaired the clock alone, your updates would be many times longer than your log of the rate tells.

# %% [markdown]
# ## 07.5 How high, and how low?
#
# *Read a curve. 5 minutes, easy, 2 points.*
#
# In a range test the rate is raised bit by bit during one short training, and the accuracy is noted (section 09 does it). Somebody sends you this one. Choose the triangles as Smith does: as `peak_lr` the highest rate at which the network still trains, and a `min_lr` that goes with it. What you can read off the grid is close enough.

# %%
rates, accuracies = range_test(**given("07.5"))
panel = Panel(
    Axis("learning rate", 0, 1), Axis("test accuracy", 0, 1), (Curve("", accuracies, rates),)
)
ax = plot_panel(panel, axes())
ax.set_xticks(np.arange(0, 1.01, 0.1))
ax.set_yticks(np.arange(0, 1.01, 0.1))
ax.grid(True, alpha=0.3)
show(ax, range_test_in_words(**given("07.5")))

# %%
### BEGIN SOLUTION
my_peak_lr = given("07.5")["limit"]  # where the curve breaks down in your picture
my_min_lr = my_peak_lr / 4
### BEGIN EXERCISE
#:my_peak_lr = ...
#:my_min_lr = ...
### END SOLUTION

check("07.5", peak_lr=my_peak_lr, min_lr=my_min_lr)

# %% [markdown] tags=["solution"]
# The curve is high up to a certain rate and then falls to guessing within one square of the grid. The last rate before that is the top, and a third or a quarter of it the bottom. Where the curve rises fastest is another rule, for another purpose: there the network only begins to train well.

# %% [markdown]
# ## 07.6 What may you conclude?
#
# *Quiz. 2 minutes, easy, 1 point.*
#
# A report says: "One cycle reached in 20 epochs the accuracy that a constant rate reached in 100." Both had their best peak. Which conclusion does that allow?
#
# - **a)** One cycle needs five times fewer epochs: that is super-convergence.
# - **b)** Here a rate that falls in the end saves epochs against one that does not; a cosine may save as many.
# - **c)** It is the momentum, moving against the rate, that makes the training fast.
# - **d)** The high rate in the middle regularises, and that is where the saving comes from.

# %%
### BEGIN SOLUTION
answer = "b"
### BEGIN EXERCISE
#:answer = ...
### END SOLUTION

check("07.6", answer)

# %% [markdown] tags=["solution"]
# The rival never let its rate fall, so nothing tells apart what the cycle did and what the decay did. In the lesson a cosine saved about as much. To claim more, the report needs a decaying rival with the same budget and a peak of its own.

# %% [markdown]
# ## What you can do now
#
# You can write triangles and one cycle from memory, predict what PyTorch makes of a call, and stop a scheduler from changing your momentum. Next: [section 08](../notebooks/08_pytorch.ipynb), PyTorch's schedulers together, or back to the [map of the course](../notebooks/index.ipynb).
