"""What to watch: every rule that holds is told."""

from lrcourse.advise.parts import (
    ALWAYS,
    DEPENDS,
    FAILS,
    HOLDS,
    Claimed,
    Condition,
    Guess,
    Habit,
    Rule,
    is_,
    known,
    optimizer,
)
from lrcourse.advise.rules.questions import CONTINUING
from lrcourse.advise.rules.sources import REPLAY, REWARM, TORCH, VIT
from lrcourse.advise.rules.warmup import TOO_LONG, WARMS_UP

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
        "A longer share leaves too little for the rest. Published ones take up to a tenth.",
        (Guess("a fifth is our line, not a law"), VIT, Claimed("warmup-rescues-post-ln", HOLDS)),
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
        "With wrong labels the later cycles over the same data cost test accuracy here.",
        (
            Guess("fifty is our line, not a law"),
            Claimed("restarts-cure-overfitting", FAILS),
        ),
        "A validation metric that still improves.",
    ),
)
