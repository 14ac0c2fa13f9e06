"""Classification: training on labelled texts, and labelling texts, one call each.

**labelled texts → split → words → a solved linear part → a trained network → the weight of each → checkpoint → accuracy.**
:mod:`lmcourse.nn.classifier` says what the two parts are; ``bench/LOG.md`` has the trials behind the settings.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lmcourse import checkpoint
from lmcourse.batching import buckets
from lmcourse.errors import LmcourseError
from lmcourse.history import History
from lmcourse.metrics import accuracy, macro_f1
from lmcourse.nn import ClassifierConfig, TextClassifier
from lmcourse.nn.classifier import TRUST
from lmcourse.progress import one_thread
from lmcourse.schedules import linear
from lmcourse.tasks.baselines import text_classifier
from lmcourse.tasks.labels import LabelledTexts, Source, read_labelled_texts
from lmcourse.tasks.recipe import every, steps_in
from lmcourse.tasks.runs import (
    Run,
    checked_settings,
    checked_time,
    describe_run,
    ended,
    model_of,
    planned_steps,
    stored_run,
)
from lmcourse.tokenizers import BagTokenizer, from_dict
from lmcourse.tokenizers.base import Tokenizer
from lmcourse.training import fit

MINUTES = 1.0  # when neither minutes nor steps are given
PASSES = 20  # through a small corpus are enough, however many minutes there are
LARGE = 2_500_000  # weights of the linear part at most, of the commonest words and pairs: solving takes 350 bytes for each
TOGETHER = 256  # texts are labelled at a time
schedule = partial(linear, warm=50)


@dataclass(frozen=True)
class ClassifierRecipe:
    """All that decides how a classifier comes out, but for the texts, the seed and the number of steps."""

    penalty: float = 10.0  # of the linear part: scikit-learn's C
    embedding_size: int = 64
    hidden_size: int = 64
    dropout: float = 0.5
    word_dropout: float = 0.1
    batch_size: int = 32
    learning_rate: float = 5e-3
    precision: str = "float32"

    def build(self, labels: Sequence[str], tokenizer: BagTokenizer, seed: int) -> TextClassifier:
        """An untrained model; the network's weights follow from the seed."""
        sizes = {name: getattr(self, name) for name in ("embedding_size", "hidden_size", "dropout", "word_dropout")}
        with checkpoint.random_numbers(seed):
            return TextClassifier(ClassifierConfig(tuple(labels), tokenizer.vocab_size, len(tokenizer.pairs), **sizes))


@dataclass(frozen=True)
class Scores:
    """How good labels are: the share that is right, and the mean F1 of the labels."""

    accuracy: float
    macro_f1: float

    @classmethod
    def of(cls, found: Sequence[str], wanted: Sequence[str]) -> Scores:
        """Those of the labels found."""
        return cls(accuracy(found, wanted), macro_f1(found, wanted))

    def __str__(self) -> str:
        return f"accuracy {self.accuracy:.1%}, macro-F1 {self.macro_f1:.3f}"


@dataclass
class Classifier(Run):
    """A trained classifier. ``scores`` are those of ``held`` texts that were held out, ``baseline`` those of TF-IDF and
    logistic regression on the same. (When to stop and whom to trust was decided on these texts: new ones are a little harder.)"""

    model: nn.Module
    tokenizer: Tokenizer
    history: History
    recipe: Any
    scores: Scores | None
    baseline: Scores | None
    held: int
    directory: Path | None = None
    bad: list[str] = field(default_factory=list)  # what was wrong with the lines left out

    def __str__(self) -> str:
        lines = [ended(self.history)]
        if self.held:
            lines.append(f"{self.held:,} held-out text{'s' * (self.held > 1)}, {len(self.model.config.labels)} labels: {self.scores}.")
            lines.append(f"TF-IDF and logistic regression on the same texts: {self.baseline}.")
        if self.bad:
            lines.append(f"{len(self.bad):,} bad line{'s' * (len(self.bad) > 1)} left out.")
        if self.directory is not None:
            lines.append(f"The model is in {self.directory}; let it label, line by line: lmcourse classify {self.directory}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Labelled:
    """What :func:`classify` says of a text: the ``label`` (None: it abstains), how probable it holds it, and all labels with
    their probabilities, the likeliest first."""

    label: str | None
    probability: float
    probabilities: dict[str, float]


@one_thread()
def train_classify(
    data: Source | None = None,
    out: str | Path | None = None,
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
    """Train a classifier on ``data``: a jsonl, csv or tsv file, a corpus by name, or a list of (text, label).

    - ``text_field`` and ``label_field`` name the fields, where they are not called text and label.
    - ``where``: only the records with these values in these fields, for example ``{"language": "en"}``.
    - ``skip_bad``: lines that are no labelled text, and labels with one text only, are left out and counted, instead of refused.
    - ``minutes`` (1 when nothing is said) become a number of steps once, by a short trial on this machine; or give ``steps``.
    - ``settings`` are fields of :class:`ClassifierRecipe`, for example ``dropout=0.3``. The same ``seed`` (0 when nothing
      is said) gives the same model, on the same machine with the same number of threads.
    - ``resume`` goes on with the run in ``out``, to the same bits as if it had never stopped; ``steps`` may name a larger
      number, or ``minutes`` the time to add.
    """
    checked_settings(settings, ClassifierRecipe)
    checked_time(minutes, steps)
    read = {"text_field": text_field, "label_field": label_field, "encoding": encoding, "skip_bad": skip_bad}
    read |= {"where": dict(where) if where else None}
    if resume:
        last, notes = stored_run(out, "classify", steps, seed, settings)
        with checkpoint.well_formed(last.path):
            recipe, tokenizer = ClassifierRecipe(**notes["recipe"]), from_dict(last.tokenizer)
            read = {name: notes[name] for name in read}
        data = notes["data"] if data is None else data
    else:
        recipe, last, notes = ClassifierRecipe(**settings), None, {"task": "classify", "seed": seed or 0, **read}
        if out is not None:
            checkpoint.refuse_if_used(out)
    texts = read_labelled_texts(given(data), **read)
    if not texts.valid:
        raise LmcourseError(f"{texts.name} has no validation texts, on which the two parts are weighed; hold some out.")
    same_texts(texts, notes, out)
    notes |= {"data": str(data) if isinstance(data, str | Path) else None, "recipe": asdict(recipe)}
    start = time.perf_counter()
    if last is None:
        tokenizer, solved = solve(texts, recipe.penalty)
        model, trial = (recipe.build(texts.labels, tokenizer, drawn) for drawn in (notes["seed"], 0))
        model.set_linear(**solved)
    else:
        model, trial = last.build(), last.build()
    contents, labels = zip(*texts.train, strict=True)
    words, targets = model.read(tokenizer, contents), numbers(labels, model.config.labels)
    batches, validate = LabelBatches(words, targets, recipe.batch_size, notes["seed"]), Validation(model, tokenizer, texts)

    def fitting(minutes: float) -> int:
        left = max(minutes / 3, minutes - (time.perf_counter() - start) / 60)  # the linear part has had its time
        return min(steps_in(left, trial, batches, validate, recipe.precision, network_loss), PASSES * len(batches))

    steps = planned_steps(minutes, steps, last, MINUTES, fitting)
    if out is not None:
        describe_run(out, notes, steps, tokenizer, model)
    optimizer = torch.optim.Adam(model.parameters(), recipe.learning_rate, betas=(0.9, 0.98), fused=True)
    history = fit(
        model, batches, network_loss, steps=steps, optimizer=optimizer, schedule=schedule, precision=recipe.precision,
        evaluate=validate, every=every(steps), seed=notes["seed"], directory=out, tokenizer=tokenizer, notes=notes,
        resume=resume, progress=progress,
    )  # fmt: skip
    scores, baseline = (validate.scores(logits) for logits in (validate.pooled(model), validate.linear))
    return Classifier(
        model, tokenizer, history, recipe, scores, baseline, len(texts.valid), None if out is None else Path(out), texts.bad
    )  # fmt: skip


def given(data: Source | None) -> Source:
    """The labelled texts, if there are any."""
    if data is None:
        raise LmcourseError('Say what to train on: --data FILE, jsonl with {"text": "…", "label": "…"} on each line, or csv, tsv.')
    return data


def same_texts(texts: Any, notes: dict[str, Any], out: str | Path | None) -> None:
    """A run goes on with the texts it began with; which these are goes into its ``notes``."""
    if notes.setdefault("digest", texts.digest) != texts.digest:
        raise LmcourseError(f"{texts.name} does not hold the texts that {out} was trained on; give those, or choose another --out.")


def counted(texts: LabelledTexts, penalty: float = 10.0) -> Any:
    """TF-IDF and logistic regression, fitted to the training texts: scikit-learn's pipeline.

    Where words and pairs times labels would be more than :data:`LARGE`, the commonest are counted.
    """
    contents, labels = zip(*texts.train, strict=True)
    pipeline = text_classifier(penalty)
    pipeline[0].set_params(max_features=max(1000, LARGE // len(texts.labels)))
    try:
        return pipeline.fit(contents, labels)
    except ValueError as error:  # of the vectoriser: no text has a word in it
        raise LmcourseError(f"The texts of {texts.name} have no words in them; check which field holds the text.") from error


def solve(texts: LabelledTexts, penalty: float) -> tuple[BagTokenizer, dict[str, Tensor]]:
    """The words of the training texts, and the linear part: TF-IDF and logistic regression, solved by scikit-learn."""
    pipeline = counted(texts, penalty)
    features = pipeline[0]
    places = features.vocabulary_  # a word, or two with a space between them, and its column
    words = sorted(name for name in places if " " not in name)
    ids = {word: id for id, word in enumerate(words, start=1)}
    pairs = sorted(name for name in places if " " in name and ids.keys() >= set(name.split()))
    tokenizer = BagTokenizer(words, ([ids[word] for word in name.split()] for name in pairs))
    columns = [places[name] for name in (*words, *pairs)]
    coefficients, bias = weights_of(pipeline[1])
    unknown = np.zeros((1, len(texts.labels)))
    return tokenizer, {
        "idf": torch.tensor(np.append(0.0, features.idf_[columns]), dtype=torch.float),
        "weight": torch.tensor(np.vstack([unknown, coefficients[columns]]), dtype=torch.float),
        "bias": torch.tensor(bias, dtype=torch.float),
    }


def weights_of(regression: Any) -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's logistic regression as a column of weights for each label, and the labels' biases."""
    weights, bias = regression.coef_.T, regression.intercept_
    if weights.shape[1] == 1:  # of two labels it has one score, for the second
        weights, bias = np.hstack([0 * weights, weights]), np.array([0.0, bias[0]])
    return weights, bias


class LabelBatch(NamedTuple):
    """Texts as a model reads them, the numbers of their labels, and the step that this is the batch of."""

    reading: Any
    targets: Int[Tensor, " batch"]
    step: int


class LabelBatches:
    """The batches of a classifier by their number, pass after pass, without end.

    ``words`` are texts that a model has read (``model.read``). Texts of like length stand together; company and order are
    drawn anew for each pass, from the seed and its number alone.
    """

    def __init__(self, words: Any, targets: Int[Tensor, " texts"], size: int = 32, seed: int = 0) -> None:
        self.words, self.targets = words, targets
        self.lengths, self.size, self.seed = [len(row) for row in words.ids], size, seed
        self._pass, self._order = -1, []

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.size)

    def __call__(self, step: int) -> LabelBatch:
        turn, number = divmod(step, len(self))
        if turn != self._pass:
            drawn = random.Random(f"{self.seed} {turn}").getrandbits(32)  # a string: hashed alike in every process
            self._pass, self._order = turn, buckets(self.lengths, self.size, drawn)
        chosen = self._order[number]
        return LabelBatch(self.words.of(chosen), self.targets[chosen], step)


def numbers(labels: Sequence[str], known: Sequence[str]) -> Int[Tensor, " n"]:
    """The place of each label among those that are known."""
    place = {label: number for number, label in enumerate(known)}
    return torch.tensor([place[label] for label in labels])


def network_loss(model: nn.Module, batch: LabelBatch, state: Any) -> tuple[Float[Tensor, ""], int, Any]:
    """The objective: cross-entropy of the network's labels; the linear part is solved already and stays as it is."""
    loss = nn.functional.cross_entropy(model.network(batch.reading).float(), batch.targets)
    return loss, int(batch.reading.lengths.sum()), None


class Validation:
    """``validate(model)``: find the weight of each part on the held-out texts, set it, and give the pool's loss with it.

    A pool that is right less often than its linear part alone is none: then the network has no say.
    """

    def __init__(self, model: TextClassifier, tokenizer: BagTokenizer, texts: LabelledTexts) -> None:
        contents, self.labels = zip(*texts.valid, strict=True)
        self.known, self.targets = model.config.labels, numbers(self.labels, model.config.labels)
        self.words = model.read(tokenizer, contents)
        self.linear = over(self.words, model.linear)

    def __call__(self, model: TextClassifier) -> float:
        network = over(self.words, model.network)
        trust, loss = pooled(self.linear, network, self.targets)
        if self._right(trust[0] * self.linear + trust[1] * network) < self._right(self.linear):
            trust, loss = pooled(self.linear, torch.zeros_like(network), self.targets)
            trust[1] = 0.0
        model.trust.copy_(trust)
        return loss

    def _right(self, logits: Float[Tensor, "texts labels"]) -> int:
        return int((logits.argmax(1) == self.targets).sum())

    def pooled(self, model: TextClassifier) -> Float[Tensor, "texts labels"]:
        """The pool's logits for the held-out texts."""
        return over(self.words, model)

    def scores(self, logits: Float[Tensor, "texts labels"]) -> Scores:
        """How good the likeliest labels are."""
        return Scores.of([self.known[number] for number in logits.argmax(1).tolist()], self.labels)


@torch.no_grad()
def over(words: Any, function: Any) -> Float[Tensor, "texts labels"]:
    """What ``function`` gives for all texts, some at a time; those of like length together, so that little is padded."""
    order = buckets([len(row) for row in words.ids], TOGETHER)
    found = torch.cat([function(words.of(block)) for block in order])
    back = torch.empty(len(found), dtype=torch.long)
    back[[number for block in order for number in block]] = torch.arange(len(found))
    return found[back]


def pooled(
    linear: Float[Tensor, "texts labels"], network: Float[Tensor, "texts labels"], targets: Int[Tensor, " texts"]
) -> tuple[Float[Tensor, "2"], float]:
    """The weights of the two parts for which the pool's loss on ``targets`` is lowest, and that loss.

    Few texts are no reason to be sure: a pull towards :data:`TRUST` counts as much as one text would.
    """
    usual = torch.tensor(TRUST, dtype=torch.double)
    parts = linear.double(), network.double()

    def loss(trust: Tensor) -> Tensor:
        return nn.functional.cross_entropy(trust[0] * parts[0] + trust[1] * parts[1], targets)

    with torch.enable_grad():
        roots = usual.sqrt().requires_grad_()  # a square is not negative
        search = torch.optim.LBFGS([roots], max_iter=100, line_search_fn="strong_wolfe")

        def closure() -> Tensor:
            search.zero_grad()
            value = loss(roots**2) + ((roots**2 - usual) ** 2).sum() / (4 * len(targets))
            value.backward()
            return value

        search.step(closure)
    trust = (roots**2).detach()
    return trust.float(), float(loss(trust))


@one_thread()
def classify(
    model: str | Path | Classifier | tuple[nn.Module, Tokenizer], texts: str | Sequence[str], least: int | float = 0.0
) -> Labelled | list[Labelled]:
    """The label of a text, or of each of several, with its probability; below a probability of ``least`` the model abstains.

    ``model`` is the folder of a trained classifier, the name of a shipped one, what ``train_classify`` or ``finetune`` returned, or a model and its
    tokenizer. Of a blank text nothing is said: no label, probability 0.
    """
    if not 0 <= least <= 1:
        raise LmcourseError(f"A confidence is a probability from 0 to 1, not {least}; 0.5 is a usual limit.")
    network, tokenizer = loaded(model)
    contents = [texts] if isinstance(texts, str) else list(texts)
    some = [number for number, text in enumerate(contents) if text.strip()]
    found = [Labelled(None, 0.0, {}) for _ in contents]
    if some:
        words = network.read(tokenizer, [contents[number] for number in some])
        chances = over(words, network).double().softmax(1)
        for number, row in zip(some, chances, strict=True):
            order = row.argsort(descending=True, stable=True).tolist()
            chance = {network.config.labels[place]: float(row[place]) for place in order}
            label, probability = next(iter(chance.items()))
            found[number] = Labelled(label if probability >= least else None, probability, chance)
    return found[0] if isinstance(texts, str) else found


def loaded(model: str | Path | Classifier | tuple[nn.Module, Tokenizer]) -> tuple[nn.Module, Tokenizer]:
    """A classifier's model and its tokenizer, from wherever they are."""
    network, tokenizer = model_of(model)
    if not hasattr(network.config, "labels"):
        raise LmcourseError(f"{model} holds no classifier; train one: lmcourse train classify --data FILE.jsonl --out DIR")
    return network, tokenizer
