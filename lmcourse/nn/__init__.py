"""The networks. ``MODELS`` names those that a checkpoint can hold; each is built from one plain configuration."""

from __future__ import annotations

from lmcourse.nn.classifier import ClassifierConfig, TextClassifier
from lmcourse.nn.cooccurrence import cooccurrences, ppmi, svd_vectors
from lmcourse.nn.embedding import SkipGram, one_hot, vocabulary
from lmcourse.nn.joint import JointClassifier, JointConfig
from lmcourse.nn.lm_classifier import LanguageModelClassifier, LMClassifierConfig
from lmcourse.nn.lm_reader import LanguageModelReader, LMReaderConfig
from lmcourse.nn.lora import Adapted, AdaptedConfig, add_lora
from lmcourse.nn.lstm import LSTMConfig, LSTMLanguageModel
from lmcourse.nn.pretrained import pretrained_vectors
from lmcourse.nn.reader import ReaderConfig, SpanReader
from lmcourse.nn.seq2seq import Seq2Seq, Seq2SeqConfig
from lmcourse.nn.vectors import WordVectors

# Name in a checkpoint → the class of the model and of its configuration.
MODELS = {
    "LSTMLanguageModel": (LSTMLanguageModel, LSTMConfig),
    "Seq2Seq": (Seq2Seq, Seq2SeqConfig),
    "TextClassifier": (TextClassifier, ClassifierConfig),
    "JointClassifier": (JointClassifier, JointConfig),
    "LanguageModelClassifier": (LanguageModelClassifier, LMClassifierConfig),
    "SpanReader": (SpanReader, ReaderConfig),
    "LanguageModelReader": (LanguageModelReader, LMReaderConfig),
    "Adapted": (Adapted, AdaptedConfig),
}

__all__ = [
    "MODELS", "Adapted", "AdaptedConfig", "ClassifierConfig", "JointClassifier", "JointConfig", "LMClassifierConfig", "LMReaderConfig",
    "LSTMConfig", "LSTMLanguageModel", "LanguageModelClassifier", "LanguageModelReader", "ReaderConfig", "Seq2Seq", "Seq2SeqConfig",
    "SkipGram", "SpanReader", "TextClassifier", "WordVectors", "add_lora",
    "cooccurrences", "one_hot", "ppmi", "pretrained_vectors", "svd_vectors", "vocabulary",
]  # fmt: skip
