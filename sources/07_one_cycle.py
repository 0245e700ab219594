# %% [markdown]
# # 07 Cyclical rates and one cycle
#
# **35 minutes.** You need a training loop that you understand. Sections 00 (noise and momentum) and 03 (the cosine) help.
#
# After this lesson you can
#
# 1. write a triangular cycle and one cycle in a few lines;
# 2. say where PyTorch's `OneCycleLR` peaks, how many phases it has and at which rate it ends;
# 3. compute how much the steps really grow while the momentum moves against the rate;
# 4. read a claim such as "ten times fewer epochs", and ask the right question: fewer than what?

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
# One cycle is famous for speed: the rate rises, falls once, and the training is over early.
# We give it 400 updates, and its rivals **twice** as many. Each has its own best peak. Which rivals does it still beat?
#
# - **a)** All of them. That is what "super-convergence" means.
# - **b)** A constant rate, but not a cosine.
# - **c)** None. Twice the updates are twice the updates.
#
# Decide now. We run the race below.

# %% [markdown] tags=["D27"]
# ## Up and down, again and again
#
# The first idea was a *cyclical* rate: straight up, straight down, and again.
#
# $$\eta(t) = \eta_\text{min} + (\eta_\text{peak} - \eta_\text{min})\;\min\!\left(\frac{\tau}{U},\, \frac{2U - \tau}{U}\right) \qquad \tau = t \bmod 2U$$
#
# | symbol | name in code | meaning |
# |---|---|---|
# | $t$ | `t` | optimizer updates already made |
# | $\tau$ | `tau` | updates since this cycle began |
# | $U$ | `up_steps` | updates on the way up; as many go down |
# | $\eta_\text{min}$, $\eta_\text{peak}$ | `min_lr`, `peak_lr` | the lowest and the highest rate |
#
# `%` is Python's remainder: it starts $\tau$ again at 0 whenever a cycle is over.


# %%
def my_triangle(t, peak_lr, up_steps, min_lr):
    tau = t % (2 * up_steps)
    height = np.minimum(tau / up_steps, (2 * up_steps - tau) / up_steps)
    return min_lr + (peak_lr - min_lr) * height


my_triangle(np.array([0, 10, 20, 30, 40]), peak_lr=0.1, up_steps=20, min_lr=0.01)

# %% [markdown]
# Bottom, half way up, top, half way down, bottom. The library's version is the same:

# %%
from lrcourse.schedules import TriangularCycle

triangle = TriangularCycle(peak_lr=0.1, up_steps=20, min_lr=0.01)
t = np.arange(200)
np.testing.assert_allclose(triangle(t), my_triangle(t, 0.1, 20, 0.01), rtol=1e-12)
triangle

# %% [markdown] tags=["D27", "B41"]
# Two variants let the cycles shrink. PyTorch calls them `triangular2` (half the height in each cycle) and `exp_range` (a factor with each update).
# They shrink the *height above the lowest rate*, so the valleys stay where they are. All three come from [Leslie Smith's paper of 2015](https://arxiv.org/abs/1506.01186).

# %%
from lrcourse.plots import plot_rates, show

half = TriangularCycle(0.1, up_steps=20, min_lr=0.01, cycle_gamma=0.5)
fading = TriangularCycle(0.1, up_steps=20, min_lr=0.01, gamma=0.98)
ax = plot_rates(triangular=triangle, triangular2=half, exp_range=fading, steps=130)
show(
    ax,
    "Three cyclical schedules over 130 updates. The triangles rise from 0.01; triangular keeps its "
    "peak of 0.1, triangular2 halves the height each time, exp_range shrinks with every update.",
)

# %% [markdown]
# PyTorch's `CyclicLR` draws the same triangle. We record the rates that a loop really uses. The last line is a surprise: nobody asked for a momentum.

# %%
from torch.optim.lr_scheduler import CyclicLR

weight = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=5.0)  # no momentum, and a silly rate
scheduler = CyclicLR(optimizer, base_lr=0.01, max_lr=0.1, step_size_up=20)
used = []
for _step in range(200):
    used.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()

np.testing.assert_allclose(used, triangle(t), rtol=1e-9)
print("the rates agree; the optimizer's own rate of 5.0 was overwritten")
print("its momentum was 0 and is now", optimizer.param_groups[0]["momentum"])

# %% [markdown]
# A scheduler of the *rate* has switched on a *momentum*. (In Adam it moves the first of the `betas`.) We come back to it.
#
# How high, and how low? Smith takes the highest rate that still trains, which the *range test* of section 09 finds, and a third or a quarter of it ([the same paper](https://arxiv.org/abs/1506.01186)).

# %% [markdown] tags=["A35", "B36", "B14"]
# ## Only one cycle
#
# Then Smith went one step further ([arXiv 1708.07120](https://arxiv.org/abs/1708.07120)). *One cycle* is **one** rise and **one** fall, as long as the whole training, and it ends far below the rate of the start. While the rate goes up, the momentum goes down, and the other way round.
#
# The usual form today is made of two half cosines:
#
# $$\eta(t) = \begin{cases} \eta_\text{start} + (\eta_\text{peak} - \eta_\text{start})\,\frac{1 - \cos(\pi t / W)}{2} & t < W \\[4pt] \eta_\text{min} + (\eta_\text{peak} - \eta_\text{min})\,\frac{1 + \cos\left(\pi \frac{t - W}{T - W}\right)}{2} & t \ge W \end{cases}$$
#
# | symbol | name in code | meaning |
# |---|---|---|
# | $\eta_\text{peak}$ | `peak_lr` | the highest rate |
# | $W$ | `warmup_steps` | updates of the rise; at $t = W$ the rate is at its peak |
# | $T$ | `steps` | updates of the whole schedule |
# | $\eta_\text{start}$ | `start_lr` | the first rate, usually $\eta_\text{peak} / 25$ |
# | $\eta_\text{min}$ | `min_lr` | the last rate, usually $\eta_\text{start} / 10\,000$ |


# %%
def my_one_cycle(t, peak_lr, steps, warmup_steps):
    start_lr = peak_lr / 25
    min_lr = start_lr / 10_000
    up, down = t / warmup_steps, (t - warmup_steps) / (steps - warmup_steps)
    rise = start_lr + (peak_lr - start_lr) * (1 - np.cos(np.pi * up)) / 2
    fall = min_lr + (peak_lr - min_lr) * (1 + np.cos(np.pi * down)) / 2
    return np.where(t < warmup_steps, rise, fall)


my_one_cycle(np.array([0, 15, 30, 65, 100]), peak_lr=0.1, steps=100, warmup_steps=30)

# %%
from lrcourse.schedules import OneCycle

schedule = OneCycle(peak_lr=0.1, steps=100, warmup_steps=30)
t = np.arange(101)
np.testing.assert_allclose(schedule(t), my_one_cycle(t, 0.1, 100, 30), rtol=1e-9)
schedule

# %% [markdown] tags=["A41", "A42", "A45", "A44"]
# ## PyTorch's version
#
# First its signature. Look at `max_lr`, and at the numbers that you get if you say nothing.

# %%
import inspect

from torch.optim.lr_scheduler import OneCycleLR

for name, parameter in inspect.signature(OneCycleLR).parameters.items():
    required = parameter.default is inspect.Parameter.empty
    print(f"{name:16} {'must be given' if required else parameter.default}")

# %% [markdown] tags=["A44", "A45"]
# You may read that the default of `max_lr` "is decided by a range test". There is none: you have to give the peak. `pct_start` is the share of the rise, and the two divisors are those of the formula.
#
# Now a thousand updates with a peak of 0.01. We note the rate and the momentum before each update.

# %% tags=["A41", "A42", "A40"]
optimizer = torch.optim.SGD([weight], lr=5.0, momentum=0.9)
scheduler = OneCycleLR(optimizer, max_lr=0.01, total_steps=1000)
used, momenta = [], []
for _step in range(1000):
    used.append(optimizer.param_groups[0]["lr"])
    momenta.append(optimizer.param_groups[0]["momentum"])
    optimizer.step()
    scheduler.step()

print(f"first rate   {used[0]:.4g} = peak / {0.01 / used[0]:.0f}")
print(f"highest      {max(used):.4g} at t = {np.argmax(used)}")
print(f"last rate    {used[-1]:.4g} = peak / {0.01 / used[-1]:,.0f}")

# %% [markdown] tags=["A40"]
# > **You will read** that one cycle ends at the peak divided by 10 000, because `final_div_factor` is 1e4. Let us check.
# > The last line above says otherwise. `final_div_factor` divides the *first* rate, which is already the peak divided by 25. So the last rate is the peak divided by `25 * 10_000`. Both are as good as zero.

# %% [markdown]
# The peak is at $t = 299$, not at 300. PyTorch counts the steps between updates, and a thousand updates have 999 of them. So `total_steps` $N$ and `pct_start` $p$ become our $T = N - 1$ and $W = pN - 1$:

# %%
ours = OneCycle(0.01, steps=1000 - 1, warmup_steps=300 - 1)
t = np.arange(1000)
np.testing.assert_allclose(used, ours(t), rtol=1e-9)
np.testing.assert_allclose(momenta, ours.momentum(t), rtol=1e-9)
print("rates and momenta agree at all", len(used), "updates")

# %% [markdown] tags=["A43"]
# The option `anneal_strategy` is sometimes called the shape "of the decay". It shapes the rise and the momentum as well. Compare both sides of the peak:

# %%
from lrcourse.torch_twins import rates_used

strategies = {
    name: rates_used(
        lambda optimizer, name=name: OneCycleLR(
            optimizer, max_lr=0.1, total_steps=100, anneal_strategy=name
        ),
        peak_lr=0.1,
        steps=100,
    )
    for name in ("cos", "linear")
}
ax = plot_rates(**strategies)
show(
    ax,
    "One cycle of 100 updates with anneal_strategy cos and linear. Both the rise and the fall "
    "change their shape; the peak at t = 29 is the same.",
)

# %% [markdown] tags=["A37"]
# ## Two phases or three?
#
# Smith's recipe and the first version of the library fastai have three *phases*: up, down to the rate of the start, and a last stretch far below it, sometimes called *annihilation*.
# The form above has two: up, and one long way down to the very end. PyTorch knows both. Count:

# %% tags=["A39", "A38"]
for three_phase in (False, True):
    scheduler = OneCycleLR(optimizer, max_lr=0.01, total_steps=1000, three_phase=three_phase)
    ends = [int(phase["end_step"]) for phase in scheduler._schedule_phases]
    print(f"three_phase={three_phase!s:5} {len(ends)} phases, which end at t = {ends}")

# %% [markdown] tags=["A39"]
# > **You will read** that one cycle has three phases, next to a line of code that calls `OneCycleLR` with its default arguments. Let us check.
# > The cell above counts two. After the peak the default goes straight down to its tiny end. Who wants three phases must say `three_phase=True`.

# %% [markdown] tags=["A36", "A38", "D28"]
# How long are the phases? "The rise takes a third to a half of the training" mixes different recipes:
#
# - PyTorch's default: a short, steep rise and a long, gentle fall.
# - `three_phase=True`: the fall is as long as the rise. The rest, more than a third of the run, is annihilation.
# - Smith's description: two straight lines of equal length and a short tail (the lengths below are ours). So "steep up, gentle down" is PyTorch's, not the original.
#
# The end differs, too: [fastai's first version](https://github.com/fastai/fastai1/blob/1.0.49/docs_src/callbacks.one_cycle.ipynb) goes from `lr_max/div` to `lr_max/(div*100)`; PyTorch divides by 10 000 there.

# %% tags=["A36", "A38", "D28"]
two = OneCycle(0.1, steps=999, warmup_steps=299)
three = OneCycle(0.1, steps=999, warmup_steps=299, down_steps=299)
like_smith = OneCycle(
    0.1, 999, warmup_steps=430, down_steps=430, start_lr=0.01, min_lr=0.0001, shape="linear"
)
ax = plot_rates(default=two, three_phases=three, like_Smith=like_smith, steps=1000)
show(
    ax,
    "Three forms of one cycle over 1000 updates: PyTorch's default peaks at 299 and falls to the "
    "end; three phases fall to the first rate at 598 and stay near zero; Smith's form is a "
    "triangle that peaks at 430, with a short low tail after 860.",
)

# %% [markdown] tags=["B15", "B16", "B38", "A46"]
# ## The momentum goes the other way
#
# Five moments of the thousand updates. Read rate and momentum against each other; the last column comes next.

# %% tags=["B14", "B15", "B16", "B38", "A46", "B39"]
lr, momentum = np.array(used), np.array(momenta)
effective = lr / (1 - momentum)
print("   t    rate η   momentum m   η / (1 - m)")
for t in (0, 150, 299, 650, 999):
    print(f"{t:4}  {lr[t]:8.2g}   {momentum[t]:10.3f}   {effective[t]:11.2g}")

# %% [markdown]
# On the rise the momentum falls from 0.95 to 0.85. On the way down it comes back, while the rate goes to almost nothing.
#
# Why? Momentum adds up past gradients. Over many updates a rate $\eta$ with a momentum $m$ acts like the *effective rate* (section 00)
#
# $$\frac{\eta}{1 - m}.$$
#
# How much does it grow on the rise?

# %% tags=["B39"]
peak = np.argmax(lr)
rise, effective_rise = lr[peak] / lr[0], effective[peak] / effective[0]
assert effective_rise < 0.4 * rise

Markdown(
    f"""
On the rise the rate grows **{rise:.3g} times**, and $\\eta/(1-m)$ grows **{effective_rise:.3g} times**.
The momentum takes back a factor of $(1 - 0.85)/(1 - 0.95)$ = {(1 - 0.85) / (1 - 0.95):.1f}.
"""
)

# %% [markdown] tags=["B39"]
# That is the sense of it: the lower momentum keeps the updates bearable where the rate is high.

# %% [markdown] tags=["B40"]
# Does the returning momentum *speed up* the end, as you may read? Without noise it can. With noise it raises the noise floor. In the bowl of section 00 we know it exactly:

# %% tags=["B40"]
from lrcourse.experiments import quadratic

bowl = quadratic()
low, high = (bowl.floor(0.01, momentum=m, batch_size=1) for m in (0.85, 0.95))
print(
    f"floor at rate 0.01: {low:.4f} with momentum 0.85, {high:.4f} with 0.95: {high / low:.2f} times"
)

# %% [markdown] tags=["B40"]
# The floor follows $1/(1 - m)$, as the effective rate does. At the end of one cycle this costs nothing: the rate goes to almost zero and takes the floor with it. The falling rate settles the weights, not the rising momentum.

# %% [markdown]
# ## Play
#
# The rate, the momentum, and the effective rate $\eta/(1-m)$. The titles say how much each grows on the rise. Try to
#
# - choose the preset *momentum that stays*: how much does the effective rate grow now?
# - lower `low_momentum` until the effective rate grows only five times;
# - choose *three phases* and say at which $t$ the rate is back where it began;
# - tick *show PyTorch*. The line under the picture says how high PyTorch's curve gets with its defaults. Why not quite as high as ours? (Trap 4 tells.)

# %% tags=["A35"]
from lrcourse.explore import explore
from lrcourse.explore.scenes import one_cycle

explore(one_cycle)

# %% [markdown]
# ## Trap 1: momentum that nobody asked for
#
# Give `OneCycleLR` an SGD without momentum, or an Adam. This is what they hold before the first update:

# %% tags=["A46", "T5"]
sgd = torch.optim.SGD([weight], lr=0.1)
adam = torch.optim.AdamW([weight], lr=0.1)
for optimizer in (sgd, adam):
    OneCycleLR(optimizer, max_lr=0.1, total_steps=100)
group = sgd.param_groups[0]
print(f"plain SGD:  momentum {group['momentum']}, rate {group['lr']:.3g}")
print("AdamW:      betas", adam.param_groups[0]["betas"])

try:
    OneCycleLR(torch.optim.Adagrad([weight]), max_lr=0.1, total_steps=100)
except ValueError as error:
    print("Adagrad:   ", error)

# %% [markdown] tags=["A46"]
# The plain SGD has become one with heavy momentum, so its effective rate is many times what you think. In Adam the first of the `betas` moves. The optimizer's own rate is ignored.
# If you want none of this, say `cycle_momentum=False`. In our library the momentum is a schedule of its own, `schedule.momentum`, and acts only if you pass it on.

# %% [markdown] tags=["T6"]
# ## Trap 2: one step too many
#
# A schedule of 100 updates, and a loop that goes on. What does the extra update use?

# %% tags=["T6"]
optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
scheduler = OneCycleLR(optimizer, max_lr=1.0, total_steps=100)
used = []
try:
    for _step in range(102):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
except ValueError as error:
    print(error)

print(f"the last planned update used {used[99]:.1g}, the one after it {used[100]:.1g}")
print("ours keeps its last rate:   ", OneCycle(1.0, 99)(np.array([99, 100, 101])))

# %% [markdown]
# The extra update comes at a rate more than a hundred times too high, on weights that had settled. Only the next step raises an error. So count: `total_steps` is epochs times batches per epoch.
#
# ## Trap 3: the wrong clock
#
# The opposite mistake: planned for 10 epochs of 100 batches, and `step()` called once per epoch.

# %%
planned = rates_used(lambda o: OneCycleLR(o, max_lr=0.1, total_steps=1000), 0.1, steps=10)
print(" ".join(f"{lr:.5f}" for lr in planned))

# %% [markdown]
# The rate never leaves the bottom of the rise, without any error. `OneCycleLR` wants one call per **batch**.
#
# ## Trap 4: a peak between two updates
#
# If $p N$ is not a whole number, the top of the curve lies between two updates. A short run shows it:

# %%
short = rates_used(lambda o: OneCycleLR(o, max_lr=1.0, total_steps=10, pct_start=0.25), 1.0, 10)
print(f"highest rate with max_lr=1.0: {short.max():.3f}")
print(f"ours, which counts whole updates: {OneCycle(1.0, 9, warmup_steps=2)(np.arange(10)).max()}")

# %% [markdown] tags=["D29"]
# ## The experiment
#
# One cycle is said to reach *the same* in *fewer* updates. The same as what? It races against three rivals, with budgets of 200, 400 and 800 updates.
#
# Every schedule is planned for its budget, with its own best of four peaks, chosen on *other* seeds so that nobody is flattered. The momentum stays at 0.9: first we look at the rate alone.

# %% tags=["D29"]
from lrcourse.experiments import budgets, paired_difference, signals
from lrcourse.schedules import Constant, CosineDecay, StepDecay

shapes = {
    "constant": lambda steps: Constant(1),
    "step": lambda steps: StepDecay(1, step_size=steps // 3, gamma=0.1),
    "cosine": lambda steps: CosineDecay(1, steps),
    "one cycle": lambda steps: OneCycle(1, steps),
}
found = budgets(signals(), shapes, [0.03, 0.06, 0.12, 0.24], [200, 400, 800], range(10))

# %% [markdown]
# First the *bowls* of section 03, for 400 updates: the test accuracy at the end over the peak rate. Look for the bowl of one cycle, and for its neighbour.

# %% tags=["nbval-ignore-output"]
from lrcourse.plots import plot_bowls

middle = found.bowls[1]
gap = middle.at_the_end("one cycle").mean(1) - middle.at_the_end("cosine").mean(1)
assert np.abs(gap).max() < 0.03
assert middle.best_peak("one cycle") <= middle.best_peak("cosine")
show(plot_bowls(middle))

# %% [markdown]
# The cosine and one cycle lie close together at every peak, and one cycle does not ask for a higher one. The rise changes little here.
#
# Now all comparisons: one cycle with 400 updates minus a rival. The upper three rivals had the same budget, the lower three twice as much.

# %% tags=["nbval-ignore-output", "D29", "A75"]
from lrcourse.plots import plot_forest

tuned = {name: 100 * found.tuned(name) for name in shapes}  # (budget, seed), in percent
gains = {
    f"{rival}, {updates}": paired_difference(tuned["one cycle"][1], tuned[rival][row])
    for row, updates in ((1, "400 updates"), (2, "800 updates"))
    for rival in ("constant", "step", "cosine")
}
assert gains["constant, 400 updates"].low > 1
assert gains["cosine, 400 updates"].high < 1.5
assert gains["constant, 800 updates"].low > 0
assert gains["cosine, 800 updates"].high < 0

show(plot_forest(gains, what="400 updates of one cycle minus the rival"))

# %% [markdown]
# So the answer is **b**. With half the budget one cycle still beats the constant rate. Against a cosine of the same budget it gains nothing worth having, and to one of twice the budget it loses. (The step drops twice by ten; section 03 finds better ways.)
#
# How many updates does it save, then? The arrow shows when one cycle is as good as a constant rate after 800 updates.

# %% tags=["nbval-ignore-output", "A47"]
from lrcourse.plots import plot_budgets

show(plot_budgets(found, reading=("one cycle", "constant", 800)))

# %% tags=["nbval-ignore-output", "A47"]
than_constant = found.times_fewer("one cycle", "constant", 800)
sooner = found.times_fewer("one cycle", "constant", 400)
cosine_too = found.times_fewer("cosine", "constant", 800)
than_cosine = found.times_fewer("one cycle", "cosine", 400)
assert than_constant.low > 1.5
assert than_constant.low > sooner.high
assert cosine_too.low > 1.5
assert cosine_too.high > than_constant.low
assert than_cosine.high < 1.5

Markdown(
    f"""
| who | as good as | needs so many times fewer updates |
|---|---|---|
| one cycle | constant, 400 updates | {sooner} |
| one cycle | constant, 800 updates | **{than_constant}** |
| cosine | constant, 800 updates | **{cosine_too}** |
| one cycle | cosine, 400 updates | {than_cosine} |
"""
)

# %% [markdown]
# The saving is real, and a plain cosine, which never rises, saves about as much. So the cycle is not needed for it. The **decay** is what both share: a constant rate stays on its noise floor, and a falling rate gets below it.
#
# The factor depends on the budget, too. The constant rate flattens, so the longer it runs, the larger the factor looks: compare the first two rows.

# %% [markdown] tags=["A47", "A75"]
# > **You will read** that one cycle brings *super-convergence*: the same accuracy in five to ten times fewer epochs. Let us check.
# > The paper reports it for certain settings: about 10,000 updates in place of 80,000 for a ResNet-56 on CIFAR-10, with other regularisation reduced ([Smith and Topin](https://arxiv.org/abs/1708.07120)). Its rival was a rate in steps, and critics call that rival weak.
# > That matters: above we measured a real saving against a constant rate, and none worth having against a cosine, at this scale. Before you believe a factor, ask what it was measured against.

# %% [markdown] tags=["B17"]
# ## And the momentum?
#
# So far it stood still. Now it moves as well, against the same rates with a momentum of 0.9, at five peaks:

# %% tags=["nbval-ignore-output", "B17", "B39"]
from lrcourse.claims import CLAIMS

finding = CLAIMS["momentum-cycling-helps"].run()
assert finding.is_as_taught
finding

# %% [markdown]
# Each at its best peak: no gain of that size. At the highest peak of the grid the moving momentum saves many points. The formula suggests why: at the top the effective rate is $\eta/(1 - 0.85)$ in place of $\eta/(1 - 0.9)$, which is a third less. So the moving momentum works like a lower peak, and a tuned peak leaves it little to do.
#
# ## Does a high rate regularise?
#
# *To regularise* is to make learning by heart harder (section 04), so that new data are fitted better. On half of the data we train a short run at a high rate, and a run four times as long at a quarter of the rate. Both are cosines, with the same area $\sum \eta$ (section 03).

# %% tags=["nbval-ignore-output", "A48"]
finding = CLAIMS["high-rate-regularises"].run()
assert finding.is_as_taught
finding

# %% [markdown] tags=["A48"]
# > **You will read** that the high rate in the middle regularises, and that the low rate at the end then converges precisely. Let us check.
# > The first half is seen above: the high rate fits the training set worse and the test set better, even if the other run may choose its best moment on the test set itself. But those were cosines: no cycle is needed. The settling is the drop of section 01.
# > Disputed is the reason. Usually: a high rate finds flat valleys, and flat means good. But flatness can be changed at will without changing what the network computes ([Dinh et al. 2017](https://arxiv.org/abs/1703.04933)).

# %% [markdown] tags=["B17"]
# > **You will read** that one cycle allows higher rates, shortens training and regularises, all at once. Let us check.
# > *Higher rates:* not in the bowls above; only the moving momentum makes a larger $\eta$ bearable. *Shorter:* than a constant rate yes, than a cosine not at this scale. *Regularises:* a high rate did, without a cycle.
# > The authors limit the claim to certain data sets, networks and settings ([Smith and Topin](https://arxiv.org/abs/1708.07120)), and so it is disputed.

# %% [markdown] tags=["B37"]
# > **You will read** that one cycle explores a wider part of the parameter space, and that this brings regularisation and faster convergence. Let us check.
# > It is a story, not a result. The cosine above never rises, and reaches what one cycle reaches. No measurement that we know ties an "explored" region to the test accuracy.

# %% [markdown] tags=["D40"]
# ## For which networks?
#
# You may read that one cycle suits convolutional, "deep and cross" and tabular networks. We found no source for such a list, and our race had one small network only.
#
# Ask instead what your network needs at the start: [section 06](06_warmup.ipynb) shows trainings that need a warmup, and one cycle begins with a long one. Then race both at your budget, each at its own peak, as in [section 12](12_capstone.ipynb).
#
# ## What we saw
#
# 1. A triangle is one `min`; one cycle is two half cosines, up and down.
# 2. PyTorch's default has two phases, peaks at $t = pN - 1$ and ends at the peak divided by `25 * 10_000`. One step too many jumps up.
# 3. The momentum moves against the rate, so $\eta/(1-m)$ grows much less than $\eta$. `OneCycleLR` does this to SGD and to Adam unless you forbid it.
# 4. One cycle saved updates against a constant rate, and so did a cosine. At equal budgets and tuned peaks it had no advantage over the cosine that was worth having, on our small network.

# %% [markdown] tags=["quiz"]
# ## Three quick questions
#
# Choose an answer. It opens and says why.
#
# **1. `OneCycleLR` with `max_lr=0.5` and the default factors: what are the first and the last rate?**
#
# - [ ] `0.02` and `0.02`
#   A triangle of `CyclicLR` comes back to where it began. One cycle ends far below its start: `final_div_factor` divides the first rate once more.
# - [ ] `0.02` and `5e-5`
#   That is the peak divided by 10 000. But `final_div_factor` divides the first rate, which is already the peak / 25.
# - [x] `0.02` and `2e-6`
#   The first rate is the peak / 25, and the last one is the first / 10 000.
#
# **2. While the rate of your one cycle rises tenfold, the momentum falls from `0.9` to `0.8`. How much does the effective rate η/(1 - m) grow?**
#
# - [x] 5 times
#   1 - m grows from `0.1` to `0.2`. So the momentum takes back a factor of 2.
# - [ ] about `8.9` times
#   That is `10 · 0.8 / 0.9`, the ratio of the momenta themselves. What counts is 1 - m, and it doubles.
# - [ ] 10 times
#   So much does the rate alone grow. The lower momentum adds up less of the past gradients, and takes a part of the growth back.
# - [ ] 20 times
#   This multiplies by 2 where it should divide. The momentum goes down while the rate goes up, so the effective rate grows less than the rate.
#
# **3. A colleague shows that one cycle with 20 epochs matches your constant rate with 100, each at its best peak. Which run do you ask for?**
#
# - [ ] None: five times fewer epochs are super-convergence.
#   Fewer than what? A constant rate stays on its noise floor. In the lesson a plain cosine saved about as much against it.
# - [x] A cosine with 20 epochs, at its own best peak.
#   If it matches, too, the saving is that of decay, and no cycle is needed for it. Ask for an interval over seeds as well.
# - [ ] A cosine with 20 epochs, at the peak of the one cycle.
#   It is the right rival, but its peak was chosen for another schedule. In the lesson's race each had its own best of four peaks.
# - [ ] The constant rate with 20 epochs, so that the budgets are equal.
#   Equal budgets are fair, but in the lesson this rival lost even with twice the updates. It cannot tell what the cycle does from what the decay does.

# %% [markdown]
# ## Next
#
# Now try it yourself: [exercises of section 07](../exercises/07_one_cycle.ipynb). On to [section 08](08_pytorch.ipynb): what PyTorch's schedulers do when you combine them and when you resume. Or back to the [map of the course](index.ipynb).

# %% [markdown] tags=["B41", "B42"]
# ## Further reading
#
# - Leslie Smith: *Cyclical Learning Rates for Training Neural Networks*. [arXiv 1506.01186](https://arxiv.org/abs/1506.01186), of 2015; at the WACV conference in 2017. The triangles and the range test.
# - Leslie Smith, Nicholay Topin: *Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates*. [arXiv 1708.07120](https://arxiv.org/abs/1708.07120). The name "1cycle" appears here already.
# - Leslie Smith: *A Disciplined Approach to Neural Network Hyper-Parameters, Part 1*. [arXiv 1803.09820](https://arxiv.org/abs/1803.09820). Rate, batch size, momentum and weight decay.
# - Dinh, Pascanu, Bengio, Bengio: *Sharp Minima Can Generalize For Deep Nets*. [arXiv 1703.04933](https://arxiv.org/abs/1703.04933). Why flatness is a difficult explanation.
