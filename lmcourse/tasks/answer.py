"""Question answering: a reader is trained on questions with their passages, points at the answer or says that there is none.

**questions → split → words with their places → features → reader → one probability for each span and for "no answer" → checkpoint.**
:mod:`lmcourse.nn.reader` is the network, :mod:`lmcourse.nn.reading` what it is told; ``bench/LOG.md`` has the trials
behind the settings. Of many texts, :mod:`lmcourse.retrieval` finds the passages to read: :mod:`lmcourse.tasks.asking`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lmcourse import checkpoint
from lmcourse.batching import buckets
from lmcourse.corpus.cutting import cut
from lmcourse.corpus.squad import Answered
from lmcourse.decoding import start_id
from lmcourse.errors import LmcourseError
from lmcourse.history import History
from lmcourse.metrics import exact_match, f1
from lmcourse.nn.lm_reader import LanguageModelReader, LMReaderConfig
from lmcourse.nn.lstm import LSTMLanguageModel
from lmcourse.nn.pretrained import pretrained_vectors
from lmcourse.nn.reader import ReaderConfig, SpanReader
from lmcourse.nn.reading import Asked, Library, Words, counted_rarity
from lmcourse.progress import one_thread
from lmcourse.retrieval import BM25
from lmcourse.schedules import linear
from lmcourse.tasks.asking import TOGETHER, answer
from lmcourse.tasks.baselines import OverlapReader
from lmcourse.tasks.classify import LabelBatch, LabelBatches, same_texts
from lmcourse.tasks.cloze import Clozes
from lmcourse.tasks.finetune import Base, same_base
from lmcourse.tasks.questions import QuestionTexts, Source, read_question_texts
from lmcourse.tasks.recipe import every, steps_in
from lmcourse.tasks.runs import Run, checked_settings, checked_time, describe_run, ended, planned_steps, stored_run
from lmcourse.tokenizers import PiecedTokenizer, PlacedTokenizer, from_dict
from lmcourse.tokenizers.base import Tokenizer
from lmcourse.tokenizers.english import COMMON
from lmcourse.tokenizers.placed import placed_words
from lmcourse.training import fit

MINUTES = 5.0  # when neither minutes nor steps are given
STEPS = 1000  # of what is measured and shipped
PASSES = 20  # through the questions are enough, however many minutes there are
LONGEST = 30  # words of an answer at most; longer ones are learnt as their beginning
SEEN = 5  # a word that occurs so often gets a vector of its own
METHODS = ("scratch", "frozen", "full")  # those of tasks/finetune.py by which a language model beneath a reader can learn
schedule = partial(linear, warm=50)


@dataclass(frozen=True)
class AnswerRecipe:
    """All that decides how a reader comes out, but for the questions, the seed and the number of steps."""

    embedding_size: int = 32
    projection_size: int = 64
    hidden_size: int = 96
    span_size: int = 96
    longest: int | None = None  # None: as long as 99 of 100 answers
    dropout: float = 0.4
    word_dropout: float = 0.2
    clozes: int = 8  # questions that are made from each passage (tasks/cloze.py) …
    cloze_share: float = 0.5  # … and the share of the batches that they make up
    strangers: float = 0.1  # this share of the questions is also asked about a passage that has no answer
    batch_size: int = 16
    learning_rate: float = 6e-3
    precision: str = "float32"
    method: str | None = None  # how a language model beneath the reader learns: one of METHODS; None: there is none
    state_size: int = 48  # numbers to which what it holds at a word is brought
    lm_dropout: float = 0.2  # in the language model, where it learns
    lm_rate: float = 0.3  # times the learning rate, where it learns

    def build(self, tokenizer: PlacedTokenizer, rarity: Float[Tensor, " words"], seed: int, lm: LSTMLanguageModel | None = None) -> SpanReader:
        """An untrained reader, with ``lm`` beneath it where that is given; its own weights follow from the seed."""
        names = ("embedding_size", "projection_size", "hidden_size", "span_size", "longest", "dropout", "word_dropout")
        sizes = {name: getattr(self, name) for name in names}
        with checkpoint.random_numbers(seed):
            if lm is None:
                model = SpanReader(ReaderConfig(tokenizer.vocab_size, **sizes))
            else:
                inside = {**asdict(lm.config), "dropout": 0.0 if self.method == "frozen" else self.lm_dropout}
                model = LanguageModelReader(LMReaderConfig(tokenizer.vocab_size, **sizes, lm=inside, state_size=self.state_size))
        if lm is not None and self.method != "scratch":
            model.lm.load_state_dict(lm.state_dict())
        if self.method == "frozen":
            model.lm.requires_grad_(False)
        model.rarity.copy_(rarity)
        return model

    def optimizer(self, model: SpanReader) -> torch.optim.Optimizer:
        """Adam; a language model beneath the reader has a rate of its own."""
        beneath = set(model.lm.parameters()) if isinstance(model, LanguageModelReader) else set()
        groups = [{"params": [part for part in model.parameters() if part not in beneath]}]
        if self.method not in (None, "frozen"):
            groups.append({"params": [*model.lm.parameters()], "lr": self.lm_rate * self.learning_rate})
        return torch.optim.Adam(groups, self.learning_rate, betas=(0.9, 0.98), fused=True)


@dataclass(frozen=True)
class ReadingScores:
    """How good answers are, in per cent: exact match and F1 of all questions, and how often "no answer" is right where it is so."""

    exact: float
    f1: float
    none: float | None = None

    @classmethod
    def of(cls, found: Sequence[str], questions: Sequence[Answered]) -> ReadingScores:
        """Those of the answers found; "" says that there is none."""
        wanted = [[text for text, _ in one.answers] for one in questions]
        pairs = list(zip(found, wanted, strict=True))
        empty = [not text for text, truth in pairs if not truth]
        return cls(
            100 * fmean(exact_match(*pair) for pair in pairs), 100 * fmean(f1(*pair) for pair in pairs),
            100 * fmean(empty) if empty else None,
        )  # fmt: skip

    def __str__(self) -> str:
        none = "" if self.none is None else f", {self.none:.0f} % of those without an answer found to have none"
        return f"exact match {self.exact:.1f}, F1 {self.f1:.1f}{none}"


@dataclass
class Reader(Run):
    """A trained reader. ``scores`` are those of the ``held`` questions that were held out, ``baseline`` those of the sentence
    that shares most words with the question, trimmed (:class:`~lmcourse.tasks.baselines.OverlapReader`)."""

    model: SpanReader
    tokenizer: Tokenizer
    history: History
    recipe: AnswerRecipe
    scores: ReadingScores
    baseline: ReadingScores
    held: int
    directory: Path | None = None
    bad: list[str] = field(default_factory=list)  # what was wrong with the entries left out

    def __str__(self) -> str:
        lines = [ended(self.history), f"{self.held:,} held-out question{'s' * (self.held > 1)}: {self.scores}."]
        lines.append(f"The sentence with most of the question's words, trimmed: {self.baseline}.")
        if self.bad:
            lines.append(f"{len(self.bad):,} bad entr{'ies' if len(self.bad) > 1 else 'y'} left out.")
        if self.directory is not None:
            lines.append(f"The model is in {self.directory}; ask it: lmcourse answer {self.directory} --passage FILE --question TEXT")
        return "\n".join(lines)


@one_thread()
def train_answer(
    data: Source | None = None,
    out: str | Path | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    seed: int | None = None,
    resume: bool = False,
    progress: bool = True,
    encoding: str | None = None,
    skip_bad: bool = False,
    base: Any = None,
    method: str | None = None,
    **settings: Any,
) -> Reader:
    """Train a reader on ``data``: a corpus of questions by name, a file (SQuAD's json, jsonl, csv, tsv), or a list of
    (passage, question, [(answer, start), …]), the list empty where there is no answer.

    - ``skip_bad``: entries of a file that are no questions are left out and counted, instead of refused.
    - ``minutes`` (5 when nothing is said) become a number of steps once, by a short trial on this machine; or give ``steps``.
    - ``settings`` are fields of :class:`AnswerRecipe`, for example ``dropout=0.3``. The same ``seed`` (0 when nothing
      is said) gives the same model, on the same machine with the same number of threads.
    - ``resume`` goes on with the run in ``out``, to the same bits as if it had never stopped; ``steps`` may name a larger
      number, or ``minutes`` the time to add.
    - ``base``: a language model on which the reader stands, given as :func:`lmcourse.tasks.finetune` takes it; ``method``: how much of it
      learns ("frozen" when nothing is said). Without it the reader begins with nothing but the vectors of words.
    """
    settings = settings if method is None else {**settings, "method": method}
    checked_settings(settings, AnswerRecipe)
    if settings.get("method") not in (None, *METHODS):
        raise LmcourseError(f"A reader is not tuned by the method {settings['method']!r}; choose one of: {', '.join(METHODS)}.")
    checked_time(minutes, steps)
    read = {"encoding": encoding, "skip_bad": skip_bad}
    if resume:
        last, notes = stored_run(out, "answer", steps, seed, settings)
        with checkpoint.well_formed(last.path):
            recipe, tokenizer = AnswerRecipe(**notes["recipe"]), from_dict(last.tokenizer)
            read = {name: notes[name] for name in read}
        data, base = (notes.get(name) if given is None else given for name, given in (("data", data), ("base", base)))
    else:
        recipe, last, notes = AnswerRecipe(**settings), None, {"task": "answer", "seed": seed or 0, **read}
        if base is not None and recipe.method is None:
            recipe = replace(recipe, method="frozen")
        if out is not None:
            checkpoint.refuse_if_used(out)
    if data is None:
        raise LmcourseError("Say what to train on: --data FILE, SQuAD's json, or jsonl, csv, tsv with context, question, answer.")
    base, texts = beneath(base, recipe, notes, out), read_question_texts(data, **read)
    same_texts(texts, notes, out)
    passages = list(dict.fromkeys(one.passage for one in texts.train))
    if last is None:
        recipe = sized(recipe, texts)
        tokenizer = frequent_words([*passages, *(one.question for one in texts.train)], SEEN)
        if base is not None:
            tokenizer = PiecedTokenizer(tokenizer.words, base.tokenizer, start_id(base.tokenizer))
    notes |= {"data": str(data) if isinstance(data, str | Path) else None, "base": base and base.place, "recipe": asdict(recipe)}
    made = clozes_of(passages, recipe.clozes, notes["seed"]) if recipe.cloze_share else []
    rarity = counted_rarity(passages, tokenizer.words)
    train, made = ([*part, *strangers_of(part, recipe.strangers, notes["seed"])] for part in (texts.train, made))
    train, valid = ([pieced(one) for one in part] for part in (train, texts.valid))
    library = Library(tokenizer, rarity, dict.fromkeys(text for one in (*train, *valid, *made) for text in one[:2]))
    batches = Mixed([batches_of(library, part, recipe, notes["seed"]) for part in (train, made) if part], recipe.cloze_share)
    validate = Validation(library, valid, recipe.longest)
    model, trial = (recipe.build(tokenizer, rarity, drawn, base and base.model) for drawn in (notes["seed"], 0))
    if recipe.method == "frozen":
        model.remember(library, [one.passage for one in (*train, *valid, *made)])

    def fitting(minutes: float) -> int:
        count = steps_in(minutes, trial, batches, validate, recipe.precision, span_loss)
        return min(count, PASSES * len(batches))

    steps = planned_steps(minutes, steps, last, MINUTES, fitting)
    if out is not None:
        describe_run(out, notes, steps, tokenizer, model)
    history = fit(
        model, batches, span_loss, steps=steps, optimizer=recipe.optimizer(model), schedule=schedule, precision=recipe.precision,
        evaluate=validate, every=every(steps), seed=notes["seed"], directory=out, tokenizer=tokenizer, notes=notes,
        resume=resume, progress=progress,
    )  # fmt: skip
    found = answer((model, tokenizer), [one.passage for one in texts.valid], [one.question for one in texts.valid])
    plain = OverlapReader().fit(passages)
    return Reader(
        model.requires_grad_(), tokenizer, history, recipe, ReadingScores.of([one.text for one in found], texts.valid),
        ReadingScores.of([plain.answer(one.question, one.passage) for one in texts.valid], texts.valid),
        len(texts.valid), None if out is None else Path(out), texts.bad,
    )  # fmt: skip


def beneath(base: Any, recipe: AnswerRecipe, notes: dict[str, Any], out: str | Path | None) -> Base | None:
    """The language model on which the reader stands, if there is one; a run goes on with the one it began with."""
    if base is None and recipe.method is not None:
        raise LmcourseError("Say which model to tune, and to what: lmcourse finetune DIR --task answer --data FILE --out NEW")
    if base is None:
        return None
    if recipe.method is None:
        raise LmcourseError(f"The reader in {out} was begun without a language model; go on without one, or choose another --out.")
    base = Base.of(base)
    same_base(base, notes, out)
    return base


def sized(recipe: AnswerRecipe, texts: QuestionTexts) -> AnswerRecipe:
    """The recipe with nothing left open."""
    if recipe.longest is not None:
        return recipe
    lengths = sorted(len(placed_words(text)) for one in texts.train for text, _ in one.answers)
    return replace(recipe, longest=min(LONGEST, lengths[int(0.99 * (len(lengths) - 1))] if lengths else 1))


def frequent_words(texts: Iterable[str], least: int) -> PlacedTokenizer:
    """The words that occur at least so often; in a few texts, all of them."""
    counts = Counter(place.word.lower() for text in texts for place in placed_words(text))
    frequent = sorted(word for word in counts if counts[word] >= least)
    return PlacedTokenizer(frequent or sorted(counts))


def pieced(one: Answered) -> Answered:
    """The question with only that piece of a long passage in which its first answer stands (the first piece, if it has none)."""
    start, first = 0, one.answers[0] if one.answers else ("", 0)
    for piece in cut([one.passage]):
        if first[1] < start + len(piece):
            passage = one.passage[start : max(start + len(piece), first[1] + len(first[0]))]
            kept = [(text, place - start) for text, place in one.answers if passage[place - start :].startswith(text) and place >= start]
            return Answered(passage, one.question, tuple(kept))
        start += len(piece)
    return one


def clozes_of(passages: Sequence[str], each: int, seed: int) -> list[Answered]:
    """Questions made from the passages themselves (:mod:`lmcourse.tasks.cloze`)."""
    counts = Counter(place.word.lower() for text in passages for place in placed_words(text))
    known = [word for word, count in counts.items() if count > 2 and word.isalpha() and word not in COMMON]
    clozes = Clozes(pretrained_vectors(known), seed=seed)
    return [pieced(one) for passage in passages for one in clozes.of(passage, each)]


def strangers_of(questions: Sequence[Answered], share: float, seed: int) -> list[Answered]:
    """Some of the questions with passages that they are not about: every other time the one that a search finds next, else any.

    So a reader learns that what is not there cannot be found (as Rajpurkar, Jia & Liang 2018 wanted it, but easier).
    """
    rng, passages = random.Random(f"strangers {seed}"), list(dict.fromkeys(one.passage for one in questions))
    if len(passages) < 2 or not share:
        return []
    search, found = BM25(passages), []
    for number, one in enumerate(rng.sample(questions, round(share * len(questions)))):
        others = [hit.text for hit in search.search(one.question, 2)] if number % 2 else rng.sample(passages, 2)
        found.append(Answered(next(other for other in others if other != one.passage), one.question, ()))
    return found


def target_of(words: Words, answers: Sequence[tuple[str, int]], longest: int) -> int:
    """The place of the first answer among the scores of a reader: 0 is no answer, then come the spans of each word in turn."""
    if not answers:
        return 0
    text, start = answers[0]
    inside = [place for place, (first, last) in enumerate(words.spans) if last > start and first < start + len(text)]
    return 1 + inside[0] * longest + min(len(inside), longest) - 1


def batches_of(library: Library, questions: Sequence[Answered], recipe: AnswerRecipe, seed: int) -> LabelBatches:
    """The batches of these questions, each with the place of its answer."""
    targets = [target_of(library[one.passage], one.answers, recipe.longest) for one in questions]
    return LabelBatches(Asked(library, [one[:2] for one in questions]), torch.tensor(targets), recipe.batch_size, seed)


class Mixed:
    """Batches of two kinds in turn; the second makes up ``share`` of them. A pass is one through the first."""

    def __init__(self, kinds: Sequence[LabelBatches], share: float) -> None:
        self.kinds, self.share = kinds, share if len(kinds) > 1 else 0.0

    def __len__(self) -> int:
        return round(len(self.kinds[0]) / (1 - self.share))

    def __call__(self, step: int) -> LabelBatch:
        before, after = (int((step + more) * (1 - self.share)) for more in (0, 1))
        return self.kinds[0](before) if after > before else self.kinds[1](step - before)


def span_loss(model: nn.Module, batch: LabelBatch, state: Any) -> tuple[Float[Tensor, ""], int, Any]:
    """The objective: cross-entropy of the right span, or of no answer, among all there are."""
    scores, none = model(batch.reading)
    logits = torch.cat([none[:, None], scores.flatten(1)], dim=1).float()
    return nn.functional.cross_entropy(logits, batch.targets), int(batch.reading.lengths.sum()), None


class Validation:
    """``validate(model)``: the loss on held-out questions."""

    def __init__(self, library: Library, questions: Sequence[Answered], longest: int) -> None:
        self.asked = Asked(library, [one[:2] for one in questions])
        self.targets = torch.tensor([target_of(library[one.passage], one.answers, longest) for one in questions])

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> float:
        total = 0.0
        for numbers in buckets([len(ids) for ids in self.asked.ids], TOGETHER):
            loss, _, _ = span_loss(model, LabelBatch(self.asked.of(numbers), self.targets[numbers], 0), None)
            total += float(loss) * len(numbers)
        return total / len(self.asked)
