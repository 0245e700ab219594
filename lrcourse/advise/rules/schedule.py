"""Which curve: the first rule that holds decides."""

from lrcourse.advise.parts import (
    ALWAYS,
    DEPENDS,
    FAILS,
    HOLDS,
    Claimed,
    Rule,
    is_,
)
from lrcourse.advise.rules.questions import (
    CONTINUING,
    FINE_TUNING,
    NO_LENGTH,
    OPEN_ENDED,
    ROOM_FOR_CYCLES,
    TRANSFORMER,
)
from lrcourse.advise.rules.sources import (
    CHINCHILLA_LINE,
    COOLDOWN,
    LINE_PROOF,
    REPLAY,
    REWARM,
    SNAPSHOTS,
    WSD,
)
from lrcourse.advise.shapes import cooled_late, cosine, endless, linear, snapshots

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
