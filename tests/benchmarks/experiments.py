"""Many trainings at once, beside the loop that everyone writes: one network after the other.

`OMP_NUM_THREADS=1 .venv/bin/python tests/benchmarks/experiments.py`

The peer is nn.Module and torch.optim, without a DataLoader, which would flatter us; one line has
it. Before anything is timed both sides must have the same losses, in float64. Rounds are
interleaved and every figure is a median; µs are CPU time for one update of one run. Nothing
else here can fail: speed is shown, not tested. It takes about five minutes on a quiet machine.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import loky
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lrcourse.experiments import ConvNet, Mlp, ModuleNetwork, previous_token, signals, sweep, train

DATA_SEEDS = 10_000
ROUNDS = 3
TRAIN = sys.modules[train.__module__]


# The peers: what people write --------------------------------------------------------------------


class Conv(nn.Module):
    """Three convolutions and a linear layer."""

    def __init__(self, channels: int = 12) -> None:
        super().__init__()
        self.first = nn.Conv1d(1, channels, 5, stride=2, padding=2)
        self.second = nn.Conv1d(channels, channels, 3, stride=2, padding=1)
        self.third = nn.Conv1d(channels, channels, 3, stride=2, padding=1)
        self.out = nn.Linear(5 * channels, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x.unsqueeze(1)).relu()
        x = self.third(self.second(x).relu()).relu()
        return self.out(x.transpose(1, 2).flatten(1))


class Encoder(nn.Module):
    """torch's own transformer layers, post-norm, looking back only."""

    def __init__(self, width: int = 16, layers: int = 4) -> None:
        super().__init__()
        self.token, self.place = nn.Embedding(10, width), nn.Parameter(torch.zeros(8, width))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(width, 2, 2 * width, dropout=0.0, batch_first=True)
            for _ in range(layers)
        )
        self.answer = nn.Linear(width, 10)
        self.register_buffer("mask", torch.full((8, 8), -torch.inf).triu(1))

    def forward(self, x: Tensor) -> Tensor:
        z = self.token(x) + self.place
        for layer in self.layers:
            z = layer(z, src_mask=self.mask)
        return self.answer(z)


def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(40, 32), nn.ReLU(), nn.Linear(32, 10))


def copy_linear(weight: Tensor, bias: Tensor, p: dict[str, Tensor], names: tuple[str, str]) -> None:
    """From ours, (inputs, outputs) and (1, outputs), to torch's (outputs, inputs, ...)."""
    weight.copy_(p[names[0]].T.reshape(weight.shape))
    bias.copy_(p[names[1]].reshape(bias.shape))


def like_ours(module: nn.Module, problem: Any, seed: int) -> nn.Module:
    """The peer's module with the weights that our run of this seed starts from."""
    start, network = problem.start(seed), problem.network
    module = module.to(start.dtype)
    if isinstance(network, ModuleNetwork):
        nn.utils.vector_to_parameters(start, module.parameters())
        return module
    p = {name: each[0] for name, each in network.unpacked(start[None]).items()}
    with torch.no_grad():
        if isinstance(module, Encoder):
            module.token.weight.copy_(p["token"])
            module.place.copy_(p["place"])
            for number, layer in enumerate(module.layers):
                look = layer.self_attn
                for weight, bias, name in [
                    (look.in_proj_weight, look.in_proj_bias, "look"),
                    (look.out_proj.weight, look.out_proj.bias, "merge"),
                    (layer.linear1.weight, layer.linear1.bias, "widen"),
                    (layer.linear2.weight, layer.linear2.bias, "narrow"),
                ]:
                    names = (f"{number} {name} weight", f"{number} {name} bias")
                    copy_linear(weight, bias, p, names)
            copy_linear(
                module.answer.weight, module.answer.bias, p, ("answer weight", "answer bias")
            )
        else:
            parts = [part for part in module.modules() if isinstance(part, nn.Linear | nn.Conv1d)]
            names = [name.removeprefix("weight ") for name in p if name.startswith("weight")]
            for part, name in zip(parts, names, strict=True):
                copy_linear(part.weight, part.bias, p, (f"weight {name}", f"bias {name}"))
    return module


def one_by_one(case: "Case", runs: int, steps: int, with_loader: bool = False) -> np.ndarray:
    """The losses (runs, steps) of the loop that everyone writes."""
    return np.array([one_run(case, seed, steps, with_loader) for seed in range(runs)])


def one_run(case: "Case", seed: int, steps: int, with_loader: bool) -> list[float]:
    module = like_ours(case.make(), case.problem, seed)
    optimizer = torch.optim.SGD(module.parameters(), lr=case.lr, momentum=0.9)
    losses = []
    for _, (x, y) in zip(range(steps), case.batches(seed, with_loader), strict=False):
        answers = case.answers(module, x)
        loss = functional.cross_entropy(answers.flatten(0, -2), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():  # ours looks at the test set too
        case.answers(module, case.problem.x_test).argmax(-1)
    return losses


# What is compared --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One network, ours and the peer's, on the same data in the same order."""

    name: str
    problem: Any
    make: Callable[[], nn.Module]
    batch_size: int
    steps: int
    peer_runs: int  # of which the peer's time is taken; it is the same for each run
    target: float
    runs: int = 64
    lr: float = 0.02

    def batches(self, seed: int, with_loader: bool):
        """(x, y) for each update."""
        generator = torch.Generator().manual_seed(DATA_SEEDS + seed)
        problem = self.problem
        if with_loader:
            data = torch.utils.data.TensorDataset(problem.x_train, problem.y_train)
            while True:
                yield from torch.utils.data.DataLoader(data, self.batch_size, shuffle=True)
        while True:
            for seen in problem.epoch(generator, self.batch_size):
                if hasattr(problem, "tokens"):
                    yield seen, seen[:, :-1]
                else:
                    yield problem.x_train[seen], problem.y_train[seen]

    def answers(self, module: nn.Module, x: Tensor) -> Tensor:
        return module(x)[:, 1:] if hasattr(self.problem, "tokens") else module(x)

    def ours(self, runs: int, steps: int, **options: Any) -> np.ndarray:
        lrs = np.full((runs, steps), self.lr)
        return train(self.problem, lrs, range(runs), batch_size=self.batch_size, **options).losses

    @property
    def with_modules(self) -> "Case":
        """The same with vmap over the peer's own module."""
        return replace(self, problem=replace(self.problem, network=ModuleNetwork(self.make)))


def cases(dtype: torch.dtype = torch.float32) -> list[Case]:
    data = partial(signals, train_size=4000, test_size=500, dtype=dtype)
    tokens = previous_token(test_size=100, dtype=dtype)
    return [
        Case("MLP 40-32-10, B=32", data(network=Mlp((40, 32, 10))), mlp, 32, 100, 16, 8.0),
        Case("transformer D=16 L=4 T=8, B=16", tokens, Encoder, 16, 20, 8, 4.0),
        Case("conv net of 12 channels, B=32", data(network=ConvNet(12)), Conv, 32, 30, 8, 4.0),
    ]


def prove_that_both_compute_the_same() -> None:
    for case in cases(torch.float64):
        theirs = one_by_one(case, 2, 12)
        assert np.ptp(theirs) > 0.01, "nothing is learned, so nothing is compared"
        np.testing.assert_allclose(case.ours(2, 12), theirs, rtol=1e-8)
        vmapped = case.with_modules
        np.testing.assert_allclose(vmapped.ours(2, 12), one_by_one(vmapped, 2, 12), rtol=1e-8)
    print("Both sides have the same losses to 8 digits, float64, 12 updates.\n")


# Time --------------------------------------------------------------------------------------------


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """(CPU, wall)"""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def interleaved(ways: dict[str, Callable[[], object]]) -> dict[str, tuple[float, float]]:
    """The median (CPU, wall) of each way; every round tries all of them."""
    rounds = [{name: seconds(work) for name, work in ways.items()} for _ in range(ROUNDS)]
    return {
        name: tuple(statistics.median(each[name][kind] for each in rounds) for kind in (0, 1))
        for name in ways
    }


def speed() -> None:
    print(
        f"{'µs of CPU for one update of one run':<34} {'peer':>8} {'ours':>8} {'ratio':>7}", end=""
    )
    print(f" {'target':>7} {'wall':>7} {'by vmap':>9} {'ratio':>7}")
    for case in cases():
        n, vmapped = (case.steps, case.with_modules)
        ways: dict[str, Callable[[], object]] = {
            "peer": partial(one_by_one, case, case.peer_runs, n),
            "ours": partial(case.ours, case.runs, n),
            "vmap": partial(vmapped.ours, case.runs, n),
        }
        if case.make is mlp:
            ways["loader"] = partial(one_by_one, case, case.peer_runs, n, with_loader=True)
        runs = {"peer": case.peer_runs, "loader": case.peer_runs}
        each = {
            name: [1e6 * s / n / runs.get(name, case.runs) for s in times]
            for name, times in interleaved(ways).items()
        }
        peer, ours, vmap = (each[name] for name in ("peer", "ours", "vmap"))
        print(f"{case.name:<34} {peer[0]:8.0f} {ours[0]:8.1f} {peer[0] / ours[0]:6.1f}x", end="")
        print(f" {case.target:6.0f}x {peer[1] / ours[1]:6.1f}x", end="")
        print(f" {vmap[0]:9.1f} {peer[0] / vmap[0]:6.1f}x", flush=True)
        if loader := each.get("loader"):
            print(f"{'  the peer with a DataLoader':<34} {loader[0]:8.0f} {ours[0]:8.1f} ", end="")
            print(f"{loader[0] / ours[0]:6.1f}x", flush=True)


def chunks() -> None:
    case, runs, steps = cases()[0], 256, 40
    sizes = (1, 4, 16, 64, 256)
    times = interleaved({str(size): partial(case.ours, runs, steps, chunk=size) for size in sizes})
    print(f"\n{runs} runs of the MLP, µs of CPU for one update of one run")
    for size in sizes:
        print(f"  chunk={size:<4} {1e6 * times[str(size)][0] / runs / steps:8.1f}", flush=True)


def with_threads(count: int, work: Callable[[], object]) -> None:
    """Work with so many threads of torch, though train would take one."""
    one_thread, before = TRAIN.one_thread, torch.get_num_threads()
    TRAIN.one_thread = nullcontext
    torch.set_num_threads(count)
    try:
        work()
    finally:
        TRAIN.one_thread = one_thread
        torch.set_num_threads(before)


def threads() -> None:
    print("\nThreads of torch, 64 runs, seconds of wall and of CPU")
    for case in cases():
        work = partial(case.ours, case.runs, case.steps)
        times = interleaved({str(n): partial(with_threads, n, work) for n in (1, 2)})
        for count, (cpu, wall) in times.items():
            print(
                f"  {case.name:<34} {count} thread(s)  {wall:6.2f} wall  {cpu:6.2f} CPU", flush=True
            )


def processes() -> None:
    case, runs, steps = cases()[0], 256, 200
    lrs = np.full((runs, steps), case.lr)
    arguments = (case.problem, lrs, range(runs))
    pool = loky.get_reusable_executor(2)
    quiet: dict[str, Any] = {"progress": False}
    sweep(case.problem, lrs[:128, :1], range(128), executor=pool, chunk=16, **quiet)
    times = interleaved(
        {
            "train, one process": lambda: train(*arguments),
            "sweep, 2 workers that wait already": lambda: sweep(*arguments, executor=pool, **quiet),
            "sweep, which starts its own workers": lambda: sweep(*arguments, **quiet),
        }
    )
    pool.shutdown()
    print(f"\n{runs} runs of the MLP, {steps} updates each, seconds of wall, speed-up")
    base = times["train, one process"][1]
    for name, (_, wall) in times.items():
        print(f"  {name:<38} {wall:6.2f} {base / wall:6.2f}x", flush=True)


# Memory ------------------------------------------------------------------------------------------


def peak_megabytes(number: int, way: str) -> float:
    """What one way needs on top of its imports and data, in a process of its own."""
    command = [sys.executable, __file__, "peak", str(number), way]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def memory_of(number: int, way: str) -> None:
    """In that process: print the megabytes."""
    case = cases()[number]
    ways: dict[str, Callable[[int, int], object]] = {
        "peer": partial(one_by_one, case),
        "ours": case.ours,
        "vmap": case.with_modules.ours,
    }
    ways[way](1, 2)  # what torch loads at its first use is not counted
    Path("/proc/self/clear_refs").write_text("5")  # Linux: the peak starts anew
    before = kilobytes("VmRSS")
    ways[way](2 if way == "peer" else case.runs, 10)
    print((kilobytes("VmHWM") - before) / 1024)


def kilobytes(name: str) -> int:
    """What Linux says of this process: VmRSS is its memory now, VmHWM the peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


def memory() -> None:
    if not Path("/proc/self/clear_refs").exists():
        print("\nPeak memory is measured on Linux only")
        return
    print("\nPeak memory on top of imports and data, MB, 64 runs at once (the peer: one)")
    for number, case in enumerate(cases()):
        found = {way: peak_megabytes(number, way) for way in ("peer", "ours", "vmap")}
        print(
            f"  {case.name:<34}", "  ".join(f"{k} {v:6.1f}" for k, v in found.items()), flush=True
        )


def main(words: list[str]) -> None:
    torch.set_num_threads(1)
    if words[:1] == ["peak"]:
        memory_of(int(words[1]), words[2])
        return
    prove_that_both_compute_the_same()
    tables = {each.__name__: each for each in (speed, chunks, threads, processes, memory)}
    for name in words or tables:
        tables[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
