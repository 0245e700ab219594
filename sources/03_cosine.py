# %% [markdown] tags=["C23"]
# # 03 Cosine annealing
#
# **35 minutes.** You need a training loop, and the idea that a schedule gives the rate of update $t$ ([section 01](01_step.ipynb)).
#
# Cosine annealing is a decay that you will meet often. It follows the usual plan: a high rate at first, to travel fast; a low rate at last, to settle. What is new is the way between the two. *Annealing* is a word of the smiths: let the hot metal cool slowly, and it settles.
#
# After this lesson you can
#
# 1. write half a cosine in one line, and say why `T_max` is *half* a period;
# 2. say what PyTorch's cosine does after its end, and what ours does;
# 3. compare cosine, line and step fairly, and say what the peak rate decides;
# 4. say what it costs to stop a cosine early, or to train on after its end.

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
# Two people train the same small network on handwritten digits, for as many updates.
# One uses step decay, the other a cosine. Each tries six peak rates and keeps the best.
#
# How far is the cosine ahead on new digits?
#
# - **a)** By a point or more. Smooth is better.
# - **b)** Hardly: less than a point, in whichever direction.
# - **c)** It is behind by a point or more. The drops come at a better time.
#
# Decide now. And would your answer change if both took a peak that is too high? We run all of it below.

# %% [markdown] tags=["A13", "A14", "B9", "C17", "C18", "C20", "C21", "D24"]
# ## The formula
#
# $$\eta(t) = \eta_\text{min} + \tfrac12\,(\eta_\text{peak} - \eta_\text{min})\,\bigl(1 + \cos(\pi\,t/T)\bigr) \qquad\text{for } 0 \le t \le T$$
#
# | symbol | name in code | meaning | in PyTorch |
# |---|---|---|---|
# | $t$ | `t` | optimizer updates already made | `last_epoch` |
# | $\eta_\text{peak}$ | `peak_lr` | the rate at the start | the optimizer's own `lr` |
# | $\eta_\text{min}$ | `min_lr` | the rate at the end, the *floor*; usually 0 | `eta_min` |
# | $T$ | `steps` | the length of the whole decay | `T_max` |
#
# While $t$ goes from 0 to $T$, the angle $\pi t/T$ goes from 0 to $\pi$, and the cosine from $1$ to $-1$. So the bracket goes from 2 to 0, the half in front makes that 1 to 0, and the rate goes smoothly from the peak to the floor.
#
# The floor is a rate, not a share of the peak. The peak is no argument of PyTorch's scheduler: it takes the rate that the optimizer has when the scheduler is built.
#
# Here is our own version. After $T$ it stays at the floor, because $t/T$ is held at 1.


# %%
def my_cosine(t, peak_lr, steps, min_lr=0.0):
    share = np.minimum(t / steps, 1)  # of the way that is over
    return min_lr + (peak_lr - min_lr) * (1 + np.cos(np.pi * share)) / 2


my_cosine(np.array([0, 50, 100, 150, 200, 300]), peak_lr=0.1, steps=200).round(4)

# %% [markdown]
# Look at the third number: half of the way, half of the rate. The second and the fourth lie as far above it as below. The library has the same:

# %%
from lrcourse.schedules import CosineDecay

schedule = CosineDecay(peak_lr=0.1, steps=200)
t = np.arange(401)
np.testing.assert_allclose(schedule(t), my_cosine(t, 0.1, 200), rtol=1e-12)
schedule

# %% [markdown] tags=["B10", "B13", "B32"]
# ## The picture
#
# Some texts sketch this schedule as two boxes and an arrow. We draw the curve: above, the rates of three schedules; below, how much the two smooth ones lose from one update to the next. Where is the cosine fast, and where is it slow?

# %%
from lrcourse.panels import Axis, Curve, View, rates, time_panel
from lrcourse.plots import plot_view, show
from lrcourse.schedules import LinearDecay, MultiStepDecay

cosine, line = schedule(t[:201]), LinearDecay(peak_lr=0.1, steps=200)(t[:201])
step = MultiStepDecay(peak_lr=0.1, milestones=(100, 150), gamma=0.1)(t[:201])
above = time_panel(rates("cosine", cosine), rates("line", line, 1), rates("step", step, 2))
falls = [Curve("cosine", -np.diff(cosine)), Curve("line", -np.diff(line), style=1)]
below = time_panel(*falls, y=Axis("fall per update"), height=0.7)
show(
    plot_view(View((above, below), said="")),
    "Above, the rates of a cosine, a line and two drops over 200 updates. Below, the fall from one "
    "update to the next: zero at both ends of the cosine and highest in its middle, where it is "
    "above that of the line, which is the same everywhere.",
)

# %% [markdown]
# Slow, then fast, then slow. The step changes abruptly, the cosine never does. In the middle it falls faster than the line, by this factor:

# %%
steepest = -np.diff(cosine).min() / -np.diff(line).mean()
assert np.isclose(steepest, np.pi / 2, rtol=1e-4)
area = {name: float(lr[:200].sum()) for name, lr in (("cosine", cosine), ("line", line))}
Markdown(
    f"steepest fall of the cosine over that of the line: **{steepest:.3f}** $= \\pi/2$ \n\n"
    f"area under the cosine: **{area['cosine']:.2f}**, under the line: **{area['line']:.2f}**"
)

# %% [markdown]
# The *area* under the rates is how far all the updates together can go. Cosine and line spend the same area, about half of what a constant rate would spend. A cosine is a line that rests at both ends.

# %% [markdown]
# ## PyTorch's version
#
# `CosineAnnealingLR` gets the length as `T_max`. We let it run for twice that long, and read the rate before each update. What does it do after 200?

# %% tags=["A15", "C19", "B12"]
from lrcourse.plots import plot_rates

weight = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=0.1)  # this is the peak
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=200, eta_min=0.0)

used = []
for _step in range(401):
    used.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()

np.testing.assert_allclose(used[:201], schedule(t[:201]), rtol=0, atol=1e-15)
ax = plot_rates(ours=schedule, PyTorch=np.array(used), steps=401)
show(
    ax,
    "Both curves fall together from 0.1 to 0 at t = 200. Then ours stays at 0, and PyTorch's "
    "climbs back to 0.1, where it arrives at t = 400.",
)

# %% [markdown] tags=["C19", "B12", "A15", "K13"]
# Up to `T_max` both agree to the last digits. Then PyTorch follows the cosine further, which goes up again. A full *period* leads from one peak to the next and takes $2\,T_\text{max}$ updates. So **`T_max` is half a period**: the half that falls.
#
# After the end, libraries differ:
#
# | library | after the end | the floor is given as |
# |---|---|---|
# | PyTorch, `CosineAnnealingLR` | climbs back to the peak | a rate, `eta_min` |
# | transformers, `cosine` | climbs, too | always 0 |
# | [Keras, `CosineDecay`](https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay) | stays at the floor | a share of the peak, `alpha` |
# | optax, `cosine_decay_schedule` | stays at the floor | a share of the peak, `alpha` |
# | this course, `CosineDecay` | stays at the floor | a rate, `min_lr` |
#
# Keras's class can also begin with a *warmup*, a rising start; in PyTorch that is a second scheduler (section 06).

# %% [markdown] tags=["C22"]
# > **You will read** that cosine annealing lowers the learning rate *periodically*. Let us check.
# > In a usual run `T_max` is the length of the training, and the rate falls once, as in the left half of the picture above. It climbs only if you train on after `T_max`.

# %% [markdown] tags=["C33"]
# > **You will read** that `CosineAnnealingLR` restarts so often that the weights never settle. Let us check.
# > The class has no restarts. A restart is a jump back to the peak, and the picture above shows none, not even after `T_max`.
# > The remark belongs to `CosineAnnealingWarmRestarts` with cycles of equal length ([section 04](04_sgdr.ipynb)).

# %% [markdown]
# ## Play
#
# The picture goes past the end of the schedule, with PyTorch's curve in it. Try to
#
# - make `steps` so long that the two curves never part;
# - find the `steps` at which PyTorch is back at the peak at the right edge;
# - raise `min_lr`: what do the two curves do after the end now?

# %%
from lrcourse.explore import explore

explore(CosineDecay(peak_lr=0.1, steps=100), steps=250)

# %% [markdown]
# ## The experiment
#
# Now the question from the beginning. Four *shapes* of schedule, each for 600 updates: a constant rate, two drops by ten (after a half and after three quarters), a line to zero, and a cosine. Every shape is tried at six peak rates, with eight networks each.
#
# Comparing two schedules at *one* rate says more about that rate than about the schedules. So we compare whole *bowls*: accuracy over peak rate, which looks like a bowl turned upside down. The shapes below have the peak 1; `bowls` multiplies them by each peak.

# %%
from lrcourse.experiments import bowls, digits, paired_difference
from lrcourse.schedules import Constant

steps, seeds = 600, range(8)
shapes = {
    "constant": Constant(1),
    "step": MultiStepDecay(1, milestones=(300, 450), gamma=0.1),
    "line": LinearDecay(1, steps),
    "cosine": CosineDecay(1, steps),
}
peaks = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32]
clean = bowls(digits(), shapes, peaks, seeds, steps)

# %% [markdown]
# First the clean digits. Each curve is a mean over the seeds, with its 95% interval as a band. Look at the left end, then at the top.

# %% tags=["nbval-ignore-output"]
from lrcourse.plots import plot_bowls

show(plot_bowls(clean))

# %% [markdown]
# Now with one label in five wrong, in the training set only. Look at the right end.

# %% tags=["nbval-ignore-output"]
noisy = bowls(digits(label_noise=0.2), shapes, peaks, seeds, steps)

show(plot_bowls(noisy))

# %% [markdown]
# ### At the top
#
# Each shape at its own best peak, against the cosine at its own. (`tuned` lets one half of the seeds choose the peak for the other half, so nobody is flattered by choosing.)

# %% tags=["nbval-ignore-output", "A20"]
from lrcourse.plots import plot_forest


def lead(found, one, other):
    return paired_difference(100 * found.tuned(one), 100 * found.tuned(other))


fair = {
    f"{labels}, {name}": lead(found, "cosine", name)
    for labels, found in (("clean", clean), ("noisy", noisy))
    for name in ("step", "line")
}
assert all(abs(each.mean) < 1 and each.half_width < 2 for each in fair.values())
show(plot_forest(fair, "cosine minus the other, test accuracy"))

# %% [markdown]
# So the answer is **b**. Each at its best, cosine, line and step are alike here: the means differ by less than a point. About fractions of a point, eight seeds say little.
#
# ### At the left end
#
# Where the peak is too low, the shape does not repair it. A cosine even makes it worse, because it spends only half of the area of a constant rate. At the lowest peak of the clean bowl:

# %% tags=["nbval-ignore-output", "D37"]
lowest = {name: 100 * clean.at_the_end(name)[0] for name in shapes}
loss_of_area = paired_difference(lowest["cosine"], lowest["constant"])
assert loss_of_area.high < 0

Markdown(f"Cosine minus constant at the peak {peaks[0]}: **{loss_of_area}** points.")

# %% [markdown]
# ### At the right end
#
# Where the peak is too high, the shapes part. We noticed that in a bowl, so we test it on 20 new seeds, at the peak 0.35, with noisy labels. Look at the time before update 300.

# %% tags=["nbval-ignore-output", "A20"]
from lrcourse.experiments import compare
from lrcourse.plots import plot_runs

too_high = {
    "step": MultiStepDecay(0.35, milestones=(300, 450), gamma=0.1),
    "line": LinearDecay(0.35, steps),
    "cosine": CosineDecay(0.35, steps),
}
runs = compare(digits(label_noise=0.2), too_high, range(100, 120), steps, test_every=25)
show(plot_runs(runs, "test accuracy", marks=[300, 450]))

# %% tags=["nbval-ignore-output", "A20"]
ends = {name: 100 * run.test_accuracies[:, -1] for name, run in runs.items()}
robust = {name: paired_difference(ends[name], ends["step"]) for name in ("cosine", "line")}
assert all(each.low > 1 for each in robust.values())

Markdown(
    f"Cosine minus step **{robust['cosine']}** points, line minus step **{robust['line']}** points."
)

# %% [markdown] tags=["A22"]
# A cosine leaves a peak that is too high early, and passes through every lower rate, while the step still waits for its first drop. That makes it forgiving when you cannot tune. A line does the same.

# %% [markdown]
# ### And the order can turn around
#
# Now take fewer digits, 600, with one label in five wrong, and train longer than is good for them, at a moderate peak. The step drops after a quarter and after a half of the way. What happens to the cosine after update 225?

# %% tags=["nbval-ignore-output", "D25"]
few, long = digits(label_noise=0.2, train_size=600), 900
moderate = {
    "early step": MultiStepDecay(0.06, milestones=(225, 450), gamma=0.1),
    "cosine": CosineDecay(0.06, long),
}
memory = compare(few, moderate, range(12), long, test_every=25)
show(plot_runs(memory, "test accuracy", marks=[225, 450]))

# %% tags=["nbval-ignore-output", "D25", "A20"]
last = {name: 100 * run.test_accuracies[:, -1] for name, run in memory.items()}
turned = paired_difference(last["cosine"], last["early step"])
assert turned.high < -1

Markdown(f"Cosine minus early step at the end: **{turned}** points.")

# %% [markdown] tags=["D25"]
# The network has learned the digits early. From then on a high rate has time to learn the *wrong labels* by heart, and the accuracy on new digits goes down. The early drop slows that.
#
# So "cosine is the stable choice for noisy data" held at a peak that is too high, and turned around in a training that is too long. Noise alone does not decide it.

# %% [markdown]
# ### Another task
#
# The same question on ten kinds of short noisy signals, which this small network never learns perfectly. There are two step schedules now, one with two hard drops, one with three gentle drops that come late. Which of the four others is near the cosine?

# %% tags=["nbval-ignore-output", "A20", "A73", "A22", "D37"]
from lrcourse.experiments import signals

problem = signals()
for_signals = {
    "constant": Constant(1),
    "two hard drops": MultiStepDecay(1, milestones=(500, 750), gamma=0.1),
    "three gentle drops": MultiStepDecay(1, milestones=(600, 800, 900), gamma=0.3),
    "line": LinearDecay(1, 1000),
    "cosine": CosineDecay(1, 1000),
}
found = bowls(problem, for_signals, [0.06, 0.12, 0.18, 0.24], seeds, 1000)
other = {name: lead(found, "cosine", name) for name in list(for_signals)[:4]}
assert other["constant"].low > 3
assert other["two hard drops"].low > 1
assert abs(other["line"].mean) < 1
assert lead(found, "three gentle drops", "two hard drops").low > 0.3
show(plot_forest(other, "cosine minus the other, test accuracy"))

# %% [markdown] tags=["A20", "A21"]
# Against two hard drops the cosine wins. Against three gentle ones a good part of that lead is gone: it was a weakness of *that* step schedule.
#
# Keep this in mind when you read that cosine gains half a point over step on ImageNet. The usual source is [Bag of Tricks](https://arxiv.org/abs/1812.01187): one recipe, one step schedule, no error bars. That is a useful observation, not a law.

# %% [markdown] tags=["A73"]
# > **You will read** that cosine is consistently better than step decay, with fewer hyperparameters. Let us check.
# > It depends. In the cells above, tuned cosine and tuned step were alike on the digits. The cosine won when the peak was too high, and on the signals, there mostly against hard drops. It lost when it trained at a high rate for too long on wrong labels.
# > The step schedule has more knobs, that is true. They also let you set it well.

# %% [markdown] tags=["A22"]
# ### A straight line
#
# If smoothness were the secret, a line should do worse: it has corners at both ends. The lowest row of the picture above says otherwise. The course keeps a list of such *claims*: a sentence, an experiment over more seeds, and a verdict. Here are two:

# %% tags=["A22", "A73"]
from lrcourse.claims import CLAIMS

table = "| claim | verdict |\n|---|---|"
for name in ("cosine-beats-step", "linear-equals-cosine"):
    table += f"\n| {CLAIMS[name].sentence} | {CLAIMS[name].verdict} |"
Markdown(table)

# %% [markdown] tags=["A22", "D37"]
# "Depends" means here: on the step schedule. `CLAIMS["linear-equals-cosine"].run()` shows the numbers behind a verdict.
#
# For language models of up to 1.7 billion parameters, a line to zero did better than the usual cosine to a tenth of the peak ([Bergsma and others, 2025](https://arxiv.org/abs/2502.15938)).
#
# So what mattered in these runs? The **peak**, most of all: see the bowls. Then **ending low**, where noise is left to remove: see the constant rate in the last picture. The curve between the two came last.

# %% [markdown] tags=["B11"]
# > **You will read** that the cosine's shape leads to wide minima, and therefore generalises better. Let us check.
# > This is disputed. A controlled study found that the reasons often quoted for the success of cosine annealing are not evidenced in practice ([Gotmare and others, 2018](https://arxiv.org/abs/1810.13243)).
# > And the same network can be written with other weights, so that its minimum is as sharp as you like and every answer stays the same ([Dinh and others, 2017](https://arxiv.org/abs/1703.04933)).
# > On our digits there was nothing to explain: at their own best peaks, cosine, line and step ended alike.

# %% [markdown] tags=["B33"]
# ## Why end low, and is it the smoothness?
#
# You may hear that a smooth rate keeps the weights from overshooting the minimum. We test it in the smallest world that has noise: one weight $w$ in the valley $w^2/2$, and a gradient with noise of variance 1. Let $v$ be the mean of $w^2$ over many runs. An update at the rate $\eta$ changes it, exactly, by
#
# $$v \leftarrow (1-\eta)^2\,v + \eta^2$$
#
# The first part forgets where $w$ was, the second adds new noise. We follow $v/2$, the mean loss, for three schedules. One of them is smooth, but ends at half of its peak.

# %% tags=["B33", "B32"]
valley = {
    "step": MultiStepDecay(0.4, milestones=(100, 150), gamma=0.1),
    "cosine": CosineDecay(0.4, 200),
    "cosine, high floor": CosineDecay(0.4, 200, min_lr=0.2),
}
losses = {}
for name, each in valley.items():
    v, losses[name] = 4.0, []
    for eta in each(np.arange(200)):
        losses[name].append(v / 2)
        v = (1 - eta) ** 2 * v + eta**2

assert max(np.diff(losses["step"])) <= 0  # not once does the loss rise, at a drop or elsewhere
assert losses["cosine, high floor"][-1] > 5 * max(losses["step"][-1], losses["cosine"][-1])

# %% [markdown]
# Does the loss jump up at a drop of the step schedule? And where do the three curves end?

# %% tags=["B33"]
curves = [Curve(name, np.array(y), style=i) for i, (name, y) in enumerate(losses.items())]
lrs = [rates(name, each(np.arange(200)), i) for i, (name, each) in enumerate(valley.items())]
figure = plot_view(
    View(
        (time_panel(*curves, y=Axis("mean loss", log=True)), time_panel(*lrs, height=0.6)), said=""
    )
)
show(
    figure,
    "Mean loss in a noisy valley over 200 updates, and the rates below. All three fall at once to "
    "a floor. The step stays there until its first drop, then falls. The cosine to zero falls "
    "smoothly to the same end. The cosine with a high floor ends far above both.",
)

# %% [markdown] tags=["B33", "C23"]
# The drops make nothing overshoot: the loss of the step schedule never rises. And smoothness does not help the curve with the high floor. Its last rate is large, so the noise keeps the weight jumping.
#
# What counts is the size of the rate near the end. A high rate forgets the start quickly, a low rate averages the noise away. Step and cosine have the one first and the other last.

# %% [markdown] tags=["A18"]
# ## The hidden knob: the budget
#
# A cosine must know in advance when the training will end. What if you planned 1200 updates of the signals and have to stop after 400? We compare with a cosine planned for 400.

# %% tags=["nbval-ignore-output", "A18"]
plans = {"planned 1200": CosineDecay(0.13, 1200), "planned 400": CosineDecay(0.13, 400)}
stopped = compare(problem, plans, range(12), steps=400, test_every=50)
show(plot_runs(stopped, "test accuracy"))

# %% tags=["nbval-ignore-output", "A18"]
at_400 = {name: 100 * run.test_accuracies[:, -1] for name, run in stopped.items()}
price = paired_difference(at_400["planned 1200"], at_400["planned 400"])
assert price.high < -1
left = stopped["planned 1200"].lrs[0, -1] / 0.13

Markdown(
    f"Stopped early: **{price}** points. Its last update still used {left:.0%} of the peak rate."
)

# %% [markdown] tags=["A18"]
# > **You will read** that step decay needs milestones, and cosine has one hyperparameter only, `T_max`. Let us check.
# > It has three: the peak, the floor, and the total number of updates, fixed before the first one. The cell above shows what it costs to be wrong about the last.
# > [Section 11](11_recipes.ipynb) has schedules that can stop at any time.

# %% [markdown] tags=["A15"]
# The other way round: the training is over, you hope for more, and let PyTorch's loop run on. We give the trainer exactly those rates, and paired networks a rate that stays at the floor.

# %% tags=["nbval-ignore-output", "A15"]
from lrcourse.experiments import rate_table, train
from lrcourse.torch_twins import rates_used


def cosine_of_torch(optimizer):
    return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=400)


climbing = np.tile(rates_used(cosine_of_torch, peak_lr=0.13, steps=600), (12, 1))
holding = rate_table([CosineDecay(0.13, 400)], seeds=12, steps=600)
on = {
    name: train(problem, lrs, range(12), test_every=50)
    for name, lrs in (("PyTorch", climbing), ("ours", holding))
}
show(plot_runs(on, "test accuracy", marks=[400]))

# %% tags=["nbval-ignore-output", "A15"]
planned_end = list(on["PyTorch"].test_steps).index(400)
change = {}
for name, run in on.items():
    accuracies = 100 * run.test_accuracies
    change[name] = paired_difference(accuracies[:, -1], accuracies[:, planned_end])

assert change["PyTorch"].high < -1
assert abs(change["ours"].mean) < 0.1

Markdown(f"200 updates after the end, PyTorch's rates: **{change['PyTorch']}** points.")

# %% [markdown]
# Training on made the network worse. Ours gained nothing either: at the rate 0 nothing moves. To go on, plan a new schedule: [section 04](04_sgdr.ipynb) does.

# %% [markdown] tags=["A15"]
# ## Trap 1: the wrong clock
#
# `T_max=200` was meant as 200 epochs. Here `scheduler.step()` stands in the loop over batches, as in section 01. This is what one epoch of 391 batches does:

# %% tags=["A15"]
optimizer = torch.optim.SGD([weight], lr=0.1)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=200)
used = []
for _batch in range(391):
    used.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()  # belongs behind the loop

ax = plot_rates(wrong_clock=np.array(used))
ax.set_xlabel("batch of the first epoch")
show(ax, "Within one epoch the rate falls from 0.1 to 0 and climbs back almost to 0.1.")

# %% [markdown] tags=["A15", "K13"]
# Down and up again, in about every epoch. `StepLR` with the wrong clock at least ends the training, so somebody looks. This one goes on learning, and nobody may ever find out. The remedy is the same: count in updates, `T_max = epochs * batches`.
#
# ## Trap 2: a second cosine on a finished optimizer
#
# The first training ended at the rate 0. For the second you build a new scheduler on the same optimizer:

# %% tags=["T3"]
optimizer = torch.optim.SGD([weight], lr=0.1)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=100)
for _update in range(100):
    optimizer.step()
    scheduler.step()

again = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=100)
used = []
for _update in range(100):
    used.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    again.step()
print("highest rate of the second training:", max(used))

# %% [markdown] tags=["T3", "C21"]
# The second training changes nothing at all. PyTorch's cosine multiplies the rate that it *finds*, and it finds 0 ([pytorch issue 78003](https://github.com/pytorch/pytorch/issues/78003)). Make a new optimizer for a new training, or use `TorchScheduler` of section 01:

# %%
from lrcourse.torch_scheduler import TorchScheduler

second = TorchScheduler(optimizer, CosineDecay(peak_lr=0.1, steps=100))
print("first rate of the second training:", second.get_last_lr()[0])

# %% [markdown] tags=["C20"]
# ## Trap 3: a floor that is a ceiling
#
# Somebody wants to end at a tenth of the peak, and writes `eta_min=0.1`. The peak is 0.05. PyTorch takes the floor as a rate, and does not ask.

# %% tags=["C20"]


def meant_a_share(optimizer):
    return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=100, eta_min=0.1)


print("torch:", rates_used(meant_a_share, peak_lr=0.05, steps=101)[[0, 50, 100]].round(3))
try:
    CosineDecay(peak_lr=0.05, steps=100, min_lr=0.1)
except ValueError as error:
    print("ours: ", error)

# %% [markdown]
# The "decay" doubles the rate. In Keras and optax the same number would have meant what this person wanted. When you copy a recipe to another library, look at the unit of the floor.

# %% [markdown]
# ## What we saw
#
# 1. A cosine decay is half a period: slow, fast, slow. It spends the same area as a line.
# 2. After `T_max`, PyTorch's rate climbs back to the peak. Keras, optax and ours stay at the floor.
# 3. At their own best peaks, cosine, line and step were alike on digits. With a peak too high the cosine won; trained too long on wrong labels, it lost. Peak and end mattered more than the curve between them.
# 4. The budget is a hyperparameter. Stopping a long cosine early costs points, and so does running on after its end.

# %% [markdown] tags=["quiz"]
# ## Three quick questions
#
# Choose an answer. It opens and says why.
#
# **1. `CosineDecay(0.4, steps=100, min_lr=0.1)` at t = 50, and PyTorch's `CosineAnnealingLR` with the same numbers at t = 150: which two rates?**
#
# - [ ] `0.2` and `0.2`
#   That is half of the peak. Half of the way is the middle between peak and floor, and this floor is not 0.
# - [ ] `0.25` and `0.1`
#   Ours would stay at the floor. PyTorch follows the cosine past `T_max`, and there the cosine goes up again.
# - [x] `0.25` and `0.25`
#   At t = 50 half of the way down is over: the middle between `0.4` and `0.1`. At t = 150 PyTorch is half of the way up again.
# - [ ] `0.25` and `0.4`
#   The way up takes as long as the way down, so PyTorch is back at the peak only at t = 200. A jump to the peak would be a restart, and this class has none.
#
# **2. You make 100 updates with PyTorch's cosine and step it after each: peak 1, `T_max=100`, `eta_min=0`. Which rate does the last update use?**
#
# - [x] about `0.0002`
#   The last update has t = 99, so it uses `½ (1 + cos(0.99 π))`. The rate 0 belongs to t = 100, an update that is never made.
# - [ ] `0`
#   That is the rate at t = 100. The updates are t = 0 to 99, so this rate is set when the training is over, and no update uses it.
# - [ ] `0.01`
#   That is a straight line at t = 99. The cosine is slow at its end, so by then it is much nearer to 0.
# - [ ] about `0.5`
#   `T_max` is half a period, but this half is the whole fall. A whole period takes 200 updates, and in its second half the rate climbs.
#
# **3. A paper says: cosine beats step by half a point, both at the rate `0.1`. What do you ask first?**
#
# - [ ] Nothing: with the same rate for both, the comparison is fair.
#   It says more about that rate than about the schedules. On the noisy digits a peak that was too high put the cosine ahead; at their own best peaks the two were alike.
# - [x] Was `0.1` the best peak of both, and how many seeds were there?
#   The peak mattered most in the lesson, and a few seeds say little about half a point. Then ask where the drops were: a gain may be a weakness of that step schedule.
# - [ ] Was `T_max` tuned? It is the one number that a cosine has.
#   A cosine has three: the peak, the floor and the number of updates. The peak mattered most in the lesson.
# - [ ] How wide is the minimum? The smooth shape must explain the gain.
#   First there has to be a gain. And the wide minima are disputed: the same network can be written with other weights, so that its minimum is as sharp as you like.

# %% [markdown]
# ## Next
#
# Now try it yourself: [exercises of section 03](../exercises/03_cosine.ipynb). [Section 04](04_sgdr.ipynb) lets the cosine jump back to the peak, on purpose. Back to the [map of the course](index.ipynb).
#
# ## Further reading
#
# - Loshchilov, Hutter: *SGDR: Stochastic Gradient Descent with Warm Restarts*. [arXiv 1608.03983](https://arxiv.org/abs/1608.03983). The cosine comes from here.
# - He et al.: *Bag of Tricks for Image Classification*. [arXiv 1812.01187](https://arxiv.org/abs/1812.01187). A cosine among several refinements.
# - Gotmare et al.: *A Closer Look at Deep Learning Heuristics*. [arXiv 1810.13243](https://arxiv.org/abs/1810.13243). Which explanations survive a controlled test.
# - Bergsma et al.: *Straight to Zero*. [arXiv 2502.15938](https://arxiv.org/abs/2502.15938). A line against a cosine in language models.
