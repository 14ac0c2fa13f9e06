"""Tuning a language model to a domain: more text of one kind, without labels, and what is forgotten of the old on the way.

Gradient descent keeps only what the present text asks for; what was learnt before is overwritten as far as it is in the way
(**catastrophic forgetting** 灾难性遗忘; McCloskey & Cohen 1989). **Rehearsal** (Robins 1995) mends it by mixing some of the old text in.
So the loss on old text is measured before, during and after wherever there is some.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lmcourse import checkpoint, corpus
from lmcourse.batching import Batch, Streams
from lmcourse.corpus import Corpus, Document
from lmcourse.corpus.labelled import has_values
from lmcourse.decoding import start_id
from lmcourse.errors import LmcourseError
from lmcourse.history import History
from lmcourse.metrics import Score, evaluate, token_losses
from lmcourse.nn import Adapted, LSTMConfig, LSTMLanguageModel
from lmcourse.progress import one_thread
from lmcourse.schedules import linear
from lmcourse.tasks.finetune import METHODS, Base, checked_method, layer_groups, optimizer_for, same_base, unfreezing
from lmcourse.tasks.lm import PATIENCE, VALID_TOKENS, encoded
from lmcourse.tasks.recipe import PASSES, every, steps_in
from lmcourse.tasks.runs import Run, checked_settings, checked_time, describe_run, ended, planned_steps, stored_run
from lmcourse.tasks.texts import Texts, read_texts
from lmcourse.tokenizers.base import Tokenizer
from lmcourse.training import fit, next_token

OLD_TOKENS = 4096  # of the old validation text are read at each evaluation; all of it, before and after
MINUTES = 1.0  # when neither minutes nor steps are given
RATES = {"scratch": 6e-3, "last": 2e-3, "full": 2e-3, "gradual": 3e-3, "lora": 1e-2}
schedule = partial(linear, warm=50)

Text = str | Path | Iterable[Document]


@dataclass(frozen=True)
class DomainRecipe:
    """All that decides how a language model is tuned to a domain, but for the text, the seed and the number of steps."""

    method: str = "full"
    dropout: float = 0.2
    learning_rate: float | None = None  # None: by the method
    decay: float = 2.6  # with "gradual": by how much the rate falls from layer to layer
    rehearsal: float = 0.0  # the share of steps that are made on old text
    rank: int = 4
    scale: float = 8.0
    batch_size: int = 16
    window: int = 32
    precision: str = "float32"

    def __post_init__(self) -> None:
        if not 0 <= self.rehearsal < 1:
            raise LmcourseError(f"rehearsal is the share of old text, from 0 up to but not including 1, not {self.rehearsal!r}.")


@dataclass
class Tuned(Run):
    """A language model tuned to a domain: its score on held-out text of the ``new`` domain and, where some was given, of the
    ``old``, each before and after; and ``forgetting``, the loss on old text at each evaluation since the run was
    begun or last resumed."""

    model: nn.Module
    tokenizer: Tokenizer
    history: History
    recipe: DomainRecipe
    new: tuple[Score, Score]
    old: tuple[Score, Score] | None = None
    forgetting: list[float] = field(default_factory=list)
    directory: Path | None = None

    def __str__(self) -> str:
        lines = [ended(self.history)]
        for name, scores in (("new", self.new), ("old", self.old)):
            if scores is not None:
                before, after = scores
                lines.append(f"Held-out text, {name}: {after}; before: {before.bits_per_byte:.3f} bits per byte.")
        if self.directory is not None:
            lines.append(f'The model is in {self.directory}; let it write: lmcourse generate {self.directory} --prompt "The "')
        return "\n".join(lines)


@one_thread()
def tune_lm(
    base: Any = None,
    text: Text | None = None,
    out: str | Path | None = None,
    method: str | None = None,
    old: Text | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    seed: int | None = None,
    resume: bool = False,
    progress: bool = True,
    reading: dict[str, str] | None = None,
    where: Mapping[str, str] | None = None,
    **settings: Any,
) -> Tuned:
    """Tune a language model to ``text``: a file or folder, a corpus by name, or documents.

    - ``base`` is that of :func:`lmcourse.tasks.finetune`, ``method`` one of its methods but "frozen".
    - ``old``: text like that of the first training, on which forgetting is measured, and which is rehearsed if the setting
      ``rehearsal`` says so: 0.2 makes a fifth of the steps on it.
    - ``reading`` says how files of one's own are read: ``{"encoding": "latin-1"}``, ``{"text": "the field's name"}``.
    - ``where``: only the records of ``text`` with these values in these fields, for example ``{"genre": "news"}``.
    - ``minutes``, ``steps``, ``seed``, ``resume`` are those of ``finetune``; ``settings`` fields of :class:`DomainRecipe`.
    """
    settings = settings if method is None else {**settings, "method": method}
    checked_settings(settings, DomainRecipe)
    checked_method(settings)
    checked_time(minutes, steps)
    if settings.get("method") == "frozen":
        raise LmcourseError(f"With frozen weights a language model cannot change; choose {', '.join(name for name in METHODS if name != 'frozen')}.")
    if resume:
        last, notes = stored_run(out, "finetune --task lm", steps, seed, settings)
        with checkpoint.well_formed(last.path):
            recipe, reading, where = DomainRecipe(**notes["recipe"]), notes["reading"], notes.get("where")
        text, old, base = (notes[name] if given is None else given for name, given in (("text", text), ("old", old), ("base", base)))
    else:
        last, notes = None, {"task": "finetune --task lm", "seed": seed or 0, "reading": reading or {}}
        notes["where"] = dict(where) if where else None
        recipe = DomainRecipe(**settings)
        recipe = replace(recipe, learning_rate=recipe.learning_rate or RATES[recipe.method])
        if out is not None:
            checkpoint.refuse_if_used(out)
    if base is None or text is None:
        raise LmcourseError("Say which model to tune, and to what: lmcourse finetune DIR --task lm --data FILE --out NEW")
    if recipe.rehearsal and old is None:
        raise LmcourseError("To rehearse, old text is needed: --old FILE, or the corpus that the model was trained on.")
    base = Base.of(base)
    same_base(base, notes, out)
    parts = [_read(given, notes["reading"], only) for given, only in ((text, where), (old, None)) if given is not None]
    train, valid = zip(*((encoded(part.train, base.tokenizer), encoded([part.valid], base.tokenizer)) for part in parts), strict=True)
    digest = hashlib.sha256(torch.cat([*train, *valid]).numpy()).hexdigest()
    if notes.setdefault("digest", digest) != digest:
        raise LmcourseError(f"{parts[0].source} is not the text that {out} was tuned to; give that text, or choose another --out.")
    notes |= {name: str(given) if isinstance(given, str | Path) else None for name, given in (("text", text), ("old", old))}
    notes |= {"base": base.place, "recipe": asdict(recipe)}
    streams = [Streams(ids, recipe.batch_size, recipe.window, notes["seed"]) for ids in train]
    batches = Mixed(streams, recipe.rehearsal)

    forgetting: list[float] = []

    def loss(model: nn.Module, ids: Tensor) -> float:
        return token_losses(model, ids, start_id(base.tokenizer)).double().mean().item()

    def validate(model: nn.Module) -> float:
        if old is not None:
            forgetting.append(loss(model, valid[1][:OLD_TOKENS]))
        return loss(model, valid[0][:VALID_TOKENS])

    model, trial = (build(base, recipe, drawn) for drawn in (notes["seed"], 0))

    def fitting(minutes: float) -> int:
        return min(steps_in(minutes, trial, batches, validate, recipe.precision, mixed_loss), PASSES * len(streams[0]))

    steps = planned_steps(minutes, steps, last, MINUTES, fitting)
    if out is not None:
        describe_run(out, notes, steps, base.tokenizer, model)
    groups = layer_groups(model, recipe.method)
    objective = unfreezing(groups, recipe, len(streams[0]), steps, mixed_loss)
    history = fit(
        model, batches, objective, steps=steps, optimizer=optimizer_for(groups, recipe), schedule=schedule,
        precision=recipe.precision, evaluate=validate, every=every(steps), patience=PATIENCE, seed=notes["seed"], directory=out,
        tokenizer=base.tokenizer, notes=notes, resume=resume, progress=progress,
    )  # fmt: skip
    model = model.complete(base.model) if isinstance(model, Adapted) else model.requires_grad_()
    scores = [tuple(evaluate(one, base.tokenizer, part.valid) for one in (base.model, model.eval())) for part in parts]
    forgetting = forgetting[-len(history.evaluations) :]  # a trial of how many steps fit has evaluated, too
    return Tuned(model, base.tokenizer, history, recipe, scores[0], (scores + [None])[1], forgetting, None if out is None else Path(out))


def _read(given: Text, reading: dict[str, str], where: Mapping[str, str] | None = None) -> Texts:
    """Text for training and validation. Genres are not marked: the base may not know them."""
    known = not isinstance(given, Path) and not _is_file(given)
    return read_texts(_only(given, reading, where) if where else given, known, reading=reading, genres=False)


def _only(given: Text, reading: dict[str, str], where: Mapping[str, str]) -> Corpus:
    """The records that have these values."""
    records = list(corpus.stream(given, **reading) if isinstance(given, str | Path) else given)
    name = str(given) if isinstance(given, str | Path) else getattr(given, "name", "the documents")
    kept = [record for record in records if has_values(getattr(record, "meta", {}), where)]
    if not kept:
        fields = sorted({field for record in records for field in getattr(record, "meta", {})})
        offer = f"the fields are {', '.join(map(repr, fields))}; choose values that stand there" if fields else "they have no fields; leave it out"
        raise LmcourseError(f"No record of {name} has {' and '.join(map('='.join, where.items()))}: {offer}.")
    return Corpus(kept, name)


def _is_file(given: Text) -> bool:
    return isinstance(given, str) and Path(given).exists()


def build(base: Base, recipe: DomainRecipe, seed: int) -> nn.Module:
    """The language model as its tuning begins."""
    with checkpoint.random_numbers(seed):
        model = LSTMLanguageModel(LSTMConfig(**{**asdict(base.model.config), "dropout": recipe.dropout}))
    if recipe.method == "lora":
        return base.adapted(model, "", recipe, seed)
    if recipe.method != "scratch":
        model.load_state_dict(base.model.state_dict())
    return model


class MixedBatch(NamedTuple):
    """A window of one of several texts; ``which`` says of which."""

    window: Batch
    which: int
    step: int


class Mixed:
    """New text, and among it, evenly spread, a share of steps on old text; each in its own order."""

    def __init__(self, streams: list[Streams], share: float) -> None:
        self.streams, self.share = streams, share

    def __call__(self, step: int) -> MixedBatch:
        before, after = int(step * self.share), int((step + 1) * self.share)
        which = after - before  # 1: the share is full again
        return MixedBatch(self.streams[which](before if which else step - before), which, step)


def mixed_loss(model: nn.Module, batch: MixedBatch, state: Any) -> tuple[Float[Tensor, ""], int, Any]:
    """The objective of a language model, with a state for each of the texts."""
    states = dict(state or {})
    loss, count, states[batch.which] = next_token(model, batch.window, states.get(batch.which))
    return loss, count, states
