"""TorchScheduler: the rates of the schedule in any optimizer; how it resumes is in test_resume."""

import copy
import gc
import json
import pickle
import warnings
import weakref

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from lrcourse.schedules import (
    SCHEDULES,
    Constant,
    CosineDecay,
    LinearDecay,
    LinearWarmup,
    MultiStepDecay,
    OneCycle,
    ReduceOnPlateau,
    StepDecay,
)
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


def test_can_be_built_in_the_middle_as_torch_schedulers_can():
    optimizer = new_optimizer()
    scheduler = TorchScheduler(optimizer, SCHEDULE, last_epoch=8 - 1)
    np.testing.assert_array_equal(played(optimizer, scheduler, 10), SCHEDULE(8 + np.arange(10)))


def test_can_be_sent_back_across_blocks():
    optimizer = new_optimizer()
    scheduler = TorchScheduler(optimizer, SCHEDULE)
    early = scheduler.state_dict()
    scheduler.load_state_dict({**early, "last_epoch": 2 * BLOCK})
    scheduler.load_state_dict(early)
    np.testing.assert_array_equal(played(optimizer, scheduler, 20), SCHEDULE(np.arange(20)))


def test_is_one_of_torchs_schedulers():
    scheduler = TorchScheduler(new_optimizer(), SCHEDULE)
    assert isinstance(scheduler, lr_scheduler.LRScheduler)
    assert (scheduler.last_epoch, scheduler._step_count, scheduler.base_lrs) == (0, 1, [1.0])
    assert scheduler.get_lr() == scheduler.get_last_lr() == [0.05]


def test_obeys_torchs_sequence_too():
    optimizer = new_optimizer()
    parts = [TorchScheduler(optimizer, part) for part in (LinearWarmup(0.1, 5), StepDecay(0.1, 3))]
    both = lr_scheduler.SequentialLR(optimizer, parts, milestones=[5])
    ours = LinearWarmup(0.1, 5) >> StepDecay(0.1, 3)
    saved = optimizer.state_dict()
    assert "lrcourse_scheduler" not in saved["param_groups"][0]  # the second waits, silently
    optimizer.load_state_dict(saved)
    np.testing.assert_array_equal(played(optimizer, both, 20), ours(np.arange(20)))


# The groups and what is written into them --------------------------------------------------


def new_groups(*scales, optimizer=torch.optim.SGD):
    return optimizer([{"params": [torch.zeros(1)], "lr_scale": scale} for scale in scales], lr=1.0)


def test_scales_each_parameter_group():
    optimizer = new_groups(1, 0.1)
    del optimizer.param_groups[0]["lr_scale"]
    scheduler = TorchScheduler(optimizer, Constant(0.2))
    assert [group["lr"] for group in optimizer.param_groups] == [0.2, 0.2 * 0.1]
    assert scheduler.get_last_lr() == scheduler.get_lr() == [0.2, 0.2 * 0.1]


def test_drives_each_group_by_its_own_schedule():
    schedules = [StepDecay(0.1, 2), CosineDecay(0.3, 9)]
    optimizer = new_groups(1, 0.5)
    scheduler = TorchScheduler(optimizer, schedules)
    for t in range(20):
        lrs = [group["lr"] for group in optimizer.param_groups]
        assert lrs == [schedules[0](t), 0.5 * schedules[1](t)] == scheduler.get_lr()
        optimizer.step()
        scheduler.step()


def test_a_late_group_joins_the_others():
    optimizer = new_optimizer()
    scheduler = TorchScheduler(optimizer, SCHEDULE)
    optimizer.add_param_group({"params": [torch.zeros(1)], "lr_scale": 0.5})
    played(optimizer, scheduler, 6)
    assert optimizer.param_groups[1]["lr"] == 0.5 * SCHEDULE(6) == scheduler.get_last_lr()[1]


def test_a_late_group_is_given_its_schedule():
    optimizer = new_optimizer()
    scheduler = TorchScheduler(optimizer, [SCHEDULE])
    played(optimizer, scheduler, 6)
    optimizer.add_param_group({"params": [torch.zeros(1)]})
    optimizer.step()
    with pytest.raises(ValueError, match=r"1 schedules for 2 .* call scheduler\.add_schedule"):
        scheduler.step()
    scheduler.add_schedule(StepDecay(0.3, 7))
    assert optimizer.param_groups[1]["lr"] == StepDecay(0.3, 7)(6)
    scheduler.step()  # the refused call has not counted
    assert scheduler.get_last_lr() == [SCHEDULE(7), StepDecay(0.3, 7)(7)]
    with pytest.raises(ValueError, match="none of the 2 parameter groups waits"):
        scheduler.add_schedule(SCHEDULE)


def test_keeps_a_rate_that_lives_in_a_tensor():
    rate = torch.tensor(1.0)
    optimizer = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=rate)
    scheduler = TorchScheduler(optimizer, SCHEDULE)
    scheduler.load_state_dict({"last_epoch": 12, "schedule": repr(SCHEDULE)})
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == pytest.approx(SCHEDULE(12))
    assert scheduler.get_last_lr() == [SCHEDULE(12)]


@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam", "AdamW", "NAdam"])
def test_schedules_the_momentum_only_when_asked(name):
    cycle = OneCycle(0.1, 20)
    make = getattr(torch.optim, name)

    def momenta(**asked):
        optimizer = make([torch.zeros(1, requires_grad=True)], lr=1.0)
        scheduler = TorchScheduler(optimizer, cycle, **asked)
        for _ in range(25):
            group = optimizer.param_groups[0]
            yield group["betas"][0] if "betas" in group else group["momentum"]
            optimizer.step()
            scheduler.step()

    np.testing.assert_array_equal(list(momenta(momentum=cycle.momentum)), cycle.momentum(range(25)))
    assert set(momenta()) == {0.9 if "Adam" in name else 0}


def test_the_other_beta_is_left_alone():
    optimizer = torch.optim.Adam([torch.zeros(1)], lr=1.0, betas=(0.5, 0.777))
    TorchScheduler(optimizer, SCHEDULE, momentum=Constant(0.9))
    assert optimizer.param_groups[0]["betas"] == (0.9, 0.777)


# A plateau ---------------------------------------------------------------------------------

PLATEAU = ReduceOnPlateau(0.1, patience=2, cooldown=1)
METRICS = [1.0, 0.5, *[0.6] * 20]


def test_a_plateau_listens_like_torchs():
    optimizer, theirs = new_optimizer(), new_optimizer(0.1)
    scheduler = TorchScheduler(optimizer, PLATEAU)
    witness = lr_scheduler.ReduceLROnPlateau(theirs, patience=2, cooldown=1)
    for metric in METRICS:
        optimizer.step(), theirs.step()
        scheduler.step(torch.tensor(metric)), witness.step(metric)
        assert scheduler.get_last_lr() == pytest.approx(witness.get_last_lr())
    assert scheduler.get_last_lr()[0] < 1e-5


def test_a_plateau_is_asked_once_per_epoch_while_its_warmup_counts_updates():
    optimizer, warm = new_optimizer(), LinearWarmup(0.1, 25) >> PLATEAU
    scheduler, lrs = TorchScheduler(optimizer, warm), []
    for metric in METRICS:
        lrs += played(optimizer, scheduler, 10)
        scheduler.update(metric)
    np.testing.assert_array_equal(lrs[:25], LinearWarmup(0.1, 25)(np.arange(25)))
    np.testing.assert_array_equal(lrs[30::10], warm.replay(METRICS, step_size=10)[2:-1])
    assert scheduler.last_epoch == 10 * len(METRICS)


def test_a_plateau_counts_the_update_that_comes_with_its_metric():
    optimizer, warm = new_optimizer(), LinearWarmup(0.1, 4) >> PLATEAU
    scheduler = TorchScheduler(optimizer, warm)
    lrs = []
    for metric in [0.6] * 20:
        optimizer.step()
        scheduler.step(metric)
        lrs += scheduler.get_last_lr()
    np.testing.assert_array_equal(lrs, warm.replay([0.6] * 20))


def test_a_plateau_is_copied():
    given = ReduceOnPlateau(0.1, patience=0)
    given.update(1.0)
    given.update(1.0)
    scheduler = TorchScheduler(new_optimizer(), given)
    assert scheduler.get_last_lr() == [0.1]
    scheduler.update(1.0)
    scheduler.update(1.0)
    assert scheduler.plateau.lr == given.lr == pytest.approx(0.01)
    assert scheduler.plateau is not given
    scheduler.update(1.0)
    assert given.lr == pytest.approx(0.01)


@pytest.mark.parametrize("call", ["step", "update"])
@pytest.mark.parametrize("value", [5, 0.3, torch.tensor(0.3)])
def test_a_schedule_that_does_not_listen_refuses_a_metric(call, value):
    optimizer = new_optimizer()
    scheduler = TorchScheduler(optimizer, SCHEDULE)
    optimizer.step()
    with pytest.raises(ValueError, match="takes neither a metric nor an epoch"):
        getattr(scheduler, call)(value)
    assert scheduler.last_epoch == 0


@pytest.mark.parametrize("metric", ["0.3", True, [1, 2], None])
def test_a_metric_is_a_number(metric):
    scheduler = TorchScheduler(new_optimizer(), PLATEAU)
    with pytest.raises(ValueError, match="metric must be one number"):
        scheduler.update(metric)
    assert scheduler.plateau.best is None


# The order of calls ------------------------------------------------------------------------


def early(scheduler, calls=2):
    """The sentences that `calls` of step() bring."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(calls):
            scheduler.step()
    return [str(warning.message) for warning in caught]


def test_warns_once_of_the_wrong_order():
    (sentence,) = early(TorchScheduler(new_optimizer(), SCHEDULE), calls=5)
    assert "call optimizer.step() first" in sentence


def test_the_warning_names_the_line_of_the_learner():
    with pytest.warns(UserWarning, match="first rate") as caught:
        TorchScheduler(new_optimizer(), SCHEDULE).step()
    assert caught[0].filename == __file__


def test_does_not_warn_without_reason():
    optimizer = new_optimizer()
    scheduler = TorchScheduler(optimizer, SCHEDULE)
    optimizer.step()
    assert not early(scheduler)
    assert not early(TorchScheduler(optimizer, SCHEDULE))  # a second schedule: it has stepped

    later = TorchScheduler(new_optimizer(), SCHEDULE)
    later.load_state_dict(scheduler.state_dict())
    assert not early(later)
    assert not early(TorchScheduler(new_optimizer(), SCHEDULE, last_epoch=5))
    assert not early(copy.deepcopy(later))


@pytest.mark.parametrize(("gradient", "count"), [(np.inf, 0), (np.nan, 0), (1.0, 1)])
def test_an_update_that_the_scaler_skips_is_no_wrong_order(gradient, count):
    optimizer = new_optimizer()
    scheduler = TorchScheduler(optimizer, SCHEDULE)
    optimizer.param_groups[0]["params"][0].grad = torch.tensor([gradient])
    assert len(early(scheduler)) == count


def test_a_real_scaler_that_skips_brings_no_warning():
    optimizer = new_optimizer()
    scheduler = TorchScheduler(optimizer, SCHEDULE)
    scaler = torch.amp.GradScaler("cpu")
    scaler.scale(optimizer.param_groups[0]["params"][0].sum() * np.inf).backward()
    scaler.step(optimizer)
    assert not hasattr(optimizer, "_opt_called")  # it was skipped
    assert not early(scheduler)


# The state ---------------------------------------------------------------------------------

CYCLE = OneCycle(0.1, 20)
KINDS = {
    "one": (SCHEDULE, None),
    "list": ([SCHEDULE], None),
    "momentum": (CYCLE, CYCLE.momentum),
    "plateau": (PLATEAU, None),
}


def stepped(kind, steps=8):
    schedule, momentum = KINDS[kind]
    optimizer = new_optimizer()
    scheduler = TorchScheduler(optimizer, schedule, momentum=momentum)
    for _ in range(steps):
        optimizer.step()
        scheduler.step(*[0.5] * (kind == "plateau"))
    return optimizer, scheduler


@pytest.mark.parametrize("kind", KINDS)
def test_its_state_is_plain_data(kind, tmp_path):
    optimizer, scheduler = stepped(kind)
    states = [optimizer.state_dict(), scheduler.state_dict()]
    assert states[1].keys() == {"last_epoch", "schedule", "plateau", "momentum"}
    torch.save(states, tmp_path / "states.pt")
    assert torch.load(tmp_path / "states.pt", weights_only=True) == states
    assert json.loads(json.dumps(states[1], allow_nan=False)) == states[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_lives_its_own_life(kind, copied):
    optimizer, scheduler = stepped(kind)
    before = scheduler.state_dict(), scheduler.get_last_lr()
    twin_of = copied(scheduler)
    assert (twin_of.state_dict(), twin_of.get_last_lr()) == before
    for _ in range(4):
        twin_of.optimizer.step()
        twin_of.step(*[0.5] * (kind == "plateau"))
    assert (scheduler.state_dict(), scheduler.get_last_lr()) == before
    assert optimizer.param_groups[0]["lr"] == before[1][0]
    assert twin_of.optimizer.param_groups[0]["lr"] == twin_of.get_last_lr()[0] != before[1][0]
    carried = twin_of.optimizer.state_dict()["param_groups"][0]["lrcourse_scheduler"]
    assert carried == twin_of.state_dict()


def test_an_older_state_is_still_welcome():
    optimizer, scheduler = stepped("momentum", steps=0)
    scheduler.load_state_dict({"last_epoch": 7, "schedule": repr(CYCLE)})
    assert optimizer.param_groups[0]["lr"] == CYCLE(7)
    assert optimizer.param_groups[0]["momentum"] == CYCLE.momentum(7)


def test_refuses_the_state_of_another_schedule_unless_told():
    state = TorchScheduler(new_optimizer(), StepDecay(0.1, 30)).state_dict()
    other = TorchScheduler(new_optimizer(), MultiStepDecay(0.1, (30, 60)))
    with pytest.raises(ValueError, match=r"saved with schedule StepDecay.*same_schedule=False"):
        other.load_state_dict(state)
    other.load_state_dict({**state, "last_epoch": 30}, same_schedule=False)
    assert other.get_last_lr() == [MultiStepDecay(0.1, (30, 60))(30)]


def test_a_plateau_can_take_over_in_the_middle():
    _, cycled = stepped("one")
    optimizer, scheduler = stepped("plateau", steps=3)
    scheduler.load_state_dict(cycled.state_dict(), same_schedule=False)
    assert (scheduler.last_epoch, scheduler.plateau.best) == (8, 0.5)
    assert optimizer.param_groups[0]["lr"] == scheduler.plateau.lr


def test_refuses_the_state_of_another_momentum_or_another_number_of_schedules():
    _, cycled = stepped("momentum")
    with pytest.raises(ValueError, match=r"saved with momentum CosineDecay.*this run has None"):
        TorchScheduler(new_optimizer(), CYCLE).load_state_dict(cycled.state_dict())
    _, listed = stepped("list")
    with pytest.raises(ValueError, match=r"saved with schedule \[Constant"):
        TorchScheduler(new_optimizer(), SCHEDULE).load_state_dict(listed.state_dict())


LEARNED = {"lr": 0.01, "best": 0.5, "bad_checks": 1, "cooling": 0}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"last_epoch": -1}, r"last_epoch .* must lie in \[0, inf\), got -1"),
        ({"last_epoch": 1.5}, "must be a whole number, got 1.5"),
        ({"last_epoch": "7"}, "must be a number, got '7'"),
        ({"last_epoch": True}, "must be a number, got True"),
        ({"last_epoch": None}, "must be a number, got None"),
        ({"last_epoch": float("nan")}, "got nan"),
        ({"schedule": 5}, "saved with schedule 5, this run"),
        ({"schedule": np.arange(3)}, "saved with schedule array"),
        ({"plateau": None}, "ReduceOnPlateau: the state must hold lr, best, .* got None"),
        ({"plateau": [1]}, "the state must hold"),
        ({"plateau": {"lr": 1}}, "the state must hold"),
        ({"plateau": {**LEARNED, "lr": -1}}, "ReduceOnPlateau: lr .* got -1"),
        (
            {"plateau": {**LEARNED, "best": "x"}},
            "ReduceOnPlateau: best must be a number or None, got 'x'",
        ),
        ({"plateau": {**LEARNED, "best": float("nan")}}, "ReduceOnPlateau: best must be"),
        ({"plateau": {**LEARNED, "bad_checks": 0.5}}, "ReduceOnPlateau: bad_checks .* whole"),
        ({"plateau": {**LEARNED, "cooling": -1}}, "ReduceOnPlateau: cooling"),
    ],
)
def test_refuses_a_damaged_state_and_changes_nothing(change, words):
    optimizer, scheduler = stepped("plateau")
    before = scheduler.state_dict(), optimizer.state_dict(), scheduler._step_count
    state = {"last_epoch": 3, "schedule": repr(PLATEAU), "plateau": LEARNED, "momentum": None}
    with pytest.raises(ValueError, match=words):
        scheduler.load_state_dict({**state, **change})
    assert (scheduler.state_dict(), optimizer.state_dict(), scheduler._step_count) == before
    scheduler.load_state_dict(state)
    assert scheduler.get_last_lr() == [0.01]


@pytest.mark.parametrize(
    "state", [{"T_max": 10}, {"last_epoch": 3}, {}, [], None, 7, {1: 2, "a": 3}]
)
def test_refuses_a_state_that_is_not_its_own(state):
    with pytest.raises(ValueError, match="state must hold last_epoch and schedule"):
        TorchScheduler(new_optimizer(), SCHEDULE).load_state_dict(state)


# What the optimizer carries ----------------------------------------------------------------


def test_the_groups_in_use_stay_as_torch_made_them():
    optimizer, _ = stepped("one")
    loaded = new_optimizer()
    loaded.load_state_dict(optimizer.state_dict())
    TorchScheduler(loaded, SCHEDULE)
    known = {*torch.optim.SGD([torch.zeros(1)]).param_groups[0], "initial_lr"}
    assert optimizer.param_groups[0].keys() == loaded.param_groups[0].keys() == known


def test_a_second_schedule_on_the_same_optimizer_starts_anew_and_drives_alone():
    optimizer, first = stepped("one")
    second = TorchScheduler(optimizer, CYCLE)
    assert second.last_epoch == 0
    played(optimizer, second, 3)
    saved = copy.deepcopy(optimizer.state_dict())
    assert saved["param_groups"][0]["lrcourse_scheduler"] == second.state_dict()
    played(optimizer, second, 5)
    optimizer.load_state_dict(saved)
    assert (first.last_epoch, second.last_epoch) == (8, 3)
    assert optimizer.param_groups[0]["lr"] == CYCLE(3)


def test_a_loaded_optimizer_can_start_anew_or_change_its_schedule():
    optimizer, _ = stepped("one")

    def loaded(saved=optimizer):
        fresh = new_optimizer()
        fresh.load_state_dict(saved.state_dict())
        return fresh

    assert TorchScheduler(loaded(), SCHEDULE).last_epoch == 8
    assert TorchScheduler(loaded(), SCHEDULE, last_epoch=-1).get_last_lr() == [SCHEDULE(0)]
    with pytest.raises(ValueError, match=r"last_epoch=7 to continue or last_epoch=-1"):
        TorchScheduler(loaded(), CYCLE)
    untouched, _ = stepped("one", steps=0)
    with pytest.raises(ValueError, match=r"brought it, pass last_epoch=-1 to start anew$"):
        TorchScheduler(loaded(untouched), CYCLE)
    assert TorchScheduler(loaded(), CYCLE, last_epoch=7).get_last_lr() == [CYCLE(8)]
    assert TorchScheduler(loaded(), CYCLE, last_epoch=-1).get_last_lr() == [CYCLE(0)]


def test_a_rate_that_a_foreign_state_brings_is_overwritten():
    optimizer = new_optimizer(lr=7.0)
    ours, scheduler = stepped("one")
    ours.load_state_dict(optimizer.state_dict())
    assert ours.param_groups[0]["lr"] == SCHEDULE(8)
    ours.load_state_dict(stepped("momentum")[0].state_dict())
    assert ours.param_groups[0]["lr"] == SCHEDULE(8)
    assert scheduler.last_epoch == 8


def test_the_optimizer_does_not_keep_its_scheduler_alive():
    optimizer, scheduler = stepped("one")
    gone = weakref.ref(scheduler)
    gc.disable()
    try:
        del scheduler
        assert gone() is None
    finally:
        gc.enable()
    assert "lrcourse_scheduler" not in optimizer.state_dict()["param_groups"][0]
    optimizer.load_state_dict(optimizer.state_dict())


# What is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TorchScheduler(new_optimizer(), 0.1), "schedule must be a Schedule .* got 0.1"),
        (lambda: twin(0.1), r"twin: a schedule .* got 0.1"),
        (lambda: rates_used("StepLR", 0.1, 5), "make_scheduler must make .* got 'StepLR'"),
        (lambda: TorchScheduler(0.1, SCHEDULE), "optimizer must be a torch optimizer, got 0.1"),
        (lambda: TorchScheduler(new_optimizer(), [0.1]), "schedule must be a Schedule"),
        (lambda: TorchScheduler(new_optimizer(), [PLATEAU]), "drives all parameter groups at once"),
        (lambda: TorchScheduler(new_optimizer(), SCHEDULE, momentum=0.9), "momentum must be a S"),
        (lambda: TorchScheduler(new_optimizer(), SCHEDULE, momentum=PLATEAU), "momentum must be"),
    ],
)
def test_refuses_what_it_cannot_drive(make, words):
    with pytest.raises(TypeError, match=words):
        make()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"schedule": [SCHEDULE] * 2}, "2 schedules for 1 parameter groups; give one for each"),
        ({"schedule": []}, "0 schedules for 1 parameter groups"),
        ({"momentum": Constant(1.0)}, "momentum must stay below 1, .* reaches 1.0"),
        ({"momentum": LinearWarmup(1.0, 333) >> LinearDecay(1.0, 667)}, "reaches 1.0"),
        ({"last_epoch": -2}, r"last_epoch .* must lie in \[-1, inf\), got -2"),
        ({"last_epoch": "3"}, "last_epoch .* must be a number, got '3'"),
        ({"schedule": PLATEAU, "last_epoch": 3}, "last_epoch=3 does not tell what a ReduceOnPl"),
    ],
)
def test_refuses_arguments_that_do_not_fit(arguments, words):
    with pytest.raises(ValueError, match=words):
        TorchScheduler(new_optimizer(), **{"schedule": SCHEDULE, **arguments})


def test_refuses_a_momentum_for_an_optimizer_without_one():
    optimizer = torch.optim.Adagrad([torch.zeros(1)])
    with pytest.raises(ValueError, match="neither momentum nor betas"):
        TorchScheduler(optimizer, SCHEDULE, momentum=Constant(0.9))


@pytest.mark.parametrize("scale", ["half", -1, None])
def test_refuses_a_scale_that_is_no_factor(scale):
    with pytest.raises(ValueError, match="lr_scale of parameter group 1 "):
        TorchScheduler(new_groups(1, scale), SCHEDULE)
