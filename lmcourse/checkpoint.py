"""Checkpoints: a trained model in one file that is either whole or refused, and that cannot run code when it is read.

The file is in the *safetensors* format (Hugging Face, 2022): a length, a JSON header, and the raw numbers of the
tensors. Python's own pickle, on the other hand, is a program, and loading it runs it. Into the header's free field
goes one JSON object with the rest: format version, the model's class and configuration, the tokenizer, the state of
training, and a SHA-256 digest of the whole file, so that a file cut short or changed by a single bit is noticed.
(The digest finds accidents; whoever changes a file on purpose can compute a new one.)

A run keeps two: ``DIR/best.safetensors`` is the model as it was when the validation loss was lowest, for use;
``DIR/last.safetensors`` also has the optimiser, the random states and the carried hidden state, to go on from.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from lmcourse.corpus.owned import data_folder
from lmcourse.errors import LmcourseError
from lmcourse.files import write_atomic
from lmcourse.nn import MODELS, Adapted
from lmcourse.tokenizers import from_dict
from lmcourse.tokenizers.base import Tokenizer

VERSION = 1
KINDS = ("best", "last")
_BLANK = "0" * 64  # stands where the digest will stand while the digest is computed


class _Undrawn(TorchFunctionMode):
    """Inside, no normal numbers are drawn: where there is no memory for them, PyTorch would first load its compiler."""

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = kwargs or {}
        if function in (Tensor.normal_, nn.init.normal_):
            return args[0] if args else given["tensor"]
        return function(*args, **given)


@dataclass(frozen=True)
class Checkpoint:
    """What one checkpoint file holds. ``training`` is a tree of dictionaries, lists, numbers and tensors."""

    path: Path
    model_class: str
    config: dict[str, Any]
    tokenizer: dict[str, Any] | None
    weights: dict[str, Tensor]
    training: dict[str, Any]

    def build(self, models: Mapping[str, tuple[type, type]] = MODELS) -> nn.Module:
        """The model with its trained weights. ``models``: name → (class, configuration class), for models of your own."""
        if self.model_class not in models:
            raise LmcourseError(
                f"{self.path} holds a {self.model_class}, which is not among {', '.join(models)}; "
                "give its class with models=…, or update lmcourse."
            )
        model_class, config_class = models[self.model_class]
        try:
            config = config_class(**self.config)
            with torch.device("meta"), _Undrawn():  # shapes without memory: a wrong configuration must not fill the machine
                shapes = {name: tensor.shape for name, tensor in model_class(config).state_dict().items()}
            if shapes != {name: tensor.shape for name, tensor in self.weights.items()}:
                raise ValueError("its weights do not fit its configuration")
        except (TypeError, ValueError, RuntimeError, LmcourseError) as error:
            raise LmcourseError(f"{self.path} does not fit this version of {self.model_class} ({error}); train it again.") from error
        with torch.random.fork_rng():  # the fresh weights are overwritten: they should not cost the caller random numbers
            model = model_class(config)
        model.load_state_dict(self.weights)
        if isinstance(model, Adapted):
            model = model.complete(base_of(model.config.base, self.path))
        return model.eval()


def base_of(name: str, path: Path) -> nn.Module:
    """The model that the one at ``path`` is kept as changes to: a shipped one by its name, or a checkpoint."""
    shipped = data_folder() / "models" / name
    place = shipped if Path(name).name == name and exists(shipped) else Path(name)
    if not (place.is_file() or exists(place)):
        raise LmcourseError(f"{path} holds changes to the model {name}, which is not there; put it back, or fine-tune again.")
    return load(place).build()


def save(
    directory: str | Path, kind: str, model: nn.Module, tokenizer: Tokenizer | None = None, training: dict[str, Any] | None = None
) -> Path:
    """Write ``DIR/<kind>.safetensors`` (kind "best" or "last"); on any failure the file that was there remains.

    The model has a dataclass ``config`` from which it can be built again. ``training`` may nest dictionaries, lists,
    tuples, numbers, strings and tensors as it likes.
    """
    path = _path(directory, kind)
    tensors = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    meta = {
        "format": "lmcourse checkpoint",
        "version": VERSION,
        "digest": _BLANK,
        "model": type(model).__name__,
        "config": asdict(model.config),
        "tokenizer": tokenizer.to_dict() if tokenizer is not None else None,
        "training": _pack(training or {}, "training", tensors),
    }
    # Copies, because two names may share one memory (tied weights), which the format does not know.
    tensors = {name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format) for name, tensor in tensors.items()}
    data = _sealed(safetensors.torch.save(tensors, {"lmcourse": json.dumps(meta)}))
    for leftover in path.parent.glob(f".{path.name}.*.tmp"):  # of a process that was killed while it wrote
        leftover.unlink(missing_ok=True)
    write_atomic(path, data)
    return path


def load(directory: str | Path, kind: str = "best") -> Checkpoint:
    """Read a checkpoint of ``DIR`` (or the file itself, when ``directory`` is one); whatever is wrong, one sentence.

    A run that has not come to its first evaluation has no best yet: then "best" gives the last.
    """
    path = Path(directory) if Path(directory).is_file() else _path(directory, kind)
    if kind == "best" and not path.exists() and exists(directory):
        path = _path(directory, "last")
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise LmcourseError(
            f"{directory} holds no checkpoint {path.name}; train a model first: lmcourse train lm --text FILE --out {directory}"
        ) from error
    except OSError as error:
        raise LmcourseError(f"Cannot read {path}: {error.strerror}; check the path and who may read it.") from error
    meta, tensors = _verified(path, data)
    if meta.get("version") != VERSION:
        raise LmcourseError(
            f"{path} has checkpoint version {meta.get('version')!r}, and this lmcourse reads version {VERSION}; "
            "update lmcourse, or train the model again."
        )
    weights = {name.removeprefix("model."): t for name, t in tensors.items() if name.startswith("model.")}
    with well_formed(path):
        training = _unpack(meta["training"], tensors)
        if not isinstance(meta["config"], dict) or not isinstance(meta["tokenizer"], dict | None):
            raise TypeError("a configuration and a tokenizer are objects")
        return Checkpoint(path, meta["model"], meta["config"], meta["tokenizer"], weights, training)


def load_model(
    directory: str | Path,
    kind: str = "best",
    tokenizer: Tokenizer | None = None,
    models: Mapping[str, tuple[type, type]] = MODELS,
) -> tuple[nn.Module, Tokenizer]:
    """The model (in evaluation mode) and the tokenizer that belongs to it.

    A ``tokenizer`` given by the caller must be the one the model was trained with: another vocabulary would read each
    of the model's numbers as another token.
    """
    checkpoint = load(directory, kind)
    if checkpoint.tokenizer is None and tokenizer is None:
        raise LmcourseError(f"{checkpoint.path} was saved without a tokenizer; give the one it was trained with: tokenizer=…")
    with well_formed(checkpoint.path):
        own = from_dict(checkpoint.tokenizer) if checkpoint.tokenizer is not None else tokenizer
    if tokenizer is not None and tokenizer.fingerprint != own.fingerprint:
        raise LmcourseError(
            f"{checkpoint.path} was trained with another vocabulary than this tokenizer's; "
            "leave tokenizer out to use the one stored with the model."
        )
    model = checkpoint.build(models)
    if checkpoint.config.get("vocab_size", own.vocab_size) != own.vocab_size:
        raise LmcourseError(
            f"{checkpoint.path} has a model for {checkpoint.config['vocab_size']} tokens and a tokenizer of {own.vocab_size}; "
            "they do not belong together, so train the model again."
        )
    return model, own


def exists(directory: str | Path) -> bool:
    """Whether a run has left a checkpoint in this folder."""
    return any(_path(directory, kind).exists() for kind in KINDS)


def refuse_if_used(directory: str | Path) -> None:
    """A new run does not write over the model of another."""
    if _path(directory, "last").exists():
        raise LmcourseError(f"{directory} already holds a model; go on training it with --resume, or choose another --out.")
    if exists(directory):
        raise LmcourseError(
            f"{directory} holds a model whose run cannot go on, for its state was not saved; choose another --out, or remove it."
        )


def _path(directory: str | Path, kind: str) -> Path:
    if kind not in KINDS:
        raise LmcourseError(f"There is no checkpoint kind {kind!r}; choose one of: {', '.join(KINDS)}.")
    return Path(directory) / f"{kind}.safetensors"


def _sealed(data: bytes) -> bytes:
    """A finished file: the digest of all its bytes stands where the blank stood when it was computed."""
    return data.replace(_BLANK.encode(), hashlib.sha256(data).hexdigest().encode(), 1)


def _verified(path: Path, data: bytes) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The checkpoint's JSON object and its tensors, after every byte of the file has been checked against the digest."""
    with well_formed(path):
        header = data[8 : 8 + int.from_bytes(data[:8], "little")]
        meta = json.loads(json.loads(header)["__metadata__"]["lmcourse"])
        start = data.index(meta["digest"].encode())
        blank = data[:start] + _BLANK.encode() + data[start + len(_BLANK) :]
        if hashlib.sha256(blank).hexdigest() != meta["digest"]:
            raise ValueError("wrong digest")
        # Copies: slices of one buffer may lie at addresses for which the machine takes other instructions, and then
        # other last digits come out.
        return meta, {name: tensor.clone() for name, tensor in safetensors.torch.load(data).items()}


@contextmanager
def well_formed(path: Path) -> Iterator[None]:
    """Inside, what is read from the checkpoint at ``path`` may not be what it should be: then that is said in words."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, SafetensorError) as error:
        raise LmcourseError(
            f"{path} is no checkpoint of lmcourse, or it was damaged (cut short or changed) after it was written; "
            "take it from a copy, or train the model again."
        ) from error


def _pack(tree: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    """The tree as JSON data; its tensors go to ``tensors``, and their names stand in their places."""
    if isinstance(tree, Tensor):
        tensors[name] = tree
        return {"tensor": name}
    if isinstance(tree, dict):  # as pairs, because JSON would turn keys that are numbers into strings
        return {"dict": [[key, _pack(value, f"{name}.{key}", tensors)] for key, value in tree.items()]}
    if isinstance(tree, list | tuple):
        kind = "list" if isinstance(tree, list) else "tuple"
        return {kind: [_pack(value, f"{name}.{index}", tensors) for index, value in enumerate(tree)]}
    if tree is None or isinstance(tree, bool | int | float | str):
        return tree
    raise TypeError(f"a checkpoint cannot hold {name}, a {type(tree).__name__}")


def _unpack(data: Any, tensors: Mapping[str, Tensor]) -> Any:
    if not isinstance(data, dict):
        return data
    (kind, value), = data.items()
    if kind == "tensor":
        return tensors[value]
    if kind == "dict":
        return {key: _unpack(item, tensors) for key, item in value}
    return (list if kind == "list" else tuple)(_unpack(item, tensors) for item in value)


def random_state() -> dict[str, Any]:
    """The states of the generators of random numbers of Python, NumPy and PyTorch, for a checkpoint."""
    version, words, gauss = random.getstate()
    name, key, position, has_gauss, cached = np.random.get_state()
    state = {
        "python": [version, torch.tensor(words), gauss],
        "numpy": [name, torch.from_numpy(key.astype(np.int64)), int(position), int(has_gauss), float(cached)],
        "torch": torch.get_rng_state(),
    }
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state_all()
    return state


def set_random_state(state: dict[str, Any]) -> None:
    """Put the generators back to where :func:`random_state` found them."""
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words.tolist()), gauss))
    name, key, position, has_gauss, cached = state["numpy"]
    np.random.set_state((name, key.numpy().astype(np.uint32), position, has_gauss, cached))
    torch.set_rng_state(state["torch"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["cuda"])


def checked_seed(seed: int) -> int:
    """``seed``, if PyTorch can take it."""
    if not 0 <= seed < 2**63:
        raise LmcourseError(f"A seed is a whole number from 0 to 2**63 - 1, not {seed}; take a smaller one.")
    return seed


@contextmanager
def random_numbers(seed: int | None) -> Iterator[None]:
    """Inside, all generators start from ``seed``; afterwards they go on as if nothing had happened. None: no change."""
    if seed is None:
        yield
        return
    checked_seed(seed)
    before = random_state()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    try:
        yield
    finally:
        set_random_state(before)
