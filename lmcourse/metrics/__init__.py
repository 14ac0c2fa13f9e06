"""How good is it? Each task has its measure, and each measure is a function from outputs and truth to a number.

A language model is measured by its surprise at new text (``surprise.py``), a translation or an answer by how much it
shares with what people wrote (``overlap.py``), a classifier by which labels are right and whether its confidence is
(``labels.py``), a search by whether the right text is among the first (``retrieval.py``), word vectors by who is near whom
(``similarity.py``), a writer also by whether it recites (``novelty.py``).
"""

from lmcourse.metrics.labels import (
    Bin,
    accuracy,
    calibration_error,
    confusion,
    cooled,
    limit_for,
    macro_f1,
    reliability,
    risk_coverage,
    temperature_for,
    when_sure,
)
from lmcourse.metrics.novelty import Overlap, TrainingText, distinct, repetition
from lmcourse.metrics.overlap import bleu, chrf, exact_match, f1, normalised, signatures
from lmcourse.metrics.retrieval import recall_at_k
from lmcourse.metrics.similarity import (
    GROUPS,
    SIDES,
    analogy_scores,
    group_score,
    group_scores,
    leaning,
    rank_correlation,
    rating_score,
)
from lmcourse.metrics.surprise import Score, bits_per_byte, evaluate, loss, perplexity, score_of, token_losses

__all__ = [
    "GROUPS", "SIDES", "Bin", "Overlap", "Score", "TrainingText", "accuracy", "analogy_scores", "bits_per_byte", "bleu",
    "calibration_error", "chrf", "confusion", "cooled", "distinct", "evaluate", "exact_match", "f1", "group_score",
    "group_scores", "leaning", "limit_for", "loss", "macro_f1", "normalised", "perplexity", "rank_correlation",
    "rating_score", "recall_at_k", "reliability", "repetition", "risk_coverage", "score_of", "signatures",
    "temperature_for", "token_losses", "when_sure",
]  # fmt: skip
