"""A translation or an answer against what people wrote: how much of it is the same?

**BLEU** (Papineni et al. 2002) counts the word 1- to 4-grams of all translations that their references have, times a
penalty for being short. **chrF** (Popović 2015) is an F-score of character 1- to 6-grams, kinder to a wrong ending of
a right word. Both come from sacrebleu (Post 2018), so that figures can be compared. **Exact match** and **F1** are those of
SQuAD (Rajpurkar et al. 2016): is the answer the same, and how many words do the two share, when case, punctuation and
articles are left aside?
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

from lmcourse.errors import LmcourseError

# sacrebleu's way to cut each language into words: Chinese is scored by characters.
TOKENIZE = {"en": "13a", "zh": "zh"}


def bleu(translations: Sequence[str], references: Sequence[str], language: str = "en") -> float:
    """BLEU of all ``translations`` against one reference each, 0 to 100; ``language`` is that of both, en or zh.

    It is a figure of the whole set: the mean over single sentences is another, and means little.
    """
    import sacrebleu

    _as_many(translations, references)
    if language not in TOKENIZE:
        raise LmcourseError(f"BLEU knows no language {language!r} here; choose {' or '.join(TOKENIZE)}.")
    return sacrebleu.corpus_bleu([*translations], [[*references]], tokenize=TOKENIZE[language]).score


def chrf(translations: Sequence[str], references: Sequence[str]) -> float:
    """chrF of all ``translations`` against one reference each, 0 to 100, in any language."""
    import sacrebleu

    _as_many(translations, references)
    return sacrebleu.corpus_chrf([*translations], [[*references]]).score


def signatures(language: str = "en") -> dict[str, str]:
    """The settings of both measures as sacrebleu writes them: figures with other signatures are not to be compared."""
    from sacrebleu.metrics import BLEU, CHRF

    measures = {"BLEU": BLEU(tokenize=TOKENIZE[language]), "chrF": CHRF()}
    for measure in measures.values():
        measure.corpus_score(["a"], [["a"]])  # before it has seen references, it does not know how many there are
    return {name: str(measure.get_signature()) for name, measure in measures.items()}


def normalised(answer: str) -> str:
    """An answer as SQuAD compares it: lower case, no ASCII punctuation, no a, an, the, single spaces."""
    plain = "".join(character for character in answer.lower() if character not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", plain).split())


def exact_match(answer: str, references: Sequence[str]) -> float:
    """1.0 if ``answer`` is one of the ``references`` once :func:`normalised`, else 0.0.

    No references: the question has no answer, and only the empty answer is right.
    """
    return float(normalised(answer) in [normalised(reference) for reference in references or [""]])


def f1(answer: str, references: Sequence[str]) -> float:
    """The harmonic mean of precision and recall of the answer's words, 0 to 1, for the reference that fits best."""
    return max(_f1(normalised(answer).split(), normalised(reference).split()) for reference in references or [""])


def _f1(found: list[str], wanted: list[str]) -> float:
    if not found or not wanted:  # nothing is right only where nothing is wanted
        return float(found == wanted)
    shared = (Counter(found) & Counter(wanted)).total()
    return 2 * shared / (len(found) + len(wanted))


def _as_many(translations: Sequence[str], references: Sequence[str]) -> None:
    if isinstance(translations, str) or isinstance(references, str):
        raise LmcourseError("Give a list of translations and a list of references, not single strings.")
    if len(translations) != len(references) or not translations:
        raise LmcourseError(
            f"{len(translations):,} translations cannot be compared with {len(references):,} references; "
            "give one reference for each, and at least one."
        )
