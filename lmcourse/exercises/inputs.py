"""Inputs that several lessons' exercises are tried on."""

from __future__ import annotations

from random import Random

import torch
from jaxtyping import Float
from torch import Tensor

Numbers = Float[Tensor, "..."]


def drawn(random: Random, *shape: int) -> Numbers:
    """Numbers of about 1, rounded, so that they can be read."""
    generator = torch.Generator().manual_seed(random.randrange(1 << 30))
    return (torch.randn(shape, generator=generator) * 10).round() / 10
