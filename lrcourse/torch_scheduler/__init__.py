"""The bridge to PyTorch: let one of our schedules drive any torch optimizer."""

from lrcourse.torch_scheduler.lookup import BLOCK
from lrcourse.torch_scheduler.scheduler import TorchScheduler

__all__ = ["BLOCK", "TorchScheduler"]
