"""Every schedule beside its peers, in one run: `.venv/bin/python tests/benchmarks/schedules.py`.

Three tables, each with a ratio peer / ours:
1. a curve of 1,000,000 rates, beside torch's loop and beside optax, jitted, in float64. Where
   torch has no such schedule its loop runs LambdaLR with the formula that people write.
   The last column is our time over that of the dearest single NumPy operation in the formula;
2. `.step()`, beside torch's scheduler of the same name;
3. the import, beside NumPy's and torch's.
Nothing here can fail: speed is shown, not tested. It takes about five minutes.
"""

import math
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import optax
import torch
from torch.optim import lr_scheduler

from lrcourse.schedules import (
    REX,
    Constant,
    CosineDecay,
    CosineRestarts,
    CosineWarmup,
    ExponentialDecay,
    ExponentialWarmup,
    InverseSqrt,
    InverseTimeDecay,
    LinearDecay,
    LinearWarmup,
    MultiStepDecay,
    OneCycle,
    PolynomialDecay,
    Schedule,
    SqrtDecay,
    StepDecay,
    TriangularCycle,
    WarmupCosine,
    WarmupLinear,
    WarmupStableDecay,
)
from lrcourse.torch_scheduler import TorchScheduler
from lrcourse.torch_twins import twin

N = 1_000_000
W, D = N // 10, N // 5
PEAK = 0.1
t = np.arange(N)


def linear_up(step: int) -> float:
    return min(step / N, 1)


LAMBDAS: dict[type[Schedule], Callable[[int], float]] = {  # for torch's LambdaLR
    LinearWarmup: linear_up,
    ExponentialWarmup: lambda k: (1 - math.exp(-min(k, N) / W)) / (1 - math.exp(-N / W)),
    CosineWarmup: lambda k: 0.5 * (1 - math.cos(math.pi * linear_up(k))),
    InverseTimeDecay: lambda k: 1 / (1 + 1e-4 * k),
    InverseSqrt: lambda k: min(k / W, math.sqrt(W / max(k, W))),
    REX: lambda k: (1 - linear_up(k)) / (0.5 + 0.5 * (1 - linear_up(k))),
    SqrtDecay: lambda k: 1 - math.sqrt(linear_up(k)),
    WarmupLinear: lambda k: k / W if k < W else max((N - k) / (N - W), 0),
    WarmupCosine: lambda k: (
        k / W if k < W else 0.5 * (1 + math.cos(math.pi * min((k - W) / (N - W), 1)))
    ),
    WarmupStableDecay: lambda k: (
        k / W if k < W else 1 if k < N - D else 1 - math.sqrt(min((k - N + D) / D, 1))
    ),
}

POWER, COSINE, DIVISION = (lambda: 0.999999**t), (lambda: np.cos(t)), (lambda: t / N)
SEARCH, ROOT, EXP = (
    (lambda: np.searchsorted(range(0, N, N // 4), t)),
    (lambda: np.sqrt(t)),
    (lambda: np.expm1(-1e-6 * t)),
)
CASES: list[tuple[Schedule, Callable[[], Any], Any]] = [  # schedule, dearest operation, optax
    (Constant(PEAK), lambda: np.full(t.shape, PEAK) + t, optax.constant_schedule(PEAK)),
    (
        StepDecay(PEAK, N // 4),
        POWER,
        optax.exponential_decay(PEAK, N // 4, 0.1, staircase=True),
    ),
    (
        MultiStepDecay(PEAK, (N // 2, 3 * N // 4)),
        POWER,
        optax.piecewise_constant_schedule(PEAK, {N // 2: 0.1, 3 * N // 4: 0.1}),
    ),
    (ExponentialDecay(PEAK, 1 - 1e-6), POWER, optax.exponential_decay(PEAK, 1, 1 - 1e-6)),
    (InverseTimeDecay(PEAK, 1e-4), DIVISION, None),
    (LinearDecay(PEAK, N), DIVISION, optax.linear_schedule(PEAK, 0.0, N)),
    (PolynomialDecay(PEAK, N, 2.0), POWER, optax.polynomial_schedule(PEAK, 0.0, 2.0, N)),
    (CosineDecay(PEAK, N), COSINE, optax.cosine_decay_schedule(PEAK, N)),
    (CosineRestarts(PEAK, N // 100, 2), COSINE, None),
    (LinearWarmup(PEAK, N), DIVISION, optax.linear_schedule(0.0, PEAK, N)),
    (ExponentialWarmup(PEAK, N, W), EXP, None),
    (CosineWarmup(PEAK, N), COSINE, None),
    (WarmupLinear(PEAK, W, N), DIVISION, None),
    (WarmupCosine(PEAK, W, N), COSINE, optax.warmup_cosine_decay_schedule(0.0, PEAK, W, N)),
    (TriangularCycle(PEAK, N // 100), POWER, None),
    (OneCycle(PEAK, N - 1), COSINE, optax.cosine_onecycle_schedule(N, PEAK, 0.3, 25.0, 1e4)),
    (InverseSqrt(PEAK, W), ROOT, None),
    (WarmupStableDecay(PEAK, W, D, N), ROOT, None),
    (REX(PEAK, N), DIVISION, None),
    (SqrtDecay(PEAK, N), ROOT, None),
]


def seconds(work: Callable[[], object], rounds: int = 1) -> float:
    """The median time of one call."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def optimizer() -> torch.optim.Optimizer:
    made = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=PEAK, momentum=0.9)
    made.step()
    return made


def torch_scheduler(schedule: Schedule, attached_to: torch.optim.Optimizer) -> Any:
    same = twin(schedule)
    if same is None:
        return lr_scheduler.LambdaLR(attached_to, LAMBDAS[type(schedule)])
    return same.build(attached_to)


def torch_loop(schedule: Schedule, steps: int) -> None:
    """Only what a curve needs: read the rate, step the scheduler."""
    driven = optimizer()
    scheduler, group = torch_scheduler(schedule, driven), driven.param_groups[0]
    rates = np.empty(steps)
    driven.step()
    for step in range(steps):
        rates[step] = group["lr"]
        if step < steps - 1:
            scheduler.step()


def optax_seconds(schedule: Any) -> float:
    """Compiled before the clock starts."""
    curve, times = jax.jit(jax.vmap(schedule)), jax.numpy.arange(N)
    curve(times).block_until_ready()
    return seconds(lambda: curve(times).block_until_ready(), rounds=5)


def geometric_mean(ratios: list[float]) -> float:
    return math.exp(statistics.mean(map(math.log, ratios)))


def curves() -> None:
    print(f"A curve of {N:,} rates, milliseconds")
    heads = ("ours", "torch", "ratio", "optax", "ratio", "one NumPy op", "ours / op")
    print(f"{'':<20}" + "".join(f"{head:>13}" for head in heads))
    ratios, costs = [], []
    for schedule, operation, peer in CASES:
        ours = seconds(lambda schedule=schedule: schedule(t), rounds=9)
        one = seconds(operation, rounds=9)
        torchs = seconds(lambda schedule=schedule: torch_loop(schedule, N))
        jitted = optax_seconds(peer) if peer else math.nan
        ratios.append(torchs / ours)
        costs.append(ours / one)
        print(
            f"{type(schedule).__name__:<20}{1e3 * ours:13.1f}{1e3 * torchs:13.0f}"
            f"{torchs / ours:13.0f}{1e3 * jitted:13.1f}{jitted / ours:13.2f}"
            f"{1e3 * one:13.1f}{ours / one:13.2f}",
            flush=True,
        )
    print(f"torch / ours: smallest {min(ratios):.0f}, geometric mean {geometric_mean(ratios):.0f}")
    print(f"ours / one NumPy operation: largest {max(costs):.2f}\n")


def step_seconds(make: Callable[[torch.optim.Optimizer], Any], steps: int = 100_000) -> float:
    driven = optimizer()
    step = make(driven).step
    driven.step()
    return seconds(lambda: [step() for _ in range(steps)]) / steps


def steps() -> None:
    print("One .step(), microseconds")
    print(f"{'':<50}{'ours':>8}{'torch':>8}{'ours / torch':>14}")
    shares = []
    for schedule, _, _ in CASES:
        rounds = [
            (
                step_seconds(lambda o, s=schedule: TorchScheduler(o, s)),
                step_seconds(lambda o, s=schedule: torch_scheduler(s, o)),
            )
            for _ in range(5)
        ]
        ours, torchs = (statistics.median(column) for column in zip(*rounds, strict=True))
        shares.append(ours / torchs)
        peer = type(torch_scheduler(schedule, optimizer())).__name__
        name = f"{type(schedule).__name__}, {peer}"
        print(f"{name:<50}{1e6 * ours:8.2f}{1e6 * torchs:8.2f}{shares[-1]:14.2f}", flush=True)
    print(f"largest share {max(shares):.2f}\n")


def imports() -> None:
    print("An import in a fresh interpreter, milliseconds")
    codes = ("pass", "import numpy", "import lrcourse.schedules", "import torch")
    codes += ("import lrcourse.torch_scheduler",)
    for code in codes:
        taken = seconds(lambda c=code: subprocess.run([sys.executable, "-c", c], check=True), 9)
        print(f"{code:<40}{1e3 * taken:8.0f}")


def main() -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    jax.config.update("jax_enable_x64", True)
    for table in (imports, steps, curves):
        table()


if __name__ == "__main__":
    main()
