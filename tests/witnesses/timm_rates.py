"""The rates of timm's schedulers as make_timm_table.py wrote them, and our schedule for each."""

import json
from pathlib import Path

from lrcourse.schedules import (
    CosineDecay,
    MultiStepDecay,
    PolynomialDecay,
    StepDecay,
    WarmupCosine,
    WarmupStableDecay,
)

ENTRIES = json.loads((Path(__file__).parent / "timm.json").read_text("utf-8"))["entries"]
OURS = {
    "CosineLRScheduler": lambda peak, w: (
        WarmupCosine(peak, w["warmup_t"], whole(w), w["warmup_lr_init"], w["lr_min"])
        if "warmup_t" in w
        else CosineDecay(peak, w["t_initial"], w["lr_min"])
    ),
    "PolyLRScheduler": lambda peak, w: PolynomialDecay(
        peak, w["t_initial"], w["power"], w["lr_min"]
    ),
    "StepLRScheduler": lambda peak, w: StepDecay(peak, w["decay_t"], w["decay_rate"]),
    "MultiStepLRScheduler": lambda peak, w: MultiStepDecay(
        peak,
        [m - 1 for m in w["decay_t"]],
        w["decay_rate"],  # timm drops one update earlier
    ),
    "WSDLRScheduler": lambda peak, w: WarmupStableDecay(
        peak, w["warmup_t"], w["decay_t"], whole(w), w["warmup_lr_init"], w["lr_min"], w["decay_fn"]
    ),
}


def whole(words):
    """timm counts `t_initial` from the end of the warmup."""
    return words["warmup_t"] + words["t_initial"]


def ours(entry):
    """Our schedule for an entry of the table."""
    return OURS[entry["scheduler"]](entry["peak_lr"], entry["arguments"])


def name(entry):
    """What a test is called."""
    words = [word for word in ("warmup_t", "decay_fn") if word in entry["arguments"]]
    return "-".join([entry["scheduler"], *(str(entry["arguments"][word]) for word in words)])
