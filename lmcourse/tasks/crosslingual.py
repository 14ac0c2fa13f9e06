"""Labels across languages: learnt from texts in one language, given to texts in another, for which nobody made labels.

Three ways, each with what it costs to answer (``bench/understanding.py`` measures them):

- **Translate the question** (:func:`classify_through`): the text is translated, and a classifier of the first language reads
  that. Each answer waits for the translator and inherits its errors.
- **Translate the examples** (:func:`translated`): the training texts are translated once, and a classifier of the second language
  learns from them; it meets the translator's errors in training, where the label is known (Shi, Mihalcea & Tian 2010).
- **Joint vectors** (:func:`train_joint`): a word of either language is a point, near its translations; a classifier of the points
  does not ask which language they come from (Klementiev, Titov & Bhattarai 2012). From the counts of who
  stands in the same *pair* of sentences: cross-language latent semantic indexing (Dumais, Littman & Landauer 1997), with
  PPMI and the square root of the singular values (Levy, Goldberg & Dagan 2015).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from lmcourse import checkpoint
from lmcourse.errors import LmcourseError
from lmcourse.history import History
from lmcourse.nn import JointClassifier, JointConfig, WordVectors, ppmi, svd_vectors
from lmcourse.progress import one_thread
from lmcourse.tasks.classify import (
    Classifier,
    Labelled,
    Scores,
    classify,
    counted,
    given,
    numbers,
    over,
    pooled,
    weights_of,
)
from lmcourse.tasks.labels import Example, LabelledTexts, Source, read_labelled_texts
from lmcourse.tasks.pairs import Source as PairSource
from lmcourse.tasks.pairs import read_pair_texts, unspaced
from lmcourse.tasks.runs import checked_settings, describe_run
from lmcourse.tasks.translate import translate
from lmcourse.tokenizers import BagTokenizer
from lmcourse.tokenizers.bag import bag_words

SHARED = "willow_bay/parallel"  # the pairs that joint vectors are learnt from when none are given


@dataclass(frozen=True)
class Through(Labelled):
    """What :func:`classify_through` says of a text, and the ``translation`` in which it was read."""

    translation: str


def classify_through(
    model: Any, texts: str | Sequence[str], translator: Any, least: int | float = 0.0, beam: int = 1
) -> Through | list[Through]:
    """Translate a text, or several, and label the translation: ``classify_through("intents-en", "渡轮几点开？", "translate-zh-en")``.

    ``model`` and ``translator`` are whatever :func:`lmcourse.classify` and :func:`lmcourse.translate` take.
    """
    sentences = [texts] if isinstance(texts, str) else list(texts)
    told = translate(translator, sentences, beam)
    found = [Through(**vars(one), translation=text) for one, text in zip(classify(model, told, least), told, strict=True)]
    return found[0] if isinstance(texts, str) else found


def translated(examples: Iterable[Example], translator: Any, beam: int = 1) -> list[Example]:
    """Labelled texts, translated; the labels stay."""
    texts, labels = zip(*examples, strict=True)
    return list(zip(translate(translator, texts, beam), labels, strict=True))


@dataclass(frozen=True)
class JointRecipe:
    """What decides how a joint classifier comes out, but for the texts and the seed."""

    size: int = 500  # numbers in a vector
    least: int = 3  # pairs that a word stands in, to be known
    smoothing: float = 1e-3  # of the words' frequencies: what is common says less
    penalty: float = 10.0  # scikit-learn's C


@one_thread()
def train_joint(
    data: Source | None = None,
    pairs: PairSource = SHARED,
    out: str | Path | None = None,
    text_field: str | None = None,
    label_field: str | None = None,
    seed: int | None = None,
    encoding: str | None = None,
    skip_bad: bool = False,
    where: Mapping[str, str] | None = None,
    **settings: Any,
) -> Classifier:
    """Train a classifier of two languages on labelled texts in one of them, and on ``pairs`` of sentences without labels.

    ``data`` and how it is read: as for :func:`lmcourse.train_classify`; ``pairs``: as for :func:`lmcourse.train_translate`.
    There are no steps: vectors and classifier are solved, in some ten seconds for 8,000 pairs. ``seed`` is that of the
    randomised decomposition; ``settings`` are fields of :class:`JointRecipe`. The result labels texts of both languages.
    """
    checked_settings(settings, JointRecipe)
    start = time.perf_counter()
    recipe = JointRecipe(**settings)
    texts = read_labelled_texts(given(data), text_field, label_field, encoding, skip_bad, where)
    if out is not None:
        checkpoint.refuse_if_used(out)
    shared = read_pair_texts(pairs).train
    tokenizer, vectors = joint_vectors(shared, recipe.size, recipe.least, seed or 0)
    model = solve(texts, tokenizer, vectors, recipe)
    (contents, _), (held, wanted) = (zip(*part, strict=True) for part in (texts.train, texts.valid))
    found = [texts.labels[number] for number in over(model.read(tokenizer, held), model).argmax(1).tolist()]
    baseline = Scores.of(counted(texts).predict(held).tolist(), wanted)
    history = History(tokens=sum(map(len, model.read(tokenizer, contents).ids)), seconds=time.perf_counter() - start, stopped="solved")
    if out is not None:
        notes = {"task": "classify", "seed": seed or 0, "recipe": asdict(recipe), "where": dict(where) if where else None}
        notes |= {name: str(value) if isinstance(value, str | Path) else None for name, value in (("data", data), ("pairs", pairs))}
        describe_run(out, notes, 0, tokenizer, model)
        checkpoint.save(out, "best", model, tokenizer, {"notes": notes, "step": 0, "steps": 0, "history": history.to_dict()})
    return Classifier(
        model, tokenizer, history, recipe, Scores.of(found, wanted), baseline, len(held), None if out is None else Path(out), texts.bad
    )  # fmt: skip


def joint_vectors(
    pairs: Sequence[tuple[str, str]], size: int = 500, least: int = 3, seed: int = 0
) -> tuple[BagTokenizer, WordVectors]:
    """The words of both sides as points in one space, and the tokenizer that finds them in a text, in the same order.

    Two words meet when they stand in the same pair, whichever language they are of. In scripts without spaces two neighbours
    are a word, too. Both languages have to be written differently: a word that both have is one point.
    """
    counts: Counter[str] = Counter()
    bags = []
    for sides in pairs:
        bags.append(list(dict.fromkeys(piece for side in sides for piece in pieces(side))))
        counts.update(bags[-1])
    known = sorted(piece for piece, count in counts.items() if count >= least)
    words, double = ([piece for piece in known if len(piece.split()) == parts] for parts in (1, 2))
    ids = {word: id for id, word in enumerate(words, start=1)}
    double = [piece for piece in double if ids.keys() >= set(piece.split())]
    tokenizer = BagTokenizer(words, ([ids[word] for word in piece.split()] for piece in double))
    names = [*words, *double]
    if not 1 <= size < len(names):
        raise LmcourseError(f"The pairs have {len(names)} words that stand in {least} or more, too few for vectors of {size}; take a smaller size.")
    table = ppmi(meetings(bags, {name: place for place, name in enumerate(names)}))
    vectors = svd_vectors({name: counts[name] for name in names}, table, size, seed)
    strength = vectors.matrix.norm(dim=0).clamp(min=1e-12)  # the singular values: of these the square root remains
    return tokenizer, WordVectors(names, vectors.matrix / strength.sqrt(), vectors.counts)


@cache
def _pairs_up(word: str) -> bool:
    return unspaced([word])


def pieces(text: str) -> list[str]:
    """The words of a text, and the pairs of neighbours of scripts without spaces."""
    words = bag_words(text.lower())
    return [*words, *(f"{one} {other}" for one, other in pairwise(words) if _pairs_up(one) and _pairs_up(other))]


def meetings(bags: Sequence[Sequence[str]], ids: Mapping[str, int]) -> Any:
    """In how many bags each two words stand together, as a symmetric sparse matrix."""
    from scipy import sparse

    places = [(row, ids[word]) for row, bag in enumerate(bags) for word in bag if word in ids]
    rows, columns = np.array(places).T
    stands = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(bags), len(ids)))
    table = (stands.T @ stands).tocsr()
    table.setdiag(0)
    table.eliminate_zeros()
    return table


def solve(texts: LabelledTexts, tokenizer: BagTokenizer, vectors: WordVectors, recipe: JointRecipe) -> JointClassifier:
    """Logistic regression on the texts' sums of vectors, folded into scores of the words; how sure it is, from the held-out ones."""
    from sklearn.linear_model import LogisticRegression

    model = JointClassifier(JointConfig(texts.labels, tokenizer.vocab_size, len(tokenizer.pairs))).eval()
    share = torch.tensor([vectors.counts[word] for word in vectors.words]) / sum(vectors.counts.values())
    rows = vectors.unit * (recipe.smoothing / (recipe.smoothing + share))[:, None]
    rows = nn.functional.pad(rows, (0, 0, 1, 0))  # id 0: unknown
    contents, labels = zip(*texts.train, strict=True)
    summed = torch.stack([rows[ids].sum(0) / max(1, len(ids)) ** 0.5 for ids in model.read(tokenizer, contents).ids])
    scale = summed.norm(dim=1).mean()
    weights, bias = weights_of(LogisticRegression(C=recipe.penalty, max_iter=2000).fit((summed / scale).numpy(), labels))
    with torch.no_grad():
        model.scores.weight.copy_(rows @ torch.tensor(weights, dtype=torch.float) / scale)
        model.bias.copy_(torch.tensor(bias))
        held, wanted = zip(*texts.valid, strict=True)
        logits = over(model.read(tokenizer, held), model)
        temperature = pooled(logits, torch.zeros_like(logits), numbers(wanted, texts.labels))[0][0]  # Guo et al. 2017
        for parameter in model.parameters():
            parameter.mul_(temperature)
    return model
