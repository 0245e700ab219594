# %% [markdown]
# # 00 What the learning rate does: exercises
#
# **39 minutes, seven tasks, 14 points.** Read [the lesson](../notebooks/00_learning_rate.ipynb) first.

# %% [markdown] tags=["exercise"]
# Welcome to your first exercises. Put your answer where the dots are, run the cell, then run the check below it. It answers at once: right, wrong or not attempted. When it is wrong, it shows where, and it knows the usual mistakes by name. Nobody else sees it, and you can try as often as you like.
#
# Stuck? `hint("00.1")` nudges; `hint("00.1", 2)` says more. After a try, `solution("00.1")` shows an answer; the [solutions](../solutions/00_learning_rate.ipynb) also say why. The tasks stand alone, so you can skip one and come back.

# %% [markdown] tags=["solution"]
# These are the solutions, each with a word on why. Try the [exercises](../exercises/00_learning_rate.ipynb) first: a wrong answer teaches more than a right one that you read.

# %%
import numpy as np
import torch
from IPython.display import display
from matplotlib.figure import Figure

from lrcourse.check import check, given, hint, solution
from lrcourse.experiments import Momentum, quadratic, train
from lrcourse.handouts.learning_rate import walk
from lrcourse.panels import Axis, Curve, Panel, time_panel
from lrcourse.plots import axes, plot_panel, show

# %% [markdown]
# ## 00.1 The speed limit
#
# *Implement. 3 minutes, easy, 1 point.*
#
# A bowl has one curvature for each direction. `curvatures` is a list of them, such as `[4.0, 50.0, 1.0, 10.0]`. Which rate is the limit: below it every direction arrives, and above it some direction diverges?
#
# Replace the dots, run the cell, then the check below it.


# %%
def largest_stable_lr(curvatures):
    ### BEGIN SOLUTION
    return 2 / max(curvatures)
    ### END SOLUTION


check("00.1", largest_stable_lr)

# %% [markdown] tags=["solution"]
# One rate serves all directions, and each has its own limit $2/\lambda$. The steepest has the lowest limit, so it decides. Half of that, $1/\lambda_\text{max}$, is only where the zigzag begins.

# %% [markdown]
# ## 00.2 Five fates
#
# *Predict. 5 minutes, easy, 2 points.*
#
# The next cell shows a bowl and five rates. What does the ball do at each of them? There are three answers:
#
# - `"creeps"`: it stays on its side and comes closer;
# - `"oscillates"`: it changes sides at every update and comes closer;
# - `"diverges"`: every update ends farther away than the last.
#
# Predict first. A calculator is allowed, running the descent is not.

# %%
question = given("00.2")
print(f"the curvature of the bowl: {question['curvature']:g}")
for letter, lr in zip("abcde", question["rates"], strict=True):
    print(f"rate {letter}: {lr:g}")

# %%
### BEGIN SOLUTION
a = "diverges"
b = "creeps"
c = "oscillates"
d = "creeps"
e = "oscillates"
### BEGIN EXERCISE
#:a = ...  # "creeps", "oscillates" or "diverges"
#:b = ...
#:c = ...
#:d = ...
#:e = ...
### END SOLUTION

check("00.2", a=a, b=b, c=c, d=d, e=e)

# %% [markdown]
# Now run it, and compare. A curve that leaves the picture is lost.

# %%
figure = Figure(figsize=(11, 3), layout="constrained")
panels, paths = figure.subplots(1, 5, sharey=True), {}
for ax, letter, lr in zip(panels, "abcde", question["rates"], strict=True):
    paths[letter] = walk(question["curvature"], lr)
    height = Axis("weight w" if letter == "a" else "", -3, 3)
    panel = Panel(Axis("update t", 0, 10), height, (Curve("", paths[letter]),))
    plot_panel(panel, ax).set_title(f"rate {letter}: {lr:g}")
ends = ", ".join(f"{letter}: {path[1]:.2g}, {path[-1]:.2g}" for letter, path in paths.items())
if ... in (a, b, c, d, e):
    print("Predict first. Then run this cell again.")
else:
    told = f"Five walks from w = 1. The weight after one update and after ten: {ends}."
    display(show(figure, told))

# %% [markdown] tags=["solution"]
# Work out $1 - \eta\lambda$ for each rate, or compare the rates with the two borders. With $\lambda = 0.4$ they are $1/\lambda = 2.5$ and $2/\lambda = 5$. So rate b creeps, although it is above 1: whether a rate is high depends on the bowl.

# %% [markdown]
# ## 00.3 The floor of any bowl
#
# *Compute. 8 minutes, medium, 3 points.*
#
# The lesson found the noise floor for $\lambda = 1$. Now do it for any $\lambda$. Each update multiplies the weight by $1-\eta\lambda$ and adds noise with the deviation $\eta\sigma$. So the variance of the weight settles where
#
# $$V = (1-\eta\lambda)^2\, V + \eta^2\sigma^2$$
#
# The loss is $\lambda w^2/2$. Where does its mean settle? `lr` is η, `sigma` is σ, `curvature` is λ; the rate is below the limit. Pen and paper lead to a formula. A loop that repeats the balance until it settles is right, too.


# %%
def noise_floor(lr, sigma, curvature):
    ### BEGIN SOLUTION
    return lr * sigma**2 / (2 * (2 - lr * curvature))
    ### END SOLUTION


check("00.3", noise_floor)

# %% [markdown] tags=["solution"]
# $1-(1-\eta\lambda)^2 = \eta\lambda(2-\eta\lambda)$, so $V = \eta\sigma^2/(\lambda(2-\eta\lambda))$. The mean loss is $\lambda V/2$: one λ cancels. For low rates the floor is about $\eta\sigma^2/4$ in **every** bowl; near the limit the bracket goes to zero and the floor grows without end.

# %% [markdown]
# ## 00.4 The hidden rate
#
# *Implement. 3 minutes, easy, 1 point.*
#
# You train with SGD at the rate `lr` and with `momentum`. Which rate without momentum moves as fast on a steady slope?


# %%
def effective_lr(lr, momentum):
    ### BEGIN SOLUTION
    return lr / (1 - momentum)
    ### END SOLUTION


check("00.4", effective_lr)

# %% [markdown] tags=["solution"]
# On a steady slope each step is the last one times $m$, plus the gradient: $1 + m + m^2 + \dots = 1/(1-m)$. Mind the brackets: `lr / 1 - momentum` is something else.

# %% [markdown]
# ## 00.5 More momentum against the noise
#
# *Repair. 8 minutes, medium, 3 points.*
#
# A colleague trained with momentum 0.5. Her gradients were noisy, so she raised it to 0.9 and changed nothing else. Here is what she got, the mean of 500 runs.

# %% tags=["nbval-ignore-output"]
bowl = quadratic([1.0], noise=1.0, start=[3.0])
before_and_after = {}
for momentum in (0.5, 0.9):
    table = np.full((500, 400), 0.05)  # (run, update): the same rate everywhere
    plan = {"batch_size": 1, "test_every": 10, "chunk": 500}
    before_and_after[momentum] = train(bowl, table, range(500), Momentum(momentum), **plan)

curves = [
    Curve(f"momentum {momentum}", run.test_losses.mean(axis=0), run.test_steps, style=style)
    for style, (momentum, run) in enumerate(before_and_after.items())
]
ax = plot_panel(time_panel(*curves, y=Axis("loss, mean"), steps=400), axes())
show(ax, "The mean loss over 400 updates. With momentum 0.9 it ends on a much higher floor.")

# %% [markdown]
# This is her training in one bowl. `noise` is a list with the disturbance of every gradient, and the answer is the weight after each update. She wants to keep the new momentum. Repair the training, so that its **effective** rate is again what it was with the old `momentum`.


# %%
def calmer(noise, lr, momentum, new_momentum):
    weight = torch.ones(1, dtype=torch.float64, requires_grad=True)
    ### BEGIN SOLUTION
    new_lr = lr * (1 - new_momentum) / (1 - momentum)
    optimizer = torch.optim.SGD([weight], lr=new_lr, momentum=new_momentum)
    ### BEGIN EXERCISE
    #:    optimizer = torch.optim.SGD([weight], lr=lr, momentum=new_momentum)
    ### END SOLUTION
    path = []
    for disturbance in noise:
        weight.grad = weight.detach() + disturbance  # the slope of the bowl, and the noise
        optimizer.step()
        path.append(weight.item())
    return path


check("00.5", calmer)

# %% [markdown] tags=["solution"]
# The effective rates must agree: $\eta'/(1-m') = \eta/(1-m)$. More momentum at the same rate is a higher effective rate, and so a higher floor. From 0.5 to 0.9 it is five times as high, so her rate has to be a fifth.

# %% [markdown]
# ## 00.6 One scale for all
#
# *Compute. 10 minutes, hard, 3 points.*
#
# A linear model learns from a table: one row for each example, one column for each feature. Its features have very different scales. Standardise them, and compute the limit $2/\lambda_\text{max}$ of training with the standardised table.
#
# You get a training set and a test set, as lists of rows. After the scaling the curvatures are the eigenvalues of $Z^\top Z/n$, where $Z$ is the standardised training set and $n$ is the number of its rows; `np.linalg.eigvalsh` gives the eigenvalues. Deviations as `np.std` computes them, please.


# %%
def limit_after_scaling(train, test):
    ### BEGIN SOLUTION
    x = np.array(train)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    return 2 / np.linalg.eigvalsh(z.T @ z / len(z)).max()
    ### END SOLUTION


check("00.6", limit_after_scaling)

# %% [markdown] tags=["solution"]
# Each column loses its own mean and is divided by its own deviation, so `axis=0`. The test set is not used at all here: mean and deviation come from the training set, and the test set is later scaled by the same numbers. Looking at it would be a leak, even if it changes little.

# %% [markdown]
# ## 00.7 Which one is true?
#
# *Quiz. 2 minutes, easy, 1 point.*
#
# You can read all four of these sentences. Which one did the lesson confirm?
#
# - **a)** If the gradients are noisy, raise the momentum: it averages the noise away.
# - **b)** A rate that is too low is dangerous, because the network gets trapped in a bad local minimum.
# - **c)** A strong L2 penalty lowers the largest stable rate.
# - **d)** With Adam the rate hardly matters, because Adam finds its own.

# %%
### BEGIN SOLUTION
answer = "c"
### BEGIN EXERCISE
#:answer = ...  # "a", "b", "c" or "d"
### END SOLUTION

check("00.7", answer)

# %% [markdown] tags=["solution"]
# The penalty adds α to every curvature, so the limit becomes $2/(\lambda_\text{max} + \alpha)$. The other three sentences are common, and the lesson measured something else each time.

# %% [markdown]
# ## What you can do now
#
# You can say what a rate will do before you run it, compute its limit and its floor, and keep a rate when the momentum changes. Next: the first schedule, in [section 01](../notebooks/01_step.ipynb). Or back to the [map of the course](../notebooks/index.ipynb).
