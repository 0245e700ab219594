# %% [markdown]
# # 09 Finding and diagnosing
#
# **40 minutes.** It has two halves. You need a training loop that you understand; sections 00 and 01 help.
#
# After this lesson you can
#
# 1. write a range test in a dozen lines, and give the model back as it was;
# 2. smooth its curve without bending it, and find the steepest point over the *logarithm* of the rate;
# 3. say what the picks of the usual rules are worth, and choose three rates to try;
# 4. name four things that a range test cannot know;
# 5. read a loss curve, and ask a flat one why it is flat.

# %% tags=["nbval-ignore-output"]
import matplotlib
import numpy as np
import torch
from IPython.display import Markdown

import lrcourse

torch.set_num_threads(1)
print(f"lrcourse {lrcourse.__version__}, torch {torch.__version__},")
print(f"NumPy {np.__version__}, matplotlib {matplotlib.__version__}")

# %% [markdown]
# ## A question first
#
# You train a network for a few hundred updates, and raise the learning rate a little in each, from far too low to far too high. The loss is flat, then falls, reaches its lowest point, rises, and explodes.
#
# Now you want one rate for a real training. Where on that curve do you look?
#
# - **a)** Where the loss starts to fall. Half of that rate is safe.
# - **b)** Where it falls fastest.
# - **c)** Where it starts to rise again. A third of that rate.
#
# Decide now. We score all three below.

# %% [markdown]
# # First half: finding
#
# ## The formula
#
# Such a short training with rising rates is called a *range test*, and one pass from low to high is a *sweep*. The rates of a sweep rise by equal factors:
#
# $$\eta(t) = \eta_\text{start}\left(\frac{\eta_\text{peak}}{\eta_\text{start}}\right)^{t/(T-1)}$$
#
# | symbol | name in code | meaning |
# |---|---|---|
# | $\eta(t)$ | `ramp(t)` | the learning rate of the next update |
# | $t$ | `t` | optimizer updates already made: the first update has $t = 0$ |
# | $\eta_\text{start}$ | `start_lr` | the rate of the first update, far too low |
# | $\eta_\text{peak}$ | `peak_lr` | the rate of the last update, far too high |
# | $T$ | `steps` | updates in the sweep |
#
# The last of $T$ updates has $t = T - 1$, and gets $\eta_\text{peak}$.


# %%
def my_ramp(t, start_lr, peak_lr, steps):
    return start_lr * (peak_lr / start_lr) ** (t / (steps - 1))


my_ramp(np.array([0, 3, 6, 9]), start_lr=0.01, peak_lr=10, steps=10)

# %% [markdown]
# The library's ramp says the same. torch has no range test, but its `ExponentialLR` with a `gamma` above 1 is such a ramp.

# %%
from lrcourse.finder import ExponentialRamp

ramp = ExponentialRamp(start_lr=1e-6, peak_lr=10, steps=400)
t = np.arange(400)
np.testing.assert_allclose(ramp(t), my_ramp(t, 1e-6, 10, 400), rtol=1e-12)

weight = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=1e-6)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=(10 / 1e-6) ** (1 / 399))
used = []
for _step in range(400):
    used.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()
np.testing.assert_allclose(used, ramp(t), rtol=1e-9)
print("the three agree, from", used[0], "to", round(used[-1], 6))

# %% [markdown] tags=["A58"]
# ## Two tests of the same name
#
# Why equal factors? They give each power of ten the same number of updates. A straight ramp spends nine tenths of them in the last one.
#
# The straight one came first, though. Leslie Smith's range test ([2015](https://arxiv.org/abs/1506.01186), section 3.3) raises the rate **linearly**, over several epochs, and reads the **accuracy**. fastai made the other version popular: **exponential**, about a hundred updates, and the **loss**. Many notes describe the second and cite the first.
#
# Here is the original once, with eight networks, the digits and plain SGD:

# %% tags=["A58", "nbval-ignore-output"]
from lrcourse.experiments import Sgd, digits, train
from lrcourse.finder import LinearRamp
from lrcourse.panels import Axis, Band, Curve, Panel
from lrcourse.plots import axes, plot_panel, show

lrs = LinearRamp(start_lr=0.01, peak_lr=3, steps=400)(t)
smith = train(digits(), np.tile(lrs, (8, 1)), range(8), Sgd(), test_every=10)
at, percent = lrs[smith.test_steps - 1], 100 * smith.test_accuracies
panel = Panel(
    Axis("learning rate η of the update (linear)", low=0),
    Axis("test accuracy (%)", low=0, high=100),
    (Band(percent.min(0), percent.max(0), at), Curve("mean of 8", percent.mean(0), at)),
)
show(
    plot_panel(panel, axes(7.0, 3.4)),
    "Test accuracy while the rate rises on a straight line from 0.01 to 3: it climbs above "
    "80% at once, becomes ragged, and falls to guessing.",
)

# %% [markdown]
# Smith reads two rates from such a curve: where the accuracy begins to climb, and where it becomes ragged or starts to fall. They are the *bounds* of a cyclical rate (section 07), not one best rate. From here on a range test is exponential, on the loss.
#
# ## By hand
#
# A small model, plain SGD, and batches of 32 digits. The last line, a copy of everything, is the most important one.

# %%
import copy
import itertools

from torch import nn

torch.manual_seed(0)
problem = digits()
batches = list(zip(problem.x_train.split(32), problem.y_train.split(32), strict=True))
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loss_fn = nn.CrossEntropyLoss()

kept = copy.deepcopy(model.state_dict()), copy.deepcopy(optimizer.state_dict())

# %% [markdown]
# The range test is one loop: set the rate, note the loss, make the update. It stops when the loss is four times that of the start, or no number at all.

# %%
my_losses = []
for lr, (x, y) in zip(ramp(t), itertools.cycle(batches), strict=False):
    optimizer.param_groups[0]["lr"] = lr
    loss = loss_fn(model(x), y)
    my_losses.append(loss.item())
    if not my_losses[-1] < 4 * my_losses[0]:
        break
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

# %% [markdown]
# ## Give the model back
#
# What has this done to the model?

# %% tags=["A59", "nbval-ignore-output"]


def accuracy():
    with torch.no_grad():
        return (model(problem.x_test).argmax(1) == problem.y_test).float().mean().item()


print(f"after the sweep:   accuracy {accuracy():.0%}, rate {optimizer.param_groups[0]['lr']:.2g}")
model.load_state_dict(kept[0])
optimizer.load_state_dict(kept[1])
print(f"after the restore: accuracy {accuracy():.0%}, rate {optimizer.param_groups[0]['lr']:.2g}")

# %% [markdown] tags=["A59"]
# The first line is a ruined network, with a ruinous rate. Nothing warns you. The second is an untrained network, as it should be.
#
# This is the usual slip with [torch-lr-finder](https://github.com/davidtvs/pytorch-lr-finder). Its call reads `LRFinder(model, optimizer, criterion).range_test(loader, start_lr=1e-7, end_lr=10, num_iter=100)`, then `plot()`, which suggests the steepest point. A third call belongs to it: `reset()`. Without it your training starts from the ruin. That finder stops at five times the best loss, smooths by default, and refuses an optimizer that already has a scheduler.
#
# `range_test` of this course restores everything by itself. Here it repeats our sweep, and refuses an optimizer with a scheduler, too.

# %% tags=["A59"]
from lrcourse.finder import range_test

found = range_test(model, optimizer, loss_fn, batches, ramp, repeats=1)
n = min(len(my_losses), np.isfinite(found.losses[0]).sum())
np.testing.assert_allclose(found.losses[0, :n], my_losses[:n], rtol=1e-4)
assert all(torch.equal(kept[0][name], value) for name, value in model.state_dict().items())
assert optimizer.param_groups[0]["lr"] == 0.1
print("the same losses as by hand, and the model is untouched")

scheduled = torch.optim.SGD(model.parameters(), lr=0.1)
torch.optim.lr_scheduler.StepLR(scheduled, step_size=30)
try:
    range_test(model, scheduled, loss_fn, batches, ramp)
except ValueError as error:
    print("refused:", error)

# %% [markdown]
# ## Smoothing
#
# The loss of one batch is noisy. A *running mean* $m$ calms it. It keeps a share $k$ of what it was and takes in a little of the new value:
#
# $$m \leftarrow k\,m + (1-k)\,\text{loss}, \qquad \text{shown: } \frac{m}{1-k^{\,n}}$$
#
# with $n$ the number of losses seen so far. The divisor corrects a *bias*: $m$ starts at 0, so the first means would lie too near to 0.


# %%
def my_smoothed(losses, kept=0.95):
    mean, shown = 0.0, []
    for n, loss in enumerate(losses, start=1):
        mean = kept * mean + (1 - kept) * loss
        shown.append(mean / (1 - kept**n))
    return np.array(shown)


from lrcourse.finder import smoothed

curve = np.array(my_losses)
np.testing.assert_allclose(my_smoothed(curve), smoothed(curve, kept=0.95), rtol=1e-12)

# %% [markdown]
# Look at the left end. Without the divisor the mean starts near 0 and **rises**. A rule that looks for the lowest loss would pick the first rate of all. (Grey: the loss of each batch.)

# %% tags=["nbval-ignore-output"]
without = my_smoothed(curve) * (1 - 0.95 ** np.arange(1, len(curve) + 1))
rates = ramp(np.arange(len(curve)))
panel = Panel(
    Axis("learning rate η of the update", log=True),
    Axis("training loss", low=0, high=3.2),
    (
        Curve("one batch each", curve, rates, faint=True),
        Curve("running mean", my_smoothed(curve), rates, style=0),
        Curve("without the divisor", without, rates, style=1),
    ),
)
assert without.argmin() == 0
show(
    plot_panel(panel, axes(7.4, 3.8)),
    "Loss over the rate of one sweep. The corrected running mean lies in the middle of the "
    "batches, falls from about 2.3 and rises at the end. Without the divisor the mean begins near "
    "zero and rises for the first power of ten.",
)

# %% [markdown]
# A mean of the last twenty losses is also ten updates **late**: it stands at today's rate and speaks of those before. So the library takes the running mean of the logarithm of the rates, too, and draws one over the other.
#
# ## Steepest, in three meanings
#
# "Where the loss falls fastest": over what?
#
# - Over the **logarithm of the rate**: how much does it fall when the rate doubles?
# - Over the **rate itself**: $\Delta\text{loss} / \Delta\eta$. At the low end of the ramp $\Delta\eta$ is tiny, so noise there becomes the steepest slope of all.
# - And between which points? Two **neighbours** differ mostly by noise. A straight line through a tenth of the curve does not.
#
# Here is the first meaning, with straight lines:


# %%
def my_steepest(lrs, losses):
    half, x = len(losses) // 20, np.log(lrs)
    around = [slice(i - half, i + half + 1) for i in range(half, len(losses) - half)]
    slopes = [np.polyfit(x[here], losses[here], deg=1)[0] for here in around]
    return float(lrs[half + np.argmin(slopes)])


from lrcourse.finder import steepest

example = 2.3 - 2 / (1 + (0.01 / ramp(t)) ** 2)  # falls fastest at 0.01
assert np.isclose(my_steepest(ramp(t), example), steepest(ramp(t), example))
print(f"{steepest(ramp(t), example):.3f}")

# %% [markdown]
# Now three slopes on the same sixteen sweeps, each of a network of its own. How far apart are the rows?

# %% tags=["nbval-ignore-output"]
from lrcourse.finder import RangeTest, steepest_between_neighbours, steepest_over_rate

run = train(digits(), np.tile(ramp(t), (16, 1)), range(16), Sgd())
curves = [RangeTest(ramp(t), losses[None]).curves[0] for losses in run.losses]
rules = {
    "lines, over log rate": steepest,
    "neighbours, over log rate": steepest_between_neighbours,
    "neighbours, over the rate": steepest_over_rate,
}
picks = {name: sorted(rule(*curve) for curve in curves) for name, rule in rules.items()}
assert picks["neighbours, over the rate"][-1] < 1e-4 < 0.03 < picks["lines, over log rate"][0]
rows = "\n".join(
    f"| {name} | {low:.2g} | {np.median([low, *rest]):.2g} | {rest[-1]:.2g} |"
    for name, (low, *rest) in picks.items()
)
Markdown(f"| slope | lowest pick | median | highest pick |\n|---|---|---|---|\n{rows}")

# %% [markdown]
# The last row is the rule of Lightning's `lr_find` in version 2.6 ([tuner/lr_finder.py](https://github.com/Lightning-AI/pytorch-lightning/blob/master/src/lightning/pytorch/tuner/lr_finder.py)). It picks one of the lowest rates that it tried.
#
# ## The picture
#
# Three sweeps, smoothed, and below them what the usual rules pick. A bar spans the three picks.
#
# | rule | what it picks |
# |---|---|
# | onset/3, onset/10 | a part of the *onset*: where the curve has risen by a tenth from its lowest loss |
# | minimum/3, minimum/10 | a part of the rate with the lowest loss; fastai's `minimum` is the tenth |
# | steepest | lines over the logarithm, as above |
# | valley | fastai's default: the middle of the longest falling stretch |
# | slide | fastai: comes down from the blow-up until the slope changes little |
# | half the start | half of the rate where the loss begins to fall |

# %% tags=["nbval-ignore-output"]
from lrcourse.plots import plot_range_test

found = range_test(model, optimizer, loss_fn, batches, ramp, repeats=3)
show(plot_range_test(found))

# %% [markdown]
# The answers lie powers of ten apart. Only training can say which is any good.
#
# ## Play
#
# Above is one sweep with its picks, below what trainings at each rate really come to. Drag the dotted line, your pick, and try to
#
# - find the best peak for the cosine, and see which rule comes nearest;
# - set "kept by the running mean" to 0: the same sweep, and several rules change their minds;
# - switch the trainings from cosine to constant. The sweep stays, but the best rate moves down.

# %% tags=["nbval-ignore-output"]
from lrcourse.explore import explore
from lrcourse.explore.scenes import lr_finder

explore(lr_finder)

# %% [markdown]
# ## The experiment
#
# Now your answer from the beginning. Two problems: the digits with plain SGD, learned quickly, and the *signals* of [the laboratory](laboratory.ipynb) with momentum, learned slowly. We train at every rate of a grid, once constant and once with a cosine. That is the truth. Then each rule reads eight range tests of three sweeps each.

# %%
from lrcourse.experiments import Momentum, bowls, signals
from lrcourse.schedules import Constant, CosineDecay

shapes = {"constant": Constant(1), "cosine": CosineDecay(1, 500)}
peaks = np.geomspace(0.001, 3, 12)
tasks = {"digits, SGD": (digits(), Sgd()), "signals, momentum": (signals(), Momentum())}

grids, tests = {}, {}
for name, (task, optimizer_of_task) in tasks.items():
    grids[name] = bowls(task, shapes, peaks, range(6), 500, optimizer=optimizer_of_task)
    sweeps = train(task, np.tile(ramp(t), (24, 1)), range(100, 124), optimizer_of_task)
    tests[name] = [RangeTest(ramp(t), three) for three in sweeps.losses.reshape(8, 3, 400)]

# %% [markdown]
# What does a pick cost? We subtract the accuracy at the pick from the best of the grid. These lost points are called the *regret*. (A pick below the grid counts as its lowest rate, which flatters it.)

# %% tags=["nbval-ignore-output"]
from lrcourse.experiments import mean_interval, paired_difference
from lrcourse.finder import RULES, onset

asked = ["half the start", "valley", "minimum/10", "steepest", "minimum/3", "onset/3"]
scored = {**{name: RULES[name] for name in asked}, "the onset itself": onset}


def truth(name, shape):
    """The mean test accuracy at each peak, in percent; guessing where a run diverged."""
    return 100 * np.nan_to_num(grids[name].at_the_end(shape), nan=0.1).mean(1)


lost = {}
for (rule, name), shape in itertools.product(itertools.product(scored, tasks), shapes):
    picked = [test.pick(scored[rule]).middle for test in tests[name]]
    reached = np.interp(np.log(picked), np.log(peaks), truth(name, shape))
    lost[rule, name, shape] = truth(name, shape).max() - reached

# %% tags=["A60", "nbval-ignore-output"]
cases = list(itertools.product(tasks, shapes))
for case in cases:
    assert mean_interval(lost["half the start", *case]).low > 8
    assert mean_interval(lost["onset/3", *case]).high < 12
    others = [lost[rule, *case] for rule in scored if rule != "half the start"]
    assert all(paired_difference(lost["half the start", *case], each).low > 0 for each in others)
    for rule in ("half the start", "valley"):
        assert paired_difference(lost[rule, *case], lost["onset/3", *case]).low > 1
head = "| rule | " + " | ".join(", ".join(case) for case in cases) + " |\n|---|---|---|---|---|\n"
rows = "\n".join(
    f"| {rule} | " + " | ".join(str(mean_interval(lost[rule, *case])) for case in cases) + " |"
    for rule in scored
)
Markdown(f"{head}{rows}\n\nPoints of test accuracy lost, with 95% intervals over 8 range tests.")

# %% [markdown]
# Where are those picks? Above is the truth for the cosine, with a line through the best peak of each problem. Below, a good rule has its marks near the lines of the same colour.

# %% tags=["nbval-ignore-output"]
from lrcourse.panels import Dots, Rule, View
from lrcourse.plots import plot_view

rows = ("half the start", "valley", "steepest", "onset/3", "the onset itself")
above, below = [], []
for style, name in enumerate(tasks):
    accuracies = truth(name, "cosine")
    best = Rule("", x=peaks[accuracies.argmax()], style=style)
    medians = [np.median([test.pick(scored[rule]).middle for test in tests[name]]) for rule in rows]
    top = accuracies.argmax()
    above += [Curve("", accuracies, peaks, style), best]
    above.append(Dots(name, peaks[[top]], accuracies[[top]], style))
    below += [Dots("", np.array(medians), -np.arange(5.0), style), best]
x = Axis("peak learning rate of a cosine", low=0.00003, high=10, log=True)
picture = plot_view(
    View(
        (
            Panel(x, Axis("test accuracy (%)", low=0, high=100), tuple(above)),
            Panel(x, Axis("", low=-4.6, high=0.6), tuple(below), height=0.8),
        ),
        "",
    )
)
picture.axes[1].set_yticks(-np.arange(5), rows)
show(
    picture,
    "Test accuracy over the peak rate of a cosine for two problems, and below it the picks of five "
    "rules. Half the start and the valley lie powers of ten to the left of the best peaks, onset/3 "
    "a few times below them, the onset itself at them, close to the cliff on the right.",
)

# %% [markdown] tags=["A60", "K18"]
# So the answer is **c**, with modesty: of the three it did best or nearly best in each case. Half the start lost the most. The steepest point is decent on the digits and far too low on the signals.
#
# "Pick the rate where the loss starts to fall sharply" is therefore a timid rule. A sweep is never at a low rate for long enough to show what that rate can do.
#
# No rule is right everywhere. We chose onset/3 on such tasks. [This page](../docs/finder.md) scores fourteen finders on others, too, and shows where each fails.

# %% [markdown] tags=["D20"]
# > **You will read** that a good initial rate is half of the rate where the loss starts to drop. Let us check.
# > In the table above it is "half the start", and loses the most in every column.
# > [Smith's paper](https://arxiv.org/abs/1506.01186) has a factor of two, but for the other end of the curve: the best rate is usually within it of the **largest** rate that still converges.

# %% [markdown] tags=["D19"]
# ## The edge is a bound, not a pick
#
# "The sweet spot is right before the loss explodes." That is the onset. For a cosine, which comes down from its peak at once, it can be excellent. For a constant rate on the signals it is too high, as the next cell shows. And the cliff is near: on two tasks of [the long table](../docs/finder.md) even onset/3 is more than twice too high.
#
# So read the onset as an *upper bound*: the `max_lr` of a cyclical rate or of one cycle (section 07), and the highest of the rates that you try.

# %% tags=["D19", "nbval-ignore-output"]
case = ("signals, momentum", "constant")
too_high = paired_difference(lost["the onset itself", *case], lost["onset/3", *case])
assert too_high.low > 0.5
Markdown(f"Constant rate on the signals: the onset loses **{too_high}** points more than onset/3.")

# %% [markdown] tags=["A61"]
# ## Report a range
#
# How far may you trust one sweep? Notes recommend 100 updates over eight powers of ten. Below are sixteen sweeps of 100 updates and sixteen of 400, and for each rule its lowest and its highest pick.

# %% tags=["A61", "nbval-ignore-output"]
short = ExponentialRamp(1e-6, 10, steps=100)(np.arange(100))
quick = train(signals(), np.tile(short, (16, 1)), range(16))
slow = train(signals(), np.tile(ramp(t), (16, 1)), range(16))
rows = []
for rule in ("steepest", "valley", "minimum/10", "onset/3"):
    pair = []
    for lrs, losses in ((short, quick.losses), (ramp(t), slow.losses)):
        picked = [RangeTest(lrs, each[None]).pick(RULES[rule]).middle for each in losses]
        pair.append(f"{min(picked):.1g} to {max(picked):.1g}")
    rows.append(f"| {rule} | {pair[0]} | {pair[1]} |")
lines = "\n".join(rows)
Markdown(f"| rule, on the signals | 100 updates | 400 updates |\n|---|---|---|\n{lines}")

# %% [markdown] tags=["A61", "D18"]
# Sweeps of one length disagree, and so do the two lengths: a longer sweep learns more on its way, and the whole curve moves. More smoothing moves it as well.
#
# Therefore: repeat the sweep with other seeds, and report a range. Then **train at a third of the suggestion, at the suggestion, and at three times it, and keep the best.**
#
# ## Sweep past the blow-up
#
# A sweep must **pass** the rate where the loss rises. Otherwise there is no onset. Published sweeps end at 10, at 1 and at 0.1. For plain SGD on inputs of moderate size even 1 is borderline. 10 costs nothing: a sweep that blows up stops by itself.

# %% [markdown] tags=["D46", "K17"]
# > **You will read** that a finder sweeps from 1e-7 to 1e-1. Let us check.
# > With Adam that is often far enough. With plain SGD on the digits it is not: in the cell below the loss has not begun to rise at 0.1, and training at 0.7 is clearly better than at 0.1.

# %% tags=["D46", "D18", "nbval-ignore-output"]
from lrcourse.claims import CLAIMS

finding = CLAIMS["sweep-to-a-tenth-is-enough"].run()
assert finding.is_as_taught
finding

# %% [markdown]
# The library refuses to suggest anything from such a sweep, and says what to do:

# %% tags=["D46", "D18"]
too_short = range_test(model, optimizer, loss_fn, batches, ExponentialRamp(1e-7, 0.1, steps=800))
try:
    too_short.suggestion
except ValueError as error:
    print(error)

# %% [markdown] tags=["A66"]
# ## What it cannot know
#
# A range test is cheap, short and noisy. It knows nothing of
#
# - the **shape** of the schedule: a cosine stands a higher peak than a constant rate (the cell below), and the sweep is the same for both;
# - the **length** of the training to come, and the **batch size** (section 10), unless you sweep with it;
# - **new data**: it reads the loss of the training data;
# - and the **start**: see below.

# %% tags=["A66", "nbval-ignore-output"]
grid = grids["signals, momentum"]
low, high = 5, 7  # two of the twelve peaks
change = {}
for shape in shapes:
    percent = 100 * grid.at_the_end(shape)
    change[shape] = paired_difference(percent[high], percent[low])
assert change["constant"].high < 0 < change["cosine"].low
Markdown(
    f"""
Signals, from the peak {peaks[low]:.2g} to {peaks[high]:.2g}: the accuracy changes by

- **{change["constant"]}** points at a constant rate,
- **{change["cosine"]}** points with a cosine.
"""
)

# %% [markdown] tags=["E40"]
# ## The ramp is a warmup
#
# "Combine warmup with a rate finder": common advice, with a catch. When a sweep reaches a high rate, it has already made many gentle updates. That is a *warmup*, a slow rise of the rate at the start (section 06). So it finds the limit **of a model that was warmed up**.
#
# Here is a small transformer of the kind that needs one (*post-norm*: it normalises after each block), trained by Adam. First the sweeps:

# %% tags=["E40", "A66", "nbval-ignore-output"]
from lrcourse.experiments import Adam, compare, previous_token

rising = ExponentialRamp(1e-5, 1, steps=250)(np.arange(250))
run = train(previous_token(), np.tile(rising, (4, 1)), range(4), Adam(), batch_size=16)
found = RangeTest(rising, run.losses)
assert found.onset.middle > 0.025
Markdown(f"The loss of the sweep rises from the rate **{found.onset}** on.")

# %% [markdown]
# So 0.025 should be possible. Now eight networks at the constant rate 0.025, and eight that climb to it within 100 updates. How many learn the task? (Guessing has a loss of about 2.3; we ask for less than 0.5.)

# %% tags=["E40", "nbval-ignore-output"]
from lrcourse.experiments import paired_share_difference
from lrcourse.schedules import LinearWarmup

starts = {"at once": Constant(0.025), "warmed up": LinearWarmup(0.025, 100) >> Constant(0.025)}
runs = compare(previous_token(), starts, range(8), 200, optimizer=Adam(), batch_size=16)
learned = {name: run.losses[:, -20:].mean(1) < 0.5 for name, run in runs.items()}
assert paired_share_difference(learned["warmed up"], learned["at once"]).low > 0.2
told = "\n".join(f"- {name}: {each.sum()} of 8 learn" for name, each in learned.items())
Markdown(f"Post-norm transformer, Adam, rate 0.025:\n\n{told}")

# %% [markdown] tags=["E40"]
# The same rate, and the first hundred updates decide. (Plain gradient descent has such a case, too: section 06.) If your model is of the kind that needs a warmup, **use one with the rate of a range test**.
#
# # Second half: diagnosing
#
# The training runs, and its curve looks odd. **No symptom has only one cause**, so the last column asks for a small experiment.
#
# | you see | it may be | ask first |
# |---|---|---|
# | NaN (not a number), or above the start | the rate is too high; bad data or labels; half precision without loss scaling; no clipping | does it go away at a third of the rate? |
# | swings | at the start, late, or all the time: three different things | when? |
# | falls slowly | the rate is too low; badly scaled inputs; a rate so high that it bounces | does three times the rate help? |
# | flat | noise; a rate that is too low now; the model or the data can do no more | the drop test |
# | a spike at the start | no warmup; odd initial weights; an optimizer without bias correction; one bad batch; momentum kept from another run | does it survive a warmup? |
#
# ## Four curves
#
# Before you look at the code: which of the four has too high a rate, which too low a rate, which waits for a decay, and which is fine?

# %% tags=["nbval-ignore-output"]
tried = {"A": Constant(0.0001), "B": Constant(0.05), "C": Constant(0.7)}
logs = compare(signals(), tried, range(12), 600)
logs["D"] = compare(digits(), {"D": CosineDecay(0.1, 600)}, range(12), 600)["D"]

panels = []
for name, run in logs.items():
    seen = run.losses[0]
    marks = (
        Curve("", np.where(seen < 4, seen, np.nan), faint=True),
        Curve("", np.where(my_smoothed(seen) < 4, my_smoothed(seen), np.nan)),
    )
    x = Axis("optimizer update t", low=0, high=600)
    panels.append(Panel(x, Axis("loss", 0, 4), marks, 0.55, title=name))
show(
    plot_view(View(tuple(panels), "")),
    "Four loss curves over 600 updates. A falls slowly on a nearly straight line. B falls and then "
    "is flat and noisy. C leaves the picture at once. D falls smoothly to nearly zero.",
)

# %% [markdown]
# ## A program that reads them
#
# Where did the loss **start**, where does it **end**, and does the last third of the run **still fall**? With the rates beside them, a dozen lines tell the four apart.


# %%
def my_verdict(losses, lrs):
    start, end = losses[0], losses[-len(losses) // 10 :].mean()
    if not end < start:
        return "diverging"  # also where the end is NaN
    first, second = np.array_split(losses[-len(losses) // 3 :], 2)
    still = first.mean() - second.mean()
    if still > 0.05 * (start - end):
        return "too slow"
    is_held = lrs[-1] > lrs.max() / 2
    return "plateau" if is_held else "healthy"


# %% [markdown]
# The library's `diagnose` asks the same with more care for noise, and may answer "not sure". Both read twelve runs of each kind:

# %% tags=["A62", "A63", "nbval-ignore-output"]
from collections import Counter

from lrcourse.diagnosis import diagnose

right = {"A": "too slow", "B": "plateau", "C": "diverging", "D": "healthy"}
rows = []
for name, run in logs.items():
    mine = Counter(my_verdict(*each) for each in zip(run.losses, run.lrs, strict=True))
    ours = Counter(diagnose(*each).verdict for each in zip(run.losses, run.lrs, strict=True))
    assert ours[right[name]] >= 7
    assert set(ours) <= {right[name], "not sure"}
    told = [", ".join(f"{n} × {what}" for what, n in each.most_common()) for each in (mine, ours)]
    rows.append(f"| {name} | {told[0]} | {told[1]} |")
lines = "\n".join(rows)
Markdown(f"| curve | my_verdict | diagnose |\n|---|---|---|\n{lines}")

# %% [markdown] tags=["A62", "D52"]
# [This page](../docs/diagnosis.md) shows how often it is right, and where it fails.
#
# ## Swings: ask when
#
# "The loss oscillates: lower the rate, or add a warmup, or a decay." Which one? Ask when it swings:
#
# - **Only at the start**: a warmup, or a lower peak.
# - **Only late**: a decay, or an earlier one. That is the noise floor (sections 00 and 01).
# - **All the time**: a lower rate. A warmup only delays it, and a decay only helps at the end.
#
# If a third of the rate does not cure it, look at the other causes of the first row above.

# %% [markdown] tags=["A63"]
# ## Slow: three causes
#
# "It falls slowly, so raise the rate." Often right, but other causes look the same. One is a rate so high that the weights bounce: see the drop test below. Another is the scale of the inputs: the rate must stay below $2/\lambda_\text{max}$, and the steepest curvature $\lambda_\text{max}$ decides for all directions (section 00). Here are thirteen chemical measurements of wines, for a linear model with squared loss:

# %% tags=["A63", "X4"]
from sklearn.datasets import load_wine

raw = load_wine().data
for name, x in {"raw": raw, "standardised": (raw - raw.mean(0)) / raw.std(0)}.items():
    curvatures = np.linalg.eigvalsh(x.T @ x / len(x))
    ratio = curvatures[-1] / curvatures[0]
    print(f"{name:12}  largest stable rate {2 / curvatures[-1]:.1g}, condition {ratio:.0e}")

# %% [markdown] tags=["A63", "D53"]
# *Standardised* means: every column minus its mean, divided by its standard deviation. The *condition* is the steepest curvature over the flattest. With the raw columns no rate is good: the largest stable one hardly moves the flat directions. Repair the inputs first.
#
# With inputs in order, slow progress is the case for a range test. Take its onset as the upper limit and try the three rates.

# %% [markdown] tags=["A64"]
# ## Flat: the drop test
#
# "It is flat, so the schedule decays at the wrong time." Perhaps. Three common causes have opposite remedies:
#
# - a **noise floor**: the steps are too long to settle. Decay **now**.
# - a rate that is **too low** by now, because the decay came too early. **Raise** it.
# - the **model or the data** can do no better. No rate helps.
#
# The log cannot tell, but the *drop test* can: go on from the same weights, on the same batches, at the **same** rate, at a **tenth**, and at **three times** the rate. Here is one plateau of each kind, with eight networks each.

# %% tags=["A64"]
from lrcourse.experiments import Mlp

linear = signals(1200, 300, network=Mlp((40, 10)))  # no hidden layer: it cannot do much
plateaus = {  # the rates so far; then the problem, the optimizer, the batch size
    "constant rate": ([0.05] * 600, signals(), Momentum(), 32),
    "decayed early": ([0.03] * 30 + [0.002] * 570, signals(), Momentum(), 32),
    "linear model": ([0.02] * 600, linear, Momentum(), 100),
}
factors = {"same": 1, "a tenth": 0.1, "three times": 3}
more = 200
flat = {}
for name, (before, task, optimizer_of_task, size) in plateaus.items():
    lrs = [before + [factor * before[-1]] * more for factor in factors.values()]
    run = train(task, np.repeat(lrs, 8, axis=0), [*range(8)] * 3, optimizer_of_task, size)
    flat[name] = run.losses.reshape(3, 8, -1)  # (continuation, seed, update)

# %% [markdown]
# All three are nearly flat before the dotted line. After it, which continuation goes lowest? (The scale of the two lower panels is much finer.)

# %% tags=["A64", "nbval-ignore-output"]
panels = []
for name, losses in flat.items():
    mean = losses.mean(1).reshape(3, -1, 25).mean(2)  # over seeds, and over 25 updates
    x = np.arange(mean.shape[1]) * 25 + 12.5
    marks = [Curve("", mean[0, 16:24], x[16:24])]
    marks += [Curve(c, mean[i, 24:], x[24:], style=i) for i, c in enumerate(factors)]
    marks.append(Rule("", x=600, style=5))
    middle, around = mean[0, 24:].mean(), 1.0 if name == "constant rate" else 0.08
    y = Axis("loss", middle - around, middle + around)
    panels.append(Panel(Axis("optimizer update t", 400, 800), y, tuple(marks), 0.8, title=name))
show(
    plot_view(View(tuple(panels), "")),
    "Three flat losses and their continuations. After a constant rate, a tenth of the rate falls "
    "and three times the rate rises. After an early decay, three times the rate falls. With the "
    "linear model all three stay close together.",
)

# %% [markdown]
# In numbers: how far below the continuation at the same rate do the other two end?

# %% tags=["A64", "nbval-ignore-output"]
from lrcourse.diagnosis import read_drop_test

falls, verdicts, rows = {}, {}, []
for name, losses in flat.items():
    end = losses[:, :, -more // 2 :].mean(2)  # (continuation, seed)
    falls[name] = [mean_interval(100 * (end[0] - end[i]) / end[0]) for i in (1, 2)]
    then = losses[:, :, 600:]
    read = [
        read_drop_test(losses[0, s, 300:600], then[1, s], then[2, s], then[0, s]).verdict
        for s in range(8)
    ]
    verdicts[name] = Counter(read).most_common(1)[0][0]
    rows.append(f"| {name} | {falls[name][0]} | {falls[name][1]} | {verdicts[name]} |")
assert falls["constant rate"][0].low > 5 > 0 > falls["constant rate"][1].high
assert falls["decayed early"][1].low > 0.5 > 0 > falls["decayed early"][0].high
assert max(each.high for each in falls["linear model"]) < 4
assert list(verdicts.values()) == ["noise floor", "too slow", "capacity limit"]
lines = "\n".join(rows)
Markdown(f"| plateau | % lower at a tenth | at three times | verdict |\n|---|---|---|---|\n{lines}")

# %% [markdown] tags=["A64", "A65"]
# The cure of one is the poison of another. In your test, use the **same batches** for all three, or the noise hides the answer. `drop_test(model, optimizer, loss_fn, loader)` does all of it and takes it back ([the toolbox](toolbox.ipynb) shows it).
#
# ## A spike at the start
#
# "The loss jumps up at the beginning: add a warmup." A missing warmup is one cause of several, as the table says. Another can be computed. Adam divides by a mean of squares that starts at 0. Leave out its *bias correction* (section 06), and for gradients that stay about the same, update number $n$ is too long by this factor:

# %% tags=["A65"]
n = np.arange(1, 101)
too_long = (1 - 0.9**n) / np.sqrt(1 - 0.999**n)
print(f"longest at update {n[too_long.argmax()]}: {too_long.max():.1f} times the right length")

# %% [markdown] tags=["A65"]
# So the first dozen updates of such an Adam (BERT's) are several times too long, and may show as a spike. A warmup hides it, a correction removes it.
#
# ## Beautiful curves
#
# Two rates, eight networks each. Below is the first network of both, each on an axis of its own. Which curve looks better to you, and which rate would you take?

# %% tags=["D59", "nbval-ignore-output"]
from lrcourse.experiments import ratio_interval

looks = {"0.001": Constant(0.001), "0.2": Constant(0.2)}
runs = compare(signals(), looks, range(8), 500, test_every=500)
rough = {name: np.abs(np.diff(run.losses, axis=1)).mean(1) for name, run in runs.items()}
percent = {name: 100 * run.test_accuracies[:, -1] for name, run in runs.items()}
smoother = ratio_interval(rough["0.001"], rough["0.2"])
better = paired_difference(percent["0.2"], percent["0.001"])
assert smoother.high < 0.9
assert better.low > 10

x = Axis("optimizer update t", low=0, high=500)
panels = []
for name, run in runs.items():
    means = run.losses[0].reshape(-1, 5).mean(1)  # of 5 updates each
    curve = Curve("", means, np.arange(2, 500, 5))
    y = Axis("loss", means.min() - 0.1, means.min() + 1.2)
    panels.append(Panel(x, y, (curve,), 0.7, title=f"rate {name}"))
show(
    plot_view(View(tuple(panels), "")),
    "Two loss curves, each on its own axis. At the rate 0.001 the loss sinks in small jumps. At "
    "0.2 it falls at first and then jumps up and down.",
)

# %% tags=["D59", "nbval-ignore-output"]
Markdown(
    f"""
- From one update to the next the loss jumps at 0.001 by **{smoother}** times as much as at 0.2.
- Test accuracy at 0.2 minus that at 0.001: **{better}** points.
"""
)

# %% [markdown] tags=["D59"]
# > **You will read** that you see the best rate where the loss curve looks most beautiful. Let us check.
# > The lower rate has the smoother curve, and the cell above shows how many points it costs. Small steps make small jumps, also where the rate is far too low.
# > Choose by a number that you care about, measured on data that training does not see, over several seeds.

# %% [markdown]
# ## What we saw
#
# 1. A range test is one loop over an exponential ramp. It ruins the model: keep a copy, and give it back.
# 2. A running mean needs its divisor, and a slope needs the logarithm of the rate. Over the rate itself the steepest point is noise.
# 3. Half the start was the worst pick. The onset is an upper bound, a third of it a good guess: train at three rates.
# 4. The sweep does not know the shape, the length, new data, or a start without warmup.
# 5. Every symptom has several causes. For a flat loss, the drop test decides. Beauty decides nothing.

# %% [markdown] tags=["quiz"]
# ## Three quick questions
#
# Choose an answer. It opens and says why.
#
# **1. A sweep from `1e-6` to `0.1` has its lowest loss at its last rate, `0.1`. What do you do?**
#
# - [ ] Train at `0.1`: there the loss is lowest.
#   It is the lowest of those that you tried. The loss had not begun to rise, so a higher rate may train better, as it did on the digits.
# - [x] Sweep again, up to `10`, before you pick.
#   This sweep has not passed the blow-up, so it shows no onset. A higher end costs nothing: a sweep that blows up stops by itself.
# - [ ] Train at a third of it: that is onset/3.
#   A third of the onset is a good guess. But `0.1` is no onset here: the loss has not risen.
#
# **2. Your finder sweeps from `1e-6` to `10` and suggests about `0.00001`, for every model. What do you suspect first?**
#
# - [x] Its slope is over the rate, not over its logarithm.
#   At the low end the rates lie close together, so noise there makes the steepest slope. A running mean without its divisor draws the lowest loss to that end, too.
# - [ ] Its ramp spends too many updates at low rates.
#   Equal factors give each power of ten the same number of updates, and that is what you want. A slope over the logarithm is not drawn to the low end by it.
# - [ ] It does not give the model back after the sweep.
#   That ruins the training after the sweep, in silence. But the pick comes from the sweep, and a fresh model enters it unharmed.
#
# **3. The loss is flat, so you do the drop test with eight networks. In each of them a tenth of the rate ends a little higher than the same rate, and three times the rate a little lower. What now?**
#
# - [ ] Decay now: it is a noise floor.
#   A flat loss often is one, and then a tenth of the rate ends lower. Here it ends higher, so a decay would make it worse.
# - [ ] Take a larger model: no rate helps.
#   At the limit of the model or the data, neither of the other two rates ends lower. Here one does, in every network.
# - [x] Raise the rate: it is too low by now.
#   Probably it was decayed too early. Even a small difference counts here, because all three go on from the same weights, on the same batches.

# %% [markdown]
# ## Next
#
# Now try it yourself: [exercises of section 09](../exercises/09_lr_finder.ipynb). A good rate belongs to one batch size. What happens when the batch grows? [10 Batch size](10_batch_size.ipynb). Back to the [map of the course](index.ipynb).
#
# ## Further reading
#
# - Smith: *Cyclical Learning Rates for Training Neural Networks*. [arXiv 1506.01186](https://arxiv.org/abs/1506.01186). Section 3.3 is the first range test.
# - Kalra, Barkeshli: *Why Warmup the Learning Rate?* [arXiv 2406.09405](https://arxiv.org/abs/2406.09405). Why a ramp makes a higher rate bearable.
