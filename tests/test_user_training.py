"""One convention for what a user brings: range test, drop test and noise scale take the same."""

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from lrcourse.batch_size import measure_noise_scale
from lrcourse.diagnosis import drop_test
from lrcourse.finder import ExponentialRamp, range_test

X, Y = torch.randn(96, 6, generator=torch.Generator().manual_seed(0)), torch.arange(96) % 3


def sweep(model, optimizer, loss_fn, batches):
    ramp = ExponentialRamp(1e-4, 1, steps=20)
    return range_test(model, optimizer, loss_fn, batches, ramp, repeats=1).losses


def drop(model, optimizer, loss_fn, batches):
    return drop_test(model, optimizer, loss_fn, batches, steps=20).evidence


def measure(model, _optimizer, loss_fn, batches):
    return measure_noise_scale(model, loss_fn, batches, group=2, repeats=4).loss


TOOLS = {"range test": sweep, "drop test": drop, "noise scale": measure}


def brought(momentum=0.9):
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
    return model, torch.optim.SGD(model.parameters(), lr=0.05, momentum=momentum)


def loader():
    generator = torch.Generator().manual_seed(2)
    return DataLoader(TensorDataset(X, Y), batch_size=8, shuffle=True, generator=generator)


def by_hand(model, batch):
    return functional.cross_entropy(model(batch[0]), batch[1])


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_a_criterion_its_function_and_a_function_of_the_model_mean_the_same(tool):
    told = [
        str(tool(*brought(), loss_fn, loader()))
        for loss_fn in (nn.CrossEntropyLoss(), functional.cross_entropy, by_hand)
    ]
    assert told[0] == told[1] == told[2]
    assert told[0] != str(tool(*brought(), lambda m, b: 2 * by_hand(m, b) + 1, loader()))


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_a_list_and_a_function_that_gives_it_mean_the_same(tool):
    batches = list(loader())
    model = brought()
    as_list = str(tool(*model, by_hand, batches))
    assert as_list == str(tool(*brought(), by_hand, lambda: iter(batches)))


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_a_loader_goes_on_as_if_nothing_had_been(tool):
    (model, optimizer), data = brought(), loader()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    tool(model, optimizer, nn.CrossEntropyLoss(), data)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not optimizer.state
    for (x, _), (untouched, _) in zip(data, loader(), strict=True):
        assert torch.equal(x, untouched)


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
@pytest.mark.parametrize(
    ("batches", "words"),
    [(iter([1]), "is an iterator"), ([], "is empty"), (3, "cannot be iterated, got an int")],
)
def test_what_would_be_used_up_or_holds_nothing_is_refused(tool, batches, words):
    with pytest.raises(ValueError, match=rf"^\w+: batches {words}"):
        tool(*brought(), by_hand, batches)


def test_a_drop_test_works_beside_a_scheduler_and_does_not_step_it():
    model, optimizer = brought()
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10)
    drop(model, optimizer, by_hand, loader())
    assert scheduler.last_epoch == 0
    assert optimizer.param_groups[0]["lr"] == 0.05


@pytest.mark.parametrize("tool", [sweep, drop], ids=["range test", "drop test"])
def test_a_model_in_eval_mode_is_trained_in_training_mode_and_given_back(tool):
    model, optimizer = brought()
    told = str(tool(model.eval(), optimizer, by_hand, loader()))
    assert told == str(tool(*brought(), by_hand, loader()))
    assert not any(part.training for part in model.modules())
