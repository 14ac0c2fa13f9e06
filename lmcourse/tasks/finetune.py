"""Fine-tuning: a pretrained language model is tuned to a task, its weights moved a little, or hardly, or not at all.

Between "all weights anew" and "all weights as they are" there are several ways, and which is best hangs on how many labels
there are; :data:`METHODS` names them. Discriminative rates and gradual unfreezing are of Howard & Ruder 2018 (ULMFiT), LoRA of
Hu et al. 2022 (:mod:`lmcourse.nn.lora`). To tune to a *domain*, to text without labels: :mod:`lmcourse.tasks.domain`.

How fast a matrix may learn hangs on how large its numbers are: Adam's step has the same length whatever it is taken from, so the
same rate moves weights that pretraining has made four times as large a quarter as far (relative step sizes: Shazeer & Stern 2018).
That is felt most in the embedding, of whose rows few have a gradient in a step; hence a rate of its own. ``bench/LOG.md`` has
the trials behind the settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lmcourse import checkpoint, models
from lmcourse.decoding import start_id
from lmcourse.errors import LmcourseError
from lmcourse.nn import Adapted, AdaptedConfig, LanguageModelClassifier, LMClassifierConfig, LSTMLanguageModel
from lmcourse.nn.lora import digest_of
from lmcourse.progress import one_thread
from lmcourse.schedules import linear
from lmcourse.tasks.classify import Classifier, LabelBatch, LabelBatches, Scores, counted, numbers, over, same_texts
from lmcourse.tasks.labels import Source, read_labelled_texts
from lmcourse.tasks.recipe import every, steps_in
from lmcourse.tasks.runs import checked_settings, checked_time, describe_run, model_of, planned_steps, stored_run
from lmcourse.tokenizers.base import Tokenizer
from lmcourse.training import Objective, fit

MINUTES = 1.0  # when neither minutes nor steps are given
PASSES = 20  # through few labels are enough, however many minutes there are
METHODS = {
    "scratch": "the same network with fresh weights: what pretraining has brought is the difference to this",
    "frozen": "the language model as it is; only the head learns",
    "last": "the head and the last LSTM layer learn",
    "full": "everything learns, at one rate",
    "gradual": "everything learns, layers near the input at lower rates and later",
    "lora": "the head and low-rank factors of the LSTM's matrices learn, and only these are saved",
}
RATES = {"scratch": 3e-3, "frozen": 5e-3, "last": 3e-3, "full": 3e-3, "gradual": 8e-3, "lora": 1e-2}
schedule = partial(linear, warm=30)


@dataclass(frozen=True)
class TuningRecipe:
    """All that decides how a model is tuned to labels, but for the texts, the seed and the number of steps."""

    method: str = "full"
    pooling: str = "layers"
    dropout: float = 0.5  # before the head
    lm_dropout: float = 0.4  # in the language model
    learning_rate: float | None = None  # None: by the method
    embedding_rate: float = 10.0  # times the learning rate, with "full" and "scratch"
    decay: float = 2.6  # with "gradual": by how much the rate falls from layer to layer
    rank: int = 4
    scale: float = 8.0
    batch_size: int = 32
    precision: str = "float32"


@dataclass(frozen=True)
class Base:
    """The pretrained model that is tuned, where it came from, and what identifies its weights."""

    model: LSTMLanguageModel
    tokenizer: Tokenizer
    place: str | None
    digest: str

    @classmethod
    def of(cls, given: Any) -> Base:
        """``given``: a shipped model's name, the folder of a trained one, what train_lm returned, or a model and its tokenizer."""
        model, tokenizer = model_of(given)
        if not isinstance(model, LSTMLanguageModel):
            raise LmcourseError(f"{given} holds a {type(model).__name__}; fine-tuning begins with a language model (train lm).")
        place = None
        if isinstance(given, str | Path):
            shipped = isinstance(given, str) and given in [card.name for card in models.list()]
            place = str(given) if shipped else str(Path(given).resolve())
        return cls(model, tokenizer, place, digest_of(model.state_dict()))

    def adapted(self, model: nn.Module, prefix: str, recipe: Any, seed: int) -> Adapted:
        """``model``, built on this base under the name ``prefix``, with LoRA on its LSTM."""
        config = AdaptedConfig(
            type(model).__name__, asdict(model.config), self.place or "", self.digest, prefix, recipe.rank, recipe.scale,
            [f"{prefix}lstm"],
        )  # fmt: skip
        with checkpoint.random_numbers(seed):
            return Adapted(config).put_on(self.model)


@one_thread()
def finetune(
    base: Any = None,
    data: Source | None = None,
    out: str | Path | None = None,
    method: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    text_field: str | None = None,
    label_field: str | None = None,
    seed: int | None = None,
    resume: bool = False,
    progress: bool = True,
    encoding: str | None = None,
    skip_bad: bool = False,
    where: Mapping[str, str] | None = None,
    **settings: Any,
) -> Classifier:
    """Tune a language model to labelled texts: ``finetune("lm-base", "labels.jsonl", method="lora")``.

    - ``base``: a shipped model's name, the folder of a trained one, what ``train_lm`` returned, or a model and its tokenizer.
    - ``data`` and the arguments on how to read it are those of :func:`lmcourse.tasks.train_classify`; so is ``resume``. Or it is
      :class:`~lmcourse.tasks.labels.LabelledTexts`, split already; without validation texts nothing is scored, and the weights
      are those of the last step: who has 8 labels cannot spare some to choose with (Perez, Kiela & Cho 2021).
    - ``method`` is one of :data:`METHODS` ("full" when nothing is said).
    - ``minutes`` (1 when nothing is said) become a number of steps once, by a short trial on this machine; or give ``steps``.
    - ``settings`` are fields of :class:`TuningRecipe`, for example ``rank=8``.
    """
    settings = settings if method is None else {**settings, "method": method}
    checked_settings(settings, TuningRecipe)
    checked_method(settings)
    checked_time(minutes, steps)
    read = {"text_field": text_field, "label_field": label_field, "encoding": encoding, "skip_bad": skip_bad}
    read |= {"where": dict(where) if where else None}
    if resume:
        last, notes = stored_run(out, "finetune --task classify", steps, seed, settings)
        with checkpoint.well_formed(last.path):
            recipe, read = TuningRecipe(**notes["recipe"]), {name: notes.get(name) for name in read}
        data, base = (notes[name] if given is None else given for name, given in (("data", data), ("base", base)))
    else:
        last, notes = None, {"task": "finetune --task classify", "seed": seed or 0, **read}
        recipe = TuningRecipe(**settings)
        recipe = replace(recipe, learning_rate=recipe.learning_rate or RATES[recipe.method])
        if out is not None:
            checkpoint.refuse_if_used(out)
    if base is None or data is None:
        raise LmcourseError("Say which model to tune, and to what: lmcourse finetune DIR --task classify --data FILE.jsonl --out NEW")
    texts, base = read_labelled_texts(data, **read), Base.of(base)
    same_texts(texts, notes, out)
    same_base(base, notes, out)
    notes |= {"data": str(data) if isinstance(data, str | Path) else None, "base": base.place, "recipe": asdict(recipe)}
    model, trial = (build(base, texts.labels, recipe, drawn) for drawn in (notes["seed"], 0))
    (contents, labels), (held, truth) = (zip(*part, strict=True) if part else ((), ()) for part in (texts.train, texts.valid))
    reader = getattr(model, "inner", model)
    words, other = (reader.read(base.tokenizer, some) for some in (contents, held))
    if recipe.method == "frozen":  # what the language model makes of a text stays the same: it is computed once
        words, other = Pooled(model, words), Pooled(model, other) if held else other
    batches = LabelBatches(words, numbers(labels, texts.labels), recipe.batch_size, notes["seed"])
    targets = numbers(truth, texts.labels) if held else None

    def validate(model: nn.Module) -> float:
        return float(nn.functional.cross_entropy(over(other, model), targets))

    def fitting(minutes: float) -> int:
        return min(steps_in(minutes, trial, batches, validate, recipe.precision, label_loss), PASSES * len(batches))

    steps = planned_steps(minutes, steps, last, MINUTES, fitting)
    if out is not None:
        describe_run(out, notes, steps, base.tokenizer, model)
    groups = layer_groups(model, recipe.method)
    history = fit(
        model, batches, unfreezing(groups, recipe, len(batches), steps, label_loss), steps=steps, schedule=schedule,
        optimizer=optimizer_for(groups, recipe, recipe.embedding_rate), precision=recipe.precision,
        evaluate=validate if held else None, every=every(steps), seed=notes["seed"], directory=out,
        tokenizer=base.tokenizer, notes=notes, resume=resume, progress=progress,
    )  # fmt: skip
    scores = baseline = None
    if not held and out is not None:  # nothing was chosen by: the last weights are the best there are
        checkpoint.save(out, "best", model, base.tokenizer, {"step": history.step, "steps": steps, "notes": notes})
    if held:
        scores = Scores.of([texts.labels[number] for number in over(other, model).argmax(1).tolist()], truth)
        baseline = Scores.of(counted(texts).predict(held).tolist(), truth)
    model = model.complete(base.model) if isinstance(model, Adapted) else model.requires_grad_()
    return Classifier(
        model.eval(), base.tokenizer, history, recipe, scores, baseline, len(held), None if out is None else Path(out), texts.bad
    )  # fmt: skip


def checked_method(settings: dict[str, Any]) -> None:
    """Complain about a method that there is not."""
    if (method := settings.get("method", "full")) not in METHODS:
        raise LmcourseError(f"There is no method {method!r}; choose one of: {', '.join(METHODS)}.")


def same_base(base: Base, notes: dict[str, Any], out: str | Path | None) -> None:
    """A run goes on from the model it began with; which that is goes into its ``notes``."""
    if notes.setdefault("base_digest", base.digest) != base.digest:
        raise LmcourseError(f"This is not the language model that {out} was begun with; give that one, or choose another --out.")


def build(base: Base, labels: tuple[str, ...], recipe: TuningRecipe, seed: int) -> nn.Module:
    """The classifier as its training begins: on the base's weights, or with fresh ones of the same sizes."""
    lm = {**asdict(base.model.config), "dropout": 0.0 if recipe.method == "frozen" else recipe.lm_dropout}
    config = LMClassifierConfig(labels, lm, start_id(base.tokenizer), recipe.pooling, recipe.dropout)
    with checkpoint.random_numbers(seed):
        model = LanguageModelClassifier(config)
    if recipe.method == "lora":
        return base.adapted(model, "lm.", recipe, seed)
    if recipe.method != "scratch":
        model.lm.load_state_dict(base.model.state_dict())
    return model


class Pooled:
    """Texts as the features that a language model which no longer learns makes of them."""

    def __init__(self, model: LanguageModelClassifier, words: Any) -> None:
        model.eval()
        self.ids, self.features = words.ids, over(words, model.features)

    def of(self, chosen: Any) -> Float[Tensor, "batch features"]:
        """Those of the texts with these numbers."""
        return self.features[chosen]


def label_loss(model: nn.Module, batch: LabelBatch, state: Any) -> tuple[Float[Tensor, ""], int, Any]:
    """The objective: cross-entropy of the labels."""
    tokens = len(batch.targets) if isinstance(batch.reading, Tensor) else int(batch.reading.lengths.sum())
    return nn.functional.cross_entropy(model(batch.reading).float(), batch.targets), tokens, None


def layer_groups(model: nn.Module, method: str) -> list[list[nn.Parameter]]:
    """What learns, as lists of parameters from the top of the network down: the head, the LSTM's layers, the embedding."""
    if isinstance(model, Adapted):
        return [list(model.trained().values())]
    depth: dict[int, list[nn.Parameter]] = {}
    lstm = next(layer for layer in model.modules() if isinstance(layer, nn.LSTM))
    for name, parameter in model.named_parameters():
        layer = re.search(r"\blstm\..*_l(\d+)", name)
        place = lstm.num_layers + 1 if "embedding" in name else lstm.num_layers - int(layer[1]) if layer else 0
        depth.setdefault(place, []).append(parameter)
    groups = [depth[place] for place in sorted(depth)]
    kept = {"frozen": groups[:1], "last": groups[:2]}.get(method, groups)
    for group in groups[len(kept) :]:
        for parameter in group:
            parameter.requires_grad_(False)
    return kept


def optimizer_for(groups: list[list[nn.Parameter]], recipe: Any, embedding_rate: float = 1.0) -> torch.optim.Optimizer:
    """Adam, with a rate for each group: the same for all but the embedding's, or with "gradual" lower from group to group."""
    rates = [recipe.learning_rate / (recipe.decay**depth if recipe.method == "gradual" else 1) for depth in range(len(groups))]
    if recipe.method in ("full", "scratch"):
        rates[-1] *= embedding_rate
    return torch.optim.Adam(
        [{"params": group, "lr": rate} for group, rate in zip(groups, rates, strict=True)], betas=(0.9, 0.98), fused=True
    )


def unfreezing(groups: list[list[nn.Parameter]], recipe: Any, turn: int, steps: int, objective: Objective) -> Objective:
    """``objective``; with "gradual", one group learns after the other: a pass of ``turn`` steps apart, and in half of all steps."""
    wait = min(turn, max(1, steps // (2 * len(groups))))
    return Gradual(groups, wait, objective) if recipe.method == "gradual" else objective


class Gradual:
    """An objective that lets one group of layers after the other learn, ``wait`` steps apart, the top first."""

    def __init__(self, groups: list[list[nn.Parameter]], wait: int, objective: Objective) -> None:
        self.groups, self.wait, self.objective = groups, wait, objective

    def __call__(self, model: nn.Module, batch: Any, state: Any) -> tuple[Float[Tensor, ""], int, Any]:
        for depth, group in enumerate(self.groups):
            for parameter in group:
                parameter.requires_grad_(batch.step >= depth * self.wait)
        return self.objective(model, batch, state)
