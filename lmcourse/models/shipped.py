"""The shipped models: trained longer than a lesson can wait, by the course's own code, each with its card.

Every folder ``data/models/NAME/`` is one: ``best.safetensors``, a checkpoint like any other but with its weights in half
precision (float16: half the size, and 0.001 nats at most), and ``card.json``, which says how it was trained, on what, how
good it is and what it cannot do (model cards; Mitchell et al. 2019). Where a function or a command takes the folder of a
trained model, it takes the name of a shipped one too: :func:`load`. ``make models`` makes them anew.

The card holds the file's SHA-256, and nothing is loaded that does not have it; weights are numbers, and loading them runs
no code (``checkpoint.py``).
"""

from __future__ import annotations

import difflib
import hashlib
import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from lmcourse import checkpoint
from lmcourse.cleaning import table
from lmcourse.corpus.owned import data_folder
from lmcourse.errors import LmcourseError
from lmcourse.tokenizers.base import Tokenizer

FILE = "best.safetensors"


@dataclass(frozen=True)
class ModelCard:
    """What one should know about a shipped model. The second half is measured by ``make models``, never by hand.

    ``command`` trains it, on one thread; ``seeds`` are those for which that has been done, and the first is shipped. It is
    measured on the texts of the corpus that the command names, or on those of them that ``measured`` names.
    ``metrics`` has "valid" and "test", the settings of the measures, and what they are compared with.
    """

    name: str
    folder: Path
    what: str
    task: str  # lm, translate, classify, answer
    command: str
    limits: str
    licence: str = "CC0-1.0"
    measured: str = ""  # on which texts, where these are others than it has learnt from: language=zh
    seeds: list[int] = field(default_factory=lambda: [0])
    data: dict[str, Any] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)
    file: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The file of the weights."""
        return self.folder / FILE

    @property
    def size(self) -> str:
        """How large the file is."""
        return f"{self.file.get('bytes', 0) / 1e6:.1f} MB"

    @property
    def score(self) -> str:
        """How good it is on test, in a few words."""
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.metrics.get("test", {}).items())

    def option(self, *names: str, missing: str | None = None) -> str:
        """The value that the command gives to the first of these options that it has; ``missing``, where it has none."""
        words = shlex.split(self.command)
        for name in names:
            if name in words[:-1]:
                return words[words.index(name) + 1]
        if missing is not None:
            return missing
        raise LmcourseError(
            f"The command of the model {self.name} has no {' or '.join(names)}; correct {self.folder / 'card.json'}."
        )

    def checked(self) -> Path:
        """The file of the weights, after a look at whether it is the one that was measured."""
        try:
            found = hashlib.sha256(self.path.read_bytes()).hexdigest()
        except OSError as error:
            raise LmcourseError(f"{self.path} cannot be read ({error.strerror}); {_REMEDY}") from error
        if found != self.file.get("sha256"):
            raise LmcourseError(f"{self.path} is damaged, or not the file that its card was written for; {_REMEDY}")
        return self.path

    def __str__(self) -> str:
        numbers = {name: self.file[name] for name in ("parameters", "tokens") if name in self.file}
        rows = {
            "size": f"{self.size}, {_told(numbers)}",
            "command": self.command,
            "data": self.data,
            "made with": self.made,
        }
        rows |= {**self.metrics, "limits": self.limits, "licence": self.licence}
        wide = max(map(len, rows))
        return "\n".join(
            [f"{self.name}: {self.what}", *(f"  {name:<{wide}}  {_told(value)}" for name, value in rows.items())]
        )

    __repr__ = __str__


class Listing(Sequence[ModelCard]):
    """The cards of the shipped models. Printed, it is a table."""

    def __init__(self, cards: Sequence[ModelCard]) -> None:
        self.cards = tuple(cards)

    def __len__(self) -> int:
        return len(self.cards)

    def __getitem__(self, index: Any) -> Any:
        return self.cards[index]

    def __str__(self) -> str:
        rows = [(card.name, card.what, card.size, card.score) for card in self.cards]
        return table(("name", "what", "size", "on the test split"), rows)

    __repr__ = __str__


def list_models() -> Listing:
    """The shipped models, by name. Nothing is read but their cards."""
    return Listing([read_card(path.parent) for path in sorted((data_folder() / "models").glob("*/card.json"))])


def describe(name: str) -> ModelCard:
    """The card of a shipped model."""
    cards = {card.name: card for card in list_models()}
    if name not in cards:
        raise LmcourseError(_unknown(name, [*cards]))
    return cards[name]


def load(model: str | Path) -> tuple[nn.Module, Tokenizer]:
    """A model (float32, in evaluation mode) and its tokenizer: a shipped one by its name, or your own by its folder.

    A name for which there is also a folder with a model here is refused: write ``./name`` for the folder. A Path is
    always a folder.
    """
    known = [card.name for card in list_models()] if isinstance(model, str) else []
    if model in known:
        if checkpoint.exists(model):
            raise LmcourseError(
                f"{model} is a shipped model, and there is a folder {model} with another one here; write ./{model} for the folder, "
                "or rename it."
            )
        return checkpoint.load_model(describe(str(model)).checked())
    if known and not Path(model).exists() and Path(model).name == model:
        raise LmcourseError(_unknown(str(model), known))
    return checkpoint.load_model(model)


def read_card(folder: Path) -> ModelCard:
    """The card in the folder of a shipped model."""
    path = folder / "card.json"
    try:
        return ModelCard(folder.name, folder, **json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise LmcourseError(f"{path} is no card of a model ({error}); {_REMEDY}") from error


_REMEDY = "restore the folder data/models of the course (git checkout data/models), or make it anew: make models."


def _told(value: Any) -> str:
    """A value of a card in a line."""
    if isinstance(value, dict):
        return ", ".join(
            f"{name.replace('_', ' ')} {f'({_told(part)})' if isinstance(part, dict) else _told(part)}"
            for name, part in value.items()
        )
    if isinstance(value, list):
        return "; ".join(map(_told, value))
    return f"{value:,}" if isinstance(value, int) else str(value)


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    offer = f"; did you mean {near[0]}?" if near else "."
    return (
        f"There is no folder and no shipped model {name!r}{offer} Shipped are {', '.join(known) or 'none'}; your own is "
        f"trained by: lmcourse train lm --text FILE --out {name}"
    )
