"""The range test: the same losses as a loop written by hand, and no trace on the user's side."""

import contextlib
import copy
import random
import signal

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from lrcourse.finder.ramps import ExponentialRamp, LinearRamp
from lrcourse.finder.sweep import RAMP, has_blown_up, range_test
from lrcourse.schedules import SCHEDULES, Constant, CosineDecay, Repeat, Schedule
from lrcourse.torch_scheduler import TorchScheduler
from lrcourse.user_training import stream

SHORT = ExponentialRamp(1e-3, 30, 24)
OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adamw": lambda p: torch.optim.AdamW(p, lr=torch.tensor(0.01), weight_decay=0.1),
}


def data(batches=5, size=16):
    draw = torch.Generator().manual_seed(4)
    x = torch.randn(batches * size, 6, generator=draw)
    return x, (x @ torch.randn(6, 3, generator=draw)).argmax(1)


def loader(size=16, **settings):
    return DataLoader(TensorDataset(*data()), size, shuffle=True, **settings)


def network():
    return nn.Sequential(
        nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 3)
    )


def training(name="momentum", warm=4):
    """A model and its optimizer in the middle of a training, the same in each call."""
    torch.manual_seed(0)
    model = network()
    optimizer = OPTIMIZERS[name](model.parameters())
    more(model, optimizer, warm)
    return model, optimizer


def more(model, optimizer, updates):
    """The losses of so many further updates on batches in random order."""
    losses = []
    while len(losses) < updates:
        for x, y in loader():
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


def state(model, optimizer):
    """All bits: weights, buffers, gradients, modes, the optimizer, and the random states."""
    tensors = [*model.parameters(), *model.buffers()]
    return (
        [t.detach().numpy().tobytes() for t in tensors],
        [None if p.grad is None else p.grad.numpy().tobytes() for p in model.parameters()],
        [module.training for module in model.modules()],
        [
            {k: v.numpy().tobytes() if isinstance(v, torch.Tensor) else v for k, v in each.items()}
            for each in optimizer.state.values()
        ],
        [{**group, "params": list(map(id, group["params"]))} for group in optimizer.param_groups],
        torch.get_rng_state().tolist(),
        random.getstate(),
        repr(np.random.get_state(legacy=False)),  # noqa: NPY002
    )


# The losses ------------------------------------------------------------------------------------


def by_hand(model, optimizer, batches, rates, repeats, stop_at=4.0):
    """The plain loop, on copies."""
    kept = max(0, 1 - 20 / len(rates))
    rows, epoch = np.full((repeats, len(rates)), np.nan), iter(batches)
    for row in rows:
        m, o = copy.deepcopy((model, optimizer))
        mean, lowest = 0.0, np.inf
        for t, rate in enumerate(rates):
            try:
                x, y = next(epoch)
            except StopIteration:
                epoch = iter(batches)
                x, y = next(epoch)
            for group in o.param_groups:
                is_tensor = isinstance(group["lr"], torch.Tensor)
                group["lr"] = torch.full_like(group["lr"], rate) if is_tensor else float(rate)
            o.zero_grad()
            loss = F.cross_entropy(m(x), y)
            if not torch.isfinite(loss):
                break
            row[t] = loss.item()
            mean = kept * mean + (1 - kept) * row[t]
            lowest = min(lowest, mean / (1 - kept ** (t + 1)))
            if mean / (1 - kept ** (t + 1)) > stop_at * lowest:
                break
            loss.backward()
            o.step()
    return rows


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_losses_are_those_of_the_plain_loop(name):
    model, optimizer = training(name)
    torch.manual_seed(7)
    expected = by_hand(model, optimizer, loader(), SHORT(np.arange(24)), repeats=3)
    torch.manual_seed(7)
    found = range_test(model, optimizer, nn.CrossEntropyLoss(), loader(), SHORT, repeats=3)
    np.testing.assert_array_equal(found.lrs, SHORT(np.arange(24)))
    np.testing.assert_array_equal(found.losses, expected)
    assert len(np.unique(found.losses[:, 0])) == 3  # other batches and dropout in each repeat


def test_a_sweep_stops_where_the_plain_loop_stops():
    model, optimizer = training("sgd")
    ramp = ExponentialRamp(0.01, 1e4, 40)
    torch.manual_seed(7)
    expected = by_hand(model, optimizer, loader(), ramp(np.arange(40)), repeats=2, stop_at=2.0)
    torch.manual_seed(7)
    found = range_test(model, optimizer, F.cross_entropy, loader(), ramp, repeats=2, stop_at=2)
    np.testing.assert_array_equal(found.losses, expected)
    measured = np.isfinite(found.losses).sum(1)
    assert (measured < 40).all()
    assert (measured > 5).all()


def test_a_function_of_model_and_batch_does_the_same_as_a_criterion():
    model, optimizer = training()

    def loss_fn(model, batch):
        x, y = batch
        return F.cross_entropy(model(x), y)

    def found(loss_fn):
        torch.manual_seed(3)
        return range_test(model, optimizer, loss_fn, loader(), SHORT).losses

    np.testing.assert_array_equal(found(loss_fn), found(nn.CrossEntropyLoss()))


@pytest.mark.parametrize(
    "make", [list, lambda it: lambda: iter(it), lambda it: lambda: (b for b in it)]
)
def test_batches_may_be_a_list_or_a_function(make):
    batches = [tuple(each) for each in loader()]
    model, optimizer = training()
    torch.manual_seed(7)
    expected = by_hand(model, optimizer, batches, SHORT(np.arange(24)), repeats=2)
    torch.manual_seed(7)
    found = range_test(model, optimizer, F.cross_entropy, make(batches), SHORT, repeats=2)
    np.testing.assert_array_equal(found.losses, expected)


def test_an_epoch_that_ends_is_followed_by_the_next():
    epochs = stream("range_test", [1, 2, 3])
    assert [next(epochs) for _ in range(7)] == [1, 2, 3, 1, 2, 3, 1]


def test_four_accumulated_batches_are_one_of_four_times_the_size():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3)).double()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    x, y = data(batches=8)
    small = [(a.double(), b) for a, b in zip(x.split(4), y.split(4), strict=True)]
    large = [(a.double(), b) for a, b in zip(x.split(16), y.split(16), strict=True)]
    ramp = ExponentialRamp(1e-3, 0.5, 30)
    apart = range_test(model, optimizer, F.cross_entropy, small, ramp, accumulate=4)
    whole = range_test(model, optimizer, F.cross_entropy, large, ramp)
    np.testing.assert_allclose(apart.losses, whole.losses, rtol=1e-12)
    assert whole.losses[0, -1] < 0.8 * whole.losses[0, 0]  # it moved


def test_groups_keep_their_ratio():
    model, _ = training()
    groups = [{"params": model[0].parameters(), "lr": 0.01}, {"params": model[4].parameters()}]
    optimizer, seen = torch.optim.SGD(groups, lr=torch.tensor(0.1)), []

    def loss_fn(model, batch):
        seen.append([float(group["lr"]) for group in optimizer.param_groups])
        return F.cross_entropy(model(batch[0]), batch[1])

    range_test(model, optimizer, loss_fn, loader(), SHORT, repeats=1, stop_at=100)
    rates = SHORT(np.arange(len(seen)))
    np.testing.assert_allclose(seen, np.stack([0.1 * rates, rates], 1), rtol=1e-6)


def test_groups_with_a_scale_get_what_the_scheduler_would_give():
    model, _ = training()
    groups = [
        {"params": model[0].parameters(), "lr_scale": 2.0},
        {"params": model[4].parameters(), "lr_scale": 0.5},
    ]
    optimizer, seen = torch.optim.SGD(groups, lr=0.1), []

    def loss_fn(model, batch):
        seen.append([group["lr"] for group in optimizer.param_groups])
        return F.cross_entropy(model(batch[0]), batch[1])

    range_test(model, optimizer, loss_fn, loader(), SHORT, repeats=1, stop_at=100)
    TorchScheduler(optimizer, SHORT)
    assert seen[0] == [group["lr"] for group in optimizer.param_groups]


def test_validation_is_measured_in_eval_mode_and_disturbs_nothing():
    model, optimizer = training()
    x, y = data()
    modes = []

    def validate(model):
        modes.append((model.training, torch.is_grad_enabled()))
        torch.rand(3)  # a shuffling loader draws, too
        return F.cross_entropy(model(x), y)

    def found(**settings):
        torch.manual_seed(3)
        return range_test(
            model, optimizer, F.cross_entropy, loader(), SHORT, stop_at=1000, **settings
        )

    with_it, without = found(validate=validate, validate_every=10), found()
    np.testing.assert_array_equal(with_it.losses, without.losses)
    assert with_it.val_steps.tolist() == [10, 20]
    assert with_it.val_losses.shape == (3, 2)
    assert np.isfinite(with_it.val_losses).all()
    assert len(np.unique(with_it.val_losses)) == 6
    assert set(modes) == {(False, False)}
    assert without.val_steps is None


def test_the_training_mode_is_taken_but_frozen_parts_stay_frozen():
    model, optimizer = training()
    modes = []

    def loss_fn(model, batch):
        modes.append((model.training, model[1].training, model[3].training))
        return F.cross_entropy(model(batch[0]), batch[1])

    model[1].eval()
    range_test(model, optimizer, loss_fn, loader(), SHORT, repeats=1)
    assert set(modes) == {(True, False, True)}
    model.eval()
    modes.clear()
    range_test(model, optimizer, loss_fn, loader(), SHORT, repeats=2)
    assert set(modes) == {(True, True, True)}
    assert not any(module.training for module in model.modules())


def test_a_negative_loss_has_not_blown_up_because_it_falls():
    assert not has_blown_up(-np.arange(1.0, 40), 100, 4.0)
    assert has_blown_up(np.array([-1.0] * 20 + [100.0] * 5), 100, 4.0)


# No trace --------------------------------------------------------------------------------------


class Stopped(Exception):
    """An error of the user's own."""


def swept(model, optimizer, batches, calls=None, error=None):
    """A range test that is stopped by the `calls`-th computation of the loss."""
    made = []

    def loss_fn(model, batch):
        made.append(1)
        if len(made) == calls:
            error()
        random.random(), np.random.rand()  # noqa: NPY002
        return F.cross_entropy(model(batch[0]), batch[1])

    return range_test(model, optimizer, loss_fn, batches, SHORT, repeats=2, stop_at=1000)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("warm", [0, 4])
def test_everything_is_as_before(name, warm):
    model, optimizer = training(name, warm)
    before = state(model, optimizer)
    swept(model, optimizer, loader())
    assert state(model, optimizer) == before


def fail():
    raise Stopped("of the user")


@pytest.mark.parametrize("calls", [1, 2, 3, 11, 24, 25, 26, 40])
def test_everything_is_as_before_after_an_error(calls):
    model, optimizer = training("adam")
    before = state(model, optimizer)
    with pytest.raises(Stopped, match="of the user") as failed:
        swept(model, optimizer, loader(), calls, fail)
    assert failed.traceback[-1].name == "fail"  # the user's own line is shown
    assert state(model, optimizer) == before


@pytest.mark.parametrize("calls", [1, 13, 30])
def test_everything_is_as_before_after_ctrl_c(calls):
    model, optimizer = training("adam")
    before = state(model, optimizer)
    with pytest.raises(KeyboardInterrupt):
        swept(model, optimizer, loader(), calls, lambda: signal.raise_signal(signal.SIGINT))
    assert state(model, optimizer) == before


@pytest.mark.parametrize("stop", [None, fail])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_training_goes_on_as_if_there_had_been_no_test(name, stop):
    def continued(tested):
        model, optimizer = training(name)
        own = torch.Generator().manual_seed(1)
        batches = loader(generator=own)
        if tested:
            with contextlib.suppress(Stopped):
                swept(model, optimizer, batches, 9, stop or (lambda: None))
        order = [y.tolist() for _, y in batches]
        return order, more(model, optimizer, 12), state(model, optimizer)[:4]

    assert continued(True) == continued(False)


def test_an_epoch_under_way_goes_on():
    model, optimizer = training()
    torch.manual_seed(2)
    expected = [y.tolist() for _, y in loader()]
    torch.manual_seed(2)
    under_way = iter(batches := loader())
    first = next(under_way)[1].tolist()
    swept(model, optimizer, batches)
    assert [first, *(y.tolist() for _, y in under_way)] == expected


def test_a_loader_with_persistent_workers_is_left_alone():
    model, optimizer = training()
    torch.manual_seed(2)
    under_way = iter(batches := loader(num_workers=1, persistent_workers=True))
    first = next(under_way)[1].tolist()
    swept(model, optimizer, batches)
    assert batches._iterator is under_way
    rest = [y.tolist() for _, y in under_way]
    torch.manual_seed(2)
    assert [first, *rest] == [y.tolist() for _, y in loader()]


def test_a_generator_of_the_user_is_kept_where_it_is_named():
    model, optimizer = training()
    own = torch.Generator().manual_seed(1)
    x, y = data()

    def batches():
        for rows in torch.randperm(len(x), generator=own).split(16):
            yield x[rows], y[rows]

    before = own.get_state()
    range_test(model, optimizer, F.cross_entropy, batches, SHORT, also=[own])
    assert torch.equal(own.get_state(), before)
    range_test(model, optimizer, F.cross_entropy, batches, SHORT)
    assert not torch.equal(own.get_state(), before)


def test_the_state_of_the_loss_is_kept():
    class Counting(nn.CrossEntropyLoss):
        calls = 0

        def forward(self, *arguments):
            self.calls += 1
            return super().forward(*arguments)

    model, optimizer = training()
    criterion = Counting()
    range_test(model, optimizer, criterion, loader(), SHORT)
    assert criterion.calls == 0


# Ramps -----------------------------------------------------------------------------------------


def test_ramps_go_from_the_first_rate_to_the_last():
    t = np.arange(100)
    np.testing.assert_allclose(
        ExponentialRamp(1e-6, 10, 100)(t), np.geomspace(1e-6, 10, 100), rtol=1e-12
    )
    np.testing.assert_allclose(LinearRamp(0.1, 0.3, 100)(t), np.linspace(0.1, 0.3, 100), rtol=1e-12)
    assert LinearRamp(0.1, 0.3, 100)(500) == pytest.approx(0.3)


def test_ramps_are_schedules_but_not_in_the_list():
    assert isinstance(RAMP, Schedule)
    assert not {"ExponentialRamp", "LinearRamp", "Ramp"} & SCHEDULES.keys()


@pytest.mark.parametrize("ramp", [ExponentialRamp, LinearRamp])
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((0.1, 0.1), "start_lr must lie below peak_lr=0.1, got 0.1; a range test rises"),
        ((0.2, 0.1), "start_lr must not exceed peak_lr=0.1, got 0.2"),
        ((0, 0.1), "start_lr (learning rate) must lie in (0, inf], got 0"),
        ((0.1, 1, 1), "steps (optimizer updates) must lie in [2, inf), got 1"),
    ],
)
def test_what_does_not_rise_is_no_ramp(ramp, values, words):
    with pytest.raises(ValueError, match="Ramp: ") as refused:
        ramp(*values)
    assert str(refused.value).replace("inf)", "inf]").endswith(words.replace("inf)", "inf]"))


# What is refused -------------------------------------------------------------------------------


def usual(**changed):
    """Arguments of a range test that would run, with some of them replaced."""
    model, optimizer = training()
    arguments = {
        "model": model,
        "optimizer": optimizer,
        "loss_fn": F.cross_entropy,
        "batches": loader(),
        "ramp": SHORT,
    }
    return arguments | changed


def with_scheduler(make):
    model, optimizer = training()
    kept = make(optimizer)
    return usual(model=model, optimizer=optimizer), kept


REFUSED = {
    "no model": ({"model": "mlp"}, "model must be a torch.nn.Module, got 'mlp'"),
    "nothing to train": ({"model": nn.ReLU()}, "the model (ReLU) has no parameter with"),
    "no optimizer": ({"optimizer": 0.1}, "optimizer must be a torch optimizer, got 0.1"),
    "no loss": ({"loss_fn": "mse"}, "loss_fn must be a criterion such as nn.CrossEntropyLoss()"),
    "a class": ({"loss_fn": nn.MSELoss}, "loss_fn is the class MSELoss; make one with MSELoss()"),
    "no ramp": ({"ramp": 0.1}, "ramp must be a schedule with an end, such as ExponentialRamp("),
    "endless": ({"ramp": Constant(0.1)}, "ramp must be a schedule with an end"),
    "short": (
        {"ramp": ExponentialRamp(1e-3, 1, 19)},
        "a sweep of 19 updates is too short to show a curve; give the ramp at least 20, better 400",
    ),
    "level": ({"ramp": Constant(0.1).lasting(30)}, "the rates of a ramp must lie above 0 and rise"),
    "falling": ({"ramp": CosineDecay(1, 50)}, "the rates of a ramp must lie above 0 and rise"),
    "saw": ({"ramp": Repeat(SHORT, 2)}, "the rates of a ramp must lie above 0 and rise"),
    "no repeats": ({"repeats": 0}, "repeats (a count) must lie in [1, inf), got 0"),
    "half a batch": ({"accumulate": 0.5}, "accumulate (a count) must be a whole number, got 0.5"),
    "stop at once": (
        {"stop_at": 1},
        "stop_at (times the lowest loss) must lie in (1, inf), got 1",
    ),
    "every": ({"validate_every": 3}, "validate_every needs validate"),
    "validate": ({"validate": 3}, "validate must be a function of the model, got 3"),
    "word": (
        {"validate": lambda model: "good", "repeats": 1},
        "validate must return one number, got a str",
    ),
    "empty": ({"batches": []}, "batches is empty; give a DataLoader"),
    "empty function": (
        {"batches": lambda: iter(())},
        "batches ended before the first batch: an epoch of <lambda> gave none; give a DataLoader",
    ),
    "returns none": ({"batches": lambda: None}, "<lambda> returned None; give a DataLoader"),
    "a number": ({"batches": 7}, "batches cannot be iterated, got an int; give a DataLoader"),
    "a dataset": ({"batches": TensorDataset(*data())}, "batches cannot be iterated, got a Tens"),
    "a tensor": ({"batches": torch.zeros(3, 6)}, "batches must hold many batches, got a tensor"),
    "one batch": ({"batches": data()}, "a criterion needs batches of (inputs, targets), got a te"),
    "three parts": (
        {"batches": [(1, 2, 3)]},
        "a criterion needs batches of (inputs, targets), got a tuple of 3; give a function of",
    ),
    "not reduced": (
        {"loss_fn": nn.CrossEntropyLoss(reduction="none")},
        "loss_fn must return one number, got a tensor of shape (16,); take its mean",
    ),
    "a float": (
        {"loss_fn": lambda model, batch: F.cross_entropy(model(batch[0]), batch[1]).item()},
        "loss_fn must return a tensor of one number, got a float",
    ),
    "detached": (
        {"loss_fn": lambda model, batch: F.cross_entropy(model(batch[0]), batch[1]).detach()},
        "the loss does not depend on a parameter that is trained",
    ),
    "nan": (
        {"loss_fn": lambda model, batch: model(batch[0]).sum() * torch.nan},
        "the loss of the first update is nan, before any weight has moved; look for NaN",
    ),
    "infinite": (
        {"loss_fn": lambda model, batch: model(batch[0]).sum() / 0},
        "the loss of the first update is",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_gets_one_sentence_and_nothing_changes(case):
    changed, words = REFUSED[case]
    arguments = usual(**changed)
    model, optimizer = arguments["model"], arguments["optimizer"]
    known = isinstance(model, nn.Sequential) and isinstance(optimizer, torch.optim.Optimizer)
    before = state(model, optimizer) if known else None
    with pytest.raises(ValueError, match=r"^range_test: ") as refused:
        range_test(**arguments)
    assert str(refused.value).startswith(f"range_test: {words}")
    assert "\n" not in str(refused.value)
    assert before is None or state(model, optimizer) == before


def test_an_iterator_is_refused_and_not_used_up():
    epoch = iter([1, 2, 3])
    with pytest.raises(ValueError, match=r"batches is an iterator .* used only once"):
        range_test(**usual(batches=epoch))
    assert list(epoch) == [1, 2, 3]


def test_a_function_that_gives_the_same_iterator_again_is_found_out():
    epoch = iter(list(loader()))
    with pytest.raises(ValueError, match=r"ended before the first batch.* a new one in each call"):
        range_test(**usual(batches=lambda: epoch))


@pytest.mark.parametrize(
    "make",
    [
        lambda o: torch.optim.lr_scheduler.StepLR(o, 3),
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 3),
        lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 1.0, 10),
        lambda o: TorchScheduler(o, CosineDecay(0.1, 10)),
    ],
)
def test_an_optimizer_with_a_scheduler_is_refused(make):
    arguments, scheduler = with_scheduler(make)
    before = state(arguments["model"], arguments["optimizer"])
    with pytest.raises(
        ValueError, match=r"a scheduler is attached .* before the scheduler is made"
    ):
        range_test(**arguments)
    assert state(arguments["model"], arguments["optimizer"]) == before
    assert scheduler.last_epoch == 0


def test_an_optimizer_of_another_model_is_refused():
    _, elsewhere = training()
    with pytest.raises(ValueError, match=r"\(SGD\) holds no trained parameter of this model"):
        range_test(**usual(optimizer=elsewhere))


def test_an_optimizer_that_needs_a_closure_is_refused():
    model, _ = training()
    lbfgs = torch.optim.LBFGS(model.parameters())
    with pytest.raises(ValueError, match="LBFGS needs a closure"):
        range_test(**usual(model=model, optimizer=lbfgs))


# From end to end -------------------------------------------------------------------------------


def test_a_model_that_does_not_learn_is_no_error_but_is_told():
    torch.manual_seed(0)
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    noise = [(torch.randn(64, 6), torch.randint(3, (64,))) for _ in range(40)]

    def loss_fn(model, batch):
        return 0 * model(batch[0]).sum() + 1.1  # the weights make no difference

    found = range_test(model, optimizer, loss_fn, noise)
    assert "No suggestion." in str(found)
    assert "does not learn at any rate from 1e-06 to 10" in str(found)


def test_a_usual_training_gets_a_suggestion_below_the_blow_up():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    found = range_test(model, optimizer, nn.CrossEntropyLoss(), loader())
    stopped = np.isfinite(found.losses).sum(1)
    assert (stopped < 400).all()
    assert 0.01 < found.suggestion.low <= found.suggestion.high < found.lrs[stopped.min()]
