# %% [markdown]
# # 02 Exponential decay and its relatives
#
# **30 minutes.** You need a training loop that you understand, and the idea of section 01: a schedule is a function of the updates made so far.
#
# After this lesson you can
#
# 1. write exponential decay in its two forms and go from one to the other;
# 2. say after how many updates the rate has halved, and choose $\gamma$ for the length of your training;
# 3. compute how far a decaying rate can travel at all, and see when it stops too early;
# 4. tell exponential decay from its relatives: inverse time, straight line, polynomial;
# 5. recognise a $\gamma$ per epoch that is applied to every batch.

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
# A single weight has to roll down into a smooth bowl, without any noise. You begin with the rate 0.1. At this rate an update takes the weight a fiftieth of the way that is left to the minimum.
#
# After every update you multiply the rate by 0.9. Then you wait: for a thousand updates, or for ten thousand.
#
# Where is the weight in the end?
#
# - **a)** At the minimum. It only takes longer.
# - **b)** Close to the minimum, nine tenths of the way.
# - **c)** It has stopped, and most of the way still lies ahead.
#
# Decide now. The answer comes in a few minutes, and you will be able to compute it on paper.

# %% [markdown] tags=["C11", "C12", "D23"]
# ## The formula
#
# Exponential decay multiplies the rate by the same factor after every update:
#
# $$\eta(t) = \eta_\text{peak}\;\gamma^{\,t} \qquad\text{or, the same curve,}\qquad \eta(t) = \eta_\text{peak}\;e^{-k t}$$
#
# | symbol | name in code | meaning |
# |---|---|---|
# | $\eta(t)$ | `schedule(t)` | the learning rate of the next update |
# | $t$ | `t` | optimizer updates already made: the first update has $t = 0$ |
# | $\eta_\text{peak}$ | `peak_lr` | the rate at the start |
# | $\gamma$ | `gamma` | the factor of each update, between 0 and 1 |
# | $k$ | `k` | the *decay constant*: how fast the rate falls, per update |
#
# The two forms agree because $e^{-kt} = (e^{-k})^t$. So $\gamma = e^{-k}$, and $k = -\ln\gamma$.
#
# Many texts write "epoch" where we write $t$. The formula does not care what $t$ counts, but your loop must: in PyTorch the factor belongs to one **call** of `scheduler.step()`.


# %% tags=["C12", "D23"]
def my_exponential(t, peak_lr, gamma):
    return peak_lr * gamma**t


t = np.arange(200)
k = -np.log(0.9)
assert np.allclose(my_exponential(t, 0.1, 0.9), 0.1 * np.exp(-k * t), rtol=1e-9)
Markdown(f"For $\\gamma = 0.9$ the decay constant is $k = {k:.4f}$.")

# %% [markdown]
# So $k$ is a little more than $1 - \gamma$. The two are close only while $\gamma$ is close to 1.
#
# The library's version takes either form.

# %%
from lrcourse.schedules import ExponentialDecay

schedule = ExponentialDecay(peak_lr=0.1, gamma=0.9)
assert np.allclose(schedule(t), my_exponential(t, 0.1, 0.9), rtol=1e-12)
assert np.allclose(schedule(t), ExponentialDecay.from_k(peak_lr=0.1, k=k)(t), rtol=1e-12)
schedule

# %% [markdown] tags=["C14"]
# ## PyTorch's version
#
# It is called `ExponentialLR`. We record the rate that each update really uses, before the update.

# %% tags=["C14"]
weight = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=0.1)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)

used = []
for _update in range(200):
    used.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()

np.testing.assert_allclose(used, schedule(t), rtol=1e-12)
print("torch and lrcourse agree on", len(used), "rates")

# %% [markdown]
# The numbers agree, but the way to them is another one: torch takes whatever rate it finds in the optimizer and multiplies it.
#
# So look at what happens when somebody sets the rate by hand in between. torch goes on from there. Ours is a function of $t$ alone.

# %%
optimizer = torch.optim.SGD([weight], lr=0.1)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
print("t   torch   ours")
for update in range(6):
    if update == 3:
        optimizer.param_groups[0]["lr"] = 0.01  # by hand
    print(f"{update}  {optimizer.param_groups[0]['lr']:.4f}  {schedule(update):.4f}")
    optimizer.step()
    scheduler.step()

# %% [markdown]
# Our class has a second number, `step_size` as in section 01: the factor then belongs to that many updates, but without the stairs. (Two other libraries have it too: Keras as `decay_steps`, optax as `transition_steps`.)
#
# A $\gamma$ above 1 would let the rate grow. torch takes it without a word. Ours refuses:

# %% tags=["T7"]
try:
    ExponentialDecay(peak_lr=0.1, gamma=1.02)
except ValueError as error:
    print(error)

# %% [markdown] tags=["C11", "C13"]
# ## The picture
#
# Four values of $\gamma$ on usual axes. Look at when each of them comes near 0.

# %% tags=["C11", "C13"]
from lrcourse.plots import plot_rates, show

family = [ExponentialDecay(0.1, gamma) for gamma in (0.99, 0.9, 0.8, 0.5)]
ax = plot_rates(*family, steps=60)
show(ax, "Exponential decay for gamma = 0.99, 0.9, 0.8 and 0.5 over 60 updates, on linear axes.")

# %% [markdown]
# The smallest three can hardly be told apart at the end. On a logarithmic axis all four are straight lines, because the same factor is the same distance there. That is how you recognise exponential decay: **straight on a logarithmic axis**.

# %%
ax = plot_rates(*family, steps=60, y_scale="log")
show(
    ax, "The same four schedules on a logarithmic axis: four straight lines, steeper for smaller γ."
)

# %% [markdown] tags=["C13"]
# ## Half-lives
#
# How fast is $\gamma = 0.99$? The number does not tell at first sight. Its *half-life* does: the number of updates after which the rate has halved.
#
# $$\gamma^{\,t} = \tfrac12 \quad\Longrightarrow\quad t_{1/2} = \frac{\ln 2}{-\ln\gamma} = \frac{\ln 2}{k}$$
#
# Look at the last column: after that many updates, less than a hundredth of the rate is left.

# %% tags=["C13"]
rows = "\n".join(
    f"| {s.gamma} | {s.k:.4f} | {s.half_life:.1f} | {np.ceil(np.log(0.01) / np.log(s.gamma)):.0f} |"
    for s in family
)
Markdown(f"| $\\gamma$ | $k$ | half-life | below a hundredth from $t$ |\n|---|---|---|---|\n{rows}")

# %% [markdown] tags=["C13"]
# You can find all four values in texts, side by side. They are no matter of taste. With $\gamma = 0.5$ the training is over after a handful of calls. Whether $\gamma = 0.9$ is slow or deadly depends on how often you call the scheduler.
#
# So choose $\gamma$ from the end. You want the rate $\eta_\text{last}$ (in code `last_lr`) after $T$ updates (`steps`):
#
# $$\eta_\text{peak}\,\gamma^{\,T} = \eta_\text{last} \quad\Longrightarrow\quad \gamma = \left(\frac{\eta_\text{last}}{\eta_\text{peak}}\right)^{1/T}$$

# %%
steps, peak_lr, last_lr = 5000, 0.1, 0.001
gamma = (last_lr / peak_lr) ** (1 / steps)
assert np.isclose(ExponentialDecay(peak_lr, gamma)(steps), last_lr, rtol=1e-9)
Markdown(f"To fall to a hundredth in {steps} updates, take $\\gamma = {gamma:.6f}$.")

# %% [markdown]
# There is no $T$ in the formula of exponential decay, so it seems to need no plan of how long to train. But the plan is there all the same. It hides in $\gamma$.
#
# The same arithmetic reads a published recipe. EfficientNetV2 multiplies its rate by 0.97 every 2.4 epochs, for 350 epochs ([Tan and Le 2021](https://arxiv.org/abs/2104.00298)). Is that a slow decay?

# %%
cuts = 350 / 2.4
left = 0.97**cuts
Markdown(f"The rate is multiplied {cuts:.0f} times, and **1/{1 / left:.0f}** of the peak is left.")

# %% [markdown] tags=["C16"]
# ## How far can it go?
#
# Now to the question from the beginning. In a bowl $f(w) = h w^2 / 2$ with the curvature $h$ (section 00 calls it $\lambda$) the gradient is $h w$. An update with the rate $\eta$ takes the share $\eta h$ of the way that is left:
#
# $$w \leftarrow w - \eta\,h\,w = (1 - \eta h)\,w$$
#
# The way left is the product of these factors. With $h = 0.2$ and the rate 0.1 the share is a fiftieth, as in the question. Look at where each curve ends, and whether it still moves.


# %% tags=["C16"]
def way_left(lrs, h=0.2):
    return np.cumprod(1 - lrs * h)  # the start is 1


updates = np.arange(400)
ways = {f"γ = {gamma}": way_left(0.1 * gamma**updates) for gamma in (0.9, 0.97, 0.99)}
ways["constant"] = way_left(np.full(400, 0.1))

# %% tags=["C16"]
from lrcourse.panels import Axis, Curve, time_panel
from lrcourse.plots import axes, plot_panel

curves = [Curve(name, way, style=number) for number, (name, way) in enumerate(ways.items())]
ax = plot_panel(time_panel(*curves, y=Axis("way left, of 1", low=0, high=1)), axes())
show(
    ax,
    "The way left to the minimum over 400 updates. The constant rate arrives. With γ = 0.9 the "
    "weight stops after a few dozen updates and most of the way is left; with 0.97 about half; "
    "with 0.99 it comes close and stops too.",
)

# %% [markdown] tags=["C16"]
# The weight with $\gamma = 0.9$ stands still on a slope, far from the minimum, with a perfect gradient. Waiting does not help:

# %% tags=["C16"]
after = {n: way_left(0.1 * 0.9 ** np.arange(n))[-1] for n in (10, 100, 1000, 10_000)}
assert after[10_000] > 0.8
rows = "\n".join(f"| {n} | {way:.4f} |" for n, way in after.items())
Markdown(f"| updates | way left |\n|---|---|\n{rows}")

# %% [markdown] tags=["C16"]
# The answer is **c**: not even a fifth of the way was made.
#
# The reason fits on one line. The sum of all rates is the *travel* of the schedule. For exponential decay it is a geometric series, and it is finite:
#
# $$\eta_\text{peak}\,(1 + \gamma + \gamma^2 + \dots) = \frac{\eta_\text{peak}}{1 - \gamma}$$
#
# With a peak of 0.1 and $\gamma = 0.9$ this is $0.1 / 0.1 = 1$: as much as **ten** updates at the peak rate, however long you train.
#
# In the bowl about $e^{-h\,\cdot\,\text{travel}}$ of the way is left. Check it:

# %% tags=["C16"]
h, travel = 0.2, 0.1 / (1 - 0.9)
assert abs(after[10_000] - np.exp(-h * travel)) < 0.01
Markdown(f"computed: {after[10_000]:.3f}, from the travel: {np.exp(-h * travel):.3f}")

# %% [markdown] tags=["C16"]
# > **You will read** that lower and lower rates let the model settle, so that training converges. Let us check.
# > A falling rate can bring the weights to rest. But to be at rest is not to be at a minimum.
# > A rate that falls too fast has a finite travel, and the weights stop wherever that is used up. The picture above shows it, without any noise.

# %% [markdown]
# ## The relatives
#
# Here are three other ways to come down from the same peak. The cosine has a section of its own.
#
# | name | formula | class | it ends |
# |---|---|---|---|
# | exponential | $\eta_\text{peak}\;\gamma^t$ | `ExponentialDecay` | never |
# | inverse time | $\eta_\text{peak} / (1 + k t)$ | `InverseTimeDecay` | never |
# | straight line | $\eta_\text{peak}\,(1 - t/T)$ | `LinearDecay` | at $T$ |
# | polynomial | $\eta_\text{peak}\,(1 - t/T)^p$ | `PolynomialDecay` | at $T$ |
#
# Here $p$ is the `power`: 1 is the straight line, 2 hurries down and then crawls. $T$ is `steps`. The first two begin equally steep if they share $k$. Look at how they part.

# %%
from lrcourse.schedules import InverseTimeDecay, LinearDecay, PolynomialDecay

relatives = {
    "exponential": ExponentialDecay.from_k(0.1, k=0.02),
    "inverse_time": InverseTimeDecay(0.1, k=0.02),
    "linear": LinearDecay(0.1, steps=200),
    "power_2": PolynomialDecay(0.1, steps=200, power=2),
}
ax = plot_rates(**relatives, steps=220)
show(
    ax,
    "Four decays from 0.1: the line and the polynomial reach 0 at t = 200, the exponential is near "
    "0 by then, and inverse time is still at a fifth of the peak.",
)

# %% [markdown]
# The travel of inverse time has no limit: the sum grows like a logarithm, ever more slowly, but past any number. That is what the first condition of Robbins and Monro in section 00 asks for. Exponential decay breaks it. Watch the sums while the training gets a hundred times longer, twice:

# %%
rows = []
for n in (100, 10_000, 1_000_000):
    sums = [relatives[name](np.arange(n)).sum() for name in ("exponential", "inverse_time")]
    rows.append(f"| {n:,} | {sums[0]:.3f} | {sums[1]:.1f} |")
table = "\n".join(rows)
Markdown(f"| updates | travel, exponential | travel, inverse time |\n|---|---|---|\n{table}")

# %% [markdown]
# ## Play
#
# All relatives and the cosine, from the same peak to the same last rate. The lower picture is the travel so far. Try to
#
# - choose the logarithmic axis: which curve is straight? Then pick the preset "down to a millionth of the peak": which curves fall off a cliff at the very end?
# - find the schedule with the smallest travel. It is inverse time, whose travel has no limit! How can that be?
# - set the last rate to 0 while all are shown, and read what the explorer says.
#
# <details><summary>How can that be?</summary>
#
# All curves must have the same last rate at the same time. Inverse time is so slow at the end that it has to fall early to be there in time. Its travel has no limit only if you never stop.
#
# </details>

# %%
from lrcourse.explore import explore
from lrcourse.explore.scenes import decay_family

explore(decay_family)

# %% [markdown] tags=["C15", "C16"]
# ## Why not start low?
#
# If only the end must be low, why not start there, too? The valley below answers. At the same distance from the minimum it is fifty times as steep across (upwards in the picture) as along, and the gradients carry noise, as in section 00. (Mind the two axes: they have different scales.)
#
# Three walks begin at the white circle, at the left. The minimum is at (0, 0), at the right. Who gets near, and who is calm?

# %% tags=["C15", "C16", "X2", "nbval-ignore-output"]
from lrcourse.experiments import Sgd, compare, mean_interval, quadratic
from lrcourse.plots import plot_surface
from lrcourse.schedules import Constant

valley = quadratic(curvatures=(0.02, 1.0), noise=0.3, start=(-10.0, 2.0))
tried = {
    "always high": Constant(0.5),
    "always low": Constant(0.05),
    "γ = 0.99": ExponentialDecay(0.5, 0.99),
}
plan = {"optimizer": Sgd(), "batch_size": 1, "keep_every": 1}
walks = compare(valley, tried, seeds=range(50), steps=300, **plan)
paths = {name: valley.paths(run)[:1] for name, run in walks.items()}
show(plot_surface(valley, paths, x_range=(-11, 2), y_range=(-1, 2.4)))

# %% [markdown] tags=["C15", "C16"]
# One walk is luck. Here are fifty for each schedule, and for two more: how much of the way along the valley is left, and how high the weights stand on the steep walls.

# %% tags=["C15", "C16", "X2", "nbval-ignore-output"]
more = {"γ = 0.9": ExponentialDecay(0.5, 0.9), "straight line": LinearDecay(0.5, 300)}
walks |= compare(valley, more, seeds=range(50), steps=300, **plan)
ends = {name: run.weights[:, -1] for name, run in walks.items()}
along = {name: mean_interval(10 * abs(w[:, 0])) for name, w in ends.items()}  # 100% is 10
across = {name: mean_interval(w[:, 1] ** 2 / 2) for name, w in ends.items()}
assert along["always high"].high < 20 < 60 < along["always low"].low
assert along["γ = 0.99"].high < 60 < 80 < along["γ = 0.9"].low
assert along["straight line"].high < along["γ = 0.99"].low
assert across["always high"].low > 3 * across["γ = 0.99"].high

rows = "\n".join(f"| {name} | {along[name]}% | {across[name]} |" for name in walks)
Markdown(f"| schedule | way left along | height across |\n|---|---|---|\n{rows}")

# %% [markdown] tags=["C15"]
# > **You will read** that a network first learns the general patterns, and that this is why it needs a high rate at the start. Let us check.
# > "General patterns" is a way of speaking, and we did not measure them. What we can measure: a high rate is fast along the **flat** directions, where a low rate is slow (first two rows).
# > The price is noise in the steep directions, which a low rate at the end takes away. A decay wants both, one after the other.

# %% [markdown] tags=["C16"]
# With $\gamma = 0.9$ the walks came to rest far from the minimum. With $\gamma = 0.99$ they made more than half of the way, and are calm as well. The straight line, which stays high for longer, got farther still.

# %% [markdown]
# ## A network
#
# Is it so in bowls only? Now a network learns to tell noisy signals apart, in 500 updates. Its rate falls exponentially, to a tenth, a hundredth or a thousandth of its peak, or along a straight line to 0.
#
# Every schedule is tried at four peaks, because a rate that falls faster may want to start higher. Each point is a mean over ten networks. Look at the four best points.

# %%
from lrcourse.experiments import bowls, paired_difference, signals

steps = 500
shapes = {"linear": LinearDecay(1, steps)} | {
    f"to 1/{n}": ExponentialDecay(1, (1 / n) ** (1 / steps)) for n in (10, 100, 1000)
}
found = bowls(signals(test_size=2000), shapes, [0.05, 0.1, 0.2, 0.4], range(10), steps)

# %% tags=["nbval-ignore-output"]
from lrcourse.plots import plot_bowls

show(plot_bowls(found))

# %% [markdown]
# In numbers, each schedule at its own best peak. (Half of the seeds choose the peak for the other half, and the other way round.) The travel is a share of that of a constant rate.

# %% tags=["nbval-ignore-output"]
ends = {name: 100 * found.tuned(name) for name in shapes}
gaps = {name: paired_difference(ends[name], ends["linear"]) for name in shapes}
assert gaps["to 1/10"].low > -3
assert gaps["to 1/100"].high < -1
assert gaps["to 1/1000"].high < -3
assert not any(found.is_at_the_edge(name) for name in shapes)

rows = "\n".join(
    f"| {name} | {shape(np.arange(steps)).mean():.2f} | {gaps[name]} |"
    for name, shape in shapes.items()
)
Markdown(
    f"| schedule | travel | test accuracy against the line, in points |\n|---|---|---|\n{rows}"
)

# %% [markdown]
# A fall to a hundredth or to a thousandth costs points. A higher peak gives more travel, but no way out: at the highest peak every schedule is below its own best.
#
# Compare the rates halfway. The line still has half of its peak. An exponential that ends at a hundredth is already at a tenth: $\sqrt{1/100}$. It hurries through the high rates and lingers at the low ones.
#
# A fall to a tenth comes close to the line. Do not read an order into so small a gap: the peaks lie a factor of two apart, and a finer grid may close it.
#
# Other tasks have other gaps. Li, Zhuang and Orabona found that exponential decay matches or beats finely tuned rivals, with at most two numbers to tune ([2020](https://arxiv.org/abs/2002.05273)). So the last rate is a number to tune, like the peak.

# %% [markdown] tags=["C12"]
# ## The trap: γ for the wrong clock
#
# A recipe says $\gamma = 0.9$ and counts epochs. In your loop `scheduler.step()` stands among the batches. This is the trap of section 01, and after a few dozen batches hardly any rate is left.
#
# The remedy is to say how many updates the factor is for. `step_size` does that. Or take the root yourself:

# %% tags=["C12"]
epoch = 4000 // 32  # updates in one epoch of the signals
per_epoch = ExponentialDecay(peak_lr=0.1, gamma=0.9, step_size=epoch)
by_hand = ExponentialDecay(peak_lr=0.1, gamma=0.9 ** (1 / epoch))
assert np.allclose(per_epoch(np.arange(1000)), by_hand(np.arange(1000)), rtol=1e-9)

# %% [markdown] tags=["C12"]
# What does the slip cost? The right clock, the wrong clock, and ten updates at a constant rate, which have the travel of the wrong clock.

# %% tags=["C12", "nbval-ignore-output"]
from lrcourse.plots import plot_runs

clocks = {"γ per epoch": per_epoch, "γ per batch": ExponentialDecay(peak_lr=0.1, gamma=0.9)}
problem = signals(test_size=2000)
runs = compare(problem, clocks, range(12), steps=8 * epoch, test_every=25)
show(plot_runs(runs, "test accuracy"))

# %% tags=["C12", "nbval-ignore-output"]
runs |= compare(problem, {"ten updates, constant": Constant(0.1)}, range(12), steps=10)
ends = {name: 100 * run.test_accuracies[:, -1] for name, run in runs.items()}
lost = paired_difference(ends["γ per epoch"], ends["γ per batch"])
assert lost.low > 20
assert paired_difference(ends["γ per batch"], ends["ten updates, constant"]).high < 8

rows = "\n".join(f"| {name} | {mean_interval(end)}% |" for name, end in ends.items())
Markdown(
    f"| schedule | test accuracy |\n|---|---|\n{rows}\n\nThe wrong clock costs **{lost}** points."
)

# %% [markdown]
# A thousand updates on the wrong clock bring little more than ten at the constant rate. No error, no warning: the curve goes flat, and looks like a network that has learned what it can. When a curve goes flat early, look at the rate first.

# %% [markdown]
# ## What we saw
#
# 1. $\gamma^t$ and $e^{-kt}$ are one curve, with $k = -\ln\gamma$. It is straight on a logarithmic axis.
# 2. The half-life is $\ln 2 / k$. The length of the training decides about $\gamma$: take $(\eta_\text{last}/\eta_\text{peak})^{1/T}$.
# 3. All updates together travel $\eta_\text{peak}/(1 - \gamma)$. A weight stopped on a slope, with most of its way ahead, and a network lost points by a fall that was too fast.
# 4. Inverse time never ends and has no limit to its travel; line and polynomial end at $T$. High first for the flat directions, low last for the steep ones.
# 5. A $\gamma$ per epoch, applied per batch, ends training silently.

# %% [markdown] tags=["quiz"]
# ## Three quick questions
#
# Choose an answer. It opens and says why.
#
# **1. The rate shall fall to a hundredth in 20 epochs of 500 updates each, a little at every update. Which `gamma` does one update need?**
#
# - [ ] `0.01 / 10_000`
#   There are 10,000 updates, but their factors multiply. This one leaves a millionth of the rate after a single update.
# - [ ] `0.01 ** (1 / 20)`
#   That is the factor of one epoch. Applied at every update, it has made the whole fall after 20 updates.
# - [x] `0.01 ** (1 / 10_000)`
#   There are 20 · 500 = 10,000 updates, and γ is the 10,000th root of the whole fall. Or write `gamma=0.01, step_size=10_000` and leave the root to the library.
# - [ ] `1 - 0.99 / 10_000`
#   This shares out the fall in equal amounts, as on a straight line. But each update takes its share of what is left, so more than a third of the rate would remain.
#
# **2. You double the peak rate and keep γ. What happens to the half-life and to the travel?**
#
# - [ ] Both double.
#   The travel does. But the half-life asks when half of the peak is left, whatever the peak is: ln 2 / k has no peak in it.
# - [ ] The half-life is halved, the travel stays.
#   Each update takes away twice as much, so the fall looks faster. But it takes it from twice the rate. Half is reached at the same update, and the sum of all rates doubles.
# - [ ] Both stay.
#   γ says how many updates at the peak rate the travel is worth. Their number stays, but each of them goes twice as far now.
# - [x] The half-life stays, the travel doubles.
#   γ alone sets the half-life. Every rate is doubled, and so is their sum. In a bowl, the way that is left is then about squared.
#
# **3. A colleague writes the curve of γ in the form with e, and takes k = 1 − γ. When does that go wrong?**
#
# - [x] When γ is far from 1, as `0.5` is: her curve falls too slowly.
#   The true k is −ln γ. For `0.5` that is ln 2, well above a half. For γ very near 1 nobody notices.
# - [ ] When γ is far from 1, as `0.5` is: her curve falls too fast.
#   The place is right, the direction is not. One of her updates keeps `e^(-0.5)`, about `0.61` of the rate, where γ keeps a half.
# - [ ] When γ is very near 1: in a long training the error adds up.
#   It does add up, but far more slowly than the rate falls. For `0.99` the true k is `0.01005`, and she takes `0.01`.
# - [ ] Never: both are the share that one update takes away.
#   1 − γ is that share. But k is −ln γ, which is always larger: for `0.5` it is about `0.69`.

# %% [markdown]
# ## Next
#
# Now try it yourself: [exercises of section 02](../exercises/02_exponential.ipynb). [Section 03](03_cosine.ipynb) bends the line into half a cosine, and asks whether that helps. Back to the [map of the course](index.ipynb).
#
# ## Further reading
#
# - Li, Zhuang, Orabona: *A Second Look at Exponential and Cosine Step Sizes*. [arXiv 2002.05273](https://arxiv.org/abs/2002.05273). Theory and a careful comparison.
# - Defazio, Cutkosky, Mehta, Mishchenko: *Optimal Linear Decay Learning Rate Schedules and Further Refinements*. [arXiv 2310.07831](https://arxiv.org/abs/2310.07831). Why the straight line is hard to beat.
# - Tan, Le: *EfficientNetV2*. [arXiv 2104.00298](https://arxiv.org/abs/2104.00298). A well-known model with exponential decay.
