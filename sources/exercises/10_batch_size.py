# %% [markdown]
# # 10 Batch size: exercises
#
# **34 minutes, six tasks, 13 points.** Read [the lesson](../notebooks/10_batch_size.ipynb) first.

# %% [markdown] tags=["exercise"]
# Put your answer where the dots are, run the cell, then run the check below it. The check answers at once: right, wrong or not attempted. When it is wrong, it shows where, and it knows the usual mistakes by name.
#
# Stuck? `hint("10.1")` nudges; `hint("10.1", 2)` says more. The answers are in the [solutions](../solutions/10_batch_size.ipynb).

# %% [markdown] tags=["solution"]
# These are the solutions, each with a word on why. Try the [exercises](../exercises/10_batch_size.ipynb) first: a wrong answer teaches more than a right one that you read.

# %%
import math

import numpy as np
from IPython.display import Markdown

from lrcourse.check import check, given, hint, solution
from lrcourse.handouts.batch_size import situations

# %% [markdown]
# ## 10.1 Both rules
#
# *Implement. 4 minutes, easy, 2 points.*
#
# You tuned a rate at one batch size and go on with another. Return two numbers for the new batch: `[rate, momentum]`.
#
# `optimizer` is `"sgd"` or `"adam"`, and each takes the rule that the lesson found for it. `momentum` is that of SGD, or β1 of Adam. Treat it as `rescale` does in the lesson, for both optimizers. Both batches lie far below the noise scale.


# %%
def carry_over(optimizer, lr, momentum, batch, new_batch):
    ### BEGIN SOLUTION
    k = new_batch / batch
    factor = k if optimizer == "sgd" else k**0.5
    return [factor * lr, momentum]
    ### END SOLUTION


check("10.1", carry_over)

# %% [markdown] tags=["solution"]
# SGD adds up short steps, so one update that replaces $k$ of them takes $k$ times the rate. Adam divides by the size of the gradient, which is mostly noise: that does $\sqrt{k}$ of the $k$, and the rate does the other $\sqrt{k}$. The momentum is no rate and stays. For a smaller batch $k$ is below 1, and the same lines work.

# %% [markdown]
# ## 10.2 The warmup in updates
#
# *Compute. 5 minutes, easy, 2 points.*
#
# A recipe says "`epochs` epochs of warmup", but your scheduler counts updates. The data set has `examples` examples, a backward pass sees `batch` of them, and `accumulate` passes make one update. How many whole updates is the warmup? The batches run on from one epoch into the next, and a rest at the end does not count.


# %%
def warmup_updates(epochs, examples, batch, accumulate):
    ### BEGIN SOLUTION
    seen = epochs * examples
    return math.floor(seen / (batch * accumulate))
    ### END SOLUTION


check("10.2", warmup_updates)

# %% [markdown] tags=["solution"]
# The warmup sees `epochs * examples` examples, and each update takes `batch * accumulate` of them. Two slips make it too long: to count the passes and not the updates, and to believe that a larger batch needs more updates. With this recipe it has fewer.

# %% [markdown]
# ## 10.3 One rate for each layer
#
# *Repair. 9 minutes, medium, 3 points.*
#
# This function should give the rates of LARS: $\eta\,q$ with $q = \text{trust}\cdot|w| / |g|$, one for each **layer**. `weights` and `gradients` hold one list of numbers for each layer. But the code takes one ratio for the whole model, and all layers get the same rate.
#
# Repair it. Where all weights of a layer are 0, or its whole gradient is, the layer keeps $q = 1$.


# %%
def layer_rates(weights, gradients, lr, trust):
    ### BEGIN SOLUTION
    rates = []
    for w, g in zip(weights, gradients, strict=True):
        length, slope = np.linalg.norm(w), np.linalg.norm(g)
        q = trust * length / slope if length > 0 and slope > 0 else 1.0
        rates.append(float(lr * q))
    return rates
    ### BEGIN EXERCISE
    #:    length = np.linalg.norm(np.concatenate(weights))
    #:    slope = np.linalg.norm(np.concatenate(gradients))
    #:    q = trust * length / slope
    #:    return [lr * q for _ in weights]
    ### END SOLUTION


check("10.3", layer_rates)

# %% [markdown] tags=["solution"]
# The lengths move into a loop over the layers. Now the step of each layer, $\eta\,q\,g$, has the length $\eta\cdot\text{trust}\cdot|w|$: a fixed share of its weights, whatever the gradient. With the ratio upside down a long gradient would become longer still. A layer that starts at 0 needs the exception: with $q = 0$ it would stay there for ever.

# %% [markdown]
# ## 10.4 Estimate the noise scale
#
# *Compute. 9 minutes, hard, 3 points.*
#
# You measured $|g|^2$, the squared length of the gradient, several times with batches of `small` examples and as often with batches of `big`. Both lists hold the numbers as measured. Take the mean of each list, and estimate
#
# $$B_\text{noise} = \frac{\operatorname{tr}\Sigma}{|G|^2} \qquad\text{from}\qquad \mathbb{E}\,|g_B|^2 = |G|^2 + \frac{\operatorname{tr}\Sigma}{B}$$


# %%
def estimated_noise_scale(small_norms, big_norms, small, big):
    ### BEGIN SOLUTION
    small_norm, big_norm = np.mean(small_norms), np.mean(big_norms)
    trace = (small_norm - big_norm) / (1 / small - 1 / big)
    signal = small_norm - trace / small
    return trace / signal
    ### END SOLUTION


check("10.4", estimated_noise_scale)

# %% [markdown] tags=["solution"]
# Two batch sizes give two equations for two unknowns. Their difference has no $|G|^2$ in it, so it tells $\operatorname{tr}\Sigma$; what is left of either norm is $|G|^2$. The big batch alone is not the signal, because it still holds $\operatorname{tr}\Sigma/B$. And the means come first: a single pair may have a signal near 0, and a ratio with it can be anything.

# %% [markdown]
# ## 10.5 Which rule?
#
# *Decide. 5 minutes, medium, 2 points.*
#
# Four people change their batch. What is your first guess for each rate? Answer with one of four words:
#
# | word | meaning |
# |---|---|
# | `"linear"` | the rate times $k$ |
# | `"square root"` | the rate times $\sqrt{k}$ |
# | `"keep"` | about the same rate: the best rate has stopped rising |
# | `"tune"` | none of these is a known first guess: search the rate anew |

# %%
question = given("10.5")
Markdown(situations(**question))

# %%
### BEGIN SOLUTION
words = {"A": "tune", "B": "keep", "C": "linear", "D": "square root"}
### BEGIN EXERCISE
#:words = {"A": ..., "B": ..., "C": ..., "D": ...}
### END SOLUTION

check("10.5", **words)

# %% [markdown] tags=["solution"]
# (With numbers of your own the letters may stand elsewhere.) Plain SGD far below the noise scale follows the linear rule, and AdamW the square root. The batch of SGD with momentum is many times the noise scale: there the rate has saturated, and a rule would only make it too high. LARS divides by the length of the gradient, so neither argument fits, and its rate is searched anew.

# %% [markdown]
# ## 10.6 The warmup of a larger batch
#
# *Quiz. 2 minutes, easy, 1 point.*
#
# The recipe of ImageNet in one hour goes from a batch of 1024 to one of 8192. What happens to its warmup?
#
# - **a)** It gets about eight times as many updates: a larger batch needs a longer warmup.
# - **b)** It keeps its number of updates, as the running means need.
# - **c)** It gets about an eighth of the updates, and leads to a higher rate.
# - **d)** It is not needed any more: the linear rule has already adapted the rate.

# %%
### BEGIN SOLUTION
answer = "c"
### BEGIN EXERCISE
#:answer = ...
### END SOLUTION

check("10.6", answer)

# %% [markdown] tags=["solution"]
# Goyal's warmup is 5 epochs at every batch, and an epoch of a batch eight times as large has an eighth of the updates. What grows is the rate at its end. It is the rate that asks for a warmup, not the batch.

# %% [markdown]
# ## What you can do now
#
# You can carry a rate, a warmup and a schedule over to another batch, and say when the rule ends. You can measure where that is. Next: [11 Recipes](../notebooks/11_recipes.ipynb), or back to the [map of the course](../notebooks/index.ipynb).
