"""What is not known, and is said: every rule that holds is told."""

from lrcourse.advise.parts import (
    DEPENDS,
    FAILS,
    HOLDS,
    Claimed,
    Rule,
    is_,
    known,
    optimizer,
    unknown,
)
from lrcourse.advise.rules.questions import (
    CONTINUING,
    MOVES_THE_PEAK,
    NEW_BATCH,
    NO_LENGTH,
    ROOM_FOR_CYCLES,
    TESTED,
    TRIED,
)
from lrcourse.advise.rules.sources import CYCLIC, NADO, ONSET, REWARM

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
