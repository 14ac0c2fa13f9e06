"""LoRA: adapt a trained network by adding to its matrices the product of two thin ones, and train only those.

A matrix W of r rows and c columns becomes W + s·B·A, where B has r rows and ``rank`` columns, A ``rank`` rows and c
columns, and s = ``scale`` / ``rank`` (Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models"). B begins at 0, so at first
nothing has changed; W stays as it is. At rank 4 a matrix of 1,024 × 256 is steered by 5,120 numbers instead of 262,144,
and those few are all that has to be kept of a training run.

It works on the weights and not on the layer's inputs, so it also serves the recurrent matrices of an LSTM: the sum is formed
once for each call, and the fused ``nn.LSTM`` runs as it always does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrize

from lmcourse.errors import LmcourseError
from lmcourse.nn.lstm import Counted

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


# --- a model that is kept as its changes to another -----------------------------------------------------------------


@dataclass(frozen=True)
class AdaptedConfig:
    """How an :class:`Adapted` model comes from its base: the class ``model`` with its ``config``, into which the base's weights
    go under the name ``prefix``. ``base`` is a shipped model's name or a checkpoint's path, ``digest`` that of its weights."""

    model: str
    config: dict[str, Any]
    base: str
    digest: str
    prefix: str = ""
    rank: int = 4
    scale: float = 8.0
    layers: list[str] = field(default_factory=list)

    @property
    def vocab_size(self) -> int:
        """That of the language model inside."""
        return self.config.get("lm", self.config)["vocab_size"]


class Adapted(Counted):
    """A model with LoRA whose state is what was trained: the factors, and whatever it has beside its base (a classifier's head).

    A checkpoint of it is small, and is put onto its base again when it is loaded: :meth:`complete`.
    """

    def __init__(self, config: AdaptedConfig) -> None:
        super().__init__()
        from lmcourse.nn import MODELS

        if config.model not in MODELS:
            raise LmcourseError(f"LoRA was added to a {config.model}, which is not among {', '.join(MODELS)}; update lmcourse.")
        model_class, config_class = MODELS[config.model]
        self.config = config
        self.inner = add_lora(model_class(config_class(**config.config)), config.rank, config.scale, config.layers)
        for name, parameter in self.inner.named_parameters():
            if config.prefix and not name.startswith(config.prefix):
                parameter.requires_grad_()

    def forward(self, *inputs: Any) -> Any:
        """What the model inside gives."""
        return self.inner(*inputs)

    def trained(self) -> dict[str, nn.Parameter]:
        """The parameters that training may change, by name."""
        return {name: parameter for name, parameter in self.named_parameters() if parameter.requires_grad}

    def state_dict(self, *args: Any, **options: Any) -> dict[str, Tensor]:
        """Only what is trained: the rest is the base's."""
        return {name: parameter.detach() for name, parameter in self.trained().items()}

    def load_state_dict(self, state: Mapping[str, Tensor], *args: Any, **options: Any) -> None:
        """The inverse of :meth:`state_dict`."""
        own = self.trained()
        if {name: value.shape for name, value in own.items()} != {name: value.shape for name, value in state.items()}:
            raise RuntimeError("these are not the weights that LoRA trains in this model")
        with torch.no_grad():
            for name, parameter in own.items():
                parameter.copy_(state[name])

    def put_on(self, base: nn.Module) -> Adapted:
        """Take the weights of the base model; another one than that of the training is refused."""
        weights = base.state_dict()
        if digest_of(weights) != self.config.digest:
            raise LmcourseError(
                f"{self.config.base} is no longer the model that LoRA was trained on; restore that model, or fine-tune again."
            )
        own = dict(self.inner.named_parameters())
        with torch.no_grad():
            for name, value in weights.items():
                path, _, last = f"{self.config.prefix}{name}".rpartition(".")
                original = f"{path}.parametrizations.{last}.original".lstrip(".")
                own[original if original in own else f"{path}.{last}".lstrip(".")].copy_(value)
        return self

    def complete(self, base: nn.Module) -> nn.Module:
        """An ordinary model: the base's weights, the factors merged into them, and the rest."""
        self.put_on(base)
        merge(self.inner)
        return self.inner.requires_grad_()


def digest_of(weights: Mapping[str, Tensor]) -> str:
    """The same for the same weights."""
    found = hashlib.sha256()
    for name in sorted(weights):
        found.update(name.encode())
        found.update(weights[name].detach().cpu().float().contiguous().numpy().tobytes())
    return found.hexdigest()
