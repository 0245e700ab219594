"""What a symptom says: one rule for each."""

from lrcourse.advise.parts import DEPENDS, FAILS, HOLDS, Claimed, Rule, is_
from lrcourse.advise.rules.questions import SPIKE, SWINGING, TOO_HIGH, TOO_LOW
from lrcourse.advise.rules.sources import REWARM

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
