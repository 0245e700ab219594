# %% [markdown]
# # 00 What the learning rate does
#
# **40 minutes.** You need a training loop that you understand, and nothing else. You may stop at any heading and come back.
#
# A network learns by walking downhill, one small step after another. One number says how long the steps are. This lesson is about that number.
#
# After this lesson you can
#
# 1. say before you run it whether a rate creeps, glides, zigzags or explodes;
# 2. compute how low the loss can get at a constant rate, and say why this course is about schedules;
# 3. find the rate that hides in a momentum;
# 4. name what moves the limit of the rate: the data, the network, its penalty, and training itself;
# 5. say what the same number means to SGD and to Adam, and read PyTorch's defaults.

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
# A ball lies on the side of a bowl, three units away from the bottom. An update moves it downhill: the steeper the place, the longer the move, and the learning rate says how long exactly.
#
# In this bowl a rate of 0.1 takes small steps towards the bottom. A rate of 1 gets there in a single step. What does a rate of 1.9 do?
#
# - **a)** The ball is lost. Beyond 1 every step goes too far.
# - **b)** It jumps over the bottom at every step, and still arrives.
# - **c)** It jumps to and fro between the same two heights for ever.
#
# Decide now. In five minutes you will see it.

# %% [markdown] tags=["C1", "D1"]
# ## One update
#
# $$w_{t+1} = w_t - \eta\, g_t$$
#
# | symbol | name in code | meaning |
# |---|---|---|
# | $t$ | `t` | updates already made: the first update has $t = 0$ |
# | $w_t$ | `w` | the weight, later all weights |
# | $g_t$ | `slope(w)` | the *gradient*: the slope of the loss at $w_t$ |
# | $\eta$ | `lr` | the *learning rate*, the Greek letter eta |
#
# This is *gradient descent*. With the gradient of a small random part of the data, a *batch*, it is called SGD, stochastic gradient descent. Other optimizers, such as Adam, come near the end. All of them multiply their step by a learning rate.
#
# Your own version:


# %%
def my_descent(w, lr, steps, slope):
    path = [w]
    for _step in range(steps):
        w = w - lr * slope(w)
        path.append(w)
    return np.array(path)


# %% [markdown] tags=["D4"]
# > **You will read** that the learning rate is called "Ir". Let us check.
# > It is a small L that looks like a capital i in many fonts: `lr`, for *learning rate*. The next cell shows what Python says to the wrong letter.

# %%
weight = torch.ones(1, requires_grad=True)
try:
    torch.optim.SGD([weight], Ir=0.1)
except TypeError as error:
    print(error)

# %% [markdown]
# ## Four fates
#
# The simplest bowl is $f(w) = \lambda w^2/2$. Its slope at $w$ is $\lambda w$. The number $\lambda$ (lambda) is its *curvature*: how quickly the walls become steep. Here $\lambda = 1$.
#
# Watch the ball for twelve updates at four rates. Look at the first and the third picture together.

# %%
from matplotlib.figure import Figure

from lrcourse.panels import Axis, Curve, Dots, Panel
from lrcourse.plots import plot_panel, show

ground = np.linspace(-5, 5, 101)
figure = Figure(figsize=(11, 3.6), layout="constrained")
for ax, lr in zip(figure.subplots(1, 4, sharey=True), (0.1, 1.0, 1.9, 2.1), strict=True):
    w = my_descent(3.0, lr, steps=12, slope=lambda w: w)
    bowl = Curve("", ground**2 / 2, ground, faint=True)
    jumps, ball = Curve("", w**2 / 2, w), Dots("", w, w**2 / 2)
    axis, height = Axis("weight w", -5, 5), Axis("loss f(w)" if lr == 0.1 else "", -0.5, 12)
    plot_panel(Panel(axis, height, (bowl, jumps, ball), title=f"η = {lr}"), ax)
show(
    figure,
    "Four bowls with the places of a ball after 0 to 12 updates. At 0.1 it creeps down one side, "
    "at 1 it is at the bottom after one update, at 1.9 it jumps from side to side and comes lower "
    "each time, at 2.1 it jumps higher each time and leaves the picture.",
)

# %% [markdown] tags=["B3", "D2"]
# So the answer is **b**. At a rate of 1.9 the ball overshoots at every step, and still it arrives. Only beyond 2 is it lost.
#
# Put the slope $\lambda w$ into the update, and one line explains all four pictures:
#
# $$w_{t+1} = w_t - \eta \lambda w_t = (1 - \eta\lambda)\, w_t$$
#
# Every update multiplies the distance by $1 - \eta\lambda$. Its size decides whether the ball arrives, its sign whether it changes sides. The size is the same for 0.1 and for 1.9: these two are equally slow.

# %%
rows = ""
for lr in (0.1, 0.5, 1.0, 1.5, 1.9, 2.0, 2.1):
    factor = 1 - lr
    fate = "arrives" if abs(factor) < 1 else "never arrives" if abs(factor) == 1 else "is lost"
    manner = "zigzags and " if factor < 0 else ""
    rows += f"| {lr} | {factor:.1f} | {3 * factor**12:.3f} | {manner}{fate} |\n"
Markdown("| η | 1 - ηλ | w after 12 updates | the ball |\n|---|---|---|---|\n" + rows)

# %% [markdown] tags=["B3", "D2", "D13", "A1"]
# The general rule, for any curvature:
#
# | rate | what happens |
# |---|---|
# | $\eta$ far below $1/\lambda$ | creeps down one side |
# | $\eta = 1/\lambda$ | one step to the bottom, in this direction |
# | between $1/\lambda$ and $2/\lambda$ | zigzags across the bottom, and arrives |
# | above $2/\lambda$ | each step ends higher than the last: it *diverges* |
#
# Remember $2/\lambda$. It is the speed limit of this course. A steep valley has a low limit.

# %% [markdown]
# ## The library and PyTorch
#
# The library trains many runs at once. Here is one, in the same bowl. It has to agree with your three lines.

# %%
from lrcourse.experiments import Sgd, quadratic, train

bowl = quadratic([1.0], noise=0)
run = train(bowl, np.full((1, 12), 1.9), seeds=[0], optimizer=Sgd(), keep_every=1)
mine = my_descent(1.0, 1.9, steps=12, slope=lambda w: w)
np.testing.assert_allclose(bowl.paths(run)[0, :, 0], mine, rtol=1e-12)
print("the limit of this bowl:", bowl.largest_stable_lr())

# %% [markdown] tags=["D2"]
# PyTorch's SGD does the same arithmetic. Look at what it says to a rate above the limit, and to one below zero.

# %%
weight = torch.ones(1, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=2.1)
for _step in range(12):
    optimizer.zero_grad()
    (weight**2 / 2).sum().backward()
    optimizer.step()

np.testing.assert_allclose(weight.item(), my_descent(1.0, 2.1, 12, slope=lambda w: w)[-1])
print(f"after 12 updates w = {weight.item():.3f}, and no complaint")
try:
    torch.optim.SGD([weight], lr=-0.1)
except ValueError as error:
    print("below zero:", error)

# %% [markdown]
# PyTorch does not know the curvature of your loss, so nobody tells you the limit. You have to find it.
#
# The rate is an ordinary number in `optimizer.param_groups[0]["lr"]`. You may change it at any time. A *schedule* is a rule that does so.

# %% [markdown] tags=["A2", "D3", "D13"]
# ## Two directions, one rate
#
# A real loss has many directions, each with its own curvature. This ravine has curvature 20 across and 1 along. The largest curvature, $\lambda_\text{max}$, sets the limit: $2/20$. Each walk makes 30 updates from the white circle. Look at where the three end.

# %%
from lrcourse.experiments import compare, ravine
from lrcourse.plots import plot_surface
from lrcourse.schedules import Constant

valley = ravine(start=(10, 3))
rates = {"η = 0.01": Constant(0.01), "η = 0.05": Constant(0.05), "η = 0.095": Constant(0.095)}
walks = compare(valley, rates, range(1), steps=30, optimizer=Sgd(), keep_every=1)
paths = {name: valley.paths(run) for name, run in walks.items()}
show(plot_surface(valley, paths, x_range=(-1, 11), y_range=(-4.6, 4.6)))

# %% [markdown]
# The steep direction sets the limit, and the flat one needs a high rate. One number has to serve both. The ratio of the two curvatures is the *condition number*: when it is large, training is slow at every rate.
#
# Is the limit that sharp? The course keeps a list of its claims, each with an experiment that you can repeat. This one tries twelve random starting points.
#
# A *seed* is the number that decides what is random. Each mean comes with its *95% interval*: the range in which the true mean probably lies. A sentence counts only if the whole interval agrees with it.

# %% tags=["nbval-ignore-output"]
from lrcourse.claims import CLAIMS

finding = CLAIMS["stability-edge"].run()
assert finding.is_as_taught
finding

# %% [markdown] tags=["B4", "D2"]
# ## Too low is slow, not stuck
#
# Now a real network: 64 inputs, one hidden layer, ten digits to tell apart. We train it at three rates, and give the low ones more updates, so that rate times updates is the same for all.
#
# On the left, the first 300 updates. On the right, all of them over $\eta\,t$, the rate times the updates.

# %% tags=["nbval-ignore-output", "B4"]
from lrcourse.experiments import digits
from lrcourse.plots import axes, band

seeds, lengths = range(8), {0.1: 300, 0.03: 1000, 0.01: 3000}
slow = {
    lr: train(digits(), np.full((8, steps), lr), seeds, Sgd(), test_every=25)
    for lr, steps in lengths.items()
}
figure = Figure(figsize=(11, 3.6), layout="constrained")
left, right = figure.subplots(1, 2, sharey=True)
for lr, run in slow.items():
    early = run.test_steps <= 300
    band(left, run.test_steps[early], run.test_losses[:, early], f"η = {lr}")
    band(right, lr * run.test_steps, run.test_losses, f"η = {lr}")
left.set(xlabel="optimizer update t", ylabel="test loss")
right.set(xlabel="rate × updates, η t")
show(
    figure,
    "Left, the test loss over 300 updates at three rates: the lower the rate, the less it falls. "
    "Right, the same over the rate times the updates: the three curves lie on each other.",
)

# %% tags=["nbval-ignore-output"]
from lrcourse.experiments import ratio_interval

last = {lr: run.test_losses[:, -1] for lr, run in slow.items()}
same = ratio_interval(last[0.01], last[0.1])
assert same.low > 0.9
assert same.high < 1.1
Markdown(f"Last test loss at rate 0.01, over that at rate 0.1: **{same}**. Ten times the updates.")

# %% [markdown]
# The three curves are one. Far below the limit the rate is a clock: a tenth of the rate walks the same road in ten times the time.

# %% [markdown] tags=["B5"]
# > **You will read** that a rate that is too low gets trapped in a bad local minimum. Let us check.
# > This is disputed. The network above was not trapped: at a tenth of the rate it reached the same loss, later. In a toy with two weights and many wells it can happen (the explorer below has one). For large networks [Dauphin and others](https://arxiv.org/abs/1406.2572) argue that the obstacle is *saddle points*: nearly flat places that go up in one direction and down in another, where everything is slow and looks stuck.

# %% [markdown] tags=["C9"]
# Do not picture training as a walk into *the* minimum: in a network with thousands of weights nobody knows how near one is. What can be measured is what limits the progress: the curvature, or the noise, which comes next.
#
# First, two words that are often mixed up. This network gets only 300 digits, a fifth of them with a wrong label. Look at the two losses.

# %% tags=["nbval-ignore-output"]
few = digits(label_noise=0.2, train_size=300)
run = train(few, np.full((8, 1200), 0.5), seeds, Sgd(), batch_size=30, test_every=20)
training = run.losses.reshape(8, 60, 20).mean(axis=2)  # the mean of 20 updates

ax = axes(7, 3.2)
band(ax, run.test_steps, training, "training")
band(ax, run.test_steps, run.test_losses, "test")
ax.set(xlabel="optimizer update t", ylabel="loss")
show(
    ax,
    "Over 1200 updates the training loss falls almost to zero, while the test loss falls at first "
    "and then rises.",
)

# %% [markdown] tags=["C24"]
# > **You will read** that a network stuck in a local minimum is overfitting. Let us check.
# > These are two different things. *Overfitting* is a low training loss with a rising test loss, as in the picture: this network is not stuck at all, it fits even the wrong labels. A bad local minimum would show as a **high training loss** that does not fall.

# %% tags=["nbval-ignore-output"]
from lrcourse.experiments import mean_interval, paired_difference

rise = paired_difference(run.test_losses[:, -1], run.test_losses.min(axis=1))
fitted = mean_interval(training[:, -1])
assert rise.low > 0.2
assert fitted.high < 0.2
Markdown(
    f"Training loss at the end: **{fitted}**. Rise of the test loss from its best: **{rise}**."
)

# %% [markdown] tags=["A1", "C9", "D14"]
# ## The noise floor
#
# A batch knows the slope only roughly: its gradient is the slope plus *noise*. We write $\sigma$ (sigma) for the standard deviation of the noise. It throws the weight about, by $\eta\sigma$ at every update, and the bowl pulls it back. After a while the two are in balance. With $V$ for the variance of the weight, and $\lambda = 1$, one update says
#
# $$V = (1-\eta)^2\, V + \eta^2\sigma^2 \qquad\text{so}\qquad V = \frac{\eta\,\sigma^2}{2 - \eta}$$
#
# The loss is $w^2/2$, so its mean stops at half of that:
#
# $$\text{floor} = \frac{\eta\,\sigma^2}{2\,(2 - \eta)}$$
#
# There is no time in it. **At a constant rate the loss falls to a floor and stays there, however long you train.** Here are a thousand walks at three rates, with the floors of the formula.

# %% tags=["nbval-ignore-output", "A1"]
from lrcourse.panels import Rule, time_panel

noisy = quadratic([1.0], noise=1.0, start=[5.0])
rates, options = (0.5, 0.1, 0.02), {"batch_size": 1, "test_every": 10, "chunk": 1000}
walks = {lr: train(noisy, np.full((1000, 600), lr), range(1000), Sgd(), **options) for lr in rates}

marks = []
for style, (lr, run) in enumerate(walks.items()):
    marks += [Curve(f"η = {lr}", run.test_losses.mean(axis=0), run.test_steps, style=style)]
    marks += [Rule("", y=float(noisy.floor(lr, batch_size=1)), style=style)]
show(
    plot_panel(time_panel(*marks, y=Axis("loss f(w), mean", log=True), steps=600), axes()),
    "The mean loss of a thousand walks over 600 updates on a logarithmic axis. Each falls to the "
    "dotted line of its floor and stays there; the lower the rate, the later and the lower.",
)

# %% tags=["nbval-ignore-output"]
rows = ""
for lr, run in walks.items():
    late = run.test_losses[:, 30:].mean(axis=1)  # the second half
    floor = noisy.floor(lr, batch_size=1)
    measured = mean_interval(late)
    assert measured.low > 0.85 * floor
    assert measured.high < 1.15 * floor
    rows += f"| {lr} | {floor:.4f} | {measured} |\n"
Markdown("| rate | floor by the formula | measured |\n|---|---|---|\n" + rows)

# %% [markdown] tags=["D14", "K12"]
# > **You will read** that on a convex loss a constant rate converges. Let us check.
# > Without noise it does, if the rate is below $2/\lambda$. With noise it does not, and no loss is more convex than this bowl: it comes to a floor of about $\eta\sigma^2/4$. The exception is a model that fits every example perfectly. There the noise itself fades, and the floor with it.

# %% [markdown] tags=["A1", "A2", "B2"]
# ## Why one constant is not enough
#
# A high rate forgets the start quickly and ends on a high floor. A low rate has a low floor and takes long to get there. So begin high and end low: **first travel, then settle.** That is the whole idea of a schedule.
#
# Here is the ravine with noise. The third group starts as high as the first and ends at zero. Look at the loss at the end.

# %% tags=["nbval-ignore-output", "A2", "B2"]
from lrcourse.plots import plot_runs
from lrcourse.schedules import CosineDecay

schedules = {"high": Constant(0.09), "low": Constant(0.005), "decay": CosineDecay(0.09, 200)}
options = {"optimizer": Sgd(), "batch_size": 1, "test_every": 5, "chunk": 600}
runs = compare(ravine(noise=2.0), schedules, range(200), steps=200, **options)
end = {name: run.test_losses[:, -1] for name, run in runs.items()}
assert ratio_interval(end["high"], end["decay"]).low > 5
assert ratio_interval(end["low"], end["decay"]).low > 5

figure = plot_runs(runs, "test loss")
figure.axes[0].set(yscale="log", ylabel="loss f(w), mean of 200 walks")
show(figure)

# %% [markdown]
# The high rate crosses the valley and then dances on its floor. The low rate is still on its way. The decay does both jobs, one after the other.
#
# Does it always help? No. There must be noise to remove, and a rate that was high enough to travel. Section 01 measures both sides.

# %% [markdown] tags=["A1"]
# ## What the mathematicians asked for
#
# When does SGD arrive exactly, after infinitely many updates? [Robbins and Monro](https://doi.org/10.1214/aoms/1177729586) gave two conditions in 1951:
#
# $$\sum_t \eta_t = \infty \qquad\text{and}\qquad \sum_t \eta_t^2 < \infty$$
#
# The rates may travel any distance, and the noise averages out. A constant rate breaks the second, which is often given as *the* reason for schedules. Look at what the usual schedules do with the first.

# %%
from lrcourse.schedules import ExponentialDecay, InverseTimeDecay, StepDecay

rows = ""
for schedule in (
    Constant(0.1),
    InverseTimeDecay(0.1, k=0.1),
    StepDecay(0.1, step_size=30, gamma=0.5),
    ExponentialDecay(0.1, gamma=0.98),
    CosineDecay(0.1, steps=200),
):
    lr = schedule(np.arange(1_000_000))
    sums = [lr[:1000].sum(), lr.sum(), (lr[:1000] ** 2).sum(), (lr**2).sum()]
    cells = " | ".join(f"{each:,.3f}" for each in sums)
    rows += f"| {type(schedule).__name__} | {cells} |\n"
head = "| | Σ η, 1000 updates | Σ η, a million | Σ η², 1000 updates | Σ η², a million |\n"
Markdown(head + "|---|---|---|---|---|\n" + rows)

# %% [markdown]
# Only `InverseTimeDecay`, which falls like $1/t$, keeps growing on the left and settles on the right. Step, exponential and cosine decay break the **first** condition. That is not a mistake: they are made for a budget that ends.

# %% [markdown] tags=["B5", "B3", "D9"]
# ## Play
#
# The ravine as a map, with the loss and the rates below it. Choose an example from the list, then move the sliders.
#
# - Take "oscillates" and raise the rate bit by bit, until the walk leaves the map. Where is the limit?
# - Take "noise floor". Halve the noise: what happens to the floor? Put it back and halve the rate: what now?
# - Take "many wells, cold" and then "many wells, warm at first". Which finds the deepest well more often?

# %% tags=["nbval-ignore-output"]
from lrcourse.explore import explore
from lrcourse.explore.scenes import noisy_valley

explore(noisy_valley)

# %% [markdown] tags=["D9"]
# ## Momentum is a hidden rate
#
# Most people train with *momentum*: each step keeps a share $m$ of the one before.
#
# $$v_{t+1} = m\, v_t + g_t \qquad w_{t+1} = w_t - \eta\, v_{t+1}$$
#
# On a steady slope $v$ grows until it is $g/(1-m)$. So it moves like plain SGD at the rate
#
# $$\eta_\text{effective} = \frac{\eta}{1 - m}$$
#
# With $m = 0.9$ that is **ten times** the rate you typed. Now guess: somebody raises the momentum to calm noisy gradients. What happens to the floor?

# %% tags=["nbval-ignore-output", "D9", "D51"]
from lrcourse.experiments import Momentum

pairs = {"m = 0.9": (0.9, 0.05), "m = 0.5": (0.5, 0.05), "m = 0": (0.0, 0.05)}
pairs["m = 0.9, η = 0.005"] = (0.9, 0.005)
options = {"batch_size": 1, "test_every": 10, "chunk": 1000}
runs = {
    name: train(noisy, np.full((1000, 600), lr), range(1000), Momentum(m), **options)
    for name, (m, lr) in pairs.items()
}
marks = [
    Curve(name, run.test_losses.mean(axis=0), run.test_steps, style=style)
    for style, (name, run) in enumerate(runs.items())
]
show(
    plot_panel(time_panel(*marks, y=Axis("loss f(w), mean", log=True), steps=600), axes()),
    "The mean loss over 600 updates at rate 0.05. The more momentum, the higher the floor. The "
    "curve with momentum 0.9 and a tenth of the rate lies on that without momentum.",
)

# %% tags=["nbval-ignore-output"]
late = {name: run.test_losses[:, 30:].mean(axis=1) for name, run in runs.items()}
rows = ""
for name, (m, lr) in pairs.items():
    times = ratio_interval(late[name], late["m = 0"]) if name != "m = 0" else "1"
    rows += f"| {m} | {lr} | {lr / (1 - m):.3g} | {mean_interval(late[name])} | {times} |\n"

assert mean_interval(late["m = 0.9"]).low > 5 * late["m = 0"].mean()
alike = mean_interval(late["m = 0.9, η = 0.005"] / late["m = 0"].mean())
assert alike.low > 0.8
assert alike.high < 1.2
Markdown(
    "| m | η | η/(1 - m) | loss at the end | times that of m = 0 |\n|---|---|---|---|---|\n" + rows
)

# %% [markdown] tags=["D9", "D51", "K25"]
# > **You will read** that noisy data call for more momentum. Let us check.
# > At the same rate more momentum means **more** noise, as the picture shows. Momentum 0.9 with a tenth of the rate has the floor of plain SGD. Against noise there are real remedies: a lower rate at the end, a larger batch, or both.

# %% [markdown] tags=["D9", "D36"]
# Momentum is good for ravines: it raises the limit to $2(1+m)/\lambda$ and speeds up the flat direction. A rate belongs to its momentum: $\eta = 0.05$ with $m = 0.9$, a common setting, is as fast as a plain rate of 0.5. Switch the momentum on and you must lower the rate.

# %% [markdown] tags=["D5", "D6"]
# ## What moves the limit?
#
# ### The data
#
# For a linear model the curvatures come from the data alone: they are the *eigenvalues* of $X^\top X/n$, one for each direction, and the largest gives the limit.
#
# Take 178 wines with 13 measurements. One, proline, counts in hundreds; another, hue, lies around one. Look at what the scale does to the limit.

# %% tags=["D6", "D7"]
from sklearn.datasets import load_wine
from sklearn.preprocessing import MinMaxScaler, StandardScaler

raw, _kind = load_wine(return_X_y=True)
versions = {
    "raw": raw,
    "Min-Max, each from 0 to 1": MinMaxScaler().fit_transform(raw),
    "standardised, mean 0 and deviation 1": StandardScaler().fit_transform(raw),
}
rows = ""
for name, x in versions.items():
    curvatures = np.linalg.eigvalsh(x.T @ x / len(x))  # the lowest first
    lowest, highest = curvatures[0], curvatures[-1]
    rows += f"| {name} | {highest:.3g} | {2 / highest:.2g} | {highest / lowest:.1e} |\n"
Markdown("| wine | λ_max | limit 2/λ_max | condition number |\n|---|---|---|---|\n" + rows)

# %% [markdown] tags=["D5", "D6"]
# The same wines, five powers of ten between the limits. Looking at the data before training tells you one thing about the rate: the **scale of the features**. Bring them to one scale, with mean and deviation from the *training* set only, or the test set has leaked into your model.

# %% [markdown] tags=["D7"]
# > **You will read** that this scaling is called "MiniMax". Let us check.
# > The name is **Min-Max** scaling, after the minimum and the maximum of each feature: `MinMaxScaler`, as in the cell above. *Minimax* is a word of game theory.

# %% [markdown] tags=["D13", "D16"]
# ### The network
#
# The curvature of a network changes from place to place, but we can measure it at one place. This function asks again and again how the gradient changes along a direction. The direction turns towards the steepest one, and `steepness` ends up as its curvature. You may skip its lines.


# %%
def steepness(problem, weights, rounds=20):
    everything = torch.arange(len(problem.x_train))[None]
    w = weights[None].requires_grad_(True)
    (gradient,) = torch.autograd.grad(problem.loss(w, everything).sum(), w, create_graph=True)
    direction = torch.ones_like(w)
    for _round in range(rounds):
        direction = direction / direction.norm()
        along = (gradient * direction).sum()
        (change,) = torch.autograd.grad(along, w, retain_graph=True)
        curvature, direction = (direction * change).sum().item(), change
    return curvature


# %% [markdown]
# We measure eight fresh networks, change one thing, and measure them again. Which change raises the steepness most, and which lowers it?

# %%
from dataclasses import replace

plain = digits(train_size=300)
x = plain.x_train
changed = {
    "pixels from 0 to 16 instead of 0 to 1": replace(plain, x_train=16 * x),
    "5 added to every pixel": replace(plain, x_train=x + 5),
    "each pixel minus its mean": replace(plain, x_train=x - x.mean(dim=0)),
    "two more hidden layers": digits(train_size=300, widths=(64, 64, 64, 64, 10)),
}

# %% tags=["nbval-ignore-output", "D13", "D16", "D6"]
before = [steepness(plain, plain.start(seed)) for seed in range(8)]
after = {
    name: [steepness(other, other.start(seed)) for seed in range(8)]
    for name, other in changed.items()
}
after["initial weights three times as large"] = [
    steepness(plain, 3 * plain.start(seed)) for seed in range(8)
]
times = {name: ratio_interval(values, before) for name, values in after.items()}
assert all(each.low > 1 for name, each in times.items() if "minus" not in name)
assert times["5 added to every pixel"].low > 5
assert times["each pixel minus its mean"].high < 0.5

rows = "\n".join(f"| {name} | {each} |" for name, each in times.items())
Markdown(f"| change | λ_max at the start, times as large |\n|---|---|\n{rows}")

# %% [markdown] tags=["D16"]
# A constant added to every pixel looks harmless, and raises the steepness far more than two hidden layers do. Subtracting the mean of each pixel lowers it. Does that matter in training? The claim to test is that it does not:

# %% tags=["nbval-ignore-output"]
finding = CLAIMS["input-offset"].run()
assert finding.is_as_taught
finding

# %% [markdown] tags=["D16"]
# The same network at the same rate, and it learns nothing.
#
# Large initial weights raise the curvature, too. The usual advice is a lower rate. The better one is to repair the initial weights: the standard initialisations exist for this reason.

# %% [markdown] tags=["D17", "K21"]
# ### A penalty
#
# > **You will read** that strong regularisation allows a higher rate, because it makes the gradients smaller. Let us check.
# > An L2 penalty $\alpha w^2/2$ adds $\alpha w$ to the gradient and $\alpha$ to every curvature. The limit becomes $2/(\lambda_\text{max} + \alpha)$: it **falls**. The next cell tries both sides of that limit, and shows that the gradient gets longer. (That a high rate is itself a kind of regularisation is a different statement.)

# %% tags=["D17"]
x = versions["standardised, mean 0 and deviation 1"]
curvature, at_random = x.T @ x / len(x), np.random.default_rng(0).normal(size=13)
top = np.linalg.eigvalsh(curvature)[-1]
rows = ""
for penalty in (0, 1, 5, 20):
    bent = curvature + penalty * np.eye(13)
    limit = 2 / (top + penalty)
    below, above = (
        np.abs(my_descent(at_random, share * limit, 400, slope=lambda w, h=bent: h @ w)[-1]).max()
        for share in (0.98, 1.02)
    )
    assert below < np.abs(at_random).max() < above
    length = np.linalg.norm(bent @ at_random)
    rows += f"| {penalty} | {limit:.3f} | arrives | is lost | {length:.1f} |\n"
head = "| penalty α | limit | just below | just above | length of the gradient |\n"
Markdown(head + "|---|---|---|---|---|\n" + rows)

# %% [markdown] tags=["D13"]
# ### Training itself
#
# We train with all data in each update, so without noise, at two rates. The higher one lies **above** $2/\lambda$ of the fresh network. By the rule of the bowl it must explode. Look at the steepness, and at the dotted lines: what each rate can bear.

# %% tags=["nbval-ignore-output", "D13"]
lrs, options = (0.2, 1.0), {"batch_size": 300, "keep_every": 10}
runs = {lr: train(plain, np.full((8, 120), lr), range(8), Sgd(), **options) for lr in lrs}
steep = {
    lr: [[steepness(plain, torch.tensor(w)) for w in weights] for weights in run.weights]
    for lr, run in runs.items()
}
steep = {lr: np.column_stack([before, each]) for lr, each in steep.items()}  # (seed, time)
assert mean_interval(before).low > 2 / 1.0
assert not runs[1.0].diverged.any()
assert steep[1.0][:, -1].max() < 2 / 1.0

marks = []
for style, (lr, each) in enumerate(steep.items()):
    marks += [Curve(f"η = {lr}", each.mean(axis=0), np.arange(0, 121, 10), style=style)]
    marks += [Rule(f"2/η for {lr}", y=2 / lr, style=style)]
show(
    plot_panel(time_panel(*marks, y=Axis("steepness λ_max, mean", 0, 11), steps=120), axes()),
    "The steepness over 120 updates, mean of eight networks. At rate 1.0 it starts above the "
    "dotted line of what the rate can bear and falls until it is below. At rate 0.2 it stays far "
    "below its own line.",
)

# %% [markdown]
# No network was lost. The high rate pushed the weights into a gentler place, below the line. So $2/\lambda$ is exact for a bowl; for a network it is a force. [Cohen and others](https://arxiv.org/abs/2103.00065) saw the other half: in larger networks the steepness *rises* until it hovers around $2/\eta$, the "edge of stability".
#
# Do not rely on it: far enough above the limit a network is lost, too. Section 06 shows how a warmup helps.

# %% [markdown] tags=["D8"]
# ### And wrong labels?
#
# They act on the noise, and so on the best rate *below* the limit. We train with momentum 0.9, at a rate that is good for clean digits and at a tenth of it. Read the rows one by one.

# %% tags=["nbval-ignore-output", "D8"]
finding = CLAIMS["label-noise-moves-the-rate"].run()
assert finding.is_as_taught
finding

# %% [markdown] tags=["D8", "D10", "D51"]
# With a constant rate the low one wins on noisy labels, and loses on clean ones. With a decay it does not win: a decay ends low in any case. Noise is an argument for **ending** low, not for starting low.
#
# Does Adam escape from this, as is often advised? The same question to Adam:

# %% tags=["nbval-ignore-output", "D10"]
from lrcourse.experiments import Adam, bowls

rows = ""
for noise, taught in ((0.0, "nothing to gain"), (0.2, "the lower rate wins")):
    two = bowls(
        digits(noise), {"Adam": Constant(1)}, [0.003, 0.03], range(24), 400, optimizer=Adam()
    )
    low, high = 100 * two.at_the_end("Adam")
    gain = paired_difference(low, high)
    assert gain.low > 0.5 if noise else gain.high < 0.5
    rows += f"| {noise} | **{gain}** | {taught} |\n"
head = "| share of wrong labels | accuracy at 0.003 minus at 0.03 (points) | |\n"
Markdown(head + "|---|---|---|\n" + rows)

# %% [markdown] tags=["D10", "D12"]
# Adam's rate has to follow the noise as that of SGD does. There is no rule "noisy data, so Adam".
#
# A larger batch is the other remedy. The mean of $B$ gradients has the variance $\sigma^2/B$, so four times the batch allows about four times the rate. That is the *linear rule* of SGD. Adam follows a square root more closely, and both rules end somewhere (section 10).

# %%
small = noisy.floor(0.02, batch_size=8)
large = noisy.floor(0.08, batch_size=32)
print(f"floor at rate 0.02 and batch  8: {small:.6f}")
print(f"floor at rate 0.08 and batch 32: {large:.6f}")

# %% [markdown] tags=["C3", "D1"]
# ## Adam: the same word, another meaning
#
# *Adaptive* methods keep a history of the gradients and divide by it, for each weight by itself. RMSprop divides by the root of the mean square. Adam also takes a mean above the line:
#
# $$w_{t+1} = w_t - \eta\,\frac{\text{mean of } g}{\sqrt{\text{mean of } g^2}}$$
#
# Make all gradients a thousand times larger: SGD's steps grow as much, Adam's stay. Look at the first step of each, at a rate of 0.1.

# %% tags=["D1"]
rows = ""
for gradient in (0.001, 1.0, 1000.0):
    steps = []
    for kind in (torch.optim.SGD, torch.optim.Adam):
        weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        weight.grad = torch.full_like(weight, gradient)
        kind([weight], lr=0.1).step()
        steps.append(abs(weight.item()))
    rows += f"| {gradient:g} | {steps[0]:g} | {steps[1]:.4f} |\n"
Markdown("| gradient | first step of SGD | of Adam |\n|---|---|---|\n" + rows)

# %% [markdown] tags=["C3", "D1"]
# For SGD the rate says how far to go **for a given slope**. For Adam it is nearly the length of the step itself. Their numbers cannot be compared.
#
# Adaptive does not mean that the rate takes care of itself. Adam has one rate for all weights, and a noise floor that goes with it:

# %% tags=["nbval-ignore-output", "C3"]
options = {"batch_size": 1, "test_every": 50, "chunk": 200}
late = {}
for lr in (0.1, 0.01):
    run = train(quadratic(), np.full((200, 1500), lr), range(200), Adam(), **options)
    late[lr] = run.test_losses[:, 15:].mean(axis=1)
times = ratio_interval(late[0.1], late[0.01])
assert times.low > 4
Markdown(f"Loss of Adam in the bowl at rate 0.1, over that at rate 0.01: **{times}**.")

# %% [markdown] tags=["D15", "D30", "D35", "D36", "D44"]
# ## Three optimizers, each at its own rate
#
# Clean digits, eight constant rates, the same trials for each optimizer. Look at how far apart the tops are from left to right, and how far from top to bottom.

# %% tags=["nbval-ignore-output", "D15", "D35", "D30"]
from lrcourse.experiments import Bowls
from lrcourse.plots import plot_bowls

eight = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]
optimizers = {"SGD": Sgd(), "SGD, m = 0.9": Momentum(0.9), "Adam": Adam()}
tried = {
    name: bowls(digits(), {name: Constant(1)}, eight, range(8), 400, optimizer=each).runs[name]
    for name, each in optimizers.items()
}
found = Bowls(np.array(eight), tried)
show(plot_bowls(found))

# %% tags=["nbval-ignore-output", "D15", "D30", "D35"]
best = {name: found.best_peak(name) for name in optimizers}
tuned = {name: 100 * found.tuned(name) for name in optimizers}
gap = paired_difference(tuned["Adam"], tuned["SGD, m = 0.9"])
assert best["Adam"] < best["SGD, m = 0.9"] < best["SGD"]
assert gap.low > -2
assert gap.high < 2

rows = ""
for name in optimizers:
    default = 100 * found.at_the_end(name)[eight.index(0.001)]  # PyTorch's for all three
    assert paired_difference(tuned[name], default).low > 0.3
    rows += (
        f"| {name} | {mean_interval(default)} | {mean_interval(tuned[name])} | {best[name]:g} |\n"
    )
head = "| accuracy (%) | at the default 0.001 | tuned | best of the eight |\n|---|---|---|---|\n"
Markdown(f"{head}{rows}\n\nAdam minus SGD with momentum, both tuned: **{gap}** points.")

# %% [markdown] tags=["D15", "K20"]
# > **You will read** that deep networks need an adaptive optimizer. Let us check.
# > The tops are at the same height, each at its own rate. [ResNet](https://arxiv.org/abs/1512.03385) and [Wide ResNet](https://arxiv.org/abs/1605.07146), which are deep, were trained by SGD with momentum. For Transformers Adam is far more practical, and nearly all are trained with it or its relatives. So it depends on the network.

# %% [markdown] tags=["D35"]
# > **You will read** that SGD with momentum generalises best but is hard to tune. Let us check.
# > This is disputed. [Wilson and others](https://arxiv.org/abs/1705.08292) found that adaptive methods generalise worse. [Choi and others](https://arxiv.org/abs/1910.05446) answered that with all settings tuned, the adaptive methods never did worse. In our run, with equal trials for all, we found no difference of two points or more. As for the tuning: all three needed it.

# %% [markdown] tags=["D30", "D33", "D34", "D36"]
# ## What PyTorch starts with
#
# Typical rates that you read are mostly somebody's defaults. Ask PyTorch itself:

# %% tags=["D30", "D32", "D34", "D36"]
import inspect

kinds = (torch.optim.SGD, torch.optim.RMSprop, torch.optim.Adam, torch.optim.AdamW)
shown = ("lr", "momentum", "alpha", "betas", "weight_decay")
rows = ""
for kind in kinds:
    known = inspect.signature(kind).parameters
    cells = [str(known[name].default) if name in known else "" for name in shown]
    rows += f"| {kind.__name__} | {' | '.join(cells)} |\n"
Markdown(f"| | {' | '.join(shown)} |\n|---|---|---|---|---|---|\n{rows}")

# %% [markdown] tags=["D30", "D33", "D34", "D36"]
# - Defaults are a start, not a recommendation. The run above shows what Adam's costs on the digits; large language models take less.
# - SGD has no momentum unless you ask for it. A rate such as 0.05 goes with $m = 0.9$ and with a batch size.
# - RMSprop starts at 0.01 with `alpha=0.99`. The pair 0.001 and 0.9, with an argument `rho`, belongs to Keras. That it suits "unstructured data" is also said; we found no source.

# %% [markdown] tags=["D31"]
# ## AdamW
#
# `weight_decay` pulls all weights towards zero. `Adam` adds the pull to the gradient, and so divides it by the history. `AdamW` keeps it out of the gradient.
#
# Two weights start at 1. The *idle* one has no gradient. The *noisy* one has a large random gradient, zero on average. Look at who decays.

# %% tags=["nbval-ignore-output", "D31", "D32"]
rows = ""
for kind in (torch.optim.Adam, torch.optim.AdamW):
    idle, restless = (torch.ones(200, requires_grad=True) for _ in range(2))  # 200 copies of each
    optimizer = kind([idle, restless], lr=0.001, weight_decay=0.1)
    generator = torch.Generator().manual_seed(0)
    for _step in range(1000):
        idle.grad = torch.zeros(200)
        restless.grad = 10 * torch.randn(200, generator=generator)
        optimizer.step()
    left = mean_interval(restless.detach().numpy())
    rows += f"| {kind.__name__} | {idle.mean():.3f} | {left} |\n"
    if kind is torch.optim.Adam:
        assert idle.max() < 0.5 < 0.9 < left.low
    else:
        assert abs(idle.mean() - left.mean) < 0.03

expected = (1 - 0.001 * 0.1) ** 1000
Markdown(
    f"| | idle | noisy |\n|---|---|---|\n{rows}\n\nPure decay leaves {expected:.3f} of a weight."
)

# %% [markdown] tags=["D31"]
# > **You will read** that AdamW makes L2 regularisation stronger. Let us check.
# > It **replaces** it: the decay is *decoupled* from the gradient ([Loshchilov and Hutter](https://arxiv.org/abs/1711.05101)). With L2 inside Adam the idle weight loses most of itself and the noisy one hardly anything. AdamW treats both alike, as the formula says.

# %% [markdown] tags=["D32"]
# Each update of AdamW removes the share $\eta\,\alpha$ of a weight, where $\alpha$ is `weight_decay`. So a schedule of the rate is a schedule of the decay, too. Ranges such as "from 0.0001 to 0.01" do not hold everywhere: [LLaMA 2](https://arxiv.org/abs/2307.09288) used 0.1.

# %% [markdown] tags=["D42", "D43", "D44", "D45"]
# ## Classical or deep?
#
# Often the world is divided in two: classical models are convex, with a constant rate and SGD; deep networks are not, with a schedule, a small rate and Adam. Let us ask scikit-learn which of its models has a rate at all.

# %% tags=["D43", "D45"]
from sklearn import cluster, ensemble, linear_model, neural_network

models = {
    linear_model.LogisticRegression: ("yes", "no rate: L-BFGS finds its own step"),
    linear_model.Lasso: ("yes", "no rate: coordinate descent"),
    linear_model.SGDClassifier: ("yes", "a rate with a schedule"),
    neural_network.MLPClassifier: ("no", "a rate, and Adam"),
    ensemble.GradientBoostingClassifier: ("no", "a rate, but it shrinks trees"),
    cluster.KMeans: ("no", "no rate: it averages"),
}
rows = ""
for model, (convex, words) in models.items():
    known = inspect.signature(model).parameters
    has = [f"`{k}={known[k].default!r}`" for k in ("solver", "learning_rate") if k in known]
    rows += f"| {model.__name__} | {convex} | {words} | {', '.join(has)} |\n"
Markdown(f"| model | convex? | rate | its defaults |\n|---|---|---|---|\n{rows}")

# %% [markdown] tags=["D42", "D43", "D45"]
# The border runs elsewhere. Linear and logistic regression are convex; trees, k-means, mixtures and matrix factorisation are classical and are not. Many classical models have no rate. The one that has, `SGDClassifier`, comes **with** a schedule: `optimal` falls like $1/t$. And deep networks are trained with SGD and momentum as well as with Adam.
#
# Is there a typical range of rates? Look at how far the published peaks spread within one optimizer.

# %% tags=["D44"]
from lrcourse.recipes import recipe

rows = ""
for name in ("wrn-cifar", "resnet50-goyal", "bert-base", "gpt3-125m", "gpt3-175b", "vit-imagenet"):
    one = recipe(name)
    rows += f"| {one.title} ({one.year}) | {one.family} | {one.peak_lr:g} |\n"
Markdown(f"| training | family | peak rate |\n|---|---|---|\n{rows}")

# %% [markdown] tags=["D44", "D3"]
# A rate without its optimizer, its batch and its model is half a number. There is a way to find the rate for *your* model: section 09.

# %% [markdown]
# ## What we saw
#
# 1. In a bowl each update multiplies the distance by $1 - \eta\lambda$. Below $1/\lambda$ it glides, up to $2/\lambda$ it zigzags and arrives, beyond it is lost. Far too low is slow, not stuck.
# 2. A constant rate with noise ends on a floor of about $\eta\sigma^2/4$. First travel, then settle: that takes a schedule.
# 3. Momentum $m$ hides a rate of $\eta/(1-m)$. More of it at the same rate means more noise.
# 4. The limit $2/\lambda$ moves with the scale and the offset of the data, with depth and initial weights, with an L2 penalty, and during training by itself.
# 5. For SGD the rate is a length per slope, for Adam nearly the length of a step. Tuned, they reached the same height on the digits; at their defaults nobody does.
#
# ## Three quick questions
#
# <details><summary>A bowl has curvatures 1, 4 and 50. What is the highest stable rate of gradient descent, and which direction will be slow?</summary>
#
# The largest curvature decides: $2/50 = 0.04$. At that rate the direction with curvature 1 keeps $1 - 0.04 = 0.96$ of its distance at each update. It is the slow one.
#
# </details>
#
# <details><summary>You train at rate 0.1 with momentum <code>0.9</code>. A colleague sets the momentum to <code>0.99</code> and changes nothing else. What did she do to the effective rate, and to the noise floor?</summary>
#
# The effective rate goes from 1 to 10, ten times as much, and the noise floor rises about ten times, too, if the training survives. With a tenth of the rate she would be back where she was.
#
# </details>
#
# <details><summary>The training loss is flat since the 20th epoch. You divide the rate by ten, and it falls at once. Was the network stuck in a local minimum?</summary>
#
# No. The large steps kept it above the bottom of its valley, by their noise or by zigzagging near the limit. Had it been stuck in a minimum, a smaller step would not have helped. Section 01 does this experiment.
#
# </details>
#
# ## Next
#
# [Section 01](01_step.ipynb) takes the simplest schedule that travels first and settles later. Back to the [map of the course](index.ipynb).
#
# ## Further reading
#
# - Robbins, Monro: *A Stochastic Approximation Method*, 1951. [doi 10.1214/aoms/1177729586](https://doi.org/10.1214/aoms/1177729586). Where it all began, with the two conditions.
# - Cohen, Kaur, Li, Kolter, Talwalkar: *Gradient Descent on Neural Networks Typically Occurs at the Edge of Stability*. [arXiv 2103.00065](https://arxiv.org/abs/2103.00065).
# - Dauphin and others: *Identifying and attacking the saddle point problem in high-dimensional non-convex optimization*. [arXiv 1406.2572](https://arxiv.org/abs/1406.2572).
# - Choi and others: *On Empirical Comparisons of Optimizers for Deep Learning*. [arXiv 1910.05446](https://arxiv.org/abs/1910.05446). How to compare two optimizers without fooling yourself.
