"""Translation: training an encoder-decoder on sentence pairs, and translating with it, one call each.

**pairs → split → tokenizer → batches of equal source length → model → fit → checkpoint → BLEU.** It works for any two
languages; for which settings, and why these, ``bench/LOG.md`` has the trials.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lmcourse import checkpoint
from lmcourse.batching import Pairs
from lmcourse.beam import beam_search
from lmcourse.errors import LmcourseError
from lmcourse.history import History
from lmcourse.metrics import bleu, chrf
from lmcourse.nn import Seq2Seq, Seq2SeqConfig
from lmcourse.progress import one_thread
from lmcourse.schedules import linear
from lmcourse.tasks.pairs import VALID, PairTexts, Source, read_pair_texts, unspaced
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
from lmcourse.tokenizers import PairTokenizer, from_dict
from lmcourse.training import fit, next_target

MINUTES = 3.0  # when neither minutes nor steps are given
PASSES = 60  # through a small corpus are enough, however many minutes there are
TOGETHER = 64  # sentences are translated at a time
schedule = partial(linear, warm=200)


@dataclass(frozen=True)
class TranslatorRecipe:
    """All that decides how a translator comes out, but for the pairs, the seed and the number of steps."""

    source_tokens: str = "bpe"
    target_tokens: str | None = None  # None: characters in scripts without spaces, else bpe
    vocab_size: int | None = None  # of each side, but characters; None: by how many pairs there are
    lower: bool = True  # read the source in lower case
    embedding_size: int = 128
    encoder_size: int = 256
    decoder_size: int = 256
    layers: int = 1
    bidirectional: bool = True
    attention: bool = True
    context: str = "none"
    residual: bool = True
    dropout: float = 0.3
    smoothing: float = 0.1
    batch_tokens: int = 500
    learning_rate: float = 5e-3
    precision: str = "float32"

    def sized(self, texts: PairTexts) -> TranslatorRecipe:
        """This recipe with nothing left open."""
        characters = unspaced(target for _, target in texts.train[:1000])
        kind = self.target_tokens or ("char" if characters else "bpe")
        return replace(self, target_tokens=kind, vocab_size=self.vocab_size or max(1000, min(8000, len(texts.train) // 4)))

    def build(self, tokens: PairTokenizer, seed: int) -> Seq2Seq:
        """An untrained model; its weights follow from the seed."""
        names = ("embedding_size", "encoder_size", "decoder_size", "layers", "bidirectional", "attention", "context", "residual", "dropout")
        with checkpoint.random_numbers(seed):
            return Seq2Seq(Seq2SeqConfig(tokens.vocab_size, tokens.targets, **{name: getattr(self, name) for name in names}))


@dataclass
class Translator(Run):
    """A trained translator: ``bleu`` and ``chrf`` are those of the validation pairs, translated greedily."""

    model: Seq2Seq
    tokenizer: PairTokenizer
    history: History
    recipe: TranslatorRecipe
    bleu: float
    chrf: float
    directory: Path | None = None
    bad: list[str] = field(default_factory=list)  # what was wrong with the lines left out

    def __str__(self) -> str:
        lines = [ended(self.history), f"Validation pairs: BLEU {self.bleu:.1f}, chrF {self.chrf:.1f}."]
        if self.bad:
            lines.append(f"{len(self.bad):,} bad line{'s' * (len(self.bad) > 1)} left out.")
        if self.directory is not None:
            lines.append(f"The model is in {self.directory}; let it translate, line by line: lmcourse translate {self.directory}")
        return "\n".join(lines)


@one_thread()
def train_translate(
    pairs: Source | None = None,
    out: str | Path | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    source: str | None = None,
    target: str | None = None,
    seed: int | None = None,
    resume: bool = False,
    progress: bool = True,
    encoding: str | None = None,
    skip_bad: bool = False,
    **settings: Any,
) -> Translator:
    """Train a translator on ``pairs``: a corpus by name, a tsv or csv file, or a list of (source, translation).

    - ``source`` and ``target`` name the direction: ``"en"``, ``"zh"`` in the course's corpora, columns of a file's header.
    - ``skip_bad``: lines of a file that are no pairs are left out and counted, instead of refused.
    - ``minutes`` (3 when nothing is said) become a number of steps once, by a short trial on this machine; or give ``steps``.
    - ``settings`` are fields of :class:`TranslatorRecipe`, for example ``dropout=0.2``. The same ``seed`` (0 when nothing
      is said) gives the same model, on the same machine with the same number of threads.
    - ``resume`` goes on with the run in ``out``, to the same bits as if it had never stopped; ``steps`` may name a larger
      number, or ``minutes`` the time to add.
    """
    checked_settings(settings, TranslatorRecipe)
    checked_time(minutes, steps)
    if resume:
        last, notes = stored_run(out, "translate", steps, seed, settings)
        for name, wanted in (("source", source), ("target", target)):
            if wanted is not None and wanted != notes[name]:
                raise LmcourseError(f"{out} was trained with {name} {notes[name]}, not {wanted}; leave it out, or choose another --out.")
        with checkpoint.well_formed(last.path):
            recipe, tokens = TranslatorRecipe(**notes["recipe"]), from_dict(last.tokenizer)
            read = {name: notes[name] for name in ("source", "target", "encoding", "skip_bad")}
        pairs = notes["pairs"] if pairs is None else pairs
    else:
        read = {"source": source, "target": target, "encoding": encoding, "skip_bad": skip_bad}
        last, notes = None, {"task": "translate", "seed": seed or 0, **read}
        if out is not None:
            checkpoint.refuse_if_used(out)
    if pairs is None:
        raise LmcourseError("Say what to train on: --pairs FILE.tsv (a file of your own) or the name of a corpus of pairs.")
    texts = read_pair_texts(pairs, **read)
    if notes.setdefault("digest", texts.digest) != texts.digest:
        raise LmcourseError(f"{texts.name} does not hold the pairs that {out} was trained on; give those, or choose another --out.")
    if not resume:
        recipe = TranslatorRecipe(**settings).sized(texts)
        kinds = recipe.source_tokens, recipe.target_tokens
        tokens = PairTokenizer.train(texts.train, recipe.vocab_size, kinds=kinds, lower=recipe.lower)
    notes |= {"pairs": str(pairs) if isinstance(pairs, str | Path) else None, "recipe": asdict(recipe)}
    train, valid = (encoded(part, tokens) for part in (texts.train, texts.valid[:VALID]))
    batches, objective = Pairs(train, recipe.batch_tokens, notes["seed"]), partial(next_target, smoothing=recipe.smoothing)

    def validate(model: nn.Module) -> float:
        return pair_loss(model, valid, recipe.smoothing)

    def fitting(minutes: float) -> int:
        count = steps_in(minutes, recipe.build(tokens, 0), batches, validate, recipe.precision, objective)
        return min(count, PASSES * len(batches))

    steps = planned_steps(minutes, steps, last, MINUTES, fitting)
    model = recipe.build(tokens, notes["seed"])
    model.expect(torch.bincount(torch.tensor([id for _, target in train for id in target[1:]]), minlength=tokens.targets))
    if out is not None:
        describe_run(out, notes, steps, tokens, model)
    optimizer = torch.optim.Adam(model.parameters(), recipe.learning_rate, betas=(0.9, 0.98), fused=True)
    history = fit(
        model, batches, objective, steps=steps, optimizer=optimizer, schedule=schedule, precision=recipe.precision,
        evaluate=validate, every=every(steps), seed=notes["seed"], directory=out, tokenizer=tokens, notes=notes,
        resume=resume, progress=progress,
    )  # fmt: skip
    sources, references = zip(*texts.valid[:VALID], strict=True)
    found = translate((model, tokens), sources)
    scores = bleu(found, references, "zh" if recipe.target_tokens == "char" else "en"), chrf(found, references)
    return Translator(model, tokens, history, recipe, *scores, None if out is None else Path(out), texts.bad)


@one_thread()
def translate(
    model: str | Path | Translator | tuple[nn.Module, PairTokenizer],
    texts: str | Sequence[str],
    beam: int = 1,
    penalty: float = 1.0,
) -> str | list[str]:
    """The translation of a sentence, or of each of several; a blank one stays blank.

    ``model`` is the name of a shipped translator (:mod:`lmcourse.models`), the folder of a trained one, what
    ``train_translate`` returned, or a model and its tokenizer.
    ``beam`` is how many beginnings are kept side by side (1: greedy), ``penalty`` that of :mod:`lmcourse.beam`.
    """
    if beam < 1:
        raise LmcourseError(f"A beam keeps at least one beginning, not {beam}; 1 is greedy.")
    network, tokens = loaded(model)
    sentences = [texts] if isinstance(texts, str) else list(texts)
    sources = [tokens.encode_source(text.strip()) if text.strip() else [] for text in sentences]
    order = sorted((number for number, source in enumerate(sources) if source), key=lambda number: len(sources[number]))
    found = [""] * len(sources)
    while order:
        length = len(sources[order[0]])
        group = [number for number in order[: max(1, TOGETHER // beam)] if len(sources[number]) == length]
        order = order[len(group) :]
        targets = beam_search(
            network, torch.tensor([sources[number] for number in group]), tokens.bos, tokens.eos,
            width=beam, longest=20 + 3 * length, penalty=penalty, forbidden=tokens.unwritable,
        )  # fmt: skip
        for number, target in zip(group, targets, strict=True):
            found[number] = tokens.decode(target)
    return found[0] if isinstance(texts, str) else found


def loaded(model: str | Path | Translator | tuple[nn.Module, PairTokenizer]) -> tuple[nn.Module, PairTokenizer]:
    """A translator's model and its tokenizer, from wherever they are."""
    network, tokens = model_of(model)
    if not isinstance(tokens, PairTokenizer):
        raise LmcourseError(f"{model} holds no translator; train one: lmcourse train translate --pairs FILE.tsv --out DIR")
    return network, tokens


def encoded(pairs: Sequence[tuple[str, str]], tokens: PairTokenizer) -> list[tuple[list[int], list[int]]]:
    """Pairs of texts as pairs of ids."""
    return [(tokens.encode_source(source), tokens.encode_target(target)) for source, target in pairs]


@torch.no_grad()
def pair_loss(model: nn.Module, pairs: Sequence[tuple[list[int], list[int]]], smoothing: float = 0.0, together: int = 2000) -> float:
    """Nats per target token, over all ``pairs``, each met once."""
    batches = Pairs(pairs, together)
    losses: list[Tensor] = []
    counts: list[int] = []
    for step in range(len(batches)):
        loss, count, _ = next_target(model, batches(step), None, smoothing)
        losses.append(loss.double() * count)
        counts.append(count)
    return float(sum(losses) / sum(counts))
