# %% [markdown]
# # The toolbox
#
# **25 minutes.** Tools that you keep after the course, for your own model: find a rate, diagnose a curve, change the batch, look up a recipe, get advice. You need a training loop that you understand.
#
# After this notebook you can
#
# 1. do a range test on any PyTorch model, in five lines, without changing it;
# 2. say what the picks of the usual rules are worth;
# 3. read from a log what its learning rate did, and how sure that is;
# 4. change the batch size and know what else changes;
# 5. look up what well-known models were really trained with.
#
# Sections 09 to 11 will explain the ideas. Here you use them.

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
# In a range test the learning rate rises from far too low to far too high, in one short training. Two libraries look at the same curve. One says: take 0.003. The other says: take 0.3. Which one do you believe?
#
# - **a)** The lower one. Too low is safe.
# - **b)** The higher one. It is faster.
# - **c)** Neither, before I know what their picks are worth.

# %% [markdown]
# ## A model of your own
#
# Here is a plain PyTorch training, as you would write it. It has batch normalisation and dropout, so that there is something to spoil.

# %%
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
images, labels = load_digits(return_X_y=True)
data = TensorDataset(torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels))
loader = DataLoader(data, batch_size=32, shuffle=True)
model = nn.Sequential(
    nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 10)
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
before = {name: value.clone() for name, value in model.state_dict().items()}

# %% [markdown]
# Now the range test: three sweeps of 400 updates each. Look at the curves first. Below them, each row is a rule and the rate it picks; the bar shows how far the three sweeps disagree.

# %% tags=["nbval-ignore-output"]
from lrcourse.finder import range_test
from lrcourse.plots import plot_range_test, show

found = range_test(model, optimizer, nn.CrossEntropyLoss(), loader)
show(plot_range_test(found))

# %% [markdown]
# The picks lie powers of ten apart, on one and the same curve. So the answer is **c**.
#
# The range test says in words what it saw, and what to do next. It does not give one number. It gives three rates to try, because that is as much as a range test can know.

# %% tags=["nbval-ignore-output"]
print(found)

# %% [markdown]
# Is your model damaged now? The weights, the running statistics, the optimizer and the random numbers are as before, to the last bit. That also holds when you interrupt the cell.

# %%
after = model.state_dict()
all(torch.equal(before[name], after[name]) for name in before), len(optimizer.state)

# %% [markdown]
# ## What are the picks worth?
#
# Only training can say. Let us take a problem where many networks train at once: the signals of [the laboratory](laboratory.ipynb), with SGD and momentum. First the sweeps, then a cosine decay from the pick of every rule.

# %% tags=["nbval-ignore-output"]
from lrcourse.experiments import compare, signals, train
from lrcourse.finder import RAMP, RangeTest
from lrcourse.schedules import CosineDecay

problem, steps = signals(), 500
lrs = RAMP(np.arange(RAMP.steps))
sweeps = RangeTest(lrs, train(problem, np.tile(lrs, (3, 1)), seeds=range(3)).losses)
picks = {name: pick.middle for name, pick in sweeps.picks().items()}
cosines = {name: CosineDecay(pick, steps) for name, pick in picks.items()}
runs = compare(problem, cosines, range(3, 9), steps)

# %% tags=["nbval-ignore-output"]
from lrcourse.experiments import mean_interval

reached = {name: mean_interval(100 * run.test_accuracies[:, -1]) for name, run in runs.items()}
assert reached["onset/3"].low > max(reached["steepest"].high, reached["valley"].high)
rows = "\n".join(f"| {name} | {picks[name]:.2g} | {reached[name]}% |" for name in picks)
Markdown(f"| rule | picks | test accuracy of a cosine from there |\n|---|---|---|\n{rows}")

# %% [markdown]
# The rules that look at the slope stop far too early here. These signals are learned slowly: most of the fall in the curve came from the time that passed, not from the rate.
#
# Rules that come down from the onset, where the loss begins to rise again, do better. But on another problem the order can change. [This page](../docs/finder.md) scores them all on 17 problems, with each rule's worst case; `lrcourse find --regret` makes it again. The honest way is the three trainings.

# %% [markdown]
# ## What does this curve tell?
#
# A log has losses, and perhaps rates and validation losses. `diagnose` says what it sees, in numbers, what to do, and how sure it is. Here are three trainings of the same network, at constant rates of 0.7, 0.2 and 0.0001. What will each curve look like? Decide before you run the cell.

# %%
from lrcourse.diagnosis import diagnose
from lrcourse.plots import plot_diagnosis
from lrcourse.schedules import Constant

tried = {name: Constant(lr) for name, lr in {"A": 0.7, "B": 0.2, "C": 0.0001}.items()}
logs = compare(problem, tried, range(1), 600)
seen = {name: diagnose(run.losses[0], run.lrs[0]) for name, run in logs.items()}

# %% tags=["nbval-ignore-output"]
show(plot_diagnosis(seen["A"]))

# %% tags=["nbval-ignore-output"]
show(plot_diagnosis(seen["B"]))

# %% tags=["nbval-ignore-output"]
show(plot_diagnosis(seen["C"]))

# %% [markdown]
# In words, with the evidence and the remedy:

# %% tags=["nbval-ignore-output"]
assert [each.verdict for each in seen.values()] == ["diverging", "plateau", "too slow"]
for name, each in seen.items():
    print(f"{name}: {each}\n")

# %% [markdown]
# B is flat. A log cannot say why: perhaps noise holds it up, perhaps the rate is too low, perhaps the network can do no better. An experiment can. In the **drop test** the training goes on for a hundred updates, at the same rate, at a tenth and at three times it.

# %% tags=["nbval-ignore-output"]
from lrcourse.diagnosis import read_drop_test

then = {"same": 0.2, "lower": 0.02, "higher": 0.6}
lrs = np.array([[0.2] * 600 + [lr] * 100 for lr in then.values()])
more = dict(zip(then, train(problem, lrs, seeds=[0, 0, 0]).losses[:, 600:], strict=True))
drop = read_drop_test(logs["B"].losses[0, 300:], more["lower"], more["higher"], more["same"])
assert drop.verdict == "noise floor"
drop

# %% [markdown]
# A noise floor: it is time to decay. For a model of your own, `drop_test(model, optimizer, loss_fn, loader)` does the three trainings and takes them back.

# %% [markdown]
# In a terminal, `lrcourse diagnose log.csv` reads logs of Lightning, transformers, Keras and TensorBoard, or any table with a column of losses.
#
# Where a curve does not say enough, the answer is "not sure". [This page](../docs/diagnosis.md) shows how often it is right, on hundreds of curves whose truth is known by experiment, and where it fails.

# %% [markdown]
# ## Another batch size
#
# Somebody has eight GPUs and wants four times the batch. What changes? `rescale` says what it did to a recipe, and why; and what it left alone.

# %%
from lrcourse.batch_size import Training, rescale

mine = Training("sgd", peak_lr=0.1, batch=256, steps=4000, warmup_steps=200)
rescale(mine, batch=1024)

# %% [markdown]
# With Adam, the rule is another one:

# %%
adam = Training("adam", peak_lr=0.001, batch=256, steps=4000, warmup_steps=200)
for change in rescale(adam, batch=1024).changes:
    print(f"{change.name}: {change.was:g} → {change.now:g}")

# %% [markdown]
# Does a larger batch pay? The **gradient noise scale** is the batch size at which the noise of a gradient is as large as the gradient. Far below it, twice the batch saves half of the updates. Far above it, it saves nothing. It is measured from gradients of two batch sizes, and the model stays as it is.

# %% tags=["nbval-ignore-output"]
from lrcourse.batch_size import critical_batch, measure_noise_scale

small = DataLoader(data, batch_size=16, shuffle=True, drop_last=True)
noise = measure_noise_scale(model, nn.CrossEntropyLoss(), small)
print(noise)
print(critical_batch(noise))

# %% [markdown]
# That was at the start of training. The scale grows while the loss falls. Take it as an order of magnitude: in the laboratory, training stopped gaining from a larger batch earlier than the noise scale promised.

# %% [markdown]
# ## What did they really use?
#
# The recipes of well-known models, each with its source and its clock. GPT-3 counts its warmup in tokens, while its batch grows; how many steps is that?

# %%
from lrcourse.recipes import recipe

gpt3 = recipe("gpt3-175b")
gpt3

# %%
from lrcourse.plots import plot_recipe

show(plot_recipe(gpt3, "steps"))

# %% [markdown]
# Many figures that circulate are wrong. These are a few, and what is true:

# %%
from lrcourse.recipes import WRONG_FIGURES

rows = "\n".join(f"| {each.model} | {each.said} | {each.true} |" for each in WRONG_FIGURES[:6])
Markdown(f"| model | you will read | true |\n|---|---|---|\n{rows}")

# %% [markdown]
# ## What should I do?
#
# Say what you know; leave out what you do not. The answer is a schedule with numbers, the reasons with their evidence, and what would change them.

# %%
from lrcourse.advise import Situation, advise

advice = advise(Situation(optimizer="adamw", model="transformer-pre", steps=20_000))
print(advice.code)

# %%
advice

# %% [markdown]
# ## The traps
#
# - **One sweep, one number.** Sweep several times, then train at three rates.
# - **A sweep that ends too early.** It must pass the rate where the loss rises. Otherwise there is no suggestion, and the range test says so.
# - **No warmup with Adam.** A sweep comes up slowly from below, which is a warmup. If your model needs one, the sweep does not see it.
# - **A beautiful curve.** A smooth curve may come from a rate that is far too low.
# - **A rule for the batch.** It is a first guess. Train again at three rates.
# - **A recipe without its clock.** 375 million tokens are not 375 steps.

# %% [markdown]
# ## What we saw
#
# 1. On one curve, rules differ by powers of ten. Training decides between them.
# 2. A range test leaves the model as it was.
# 3. A diagnosis has evidence, a remedy, and a doubt.
# 4. With the batch, rate, length and warmup change; each for its own reason.
# 5. A recipe is a schedule, a clock and a source.

# %% [markdown]
# ## Three quick questions
#
# <details><summary>A range test suggests 0.05. Which rates do you train with?</summary>
# About 0.017, 0.05 and 0.15, over a few seeds. If the best is one of the ends, go on in that direction.
# </details>
#
# <details><summary>The loss of a sweep never rises. What do you know?</summary>
# That all rates up to the last one can be borne, for a moment. The best one may lie higher: sweep further.
# </details>
#
# <details><summary>The loss is flat. Which experiment tells why?</summary>
# The drop test: go on for a hundred updates at a tenth of the rate, and at three times the rate. It falls at the lower one: noise. At the higher one: the rate was too low. At neither: model or data.
# </details>

# %% [markdown]
# ## Further reading
#
# - Leslie Smith, *Cyclical Learning Rates for Training Neural Networks*, [arXiv:1506.01186](https://arxiv.org/abs/1506.01186): the first range test, with a linear ramp and the accuracy.
# - Sam McCandlish and others, *An Empirical Model of Large-Batch Training*, [arXiv:1812.06162](https://arxiv.org/abs/1812.06162): the noise scale.
# - Priya Goyal and others, *Accurate, Large Minibatch SGD*, [arXiv:1706.02677](https://arxiv.org/abs/1706.02677): the linear rule, and its warmup.
