# %% [markdown]
# # 10 Batch size
#
# **30 minutes.** You need a training loop that you understand. Section 06 (warmup) helps.
#
# After this lesson you can
#
# 1. carry a rate over to another batch size, with the rule of your optimizer, and say where the rule comes from;
# 2. say how far the rule reaches, and measure the batch size at which it ends;
# 3. carry the warmup over, too, and count it in updates;
# 4. compute the trust ratio of LARS, and say what it does not do for you;
# 5. find the two slips that change the rate without anybody noticing.

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
# You have tuned a rate of 0.1 at a batch of 256. Now you get four times the machines, and a batch of 1024. You want the same loss after each epoch as before. With plain SGD, which rate do you take?
#
# - **a)** `0.1`, as before. The gradient is still an average.
# - **b)** `0.2`, the square root of four times as much.
# - **c)** `0.4`, four times as much.
#
# And would you answer the same for Adam? Decide now.

# %% [markdown]
# ## The formulas
#
# The batch becomes $k$ times as large. Two rules are in use:
#
# $$\text{linear: } \eta' = k\,\eta \qquad\qquad \text{square root: } \eta' = \sqrt{k}\,\eta \qquad\qquad k = B'/B$$
#
# | symbol | name in code | meaning |
# |---|---|---|
# | $\eta,\ \eta'$ | `lr` | the rate before and after |
# | $B,\ B'$ | `batch`, `new_batch` | examples per update, before and after |
# | $k$ | `k` | how many times the batch |
#
# With $k$ times the batch, an epoch has only $1/k$ of the updates in it.


# %%
def my_rule(lr, batch, new_batch, exponent):
    return lr * (new_batch / batch) ** exponent


from lrcourse.batch_size import linear_rule, sqrt_rule

assert np.isclose(my_rule(0.1, 256, 1024, exponent=1), linear_rule(0.1, 256, 1024))
assert np.isclose(my_rule(0.1, 256, 1024, exponent=0.5), sqrt_rule(0.1, 256, 1024))
print(f"linear {linear_rule(0.1, 256, 1024):.1f}, square root {sqrt_rule(0.1, 256, 1024):.1f}")

# %% [markdown]
# torch has neither. It does not know at which batch you tuned. When more devices join, `DistributedDataParallel` averages their gradients, and the rate stays what it was.
#
# ## Where the linear rule comes from
#
# Take four updates with 16 examples each, and one update with the same 64 examples at four times the rate. If the weights hardly move in between, the four gradients are those of the four quarters, and their sum is the same. Here it is for a linear model with squared loss:

# %% tags=["A67"]
rng = np.random.default_rng(0)
x, y = rng.standard_normal((64, 5)), rng.standard_normal(64)


def after_updates(lr, batch):
    w = np.ones(5)
    for start in range(0, 64, batch):
        xs, ys = x[start : start + batch], y[start : start + batch]
        w = w - lr * xs.T @ (xs @ w - ys) / batch
    return w


for lr in (0.001, 0.01, 0.1):
    small, large = after_updates(lr, batch=16), after_updates(4 * lr, batch=64)
    apart = np.linalg.norm(small - large) / np.linalg.norm(small - 1)
    print(f"rate {lr:<5}  the two ends differ by {apart:.1%} of the way")

# %% [markdown] tags=["A67"]
# So the linear rule is nearly exact while the steps are short, and breaks when they are long. That is its first condition. The second is about noise, and comes below.
#
# ## Where the square root comes from
#
# Adam divides the mean of the gradients by their typical size $\sqrt{v}$. A gradient is a *signal*, the true direction, plus *noise*. In a batch of $B$ the noise is $\sqrt{B}$ times smaller. How far does one update of Adam go along the signal, at the same rate?

# %% tags=["A68"]
signal, noise = 0.01, 1.0  # of one example: the noise is a hundred times the signal
batches = 4 ** np.arange(0, 11, 2)
progress = signal / np.sqrt(signal**2 + noise**2 / batches)
for batch, way in zip(batches, progress, strict=True):
    print(f"batch {batch:8,}   progress of an update {way:.3f}")

# %% [markdown] tags=["A68"]
# Each row has 16 times the batch of the row above. At the top the progress grows fourfold, because the noise in the divisor shrinks. But this update replaces 16. Adam itself does a factor of 4, and the rate has to do the other 4: $\sqrt{k}$.
#
# At the bottom the noise is gone, the progress is 1, and more examples change nothing. There the rate would have to do everything: $k$.
#
# The argument fails for plain SGD, because SGD divides by nothing.

# %% [markdown] tags=["D49"]
# ## The square root for SGD?
#
# There is an older argument for the square root, made for SGD ([Krizhevsky 2014](https://arxiv.org/abs/1404.5997)). The noise of **one update** has the variance $\eta^2\sigma^2/B$. To keep it when $B$ grows, $\eta$ must grow as $\sqrt{B}$.
#
# But nobody trains for one update. An **epoch** of $N$ examples has $N/B$ of them, and their variances add up: $\frac{N}{B}\cdot\frac{\eta^2\sigma^2}{B}$. To keep that, $\eta$ must grow as $B$. Which argument wins? Let us train.

# %% [markdown]
# ## The experiment
#
# A small network learns the signals of [the laboratory](laboratory.ipynb) for ten epochs, with batches of 16. Then with batches of 64: at the same rate, at twice the rate, and at four times. Six networks each. Which of the three follows the first curve?

# %%
from lrcourse.experiments import Adam, Sgd, signals, train

problem, epochs, seeds = signals(train_size=1024, test_size=500), 10, range(6)


def epoch_losses(optimizer, lr, batch):
    """The mean training loss of each epoch: (seeds, epochs)"""
    lrs = np.full((len(seeds), epochs * 1024 // batch), lr)
    run = train(problem, lrs, seeds, optimizer, batch)
    return run.losses.reshape(len(seeds), epochs, -1).mean(2)


times = {"same rate": 1, "square root": 2, "linear": 4}
curves = {}
for name, optimizer, lr in (("SGD", Sgd(), 0.01), ("Adam", Adam(), 0.001)):
    curves[name] = {"batch 16": epoch_losses(optimizer, lr, 16)}
    curves[name] |= {rule: epoch_losses(optimizer, lr * k, 64) for rule, k in times.items()}

# %% tags=["A67", "nbval-ignore-output"]
from lrcourse.panels import Axis, Curve, Panel, View
from lrcourse.plots import plot_view, show

panels = []
for name, lines in curves.items():
    at = np.arange(epochs) + 0.5
    marks = [Curve(rule, lines[rule].mean(0), at, style) for style, rule in enumerate(lines)]
    x = Axis("epoch", low=0, high=epochs)
    panels.append(Panel(x, Axis("training loss", low=1.2, high=3), tuple(marks), title=name))
show(
    plot_view(View(tuple(panels), "")),
    "Training loss over ten epochs. With SGD the curve of batch 64 at four times the rate lies on "
    "that of batch 16, the others above it. With Adam the curve at twice the rate lies on it, four "
    "times the rate is below, the same rate above.",
)

# %% [markdown]
# At the same rate, with a quarter of the updates, both optimizers fall behind. In numbers: the mean distance from the curve of batch 16.

# %% tags=["A67", "A77", "D49", "nbval-ignore-output"]
from lrcourse.experiments import mean_interval, ratio_interval

apart = {
    name: {rule: np.abs(lines[rule] - lines["batch 16"]).mean(1) for rule in times}
    for name, lines in curves.items()
}
assert ratio_interval(apart["SGD"]["linear"], apart["SGD"]["square root"]).high < 0.1
assert ratio_interval(apart["Adam"]["linear"], apart["Adam"]["square root"]).low > 2
rows = "\n".join(
    f"| {rule} | " + " | ".join(str(mean_interval(apart[name][rule])) for name in apart) + " |"
    for rule in times
)
Markdown(f"| distance in loss | SGD | Adam |\n|---|---|---|\n{rows}")

# %% [markdown] tags=["D49", "D55", "K1"]
# > **You will read** that the new rate is the old one times the square root of the ratio of the batches. Let us check.
# > It depends on the optimizer, and people disagree because they mean different ones. With Adam and RMSprop the square root is the right first guess: it was derived by [Malladi et al. 2022](https://arxiv.org/abs/2205.10287), who scale the betas, too. With plain SGD our run puts the linear rule far ahead: its distance from the old curve is less than a tenth of that of the square root.
# > So the answers to the question are **c** for SGD and **b** for Adam.

# %% [markdown] tags=["A68", "A77"]
# ## A first guess, not a duty
#
# Other notes say that the rate **must** grow in proportion to the batch. For Adam that is wrong, as its column in the table shows (claim `one-rule-for-all-optimizers`, which *depends*). For SGD it is where a search begins, for three reasons:
#
# - the steps must stay short (the last line of the linear model above);
# - the noise must dominate (below);
# - early in training a high rate needs a warmup. In [Bag of Tricks](https://arxiv.org/abs/1812.01187) the linear rule alone, from a batch of 256 to 1024, lost accuracy.
#
# So: apply the rule of your optimizer, then train at half of it, at it, and at twice it.
#
# ## How far does it reach?
#
# For each batch size we look for the best constant rate of plain SGD by trying a grid, in six epochs. The linear rule starts from the best rate of batch 8.

# %% tags=["A67", "A68", "nbval-ignore-output"]
grid = 2.0 ** np.arange(-4, 1.6, 0.5)
best = {}
for batch in (8, 32, 128, 512):
    lrs = np.repeat(grid, 4)[:, None] * np.ones(6 * 1024 // batch)
    run = train(problem, lrs, [*range(4)] * len(grid), Sgd(), batch)
    seen = np.where(run.losses < 100, run.losses, 100.0)  # also where a run diverged
    losses = seen.mean(1, dtype=float).reshape(len(grid), 4)
    best[batch] = grid[losses.argmin(axis=0)]  # of each seed

first = np.exp(np.log(best[8]).mean())
assert 2 < ratio_interval(best[32], best[8]).mean < 6
assert ratio_interval(best[512], best[8]).high < 12  # the linear rule says 64
rows = "\n".join(
    f"| {batch} | {np.exp(np.log(each).mean()):.2g} | {linear_rule(first, 8, batch):.2g} |"
    for batch, each in best.items()
)
Markdown(f"| batch | best rate (mean of 4 seeds) | linear rule |\n|---|---|---|\n{rows}")

# %% [markdown]
# From 8 to 32 the linear rule is about right. Then the best rate falls behind, and at 512 the rule promises many times too much. What ends it?
#
# ## The noise scale
#
# Look at the gradient $g_B$ of a batch of $B$ examples. Its squared length has two parts:
#
# $$\mathbb{E}\,|g_B|^2 = |G|^2 + \frac{\operatorname{tr}\Sigma}{B}$$
#
# $G$ is the gradient of the whole loss, the signal. $\operatorname{tr}\Sigma$ is the variance of the gradient of one example, summed over all weights, the noise. The two parts are equal at the batch size
#
# $$B_\text{noise} = \frac{\operatorname{tr}\Sigma}{|G|^2}$$
#
# It is called the *gradient noise scale* ([McCandlish et al. 2018](https://arxiv.org/abs/1812.06162)). Far below it a gradient is mostly noise, and more examples help. Far above it a gradient is mostly signal, and more examples are wasted.
#
# Neither part is known, but measure $|g|^2$ at two batch sizes and you have two equations for them:


# %%
def my_noise_scale(small_norm, big_norm, small, big):
    trace = (small_norm - big_norm) / (1 / small - 1 / big)
    return trace / (small_norm - trace / small)


from lrcourse.batch_size import noise_scale

rng = np.random.default_rng(0)
G = 0.1 * np.ones(100)  # |G|² = 1, and one example has a noise of variance 1 in 100 directions


def squared_norms(batch):
    g = G + rng.standard_normal((2000, 100)) / np.sqrt(batch)
    return (g**2).sum(axis=1)


small_norms, big_norms = squared_norms(16), squared_norms(128)
mine = my_noise_scale(small_norms.mean(), big_norms.mean(), 16, 128)
assert np.isclose(mine, noise_scale(small_norms, big_norms, 16, 128).scale)
print(f"estimated {mine:.0f}, true {100 / (G @ G):.0f}")

# %% [markdown] tags=["D11"]
# ## More data, larger batches?
#
# "The more samples you have, the larger the batch that is stable." But the size of the data set is not in the formula. We measure with 512 examples and with 4096, on six untrained networks.

# %% tags=["D11", "nbval-ignore-output"]
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from lrcourse.batch_size import measure_noise_scale


def network(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(40, 64), nn.ReLU(), nn.Linear(64, 10))


def batches_of(size, examples, seed=0):
    problem = signals(train_size=examples, test_size=10)
    data = TensorDataset(problem.x_train, problem.y_train)
    order = torch.Generator().manual_seed(seed)
    return DataLoader(data, batch_size=size, shuffle=True, drop_last=True, generator=order)


loss_fn = nn.CrossEntropyLoss()
scales = {
    examples: [
        measure_noise_scale(network(seed), loss_fn, batches_of(16, examples), group=8).scale
        for seed in range(6)
    ]
    for examples in (512, 4096)
}
more_data = ratio_interval(scales[4096], scales[512])
assert more_data.low > 0.4
assert more_data.high < 2.5
Markdown(f"Noise scale with eight times the data, over that without: **{more_data}**.")

# %% [markdown] tags=["D11"]
# Eight times the data, and no change of that order. What does change the scale is the **training**, because the signal fades against the noise:

# %% tags=["nbval-ignore-output"]
early, late = [], []
for seed in range(6):
    model, loader = network(seed), batches_of(16, 2048, seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    early.append(measure_noise_scale(model, loss_fn, loader, group=32, repeats=16, t=0).scale)
    for _epoch in range(4):
        for x, y in loader:
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            optimizer.step()
    last = measure_noise_scale(model, loss_fn, loader, group=32, repeats=16, t=512)
    late.append(last.at_least if np.isinf(last.scale) else last.scale)

growth = ratio_interval(late, early)
assert growth.low > 1.3
Markdown(f"Noise scale after 512 updates, over that before the first: **{growth}**.")

# %% [markdown]
# So the useful batch size grows during training, and some published recipes let the batch grow (section 11).
#
# ## The law that bends
#
# For one step of SGD, the best rate can be computed. It *saturates*, which means that it stops rising:
#
# $$\eta(B) = \frac{\eta_\text{max}}{1 + B_\text{noise}/B}$$
#
# Far below the noise scale this is the linear rule. At it, the rate is half of $\eta_\text{max}$. Far above, the batch does not matter any more.

# %% tags=["A68"]
from lrcourse.batch_size import saturating_rate
from lrcourse.plots import plot_critical_batch

batches = np.array([1, 10, 100, 1000, 10_000])
np.testing.assert_allclose(
    saturating_rate(0.5, batches, noise_scale=100), 0.5 / (1 + 100 / batches), rtol=1e-12
)
show(plot_critical_batch(100, max_lr=0.5))

# %% [markdown]
# The lower picture is the bill. A small batch takes many **updates**, which is time. A large one takes many **examples**, which is money. At the noise scale you pay twice the least of both, so it is also called the *critical batch size*.
#
# Trust it as an order of magnitude. In our measurement the best rate of a whole training stopped rising in proportion at a smaller batch than the noise scale promised (claim `noise-scale-promises-too-much`, which holds). Curvature, too, limits a rate that must serve all updates.
#
# ## Play
#
# The lines are the rules, the dots are the best rates of a small network that trains while you play. Try to
#
# - drag the line `B_noise` to 10, to 200, and back to where the saturating curve meets the dots;
# - choose "our network, Adam": which line do the dots follow now, and do they follow it to the end?
# - choose "ImageNet in one hour", and read what the text below the picture warns of.

# %% tags=["nbval-ignore-output"]
from lrcourse.explore import explore
from lrcourse.explore.scenes import batch_size

explore(batch_size, new_batch=512)

# %% [markdown] tags=["A69", "A70"]
# ## ImageNet in one hour
#
# The famous case of the linear rule is [Goyal et al. 2017](https://arxiv.org/abs/1706.02677): ResNet-50, SGD with momentum. They start from a rate of 0.1 at a batch of 256, without warmup. At 8192 they take the rate of the rule, after a *gradual warmup*: a straight line from the old rate to the new one, over 5 epochs. In updates:

# %% tags=["A69", "A70", "E31"]
from lrcourse.batch_size import epochs_to_updates, gradual_warmup

images = 1_281_167  # the training set of ImageNet
rows = ""
for batch in (256, 1024, 8192, 32768):
    rate = linear_rule(0.1, 256, batch)
    rows += f"| {batch} | {rate:g} | {epochs_to_updates(5, images, batch):,} |\n"
warmup = gradual_warmup(0.1, 256, 8192, images)
assert (warmup.peak_lr, warmup.steps) == (linear_rule(0.1, 256, 8192), 5 * images // 8192)
Markdown(f"| batch | rate by the linear rule | updates in 5 epochs |\n|---|---|---|\n{rows}")

# %% [markdown] tags=["E31"]
# Read the last column downwards. "The larger the batch, the longer the warmup", say many notes. Here it is 5 epochs whatever the batch, and so **fewer** updates at a larger one. What grows is the rate that it leads to:

# %% tags=["E31"]
from lrcourse.plots import plot_rates

ax = plot_rates(
    batch_1024=gradual_warmup(0.1, 256, 1024, images),
    batch_4096=gradual_warmup(0.1, 256, 4096, images),
    batch_8192=warmup,
    steps=2000,
)
show(
    ax,
    "Three gradual warmups from 0.1: to 0.4 at a batch of 1024, still on its way after 2000 "
    "updates; to 1.6 at 4096 in about 1500 updates; to 3.2 at 8192 in about 800.",
)

# %% [markdown] tags=["E31"]
# Is it the batch that needs the warmup, or the rate? At the **same** rate, our small transformer needs it at the smaller batch rather than at the larger one (claim `larger-batch-needs-warmup`, which does not hold at this scale). So it is the rate that asks for it.
#
# Adam is another matter. Its running means need a number of **updates** to settle, about $2/(1-\beta_2)$, whatever the batch. So with Adam the warmup keeps its updates and becomes a larger share of the training (claim `adam-warmup-keeps-its-updates`, which holds).
#
# ## The whole recipe
#
# Rate, length, warmup, milestones: `rescale` carries them all over to the new batch, and says what it leaves alone.

# %% tags=["A70", "A77"]
from lrcourse.batch_size import Training, rescale

goyal = Training("sgd", peak_lr=0.1, batch=256, samples=90 * images)
rescaled = rescale(goyal, batch=8192)
assert np.isclose(rescaled.peak_lr, 3.2)
for change in rescaled.changes:
    print(f"{change.name}: {change.was:,.6g} → {change.now:,.6g}")
for left in rescaled.left:
    print("left alone:", left)

# %% [markdown] tags=["A71"]
# ## LARS and LAMB
#
# For very large batches two optimizers are often named. [LARS](https://arxiv.org/abs/1708.03888) is reported to train ResNet-50 at a batch of 32 thousand, and [LAMB](https://arxiv.org/abs/1904.00962) BERT at the same. Nothing of that size runs on a laptop. There is no single figure for "their warmup", because LAMB changes its warmup with the batch.
#
# Their idea is small: each **layer** gets a rate of its own, so that its step is a fixed share of the length of its weights. LARS multiplies the gradient $g$ of a layer with weights $w$ by the *trust ratio*, with a small constant `trust`:
#
# $$q = \text{trust}\cdot\frac{|w|}{|g|}$$
#
# Here it is, for one update of our network:

# %% tags=["A72"]
from collections import defaultdict

from lrcourse.experiments import Lars
from lrcourse.experiments.optimizers import Layers, Moment

weights = problem.start(seed=0)[None].double()  # (1, P): one network, all layers in a row
exact = signals(train_size=1024, test_size=10, dtype=torch.float64)
w = weights.clone().requires_grad_()
(gradient,) = torch.autograd.grad(exact.loss(w, torch.arange(64)[None]).sum(), w)

shapes = exact.shapes
sizes = [int(np.prod(shape)) for shape in shapes.values()]
mine = []
for name, w, g in zip(shapes, weights[0].split(sizes), gradient[0].split(sizes), strict=True):
    q = 0.02 * w.norm() / g.norm() if "weight" in name else torch.tensor(1.0)  # not for biases
    mine.append(w - 0.5 * q * g)
    print(f"{name:8}  |w| = {w.norm():6.2f}   |g| = {g.norm():5.2f}   q = {q:.2f}")

# %% [markdown]
# One ratio for each layer, not for each weight. The library's optimizer makes the same step:

# %% tags=["A72"]
now = Moment(
    1,
    torch.tensor([[0.5]]),
    torch.tensor([[0.0]]),
    defaultdict(lambda: torch.zeros_like(weights)),
    Layers.of(shapes, weights.device),
)
stepped = weights.clone()
Lars(momentum=0.0, trust=0.02).update(stepped, gradient, now)
torch.testing.assert_close(stepped[0], torch.cat(mine))
print("one update of LARS: the same", stepped.shape[1], "weights")

# %% [markdown]
# The 0.5 in both cells is a learning rate. It is still there. Does it need tuning?

# %% tags=["A72", "nbval-ignore-output"]
from lrcourse.claims import CLAIMS

finding = CLAIMS["lars-needs-no-tuning"].run()
assert finding.is_as_taught
finding

# %% [markdown] tags=["A72"]
# > **You will read** that LARS and LAMB solve the retuning for another batch size automatically, for each parameter. Let us check.
# > They rescale for each **layer**, and keep a rate of their own that must be tuned: in the cell above, eight times the rate changes the result by many points. And they are used with a warmup.
# > With the same care, [Nado et al. 2021](https://arxiv.org/abs/2102.06356) matched them at the same batch sizes with Nesterov momentum and with Adam.

# %% [markdown]
# That does not make them useless. On a deep network without normalization, at a batch of 1024, both end higher than momentum here (claim `layer-rates-help-large-batches`, which holds).

# %% [markdown]
# ## Batch instead of decay
#
# Decaying the rate calms the noise of the steps. So does a larger batch. [Smith et al. 2017](https://arxiv.org/abs/1711.00489) asked: why not raise the batch and leave the rate alone? Six networks train for eight epochs with batches of 16. Then each goes on for two epochs, in three ways from the same weights.

# %% tags=["nbval-ignore-output"]
import copy


def go_on(model, batch, lr, epochs, seed):
    loader = batches_of(batch, 2048, seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _epoch in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            optimizer.step()
    with torch.no_grad():
        return loss_fn(model(loader.dataset.tensors[0]), loader.dataset.tensors[1]).item()


ways = {
    "as before": (16, 0.3),
    "a quarter of the rate": (16, 0.075),
    "four times the batch": (64, 0.3),
}
ends = {name: [] for name in ways}
for seed in range(6):
    model = network(seed)
    go_on(model, 16, 0.3, epochs=8, seed=seed)
    for name, (batch, lr) in ways.items():
        ends[name].append(go_on(copy.deepcopy(model), batch, lr, epochs=2, seed=100 + seed))

# %% tags=["nbval-ignore-output"]
from lrcourse.experiments import paired_difference

base = ends["as before"]
gains = {name: paired_difference(base, ends[name]) for name in list(ways)[1:]}
assert all(gain.low > 0 for gain in gains.values())
between = paired_difference(ends["a quarter of the rate"], ends["four times the batch"])
assert -0.03 < between.low < between.high < 0.03
told = "\n".join(f"- {name}: lower by **{gain}**" for name, gain in gains.items())
Markdown(f"Loss on the training set, against going on as before:\n\n{told}")

# %% [markdown]
# Both lower the loss, and by a similar amount. With the larger batch these two epochs have a quarter of the updates. With many machines that is time won; on one laptop it is not.

# %% [markdown]
# ## Trap 1: the sum
#
# Your memory is too small for a batch of 64, so you *accumulate*: four backward passes of 16, then one update. torch adds up gradients. Forget to divide, and the gradient is four times as long:

# %%
model = network(0)
x, y = signals(train_size=64, test_size=10).x_train, signals(train_size=64, test_size=10).y_train


def gradient_length(parts, divide_by):
    model.zero_grad()
    for xs, ys in zip(x.split(64 // parts), y.split(64 // parts), strict=True):
        (loss_fn(model(xs), ys) / divide_by).backward()
    return torch.cat([p.grad.flatten() for p in model.parameters()]).norm().item()


whole = gradient_length(parts=1, divide_by=1)
for divide_by in (4, 1):
    longer = gradient_length(parts=4, divide_by=divide_by) / whole
    print(f"four parts, each divided by {divide_by}: {longer:.2f} times the gradient of the whole")

# %% [markdown]
# With SGD that is the linear rule, applied by accident. With Adam next to nothing happens, because it divides by the size. (A loss with `reduction="sum"` is the same slip.)
#
# ## Trap 2: the clock
#
# A schedule that counts updates (all of this course do) must be planned anew for another batch, or training ends in the middle of a curve:

# %%
from lrcourse.schedules import CosineDecay

planned = CosineDecay(peak_lr=0.1, steps=10 * 50_000 // 128)
made = 10 * 50_000 // 512
print(f"ten epochs at batch 128: {planned.steps} updates, planned for")
print(f"ten epochs at batch 512: {made} updates, and the rate is still {planned(made):.3f}")

# %% [markdown]
# Milestones, warmup and patience are counted in the same way. Convert all of them, with `epochs_to_updates` or `rescale`.
#
# ## What we saw
#
# 1. With SGD, $k$ times the batch wants about $k$ times the rate, because short steps add up. With Adam it is about $\sqrt{k}$, because Adam divides by the noise. Both are first guesses.
# 2. The linear rule ends at a batch of the order of the noise scale, which two gradient lengths tell. Eight times the data did not change it much, and training raised it.
# 3. Goyal's warmup is 5 epochs at every batch, so fewer updates at a larger one. Adam keeps its updates.
# 4. LARS gives each layer a step in proportion to its weights. Its own rate still needs tuning.
# 5. A sum for a mean, and a schedule planned in the old updates, change the rate silently.

# %% [markdown] tags=["quiz"]
# ## Three quick questions
#
# Choose an answer. It opens and says why.
#
# **1. AdamW has the rate `0.0004` at batch 64. What is your first guess at batch 1024, still far below the noise scale?**
#
# - [ ] `0.0004`, because Adam adapts by itself
#   Adam divides by the size of the gradient, and that does a factor of 4. But one update now replaces 16, so the rate has to do the other 4.
# - [x] `0.0016`, four times as much
#   The batch is 16 times as large, and √16 = 4. The warmup keeps its number of updates. Then try half of it, and twice it.
# - [ ] `0.0064`, sixteen times as much
#   That is the linear rule, and it belongs to SGD. Adam divides by the size of the gradient, which shrinks as the batch grows: a part of the 16 is done there.
#
# **2. You train with SGD at batch 4096, and the noise scale is about 500. You may double the batch for free. What do you do with the rate?**
#
# - [ ] Double it.
#   The linear rule needs gradients that are mostly noise. Far above the noise scale they are mostly signal, and twice the rate would be too high.
# - [ ] Multiply it by √2.
#   The square root is Adam's rule, and no compromise for large batches. Here the best rate of SGD has nearly stopped rising.
# - [x] Leave it about where it is.
#   The batch is already about eight times the noise scale, so the best rate is nearly saturated. By the law of the lesson it rises by a few per cent.
#
# **3. Your memory is full. So you train with plain SGD at half the batch, far below the noise scale, for as many epochs as before. What changes?**
#
# - [x] Half the rate, and a schedule of twice the length
#   The linear rule works backwards, too. (Adam would take the rate over √2.) An epoch has twice as many updates now, so the schedule is planned anew.
# - [ ] Half the rate, and the schedule as it was
#   The rate is right. But a schedule counts updates, and there are twice as many: this one is at its end after half of the epochs.
# - [ ] Twice the rate, because each update sees less
#   It is the other way round: an epoch has twice as many updates, so each goes half as far. A smaller batch is also noisier.

# %% [markdown]
# ## Next
#
# Now try it yourself: [exercises of section 10](../exercises/10_batch_size.ipynb). Rate, warmup, shape, batch: what did well-known models really use? [11 Recipes](11_recipes.ipynb). Back to the [map of the course](index.ipynb).
#
# ## Further reading
#
# - Goyal et al.: *Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour*. [arXiv 1706.02677](https://arxiv.org/abs/1706.02677). The linear rule and its warmup.
# - McCandlish, Kaplan, Amodei et al.: *An Empirical Model of Large-Batch Training*. [arXiv 1812.06162](https://arxiv.org/abs/1812.06162). The noise scale.
# - Malladi, Lyu, Panigrahi, Arora: *On the SDEs and Scaling Rules for Adaptive Gradient Algorithms*. [arXiv 2205.10287](https://arxiv.org/abs/2205.10287). The square root for Adam.
# - Nado, Gilmer, Shallue, Anil, Dahl: *A Large Batch Optimizer Reality Check*. [arXiv 2102.06356](https://arxiv.org/abs/2102.06356). What LARS and LAMB add.
# - Smith, Kindermans, Ying, Le: *Don't Decay the Learning Rate, Increase the Batch Size*. [arXiv 1711.00489](https://arxiv.org/abs/1711.00489).
