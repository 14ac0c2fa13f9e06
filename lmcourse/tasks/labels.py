"""Labelled texts for training and for validation, from whatever somebody has: a corpus by name, a file, a list.

A known corpus is split as ``Corpus.split`` does it, and its test split stays unread. What is one's own is split within each
label, so that a rare label is on both sides; a hash of the text decides, and a text that stands there twice is on one side only.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lmcourse import corpus
from lmcourse.corpus import Corpus, Document
from lmcourse.corpus.catalogue import sources
from lmcourse.corpus.labelled import has_values, read_labelled, spelled
from lmcourse.errors import LmcourseError
from lmcourse.tasks.pairs import PairTexts

FEWEST = 2  # examples of a label: one to learn from, one to measure with
SHARE, VALID = 0.1, 1000  # of one's own examples are for validation, and so many of them at most

Example = tuple[str, str]  # a text and its label


class LabelledTexts(PairTexts):
    """Pairs of a text and its label. ``bad``: what was wrong with the lines that were left out."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The different labels, sorted."""
        return tuple(sorted({label for _, label in self.train}))


Source = str | Path | Corpus | LabelledTexts | Iterable[Document | Example]


def read_labelled_texts(
    given: Source,
    text_field: str | None = None,
    label_field: str | None = None,
    encoding: str | None = None,
    skip_bad: bool = False,
    where: Mapping[str, str] | None = None,
) -> LabelledTexts:
    """Read and split ``given``; ``label_field`` names the field of a corpus's records, ``text_field`` too that of a file's.

    ``where``: only records with these values in these fields, for example ``{"language": "en"}``. What is split already stays as it is.
    """
    if isinstance(given, LabelledTexts):
        return _with_known_labels(given.train, given.valid, given.name, given.bad)
    bad: list[str] = []
    if isinstance(given, Corpus) or (isinstance(given, str) and given in sources()):
        records = given if isinstance(given, Corpus) else corpus.load(given)
        name = records.name
        train, valid = (_of_documents(records.split(split), name, label_field, where) for split in ("train", "valid"))
    else:
        if isinstance(given, str | Path):
            if isinstance(given, str) and not Path(given).suffix and not Path(given).exists():
                corpus.load(given)  # no path, and no corpus: this says which names there are
            file, name = read_labelled(given, text_field, label_field, encoding, skip_bad, where), str(given)
            examples, bad = file.examples, file.bad
        else:
            name, examples = "the list", []
            for one in given:
                examples += _of_documents([one], name, label_field, where) if isinstance(one, Document) else [one]
        examples, alone = _without_single(examples)
        if alone and not skip_bad:
            raise LmcourseError(_single(name, alone))
        bad = [*bad, *(f"the only example of {label!r}" for label in alone)]
        train, valid = _split(examples)
    return _with_known_labels(train, valid, name, bad, where)


def few_of(examples: Sequence[Example], number: int, seed: int = 0) -> list[Example]:
    """So many of the examples, drawn at random, but every label once before any comes twice.

    Fewer of the same seed are contained in more; all, if there are no more than that.
    """
    if number < 2:
        raise LmcourseError(f"A classifier needs at least two examples, not {number}.")
    drawn = list(examples)
    random.Random(seed).shuffle(drawn)
    once: dict[str, Example] = {}
    again = [one for one in drawn if once.setdefault(one[1], one) is not one]
    return [*once.values(), *again][:number]


def _with_known_labels(
    train: Sequence[Example], valid: Sequence[Example], name: str, bad: Sequence[str], where: Mapping[str, str] | None = None
) -> LabelledTexts:
    labels = {label for _, label in train}
    if len(labels) < 2:
        found = f"only the label {labels.pop()!r}" if labels else "no labelled texts"
        found += f" where {' and '.join(map('='.join, where.items()))}" if where else ""
        raise LmcourseError(f"{name} has {found}; a classifier needs at least two labels to tell apart, and {FEWEST} examples of each.")
    return LabelledTexts(list(train), [one for one in valid if one[1] in labels], name, list(bad))


def _of_documents(
    records: Iterable[Document], name: str, label_field: str | None, where: Mapping[str, str] | None
) -> list[Example]:
    label_field = label_field or "label"
    examples = []
    for record in records:
        if not isinstance(record, Document) or record.meta.get(label_field) is None:
            has = ", ".join(map(repr, record.meta)) if isinstance(record, Document) else "none"
            raise LmcourseError(f"The records of {name} have no field {label_field!r}; name one of {has} with --label-field.")
        if has_values(record.meta, where):
            examples.append((record.text, spelled(record.meta[label_field])))
    return examples


def _without_single(examples: Sequence[Example]) -> tuple[list[Example], list[str]]:
    """The examples whose label stands with two different texts or more, and the labels that do not."""
    texts = defaultdict(set)
    for text, label in examples:
        texts[label].add(text)
    alone = [label for label, different in texts.items() if len(different) < FEWEST]
    return [one for one in examples if one[1] not in set(alone)], alone


def _single(name: str, labels: Sequence[str]) -> str:
    shown = ", ".join(map(repr, labels[:3])) + (" …" if len(labels) > 3 else "")
    some = f"The label {shown} has" if len(labels) == 1 else f"{len(labels):,} labels ({shown}) have"
    return (
        f"{some} only one text in {name}, and cannot be both learnt and measured; give {FEWEST} or more of each, or leave such "
        "labels out with skip_bad=True (--skip-bad)."
    )


def _split(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Training and validation examples: of each label its share, of the few at least one in all."""
    label_of: dict[str, str] = {}  # of a text with two labels the first decides
    for text, label in examples:
        label_of.setdefault(text, label)
    count = Counter(label_of.values())
    share = min(SHARE, VALID / max(1, len(label_of)))
    held: set[str] = set()
    for label in count:
        texts = sorted((text for text in label_of if label_of[text] == label), key=_hash)
        held.update(texts[: min(len(texts) - 1, round(share * len(texts)))])
    if not held and count:  # few of each label
        for label in sorted(count)[: max(1, round(share * len(label_of)))]:
            held.add(min((text for text in label_of if label_of[text] == label), key=_hash))
    return [one for one in examples if one[0] not in held], [one for one in examples if one[0] in held]


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
