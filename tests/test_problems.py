"""What is trained is what it says: each network, data set and landscape against a witness."""

import math
import pickle

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter1d
from torch import nn

from lrcourse.experiments import (
    Adam,
    ConvNet,
    Mlp,
    ModuleNetwork,
    Momentum,
    Sgd,
    Transformer,
    digits,
    multi_well,
    previous_token,
    quadratic,
    ravine,
    rosenbrock,
    signals,
    train,
)
from lrcourse.experiments.data import SHAPES

# Landscapes ----------------------------------------------------------------------------------

WALKERS = 4000


def walked(surface, lr, steps, momentum=0.0, batch_size=1, walkers=WALKERS):
    """Where each walker stands after so many updates at a constant rate: (walkers, P)"""
    rates = np.full((walkers, steps), lr)
    optimizer = Momentum(momentum) if momentum else Sgd()
    run = train(surface, rates, range(walkers), optimizer, batch_size, chunk=walkers)
    return run.weights[:, -1]


@pytest.mark.parametrize(
    ("lr", "momentum", "batch_size"),
    [(0.1, 0.0, 1), (0.7, 0.0, 1), (0.95, 0.0, 4), (0.05, 0.9, 1), (0.6, 0.5, 1), (1.8, 0.9, 2)],
)
def test_walkers_spread_as_the_formula_says(lr, momentum, batch_size):
    bowl = quadratic((0.5, 2.0), noise=0.7, start=(0.0, 0.0))
    points = walked(bowl, lr, 300, momentum, batch_size)
    theory = bowl.stationary_variance(lr, momentum, batch_size)
    error = math.sqrt(2 / WALKERS)  # of the ratio of variances, one standard deviation
    np.testing.assert_allclose((points**2).mean(0) / theory, 1, atol=3.5 * error)
    floor = bowl.floor(lr, momentum, batch_size)
    np.testing.assert_allclose(bowl.heights(points).mean() / floor, 1, atol=3.5 * error)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_formula_solves_the_equation_of_the_walk(momentum):
    """The covariance V of (w, v) obeys V = A V Aᵀ + N; no random numbers, no tolerance."""
    bowl, m, eta, s = quadratic((0.5, 2.0), noise=0.7), momentum, 0.6, 0.7 / math.sqrt(32)
    for lam, ours in zip(bowl.curvatures, bowl.stationary_variance(eta, m), strict=True):
        walk = np.array([[1 - eta * lam, -eta * m], [lam, m]])
        push = np.array([-eta * s, s])
        system = np.eye(4) - np.kron(walk, walk)
        variance = np.linalg.solve(system, np.kron(push, push))[0]
        assert ours == pytest.approx(variance, rel=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_grows_above_the_largest_stable_rate_and_only_there(momentum):
    bowl = ravine(start=(1.0, 1.0))
    edge = bowl.largest_stable_lr(momentum)
    below, above = (
        walked(bowl, lr, 4000, momentum, walkers=1) for lr in (0.99 * edge, 1.01 * edge)
    )
    assert np.abs(below).max() < 1e-2
    assert np.abs(above).max() > 1e2
    assert np.isfinite(bowl.stationary_variance(0.99 * edge, momentum)).all()
    assert np.isinf(bowl.stationary_variance(1.01 * edge, momentum)).any()


def test_rates_of_any_shape_have_their_floors():
    rates = np.array([[0.01, 0.02, 0.03], [0.04, 0.05, 0.06]])
    bowl = ravine(noise=1.0)
    assert bowl.stationary_variance(rates).shape == (2, 3, 2)
    assert bowl.floor(rates)[1, 2] == bowl.floor(0.06)
    assert (np.diff(bowl.floor(rates).ravel()) > 0).all()


@pytest.mark.parametrize(
    ("surface", "formula"),
    [
        (ravine(), lambda x, y: x**2 / 2 + 20 * y**2 / 2),
        (rosenbrock(), lambda x, y: (1 - x) ** 2 + 5 * (y - x**2) ** 2),
        (
            multi_well(),
            lambda x, y: sum(0.075 * w**2 + 0.3 * (1 - np.cos(3 * w)) for w in (x, y)),
        ),
    ],
)
def test_heights_are_those_of_the_formula_at_every_point_of_a_grid(surface, formula):
    xs, ys = np.linspace(-2, 2, 5), np.linspace(-1, 3, 4)
    heights = surface.heights(np.stack(np.meshgrid(xs, ys), axis=-1))
    np.testing.assert_allclose(heights, formula(xs[None], ys[:, None]), rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("batch_size", [1, 16])
def test_the_gradient_is_the_slope_plus_the_noise_of_a_batch(batch_size):
    surface = rosenbrock(noise=0.8)
    noise = surface.epoch(torch.Generator().manual_seed(3), batch_size)
    assert noise.std().item() == pytest.approx(0.8 / math.sqrt(batch_size), rel=0.2)
    w = torch.tensor([[-1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    surface.loss(w, noise[:1]).sum().backward()
    slope = torch.tensor([-2 * 2.0 + 20 * 1.0, 10.0])  # −2 (1 − x) − 4 b x (y − x²), 2 b (y − x²)
    torch.testing.assert_close(w.grad[0] - noise[0], slope.double(), rtol=1e-12, atol=1e-12)


def test_the_noise_goes_on_after_the_first_block():
    run = train(quadratic(), np.full((1, 250), 0.1), [0], Sgd(), keep_every=1)
    assert len(np.unique(run.weights)) == 250


def test_the_rim_of_the_deepest_well_is_where_downhill_changes_its_end():
    wells = multi_well(noise=0.0)
    inside, outside = wells.rim - 1e-3, wells.rim + 1e-3
    for start, deepest in (((inside, -inside), True), ((outside, 0.0), False)):
        end = walked(multi_well(noise=0.0, start=start), 0.05, 500, walkers=1)[0]
        assert wells.in_deepest_well(np.array(start)) == deepest
        assert (np.abs(end).max() < 1e-3) == deepest
    assert not wells.in_deepest_well(np.array([np.nan, 0.0]))


def test_a_decaying_rate_finds_the_deepest_well_more_often():
    wells, t = multi_well(), np.arange(400) / 400
    rates = {"constant": np.full(400, 0.5), "cosine": 0.25 * (1 + np.cos(np.pi * t))}
    share = {}
    for name, lrs in rates.items():
        run = train(wells, np.tile(lrs, (1000, 1)), range(1000), Sgd(), 1, chunk=1000)
        share[name] = wells.in_deepest_well(run.weights[:, -1]).mean()
    assert share["cosine"] > share["constant"] + 0.1


# Networks ------------------------------------------------------------------------------------


def double(shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def shaken(network, runs=2):
    starts = torch.stack([network.start(seed) for seed in range(runs)])
    return starts + 0.3 * double(starts.shape, 7)


def test_the_conv_net_is_three_layers_of_torch():
    network = ConvNet(channels=6)
    weights, x = shaken(network), double((2, 4, 40))

    def theirs(weights, x):
        p = {name: value[0] for name, value in network.unpacked(weights[None]).items()}
        x = x[:, None]
        for layer, kernel in enumerate((5, 3, 3)):
            conv = nn.Conv1d(x.shape[1], 6, kernel, stride=2, padding=kernel // 2).double()
            filters = p[f"weight {layer}"].view(-1, kernel, 6).permute(2, 0, 1)
            state = {"weight": filters, "bias": p[f"bias {layer}"][0]}
            x = torch.func.functional_call(conv, state, (x,)).relu()  # (B, 6, half the length)
        return x.transpose(1, 2).flatten(1) @ p["weight out"] + p["bias out"]

    expected = torch.stack([theirs(*each) for each in zip(weights, x, strict=True)])
    assert expected.shape == (2, 4, 10)
    assert expected.std() > 0.1
    torch.testing.assert_close(network.outputs(weights, x), expected, rtol=1e-9, atol=1e-12)


def torch_block(p, layer, norm, width, heads):
    """torch's TransformerEncoderLayer with the weights of one of our blocks."""
    block = nn.TransformerEncoderLayer(
        width, heads, 2 * width, dropout=0, batch_first=True, norm_first=norm == "pre"
    ).double()
    state = {
        "self_attn.in_proj_weight": p[f"{layer} look weight"].T,
        "self_attn.in_proj_bias": p[f"{layer} look bias"][0],
        "self_attn.out_proj.weight": p[f"{layer} merge weight"].T,
        "self_attn.out_proj.bias": p[f"{layer} merge bias"][0],
        "linear1.weight": p[f"{layer} widen weight"].T,
        "linear1.bias": p[f"{layer} widen bias"][0],
        "linear2.weight": p[f"{layer} narrow weight"].T,
        "linear2.bias": p[f"{layer} narrow bias"][0],
        "norm1.weight": p[f"{layer} attention gain"][0],
        "norm1.bias": p[f"{layer} attention shift"][0],
        "norm2.weight": p[f"{layer} thought gain"][0],
        "norm2.bias": p[f"{layer} thought shift"][0],
    }
    block.load_state_dict({name: value.detach() for name, value in state.items()})
    return block


@pytest.mark.parametrize("norm", ["post", "pre"])
@pytest.mark.parametrize("heads", [1, 4])
def test_the_transformer_is_made_of_the_encoder_layers_of_torch(norm, heads):
    network = Transformer(tokens=7, length=5, width=8, heads=heads, layers=3, norm=norm)
    weights = shaken(network)
    x = torch.randint(7, (2, 4, 5), generator=torch.Generator().manual_seed(1))
    mask = nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64)
    for run in range(2):
        p = {name: value[0] for name, value in network.unpacked(weights[run : run + 1]).items()}
        z = p["token"][x[run]] + p["place"]
        for layer in range(3):
            z = torch_block(p, layer, norm, 8, heads)(z, src_mask=mask)
        if norm == "pre":
            gain, shift = p["answer gain"][0], p["answer shift"][0]
            z = nn.functional.layer_norm(z, (8,), gain, shift)
        expected = z @ p["answer weight"] + p["answer bias"]
        assert expected.std() > 0.1
        ours = network.outputs(weights, x)[run]
        torch.testing.assert_close(ours, expected, rtol=1e-9, atol=1e-12)


def test_no_position_sees_what_comes_after_it():
    network = Transformer()
    weights = shaken(network, 1)
    x = torch.randint(10, (1, 1, 8), generator=torch.Generator().manual_seed(0))
    other = x.clone()
    other[..., 5] = (x[..., 5] + 1) % 10
    moved = (network.outputs(weights, x) != network.outputs(weights, other)).any(-1)[0, 0]
    assert moved.tolist() == [False] * 5 + [True] * 3


@pytest.mark.parametrize("network", [Mlp((40, 30, 10)), ConvNet(), Transformer(width=32)])
def test_layers_start_with_the_variance_of_their_recipe(network):
    weights = torch.stack([network.start(seed) for seed in range(20)])
    assert weights.dtype == torch.float64
    for name, drawn in network.unpacked(weights).items():
        inputs, outputs = drawn.shape[1:]
        if "bias" in name or "shift" in name:
            assert not drawn.any()
        elif name.endswith("gain"):
            assert (drawn == 1).all()
        else:
            xavier = 2 / (inputs + (outputs / 3 if "look" in name else outputs))
            variance = xavier if isinstance(network, Transformer) else 2 / inputs
            variance = {"token": 1.0, "place": 0.25}.get(name, variance)
            assert drawn.var().item() == pytest.approx(variance, rel=0.15)


def test_the_transformer_of_the_course_has_9354_weights():
    assert Transformer().start(0).shape == (9354,)  # counted by hand in the lesson


# Any module of torch -------------------------------------------------------------------------


def two_layers():
    return nn.Sequential(nn.Linear(40, 16), nn.ReLU(), nn.Linear(16, 10))


class SameStart(ModuleNetwork):
    """A module that starts where our own network starts."""

    def start(self, seed):
        w = [
            value[0]
            for value in Mlp((40, 16, 10)).unpacked(Mlp((40, 16, 10)).start(seed)[None]).values()
        ]
        return torch.cat([each.T.flatten() for each in w])


def test_a_module_trains_as_our_own_network_does():
    rates = np.full((3, 40), 0.1)
    options = {"train_size": 200, "test_size": 100, "dtype": torch.float64}
    ours = train(signals(**options, network=Mlp((40, 16, 10))), rates, [0, 1, 2])
    theirs = train(signals(**options, network=SameStart(two_layers)), rates, [0, 1, 2])
    assert np.ptp(ours.losses, axis=1).min() > 0.3
    np.testing.assert_allclose(theirs.losses, ours.losses, rtol=1e-9)
    np.testing.assert_allclose(theirs.test_losses, ours.test_losses, rtol=1e-9)


def test_a_module_starts_as_torch_starts_it_and_leaves_the_global_numbers_alone():
    torch.manual_seed(5)
    expected = torch.cat([each.detach().flatten() for each in two_layers().parameters()])
    torch.rand(3)  # elsewhere than where drawing from seed 5 ends
    before = torch.get_rng_state()
    network = ModuleNetwork(two_layers)
    assert torch.equal(network.start(5), expected.double())
    assert not torch.equal(network.start(6), network.start(5))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_module_can_be_sent_to_another_process():
    network = ModuleNetwork(two_layers)
    assert network.shapes["0.weight"] == (16, 40)
    again = pickle.loads(pickle.dumps(network))
    assert again == network
    assert torch.equal(again.start(3), network.start(3))


def test_batch_norm_of_the_batch_alone_is_accepted():
    def make():
        norm = nn.BatchNorm1d(8, track_running_stats=False)
        return nn.Sequential(nn.Linear(40, 8), norm, nn.ReLU(), nn.Linear(8, 10))

    problem = signals(300, 100, network=ModuleNetwork(make))
    run = train(problem, np.full((2, 100), 0.1), [0, 1])
    assert (run.losses[:, -10:].mean(1) < run.losses[:, :10].mean(1) - 0.3).all()


def test_buffers_of_a_module_follow_the_precision_of_the_weights():
    class Shifted(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(40, 10)
            self.register_buffer("mix", torch.eye(40) * 2)

        def forward(self, x):
            return self.layer(x @ self.mix)

    network, x = ModuleNetwork(Shifted), double((1, 3, 40))
    weights = network.start(0)[None]
    p = network.unpacked(weights)
    expected = 2 * x @ p["layer.weight"].mT + p["layer.bias"][:, None]
    torch.testing.assert_close(network.outputs(weights, x), expected, rtol=1e-12, atol=1e-12)


# Data ----------------------------------------------------------------------------------------


def slow_signals(y, rng):
    """The recipe of the package mnist1d, one signal after the other, with the same numbers."""
    n = len(y)
    zeros, factors, places = rng.integers(36, 61, n), rng.random(n), rng.integers(0, 48, n)
    slow, fast = rng.standard_normal((n, 72)), rng.standard_normal((n, 72))
    slopes, finished = rng.random(n), []
    for i in range(n):
        x = SHAPES[y[i]] - SHAPES[y[i]].mean()
        x = x / x.std()
        x = (x - x[0]) / 6 + 1e-8
        x = np.concatenate([x, np.zeros(zeros[i])])
        x = np.interp(np.linspace(0, 1, 72), np.linspace(0, 1, len(x)), x)
        x = x * (1 + 0.4 * (factors[i] - 0.5))
        x = np.concatenate([x[-places[i] :], x[: -places[i]]]) if places[i] else x
        x = np.where(x != 0, x, gaussian_filter1d(0.25 * slow[i], 2))
        x = x + 0.02 * fast[i]
        x = x - 0.75 * (slopes[i] - 0.5) * np.linspace(-0.5, 0.5, 72)
        finished.append(np.interp(np.linspace(0, 1, 40), np.linspace(0, 1, 72), x))
    return (np.array(finished) - np.mean(finished)) / np.std(finished)


def test_signals_are_those_of_the_slow_recipe():
    problem = signals(300, 200, seed=4, dtype=torch.float64)
    rng = np.random.default_rng(4)
    y = rng.permutation(np.arange(500) % 10)
    expected = slow_signals(y, rng)
    x = torch.cat([problem.x_train, problem.x_test]).numpy()
    np.testing.assert_allclose(x, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(torch.cat([problem.y_train, problem.y_test]), y)


@pytest.mark.parametrize("data", [digits, signals])
def test_label_noise_replaces_its_share_of_the_training_labels_and_no_others(data):
    clean, noisy = data(), data(label_noise=0.3)
    changed = (clean.y_train != noisy.y_train).double().mean().item()
    assert changed == pytest.approx(0.3 * 0.9, abs=0.04)  # one in ten is replaced by itself
    assert torch.equal(clean.y_test, noisy.y_test)
    assert torch.equal(clean.x_train, noisy.x_train)


def test_signals_of_another_seed_are_others():
    assert not torch.equal(signals(50, 50, seed=1).x_train, signals(50, 50).x_train)


@pytest.mark.parametrize("network", [Mlp((40, 10)), ConvNet(), ModuleNetwork(two_layers)])
def test_every_network_learns_the_signals(network):
    run = train(signals(1000, 2500, network=network), np.full((2, 300), 0.05), [0, 1])
    assert (run.test_accuracies[:, -1] > 0.2).all()  # guessing has 0.1


def test_the_test_set_may_be_answered_in_parts(monkeypatch):
    problem = signals(100, 250)
    weights = torch.stack([problem.start(0), problem.start(1)])
    whole = problem.test(weights)
    monkeypatch.setattr("lrcourse.experiments.problems.PART", 64)
    for name, values in problem.test(weights).items():
        torch.testing.assert_close(values, whole[name])


# Sequences -----------------------------------------------------------------------------------


def test_the_right_answer_is_the_token_before():
    problem = previous_token(test_size=3)

    class Copies(Transformer):
        """Answers 5 × one-hot of the token before, from weights that play no part."""

        def outputs(self, weights, x):
            before = torch.cat([x[..., :1], x[..., :-1]], dim=-1)
            return 5 * nn.functional.one_hot(before, 10).double() + 0 * weights.sum()

    perfect = type(problem)(problem.x_test, 10, Copies())
    tests = perfect.test(torch.zeros(1, 1))
    assert tests["accuracy"].tolist() == [1.0]
    assert tests["loss"].item() == pytest.approx(math.log(math.exp(5) + 9) - 5, rel=1e-6)


def test_sequences_are_fresh_and_belong_to_the_seed():
    problem = previous_token()
    drawn = problem.epoch(torch.Generator().manual_seed(1), 16)
    assert drawn.shape == (50, 16, 8)
    assert drawn.unique().tolist() == list(range(10))
    assert torch.equal(drawn, problem.epoch(torch.Generator().manual_seed(1), 16))
    assert len(torch.unique(drawn.flatten(0, 1), dim=0)) == 800


def test_a_post_norm_transformer_needs_warmup_and_a_pre_norm_one_does_not():
    seeds, t = range(400, 406), np.arange(300)
    without, warm = np.full(300, 0.03), 0.03 * np.minimum(t / 60, 1)
    rates = np.repeat([without, warm], len(seeds), axis=0)
    post = train(previous_token(), rates, [*seeds, *seeds], Adam(), 16)
    pre = train(previous_token(norm="pre"), rates[:2], seeds[:2], Adam(), 16)
    learned = (post.losses[:, -30:].mean(1) < 0.5).reshape(2, -1).sum(1)
    assert learned[0] == 0
    assert learned[1] >= 4
    assert np.abs(post.test_losses[:6, -1] - math.log(10)).max() < 0.3  # where guessing is
    assert (pre.test_accuracies[:, -1] > 0.99).all()


# Everywhere ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "problem",
    [
        signals(64, 32),
        signals(64, 32, network=ConvNet(2)),
        signals(64, 32, network=ModuleNetwork(two_layers)),
        previous_token(test_size=20, layers=1),
        previous_token(test_size=20, layers=1, norm="pre"),
        ravine(1.0),
        rosenbrock(),
        multi_well(),
    ],
    ids=lambda problem: f"{type(problem).__name__} {type(getattr(problem, 'network', 0)).__name__}",
)
class TestEveryProblem:
    def test_can_be_sent_to_another_process_and_does_the_same_there(self, problem):
        again = pickle.loads(pickle.dumps(problem))
        ours, theirs = (train(each, np.full((2, 5), 0.01), [0, 1]) for each in (problem, again))
        np.testing.assert_array_equal(ours.losses, theirs.losses)
        assert len(np.unique(ours.losses)) == 10

    def test_runs_know_nothing_of_each_other(self, problem):
        rates = np.full((3, 5), 0.01)
        run, alone = train(problem, rates, [0, 1, 2]), train(problem, rates[:1], [1])
        np.testing.assert_allclose(run.losses[1], alone.losses[0], rtol=1e-5)

    def test_all_tensors_follow_to_the_device(self, problem):
        there = problem.to("meta")
        tensors = [each for each in vars(there).values() if isinstance(each, torch.Tensor)]
        assert all(tensor.device.type == "meta" for tensor in tensors)
        weights = torch.stack([problem.start(0)] * 2).to("meta")
        seen = torch.stack([problem.epoch(torch.Generator(), 4)[0]] * 2).to("meta")
        assert there.loss(weights, seen).device.type == "meta"
        assert all(metric.device.type == "meta" for metric in there.test(weights).values())


def dropout():
    return nn.Sequential(nn.Linear(40, 10), nn.Dropout(0.1))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: quadratic((1, -1)), r"Quadratic: curvatures .* \(0, inf\), got -1"),
        (lambda: quadratic(1.0), r"Quadratic: curvatures .* as \(1, 20\), got 1.0"),
        (lambda: quadratic(()), r"Quadratic: curvatures .* got \(\)"),
        (lambda: quadratic((1, 2), start=(1,)), r"as many .* got \(1, 2\) and \(1,\)"),
        (lambda: ravine(noise=-1), r"Quadratic: noise .* got -1"),
        (lambda: ravine(start=(1, math.nan)), r"Quadratic: start .* got nan"),
        (lambda: multi_well(start=(1, 2, 3)), r"MultiWell: start .* two .* got \(1, 2, 3\)"),
        (lambda: rosenbrock(b=math.inf), r"Rosenbrock: b .* got inf"),
        (lambda: Mlp((40,)), r"Mlp: widths .* got \(40,\)"),
        (lambda: Mlp((40, 0, 10)), r"Mlp: widths .* got 0"),
        (lambda: ConvNet(0), r"ConvNet: channels .* got 0"),
        (lambda: Transformer(heads=3), r"Transformer: width .* heads=3, got 16"),
        (lambda: Transformer(norm="mid"), r"Transformer: norm .* post, pre, got 'mid'"),
        (lambda: previous_token(layers=0), r"Transformer: layers .* got 0"),
        (lambda: previous_token(test_size=0), r"previous_token: test_size .* got 0"),
        (lambda: previous_token(seed=-1), r"previous_token: seed .* got -1"),
        (lambda: signals(train_size=0), r"signals: train_size .* got 0"),
        (lambda: signals(label_noise=20), r"signals: label_noise .* \[0, 1\], got 20"),
        (lambda: signals(seed="a"), r"signals: seed .* got 'a'"),
        (lambda: signals(network=Mlp((64, 10))), r"signals: network .* \(40,\) into 10"),
        (lambda: signals(network=Mlp((40, 7))), r"signals: network .* gives the shape \(7,\)"),
        (lambda: signals(network=Transformer()), r"signals: network .* got Transformer\("),
        (lambda: signals(network=two_layers()), r"signals: network .* ModuleNetwork\(make\)"),
        (lambda: digits(network=ConvNet()), r"digits: network .* \(64,\) into 10"),
        (lambda: digits(widths=3), r"digits: widths .* got 3"),
        (lambda: digits(widths=(64,)), r"digits: widths .* got \(64,\)"),
        (lambda: digits(train_size="a"), r"digits: train_size .* got 'a'"),
        (lambda: ModuleNetwork(two_layers()), r"make must be a function .* lambda: torch.nn"),
        (lambda: ModuleNetwork(lambda: 3), r"make must return a module, got 3"),
        (lambda: ModuleNetwork(nn.ReLU), r"with parameters, got ReLU\(\)"),
        (lambda: ModuleNetwork(dropout), r"without dropout.* pass 0 to 1, Dropout"),
        (lambda: ModuleNetwork(lambda: nn.TransformerEncoderLayer(8, 2)), "without dropout"),
        (lambda: ModuleNetwork(lambda: nn.BatchNorm1d(8)), r"track_running_stats=False to the"),
        (lambda: ModuleNetwork(lambda: two_layers().requires_grad_(False)), "every parameter"),
    ],
)
def test_refuses_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)
