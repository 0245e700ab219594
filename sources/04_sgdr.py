# %% [markdown]
# # 04 Warm restarts
#
# **30 minutes.** You need the cosine of [section 03](03_cosine.ipynb).
#
# After this lesson you can
#
# 1. write a cosine that restarts, and say at which updates it does;
# 2. choose a budget that ends where a cycle ends;
# 3. say what a restart does to the accuracy, at once and in the end;
# 4. make an ensemble out of one training, and say when that pays;
# 5. name two popular promises of restarts that did not come true here.

# %% tags=["nbval-ignore-output"]
import matplotlib
import numpy as np
import torch
from IPython.display import Markdown

import lrcourse

print(f"lrcourse {lrcourse.__version__}, torch {torch.__version__},")
print(f"NumPy {np.__version__}, matplotlib {matplotlib.__version__}")

# %% [markdown]
# ## A question first
#
# A training has followed its cosine down to the rate 0. The network is done.
# Now you put the rate back to the peak, from one update to the next, and go through a second, longer cosine.
# You compare it with a network whose *one* cosine was planned for all of these updates from the start.
#
# How do the two compare at the end?
#
# - **a)** The jump has ruined the first network. It never recovers.
# - **b)** The jump has freed it from a poor place. It ends clearly ahead of the one long cosine.
# - **c)** It recovers, and ends where the one long cosine ends, give or take a little.
#
# Decide now.

# %% [markdown] tags=["C27", "C28", "C29", "C30", "B34"]
# ## The formula
#
# A *restart* sets the rate back to the peak and lets the next cosine begin. It is called *warm* because only the rate starts again; the weights stay as they are. The method is known as SGDR, stochastic gradient descent with warm restarts.
#
# $$\eta(t) = \eta_\text{min} + \tfrac12\,(\eta_\text{peak} - \eta_\text{min})\,\bigl(1 + \cos(\pi\,\tau/T_k)\bigr), \qquad T_k = T_0\,m^k$$
#
# | symbol | name in code | meaning | in PyTorch |
# |---|---|---|---|
# | $k$ | | the number of the cycle: 0, 1, 2, ... | |
# | $\tau$ | | updates since cycle $k$ began | `T_cur` |
# | $T_0$ | `first_cycle` | updates of cycle 0, so until the first restart | `T_0` |
# | $m$ | `stretch` | how many times as long as the last one a cycle is: $T_{k+1}/T_k$ | `T_mult`, 1 by default |
# | $T_k$ | | updates of cycle $k$ | `T_i` |
# | $\eta_\text{peak}$, $\eta_\text{min}$ | `peak_lr`, `min_lr` | as in section 03 | the optimizer's `lr`, `eta_min` |
#
# Mind the counting. $T_0$ is the cycle *before* restart 1. So $T_k$ runs from restart $k$ to restart $k+1$. "From restart $k-1$ to restart $k$", as you may read, is off by one.
#
# Here it is in Python, for one $t$: walk from cycle to cycle until $t$ lies inside.


# %%
def my_restarts(t, peak_lr, first_cycle, stretch=1):
    start, length = 0, first_cycle
    while t >= start + length:
        start, length = start + length, length * stretch
    return peak_lr * (1 + np.cos(np.pi * (t - start) / length)) / 2


for time in (0, 9, 10, 29, 30, 69, 70):
    print(f"t = {time:2}: {my_restarts(time, peak_lr=0.1, first_cycle=10, stretch=2):.4f}")

# %% [markdown] tags=["C27", "B34"]
# Update 10 is the first of cycle 1, and uses the full peak. Update 9 used the lowest rate of cycle 0. That is *near* 0, and not 0: where 0 would be reached, the next cycle begins.
#
# The library's version knows its restarts.

# %% tags=["A16"]
from lrcourse.schedules import CosineRestarts

schedule = CosineRestarts(peak_lr=0.1, first_cycle=10, stretch=2)
t = np.arange(200)
mine = [my_restarts(time, 0.1, 10, 2) for time in t]
np.testing.assert_allclose(schedule(t), mine, rtol=1e-12)
print("restarts at", schedule.restarts(200).tolist())

# %% [markdown] tags=["A16", "C29"]
# Each restart lies at the sum of the cycles before it: 10, then 10 + 20, then 10 + 20 + 40, and so on. Here is the picture:

# %%
from lrcourse.plots import plot_rates, show

ax = plot_rates(growing=schedule, steps=150)
for k, middle in enumerate((5, 20, 50, 110)):
    ax.text(middle, 0.106, f"cycle {k}" if k > 1 else f"{k}", ha="center", fontsize=11)
show(
    ax,
    "Cosines of 10, 20, 40 and 80 updates, numbered 0 to 3. Each falls from 0.1 to near 0, and "
    "then the rate jumps back to 0.1.",
)

# %% [markdown] tags=["A16", "C31"]
# ## PyTorch's version
#
# `CosineAnnealingWarmRestarts` is the class with the jumps. Plain `CosineAnnealingLR` has none, so whatever is said in favour of *periodic* rates belongs here and not to section 03.
#
# Before you run the cell: at which updates will the rate jump, and which rate comes just before the first jump?

# %% tags=["A16"]
weight = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=0.1)
scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(
    optimizer, T_0=10, T_mult=2, eta_min=1e-6
)
used = []
for _step in range(200):
    used.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()

print("jumps at", [time for time in range(1, 200) if used[time] > used[time - 1]])
print(f"just before the first: {used[9]:.4f}, before the last: {used[149]:.6f}")
np.testing.assert_allclose(used, CosineRestarts(0.1, 10, 2, min_lr=1e-6)(t), rtol=1e-9)

# %% [markdown] tags=["A16"]
# The floor `eta_min` is a millionth, and the first cycle ends more than a thousand times above it. A longer cycle comes nearer.
#
# `T_mult` must be a whole number of at least 1. PyTorch says so at once, and so do we:

# %% tags=["A16", "C29"]
for stretch in (0, 1.5):
    try:
        torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=10, T_mult=stretch)
    except ValueError as error:
        print(error)

# %% [markdown] tags=["C28"]
# `T_0` counts calls of `scheduler.step()`. If you call it once per epoch, `T_0=10` are ten epochs, and the rate changes once per epoch only.
#
# This class also takes a time: `scheduler.step(epoch + i / batches)` in the batch loop means "so many epochs after the start, with a fraction". Then `T_0` counts epochs, and the rate still changes with every batch.

# %% tags=["C28"]
optimizer = torch.optim.SGD([weight], lr=0.1)
scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=10)
optimizer.step()
scheduler.step(2 + 50 / 100)  # batch 50 of 100 in epoch 2
print(f"torch: {scheduler.get_last_lr()[0]:.6f}, formula: {my_restarts(2.5, 0.1, 10):.6f}")

# %% [markdown] tags=["C34"]
# ## Where to stop
#
# A run that stops in the middle of a cycle stops at a high rate, and its weights still jump about. So the *budget*, the number of all updates, should be a sum of whole cycles. Here are some budgets and the rate of their last update:

# %% tags=["C34"]
print("budget   last rate")
for budget in (30, 50, 70, 100, 150, 200, 310):
    remark = "<- ends a cycle" if budget in schedule.restarts(311) else ""
    print(f"{budget:6}   {schedule(budget - 1):.5f}  {remark}".rstrip())

# %% [markdown] tags=["C34"]
# With $T_0 = 10$ and $m = 2$ the good budgets are 10, 30, 70, 150, 310, ...: for $n$ cycles it is $T_0\,(m^n - 1)/(m - 1)$.
#
# Growing cycles are an option: the default is `T_mult=1`. Then all cycles are equal, and a good budget is a multiple of $T_0$.
#
# ## Play
#
# The dashed line is the budget. Drag it with the mouse, or use its slider. A triangle marks the last update of a cycle. Try to
#
# - find three budgets that end a cycle, and read the last rate in the table;
# - set `stretch` to 1 and `first_cycle` so that a budget of 100 is exactly five whole cycles;
# - set `gamma` below 1: the peaks shrink from cycle to cycle. Tick `show PyTorch`: does it have that?

# %%
from lrcourse.explore import explore
from lrcourse.explore.scenes import restarts

explore(restarts)

# %% [markdown] tags=["B34"]
# ## The experiment
#
# Now the question. The task is the noisy signals of section 03. Twelve networks go through three cycles of 300, 600 and 1200 updates. Twelve others, paired with them, have one cosine of 2100.
#
# Look at the dotted lines, where a restart happens, and then at the end.

# %% tags=["nbval-ignore-output", "B34"]
from lrcourse.experiments import compare, paired_difference, signals
from lrcourse.plots import plot_runs
from lrcourse.schedules import CosineDecay

problem, seeds = signals(test_size=2000), range(12)
schedules = {
    "SGDR": CosineRestarts(0.13, first_cycle=300, stretch=2),
    "cosine": CosineDecay(0.13, 2100),
}
runs = compare(problem, schedules, seeds, steps=2100, test_every=50)
show(plot_runs(runs, "test accuracy", marks=[300, 900]))

# %% tags=["nbval-ignore-output"]
accuracies = {name: 100 * run.test_accuracies for name, run in runs.items()}
looks = list(runs["SGDR"].test_steps)


def ahead(time):
    at = looks.index(time)
    return paired_difference(accuracies["SGDR"][:, at], accuracies["cosine"][:, at])


assert ahead(300).low > 1
assert abs(ahead(2100).mean) < 2

Markdown(
    f"""
| SGDR minus cosine, test accuracy in points | |
|---|---|
| after 300 updates, the end of cycle 0 | **{ahead(300)}** |
| after 900 updates, the end of cycle 1 | {ahead(900)} |
| after 2100 updates, the end of both | **{ahead(2100)}** |
"""
)

# %% [markdown]
# The answer is **c**. Each restart costs several points, and its cycle brings them back and adds some. At the end the two are within a point or two of each other.
#
# And SGDR does give something. After cycle 0 it is far ahead, because it has already been at a low rate, and the long cosine has not. You can stop at the end of *any* cycle with a finished network. The paper calls that good *anytime* performance, and it is what the method was made for ([Loshchilov and Hutter 2016](https://arxiv.org/abs/1608.03983)).
#
# The restart itself is a claim of the course. Its run looks 30 updates after a restart, and one cycle after it:

# %% tags=["nbval-ignore-output", "B34"]
from lrcourse.claims import CLAIMS

finding = CLAIMS["restart-spike"].run()
assert finding.is_as_taught
finding

# %% [markdown]
# ## Promise 1: better minima
#
# The usual picture is a ball in a hilly landscape. It rolls into a poor valley, the restart kicks it out, and it finds a better one. If that is what happens, SGDR should end clearly above one cosine of the same length.
#
# We ask on two tasks: the signals of the experiment above, and 300 digits of which one label in ten is wrong. On the digits SGDR has five cycles of 200 updates.

# %% tags=["nbval-ignore-output", "B35", "C25"]
from lrcourse.experiments import digits

few = digits(label_noise=0.1, train_size=300)
schedules = {"SGDR": CosineRestarts(0.13, first_cycle=200), "cosine": CosineDecay(0.13, 1000)}
learned = compare(few, schedules, seeds, steps=1000, test_every=25)
last = {name: 100 * run.test_accuracies[:, -1] for name, run in learned.items()}
lead = {"signals": ahead(2100), "300 digits": paired_difference(last["SGDR"], last["cosine"])}
assert all(each.mean < 1 for each in lead.values())

Markdown("\n\n".join(f"{k}: SGDR minus one cosine **{v}** points" for k, v in lead.items()))

# %% [markdown]
# The course's list of claims asks the same with more seeds:

# %% tags=["B35", "C25"]
claim = CLAIMS["cycling-finds-better-minima"]
Markdown(f"| claim | verdict |\n|---|---|\n| {claim.sentence} | {claim.verdict} |")

# %% [markdown] tags=["B35", "C25"]
# > **You will read** that restarts get the weights out of saddles (flat places that are no minimum), local and narrow minima, and so lead to better ones. Let us check.
# > This is disputed. A study that looked into the landscape found that the reasons often quoted for the success of cosine restarts are not evidenced in practice ([Gotmare and others 2018](https://arxiv.org/abs/1810.13243)).
# > In the cells above, SGDR did not end a point above one cosine on either task. There may be landscapes with such traps. On these two a restart did not help.

# %% [markdown] tags=["C35"]
# > **You will read** that growing cycles let the weights settle at last in a "second best" local minimum. Let us check.
# > Nobody can tell which minimum of a network is the second best, so nothing supports the wording.
# > What growing cycles do is plain: the last cycle is a long cosine. In our picture it ended about where one long cosine did.

# %% [markdown] tags=["D26"]
# > **You will read** that the rate is made to go up and down in order to escape from local minima. Let us check.
# > This is disputed, and it is not what the inventor argued. Smith, who proposed cyclical rates, speaks of *saddle points*, which are slow to cross at a low rate, and says that a rate between two bounds passes near a good one again and again ([Smith 2015](https://arxiv.org/abs/1506.01186)).
# > The first is a conjecture, the second is robustness, as we found it in section 03. Section 07 is about his cycles.

# %% [markdown]
# ## Promise 2: no overfitting
#
# For this we need a network that overfits. It can learn the 300 digits by heart, wrong labels included. Look at the ends of the cycles, at the dotted lines, from left to right.

# %% tags=["nbval-ignore-output", "C26", "D54"]
show(plot_runs(learned, "test accuracy", marks=[200, 400, 600, 800]))

# %% [markdown]
# The claim of the course counts these five cycles from 1. It asks whether the accuracy rises over the cycles, and whether SGDR ends with a lower test loss than one cosine.

# %% tags=["nbval-ignore-output", "C26", "D54"]
finding = CLAIMS["restarts-cure-overfitting"].run()
assert finding.is_as_taught
finding

# %% [markdown] tags=["C26"]
# > **You will read** that periodic rates explore more of the weights, and that this avoids overfitting. Let us check.
# > In the cells above it did not. Each cycle learned more of the wrong labels by heart, and the network was better after the *first* than after the last.
# > A restart adds no information. The training set is the same in every cycle.

# %% [markdown] tags=["D54"]
# > **You will read** that against overfitting you should use a cyclical rate, or more dropout. Let us check.
# > The first half is disputed: here the later cycles overfitted more, and at the end SGDR was no better than one cosine.
# > Dropout is a *regulariser*: it makes learning by heart harder, and it may well help. So may more data, weight decay, and stopping early, in the picture above after cycle 0.

# %% [markdown] tags=["C32"]
# ## What restarts are good for: snapshots
#
# An *ensemble* is a group of networks that answers with the mean of their probabilities. The network at the end of each cycle is a finished network, so keep them all. They make different mistakes, and together they can be better than each alone: this is a *snapshot ensemble* ([Huang and others 2017](https://arxiv.org/abs/1704.00109)).
#
# Five cycles of 500 updates. `keep_every` keeps the weights after every 500 updates, so **before** the restart.

# %% tags=["nbval-ignore-output", "C32"]
from lrcourse.experiments import accuracy, log_loss, probabilities

schedules = {"SGDR": CosineRestarts(0.13, first_cycle=500), "cosine": CosineDecay(0.13, 2500)}
kept = compare(problem, schedules, seeds, steps=2500, keep_every=500)

each = probabilities(problem, kept["SGDR"].weights)  # (runs, snapshots, examples, classes)
ensemble = each.mean(axis=1)  # the mean of five opinions
each.shape, ensemble.shape

# %% [markdown]
# We look at two measures on new signals. One is the accuracy. The other is the *log loss*: minus the logarithm of the probability that the right class got, in *nats*, the unit of the natural logarithm. Lower is better. It punishes a wrong answer that was given with confidence.

# %% tags=["nbval-ignore-output", "C32"]
from lrcourse.experiments import mean_interval

one_cosine = probabilities(problem, kept["cosine"].weights)[:, -1]
candidates = {f"snapshot of cycle {k} alone": each[:, k] for k in range(5)}
candidates |= {"all five together": ensemble, "one cosine": one_cosine}
rows = "\n".join(
    f"| {name} | {mean_interval(100 * accuracy(problem, p))} | {mean_interval(log_loss(problem, p))} |"
    for name, p in candidates.items()
)
for alone in (each[:, -1], one_cosine):
    gain = paired_difference(log_loss(problem, alone), log_loss(problem, ensemble))
    assert gain.low > 0.01
Markdown(f"| | accuracy (%) | log loss (nats) |\n|---|---|---|\n{rows}")

# %% [markdown] tags=["C32"]
# The log loss of all five together is clearly below that of the last snapshot, which has trained equally long, and below that of one cosine of the same length. Different members are wrong with confidence in different places, and the mean is more careful. The gain in accuracy is small, if there is one.
#
# A claim of the course tries cycles of two lengths.

# %% tags=["nbval-ignore-output", "C32"]
finding = CLAIMS["snapshot-ensemble-helps-log-loss"].run()
assert finding.is_as_taught
finding

# %% [markdown] tags=["C32"]
# Cycles must be long enough to learn something. With cycles of 100 updates the first members know too little, and drag the others down. The verdict against one long cosine is the same:

# %% tags=["C32"]
claim = CLAIMS["snapshot-ensemble-beats-one-cosine"]
Markdown(f"| claim | verdict |\n|---|---|\n| {claim.sentence} | {claim.verdict} |")

# %% [markdown] tags=["C32"]
# And is it better than to spend the same budget on five short trainings from five different starts?

# %% tags=["nbval-ignore-output", "C32"]
finding = CLAIMS["snapshots-beat-equal-budget-nets"].run()
assert finding.is_as_taught
finding

# %% [markdown] tags=["C32"]
# It depends. On the signals a short training is not finished, so it pays to build on what the last cycle has learned. On 300 digits a short training has learned all that is worth learning, and the later snapshots are only more overfitted, as promise 2 has shown. So keep snapshots where training is long.

# %% [markdown] tags=["C32"]
# ## Trap 1: saving after the restart
#
# If your code saves some updates into the next cycle, the rate is near its peak and the network far from its best. Here are cycles of 300 updates, saved in time and 50 updates late:

# %% tags=["nbval-ignore-output", "C32"]
from lrcourse.experiments import rate_table, train

late_rates = rate_table([CosineRestarts(0.13, first_cycle=300)], seeds=12, steps=950)
late = train(problem, late_rates, seeds, keep_every=50)
late_opinions = probabilities(problem, late.weights)
places = {"in time": [300, 600, 900], "50 updates late": [350, 650, 950]}
kept_at = late.kept_steps.tolist()
loss = {
    name: log_loss(problem, late_opinions[:, [kept_at.index(s) for s in steps]].mean(axis=1))
    for name, steps in places.items()
}
price = paired_difference(loss["50 updates late"], loss["in time"])
assert price.low > 0.02
Markdown(f"Log loss of an ensemble of three, late minus in time: **{price}** nats.")

# %% [markdown]
# ## Trap 2: a vote instead of a mean
#
# Averaging *classes* makes no sense: the mean of a 3 and a 5 is no 4. Counting votes does, but it throws away how sure each member was. Average the probabilities.

# %% tags=["nbval-ignore-output", "C32"]
answers = each.argmax(axis=-1)  # (runs, snapshots, examples)
votes = np.stack([(answers == c).mean(axis=1) for c in range(10)], axis=-1)
better = paired_difference(100 * accuracy(problem, ensemble), 100 * accuracy(problem, votes))
assert better.low > 0

Markdown(f"Mean of the probabilities minus vote: **{better}** points of accuracy.")

# %% [markdown]
# ## Trap 3: a restart that is lost to rounding
#
# When you give PyTorch a time, as in `step(epoch + i / batches)`, it finds the cycle by a logarithm, and a logarithm rounds. With $T_0 = 10$ and $m = 3$, cycle 5 begins at 10 + 30 + 90 + 270 + 810 = 1210. PyTorch looks for that 5 as the logarithm of $3^5 = 243$ to the base 3:

# %% tags=["A16", "nbval-ignore-output"]
import math

optimizer = torch.optim.SGD([weight], lr=0.1)
scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=10, T_mult=3)
optimizer.step()
print("logarithm of 243 to the base 3:", math.log(243, 3))
print("t     torch   ours")
for time in (130, 400, 1210, 1211):
    scheduler.step(time)
    print(f"{time:4}  {scheduler.get_last_lr()[0]:.4f}  {CosineRestarts(0.1, 10, 3)(time):.4f}")

# %% [markdown] tags=["A16", "C28"]
# The last digits depend on your machine. If the logarithm comes out a little below 5, torch takes 1210 for the end of cycle 4, and gives the floor instead of the peak. It is one update only, a strange dot in a log. Stepping without an argument counts in whole numbers and has no such gap.
#
# ## Trap 4: a restart by accident
#
# From section 03 you know the other way in which a rate can go up again: `CosineAnnealingLR` past its `T_max`. If your curve gets worse late in a training, look at the recorded rate first.

# %% [markdown]
# ## What we saw
#
# 1. Cycle $k$ lasts $T_0\,m^k$ updates, and with 10 and 2 the restarts are at 10, 30, 70, 150. The last rate of a cycle is a little above the floor.
# 2. A budget should be a sum of whole cycles.
# 3. A restart costs several points at once, and its cycle brings them back. In the end, SGDR was about where one cosine was.
# 4. The mean of the snapshots had a lower log loss than the last of them, if the cycles were long enough. Whether it beat separate short trainings depended on the task.
# 5. Restarts did not find better minima here, and they did not cure overfitting.

# %% [markdown] tags=["quiz"]
# ## Three quick questions
#
# Choose an answer. It opens and says why.
#
# **1. `T_0=5` and m = 3: at which updates are the first three restarts?**
#
# - [ ] at 5, 13 and 24
#   This adds 3 to the length of each cycle: 5, 8, 11. But m is a factor, so the cycles last 5, 15 and 45 updates.
# - [x] at 5, 20 and 65
#   The cycles last 5, 15 and 45 updates, and a restart lies at the sum of all cycles before it.
# - [ ] at 5, 15 and 45
#   These are the lengths of the cycles. A restart lies at the sum of all lengths before it.
# - [ ] at 15, 60 and 195
#   Here cycle 0 lasts 15 updates already, as if a restart had come before it. `T_0` is the length of cycle 0 itself, and the stretching begins with cycle 1.
#
# **2. You have 1000 updates and want four whole cycles with m = 2. How long can the first be, and when do you stop?**
#
# - [ ] 250 updates; stop after 1000
#   Equal shares fit m = 1. With m = 2 the cycles last 250, 500 and 1000 updates, so you would stop inside the third, at a high rate.
# - [ ] 62 updates; stop after 992
#   62 · 2⁴ is 992, but that is the length of one cycle, the next one. The four before it last 62 · (1 + 2 + 4 + 8) = 930 updates.
# - [ ] 66 updates; stop after 1000
#   The length is right, and four such cycles last 990 updates. The last ten would begin another cycle, at the full peak.
# - [x] 66 updates; stop after 990
#   The four cycles last 1 + 2 + 4 + 8 = 15 times as long as the first, and 15 · 66 = 990. The other ten updates stay unused.
#
# **3. Your snapshot ensemble is worse than its last member. What do you look at first?**
#
# - [x] The snapshots: was each saved before its restart, and were the cycles long enough?
#   Right after a restart a network is far from its best. And after a short cycle the first member knows too little: leave it out, and try again.
# - [ ] The mean: would a vote of the members be better?
#   A vote throws away how sure each member was. In the lesson the mean of the probabilities was the more accurate of the two.
# - [ ] The number of members: would more and shorter cycles in the same budget be better?
#   More members sound safer. But a short cycle learns too little: with cycles of 100 updates the first members dragged the others down.

# %% [markdown]
# ## Next
#
# Now try it yourself: [exercises of section 04](../exercises/04_sgdr.ipynb). All schedules up to here were planned in advance. [Section 05](05_plateau.ipynb) has one that listens. Back to the [map of the course](index.ipynb).
#
# ## Further reading
#
# - Loshchilov, Hutter: *SGDR: Stochastic Gradient Descent with Warm Restarts*. [arXiv 1608.03983](https://arxiv.org/abs/1608.03983). The method.
# - Huang et al.: *Snapshot Ensembles: Train 1, Get M for Free*. [arXiv 1704.00109](https://arxiv.org/abs/1704.00109). Five networks from one training.
# - Gotmare et al.: *A Closer Look at Deep Learning Heuristics*. [arXiv 1810.13243](https://arxiv.org/abs/1810.13243). Which explanations of restarts survive a controlled test.
# - Smith: *Cyclical Learning Rates for Training Neural Networks*. [arXiv 1506.01186](https://arxiv.org/abs/1506.01186). The other kind of cycle, of section 07.
