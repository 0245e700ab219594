# %% [markdown]
# # Glossary
#
# **To look up, not to learn.** Every word of the course in one or two sentences, with the section that explains it. After the words come two tables: what the other libraries call the same quantities, and which words mean different things in different places.
#
# [The words](#The-words) · [One name per quantity](#One-name-per-quantity) · [Same word, another meaning](#Same-word,-another-meaning) · [Every schedule](#Every-schedule)

# %% tags=["nbval-ignore-output"]
import matplotlib
import numpy as np
import torch
from IPython.display import Markdown

import lrcourse

print(f"lrcourse {lrcourse.__version__}, torch {torch.__version__},")
print(f"NumPy {np.__version__}, matplotlib {matplotlib.__version__}")

# %% [markdown]
# ## The words

# %% [markdown]
# ### 1 and A
#
# - **1-sqrt**: A cooldown that falls steeply at first and gently at last, $1 - \sqrt{x}$ with $x$ from 0 to 1. ([11](11_recipes.ipynb))
# - **accuracy**: The share of examples that a network gets right. On the test set unless we say otherwise. ([00](00_learning_rate.ipynb))
# - **Adam**: An optimizer that divides a running mean of the gradients by the root of a running mean of their squares, for each weight by itself. ([00](00_learning_rate.ipynb))
# - **AdamW**: Adam with decoupled weight decay. ([00](00_learning_rate.ipynb))
# - **adaptive method**: An optimizer that scales the step of each weight by the history of its gradients, such as RMSprop and Adam. ([00](00_learning_rate.ipynb))
# - **annealing**: Lowering the rate slowly, so that the weights settle. A word of the smiths. ([03](03_cosine.ipynb))
# - **annihilation**: A last stretch of one cycle, far below the rate of the start. ([07](07_one_cycle.ipynb))
# - **anytime performance**: Being able to stop early, at the end of any cycle, with a finished network. ([04](04_sgdr.ipynb))
# - **area**: The sum of all rates of a schedule: how far its updates together can go. Section 02 calls it travel. ([03](03_cosine.ipynb))
# - **average of weights**: The mean of weights from several moments of one training. The mean is quiet where each of them is noisy. ([11](11_recipes.ipynb))

# %% [markdown]
# ### B
#
# - **backbone**: The pretrained part of a network, below a new head. ([08](08_pytorch.ipynb))
# - **base**: The rate that you gave to the optimizer, from which a PyTorch scheduler starts. It is kept as `initial_lr` in the parameter group. ([08](08_pytorch.ipynb))
# - **baseline**: What a new idea is compared with, at its own best peak. ([12](12_capstone.ipynb))
# - **batch**: The few examples from which one gradient is computed. ([00](00_learning_rate.ipynb))
# - **batch size**: How many examples one batch holds. ([10](10_batch_size.ipynb))
# - **bias correction**: Dividing a running mean that began at zero by what is missing in it, as Adam does for both of its means. ([06](06_warmup.ipynb))
# - **block**: A part of a transformer that is repeated: some work on its input, a sum and a normalisation. ([06](06_warmup.ipynb))
# - **bowl (a loss)**: The simplest loss, $f(w) = \lambda w^2/2$, where everything can be computed. ([00](00_learning_rate.ipynb))
# - **bowl (a picture)**: The accuracy over the peak rate, one curve for each schedule. It looks like a bowl upside down. ([03](03_cosine.ipynb))
# - **budget**: How many updates a training may make. ([03](03_cosine.ipynb))

# %% [markdown]
# ### C
#
# - **check**: One look of a plateau rule at the metric, usually after an epoch. ([05](05_plateau.ipynb))
# - **checkpoint**: A file from which a training can go on: weights, optimizer, scheduler and count. ([08](08_pytorch.ipynb))
# - **claim**: A sentence of this course with an experiment. The verdict is computed from the measured numbers. ([laboratory](laboratory.ipynb))
# - **clipping**: Shortening a gradient that is longer than a limit. It shortens gradients; a warmup shortens steps. ([06](06_warmup.ipynb))
# - **clock**: What a length counts: updates, samples, tokens or epochs. ([11](11_recipes.ipynb))
# - **condition number**: The steepest curvature over the flattest. When it is large, training is slow at every rate. ([00](00_learning_rate.ipynb))
# - **constant rate**: The same learning rate in every update; the plainest schedule. ([00](00_learning_rate.ipynb))
# - **cooldown (of a plateau rule)**: The checks after a cut that are not counted. ([05](05_plateau.ipynb))
# - **cooldown (of WSD)**: The last phase, in which the rate falls to its end. ([11](11_recipes.ipynb))
# - **cosine decay**: Half a cosine from the peak down to the floor. ([03](03_cosine.ipynb))
# - **critical batch size**: The batch size at which you pay twice the fewest updates and twice the fewest examples. The noise scale of section 10 estimates it. ([10](10_batch_size.ipynb))
# - **curvature**: How quickly the walls of the loss become steep. We write $\lambda$. ([00](00_learning_rate.ipynb))
# - **cut**: The moment at which a plateau rule multiplies the rate by its factor. ([05](05_plateau.ipynb))
# - **cycle**: One stretch of a schedule that is repeated, from one restart to the next. ([04](04_sgdr.ipynb))
# - **cyclical rate**: A rate that goes up and down between two bounds, again and again. ([07](07_one_cycle.ipynb))

# %% [markdown]
# ### D
#
# - **decay**: Any fall of the rate during training. ([01](01_step.ipynb))
# - **decay constant**: How fast an exponential decay falls, per update. We write $k$. ([02](02_exponential.ipynb))
# - **decoupled weight decay**: A pull of the weights towards zero that does not pass through the gradient, as in AdamW. ([00](00_learning_rate.ipynb))
# - **diverge**: To end every step higher than the last, until the numbers overflow. ([00](00_learning_rate.ipynb))
# - **drop**: A sudden fall of the rate, from one update to the next. ([01](01_step.ipynb))
# - **drop test**: Going on at a tenth of the rate and at three times the rate for a while, to learn why a loss is flat. ([09](09_lr_finder.ipynb))

# %% [markdown]
# ### E
#
# - **edge of stability**: The curvature $2/\eta$, to which large networks climb when they are trained without noise at the rate $\eta$. ([00](00_learning_rate.ipynb))
# - **effective rate**: $\eta/(1 - m)$: what a rate $\eta$ with momentum $m$ moves in the long run. ([07](07_one_cycle.ipynb))
# - **eigenvalue**: Here: the curvature along one of the main directions of the loss. The largest belongs to the steepest. ([00](00_learning_rate.ipynb))
# - **ensemble**: Several networks that answer together, with the mean of their probabilities. ([04](04_sgdr.ipynb))
# - **epoch**: One pass over the training set. ([01](01_step.ipynb))
# - **explorer**: A picture of this course that answers a slider. ([explorers](explorers.ipynb))
# - **exponential decay**: A rate that is multiplied by the same factor $\gamma$ in every update. ([02](02_exponential.ipynb))

# %% [markdown]
# ### F
#
# - **fine-tuning**: Training a pretrained network further, for a task of its own. ([06](06_warmup.ipynb))
# - **floor (of a schedule)**: The lowest rate, `min_lr`. ([03](03_cosine.ipynb))
# - **fold**: A loop that carries a small memory through a list. A plateau rule is one. ([05](05_plateau.ipynb))
# - **forest plot**: Differences below each other, each with its interval, beside a line at zero. ([laboratory](laboratory.ipynb))

# %% [markdown]
# ### G
#
# - **gamma**: The factor by which a rate is multiplied, $\gamma$. ([01](01_step.ipynb))
# - **gradient**: The slope of the loss in the direction of each weight. ([00](00_learning_rate.ipynb))
# - **gradient accumulation**: Adding up the gradients of several batches for one update. ([06](06_warmup.ipynb))
# - **gradient descent**: Walking down the gradient, a step in each update. Without "stochastic", all data go into each step. ([00](00_learning_rate.ipynb))
# - **gradual warmup**: A warmup that starts at the old rate and ends at the higher rate of a larger batch. ([10](10_batch_size.ipynb))
# - **grid**: The list of peak rates that are tried. ([laboratory](laboratory.ipynb))

# %% [markdown]
# ### H
#
# - **half-life**: The number of updates after which the rate has halved. ([02](02_exponential.ipynb))
# - **hand-over**: The updates around the end of the warmup, where the decay takes over. ([06](06_warmup.ipynb))
# - **head**: The new last layer on a pretrained network. ([08](08_pytorch.ipynb))
# - **hyperparameter**: A number that you choose and training does not learn, such as the peak rate. ([03](03_cosine.ipynb))

# %% [markdown]
# ### I
#
# - **interval**: With 95%: the range in which the true mean probably lies, as far as the seeds can tell. ([00](00_learning_rate.ipynb))
# - **inverse square root**: A decay with $1/\sqrt{t}$ after a warmup. It needs no end. ([11](11_recipes.ipynb))
# - **inverse time**: The decay $\eta_\text{peak}/(1 + kt)$. ([02](02_exponential.ipynb))

# %% [markdown]
# ### L
#
# - **label noise**: Wrong labels, put in on purpose, which keep the gradients noisy. ([01](01_step.ipynb))
# - **LAMB**: Adam with a step for each layer that is scaled to the length of its weights. ([10](10_batch_size.ipynb))
# - **LARS**: Momentum with a step for each layer that is scaled to the length of its weights. ([10](10_batch_size.ipynb))
# - **learning rate**: How far to go for a given slope, $\eta$. In code `lr`. ([00](00_learning_rate.ipynb))
# - **linear decay**: A straight line from the peak down to the floor. ([02](02_exponential.ipynb))
# - **linear rule**: $k$ times the batch, $k$ times the rate. It holds for SGD while noise dominates. ([10](10_batch_size.ipynb))
# - **log loss**: Minus the logarithm of the probability that the right class got. It punishes confident mistakes. ([04](04_sgdr.ipynb))
# - **loss**: The number that training makes small. ([00](00_learning_rate.ipynb))

# %% [markdown]
# ### M
#
# - **metric**: The number that a plateau rule listens to, such as a validation loss. ([05](05_plateau.ipynb))
# - **milestone**: An update at which the rate drops, or one schedule follows another. ([01](01_step.ipynb))
# - **momentum**: Keeping a share $m$ of the last step in the next one. ([00](00_learning_rate.ipynb))
# - **muP**: The maximal update parametrization: rates and initial weights that follow the width, so that a peak tuned on a narrow network suits a wide one. ([11](11_recipes.ipynb))

# %% [markdown]
# ### N
#
# - **Noam**: The inverse square root whose peak is $1/\sqrt{d\,W}$, from the transformer of 2017. ([11](11_recipes.ipynb))
# - **noise**: The difference between the gradient of a batch and that of all data. ([00](00_learning_rate.ipynb))
# - **noise floor**: The loss below which a constant rate does not get, because the noise keeps the weights jumping. ([00](00_learning_rate.ipynb))
# - **noise scale**: The batch size at which the noise of a gradient is as large as the gradient itself. Its full name is gradient noise scale. ([10](10_batch_size.ipynb))

# %% [markdown]
# ### O
#
# - **one cycle**: One rise and one fall of the rate over the whole training, with the momentum in opposition. ([07](07_one_cycle.ipynb))
# - **onset**: The rate at which the loss of a sweep has begun to rise. ([09](09_lr_finder.ipynb))
# - **optimizer**: The rule that turns a gradient into a step, such as SGD or Adam. ([00](00_learning_rate.ipynb))
# - **overfitting**: A low training loss with a rising test loss. ([00](00_learning_rate.ipynb))

# %% [markdown]
# ### P
#
# - **paired**: Of two trainings: the same seed, so the same first weights and the same batches. ([01](01_step.ipynb))
# - **parameter group**: Weights that share a rate in a PyTorch optimizer. ([08](08_pytorch.ipynb))
# - **patience**: How many bad checks a plateau rule tolerates before it cuts. ([05](05_plateau.ipynb))
# - **peak**: The highest rate of a schedule, `peak_lr`. ([01](01_step.ipynb))
# - **period**: The length of a whole cosine, from one peak to the next: twice `T_max`. ([03](03_cosine.ipynb))
# - **phase**: One of the parts of a schedule, such as the warmup. ([07](07_one_cycle.ipynb))
# - **pick**: The rate that a rule reads from a range test. ([09](09_lr_finder.ipynb))
# - **plateau**: A stretch in which the metric does not improve. ([05](05_plateau.ipynb))
# - **point**: A percentage point: one in a hundred of the test examples. ([01](01_step.ipynb))
# - **polynomial decay**: The decay $\eta_\text{peak}\,(1 - t/T)^p$. With $p = 1$ it is a straight line. ([02](02_exponential.ipynb))
# - **post-norm**: A transformer that normalises after each sum. ([06](06_warmup.ipynb))
# - **power scheduler**: A schedule whose stable rate is a power of the tokens seen. ([11](11_recipes.ipynb))
# - **pre-norm**: A transformer that normalises before the work of each block, and leaves the sum alone. ([06](06_warmup.ipynb))
# - **pretraining**: The long first training on much data, before fine-tuning. ([06](06_warmup.ipynb))

# %% [markdown]
# ### R
#
# - **RAdam**: An Adam that mistrusts its second moment at first. ([06](06_warmup.ipynb))
# - **range test**: A short training with rising rates, to see which rates can be borne. ([09](09_lr_finder.ipynb))
# - **re-warming**: Raising the rate again after a finished training, to train on. ([11](11_recipes.ipynb))
# - **recipe**: What a training was told to do with its rate: peak, warmup, decay, length, and the clock of each. ([11](11_recipes.ipynb))
# - **regret**: What a pick costs: the points that are lost against the best rate of the grid. ([09](09_lr_finder.ipynb))
# - **regularise**: To fit the training data less well, and new data better. ([07](07_one_cycle.ipynb))
# - **restart**: Setting the rate back to the peak. It is warm when the weights stay as they are. ([04](04_sgdr.ipynb))
# - **resume**: Going on from a checkpoint as if there had been no break. ([08](08_pytorch.ipynb))
# - **REX**: A line bent upwards: high for long, then a fast fall. ([11](11_recipes.ipynb))
# - **RMSprop**: An optimizer that divides the gradient by the root of the mean of its squares. ([00](00_learning_rate.ipynb))
# - **Robbins-Monro conditions**: Two conditions on the rates: their sum is infinite, the sum of their squares is not. ([00](00_learning_rate.ipynb))
# - **run**: One training of one network: a row of rates and a seed. ([laboratory](laboratory.ipynb))
# - **running mean**: A mean that keeps a share of what it was and takes in a little of each new value. ([09](09_lr_finder.ipynb))

# %% [markdown]
# ### S
#
# - **saddle point**: A place with slope zero that goes up in some directions and down in others. ([04](04_sgdr.ipynb))
# - **schedule**: A rule that gives the rate of each update. ([00](00_learning_rate.ipynb))
# - **schedule-free**: An optimizer that takes its gradient between the newest weights and the mean of all of them, in place of a decay. ([11](11_recipes.ipynb))
# - **scheduler**: PyTorch's object beside the optimizer, which writes a new rate into it at each call. ([08](08_pytorch.ipynb))
# - **seed**: The number that decides what is random, so that it can be repeated. ([00](00_learning_rate.ipynb))
# - **SGD**: Stochastic gradient descent: gradient descent with the gradient of a batch. ([00](00_learning_rate.ipynb))
# - **SGDR**: Cosine decay with warm restarts. ([04](04_sgdr.ipynb))
# - **shape**: A schedule of peak 1, which can be multiplied by any peak. ([03](03_cosine.ipynb))
# - **sharpness**: The curvature of the loss in its steepest direction. ([06](06_warmup.ipynb))
# - **signals**: The short noisy curves of ten kinds on which most experiments of the course train. ([laboratory](laboratory.ipynb))
# - **snapshot**: The network at the end of a cycle. ([04](04_sgdr.ipynb))
# - **snapshot ensemble**: An ensemble of the snapshots of one training. ([04](04_sgdr.ipynb))
# - **square root rule**: $k$ times the batch, $\sqrt{k}$ times the rate. It is for Adam while noise dominates. ([10](10_batch_size.ipynb))
# - **stable phase**: The part of WSD in which the rate is constant. ([11](11_recipes.ipynb))
# - **standardise**: To subtract from each input its mean and divide it by its standard deviation. ([09](09_lr_finder.ipynb))
# - **state dict**: What a PyTorch object wants to have saved. ([08](08_pytorch.ipynb))
# - **step**: What one update changes. In PyTorch also the method that makes it. ([00](00_learning_rate.ipynb))
# - **step decay**: Drops by the same factor at equal distances. ([01](01_step.ipynb))
# - **stretch**: The factor by which each cycle is longer than the one before. ([04](04_sgdr.ipynb))
# - **super-convergence**: The claim that one cycle reaches the same accuracy in a fraction of the updates. ([07](07_one_cycle.ipynb))
# - **sweep**: One pass of a range test, from a low rate to a high one. ([09](09_lr_finder.ipynb))

# %% [markdown]
# ### T
#
# - **test set**: Examples that training never sees, to judge it at the end. ([00](00_learning_rate.ipynb))
# - **threshold**: By how much a metric must beat the best so far to count as better. ([05](05_plateau.ipynb))
# - **time constant**: How many updates an exponential needs for the first 63% of its way: all but the share $1/e$. We write $\tau$. ([06](06_warmup.ipynb))
# - **token**: A piece of a word; language models count their data in them. ([11](11_recipes.ipynb))
# - **travel**: The sum of all rates of a schedule. ([02](02_exponential.ipynb))
# - **triangular cycle**: A rate that goes up in a straight line and down in a straight line. ([07](07_one_cycle.ipynb))
# - **trust ratio**: The length of the weights of a layer over that of its gradient (LARS) or its step (LAMB). The rate of the layer is multiplied by it. ([10](10_batch_size.ipynb))
# - **tuned**: Of a schedule: at its own best peak, chosen on other seeds than those that are reported. ([laboratory](laboratory.ipynb))

# %% [markdown]
# ### U
#
# - **update**: One change of the weights. The course counts time in updates made so far, $t$. ([00](00_learning_rate.ipynb))

# %% [markdown]
# ### V
#
# - **validation set**: Examples that do not train the network but may choose for it: the time of a cut, the peak, the end. ([05](05_plateau.ipynb))

# %% [markdown]
# ### W
#
# - **warmup**: Raising the rate from zero, or from a small start, to the peak. ([06](06_warmup.ipynb))
# - **weight**: A number of the network that training changes. ([00](00_learning_rate.ipynb))
# - **weight decay**: A pull of all weights towards zero, a little in each update. ([00](00_learning_rate.ipynb))
# - **WSD**: Warmup, stable, decay: a rate that rises, stays, and falls late. ([11](11_recipes.ipynb))

# %% [markdown]
# ## The letters
#
# | letter | name in code | meaning |
# |---|---|---|
# | $t$ | `t` | updates already made; the first update has $t = 0$ |
# | $\eta(t)$ | `schedule(t)` | the learning rate of the next update |
# | $\eta_\text{peak}$, $\eta_\text{min}$ | `peak_lr`, `min_lr` | the highest and the lowest rate |
# | $T$ | `steps` | length of the whole schedule |
# | $W$, $D$ | `warmup_steps`, `decay_steps` | length of the warmup, and of the cooldown |
# | $S$, $\gamma$ | `step_size`, `gamma` | updates between two drops, and the factor of each |
# | $T_0$, $T_k$ | `first_cycle` | length of the first cycle, and of cycle $k$ |
# | $U$, $D$ | `up_steps`, `down_steps` | the way up and the way down of a triangle |
# | $x = t/T$, $p$ | `power` | the share of the schedule that is over, and the power of a polynomial |
# | $k$ | `k` | the speed of an exponential or an inverse time decay; elsewhere a count: of a cycle, of larger batches |
# | $\tau$ | `time_constant` | how many updates an exponential needs for all of its way but the share $1/e$; in a cycle, the updates since it began |
# | $w$, $g$ | `weights`, `gradient` | the weights and the gradient |
# | $\lambda$ | `curvature` | the curvature of the loss; with an optimizer also the strength of the weight decay |
# | $\sigma$ | `noise` | the standard deviation of the noise of a gradient |
# | $m$, $\beta_1$, $\beta_2$ | `momentum`, `beta2` | what is kept of the mean of gradients ($m$, in Adam $\beta_1$) and of their squares |
# | $B$ | `batch_size` | examples in one batch |

# %% [markdown]
# ## One name per quantity
#
# The course uses one word for one thing. The other libraries have their own words, and a dash where they have none. The names of transformers, optax, timm and Keras were read in their source; those of PyTorch and of this library are checked by the cell that follows.

# %%
NAMES = """
| quantity | ours | PyTorch | transformers | optax | timm | Keras |
|---|---|---|---|---|---|---|
| updates already made | `t`, `step` | `last_epoch` | `current_step` | `count` | `t` | `step` |
| highest rate | `peak_lr` | `lr`, `max_lr` | optimizer's `lr` | `init_value`, `peak_value` | `base_values` | `initial_learning_rate`, `warmup_target` |
| lowest rate | `min_lr` | `eta_min`, `min_lr` | `min_lr`, `min_lr_rate`, `lr_end` | `end_value`, `alpha` | `lr_min` | `end_learning_rate`, `alpha`, `min_lr` |
| rate at the start of a warmup | `start_lr` | `start_factor` | `warmup_lr_rate` | `init_value` | `warmup_lr_init` | `initial_learning_rate` |
| length of the schedule | `steps` | `T_max`, `total_iters`, `total_steps` | `num_training_steps` | `transition_steps`, `decay_steps` | `t_initial` | `decay_steps` |
| length of the warmup | `warmup_steps` | `total_iters` | `num_warmup_steps` | `warmup_steps` | `warmup_t` | `warmup_steps` |
| length of the cooldown of WSD | `decay_steps` | - | `num_decay_steps` | - | `decay_t` | - |
| factor per drop | `gamma` | `gamma` | - | `decay_rate` | `decay_rate` | `decay_rate` |
| updates between drops | `step_size` | `step_size` | - | `transition_steps` | `decay_t` | `decay_steps` |
| join or drop points | `milestones` | `milestones` | - | `boundaries` | `decay_t` (a list) | `boundaries` |
| power of a polynomial | `power` | `power` | `power` | `power` | `power` | `power` |
| first cycle, growth of the cycles | `first_cycle`, `stretch` | `T_0`, `T_mult` | `num_cycles` (a count) | - | `t_initial`, `cycle_mul` | `first_decay_steps`, `t_mul` |
| bad checks tolerated, factor of a cut | `patience`, `factor` | `patience`, `factor` | as PyTorch | `patience`, `factor` | `patience_t`, `decay_rate` | `patience`, `factor` |
| checks that a cut silences | `cooldown` | `cooldown` | as PyTorch | `cooldown` | `cooldown_t` | `cooldown` |
"""
Markdown(NAMES)

# %% [markdown]
# The check: every name in the first two columns is a parameter of a schedule, of a scheduler, or of the optimizer.

# %%
import inspect
import re

from torch.optim import lr_scheduler

from lrcourse.schedules import SCHEDULES, ReduceOnPlateau


def parameters(classes):
    return {name for each in classes for name in inspect.signature(each).parameters}


ours = parameters([*SCHEDULES.values(), ReduceOnPlateau]) | {"t", "step"}
pytorch = parameters(getattr(lr_scheduler, name) for name in lr_scheduler.__all__) | {"lr"}

columns = [line.split("|")[2:4] for line in NAMES.strip().splitlines()[2:]]
for known, column in ((ours, 0), (pytorch, 1)):
    named = {name for row in columns for name in re.findall(r"`(\w+)`", row[column])}
    assert named <= known, named - known
    print(len(named), "names, all of them exist")

# %% [markdown]
# ## Same word, another meaning
#
# These have cost people days. Section [08](08_pytorch.ipynb) runs most of them.
#
# | word | in one place | in another |
# |---|---|---|
# | `decay_steps` | optax counts the warmup in | Keras counts from the end of the warmup; in our WSD it is the cooldown alone |
# | lowest rate | a rate: PyTorch, timm, `end_value` of optax | a share of the peak: `alpha` of Keras and optax, `min_lr_rate` of transformers |
# | `total_iters` | length of a warmup in `LinearLR` | length of a decay in `PolynomialLR` |
# | `last_epoch` | by its name, epochs | in fact, calls of `scheduler.step()` |
# | `gamma` | factor of a drop in `StepLR` | factor of every update in `ExponentialLR` and in the `exp_range` of `CyclicLR` |
# | `step_size` | updates between drops in `StepLR` | half a cycle, as `step_size_up`, in `CyclicLR` |
# | `patience` | PyTorch tolerates so many bad checks and cuts at the next | Keras cuts at the last of so many |
# | `num_cycles` | waves in transformers' `cosine`, where half a wave is the usual decay | a count of cycles in its `cosine_with_restarts` |
# | `decay_t` | in timm, updates between drops, or a list of drops | in timm's WSD, the length of the cooldown |
# | `t_initial` | in timm's cosine, the whole length or the part after the warmup, as `warmup_prefix` says | in timm's WSD, always the part after the warmup |
# | cooldown | a pause after a cut | the last phase of WSD |
# | `min_lr` | the end of a schedule | the lowest rate that a plateau rule may set |
# | batch size | examples in a batch | examples in an **update**, which is more where gradients are accumulated or several machines work |

# %% [markdown]
# ## Every schedule
#
# All schedules of the library, each with its formula. The list is made from the classes themselves.

# %%
formulas = {name: inspect.getdoc(each).splitlines()[0] for name, each in SCHEDULES.items()}
rows = "\n".join(f"| `{name}` | {formula} |" for name, formula in sorted(formulas.items()))
Markdown(f"| schedule | formula |\n|---|---|\n{rows}")

# %% [markdown]
# Back to the [map of the course](index.ipynb).
