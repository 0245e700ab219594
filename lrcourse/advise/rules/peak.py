"""Which peak rate: the first rule that holds decides. What is known stands above what is usual."""

from lrcourse.advise.parts import (
    DEPENDS,
    FAILS,
    HOLDS,
    Claimed,
    Guess,
    Habit,
    Rule,
    is_,
    known,
    optimizer,
)
from lrcourse.advise.rules.numbers import (
    for_this_batch,
    higher,
    lower,
    power,
    published_batch,
    published_peak,
)
from lrcourse.advise.rules.questions import (
    ADAPTIVE,
    FINE_TUNING,
    MOVES_THE_PEAK,
    NEW_BATCH,
    SGD,
    STEPS_LIKE_ADAM,
    SWINGING,
    TOO_HIGH,
    TOO_LOW,
    TRANSFORMER,
    TRIED,
)
from lrcourse.advise.rules.sources import (
    ADAM_DEFAULT,
    BERT,
    CRITICAL,
    CYCLIC,
    GOYAL,
    GPT3,
    LLAMA2,
    NADO,
    ONSET,
    RESNET,
    RMSPROP,
    ROBERTA,
    SDE,
    TOO_MUCH,
    VIT,
)
from lrcourse.advise.shapes import rounded

TUNED = published_peak("roberta-rte")
LLAMA = published_peak("llama2-7b")
GPT_SMALL, GPT_LARGE = published_peak("gpt3-125m"), published_peak("gpt3-175b")
VIT_PEAK = published_peak("vit-imagenet")
RESNET_PEAK = published_peak("resnet-2015")
RESNET_BATCH = published_batch("resnet-2015")

PEAK_RULES = (
    Rule(
        "a-third-of-what-diverged",
        "peak",
        TOO_HIGH & TRIED,
        "A third of the rate that diverged, or less if a range test or a known rate says less.",
        "Below 2/λ_max a run arrives, above it does not. That edge lies at or below the rate that "
        "diverged.",
        (
            Guess("a third, as in the rule for range tests; how far below was not measured"),
            Claimed("stability-edge", HOLDS),
            ONSET,
        ),
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
        "A rate ten times too low cost points on both of our problems, with Adam too. Go on until "
        "a step up no longer helps.",
        (
            Guess("three is the size of a step, not a result"),
            Claimed("adam-needs-no-tuning", FAILS),
            CYCLIC,
        ),
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
        (Claimed("linear-scaling-for-sgd", HOLDS), GOYAL, CRITICAL, TOO_MUCH),
        "A rate near the edge 2/λ_max, or a batch near the noise scale: ours stopped rising in "
        "proportion before it.",
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
        "a fair place to begin on both of our problems, but not the best peak. The steepest point "
        "and the valley were good rates on one of them only.",
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
        f"Begin with {power(TUNED)}, a usual place; 3e-5 and 5e-5 are the next to try.",
        "The weights are good already, and a high rate throws them away. BERT's authors "
        "chose among these three for each task.",
        (BERT, ROBERTA),
        "Training only a new last layer: that is training from scratch, at a higher rate.",
        power(TUNED),
        lambda s: TUNED,
    ),
    Rule(
        "usual-for-fine-tuning-with-sgd",
        "peak",
        FINE_TUNING & SGD,
        "Begin with 0.001, a usual place; try factors of 3 on both sides.",
        "PyTorch's tutorial trains the pretrained weights of a ResNet with it, momentum 0.9.",
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
        "It was the best of a grid of factors 2 on one deep toy network, at a batch of 1024. LARS "
        "needs tuning as others do: an eighth of a good rate cost many points.",
        (
            Guess("0.6 is the rate of a toy; for your model it is a guess"),
            Claimed("layer-rates-help-large-batches", HOLDS),
            Claimed("lars-needs-no-tuning", FAILS),
        ),
        "A range test on your model.",
        "0.6",
        lambda s: 0.6,
    ),
    Rule(
        "usual-for-lamb",
        "peak",
        optimizer("lamb"),
        "Begin with 0.025, and tune it.",
        "It was the best of a grid of factors 2 on one deep toy network, at a batch of 1024.",
        (
            Guess("0.025 is the rate of a toy; for your model it is a guess"),
            Claimed("layer-rates-help-large-batches", HOLDS),
            NADO,
        ),
        "A range test on your model.",
        "0.025",
        lambda s: 0.025,
    ),
    Rule(
        "usual-for-transformers",
        "peak",
        TRANSFORMER & STEPS_LIKE_ADAM,
        f"Begin with {power(LLAMA)}; published peaks lie between {power(GPT_LARGE)} and "
        f"{power(VIT_PEAK)}, the lower the larger the model.",
        f"LLaMA-2 7B used it; GPT-3's sizes went from {power(GPT_SMALL)} down to "
        f"{power(GPT_LARGE)}. The rates look small, but Adam's first step is as long as the rate, "
        f"whatever the gradient.",
        (LLAMA2, GPT3, VIT, Claimed("adams-first-step-is-the-rate", HOLDS)),
        "A range test on your model; or the recipe of a model like yours: `lrcourse recipe`.",
        power(LLAMA),
        lambda s: LLAMA,
    ),
    Rule(
        "usual-for-convolutions",
        "peak",
        optimizer("momentum") & is_("model", "cnn") & known("batch_size"),
        f"Begin with {RESNET_PEAK:g} at a batch of {RESNET_BATCH:g}, in proportion to the batch.",
        "The reference of Goyal et al. for ResNets on ImageNet.",
        (GOYAL, Claimed("linear-scaling-for-sgd", HOLDS)),
        "Another network, other data, no batch norm: then it is a guess like any other.",
        f"{RESNET_PEAK:g} · B/{RESNET_BATCH:g}",
        lambda s: rounded(RESNET_PEAK * (s.batch_size or 0) / RESNET_BATCH),
    ),
    Rule(
        "usual-for-rmsprop",
        "peak",
        optimizer("rmsprop"),
        "Begin with 0.001.",
        "PyTorch's default is 0.01, but without bias correction its first step is ten times as "
        "long as the rate.",
        (
            Guess("a tenth of PyTorch's default, for that reason"),
            RMSPROP,
            Claimed("bias-correction-tames-the-first-steps", HOLDS),
        ),
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
        f"Begin with {RESNET_PEAK:g}.",
        f"ResNets began there, with momentum 0.9 and a batch of {RESNET_BATCH:g}; the number "
        "belongs to both. Without momentum the same progress needs 1/(1 - m) times the rate.",
        (RESNET, Claimed("momentum-is-a-rate", HOLDS)),
        "A range test on your model; another batch size.",
        f"{RESNET_PEAK:g}",
        lambda s: RESNET_PEAK,
    ),
)
