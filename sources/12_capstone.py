# %% [markdown]
# # 12 Capstone: from a problem to a schedule
#
# **40 minutes.** The challenge near the end takes as long as you like. You need the ideas of the other sections; each is linked where it is used.
#
# After this lesson you can
#
# 1. tune a learning rate from start to end, in eight steps, and know why they come in this order;
# 2. choose a peak on some seeds and report it on others, so that nobody is flattered;
# 3. say what matters more: the peak, the shape, or luck;
# 4. design a schedule of your own, and show with an interval whether it beats the usual ones;
# 5. answer the usual interview questions, without the usual errors.

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
# A network, a data set, 600 updates. Three people waste accuracy, each in another way.
#
# - **a)** Ann has the best shape of schedule, but a peak four times too low.
# - **b)** Ben has the best peak for his shape, but of three shapes that decay he has taken the worst.
# - **c)** Cem has both right. But he trains once, and his seed is an unlucky one.
#
# Who loses most? Decide now. At the end of the procedure we can compute all three.

# %% [markdown] tags=["D47", "D48"]
# ## The procedure
#
# 1. **Fix the budget.** How many updates? Which metric, on which data? A schedule that ends at zero must know where the end is, so this comes first.
# 2. **Make a base run** and look at its loss: does it swing, creep, or stand still?
# 3. **Do a range test**, for the order of magnitude of the rate.
# 4. **Choose a shape** from the situation: warmup or not, cosine, line, step or an open end.
# 5. **Tune the peak**, over several seeds. If an end of your grid is best, go on. Then refine.
# 6. **Compare shapes**, each at its own peak, chosen on other seeds.
# 7. **Report on fresh seeds**, with an interval.
# 8. **Look at the neighbours**: batch size, momentum, weight decay. They all move the best rate.

# %% [markdown] tags=["D48"]
# ## Step 1: the budget
#
# The problem is that of the laboratory: noisy signals of ten kinds, SGD with momentum 0.9, batches of 32. We allow 600 updates, and count the test accuracy after the last one.

# %%
from lrcourse.experiments import signals

problem, steps = signals(), 600

# %% [markdown] tags=["D47"]
# ## Step 2: a base run
#
# One training at a constant rate that is usual for SGD. The course's *diagnosis* reads its log. Look for the word after "verdict".

# %% tags=["nbval-ignore-output", "D47"]
from lrcourse.diagnosis import diagnose
from lrcourse.experiments import rate_table, train
from lrcourse.schedules import Constant

base = train(problem, rate_table([Constant(0.1)], seeds=1, steps=steps), seeds=[0])
seen = diagnose(base.losses[0], base.lrs[0])
assert seen.verdict == "plateau"
print(seen)

# %% [markdown]
# The loss stands still long before the end. That may be a noise floor (section 00), and then a schedule that decays has something to win.
#
# ## Step 3: a range test
#
# Three sweeps with rising rates. The suggestion of [section 09](09_lr_finder.ipynb) is a third of the rate where the loss begins to rise.

# %% tags=["nbval-ignore-output"]
from lrcourse.finder import RAMP, RangeTest

ramp = RAMP(np.arange(RAMP.steps))
sweeps = RangeTest(ramp, train(problem, np.tile(ramp, (3, 1)), seeds=range(3)).losses)
print("suggested peak:", sweeps.suggestion)
print("train with:", ", ".join(f"{lr:.2g}" for lr in sweeps.to_try))

# %% [markdown]
# A range test knows the rate to about a factor of three. So we train at a third of the suggestion, at the suggestion and at three times it. A cosine each, eight seeds.

# %% tags=["nbval-ignore-output"]
from lrcourse.experiments import compare, mean_interval
from lrcourse.schedules import CosineDecay

tried = {lr: CosineDecay(lr, steps) for lr in sweeps.to_try}
first = compare(problem, tried, range(8), steps)
reached = {lr: mean_interval(100 * run.test_accuracies[:, -1]) for lr, run in first.items()}
low, middle, high = reached.values()
assert low.high < middle.low
assert middle.high < high.low

rows = "\n".join(f"| {lr:.2g} | {accuracy}% |" for lr, accuracy in reached.items())
Markdown(f"| peak | test accuracy |\n|---|---|\n{rows}")

# %% [markdown]
# The highest of the three is best, so the best peak may lie higher still. **An end of the grid is an arrow, not an answer.** The grid of step 5 will reach further up.

# %% [markdown]
# ## Step 4: a shape for the situation
#
# Which shape? `advise` knows the rules of this course. You say what you know and leave out the rest. Look at what changes from row to row.

# %%
from lrcourse.advise import Situation, advise

situations = [
    Situation(optimizer="momentum", model="mlp", steps=600),
    Situation(optimizer="momentum", model="cnn", steps=10_000, ensemble=True),
    Situation(optimizer="adamw", model="transformer-pre", steps=20_000),
    Situation(optimizer="adamw", model="transformer-pre", steps=20_000, open_ended=True),
    Situation(optimizer="adamw", start="fine-tuning", steps=2000),
    Situation(optimizer="adamw", start="continuing", steps=5000),
]
answers = [advise(situation) for situation in situations]
rows = "\n".join(
    f"| {a.situation} | `{type(a.schedule).__name__}` | {a.peak_lr:g} | {a.warmup_steps} |"
    for a in answers
)
Markdown(f"| what is known | schedule | peak, to begin with | warmup |\n|---|---|---|---|\n{rows}")

# %% [markdown]
# The shapes come from the sections: [cosine](03_cosine.ipynb), [cycles for an ensemble](04_sgdr.ipynb), [warmup](06_warmup.ipynb), and the open end in [recipes](11_recipes.ipynb).
#
# Printed in full, an advice gives its reasons and what each rests on. Here is ours. It is long: read the schedule and the first lines, and come back to the rest. Change a word of the situation and run the cell again.

# %% tags=["nbval-ignore-output"]
ours = Situation(
    optimizer="momentum",
    model="mlp",
    steps=600,
    noise="gradients",
    suggested_lr=round(sweeps.suggestion.middle, 3),
)
advise(ours)

# %% [markdown]
# ## Step 5: tune the peak
#
# Now the *bowls* of section 07: the accuracy at the end over the peak rate, for four shapes. WSD (section 11) is a short warmup, a long stable stretch, and a decay over the last third. We begin with a coarse grid, in steps of two.

# %%
from lrcourse.experiments import bowls
from lrcourse.schedules import OneCycle, WarmupStableDecay

shapes = {
    "constant": Constant(1),
    "cosine": CosineDecay(1, steps),
    "one cycle": OneCycle(1, steps),
    "WSD": WarmupStableDecay(1, warmup_steps=30, decay_steps=200, steps=steps),
}
coarse = bowls(problem, shapes, [0.015, 0.03, 0.06, 0.12, 0.24, 0.48], range(8), steps)

# %% tags=["nbval-ignore-output"]
from lrcourse.plots import plot_bowls, show

assert not coarse.is_at_the_edge("cosine")
assert coarse.best_peak("constant") < coarse.best_peak("cosine")
show(plot_bowls(coarse))

# %% [markdown]
# Two things to see. Every bowl ends in a cliff on its right. And the constant rate falls away earlier than the others: its best peak is a lower one.
#
# The true tops may lie between grid points. So we refine around the best, in steps of about $\sqrt{2}$, with more seeds. The constant rate is too far behind to be refined.

# %% tags=["nbval-ignore-output"]
decaying = {name: shapes[name] for name in ("cosine", "one cycle", "WSD")}
fine = bowls(problem, decaying, [0.085, 0.12, 0.17, 0.24], range(12), steps)
assert not fine.is_at_the_edge("cosine")
show(plot_bowls(fine))

# %% [markdown]
# ## Step 6: compare, each at its own peak
#
# If the same seeds choose the peak **and** report the accuracy, every schedule looks a little better than it is. So one half $A$ of the seeds chooses for the other half $B$, and the other way round:
#
# $$\hat\eta_A = \arg\max_{\eta} \sum_{s \in A} a(\eta, s) \qquad \text{report } a(\hat\eta_A, s) \text{ for } s \in B$$
#
# | symbol | name in code | meaning |
# |---|---|---|
# | $a(\eta, s)$ | `accuracies[peak, seed]` | test accuracy at the end, with peak $\eta$ and seed $s$ |
# | $A$, $B$ | `even`, `odd` | two halves of the seeds |
# | $\hat\eta_A$ | `even.sum(axis=1).argmax()` | the peak that half $A$ likes best |


# %%
def my_tuned(accuracies):
    even, odd = accuracies[:, ::2], accuracies[:, 1::2]
    reported = np.empty_like(accuracies[0])
    reported[1::2] = odd[even.sum(axis=1).argmax()]
    reported[::2] = even[odd.sum(axis=1).argmax()]
    return reported


for name in decaying:
    assert np.array_equal(my_tuned(fine.at_the_end(name)), fine.tuned(name))
print("my_tuned and Bowls.tuned agree for", ", ".join(decaying))

# %% [markdown]
# Each row is a shape minus the cosine, both tuned in this way. Compare the coarse rows with the fine ones.

# %% tags=["nbval-ignore-output"]
from lrcourse.experiments import paired_difference
from lrcourse.plots import plot_forest


def minus_cosine(found, name):
    return paired_difference(100 * found.tuned(name), 100 * found.tuned("cosine"))


gaps = {
    "constant, coarse grid": minus_cosine(coarse, "constant"),
    "one cycle, coarse grid": minus_cosine(coarse, "one cycle"),
    "WSD, coarse grid": minus_cosine(coarse, "WSD"),
    "one cycle, fine grid": minus_cosine(fine, "one cycle"),
    "WSD, fine grid": minus_cosine(fine, "WSD"),
}
assert gaps["constant, coarse grid"].high < -1
assert all(max(-gaps[name].low, gaps[name].high) < 3 for name in list(gaps)[1:])
show(plot_forest(gaps, what="test accuracy, minus that of a cosine"))

# %% [markdown]
# Decay against no decay is a matter of points. Among the shapes that decay the gaps are small, so small that the grid and the seeds can decide who wins. A gap from a coarse grid can shrink or change sides on a finer one.

# %% [markdown] tags=["D57"]
# ## What matters most?
#
# Now the question from the beginning. We compute what each of the three people loses.

# %% tags=["nbval-ignore-output", "D57"]
cosine = 100 * coarse.at_the_end("cosine")  # (peak, seed)
by_peak = dict(zip(coarse.peak_lrs, cosine, strict=True))
ann = paired_difference(by_peak[0.12], by_peak[0.03])
worst = min(decaying, key=lambda name: fine.tuned(name).mean())
best = max(decaying, key=lambda name: fine.tuned(name).mean())
ben = paired_difference(100 * fine.tuned(best), 100 * fine.tuned(worst))
cem = (100 * fine.tuned("cosine")).std(ddof=1)
too_high = paired_difference(by_peak[0.12], by_peak[0.48])
assert ann.low > 3
assert too_high.low > ann.high
assert ann.low > ben.high

Markdown(
    f"""
| who | what is wrong | costs, in points |
|---|---|---|
| Ann | a peak four times too low | **{ann}** |
| Ben | {worst} in place of {best}, both tuned | {ben} |
| Cem | one unlucky seed (one standard deviation) | {cem:.1f} |
"""
)

# %% [markdown] tags=["D57"]
# Answer **a**. The peak counts more than the choice among decaying shapes. (A peak four times too *high* costs far more still: look at the last point of the coarse bowls.)
#
# You may read: "design the rate as a curve, not as a number". It is a good reminder that the rate may change. But the number, the peak, still matters most.

# %% [markdown] tags=["D58"]
# You may also read that the data set the first value of the rate and the model sets the shape of its curve. We know of nothing that supports it. What this course found:
#
# - The **curvature** limits the value, and it comes from the data *and* the model: their scale, depth and normalisation (section 00).
# - The **budget and the noise** decide the shape. Where no noise is left, decay has little to do. Section 01 tested this on two kinds of data:

# %% tags=["D58"]
from lrcourse.claims import CLAIMS

claim = CLAIMS["decay-beats-constant"]
print(f"{claim.sentence} Verdict: {claim.verdict}.")

# %% [markdown]
# ## Step 7: report on fresh seeds
#
# The strictest report uses seeds that have chosen nothing at all. Four baselines, each at its best peak, on twenty new seeds. You will have to beat this table.

# %% tags=["nbval-ignore-output"]
peaks = {name: fine.best_peak(name) for name in decaying}
peaks["constant"] = coarse.best_peak("constant")
baselines = {name: peaks[name] * shapes[name] for name in shapes}

fresh = range(100, 120)
runs = compare(problem, baselines, fresh, steps)
scores = {name: 100 * run.test_accuracies[:, -1] for name, run in runs.items()}
rows = "\n".join(
    f"| {name} | {peaks[name]:g} | {mean_interval(scores[name])}% |" for name in shapes
)
Markdown(
    f"| schedule | best peak | mean test accuracy, {len(fresh)} fresh seeds |\n|---|---|---|\n{rows}"
)

# %% [markdown] tags=["D50"]
# ## Step 8: the neighbours
#
# **Batch size.** Another batch wants another rate: section 10 has the rules, and where they end.
#
# **Weight decay and dropout.** You may read that they are tuned last. They cannot be separated from the rate like that. In AdamW each update shrinks every weight by the factor $1 - \eta\lambda$, with the weight decay $\lambda$. So the schedule decides how much a weight shrinks. Here is a weight that gets no gradient at all, driven by a cosine over 600 updates in PyTorch:

# %% tags=["D50"]
from lrcourse.torch_scheduler import TorchScheduler

for peak_lr in (0.001, 0.003, 0.01):
    idle = torch.ones(1, dtype=torch.float64, requires_grad=True)
    idle.grad = torch.zeros(1, dtype=torch.float64)
    optimizer = torch.optim.AdamW([idle], lr=peak_lr, weight_decay=0.1)
    scheduler = TorchScheduler(optimizer, CosineDecay(peak_lr, steps))
    for _update in range(steps):
        optimizer.step()
        scheduler.step()
    print(f"peak {peak_lr:5}, weight decay 0.1: {idle.item():.3f} of the weight is left")

# %% [markdown] tags=["D50"]
# The number `weight_decay` was the same three times, and its effect was not. What acts is the product $\eta\lambda$. So tune the two **together** at least once, in a small grid. Dropout is noise, and noise can move the best rate, too (section 00).

# %% [markdown] tags=["C2"]
# **The optimizer.** The family that you have met: momentum and Nesterov carry past gradients along; AdaGrad, AdaDelta, RMSProp and Adam scale each coordinate by the size of its gradients. The peak must be tuned for each of them anew. The schedule is the same object for all:

# %% tags=["C2"]
schedule = CosineDecay(0.1, steps)
weight = torch.zeros(1, requires_grad=True)
family = {
    "momentum": torch.optim.SGD([weight], momentum=0.9),
    "Nesterov": torch.optim.SGD([weight], momentum=0.9, nesterov=True),
    "AdaGrad": torch.optim.Adagrad([weight]),
    "AdaDelta": torch.optim.Adadelta([weight]),
    "RMSProp": torch.optim.RMSprop([weight]),
    "Adam": torch.optim.Adam([weight]),
}
for optimizer in family.values():
    scheduler = TorchScheduler(optimizer, schedule)
    for _update in range(150):
        optimizer.step()
        scheduler.step()
    assert scheduler.get_last_lr() == [schedule(150)]
print(f"update 150 uses {schedule(150):.4f} in all of them:", ", ".join(family))

# %% [markdown]
# ## Trap 1: one peak for all
#
# "We compared a constant rate and a cosine at the same rate, to be fair." Here are both at the lowest peak of the grid, and then each at its own.

# %% tags=["nbval-ignore-output"]
constant = 100 * coarse.at_the_end("constant")
same_peak = paired_difference(cosine[0], constant[0])
own_peak = paired_difference(100 * coarse.tuned("cosine"), 100 * coarse.tuned("constant"))
assert same_peak.high < 0 < own_peak.low

Markdown(
    f"""
Cosine minus constant, both at {coarse.peak_lrs[0]:g}: **{same_peak}** points.
Each at its own peak: **{own_peak}** points.
"""
)

# %% [markdown]
# The sign turns round. At the same peak a cosine has half of the area $\sum\eta$ to travel with, so at a low peak it does not arrive.
#
# ## Trap 2: the best of many
#
# Suppose that you try twenty schedules, and that in truth all are **equally good**. You report the best. How much better than the truth does it look? No training is needed for that, only chance: seeds that scatter by $0.8$ points.

# %%
rng = np.random.default_rng(0)
for seeds in (1, 3, 12):
    luck = rng.normal(0.0, 0.8, size=(10_000, 20, seeds)).mean(axis=2)  # (repeats, schedules)
    print(
        f"{seeds:2} seeds each: the best of 20 looks {luck.max(axis=1).mean():.2f} points too good"
    )

# %% [markdown]
# Compare that with the gaps in the forest above. Two remedies: more seeds, and **fresh** seeds for the winner. The same holds for data. This course looks at one test set all the time. In a project, choose on validation data and open the test set once.
#
# ## Play: draw your own
#
# Paint a schedule with the mouse, or point by point with the two sliders. The line under the picture warns you of what usually goes wrong. Try to
#
# - paint a curve with the same area as the cosine, but of another shape;
# - let it end high, and read the warning;
# - set `steps` to 600, paint what you believe in, and copy the line *yours*. You will need it.

# %%
from lrcourse.explore import explore
from lrcourse.explore.scenes import draw_your_own

explore(draw_your_own)

# %% [markdown]
# ## Play: watch them train
#
# Two schedules train the same networks on the same batches, before your eyes. Press play. Try to
#
# - say beforehand who leads in the middle, and who at the end;
# - find the constant rate that comes closest to the cosine at the end;
# - choose *an easy task*: what is left of the difference, and why?

# %% tags=["nbval-ignore-output"]
from lrcourse.explore.scenes import live_training

explore(live_training)

# %% [markdown]
# ## The challenge
#
# Design $\eta(t)$ for 600 updates. You may choose the momentum, too. Your score is the mean test accuracy over the fresh seeds of step 7, beside the four tuned baselines. You have beaten one when the interval of the difference leaves out zero.
#
# Change the last two lines of the next cell, and run it and the two after it. That takes a few seconds, so try many.

# %%
from lrcourse import schedules as s  # s.LinearDecay(0.1, 600), s.WarmupCosine(0.1, 60, 600), ...
from lrcourse.schedules.piecewise import PiecewiseLinear

mine = PiecewiseLinear(times=(0, 200, 600), lrs=(0.05, 0.05, 0.0))
my_momentum = s.Constant(0.9)

# %% tags=["nbval-ignore-output"]
from lrcourse.plots import plot_rates

ax = plot_rates(mine=mine, cosine=baselines["cosine"], WSD=baselines["WSD"], steps=steps)
show(ax, "The learning rate of your schedule over 600 updates, beside the tuned cosine and WSD.")

# %% tags=["nbval-ignore-output"]
my_run = compare(problem, {"mine": mine}, fresh, steps, momenta={"mine": my_momentum})["mine"]
board = scores | {"mine": 100 * my_run.test_accuracies[:, -1]}
in_order = sorted(board, key=lambda name: -board[name].mean())
rows = "\n".join(
    f"| {place} | {name} | {mean_interval(board[name])}% | "
    f"{'' if name == 'mine' else paired_difference(board['mine'], board[name])} |"
    for place, name in enumerate(in_order, start=1)
)
Markdown(f"| place | schedule | mean test accuracy | mine minus this |\n|---|---|---|---|\n{rows}")

# %% [markdown]
# <details><summary>A first hint</summary>
#
# Before you bend the curve, move its peak: half, the same, twice.
#
# </details>
#
# <details><summary>A second hint</summary>
#
# How does it end? A rate that stays up leaves the weights on the noise floor. A rate that comes down too early travels too little. Try a straight line, `s.LinearDecay(0.2, 600)`.
#
# </details>
#
# <details><summary>A third hint</summary>
#
# Momentum is a hidden rate, $\eta/(1-m)$. With a lower momentum you can afford a higher $\eta$. Keep the quotient near its best value, and vary the two.
#
# </details>
#
# After thirty tries on the same seeds you are in trap 2. So when you are content, set `fresh` to seeds that you have never looked at, such as `range(5000, 5020)`, run from step 7 on, and let that be your result.

# %% [markdown]
# ## Into your own loop
#
# Your schedule drives a plain PyTorch optimizer, rate and momentum. Are these the rates that the laboratory used?

# %%
optimizer = torch.optim.SGD([weight], lr=1.0, momentum=0.9)  # both are replaced
scheduler = TorchScheduler(optimizer, mine, momentum=my_momentum)
used = []
for _update in range(steps):
    used.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()

np.testing.assert_allclose(used, my_run.lrs[0], rtol=1e-5, atol=1e-9)
print("torch used the same", len(used), "rates as the laboratory")

# %% [markdown]
# ## Interview questions
#
# Say your answer aloud before you open ours. A good answer has a mechanism, a limit, and a number that you would measure.

# %% [markdown] tags=["B28", "B29", "B30", "B31"]
# <details><summary>1. Why does warmup help?</summary>
#
# At the start the curvature is often high, so a rate that is good later throws the weights out. A warmup limits the **steps** while that is so, and thereby allows a higher peak. Explanations compete: curvature that falls during the warmup, Adam's noisy estimates in its first updates, the placement of the normalisation. Do not say that it "tames large gradients": Adam's first step is as long as the rate, whatever the gradient.
#
# Limits: it is not tied to batch normalisation; section 06 shows it without. Transformers with the normalisation after the sum need it, those with it before much less. The ResNet that is often named did nearly as well without, says its footnote ([He et al. 2015](https://arxiv.org/abs/1512.03385)). A small network trained by SGD may gain nothing from it.
#
# </details>

# %% [markdown] tags=["B32", "B33", "B34"]
# <details><summary>2. How do step decay, cosine annealing and warm restarts differ?</summary>
#
# A step drops at chosen updates, a cosine glides down over a budget known in advance, and restarts jump back up after each cycle. Step and cosine end about equal when both are well tuned.
#
# Do not say that smoothness keeps the weights from overshooting. A jump *down* never makes them overshoot; what counts is how high the rate still is near the end. And restarts are said to find better minima: we did not see it in section 04. What they do give are several snapshots from one run.
#
# </details>

# %% [markdown] tags=["B36", "B38", "B39", "B40"]
# <details><summary>3. What is the idea of one cycle?</summary>
#
# One rise and one long fall of the rate, and the momentum in the opposite direction. On the rise the effective rate $\eta/(1-m)$ grows much less than $\eta$, which keeps the updates stable at the top. The momentum that comes back at the end does not settle the weights; with noise it would raise the floor. It is the falling rate that settles them.
#
# Limits: the speed-up is against a constant rate. Against a cosine of the same budget section 07 found none worth having, on a small network. Where the network needs a warmup, the rise is one.
#
# </details>
#
# <details><summary>4. Your loss has been flat for a while. What do you do?</summary>
#
# The drop test: continue for a hundred updates at a tenth of the rate, and at three times the rate. If it falls at the lower one, it was a noise floor: decay. If it falls at the higher one, the rate was too low. If at neither, it is the model or the data.
#
# </details>
#
# <details><summary>5. You get four times the GPUs. What happens to the rate?</summary>
#
# A batch four times as large: with SGD begin with four times the rate, with Adam with twice the rate, and try the neighbours. Above the critical batch size neither holds any more. The epochs stay, so the updates become fewer, and the schedule must be told.
#
# </details>
#
# <details><summary>6. A paper says that its new schedule is better by half a point. What do you ask?</summary>
#
# How many seeds, and is there an interval? Was every baseline tuned at its own peak, on a fine grid, with the same budget? Was the peak chosen on the seeds and the data that are reported?
#
# </details>

# %% [markdown]
# ## Final quiz: true or not?
#
# Twelve beliefs that this course met. Decide before you open.
#
# <details><summary>"A smaller rate is always safer."</summary>
# No. Too small, and the weights never arrive; a rate that falls too early has only a finite distance to go (sections 00 and 02).
# </details>
#
# <details><summary>"More momentum averages the noise away."</summary>
# No. At the same rate it is a higher rate in disguise, and there is more noise (section 00).
# </details>
#
# <details><summary>"It makes no difference whether step() is called per batch or per epoch."</summary>
# It decides everything. A step schedule meant for epochs is over within one epoch of batches (section 01).
# </details>
#
# <details><summary>"CosineAnnealingLR restarts when T_max is over."</summary>
# No. T_max is half a period: afterwards PyTorch's rate climbs back, smoothly (section 03).
# </details>
#
# <details><summary>"Restarts cure overfitting."</summary>
# No. In section 04 the test accuracy fell from cycle to cycle.
# </details>
#
# <details><summary>"patience=10 cuts at the tenth bad epoch."</summary>
# In PyTorch at the eleventh, in Keras at the tenth (section 05).
# </details>
#
# <details><summary>"Warmup is there because of Adam." Or: "because of batch normalisation."</summary>
# It helps without either of them (section 06).
# </details>
#
# <details><summary>"OneCycleLR changes the rate only."</summary>
# It moves the momentum as well, and gives one to an SGD that had none (section 07).
# </details>
#
# <details><summary>"ChainedScheduler runs one schedule after the other."</summary>
# No, that is SequentialLR. Chained schedulers all act in every step (section 08).
# </details>
#
# <details><summary>"The minimum of a range test is the best rate."</summary>
# At the minimum the loss is about to rise, and the rules differ by powers of ten. Train at three rates (section 09).
# </details>
#
# <details><summary>"Twice the batch, twice the rate, for every optimizer."</summary>
# For SGD while noise dominates. For Adam nearer to the square root of two (section 10).
# </details>
#
# <details><summary>"A cosine run can be stopped early, or made longer."</summary>
# Stopped early, its rate has not come down. For an open end take a schedule with a late cooldown (section 11).
# </details>

# %% [markdown]
# ## What we saw
#
# 1. The budget comes first, then a base run, a range test, a shape, the peak, the comparison, the report, the neighbours.
# 2. One half of the seeds chooses for the other; fresh seeds report.
# 3. The peak mattered more than the choice among decaying shapes. Decay against no decay mattered, too. A coarse grid can decide who wins.
# 4. A schedule of your own is a line of code, and an interval says whether it is better.
# 5. A good answer names a mechanism and its limit.
#
# ## Three quick questions
#
# <details><summary>Your best peak is the highest of the grid. What do you report?</summary>
#
# Nothing yet. Extend the grid upwards until the accuracy falls again.
#
# </details>
#
# <details><summary>Shape A beats shape B by $0.7$ points on a grid in steps of four. Do you believe it?</summary>
#
# Not yet. Each top may lie anywhere between two points of the grid. Refine around both before you compare.
#
# </details>
#
# <details><summary>You halve the peak of an AdamW run and leave its weight decay. What else has changed?</summary>
#
# The shrinking of the weights, $\eta\lambda$ per update, is halved as well. To keep it, double $\lambda$, and check.
#
# </details>
#
# ## Next
#
# You have finished the course. Go to [the laboratory](laboratory.ipynb) with a question of your own, or with [the toolbox](toolbox.ipynb) to your own model. Back to the [map](index.ipynb).
#
# ## Further reading
#
# - Leslie Smith: *A Disciplined Approach to Neural Network Hyper-Parameters, Part 1*. [arXiv 1803.09820](https://arxiv.org/abs/1803.09820). Rate, batch, momentum and weight decay as one question.
# - Schmidt, Schneider, Hennig: *Descending through a Crowded Valley*. [arXiv 2007.01547](https://arxiv.org/abs/2007.01547). Many optimizers, tuned and untuned, with and without schedules.
# - Defazio and others: *Optimal Linear Decay Learning Rate Schedules and Further Refinements*. [arXiv 2310.07831](https://arxiv.org/abs/2310.07831). Why a straight line to zero is so hard to beat.
