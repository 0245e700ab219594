"""Which name means what: Loss/train, lr-AdamW, eval_loss and trainer/global_step are known.

Every program has its own names, made of the same few words. A name is taken apart into words,
and each role ranks it: 1 fits best, 0 does not fit. An unknown word ("box_loss") refuses: a
wrong column would give a wrong diagnosis, and a name can always be given by hand.
"""

import re
from collections.abc import Callable

TRAIN = {"train", "training", "tr"}
CHECK = {"val", "valid", "validation", "eval", "evaluation", "dev"}
TEST = {"test", "testing"}
FILLERS = {"step", "batch", "iter", "iteration", "epoch", "mean", "avg", "average", "total"}
NO_RATE = {"momentum", "weight", "wd", "max", "min", "base", "initial", "end", "scale", "decay"}
EPOCHS = ({"epoch"}, {"epochs"})
STEPS = (  # the words of a counter, the best first: updates before epochs
    {"global", "step"},
    {"trainer", "global", "step"},
    {"train", "global", "step"},
    {"step"},
    {"steps"},
    {"train", "step"},
    {"current", "steps"},
    {"update"},
    {"updates"},
    {"num", "updates"},
    {"iteration"},
    {"iterations"},
    {"iter"},
    {"iters"},
    {"iter", "num"},
    {"it"},
    *EPOCHS,
)
GLUED = {"trainloss": "train loss", "valloss": "val loss", "learningrate": "learning rate"}


def words_of(name: str) -> set[str]:
    """The small words of a name: "Loss/train", "trainLoss" and "train_loss" have the same.

    >>> sorted(words_of("lr-AdamW/pg1"))
    ['1', 'adam', 'lr', 'pg', 'w']
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    for glued, words in GLUED.items():
        parted = parted.replace(glued, words)
    return set(re.findall(r"[a-z]+|\d+", parted))


def rank(name: str, role: str) -> int:
    """How well a name fits a role: 1 is best, 0 is not at all.

    >>> rank("train_loss", "loss"), rank("train_loss_epoch", "loss"), rank("box_loss", "loss")
    (1, 2, 0)
    """
    return ROLES[role][1](words_of(name))


def _loss_rank(words: set[str]) -> int:
    """Losses of updates before means of epochs."""
    if "loss" not in words or words - {"loss"} - TRAIN - FILLERS:
        return 0
    return 2 if "epoch" in words else 1


def _lr_rank(words: set[str]) -> int:
    """The rate itself before those of optimizers and groups."""
    if words & NO_RATE or not ("lr" in words or {"learning", "rate"} <= words):
        return 0
    return 2 - (words - TRAIN in ({"lr"}, {"learning", "rate"}))


def _val_rank(words: set[str]) -> int:
    """Validation before test, means before single batches."""
    of_check, of_test = bool(words & CHECK), bool(words & TEST)
    if "loss" not in words or not (of_check or of_test):
        return 0
    if words - {"loss"} - CHECK - TEST - FILLERS:
        return 0
    return 1 + bool(words & {"step", "batch"}) + 2 * (not of_check)


def _step_rank(words: set[str]) -> int:
    """The place in the list of counters."""
    return STEPS.index(words) + 1 if words in STEPS else 0


ROLES: dict[str, tuple[str, Callable[[set[str]], int]]] = {
    "loss": ("a training loss", _loss_rank),
    "lr": ("a rate", _lr_rank),
    "val": ("a validation loss", _val_rank),
    "step": ("a count of steps", _step_rank),
}
