"""Other ways that are worth a name: every rule that holds is told."""

from lrcourse.advise.parts import (
    DEPENDS,
    FAILS,
    HOLDS,
    Claimed,
    Rule,
    is_,
    known,
)
from lrcourse.advise.rules.questions import NO_LENGTH, OPEN_ENDED, SGD
from lrcourse.advise.rules.sources import SCHEDULE_FREE

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
