# %% [markdown]
# # 00 What the learning rate does
#
# **40 minutes.** You need a training loop that you understand, and nothing else. Take it in two sittings; a heading says where to pause.
#
# Welcome. A network learns by walking downhill, one small step after another. One number says how long the steps are. This lesson is about that number.
#
# After this lesson you can
#
# 1. say before you run it whether a rate creeps, converges, oscillates or diverges;
# 2. say why one constant rate is not enough;
# 3. find the rate that hides in a momentum;
# 4. name what moves the limit of the rate;
# 5. compare SGD with Adam, and read PyTorch's defaults.

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
# A ball lies on the side of a bowl, three units from the bottom. Each update moves it downhill: the steeper the place, the longer the move. The learning rate says how long exactly.
#
# A rate of 0.1 takes small steps towards the bottom. A rate of 1 gets there in one. What does a rate of 1.9 do?
#
# - **a)** The ball is lost. Beyond 1 every step goes too far.
# - **b)** It jumps over the bottom at every step, and still arrives.
# - **c)** It jumps between the same two heights for ever.
#
# Decide now. The next picture shows it.

# %% [markdown]
# ## Four fates
#
# *Gradient descent* is one line of code: ask for the slope, and move against it. Here it is, with a list that remembers the path. `lr` is the *learning rate*.


# %%
def my_descent(w, lr, steps, slope):
    path = [w]
    for _step in range(steps):
        w = w - lr * slope(w)
        path.append(w)
    return np.array(path)


# %% [markdown]
# Our bowl is $f(w) = w^2/2$, so its slope at $w$ is $w$. The ball starts at 3 and makes twelve updates at each of four rates. Look at the first and the third picture together.

# %%
from matplotlib.figure import Figure

from lrcourse.panels import Axis, Curve, Dots, Panel
from lrcourse.plots import plot_panel, show

ground = np.linspace(-5, 5, 101)
fates = {0.1: "creeps", 1.0: "converges", 1.9: "oscillates", 2.1: "diverges"}
figure = Figure(figsize=(11, 3.6), layout="constrained")
for ax, (lr, fate) in zip(figure.subplots(1, 4, sharey=True), fates.items(), strict=True):
    w = my_descent(3.0, lr, steps=12, slope=lambda w: w)
    bowl = Curve("", ground**2 / 2, ground, faint=True)
    jumps, ball = Curve("", w**2 / 2, w), Dots("", w, w**2 / 2)
    axis, height = Axis("weight w", -5, 5), Axis("loss f(w)" if lr == 0.1 else "", -0.5, 12)
    plot_panel(Panel(axis, height, (bowl, jumps, ball), title=f"η = {lr} {fate}"), ax)
    ax.set_xticks([-4, -2, 0, 2, 4])
show(
    figure,
    "Four bowls with the places of a ball after 0 to 12 updates. At 0.1 it creeps down one side, "
    "at 1 it is at the bottom after one update, at 1.9 it jumps from side to side and comes lower "
    "each time, at 2.1 it jumps higher each time and leaves the picture.",
)

# %% [markdown] tags=["B3", "C1", "D1", "D2", "D13"]
# ## The formula
#
# So the answer is **b**. In symbols the line of code is
#
# $$w_{t+1} = w_t - \eta\, g_t$$
#
# | symbol | in code | meaning |
# |---|---|---|
# | $t$ | `t` | updates already made |
# | $w_t$ | `w` | the weight, later all weights |
# | $g_t$ | `slope(w)` | the *gradient*: the slope of the loss at $w_t$ |
# | $\eta$ | `lr` | the learning rate, the Greek letter eta |
#
# With the gradient of a small random part of the data, a *batch*, gradient descent is called SGD: it is *stochastic*, which means random. Other optimizers, in the second sitting, have a learning rate, too.
#
# A bowl may be steeper: $f(w) = \lambda w^2/2$ has the slope $\lambda w$. The number $\lambda$ (lambda) is its *curvature*. Ours was 1. Put the slope into the update:
#
# $$w_{t+1} = w_t - \eta \lambda w_t = (1 - \eta\lambda)\, w_t$$
#
# Every update multiplies the distance by $1 - \eta\lambda$. From $1/\lambda$ to $2/\lambda$ this is negative: the ball changes sides and still arrives. Above $2/\lambda$ each step ends higher than the last: it *diverges*.
#
# **Remember $2/\lambda$**, the speed limit of this course. Here are more rates in our bowl. Compare 0.1 with 1.9.

# %%
rows = ""
for lr in (0.1, 0.5, 1.0, 1.5, 1.9, 2.0, 2.1):
    factor = 1 - lr
    fate = "arrives" if abs(factor) < 1 else "never arrives" if abs(factor) == 1 else "is lost"
    manner = "zigzags and " if factor < 0 else ""
    rows += f"| {lr} | {factor:.1f} | {3 * factor**12:.3f} | {manner}{fate} |\n"
Markdown("| η | 1 - ηλ | w after 12 updates | the ball |\n|---|---|---|---|\n" + rows)

# %% [markdown]
# ## The library and PyTorch
#
# The library trains many runs at once. Here is one, in the same bowl. It has to agree with your function.

# %%
from lrcourse.experiments import Sgd, quadratic, train

bowl = quadratic([1.0], noise=0)
run = train(bowl, np.full((1, 12), 1.9), seeds=[0], optimizer=Sgd(), keep_every=1)
mine = my_descent(1.0, 1.9, steps=12, slope=lambda w: w)
np.testing.assert_allclose(bowl.paths(run)[0, :, 0], mine, rtol=1e-12)
print("the limit of this bowl:", bowl.largest_stable_lr())

# %% [markdown] tags=["D2"]
# PyTorch's SGD does the same arithmetic. What does it say to a rate above the limit?

# %%
weight = torch.ones(1, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=2.1)
for _step in range(12):
    optimizer.zero_grad()
    (weight**2 / 2).sum().backward()
    optimizer.step()

np.testing.assert_allclose(weight.item(), my_descent(1.0, 2.1, 12, slope=lambda w: w)[-1])
print(f"after 12 updates w = {weight.item():.3f}, and no complaint")

# %% [markdown] tags=["D4"]
# PyTorch does not know the curvature of your loss, so nobody tells you the limit.
#
# The rate is an ordinary number in `optimizer.param_groups[0]["lr"]`. A *schedule* is a rule that changes it during training.
#
# > **You will read** that the learning rate is called "Ir". Let us check.
# > It is a small L: `lr`, for *learning rate*. The next cell tries the wrong letter, and then a rate below zero.

# %%
for wrong in ({"Ir": 0.1}, {"lr": -0.1}):
    try:
        torch.optim.SGD([weight], **wrong)
    except (TypeError, ValueError) as error:
        print(error)

# %% [markdown] tags=["A2", "D3", "D13"]
# ## Two directions, one rate
#
# A real loss has many directions, each with its own curvature. This ravine has curvature 20 across and 1 along. The largest, $\lambda_\text{max}$, sets the limit: $2/20$. Each walk makes 30 updates from the white circle. Look at where the three end.

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
# The steep direction sets the limit, and the flat one needs a high rate. The ratio of the two curvatures is the *condition number*: when it is large, the flat direction is slow at every stable rate.
#
# Is the limit that sharp? The course tests its claims by experiments, here from twelve random starts. The *seed* is the number that decides what is random. A *95% interval* is the range in which the true mean probably lies. A sentence counts only if the whole interval agrees. (A gain below zero is a fall.)

# %% tags=["nbval-ignore-output"]
from lrcourse.claims import CLAIMS

finding = CLAIMS["stability-edge"].run()
assert finding.is_as_taught
finding

# %% [markdown] tags=["B4", "D2"]
# ## Too low is slow, not stuck
#
# Now a real network: 64 inputs, one hidden layer, ten digits to tell apart. The lower the rate, the more updates it gets. The *test loss* is measured on digits that training never sees.
#
# Left, the first 300 updates. Right, all of them over $\eta\,t$, the rate times the updates.

# %% tags=["nbval-ignore-output", "B4"]
from lrcourse.experiments import digits, ratio_interval
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

same = ratio_interval(slow[0.01].test_losses[:, -1], slow[0.1].test_losses[:, -1])
assert same.low > 0.9
assert same.high < 1.1
print(f"last test loss at rate 0.01, over that at rate 0.1: {same}")
show(
    figure,
    "Left, the test loss over 300 updates at three rates: the lower the rate, the less it falls. "
    "Right, the same over the rate times the updates: the three curves lie on each other.",
)

# %% [markdown] tags=["B5", "C9"]
# Far below the limit the rate is a clock: a tenth of it walks the same road in ten times the time.
#
# > **You will read** that a rate that is too low gets trapped in a bad local minimum. Let us check.
# > This is disputed. The network above was not trapped: at a tenth of the rate it reached the same loss, later. In a toy with many wells it can happen (the explorer below has one). For large networks [Dauphin and others](https://arxiv.org/abs/1406.2572) suspect *saddle points*: nearly flat places, up in one direction and down in another, where training is slow and looks stuck.
#
# Nobody knows how near a large network is to a minimum. What can be measured is what limits the progress: the curvature, or the noise of the next section.

# %% [markdown] tags=["C24"]
# > **You will read** that a network stuck in a local minimum is overfitting. Let us check.
# > *Overfitting* is a low training loss with a rising test loss. A bad local minimum would show as a **high training loss** that does not fall. The next network gets only 300 digits, a fifth of them with a wrong label. It is not stuck: it fits even those.

# %% tags=["nbval-ignore-output", "C24"]
from lrcourse.experiments import mean_interval, paired_difference

few = digits(label_noise=0.2, train_size=300)
run = train(few, np.full((8, 1200), 0.5), seeds, Sgd(), batch_size=30, test_every=20)
training = run.losses.reshape(8, 60, 20).mean(axis=2)  # the mean of 20 updates

ax = axes(7, 3.2)
band(ax, run.test_steps, training, "training")
band(ax, run.test_steps, run.test_losses, "test")
ax.set(xlabel="optimizer update t", ylabel="loss")

fitted = mean_interval(training[:, -1])
rise = paired_difference(run.test_losses[:, -1], run.test_losses.min(axis=1))
assert fitted.high < 0.2
assert rise.low > 0.2
print(f"training loss at the end: {fitted}, rise of the test loss from its best: {rise}")
show(
    ax,
    "Over 1200 updates the training loss falls almost to zero, while the test loss falls at first "
    "and then rises.",
)

# %% [markdown] tags=["A1", "C9", "D14"]
# ## The noise floor
#
# A batch knows the slope only roughly: its gradient is the slope plus *noise*. We write $\sigma$ (sigma) for the standard deviation of the noise. Every update throws the weight about by $\eta\sigma$, and the bowl pulls it back, until the two are in balance. With $V$ for the variance of the weight, and $\lambda = 1$:
#
# $$V = (1-\eta)^2\, V + \eta^2\sigma^2 \qquad\text{so}\qquad V = \frac{\eta\,\sigma^2}{2 - \eta}$$
#
# The loss is $w^2/2$, so its mean stops at half of that:
#
# $$\text{floor} = \frac{\eta\,\sigma^2}{2\,(2 - \eta)}$$
#
# There is no time in it. **At a constant rate the loss falls to a floor and stays there, however long you train.** Here are a thousand walks at each of three rates. The dotted lines are the formula.

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
# > Without noise it does, below $2/\lambda$. With noise even this bowl ends on a floor of about $\eta\sigma^2/4$. The exception is a model that fits every example perfectly. There the noise fades, and the floor with it.

# %% [markdown] tags=["A1", "A2", "B2"]
# ## Why one constant is not enough
#
# A high rate forgets the start quickly and ends on a high floor. A low rate has a low floor and takes long to get there. So begin high and end low: **first travel, then settle.** That is the whole idea of a schedule.
#
# Here is the ravine with noise. Look at the loss at the end.

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
# The decay does both jobs. Does it always help? No. There must be noise to remove, and a rate that was high enough to travel. Section 01 measures both sides.

# %% [markdown] tags=["A1"]
# ## What the mathematicians asked for
#
# When does SGD arrive exactly, after infinitely many updates? [Robbins and Monro](https://doi.org/10.1214/aoms/1177729586) gave two conditions in 1951:
#
# $$\sum_t \eta_t = \infty \qquad\text{and}\qquad \sum_t \eta_t^2 < \infty$$
#
# The first lets the weights travel any distance, the second lets the noise average out. A constant rate breaks the second. Which do the usual schedules break?

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
# Only `InverseTimeDecay`, which falls like $1/t$, keeps growing on the left and settles on the right. Step, exponential and cosine decay break the **first** condition, on purpose: they are made for a budget that ends.

# %% [markdown] tags=["D9"]
# ## Momentum is a hidden rate
#
# Most people train with *momentum*: each step keeps a share $m$ of the one before.
#
# $$v_{t+1} = m\, v_t + g_t \qquad w_{t+1} = w_t - \eta\, v_{t+1}$$
#
# On a steady slope $v$ grows to $g/(1-m)$. So it moves like plain SGD at the rate
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

# %% [markdown] tags=["D9", "D36", "D51", "K25"]
# > **You will read** that noisy data call for more momentum. Let us check.
# > At the same rate more momentum means **more** noise, as the picture shows. Momentum 0.9 with a tenth of the rate has the floor of plain SGD. What helps against noise is a lower rate at the end, or a larger batch.
#
# Momentum is good for ravines: it raises the limit to $2(1+m)/\lambda$ and speeds up the flat direction. But a rate belongs to its momentum: $\eta = 0.05$ with $m = 0.9$, a common setting, is an effective 0.5.

# %% [markdown] tags=["B5", "B3", "D9"]
# ## Play
#
# The ravine as a map, with the loss and the rates below it. Choose an example from the list, then move the sliders.
#
# - "oscillates": raise the rate bit by bit, until the walk leaves the map. Where is the limit?
# - "noise floor": halve the noise. What happens to the floor? Put it back and halve the rate. What now?
# - "many wells, cold", then "many wells, warm at first": which finds the deepest well more often?

# %% tags=["nbval-ignore-output"]
from lrcourse.explore import explore
from lrcourse.explore.scenes import noisy_valley

explore(noisy_valley)

# %% [markdown] tags=["D5", "D6"]
# ## What moves the limit?
#
# ### The data
#
# For a linear model the curvatures come from the data alone: they are the *eigenvalues* of $X^\top X/n$, one for each direction.
#
# Take 178 wines with 13 measurements. One, proline, counts in hundreds; another, hue, lies around one. Look at what their scale does to the limit.

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

# %% [markdown] tags=["D5", "D6", "D7"]
# Between the limits lie about five powers of ten. So bring the **features to one scale**. Take mean and deviation from the *training* set only, or the test set leaks into your model.
#
# > **You will read** that this scaling is called "MiniMax". Let us check.
# > The name is **Min-Max** scaling, after the minimum and the maximum of each feature: `MinMaxScaler`, as in the cell above.

# %% [markdown] tags=["D13", "D16"]
# ### The network
#
# The curvature of a network changes from place to place, but we can measure it at one place. `largest_curvature` finds the steepest direction and its curvature λ_max, which we call *steepness*.
#
# Here we change one thing about eight fresh networks. Which changes raise the steepness most, and which lowers it?

# %% tags=["nbval-ignore-output", "D13", "D16", "D6"]
from dataclasses import replace

from lrcourse.experiments import largest_curvature

plain, deep = digits(train_size=300), digits(train_size=300, widths=(64, 64, 64, 64, 10))
x = plain.x_train
begin, deep_begin = (torch.stack([p.start(s) for s in range(8)]) for p in (plain, deep))
before = largest_curvature(plain, begin)

changed = {
    "pixels from 0 to 16 instead of 0 to 1": replace(plain, x_train=16 * x),
    "5 added to every pixel": replace(plain, x_train=x + 5),
    "each pixel minus its mean": replace(plain, x_train=x - x.mean(dim=0)),
}
after = {name: largest_curvature(other, begin) for name, other in changed.items()}
after["initial weights three times as large"] = largest_curvature(plain, 3 * begin)
after["two more hidden layers"] = largest_curvature(deep, deep_begin)

times = {name: ratio_interval(values, before) for name, values in after.items()}
assert all(each.low > 1 for name, each in times.items() if "minus" not in name)
assert times["5 added to every pixel"].low > times["two more hidden layers"].high
assert times["each pixel minus its mean"].high < 0.5

rows = "\n".join(f"| {name} | {each} |" for name, each in times.items())
Markdown(f"| change | λ_max at the start, times as large |\n|---|---|\n{rows}")

# %% [markdown] tags=["D16"]
# Against large initial weights a lower rate is the usual advice. Better is a standard initialisation.
#
# A constant added to every pixel looks harmless, and raises the steepness far more than two hidden layers do. The claim to test is that it does not matter. *Accuracy* is the share of digits that the network gets right; a *point* is one in a hundred.

# %% tags=["nbval-ignore-output"]
finding = CLAIMS["input-offset"].run()
assert finding.is_as_taught
finding

# %% [markdown] tags=["D17", "K21"]
# ### A penalty
#
# An *L2 penalty* $\alpha w^2/2$ is added to the loss to keep the weights small.
#
# > **You will read** that strong regularisation allows a higher rate, because it makes the gradients smaller. Let us check.
# > The penalty adds $\alpha w$ to the gradient and $\alpha$ to every curvature. The limit becomes $2/(\lambda_\text{max} + \alpha)$: it **falls**. The next cell tries both sides of it on the wines, and shows that the gradient gets longer. (That a high rate is itself a kind of regularisation is a different statement.)

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
# We train with all data in each update, so without noise. The higher of the two rates lies **above** $2/\lambda_\text{max}$ of the fresh network. By the rule of the bowl it must diverge. Look at the dashed curve and at the dotted line of its colour.

# %% tags=["nbval-ignore-output", "D13"]
lrs, options = (0.2, 1.0), {"batch_size": 300, "keep_every": 10}
runs = {lr: train(plain, np.full((8, 120), lr), range(8), Sgd(), **options) for lr in lrs}
steep = {
    lr: np.column_stack([before, largest_curvature(plain, run.weights)])  # (seed, time)
    for lr, run in runs.items()
}
assert mean_interval(before).low > 2 / 1.0
assert not runs[1.0].diverged.any()
assert steep[1.0][:, -1].max() < 2 / 1.0

marks = []
for style, (lr, each) in enumerate(steep.items()):
    marks += [Curve(f"η = {lr}", each.mean(axis=0), np.arange(0, 121, 10), style=style)]
    marks += [Rule(f"2/η = {2 / lr:g}", y=2 / lr, style=style)]
show(
    plot_panel(time_panel(*marks, y=Axis("steepness, mean of 8", 0, 11), steps=120), axes()),
    "The steepness over 120 updates, mean of eight networks. At rate 1.0 it starts above the "
    "dotted line of what the rate can bear and falls until it is below. At rate 0.2 it stays far "
    "below its own line.",
)

# %% [markdown]
# No network was lost. The high rate pushed the weights into a gentler place. But far enough above the limit training fails.
#
# [Cohen and others](https://arxiv.org/abs/2103.00065) saw the other half: in larger networks the steepness *rises* until it hovers around $2/\eta$, the "edge of stability".

# %% [markdown] tags=["D8"]
# ### And wrong labels?
#
# They act on the noise, and so on the best rate *below* the limit. With momentum 0.9 we try a rate that is good for clean digits, and a tenth of it. Read the rows one by one.

# %% tags=["nbval-ignore-output", "D8"]
finding = CLAIMS["label-noise-moves-the-rate"].run()
assert finding.is_as_taught
finding

# %% [markdown] tags=["D8", "D12", "D51"]
# At a constant rate the low one wins on noisy labels, and loses on clean ones. With a decay it does not win: a decay ends low in any case. Noise is an argument for **ending** low, not for starting low.
#
# A larger batch helps, too. The mean of $B$ gradients has the variance $\sigma^2/B$, so four times the batch allows about four times the rate on nearly the same floor: the *linear rule* of SGD. Section 10 shows where it ends.

# %% [markdown] tags=["C3", "D1"]
# ## Second sitting: the optimizers
#
# This is a good place for a pause. You know now what the number does to SGD.
#
# *Adaptive* methods divide by a history of the gradients, for each weight by itself. *RMSprop* divides by the root of the mean square. *Adam* also takes a mean above the line:
#
# $$w_{t+1} = w_t - \eta\,\frac{\text{mean of } g}{\sqrt{\text{mean of } g^2}}$$
#
# Look at the first step of each at a rate of 0.1, for three sizes of the gradient.

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
# For SGD the rate says how far to go **for a given slope**. For Adam the first step *is* the rate. Later steps are about as long while the gradients agree, and shorter where they are noise.
#
# Adaptive does not mean that the rate takes care of itself. Adam, too, has a noise floor that goes with the rate:

# %% tags=["nbval-ignore-output", "C3"]
from lrcourse.experiments import Adam

options = {"batch_size": 1, "test_every": 50, "chunk": 200}
late = {}
for lr in (0.1, 0.01):
    run = train(quadratic(), np.full((200, 1500), lr), range(200), Adam(), **options)
    late[lr] = run.test_losses[:, 15:].mean(axis=1)
times = ratio_interval(late[0.1], late[0.01])
assert times.low > 4
Markdown(f"Loss of Adam in the bowl at rate 0.1, over that at rate 0.01: **{times}**.")

# %% [markdown] tags=["D10"]
# "Noisy data, so Adam" is often advised. But its rate has to follow the noise, as that of SGD does:

# %% tags=["nbval-ignore-output", "D10"]
from lrcourse.experiments import bowls

rows = ""
for noise, taught in ((0.0, "nothing to gain"), (0.2, "the lower rate wins")):
    two = bowls(
        digits(noise), {"Adam": Constant(1)}, [0.003, 0.03], range(24), 400, optimizer=Adam()
    )
    low, high = 100 * two.at_the_end("Adam")
    gain = paired_difference(low, high)
    assert gain.low > 0.5 if noise else gain.high < 1
    rows += f"| {noise} | **{gain}** | {taught} |\n"
head = "| share of wrong labels | accuracy at 0.003 minus at 0.03 (points) | |\n"
Markdown(head + "|---|---|---|\n" + rows)

# %% [markdown] tags=["D15", "D30", "D35", "D36", "D44"]
# ## Three optimizers, each at its own rate
#
# Clean digits, eight constant rates, the same trials for each. Look at how far apart the tops are from left to right, and from top to bottom.

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
gaps = {name: paired_difference(tuned["Adam"], tuned[name]) for name in ("SGD", "SGD, m = 0.9")}
assert best["Adam"] < best["SGD, m = 0.9"] < best["SGD"]
assert all(gap.low > -2 and gap.high < 2 for gap in gaps.values())

rows = ""
for name in optimizers:
    default = 100 * found.at_the_end(name)[eight.index(0.001)]  # PyTorch's for all three
    assert paired_difference(tuned[name], default).low > 0.3
    rows += (
        f"| {name} | {mean_interval(default)} | {mean_interval(tuned[name])} | {best[name]:g} |\n"
    )
head = "| accuracy (%) | at the default 0.001 | tuned | best of the eight |\n|---|---|---|---|\n"
Markdown(
    f"{head}{rows}\n\nBoth tuned, Adam minus SGD: **{gaps['SGD']}** points, "
    f"and minus SGD with momentum: **{gaps['SGD, m = 0.9']}** points."
)

# %% [markdown] tags=["D15", "K20"]
# > **You will read** that deep networks need an adaptive optimizer. Let us check.
# > The tops are at the same height, each at its own rate. [ResNet](https://arxiv.org/abs/1512.03385) and [Wide ResNet](https://arxiv.org/abs/1605.07146), which are deep, were trained by SGD with momentum. For Transformers Adam is far more practical.

# %% [markdown] tags=["D35"]
# > **You will read** that SGD with momentum generalises best but is hard to tune. Let us check.
# > This is disputed. [Wilson and others](https://arxiv.org/abs/1705.08292) found that adaptive methods generalise worse; [Choi and others](https://arxiv.org/abs/1910.05446) that with all settings tuned they never did. In our run, with equal trials, we found no difference of two points or more. And all three needed the tuning.

# %% [markdown] tags=["D30", "D33", "D34", "D36"]
# ## What PyTorch starts with
#
# Typical rates are mostly somebody's defaults. Ask PyTorch itself:

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
# - Defaults are a start, not a recommendation. You saw what Adam's costs on the digits; large language models take less.
# - The pair 0.001 and 0.9 for RMSprop belongs to Keras. That it suits "unstructured data" is also said; we found no source.

# %% [markdown] tags=["D31"]
# ## AdamW
#
# `weight_decay` pulls all weights towards zero. `Adam` adds the pull to the gradient, and so divides it by the history. `AdamW` keeps it out of the gradient.
#
# Two weights start at 1. The *idle* one has no gradient, the *noisy* one a large random gradient. Which decays?

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

# %% [markdown] tags=["D31", "D32"]
# > **You will read** that AdamW makes L2 regularisation stronger. Let us check.
# > It **replaces** it: the decay is *decoupled* from the gradient ([Loshchilov and Hutter](https://arxiv.org/abs/1711.05101)). With L2 inside Adam the idle weight loses most of itself and the noisy one hardly anything. AdamW treats both alike.
#
# Each update of AdamW removes the share $\eta\,\alpha$ of a weight, where $\alpha$ is `weight_decay`. So a schedule of the rate also schedules the decay. The advice "from 0.0001 to 0.01" is too narrow: [LLaMA 2](https://arxiv.org/abs/2307.09288) used 0.1.

# %% [markdown] tags=["D42", "D43", "D44", "D45"]
# ## Classical or deep?
#
# You may read that classical models are convex and take a constant rate, and deep networks a schedule and Adam. Ask scikit-learn which of its models has a rate at all.

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

# %% [markdown] tags=["D3", "D42", "D43", "D44", "D45"]
# The border runs elsewhere. Trees, k-means, mixtures and matrix factorisation are classical and not convex. `SGDClassifier` has a rate, **with** a schedule: `optimal` falls like $1/t$. And deep networks are trained with SGD and momentum, too.
#
# Nor is there a typical range of rates. With SGD, [Wide ResNet](https://arxiv.org/abs/1605.07146) peaked at 0.1 and [ResNet-50 with large batches](https://arxiv.org/abs/1706.02677) at 3.2. With Adam, [GPT-3](https://arxiv.org/abs/2005.14165) used 0.0006 to 0.00006, the less the larger the model.
#
# A rate without its optimizer, batch and model is half a number. Section 09 shows how to find yours.

# %% [markdown]
# ## What we saw
#
# 1. In a bowl each update multiplies the distance by $1 - \eta\lambda$. Beyond $1/\lambda$ the ball zigzags, beyond $2/\lambda$ it is lost. Far too low is slow, not stuck.
# 2. A constant rate with noise ends on a floor of about $\eta\sigma^2/4$. First travel, then settle: that takes a schedule.
# 3. Momentum $m$ hides a rate of $\eta/(1-m)$. More of it at the same rate means more noise.
# 4. The limit $2/\lambda$ moves with the scale and the offset of the data, with depth and initial weights, with a penalty, and during training.
# 5. For SGD the rate is a length per slope, for Adam the length of the first step. Tuned, they reached the same height on the digits; no default did.

# %% [markdown] tags=["quiz"]
# ## Three quick questions
#
# Choose an answer. It opens and says why.
#
# **1. A bowl has the curvatures 1, 4 and 50. What is its limit, the rate below which every direction arrives?**
#
# - [ ] `2`, set by the curvature 1
#   That is the limit of the flattest direction alone. All directions share one rate, and at `2` the steepest multiplies its distance by 1 − 100 = −99.
# - [ ] about `0.11`, set by the mean of the three
#   A mean sounds fair, but each direction has its own limit. At this rate the steepest ends more than four times as far out at each update.
# - [x] `0.04`, set by the curvature 50
#   The steepest direction decides: 2/50. The flattest is then slow: even at this rate it would keep `0.96` of its distance at each update.
# - [ ] `0.02`, set by the curvature 50
#   That is 1/50, where the steepest direction arrives in one update. Beyond it this direction zigzags, and up to twice that rate it still arrives.
#
# **2. A colleague raises the momentum from `0.9` to `0.99` and keeps the rate. What has she done?**
#
# - [ ] She has calmed the noise: a longer memory averages more gradients.
#   Momentum adds up the gradients, and does not divide by their number. In all, each of them moves the weights ten times as far now, noise included.
# - [x] She has made the effective rate ten times as high.
#   1 − m falls from `0.1` to `0.01`. The noise floor rises about as much, if the training survives. A tenth of the rate undoes it.
# - [ ] She has made the effective rate a tenth higher.
#   `0.99` is indeed a tenth more than `0.9`. But the effective rate is η/(1 − m), and what counts there is how near m is to 1.
#
# **3. The training loss is flat. You divide the rate by ten, and the loss falls at once. What had kept it up?**
#
# - [x] The steps: they were too long to settle any lower.
#   By their noise, or by zigzagging near the limit, they kept the weights above the bottom. Shorter steps settle lower.
# - [ ] A local minimum: the shorter steps found the way out.
#   A flat loss does look stuck. But the way out of a local minimum leads up first, and shorter steps climb less far.
# - [ ] The network: it had learned all that it could.
#   A flat loss can mean that, too. But then no rate would have brought it lower, and a lower rate did so at once.

# %% [markdown]
# ## Next
#
# Now try it yourself: [exercises of section 00](../exercises/00_learning_rate.ipynb). [Section 01](01_step.ipynb): the first schedule that travels, then settles. Back to the [map of the course](index.ipynb).
#
# ## Further reading
#
# - Robbins, Monro: *A Stochastic Approximation Method*. [doi 10.1214/aoms/1177729586](https://doi.org/10.1214/aoms/1177729586). Where it all began.
# - Choi and others: *On Empirical Comparisons of Optimizers for Deep Learning*. [arXiv 1910.05446](https://arxiv.org/abs/1910.05446). How to compare optimizers fairly.
