"""How good is it? Each task has its measure, and each measure is a function from outputs and truth to a number.

A language model is measured by its surprise at new text (``surprise.py``), a translation or an answer by how much it
shares with what people wrote (``overlap.py``).
"""

from lmcourse.metrics.overlap import bleu, chrf, exact_match, f1, normalised
from lmcourse.metrics.surprise import Score, bits_per_byte, evaluate, loss, perplexity, score_of, token_losses

__all__ = [
    "Score", "bits_per_byte", "bleu", "chrf", "evaluate", "exact_match", "f1", "loss", "normalised", "perplexity",
    "score_of", "token_losses",
]  # fmt: skip
