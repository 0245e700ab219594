# %% [markdown]
# # 12 Capstone: from a problem to a schedule
#
# **40 minutes.** The challenge near the end takes as long as you like. You need the other sections; each is named where it is used.
#
# After this lesson you can
#
# 1. tune a learning rate from start to end, in eight steps, and know why they come in this order;
# 2. choose a peak on some seeds and report it on others, so that nobody is flattered;
# 3. say what matters more: the peak, the shape, or luck;
# 4. design a schedule of your own, and show with an interval whether it beats the usual ones;
# 5. answer the usual interview questions without the usual errors.

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
# A network, 600 updates. Three people waste accuracy, each in another way.
#
# - **a)** Ann has the best shape of schedule, but a peak four times too low.
# - **b)** Ben has the best peak for his shape, but of three shapes that decay he has taken the worst.
# - **c)** Cem has both right. But he trains once, and his seed is an unlucky one.
#
# Who loses most? Decide now. After step 6 we can compute all three.

# %% [markdown] tags=["D47", "D48"]
# ## The procedure
#
# 1. **Fix the budget.** How many updates? Which metric, on which data? This comes first, because a schedule must know where its end is ([03](03_cosine.ipynb)).
# 2. **Make a base run** and look at its loss: does it swing, creep, or stand still ([09](09_lr_finder.ipynb))?
# 3. **Do a range test**, for the order of magnitude of the rate ([09](09_lr_finder.ipynb)).
# 4. **Choose a shape** from the situation: warmup or not, cosine, line, step or an open end ([01](01_step.ipynb) to [07](07_one_cycle.ipynb), [11](11_recipes.ipynb)).
# 5. **Tune the peak**, over several seeds. If an end of your grid is best, go on. Then refine.
# 6. **Compare shapes**, each at its own peak, chosen on other seeds ([03](03_cosine.ipynb)).
# 7. **Report on fresh seeds**, with an interval.
# 8. **Look at the neighbours**: batch size ([10](10_batch_size.ipynb)), weight decay, momentum ([00](00_learning_rate.ipynb)). They all move the best rate.

# %% [markdown] tags=["D48"]
# ## Step 1: the budget
#
# The problem of section 07: noisy signals of ten kinds, SGD with momentum 0.9, batches of 32. We allow 600 updates, and count the test accuracy after the last one.

# %%
from lrcourse.experiments import signals

problem, steps = signals(), 600

# %% [markdown] tags=["D47"]
# ## Step 2: a base run
#
# One training at a usual constant rate. `diagnose` of section 09 reads its log. Look for the word after "verdict".

# %% tags=["nbval-ignore-output", "D47"]
from lrcourse.diagnosis import diagnose
from lrcourse.experiments import rate_table, train
from lrcourse.schedules import Constant

base = train(problem, rate_table([Constant(0.1)], seeds=1, steps=steps), seeds=[0])
seen = diagnose(base.losses[0], base.lrs[0])
assert seen.verdict == "plateau"
print(seen)

# %% [markdown]
# The loss stands still long before the end. That may be a noise floor: then decay has something to win.
#
# ## Step 3: a range test
#
# Three sweeps with rising rates. The suggestion is a third of the rate where the loss begins to rise.

# %% tags=["nbval-ignore-output"]
from lrcourse.finder import RAMP, RangeTest

ramp = RAMP(np.arange(RAMP.steps))
sweeps = RangeTest(ramp, train(problem, np.tile(ramp, (3, 1)), seeds=range(3)).losses)
print("suggested peak:", sweeps.suggestion)
print("train with:", ", ".join(f"{lr:.2g}" for lr in sweeps.to_try))

# %% [markdown]
# A range test knows the rate to about a factor of three. So we train a cosine at a third of the suggestion, at it, and at three times it.

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
# The highest of the three is best, so the best peak may lie higher still. **An end of the grid is an arrow, not an answer.** Step 5 goes further up.

# %% [markdown]
# ## Step 4: a shape for the situation
#
# `advise` knows the rules of this course. You say what you know and leave out the rest. Look at what changes from row to row. (`mlp` is a plain network such as ours, `transformer-pre` a pre-norm transformer. `Repeat` runs equal cosines one after the other.)

# %%
from textwrap import fill

from lrcourse.advise import Situation, advise

situations = [
    Situation(optimizer="momentum", model="mlp", steps=600),
    Situation(optimizer="momentum", model="cnn", steps=10_000, ensemble=True),
    Situation(optimizer="adamw", model="transformer-pre", steps=20_000),
    Situation(optimizer="adamw", model="transformer-pre", steps=20_000, open_ended=True),
    Situation(optimizer="adamw", start="fine-tuning", steps=2000),
    Situation(optimizer="adamw", start="continuing", steps=5000),
]
sections = ("03", "04", "06", "11", "06", "11")
rows = ""
for situation, section in zip(situations, sections, strict=True):
    a = advise(situation)
    name = type(a.schedule).__name__
    rows += f"| {situation} | `{name}` | {a.peak_lr:g} | {a.warmup_steps} | {section} |\n"
head = "| what is known | schedule | first peak | warmup | section |\n|---|---|---|---|---|"
Markdown(f"{head}\n{rows}")

# %% [markdown]
# An advice has reasons. Here are those for our problem; `print(advice)` adds the sources and the other ways. Change a word and run the cell again: a word that does not exist is refused, and you see the right ones.

# %% tags=["nbval-ignore-output"]
suggested = round(sweeps.suggestion.middle, 3)
ours = Situation(optimizer="momentum", model="mlp", steps=600, suggested_lr=suggested)
advice = advise(ours)
print(advice.code, "\n")
for topic in ("schedule", "peak", "warmup"):
    for rule in advice.about(topic):
        print(fill(f"- {topic}: {rule.advice} {rule.why}", 90))

# %% [markdown]
# ## Step 5: tune the peak
#
# Now the *bowls*: the accuracy at the end over the peak rate, for four shapes. WSD (section 11) has a short warmup and a cooldown over the last third. We begin with a coarse grid, in steps of two.

# %%
from lrcourse.experiments import bowls
from lrcourse.schedules import OneCycle, WarmupStableDecay

shapes = {
    "cosine": CosineDecay(1, steps),
    "one cycle": OneCycle(1, steps),
    "WSD": WarmupStableDecay(1, warmup_steps=30, decay_steps=200, steps=steps),
    "constant": Constant(1),
}
coarse = bowls(problem, shapes, [0.015, 0.03, 0.06, 0.12, 0.24, 0.48], range(8), steps)

# %% tags=["nbval-ignore-output"]
from lrcourse.plots import plot_bowls, show

assert not coarse.is_at_the_edge("cosine")
assert coarse.best_peak("constant") < coarse.best_peak("cosine")
show(plot_bowls(coarse))

# %% [markdown]
# Every bowl ends in a cliff on its right. The constant rate has its best peak lower than the cosine.
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
# At one rate for all, a comparison says more about that rate than about the shapes (section 03). But if the same seeds choose the peak **and** report the accuracy, every shape looks a little better than it is. So one half $A$ of the seeds chooses for the other half $B$, and the other way round:
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
# Each row is a shape minus the cosine, both tuned so. Compare the coarse rows with the fine ones.

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
# Decay against no decay is a matter of points. Among the shapes that decay the gaps are so small that the grid and the seeds can decide who wins.

# %% [markdown] tags=["D57"]
# ## What matters most?
#
# Now the question from the beginning: what does each of the three lose?

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
# Answer **a**. The peak counts more than the choice among decaying shapes. (A peak four times too *high* costs far more still: see the coarse bowls.)
#
# You may read: "design the rate as a curve, not as a number". A good reminder, but the number, the peak, still matters most.

# %% [markdown] tags=["D58"]
# You may also read that the data set the first value of the rate and the model sets the shape of its curve. We know of nothing that supports it. Instead:
#
# - The **curvature** limits the value, and it comes from the data *and* the model (section 00).
# - The **budget and the noise** decide the shape. Where no noise is left, decay has little to do (section 01).

# %% [markdown]
# ## Step 7: report on fresh seeds
#
# The strictest report uses seeds that have chosen nothing at all. Four *baselines*, which are what a new idea has to beat: each shape at its best peak, on twenty new seeds.

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
# **Batch size.** Another batch wants another rate. Section 10 has the rules, and where they end.
#
# **Weight decay and dropout.** You may read that they are tuned last. But in AdamW each update shrinks every weight by the factor $1 - \eta\lambda$, with the weight decay $\lambda$, so the schedule decides how much a weight shrinks. Here is a weight without any gradient, driven by a cosine over 600 updates:

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
# The same `weight_decay` had three effects. What acts is the product $\eta\lambda$. So tune the two **together** at least once, in a small grid. Dropout is noise, and noise can move the best rate, too (section 00).

# %% [markdown] tags=["C2"]
# **The optimizer.** A family: momentum and Nesterov's form of it carry past gradients along; AdaGrad, AdaDelta, RMSProp and Adam divide each weight's step by the size of its past gradients (section 00). Tune the peak anew for each of them. The schedule is the same object for all:

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
# ## The trap: the best of many
#
# You try twenty schedules, which in truth are **equally good**, and report the best. How much better than the truth does it look? This needs no training, only chance: seeds that scatter by $0.8$ points.

# %%
rng = np.random.default_rng(0)
for seeds in (1, 3, 12):
    luck = rng.normal(0.0, 0.8, size=(10_000, 20, seeds)).mean(axis=2)  # (repeats, schedules)
    print(
        f"{seeds:2} seeds each: the best of 20 looks {luck.max(axis=1).mean():.2f} points too good"
    )

# %% [markdown]
# Compare that with the small gaps of step 6. Two remedies: more seeds, and **fresh** seeds for the winner. The same holds for data: this course looks at one test set all the time. In a project, choose on validation data and open the test set once.
#
# ## Play: draw your own
#
# Paint a schedule with the mouse, or point by point with the two sliders. The line under the picture warns you of what usually goes wrong. Try to
#
# - paint another curve with the same area as the cosine;
# - let it end high, and read the warning;
# - set `steps` to 600, paint what you believe in, and copy the line *yours*. The challenge takes it.

# %%
from lrcourse.explore import explore
from lrcourse.explore.scenes import draw_your_own

explore(draw_your_own)

# %% [markdown]
# ## Play: watch them train
#
# Two schedules train the same networks on the same batches, before your eyes. Try to
#
# - say who will lead in the middle, and who at the end, and then press play;
# - find the constant rate that comes closest to the cosine at the end;
# - choose *an easy task*: what is left of the difference, and why?

# %% tags=["nbval-ignore-output"]
from lrcourse.explore.scenes import live_training

explore(live_training)

# %% [markdown]
# ## The challenge
#
# Design $\eta(t)$ for 600 updates. You may choose the momentum, too. Your score is the mean test accuracy over the fresh seeds of step 7, beside the four baselines. You have beaten one when the interval of the difference lies above zero.
#
# Change the last two lines of the next cell, and run it and the two after it. `PiecewiseLinear` joins points (time, rate) by straight lines; any schedule of the course will do, and so will the line that you painted. A try takes seconds.

# %%
from lrcourse import schedules as s  # s.LinearDecay(0.1, 600), s.WarmupCosine(0.1, 60, 600), ...
from lrcourse.schedules.piecewise import PiecewiseLinear

mine = PiecewiseLinear(times=(0, 200, 600), lrs=(0.05, 0.05, 0.0))
my_momentum = s.Constant(0.9)

# %% tags=["nbval-ignore-output"]
from lrcourse.plots import plot_rates

ax = plot_rates(mine=mine, cosine=baselines["cosine"], steps=steps)
show(ax, "The learning rate of your schedule over 600 updates, beside the tuned cosine.")

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
# How does it end? A rate that stays up leaves the weights on the noise floor. One that falls too early travels too little. Try a straight line, `s.LinearDecay(0.2, 600)`.
#
# </details>
#
# <details><summary>A third hint</summary>
#
# Momentum is a hidden rate, $\eta/(1-m)$. Keep this quotient near its best value, and vary the two.
#
# </details>
#
# After thirty tries on the same seeds you are in the trap above. So when you are content, set `fresh` in step 7 to seeds that you have never looked at, such as `range(5000, 5020)`. Run that cell and the three of the challenge once more, and let that be your result.

# %% [markdown]
# ## Into your own loop
#
# Your schedule drives a plain PyTorch optimizer, rate and momentum. Are these the rates of the challenge?

# %%
optimizer = torch.optim.SGD([weight], lr=1.0, momentum=0.9)  # both are replaced
scheduler = TorchScheduler(optimizer, mine, momentum=my_momentum)
used = []
for _update in range(steps):
    used.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()

np.testing.assert_allclose(used, my_run.lrs[0], rtol=1e-5, atol=1e-9)
print("torch used the same", len(used), "rates as the challenge")

# %% [markdown]
# ## Interview questions
#
# Say your answer aloud before you open ours. A good one has a mechanism and a limit.

# %% [markdown] tags=["B28", "B29", "B30", "B31"]
# <details><summary>1. Why does warmup help?</summary>
#
# At the start the curvature is often high, so a rate that is good later throws the weights out. A warmup limits the **steps** while that is so, and allows a higher peak. Explanations compete: falling curvature, Adam's noisy first estimates, the place of the normalisation. Do not say that it "tames large gradients": Adam's first step is as long as the rate, whatever the gradient.
#
# Limits: it helps without batch normalisation, too. Post-norm Transformers need it, pre-norm ones much less. The ResNet that is often named did nearly as well without, says its footnote ([He et al. 2015](https://arxiv.org/abs/1512.03385)). A small network may gain nothing from it.
#
# </details>

# %% [markdown] tags=["B32", "B33", "B34"]
# <details><summary>2. How do step decay, cosine annealing and warm restarts differ?</summary>
#
# A step drops at chosen updates, a cosine glides down over a budget known in advance, and restarts go down and jump back up. Step and cosine end about equal when both are well tuned.
#
# Do not say that smoothness keeps the weights from overshooting. A jump *down* never makes them overshoot; what counts is how high the rate still is near the end. Nor that restarts find better minima: section 04 did not see it. They do give several snapshots from one run.
#
# </details>

# %% [markdown] tags=["B36", "B38", "B39", "B40"]
# <details><summary>3. What is the idea of one cycle?</summary>
#
# One rise and one long fall of the rate, and the momentum in the opposite direction. So the effective rate $\eta/(1-m)$ grows much less than $\eta$, which keeps the updates stable at the top. The momentum that comes back does not settle the weights; with noise it would raise the floor. The falling rate settles them.
#
# Limits: the speed-up is against a constant rate. Against a cosine section 07 found none worth having, on a small network. Where the network needs a warmup, the rise is one.
#
# </details>
#
# <details><summary>4. Your loss has been flat for a while. What do you do?</summary>
#
# The drop test: go on at a tenth of the rate, and at three times the rate. If the loss falls at the lower one, it was a noise floor: decay. If at the higher one, the rate was too low. If at neither, it is the model or the data.
#
# </details>
#
# <details><summary>5. You get four times the GPUs. What happens to the rate?</summary>
#
# The batch is four times as large: begin with four times the rate (SGD) or twice the rate (Adam), and try the neighbours. Above the critical batch size neither holds. In the same epochs there are fewer updates, and the schedule must be told.
#
# </details>

# %% [markdown]
# ## Final quiz
#
# [Forty sentences, true or false](final_quiz.ipynb): the beliefs that this course met, about half of them true. Take it when you have a quarter of an hour; nothing has to run.

# %% [markdown]
# ## What we saw
#
# 1. Eight steps lead from a problem to a schedule. The budget comes first, the neighbours last.
# 2. One half of the seeds chooses for the other; fresh seeds report.
# 3. The peak mattered more than the choice among decaying shapes. Decay against no decay mattered, too.
# 4. A schedule of your own is a line of code, and an interval says whether it is better.
# 5. A good answer names a mechanism and its limit.

# %% [markdown] tags=["quiz"]
# ## Three quick questions
#
# Choose an answer. It opens and says why.
#
# **1. The best peak of your grid is the highest that you tried. What do you report?**
#
# - [ ] That peak, with its interval
#   It is the best of those that you tried. A still higher one may be better: an end of the grid is an arrow, not an answer.
# - [ ] Nothing yet: first a finer grid around it
#   A finer grid helps once the top lies inside. Before that, find out where the accuracy falls again.
# - [x] Nothing yet: first some higher peaks
#   Go on until the accuracy falls again. Then the top lies inside the grid, and you can refine around it, with more seeds.
#
# **2. You try twenty schedules, with three seeds each. Seeds scatter by `0.8` points, and the best schedule lies `0.8` points above your cosine. What do you do?**
#
# - [x] Train it and the cosine again, on fresh seeds.
#   The best of twenty equal schedules looks about that much too good, by luck alone. Fresh seeds have chosen nothing, so they flatter nobody.
# - [ ] Report it, if it won on all three seeds.
#   These three seeds chose it among twenty, so they flatter it. A schedule that is no better can win on all three by luck.
# - [ ] Train it again on the same three seeds, to be sure.
#   The same seeds bring the same luck once more. You would see the same gap, and learn nothing.
#
# **3. You halve the peak of an AdamW run and leave its weight decay. What else has changed?**
#
# - [ ] Nothing: `weight_decay` is a setting of its own.
#   It is written down on its own, but it acts through the rate. In each update a weight shrinks by the factor 1 − ηλ.
# - [x] Each update shrinks the weights half as much.
#   What acts is the product ηλ, and η is halved. To keep the product, double λ, and check.
# - [ ] The weights shrink more, beside the shorter steps.
#   The decay is not as before. It goes through the rate, so it is halved together with the steps.

# %% [markdown]
# ## Next
#
# Now try it yourself: [exercises of section 12](../exercises/12_capstone.ipynb), with the challenge.
#
# Then you have finished the course. You can say what the learning rate does, how to choose its schedule, and how sure you are. Take a question of your own to [the laboratory](laboratory.ipynb), or [the toolbox](toolbox.ipynb) to your own model. Here is the [map](index.ipynb), once more.
#
# ## Further reading
#
# - Leslie Smith: *A Disciplined Approach to Neural Network Hyper-Parameters, Part 1*. [arXiv 1803.09820](https://arxiv.org/abs/1803.09820). Rate, batch, momentum and weight decay together.
# - Schmidt, Schneider, Hennig: *Descending through a Crowded Valley*. [arXiv 2007.01547](https://arxiv.org/abs/2007.01547). Many optimizers, tuned and untuned, with and without schedules.
# - Defazio and others: *Optimal Linear Decay Learning Rate Schedules and Further Refinements*. [arXiv 2310.07831](https://arxiv.org/abs/2310.07831). Why a straight line to zero is so hard to beat.
