"""Runs beside the answers to exam.2 and exam.3 and makes plain numbers of them.

It holds no answer: the sandbox gets its text, and a student may read it.
"""

import warnings

import torch
from torch.optim.lr_scheduler import LambdaLR


def rates_of(drop_on_plateau, lr, patience, losses):
    """The rate after each loss."""
    scheduler = drop_on_plateau(lr, patience)
    return [scheduler.step(loss) for loss in losses]


def losses_of(train, start, peak_lr, steps):
    """The losses of a run on (w - 1)², w from `start`, with a rate that falls linearly; then w."""
    w = torch.tensor([start], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=peak_lr)
    scheduler = LambdaLR(optimizer, lambda t: 1 - t / (2 * steps))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's; the verdict says more
        losses = train(optimizer, scheduler, lambda: ((w - 1) ** 2).sum(), steps)
    return [*losses, w.item()]
