"""A task for a small transformer: say which token stood one place before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from lrcourse.experiments.networks import Network, Transformer
from lrcourse.experiments.plan import refuse_below_one
from lrcourse.experiments.problems import DATA_SEED, cross_entropy
from lrcourse.schedules.units import checked

BLOCK = 50  # the sequences of so many updates are drawn at once


@dataclass(frozen=True)
class PreviousToken:
    """Random tokens; at each position but the first, the answer is the token before it.

    Every update sees fresh sequences, so nothing can be learned by heart. Whoever guesses has a
    loss of ln V for V different tokens: 2.30 for 10. Tests are "loss" and "accuracy" (0 to 1).
    """

    x_test: Tensor  # (N, T)
    tokens: int  # V
    network: Network
    dtype: torch.dtype = torch.float32

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        return self.network.shapes

    def start(self, seed: int) -> Tensor:
        return self.network.start(seed).to(self.dtype)

    def epoch(self, generator: torch.Generator, batch_size: int) -> Tensor:
        """The sequences of the next batches: (50, B, T)"""
        size = (BLOCK, batch_size, self.x_test.shape[1])
        return torch.randint(self.tokens, size, generator=generator)

    def loss(self, weights: Tensor, seen: Tensor) -> Tensor:
        answers, right = self.answers(weights, seen)
        return cross_entropy(answers, right).mean((1, 2))

    def test(self, weights: Tensor) -> dict[str, Tensor]:
        answers, right = self.answers(weights, self.x_test.expand(len(weights), -1, -1))
        return {
            "loss": cross_entropy(answers, right).mean((1, 2)),
            "accuracy": (answers.argmax(-1) == right).to(answers.dtype).mean((1, 2)),
        }

    def answers(self, weights: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """(R, B, T) -> what is answered, (R, B, T − 1, V), and what is right, (R, B, T − 1)"""
        return self.network.outputs(weights, x)[:, :, 1:], x[:, :, :-1]

    def to(self, device: str) -> "PreviousToken":
        return replace(self, x_test=self.x_test.to(device))


def previous_token(
    norm: str = "post",
    layers: int = 4,
    test_size: int = 500,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
) -> PreviousToken:
    """Sequences of 8 out of 10 tokens, and the small transformer (width 16) that learns them.

    With norm="post" and 4 layers, Adam at a rate of 0.03 needs a warmup: without one it stays
    where guessing is. With norm="pre" it learns at once.
    """
    refuse_below_one("previous_token", test_size=test_size)
    network = Transformer(tokens=10, length=8, layers=layers, norm=norm)
    generator = torch.Generator().manual_seed(checked("previous_token", "seed", DATA_SEED, seed))
    x_test = torch.randint(10, (test_size, 8), generator=generator)
    return PreviousToken(x_test, 10, network, dtype)
