"""A schedule under your hands: sliders, its curve, and PyTorch's curve beside it."""

from lrcourse.explore.explorer import Explorer, explore

__all__ = ["Explorer", "explore"]
