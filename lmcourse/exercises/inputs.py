"""Inputs that several lessons' exercises are tried on."""

from __future__ import annotations

from random import Random

import torch
from jaxtyping import Float
from torch import Tensor, nn

Numbers = Float[Tensor, "..."]


def drawn(random: Random, *shape: int) -> Numbers:
    """Numbers of about 1, rounded, so that they can be read."""
    generator = torch.Generator().manual_seed(random.randrange(1 << 30))
    return (torch.randn(shape, generator=generator) * 10).round() / 10


class PlainDescent:
    """Gradient descent with the two methods that a training loop needs; the first of PyTorch's optimizers in a process takes a second to load."""

    def __init__(self, parameters: list[nn.Parameter], rate: float) -> None:
        self.parameters, self.rate = parameters, rate

    def zero_grad(self, set_to_none: bool = True) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter -= self.rate * parameter.grad
