# %% [markdown]
# # 08 The PyTorch API: exercises
#
# **53 minutes, eight tasks, 21 points.** Read [the lesson](../notebooks/08_pytorch.ipynb) first.

# %% [markdown] tags=["exercise"]
# Put your answer where the dots are, or repair the code that stands there. Run the cell, then run the check below it. The check answers at once: right, wrong or not attempted. When it is wrong, it shows where, and it knows the usual mistakes by name. It keeps torch's own warnings quiet.
#
# Stuck? `hint("08.1")` nudges; `hint("08.1", 2)` says more. The answers are in the [solutions](../solutions/08_pytorch.ipynb).

# %% [markdown] tags=["solution"]
# These are the solutions, each with a word on why. Try the [exercises](../exercises/08_pytorch.ipynb) first: a wrong answer teaches more than a right one that you read.

# %%
import math

import torch
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    CosineAnnealingLR,
    LambdaLR,
    LRScheduler,
    SequentialLR,
)

from lrcourse.check import check, given, hint, solution
from lrcourse.handouts.pytorch import broken_and_meant, building, rates_with_a_break
from lrcourse.plots import plot_rates, show

# %% [markdown]
# ## 08.1 What building does
#
# *Predict. 4 minutes, easy, 2 points.*
#
# The next cell shows a program that builds three schedulers on one optimizer. Nobody calls `step()`. Predict its four values, then check.

# %%
question = given("08.1")
print(building(**question))

# %%
### BEGIN SOLUTION
my_after_warmup = question["peak_lr"] / question["warmup_steps"]
my_after_cosine = question["peak_lr"] / question["warmup_steps"]
my_base_of_cosine = question["peak_lr"]
my_after_decay = question["peak_lr"]
### BEGIN EXERCISE
#:my_after_warmup = ...
#:my_after_cosine = ...
#:my_base_of_cosine = ...
#:my_after_decay = ...
### END SOLUTION

check(
    "08.1",
    after_warmup=my_after_warmup,
    after_cosine=my_after_cosine,
    base_of_cosine=my_base_of_cosine,
    after_decay=my_after_decay,
)

# %% [markdown] tags=["exercise"]
# Right or wrong: copy the program into a new cell and run it.

# %% [markdown] tags=["solution"]
# A constructor takes the step to $t = 0$. The warmup is a `LambdaLR` and writes base times factor, one stair. The cosine works from what it finds and leaves it there, but its base is the optimizer's own rate, noted by the first scheduler. The last one is a `LambdaLR` again: it works from the base and wipes the stair out. Here is the program, run:

# %% tags=["solution"]
names = {"torch": torch, "LambdaLR": LambdaLR, "CosineAnnealingLR": CosineAnnealingLR}
exec(building(**question), names)
for name in ("after_warmup", "after_cosine", "base_of_cosine", "after_decay"):
    print(f"{name:15} {names[name]:.3g}")

# %% [markdown]
# ## 08.2 Log the rate really used
#
# *Implement. 5 minutes, easy, 2 points.*
#
# Make `updates` updates with this optimizer and this scheduler, and return a list with the rate that each update used. The gradients are there already: `optimizer.step()` is an update. The check compares your log, and also the rates that the optimizer saw.


# %%
def log_of_rates(optimizer, scheduler, updates):
    ### BEGIN SOLUTION
    log = []
    for _update in range(updates):
        log.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return log
    ### END SOLUTION


check("08.2", log_of_rates)

# %% [markdown] tags=["solution"]
# Read, update, schedule. Between `optimizer.step()` and `scheduler.step()` would be a right place to read as well; after `scheduler.step()` you read the rate of the next update. `scheduler.get_last_lr()[0]` is the same number. `get_lr()` is not.

# %% [markdown]
# ## 08.3 Three bugs in one loop
#
# *Repair. 8 minutes, medium, 3 points.*
#
# The rate should fall at every update, in a straight line from `peak_lr` at the first update to 0 after the last: update $t$ of all $T =$ `epochs * batches` updates uses $\eta_\text{peak}\,(1 - t/T)$. The loop runs, and does something else. The picture shows both. Find three bugs. The check compares what your loop notes, and also what its updates use.

# %%
show(
    plot_rates(**broken_and_meant(epochs=4, batches=10, peak_lr=0.5)),
    "The line that was meant falls evenly from 0.5 to 0 over 40 updates. The broken loop starts "
    "at less than a half of that, and is at 0 from the fourth update on.",
)


# %%
def train(epochs, batches, peak_lr):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)

    def line(t):
        ### BEGIN SOLUTION
        return max(0, 1 - t / (epochs * batches))
        ### BEGIN EXERCISE
        #:        return peak_lr * max(0, 1 - t / epochs)
        ### END SOLUTION

    scheduler = LambdaLR(optimizer, line)
    rates = []
    for _epoch in range(epochs):
        for _batch in range(batches):
            ### BEGIN SOLUTION
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()  # a real loop computes the loss and its gradient first
            scheduler.step()  # last: it writes the rate of the next update
            ### BEGIN EXERCISE
            #:            scheduler.step()
            #:            rates.append(optimizer.param_groups[0]["lr"])
            #:            optimizer.step()  # a real loop computes the loss and its gradient first
            ### END SOLUTION
    return rates


check("08.3", train)

# %% [markdown] tags=["solution"]
# `LambdaLR` multiplies, so `line` returns a factor: with a rate the peak was squared. `scheduler.step()` is called for every batch, so the length counts batches. And it comes last, or the first rate is never used. Of the three only the order brings a warning from torch; the other two are silent.

# %% [markdown]
# ## 08.4 Warmup and cosine with LambdaLR
#
# *Implement. 8 minutes, medium, 3 points.*
#
# The optimizer has the peak as its rate. Return a `LambdaLR` that multiplies it with
#
# $$f(t) = \begin{cases}(t + 1)/W & t < W\\[2pt] \tfrac12(1 + \cos \pi p) & t \ge W\end{cases} \qquad p = \min\!\left(\frac{t - W}{T - W},\,1\right)$$
#
# `warmup_steps` is $W$, 1 or more, and `steps` is $T$. After update $T$ the rate stays at 0.


# %%
def warmup_cosine(optimizer, warmup_steps, steps):
    def factor(t):
        ### BEGIN SOLUTION
        if t < warmup_steps:
            return (t + 1) / warmup_steps
        p = min((t - warmup_steps) / (steps - warmup_steps), 1)
        return (1 + math.cos(math.pi * p)) / 2
        ### END SOLUTION

    ### BEGIN SOLUTION
    return LambdaLR(optimizer, factor)
    ### END SOLUTION


check("08.4", warmup_cosine)

# %% [markdown] tags=["solution"]
# The function inside sees `warmup_steps` and `steps` of the function around it; `LambdaLR` calls it with $t$ alone. It is 1 at the peak, because the optimizer brings the peak. The usual error is to multiply with the peak once more.

# %% [markdown]
# ## 08.5 Joined the wrong way
#
# *Repair. 6 minutes, medium, 3 points.*
#
# The same curve, from two of torch's schedulers. Somebody has read that `ChainedScheduler` joins them one after the other. Repair the function, so that its scheduler gives the rates of 08.4 up to $t = T$. More than one thing is wrong.


# %%
def joined(optimizer, warmup_steps, steps):
    ### BEGIN SOLUTION
    warmup = LambdaLR(optimizer, lambda t: (t + 1) / warmup_steps)
    cosine = CosineAnnealingLR(optimizer, T_max=steps - warmup_steps)
    return SequentialLR(optimizer, [warmup, cosine], milestones=[warmup_steps])
    ### BEGIN EXERCISE
    #:    warmup = LambdaLR(optimizer, lambda t: min(1, (t + 1) / warmup_steps))
    #:    cosine = CosineAnnealingLR(optimizer, T_max=steps)
    #:    return ChainedScheduler([warmup, cosine])
    ### END SOLUTION


check("08.5", joined)

# %% [markdown] tags=["solution"]
# In a chain all parts act at every call, and the `LambdaLR`, which works from the base, wipes out what the cosine has done. `SequentialLR` switches. Its second part starts at the milestone from its own $t = 0$, so it has only $T - W$ updates left. The `min` is not needed any more: after the milestone nobody asks the warmup.
#
# For comparison, the chain that was handed out:

# %% tags=["solution"]
from lrcourse.torch_twins import rates_used


def chain(optimizer):
    warmup = LambdaLR(optimizer, lambda t: min(1, (t + 1) / 10))
    cosine = CosineAnnealingLR(optimizer, T_max=50)
    return ChainedScheduler([warmup, cosine])


follow = rates_used(lambda optimizer: joined(optimizer, 10, 50), 0.1, 50)
show(
    plot_rates(SequentialLR=follow, ChainedScheduler=rates_used(chain, 0.1, 50)),
    "SequentialLR rises for ten updates and falls to zero along a cosine. ChainedScheduler rises "
    "as well, but then stays near the peak, and only at the end falls to a quarter of it.",
)

# %% [markdown]
# ## 08.6 Resume without a jump
#
# *Repair. 7 minutes, medium, 3 points.*
#
# Yesterday's program stopped in the middle and saved a `checkpoint`: `checkpoint["optimizer"]` and `checkpoint["scheduler"]` are the two state dicts. Today's program gets it, and the saved `weight`. `make_scheduler(optimizer)` builds the scheduler that yesterday's program had: the check uses a `SequentialLR`, a `StepLR` and a `LambdaLR`. The training should go on as if nothing had happened, with the same rates and the same momentum. It does not. In the picture it stopped after 15 updates.

# %%
show(
    plot_rates(**rates_with_a_break(stop=15)),
    "Without a break the rate rises for ten updates and falls along a cosine. The resumed "
    "training follows the same curve for 15 updates, then jumps to about a tenth of the rate, and "
    "stays at a tenth to the end.",
)


# %%
def resume(checkpoint, weight, make_scheduler):
    optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
    scheduler = make_scheduler(optimizer)
    ### BEGIN SOLUTION
    optimizer.load_state_dict(checkpoint["optimizer"])
    ### BEGIN EXERCISE
    ### END SOLUTION
    scheduler.load_state_dict(checkpoint["scheduler"])
    return optimizer, scheduler


check("08.6", resume)

# %% [markdown] tags=["solution"]
# The rate and the momentum are in the optimizer, the count is in the scheduler: both states are needed. The new line belongs behind the one that makes the scheduler, whose constructor writes the first rate of the warmup into the optimizer. Build everything, then load everything.

# %% [markdown]
# ## 08.7 One line is changed
#
# *Quiz. 3 minutes, medium, 1 point.*
#
# ```python
# warmup = LinearLR(optimizer, start_factor=0.1, total_iters=10)
# cosine = CosineAnnealingLR(optimizer, T_max=90)
# for step in range(100):
#     ...  # the update
#     if step < 10:
#         warmup.step()
#     else:
#         cosine.step()
# ```
#
# This loop uses the rates that were meant. Then the second line alone is changed: it becomes a `LambdaLR`, with a function that draws the same cosine. What are the rates now?
#
# - **a)** The same as before, because the curve is the same.
# - **b)** There are none: torch stops, or at least warns, when two schedulers share one optimizer.
# - **c)** The warmup goes from the peak up to ten times the peak. After it the rates are right.
# - **d)** The first update has the full peak, and all others are right.

# %%
### BEGIN SOLUTION
answer = "c"
### BEGIN EXERCISE
#:answer = ...
### END SOLUTION

check("08.7", answer)

# %% [markdown] tags=["solution"]
# The loop was right by luck. `CosineAnnealingLR` leaves the rate of the warmup alone when it is made, a `LambdaLR` writes the full peak. `LinearLR` then multiplies what it finds, by ten over its ten calls. The cosine works from the base, so from its first call on the rates are right again, and nothing in the log at the end shows what happened.

# %% [markdown]
# ## 08.8 A scheduler of your own
#
# *Implement. 12 minutes, hard, 4 points.*
#
# The `eta_min` of torch's cosine is one rate for all groups, and past `T_max` it climbs again. Write a cosine that ends at a *share* $s$ of each group's own base $b$, and stays there:
#
# $$\eta_t = b\,\big(s + (1 - s)\,\tfrac12(1 + \cos \pi p)\big) \qquad p = \min(t/T,\,1)$$
#
# `steps` is $T$ and `share` is $s$. The check uses two groups and goes past the end. In its last case (`halved_at`) it halves both rates by hand before one update; your next call should put them back on the curve.


# %%
class CosineToShare(LRScheduler):
    def __init__(self, optimizer, steps, share):
        ### BEGIN SOLUTION
        self.steps, self.share = steps, share  # first: the next line already calls get_lr
        super().__init__(optimizer)
        ### BEGIN EXERCISE
        #:        raise NotImplementedError  # ... your answer
        ### END SOLUTION

    def get_lr(self):
        ### BEGIN SOLUTION
        p = min(self.last_epoch / self.steps, 1)
        factor = self.share + (1 - self.share) * (1 + math.cos(math.pi * p)) / 2
        return [base * factor for base in self.base_lrs]
        ### BEGIN EXERCISE
        #:        raise NotImplementedError  # ... your answer
        ### END SOLUTION


check("08.8", CosineToShare)

# %% [markdown] tags=["solution"]
# `super().__init__` takes the first step, so the numbers must be there before it. `last_epoch` is $t$. Because the list is made from `base_lrs`, each group has its own end, and a hand that touches the rate is forgotten at the next call.

# %% [markdown]
# ## What you can do now
#
# You can say what a scheduler writes and when, join two of them, stop and resume, and write your own. And you know where to look when a program is silent: at the rates that were really used. Next: [09 Finding the rate](../notebooks/09_lr_finder.ipynb), or back to the [map of the course](../notebooks/index.ipynb).
