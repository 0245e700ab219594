"""TorchScheduler inside the trainers that people use: the rates of the real updates are read."""

import logging

import numpy as np
import pytest
import torch

from lrcourse.schedules import CosineDecay, LinearWarmup, ReduceOnPlateau
from lrcourse.torch_scheduler import TorchScheduler

pytestmark = [  # the last mark is asked first
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("error:TorchScheduler"),
]
SCHEDULE = LinearWarmup(0.1, 5) >> CosineDecay(0.1, 20)
NEVER_BETTER = ReduceOnPlateau(0.1, factor=0.5, patience=0, threshold=1e9, threshold_mode="abs")
X, Y = torch.linspace(-1, 1, 80).reshape(40, 2), torch.ones(40)  # 10 batches of 4


def watched(parameters):
    """An optimizer, and the list of the rates that its updates really use."""
    optimizer, used = torch.optim.AdamW(parameters, lr=1.0), []
    optimizer.register_step_pre_hook(lambda o, *_: used.append(o.param_groups[0]["lr"]))
    return optimizer, used


def mean_square(model, x, y):
    return ((model(x).squeeze(-1) - y) ** 2).mean()


class TestTransformers:
    """transformers.Trainer takes the scheduler in `optimizers=(optimizer, scheduler)`."""

    @pytest.fixture
    def train(self, tmp_path):
        from transformers import trainer as trainers
        from transformers import training_args as arguments

        class Line(torch.nn.Linear):
            def forward(self, x, labels):
                return {"loss": mean_square(super().forward, x, labels), "labels": labels}

        def train(schedule, steps, resume=None, callback=None, **options):
            model = Line(2, 1)
            optimizer, used = watched(model.parameters())
            scheduler = TorchScheduler(optimizer, schedule)
            options |= {"report_to": [], "disable_tqdm": True, "use_cpu": True, "save_steps": 7}
            data = [{"x": x, "labels": y} for x, y in zip(X, Y, strict=True)]
            trainers.Trainer(
                model,
                arguments.TrainingArguments(
                    tmp_path, max_steps=steps, per_device_train_batch_size=4, **options
                ),
                train_dataset=data,
                eval_dataset=data,
                optimizers=(optimizer, scheduler),
                callbacks=callback and [callback(scheduler)],
            ).train(resume and tmp_path / resume)
            return used

        return train

    def test_uses_the_rates_of_the_schedule_and_resumes(self, train):
        np.testing.assert_array_equal(train(SCHEDULE, 21), SCHEDULE(np.arange(21)))
        resumed = train(SCHEDULE, 21, resume="checkpoint-7")
        np.testing.assert_array_equal(resumed, SCHEDULE(np.arange(7, 21)))

    def test_counts_updates_where_gradients_are_accumulated(self, train):
        used = train(SCHEDULE, 10, gradient_accumulation_steps=2)
        np.testing.assert_array_equal(used, SCHEDULE(np.arange(10)))

    def test_a_plateau_hears_its_metric_through_a_callback(self, train):
        from transformers import trainer_callback as callbacks

        class Tell(callbacks.TrainerCallback):
            def __init__(self, scheduler):
                self.scheduler = scheduler

            def on_evaluate(self, _args, _state, _control, metrics, **_):
                self.scheduler.update(metrics["eval_loss"])

        options = {"eval_strategy": "steps", "eval_steps": 2}
        used = train(LinearWarmup(0.1, 3) >> NEVER_BETTER, 9, callback=Tell, **options)
        warm, best, cuts = [0, 0.1 / 3, 0.2 / 3, 0.1], [0.1, 0.1], [0.05, 0.05, 0.025]
        np.testing.assert_allclose(used, warm + best + cuts)


class TestLightning:
    """Lightning takes it from configure_optimizers; "interval" is "epoch" unless told."""

    @pytest.fixture
    def fit(self, tmp_path):
        import pytorch_lightning as lightning

        logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)

        class Line(lightning.LightningModule):
            def __init__(self, schedule, config):
                super().__init__()
                self.line, self.schedule, self.config = torch.nn.Linear(2, 1), schedule, config

            def training_step(self, batch):
                return mean_square(self.line, *batch)

            def validation_step(self, batch):
                self.log("val_loss", mean_square(self.line, *batch))

            def configure_optimizers(self):
                optimizer, self.used = watched(self.parameters())
                scheduler = TorchScheduler(optimizer, self.schedule)
                config = {"scheduler": scheduler, **self.config}
                return {"optimizer": optimizer, "lr_scheduler": config}

        def fit(schedule, steps, config, load=None, save=None, **options):
            batches = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, Y), 4)
            names = (
                "logger",
                "enable_progress_bar",
                "enable_model_summary",
                "enable_checkpointing",
            )
            model = Line(schedule, config)
            trainer = lightning.Trainer(
                max_steps=steps,
                accelerator="cpu",
                default_root_dir=tmp_path,
                num_sanity_val_steps=0,
                **dict.fromkeys(names, False),
                **options,
            )
            trainer.fit(model, batches, batches, ckpt_path=load and tmp_path / load)
            if save:
                trainer.save_checkpoint(tmp_path / save)
            return model.used

        return fit

    def test_uses_the_rates_of_the_schedule_and_resumes(self, fit):
        every_step = {"interval": "step"}
        used = fit(SCHEDULE, 9, every_step, save="half.ckpt")
        used += fit(SCHEDULE, 21, every_step, load="half.ckpt")
        np.testing.assert_array_equal(used, SCHEDULE(np.arange(21)))

    def test_counts_updates_where_gradients_are_accumulated(self, fit):
        used = fit(SCHEDULE, 10, {"interval": "step"}, accumulate_grad_batches=2)
        np.testing.assert_array_equal(used, SCHEDULE(np.arange(10)))

    def test_a_plateau_hears_its_metric_when_told_that_it_is_one(self, fit):
        config = {"interval": "epoch", "monitor": "val_loss", "reduce_on_plateau": True}
        used = fit(NEVER_BETTER, 40, config)
        np.testing.assert_array_equal(used[::10], [0.1, 0.1, 0.05, 0.025])
