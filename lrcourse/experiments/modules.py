"""Any torch.nn.Module as a network for many runs at once: the general path.

The networks of networks.py are written for a row of weights for each run and are faster; here
torch.func.vmap turns a module that knows nothing of rows into one that does.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from lrcourse.experiments.networks import Network, Shapes
from lrcourse.schedules.units import shown

_DRAWING = threading.Lock()  # torch's initialisers all draw from one global generator


@dataclass(frozen=True)
class ModuleNetwork(Network):
    """`make()` gives the module; its own initialisers draw the start from the seed of the run.

    Refused is what could not be the same run after run: batch norm with running statistics,
    which no gradient trains, and dropout, whose randomness is not drawn from the run's seed.
    """

    make: Callable[[], nn.Module]

    def __post_init__(self) -> None:
        if isinstance(self.make, nn.Module) or not callable(self.make):
            raise ValueError(
                f"ModuleNetwork: make must be a function that makes a module, as "
                f"lambda: torch.nn.Linear(40, 10), got {shown(self.make)}"
            )
        module = self.made(0)
        if not isinstance(module, nn.Module):
            raise ValueError(f"ModuleNetwork: make must return a module, got {shown(module)}")
        if not list(module.parameters()):
            raise ValueError(
                f"ModuleNetwork: make must return a module with parameters, got {shown(module)}"
            )
        if not all(parameter.requires_grad for parameter in module.parameters()):
            raise ValueError(
                f"ModuleNetwork: make must return a module that trains in every parameter; keep "
                f"what is frozen in a buffer, got {shown(module)}"
            )
        for name, part in module.named_modules():
            _refuse_untrainable(name or "the module", part)

    def made(self, seed: int) -> Any:
        """A new module, drawn from `seed`; the global random numbers go on as before."""
        with _DRAWING, torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            return self.make()

    @cached_property
    def _of_thread(self) -> threading.local:
        return threading.local()

    @property
    def module(self) -> nn.Module:
        """The module whose code runs, one in each thread; its own parameters are never used."""
        if not hasattr(self._of_thread, "module"):
            self._of_thread.module = self.made(0)
        return self._of_thread.module

    @cached_property
    def shapes(self) -> Shapes:
        return {name: tuple(each.shape) for name, each in self.module.named_parameters()}

    def start(self, seed: int) -> Tensor:
        parameters = self.made(seed).parameters()
        return torch.cat([each.detach().double().flatten() for each in parameters])

    def outputs(self, weights: Tensor, x: Tensor) -> Tensor:
        buffers = {
            name: each.to(weights if each.is_floating_point() else weights.device)
            for name, each in self.module.named_buffers()
        }

        def one_run(parameters: dict[str, Tensor], x: Tensor) -> Tensor:
            return torch.func.functional_call(self.module, parameters | buffers, (x,))

        return torch.func.vmap(one_run)(self.unpacked(weights), x)

    def __reduce__(self) -> tuple:
        """Pickled as `make` alone, which must then be a function of a module, not a lambda."""
        return ModuleNetwork, (self.make,)


def _refuse_untrainable(name: str, part: nn.Module) -> None:
    """ValueError, one sentence, where this part of a module cannot be trained in rows."""
    if getattr(part, "track_running_stats", False):
        raise ValueError(
            f"ModuleNetwork: make must return a module without running statistics, which no "
            f"gradient trains; pass track_running_stats=False to {name}, {shown(part)}"
        )
    if _chance(part) > 0:
        raise ValueError(
            f"ModuleNetwork: make must return a module without dropout, whose randomness is not "
            f"drawn from the seed of a run; pass 0 to {name}, {shown(part)}"
        )


def _chance(part: nn.Module) -> float:
    """With which chance it drops something: Dropout calls it p, attention and LSTM dropout."""
    chance = getattr(part, "p" if isinstance(part, nn.modules.dropout._DropoutNd) else "dropout", 0)
    return chance if isinstance(chance, int | float) else 0
