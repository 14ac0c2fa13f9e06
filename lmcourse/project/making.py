"""`make models`: train what is shipped in ``data/models`` anew, measure it, and replace what came out otherwise.

A model is added by a folder with a card that has ``what``, ``task``, ``command`` and ``limits``; the rest of the card is
written here. git keeps every version of a file for ever, so weights are replaced only when a stored metric has changed.

Settings were chosen on valid (``bench/LOG.md``); test is measured once, here.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

import lmcourse
from lmcourse import checkpoint, corpus, models
from lmcourse.corpus.documents import SPLITS
from lmcourse.corpus.pairs import sides
from lmcourse.errors import LmcourseError
from lmcourse.files import write_atomic
from lmcourse.metrics import bleu, chrf, evaluate, signatures
from lmcourse.models import ModelCard
from lmcourse.models.shipped import FILE
from lmcourse.ngram import NGramLM
from lmcourse.progress import one_thread
from lmcourse.project import answering, labelling
from lmcourse.tasks.baselines import NearestTranslation, counted_score
from lmcourse.tasks.lm import encoded
from lmcourse.tasks.texts import text_for
from lmcourse.tasks.translate import encoded as encoded_pairs
from lmcourse.tasks.translate import pair_loss, translate
from lmcourse.tokenizers.base import Tokenizer

LARGEST = 7_000_000  # bytes of one file
BEAM = 5
FEW = 200  # validation pairs are enough to see that a translator is the one that was measured
CORPORA = ("--corpus", "--data", "--pairs")  # the options that name what a model learns from, the one it is measured on first
OTHERS = {"answer": answering, "classify": labelling}  # tasks with a module of their own for what their cards say
ORDER = 5  # of the count model that a language model is compared with: as good as any on Willow Bay (bench/LOG.md)

Metrics = dict[str, Any]


def make(
    names: Sequence[str] = (), again: bool = False, work: Path | None = None, echo: Callable[[str], object] = print
) -> None:
    """Bring the shipped models (all, when none is named) up to date.

    ``again``: also those that are up to date. ``work``: a folder for the training runs, which are then kept, and gone on
    with where they stopped; else they are thrown away.
    """
    for card in [models.describe(name) for name in names] if names else models.list():
        why = outdated(card)
        if why is None and not again:
            echo(f"{card.name}: up to date.")
            continue
        echo(
            f"{card.name}: {why or 'asked for again'}; training it, {len(card.seeds)} time{'s' * (len(card.seeds) > 1)}."
        )
        with tempfile.TemporaryDirectory() as folder:
            echo(f"{card.name}: {_made(card, Path(work or folder))}")


def outdated(card: ModelCard) -> str | None:
    """Why a shipped model must be made anew, or None."""
    try:
        command = checkpoint.load(card.checked()).training["command"]
    except (LmcourseError, KeyError):
        return "its file is missing, or not the one that its card describes"
    if command != card.command:
        return "its file was made by another command than its card has"
    if card.seeds != [run["seed"] for run in card.metrics.get("seeds", [])]:
        return "its card lists other seeds than were tried"
    if card.data.get("sha256") != data_digest(card):
        return "the data have changed since"
    return None


def data_digest(card: ModelCard) -> str:
    """The same for the same texts in the same order under the same ids, which decide their splits."""
    digest = hashlib.sha256()
    for name in filter(None, (card.option(option, missing="") for option in CORPORA)):
        for record in corpus.stream(name):
            digest.update(f"{record.id}\0{corpus.show(record)}\0".encode())
        if card.task == "answer":  # what the questions are about
            digest.update("\0".join(one.passage for split in SPLITS for one in answering.questions(card, split)).encode())
    return digest.hexdigest()


def _made(card: ModelCard, work: Path) -> str:
    """Train and measure the model; replace the shipped one if it is another. Returns what happened, in words."""
    runs, spent = [], []
    for seed in card.seeds:
        folder = work / f"{card.name}-{seed}"
        spent.append(trained(card, seed, folder))
        runs.append(shipped(folder, card))
    digest, name = data_digest(card), card.option(*CORPORA)
    data = {"corpus": name, "version": corpus.list()[name].version, "sha256": digest}
    metrics = measured(card, runs)
    same = metrics == card.metrics and _intact(card)
    if same:
        card = replace(card, data=data)
    else:
        _, model, tokenizer, training = runs[0]
        path = checkpoint.save(card.folder, Path(FILE).stem, model, tokenizer, training)
        if (size := path.stat().st_size) > LARGEST:
            raise LmcourseError(f"{path} has {size:,} bytes, and {LARGEST:,} are allowed; make the model smaller.")
        made: dict[str, Any] = {"lmcourse": lmcourse.__version__, "torch": torch.__version__, "steps": training["step"]}
        made["cpu_minutes"] = [round(seconds / 60, 1) for seconds in spent]
        file = {"bytes": size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        file |= {"parameters": model.parameters_count, "tokens": tokenizer.vocab_size, "model": asdict(model.config)}
        card = replace(card, data=data, made=made, file=file, metrics=metrics)
    write_card(card)
    return "the metrics are the same, so the file stays." if same else f"replaced; on test {card.score}."


def trained(card: ModelCard, seed: int, folder: Path) -> float:
    """Run the card's command with this seed, into ``folder``; returns the CPU-seconds that it took."""
    words = shlex.split(card.command)
    for name, value in (("--seed", str(seed)), ("--out", str(folder))):
        words[words.index(name) + 1] = value
    clock = folder / "seconds.json"
    before = json.loads(clock.read_text()) if clock.exists() else 0.0
    if checkpoint.exists(folder):
        if _last(folder)["history"]["stopped"] in ("steps", "patience", "solved"):
            return before
        words.append("--resume")
    start, cpu = time.perf_counter(), _children()
    status = subprocess.run([sys.executable, "-m", "lmcourse.cli", *words[1:]], check=False).returncode
    # Windows does not tell what other processes took.
    spent = before + ((_children() - cpu) or (time.perf_counter() - start))
    if folder.exists():
        write_atomic(clock, json.dumps(spent).encode())
    if status:
        raise LmcourseError(
            f"Training {card.name} with seed {seed} ended with status {status}; see what it said above."
        )
    return spent


def _last(folder: Path) -> dict[str, Any]:
    """What a run has written of its end; what was solved at once has no last step, and is its own best."""
    return checkpoint.load(folder, "last" if (folder / "last.safetensors").exists() else "best").training


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


Run = tuple[float, nn.Module, Tokenizer, dict[str, Any]]


def shipped(folder: Path, card: ModelCard) -> Run:
    """A run's best model in half precision; what rounding costs in nats on valid, and what to say in its file."""
    model, tokenizer = checkpoint.load_model(folder)
    last = _last(folder)
    training = {"command": card.command, "notes": last["notes"], "step": last["step"], "steps": last["steps"]}
    exact = valid_loss(card, model, tokenizer)
    half = copy.deepcopy(model).half().float()  # rounded, and as it comes out of its file
    return valid_loss(card, half, tokenizer) - exact, half.half(), tokenizer, training


@one_thread()
def valid_loss(card: ModelCard, model: nn.Module, tokenizer: Tokenizer) -> float:
    """Nats per token (of a classifier: per text, of a reader: per question) of the validation split."""
    if card.task in OTHERS:
        return OTHERS[card.task].valid_loss(card, model, tokenizer)
    if card.task == "translate":
        return pair_loss(model, encoded_pairs(_pairs(card, "valid"), tokenizer))
    return evaluate(model, tokenizer, *_text(card, tokenizer, "valid")).loss


@one_thread()
def measured(card: ModelCard, runs: Sequence[Run]) -> Metrics:
    """All that the card says of how good the model is: one run for each of the card's seeds, the first is shipped."""
    ready = [(copy.deepcopy(model).float(), tokenizer) for _, model, tokenizer, _ in runs]
    scores = {split: [scored(card, *model, split) for model in ready] for split in ("valid", "test")}
    metrics = {split: scores[split][0] for split in scores}
    metrics["seeds"] = [
        {"seed": seed, **{split: scores[split][number] for split in scores}} for number, seed in enumerate(card.seeds)
    ]
    if card.task in OTHERS:
        metrics |= OTHERS[card.task].more(card, *ready[0])
    elif card.task == "translate":
        metrics["beam"] = {split: scored(card, *ready[0], split, beam=BEAM) for split in ("valid", "test")}
        metrics[f"first {FEW} of valid"] = scored(card, *ready[0], "valid", first=FEW)
        decoding = f"greedy; beam {BEAM}, penalty 1.0"
        metrics["settings"] = {**signatures(card.option("--to")), "decoding": decoding}
    else:
        metrics["settings"] = "all tokens of the split read in a row, special tokens not scored (lmcourse eval)"
    metrics["baseline"] = baseline(card, ready[0][1])
    metrics["rounding"] = round(max(0.0, runs[0][0]), 5)
    return metrics


@one_thread()
def scored(
    card: ModelCard, model: nn.Module, tokenizer: Tokenizer, split: str, beam: int = 1, first: int | None = None
) -> Metrics:
    """The model's metrics on a split (on its ``first`` pairs), rounded as the card has them."""
    if card.task in OTHERS:
        return OTHERS[card.task].scored(card, model, tokenizer, split)
    if card.task == "translate":
        sources, wanted = zip(*_pairs(card, split)[:first], strict=True)
        found = translate((model, tokenizer), sources, beam=beam)
        return {"BLEU": round(bleu(found, wanted, card.option("--to")), 1), "chrF": round(chrf(found, wanted), 1)}
    score = evaluate(model, tokenizer, *_text(card, tokenizer, split))
    return {"bits_per_byte": round(score.bits_per_byte, 3), "perplexity": round(score.perplexity, 1)}


def baseline(card: ModelCard, tokenizer: Tokenizer) -> Metrics:
    """What the model is compared with, on test: the nearest known sentence, or a count model of the same tokens."""
    if card.task in OTHERS:
        return OTHERS[card.task].baseline(card)
    if card.task == "translate":
        train, valid, test = (_pairs(card, split) for split in ("train", "valid", "test"))
        near, _, features = NearestTranslation.chosen(train, valid, card.option("--to"))
        sources, wanted = zip(*test, strict=True)
        found = near.predict(sources)
        scores = {"BLEU": round(bleu(found, wanted, card.option("--to")), 1), "chrF": round(chrf(found, wanted), 1)}
        return {"what": f"the nearest known sentence by {features} (chosen on valid)", "test": scores}
    train, special = _text(card, tokenizer, "train")
    counts = NGramLM(ORDER, len(tokenizer), "modified-kneser-ney").fit(encoded([train], tokenizer, special).numpy())
    score = counted_score(counts, tokenizer, *_text(card, tokenizer, "test"))
    what = f"a modified Kneser-Ney {ORDER}-gram of the same tokens"
    return {"what": what, "test": {"bits_per_byte": round(score.bits_per_byte, 3)}}


def write_card(card: ModelCard) -> None:
    """Store a card beside its model."""
    told = {name: value for name, value in vars(card).items() if name not in ("name", "folder")}
    write_atomic(card.folder / "card.json", (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode())


def _intact(card: ModelCard) -> bool:
    try:
        return bool(card.checked())
    except LmcourseError:
        return False


def _text(card: ModelCard, tokenizer: Tokenizer, split: str) -> tuple[str, tuple[str, ...]]:
    return text_for(tokenizer, corpus.load(card.option("--corpus"), split=split))


def _pairs(card: ModelCard, split: str) -> list[tuple[str, str]]:
    records = corpus.load(card.option("--pairs"), split=split)
    return sides(records, card.option("--from"), card.option("--to"))
