"""The noise scale is the one that is known, and measuring it leaves no trace."""

import copy
import math
import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, TensorDataset

from lrcourse.batch_size import measure_noise_scale, noise_scale, signal_and_noise
from lrcourse.batch_size.measure import size_of, squared_norm
from lrcourse.experiments import digits, signals

# A gradient whose signal and noise are known -----------------------------------------------------

SIGNAL, DIMENSIONS = 4.0, 20


def gaussian_norms(rng, scale, small, group, repeats):
    """Squared norms of gradients with |G|² = 4 and tr(Σ) = 4 `scale`: (R,) and (R,)"""
    mean = np.eye(1, DIMENSIONS) * math.sqrt(SIGNAL)
    spread = math.sqrt(SIGNAL * scale / DIMENSIONS / small)
    batches = mean + spread * rng.normal(size=(repeats, group, DIMENSIONS))
    return (batches**2).sum(2).mean(1), (batches.mean(1) ** 2).sum(1)


@pytest.mark.parametrize("group", [2, 8])
def test_signal_and_noise_are_unbiased(group):
    rng = np.random.default_rng(0)
    norms = gaussian_norms(rng, 100, 8, group, 40_000)
    signal, noise = signal_and_noise(*norms, 8, 8 * group)
    for found, truth in ((signal, SIGNAL), (noise, 100 * SIGNAL)):
        error = found.std() / math.sqrt(len(found))
        assert found.mean() == pytest.approx(truth, abs=4 * error)
        assert error < 0.05 * truth  # or the line above would say nothing


@pytest.mark.parametrize(("small", "big"), [(1, 2), (8, 64), (30, 1000)])
def test_norms_without_chance_give_the_exact_answer(small, big):
    """E|g|² = |G|² + tr(Σ)/B"""
    small_norms, big_norms = ([4 + 120 / batch] * 4 for batch in (small, big))
    found = noise_scale(small_norms, big_norms, small, big)
    assert found.signal == pytest.approx(4)
    assert found.noise == pytest.approx(120)
    assert found.scale == pytest.approx(30)


@pytest.mark.parametrize(("scale", "repeats"), [(20, 8), (100, 24)])
def test_the_interval_holds_the_truth_in_95_of_100_measurements(scale, repeats):
    rng = np.random.default_rng(0)
    found = [noise_scale(*gaussian_norms(rng, scale, 8, 8, repeats), 8, 64) for _ in range(80)]
    held = np.mean([each.interval.low <= scale <= each.interval.high for each in found])
    assert held >= 0.89  # two and a half standard errors below 0.95
    assert np.median([each.interval.high / each.interval.low for each in found]) < 4


@pytest.mark.slow
@pytest.mark.parametrize("scale", [10, 100, 1000, 10_000])
@pytest.mark.parametrize("repeats", [8, 32])
def test_the_interval_is_honest_also_where_nothing_is_resolved(scale, repeats):
    rng = np.random.default_rng([scale, repeats])
    found = [noise_scale(*gaussian_norms(rng, scale, 8, 8, repeats), 8, 64) for _ in range(500)]
    held = np.mean([each.interval.low <= scale <= each.interval.high for each in found])
    assert held >= 0.91  # in 1500 it was 0.94 to 0.95; three standard errors below that
    assert np.mean([scale >= each.at_least for each in found]) >= 0.93


def test_the_ratio_is_of_means_and_not_a_mean_of_ratios():
    small, big = np.array([3.0, 9.0, 3.0, 9.0]), np.array([1.0, 5.0, 1.0, 5.0])
    signal, noise = signal_and_noise(small, big, 2, 8)
    found = noise_scale(small, big, 2, 8)
    assert found.scale == pytest.approx(noise.mean() / signal.mean())
    assert found.scale != pytest.approx((noise / signal).mean())


def test_linear_regression_has_the_scale_of_its_formula():
    """y = x·a with x ~ N(0, 1): at w the error e = a − w gives G = −e and tr(Σ) = (D + 1)|e|²,
    so the scale is D + 1 everywhere."""
    rng, dimensions = torch.Generator().manual_seed(0), 12
    torch.manual_seed(0)
    model = nn.Linear(dimensions, 1, bias=False).double()

    def loss(model, x):
        return 0.5 * model(x).square().mean()

    def fresh():
        while True:
            yield torch.randn(8, dimensions, generator=rng, dtype=torch.float64)

    found = measure_noise_scale(model, loss, fresh, repeats=60)
    assert found.interval.low < dimensions + 1 < found.interval.high
    assert found.interval.high < 2 * found.interval.low


# What is said ------------------------------------------------------------------------------------


def measured_norms(scale, repeats=16, seed=0, **options):
    rng = np.random.default_rng(seed)
    return noise_scale(*gaussian_norms(rng, scale, 8, 8, repeats), 8, 64, **options)


def test_says_the_number_and_where_it_was_measured():
    text = str(measured_norms(50, t=300, loss=0.8312))
    assert text.startswith("noise scale: ")
    assert "] examples (16 groups of 8 batches of 8, after 300 updates, at a loss of 0.831)" in text
    assert "it grows during training" not in text
    assert "it grows during training" in str(measured_norms(50))


def test_more_confidence_needs_a_wider_interval():
    sure, wide = measured_norms(50).interval, measured_norms(50, confidence=0.99).interval
    assert wide.low < sure.low < sure.high < wide.high
    assert wide.mean == sure.mean


def test_a_lost_signal_is_no_number_but_at_least_one():
    found = measured_norms(20_000, seed=0)
    assert not found.is_resolved
    assert found.at_least < 20_000
    lost = noise_scale([9.0, 9.5, 9.2, 9.9], [1.0, 1.1, 1.1, 0.9], 8, 64)
    assert (lost.scale, lost.is_resolved, lost.at_least) == (math.inf, False, 64)
    for text in (str(found), str(lost)):
        assert "at least" in text.splitlines()[0]
        assert "the signal is lost in the noise of 64 examples" in text
    assert "inf" not in str(lost)


def test_no_noise_is_a_scale_of_zero():
    found = noise_scale([4.0] * 4, [4.0] * 4, 8, 64)
    assert (found.scale, found.noise, found.signal) == (0, 0, 4)
    below = noise_scale([4.0] * 4, [4.0, 4.1, 4.2, 4.1], 8, 64)  # by chance
    assert (below.noise < 0, below.scale, below.interval.low) == (True, 0, 0)


# A model of torch --------------------------------------------------------------------------------


def small_network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(40, 32), nn.ReLU(), nn.Linear(32, 10))


def data_of(problem):
    return TensorDataset(problem.x_train, problem.y_train)


def trained(model, dataset, updates, lr=0.05):
    optimizer = torch.optim.SGD(model.parameters(), lr)
    for _, (x, y) in zip(range(updates), DataLoader(dataset, 16, shuffle=True), strict=False):
        optimizer.zero_grad()
        functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return model


def exact_scale(model, dataset):
    """tr(Σ)/|G|² over the training set, example by example."""
    rows = []
    for x, y in dataset:
        loss = functional.cross_entropy(model(x[None]), y[None])
        grads = torch.autograd.grad(loss, list(model.parameters()))
        rows.append(torch.cat([grad.flatten() for grad in grads]))
    rows = torch.stack(rows).double()
    return float(rows.var(0).sum() / rows.mean(0).square().sum())


@pytest.mark.parametrize("updates", [0, 100])
def test_a_network_has_the_scale_of_its_single_examples(updates):
    dataset = data_of(signals(train_size=2000))
    model = trained(small_network(), dataset, updates)
    loader = DataLoader(dataset, 16, shuffle=True)
    found = measure_noise_scale(model, nn.CrossEntropyLoss(), loader, repeats=60, t=updates)
    inside = found.within(len(dataset))
    truth = exact_scale(model, dataset)
    assert inside.interval.low < truth < inside.interval.high
    assert inside.interval.high < 3 * inside.interval.low
    assert inside.scale < found.scale


@pytest.mark.slow
@pytest.mark.parametrize("updates", [0, 30, 300])
@pytest.mark.parametrize("make", [digits, signals])
def test_the_interval_of_a_network_holds_in_95_of_100_measurements(make, updates):
    dataset = data_of(make(train_size=1200))
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(dataset[0][0].numel(), 16), nn.ReLU(), nn.Linear(16, 10))
    trained(model, dataset, updates)
    truth, held = exact_scale(model, dataset), []
    for seed in range(60):
        torch.manual_seed(seed)
        loader = DataLoader(dataset, 16, shuffle=True)
        found = measure_noise_scale(model, nn.CrossEntropyLoss(), loader, repeats=24)
        inside = found.within(len(dataset)).interval
        held.append(inside.low <= truth <= inside.high)
    assert np.mean(held) >= 0.87


def test_batches_of_an_epoch_measure_fresh_data_and_within_the_set_it_is_smaller():
    """Without putting back: E|g_B|² = |G|² + tr(Σ)/B − tr(Σ)/N, counted over all batches."""
    rng, N = np.random.default_rng(0), 24
    gradients = rng.normal(0.3, 1, size=(N, 3))
    G, noise = gradients.mean(0) @ gradients.mean(0), gradients.var(0, ddof=1).sum()
    small, big = [], []
    for _ in range(4000):
        batches = rng.permutation(gradients)[:16].reshape(4, 4, 3).mean(1)
        small.append((batches**2).sum(1).mean())
        big.append((batches.mean(0) ** 2).sum())
    found = noise_scale(small, big, 4, 16)
    assert found.noise == pytest.approx(noise, rel=0.03)
    assert found.signal == pytest.approx(G - noise / N, abs=0.03)
    assert found.within(N).scale == pytest.approx(noise / G, rel=0.1)
    assert found.within(10**9).scale == pytest.approx(found.scale)


def test_both_faces_of_the_loss_measure_the_same():
    dataset, model = data_of(signals(train_size=1000)), small_network()
    loader = DataLoader(dataset, 8)
    criterion = measure_noise_scale(model, nn.CrossEntropyLoss(), loader, repeats=8)

    def loss_of(model, batch):
        return functional.cross_entropy(model(batch["x"]), batch["y"])

    batches = [{"x": x, "y": y} for x, y in loader]
    for form in (batches, lambda: iter(batches)):
        found = measure_noise_scale(model, loss_of, form, repeats=8)
        assert found.interval == criterion.interval


class Busy(nn.Module):
    """Has everything that a measurement could leave behind."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(40, 16), nn.BatchNorm1d(16), nn.Dropout(0.2))
        self.head, self.unused = nn.Linear(16, 10), nn.Linear(3, 3)
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return self.head(self.body(x))


def state_of(model):
    """Everything of a model that training could see."""
    gradients = {name: each.grad for name, each in model.named_parameters()}
    modes = {name: each.training for name, each in model.named_modules()}
    return copy.deepcopy((model.state_dict(), gradients, modes, model.calls))


def luck():
    return torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002


def same(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return torch.equal(a, b) if isinstance(a, torch.Tensor) else bool(np.all(a == b))


@pytest.mark.parametrize("end", ["done", "failed"])
def test_nothing_of_the_user_is_changed(end):
    model = Busy()
    functional.cross_entropy(model(torch.randn(8, 40)), torch.arange(8)).backward()
    generator = torch.Generator().manual_seed(3)
    dataset = data_of(signals(train_size=400))
    loader = DataLoader(dataset, 8, shuffle=True, generator=generator)
    before, chance, drawn = state_of(model), luck(), generator.get_state()
    seen = []

    def loss_of(model, batch):
        seen.append(state_of(model))
        if end == "failed" and len(seen) > 20:
            raise RuntimeError("out of memory")
        return functional.cross_entropy(model(batch[0]), batch[1])

    try:
        measure_noise_scale(model, loss_of, loader, repeats=5)
    except RuntimeError:
        assert end == "failed"
    assert not same(seen[-1], before)  # the buffers did move
    assert same(state_of(model), before)
    assert same(luck(), chance)
    assert torch.equal(generator.get_state(), drawn)


def test_a_model_without_gradients_still_has_none():
    model = small_network()
    loader = DataLoader(data_of(signals(train_size=400)), 8)
    with torch.no_grad():
        measure_noise_scale(model, nn.CrossEntropyLoss(), loader, repeats=5)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_parameters_that_are_not_used_change_nothing():
    model = small_network()
    loader = DataLoader(data_of(signals(train_size=400)), 8)
    alone = measure_noise_scale(model, nn.CrossEntropyLoss(), loader, repeats=6)
    model.unused = nn.Linear(3, 3)

    def loss_of(model, batch):
        return functional.cross_entropy(model[2](model[1](model[0](batch[0]))), batch[1])

    assert measure_noise_scale(model, loss_of, loader, repeats=6).interval == alone.interval


def test_sparse_gradients_are_gradients():
    words = torch.randint(9, (48, 8, 5), generator=torch.Generator().manual_seed(0))
    found = []
    for sparse in (False, True):
        torch.manual_seed(0)
        model = nn.Embedding(9, 4, sparse=sparse)
        loss = lambda model, batch: model(batch).sin().mean()  # noqa: E731
        found.append(measure_noise_scale(model, loss, list(words), group=4))
    assert found[0].scale == pytest.approx(found[1].scale, rel=1e-4)


def test_a_norm_of_half_precision_does_not_overflow():
    assert squared_norm([torch.full((4,), 300.0, dtype=torch.float16)]) == 4 * 300**2


def test_the_loss_is_the_mean_over_the_batches_that_were_seen():
    model, loader = small_network(), DataLoader(data_of(signals(train_size=320)), 8)
    found = measure_noise_scale(model, nn.CrossEntropyLoss(), loader, group=5)
    x, y = loader.dataset.tensors
    assert found.loss == pytest.approx(functional.cross_entropy(model(x), y).item(), rel=1e-5)


def test_frozen_parameters_are_not_in_the_gradient():
    dataset, model = data_of(signals(train_size=800)), small_network()
    loader = DataLoader(dataset, 8)
    whole = measure_noise_scale(model, nn.CrossEntropyLoss(), loader, repeats=8)
    for parameter in model[0].parameters():
        parameter.requires_grad_(False)
    head = measure_noise_scale(model, nn.CrossEntropyLoss(), loader, repeats=8)
    assert head.signal < whole.signal


# Batches -----------------------------------------------------------------------------------------

LOSS = nn.CrossEntropyLoss()


def loader_of(examples, batch, **options):
    return DataLoader(data_of(signals(train_size=examples)), batch, **options)


def test_a_loader_that_shuffles_goes_on_for_epochs_and_others_do_not():
    shuffled = measure_noise_scale(small_network(), LOSS, loader_of(400, 8, shuffle=True))
    assert len(shuffled.signals) == 32
    assert len(set(shuffled.signals)) == 32
    for batches in (loader_of(400, 8), list(loader_of(400, 8))):
        once = measure_noise_scale(small_network(), LOSS, batches)
        assert len(once.signals) == 400 // 64
        assert "6 groups instead of 32" in str(once)
    assert "instead of" not in str(shuffled)


def test_a_loader_that_does_not_shuffle_is_read_once():
    dataset, taken = data_of(signals(train_size=400)), []  # a count in the loader is put back

    class Counting(Dataset):
        def __len__(self):
            return len(dataset)

        def __getitem__(self, i):
            taken.append(i)
            return dataset[i]

    measure_noise_scale(small_network(), LOSS, DataLoader(Counting(), 8))
    assert taken == list(range(400))


def test_a_list_is_read_once():
    class CountingList(list):
        epochs = 0

        def __iter__(self):
            self.epochs += 1
            return super().__iter__()

    batches = CountingList(loader_of(400, 8))
    measure_noise_scale(small_network(), LOSS, batches)
    assert batches.epochs == 1


def test_a_function_that_repeats_itself_is_noticed():
    batches = list(loader_of(400, 8))
    once = measure_noise_scale(small_network(), LOSS, lambda: iter(batches))
    assert len(once.signals) == 400 // 64


def test_no_group_reaches_over_the_end_of_an_epoch():
    """One pass has 9 batches: 2 groups of 4, and the ninth is left."""
    starts = []

    def epoch():
        starts.append(0)
        for batch in loader_of(72, 8, shuffle=True):
            starts[-1] += 1
            yield batch

    measure_noise_scale(small_network(), LOSS, epoch, group=4, repeats=6)
    assert starts == [9, 9, 8]


def test_a_last_batch_of_another_size_is_left_out_and_said():
    odd = loader_of(405, 8)
    found = measure_noise_scale(small_network(), LOSS, odd)
    even = measure_noise_scale(small_network(), LOSS, list(odd)[:-1])
    assert found.interval == even.interval
    assert "1 batches of another size than 8 were left out" in str(found)


def test_the_size_may_be_given_where_it_cannot_be_seen():
    class Opaque:
        def __init__(self, batch):
            self.batch = batch

    def loss_of(model, opaque):
        return functional.cross_entropy(model(opaque.batch[0]), opaque.batch[1])

    batches = [Opaque(batch) for batch in loader_of(400, 8)]
    found = measure_noise_scale(small_network(), loss_of, batches, batch_size=8)
    assert (found.small, found.big) == (8, 64)
    assert found.interval == measure_noise_scale(small_network(), LOSS, loader_of(400, 8)).interval


def test_the_size_is_that_of_the_first_thing_that_has_one():
    assert size_of({"name": "a", "x": torch.zeros(8, 2), "weights": torch.zeros(3)}) == 8
    assert size_of((5, [np.zeros((4, 2)), torch.zeros(3)])) == 4


def test_what_makes_a_gradient_unusual_is_said():
    text = str(measure_noise_scale(Busy(), LOSS, loader_of(400, 8), t=0))
    assert "BatchNorm mixes the examples" in text
    assert "dropout was on" in text
    within = measure_noise_scale(Busy(), LOSS, loader_of(400, 8), t=0).within(400)
    assert "dropout was on" in str(within)
    assert "on the same 400 examples" in str(within)
    calm = str(measure_noise_scale(Busy().eval(), LOSS, loader_of(400, 8), t=0))
    assert "in eval mode" in calm
    assert "BatchNorm mixes" not in calm
    assert "dropout was on" not in calm


def test_the_scale_grows_during_training():
    dataset = data_of(signals(train_size=2000))
    scales = []
    for updates in (0, 100):
        model = trained(small_network(), dataset, updates)
        loader = DataLoader(dataset, 16, shuffle=True)
        scales.append(measure_noise_scale(model, LOSS, loader, t=updates))
    assert scales[0].interval.high < scales[1].interval.low
    assert scales[1].loss < scales[0].loss


# What is refused ---------------------------------------------------------------------------------


def measure(model=None, loss_fn=LOSS, batches=None, **options):
    model = small_network() if model is None else model
    batches = loader_of(400, 8) if batches is None else batches
    return measure_noise_scale(model, loss_fn, batches, **options)


def frozen():
    model = small_network()
    return model.requires_grad_(False)


def poisoned():
    model = small_network()
    with torch.no_grad():
        model[0].weight[:] = math.nan
    return model


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: noise_scale([1, 2, 3, 4], [1, 2, 3, 4], 64, 8), "small must be below big=8"),
        (lambda: noise_scale([1.0], [1.0], 8, 64), r"at least 4 repeats, .* the shape \(1,\)"),
        (lambda: noise_scale([1] * 4, [1] * 5, 8, 64), "4 small_norms and 5 big_norms"),
        (lambda: noise_scale([1, 2, 3, math.nan], [1] * 4, 8, 64), "finite .* got nan; a loss"),
        (lambda: noise_scale([1, 2, 3, -1], [1] * 4, 8, 64), "at least 0, got -1.0"),
        (lambda: noise_scale("abcd", [1] * 4, 8, 64), "must be numbers, got 'abcd'"),
        (lambda: noise_scale([0] * 4, [0] * 4, 8, 64), "every gradient is 0"),
        (lambda: measure(model="net"), "model must be a torch.nn.Module, got 'net'"),
        (lambda: measure(model=frozen()), "no parameter with requires_grad=True"),
        (lambda: measure(model=poisoned()), "the loss is nan, .* before the training diverges"),
        (lambda: measure(loss_fn="mse"), "loss_fn must be a criterion .* got 'mse'"),
        (lambda: measure(loss_fn=nn.CrossEntropyLoss), "loss_fn is the class CrossEntropyLoss; "),
        (
            lambda: measure(loss_fn=nn.CrossEntropyLoss(reduction="sum")),
            "the mean over the batch, got reduction='sum'",
        ),
        (lambda: measure(loss_fn=lambda model, batch: 1.0), "a tensor of one number, got a float"),
        (lambda: measure(loss_fn=lambda m, b: m(b[0])), "must return one number, got a tensor"),
        (
            lambda: measure(loss_fn=lambda m, b: m(b[0]).detach().sum()),
            "does not depend on a parameter that is trained",
        ),
        (lambda: measure(batches=iter(loader_of(400, 8))), "batches is an iterator"),
        (lambda: measure(batches=(batch for batch in [1])), "batches is an iterator"),
        (lambda: measure(batches=7), "batches cannot be iterated, got an int"),
        (lambda: measure(batches=[]), "batches is empty; give a DataLoader"),
        (lambda: measure(batches=lambda: iter([])), "gave no batch at all"),
        (lambda: measure(batches=[torch.zeros(8, 40)] * 40), "needs batches of .inputs, targets."),
        (lambda: measure(batches=[3, 4], loss_fn=lambda m, b: 1), "cannot be seen in 3; give"),
        (lambda: measure(group=20), "2 different groups of 20 batches of 8, .* a smaller group"),
        (lambda: measure(batches=loader_of(40, 8, shuffle=True)), "0 different groups of 8"),
        (lambda: measure(group=1), r"group .* \[2, inf\), got 1"),
        (lambda: measure(repeats=2), r"repeats .* \[4, inf\), got 2"),
        (lambda: measure(t=-1), "t .* got -1"),
    ],
)
def test_refuses_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)
