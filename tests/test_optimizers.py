"""Every optimizer, on many runs at once, is torch's own on one network after another."""

import math
from dataclasses import FrozenInstanceError, fields, replace
from inspect import signature

import numpy as np
import pytest
import torch

from lrcourse.experiments import (
    Adam,
    AdamL2,
    AdamW,
    Lamb,
    Lars,
    Momentum,
    Nesterov,
    RAdam,
    RMSprop,
    Sgd,
    digits,
    optimizers,
    train,
)
from lrcourse.experiments.optimizers import Layers
from lrcourse.experiments.train import one_thread
from lrcourse.schedules import WarmupCosine

STEPS, SEEDS, BATCH, CLIP = 300, [3, 3, 5], 16, 0.7


class SlowLars(torch.optim.Optimizer):
    """Algorithm 1 of arXiv:1708.03888, layer by layer; biases as in momentum with η inside."""

    def __init__(self, parameters, momentum, weight_decay, trust):
        super().__init__(parameters, {"lr": 1.0, "momentum": momentum})
        self.weight_decay, self.trust = weight_decay, trust

    @torch.no_grad()
    def step(self):
        group = self.param_groups[0]
        for w in group["params"]:
            v = self.state[w].setdefault("v", torch.zeros_like(w))
            length, slope = math.sqrt((w**2).sum()), math.sqrt((w.grad**2).sum())
            ratio = self.trust * length / (slope + self.weight_decay * length)
            ratio = ratio if w.dim() == 2 else 1.0
            v.copy_(group["momentum"] * v + group["lr"] * ratio * (w.grad + self.weight_decay * w))
            w -= v


class SlowLamb(torch.optim.Optimizer):
    """Algorithm 2 of arXiv:1904.00962, layer by layer."""

    def __init__(self, parameters, betas, eps, weight_decay):
        super().__init__(parameters, {"lr": 1.0, "betas": betas})
        self.eps, self.weight_decay, self.t = eps, weight_decay, 0

    @torch.no_grad()
    def step(self):
        group, self.t = self.param_groups[0], self.t + 1
        (beta1, beta2), lr = group["betas"], group["lr"]
        for w in group["params"]:
            a = self.state[w].setdefault("a", torch.zeros_like(w))
            b = self.state[w].setdefault("b", torch.zeros_like(w))
            a.copy_(beta1 * a + (1 - beta1) * w.grad)
            b.copy_(beta2 * b + (1 - beta2) * w.grad**2)
            u = a / (1 - beta1**self.t) / (torch.sqrt(b / (1 - beta2**self.t)) + self.eps)
            u = u + self.weight_decay * w
            ratio = math.sqrt((w**2).sum()) / math.sqrt((u**2).sum()) if w.dim() == 2 else 1.0
            w -= lr * ratio * u


SGD, ADAM, BETAS = torch.optim.SGD, torch.optim.Adam, (0.9, 0.99)
WITNESSES = [  # ours, torch's with the same numbers, and a peak rate that learns
    (Sgd(weight_decay=0.01), lambda p: SGD(p, weight_decay=0.01), 0.3),
    (Momentum(0.9, 0.01), lambda p: SGD(p, momentum=0.9, weight_decay=0.01), 0.1),
    (
        Nesterov(0.9, 0.01),
        lambda p: SGD(p, momentum=0.9, weight_decay=0.01, nesterov=True),
        0.1,
    ),
    (
        RMSprop(0.98, 1e-6, 0.01),
        lambda p: torch.optim.RMSprop(p, alpha=0.98, eps=1e-6, weight_decay=0.01),
        0.006,
    ),
    (Adam(0.9, 0.99, 1e-6), lambda p: ADAM(p, betas=BETAS, eps=1e-6), 0.01),
    (
        AdamL2(0.9, 0.99, 1e-6, 0.01),
        lambda p: ADAM(p, betas=BETAS, eps=1e-6, weight_decay=0.01),
        0.01,
    ),
    (
        AdamW(0.9, 0.99, 1e-6, 0.1),
        lambda p: torch.optim.AdamW(p, betas=BETAS, eps=1e-6, weight_decay=0.1),
        0.01,
    ),
    (
        RAdam(0.9, 0.99, 1e-6, 0.01),
        lambda p: torch.optim.RAdam(p, betas=BETAS, eps=1e-6, weight_decay=0.01),
        0.01,
    ),
    (Lars(0.9, 0.01, 0.02), lambda p: SlowLars(p, 0.9, 0.01, 0.02), 0.5),
    (Lamb(0.9, 0.99, 1e-6, 0.1), lambda p: SlowLamb(p, BETAS, 1e-6, 0.1), 0.02),
]
each_optimizer = pytest.mark.parametrize(
    ("ours", "theirs", "peak_lr"), WITNESSES, ids=[type(ours).__name__ for ours, *_ in WITNESSES]
)


def classes():
    """Every optimizer of the module."""
    ours = [each for each in vars(optimizers).values() if isinstance(each, type)]
    ours = [each for each in ours if each.__module__ == optimizers.__name__]
    return {each for each in ours if hasattr(each, "update")} - {optimizers.Optimizer}


@pytest.fixture(scope="module")
def problem():
    return digits(label_noise=0.2, train_size=200, widths=(64, 12, 10), dtype=torch.float64)


def tables(peak_lr):
    """Rates and momenta (3, STEPS): warmups and cosines of three peaks, cycles of three lengths."""
    t = np.arange(STEPS)
    peaks, lengths = peak_lr * np.array([1.0, 0.5, 0.25]), np.array([[60], [100], [37]])
    lrs = np.array([WarmupCosine(peak, steps=STEPS, warmup_steps=30)(t) for peak in peaks])
    return lrs, 0.88 + 0.07 * np.cos(2 * np.pi * t / lengths)


def network_of(problem, seed):
    """The network of this seed as torch has it."""
    parameters = list(problem.network.unpacked(problem.start(seed)[None]).values())
    network = torch.nn.Sequential()
    for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
        layer = torch.nn.Linear(*weight.shape[1:], dtype=torch.float64)
        layer.weight.data, layer.bias.data = weight[0].T.clone(), bias[0, 0].clone()
        network.extend([torch.nn.ReLU(), layer] if len(network) else [layer])
    return network


@one_thread()
def train_with_torch(problem, make, lrs, momenta, seed, clip):
    """The obvious loop over one network. Losses, and the weights in the end as one row."""
    network = network_of(problem, seed)
    optimizer = make(network.parameters())
    group = optimizer.param_groups[0]
    generator = torch.Generator().manual_seed(10_000 + seed)
    losses = []
    for lr, momentum in zip(lrs, momenta, strict=True):
        if len(losses) % (len(problem.x_train) // BATCH) == 0:
            batches = iter(torch.randperm(len(problem.x_train), generator=generator).split(BATCH))
        batch = next(batches)
        group["lr"] = float(lr)
        if group.get("momentum"):
            group["momentum"] = float(momentum)
        if "betas" in group:
            group["betas"] = (float(momentum), group["betas"][1])
        loss = torch.nn.functional.cross_entropy(
            network(problem.x_train[batch]), problem.y_train[batch]
        )
        optimizer.zero_grad()
        loss.backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(network.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
    weights = [p.detach().t().flatten() for p in network.parameters()]  # t() leaves biases alone
    return np.array(losses), torch.cat(weights).numpy()


def cycled(optimizer, momenta):
    return momenta if hasattr(optimizer, "momentum") else None


@each_optimizer
def test_many_runs_are_torch_one_by_one(problem, ours, theirs, peak_lr):
    lrs, momenta = tables(peak_lr)
    run = train(problem, lrs, SEEDS, ours, BATCH, momenta=cycled(ours, momenta), clip=CLIP)
    for row, seed in enumerate(SEEDS):
        losses, weights = train_with_torch(problem, theirs, lrs[row], momenta[row], seed, CLIP)
        assert losses[-50:].mean() < 0.9 * losses[:10].mean()  # it learns
        np.testing.assert_allclose(run.losses[row], losses, rtol=1e-13)
        np.testing.assert_allclose(
            run.weights[row, -1], weights, rtol=0, atol=1e-13 * np.abs(weights).max()
        )


@each_optimizer
def test_whatever_is_compared_moves(problem, ours, theirs, peak_lr):
    lrs, momenta = tables(peak_lr)

    momenta = cycled(ours, momenta)

    def weights(optimizer=ours, momenta=momenta, clip=CLIP):
        return train(problem, lrs, SEEDS, optimizer, BATCH, momenta=momenta, clip=clip).weights

    others = {"no clip": weights(clip=None)}
    if hasattr(ours, "momentum"):
        others["a constant momentum"] = weights(momenta=None)
    for field in fields(ours):
        if field.name != "momentum":
            others[field.name] = weights(replace(ours, **{field.name: 1.02e-3}))
    right = weights()
    for what, changed in others.items():
        assert np.abs(changed - right).max(axis=(1, 2)).min() > 1e-4, what


def test_every_optimizer_has_a_witness():
    assert {type(ours) for ours, *_ in WITNESSES} == classes()
    assert len(WITNESSES) == 10


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (RMSprop(), torch.optim.RMSprop),
        (Adam(), torch.optim.Adam),
        (AdamW(), torch.optim.AdamW),
        (RAdam(), torch.optim.RAdam),
        (Sgd(), torch.optim.SGD),
    ],
)
def test_the_defaults_are_those_of_torch(ours, theirs):
    defaults = {name: each.default for name, each in signature(theirs).parameters.items()}
    if "betas" in defaults:
        defaults["momentum"], defaults["beta2"] = defaults["betas"]
    defaults["beta2"] = defaults.get("alpha", defaults.get("beta2"))
    assert {each.name: getattr(ours, each.name) for each in fields(ours)} == {
        each.name: defaults[each.name] for each in fields(ours)
    }


def test_adam_with_l2_decays_as_much_as_adamw_unless_told():
    assert AdamL2().weight_decay == AdamW().weight_decay


def test_radam_rectifies_from_the_update_that_torch_does():
    rectifications = [RAdam().rectification(t) for t in (1, 2, 5, 6, 100, 100_000)]
    assert rectifications[:3] == [0, 0, 0]
    assert 0 < rectifications[3] < rectifications[4] < rectifications[5] == pytest.approx(1)
    assert RAdam(beta2=0.5).rectification(1000) == 0  # half a memory never averages enough


# Layers ------------------------------------------------------------------------------------------


def test_a_layer_knows_its_columns():
    layers = Layers.of({"w": (2, 3), "b": (1, 3), "gain": (3,), "conv": (2, 1, 2)}, "cpu")
    assert layers.sizes == [6, 3, 3, 4]
    assert layers.owner.tolist() == [0] * 6 + [1] * 3 + [2] * 3 + [3] * 4
    assert layers.is_matrix.tolist() == [True, False, False, True]


def test_the_ratio_of_a_layer_stands_in_its_columns():
    layers = Layers.of({"w": (2, 2), "b": (1, 1), "v": (2, 2)}, "cpu")
    weights = torch.tensor([[3.0, 4, 0, 0, 7, 0, 0, 0, 6]])
    lengths = layers.norms(weights)
    assert lengths.tolist() == [[5, 7, 6]]
    ratio = layers.ratio(lengths, torch.tensor([[2.0, 2, 3]]))
    assert ratio.tolist() == [[2.5] * 4 + [1] + [2] * 4]


def test_a_length_of_zero_leaves_the_ratio_at_one():
    layers = Layers.of({"w": (2, 2), "v": (2, 2)}, "cpu")
    ratio = layers.ratio(torch.tensor([[0.0, 5.0]]), torch.tensor([[5.0, 0.0]]))
    assert ratio.tolist() == [[1] * 8]


# Refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", [type(ours) for ours, *_ in WITNESSES])
def test_refuses_impossible_numbers_by_name(cls):
    for field in fields(cls):
        impossible = [math.nan, math.inf, -0.1, "0.9", None, True, (0.9, 0.999)]
        if field.name in ("momentum", "beta2"):
            impossible += [1.0, 1]
        for value in impossible:
            with pytest.raises(ValueError, match=rf"^{cls.__name__}: {field.name} \(.*got"):
                cls(**{field.name: value})
        cls(**{field.name: 0})


@pytest.mark.parametrize("cls", [type(ours) for ours, *_ in WITNESSES])
def test_is_frozen(cls):
    optimizer = cls()
    with pytest.raises(FrozenInstanceError):
        setattr(optimizer, fields(cls)[0].name, 0.5)
