# %% [markdown]
# # 01 Step decay
#
# **25 minutes.** You need a training loop that you understand, and nothing else.
#
# After this lesson you can
#
# 1. write step decay and multi-step decay in one line each;
# 2. say exactly which update is the first with the lower rate;
# 3. see in a training curve what a drop does, and measure it with an interval;
# 4. recognise the most expensive bug of this section: a schedule that counts batches where you meant epochs.

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
# A network learns handwritten digits. One label in five is wrong on purpose, so the gradients stay noisy.
# For eight epochs the learning rate is constant, and by now the loss falls only slowly.
# Then, from one update to the next, you divide the rate by ten.
#
# What does the training loss do in the very next epoch?
#
# - **a)** Nothing special. Smaller steps, slower progress.
# - **b)** It rises for a moment and then recovers.
# - **c)** It falls, clearly and at once.
#
# Decide now. We run the experiment below, with twelve networks for each side.

# %% [markdown] tags=["A4", "B1", "C4"]
# ## The formula
#
# A schedule is a rule for the rate. Most rules are fixed in advance, and follow the count of updates alone. A few listen to the training while it runs; section 05 is about one of those. Step decay is of the first kind:
#
# $$\eta(t) = \eta_\text{peak}\;\gamma^{\lfloor t/S \rfloor}$$
#
# | symbol | name in code | meaning |
# |---|---|---|
# | $\eta(t)$ | `schedule(t)` | the learning rate of the next update |
# | $t$ | `t` | optimizer updates already made: the first update has $t = 0$ |
# | $\eta_\text{peak}$ | `peak_lr` | the rate at the start |
# | $S$ | `step_size` | updates between two drops |
# | $\gamma$ | `gamma` | the factor of each drop, between 0 and 1 |
#
# The brackets $\lfloor\;\rfloor$ round down. So $\lfloor t/S \rfloor$ counts the drops that have already happened, and each of them multiplied the rate by $\gamma$.
#
# Here it is in Python. `//` divides and rounds down.


# %%
def my_step_decay(t, peak_lr, step_size, gamma):
    drops = t // step_size
    return peak_lr * gamma**drops


my_step_decay(np.array([0, 29, 30, 59, 60]), peak_lr=0.1, step_size=30, gamma=0.5)

# %% [markdown]
# Look at the second and the third number. Update 29 still uses the old rate, update 30 is the first with the new one.
#
# The library says the same in a class. A schedule is a value: steps go in, learning rates come out.

# %% tags=["C8"]
from lrcourse.schedules import StepDecay

schedule = StepDecay(peak_lr=0.1, step_size=30, gamma=0.5)
t = np.arange(120)
assert np.array_equal(schedule(t), my_step_decay(t, 0.1, 30, 0.5))
schedule

# %% [markdown]
# ## PyTorch's version
#
# In PyTorch the schedule is an object beside the optimizer. It changes the optimizer's rate each time you call `scheduler.step()`.
# We record the rate that each update really uses: we read it **before** the update.

# %% tags=["A6"]
weight = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30, gamma=0.5)

used = []
for _step in range(120):
    used.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()

np.testing.assert_allclose(used, schedule(t), rtol=1e-12)
print("torch and lrcourse agree on", len(used), "rates, from", used[0], "to", used[-1])

# %% [markdown] tags=["C7"]
# The rates are the same to the last digits. Two differences remain.
#
# - torch keeps state: ask it for update 75 and it must first walk there. `schedule(75)` is a look-up, and so is `schedule([3, 75, 12])`.
# - torch does not check $\gamma$. A slip such as `gamma=1.1` makes the rate **grow**, silently. Ours refuses it:

# %%
try:
    StepDecay(peak_lr=0.1, step_size=30, gamma=1.1)
except ValueError as error:
    print(error)

# %% [markdown] tags=["A17", "A19", "D22"]
# ## The picture
#
# Three values of $\gamma$, the same $S$. Look at where the stairs are, and at how soon the smallest $\gamma$ has nothing left.
#
# Between two drops the rate stands still; all of the change happens in single updates. A cosine (section 03) glides instead.

# %%
from lrcourse.plots import plot_rates, show

ax = plot_rates(*[StepDecay(0.1, 30, gamma) for gamma in (0.7, 0.5, 0.1)], steps=120)
show(ax, "Step decay for three values of gamma; each curve drops at t = 30, 60 and 90.")

# %% [markdown] tags=["A9"]
# ## How large a drop?
#
# Common notes say "$\gamma$ is 0.1 to 0.2". There is no standard. A factor of 0.5 is common too, with more drops.
# To compare, look at the **total** fall: one drop by 0.1 equals this many drops by 0.5.

# %%
Markdown(f"$\\log 0.1 \\,/\\, \\log 0.5 = {np.log(0.1) / np.log(0.5):.2f}$ drops")

# %% [markdown]
# So two drops by 0.1 and six drops by 0.5 end near each other, in larger or smaller stairs:

# %%
large, small = StepDecay(0.1, 60, 0.1), StepDecay(0.1, 26, 0.5)
ax = plot_rates(large, small, steps=180, y_scale="log")
show(
    ax,
    "Two drops by 0.1 and six drops by 0.5 on a logarithmic axis: they end near each other after "
    "180 updates, one in large stairs, one in small stairs.",
)

# %% [markdown] tags=["A7", "A10", "A12"]
# ## Drops where you want them
#
# `MultiStepDecay` takes a list of milestones instead of one distance:
#
# $$\eta(t) = \eta_\text{peak}\;\gamma^{\#\{m \,:\, m \le t\}}$$
#
# The exponent is the number of milestones that have passed. It is easy to write, and somebody has to choose every milestone: that is where step decay costs trials. A well-known setting is that of Wide ResNets on CIFAR
# ([their script](https://github.com/szagoruyko/wide-residual-networks)): 200 epochs, drops by 0.2 at 60, 120 and 160.

# %%
from lrcourse.schedules import MultiStepDecay

wide_resnet = MultiStepDecay(peak_lr=0.1, milestones=(60, 120, 160), gamma=0.2)
ax = plot_rates(wide_resnet, steps=200)
ax.set_xlabel("epoch (one scheduler step for each)")
show(ax, "The rate of Wide ResNets on CIFAR: 0.1, divided by 5 at epochs 60, 120 and 160.")

# %% [markdown] tags=["A11"]
# > **You will read** that the ResNet paper divided the rate by ten at epochs 30, 60 and 90 of its ImageNet training. Let us check.
# > The paper says: start at 0.1 and divide by 10 *when the error plateaus* ([He et al. 2015](https://arxiv.org/abs/1512.03385)).
# > The fixed epochs came later: pytorch's ImageNet example divides every 30 of 90 epochs, and "Bag of Tricks" lists 30, 60 and 90.
# > Listening to the error is another schedule, and section 05 is about it.

# %% [markdown]
# ## Play
#
# Move the sliders: with the mouse, or with Tab and the arrow keys. Try to
#
# - put the second drop at exactly $t = 80$;
# - find a $\gamma$ that leaves about one hundredth of the peak at the end of the picture;
# - make the two curves differ. (You cannot: they are drawn by our formula and by torch's `StepLR`.)

# %%
from lrcourse.explore import explore

explore(schedule)  # explore(StepDecay) works, too

# %% [markdown]
# ## The experiment
#
# Now your answer from the beginning. Twelve networks train with a constant rate, and twelve with two drops by 0.1.
# Network number 5 of both groups starts from the same weights and sees the same batches in the same order. They are **paired**: until the first drop they are the same network.

# %%
from lrcourse.experiments import digits, mean_interval, paired_difference, rate_table, train
from lrcourse.schedules import Constant

problem = digits(label_noise=0.2)
seeds, epochs = range(12), 24
epoch = len(problem.x_train) // 32  # batches of 32 digits in one epoch
constant, step = Constant(0.15), StepDecay(0.15, step_size=8 * epoch, gamma=0.1)

# one row of rates for each of the 24 networks
rates = rate_table([constant, step], seeds=len(seeds), steps=epochs * epoch)
run = train(problem, rates, seeds=[*seeds, *seeds], test_every=epoch)

# %% [markdown]
# Each epoch sees nearly every example once, so the mean loss of an epoch is a fair number to compare with that of the next.
# The lower plot shows the rates that the updates really used, as the trainer recorded them. Look at the loss right after each dotted line.

# %% tags=["nbval-ignore-output"]
from lrcourse.plots import plot_training

losses = run.losses.reshape(2, len(seeds), epochs, epoch).mean(axis=3)  # (group, seed, epoch)
assert np.array_equal(losses[0, :, :8], losses[1, :, :8])  # paired: the same until the drop
used = run.lrs.reshape(2, len(seeds), epochs, epoch)[:, 0, :, 0]  # (group, epoch)

names = ["constant", "step"]
figure = plot_training(
    dict(zip(names, losses, strict=True)), dict(zip(names, used, strict=True)), marks=[8, 16]
)
show(
    figure,
    "Training loss over 24 epochs. Both groups are equal until epoch 8; there the step group "
    "drops its rate by 10 and its loss falls at once, while the constant group goes on slowly. "
    "The second drop at epoch 16 changes little.",
)

# %% [markdown]
# How much does it fall? We take the mean loss of the last epoch before a drop minus that of the first epoch after it, for each seed.
# Then we subtract the same number of the paired network whose rate stayed constant, because that one learns too.


# %% tags=["nbval-ignore-output"]
def fall(group, drop):
    return losses[group, :, drop - 1] - losses[group, :, drop]


first = paired_difference(fall(1, 8), fall(0, 8))
second = paired_difference(fall(1, 16), fall(0, 16))
assert first.low > 0
assert second.high < first.low

Markdown(
    f"""
| training loss falls by | step | constant | paired difference |
|---|---|---|---|
| first drop | {mean_interval(fall(1, 8))} | {mean_interval(fall(0, 8))} | **{first}** |
| second drop | {mean_interval(fall(1, 16))} | {mean_interval(fall(0, 16))} | {second} |

Mean and 95% interval over {first.seeds} seeds.
"""
)

# %% [markdown] tags=["C10"]
# So the answer is **c**. The loss falls in the very next epoch, and the interval leaves no doubt about the sign.
#
# Why? A constant rate keeps the weights jumping around the valley, because every batch pulls elsewhere. The size of the jumps grows with the rate: section 00 computes this *noise floor*. Divide the rate, and the weights settle lower in a few dozen updates. (A rate too large for a steep valley also zigzags across it, without any noise. A drop cures that too; section 00 tells the two apart.)
#
# The first drop took most of that noise away, so dividing by ten once more has little left to remove.
#
# Does it help on new digits, too? And does it always? We repeat the experiment with the right labels.


# %% tags=["nbval-ignore-output"]
def accuracy_gain(run):
    at_the_end = 100 * run.test_accuracies[:, -1]
    return paired_difference(at_the_end[len(seeds) :], at_the_end[: len(seeds)])


def last_loss(run):
    return run.losses[: len(seeds), -epoch:].mean()


clean = train(digits(label_noise=0.0), rates, seeds=[*seeds, *seeds], test_every=epoch)
noisy_gain, clean_gain = accuracy_gain(run), accuracy_gain(clean)
assert noisy_gain.low > 2
assert clean_gain.high < 1

Markdown(
    f"""
Test accuracy at the end, step minus constant, in percentage points:

- one label in five wrong: **{noisy_gain}**
- all labels right: {clean_gain}

Training loss in the last epoch, at the constant rate: {last_loss(run):.2f} with wrong labels, {last_loss(clean):.4f} with right ones.
"""
)

# %% [markdown] tags=["A3"]
# With noisy labels the drops are worth several points. With clean labels they gain nothing worth having. The training loss says why: this small network learns the clean digits almost perfectly, so its gradients fade, and no noise floor is left.
#
# So "a schedule lifts accuracy dramatically" is neither true nor false. It depends on the noise, and on how well the constant rate was chosen; section 03 draws the whole curve.
#
# **Decay removes noise. Where there is no noise left, it has nothing to do.** Large data sets, seen once or a few times, are usually on the noisy side.

# %% [markdown] tags=["A5", "C6", "C38"]
# ## Trap 1: the wrong clock
#
# `step_size=30` means 30 **calls of `scheduler.step()`**. torch does not know what an epoch is.
# The patience of section 05 is counted in calls as well. Recipes are written in epochs. Put the call into the batch loop, and "every 30 epochs" becomes "every 30 batches". Here is what one epoch of CIFAR-10 in batches of 128 does then:

# %%
batches = 391  # 50,000 pictures in batches of 128

optimizer = torch.optim.SGD([weight], lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30, gamma=0.1)
used = []
for _batch in range(batches):
    used.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()  # belongs behind the loop

ax = plot_rates(wrong_clock=np.array(used), y_scale="log")
show(ax, "The rate falls by ten at every 30th batch, thirteen times within a single epoch.")

# %%
print(f"After one epoch the rate is {optimizer.param_groups[0]['lr']:.0e}: training is over.")

# %% [markdown] tags=["C61"]
# No error, no warning, and a loss curve that goes flat.
#
# > **You will read** that `for epoch in tqdm(dataset)` is a loop over epochs, with a scheduler step in each round. Let us check.
# > A data set hands out its samples, so this loop makes one round for each sample, and the schedule runs as many times too fast. Write `for epoch in tqdm(range(epochs))`.
#
# Two remedies. Call `scheduler.step()` once per epoch. Or, better, count in updates everywhere and convert once: `step_size = 30 * batches`. This course counts updates.

# %% [markdown] tags=["B24"]
# ## Trap 2: the log that is one step ahead
#
# > **You will read** that a log prints "epoch 1" with the rate that stands in the optimizer after `scheduler.step()`. Let us check.
# > After the step, that is the rate of the *next* epoch. The rate that this epoch used is gone, and the last rate in the log was never used at all.

# %%
optimizer = torch.optim.SGD([weight], lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
print("epoch   used   printed after stepping")
for epoch_number in range(1, 5):
    used_lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    printed = optimizer.param_groups[0]["lr"]
    print(
        f"{epoch_number:5}  {used_lr:.3f}   {printed:.3f}",
        "" if used_lr == printed else "  <- wrong",
    )

# %% [markdown]
# Record the rate before the update, as we did all along.

# %% [markdown] tags=["A8", "C60"]
# ## Trap 3: a rate that starts too low
#
# "SGD starts at 0.1" is half a sentence. It was used with a batch of 256 and momentum 0.9 ([He et al. 2015](https://arxiv.org/abs/1512.03385)); another batch or another momentum is another rate (sections 00 and 10).
#
# You can also find plain `SGD(lr=1e-4)` together with `StepLR(30, 0.1)` in published notes. It runs without an error. Here are ten epochs of it on the clean digits, long before the first drop:

# %% tags=["nbval-ignore-output"]
from lrcourse.experiments import Sgd

timid = rate_table([StepDecay(1e-4, 30 * epoch, 0.1)], seeds=len(seeds), steps=10 * epoch)
slow = train(digits(), timid, seeds, optimizer=Sgd(), test_every=epoch)
learned = mean_interval(100 * slow.test_accuracies[:, -1])
assert learned.high < 25

Markdown(f"Test accuracy after ten epochs: **{learned}%**. Guessing gives 10%.")

# %% [markdown]
# It has hardly begun to learn, and its rate will only go down from here. A schedule cannot repair a peak that is far too low. Choose the peak first; section 09 shows how.

# %% [markdown]
# ## Use it in your own loop
#
# `TorchScheduler` drives any torch optimizer by one of our schedules. The rate follows from the number of updates made, so it resumes without surprises.

# %%
from lrcourse.torch_scheduler import TorchScheduler

optimizer = torch.optim.SGD([weight], lr=1.0)  # this rate is replaced by the schedule's
scheduler = TorchScheduler(optimizer, wide_resnet)
for _update in range(60):
    optimizer.step()
    scheduler.step()

print(f"update 60 will use {scheduler.get_last_lr()[0]:.3g}")
print("what a checkpoint keeps:", scheduler.state_dict())

# %% [markdown]
# ## What we saw
#
# 1. Step decay is $\eta_\text{peak}\,\gamma^{\lfloor t/S\rfloor}$. With milestones, the exponent counts those that have passed.
# 2. Update $S$ is the first with the lower rate, because $t$ counts from 0.
# 3. After the first drop the training loss fell at once, and we know by how much. The second drop did far less, and on clean labels decay gained nothing worth having.
# 4. `StepLR` counts calls of `scheduler.step()`. In the wrong loop it ends training within one epoch, silently.

# %% [markdown] tags=["quiz"]
# ## Three quick questions
#
# Choose an answer. It opens and says why.
#
# **1. `StepDecay(0.1, step_size=10, gamma=0.5)`: which rate does the tenth update use?**
#
# - [ ] `0.05`, because the tenth update brings the first drop
#   The tenth update has t = 9, because t counts from 0. The first drop comes at t = 10, which is the eleventh update.
# - [x] `0.1`, as the nine before it
#   The tenth update has t = 9, so no drop has happened yet. The eleventh is the first with `0.05`.
# - [ ] about `0.054`: nine tenths of the way down
#   That would be a slope. A step schedule stays level and then drops: the exponent is ⌊9/10⌋ = 0.
#
# **2. You halve `step_size` and want the same fall over the whole run. What happens to γ?**
#
# - [ ] It is halved, too.
#   Then there are twice as many drops, and each is also deeper. The rate would fall much more.
# - [ ] It stays.
#   There are twice as many drops now. With the same γ the whole fall would be squared.
# - [x] Its square root is taken.
#   Two gentle drops, √γ · √γ, make one old drop of γ.
#
# **3. Your loss falls sharply after a drop. Should the drop have come at the very beginning?**
#
# - [ ] Yes: the lower rate is clearly the better one.
#   It is better now, near the bottom. The high rate before it did the travelling.
# - [x] No: the drop removes noise, but the high rate had to travel first.
#   Drop too early and the weights settle far from the valley. Section 02 makes this exact: a rate that falls too fast has only a finite distance to go.
# - [ ] Yes, if the first rate was stable.
#   A stable high rate is no reason to leave it early: it travels fast. What it cannot do is settle, and that comes last.

# %% [markdown]
# ## Next
#
# Now try it yourself: [exercises of section 01](../exercises/01_step.ipynb). Then, [section 02](02_exponential.ipynb): what happens if the stairs become a slope. Or back to the [map of the course](index.ipynb).
#
# ## Further reading
#
# - He, Zhang, Ren, Sun: *Deep Residual Learning for Image Recognition*. [arXiv 1512.03385](https://arxiv.org/abs/1512.03385). Divides by 10 when the error plateaus.
# - Zagoruyko, Komodakis: *Wide Residual Networks*. [arXiv 1605.07146](https://arxiv.org/abs/1605.07146). Milestones 60, 120, 160.
# - He et al.: *Bag of Tricks for Image Classification*. [arXiv 1812.01187](https://arxiv.org/abs/1812.01187). Fixed drops against a cosine.
