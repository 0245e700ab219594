# %% [markdown]
# # 12 Capstone: exercises
#
# **53 minutes, seven tasks, 18 points.** Read [the lesson](../notebooks/12_capstone.ipynb) first.

# %% [markdown] tags=["exercise"]
# Put your answer where the dots are, run the cell, then run the check below it. The check answers at once: right, wrong or not attempted. When it is wrong, it shows where, and it knows the usual mistakes by name.
#
# Stuck? `hint("12.1")` nudges; `hint("12.1", 2)` says more. The answers are in the [solutions](../solutions/12_capstone.ipynb).

# %% [markdown] tags=["solution"]
# These are the solutions, each with a word on why. Try the [exercises](../exercises/12_capstone.ipynb) first: a wrong answer teaches more than a right one that you read.

# %%
from IPython.display import Markdown

from lrcourse import schedules as s
from lrcourse.check import check, given, hint, solution
from lrcourse.handouts.capstone import GOAL, TUNED_COSINE, bowls_in_a_table, try_out

# %% [markdown]
# ## 12.1 Three bowls
#
# *Decide. 4 minutes, easy, 2 points.*
#
# Three schedules, each tried at six peaks: the mean test accuracy in per cent, over many seeds.

# %%
Markdown(bowls_in_a_table(**given("12.1")))

# %% [markdown]
# - `peak_b`: which is the best peak of B?
# - `gap`: by how many points is A better than B, in a fair comparison?
# - `next_c`: what do you do with C? `"report"` it, `"refine"` the grid around its best peak, or try `"higher"` or `"lower"` peaks?

# %%
### BEGIN SOLUTION
my_peak_b = 0.04
my_gap = 80.5 - 76.6
my_next_c = "higher"
### BEGIN EXERCISE
#:my_peak_b = ...
#:my_gap = ...
#:my_next_c = ...
### END SOLUTION

check("12.1", peak_b=my_peak_b, gap=my_gap, next_c=my_next_c)

# %% [markdown] tags=["solution"]
# The peak of B is the row of the highest number in its column. A fair gap takes each schedule at its own best peak: the highest number of A minus the highest number of B, in different rows. C is best at the edge of the grid, and an end of the grid is an arrow: go on to higher peaks before you report or refine anything.

# %% [markdown]
# ## 12.2 Some seeds choose, others report
#
# *Implement. 7 minutes, easy, 2 points.*
#
# Two tables of accuracies, as lists of rows. A row is a peak, and the numbers in it are seeds. The rows of both tables are the same peaks; the seeds are others. Choose the peak with the highest mean in `choosing`. Return the mean of that peak in `reporting`.


# %%
def fair_score(choosing, reporting):
    ### BEGIN SOLUTION
    means = [sum(row) / len(row) for row in choosing]
    best = means.index(max(means))
    return sum(reporting[best]) / len(reporting[best])
    ### END SOLUTION


check("12.2", fair_score)

# %% [markdown] tags=["solution"]
# The peak that wins on some seeds wins partly by luck. On these seeds it looks better than it is, and on others the luck is gone. So the seeds that choose may not report, and the seeds that report may not choose.

# %% [markdown]
# ## 12.3 What is left of an idle weight
#
# *Compute. 5 minutes, medium, 2 points.*
#
# In AdamW each update shrinks every weight by the factor $1 - \eta\lambda$, beside what the gradient does. A weight of 1 has no gradient. `rates` lists the rate of each update, and $\lambda$ is `weight_decay`. What is left of the weight after all of them?


# %%
def weight_left(rates, weight_decay):
    ### BEGIN SOLUTION
    left = 1.0
    for lr in rates:
        left = left * (1 - lr * weight_decay)
    return left
    ### END SOLUTION


check("12.3", weight_left)

# %% [markdown] tags=["solution"]
# Each update multiplies what the one before has left. So the schedule is in the result: the same `weight_decay` shrinks less where the rates are lower. That is why rate and weight decay are tuned together.

# %% [markdown]
# ## 12.4 Six situations
#
# *Decide. 6 minutes, medium, 3 points.*
#
# What do you advise? Where two would work, name the plainest that is enough. The words:
#
# | word | meaning |
# |---|---|
# | `"decay"` | no warmup; the rate falls to zero over the whole run |
# | `"warmup and decay"` | a ramp first, then down to zero over the rest |
# | `"restarts"` | several decays, one after the other |
# | `"late cooldown"` | hold the rate, and decay when the end is known |
# | `"re-warm"` | raise the rate of a finished run once more, then decay |
# | `"range test"` | a sweep with rising rates, before the training |
# | `"drop test"` | two short branches, one at a lower and one at a higher rate |
#
# The situations:
#
# - `s1`: a small plain network, SGD with momentum, 600 updates. You want one network.
# - `s2`: a convolutional network, SGD with momentum, 10,000 updates. You want five networks out of one run, to average their answers.
# - `s3`: a deep transformer with a normalisation after each block, AdamW, 20,000 updates.
# - `s4`: a transformer with a normalisation before each block, AdamW. You may be stopped at any time, with some notice.
# - `s5`: a run is finished, its rate is at zero. Now there are 5000 more updates, on new data.
# - `s6`: in the middle of a training the loss has been flat for a while. You do not know why.

# %%
### BEGIN SOLUTION
answers = {
    "s1": "decay",
    "s2": "restarts",
    "s3": "warmup and decay",
    "s4": "late cooldown",
    "s5": "re-warm",
    "s6": "drop test",
}
### BEGIN EXERCISE
#:answers = {
#:    "s1": ...,
#:    "s2": ...,
#:    "s3": ...,
#:    "s4": ...,
#:    "s5": ...,
#:    "s6": ...,
#:}
### END SOLUTION

check("12.4", **answers)

# %% [markdown] tags=["solution"]
# Three questions sort them. Is the end known? If not, cool down late (s4). Does this network need a warmup? The post-norm transformer does (s3); the small network gained nothing from one (s1). Does the run start fresh? From a rate of zero it must rise again (s5). Restarts pay where the networks between them are used (s2). And a flat loss has two opposite causes, so test before you turn a knob (s6). `advise` of the lesson gives its reasons for s1 to s5.

# %% [markdown]
# ## 12.5 The challenge
#
# *Experiment. 20 minutes, hard, 4 points.*
#
# Design the training of the lesson's problem: noisy signals, batches of 32, 600 updates of SGD with momentum. For each `t` from 0 to 599 give back two numbers: the rate, and the momentum (from 0 to below 1).
#
# Any schedule of the course is a function of `t`: `s.LinearDecay(0.1, 600)(t)`. The second cell tries your training on twelve seeds; each try takes seconds.
#
# The check trains 24 networks, with other seeds. You pass when their mean test accuracy is at least half a point above that of the tuned cosine. **Can that be luck?** From one set of 24 seeds to another such a mean moves by a few tenths of a point. So in a single try luck is seldom enough. But the check trains the same 24 networks every time: call it with twenty variants of the cosine, and one of them may well pass without being better (remember 12.2). So choose on the twelve seeds, and call the check when you have chosen. Write down how many tries you made of each kind. Nobody else counts them.

# %% tags=["nbval-ignore-output"]
print(f"the tuned cosine: about {TUNED_COSINE:g}%; the goal: {GOAL:g}%")


def my_training(t):
    ### BEGIN SOLUTION
    return 1.7 * min(t / 30, (600 - t) / 570), 0.0
    ### END SOLUTION


# %% tags=["nbval-ignore-output"]
print(try_out(my_training))

# %% tags=["nbval-ignore-output"]
check("12.5", my_training)

# %% [markdown] tags=["solution"]
# First the peak: among the curves that decay, what counts is $\eta/(1-m)$, and its best value is near 1.7, as for the tuned cosine. Cosine, line and WSD are nearly level there. A line at a peak of its own, near 2, gets a little more than half a point, so a shape can pass. Then the second knob: at the same $\eta/(1-m)$ we tried the momenta 0.8, 0.5 and 0, and each step down gained a little on this problem. Plain SGD with a line down from 1.7 was more than a point above the tuned cosine on 80 other seeds, and a ramp over 30 updates did no harm. Why less momentum is better here, these runs do not say. On another problem, try both ways.

# %% [markdown]
# ## 12.6 Four interview questions
#
# *Quiz. 5 minutes, easy, 2 points.*
#
# Choose the answer that you would give.
#
# **i1. Why does a warmup help?**
#
# - **a)** It tames the large gradients of the first updates, which would make Adam's steps too long.
# - **b)** It gives batch normalisation the time to collect its statistics; without batch normalisation it is useless.
# - **c)** At the start the curvature is often high. Short steps get through that phase, and a higher peak is possible afterwards.
# - **d)** Small steps at the start lead into better minima.
#
# **i2. A colleague reports: "My schedule beats a cosine by 0.4 points. Both had the peak 0.1, three seeds each." What is the first thing to fix?**
#
# - **a)** Each schedule needs its own best peak. Then more seeds, fresh ones, and an interval.
# - **b)** Nothing: the same peak for both makes it fair.
# - **c)** Of three seeds, the best should be reported, because anybody can have bad luck.
# - **d)** The test set should be larger.
#
# **i3. Your loss has been flat for a while. What do you do?**
#
# - **a)** Divide the rate by ten: a flat loss is a noise floor.
# - **b)** Go on for a while at a tenth of the rate and, from the same weights, at three times the rate.
# - **c)** Multiply the rate by three: the weights are stuck.
# - **d)** Take a larger model: this one is at its limit.
#
# **i4. You train with Adam, and your batch grows four times, with the same number of epochs. Where do you start with the rate?**
#
# - **a)** Leave it: Adam adapts the rate by itself.
# - **b)** At four times the rate.
# - **c)** At twice the rate, and try its neighbours. The schedule must be told that there are fewer updates.
# - **d)** At half the rate: larger batches are less stable.

# %%
### BEGIN SOLUTION
answers = {"i1": "c", "i2": "a", "i3": "b", "i4": "c"}
### BEGIN EXERCISE
#:answers = {"i1": ..., "i2": ..., "i3": ..., "i4": ...}
### END SOLUTION

check("12.6", **answers)

# %% [markdown] tags=["solution"]
# Each good answer names a mechanism that was measured (i1), a way to be fair (i2), a test that tells the causes apart (i3), or a rule together with its limit (i4). The others are what one reads most often.

# %% [markdown]
# ## 12.7 Final quiz: true or false?
#
# *Quiz. 6 minutes, medium, 3 points.*
#
# Write `"true"` or `"false"` for each. The check says which are wrong, and explains each of them.
#
# - `q1`: At the same rate, more momentum means more noise.
# - `q2`: `CosineAnnealingLR` jumps back to its peak when `T_max` is over.
# - `q3`: A step schedule does the same whether `step()` is called per batch or per epoch, if the number of epochs is the same.
# - `q4`: The rate at the minimum of a range test is the best peak.
# - `q5`: With `patience=2`, PyTorch's plateau rule cuts a flat metric at its fourth check.
# - `q6`: `ChainedScheduler` runs one schedule after the other.
# - `q7`: A warmup of 5% of the updates is the standard of large models.
# - `q8`: A cosine planned for 2000 updates and stopped at 1000 is as good there as any schedule.
# - `q9`: `OneCycleLR` changes the momentum, too, if nobody forbids it.
# - `q10`: Half the rate of an AdamW run also halves how much the weight decay shrinks the weights in each update.

# %%
### BEGIN SOLUTION
answers = {
    "q1": "true",
    "q2": "false",
    "q3": "false",
    "q4": "false",
    "q5": "true",
    "q6": "false",
    "q7": "false",
    "q8": "false",
    "q9": "true",
    "q10": "true",
}
### BEGIN EXERCISE
#:answers = {
#:    "q1": ...,
#:    "q2": ...,
#:    "q3": ...,
#:    "q4": ...,
#:    "q5": ...,
#:    "q6": ...,
#:    "q7": ...,
#:    "q8": ...,
#:    "q9": ...,
#:    "q10": ...,
#:}
### END SOLUTION

check("12.7", **answers)

# %% [markdown] tags=["solution"]
# The false ones are beliefs that stand in many notes; [this page](../docs/misconceptions.md) lists all that the course met, each with the place that shows what is true.

# %% [markdown]
# ## What you can do now
#
# You can tune a training from start to end, report it so that nobody is flattered, and say which advice you would not give. You have finished the exercises. Back to the [map of the course](../notebooks/index.ipynb), or with a question of your own to [the laboratory](../notebooks/laboratory.ipynb).
