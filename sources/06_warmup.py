# %% [markdown]
# # 06 Warmup
#
# **40 minutes.** Three parts, with room for a pause between them: the shapes (15), why it helps (15), how long (10). You need a training loop that you understand. Section 00 (how far a rate can go) and section 03 (the cosine) help.
#
# After this lesson you can
#
# 1. write a linear, a cosine and an exponential warmup in one line each, and say what the very first update gets;
# 2. hand over from a warmup to a decay, so that the rates are right at $t = 0$, at the peak, at the end and after it;
# 3. tell which explanations of warmup survive an experiment, and which do not;
# 4. say which networks need a warmup, and what can take its place;
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
# A small transformer learns an easy task: name the token before this one. With Adam and a peak rate of 0.03 it needs a warmup, and with one it learns the task perfectly.
#
# Now you leave the warmup out. What does the loss curve look like?
#
# - **a)** It explodes within a few updates.
# - **b)** It falls to where guessing is, and stays there, flat.
# - **c)** It learns too, only later.
#
# Decide now. We run the experiment in part 2, with six networks for each side.

# %% [markdown] tags=["A23", "B6", "E1", "E11"]
# ## Part 1: the shapes
#
# A *warmup* raises the rate from zero, or from a small start, to its target. The target is the peak of the schedule that follows. The most common shape is a straight line:
#
# $$\eta(t) = \eta_\text{start} + (\eta_\text{peak} - \eta_\text{start})\,\min\!\left(\frac{t}{W},\,1\right)$$
#
# | symbol | name in code | meaning |
# |---|---|---|
# | $\eta(t)$ | `schedule(t)` | the learning rate of the next update |
# | $t$ | `t` | optimizer updates already made: the first update has $t = 0$ |
# | $\eta_\text{peak}$ | `peak_lr` | the rate that the warmup leads to |
# | $\eta_\text{start}$ | `start_lr` | the rate of the first update, often 0 |
# | $W$ | `warmup_steps` | updates until the peak is reached |
#
# Older recipes count $W$ in epochs, newer ones in updates. We count updates.


# %%
def my_warmup(t, peak_lr, warmup_steps):
    share = np.minimum(t / warmup_steps, 1)
    return peak_lr * share


my_warmup(np.array([0, 1, 5, 10, 11]), peak_lr=0.1, warmup_steps=10)

# %% [markdown]
# The first update has the rate zero, the update $t = W$ is the first at the peak, and the rate stays there. The library says the same:

# %%
from lrcourse.schedules import LinearWarmup

t = np.arange(30)
assert np.array_equal(LinearWarmup(peak_lr=0.1, steps=10)(t), my_warmup(t, 0.1, 10))
LinearWarmup(peak_lr=0.1, steps=10)

# %% [markdown] tags=["A24", "K7", "E9", "E10"]
# ## An update of rate zero
#
# Many programs ramp by $t/W$ from exactly zero. Here is one as you can find it in published notes, for 1000 of 100,000 updates. We watch its first update.


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
# The first batch was paid for, forward and backward, and trained nothing. Only Adam's running means took notice of it. (transformers and BERT's code do this: [issue 34754](https://github.com/huggingface/transformers/issues/34754), [issue 1293](https://github.com/google-research/bert/issues/1293).) One update is cheap. But whoever calls `scheduler.step()` once per epoch throws a whole epoch away.
#
# The remedy is to count from one: $(t+1)/W$. In the library that is a start one stair higher.
#
# And did you see the last line? `total_steps` is accepted and never used. After the warmup this rate is constant for ever. It is a warmup, not yet a schedule.

# %%
W = 10
from_one = LinearWarmup(peak_lr=0.1, steps=W - 1, start_lr=0.1 / W)
assert np.allclose(from_one(t), 0.1 * np.minimum((t + 1) / W, 1))
print(" t/W    ", LinearWarmup(0.1, W)(np.arange(12)).round(2))
print("(t+1)/W ", from_one(np.arange(12)).round(2))

# %% [markdown] tags=["A52"]
# ## PyTorch's version
#
# `LinearLR` takes a *factor* in place of a rate: it starts at `start_factor` times the optimizer's `lr`. So the same factor is another start for another peak. And it refuses to start at zero.

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
# | shape | share of the peak | in words |
# |---|---|---|
# | linear | $x$ | the same rise in every update |
# | cosine | $\tfrac12(1 - \cos \pi x)$ | an S: slow, fast, slow |
# | exponential | $\dfrac{1 - e^{-t/\tau}}{1 - e^{-W/\tau}}$ | fast at first, then ever slower |
#
# The *time constant* $\tau$, in updates, says how soon the exponential bends. Common notes write the last one without its denominator, and put $\tau = W$: $\;1 - e^{-t/W}$. We draw that too, and hand all four over to a constant peak at $W = 50$.

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
# > It starts with the same slope as the straight line and then stays below it, because $1 - e^{-x} \le x$. So it is nowhere faster than the line, and its area is the smallest of the three.
# > It is not smooth either: at $t = W$ it is far from the peak, and the rate jumps. The cells above show both.
# > Two remedies: divide by $1 - e^{-W/\tau}$ with a $\tau$ several times shorter than $W$, as `ExponentialWarmup` does. Or let $1 - e^{-t/\tau}$ go on for ever; it is then a legitimate warmup without an end, with $\tau = 1/(1-\beta_2)$ for Adam ([Ma and Yarats 2019](https://arxiv.org/abs/1910.04209)).

# %% [markdown] tags=["E18", "E19"]
# Which shape? Take the straight line. It is what nearly everybody uses and what Ma and Yarats recommend. The cosine warmup joins a cosine decay without a kink, because both are flat at the peak. That is pretty, but we know of no evidence that it trains better. You will see three shapes in the first experiment.
#
# ## Play
#
# The upper picture shows the whole schedule, the lower one the *hand-over*: the updates around $t = W$. Try to
#
# - choose `t/W` and then `(t+1)/W`, and watch the first update in the line below the picture;
# - lower the time constant until the unfinished exponential arrives at the peak without a visible jump;
# - switch to the cosine warmup alone, followed by a cosine. Where is the kink now?

# %%
from lrcourse.explore import explore
from lrcourse.explore.scenes import warmup_shapes

explore(warmup_shapes)

# %% [markdown] tags=["C46", "C47", "C48", "C49", "C51", "C52", "C56", "D21", "E12", "A50"]
# ## Hand over to a decay
#
# A warmup alone is half a schedule. Notes that say "start small, then gradually decrease" leave out the rise between the two. After the peak, two decays are common:
#
# $$\eta(t) = \begin{cases} \eta_\text{peak}\;t/W & t < W \\[2pt] \eta_\text{peak}\,(1 - p) & \text{linear, as in BERT} \\[2pt] \eta_\text{min} + \tfrac12(\eta_\text{peak} - \eta_\text{min})(1 + \cos \pi p) & \text{cosine, with a floor}\end{cases} \qquad p = \min\!\left(\frac{t - W}{T - W},\,1\right)$$
#
# $T$ is `steps`, the length of the whole schedule, warmup included. $p$ is the share of the decay that is over: it counts **from $W$**, not from 0.
#
# Both need two lengths. Some notes name the warmup as their only parameter, but $T$ decides how steep the decay is and where the rate is zero. "From 0 to the initial rate" means here: from 0 to the peak, which is the `lr` that you gave to the optimizer. That a decay at the end helps where gradients are noisy was the subject of sections 01 and 03.

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
# The best known names are `get_linear_schedule_with_warmup` and `get_cosine_schedule_with_warmup` of the transformers library. Each returns a `LambdaLR` with a multiplier of a few lines. We write both again, from [their source](https://github.com/huggingface/transformers/blob/main/src/transformers/optimization.py), so you need not install it. (The cosine one also has `num_cycles`, one half by default: half a wave.)


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
# The first update has rate zero, the peak is at $t = W$, both end at zero. After the end the linear one stays at zero, but the cosine **climbs again**. Training rarely ends exactly where you planned, so this happens.
#
# ## Trap 1: the cosine that is not clamped
#
# Published notes write the same as one function, often with lengths that are global names from elsewhere. We give the lengths as arguments, and ask it about the edges.


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
# The shape is right, but every edge needs a decision. Ours clamps $p$ at 1, and refuses lengths that cannot be meant:

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
# In PyTorch, `SequentialLR` runs one scheduler after another. Two things to know: `T_max` of the cosine is what *remains*, $T - W$. And `eta_min` is a rate, not a share of the peak.


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
# Up to $T$ the two agree to the last digits, with the peak exactly at $t = W$. After $T$ torch climbs, as in section 03. Step it once per update, and when you resume, build both schedulers first and then load the state of the optimizer **and** that of the scheduler: section 08 shows what happens otherwise.

# %% [markdown] tags=["K10", "B7", "E2", "E3", "E4", "A34"]
# ## Part 2: why does it help?
#
# Here opinions differ. You can read all of these, often in one paragraph. Each predicts something, so we can ask.
#
# | explanation | what it predicts |
# |---|---|
# | early gradients are too large, or explode | clipping the gradient does the same service |
# | random initial weights make large rates unstable | the danger is at $t = 0$ |
# | statistics of BatchNorm must settle first | a network without BatchNorm needs no warmup |
# | Adam's second moment is poor at first | a method without Adam needs no warmup; an Adam with that repaired needs none either |
# | the road is steep at the beginning, and flatter later | plain gradient descent needs a warmup too, and a higher peak needs a longer one |
# | the layout of the network, post-norm, is the cause | the same network as pre-norm needs none |
#
# We take everything away at first: no BatchNorm, no Adam, and no noise. All of the training set goes into each update, so this is plain *gradient descent*.

# %% [markdown] tags=["E32", "A26", "B29", "K10", "C54"]
# ## Experiment 1: nothing but gradient descent
#
# A small network with tanh sees 100 digits, all of them in every update. Three peaks, with no warmup, 100 or 200 updates of it. Eight networks each. How many of them have learned their digits after 300 updates?

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
# Read the table row by row. *Learned* means: a training loss below 0.5 at the end. Those who guess have $\ln 10 = 2.3$.

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

# %% [markdown] tags=["E32", "C54", "B29", "K10"]
# A peak of 1 needs no warmup. At 2 the networks are lost without one, and a gentle rise rescues them. At 3 the rise must be longer: **the higher the peak, the longer the warmup**. The shape made no difference that we could see.
#
# And there is no BatchNorm here, no Adam, no noise and no transformer. Whatever a warmup does, it does not need any of them. It does not need BatchNorm to be *missing* either, as you can read elsewhere.

# %% [markdown] tags=["A26", "K10"]
# > **You will read** that a warmup is needed because the statistics of BatchNorm are unstable in the first updates. Let us check.
# > The network above has no BatchNorm, and a warmup decides whether it learns. So this cannot be the general cause. It may add to it in networks that have BatchNorm, and there opinions differ.
# > A study of many kinds of networks, with SGD and with Adam, finds one main benefit: a warmup lets a network bear a larger target rate ([Kalra and Barkeshli 2024](https://arxiv.org/abs/2406.09405)).

# %% [markdown] tags=["B7", "E2", "E4", "A27", "A34"]
# ## What is it that a warmup waits for?
#
# Section 00 says how far a rate can go: up to $2/\lambda$, where $\lambda$ is the *curvature* of the loss in its steepest direction (also called *sharpness*). Let us measure $\lambda$ along the way. We multiply a direction by the matrix of second derivatives again and again. It turns towards the steepest direction, and its growth is $\lambda$.


# %%
def curvature(weights, rounds=20):
    weights = torch.tensor(weights, requires_grad=True)
    everything = torch.arange(100).expand(len(weights), -1)
    loss = problem.loss(weights, everything).sum()
    gradient = torch.autograd.grad(loss, weights, create_graph=True)[0]
    direction = torch.ones_like(weights)
    for _round in range(rounds):
        direction = direction / direction.norm(dim=1, keepdim=True)
        slope = (gradient * direction).sum()
        direction = torch.autograd.grad(slope, weights, retain_graph=True)[0]
    return direction.norm(dim=1).numpy()


start = torch.stack([problem.start(seed) for seed in seeds])  # one row for each network
kept = runs[2, 200].weights  # (networks, every tenth update, weights)
along = [start.numpy(), *kept.swapaxes(0, 1)]
curvatures = np.stack([curvature(weights) for weights in along], axis=1)  # (networks, times)

# %% [markdown] tags=["B7", "E2", "E4"]
# Thin lines are the eight networks with a peak of 2 and a warmup of 200; the thick line is their median. The limit turned around says how much curvature a rate can bear: $2/\eta$. The horizontal line is that limit at a rate of 2. The falling line is the limit for the rate that the warmup uses at that moment. Where is the curvature above the horizontal line?

# %% tags=["B7", "E2", "E4", "A34", "nbval-ignore-output"]
from lrcourse.panels import TIME, Axis, Curve, Panel, Rule
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
        Rule("limit at a rate of 2", y=1, style=4),
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
# The random start is not the dangerous place. There the ground is flat enough for a rate of 2. Soon the network walks into a steep stretch, and *there* a rate of 2 is far too large. The warmup passes that stretch slowly. For a while even its rate is above the limit; these networks survive that. When the full rate comes, the ground is flat enough to bear it.
#
# (Other starts begin on steep ground, and the curvature falls from the first update on. Kalra and Barkeshli describe both. A part of the fall is the learning itself: cross-entropy is flat where all answers are right.)
#
# So "the path becomes stable" has an exact meaning: **rate times curvature** is what counts. That is also what to watch at large scale, more than size itself: instabilities of large models can be reproduced in small ones at high rates ([Wortsman et al. 2023](https://arxiv.org/abs/2309.14322)).

# %% [markdown] tags=["C55"]
# > **You will read** that right after the warmup, the high rate carries the weights out of poor local minima into better ones. Let us check.
# > Disputed, and nobody has shown the minima that are left behind. What can be seen is less romantic: a high rate makes fast progress and leads to flatter ground ([Kalra and Barkeshli 2024](https://arxiv.org/abs/2406.09405)); another study finds that a warmup keeps the deeper layers from becoming unstable ([Gotmare et al. 2018](https://arxiv.org/abs/1810.13243)).
# > The cell below compares the networks with a high peak and a warmup to those with half of the peak and none. On new digits they were no better.

# %% tags=["C55", "nbval-ignore-output"]
high, low = (100 * runs[name].test_accuracies[:, -1] for name in ((2, 200), (1, 0)))
gain = paired_difference(high, low)
assert gain.high < 3
Markdown(f"Test accuracy, peak 2 with warmup against peak 1 without: {gain.in_words('points')}.")

# %% [markdown] tags=["B31", "A33", "B8", "D38"]
# ## Experiment 2: the transformer
#
# Now the question from the beginning. Four blocks, *post-norm*: each block normalises **after** its sum, $z \leftarrow \text{norm}(z + \text{work}(z))$, as in the paper of 2017. Adam, a cosine from 0.03, with and without 100 updates of warmup. Look at the dashed curve, and at its height.

# %%
from lrcourse.experiments import Adam, RAdam, previous_token

post, steps = previous_token("post"), 300
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
# So the answer is **b**. Nothing explodes. The network falls to where guessing is, and never leaves. If you wait for a spike in the curve, you miss it. (In experiment 1 the loss *did* blow up. Both happen; know both faces.)
#
# What can take the place of the warmup? We try four things, all without one:
#
# - *clip* the gradient: shorten it to a length of 0.5 wherever it is longer;
# - *RAdam*, an Adam that mistrusts its second moment at first;
# - *pre-norm*: the block normalises **before** its work, $z \leftarrow z + \text{work}(\text{norm}(z))$, and leaves the sum alone;
# - two blocks in place of four.
#
# (The next cell trains the longest of this lesson.)

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
Markdown(f"| | learned | share, with its 95% interval |\n|---|---|---|\n{rows}")

# %% [markdown] tags=["A27", "B28", "D38", "B8", "B31", "A34"]
# **Clipping does not replace it.** A warmup shortens *steps*; clipping shortens *gradients*. Adam divides the gradient by its own size, so its first step is as long for a clipped gradient as for an unclipped one (section 00 measures that). BERT's code does both, clipping and warmup, because they are two things. With plain SGD a clipped gradient would be a shorter step.
#
# **Depth counts.** Two blocks need no warmup at this rate, four do. "Especially for large models" is right in this sense: deeper, with a higher rate or a larger batch. That it is needed for "unstable data" is often written, and we found no source for it.

# %% [markdown] tags=["E7", "K11", "X12"]
# > **You will read** that layer normalisation and warmup work together, a synergy. Let us check.
# > What counts is *where* the normalisation stands. Post-norm creates the need for a warmup, pre-norm largely removes it: [Xiong et al. 2020](https://arxiv.org/abs/2002.04745). The table above shows it: the same blocks, the same rate, the same seeds, and only the norm has moved.

# %% [markdown] tags=["A33", "B31"]
# > **You will read** that without a warmup, the training of a GPT spikes or diverges. Let us check.
# > Disputed. From GPT-2 on, these models are pre-norm, and pre-norm transformers can be trained without a warmup ([Xiong et al. 2020](https://arxiv.org/abs/2002.04745)). Our small one did so in the table above.
# > Others find a warmup useful for GPTs as well, and ways to do without it: it counteracts first updates that are too large ([Kosson et al. 2024](https://arxiv.org/abs/2410.23922)). For a deep post-norm transformer with Adam at a high rate, it is essential.

# %% [markdown] tags=["E5", "E6"]
# Two more beliefs about transformers.
#
# "Depth makes the gradients very uneven." Yes, and the norm decides in which direction: before any training, in post-norm the gradients are large near the **output** ([Xiong et al. 2020](https://arxiv.org/abs/2002.04745)).
#
# "The softmax of attention is unstable at the beginning." We found no support. At the start attention is spread over many tokens. The documented trouble comes later, at high rates, when the logits of attention grow ([Wortsman et al. 2023](https://arxiv.org/abs/2309.14322)).

# %% [markdown] tags=["A25", "E3", "E8", "K10"]
# ## Experiment 3: Adam's first steps
#
# Adam divides a mean of gradients $a$ by the root of a mean of squares $b$. Both begin at zero, and both are *corrected* for that: $\hat a = a/(1-\beta_1^t)$, $\hat b = b/(1-\beta_2^t)$. Feed it 2000 weights whose gradients are pure noise of variance 1, and look at the length of the steps, in units of the rate.

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
# Three curves: Adam, Adam without the correction (as in BERT's original code), and Adam with 100 updates of warmup.

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
# The very first step of Adam is exactly one rate long in **every** weight, whatever the gradient. Later steps are several times shorter, because noise averages out in $a$. So at a constant rate the first steps are the longest, and a warmup undoes exactly that. This is also why a rate such as 0.001 is not "large" in itself: it is large or small against steps of this length.
#
# How trustworthy is the divisor in those first steps? Two entries of the course's register of claims, run here:

# %% tags=["A25", "E3", "X5", "nbval-ignore-output"]
from IPython.display import display

from lrcourse.claims import CLAIMS

for name in ("adams-scale-is-a-gamble-at-first", "bias-correction-tames-the-first-steps"):
    finding = CLAIMS[name].run()
    assert finding.is_as_taught
    display(finding)

# %% [markdown] tags=["A25", "E3", "K10"]
# > **You will read** that Adam needs a warmup because its estimate of the second moment is inaccurate in the first updates, so that the effective rate is too high. Let us check.
# > Disputed. With the correction the estimate is right on average; what is bad is its *spread*. [Liu et al. 2019](https://arxiv.org/abs/1908.03265) blame that spread and repair it (RAdam). [Ma and Yarats 2019](https://arxiv.org/abs/1910.04209) reject this and blame the length of the first steps. [Kalra and Barkeshli 2024](https://arxiv.org/abs/2406.09405) point to flatter ground.
# > The estimate is truly too small, and the steps too long, where the correction is missing, as in BERT's first code. Our runs: RAdam needed no warmup, so something in Adam's first steps matters; and gradient descent did need one, so Adam is not all of it.

# %% [markdown] tags=["B30"]
# ## Who does not need one
#
# Many networks. Here is a small one that learns curves of ten kinds with SGD and momentum, at a rate where it learns well.

# %% tags=["B30", "nbval-ignore-output"]
from lrcourse.experiments import signals

schedules = {"cosine": CosineDecay(0.13, 1000), "warmup": WarmupCosine(0.13, 100, 1000)}
small = compare(signals(), schedules, range(12), 1000)
warm, cold = (100 * small[name].test_accuracies[:, -1] for name in ("warmup", "cosine"))
gain = paired_difference(warm, cold)
assert gain.high < 1
Markdown(f"Test accuracy, with warmup against without: {gain.in_words('points')}.")

# %% [markdown] tags=["B30"]
# Nothing won. "Especially for deep residual networks" is said often, too. The source is ResNet-110 on CIFAR-10, which trained at 0.01 for about 400 updates and then at 0.1. A footnote of the same paper says that starting at 0.1 reaches similar accuracy ([He et al. 2015](https://arxiv.org/abs/1512.03385)). The stronger example is ResNet-50 in very large batches, where the peak is high ([Goyal et al. 2017](https://arxiv.org/abs/1706.02677), section 10).

# %% [markdown] tags=["K10", "A27", "B7", "B28", "B29", "D38", "E2", "E4", "A34"]
# ## The explanations again, with their status
#
# | explanation | what we saw | status |
# |---|---|---|
# | large or exploding gradients | clipping did not help Adam; nothing exploded in the transformer | a warmup limits steps, not gradients |
# | random initial weights | the steep stretch came later | not in itself: rate times curvature counts |
# | BatchNorm | no BatchNorm, and still it decides | not the general cause |
# | Adam's second moment | RAdam needs none; gradient descent without Adam does | disputed: a part of it, for Adam |
# | steep at first, flatter later | higher peaks need longer warmups; measured $\lambda$ | the broadest support |
# | post-norm | pre-norm needs none | well supported, for transformers |
#
# They do not exclude each other. What they share: a peak that is good for most of the training is too high for some early stretch, and a warmup keeps the steps short until that is over.
#
# All eight empirical sentences behind this lesson are in the register. `lrcourse claims NAME --first-seed 100` reruns one with other seeds.

# %% tags=["K10"]
mine = [claim for claim in CLAIMS.values() if claim.section == "06"]
rows = "\n".join(f"| `{claim.name}` | {claim.sentence} | {claim.verdict} |" for claim in mine)
Markdown(f"| name | sentence | verdict |\n|---|---|---|\n{rows}")

# %% [markdown] tags=["A30", "E22", "E25", "E29", "E34", "K5", "T8"]
# ## Part 3: how long?
#
# First, what was published. The library keeps recipes with their sources, and we compute the rest: the warmup in updates, its share of all updates, and its share of everything that was *seen* (samples or tokens). The last two differ where the batch grows during training. For GPT-3 we must assume how it grows, see below. A question mark stands where a needed figure was not published.


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

# %% [markdown] tags=["A30", "E22", "E25", "E29", "E34", "E27", "E8", "K5"]
# Read three things in it.
#
# - **There is no standard share.** BERT has one update in a hundred, the large language models far less than that of their tokens, ViT on ImageNet more than a tenth. The same 10,000 updates are another share in each ViT training, because only the length differs. So "a hundredth to a tenth" describes neither end.
# - **Size does not decide.** The Transformer of 2017 warmed up for 4000 updates, GPT-1 for 2000, and Llama 2 70B for 2000 again.
# - **Fine-tuning** warms up for fewer *updates*: 122 in the last row, against the 10,000 of RoBERTa's pre-training. As a *share* it is about the same as there, and several times that of BERT.

# %% [markdown] tags=["E23", "E27", "K5"]
# > **You will read** that a warmup of 5 to 6 percent of the steps is the usual recommendation. Let us check.
# > We found no source for it. 6 percent is the warmup of RoBERTa's fine-tuning on GLUE: [122 of 2036 updates on RTE](https://github.com/facebookresearch/fairseq/tree/main/examples/roberta). It is not BERT's, to which it is often ascribed; of BERT's fine-tuning we found no published share. The table above shows how far published shares lie apart.

# %% [markdown] tags=["A31", "E26", "K4", "T8"]
# ## Which clock?
#
# GPT-3's warmup is published in **tokens**: 375 million. Its batch grows at first, from 32 thousand to 3.2 million tokens, over 4 to 12 billion tokens "depending on the model size" ([Brown et al. 2020](https://arxiv.org/abs/2005.14165)). How many updates is that? It depends on the ramp:

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
# > A unit was lost. It is 375 *million tokens* ([Brown et al. 2020](https://arxiv.org/abs/2005.14165)), about one token in 800. In updates that is a few thousand, because the early batches are small: the cell above computes it, with the growth of the batch taken as a straight line. It is neither 375 nor more than 10,000.
# > Nor do large models need longer warmups in general: [Llama 2 70B](https://arxiv.org/abs/2307.09288) has 2000 updates.

# %% tags=["A55", "E28", "K3"]
try:
    recipe("gpt2").schedule()
except ValueError as error:
    print(error)

# %% [markdown] tags=["A55", "E28", "K3"]
# > **You will read** that GPT-2 was trained with a peak of 2.5e-4, a floor of 1e-6 and 2000 warmup steps, which are 0.1 percent. Let us check.
# > None of it is published. [The paper](https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf) says that the rate of each model was tuned by hand, and gives no rate, schedule, warmup or number of steps. 2.5e-4 and 2000 updates, followed by a cosine to 0, are [GPT-1's](https://github.com/openai/finetune-transformer-lm/issues/29).
# > The figures do not even fit each other: if 2000 steps were 0.1 percent, the training would have two million steps.

# %% [markdown] tags=["E19", "E22", "E24", "E25", "E30", "E33"]
# ## An anchor
#
# So what should you take? Ma and Yarats recommend, for Adam, a straight line over $2/(1-\beta_2)$ updates: the time in which its mean of squares settles.

# %% tags=["E19", "E22"]
for beta2 in (0.95, 0.98, 0.999):
    print(f"β2 = {beta2}: {2 / (1 - beta2):.0f} updates")

# %% [markdown] tags=["E19", "E22", "E24", "E25", "E30", "E33", "E32", "A57"]
# An absolute number of updates is a better first anchor than a percentage. It also explains why a larger data set may have a *smaller share* of warmup: the same number of updates is less of a longer training.
#
# - Start with $2/(1-\beta_2)$ updates, linear. Where that is more than about a tenth of a short training, take the tenth.
# - Raise it when you raise the peak.
# - You can read "500 to 1000 for small models", "2000 to 4000 for medium ones" and "a twentieth for time series". We found no source for the first and the last. The second contains two famous examples, of 2017 and 2018, and size was not what set them.
# - Linear warmup and then a cosine is a fine *starting* recipe for a transformer. A straight line down is as good (section 03), a pre-norm model may need no warmup at all, and a training of unknown length wants another decay (section 11).

# %% [markdown] tags=["E38", "E39"]
# ## When to change it
#
# **The loss goes wrong in the first updates.** Lengthen the warmup. Or lower the peak, or move to pre-norm; with SGD, clip. In experiment 1 half of the peak needed no warmup at all. If the loss goes wrong *after* the warmup, a longer one may only put it off: then the peak itself is too high.
#
# **Training is too slow.** Shorten the warmup only if it is a large share of your run. A warmup of one in a hundred costs about half of that hundredth. Look at the peak first.
#
# ## Trap 3: the wrong total
#
# "`total_steps = len(loader) * epochs`" is in many notes. Count optimizer **updates**. With *gradient accumulation* several batches make one update:

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
# The training ends when the schedule has done a quarter of its way, at a rate near the peak. No error, no warning. Also count what `drop_last=True` leaves out, and that mixed precision skips an update now and then.
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
# A share is rounded down to 0 in a very short run. A multiplier of the form `t / W if t < W else 1` survives that, because no $t$ is below 0; `LinearWarmup` refuses it. Take the constant or the decay alone instead.

# %% [markdown] tags=["E37"]
# > **You will read** that you set `warmup_steps` to a share of all steps, or to one epoch, with both lines below each other in one program. Let us check.
# > The second line silently replaces the first, and the cell above shows what is used. In a fine-tuning of three epochs, "one epoch" is a third of the training. Keep one line, and print the number before you train.

# %% [markdown]
# ## Use it in your own loop
#
# `TorchScheduler` drives any torch optimizer by one of our schedules.

# %%
from lrcourse.torch_scheduler import TorchScheduler

W, T = 100, 1000
schedule = WarmupCosine(peak_lr=1e-3, warmup_steps=W - 1, steps=T - 1, start_lr=1e-3 / W)
optimizer = torch.optim.AdamW([weight], lr=1.0)  # this rate is replaced by the schedule's
scheduler = TorchScheduler(optimizer, schedule)
print(
    f"first update {schedule(0):.0e}, peak {schedule(W - 1):.0e}, last update {schedule(T - 1):.0e}"
)

# %% [markdown]
# ## What we saw
#
# 1. Linear is $t/W$, or $(t+1)/W$ so that the first update is not wasted. The exponential of many notes never reaches its peak.
# 2. The decay counts from $W$, lasts $T - W$ and stays at its floor after $T$. Not every program does that.
# 3. A warmup helped plain gradient descent, without BatchNorm, Adam or noise: it passes a steep stretch slowly. Clipping did not replace it, and for Adam the causes are still disputed.
# 4. A deep post-norm transformer needed it, and failed in silence without it. Pre-norm, fewer blocks, RAdam or a lower peak needed none. Our small network gained nothing.
# 5. Published warmups share no percentage. Ask on which clock they count, and start from $2/(1-\beta_2)$ updates.
#
# ## Three quick questions
#
# <details><summary>Your transformer stays at the loss of guessing from the start. The gradients are clipped. Can a missing warmup be the cause?</summary>
#
# Yes. It fails without a spike, and Adam's steps are as long with clipped gradients as without. Try a warmup, a lower peak, or pre-norm.
#
# </details>
#
# <details><summary>WarmupLinear(0.1, warmup_steps=10, steps=100): which update is the first at the peak, and which rate has update 100?</summary>
#
# $t = 10$ is the first at 0.1 (the eleventh update, because $t$ counts from 0). At $t = 100$ the rate is 0, and stays 0.
#
# </details>
#
# <details><summary>A paper warms up for 1 percent of its tokens while the batch grows. Is that 1 percent of the updates?</summary>
#
# No. The early batches are small, so the same tokens take more updates: a larger share.
#
# </details>
#
# ## Next
#
# [Section 07](07_one_cycle.ipynb) goes up for a third of the training, not for a hundredth: cycles and one cycle. Back to the [map of the course](index.ipynb).
#
# ## Further reading
#
# - Kalra, Barkeshli: *Why Warmup the Learning Rate? Underlying Mechanisms and Improvements*. [arXiv 2406.09405](https://arxiv.org/abs/2406.09405). Larger target rates, and the two ways in which curvature behaves.
# - Ma, Yarats: *On the Adequacy of Untuned Warmup for Adaptive Optimization*. [arXiv 1910.04209](https://arxiv.org/abs/1910.04209). The rule $2/(1-\beta_2)$.
# - Liu et al.: *On the Variance of the Adaptive Learning Rate and Beyond*. [arXiv 1908.03265](https://arxiv.org/abs/1908.03265). RAdam.
# - Xiong et al.: *On Layer Normalization in the Transformer Architecture*. [arXiv 2002.04745](https://arxiv.org/abs/2002.04745). Post-norm and pre-norm.
# - Gotmare et al.: *A Closer Look at Deep Learning Heuristics*. [arXiv 1810.13243](https://arxiv.org/abs/1810.13243). What restarts and warmup do inside.
# - Wortsman et al.: *Small-scale proxies for large-scale Transformer training instabilities*. [arXiv 2309.14322](https://arxiv.org/abs/2309.14322).
# - Goyal et al.: *Accurate, Large Minibatch SGD*. [arXiv 1706.02677](https://arxiv.org/abs/1706.02677). Warmup for large batches.
