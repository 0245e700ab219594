# %% [markdown]
# # The laboratory
#
# **25 minutes.** How this course finds out what is true, and how you ask your own questions. You need a training loop that you understand.
#
# After this notebook you can
#
# 1. train dozens of networks at once, each with its own rates and its own luck;
# 2. say how sure you are, with an interval;
# 3. compare two schedules fairly, each at its own best rate;
# 4. put a network of your own under the microscope;
# 5. rerun any claim of this course with other seeds, and see whether it survives.

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
# Somebody trains a network twice. With a constant rate the test accuracy is 55.0%, with cosine decay 55.9%.
# What do you know about cosine decay now?
#
# - **a)** It is better by about one point.
# - **b)** It is better, but nobody knows by how much.
# - **c)** Nothing.

# %% [markdown]
# ## A run is a row
#
# A training needs three things: a **problem** (data and a network), the **rate** of each update, and a **seed**. The seed alone decides the initial weights and the order of the data.
#
# `signals()` makes short, noisy curves of ten kinds, after MNIST-1D by Greydanus and Kobak. A network with one hidden layer of 64 has to tell them apart. It never gets all of them right, which is good: there is something left to win.
#
# `compare` trains one network for each seed and each schedule. All of them lie in one matrix, a row for each run, so one matrix product serves them all.

# %%
from lrcourse.experiments import compare, signals
from lrcourse.schedules import Constant, CosineDecay

problem = signals()
steps, seeds = 800, range(8)
schedules = {"constant": Constant(0.12), "cosine": CosineDecay(0.12, steps)}

runs = compare(problem, schedules, seeds, steps, test_every=40)

# %% [markdown]
# Each curve is a mean over the seeds, and the band is its 95% interval. Below are the rates that the updates really used: the trainer writes them down, like a flight recorder.

# %% tags=["nbval-ignore-output"]
from lrcourse.plots import plot_runs, show

show(plot_runs(runs, "test accuracy"))

# %% [markdown]
# ## How sure are we?
#
# Look at single seeds first.

# %% tags=["nbval-ignore-output"]
ends = {name: 100 * run.test_accuracies[:, -1] for name, run in runs.items()}
rows = "\n".join(
    f"| {seed} | {constant:.1f} | {cosine:.1f} | {cosine - constant:+.1f} |"
    for seed, constant, cosine in zip(seeds, ends["constant"], ends["cosine"], strict=True)
)
Markdown(f"| seed | constant | cosine | difference |\n|---|---|---|---|\n{rows}")

# %% [markdown]
# Two networks that differ in nothing but their seed can be points apart. So the answer to the question is **c**: one run of each tells you about luck.
#
# Row number 5 of both groups started from the same weights and saw the same batches. The two are **paired**, and we may look at their difference. The mean of the differences, with its 95% interval, is the result:

# %% tags=["nbval-ignore-output"]
from lrcourse.experiments import paired_difference

gain = paired_difference(ends["cosine"], ends["constant"])
assert gain.low > 0
Markdown(f"Cosine against constant, test accuracy: **{gain.in_words('points')}**.")

# %% [markdown]
# If the interval holds zero, we say "no difference found", and which differences are excluded. That is a result too.

# %% [markdown]
# ## A fair race
#
# Both schedules had the peak 0.12. Is that fair? At the same peak a cosine spends half as much rate as a constant. Perhaps the constant would like a lower one.
#
# So we try several peaks for each. Accuracy over peak rate looks like a bowl turned upside down. A shape is a schedule of peak 1, and `bowls` multiplies it by each peak.

# %%
from lrcourse.experiments import bowls

shapes = {"constant": Constant(1), "cosine": CosineDecay(1, 500)}
found = bowls(problem, shapes, [0.02, 0.05, 0.1, 0.2, 0.4], range(8), steps=500)

# %% tags=["nbval-ignore-output"]
from lrcourse.plots import plot_bowls

show(plot_bowls(found))

# %% [markdown]
# The two bowls have their best places at different rates. Whoever compares at one rate decides the result by choosing it.
#
# One more trap: if you choose the best peak *and* report the accuracy of the same seeds, every schedule looks a little better than it is. `tuned` lets one half of the seeds choose the peak for the other half.

# %% tags=["nbval-ignore-output"]
tuned = {name: 100 * found.tuned(name) for name in shapes}
fair = paired_difference(tuned["cosine"], tuned["constant"])
assert fair.low > 0
best = {name: found.best_peak(name) for name in shapes}
assert best["cosine"] > best["constant"]

Markdown(
    f"""
Cosine at its best peak, {best["cosine"]:g}, against constant at {best["constant"]:g}:
**{fair.in_words("points")}**.
"""
)

# %% [markdown]
# ## A problem you can see
#
# Some problems have only two parameters, and the whole training is a path over a map. This ravine is twenty times as steep across as along. The gradients carry noise.

# %% tags=["nbval-ignore-output"]
from lrcourse.experiments import Sgd, ravine
from lrcourse.plots import plot_surface

schedules = {"constant": Constant(0.09), "cosine": CosineDecay(0.09, 60)}
walks = compare(
    ravine(noise=4.0), schedules, range(1), 60, optimizer=Sgd(), batch_size=1, keep_every=1
)
show(plot_surface(ravine(), {name: ravine().paths(run) for name, run in walks.items()}))

# %% [markdown]
# Both cross the ravine again and again while the rate is high. The cosine comes to rest at the end; the constant never does.
#
# For a bowl the theory is exact: `floor` says how high the loss stays at a constant rate, and `largest_stable_lr` where it explodes. The tests of this course compare simulation and formula.

# %% [markdown]
# ## Your own network
#
# Any `torch.nn.Module` will do. Give a function that makes one. (No dropout and no running statistics, please: a run must be the same whenever it is repeated.)

# %% tags=["nbval-ignore-output"]
from torch import nn

from lrcourse.experiments import ModuleNetwork


def make_mine():
    return nn.Sequential(nn.Linear(40, 32), nn.LayerNorm(32), nn.Tanh(), nn.Linear(32, 10))


mine = compare(
    signals(network=ModuleNetwork(make_mine)),
    {"too low": Constant(0.001), "better": Constant(0.1)},
    range(4),
    steps=300,
)
{name: f"{run.test_accuracies[:, -1].mean():.0%}" for name, run in mine.items()}

# %% [markdown]
# ## The claims of this course
#
# Every empirical sentence of the course is an entry in a list: the sentence, an experiment of at most 15 lines, and the range in which the numbers must lie if the sentence is true. The verdict is computed. The tests run every claim again with seeds that no lesson uses.

# %%
from lrcourse.claims import CLAIMS

rows = "\n".join(
    f"| {c.section} | `{c.name}` | {c.sentence} | {c.verdict} |" for c in CLAIMS.values()
)
Markdown(f"| section | name | sentence | verdict |\n|---|---|---|---|\n{rows}")

# %% [markdown]
# Note that some of these sentences are folklore, and do *not* hold. Here is one that many people believe. Change the first seed, and run it again.

# %% tags=["nbval-ignore-output"]
finding = CLAIMS["momentum-calms"].run(first_seed=0)
assert finding.is_as_taught
finding

# %% [markdown]
# Momentum 0.9 at rate η acts like a rate of 10 η. More momentum at the same rate means *more* noise. The experiment itself is a function; read it:

# %%
import inspect

print(inspect.getsource(CLAIMS["momentum-calms"].experiment))

# %% [markdown]
# In a terminal, `lrcourse claims` lists them all, `lrcourse claims momentum-calms` runs one, and `--first-seed 100` takes other seeds.

# %% [markdown]
# ## Bigger questions
#
# `train` and `compare` use one thread: for networks this small a second thread costs more than it brings on a busy machine. To use the whole machine, give the same arguments to `sweep`. It spreads the runs over processes, shows its progress, saves what is done, and goes on where it was interrupted:
#
# ```python
# from lrcourse.experiments import rate_table, sweep
#
# lrs = rate_table([CosineDecay(peak, 1000) for peak in peaks], seeds=100, steps=1000)
# run = sweep(signals(), lrs, [*range(100)] * len(peaks), folder="my-sweep")
# ```
#
# The numbers are the same to the last bit, however the runs are spread.

# %% [markdown]
# ## The traps
#
# - **One seed.** You measure luck. Take eight or more, and pair them.
# - **One rate.** You measure who likes that rate. Draw the bowl.
# - **A coarse grid.** Two schedules with neighbouring best rates can swap places when the grid gets finer. Refine the grid before you believe a gap of one point.
# - **Choosing and reporting on the same seeds.** Use `tuned`, or new seeds.
# - **Many looks.** Of twenty differences that do not exist, one leaves zero out of its 95% interval. Decide beforehand what to look at.
# - **A small world.** These networks are tiny. An effect that is missing here may exist in a large model, and the other way round. We say "at this scale".

# %% [markdown]
# ## What we saw
#
# 1. A run is a row: rates and seed decide everything.
# 2. A result is a paired difference with an interval.
# 3. Schedules are compared at their own best peak, chosen on other seeds.
# 4. Any module can be a row.
# 5. Claims are experiments, and you can rerun them.

# %% [markdown]
# ## Three quick questions
#
# <details><summary>Ten seeds give a difference of 0.4 ± 0.6 points. What do you report?</summary>
# "No difference found; one larger than 1.0 is excluded." Not "better by 0.4".
# </details>
#
# <details><summary>Why do runs with the same seed share the order of the data?</summary>
# Luck that both share cancels in their difference, so the interval is narrower, or the same number of seeds tells you more.
# </details>
#
# <details><summary>One of twelve runs diverged. May you report the mean of the other eleven?</summary>
# Not alone: it would flatter the rate that made it diverge. Say how many diverged, and compare shares.
# </details>

# %% [markdown]
# ## Further reading
#
# - Sam Greydanus and Dmitry Kobak, *Scaling Down Deep Learning with MNIST-1D*, [arXiv:2011.14439](https://arxiv.org/abs/2011.14439): the recipe of the signals.
# - Robin Schmidt, Frank Schneider and Philipp Hennig, *Descending through a Crowded Valley*, [arXiv:2007.01547](https://arxiv.org/abs/2007.01547): many optimizers, tuned and untuned, with and without schedules.
# - Kaiming He and others, *Delving Deep into Rectifiers*, [arXiv:1502.01852](https://arxiv.org/abs/1502.01852): the initial weights of these networks.
