"""The loop of all trainings: rows that never meet, plateaus that listen, refusals in a sentence."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lrcourse.experiments import (
    Adam,
    AdamL2,
    AdamW,
    Classification,
    Lamb,
    Lars,
    Mlp,
    Momentum,
    Nesterov,
    RAdam,
    RMSprop,
    Sgd,
    run,
    train,
)
from lrcourse.experiments.plan import planned
from lrcourse.experiments.train import Plateaus, clipped, trained
from lrcourse.schedules import Constant, LinearWarmup, ReduceOnPlateau

STEPS = 30
OPTIMIZERS = [Sgd(), Momentum(), Nesterov(), RMSprop(), Adam(), AdamL2(), AdamW()]
OPTIMIZERS += [RAdam(), Lars(), Lamb()]
ARRAYS = ("lrs", "momenta", "losses", "test_steps", "kept_steps", "weights")
each_optimizer = pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)


def small(dtype=torch.float64, widths=(16, 16, 16)):
    """128 points in three classes. Most sizes are multiples of 16."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(128, widths[0], generator=generator, dtype=dtype)
    y = (x[:, :3] + 0.5 * torch.randn(128, 3, generator=generator)).argmax(1)
    return Classification(x[:80], y[:80], x[80:], y[80:], Mlp(widths))


@pytest.fixture
def problem():
    return small()


def rates(runs, steps=STEPS):
    """A table with another rate in every place: (runs, steps)"""
    return 0.02 + 0.05 * np.random.default_rng(0).random((runs, steps))


def assert_same_run(one, other):
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert one.tests.keys() == other.tests.keys()
    for name, values in one.tests.items():
        np.testing.assert_array_equal(values, other.tests[name], err_msg=name)


# A row is a run ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@each_optimizer
def test_the_same_bits_whatever_the_chunk(optimizer, dtype):
    seeds = [3, 1, 3, 4, 1, 5, 9, 2, 6, 5]
    options = {
        "batch_size": 16,
        "clip": 0.8,
        "test_every": 8,
        "keep_every": 7,
        "plateaus": [ReduceOnPlateau(1.0, factor=0.5, patience=0, threshold=0.9)] * 10,
    }
    if hasattr(optimizer, "momentum"):
        options["momenta"] = 0.8 + 10 * (rates(10) - 0.02) / 30
    runs = [
        train(small(dtype), rates(10), seeds, optimizer, chunk=chunk, **options)
        for chunk in (64, 1, 2, 3, 7)
    ]
    assert runs[0].losses.dtype == (np.float32 if dtype == torch.float32 else np.float64)
    assert (runs[0].lrs < 0.9 * rates(10)).any()  # plateaus have cut
    for other in runs[1:]:
        assert_same_run(runs[0], other)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("widths", "batch_size"), [((5, 7, 3), 16), ((40, 33, 10), 32), ((64, 10), 9)]
)
def test_the_same_bits_for_sizes_that_fill_no_line_of_memory(widths, batch_size, dtype):
    seeds, odd = [3, 1, 3, 4, 1, 5, 9, 2], small(dtype, widths=widths)
    options = {"batch_size": batch_size, "test_every": 10}
    whole, *parts = (train(odd, rates(8), seeds, chunk=n, **options) for n in (64, 1, 2, 3, 7))
    for part in parts:
        assert_same_run(part, whole)


@each_optimizer
def test_a_diverged_run_is_nan_in_its_own_row_only(problem, optimizer):
    lrs = rates(5)
    lrs[1, 10:] = 1e300
    options = {"clip": 0.8, "test_every": 6, "keep_every": 5}
    together = train(problem, lrs, [0, 1, 2, 3, 4], optimizer, 16, chunk=3, **options)
    healthy = [0, 2, 3, 4]
    alone = train(problem, lrs[healthy], healthy, optimizer, 16, **options)
    assert together.diverged.tolist() == [False, True, False, False, False]
    assert np.isfinite(together.losses[1, :11]).all()
    assert_same_run(together[healthy], alone)


def test_an_optimizer_remembers_nothing_from_one_training_to_the_next(problem):
    adam = Adam()
    one, other = (train(problem, rates(2), [0, 1], adam) for _ in range(2))
    assert_same_run(one, other)


def test_changes_nothing_that_it_is_given(problem):
    lrs, momenta, seeds = rates(2), np.full((2, STEPS), 0.8), [0, 1]
    plateaus = [ReduceOnPlateau(1.0, patience=0, threshold=0.9) for _ in seeds]
    before = [lrs.copy(), momenta.copy(), problem.x_train.clone(), problem.start(0)]
    result = train(problem, lrs, seeds, momenta=momenta, plateaus=plateaus, test_every=3)
    for old, new in zip(before, [lrs, momenta, problem.x_train, problem.start(0)], strict=True):
        np.testing.assert_array_equal(old, new)
    assert seeds == [0, 1]
    assert result.lrs[0, -1] < lrs[0, -1]
    assert plateaus == [ReduceOnPlateau(1.0, patience=0, threshold=0.9)] * 2


def test_a_plateau_that_has_heard_something_starts_afresh(problem):
    old = ReduceOnPlateau(1.0, patience=1)
    for _ in range(5):
        old.update(0.0)
    assert old.lr < 1
    fresh = train(problem, rates(1), [0], plateaus=[ReduceOnPlateau(1.0, patience=1)], test_every=3)
    assert_same_run(train(problem, rates(1), [0], plateaus=[old], test_every=3), fresh)


def test_a_rate_of_zero_changes_nothing(problem):
    weights = train(problem, np.zeros((1, 5)), [0]).weights[0, -1]
    np.testing.assert_array_equal(weights, problem.start(0))


def test_clips_each_run_as_torch_does():
    gradient = torch.tensor([[3.0, 4.0], [0.3, 0.4], [30.0, 40.0]], dtype=torch.float64)
    ours = clipped(gradient, 2.0)
    for row, mine in zip(gradient, ours, strict=True):
        parameter = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
        parameter.grad = row.clone()
        torch.nn.utils.clip_grad_norm_([parameter], 2.0)
        np.testing.assert_allclose(mine, parameter.grad, rtol=1e-15)
    assert torch.equal(ours[1], gradient[1])
    assert torch.equal(clipped(gradient, None), gradient)


# The flight recorder -----------------------------------------------------------------------------


def test_records_the_rate_and_the_momentum_of_every_update(problem):
    lrs, momenta = rates(3), 10 * rates(3)
    result = train(problem, lrs, [0, 1, 2], momenta=momenta)
    np.testing.assert_array_equal(result.lrs, lrs)
    np.testing.assert_array_equal(result.momenta, momenta)
    assert (train(problem, lrs, [0, 1, 2], Adam(0.7)).momenta == 0.7).all()
    assert np.isnan(train(problem, lrs, [0, 1, 2], RMSprop()).momenta).all()


def test_the_default_is_momentum(problem):
    assert_same_run(train(problem, rates(1), [0]), train(problem, rates(1), [0], Momentum(0.9), 32))


def test_the_loss_is_that_before_the_update(problem):
    result = train(problem, rates(1), [4], batch_size=80, keep_every=1)
    everything = torch.arange(80)[None]
    start = problem.loss(problem.start(4)[None], everything)
    assert result.losses[0, 0] == pytest.approx(start.item())
    second = problem.loss(torch.tensor(result.weights[:, 0]), everything)
    assert result.losses[0, 1] == pytest.approx(second.item())


def test_keeps_and_tests_when_it_is_told(problem):
    result = train(problem, rates(2), [0, 1], test_every=8, keep_every=15)
    assert result.test_steps.tolist() == [8, 16, 24, 30]
    assert result.kept_steps.tolist() == [15, 30]
    shorter = train(problem, rates(2)[:, :15], [0, 1])
    assert shorter.kept_steps.tolist() == shorter.test_steps.tolist() == [15]
    np.testing.assert_array_equal(result.weights[:, :1], shorter.weights)
    tests = problem.test(torch.tensor(result.weights[:, -1]))
    np.testing.assert_array_equal(result.test_losses[:, -1], tests["loss"])
    np.testing.assert_array_equal(result.test_accuracies[:, -1], tests["accuracy"])


def test_each_epoch_shows_every_example_once_in_a_new_order(problem):
    seen = []

    class Spy(Classification):
        def loss(self, weights, batch):
            seen.append(batch.clone())
            return super().loss(weights, batch)

    spy = Spy(**vars(problem))
    train(spy, rates(2, 8), [7, 8], batch_size=20)
    first, second = torch.cat(seen[:4], 1), torch.cat(seen[4:], 1)
    assert (first.sort(1).values == torch.arange(80)).all()
    assert (second.sort(1).values == torch.arange(80)).all()
    assert not torch.equal(first, second)
    assert not torch.equal(first[0], first[1])
    order = torch.randperm(80, generator=torch.Generator().manual_seed(10_008))
    assert torch.equal(first[1], order)  # not the numbers that the weights were drawn from


def test_a_run_is_indexed_by_rows(problem):
    result = train(problem, rates(4), [0, 1, 2, 3], test_every=10, keep_every=10)
    mask = np.array([False, True, False, True])
    for part in (result[1::2], result[[1, 3]], result[mask]):
        assert len(part) == 2
        assert_same_run(part, result[np.array([1, 3])])
    assert len(result) == 4
    np.testing.assert_array_equal(result[1::2].weights, result.weights[1::2])
    np.testing.assert_array_equal(result[1::2].tests["loss"], result.tests["loss"][1::2])
    np.testing.assert_array_equal(result[1::2].kept_steps, [10, 20, 30])


def test_diverged_looks_at_losses_and_at_weights(problem):
    result = train(problem, rates(3), [0, 1, 2], keep_every=10)
    result.losses[0, 3], result.weights[2, 1, 4] = np.inf, np.nan
    assert result.diverged.tolist() == [True, False, True]


# Plateaus ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("warmup", [None, LinearWarmup(1.0, 10)])
@pytest.mark.parametrize(("listen_to", "mode"), [("loss", "min"), ("accuracy", "max")])
def test_the_rates_of_a_plateau_are_those_of_its_replay(problem, listen_to, mode, warmup):
    plateau = ReduceOnPlateau(
        1.0, factor=0.5, patience=1, mode=mode, threshold=0.01, cooldown=1, warmup=warmup
    )
    lrs = rates(3, 100)
    result = train(
        problem, lrs, [0, 1, 2], plateaus=[plateau] * 3, test_every=5, listen_to=listen_to
    )
    for row in range(3):
        heard = replace(plateau).replay(result.tests[listen_to][row], step_size=5)
        used = np.repeat([1.0, *heard[:-1]], 5)
        if warmup is not None:
            used[:10] = warmup(np.arange(10))
        assert heard[-1] < 0.5
        np.testing.assert_allclose(result.lrs[row], lrs[row] * used, rtol=1e-15)
    assert len(np.unique(result.lrs / lrs, axis=0)) > 1  # each run has its own


def test_a_plateau_hears_its_first_metric_when_the_warmup_is_over(problem):
    plateau = ReduceOnPlateau(
        1.0, factor=0.5, patience=0, threshold=0.99, warmup=LinearWarmup(1.0, 10)
    )
    lrs = train(problem, np.ones((1, 25)), [0], Sgd(), plateaus=[plateau], test_every=5).lrs[0]
    assert lrs[10:].tolist() == [1.0] * 5 + [0.5] * 5 + [0.25] * 5


def test_a_plateau_is_the_one_of_torch(problem):
    seed, steps, every = 2, 150, 5
    weights = problem.start(seed)[None].clone()
    pieces = [piece[0].clone() for piece in problem.network.unpacked(weights).values()]
    parameters = [torch.nn.Parameter(piece) for piece in pieces]
    optimizer = torch.optim.SGD(parameters, lr=0.1, momentum=0.9)
    settings = {"factor": 0.5, "patience": 2, "threshold": 0.01, "cooldown": 1, "min_lr": 0.01}
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, eps=0, **settings)
    generator = torch.Generator().manual_seed(10_000 + seed)
    losses, lrs = [], []
    for t in range(steps):
        if t % 8 == 0:
            batches = torch.randperm(80, generator=generator).split(10)
        row = torch.cat([parameter.flatten() for parameter in parameters])[None]
        loss = problem.loss(row, batches[t % 8][None])[0]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        lrs.append(optimizer.param_groups[0]["lr"])
        if (t + 1) % every == 0:
            row = torch.cat([parameter.detach().flatten() for parameter in parameters])[None]
            scheduler.step(problem.test(row)["loss"].item())
    for table, peak in ((0.1, 1.0), (1.0, 0.1)):  # either may hold the rate
        plateau = ReduceOnPlateau(peak, **{**settings, "min_lr": 0.01 * peak / 0.1})
        result = train(
            problem,
            np.full((1, steps), table),
            [seed],
            batch_size=10,
            plateaus=[plateau],
            test_every=every,
        )
        assert len(set(lrs)) >= 3
        np.testing.assert_allclose(result.lrs[0], lrs, rtol=1e-14)
        np.testing.assert_allclose(result.losses[0], losses, rtol=1e-11)


def test_a_run_that_diverges_is_no_improvement_to_its_plateau(problem):
    lrs = np.full((2, 60), [[1e300], [0.05]])
    plateaus = [ReduceOnPlateau(1.0, patience=2)] * 2
    result = train(problem, lrs, [0, 0], plateaus=plateaus, test_every=5)
    assert result.diverged.tolist() == [True, False]
    assert result.lrs[0, -1] < 1e299


# Devices -----------------------------------------------------------------------------------------


@each_optimizer
def test_no_tensor_of_the_loop_stays_behind_on_the_cpu(problem, optimizer, monkeypatch):
    """On the device "meta" tensors have no numbers, and meeting one of the CPU fails."""
    plan = planned(
        problem, rates(2), [0, 1], optimizer, clip=1.0, test_every=10, keep_every=10,
        plateaus=[ReduceOnPlateau(1.0)] * 2,
    )  # fmt: skip
    monkeypatch.setattr(Plateaus, "listen", lambda self, tests, t: None)
    monkeypatch.setattr(
        run, "_rows", lambda columns: np.empty(torch.stack(columns, 1).to("meta").shape)
    )
    result = trained(replace(plan, device="meta"))
    assert result.weights.shape == (2, 3, 544)
    assert result.losses.shape == result.lrs.shape == (2, STEPS)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@each_optimizer
def test_a_gpu_learns_the_same(problem, optimizer):
    here, there = (
        train(problem, rates(3), [0, 1, 2], optimizer, device=d) for d in ("cpu", "cuda")
    )
    np.testing.assert_allclose(there.losses, here.losses, rtol=1e-6)
    np.testing.assert_array_equal(there.lrs, here.lrs)


def test_works_on_one_thread_and_restores_the_others(problem):
    threads = []

    class Spy(Classification):
        def test(self, weights):
            threads.append(torch.get_num_threads())
            return super().test(weights)

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        train(Spy(**vars(problem)), rates(1), [0])
        assert (threads, torch.get_num_threads()) == ([1], 2)
    finally:
        torch.set_num_threads(before)


# Refusals ----------------------------------------------------------------------------------------

PLATEAU = ReduceOnPlateau(1.0)
ONE = {"lrs": np.ones((1, 4)), "seeds": [0]}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"problem": None}, r"problem must be .* digits\(\).* got None"),
        ({"problem": Classification}, "problem must be .* got <class"),
        ({"problem": torch.nn.Linear(2, 2)}, r"problem must be .* got Linear"),
        ({"lrs": np.ones(4)}, r"lrs must have the shape \(runs, steps\), got \(4,\); rate_table"),
        ({"lrs": np.ones((1, 1, 4))}, r"lrs .* got \(1, 1, 4\)"),
        ({"lrs": np.ones((1, 0))}, r"lrs .* got \(1, 0\)"),
        ({"lrs": np.ones((0, 4)), "seeds": []}, r"lrs .* got \(0, 4\)"),
        (
            {"lrs": [[0.1, 0.2], [0.1]]},
            r"lrs must be numbers .* got \[\[0.1, 0.2\], \[0.1\]\]; rate",
        ),
        ({"lrs": Constant(0.1)}, r"lrs must be numbers .* got Constant"),
        ({"lrs": torch.ones(1, 4, requires_grad=True)}, "lrs must be numbers"),
        ({"lrs": [[0.1, -0.2]]}, "lrs must be finite and at least 0, got -0.2"),
        ({"lrs": [[0.1, np.nan]]}, "lrs must be finite and at least 0, got nan"),
        ({"lrs": [[0.1, np.inf]]}, "lrs must be finite and at least 0, got inf"),
        ({"seeds": []}, "seeds must be one for each row of lrs, got 1 runs, 0 seeds"),
        ({"seeds": [1, 2]}, "seeds .* got 1 runs, 2 seeds"),
        ({"seeds": 0}, "seeds must be one whole number for each run, got 0"),
        ({"seeds": [-1]}, "seeds must be whole numbers of at least 0 .* got -1"),
        ({"seeds": [2**62]}, "seeds must be .* below .* got 4611686018427387904"),
        ({"seeds": [0.0]}, "seeds must be whole numbers .* got 0.0"),
        ({"seeds": [True]}, "seeds must be whole numbers .* got True"),
        ({"optimizer": "adam"}, r"optimizer must be .* such as Adam\(\), got 'adam'"),
        ({"optimizer": torch.optim.Adam}, r"optimizer .* such as Adam\(\), got <class"),
        ({"optimizer": Nesterov}, r"optimizer .* such as Nesterov\(\), got <class"),
        ({"optimizer": {}}, r"optimizer .* got \{\}"),
        ({"momenta": np.full((1, 5), 0.5)}, r"momenta must have the shape of lrs, \(1, 4\), got"),
        ({"momenta": 0.9}, r"momenta must have the shape \(runs, steps\), got \(\)"),
        ({"momenta": np.full((1, 4), 1.0)}, r"momenta must lie in \[0, 1\), got 1.0"),
        ({"momenta": np.full((1, 4), -0.1)}, "momenta must be .* at least 0, got -0.1"),
        ({"momenta": np.full((1, 4), 0.5), "optimizer": Sgd()}, "Sgd has no momentum to replace"),
        ({"clip": 0}, "clip must be a number above 0, or None for no limit, got 0"),
        ({"clip": np.nan}, "clip .* got nan"),
        ({"clip": -1.0}, "clip .* got -1.0"),
        ({"clip": "1"}, "clip .* got '1'"),
        ({"clip": True}, "clip .* got True"),
        ({"chunk": 0}, "chunk must be a whole number of at least 1, got 0"),
        ({"chunk": 2.5}, "chunk .* got 2.5"),
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1, got 0"),
        ({"batch_size": True}, "batch_size .* got True"),
        ({"batch_size": 81}, r"batch_size must lie in \[1, 80\], got 81"),
        ({"test_every": 0}, "test_every .* got 0"),
        ({"keep_every": -3}, "keep_every .* got -3"),
        ({"device": "gpu"}, "device must be one that PyTorch finds here, got 'gpu'; use \"cpu\""),
        ({"device": None}, "device .* got None"),
        ({"device": 1.5}, "device .* got 1.5"),
        ({"device": "meta"}, "device .* got 'meta'"),
        ({"device": "cuda:77"}, "device .* got 'cuda:77'"),
        ({"plateaus": PLATEAU}, "plateaus must be a list of ReduceOnPlateau.* got ReduceOnPlateau"),
        ({"plateaus": [Constant(1.0)], "test_every": 2}, r"plateaus must be .* got \[Constant"),
        ({"plateaus": [PLATEAU] * 2, "test_every": 2}, "plateaus .* got 1 runs, 2 plateaus"),
        ({"plateaus": [PLATEAU]}, "plateaus hear how the test went; .* test_every"),
        (
            {"plateaus": [ReduceOnPlateau(0.1)], "test_every": 2, "lrs": [[1, 0.2]]},
            "one of the two must be 1, got peak_lr=0.1 and lrs of 1.0",
        ),
        (
            {"plateaus": [PLATEAU], "test_every": 2, "listen_to": "f1"},
            "listen_to must be a metric of the problem, loss or accuracy, got 'f1'",
        ),
    ],
)
def test_refuses_in_one_sentence(problem, changed, words):
    with pytest.raises(ValueError, match=f"^train: .*{words}") as caught:
        train(**{"problem": problem, "batch_size": 2, **ONE, **changed})
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_whole_numbers_of_numpy_and_tensors_of_rates_are_welcome(problem):
    plain = train(problem, np.full((1, 4), 0.1), [3], batch_size=2, clip=2.0, chunk=5)
    other = train(
        problem,
        torch.full((1, 4), 0.1, dtype=torch.float64),
        np.array([3]),
        batch_size=np.int64(2),
        clip=np.float32(2),
        chunk=np.int64(5),
        device=torch.device("cpu"),
    )
    assert_same_run(plain, other)


@pytest.mark.parametrize(
    "error", [MemoryError("no"), RuntimeError("you tried to allocate 9 bytes")]
)
def test_says_what_does_not_fit_into_memory(problem, monkeypatch, error):
    def refuse(*_):
        raise error

    monkeypatch.setattr(Classification, "test", refuse)
    with pytest.raises(MemoryError) as caught:
        train(problem, rates(3), [0, 1, 2], keep_every=7, chunk=2)
    assert str(caught.value).startswith(
        "train: 3 runs × 544 parameters do not fit into memory, 2 runs being trained at once and "
        "each kept 5 times; use a smaller chunk"
    )


def test_a_network_beyond_all_memory_is_refused_at_once(problem):
    huge = replace(problem, network=Mlp((16, 10**14, 16)))
    with pytest.raises(MemoryError, match="3300000000000016 parameters do not fit"):
        train(huge, np.ones((1, 4)), [0])


def test_other_errors_are_not_taken_for_a_lack_of_memory(problem):
    with pytest.raises(RuntimeError, match="size"):
        train(replace(problem, network=Mlp((6, 3))), np.ones((1, 4)), [0])
