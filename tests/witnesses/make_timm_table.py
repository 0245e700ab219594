"""Write timm.json anew: `python -m tests.witnesses.make_timm_table`, where timm is installed.

timm wants torchvision, which is as large as the rest of the course, so the tests read its rates
from a table. Only its schedulers are loaded here: `pip install --no-deps timm` is enough.
"""

import importlib.metadata
import importlib.util
import json
import sys
import types
from functools import cache
from pathlib import Path

import torch

COSINE = {"t_initial": 40, "lr_min": 0.01, "warmup_t": 8, "warmup_lr_init": 0.02}
CALLS = [  # scheduler, peak, arguments
    ("CosineLRScheduler", 0.3, {"t_initial": 40, "lr_min": 0.01}),
    ("CosineLRScheduler", 0.3, {**COSINE, "warmup_prefix": True}),
    ("PolyLRScheduler", 0.3, {"t_initial": 40, "power": 1.7, "lr_min": 0.01}),
    ("StepLRScheduler", 0.3, {"decay_t": 7, "decay_rate": 0.6}),
    ("MultiStepLRScheduler", 0.3, {"decay_t": [6, 13, 31], "decay_rate": 0.6}),
    *(
        ("WSDLRScheduler", 0.3, {**COSINE, "decay_t": 15, "decay_fn": shape})
        for shape in ("1-sqrt", "linear", "cosine")
    ),
]
LENGTH = 60


@cache
def schedulers():
    """timm.scheduler without the rest of timm."""
    package = types.ModuleType("timm")
    package.__path__ = importlib.util.find_spec("timm").submodule_search_locations
    sys.modules["timm"] = package
    return importlib.import_module("timm.scheduler")


def rates(name, peak_lr, arguments):
    """The rate of each of the first updates."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=peak_lr)
    scheduler = getattr(schedulers(), name)(optimizer, t_in_epochs=False, **arguments)
    used = []
    for update in range(LENGTH):
        used.append(optimizer.param_groups[0]["lr"])
        scheduler.step_update(update + 1)
    return used


def main():
    """One line per call."""
    lines = [
        json.dumps(
            {"scheduler": name, "peak_lr": peak, "arguments": words}
            | {"rates": rates(name, peak, words)}
        )
        for name, peak, words in CALLS
    ]
    version = importlib.metadata.version("timm")
    text = f'{{"timm": "{version}", "entries": [\n' + ",\n".join(lines) + "\n]}\n"
    (Path(__file__).parent / "timm.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
