"""The whole rule set, as data: read it from top to bottom, or print it: `lrcourse advise --rules`.

Of the topics schedule, peak and warmup the first rule that holds decides, so the special stands
above the general. Of all other topics every rule that holds is told. A rule that cites a claim
says which verdict it rests on; a test compares that with what the course measured.
"""

import math

import numpy as np

from lrcourse.advise.parts import (
    ALWAYS,
    DEPENDS,
    FAILS,
    HOLDS,
    Claimed,
    Condition,
    Habit,
    Paper,
    Rule,
    is_,
    known,
    optimizer,
    unknown,
)
from lrcourse.advise.shapes import cooled_late, cosine, endless, linear, rounded, snapshots
from lrcourse.advise.situation import Situation

# Sources ----------------------------------------------------------------------------------------

ARXIV = "https://arxiv.org/abs/"
TORCH = "https://docs.pytorch.org/docs/stable/generated/torch.optim."
ADAM_DEFAULT = Habit("PyTorch's default for Adam", f"{TORCH}Adam.html")
BERT = Paper("Devlin et al. 2018, appendix A.3", f"{ARXIV}1810.04805")
CALIBRATED = Paper("Ma and Yarats 2019", f"{ARXIV}1910.04209")
CHINCHILLA_LINE = Paper("Bergsma et al. 2025", f"{ARXIV}2502.15938")
COOLDOWN = Paper("Hägele et al. 2024", f"{ARXIV}2405.18392")
CRITICAL = Paper("McCandlish et al. 2018", f"{ARXIV}1812.06162")
CYCLIC = Paper("Smith 2017", f"{ARXIV}1506.01186")
GOYAL = Paper("Goyal et al. 2017, sections 2.1 and 2.2", f"{ARXIV}1706.02677")
GPT3 = Habit("GPT-3, appendix B", f"{ARXIV}2005.14165")
LINE_PROOF = Paper("Defazio et al. 2023", f"{ARXIV}2310.07831")
LLAMA2 = Habit("LLaMA-2, section 2.2 and table 1", f"{ARXIV}2307.09288")
NADO = Paper("Nado et al. 2021", f"{ARXIV}2102.06356")
NO_ESCAPE = Paper("Gotmare et al. 2018", f"{ARXIV}1810.13243")
POST_NORM = Paper("Xiong et al. 2020", f"{ARXIV}2002.04745")
RADAM = Paper("Liu et al. 2019", f"{ARXIV}1908.03265")
RESNET = Habit("He et al. 2015, batch 256, momentum 0.9", f"{ARXIV}1512.03385")
RMSPROP = Habit("PyTorch's RMSprop", f"{TORCH}RMSprop.html")
REWARM = Paper("Gupta et al. 2023", f"{ARXIV}2308.04014")
REPLAY = Paper("Ibrahim et al. 2024", f"{ARXIV}2403.08763")
ROBERTA = Habit(
    "RoBERTa's commands for GLUE",
    "https://github.com/facebookresearch/fairseq/blob/main/examples/roberta/README.glue.md",
)
SCHEDULE_FREE = Paper("Defazio et al. 2024", f"{ARXIV}2405.15682")
SDE = Paper("Malladi et al. 2022", f"{ARXIV}2205.10287")
SNAPSHOTS = Paper("Huang et al. 2017", f"{ARXIV}1704.00109")
VIT = Habit("ViT, table 3", f"{ARXIV}2010.11929")
WHY_WARMUP = Paper("Kalra and Barkeshli 2024", f"{ARXIV}2406.09405")
WSD = Paper("Hu et al. 2024 (MiniCPM)", f"{ARXIV}2404.06395")

# A pick that several rules rest on, and that `lrcourse find` suggests.
ONSET = Claimed("third-of-the-onset-is-a-good-peak", HOLDS)

# Questions that several rules ask ---------------------------------------------------------------

SGD = optimizer("sgd", "momentum")
ADAPTIVE = optimizer("adam", "adamw", "radam", "rmsprop", "lamb")
STEPS_LIKE_ADAM = optimizer("adam", "adamw", "radam", "rmsprop")  # as long as the rate
CORRECTED = optimizer("adam", "adamw", "lamb")  # Adam's moments, with bias correction
TRANSFORMER = is_("model", "transformer-pre", "transformer-post")
FINE_TUNING = is_("start", "fine-tuning")
CONTINUING = is_("start", "continuing")
OPEN_ENDED = is_("open_ended", True)
NO_LENGTH = unknown("steps")
NEW_BATCH = Condition(
    "known_lr belongs to another batch size", lambda s: s.known_lr is not None and s.growth != 1
)
LARGER_BATCH = Condition("the batch grew", lambda s: s.growth > 1)
TRIED = known("tried_lr")
TESTED = Condition("a rate tested", lambda s: bool(s.suggested_lr or s.known_lr))
TOO_HIGH = is_("symptom", "diverging")
SWINGING = is_("symptom", "oscillating")
TOO_LOW = is_("symptom", "too slow")
SPIKE = is_("symptom", "initial spike")
MOVES_THE_PEAK = is_("symptom", "diverging", "oscillating", "too slow")
ROOM_FOR_CYCLES = Condition("steps at least 10", lambda s: (s.steps or 0) >= 10)
DATA_KNOWN = known("batch_size", "examples")

# Numbers ----------------------------------------------------------------------------------------


def settling(s: Situation) -> int:
    """2 / (1 - β2): updates until Adam's mean square is settled. PyTorch's β2 where not given."""
    usual = 0.99 if s.likely_optimizer == "rmsprop" else 0.999
    return max(1, round(2 / (1 - (usual if s.beta2 is None else s.beta2))))


def five_epochs(s: Situation) -> int:
    """The updates of five passes over the data."""
    return max(1, round(5 * (s.examples or 1) / (s.batch_size or 1)))


def for_this_batch(s: Situation) -> float:
    """The known rate times k for SGD, times √k for Adam, as it is for LARS; NaN if none is known.

    lrcourse.batch_size tells more about these laws.
    """
    if s.known_lr is None:
        return math.nan
    exponent = 1 if SGD.holds(s) else 0.5 if ADAPTIVE.holds(s) else 0
    return s.known_lr if s.growth == 1 else rounded(s.known_lr * s.growth**exponent)


def lower(s: Situation) -> float:
    """A third of the rate that diverged, or what else is known if that is lower."""
    return float(np.nanmin([rounded((s.tried_lr or 1) / 3), *_heard(s)]))


def higher(s: Situation) -> float:
    """Three times the rate that was slow, or what else is known if that is higher."""
    return float(np.nanmax([rounded(3 * (s.tried_lr or 1)), *_heard(s)]))


def _heard(s: Situation) -> tuple[float, float]:
    return s.suggested_lr or math.nan, for_this_batch(s)


# The schedule -----------------------------------------------------------------------------------

SCHEDULE_RULES = (
    Rule(
        "cycles-for-snapshots",
        "schedule",
        is_("ensemble", True) & ROOM_FOR_CYCLES,
        "Five cosines one after another; keep the weights at the end of each and average what "
        "they predict.",
        "With long cycles the average of snapshots had a lower log loss than the last of them and "
        "than one long cosine. One network alone gains nothing from restarts.",
        (
            Claimed("snapshot-ensemble-helps-log-loss", DEPENDS),
            Claimed("snapshot-ensemble-beats-one-cosine", DEPENDS),
            Claimed("cycling-finds-better-minima", FAILS),
            SNAPSHOTS,
        ),
        "Short cycles: in ours of 100 updates the ensemble lost to one cosine, in those of 500 it "
        "won. On few, wrongly labelled examples five short runs were the better ensemble "
        "(snapshots-beat-equal-budget-nets: depends).",
        "Repeat(CosineDecay(η_peak, (T - W)/5), count=5)",
        lambda s: snapshots,
    ),
    Rule(
        "cool-down-when-you-stop",
        "schedule",
        NO_LENGTH,
        "Hold the rate. When you decide to stop, add a cooldown to zero over the last 10 to 20% "
        "of all updates: `>> LinearDecay(peak, cooldown_steps)`.",
        "Until the cooldown these rates do not depend on the length, so nothing is lost by not "
        "knowing it. A cosine that was planned for a longer run ended clearly behind.",
        (
            Claimed("wsd-stops-anywhere", HOLDS),
            Claimed("longer-cooldown-helps", HOLDS),
            WSD,
            COOLDOWN,
        ),
        "A length. With one, a decay over the whole run does as well and has less to choose.",
        "LinearWarmup(η_peak, W) >> Constant(η_peak)",
        lambda s: endless,
    ),
    Rule(
        "stable-then-cooldown",
        "schedule",
        OPEN_ENDED,
        "Hold the rate, and cool down to zero over the last fifth. To stop earlier or later, move "
        "the cooldown and nothing else.",
        "The rates before the cooldown are the same for every length, so one run can be ended at "
        "several. At the length it was planned for it is level with a cosine.",
        (
            Claimed("wsd-stops-anywhere", HOLDS),
            Claimed("longer-cooldown-helps", HOLDS),
            Claimed("cooldown-shape-matters", FAILS),
            WSD,
            COOLDOWN,
        ),
        "A length that is certain; or a cooldown shorter than a tenth, which cost us points.",
        "WarmupStableDecay with a straight cooldown over T/5",
        lambda s: cooled_late,
    ),
    Rule(
        "re-decay",
        "schedule",
        CONTINUING,
        "A new cosine down to zero, after a new warmup.",
        "The finished run ended at a rate near zero, where nothing more is learned. A rate that "
        "rises again and decays again overtook training from scratch on the new data.",
        (REWARM, REPLAY),
        "The finished run ended before its cooldown: then go on at its rate, without a warmup.",
        "WarmupCosine(η_peak, W, T)",
        lambda s: cosine,
    ),
    Rule(
        "line-to-zero",
        "schedule",
        TRANSFORMER | FINE_TUNING,
        "A straight line down to zero over the whole run.",
        "It is proved best in the worst case, and language models ended lower with it than with a "
        "cosine to a tenth. BERT and RoBERTa are tuned with it. On our networks it is level with a "
        "cosine, and better where the peak is too high.",
        (
            Claimed("linear-equals-cosine", HOLDS),
            Claimed("linear-to-zero-beats-cosine-to-a-tenth", DEPENDS),
            LINE_PROOF,
            CHINCHILLA_LINE,
        ),
        "A length that may still change; or your own comparison, each shape at its own best peak.",
        "WarmupLinear(η_peak, W, T)",
        lambda s: linear,
    ),
    Rule(
        "cosine-to-zero",
        "schedule",
        ALWAYS,
        "A cosine down to zero over the whole run; a straight line does as well.",
        "With noise in the gradient a decay gains points over a constant rate. Which shape matters "
        "less than the peak.",
        (
            Claimed("decay-beats-constant", DEPENDS),
            Claimed("linear-equals-cosine", HOLDS),
            Claimed("cosine-beats-step", DEPENDS),
            LINE_PROOF,
        ),
        "Data that the network learns by heart: on clean digits no decay beat a constant rate. "
        "Stopping before the end: then take a schedule with a late cooldown.",
        "WarmupCosine(η_peak, W, T)",
        lambda s: cosine,
    ),
)

# The peak rate ----------------------------------------------------------------------------------

PEAK_RULES = (
    Rule(
        "a-third-of-what-diverged",
        "peak",
        TOO_HIGH & TRIED,
        "A third of the rate that diverged, or less if a range test or a known rate says less.",
        "Below 2/λ_max a run arrives, above it does not, and the edge lies at or below the rate "
        "that diverged. A third of the rate where the loss of a range test began to rise was a "
        "good peak on both of our problems.",
        (Claimed("stability-edge", HOLDS), ONSET),
        "Divergence at a third too: look at the data, the labels and the loss before the rate.",
        "the lowest of tried_lr / 3, suggested_lr and the known rate",
        lower,
    ),
    Rule(
        "half-of-what-oscillates",
        "peak",
        SWINGING & TRIED,
        "Half of the rate that oscillated.",
        "In a bowl without noise the weights swing between 1/λ and 2/λ: half of such a rate swings "
        "no more.",
        (Claimed("stability-edge", HOLDS),),
        "Noise: a loss that jumps from batch to batch around a level is a noise floor, not a "
        "swing; it needs a decay, not a lower peak.",
        "tried_lr / 2",
        lambda s: rounded((s.tried_lr or 1) / 2),
    ),
    Rule(
        "three-times-what-is-slow",
        "peak",
        TOO_LOW & TRIED,
        "Three times the rate that was slow, or more if a range test or a known rate says more.",
        "A rate ten times too low cost points on both of our problems, with Adam too. Three is a "
        "step, not a result: go on until it no longer helps.",
        (Claimed("adam-needs-no-tuning", FAILS), CYCLIC),
        "Inputs that are not standardised, or a rate so high that the loss bounces on its noise "
        "floor: both look slow, and a higher rate makes them worse.",
        "the highest of 3 tried_lr, suggested_lr and the known rate",
        higher,
    ),
    Rule(
        "known-rate-times-k",
        "peak",
        SGD & NEW_BATCH,
        "The known rate times k for k times the batch; then tune it again.",
        "k small steps at nearly the same weights are one step of k times the length. At 4 and 16 "
        "times the batch the loss curves over the epochs nearly fell together.",
        (Claimed("linear-scaling-for-sgd", HOLDS), GOYAL, CRITICAL),
        "A rate near the edge 2/λ_max, or a batch above the noise scale: there the best rate "
        "hardly rises any more.",
        "known_lr · B / known B",
        for_this_batch,
    ),
    Rule(
        "known-rate-times-root-k",
        "peak",
        ADAPTIVE & NEW_BATCH,
        "The known rate times √k for k times the batch; then tune it again.",
        "Adam divides by the size of the gradient, which already falls as noise averages out. "
        "√k stayed nearest to the curve of the small batch at 4 and at 16 times.",
        (
            Claimed("sqrt-scaling-for-adam", HOLDS),
            Claimed("one-rule-for-all-optimizers", DEPENDS),
            SDE,
        ),
        "Gradients that are mostly signal: there the exponent lies between a half and one.",
        "known_lr · √(B / known B)",
        for_this_batch,
    ),
    Rule(
        "known-rate",
        "peak",
        known("known_lr"),
        "The rate that is known to do well.",
        "A whole training knows more about a rate than a range test or a paper does.",
        (
            Claimed("range-test-finds-the-rate", DEPENDS),
            Claimed("cosine-wants-a-higher-peak", HOLDS),
        ),
        "It was found for a constant rate: then try two and three times as much before a decay.",
        "known_lr",
        lambda s: s.known_lr,
    ),
    Rule(
        "rate-of-your-run",
        "peak",
        TRIED & ~MOVES_THE_PEAK,
        "The peak of your run.",
        "What it shows is no reason to change the rate, and a training knows more about it than a "
        "paper does.",
        (Claimed("range-test-finds-the-rate", DEPENDS),),
        "A better end at half or at twice that rate.",
        "tried_lr",
        lambda s: s.tried_lr,
    ),
    Rule(
        "range-test",
        "peak",
        known("suggested_lr"),
        "The range test's suggestion.",
        "A third of the rate where the loss began to rise, the suggestion of `lrcourse find`, was "
        "a good peak on both of our problems. The steepest point and the valley were good rates "
        "on one of them only.",
        (
            ONSET,
            Claimed("range-test-finds-the-rate", DEPENDS),
            Claimed("valley-finds-the-rate", DEPENDS),
            Claimed("one-range-test-is-enough", DEPENDS),
        ),
        "Another range test with another seed that differs by more than a factor of 2; or one "
        "that ended before the loss turned up.",
        "suggested_lr",
        lambda s: s.suggested_lr,
    ),
    Rule(
        "usual-for-fine-tuning",
        "peak",
        FINE_TUNING & STEPS_LIKE_ADAM,
        "Begin with 2e-5, a usual place; 3e-5 and 5e-5 are the next to try.",
        "The weights are good already, and the rate shall not throw them away. BERT's authors "
        "chose among these three for each task.",
        (BERT, ROBERTA),
        "Training only a new last layer: that is training from scratch, at a higher rate.",
        "2e-5",
        lambda s: 2e-5,
    ),
    Rule(
        "usual-for-fine-tuning-with-sgd",
        "peak",
        FINE_TUNING & SGD,
        "Begin with 0.001, a usual place; try factors of 3 on both sides.",
        "PyTorch's tutorial fine-tunes a ResNet with it, momentum 0.9.",
        (
            Habit(
                "PyTorch's transfer learning tutorial",
                "https://docs.pytorch.org/tutorials/beginner/transfer_learning_tutorial.html",
            ),
        ),
        "A range test on your model.",
        "0.001",
        lambda s: 1e-3,
    ),
    Rule(
        "usual-for-lars",
        "peak",
        optimizer("lars"),
        "Begin with 0.6, and tune it.",
        "It was the best of a grid of factors 2 on our deep network at a batch of 1024. LARS needs "
        "tuning as others do: an eighth of a good rate cost many points.",
        (Claimed("layer-rates-help-large-batches", HOLDS), Claimed("lars-needs-no-tuning", FAILS)),
        "A range test on your model: ours is a toy.",
        "0.6",
        lambda s: 0.6,
    ),
    Rule(
        "usual-for-lamb",
        "peak",
        optimizer("lamb"),
        "Begin with 0.025, and tune it.",
        "It was the best of a grid of factors 2 on our deep network at a batch of 1024.",
        (Claimed("layer-rates-help-large-batches", HOLDS), NADO),
        "A range test on your model: ours is a toy.",
        "0.025",
        lambda s: 0.025,
    ),
    Rule(
        "usual-for-transformers",
        "peak",
        TRANSFORMER & STEPS_LIKE_ADAM,
        "Begin with 3e-4; published peaks lie between 6e-5 and 3e-3, the lower the larger the "
        "model.",
        "LLaMA-2 7B used it; GPT-3's sizes went from 6e-4 down to 6e-5. The rates look small, but "
        "Adam's first step is as long as the rate, whatever the gradient.",
        (LLAMA2, GPT3, VIT, Claimed("adams-first-step-is-the-rate", HOLDS)),
        "A range test on your model; or the recipe of a model like yours: `lrcourse recipe`.",
        "3e-4",
        lambda s: 3e-4,
    ),
    Rule(
        "usual-for-convolutions",
        "peak",
        optimizer("momentum") & is_("model", "cnn") & known("batch_size"),
        "Begin with 0.1 at a batch of 256, in proportion to the batch.",
        "The reference of Goyal et al. for ResNets on ImageNet.",
        (GOYAL, Claimed("linear-scaling-for-sgd", HOLDS)),
        "Another network, other data, no batch norm: then it is a guess like any other.",
        "0.1 · B/256",
        lambda s: rounded(0.1 * (s.batch_size or 256) / 256),
    ),
    Rule(
        "usual-for-rmsprop",
        "peak",
        optimizer("rmsprop"),
        "Begin with 0.001.",
        "PyTorch's default is 0.01, but without bias correction its first step is ten times as "
        "long as the rate.",
        (RMSPROP, Claimed("bias-correction-tames-the-first-steps", HOLDS)),
        "A range test on your model.",
        "0.001",
        lambda s: 1e-3,
    ),
    Rule(
        "usual-for-adam",
        "peak",
        STEPS_LIKE_ADAM,
        "Begin with 0.001.",
        "It is PyTorch's default, no more: on both of our small problems ten times as much was "
        "clearly better.",
        (ADAM_DEFAULT, Claimed("adam-needs-no-tuning", FAILS)),
        "A range test on your model.",
        "0.001",
        lambda s: 1e-3,
    ),
    Rule(
        "usual-for-sgd",
        "peak",
        SGD,
        "Begin with 0.1.",
        "ResNets began there, with momentum 0.9 and a batch of 256; the number belongs to both. "
        "Without momentum the same progress needs 1/(1 - m) times the rate.",
        (RESNET, Claimed("momentum-is-a-rate", HOLDS)),
        "A range test on your model; another batch size.",
        "0.1",
        lambda s: 0.1,
    ),
)

# The warmup -------------------------------------------------------------------------------------

SPIKE_WHY = (
    "A warmup let gradient descent bear twice the rate, without batch norm, Adam or noise: its "
    "need comes from the rate, not from the optimizer. Its length here is a first try."
)
SPIKE_CHANGE = (
    "A spike that stays at half the peak: then look at the first batches, the initial weights and "
    "the bias correction."
)
SPIKE_CITES = (
    Claimed("warmup-without-batchnorm-adam-or-noise", HOLDS),
    Claimed("clipping-replaces-warmup", FAILS),
    WHY_WARMUP,
)

WARMUP_RULES = (
    Rule(
        "re-warm",
        "warmup",
        CONTINUING & ADAPTIVE,
        "A warmup again, until the optimizer's moments have settled.",
        "The rate rises from near zero to the peak. How long that takes hardly mattered for the "
        "end.",
        (REWARM,),
        "A run that stopped before its cooldown: it goes on at its own rate without a warmup.",
        "2 / (1 - β2)",
        settling,
    ),
    Rule(
        "re-warm-plainly",
        "warmup",
        CONTINUING,
        "A short warmup again.",
        "The rate rises from near zero to the peak. How long that takes hardly mattered for the "
        "end, with AdamW; for SGD we know of no measurement.",
        (REWARM,),
        "A run that stopped before its cooldown: it goes on at its own rate without a warmup.",
        "100",
        lambda s: 100,
    ),
    Rule(
        "a-spike-wants-a-warmup",
        "warmup",
        SPIKE & ADAPTIVE & ~FINE_TUNING,
        "Twice the usual anchor; longer still if you have that already.",
        SPIKE_WHY,
        SPIKE_CITES,
        SPIKE_CHANGE,
        "2 · 2 / (1 - β2)",
        lambda s: 2 * settling(s),
    ),
    Rule(
        "a-spike-of-sgd-wants-a-warmup",
        "warmup",
        SPIKE & ~FINE_TUNING,
        "200 updates; longer if you have that already.",
        SPIKE_WHY,
        SPIKE_CITES,
        SPIKE_CHANGE,
        "200",
        lambda s: 200,
    ),
    Rule(
        "short-warmup-for-fine-tuning",
        "warmup",
        FINE_TUNING,
        "About 100 updates.",
        "RoBERTa's shortest recipe warms up for 122 of 2036 updates. Few in number, 6% as a "
        "share: fine-tuning is short.",
        (ROBERTA,),
        "A loss that jumps in the first updates: warm up for longer. RoBERTa's longer recipes "
        "take thousands.",
        "100",
        lambda s: 100,
    ),
    Rule(
        "radam-warms-itself",
        "warmup",
        optimizer("radam"),
        "None: RAdam has one built in.",
        "The transformer that learned nothing with Adam learned with RAdam from the first update.",
        (Claimed("pre-ln-and-radam-need-no-warmup", HOLDS), RADAM, CALIBRATED),
        "A spike or a stall at the start all the same.",
        "0",
        lambda s: 0,
    ),
    Rule(
        "post-norm-needs-a-warmup",
        "warmup",
        is_("model", "transformer-post") & CORRECTED,
        "Warm up; without it this model may learn nothing.",
        "At a rate where no run learned without a warmup, nearly all learned with one. The loss "
        "did not explode, it stayed at chance. Clipping did not help.",
        (
            Claimed("warmup-rescues-post-ln", HOLDS),
            Claimed("clipping-replaces-warmup", FAILS),
            CALIBRATED,
            POST_NORM,
        ),
        "Norms before the blocks, RAdam, few layers or a low peak: each can do without.",
        "2 / (1 - β2)",
        settling,
    ),
    Rule(
        "pre-norm-insurance",
        "warmup",
        is_("model", "transformer-pre") & CORRECTED,
        "As an insurance; this model mostly learns without.",
        "With norms before the blocks every run of ours learned from the first update. Published "
        "models warm up all the same, LLaMA-2 for 2000 updates, because it lets a higher peak "
        "pass.",
        (LLAMA2, Claimed("pre-ln-and-radam-need-no-warmup", HOLDS), POST_NORM, WHY_WARMUP),
        "The same end without it.",
        "2 / (1 - β2)",
        settling,
    ),
    Rule(
        "adams-anchor",
        "warmup",
        CORRECTED,
        "Warm up for as many updates as Adam's mean square needs to settle.",
        "There is no standard share: published warmups run from 0.1% to 10% of a training. This "
        "anchor counts updates. It is cheap, and lets a higher peak pass.",
        (CALIBRATED, WHY_WARMUP, Claimed("adams-scale-is-a-gamble-at-first", HOLDS)),
        "The same end without it: small networks often need none.",
        "2 / (1 - β2)",
        settling,
    ),
    Rule(
        "rmsprop-has-no-correction",
        "warmup",
        optimizer("rmsprop"),
        "Warm up until its mean square has filled.",
        "PyTorch's RMSprop starts its mean square at 0 and does not correct for it, so its first "
        "steps are up to 1/√(1 - α) times as long as the rate. We measured that on Adam without "
        "correction.",
        (RMSPROP, Claimed("bias-correction-tames-the-first-steps", HOLDS), CALIBRATED),
        "An implementation that corrects the bias.",
        "2 / (1 - α)",
        settling,
    ),
    Rule(
        "five-epochs-to-a-larger-rate",
        "warmup",
        LARGER_BATCH & DATA_KNOWN,
        "Five epochs, up to the rate that grew with the batch.",
        "The linear rule breaks where the weights change fast, at the start. What asks for the "
        "warmup is the higher rate, not the batch.",
        (GOYAL, Claimed("larger-batch-needs-warmup", FAILS)),
        "The same end without it; a batch that grew by little.",
        "5 examples / B",
        five_epochs,
    ),
    Rule(
        "sgd-needs-none",
        "warmup",
        ~ADAPTIVE,
        "None.",
        "At the best peak, and at a high one, a small network gained nothing from a warmup.",
        (
            Claimed("small-networks-need-warmup", FAILS),
            Claimed("warmup-without-batchnorm-adam-or-noise", HOLDS),
        ),
        "A spike in the first updates, or a peak that fails without and is worth having: then a "
        "warmup lets it pass.",
        "0",
        lambda s: 0,
    ),
)


def wanted_warmup(s: Situation) -> int:
    """What the first warmup rule that holds asks for, before it is fitted to the length."""
    rule = next(each for each in WARMUP_RULES if each.when.holds(s))
    return rule.value(s) if rule.value else 0


def longest_warmup(s: Situation) -> float:
    """A fifth of the updates; no limit where their number is not known."""
    return math.inf if s.steps is None else s.steps // 5


TOO_LONG = Condition(
    "the warmup asked for is longer than a fifth of steps",
    lambda s: wanted_warmup(s) > longest_warmup(s),
)
WARMS_UP = Condition("a warmup is advised", lambda s: min(wanted_warmup(s), longest_warmup(s)) > 0)

# What a symptom says ----------------------------------------------------------------------------

SYMPTOM_RULES = (
    Rule(
        "diverging",
        "symptom",
        TOO_HIGH,
        "Lower the peak first. At the very start a warmup may do instead; later it only delays.",
        "A plateau rule did not save a rate that was too high to begin with. Look for NaN in the "
        "data, for wrong labels and for the loss scale, too; clipping helps against single bad "
        "batches.",
        (
            Claimed("stability-edge", HOLDS),
            Claimed("plateau-rescues-a-high-rate", FAILS),
            Claimed("without-warmup-the-loss-explodes", DEPENDS),
        ),
        "The same at a third of the rate: then it is not the rate.",
    ),
    Rule(
        "oscillating",
        "symptom",
        SWINGING,
        "Early: warm up. All the time: half the peak. Only late: let the rate decay.",
        "A swing between two sides is the edge 2/λ; a jitter around a level is noise, and its "
        "height is in proportion to the rate. More momentum at the same rate makes it worse.",
        (
            Claimed("stability-edge", HOLDS),
            Claimed("noise-floor", HOLDS),
            Claimed("momentum-calms", FAILS),
        ),
        "A loss over the whole training set that does not swing: then it is noise of the batches.",
    ),
    Rule(
        "too-slow",
        "symptom",
        TOO_LOW,
        "Do a range test up to where the loss turns, and standardise the inputs.",
        "A sweep that ended at 0.1 never blew up on digits, though 0.7 was the better rate. Inputs "
        "far from zero spoiled a run at the same rate.",
        (
            Claimed("sweep-to-a-tenth-is-enough", FAILS),
            Claimed("half-the-start-of-the-fall", FAILS),
            Claimed("input-offset", FAILS),
        ),
        "A drop of the rate that lowers the loss at once: then the rate was too high, not too low. "
        "A shorter warmup helps only if it is a large share of the run.",
    ),
    Rule(
        "plateau",
        "symptom",
        is_("symptom", "plateau"),
        "Do a drop test: a tenth of the rate for 100 updates, from a copy.",
        "A plateau can be a noise floor, a rate that is too small, or all that the model can do. "
        "If the loss falls soon, decay now: after our first drop by ten it did within 100 updates, "
        "after the second hardly.",
        (Claimed("first-drop", HOLDS), Claimed("noise-floor", HOLDS)),
        "No fall, but a faster one at three times the rate: it was too small. Neither: data or "
        "model are the limit.",
    ),
    Rule(
        "noise-floor",
        "symptom",
        is_("symptom", "noise floor"),
        "Let the rate decay now, or average the last weights.",
        "At a constant rate the loss stays at a floor in proportion to the rate. A drop by ten "
        "ends that, and so does an average.",
        (
            Claimed("noise-floor", HOLDS),
            Claimed("first-drop", HOLDS),
            Claimed("averaging-replaces-decay", HOLDS),
        ),
        "A drop that does not lower the loss.",
    ),
    Rule(
        "capacity-limit",
        "symptom",
        is_("symptom", "capacity limit"),
        "Leave the rate: a larger model, other inputs or better labels are next.",
        "Where a drop lowers the loss no more, as our second did, the noise of the steps is gone, "
        "and no other rate will mend what is left.",
        (Claimed("first-drop", HOLDS),),
        "A training loss that still falls at a higher or a lower rate.",
    ),
    Rule(
        "initial-spike",
        "symptom",
        SPIKE,
        "Warm up, or for longer. Check that Adam corrects its bias.",
        "Without the correction Adam's first steps were several times as long as the rate. "
        "Clipping did not replace the warmup.",
        (
            Claimed("bias-correction-tames-the-first-steps", HOLDS),
            Claimed("clipping-replaces-warmup", FAILS),
        ),
        "A spike at half the peak as well: look at the initial weights and the first batches.",
    ),
    Rule(
        "spike-after-a-restart",
        "symptom",
        is_("symptom", "spike after a restart"),
        "Wait a cycle, or do not restart. After loading a checkpoint, load the scheduler's state "
        "too.",
        "A restart cost points at first, and its cycle brought them back. A resumed run that "
        "spikes may have lost its place in the schedule.",
        (Claimed("restart-spike", HOLDS), Claimed("cycling-finds-better-minima", FAILS), REWARM),
        "A loss that is still higher after a whole cycle.",
    ),
    Rule(
        "overfitting",
        "symptom",
        is_("symptom", "overfitting"),
        "More data, regularisation or early stopping. Cycles are no cure; a higher rate may help a "
        "little.",
        "With restarts the later cycles were worse, not better. A short run at a high rate fitted "
        "the training set worse and the test set better.",
        (Claimed("restarts-cure-overfitting", FAILS), Claimed("high-rate-regularises", HOLDS)),
        "A validation loss that falls again after the decay.",
    ),
    Rule(
        "healthy",
        "symptom",
        is_("symptom", "healthy"),
        "Change nothing yet; compare with half and twice the peak.",
        "A smooth curve can come from a rate that is far too small, so its looks decide nothing.",
        (Claimed("adam-needs-no-tuning", FAILS),),
        "Another peak that ends better, over several seeds.",
    ),
)

# Batch size -------------------------------------------------------------------------------------

BATCH_RULES = (
    Rule(
        "batch-from-the-noise",
        "batch",
        unknown("batch_size"),
        "Choose the batch by speed, up to the noise scale; `lrcourse.batch_size` measures it.",
        "Below the noise scale a larger batch saves updates in proportion, above it hardly any. "
        "The number of examples says nothing about it.",
        (CRITICAL,),
        "A measurement of your noise scale; it grows during training.",
    ),
    Rule(
        "the-rate-belongs-to-the-batch",
        "batch",
        known("batch_size") & ~NEW_BATCH,
        "When the batch changes, change the rate: in proportion for SGD, by the square root for "
        "Adam; then tune it again.",
        "Each rule kept the loss curve for its optimizer and bent it for the other.",
        (
            Claimed("linear-scaling-for-sgd", HOLDS),
            Claimed("sqrt-scaling-for-adam", HOLDS),
            Claimed("one-rule-for-all-optimizers", DEPENDS),
        ),
        "Batches above the noise scale: there the best rate hardly rises.",
    ),
    Rule(
        "retune-after-a-new-batch",
        "batch",
        NEW_BATCH,
        "Train at half and at twice the new rate. Leave momentum and betas as they are.",
        "A scaling rule is a first guess. A larger batch at the same rate did not need a warmup "
        "more than a small one; a higher rate may.",
        (Claimed("larger-batch-needs-warmup", FAILS), Claimed("linear-scaling-for-sgd", HOLDS)),
        "Both neighbours worse: then the guess was right.",
    ),
    Rule(
        "layer-rates",
        "batch",
        is_("model", "deep-no-norm") & SGD,
        "If the batch is large, try LARS or LAMB.",
        "On a deep network without normalization, at a batch of 1024, both ended above momentum.",
        (Claimed("layer-rates-help-large-batches", HOLDS), NADO),
        "Normalization layers, or a momentum that is tuned as carefully.",
    ),
)

# Other ways that are worth a name ---------------------------------------------------------------

OTHER_RULES = (
    Rule(
        "inverse-square-root",
        "instead",
        NO_LENGTH | OPEN_ENDED,
        "`InverseSqrt(peak, warmup_steps)` never ends and decays all the same.",
        "It beat a constant rate and lost to a cosine of the right length.",
        (Claimed("inverse-sqrt-needs-no-end", HOLDS),),
        "A known length.",
    ),
    Rule(
        "no-schedule",
        "instead",
        NO_LENGTH | OPEN_ENDED,
        "Schedule-free optimizers and averages of the last weights do without a decay.",
        "The mean of the last weights at a constant rate gave most of what a decay gives. "
        "Schedule-free AdamW was not run here.",
        (Claimed("averaging-replaces-decay", HOLDS), SCHEDULE_FREE),
        "Batch norm: its statistics must be taken again for averaged weights.",
    ),
    Rule(
        "well-placed-drops",
        "instead",
        known("steps") & ~OPEN_ENDED,
        "Step decay is as good where the drops are well placed.",
        "A cosine ended above two drops by ten, and level with three drops by three.",
        (Claimed("cosine-beats-step", DEPENDS),),
        "Your own drops at two or three other places.",
    ),
    Rule(
        "one-cycle",
        "instead",
        SGD & known("steps") & ~OPEN_ENDED,
        "One cycle is a cosine with a long warmup: no faster, but its low momentum bears a higher "
        "peak.",
        "It beat constant and step, not a cosine of the same length; cycling the momentum paid "
        "only at a peak that was too high.",
        (
            Claimed("one-cycle-beats-the-others", DEPENDS),
            Claimed("super-convergence", DEPENDS),
            Claimed("momentum-cycling-helps", DEPENDS),
        ),
        "A comparison at your own length, each at its own best peak.",
    ),
    Rule(
        "plateau-rule",
        "instead",
        is_("validation", True),
        "`ReduceOnPlateau` is level with a cosine if its patience fits the noise of the metric.",
        "Impatient, it cuts on noise; too patient, it cuts too late. Ten checks were enough at a "
        "noise of 0.05 and not at 0.2.",
        (
            Claimed("plateau-beats-cosine", FAILS),
            Claimed("plateau-cuts-on-noise", HOLDS),
            Claimed("patience-10-is-enough", DEPENDS),
            Claimed("patience-is-free", FAILS),
        ),
        "A metric that is smooth, and a length that nobody knows.",
    ),
)

# What to watch ----------------------------------------------------------------------------------

WATCH_RULES = (
    Rule(
        "try-the-neighbours",
        "watch",
        ALWAYS,
        "Train at half the peak, at the peak and at twice the peak, with at least 3 seeds each.",
        "The peak decides more than the shape, and no rule here knows yours. If an end of the "
        "three is best, go on in that direction.",
        (
            Claimed("adam-needs-no-tuning", FAILS),
            Claimed("label-noise-moves-the-rate", DEPENDS),
            Claimed("one-range-test-is-enough", DEPENDS),
        ),
        "Three ends within the spread of the seeds: then the peak is good enough.",
    ),
    Rule(
        "watch-a-validation-metric",
        "watch",
        ~is_("validation", True),
        "Watch a metric on data that is not trained on, and choose by it.",
        "A higher rate had the worse training loss and the better test accuracy: the training loss "
        "alone would have chosen wrongly.",
        (Claimed("high-rate-regularises", HOLDS),),
        "Every example seen once: there the training loss is a validation loss.",
    ),
    Rule(
        "first-update-counts",
        "watch",
        WARMS_UP,
        "The warmup starts at peak/W, not at 0.",
        "An update at rate 0 moves no weight.",
        (
            Habit(
                "transformers, issue 34754",
                "https://github.com/huggingface/transformers/issues/34754",
            ),
        ),
        "Nothing: it costs nothing.",
    ),
    Rule(
        "warmup-fits-the-length",
        "watch",
        TOO_LONG,
        "The warmup was cut to a fifth of the updates.",
        "A longer share leaves too little for the rest. Published ones take up to a tenth; a fifth "
        "is our line, not a law.",
        (VIT, Claimed("warmup-rescues-post-ln", HOLDS)),
        "A very short run of a post-norm transformer: ours learned with a third of its updates.",
    ),
    Rule(
        "loss-rises-first",
        "watch",
        CONTINUING,
        "Expect the loss to rise at first, and judge only at the end. Mix in old data.",
        "Re-warming raised the loss on old and new data first, and paid later. Replay keeps what "
        "was learned.",
        (REWARM, REPLAY, Claimed("restart-spike", HOLDS)),
        "A loss that is still above the finished run's after the new decay.",
    ),
    Rule(
        "decay-of-weights-follows-the-rate",
        "watch",
        optimizer("adamw") & known("optimizer"),
        "At twice the rate halve the weight decay, to compare like with like.",
        "AdamW shrinks the weights by rate times decay in each update, so the schedule of one is "
        "the schedule of both.",
        (Habit("PyTorch's AdamW", f"{TORCH}AdamW.html"),),
        "An implementation that decouples the two.",
    ),
    Rule(
        "wrong-labels",
        "watch",
        is_("noise", "labels"),
        "Let the rate decay; if you must keep it constant, keep it low.",
        "With 20% wrong labels a tenth of the rate was better without a decay, and worse with a "
        "cosine. A step decay gained points over a constant rate.",
        (
            Claimed("label-noise-moves-the-rate", DEPENDS),
            Claimed("decay-beats-constant", DEPENDS),
        ),
        "Early stopping, which also keeps a network from learning wrong labels.",
    ),
    Rule(
        "noisy-gradients",
        "watch",
        is_("noise", "gradients"),
        "Let the rate decay, or take a larger batch. Do not raise the momentum at the same rate.",
        "The floor is in proportion to the rate. More momentum at the same rate raised the loss, "
        "because it is a higher rate in disguise.",
        (
            Claimed("noise-floor", HOLDS),
            Claimed("momentum-calms", FAILS),
            Claimed("momentum-variance", HOLDS),
        ),
        "Momentum with the rate lowered by 1 - m: that is neutral.",
    ),
    Rule(
        "little-noise",
        "watch",
        is_("noise", "little"),
        "Do not expect much of the decay.",
        "On clean digits a step decay ended level with a constant rate: what is learned by heart "
        "has no noise in its gradient.",
        (Claimed("decay-beats-constant", DEPENDS),),
        "A training loss that stays above zero.",
    ),
    Rule(
        "many-epochs",
        "watch",
        Condition("more than 50 epochs", lambda s: s.epochs > 50),
        "Watch for overfitting: your updates pass over the data many times.",
        "With wrong labels the later cycles over the same data cost test accuracy here. Fifty is "
        "our line, not a law.",
        (Claimed("restarts-cure-overfitting", FAILS),),
        "A validation metric that still improves.",
    ),
)

# What is not known ------------------------------------------------------------------------------

UNKNOWN_RULES = (
    Rule(
        "peak-is-a-guess",
        "not known",
        ~(TESTED | TRIED),
        "Your peak. The number above is where to begin: do a range test first, `lrcourse find`, "
        "and take a third of the rate where the loss begins to rise.",
        "Typical rates differ by factors of 100 between models, and no table knows yours.",
        (ONSET, CYCLIC),
        "A range test, or a rate that did well.",
    ),
    Rule(
        "peak-of-the-finished-run",
        "not known",
        CONTINUING & unknown("known_lr"),
        "The peak of the finished run: give it as known_lr. It is the place to begin, and half of "
        "it the next to try.",
        "The higher the new peak, the better the new data are learned and the more of the old is "
        "forgotten.",
        (REWARM,),
        "How much of the old may be lost.",
    ),
    Rule(
        "optimizer-is-assumed",
        "not known",
        unknown("optimizer"),
        "Your optimizer. The numbers are for AdamW, for a cnn for SGD with momentum.",
        "Rates and rules of one optimizer are wrong for another.",
        (Claimed("one-rule-for-all-optimizers", DEPENDS),),
        "The name of your optimizer.",
    ),
    Rule(
        "length-is-open",
        "not known",
        NO_LENGTH,
        "Your number of updates: examples / batch size · epochs, divided by gradient accumulation.",
        "Without it no decay can be planned, and no warmup be called short or long.",
        (Claimed("wsd-stops-anywhere", HOLDS),),
        "The number.",
    ),
    Rule(
        "no-cycles-without-a-length",
        "not known",
        is_("ensemble", True) & ~ROOM_FOR_CYCLES,
        "How long your cycles can be: an ensemble of snapshots needs a length of 10 updates or "
        "more, and in ours good cycles were of 500.",
        "Cycles that are too short cost more than the ensemble gains.",
        (Claimed("snapshot-ensemble-beats-one-cosine", DEPENDS),),
        "The number of updates.",
    ),
    Rule(
        "no-rule-for-lars",
        "not known",
        optimizer("lars") & NEW_BATCH,
        "How LARS's rate follows the batch. The known rate was kept: do a range test.",
        "LARS sets the length of each layer's step itself, and we measured no rule for it.",
        (Claimed("lars-needs-no-tuning", FAILS), NADO),
        "Two batch sizes, each with its own best rate.",
    ),
    Rule(
        "which-batch",
        "not known",
        known("known_lr") & ~known("batch_size", "known_batch_size"),
        "Whether your rate is for this batch. It was taken as it is.",
        "A rate belongs to a batch size, as to an optimizer.",
        (Claimed("linear-scaling-for-sgd", HOLDS), Claimed("sqrt-scaling-for-adam", HOLDS)),
        "Both batch sizes.",
    ),
    Rule(
        "rate-of-the-symptom",
        "not known",
        MOVES_THE_PEAK & ~TRIED,
        "At which rate you saw it. Give it as tried_lr, and the peak will follow from it.",
        "A symptom tells which way to go, and only a rate tells from where.",
        (Claimed("stability-edge", HOLDS),),
        "The peak rate of that run.",
    ),
)

RULES = (
    *SCHEDULE_RULES,
    *PEAK_RULES,
    *WARMUP_RULES,
    *SYMPTOM_RULES,
    *BATCH_RULES,
    *OTHER_RULES,
    *WATCH_RULES,
    *UNKNOWN_RULES,
)
