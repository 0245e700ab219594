# %% [markdown]
# # 06 Warmup
#
# **40 minutes.** Three parts: the shapes (15), why it helps (15), how long (10). You need sections 00 (how far a rate can go) and 03 (the cosine).
#
# After this lesson you can
#
# 1. write a linear, a cosine and an exponential warmup in one line each;
# 2. hand over from a warmup to a decay;
# 3. tell which explanations of warmup survive an experiment;
# 4. say which networks need one, and what can take its place;
# 5. read a published warmup on the right clock, and choose your own.

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
# A small transformer learns an easy task: name the token before this one. With Adam, a peak rate of 0.03 and a warmup it learns that almost perfectly.
#
# Now you leave the warmup out. What does the loss curve look like?
#
# - **a)** It explodes within a few updates.
# - **b)** It falls to where guessing is, and stays there, flat.
# - **c)** It learns too, only later.
#
# Decide now. We run it in part 2.

# %% [markdown] tags=["A23", "B6", "E1", "E11"]
# ## Part 1: the shapes
#
# A *warmup* raises the rate from zero, or from a small start, to the peak of the schedule that follows. The most common shape is a straight line:
#
# $$\eta(t) = \eta_\text{start} + (\eta_\text{peak} - \eta_\text{start})\,\min\!\left(\frac{t}{W},\,1\right)$$
#
# | symbol | name in code | meaning |
# |---|---|---|
# | $t$ | `t` | optimizer updates already made: the first update has $t = 0$ |
# | $\eta_\text{peak}$ | `peak_lr` | the rate that the warmup leads to |
# | $\eta_\text{start}$ | `start_lr` | the rate of the first update, often 0 |
# | $W$ | `warmup_steps` | updates until the peak is reached |
#
# Older recipes count $W$ in epochs; we count updates.


# %%
def my_warmup(t, peak_lr, warmup_steps):
    share = np.minimum(t / warmup_steps, 1)
    return peak_lr * share


my_warmup(np.array([0, 1, 5, 10, 11]), peak_lr=0.1, warmup_steps=10)

# %% [markdown]
# The first update has the rate zero, update $t = W$ is the first at the peak, and there it stays. The library agrees:

# %%
from lrcourse.schedules import LinearWarmup

t = np.arange(30)
assert np.array_equal(LinearWarmup(peak_lr=0.1, steps=10)(t), my_warmup(t, 0.1, 10))
LinearWarmup(peak_lr=0.1, steps=10)

# %% [markdown] tags=["A24", "K7", "E9", "E10"]
# ## An update of rate zero
#
# Many programs ramp by $t/W$ from exactly zero. Here is one from published notes. What does its first update do?


# %% tags=["A24", "K7", "E9", "E10"]
def warmup_then_constant(optimizer, warmup_steps, total_steps):
    def multiplier(t):
        return t / warmup_steps if t < warmup_steps else 1.0

    return torch.optim.lr_scheduler.LambdaLR(optimizer, multiplier)


weight = torch.ones(3, requires_grad=True)
optimizer = torch.optim.Adam([weight], lr=0.001)
scheduler = warmup_then_constant(optimizer, warmup_steps=1000, total_steps=100_000)

before = weight.detach().clone()
(weight**2).sum().backward()
optimizer.step()
print("weights moved:", not torch.equal(weight.detach(), before))
print("Adam's memory moved:", bool(optimizer.state[weight]["exp_avg"].any()))
print("multiplier at t = 100,000:", scheduler.lr_lambdas[0](100_000))

# %% [markdown] tags=["A24", "K7", "E9", "E10", "B6"]
# The first batch was paid for and trained nothing. Only Adam's running means took notice. ([transformers](https://github.com/huggingface/transformers/issues/34754) and [BERT's code](https://github.com/google-research/bert/issues/1293) do this.) Whoever calls `scheduler.step()` once per epoch throws a whole epoch away.
#
# And `total_steps` is never used: after the warmup this rate is constant for ever.
#
# To waste no update, count from one: $(t+1)/W$.

# %%
W = 10
from_one = LinearWarmup(peak_lr=0.1, steps=W - 1, start_lr=0.1 / W)
assert np.allclose(from_one(t), 0.1 * np.minimum((t + 1) / W, 1))
print(" t/W    ", LinearWarmup(0.1, W)(np.arange(12)).round(2))
print("(t+1)/W ", from_one(np.arange(12)).round(2))

# %% [markdown] tags=["A52"]
# ## PyTorch's version
#
# `LinearLR` takes a *factor* in place of a rate: it starts at `start_factor` times the optimizer's `lr`. So the same factor is another start for another peak. A factor of zero is refused.

# %% tags=["A52"]
for peak in (0.001, 0.1):
    optimizer = torch.optim.SGD([weight], lr=peak)
    torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1e-4, total_iters=20)
    print(f"peak {peak}: the first update uses {optimizer.param_groups[0]['lr']:.0e}")

try:
    torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.0)
except ValueError:
    print("start_factor=0: ValueError")

# %% [markdown] tags=["E13", "E16", "E17", "E11"]
# ## Three shapes
#
# With the share of the way $x = \min(t/W, 1)$, each shape is $\eta_\text{peak}$ times
#
# | shape | share of the peak |
# |---|---|
# | linear | $x$ |
# | cosine (an S: slow, fast, slow) | $\tfrac12(1 - \cos \pi x)$ |
# | exponential (fast, then ever slower) | $\dfrac{1 - e^{-t/\tau}}{1 - e^{-W/\tau}}$ |
#
# The *time constant* $\tau$ says how soon the exponential bends. Common notes leave out the denominator and put $\tau = W$. We draw that too, and hand over at $W = 50$.

# %% tags=["E13", "E14", "E15", "E16", "E17", "E20", "K6"]
from lrcourse.plots import plot_rates, show
from lrcourse.schedules import Constant, CosineWarmup, ExponentialWarmup

t, W = np.arange(80), 50
from_notes = np.where(t < W, 1 - np.exp(-t / W), 1.0)
ax = plot_rates(
    LinearWarmup(1, W),
    CosineWarmup(1, W),
    ExponentialWarmup(1, W, time_constant=W // 5),
    without_denominator=from_notes,
    steps=80,
)
show(
    ax,
    "Four warmups to a peak of 1 at t = 50. The exponential with its denominator rises fastest; "
    "the one without lies below the straight line all the way and jumps at t = 50.",
)

# %% tags=["E13", "E14", "E20", "K6"]
linear = LinearWarmup(1, W)(t)
assert np.all(from_notes[:W] <= linear[:W])  # never faster than the straight line
assert from_notes[:W].sum() < linear[:W].sum()

print(f"without the denominator: {1 - np.exp(-1):.1%} of the peak at t = W, then a jump up")
for multiple in (1, 3, 5):
    print(f"W = {multiple} τ: {1 - np.exp(-multiple):.1%} of the peak")
print(
    f"mean of the rise / peak: linear {linear[:W].mean():.2f}, this one {from_notes[:W].mean():.2f}"
)

# %% [markdown] tags=["E14", "E15", "E20", "K6"]
# > **You will read** that the exponential warmup $1 - e^{-t/W}$ rises fast at first, is the smoother transition, and is the one to choose when you are in a hurry. Let us check.
# > It starts with the slope of the straight line and then stays below it: its area is the smallest of the three. At $t = W$ it is far from the peak, and the rate jumps.
# > Two remedies: divide by $1 - e^{-W/\tau}$ with $\tau$ several times shorter than $W$, as `ExponentialWarmup` does. Or let $1 - e^{-t/\tau}$ go on for ever, a warmup without an end ([Ma and Yarats 2019](https://arxiv.org/abs/1910.04209)).

# %% [markdown] tags=["E12", "E18", "E19"]
# Which shape? Take the straight line, as most recipes do and as Ma and Yarats recommend. The cosine joins a cosine decay without a kink; we know of no evidence that it trains better.
#
# ## Play
#
# The lower picture shows the *hand-over*, the updates around $t = W$. Try to
#
# - choose `t/W`, and read below the picture what the first update gets;
# - lower the time constant until the unfinished exponential reaches the peak without a visible jump;
# - show the cosine alone, followed by a cosine. Where is the kink?

# %%
from lrcourse.explore import explore
from lrcourse.explore.scenes import warmup_shapes

explore(warmup_shapes)

# %% [markdown] tags=["C46", "C47", "C48", "C49", "C51", "C52", "C56", "D21", "E12", "A50"]
# ## Hand over to a decay
#
# A warmup is half a schedule. ("Start small, then gradually decrease" leaves out the rise.) Two decays are common:
#
# $$\eta(t) = \begin{cases} \eta_\text{peak}\;t/W & t < W \\[2pt] \eta_\text{peak}\,(1 - p) & \text{linear, as in BERT} \\[2pt] \eta_\text{min} + \tfrac12(\eta_\text{peak} - \eta_\text{min})(1 + \cos \pi p) & \text{cosine, with a floor}\end{cases} \qquad p = \min\!\left(\frac{t - W}{T - W},\,1\right)$$
#
# $T$ is `steps`, the length of the whole schedule. $p$, the share of the decay that is over, counts **from $W$**.
#
# Some notes name the warmup as the only parameter, but $T$ decides how steep the decay is. Their "initial rate" is the peak, the optimizer's `lr`. Decay helps against noise (sections 01, 03).

# %% tags=["C46", "C49", "C51", "E12", "E18", "A50"]
from lrcourse.schedules import CosineDecay, LinearDecay, WarmupCosine, WarmupLinear

linear, cosine = WarmupLinear(0.1, 20, 100), WarmupCosine(0.1, 20, 100)
t = np.arange(150)
assert np.array_equal(linear(t), (LinearWarmup(0.1, 20) >> LinearDecay(0.1, 80))(t))
assert np.array_equal(cosine(t), (LinearWarmup(0.1, 20) >> CosineDecay(0.1, 80))(t))
smooth = CosineWarmup(0.1, 20) >> CosineDecay(0.1, 80)

ax = plot_rates(linear, cosine, cosine_up_and_down=smooth, steps=120)
show(
    ax,
    "Three schedules reach 0.1 at t = 20 and 0 at t = 100: linear up and down, linear up and "
    "cosine down, and cosine up and down, which has no kink at the peak.",
)

# %% [markdown] tags=["C50", "C53", "E21", "C48"]
# The best known are `get_linear_schedule_with_warmup` and `get_cosine_schedule_with_warmup` of the transformers library. Each returns a `LambdaLR`. Here are the multipliers, after [their source](https://github.com/huggingface/transformers/blob/main/src/transformers/optimization.py). (`num_cycles=0.5` is half a wave.)


# %% tags=["C50", "C53", "E21", "C47", "C52"]
def linear_multiplier(t, num_warmup_steps, num_training_steps):
    if t < num_warmup_steps:
        return t / max(1, num_warmup_steps)
    return max(0.0, (num_training_steps - t) / max(1, num_training_steps - num_warmup_steps))


def cosine_multiplier(t, num_warmup_steps, num_training_steps, num_cycles=0.5):
    if t < num_warmup_steps:
        return t / max(1, num_warmup_steps)
    p = (t - num_warmup_steps) / max(1, num_training_steps - num_warmup_steps)
    return max(0.0, 0.5 * (1 + np.cos(2 * np.pi * num_cycles * p)))


theirs = np.array([(linear_multiplier(s, 20, 100), cosine_multiplier(s, 20, 100)) for s in t]).T
np.testing.assert_allclose(0.1 * theirs[0], linear(t), atol=1e-15)
np.testing.assert_allclose(0.1 * theirs[1][:101], cosine(t[:101]), atol=1e-15)
for step in (0, 20, 100, 140):
    print(f"t = {step:3}: linear {theirs[0][step]:.2f}, cosine {theirs[1][step]:.2f}")

# %% [markdown] tags=["E21", "C48"]
# Both start and end at zero. After the end the linear one stays there, but the cosine **climbs again**.
#
# ## Trap 1: the cosine that is not clamped
#
# Published notes write the same as one function, often with lengths that are global names. We pass them as arguments, and ask about the edges.


# %% tags=["A28", "K7"]
import math


def unclamped(step, warmup_steps, total_steps):
    if step < warmup_steps:
        return step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return 0.5 * (1 + math.cos(math.pi * progress))


print("first update:      ", unclamped(0, 1000, 10_000))
print("at the end:        ", unclamped(10_000, 1000, 10_000))
print("2000 updates later:", round(unclamped(12_000, 1000, 10_000), 3))
print("total < warmup:    ", max(unclamped(s, 1000, 500) for s in range(500)), "is the highest")
try:
    unclamped(1000, 1000, 1000)
except ZeroDivisionError as error:
    print("total = warmup:    ", error)

# %% [markdown] tags=["A28"]
# The shape is right, the edges are not. `WarmupCosine` clamps $p$ at 1 and refuses lengths that cannot be meant:

# %% tags=["A28"]
assert WarmupCosine(1, 1000, 10_000)(12_000) == 0
for wrong in ((1000, 1000), (1000, 500), (0, 500)):
    try:
        WarmupCosine(0.1, *wrong)
    except ValueError as error:
        print(error)

# %% [markdown] tags=["A51", "A53", "A50"]
# ## Trap 2: torch's sequence, and what it keeps
#
# `SequentialLR` runs one scheduler after another. `T_max` of the cosine is then what *remains*, $T - W$. And `eta_min` is a rate, not a share of the peak.


# %% tags=["A51", "A53", "A50"]
def used_rates(peak, updates):
    optimizer = torch.optim.SGD([weight], lr=peak)
    schedulers = torch.optim.lr_scheduler
    rise = schedulers.LinearLR(optimizer, start_factor=1e-3, total_iters=20)
    fall = schedulers.CosineAnnealingLR(optimizer, T_max=80, eta_min=1e-6)
    both = schedulers.SequentialLR(optimizer, [rise, fall], milestones=[20])
    used = []
    for _update in range(updates):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        both.step()  # once per update
    return np.array(used)


used = used_rates(1e-3, 150)
ours = WarmupCosine(1e-3, warmup_steps=20, steps=100, start_lr=1e-6, min_lr=1e-6)
np.testing.assert_allclose(used[:101], ours(t[:101]), rtol=1e-10)
assert used.argmax() == 20

print(f"50 updates after the end: torch {used[149]:.1e}, ours {ours(149):.1e}")
tiny = used_rates(1e-6, 101)
print(f"with a peak of 1e-6 it ends at {tiny[100]:.0e}: no decay at all")

# %% [markdown] tags=["A51"]
# Up to $T$ the two agree, with the peak at $t = W$; then torch climbs, as in section 03. Step it once per update. When you resume, load the scheduler's state as well as the optimizer's (section 08).

# %% [markdown] tags=["K10", "B7", "E2", "E3", "E4", "A34"]
# ## Part 2: why does it help?
#
# You can read six explanations:
#
# 1. Early gradients are too large, or explode.
# 2. Random initial weights bear no large rate.
# 3. The statistics of BatchNorm must settle first.
# 4. Adam's second moment is poor at first.
# 5. The road is steep early, and flatter later.
# 6. A transformer's layer normalisation stands in the wrong place.
#
# Each predicts something. If 1 is right, clipping the gradient does the same service. If 3 or 4 is the whole cause, a network without BatchNorm and Adam needs no warmup.

# %% [markdown] tags=["E32", "A26", "B29", "K10", "C54"]
# ## Experiment 1: nothing but gradient descent
#
# First we take everything away: no BatchNorm, no Adam, no noise. A small network with tanh sees the same 100 digits in every update: plain *gradient descent*. Three peaks, three lengths of warmup, eight networks each. How many have learned after 300 updates?

# %%
from torch import nn

from lrcourse.experiments import ModuleNetwork, Sgd, compare, digits


def make_network():
    return nn.Sequential(
        nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 10)
    )


problem, seeds = digits(train_size=100, network=ModuleNetwork(make_network)), range(8)
schedules = {
    (peak, W): LinearWarmup(peak, W) if W else Constant(peak)
    for peak in (1, 2, 3)
    for W in (0, 100, 200)
}
schedules["cosine"] = CosineWarmup(2, 200)
schedules["exponential"] = ExponentialWarmup(2, 200, time_constant=40)
runs = compare(problem, schedules, seeds, 300, optimizer=Sgd(), batch_size=100, keep_every=10)

# %% [markdown] tags=["E32", "A26", "C54"]
# *Learned* means: a training loss below 0.5 at the end. Guessing gives $\ln 10 = 2.3$.

# %% tags=["E32", "A26", "B29", "C54", "E18", "X13", "nbval-ignore-output"]
from lrcourse.experiments import mean_interval, paired_difference

ends = {name: run.losses[:, -1] for name, run in runs.items()}
learned = {name: losses < 0.5 for name, losses in ends.items()}
assert learned[1, 0].all()
for rescued in ((2, 100), (2, 200), "cosine", "exponential"):
    assert paired_difference(ends[2, 0], ends[rescued]).low > 5
assert paired_difference(ends[3, 100], ends[2, 100]).low > 5
assert paired_difference(ends[3, 100], ends[3, 200]).low > 5

rows = "\n".join(
    f"| **{peak}** | " + " | ".join(f"{learned[peak, W].sum()} of 8" for W in (0, 100, 200)) + " |"
    for peak in (1, 2, 3)
)
Markdown(
    f"""
| peak rate | no warmup | 100 updates | 200 updates |
|---|---|---|---|
{rows}

At peak 2 with 200 updates: cosine warmup {learned["cosine"].sum()} of 8, exponential
{learned["exponential"].sum()} of 8. Without a warmup at peak 3 the training loss ends at
{mean_interval(ends[3, 0])}.
"""
)

# %% [markdown] tags=["E32", "C54", "B29", "B30", "K10"]
# A peak of 1 needs no warmup. At 2 the networks are lost without one, and it rescues them. At 3 it must be longer: **the higher the peak, the longer the warmup**. Between the shapes the table shows no clear difference.
#
# So a warmup can help without BatchNorm, Adam or noise. "Especially without BatchNorm" is no rule either: ResNet-50 has it, and was trained with a warmup in large batches ([Goyal et al. 2017](https://arxiv.org/abs/1706.02677)).

# %% [markdown] tags=["A26", "K10"]
# > **You will read** that a warmup is needed because the statistics of BatchNorm are unstable in the first updates. Let us check.
# > The network above has none, and a warmup decides whether it learns. So this cannot be the general cause; whether it adds to it is disputed.
# > A study of many networks finds one main benefit: a network then bears a larger target rate ([Kalra and Barkeshli 2024](https://arxiv.org/abs/2406.09405)).

# %% [markdown] tags=["B7", "E2", "E4", "A27", "A34"]
# ## What does a warmup wait for?
#
# Section 00 says how far a rate can go: up to $2/\lambda$, where $\lambda$ is the largest *curvature* of the loss (also called *sharpness*). It changes along the way. We measure it as section 00 did, for eight networks at once.


# %%
from lrcourse.experiments import largest_curvature

start = np.stack([problem.start(seed) for seed in seeds])[:, None]  # (networks, 1, weights)
along = np.concatenate([start, runs[2, 200].weights], axis=1)  # and after every tenth update
curvatures = largest_curvature(problem, along)  # (networks, times)

# %% [markdown] tags=["B7", "E2", "E4"]
# Thin lines are the eight networks with peak 2 and warmup 200, the thick line is their median. A rate $\eta$ can bear the curvature $2/\eta$: one dashed line shows it for the rate of the moment, the level one for the full rate. Where is the curvature above the level line?

# %% tags=["B7", "E2", "E4", "A34", "nbval-ignore-output"]
from lrcourse.panels import TIME, Axis, Curve, Panel
from lrcourse.plots import axes, plot_panel

times = np.arange(0, 301, 10)
limit = 2 / np.maximum(runs[2, 200].lrs[0, np.minimum(times, 299)], 1e-9)
panel = Panel(
    Axis(TIME, 0, 300),
    Axis("largest curvature λ", 0.1, 30, log=True),
    (
        *(Curve("", each, times, faint=True) for each in curvatures),
        Curve("curvature", np.median(curvatures, axis=0), times),
        Curve("2 / rate now", np.where(times < 10, np.nan, limit), times, style=1),
        Curve("2 / full rate", np.ones(len(times)), times, style=4),
    ),
)
show(
    plot_panel(panel, axes()),
    "The largest curvature over 300 updates: it starts below 1, climbs to several times 1 within "
    "the first hundred updates, and has fallen below 1 again when the warmup ends at t = 200. "
    "The limit of the warmup's own rate falls from above and ends at 1.",
)

# %% tags=["B7", "E2", "E4", "A34", "nbval-ignore-output"]
first, highest, last = (
    mean_interval(each) for each in (curvatures[:, 0], curvatures.max(1), curvatures[:, 20])
)
assert first.high < 1
assert highest.low > 3
assert last.high < 1
assert np.all(np.any(curvatures > limit, axis=1))  # at some moment, in every network

Markdown(
    f"""
| largest curvature λ | mean and 95% interval | largest rate, 2/λ |
|---|---|---|
| before the first update | {first} | {2 / first.mean:.1f} |
| where it is highest | {highest} | {2 / highest.mean:.1f} |
| when the warmup ends | {last} | {2 / last.mean:.1f} |
"""
)

# %% [markdown] tags=["B7", "E2", "E4", "A27", "A34"]
# The random start is not the dangerous place: there the ground is flat enough for a rate of 2. Soon the network walks into a steep stretch, where that rate is far too large. The warmup passes it slowly. (For a while even its own rate is too high, which these networks survive.) When the full rate comes, the ground can bear it.
#
# Other starts begin on steep ground; Kalra and Barkeshli describe both. And part of the fall is the learning itself: cross-entropy is flat where all answers are right.
#
# So a "stable path" means: **rate times curvature** does not stay high. It tells more than size: instabilities of large models can be reproduced in small ones at high rates ([Wortsman et al. 2023](https://arxiv.org/abs/2309.14322)).

# %% [markdown] tags=["C55"]
# > **You will read** that right after the warmup, the high rate carries the weights out of poor local minima into better ones. Let us check.
# > Disputed, and we found nobody who has shown such minima. A high rate leads to flatter ground ([Kalra and Barkeshli 2024](https://arxiv.org/abs/2406.09405)).
# > The cell below compares, on new digits, peak 2 with a warmup to peak 1 without.

# %% tags=["C55", "nbval-ignore-output"]
high, low = (100 * runs[name].test_accuracies[:, -1] for name in ((2, 200), (1, 0)))
gain = paired_difference(high, low)
assert gain.high < 3
Markdown(f"Test accuracy, peak 2 with warmup against peak 1 without: {gain.in_words('points')}.")

# %% [markdown] tags=["B31", "A33"]
# ## Experiment 2: the transformer
#
# Now the question from the beginning. Four blocks, *post-norm*: each part of a block works on its input $z$, and normalises **after** the sum, $z \leftarrow \text{norm}(z + \text{work}(z))$. Adam, a cosine from 0.03, with and without 100 updates of warmup. Look at the height of the dashed curve.

# %%
from lrcourse.experiments import Adam, RAdam, previous_token

post, steps = previous_token("post"), 240
without = CosineDecay(0.03, steps)
schedules = {"warmup": WarmupCosine(0.03, 100, steps), "no warmup": without}
trained = compare(post, schedules, range(6), steps, optimizer=Adam(), batch_size=16)

# %% tags=["X12", "nbval-ignore-output"]
from lrcourse.plots import plot_runs

show(
    plot_runs(trained, smooth=10),
    "Training loss of a post-norm transformer. With a warmup it falls to zero, without one it "
    "falls to about 2.3, the loss of guessing, and stays there. Below, the rates that were used.",
)

# %% tags=["X12", "nbval-ignore-output"]
end = {name: run.losses[:, -30:].mean(axis=1) for name, run in trained.items()}
stuck = mean_interval(end["no warmup"])
assert stuck.low > 1.9
assert stuck.high < 2.5
assert paired_difference(end["no warmup"], end["warmup"]).low > 0.5
assert trained["no warmup"].losses.max() < 5

Markdown(
    f"""
Mean loss of the last 30 updates: **{stuck}** without a warmup, {mean_interval(end["warmup"])} with
one. Guessing gives ln 10 = {np.log(10):.2f}. The highest loss of any run without a warmup, in any
update, was {trained["no warmup"].losses.max():.1f}.
"""
)

# %% [markdown] tags=["B28", "D38", "A27"]
# So the answer is **b**. The loss falls to where guessing is, and stays there. If you wait for a spike, you miss it. (In experiment 1 the loss *did* blow up.)
#
# What can take its place? (This cell trains longest.)
#
# - *clip* the gradient: shorten it to a length of 0.5 wherever it is longer;
# - *RAdam*, an Adam that mistrusts its second moment at first;
# - *pre-norm*: normalise **before** the work, $z \leftarrow z + \text{work}(\text{norm}(z))$;
# - two blocks in place of four.

# %%
pre, shallow = previous_token("pre"), previous_token("post", layers=2)


def train_cold(name, problem, optimizer, **more):
    options = {"optimizer": optimizer, "batch_size": 16, **more}
    return compare(problem, {name: without}, range(6), steps, **options)


trained |= train_cold("clipped", post, Adam(), clip=0.5)
trained |= train_cold("RAdam", post, RAdam())
trained |= train_cold("pre-norm", pre, Adam())
trained |= train_cold("two blocks", shallow, Adam())

# %% tags=["B28", "D38", "E7", "A33", "B8", "B31", "A34", "K11", "nbval-ignore-output"]
from lrcourse.experiments import share_interval

end = {name: run.losses[:, -30:].mean(axis=1) for name, run in trained.items()}
for rescued in ("RAdam", "pre-norm", "two blocks"):
    assert paired_difference(end["no warmup"], end[rescued]).low > 0.5
assert mean_interval(end["clipped"]).low > 1.5

won = {name: int((losses < 0.5).sum()) for name, losses in end.items()}
rows = "\n".join(f"| {name} | {n} of 6 | {share_interval(n, 6)} |" for name, n in won.items())
Markdown(f"| run | learned | share, with its 95% interval |\n|---|---|---|\n{rows}")

# %% [markdown] tags=["A27", "B28", "D38", "B8", "B31", "A34"]
# **Clipping does not replace it.** A warmup shortens *steps*, clipping shortens *gradients*. Adam divides the gradient by its own size, so its first step is as long for a clipped one (section 00). BERT's code does both.
#
# **Depth counts.** Two blocks need no warmup at this rate, four do. "Especially for large models" is right in this sense: deeper, with a higher rate or a larger batch. For "unstable data" we found no source.

# %% [markdown] tags=["E7", "K11", "X12"]
# > **You will read** that layer normalisation and warmup work together, a synergy. Let us check.
# > What counts is *where* the normalisation stands. Post-norm creates the need for a warmup, pre-norm largely removes it ([Xiong et al. 2020](https://arxiv.org/abs/2002.04745)). In the table above only the norm has moved.

# %% [markdown] tags=["A33", "B31"]
# > **You will read** that without a warmup, the training of a GPT spikes or diverges. Let us check.
# > Disputed. From GPT-2 on, these models are pre-norm, and such transformers can be trained without a warmup ([Xiong et al. 2020](https://arxiv.org/abs/2002.04745)), as ours was. Others find one useful for GPTs as well ([Kosson et al. 2024](https://arxiv.org/abs/2410.23922)).
# > For a deep post-norm transformer with Adam at a high rate, it is essential.

# %% [markdown] tags=["E5", "E6"]
# "Depth makes the gradients very uneven." The norm decides how: in post-norm, before training, they are large near the **output** ([Xiong et al. 2020](https://arxiv.org/abs/2002.04745)).
#
# "The softmax of attention is unstable at the beginning." We found no support. The documented trouble comes later, when the numbers that go into it grow ([Wortsman et al. 2023](https://arxiv.org/abs/2309.14322)).

# %% [markdown] tags=["A25", "E3", "E8", "K10"]
# ## Experiment 3: Adam's first steps
#
# Adam divides a mean of gradients $a$ by the root of a mean of squares $b$. Both begin at zero, and are *corrected*: after $n$ updates, $\hat a = a/(1-\beta_1^n)$ and $\hat b = b/(1-\beta_2^n)$, with `betas` $= (\beta_1, \beta_2)$. Feed it 2000 weights whose gradients are pure noise, and look at the length of its steps.

# %% tags=["A25", "E3", "E8", "X5"]
g = np.random.default_rng(0).standard_normal((200, 2000))  # (updates, weights)
a = b = np.zeros(2000)
plain, corrected, scale = [], [], []
for n in range(200):
    a = 0.9 * a + 0.1 * g[n]
    b = 0.999 * b + 0.001 * g[n] ** 2
    a_hat, b_hat = a / (1 - 0.9 ** (n + 1)), b / (1 - 0.999 ** (n + 1))
    plain.append(np.mean(np.abs(a) / np.sqrt(b)))
    corrected.append(np.mean(np.abs(a_hat) / np.sqrt(b_hat)))
    scale.append(b_hat.mean())

assert abs(corrected[0] - 1) < 1e-9
assert corrected[-1] < 0.3
assert abs(np.mean(scale) - 1) < 0.1  # the corrected mean of squares is right on average
print(f"step / rate: first {corrected[0]:.2f}, last {corrected[-1]:.2f}")

# %% [markdown] tags=["A25", "E3", "E8"]
# Three curves: Adam, the same without the correction (as in BERT's first code), and with a warmup of 100 updates.

# %% tags=["A25", "E3", "E8"]
from lrcourse.panels import time_panel

warmed = np.array(corrected) * LinearWarmup(1, 99, start_lr=0.01)(np.arange(200))
panel = time_panel(
    Curve("Adam", np.array(corrected)),
    Curve("not corrected", np.array(plain), style=1),
    Curve("with warmup", warmed, style=2),
    y=Axis("mean step / peak rate", 0.01, 4, log=True),
    steps=200,
)
show(
    plot_panel(panel, axes()),
    "Mean step of Adam on pure noise, over 200 updates. Adam starts at 1 and falls below 0.2 within "
    "fifty updates. Without the correction it starts above 3. With a warmup it starts near 0.01 and "
    "meets the first curve at update 100.",
)

# %% [markdown] tags=["A25", "E3", "E8", "X5"]
# Adam's first step is exactly one rate long in **every** weight. Later ones are several times shorter, because noise averages out in $a$. A warmup undoes that difference. So 0.001 is not large in itself, only for steps of this length.
#
# How good is the divisor at first? Two claims of the course's register, which writes $\hat v$ for $\hat b$. (In the second the gradients agree, so steps are longer than in the picture.)

# %% tags=["A25", "E3", "X5", "nbval-ignore-output"]
from IPython.display import display

from lrcourse.claims import CLAIMS

for name in ("adams-scale-is-a-gamble-at-first", "bias-correction-tames-the-first-steps"):
    finding = CLAIMS[name].run()
    assert finding.is_as_taught
    display(finding)

# %% [markdown] tags=["A25", "E3", "K10"]
# > **You will read** that Adam needs a warmup because its estimate of the second moment is inaccurate in the first updates, so that the effective rate is too high. Let us check.
# > Disputed. With the correction the estimate is right on average, but its *spread* is large. [Liu et al. 2019](https://arxiv.org/abs/1908.03265) blame that and repair it (RAdam), [Ma and Yarats 2019](https://arxiv.org/abs/1910.04209) the length of the first steps.
# > The steps are truly too long where the correction is missing. Our runs: RAdam needed no warmup, gradient descent did. So Adam's first steps matter, and are not all of it.

# %% [markdown] tags=["B30"]
# ## Who does not need one
#
# A small network learns curves of ten kinds by SGD, with a warmup and without.

# %% tags=["B30", "nbval-ignore-output"]
from lrcourse.experiments import signals

schedules = {"cosine": CosineDecay(0.13, 1000), "warmup": WarmupCosine(0.13, 100, 1000)}
small = compare(signals(), schedules, range(12), 1000)
warm, cold = (100 * small[name].test_accuracies[:, -1] for name in ("warmup", "cosine"))
gain = paired_difference(warm, cold)
assert gain.high < 1
Markdown(f"Test accuracy, with warmup against without: {gain.in_words('points')}.")

# %% [markdown] tags=["B30"]
# No gain was found. "Especially for deep residual networks" goes back to ResNet-110, which trained at 0.01 for about 400 updates, then at 0.1. Its authors add that starting at 0.1 reaches similar accuracy ([He et al. 2015](https://arxiv.org/abs/1512.03385)).

# %% [markdown] tags=["K10", "A27", "B7", "B28", "B29", "D38", "E2", "E4", "A34"]
# ## The explanations, after the experiments
#
# 1. Gradients: a warmup shortens steps, not gradients.
# 2. Random weights: not in themselves. Rate times curvature counts.
# 3. BatchNorm: not the general cause.
# 4. Adam's second moment: disputed. A part of it, for Adam.
# 5. Steep early, flatter later: the broadest support.
# 6. The place of the normalisation: well supported, for transformers.
#
# They do not exclude each other. What they share: a peak that is good later is too high for some early stretch, and a warmup keeps the steps short until that is over.

# %% [markdown] tags=["A30", "E22", "E25", "E29", "E34", "K5", "T8"]
# ## Part 3: how long?
#
# First, what was published. From it we compute the warmup in updates, its share of all updates, and of all that was *seen* (samples or tokens). The shares differ where the batch grows; for GPT-3 we must assume how. A question mark: not published.


# %% tags=["A30", "E8", "E22", "E25", "E27", "E29", "E34", "K5", "T8"]
from lrcourse.recipes import RECIPES


def share(recipe, clock):
    if recipe.clock.missing(recipe.length.clock, clock):
        return "?"
    return f"{recipe.share(recipe.warmup, clock):.2%}"


language = ["transformer", "bert-base", "gpt1", "roberta-base", "gpt3-125m", "gpt3-175b"]
language += ["llama2-70b", "llama3-405b"]
vision = ["vit-l16-jft-14", "vit-l16-21k-90", "vit-imagenet", "resnet50-goyal"]
rows = "\n".join(
    f"| {r.title} ([source]({r.sources[0].address})) | {r.peak_lr:.2g} | {r.warmup} | "
    f"{r.amount(r.warmup, 'steps'):,.0f} | {share(r, 'steps')} | {share(r, r.batch.clock)} |"
    for r in map(RECIPES.get, [*language, *vision, "roberta-rte"])
)
Markdown(
    "| training | peak | warmup as published | in updates | of all updates | of all that was seen |\n"
    f"|---|---|---|---|---|---|\n{rows}"
)

# %% [markdown] tags=["A30", "E22", "E25", "E29", "E34", "E27", "K5"]
# - **There is no standard share.** BERT has one update in a hundred, the large language models less than half of that, in tokens, ViT on ImageNet more than a tenth. So "a hundredth to a tenth" is no rule.
# - **Size does not decide.** The Transformer of 2017 warmed up for 4000 updates, GPT-1 and Llama 2 70B for 2000.
# - **Fine-tuning** warms up for fewer *updates*: 122 in the last row, against RoBERTa's 10,000 in pre-training. Its *share* is of the same order, and several times that of BERT.

# %% [markdown] tags=["E23", "E27", "K5"]
# > **You will read** that a warmup of 5 to 6 percent of the steps is the usual recommendation. Let us check.
# > We found no source, and the shares above lie far apart. 6 percent is RoBERTa's fine-tuning on GLUE: [122 of 2036 updates on RTE](https://github.com/facebookresearch/fairseq/tree/main/examples/roberta). It is often ascribed to BERT, of whose fine-tuning we found no published share.

# %% [markdown] tags=["A31", "E26", "K4", "T8"]
# ## Which clock?
#
# GPT-3's warmup is published in **tokens**: 375 million. Its batch grows from 32 thousand to 3.2 million tokens, over the first 4 to 12 billion ([Brown et al. 2020](https://arxiv.org/abs/2005.14165)). How many updates is that?

# %% tags=["A31", "E26", "K4", "T8"]
from lrcourse.recipes import Batch, Ramp, recipe

gpt3 = recipe("gpt3-175b")
batches = {f"growing over {n} billion": Ramp(32e3, 3.2e6, over=n * 1e9) for n in (4, 8, 12)}
batches["full from the start"] = Batch(3.2e6, "tokens")

print("share of the tokens:", f"{gpt3.share(gpt3.warmup, 'tokens'):.3%}")
for name, batch in batches.items():
    version = gpt3.knowing(batch=batch)
    updates, part = version.amount(gpt3.warmup, "steps"), version.share(gpt3.warmup, "steps")
    print(f"{name:24} {updates:5.0f} updates, {part:.2%} of all updates")

# %% [markdown] tags=["A31", "E26", "K4"]
# > **You will read** that GPT-3 warmed up for 375 steps; or that large models such as GPT-3 take 10,000 steps and more. Let us check.
# > A unit was lost: 375 *million tokens* ([Brown et al. 2020](https://arxiv.org/abs/2005.14165)), about one token in 800. In updates that is a few thousand, because the early batches are small (we take their growth as a straight line).
# > [Llama 2 70B](https://arxiv.org/abs/2307.09288) has 2000 updates.

# %% tags=["A55", "E28", "K3"]
try:
    recipe("gpt2").schedule()  # what is known of GPT-2?
except ValueError as error:
    print(error)

# %% [markdown] tags=["A55", "E28", "K3"]
# > **You will read** that GPT-2 was trained with a peak of 2.5e-4, a floor of 1e-6 and 2000 warmup steps, which are 0.1 percent. Let us check.
# > None of it is published. [The paper](https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf) says that each rate was tuned by hand, and gives no rate, schedule, warmup or number of steps. 2.5e-4 and 2000 updates, then a cosine to 0, are [GPT-1's](https://github.com/openai/finetune-transformer-lm/issues/29).
# > And 0.1 percent would mean two million steps.

# %% [markdown] tags=["E19", "E22"]
# ## An anchor
#
# Ma and Yarats recommend, for Adam, a straight line over $2/(1-\beta_2)$ updates: about the time in which its mean of squares settles.

# %% tags=["E19", "E22"]
for beta2 in (0.95, 0.98, 0.999):
    print(f"β2 = {beta2}: {2 / (1 - beta2):.0f} updates")

# %% [markdown] tags=["E19", "E22", "E24", "E25", "E30", "E33", "E32", "A57"]
# - Start with that number, or with a tenth of a short training if that is less.
# - Raise it when you raise the peak. With more data, the same number is a smaller *share*.
# - "500 to 1000 updates for small models", the same or a twentieth for time series: no source found. "2000 to 4000 for medium ones": that is GPT-1 and the Transformer of 2017.
# - For a transformer, warmup and a cosine are a fine *start*. A straight line down is as good (section 03), pre-norm may need no warmup, and an unknown length wants another decay (section 11).

# %% [markdown] tags=["E38", "E39"]
# ## When to change it
#
# **The loss goes wrong in the first updates.** Lengthen the warmup, lower the peak, or move to pre-norm; with SGD, clip. If it goes wrong *after* the warmup, a longer one may only put it off.
#
# **Training is too slow.** Shorten the warmup only if it is a large share of your run; look at the peak first.
#
# ## Trap 3: the wrong total
#
# `total_steps = len(loader) * epochs` is in many notes. Count optimizer **updates**: with *gradient accumulation* several batches make one.

# %% tags=["E35"]
samples, batch_size, epochs, accumulation = 1024, 8, 4, 4
batches = samples // batch_size * epochs
updates = batches // accumulation

meant, wrong = WarmupLinear(0.1, 12, updates), WarmupLinear(0.1, 12 * accumulation, batches)
ax = plot_rates(meant=meant(np.arange(updates)), counted_in_batches=wrong(np.arange(updates)))
show(
    ax,
    "Over the 128 updates of the training, the schedule that was meant rises and falls to zero; "
    "the one counted in batches rises four times as slowly and has hardly begun to fall at the end.",
)

# %% [markdown] tags=["E35"]
# The training ends when the schedule has done a quarter of its way, without a warning. `drop_last=True` leaves batches out, too, and mixed precision skips an update now and then.
#
# ## Trap 4: a share of a short run, and a line that comes later

# %% tags=["E36", "E37"]
for total_steps in (2036, 100, 16):
    print(f"6% of {total_steps} updates: {int(0.06 * total_steps)}")

steps_per_epoch, epochs = 100, 3
total_steps = steps_per_epoch * epochs
warmup_steps = int(0.06 * total_steps)  # a share of the whole
warmup_steps = steps_per_epoch  # or the first epoch
print(f"used: {warmup_steps} of {total_steps} updates, {warmup_steps / total_steps:.0%}")

# %% [markdown] tags=["E36"]
# A share is rounded down to 0 in a very short run. The multiplier `t / W if t < W else 1` survives that; `LinearWarmup` refuses it.

# %% [markdown] tags=["E37"]
# > **You will read** that you set `warmup_steps` to a share of all steps, or to one epoch, with both lines below each other in one program. Let us check.
# > The second line silently replaces the first, and in a fine-tuning of three epochs "one epoch" is a third of the training. Keep one line.

# %% [markdown]
# ## What we saw
#
# 1. Linear is $t/W$, or $(t+1)/W$ so that no update is wasted. The exponential of many notes misses its peak.
# 2. The decay counts from $W$ and lasts $T - W$. After $T$ ours stays at the floor; others climb.
# 3. A warmup helped plain gradient descent pass a steep stretch. For Adam the causes are disputed.
# 4. A deep post-norm transformer failed in silence without it. Clipping did not replace it; pre-norm, fewer blocks and RAdam did.
# 5. Published warmups share no percentage. Ask for the clock, and start from $2/(1-\beta_2)$ updates.

# %% [markdown] tags=["quiz"]
# ## Three quick questions
#
# Choose an answer. It opens and says why.
#
# **1. Your transformer is trained with Adam and clipped gradients. Its loss stays where guessing is. Can a missing warmup be the cause?**
#
# - [x] Yes: it can fail in silence, with clipping as well.
#   The post-norm transformer of the lesson did just that. Try a warmup, a lower peak, or pre-norm.
# - [ ] No: clipping keeps the first steps short, as a warmup does.
#   Clipping shortens gradients, a warmup shortens steps. Adam divides the gradient by its own size, so its first step is as long for a clipped one.
# - [ ] No: without a warmup the loss would explode.
#   The small network with gradient descent did blow up. The transformer failed in another way: its loss fell to where guessing is, and stayed there, flat.
#
# **2. `WarmupLinear(0.1, warmup_steps=10, steps=100)`: which rate has the update at t = 55?**
#
# - [ ] `0.045`
#   That is 45/100 of the peak: the share 1 - t/T counts the warmup as decay. The decay begins at W = 10, so count from there.
# - [x] `0.05`
#   The decay lasts T - W = 90 updates. At t = 55 it has done 45 of them, which is half of the way down.
# - [ ] `0.055`
#   This counts from W = 10, but plans 100 updates for the decay. Only T - W = 90 are left, because the rate is 0 at t = 100.
#
# **3. A paper warms up for one percent of its tokens, and the batch grows during the training. Is that one percent of the updates?**
#
# - [ ] Yes: a share is the same on every clock.
#   Only where the batch stays the same, as for Llama 2. If it grows, an early update sees fewer tokens than a late one.
# - [ ] No, it is a smaller share: small batches are done sooner.
#   Each is done sooner, but it holds few tokens. So more of them are needed for the same number of tokens.
# - [x] No, it is a larger share: early updates see few tokens.
#   GPT-3 warms up for about one token in 800. In the lesson's count these are several updates in a hundred.

# %% [markdown]
# ## Next
#
# Now try it yourself: [exercises of section 06](../exercises/06_warmup.ipynb). [Section 07](07_one_cycle.ipynb) goes up for a third of the training: cycles and one cycle. Back to the [map of the course](index.ipynb).
#
# ## Further reading
#
# - Kalra, Barkeshli: *Why Warmup the Learning Rate?* [arXiv 2406.09405](https://arxiv.org/abs/2406.09405).
# - Ma, Yarats: *On the Adequacy of Untuned Warmup*. [arXiv 1910.04209](https://arxiv.org/abs/1910.04209). The rule $2/(1-\beta_2)$.
