"""Logs are read as the real programs write them, and what cannot be read gets one sentence."""

import io
import json
import os
import sys

import numpy as np
import pytest

from lrcourse.diagnosis.reading import is_wide, read_log

LOSSES = [2.0, 1.5, 1.25, 1.0]
RATES = [0.1, 0.2, 0.1, 0.05]


@pytest.fixture
def file(tmp_path):
    """A function from a name and a text or bytes to the path of the file."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def refused():
    """A function from what `read_log` takes to the one sentence of its refusal."""

    def sentence(path, **columns):
        with pytest.raises(ValueError) as caught:  # noqa: PT011, the sentence is tested
            read_log(path, **columns)
        words = str(caught.value)
        assert "\n" not in words
        assert len(words) < 500
        return words

    return sentence


def noted(log):
    return " | ".join(log.notes)


def as_csv(header="step,loss,lr", comma=",", end="\n"):
    rows = [f"{t}{comma}{a}{comma}{b}" for t, (a, b) in enumerate(zip(LOSSES, RATES, strict=True))]
    return end.join([header.replace(",", comma), *rows, ""])


def as_lines(entries):
    return "".join(json.dumps(each) + "\n" for each in entries)


def holds_the_run(log):
    np.testing.assert_array_equal(log.losses, LOSSES)
    np.testing.assert_array_equal(log.lrs, RATES)
    np.testing.assert_array_equal(log.steps, range(4))


# CSV ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("comma", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_reads_csv_with_any_separator_and_line_end(file, comma, end):
    log = read_log(file("log.csv", as_csv(comma=comma, end=end)))
    holds_the_run(log)
    assert log.columns == {"loss": "loss", "lr": "lr", "step": "step"}
    assert log.notes == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_first_name(file, encoding):
    log = read_log(file("log.csv", as_csv("step,loss,lr").encode(encoding)))
    holds_the_run(log)
    assert log.columns["step"] == "step"


def test_a_file_may_be_open_already_and_stays_so(file):
    with io.BytesIO(as_csv().encode()) as log:
        holds_the_run(read_log(log))
        assert not log.closed
    with open(file("log.csv", as_csv()), "rb") as log:
        holds_the_run(read_log(log))
        assert not log.closed


def test_quoted_names_and_text_in_other_columns_do_no_harm(file):
    text = '"train loss","lr, used",comment\n2,0.1,"a, b"\n1,0.2,"two\nlines"\n0.5,0.1,c\n'
    log = read_log(file("log.csv", text))
    assert log.losses.tolist() == [2, 1, 0.5]
    assert log.lrs is None or log.columns["lr"] == "lr, used"


def test_a_loss_that_is_no_number_is_a_fact_and_a_missing_one_is_not(file):
    text = "step,loss\n0,2\n1,nan\n2,inf\n3,-Infinity\n4,\n5,null\n6,1\n"
    log = read_log(file("log.csv", text))
    np.testing.assert_array_equal(log.losses, [2, np.nan, np.inf, -np.inf, 1])
    np.testing.assert_array_equal(log.steps, [0, 1, 2, 3, 6])


def test_a_row_that_is_still_being_written_is_left_out_and_said(file):
    log = read_log(file("log.csv", as_csv() + "4,0.9"))
    holds_the_run(log)
    assert "line 6, the last, is cut off and was left out" in noted(log)


def test_a_header_in_the_middle_is_left_out_and_said(file):
    text = as_csv() + "step,loss,lr\n4,0.9,0.01\n"
    log = read_log(file("log.csv", text))
    assert log.losses.tolist() == [*LOSSES, 0.9]
    assert "line 6 repeats the header" in noted(log)


def test_a_column_without_a_name_is_no_mistake(file):
    rows = "".join(f"{t},a,{t},{loss}\n" for t, loss in enumerate(LOSSES))
    header = ",,step,loss\n"  # pandas writes its index so
    log = read_log(file("log.csv", header + rows + header + "4,a,4,0.5\n"))
    assert log.losses.tolist() == [*LOSSES, 0.5]
    assert noted(log) == "line 6 repeats the header and was left out"


def test_blank_lines_are_passed_over(file):
    holds_the_run(read_log(file("log.csv", "\n" + as_csv().replace("\n", "\n\n"))))
    lines = as_lines(ENTRIES)
    holds_the_run(read_log(file("log.jsonl", "\n" + lines.replace("\n", "\n \n"))))


def test_a_cell_of_two_lines_does_not_disturb_the_count(file, refused):
    text = 'step,loss,text\n0,2,"two\nlines"\n1,1,x\n2,one,x\n'
    assert "line 5 has 'one'" in refused(file("log.csv", "\n" + text.replace("1,1,x\n", "")))


def test_without_a_column_of_steps_the_losses_are_counted_and_it_is_said(file):
    log = read_log(file("log.csv", "loss\n3\n2\n1\n"))
    assert log.steps.tolist() == [0, 1, 2]
    assert (log.time, log.lrs, log.val) == ("recorded loss", None, None)
    assert "no column counts the steps" in noted(log)


# JSON --------------------------------------------------------------------------------------------

ENTRIES = [
    {"iter": 0, "train/loss": 2.0, "lr": 0.1, "note": "start", "nested": {"a": [1, 2]}},
    {"iter": 1, "train/loss": 1.5, "lr": 0.2},
    {"iter": 1, "val/loss": 1.8},
    {"iter": 2, "train/loss": 1.25, "lr": 0.1},
    {"iter": 3, "train/loss": 1.0, "lr": 0.05},
    {"iter": 3, "val/loss": 1.1},
]


@pytest.mark.parametrize("make", [as_lines, json.dumps, lambda e: json.dumps(e, indent=2)])
def test_reads_json_lines_and_lists_of_objects(file, make):
    log = read_log(file("log.json", make(ENTRIES)))
    holds_the_run(log)
    assert log.val.steps.tolist() == [1, 3]
    assert log.val.losses.tolist() == [1.8, 1.1]
    assert log.val_after == {2: 1.8, 4: 1.1}
    assert log.columns["val"] == "val/loss"


def test_reads_lists_of_numbers_as_keras_keeps_them(file):
    history = {"loss": LOSSES, "learning_rate": RATES, "val_loss": [3, 2, 2, 3]}
    log = read_log(file("history.json", json.dumps(history)))
    holds_the_run(log)
    assert log.val_after == {1: 3, 2: 2, 3: 2, 4: 3}


def test_a_list_of_one_rate_and_an_object_inside_are_columns(file):
    entries = [
        {"step": t, "train": {"loss": a}, "lr": [b]}
        for t, (a, b) in enumerate(zip(LOSSES, RATES, strict=True))
    ]
    log = read_log(file("log.jsonl", as_lines(entries)))
    holds_the_run(log)
    assert (log.columns["loss"], log.columns["lr"]) == ("train/loss", "lr/0")


def test_nan_and_null_in_json(file):
    text = '{"loss": 1}\n{"loss": NaN}\n{"loss": null}\n{"loss": "nan"}\n{"loss": Infinity}\n'
    log = read_log(file("log.jsonl", text))
    np.testing.assert_array_equal(log.losses, [1, np.nan, np.nan, np.inf])


def test_an_object_that_is_still_being_written_is_left_out_and_said(file):
    log = read_log(file("log.jsonl", as_lines(ENTRIES) + '{"iter": 4, "train/lo'))
    holds_the_run(log)
    assert "line 7, the last, is cut off" in noted(log)


def test_reads_the_state_that_transformers_writes(tmp_path):
    from transformers import TrainerState

    state = TrainerState()
    for t, (loss, rate) in enumerate(zip(LOSSES, RATES, strict=True)):
        state.log_history.append(
            {"loss": loss, "grad_norm": 1.0, "learning_rate": rate, "epoch": t / 4, "step": 10 * t}
        )
        if t % 2:
            state.log_history.append(
                {"eval_loss": loss + 1, "eval_runtime": 1.0, "epoch": t / 4, "step": 10 * t}
            )
    state.log_history.append({"train_runtime": 9.0, "train_loss": 1.4, "epoch": 1, "step": 30})
    state.save_to_json(str(tmp_path / "trainer_state.json"))
    log = read_log(tmp_path / "trainer_state.json")
    np.testing.assert_array_equal(log.losses, LOSSES)
    np.testing.assert_array_equal(log.lrs, RATES)
    np.testing.assert_array_equal(log.steps, [0, 10, 20, 30])
    assert log.columns["val"] == "eval_loss"
    assert log.val_after == {2: 2.5, 4: 2.0}
    assert "not read: train_loss" in noted(log)


# Real trainings ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lightning(tmp_path_factory):
    """(the metrics.csv of Lightning's logger, its losses, its rates): rows for each apart."""
    from pytorch_lightning.loggers import CSVLogger

    logger = CSVLogger(tmp_path_factory.mktemp("logs"), name="run", version=0)
    losses = np.round(2 * 0.9 ** np.arange(20), 6)
    rates = np.where(np.arange(20) < 10, 0.1, 0.01)
    for t in range(20):
        logger.log_metrics({"lr-SGD": rates[t]}, step=t)
        logger.log_metrics({"train_loss_step": losses[t], "epoch": t // 10}, step=t)
        if t % 10 == 9:
            logger.log_metrics({"val_loss": losses[t] + 1, "epoch": t // 10}, step=t)
            logger.log_metrics({"train_loss_epoch": losses[t - 9 : t + 1].mean()}, step=t)
    logger.save()
    return os.path.join(logger.log_dir, "metrics.csv"), losses, rates


def test_reads_lightning_rows_of_training_rate_and_validation(lightning):
    path, losses, rates = lightning
    log = read_log(path)
    np.testing.assert_array_equal(log.losses, losses)
    np.testing.assert_array_equal(log.lrs, rates)
    assert log.val_after == {10: losses[9] + 1, 20: losses[19] + 1}
    assert log.columns == {
        "loss": "train_loss_step",
        "lr": "lr-SGD",
        "val": "val_loss",
        "step": "step",
    }
    assert noted(log) == "not read: train_loss_epoch"


def test_another_column_can_be_asked_for(lightning):
    path, losses, _ = lightning
    log = read_log(path, loss="train_loss_epoch", step="epoch")
    np.testing.assert_allclose(log.losses, [losses[:10].mean(), losses[10:].mean()])


def test_a_training_comes_back_as_it_was(file):
    from lrcourse.experiments import Sgd, digits, train
    from lrcourse.schedules import CosineDecay

    steps = 40
    rates = CosineDecay(0.1, steps)(np.arange(steps))
    run = train(digits(widths=(64, 16, 10), seed=0), rates[None], [0], Sgd(), 32)
    lines = [
        {"step": t, "loss": float(run.losses[0, t]), "lr": float(run.lrs[0, t])}
        for t in range(steps)
    ]
    log = read_log(file("log.jsonl", as_lines(lines)))
    np.testing.assert_array_equal(log.losses, run.losses[0])
    np.testing.assert_array_equal(log.lrs, run.lrs[0])


# TensorBoard -------------------------------------------------------------------------------------


@pytest.fixture
def board(tmp_path):
    """A function from a folder and {tag: values} to that folder, written by PyTorch."""
    from torch.utils.tensorboard import SummaryWriter

    def write(folder, every=1, first=0, **tags):
        with SummaryWriter(str(tmp_path / folder)) as writer:
            for tag, values in tags.items():
                for i, value in enumerate(values):
                    writer.add_scalar(tag.replace("__", "/"), value, first + i * every)
        return tmp_path / folder

    return write


def test_reads_a_folder_and_a_file_of_tensorboard(board):
    folder = board("run", Loss__train=LOSSES, Loss__val=[2.0, 1.5], lr=[0.5] * 4)
    log = read_log(folder)
    np.testing.assert_array_equal(log.losses, LOSSES)
    np.testing.assert_array_equal(log.lrs, [0.5] * 4)
    assert log.val_after == {1: 2.0, 2: 1.5}
    (path,) = folder.iterdir()
    np.testing.assert_array_equal(read_log(path).losses, LOSSES)


def test_a_folder_of_train_and_validation_is_one_run(board, tmp_path):
    board("keras/train", epoch_loss=LOSSES)
    board("keras/validation", epoch_loss=[5.0, 4.0, 3.0, 2.0])
    log = read_log(tmp_path / "keras")
    np.testing.assert_array_equal(log.losses, LOSSES)
    assert log.columns["val"] == "validation/epoch_loss"


def test_a_folder_of_several_runs_is_refused_with_one_to_name(board, tmp_path, refused):
    board("runs/first", loss=LOSSES)
    board("runs/second", loss=LOSSES)
    words = refused(tmp_path / "runs")
    assert "holds the logs of 2 runs: give the folder of one, such as" in words
    assert words.endswith("second")


def test_a_run_taken_up_again_in_a_second_event_file(board):
    board("run", loss=[9.0, 8.0, 7.0, 6.0])
    log = read_log(board("run", first=2, loss=[5.0, 4.0]))
    assert log.steps.tolist() == [0, 1, 2, 3]
    assert log.losses.tolist() == [9, 8, 5, 4]


def test_equal_rates_of_groups_are_one_though_every_value_has_its_own_event(board):
    folder = board("run", loss=LOSSES, lr__group0=RATES, lr__group1=RATES)
    np.testing.assert_allclose(read_log(folder).lrs, RATES, rtol=1e-6)


def test_reads_the_tensors_that_tensorflow_writes_for_scalars(tmp_path):
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.plugins.scalar.summary_v2 import scalar_pb
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(tmp_path))
    for t, loss in enumerate(LOSSES):
        writer.add_event(Event(step=t, summary=scalar_pb("epoch_loss", loss)))
    writer.close()
    np.testing.assert_array_equal(read_log(tmp_path).losses, LOSSES)


def test_an_event_that_is_cut_off_is_left_out_and_said(board):
    (path,) = board("run", loss=LOSSES).iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    log = read_log(path)
    assert log.losses.tolist() == LOSSES[:-1]
    assert "is cut off or damaged after 4 events: its last 37 bytes were left out" in noted(log)


def test_a_damaged_event_ends_the_reading_and_is_said(board):
    (path,) = board("run", loss=[*LOSSES, 0.75, 0.5]).iterdir()
    whole = path.read_bytes()
    at = whole.index(np.float32(0.75).tobytes())
    path.write_bytes(whole[:at] + np.float32(7.5).tobytes() + whole[at + 4 :])
    log = read_log(path)
    assert log.losses.tolist() == LOSSES  # never the 7.5
    assert "after 5 events: its last 84 bytes were left out" in noted(log)


def test_a_record_that_is_whole_but_no_event_is_left_out_and_said(board):
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    (path,) = board("run", loss=LOSSES).iterdir()
    value = Summary.Value(tag="loss", simple_value=0.5)
    event = Event(step=9, summary=Summary(value=[value])).SerializeToString()
    with open(path, "ab") as file:
        RecordWriter(file).write(b"\xff" * 9)
        RecordWriter(file).write(event)
    log = read_log(path)
    assert log.losses.tolist() == LOSSES
    assert f"its last {25 + len(event) + 16} bytes were left out" in noted(log)


def test_only_a_single_number_is_taken_from_a_summary(tmp_path):
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.text.summary_v2 import text_pb
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
    from tensorboard.util.tensor_util import make_tensor_proto

    writer = EventFileWriter(str(tmp_path))
    for t, loss in enumerate(LOSSES):
        many, word = (make_tensor_proto(each) for each in ([loss, 9.0], "nine"))
        shown = [Summary.Value(tag="lr", tensor=each) for each in (many, word)]
        shown += [Summary.Value(tag="loss", tensor=make_tensor_proto(loss))]
        for value in (*text_pb("val_loss", "text").value, *shown):
            writer.add_event(Event(step=t, summary=Summary(value=[value])))
    writer.close()
    log = read_log(tmp_path)
    assert (log.losses.tolist(), log.lrs, log.val) == (LOSSES, None, None)


def test_a_folder_without_events_and_a_false_event_file_are_refused(tmp_path, file, refused):
    assert "a folder without event files" in refused(tmp_path)
    assert "is no event file" in refused(file("events.out.tfevents.1", b"\xff" * 100))
    assert "is no event file" in refused(file("events.out.tfevents.2", b""))


def test_without_its_package_a_log_of_tensorboard_says_what_to_install(board, refused, monkeypatch):
    folder = board("run", loss=LOSSES)
    ours = "lrcourse.diagnosis.reading.events"
    for name in [name for name in sys.modules if name.startswith(("tensorboard", ours))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    assert 'pip install "lrcourse[tensorboard]"' in refused(folder)


# Names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "loss",
        "Loss",
        "train_loss",
        "train/loss",
        "training_loss",
        "Loss/train",
        "train_loss_step",
        "train_loss_epoch",
        "trainLoss",
        "training loss",
        "trainloss",
        "train/total_loss",
    ],
)
def test_knows_the_names_of_a_training_loss(file, name):
    log = read_log(file("log.csv", as_csv(f"step,{name},lr")))
    assert log.columns["loss"] == name


@pytest.mark.parametrize(
    "name",
    [
        "lr",
        "LR",
        "learning_rate",
        "learning rate",
        "learning_rate/group0",
        "lr-AdamW",
        "lr-SGD/pg1",
        "train/learning_rate",
        "learningRate",
        "lr/0",
        "train/lr",
    ],
)
def test_knows_the_names_of_a_rate(file, name):
    assert read_log(file("log.csv", as_csv(f"step,loss,{name}"))).columns["lr"] == name


@pytest.mark.parametrize("name", ["lr-SGD-momentum", "lr_scale", "weight_decay", "max_lr", "color"])
def test_takes_nothing_else_for_a_rate(file, name):
    assert read_log(file("log.csv", as_csv(f"step,loss,{name}"))).lrs is None


@pytest.mark.parametrize(
    "name",
    [
        "val_loss",
        "eval_loss",
        "valid_loss",
        "val/loss",
        "validation_loss",
        "Loss/val",
        "test_loss",
        "eval/loss",
        "dev loss",
        "valLoss",
    ],
)
def test_knows_the_names_of_a_validation_loss(file, name):
    assert read_log(file("log.csv", as_csv(f"step,loss,{name}"))).columns["val"] == name


@pytest.mark.parametrize(
    "name",
    [
        "step",
        "Step",
        "_step",
        "global_step",
        "iteration",
        "iter",
        "epoch",
        "trainer/global_step",
        "current_steps",
        "iter_num",
        "update",
        "train/global_step",
    ],
)
def test_knows_the_names_of_the_steps(file, name):
    log = read_log(file("log.csv", as_csv(f"{name},loss,lr")))
    assert (log.columns["step"], log.time) == (name, name)


def test_prefers_updates_to_epochs_and_validation_to_test(file):
    text = "epoch,global_step,loss,test_loss,val_loss\n0,0,3,9,5\n0,1,2,9,5\n1,2,1,9,4\n"
    log = read_log(file("log.csv", text))
    assert (log.columns["step"], log.columns["val"]) == ("global_step", "val_loss")
    assert "not read: test_loss" in noted(log)


def test_prefers_losses_of_updates_and_means_of_validation(file):
    text = "step,train_loss_epoch,loss,val_loss_step,val_loss\n0,9,3,8,5\n1,9,2,8,4\n"
    log = read_log(file("log.csv", text))
    assert (log.columns["loss"], log.columns["val"]) == ("loss", "val_loss")


def test_prefers_a_curve_to_a_single_number(file):
    text = "step,train_loss,train_loss_epoch\n0,,3\n1,,2\n2,2.5,1\n"
    assert read_log(file("log.csv", text)).columns["loss"] == "train_loss_epoch"


def test_losses_of_parts_are_not_taken_for_the_loss(file, refused):
    path = file("log.csv", "step,box_loss,cls_loss\n0,1,2\n1,1,2\n")
    words = refused(path)
    assert "no column looks like a training loss" in words
    assert "step, box_loss and cls_loss: choose with --loss NAME" in words
    assert read_log(path, loss="cls_loss").losses.tolist() == [2, 2]


def test_several_that_fit_are_refused_unless_one_is_chosen(file, refused):
    path = file("log.csv", "step,loss,train_loss\n0,1,2\n1,3,4\n")
    assert "several columns look like a training loss, loss and train_loss" in refused(path)
    assert read_log(path, loss="train_loss").losses.tolist() == [2, 4]


def test_groups_with_the_same_rate_are_one_and_others_must_be_chosen(file, refused):
    same = "step,loss,lr-SGD/pg1,lr-SGD/pg2\n0,2,0.1,0.1\n1,1,0.2,0.2\n"
    log = read_log(file("same.csv", same))
    assert log.lrs.tolist() == [0.1, 0.2]
    apart = file("apart.csv", same.replace("0.2,0.2", "0.2,0.3"))
    assert "several columns look like a rate" in refused(apart)
    assert "--lr NAME" in refused(apart)
    assert read_log(apart, lr="lr-SGD/pg2").lrs.tolist() == [0.1, 0.3]


def test_a_column_that_is_not_there_is_refused_with_those_that_are(file, refused):
    path = file("log.csv", as_csv())
    assert "no column 'los' for loss; it has step, loss and lr" in refused(path, loss="los")
    assert "must be the name of a column, got 3" in refused(path, lr=3)


# Steps -------------------------------------------------------------------------------------------


def run_of(steps, first=0.0):
    return "".join(f"{step},{first + i}\n" for i, step in enumerate(steps))


def test_of_two_runs_in_a_file_the_last_is_read_and_it_is_said(file):
    log = read_log(file("log.csv", "step,loss\n" + run_of(range(5)) + run_of(range(4), 100)))
    assert log.losses.tolist() == [100, 101, 102, 103]
    assert "'step' goes back from 4 to 0 in line 7" in noted(log)
    assert "5 losses that were recorded before, from 0 on, were left out" in noted(log)


def test_what_was_trained_again_after_a_restart_counts_once(file):
    lines = [{"step": t, "loss": t, "lr": 0.1} for t in range(10)]
    lines += [{"step": 3, "val_loss": 1.0}, {"step": 9, "val_loss": 2.0}]
    lines += [{"step": t, "loss": 100 + t, "lr": 0.2} for t in range(6, 12)]
    log = read_log(file("log.jsonl", as_lines(lines)))
    assert log.steps.tolist() == list(range(12))
    assert log.losses.tolist() == [*range(6), *range(106, 112)]
    assert log.lrs.tolist() == [0.1] * 6 + [0.2] * 6
    assert log.val_after == {4: 1.0}  # that of step 9 belonged to what was trained again
    assert "goes back from 9 to 6 in line 13" in noted(log)


def test_steps_that_begin_anew_are_refused_with_the_line_and_the_remedy(file, refused):
    path = file("log.csv", "step,loss\n" + 3 * run_of(range(4)))
    words = refused(path)
    assert "'step' goes back 2 times, first in line 6" in words
    assert "--step rows" in words
    assert len(read_log(path, step="rows").losses) == 12


def test_steps_within_epochs_are_counted_through(file):
    rows = "".join(f"{epoch},{i},{10 * epoch + i}\n" for epoch in range(3) for i in range(4))
    for header in ("epoch,iter,loss\n", "epoch,batch,loss\n"):
        log = read_log(file("log.csv", header + rows))
        assert log.steps.tolist() == list(range(12))
        assert log.losses[-1] == 23
        assert "does not count through the whole run" in noted(log)


def test_a_restart_is_none_of_the_epochs(file):
    lines = [{"step": t, "epoch": t // 5, "loss": t} for t in [*range(10), *range(7, 12)]]
    log = read_log(file("log.jsonl", as_lines(lines)))
    assert log.steps.tolist() == list(range(12))
    assert "goes back from 9 to 7" in noted(log)


def test_steps_that_stand_still_are_not_the_count(file):
    log = read_log(file("log.csv", "step,loss\n" + 3 * "0,3\n" + 3 * "1,2\n"))
    assert log.steps.tolist() == list(range(6))
    assert "'step' does not count through the whole run" in noted(log)


def test_steps_out_of_order_are_refused(file, refused):
    steps = [0, *(10 + t + 2 * (-1) ** t for t in range(60))]
    words = refused(file("log.csv", "step,loss\n" + run_of(steps)))
    assert "'step' goes back 30 times" in words


def test_a_rate_recorded_less_often_is_held_and_said(file):
    lines = [{"step": 2, "lr": 0.1}, {"step": 5, "lr": 0.2}]
    lines += [{"step": t, "loss": 1.0} for t in range(8)]
    log = read_log(file("log.jsonl", as_lines(lines)))
    np.testing.assert_array_equal(log.lrs, [np.nan] * 2 + [0.1] * 3 + [0.2] * 3)
    assert "4 losses have no rate and take the last one before" in noted(log)
    assert "the first 2 losses have no rate yet" in noted(log)


def test_lines_without_a_step_take_the_last_and_it_is_said(file):
    lines = [{"step": 0, "loss": 3}, {"step": 1, "loss": 2}, {"val_loss": 5}]
    log = read_log(file("log.jsonl", as_lines([{"val_loss": 9}, *lines, {"step": 2, "loss": 1}])))
    assert log.val_after == {2: 5}
    assert "1 value of 'val_loss' stand in a line without 'step'" in noted(log)
    assert "1 value of 'val_loss' before the first 'step' were left out" in noted(log)


def test_several_validations_between_two_losses_are_said(file):
    lines = [{"step": 0, "loss": 3}, {"step": 3, "val_loss": 5}, {"step": 6, "val_loss": 4}]
    log = read_log(file("log.jsonl", as_lines([*lines, {"step": 10, "loss": 1}])))
    assert log.val.steps.tolist() == [3, 6]
    assert log.val_after == {1: 4}
    assert "1 validation loss between the same two losses" in noted(log)


# What is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("\n\n  \n", "is empty"),
        ("step,loss\n", "holds no losses: the column loss has no number"),
        ("step,loss\n0,2\n", "holds only 1 loss (line 2), and a curve needs many"),
        ('{"step": 0, "loss": 2}\n', "holds only 1 loss (line 1)"),
        ("step,acc\n0,2\n", "there are step and acc: choose with --loss NAME"),
        ("0,2.5\n1,2.0\n", "has no header: its first line is 0, 2.5"),
        ("step,loss\n0,2\n1,two\n", "line 3 has 'two' in the column 'loss', which is no number"),
        ("step,loss\nzero,2\n1,2\n", "line 2 has 'zero' in the column 'step'"),
        ("step;loss\n0;2,5\n1;2,4\n", "line 2 has '2,5' in the column 'loss'"),
        ("step;loss\n0;2,5\n1;2,4\n", "export the numbers with decimal points"),
        ("step,loss\n0,2,5\n1,2,4\n", "line 2 has 3 cells, but the header names 2 columns (num"),
        ("step,loss,lr\n0,2\n1,2,3\n", "line 2 has 2 cells, but the header names 3 columns: re"),
        ("step,loss,lr\n0,2,3\n1,2\n", "line 3 has 2 cells"),  # the last, but a whole line
        ("loss,loss\n1,2\n", "the header names loss twice"),
        (b"\x00\x01\x02" * 50, "is no text"),
        (b"\xff\xfa\x80 rubbish \xc0" * 20, "is no text"),
        ('{"loss": 1}\nhello\n{"loss": 2}\n', "line 2 is no JSON object"),
        ("{'loss': 1}\n{'loss': 2}\n", "is no whole JSON"),
        ('{"loss": 1}\n[1, 2]\n', "line 2 is no JSON object"),
        ('{"loss": true}\n{"loss": false}\n', "line 1 has 'True' in the column 'loss'"),
        ('[{"loss": 1}, ', "is no whole JSON"),
        ("[1, 2, 3]", "is JSON, but no log"),
        ("[" * 100_000, "is no whole JSON"),
        ("{}\n{}\n", "nothing in it has a name"),
        ('step,loss\n0,"' + "x" * 200_000, "line 2 is no CSV"),
        ("step,loss" + "x" * 200_000 + "\n0,1\n", "line 1 is no CSV"),
        ("step,loss\nnan,2\ninf,1\n", "holds only 0 losses, and a curve needs many"),
    ],
)
def test_refuses_in_one_sentence(file, refused, content, words):
    path = file("log.txt", content)
    assert words in refused(path)
    assert refused(path).startswith(f"{path}: ")


def test_a_file_that_cannot_be_opened_is_refused(tmp_path, refused):
    for name in ("missing.csv", "events.out.tfevents.missing"):
        assert "cannot be read: No such file" in refused(tmp_path / name)
    assert "cannot be read" in refused(tmp_path / ("x" * 260))
    assert "null byte" in refused("a\0b")
    assert "path must be the name of a file, got None" in refused(None)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read_is_refused(file, refused):
    path = file("log.csv", as_csv())
    path.chmod(0)
    assert "cannot be read: Permission denied" in refused(path)


def test_a_curve_is_wide_where_its_losses_are_far_apart_or_one_is():
    flat = np.full(100, 2.0)
    assert not is_wide(flat)
    assert is_wide(np.geomspace(2, 0.1, 100))
    assert is_wide(np.append(flat, 50.0))
    assert not is_wide(np.append(np.geomspace(2, 0.1, 100), -1.0))
    assert not is_wide(np.full(3, np.nan))


@pytest.mark.slow
def test_a_million_lines_fit_into_little_memory(file):
    import tracemalloc

    text = "step,loss,lr,text\n" + "".join(f"{i},{1 / (i + 1)},0.1,x\n" for i in range(1_000_000))
    path = file("log.csv", text)
    tracemalloc.start()
    log = read_log(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(log.losses) == 1_000_000
    assert peak < 300e6
