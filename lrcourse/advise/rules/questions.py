"""Questions about a situation that several rules ask."""

from lrcourse.advise.parts import Condition, is_, known, optimizer, unknown

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
