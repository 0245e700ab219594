"""Section 10, batch size: the four situations of 10.5."""

from typing import Any

LETTERS = "ABCD"
SITUATIONS = (
    "Plain SGD, tuned at a batch of {small}. The noise scale is {high:,}. The new batch is "
    "{new_small}.",
    "AdamW, tuned at a batch of {small}. The noise scale is {high:,}. The new batch is "
    "{new_small}.",
    "SGD with momentum, tuned at a batch of {large:,}. The noise scale is {low}. The new batch "
    "is {new_large:,}.",
    "LARS, tuned at a batch of {large:,}. You have not measured the noise scale. The new batch "
    "is {new_large:,}.",
)


def situations(order: list[int], **numbers: Any) -> str:
    """The four situations as a list, in the order of this learner."""
    texts = (SITUATIONS[number].format(**numbers) for number in order)
    return "\n".join(f"- **{name}.** {text}" for name, text in zip(LETTERS, texts, strict=True))
