# %% [markdown]
# # The explorers
#
# **30 minutes, or as long as you like.** Pictures that answer a slider, one for each section of the course. Move something, watch what happens, and try to explain it before you read on.
#
# After this notebook you can
#
# 1. see what a learning rate does to a walk in a valley, and why one constant is not enough;
# 2. tell decays, warmups, restarts and cycles apart by their areas and their ends;
# 3. catch the moments at which PyTorch does something else than you meant;
# 4. judge a pick of the learning rate by what it costs;
# 5. turn a function of your own into an explorer, in ten lines.
#
# Everything works by mouse and by keyboard: Tab goes to the next control, the arrow keys move it, Ctrl+Z takes a move back. The line under each picture says in words what there is to see. Where no kernel runs, you see a still picture.

# %% tags=["nbval-ignore-output"]
import matplotlib
import numpy as np
import torch

import lrcourse

torch.set_num_threads(1)
print(f"lrcourse {lrcourse.__version__}, torch {torch.__version__},")
print(f"NumPy {np.__version__}, matplotlib {matplotlib.__version__}")

# %% [markdown]
# ## Any schedule
#
# `explore` takes a schedule or its class. Choose a second one to compare with. PyTorch's own curve lies on top of ours, as long as the two agree.
#
# - Where does PyTorch's cosine stop agreeing, and what does it do then?
# - Compare with `LinearDecay` of the same length. Which area is larger? Guess first.

# %%
from lrcourse.explore import explore
from lrcourse.schedules import CosineDecay

explore(CosineDecay)

# %% [markdown]
# ## 00 A walk in a noisy valley
#
# The map shows a valley from above. The walk starts at the square and takes one step per update. On the steep side a rate above $2(1 + m)/\lambda$ throws it out.
#
# - Find the rate at which the walk begins to zigzag across the valley. At which does it leave?
# - Add noise. Why does the constant rate stop improving? Choose a decay instead.

# %% tags=["nbval-ignore-output"]
from lrcourse.explore.scenes import noisy_valley

explore(noisy_valley)

# %% [markdown]
# ## 02 The decay family
#
# Six ways down from the same peak in the same time. Tick the logarithmic axis: which curves become straight lines?

# %%
from lrcourse.explore.scenes import decay_family

explore(decay_family)

# %% [markdown]
# ## 04 Warm restarts
#
# The dashed line is your budget. Drag it. Only a few budgets end where a cycle ends; all others stop in the middle, at a rate that is not small.

# %%
from lrcourse.explore.scenes import restarts

explore(restarts)

# %% [markdown]
# ## 05 Reduce on plateau
#
# Paint the metric yourself. Then add noise, and watch the schedule cut while the metric is still getting better.

# %%
from lrcourse.explore.scenes import plateau

explore(plateau)

# %% [markdown]
# ## 06 Warmup
#
# Three shapes, and the moment at which the decay takes over. The common exponential formula never reaches its peak: find the jump.

# %%
from lrcourse.explore.scenes import warmup_shapes

explore(warmup_shapes)

# %% [markdown]
# ## 07 One cycle
#
# The rate goes up and the momentum goes down. What counts for a long walk is $\eta/(1 - m)$: how much does it really grow?

# %%
from lrcourse.explore.scenes import one_cycle

explore(one_cycle)

# %% [markdown]
# ## 08 What PyTorch really does
#
# Twelve programs that were meant to be a warmup and a decay. The dashed curve was recorded from a real optimizer. Which of them do what was meant?

# %%
from lrcourse.explore.scenes import compositions

explore(compositions)

# %% [markdown]
# ## 09 The range test, and the truth behind it
#
# Above is what a range test sees. Below is what it cannot see: how trainings at each rate really end. Drag the pick.

# %% tags=["nbval-ignore-output"]
from lrcourse.explore.scenes import lr_finder

explore(lr_finder)

# %% [markdown]
# ## 10 Batch size
#
# Two rules, and where they part. Drag the batch.

# %% tags=["nbval-ignore-output"]
from lrcourse.explore.scenes import batch_size

explore(batch_size)

# %% [markdown]
# ## 11 Recipes
#
# What well-known models were trained with, in steps, epochs or tokens. Compare two of very different length by their shape.

# %%
from lrcourse.explore.scenes import recipes

explore(recipes)

# %% [markdown]
# ## 12 Draw your own
#
# Paint η(t) with the mouse, or point by point with two sliders. The code under it is a schedule that you can train with.

# %%
from lrcourse.explore.scenes import draw_your_own

explore(draw_your_own)

# %% [markdown]
# ## Live training
#
# Two schedules, the same networks, the same batches. Press play. Before you do: which one will be ahead in the middle, and which one at the end?

# %% tags=["nbval-ignore-output"]
from lrcourse.explore.scenes import live_training

explore(live_training)

# %% [markdown]
# ## One of your own
#
# An explorer is a function. Its arguments have units, and it returns a picture as plain data. The sliders, the words, the copying, the undo and the still picture come by themselves.

# %%
from lrcourse.explore import scene
from lrcourse.panels import View, rates, time_panel
from lrcourse.schedules.units import LR, Steps


@scene("A cosine and a straight line")
def two_ways_down(peak_lr: LR = 0.1, steps: Steps = 100) -> View:
    t = np.arange(steps)
    cosine = peak_lr * (1 + np.cos(np.pi * t / steps)) / 2
    line = peak_lr * (1 - t / steps)
    picture = time_panel(rates("cosine", cosine), rates("line", line, style=1))
    return View((picture,), said=f"the areas are {cosine.sum():.4g} and {line.sum():.4g}")


explore(two_ways_down)

# %% [markdown]
# The areas are equal, up to half an update. A cosine is a straight line that rests at both ends.
#
# ## What we saw
#
# 1. A rate has an upper limit, which the steepest direction sets, and noise gives it a floor. Neither can be had from one constant.
# 2. Schedules of one peak differ most in their areas and in how they end.
# 3. Several usual programs in PyTorch do not do what they seem to say, and none of them says so.
# 4. A pick is worth what the training at that rate is worth. The range test does not know that.
# 5. An explorer is a function of units.
