"""How fast, beside the peer, in one run: `.venv/bin/python tests/benchmarks/side_by_side.py`.

Each line is the median of five interleaved rounds; the ratio is peer / ours. Nothing here can
fail: speed is shown, not tested.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from lrcourse.experiments import digits, rate_table, train
from lrcourse.schedules import StepDecay
from lrcourse.torch_scheduler import TorchScheduler
from lrcourse.torch_twins import rates_used, twin

SCHEDULE = StepDecay(0.1, 300, 0.5)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(name: str, ours: Callable[[], object], peer: Callable[[], object]) -> None:
    rounds = [(seconds(ours), seconds(peer)) for _ in range(5)]
    mine, theirs = (statistics.median(times) for times in zip(*rounds, strict=True))
    print(f"{name:<46} {1e3 * mine:9.2f} ms {1e3 * theirs:9.2f} ms {theirs / mine:8.1f}x")


def scheduler_steps(make: Callable[[torch.optim.Optimizer], object], steps: int) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = make(optimizer)
    optimizer.step()
    for _ in range(steps):
        scheduler.step()


def trainings(together: bool) -> None:
    problem, seeds = digits(label_noise=0.2), range(12)
    rates = rate_table([SCHEDULE], len(seeds), 100)
    if together:
        train(problem, rates, seeds)
    else:
        for seed in seeds:
            train(problem, rates[:1], [seed])


def start(code: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def main() -> None:
    torch.set_num_threads(1)
    steps = 20_000
    print(f"{'':<46} {'ours':>12} {'peer':>12}")
    compare(
        f"{steps} rates of a step decay, peer torch",
        lambda: SCHEDULE(np.arange(steps)),
        lambda: rates_used(twin(SCHEDULE).build, 0.1, steps),
    )
    compare(
        f"{steps} calls of step(), peer torch's StepLR",
        lambda: scheduler_steps(lambda o: TorchScheduler(o, SCHEDULE), steps),
        lambda: scheduler_steps(twin(SCHEDULE).build, steps),
    )
    compare(
        "12 trainings of 100 updates, peer one by one",
        lambda: trainings(together=True),
        lambda: trainings(together=False),
    )
    compare(
        "import lrcourse.schedules, peer import numpy",
        start("import lrcourse.schedules"),
        start("import numpy"),
    )


if __name__ == "__main__":
    main()
