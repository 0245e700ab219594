"""What to know about the batch size: every rule that holds is told."""

from lrcourse.advise.parts import (
    DEPENDS,
    FAILS,
    HOLDS,
    Claimed,
    Rule,
    is_,
    known,
    unknown,
)
from lrcourse.advise.rules.questions import CORRECTED, LARGER_BATCH, NEW_BATCH, SGD
from lrcourse.advise.rules.sources import CALIBRATED, CRITICAL, NADO, TOO_MUCH

BATCH_RULES = (
    Rule(
        "batch-from-the-noise",
        "batch",
        unknown("batch_size"),
        "Choose the batch by speed, up to the noise scale; `lrcourse.batch_size` measures it.",
        "Below the noise scale a larger batch saves updates in proportion, above it hardly any. "
        "It is an order of magnitude: with SGD our best rates stopped rising in proportion before "
        "it.",
        (CRITICAL, TOO_MUCH),
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
        "Batches near the noise scale or above: there the best rate hardly rises.",
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
        "adams-warmup-keeps-its-updates",
        "batch",
        CORRECTED & LARGER_BATCH,
        "Keep the number of updates that the warmup had, not the examples.",
        "Adam's averages settle in updates, whatever the batch. A post-norm transformer ended "
        "worse when the warmup shrank with the length.",
        (Claimed("adam-warmup-keeps-its-updates", HOLDS), CALIBRATED),
        "A warmup that would then fill much of a short run.",
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
