# %% [markdown]
# # 11 Recipes
#
# **40 minutes.** What well-known models were trained with, and which of it you should copy. You need warmup and cosine (sections [03](03_cosine.ipynb) and [06](06_warmup.ipynb)).
#
# After this lesson you can
#
# 1. read a published recipe with its clock, and turn tokens or epochs into updates of your own;
# 2. write the inverse square root and warmup-stable-decay in two lines each;
# 3. stop a run early without throwing it away, and extend one that was finished;
# 4. say what averaging can do in place of a decay, and what a wider network does to the rate;
# 5. tell which famous figures were never published.

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
# You and a colleague train the same network. You planned a cosine over 2000 updates. Your colleague holds the rate constant, and lowers it only when told that time is up.
#
# After 1000 updates, time is up. You stop where you are; your colleague used the last 200 of them to lower the rate. Whose network is better?
#
# - **a)** Yours. A cosine is better than a constant.
# - **b)** Your colleague's.
# - **c)** They are equal: both made 1000 updates.
#
# Decide now. We run it below, with twelve networks for each.

# %% [markdown]
# ## A recipe is a few numbers and a clock
#
# A *recipe* is what a training was told to do with its rate: the peak, the warmup, the decay and the length. The *clock* is what its lengths count: updates, samples, tokens or epochs. Papers mix clocks, and a trainer knows only updates.
#
# Here is Llama 2. Its warmup counts steps, its length counts tokens.

# %% tags=["A56", "A76"]
from lrcourse.recipes import RECIPES, recipe

llama = recipe("llama2-70b")
llama

# %% [markdown]
# A *token* is a piece of a word. The batch of four million tokens is the bridge between the clocks: each update sees one batch. So we can convert by hand. The library does the same, and returns a schedule that counts updates.

# %% tags=["A56"]
tokens, batch, warmup_steps = 2e12, 4e6, 2000
steps = tokens / batch
share = warmup_steps / steps

assert steps == llama.amount(llama.length, "steps")
print(f"{steps:,.0f} updates, of which {share:.1%} are warmup")
llama.schedule("steps")

# %% [markdown]
# ## A clock that runs unevenly
#
# GPT-3 warms up over 375 million tokens, and its batch grows during the first billions of tokens. Early updates see few tokens each, so the same warmup is a tiny share of the tokens and a much larger share of the updates. The paper gives a range for the growth; we compute both ends.

# %% tags=["K4", "T8"]
from lrcourse.recipes import Ramp

gpt3 = recipe("gpt3-175b")
for over in (4e9, 12e9):
    assumed = gpt3.knowing(batch=Ramp(32e3, 3.2e6, over=over))
    warmup = assumed.amount(assumed.warmup, "steps")
    print(f"batch grows over {over / 1e9:g}B tokens: the warmup takes {warmup:,.0f} updates,")
    print(f"  {assumed.share(assumed.warmup, 'steps'):.1%} of the updates", end="")
    print(f" and {assumed.share(assumed.warmup, 'tokens'):.3%} of the tokens")

# %% [markdown]
# A share without a clock means nothing.
#
# ## What large models really used
#
# Twelve language models, oldest first. Look down the last column: do all of them share one schedule? And down the column of shares: is there a usual one?

# %% tags=["A49", "A76", "D56"]
from collections import Counter

from lrcourse.recipes.card import decay

names = ["transformer", "bert-base", "gpt1", "roberta-base", "gpt3-175b", "llama2-70b"]
names += ["pythia-12b", "deepseek-67b", "llama3-405b", "olmo-7b", "olmo2-7b", "smollm3-3b"]


def row(name):
    it = recipe(name)
    known = not it.lacking("steps")
    share = f"{it.share(it.warmup, 'steps'):.2%}" if known else "not published"
    return f"| {it.title} | {it.peak_lr:.2g} | {it.warmup} | {share} | {decay(it)} |"


rows = "\n".join(row(name) for name in names)
kinds = Counter(recipe(name).decay for name in names)
assert kinds["cosine"] < len(names)
Markdown(
    f"| model | peak | warmup | of the updates | decay |\n|---|---|---|---|---|\n{rows}\n\n"
    f"Decays: {', '.join(f'{count} × {kind}' for kind, count in kinds.most_common())}. "
    "GPT-2 is missing, because nothing was published: neither rate nor warmup nor decay."
)

# %% [markdown] tags=["A49", "A76", "D56"]
# So a warmup and a cosine are very common: GPT-1, GPT-3 and the Llama models used them. They are a fine default for a transformer, and not universal. A straight line is another good default: see "Straight to zero" below.
#
# ## Cosine or line?
#
# Here is BERT as its code has it, beside the cosine that many tables give it. The mean rate is the same, only the shape differs.

# %% tags=["A54", "K2"]
from lrcourse.plots import plot_rates, show
from lrcourse.schedules import CosineDecay, WarmupCosine

bert = recipe("bert-base").schedule("steps")
as_often_told = WarmupCosine(bert.peak_lr, bert.warmup_steps, bert.steps)
t = np.arange(0, bert.steps, 1000)
print(f"mean rate / peak: line {np.mean(bert(t)) / bert.peak_lr:.3f}", end=", ")
print(f"cosine {np.mean(as_often_told(t)) / bert.peak_lr:.3f}")
ax = plot_rates(BERT=bert(t), as_often_told=as_often_told(t))
ax.set_xlabel("optimizer update t (thousands)")
show(
    ax,
    "BERT's rate over a million updates: a short ramp and a straight line to zero. The cosine of "
    "the same length lies above the line in the first half and below it in the second.",
)

# %% [markdown] tags=["A54", "K2"]
# > **You will read** that BERT was trained with a cosine and a floor of 1e-7. Let us check.
# > [Its code](https://github.com/google-research/bert/blob/master/optimization.py) calls a polynomial decay with power 1 and an end of 0: a straight line to zero. The floor stands nowhere in it.
#
# ## One warmup, five shares
#
# *Vision transformers* (ViT) read pictures. They were trained in several ways, and all warm up for 10,000 updates. The number of updates follows from the pictures, the epochs and the batch. Look at the shares.

# %% tags=["A32", "D39"]
vits = [it for it in RECIPES.values() if it.name.startswith("vit-l") or it.name == "vit-imagenet"]
lines = []
for it in vits:
    steps = it.samples_per_epoch * it.length.amount / it.batch.amount
    assert np.isclose(it.amount(it.length, "steps"), steps)
    share = it.warmup.amount / steps
    lines.append(f"| {it.title} | {it.warmup} | {steps:,.0f} | {share:.1%} | {it.decay} |")

rows = "\n".join(lines)
Markdown(
    f"| training | warmup | updates | share of the warmup | decay |\n|---|---|---|---|---|\n{rows}"
)

# %% [markdown] tags=["D39"]
# > **You will read** that vision transformers are trained with a cosine. Let us check.
# > Pretraining on the large data sets uses a straight line. The cosine belongs to ImageNet from scratch, and to fine-tuning ([Dosovitskiy et al. 2020](https://arxiv.org/abs/2010.11929), section 4.1 and Table 3).

# %% [markdown] tags=["D41", "K5"]
# > **You will read** that a warmup of 5% and a cosine are the standard for transformers. Let us check.
# > The two tables above have shares from far below one per cent to above ten, and four kinds of decay. No share is a standard. A share depends on how long you train, and the reasons for a warmup (section [06](06_warmup.ipynb)) do not: count a warmup in updates.
#
# ## Figures that circulate
#
# These stand in notes and blog posts. Which of them have you met?

# %% tags=["K3", "K4", "K22"]
from lrcourse.recipes import WRONG_FIGURES

rows = "\n".join(f"| {each.model} | {each.said} | {each.true} |" for each in WRONG_FIGURES)
Markdown(f"| model | you will read | what is true |\n|---|---|---|\n{rows}")

# %% [markdown]
# ## Play
#
# Every recipe of the course, on the clock that you choose. Try to
#
# - compare `bert-base` with `llama2-70b`, and tick `shapes`: whose warmup can you still see?
# - look at `gpt3-175b` in tokens, then in steps: why is its warmup wider in steps?
# - choose `gpt2`, and read what the explorer says.

# %%
from lrcourse.explore import explore
from lrcourse.explore.scenes import recipes

explore(recipes)

# %% [markdown]
# ## A decay without an end
#
# The transformer of 2017 raises its rate in a line, then lets it fall with the inverse square root of the step:
#
# $$\eta(t) = \eta_\text{peak}\,\min\!\left(\frac{t}{W},\;\sqrt{\frac{W}{t}}\right), \qquad \eta_\text{peak} = \frac{1}{\sqrt{d\,W}}$$
#
# | symbol | name in code | meaning |
# |---|---|---|
# | $\eta(t)$ | `schedule(t)` | the learning rate of the next update |
# | $t$ | `t` | optimizer updates already made |
# | $W$ | `warmup_steps` | updates of the warmup |
# | $d$ | `d_model` | the width of the model |
# | $\eta_\text{peak}$ | `peak_lr` | the highest rate, reached at $t = W$ |
#
# It needs no length of the run. Four times as many updates halve the rate, for ever. The second formula is often called *Noam*, after an author of the paper: it ties the peak to the width.

# %%
from lrcourse.schedules import InverseSqrt


def my_inverse_sqrt(t, peak_lr, warmup_steps):
    t = np.maximum(t, 1e-9)  # no division by zero
    return peak_lr * np.minimum(t / warmup_steps, np.sqrt(warmup_steps / t))


noam = InverseSqrt.noam(d_model=512, warmup_steps=4000)
t = np.arange(1, 100_000)
np.testing.assert_allclose(noam(t), my_inverse_sqrt(t, (512 * 4000) ** -0.5, 4000))
print(f"peak {noam.peak_lr:.2e}, at four times W {noam(16_000):.2e}")

# %% [markdown]
# PyTorch has no such class. `LambdaLR` takes any function of the step, and **multiplies the optimizer's rate** by it. That is the trap of this section: a formula that already contains the peak must meet an optimizer with `lr=1`.

# %%
weight = torch.zeros(1, requires_grad=True)
for base_lr in (1.0, 1e-3):
    optimizer = torch.optim.SGD([weight], lr=base_lr)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, noam)
    used = []
    for _step in range(4001):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    print(f"lr={base_lr}: highest rate {max(used):.1e}, that is {max(used) / noam.peak_lr:g} peaks")

# %% [markdown]
# With `lr=1e-3` the model trains a thousand times too slowly, in silence.
#
# Below are the inverse square root and the two decays that need an end, all with the peak and the warmup of 2017. Look at the right edge: who is still moving?

# %% tags=["A29", "X1"]
from lrcourse.panels import RATE, Axis, Curve, Panel
from lrcourse.plots import axes, plot_panel
from lrcourse.schedules import WarmupLinear

with_an_end = WarmupCosine(noam.peak_lr, 4000, 100_000), WarmupLinear(noam.peak_lr, 4000, 100_000)
t = np.arange(0, 120_000, 100)
curves = [
    Curve(name, schedule(t), t / 1000, style)
    for style, (name, schedule) in enumerate(
        zip(("inverse sqrt", "cosine", "line"), (noam, *with_an_end), strict=True)
    )
]
panel = Panel(Axis("optimizer update t (thousands)", 0, 120), Axis(RATE), tuple(curves))
show(
    plot_panel(panel, axes()),
    "Three rates after the same ramp. The inverse square root falls fast, then ever more slowly, "
    "and is far above zero when the cosine and the line have ended at 100,000 updates.",
)

# %% [markdown] tags=["A29"]
# > **You will read** that a warmup of 4000 steps and a cosine are the standard of the Transformer. Let us check.
# > The 4000 steps belong to the Transformer of 2017, and after them its rate falls with the inverse square root of the step ([Vaswani et al.](https://arxiv.org/abs/1706.03762), section 5.3). The cosine came with later models.
#
# Is it any good? We ask an experiment of the [laboratory](laboratory.ipynb): 24 small networks for each schedule, each schedule at its own best peak.

# %% tags=["nbval-ignore-output", "A29"]
from lrcourse.claims import CLAIMS

finding = CLAIMS["inverse-sqrt-needs-no-end"].run()
assert finding.is_as_taught
finding

# %% [markdown]
# It beats a constant rate and loses to a cosine, which knew when the end would come: the price of not planning. The *power scheduler* ([Shen et al. 2024](https://arxiv.org/abs/2408.13359)) is a relative: its rate is a power of the tokens seen, and a decay follows at the end.
#
# ## Warmup, stable, decay
#
# Can we have both: no plan, and a good end? Hold the rate, and decay late and fast. This is *WSD*, warmup-stable-decay; the last phase is the *cooldown*. Three straight lines:
#
# $$\eta(t) = \eta_\text{peak}\,\min\!\left(\frac{t}{W},\;1,\;\frac{T - t}{D}\right)$$
#
# | symbol | name in code | meaning |
# |---|---|---|
# | $W$ | `warmup_steps` | updates of the warmup |
# | $D$ | `decay_steps` | updates of the cooldown |
# | $T$ | `steps` | updates of the whole run; the stable phase has $T - W - D$ |


# %%
from lrcourse.schedules import WarmupStableDecay


def my_wsd(t, peak_lr, warmup_steps, decay_steps, steps):
    left = np.maximum(steps - t, 0) / decay_steps
    return peak_lr * np.minimum(np.minimum(t / warmup_steps, 1), left)


wsd = WarmupStableDecay(0.125, warmup_steps=20, decay_steps=40, steps=200, shape="linear")
t = np.arange(250)
np.testing.assert_allclose(wsd(t), my_wsd(t, 0.125, 20, 40, 200), atol=1e-15)
wsd

# %% [markdown]
# PyTorch has no class for this either. Give `my_wsd` with a peak of 1 to a `LambdaLR`, and the peak to the optimizer.
#
# ## Three ways to cool down
#
# The line is one shape. *1-sqrt* falls steeply at first and gently at last, $1 - \sqrt{x}$ with $x$ from 0 to 1 over the cooldown. A half cosine is the third.

# %%
shapes = ("1-sqrt", "linear", "cosine")
cooldowns = {shape: WarmupStableDecay(0.1, 10, 80, 200, shape=shape) for shape in shapes}
ax = plot_rates(**cooldowns, steps=200)
show(
    ax,
    "WSD with three cooldowns over the last 80 of 200 updates. The 1-sqrt falls steeply at once, "
    "the line evenly, the cosine late; all end at zero.",
)

# %% [markdown]
# ## Play
#
# - Move `steps` from 200 to 120. Which part of the curve does not move?
# - Move `decay_steps`. When does the cooldown start now?

# %%
explore(WarmupStableDecay(0.1, warmup_steps=10, decay_steps=40, steps=200, shape="linear"))

# %% [markdown]
# The beginning does not move. **Until the cooldown starts, the rates of WSD do not depend on $T$.** One long run can serve every length: go back to a checkpoint, and cool down from there.
#
# ## The experiment
#
# Now your answer from the beginning. The cosine was planned for 2000 updates. WSD has three ends here, at 500, 1000 and 2000. Twelve networks each, on the noisy signals of the laboratory. Both peaks are near their best: WSD stays at its peak for long, so it wants a lower one.

# %% tags=["nbval-ignore-output"]
from lrcourse.experiments import compare, paired_difference, signals

problem, seeds = signals(), range(12)


def cooled(steps):
    return WarmupStableDecay(0.125, warmup_steps=20, decay_steps=steps // 5, steps=steps)


both = {"cosine": CosineDecay(0.175, 2000), "WSD": cooled(2000)}
runs = compare(problem, both, seeds, steps=2000, test_every=100)
for steps in (1000, 500):
    early = {"WSD": cooled(steps)}
    runs[str(steps)] = compare(problem, early, seeds, steps=steps, test_every=100)["WSD"]

assert np.array_equal(runs["WSD"].losses[:, :400], runs["500"].losses[:, :400])

# %% [markdown]
# In the picture each early end of WSD is drawn from its cooldown on, and a dot carries its number of updates. Compare each dot with the cosine below it.

# %% tags=["nbval-ignore-output"]
from lrcourse.panels import Dots, View
from lrcourse.plots import plot_view

accuracies, rates = [], []
for style, (name, run) in enumerate(runs.items()):
    branch = name.isdigit()  # drawn from its cooldown on; before it, it is the long run
    first = int(0.8 * run.lrs.shape[1]) if branch else 0
    seen = run.test_steps >= first
    mean, at = 100 * run.test_accuracies.mean(0)[seen], run.test_steps[seen]
    accuracies.append(Curve("" if branch else name, mean, at, style))
    accuracies += [Dots(name, at[-1:], mean[-1:], style)] if branch else []
    used = run.lrs[0, first:]
    rates.append(Curve("" if branch else name, used, first + np.arange(len(used)), style))

time = Axis("optimizer update t", 0, 2000)
panels = (
    Panel(time, Axis("test accuracy (%)", 20, 70), tuple(accuracies)),
    Panel(time, Axis("rate η", 0), tuple(rates), height=0.5),
)
said = (
    "Mean test accuracy over 2000 updates. WSD rises faster than the cosine at first, then hardly "
    "at all while its rate is constant. Each of its three cooldowns lifts it steeply: the dots at "
    "500 and 1000 updates lie above the cosine, and at 2000 the two end close together."
)
show(plot_view(View(panels, said)), said)

# %% [markdown]
# Each cooldown lifts the accuracy, because it takes away the noise of the high rate. Three comparisons at each early end:

# %% tags=["nbval-ignore-output"]
rows = []
for steps in (500, 1000):
    cosine = {"planned": CosineDecay(0.175, steps)}
    planned = compare(problem, cosine, seeds, steps=steps)["planned"].test_accuracies[:, -1]
    unfinished, constant = (runs[n].test_accuracies[:, steps // 100 - 1] for n in ("cosine", "WSD"))
    ended = 100 * runs[str(steps)].test_accuracies[:, -1]
    gains = [paired_difference(ended, 100 * other) for other in (constant, unfinished, planned)]
    assert gains[0].low > 3
    assert gains[1].low > 0
    assert gains[2].low > -3
    rows.append(f"| {steps} | {gains[0]} | **{gains[1]}** | {gains[2]} |")

Markdown(
    "WSD at its end, test accuracy in points, minus ...\n\n"
    "| updates | itself, not cooled down | the unfinished cosine | a cosine planned for this end |"
    "\n|---|---|---|---|\n" + "\n".join(rows)
)

# %% [markdown]
# So the answer is **b**. Halfway, a cosine is still at half its peak, and its network is still noisy. Against the cosine that knew its end, WSD loses at most three points. That is why large models like it: the budget may change while they train.
#
# ## How long a cooldown, and which shape?
#
# The paper that made WSD popular found 10% of the tokens to be enough and 2.5% too short ([Hu et al. 2024](https://arxiv.org/abs/2404.06395)). [Hägele et al. 2024](https://arxiv.org/abs/2405.18392) find that 1-sqrt consistently beats a line for language models. The [laboratory](laboratory.ipynb) asked on our signals, with 24 networks for each schedule. Its verdicts (`CLAIMS[name].run()` measures again):

# %% tags=["A22", "A49"]
names_of_claims = ("wsd-stops-anywhere", "longer-cooldown-helps", "cooldown-shape-matters")
rows = "\n".join(
    f"| {name} | {CLAIMS[name].sentence} | {CLAIMS[name].verdict} |" for name in names_of_claims
)
Markdown(f"| name | claim | verdict |\n|---|---|---|\n{rows}")

# %% [markdown]
# A cooldown that is too short has no time to remove the noise. For the shape, we exclude a whole point of accuracy on a small network; they looked at the loss of far larger models. Both can be true.
#
# ## Straight to zero
#
# If you do know the end, the plainest decay is a line from the peak to zero. [Bergsma et al. 2025](https://arxiv.org/abs/2502.15938) compared it with the habit of language models, a cosine to a tenth of the peak. The line won over a range of model sizes, each schedule at its best peak. We try the same pair at two peaks: a moderate one, and one that is too high.

# %% tags=["nbval-ignore-output", "A22", "A49", "D56"]
finding = CLAIMS["linear-to-zero-beats-cosine-to-a-tenth"].run()
assert finding.is_as_taught
finding

# %% [markdown]
# At the moderate peak there is no such difference. At the high peak the line is more than a point ahead, because a tenth of a high rate is still noisy. A decay to zero forgives a peak that is too high: a good habit.
#
# ## Average instead of decay
#
# A decay quiets the noise at the end. An average of many weights is quiet, too. Can it take the place of a decay? Here it is the mean of ten copies of the weights, taken during the last 200 updates at a **constant** rate.

# %% tags=["nbval-ignore-output", "A2"]
finding = CLAIMS["averaging-replaces-decay"].run()
assert finding.is_as_taught
finding

# %% [markdown]
# Most of what the cosine gained comes back, from the mean alone, without knowing the end.
#
# PyTorch keeps such a mean for you. The check: it equals the mean of the recorded weights.

# %%
from torch.optim.swa_utils import AveragedModel

model = torch.nn.Linear(3, 1)
averaged, seen = AveragedModel(model), []
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _step in range(5):
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    averaged.update_parameters(model)
    seen.append(model.bias.item())

assert np.isclose(averaged.module.bias.item(), np.mean(seen))

# %% [markdown]
# Two cautions. Average the last part of a run, where the weights lie around one valley. And a network with batch normalisation needs its running statistics computed again (`torch.optim.swa_utils.update_bn`).
#
# *Schedule-free* optimizers build the average into every step ([Defazio et al. 2024](https://arxiv.org/abs/2405.15682)). Three sequences: $z$ takes the steps, $x$ is the mean of all $z$, and the gradient $g$ is taken in between, at $y$:
#
# $$y = (1 - \beta)\,z + \beta\,x, \qquad z \leftarrow z - \eta\,g(y), \qquad x \leftarrow x + \frac{z - x}{t + 1}$$
#
# Here $t$ counts from 1, as in the paper, and $\beta$ is near 1. You train at $y$ and use $x$. That is why their package wants `optimizer.eval()` before you test or save, and `optimizer.train()` before you go on. Here it is, for our laboratory:

# %%
from dataclasses import dataclass

from lrcourse.experiments import Momentum, Sgd


@dataclass(frozen=True)
class ScheduleFree(Sgd):
    steps: int = 1000
    beta: float = 0.9

    def update(self, weights, gradient, now):
        z, x = now.memory["z"], now.memory["x"]
        if now.t == 1:  # both start where the weights are
            z.copy_(weights)
            x.copy_(weights)
        z -= now.lr * gradient
        x += (z - x) / (now.t + 1)
        test_now = now.t == self.steps  # optimizer.eval()
        weights.copy_(x if test_now else (1 - self.beta) * z + self.beta * x)


# %% [markdown]
# Its rate is constant after a short warmup, and large: the authors advise 10 to 50 times the usual rate of SGD ([their readme](https://github.com/facebookresearch/schedule_free)). We compare it with momentum, at a constant rate and with a line to zero.

# %% tags=["nbval-ignore-output"]
from lrcourse.schedules import Constant, LinearDecay, LinearWarmup

steps = 1000
free, optimizer = {"free": LinearWarmup(4.0, 50)}, ScheduleFree(steps)
usual = {"constant": Constant(0.1), "line": LinearDecay(0.175, steps)}
tried = compare(problem, free, seeds, steps=steps, optimizer=optimizer)
tried |= compare(problem, usual, seeds, steps=steps, optimizer=Momentum(0.9))

end = {name: 100 * run.test_accuracies[:, -1] for name, run in tried.items()}
gain = paired_difference(end["free"], end["constant"])
behind = paired_difference(end["free"], end["line"])
assert gain.low > 1

Markdown(
    f"Schedule-free, test accuracy in points: **{gain}** against the constant rate, "
    f"{behind} against the line to zero."
)

# %% [markdown]
# Without any decay it is more than a point above the constant rate. How it stands against the line depends on the rates that you try: "schedule-free" does not mean free of tuning.
#
# ## A wider network, the same rate?
#
# You tuned the peak on a narrow network, and now train a wide one. Adam's first step changes each weight by about the rate (section [00](00_learning_rate.ipynb)). A neuron adds up the changes of all its inputs. So with eight times as many inputs, one step moves its output up to eight times as far.
#
# The remedy is *muP*, the maximal update parametrization ([Yang et al. 2022](https://arxiv.org/abs/2203.03466)): **with Adam, divide the rate of a weight matrix by the growth of its inputs.** The first matrix keeps its rate, because the data do not grow. (The full method also scales the output and the initial weights. We take the rates alone.)

# %%
from lrcourse.experiments import Adam, Mlp, bowls


@dataclass(frozen=True)
class MuAdam(Adam):
    wider: int = 1  # how many times as wide as the network that was tuned

    def update(self, weights, gradient, now):
        factors = torch.tensor([1, 1, 1 / self.wider, 1, 1 / self.wider, 1])  # weight, bias, ...
        each = factors[now.layers.owner]  # one for each column of the weights
        super().update(weights, gradient, now._replace(lr=now.lr * each))


# %% [markdown]
# Width 16 is tuned, width 128 is trained: with the same rate everywhere, and with two rates divided by eight. Look at where the diamonds stand.

# %% tags=["nbval-ignore-output"]
from lrcourse.experiments import Bowls
from lrcourse.plots import plot_bowls

peaks = [0.003, 0.01, 0.03, 0.1, 0.3]
ways = {"narrow": (16, Adam()), "wide": (128, Adam()), "wide, muP": (128, MuAdam(wider=8))}
found = {}
for name, (width, adam) in ways.items():
    network = Mlp((40, width, width, 10))
    bowl = bowls(
        signals(network=network), {name: LinearDecay(1, 150)}, peaks, range(6), 150, optimizer=adam
    )
    found |= bowl.runs

widths = Bowls(np.array(peaks), found)
show(plot_bowls(widths))

# %% tags=["nbval-ignore-output"]
at = peaks.index(0.03)
gain = paired_difference(
    100 * widths.at_the_end("wide, muP")[at], 100 * widths.at_the_end("wide")[at]
)
lost = paired_difference(
    100 * widths.at_the_end("wide")[at], 100 * widths.at_the_end("wide")[peaks.index(0.01)]
)
assert gain.low > 3
assert lost.high < 0
Markdown(f"At the rate {peaks[at]}, the wide network: muP minus the same rate, **{gain}** points.")

# %% [markdown]
# At the peak of the narrow network, the wide one loses points against a lower rate. With the divided rates it does better at that peak: what was found cheaply can be used again. In PyTorch, use parameter groups; a schedule multiplies all their rates alike.
#
# ## Extend a finished run
#
# A cosine of 1000 updates is done, the rate is zero, and now there is time for 1000 more. Two common ways to go on, and one that works:


# %%
def rates_of(make, updates):
    """The rates of `updates` updates; the run ended after 1000, then `make` says how to go on."""
    optimizer = torch.optim.SGD([weight], lr=0.175)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=1000)
    used = []
    for step in range(updates):
        if step == 1000:
            scheduler = make(optimizer, scheduler)
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(used)


step_on = rates_of(lambda optimizer, scheduler: scheduler, 2000)
build_anew = rates_of(
    lambda optimizer, _: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=1000), 2000
)
re_warm = CosineDecay(0.175, 1000) >> WarmupLinear(0.175, 20, 1000)

ax = plot_rates(step_on=step_on, build_anew=build_anew, re_warm=re_warm, steps=2000)
ax.set_ylim(bottom=-0.008)
show(
    ax,
    "Rates of 2000 updates; a cosine ends at 1000. Stepping the old scheduler on climbs back to "
    "the peak. A new one built on the finished optimizer stays at zero. Re-warming goes up at "
    "once and down to zero in a line.",
)

# %% [markdown] tags=["T3"]
# **Step on**: the old cosine climbs back to its peak, and the run ends at its noisiest (sections [03](03_cosine.ipynb) and [08](08_pytorch.ipynb)). **Build anew**: the new scheduler takes the optimizer's present rate for its peak, and that is zero: it stays there for ever. No error in either case.
#
# **Re-warm**: a new schedule after the old one, `finished >> WarmupLinear(...)`. Large models that are trained further, on new data, do the same, and mix in some of the old data ([Ibrahim et al. 2024](https://arxiv.org/abs/2403.08763)). What does it cost, and what does it bring? The cosine that was planned for 2000 updates is the one to reach.

# %% tags=["nbval-ignore-output"]
from lrcourse.plots import plot_runs

more = compare(problem, {"re-warmed": re_warm}, seeds, steps=2000, test_every=100)
more["planned for 2000"] = runs["cosine"]
show(plot_runs(more, "test accuracy", marks=[1000]))

# %% tags=["nbval-ignore-output"]
accuracy = {name: 100 * run.test_accuracies for name, run in more.items()}
extended = accuracy["re-warmed"]
finished = extended[:, 1000 // 100 - 1]
dip = paired_difference(extended[:, 1000 // 100], finished)
gain = paired_difference(extended[:, -1], finished)
against = paired_difference(extended[:, -1], accuracy["planned for 2000"][:, -1])
assert dip.high < -5
assert gain.low > 0
assert against.low > -3

Markdown(
    f"""
Test accuracy in points:

- 100 updates after the re-warming, against the finished run: **{dip}**
- at the end, against the finished run: **{gain}**
- at the end, against the cosine that was planned for all of it: {against}
"""
)

# %% [markdown] tags=["A74"]
# First it gets worse, by many points: the high rate brings the noise back, as after a restart (section [04](04_sgdr.ipynb)). Then it recovers, and ends above the finished run. So if you re-warm, leave enough updates to come down again. With WSD you need no re-warming, if you **kept the checkpoint from before the cooldown**.
#
# ## Do you need the warmup at all?
#
# > **You will read** that a linear warmup is essential for every transformer. Let us check.
# > This is disputed. Deep networks that normalise after each block, trained with Adam at the usual rates, do need it. With the normalisation before each block, warmup can be removed ([Xiong et al. 2020](https://arxiv.org/abs/2002.04745)). Section [06](06_warmup.ipynb) ran both: the first learned nothing without a warmup, the second learned either way. Large models keep a short one, since it is cheap insurance.
#
# ## Trap 1: the lost unit
#
# Before you copy a length, ask what it counts. The library refuses to guess. GPT-1 was trained for 100 epochs, and nobody published how many sequences an epoch has:

# %%
try:
    recipe("gpt1").schedule("steps")
except ValueError as error:
    print(error)

# %% [markdown]
# ## Trap 2: the copied share
#
# You train for 3000 updates and copy "the warmup of Llama 2". As a share and as a length these are two different things, and neither is what you want:

# %%
mine = 3000
print(f"as a share: {llama.share(llama.warmup, 'steps') * mine:.0f} updates")
print(f"as a length: {llama.amount(llama.warmup, 'steps') / mine:.0%} of your run")

# %% [markdown]
# Copy the reason, not the number (section 06).
#
# ## Trap 3: the formula from a repository
#
# *REX* is a line bent upwards ([Chen et al. 2021](https://arxiv.org/abs/2107.04197)): with $x = t/T$ the rate is $\eta_\text{peak}\,(1 - x) / (\tfrac12 + \tfrac12(1 - x))$. A widely copied implementation has `0.1` and `0.9` in place of the two halves. It runs. Compare:

# %%
from lrcourse.schedules import REX

x, peak_lr = np.arange(200) / 200, 0.1
copied = peak_lr * (1 - x) / (0.1 + 0.9 * (1 - x))
ax = plot_rates(REX=REX(0.1, 200), copied=copied, line=LinearDecay(0.1, 200), steps=200)
show(
    ax,
    "REX lies above the straight line; the copied formula lies far above both, near the peak for "
    "most of the run, and falls at the very end.",
)

# %% [markdown]
# Only the name is REX. Draw every schedule before you train with it.
#
# ## What we saw
#
# 1. A recipe has a clock. Llama 2 needed one division, GPT-3 a growing batch.
# 2. The inverse square root has no end; WSD has one that you may choose late.
# 3. A cosine stopped early lost to WSD. A finished run can be re-warmed: first a dip, then a gain.
# 4. A mean of weights gave back most of what a decay gives. A wider network wants a lower rate in its hidden layers.
# 5. BERT decays in a line, GPT-2's rate is unknown, and there is no standard share of warmup.

# %% [markdown] tags=["quiz"]
# ## Three quick questions
#
# Choose an answer. It opens and says why.
#
# **1. A recipe warms up over 10 million tokens, with batches of 250 sequences of 400 tokens. How many updates is that?**
#
# - [x] 100
#   One update sees a whole batch, and a batch has 250 · 400 tokens.
# - [ ] 25,000
#   That is how many sequences the warmup sees: tokens divided by 400. One update takes 250 of them.
# - [ ] 40,000
#   You divided tokens by sequences. Both must count the same, so put the batch in tokens first.
#
# **2. WSD has 1000 updates in all, with 100 of warmup and 200 of cooldown. At which t does the cooldown start, and how long is the stable phase?**
#
# - [ ] At `t = 900`, after 800 stable updates
#   That adds the warmup once more, and the cooldown would end at `t = 1100`. The warmup is part of the 1000.
# - [ ] At `t = 800`, after 800 stable updates
#   The start is right, because t counts from the first update. But the first 100 of these 800 updates are the warmup.
# - [x] At `t = 800`, after 700 stable updates
#   The cooldown starts at T − D, and the stable phase has T − W − D updates.
#
# **3. You may be stopped at any time between 1000 and 5000 updates, with 500 updates of warning. What do you run?**
#
# - [ ] A cosine over 5000 updates, cut off where the end comes
#   At 1000 updates its rate is still near the peak, and its network is noisy. In the lesson the unfinished cosine lost to WSD.
# - [x] A constant rate, and a line to zero from the warning on
#   Until the warning, the rates do not depend on the end. A mean of the last weights is worth keeping, too: it is quiet without any decay.
# - [ ] A cosine over 1000 updates, stepped on for as long as it goes
#   After its end the old cosine climbs back to the peak. You may be stopped there, where the network is noisiest.
# - [ ] An inverse square root, because it needs no end
#   It needs none, that is true. But it makes no use of the warning: when you are stopped, its rate is still well above zero.

# %% [markdown]
# ## Next
#
# Now try it yourself: [exercises of section 11](../exercises/11_recipes.ipynb). [Section 12, the capstone](12_capstone.ipynb): you tune a training from start to end, and design your own curve. Back to the [map of the course](index.ipynb).
#
# ## Further reading
#
# - Hu et al.: *MiniCPM*. [arXiv 2404.06395](https://arxiv.org/abs/2404.06395). WSD, and how long the cooldown must be.
# - Hägele et al.: *Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations*. [arXiv 2405.18392](https://arxiv.org/abs/2405.18392). Constant rate and cooldown against cosine.
# - Bergsma et al.: *Straight to Zero*. [arXiv 2502.15938](https://arxiv.org/abs/2502.15938). The line, and why.
# - Defazio et al.: *The Road Less Scheduled*. [arXiv 2405.15682](https://arxiv.org/abs/2405.15682). Schedule-free.
# - Yang et al.: *Tensor Programs V*. [arXiv 2203.03466](https://arxiv.org/abs/2203.03466). muP, and rates that transfer.
# - Ibrahim et al.: *Simple and Scalable Strategies to Continually Pre-train Large Language Models*. [arXiv 2403.08763](https://arxiv.org/abs/2403.08763). Re-warming.
