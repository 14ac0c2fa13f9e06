"""Six sick trainings: one small model, one fault each, and a curve to guess it by.

Whoever trains models reads loss curves as a doctor reads a pulse. Each **patient** here is the same character model on the
same text with one thing wrong, the six things that go wrong most: a rate too high, a rate too low, a text too small, an
answer that stands in the input, targets that belong to other inputs, texts that come sorted. The case history is kept
apart from the curve, so that a reader can guess first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lmcourse.batching import Batch, Streams
from lmcourse.checkpoint import random_numbers
from lmcourse.errors import LmcourseError
from lmcourse.history import History
from lmcourse.metrics import token_losses
from lmcourse.nn import LSTMConfig, LSTMLanguageModel
from lmcourse.schedules import constant
from lmcourse.training import fit, next_token

RATE = 8e-3
SHORT = 1000  # tokens: what the patient with too little text has
THIRDS = 3  # of a run: the middle one meets the other text


@dataclass(frozen=True)
class Patient:
    """A training run, what was wrong with it, how that shows, and what helps."""

    history: History
    cause: str
    sign: str
    help: str

    def __str__(self) -> str:
        return f"{self.cause}\n  seen by: {self.sign}\n  what helps: {self.help}"


@dataclass(frozen=True)
class Ward:
    """What all patients share: ``text`` to learn from, ``valid`` to be examined on, ``other`` of another kind."""

    text: Int[Tensor, " time"]
    valid: Int[Tensor, " held"]
    other: Int[Tensor, " others"]
    vocab_size: int
    steps: int = 120
    hidden_size: int = 128

    def __post_init__(self) -> None:
        if min(len(self.text), len(self.other)) < 2 * SHORT or len(self.valid) < 2:
            raise LmcourseError(f"The patients need at least {2 * SHORT:,} tokens of each text, and some to be examined on.")

    def train(
        self,
        seed: int = 0,
        rate: float = RATE,
        text: Int[Tensor, " part"] | None = None,
        objective: Callable[..., Any] = next_token,
        sorted_texts: bool = False,
    ) -> History:
        """The healthy run, unless something is changed."""
        batches: Callable[[int], Batch] = Streams(self.text if text is None else text, 16, 32, seed)
        if sorted_texts:
            one, two = batches, Streams(self.other, 16, 32, seed)
            batches = lambda step: two(step) if step * THIRDS // self.steps % 2 else one(step)  # noqa: E731
        with random_numbers(seed):
            model = LSTMLanguageModel(LSTMConfig(self.vocab_size, 64, self.hidden_size))

        def examine(model: nn.Module) -> float:
            return token_losses(model, self.valid, int(self.valid[0]), streams=8).mean().item()

        return fit(
            model, batches, objective, steps=self.steps, learning_rate=rate, schedule=constant, evaluate=examine,
            every=max(1, self.steps // 12), seed=seed, progress=False,
        )  # fmt: skip

    def patients(self, seed: int = 0) -> dict[str, Patient]:
        """The six, under the letters A to F."""
        told = [
            (
                self.train(seed, objective=other_targets),
                "The targets belong to other inputs: somebody shuffled the one and not the other.",
                "it falls in a few steps to the entropy of the tokens' frequencies, and never a step further",
                "print a few inputs beside their targets, as text, before training",
            ),
            (
                self.train(seed, rate=RATE / 80),
                "The learning rate is far too low.",
                "a smooth, almost straight line that is still falling when the run ends",
                "a range test; then a rate ten times higher and more",
            ),
            (
                self.train(seed, text=self.text[:SHORT]),
                "There is too little text: the model learns it by heart.",
                "the training loss falls on and on, the validation loss turns and rises",
                "more text; dropout, a smaller model; stop where the validation loss is lowest",
            ),
            (
                self.train(seed, objective=own_inputs),
                "The answer stands in the input: the targets were not shifted, and each token predicts itself.",
                "a training loss near zero within a few steps, too good to be true, and a useless model",
                "distrust it; look for the leak in the data, between training and test too",
            ),
            (
                self.train(seed, sorted_texts=True),
                "The texts come sorted by kind: first one language, then the other, then the first again.",
                "the loss jumps where the kind changes, and what was learnt before is forgotten",
                "shuffle the texts before they are cut into batches",
            ),
            (
                self.train(seed, rate=RATE * 100),
                "The learning rate is far too high.",
                "the loss shoots up above the guessing level and comes back only slowly, if at all",
                "a range test; a lower rate, a warm-up; clipping alone does not heal it",
            ),
        ]
        return {letter: Patient(*case) for letter, case in zip("ABCDEF", told, strict=True)}


def own_inputs(model: nn.Module, batch: Batch, state: Any) -> tuple[Float[Tensor, ""], int, Any]:
    """The objective of the one who copies: the targets are the inputs."""
    return next_token(model, Batch(batch.inputs, batch.inputs, batch.first), state)


def other_targets(model: nn.Module, batch: Batch, state: Any) -> tuple[Float[Tensor, ""], int, Any]:
    """The objective of the one who was handed the wrong answers: the batch's targets in random order."""
    order = torch.randperm(batch.targets.numel())
    return next_token(model, Batch(batch.inputs, batch.targets.flatten()[order].view_as(batch.targets), batch.first), state)
