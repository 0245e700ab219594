# %% [markdown]
# # 05 Reduce on plateau
#
# **35 minutes.** You need a training loop with a validation loss, and the idea of section 01 that a drop of the rate takes noise away.
#
# After this lesson you can
#
# 1. write the rule that listens, in ten lines, and say at which check it cuts;
# 2. choose its patience by the noise of your metric, and say what too little and too much of it do;
# 3. set mode, threshold and cooldown, and name what goes wrong silently without them;
# 4. say what the rule cannot do, and when a planned schedule is the better choice.

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
# A validation loss falls from 3 towards 1, for sixty epochs. It never stops falling. But every measurement has some noise: a standard deviation of 0.05.
#
# A rule listens. As soon as it has heard three epochs in a row without a new best, it divides the learning rate by ten.
#
# How often does it cut in these sixty epochs?
#
# - **a)** Never, because the loss never stops falling.
# - **b)** Once, perhaps, towards the end.
# - **c)** Several times.
#
# Decide now. We try it on four hundred such losses below.

# %% [markdown] tags=["C44", "C36"]
# ## The rule
#
# The schedules before this one know all their rates before training begins. This one adapts to what the training does: it hears a number after every epoch, and answers. So there is no $\eta(t)$ to draw in advance.
#
# The number is called the *metric*, and each time that the rule hears it is a *check*. The rule remembers three things: the rate $\eta$, the `best` metric so far, and the number of `bad` checks since the best or since the last cut. At each check it hears the metric $m$:
#
# 1. if $m < \text{best}\cdot(1 - \varepsilon)$, then $\text{best} \leftarrow m$ and $\text{bad} \leftarrow 0$; otherwise $\text{bad} \leftarrow \text{bad} + 1$;
# 2. if $\text{bad} > p$, then $\eta \leftarrow \max(f \eta,\ \eta_\text{min})$ and $\text{bad} \leftarrow 0$.
#
# | symbol | name in code | meaning |
# |---|---|---|
# | $m$ | `metric` | the number that is watched, such as the validation loss |
# | $p$ | `patience` | how many bad checks in a row are tolerated |
# | $f$ | `factor` | each cut multiplies the rate by it |
# | $\varepsilon$ | `threshold` | the share by which a metric must beat the best |
# | $\eta_\text{min}$ | `min_lr` | the rate never falls below it |
# | | `mode` | `"min"` for a loss, `"max"` where more is better (then $m > \text{best}\cdot(1 + \varepsilon)$ is asked for) |
# | | `cooldown` | checks after a cut that are not counted |
#
# Such a loop, which carries a small memory through a list, is called a *fold*. Here it is, for a loss:


# %%
def my_plateau(metrics, lr, factor, patience, threshold=1e-4):
    best, bad, rates = np.inf, 0, []
    for metric in metrics:
        if metric < best * (1 - threshold):
            best, bad = metric, 0
        else:
            bad += 1
        if bad > patience:
            lr, bad = lr * factor, 0
        rates.append(lr)
    return np.array(rates)  # the rate after each check


losses = [0.9, 0.7, 0.6, 0.65, 0.61, 0.6, 0.62, 0.5]
my_plateau(losses, lr=0.1, factor=0.1, patience=2)

# %% [markdown]
# The library's version comes next. Its `update` takes one metric; its `replay` takes a whole history and leaves the object as it is.

# %%
from lrcourse.schedules import ReduceOnPlateau

rule = ReduceOnPlateau(peak_lr=0.1, factor=0.1, patience=2)
assert np.allclose(rule.replay(losses), my_plateau(losses, 0.1, 0.1, 2), rtol=1e-12)
rule

# %% [markdown] tags=["C44"]
# And PyTorch's. It is PyTorch's only scheduler whose `step` wants a metric.

# %% tags=["C44"]
weight = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=0.1)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=2)

rates = []
for loss in losses:
    optimizer.step()  # here an epoch of training, and a validation
    scheduler.step(loss)
    rates.append(optimizer.param_groups[0]["lr"])

assert np.allclose(rates, rule.replay(losses), rtol=1e-12)
print("torch and lrcourse agree on", len(rates), "rates")

# %% [markdown] tags=["C37"]
# ## Predict: when is the first cut?
#
# Now a metric that is flat from the start, and a patience of 2. Decide before you run the cell: after which check is the rate lower for the first time? After check 2, 3 or 4?
#
# `plateau_twin` is PyTorch's scheduler with the parameters of ours, and `rates_heard` plays a history to it. The last row is Keras, another library. It asks for $\text{bad} \ge p$ instead of $\text{bad} > p$, so our rule with a patience of 1 stands in for it.

# %% tags=["C37", "K15"]
from lrcourse.torch_twins import plateau_twin, rates_heard

flat = [1.0] * 8
keras = ReduceOnPlateau(peak_lr=0.1, factor=0.1, patience=2 - 1)
print("check  ", "       ".join(str(check) for check in range(1, 9)))
for name, each in {
    "ours ": rule.replay(flat),
    "torch": rates_heard(plateau_twin(rule), flat),
    "Keras": keras.replay(flat),
}.items():
    print(name, "  ".join(f"{rate:.4f}" for rate in each))

# %% [markdown] tags=["C37", "K15"]
# > **You will read** that the rate is cut when the metric has not improved for `patience` checks. Let us check.
# > PyTorch *tolerates* `patience` bad checks and cuts at the next bad one. The very first check only sets the best. So with a patience of 2 a flat metric is cut at check 4, and with the default of 10 at check 12 ([the discussion](https://github.com/pytorch/pytorch/pull/7242)).
# > Keras cuts one check earlier ([its code](https://github.com/keras-team/keras/blob/master/keras/src/callbacks/reduce_lr_on_plateau.py)). Neither is wrong, but a recipe changes when it moves from one to the other.

# %% [markdown] tags=["C36", "C39", "C40"]
# ## The factor
#
# Which factors are allowed? We ask PyTorch and ours. Each rule hears a flat metric twice, with a patience of 0, so that it cuts once from 0.1.

# %% tags=["C36", "C39", "C40", "K16"]
for factor in (1.0, 0.5, 0.001, 0.0, -0.5):
    optimizer = torch.optim.SGD([weight], lr=0.1)
    try:
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=factor, patience=0)
        scheduler.step(1.0)
        scheduler.step(1.0)
        torchs = f"rate {optimizer.param_groups[0]['lr']:g}"
    except ValueError as error:
        torchs = f"refused: {error}"
    try:
        ours = f"rate {ReduceOnPlateau(0.1, factor, patience=0).replay([1.0, 1.0])[-1]:g}"
    except ValueError:
        ours = "refused"
    print(f"factor {factor:6}   ours: {ours:12} torch: {torchs}")

# %% [markdown] tags=["C39", "K16"]
# > **You will read** that the factor may be any number from 0 to 1, both ends included. Let us check.
# > PyTorch refuses a factor of 1, which would change nothing. It accepts a factor of 0, which ends the training at the first cut: no later update moves a weight. Ours refuses both.

# %% [markdown] tags=["C40", "K16"]
# > **You will read** that the factor must be at least 0.01. Let us check.
# > There is no such limit, neither in [PyTorch](https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html) nor with us: the cell above cuts by 0.001 in one go. PyTorch even takes a negative factor, which sends the rate to `min_lr` at once.

# %% [markdown] tags=["C36"]
# Does the rule lower the rate "little by little"? That depends on the factor. PyTorch's default is a tenth: three cuts leave a thousandth. For smaller steps take a `factor` nearer to 1. Here are all the defaults:

# %% tags=["C36", "C42"]
import inspect

signature = inspect.signature(torch.optim.lr_scheduler.ReduceLROnPlateau)
for parameter in list(signature.parameters.values())[1:]:
    print(f"{parameter.name:15} {parameter.default}")

# %% [markdown]
# ## The picture
#
# Here is one history of the kind in the question, and what our rule makes of it.

# %%
from lrcourse.claims.plateau import still_improving

heard = still_improving(noise=0.05, first_seed=0)  # 400 histories of 60 checks
one, checks = heard[0], np.arange(1, 61)
rates = rule.replay(one)
cuts = np.flatnonzero(np.diff(rates, prepend=0.1) < 0)

# %% [markdown]
# The diamonds are the cuts. Look at the first one: would you have cut there?

# %%
from lrcourse.panels import RATE, Axis, Curve, Dots, Panel, View
from lrcourse.plots import plot_view, show

x = Axis("check of the metric", low=0, high=61, tight=True)
metric = (
    Curve("heard", one, checks),
    Curve("best", np.minimum.accumulate(one), checks, style=1, held=True),
    Dots("", checks[cuts], one[cuts], style=3),
)
lr = (Curve("rate", rates, checks, held=True), Dots("", checks[cuts], rates[cuts], style=3))
view = View(
    (Panel(x, Axis("metric", low=1), metric), Panel(x, Axis(RATE, log=True), lr, 0.7)), said=""
)
show(
    plot_view(view),
    "Above, a noisy metric that falls from 3 to about 1.2 over 60 checks, with the best so far; "
    "below, the rate, which is cut several times while the metric still falls.",
)

# %% [markdown]
# ## Play
#
# In the explorer you can paint the metric yourself, with the mouse in the upper picture. Try to
#
# - pick "noise cuts too soon". The line under the picture says how many cuts came while the painted metric still got better. Find the smallest patience without a cut. Then move the seed of the noise: is it still without one?
# - pick "slow progress called a plateau" and move the threshold down until the cuts stop;
# - pick "accuracy with mode=min": the best metric there is the first one. Why? (Trap 1 below.)

# %%
from lrcourse.explore import explore
from lrcourse.explore.scenes import plateau

explore(plateau)

# %% [markdown] tags=["C45", "X14"]
# ## The answer: cuts on noise
#
# Back to the question. Without noise the metric is $1 + 2e^{-t/25}$ after $t$ epochs. It falls in every single epoch: at first by more than the noise, at the end by much less. How many cuts does each of four hundred such histories have, on average?

# %% tags=["C45", "X14"]
from lrcourse.experiments import mean_interval


def count_cuts(histories, patience):
    rule = ReduceOnPlateau(peak_lr=1, factor=0.1, patience=patience)
    return [np.sum(np.diff(rule.replay(each), prepend=1) < 0) for each in histories]


count = {patience: mean_interval(count_cuts(heard, patience)) for patience in (0, 2, 5, 10)}
assert count[2].low > 2
assert count[10].high < 0.2
rows = "\n".join(f"| {patience} | {cuts} |" for patience, cuts in count.items())
Markdown(f"| patience | cuts in 60 epochs, none of them needed |\n|---|---|\n{rows}")

# %% [markdown] tags=["C45", "X14"]
# The answer is **c**. Three epochs in a row without a new best happen by chance, again and again, while the metric improves. Every such cut leaves a tenth of the rate, and there is no way back up.
#
# Is a patience of 10 enough, then? Look at how the share of histories with at least one cut grows with the noise.

# %% tags=["C45", "X14"]
from lrcourse.panels import Rule
from lrcourse.plots import axes, plot_panel

noises = np.geomspace(0.003, 0.5, 12)
histories = [still_improving(noise, first_seed=0)[:100] for noise in noises]
curves = []
for style, patience in enumerate((0, 2, 5, 10)):
    shares = np.array([np.mean(np.array(count_cuts(each, patience)) > 0) for each in histories])
    curves.append(Curve(f"patience {patience}", shares, noises, style=style))

# %% tags=["C45", "X14"]
noise_axis = Axis("noise of the metric (standard deviation)", log=True, tight=True)
share_axis = Axis("share with a cut", low=0, high=1.2)
ax = plot_panel(
    Panel(noise_axis, share_axis, (*curves, Rule("the question", x=0.05, style=4))), axes(7.5, 3.8)
)
ax.set_xticks([0.003, 0.01, 0.03, 0.1, 0.3], ["0.003", "0.01", "0.03", "0.1", "0.3"])
show(
    ax,
    "The share of improving histories in which the rule cuts, over the noise: it rises "
    "towards 1 for every patience, later for a larger one; at a noise of 0.5 even patience 10 cuts "
    "in nearly all.",
)

# %% [markdown] tags=["C45", "X14"]
# The course's list of claims has an entry on the patience of 10. Its verdict says the same as the picture:

# %% tags=["C45", "X14"]
from lrcourse.claims import CLAIMS

finding = CLAIMS["patience-10-is-enough"].run()
assert finding.is_as_taught
finding

# %% [markdown] tags=["C45"]
# No patience is right for every noise. A rule of thumb: **within the patience, the metric must improve by more than its noise.** The noise is how far the metric of one network jumps from check to check.
#
# There are three ways out: more patience, a metric with less noise (a larger validation set, or checks farther apart), or a factor nearer to 1, which makes a false cut cheap.

# %% [markdown] tags=["C43"]
# ## The experiment: does it help?
#
# Now real trainings. A network learns noisy signals, with one label in ten wrong. It is checked every 25 updates, 80 times in all. There are five groups of sixteen networks, paired by their seeds as in section 01: a constant rate, the rule with a patience of 2, of 10 and of 40, and a cosine, planned in advance. (The rule begins at 1 here, and what it leaves of 1 multiplies the constant rate.)
#
# (We have no third set of data here, so the rule listens to the *test* loss. In a project it must hear a validation set, and the test set stays unheard to the end.)

# %% tags=["C43", "nbval-ignore-output"]
from lrcourse.experiments import compare, signals
from lrcourse.plots import plot_training
from lrcourse.schedules import Constant, CosineDecay

problem = signals(label_noise=0.1, test_size=1000)
steps, seeds, every = 2000, range(16), 25
patiences = {"patience 2": 2, "patience 10": 10, "patience 40": 40}
rules = [ReduceOnPlateau(1, patience=p, min_lr=1e-5) for p in patiences.values() for _ in seeds]

planned = {"constant": Constant(0.13), "cosine": CosineDecay(0.13, steps)}
runs = compare(problem, planned, seeds, steps, test_every=every)
listening = dict.fromkeys(patiences, Constant(0.13))
runs |= compare(problem, listening, seeds, steps, test_every=every, plateaus=rules)

# %% [markdown] tags=["C43"]
# The upper picture has the mean test loss of each group. Every network cuts at a time of its own, so the lower one shows the rate of the first network of each group only. Look at what each loss does around the first cuts.

# %% tags=["C43", "nbval-ignore-output"]
shown = {name: runs[name] for name in ("constant", *patiences)}
figure = plot_training(
    {name: run.test_losses for name, run in shown.items()},
    {name: run.lrs[0, ::every] for name, run in shown.items()},
    time="check, every 25 updates",
)
figure.axes[0].set_ylabel("test loss")
show(
    figure,
    "Test loss over 80 checks. With a patience of 2 the rate is cut early and the loss falls "
    "below that of the constant rate; with a patience of 10 the cut comes later and the loss "
    "falls as far. With a patience of 40 the loss stays by the constant rate's nearly to the end.",
)

# %% [markdown] tags=["C43"]
# The accuracies at the end, against the constant rate and against the cosine:

# %% tags=["C43", "nbval-ignore-output"]
from lrcourse.experiments import paired_difference

ends = {name: 100 * run.test_accuracies[:, -1] for name, run in runs.items()}
against = {
    other: {name: paired_difference(end, ends[other]) for name, end in ends.items()}
    for other in ("constant", "cosine")
}
impatient, patient = (
    paired_difference(ends[name], ends["patience 10"]) for name in ("patience 2", "patience 40")
)
assert against["constant"]["patience 10"].low > 3
assert against["cosine"]["patience 10"].low > -3
assert against["cosine"]["patience 10"].high < 3
assert impatient.low > -3.5
assert patient.high < -2
assert paired_difference(ends["patience 40"], ends["patience 2"]).high < 0

rows = "\n".join(
    f"| {name} | {against['constant'][name]} | {against['cosine'][name]} |" for name in patiences
)
Markdown(
    f"| test accuracy, points | minus constant | minus cosine |\n|---|---|---|\n{rows}\n\n"
    f"Against a patience of 10, a patience of 2 makes **{impatient}** points and one of 40 makes "
    f"**{patient}**. Mean and 95% interval over {len(seeds)} seeds."
)

# %% [markdown] tags=["C43", "C44"]
# **It helps.** The loss had stopped falling because of noise. The cut took the noise away, and that is worth several points. This is the drop of section 01, at a time that the training chose. But the plateau must *be* a noise floor. A loss can be flat for other reasons, and then a cut does not help.
#
# **It is not better than a plan.** Against the cosine we find no difference worth having: less than three points, in either direction. The rule is of use where you cannot plan, because you do not know how long you will train.
#
# **Impatience costs little here.** The picture shows why: much of the way down had been made before the first cuts. Do not count on that. A false cut is as expensive as the way that still lies ahead (section 02).
#
# **Too much patience costs more.** With a patience of 40, the first cut comes very late, or not at all, and much of the gain is lost.

# %% [markdown] tags=["C45"]
# ## What it cannot do
#
# Suppose that you do not know a good rate, and leave the search to the rule. Three groups of networks learn clean digits. They start far too high, about right, and far too low, and the patience is 2.

# %% tags=["C45", "nbval-ignore-output"]
from lrcourse.experiments import digits

starts = {"far too high": 1.5, "about right": 0.1, "far too low": 0.0001}
constants = {name: Constant(lr) for name, lr in starts.items()}
rules = [ReduceOnPlateau(1, patience=2) for _ in constants for _ in range(12)]
tried = compare(digits(), constants, range(12), steps=400, test_every=10, plateaus=rules)
ends = {name: mean_interval(100 * run.test_accuracies[:, -1]) for name, run in tried.items()}
cuts = {name: mean_interval((np.diff(run.lrs) < 0).sum(axis=1)) for name, run in tried.items()}
assert ends["about right"].low > 95
assert max(ends["far too high"].high, ends["far too low"].high) < 50
assert cuts["far too high"].low > 3

rows = "\n".join(f"| {n}: {lr:g} | {cuts[n]} | {ends[n]}% |" for n, lr in starts.items())
Markdown(f"| start | cuts | test accuracy |\n|---|---|---|\n{rows}")

# %% [markdown] tags=["C45"]
# From above, the rule cuts again and again, in vain: what the high rate destroys in the first updates, lower ones did not bring back. From below it cannot help at all, because it only ever goes down.

# %% [markdown] tags=["C45"]
# > **You will read** that a plateau rule takes away the risk of a badly chosen learning rate. Let us check.
# > It rescued no bad start, neither a high one nor a low one: the cell above shows both. And noise makes it cut while training still improves.
# > Find the peak first (section 09). Then listen.

# %% [markdown] tags=["C41", "C65"]
# ## Trap 1: accuracy with the mode of a loss
#
# The rule may listen to any number, to an accuracy as well as to a loss. But the default is `mode="min"`. Here an accuracy rises for thirty epochs without a break. What does the default do to the rate?

# %% tags=["C41", "C65"]
accuracy = 1 - 0.9 * np.exp(-np.arange(30) / 10)
assert np.all(np.diff(accuracy) > 0)
for mode in ("min", "max"):
    rule = ReduceOnPlateau(peak_lr=0.1, patience=3, mode=mode)
    used = rates_heard(plateau_twin(rule), accuracy)
    np.testing.assert_allclose(used, rule.replay(accuracy), rtol=1e-9)
    print(f'mode="{mode}": the rate after 30 epochs is {used[-1]:.0e}')

# %% [markdown] tags=["C41", "C65"]
# In `"min"` the best accuracy is the very first one, and every better one counts as bad. No error, no warning. Here is what it costs the networks from above, with PyTorch's default patience of 10. Look around check 20. (The lower picture again shows the rate of the first network.)

# %% tags=["C41", "C65", "nbval-ignore-output"]
modes = {"mode='min'": "min", "mode='max'": "max"}
rules = [ReduceOnPlateau(1, mode=mode) for mode in modes.values() for _ in seeds]
heard_accuracy = compare(
    problem,
    dict.fromkeys(modes, Constant(0.13)),
    seeds,
    steps=800,
    test_every=10,
    plateaus=rules,
    listen_to="accuracy",
)
figure = plot_training(
    {name: 100 * run.test_accuracies for name, run in heard_accuracy.items()},
    {name: run.lrs[0, ::10] for name, run in heard_accuracy.items()},
    time="check, every 10 updates",
)
figure.axes[0].set_ylabel("test accuracy in %")
show(
    figure,
    "Test accuracy over 80 checks. With mode='min' the rate is cut again and again from the "
    "twelfth check on; the accuracy runs ahead for a while and then stands still. With "
    "mode='max' it goes on rising, and ends higher.",
)

# %% tags=["C41", "C65", "nbval-ignore-output"]
right, wrong = (100 * heard_accuracy[f"mode='{mode}'"].test_accuracies for mode in ("max", "min"))
cost = paired_difference(right[:, -1], wrong[:, -1])
early = paired_difference(right[:, 19], wrong[:, 19])  # the twentieth check
assert cost.low > 2
assert early.high < 0
Markdown(f"The wrong mode costs **{cost}** points at the end. After 200 updates it was {early}.")

# %% [markdown] tags=["C41"]
# For a while the wrong mode is *ahead*. Its first cut takes noise away, as any drop does. Then nothing moves any more. A slip that looks like a success at first is hard to find, so print the rate in your log.

# %% [markdown] tags=["C41", "C65"]
# > **You will read** that this schedule cuts the rate when the *loss* stops falling. Let us check.
# > It cuts when the number that you pass to `step` stops improving, whatever it is. Whether more is better, you must say, with `mode`.

# %% [markdown] tags=["C42"]
# ## Trap 2: slow progress
#
# Look at $\varepsilon$ again, the `threshold`. By default a metric must beat the best by one part in ten thousand, and do so within the patience. A large model near the end of its training may improve more slowly, but steadily, for days. Here a loss falls by two parts in a hundred thousand at every check:

# %% tags=["C42"]
slow = 0.99998 ** np.arange(12)
for threshold in (1e-4, 0.0):
    rates = ReduceOnPlateau(peak_lr=0.1, patience=2, threshold=threshold).replay(slow)
    print(f"threshold {threshold:g}:", "  ".join(f"{rate:g}" for rate in rates))

# %% [markdown] tags=["C42"]
# With the default, steady progress counts as a plateau here. (With more patience the small gains add up, and the best is beaten in time.)
#
# Three more parameters are easily missed. `threshold_mode="abs"` makes $\varepsilon$ a difference instead of a share. `eps` makes torch skip any cut that changes the rate by no more than that. `cooldown` gives the network time after a cut. Look at the cuts on a flat metric:

# %% tags=["C42"]
flat = np.ones(20)
for cooldown in (0, 3):
    rates = ReduceOnPlateau(peak_lr=0.1, patience=2, cooldown=cooldown).replay(flat)
    print(f"cooldown {cooldown}: cuts at", *np.flatnonzero(np.diff(rates, prepend=0.1) < 0) + 1)

# %% [markdown] tags=["X14"]
# ## Trap 3: a metric below zero
#
# A metric can be negative, such as the logarithm of a probability. PyTorch computes $\text{best}\cdot(1 - \varepsilon)$, and for a negative best this lies *above* it: even a metric that gets slowly worse counts as an improvement, and the rate never falls ([an issue](https://github.com/pytorch/pytorch/issues/47513)). Ours takes $|\text{best}|$ for the margin.

# %% tags=["X14"]
worse = -1 + 1e-5 * np.arange(8)  # rises, and should fall
rule = ReduceOnPlateau(peak_lr=0.1, patience=2)
absolute = ReduceOnPlateau(peak_lr=0.1, patience=2, threshold_mode="abs")
print("torch     ", rates_heard(plateau_twin(rule), worse))
print("torch, abs", rates_heard(plateau_twin(absolute), worse))
print("ours      ", rule.replay(worse))

# %% [markdown] tags=["C38", "C41"]
# With `threshold_mode="abs"` torch is right, too.
#
# Two smaller traps. Patience counts **calls**: put `scheduler.step(loss)` into the batch loop, and eleven bad batches in a row are enough for a cut by default. And NaN (no number) counts as a bad check, in torch and with us, so a run that has broken down goes on at lower and lower rates:

# %%
nan = float("nan")
broken = [1.0, nan, nan, nan, nan]
print("torch", rates_heard(plateau_twin(rule), broken))
print("ours ", rule.replay(broken))

# %% [markdown]
# ## Warmup first
#
# A warmup (section 06) raises the rate in the first updates. In PyTorch you cannot let a plateau rule follow it:

# %%
optimizer = torch.optim.SGD([weight], lr=0.1)
schedulers = torch.optim.lr_scheduler
warmup = schedulers.LinearLR(optimizer, start_factor=0.1, total_iters=5)
try:
    schedulers.SequentialLR(optimizer, [warmup, schedulers.ReduceLROnPlateau(optimizer)], [5])
except ValueError as error:
    print(str(error).split(" as it")[0])

# %% [markdown]
# With us `>>` joins the two. While the warmup lasts, metrics are not heard. Then the rule begins with nothing in its memory.

# %%
from lrcourse.schedules import LinearWarmup

joined = LinearWarmup(peak_lr=0.1, steps=5) >> ReduceOnPlateau(peak_lr=0.1, patience=1)
joined.replay([3, 2.5, 2.4, 2.4, 2.0, 2.0, 2.0, 2.0, 2.0])  # one check after each update

# %% [markdown]
# ## Use it on your own log
#
# What would the rule have done with metrics that you have recorded? `replay` answers without any training. Here it hears the test losses of one network at the constant rate. Trust the first cut only: after it, the training would have gone another way.

# %% tags=["nbval-ignore-output"]
log = runs["constant"].test_losses[0]
print("jump from check to check:", round(float(np.abs(np.diff(log)).mean()), 3))
for patience in (2, 5, 10):
    rates = ReduceOnPlateau(peak_lr=0.13, patience=patience).replay(log)
    first = np.argmax(rates < 0.13) + 1 if rates[-1] < 0.13 else "none"
    print(f"patience {patience:2}: first cut at check {first}")

# %% [markdown]
# When you save a checkpoint, save the rule as well. Other schedules follow from $t$. This one follows from everything that it has heard:

# %%
rule = ReduceOnPlateau(peak_lr=0.1, patience=2)
for loss in (0.9, 0.7, 0.75, 0.74):
    rule.update(loss)
rule.state_dict()

# %% [markdown]
# ## What we saw
#
# 1. The rule is a fold over the metric: best, bad checks, rate. PyTorch cuts at the bad check after `patience` tolerated ones, Keras one earlier.
# 2. With little patience it cut in nearly every noisy history that still improved. In our training far too much patience cost more. Within the patience, the metric must improve by more than its noise.
# 3. An accuracy heard in `mode="min"` ruins a training without a word. The default threshold can call slow progress a plateau, torch does not cut for a flat metric below zero, and checks in the cooldown do not count.
# 4. The rule helped where a noise floor held the loss up, about as much as a planned cosine. It rescued neither a start far too high nor one far too low.

# %% [markdown] tags=["quiz"]
# ## Three quick questions
#
# Choose an answer. It opens and says why.
#
# **1. PyTorch's rule with `patience=2` hears the losses `0.9, 0.6, 0.7, 0.65, 0.63, 0.68, 0.69, 0.72`. The first one is check 1. After which check is the rate cut for the first time?**
#
# - [ ] check 4
#   That is where Keras cuts: at the second bad check. PyTorch tolerates two bad checks and cuts at the next one.
# - [x] check 5
#   The best is `0.6`, at check 2. Checks 3 and 4 are bad and tolerated, and check 5 is the one too many.
# - [ ] check 6
#   Here three bad checks are tolerated. Three are more than 2, so the rule does not wait for a fourth.
# - [ ] check 8
#   This takes a loss for better when it beats the one before it, as `0.65` beats `0.7`. The rule compares with the best so far, and that is `0.6`.
#
# **2. Your loss has long been flat. The rule cuts the rate to a tenth, and the loss stays as it was. What have you learned?**
#
# - [ ] The cut was too small, so the rule should cut again.
#   A tenth of the rate leaves far less noise. If noise had held the loss up, the loss would have fallen after this cut.
# - [ ] The network can do no better, so you may stop.
#   You cannot tell yet. Other things look the same: a rate that was too low already, or weights that a far too high rate has destroyed.
# - [x] Noise was not what held the loss up.
#   A cut takes noise away. Where that changes nothing, something else holds the loss up. Section 09 makes a test of this.
#
# **3. You halve the size of the validation set to save time. What should happen to the patience?**
#
# - [x] It should grow: each check is noisier now.
#   With the old patience the rule would cut by chance more often.
# - [ ] It should be halved, too: less data, less waiting.
#   Patience counts checks, not samples. The metric is noisier now, and a shorter wait makes cuts by chance more frequent still.
# - [ ] It can stay: there are as many checks as before.
#   As many, but each of them jumps more. Within the patience, the metric must improve by more than its noise.

# %% [markdown]
# ## Next
#
# Now try it yourself: [exercises of section 05](../exercises/05_plateau.ipynb). [Section 06](06_warmup.ipynb) looks at the first updates, where the rate goes up. Back to the [map of the course](index.ipynb).
#
# ## Further reading
#
# - He, Zhang, Ren, Sun: *Deep Residual Learning for Image Recognition*. [arXiv 1512.03385](https://arxiv.org/abs/1512.03385). Divides the rate by 10 when the error plateaus.
# - Chee, Toulis: *Convergence Diagnostics for Stochastic Gradient Descent with Constant Step Size*. [arXiv 1710.06382](https://arxiv.org/abs/1710.06382). A statistical test in place of patience.
# - PyTorch: [ReduceLROnPlateau](https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html), and [why it cannot follow a warmup](https://github.com/pytorch/pytorch/issues/68978).
