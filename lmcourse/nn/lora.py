"""LoRA: adapt a trained network by adding to its matrices the product of two thin ones, and train only those.

A matrix W of r rows and c columns becomes W + s·B·A, where B has r rows and ``rank`` columns, A ``rank`` rows and c
columns, and s = ``scale`` / ``rank`` (Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models"). B begins at 0, so at first
nothing has changed; W stays as it is. At rank 4 a matrix of 1,024 × 256 is steered by 5,120 numbers instead of 262,144,
and those few are all that has to be kept of a training run.

It works on the weights and not on the layer's inputs, so it also serves the recurrent matrices of an LSTM: the sum is formed
once for each call, and the fused ``nn.LSTM`` runs as it always does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrize

from lmcourse.errors import LmcourseError

MATRICES = {nn.Linear: ("weight",), nn.LSTM: ("weight_ih", "weight_hh")}  # of each kind of layer, as their names begin


class LowRank(nn.Module):
    """What is added to one matrix: ``scale`` / ``rank`` · B · A."""

    def __init__(self, weight: Float[Tensor, "rows columns"], rank: int, scale: float) -> None:
        super().__init__()
        if not 1 <= rank <= min(weight.shape):
            raise LmcourseError(f"The rank must be from 1 to {min(weight.shape)} for a matrix of {tuple(weight.shape)}, not {rank}.")
        self.factor = scale / rank
        self.a = nn.Parameter(weight.new_empty(rank, weight.shape[1]))
        self.b = nn.Parameter(weight.new_zeros(weight.shape[0], rank))
        nn.init.kaiming_uniform_(self.a, a=5**0.5)

    def forward(self, weight: Float[Tensor, "rows columns"]) -> Float[Tensor, "rows columns"]:
        """The adapted matrix."""
        return torch.addmm(weight, self.b, self.a, alpha=self.factor)


def add_lora(model: nn.Module, rank: int = 4, scale: float = 8.0, layers: Iterable[str] | None = None) -> nn.Module:
    """Add factors to all matrices of the linear and LSTM layers of ``model``, or of those named in ``layers``; freeze the rest.

    The model is changed in place and returned. Its outputs are what they were, until training moves the factors.
    """
    if any(True for _ in adapted(model)):
        raise LmcourseError("This model has LoRA factors already; merge or remove them first.")
    wanted = None if layers is None else set(layers)
    found = [(name, layer) for name, layer in model.named_modules() if type(layer) in MATRICES]
    if wanted is not None and (missing := wanted - {name for name, _ in found}):
        raise LmcourseError(
            f"The model has no linear or LSTM layer {', '.join(sorted(missing))}; it has {', '.join(name for name, _ in found)}."
        )
    chosen = [(name, layer) for name, layer in found if wanted is None or name in wanted]
    if not chosen:
        raise LmcourseError("The model has no linear or LSTM layer that LoRA could be added to.")
    model.requires_grad_(False)
    for _, layer in chosen:
        begins = MATRICES[type(layer)]
        for name in [name for name, _ in layer.named_parameters(recurse=False) if name.startswith(begins)]:
            # unsafe: the check that comes with safe would run the product once, and what it checks holds by construction
            parametrize.register_parametrization(layer, name, LowRank(getattr(layer, name), rank, scale), unsafe=True)
    return model


def adapted(model: nn.Module) -> Iterator[tuple[str, nn.Module, str]]:
    """Every matrix that has factors: its full name, its layer and its name there."""
    for path, layer in model.named_modules():
        if parametrize.is_parametrized(layer):
            for name, parts in layer.parametrizations.items():
                if isinstance(parts[0], LowRank):
                    yield f"{path}.{name}".lstrip("."), layer, name


def factors(model: nn.Module) -> dict[str, Tensor]:
    """The factors alone, ``lstm.weight_hh_l0.a`` and so on: all that training has changed, and all there is to save."""
    found = {}
    for full, layer, name in adapted(model):
        part = layer.parametrizations[name][0]
        found |= {f"{full}.a": part.a.detach(), f"{full}.b": part.b.detach()}
    return found


def load_factors(model: nn.Module, values: dict[str, Tensor]) -> None:
    """Put factors that :func:`factors` gave into a model that has places for exactly these."""
    places = factors(model)
    if {name: value.shape for name, value in places.items()} != {name: value.shape for name, value in values.items()}:
        raise LmcourseError("These LoRA factors do not fit the model; add LoRA with the rank and layers that they were trained with.")
    for name, place in places.items():
        place.copy_(values[name])


def merge(model: nn.Module) -> dict[str, Tensor]:
    """Make the sums the weights and remove the factors: an ordinary model again, as fast as before LoRA.

    Returned are the matrices as they were, for :func:`unmerge`: a subtraction would not bring back the last digits.
    """
    originals = {}
    for full, layer, name in list(adapted(model)):
        originals[full] = layer.parametrizations[name].original.detach().clone()
        parametrize.remove_parametrizations(layer, name, leave_parametrized=True)
    return originals


def remove(model: nn.Module) -> None:
    """Take the factors out: the model is to the bit what it was before."""
    for _, layer, name in list(adapted(model)):
        parametrize.remove_parametrizations(layer, name, leave_parametrized=False)


def unmerge(model: nn.Module, originals: dict[str, Tensor]) -> None:
    """Undo :func:`merge`: the matrices are again, to the bit, what they were before LoRA."""
    own = dict(model.named_parameters())
    for name, weight in originals.items():
        if name not in own or own[name].shape != weight.shape:
            raise LmcourseError(f"The model has no matrix {name} of {tuple(weight.shape)}; unmerge the model that was merged.")
        own[name].data.copy_(weight)
