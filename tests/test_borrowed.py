"""What was lent comes back bit by bit: whatever was done to it, and however the block ended."""

import copy
import linecache
import random
import signal
import sys
import threading
from collections import Counter, deque
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

import lrcourse.borrowed
from lrcourse.borrowed import borrowed

OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, amsgrad=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=torch.tensor(0.01), fused=True),
    "lbfgs": lambda p: torch.optim.LBFGS(p, lr=0.1),
}


class Restless(nn.Module):
    """A model that keeps state wherever a module can."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5))
        self.head = nn.Linear(8, 3)
        self.frozen = nn.Linear(2, 2).requires_grad_(False)
        self.tied = self.head.weight
        self.register_buffer("mean", torch.zeros(8))
        self.register_buffer("unsaved", torch.ones(2), persistent=False)
        self.register_buffer("wide", torch.tensor([1.0]).expand(3))  # three numbers in one place
        self.calls = 0
        self.hidden = torch.zeros(8)
        self.seen = [1, {"deep": torch.zeros(2)}]
        self.last = deque([1, 2], maxlen=3)
        self.table = np.arange(3.0)
        self.rng = np.random.default_rng(3)
        self.vault = SimpleNamespace(secret=5)  # nobody looks into other objects

    def get_extra_state(self):
        return {"secret": self.vault.secret}

    def set_extra_state(self, state):
        self.vault.secret = state["secret"]

    def forward(self, x):
        h = self.body(x)
        self.mean = 0.9 * self.mean + 0.1 * h.detach().mean(0)  # a new tensor under the name
        self.unsaved.add_(1)
        self.calls += 1
        self.hidden = h.detach()[0]
        self.seen.append(self.calls)
        self.seen[1]["deep"].add_(self.rng.normal())
        self.last.append(self.calls)
        self.table[0] += 1
        self.vault.secret += 1
        return self.head(h)


def batch():
    return torch.randn(16, 4), torch.randint(3, (16,))


def update(model, optimizer):
    x, y = batch()

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        return loss

    return optimizer.step(closure).item()


def made(name="adam", warm=3):
    """A model and its optimizer, in the middle of a training."""
    torch.manual_seed(1)
    model = Restless()
    optimizer = OPTIMIZERS[name]([p for p in model.parameters() if p.requires_grad])
    for _ in range(warm):
        update(model, optimizer)
    return model, optimizer


def plain(thing):
    """Everything that a thing holds, as bytes and plain values that can be compared."""
    if isinstance(thing, torch.Tensor):
        grad = plain(thing.grad) if thing.is_leaf else None
        return (id(thing), thing.detach().numpy().tobytes(), thing.requires_grad, grad)
    if isinstance(thing, np.ndarray):
        return id(thing), thing.tobytes()
    if isinstance(thing, dict):
        return id(thing), [(k if isinstance(k, str) else id(k), plain(v)) for k, v in thing.items()]
    if isinstance(thing, list | tuple | set | deque):
        return id(thing), [plain(each) for each in thing]
    if isinstance(thing, nn.Module | torch.optim.Optimizer):
        return id(thing), plain(vars(thing))
    if isinstance(thing, SimpleNamespace):
        return repr(thing)
    if isinstance(thing, np.random.Generator):
        return plain_state(thing.bit_generator.state)
    return thing


def plain_state(state):
    return repr(state)


def luck():
    return (
        random.getstate(),
        plain_state(np.random.get_state(legacy=False)),  # noqa: NPY002
        torch.get_rng_state().numpy().tobytes(),
    )


def everything(model, optimizer):
    return plain(model), plain(optimizer), luck()


def damage(model, optimizer):
    """Much more than a training does."""
    update(model, optimizer)
    random.random(), np.random.rand()  # noqa: NPY002
    model.eval()
    model.body[1].train()
    model.frozen.requires_grad_(True)
    model.head.bias.grad = None
    model.head.weight.data = torch.full((3, 8), torch.nan)
    model.wide = torch.zeros(3)
    model.extra = nn.Linear(1, 1)
    model.register_buffer("more", torch.zeros(1))
    del model.hidden
    with torch.no_grad():
        model.body[0].weight.fill_(torch.inf)
    optimizer.param_groups[0]["weight_decay"] = 0.7
    optimizer.param_groups[0]["new"] = 1
    optimizer.add_param_group({"params": [nn.Parameter(torch.zeros(1))]}) if not isinstance(
        optimizer, torch.optim.LBFGS
    ) else None


@pytest.mark.parametrize("warm", [0, 3])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_everything_comes_back(name, warm):
    model, optimizer = made(name, warm)
    before = everything(model, optimizer)
    with borrowed(model, optimizer):
        damage(model, optimizer)
        assert everything(model, optimizer) != before
    assert everything(model, optimizer) == before


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_training_goes_on_as_if_nothing_had_been(name):
    def trained(disturb):
        model, optimizer = made(name)
        if disturb:
            with borrowed(model, optimizer):
                damage(model, optimizer)
        return [update(model, optimizer) for _ in range(5)]

    assert trained(True) == trained(False)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_everything_comes_back_after_an_error(error):
    model, optimizer = made()
    before = everything(model, optimizer)
    with pytest.raises(error), borrowed(model, optimizer):  # noqa: PT012  all of it matters
        damage(model, optimizer)
        raise error
    assert everything(model, optimizer) == before


def test_bits_of_nan_and_of_half_precision_come_back():
    model = nn.Linear(3, 3).bfloat16()
    with torch.no_grad():
        model.weight.view(torch.int16)[0] = torch.tensor([0x7FC1, 0x7F81, -0x8000])  # NaNs, -0
    bits = model.weight.detach().view(torch.int16).clone()
    with borrowed(model), torch.no_grad():
        model.weight.zero_()
    assert torch.equal(model.weight.detach().view(torch.int16), bits)


def test_tensors_that_share_a_memory_still_do():
    model = nn.LSTM(2, 3)
    flat = torch.arange(float(sum(p.numel() for p in model.parameters())))
    start = 0
    for p in model.parameters():
        p.data = flat[start : start + p.numel()].view_as(p)
        start += p.numel()
    with borrowed(model), torch.no_grad():
        for p in model.parameters():
            p.zero_()
        assert not flat.any()
    assert torch.equal(flat, torch.arange(float(len(flat))))
    assert model.weight_ih_l0.data_ptr() == flat.data_ptr()


def test_a_sparse_gradient_comes_back():
    model = nn.Embedding(5, 2, sparse=True)
    model(torch.tensor([1, 3])).sum().backward()
    gradient, before = model.weight.grad, model.weight.grad.to_dense()
    with borrowed(model):
        model.weight.grad.mul_(7)
        model.weight.grad = None
    assert model.weight.grad is gradient
    assert torch.equal(gradient.to_dense(), before)


def test_a_scheduler_still_holds_the_groups():
    model, optimizer = made("momentum")
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    groups = list(optimizer.param_groups)
    with borrowed(model, optimizer, scheduler):
        optimizer.step()
        scheduler.step()
        optimizer.param_groups[:] = [dict(group) for group in groups]
    assert all(now is then for now, then in zip(optimizer.param_groups, groups, strict=True))
    assert scheduler.last_epoch == 0
    assert groups[0]["lr"] == 0.1


def test_reset_goes_back_in_the_middle_but_chance_goes_on():
    model, optimizer = made()
    before = plain(model)[1], plain(optimizer)
    weights = copy.deepcopy(model.state_dict())
    with borrowed(model, optimizer) as loan:
        losses = []
        for _ in range(3):
            losses.append(update(model, optimizer))
            loan.reset()
            assert torch.equal(model.head.weight, weights["head.weight"])
        assert plain(optimizer) == before[1]
    assert len(set(losses)) == 3  # other batches, other dropout


# What else is kept -----------------------------------------------------------------------------


GENERATORS = {
    "torch": (lambda: torch.Generator().manual_seed(5), lambda g: torch.rand(3, generator=g)),
    "numpy": (lambda: np.random.default_rng(5), lambda g: g.normal(size=3)),
    "old numpy": (lambda: np.random.RandomState(5), lambda g: g.normal(size=3)),
    "python": (lambda: random.Random(5), lambda g: [g.gauss(0, 1) for _ in range(3)]),
}


@pytest.mark.parametrize("kind", GENERATORS)
def test_generators_draw_the_same_again(kind):
    make, draw = GENERATORS[kind]
    expected = list(draw(make()))
    generator = make()
    with borrowed(nn.Linear(1, 1), None, generator):
        assert list(draw(generator)) == expected
    assert list(draw(generator)) == expected


def loaders():
    data = TensorDataset(torch.arange(12.0))
    own = torch.Generator().manual_seed(2)
    yield "no generator", DataLoader(data, 4, shuffle=True)
    yield "of the loader", DataLoader(data, 4, shuffle=True, generator=own)
    yield "of the sampler", DataLoader(data, 4, sampler=RandomSampler(data, generator=own))
    batched = torch.utils.data.BatchSampler(RandomSampler(data, generator=own), 4, False)
    yield "below the batch sampler", DataLoader(data, batch_sampler=batched)
    yield "counting sampler", DataLoader(data, 4, sampler=Rotating(data))
    yield "augmented", DataLoader(Noisy(data), 4)


class Rotating(torch.utils.data.Sampler):
    """Starts one later in each epoch."""

    def __init__(self, data):
        self.data, self.epoch = data, 0

    def __iter__(self):
        self.epoch += 1
        return iter(np.roll(np.arange(len(self.data)), self.epoch).tolist())

    def __len__(self):
        return len(self.data)


class Noisy(torch.utils.data.Dataset):
    """Draws from a generator of its own."""

    def __init__(self, data):
        self.data, self.rng = data, np.random.default_rng(0)

    def __getitem__(self, i):
        return self.data[i][0] + self.rng.normal()

    def __len__(self):
        return len(self.data)


def order(loader):
    return [each for b in loader for each in (b[0] if isinstance(b, list) else b).tolist()]


@pytest.mark.parametrize("loader", [pytest.param(each, id=name) for name, each in loaders()])
def test_the_next_epoch_has_the_batches_that_it_would_have_had(loader):
    torch.manual_seed(0)
    with borrowed(nn.Linear(1, 1), None, loader):
        first = order(loader)
        assert order(loader) != first
    assert order(loader) == first


def test_a_generator_that_seeds_the_workers_alone_is_kept():
    own = torch.Generator().manual_seed(2)
    batches = DataLoader(TensorDataset(torch.arange(12.0)), 4, generator=own)
    before = own.get_state()
    with borrowed(nn.Linear(1, 1), None, batches):
        order(batches)
        assert not torch.equal(own.get_state(), before)
    assert torch.equal(own.get_state(), before)


def test_whatever_has_a_state_dict_is_kept():
    scaler = torch.amp.GradScaler("cpu", init_scale=64.0)
    scaler.scale(torch.ones(()))
    with borrowed(nn.Linear(1, 1), None, scaler):
        scaler.update(8.0)
        assert scaler.get_scale() == 8
    assert scaler.get_scale() == 64


# What is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("model",), "borrowed: model must be a torch.nn.Module, got 'model'"),
        ((nn.Linear(1, 1), 0.1), "borrowed: optimizer must be a torch optimizer or None, got 0.1"),
        ((nn.Linear(1, 1), None, 7), "borrowed: 7 has no state that could be kept; give"),
        ((nn.LazyLinear(1),), "borrowed: the model has parameters without a shape; call it once"),
    ],
)
def test_what_has_no_state_is_refused(arguments, words):
    with pytest.raises(ValueError, match="borrowed: ") as refused, borrowed(*arguments):
        pass
    assert str(refused.value).startswith(words)


# Ctrl+C ----------------------------------------------------------------------------------------


def lines_of_ours(on_line):
    """A tracer that calls `on_line(number)` before each line that runs in borrowed.py."""

    def trace(frame, event, _argument):
        if frame.f_code.co_filename != lrcourse.borrowed.__file__:
            return None
        is_call_free = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip() == "try:"
        if event == "line" and not is_call_free:  # Python looks for signals at calls and loops
            on_line(frame.f_lineno)
        return trace

    return trace


def short_loan(tracer):
    """(model, optimizer, what they were, whether Ctrl+C was heard)"""
    model, optimizer = small()
    before = everything(model, optimizer)
    sys.settrace(tracer)
    try:
        with borrowed(model, optimizer):
            optimizer.step()
            random.random()
        heard = False
    except KeyboardInterrupt:
        heard = True
    finally:
        sys.settrace(None)
    return model, optimizer, before, heard


def small():
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model(torch.randn(4, 2)).square().sum().backward()
    return model, optimizer


def test_ctrl_c_at_any_line_changes_nothing():
    lines = Counter()
    short_loan(lines_of_ours(lambda number: lines.update([number])))
    assert len(lines) > 60
    for line, times in lines.items():
        for nth in {1, times}:  # the first time that the line runs, and the last
            left = Counter({line: nth})

            def press(number, left=left):
                left[number] -= 1
                if left[number] == 0:
                    signal.raise_signal(signal.SIGINT)

            model, optimizer, before, heard = short_loan(lines_of_ours(press))
            assert heard, line
            assert everything(model, optimizer) == before, line
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_while_giving_back_waits_until_all_is_back():
    model, optimizer = small()
    before = everything(model, optimizer)
    pressed = []

    class Impatient(torch.optim.lr_scheduler.LambdaLR):
        def load_state_dict(self, state):
            pressed.append(True)
            signal.raise_signal(signal.SIGINT)
            super().load_state_dict(state)

    scheduler = Impatient(optimizer, lambda t: 0.5)
    before = everything(model, optimizer)
    with pytest.raises(KeyboardInterrupt), borrowed(model, optimizer, scheduler):
        optimizer.step()
    assert pressed
    assert everything(model, optimizer) == before


def test_it_works_in_a_thread_where_no_signal_can_be_caught():
    model, optimizer = small()
    before = plain(model)
    failed = []

    def work():
        try:
            with borrowed(model, optimizer):
                optimizer.step()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not failed
    assert plain(model) == before
