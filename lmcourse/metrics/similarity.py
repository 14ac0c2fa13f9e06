"""Are the vectors any good? Scores of word vectors, each with a level that chance alone would reach.

Groups: how often a word is nearer to one of its own group than to one of another (the area under the ROC curve; Hanley &
McNeil 1982): 0.5 is chance, 1 is perfect. Ratings by people: rank correlation (Spearman 1904), 0 is chance; WordSim-353
(Finkelstein et al. 2002) rates relatedness, SimLex-999 (Hill, Reichart & Korhonen 2015) likeness alone. Analogies: the
share answered right (Mikolov et al. 2013). Leaning: how much nearer a word is to one side than to the other (Bolukbasi et
al. 2016), 0 for neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from lmcourse.corpus import Document
from lmcourse.errors import LmcourseError
from lmcourse.nn.vectors import WordVectors

GROUPS: dict[str, list[str]] = {
    name: line.split()
    for name, line in {
        "weekdays": "monday tuesday wednesday thursday friday saturday sunday",
        "months": "january february march april may june july august september october november december",
        "numbers": "two three four five six seven eight nine ten twelve",
        "family": "mother father sister brother daughter son aunt uncle grandmother grandfather wife husband",
        "food": "bread soup cheese butter cake fish rice noodles eggs potatoes honey",
        "clothes": "coat hat shoes boots scarf gloves shirt trousers jersey socks",
        "colours": "red blue green white black yellow brown grey",
        "jobs": "nurse teacher engineer baker driver cleaner electrician farmer cook gardener carpenter dentist",
        "boats": "boat ferry sail engine deck mast harbour rope oars captain",
        "places": "kestle saltmere bakery library school clinic town pub church square bridge",
    }.items()
}  # words that belong together, for vectors learnt from Willow Bay
SIDES = (("she", "her", "woman", "mother"), ("he", "his", "man", "father"))


def group_scores(vectors: WordVectors, groups: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """For each group: how often one of its words is nearer to another one of it than to a word of another group."""
    known = vectors.among(word for words in groups.values() for word in words)
    label = {word: name for name, words in groups.items() for word in words}
    names = np.array([label[word] for word in known.words])
    cosines = (known.unit @ known.unit.T).numpy()
    scores = {}
    for name in groups:
        wins = []
        for at in np.flatnonzero(names == name):
            own = names == name
            own[at] = False
            inside, outside = cosines[at][own], cosines[at][names != name]
            wins.append((inside[:, None] > outside).mean() + (inside[:, None] == outside).mean() / 2 if own.any() else 0.5)
        if len(wins) < 2 or len(wins) == len(names):
            raise LmcourseError(f"The group {name} needs two words with vectors, and words of other groups beside it.")
        scores[name] = float(np.mean(wins))
    return scores


def group_score(vectors: WordVectors, groups: Mapping[str, Sequence[str]]) -> float:
    """The mean of :func:`group_scores`: 0.5 by chance, 1 when every word is nearest to all of its own group."""
    scores = group_scores(vectors, groups)
    return sum(scores.values()) / len(scores)


def rank_correlation(one: Sequence[int | float] | np.ndarray, other: Sequence[int | float] | np.ndarray) -> float:
    """Spearman's ρ: 1 when both rows put things in the same order, 0 when they have nothing to do with each other."""
    from scipy.stats import spearmanr

    if len(one) != len(other) or len(one) < 3:
        raise LmcourseError(f"Rows of {len(one)} and {len(other)} numbers; give the same number, at least 3.")
    return float(spearmanr(one, other).statistic)


def rating_score(vectors: WordVectors, ratings: Iterable[Document]) -> tuple[float, int]:
    """The rank correlation of the vectors' similarities with people's, and the number of pairs whose words are known."""
    pairs = [(*rating.text.lower().split("\t"), rating.meta["rating"]) for rating in ratings]
    known = [(one, other, rating) for one, other, rating in pairs if one in vectors and other in vectors]
    similar = [vectors.similarity(one, other) for one, other, _ in known]
    return rank_correlation(similar, [rating for *_, rating in known]), len(known)


def analogy_scores(
    vectors: WordVectors, questions: Iterable[Document], exclude: bool = True
) -> dict[str, tuple[int, int]]:
    """For each kind of question: how many were answered right, of how many whose four words are known."""
    scores: dict[str, tuple[int, int]] = {}
    for question in questions:
        a, b, c, answer = question.text.lower().split("\t")
        if all(word in vectors for word in (a, b, c, answer)):
            right, of = scores.get(question.meta["kind"], (0, 0))
            scores[question.meta["kind"]] = (right + (vectors.analogy(a, b, c, exclude=exclude) == [answer]), of + 1)
    return scores


def leaning(
    vectors: WordVectors, words: Iterable[str], sides: tuple[Sequence[str], Sequence[str]] = SIDES
) -> dict[str, float]:
    """For each word: its cosine with the mean of the first side's words, minus that with the mean of the second's."""
    one, other = vectors.sentences(sides, smoothing=None)
    return {word: float(vectors[word] @ (one - other)) for word in words}
