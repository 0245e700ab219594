"""How long a warmup: the first rule that holds decides."""

import math

from lrcourse.advise.parts import (
    FAILS,
    HOLDS,
    Claimed,
    Condition,
    Guess,
    Rule,
    is_,
    optimizer,
)
from lrcourse.advise.rules.numbers import five_epochs, published_share, published_warmup, settling
from lrcourse.advise.rules.questions import (
    ADAPTIVE,
    CONTINUING,
    CORRECTED,
    DATA_KNOWN,
    FINE_TUNING,
    LARGER_BATCH,
    SPIKE,
)
from lrcourse.advise.rules.sources import (
    CALIBRATED,
    GOYAL,
    LLAMA2,
    POST_NORM,
    RADAM,
    REWARM,
    RMSPROP,
    ROBERTA,
    WHY_WARMUP,
)
from lrcourse.advise.situation import Situation

TUNED_WARMUP = published_warmup("roberta-rte")
LLAMA_WARMUP = published_warmup("llama2-7b")

SPIKE_WHY = (
    "A warmup let gradient descent bear twice the rate, without batch norm, Adam or noise: its "
    "need comes from the rate, not from the optimizer."
)
SPIKE_CHANGE = (
    "A spike that stays at half the peak: then look at the first batches, the initial weights and "
    "the bias correction."
)
SPIKE_CITES = (
    Guess("the length is a first try"),
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
        (
            Guess("the anchor of a fresh start, taken again"),
            REWARM,
            CALIBRATED,
        ),
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
        (Guess("100 updates are short, and no more is known of them"), REWARM),
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
        f"RoBERTa's shortest recipe warms up for {TUNED_WARMUP} updates. That is few in number and "
        f"{published_share('roberta-rte'):.0%} as a share: fine-tuning is short.",
        (Guess("100 is a round number near RoBERTa's"), ROBERTA),
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
        f"models warm up all the same, LLaMA-2 for {LLAMA_WARMUP} updates, because it lets a "
        "higher peak pass.",
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
