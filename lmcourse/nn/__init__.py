"""The networks. ``MODELS`` names those that a checkpoint can hold; each is built from one plain configuration."""

from __future__ import annotations

from lmcourse.nn.cooccurrence import cooccurrences, ppmi, svd_vectors
from lmcourse.nn.embedding import SkipGram, one_hot, vocabulary
from lmcourse.nn.lstm import LSTMConfig, LSTMLanguageModel
from lmcourse.nn.pretrained import pretrained_vectors
from lmcourse.nn.vectors import WordVectors

# Name in a checkpoint → the class of the model and of its configuration.
MODELS = {"LSTMLanguageModel": (LSTMLanguageModel, LSTMConfig)}

__all__ = [
    "MODELS", "LSTMConfig", "LSTMLanguageModel", "SkipGram", "WordVectors", "cooccurrences", "one_hot", "ppmi",
    "pretrained_vectors", "svd_vectors", "vocabulary",
]  # fmt: skip
