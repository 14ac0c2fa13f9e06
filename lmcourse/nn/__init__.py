"""The networks. ``MODELS`` names those that a checkpoint can hold; each is built from one plain configuration."""

from __future__ import annotations

from lmcourse.nn.lstm import LSTMConfig, LSTMLanguageModel

# Name in a checkpoint → the class of the model and of its configuration.
MODELS = {"LSTMLanguageModel": (LSTMLanguageModel, LSTMConfig)}

__all__ = ["MODELS", "LSTMConfig", "LSTMLanguageModel"]
