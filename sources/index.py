# %% [markdown]
# # The learning rate and its schedules
#
# Welcome. This course is about one number and the curve that it follows while a network trains. Everybody sets it, few can say why. After the course you can.
#
# You read, you move sliders, you run real trainings on this machine, and exercises answer at once. Nothing is downloaded; no GPU is needed.
#
# **How to use a notebook.** Click a cell and press `Shift+Enter` to run it and go on. *Run > Run All Cells* in the menu runs everything. You cannot break anything: `git checkout notebooks` brings the original back.

# %% [markdown]
# ## The map
#
# Each section has a lesson. Minutes are for reading and playing; exercises take as long again.
#
# | section | you learn | minutes | lesson | exercises |
# |---|---|---|---|---|
# | **00** What the learning rate does | step length against curvature, the noise floor | 40 | [open](00_learning_rate.ipynb) | [open](../exercises/00_learning_rate.ipynb), [solutions](../solutions/00_learning_rate.ipynb) |
# | **01** Step decay | drops, and which clock they count | 25 | [open](01_step.ipynb) | [open](../exercises/01_step.ipynb), [solutions](../solutions/01_step.ipynb) |
# | **02** Exponential decay | half-life, finite travel | 30 | [open](02_exponential.ipynb) | [open](../exercises/02_exponential.ipynb), [solutions](../solutions/02_exponential.ipynb) |
# | **03** Cosine annealing | half a cosine, and why the budget matters | 35 | [open](03_cosine.ipynb) | [open](../exercises/03_cosine.ipynb), [solutions](../solutions/03_cosine.ipynb) |
# | **04** Warm restarts | cycles, snapshots | 30 | [open](04_sgdr.ipynb) | [open](../exercises/04_sgdr.ipynb), [solutions](../solutions/04_sgdr.ipynb) |
# | **05** Reduce on plateau | the schedule that listens | 35 | [open](05_plateau.ipynb) | [open](../exercises/05_plateau.ipynb), [solutions](../solutions/05_plateau.ipynb) |
# | **06** Warmup | how, how long, and why | 40 | [open](06_warmup.ipynb) | [open](../exercises/06_warmup.ipynb), [solutions](../solutions/06_warmup.ipynb) |
# | **07** One cycle | up, down, and momentum in opposition | 35 | [open](07_one_cycle.ipynb) | [open](../exercises/07_one_cycle.ipynb), [solutions](../solutions/07_one_cycle.ipynb) |
# | **08** The PyTorch API | order, clocks, composition, resume | 40 | [open](08_pytorch.ipynb) | [open](../exercises/08_pytorch.ipynb), [solutions](../solutions/08_pytorch.ipynb) |
# | **09** Finding and diagnosing | the range test; what a curve tells | 40 | [open](09_lr_finder.ipynb) | [open](../exercises/09_lr_finder.ipynb), [solutions](../solutions/09_lr_finder.ipynb) |
# | **10** Batch size | what to do with the rate when the batch grows | 30 | [open](10_batch_size.ipynb) | [open](../exercises/10_batch_size.ipynb), [solutions](../solutions/10_batch_size.ipynb) |
# | **11** Recipes | the published recipes, with units | 40 | [open](11_recipes.ipynb) | [open](../exercises/11_recipes.ipynb), [solutions](../solutions/11_recipes.ipynb) |
# | **12** Capstone | tune from start to end; design your own curve | 40 | [open](12_capstone.ipynb) | [open](../exercises/12_capstone.ipynb), [solutions](../solutions/12_capstone.ipynb) |

# %% [markdown]
# ## Three routes
#
# - **One evening.** [00](00_learning_rate.ipynb) what the number does, [03](03_cosine.ipynb) the schedule that most people use, [06](06_warmup.ipynb) why it begins slowly, [09](09_lr_finder.ipynb) how to choose it.
# - **A class of two days.** First day: [00](00_learning_rate.ipynb), [01](01_step.ipynb), [03](03_cosine.ipynb), [05](05_plateau.ipynb), [06](06_warmup.ipynb), each with two of its exercises. Second day: [08](08_pytorch.ipynb), [09](09_lr_finder.ipynb), [10](10_batch_size.ipynb), [11](11_recipes.ipynb), [12](12_capstone.ipynb), and the challenge in the exercises of 12.
# - **The whole.** From 00 to 12. Each lesson uses only words that the ones before it have explained; the [glossary](glossary.ipynb) has them all, with the names of PyTorch, transformers, optax and Keras.

# %% [markdown]
# ## Beside the sections
#
# - [The laboratory](laboratory.ipynb): how this course finds out what is true, and how you ask your own questions (25 minutes).
# - [The explorers](explorers.ipynb): thirteen pictures that answer a slider, one for each section and one for any schedule (30 minutes).
# - [The toolbox](toolbox.ipynb): a range test, a diagnosis, another batch size, recipes and advice for a model of your own (25 minutes).
# - [The glossary](glossary.ipynb): every word, and what other libraries call it.
# - [The final quiz](final_quiz.ipynb): forty sentences, true or false, each with its reason (15 minutes).
# - [The cheat sheet](../docs/cheat_sheet.html): all of it on one page, to print.
# - [What you will read, and what is true](../docs/misconceptions.md): the beliefs that the course has checked.
# - [The ledger](../docs/ledger.md): every sentence of common lecture notes, with its verdict and the place that shows it.

# %% [markdown]
# ## How far you are
#
# Which exercises are right, and what comes next. It is kept in a file of your own, on this computer; nothing is sent anywhere. In a terminal: `lrcourse progress`.

# %%
from lrcourse.check import my_progress

my_progress()

# %% [markdown]
# ## Try it now
#
# A first taste: a learning rate that drops every 30 updates. Run the cell, then move a slider.

# %%
from lrcourse.explore import explore
from lrcourse.schedules import StepDecay

explore(StepDecay(peak_lr=0.1, step_size=30, gamma=0.5))

# %% [markdown]
# ## Every curve of the course
#
# These are all the schedules that you will meet, each with typical numbers. Each is one line of mathematics in `lrcourse/schedules`. Which of them is best? That is the wrong question, and the course shows why.

# %%
from lrcourse import schedules as s
from lrcourse.plots import plot_gallery, show

curves = [
    s.Constant(0.1),
    s.StepDecay(0.1, 50, 0.5),
    s.MultiStepDecay(0.1, (60, 120, 160), 0.3),
    s.ExponentialDecay(0.1, 0.98),
    s.InverseTimeDecay(0.1, 0.05),
    s.LinearDecay(0.1, 150),
    s.PolynomialDecay(0.1, 150, power=2),
    s.CosineDecay(0.1, 150),
    s.CosineRestarts(0.1, 25, stretch=2),
    s.LinearWarmup(0.1, 40),
    s.ExponentialWarmup(0.1, 40, time_constant=10),
    s.CosineWarmup(0.1, 40),
    s.WarmupLinear(0.1, 20, 150),
    s.WarmupCosine(0.1, 20, 150),
    s.TriangularCycle(0.1, 25, cycle_gamma=0.7),
    s.OneCycle(0.1, 150),
    s.InverseSqrt(0.1, 20),
    s.WarmupStableDecay(0.1, 20, 40, 150),
    s.SqrtDecay(0.1, 150),
    s.REX(0.1, 150),
]
names = ", ".join(type(curve).__name__ for curve in curves)
show(
    plot_gallery(*curves, steps=200), f"{len(curves)} panels, each a rate over 200 updates: {names}"
)

# %% [markdown]
# They can be joined: `>>` puts one after the other, `*` multiplies two. Change the numbers and run the cell again.

# %%
from lrcourse.plots import plot_rates

mine = s.LinearWarmup(0.1, 20) >> 0.5 * s.Repeat(s.CosineDecay(0.1, 60), count=3)
show(
    plot_rates(mine=mine, steps=220), f"The rate of {mine}: a ramp, then three cosines half as high"
)

# %% [markdown]
# Ready? Start with [section 00, what the learning rate does](00_learning_rate.ipynb).
