# %% [markdown]
# # 05 Reduce on plateau: exercises
#
# **48 minutes, seven tasks, 16 points.** Read [the lesson](../notebooks/05_plateau.ipynb) first.

# %% [markdown] tags=["exercise"]
# Put your answer where the dots are, run the cell, then run the check below it. The check answers at once: right, wrong or not attempted. When it is wrong, it shows where, and it knows the usual mistakes by name.
#
# Stuck? `hint("05.1")` nudges; `hint("05.1", 2)` says more. The answers are in the [solutions](../solutions/05_plateau.ipynb).

# %% [markdown] tags=["solution"]
# These are the solutions, each with a word on why. Try the [exercises](../exercises/05_plateau.ipynb) first: a wrong answer teaches more than a right one that you read.

# %%
import numpy as np
import torch
from IPython.display import Markdown
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lrcourse.check import check, given, hint, solution
from lrcourse.claims.plateau import still_improving
from lrcourse.panels import Axis, Curve, Panel
from lrcourse.plots import axes, plot_panel, show
from lrcourse.schedules import ReduceOnPlateau

# %% [markdown]
# ## 05.1 The first cut
#
# *Predict. 4 minutes, easy, 2 points.*
#
# Here are sixteen losses and a patience, heard by PyTorch's rule and by that of Keras. At which check does each of them cut for the first time? The first check is check 1. Decide with your eyes, before you let any code do it.

# %%
heard = given("05.1")
Markdown(
    f"The patience is {heard['patience']}.\n\n"
    f"| check | {' | '.join(str(check) for check in range(1, 17))} |\n|{'---|' * 17}\n"
    f"| loss | {' | '.join(f'{loss:.2f}' for loss in heard['metrics'])} |"
)

# %%
### BEGIN SOLUTION
cuts = {
    name: ReduceOnPlateau(peak_lr=1, patience=patience).replay(heard["metrics"]) < 1
    for name, patience in (("torch", heard["patience"]), ("keras", heard["patience"] - 1))
}
torch_cuts_at, keras_cuts_at = (int(np.argmax(is_cut)) + 1 for is_cut in cuts.values())
### BEGIN EXERCISE
#:torch_cuts_at = ...
#:keras_cuts_at = ...
### END SOLUTION

check("05.1", torch=torch_cuts_at, keras=keras_cuts_at)

# %% tags=["solution"]
print("losses:         ", *(f"{loss:.2f}" for loss in heard["metrics"]))
print("the best so far:", *(f"{best:.2f}" for best in np.minimum.accumulate(heard["metrics"])))
print("torch cuts at check", torch_cuts_at, "and Keras at check", keras_cuts_at)

# %% [markdown] tags=["solution"]
# Write the best so far below each loss. A check is bad where this row does not change, also where a loss beats the one before it or equals the best. Count the bad checks in a row: Keras cuts when there are as many as the patience, PyTorch at the next one.

# %% [markdown]
# ## 05.2 The rule, with a rest and a floor
#
# *Implement. 10 minutes, medium, 3 points.*
#
# Write PyTorch's rule for a loss. At each check: a metric below the best so far is the new best, and the count of bad checks goes back to 0; any other metric is a bad check. (So the threshold is 0 here, and not the 0.0001 of the lesson.) When there are more than `patience` bad checks in a row, the rate is multiplied by `factor`, but it never falls below `min_lr`, and the count goes back to 0.
#
# After a cut the rule rests for the next `cooldown` checks. While it rests, bad checks are not counted: the count stays at 0. A new best is noted all the same.
#
# Return a list: the rate after each check.


# %%
def plateau_rates(metrics, lr, factor, patience, cooldown, min_lr):
    ### BEGIN SOLUTION
    best, bad, resting, rates = np.inf, 0, 0, []
    for metric in metrics:
        if metric < best:
            best, bad = metric, 0
        else:
            bad += 1
        if resting > 0:
            resting, bad = resting - 1, 0
        if bad > patience:
            lr, bad, resting = max(lr * factor, min_lr), 0, cooldown
        rates.append(lr)
    return rates
    ### END SOLUTION


check("05.2", plateau_rates)

# %% [markdown] tags=["solution"]
# The order of the three `if` matters. The best comes first, so that the rule hears a new best even while it rests. The rest sets the count to 0 before the rule asks whether to cut. And `best` stays as it is at a cut: it forgets nothing.

# %% [markdown]
# ## 05.3 What counts as better?
#
# *Implement. 6 minutes, medium, 2 points.*
#
# The rule asks whether a metric beats the best by a margin. So there is a bar: the number that a metric must pass. For a loss with best 2 and a relative threshold of 0.1 the bar is 1.8: only a loss below it is an improvement.
#
# Write the bar. `mode` is `"min"` or `"max"`, and `threshold_mode` is `"rel"` or `"abs"`. The best may be negative, and the bar must be right there, too: not as in Trap 3 of the lesson.


# %%
def bar_to_beat(best, threshold, mode, threshold_mode):
    ### BEGIN SOLUTION
    margin = threshold * abs(best) if threshold_mode == "rel" else threshold
    return best - margin if mode == "min" else best + margin
    ### END SOLUTION


check("05.3", bar_to_beat)

# %% [markdown] tags=["solution"]
# The threshold mode decides how large the margin is, and the mode decides on which side of the best the bar lies. With `best` in place of `abs(best)` the margin of a negative best is negative, and the bar moves to the wrong side: then a metric that gets slowly worse passes for ever.

# %% [markdown]
# ## 05.4 The better, the lower
#
# *Repair. 6 minutes, easy, 2 points.*
#
# This loop hears the accuracy of every epoch. The better the accuracy becomes, the lower falls the rate; no error reports it. Repair the loop, so that the rate falls only after more than `patience` epochs in a row without a new best accuracy. It returns the rate that every epoch used.


# %%
def train(accuracies, peak_lr, factor, patience):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    ### BEGIN SOLUTION
    scheduler = ReduceLROnPlateau(optimizer, mode="max", factor=factor, patience=patience)
    ### BEGIN EXERCISE
    #:    scheduler = ReduceLROnPlateau(optimizer, factor=factor, patience=patience)
    ### END SOLUTION
    used = []
    for accuracy in accuracies:
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()  # a real loop trains for an epoch here, and measures the accuracy
        scheduler.step(accuracy)
    return used


check("05.4", train)

# %% [markdown] tags=["solution"]
# With the default `mode="min"` the first and lowest accuracy stays the best for ever. It would also be right to pass the error, `1 - accuracy`. Not so `-accuracy`: that is a metric below zero, and torch's relative threshold has the wrong sign there.

# %% [markdown]
# ## 05.5 A patience for the noise
#
# *Experiment. 10 minutes, medium, 3 points.*
#
# In the lesson, four hundred losses fell from 3 towards 1 for sixty epochs. No cut was needed in any of them. `still_improving(noise, first_seed=0)` makes these histories, here with more noise than in the lesson. The picture shows one of them, and one with half of the noise.

# %%
question = given("05.5")
curves = [
    Curve(
        f"noise {noise:g}", still_improving(noise, first_seed=0)[0], np.arange(1, 61), style=style
    )
    for style, noise in enumerate((question["noise"], question["noise"] / 2))
]
ax = plot_panel(Panel(Axis("epoch"), Axis("metric"), tuple(curves)), axes(7.5, 3.5))
show(
    ax,
    f"Two losses that fall from 3 to about 1.2 in 60 epochs, with a noise of {question['noise']:g} "
    f"and of {question['noise'] / 2:g}; the noisier one jumps up and down all the way.",
)

# %% [markdown]
# What is the smallest patience with which the rule cuts in **at most one history in ten**? Try it on the four hundred, patience by patience. (`count_cuts` in the lesson may help. Take the other parameters as they are by default. Other histories would move the answer by one or two, so a neighbour may count as well.)
#
# Then you take a validation set four times as large, and the noise halves. What is the smallest patience now? Guess first.


# %%
### BEGIN SOLUTION
needed = []
for noise in (question["noise"], question["noise"] / 2):
    histories, patience, share = still_improving(noise, first_seed=0), -1, 1.0
    while share > 0.1:
        patience += 1
        rule = ReduceOnPlateau(peak_lr=1, patience=patience)
        share = np.mean([rule.replay(each)[-1] < 1 for each in histories])
    needed.append(patience)
my_patience, my_patience_after = needed
### BEGIN EXERCISE
#:my_patience = ...
#:my_patience_after = ...
### END SOLUTION

check("05.5", patience=my_patience, patience_after=my_patience_after)

# %% tags=["solution"]
print(f"patience {my_patience} with all of the noise, {my_patience_after} with half of it")

# %% [markdown] tags=["solution"]
# A history is cut when its last rate is below its first, because the rate never goes up. With half the noise you need less patience, but much more than half of it. Other seeds give a patience that differs by one or two, so the check accepts a few numbers.

# %% [markdown]
# ## 05.6 Warmup first
#
# *Implement. 10 minutes, hard, 3 points.*
#
# PyTorch cannot let its plateau rule follow a warmup. You can. There is one check after every update, so after the first check one update has been made: $t = 1$. The peak is $\eta_\text{peak}$ and the warmup has $W$ updates, `warmup_steps`.
#
# - While $t < W$ the rate is $\eta_\text{peak}\,t/W$, and the metric is not heard.
# - From $t = W$ on the rule of 05.2 hears the metrics, without rest and without a floor. It begins at the peak, with nothing in its memory.
#
# Return the rate after each check. $W$ may be 0, and it may be larger than the number of checks.


# %%
def warmup_then_plateau(metrics, peak_lr, warmup_steps, factor, patience):
    ### BEGIN SOLUTION
    lr, best, bad, rates = peak_lr, np.inf, 0, []
    for t, metric in enumerate(metrics, start=1):
        if t < warmup_steps:
            rates.append(peak_lr * t / warmup_steps)
            continue
        if metric < best:
            best, bad = metric, 0
        else:
            bad += 1
        if bad > patience:
            lr, bad = lr * factor, 0
        rates.append(lr)
    return rates
    ### END SOLUTION


check("05.6", warmup_then_plateau)

# %% [markdown] tags=["solution"]
# `continue` goes on to the next metric, so the rule hears nothing while the warmup lasts. It is the same as a ramp followed by the rule of 05.2 for the metrics that are left. A rule that listened during the warmup could take a lucky early metric for its best, and cut at the peak.

# %% [markdown]
# ## 05.7 Will any start do?
#
# *Quiz. 2 minutes, easy, 1 point.*
#
# Somebody proposes: "Do not search for a learning rate. Start anywhere. `ReduceLROnPlateau` will correct it." What do you say?
#
# - **a)** It works if the start is too high, because the rule cuts until the rate fits.
# - **b)** It works if the start is too low, because the loss then stops falling and the rule reacts.
# - **c)** It works from both sides, if the patience is large enough for the noise.
# - **d)** It works from neither side: find a good start first, then listen.

# %%
### BEGIN SOLUTION
answer = "d"
### BEGIN EXERCISE
#:answer = ...
### END SOLUTION

check("05.7", answer)

# %% [markdown] tags=["solution"]
# In the lesson neither start was rescued. From too high the rule cut again and again, after the damage was done; from too low it could not help, because it only goes down. It ends a good training well, and it does not begin a bad one better.

# %% [markdown]
# ## What you can do now
#
# You can write the rule that listens, say at which check it cuts, and choose its patience by the noise. You know what to say to it when more is better, and what to do when a warmup comes first. Next: [section 06](../notebooks/06_warmup.ipynb) looks at the first updates, or back to the [map of the course](../notebooks/index.ipynb).
