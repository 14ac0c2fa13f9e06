"""The networks. ``MODELS`` names those that a checkpoint can hold; each is built from one plain configuration."""

from __future__ import annotations

from lmcourse.nn.lstm import LSTMConfig, LSTMLanguageModel
from lmcourse.nn.seq2seq import Seq2Seq, Seq2SeqConfig

# Name in a checkpoint → the class of the model and of its configuration.
MODELS = {"LSTMLanguageModel": (LSTMLanguageModel, LSTMConfig), "Seq2Seq": (Seq2Seq, Seq2SeqConfig)}

__all__ = ["MODELS", "LSTMConfig", "LSTMLanguageModel", "Seq2Seq", "Seq2SeqConfig"]
