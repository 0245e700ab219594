"""TorchScheduler: the rates of the schedule in any optimizer, through any resume."""

import copy
import json

import numpy as np
import pytest
import torch

from lrcourse.schedules import SCHEDULES, Constant, MultiStepDecay, StepDecay
from lrcourse.torch_scheduler import BLOCK, TorchScheduler
from lrcourse.torch_twins import rates_used, twin

SCHEDULE = Constant(0.05, steps=5) >> StepDecay(0.1, 7, 0.5)


def new_optimizer(lr=1.0):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, momentum=0.9)


def played(optimizer, scheduler, steps):
    lrs = []
    for _ in range(steps):
        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return lrs


@pytest.mark.parametrize("cls", SCHEDULES.values(), ids=lambda cls: cls.__name__)
def test_drives_an_optimizer_across_blocks(cls):
    schedule, steps = cls.example(), 2 * BLOCK + 10
    theirs = rates_used(lambda optimizer: TorchScheduler(optimizer, schedule), 1.0, steps)
    np.testing.assert_array_equal(theirs, schedule(np.arange(steps)))


@pytest.mark.parametrize("loads", [("optimizer", "scheduler"), ("scheduler", "optimizer")])
@pytest.mark.parametrize("built_late", [False, True])
@pytest.mark.parametrize("done", range(1, 20))
def test_resumes_whatever_the_order(loads, built_late, done):
    optimizer = new_optimizer()
    scheduler = TorchScheduler(optimizer, SCHEDULE)
    played(optimizer, scheduler, done)
    states = copy.deepcopy(
        {"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}
    )

    fresh = new_optimizer(lr=3.0)
    if built_late:
        fresh.load_state_dict(states["optimizer"])
    resumed = TorchScheduler(fresh, SCHEDULE)
    for name in loads:
        {"optimizer": fresh, "scheduler": resumed}[name].load_state_dict(states[name])
    np.testing.assert_array_equal(played(fresh, resumed, 30), SCHEDULE(done + np.arange(30)))
    assert resumed.get_last_lr() == [SCHEDULE(done + 30)]


def test_the_state_of_the_scheduler_alone_is_enough():
    optimizer = new_optimizer()
    scheduler = TorchScheduler(optimizer, SCHEDULE)
    played(optimizer, scheduler, 8)
    fresh = new_optimizer()
    resumed = TorchScheduler(fresh, SCHEDULE)
    resumed.load_state_dict(scheduler.state_dict())
    assert fresh.param_groups[0]["lr"] == SCHEDULE(8)


def test_can_be_built_in_the_middle_as_torch_schedulers_can():
    optimizer = new_optimizer()
    scheduler = TorchScheduler(optimizer, SCHEDULE, last_epoch=8 - 1)
    np.testing.assert_array_equal(played(optimizer, scheduler, 10), SCHEDULE(8 + np.arange(10)))


def test_its_state_is_plain_data(tmp_path):
    optimizer = new_optimizer()
    scheduler = TorchScheduler(optimizer, SCHEDULE)
    played(optimizer, scheduler, 3)
    torch.save(scheduler.state_dict(), tmp_path / "state.pt")
    assert torch.load(tmp_path / "state.pt", weights_only=True) == scheduler.state_dict()
    assert json.loads(json.dumps(scheduler.state_dict())) == scheduler.state_dict()


def test_refuses_the_state_of_another_schedule_unless_told():
    state = TorchScheduler(new_optimizer(), StepDecay(0.1, 30)).state_dict()
    other = TorchScheduler(new_optimizer(), MultiStepDecay(0.1, (30, 60)))
    with pytest.raises(ValueError, match=r"saved with StepDecay.*same_schedule=False"):
        other.load_state_dict(state)
    other.load_state_dict(state, same_schedule=False)


def test_refuses_a_state_that_is_not_its_own():
    with pytest.raises(ValueError, match="not a step count"):
        TorchScheduler(new_optimizer(), SCHEDULE).load_state_dict({"T_max": 10})


def test_scales_each_parameter_group():
    groups = [{"params": [torch.zeros(1)]}, {"params": [torch.zeros(1)], "lr_scale": 0.1}]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    scheduler = TorchScheduler(optimizer, Constant(0.2))
    assert [group["lr"] for group in optimizer.param_groups] == [0.2, pytest.approx(0.02)]
    assert scheduler.get_last_lr() == [0.2, pytest.approx(0.02)]


def test_keeps_a_rate_that_lives_in_a_tensor():
    rate = torch.tensor(1.0)
    optimizer = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=rate)
    scheduler = TorchScheduler(optimizer, SCHEDULE)
    scheduler.load_state_dict({"last_epoch": 12, "schedule": repr(SCHEDULE)})
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == pytest.approx(SCHEDULE(12))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TorchScheduler(new_optimizer(), 0.1), "schedule must be a Schedule .* got 0.1"),
        (lambda: twin(0.1), r"twin: a schedule .* got 0.1"),
        (lambda: rates_used("StepLR", 0.1, 5), "make_scheduler must make .* got 'StepLR'"),
        (lambda: TorchScheduler(0.1, SCHEDULE), "optimizer must be a torch optimizer, got 0.1"),
    ],
)
def test_refuses_what_it_cannot_drive(make, words):
    with pytest.raises(TypeError, match=words):
        make()
